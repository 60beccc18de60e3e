/*
 * Hard limits, at a fleet that is not there (tests/bench/fleetd): JobManagers that swallow what they are asked hold up
 * nobody else, what fails alike is one message, and a weir that may open few files asks all the same. fleetd knows how long each of its JobManagers was
 * not asked, so nothing here measures how fast anything is, but against the interval.
 */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/doc.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"

#define JOBS 400
#define ALIKE 200
#define DEADLINE_MS 60000
/* An interval of five seconds, its wait for a tick, and what a busy machine takes. */
#define GAP_MS 9000

static struct bench *bench;
static struct fleetd *fleetd;

static int setup(void **state)
{
	(void)state;
	bench = bench_new();
	fleetd = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fleetd_stop(fleetd);
	bench_free(bench);
	return 0;
}

/* A JobManager for each job; dead: per cent of them. */
static void start_fleet(int jobs, const char *dead)
{
	char *count = xasprintf("%d", jobs);

	fleetd = fleetd_start_at(bench->home,
		(const char *[]){"--jobs", count, "--managers", count, "--sick", "0", "--churn",
			"0", "--at", "600000", "--budget", "100000", "--dead", dead, NULL});
	free(count);
}

static struct screen *start_console(void)
{
	char *config = temp_path(bench->home, "config.yaml");
	struct screen *screen = screen_start(&(struct screen_setup){.home = bench->home,
		.words = (const char *[]){"--config", config, NULL},
		.rows = 40,
		.cols = 160});

	free(config);
	return screen;
}

static int64_t count_of(const char *key)
{
	char *said = fleetd_say(fleetd, "counts");
	json_t *counts = json_loads(said + strlen("ok "), 0, NULL);
	int64_t count = json_integer_value(json_object_get(counts, key));

	json_decref(counts);
	free(said);
	return count;
}

/* ---- dead addresses ---- */

struct gaps {
	int least_asked, dead;
	int64_t longest_ms;
};

/* Of those that answer; and how many do not. */
static struct gaps read_gaps(const char *order)
{
	struct gaps gaps = {.least_asked = INT_MAX};
	char *said = fleetd_say(fleetd, order), *rest = said, *line;

	while ((line = strsep(&rest, "\n"))) {
		char manner[16];
		long long gap_ms;
		int asked;

		if (sscanf(line, "%*d %15s %d %lld", manner, &asked, &gap_ms) != 3)
			continue;
		if (str_eq(manner, "dead")) {
			gaps.dead++;
			continue;
		}
		gaps.least_asked = asked < gaps.least_asked ? asked : gaps.least_asked;
		gaps.longest_ms = gap_ms > gaps.longest_ms ? gap_ms : gaps.longest_ms;
	}
	free(said);
	return gaps;
}

static bool were_asked(struct screen *screen, void *data)
{
	(void)screen;
	return read_gaps("gaps").least_asked >= *(int *)data;
}

static void who_is_dead_delays_nobody_else(void **state)
{
	struct screen *screen;
	struct gaps gaps;
	int rounds = 1;

	(void)state;
	start_fleet(JOBS, "10");
	screen = start_console();
	assert_true(screen_until(screen, were_asked, &rounds, DEADLINE_MS));
	gaps = read_gaps("gaps anew");
	check_bool("a tenth is dead", gaps.dead > JOBS / 20 && gaps.dead < JOBS / 5, true);
	check_bool("each is asked at the start", gaps.longest_ms < GAP_MS, true);
	rounds = 2;
	assert_true(screen_until(screen, were_asked, &rounds, DEADLINE_MS));
	gaps = read_gaps("gaps");
	check_bool("each is asked in its turn", gaps.longest_ms < GAP_MS, true);
	screen_wait(screen, "UNREACHABLE");
	screen_free(screen);
}

/* ---- one reason ---- */

