/* What core/query needs of a store besides store.h. */
#ifndef WEIR_STORE_INTERNAL_H
#define WEIR_STORE_INTERNAL_H

#include "core/store/disk.h"
#include "core/store/store.h"

/* To be used in jobs on store_lane() only. */
struct disk *store_disk(struct store *store);
/*
 * On the loop: the events of `ref` that are not on the disk yet, newest first, at most `max`;
 * borrowed until the next turn. From the `done` of a job on the lane these are exactly the ones
 * that its `run` could not read.
 */
size_t store_pending_events(
	const struct store *store, const char *ref, const struct event_row **out, size_t max);
/* store_close() is under way: what comes back from the lane now is not handed over. */
bool store_is_closing(const struct store *store);

#endif
