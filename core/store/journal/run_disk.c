/*
 * Each write is one transaction that first looks at the lease: a run is only written by who holds
 * it (run and epoch), so one that was taken over cannot be written by its former owner.
 */
#include "core/store/journal/run_disk.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/journal/run.h"
#include "core/store/lease/owner_row.h"

#define RUN_COLUMNS                                                                                \
	"run.id, run.app, run.context, run.team, run.name, run.cluster, run.verb, run.arguments,"  \
	" run.job_id, run.trigger_id, run.state, run.created_ms, run.sent_ms, run.ended_ms,"       \
	" run.plan, run.outcome, run.result, run.code, run.log, lease.epoch, lease.host,"          \
	" lease.boot, lease.pid_space, lease.pid, lease.pid_start, lease.beat_boot_ms,"            \
	" lease.beat_wall_ms, run.steps, run.start_job_id, run.restore_path, run.release,"         \
	" run.application_id, run.address"
#define RUN_FROM " FROM run LEFT JOIN lease ON lease.run = run.id "

/* ---- reading ---- */

static const char *text_of(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

/* Their texts are those of `root`. */
static struct run_step *read_steps(const json_t *root, size_t *count)
{
	struct run_step *steps = xcalloc(json_array_size(root) + 1, sizeof(*steps));
	const json_t *item;
	size_t i;

	*count = 0;
	json_array_foreach (root, i, item) {
		struct run_step step = {.name = doc_str(item, "name"),
			.state = run_state_parse(doc_str(item, "state")),
			.started_ms = doc_int(item, "startedMs", 0),
			.ended_ms = doc_int(item, "endedMs", 0),
			.text = doc_str(item, "text")};

		if (step.name)
			steps[(*count)++] = step;
	}
	return steps;
}

/* NULL for a run without. malloc'd. */
static char *steps_text(const struct run *run)
{
	json_t *root = json_array();
	char *text = NULL;

	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];
		char *said = i18n_english(step->text);

		json_array_append_new(root,
			json_pack("{s:s, s:s, s:I, s:I, s:s*}", "name", step->name, "state",
				run_state_name(step->state), "startedMs",
				(json_int_t)step->started_ms, "endedMs", (json_int_t)step->ended_ms,
				"text", said));
		free(said);
	}
	if (run->step_count)
		text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return text;
}

/* Of a row of RUN_COLUMNS. */
static struct run *read_run(sqlite3_stmt *stmt, const struct owner *self)
{
	struct owner owner = {.beat_boot_ms = sqlite3_column_int64(stmt, 25),
		.beat_wall_ms = sqlite3_column_int64(stmt, 26)};
	struct run run = {
		.id = sqlite3_column_int64(stmt, 0),
		.app = text_of(stmt, 1),
		.context = text_of(stmt, 2),
		.team = text_of(stmt, 3),
		.name = text_of(stmt, 4),
		.cluster = text_of(stmt, 5),
		.verb = text_of(stmt, 6),
		.arguments = text_of(stmt, 7),
		.job_id = text_of(stmt, 8),
		.trigger_id = text_of(stmt, 9),
		.state = run_state_parse(text_of(stmt, 10)),
		.created_ms = sqlite3_column_int64(stmt, 11),
		.sent_ms = sqlite3_column_int64(stmt, 12),
		.ended_ms = sqlite3_column_int64(stmt, 13),
		.plan = text_of(stmt, 14),
		.outcome = text_of(stmt, 15),
		.result = text_of(stmt, 16),
		.code = text_of(stmt, 17),
		.log = text_of(stmt, 18),
		.epoch = sqlite3_column_int64(stmt, 19),
		.start_job_id = text_of(stmt, 28),
		.restore_path = text_of(stmt, 29),
		.release = sqlite3_column_int64(stmt, 30),
		.application_id = text_of(stmt, 31),
		.address = text_of(stmt, 32),
	};
	const char *text = text_of(stmt, 27);
	json_t *root = text ? json_loads(text, 0, NULL) : NULL;
	struct run_step *steps = read_steps(root, &run.step_count);
	struct run *copy;

