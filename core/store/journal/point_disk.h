/* Restore points in registry.db. Blocking: only on the store's lane. */
#ifndef WEIR_STORE_JOURNAL_POINT_DISK_H
#define WEIR_STORE_JOURNAL_POINT_DISK_H

#include "core/base/arena.h"
#include "core/model/release.h"
#include "core/store/disk.h"

/* Kept of the checkpoints of one job; Flink keeps state.checkpoints.num-retained of them, 1 by
 * default. Savepoints are never forgotten. */
#define POINTS_KEPT 10

typedef VEC(const struct restore_point *) point_vec;

struct point_list {
	const struct restore_point *points;
	size_t count;
};
/* keep_write_fn: value is a struct point_list. */
int point_write(struct disk *disk, const void *value, int64_t *number, struct err *err);
/*
 * Appends points that live in the arena, newest first, those of runs that made a savepoint too; app
 * NULL = of all.
 */
int disk_points(struct disk *disk, const char *app, size_t max, struct arena *arena, point_vec *out,
	struct err *err);

#endif
