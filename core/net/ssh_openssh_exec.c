/*
 * A command through the master: an `ssh` child. Over there it is a child of a small script that
 * leads its process group, prints a mark with the group's number first, and outlives the signals
 * that end the command, for ssh tells no signals: a status above 128 is read as the signal that it
 * stands for. 255 is what ssh itself ends with when it fails, so a command's own 255 has a mark on
 * stderr.
 *
 * Cancel ends the group over there by another command; the child here is let go only then.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/net/ssh_openssh.h"

#define COMMANDS_MAX 8 /* sshd allows ten sessions; one is kept to kill with */
#define CAP_BYTES ((size_t)1 << 20)
#define KILLED_MS 5000
#define CLOSE_MS 2000
#define MOURN_MS 500

/* $1: the mark; $2: the command. What the shell says of a child's end is not the command's. */
#define LEAD                                                                                       \
	"trap : TERM HUP INT; echo \"$1 $$\"; exec 3>&2 2>/dev/null; "                             \
	"(exec sh -c \"$2\" 2>&3 3>&-); s=$?; [ $s = 255 ] && echo \"$1 255\" >&3; exit $s"
/* $3: LEAD. */
#define RUN                                                                                        \
	"g=; read -r a b c d g e 2>/dev/null </proc/$$/stat; "                                     \
	"if [ \"$g\" = $$ ]; then exec sh -c \"$3\" sh \"$1\" \"$2\"; fi; "                        \
	"exec setsid -w sh -c \"$3\" sh \"$1\" \"$2\""
/* $@: groups. */
#define KILL_ALL                                                                                   \
	"n=$1; shift; for g; do kill -s TERM -- \"-$g\"; done 2>/dev/null; "                       \
	"while [ $n -gt 0 ]; do l=; for g; do kill -s 0 -- \"-$g\" && l=1; done 2>/dev/null; "     \
	"[ $l ] || exit 0; sleep 0.1; n=$((n - 1)); done; "                                        \
	"for g; do kill -s KILL -- \"-$g\"; done 2>/dev/null"

struct command {
	struct command *next;
	struct openssh *host;
	uint64_t number;
	struct proc *proc; /* NULL: it waits */
	ssh_done_fn done;  /* NULL: nobody waits for it */
	void *data;
	struct command_options o; /* its texts are ours */
	struct ssh_mark mark;
	struct buf held; /* stderr that may be the end's mark */
	struct buf out, err;
	bool is_cut, is_255, is_killer, is_killed, has_run;
	struct err verdict, why;
	struct loop_timer *timer;
};

static void command_free(struct command *c)
{
	struct command **at = &c->host->commands;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	proc_cancel(c->proc);
	loop_timer_cancel(c->timer);
	if (c->o.input)
		mem_wipe((void *)c->o.input, c->o.input_len);
	free((void *)c->o.input);
	if (c->o.line)
		mem_wipe((void *)c->o.line, strlen(c->o.line));
	free((void *)c->o.line);
	ssh_mark_release(&c->mark);
	buf_release(&c->held);
	buf_release(&c->out);
	buf_release(&c->err);
	loop_unhold(c->host->w->ssh->loop);
	free(c);
}

/* ---- its end ---- */

static void end(struct command *c, int status, const struct err *err)
{
	struct openssh *host = c->host;
	struct ssh_result result = {.host = host->w->name,
		.out = &c->out,
		.err = &c->err,
		.is_cut = c->is_cut,
		.exit_status = status};
	ssh_done_fn done = c->done;

	if (status > 128 && status < 160 && sigabbrev_np(status - 128)) {
		result.signal = sigabbrev_np(status - 128);
		result.exit_status = -1;
	}
	c->done = NULL;
	if (done)
		done(c->data, &result, c->verdict.code ? &c->verdict : err);
	command_free(c);
	openssh_used(host);
	commands_serve(host);
}

static void start_killer(struct command *c);

static void on_killed_late(void *data)
{
	end(data, -1, NULL);
}

static void on_timeout(void *data)
{
	struct command *c = data;
	struct loop *loop = c->host->w->ssh->loop;

	err_set(&c->verdict, E_TIMEOUT,
		_("host %s: the command did not end within %lld ms and was killed"),
		c->host->w->name, (long long)c->o.timeout_ms);
	start_killer(c);
	loop_timer_cancel(c->timer);
	c->timer = loop_timer(loop, KILLED_MS, 0, on_killed_late, c);
}

/* ssh has failed, not the command. */
static void failure(struct command *c, struct err *err)
{
	const char *name = c->host->w->name;
	char *said = xstrdup(buf_str(&c->err));

	said[strcspn(said, "\r\n")] = 0;
	if (strstr(said, "refused by peer"))
		err_set(err, E_DENIED, _("host %s: cannot open a channel: %s"), name, said);
	else if (c->host->state != MASTER_UP && !c->mark.pgid && !c->o.output_fd)
		err_set(err, E_NET, _("host %s: the link broke"), name);
	else
		err_set(err, c->o.output_fd || c->o.input_fd ? E_NET : E_UNKNOWN,
			_("host %s: the link broke while the command ran"), name);
	free(said);
}

