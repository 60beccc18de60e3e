/*
 * A few questions to the file, put together by application. Of its runs only those are read that
 * can still matter: what is not over, the newest of each verb (and the newest that went well), the
 * newest that started something.
 */
#include "core/store/journal/record_disk.h"

#include <stdlib.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/db/db_internal.h"
#include "core/store/journal/run_disk.h"

struct collect {
	struct db *db;
	struct arena *arena;
	struct map *by_app; /* ref → struct record */
	VEC(struct record *) records;
	VEC(struct record_job) jobs;
};

static struct record *record_of(struct collect *collect, const char *app)
{
	struct record *record = map_get(collect->by_app, app);

	if (!record) {
		record = arena_alloc(collect->arena, sizeof(*record));
		record->app = arena_strdup(collect->arena, app);
		map_put(collect->by_app, app, record);
		vec_push(&collect->records, record);
	}
	return record;
}

static const char *text_of(struct collect *collect, sqlite3_stmt *stmt, int column)
{
	return arena_strdup(collect->arena, (const char *)sqlite3_column_text(stmt, column));
}

typedef void (*row_fn)(struct collect *collect, sqlite3_stmt *stmt, struct record *record);

/* Its first column is the application. */
static int each_row(struct collect *collect, const char *sql, row_fn row, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(collect->db, sql, err);
	int rc = E_INTERNAL;

	while (stmt && (rc = db_step(collect->db, stmt, err)) == 1)
		row(collect, stmt, record_of(collect, (const char *)sqlite3_column_text(stmt, 0)));
	return rc;
}

static void read_active(struct collect *collect, sqlite3_stmt *stmt, struct record *record)
{
	record->active.number = sqlite3_column_int64(stmt, 1);
	record->active.digest = text_of(collect, stmt, 2);
	record->active.artifact_sha256 = text_of(collect, stmt, 3);
	record->active.created_ms = sqlite3_column_int64(stmt, 4);
	record->active.activated_ms = sqlite3_column_int64(stmt, 5);
	record->active.run = sqlite3_column_int64(stmt, 6);
}

static void read_build(struct collect *collect, sqlite3_stmt *stmt, struct record *record)
{
	record->build.sha256 = text_of(collect, stmt, 1);
	record->build.built_ms = sqlite3_column_int64(stmt, 2);
}

static void read_point(struct collect *collect, sqlite3_stmt *stmt, struct record *record)
{
	const char *kind = (const char *)sqlite3_column_text(stmt, 2);

	record->point.path = text_of(collect, stmt, 1);
	record->point.kind = str_eq(kind, "checkpoint") ? RESTORE_CHECKPOINT : RESTORE_SAVEPOINT;
	record->point.completed_ms = sqlite3_column_int64(stmt, 3);
}

static void read_cluster(struct collect *collect, sqlite3_stmt *stmt, struct record *record)
{
	record->cluster = (struct run_cluster){
		.app = record->app,
		.name = text_of(collect, stmt, 1),
		.target = text_of(collect, stmt, 2),
		.application_id = text_of(collect, stmt, 3),
		.address = text_of(collect, stmt, 4),
		.via = text_of(collect, stmt, 5),
		.run = sqlite3_column_int64(stmt, 6),
		.created_ms = sqlite3_column_int64(stmt, 7),
	};
}

/* One that was made for one job goes with it: nobody is to be asked there any more. */
static void drop_cluster(struct record *record)
{
	const struct run_fact *started = &record->started, *stopped = &record->stopped;
	int64_t run = record->cluster.run;
	bool has_failed = started->id == run && started->state == RUN_FAILED;

	if (record->cluster.name && run_cluster_is_own(&record->cluster) &&
		(stopped->id > run || has_failed))
		record->cluster.name = NULL;
}

static int read_rows(struct collect *collect, struct err *err)
{
	static const struct {
		const char *sql;
		row_fn row;
	} tables[] = {
		{"SELECT app, number, digest, CASE WHEN json_valid(manifest)"
		 " THEN json_extract(manifest, '$.artifactSha256') END, created_ms, activated_ms,"
		 " run FROM release WHERE is_active <> 0 AND is_gone = 0",
			read_active},
		{"SELECT app, sha256, built_ms FROM build"
		 " WHERE id IN (SELECT max(id) FROM build GROUP BY app)",
			read_build},
		{"SELECT app, path, kind, max(completed_ms) FROM restore_point WHERE is_gone = 0"
		 " GROUP BY app",
			read_point},
		{"SELECT app, name, target, application_id, address, via, run, created_ms"
		 " FROM run_cluster",
			read_cluster},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(tables); i++)
		rc = each_row(collect, tables[i].sql, tables[i].row, err);
	return rc;
}

