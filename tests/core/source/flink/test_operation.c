/* Orders as HTTP calls, and what three versions of Flink answered to them. */
#include "tests/core/source/flink/jobmanager.h"

#include "core/source/flink/operation.h"

#define JOB "0123456789abcdef0123456789abcdef"
#define TRIGGER "fedcba9876543210fedcba9876543210"

static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};

static const struct deployment orders = {.job_name = "orders", .target = TARGET_REMOTE};

static int read_body(const struct source_request *request, const char *body, bool is_more,
	struct arena *arena, struct source_answer *answer, struct err *err)
{
	return flink_operation_read(request,
		&(struct flink_operation_body){
			.what = "what", .body = body, .len = strlen(body), .is_more = is_more},
		arena, answer, err);
}

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
		{"tasks", {.verb = SOURCE_TASKS}, "GET", "/jobs/overview", NULL},
		{"before a start", {.verb = SOURCE_BEFORE, .deployment = &orders}, "GET",
			"/jobs/overview", NULL},
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
		struct arena *arena;
		char *body;

		if (checkpoint >= 0 && i == 0)
			continue; /* 1.16 has none */
		arena = arena_new();
		answer.checkpoint_id = -1;
		body = fixture_text(versions[i], file);
		check_ok(file, read_body(&request, body, false, arena, &answer, &err), &err);
		check_bool(file, answer.is_over, is_over);
		check_bool(file, answer.location != NULL, location != NULL);
		if (location)
			check_has(file, answer.location, location);
		check_bool(file, answer.failure != NULL, failure != NULL);
		if (failure)
			check_str(file, answer.failure, failure);
		check_bool(file, answer.checkpoint_id >= 0, checkpoint >= 0);
		arena_free(arena);
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
		{"no jobs", "{}", {.verb = SOURCE_TASKS}, "no \"jobs\""},
		{"no jobs, before", "{}", {.verb = SOURCE_BEFORE, .deployment = &orders},
			"no \"jobs\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct source_request request = rows[i].request;
		struct source_answer answer = {0};
		struct err err = {0};
		struct arena *arena = arena_new();

		request.trigger_id = TRIGGER;
		request.job_id = JOB;
		check_err(rows[i].name,
			read_body(&request, rows[i].body, false, arena, &answer, &err), &err,
			E_PROTO, rows[i].text);
		arena_free(arena);
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
		struct arena *arena = arena_new();

		check_int(
			bodies[i], read_body(&request, bodies[i], false, arena, &answer, NULL), 0);
		check_bool(bodies[i], answer.is_over, true);
		assert_null(answer.location);
		assert_non_null(answer.failure);
		arena_free(arena);
	}
}

/* ---- tasks, and what is there before a start ---- */

/* The id of the first row of a recording; malloc'd. */
static char *first_job(const char *body)
{
	json_t *root = json_of(body);
	const json_t *row = json_array_get(json_object_get(root, "jobs"), 0);
	char *id = xstrdup(doc_str(row, "jid"));

	json_decref(root);
	return id;
}

static void recorded_tasks_of_a_job(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		char *body = fixture_text(versions[i], "jobs-overview");
		struct arena *arena = arena_new();
		char *id = first_job(body);
		struct source_request request = {.verb = SOURCE_TASKS, .job_id = id};
		struct source_answer answer = {0};
		struct err err = {0};

		check_ok(versions[i], read_body(&request, body, false, arena, &answer, &err), &err);
		assert_true(answer.job_status != JOB_STATUS_NONE);
		assert_true(answer.tasks_total > 0);
		assert_true(answer.tasks_running >= 0);
		request.job_id = JOB;
		check_err(versions[i], read_body(&request, body, false, arena, &answer, &err), &err,
			E_NOTFOUND, JOB);
		free(id);
		arena_free(arena);
		free(body);
	}
}