static void take(struct command *c, int stream, const char *bytes, size_t len)
{
	struct buf *kept = stream == 2 ? &c->err : &c->out;
	size_t room = kept->cap_bytes - kept->len;

	if (!len || !c->done)
		return;
	if (c->o.on_output) {
		c->o.on_output(c->data, stream, bytes, len);
		return;
	}
	if (len > room)
		c->is_cut = true;
	if (room)
		buf_add(kept, bytes, len < room ? len : room);
}

static void on_master_lives(void *data)
{
	struct command *c = data;

	end(c, -1, &c->why);
}

/*
 * Its ssh has failed. Mostly because the master is about to end: then that comes first, so that who
 * hears of this can start anew.
 */
static void lost(struct command *c)
{
	failure(c, &c->why);
	loop_timer_cancel(c->timer);
	c->timer = loop_timer(c->host->w->ssh->loop, c->host->state == MASTER_UP ? MOURN_MS : 0, 0,
		on_master_lives, c);
}

static void on_done(void *data, const struct proc_result *result, const struct err *why)
{
	struct command *c = data;
	struct err err = {0};
	int status = result->exit_status;

	c->proc = NULL;
	c->has_run = true;
	take(c, 2, c->held.data, c->held.len);
	if (why) {
		err = *why;
		err_prefix(&err, _("host %s"), c->host->w->name);
	} else if (status < 0 || (status == 255 && !c->is_255)) {
		lost(c);
		return;
	}
	end(c, status, err.code ? &err : NULL);
}

/* ---- its output ---- */

/* stdout until the mark. */
static void find_mark(struct command *c, const char *bytes, size_t len)
{
	size_t rest_len;
	const char *rest = ssh_mark_read(&c->mark, bytes, len, &rest_len);

	if (!rest)
		return;
	if (!c->done || c->verdict.code)
		start_killer(c);
	take(c, 1, rest, rest_len);
}

/* The last line of stderr may be the mark of a 255: what may be its beginning is held back. */
static void stderr_came(struct command *c, const char *bytes, size_t len)
{
	char *want = xasprintf("%s 255\n", c->mark.word), *at;
	size_t want_len = strlen(want), keep;

	buf_add(&c->held, bytes, len);
	at = c->held.len ? memmem(c->held.data, c->held.len, want, want_len) : NULL;
	if (at) {
		c->is_255 = true;
		take(c, 2, c->held.data, (size_t)(at - c->held.data));
		buf_reset(&c->held);
		free(want);
		return;
	}
	keep = c->held.len < want_len ? c->held.len : want_len - 1;
	while (keep && memcmp(c->held.data + c->held.len - keep, want, keep) != 0)
		keep--;
	take(c, 2, c->held.data, c->held.len - keep);
	memmove(c->held.data, c->held.data + c->held.len - keep, keep + 1);
	c->held.len = keep;
	free(want);
}

static void on_output(void *data, int stream, const char *bytes, size_t len)
{
	struct command *c = data;

	if (stream == 2)
		stderr_came(c, bytes, len);
	else if (c->mark.pgid || c->is_killer)
		take(c, 1, bytes, len);
	else
		find_mark(c, bytes, len);
}

/* ---- its start ---- */

static struct command *command_new(struct openssh *host, const struct command_options *o)
{
	struct command *c = xcalloc(1, sizeof(*c)), **at = &host->commands;
	size_t cap = o->cap_bytes ? o->cap_bytes : CAP_BYTES;

	c->host = host;
	c->number = ++host->last_number;
	c->o = *o;
	c->o.line = xstrdup(o->line);
	c->o.input = NULL;
	if (o->input && o->input_len) {
		c->o.input = xmalloc(o->input_len);
		memcpy((void *)c->o.input, o->input, o->input_len);
	}
	ssh_mark_init(&c->mark);
	buf_init(&c->held, 0);
	buf_init(&c->out, cap);
	buf_init(&c->err, cap);
	while (*at)
		at = &(*at)->next;
	*at = c;
	loop_hold(host->w->ssh->loop);
	return c;
}

static char *far_line(const struct command *c)
{
	struct buf line;

	buf_init(&line, 0);
	if (c->is_killer || c->o.output_fd) {
		buf_adds(&line, c->o.line);
		return buf_detach(&line);
	}
	buf_adds(&line, "exec sh -c ");
	sh_quote(&line, RUN);
	buf_addf(&line, " sh %s ", c->mark.word);
	sh_quote(&line, c->o.line);
	buf_addc(&line, ' ');
	sh_quote(&line, LEAD);
	return buf_detach(&line);
}

