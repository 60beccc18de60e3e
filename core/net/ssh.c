/*
 * The loop's side. An operation is known to its thread by a number only, so that a late message
 * about one that was canceled finds nobody and is dropped. What cannot even be begun comes back as
 * mail, like all else.
 */
#include "core/net/ssh.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/command_log.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/dns.h"
#include "core/net/ssh_openssh.h"

#define FOUND_MAX 16 /* hosts that only ssh's own configuration knows */
#define CAP_BYTES ((size_t)1 << 20)

/* ---- operations ---- */

static const struct ssh_way way_none;

static bool is_here(const char *host)
{
	return !host || str_eq(host, "local");
}

static const struct ssh_way *way_of(const char *host, const struct ssh_worker *worker)
{
	if (worker)
		return worker->openssh ? &way_openssh : &way_libssh2;
	return is_here(host) ? &way_local : &way_none;
}

static struct ssh_op *op_new(struct ssh *ssh, const char *host, ssh_done_fn done, void *data)
{
	struct ssh_op *op = xcalloc(1, sizeof(*op));

	op->ssh = ssh;
	op->worker = ssh_worker_of(ssh, host);
	op->way = way_of(host, op->worker);
	op->id = ++ssh->last_id;
	op->done = done;
	op->data = data;
	op->host = xstrdup(host ? host : "local");
	buf_init(&op->out, 1);
	buf_init(&op->err, 1);
	op->next = ssh->ops;
	if (op->next)
		op->next->prev = op;
	ssh->ops = op;
	loop_hold(ssh->loop);
	return op;
}

static void op_free(struct ssh_op *op)
{
	if (op->prev)
		op->prev->next = op->next;
	else
		op->ssh->ops = op->next;
	if (op->next)
		op->next->prev = op->prev;
	loop_unhold(op->ssh->loop);
	buf_release(&op->out);
	buf_release(&op->err);
	free(op->host);
	free(op);
}

static struct ssh_op *op_find(struct ssh *ssh, uint64_t id)
{
	for (struct ssh_op *op = ssh->ops; op; op = op->next)
		if (op->id == id)
			return op;
	return NULL;
}

static void op_note(const struct ssh_op *op, const struct ssh_result *result, const struct err *err)
{
	struct command_end end = {.status = -1, .bytes = -1};

	if (result && !err && op->is_copy)
		end.bytes = result->bytes;
	if (result && !err && op->is_exec)
		end = (struct command_end){.status = result->exit_status,
			.bytes = op->on_output ? -1
					       : (int64_t)(result->out->len + result->err->len)};
	command_log_end(op->ssh->log, op->log_number, &end, err);
}

void op_end(struct ssh_op *op, struct ssh_result *result, const struct err *err)
{
	result->host = op->host;
	if (!result->out)
		result->out = &op->out;
	if (!result->err)
		result->err = &op->err;
	op_note(op, result, err && err->code ? err : NULL);
	op->id = 0;
	op->done(op->data, result, err && err->code ? err : NULL);
	op_free(op);
}

void op_end_soon(struct ssh_op *op, const struct err *err)
{
	struct ssh_msg *msg = msg_new(MSG_DONE, op->worker, op->id);

	msg->err = *err;
	msg->number = -1;
	mailbox_put(&op->ssh->mail, msg);
}

struct ssh_op *ssh_connect(struct ssh *ssh, const char *host, ssh_done_fn done, void *data)
{
	struct ssh_op *op = op_new(ssh, host, done, data);

	op->log_number = command_log_begin(ssh->log, COMMAND_CONNECT, op->host, "ssh");
	op->way->connect(op);
	return op;
}

struct ssh_op *ssh_exec(
	struct ssh *ssh, const struct ssh_exec_options *options, ssh_done_fn done, void *data)
{
	struct ssh_op *op = op_new(ssh, options->host, done, data);

	op->on_output = options->on_output;
	op->is_exec = true;
	op->log_number = command_log_begin(ssh->log, COMMAND_EXEC, op->host, options->command);
	op->way->exec(op, options);
	return op;
}

static struct ssh_op *copy(struct ssh *ssh, const struct ssh_copy_options *options, bool is_put,
	ssh_done_fn done, void *data)
{
	struct ssh_op *op = op_new(ssh, options->host, done, data);
	char *what;

	op->on_progress = options->on_progress;
	op->is_copy = true;
	what = is_put ? xasprintf("%s -> %s", options->local_path, options->remote_path)
		      : xasprintf("%s -> %s", options->remote_path, options->local_path);
	op->log_number =
		command_log_begin(ssh->log, is_put ? COMMAND_PUT : COMMAND_GET, op->host, what);
	free(what);
	op->way->copy(op, options, is_put);
	return op;
}

