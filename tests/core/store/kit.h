/*
 * What the store's tests share: a store with a fleet on a loop, answers to apply, and what was
 * told. Refs of the rows are those of the fleet, so the tests see what the program writes.
 */
#ifndef WEIR_TESTS_STORE_KIT_H
#define WEIR_TESTS_STORE_KIT_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet.h"
#include "core/loop/loop.h"
#include "core/store/store.h"
#include "tests/support/check.h"

#define KIT_CONTEXT "prod"
#define KIT_DEADLINE_MS 60000
/* A day in 2026. */
#define KIT_NOW ((int64_t)1795000000000)

struct kit {
	struct loop *loop;
	struct fleet *fleet;
	struct store *store;
	const char *dir;
	int problems, recoveries, loads, slices;
	struct err problem, load_err; /* the last ones */
	struct snapshot *snapshots[64];
	size_t snapshot_count; /* may be more than are kept */
};

static inline void kit_on_problem(void *data, const struct err *err)
{
	struct kit *kit = data;

	kit->recoveries += !err;
	kit->problems += !!err;
	if (err)
		kit->problem = *err;
}

static inline void kit_on_loaded(void *data, struct snapshot *const *snapshots, size_t count,
	bool is_last, const struct err *err)
{
	struct kit *kit = data;

	for (size_t i = 0; i < count; i++, kit->snapshot_count++)
		if (kit->snapshot_count < ARRAY_SIZE(kit->snapshots))
			kit->snapshots[kit->snapshot_count] = snapshot_ref(snapshots[i]);
	fleet_load(kit->fleet, snapshots, count, KIT_NOW);
	if (!is_last)
		return;
	kit->loads++;
	fleet_load_end(kit->fleet, KIT_CONTEXT, KIT_NOW);
	/* As the console does it, which has keys to serve in between. */
	while (kit->slices++, !store_remember(kit->store, kit->fleet, 0))
		;
	kit->load_err = err ? *err : (struct err){0};
}

static inline void kit_idle(struct kit *kit)
{
	assert_true(loop_run_until_idle(kit->loop, KIT_DEADLINE_MS));
}

/* Opens, and waits until that is done; the clusters "a" and "b" are configured. */
static inline void kit_open(struct kit *kit, const char *dir)
{
	struct err err = {0};

	*kit = (struct kit){.dir = dir};
	check_ok("loop", loop_open(&kit->loop, &err), &err);
	kit->fleet = fleet_new();
	fleet_add_cluster(kit->fleet, KIT_CONTEXT, "a", "standalone", "http://a:8081");
	fleet_add_cluster(kit->fleet, KIT_CONTEXT, "b", "standalone", "http://b:8081");
	store_open(&kit->store, kit->loop, dir, KIT_CONTEXT, kit_on_problem, kit);
	/* KIT_NOW is a day of its own: what is of that day stays, whatever day it is. */
	store_limit_history(kit->store, (int64_t)1 << 50, (int64_t)1 << 40);
	fleet_subscribe(kit->fleet, store_note, kit->store);
	kit_idle(kit);
}

static inline void kit_load(struct kit *kit)
{
	int before = kit->loads;

	kit->snapshot_count = 0;
	fleet_load_begin(kit->fleet);
	store_load(kit->store, kit_on_loaded, kit);
	assert_int_equal(kit->loads, before);
	kit_idle(kit);
	assert_int_equal(kit->loads, before + 1);
}

static inline void kit_flush(struct kit *kit)
{
	store_flush(kit->store);
	kit_idle(kit);
}

static inline void kit_close(struct kit *kit)
{
	store_close(kit->store);
	fleet_free(kit->fleet);
	loop_close(kit->loop);
	for (size_t i = 0; i < kit->snapshot_count && i < ARRAY_SIZE(kit->snapshots); i++)
		snapshot_unref(kit->snapshots[i]);
}

static inline void kit_apply(struct kit *kit, struct snapshot *snapshot)
{
	fleet_apply(kit->fleet, snapshot, snapshot->observed_ms);
	snapshot_unref(snapshot);
}

/* ---- answers ---- */

static inline const char *kit_job_id(struct arena *arena, int number)
{
	return arena_printf(arena, "%032x", (unsigned)number);
}

