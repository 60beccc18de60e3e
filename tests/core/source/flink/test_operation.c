/* Orders as HTTP calls, and what three versions of Flink answered to them. */
#include "tests/core/source/flink/jobmanager.h"

#include "core/source/flink/operation.h"

#define JOB "0123456789abcdef0123456789abcdef"
#define TRIGGER "fedcba9876543210fedcba9876543210"

static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};

/* ---- calls ---- */

static void calls_are_those_of_the_rest_api(void **state)
{
	static const struct {
		const char *name;
		struct source_request request;
		const char *method, *path, *body;
	} rows[] = {
		{"savepoint", {.verb = SOURCE_SAVEPOINT}, "POST", "/jobs/" JOB "/savepoints",
			"{\"cancel-job\": false, \"triggerId\": \"" TRIGGER "\"}"},
		{"savepoint to a directory",
			{.verb = SOURCE_SAVEPOINT, .target_dir = "file:///x \"y\""}, "POST",
			"/jobs/" JOB "/savepoints",
			"{\"cancel-job\": false, \"target-directory\": \"file:///x \\\"y\\\"\", "
			"\"triggerId\": \"" TRIGGER "\"}"},
		{"stop", {.verb = SOURCE_STOP}, "POST", "/jobs/" JOB "/stop",
			"{\"drain\": false, \"triggerId\": \"" TRIGGER "\"}"},
		{"stop, drained", {.verb = SOURCE_STOP, .drain = true, .target_dir = "s3://b/s"},
			"POST", "/jobs/" JOB "/stop",
			"{\"drain\": true, \"targetDirectory\": \"s3://b/s\", \"triggerId\": "
			"\"" TRIGGER "\"}"},
		{"cancel", {.verb = SOURCE_CANCEL}, "PATCH", "/jobs/" JOB "?mode=cancel", NULL},
		{"checkpoint", {.verb = SOURCE_CHECKPOINT}, "POST", "/jobs/" JOB "/checkpoints",
			"{\"checkpointType\": \"CONFIGURED\", \"triggerId\": \"" TRIGGER "\"}"},
		{"how a stop stands", {.verb = SOURCE_TRIGGER, .of = SOURCE_STOP}, "GET",
			"/jobs/" JOB "/savepoints/" TRIGGER, NULL},
		{"how a checkpoint stands", {.verb = SOURCE_TRIGGER, .of = SOURCE_CHECKPOINT},
			"GET", "/jobs/" JOB "/checkpoints/" TRIGGER, NULL},
		{"job", {.verb = SOURCE_JOB}, "GET", "/jobs/" JOB "/status", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct source_request request = rows[i].request;
		char *path, *body;

		request.job_id = JOB;
		request.trigger_id = TRIGGER;
		check_int(rows[i].name, flink_operation_check(&request, NULL), 0);
		path = flink_operation_path(&request);
		body = flink_operation_body(&request);
		check_str(rows[i].name, flink_operation_method(&request), rows[i].method);
		check_str(rows[i].name, path, rows[i].path);
		check_str(rows[i].name, body, rows[i].body);
		free(path);
		free(body);
	}
}

static void what_is_no_id_is_refused(void **state)
{
	static const char *const bad[] = {NULL, "", "0123", JOB "0",
		"0123456789ABCDEF0123456789ABCDEF", "../../../../jobs/0123456789abcdef"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct source_request request = {
			.verb = SOURCE_STOP, .job_id = bad[i], .trigger_id = TRIGGER};
		struct err err = {0};

		check_err("job", flink_operation_check(&request, &err), &err, E_ARG,
			"not a Flink job id");
		request.job_id = JOB;
		request.trigger_id = bad[i];
		check_err("trigger", flink_operation_check(&request, &err), &err, E_ARG,
			"not a trigger id");
	}
}

/* ---- recorded answers ---- */

/* Reads a recording of each version; `want` of a text that the answer holds, or NULL. */
static void recorded(const char *file, struct source_request request, bool is_over,
	const char *location, const char *failure, int64_t checkpoint)
{
	request.job_id = JOB;
	request.trigger_id = TRIGGER;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct source_answer answer = {0};
		struct err err = {0};
		char *keep = NULL, *body;

		if (checkpoint >= 0 && i == 0)
			continue; /* 1.16 has none */
		body = fixture_text(versions[i], file);
		check_ok(file,
			flink_operation_read(
				&request, file, body, strlen(body), &answer, &keep, &err),
			&err);
		check_bool(file, answer.is_over, is_over);
		check_bool(file, answer.location != NULL, location != NULL);
		if (location)
			check_has(file, answer.location, location);
		check_bool(file, answer.failure != NULL, failure != NULL);
		if (failure)
			check_str(file, answer.failure, failure);
		check_bool(file, answer.checkpoint_id >= 0, checkpoint >= 0);
		free(keep);
		free(body);
	}
}

