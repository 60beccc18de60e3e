/*
 * How the keep_* functions are made: a value, copied into an arena on the loop, is written on the
 * lane by a function that knows its SQL, inside one transaction.
 *
 *	struct arena *arena = arena_new();
 *	struct thing *copy = keep_copy(arena, thing, sizeof(*thing));
 *	copy->name = arena_strdup(arena, thing->name);
 *	return keep_start(store, arena, copy, write_thing, done, data);
 */
#ifndef WEIR_STORE_JOURNAL_KEEP_H
#define WEIR_STORE_JOURNAL_KEEP_H

#include "core/base/arena.h"
#include "core/store/disk.h"
#include "core/store/journal/release.h"

/* On the lane, inside a transaction of registry.db; may run twice when the file had to be repaired. *number: what
 * `done` is told, 0 before. */
typedef int (*keep_write_fn)(
	struct disk *disk, const void *value, int64_t *number, struct err *err);

/* Takes the arena, which holds `value`. */
struct keep_op *keep_start(struct store *store, struct arena *arena, const void *value,
	keep_write_fn write, keep_done_fn done, void *data);
void *keep_copy(struct arena *arena, const void *value, size_t size);

/*
 * On the lane: does this process hold the lease of `app`, for this run? E_CONFLICT when not. run 0:
 * nobody claims to be one.
 */
int keep_check_lease(struct disk *disk, const char *app, int64_t run, struct err *err);

#endif