struct ssh_op *ssh_put(
	struct ssh *ssh, const struct ssh_copy_options *options, ssh_done_fn done, void *data)
{
	return copy(ssh, options, true, done, data);
}

struct ssh_op *ssh_get(
	struct ssh *ssh, const struct ssh_copy_options *options, ssh_done_fn done, void *data)
{
	return copy(ssh, options, false, done, data);
}

void ssh_cancel(struct ssh_op *op)
{
	struct err err = {0};

	if (!op)
		return;
	err_set(&err, E_CANCELED, _("canceled"));
	op_note(op, NULL, &err);
	op->way->cancel(op);
	op_free(op);
}

/* ---- no way: there is no such host ---- */

static void none_connect(struct ssh_op *op)
{
	struct err err = {0};

	err_set(&err, E_NOTFOUND, _("no host \"%s\" in this context"), op->host);
	op_end_soon(op, &err);
}

static void none_exec(struct ssh_op *op, const struct ssh_exec_options *options)
{
	(void)options;
	none_connect(op);
}

static void none_copy(struct ssh_op *op, const struct ssh_copy_options *options, bool is_put)
{
	(void)options;
	(void)is_put;
	none_connect(op);
}

static void none_cancel(struct ssh_op *op)
{
	(void)op;
}

static const struct ssh_way way_none = {
	.connect = none_connect, .exec = none_exec, .copy = none_copy, .cancel = none_cancel};

/* ---- libssh2: the host's thread does it ---- */

static void thread_send(struct ssh_op *op, struct ssh_msg *msg)
{
	ssh_worker_start(op->worker);
	mailbox_put(&op->worker->in, msg);
}

static void thread_connect(struct ssh_op *op)
{
	thread_send(op, msg_new(MSG_CONNECT, op->worker, op->id));
}

static void thread_exec(struct ssh_op *op, const struct ssh_exec_options *options)
{
	struct ssh_msg *msg = msg_new(MSG_EXEC, op->worker, op->id);

	op->out.cap_bytes = op->err.cap_bytes = options->cap_bytes ? options->cap_bytes : CAP_BYTES;
	msg->text = xstrdup(options->command);
	msg->text_len = strlen(msg->text);
	if (options->input && options->input_len) {
		msg->input = xmalloc(options->input_len);
		memcpy(msg->input, options->input, options->input_len);
		msg->input_len = options->input_len;
	}
	msg->timeout_ms = options->timeout_ms;
	thread_send(op, msg);
}

static void thread_copy(struct ssh_op *op, const struct ssh_copy_options *options, bool is_put)
{
	struct ssh_msg *msg = msg_new(MSG_COPY, op->worker, op->id);

	msg->copy = copy_new(options, is_put);
	thread_send(op, msg);
}

static void thread_cancel(struct ssh_op *op)
{
	if (op->worker->is_started)
		mailbox_put(&op->worker->in, msg_new(MSG_CANCEL, op->worker, op->id));
}

const struct ssh_way way_libssh2 = {.connect = thread_connect,
	.exec = thread_exec,
	.copy = thread_copy,
	.cancel = thread_cancel};

/* ---- mail ---- */

static void on_output(struct ssh *ssh, const struct ssh_msg *msg)
{
	struct ssh_op *op = op_find(ssh, msg->id);
	struct buf *kept;
	size_t room;

	if (!op)
		return;
	if (op->on_output) {
		op->on_output(op->data, msg->number, msg->text, msg->text_len);
		return;
	}
	kept = msg->number == 2 ? &op->err : &op->out;
	room = kept->cap_bytes - kept->len;
	if (msg->text_len > room)
		op->is_cut = true;
	if (room)
		buf_add(kept, msg->text, msg->text_len < room ? msg->text_len : room);
}

static void on_progress(struct ssh *ssh, const struct ssh_msg *msg)
{
	const struct ssh_op *op = op_find(ssh, msg->id);

	if (op && op->on_progress)
		op->on_progress(op->data, msg->bytes, msg->total_bytes);
}

static void on_done(struct ssh *ssh, const struct ssh_msg *msg)
{
	struct ssh_op *op = op_find(ssh, msg->id);
	struct ssh_result result;

	if (!op)
		return;
	result = (struct ssh_result){
		.is_cut = op->is_cut,
		.exit_status = msg->number,
		.signal = msg->text,
		.bytes = msg->bytes,
	};
	memcpy(result.sha256, msg->sha256, sizeof(result.sha256));
	op_end(op, &result, &msg->err);
}

