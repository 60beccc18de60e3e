/*
 * A step is one small transaction, or some pages given back. It is queued behind what waits for the
 * lane, and the next one behind what came meanwhile. A step that fails waits for the next minute: the
 * trouble with the disk is told by all that is written besides.
 */
#include "core/store/trimmer.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/store/store_internal.h"

/* ---- on the lane ---- */

static int read_number(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db, sql, err);
	int rc = stmt ? db_step(db, stmt, err) : E_INTERNAL;

	if (rc == 1) {
		*out = sqlite3_column_type(stmt, 0) == SQLITE_NULL ? INT64_MAX
								   : sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
		return 0;
	}
	return rc < 0 ? rc : E_INTERNAL;
}

/* The oldest rows of one table that are older than `before_ms`: 1 = there were some. */
static int drop_rows(struct db *db, const struct table *table, int64_t before_ms, struct err *err)
{
	char *sql = xasprintf("DELETE FROM %s WHERE rowid IN (SELECT rowid FROM %s WHERE %s < ?1"
			      " ORDER BY %s LIMIT ?2)",
		table->name, table->name, table->time, table->time);
	sqlite3_stmt *stmt = db_stmt(db, sql, err);
	int rc = E_INTERNAL;

	free(sql);
	if (!stmt)
		return rc;
	sqlite3_bind_int64(stmt, 1, before_ms);
	sqlite3_bind_int(stmt, 2, TRIM_ROWS);
	rc = db_run(db, stmt, err);
	return rc < 0 ? rc : db_changes(db) > 0;
}

static int drop_old(
	struct db *db, const struct history_limits *limits, int64_t now_ms, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < history_table_count && rc == 0; i++)
		rc = drop_rows(db, history_tables[i], now_ms - limits->kept_ms, err);
	return rc;
}

/* Of the table whose oldest row is the oldest of all. */
static int drop_oldest(struct db *db, struct err *err)
{
	const struct table *oldest = NULL;
	int64_t oldest_ms = INT64_MAX;

	for (size_t i = 0; i < history_table_count; i++) {
		char *sql = xasprintf(
			"SELECT min(%s) FROM %s", history_tables[i]->time, history_tables[i]->name);
		int64_t time_ms = INT64_MAX;
		int rc = read_number(db, sql, &time_ms, err);

		free(sql);
		if (rc < 0)
			return rc;
		if (time_ms < oldest_ms) {
			oldest_ms = time_ms;
			oldest = history_tables[i];
		}
	}
	return oldest ? drop_rows(db, oldest, INT64_MAX, err) : 0;
}

static int give_back(struct db *db, int64_t free_pages, struct err *err)
{
	char *sql = xasprintf("PRAGMA incremental_vacuum(%d)", TRIM_PAGES);
	int64_t left = 0;
	int rc = db_exec(db, sql, err);

	free(sql);
	if (rc == 0)
		rc = read_number(db, "PRAGMA freelist_count", &left, err);
	/* A file that was made without this stays as it is. */
	return rc < 0 ? rc : left > 0 && left < free_pages;
}

int trimmer_step(
	struct db *db, const struct history_limits *limits, int64_t now_ms, struct err *err)
{
	int64_t pages = 0, free_pages = 0, page_bytes = 0;
	int rc = drop_old(db, limits, now_ms, err);

	if (rc != 0)
		return rc;
	if ((rc = read_number(db, "PRAGMA page_count", &pages, err)) < 0 ||
		(rc = read_number(db, "PRAGMA freelist_count", &free_pages, err)) < 0 ||
		(rc = read_number(db, "PRAGMA page_size", &page_bytes, err)) < 0)
		return rc;
	if ((pages - free_pages) * page_bytes > limits->bytes && (rc = drop_oldest(db, err)) != 0)
		return rc;
	return free_pages > 0 ? give_back(db, free_pages, err) : 0;
}

/* ---- on the loop ---- */

struct step {
	struct trimmer *trimmer; /* NULL: it is gone */
	struct disk *disk;
	struct history_limits limits;
	int64_t now_ms;
	int rc;
	struct err err;
};

struct trimmer {
	struct loop *loop;
	struct store *store;
	struct loop_timer *timer;
	struct history_limits limits;
	struct step *under_way;
};

struct trimmer *trimmer_new(struct loop *loop, struct store *store)
{
	struct trimmer *trimmer = xcalloc(1, sizeof(*trimmer));

	trimmer->loop = loop;
	trimmer->store = store;
	trimmer->limits = (struct history_limits){HISTORY_KEPT_MS, HISTORY_BYTES};
	return trimmer;
}

void trimmer_limit(struct trimmer *trimmer, const struct history_limits *limits)
{
	trimmer->limits = *limits;
}

static void step_run(void *data)
{
	struct step *step = data;

	step->rc = disk_open(step->disk, FILE_CACHE, &step->err);
	if (step->rc == 0)
		step->rc = trimmer_step(
			step->disk->files[FILE_CACHE], &step->limits, step->now_ms, &step->err);
}

static void step_start(struct trimmer *trimmer);

static void step_done(void *data)
{
	struct step *step = data;
	struct trimmer *trimmer = step->trimmer;

	if (step->rc < 0)
		log_write(LOG_WARN, "store: the history is not trimmed: %s", step->err.text);
	if (trimmer) {
		trimmer->under_way = NULL;
		if (step->rc > 0)
			step_start(trimmer);
	}
	free(step);
}

static void step_start(struct trimmer *trimmer)
{
	struct step *step = xcalloc(1, sizeof(*step));

	step->trimmer = trimmer;
	step->disk = store_disk(trimmer->store);
	step->limits = trimmer->limits;
	step->now_ms = clock_wall_ms();
	trimmer->under_way = step;
	store_read(trimmer->store, step_run, step_done, step);
}

static void on_timer(void *data)
{
	struct trimmer *trimmer = data;

	if (!trimmer->under_way)
		step_start(trimmer);
}

void trimmer_start(struct trimmer *trimmer)
{
	if (!trimmer->timer)
		trimmer->timer =
			loop_timer(trimmer->loop, TRIM_EVERY_MS, TRIM_EVERY_MS, on_timer, trimmer);
	on_timer(trimmer);
}

void trimmer_free(struct trimmer *trimmer)
{
	if (!trimmer)
		return;
	loop_timer_cancel(trimmer->timer);
	if (trimmer->under_way)
		trimmer->under_way->trimmer = NULL;
	free(trimmer);
}
