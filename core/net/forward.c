/*
 * Each accepted connection gets one to the host's SOCKS end on a Unix socket, says where to, and
 * from then on bytes go both ways. Each direction holds at most one read that the other side has
 * not taken yet, so a slow side slows the other.
 */
#include "core/net/forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/net/http_text.h"
#include "core/net/ssh_thread.h"
#include "core/net/tunnel.h"

#define IDLE_MS ((int64_t)15 * 60 * 1000)
#define READ_BYTES ((size_t)64 << 10)
#define SHOWN_PORT 8081 /* of the operator's machine, in the ssh line */

enum conn_state { CONN_GREETED, CONN_ASKED, CONN_FLOWS };

struct side {
	int fd;
	struct loop_watch *watch;
	char *bytes; /* read from here, not yet taken by the other side */
	size_t len, sent;
	bool ended;
};

struct conn {
	struct conn *next;
	struct forward *forward;
	enum conn_state state;
	struct side near, far;
	unsigned char hello[12];
	size_t hello_len;
};

struct forward {
	struct forward *next;
	struct forwards *forwards;
	struct forward_info info;
	char *listener, *host, *target, *address, *proxy_path, *command;
	int port, target_port, fd;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct conn *conns;
	int64_t mono_used_ms;
};

struct forwards {
	struct forward_options options;
	struct forward *first;
	unsigned last_socket;
};

static void changed(const struct forwards *forwards)
{
	if (forwards->options.on_change)
		forwards->options.on_change(forwards->options.data);
}

/* ---- a connection ---- */

static void side_close(struct side *side)
{
	loop_unwatch(side->watch);
	if (side->fd >= 0)
		close(side->fd);
	free(side->bytes);
}

static void conn_free(struct conn *conn)
{
	struct forward *forward = conn->forward;
	struct conn **at = &forward->conns;

	while (*at != conn)
		at = &(*at)->next;
	*at = conn->next;
	side_close(&conn->near);
	side_close(&conn->far);
	free(conn);
	forward->info.connections--;
	loop_watch_set(forward->watch, LOOP_READ);
	changed(forward->forwards);
}

/* A browser shows it; who speaks TLS is told by the end. */
static void refuse(struct conn *conn, int socks_code)
{
	const struct forward *forward = conn->forward;
	const char *why = socks_code == 2 ? _("forwarding is forbidden there")
		: socks_code == 5         ? _("nobody answers at that address over there")
					  : _("the host cannot be reached");
	char *body = xasprintf(_("weir: host %s, %s: %s\n"), forward->host, forward->target, why);
	char *answer =
		xasprintf("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; "
			  "charset=utf-8\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
			strlen(body), body);
	ssize_t n = send(conn->near.fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)n;
	free(answer);
	free(body);
	conn_free(conn);
}

static void watch_both(struct conn *conn)
{
	struct side *sides[2] = {&conn->near, &conn->far};

	for (int i = 0; i < 2; i++) {
		const struct side *side = sides[i], *other = sides[1 - i];
		unsigned mask = 0;

		if (!side->ended && !side->len && conn->state == CONN_FLOWS)
			mask |= LOOP_READ;
		if (conn->state != CONN_FLOWS && side == &conn->far)
			mask |= LOOP_READ;
		if (other->len)
			mask |= LOOP_WRITE;
		loop_watch_set(side->watch, mask);
	}
}

/* False: the connection is gone. */
static bool side_read(struct conn *conn, struct side *side)
{
	ssize_t n;

	if (side->ended || side->len)
		return true;
	n = recv(side->fd, side->bytes, READ_BYTES, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n < 0) {
		conn_free(conn);
		return false;
	}
	if (n == 0)
		side->ended = true;
	side->len = (size_t)n;
	side->sent = 0;
	return true;
}

