/* The source against a JobManager's double that answers with recordings, or badly. */
#include "tests/core/source/flink/jobmanager.h"

#include "core/base/clock.h"
#include "core/base/str.h"

static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};
static const char *const job_ids[] = {"309b4c1ad0ddd93966f99e82324d5eb1",
	"9d182f1f3ab247de0793a067ace9d9d9", "0a1057093aa8de52d5bb2832049535cc"};
#define CLUSTER (&(struct poll){.what = SNAPSHOT_CLUSTER, .timeout_ms = 5000})

static void a_cluster_of_each_version(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct snapshot *snap;

		bench_serve_recordings(b, versions[i], job_ids[i]);
		snap = bench_poll(b, CLUSTER);
		check_str(versions[i], snap->err.text, "");
		check_str(versions[i], snap->context, "prod");
		check_str(versions[i], snap->source, "sessions");
		check_str(versions[i], snap->cluster.flink_version, versions[i]);
		check_str(versions[i], snap->cluster.address, b->url);
		check_int(versions[i], snap->cluster.taskmanagers, 1);
		check_int(versions[i], (int64_t)snap->job_count, i == 1 ? 5 : 4);
		check_bool(versions[i], snap->latency_ms >= 0, true);
		check_bool(versions[i], snap->observed_ms >= snap->asked_ms, true);
		check_bool(versions[i], snap->asked_ms > 0, true);
		snapshot_unref(snap);
		check_int(versions[i], bench_requests(b), 2);
		check_int(versions[i], source_cost(b->source, CLUSTER), 2);
	}
}

static void the_jobs_of_a_cluster_alone_are_one_request(void **state)
{
	struct bench *b = *state;
	struct poll ask = {.what = SNAPSHOT_CLUSTER, .jobs_only = true, .timeout_ms = 5000};

	bench_serve_recordings(b, versions[1], job_ids[1]);
	struct snapshot *snap = bench_poll(b, &ask);
	check_str("error", snap->err.text, "");
	check_str("address", snap->cluster.address, b->url);
	check_str("version", snap->cluster.flink_version, NULL);
	check_int("TaskManagers", snap->cluster.taskmanagers, -1);
	check_int("jobs", (int64_t)snap->job_count, 5);
	snapshot_unref(snap);
	check_int("requests", bench_requests(b), 1);
	check_int("cost", source_cost(b->source, &ask), 1);
}

static void a_job_of_each_version(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct poll ask = {
			.what = SNAPSHOT_JOB, .job_id = job_ids[i], .parts = JOB_PARTS_ALL};
		struct snapshot *snap;

		bench_serve_recordings(b, versions[i], job_ids[i]);
		snap = bench_poll(b, &ask);
		check_str(versions[i], snap->err.text, "");
		check_str(versions[i], snap->key, job_ids[i]);
		check_str(versions[i], snap->detail.id, job_ids[i]);
		check_int(versions[i], snap->detail.parts, JOB_PARTS_ALL);
		check_int(versions[i], (int64_t)snap->detail.vertex_count, 2);
		check_int(versions[i], snap->detail.checkpoints.failed, 1);
		check_bool(versions[i], snap->detail.exception_count > 0, true);
		check_int(versions[i], snap->detail.restarts, 0);
		check_int(versions[i], snap->detail.checkpoint_config.interval_ms, 2000);
		check_str(versions[i], snap->detail.restart_strategy,
			"Cluster level default restart strategy");
		snapshot_unref(snap);
		check_int(versions[i], bench_requests(b), 6);
		check_int(versions[i], source_cost(b->source, &ask), 6);
	}
}

static void only_the_parts_asked_for_are_asked(void **state)
{
	static const struct {
		const char *name;
		unsigned parts;
		int requests;
	} rows[] = {
		{"a row of the list", JOB_PARTS_ROW, 4},
		{"checkpoints", JOB_PART_CHECKPOINTS, 1},
		{"configuration", JOB_PART_CONFIG, 2},
		{"vertices and restarts", JOB_PART_VERTICES | JOB_PART_RESTARTS, 2},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct poll ask = {
			.what = SNAPSHOT_JOB, .job_id = job_ids[1], .parts = rows[i].parts};
		struct snapshot *snap;

		bench_serve_recordings(b, versions[1], job_ids[1]);
		snap = bench_poll(b, &ask);
		check_str(rows[i].name, snap->err.text, "");
		check_int(rows[i].name, snap->detail.parts, rows[i].parts);
		check_int(rows[i].name, bench_requests(b), rows[i].requests);
		check_int(rows[i].name, source_cost(b->source, &ask), rows[i].requests);
		check_str(rows[i].name, snap->detail.id, job_ids[1]);
		snapshot_unref(snap);
	}
}

