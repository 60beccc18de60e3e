/*
 * One connection: a TCP socket, or one end of a socketpair whose other end the jump host's thread
 * bridges to a direct-tcpip channel, so that libssh2 always sees a plain descriptor. Sequential
 * code: nothing else is to be done before there is a connection, and mail is read while it waits.
 *
 * libssh2 writes into `outgoing`, see ssh_worker.c. Names are resolved by the loop (net/dns).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/dns.h"
#include "core/net/ssh_thread.h"

#define HOP_MS (15 * 60 * 1000) /* the jump host has deadlines of its own, and may ask a person */
#define UNSENT_BYTES (256U << 10)
#define AHEAD_BYTES ((size_t)8 << 20)

int link_err(struct ssh_worker *w, struct err *err, enum err_code code, const char *what)
{
	char *text = NULL;
	int number = w->session ? libssh2_session_last_error(w->session, &text, NULL, 0) : 0;

	if (!text || !*text)
		return err_set(err, code, _("%s: libssh2 error %d"), what, number);
	return err_set(err, code, "%s: %s", what, text);
}

/* ---- what libssh2 calls to read and write ---- */

static ssize_t on_recv(libssh2_socket_t fd, void *data, size_t len, int flags, void **abstract)
{
	struct ssh_worker *w = *abstract;
	ssize_t n;

	if (fd != w->fd) { /* the agent's, which libssh2 reads by the same way, blocking */
		n = recv(fd, data, len, flags);
		return n < 0 ? -errno : n;
	}
	if (w->is_dead)
		return -ECONNRESET;
	n = recv(fd, data, len, flags);
	if (n > 0) {
		w->mono_received_ms = clock_mono_ms();
		w->has_received = true;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		w->is_dead = true;
	}
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static ssize_t on_send(
	libssh2_socket_t fd, const void *data, size_t len, int flags, void **abstract)
{
	struct ssh_worker *w = *abstract;

	if (fd != w->fd) {
		ssize_t n = send(fd, data, len, flags | MSG_NOSIGNAL);
		return n < 0 ? -errno : n;
	}
	if (w->is_dead || w->outgoing.len + len > AHEAD_BYTES)
		return -ECONNRESET;
	buf_add(&w->outgoing, data, len);
	return (ssize_t)len;
}

void link_flush(struct ssh_worker *w)
{
	while (w->fd >= 0 && !w->is_dead && w->outgoing_sent < w->outgoing.len) {
		ssize_t n = send(w->fd, w->outgoing.data + w->outgoing_sent,
			w->outgoing.len - w->outgoing_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			if (errno != EAGAIN)
				w->is_dead = true;
			break;
		}
		w->outgoing_sent += (size_t)n;
	}
	if (w->outgoing_sent == w->outgoing.len) {
		buf_reset(&w->outgoing);
		w->outgoing_sent = 0;
	} else if (w->outgoing_sent > (size_t)1 << 20) {
		memmove(w->outgoing.data, w->outgoing.data + w->outgoing_sent,
			w->outgoing.len - w->outgoing_sent);
		w->outgoing.len -= w->outgoing_sent;
		w->outgoing_sent = 0;
	}
}

/* ---- a descriptor to the host ---- */

static void socket_settings(int fd, int64_t silent_ms)
{
	int on = 1;
	unsigned silent = (unsigned)silent_ms, unsent = UNSENT_BYTES;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silent, sizeof(silent));
	/* What waits in the kernel cannot be overtaken: a command behind a file's data would. */
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
}

/* "1.2.3.4" or "[::1]". */
static socklen_t address_parse(const char *text, int port, struct sockaddr_storage *out)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)(void *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)out;
	char bare[INET6_ADDRSTRLEN + 2] = "";
	size_t len = strlen(text);

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &in4->sin_addr) == 1) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons((uint16_t)port);
		return sizeof(*in4);
	}
	if (*text == '[' && len > 2 && len < sizeof(bare))
		memcpy(bare, text + 1, len - 2);
	else if (len < sizeof(bare))
		memcpy(bare, text, len);
	if (inet_pton(AF_INET6, bare, &in6->sin6_addr) != 1)
		return 0;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)port);
	return sizeof(*in6);
}

static int tcp_try(struct ssh_worker *w, const char *address, struct err *err)
{
	struct sockaddr_storage to;
	socklen_t len = address_parse(address, w->port, &to);
	int64_t deadline = clock_mono_ms() + w->connect_timeout_ms - w->paused_ms;
	int reason = 0;

	if (!len)
		return err_set(err, E_NET, _("not an address: %s"), address);
	w->fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (w->fd < 0)
		return err_errno(err, E_INTERNAL, "socket");
	socket_settings(w->fd, 3 * w->keepalive_ms);
	if (connect(w->fd, (struct sockaddr *)&to, len) && errno != EINPROGRESS)
		reason = errno;
	while (!reason) {
		struct sockaddr_storage peer;
		socklen_t peer_len = sizeof(peer), reason_len = sizeof(reason);

		if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &reason, &reason_len) || reason)
			break;
		if (getpeername(w->fd, (struct sockaddr *)&peer, &peer_len) == 0) {
			snprintf(w->met.peer, sizeof(w->met.peer), "%s", address);
			return 0;
		}
		if (worker_wait(w, POLLOUT, deadline, err)) {
			err_prefix(err, _("%s port %d"), w->address, w->port);
			goto fail;
		}
	}
	errno = reason;
	err_errno(err, E_NET, _("%s port %d"), w->address, w->port);
