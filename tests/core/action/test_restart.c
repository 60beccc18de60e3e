/*
 * Restarts: the job that runs is only given up for a savepoint that is there. And weir that dies in
 * any step (kill -9): what it left is found, asked about, and never done again.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/core/action/start_kit.h"

#define RUNS                                                                                       \
	{                                                                                          \
		.status = JOB_RUNNING, .running = 2, .total = 2                                    \
	}
#define SAVEPOINT "s3://b/savepoint-7"

/* What a restart that goes well is told. */
static void say_all_well(struct stage *s)
{
	script_add(&s->source, SOURCE_JOB, (struct line){.status = JOB_RUNNING});
	script_add(&s->source, SOURCE_JOB, (struct line){.status = JOB_FINISHED});
	script_add(&s->source, SOURCE_STOP, (struct line){0});
	script_add(&s->source, SOURCE_TRIGGER, (struct line){.location = SAVEPOINT});
	script_add(&s->source, SOURCE_BEFORE, (struct line){.slots = -1});
	script_add(&s->source, SOURCE_START, (struct line){0});
	script_add(&s->source, SOURCE_TASKS, (struct line)RUNS);
}

static void restart_starts_from_the_savepoint_of_its_stop(void **state)
{
	struct stage *s = *state;

	stage_release(s);
	stage_point(s, "s3://b/older", 1000);
	stage_job(s, JOB_RUNNING);
	say_all_well(s);
	s->waits = true;
	act(s, "plan", &act_restart);
	check_int("plan", s->err.code, 0);
	check_has("stop first", s->calls, "STOP " OLD_JOB);
	check_has("from its savepoint", s->calls, "from <the savepoint of this run>");
	action_go(s->action);
	stage_wait(s, "restart");
	check_int("restart", s->err.code, 0);
	check_steps("steps", s->run, "stop DONE, check DONE, start DONE, running DONE");
	check_str("from", s->source.restored, SAVEPOINT);
	check_str("in the row", s->run->restore_path, SAVEPOINT);
	check_str("result", s->run->result, SAVEPOINT);
	check_str("the new one", s->source.started, s->run->start_job_id);
	check_str("the old one", s->run->job_id, OLD_JOB);
	check_has("outcome", s->run->outcome, "runs, from " SAVEPOINT);
	check_int("no slots are wanted", s->source.asked[SOURCE_BEFORE], 1);
}

static void failed_savepoint_starts_nothing(void **state)
{
	struct stage *s = *state;

	stage_release(s);
	stage_job(s, JOB_RUNNING);
	script_add(&s->source, SOURCE_JOB, (struct line){.status = JOB_RUNNING});
	script_add(&s->source, SOURCE_STOP, (struct line){0});
	script_add(&s->source, SOURCE_TRIGGER, (struct line){.failure = "IOException: disk full"});
	act(s, "restart", &act_restart);
	check_err("why", s->err.code, &s->err, E_REMOTE,
		"IOException: disk full; the job goes on: RUNNING");
	check_steps("steps", s->run, "stop FAILED, check PLANNED, start PLANNED, running PLANNED");
	check_int("not started", s->source.asked[SOURCE_START], 0);
}

static void start_that_is_refused_says_where_the_state_is(void **state)
{
	struct stage *s = *state;

	stage_release(s);
	stage_job(s, JOB_RUNNING);
	say_all_well(s);
	s->source.script.lines[SOURCE_START][0] =
		(struct line){.code = E_REMOTE, .text = "no main class"};
	act(s, "restart", &act_restart);
	check_err("why", s->err.code, &s->err, E_REMOTE, "no main class");
	check_has("stopped", s->err.text, "the job is stopped (" SAVEPOINT ")");
	check_str("kept", s->run->result, SAVEPOINT);
}

static void job_that_has_ended_is_started_from_the_newest_point(void **state)
{
	static const enum job_status ended[] = {
		JOB_FAILED, JOB_CANCELED, JOB_FINISHED, JOB_SUSPENDED, JOB_STATUS_NONE};
	struct stage *s = *state;

	stage_release(s);
	stage_point(s, "s3://b/older", 1000);
	stage_point(s, "s3://b/newer", 2000);
	say_all_well(s);
	s->source.script.lines[SOURCE_BEFORE][0] = (struct line){.slots = 4};
	for (size_t i = 0; i < ARRAY_SIZE(ended); i++) {
		const char *row = ended[i] ? job_status_name(ended[i]) : "none";

		stage_job(s, ended[i]);
		act(s, row, &act_restart);
		check_int(row, s->err.code, 0);
		check_steps(row, s->run, "check DONE, start DONE, running DONE");
		check_str(row, s->source.restored, "s3://b/newer");
	}
	check_int("none was stopped", s->source.asked[SOURCE_STOP], 0);
}

