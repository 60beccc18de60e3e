/*
 * SQL through a SQL Gateway: a session, the statements one after the other, the session closed.
 *
 *	OPEN ─▶ SUBMIT ─▶ FETCH (again while NOT_READY) ─▶ SUBMIT the next … ─▶ CLOSE ─▶ done
 *
 * A statement is always taken at once; whether it was right is said when its result is fetched. The
 * statement that makes the job carries name, job id and restore point in its own executionConfig, so
 * nothing of it stays in the session. API v1 is asked, which every version since 1.16 has. A gateway
 * is addressed as its host sees it: behind another host it is asked through that one.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/tunnel.h"
#include "core/source/flink/parse.h"
#include "core/source/flink/start_internal.h"

#define POLL_FIRST_MS 50
#define POLL_MOST_MS 1000
#define STATEMENT_DEADLINE_MS 300000

struct gateway {
	struct start *start;
	const char *proxy;
	char *session, *operation;
	int64_t poll_ms, waited_ms;
};

static const struct script_statement *current(const struct start *start)
{
	return &start->script.data[start->statement];
}

static bool is_job(const struct start *start)
{
	return current(start)->kind == SCRIPT_JOB;
}

static void request(struct start *start, const char *method, const char *body,
	void (*on_answer)(
		struct start *start, const struct http_response *res, const struct err *err),
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void request(struct start *start, const char *method, const char *body,
	void (*on_answer)(
		struct start *start, const struct http_response *res, const struct err *err),
	const char *fmt, ...)
{
	struct buf url;
	va_list ap;

	buf_init(&url, 0);
	buf_addf(&url, "%s/v1/sessions", start->deployment->env.sql_gateway);
	va_start(ap, fmt);
	buf_addv(&url, fmt, ap);
	va_end(ap);
	start_ask(start,
		&(struct http_request){.method = method,
			.url = buf_str(&url),
			.body = body,
			.body_len = body ? strlen(body) : 0,
			.proxy = start->gateway->proxy,
			.via = start_host(start->deployment)},
		on_answer);
	buf_release(&url);
}

/* ---- the end ---- */

static void nobody(void *data, const struct http_response *res, const struct err *err)
{
	(void)data;
	(void)res;
	(void)err;
}

void gateway_free(struct gateway *gateway)
{
	if (!gateway)
		return;
	/* Left in the middle: nobody waits for the answer. */
	if (gateway->session) {
		char *url = xasprintf("%s/v1/sessions/%s",
			gateway->start->deployment->env.sql_gateway, gateway->session);

		http_start(gateway->start->http,
			&(struct http_request){
				.method = "DELETE", .url = url, .proxy = gateway->proxy},
			nobody, NULL);
		free(url);
	}
	free(gateway->session);
	free(gateway->operation);
	free(gateway);
}

static void on_closed(struct start *start, const struct http_response *res, const struct err *err)
{
	struct err verdict = start->verdict;

	(void)res;
	(void)err; /* it forgets the session by itself after a while */
	free(start->gateway->session);
	start->gateway->session = NULL;
	if (verdict.code)
		start_fail_err(start, &verdict);
	else
		start_done(start);
}

/* start->verdict says how it ended. */
static void close_session(struct start *start)
{
	if (start->gateway->session)
		request(start, "DELETE", NULL, on_closed, "/%s", start->gateway->session);
	else
		on_closed(start, NULL, NULL);
}

static void failed(struct start *start, enum err_code code, const char *why)
{
	err_set(&start->verdict, code, "%s", why);
	close_session(start);
}

/* The word of a proxy on the way: the gateway may have taken the job. */
static bool is_somebody_elses(const struct start *start, const struct http_response *res)
{
	const struct gateway *gateway = start->gateway;

	return gateway->session && is_job(start) && !start_is_flinks(res) &&
		(gateway->operation || res->status >= 500);
}

