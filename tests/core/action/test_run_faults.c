/*
 * One run for each thing that may go wrong between weir and a JobManager: whatever it is, the run
 * has its end, the row says so, and it was sent once at most.
 */
#include "tests/core/action/stage.h"

struct fault {
	const char *name;
	const struct act *act;
	const char *config;          /* NULL = a JobManager's */
	const char *before;          /* the job's status before; NULL = RUNNING */
	struct httpd_answer answer;  /* to what is sent */
	struct httpd_answer trigger; /* to the question after it */
	const char *after;           /* the job's status from then on; NULL = RUNNING */
	int sent;
	enum run_state state; /* RUN_STATE_MAX: there is no row */
	int code;             /* 0 = fine */
	const char *text;     /* in the outcome, or the error where there is no row */
};

static const struct fault faults[] = {
	{.name = "answer lost, and it was done",
		.act = &act_savepoint,
		.answer = {.fault = HTTPD_CLOSE},
		.trigger = {.body = COMPLETED},
		.sent = 1,
		.state = RUN_DONE,
		.text = "savepoint at file:/sp/savepoint-1"},
	{.name = "link reset, and it was done",
		.act = &act_stop,
		.answer = {.fault = HTTPD_RESET},
		.trigger = {.body = COMPLETED},
		.after = FINISHED,
		.sent = 1,
		.state = RUN_DONE,
		.text = "stopped, savepoint at file:/sp/savepoint-1"},
	{.name = "answer cut",
		.act = &act_savepoint,
		.answer = {.status = 202,
			.body = "{\"request-id\":",
			.fault = HTTPD_CUT,
			.cut_bytes = 20},
		.trigger = {.body = COMPLETED},
		.sent = 1,
		.state = RUN_DONE,
		.text = "savepoint at"},
	{.name = "an answer about another trigger",
		.act = &act_savepoint,
		.answer = {.status = 202, .body = "{\"request-id\":\"" JOB "\"}"},
		.trigger = {.body = COMPLETED},
		.sent = 1,
		.state = RUN_DONE,
		.text = "savepoint at"},
	{.name = "an HTML page for an answer, and it never arrived",
		.act = &act_stop,
		.answer = {.body = "<html><title>Welcome</title></html>"},
		.trigger = {.status = 404, .body = NO_TRIGGER},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "never arrived; the job is RUNNING"},
	{.name = "answer lost, and it never arrived",
		.act = &act_stop,
		.answer = {.fault = HTTPD_CLOSE},
		.trigger = {.status = 404, .body = NO_TRIGGER},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "never arrived; the job is RUNNING"},
	{.name = "silence, and it was done",
		.act = &act_savepoint,
		.answer = {.fault = HTTPD_SILENT},
		.trigger = {.body = COMPLETED},
		.sent = 1,
		.state = RUN_DONE,
		.text = "savepoint at"},
	{.name = "silence for ever",
		.act = &act_savepoint,
		.answer = {.fault = HTTPD_SILENT},
		.trigger = {.fault = HTTPD_SILENT},
		.sent = 1,
		.state = RUN_UNKNOWN,
		.code = E_UNKNOWN,
		.text = "not known how savepoint of job " JOB " ended"},
	{.name = "500, and it was not done",
		.act = &act_savepoint,
		.answer = {.status = 500, .body = REFUSED},
		.trigger = {.status = 404, .body = NO_TRIGGER},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "HTTP 500: RestHandlerException: no, because"},
	{.name = "502 of a proxy, and it was done",
		.act = &act_savepoint,
		.answer = {.status = 502, .body = "<html></html>"},
		.trigger = {.body = COMPLETED},
		.sent = 1,
		.state = RUN_DONE,
		.text = "savepoint at"},
	{.name = "400",
		.act = &act_savepoint,
		.answer = {.status = 400, .body = REFUSED},
		.trigger = {.body = COMPLETED},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "HTTP 400: RestHandlerException: no, because"},
	{.name = "409: it has ended already",
		.act = &act_cancel,
		.answer = {.status = 409, .body = REFUSED},
		.after = RUNNING,
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_CONFLICT,
		.text = "HTTP 409"},
	{.name = "cancel, answer lost, and it was done",
		.act = &act_cancel,
		.answer = {.fault = HTTPD_CLOSE},
		.after = CANCELED,
		.sent = 1,
		.state = RUN_DONE,
		.text = "canceled"},
	{.name = "cancel, answer lost, and the job goes on",
		.act = &act_cancel,
		.answer = {.fault = HTTPD_CLOSE},
		.after = RUNNING,
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "never arrived; the job is RUNNING"},
	{.name = "cancel, accepted, but the job finished by itself",
		.act = &act_cancel,
		.answer = {.status = 202, .body = "{}"},
		.after = FINISHED,
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_CONFLICT,
		.text = "the job has ended: FINISHED"},
	{.name = "COMPLETED without a location",
		.act = &act_stop,
		.answer = {.fault = HTTPD_CLOSE},
		.trigger = {.body = NO_LOCATION},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "neither a result nor a cause; the job goes on: RUNNING"},
	{.name = "the first cause is the reason",
		.act = &act_stop,
		.answer = {.fault = HTTPD_CLOSE},
		.trigger = {.body = FAILURE},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_REMOTE,
		.text = "IOException: Failed to create savepoint directory at file:/x; the job "
			"goes "
			"on"},
	{.name = "a savepoint, but the job FAILED while it stopped",
		.act = &act_stop,
		.answer = {.fault = HTTPD_CLOSE},
		.trigger = {.body = COMPLETED},
		.after = "{\"status\":\"FAILED\"}",
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_CONFLICT,
		.text = "the job has ended: FAILED; savepoint at file:/sp/savepoint-1"},
	{.name = "no checkpoints on demand in this version",
		.act = &act_checkpoint,
		.answer = {.status = 404,
			.body = "{\"errors\":[\"Not found: /jobs/x/checkpoints\"]}"},
		.trigger = {.body = IN_PROGRESS},
		.sent = 1,
		.state = RUN_FAILED,
		.code = E_UNSUPPORTED,
		.text = "takes no checkpoints on demand"},
	{.name = "a HistoryServer gets no orders",
		.act = &act_stop,
		.config = HISTORY,
		.answer = {.fault = HTTPD_SILENT},
		.sent = 0,
		.state = RUN_FAILED,
		.code = E_UNSUPPORTED,
		.text = "HistoryServer"},
	{.name = "the job has ended meanwhile",
		.act = &act_stop,
		.before = FINISHED,
		.answer = {.fault = HTTPD_SILENT},
		.sent = 0,
		.state = RUN_STATE_MAX,
		.code = E_CONFLICT,
		.text = "nothing was sent: job " JOB " has ended: FINISHED"},
	{.name = "no sense in the job's status",
		.act = &act_stop,
		.before = "{\"status\":\"DANCING\"}",
		.answer = {.fault = HTTPD_SILENT},
		.sent = 0,
		.state = RUN_STATE_MAX,
		.code = E_PROTO,
		.text = "nothing was sent"},
};