static bool side_write(struct conn *conn, struct side *from, struct side *to, int64_t *count)
{
	while (from->len) {
		ssize_t n = send(to->fd, from->bytes + from->sent, from->len - from->sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (n < 0) {
			conn_free(conn);
			return false;
		}
		conn->forward->mono_used_ms = clock_mono_ms();
		*count += n;
		from->sent += (size_t)n;
		if (from->sent == from->len)
			from->len = from->sent = 0;
	}
	return true;
}

static void conn_flow(struct conn *conn)
{
	struct forward_info *info = &conn->forward->info;

	if (!side_read(conn, &conn->near) ||
		!side_write(conn, &conn->near, &conn->far, &info->bytes_up) ||
		!side_read(conn, &conn->far) ||
		!side_write(conn, &conn->far, &conn->near, &info->bytes_down))
		return;
	/* HTTP: who closes has nothing more to hear. */
	if ((conn->near.ended && !conn->near.len) || (conn->far.ended && !conn->far.len))
		conn_free(conn);
	else
		watch_both(conn);
}

/* SOCKS5: no authentication, then CONNECT by name (RFC 1928). */
static void conn_ask(struct conn *conn)
{
	const struct forward *forward = conn->forward;
	unsigned char ask[7 + 255] = {5, 1, 0, 3};
	size_t len = strnlen(forward->address, 255); /* libcurl takes no longer name */

	ask[4] = (unsigned char)len;
	memcpy(ask + 5, forward->address, len);
	ask[5 + len] = (unsigned char)(forward->target_port >> 8);
	ask[6 + len] = (unsigned char)forward->target_port;
	if (send(conn->far.fd, ask, 7 + len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)(7 + len))
		refuse(conn, 1);
	else
		conn->state = CONN_ASKED;
}

static void conn_greet(struct conn *conn)
{
	size_t want = conn->state == CONN_GREETED ? 2 : 10;
	ssize_t n = recv(
		conn->far.fd, conn->hello + conn->hello_len, want - conn->hello_len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		refuse(conn, 1);
		return;
	}
	conn->hello_len += (size_t)n;
	if (conn->hello_len < want)
		return;
	conn->hello_len = 0;
	if (conn->hello[1]) {
		refuse(conn, conn->hello[1]);
	} else if (conn->state == CONN_GREETED) {
		conn_ask(conn);
	} else {
		conn->state = CONN_FLOWS;
		conn_flow(conn);
	}
}

static void on_ready(void *data, int fd, unsigned mask)
{
	struct conn *conn = data;

	(void)fd;
	(void)mask;
	if (conn->state == CONN_FLOWS)
		conn_flow(conn);
	else
		conn_greet(conn);
}

static bool far_connect(struct conn *conn)
{
	static const unsigned char hello[3] = {5, 1, 0};
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", conn->forward->proxy_path);
	conn->far.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return conn->far.fd >= 0 &&
		connect(conn->far.fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		send(conn->far.fd, hello, sizeof(hello), MSG_NOSIGNAL) == sizeof(hello);
}

static void conn_new(struct forward *forward, int fd)
{
	struct conn *conn = xcalloc(1, sizeof(*conn));
	struct loop *loop = forward->forwards->options.loop;

	conn->forward = forward;
	conn->near.fd = fd;
	conn->far.fd = -1;
	conn->near.bytes = xmalloc(READ_BYTES);
	conn->far.bytes = xmalloc(READ_BYTES);
	conn->next = forward->conns;
	forward->conns = conn;
	forward->info.connections++;
	forward->info.total_connections++;
	forward->mono_used_ms = clock_mono_ms();
	if (!far_connect(conn)) {
		refuse(conn, 1);
		return;
	}
	conn->near.watch = loop_watch(loop, conn->near.fd, 0, LOOP_NORMAL, on_ready, conn);
	conn->far.watch = loop_watch(loop, conn->far.fd, LOOP_READ, LOOP_NORMAL, on_ready, conn);
	changed(forward->forwards);
}

static void on_accept(void *data, int fd, unsigned mask)
{
	struct forward *forward = data;
	int one;

	(void)mask;
	while (forward->info.connections < FORWARD_CONNECTIONS_MAX &&
		(one = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		conn_new(forward, one);
	if (forward->info.connections >= FORWARD_CONNECTIONS_MAX)
		loop_watch_set(forward->watch, 0);
}

/* ---- a forward ---- */

void forward_close(struct forward *forward)
{
	struct forwards *forwards;
	struct forward **at;

	if (!forward)
		return;
	forwards = forward->forwards;
	for (at = &forwards->first; *at != forward; at = &(*at)->next)
		;
	*at = forward->next;
	while (forward->conns)
		conn_free(forward->conns);
	loop_unwatch(forward->watch);
	loop_timer_cancel(forward->timer);
	if (forward->fd >= 0)
		close(forward->fd);
	if (forward->command)
		unlink(forward->listener);
	free(forward->listener);
	free(forward->host);
	free(forward->target);
	free(forward->address);
	free(forward->proxy_path);
	free(forward->command);
	free(forward);
	changed(forwards);
}

static void on_idle(void *data)
{
	struct forward *forward = data;
	int64_t left = forward->mono_used_ms + forward->forwards->options.idle_ms - clock_mono_ms();

	if (left > 0)
		loop_timer_set(forward->timer, left, 0);
	else
		forward_close(forward);
}

static int listen_port(struct forward *forward, struct err *err)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	forward->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (forward->fd < 0 || bind(forward->fd, (struct sockaddr *)&address, sizeof(address)) ||
		listen(forward->fd, FORWARD_CONNECTIONS_MAX) ||
		getsockname(forward->fd, (struct sockaddr *)&address, &len))
		return err_errno(err, E_INTERNAL, _("cannot listen on 127.0.0.1"));
	forward->port = ntohs(address.sin_port);
	forward->listener = xasprintf("127.0.0.1:%d", forward->port);
	return 0;
}

/* "ssh -L 8081:<socket> <this machine>" */
static char *ssh_line(const char *path)
{
	char name[256] = "";
	struct buf line;

	if (gethostname(name, sizeof(name) - 1) || !*name)
		snprintf(name, sizeof(name), "%s", _("THIS-MACHINE"));
	buf_init(&line, 0);
	buf_addf(&line, "ssh -L %d:", SHOWN_PORT);
	sh_quote(&line, path);
	buf_addc(&line, ' ');
	sh_quote(&line, name);
	return buf_detach(&line);
}

static int listen_socket(struct forward *forward, struct ssh *ssh, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *dir = ssh_socket_dir(ssh, err);

	if (!dir)
		return err ? err->code : E_INTERNAL;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/ui-%u", dir,
		++forward->forwards->last_socket);
	forward->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (forward->fd < 0 || bind(forward->fd, (struct sockaddr *)&address, sizeof(address)) ||
		chmod(address.sun_path, 0600) || listen(forward->fd, FORWARD_CONNECTIONS_MAX))
		return err_errno(err, E_INTERNAL, _("cannot listen on %s"), address.sun_path);
	forward->listener = xstrdup(address.sun_path);
	forward->command = ssh_line(address.sun_path);
	return 0;
}

static struct forward *find(const struct forwards *forwards, const char *host, const char *target)
{
	for (struct forward *forward = forwards->first; forward; forward = forward->next)
		if (str_eq(forward->host, host) && str_eq(forward->target, target))
			return forward;
	return NULL;
}

static struct forward *forward_new(struct forwards *forwards, const char *host, const char *address,
	int port, const char *proxy)
{
	static const char scheme[] = "socks5h://localhost";
	struct forward *forward = xcalloc(1, sizeof(*forward)), **at = &forwards->first;
	size_t len = strlen(address);
	bool is_bracketed = *address == '[' && len > 2; /* IPv6 in a URL */

	forward->forwards = forwards;
	forward->host = xstrdup(host);
	forward->address = is_bracketed ? xstrndup(address + 1, len - 2) : xstrdup(address);
	forward->target = xasprintf("%s:%d", address, port);
	forward->target_port = port;
	forward->proxy_path = xstrdup(proxy + sizeof(scheme) - 1);
	forward->fd = -1;
	forward->mono_used_ms = clock_mono_ms();
	while (*at)
		at = &(*at)->next;
	*at = forward;
	return forward;
}

struct forward *forward_open(struct forwards *forwards, struct ssh *ssh, const char *host,
	const char *url, struct err *err)
{
	const char *proxy;
	char *address = NULL, *target;
	struct forward *forward;
	int port = 0, rc;

	if (http_url_split(url, &address, &port, err))
		return NULL;
	target = xasprintf("%s:%d", address, port);
	forward = find(forwards, host, target);
	free(target);
	if (forward) {
		free(address);
		forward->mono_used_ms = clock_mono_ms();
		return forward;
	}
	proxy = tunnel_proxy(ssh, host, err);
	if (proxy)
		forward = forward_new(forwards, host, address, port, proxy);
	free(address);
	if (!forward)
		return NULL;
	rc = forwards->options.is_shared ? listen_socket(forward, ssh, err)
					 : listen_port(forward, err);
	if (rc) {
		forward_close(forward);
		return NULL;
	}
	forward->watch = loop_watch(
		forwards->options.loop, forward->fd, LOOP_READ, LOOP_NORMAL, on_accept, forward);
	forward->timer =
		loop_timer(forwards->options.loop, forwards->options.idle_ms, 0, on_idle, forward);
	changed(forwards);
	return forward;
}

const struct forward_info *forward_info(struct forward *forward)
{
	forward->info.listener = forward->listener;
	forward->info.port = forward->port;
	forward->info.command = forward->command;
	forward->info.host = forward->host;
	forward->info.target = forward->target;
	forward->info.idle_ms = clock_mono_ms() - forward->mono_used_ms;
	return &forward->info;
}

/* ---- all of them ---- */

struct forwards *forwards_new(const struct forward_options *options)
{
	struct forwards *forwards = xcalloc(1, sizeof(*forwards));

	forwards->options = *options;
	if (forwards->options.idle_ms <= 0)
		forwards->options.idle_ms = IDLE_MS;
	return forwards;
}

void forwards_free(struct forwards *forwards)
{
	if (!forwards)
		return;
	forwards->options.on_change = NULL;
	while (forwards->first)
		forward_close(forwards->first);
	free(forwards);
}

void forwards_on_change(struct forwards *forwards, void (*fn)(void *data), void *data)
{
	forwards->options.on_change = fn;
	forwards->options.data = data;
}

size_t forwards_count(const struct forwards *forwards)
{
	size_t count = 0;

	for (const struct forward *f = forwards ? forwards->first : NULL; f; f = f->next)
		count++;
	return count;
}

struct forward *forwards_at(const struct forwards *forwards, size_t i)
{
	struct forward *forward = forwards ? forwards->first : NULL;

	while (forward && i--)
		forward = forward->next;
	return forward;
}
