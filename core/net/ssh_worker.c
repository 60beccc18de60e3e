/*
 * A thread's life:
 *
 *	mail  →  work waits and there is no connection?  connect (mail is read meanwhile)
 *	 ↑       each channel goes a step, until none moves
 *	 └────   poll: mail, the connection, the bridged descriptors, deadlines
 *
 * libssh2 sends into a buffer of ours that never refuses (ssh_link.c), because a packet that it
 * could send only half would have to be finished before any other channel may send: so what it
 * calls EAGAIN only ever means "nothing came yet", and channels need not know of one another. When
 * the buffer is full enough, nothing more is taken in.
 *
 * libssh2 opens one channel at a time per connection, so openings wait in line. One to a silent
 * address holds up the others until sshd gives up: a limit of libssh2.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/net/ssh_thread.h"

#define REFUSED_MS (5 * 60 * 1000)
#define ANSWER_MS (5 * 60 * 1000)
#define QUIT_MS 2000
#define KILLED_MS 5000

/* ---- mail ---- */

static struct chan *chan_find(struct ssh_worker *w, uint64_t id)
{
	for (struct chan *chan = w->chans; chan; chan = chan->next)
		if (chan->kind != CHAN_BRIDGE && chan->id == id && !chan->is_unwanted &&
			!chan->asker)
			return chan;
	return NULL;
}

static void take_exec(struct ssh_worker *w, struct ssh_msg *msg)
{
	struct chan *chan = chan_new(w, CHAN_EXEC, msg->id);

	chan->command = msg->text;
	chan->input = msg->input;
	chan->input_len = msg->input_len;
	chan->timeout_ms = msg->timeout_ms;
	msg->text = msg->input = NULL;
}

static void take_copy(struct ssh_worker *w, struct ssh_msg *msg)
{
	struct chan *chan = chan_new(w, CHAN_COPY, msg->id);

	chan->copy = msg->copy;
	msg->copy = NULL;
}

/* Closing a channel kills no command, so that has a way of its own; a file just ends. */
static void cancel(struct ssh_worker *w, struct chan *chan)
{
	if (chan->kind != CHAN_COPY) {
		exec_cancel(w, chan);
		return;
	}
	chan->is_unwanted = true;
	if (chan->state != CHAN_OPENING) /* which libssh2 has to finish */
		chan_end(w, chan, NULL);
}

static void take_hop(struct ssh_worker *w, struct ssh_msg *msg)
{
	struct chan *chan = chan_new(w, CHAN_BRIDGE, msg->id);

	chan->fd = msg->fd;
	chan->address = msg->text;
	chan->port = msg->number;
	chan->reply_to = msg->reply_to;
	msg->fd = -1;
	msg->text = NULL;
}

static void take_answer(struct ssh_worker *w, struct ssh_msg *msg)
{
	if (msg->id != w->prompt_id || w->answered)
		return;
	w->answered = true;
	w->answer = msg->text;
	msg->text = NULL;
}

static void mail_read(struct ssh_worker *w)
{
	struct ssh_msg *msg = mailbox_take(&w->in), *next;

	for (; msg; msg = next) {
		struct chan *chan;

		next = msg->next;
		switch (msg->kind) {
		case MSG_EXEC: take_exec(w, msg); break;
		case MSG_COPY: take_copy(w, msg); break;
		case MSG_CONNECT: chan_new(w, CHAN_CONNECT, msg->id); break;
		case MSG_HOP: take_hop(w, msg); break;
		case MSG_ANSWER: take_answer(w, msg); break;
		case MSG_RETRY: w->refusal.code = E_OK; break;
		case MSG_CANCEL:
			chan = chan_find(w, msg->id);
			if (chan)
				cancel(w, chan);
			break;
		case MSG_HOPPED:
			if (msg->id == w->hop_id) {
				w->hopped = true;
				w->hop_err = msg->err;
			}
			break;
		case MSG_RESOLVED:
			w->has_resolved = true;
			w->resolved = msg->text;
			w->resolve_err = msg->err;
			msg->text = NULL;
			break;
		case MSG_LISTEN:
			w->listener = msg->fd;
			msg->fd = -1;
			break;
		case MSG_QUIT: w->quit = true; break;
		default: break;
		}
		msg_free(msg);
	}
}

