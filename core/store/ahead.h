/*
 * cache.db read by a connection of its own, on the pool, while the lane reads registry.db: together they take
 * as long as the larger one. It only looks: what is not as it should be (no such file, an older schema,
 * damage, a file system without a write-ahead log) is left to the lane, which can do something about it.
 */
#ifndef WEIR_STORE_AHEAD_H
#define WEIR_STORE_AHEAD_H

#include "core/loop/loop.h"
#include "core/store/disk.h"

struct ahead;
/*
 * On the loop, once. is_read: `snapshots` is what disk_load() appends, to be kept or unreferenced by who is
 * called, and `base` what it makes of disk->base.
 */
typedef void (*ahead_fn)(void *data, bool is_read, snapshot_vec *snapshots, int64_t base);

/* Of `disk` nothing is used but its folder and its context, which are copied. */
struct ahead *ahead_start(struct loop *loop, const struct disk *disk, ahead_fn done, void *data);
void ahead_cancel(struct ahead *ahead); /* done is not called; NULL-safe */

#endif