	owner_read(stmt, 20, &owner);
	if (sqlite3_column_type(stmt, 19) != SQLITE_NULL)
		run.is_orphan = owner_is_gone(&owner, self, RUN_STALE_MS);
	run.steps = steps;
	copy = run_dup(&run);
	free(steps);
	json_decref(root);
	return copy;
}

/* 1 = found, 0 = there is none. */
static int find_run(struct db *db, const char *sql, const char *app, int64_t id,
	const struct owner *self, struct run **out, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db, sql, err);
	int rc;

	if (!stmt)
		return E_INTERNAL;
	if (app)
		db_bind_text(stmt, 1, app);
	else
		sqlite3_bind_int64(stmt, 1, id);
	rc = db_step(db, stmt, err);
	if (rc == 1) {
		*out = read_run(stmt, self);
		sqlite3_reset(stmt);
	}
	return rc;
}

static int find_by_lease(
	struct db *db, const char *app, const struct owner *self, struct run **out, struct err *err)
{
	return find_run(
		db, "SELECT " RUN_COLUMNS RUN_FROM "WHERE lease.app = ?", app, 0, self, out, err);
}

static int find_by_id(
	struct db *db, int64_t id, const struct owner *self, struct run **out, struct err *err)
{
	return find_run(
		db, "SELECT " RUN_COLUMNS RUN_FROM "WHERE run.id = ?", NULL, id, self, out, err);
}

static int read_runs(
	struct disk *disk, const struct run_filter *filter, run_vec *out, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	sqlite3_stmt *stmt = db_stmt(db,
		"SELECT " RUN_COLUMNS RUN_FROM "WHERE (?1 IS NULL OR run.app = ?1)"
		" AND (?2 = 0 OR run.id = ?2) AND (?3 = 0 OR lease.run IS NOT NULL)"
		" AND (?5 = 0 OR lease.run IS NOT NULL OR run.id IN ("
		"SELECT max(id) FROM run GROUP BY app, verb UNION ALL"
		" SELECT max(id) FROM run WHERE state = 'DONE' GROUP BY app, verb UNION ALL"
		" SELECT max(id) FROM run WHERE start_job_id IS NOT NULL GROUP BY app))"
		" ORDER BY run.id DESC LIMIT ?4",
		err);
	struct owner self = owner_now(&disk->self);
	int rc = E_INTERNAL;

	if (!stmt)
		return rc;
	db_bind_text(stmt, 1, filter->app);
	sqlite3_bind_int64(stmt, 2, filter->id);
	sqlite3_bind_int(stmt, 3, filter->open_only);
	sqlite3_bind_int64(stmt, 4, filter->max < INT32_MAX ? (int64_t)filter->max : INT32_MAX);
	sqlite3_bind_int(stmt, 5, filter->newest_only);
	while ((rc = db_step(db, stmt, err)) == 1)
		vec_push(out, read_run(stmt, &self));
	return rc;
}

int disk_runs(struct disk *disk, const struct run_filter *filter, run_vec *out, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	int rc = disk_open(disk, FILE_REGISTRY, err);

	if (rc == 0)
		rc = read_runs(disk, filter, out, err);
	if (rc < 0 && db_repair(db)) {
		for (size_t i = 0; i < out->len; i++)
			free(out->data[i]);
		out->len = 0;
		rc = read_runs(disk, filter, out, err);
	}
	return rc;
}

/* ---- writing ---- */

