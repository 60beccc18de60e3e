/* Runs and leases in registry.db. Blocking: only on the store's lane. */
#ifndef WEIR_STORE_JOURNAL_RUN_DISK_H
#define WEIR_STORE_JOURNAL_RUN_DISK_H

#include "core/model/run.h"
#include "core/store/disk.h"

enum run_write {
	RUN_WRITE_BEGIN,
	RUN_WRITE_ADOPT,
	RUN_WRITE_UPDATE,
	RUN_WRITE_LET_GO,
	RUN_WRITE_END
};

/*
 * One transaction. *out (free()): the run as it is now, or with E_CONFLICT the one that has the
 * application; else untouched.
 */
int disk_run_write(struct disk *disk, enum run_write what, const struct run *run, struct run **out,
	struct err *err);

/* Removes what is too old to be kept of an application (RUNS_KEPT), with its logs. */
void disk_runs_trim(struct disk *disk, const char *app);

struct run_filter {
	const char *app; /* ref; NULL = of all */
	int64_t id;      /* 0 = all */
	bool open_only;  /* not over */
	/* Of each application those that can still say something of it: not over, the newest of each
	 * verb and the newest of it that went well, the newest that started something. */
	bool newest_only;
	size_t max;
};
typedef VEC(struct run *) run_vec;
/* Appends runs (each to be freed), newest first. */
int disk_runs(struct disk *disk, const struct run_filter *filter, run_vec *out, struct err *err);

#endif
