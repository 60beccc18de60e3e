/*
 * The history keeps its bounds: what is too old goes, then the oldest until the file is small enough,
 * and the room is given back to the disk; all in small steps on the store's lane, between which
 * everything else is written and read.
 *
 *	trimmer = trimmer_new(loop, store);
 *	trimmer_limit(trimmer, &(struct history_limits){days, bytes});
 *	trimmer_start(trimmer);      at once, and then every minute
 *	trimmer_free(trimmer);       while the store is open
 */
#ifndef WEIR_STORE_HISTORY_TRIMMER_H
#define WEIR_STORE_HISTORY_TRIMMER_H

#include "core/loop/loop.h"
#include "core/store/disk.h"

#define TRIM_EVERY_MS 60000
/*
 * A step drops rows, or gives pages back, a few at a time until so long has passed, and commits. It
 * does not wait for the disk: the write-ahead log is copied back on the pool, after so many steps.
 */
#define TRIM_STEP_MS 4
#define TRIM_FEW 25
#define TRIM_MOST 200
#define TRIM_STEPS_A_COPY 16

struct history_limits {
	int64_t kept_ms, bytes;
};
#define HISTORY_KEPT_MS ((int64_t)14 * 24 * 3600 * 1000)
#define HISTORY_BYTES ((int64_t)512 << 20)

/*
 * On the lane: one step on cache.db, which is open. 1 = there is more to do; 0 = no more now; E_CANCELED:
 * it is another process's to trim (fence_pass); other negatives = failed.
 */
int trimmer_step(
	struct disk *disk, const struct history_limits *limits, int64_t now_ms, struct err *err);

struct store;
struct trimmer;
struct trimmer *trimmer_new(struct loop *loop, struct store *store);
void trimmer_limit(struct trimmer *trimmer, const struct history_limits *limits);
void trimmer_start(struct trimmer *trimmer);
void trimmer_free(struct trimmer *trimmer); /* NULL-safe */

#endif