static void restart_never_changes_the_cluster(void **state)
{
	struct stage *s = *state;

	s->decl.cluster = "other";
	stage_release(s);
	stage_job(s, JOB_RUNNING);
	act(s, "elsewhere", &act_restart);
	check_err("elsewhere", s->err.code, &s->err, E_CONFLICT,
		"runs on sessions, and its release is for other");
}

/* ---- kill -9 ---- */

struct death {
	const char *name;
	enum source_verb at; /* weir dies when it is about to ask or say this */
	bool arrives;        /* what was being sent has arrived */
	enum run_state state;
	const char *text, *steps;
};

static const struct death deaths[] = {
	{"before the stop leaves", SOURCE_STOP, false, RUN_FAILED, "never arrived",
		"stop FAILED, check PLANNED, start PLANNED, running PLANNED"},
	{"the stop has left", SOURCE_STOP, true, RUN_FAILED,
		"stopped with savepoint " SAVEPOINT ", not started",
		"stop DONE, check FAILED, start PLANNED, running PLANNED"},
	{"while it is stopping", SOURCE_TRIGGER, true, RUN_FAILED,
		"stopped with savepoint " SAVEPOINT ", not started",
		"stop DONE, check FAILED, start PLANNED, running PLANNED"},
	{"in the check", SOURCE_BEFORE, true, RUN_FAILED,
		"stopped with savepoint " SAVEPOINT ", not started",
		"stop DONE, check FAILED, start PLANNED, running PLANNED"},
	{"before the start leaves", SOURCE_START, false, RUN_FAILED,
		"the former one is stopped, its savepoint is " SAVEPOINT,
		"stop DONE, check DONE, start FAILED, running PLANNED"},
	{"the start has left", SOURCE_START, true, RUN_DONE, "runs, from " SAVEPOINT,
		"stop DONE, check DONE, start DONE, running DONE"},
	{"while it comes up", SOURCE_TASKS, true, RUN_DONE, "runs, from " SAVEPOINT,
		"stop DONE, check DONE, start DONE, running DONE"},
};

/* Is its state over there, and nowhere else? */
static bool is_stopped(const struct death *death)
{
	return death->state == RUN_FAILED && strstr(death->text, SAVEPOINT);
}

/* In a process of its own, which ends by its own SIGKILL. */
static void die(const char *dir, enum source_verb at)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct stage *s = stage_new(dir);

		stage_release(s);
		stage_job(s, JOB_RUNNING);
		say_all_well(s);
		s->source.kill_at = at;
		act(s, "killed", &act_restart);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("it was not killed: %x", (unsigned)status);
}

static void say_aftermath(struct stage *s, const struct death *death)
{
	bool stops = death->at == SOURCE_STOP || death->at == SOURCE_TRIGGER;
	struct line unknown = {.code = E_NOTFOUND, .text = "not known"};

	if (stops && death->arrives)
		script_add(&s->source, SOURCE_JOB, (struct line){.status = JOB_FINISHED});
	else if (stops || death->arrives)
		script_add(&s->source, SOURCE_JOB, (struct line){.status = JOB_RUNNING});
	else
		script_add(&s->source, SOURCE_JOB, unknown);
	script_add(&s->source, SOURCE_TRIGGER,
		death->arrives ? (struct line){.location = SAVEPOINT} : unknown);
	script_add(&s->source, SOURCE_TASKS, (struct line)RUNS);
}

static void killed_in_any_step_is_settled_and_nothing_is_done_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(deaths); i++) {
		const struct death *death = &deaths[i];
		char *dir = temp_dir();
		struct stage *s;

		die(dir, death->at);
		s = stage_new(dir);
		newest(s, death->name);
		check_int(death->name, (int64_t)s->rows, 1);
		check_bool(death->name, s->row->is_orphan, true);
		say_aftermath(s, death);
		action_settle(&s->options, s->row);
		stage_wait(s, death->name);
		check_str(death->name, run_state_name(s->run->state), run_state_name(death->state));
		check_has(death->name, s->run->outcome, death->text);
		check_steps(death->name, s->run, death->steps);
		check_int(death->name, s->source.asked[SOURCE_STOP] + s->source.asked[SOURCE_START],
			0);
		newest(s, death->name);
		check_bool(death->name, s->row->is_orphan, false);
		stage_free(s);
		temp_dir_remove(dir);
	}
}

