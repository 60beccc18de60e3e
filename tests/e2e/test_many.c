/*
 * A verb on marked rows, in the real console on a fleet that is not there: what the plan says, in which order the
 * runs went (as their rows in the store tell), what a failure and Esc leave, and that it goes on from there.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"

#define JOBS 12
#define RUNS_MOST 16

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
	fleetd = fleetd_start(
		WORDS("--jobs", "12", "--managers", "2", "--sick", "0", "--churn", "0", "--flink",
			"1.20.5", "--write-config", config, "--write-workspace", workspace));
	free(config);
	free(workspace);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	screen_free(shown);
	shown = NULL;
	kill(fleetd_pid(fleetd), SIGCONT); /* where a case failed while it was held */
	fleetd_stop(fleetd);
	bench_free(bench);
	return 0;
}

/* So many lines that a plan of seven is seen whole. */
static void start(const char *states)
{
	char *config = temp_path(bench->home, "config.yaml");
	char *store = temp_path(bench->home, "store");

	shown = screen_start(&(struct screen_setup){.home = bench->home,
		.words = WORDS("--config", config, "--store", store),
		.rows = 70,
		.cols = 160});
	screen_wait_line(shown, "Applications", "12");
	screen_wait(shown, states);
	free(config);
	free(store);
}

static void end(void)
{
	screen_type(shown, "\x03");
	check_int("exit", screen_end(shown), 0);
	screen_check_sane("end", shown);
	screen_free(shown);
	shown = NULL;
}

static void wait_frame(const char *text)
{
	screen_wait_long(shown, text, NULL, SCREEN_DEADLINE_MS);
}

/* -- what the store says of the runs -- */

struct seen_run {
	char name[64], state[16];
	int64_t began_ms, ended_ms;
};

/* Those of that verb, the oldest first. */
static size_t read_runs(const char *verb, struct seen_run runs[RUNS_MOST])
{
	json_t *list = bench_ask(bench,
		"get runs -o json --sort-by id --config {home}/config.yaml --store {home}/store");
	const json_t *item;
	size_t i, count = 0;

	json_array_foreach (json_object_get(list, "items"), i, item) {
		if (!str_eq(bench_text(item, "verb"), verb))
			continue;
		assert_true(count < RUNS_MOST);
		struct seen_run *run = &runs[count++];
		snprintf(run->name, sizeof(run->name), "%s", bench_text(item, "name"));
		snprintf(run->state, sizeof(run->state), "%s", bench_text(item, "state"));
		run->began_ms = json_integer_value(json_object_get(item, "createdMs"));
		run->ended_ms = json_integer_value(json_object_get(item, "endedMs"));
	}
	json_decref(list);
	return count;
}

/* The most of them that went at a time. */
static int most_at_once(const struct seen_run *runs, size_t count)
{
	int most = 0;

	for (size_t i = 0; i < count; i++) {
		int going = 0;
		for (size_t j = 0; j < count; j++)
			going += runs[j].began_ms <= runs[i].began_ms &&
				runs[j].ended_ms > runs[i].began_ms;
		most = going > most ? going : most;
	}
	return most;
}

static void check_first_went_alone(const struct seen_run *runs, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (runs[i].began_ms < runs[0].ended_ms)
			fail_msg("%s began before %s had ended", runs[i].name, runs[0].name);
}

/* -- who is who -- */

struct seen_job {
	int number;
	char name[64];
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct seen_job *)a)->name, ((const struct seen_job *)b)->name);
}

/* As the list has them: by name. */
static void read_jobs(struct seen_job jobs[JOBS])
{
	char *said = fleetd_say(fleetd, "jobs"), *rest = said;

	for (int i = 0; i < JOBS; i++)
		check_int("a job",
			sscanf(strsep(&rest, "\n"), "%d %*s %63s", &jobs[i].number, jobs[i].name),
			2);
	qsort(jobs, JOBS, sizeof(jobs[0]), by_name);
	free(said);
}

static void change(const struct seen_job *job, const char *status)
{
	char *order = xasprintf("change %d %s", job->number, status);
	char *said = fleetd_say(fleetd, order);

	check_bool(said, str_starts(said, "ok"), true);
	free(said);
	free(order);
}

/* -- cases -- */

static void a_savepoint_of_five_is_one_plan_and_five_runs(void **state)
{
	struct seen_job jobs[JOBS];
	struct seen_run runs[RUNS_MOST];

	(void)state;
	read_jobs(jobs);
	start("12 RUNNING");
	screen_type(shown, "     ");
	wait_frame("5 marked");
	screen_type(shown, "V");
	wait_frame("savepoint: 5 of 5 marked");
	for (int i = 0; i < 5; i++) {
		char *line = xasprintf("%d. ", i + 1);
		screen_wait_line(shown, line, jobs[i].name);
		free(line);
	}
	wait_frame("/savepoints {\"cancel-job\":");
	wait_frame("Pace: the first alone, then four at a time.");
	check_int("nothing was begun", (int64_t)read_runs("savepoint", runs), 0);
	screen_type(shown, "y");
	wait_frame("savepoint: 5 done");
	screen_wait_gone(shown, "marked");
	screen_type(shown, "u");
	screen_wait_line(shown, "Runs", "5");
	for (int i = 0; i < 5; i++)
		screen_wait_line(shown, jobs[i].name, "DONE");
	end();
	check_int("runs", (int64_t)read_runs("savepoint", runs), 5);
	check_first_went_alone(runs, 5);
	check_int("then four at a time", most_at_once(runs, 5), 4);
}

