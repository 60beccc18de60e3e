/*
 * What the card knows beyond the JobManager: checkpoints and exceptions that Flink has forgotten, and
 * the bars of what the job did. From a real store, on screens that are kept.
 */
#include "core/model/history.h"
#include "tests/tui/view/kept.h"
#include "tui/widget/spark.h"

static void put(sqlite3 *handle, char *sql)
{
	char *error = NULL;

	if (sqlite3_exec(handle, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_free(sql);
}

/* 213 and 211 are in Flink's list, the others are not; 7 was of another job. */
static void put_checkpoints(sqlite3 *handle, const char *ref)
{
	static const struct {
		int job, id, seconds;
		const char *status, *kind, *failure;
	} rows[] = {
		{1, 213, 33, "COMPLETED", "checkpoint", NULL},
		{1, 211, 93, "COMPLETED", "savepoint", NULL},
		{1, 210, 123, "COMPLETED", "checkpoint", NULL},
		{1, 209, 153, "FAILED", "checkpoint", "Checkpoint expired before completing."},
		{1, 208, 183, "COMPLETED", "checkpoint", NULL},
		{77, 7, 86400, "COMPLETED", "savepoint", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		put(handle,
			sqlite3_mprintf(
				"INSERT INTO checkpoint (ref, job_id, id, trigger_ms, time_ms,"
				" status, kind, is_discarded, duration_ms, state_bytes,"
				" checkpointed_bytes, processed_bytes, persisted_bytes, subtasks,"
				" acknowledged, failure) VALUES (%Q, %Q, %d, %lld, %lld, %Q, %Q, 0,"
				" 1000, 5500000, 61440, -1, -1, 4, 4, %Q)",
				ref, fixture_job_id(rows[i].job), rows[i].id,
				(long long)(FIXTURE_NOW_MS - rows[i].seconds * 1000),
				(long long)(FIXTURE_NOW_MS - rows[i].seconds * 1000 + 1000),
				rows[i].status, rows[i].kind, rows[i].failure));
}

/* last_ms of the first: that of an exception that Flink lists. */
static void put_exceptions(sqlite3 *handle, const char *ref, int64_t last_ms)
{
	put(handle,
		sqlite3_mprintf(
			"INSERT INTO exception (ref, fingerprint, first_ms, last_ms, count,"
			" job_id, name, cause, text, task, location) VALUES"
			" (%Q, 'a', %lld, %lld, 12, %Q, 'X', 'listed', 'listed', NULL, NULL),"
			" (%Q, 'b', %lld, %lld, 3, %Q, 'java.lang.OutOfMemoryError',"
			" 'java.lang.OutOfMemoryError: Metaspace',"
			" 'java.lang.OutOfMemoryError: Metaspace'||char(10)||"
			" char(9)||'at java.lang.ClassLoader.defineClass1(Native Method)',"
			" 'Map (2/4)', 'tm-1.example:6122')",
			ref, (long long)(FIXTURE_NOW_MS - 86400000), (long long)last_ms,
			fixture_job_id(1), ref, (long long)(FIXTURE_NOW_MS - 3 * 86400000LL),
			(long long)(FIXTURE_NOW_MS - 2 * 86400000LL), fixture_job_id(1)));
}

/* Two hours by the minute, with half an hour in which nobody measured. */
static void put_samples(sqlite3 *handle, const char *ref)
{
	for (int i = 0; i < 120; i++) {
		int64_t at_ms = (FIXTURE_NOW_MS / SAMPLE_MINUTE_MS - i) * SAMPLE_MINUTE_MS;

		if (i > 40 && i < 70)
			continue;
		put(handle,
			sqlite3_mprintf(
				"INSERT INTO sample (ref, time_ms, span_ms, records_in, in_of_ms,"
				" records_out, out_of_ms, busy_ms, busy_of_ms, backpressured_ms,"
				" backpressured_of_ms, lag_records, lag_ms, state_bytes, "
				"checkpoint_ms)"
				" VALUES (%Q, %lld, 60000, %d, 60000, 0, 0, %d, 60000, %d, 60000, "
				"-1,"
				" -1, %d, 840)",
				ref, (long long)at_ms, (120 - i) * 60 * 20, 6000 + 400 * i,
				i < 10 ? 54000 : 0, 5000000 + i * 1000));
	}
}

static sqlite3 *opened(struct kept *kept)
{
	char *path = temp_path(kept->dir, "cache.db");
	sqlite3 *handle = NULL;

	check_int(path, sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	free(path);
	return handle;
}

static void past_open(struct kept *kept, int rows, int cols)
{
	kept_open(kept, rows, cols);
	kept_idle(kept);
	sqlite3 *handle = opened(kept);
	put_checkpoints(handle, kept->app);
	put_exceptions(handle, kept->app, FIXTURE_NOW_MS - 3600000);
	put_samples(handle, kept->app);
	sqlite3_close(handle);
	kept_keys(kept, "/");
	kept_type(kept, "order-sync");
	kept_keys(kept, "enter enter");
}

static const struct {
	int rows, cols;
} sizes[] = {{24, 80}, {40, 120}, {15, 60}};

static void golden(struct kept *kept, const char *name, int rows, int cols)
{
	char *whole = xasprintf("%s-%dx%d", name, cols, rows);

	drive_golden(&kept->drive, whole);
	free(whole);
}

static void cards_remember_what_flink_forgot(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int rows = sizes[i].rows, cols = sizes[i].cols;
		struct kept kept;

		past_open(&kept, rows, cols);
		kept_keys(&kept, "c");
		golden(&kept, "card-past-checkpoints", rows, cols);
		kept_keys(&kept, "x");
		golden(&kept, "card-past-exceptions", rows, cols);
		kept_keys(&kept, "1");
		golden(&kept, "card-trend", rows, cols);
		kept_keys(&kept, "G");
		golden(&kept, "card-trend-end", rows, cols);
		kept_close(&kept);
	}
}

/* What is remembered is there without anybody who could be asked. */
static void cards_work_without_a_job_manager(void **state)
{
	struct kept kept;

	(void)state;
	past_open(&kept, 24, 80);
	for (int i = 1; i <= 3; i++)
		fixture_apply(kept.drive.fleet,
			fixture_failure(
				"sessions", E_NET, "connection refused", FIXTURE_NOW_MS + i * 1000),
			FIXTURE_NOW_MS + i * 1000);
	kept_keys(&kept, "c");
	check_has("dated", kept_frame(&kept), "the JobManager does not answer; it told this ");
	check_has("Flink's own", kept_frame(&kept), "213  COMPLETED");
	check_has("which is past", kept_frame(&kept), "no longer listed by Flink");
	check_has("and ours", kept_frame(&kept), "210  COMPLETED");
	check_has("of an earlier job", kept_frame(&kept), "7  COMPLETED");
	kept_keys(&kept, "x");
	check_has("exceptions", kept_frame(&kept), "3 times since");
	check_has("exceptions", kept_frame(&kept), "Metaspace");
	kept_close(&kept);
}

/* Beside each that Flink tells: how often it was, in all that is remembered. */
static void exceptions_tell_how_often(void **state)
{
	struct app *found[2];
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 120);
	kept_idle(&kept);
	check_int("one", (int64_t)fleet_find_apps(kept.drive.fleet, "payment-loop", found, 2), 1);
	sqlite3 *handle = opened(&kept);
	put_exceptions(handle, found[0]->ref, found[0]->job->last_exception_ms);
	sqlite3_close(handle);
	kept_keys(&kept, "/");
	kept_type(&kept, "payment-loop");
	kept_keys(&kept, "enter enter x");
	check_has("the newest", kept_frame(&kept), "  12 times since 2025-11-20");
	assert_null(strstr(kept_frame(&kept), "listed\n"));
	kept_keys(&kept, "G");
	check_has("and what is past", kept_frame(&kept), "3 times since");
	kept_close(&kept);
}

/* It was never seen to run by this program: only the store knows of it. */
static void cards_work_without_a_job(void **state)
{
	struct app *found[2];
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 80);
	kept_idle(&kept);
	size_t count = 0;
	struct app *const *apps = fleet_apps(kept.drive.fleet, &count);
	const char *name = NULL, *ref = NULL;
	for (size_t i = 0; i < count && !name; i++)
		if (apps[i]->decl && !apps[i]->job) {
			name = apps[i]->decl->name;
			ref = apps[i]->ref;
		}
	assert_non_null(name);
	check_int("one", (int64_t)fleet_find_apps(kept.drive.fleet, name, found, 2), 1);
	sqlite3 *handle = opened(&kept);
	put_checkpoints(handle, ref);
	put_exceptions(handle, ref, FIXTURE_NOW_MS - 1000);
	sqlite3_close(handle);
	kept_keys(&kept, "/");
	kept_type(&kept, name);
	kept_keys(&kept, "enter enter c");
	check_has("why", kept_frame(&kept), "no run of this application is known");
	check_has("remembered", kept_frame(&kept), "213  COMPLETED");
	kept_keys(&kept, "x");
	check_has("remembered", kept_frame(&kept), "12 times since");
	kept_close(&kept);
}

static void later(struct kept *kept, int64_t ms)
{
	clock_fix(FIXTURE_NOW_MS, DRIVE_MONO_MS + ms);
	screen_draw(kept->drive.screen, kept->drive.canvas);
	kept_idle(kept);
}

/* A sample is of ten seconds: nobody asks for what cannot be there yet. What happened is asked for at once. */
static void bars_are_read_as_often_as_there_are_samples(void **state)
{
	struct kept kept;

	(void)state;
	past_open(&kept, 40, 120);
	check_has("read at once", kept_frame(&kept), "Records in");
	sqlite3 *handle = opened(&kept);
	put(handle, sqlite3_mprintf("DELETE FROM sample_row"));
	sqlite3_close(handle);
	kept_history(&kept);
	later(&kept, SAMPLE_RAW_MS - 1);
	check_has("not before it can be another", kept_frame(&kept), "Records in");
	check_has("other things are", kept_frame(&kept), "RUNNING → UNREACHABLE");
	later(&kept, SAMPLE_RAW_MS);
	assert_null(strstr(kept_frame(&kept), "Records in"));
	kept_close(&kept);
}

static void bars_of(const char *what, const char *want, bool ascii, double full)
{
	const double values[] = {0, 1, -1, 4, 7.9, 8};
	struct buf out;

	buf_init(&out, 0);
	spark_text(values, ARRAY_SIZE(values), full, ascii, &out);
	check_str(what, buf_str(&out), want);
	buf_release(&out);
}

static void bars_have_eight_heights(void **state)
{
	(void)state;
	bars_of("by the largest", "▁▂ ▅██", false, 0);
	bars_of("of what is full", "▁▁ ▃▄▅", false, 16);
	bars_of("ASCII", "_. =##", true, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cards_remember_what_flink_forgot),
		cmocka_unit_test(cards_work_without_a_job_manager),
		cmocka_unit_test(exceptions_tell_how_often),
		cmocka_unit_test(cards_work_without_a_job),
		cmocka_unit_test(bars_are_read_as_often_as_there_are_samples),
		cmocka_unit_test(bars_have_eight_heights),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