/* Nobody has settled it: the next start does, before it looks for what it restores. */
static void start_after_a_kill_takes_the_savepoint_of_the_stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(deaths); i++) {
		const struct death *death = &deaths[i];
		char *dir = temp_dir();
		struct stage *s;

		if (!is_stopped(death))
			goto next;
		die(dir, death->at);
		s = stage_new(dir);
		say_aftermath(s, death);
		script_add(&s->source, SOURCE_BEFORE, (struct line){.slots = 4});
		script_add(&s->source, SOURCE_START, (struct line){0});
		stage_job(s, JOB_STATUS_NONE);
		act(s, death->name, &act_start);
		check_int(death->name, s->err.code, 0);
		check_str(death->name, s->typed, NULL);
		check_str(death->name, s->source.restored, SAVEPOINT);
		check_int(death->name, s->source.asked[SOURCE_START], 1);
		newest(s, death->name);
		check_int(death->name, (int64_t)s->rows, 2);
		check_str(death->name, run_state_name(s->row->state), "DONE");
		stage_free(s);
	next:
		temp_dir_remove(dir);
	}
}

/* Flink forgets triggers after five minutes, but not with which savepoint a job was stopped. */
static void stop_that_is_forgotten_is_read_from_the_job(void **state)
{
	static const struct {
		const char *name, *location, *outcome;
		enum run_state state;
	} rows[] = {
		{"stopped with it", SAVEPOINT, "stopped with savepoint " SAVEPOINT, RUN_FAILED},
		{"came to its own end", NULL, "does not know how it ended", RUN_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *dir = temp_dir();
		struct stage *s;

		die(dir, SOURCE_TRIGGER);
		s = stage_new(dir);
		newest(s, rows[i].name);
		script_add(&s->source, SOURCE_TRIGGER,
			(struct line){.code = E_NOTFOUND, .text = "not known"});
		script_add(&s->source, SOURCE_JOB, (struct line){.status = JOB_FINISHED});
		script_add(&s->source, SOURCE_STOPPED, (struct line){.location = rows[i].location});
		action_settle(&s->options, s->row);
		stage_wait(s, rows[i].name);
		check_str(
			rows[i].name, run_state_name(s->run->state), run_state_name(rows[i].state));
		check_has(rows[i].name, s->run->outcome, rows[i].outcome);
		check_int(rows[i].name, s->source.asked[SOURCE_START], 0);
		stage_free(s);
		temp_dir_remove(dir);
	}
}

static void called_off_between_stop_and_start(void **state)
{
	struct stage *s = *state;
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;
	struct err err;

	stage_release(s);
	stage_job(s, JOB_RUNNING);
	say_all_well(s);
	s->source.script.lines[SOURCE_TRIGGER][0].is_silent = true;
	s->waits = true;
	act(s, "plan", &act_restart);
	action_go(s->action);
	while (!s->source.asked[SOURCE_TRIGGER] && clock_mono_ms() < end_ms)
		loop_turn(s->loop, 20);
	check_err(
		"was sent", action_cancel(s->action, &err), &err, E_CONFLICT, "its stop was sent");
	action_drop(s->action);
	newest(s, "dropped");
	s->source.script.lines[SOURCE_TRIGGER][0].is_silent = false;
	s->source.script.lines[SOURCE_JOB][0].status = JOB_FINISHED;
	action_settle(&s->options, s->row);
	stage_wait(s, "settled");
	/* Now in the check: nothing of it is left over there. */
	s->source.script.lines[SOURCE_BEFORE][0].is_silent = true;
	s->source.asked[SOURCE_BEFORE] = s->source.asked[SOURCE_JOB] = 0;
	s->source.script.lines[SOURCE_JOB][0].status = JOB_RUNNING;
	act(s, "plan", &act_restart);
	action_go(s->action);
	while (!s->source.asked[SOURCE_BEFORE] && clock_mono_ms() < end_ms)
		loop_turn(s->loop, 20);
	check_int("called off", action_cancel(s->action, &err), 0);
	check_bool("not from inside", s->is_back, false);
	stage_wait(s, "canceled");
	check_int("canceled", s->err.code, E_CANCELED);
	check_steps("steps", s->run, "stop DONE, check CANCELED, start PLANNED, running PLANNED");
	check_has("says what was done", s->run->outcome, SAVEPOINT);
	check_int("not started", s->source.asked[SOURCE_START], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_in_any_step_is_settled_and_nothing_is_done_again),
		cmocka_unit_test(start_after_a_kill_takes_the_savepoint_of_the_stop),
		cmocka_unit_test(stop_that_is_forgotten_is_read_from_the_job),
		cmocka_unit_test_setup_teardown(
			restart_starts_from_the_savepoint_of_its_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(failed_savepoint_starts_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			start_that_is_refused_says_where_the_state_is, setup, teardown),
		cmocka_unit_test_setup_teardown(
			job_that_has_ended_is_started_from_the_newest_point, setup, teardown),
		cmocka_unit_test_setup_teardown(restart_never_changes_the_cluster, setup, teardown),
		cmocka_unit_test_setup_teardown(called_off_between_stop_and_start, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
