/*
 * The fleet that benches measure weir on (tests/bench/fleetd) answers as the JobManagers did whose
 * answers were recorded, and weir sees in it what is there.
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/doc.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/loop.h"
#include "core/model/snapshot.h"
#include "core/source/flink/answer.h"
#include "tests/e2e/bench.h"
#include "tests/support/asking.h"
#include "tests/support/check.h"
#include "tests/support/fleetd.h"
#include "tests/support/front.h"
#include "tests/support/shape.h"

#define JOBS 200
#define MANAGERS 20
#define FOREVER_LOOPING 1000 /* restarts */

static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};

/* Nothing moves, and what moved before has come to rest. */
#define AT_REST "--sick", "0", "--churn", "0", "--at", "600000"

static struct loop *loop;
static struct http *http;
static struct fleetd *fleetd;
static struct bench *bench;

struct row {
	int index;
	char team[64], name[64], cluster[64], id[JOB_ID_LEN + 1], status[32], job_name[64];
	long long restarts;
};
static struct row rows[JOBS];

/* ---- help ---- */

static struct fleetd *start(const char *const *more)
{
	const char *words[32] = {
		"--jobs", "200", "--managers", "20", "--sick", "20", "--budget", "100000"};
	size_t count = 8;

	while (more && *more)
		words[count++] = *more++;
	return fleetd_start_at(bench->home, words);
}

static void order(const char *text)
{
	char *said = fleetd_say(fleetd, text);

	check_has(text, said, "ok");
	free(said);
}

static void read_rows(void)
{
	char *said = fleetd_say(fleetd, "jobs"), *rest = said;

	for (int i = 0; i < JOBS; i++) {
		struct row *row = &rows[i];

		check_int("columns",
			sscanf(strsep(&rest, "\n"), "%d %63s %63s %63s %32s %31s %lld %63s",
				&row->index, row->team, row->name, row->cluster, row->id,
				row->status, &row->restarts, row->job_name),
			8);
	}
	free(said);
}

/* The body; malloc'd. */
static char *get(struct fleetd *from, int manager, const char *path, int status)
{
	struct asking ask = {0};
	char *url = fleetd_url(from, manager, path), *body;

	asking_start(&ask, http, &(struct http_request){.url = url});
	assert_true(loop_run_until_idle(loop, ASKING_DEADLINE_MS));
	check_str(url, ask.err.code ? ask.err.text : NULL, NULL);
	check_int(url, ask.status, status);
	body = xstrdup(ask.body);
	asking_release(&ask);
	free(url);
	return body;
}

static const char *job_path(const char *id, const char *rest)
{
	static char path[512];

	snprintf(path, sizeof(path), "/jobs/%s%s", id, rest);
	return path;
}

static int setup(void **state)
{
	struct err err = {0};

	(void)state;
	check_ok("loop", loop_open(&loop, &err), &err);
	check_ok("http", http_open(&http, loop, &(struct http_options){0}, &err), &err);
	bench = bench_new();
	fleetd = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fleetd_stop(fleetd);
	bench_free(bench);
	http_close(http);
	loop_close(loop);
	return 0;
}

/* ---- shapes ---- */

static void check_as_recorded(int manager, const char *path, int status, const char *fixture)
{
	char *body = get(fleetd, manager, path, status);
	char *file = xasprintf("tests/fixtures/flink-%s/%s.json", versions[manager], fixture);
	char *recorded = fixture_read(file, NULL);
	json_t *got = json_loads(body, 0, NULL), *want = json_loads(recorded, 0, NULL);

	if (!got || !want)
		fail_msg("%s: no JSON: %s", file, body);
	check_shape(file, got, want);
	json_decref(got);
	json_decref(want);
	free(recorded);
	free(file);
	free(body);
}

