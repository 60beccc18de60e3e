/*
 * One thread, one poll() over the listening socket, a wake pipe and all connections. A connection
 * is READING a request, ANSWERING (its bytes are made piece by piece, so 200 MB need no memory) or
 * MUTE. One lock guards everything the test's thread may look at; it is held while events are
 * served, never while the thread waits.
 */
#include "tests/support/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#define PIECE_BYTES 65536
#define REQUEST_CAP_BYTES ((size_t)64 << 20)

enum conn_state { READING, ANSWERING, MUTE };

/* A copy of what the test gave, shared by the route and the connections that send it. */
struct answer {
	struct httpd_answer spec;
	int refs;
};

struct route {
	char *pattern;
	VEC(struct answer *) answers;
	size_t next;
	int requests;
};

struct conn {
	int fd; /* -1: closed, to be swept */
	enum conn_state state;
	struct buf in, out;
	size_t out_done;
	struct answer *answer;
	uint64_t stream_left;
	bool head_only; /* HEAD */
	uint64_t sent;  /* of this answer */
	int64_t due_ms; /* DRIP: when the next byte may go */
};

struct httpd {
	pthread_t thread;
	pthread_mutex_t lock;
	int listener, wake[2], port;
	char address[INET_ADDRSTRLEN];
	bool stop, accepting, close_idle;
	VEC(struct route *) routes;
	VEC(struct conn *) conns;
	int busy;
	struct httpd_counts counts; /* open_now stays 0 */
	char *last_request;
};

