/* The column tables and the little code that works from them; no SQL statement is written by hand
 * twice. */
#include "core/store/row.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

#define TEXT(s, field) COLUMN_AT(COLUMN_TEXT, s, field)
#define INT(s, field) COLUMN_AT(COLUMN_INT, s, field)
#define INT64(s, field) COLUMN_AT(COLUMN_INT64, s, field)

/* Task counts are one column of eleven numbers: only ever read together. */
#define TASK_COUNT 11

static const struct column team_columns[] = {
	TEXT(team_row, ref),
	TEXT(team_row, name),
	TEXT(team_row, title),
	TEXT(team_row, owner),
	TEXT(team_row, members),
	TEXT(team_row, path),
	TEXT(team_row, error),
	TEXT(team_row, variables),
};

static const struct column app_columns[] = {
	TEXT(app_row, ref),
	TEXT(app_row, team),
	TEXT(app_row, name),
	TEXT(app_row, job_name),
	TEXT(app_row, type),
	TEXT(app_row, cluster),
	TEXT(app_row, flink_env),
	TEXT(app_row, owner),
	TEXT(app_row, path),
	TEXT(app_row, error),
	TEXT(app_row, text),
	TEXT(app_row, spec),
};

static const struct column cluster_columns[] = {
	TEXT(cluster_row, ref),
	TEXT(cluster_row, name),
	TEXT(cluster_row, type),
	TEXT(cluster_row, address),
	TEXT(cluster_row, flink_version),
	INT(cluster_row, taskmanagers),
	INT(cluster_row, slots_total),
	INT(cluster_row, slots_free),
	INT(cluster_row, jobs_running),
	INT(cluster_row, jobs_finished),
	INT(cluster_row, jobs_canceled),
	INT(cluster_row, jobs_failed),
	INT64(cluster_row, observed_ms),
	INT64(cluster_row, latency_ms),
	INT64(cluster_row, asked_ms),
	INT64(cluster_row, asked_mono_ms),
	INT64(cluster_row, observed_mono_ms),
	INT64(cluster_row, leaderless_ms),
	INT64(cluster_row, led_ms),
	INT(cluster_row, misses),
	TEXT(cluster_row, error_code),
	TEXT(cluster_row, error),
};

static const struct column job_columns[] = {
	TEXT(job_row, ref),
	TEXT(job_row, cluster),
	TEXT(job_row, id),
	TEXT(job_row, name),
	TEXT(job_row, status),
	INT64(job_row, start_ms),
	INT64(job_row, end_ms),
	INT64(job_row, duration_ms),
	INT64(job_row, modified_ms),
	{"tasks", COLUMN_TASKS, offsetof(struct job_row, tasks)},
	INT64(job_row, missing_ms),
	INT(job_row, settled_without),
	INT64(job_row, seen_ms),
	INT64(job_row, detail_ms),
	INT(job_row, parallelism),
	INT64(job_row, restarts),
	INT64(job_row, restarts_before),
	TEXT(job_row, said_by),
	INT64(job_row, checkpoint_id),
	INT(job_row, is_savepoint),
	INT(job_row, is_discarded),
	INT64(job_row, trigger_ms),
	INT64(job_row, ack_ms),
	INT64(job_row, checkpoint_duration_ms),
	INT64(job_row, state_bytes),
	INT64(job_row, checkpointed_bytes),
	INT64(job_row, processed_bytes),
	INT64(job_row, persisted_bytes),
	INT64(job_row, alignment_bytes),
	INT(job_row, subtasks),
	INT(job_row, acknowledged),
	TEXT(job_row, checkpoint_path),

	INT64(job_row, checkpoints_failed),
	TEXT(job_row, exception),
	INT64(job_row, exception_ms),
	INT(job_row, recent_restarts),
	INT64(job_row, restart_gap_ms),
	INT64(job_row, restarted_ms),
	INT64(job_row, restarts_per_1000_hours),
	INT(job_row, lacks_slots),
	TEXT(job_row, detail),
};

