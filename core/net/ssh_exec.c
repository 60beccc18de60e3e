/*
 * A command on a channel of its own. What is sent is a small script that prints a mark with its
 * process group, then becomes the command: the group is known before the command runs, and what a
 * login script printed before the mark is dropped. OpenSSH's sshd gives each command a session of
 * its own, so the group is ours already and a signal that ends the command is told as one; where a
 * server does not, setsid makes it.
 *
 * Closing a channel kills nothing over there, so cancel starts a killer: another channel that ends
 * the group.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/net/ssh_thread.h"

#define READ_BYTES ((size_t)32 << 10)
#define READS_MAX 16 /* in one step: others wait */
#define HELD_BYTES ((size_t)4 << 20)

/* $1: the mark; $2: the command. */
#define RUN_SCRIPT                                                                                 \
	"g=; read -r a b c d g e 2>/dev/null </proc/$$/stat; "                                     \
	"if [ \"$g\" = $$ ]; then echo \"$1 $$\"; exec sh -c \"$2\"; fi; "                         \
	"exec setsid -w sh -c 'echo \"$1 $$\"; exec sh -c \"$2\"' sh \"$1\" \"$2\""
/* $1: the group. */
#define KILL_SCRIPT                                                                                \
	"kill -s TERM -- \"-$1\" 2>/dev/null || exit 0; i=0; while [ $i -lt 30 ]; do "             \
	"kill -s 0 -- \"-$1\" 2>/dev/null || exit 0; sleep 0.1; i=$((i + 1)); done; "              \
	"kill -s KILL -- \"-$1\""

bool exec_held(struct ssh_worker *w)
{
	return mailbox_bytes(w->out) > HELD_BYTES;
}

/* The line for the login shell, whatever shell that is. */
static char *command_line(struct chan *chan)
{
	struct buf line;

	buf_init(&line, 0);
	buf_adds(&line, "exec sh -c ");
	if (chan->kills) {
		sh_quote(&line, KILL_SCRIPT);
		buf_addf(&line, " sh %d", chan->kills);
	} else {
		sh_quote(&line, RUN_SCRIPT);
		buf_addf(&line, " sh %s ", chan->mark.word);
		sh_quote(&line, chan->command);
	}
	return buf_detach(&line);
}

static void fail(struct ssh_worker *w, struct chan *chan, enum err_code code, const char *what)
{
	struct err err = {0};

	link_err(w, &err, code, what);
	err_prefix(&err, _("host %s"), w->name);
	chan_end(w, chan, &err);
}

static bool open_step(struct ssh_worker *w, struct chan *chan)
{
	if (chan->state == CHAN_WAITING) {
		w->opening = chan;
		chan->state = CHAN_OPENING;
	}
	chan->channel = libssh2_channel_open_session(w->session);
	if (!chan->channel) {
		if (libssh2_session_last_errno(w->session) == LIBSSH2_ERROR_EAGAIN)
			return false;
		w->opening = NULL;
		fail(w, chan, w->is_dead ? E_NET : E_DENIED, _("cannot open a channel"));
		return true;
	}
	w->opening = NULL;
	if (chan->is_unwanted && !chan->kills) {
		chan->state = CHAN_CLOSING;
		return true;
	}
	chan->state = CHAN_REQUESTING;
	if (chan->timeout_ms > 0)
		chan->mono_deadline_ms = clock_mono_ms() + chan->timeout_ms;
	return true;
}

static bool request_step(struct ssh_worker *w, struct chan *chan)
{
	char *line;
	int rc;

	if (!chan_may_request(w, chan))
		return false;
	line = command_line(chan);
	rc = libssh2_channel_exec(chan->channel, line);
	mem_wipe(line, strlen(line));
	free(line);
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return false;
	w->requesting = NULL;
	if (rc)
		fail(w, chan, w->is_dead ? E_UNKNOWN : E_DENIED, _("the command was refused"));
	else
		chan->state = CHAN_FLOWING;
	return true;
}

static void tell_output(
	struct ssh_worker *w, struct chan *chan, int stream, const char *bytes, size_t len)
{
	struct ssh_msg *msg;

	if (!len || chan->is_unwanted)
		return;
	if (chan->asker) {
		copy_heard(chan->asker, stream, bytes, len);
		return;
	}
	msg = msg_new(MSG_OUTPUT, w, chan->id);
	msg->number = stream;
	msg->text = xmalloc(len);
	memcpy(msg->text, bytes, len);
	msg->text_len = len;
	mailbox_put(w->out, msg);
}

