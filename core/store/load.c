/*
 * Rows → snapshots, one SELECT a table. A job that the last answer did not list is left out: that
 * answer is what the snapshot repeats. A cluster's snapshot is read before its jobs; the JOB
 * snapshots come last, so that each finds its job known. What another process polls is read in the
 * same way, but only what it changed since.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/store/decl.h"
#include "core/store/detail_text.h"
#include "core/store/disk.h"
#include "core/store/lease/poll_lease_disk.h"

#define SHARED_BYTES ((size_t)8 << 10)

struct cluster_load {
	struct snapshot *snapshot;
	VEC(struct job_summary) jobs;
	VEC(const char *) gone;
};

struct load {
	struct disk *disk;
	snapshot_vec clusters, jobs;
	VEC(struct cluster_load *) loads;
	struct map *by_name;       /* name → struct cluster_load * */
	struct cluster_load *last; /* rows of one cluster mostly follow each other */
	struct arena *arena;       /* of those that are being made now */
	bool is_followed, is_same_boot;
	int64_t since;    /* only what changed after this one; 0 = everything */
	const char *refs; /* only these, a JSON list; NULL = everything */
};

static struct snapshot *remembered(struct load *load, enum snapshot_kind kind, const char *source,
	const char *key, int64_t observed_ms)
{
	struct snapshot *snapshot;

	/* Some share one: by itself each would take a block or two. */
	if (load->arena && arena_bytes(load->arena) >= SHARED_BYTES) {
		arena_free(load->arena);
		load->arena = NULL;
	}
	if (!load->arena)
		load->arena = arena_new();
	snapshot = snapshot_new_in(load->arena, kind, load->disk->context, source, key);
	snapshot->from_store = !load->is_followed;
	snapshot->is_followed = load->is_followed;
	snapshot->asked_ms = snapshot->observed_ms = observed_ms;
	return snapshot;
}

/* Calls fn for each row of the table. tail: ?1 is what `since` says, or `refs`. */
static int read_table(struct load *load, enum store_file file, const struct table *table,
	const char *tail, void (*fn)(void *data, const void *row), void *data, struct err *err)
{
	struct db *db = load->disk->files[file];
	char *sql = row_sql_select(table, tail);
	sqlite3_stmt *stmt = db_stmt(db, sql, err);
	void *row = xcalloc(1, table->size);
	int rc = E_INTERNAL;

	if (stmt && load->since)
		sqlite3_bind_int64(stmt, 1, load->since);
	if (stmt && load->refs && sqlite3_bind_parameter_count(stmt))
		db_bind_text(stmt, 1, load->refs);
	if (stmt)
		while ((rc = db_step(db, stmt, err)) == 1) {
			row_read(stmt, table, row);
			fn(data, row);
		}
	free(row);
	free(sql);
	return rc;
}

/* ---- registry.db ---- */

struct workspace_load {
	struct snapshot *snapshot;
	VEC(struct team_decl) teams;
	VEC(struct app_decl) apps;
};

static void add_team(void *data, const void *row)
{
	struct workspace_load *load = data;
	struct team_decl decl;

	if (decl_team_from_row(load->snapshot->arena, row, &decl))
		vec_push(&load->teams, decl);
}

static void add_app(void *data, const void *row)
{
	struct workspace_load *load = data;
	const struct app_row *app = row;
	struct app_decl decl;

	if (decl_app_from_row(load->snapshot->arena, app, &decl))
		vec_push(&load->apps, decl);
	else
		log_write(LOG_WARN, "store: row %s is not understood", app->ref ? app->ref : "");
}

/* An array of the arena from a vector. */
static void *settle(struct arena *arena, const void *data, size_t count, size_t size)
{
	return count ? memcpy(arena_calloc(arena, count, size), data, count * size) : NULL;
}

#define AMONG_REFS "WHERE ref IN (SELECT value FROM json_each(?1)) "

