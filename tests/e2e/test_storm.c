/*
 * What a terminal may do to the console: a hundred sizes in a moment, ten megabytes pasted into a prompt, a
 * mouse, a keymap that is wrong. No Flink is needed: nobody answers, and the applications are files.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define APPS 200
#define PASTE_BYTES ((size_t)10 << 20)

static char *home;
static struct screen *shown;

static int enter(void **state)
{
	char *path;

	(void)state;
	home = temp_dir();
	path = temp_path(home, "config.yaml");
	temp_file(path,
		"contexts:\n- name: dev\n  workspace: work\n  clusters:\n"
		"  - {name: gone, rest: \"http://127.0.0.1:1\"}\n");
	free(path);
	for (int i = 0; i < APPS; i++) {
		char *name = xasprintf("work/teams/ods/apps/app-%03d.yaml", i);
		char *text = xasprintf("apiVersion: weir/v1\nkind: Application\nname: app-%03d\n"
				       "jobName: 订单同步 %d\ncluster: gone\ntype: jar\n"
				       "main-class: a.B\nartifact: /x.jar\n",
			i, i);
		path = temp_path(home, name);
		temp_file(path, text);
		free(path);
		free(text);
		free(name);
	}
	path = temp_path(home, "work/teams/ods/team.yaml");
	temp_file(path, "apiVersion: weir/v1\nkind: Team\nname: ods\n");
	free(path);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	screen_free(shown);
	shown = NULL;
	temp_dir_remove(home);
	return 0;
}

static struct screen *start(const char *const *env)
{
	char *path = temp_path(home, "config.yaml");

	shown = screen_start(&(struct screen_setup){.home = home,
		.words = (const char *[]){"--no-session", "--config", path, NULL},
		.env = env,
		.rows = 30,
		.cols = 100});
	free(path);
	screen_wait(shown, "app-000");
	screen_wait(shown, "tab lists");
	return shown;
}

static void end(const char *name)
{
	screen_type(shown, "\x03");
	check_int(name, screen_end(shown), 0);
	screen_check_sane(name, shown);
}

/* Ages go on: what is compared has none. */
static void without_digits(char *text)
{
	size_t len = 0;

	for (char *p = text; *p; p++)
		if ((*p < '0' || *p > '9') && *p != ' ')
			text[len++] = *p;
	text[len] = '\0';
}

static bool is_whole(struct screen *screen, void *data)
{
	(void)data;
	return screen_shows(screen, "app-000") && screen_shows(screen, "tab lists");
}

struct picture {
	char *fresh;
};

static bool is_as_fresh(struct screen *screen, void *data)
{
	struct picture *picture = data;
	char *text = screen_text(screen);

	without_digits(text);
	bool is_same = str_eq(text, picture->fresh);
	free(text);
	return is_same;
}

static void a_storm_of_sizes_leaves_no_garbage(void **state)
{
	(void)state;
	struct screen *screen = start(NULL);
	unsigned random = 20261122;
	struct picture picture;

	/* Nothing else changes from here on but ages. */
	screen_wait(screen, "200 UNREACHABLE");
	screen_wait_gone(screen, "UNKNOWN");
	check_bool("a whole frame", screen_until(screen, is_whole, NULL, SCREEN_DEADLINE_MS), true);
	picture.fresh = screen_text(screen);
	without_digits(picture.fresh);
	for (int i = 0; i < 100; i++) {
		random = random * 1103515245u + 12345u;
		int rows = 15 + (int)(random >> 16) % 60;
		random = random * 1103515245u + 12345u;
		screen_resize(screen, rows, 60 + (int)(random >> 16) % 200);
		screen_signal(screen, SIGWINCH);
		if (i % 7 == 0)
			screen_type(screen, "j");
	}
	screen_resize(screen, 30, 100);
	screen_signal(screen, SIGWINCH);
	screen_type(screen, "gg");
	if (!screen_until(screen, is_as_fresh, &picture, SCREEN_DEADLINE_MS)) {
		char *text = screen_text(screen);
		without_digits(text);
		check_str("as if nothing had been", text, picture.fresh);
	}
	free(picture.fresh);
	end("storm");
}

static long rss_kib(pid_t pid)
{
	char *path = xasprintf("/proc/%d/status", (int)pid), line[256];
	FILE *file = fopen(path, "r");
	long kib = -1;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (str_starts(line, "VmRSS:"))
			kib = strtol(line + 6, NULL, 10);
	fclose(file);
	free(path);
	return kib;
}

