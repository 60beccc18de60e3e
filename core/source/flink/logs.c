/*
 * Log files over REST. Flink lists them with their sizes (/jobmanager/logs) and gives one as a
 * whole: it knows no Range, no HEAD, no compression (1.16 to 2.2, tried). So of a file only the end
 * is kept while all of it comes by, and a file that is larger than LOG_TRANSFER_BYTES is refused.
 *
 *	[wait for SSH] → ask (next address while nobody answers there) → done
 */
#include "core/source/flink/logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/flink/parse.h"

#define LIST_TIMEOUT_MS 10000
#define FILE_TIMEOUT_MS 60000
/* A list is read on the loop: some 3,000 files. */
#define LIST_BYTES ((size_t)256 << 10)

struct source_log_op {
	struct flink_source *source; /* NULL once canceled */
	struct source_log_op *prev, *next;
	struct source_log_request request; /* texts owned */
	source_log_fn done;
	void *data;
	struct http_transfer *transfer;
	struct ssh_op *connecting;
	char *what; /* "GET http://…" */
	bool is_deferred;
	size_t first, attempt;
	struct err err;
};

static void ask(struct source_log_op *op);

static void op_unlink(struct source_log_op *op)
{
	if (!op->source)
		return;
	if (op->prev)
		op->prev->next = op->next;
	else
		op->source->logs = op->next;
	if (op->next)
		op->next->prev = op->prev;
	op->source = NULL;
}

static void op_free(struct source_log_op *op)
{
	http_cancel(op->transfer);
	ssh_cancel(op->connecting);
	free((char *)op->request.taskmanager);
	free((char *)op->request.file);
	free(op->what);
	free(op);
}

/* `done` may close the source; afterwards nothing here is touched but the op. */
static void finish(
	struct source_log_op *op, const struct source_log_answer *answer, const struct err *err)
{
	static const struct source_log_answer none;

	op_unlink(op);
	op->done(op->data, answer ? answer : &none, err);
	op_free(op);
}

static void fail(struct source_log_op *op, const struct err *err)
{
	op->err = *err;
	finish(op, NULL, &op->err);
}

/* ---- paths and lists: pure ---- */

static void add_segment(struct buf *out, const char *text)
{
	for (const char *c = text; *c; c++) {
		bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			(*c >= '0' && *c <= '9') || strchr("-._~:", *c);

		if (is_plain)
			buf_addc(out, *c);
		else
			buf_addf(out, "%%%02X", (unsigned char)*c);
	}
}

char *flink_taskmanager_path(const char *id)
{
	struct buf path;

	buf_init(&path, 0);
	buf_adds(&path, "/taskmanagers/");
	add_segment(&path, id);
	return buf_detach(&path);
}

char *flink_log_path(const struct source_log_request *request)
{
	struct buf path;

	buf_init(&path, 0);
	if (request->taskmanager) {
		char *process = flink_taskmanager_path(request->taskmanager);

		buf_adds(&path, process);
		free(process);
	} else {
		buf_adds(&path, "/jobmanager");
	}
	buf_adds(&path, request->is_list || request->file ? "/logs" : "/log");
	if (!request->is_list && request->file) {
		buf_addc(&path, '/');
		add_segment(&path, request->file);
	}
	return buf_detach(&path);
}

/* The name becomes a path over there: never a way out of the folder. */
static bool is_file_name(const char *name)
{
	return !str_empty(name) && !strchr(name, '/') && !str_eq(name, ".") && !str_eq(name, "..");
}

int flink_log_list(struct arena *arena, const char *what, const char *body, size_t len,
	const struct log_file **files, size_t *count, struct err *err)
{
	json_t *root = doc_parse_json(body, len, what, err);
	const json_t *list = json_object_get(root, "logs"), *entry;
	struct log_file *out;
	size_t i, kept = 0;

	if (!root)
		return err->code;
	if (!json_is_array(list)) {
		json_decref(root);
		return err_set(err, E_PROTO, _("%s: no list of logs in the answer"), what);
	}
	out = arena_alloc(arena, (json_array_size(list) + 1) * sizeof(*out));
	json_array_foreach ((json_t *)list, i, entry) {
		const char *name = doc_str(entry, "name");

		if (!is_file_name(name))
			continue;
		out[kept++] = (struct log_file){.name = arena_strdup(arena, name),
			.size = doc_int(entry, "size", 0),
			.modified_ms = doc_int(entry, "mtime", -1)};
	}
	json_decref(root);
	*files = out;
	*count = kept;
	return 0;
}

/* ---- answers ---- */

static void vain(struct source_log_op *op, const struct err *err)
{
	if (op->attempt + 1 < op->source->address_count) {
		op->attempt++;
		ask(op);
		return;
	}
	fail(op, err);
}

