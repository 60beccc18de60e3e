/*
 * Verbs on real jobs: what weir says was done, held against the JobManager and the files that are
 * there. Each case has a job of its own; nothing is done to one that another case looks at.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/live.h"
#include "tests/e2e/screen.h"
#include "tests/support/check.h"

#define CONF "--config {home}/config.yaml "
/* A savepoint of this job takes some seconds. */
#define SLOW "--sync", "4000", "--mode", "backpressure", "--interval", "0"

static struct {
	struct flink *flink;
	struct bench *bench;
	const char *failed;
	struct screen *screen;
} live;

static void leave(void)
{
	flink_stop(live.flink);
	live.flink = NULL;
	bench_free(live.bench);
	live.bench = NULL;
}

static int enter(void **state)
{
	const char *version = *state;

	if (!flink_must_start(live.flink, &live.failed, version))
		return 0;
	leave();
	live.bench = bench_new();
	live.flink = flink_start(version, "verbs");
	jobs_declare(live.bench, live.flink->url);
	bench_file(live.bench, "readonly.yaml",
		"current-context: live\ncontexts:\n- name: live\n  readonly: true\n"
		"  clusters:\n  - {name: sessions, type: standalone, rest: \"{url}\"}\n");
	bench_file(live.bench, "named.yaml",
		"current-context: live\ncontexts:\n- name: live\n  confirm: name\n"
		"  clusters:\n  - {name: sessions, type: standalone, rest: \"{url}\"}\n");
	live.failed = NULL;
	return 0;
}

/* Also after a case that failed half way. */
static int leave_case(void **state)
{
	(void)state;
	screen_free(live.screen);
	live.screen = NULL;
	return 0;
}

static int leave_group(void **state)
{
	(void)state;
	leave();
	return 0;
}

/* ---- jobs ---- */

static bool is_running(struct flink *flink, void *data)
{
	json_t *overview = flink_get(flink, "/jobs/overview");
	const json_t *job = jobs_entry(overview, data), *tasks = json_object_get(job, "tasks");
	bool running = str_eq(json_string_value(json_object_get(job, "state")), "RUNNING") &&
		json_integer_value(json_object_get(tasks, "running")) ==
			json_integer_value(json_object_get(tasks, "total"));

	json_decref(overview);
	return running;
}

/* All its tasks run; the id is {job}, malloc'd. */
static char *submit(const char *const *words)
{
	char *id = flink_submit(live.flink, words);

	flink_until(live.flink, "all tasks run", is_running, id);
	bench_set(live.bench, "job", id);
	return id;
}

static void check_status(const char *row, const char *job_id, const char *want)
{
	json_t *answer = jobs_get(live.flink, job_id, "/status");

	check_str(row, json_string_value(json_object_get(answer, "status")), want);
	json_decref(answer);
}

static void check_savepoints(const char *row, const char *job_id, int want)
{
	json_t *answer = jobs_get(live.flink, job_id, "/checkpoints");
	const json_t *entry;
	int count = 0;
	size_t i;

	json_array_foreach (json_object_get(answer, "history"), i, entry)
		count += json_is_true(json_object_get(entry, "is_savepoint"));
	check_int(row, count, want);
	json_decref(answer);
}

static void end_job(char *job_id)
{
	flink_cancel(live.flink, job_id);
	free(job_id);
}

/* ---- runs ---- */

static const char *field(const json_t *item, const char *key)
{
	return json_string_value(json_object_get(item, key));
}

/* The item of `weir VERB … -o json`, with this exit code. Owned. */
static json_t *act(const char *row, const char *words, int exit_code)
{
	struct program *p = bench_run(live.bench, words);
	json_t *tree, *item;

	if (p->exit_code != exit_code)
		print_error("%s%s\n", buf_str(&p->out), buf_str(&p->err));
	check_int(row, p->exit_code, exit_code);
	tree = bench_json(row, p);
	check_str(row, field(tree, "kind"), "Run");
	check_int(row, (int64_t)json_array_size(json_object_get(tree, "errors")), exit_code != 0);
	item = json_incref(json_object_get(tree, "item"));
	json_decref(tree);
	program_free(p);
	return item;
}

