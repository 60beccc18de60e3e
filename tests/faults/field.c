/*
 * Truth is measured from the moment an act has made it so (the JobManager itself says it, asked without
 * the proxy) to the first of the samples that hold. What came between two samples is not seen on the
 * screen, but the console's flight recorder has every change: at the end it is judged too.
 */
#include "tests/faults/field.h"

#include <glob.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tests/support/check.h"

#define VERSION "1.20.5"
#define HEALTHY "--mode count --rate 20 --interval 2000 --delay 4000"
/* For what must be shown; never what a test measures by. */
#define TRUE_DEADLINE_MS 120000
#define UNTIL_EVERY_MS 400
#define ROWS 60
#define COLS 120
#define CLOCK_LIBRARY "/usr/$LIB/faketime/libfaketimeMT.so.1"

/* ---- the cluster ---- */

/* A group that has changed its leader is not used again. */
static void choose_cluster(struct field *field)
{
	bool is_group = field->scenario->flags & FIELD_GROUP;

	if (field->has_failed)
		fail_msg("no cluster of Flink " VERSION);
	if (field->flink && (is_group || field->is_group)) {
		flink_stop(field->flink);
		field->flink = NULL;
	}
	if (field->flink)
		return;
	field->has_failed = true;
	field->is_group = is_group;
	/* That there are too few slots it says at once, as one that has been up for five minutes. */
	field->flink = is_group
		? flink_start_as(VERSION, "group", WORDS("--ha"))
		: flink_start_as(VERSION, "faults",
			  WORDS("--conf", "resourcemanager.standalone.start-up-time: 5000"));
	field->has_failed = false;
}

static void make_whole(struct field *field)
{
	static const char *const roles[] = {"jm", "tm"};

	choose_cluster(field);
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (!flink_find(field->flink, roles[i]))
			flink_start_again(field->flink, roles[i]);
	free(flink_script(
		"tests/testbed/flink", WORDS("wait", field->flink->name), FLINK_START_MS));
	flink_end_jobs(field->flink);
}

/* ---- the job ---- */

char *field_submit(struct field *field, const char *words, const char *from)
{
	VEC(const char *) all = {0};
	char *text = xstrdup(words ? words : HEALTHY), *id, *rest = text, *word;

	if (from) {
		vec_push(&all, "--from");
		vec_push(&all, from);
	}
	if (str_starts(text, "--parallelism ")) {
		vec_push(&all, strsep(&rest, " "));
		vec_push(&all, strsep(&rest, " "));
	}
	vec_push(&all, "--");
	while ((word = strsep(&rest, " ")))
		vec_push(&all, word);
	vec_push(&all, "--name");
	vec_push(&all, field->job_name);
	vec_push(&all, NULL);
	id = flink_submit(field->flink, all.data);
	vec_release(&all);
	free(text);
	return id;
}

struct wanted_status {
	const struct field *field;
	const char *status;
};

static bool has_status(struct flink *flink, void *data)
{
	const struct wanted_status *wanted = data;
	json_t *list = flink_get(flink, "/jobs/overview"), *job;
	bool is_so = false;
	size_t i;

	json_array_foreach (json_object_get(list, "jobs"), i, job) {
		const json_t *tasks = json_object_get(job, "tasks");
		const char *status = json_string_value(json_object_get(job, "state"));

		/* Of RUNNING all tasks are. */
		if (str_eq(json_string_value(json_object_get(job, "jid")), wanted->field->job))
			is_so = str_eq(status, wanted->status) &&
				(!str_eq(status, "RUNNING") ||
					json_equal(json_object_get(tasks, "running"),
						json_object_get(tasks, "total")));
	}
	json_decref(list);
	return is_so;
}

bool field_job_has(struct field *field, const char *status)
{
	struct wanted_status wanted = {field, status};

	return has_status(field->flink, &wanted);
}

void field_job_is(struct field *field, const char *status)
{
	struct wanted_status wanted = {field, status};

	flink_until(field->flink, status, has_status, &wanted);
	field->true_ms = program_now_ms();
}

/* ---- the console ---- */

void field_declare(struct field *field, const char *text)
{
	bench_file(field->bench, "{ws}/teams/" FIELD_TEAM "/apps/" FIELD_APP ".yaml",
		text ? text
		     : "apiVersion: weir/v1\nkind: Application\nname: " FIELD_APP
		       "\njobName: \"{job}\"\ncluster: s\n");
}

/* A library that is not there would leave the clock as it is, and each case would pass. */
static void check_clock(void)
{
	glob_t found;

	check_int(
		"libfaketime", glob("/usr/lib*/*/faketime/libfaketimeMT.so.1", 0, NULL, &found), 0);
	globfree(&found);
}

