/* weir new, copy, edit and delete: the real binary on a real workspace, an editor that is a script. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define CONF "--config {home}/config.yaml --store {home}/store "
#define FILE_ "ws/teams/ods/apps/orders.yaml"

static int enter(void **state)
{
	struct bench *bench = bench_new();

	bench_file(bench, "config.yaml",
		"current-context: t\ncontexts:\n- name: t\n  workspace: ws\n"
		"  clusters:\n  - {name: s, rest: \"http://127.0.0.1:1\"}\n");
	bench_file(bench, "readonly.yaml",
		"current-context: t\ncontexts:\n- name: t\n  workspace: ws\n  readonly: true\n"
		"  clusters:\n  - {name: s, rest: \"http://127.0.0.1:1\"}\n");
	bench_file(bench, FILE_,
		"apiVersion: weir/v1\nkind: Application\nname: orders # the name\ncluster: s\n");
	/* The first time it makes a mistake, then it puts that right. */
	bench_file(bench, "editor",
		"#!/bin/sh\nif grep -q ownr \"$1\"; then sed -i s/ownr/owner/ \"$1\"; else echo "
		"'ownr: li' >>\"$1\"; fi\n");
	*state = bench;
	return 0;
}

static int leave(void **state)
{
	bench_free(*state);
	return 0;
}

static void run(struct bench *bench, const char *row, const char *words, int code, const char *part)
{
	struct program *p = bench_run(bench, words);

	bench_check(row, p, code, part);
	program_free(p);
}

static void check_file(struct bench *bench, const char *name, const char *part)
{
	char *path = temp_path(bench->home, name), *text = fixture_read(path, NULL);

	check_has(name, text, part);
	free(text);
	free(path);
}

static void new_copy_and_delete(void **state)
{
	struct bench *bench = *state;

	run(bench, "a mistyped team", CONF "new osd/views", 4,
		"team osd is not there; known: ods. --new-team makes it");
	run(bench, "new", CONF "new growth/views --new-team --type sql --cluster s --set owner=li",
		0, NULL);
	check_file(bench, "ws/teams/growth/apps/views.yaml", "\nowner: li\n");
	run(bench, "copy", CONF "copy orders orders-2 --set parallelism=4 --set 'tags=[a, b]'", 0,
		NULL);
	check_file(bench, "ws/teams/ods/apps/orders-2.yaml",
		"name: orders-2 # the name\ncluster: s\nparallelism: 4\ntags: [a, b]\n");
	run(bench, "both load", CONF "config check", 0, NULL);
	run(bench, "there already", CONF "copy orders orders-2", 8, "is there already");
	run(bench, "a key that is none", CONF "copy orders x --set ownr=li", 3,
		"did you mean \"owner\"");
	run(bench, "not confirmed", CONF "delete orders-2", 7, "add --yes");
	run(bench, "deleted", CONF "delete orders-2 --yes", 0, NULL);
	run(bench, "gone", CONF "delete orders-2 --yes", 4, "no application 'orders-2'");
	run(bench, "read-only",
		"--config {home}/readonly.yaml --store {home}/store delete orders --yes", 7,
		"read-only");
}

static void an_edit_with_a_mistake_goes_back_to_the_editor(void **state)
{
	struct bench *bench = *state;
	char *editor = bench_expand(bench, "EDITOR={home}/editor");
	char *config = bench_expand(bench, "{home}/config.yaml");
	char *store = bench_expand(bench, "{home}/store");
	struct screen *screen;

	assert_int_equal(0, chmod(editor + strlen("EDITOR="), 0755));
	screen = screen_start(&(struct screen_setup){.home = bench->home,
		.words = (const char *[]){"--config", config, "--store", store, "edit", "orders",
			NULL},
		.env = (const char *[]){editor, NULL},
		.rows = 24,
		.cols = 100});
	screen_wait(screen, "orders.yaml:5:1: unknown key \"ownr\"");
	screen_wait(screen, "back to the editor");
	screen_type(screen, "\r");
	check_int("exit", screen_end(screen), 0);
	screen_free(screen);
	check_file(bench, FILE_, "name: orders # the name\ncluster: s\nowner: li\n");
	run(bench, "without a terminal it ends", CONF "edit nobody", 4, "no application");
	free(editor);
	free(config);
	free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(new_copy_and_delete, enter, leave),
		cmocka_unit_test_setup_teardown(
			an_edit_with_a_mistake_goes_back_to_the_editor, enter, leave),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
