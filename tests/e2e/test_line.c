/*
 * The console at the far end of a bad line (tests/bench/line: 5 kB/s, a round trip of 300 ms, room for a megabyte that
 * it cannot see). Frames are skipped, never queued: that is told by the most that ever waited for the line, not by
 * time. How fast it is, bench_line measures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"

/* A frame of this screen, more or less. */
#define FRAME 12000
#define PAGES 60
#define HELD_MS 33
#define PAGE_DOWN "\x1b[6~"
#define PAGE_UP "\x1b[5~"

static struct bench *bench;
static struct fleetd *fleetd;

/* 2,000 applications on 20 session clusters, one in a hundred of which changes each second. */
static int setup(void **state)
{
	(void)state;
	bench = bench_new();
	fleetd = fleetd_start_at(bench->home,
		(const char *[]){"--jobs", "2000", "--managers", "20", "--sick", "0", "--churn",
			"1", "--at", "600000", "--budget", "100000", NULL});
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fleetd_stop(fleetd);
	bench_free(bench);
	return 0;
}

static struct screen *start_console(const char *log)
{
	char *config = temp_path(bench->home, "config.yaml");
	struct screen *screen = screen_start(&(struct screen_setup){.home = bench->home,
		.words = (const char *[]){"--config", config, NULL},
		.line = (const char *[]){"--log", log, NULL},
		.rows = 50,
		.cols = 160});

	free(config);
	return screen;
}

/* The most that waited for the line. */
static int64_t most_waited(const char *log)
{
	struct buf said;
	long long bytes = 0, most = 0;

	buf_init(&said, 0);
	check_int("log", file_read(log, &said, NULL), 0);
	check_int("log", sscanf(buf_str(&said), "bytes %lld most %lld", &bytes, &most), 2);
	buf_release(&said);
	return most;
}

static bool never(struct screen *screen, void *data)
{
	(void)screen;
	(void)data;
	return false;
}

static void frames_are_skipped_and_never_queued(void **state)
{
	char *log = temp_path(bench->home, "line.log");
	struct screen *screen = start_console(log);

	(void)state;
	screen_wait(screen, "/2000");
	/* A key held down; each is a whole screen of other lines: queued they were 60 frames. */
	for (int i = 0; i < PAGES; i++) {
		screen_type(screen, i % 20 < 10 ? PAGE_DOWN : PAGE_UP);
		screen_until(screen, never, NULL, HELD_MS);
	}
	screen_type(screen, "G");
	screen_wait(screen, "-2000/2000");
	screen_type(screen, "\x03");
	check_int("exit", screen_end(screen), 0);
	screen_free(screen);
	check_bool("no more than three frames wait", most_waited(log) < 3 * FRAME, true);
	free(log);
}

static void each_typed_letter_arrives_and_the_list_is_its_filters(void **state)
{
	char *log = temp_path(bench->home, "line.log");
	struct screen *screen = start_console(log);

	(void)state;
	screen_wait(screen, "/2000");
	screen_type(screen, "/-00150");
	screen_wait(screen, "/-00150");
	screen_wait(screen, "1 of 2000");
	screen_type(screen, "\x1b");
	screen_wait_gone(screen, "/-00150");
	screen_wait(screen, "/2000");
	screen_type(screen, "\x03");
	check_int("exit", screen_end(screen), 0);
	screen_free(screen);
	free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			frames_are_skipped_and_never_queued, setup, teardown),
		cmocka_unit_test_setup_teardown(
			each_typed_letter_arrives_and_the_list_is_its_filters, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