/* Of eight the first runs no more, which is told; the fourth ends between the plan and the yes. */
static void after_a_failure_none_begins_and_the_same_key_goes_on(void **state)
{
	struct seen_job jobs[JOBS];
	struct seen_run runs[RUNS_MOST];
	char *refused;

	(void)state;
	read_jobs(jobs);
	change(&jobs[0], "CANCELED");
	start("11 RUNNING");
	screen_type(shown, "        ");
	wait_frame("8 marked");
	screen_type(shown, "T");
	wait_frame("stop: 7 of 8 marked");
	refused = xasprintf("%s: ", jobs[0].name);
	screen_wait_line(shown, "not ", refused);
	screen_wait_line(shown, "7. ", jobs[7].name);
	wait_frame("/stop {");
	change(&jobs[3], "CANCELED");
	screen_type(shown, "y");
	wait_frame("stop: 4 done, 1 failed, 2 not begun (still marked: the same key goes on with "
		   "them)");
	check_bool("which failed is told", screen_shows(shown, jobs[3].name), true);
	/* Nothing was sent for the one that had ended, so there is no run of it. */
	check_int("runs", (int64_t)read_runs("stop", runs), 4);
	check_first_went_alone(runs, 4);
	for (int i = 0; i < 4; i++) {
		check_str("in their order", runs[i].name, jobs[i < 2 ? i + 1 : i + 2].name);
		check_str(runs[i].name, runs[i].state, "DONE");
	}
	wait_frame("2 marked");
	screen_type(shown, "T");
	wait_frame("stop: 2 of 2 marked");
	screen_wait_line(shown, "1. ", jobs[6].name);
	screen_wait_line(shown, "2. ", jobs[7].name);
	screen_type(shown, "\t");
	wait_frame("one after the other");
	screen_type(shown, "1\r");
	wait_frame("Pace: one after the other.");
	screen_type(shown, "y");
	wait_frame("stop: 2 done");
	end();
	check_int("all", (int64_t)read_runs("stop", runs), 6);
	check_bool("one after the other", runs[5].began_ms >= runs[4].ended_ms, true);
	free(refused);
}

/* While its JobManagers say nothing the first goes on, for as long as that is needed here. */
static void esc_begins_no_more_and_the_next_start_goes_on(void **state)
{
	struct seen_job jobs[JOBS];
	struct seen_run runs[RUNS_MOST];

	(void)state;
	read_jobs(jobs);
	start("12 RUNNING");
	screen_type(shown, "     V");
	wait_frame("savepoint: 5 of 5 marked");
	kill(fleetd_pid(fleetd), SIGSTOP);
	screen_type(shown, "y");
	wait_frame("4 to come, Esc begins no more");
	screen_type(shown, "\x1b");
	wait_frame("4 are not begun and stay marked; what goes on goes on");
	kill(fleetd_pid(fleetd), SIGCONT);
	wait_frame("savepoint: 1 done, 4 not begun");
	end();
	check_int("one", (int64_t)read_runs("savepoint", runs), 1);
	check_str("the first", runs[0].name, jobs[0].name);
	start("12 RUNNING");
	wait_frame("4 marked");
	screen_type(shown, "V");
	wait_frame("savepoint: 4 of 4 marked");
	screen_type(shown, "y");
	wait_frame("savepoint: 4 done");
	screen_wait_gone(shown, "marked");
	end();
	check_int("the others", (int64_t)read_runs("savepoint", runs), 5);
	for (int i = 0; i < 5; i++)
		check_str("each once", runs[i].name, jobs[i].name);
}

/* Not even of the first anything was sent, so all three are marked at the next start. */
static void leaving_in_the_middle_loses_none(void **state)
{
	struct seen_job jobs[JOBS];
	struct seen_run runs[RUNS_MOST];

	(void)state;
	read_jobs(jobs);
	start("12 RUNNING");
	screen_type(shown, "   V");
	wait_frame("savepoint: 3 of 3 marked");
	kill(fleetd_pid(fleetd), SIGSTOP);
	screen_type(shown, "y");
	wait_frame("2 to come, Esc begins no more");
	screen_type(shown, "q");
	wait_frame("quit while 1 run is in progress?");
	wait_frame("Marked ones that were not begun are");
	screen_type(shown, "y");
	check_int("exit", screen_end(shown), 0);
	screen_free(shown);
	kill(fleetd_pid(fleetd), SIGCONT);
	start("12 RUNNING");
	wait_frame("3 marked");
	screen_type(shown, "V");
	wait_frame("savepoint: 3 of 3 marked");
	screen_type(shown, "y");
	wait_frame("savepoint: 3 done");
	end();
	check_int("each once", (int64_t)read_runs("savepoint", runs), 3);
	for (int i = 0; i < 3; i++)
		check_str("in their order", runs[i].name, jobs[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_savepoint_of_five_is_one_plan_and_five_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(
			after_a_failure_none_begins_and_the_same_key_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(
			esc_begins_no_more_and_the_next_start_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(leaving_in_the_middle_loses_none, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests_name("many", tests, NULL, NULL);
}
