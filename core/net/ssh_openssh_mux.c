/*
 * SOCKS clients and hops through a master, by its own protocol (OpenSSH's PROTOCOL.mux): a
 * connection to its control socket, a greeting, "forward these descriptors to host:port", and the
 * descriptors themselves. The master then carries the bytes; this process sees none of them, so
 * nothing here can be slow, and which forward was used last is not known: over the limit the oldest
 * goes. The connection to the control socket is the forward's life: its end is the other's.
 *
 * The answer to a SOCKS client goes out after the descriptor went to the master. A far side that
 * speaks first could come before it; a JobManager does not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/ssh_openssh.h"
#include "core/net/tunnel.h"

#define MUX_VERSION 4
#define ANSWER_BYTES 4096
#define ANSWER_MS 60000 /* TCP over there gives up sooner or later; we do not wait longer */

enum mux_type {
	MUX_HELLO = 0x1,
	MUX_NEW_STDIO_FWD = 0x10000008,
	MUX_PERMISSION_DENIED = (int)0x80000002,
	MUX_FAILURE = (int)0x80000003,
	MUX_SESSION_OPENED = (int)0x80000006,
};

struct forward {
	struct forward *next;
	struct openssh *host;
	struct chan *chan;        /* NULL: the master has its descriptor */
	bool is_socks, is_second; /* a master ended before it had an answer */
	unsigned master;          /* which one was asked */
	struct loop_watch *client_watch, *mux_watch;
	struct loop_timer *timer;
	int mux; /* -1 = none */
	unsigned char answer[ANSWER_BYTES];
	size_t answer_len;
};

/* ---- its end ---- */

static void forward_free(struct forward *f)
{
	struct forward **at = &f->host->forwards;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	loop_unwatch(f->client_watch);
	loop_unwatch(f->mux_watch);
	loop_timer_cancel(f->timer);
	if (f->mux >= 0)
		close(f->mux);
	free(f);
}

/* err NULL: the client has gone. */
static void end(struct forward *f, const struct err *err)
{
	struct openssh *host = f->host;

	loop_unwatch(f->client_watch);
	f->client_watch = NULL;
	if (f->chan) {
		chan_end(host->w, f->chan, err);
		chans_reap(host->w);
	}
	forward_free(f);
	openssh_used(host);
}

static void fail(struct forward *f, enum err_code code, const char *said)
{
	struct err err = {0};
	const struct chan *chan = f->chan;

	if (code == E_REMOTE && strstr(said, "prohibited"))
		code = E_DENIED;
	if (code == E_REMOTE && !f->is_socks)
		code = E_NET; /* of a host that is not there, for whom the hop is for */
	err_set(&err, code, _("host %s cannot connect to %s port %d: %s"), f->host->w->name,
		chan->address, chan->port, said);
	end(f, &err);
}

/* ---- the master's protocol ---- */

static void add_u32(struct buf *out, uint32_t number)
{
	uint32_t wire = htonl(number);

	buf_add(out, &wire, sizeof(wire));
}

static void add_text(struct buf *out, const char *text)
{
	add_u32(out, (uint32_t)strlen(text));
	buf_adds(out, text);
}

static uint32_t u32_at(const unsigned char *at)
{
	uint32_t wire;

	memcpy(&wire, at, sizeof(wire));
	return ntohl(wire);
}

/* The greeting and the wish, as one write: a fresh Unix socket takes them. */
static bool say_wish(const struct forward *f)
{
	struct buf wish, all;
	bool is_said;

	buf_init(&wish, 0);
	buf_init(&all, 0);
	add_u32(&wish, MUX_NEW_STDIO_FWD);
	add_u32(&wish, 1);
	add_text(&wish, "");
	add_text(&wish, f->chan->address);
	add_u32(&wish, (uint32_t)f->chan->port);
	add_u32(&all, 8);
	add_u32(&all, MUX_HELLO);
	add_u32(&all, MUX_VERSION);
	add_u32(&all, (uint32_t)wish.len);
	buf_add(&all, wish.data, wish.len);
	is_said = send(f->mux, all.data, all.len, MSG_NOSIGNAL) == (ssize_t)all.len;
	buf_release(&wish);
	buf_release(&all);
	return is_said;
}

