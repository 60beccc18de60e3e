/*
 * Starts and restarts, and what may come between: the order leaves once at most, with an id of ours,
 * from the right point, and the run says how it ended. On real Flink: tests/e2e.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/core/action/start_kit.h"

#define RUNS                                                                                       \
	{                                                                                          \
		.status = JOB_RUNNING, .running = 2, .total = 2                                    \
	}
#define ALL_DONE "check DONE, start DONE, running DONE"

struct fault {
	const char *name;
	struct line before, start, job, tasks[3];
	int sent;
	enum run_state state;
	int code;
	const char *text, *steps;
};

static const struct fault faults[] = {
	{.name = "it runs",
		.tasks = {{.status = JOB_CREATED}, {.status = JOB_RUNNING, .total = 2}, RUNS},
		.sent = 1,
		.state = RUN_DONE,
		.text = " runs",
		.steps = ALL_DONE},
	{.name = "a bounded job has finished",
		.tasks = {{.status = JOB_FINISHED, .total = 2}},
		.sent = 1,
		.state = RUN_DONE,
		.text = "has FINISHED",
		.steps = ALL_DONE},
	{.name = "a live job of that name",
		.before = {.job_id = OLD_JOB},
		.state = RUN_FAILED,
		.code = E_CONFLICT,
		.text = "nothing was started: job " OLD_JOB " of that name (orders) lives on",
		.steps = "check FAILED, start PLANNED, running PLANNED"},
	{.name = "no slots",
		.before = {.slots = -1},
		.state = RUN_FAILED,
		.code = E_CONFLICT,
		.text = "cluster sessions has no free slot",
		.steps = "check FAILED, start PLANNED, running PLANNED"},
	{.name = "nobody there",
		.before = {.code = E_NET, .text = "refused"},
		.state = RUN_FAILED,
		.code = E_NET,
		.text = "nothing was started: refused; cluster sessions has never answered. To see "
			"what is wrong: weir doctor sessions; once it answers again: weir start "
			"ods/orders",
		.steps = "check FAILED, start PLANNED, running PLANNED"},
	{.name = "refused",
		.start = {.code = E_REMOTE, .text = "no main class"},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "nothing was started: no main class",
		.steps = "check DONE, start FAILED, running PLANNED"},
	{.name = "link broken, and it arrived",
		.start = {.code = E_UNKNOWN, .text = "link broken"},
		.job = {.status = JOB_CREATED},
		.tasks = {RUNS},
		.sent = 1,
		.state = RUN_DONE,
		.text = " runs",
		.steps = ALL_DONE},
	{.name = "link broken, and it never arrived",
		.start = {.code = E_UNKNOWN, .text = "link broken"},
		.job = {.code = E_NOTFOUND, .text = "no such job"},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "never arrived: link broken",
		.steps = "check DONE, start FAILED, running PLANNED"},
	{.name = "link broken, and nobody answers",
		.start = {.code = E_UNKNOWN, .text = "link broken"},
		.job = {.code = E_NET, .text = "refused"},
		.sent = 1,
		.state = RUN_UNKNOWN,
		.code = E_UNKNOWN,
		.text = "not known whether job",
		.steps = "check DONE, start UNKNOWN, running PLANNED"},
	{.name = "it fails",
		.tasks = {{.status = JOB_RUNNING, .total = 2},
			{.status = JOB_FAILED, .failure = "IOException: no such table"}},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "is FAILED: IOException: no such table",
		.steps = "check DONE, start DONE, running FAILED"},
	{.name = "canceled by somebody",
		.tasks = {{.status = JOB_CANCELED}},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "is CANCELED",
		.steps = "check DONE, start DONE, running FAILED"},
	{.name = "not known any more",
		.tasks = {{.code = E_NOTFOUND, .text = "no such job"}},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "does not know job",
		.steps = "check DONE, start DONE, running FAILED"},
	{.name = "a link that is slow to heal",
		.tasks = {{.code = E_NET, .text = "refused"}, {.code = E_TIMEOUT, .text = "slow"},
			RUNS},
		.sent = 1,
		.state = RUN_DONE,
		.text = " runs",
		.steps = ALL_DONE},
};

static void say(struct stage *s, const struct fault *fault)
{
	script_add(&s->source, SOURCE_BEFORE, fault->before);
	script_add(&s->source, SOURCE_START, fault->start);
	script_add(&s->source, SOURCE_JOB, fault->job);
	for (size_t i = 0; i < ARRAY_SIZE(fault->tasks); i++)
		if (!i || fault->tasks[i].status || fault->tasks[i].code)
			script_add(&s->source, SOURCE_TASKS, fault->tasks[i]);
}

static void play(struct stage *s, const struct fault *fault)
{
	stage_release(s);
	say(s, fault);
	act(s, fault->name, &act_start);
	check_int(fault->name, s->err.code, fault->code);
	check_int(fault->name, s->source.asked[SOURCE_START], fault->sent);
	newest(s, fault->name);
	check_str(fault->name, run_state_name(s->row->state), run_state_name(fault->state));
	check_has(fault->name, s->row->outcome, fault->text);
	check_steps(fault->name, s->row, fault->steps);
	check_int(fault->name, s->row->release, 1);
	if (fault->sent)
		check_str(fault->name, s->source.started, s->row->start_job_id);
	check_has(fault->name, s->row->plan, s->row->start_job_id);
	check_bool(fault->name, s->row->is_orphan, fault->state == RUN_UNKNOWN);
}

static void every_fault_has_its_end_and_is_sent_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		void *stage;

		setup(&stage);
		play(stage, &faults[i]);
		teardown(&stage);
	}
}

static void what_is_not_released_is_not_started(void **state)
{
	struct stage *s = *state;

	act(s, "not released", &act_start);
	check_err("not released", s->err.code, &s->err, E_CONFLICT,
		"ods/orders is not released yet: weir release ods/orders");
	stage_release(s);
	s->options.args.release = 7;
	act(s, "no such release", &act_start);
	check_err("no such release", s->err.code, &s->err, E_NOTFOUND, "has no release 7");
	s->options.args.release = 0;
	stage_job(s, JOB_RUNNING);
	act(s, "lives", &act_start);
	check_err("lives", s->err.code, &s->err, E_CONFLICT, "weir restart ods/orders");
	s->options.args.restore_mode = "steal";
	act(s, "mode", &act_start);
	check_err("mode", s->err.code, &s->err, E_ARG, "unknown restore mode 'steal'");
	newest(s, "no row");
	check_int("no row", (int64_t)s->rows, 0);
}

static void newest_point_is_taken_unless_said_otherwise(void **state)
{
	static const struct {
		const char *name, *from, *want, *typed;
		bool agrees;
	} rows[] = {
		{"the newest", NULL, "s3://b/two", NULL, false},
		{"in words", "latest", "s3://b/two", NULL, false},
		{"a path", "s3://b/one", "s3://b/one", NULL, false},
		{"none has to be typed", "none", NULL, "orders", false},
		{"none, agreed to", "none", NULL, NULL, true},
	};
	struct stage *s = *state;

	stage_release(s);
	stage_point(s, "s3://b/one", 1000);
	stage_point(s, "s3://b/two", 3000);
	stage_point(s, "s3://b/chk-99", 2000);
	script_add(&s->source, SOURCE_BEFORE, (struct line){.slots = 4});
	script_add(&s->source, SOURCE_START, (struct line){0});
	script_add(&s->source, SOURCE_TASKS, (struct line)RUNS);
	s->waits = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		s->options.args = (struct action_args){.from = rows[i].from,
			.restore_mode = "claim",
			.allow_non_restored_state = true,
			.agrees_to_stateless = rows[i].agrees};
		act(s, rows[i].name, &act_start);
		check_int(rows[i].name, s->err.code, 0);
		check_str(rows[i].name, s->typed, rows[i].typed);
		check_str(rows[i].name, s->restore, rows[i].want);
		check_has(rows[i].name, s->warnings,
			rows[i].want ? "not verified" : "the state that it had is left behind");
		action_go(s->action);
		stage_wait(s, rows[i].name);
		check_int(rows[i].name, s->err.code, 0);
		check_str(rows[i].name, s->source.restored, rows[i].want);
		check_str(rows[i].name, s->run->restore_path, rows[i].want);
		check_str(rows[i].name, s->source.mode, "CLAIM");
		check_bool(rows[i].name, s->source.allows, true);
	}
}

static void first_start_needs_no_consent(void **state)
{
	struct stage *s = *state;

	stage_release(s);
	s->waits = true;
	act(s, "plan", &act_start);
	assert_null(s->typed);
	assert_null(s->restore);
	check_has("says so", s->calls, "no restore point is known");
	action_drop(s->action);
}

/* It ran, and nobody knows a restore point: that is no reason to start from nothing in silence. */
static void who_ran_before_does_not_start_from_nothing_unasked(void **state)
{
	static const struct {
		const char *name, *typed;
		enum job_status last;
	} rows[] = {
		{"it is not known any more", "orders", JOB_STATUS_NONE},
		{"it was canceled", "orders", JOB_CANCELED},
		{"it came to its own end", NULL, JOB_FINISHED},
	};
	struct stage *s = *state;

	stage_release(s);
	script_add(&s->source, SOURCE_BEFORE, (struct line){.slots = 4});
	script_add(&s->source, SOURCE_START, (struct line){0});
	script_add(&s->source, SOURCE_TASKS,
		(struct line){.status = JOB_RUNNING, .running = 2, .total = 2});
	act(s, "first", &act_start);
	check_int("first", s->err.code, 0);
	check_str("first", s->typed, NULL);
	s->waits = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		stage_job(s, rows[i].last);
		act(s, rows[i].name, &act_start);
		check_int(rows[i].name, s->err.code, 0);
		check_str(rows[i].name, s->typed, rows[i].typed);
		action_drop(s->action);
		s->action = NULL;
	}
}