static struct screen *start_console(struct field *field)
{
	char *config = bench_expand(field->bench, "{home}/config.yaml");
	char *store = bench_expand(field->bench, "{home}/{store}");
	char *offset = bench_expand(field->bench, "FAKETIME_TIMESTAMP_FILE={home}/clock");
	bool has_clock = field->scenario->flags & FIELD_CLOCK;
	const char *const env[] = {"LD_PRELOAD=" CLOCK_LIBRARY, offset,
		"FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=1", "FAKETIME_XRESET=0", NULL};
	if (has_clock)
		check_clock();
	struct screen *screen = screen_start(&(struct screen_setup){.home = field->bench->home,
		.words = WORDS("--config", config, "--store", store),
		.env = has_clock ? env : NULL,
		.rows = ROWS,
		.cols = COLS});

	free(config);
	free(store);
	free(offset);
	return screen;
}

void field_console(struct field *field)
{
	field->screen = start_console(field);
	field->sampler = sampler_start(field->screen, FIELD_APP, FIELD_TEAM);
	field->sample = 0;
}

void field_console_ends(struct field *field)
{
	sampler_stop(field->sampler);
	field->sampler = NULL;
	screen_type(field->screen, "\x03");
	check_int("the console's end", screen_end(field->screen), 0);
	screen_free(field->screen);
	field->screen = NULL;
}

#define GET "--config {home}/config.yaml --store {home}/{store} get "

char *field_shown_job(struct field *field)
{
	struct program *p =
		bench_run(field->bench, GET "apps " FIELD_TEAM "/" FIELD_APP " --cached -o json");
	json_t *list = json_loads(buf_str(&p->out), 0, NULL);
	const char *id = json_string_value(
		json_object_get(json_array_get(json_object_get(list, "items"), 0), "jobId"));
	char *copy = xstrdup(id ? id : "");

	json_decref(list);
	program_free(p);
	return copy;
}

/* ---- begin and end ---- */

int field_standby_port(struct field *field)
{
	char *url = flink_script(
		"tests/testbed/flink", WORDS("rest", field->flink->name, "jm2"), FLINK_START_MS);
	int port = 0;

	assert_int_equal(sscanf(url, "http://127.0.0.1:%d", &port), 1);
	free(url);
	return port;
}

static void name_things(struct field *field)
{
	char *url = xasprintf("http://127.0.0.1:%d", proxy_port(field->proxy));
	char *rest = field->second_proxy ? xasprintf("[\"%s\", \"http://127.0.0.1:%d\"]", url,
						   proxy_port(field->second_proxy))
					 : xasprintf("\"%s\"", url);
	char *store = xasprintf("store-%d", field->serial), *ws = xasprintf("ws-%d", field->serial);

	field->job_name = xasprintf("job-%d", field->serial);
	bench_set(field->bench, "rest", rest);
	bench_set(field->bench, "ws", ws);
	bench_set(field->bench, "store", store);
	bench_set(field->bench, "job", field->job_name);
	bench_file(field->bench, "config.yaml", FIELD_CONFIG);
	bench_file(field->bench, "clock", "+0\n");
	free(url);
	free(rest);
	free(store);
	free(ws);
}

void field_enter(struct field *field, const struct scenario *scenario)
{
	if (field->proxy)
		field_leave(field); /* the one before did not get as far as its first step */
	field->scenario = scenario;
	field->is_right = false;
	buf_init(&field->shown, 0);
	buf_init(&field->times, 0);
	if (!field->bench)
		field->bench = bench_new();
	make_whole(field);
	field->serial++;
	field->proxy = proxy_start(field->flink->port);
	if (field->is_group)
		field->second_proxy = proxy_start(field_standby_port(field));
	name_things(field);
	field_declare(field, scenario->app);
	if (!str_eq(scenario->job, "")) {
		field->job = field_submit(field, scenario->job, NULL);
		if (!scenario->start || str_eq(scenario->start, "RUNNING"))
			field_job_is(field, "RUNNING");
	}
	if (scenario->flags & FIELD_TWO)
		field->other = start_console(field);
	field_console(field);
}

static void let_go(struct field *field, const char *role)
{
	pid_t pid = flink_find(field->flink, role);

	if (pid)
		kill(pid, SIGCONT);
}

void field_leave(struct field *field)
{
	static const char *const roles[] = {"jm", "jm2", "tm"};

	sampler_stop(field->sampler);
	screen_free(field->screen);
	screen_free(field->other);
	proxy_stop(field->proxy);
	proxy_stop(field->second_proxy);
	for (size_t i = 0; field->flink && i < ARRAY_SIZE(roles); i++)
		let_go(field, roles[i]);
	field->sampler = NULL;
	field->screen = field->other = NULL;
	field->proxy = field->second_proxy = NULL;
	free(field->job);
	free(field->job_name);
	free(field->second);
	free(field->savepoint);
	sqlite3_close(field->lock);
	field->lock = NULL;
	field->job = field->job_name = field->second = field->savepoint = NULL;
	buf_release(&field->shown);
	buf_release(&field->times);
}

void field_free(struct field *field)
{
	if (field->flink)
		flink_stop(field->flink);
	bench_free(field->bench);
}

