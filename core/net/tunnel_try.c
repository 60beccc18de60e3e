/*
 * A client of the host's SOCKS end, in three small steps: greeting and request are written at once,
 * for the end on the other side reads them as they come; then ten bytes of answer are waited for.
 */
#include "core/net/tunnel_try.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define PROXY_PREFIX "socks5h://localhost"

struct tunnel_try {
	struct loop *loop;
	struct loop_watch *watch;
	struct loop_timer *timer; /* of an end that was there at once */
	int fd;
	char *host, *address;
	int port;
	unsigned char answer[12]; /* two of the greeting, ten of the request */
	size_t len;
	struct err err;
	tunnel_try_fn done;
	void *data;
};

static void try_free(struct tunnel_try *try)
{
	loop_unwatch(try->watch);
	loop_timer_cancel(try->timer);
	if (try->fd >= 0)
		close(try->fd);
	loop_unhold(try->loop);
	free(try->host);
	free(try->address);
	free(try);
}

void tunnel_try_cancel(struct tunnel_try *try)
{
	if (try)
		try_free(try);
}

static void finish(struct tunnel_try *try)
{
	try->done(try->data, try->err.code ? &try->err : NULL);
	try_free(try);
}

static void on_timer(void *data)
{
	finish(data);
}

static void judge(struct tunnel_try *try)
{
	switch (try->answer[3]) {
	case 0: break;
	case 2:
		err_set(&try->err, E_DENIED,
			_("host %s: forwarding is forbidden there (AllowTcpForwarding)"),
			try->host);
		break;
	case 5:
		err_set(&try->err, E_REMOTE, _("host %s: nobody answers at %s port %d over there"),
			try->host, try->address, try->port);
		break;
	default: err_set(&try->err, E_NET, _("host %s: no way through it"), try->host); break;
	}
}

static void on_readable(void *data, int fd, unsigned mask)
{
	struct tunnel_try *try = data;
	ssize_t n = recv(fd, try->answer + try->len, sizeof(try->answer) - try->len, 0);

	(void)mask;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		try->len += (size_t)n;
	if (n > 0 && try->len < sizeof(try->answer))
		return;
	if (n > 0)
		judge(try);
	else
		err_set(&try->err, E_NET, _("host %s: no way through it"), try->host);
	finish(try);
}

static void say(struct tunnel_try *try)
{
	unsigned char words[3 + 5 + 255 + 2] = {5, 1, 0, 5, 1, 0, 3};
	size_t len = strlen(try->address);

	words[7] = (unsigned char)len;
	memcpy(words + 8, try->address, len);
	words[8 + len] = (unsigned char)(try->port >> 8);
	words[9 + len] = (unsigned char)try->port;
	if (send(try->fd, words, 10 + len, MSG_NOSIGNAL) != (ssize_t)(10 + len))
		err_errno(&try->err, E_INTERNAL, _("host %s: the way to it"), try->host);
}

struct tunnel_try *tunnel_try(struct loop *loop, struct ssh *ssh, const char *host,
	const char *address, int port, tunnel_try_fn done, void *data)
{
	struct tunnel_try *try = xcalloc(1, sizeof(*try));
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const char *proxy;

	*try = (struct tunnel_try){.loop = loop,
		.fd = -1,
		.host = xstrdup(host),
		.address = xstrdup(address),
		.port = port,
		.done = done,
		.data = data};
	loop_hold(loop);
	proxy = strlen(address) > 255 ? NULL : tunnel_proxy(ssh, host, &try->err);
	if (proxy) {
		snprintf(to.sun_path, sizeof(to.sun_path), "%s", proxy + strlen(PROXY_PREFIX));
		try->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (try->fd < 0 || connect(try->fd, (struct sockaddr *)&to, sizeof(to)))
			err_errno(&try->err, E_INTERNAL, _("host %s: the way to it"), host);
		else
			say(try);
	} else if (!try->err.code) {
		err_set(&try->err, E_ARG, _("not an address: %s"), address);
	}
	if (try->err.code)
		try->timer = loop_timer(loop, 0, 0, on_timer, try);
	else
		try->watch = loop_watch(loop, try->fd, LOOP_READ, LOOP_NORMAL, on_readable, try);
	return try;
}
