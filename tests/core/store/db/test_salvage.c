/*
 * A damaged registry: its backup takes its place, and what was written since is named, as far as the
 * damaged file can still be read.
 */
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "tests/core/store/journal_kit.h"

#define PAGE 4096

static void copy(const char *from_dir, const char *to_dir, const char *name)
{
	char *from = temp_path(from_dir, name), *to = temp_path(to_dir, name);
	struct buf bytes;
	struct err err = {0};

	buf_init(&bytes, 0);
	if (access(from, R_OK) == 0) {
		check_ok(name, file_read(from, &bytes, &err), &err);
		check_ok(name, file_write(to, bytes.data, bytes.len, &err), &err);
	}
	buf_release(&bytes);
	free(from);
	free(to);
}

static void overwrite(const char *dir, off_t at, off_t len)
{
	char *path = temp_path(dir, "registry.db"), *junk = xmalloc((size_t)len);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	memset(junk, 0xa5, (size_t)len);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, junk, (size_t)len, at), len);
	close(fd);
	free(junk);
	free(path);
}

/* The first page of the b-tree of a table or index. */
static int64_t root_of(const char *dir, const char *name)
{
	char *sql = xasprintf("SELECT rootpage FROM sqlite_schema WHERE name = '%s'", name);
	int64_t page = kit_sql(dir, "registry.db", sql);

	free(sql);
	return page;
}

/* The backup knows run 1, release 1 of orders and release 1 of report; the file goes on after it. */
static char *make_registry(bool is_killed)
{
	char *dir = temp_dir(), *killed;
	struct kit kit;

	kit_open(&kit, dir);
	check_int("run", journal_add(&kit, "orders", "stop", RUN_DONE), 1);
	check_int("release", journal_release(&kit, "orders"), 1);
	check_int("release", journal_release(&kit, "report"), 1);
	kit_load(&kit); /* behind it the backup is made */
	if (is_killed)
		kit_sql(dir, "registry.db", "PRAGMA wal_checkpoint(TRUNCATE)");
	check_int("run", journal_add(&kit, "orders", "start", RUN_DONE), 2);
	check_int("run", journal_add(&kit, "report", "cancel", RUN_FAILED), 3);
	check_int("release", journal_release(&kit, "orders"), 2);
	check_int("run", journal_add(&kit, "late", "savepoint", RUN_SENT), 4);
	if (is_killed) {
		/* As kill -9 leaves them: the newest pages are in the log. */
		killed = temp_dir();
		copy(dir, killed, "registry.db");
		copy(dir, killed, "registry.db-wal");
		copy(dir, killed, "registry.db.bak");
		kit_close(&kit);
		temp_dir_remove(dir);
		return killed;
	}
	kit_close(&kit);
	return dir;
}

static const struct {
	const char *name;
	bool is_killed;
	const char *table; /* its first page is damaged; NULL: the file's own */
	off_t len;
	const char *says[6];
	const char *lacks;
} rows[] = {
	{"the header", false, NULL, 100,
		{"restored from its backup of ", "run 2 (start ods/orders, DONE)",
			"run 3 (cancel ods/report, FAILED)", "run 4 (savepoint ods/late, SENT)",
			"release ods/orders 1", "release ods/orders 2 (active)"},
		"report 1"},
	{"the first page", false, NULL, PAGE,
		{"run 2 (start ods/orders, DONE)", "run 4 (savepoint ods/late, SENT)",
			"release ods/orders 2 (active)"},
		"run 1 "},
	{"the page of the runs", false, "run", PAGE,
		{"run 2 of ods/orders (unreadable)", "run 3 of ods/report (unreadable)",
			"run 4 of ods/late (unreadable)", "release ods/orders 2 (active)"},
		"run 1 "},
	{"the page of the releases", false, "release", PAGE,
		{"run 2 (start ods/orders, DONE)", "run 4 (savepoint ods/late, SENT)",
			"release ods/orders 2 (unreadable)"},
		"run 1 "},
	{"killed, with the newest in the log", true, NULL, 100,
		{"restored from its backup of ", "run 4 (savepoint ods/late, SENT)",
			"release ods/orders 2 (active)"},
		"run 1 "},
};

static void salvage_names_what_the_backup_lacks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *dir = make_registry(rows[i].is_killed);
		off_t page = rows[i].table ? (off_t)root_of(dir, rows[i].table) - 1 : 0;
		struct kit kit;

		overwrite(dir, page * PAGE, rows[i].len);
		kit_open(&kit, dir);
		kit_load(&kit);
		/* What is damaged is found when it is read. */
		journal_release(&kit, "new");
		journal_add(&kit, "new", "stop", RUN_DONE);
		check_int(rows[i].name, kit.problems, 1);
		for (size_t k = 0; k < ARRAY_SIZE(rows[i].says) && rows[i].says[k]; k++)
			check_has(rows[i].name, kit.problem.text, rows[i].says[k]);
		if (strstr(kit.problem.text, rows[i].lacks))
			fail_msg("%s: names '%s'\n%s", rows[i].name, rows[i].lacks,
				kit.problem.text);
		check_int("the backup's run and the new one", kit_count(dir, "registry.db", "run"),
			2);
		check_int("a number is given once",
			kit_sql(dir, "registry.db", "SELECT max(id) FROM run"), 5);
		kit_close(&kit);
		char *left = temp_path(dir, "registry.db.salvage");
		check_int("no copy is left", access(left, F_OK), -1);
		free(left);
		temp_dir_remove(dir);
	}
}