static int load_registry(struct load *load, snapshot_vec *out, struct err *err)
{
	struct workspace_load work = {0};
	struct snapshot *snapshot;
	int64_t observed_ms = 0;
	struct db *db = load->disk->files[FILE_REGISTRY];
	int rc = db_ask_number(
		db, "SELECT observed_ms FROM source WHERE name = 'workspace'", &observed_ms, err);

	if (rc < 0)
		return rc;
	work.snapshot = snapshot =
		remembered(load, SNAPSHOT_WORKSPACE, "workspace", NULL, observed_ms);
	rc = read_table(load, FILE_REGISTRY, &team_rows, "ORDER BY id", add_team, &work, err);
	if (rc == 0)
		rc = read_table(load, FILE_REGISTRY, &app_rows,
			load->refs ? AMONG_REFS "ORDER BY id" : "ORDER BY id", add_app, &work, err);
	snapshot->team_count = work.teams.len;
	snapshot->teams =
		settle(snapshot->arena, work.teams.data, work.teams.len, sizeof(*work.teams.data));
	snapshot->app_count = work.apps.len;
	snapshot->apps =
		settle(snapshot->arena, work.apps.data, work.apps.len, sizeof(*work.apps.data));
	if (rc == 0 && (observed_ms || work.teams.len || work.apps.len))
		vec_push(out, snapshot);
	else
		snapshot_unref(snapshot);
	vec_release(&work.teams);
	vec_release(&work.apps);
	return rc;
}

/* ---- cache.db ---- */

static void add_cluster(void *data, const void *row)
{
	const struct cluster_row *cluster = row;
	struct load *load = data;
	struct cluster_load *item;
	struct snapshot *snapshot;

	if (!cluster->name || map_get(load->by_name, cluster->name))
		return;
	snapshot = remembered(load, SNAPSHOT_CLUSTER, cluster->name, NULL, cluster->observed_ms);
	snapshot->latency_ms = cluster->latency_ms;
	if (load->is_followed) {
		snapshot->asked_ms = cluster->asked_ms;
		/* A clock that counts from another boot says nothing here. */
		snapshot->asked_mono_ms = load->is_same_boot ? cluster->asked_mono_ms : 0;
		snapshot->mono_ms = load->is_same_boot ? cluster->observed_mono_ms : 0;
		snapshot->leaderless_ms = cluster->leaderless_ms;
		snapshot->led_ms = cluster->led_ms;
		snapshot->is_partial = load->since > 0;
		snapshot->misses = cluster->misses;
		if (cluster->error_code)
			snapshot_fail(snapshot, err_code_parse(cluster->error_code), "%s",
				cluster->error ? cluster->error : "");
	}
	snapshot->cluster = (struct cluster_status){
		.address = arena_strdup(snapshot->arena, cluster->address),
		.flink_version = arena_strdup(snapshot->arena, cluster->flink_version),
		.taskmanagers = cluster->taskmanagers,
		.slots_total = cluster->slots_total,
		.slots_free = cluster->slots_free,
		.jobs_running = cluster->jobs_running,
		.jobs_finished = cluster->jobs_finished,
		.jobs_canceled = cluster->jobs_canceled,
		.jobs_failed = cluster->jobs_failed,
	};
	item = xcalloc(1, sizeof(*item));
	item->snapshot = snapshot;
	map_put(load->by_name, cluster->name, item);
	vec_push(&load->loads, item);
	vec_push(&load->clusters, snapshot);
}

static void set_checkpoints(
	struct arena *arena, const struct job_row *row, struct checkpoint_stats *stats)
{
	struct checkpoint *last;

	stats->failed = row->checkpoints_failed;
	if (row->checkpoint_id < 0)
		return;
	last = arena_alloc(arena, sizeof(*last));
	*last = (struct checkpoint){
		.id = row->checkpoint_id,
		.status = CHECKPOINT_COMPLETED,
		.is_savepoint = row->is_savepoint,
		.is_discarded = row->is_discarded,
		.trigger_ms = row->trigger_ms,
		.ack_ms = row->ack_ms,
		.duration_ms = row->checkpoint_duration_ms,
		.state_bytes = row->state_bytes,
		.checkpointed_bytes = row->checkpointed_bytes,
		.processed_bytes = row->processed_bytes,
		.persisted_bytes = row->persisted_bytes,
		.alignment_bytes = row->alignment_bytes,
		.subtasks = row->subtasks,
		.acknowledged = row->acknowledged,
		.path = arena_strdup(arena, row->checkpoint_path),

	};
	stats->last_completed = last;
}

