/* epoll, level-triggered; a connection that cannot be written on is not read meanwhile. */
#include "tests/bench/fleetd/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define EVENTS 256
#define READ_BYTES (16 << 10)
/* A request of ours has some hundred bytes, with a deployment some thousand. */
#define REQUEST_BYTES ((size_t)1 << 20)
#define ANSWER_BYTES ((size_t)1 << 30)
#define BACKLOG 4096

struct conn {
	int fd, manager;
	bool is_late, wants_write;
	uint32_t watched; /* of epoll */
	int64_t due_ms;
	SSL *tls;           /* or NULL */
	struct buf in, out; /* what is not yet a request; what is not yet sent */
	size_t sent;        /* of out */
	struct conn *prev, *next;
	struct conn *later; /* in the queue of those that answer late, oldest first */
};

/* Of a JobManager. */
struct asked {
	int count;
	int64_t last_ms, longest_ms;
};

struct net {
	struct net_options options;
	int epoll, listener, refused;
	int port, refused_port;
	int watched_fd; /* of net_turn() */
	SSL_CTX *tls;
	struct conn *conns, *late_first, *late_last;
	struct buf body;
	struct net_counts counts;
	struct asked *asked;
};

/* ---- sockets ---- */

static int bound_socket(int port, int *bound)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	at.sin_addr.s_addr = htonl(INADDR_ANY);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
		getsockname(fd, (struct sockaddr *)&at, &len)) {
		fprintf(stderr, "fleetd: port %d: %s\n", port, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*bound = ntohs(at.sin_port);
	return fd;
}

static SSL_CTX *tls_context(const char *cert, const char *key)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	if (tls && SSL_CTX_use_certificate_chain_file(tls, cert) == 1 &&
		SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1) {
		SSL_CTX_set_mode(tls,
			SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		return tls;
	}
	fprintf(stderr, "fleetd: %s, %s: ", cert, key);
	ERR_print_errors_fp(stderr);
	SSL_CTX_free(tls);
	return NULL;
}

struct net *net_open(const struct net_options *options)
{
	struct net *net = xcalloc(1, sizeof(*net));
	struct epoll_event event = {.events = EPOLLIN};

	net->options = *options;
	net->asked = xcalloc((size_t)options->sim->options.managers, sizeof(*net->asked));
	net_gaps_begin(net);
	net->watched_fd = -1;
	net->epoll = epoll_create1(EPOLL_CLOEXEC);
	net->listener = bound_socket(options->port, &net->port);
	/* Bound and not listening: nobody else gets the port, and connections to it are refused. */
	net->refused = bound_socket(0, &net->refused_port);
	buf_init(&net->body, ANSWER_BYTES);
	if (options->cert)
		net->tls = tls_context(options->cert, options->key);
	if (net->epoll < 0 || net->listener < 0 || net->refused < 0 ||
		(options->cert && !net->tls) || listen(net->listener, BACKLOG) ||
		epoll_ctl(net->epoll, EPOLL_CTL_ADD, net->listener, &event)) {
		net_close(net);
		return NULL;
	}
	return net;
}

int net_port(const struct net *net)
{
	return net->port;
}

int net_refused_port(const struct net *net)
{
	return net->refused_port;
}

struct net_counts net_counts(const struct net *net)
{
	return net->counts;
}

void net_gaps_begin(struct net *net)
{
	for (int i = 0; i < net->options.sim->options.managers; i++)
		net->asked[i] = (struct asked){.last_ms = clock_mono_ms()};
}

static void note_asked(struct net *net, int manager)
{
	struct asked *asked = &net->asked[manager];

	*asked =
		(struct asked){asked->count + 1, clock_mono_ms(), net_gap(net, manager).longest_ms};
}

struct net_gap net_gap(const struct net *net, int manager)
{
	const struct asked *asked = &net->asked[manager];
	int64_t now_ms = clock_mono_ms() - asked->last_ms;

	return (struct net_gap){
		asked->count, now_ms > asked->longest_ms ? now_ms : asked->longest_ms};
}

/* ---- connections ---- */

static void late_remove(struct net *net, struct conn *conn)
{
	struct conn **at = &net->late_first, *before = NULL;

	while (*at && *at != conn) {
		before = *at;
		at = &(*at)->later;
	}
	if (*at)
		*at = conn->later;
	if (net->late_last == conn)
		net->late_last = before;
	conn->later = NULL;
	conn->is_late = false;
}

static void conn_close(struct net *net, struct conn *conn, bool is_reset)
{
	struct linger at_once = {.l_onoff = 1};

	if (conn->is_late)
		late_remove(net, conn);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		net->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	if (is_reset)
		setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	SSL_free(conn->tls);
	close(conn->fd);
	buf_release(&conn->in);
	buf_release(&conn->out);
	free(conn);
	net->counts.open_now--;
}

static enum manner manner_of(const struct net *net, const struct conn *conn)
{
	return (enum manner)net->options.sim->manners[conn->manager];
}

/* What it waits for now. */
static void conn_watch(struct net *net, struct conn *conn)
{
	bool is_full = conn->out.len > conn->sent;
	struct epoll_event event = {.data.ptr = conn};

	/* A dead one reads nothing, and only sees that the other side is gone. */
	event.events = EPOLLRDHUP;
	if (is_full || conn->wants_write)
		event.events |= EPOLLOUT;
	else if (!conn->is_late && manner_of(net, conn) != DEAD)
		event.events |= EPOLLIN;
	if (event.events != conn->watched)
		epoll_ctl(net->epoll, conn->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, conn->fd,
			&event);
	conn->watched = event.events;
}

static int manager_of(const struct net *net, int fd)
{
	struct sockaddr_in at = {0};
	socklen_t len = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &len))
		return -1;
	return sim_manager_at(net->options.sim, ntohl(at.sin_addr.s_addr));
}

