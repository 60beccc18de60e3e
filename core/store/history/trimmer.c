/*
 * A step is one small transaction. It is queued behind what waits for the
 * lane, and the next one behind what came meanwhile. A step that fails waits for the next minute: the
 * trouble with the disk is told by all that is written besides.
 */
#include "core/store/history/trimmer.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/loop/work.h"
#include "core/store/lease/poll_lease_disk.h"
#include "core/store/lease/poll_lease_internal.h"
#include "core/store/store_internal.h"

/* What is dropped by age. */
static const struct part {
	const char *table, *key, *where, *time;
	int64_t kept_ms; /* 0 = for as long as the limits say */
} parts[] = {
	{"event", "rowid", "", "time_ms", 0},
	{"checkpoint", "rowid", "", "time_ms", 0},
	{"exception", "rowid", "", "last_ms", 0},
	{"sample_row", "sample_of, span_ms, time_ms", "span_ms = 10000 AND ", "time_ms",
		SAMPLE_RAW_KEPT_MS},
	{"sample_row", "sample_of, span_ms, time_ms", "span_ms = 60000 AND ", "time_ms",
		SAMPLE_MINUTE_KEPT_MS},
	{"sample_row", "sample_of, span_ms, time_ms", "span_ms = 600000 AND ", "time_ms", 0},
};

/* ---- on the lane ---- */

/* Is time left for a few more? */
static bool is_early(int64_t began_ms, int done)
{
	return done < TRIM_MOST && clock_mono_ms() - began_ms < TRIM_STEP_MS;
}

/* INT64_MAX: it has no row. */
static int oldest_of(struct db *db, const struct part *part, int64_t *out_ms, struct err *err)
{
	char *sql = xasprintf("SELECT %s FROM %s WHERE %s%s > -1 ORDER BY %s LIMIT 1", part->time,
		part->table, part->where, part->time, part->time);

	*out_ms = INT64_MAX;
	int rc = db_ask_number(db, sql, out_ms, err);
	free(sql);
	return rc;
}

static int drop_few(struct db *db, const struct part *part, int64_t before_ms, struct err *err)
{
	char *sql = xasprintf("DELETE FROM %s WHERE (%s) IN (SELECT %s FROM %s WHERE %s%s < ?1"
			      " ORDER BY %s LIMIT ?2)",
		part->table, part->key, part->key, part->table, part->where, part->time,
		part->time);
	sqlite3_stmt *stmt = db_stmt(db, sql, err);
	int rc = E_INTERNAL;

	free(sql);
	if (!stmt)
		return rc;
	sqlite3_bind_int64(stmt, 1, before_ms);
	sqlite3_bind_int(stmt, 2, TRIM_FEW);
	rc = db_run(db, stmt, err);
	return rc < 0 ? rc : db_changes(db) > 0;
}

/* Only who may write history may drop it. */
static int begin(struct disk *disk, struct err *err)
{
	struct db *db = disk->files[FILE_CACHE];
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	rc = fence_pass(disk, true, NULL, err);
	if (rc < 0)
		db_rollback(db);
	return rc;
}

/* Its oldest rows of before that time, in one transaction: 1 = there were some. */
static int drop_rows(struct disk *disk, const struct part *part, int64_t before_ms, struct err *err)
{
	struct db *db = disk->files[FILE_CACHE];
	int64_t began_ms = clock_mono_ms();
	int rc = begin(disk, err), done = 0;

	if (rc < 0)
		return rc;
	while ((rc = drop_few(db, part, before_ms, err)) > 0) {
		done += TRIM_FEW;
		if (!is_early(began_ms, done))
			break;
	}
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	rc = db_commit(db, err);
	return rc < 0 ? rc : done > 0;
}

static int drop_old(
	struct disk *disk, const struct history_limits *limits, int64_t now_ms, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts) && rc == 0; i++) {
		int64_t kept_ms = parts[i].kept_ms, oldest_ms = 0;

		if (!kept_ms || kept_ms > limits->kept_ms)
			kept_ms = limits->kept_ms;
		rc = oldest_of(disk->files[FILE_CACHE], &parts[i], &oldest_ms, err);
		if (rc == 0 && oldest_ms < now_ms - kept_ms)
			rc = drop_rows(disk, &parts[i], now_ms - kept_ms, err);
	}
	return rc;
}

/* Of the part whose oldest row is the oldest of all. */
static int drop_oldest(struct disk *disk, struct err *err)
{
	const struct part *oldest = NULL;
	int64_t oldest_ms = INT64_MAX, time_ms = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		int rc = oldest_of(disk->files[FILE_CACHE], &parts[i], &time_ms, err);

		if (rc < 0)
			return rc;
		if (time_ms < oldest_ms) {
			oldest_ms = time_ms;
			oldest = &parts[i];
		}
	}
	return oldest ? drop_rows(disk, oldest, INT64_MAX, err) : 0;
}