static void changed_file_and_few_slots_are_warnings(void **state)
{
	struct stage *s = *state;

	stage_release(s);
	s->decl.parallelism = 3;
	s->cluster.status.slots_free = 1;
	s->job.last_checkpoint.id = 3;
	s->waits = true;
	act(s, "plan", &act_start);
	check_has("file", s->warnings, "has changed since release 1, which is what is started");
	check_has("slots", s->warnings, "1 slots are free, and it wants 2");
	action_drop(s->action);
}

static void point_that_is_gone_is_refused_and_the_next_is_named(void **state)
{
	struct stage *s = *state;
	struct ssh *hosts;
	struct err err;
	char *dir = temp_path(s->dir, "points/sp"), *there, *gone, *meta;

	there = temp_path(dir, "savepoint-1");
	gone = temp_path(dir, "savepoint-2");
	meta = temp_path(there, "_metadata");
	check_ok("mkdir", file_mkdirs(there, &err), &err);
	temp_file(meta, "x");
	check_ok("hosts", ssh_open(&hosts, &(struct ssh_options){.loop = s->loop}, &err), &err);
	s->options.hosts = hosts;
	stage_release(s);
	stage_point(s, there, 1000);
	stage_point(s, gone, 2000);
	s->waits = true;
	act(s, "gone", &act_start);
	check_err("gone", s->err.code, &s->err, E_CONFLICT, "is not there any more");
	check_has("the next one", s->err.text, there);
	act(s, "remembered", &act_start);
	check_int("remembered", s->err.code, 0);
	check_str("remembered", s->restore, there);
	check_has("says so", s->calls, "passed over");
	assert_null(s->warnings);
	/* It goes between the plan and the yes. */
	script_add(&s->source, SOURCE_BEFORE, (struct line){0});
	assert_int_equal(remove(meta), 0);
	action_go(s->action);
	stage_wait(s, "gone meanwhile");
	check_err("gone meanwhile", s->err.code, &s->err, E_CONFLICT, "is not there any more");
	check_int("not sent", s->source.asked[SOURCE_START], 0);
	ssh_close(hosts);
	free(meta);
	free(gone);
	free(there);
	free(dir);
}

