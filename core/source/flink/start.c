/*
 *	probe /config ──▶ jar: GET /jars ─(upload)─▶ POST …/run ─┬─▶ done
 *	      │       ├─▶ command on the host ───────────────────┤
 *	      │       └─▶ gateway: session, statements ──────────┤
 *	      └─(no JobManager yet: version by `ls`)─▶ command    └─▶ verify: GET /jobs/:id/status
 *
 * One thing is under way at a time, so a cancel has one thing to end. What was sent stays sent.
 */
#include "core/source/flink/start.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/source/flink/operation.h"
#include "core/source/flink/parse.h"
#include "core/source/flink/start_internal.h"

const char *start_host(const struct deployment *deployment)
{
	const char *host = deployment->env.host;

	return str_empty(host) || str_eq(host, "local") ? NULL : host;
}

static enum start_way way_of(const struct deployment *deployment)
{
	if (deployment->type == APP_SQL)
		return deployment->env.sql_gateway ? WAY_GATEWAY : WAY_CLIENT;
	if (deployment->type == APP_JAR && deployment->target == TARGET_REMOTE &&
		!start_host(deployment))
		return WAY_REST;
	return WAY_RUN;
}

void start_free(struct start *start)
{
	http_cancel(start->transfer);
	ssh_cancel(start->command);
	loop_timer_cancel(start->timer);
	gateway_free(start->gateway);
	deployment_free(start->deployment);
	flink_said_release(&start->said);
	script_release(&start->script);
	for (int i = 0; i < 2; i++)
		buf_release(&start->lines[i]);
	free((char *)start->value.job_id);
	free((char *)start->value.version);
	free((char *)start->value.address);
	free((char *)start->value.restore_path);
	free((char *)start->value.restore_mode);
	free(start->what);
	free(start->jar_name);
	free(start->jar_id);
	free(start->base);
	free(start);
}

/* ---- ends ---- */

static char *who_refused(const struct start *start)
{
	const char *host = start_host(start->deployment);
	const char *program = start->way == WAY_CLIENT ? "sql-client.sh" : "flink";
	char *address, *who;

	if (start->way == WAY_RUN || start->way == WAY_CLIENT)
		return host ? xasprintf(_("%s on host %s"), program, host)
			    : xasprintf(_("%s on this machine"), program);
	address = http_url_display(
		start->way == WAY_GATEWAY ? start->deployment->env.sql_gateway : start_base(start));
	who = start->way == WAY_GATEWAY ? xasprintf(_("SQL Gateway %s"), address)
					: xasprintf(_("JobManager %s"), address);
	free(address);
	return who;
}

static void finish(struct start *start, const struct err *err)
{
	struct err told;
	struct source_answer answer = {.checkpoint_id = -1,
		.tasks_running = -1,
		.tasks_total = -1,
		.slots_free = -1,
		.application_id = start->said.application_id,
		.job_manager = start->said.job_manager};

	if (!answer.application_id)
		answer.application_id = start->said.cluster_id;
	if (err && err->code == E_REMOTE) {
		char *who = who_refused(start);

		told = *err;
		err_prefix(&told, "%s", who);
		err = &told;
		free(who);
	}
	start->done(start->data, &answer, err);
	start_free(start);
}

void start_done(struct start *start)
{
	finish(start, NULL);
}

void start_fail_err(struct start *start, const struct err *err)
{
	start->verdict = *err;
	finish(start, &start->verdict);
}

void start_fail(struct start *start, enum err_code code, const char *fmt, ...)
{
	va_list ap;
	struct buf text;

	buf_init(&text, 0);
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	err_set(&start->verdict, code, "%s", buf_str(&text));
	buf_release(&text);
	finish(start, &start->verdict);
}

static void fail_now(void *data)
{
	struct start *start = data;

	start->is_away = false;
	if (start->is_canceled)
		start_free(start);
	else
		start_fail_err(start, &start->err);
}

void start_fail_later(struct start *start)
{
	start->is_away = true;
	loop_defer(start->loop, fail_now, start);
}

void start_cancel(struct start *start)
{
	if (!start)
		return;
	start->is_canceled = true;
	if (!start->is_away)
		start_free(start);
}

size_t start_address(const struct start *start)
{
	return (start->first + start->attempt) % (start->address_count ? start->address_count : 1);
}

/* ---- steps ---- */

const char *start_base(const struct start *start)
{
	return start->addresses[start_address(start)];
}

static void on_response(void *data, const struct http_response *res, const struct err *err)
{
	struct start *start = data;

	start->transfer = NULL;
	start->on_answer(start, res, err);
}

void start_ask(struct start *start, const struct http_request *request,
	void (*on_answer)(
		struct start *start, const struct http_response *res, const struct err *err))
{
	struct http_request copy = *request;
	char *shown = http_url_display(request->url);

	free(start->what);
	start->what = xasprintf("%s %s", request->method ? request->method : "GET", shown);
	free(shown);
	copy.cap_bytes = START_BODY_BYTES;
	if (!copy.timeout_ms)
		copy.timeout_ms = start->timeout_ms > 0 ? start->timeout_ms : START_TIMEOUT_MS;
	start->on_answer = on_answer;
	start->transfer = http_start(start->http, &copy, on_response, start);
}