int worker_wait(struct ssh_worker *w, short events, int64_t mono_deadline_ms, struct err *err)
{
	struct pollfd fds[2] = {{.fd = w->in.wake[0], .events = POLLIN}, {.fd = w->fd}};
	int64_t left = mono_deadline_ms + w->paused_ms - clock_mono_ms();

	link_flush(w);
	fds[1].events = (short)(events | (w->outgoing.len > w->outgoing_sent ? POLLOUT : 0));
	if (w->quit)
		return err_set(err, E_CANCELED, _("closed"));
	if (left <= 0)
		return err_set(err, E_TIMEOUT, _("no answer within %lld ms"),
			(long long)w->connect_timeout_ms);
	if (poll(fds, w->fd >= 0 ? 2 : 1, (int)left) < 0 && errno != EINTR)
		return err_errno(err, E_INTERNAL, "poll");
	if (fds[0].revents)
		mail_read(w);
	return 0;
}

char *worker_ask(struct ssh_worker *w, enum ssh_prompt_kind kind, const char *text, bool is_echoed)
{
	int64_t start = clock_mono_ms(), until = start + ANSWER_MS;
	struct ssh_msg *msg;
	char *answer;

	if (!w->can_ask) {
		w->prompt_failed = true;
		return NULL;
	}
	w->prompt_id = (uint64_t)w->index << 32 | ((w->prompt_id + 1) & UINT32_MAX);
	w->answered = false;
	w->answer = NULL;
	msg = msg_new(MSG_PROMPT, w, w->prompt_id);
	msg->number = (int)kind;
	msg->text = xstrdup(text);
	msg->text_len = strlen(text);
	msg->flag = is_echoed;
	mailbox_put(w->out, msg);
	while (!w->answered && !w->quit && clock_mono_ms() < until) {
		/* The connection is watched for its end only: nothing is read inside of a callback.
		 */
		struct pollfd fds[2] = {{.fd = w->in.wake[0], .events = POLLIN},
			{.fd = w->fd, .events = POLLRDHUP}};

		link_flush(w);
		poll(fds, w->fd >= 0 ? 2 : 1, 1000);
		if (fds[0].revents)
			mail_read(w);
		if (fds[1].revents & (POLLRDHUP | POLLHUP | POLLERR))
			break;
	}
	if (!w->answered)
		mailbox_put(w->out, msg_new(MSG_PROMPT_GONE, w, w->prompt_id));
	answer = w->answer;
	w->answer = NULL;
	w->answered = true;
	w->paused_ms += clock_mono_ms() - start;
	if (!answer)
		w->prompt_failed = true;
	return answer;
}

/* ---- the connection ---- */

static void all_end(struct ssh_worker *w, const struct err *err)
{
	for (struct chan *chan = w->chans; chan; chan = chan->next) {
		struct err lost = *err;

		if (chan->state == CHAN_GREETING)
			continue;
		if (chan->state >= CHAN_CLOSING) {
			chan->state = CHAN_DEAD;
			continue;
		}
		if (chan->kind == CHAN_EXEC && chan->state >= CHAN_REQUESTING)
			lost.code = E_UNKNOWN; /* it may run on */
		chan_end(w, chan, &lost);
	}
}

static void go_down(struct ssh_worker *w, const struct err *err)
{
	bool was_up = w->is_linked;

	/* First, so that who hears of an end does not believe in the connection. */
	if (was_up)
		mailbox_put(w->out, msg_new(MSG_DOWN, w, 0));
	w->is_dead = true;
	all_end(w, err);
	link_close(w);
	chans_reap(w);
}

