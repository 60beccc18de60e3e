/*
 * Descriptors bridged to direct-tcpip channels. A SOCKS client says where to first (RFC 1928, no
 * authentication, CONNECT only); a hop's other end is the socketpair of a host behind this one.
 * Each side's bytes wait in a buffer of at most one read until the other side takes them, so a slow
 * side slows the other and nothing piles up.
 */
#include "core/net/tunnel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/ssh_thread.h"

#define READ_BYTES ((size_t)32 << 10)

enum { SOCKS_FAILED = 1, SOCKS_FORBIDDEN = 2, SOCKS_REFUSED = 5, SOCKS_COMMAND = 7 };
enum { STEP_METHODS, STEP_REQUEST };

/* ---- the loop's part ---- */

const char *tunnel_proxy(struct ssh *ssh, const char *host, struct err *err)
{
	struct ssh_worker *w = ssh_worker_of(ssh, host);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *dir;
	struct ssh_msg *msg;
	int fd;

	if (!w) {
		err_set(err, E_NOTFOUND, _("no host \"%s\" in this context"), host);
		return NULL;
	}
	if (w->proxy)
		return w->proxy;
	dir = ssh_socket_dir(ssh, err);
	if (!dir)
		return NULL;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%d", dir, w->index);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
		chmod(address.sun_path, 0600) || listen(fd, 2 * TUNNEL_CHANNELS_MAX)) {
		err_errno(err, E_INTERNAL, _("cannot listen on %s"), address.sun_path);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	w->socket_path = xstrdup(address.sun_path);
	w->proxy = xasprintf("socks5h://localhost%s", address.sun_path);
	msg = msg_new(MSG_LISTEN, w, 0);
	msg->fd = fd;
	mailbox_put(&w->in, msg);
	ssh_worker_start(w);
	return w->proxy;
}

/* ---- SOCKS ---- */

/* A few bytes into a fresh Unix socket: they fit. */
static void socks_say(struct chan *chan, const unsigned char *bytes, size_t len)
{
	ssize_t n = send(chan->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)n;
}

void bridge_reply(struct chan *chan, int code)
{
	const unsigned char reply[10] = {5, (unsigned char)code, 0, 1};

	socks_say(chan, reply, sizeof(reply));
}

void bridge_refuse(struct chan *chan, const struct err *err)
{
	if (!chan->is_socks || chan->state > CHAN_OPENING)
		return;
	bridge_reply(chan,
		err->code == E_REMOTE           ? SOCKS_REFUSED
			: err->code == E_DENIED ? SOCKS_FORBIDDEN
						: SOCKS_FAILED);
}

void bridge_accept(struct ssh_worker *w)
{
	int fd;

	while ((fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct chan *chan = chan_new(w, CHAN_BRIDGE, 0);

		chan->fd = fd;
		chan->is_socks = true;
		chan->state = CHAN_GREETING;
	}
}

/* Over the limit the one that was quiet the longest goes. */
static void make_room(struct ssh_worker *w)
{
	struct chan *oldest = NULL;
	int count = 0;

	for (struct chan *chan = w->chans; chan; chan = chan->next) {
		if (!chan->is_socks || chan->state <= CHAN_WAITING || chan->state >= CHAN_CLOSING)
			continue;
		count++;
		if (chan->state == CHAN_FLOWING &&
			(!oldest || chan->mono_used_ms < oldest->mono_used_ms))
			oldest = chan;
	}
	if (count >= TUNNEL_CHANNELS_MAX && oldest)
		chan_end(w, oldest, NULL);
}

/* Bytes of the whole CONNECT in `hello`; 0 = not all there yet. */
static size_t request_len(const struct chan *chan)
{
	const unsigned char *h = chan->hello;

	if (chan->hello_len < 5)
		return 0;
	size_t len = h[3] == 1 ? 10 : h[3] == 4 ? 22 : h[3] == 3 ? 7 + (size_t)h[4] : 1;
	return chan->hello_len >= len ? len : 0;
}

static bool take_request(struct chan *chan, size_t len)
{
	const unsigned char *h = chan->hello;

	if (h[0] != 5 || h[1] != 1 || len == 1)
		return false;
	if (h[3] == 3) {
		if (memchr(h + 5, 0, h[4]) || !h[4])
			return false;
		chan->address = xstrndup((const char *)h + 5, h[4]);
	} else if (h[3] == 1) {
		chan->address = xasprintf("%u.%u.%u.%u", h[4], h[5], h[6], h[7]);
	} else {
		struct buf text;
		buf_init(&text, 64);
		for (int i = 0; i < 16; i += 2)
			buf_addf(&text, "%s%x", i ? ":" : "", h[4 + i] << 8 | h[5 + i]);
		chan->address = buf_detach(&text);
	}
	chan->port = h[len - 2] << 8 | h[len - 1];
	return chan->port > 0;
}

bool bridge_greet(struct ssh_worker *w, struct chan *chan)
{
	static const unsigned char no_auth[2] = {5, 0};
	ssize_t n = recv(chan->fd, chan->hello + chan->hello_len,
		sizeof(chan->hello) - chan->hello_len, MSG_DONTWAIT);
	size_t len;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		chan_end(w, chan, NULL);
		return true;
	}
	chan->hello_len += (size_t)n;
	if (chan->hello_step == STEP_METHODS) {
		len = chan->hello_len >= 2 ? 2 + (size_t)chan->hello[1] : SIZE_MAX;
		if (chan->hello_len < len)
			return true;
		memmove(chan->hello, chan->hello + len, chan->hello_len - len);
		chan->hello_len -= len;
		chan->hello_step = STEP_REQUEST;
		socks_say(chan, no_auth, sizeof(no_auth));
	}
	len = request_len(chan);
	if (!len)
		return true;
	if (!take_request(chan, len)) {
		bridge_reply(chan, SOCKS_COMMAND);
		chan_end(w, chan, NULL);
		return true;
	}
	chan->state = CHAN_WAITING;
	return true;
}