static void salvage_of_many_goes_to_a_file(void **state)
{
	char *dir = temp_dir(), *pattern = temp_path(dir, "*.lost");
	glob_t found = {0};
	struct buf lost;
	struct err err = {0};
	struct stat st;
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_load(&kit);
	for (int i = 0; i < 60; i++)
		check_int("run", journal_add(&kit, "orders", "stop", RUN_DONE), i + 1);
	kit_close(&kit);
	overwrite(dir, 0, 100);
	kit_open(&kit, dir);
	kit_load(&kit);
	check_int("told", kit.problems, 1);
	check_has("the first", kit.problem.text, "Not kept: run 1 (stop ods/orders, DONE), run 2");
	check_has("the others", kit.problem.text, " more: see ");
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	check_has("where", kit.problem.text, found.gl_pathv[0]);
	check_has("themselves", kit.problem.text, "is in the damaged file only, which is kept: /");
	assert_int_equal(stat(found.gl_pathv[0], &st), 0);
	check_int("mode", st.st_mode & 0777, 0600);
	buf_init(&lost, 0);
	check_ok("list", file_read(found.gl_pathv[0], &lost, &err), &err);
	check_has("all of them", buf_str(&lost), "run 60 (stop ods/orders, DONE)\n");
	buf_release(&lost);
	globfree(&found);
	kit_close(&kit);
	free(pattern);
	temp_dir_remove(dir);
}

static void salvage_without_a_backup_names_all_there_was(void **state)
{
	char *dir = make_registry(false), *backup = temp_path(dir, "registry.db.bak");
	struct kit kit;

	(void)state;
	/* Pages of a cell that is damaged are found when it is read; the schema is sound. */
	overwrite(dir, (root_of(dir, "release") - 1) * PAGE, PAGE);
	assert_int_equal(unlink(backup), 0);
	kit_open(&kit, dir);
	journal_release(&kit, "orders"); /* finds the damage */
	check_int("told", kit.problems, 1);
	check_has("told", kit.problem.text, "its backup is missing or damaged too");
	check_has("all", kit.problem.text, "run 1 (stop ods/orders, DONE)");
	check_int("a number is given once", journal_add(&kit, "new", "stop", RUN_DONE), 5);
	kit_close(&kit);
	free(backup);
	temp_dir_remove(dir);
}

static void salvage_that_reads_nothing_keeps_the_numbers_of_logs(void **state)
{
	char *dir = make_registry(false), *log = temp_path(dir, "runs/9.log");
	char *path = temp_path(dir, "registry.db");
	struct kit kit;

	(void)state;
	temp_file(log, "built\n");
	temp_file(path,
		"this is no database at all, and it is as long as a page of one: "
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	kit_open(&kit, dir);
	kit_load(&kit);
	check_int("told", kit.problems, 1);
	check_has("told", kit.problem.text, "cannot be read at all");
	check_int("after the log's", journal_add(&kit, "new", "stop", RUN_DONE), 10);
	kit_close(&kit);
	free(log);
	free(path);
	temp_dir_remove(dir);
}

/* Somebody, or a crash of the file system, took it away; its backup is not. */
static void registry_that_is_gone_is_restored(void **state)
{
	char *dir = make_registry(false), *path = temp_path(dir, "registry.db");
	struct kit kit;

	(void)state;
	assert_int_equal(unlink(path), 0);
	kit_open(&kit, dir);
	kit_load(&kit);
	check_int("told", kit.problems, 1);
	check_has("told", kit.problem.text, "was missing and was restored from its backup of ");
	check_int("runs", kit_count(dir, "registry.db", "run"), 1);
	kit_close(&kit);
	free(path);
	temp_dir_remove(dir);
}

/* A repair that is killed between its two steps is taken up by the next. */
static void repair_that_was_killed_is_gone_on_with(void **state)
{
	char *dir = make_registry(false), *path = temp_path(dir, "registry.db");
	char *aside = temp_path(dir, "registry.db.corrupt-20261121T095712Z");
	struct kit kit;

	(void)state;
	overwrite(dir, 0, 100);
	assert_int_equal(rename(path, aside), 0);
	kit_open(&kit, dir);
	kit_load(&kit);
	check_int("told", kit.problems, 1);
	check_has("told", kit.problem.text, "was damaged and was restored from its backup of ");
	check_has("lost", kit.problem.text, "run 2 (start ods/orders, DONE)");
	check_has("kept", kit.problem.text, aside);
	check_int("a number is given once", journal_add(&kit, "new", "stop", RUN_DONE), 5);
	kit_close(&kit);
	free(aside);
	free(path);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(salvage_names_what_the_backup_lacks),
		cmocka_unit_test(salvage_of_many_goes_to_a_file),
		cmocka_unit_test(salvage_without_a_backup_names_all_there_was),
		cmocka_unit_test(salvage_that_reads_nothing_keeps_the_numbers_of_logs),
		cmocka_unit_test(registry_that_is_gone_is_restored),
		cmocka_unit_test(repair_that_was_killed_is_gone_on_with),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
