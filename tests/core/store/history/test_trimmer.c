/*
 * The history's bounds: by age, by size, in small steps, and the room is given back. The longest step
 * on the lane is measured; with WEIR_TEST_FULL on a million rows.
 */
#include <sys/stat.h>
#include <time.h>

#include "core/store/history/trimmer.h"
#include "core/store/store_internal.h"
#include "tests/core/store/kit.h"

#define CACHE "cache.db"
#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* One event each second, the newest at KIT_NOW. */
static void fill(const char *dir, int count, const char *text)
{
	char *sql = xasprintf(
		"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<%d)"
		" INSERT INTO event (ref, time_ms, kind, from_state, to_state, text)"
		" SELECT 'prod/workspace/app/ods/app-' || (i %% 200), %lld - (%d - i) * 1000,"
		" 'state', 'RUNNING', 'FAILED', '%s' FROM n",
		count - 1, (long long)KIT_NOW, count - 1, text);

	kit_sql(dir, CACHE, sql);
	free(sql);
}

static int64_t file_bytes(const char *dir)
{
	char *path = temp_path(dir, CACHE);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return st.st_size;
}

static void open_at(struct kit *kit, const char *dir, int64_t kept_ms, int64_t bytes)
{
	clock_fix(KIT_NOW, 100000);
	kit_open(kit, dir);
	store_limit_history(kit->store, kept_ms, bytes);
	kit_load(kit);
	kit_idle(kit);
}

static void close_at(struct kit *kit)
{
	kit_close(kit);
	clock_fix(0, 0);
}

static void trimmer_keeps_by_age(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	open_at(&kit, dir, DAY_MS, HISTORY_BYTES);
	close_at(&kit);
	fill(dir, 5000, "x");
	kit_sql(dir, CACHE,
		"INSERT INTO checkpoint (ref, job_id, id, trigger_ms, time_ms, status, kind,"
		" is_discarded) VALUES ('r', 'j', 1, 1, 1, 'COMPLETED', 'checkpoint', 0),"
		" ('r', 'j', 2, 2, 1794999999000, 'COMPLETED', 'checkpoint', 0)");
	kit_sql(dir, CACHE,
		"INSERT INTO exception (ref, fingerprint, first_ms, last_ms, count) VALUES"
		" ('r', 'old', 1, 2, 3), ('r', 'new', 1, 1794999999000, 3)");
	open_at(&kit, dir, 1000 * 1000, HISTORY_BYTES);
	check_int("events", kit_count(dir, CACHE, "event"), 1001);
	check_int("the oldest", kit_sql(dir, CACHE, "SELECT min(time_ms) FROM event"),
		KIT_NOW - 1000 * 1000);
	check_int("checkpoints", kit_count(dir, CACHE, "checkpoint WHERE id = 2"), 1);
	check_int("checkpoints", kit_count(dir, CACHE, "checkpoint"), 1);
	check_int("seen of late", kit_count(dir, CACHE, "exception WHERE fingerprint = 'new'"), 1);
	check_int("exceptions", kit_count(dir, CACHE, "exception"), 1);
	close_at(&kit);
	temp_dir_remove(dir);
}

static void trimmer_keeps_by_size(void **state)
{
	int64_t limit = (int64_t)2 << 20;
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	open_at(&kit, dir, DAY_MS, HISTORY_BYTES);
	close_at(&kit);
	fill(dir, 40000, "a line of text that says why, as long as most of them are");
	int64_t full_bytes = file_bytes(dir);
	check_bool("more than that", full_bytes > 2 * limit, true);
	open_at(&kit, dir, 30 * DAY_MS, limit);
	int64_t kept = kit_count(dir, CACHE, "event");
	check_bool("some are kept", kept > 2000 && kept < 40000, true);
	check_int("the newest of them", kit_sql(dir, CACHE, "SELECT max(time_ms) FROM event"),
		KIT_NOW);
	check_int("without a hole",
		kit_sql(dir, CACHE, "SELECT (max(time_ms) - min(time_ms)) / 1000 + 1 FROM event"),
		kept);
	check_int("no page is kept back", kit_sql(dir, CACHE, "PRAGMA freelist_count"), 0);
	/* While it is open, and by itself. */
	check_bool("given back", file_bytes(dir) <= limit, true);
	close_at(&kit);
	temp_dir_remove(dir);
}

static void fill_samples(const char *dir, int64_t span_ms, int count)
{
	char *sql = xasprintf(
		"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<%d)"
		" INSERT INTO sample_row SELECT 1 + i %% 2, %lld, %lld - i * %lld, 1, 1, 1,"
		" 1, 1, 1, 1, 1, -1, -1, -1, -1 FROM n",
		count - 1, (long long)span_ms, (long long)KIT_NOW, (long long)span_ms);

	kit_sql(dir, CACHE, "DROP TRIGGER sample_counted");
	kit_sql(dir, CACHE, sql);
	free(sql);
}

static int64_t samples(const char *dir, int64_t span_ms, const char *what)
{
	char *sql = xasprintf(
		"SELECT %s FROM sample_row WHERE span_ms = %lld", what, (long long)span_ms);
	int64_t value = kit_sql(dir, CACHE, sql);

	free(sql);
	return value;
}

