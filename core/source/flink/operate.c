/*
 * One operation at one JobManager:
 *
 *	a question:        ASK (next address while nobody answers) ──▶ MORE, there ──▶ done
 *	something to do:   PROBE /config (next address while nobody answers) ──▶ ACT, once ──▶ done
 *
 * MORE is what the first answer asks for (operation.h), of the same JobManager; mostly there is
 * nothing. Bodies over 64 KiB are read on the pool: while it is `away` an operation that is canceled
 * is only marked, and freed when it is back.
 *
 * The probe finds the address that answers, and makes sure that it is a JobManager: a HistoryServer
 * takes connections too, and never answers a POST. What acts is sent once, to that address alone.
 * From then on only an answer below 500 is an outcome; silence, a broken link, a 5xx (a proxy's too)
 * or nonsense are E_UNKNOWN, to be settled by asking for the id that was sent along.
 */
#include "core/source/flink/operate.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "core/source/flink/operation.h"
#include "core/source/flink/parse.h"
#include "core/source/flink/start.h"

#define TIMEOUT_MS 10000
/* A failure comes with its cause as serialised Java, some 50 KB. */
#define BODY_BYTES ((size_t)16 << 20)
/* Larger bodies are read on the pool. */
#define POOL_BYTES ((size_t)64 << 10)

enum stage { PROBE, ASK, MORE };

struct source_op {
	struct flink_source *source; /* NULL once canceled */
	struct source_op *prev, *next;
	struct source_request request; /* texts owned */
	struct deployment deployment;  /* of BEFORE: its name, owned, and its target */
	source_op_fn done;
	void *data;
	struct http_transfer *transfer;
	struct ssh_op *connecting; /* the host that it lies behind */
	bool has_connected;
	struct start *start; /* of START: it does all of it */
	char *what;          /* "POST http://…", for errors */
	enum stage stage;
	bool is_away; /* on the pool, or deferred */
	size_t first, attempt;
	struct arena *arena; /* holds the texts of `answer` */
	struct source_answer answer;
	struct flink_operation_body body; /* being read; its text is owned */
	int rc;
	struct err err;
};

static void ask(struct source_op *op, enum stage stage);
static void connect_host(struct source_op *op);

static bool is_acting(const struct source_op *op)
{
	return op->stage == ASK && flink_verb_acts(op->request.verb);
}

static void op_unlink(struct source_op *op)
{
	if (!op->source)
		return;
	if (op->prev)
		op->prev->next = op->next;
	else
		op->source->ops = op->next;
	if (op->next)
		op->next->prev = op->prev;
	op->source = NULL;
}

static void op_free(struct source_op *op)
{
	http_cancel(op->transfer);
	ssh_cancel(op->connecting);
	start_cancel(op->start);
	free((char *)op->request.job_id);
	free((char *)op->request.trigger_id);
	free((char *)op->request.target_dir);
	free((char *)op->deployment.job_name);
	free((char *)op->body.body);
	free(op->what);
	arena_free(op->arena);
	free(op);
}

static const char *address_of(const struct source_op *op)
{
	const struct flink_source *source = op->source;

	return source->addresses[(op->first + op->attempt) % source->address_count];
}

/* `done` may close the source; afterwards nothing here is touched but the op. err: NULL, or a copy. */
static void finish(struct source_op *op, const struct err *err)
{
	static const struct source_answer none = {
		.checkpoint_id = -1, .tasks_running = -1, .tasks_total = -1, .slots_free = -1};
	struct source_answer told = err ? none : op->answer;
	char *address = op->source->address_count ? http_url_display(address_of(op)) : xstrdup("");

	told.address = address;
	op_unlink(op);
	op->done(op->data, &told, err);
	free(address);
	op_free(op);
}

static void fail(struct source_op *op, const struct err *err)
{
	op->err = *err;
	finish(op, &op->err);
}

/* ---- answers ---- */

/* Nobody answered there. When the host on the way is why, that is asked for its reason. */
static void vain(struct source_op *op, const struct err *err)
{
	const struct flink_source *source = op->source;

	if (source->via && !is_acting(op) && !op->has_connected &&
		!ssh_is_up(source->ssh, source->via)) {
		connect_host(op);
		return;
	}
	if (op->attempt + 1 < op->source->address_count) {
		op->attempt++;
		ask(op, op->stage);
		return;
	}
	fail(op, err);
}

/* The words of the far side as an error; its code by status. */
static void refusal(const struct source_op *op, const struct http_response *res, struct err *err)
{
	char *text = flink_error_text(buf_str(res->body), res->body->len);

	http_status_error(res, err);
	if (res->status >= 300 && res->status < 400)
		err->code = E_REMOTE;
	else if (flink_error_is_unknown_job(buf_str(res->body), res->body->len))
		err->code = E_NOTFOUND; /* the status of one is asked with an answer of 500 */
	if (text)
		err_set(err, err->code, "%s: HTTP %d: %s", op->what, res->status, text);
	else if (err->code == E_NOTFOUND)
		err_set(err, E_REMOTE, _("%s: HTTP 404: is this a Flink JobManager?"), op->what);
	free(text);
}

