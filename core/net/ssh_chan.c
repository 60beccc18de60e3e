/*
 * The channels of a connection: their beginning and end, and whose turn it is. Each goes a step,
 * none waits for another but to be opened.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/net/ssh_thread.h"

/* sshd allows ten sessions: one is kept to kill with, one for the checksum of a copy. */
#define SESSIONS_MAX 8
#define COPIES_MAX 4 /* so that commands never wait for files only */
#define CONGESTED_BYTES ((size_t)256 << 10)

struct chan *chan_new(struct ssh_worker *w, enum chan_kind kind, uint64_t id)
{
	struct chan *chan = xcalloc(1, sizeof(*chan)), **at = &w->chans;

	chan->kind = kind;
	chan->state = CHAN_WAITING;
	chan->id = id;
	chan->fd = -1;
	chan->mono_used_ms = clock_mono_ms();
	ssh_mark_init(&chan->mark);
	buf_init(&chan->to_fd, 0);
	buf_init(&chan->to_far, 0);
	while (*at)
		at = &(*at)->next;
	*at = chan;
	w->mono_used_ms = clock_mono_ms();
	return chan;
}

static void chan_free(struct chan *chan)
{
	if (chan->fd >= 0)
		close(chan->fd);
	if (chan->input)
		mem_wipe(chan->input, chan->input_len);
	if (chan->command)
		mem_wipe(chan->command, strlen(chan->command));
	free(chan->input);
	free(chan->command);
	free(chan->address);
	copy_free(chan->copy);
	ssh_mark_release(&chan->mark);
	buf_release(&chan->to_fd);
	buf_release(&chan->to_far);
	free(chan);
}

/* Without a command that has ended: err says why. NULL: a connection that is there. */
void chan_end(struct ssh_worker *w, struct chan *chan, const struct err *err)
{
	struct ssh_msg *msg;

	if (chan->kind == CHAN_BRIDGE && err)
		bridge_refuse(chan, err);
	if (chan->kind == CHAN_BRIDGE && chan->reply_to && err && chan->state <= CHAN_OPENING) {
		msg = msg_new(MSG_HOPPED, w, chan->id);
		msg->err = *err;
		mailbox_put(&chan->reply_to->in, msg);
	}
	if (chan->kind == CHAN_COPY)
		copy_left(w, chan);
	if (chan->asker) {
		copy_told(chan->asker, -1);
		chan->asker = NULL;
		chan->is_unwanted = true;
	}
	if (chan->kind != CHAN_BRIDGE && !chan->is_unwanted) {
		msg = msg_new(MSG_DONE, w, chan->id);
		msg->number = -1;
		if (chan->verdict.code)
			msg->err = chan->verdict;
		else if (err)
			msg->err = *err;
		mailbox_put(w->out, msg);
	}
	chan->is_unwanted = true;
	if (chan->fd >= 0)
		close(chan->fd); /* so that who is behind it knows now */
	chan->fd = -1;
	if (w->opening == chan)
		w->opening = NULL;
	if (w->requesting == chan)
		w->requesting = NULL;
	/* Its libssh2 part is freed with the connection, or closed in peace. */
	if (chan->channel && w->is_linked && !w->is_dead)
		chan->state = CHAN_CLOSING;
	else
		chan->state = CHAN_DEAD;
}

void chans_reap(struct ssh_worker *w)
{
	for (struct chan **at = &w->chans; *at;) {
		struct chan *chan = *at;
		if (chan->state != CHAN_DEAD) {
			at = &chan->next;
			continue;
		}
		*at = chan->next;
		chan_free(chan);
	}
}

bool worker_congested(const struct ssh_worker *w)
{
	return w->outgoing.len - w->outgoing_sent > CONGESTED_BYTES;
}

static bool chan_step(struct ssh_worker *w, struct chan *chan)
{
	if (chan->state == CHAN_CLOSING) {
		if (libssh2_channel_close(chan->channel) == LIBSSH2_ERROR_EAGAIN)
			return false;
		libssh2_channel_free(chan->channel);
		chan->channel = NULL;
		chan->state = CHAN_DEAD;
		return true;
	}
	if (chan->state == CHAN_DEAD)
		return false;
	if (chan->kind == CHAN_CONNECT) {
		chan_end(w, chan, NULL);
		return true;
	}
	if (chan->kind == CHAN_COPY)
		return copy_step(w, chan);
	return chan->kind == CHAN_EXEC ? exec_step(w, chan) : bridge_step(w, chan);
}

bool chan_may_request(struct ssh_worker *w, struct chan *chan)
{
	if (w->requesting && w->requesting != chan)
		return false;
	w->requesting = chan;
	return true;
}

/* May it open now? One at a time, and not more than sshd has sessions. */
static bool may_open(const struct ssh_worker *w, const struct chan *chan)
{
	int sessions = 0, copies = 0, helpers = 0, early = 0;

	if (w->opening && w->opening != chan)
		return false;
	if (chan->kind == CHAN_BRIDGE || chan->kills)
		return true;
	for (const struct chan *c = w->chans; c; c = c->next) {
		if (c->kind == CHAN_BRIDGE || c->kills || c->state <= CHAN_OPENING)
			continue;
		sessions++;
		copies += c->kind == CHAN_COPY;
		helpers += c->asker && !c->is_early;
		early += c->asker && c->is_early;
	}
	if (chan->asker && chan->is_early)
		return !early && sessions < SESSIONS_MAX / 2;
	if (chan->asker)
		return !helpers;
	return sessions < SESSIONS_MAX && (chan->kind != CHAN_COPY || copies < COPIES_MAX);
}

static void to_end(struct ssh_worker *w, struct chan *chan)
{
	struct chan **at = &w->chans;

	while (*at != chan)
		at = &(*at)->next;
	*at = chan->next;
	while (*at)
		at = &(*at)->next;
	*at = chan;
	chan->next = NULL;
}

/* Who has filled the line is the last to have it again: a large copy leaves room for all others. */
bool chans_step(struct ssh_worker *w)
{
	struct chan *filler = NULL;
	bool moved = false;

	for (struct chan *chan = w->chans; chan && !w->is_dead; chan = chan->next) {
		bool was_congested = worker_congested(w);

		if (chan->state <= CHAN_OPENING && chan->kind != CHAN_CONNECT &&
			chan->state != CHAN_GREETING && !may_open(w, chan))
			continue;
		if (chan_step(w, chan)) {
			moved = true;
			w->mono_used_ms = clock_mono_ms();
		}
		if (!was_congested && worker_congested(w))
			filler = chan;
	}
	if (filler)
		to_end(w, filler);
	chans_reap(w);
	return moved;
}