static void run(struct command *c)
{
	const char *words[24];
	size_t count = openssh_words(c->host, words);
	struct loop *loop = c->host->w->ssh->loop;
	char *line = far_line(c);

	words[count++] = "--";
	words[count++] = "weir"; /* a name is wanted; the master knows better */
	words[count++] = line;
	words[count] = NULL;
	c->proc = proc_start(loop,
		&(struct proc_options){
			.argv = words,
			.input = c->o.input,
			.input_len = c->o.input_len,
			.input_fd = c->o.input_fd,
			.output_fd = c->o.output_fd,
			.on_output = on_output,
		},
		on_done, c);
	if (c->o.timeout_ms > 0)
		c->timer = loop_timer(loop, c->o.timeout_ms, 0, on_timeout, c);
	mem_wipe(line, strlen(line));
	free(line);
}

void commands_serve(struct openssh *host)
{
	int running = 0;

	if (host->state != MASTER_UP)
		return;
	for (struct command *c = host->commands; c; c = c->next)
		running += c->proc && !c->is_killer;
	for (struct command *c = host->commands, *next; c; c = next) {
		next = c->next;
		if (!c->proc && !c->has_run && (c->is_killer || running++ < COMMANDS_MAX))
			run(c);
	}
}

struct command *command_start(
	struct openssh *host, const struct command_options *options, ssh_done_fn done, void *data)
{
	struct command *c = command_new(host, options);

	c->done = done;
	c->data = data;
	openssh_wanted(host);
	return c;
}

/* ---- cancel ---- */

static char *kill_line(int tenths)
{
	struct buf line;

	buf_init(&line, 0);
	buf_adds(&line, "exec sh -c ");
	sh_quote(&line, KILL_ALL);
	buf_addf(&line, " sh %d", tenths);
	return buf_detach(&line);
}

static void start_killer(struct command *c)
{
	struct command *killer;
	char *line, *kill;

	if (c->is_killed || !c->mark.pgid)
		return; /* find_mark() will */
	c->is_killed = true;
	kill = kill_line(30);
	line = xasprintf("%s %d", kill, c->mark.pgid);
	killer = command_new(c->host, &(struct command_options){.line = line});
	killer->is_killer = true;
	free(kill);
	free(line);
	commands_serve(c->host);
}

void command_cancel(struct command *c)
{
	if (!c)
		return;
	c->done = NULL;
	c->o.on_output = NULL;
	if (!c->proc || c->o.output_fd || c->o.input_fd)
		command_free(c);
	else
		start_killer(c); /* it ends by itself then */
}

static struct command *first_waiting(const struct openssh *host, uint64_t upto)
{
	struct command *c = host->commands;

	while (c && (c->proc || c->number > upto))
		c = c->next;
	return c;
}

/* Those that run end with their ssh; who hears of an end may start new ones, or cancel others. */
void commands_fail(struct openssh *host, const struct err *err)
{
	uint64_t upto = host->last_number;
	struct err why = *err;

	for (struct command *c; (c = first_waiting(host, upto));)
		end(c, -1, c->has_run ? &c->why : &why);
}

/* Nobody waits any more, and the loop does not turn again: one command kills all groups. */
void commands_end(struct openssh *host)
{
	const char *words[24];
	size_t count = openssh_words(host, words);
	char *kill = kill_line(15);
	struct buf line;
	bool any = false;

	buf_init(&line, 0);
	buf_adds(&line, kill);
	free(kill);
	for (struct command *c = host->commands; c; c = c->next)
		if (c->proc && c->mark.pgid) {
			buf_addf(&line, " %d", c->mark.pgid);
			any = true;
		}
	words[count++] = "--";
	words[count++] = "weir";
	words[count++] = buf_str(&line);
	words[count] = NULL;
	if (any && host->state == MASTER_UP)
		proc_run_now(words, CLOSE_MS);
	buf_release(&line);
	while (host->commands)
		command_free(host->commands);
}

/* ---- the operation ---- */

static void on_exec_output(void *data, int stream, const char *bytes, size_t len)
{
	struct ssh_op *op = data;

	op->on_output(op->data, stream, bytes, len);
}

static void on_exec_done(void *data, const struct ssh_result *result, const struct err *err)
{
	struct ssh_op *op = data;
	struct ssh_result copy = *result;

	op->task = NULL;
	op_end(op, &copy, err);
}

static void openssh_exec(struct ssh_op *op, const struct ssh_exec_options *options)
{
	op->task = command_start(op->worker->openssh,
		&(struct command_options){
			.line = options->command,
			.input = options->input,
			.input_len = options->input_len,
			.cap_bytes = options->cap_bytes,
			.timeout_ms = options->timeout_ms,
			.on_output = options->on_output ? on_exec_output : NULL,
		},
		on_exec_done, op);
}

static void openssh_connect(struct ssh_op *op)
{
	openssh_exec(op, &(struct ssh_exec_options){.command = ":"});
}

static void openssh_cancel(struct ssh_op *op)
{
	if (op->is_copy)
		openssh_copy_cancel(op->task);
	else
		command_cancel(op->task);
}

const struct ssh_way way_openssh = {.connect = openssh_connect,
	.exec = openssh_exec,
	.copy = openssh_copy,
	.cancel = openssh_cancel};
