/*
 * What is remembered on disk, as a person meets it: weir store check, compact, export and import by the
 * real program, while a console runs too; a disk that is read-only or full, on the screen and for who
 * would act; damaged files, and what is said of them.
 */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define JOBS_FILE "tests/fixtures/flink-1.20.5/jobs-overview.json"
#define OVERVIEW_FILE "tests/fixtures/flink-1.20.5/overview.json"
#define JOB_ID "9d182f1f3ab247de0793a067ace9d9d9"
#define JOB "orders pipeline"
#define GET "get apps -o json --no-details --rest {url} --store {store}"

struct fixture {
	struct bench *bench;
	struct httpd *server;
	char *disk;
	bool is_mounted; /* a file system of its own; mounting may not be permitted */
};

static void serve(struct fixture *f, const char *route, const char *body)
{
	httpd_on(f->server, route, &(struct httpd_answer){.body = body});
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char *jobs = fixture_read(JOBS_FILE, NULL), *overview = fixture_read(OVERVIEW_FILE, NULL);
	char *url, *store;

	f->bench = bench_new();
	f->server = httpd_start("127.0.0.1");
	serve(f, "GET /jobs/overview", jobs);
	serve(f, "GET /overview", overview);
	serve(f, "GET /jobs/" JOB_ID "/status", "{\"status\":\"RUNNING\"}");
	serve(f, "GET /config", "{\"flink-version\":\"1.20.5\"}");
	url = httpd_url(f->server, "");
	bench_set(f->bench, "url", url);
	f->disk = temp_path(f->bench->home, "disk");
	assert_int_equal(mkdir(f->disk, 0700), 0);
	if (mount("tmpfs", f->disk, "tmpfs", 0, "size=4m") < 0)
		print_message("             mounting is not permitted here\n");
	else
		f->is_mounted = true;
	store = temp_path(f->bench->home, "disk/store");
	bench_set(f->bench, "store", store);
	free(store);
	free(url);
	free(jobs);
	free(overview);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	httpd_stop(f->server);
	if (f->is_mounted)
		umount2(f->disk, MNT_DETACH);
	free(f->disk);
	bench_free(f->bench);
	free(f);
	return 0;
}

static void verb(const struct fixture *f, const char *words, int exit_code, const char *part)
{
	struct program *p = bench_run(f->bench, words);

	bench_check(words, p, exit_code, part);
	program_free(p);
}

static size_t count_items(
	const struct fixture *f, const char *words, int exit_code, const char *part)
{
	struct program *p = bench_run(f->bench, words);
	json_t *list = bench_json(words, p);
	size_t count = json_array_size(json_object_get(list, "items"));

	bench_check(words, p, exit_code, part);
	json_decref(list);
	program_free(p);
	return count;
}

/* A number of the answer of a verb. */
static int64_t number_of(const struct fixture *f, const char *words, const char *key)
{
	struct program *p = bench_run(f->bench, words);
	json_t *root = bench_json(words, p);
	int64_t number = json_integer_value(json_object_get(root, key));

	json_decref(root);
	program_free(p);
	return number;
}

/* What one file is said to be: "ok", "warn" or "fail". */
static void check_file(const struct fixture *f, const char *file, const char *status,
	const char *found, int exit_code)
{
	struct program *p = bench_run(f->bench, "store check -o json --rest {url} --store {store}");
	json_t *list = bench_json("check", p);
	const json_t *item = bench_item("check", list, "file", file);

	check_int(file, p->exit_code, exit_code);
	check_str(file, json_string_value(json_object_get(item, "status")), status);
	check_has(file, json_string_value(json_object_get(item, "found")), found);
	json_decref(list);
	program_free(p);
}

static int64_t history_rows(const struct fixture *f)
{
	struct program *p = bench_run(f->bench, "store check -o json --rest {url} --store {store}");
	json_t *list = bench_json("check", p);
	const json_t *item = bench_item("check", list, "file", "cache.db");
	int64_t rows = json_integer_value(json_object_get(item, "rows"));

	json_decref(list);
	program_free(p);
	return rows;
}

static void wait_for_history(const struct fixture *f)
{
	int64_t end_ms = program_now_ms() + PROGRAM_DEADLINE_MS;

	while (history_rows(f) < 3 && program_now_ms() < end_ms)
		;
	assert_true(history_rows(f) >= 3);
}

static struct screen *open_console(const struct fixture *f)
{
	char *url = bench_expand(f->bench, "{url}"), *store = bench_expand(f->bench, "{store}");
	struct screen *screen = screen_start(&(struct screen_setup){.home = f->bench->home,
		.words = (const char *[]){"--rest", url, "--store", store, NULL},
		.rows = 30,
		.cols = 200});