static void two_starts_at_once_are_one(void **state)
{
	struct stage *s = *state;
	struct stage other;

	stage_release(s);
	script_add(&s->source, SOURCE_BEFORE, (struct line){0});
	script_add(&s->source, SOURCE_START, (struct line){0});
	script_add(&s->source, SOURCE_TASKS, (struct line)RUNS);
	s->waits = true;
	act(s, "first", &act_start);
	other = *s;
	other.calls = other.warnings = other.typed = other.restore = NULL;
	other.run = other.row = NULL;
	other.options.data = &other;
	act(&other, "second", &act_start);
	action_go(s->action);
	action_go(other.action);
	stage_wait(&other, "second");
	check_err("second", other.err.code, &other.err, E_CONFLICT, "(start) of ods/orders is in");
	stage_wait(s, "first");
	check_int("first", s->err.code, 0);
	check_int("sent once", s->source.asked[SOURCE_START], 1);
	stage_plan(&other, NULL);
}

static void tasks_that_wait_for_slots_say_so(void **state)
{
	struct stage *s = *state;

	stage_release(s);
	script_add(&s->source, SOURCE_BEFORE, (struct line){.slots = 1});
	script_add(&s->source, SOURCE_BEFORE, (struct line){.slots = -1});
	script_add(&s->source, SOURCE_START, (struct line){0});
	script_add(&s->source, SOURCE_TASKS,
		(struct line){.status = JOB_RUNNING, .running = 1, .total = 2});
	s->options.timeout_ms = 2500;
	act(s, "waits", &act_start);
	check_err("in time", s->err.code, &s->err, E_TIMEOUT,
		"1 of 2 tasks run; it waits for slots: none is free");
	newest(s, "row");
	check_int("watched by nobody", s->row->state, RUN_WATCHING);
	check_bool("to be settled", s->row->is_orphan, true);
	s->source.script.lines[SOURCE_TASKS][0] = (struct line)RUNS;
	action_settle(&s->options, s->row);
	stage_wait(s, "settle");
	check_int("settled", s->run->state, RUN_DONE);
	check_steps("settled", s->run, ALL_DONE);
	check_int("sent once", s->source.asked[SOURCE_START], 1);
}