static void recorded_answers_of_a_trigger(void **state)
{
	struct source_request stop = {.verb = SOURCE_TRIGGER, .of = SOURCE_STOP};
	struct source_request checkpoint = {.verb = SOURCE_TRIGGER, .of = SOURCE_CHECKPOINT};

	(void)state;
	recorded("op-savepoint-status-first", stop, false, NULL, NULL, -1);
	recorded("op-stop-status-done", stop, true, "/savepoint-", NULL, -1);
	recorded("op-savepoint-status-baddir-done", stop, true, NULL,
		"IOException: Failed to create savepoint directory at file:/proc/nope/x", -1);
	recorded("op-checkpoint-trigger-status-done", checkpoint, true, NULL, NULL, 1);
}

static void answers_without_sense(void **state)
{
	static const struct {
		const char *name, *body;
		struct source_request request;
		const char *text;
	} rows[] = {
		{"no status", "{}", {.verb = SOURCE_TRIGGER}, "no status"},
		{"a list", "[]", {.verb = SOURCE_TRIGGER}, "no status"},
		{"HTML", "<html>", {.verb = SOURCE_TRIGGER}, "what"},
		{"no job status", "{\"status\":1}", {.verb = SOURCE_JOB}, "no job status"},
		{"another trigger", "{\"request-id\":\"x\"}", {.verb = SOURCE_STOP},
			"not about trigger"},
		{"nothing", "", {.verb = SOURCE_CANCEL}, "what"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct source_request request = rows[i].request;
		struct source_answer answer = {0};
		struct err err = {0};
		char *keep;

		request.trigger_id = TRIGGER;
		check_err(rows[i].name,
			flink_operation_read(&request, "what", rows[i].body, strlen(rows[i].body),
				&answer, &keep, &err),
			&err, E_PROTO, rows[i].text);
	}
}

static void a_completed_trigger_without_result_is_a_failure(void **state)
{
	static const char *const bodies[] = {
		"{\"status\":{\"id\":\"COMPLETED\"}}",
		"{\"status\":{\"id\":\"COMPLETED\"},\"operation\":null}",
		"{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":\"\"}}",
		"{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":\"file:/x\","
		"\"failure-cause\":{\"class\":\"a.B\"}}}",
		"{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":null,"
		"\"failure-cause\":{}}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct source_request request = {.verb = SOURCE_TRIGGER, .of = SOURCE_STOP};
		struct source_answer answer = {0};
		char *keep = NULL;

		check_int(bodies[i],
			flink_operation_read(
				&request, "x", bodies[i], strlen(bodies[i]), &answer, &keep, NULL),
			0);
		check_bool(bodies[i], answer.is_over, true);
		assert_null(answer.location);
		assert_non_null(answer.failure);
		free(keep);
	}
}

static void a_historyserver_is_known_by_its_config(void **state)
{
	static const char history[] = "{\"flink-version\":\"1.20.5\",\"features\":"
				      "{\"web-submit\":false,\"web-history\":true}}";
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		char *body = fixture_text(versions[i], "op-config");

		check_ok(versions[i], flink_operation_probe("x", body, strlen(body), &err), &err);
		free(body);
	}
	check_err("history", flink_operation_probe("x", history, strlen(history), &err), &err,
		E_UNSUPPORTED, "HistoryServer");
	check_err("something else", flink_operation_probe("x", "{}", 2, &err), &err, E_PROTO,
		"is this a Flink JobManager?");
}

/* ---- who is asked ---- */

static struct told {
	int calls, code;
	bool is_over;
	char text[1024];
} told;

static void on_answer(void *data, const struct source_answer *answer, const struct err *err)
{
	(void)data;
	told.calls++;
	told.code = err ? (int)err->code : 0;
	told.is_over = answer->is_over;
	snprintf(told.text, sizeof(told.text), "%s", err ? err->text : answer->address);
}

static void send(struct bench *b, enum source_verb verb)
{
	told = (struct told){0};
	source_send(b->source,
		&(struct source_request){.verb = verb,
			.of = SOURCE_STOP,
			.job_id = JOB,
			.trigger_id = TRIGGER,
			.timeout_ms = 2000},
		on_answer, NULL);
	check_int("not from inside", told.calls, 0);
	assert_true(loop_run_until_idle(b->loop, 60000));
	check_int("once", told.calls, 1);
}