	screen_wait(screen, JOB);
	free(url);
	free(store);
	return screen;
}

static void sql(const struct fixture *f, const char *file, const char *text)
{
	char *path = xasprintf("%s/store/default/%s", f->disk, file);
	sqlite3 *handle = NULL;
	char *why = NULL;

	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	sqlite3_busy_timeout(handle, 5000);
	if (sqlite3_exec(handle, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
	sqlite3_close(handle);
	free(path);
}

static void damage(const struct fixture *f, const char *file, off_t at, size_t len)
{
	char *path = xasprintf("%s/store/default/%s", f->disk, file), *junk = xmalloc(len);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	memset(junk, 0xa5, len);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, junk, len, at), len);
	close(fd);
	free(junk);
	free(path);
}

#define RUN(id, state)                                                                             \
	"INSERT INTO run (id, app, context, team, name, verb, state, created_ms, sent_ms,"         \
	" ended_ms) VALUES (" #id ", 'default/workspace/app/ods/orders', 'default', 'ods',"        \
	" 'orders', 'stop', '" state "', 179500000000" #id ", 1, 2);"

/* ---- cases ---- */

static void verbs_of_the_store_while_a_console_runs(void **state)
{
	struct fixture *f = *state;
	struct screen *screen;

	verb(f, "store check --rest {url} --store {store}", 4, NULL);
	verb(f, "store compact --rest {url} --store {store}", 4, "nothing is remembered in");
	verb(f, "store export --rest {url} --store {store}", 4, "nothing is remembered in");
	screen = open_console(f);
	/* Who polls writes the history: the console, since it was there first. */
	wait_for_history(f);
	assert_true(count_items(f, GET, 0, NULL) >= 5);
	sql(f, "registry.db", RUN(1, "DONE") RUN(2, "FAILED"));
	check_file(f, "registry.db", "ok", "sound", 0);
	check_file(f, "cache.db", "ok", "sound", 0);
	check_file(f, ".", f->is_mounted ? "warn" : "ok", f->is_mounted ? "nearly full" : "written",
		0);
	verb(f, "store compact --rest {url} --store {store}", 0, NULL);
	check_file(f, "registry.db.bak", "ok", "sound", 0);
	verb(f, "store export {home}/x.jsonl --rest {url} --store {store}", 0, "rows of context");
	bench_file(f->bench, "disk/store/default/runs/1.log", "what it printed\n");
	verb(f, "store export --rest {url} --store {store}", 0,
		"weir: not in it: the logs of runs, 1 in ");
	verb(f, "store export {home}/x.jsonl --rest {url} --store {store}", 8, "File exists");
	screen_type(screen, "q");
	check_int("console", screen_end(screen), 0);
	screen_free(screen);

	/* Elsewhere: dry, once, twice, and against what says something else. */
#define IMPORT "store import {home}/x.jsonl -o json --rest {url} --store {home}/other"
	int64_t dry = number_of(f, IMPORT " --dry-run", "added");
	assert_true(dry > 2);
	check_int("once", number_of(f, IMPORT, "added"), dry);
	check_int("twice", number_of(f, IMPORT, "added"), 0);
	check_int("known", number_of(f, IMPORT, "known"), dry);
	check_int("runs",
		(int64_t)count_items(
			f, "get runs -o json --rest {url} --store {home}/other", 0, NULL),
		2);
	sql(f, "registry.db", "UPDATE run SET state = 'CANCELED' WHERE id = 2");
	verb(f, "store import {home}/x.jsonl --rest {url} --store {store}", 8,
		"run 2 (stop ods/orders, FAILED): it says something else here");
	check_int("kept",
		number_of(f,
			"store import {home}/x.jsonl --keep -o json --rest {url}"
			" --store {store}",
			"leftOut"),
		1);
	verb(f, "store import {home}/none.jsonl --rest {url} --store {store}", 4, "none.jsonl");
	bench_file(f->bench, "cut.jsonl", "{\"apiVersion\":\"weir/v1\",\"ki");
	verb(f, "store import {home}/cut.jsonl --rest {url} --store {store}", 3, "cut.jsonl:1: ");
}