/* By the name of the first operator, as Flink writes it in metrics; of what it lacks Flink says []. */
static void a_source_is_asked_how_far_behind_it_is(void **state)
{
	struct bench *b = *state;
	struct poll ask = {.what = SNAPSHOT_JOB,
		.job_id = job_ids[1],
		.parts = JOB_PARTS_ROW | JOB_PART_LAG,
		.vertex_id = "5e695f00738be66c275f8a96a14aa10e",
		.vertex_name = "Source: orders, v2.1[3] -> Calc[4] -> Sink"};
	char *path = xasprintf("/jobs/%s/vertices/5e695f00738be66c275f8a96a14aa10e/subtasks/metrics"
			       "?get=Source__orders__v2_1%%5B3%%5D",
		job_ids[1]);
	char *records = xasprintf("%s.pendingRecords&agg=sum", path);
	char *time = xasprintf("%s.currentEmitEventTimeLag&agg=max", path);
	struct snapshot *snap;

	bench_serve_recordings(b, versions[1], job_ids[1]);
	bench_serve(b, records, 200,
		"[{\"id\":\"Source__orders__v2_1[3].pendingRecords\",\"sum\":42.0}]");
	bench_serve(b, time, 200, "[]");
	snap = bench_poll(b, &ask);
	check_str("error", snap->err.text, "");
	check_int("parts", snap->detail.parts, JOB_PARTS_ROW | JOB_PART_LAG);
	check_int("records", snap->detail.lag_records, 42);
	check_str("of", snap->detail.lag_vertex, ask.vertex_id);
	check_int("time", snap->detail.lag_ms, -1);
	check_int("requests", bench_requests(b), 6);
	check_int("cost", source_cost(b->source, &ask), 6);
	snapshot_unref(snap);
	bench_serve(b, records, 200, "[]");
	bench_serve(b, time, 200,
		"[{\"id\":\"Source__orders__v2_1[3].currentEmitEventTimeLag\",\"max\":812.0}]");
	snap = bench_poll(b, &ask);
	check_int("records", snap->detail.lag_records, -1);
	check_int("time", snap->detail.lag_ms, 812);
	snapshot_unref(snap);
	/* Refused: the rest is told all the same. */
	bench_serve(b, time, 404, "{\"errors\":[\"no such vertex\"]}");
	bench_serve(b, records, 404, "{\"errors\":[\"no such vertex\"]}");
	snap = bench_poll(b, &ask);
	check_str("error", snap->err.text, "");
	check_int("parts", snap->detail.parts, JOB_PARTS_ROW);
	snapshot_unref(snap);
	/* Nobody knows which: it is not asked. */
	ask.vertex_id = NULL;
	check_int("cost", source_cost(b->source, &ask), 4);
	free(records);
	free(time);
	free(path);
}

static void taskmanagers(void **state)
{
	struct bench *b = *state;
	struct snapshot *snap;

	bench_serve_recordings(b, "2.2.1", job_ids[2]);
	snap = bench_poll(b, &(struct poll){.what = SNAPSHOT_TASKMANAGERS});
	check_str("error", snap->err.text, "");
	assert_int_equal(snap->taskmanager_count, 1);
	check_str("id", snap->taskmanagers[0].id, "tm-s22");
	check_int("requests", bench_requests(b), 1);
	snapshot_unref(snap);
}

#define CHECKPOINTING_OFF                                                                          \
	"{\"errors\":[\"org.apache.flink.runtime.rest.handler.RestHandlerException: "              \
	"Checkpointing has not been enabled.\"]}"