static bool give_descriptor(const struct forward *f)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec byte = {.iov_base = (char[]){0}, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &f->chan->fd, sizeof(int));
	return sendmsg(f->mux, &msg, MSG_NOSIGNAL) == 1;
}

static void opened(struct forward *f)
{
	struct ssh_worker *w = f->host->w;
	struct chan *chan = f->chan;

	if (f->is_socks)
		bridge_reply(chan, 0);
	if (chan->reply_to)
		mailbox_put(&chan->reply_to->in, msg_new(MSG_HOPPED, w, chan->id));
	chan->reply_to = NULL;
	f->chan = NULL;
	loop_timer_cancel(f->timer);
	f->timer = NULL;
	chan_end(w, chan, NULL); /* closes our copy of the descriptor */
	chans_reap(w);
}

/* One packet: type, request, and a reason where it is refused. False: f is gone. */
static bool packet(struct forward *f, const unsigned char *at, size_t len)
{
	char said[256] = "";
	uint32_t type = u32_at(at), reason_len;

	if (type == MUX_HELLO || !f->chan)
		return true;
	if (type == (uint32_t)MUX_SESSION_OPENED) {
		opened(f);
		return true;
	}
	if (len >= 12) {
		reason_len = u32_at(at + 8);
		if (reason_len <= len - 12)
			snprintf(said, sizeof(said), "%.*s", (int)reason_len, at + 12);
	}
	fail(f, type == (uint32_t)MUX_FAILURE ? E_REMOTE : E_PROTO, said);
	return false;
}

/*
 * The master has gone before it answered: nothing was said to the client yet, so another may be
 * asked, once.
 */
static void ask_another(struct forward *f)
{
	struct openssh *host = f->host;

	openssh_broke(host, f->master);
	if (f->is_second) {
		fail(f, E_NET, _("the link broke"));
		return;
	}
	loop_unwatch(f->mux_watch);
	f->mux_watch = NULL;
	loop_timer_cancel(f->timer);
	f->timer = NULL;
	close(f->mux);
	f->mux = -1;
	f->answer_len = 0;
	f->is_second = true;
	f->chan->state = CHAN_WAITING;
	openssh_wanted(host);
}

static void on_mux(void *data, int fd, unsigned mask)
{
	struct forward *f = data;
	ssize_t n = recv(
		fd, f->answer + f->answer_len, sizeof(f->answer) - f->answer_len, MSG_DONTWAIT);
	size_t len;

	(void)mask;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		if (f->chan)
			ask_another(f);
		else
			end(f, NULL);
		return;
	}
	f->answer_len += (size_t)n;
	while (f->answer_len >= 4 && (len = u32_at(f->answer)) + 4 <= f->answer_len) {
		if (len >= 4 && !packet(f, f->answer + 4, len))
			return;
		f->answer_len -= len + 4;
		memmove(f->answer, f->answer + len + 4, f->answer_len);
	}
	if (f->answer_len == sizeof(f->answer)) {
		if (f->chan)
			fail(f, E_PROTO, _("ssh's control socket talks nonsense"));
		else
			end(f, NULL);
	}
}

static void on_no_answer(void *data)
{
	fail(data, E_TIMEOUT, _("no answer"));
}

static void open_forward(struct forward *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct loop *loop = f->host->w->ssh->loop;

	loop_unwatch(f->client_watch);
	f->client_watch = NULL;
	f->chan->state = CHAN_OPENING;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->host->socket);
	f->master = f->host->master_number;
	f->mux = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (f->mux < 0 || connect(f->mux, (struct sockaddr *)&address, sizeof(address)) ||
		!say_wish(f) || !give_descriptor(f) || !give_descriptor(f)) {
		if (f->mux >= 0 && errno != EAGAIN)
			ask_another(f);
		else
			fail(f, E_NET, strerror(errno));
		return;
	}
	f->mux_watch = loop_watch(loop, f->mux, LOOP_READ, LOOP_NORMAL, on_mux, f);
	f->timer = loop_timer(loop, ANSWER_MS, 0, on_no_answer, f);
}

/* ---- who wants one ---- */

static void make_room(struct openssh *host)
{
	struct forward *oldest = NULL;
	int count = 0;

	for (struct forward *f = host->forwards; f; f = f->next) {
		count += f->is_socks && f->mux >= 0;
		if (f->is_socks && f->mux >= 0 && !f->chan && !oldest)
			oldest = f;
	}
	if (count >= TUNNEL_CHANNELS_MAX && oldest)
		forward_free(oldest);
}

