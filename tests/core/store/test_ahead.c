/* What is read ahead is what the lane would have read; and it only looks. */
#include "core/store/ahead.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/store/store_internal.h"
#include "tests/core/store/kit.h"

static uint32_t seed = 11;

static int any(int below)
{
	seed = seed * 1664525 + 1013904223;
	return (int)((seed >> 8) % (uint32_t)below);
}

static void say_job(struct buf *out, const struct job_summary *job)
{
	buf_addf(out, " %s/%s/%s %lld %lld %lld %d/%d missing %lld %d", job->id, job->name,
		job_status_name(job->status), (long long)job->start_ms, (long long)job->end_ms,
		(long long)job->duration_ms, job->tasks.total, job->tasks.running,
		(long long)job->missing_ms, job->settled_without);
}

/* Everything that is remembered, as text. */
static void say(struct buf *out, const snapshot_vec *snapshots)
{
	for (size_t i = 0; i < snapshots->len; i++) {
		const struct snapshot *snapshot = snapshots->data[i];
		const struct job_detail *detail = &snapshot->detail;
		const struct checkpoint *last = detail->checkpoints.last_completed;

		buf_addf(out, "%d %s %s %s %lld %d %s %d", snapshot->kind, snapshot->context,
			snapshot->source, snapshot->key ? snapshot->key : "-",
			(long long)snapshot->observed_ms, snapshot->from_store,
			snapshot->cluster.address ? snapshot->cluster.address : "-",
			snapshot->cluster.taskmanagers);
		for (size_t k = 0; k < snapshot->job_count; k++)
			say_job(out, &snapshot->jobs[k]);
		buf_addf(out, " parts %u %d %lld", (unsigned)detail->parts, detail->parallelism,
			(long long)detail->restarts);
		if (last)
			buf_addf(out, " point %lld %s", (long long)last->id,
				last->path ? last->path : "-");
		if (detail->exception_count)
			buf_addf(out, " '%s'", detail->exceptions[0].cause);
		buf_addc(out, '\n');
	}
}

struct got {
	struct loop *loop;
	bool is_read, is_there;
	int64_t base;
	struct buf text;
};

static void on_ahead(void *data, bool is_read, snapshot_vec *snapshots, int64_t base)
{
	struct got *got = data;

	got->is_there = true;
	got->is_read = is_read;
	got->base = base;
	say(&got->text, snapshots);
	for (size_t i = 0; i < snapshots->len; i++)
		snapshot_unref(snapshots->data[i]);
}

static struct got look(const char *dir)
{
	struct disk *disk = disk_new(dir, KIT_CONTEXT);
	struct got got = {0};
	struct err err = {0};

	buf_init(&got.text, (size_t)1 << 26);
	check_ok("loop", loop_open(&got.loop, &err), &err);
	ahead_start(got.loop, disk, on_ahead, &got);
	assert_false(got.is_there);
	assert_true(loop_run_until_idle(got.loop, KIT_DEADLINE_MS));
	assert_true(got.is_there);
	loop_close(got.loop);
	disk_free(disk);
	return got;
}

static void change_anything(struct kit *kit, int64_t now_ms)
{
	static const char *const clusters[] = {"a", "b"};
	const char *cluster = clusters[any(2)];

	kit_apply(kit,
		kit_answer(
			cluster, now_ms, any(50), any(30), (enum job_status)any(JOB_STATUS_MAX)));
	for (int i = any(20); i; i--)
		kit_apply(kit,
			kit_detail(cluster, now_ms, any(80), any(9),
				any(2) ? "java.io.IOException: \xE8\xAE\xA2 broke" : NULL));
}

static void it_is_what_the_lane_reads(void **state)
{
	(void)state;
	for (int round = 0; round < 12; round++) {
		char *dir = temp_dir();
		struct buf text;
		struct kit kit;

		kit_open(&kit, dir);
		for (int i = any(12); i >= 0; i--)
			change_anything(&kit, KIT_NOW + i * 1000);
		kit_flush(&kit);
		/* With the store open beside it, its log not copied back; then with nobody. */
		for (int is_closed = 0; is_closed < 2; is_closed++) {
			struct disk *disk = disk_new(dir, KIT_CONTEXT);
			snapshot_vec snapshots = {0};
			struct err err = {0};
			struct got got;

			if (is_closed)
				kit_close(&kit);
			got = look(dir);
			disk_load(disk, FILE_CACHE, &snapshots, &err);
			check_int("lane", err.code, E_OK);
			buf_init(&text, (size_t)1 << 26);
			say(&text, &snapshots);
			assert_true(got.is_read);
			assert_true(text.len > 0);
			check_str("what is remembered", buf_str(&got.text), buf_str(&text));
			check_int("base", got.base, disk->base);
			for (size_t i = 0; i < snapshots.len; i++)
				snapshot_unref(snapshots.data[i]);
			vec_release(&snapshots);
			buf_release(&text);
			buf_release(&got.text);
			disk_free(disk);
		}
		temp_dir_remove(dir);
	}
}