static void settling_says_what_cut_the_link_and_not_that_weir_ended(void **state)
{
	struct stage *s = *state;

	stage_release(s);
	script_add(&s->source, SOURCE_BEFORE, (struct line){0});
	script_add(&s->source, SOURCE_START,
		(struct line){.code = E_UNKNOWN, .text = "host gw1: connection lost"});
	script_add(&s->source, SOURCE_JOB, (struct line){.code = E_NET, .text = "refused"});
	act(s, "cut", &act_start);
	newest(s, "row");
	check_int("in doubt", s->row->state, RUN_UNKNOWN);
	check_str(
		"the step keeps why", run_current_step(s->row)->text, "host gw1: connection lost");
	s->source.script.lines[SOURCE_JOB][0] =
		(struct line){.code = E_NOTFOUND, .text = "no such job"};
	action_settle(&s->options, s->row);
	stage_wait(s, "settle");
	check_int("settled", s->run->state, RUN_FAILED);
	check_has("the reason", s->run->outcome, "never arrived: host gw1: connection lost");
	check_int("sent once", s->source.asked[SOURCE_START], 1);
}

static pid_t client;
static int client_end;

/* What `flink run` is to us: a process with the job's id in its words, until its stdin ends. */
static void on_output_client(void *data, const char *bytes, size_t len)
{
	struct stage *s = data;
	char *word = xasprintf("-D$internal.pipeline.job-id=%s", s->source.started);
	int ends[2];

	(void)bytes;
	(void)len;
	assert_int_equal(pipe(ends), 0);
	client = fork();
	if (client == 0) {
		dup2(ends[0], 0);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", "read x; exit 0", "client", word, NULL);
		_exit(127);
	}
	close(ends[0]);
	client_end = ends[1];
	free(word);
}

