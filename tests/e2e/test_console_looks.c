/*
 * The console and the terminal it stands in: its background, its clipboard, and the programs that
 * get it for a while. No cluster answers; what is declared is there all the same.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

static struct screen *shown;

static int enter(void **state)
{
	struct bench *bench = bench_new();

	bench_file(bench, "config.yaml",
		"current-context: t\ncontexts:\n- name: t\n  workspace: ws\n"
		"  clusters:\n  - {name: s, rest: \"http://127.0.0.1:1\"}\n");
	bench_file(bench, "bad.yaml",
		"theme: my/theme.yaml\n"
		"current-context: t\ncontexts:\n- name: t\n  workspace: ws\n"
		"  clusters:\n  - {name: s, rest: \"http://127.0.0.1:1\"}\n");
	bench_file(bench, "my/theme.yaml", "styles:\n  titel: bold\n");
	bench_file(bench, "ws/teams/ods/apps/orders.yaml",
		"apiVersion: weir/v1\nkind: Application\nname: orders\ncluster: s\n");
	/* What it is given, how large the terminal is, and until Enter. */
	bench_file(bench, "pager",
		"#!/bin/sh\necho \"paging $(head -c 8 \"$1\")\"\nread line\nstty size\nread "
		"line\n");
	bench_file(bench, "killed", "#!/bin/sh\necho killed soon\nread line\nkill -9 $$\n");
	*state = bench;
	return 0;
}

static int leave(void **state)
{
	screen_free(shown);
	shown = NULL;
	bench_free(*state);
	return 0;
}

static void start(struct bench *bench, const char *config, const char *env)
{
	char *path = bench_expand(bench, config), *store = bench_expand(bench, "{home}/store");
	char *value = bench_expand(bench, env);

	if (str_starts(value, "PAGER="))
		assert_int_equal(0, chmod(value + strlen("PAGER="), 0755));
	shown = screen_start(&(struct screen_setup){.home = bench->home,
		.words = (const char *[]){"--config", path, "--store", store, NULL},
		.env = (const char *[]){value, NULL},
		.rows = 24,
		.cols = 120});
	screen_wait(shown, "orders");
	free(value);
	free(store);
	free(path);
}

static void end(void)
{
	screen_type(shown, "\x03");
	check_int("exit", screen_end(shown), 0);
	screen_check_sane("looks", shown);
}

static void a_wrong_theme_is_told_and_stops_no_start(void **state)
{
	start(*state, "{home}/bad.yaml", "X=");
	screen_type(shown, ":messages\r");
	screen_wait(shown, "Messages");
	screen_wait(shown, "theme.yaml:2:3: unknown key \"titel\"");
	end();
}

static void the_theme_follows_the_background_until_one_is_chosen(void **state)
{
	start(*state, "{home}/config.yaml", "X=");
	screen_type(shown, "\x1b]11;rgb:fdfd/f6f6/e3e3\x07:theme\r");
	screen_wait(shown, "which theme instead of");
	screen_type(shown, "\x1b");
	screen_wait_gone(shown, "which theme");
	screen_type(shown, ":theme\r");
	screen_wait(shown, "which theme instead of light?");
	screen_type(shown, "mono\r");
	screen_wait(shown, "theme: mono");
	/* However late it comes: it is no letter, and changes nothing now. */
	screen_type(shown, "\x1b]11;rgb:0000/0000/0000\x1b\\:theme\r");
	screen_wait(shown, "which theme instead of mono?");
	screen_type(shown, "\x1b");
	screen_wait_gone(shown, "which theme");
	end();
}

static void a_copy_goes_to_the_terminal_and_the_screen_goes_on(void **state)
{
	start(*state, "{home}/config.yaml", "X=");
	screen_type(shown, "yn");
	screen_wait(shown, "copied, if the terminal can (OSC 52): ods/orders");
	screen_type(shown, "?");
	screen_wait(shown, "Help");
	screen_type(shown, "q");
	screen_wait_gone(shown, "Help");
	end();
}

static void a_copy_goes_to_a_file_where_there_is_no_clipboard(void **state)
{
	struct bench *bench = *state;
	char *path = bench_expand(bench, "{home}/.cache/weir/copied.txt"), *text;
	struct stat info;

	start(bench, "{home}/config.yaml", "TERM=linux");
	screen_type(shown, "yn");
	screen_wait(shown, "a linux terminal has no clipboard: copied into");
	text = fixture_read(path, NULL);
	check_str("the text", text, "ods/orders");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	end();
	free(text);
	free(path);
}

/* Into the file's tab's text; Enter on a row of the command log shows all of it, and | pages that. */
static void page(void)
{
	screen_type(shown, "@");
	screen_wait(shown, "Command log");
	screen_wait(shown, "REST s GET");
	screen_type(shown, "\r");
	screen_wait(shown, "next hit");
	screen_type(shown, "|");
}

static void a_pager_gets_the_screen_and_a_resize_while_it_has_it_is_fine(void **state)
{
	start(*state, "{home}/config.yaml", "PAGER={home}/pager");
	page();
	screen_wait(shown, "paging");
	screen_resize(shown, 30, 70);
	screen_type(shown, "\r");
	screen_wait(shown, "30 70");
	screen_type(shown, "\r");
	screen_wait(shown, "underWay");
	screen_wait_gone(shown, "paging");
	/* All of the new size is drawn, and only that: the footer is the last of 30 lines. */
	char *text = screen_text(shown), *footer = strstr(text, "q back");
	int above = 0;
	assert_non_null(footer);
	for (char *at = text; at < footer; at++)
		above += *at == '\n';
	check_int("lines above the footer", above, 29);
	free(text);
	end();
}

static void a_pager_that_is_killed_gives_the_screen_back(void **state)
{
	start(*state, "{home}/config.yaml", "PAGER={home}/killed");
	page();
	screen_wait(shown, "killed soon");
	screen_type(shown, "\r");
	screen_wait(shown, "the pager ended with an error");
	screen_type(shown, "q");
	screen_wait(shown, "Command log");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_wrong_theme_is_told_and_stops_no_start, enter, leave),
		cmocka_unit_test_setup_teardown(
			the_theme_follows_the_background_until_one_is_chosen, enter, leave),
		cmocka_unit_test_setup_teardown(
			a_copy_goes_to_the_terminal_and_the_screen_goes_on, enter, leave),
		cmocka_unit_test_setup_teardown(
			a_copy_goes_to_a_file_where_there_is_no_clipboard, enter, leave),
		cmocka_unit_test_setup_teardown(
			a_pager_gets_the_screen_and_a_resize_while_it_has_it_is_fine, enter, leave),
		cmocka_unit_test_setup_teardown(
			a_pager_that_is_killed_gives_the_screen_back, enter, leave),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
