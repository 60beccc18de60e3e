/* What core/query needs of a store besides store.h. */
#ifndef WEIR_STORE_INTERNAL_H
#define WEIR_STORE_INTERNAL_H

#include "core/store/disk.h"
#include "core/store/store.h"

/* `run` on the worker, which alone uses the disk, in order with all else; then `done` on the loop.
 */
void store_read(struct store *store, void (*run)(void *data), void (*done)(void *data), void *data);
struct disk *store_disk(struct store *store); /* for `run` */
/* The same, behind what was noted up to now (as far as it can be written). */
void store_read_noted(
	struct store *store, void (*run)(void *data), void (*done)(void *data), void *data);
/*
 * On the loop: the events that are not on the disk yet, newest first, at most ask->max; borrowed until
 * the next turn. From the `done` of a store_read() these are exactly the ones that its `run` could not
 * read.
 */
size_t store_pending_events(
	const struct store *store, const struct history_ask *ask, const struct event **out);
/* store_close() is under way: what comes back from the lane now is not handed over. */
bool store_is_closing(const struct store *store);

#endif
