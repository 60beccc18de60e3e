/*
 * The loop's side. An operation is known to its thread by a number only, so that a late message
 * about one that was canceled finds nobody and is dropped. A worker's thread starts with its first
 * message. Prompts of several hosts wait in line: a person is asked one thing at a time.
 */
#include "core/net/ssh.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/dns.h"
#include "core/net/ssh_thread.h"

#define CONNECT_TIMEOUT_MS 15000
#define KEEPALIVE_MS 15000
#define IDLE_MS (10 * 60 * 1000)
#define CAP_BYTES ((size_t)1 << 20)

struct ssh_op {
	struct ssh_op *prev, *next;
	struct ssh *ssh;
	struct ssh_worker *worker; /* NULL: there is no such host */
	uint64_t id;
	ssh_done_fn done;
	void *data;
	void (*on_output)(void *data, int stream, const char *bytes, size_t len);
	void (*on_progress)(void *data, int64_t done_bytes, int64_t total_bytes);
	char *host;
	struct buf out, err;
	bool is_cut;
};

struct ssh {
	struct loop *loop;
	struct loop_watch *watch;
	struct dns *dns;
	struct mailbox mail;
	struct ssh_worker *workers;
	size_t worker_count;
	struct ssh_op *ops;
	uint64_t last_id;
	struct ssh_msg *prompts, **prompts_last; /* the first is being asked */
	ssh_prompt_fn on_prompt;
	void (*on_prompt_gone)(void *data, uint64_t prompt_id);
	void *data;
	char *socket_dir;
};

/* ---- operations ---- */

static struct ssh_op *op_new(struct ssh *ssh, const char *host, ssh_done_fn done, void *data)
{
	struct ssh_op *op = xcalloc(1, sizeof(*op));

	op->ssh = ssh;
	op->worker = ssh_worker_of(ssh, host);
	op->id = ++ssh->last_id;
	op->done = done;
	op->data = data;
	op->host = xstrdup(host);
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

/* Hands a message to the host's thread; what cannot be begun comes back as mail, like all else. */
static void op_send(struct ssh_op *op, struct ssh_msg *msg)
{
	struct ssh_msg *reply;
	struct err err = {0};

	if (!op->worker)
		err_set(&err, E_NOTFOUND, _("no host \"%s\" in this context"), op->host);
	else
		ssh_worker_start(op->worker, &err);
	if (!err.code) {
		mailbox_put(&op->worker->in, msg);
		return;
	}
	msg_free(msg);
	reply = msg_new(MSG_DONE, op->worker, op->id);
	reply->err = err;
	reply->number = -1;
	mailbox_put(&op->ssh->mail, reply);
}

struct ssh_op *ssh_connect(struct ssh *ssh, const char *host, ssh_done_fn done, void *data)
{
	struct ssh_op *op = op_new(ssh, host, done, data);

	buf_init(&op->out, 1);
	buf_init(&op->err, 1);
	op_send(op, msg_new(MSG_CONNECT, op->worker, op->id));
	return op;
}

struct ssh_op *ssh_exec(
	struct ssh *ssh, const struct ssh_exec_options *options, ssh_done_fn done, void *data)
{
	struct ssh_op *op = op_new(ssh, options->host, done, data);
	struct ssh_msg *msg = msg_new(MSG_EXEC, op->worker, op->id);
	size_t cap = options->cap_bytes ? options->cap_bytes : CAP_BYTES;