static void die(const char *what)
{
	perror(what);
	abort();
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* -- answers -- */

static struct answer *answer_new(const struct httpd_answer *spec)
{
	struct answer *answer = xcalloc(1, sizeof(*answer));
	const char *body = spec->body ? spec->body : "";

	answer->spec = *spec;
	answer->refs = 1;
	if (!spec->body_len)
		answer->spec.body_len = strlen(body);
	answer->spec.body = xmalloc(answer->spec.body_len + 1);
	memcpy((char *)answer->spec.body, body, answer->spec.body_len);
	answer->spec.headers = xstrdup(spec->headers ? spec->headers : "");
	answer->spec.content_type =
		xstrdup(spec->content_type ? spec->content_type : "application/json;charset=UTF-8");
	if (!spec->status)
		answer->spec.status = 200;
	return answer;
}

static void answer_unref(struct answer *answer)
{
	if (!answer || --answer->refs)
		return;
	free((char *)answer->spec.body);
	free((char *)answer->spec.headers);
	free((char *)answer->spec.content_type);
	free(answer);
}

static struct answer *answer_for(struct httpd *s, const char *target)
{
	struct route **at;

	vec_each (at, &s->routes) {
		struct route *route = *at;
		size_t len = strlen(route->pattern);
		bool prefix = len && route->pattern[len - 1] == '*';
		struct answer *answer;

		if (strncmp(target, route->pattern, prefix ? len - 1 : SIZE_MAX) != 0)
			continue;
		route->requests++;
		answer = route->answers.data[route->next];
		if (route->next + 1 < route->answers.len)
			route->next++;
		answer->refs++;
		return answer;
	}
	return answer_new(
		&(struct httpd_answer){.status = 404, .body = "{\"errors\":[\"no route\"]}"});
}

/* -- connections -- */

static void conn_close(struct httpd *s, struct conn *c)
{
	if (c->state != READING)
		s->busy--;
	c->state = READING;
	close(c->fd);
	c->fd = -1;
}

static void conn_reset(struct httpd *s, struct conn *c)
{
	struct linger linger = {.l_onoff = 1};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	conn_close(s, c);
}

static void conn_free(struct conn *c)
{
	answer_unref(c->answer);
	buf_release(&c->in);
	buf_release(&c->out);
	free(c);
}

static void answer_head(struct conn *c)
{
	const struct httpd_answer *a = &c->answer->spec;
	bool closes = a->close && a->fault != HTTPD_LIE;
	uint64_t len = a->stream_bytes ? a->stream_bytes : a->body_len;

	buf_addf(&c->out, "HTTP/1.1 %d Scripted\r\nContent-Type: %s\r\n%s%s", a->status,
		a->content_type, a->headers, closes ? "Connection: close\r\n" : "");
	if (a->fault == HTTPD_HEADER_FLOOD)
		return;
	if (a->chunked)
		buf_adds(&c->out, "Transfer-Encoding: chunked\r\n\r\n");
	else
		buf_addf(&c->out, "Content-Length: %llu\r\n\r\n", (unsigned long long)len);
	if (c->head_only)
		return;
	if (a->stream_bytes)
		c->stream_left = a->stream_bytes;
	else if (a->chunked && a->body_len)
		buf_addf(&c->out, "%zx\r\n", a->body_len);
	if (!a->stream_bytes) {
		buf_add(&c->out, a->body, a->body_len);
		buf_adds(&c->out, !a->chunked ? "" : a->body_len ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
	}
}

/* `out` is empty: the next piece, if there is one. */
static void answer_more(struct conn *c)
{
	static const char flood[] = "X-Flood: 0123456789012345678901234567890123456789\r\n";
	char piece[PIECE_BYTES];
	size_t len = c->stream_left < sizeof(piece) ? (size_t)c->stream_left : sizeof(piece);

	buf_reset(&c->out);
	c->out_done = 0;
	if (c->answer->spec.fault == HTTPD_HEADER_FLOOD) {
		for (int i = 0; i < 500; i++)
			buf_adds(&c->out, flood);
		return;
	}
	if (!len)
		return;
	memset(piece, 'x', len);
	c->stream_left -= len;
	if (c->answer->spec.chunked)
		buf_addf(&c->out, "%zx\r\n", len);
	buf_add(&c->out, piece, len);
	if (c->answer->spec.chunked)
		buf_adds(&c->out, c->stream_left ? "\r\n" : "\r\n0\r\n\r\n");
}

static void answer_end(struct httpd *s, struct conn *c)
{
	const struct httpd_answer *a = &c->answer->spec;

	if (a->close || a->fault == HTTPD_LIE || a->fault == HTTPD_RAW) {
		conn_close(s, c);
		return;
	}
	answer_unref(c->answer);
	c->answer = NULL;
	c->state = READING;
	s->busy--;
}

static void conn_write(struct httpd *s, struct conn *c)
{
	const struct httpd_answer *a = &c->answer->spec;
	size_t left = c->out.len - c->out_done;
	ssize_t put;

	if (a->fault == HTTPD_DRIP) {
		if (now_ms() < c->due_ms)
			return;
		c->due_ms = now_ms() + (a->drip_ms > 0 ? a->drip_ms : 1);
		left = left ? 1 : 0;
	}
	if (a->fault == HTTPD_CUT && left > a->cut_bytes - c->sent)
		left = a->cut_bytes - c->sent;
	put = left ? send(c->fd, c->out.data + c->out_done, left, MSG_NOSIGNAL) : 0;
	if (put < 0) {
		if (errno != EAGAIN && errno != EINTR)
			conn_close(s, c);
		return;
	}
	c->sent += (uint64_t)put;
	s->counts.bytes_sent += (uint64_t)put;
	c->out_done += (size_t)put;
	if (a->fault == HTTPD_CUT && c->sent >= a->cut_bytes) {
		conn_close(s, c);
		return;
	}
	if (c->out_done == c->out.len) {
		answer_more(c);
		if (!c->out.len)
			answer_end(s, c);
	}
}

/* A whole request is in c->in. */
static void conn_request(struct httpd *s, struct conn *c)
{
	char *request = xstrndup(c->in.data, c->in.len), *target;
	size_t line = strcspn(request, "\r\n");
	const char *version;

	free(s->last_request);
	s->last_request = request;
	target = xstrndup(request, line);
	version = strstr(target, " HTTP/1.");
	if (version)
		target[version - target] = 0;
	answer_unref(c->answer);
	c->answer = answer_for(s, target);
	c->head_only = str_starts(target, "HEAD ");
	free(target);
	s->counts.requests++;
	if (++s->busy > s->counts.busy_most)
		s->counts.busy_most = s->busy;
	buf_reset(&c->in);
	buf_reset(&c->out);
	c->out_done = 0;
	c->sent = 0;
	c->stream_left = 0;
	c->due_ms = 0;
	c->state = ANSWERING;
	switch (c->answer->spec.fault) {
	case HTTPD_SILENT: c->state = MUTE; return;
	case HTTPD_CLOSE: conn_close(s, c); return;
	case HTTPD_RESET: conn_reset(s, c); return;
	case HTTPD_RAW: buf_add(&c->out, c->answer->spec.body, c->answer->spec.body_len); break;
	default: answer_head(c);
	}
	conn_write(s, c);
}

static void conn_read(struct httpd *s, struct conn *c)
{
	char bytes[PIECE_BYTES];
	ssize_t got = recv(c->fd, bytes, sizeof(bytes), 0);
	const char *end, *field;
	int64_t need = 0;
	size_t head;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0 || (c->state == READING && buf_add(&c->in, bytes, (size_t)got))) {
		conn_close(s, c);
		return;
	}
	if (c->state != READING)
		return; /* nothing is asked for while an answer is under way */
	end = strstr(buf_str(&c->in), "\r\n\r\n");
	if (!end)
		return;
	head = (size_t)(end - c->in.data) + 4;
	field = strcasestr(c->in.data, "\r\nContent-Length:");
	if (field && field < end) {
		char *digits = xstrndup(field + 17, strcspn(field + 17, "\r"));

		if (!str_to_int64(digits + strspn(digits, " "), &need))
			need = 0;
		free(digits);
	}
	if (c->in.len - head >= (size_t)need)
		conn_request(s, c);
}

static void conn_accept(struct httpd *s)
{
	struct conn *c;
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), one = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c = xcalloc(1, sizeof(*c));
	c->fd = fd;
	buf_init(&c->in, REQUEST_CAP_BYTES);
	buf_init(&c->out, 0);
	vec_push(&s->conns, c);
	s->counts.connections++;
}