static void a_start_whose_client_still_runs_stays_in_doubt(void **state)
{
	struct stage *s = *state;
	struct ssh *hosts;
	struct err err;
	char pid[32];

	check_ok("hosts", ssh_open(&hosts, &(struct ssh_options){.loop = s->loop}, &err), &err);
	s->options.hosts = hosts;
	s->options.on_output = on_output_client;
	stage_release(s);
	script_add(&s->source, SOURCE_BEFORE, (struct line){0});
	script_add(&s->source, SOURCE_START, (struct line){.code = E_UNKNOWN, .text = "no answer"});
	script_add(
		&s->source, SOURCE_JOB, (struct line){.code = E_NOTFOUND, .text = "no such job"});
	act(s, "stuck", &act_start);
	snprintf(pid, sizeof(pid), "process %d on local", (int)client);
	check_err("stuck", s->err.code, &s->err, E_UNKNOWN, pid);
	newest(s, "row");
	check_int("in doubt", s->row->state, RUN_UNKNOWN);
	check_bool("to be settled", s->row->is_orphan, true);
	/* Another start settles first, and finds it again. */
	act(s, "again", &act_start);
	check_err("again", s->err.code, &s->err, E_CONFLICT, pid);
	close(client_end);
	assert_int_equal(waitpid(client, NULL, 0), client);
	newest(s, "row");
	action_settle(&s->options, s->row);
	stage_wait(s, "settle");
	check_int("settled", s->run->state, RUN_FAILED);
	check_has("settled", s->run->outcome, "never arrived: no answer");
	check_int("sent once", s->source.asked[SOURCE_START], 1);
	s->options.hosts = NULL;
	ssh_close(hosts);
}

static void detached_start_is_left_when_it_was_taken(void **state)
{
	struct stage *s = *state;

	stage_release(s);
	script_add(&s->source, SOURCE_BEFORE, (struct line){0});
	script_add(&s->source, SOURCE_START, (struct line){0});
	s->options.is_detached = true;
	act(s, "detached", &act_start);
	check_int("taken", s->err.code, 0);
	newest(s, "row");
	check_steps("row", s->row, "check DONE, start DONE, running WATCHING");
	script_add(&s->source, SOURCE_TASKS, (struct line)RUNS);
	action_settle(&s->options, s->row);
	stage_wait(s, "settle");
	check_steps("settled", s->run, ALL_DONE);
}

static void what_a_start_prints_is_kept(void **state)
{
	struct stage *s = *state;

	stage_release(s);
	script_add(&s->source, SOURCE_BEFORE, (struct line){0});
	script_add(&s->source, SOURCE_START, (struct line){0});
	script_add(&s->source, SOURCE_TASKS, (struct line)RUNS);
	act(s, "start", &act_start);
	check_has("told", buf_str(&s->output), "Job has been submitted");
	char *path = run_log_path(s->store, s->run->id);
	struct buf text;
	struct err err;
	buf_init(&text, 0);
	check_ok("log", file_read(path, &text, &err), &err);
	check_has("log", buf_str(&text), "Job has been submitted");
	buf_release(&text);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_its_end_and_is_sent_once),
		cmocka_unit_test_setup_teardown(
			what_is_not_released_is_not_started, setup, teardown),
		cmocka_unit_test_setup_teardown(
			newest_point_is_taken_unless_said_otherwise, setup, teardown),
		cmocka_unit_test_setup_teardown(first_start_needs_no_consent, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_ran_before_does_not_start_from_nothing_unasked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			changed_file_and_few_slots_are_warnings, setup, teardown),
		cmocka_unit_test_setup_teardown(
			point_that_is_gone_is_refused_and_the_next_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(two_starts_at_once_are_one, setup, teardown),
		cmocka_unit_test_setup_teardown(tasks_that_wait_for_slots_say_so, setup, teardown),
		cmocka_unit_test_setup_teardown(
			detached_start_is_left_when_it_was_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_start_whose_client_still_runs_stays_in_doubt, setup, teardown),
		cmocka_unit_test_setup_teardown(
			settling_says_what_cut_the_link_and_not_that_weir_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_start_prints_is_kept, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