const struct table team_rows = {
	.name = "team",
	.columns = team_columns,
	.count = ARRAY_SIZE(team_columns),
	.size = sizeof(struct team_row),
};
const struct table app_rows = {
	.name = "application",
	.columns = app_columns,
	.count = ARRAY_SIZE(app_columns),
	.size = sizeof(struct app_row),
};
const struct table cluster_rows = {
	.name = "cluster",
	.columns = cluster_columns,
	.count = ARRAY_SIZE(cluster_columns),
	.size = sizeof(struct cluster_row),
};
const struct table job_rows = {
	.name = "job",
	.columns = job_columns,
	.count = ARRAY_SIZE(job_columns),
	.size = sizeof(struct job_row),
};

/* ---- fields ---- */

static const char **text_field(const void *data, const struct column *column)
{
	return (const char **)((char *)data + column->offset);
}

static int *int_field(const void *data, const struct column *column)
{
	return (int *)((char *)data + column->offset);
}

static int64_t *int64_field(const void *data, const struct column *column)
{
	return (int64_t *)((char *)data + column->offset);
}

static void tasks_write(const struct task_counts *t, char *out, size_t size)
{
	struct buf text;

	buf_init(&text, size);
	buf_addf(&text, "%d %d %d %d %d %d %d %d %d %d %d", t->total, t->created, t->scheduled,
		t->deploying, t->initializing, t->running, t->finished, t->canceling, t->canceled,
		t->failed, t->reconciling);
	memcpy(out, buf_str(&text), text.len + 1);
	buf_release(&text);
}

static void tasks_read(const char *text, struct task_counts *t)
{
	int *const out[TASK_COUNT] = {&t->total, &t->created, &t->scheduled, &t->deploying,
		&t->initializing, &t->running, &t->finished, &t->canceling, &t->canceled,
		&t->failed, &t->reconciling};
	const char *at = text ? text : "";

	for (int i = 0; i < TASK_COUNT; i++) {
		int64_t value = 0;
		bool is_number = false;

		while (*at == ' ')
			at++;
		for (; *at >= '0' && *at <= '9' && value <= INT32_MAX; at++, is_number = true)
			value = value * 10 + *at - '0';
		*out[i] = is_number && value <= INT32_MAX ? (int)value : -1;
		at += strcspn(at, " ");
	}
}

/* ---- rows ---- */

struct row *row_new(const struct table *table, const void *data)
{
	size_t size = table->size;
	struct row *row;
	char *text;

	for (size_t i = 0; i < table->count; i++) {
		const char *from = table->columns[i].type == COLUMN_TEXT
			? *text_field(data, &table->columns[i])
			: NULL;
		size += from ? strlen(from) + 1 : 0;
	}
	row = xmalloc(sizeof(*row) + size);
	*row = (struct row){.table = table, .data = row + 1};
	memcpy(row->data, data, table->size);
	text = (char *)row->data + table->size;
	for (size_t i = 0; i < table->count; i++) {
		const char **field = text_field(row->data, &table->columns[i]);

		if (table->columns[i].type != COLUMN_TEXT || !*field)
			continue;
		size_t len = strlen(*field) + 1;
		*field = memcpy(text, *field, len);
		text += len;
	}
	row->ref = *text_field(row->data, &table->columns[0]);
	return row;
}

static struct row *row_new_ref(const struct table *table, const char *ref)
{
	size_t len = strlen(ref) + 1;
	struct row *row = xmalloc(sizeof(*row) + len);

	*row = (struct row){.table = table, .ref = memcpy(row + 1, ref, len)};
	return row;
}

struct row *row_new_decl(
	const struct table *table, const char *ref, const void *decl, struct snapshot *source)
{
	struct row *row = row_new_ref(table, ref);

	row->decl = decl;
	row->source = snapshot_ref(source);
	return row;
}