static void check_left(const char *row, const char *dir, const char *sql)
{
	char *path = temp_path(dir, "cache.db");
	struct stat before = {0}, after = {0};
	struct got got;
	sqlite3 *db;

	if (sql) {
		check_int(row, sqlite3_open(path, &db), SQLITE_OK);
		check_int(row, sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
	}
	stat(path, &before);
	got = look(dir);
	stat(path, &after);
	check_int(row, got.is_read, false);
	check_int(row, (int64_t)got.text.len, 0);
	check_int(row,
		after.st_ino == before.st_ino && after.st_size == before.st_size &&
			after.st_mtim.tv_nsec == before.st_mtim.tv_nsec,
		true);
	buf_release(&got.text);
	free(path);
}

/* The lane can cure it, or say what is wrong: it is not even touched here. */
static void what_is_not_right_is_left_to_the_lane(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, "cache.db");
	struct kit kit;
	FILE *file;

	(void)state;
	check_left("there is none", dir, NULL);
	assert_int_not_equal(access(path, F_OK), 0);
	kit_open(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 5, JOB_RUNNING));
	kit_close(&kit);
	check_left("of an older weir", dir, "PRAGMA user_version = 3");
	check_left("of a newer weir", dir, "PRAGMA user_version = 9999");
	file = fopen(path, "r+");
	assert_non_null(file);
	for (int i = 0; i < 8192; i++)
		fputc('x', file);
	fclose(file);
	check_left("damaged", dir, NULL);
	check_int("cut", truncate(path, 300), 0);
	check_left("cut", dir, NULL);
	free(path);
	temp_dir_remove(dir);
}

/* A store that is closed while it loads tells nobody, and forgets nothing it holds. */
static void a_load_may_be_left(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 200, JOB_RUNNING));
	kit_close(&kit);
	for (int turns = 0; turns < 6; turns++) {
		kit_open(&kit, dir);
		fleet_load_begin(kit.fleet);
		store_load(kit.store, kit_on_loaded, &kit);
		for (int i = 0; i < turns; i++)
			loop_turn(kit.loop, 1);
		kit_close(&kit);
	}
	temp_dir_remove(dir);
}

enum { NOT_EARLY, EARLY, EARLY_AND_DONE, EARLY_IN_VAIN };

/* What a load brings, as text; when: reading began. */
static char *loaded(const char *dir, int when)
{
	snapshot_vec snapshots = {0};
	struct buf text;
	struct kit kit;

	buf_init(&text, (size_t)1 << 26);
	kit_open(&kit, dir);
	if (when != NOT_EARLY)
		store_read_ahead(kit.store);
	if (when == EARLY_AND_DONE)
		kit_idle(&kit);
	if (when != EARLY_IN_VAIN)
		kit_load(&kit);
	for (size_t i = 0; i < kit.snapshot_count; i++)
		vec_push(&snapshots, kit.snapshots[i]);
	say(&text, &snapshots);
	vec_release(&snapshots);
	kit_close(&kit);
	return buf_detach(&text);
}

static void what_is_read_early_is_what_is_loaded(void **state)
{
	char *dir = temp_dir(), *whole;
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	for (int i = 0; i < 4; i++)
		change_anything(&kit, KIT_NOW + i * 1000);
	kit_flush(&kit);
	kit_close(&kit);
	whole = loaded(dir, NOT_EARLY);
	assert_true(strlen(whole) > 100);
	for (int when = EARLY; when < EARLY_IN_VAIN; when++) {
		char *text = loaded(dir, when);

		check_str("what is loaded", text, whole);
		free(text);
	}
	free(loaded(dir, EARLY_IN_VAIN)); /* closed before anybody wanted it: a sanitizer looks */
	free(whole);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_early_is_what_is_loaded),
		cmocka_unit_test(it_is_what_the_lane_reads),
		cmocka_unit_test(what_is_not_right_is_left_to_the_lane),
		cmocka_unit_test(a_load_may_be_left),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