	buf_init(&op->out, cap);
	buf_init(&op->err, cap);
	op->on_output = options->on_output;
	msg->text = xstrdup(options->command);
	msg->text_len = strlen(msg->text);
	if (options->input && options->input_len) {
		msg->input = xmalloc(options->input_len);
		memcpy(msg->input, options->input, options->input_len);
		msg->input_len = options->input_len;
	}
	msg->timeout_ms = options->timeout_ms;
	op_send(op, msg);
	return op;
}

static struct ssh_op *copy_start(struct ssh *ssh, const struct ssh_copy_options *options,
	bool is_put, ssh_done_fn done, void *data)
{
	struct ssh_op *op = op_new(ssh, options->host, done, data);
	struct ssh_msg *msg = msg_new(MSG_COPY, op->worker, op->id);

	buf_init(&op->out, 1);
	buf_init(&op->err, 1);
	op->on_progress = options->on_progress;
	msg->copy = copy_new(options, is_put);
	op_send(op, msg);
	return op;
}

struct ssh_op *ssh_put(
	struct ssh *ssh, const struct ssh_copy_options *options, ssh_done_fn done, void *data)
{
	return copy_start(ssh, options, true, done, data);
}

struct ssh_op *ssh_get(
	struct ssh *ssh, const struct ssh_copy_options *options, ssh_done_fn done, void *data)
{
	return copy_start(ssh, options, false, done, data);
}

void ssh_cancel(struct ssh_op *op)
{
	if (!op)
		return;
	if (op->worker && op->worker->is_started)
		mailbox_put(&op->worker->in, msg_new(MSG_CANCEL, op->worker, op->id));
	op_free(op);
}

/* ---- prompts ---- */

static void prompt_next(struct ssh *ssh)
{
	struct ssh_msg *msg = ssh->prompts;

	if (!msg)
		return;
	ssh->on_prompt(ssh->data,
		&(struct ssh_prompt){
			.id = msg->id,
			.kind = (enum ssh_prompt_kind)msg->number,
			.host = msg->worker->name,
			.text = msg->text,
			.is_echoed = msg->flag,
		});
}

static void prompt_add(struct ssh *ssh, struct ssh_msg *msg)
{
	bool first = !ssh->prompts;

	msg->next = NULL;
	*ssh->prompts_last = msg;
	ssh->prompts_last = &msg->next;
	if (first)
		prompt_next(ssh);
}

/* Takes it out of the line; NULL when it is not there. */
static struct ssh_msg *prompt_take(struct ssh *ssh, uint64_t id, bool *was_first)
{
	for (struct ssh_msg **at = &ssh->prompts; *at; at = &(*at)->next) {
		struct ssh_msg *msg = *at;
		if (msg->id != id)
			continue;
		*was_first = at == &ssh->prompts;
		*at = msg->next;
		if (!msg->next)
			ssh->prompts_last = at;
		return msg;
	}
	return NULL;
}

void ssh_answer(struct ssh *ssh, uint64_t prompt_id, const char *answer)
{
	bool was_first = false;
	struct ssh_msg *asked = prompt_take(ssh, prompt_id, &was_first), *msg;

	if (!asked)
		return;
	msg = msg_new(MSG_ANSWER, asked->worker, prompt_id);
	if (answer) {
		msg->text = xstrdup(answer);
		msg->text_len = strlen(answer);
	}
	mailbox_put(&asked->worker->in, msg);
	msg_free(asked);
	if (was_first)
		prompt_next(ssh);
}

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
		.host = op->host,
		.out = &op->out,
		.err = &op->err,
		.is_cut = op->is_cut,
		.exit_status = msg->number,
		.signal = msg->text,
		.bytes = msg->bytes,
	};
	memcpy(result.sha256, msg->sha256, sizeof(result.sha256));
	op->id = 0; /* a cancel inside of `done` finds nothing to end */
	op->done(op->data, &result, msg->err.code ? &msg->err : NULL);
	op_free(op);
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
		struct ssh_msg *gone = NULL;
		bool was_first = false;

		next = msg->next;
		switch (msg->kind) {
		case MSG_OUTPUT: on_output(ssh, msg); break;
		case MSG_PROGRESS: on_progress(ssh, msg); break;
		case MSG_DONE: on_done(ssh, msg); break;
		case MSG_PROMPT: prompt_add(ssh, msg); continue;
		case MSG_PROMPT_GONE:
			gone = prompt_take(ssh, msg->id, &was_first);
			msg_free(gone);
			if (was_first && ssh->on_prompt_gone)
				ssh->on_prompt_gone(ssh->data, msg->id);
			if (was_first)
				prompt_next(ssh);
			break;
		case MSG_RESOLVE:
			dns_start(ssh->dns, msg->worker->address, on_resolved, msg->worker);
			break;
		case MSG_UP: msg->worker->is_up = true; break;
		case MSG_DOWN: msg->worker->is_up = false; break;
		default: break;
		}
		msg_free(msg);
	}
	/* Threads that waited for us to read on. */
	for (size_t i = 0; i < ssh->worker_count; i++)
		if (ssh->workers[i].is_up)
			mailbox_put(&ssh->workers[i].in, msg_new(MSG_NUDGE, NULL, 0));
}

/* ---- opening and closing ---- */

struct ssh_worker *ssh_worker_of(const struct ssh *ssh, const char *host)
{
	for (size_t i = 0; i < ssh->worker_count; i++)
		if (str_eq(ssh->workers[i].name, host))
			return &ssh->workers[i];
	return NULL;
}

int ssh_worker_start(struct ssh_worker *w, struct err *err)
{
	sigset_t all, before;
	int rc;

	if (w->is_started)
		return 0;
	if (w->jump && ssh_worker_start(w->jump, err))
		return err ? err->code : E_INTERNAL;
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&w->thread, NULL, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		return err_set(err, E_INTERNAL, _("host %s: cannot start a thread"), w->name);
	w->is_started = true;
	return 0;
}

static char *user_name(void)
{
	const struct passwd *me = getpwuid(geteuid());

	return xstrdup(me ? me->pw_name : "root");
}