#define CONFIG "{\"flink-version\":\"1.20.5\",\"features\":{\"web-history\":false}}"
#define ACCEPTED "{\"request-id\":\"" TRIGGER "\"}"

/* An address where nobody is costs a try of the probe; the order goes to who answers, once. */
static void the_order_goes_to_who_answers(void **state)
{
	struct bench *b = *state;

	bench_addresses(b, 2, b->dead_url, b->url);
	bench_serve(b, "/config", 200, CONFIG);
	httpd_on(b->server, "POST *", &(struct httpd_answer){.status = 202, .body = ACCEPTED});
	send(b, SOURCE_STOP);
	check_int("accepted", told.code, 0);
	check_str("who", told.text, b->url);
	check_int("sent once", httpd_requests(b->server, "POST *"), 1);
}

/* After the order has left, nobody else gets it. */
static void a_lost_answer_is_not_tried_elsewhere(void **state)
{
	struct bench *b = *state;

	bench_addresses(b, 2, b->url, b->other_url);
	bench_serve(b, "/config", 200, CONFIG);
	httpd_on(b->server, "POST *", &(struct httpd_answer){.fault = HTTPD_CLOSE});
	bench_other(b, &(struct httpd_answer){.body = CONFIG});
	send(b, SOURCE_STOP);
	check_int("unknown", told.code, E_UNKNOWN);
	check_int("sent once", httpd_requests(b->server, "POST *"), 1);
	check_int("nobody else", httpd_counts(b->other).requests, 0);
}

static void nobody_there_is_no_doubt(void **state)
{
	struct bench *b = *state;

	bench_addresses(b, 1, b->dead_url);
	send(b, SOURCE_STOP);
	check_int("nothing sent", told.code, E_NET);
	bench_addresses(b, 0);
	send(b, SOURCE_STOP);
	check_int("no address", told.code, E_CONFIG);
}

static void a_standby_without_a_leader_is_passed_over(void **state)
{
	struct bench *b = *state;

	bench_addresses(b, 2, b->url, b->other_url);
	bench_serve(b, "/jobs/" JOB "/status", 503, "{\"errors\":[\"no leader\"]}");
	bench_other(b, &(struct httpd_answer){.body = "{\"status\":\"RUNNING\"}"});
	send(b, SOURCE_JOB);
	check_int("answered", told.code, 0);
	check_str("who", told.text, b->other_url);
}

static void unknown_trigger_and_ended_job(void **state)
{
	struct bench *b = *state;

	bench_addresses(b, 1, b->url);
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		char *body = fixture_text(versions[i], "op-savepoint-status-unknown");

		bench_serve(b, "/jobs/" JOB "/savepoints/" TRIGGER, 404, body);
		send(b, SOURCE_TRIGGER);
		check_int(versions[i], told.code, E_NOTFOUND);
		free(body);
	}
	/* A proxy's 404 is no JobManager's word. */
	bench_serve(b, "/jobs/" JOB "/savepoints/" TRIGGER, 404, "<html>not here</html>");
	send(b, SOURCE_TRIGGER);
	check_int("a proxy", told.code, E_REMOTE);
}

static void canceled_order_is_not_told(void **state)
{
	struct bench *b = *state;
	struct source_op *op;

	bench_addresses(b, 1, b->url);
	bench_serve_silence(b, "/config");
	told = (struct told){0};
	op = source_send(b->source, &(struct source_request){.verb = SOURCE_CANCEL, .job_id = JOB},
		on_answer, NULL);
	loop_turn(b->loop, 0);
	source_send_cancel(b->source, op);
	op = source_send(b->source, &(struct source_request){.verb = SOURCE_CANCEL, .job_id = "x"},
		on_answer, NULL);
	source_send_cancel(b->source, op);
	source_send(b->source, &(struct source_request){.verb = SOURCE_CANCEL, .job_id = JOB},
		on_answer, NULL);
	bench_addresses(b, 1, b->url); /* closes the source under it */
	assert_true(loop_run_until_idle(b->loop, 60000));
	check_int("not told", told.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_those_of_the_rest_api),
		cmocka_unit_test(what_is_no_id_is_refused),
		cmocka_unit_test(recorded_answers_of_a_trigger),
		cmocka_unit_test(answers_without_sense),
		cmocka_unit_test(a_completed_trigger_without_result_is_a_failure),
		cmocka_unit_test(a_historyserver_is_known_by_its_config),
		cmocka_unit_test_setup_teardown(
			the_order_goes_to_who_answers, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			a_lost_answer_is_not_tried_elsewhere, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			nobody_there_is_no_doubt, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			a_standby_without_a_leader_is_passed_over, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			unknown_trigger_and_ended_job, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			canceled_order_is_not_told, bench_setup, bench_teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