/*
 * Newest last, and of one job the run that started it. The window keeps this cheap however long the
 * file has been written.
 */
static int read_jobs(struct collect *collect, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(collect->db,
		"WITH recent AS (SELECT id, app, job_id, start_job_id, release FROM run"
		" WHERE id > (SELECT max(id) FROM run) - ?1)"
		" SELECT app, job_id, id, 0, 0 AS starts FROM recent WHERE job_id IS NOT NULL"
		" UNION ALL SELECT app, start_job_id, id, release, 1 FROM recent"
		" WHERE start_job_id IS NOT NULL ORDER BY starts, id",
		err);
	int rc = E_INTERNAL;

	if (stmt)
		sqlite3_bind_int(stmt, 1, RECORD_JOBS_MAX / 2);
	while (stmt && (rc = db_step(collect->db, stmt, err)) == 1) {
		struct record_job job = {.app = text_of(collect, stmt, 0),
			.job_id = text_of(collect, stmt, 1),
			.release = sqlite3_column_int64(stmt, 3)};
		vec_push(&collect->jobs, job);
	}
	return rc;
}

/* The savepoint that a stop took is a point from the moment its run is over. */
static void add_stop(struct record *record)
{
	const struct run_fact *stopped = &record->stopped;

	if (stopped->id && stopped->with_savepoint && stopped->savepoint &&
		stopped->ended_ms > record->point.completed_ms) {
		record->point.path = stopped->savepoint;
		record->point.kind = RESTORE_SAVEPOINT;
		record->point.completed_ms = stopped->ended_ms;
	}
}

static int read_all(struct collect *collect, struct disk *disk, bool *has_open, struct err *err)
{
	struct run_filter filter = {.newest_only = true, .max = INT32_MAX};
	run_vec runs = {0};
	int rc = disk_runs(disk, &filter, &runs, err);

	for (size_t i = 0; i < runs.len; i++) {
		struct run *run = runs.data[i];
		record_add_run(record_of(collect, run->app), collect->arena, run);
		*has_open = *has_open || !run_state_is_end(run->state);
		free(run);
	}
	vec_release(&runs);
	if (rc == 0)
		rc = read_rows(collect, err);
	if (rc == 0)
		rc = read_jobs(collect, err);
	for (size_t i = 0; i < collect->records.len; i++) {
		add_stop(collect->records.data[i]);
		drop_cluster(collect->records.data[i]);
	}
	return rc;
}

static int read_version(struct db *db, struct record_version *version, struct err *err)
{
	int rc = db_version(db, &version->others, err);

	/* Never that of a version that was not read. */
	version->ours = sqlite3_total_changes(db->handle) + 1;
	return rc;
}

int disk_records(
	struct disk *disk, struct record_version *version, struct snapshot *out, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	struct collect collect = {.db = db, .arena = out->arena};
	struct record_version now = {0};
	int rc = disk_open(disk, FILE_REGISTRY, err);

	if (rc == 0)
		rc = read_version(db, &now, err);
	if (rc < 0)
		return rc;
	if (!version->has_open && now.others == version->others && now.ours == version->ours) {
		out->is_unchanged = true;
		return 0;
	}
	collect.by_app = map_new();
	rc = read_all(&collect, disk, &now.has_open, err);
	if (rc == 0) {
		struct record *records =
			arena_calloc(out->arena, collect.records.len + 1, sizeof(*records));
		for (size_t i = 0; i < collect.records.len; i++)
			records[i] = *collect.records.data[i];
		out->records = records;
		out->record_count = collect.records.len;
		struct record_job *jobs =
			arena_calloc(out->arena, collect.jobs.len + 1, sizeof(*jobs));
		for (size_t i = 0; i < collect.jobs.len; i++)
			jobs[i] = collect.jobs.data[i];
		out->record_jobs = jobs;
		out->record_job_count = collect.jobs.len;
		*version = now;
	}
	map_free(collect.by_app);
	vec_release(&collect.records);
	vec_release(&collect.jobs);
	return rc;
}
