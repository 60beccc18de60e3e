/* The first run in a terminal, at JobManagers that answer: from no file at all to a list of jobs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"

static struct bench *bench;
static struct fleetd *fleetd;
static char *file, *conf_dir;

static int setup(void **state)
{
	(void)state;
	bench = bench_new();
	fleetd = fleetd_start((const char *[]){"--jobs", "20", "--managers", "2", "--sick", "0",
		"--churn", "0", "--at", "600000", NULL});
	bench_set_int(bench, "port", fleetd_port(fleetd));
	bench_file(bench, "flink/flink-conf.yaml",
		"jobmanager.rpc.address: nobody\nrest.address: 127.1.0.1\nrest.port: {port}\n");
	file = bench_expand(bench, "{home}/weir/config.yaml");
	conf_dir = bench_expand(bench, "FLINK_CONF_DIR={home}/flink");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fleetd_stop(fleetd);
	bench_free(bench);
	free(file);
	free(conf_dir);
	return 0;
}

static struct screen *start(void)
{
	char *store = bench_expand(bench, "{home}/store");
	char *xdg = bench_expand(bench, "XDG_CONFIG_HOME={home}");
	struct screen *screen = screen_start(&(struct screen_setup){.home = bench->home,
		.words = WORDS("--store", store),
		.env = WORDS(conf_dir, xdg),
		.rows = 15,
		.cols = 60});

	free(store);
	free(xdg);
	return screen;
}

static void end(struct screen *screen)
{
	screen_type(screen, "\x03");
	check_int("exit", screen_end(screen), 0);
	screen_check_sane("end", screen);
	screen_free(screen);
}

static void flinks_own_file_is_found_and_two_keys_are_enough(void **state)
{
	struct screen *screen = start();
	struct stat info;

	(void)state;
	screen_wait(screen, "Where is a JobManager?");
	screen_wait(screen, "> http://127.1.0.1:");
	screen_type(screen, "\r");
	screen_wait(screen, "Keep it as the configuration?");
	check_int("nothing yet", stat(file, &info), -1);
	screen_type(screen, "y");
	/* The console is there again, with the file. */
	screen_wait_line(screen, "Applications", "10");
	screen_wait(screen, "RUNNING");
	end(screen);
	check_int("there", stat(file, &info), 0);
	check_int("mode", info.st_mode & 0777, 0600);
	struct program *p = bench_run(bench, "config check --config {home}/weir/config.yaml");
	bench_check("as a file is to be", p, 0, NULL);
	program_free(p);
	screen = start();
	screen_wait_line(screen, "Applications", "10");
	check_bool("asked no more", screen_shows(screen, "Where is a JobManager?"), false);
	end(screen);
}

static void what_does_not_answer_says_exactly_why(void **state)
{
	struct screen *screen = start();
	char *address = bench_expand(bench, "127.1.0.2:{port}\r");
	struct stat info;

	(void)state;
	screen_wait(screen, "> http://127.1.0.1:");
	screen_type(screen,
		"\x15"
		"127.0.0.1:1\r");
	screen_wait(screen, "onnection refused");
	screen_wait(screen, "> http://127.0.0.1:1");
	screen_type(screen, "\x15");
	screen_type(screen, address);
	screen_wait(screen, "Keep it as the configuration?");
	screen_type(screen, "\x1b");
	screen_wait(screen, "nothing was written");
	end(screen);
	check_int("nothing", stat(file, &info), -1);
	free(address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			flinks_own_file_is_found_and_two_keys_are_enough, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_does_not_answer_says_exactly_why, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
