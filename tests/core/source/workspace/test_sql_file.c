/* sql-file: read with its application, seen when it changes, and never from outside. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/source/workspace/parts.h"
#include "tests/support/check.h"

#define APP                                                                                        \
	"apiVersion: weir/v1\nkind: Application\nname: a\ntype: sql\n"                             \
	"sql-file: "
#define PATH "teams/ods/apps/a.yaml"

struct fixture {
	char *dir, *root;
	struct scan *scan;
	struct snapshot *snapshot;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = temp_dir();
	f->root = temp_path(f->dir, "ws");
	f->scan = scan_new(f->root);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	snapshot_unref(f->snapshot);
	scan_free(f->scan);
	free(f->root);
	temp_dir_remove(f->dir);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *path, const char *text)
{
	char *full = temp_path(f->root, path);

	unlink(full);
	temp_file(full, text);
	free(full);
}

/* The application as it is now; did the scan see a difference? */
static const struct app_decl *look(struct fixture *f, bool *changed)
{
	struct err err = {0};
	uint64_t before = scan_generation(f->scan);

	check_ok("scan", scan_run(f->scan, &err), &err);
	*changed = scan_generation(f->scan) != before;
	snapshot_unref(f->snapshot);
	f->snapshot = snapshot_new(SNAPSHOT_WORKSPACE, "c", "workspace", NULL);
	scan_fill(f->scan, f->snapshot);
	check_int("apps", (int64_t)f->snapshot->app_count, 1);
	return &f->snapshot->apps[0];
}

static void sql_file_is_read_with_its_application(void **state)
{
	struct fixture *f = *state;
	bool changed;

	put(f, PATH, APP "sql/orders.sql\n");
	put(f, "sql/orders.sql", "SELECT '订单';\n");
	const struct app_decl *app = look(f, &changed);
	check_str("error", app->error, NULL);
	check_str("path", app->sql_file, "sql/orders.sql");
	check_str("text", app->sql, "SELECT '订单';\n");
	put(f, "sql/orders.sql", "SELECT 2");
	app = look(f, &changed);
	check_bool("a change is seen", changed, true);
	check_str("new text", app->sql, "SELECT 2");
	size_t read = scan_files_read(f->scan);
	app = look(f, &changed);
	check_bool("and only a change", changed, false);
	assert_true(scan_files_read(f->scan) - read <= 2); /* what is racy is read once more */
	put(f, PATH, APP "sql/other.sql\n");
	put(f, "sql/other.sql", "SELECT 3");
	check_str("another file", look(f, &changed)->sql, "SELECT 3");
	put(f, PATH, "apiVersion: weir/v1\nkind: Application\nname: a\nsql: SELECT 4\n");
	app = look(f, &changed);
	check_str("its own", app->sql, "SELECT 4");
	check_str("no file", app->sql_file, NULL);
}

static void sql_file_that_is_not_there_is_the_applications_error(void **state)
{
	struct fixture *f = *state;
	bool changed;

	put(f, PATH, APP "sql/orders.sql\n");
	const struct app_decl *app = look(f, &changed);
	check_str("error", app->error,
		PATH ":5:11: \"sql-file\": sql/orders.sql: No such file or directory");
	check_str("its name", app->name, "a");
	look(f, &changed);
	check_bool("said once", changed, false);
	put(f, "sql/orders.sql", "SELECT 1");
	app = look(f, &changed);
	check_bool("cured", changed, true);
	check_str("no error", app->error, NULL);
	check_str("text", app->sql, "SELECT 1");
	char *full = temp_path(f->root, "sql/orders.sql");
	unlink(full);
	check_has("gone again", look(f, &changed)->error, "No such file");
	free(full);
}

static void sql_file_never_leaves_the_workspace(void **state)
{
	static const struct {
		const char *name, *path, *want;
	} rows[] = {
		{"absolute", "/etc/passwd", "\"sql-file\" is a path inside the workspace"},
		{"up", "../secret.sql", "is a path inside the workspace"},
		{"up in the middle", "sql/../../secret.sql", "is a path inside the workspace"},
		{"hidden", ".git/config", "is a path inside the workspace"},
		{"a folder's end", "sql/", "is a path inside the workspace"},
		{"link to a file outside", "out.sql", "a link that leads out of the workspace"},
		{"folder that is a link outside", "away/secret.sql", "a link that leads out"},
		{"link into a hidden folder", "config.sql", "leads into a hidden folder"},
		{"a folder", "sql", "not a regular file"},
		{"a pipe", "pipe.sql", "not a regular file"},
		{"a broken link", "nowhere.sql", "No such file"},
	};
	struct fixture *f = *state;
	char *secret = temp_path(f->dir, "secret.sql");
	bool changed;

	temp_file(secret, "SELECT 'secret'");
	put(f, ".git/config", "url = https://u:p@x");
	put(f, "sql/a.sql", "SELECT 1");
	const struct {
		const char *target, *path;
	} links[] = {{secret, "out.sql"}, {f->dir, "away"}, {".git/config", "config.sql"},
		{"gone", "nowhere.sql"}, {"sql/a.sql", "inside.sql"}};
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		char *full = temp_path(f->root, links[i].path);
		assert_int_equal(symlink(links[i].target, full), 0);
		free(full);
	}
	char *pipe = temp_path(f->root, "pipe.sql");
	assert_int_equal(mkfifo(pipe, 0600), 0);
	free(pipe);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = xasprintf(APP "%s\n", rows[i].path);
		put(f, PATH, text);
		const struct app_decl *app = look(f, &changed);
		if (!app->error)
			fail_msg("%s: no error", rows[i].name);
		check_has(rows[i].name, app->error, rows[i].want);
		check_has(rows[i].name, app->error, PATH ":5:11: ");
		check_str(rows[i].name, app->sql, NULL);
		free(text);
	}
	put(f, PATH, APP "inside.sql\n");
	check_str("a link inside is followed", look(f, &changed)->sql, "SELECT 1");
	free(secret);
}

static void sql_file_is_a_text_of_a_size(void **state)
{
	struct fixture *f = *state;
	bool changed;
	char *full = temp_path(f->root, "a.sql");
	size_t len = WORKSPACE_FILE_BYTES_MAX + 1;
	char *big = xmalloc(len + 1);

	put(f, PATH, APP "a.sql\n");
	put(f, "a.sql", "caf\xe9");
	check_has("not UTF-8", look(f, &changed)->error, "not a text in UTF-8");
	memset(big, 'x', len);
	big[len] = '\0';
	put(f, "a.sql", big);
	check_has("too large", look(f, &changed)->error, "larger than 1 MiB");
	big[len - 1] = '\0';
	put(f, "a.sql", big);
	check_int("as large as it may be", (int64_t)strlen(look(f, &changed)->sql),
		(int64_t)WORKSPACE_FILE_BYTES_MAX);
	free(big);
	free(full);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(sql_file_is_read_with_its_application),
		CASE(sql_file_that_is_not_there_is_the_applications_error),
		CASE(sql_file_never_leaves_the_workspace),
		CASE(sql_file_is_a_text_of_a_size),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