/* Of any request but the sending of the job: nothing was started by it. */
static bool went_well(struct start *start, const struct http_response *res, const struct err *err)
{
	char *why;

	if (!err && res->status < 300)
		return true;
	if (err) {
		/* What was sent before may have made the job. */
		if (start->gateway->operation && is_job(start))
			start_lost(start, err->text);
		else
			failed(start, err->code, err->text);
		return false;
	}
	why = start_refusal(res);
	if (start->gateway->operation) {
		char *placed = flink_sql_reason(why, current(start));

		free(why);
		why = placed;
	}
	start_say(start, "%s", why);
	if (is_somebody_elses(start, res))
		start_lost(start, why);
	else if (start->gateway->operation && is_job(start))
		start_verify(start, why);
	else
		failed(start, res->status < 500 || start_is_flinks(res) ? E_REMOTE : E_NET, why);
	free(why);
	return false;
}

/* ---- statements ---- */

static void submit(struct start *start);

static void statement_done(struct start *start, const char *job_id)
{
	struct gateway *gateway = start->gateway;

	if (is_job(start) && !str_eq(job_id, start->value.job_id)) {
		char *why = xasprintf(_("the SQL Gateway says job %s, not %s"),
			job_id ? job_id : "-", start->value.job_id);

		start_lost(start, why);
		free(why);
		return;
	}
	if (is_job(start))
		start_say(start, _("started as job %s"), job_id);
	free(gateway->operation);
	gateway->operation = NULL;
	if (++start->statement < start->script.len)
		submit(start);
	else
		close_session(start);
}

static void fetch(void *data);

static void on_fetched(struct start *start, const struct http_response *res, const struct err *err)
{
	struct gateway *gateway = start->gateway;
	const char *type, *job_id;
	json_t *root;

	if (!went_well(start, res, err))
		return;
	root = doc_parse_json(buf_str(res->body), res->body->len, "", NULL);
	type = doc_str(root, "resultType");
	if (str_eq(type, "NOT_READY")) {
		gateway->waited_ms += gateway->poll_ms;
		if (gateway->waited_ms > STATEMENT_DEADLINE_MS) {
			start_lost(
				start, _("the SQL Gateway did not run the statement within 5 min"));
		} else {
			loop_timer_cancel(start->timer);
			start->timer = loop_timer(start->loop, gateway->poll_ms, 0, fetch, start);
			gateway->poll_ms = gateway->poll_ms * 3 / 2 > POLL_MOST_MS
				? POLL_MOST_MS
				: gateway->poll_ms * 3 / 2;
		}
	} else if (str_eq(type, "PAYLOAD") || str_eq(type, "EOS")) {
		const json_t *row = json_array_get(
			json_object_get(json_object_get(root, "results"), "data"), 0);

		/* 1.16 names it in the row only. */
		job_id = doc_str(root, "jobID");
		if (!job_id)
			job_id = json_string_value(
				json_array_get(json_object_get(row, "fields"), 0));
		statement_done(start, job_id);
	} else {
		start_lost(start, _("the answer of the SQL Gateway makes no sense"));
	}
	json_decref(root);
}

static void fetch(void *data)
{
	struct start *start = data;

	request(start, "GET", NULL, on_fetched, "/%s/operations/%s/result/0",
		start->gateway->session, start->gateway->operation);
}

static bool is_handle(const char *text)
{
	return !str_empty(text) && strlen(text) <= 64 &&
		strspn(text, "0123456789abcdefABCDEF-") == strlen(text);
}

static void on_submitted(
	struct start *start, const struct http_response *res, const struct err *err)
{
	struct gateway *gateway = start->gateway;
	const char *handle;
	json_t *root;

	if (err && is_job(start)) {
		start_lost(start, err->text);
		return;
	}
	if (!went_well(start, res, err))
		return;
	root = doc_parse_json(buf_str(res->body), res->body->len, "", NULL);
	handle = doc_str(root, "operationHandle");
	if (is_handle(handle)) {
		gateway->operation = xstrdup(handle);
		gateway->poll_ms = POLL_FIRST_MS;
		gateway->waited_ms = 0;
		fetch(start);
	} else {
		start_lost(start, _("the SQL Gateway names no operation"));
	}
	json_decref(root);
}

