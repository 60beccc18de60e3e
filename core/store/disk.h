/*
 * The two files of one context. Everything here blocks and runs on the store's lane (or, when that
 * is gone, inside store_close()); the loop's thread only sets the deadline.
 */
#ifndef WEIR_STORE_DISK_H
#define WEIR_STORE_DISK_H

#include "core/base/vec.h"
#include "core/store/batch.h"
#include "core/store/db/db.h"
#include "core/store/lease/owner.h"

enum store_file { FILE_REGISTRY, FILE_CACHE, FILE_MAX };

extern const struct db_schema registry_schema, cache_schema;

/* Clusters and jobs that nobody has seen for so long are forgotten. */
#define UNSEEN_KEPT_MS ((int64_t)90 * 24 * 3600 * 1000)
#define BACKUP_EVERY_MS ((int64_t)24 * 3600 * 1000)
#define TIDY_EVERY_MS ((int64_t)3600 * 1000)

struct disk {
	char *dir, *context;
	struct owner self; /* as it was opened: read once, for any thread */
	struct db *files[FILE_MAX];
	VEC(struct err) notices; /* collected for the loop */
	_Atomic bool has_notices;
	bool is_folder_known;
	int64_t tidied_ms;    /* by the wall clock; 0 = not yet */
	struct run_log *logs; /* being written (run_log.c) */
	/* The loop's: bytes of logs on their way here, and those that found no room. */
	size_t log_waiting, log_left_out;
	/* The right to write batches (poll_lease_disk.h): the poller's epoch, 0 = only looks in, -1 =
	 * somebody else polls. `base`: the epoch known to who only looks in, -1 = none yet. */
	int64_t epoch, base, base_next;
	bool is_ordered; /* somebody asked for it now (compact): who polls is not asked */
	_Atomic int64_t deadline_ms; /* monotonic; after it everything gives up; 0 = none */
};

struct disk *disk_new(const char *dir, const char *context);
void disk_free(struct disk *disk);
int disk_open(struct disk *disk, enum store_file file, struct err *err);
/* In one transaction: all or nothing. Tries again once when it had to repair the file. E_CANCELED: this
 * process has lost the right to write it. */
int disk_write(struct disk *disk, enum store_file file, const struct batch *batch, struct err *err);
/*
 * Old clusters, and the daily backup: when an hour has passed since the last time. By who may write
 * (fence_pass) alone.
 */
void disk_tidy(struct disk *disk, int64_t now_ms);

/*
 * Appends what is remembered: the workspace, the clusters, the jobs with details. failed: of each
 * file that could not be read (code 0 = it was).
 */
void disk_load(struct disk *disk, enum store_file file, snapshot_vec *out, struct err *failed);
/* Once, and nothing is repaired. refs: a JSON list; of applications, clusters and jobs only these; NULL = all. */
int disk_load_some(struct disk *disk, enum store_file file, const char *refs, snapshot_vec *out,
	struct err *err);
/*
 * Appends, with is_followed set, what was written since the change `since` (0: everything). cache.db is
 * open, in a transaction. is_same_boot: who polls counts time from the boot that this process does.
 */
int disk_follow(
	struct disk *disk, int64_t since, bool is_same_boot, snapshot_vec *out, struct err *err);
#endif
