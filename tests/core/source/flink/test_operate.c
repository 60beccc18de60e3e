/* Who is asked, what is sent where, and what comes of it, against JobManager doubles. */
#include "core/net/http_access.h"
#include "core/net/tunnel.h"
#include "tests/core/source/flink/jobmanager.h"

#define JOB "0123456789abcdef0123456789abcdef"
#define TRIGGER "fedcba9876543210fedcba9876543210"

static const char *const versions[] = {"1.16.3", "1.20.5", "2.2.1"};
static const struct deployment orders = {.job_name = "orders", .target = TARGET_REMOTE};

static struct told {
	int calls, code, status, running, total, slots;
	bool is_over;
	char text[1024], failure[256], job_id[64];
} told;

static void on_answer(void *data, const struct source_answer *answer, const struct err *err)
{
	(void)data;
	told.calls++;
	told.code = err ? (int)err->code : 0;
	told.is_over = answer->is_over;
	told.status = (int)answer->job_status;
	told.running = answer->tasks_running;
	told.total = answer->tasks_total;
	told.slots = answer->slots_free;
	snprintf(told.text, sizeof(told.text), "%s", err ? err->text : answer->address);
	snprintf(told.failure, sizeof(told.failure), "%s", answer->failure ? answer->failure : "");
	snprintf(told.job_id, sizeof(told.job_id), "%s", answer->job_id ? answer->job_id : "");
}