/* A new row when id is 0; *id is its number. */
static int put_run(struct db *db, const struct run *run, int64_t *id, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db,
		"INSERT INTO run (id, app, context, team, name, cluster, verb, arguments, job_id,"
		" trigger_id, state, plan, outcome, result, code, log, steps, start_job_id,"
		" restore_path, application_id, address, created_ms, sent_ms, ended_ms, release)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
		" ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25) ON CONFLICT (id) DO UPDATE SET"
		" cluster = excluded.cluster,"
		" job_id = excluded.job_id, trigger_id = excluded.trigger_id,"
		" state = excluded.state, plan = excluded.plan, outcome = excluded.outcome,"
		" result = excluded.result, code = excluded.code, log = excluded.log,"
		" steps = excluded.steps, start_job_id = excluded.start_job_id,"
		" restore_path = excluded.restore_path,"
		" application_id = excluded.application_id, address = excluded.address,"
		" sent_ms = excluded.sent_ms, ended_ms = excluded.ended_ms,"
		" release = excluded.release RETURNING id",
		err);
	char *steps = steps_text(run);
	/* Others read it in their language, and programs in English. */
	char *plan = i18n_english(run->plan), *outcome = i18n_english(run->outcome);
	char *log = i18n_english(run->log);
	const char *texts[] = {run->app, run->context, run->team, run->name, run->cluster,
		run->verb, run->arguments, run->job_id, run->trigger_id, run_state_name(run->state),
		plan, outcome, run->result, run->code, log, steps, run->start_job_id,
		run->restore_path, run->application_id, run->address};
	const int64_t numbers[] = {run->created_ms, run->sent_ms, run->ended_ms, run->release};
	int rc;

	if (stmt) {
		if (run->id)
			sqlite3_bind_int64(stmt, 1, run->id);
		for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
			db_bind_text(stmt, 2 + (int)i, texts[i]);
		for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
			sqlite3_bind_int64(stmt, 22 + (int)i, numbers[i]);
	}
	free(steps);
	free(plan);
	free(outcome);
	free(log);
	if (!stmt)
		return E_INTERNAL;
	rc = db_step(db, stmt, err);
	if (rc < 0)
		return rc;
	*id = sqlite3_column_int64(stmt, 0);
	/* To its end: with RETURNING the row is only then sure. */
	return db_run(db, stmt, err);
}

/* And when it was last heard of. */
static void bind_owner(sqlite3_stmt *stmt, int at, const struct owner *owner)
{
	owner_bind(stmt, at, owner);
	sqlite3_bind_int64(stmt, at + OWNER_COLUMNS_COUNT, owner->beat_boot_ms);
	sqlite3_bind_int64(stmt, at + OWNER_COLUMNS_COUNT + 1, owner->beat_wall_ms);
}

static int add_lease(
	struct db *db, const struct run *run, const struct owner *self, int64_t id, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db,
		"INSERT INTO lease (app, run, epoch, " OWNER_COLUMNS ","
		" beat_boot_ms, beat_wall_ms) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
		err);

	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, run->app);
	sqlite3_bind_int64(stmt, 2, id);
	bind_owner(stmt, 3, self);
	return db_run(db, stmt, err);
}

/* Writes the owner into the lease of this run and epoch; E_CONFLICT when it is not there. */
static int set_lease(struct db *db, const struct run *run, int64_t new_epoch,
	const struct owner *owner, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db,
		"UPDATE lease SET epoch = ?3, (" OWNER_COLUMNS ", beat_boot_ms, beat_wall_ms) ="
		" (?4, ?5, ?6, ?7, ?8, ?9, ?10)"
		" WHERE run = ?1 AND epoch = ?2",
		err);
	int rc;

	if (!stmt)
		return E_INTERNAL;
	sqlite3_bind_int64(stmt, 1, run->id);
	sqlite3_bind_int64(stmt, 2, run->epoch);
	sqlite3_bind_int64(stmt, 3, new_epoch);
	bind_owner(stmt, 4, owner);
	rc = db_run(db, stmt, err);
	if (rc == 0 && db_changes(db) == 0)
		rc = err_set(err, E_CONFLICT, _("run %lld was taken over by another process"),
			(long long)run->id);
	return rc;
}