static void start_killer(struct ssh_worker *w, struct chan *chan)
{
	struct chan *killer;

	if (chan->is_killed || !chan->mark.pgid)
		return;
	chan->is_killed = true;
	killer = chan_new(w, CHAN_EXEC, 0);
	killer->is_unwanted = true;
	killer->kills = chan->mark.pgid;
}

/* stdout until the mark. */
static void find_mark(struct ssh_worker *w, struct chan *chan, const char *bytes, size_t len)
{
	size_t rest_len;
	const char *rest = ssh_mark_read(&chan->mark, bytes, len, &rest_len);

	if (!rest)
		return;
	tell_output(w, chan, 1, rest, rest_len);
	if (chan->is_unwanted || chan->verdict.code)
		start_killer(w, chan);
}

static bool read_stream(struct ssh_worker *w, struct chan *chan, int stream)
{
	char bytes[READ_BYTES];
	bool moved = false;

	for (int i = 0; i < READS_MAX && !exec_held(w); i++) {
		ssize_t n = libssh2_channel_read_ex(chan->channel,
			stream == 2 ? SSH_EXTENDED_DATA_STDERR : 0, bytes, sizeof(bytes));
		if (n <= 0)
			break;
		moved = true;
		if (stream == 1 && !chan->mark.pgid && !chan->kills)
			find_mark(w, chan, bytes, (size_t)n);
		else
			tell_output(w, chan, stream, bytes, (size_t)n);
	}
	return moved;
}

static bool write_input(struct ssh_worker *w, struct chan *chan)
{
	ssize_t n;

	if (chan->input_ended || chan->is_held || worker_congested(w))
		return false;
	if (chan->input_sent == chan->input_len) {
		if (libssh2_channel_send_eof(chan->channel) == LIBSSH2_ERROR_EAGAIN)
			return false;
		chan->input_ended = true;
		return true;
	}
	n = libssh2_channel_write(
		chan->channel, chan->input + chan->input_sent, chan->input_len - chan->input_sent);
	if (n > 0)
		chan->input_sent += (size_t)n;
	else if (n < 0 && n != LIBSSH2_ERROR_EAGAIN)
		chan->input_ended =
			true; /* nobody reads it any more; how it ends is told by the end */
	return n > 0;
}

static void ended(struct ssh_worker *w, struct chan *chan)
{
	char *signal = NULL;
	struct ssh_msg *msg;

	libssh2_channel_get_exit_signal(chan->channel, &signal, NULL, NULL, NULL, NULL, NULL);
	if (chan->asker) {
		copy_told(
			chan->asker, signal ? -1 : libssh2_channel_get_exit_status(chan->channel));
		chan->asker = NULL;
		chan->is_unwanted = true;
	}
	if (!chan->is_unwanted) {
		msg = msg_new(MSG_DONE, w, chan->id);
		msg->number = signal ? -1 : libssh2_channel_get_exit_status(chan->channel);
		if (signal) {
			msg->text = xstrdup(signal);
			msg->text_len = strlen(signal);
		}
		msg->err = chan->verdict;
		mailbox_put(w->out, msg);
		chan->is_unwanted = true;
	}
	if (signal)
		libssh2_free(w->session, signal);
	libssh2_channel_free(chan->channel);
	chan->channel = NULL;
	chan->state = CHAN_DEAD;
}

bool exec_step(struct ssh_worker *w, struct chan *chan)
{
	bool moved = false;

	if (chan->state <= CHAN_OPENING)
		return open_step(w, chan);
	if (chan->state == CHAN_REQUESTING)
		return request_step(w, chan);
	moved |= write_input(w, chan);
	moved |= read_stream(w, chan, 1);
	moved |= read_stream(w, chan, 2);
	if (moved || w->is_dead || exec_held(w) || !libssh2_channel_eof(chan->channel))
		return moved;
	/*
	 * The status comes before the far side's close: without it, the end is not known. Closing does not wait for
	 * it: it goes on after one packet, whoever that was for.
	 */
	if (libssh2_channel_close(chan->channel) == LIBSSH2_ERROR_EAGAIN ||
		libssh2_channel_wait_closed(chan->channel) == LIBSSH2_ERROR_EAGAIN)
		return false;
	if (!w->is_dead)
		ended(w, chan);
	return true;
}

void exec_cancel(struct ssh_worker *w, struct chan *chan)
{
	if (!chan->verdict.code)
		chan->is_unwanted = true;
	if (chan->state == CHAN_WAITING)
		chan_end(w, chan, NULL);
	else
		start_killer(
			w, chan); /* else find_mark() or open_step() sees that it is unwanted */
}