static void send(struct bench *b, enum source_verb verb)
{
	told = (struct told){0};
	source_send(b->source,
		&(struct source_request){.verb = verb,
			.of = SOURCE_STOP,
			.job_id = JOB,
			.trigger_id = TRIGGER,
			.deployment = &orders,
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

/* A verb says what a poll says: the host, and what the host could not do. */
static void a_host_that_is_down_is_named_with_its_reason(void **state)
{
	struct bench *b = *state;
	char bastion[] = "bastion", gw[] = "gw1", address[] = "127.0.0.1";
	struct host_config hosts[] = {
		{.name = bastion, .address = address, .port = 1},
		{.name = gw, .address = address, .port = 22, .jump = bastion},
	};
	const char *addresses[] = {b->url};
	struct http_access *access;
	struct ssh *ssh;
	struct err err = {0};

	check_ok("ssh",
		ssh_open(&ssh,
			&(struct ssh_options){.loop = b->loop,
				.hosts = hosts,
				.host_count = ARRAY_SIZE(hosts),
				.ssh_config = "/dev/null"},
			&err),
		&err);
	access = http_access_new(&(struct http_access_options){.loop = b->loop,
		.addresses = addresses,
		.address_count = 1,
		.proxy = tunnel_proxy(ssh, "gw1", &err),
		.via = "gw1"});
	source_close(b->source);
	b->source = flink_source_new(&(struct flink_source_options){.loop = b->loop,
		.http = b->http,
		.context = "prod",
		.cluster = "sessions",
		.addresses = addresses,
		.address_count = 1,
		.ssh = ssh,
		.via = "gw1",
		.access = access});
	send(b, SOURCE_STOP);
	check_int("nothing sent", told.code, E_NET);
	check_has("the host", told.text, "host gw1: ");
	check_has("its way", told.text, "bastion");
	check_has("the reason", told.text, "efused");
	check_int("nobody was asked", httpd_counts(b->server).requests, 0);
	bench_addresses(b, 1, b->url);
	http_access_free(access);
	ssh_close(ssh);
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
	/* Of a job: by a status that says otherwise (1.16 to 2.2). */
	bench_serve(b, "/jobs/" JOB "/status", 500,
		"{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\n"
		"org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink "
		"job (" JOB ")\\n\\tat x\"]}");
	send(b, SOURCE_JOB);
	check_int("the job", told.code, E_NOTFOUND);
	bench_serve(b, "/jobs/" JOB "/status", 500, "{\"errors\":[\"a.B: boom\"]}");
	send(b, SOURCE_JOB);
	check_int("not said", told.code, E_REMOTE);
	/* A proxy's 404 is no JobManager's word. */
	bench_serve(b, "/jobs/" JOB "/savepoints/" TRIGGER, 404, "<html>not here</html>");
	send(b, SOURCE_TRIGGER);
	check_int("a proxy", told.code, E_REMOTE);
}

#define ROW(state, running, failed)                                                                \
	"{\"jobs\":[{\"jid\":\"" JOB "\",\"name\":\"orders\",\"state\":\"" state                   \
	"\",\"tasks\":{\"total\":4,\"running\":" running ",\"failed\":" failed "}}]}"

static void tasks_and_why_they_failed(void **state)
{
	struct bench *b = *state;

	bench_addresses(b, 2, b->dead_url, b->url);
	bench_serve(b, "/jobs/overview", 200, ROW("RUNNING", "3", "0"));
	send(b, SOURCE_TASKS);
	check_int(told.text, told.code, 0);
	check_int("status", told.status, JOB_RUNNING);
	check_int("running", told.running, 3);
	check_int("total", told.total, 4);
	check_str("no failure", told.failure, "");
	check_int("one question", httpd_counts(b->server).requests, 1);

	bench_serve(b, "/jobs/overview", 200, ROW("FAILED", "0", "4"));
	bench_serve(b, "/jobs/" JOB "/exceptions?maxExceptions=16", 200,
		"{\"root-exception\":\"a.b.JobException: Recovery is suppressed by X\\n\\tat x\\n"
		"Caused by: a.b.Middle: x\\nCaused by: a.b.First: password=hunter2\"}");
	send(b, SOURCE_TASKS);
	check_int("status", told.status, JOB_FAILED);
	check_str("cause, no secret", told.failure, "First: password=******");

	bench_serve(b, "/jobs/" JOB "/exceptions?maxExceptions=16", 404, "{\"errors\":[\"gone\"]}");
	send(b, SOURCE_TASKS);
	check_int("without a cause", told.code, 0);
	check_int("status", told.status, JOB_FAILED);

	bench_serve(b, "/jobs/overview", 200, "{\"jobs\":[]}");
	send(b, SOURCE_TASKS);
	check_int("not there", told.code, E_NOTFOUND);
}

static void jobs_and_slots_before_a_start(void **state)
{
	struct bench *b = *state;

	bench_addresses(b, 1, b->url);
	bench_serve(b, "/jobs/overview", 200, ROW("RUNNING", "3", "0"));
	bench_serve(b, "/overview", 200,
		"{\"taskmanagers\":1,\"slots-total\":8,"
		"\"slots-available\":5,\"flink-version\":\"1.20.5\"}");
	send(b, SOURCE_BEFORE);
	check_int(told.text, told.code, 0);
	check_str("a live one", told.job_id, JOB);
	check_int("slots", told.slots, 5);

	bench_serve(b, "/overview", 500, "{\"errors\":[\"broken\"]}");
	send(b, SOURCE_BEFORE);
	check_int("slots are not guessed", told.code, E_REMOTE);
}

/* Megabytes of jobs are read on the pool; a canceled one comes back to nobody. */
static void a_list_of_thousands(void **state)
{
	struct bench *b = *state;
	struct source_op *op;
	struct buf body;

	buf_init(&body, 0);
	buf_adds(&body, "{\"jobs\":[");
	for (int i = 0; i < 5000; i++)
		buf_addf(&body, "{\"jid\":\"%032x\",\"name\":\"job-%d\",\"state\":\"RUNNING\"},", i,
			i);
	buf_addf(&body,
		"{\"jid\":\"" JOB "\",\"name\":\"orders\",\"state\":\"RUNNING\","
		"\"tasks\":{\"running\":1,\"total\":2}}]}");
	bench_addresses(b, 1, b->url);
	bench_serve(b, "/jobs/overview", 200, buf_str(&body));
	send(b, SOURCE_TASKS);
	check_int(told.text, told.code, 0);
	check_int("total", told.total, 2);

	told = (struct told){0};
	op = source_send(b->source, &(struct source_request){.verb = SOURCE_TASKS, .job_id = JOB},
		on_answer, NULL);
	for (int i = 0; i < 1000 && httpd_counts(b->server).requests < 2; i++)
		loop_turn(b->loop, 1);
	source_send_cancel(b->source, op);
	assert_true(loop_run_until_idle(b->loop, 60000));
	check_int("not told", told.calls, 0);
	buf_release(&body);
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
		cmocka_unit_test_setup_teardown(
			a_host_that_is_down_is_named_with_its_reason, bench_setup, bench_teardown),
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
			tasks_and_why_they_failed, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			jobs_and_slots_before_a_start, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(a_list_of_thousands, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(
			canceled_order_is_not_told, bench_setup, bench_teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