static int drop_lease(struct db *db, int64_t run, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db, "DELETE FROM lease WHERE run = ?", err);

	if (!stmt)
		return E_INTERNAL;
	sqlite3_bind_int64(stmt, 1, run);
	return db_run(db, stmt, err);
}

static int conflict(const struct run *held, struct err *err)
{
	return err_set(err, E_CONFLICT,
		held->is_orphan
			? _("run %lld (%s) of %s%s%s is not settled: nobody watched its end")
			: _("run %lld (%s) of %s%s%s is in progress"),
		(long long)held->id, held->verb, held->team ? held->team : "",
		held->team ? "/" : "", held->name);
}

static int begin(struct db *db, const struct run *run, const struct owner *self, struct run **out,
	struct err *err)
{
	int64_t id = 0;
	int rc = find_by_lease(db, run->app, self, out, err);

	if (rc == 1)
		return conflict(*out, err);
	if (rc == 0)
		rc = put_run(db, run, &id, err);
	if (rc == 0)
		rc = add_lease(db, run, self, id, err);
	if (rc == 0)
		rc = find_by_id(db, id, self, out, err);
	return rc < 0 ? rc : 0;
}

static int adopt(
	struct db *db, int64_t id, const struct owner *self, struct run **out, struct err *err)
{
	int rc = find_by_id(db, id, self, out, err);

	if (rc < 0)
		return rc;
	if (rc == 0)
		return err_set(err, E_NOTFOUND, _("there is no run %lld"), (long long)id);
	if ((*out)->epoch == 0)
		return err_set(err, E_CONFLICT, _("run %lld is over: %s"), (long long)id,
			run_state_name((*out)->state));
	if (!(*out)->is_orphan)
		return conflict(*out, err);
	rc = set_lease(db, *out, (*out)->epoch + 1, self, err);
	if (rc == 0) {
		(*out)->epoch++;
		(*out)->is_orphan = false;
	}
	return rc;
}

static int save(struct db *db, enum run_write what, const struct run *run, const struct owner *self,
	struct run **out, struct err *err)
{
	static const struct owner nobody;
	int64_t id;
	int rc = set_lease(db, run, run->epoch, what == RUN_WRITE_LET_GO ? &nobody : self, err);

	if (rc == 0)
		rc = put_run(db, run, &id, err);
	if (rc == 0 && what == RUN_WRITE_END)
		rc = drop_lease(db, run->id, err);
	if (rc == 0)
		*out = run_dup(run);
	return rc;
}

static int write_once(struct disk *disk, enum run_write what, const struct run *run,
	struct run **out, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	struct owner self = owner_now(&disk->self);
	int rc = disk_open(disk, FILE_REGISTRY, err);

	if (rc == 0)
		rc = db_begin(db, err);
	if (rc == E_CONFLICT && err)
		rc = err->code = E_TIMEOUT; /* locked: nothing that a run has to do with */
	if (rc < 0)
		return rc;
	if (what == RUN_WRITE_BEGIN)
		rc = begin(db, run, &self, out, err);
	else if (what == RUN_WRITE_ADOPT)
		rc = adopt(db, run->id, &self, out, err);
	else
		rc = save(db, what, run, &self, out, err);
	if (rc == 0)
		return db_commit(db, err);
	db_rollback(db);
	return rc;
}

int disk_run_write(struct disk *disk, enum run_write what, const struct run *run, struct run **out,
	struct err *err)
{
	struct run *found = NULL;
	int rc = write_once(disk, what, run, &found, err);

	if (rc < 0 && rc != E_CONFLICT && db_repair(disk->files[FILE_REGISTRY])) {
		free(found);
		found = NULL;
		rc = write_once(disk, what, run, &found, err);
	}
	if (rc == 0 || rc == E_CONFLICT)
		*out = found;
	else
		free(found);
	return rc;
}
