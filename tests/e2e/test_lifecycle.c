/*
 * A real job's life: built from a real git repository by Maven, released, started, stopped with a
 * savepoint and started from it, shipped, rolled back, restored from a checkpoint; directly, and
 * behind two real SSH servers. After each start the job itself says what it found in its state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/life.h"
#include "tests/e2e/live.h"
#include "tests/support/check.h"

static struct life life;

static int enter(void **state)
{
	life_enter(&life, *state, "life");
	return 0;
}

static int leave_case(void **state)
{
	(void)state;
	life_end_jobs(&life);
	return 0;
}

static int leave_group(void **state)
{
	(void)state;
	life_leave(&life);
	return 0;
}

static bool takes_checkpoints(void)
{
	return !str_starts(life.flink->version, "1.16");
}

static struct count last_count(const char *name)
{
	struct count count = {.name = name};

	assert_true(life_read(&life, &count));
	return count;
}

/* A job that has counted. */
static void running_with_state(const char *name)
{
	life_declare(&life, &(struct life_app){.name = name});
	life_go(&life, LIFE_DIRECT, name, WORDS("build", "release", "start"));
	life_count(&life, name, 10);
}

/* ---- a life ---- */

static void live_a_life(const char *way, const char *name, const char *host)
{
	struct count first, second, third;
	char *next;

	life_declare(&life, &(struct life_app){.name = name, .host = host});
	life_go(&life, way, name, WORDS("build", "release", "start"));
	first = life_count(&life, name, 10);
	check_int("a first start begins from nothing", first.restored, 0);
	if (takes_checkpoints())
		life_go(&life, way, name, WORDS("checkpoint"));

	life_go(&life, way, name, WORDS("stop"));
	first = last_count(name);
	life_go(&life, way, name, WORDS("start"));
	second = life_goes_on(&life, &first);
	check_int("it goes on from exactly what it had counted", second.restored, first.count);

	life_go(&life, way, name, WORDS("restart"));
	third = life_goes_on(&life, &second);

	next = life_next_release(&life);
	life_go(&life, way, name, WORDS("ship"));
	second = life_goes_on(&life, &third);
	check_str("what was shipped runs", second.release, next);

	life_go(&life, way, name, WORDS("rollback"));
	third = life_count(&life, name, second.count);
	check_str("a rollback restarts nothing", third.release, next);
	life_go(&life, way, name, WORDS("restart"));
	second = life_goes_on(&life, &third);
	check_str("the release before runs again", second.release, first.release);
	life_go(&life, way, name, WORDS("cancel"));
	free(next);
}

static void a_life_directly(void **state)
{
	(void)state;
	live_a_life(LIFE_DIRECT, "counter", NULL);
}

static void a_life_behind_two_hosts(void **state)
{
	(void)state;
	live_a_life(LIFE_FAR, "far", "gw");
}

/* ---- ship ---- */

/* The run that `words` made, as JSON tells it; the case fails unless it is DONE. */
static json_t *shipped(const char *row, const char *words, int64_t release)
{
	static const char *const steps[] = {"checkout", "command", "artifact", "render", "upload",
		"verify", "activate", "tidy"};
	char *text = life_verb(&life, row, words, 0, NULL), *job = life_job(&life, "shipped");
	json_t *tree = json_loads(text, 0, NULL);
	const json_t *run = json_object_get(tree, "item");
	const json_t *done = json_object_get(run, "steps");

	if (!run)
		fail_msg("%s: %s", row, text);
	check_str(row, json_string_value(json_object_get(run, "state")), "DONE");
	check_str(row, json_string_value(json_object_get(run, "verb")), "ship");
	check_int(row, json_integer_value(json_object_get(run, "release")), release);
	check_str(row, json_string_value(json_object_get(run, "startJobId")), job);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		check_str(row, json_string_value(json_object_get(json_array_get(done, i), "name")),
			steps[i]);
	check_str(row,
		json_string_value(
			json_object_get(json_array_get(done, json_array_size(done) - 1), "name")),
		"running");
	check_int(row, (int64_t)json_array_size(json_object_get(tree, "errors")), 0);
	free(job);
	free(text);
	return tree;
}