static void what_fails_alike_is_one_message(void **state)
{
	char *config = temp_path(bench->home, "alike.yaml"), *at;
	struct program *program;
	struct screen *screen;
	struct buf text;

	(void)state;
	buf_init(&text, 0);
	buf_adds(&text, "current-context: c\ncontexts:\n- name: c\n  clusters:\n");
	for (int i = 0; i < ALIKE; i++)
		buf_addf(&text, "  - {name: jm-%d, rest: \"http://127.9.0.%d:1\"}\n", i, i + 1);
	temp_file(config, buf_str(&text));
	buf_release(&text);
	program = bench_run(bench, "get apps --config {home}/alike.yaml");
	check_has("get", buf_str(&program->err), "200 clusters: connection refused");
	at = strchr(buf_str(&program->err), '\n');
	check_bool("and no other", at && !strstr(at, "jm-"), true);
	program_free(program);
	screen = screen_start(&(struct screen_setup){.home = bench->home,
		.words = (const char *[]){"--config", config, NULL},
		.rows = 40,
		.cols = 160});
	screen_type(screen, ":messages\r");
	screen_wait(screen, "200 clusters: connection refused");
	screen_free(screen);
	free(config);
}

/* ---- few descriptors ---- */

static void allow_open_files(int count)
{
	struct rlimit limit = {(rlim_t)count, (rlim_t)count};

	check_int("setrlimit", setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void check_all_answer(const char *row, int jobs)
{
	struct program *program =
		bench_run(bench, "get apps -o json --timeout 60 --config {home}/config.yaml");
	json_t *list, *item;
	size_t i;

	bench_check(row, program, 0, "");
	list = bench_json(row, program);
	check_int(row, (int64_t)json_array_size(json_object_get(list, "items")), jobs);
	json_array_foreach (json_object_get(list, "items"), i, item)
		check_str(row, doc_str(item, "state"), "RUNNING");
	json_decref(list);
	program_free(program);
}

static void check_told(const char *row, int limit, int jobs)
{
	char *may = xasprintf(
		"%d may be open; these contexts need at most about %d", limit, jobs + 320);
	struct program *program = bench_run(bench, "doctor -o json --config {home}/config.yaml");

	check_has(row, buf_str(&program->out), may);
	check_has(row, buf_str(&program->out), "raise the hard limit");
	program_free(program);
	free(may);
}

/* Each is asked twice, and is never out of reach. */
static void check_console(int jobs, int limit, int most_open)
{
	char *all = xasprintf("%d RUNNING", jobs);
	char *told = xasprintf("weir may have %d files open", limit);
	struct screen *screen;
	int rounds = 2;

	free(fleetd_say(fleetd, "gaps anew"));
	screen = start_console();
	check_bool(all, screen_until(screen, were_asked, &rounds, 2 * DEADLINE_MS), true);
	screen_wait(screen, all);
	check_bool("nobody is out of reach", screen_shows(screen, "UNREACHABLE"), false);
	check_bool("few connections stay", count_of("open") < most_open, true);
	screen_type(screen, ":messages\r");
	screen_wait(screen, told);
	screen_free(screen);
	free(all);
	free(told);
}

/* The last cases, in this order: who is not root cannot raise a hard limit again. */
static void a_tenth_of_the_open_files_is_enough(void **state)
{
	(void)state;
	start_fleet(10000, "0");
	allow_open_files(1024);
	check_all_answer("get", 10000);
	check_told("doctor", 1024, 10000);
	check_console(10000, 1024, 1024);
}

static void few_open_files_are_enough(void **state)
{
	static const int limits[] = {256, 128, 64};

	(void)state;
	start_fleet(JOBS, "0");
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		char *row = xasprintf("with %d", limits[i]);

		allow_open_files(limits[i]);
		check_all_answer(row, JOBS);
		check_told(row, limits[i], JOBS);
		free(row);
	}
	check_console(JOBS, 64, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_is_dead_delays_nobody_else, setup, teardown),
		cmocka_unit_test_setup_teardown(what_fails_alike_is_one_message, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_tenth_of_the_open_files_is_enough, setup, teardown),
		cmocka_unit_test_setup_teardown(few_open_files_are_enough, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests_name("fleet_limits", tests, NULL, NULL);
}