static void check_taskmanager(int manager)
{
	static const struct {
		const char *rest, *fixture;
	} cases[] = {
		{"", "taskmanager"},
		{"/logs", "taskmanager-logs"},
		{"/metrics", "taskmanager-metrics"},
		{"/metrics?get=Status.JVM.Memory.Heap.Used", "taskmanager-metrics-get"},
	};
	char *body = get(fleetd, manager, "/taskmanagers", 200);
	json_t *list = json_loads(body, 0, NULL);
	const char *id = doc_str(json_array_get(json_object_get(list, "taskmanagers"), 0), "id");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *path = xasprintf("/taskmanagers/%s%s", id, cases[i].rest);

		check_as_recorded(manager, path, 200, cases[i].fixture);
		free(path);
	}
	check_as_recorded(manager, "/taskmanagers/nope", 500, "err-unknown-tm");
	json_decref(list);
	free(body);
}

static void answers_have_the_recorded_shapes(void **state)
{
	static const struct {
		const char *path, *fixture;
		int status;
	} cases[] = {
		{"", "job", 200},
		{"/checkpoints", "checkpoints", 200},
		{"/checkpoints/config", "checkpoints-config", 200},
		{"/exceptions", "job-exceptions-restarting", 200},
		{"/metrics?get=numRestarts,uptime", "job-metrics-get", 200},
		{"/config", "job-config", 200},
		{"/savepoints/00000000000000000000000000000000", "op-savepoint-status-unknown",
			404},
	};

	(void)state;
	fleetd = start(NULL);
	read_rows();
	for (int manager = 0; manager < (int)ARRAY_SIZE(versions); manager++) {
		char text[64];

		/* It has failed, so it has exceptions. */
		snprintf(text, sizeof(text), "change %d RESTARTING", manager);
		order(text);
		check_as_recorded(manager, "/config", 200, "op-config");
		check_as_recorded(manager, "/overview", 200, "overview");
		check_as_recorded(manager, "/jobs/overview", 200, "jobs-overview");
		check_as_recorded(manager, "/taskmanagers", 200, "taskmanagers");
		check_taskmanager(manager);
		check_as_recorded(manager, "/jobmanager/logs", 200, "jobmanager-logs");
		check_as_recorded(manager, "/jobmanager/logs/nope", 404, "err-unknown-log");
		check_as_recorded(
			manager, "/jobs/00000000000000000000000000000000", 404, "err-unknown-job");
		check_as_recorded(manager, "/jobs/xyz", 400, "err-bad-jobid");
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
			check_as_recorded(manager, job_path(rows[manager].id, cases[i].path),
				cases[i].status, cases[i].fixture);
		snprintf(text, sizeof(text), "change %d RUNNING", manager);
		order(text);
	}
	read_rows();
	for (int manager = 0; manager < (int)ARRAY_SIZE(versions); manager++)
		check_as_recorded(manager, job_path(rows[manager].id, "/exceptions"), 200,
			"job-exceptions-empty");
}

/* ---- weir's parsers ---- */

static struct snapshot *poll_of(int manager, enum snapshot_kind kind, const char *id)
{
	struct snapshot *snap = snapshot_new(kind, "fleet", "jm", id);
	enum flink_question list[FLINK_QUESTION_MAX];
	struct flink_answer answers[FLINK_QUESTION_MAX] = {0};
	size_t count = flink_questions(kind, JOB_PARTS_ALL, list);
	char *lag = flink_lag_source("bedd67346d76b56bb346706af100be99", "Source: Kafka");
	struct err err = {0};

	for (size_t i = 0; i < count; i++) {
		char *path = flink_question_path(list[i], id, lag);

		answers[i].question = list[i];
		answers[i].what = path;
		answers[i].body = get(fleetd, manager, path, 200);
		answers[i].len = strlen(answers[i].body);
	}
	check_ok(id ? id : "cluster", flink_fill(snap, answers, count, &err), &err);
	for (size_t i = 0; i < count; i++) {
		free(answers[i].what);
		free(answers[i].body);
	}
	free(lag);
	return snap;
}