static void ship_starts_first_then_restarts_and_tells_it_in_json(void **state)
{
	static const char words[] = LIFE_DIRECT "ship shipped -o json" LIFE_AGREED;
	struct count before, after;
	char *next;

	(void)state;
	life_declare(&life, &(struct life_app){.name = "shipped"});
	json_decref(shipped("first", words, 1));
	before = life_count(&life, "shipped", 10);
	check_int("from nothing", before.restored, 0);

	/* Nothing has changed: it is the same code with the same state. */
	json_decref(shipped("again", words, 2));
	after = life_goes_on(&life, &before);
	check_str("the same code", after.release, before.release);

	next = life_next_release(&life);
	json_decref(shipped("next", words, 3));
	before = life_goes_on(&life, &after);
	check_str("the next code", before.release, next);
	free(next);
}

static void a_ship_that_fails_leaves_the_job_alone(void **state)
{
	static const char words[] = LIFE_DIRECT "ship kept" LIFE_AGREED;
	struct count before, after;
	char *job, *same, *config;

	(void)state;
	running_with_state("kept");
	job = life_job(&life, "kept");
	before = last_count("kept");

	life_declare(&life, &(struct life_app){.name = "kept", .ref = "broken"});
	life_refused(&life, "build", words, 10, "cannot find symbol");

	/* Where releases go nobody may write. */
	life_declare(&life, &(struct life_app){.name = "kept"});
	bench_file(life.bench, "readonly.yaml",
		"current-context: live\ncontexts:\n- name: live\n  workspace: ws\n"
		"  release-dir: /proc/weir\n  flink-envs:\n  - {name: f, home: {flink}}\n"
		"  clusters:\n  - {name: sessions, rest: \"{url}\"}\n");
	config = xasprintf(
		"--config {home}/readonly.yaml --store {home}/store ship kept%s", LIFE_AGREED);
	life_refused(&life, "release", config, 10, "/proc/weir");
	free(config);

	life_refused(&life, "savepoint",
		LIFE_DIRECT "ship kept --target-directory file:///proc/nope" LIFE_AGREED, 10,
		"Failed to create savepoint directory");
	after = life_count(&life, "kept", before.count);
	check_int("the same start", after.restored, before.restored);
	same = life_job(&life, "kept");
	check_str("the same job", same, job);
	free(same);
	free(job);
}

static void a_savepoint_that_cannot_be_written_leaves_the_job_running(void **state)
{
	struct count before, after;

	(void)state;
	running_with_state("held");
	before = last_count("held");
	life_refused(&life, "savepoint",
		LIFE_DIRECT "savepoint held --target-directory file:///proc/nope" LIFE_GO, 10,
		"Failed to create savepoint directory");
	life_refused(&life, "stop",
		LIFE_DIRECT "stop held --target-directory file:///proc/nope" LIFE_GO, 10,
		"Failed to create savepoint directory");
	life_refused(&life, "restart",
		LIFE_DIRECT "restart held --target-directory file:///proc/nope" LIFE_GO, 10,
		"Failed to create savepoint directory");
	after = life_count(&life, "held", before.count);
	check_int("the same start", after.restored, before.restored);
}

/* ---- after an end that was no stop ---- */

static bool is_over(struct flink *flink, void *data)
{
	char *job = life_job(&life, data);
	bool over = job == NULL;

	(void)flink;
	free(job);
	return over;
}

static void the_newest_checkpoint_is_restored_after_a_cancel_and_a_failure(void **state)
{
	char *fail = bench_expand(life.bench, "{home}/fail");
	struct count old = {.name = "ended"}, before, after;

	(void)state;
	life_declare(&life,
		&(struct life_app){
			.name = "ended", .args = ", --retain, 'true', --fail, {home}/fail"});
	life_go(&life, LIFE_DIRECT, "ended", WORDS("build", "release", "start"));
	/* At 50 a second with a checkpoint each second: one is there, and holds at least `old`. */
	before = life_count(&life, "ended", 150);
	old.count = 1;
	life_go(&life, LIFE_DIRECT, "ended", WORDS("cancel"));
	free(life_verb(
		&life, "plan", LIFE_DIRECT "start ended --dry-run", 0, "# the newest: checkpoint"));
	life_go(&life, LIFE_DIRECT, "ended", WORDS("start"));
	after = life_goes_on(&life, &old);
	assert_true(after.restored <= before.count + 50);

	after = life_count(&life, "ended", after.restored + 150);
	bench_file(life.bench, "fail", "");
	flink_until(life.flink, "the job has failed", is_over, (void *)"ended");
	before = last_count("ended");
	unlink(fail);
	old = after;
	old.count = after.restored + 1;
	life_go(&life, LIFE_DIRECT, "ended", WORDS("restart"));
	after = life_goes_on(&life, &old);
	assert_true(after.restored <= before.count);
	free(fail);
}