static void a_refused_part_is_left_out(void **state)
{
	static const struct {
		const char *name, *path;
		int status;
		const char *body;
		unsigned lost;
	} rows[] = {
		{"checkpointing is off", "/checkpoints", 404, CHECKPOINTING_OFF,
			JOB_PART_CHECKPOINTS},
		{"the exceptions fail", "/exceptions?maxExceptions=16", 500,
			"{\"errors\":[\"Internal server error.\"]}", JOB_PART_EXCEPTIONS},
		{"no metrics", "/metrics?get=numRestarts", 404, "<html>not found</html>",
			JOB_PART_RESTARTS},
		{"no configuration", "/config", 500, "", JOB_PART_CONFIG},
		{"no checkpoint configuration", "/checkpoints/config", 404, CHECKPOINTING_OFF, 0},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct poll ask = {
			.what = SNAPSHOT_JOB, .job_id = job_ids[1], .parts = JOB_PARTS_ALL};
		char *path = xasprintf("/jobs/%s%s", job_ids[1], rows[i].path);
		struct snapshot *snap;

		bench_serve_recordings(b, versions[1], job_ids[1]);
		bench_serve(b, path, rows[i].status, rows[i].body);
		snap = bench_poll(b, &ask);
		check_str(rows[i].name, snap->err.text, "");
		check_int(rows[i].name, snap->detail.parts, JOB_PARTS_ALL & ~rows[i].lost);
		check_int(rows[i].name, (int64_t)snap->detail.vertex_count, 2);
		check_int(rows[i].name, snap->detail.checkpoint_config.interval_ms,
			str_eq(rows[i].path, "/checkpoints/config") ? -1 : 2000);
		snapshot_unref(snap);
		free(path);
	}
}