/* The newest run of {job}; NULL = there is none. Owned. */
static json_t *newest_run(void)
{
	struct program *p = bench_run(live.bench, CONF "get runs {job} -o json");
	json_t *list = bench_json("get runs", p);
	json_t *item = json_incref(json_array_get(json_object_get(list, "items"), 0));

	bench_check("get runs", p, 0, NULL);
	json_decref(list);
	program_free(p);
	return item;
}

static void check_savepoint_is_there(const char *row, const char *location)
{
	const char *path = location;

	assert_non_null(location);
	assert_true(str_starts(location, "file:"));
	path += strlen("file:");
	char *file = temp_path(path, "_metadata");
	if (access(file, R_OK) != 0)
		fail_msg("%s: there is no %s", row, file);
	free(file);
}

static bool run_is_watched(struct flink *flink, void *data)
{
	json_t *run = newest_run();
	bool is_so = run && str_eq(field(run, "state"), "WATCHING");

	(void)flink;
	(void)data;
	json_decref(run);
	return is_so;
}

/* ---- cases ---- */

static void dry_run_sends_nothing(void **state)
{
	char *id = submit(WORDS("--mode", "count", "--name", "dry", "--interval", "0"));
	struct program *p;
	char *call;

	(void)state;
	p = bench_run(live.bench, CONF "savepoint dry --dry-run");
	bench_check("text", p, 0, NULL);
	call = xasprintf("POST %s/jobs/%s/savepoints {", live.flink->url, id);
	check_has("text", buf_str(&p->out), call);
	program_free(p);
	free(call);
	json_t *item = act("json", CONF "stop dry --dry-run -o json", 0);
	check_has("json", field(item, "plan"), "/stop {\"drain\": false");
	check_bool("no run", json_is_null(json_object_get(item, "id")), true);
	json_decref(item);
	p = bench_run(live.bench, CONF "stop dry");
	bench_check("nobody can be asked", p, 7, "add --yes");
	program_free(p);
	p = bench_run(live.bench, "--config {home}/readonly.yaml stop dry --yes");
	bench_check("read-only", p, 7, "context live is read-only");
	program_free(p);
	item = newest_run();
	assert_null(item);
	check_savepoints("none", id, 0);
	check_status("goes on", id, "RUNNING");
	end_job(id);
}

static void savepoint_of_a_declared_application(void **state)
{
	char *id = submit(WORDS("--mode", "count", "--name", "订单同步", "--interval", "0"));
	json_t *item = act("savepoint", CONF "savepoint ods/order-sync --yes --wait -o json", 0);

	(void)state;
	check_str("state", field(item, "state"), "DONE");
	check_str("team", field(item, "team"), "ods");
	check_str("job", field(item, "jobId"), id);
	check_has("plan", field(item, "plan"), field(item, "triggerId"));
	check_savepoint_is_there("there", field(item, "result"));
	json_decref(item);
	item = newest_run();
	check_str("in the journal", field(item, "state"), "DONE");
	check_savepoint_is_there("in the journal", field(item, "result"));
	json_decref(item);
	check_savepoints("one", id, 1);
	check_status("goes on", id, "RUNNING");
	end_job(id);
}

static void checkpoint_where_flink_has_it(void **state)
{
	char *id = submit(WORDS("--mode", "count", "--name", "check", "--interval", "600000"));
	bool has_it = !str_starts(live.flink->version, "1.16");
	json_t *item =
		act("checkpoint", CONF "checkpoint check --yes --wait -o json", has_it ? 0 : 10);

	(void)state;
	check_str("state", field(item, "state"), has_it ? "DONE" : "FAILED");
	if (has_it)
		check_str("its number", field(item, "result"), "1");
	else
		check_str("says so", field(item, "code"), "UNSUPPORTED");
	json_decref(item);
	check_status("goes on", id, "RUNNING");
	end_job(id);
}