static void check_detail(const struct job_summary *job, const struct job_detail *detail)
{
	check_int(job->name, detail->parts, JOB_PARTS_ALL);
	check_bool(job->name, detail->vertex_count >= 2, true);
	check_bool(job->name, detail->restarts >= 0, true);
	check_bool(job->name, detail->lag_records >= 0 && detail->lag_ms >= 0, true);
	check_bool(job->name, detail->vertices[0].is_source, true);
	check_bool(job->name, detail->vertices[detail->vertex_count - 1].is_sink, true);
	check_int(job->name, detail->checkpoints.total,
		detail->checkpoints.completed + detail->checkpoints.failed);
	check_bool(job->name, job->start_ms > 0 && job->duration_ms >= 0, true);
	if (job->status == JOB_FAILED || job->status == JOB_RESTARTING)
		check_bool(job->name, detail->exception_count > 0, true);
}

static void weir_reads_every_answer(void **state)
{
	size_t seen = 0;

	(void)state;
	fleetd = start((const char *[]){"--seed", "7", NULL});
	for (int manager = 0; manager < MANAGERS; manager++) {
		struct snapshot *cluster = poll_of(manager, SNAPSHOT_CLUSTER, NULL);
		struct snapshot *members = poll_of(manager, SNAPSHOT_TASKMANAGERS, NULL);

		check_int("TaskManagers", (int64_t)members->taskmanager_count,
			cluster->cluster.taskmanagers);
		for (size_t i = 0; i < cluster->job_count; i++) {
			struct snapshot *job = poll_of(manager, SNAPSHOT_JOB, cluster->jobs[i].id);

			check_detail(&cluster->jobs[i], &job->detail);
			snapshot_unref(job);
			seen++;
		}
		snapshot_unref(members);
		snapshot_unref(cluster);
	}
	check_int("jobs", (int64_t)seen, JOBS);
}

/* ---- the seed ---- */

static void add_answers(struct fleetd *from, struct buf *out)
{
	static const char *const paths[] = {
		"", "/checkpoints", "/exceptions", "/metrics?get=numRestarts"};
	char *said = fleetd_say(from, "jobs"), *rest = said;

	for (int i = 0; i < JOBS; i += 7) {
		char id[JOB_ID_LEN + 1];

		for (int skipped = 0; i && skipped < 6; skipped++)
			strsep(&rest, "\n");
		check_int("id", sscanf(strsep(&rest, "\n"), "%*d %*s %*s %*s %32s", id), 1);
		for (size_t k = 0; k < ARRAY_SIZE(paths); k++) {
			char *body = get(from, i % MANAGERS, job_path(id, paths[k]), 200);

			buf_adds(out, body);
			free(body);
		}
	}
	free(said);
}

static char *answers_of(const char *seed, const char *at)
{
	struct fleetd *from = fleetd_start(
		(const char *[]){"--jobs", "200", "--managers", "20", "--sick", "20", "--churn",
			"5", "--epoch", "1795300000000", "--seed", seed, "--at", at, NULL});
	struct buf out;

	buf_init(&out, 0);
	add_answers(from, &out);
	fleetd_stop(from);
	return buf_detach(&out);
}

static void equal_seeds_give_equal_answers(void **state)
{
	char *first = answers_of("11", "600000"), *same = answers_of("11", "600000");
	char *other = answers_of("12", "600000"), *later = answers_of("11", "660000");

	(void)state;
	check_bool("the same", str_eq(first, same), true);
	check_bool("another seed", str_eq(first, other), false);
	check_bool("a minute later", str_eq(first, later), false);
	free(first);
	free(same);
	free(other);
	free(later);
}

static void jobs_change_as_fast_as_the_churn_says(void **state)
{
	char *before, *same, *after;

	(void)state;
	fleetd = start((const char *[]){"--sick", "0", "--churn", "1", "--at", "600000", NULL});
	order("churn 0");
	order("clock 600000"); /* what was moving has come to rest */
	before = fleetd_say(fleetd, "jobs");
	for (int i = 0; i < 20; i++)
		order(i % 2 ? "churn 0" : "churn 50%");
	order("clock 600000");
	same = fleetd_say(fleetd, "jobs");
	order("churn 5%");
	order("clock 60000");
	after = fleetd_say(fleetd, "jobs");
	check_str("no churn", same, before);
	check_bool("some churn", str_eq(after, before), false);
	free(before);
	free(same);
	free(after);
}