static void go_up(struct ssh_worker *w)
{
	struct err err = {0};

	if (w->refusal.code && clock_mono_ms() < w->mono_refused_until_ms) {
		all_end(w, &w->refusal);
		chans_reap(w);
		return;
	}
	w->refusal.code = E_OK;
	w->met = (struct ssh_met){0};
	int rc = link_open(w, &err);
	met_tell(w);
	if (rc) {
		err_prefix(&err, _("host %s"), w->name);
		if (err.code == E_AUTH) {
			w->refusal = err;
			w->mono_refused_until_ms = clock_mono_ms() + REFUSED_MS;
		}
		go_down(w, &err);
		return;
	}
	w->mono_used_ms = clock_mono_ms();
	mailbox_put(w->out, msg_new(MSG_UP, w, 0));
}

static bool work_waits(const struct ssh_worker *w)
{
	for (const struct chan *chan = w->chans; chan; chan = chan->next)
		if (chan->state == CHAN_WAITING)
			return true;
	return false;
}

/* ---- one turn ---- */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Is there a channel that takes what comes? Without one, reading would be in vain. */
static bool is_reading(struct ssh_worker *w)
{
	for (const struct chan *chan = w->chans; chan; chan = chan->next) {
		if (!chan->channel && chan->state != CHAN_OPENING)
			continue;
		if (chan->state != CHAN_FLOWING)
			return true;
		if (chan->kind == CHAN_COPY)
			return true;
		if (chan->kind == CHAN_BRIDGE ? !chan->to_fd.len : !exec_held(w))
			return true;
	}
	return false;
}

/* When something is to be done though nothing comes. */
static int64_t next_ms(struct ssh_worker *w)
{
	int64_t next = INT64_MAX;

	if (w->is_linked) {
		next = w->mono_keepalive_ms;
		if (!w->chans)
			next = earlier(next, w->mono_used_ms + w->idle_ms);
	}
	for (struct chan *chan = w->chans; chan; chan = chan->next)
		if (chan->mono_deadline_ms)
			next = earlier(next, chan->mono_deadline_ms);
	if (w->quit)
		next = earlier(next, w->mono_quit_ms);
	return next;
}

/* True when one has passed: what follows from it is not to wait for the next event. */
static bool deadlines(struct ssh_worker *w)
{
	bool passed = false;
	int64_t now = clock_mono_ms();
	struct err err = {0};

	for (struct chan *chan = w->chans; chan; chan = chan->next) {
		if (!chan->mono_deadline_ms || now < chan->mono_deadline_ms ||
			chan->state >= CHAN_CLOSING)
			continue;
		passed = true;
		if (chan->kind == CHAN_COPY) {
			err_set(&err, E_TIMEOUT,
				_("host %s: nothing of the file moved for %lld ms"), w->name,
				(long long)chan->timeout_ms);
			chan_end(w, chan, &err);
			continue;
		}
		if (chan->verdict.code) { /* killed, and somebody outside the group holds its output
					   */
			chan_end(w, chan, NULL);
			continue;
		}
		chan->mono_deadline_ms = now + KILLED_MS;
		err_set(&chan->verdict, E_TIMEOUT,
			_("host %s: the command did not end within %lld ms and was killed"),
			w->name, (long long)chan->timeout_ms);
		exec_cancel(w, chan);
	}
	if (w->is_linked && now >= w->mono_keepalive_ms) {
		link_keepalive(w);
		/* Without a channel nobody reads, and the kernel's time-out is the judge. */
		if (is_reading(w) && now - w->mono_received_ms > 3 * w->keepalive_ms) {
			err_set(&err, E_NET, _("host %s: the link is silent"), w->name);
			go_down(w, &err);
			return true;
		}
	}
	if (w->is_linked && !w->chans && now - w->mono_used_ms >= w->idle_ms) {
		err_set(&err, E_NET, _("host %s: closed after idle time"), w->name);
		go_down(w, &err);
	}
	return passed;
}

static short chan_events(const struct ssh_worker *w, const struct chan *chan)
{
	short events = 0;

	if (chan->state == CHAN_GREETING)
		return POLLIN;
	if (chan->state != CHAN_FLOWING)
		return 0;
	if (!chan->to_far.len && !chan->fd_ended && !worker_congested(w))
		events |= POLLIN;
	if (chan->to_fd.len > chan->to_fd_sent)
		events |= POLLOUT;
	return events;
}