static void a_read_only_disk_is_a_banner_and_refuses_acts(void **state)
{
	struct fixture *f = *state;
	struct screen *screen;

	if (!f->is_mounted)
		return;
	size_t count = count_items(f, GET, 0, NULL);
	assert_int_equal(mount("tmpfs", f->disk, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	/* All of it is still shown. */
	check_int("cached", (int64_t)count_items(f, GET " --cached", 0, "read-only disk"),
		(int64_t)count);
	check_int(
		"live", (int64_t)count_items(f, GET, 0, "not remembered on disk"), (int64_t)count);
	verb(f, "cancel '" JOB "' --yes --rest {url} --store {store}", 1, "read-only disk");
	check_int("nothing was sent",
		httpd_requests(f->server, "PATCH *") + httpd_requests(f->server, "POST *"), 0);
	screen = open_console(f);
	screen_wait(screen, "not remembered on disk: ");
	screen_type(screen, ":messages\r");
	screen_wait(screen, "Wrong now");
	screen_wait_line(screen, "store", "not remembered on disk: ");
	screen_type(screen, "q");
	screen_wait(screen, JOB);
	assert_int_equal(mount("tmpfs", f->disk, "tmpfs", MS_REMOUNT, NULL), 0);
	screen_wait_gone(screen, "not remembered on disk: ");
	screen_type(screen, "q");
	check_int("console", screen_end(screen), 0);
	screen_free(screen);
}

static void a_full_disk_is_a_banner_until_there_is_room(void **state)
{
	static char block[4096];
	struct fixture *f = *state;
	struct screen *screen;
	char *path;
	FILE *fill;

	if (!f->is_mounted)
		return;
	size_t count = count_items(f, GET, 0, NULL);
	path = temp_path(f->disk, "fill");
	fill = fopen(path, "w");
	assert_non_null(fill);
	setbuf(fill, NULL);
	while (fwrite(block, 1, sizeof(block), fill) == sizeof(block))
		;
	fclose(fill);
	check_int("cached", (int64_t)count_items(f, GET " --cached", 0, "the disk is full"),
		(int64_t)count);
	verb(f, "cancel '" JOB "' --yes --rest {url} --store {store}", 1, "the disk is full");
	check_int("nothing was sent",
		httpd_requests(f->server, "PATCH *") + httpd_requests(f->server, "POST *"), 0);
	screen = open_console(f);
	screen_wait(screen, "not remembered on disk: ");
	assert_int_equal(unlink(path), 0);
	screen_wait_gone(screen, "not remembered on disk: ");
	screen_type(screen, "q");
	check_int("console", screen_end(screen), 0);
	screen_free(screen);
	free(path);
}

static void damaged_files_are_told_with_what_was_lost(void **state)
{
	struct fixture *f = *state;
	struct screen *screen;

	count_items(f, GET, 0, NULL);
	verb(f, "store compact --rest {url} --store {store}", 0, NULL);
	sql(f, "registry.db", RUN(1, "DONE") RUN(2, "FAILED"));
	damage(f, "registry.db", 0, 100);
	damage(f, "cache.db", 4096, 20000);
	check_file(f, "registry.db", "fail", "damaged: ", 1);
	check_file(f, "cache.db", "fail", "damaged: ", 1);
	verb(f, "store export --rest {url} --store {store}", 1, "registry.db");
	screen = open_console(f);
	screen_type(screen, ":messages\r");
	/* Words without a blank, for a line may end at each. */
	screen_wait(screen, "/cache.db");
	screen_wait(screen, "/registry.db");
	screen_wait(screen, "FAILED)");
	screen_type(screen, "q");
	screen_wait(screen, JOB);
	screen_type(screen, "q");
	check_int("console", screen_end(screen), 0);
	screen_free(screen);
	check_file(f, "registry.db", "ok", "sound", 0);
	check_file(f, "cache.db", "ok", "sound", 0);
	/* A verb says it too. */
	damage(f, "registry.db", 0, 100);
	verb(f, "get runs --rest {url} --store {store}", 0, "was restored from its backup of ");
}

static void a_newer_schema_is_left_alone(void **state)
{
	struct fixture *f = *state;

	count_items(f, GET, 0, NULL);
	sql(f, "registry.db", "PRAGMA user_version = 999");
	sql(f, "cache.db", "PRAGMA user_version = 999");
	check_file(f, "registry.db", "fail", "written by a newer weir (schema 999", 10);
	count_items(f, GET, 0, "written by a newer weir");
	verb(f, "store compact --rest {url} --store {store}", 10, "written by a newer weir");
	verb(f, "store export --rest {url} --store {store}", 10, "export with that one");
	verb(f, "cancel '" JOB "' --yes --rest {url} --store {store}", 10,
		"written by a newer weir");
	check_int("nothing was sent",
		httpd_requests(f->server, "PATCH *") + httpd_requests(f->server, "POST *"), 0);
	sql(f, "registry.db", "PRAGMA user_version = 1000");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(verbs_of_the_store_while_a_console_runs),
		CASE(a_read_only_disk_is_a_banner_and_refuses_acts),
		CASE(a_full_disk_is_a_banner_until_there_is_room),
		CASE(damaged_files_are_told_with_what_was_lost),
		CASE(a_newer_schema_is_left_alone),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