static void refused(struct source_op *op, const struct http_response *res)
{
	bool acts = is_acting(op);
	struct err err = {0};

	if (op->stage == MORE && op->request.verb == SOURCE_TASKS) {
		finish(op, NULL); /* it FAILED: why is not known any more */
		return;
	}
	refusal(op, res, &err);
	if (!acts && op->stage != MORE &&
		flink_error_is_leaderless(res->status, buf_str(res->body), res->body->len)) {
		err.code = E_NET;
		vain(op, &err);
		return;
	}
	if (acts && res->status >= 500 && err.code != E_NOTFOUND)
		err.code = E_UNKNOWN;
	else if (acts && res->status == 404 && op->request.verb == SOURCE_CHECKPOINT &&
		!flink_error_is_unknown_job(buf_str(res->body), res->body->len))
		err_set(&err, E_UNSUPPORTED,
			_("%s: this Flink takes no checkpoints on demand (1.17 and later do); take "
			  "a "
			  "savepoint"),
			op->what);
	fail(op, &err);
}

/* Any thread. */
static void body_read(void *data)
{
	struct source_op *op = data;

	op->rc = flink_operation_read(&op->request, &op->body, op->arena, &op->answer, &op->err);
}

/* What op->body said is known. */
static void body_done(struct source_op *op)
{
	free((char *)op->body.body);
	op->body.body = NULL;
	if (op->rc < 0) {
		if (is_acting(op))
			op->err.code = E_UNKNOWN;
		finish(op, &op->err);
	} else if (op->stage == ASK) {
		ask(op, MORE);
	} else {
		finish(op, NULL);
	}
}

static void body_back(void *data)
{
	struct source_op *op = data;

	op->is_away = false;
	if (op->source)
		body_done(op);
	else
		op_free(op);
}

static void read_answer(struct source_op *op, const struct http_response *res)
{
	struct err err = {0};

	op->source->preferred = (op->first + op->attempt) % op->source->address_count;
	if (op->stage == PROBE) {
		int rc = flink_operation_probe(op->what, buf_str(res->body), res->body->len, &err);

		if (rc < 0)
			fail(op, &err);
		else
			ask(op, ASK);
		return;
	}
	op->body = (struct flink_operation_body){
		.what = op->what, .len = res->body->len, .is_more = op->stage == MORE};
	op->body.body = buf_detach(res->body);
	if (op->body.len > POOL_BYTES) {
		op->is_away = true;
		work_start(op->source->loop, body_read, body_back, op);
		return;
	}
	body_read(op);
	body_done(op);
}

static void on_response(void *data, const struct http_response *res, const struct err *err)
{
	struct source_op *op = data;
	struct err told;

	op->transfer = NULL;
	if (!err && res->status >= 300) {
		refused(op, res);
	} else if (!err) {
		read_answer(op, res);
	} else {
		told = *err;
		if (is_acting(op))
			told.code = E_UNKNOWN;
		if (op->stage != MORE && (told.code == E_NET || told.code == E_TIMEOUT))
			vain(op, &told);
		else
			fail(op, &told);
	}
}

/* ---- questions and orders ---- */

static void ask(struct source_op *op, enum stage stage)
{
	char *path = stage == PROBE ? xstrdup("/config")
		: stage == ASK      ? flink_operation_path(&op->request)
				    : flink_operation_more(&op->request, &op->answer);
	char *body = stage == ASK ? flink_operation_body(&op->request) : NULL;
	const char *method = stage == ASK ? flink_operation_method(&op->request) : "GET";
	char *url, *shown;
	int64_t timeout_ms = op->request.timeout_ms > 0 ? op->request.timeout_ms : TIMEOUT_MS;

	op->stage = stage;
	if (!path) {
		finish(op, NULL);
		return;
	}
	if (is_acting(op) && op->request.may_leave && !op->request.may_leave(op->data)) {
		err_set(&op->err, E_CONFLICT, "%s", _(SOURCE_MAY_NOT_LEAVE));
		free(path);
		free(body);
		finish(op, &op->err);
		return;
	}
	url = xasprintf("%s%s", address_of(op), path);
	shown = http_url_display(url);
	free(op->what);
	op->what = xasprintf("%s %s", method, shown);
	op->transfer = http_start(op->source->http,
		&(struct http_request){
			.where = op->source->base.name,
			.method = method,
			.url = url,
			.body = body,
			.body_len = body ? strlen(body) : 0,
			.cap_bytes = BODY_BYTES,
			.timeout_ms = timeout_ms,
			.access = op->source->access,
		},
		on_response, op);
	free(shown);
	free(url);
	free(body);
	free(path);
}

static void on_connected(void *data, const struct ssh_result *result, const struct err *err)
{
	struct source_op *op = data;

	(void)result;
	op->connecting = NULL;
	if (err)
		fail(op, err);
	else
		ask(op, op->stage);
}