static void set_exception(struct arena *arena, const struct job_row *row, struct job_detail *detail)
{
	struct exception *exception = arena_calloc(arena, 1, sizeof(*exception));

	exception->cause = exception->text = arena_strdup(arena, row->exception);
	exception->time_ms = row->exception_ms;
	exception->lacks_slots = row->lacks_slots != 0;
	detail->exceptions = exception;
	detail->exception_count = 1;
	detail->exceptions_truncated = true;
}

/* What the card shows, where it was asked for; else what the line shows. */
static void add_followed(struct load *load, const struct job_row *row, struct snapshot *snapshot)
{
	if (!load->is_followed)
		return;
	snapshot->is_digest =
		!row->detail || !detail_from_text(snapshot->arena, row->detail, &snapshot->detail);
	snapshot->detail.restarts_before = row->restarts_before;
	snapshot->recent_restarts = row->recent_restarts;
	snapshot->restart_gap_ms = row->restart_gap_ms;
	snapshot->restarted_ms = row->restarted_ms;
	snapshot->restarts_per_hour =
		row->restarts_per_1000_hours < 0 ? -1 : (double)row->restarts_per_1000_hours / 1000;
	snapshot->lacks_slots = row->lacks_slots != 0;
}

/* Only what is known counts as a part: what is missing is unknown, not empty. */
static void add_detail(struct load *load, const struct job_row *row)
{
	struct snapshot *snapshot =
		remembered(load, SNAPSHOT_JOB, row->cluster, row->id, row->detail_ms);
	struct job_detail *detail = &snapshot->detail;

	memcpy(detail->id, row->id, strlen(row->id) + 1);
	if (row->parallelism >= 0) {
		detail->parts |= JOB_PART_VERTICES;
		detail->parallelism = row->parallelism;
	}
	if (row->checkpoint_id >= 0 || row->checkpoints_failed >= 0) {
		detail->parts |= JOB_PART_CHECKPOINTS;
		set_checkpoints(snapshot->arena, row, &detail->checkpoints);
	}
	if (row->restarts >= 0) {
		detail->parts |= JOB_PART_RESTARTS;
		detail->restarts = row->restarts;
		detail->restarts_before = row->restarts_before;
	}
	if (row->exception) {
		detail->parts |= JOB_PART_EXCEPTIONS;
		set_exception(snapshot->arena, row, detail);
	}
	add_followed(load, row, snapshot);
	if (detail->parts)
		vec_push(&load->jobs, snapshot);
	else
		snapshot_unref(snapshot);
}

/* A job that runs has run on until its cluster was last seen. */
static int64_t duration_at(const struct job_row *row, enum job_status status, int64_t observed_ms)
{
	int64_t duration_ms = row->duration_ms;

	if (row->missing_ms || duration_ms < 0 || job_status_is_terminal(status))
		return duration_ms;
	duration_ms += observed_ms - row->seen_ms;
	return duration_ms > 0 ? duration_ms : 0;
}

static void add_job(void *data, const void *item)
{
	const struct job_row *row = item;
	struct load *load = data;
	struct job_summary job = {0};
	struct cluster_load *cluster = load->last;

	if (!row->cluster || !row->id || strlen(row->id) > JOB_ID_LEN)
		return;
	if (!cluster || strcmp(cluster->snapshot->source, row->cluster) != 0)
		cluster = load->last = map_get(load->by_name, row->cluster);
	if (!cluster)
		return;
	memcpy(job.id, row->id, strlen(row->id) + 1);
	job.name = arena_strdup(cluster->snapshot->arena, row->name);
	job.status = job_status_parse(row->status);
	job.start_ms = row->start_ms;
	job.end_ms = row->end_ms;
	job.duration_ms = duration_at(row, job.status, cluster->snapshot->observed_ms);
	job.modified_ms = row->modified_ms;
	job.tasks = row->tasks;
	job.said_by = arena_strdup(cluster->snapshot->arena, row->said_by);
	if (row->missing_ms) {
		job.seen_ms = row->seen_ms;
		job.missing_ms = row->missing_ms;
		job.settled_without = row->settled_without;
	}
	vec_push(&cluster->jobs, job);
	if (row->detail_ms > 0)
		add_detail(load, row);
}