/* ---- state that does not fit ---- */

static void state_that_does_not_fit_is_said_and_the_release_before_goes_on(void **state)
{
	static const struct {
		const char *name, *ref, *part;
	} rows[] = {
		{"renamed", "renamed", "Cannot map checkpoint/savepoint state"},
		{"retyped", "retyped", "must not be incompatible with the old state serializer"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *name = rows[i].name;
		struct count before, after;
		char *words;

		running_with_state(name);
		life_go(&life, LIFE_DIRECT, name, WORDS("stop"));
		before = last_count(name);
		life_declare(&life, &(struct life_app){.name = name, .ref = rows[i].ref});
		life_go(&life, LIFE_DIRECT, name, WORDS("build", "release"));
		words = xasprintf(LIFE_DIRECT "start %s" LIFE_GO, name);
		life_refused(&life, name, words, 10, rows[i].part);
		free(words);
		life_end_jobs(&life);
		life_go(&life, LIFE_DIRECT, name, WORDS("rollback", "start"));
		after = life_goes_on(&life, &before);
		check_int(name, after.restored, before.count);
		life_go(&life, LIFE_DIRECT, name, WORDS("cancel"));
	}
}

/* ---- logs ---- */

static bool has_said(struct program *program, void *text)
{
	return strstr(buf_str(&program->out), text) != NULL;
}

static void logs_are_read_and_followed(void **state)
{
	struct program *p;
	char *words;

	(void)state;
	running_with_state("logged");
	free(life_verb(&life, "JobManager", LIFE_FAR "logs logged --tail 5000", 0,
		"switched from DEPLOYING"));
	free(life_verb(&life, "list", LIFE_DIRECT "logs logged --list", 0, "taskmanager.log"));
	words = xasprintf(LIFE_DIRECT "logs logged --tm tm-%s --tail 5000", life.flink->name);
	free(life_verb(&life, "TaskManager", words, 0, "Received task"));
	free(words);
	life_refused(&life, "no such TaskManager", LIFE_DIRECT "logs logged --tm nope", 4,
		"no TaskManager 'nope'");
	p = bench_start(life.bench, LIFE_DIRECT "logs logged -f --tail 1");
	assert_true(program_until(p, has_said, (void *)"\n", PROGRAM_DEADLINE_MS));
	life_ok(&life, "savepoint", LIFE_DIRECT "savepoint logged" LIFE_GO);
	assert_true(program_until(p, has_said, (void *)"SavepointType{", PROGRAM_DEADLINE_MS));
	program_free(p);
}

int main(void)
{
	static const struct live_case cases[] = {
		{"built, released, started, stopped, shipped and rolled back, directly",
			a_life_directly, "1.20.5"},
		{"the same behind two hosts", a_life_behind_two_hosts, "2.2.1"},
		{"ship starts first, then restarts, and tells it in JSON",
			ship_starts_first_then_restarts_and_tells_it_in_json, "2.2.1"},
		{"a ship that fails leaves the job alone", a_ship_that_fails_leaves_the_job_alone,
			"1.20.5"},
		{"a savepoint that cannot be written leaves the job running",
			a_savepoint_that_cannot_be_written_leaves_the_job_running, ""},
		{"the newest checkpoint is restored after a cancel and a failure",
			the_newest_checkpoint_is_restored_after_a_cancel_and_a_failure, "1.20.5"},
		{"state that does not fit is said, and the release before goes on",
			state_that_does_not_fit_is_said_and_the_release_before_goes_on, ""},
		{"logs are read and followed", logs_are_read_and_followed, ""},
	};

	return live_run("lifecycle", cases, ARRAY_SIZE(cases), enter, leave_case, leave_group);
}