static void stop_ends_the_job_with_a_savepoint(void **state)
{
	char *id = submit(WORDS("--mode", "count", "--name", "halt", "--interval", "0"));
	json_t *item = act("stop", CONF "stop halt --yes --wait -o json", 0);
	struct program *p;

	(void)state;
	check_str("state", field(item, "state"), "DONE");
	check_savepoint_is_there("there", field(item, "result"));
	json_decref(item);
	check_status("ended", id, "FINISHED");
	p = bench_run(live.bench, CONF "stop {job} --yes --wait");
	bench_check("nothing left to stop", p, 8, "has ended: FINISHED");
	program_free(p);
	free(id);
}

static void failed_savepoint_leaves_the_job_running(void **state)
{
	char *id = submit(WORDS("--mode", "count", "--name", "stays", "--interval", "0"));
	json_t *item = act("stop",
		CONF "stop stays --yes --wait -o json --target-directory file:///proc/nope", 10);

	(void)state;
	check_str("state", field(item, "state"), "FAILED");
	check_has("why", field(item, "outcome"), "Failed to create savepoint directory");
	check_has("what goes on", field(item, "outcome"), "the job goes on: RUNNING");
	check_has("asked for", field(item, "arguments"), "file:///proc/nope");
	json_decref(item);
	check_status("goes on", id, "RUNNING");
	end_job(id);
}

static void cancel_ends_the_job(void **state)
{
	char *id = submit(WORDS("--mode", "count", "--name", "drop", "--interval", "0"));
	json_t *item = act("cancel", CONF "cancel drop --yes --wait -o json", 0);

	(void)state;
	check_str("state", field(item, "state"), "DONE");
	json_decref(item);
	check_status("ended", id, "CANCELED");
	free(id);
}

static void second_run_is_a_conflict(void **state)
{
	char *id = submit(WORDS(SLOW, "--name", "busy"));
	struct program *first = bench_start(live.bench, CONF "savepoint busy --yes --wait");
	struct program *second;

	(void)state;
	flink_until(live.flink, "the first run is watched", run_is_watched, NULL);
	second = bench_run(live.bench, CONF "cancel busy --yes --wait");
	bench_check("second", second, 8, "(savepoint) of busy is in progress");
	program_free(second);
	check_int("first", program_wait(first, FLINK_DEADLINE_MS), 0);
	program_free(first);
	check_status("goes on", id, "RUNNING");
	end_job(id);
}

static void killed_weir_leaves_a_run_that_is_settled(void **state)
{
	char *id = submit(WORDS(SLOW, "--name", "killed"));
	struct program *p = bench_start(live.bench, CONF "savepoint killed --yes --wait");
	json_t *run;

	(void)state;
	flink_until(live.flink, "the run is watched", run_is_watched, NULL);
	program_signal(p, SIGKILL);
	check_int("killed", program_wait(p, FLINK_DEADLINE_MS), -SIGKILL);
	program_free(p);
	run = newest_run();
	check_str("not known", field(run, "state"), "UNKNOWN");
	check_bool("to be settled", json_is_true(json_object_get(run, "orphan")), true);
	json_decref(run);
	p = bench_run(live.bench, CONF "settle {job} -o json");
	bench_check("settle", p, 0, NULL);
	program_free(p);
	run = newest_run();
	check_str("settled", field(run, "state"), "DONE");
	check_savepoint_is_there("settled", field(run, "result"));
	json_decref(run);
	check_savepoints("one", id, 1);
	end_job(id);
}

static void next_verb_settles_what_was_left(void **state)
{
	char *id = submit(WORDS(SLOW, "--name", "left"));
	struct program *p = bench_run(live.bench, CONF "savepoint left --yes");
	json_t *list;

	(void)state;
	bench_check("accepted", p, 0, "run ");
	program_free(p);
	json_t *item = act("stop", CONF "stop left --yes --wait -o json", 0);
	check_savepoint_is_there("stop", field(item, "result"));
	json_decref(item);
	p = bench_run(live.bench, CONF "get runs left -o json");
	list = bench_json("both", p);
	check_int("both", (int64_t)json_array_size(json_object_get(list, "items")), 2);
	check_str(
		"first", field(json_array_get(json_object_get(list, "items"), 1), "state"), "DONE");
	json_decref(list);
	program_free(p);
	check_status("ended", id, "FINISHED");
	free(id);
}

