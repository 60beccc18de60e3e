/*
 * One libuv loop on one thread, behind a small header. Keys first: libuv's callbacks only note what
 * is ready (descriptors, due timers, signals); a check hook serves urgent watches first, then the
 * rest in order for at most 2 ms; an idle handle keeps the loop turning while work is left.
 *
 *	struct loop *loop;
 *	loop_open(&loop, &err);
 *	loop_watch(loop, 0, LOOP_READ, LOOP_URGENT, on_key, ui);
 *	loop_before_sleep(loop, draw_frame, ui);
 *	loop_run(loop);                   until loop_stop()
 *	loop_close(loop);
 *
 * All callbacks run on the loop's thread, never from inside the call that started them. After a
 * cancel (synchronous) a callback is never called. Free nothing inside its own callback but through
 * the given cancel/close, which is allowed there.
 */
#ifndef WEIR_LOOP_LOOP_H
#define WEIR_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

struct loop;
struct loop_watch;
struct loop_timer;

typedef void (*loop_fn)(void *data);
typedef void (*loop_fd_fn)(void *data, int fd, unsigned mask);

enum { LOOP_READ = 1, LOOP_WRITE = 2 };
enum loop_priority { LOOP_NORMAL, LOOP_URGENT /* the terminal */ };

int loop_open(struct loop **out, struct err *err);
/*
 * Not from inside a callback. Watches, timers and signals left are freed, never called; children are killed.
 * Work on the pool is waited for and its `done` called, and what is deferred runs: they own data. NULL-safe.
 */
void loop_close(struct loop *loop);
/*
 * The same for a process that is about to end: after patience_ms it gives up on what the pool still
 * holds (a silent name server, a dead file system), leaks the loop and returns false.
 */
bool loop_close_within(struct loop *loop, int64_t patience_ms);
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop); /* before loop_run() counts too: it returns at once */
/*
 * For tests and the command line: turn until nothing is under way (no pending hold, defer, ready
 * descriptor; timers do not count), loop_stop() is called, or `deadline_ms` have passed. True =
 * idle.
 */
bool loop_run_until_idle(struct loop *loop, int64_t deadline_ms);
/* One turn, waiting at most `wait_ms` for something to happen; negative = without limit. */
void loop_turn(struct loop *loop, int64_t wait_ms);

/* Something is under way that will end by itself (a transfer, a job on the pool). Counted. */
void loop_hold(struct loop *loop);
void loop_unhold(struct loop *loop);

/*
 * One watch a descriptor. Level triggered: fn is called each turn until what is ready was read or
 * written; an error or hang-up counts as ready for all of `mask`. The descriptor's flags stay as
 * they are. What cannot be polled (a regular file) is always ready.
 */
struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned mask, enum loop_priority priority,
	loop_fd_fn fn, void *data);
void loop_watch_set(struct loop_watch *watch, unsigned mask); /* 0 = pause */
void loop_unwatch(struct loop_watch *watch); /* NULL-safe; the fd is the caller's */

/*
 * repeat_ms 0 = once (then still to be canceled or set again by the owner). A delay below 0 is 0.
 */
struct loop_timer *loop_timer(
	struct loop *loop, int64_t delay_ms, int64_t repeat_ms, loop_fn fn, void *data);
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms, int64_t repeat_ms);
void loop_timer_stop(struct loop_timer *timer);   /* until it is set again */
void loop_timer_cancel(struct loop_timer *timer); /* frees it; NULL-safe */

/*
 * Run fn once, soon: after what is ready now, at the latest (but for the 2 ms) in the next turn.
 * Order is kept. Cannot be canceled: pass a value that outlives it.
 */
void loop_defer(struct loop *loop, loop_fn fn, void *data);
/* fn runs once a turn, before the loop waits: where a frame is drawn. One slot. */
void loop_before_sleep(struct loop *loop, loop_fn fn, void *data);
/* Up to 8 signals; fn on the loop. */
int loop_signal(struct loop *loop, int signum, loop_fn fn, void *data, struct err *err);

/* The pool (work.h). From the loop's thread only. */
void *loop_uv(struct loop *loop); /* uv_loop_t *, for work.c, proc.c and dns.c only */
/* The version of libuv. Static. */
const char *loop_library(void);

#endif
