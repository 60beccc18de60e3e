/*
 * What weir says of real jobs, held against what their JobManager says. A value that moves between
 * two questions is asked of the JobManager before and after, and must lie between.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/e2e/bench.h"
#include "tests/e2e/live.h"
#include "tests/support/check.h"

#define ASK "--config {home}/config.yaml"

/* One cluster after the other: the first case of a version starts its cluster. */
static struct live live;

static int enter(void **state)
{
	live_enter(&live, "cli", *state);
	return 0;
}

static int leave_group(void **state)
{
	(void)state;
	live_leave(&live);
	return 0;
}

/* ---- fields ---- */

static json_int_t number_of(const char *row, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value)) {
		char *text = json_dumps(object, JSON_INDENT(1));
		print_error("row: %s\n%s\n", row, text);
		free(text);
		fail_msg("\"%s\" is no number", key);
	}
	return json_integer_value(value);
}

static void check_between(
	const char *row, const char *key, json_int_t value, json_int_t least, json_int_t most)
{
	if (value >= least && value <= most)
		return;
	fail_msg("%s: %s is %lld, want %lld to %lld", row, key, (long long)value, (long long)least,
		(long long)most);
}

static void check_null(const char *row, const json_t *object, const char *key)
{
	if (!json_is_null(json_object_get(object, key)))
		fail_msg("%s: %s is not null", row, key);
}

/* ---- applications ---- */

/* What is asked before and after. */
struct moment {
	json_t *overview;
	int64_t wall_ms;
};

static struct moment moment_now(void)
{
	struct moment moment = {
		.overview = flink_get(live.flink, "/jobs/overview"), .wall_ms = clock_wall_ms()};

	assert_non_null(moment.overview);
	return moment;
}

struct said {
	struct moment before, after;
	json_t *list;
	json_int_t restarts_before, restarts_after;
};

static void said_release(struct said *said)
{
	json_decref(said->before.overview);
	json_decref(said->after.overview);
	json_decref(said->list);
}

static struct said ask_weir(const char *words)
{
	struct said said = {.before = moment_now(),
		.restarts_before = jobs_restarts(live.flink, live.jobs.loop)};
	struct program *p = bench_run(live.bench, words);

	said.list = bench_json(words, p);
	bench_check(words, p, 0, NULL);
	check_int(words, (int64_t)json_array_size(json_object_get(said.list, "errors")), 0);
	said.restarts_after = jobs_restarts(live.flink, live.jobs.loop);
	said.after = moment_now();
	program_free(p);
	return said;
}

struct want {
	const char *name;   /* of the application */
	const char *job_id; /* NULL = never started */
	const char *job_name, *team, *type;
	const char *state, *detail;
	bool is_moving;   /* its status and tasks change under our eyes */
	bool checkpoints; /* it has completed some */
};

/* The completed checkpoint that weir names, as the JobManager tells of exactly that one. */
static void check_checkpoint(const struct want *want, const json_t *item, const struct said *said)
{
	char *path = xasprintf("/checkpoints/details/%lld",
		(long long)number_of(want->name, item, "lastCheckpointId"));
	json_t *told = jobs_get(live.flink, want->job_id, path);
	json_int_t acknowledged = number_of(path, told, "latest_ack_timestamp");

	check_str(want->name, bench_text(told, "status"), "COMPLETED");
	check_int(want->name, number_of(want->name, item, "lastCheckpointDurationMs"),
		number_of(path, told, "end_to_end_duration"));
	check_int(want->name, number_of(want->name, item, "lastCheckpointBytes"),
		number_of(path, told, "state_size"));
	check_str(want->name, bench_text(item, "lastCheckpointPath"),
		bench_text(told, "external_path"));
	json_int_t oldest = said->after.wall_ms - acknowledged;
	json_int_t youngest = said->before.wall_ms - acknowledged;
	check_between(want->name, "lastCheckpointAgeMs",
		number_of(want->name, item, "lastCheckpointAgeMs"), youngest > 0 ? youngest : 0,
		oldest);
	json_decref(told);
	free(path);
}