static void failed_job_polls(void **state)
{
	static const struct {
		const char *name;
		unsigned parts;
		const char *path;
		int status;
		const char *body;
		int code;
		const char *text;
	} rows[] = {
		{"unknown", JOB_PARTS_ALL, "", 404,
			"{\"errors\":[\"org.apache.flink.runtime.rest.NotFoundException: Job 00 "
			"not "
			"found\\n\\tat x\"]}",
			E_NOTFOUND, "HTTP 404: NotFoundException: Job 00 not found"},
		{"unknown, by another status, on an optional part", JOB_PART_CHECKPOINTS,
			"/checkpoints", 500,
			"{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\n"
			"org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not "
			"find "
			"Flink job (00)\\n\\tat x\"]}",
			E_NOTFOUND, "FlinkJobNotFoundException: Could not find Flink job (00)"},
		{"a proxy's 404 does not say that the job is gone", JOB_PARTS_ALL, "", 404,
			"<html>nothing here</html>", E_REMOTE, "is this a Flink JobManager?"},
		{"all that was asked is refused", JOB_PART_CHECKPOINTS, "/checkpoints", 404,
			CHECKPOINTING_OFF, E_REMOTE, "Checkpointing has not been enabled."},
		{"not allowed on an optional part", JOB_PARTS_ALL, "/config", 403, "", E_DENIED,
			"HTTP 403"},
		{"HTML on an optional part", JOB_PARTS_ALL, "/config", 200, "<html>", E_PROTO,
			"HTML or XML instead of JSON"},
		{"about another job", JOB_PART_VERTICES, "", 200,
			"{\"jid\":\"00000000000000000000000000000000\",\"vertices\":[]}", E_PROTO,
			"another job: 00000000000000000000000000000000"},
		{"vertices fail", JOB_PARTS_ALL, "", 500,
			"{\"errors\":[\"Internal server error.\",\"a.B: boom\"]}", E_REMOTE,
			"HTTP 500: B: boom"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct poll ask = {
			.what = SNAPSHOT_JOB, .job_id = job_ids[1], .parts = rows[i].parts};
		char *path = xasprintf("/jobs/%s%s", job_ids[1], rows[i].path);
		struct snapshot *snap;

		bench_serve_recordings(b, versions[1], job_ids[1]);
		bench_serve(b, path, rows[i].status, rows[i].body);
		snap = bench_poll(b, &ask);
		check_kept_err(rows[i].name, &snap->err, rows[i].code, rows[i].text);
		check_int(rows[i].name, snap->detail.parts, 0);
		check_str(rows[i].name, snap->key, job_ids[1]);
		check_bool(rows[i].name, snap->detail.vertices == NULL, true);
		snapshot_unref(snap);
		free(path);
	}
}

static void failed_cluster_polls(void **state)
{
	static const struct {
		const char *name, *path;
		int status;
		const char *body;
		int code;
		const char *text;
	} rows[] = {
		{"401", "/jobs/overview", 401, "", E_AUTH, "/jobs/overview: HTTP 401"},
		{"403", "/overview", 403, "", E_DENIED, "/overview: HTTP 403"},
		{"404 of some other server", "/jobs/overview", 404, "<html>nothing</html>",
			E_NOTFOUND, "/jobs/overview: HTTP 404: is this a Flink JobManager?"},
		{"500 in Flink's words", "/overview", 500,
			"{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\n"
			"a.b.AskTimeoutException: Ask timed out\\n\\tat x\"]}",
			E_REMOTE, "/overview: HTTP 500: AskTimeoutException: Ask timed out"},
		{"500 in other words", "/overview", 500, "oops", E_REMOTE, "HTTP 500"},
		{"503 while a leader is elected", "/jobs/overview", 503,
			"{\"errors\":[\"Service temporarily unavailable due to an ongoing leader "
			"election. Please refresh.\"]}",
			E_REMOTE, "ongoing leader election"},
		{"HTML", "/jobs/overview", 200, "<!doctype html><html>sign in</html>", E_PROTO,
			"HTML or XML instead of JSON"},
		{"nothing", "/jobs/overview", 200, "", E_PROTO, "/jobs/overview: "},
		{"JSON cut off", "/overview", 200, "{\"taskmanagers\":1,\"slo", E_PROTO,
			"/overview: the JSON is cut off"},
		{"an empty object", "/jobs/overview", 200, "{}", E_PROTO,
			"/jobs/overview: no \"jobs\" array: is this a Flink JobManager?"},
		{"an array", "/overview", 200, "[]", E_PROTO,
			"/overview: no \"taskmanagers\" number: is this a Flink JobManager?"},
		{"a redirect is not followed", "/overview", 302, "", E_REMOTE, "HTTP 302"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct snapshot *snap;

		bench_serve_recordings(b, versions[1], job_ids[1]);
		bench_serve(b, rows[i].path, rows[i].status, rows[i].body);
		snap = bench_poll(b, CLUSTER);
		check_kept_err(rows[i].name, &snap->err, rows[i].code, rows[i].text);
		check_int(rows[i].name, (int64_t)snap->job_count, 0);
		check_int(rows[i].name, snap->cluster.taskmanagers, -1);
		check_str(rows[i].name, snap->source, "sessions");
		check_bool(rows[i].name, snap->observed_ms >= snap->asked_ms, true);
		snapshot_unref(snap);
	}
}

static int requests_of_a_job(struct bench *b, int64_t timeout_ms)
{
	struct snapshot *snap = bench_poll(b,
		&(struct poll){.what = SNAPSHOT_JOB,
			.job_id = job_ids[1],
			.parts = JOB_PARTS_ROW,
			.timeout_ms = timeout_ms});

	check_int("silent", snap->err.code, E_TIMEOUT);
	snapshot_unref(snap);
	return bench_requests(b);
}

/* Nearby one connection is enough; far away waiting for each answer would take long. */
static void requests_follow_one_another_while_answers_come_at_once(void **state)
{
	struct bench *b = *state;
	char *job = xasprintf("/jobs/%s", job_ids[1]);
	char *checkpoints = xasprintf("%s/checkpoints", job);
	int64_t deadline_ms = clock_mono_ms() + 60000;

	bench_serve_recordings(b, versions[1], job_ids[1]);
	bench_serve_silence(b, checkpoints);
	/* A busy machine may be slow to answer the first, now and then. */
	while (requests_of_a_job(b, 300) != 2)
		assert_true(clock_mono_ms() < deadline_ms);
	bench_answer(
		b, job, &(struct httpd_answer){.body = "{}", .fault = HTTPD_DRIP, .drip_ms = 2});
	while (requests_of_a_job(b, 3000) != 4)
		assert_true(clock_mono_ms() < deadline_ms);
	bench_serve_silence(b, job);
	check_int("the first alone", requests_of_a_job(b, 300), 1);
	free(checkpoints);
	free(job);
}

static void a_huge_body_is_refused(void **state)
{
	struct bench *b = *state;
	struct snapshot *snap;

	bench_serve_recordings(b, versions[1], job_ids[1]);
	bench_serve_huge(b, "/jobs/overview", (size_t)200 << 20);
	snap = bench_poll(b, &(struct poll){.what = SNAPSHOT_CLUSTER, .timeout_ms = 30000});
	check_kept_err("200 MB", &snap->err, E_PROTO, "larger than the cap");
	snapshot_unref(snap);
}

static void nobody_answers(void **state)
{
	struct bench *b = *state;
	struct snapshot *snap;

	bench_serve_recordings(b, versions[1], job_ids[1]);
	bench_serve_silence(b, "/overview");
	snap = bench_poll(b, &(struct poll){.what = SNAPSHOT_CLUSTER, .timeout_ms = 150});
	check_kept_err("silent", &snap->err, E_TIMEOUT, "/overview: ");
	snapshot_unref(snap);

	bench_addresses(b, 1, b->dead_url);
	snap = bench_poll(b, CLUSTER);
	check_kept_err("refused", &snap->err, E_NET, "connection refused");
	snapshot_unref(snap);
}

static void what_cannot_be_asked_is_said_later(void **state)
{
	static const struct {
		const char *name;
		struct poll ask;
		int code;
		const char *text;
	} rows[] = {
		{"a workspace", {.what = SNAPSHOT_WORKSPACE}, E_UNSUPPORTED, "cannot be asked"},
		{"no job", {.what = SNAPSHOT_JOB, .parts = 1}, E_ARG, "not a Flink job id: ''"},
		{"a path",
			{.what = SNAPSHOT_JOB,
				.parts = 1,
				.job_id = "../../jobs/overview?00000000000"},
			E_ARG, "not a Flink job id"},
		{"no part", {.what = SNAPSHOT_JOB, .job_id = "0123456789abcdef0123456789abcdef"},
			E_ARG, "no part of it"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct snapshot *snap = bench_poll(b, &rows[i].ask);
		struct source_poll *poll;

		check_kept_err(rows[i].name, &snap->err, rows[i].code, rows[i].text);
		check_int(rows[i].name, bench_requests(b), 0);
		snapshot_unref(snap);
		poll = source_poll(b->source, &rows[i].ask, bench_never, b);
		source_poll_cancel(b->source, poll);
		assert_true(loop_run_until_idle(b->loop, 5000));
	}
}

/* 5,000 jobs are 1.6 MB: read on the pool. */
static char *many_jobs(const char *tail)
{
	struct buf text;

	buf_init(&text, 0);
	buf_adds(&text, "{\"jobs\":[");
	for (int i = 0; i < 5000; i++)
		buf_addf(&text, "%s{\"jid\":\"%032x\",\"name\":\"job %d\",\"state\":\"RUNNING\"}",
			i ? "," : "", i, i);
	buf_adds(&text, tail);
	return buf_detach(&text);
}

static void large_answers_are_read_on_the_pool(void **state)
{
	char *whole = many_jobs("]}"), *cut = many_jobs(",{\"jid\":\"");
	struct bench *b = *state;
	struct snapshot *snap;

	bench_serve_recordings(b, versions[1], job_ids[1]);
	bench_serve(b, "/jobs/overview", 200, whole);
	snap = bench_poll(b, CLUSTER);
	check_str("whole", snap->err.text, "");
	check_int("whole", (int64_t)snap->job_count, 5000);
	check_str("whole", snap->jobs[4999].name, "job 4999");
	check_int("whole", snap->cluster.taskmanagers, 1);
	snapshot_unref(snap);

	bench_serve(b, "/jobs/overview", 200, cut);
	snap = bench_poll(b, CLUSTER);
	check_kept_err("cut", &snap->err, E_PROTO, "the JSON is cut off");
	check_int("cut", (int64_t)snap->job_count, 0);
	snapshot_unref(snap);
	free(whole);
	free(cut);
}

static void one_bad_name_leaves_its_neighbours(void **state)
{
	static const char fmt[] =
		"{\"jobs\":[{\"jid\":\"00000000000000000000000000000001\",\"name\":\"b\xff\xfe"
		"d\\ud800\"},{\"jid\":\"00000000000000000000000000000002\",\"name\":\"%s\"},"
		"{\"jid\":\"00000000000000000000000000000003\",\"name\":\"good\"}]}";
	char *name = xmalloc(10001), *body;
	struct bench *b = *state;
	struct snapshot *snap;

	memset(name, 'n', 10000);
	name[10000] = '\0';
	body = xasprintf(fmt, name);
	bench_serve_recordings(b, versions[1], job_ids[1]);
	bench_serve(b, "/jobs/overview", 200, body);
	snap = bench_poll(b, CLUSTER);
	check_str("error", snap->err.text, "");
	assert_int_equal(snap->job_count, 3);
	check_str("bad", snap->jobs[0].name, "b\uFFFD\uFFFDd\uFFFD");
	check_str("long", snap->jobs[1].name, name);
	check_str("good", snap->jobs[2].name, "good");
	snapshot_unref(snap);
	free(body);
	free(name);
}

/* How a poll may end before its time, after each number of turns until it would be done. */
static void end_early(struct bench *b, bool close_source)
{
	bool was_done = false;

	for (int turns = 0; !was_done; turns++) {
		struct source_poll *poll;

		assert_true(turns < 10000);
		b->done_count = 0;
		poll = source_poll(b->source, CLUSTER, bench_count, b);
		for (int i = 0; i < turns && !b->done_count; i++)
			loop_turn(b->loop, 100);
		was_done = b->done_count > 0;
		if (!was_done && close_source) {
			source_close(b->source);
			b->source = NULL;
		} else if (!was_done) {
			source_poll_cancel(b->source, poll);
		}
		assert_true(loop_run_until_idle(b->loop, 5000));
		assert_int_equal(b->done_count, was_done);
		if (!b->source)
			bench_addresses(b, 1, b->url);
	}
}

static void a_poll_can_end_at_any_moment(void **state)
{
	char *whole = many_jobs("]}");
	struct bench *b = *state;

	bench_serve_recordings(b, versions[1], job_ids[1]);
	end_early(b, false);
	end_early(b, true);
	bench_serve(b, "/jobs/overview", 200, whole); /* on the pool, too */
	end_early(b, false);
	end_early(b, true);
	free(whole);
}

static void on_done_close(void *data, struct snapshot *snap)
{
	struct bench *b = data;

	b->done_count++;
	snapshot_unref(snap);
	source_close(b->source);
	b->source = NULL;
}

static void the_source_may_be_closed_by_who_gets_its_answer(void **state)
{
	struct bench *b = *state;

	bench_serve_recordings(b, versions[1], job_ids[1]);
	source_poll(b->source, &(struct poll){.what = SNAPSHOT_TASKMANAGERS}, on_done_close, b);
	bench_serve_silence(b, "/overview");
	source_poll(b->source, CLUSTER, bench_never, b);
	assert_true(loop_run_until_idle(b->loop, 5000));
	assert_int_equal(b->done_count, 1);
}

static void passwords_of_an_address_are_not_shown(void **state)
{
	struct bench *b = *state;
	char *url = xasprintf("http://app:hunter2@%s", b->url + strlen("http://"));
	struct snapshot *snap;

	bench_serve_recordings(b, versions[1], job_ids[1]);
	bench_addresses(b, 1, url);
	snap = bench_poll(b, CLUSTER);
	check_str("error", snap->err.text, "");
	check_bool("address", strstr(snap->cluster.address, "hunter2") == NULL, true);
	snapshot_unref(snap);
	bench_serve(b, "/overview", 500, "{\"errors\":[\"a.B: x\"]}");
	snap = bench_poll(b, CLUSTER);
	check_kept_err("error", &snap->err, E_REMOTE, "HTTP 500: B: x");
	check_bool("error", strstr(snap->err.text, "hunter2") == NULL, true);
	snapshot_unref(snap);
	free(url);
}

#define test_on_bench(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_on_bench(a_cluster_of_each_version),
		test_on_bench(the_jobs_of_a_cluster_alone_are_one_request),
		test_on_bench(a_job_of_each_version),
		test_on_bench(only_the_parts_asked_for_are_asked),
		test_on_bench(a_source_is_asked_how_far_behind_it_is),
		test_on_bench(taskmanagers),
		test_on_bench(a_refused_part_is_left_out),
		test_on_bench(failed_job_polls),
		test_on_bench(failed_cluster_polls),
		test_on_bench(requests_follow_one_another_while_answers_come_at_once),
		test_on_bench(a_huge_body_is_refused),
		test_on_bench(nobody_answers),
		test_on_bench(what_cannot_be_asked_is_said_later),
		test_on_bench(large_answers_are_read_on_the_pool),
		test_on_bench(one_bad_name_leaves_its_neighbours),
		test_on_bench(a_poll_can_end_at_any_moment),
		test_on_bench(the_source_may_be_closed_by_who_gets_its_answer),
		test_on_bench(passwords_of_an_address_are_not_shown),
	};

	check_locale();
	return cmocka_run_group_tests_name("source/flink", tests, NULL, NULL);
}