/* ---- the bridge ---- */

static void open_failed(struct ssh_worker *w, struct chan *chan)
{
	struct err err = {0};
	char *text = NULL;
	enum err_code code = E_REMOTE;

	libssh2_session_last_error(w->session, &text, NULL, 0);
	if (w->is_dead)
		code = E_NET;
	else if (text && strstr(text, "prohibited"))
		code = E_DENIED;
	if (code == E_REMOTE && chan->reply_to)
		code = E_NET; /* of a host that is not there, for whom the hop is for */
	err_set(&err, code, _("host %s cannot connect to %s port %d: %s"), w->name, chan->address,
		chan->port,
		code == E_DENIED ? _("forwarding is forbidden there (AllowTcpForwarding)")
			: text   ? text
				 : "");
	chan_end(w, chan, &err);
}

static bool bridge_open(struct ssh_worker *w, struct chan *chan)
{
	if (chan->state == CHAN_WAITING) {
		make_room(w);
		w->opening = chan;
		chan->state = CHAN_OPENING;
	}
	chan->channel = libssh2_channel_direct_tcpip(w->session, chan->address, chan->port);
	if (!chan->channel) {
		if (libssh2_session_last_errno(w->session) == LIBSSH2_ERROR_EAGAIN)
			return false;
		w->opening = NULL;
		open_failed(w, chan);
		return true;
	}
	w->opening = NULL;
	chan->state = CHAN_FLOWING;
	if (chan->is_socks)
		bridge_reply(chan, 0);
	if (chan->reply_to)
		mailbox_put(&chan->reply_to->in, msg_new(MSG_HOPPED, w, chan->id));
	return true;
}

/* From the descriptor into to_far. */
static bool fd_read(struct ssh_worker *w, struct chan *chan)
{
	char bytes[READ_BYTES];
	ssize_t n;

	if (chan->fd_ended || chan->to_far.len || worker_congested(w))
		return false;
	n = recv(chan->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
		chan->fd_ended = true;
	else
		buf_add(&chan->to_far, bytes, (size_t)n);
	return true;
}

static bool far_write(struct chan *chan)
{
	ssize_t n;

	if (chan->to_far.len) {
		n = libssh2_channel_write(chan->channel, chan->to_far.data + chan->to_far_sent,
			chan->to_far.len - chan->to_far_sent);
		if (n <= 0) {
			if (n < 0 && n != LIBSSH2_ERROR_EAGAIN)
				chan->far_ended = chan->fd_ended = true;
			return false;
		}
		chan->to_far_sent += (size_t)n;
		if (chan->to_far_sent == chan->to_far.len) {
			buf_reset(&chan->to_far);
			chan->to_far_sent = 0;
		}
		return true;
	}
	if (chan->fd_ended && !chan->far_told &&
		libssh2_channel_send_eof(chan->channel) != LIBSSH2_ERROR_EAGAIN) {
		chan->far_told = true;
		return true;
	}
	return false;
}

static bool far_read(struct chan *chan)
{
	char bytes[READ_BYTES];
	ssize_t n;

	if (chan->far_ended || chan->to_fd.len)
		return false;
	n = libssh2_channel_read(chan->channel, bytes, sizeof(bytes));
	if (n > 0) {
		buf_add(&chan->to_fd, bytes, (size_t)n);
		return true;
	}
	if (n == LIBSSH2_ERROR_EAGAIN || (n == 0 && !libssh2_channel_eof(chan->channel)))
		return false;
	chan->far_ended = true;
	return true;
}

static bool fd_write(struct chan *chan)
{
	ssize_t n;

	if (chan->to_fd.len) {
		n = send(chan->fd, chan->to_fd.data + chan->to_fd_sent,
			chan->to_fd.len - chan->to_fd_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				chan->far_ended = chan->fd_ended = chan->fd_told = true;
			return false;
		}
		chan->to_fd_sent += (size_t)n;
		if (chan->to_fd_sent == chan->to_fd.len) {
			buf_reset(&chan->to_fd);
			chan->to_fd_sent = 0;
		}
		return true;
	}
	if (chan->far_ended && !chan->fd_told) {
		chan->fd_told = true;
		shutdown(chan->fd, SHUT_WR);
		return true;
	}
	return false;
}

bool bridge_step(struct ssh_worker *w, struct chan *chan)
{
	bool moved;

	if (chan->state == CHAN_GREETING)
		return bridge_greet(w, chan);
	if (chan->state <= CHAN_OPENING)
		return bridge_open(w, chan);
	moved = fd_read(w, chan);
	moved |= far_write(chan);
	moved |= far_read(chan);
	moved |= fd_write(chan);
	if (moved)
		chan->mono_used_ms = clock_mono_ms();
	/* A client of HTTP that closes has nothing more to hear; a hop's end is the end of its
	 * host. */
	if ((chan->fd_ended && !chan->to_far.len) ||
		(chan->far_ended && chan->fd_told && !chan->to_fd.len))
		chan_end(w, chan, NULL);
	return moved;
}