static void check_job(const struct want *want, const json_t *item, const struct said *said)
{
	const char *row = want->name;
	const json_t *before = jobs_entry(said->before.overview, want->job_id);
	const json_t *after = jobs_entry(said->after.overview, want->job_id);
	const json_t *tasks = json_object_get(before, "tasks");
	json_t *job = jobs_get(live.flink, want->job_id, "");
	json_int_t parallelism = 0;
	const json_t *vertex;
	size_t i;

	check_str(row, bench_text(item, "jobId"), bench_text(before, "jid"));
	check_str(row, bench_text(item, "jobName"), bench_text(before, "name"));
	check_int(row, number_of(row, item, "startTimeMs"), number_of(row, before, "start-time"));
	check_between(row, "durationMs", number_of(row, item, "durationMs"),
		number_of(row, before, "duration"), number_of(row, after, "duration"));
	check_int(row, number_of(row, item, "tasksTotal"), number_of(row, tasks, "total"));
	if (!want->is_moving) {
		check_str(row, bench_text(item, "jobStatus"), bench_text(before, "state"));
		check_int(row, number_of(row, item, "tasksRunning"),
			number_of(row, tasks, "running"));
		/* A job that has ended has no metrics any more. */
		if (jobs_restarts(live.flink, want->job_id) < 0)
			check_null(row, item, "restarts");
		else
			check_int(row, number_of(row, item, "restarts"), 0);
	}
	json_array_foreach (json_object_get(job, "vertices"), i, vertex)
		if (number_of(row, vertex, "parallelism") > parallelism)
			parallelism = number_of(row, vertex, "parallelism");
	check_int(row, number_of(row, item, "parallelism"), parallelism);
	if (want->checkpoints)
		check_checkpoint(want, item, said);
	json_decref(job);
}

static void check_app(const struct want *want, const struct said *said)
{
	const char *row = want->name;
	const json_t *item = bench_item(row, said->list, "name", want->name);
	bool is_managed = want->team != NULL;

	check_str(row, bench_text(item, "context"), "live");
	check_str(row, bench_text(item, "source"), is_managed ? "workspace" : "flink:sessions");
	check_str(row, bench_text(item, "jobName"), want->job_name);
	check_str(row, bench_text(item, "team"), want->team);
	check_str(row, bench_text(item, "type"), want->type);
	check_str(row, bench_text(item, "cluster"), "sessions");
	check_str(row, bench_text(item, "deploymentTarget"), is_managed ? "remote" : NULL);
	check_str(row, bench_text(item, "flinkVersion"), live.flink->version);
	check_str(row, bench_text(item, "state"), want->state);
	check_str(row, bench_text(item, "stateDetail"), want->detail);
	check_str(row, bench_text(item, "releaseState"), is_managed ? "NONE" : NULL);
	check_null(row, item, "operation");
	check_bool(row, json_is_true(json_object_get(item, "managed")), is_managed);
	check_str(row, bench_text(item, "witness"), "jobmanager");
	check_between(row, "observedAtMs", number_of(row, item, "observedAtMs"),
		said->before.wall_ms, said->after.wall_ms);
	if (want->job_id) {
		check_job(want, item, said);
		return;
	}
	static const char *const unknown[] = {"jobStatus", "jobId", "startTimeMs", "durationMs",
		"restarts", "restartsPerHour", "lastCheckpointId", "lastCheckpointAgeMs",
		"lastCheckpointDurationMs", "lastCheckpointBytes", "lastCheckpointPath",
		"tasksRunning", "tasksTotal"};
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		check_null(unknown[i], item, unknown[i]);
}