static void play(struct stage *s, const struct fault *fault)
{
	forget(s);
	serve(s, "GET /config", fault->config ? fault->config : CONFIG);
	serve(s, "GET /jobs/" JOB "/status", fault->before ? fault->before : RUNNING);
	serve(s, "GET /jobs/" JOB "/status", fault->after ? fault->after : RUNNING);
	httpd_on(s->server, "POST *", &fault->answer);
	httpd_on(s->server, "PATCH *", &fault->answer);
	httpd_on(s->server, "GET /jobs/" JOB "/savepoints/*", &fault->trigger);
	httpd_on(s->server, "GET /jobs/" JOB "/checkpoints/*", &fault->trigger);
	act(s, fault->name, fault->act);
	check_int(fault->name, s->err.code, fault->code);
	check_int(fault->name, sent(s), fault->sent);
	check_int(fault->name, s->sent_at_change, 0);
	newest(s, fault->name);
	check_int(fault->name, (int64_t)s->rows, fault->state != RUN_STATE_MAX);
	if (fault->state == RUN_STATE_MAX) {
		check_has(fault->name, s->err.text, fault->text);
		return;
	}
	check_str(fault->name, run_state_name(s->row->state), run_state_name(fault->state));
	check_has(fault->name, s->row->outcome, fault->text);
	check_has(fault->name, s->row->plan, JOB);
	check_str(fault->name, s->row->code, fault->code ? err_code_name(fault->code) : NULL);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_its_end_and_is_sent_once),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