/* Before the deadline of a request starts to count; whoever is asked for a password takes time. */
static void connect_host(struct source_op *op)
{
	op->has_connected = true;
	op->connecting = ssh_connect(op->source->ssh, op->source->via, on_connected, op);
}

static void say_no(void *data)
{
	struct source_op *op = data;

	op->is_away = false;
	if (op->source)
		finish(op, &op->err);
	else
		op_free(op);
}

static void on_started(void *data, const struct source_answer *answer, const struct err *err)
{
	struct source_op *op = data;

	op->attempt = start_address(op->start);
	op->first = 0;
	op->start = NULL; /* it ends by itself */
	if (!err)
		op->source->preferred = op->attempt;
	op->answer = *answer;
	if (err)
		op->err = *err;
	finish(op, err ? &op->err : NULL);
}

static struct start_options start_options(
	const struct flink_source *source, const struct source_request *request)
{
	return (struct start_options){
		.loop = source->loop,
		.http = source->http,
		.hosts = source->ssh,
		.addresses = (const char *const *)source->addresses,
		.address_count = source->address_count,
		.first = source->preferred,
		.access = source->access,
		.version = source->version,
		.request = request,
	};
}

static void start_begin(
	struct source_op *op, const struct source_request *request, void *output_data)
{
	struct start_options options = start_options(op->source, request);

	options.done = on_started;
	options.data = op;
	options.output_data = output_data;
	op->start = start_new(&options);
}

static void begin(struct source_op *op, enum stage stage)
{
	op->stage = stage;
	if (op->source->via && !ssh_is_up(op->source->ssh, op->source->via))
		connect_host(op);
	else
		ask(op, stage);
}

struct source_op *flink_operate(
	struct source *base, const struct source_request *request, source_op_fn done, void *data)
{
	struct flink_source *source = (struct flink_source *)base;
	struct source_op *op = xcalloc(1, sizeof(*op));
	int rc = request->verb == SOURCE_START ? 0 : flink_operation_check(request, &op->err);

	op->source = source;
	op->request = *request;
	op->request.job_id = xstrdup_null(request->job_id);
	op->request.trigger_id = xstrdup_null(request->trigger_id);
	op->request.target_dir = xstrdup_null(request->target_dir);
	op->request.deployment = NULL;
	op->request.restore_path = op->request.restore_mode = NULL;
	if (request->deployment) {
		op->deployment.job_name = xstrdup(request->deployment->job_name);
		op->deployment.target = request->deployment->target;
		op->request.deployment = &op->deployment;
	}
	op->arena = arena_new();
	op->answer = (struct source_answer){
		.checkpoint_id = -1, .tasks_running = -1, .tasks_total = -1, .slots_free = -1};
	op->done = done;
	op->data = data;
	op->first = source->preferred;
	op->next = source->ops;
	if (op->next)
		op->next->prev = op;
	source->ops = op;
	if (rc == 0 && source->unsupported)
		rc = err_set(&op->err, E_UNSUPPORTED, "%s", source->unsupported);
	if (rc == 0 && source->address_count == 0 && request->verb != SOURCE_START)
		rc = err_set(&op->err, E_CONFIG, _("cluster %s has no address"), base->name);
	if (rc < 0) {
		op->is_away = true;
		loop_defer(source->loop, say_no, op);
		return op;
	}
	if (request->verb == SOURCE_START)
		start_begin(op, request, data);
	else
		begin(op, flink_verb_acts(request->verb) ? PROBE : ASK);
	return op;
}

void flink_operate_cancel(struct source_op *op)
{
	op_unlink(op);
	if (!op->is_away)
		op_free(op);
}

void flink_operate_close(struct flink_source *source)
{
	for (struct source_op *op = source->ops, *next; op; op = next) {
		next = op->next;
		flink_operate_cancel(op);
	}
}

int flink_operate_check(
	const struct source *base, const struct source_request *request, struct err *err)
{
	struct start_options options = start_options((const struct flink_source *)base, request);

	return request->verb == SOURCE_START ? start_check(&options, err) : 0;
}

char *flink_operate_describe(const struct source *base, const struct source_request *request)
{
	const struct flink_source *source = (const struct flink_source *)base;
	const char *address =
		source->address_count ? source->addresses[source->preferred] : "http://?";
	struct start_options options = start_options(source, request);
	char *path, *body, *url, *shown, *text, *masked;

	if (request->verb == SOURCE_START)
		return start_describe(&options);
	path = flink_operation_path(request);
	body = flink_operation_body(request);
	url = xasprintf("%s%s", address, path);
	shown = http_url_display(url);
	text = xasprintf("%s %s%s%s", flink_operation_method(request), shown, body ? " " : "",
		body ? body : "");
	masked = redact_dup(text);
	free(text);
	free(shown);
	free(url);
	free(body);
	free(path);
	return masked;
}