bool start_may_leave(struct start *start)
{
	if (!start->may_leave || start->may_leave(start->output_data))
		return true;
	start_fail(start, E_CONFLICT, "%s", _(SOURCE_MAY_NOT_LEAVE));
	return false;
}

void start_say(struct start *start, const char *fmt, ...)
{
	va_list ap;
	struct buf text;
	char *masked;

	if (!start->on_output)
		return;
	buf_init(&text, 0);
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	buf_addc(&text, '\n');
	masked = redact_dup(buf_str(&text));
	start->on_output(start->output_data, masked, strlen(masked));
	free(masked);
	buf_release(&text);
}

bool start_is_flinks(const struct http_response *res)
{
	char *text = flink_error_full(buf_str(res->body), res->body->len);
	bool is = text != NULL;

	free(text);
	return is;
}

char *start_refusal(const struct http_response *res)
{
	char *text = flink_error_full(buf_str(res->body), res->body->len), *reason = NULL;
	struct err err = {0};

	if (text)
		reason = flink_reason(text);
	free(text);
	if (reason)
		return reason;
	http_status_error(res, &err);
	return xstrdup(err.text);
}

/* ---- the JobManager's word ---- */

static void on_status(struct start *start, const struct http_response *res, const struct err *err)
{
	const char *body = res->body ? buf_str(res->body) : "";
	size_t len = res->body ? res->body->len : 0;
	json_t *root = !err && res->status < 300 ? doc_parse_json(body, len, "", NULL) : NULL;
	enum job_status status = job_status_parse(doc_str(root, "status"));

	json_decref(root);
	if (status != JOB_STATUS_NONE && status != JOB_FAILED) {
		start_say(start, _("the JobManager has the job: %s"), job_status_name(status));
		start->verdict.code = E_OK;
	} else if (status == JOB_FAILED ||
		(!err && res->status >= 300 && flink_error_is_unknown_job(body, len) &&
			!strstr(start->verdict.text, "Timeout"))) {
		start->verdict.code = start->is_lost && status != JOB_FAILED ? E_UNKNOWN : E_REMOTE;
	} else {
		start->verdict.code = E_UNKNOWN;
	}
	start->then(start);
}

static void verified(struct start *start)
{
	if (start->verdict.code)
		finish(start, &start->verdict);
	else
		finish(start, NULL);
}

void start_verify(struct start *start, const char *why)
{
	char *url;

	err_set(&start->verdict, E_UNKNOWN, "%s", why);
	if (!start->then)
		start->then = verified;
	if (!start->address_count) {
		start->then(start);
		return;
	}
	url = xasprintf("%s/jobs/%s/status", start_base(start), start->value.job_id);
	start_ask(start, &(struct http_request){.url = url, .access = start->access}, on_status);
	free(url);
}

void start_lost(struct start *start, const char *why)
{
	start->is_lost = true;
	start_verify(start, why);
}

/* ---- the beginning ---- */

static void go(struct start *start)
{
	/* 1.16 takes no properties by REST: its own program does. */
	if (start->way == WAY_REST && start->deployment->property_count &&
		start->deployment->env.home && flink_version_number(start->value.version) < 117 &&
		flink_version_number(start->value.version) > 0)
		start->way = WAY_RUN;
	switch (start->way) {
	case WAY_REST: start_by_rest(start); break;
	case WAY_GATEWAY: start_by_gateway(start); break;
	case WAY_CLIENT: start_by_client(start); break;
	default: start_by_run(start); break;
	}
}

static void probe(struct start *start);

static void on_probe(struct start *start, const struct http_response *res, const struct err *err)
{
	struct err why = {0};
	json_t *root;

	if (err)
		why = *err;
	else if (http_status_error(res, &why) == 0)
		flink_operation_probe(start->what, buf_str(res->body), res->body->len, &why);
	else if (res->status >= 500)
		why.code = E_NET; /* nobody leads there */
	if (why.code && (why.code == E_NET || why.code == E_TIMEOUT) &&
		start->attempt + 1 < start->address_count) {
		start->attempt++;
		probe(start);
		return;
	}
	if (why.code) {
		start_fail_err(start, &why);
		return;
	}
	root = doc_parse_json(buf_str(res->body), res->body->len, "", NULL);
	start->value.version = xstrdup_null(doc_str(root, "flink-version"));
	start->value.address = xstrdup(start_base(start));
	json_decref(root);
	go(start);
}

static void probe(struct start *start)
{
	char *url = xasprintf("%s/config", start_base(start));

	start_ask(start, &(struct http_request){.url = url, .access = start->access}, on_probe);
	free(url);
}

