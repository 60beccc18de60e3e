/* Shared by store.c (what is noted and written) and store_load.c (what is read at the start). */
#ifndef WEIR_STORE_PRIVATE_H
#define WEIR_STORE_PRIVATE_H

#include "core/loop/work.h"
#include "core/store/ahead.h"
#include "core/store/problem.h"
#include "core/store/store_internal.h"

struct task;

struct reader {
	struct store *store;
	void (*run)(void *data);
	void (*done)(void *data);
	void *data;
};

struct store {
	struct loop *loop;
	struct work_lane *lane;
	struct disk *disk; /* the lane's, until it is gone */
	char *context;
	struct batch pending[FILE_MAX];
	struct point_notes *points;
	struct recorder *recorder;
	struct trimmer *trimmer;
	struct poll_lease *lease;
	VEC(struct reader) readers; /* wait until what was noted before them is on the lane */
	struct task *writing;       /* on the lane, or back from it with its `done` to be called */
	struct loop_timer *timer;
	bool is_armed, is_closing, wants_flush;
	int64_t due_ms, seen_written_ms, failed_ms; /* monotonic */
	struct problems problems;
	int unread;          /* files that the load could not read */
	struct ahead *ahead; /* reads for `loading`; NULL = nobody does */
	struct task *
		loading; /* to be queued behind the load of registry.db, once store_load() was called */
};

/* One job on the lane. */
struct task {
	struct store *store;
	struct disk *disk;
	struct batch batch[FILE_MAX];
	bool tried[FILE_MAX], thaws[FILE_MAX];
	struct err failed[FILE_MAX]; /* code 0 = fine */
	struct err frozen[FILE_MAX]; /* it can be read, and not be written */
	VEC(struct err) notices;
	snapshot_vec snapshots;
	store_loaded_fn loaded;
	enum store_file loads; /* what it loads */
	bool is_read;          /* ahead, with this: */
	int64_t base;
	void *data;
};

struct task *task_new(struct store *store);
void task_free(struct task *task);
/* On the lane, at the end of each task. */
void task_collect(void *data);
/* What the lane said about its files. */
void store_hear(struct store *store, const struct task *task);

#endif