json_t *gateway_statement_body(const struct start *start, const struct script_statement *statement)
{
	json_t *body = json_pack("{s:s}", "statement", statement->text);

	if (statement->kind == SCRIPT_JOB)
		json_object_set_new(
			body, "executionConfig", flink_start_settings(&start->value, true));
	return body;
}

static void submit(struct start *start)
{
	const struct script_statement *statement = current(start);
	json_t *body;
	char *text;

	if (!start_may_leave(start))
		return;
	body = gateway_statement_body(start, statement);
	start_say(start, "SQL> %.*s%s", (int)strcspn(statement->text, "\n"), statement->text,
		strchr(statement->text, '\n') ? " …" : "");
	text = json_dumps(body, JSON_PRESERVE_ORDER);
	json_decref(body);
	request(start, "POST", text, on_submitted, "/%s/statements", start->gateway->session);
	mem_wipe(text, strlen(text));
	free(text);
}

/* ---- the session ---- */

static void on_opened(struct start *start, const struct http_response *res, const struct err *err)
{
	const char *handle;
	json_t *root;

	if (!went_well(start, res, err))
		return;
	root = doc_parse_json(buf_str(res->body), res->body->len, "", NULL);
	handle = doc_str(root, "sessionHandle");
	if (is_handle(handle)) {
		start->gateway->session = xstrdup(handle);
		submit(start);
	} else {
		start_fail(start, E_PROTO, _("%s: no session: is this a Flink SQL Gateway?"),
			start->what);
	}
	json_decref(root);
}

/* The session knows where to go and what the application sets; not which job it is. */
json_t *gateway_session_body(const struct start *start)
{
	static const char *const of_the_job[] = {"pipeline.name", "$internal.pipeline.job-id",
		"execution.savepoint.path", "execution.savepoint.ignore-unclaimed-state",
		"execution.savepoint-restore-mode"};
	json_t *settings = flink_start_settings(&start->value, true);

	for (size_t i = 0; i < ARRAY_SIZE(of_the_job); i++)
		json_object_del(settings, of_the_job[i]);
	return json_pack("{s:s, s:o}", "sessionName", "weir", "properties", settings);
}

static void open_session(struct start *start)
{
	json_t *body = gateway_session_body(start);
	char *text = json_dumps(body, JSON_PRESERVE_ORDER);

	json_decref(body);
	request(start, "POST", text, on_opened, "%s", "");
	mem_wipe(text, strlen(text));
	free(text);
}

static void on_connected(void *data, const struct ssh_result *result, const struct err *err)
{
	struct start *start = data;

	(void)result;
	start->command = NULL;
	if (err)
		start_fail_err(start, err);
	else
		open_session(start);
}

static void verified(struct start *start)
{
	close_session(start);
}

void start_by_gateway(struct start *start)
{
	const char *host = start_host(start->deployment);
	struct err err = {0};

	int version = flink_version_number(start->value.version);

	if (version > 0 && version < 117) {
		/* Its job would run, under an id that is not ours. */
		start_fail(start, E_UNSUPPORTED,
			_("%s: a SQL Gateway of Flink %s takes no job id: leave sql-gateway: out "
			  "of "
			  "flink-env %s, then sql-client.sh is used"),
			start->deployment->name, start->value.version,
			start->deployment->env.name ? start->deployment->env.name : "");
		return;
	}
	start->gateway = xcalloc(1, sizeof(*start->gateway));
	start->gateway->start = start;
	start->then = verified;
	if (!host) {
		open_session(start);
		return;
	}
	if (start->hosts)
		start->gateway->proxy = tunnel_proxy(start->hosts, host, &err);
	else
		err_set(&err, E_UNSUPPORTED, _("host %s cannot be reached from here"), host);
	if (!start->gateway->proxy)
		start_fail_err(start, &err);
	else
		start->command = ssh_connect(start->hosts, host, on_connected, start);
}