/* ---- what weir shows ---- */

static const char *expected(const struct row *row)
{
	if (row->restarts > FOREVER_LOOPING)
		return "RESTARTING";
	return str_eq(row->status, "INITIALIZING") ? "STARTING" : row->status;
}

static json_t *get_apps(int exit_code)
{
	struct program *program = bench_run(bench, "get apps -o json --config {home}/config.yaml");
	json_t *list;

	bench_check("get apps", program, exit_code, exit_code ? "" : NULL);
	list = bench_json("get apps", program);
	program_free(program);
	return list;
}

static const json_t *app_of(const json_t *list, const struct row *row)
{
	const json_t *items = json_object_get(list, "items"), *item;
	size_t i;

	json_array_foreach (items, i, item) {
		if (str_eq(doc_str(item, "team"), row->team) &&
			str_eq(doc_str(item, "name"), row->name))
			return item;
	}
	fail_msg("%s/%s is not there", row->team, row->name);
	return NULL;
}

static void weir_shows_each_application_in_its_state(void **state)
{
	json_t *list;

	(void)state;
	fleetd = start((const char *[]){"--churn", "2", "--at", "30000", NULL});
	read_rows();
	list = get_apps(0);
	check_int("applications", (int64_t)json_array_size(json_object_get(list, "items")), JOBS);
	for (int i = 0; i < JOBS; i++) {
		const json_t *app = app_of(list, &rows[i]);

		check_str(rows[i].name, doc_str(app, "state"), expected(&rows[i]));
		check_str(rows[i].name, doc_str(app, "cluster"), rows[i].cluster);
		check_str(rows[i].name, doc_str(app, "jobId"), rows[i].id);
	}
	json_decref(list);
}

static void weir_lists_taskmanagers_with_their_jvms(void **state)
{
	struct program *program;
	json_t *list;
	const json_t *item;
	size_t i;

	(void)state;
	fleetd = start((const char *[]){AT_REST, NULL});
	program = bench_run(bench, "get taskmanagers jm-00002 -o json --config {home}/config.yaml");
	list = bench_json("get taskmanagers", program);
	json_array_foreach (json_object_get(list, "items"), i, item) {
		int64_t used = doc_int(item, "heapUsedBytes", 0);

		check_bool("heap", used > 0 && used < doc_int(item, "heapMaxBytes", 0), true);
		check_bool("garbage", doc_int(item, "gcMs", -1) >= 0, true);
	}
	json_decref(list);
	program_free(program);
}

static void a_changed_job_shows(void **state)
{
	static const char *const steps[] = {"FAILED", "RUNNING", "CANCELED", "RUNNING"};
	char before[JOB_ID_LEN + 1] = "";

	(void)state;
	fleetd = start((const char *[]){"--churn", "0", NULL});
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		char *text = xasprintf("change 5 %s", steps[i]);
		json_t *list;

		order(text);
		read_rows();
		list = get_apps(0);
		check_str(text, doc_str(app_of(list, &rows[5]), "state"), steps[i]);
		check_str(text, doc_str(app_of(list, &rows[5]), "jobId"), rows[5].id);
		/* It is started under a new id, and ends under that. */
		if (i > 0)
			check_bool(text, str_eq(before, rows[5].id), !str_eq(steps[i], "RUNNING"));
		memcpy(before, rows[5].id, sizeof(before));
		json_decref(list);
		free(text);
	}
}

static void a_job_is_stopped_and_canceled(void **state)
{
	struct program *program;
	char *words, *status;

	(void)state;
	fleetd = start((const char *[]){AT_REST, NULL});
	read_rows();
	words = xasprintf("stop %s --yes --wait --config {home}/config.yaml", rows[1].name);
	program = bench_run(bench, words);
	check_int(words, program->exit_code, 0);
	check_has(words, buf_str(&program->out), "hdfs://nn/flink/savepoints/savepoint-");
	program_free(program);
	free(words);
	words = xasprintf("cancel %s --yes --wait --config {home}/config.yaml", rows[2].name);
	program = bench_run(bench, words);
	check_int(words, program->exit_code, 0);
	program_free(program);
	free(words);
	for (int i = 1; i <= 2; i++) {
		status = get(fleetd, i, job_path(rows[i].id, "/status"), 200);
		check_has(rows[i].name, status, i == 1 ? "FINISHED" : "CANCELED");
		free(status);
	}
}

