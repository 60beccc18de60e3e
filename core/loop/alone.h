/*
 * Work that may wait for others for long, each piece on a thread of its own: a name server that says nothing
 * takes no place in the pool (work.h), from which the store and the screen's answers come. How many run at
 * once is the caller's to limit.
 */
#ifndef WEIR_LOOP_ALONE_H
#define WEIR_LOOP_ALONE_H

#include <stdbool.h>

#include "core/loop/work.h"

struct alone;

struct alone *alone_new(struct loop *loop);
/*
 * What runs goes on, and `drop` is called with its data instead of `done`, on its own thread; so it
 * is never waited for. NULL-safe. Before the loop is closed.
 */
void alone_free(struct alone *alone);
/* run: on a thread, touches only `data`. done: on the loop, once. False: there can be no thread. */
bool alone_start(struct alone *alone, work_fn run, work_fn done, work_fn drop, void *data);

#endif