/* Jobs that were forgotten since. */
static int read_gone(struct load *load, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(load->disk->files[FILE_CACHE],
		"SELECT ref, cluster FROM change WHERE seq > ?1 AND ref NOT IN (SELECT ref FROM "
		"job)"
		" AND ref NOT IN (SELECT ref FROM cluster)",
		err);
	int rc = E_INTERNAL;

	if (!stmt)
		return rc;
	sqlite3_bind_int64(stmt, 1, load->since);
	while ((rc = db_step(load->disk->files[FILE_CACHE], stmt, err)) == 1) {
		const char *ref = (const char *)sqlite3_column_text(stmt, 0);
		struct cluster_load *item =
			map_get(load->by_name, (const char *)sqlite3_column_text(stmt, 1));

		if (item)
			vec_push(&item->gone, arena_strdup(item->snapshot->arena, ref));
	}
	return rc;
}

static void settle_cluster(struct cluster_load *item)
{
	struct snapshot *snapshot = item->snapshot;

	snapshot->job_count = item->jobs.len;
	snapshot->jobs =
		settle(snapshot->arena, item->jobs.data, item->jobs.len, sizeof(*item->jobs.data));
	snapshot->gone_count = item->gone.len;
	snapshot->gone =
		settle(snapshot->arena, item->gone.data, item->gone.len, sizeof(*item->gone.data));
	vec_release(&item->jobs);
	vec_release(&item->gone);
	free(item);
}

static int load_cache(struct load *load, snapshot_vec *out, struct err *err)
{
	const char *clusters = load->since
		? "WHERE name IN (SELECT cluster FROM change WHERE seq > ?1) ORDER BY id"
		: load->refs ? AMONG_REFS "ORDER BY id"
			     : "ORDER BY id";
	const char *jobs = load->since
		? "WHERE ref IN (SELECT ref FROM change WHERE seq > ?1) ORDER BY rowid"
		: load->refs ? AMONG_REFS "ORDER BY rowid"
			     : "ORDER BY rowid";
	int rc = read_table(load, FILE_CACHE, &cluster_rows, clusters, add_cluster, load, err);

	if (rc == 0)
		rc = read_table(load, FILE_CACHE, &job_rows, jobs, add_job, load, err);
	if (rc == 0 && load->since)
		rc = read_gone(load, err);
	for (size_t i = 0; i < load->loads.len; i++)
		settle_cluster(load->loads.data[i]);
	for (size_t i = 0; i < load->clusters.len; i++)
		if (rc == 0)
			vec_push(out, load->clusters.data[i]);
		else
			snapshot_unref(load->clusters.data[i]);
	for (size_t i = 0; i < load->jobs.len; i++)
		if (rc == 0)
			vec_push(out, load->jobs.data[i]);
		else
			snapshot_unref(load->jobs.data[i]);
	vec_release(&load->loads);
	vec_release(&load->clusters);
	vec_release(&load->jobs);
	return rc;
}

int disk_load_some(struct disk *disk, enum store_file file, const char *refs, snapshot_vec *out,
	struct err *err)
{
	struct load load = {.disk = disk, .by_name = map_new(), .refs = refs};
	int rc = disk_open(disk, file, err);

	if (rc == 0)
		rc = file == FILE_REGISTRY ? load_registry(&load, out, err)
					   : load_cache(&load, out, err);
	map_free(load.by_name);
	arena_free(load.arena);
	return rc;
}

void disk_load(struct disk *disk, enum store_file file, snapshot_vec *out, struct err *failed)
{
	struct poller_row row;
	int rc = disk_load_some(disk, file, NULL, out, failed);

	if (rc < 0 && db_repair(disk->files[file]))
		rc = disk_load_some(disk, file, NULL, out, failed);
	if (rc == 0)
		failed->code = E_OK;
	/* What is read now is what differences are told of. */
	if (rc == 0 && file == FILE_CACHE && poller_read(disk->files[file], &row, NULL) == 0)
		disk->base = row.epoch;
}

int disk_follow(
	struct disk *disk, int64_t since, bool is_same_boot, snapshot_vec *out, struct err *err)
{
	struct load load = {.disk = disk,
		.by_name = map_new(),
		.is_followed = true,
		.is_same_boot = is_same_boot,
		.since = since};
	int rc = load_cache(&load, out, err);

	map_free(load.by_name);
	arena_free(load.arena);
	return rc;
}