static int worker_fill(struct ssh *ssh, struct ssh_worker *w, const struct host_config *host,
	const struct ssh_options *o, struct err *err)
{
	w->fd = w->listener = -1;
	w->ssh = ssh;
	w->index = (int)(w - ssh->workers);
	w->name = xstrdup(host->name);
	w->address = xstrdup(host->address);
	w->user = host->user ? xstrdup(host->user) : user_name();
	w->key = xstrdup_null(host->key);
	w->port = host->port ? (int)host->port : 22;
	w->transport = host->transport;
	w->auth_count = json_array_size(host->auth);
	w->auth = xcalloc(w->auth_count + 1, sizeof(*w->auth));
	for (size_t i = 0; i < w->auth_count; i++)
		w->auth[i] = xstrdup(json_string_value(json_array_get(host->auth, i)));
	w->known_hosts = file_expand(o->known_hosts ? o->known_hosts : "~/.ssh/known_hosts", NULL);
	w->can_ask = o->on_prompt != NULL;
	w->connect_timeout_ms =
		o->connect_timeout_ms > 0 ? o->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	w->keepalive_ms = o->keepalive_ms > 0 ? o->keepalive_ms : KEEPALIVE_MS;
	w->idle_ms = o->idle_ms > 0 ? o->idle_ms : IDLE_MS;
	w->out = &ssh->mail;
	buf_init(&w->outgoing, 0);
	return mailbox_init(&w->in, err);
}

int ssh_open(struct ssh **out, const struct ssh_options *options, struct err *err)
{
	struct ssh *ssh = xcalloc(1, sizeof(*ssh));
	int rc;

	ssh->loop = options->loop;
	ssh->on_prompt = options->on_prompt;
	ssh->on_prompt_gone = options->on_prompt_gone;
	ssh->data = options->data;
	ssh->prompts_last = &ssh->prompts;
	ssh->dns = dns_new(ssh->loop);
	rc = mailbox_init(&ssh->mail, err);
	if (!rc && libssh2_init(0))
		rc = err_set(err, E_INTERNAL, _("cannot start libssh2"));
	ssh->workers = xcalloc(options->host_count + 1, sizeof(*ssh->workers));
	for (size_t i = 0; !rc && i < options->host_count; i++)
		rc = worker_fill(
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

static void worker_release(struct ssh_worker *w)
{
	if (w->socket_path)
		unlink(w->socket_path);
	free(w->socket_path);
	free(w->proxy);
	free(w->name);
	free(w->address);
	free(w->user);
	free(w->key);
	free(w->known_hosts);
	for (size_t i = 0; i < w->auth_count; i++)
		free(w->auth[i]);
	free(w->auth);
	buf_release(&w->outgoing);
	mailbox_release(&w->in);
}

/*
 * A host's thread may still need the one of its jump host (to kill what runs), so each ends before
 * the hosts that it goes through.
 */
static void workers_end(struct ssh *ssh)
{
	size_t left = 0;

	for (size_t i = 0; i < ssh->worker_count; i++)
		left += ssh->workers[i].is_started;
	while (left) {
		for (size_t i = 0; i < ssh->worker_count; i++) {
			struct ssh_worker *w = &ssh->workers[i];
			bool needed = false;

			for (size_t k = 0; k < ssh->worker_count; k++)
				needed |= ssh->workers[k].is_started && ssh->workers[k].jump == w;
			if (!w->is_started || needed)
				continue;
			mailbox_put(&w->in, msg_new(MSG_QUIT, w, 0));
			pthread_join(w->thread, NULL);
			w->is_started = false;
			left--;
		}
	}
}

void ssh_close(struct ssh *ssh)
{
	if (!ssh)
		return;
	while (ssh->ops)
		op_free(ssh->ops);
	dns_free(ssh->dns);
	workers_end(ssh);
	loop_unwatch(ssh->watch);
	for (size_t i = 0; i < ssh->worker_count; i++)
		worker_release(&ssh->workers[i]);
	for (struct ssh_msg *msg = ssh->prompts, *next; msg; msg = next) {
		next = msg->next;
		msg_free(msg);
	}
	mailbox_release(&ssh->mail);
	if (ssh->socket_dir)
		rmdir(ssh->socket_dir);
	free(ssh->socket_dir);
	free(ssh->workers);
	free(ssh);
	libssh2_exit();
}

bool ssh_is_up(const struct ssh *ssh, const char *host)
{
	const struct ssh_worker *w = ssh_worker_of(ssh, host);

	return w && w->is_up;
}

void ssh_retry(struct ssh *ssh, const char *host)
{
	for (struct ssh_worker *w = ssh_worker_of(ssh, host); w; w = w->jump)
		if (w->is_started)
			mailbox_put(&w->in, msg_new(MSG_RETRY, w, 0));
}

const char *ssh_socket_dir(struct ssh *ssh, struct err *err)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char *dir;

	if (ssh->socket_dir)
		return ssh->socket_dir;
	/* The path of a Unix socket has room for about a hundred bytes. */
	if (str_empty(base) || strlen(base) > 60 || access(base, W_OK))
		base = "/tmp";
	dir = xasprintf("%s/weir-XXXXXX", base);
	if (!mkdtemp(dir)) { /* which makes it 0700 */
		err_errno(err, E_INTERNAL, _("cannot make the folder %s"), dir);
		free(dir);
		return NULL;
	}
	ssh->socket_dir = dir;
	return dir;
}