static void apps_are_as_the_jobmanager_says(void **state)
{
	const struct jobs *jobs = &live.jobs;
	const struct want wants[] = {
		{"order-sync", jobs->count, "订单同步", "ods", "jar", "RUNNING", NULL, false, true},
		{"user-profile", jobs->plain, "user-profile", "ods", "jar", "RUNNING", NULL, false,
			true},
		{"page-views", jobs->sql, "page-views-by-sql", "growth", "sql", "RUNNING", NULL,
			false, false},
		{"clickstream", jobs->slow, "clickstream", "growth", "jar", "RUNNING", NULL, false,
			false},
		{"fraud-score", jobs->loop, "fraud-score", "risk", "jar", "RESTARTING", "LOOPING",
			true, false},
		{"limit-check", NULL, "limit-check", "risk", "jar", "ADDED", NULL, false, false},
		{"backfill", jobs->finish, "backfill", NULL, NULL, "FINISHED", NULL, false, false},
		{"daily-report", jobs->fail, "daily-report", NULL, NULL, "FAILED", NULL, false,
			false},
	};
	struct said said = ask_weir("get apps -o json " ASK);

	(void)state;
	check_str("kind", bench_text(said.list, "kind"), "AppList");
	check_str("version", bench_text(said.list, "apiVersion"), "weir/v1");
	check_int("items", (int64_t)json_array_size(json_object_get(said.list, "items")),
		ARRAY_SIZE(wants));
	for (size_t i = 0; i < ARRAY_SIZE(wants); i++)
		check_app(&wants[i], &said);

	const json_t *loop = bench_item("loop", said.list, "name", "fraud-score");
	check_between("loop", "restarts", number_of("loop", loop, "restarts"), said.restarts_before,
		said.restarts_after);
	assert_true(json_real_value(json_object_get(loop, "restartsPerHour")) >= 1);
	const json_t *count = bench_item("count", said.list, "name", "order-sync");
	check_str("owner", bench_text(count, "owner"), "li");
	check_int("tags", (int64_t)json_array_size(json_object_get(count, "tags")), 2);
	assert_non_null(strstr(
		bench_text(bench_item("fail", said.list, "name", "daily-report"), "lastError"),
		"db.risk.internal"));
	said_release(&said);
}

static void jobs_clusters_and_teams_too(void **state)
{
	struct said said = ask_weir("get jobs -o json " ASK);
	size_t count = json_array_size(json_object_get(said.before.overview, "jobs"));

	(void)state;
	check_str("kind", bench_text(said.list, "kind"), "JobList");
	check_int("jobs", (int64_t)json_array_size(json_object_get(said.list, "items")),
		(int64_t)count);
	const json_t *ended = jobs_entry(said.before.overview, live.jobs.finish);
	const json_t *item = bench_item("job", said.list, "jobId", live.jobs.finish);
	check_str("job", bench_text(item, "jobStatus"), bench_text(ended, "state"));
	check_int("job", number_of("job", item, "endTimeMs"), number_of("job", ended, "end-time"));
	check_int("job", number_of("job", item, "durationMs"), number_of("job", ended, "duration"));
	check_str("job", bench_text(bench_item("job", said.list, "jobId", live.jobs.count), "app"),
		"order-sync");
	said_release(&said);

	json_t *overview = flink_get(live.flink, "/overview");
	said = ask_weir("get clusters -o json " ASK);
	item = bench_item("cluster", said.list, "name", "sessions");
	check_str("kind", bench_text(said.list, "kind"), "ClusterList");
	static const char *const pairs[][2] = {{"taskManagers", "taskmanagers"},
		{"slotsTotal", "slots-total"}, {"jobsRunning", "jobs-running"},
		{"jobsFailed", "jobs-failed"}};
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		check_int(pairs[i][0], number_of("cluster", item, pairs[i][0]),
			number_of("overview", overview, pairs[i][1]));
	/* The loop gives its slot back while it waits to be restarted. */
	check_between("cluster", "slotsFree", number_of("cluster", item, "slotsFree"),
		number_of("overview", overview, "slots-available") - 1,
		number_of("overview", overview, "slots-available") + 1);
	check_str(
		"cluster", bench_text(item, "flinkVersion"), bench_text(overview, "flink-version"));
	check_str("cluster", bench_text(item, "address"), live.flink->url);
	check_str("cluster", bench_text(item, "type"), "standalone");
	check_str("cluster", bench_text(item, "state"), "RUNNING");
	check_null("cluster", item, "lastError");
	check_between("cluster", "latencyMs", number_of("cluster", item, "latencyMs"), 0, 10000);
	json_decref(overview);
	said_release(&said);

	said = ask_weir("get teams -o json " ASK);
	check_str("kind", bench_text(said.list, "kind"), "TeamList");
	item = bench_item("team", said.list, "name", "ods");
	check_int("team", number_of("team", item, "apps"), 2);
	check_int("team", number_of("team", item, "running"), 2);
	check_str("team", bench_text(item, "owner"), "li");
	said_release(&said);
}