fail:
	close(w->fd);
	w->fd = -1;
	return err->code;
}

static int tcp_open(struct ssh_worker *w, struct err *err)
{
	char *addresses, *rest;
	int rc = 0;

	if (dns_is_literal(w->address))
		return tcp_try(w, w->address, err);
	free(w->resolved);
	w->resolved = NULL;
	w->has_resolved = false;
	mailbox_put(w->out, msg_new(MSG_RESOLVE, w, 0));
	while (!w->has_resolved && !rc)
		rc = worker_wait(w, 0, clock_mono_ms() + w->connect_timeout_ms - w->paused_ms, err);
	if (rc)
		return rc;
	if (!w->resolved) {
		*err = w->resolve_err;
		return err->code;
	}
	addresses = rest = xstrdup(w->resolved);
	rc = E_NET;
	for (char *one; rc && rc != E_CANCELED && (one = strsep(&rest, ","));)
		rc = tcp_try(w, one, err);
	free(addresses);
	return rc;
}

/* Asks the jump host's thread for a way on, and waits for it. */
static int hop_open(struct ssh_worker *w, struct err *err)
{
	struct ssh_msg *msg;
	int pair[2], rc = 0;
	int64_t deadline = clock_mono_ms() + HOP_MS;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return err_errno(err, E_INTERNAL, "socketpair");
	msg = msg_new(MSG_HOP, w->jump, ++w->hop_id);
	msg->fd = pair[1];
	msg->text = xstrdup(w->address);
	msg->text_len = strlen(w->address);
	msg->number = w->port;
	msg->reply_to = w;
	w->hopped = false;
	mailbox_put(&w->jump->in, msg);
	while (!rc && !w->hopped)
		rc = worker_wait(w, 0, deadline, err);
	if (!rc && w->hop_err.code) {
		*err = w->hop_err;
		rc = err->code;
	}
	if (rc)
		close(pair[0]);
	else
		w->fd = pair[0];
	return rc;
}

/* ---- opening and closing ---- */

static int handshake(struct ssh_worker *w, struct err *err)
{
	int64_t deadline = clock_mono_ms() + w->connect_timeout_ms - w->paused_ms;
	int rc;

	while ((rc = libssh2_session_handshake(w->session, w->fd)) == LIBSSH2_ERROR_EAGAIN)
		if (worker_wait(w, POLLIN, deadline, err))
			return err_prefix(err, _("SSH handshake"));
	if (!rc)
		return 0;
	return link_err(
		w, err, rc == LIBSSH2_ERROR_KEX_FAILURE ? E_PROTO : E_NET, _("SSH handshake"));
}

int link_open(struct ssh_worker *w, struct err *err)
{
	int rc;

	w->paused_ms = 0;
	w->prompt_failed = w->saw_rsa = false;
	if (w->config_err.code) {
		*err = w->config_err;
		return err->code;
	}
	rc = w->jump ? hop_open(w, err) : tcp_open(w, err);
	if (rc)
		return rc;
	w->session = libssh2_session_init_ex(NULL, NULL, NULL, w);
	if (!w->session)
		return err_set(err, E_INTERNAL, _("cannot start an SSH session"));
	libssh2_session_set_blocking(w->session, 0);
	libssh2_session_callback_set(w->session, LIBSSH2_CALLBACK_RECV, (void *)on_recv);
	libssh2_session_callback_set(w->session, LIBSSH2_CALLBACK_SEND, (void *)on_send);
	rc = hostkey_prefer(w, err);
	if (!rc)
		rc = handshake(w, err);
	if (!rc)
		rc = hostkey_check(w, err);
	if (!rc)
		rc = auth_run(w, err);
	if (rc)
		return rc;
	libssh2_keepalive_config(w->session, 1, (unsigned)((w->keepalive_ms + 999) / 1000));
	w->mono_received_ms = clock_mono_ms();
	w->mono_keepalive_ms = clock_mono_ms() + w->keepalive_ms;
	w->is_linked = true;
	return 0;
}

void link_keepalive(struct ssh_worker *w)
{
	int seconds = 0;

	libssh2_keepalive_send(w->session, &seconds);
	w->mono_keepalive_ms = clock_mono_ms() + (seconds > 0 ? seconds * 1000 : w->keepalive_ms);
	link_flush(w);
}

void link_close(struct ssh_worker *w)
{
	if (w->session) {
		if (!w->is_dead || w->is_linked) {
			w->is_dead = false;
			libssh2_session_disconnect(w->session, "closed");
			link_flush(w);
		}
		w->is_dead = true; /* nothing is read or sent from here, so nothing waits */
		libssh2_session_free(w->session);
		w->session = NULL;
	}
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	if (w->outgoing.data)
		mem_wipe(w->outgoing.data, w->outgoing.len);
	buf_reset(&w->outgoing);
	w->outgoing_sent = 0;
	w->is_linked = w->is_dead = false;
	w->opening = w->requesting = NULL;
}