static struct forward *first_waiting(const struct openssh *host)
{
	struct forward *f = host->forwards;

	while (f && (!f->chan || f->chan->state != CHAN_WAITING))
		f = f->next;
	return f;
}

void forwards_serve(struct openssh *host)
{
	for (struct forward *f; host->state == MASTER_UP && (f = first_waiting(host));) {
		if (f->is_socks)
			make_room(host);
		open_forward(f);
	}
}

void forwards_fail(struct openssh *host, const struct err *err)
{
	struct err why = *err;

	for (struct forward *f; (f = first_waiting(host));)
		end(f, &why);
}

/* Whoever still waits was not asked for by the one that ended. */
bool forwards_wait_on(struct openssh *host, const struct err *err)
{
	struct err why = *err;
	bool any = false;

	for (struct forward *f = host->forwards, *next; f; f = next) {
		next = f->next;
		if (!f->chan || f->chan->state != CHAN_WAITING)
			continue;
		if (f->is_second)
			end(f, &why);
		else
			any = f->is_second = true;
	}
	return any;
}

void forwards_end(struct openssh *host)
{
	while (host->forwards) {
		struct forward *f = host->forwards;

		if (f->chan)
			chan_end(host->w, f->chan, NULL);
		forward_free(f);
	}
	loop_unwatch(host->listener_watch);
	chans_reap(host->w);
	if (host->w->listener >= 0)
		close(host->w->listener);
	host->w->listener = -1;
}

static struct forward *forward_new(struct openssh *host, struct chan *chan)
{
	struct forward *f = xcalloc(1, sizeof(*f)), **at = &host->forwards;

	f->host = host;
	f->chan = chan;
	f->is_socks = chan->is_socks;
	f->mux = -1;
	while (*at)
		at = &(*at)->next;
	*at = f;
	return f;
}

static void on_client(void *data, int fd, unsigned mask)
{
	struct forward *f = data;
	struct openssh *host = f->host;

	(void)fd;
	(void)mask;
	if (f->chan->state != CHAN_GREETING) { /* it has gone, or says more than it should */
		end(f, NULL);
		return;
	}
	/* Its descriptor may be closed in there: the watch goes first. */
	loop_unwatch(f->client_watch);
	f->client_watch = NULL;
	bridge_greet(host->w, f->chan);
	if (f->chan->state == CHAN_DEAD) {
		f->chan = NULL;
		chans_reap(host->w);
		forward_free(f);
	} else if (f->chan->state == CHAN_WAITING) {
		openssh_wanted(host);
	} else {
		f->client_watch = loop_watch(
			host->w->ssh->loop, f->chan->fd, LOOP_READ, LOOP_NORMAL, on_client, f);
	}
}

static void on_listener(void *data, int fd, unsigned mask)
{
	struct openssh *host = data;
	struct ssh_worker *w = host->w;

	(void)fd;
	(void)mask;
	bridge_accept(w);
	for (struct chan *chan = w->chans; chan; chan = chan->next) {
		const struct forward *has = host->forwards;
		struct forward *f;

		while (has && has->chan != chan)
			has = has->next;
		if (has)
			continue;
		f = forward_new(host, chan);
		f->client_watch =
			loop_watch(w->ssh->loop, chan->fd, LOOP_READ, LOOP_NORMAL, on_client, f);
	}
}

void forward_listen(struct openssh *host, struct ssh_msg *msg)
{
	host->w->listener = msg->fd;
	msg->fd = -1;
	host->listener_watch = loop_watch(
		host->w->ssh->loop, host->w->listener, LOOP_READ, LOOP_NORMAL, on_listener, host);
}

/* From the thread of a host behind this one. */
void forward_hop(struct openssh *host, struct ssh_msg *msg)
{
	struct chan *chan = chan_new(host->w, CHAN_BRIDGE, msg->id);

	chan->fd = msg->fd;
	chan->address = msg->text;
	chan->port = msg->number;
	chan->reply_to = msg->reply_to;
	msg->fd = -1;
	msg->text = NULL;
	forward_new(host, chan);
	openssh_wanted(host);
}