/* -- the thread -- */

static void sweep(struct httpd *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->conns.len; i++) {
		struct conn *c = s->conns.data[i];

		if (s->close_idle && c->fd >= 0 && c->state == READING && !c->in.len)
			conn_close(s, c);
		if (c->fd < 0)
			conn_free(c);
		else
			s->conns.data[kept++] = c;
	}
	s->conns.len = kept;
	s->close_idle = false;
}

static int poll_fill(struct httpd *s, struct pollfd *fds)
{
	int64_t now = now_ms();
	int wait_ms = -1;

	fds[0] = (struct pollfd){.fd = s->wake[0], .events = POLLIN};
	fds[1] = (struct pollfd){.fd = s->accepting ? s->listener : -1, .events = POLLIN};
	for (size_t i = 0; i < s->conns.len; i++) {
		struct conn *c = s->conns.data[i];
		short events = POLLIN;

		if (c->state == ANSWERING) {
			int64_t left = c->due_ms - now;

			if (left > 0)
				wait_ms = wait_ms < 0 || left < wait_ms ? (int)left : wait_ms;
			else
				events |= POLLOUT;
		}
		fds[i + 2] = (struct pollfd){.fd = c->fd, .events = events};
	}
	return wait_ms;
}

static void serve(struct httpd *s, const struct pollfd *fds, size_t conns)
{
	char drain[64];

	if (fds[0].revents)
		(void)!read(s->wake[0], drain, sizeof(drain));
	for (size_t i = 0; i < conns; i++) {
		struct conn *c = s->conns.data[i];

		if (fds[i + 2].revents & (POLLIN | POLLHUP | POLLERR))
			conn_read(s, c);
		if (c->fd >= 0 && c->state == ANSWERING)
			conn_write(s, c);
	}
	if (fds[1].revents && s->accepting) /* it may have ended while poll() waited */
		conn_accept(s);
}

static void *run(void *data)
{
	struct httpd *s = data;
	struct pollfd *fds = NULL;
	size_t alloc = 0;

	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		size_t conns;
		int wait_ms;

		sweep(s);
		conns = s->conns.len;
		fds = vec_grow(fds, &alloc, conns + 2, sizeof(*fds));
		wait_ms = poll_fill(s, fds);
		pthread_mutex_unlock(&s->lock);
		if (poll(fds, conns + 2, wait_ms) < 0 && errno != EINTR)
			die("httpd poll");
		pthread_mutex_lock(&s->lock);
		serve(s, fds, conns);
	}
	pthread_mutex_unlock(&s->lock);
	free(fds);
	return NULL;
}

