/*
 * weir get restore-points: what the registry keeps, looked for on this disk as on the host of a
 * Flink env, and remembered.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/base/mem.h"
#include "tests/support/check.h"
#include "tests/support/program.h"

struct fixture {
	char *home;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->home = temp_dir();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	temp_dir_remove(f->home);
	free(f);
	return 0;
}

static void put(const struct fixture *f, const char *name, const char *text)
{
	char *path = temp_path(f->home, name);

	temp_file(path, text);
	free(path);
}

static json_t *points(const struct fixture *f, const char *const *more, int want)
{
	char *config = temp_path(f->home, "config.yaml"), *store = temp_path(f->home, "store");
	const char *words[16] = {"--config", config, "--store", store, "get", "restore-points",
		"orders", "-o", "json", "--cached"};
	size_t count = 10;

	while (*more)
		words[count++] = *more++;
	struct program *p = program_run(&(struct program_setup){.home = f->home, .words = words});
	if (p->exit_code != want)
		fail_msg("exit %d\n%s\n%s", p->exit_code, buf_str(&p->out), buf_str(&p->err));
	json_t *root = json_loads(buf_str(&p->out), 0, NULL);
	program_free(p);
	free(config);
	free(store);
	return root;
}

static void sql(const struct fixture *f, const char *text)
{
	char *path = temp_path(f->home, "store/prod/registry.db");
	sqlite3 *handle = NULL;
	char *error = NULL;

	check_int(path, sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	if (sqlite3_exec(handle, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s", error);
	sqlite3_close(handle);
	free(path);
}

static void check_point(const json_t *root, size_t at, const char *end, bool verified, bool gone)
{
	const json_t *item = json_array_get(json_object_get(root, "items"), at);
	const char *path = json_string_value(json_object_get(item, "path"));

	check_has("path", path, end);
	check_bool(end, json_is_true(json_object_get(item, "verified")), verified);
	check_bool(end, json_is_true(json_object_get(item, "gone")), gone);
}

static void points_are_looked_for_and_remembered(void **state)
{
	static const char *const plain[] = {NULL}, *const verify[] = {"--verify", NULL};
	struct fixture *f = *state;

	put(f, "config.yaml",
		"contexts:\n- name: prod\n  workspace: ws\n"
		"  flink-envs: [{name: \"1.20\", home: /opt/flink}]\n"
		"  clusters: [{name: s, type: standalone, rest: \"http://127.0.0.1:9\"}]\n");
	put(f, "ws/teams/ods/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ncluster: s\n"
		"flink-env: \"1.20\"\n");
	put(f, "sp/savepoint-1/_metadata", "x");
	/* A look without --cached makes the store and remembers the application. */
	char *config = temp_path(f->home, "config.yaml"), *store = temp_path(f->home, "store");
	const char *words[] = {
		"--config", config, "--store", store, "get", "apps", "-o", "json", NULL};
	program_free(program_run(&(struct program_setup){.home = f->home, .words = words}));
	free(config);
	free(store);

	char *text = xasprintf(
		"INSERT INTO restore_point (app, path, job_id, kind, completed_ms, size,"
		" verified_ms, is_gone) VALUES"
		" ('prod/workspace/app/ods/orders', 'file:%s/sp/savepoint-1', 'a', 'savepoint', "
		"300,"
		" 7, 0, 0),"
		" ('prod/workspace/app/ods/orders', 'file:%s/sp/chk-9', 'a', 'checkpoint', 200, 7,"
		" 0, 0),"
		" ('prod/workspace/app/ods/orders', 's3://b/savepoint-2', 'b', 'savepoint', 100, 7,"
		" 0, 0)",
		f->home, f->home);
	sql(f, text);
	free(text);
	json_t *root = points(f, plain, 0);
	check_str("kind", json_string_value(json_object_get(root, "kind")), "RestorePointList");
	check_int("count", (int64_t)json_array_size(json_object_get(root, "items")), 3);
	check_point(root, 0, "sp/savepoint-1", false, false);
	check_point(root, 1, "sp/chk-9", false, false);
	check_point(root, 2, "s3://b/savepoint-2", false, false);
	json_decref(root);
	root = points(f, verify, 0);
	check_point(root, 0, "sp/savepoint-1", true, false);
	check_point(root, 1, "sp/chk-9", false, true);
	check_point(root, 2, "s3://b/savepoint-2", false, false);
	json_decref(root);
	root = points(f, plain, 0);
	check_point(root, 0, "sp/savepoint-1", true, false);
	check_point(root, 1, "sp/chk-9", false, true);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			points_are_looked_for_and_remembered, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