/* ---- the other formats, and describe ---- */

static void every_format_tells_of_the_same_apps(void **state)
{
	static const char *const names[] = {"order-sync", "user-profile", "page-views",
		"clickstream", "fraud-score", "limit-check", "backfill", "daily-report"};
	static const struct {
		const char *words, *part;
	} rows[] = {
		{"get apps", "STATE"},
		{"get apps -o wide", "JOB ID"},
		{"get apps -o yaml", "kind: AppList"},
		{"get apps -o csv", "jobId"},
		{"get apps -o name", "ods/order-sync\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *words = xasprintf("%s " ASK, rows[i].words);
		struct program *p = bench_run(live.bench, words);

		bench_check(words, p, 0, NULL);
		check_has(words, buf_str(&p->out), rows[i].part);
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			check_has(words, buf_str(&p->out), names[k]);
		program_free(p);
		free(words);
	}

	static const struct {
		const char *words;
		size_t count;
	} choices[] = {
		{"get apps -o json --team ods " ASK, 2},
		{"get apps -o json --cluster sessions " ASK, 8},
		{"get apps -o json --cluster other " ASK, 0},
		{"get apps -o json --filter 订单 " ASK, 1},
		{"get apps -o json --filter FRAUD " ASK, 1},
		{"get apps -o json order-sync risk/fraud-score " ASK, 2},
		{"get apps -o json sessions/backfill " ASK, 1},
		{"get jobs -o json --team growth " ASK, 2},
	};
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		struct said said = ask_weir(choices[i].words);

		check_int(choices[i].words,
			(int64_t)json_array_size(json_object_get(said.list, "items")),
			(int64_t)choices[i].count);
		said_release(&said);
	}
}

static void describe_tells_vertices_checkpoints_and_exceptions(void **state)
{
	json_t *job = jobs_get(live.flink, live.jobs.count, "");
	struct program *p = bench_run(live.bench, "describe app order-sync -o json " ASK);
	json_t *tree = bench_json("describe", p);
	const json_t *want, *vertex;
	size_t i;

	(void)state;
	bench_check("describe", p, 0, NULL);
	check_str("describe", bench_text(tree, "jobId"), live.jobs.count);
	check_str("describe", bench_text(tree, "file"), "teams/ods/apps/order-sync.yaml");
	check_int("vertices", (int64_t)json_array_size(json_object_get(tree, "vertices")),
		(int64_t)json_array_size(json_object_get(job, "vertices")));
	json_array_foreach (json_object_get(job, "vertices"), i, want) {
		vertex = json_array_get(json_object_get(tree, "vertices"), i);
		check_str("vertex", bench_text(vertex, "id"), bench_text(want, "id"));
		check_str("vertex", bench_text(vertex, "name"), bench_text(want, "name"));
		check_str("vertex", bench_text(vertex, "status"), bench_text(want, "status"));
		check_int("vertex", number_of("vertex", vertex, "parallelism"),
			number_of("vertex", want, "parallelism"));
	}
	const json_t *newest = json_array_get(json_object_get(tree, "checkpoints"), 0);
	assert_true(number_of("checkpoint", newest, "id") >= 1);
	check_int("interval",
		number_of("configuration", json_object_get(tree, "configuration"),
			"checkpointIntervalMs"),
		1000);
	assert_true(json_is_true(
		json_object_get(json_object_get(tree, "configuration"), "checkpointsRetained")));
	json_decref(tree);
	json_decref(job);
	program_free(p);

	p = bench_run(live.bench, "describe app sessions/daily-report " ASK);
	bench_check("describe", p, 0, NULL);
	check_has("text", buf_str(&p->out), "FAILED");
	check_has("text", buf_str(&p->out), "VERTICES");
	check_has("text", buf_str(&p->out), "EXCEPTIONS");
	check_has("text", buf_str(&p->out), "db.risk.internal");
	program_free(p);
}

/* ---- watch, and a JobManager that goes away ---- */

static bool tells(struct program *program, void *part)
{
	return strstr(buf_str(&program->out), part) != NULL;
}

