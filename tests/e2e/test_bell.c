/* What is new and needs attention rings, or flashes, or does neither, as the configuration says: once. */
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"

static struct bench *bench;
static struct fleetd *fleetd;
static struct screen *shown;

static int setup(void **state)
{
	char *config, *workspace;

	(void)state;
	bench = bench_new();
	config = temp_path(bench->home, "config.yaml");
	workspace = temp_path(bench->home, "apps");
	fleetd = fleetd_start(WORDS("--jobs", "12", "--managers", "2", "--sick", "0", "--churn",
		"0", "--at", "600000", "--write-config", config, "--write-workspace", workspace));
	free(config);
	free(workspace);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	screen_free(shown);
	shown = NULL;
	fleetd_stop(fleetd);
	bench_free(bench);
	return 0;
}

static void change(const char *order)
{
	char *said = fleetd_say(fleetd, order);

	check_bool(said, str_starts(said, "ok"), true);
	free(said);
}

/* mode NULL: not a word of it in the configuration. */
static void start(const char *mode)
{
	char *path = temp_path(bench->home, "config.yaml");
	struct buf text;
	struct err err;

	buf_init(&text, 0);
	check_ok(path, file_read(path, &text, &err), &err);
	if (mode)
		buf_addf(&text, "\nbell: %s\n", mode);
	bench_file(bench, "belled.yaml", buf_str(&text));
	buf_release(&text);
	free(path);
	path = temp_path(bench->home, "belled.yaml");
	/* Nothing is remembered: what is shown was answered. */
	char *store = temp_path(bench->home, mode ? mode : "store");
	shown = screen_start(&(struct screen_setup){.home = bench->home,
		.words = WORDS("--config", path, "--store", store),
		.rows = 30,
		.cols = 120});
	free(store);
	free(path);
}

static bool has_flashed(struct screen *screen, void *data)
{
	(void)data;
	return screen_flashes(screen) > 0;
}

static void what_fails_is_told_once_and_as_it_is_wished(void **state)
{
	static const struct {
		const char *mode;
		int bells, flashes;
	} rows[] = {{NULL, 0, 0}, {"off", 0, 0}, {"bell", 1, 0}, {"flash", 0, 1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *name = rows[i].mode ? rows[i].mode : "not configured";
		/* It has failed before anybody looks: that is nothing new. */
		change("change 0 FAILED");
		change("change 1 RUNNING");
		start(rows[i].mode);
		screen_wait_line(shown, "11 RUNNING", "1 FAILED");
		check_int(name, screen_bells(shown), 0);
		check_int(name, screen_flashes(shown), 0);
		change("change 1 FAILED");
		screen_type(shown, "r");
		/* What rings goes out before the frame that shows it. */
		screen_wait_line(shown, "10 RUNNING", "2 FAILED");
		check_int(name, screen_bells(shown), rows[i].bells);
		/* By itself it is the right way round again. */
		if (rows[i].flashes && !screen_until(shown, has_flashed, NULL, SCREEN_DEADLINE_MS))
			fail_msg("%s: none", name);
		change("change 1 RUNNING");
		screen_type(shown, "r");
		screen_wait_line(shown, "11 RUNNING", "1 FAILED");
		screen_type(shown, "\x03");
		check_int(name, screen_end(shown), 0);
		screen_check_sane(name, shown);
		check_int(name, screen_bells(shown), rows[i].bells);
		check_int(name, screen_flashes(shown), rows[i].flashes);
		screen_free(shown);
		shown = NULL;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_fails_is_told_once_and_as_it_is_wished, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests_name("bell", tests, NULL, NULL);
}