/* ---- manners ---- */

static void who_does_not_answer_is_left_out(void **state)
{
	json_t *list;
	int unreachable = 0;

	(void)state;
	fleetd = start((const char *[]){
		AT_REST, "--refused", "25", "--slow", "25", "--slow-ms", "300", NULL});
	order("manager 0 dead");
	order("manager 1 reset");
	read_rows();
	list = get_apps(5);
	for (int i = 0; i < JOBS; i++) {
		const char *is = doc_str(app_of(list, &rows[i]), "state");

		unreachable += !str_eq(is, "RUNNING");
		if (i % MANAGERS < 2)
			check_bool(rows[i].name, str_eq(is, "RUNNING"), false);
	}
	check_bool("some are refused too", unreachable > 2 * JOBS / MANAGERS, true);
	check_bool("and most answer", unreachable < JOBS / 2, true);
	json_decref(list);
	order("manager 0 fine");
	free(get(fleetd, 0, "/overview", 200));
}

static void requests_that_come_together_are_answered_in_order(void **state)
{
	static const char asked[] = "GET /overview HTTP/1.1\r\nHost: a\r\n\r\n"
				    "POST /jobs/xyz/stop HTTP/1.1\r\ncontent-length: 3\r\n\r\n{ }"
				    "GET /nope HTTP/1.1\r\n\r\n";
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *first, *second, *third;
	struct buf said;

	(void)state;
	fleetd = start(NULL);
	to.sin_port = htons((uint16_t)fleetd_port(fleetd));
	inet_pton(AF_INET, "127.1.0.1", &to.sin_addr);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(write(fd, asked, strlen(asked)), strlen(asked));
	buf_init(&said, 0);
	while (!strstr(buf_str(&said), "/nope")) {
		char data[4096];
		ssize_t len = read(fd, data, sizeof(data));

		assert_true(len > 0);
		buf_add(&said, data, (size_t)len);
	}
	first = strstr(buf_str(&said), "HTTP/1.1 200 OK");
	second = strstr(buf_str(&said), "HTTP/1.1 400 Bad Request");
	third = strstr(buf_str(&said), "HTTP/1.1 404 Not Found");
	assert_true(first && second && third && first < second && second < third);
	buf_release(&said);
	close(fd);
}

static void tls_is_spoken_where_a_certificate_is_given(void **state)
{
	struct front *front = front_certs();
	json_t *list;

	(void)state;
	assert_non_null(front);
	fleetd = start((const char *[]){AT_REST, "--cert", front_file(front, "server.pem"), "--key",
		front_file(front, "server.key"), NULL});
	read_rows();
	list = get_apps(0);
	for (int i = 0; i < JOBS; i++)
		check_str(rows[i].name, doc_str(app_of(list, &rows[i]), "state"), "RUNNING");
	json_decref(list);
	front_down(front);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_have_the_recorded_shapes, setup, teardown),
		cmocka_unit_test_setup_teardown(weir_reads_every_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(equal_seeds_give_equal_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(
			jobs_change_as_fast_as_the_churn_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
			weir_shows_each_application_in_its_state, setup, teardown),
		cmocka_unit_test_setup_teardown(
			weir_lists_taskmanagers_with_their_jvms, setup, teardown),
		cmocka_unit_test_setup_teardown(a_changed_job_shows, setup, teardown),
		cmocka_unit_test_setup_teardown(a_job_is_stopped_and_canceled, setup, teardown),
		cmocka_unit_test_setup_teardown(who_does_not_answer_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(
			requests_that_come_together_are_answered_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
			tls_is_spoken_where_a_certificate_is_given, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests_name("fleetd", tests, NULL, NULL);
}