static void on_resolved(void *data, const char *addresses, const struct err *err)
{
	struct ssh_worker *w = data;
	struct ssh_msg *msg = msg_new(MSG_RESOLVED, w, 0);

	msg->text = xstrdup_null(addresses);
	if (err)
		msg->err = *err;
	mailbox_put(&w->in, msg);
}

static void on_mail(void *data, int fd, unsigned mask)
{
	struct ssh *ssh = data;
	struct ssh_msg *msg = mailbox_take(&ssh->mail), *next;

	(void)fd;
	(void)mask;
	for (; msg; msg = next) {
		next = msg->next;
		switch (msg->kind) {
		case MSG_OUTPUT: on_output(ssh, msg); break;
		case MSG_PROGRESS: on_progress(ssh, msg); break;
		case MSG_DONE: on_done(ssh, msg); break;
		case MSG_PROMPT: prompt_add(ssh, msg); continue;
		case MSG_PROMPT_GONE: prompt_gone(ssh, msg->id); break;
		case MSG_RESOLVE:
			dns_start(ssh->dns, msg->worker->address, on_resolved, msg->worker);
			break;
		case MSG_MET: msg->worker->seen = *msg->met; break;
		case MSG_UP: msg->worker->is_up = true; break;
		case MSG_DOWN: msg->worker->is_up = false; break;
		default: break;
		}
		msg_free(msg);
	}
	/* Threads that waited for us to read on. */
	for (size_t i = 0; i < ssh->worker_count; i++)
		if (ssh->workers[i].is_up && !ssh->workers[i].openssh)
			mailbox_put(&ssh->workers[i].in, msg_new(MSG_NUDGE, NULL, 0));
}

/* ---- opening and closing ---- */

int ssh_open(struct ssh **out, const struct ssh_options *options, struct err *err)
{
	struct ssh *ssh = xcalloc(1, sizeof(*ssh));
	int rc;

	ssh->loop = options->loop;
	ssh->log = options->log;
	ssh->on_prompt = options->on_prompt;
	ssh->on_prompt_gone = options->on_prompt_gone;
	ssh->data = options->data;
	ssh->prompts_last = &ssh->prompts;
	ssh->dns = dns_new(ssh->loop);
	rc = mailbox_init(&ssh->mail, err);
	if (!rc && libssh2_init(0))
		rc = err_set(err, E_INTERNAL, _("cannot start libssh2"));
	ssh->worker_max = options->host_count + FOUND_MAX;
	ssh->workers = xcalloc(ssh->worker_max, sizeof(*ssh->workers));
	for (size_t i = 0; !rc && i < options->host_count; i++)
		rc = host_fill(
			ssh, &ssh->workers[ssh->worker_count++], &options->hosts[i], options, err);
	if (rc) {
		ssh_close(ssh);
		return rc;
	}
	for (size_t i = 0; i < options->host_count; i++)
		if (options->hosts[i].jump)
			ssh->workers[i].jump = ssh_worker_of(ssh, options->hosts[i].jump);
	ssh->watch = loop_watch(ssh->loop, ssh->mail.wake[0], LOOP_READ, LOOP_NORMAL, on_mail, ssh);
	*out = ssh;
	return 0;
}

void ssh_close(struct ssh *ssh)
{
	if (!ssh)
		return;
	while (ssh->ops)
		ssh_cancel(ssh->ops);
	dns_free(ssh->dns);
	hosts_end(ssh);
	for (size_t i = 0; i < ssh->worker_count; i++)
		if (ssh->workers[i].openssh)
			commands_end(ssh->workers[i].openssh);
	for (size_t i = 0; i < ssh->worker_count; i++)
		openssh_free(ssh->workers[i].openssh);
	loop_unwatch(ssh->watch);
	for (size_t i = 0; i < ssh->worker_count; i++)
		host_release(&ssh->workers[i]);
	prompts_free(ssh);
	mailbox_release(&ssh->mail);
	socket_dir_remove(&ssh->socket_dir);
	free(ssh->workers);
	free(ssh);
	libssh2_exit();
}

bool ssh_is_up(const struct ssh *ssh, const char *host)
{
	const struct ssh_worker *w = ssh_worker_of(ssh, host);

	return w ? w->is_up : is_here(host);
}

void ssh_retry(struct ssh *ssh, const char *host)
{
	for (struct ssh_worker *w = ssh_worker_of(ssh, host); w; w = w->jump)
		if (w->is_started || w->openssh)
			mailbox_put(&w->in, msg_new(MSG_RETRY, w, 0));
}