static void ten_megabytes_pasted_leave_the_prompt_usable(void **state)
{
	(void)state;
	struct screen *screen = start(NULL);
	char *text = xmalloc(PASTE_BYTES);
	long before;

	memset(text, 'x', PASTE_BYTES);
	screen_type(screen, ":apps 7");
	screen_wait(screen, ":apps 7");
	before = rss_kib(screen_pid(screen));
	screen_type(screen, "\x1b[200~");
	screen_pour(screen, text, PASTE_BYTES);
	screen_type(screen, "\x1b[201~");
	screen_wait(screen, "not pasted: a line takes 4096 bytes, no more");
	screen_wait(screen, ":apps 7");
	check_bool("memory", rss_kib(screen_pid(screen)) - before < 4096, true);
	screen_type(screen, "7\r");
	screen_wait(screen, "/77");
	screen_wait(screen, "app-077");
	screen_wait_gone(screen, "app-000");
	/* As if it had been typed: no terminal says that it is a paste. */
	screen_type(screen, ":");
	screen_pour(screen, text, PASTE_BYTES / 10);
	screen_type(screen, "\x15messages\r");
	screen_wait(screen, "Messages");
	check_bool("memory again", rss_kib(screen_pid(screen)) - before < 16384, true);
	free(text);
	end("paste");
}

static void clicks_arrive_when_they_are_asked_for(void **state)
{
	(void)state;
	struct screen *screen = start(NULL);
	int row = -1, at = 0;

	screen_type(screen, ":mouse on\r");
	screen_wait(screen, "mouse on");
	char *text = screen_text(screen);
	for (char *rest = text, *line; (line = strsep(&rest, "\n")); at++)
		if (strstr(line, "app-005"))
			row = at;
	free(text);
	check_bool("its row", row > 0, true);
	char *click = xasprintf("\x1b[<0;30;%dM\x1b[<0;30;%dm", row + 1, row + 1);
	screen_type(screen, click);
	screen_type(screen, click);
	screen_wait(screen, "overview");
	screen_wait(screen, "app-005");
	free(click);
	end("mouse");
}

static void a_wrong_keymap_is_told_and_the_keys_hold(void **state)
{
	(void)state;
	char *path = temp_path(home, "keys.yaml"), *env = xasprintf("WEIR_KEYMAP=%s", path);

	temp_file(path, "preset: vim\nlist:\n  x: aps\n");
	struct screen *screen = start((const char *const[]){env, NULL});
	screen_type(screen, "gt");
	screen_wait(screen, "Teams");
	screen_type(screen, ":messages\r");
	screen_resize(screen, 30, 200); /* a path may be long */
	screen_wait(screen, "the keymap is not used:");
	screen_wait(screen, "keys.yaml:3:6: no command \"aps\"");
	end("wrong keymap");
	temp_file(path, "preset: vim\nlist:\n  x: teams\n");
	screen_free(shown);
	screen = start((const char *const[]){env, NULL});
	screen_type(screen, "x");
	screen_wait(screen, "Teams");
	end("right keymap");
	free(env);
	free(path);
}

static void what_was_typed_is_there_at_the_next_start(void **state)
{
	(void)state;
	struct screen *screen = start(NULL);

	screen_type(screen, ":apps 123\r");
	screen_wait(screen, "app-123");
	end("first");
	screen_free(shown);
	shown = screen = screen_start(&(struct screen_setup){.home = home,
		.words = (const char *[]){"--no-session", "--rest", "http://127.0.0.1:1", NULL},
		.rows = 30,
		.cols = 100});
	screen_wait(screen, "tab lists");
	screen_type(screen, ":\x1b[A");
	screen_wait(screen, ":apps 123");
	screen_type(screen, "\x15q!\r");
	check_int("second", screen_end(screen), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_storm_of_sizes_leaves_no_garbage, enter, leave),
		cmocka_unit_test_setup_teardown(
			ten_megabytes_pasted_leave_the_prompt_usable, enter, leave),
		cmocka_unit_test_setup_teardown(
			clicks_arrive_when_they_are_asked_for, enter, leave),
		cmocka_unit_test_setup_teardown(
			a_wrong_keymap_is_told_and_the_keys_hold, enter, leave),
		cmocka_unit_test_setup_teardown(
			what_was_typed_is_there_at_the_next_start, enter, leave),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