struct row *row_new_removed(const struct table *table, const char *ref)
{
	struct row *row = row_new_ref(table, ref);

	row->is_removed = true;
	return row;
}

void row_free(struct row *row)
{
	if (!row)
		return;
	snapshot_unref(row->source);
	free(row);
}

/* ---- SQL ---- */

static void add_columns(struct buf *sql, const struct table *table, const char *fmt, size_t first)
{
	for (size_t i = first; i < table->count; i++) {
		const char *p = fmt;

		buf_adds(sql, i == first ? "" : ", ");
		for (; *p; p++) {
			if (*p == '$')
				buf_adds(sql, table->columns[i].name);
			else
				buf_addc(sql, *p);
		}
	}
}

char *row_sql_put(const struct table *table)
{
	struct buf sql;

	buf_init(&sql, 0);
	buf_addf(&sql, "INSERT INTO %s (", table->name);
	add_columns(&sql, table, "$", 0);
	buf_adds(&sql, ") VALUES (");
	add_columns(&sql, table, "?", 0);
	buf_adds(&sql, ")");
	if (table->put_tail) {
		buf_addf(&sql, " %s", table->put_tail);
	} else {
		buf_adds(&sql, " ON CONFLICT (ref) DO UPDATE SET ");
		add_columns(&sql, table, "$ = excluded.$", 1);
	}
	return buf_detach(&sql);
}

char *row_sql_select(const struct table *table, const char *tail)
{
	struct buf sql;

	buf_init(&sql, 0);
	buf_adds(&sql, "SELECT ");
	add_columns(&sql, table, "$", 0);
	buf_addf(&sql, " FROM %s %s", table->name, tail);
	return buf_detach(&sql);
}

char *row_sql_remove(const struct table *table)
{
	return xasprintf("DELETE FROM %s WHERE ref = ?", table->name);
}

static void row_bind(sqlite3_stmt *stmt, const struct table *table, const void *data)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		int at = (int)i + 1;
		char tasks[TASK_COUNT * 12 + 1];

		switch (column->type) {
		case COLUMN_TEXT:
			sqlite3_bind_text(stmt, at, *text_field(data, column), -1, SQLITE_STATIC);
			break;
		case COLUMN_INT: sqlite3_bind_int(stmt, at, *int_field(data, column)); break;
		case COLUMN_INT64: sqlite3_bind_int64(stmt, at, *int64_field(data, column)); break;
		case COLUMN_TASKS:
			tasks_write((const struct task_counts *)int_field(data, column), tasks,
				sizeof(tasks));
			sqlite3_bind_text(stmt, at, tasks, -1, SQLITE_TRANSIENT);
			break;
		}
	}
}

void row_read(sqlite3_stmt *stmt, const struct table *table, void *data)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		int at = (int)i;

		switch (column->type) {
		case COLUMN_TEXT:
			*text_field(data, column) = (const char *)sqlite3_column_text(stmt, at);
			break;
		case COLUMN_INT: *int_field(data, column) = sqlite3_column_int(stmt, at); break;
		case COLUMN_INT64:
			*int64_field(data, column) = sqlite3_column_int64(stmt, at);
			break;
		case COLUMN_TASKS:
			tasks_read((const char *)sqlite3_column_text(stmt, at),
				(struct task_counts *)int_field(data, column));
			break;
		}
	}
}

int row_put(struct db *db, sqlite3_stmt *stmt, const struct table *table, const void *data,
	struct err *err)
{
	row_bind(stmt, table, data);
	int rc = db_run(db, stmt, err);
	sqlite3_clear_bindings(stmt); /* they point into `data` */
	return rc;
}

int row_remove(struct db *db, sqlite3_stmt *stmt, const char *ref, struct err *err)
{
	sqlite3_bind_text(stmt, 1, ref, -1, SQLITE_STATIC);
	int rc = db_run(db, stmt, err);
	sqlite3_clear_bindings(stmt);
	return rc;
}