/* verb NULL = the console. */
static struct screen *terminal(const char *config, const char *verb, const char *app)
{
	char *path = bench_expand(live.bench, config);

	screen_free(live.screen);
	live.screen = screen_start(&(struct screen_setup){.home = live.bench->home,
		.words =
			(const char *[]){"--config", path, verb, app, verb ? "--wait" : NULL, NULL},
		.rows = 24,
		.cols = 100});
	free(path);
	return live.screen;
}

static void on_a_terminal_it_is_asked(void **state)
{
	char *id = submit(WORDS("--mode", "count", "--name", "asked", "--interval", "0"));
	struct screen *screen = terminal("{home}/config.yaml", "cancel", "asked");

	(void)state;
	screen_wait(screen, "?mode=cancel");
	screen_wait(screen, "cancel asked? [y/N]");
	screen_type(screen, "n\r");
	check_int("no", screen_end(screen), 130);
	screen = terminal("{home}/named.yaml", "cancel", "asked");
	screen_wait(screen, "type its name (asked)");
	screen_type(screen, "y\r");
	check_int("y is not its name", screen_end(screen), 130);
	check_status("goes on", id, "RUNNING");
	screen = terminal("{home}/named.yaml", "cancel", "asked");
	screen_wait(screen, "type its name (asked)");
	screen_type(screen, "asked\r");
	check_int("its name", screen_end(screen), 0);
	check_status("ended", id, "CANCELED");
	free(id);
}

static void a_key_stops_a_job_after_a_yes(void **state)
{
	char *id = submit(WORDS("--mode", "count", "--name", "bykey", "--interval", "0"));
	struct screen *screen = terminal("{home}/config.yaml", NULL, NULL);
	json_t *run;

	(void)state;
	screen_wait_line(screen, "bykey", "RUNNING");
	screen_type(screen, "/bykey\r");
	screen_wait_gone(screen, "order-sync");
	screen_type(screen, "T");
	screen_wait(screen, "stop: bykey");
	screen_wait(screen, "/stop {");
	screen_type(screen, "n");
	screen_wait(screen, "not confirmed");
	check_status("goes on", id, "RUNNING");
	screen_type(screen, "T");
	screen_wait(screen, "stop: bykey");
	screen_type(screen, "y");
	screen_wait(screen, "stopped, savepoint at");
	check_status("ended", id, "FINISHED");
	screen_wait_line(screen, "bykey", "SUSPENDED"); /* so weir knows, and Flink does not */
	screen_type(screen, "\x03");
	check_int("exit", screen_end(screen), 0);
	run = newest_run();
	check_str("in the journal", field(run, "state"), "DONE");
	check_savepoint_is_there("in the journal", field(run, "result"));
	json_decref(run);
	free(id);
}

int main(void)
{
	static const struct live_case cases[] = {
		{"a dry run sends nothing", dry_run_sends_nothing, NULL},
		{"savepoint of a declared application", savepoint_of_a_declared_application, NULL},
		{"checkpoint where Flink has it", checkpoint_where_flink_has_it, NULL},
		{"stop ends the job with a savepoint", stop_ends_the_job_with_a_savepoint, NULL},
		{"a failed savepoint leaves the job running",
			failed_savepoint_leaves_the_job_running, NULL},
		{"cancel ends the job", cancel_ends_the_job, NULL},
		{"a second run is a conflict", second_run_is_a_conflict, NULL},
		{"a killed weir leaves a run that is settled",
			killed_weir_leaves_a_run_that_is_settled, NULL},
		{"the next verb settles what was left", next_verb_settles_what_was_left, NULL},
		{"on a terminal it is asked", on_a_terminal_it_is_asked, NULL},
		{"a key stops a job, after a yes", a_key_stops_a_job_after_a_yes, NULL},
	};

	return live_run(
		"verbs on real Flink", cases, ARRAY_SIZE(cases), enter, leave_case, leave_group);
}