static void only_a_live_job_of_the_name_stands_before_a_start(void **state)
{
	static const struct {
		const char *name, *body, *job_id;
	} rows[] = {
		{"none", "{\"jobs\":[]}", NULL},
		{"ended",
			"{\"jobs\":[{\"jid\":\"" JOB
			"\",\"name\":\"orders\",\"state\":\"FINISHED\"}]}",
			NULL},
		{"another name",
			"{\"jobs\":[{\"jid\":\"" JOB
			"\",\"name\":\"orders-2\",\"state\":\"RUNNING\"}]}",
			NULL},
		{"restarting",
			"{\"jobs\":[{\"jid\":\"" JOB
			"\",\"name\":\"orders\",\"state\":\"RESTARTING\"}]}",
			JOB},
		{"ended, and live",
			"{\"jobs\":[{\"jid\":\"" TRIGGER
			"\",\"name\":\"orders\",\"state\":\"FAILED\"},{\"jid\":\"" JOB
			"\",\"name\":\"orders\",\"state\":\"CREATED\"}]}",
			JOB},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct source_request request = {.verb = SOURCE_BEFORE, .deployment = &orders};
		struct source_answer answer = {0};
		struct arena *arena = arena_new();
		struct err err = {0};

		check_ok(rows[i].name, flink_operation_check(&request, &err), &err);
		check_ok(rows[i].name,
			read_body(&request, rows[i].body, false, arena, &answer, &err), &err);
		check_str(rows[i].name, answer.job_id, rows[i].job_id);
		arena_free(arena);
	}
}

static void slots_count_where_they_are_not_made(void **state)
{
	struct deployment session = {.job_name = "orders", .target = TARGET_YARN_SESSION};
	struct source_request request = {.verb = SOURCE_BEFORE, .deployment = &orders};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		char *body = fixture_text(versions[i], "overview");
		json_t *root = json_of(body);
		struct source_answer answer = {.slots_free = -1};
		struct arena *arena = arena_new();
		struct err err = {0};

		request.deployment = &orders;
		check_ok(versions[i], read_body(&request, body, true, arena, &answer, &err), &err);
		check_int(versions[i], answer.slots_free, doc_int(root, "slots-available", -2));
		answer.slots_free = -1;
		request.deployment = &session;
		check_ok(versions[i], read_body(&request, body, true, arena, &answer, &err), &err);
		check_int(versions[i], answer.slots_free, -1);
		arena_free(arena);
		json_decref(root);
		free(body);
	}
}

static void the_first_cause_of_a_failed_job(void **state)
{
	struct source_request request = {.verb = SOURCE_TASKS, .job_id = JOB};
	static const char buried[] =
		"{\"exceptionHistory\":{\"entries\":["
		"{\"timestamp\":3,\"stacktrace\":\"a.b.JobException: Recovery is suppressed by "
		"X\\nCaused by: a.b.NoResourceAvailableException: no slots\"},"
		"{\"timestamp\":2,\"stacktrace\":\"a.b.NoResourceAvailableException: no slots\"},"
		"{\"timestamp\":1,\"stacktrace\":\"a.b.Timeout: tm-1 is gone\"}]}}";
	static const char slots[] =
		"{\"exceptionHistory\":{\"entries\":[{\"timestamp\":2,\"stacktrace\":"
		"\"a.b.NoResourceAvailableException: no slots\"}]}}";
	struct source_answer answer = {0};
	struct arena *arena = arena_new();
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		char *body = fixture_text(versions[i], "job-exceptions-failed");

		check_ok(versions[i], read_body(&request, body, true, arena, &answer, &err), &err);
		check_str(versions[i], answer.failure, "ArithmeticException: / by zero (cause)");
		free(body);
	}
	check_ok("buried", read_body(&request, buried, true, arena, &answer, &err), &err);
	check_str("buried", answer.failure, "Timeout: tm-1 is gone");
	check_ok("slots", read_body(&request, slots, true, arena, &answer, &err), &err);
	check_str("slots", answer.failure, "NoResourceAvailableException: no slots");
	arena_free(arena);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_those_of_the_rest_api),
		cmocka_unit_test(what_is_no_id_is_refused),
		cmocka_unit_test(recorded_answers_of_a_trigger),
		cmocka_unit_test(answers_without_sense),
		cmocka_unit_test(a_completed_trigger_without_result_is_a_failure),
		cmocka_unit_test(recorded_tasks_of_a_job),
		cmocka_unit_test(only_a_live_job_of_the_name_stands_before_a_start),
		cmocka_unit_test(slots_count_where_they_are_not_made),
		cmocka_unit_test(the_first_cause_of_a_failed_job),
		cmocka_unit_test(a_historyserver_is_known_by_its_config),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
