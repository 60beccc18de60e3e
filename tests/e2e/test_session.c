/* The console takes up where it was left: the file behind that, also broken, also after a kill. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"

static struct bench *bench;
static struct fleetd *fleetd;
static char *config, *kept;

static int setup(void **state)
{
	(void)state;
	bench = bench_new();
	config = temp_path(bench->home, "config.yaml");
	fleetd = fleetd_start_at(bench->home,
		(const char *[]){"--jobs", "40", "--managers", "4", "--sick", "0", "--churn", "0",
			"--at", "600000", NULL});
	kept = bench_expand(bench, "{home}/store/fleet/session.json");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fleetd_stop(fleetd);
	bench_free(bench);
	free(config);
	free(kept);
	return 0;
}

static struct screen *start(const char *option)
{
	char *store = bench_expand(bench, "{home}/store");
	struct screen *screen = screen_start(&(struct screen_setup){.home = bench->home,
		.words = WORDS("--config", config, "--store", store, option),
		.rows = 30,
		.cols = 120});

	free(store);
	return screen;
}

static bool has_kept(const char *part)
{
	struct buf text;
	struct err err;

	buf_init(&text, 0);
	bool is = !file_read(kept, &text, &err) && strstr(buf_str(&text), part);
	buf_release(&text);
	return is;
}

static bool is_kept(struct screen *screen, void *part)
{
	(void)screen;
	return has_kept(part);
}

/* Jobs, narrowed to one cluster; then out of it as told. */
static void leave_at_jobs(const char *how)
{
	static char part[] = "cluster:jm-00002";
	struct screen *screen = start(NULL);

	screen_wait_line(screen, "Applications", "40");
	screen_type(screen, ":jobs\r");
	screen_wait_line(screen, "Jobs", "40");
	screen_type(screen, "/cluster:jm-00002\r");
	screen_wait_line(screen, "Jobs", "10 of 40");
	if (str_eq(how, "kill")) {
		if (!screen_until(screen, is_kept, part, SCREEN_DEADLINE_MS))
			fail_msg("nothing was kept before the end");
		screen_signal(screen, SIGKILL);
		check_int(how, screen_end(screen), -SIGKILL);
	} else {
		screen_type(screen, how);
		screen_end(screen);
	}
	screen_free(screen);
}

static void it_is_taken_up_after_each_way_out(void **state)
{
	static const char *const ways[] = {"\x03", "kill"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct stat file;
		struct screen *screen;

		remove(kept);
		leave_at_jobs(ways[i]);
		check_int("there", stat(kept, &file), 0);
		check_int("mode", file.st_mode & 0777, 0600);
		screen = start(NULL);
		screen_wait_line(screen, "Jobs", "10 of 40");
		screen_type(screen, "\x03");
		check_int("exit", screen_end(screen), 0);
		screen_free(screen);
	}
}

static void no_session_starts_clean_and_keeps_nothing(void **state)
{
	struct screen *screen;

	(void)state;
	leave_at_jobs("\x03");
	screen = start("--no-session");
	screen_wait_line(screen, "Applications", "40");
	screen_type(screen, ":teams\r");
	screen_wait(screen, "Teams");
	screen_type(screen, "\x03");
	check_int("exit", screen_end(screen), 0);
	screen_free(screen);
	check_bool("as it was", has_kept("cluster:jm-00002"), true);
	check_bool("as it was", has_kept("\"list\": \"jobs\""), true);
}

static void what_is_broken_is_told_and_left_behind(void **state)
{
	struct screen *screen;

	(void)state;
	bench_file(bench, "store/fleet/session.json", "{\"version\": 1, \"lists\"");
	screen = start(NULL);
	screen_wait(screen, "is left alone");
	screen_wait_line(screen, "Applications", "40");
	screen_type(screen, ":clusters\r");
	screen_wait_line(screen, "Clusters", "4");
	screen_type(screen, "\x03");
	check_int("exit", screen_end(screen), 0);
	screen_free(screen);
	check_bool("written anew", has_kept("\"list\": \"clusters\""), true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_taken_up_after_each_way_out, setup, teardown),
		cmocka_unit_test_setup_teardown(
			no_session_starts_clean_and_keeps_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_broken_is_told_and_left_behind, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