static void conn_accept(struct net *net, int fd)
{
	struct conn *conn;
	int manager = manager_of(net, fd), on = 1;

	if (manager < 0) {
		close(fd);
		return;
	}
	conn = xcalloc(1, sizeof(*conn));
	conn->fd = fd;
	conn->manager = manager;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	buf_init(&conn->in, REQUEST_BYTES);
	buf_init(&conn->out, ANSWER_BYTES);
	if (net->tls) {
		conn->tls = SSL_new(net->tls);
		SSL_set_fd(conn->tls, fd);
		SSL_set_accept_state(conn->tls);
	}
	conn->next = net->conns;
	if (conn->next)
		conn->next->prev = conn;
	net->conns = conn;
	net->counts.accepted++;
	net->counts.open_now++;
	if (manner_of(net, conn) == RESET)
		conn_close(net, conn, true);
	else
		conn_watch(net, conn);
}

static void accept_all(struct net *net)
{
	for (;;) {
		int fd = accept4(net->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			conn_accept(net, fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

/* ---- bytes ---- */

/* Bytes; 0 = later; -1 = it is over. */
static ssize_t tls_result(struct conn *conn, int rc)
{
	int why;

	if (rc > 0)
		return rc;
	why = SSL_get_error(conn->tls, rc);
	ERR_clear_error();
	conn->wants_write = why == SSL_ERROR_WANT_WRITE;
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static ssize_t conn_read(struct conn *conn, void *data, size_t size)
{
	ssize_t len;

	conn->wants_write = false;
	if (conn->tls)
		return tls_result(conn, SSL_read(conn->tls, data, (int)size));
	len = read(conn->fd, data, size);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return len > 0 ? len : -1;
}

static ssize_t conn_write(struct conn *conn, const void *data, size_t size)
{
	ssize_t len;

	if (conn->tls)
		return tls_result(
			conn, SSL_write(conn->tls, data, (int)(size < 1 << 20 ? size : 1 << 20)));
	len = send(conn->fd, data, size, MSG_NOSIGNAL);
	return len < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : len;
}

/* false = it is over. */
static bool conn_flush(struct net *net, struct conn *conn)
{
	while (conn->sent < conn->out.len) {
		ssize_t len =
			conn_write(conn, conn->out.data + conn->sent, conn->out.len - conn->sent);

		if (len < 0)
			return false;
		if (len == 0)
			return true;
		conn->sent += (size_t)len;
		net->counts.bytes_sent += (uint64_t)len;
	}
	/* Ten thousand of them keep nothing. */
	buf_release(&conn->out);
	buf_init(&conn->out, ANSWER_BYTES);
	conn->sent = 0;
	return true;
}

/* ---- requests ---- */

static const char *reason_of(int status)
{
	switch (status) {
	case 200: return "OK";
	case 202: return "Accepted";
	case 400: return "Bad Request";
	case 404: return "Not Found";
	case 409: return "Conflict";
	default: return "Internal Server Error";
	}
}

/* The value of a header line, or NULL; it ends at \r. */
static const char *header(const char *head, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " ");
	}
	return NULL;
}

/* text: one request, cut up. */
static void answer(struct net *net, struct conn *conn, char *text, const char *body)
{
	struct sim_request request = {.manager = conn->manager, .body = body, .query = ""};
	char *at = text;
	enum sim_path path = PATH_OTHER;
	int status;

	text[strcspn(text, "\r\n")] = '\0';
	request.method = strsep(&at, " ");
	request.path = at ? strsep(&at, " ") : "/";
	at = strchr(request.path, '?');
	if (at) {
		*at = '\0';
		request.query = at + 1;
	}
	buf_reset(&net->body);
	status = sim_answer(net->options.sim, &request, &net->body, &path);
	net->counts.paths[path]++;
	if (path == PATH_JOBS)
		note_asked(net, conn->manager);
	buf_addf(&conn->out,
		"HTTP/1.1 %d %s\r\ncontent-type: application/json; charset=UTF-8\r\n"
		"access-control-allow-origin: *\r\nconnection: keep-alive\r\ncontent-length: "
		"%zu\r\n"
		"\r\n",
		status, reason_of(status), net->body.len);
	buf_add(&conn->out, net->body.data, net->body.len);
}

/* Takes one request out of `in`: its size, 0 = it is not whole, -1 = nonsense. */
static ssize_t take_request(struct net *net, struct conn *conn, char *text, size_t len)
{
	char *end = memmem(text, len, "\r\n\r\n", 4), saved;
	const char *length;
	size_t head, size = 0;

	if (!end)
		return len > REQUEST_BYTES / 2 ? -1 : 0;
	head = (size_t)(end - text) + 4;
	end[2] = '\0';
	length = header(text, "content-length");
	if (length)
		size = strtoul(length, NULL, 10);
	end[2] = '\r';
	if (size > REQUEST_BYTES / 2)
		return -1;
	if (len < head + size)
		return 0;
	saved = text[head + size];
	text[head + size] = '\0';
	answer(net, conn, text, text + head);
	text[head + size] = saved;
	return (ssize_t)(head + size);
}

/* Answers all that is there; false = it is over. */
static bool conn_answer(struct net *net, struct conn *conn)
{
	size_t at = 0;

	while (at < conn->in.len) {
		ssize_t len = take_request(net, conn, conn->in.data + at, conn->in.len - at);

		if (len < 0)
			return false;
		if (len == 0)
			break;
		at += (size_t)len;
	}
	if (at == conn->in.len) {
		buf_release(&conn->in);
		buf_init(&conn->in, REQUEST_BYTES);
	} else if (at > 0) {
		struct buf rest;

		buf_init(&rest, REQUEST_BYTES);
		buf_add(&rest, conn->in.data + at, conn->in.len - at);
		buf_release(&conn->in);
		conn->in = rest;
	}
	return conn_flush(net, conn);
}

static bool is_whole(const struct conn *conn)
{
	return conn->in.len && memmem(conn->in.data, conn->in.len, "\r\n\r\n", 4);
}

/* false = it is over. */
static bool conn_readable(struct net *net, struct conn *conn)
{
	char data[READ_BYTES];
	ssize_t len;

	do {
		len = conn_read(conn, data, sizeof(data));
		if (len < 0 || (len > 0 && buf_add(&conn->in, data, (size_t)len)))
			return false;
	} while (conn->tls && len > 0 && SSL_pending(conn->tls) > 0);
	if (manner_of(net, conn) == RESET)
		return false;
	if (manner_of(net, conn) == SLOW && is_whole(conn)) {
		conn->is_late = true;
		conn->due_ms = clock_awake_ms() + net->options.slow_ms;
		if (net->late_last)
			net->late_last->later = conn;
		else
			net->late_first = conn;
		net->late_last = conn;
		return true;
	}
	return conn_answer(net, conn);
}

static void conn_turn(struct net *net, struct conn *conn, uint32_t events)
{
	bool is_alive = true;

	if (events & EPOLLOUT && conn->out.len > conn->sent)
		is_alive = conn_flush(net, conn);
	else if (events & (EPOLLIN | EPOLLOUT))
		is_alive = conn_readable(net, conn);
	/* What the other side has closed gets no answer any more. */
	if (!is_alive || events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		conn_close(net, conn, is_alive ? false : manner_of(net, conn) == RESET);
	else
		conn_watch(net, conn);
}

void net_manner(struct net *net, int manager)
{
	for (struct conn *conn = net->conns, *next; conn; conn = next) {
		next = conn->next;
		if (conn->manager != manager)
			continue;
		if (manner_of(net, conn) == RESET)
			conn_close(net, conn, true);
		else
			conn_watch(net, conn);
	}
}

static void late_turn(struct net *net)
{
	int64_t now_ms = clock_awake_ms();

	while (net->late_first && net->late_first->due_ms <= now_ms) {
		struct conn *conn = net->late_first;

		late_remove(net, conn);
		if (conn_answer(net, conn))
			conn_watch(net, conn);
		else
			conn_close(net, conn, false);
	}
}

static void watch_fd(struct net *net, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &net->watched_fd};

	if (net->watched_fd == fd)
		return;
	net->watched_fd = fd;
	epoll_ctl(net->epoll, EPOLL_CTL_ADD, fd, &event);
}

bool net_turn(struct net *net, int fd, int64_t timeout_ms)
{
	struct epoll_event events[EVENTS];
	bool is_readable = false;
	int count;

	watch_fd(net, fd);
	if (net->late_first) {
		int64_t wait_ms = net->late_first->due_ms - clock_awake_ms();

		timeout_ms = wait_ms < 0                         ? 0
			: timeout_ms < 0 || wait_ms < timeout_ms ? wait_ms
								 : timeout_ms;
	}
	count = epoll_wait(net->epoll, events, EVENTS, (int)timeout_ms);
	for (int i = 0; i < count; i++) {
		if (!events[i].data.ptr)
			accept_all(net);
		else if (events[i].data.ptr == &net->watched_fd)
			is_readable = true;
		else
			conn_turn(net, events[i].data.ptr, events[i].events);
	}
	late_turn(net);
	return is_readable;
}

void net_close(struct net *net)
{
	while (net->conns)
		conn_close(net, net->conns, false);
	buf_release(&net->body);
	SSL_CTX_free(net->tls);
	if (net->listener >= 0)
		close(net->listener);
	if (net->refused >= 0)
		close(net->refused);
	if (net->epoll >= 0)
		close(net->epoll);
	free(net->asked);
	free(net);
}