/* Which Flink lies there: its command line depends on it. */
static void on_listed(void *data, const struct ssh_result *result, const struct err *err)
{
	struct start *start = data;
	char *version;

	start->command = NULL;
	if (err) {
		start_fail_err(start, err);
		return;
	}
	version = flink_version_in(buf_str(result->out));
	if (!version) {
		start_fail(start, E_CONFIG,
			_("host %s: there is no Flink at %s (no flink-dist jar in its lib): check "
			  "home: of flink-env %s"),
			result->host, start->deployment->env.home,
			start->deployment->env.name ? start->deployment->env.name : "");
		return;
	}
	start->value.version = version;
	go(start);
}

static void list_home(struct start *start)
{
	struct buf command;

	buf_init(&command, 0);
	buf_adds(&command, "ls -- ");
	sh_quote(&command, start->deployment->env.home);
	buf_adds(&command, "/lib/ | grep '^flink-dist' || true");
	start->command = ssh_exec(start->hosts,
		&(struct ssh_exec_options){.host = start_host(start->deployment),
			.command = buf_str(&command),
			.timeout_ms = START_TIMEOUT_MS},
		on_listed, start);
	buf_release(&command);
}

static bool is_id(const char *text)
{
	return text && strlen(text) == JOB_ID_LEN && strspn(text, "0123456789abcdef") == JOB_ID_LEN;
}

/* What can be refused before anybody is asked. */
static int check(const struct start_options *options, enum start_way way, struct err *err)
{
	const struct deployment *deployment = options->request->deployment;
	bool is_application = deployment->target == TARGET_YARN_APPLICATION ||
		deployment->target == TARGET_KUBERNETES_APPLICATION;

	if (deployment->type == APP_SQL && is_application)
		return err_set(err, E_UNSUPPORTED,
			_("%s: SQL cannot be started on %s: a session (remote, yarn-session, "
			  "kubernetes-session) can"),
			deployment->name, deployment_target_name(deployment->target));
	if (deployment->type == APP_SQL && str_empty(deployment->sql))
		return err_set(err, E_ARG, _("%s: it has no SQL"), deployment->name);
	if (way == WAY_REST && str_empty(deployment->artifact))
		return err_set(err, E_ARG, _("%s: it has no artifact to start"), deployment->name);
	if ((way == WAY_RUN || way == WAY_CLIENT) && str_empty(deployment->env.home))
		return err_set(err, E_UNSUPPORTED,
			_("%s: this start needs a flink-env with a home folder"), deployment->name);
	if ((way == WAY_RUN || way == WAY_CLIENT) && !options->hosts)
		return err_set(err, E_UNSUPPORTED, _("%s: no command can be run from here"),
			deployment->name);
	if (way == WAY_RUN)
		return flink_start_secret(deployment, err);
	return 0;
}

int start_check_request(const struct start_options *options, struct err *err)
{
	const struct source_request *request = options->request;

	if (!request->deployment)
		return err_set(err, E_ARG, _("no deployment was named"));
	if (!is_id(request->job_id))
		return err_set(err, E_ARG, _("not a Flink job id: '%.64s'"),
			request->job_id ? request->job_id : "");
	if (request->deployment->target == TARGET_REMOTE && !options->address_count)
		return err_set(err, E_CONFIG, _("%s: it names no cluster with an address"),
			request->deployment->name);
	return check(options, way_of(request->deployment), err);
}

struct start *start_alloc(const struct start_options *options)
{
	const struct source_request *request = options->request;
	struct start *start = xcalloc(1, sizeof(*start));

	start->loop = options->loop;
	start->http = options->http;
	start->hosts = options->hosts;
	start->addresses = options->addresses;
	start->address_count = options->address_count;
	start->first = options->first;
	start->access = options->access;
	start->done = options->done;
	start->data = options->data;
	start->output_data = options->output_data;
	start->on_output = request->on_output;
	start->may_leave = request->may_leave;
	start->timeout_ms = request->timeout_ms;
	start->value.job_id = xstrdup_null(request->job_id);
	start->value.restore_path = xstrdup_null(request->restore_path);
	start->value.restore_mode = xstrdup_null(request->restore_mode);
	start->value.allow_non_restored_state = request->allow_non_restored_state;
	flink_said_init(&start->said);
	for (int i = 0; i < 2; i++)
		buf_init(&start->lines[i], 0);
	if (request->deployment) {
		start->deployment = deployment_dup(request->deployment);
		start->value.deployment = start->deployment;
		start->way = way_of(start->deployment);
	}
	return start;
}

struct start *start_new(const struct start_options *options)
{
	struct start *start = start_alloc(options);
	const struct deployment *deployment = start->deployment;
	int rc = start_check_request(options, &start->err);

	if (!rc && deployment->type == APP_SQL) {
		rc = script_split(&start->script, deployment->sql, &start->err);
		if (!rc)
			rc = script_check(&start->script, &start->err);
		if (rc)
			err_prefix(&start->err, "%s", deployment->name);
	}
	if (rc)
		start_fail_later(start);
	else if (deployment->target != TARGET_REMOTE && start->way == WAY_RUN)
		list_home(start); /* there is no JobManager yet, or it is not ours to ask */
	else if (start->address_count)
		probe(start);
	else if (start->way == WAY_GATEWAY)
		go(start);
	else
		list_home(start);
	return start;
}