static void watch_sees_a_cancel_and_remembers_it(void **state)
{
	struct program *watch = bench_start(live.bench, "watch " ASK);

	(void)state;
	flink_cancel(live.flink, live.jobs.plain);
	if (!program_until(
		    watch, tells, (void *)"-> CANCELED  ods/user-profile\n", FLINK_DEADLINE_MS))
		fail_msg("watch did not see it:\n%s%s", buf_str(&watch->out), buf_str(&watch->err));
	program_signal(watch, SIGTERM);
	check_int("watch", program_wait(watch, PROGRAM_DEADLINE_MS), 0);
	check_str("watch", buf_str(&watch->err), "");
	program_free(watch);

	struct program *p = bench_run(live.bench, "get apps user-profile --cached -o json " ASK);
	json_t *list = bench_json("cached", p);
	bench_check("cached", p, 0, NULL);
	check_str("cached", bench_text(bench_item("cached", list, "name", "user-profile"), "state"),
		"CANCELED");
	json_decref(list);
	program_free(p);
}

static void a_dead_jobmanager_is_said_and_nothing_is_forgotten(void **state)
{
	static const struct {
		const char *name, *state, *status;
	} rows[] = {
		{"order-sync", "UNREACHABLE", "RUNNING"},
		{"page-views", "UNREACHABLE", "RUNNING"},
		{"limit-check", "ADDED", NULL},
		{"user-profile", "CANCELED", "CANCELED"},
		{"backfill", "FINISHED", "FINISHED"},
		{"daily-report", "FAILED", "FAILED"},
	};
	struct program *p;
	json_t *list;

	(void)state;
	flink_kill(live.flink, "jm");
	p = bench_run(live.bench, "get apps -o json " ASK);
	list = bench_json("dead", p);
	bench_check("dead", p, 6, "sessions: ");
	check_str("dead", bench_text(bench_error(list, "sessions"), "code"), "NET");
	check_int("dead", (int64_t)json_array_size(json_object_get(list, "items")), 8);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const json_t *item = bench_item(rows[i].name, list, "name", rows[i].name);

		check_str(rows[i].name, bench_text(item, "state"), rows[i].state);
		check_str(rows[i].name, bench_text(item, "jobStatus"), rows[i].status);
	}
	const json_t *count = bench_item("count", list, "name", "order-sync");
	assert_true(number_of("count", count, "lastCheckpointId") >= 2);
	check_has("count", bench_text(count, "lastCheckpointPath"), live.jobs.count);
	json_decref(list);
	program_free(p);

	p = bench_run(live.bench, "get clusters -o json " ASK);
	list = bench_json("clusters", p);
	bench_check("clusters", p, 6, "refused");
	check_str("clusters", bench_text(bench_item("c", list, "name", "sessions"), "state"),
		"UNREACHABLE");
	json_decref(list);
	program_free(p);

	/* Not asked: as it was when it was last seen. */
	p = bench_run(live.bench, "get apps --cached -o json " ASK);
	list = bench_json("cached", p);
	bench_check("cached", p, 0, NULL);
	check_int("cached", (int64_t)json_array_size(json_object_get(list, "items")), 8);
	count = bench_item("cached", list, "name", "order-sync");
	check_str("cached", bench_text(count, "jobStatus"), "RUNNING");
	check_str("cached", bench_text(count, "jobId"), live.jobs.count);
	json_decref(list);
	program_free(p);
}

int main(void)
{
	static const struct live_case cases[] = {
		{"apps are as the JobManager says", apps_are_as_the_jobmanager_says, NULL},
		{"jobs, clusters and teams too", jobs_clusters_and_teams_too, NULL},
		{"every format tells of the same apps", every_format_tells_of_the_same_apps, NULL},
		{"describe tells vertices, checkpoints and exceptions",
			describe_tells_vertices_checkpoints_and_exceptions, NULL},
		{"watch sees a cancel and remembers it", watch_sees_a_cancel_and_remembers_it,
			NULL},
		{"a dead JobManager is said and nothing is forgotten",
			a_dead_jobmanager_is_said_and_nothing_is_forgotten, NULL},
	};

	return live_run("cli on real Flink", cases, ARRAY_SIZE(cases), enter, NULL, leave_group);
}