static void wake(struct httpd *s)
{
	(void)!write(s->wake[1], "w", 1); /* a full pipe wakes as well */
}

static void set_flag(struct httpd *s, bool *flag, bool value)
{
	pthread_mutex_lock(&s->lock);
	*flag = value;
	pthread_mutex_unlock(&s->lock);
	wake(s);
}

/* -- the contract -- */

struct httpd *httpd_start(const char *address)
{
	struct httpd *s = xcalloc(1, sizeof(*s));
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	if (inet_pton(AF_INET, address, &at.sin_addr) != 1)
		die(address);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&at, len) ||
		listen(s->listener, 4096) || getsockname(s->listener, (struct sockaddr *)&at, &len))
		die("httpd listen");
	if (pipe2(s->wake, O_CLOEXEC | O_NONBLOCK))
		die("httpd pipe");
	s->port = ntohs(at.sin_port);
	snprintf(s->address, sizeof(s->address), "%s",
		str_eq(address, "0.0.0.0") ? "127.0.0.1" : address);
	s->accepting = true;
	s->last_request = xstrdup("");
	pthread_mutex_init(&s->lock, NULL);
	if (pthread_create(&s->thread, NULL, run, s))
		die("httpd thread");
	return s;
}

void httpd_stop(struct httpd *s)
{
	struct conn **c;

	if (!s)
		return;
	set_flag(s, &s->stop, true);
	pthread_join(s->thread, NULL);
	vec_each (c, &s->conns) {
		if ((*c)->fd >= 0)
			close((*c)->fd);
		conn_free(*c);
	}
	vec_release(&s->conns);
	httpd_forget(s);
	vec_release(&s->routes);
	close(s->listener);
	close(s->wake[0]);
	close(s->wake[1]);
	free(s->last_request);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int httpd_port(const struct httpd *s)
{
	return s->port;
}

char *httpd_url(const struct httpd *s, const char *path)
{
	return xasprintf("http://%s:%d%s", s->address, s->port, path);
}

static struct route *route_find(struct httpd *s, const char *pattern)
{
	struct route **at;

	vec_each (at, &s->routes) {
		if (str_eq((*at)->pattern, pattern))
			return *at;
	}
	return NULL;
}

void httpd_on(struct httpd *s, const char *pattern, const struct httpd_answer *spec)
{
	struct route *route;

	pthread_mutex_lock(&s->lock);
	route = route_find(s, pattern);
	if (!route) {
		route = xcalloc(1, sizeof(*route));
		route->pattern = xstrdup(pattern);
		vec_push(&s->routes, route);
	}
	vec_push(&route->answers, answer_new(spec));
	pthread_mutex_unlock(&s->lock);
}

void httpd_forget(struct httpd *s)
{
	struct route **at;

	pthread_mutex_lock(&s->lock);
	vec_each (at, &s->routes) {
		struct answer **answer;

		vec_each (answer, &(*at)->answers)
			answer_unref(*answer);
		vec_release(&(*at)->answers);
		free((*at)->pattern);
		free(*at);
	}
	s->routes.len = 0;
	pthread_mutex_unlock(&s->lock);
}

void httpd_accept(struct httpd *s, bool on)
{
	set_flag(s, &s->accepting, on);
}

void httpd_close_idle(struct httpd *s)
{
	set_flag(s, &s->close_idle, true);
}

int httpd_requests(struct httpd *s, const char *pattern)
{
	const struct route *route;
	int count;

	pthread_mutex_lock(&s->lock);
	route = route_find(s, pattern);
	count = route ? route->requests : 0;
	pthread_mutex_unlock(&s->lock);
	return count;
}

struct httpd_counts httpd_counts(struct httpd *s)
{
	struct httpd_counts counts;
	struct conn **c;

	pthread_mutex_lock(&s->lock);
	counts = s->counts;
	vec_each (c, &s->conns)
		counts.open_now += (*c)->fd >= 0;
	pthread_mutex_unlock(&s->lock);
	return counts;
}

char *httpd_last_request(struct httpd *s)
{
	char *copy;

	pthread_mutex_lock(&s->lock);
	copy = xstrdup(s->last_request);
	pthread_mutex_unlock(&s->lock);
	return copy;
}