/* ---- the steps ---- */

static void show_screen(struct field *field)
{
	char *text;

	sampler_stop(field->sampler);
	field->sampler = NULL;
	text = field->screen ? screen_text(field->screen) : xstrdup("");
	fprintf(stderr, "%s\n", text); /* cmocka would cut it */
	free(text);
}

static bool may_end(struct field *field, const struct step *step)
{
	struct proxy_counts counts = proxy_counts(field->proxy);

	/* Whoever of a group is asked. */
	if (field->second_proxy)
		counts.passed += proxy_counts(field->second_proxy).passed;
	if (step->until)
		return step->until(field);
	if (!field->has_moved)
		return true;
	switch (step->fault.way) {
	case PROXY_PASS: return counts.passed >= 2;
	case PROXY_REFUSE: return true; /* nobody can be counted */
	case PROXY_HALF_OPEN: return counts.met >= 1 && counts.passed >= 2;
	default:
		/* What ends by itself has to be seen to be well again. */
		return step->fault.times ? counts.met >= step->fault.times && counts.passed >= 2
					 : counts.met >= 2;
	}
}

static void judge_step(struct field *field, const struct step *step, int number, int64_t begun_ms)
{
	int64_t end_ms = program_now_ms() + TRUE_DEADLINE_MS, asked_ms = 0;
	enum verdict verdict = JUDGE_NOT_YET;
	struct judge judge;
	bool ends = false;

	judge_begin(&judge, step->want, step->never);
	while (verdict == JUDGE_NOT_YET) {
		struct sample sample;

		if (!sampler_get(field->sampler, field->sample++, &sample)) {
			show_screen(field);
			fail_msg("step %d: the console has ended", number);
		}
		if (sample.ms < begun_ms)
			continue;
		/* What was sampled while it happened does not make it true. */
		if (!ends && sample.ms >= field->true_ms &&
			program_now_ms() >= asked_ms + UNTIL_EVERY_MS) {
			ends = may_end(field, step);
			asked_ms = program_now_ms();
		}
		judge_trail(&field->shown, sample.cell);
		verdict = judge_take(
			&judge, sample.cell, sample.ms, ends && sample.ms >= field->true_ms);
		if (verdict == JUDGE_NOT_YET && sample.ms > end_ms) {
			show_screen(field);
			fail_msg("step %d: %s is not shown%s; shown: %s", number, step->want,
				ends ? "" : " (or what it waits for did not happen)",
				buf_str(&field->shown));
		}
	}
	if (verdict == JUDGE_WRONG) {
		show_screen(field);
		fail_msg("step %d: WRONG: %s; shown: %s", number, judge.wrong,
			buf_str(&field->shown));
	}
	buf_addf(&field->times, "%s%.1f", field->times.len ? ", " : "",
		(double)(judge.true_ms - field->true_ms) / 1000);
}

/* Every change that the console applied, also one that no sample met. */
static void judge_history(struct field *field, const int64_t *begun_ms, int count)
{
	struct program *p = bench_run(field->bench,
		GET "history " FIELD_TEAM "/" FIELD_APP " --cached --since 1h -o json");
	json_t *list = bench_json("history", p);
	const json_t *event;
	size_t i;

	json_array_foreach (json_object_get(list, "items"), i, event) {
		const char *to = json_string_value(json_object_get(event, "to"));
		int64_t time_ms = json_integer_value(json_object_get(event, "timeMs"));
		int at = count - 1;

		if (!str_eq(json_string_value(json_object_get(event, "kind")), "state"))
			continue;
		while (at >= 0 && time_ms < begun_ms[at])
			at--;
		if (at >= 0 && judge_matches(to, field->scenario->steps[at].never))
			fail_msg("step %d: WRONG in the history: %s -> %s", at + 1,
				json_string_value(json_object_get(event, "from")), to);
	}
	json_decref(list);
	program_free(p);
}

void field_play(struct field *field)
{
	const struct scenario *scenario = field->scenario;
	const struct step first = {.want = scenario->start ? scenario->start : "RUNNING"};
	int64_t wall_ms[FIELD_STEPS] = {0};
	int count = 0;

	field->true_ms = 0;
	field->has_moved = false;
	judge_step(field, &first, 0, 0);
	buf_reset(&field->times);
	for (; count < FIELD_STEPS && scenario->steps[count].want; count++) {
		const struct step *step = &scenario->steps[count];
		int64_t begun_ms = program_now_ms();

		wall_ms[count] = clock_wall_ms();
		field->true_ms = 0;
		field->has_moved = false;
		if (step->act)
			step->act(field, step);
		if (!field->true_ms)
			field->true_ms = program_now_ms();
		judge_step(field, step, count + 1, begun_ms);
	}
	field_console_ends(field);
	if (!(scenario->flags & FIELD_NO_HISTORY))
		judge_history(field, wall_ms, count);
	field->is_right = true;
}