/* The finer, the shorter; the coarsest go with all else. */
static void trimmer_keeps_samples_by_their_span(void **state)
{
	static const struct {
		int64_t span_ms, kept_ms;
		int count;
	} rows[] = {{SAMPLE_RAW_MS, SAMPLE_RAW_KEPT_MS, 1000},
		{SAMPLE_MINUTE_MS, SAMPLE_MINUTE_KEPT_MS, 3500}, {SAMPLE_TEN_MS, 5 * DAY_MS, 1000}};
	struct kit kit;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *dir = temp_dir();
		open_at(&kit, dir, 30 * DAY_MS, HISTORY_BYTES);
		close_at(&kit);
		fill_samples(dir, rows[i].span_ms, rows[i].count);
		open_at(&kit, dir, 5 * DAY_MS, HISTORY_BYTES);
		check_int("kept", samples(dir, rows[i].span_ms, "count(*)"),
			rows[i].kept_ms / rows[i].span_ms + 1);
		check_int("the oldest", samples(dir, rows[i].span_ms, "min(time_ms)"),
			KIT_NOW - rows[i].kept_ms);
		close_at(&kit);
		/* And no longer than all else. */
		open_at(&kit, dir, 3600 * 1000, HISTORY_BYTES);
		check_int("of an hour", samples(dir, rows[i].span_ms, "min(time_ms)"),
			KIT_NOW - 3600 * 1000);
		close_at(&kit);
		temp_dir_remove(dir);
	}
}

/* A file of an older weir gives back, too. */
static void trimmer_of_an_older_file(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	open_at(&kit, dir, DAY_MS, HISTORY_BYTES);
	close_at(&kit);
	check_int("a new one", kit_sql(dir, CACHE, "PRAGMA auto_vacuum"), 2);
	temp_dir_remove(dir);
	dir = temp_dir();
	char *path = temp_path(dir, CACHE);
	temp_file(path, "");
	/* As the first step left it. */
	kit_sql(dir, CACHE, "PRAGMA journal_mode=WAL");
	sqlite3 *handle = NULL;
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, cache_schema.steps[0], NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(handle,
			"PRAGMA user_version=1; INSERT INTO event (time_ms, ref, from_state,"
			" to_state, text) VALUES (1794999999000, 'r', 'RUNNING', 'LOST', NULL)",
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(handle);
	open_at(&kit, dir, DAY_MS, HISTORY_BYTES);
	check_int("no problem", kit.problems, 0);
	close_at(&kit);
	check_int("an old one", kit_sql(dir, CACHE, "PRAGMA auto_vacuum"), 2);
	check_int("its events", kit_count(dir, CACHE, "event WHERE kind = 'state'"), 1);
	free(path);
	temp_dir_remove(dir);
}

struct measured {
	struct disk *disk;
	struct history_limits limits;
	int steps, long_steps; /* longer than a frame */
	int64_t longest_us, longest_cpu_us;
};

#define FRAME_US 16000

static int64_t time_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void measure_run(void *data)
{
	struct measured *measured = data;
	struct db *db = measured->disk->files[FILE_CACHE];
	struct err err = {0};
	int rc = 1;

	check_ok("open", disk_open(measured->disk, FILE_CACHE, &err), &err);
	while (rc > 0) {
		int64_t began_us = time_us(CLOCK_MONOTONIC);
		int64_t cpu_us = time_us(CLOCK_THREAD_CPUTIME_ID);

		rc = trimmer_step(measured->disk, &measured->limits, KIT_NOW, &err);
		cpu_us = time_us(CLOCK_THREAD_CPUTIME_ID) - cpu_us;
		int64_t took_us = time_us(CLOCK_MONOTONIC) - began_us;
		if (took_us > measured->longest_us)
			measured->longest_us = took_us;
		if (cpu_us > measured->longest_cpu_us)
			measured->longest_cpu_us = cpu_us;
		measured->long_steps += took_us > FRAME_US;
		/* As the trimmer does between them, on the pool. */
		if (++measured->steps % TRIM_STEPS_A_COPY == 0)
			db_copy_back(db_path(db));
	}
	check_ok("steps", rc, &err);
}

static void measure_done(void *data)
{
	(void)data;
}

static void trimmer_goes_in_small_steps(void **state)
{
	const char *full = getenv("WEIR_TEST_FULL");
	int rows = full && *full ? 1000000 : 50000;
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	open_at(&kit, dir, 300 * DAY_MS, (int64_t)8 << 30);
	fill(dir, rows, "a line of text that says why, as long as most of them are");
	/* What a fill leaves in the log is not the trimmer's. The steps go by the true clock. */
	kit_sql(dir, CACHE, "PRAGMA wal_checkpoint(TRUNCATE)");
	clock_fix(0, 0);
	struct measured measured = {
		.disk = store_disk(kit.store), .limits = {1000 * 1000, HISTORY_BYTES}};
	store_read(kit.store, measure_run, measure_done, &measured);
	assert_true(loop_run_until_idle(kit.loop, 300000));
	print_message("             %d rows dropped in %d steps, the longest %.1f ms (%.1f ms of "
		      "processor time), %d longer than a frame\n",
		rows, measured.steps, (double)measured.longest_us / 1000,
		(double)measured.longest_cpu_us / 1000, measured.long_steps);
	check_int("kept", kit_count(dir, CACHE, "event"), 1001);
	check_bool("small ones", measured.steps > (rows - 1001) / TRIM_MOST, true);
	close_at(&kit);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trimmer_keeps_by_age),
		cmocka_unit_test(trimmer_keeps_by_size),
		cmocka_unit_test(trimmer_keeps_samples_by_their_span),
		cmocka_unit_test(trimmer_of_an_older_file),
		cmocka_unit_test(trimmer_goes_in_small_steps),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