/* A good answer of a cluster that lists the jobs first..first+count-1, all with this status. */
static inline struct snapshot *kit_answer(
	const char *cluster, int64_t observed_ms, int first, int count, enum job_status status)
{
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_CLUSTER, KIT_CONTEXT, cluster, NULL);
	struct arena *arena = snapshot->arena;
	struct job_summary *jobs = arena_calloc(arena, (size_t)count + 1, sizeof(*jobs));

	snapshot->asked_ms = observed_ms - 12;
	snapshot->observed_ms = observed_ms;
	snapshot->latency_ms = 12;
	snapshot->cluster = (struct cluster_status){
		arena_printf(arena, "http://%s:8081", cluster), "1.20.5", 2, 8, 3, count, 0, 0, 0};
	for (int i = 0; i < count; i++) {
		snprintf(jobs[i].id, sizeof(jobs[i].id), "%032x", (unsigned)(first + i));
		jobs[i].name = arena_printf(arena, "订单 job %d", first + i);
		jobs[i].status = status;
		jobs[i].start_ms = KIT_NOW - 3600000;
		jobs[i].end_ms = job_status_is_terminal(status) ? observed_ms - 5 : -1;
		jobs[i].duration_ms = observed_ms - jobs[i].start_ms;
		jobs[i].modified_ms = KIT_NOW - 3600000 + (int)status;
		jobs[i].tasks = (struct task_counts){4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0};
	}
	snapshot->jobs = jobs;
	snapshot->job_count = (size_t)count;
	return snapshot;
}

static inline struct snapshot *kit_failure(const char *cluster, int64_t asked_ms, const char *text)
{
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_CLUSTER, KIT_CONTEXT, cluster, NULL);

	snapshot->asked_ms = asked_ms;
	snapshot->observed_ms = asked_ms + 1;
	snapshot_fail(snapshot, E_NET, "%s", text);
	return snapshot;
}

/* What a row of the list needs, of one job. */
static inline struct snapshot *kit_detail(
	const char *cluster, int64_t observed_ms, int job, int64_t restarts, const char *exception)
{
	char id[JOB_ID_LEN + 1];
	snprintf(id, sizeof(id), "%032x", (unsigned)job);
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_JOB, KIT_CONTEXT, cluster, id);
	struct arena *arena = snapshot->arena;
	struct job_detail *detail = &snapshot->detail;
	struct checkpoint *last = arena_alloc(arena, sizeof(*last));
	struct exception *failure = arena_alloc(arena, sizeof(*failure));

	snapshot->asked_ms = snapshot->observed_ms = observed_ms;
	memcpy(detail->id, id, sizeof(id));
	detail->parts = JOB_PARTS_ROW;
	detail->parallelism = 4;
	detail->restarts = restarts;
	*last = (struct checkpoint){.id = 41,
		.status = CHECKPOINT_COMPLETED,
		.is_savepoint = true,
		.trigger_ms = observed_ms - 900,
		.ack_ms = observed_ms - 200,
		.duration_ms = 700,
		.state_bytes = (int64_t)5 << 32,
		.checkpointed_bytes = 4096,
		.processed_bytes = 7,
		.persisted_bytes = 8,
		.alignment_bytes = 9,
		.subtasks = 16,
		.acknowledged = 15,
		.path = "s3://状态/chk-41"};
	detail->checkpoints.last_completed = last;
	detail->checkpoints.failed = 3;
	if (exception) {
		*failure = (struct exception){.name = "java.lang.X",
			.text = exception,
			.cause = exception,
			.time_ms = observed_ms - 50,
			.lacks_slots = str_starts(exception, "no slots")};
		detail->exceptions = failure;
		detail->exception_count = 1;
	}
	return snapshot;
}

/* ---- reading the files from outside ---- */

/* The first column of the first row, 0 when it is NULL; the case fails when the file has no such
 * row. */
static inline int64_t kit_sql(const char *dir, const char *file, const char *sql)
{
	char *path = temp_path(dir, file);
	sqlite3 *handle = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t value;

	check_int(path, sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	sqlite3_busy_timeout(handle, 5000);
	check_int(sql, sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL), SQLITE_OK);
	int rc = sqlite3_step(stmt);
	check_bool(sql, rc == SQLITE_ROW || rc == SQLITE_DONE, true);
	value = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	sqlite3_close(handle);
	free(path);
	return value;
}

static inline int64_t kit_count(const char *dir, const char *file, const char *table)
{
	char *sql = xasprintf("SELECT count(*) FROM %s", table);
	int64_t count = kit_sql(dir, file, sql);

	free(sql);
	return count;
}

/* ods/orders, of the first job kit_answer() tells of cluster a. */
static inline struct snapshot *kit_declared(int64_t observed_ms)
{
	struct snapshot *snapshot =
		snapshot_new(SNAPSHOT_WORKSPACE, KIT_CONTEXT, "workspace", NULL);
	struct app_decl *decl = arena_alloc(snapshot->arena, sizeof(*decl));

	*decl = (struct app_decl){.team = "ods",
		.name = "orders",
		.job_name = "订单 job 1",
		.cluster = "a",
		.parallelism = -1};
	snapshot->asked_ms = snapshot->observed_ms = observed_ms;
	snapshot->apps = decl;
	snapshot->app_count = 1;
	return snapshot;
}

#endif