static void refused(struct source_log_op *op, const struct http_response *res)
{
	const char *body = buf_str(res->body);
	char *text = flink_error_text(body, res->body->len);
	struct err err = {0};

	http_status_error(res, &err);
	if (text)
		err_set(&err, err.code, "%s: HTTP %d: %s", op->what, res->status, text);
	/* 500 in some versions, 404 in others. */
	if (op->request.taskmanager &&
		(res->status == 404 || strstr(body, "No TaskExecutor registered")))
		err_set(&err, E_NOTFOUND,
			_("there is no TaskManager '%s' (or no such log of it): %s"),
			op->request.taskmanager, text ? text : "HTTP 404");
	if (flink_error_is_leaderless(res->status, body, res->body->len)) {
		err.code = E_REMOTE;
		vain(op, &err);
	} else {
		fail(op, &err);
	}
	free(text);
}

static void read_list(struct source_log_op *op, const struct http_response *res)
{
	struct arena *arena = arena_new();
	struct source_log_answer answer = {0};
	struct err err = {0};

	if (flink_log_list(arena, op->what, buf_str(res->body), res->body->len, &answer.files,
		    &answer.file_count, &err))
		fail(op, &err);
	else
		finish(op, &answer, NULL);
	arena_free(arena);
}

static void on_response(void *data, const struct http_response *res, const struct err *err)
{
	struct source_log_op *op = data;
	struct err told;

	op->transfer = NULL;
	if (err && (err->code == E_NET || err->code == E_TIMEOUT)) {
		told = *err;
		vain(op, &told);
	} else if (err) {
		fail(op, err);
	} else if (res->status >= 300) {
		refused(op, res);
	} else {
		op->source->preferred = (op->first + op->attempt) % op->source->address_count;
		if (op->request.is_list)
			read_list(op, res);
		else
			finish(op,
				&(struct source_log_answer){.text = buf_str(res->body),
					.len = res->body->len,
					.size = res->dropped_bytes + (int64_t)res->body->len},
				NULL);
	}
}

/* ---- questions ---- */

static void send(struct source_log_op *op)
{
	const struct flink_source *source = op->source;
	const struct source_log_request *request = &op->request;
	const char *base = source->addresses[(op->first + op->attempt) % source->address_count];
	char *path = flink_log_path(request), *url = xasprintf("%s%s", base, path);
	char *shown = http_url_display(url);
	int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms
		: request->is_list                   ? LIST_TIMEOUT_MS
						     : FILE_TIMEOUT_MS;
	size_t keep = request->keep_bytes ? request->keep_bytes : LOG_KEEP_BYTES;

	free(op->what);
	op->what = xasprintf("GET %s", shown);
	op->transfer = http_start(source->http,
		&(struct http_request){
			.url = url,
			.cap_bytes = request->is_list ? LIST_BYTES : (size_t)LOG_TRANSFER_BYTES,
			.keep_bytes = request->is_list ? 0 : keep,
			.timeout_ms = timeout_ms,
			.access = source->access,
		},
		on_response, op);
	free(shown);
	free(url);
	free(path);
}

static void on_connected(void *data, const struct ssh_result *result, const struct err *err)
{
	struct source_log_op *op = data;

	(void)result;
	op->connecting = NULL;
	if (err)
		fail(op, err);
	else
		send(op);
}

static void ask(struct source_log_op *op)
{
	struct flink_source *source = op->source;

	if (source->via && !ssh_is_up(source->ssh, source->via))
		op->connecting = ssh_connect(source->ssh, source->via, on_connected, op);
	else
		send(op);
}

static void say_no(void *data)
{
	struct source_log_op *op = data;

	op->is_deferred = false;
	if (op->source)
		finish(op, NULL, &op->err);
	else
		op_free(op);
}

struct source_log_op *flink_log(struct source *base, const struct source_log_request *request,
	source_log_fn done, void *data)
{
	struct flink_source *source = (struct flink_source *)base;
	struct source_log_op *op = xcalloc(1, sizeof(*op));
	int rc = 0;

	op->source = source;
	op->request = *request;
	op->request.taskmanager = xstrdup_null(request->taskmanager);
	op->request.file = xstrdup_null(request->file);
	op->done = done;
	op->data = data;
	op->first = source->preferred;
	op->next = source->logs;
	if (op->next)
		op->next->prev = op;
	source->logs = op;
	if (source->unsupported)
		rc = err_set(&op->err, E_UNSUPPORTED, "%s", source->unsupported);
	else if (source->address_count == 0)
		rc = err_set(&op->err, E_CONFIG, _("cluster %s has no address"), base->name);
	else if (!request->is_list && request->file && !is_file_name(request->file))
		rc = err_set(
			&op->err, E_ARG, _("'%s' is not the name of a log file"), request->file);
	if (rc) {
		op->is_deferred = true;
		loop_defer(source->loop, say_no, op);
		return op;
	}
	ask(op);
	return op;
}

void flink_log_cancel(struct source_log_op *op)
{
	op_unlink(op);
	if (!op->is_deferred)
		op_free(op);
}

void flink_log_close(struct flink_source *source)
{
	for (struct source_log_op *op = source->logs, *next; op; op = next) {
		next = op->next;
		flink_log_cancel(op);
	}
}