static void turn_poll(struct ssh_worker *w, bool moved)
{
	size_t count = 3, used = 3;
	struct pollfd *fds;
	int64_t wait = moved ? 0 : next_ms(w) - clock_mono_ms();

	for (struct chan *chan = w->chans; chan; chan = chan->next)
		count += chan->fd >= 0;
	fds = xcalloc(count, sizeof(*fds));
	fds[0] = (struct pollfd){.fd = w->in.wake[0], .events = POLLIN};
	fds[1] = (struct pollfd){.fd = w->listener, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = w->is_linked ? w->fd : -1, .events = POLLRDHUP};
	if (is_reading(w))
		fds[2].events = POLLIN;
	if (w->outgoing.len > w->outgoing_sent)
		fds[2].events |= POLLOUT;
	for (struct chan *chan = w->chans; chan; chan = chan->next) {
		if (chan->fd < 0)
			continue;
		fds[used] = (struct pollfd){.fd = chan->fd, .events = chan_events(w, chan)};
		/* A hang-up is always told: one that cannot be served now would spin. */
		if (!fds[used].events)
			fds[used].fd = -1;
		used++;
	}
	if (wait < 0)
		wait = 0;
	poll(fds, (nfds_t)used, wait > 60000 ? 60000 : (int)wait);
	if (fds[0].revents)
		mail_read(w);
	if (fds[1].revents)
		bridge_accept(w);
	if (w->is_linked && fds[2].revents & (POLLRDHUP | POLLHUP | POLLERR) && !is_reading(w)) {
		struct err err = {0};
		err_set(&err, E_NET, _("host %s: the link was closed"), w->name);
		go_down(w, &err);
	}
	free(fds);
}

/* What runs over there is killed; there are two seconds for it. */
static bool may_quit(struct ssh_worker *w)
{
	if (!w->mono_quit_ms) {
		w->mono_quit_ms = clock_mono_ms() + QUIT_MS;
		for (struct chan *chan = w->chans; chan; chan = chan->next)
			if (chan->kind == CHAN_EXEC && !chan->kills)
				exec_cancel(w, chan);
	}
	if (!w->is_linked || clock_mono_ms() >= w->mono_quit_ms)
		return true;
	for (struct chan *chan = w->chans; chan; chan = chan->next)
		if (chan->kind == CHAN_EXEC)
			return false;
	return true;
}

static void worker_turn(struct ssh_worker *w)
{
	bool moved = false;

	if (!w->is_linked && work_waits(w) && !w->quit)
		go_up(w);
	/* A client may greet before there is a connection: its wish is what makes one. */
	if (!w->is_linked)
		for (struct chan *chan = w->chans; chan; chan = chan->next)
			if (chan->state == CHAN_GREETING)
				moved |= bridge_step(w, chan);
	if (w->is_linked) {
		bool was_congested;

		/* What one channel has read may be another's, whose step is over: it lies in
		 * libssh2 then, and no event would tell. */
		w->has_received = false;
		moved |= chans_step(w) | w->has_received;
		was_congested = worker_congested(w);
		link_flush(w);
		moved |= was_congested && !worker_congested(w);
	}
	if (w->is_dead) {
		struct err err = {0};
		err_set(&err, E_NET, _("host %s: the link broke"), w->name);
		go_down(w, &err);
		moved = true;
	}
	chans_reap(w);
	moved |= deadlines(w);
	if (!w->is_linked && work_waits(w) && !w->quit)
		moved = true;
	turn_poll(w, moved);
}

static void secret_free(char *secret)
{
	if (secret)
		mem_wipe(secret, strlen(secret));
	free(secret);
}

void *worker_main(void *data)
{
	struct ssh_worker *w = data;
	struct err err = {0};

	do
		worker_turn(w);
	while (!w->quit || !may_quit(w));
	err_set(&err, E_CANCELED, _("host %s: closed"), w->name);
	go_down(w, &err);
	if (w->listener >= 0)
		close(w->listener);
	free(w->resolved);
	secret_free(w->password);
	secret_free(w->passphrase);
	return NULL;
}