/* A file that was made without this stays as it is. */
static int give_back(struct disk *disk, int64_t free_pages, struct err *err)
{
	struct db *db = disk->files[FILE_CACHE];
	int64_t began_ms = clock_mono_ms(), left = free_pages;
	char *sql = xasprintf("PRAGMA incremental_vacuum(%d)", TRIM_FEW);
	int rc = begin(disk, err);
	bool has_begun = rc == 0;

	for (int done = 0; rc == 0 && left > 0 && is_early(began_ms, done); done += TRIM_FEW) {
		rc = db_exec(db, sql, err);
		if (rc == 0)
			rc = db_ask_number(db, "PRAGMA freelist_count", &left, err);
	}
	free(sql);
	if (rc < 0) {
		if (has_begun)
			db_rollback(db);
		return rc;
	}
	rc = db_commit(db, err);
	return rc < 0 ? rc : left > 0 && left < free_pages;
}

static int trim_step(
	struct disk *disk, const struct history_limits *limits, int64_t now_ms, struct err *err)
{
	struct db *db = disk->files[FILE_CACHE];
	int64_t pages = 0, free_pages = 0, page_bytes = 0;
	int rc = drop_old(disk, limits, now_ms, err);

	if (rc != 0)
		return rc;
	if ((rc = db_ask_number(db, "PRAGMA page_count", &pages, err)) < 0 ||
		(rc = db_ask_number(db, "PRAGMA freelist_count", &free_pages, err)) < 0 ||
		(rc = db_ask_number(db, "PRAGMA page_size", &page_bytes, err)) < 0)
		return rc;
	if ((pages - free_pages) * page_bytes > limits->bytes && (rc = drop_oldest(disk, err)) != 0)
		return rc;
	return free_pages > 0 ? give_back(disk, free_pages, err) : 0;
}

int trimmer_step(
	struct disk *disk, const struct history_limits *limits, int64_t now_ms, struct err *err)
{
	struct db *db = disk->files[FILE_CACHE];

	db_log_grows(db, true);
	int rc = trim_step(disk, limits, now_ms, err);
	db_log_grows(db, false);
	return rc;
}

/* ---- on the loop ---- */

struct step {
	struct trimmer *trimmer; /* NULL: it is gone */
	struct disk *disk;
	struct history_limits limits;
	int64_t now_ms;
	int rc;
	struct err err;
	char *path; /* of the file; NULL = it could not be opened */
};

struct trimmer {
	struct loop *loop;
	struct store *store;
	struct loop_timer *timer;
	struct history_limits limits;
	struct step *under_way;
	int uncopied; /* steps */
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
	if (step->rc < 0)
		return;
	step->path = xstrdup(db_path(step->disk->files[FILE_CACHE]));
	step->rc = trimmer_step(step->disk, &step->limits, step->now_ms, &step->err);
	/* Another one polls, and trims. */
	if (step->rc == E_CANCELED)
		step->rc = 0;
	/* A console may run for weeks. */
	if (step->rc == 0)
		disk_tidy(step->disk, step->now_ms);
}

static void step_start(struct trimmer *trimmer);

static void copy_run(void *data)
{
	struct step *step = data;

	db_copy_back(step->path);
}

static void step_end(struct step *step)
{
	free(step->path);
	free(step);
}

static void copy_done(void *data)
{
	struct step *step = data;
	struct trimmer *trimmer = step->trimmer;

	if (trimmer) {
		trimmer->under_way = NULL;
		trimmer->uncopied = 0;
		if (step->rc > 0)
			step_start(trimmer);
	}
	step_end(step);
}

/* The next step waits for the copy, so that the log stays short. */
static void step_done(void *data)
{
	struct step *step = data;
	struct trimmer *trimmer = step->trimmer;

	if (step->rc < 0)
		log_write(LOG_WARN, "store: the history is not trimmed: %s", step->err.text);
	if (!trimmer) {
		step_end(step);
		return;
	}
	trimmer->uncopied += step->rc > 0;
	if (step->path && trimmer->uncopied &&
		(step->rc <= 0 || trimmer->uncopied >= TRIM_STEPS_A_COPY)) {
		work_start(trimmer->loop, copy_run, copy_done, step);
		return;
	}
	trimmer->under_way = NULL;
	if (step->rc > 0)
		step_start(trimmer);
	step_end(step);
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

	/* One process is enough. */
	if (!trimmer->under_way && poll_lease_may_write(store_lease(trimmer->store)))
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
