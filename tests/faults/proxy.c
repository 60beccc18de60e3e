/*
 * One thread accepts, each link has a thread: read a request whole, ask the JobManager over a new
 * connection that it closes, read its answer whole, do to it what the fault says. A thread that has
 * nothing to do but wait (a stall, a delay) waits on `changed`, or for its client's end, so that
 * neither proxy_stop() nor a client that gives up is kept waiting.
 */
#include "tests/faults/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define BODY_BYTES_MAX ((size_t)64 << 20)
#define CHUNK_BYTES ((size_t)64 << 10)

struct link {
	struct proxy *proxy;
	struct link *next;
	int client, server;   /* server -1 = none. Both change under the lock only */
	int era;              /* of the proxy when it was accepted */
	atomic_bool is_reset; /* it ends with a reset */
};

struct proxy {
	int holder, port; /* a socket that keeps the port while nobody listens */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* links, listener, is_refusing, is_over */
	/* under the lock */
	int listener; /* -1 = none; opened and closed by the thread that accepts */
	struct link *links;
	struct proxy_fault fault;
	struct proxy_counts counts;
	int era, to_port;
	bool is_refusing, is_over;
};

static void die(const char *what)
{
	perror(what);
	abort();
}

/* ---- bytes ---- */

static bool send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* The value of a header line, or NULL. */
static const char *header_of(const char *message, const char *name)
{
	const char *end = strstr(message, "\r\n\r\n");

	for (const char *at = strstr(message, "\r\n"); at && at < end; at = strstr(at + 2, "\r\n"))
		if (strncasecmp(at + 2, name, strlen(name)) == 0)
			return at + 2 + strlen(name);
	return NULL;
}

/* How long the message is, once its header is there; 0 = not known yet, SIZE_MAX = up to the end. */
static size_t length_of(const char *message, bool is_request)
{
	const char *body = strstr(message, "\r\n\r\n"), *length;

	if (!body)
		return 0;
	length = header_of(message, "Content-Length:");
	if (length)
		return (size_t)(body + 4 - message) + strtoul(length, NULL, 10);
	return is_request ? (size_t)(body + 4 - message) : SIZE_MAX;
}

/* Without the lines of these names, each "Name:"; NULL-ended. */
static void add_without(struct buf *out, const char *message, size_t len, const char *const *names)
{
	const char *body = strstr(message, "\r\n\r\n") + 2, *line = message;

	while (line < body) {
		const char *next = strstr(line, "\r\n") + 2;
		bool is_kept = true;

		for (size_t i = 0; names[i]; i++)
			is_kept = is_kept && strncasecmp(line, names[i], strlen(names[i])) != 0;
		if (is_kept)
			buf_add(out, line, (size_t)(next - line));
		line = next;
	}
	buf_add(out, body, len - (size_t)(body - message));
}

/* false: the far side has ended, before there was a whole message. `other`: ends it too; -1. */
static bool read_message(int fd, int other, struct buf *message, bool is_request)
{
	char *piece = xmalloc(CHUNK_BYTES);
	size_t want;

	for (;;) {
		struct pollfd fds[] = {
			{.fd = fd, .events = POLLIN}, {.fd = other, .events = POLLIN}};
		ssize_t got = 0;

		want = length_of(buf_str(message), is_request);
		if (want && message->len >= want)
			break;
		poll(fds, 2, -1);
		if (fds[0].revents)
			got = recv(fd, piece, CHUNK_BYTES, 0);
		if (got <= 0 || buf_add(message, piece, (size_t)got))
			break;
	}
	free(piece);
	return want && (message->len >= want || want == SIZE_MAX);
}

/* ---- waiting ---- */

/* Until the client goes, or proxy_stop() makes it go. */
static void wait_for_end(const struct link *link)
{
	char piece[4096];

	while (recv(link->client, piece, sizeof(piece), 0) > 0)
		;
}

/* false: it is over. */
static bool wait_ms(struct proxy *proxy, int ms)
{
	struct timespec end;
	bool is_over;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += (long)(ms % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&proxy->lock);
	while (!proxy->is_over && pthread_cond_timedwait(&proxy->changed, &proxy->lock, &end) == 0)
		;
	is_over = proxy->is_over;
	pthread_mutex_unlock(&proxy->lock);
	return !is_over;
}

/* ---- the JobManager ---- */

static int dial(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool ask(struct link *link, const struct buf *request, struct buf *answer)
{
	static const char *const dropped[] = {"Connection:", "Accept-Encoding:", "Upgrade:", NULL};
	struct proxy *proxy = link->proxy;
	struct buf sent;
	size_t line = strcspn(buf_str(request), "\n") + 1;
	bool is_whole;
	int fd;

	pthread_mutex_lock(&proxy->lock);
	int port = proxy->to_port;
	pthread_mutex_unlock(&proxy->lock);
	fd = dial(port);
	if (fd < 0)
		return false;
	pthread_mutex_lock(&proxy->lock);
	link->server = fd;
	proxy->counts.waiting++;
	pthread_mutex_unlock(&proxy->lock);
	buf_init(&sent, 0);
	buf_add(&sent, buf_str(request), line);
	buf_adds(&sent, "Connection: close\r\n");
	/* What follows the first line still begins at a line. */
	add_without(&sent, buf_str(request) + line, request->len - line, dropped);
	is_whole = send_all(fd, buf_str(&sent), sent.len) &&
		read_message(fd, link->client, answer, false);
	buf_release(&sent);
	pthread_mutex_lock(&proxy->lock);
	link->server = -1;
	proxy->counts.waiting--;
	close(fd);
	pthread_mutex_unlock(&proxy->lock);
	return is_whole;
}

/* ---- what goes wrong ---- */

/* An answer of our own in place of the one in `answer`. */
static void say(struct buf *answer, int status, const char *headers, const char *body)
{
	buf_reset(answer);
	buf_addf(answer,
		"HTTP/1.1 %d Said\r\nContent-Type: application/json;charset=UTF-8\r\n%s"
		"Content-Length: %zu\r\n\r\n%s",
		status, headers ? headers : "", strlen(body), body);
}

static void edit(struct buf *answer, char *(*by)(const char *body))
{
	char *body = by(strstr(buf_str(answer), "\r\n\r\n") + 4);

	say(answer, 200, NULL, body);
	free(body);
}

static void corrupt(struct buf *answer, size_t at)
{
	size_t body = (size_t)(strstr(buf_str(answer), "\r\n\r\n") + 4 - buf_str(answer));

	if (answer->len == body)
		return;
	if (at >= answer->len - body)
		at = answer->len - body - 1;
	answer->data[body + at] = (char)0xFF;
}

static bool drip(struct link *link, const struct buf *answer, const struct proxy_fault *fault)
{
	for (size_t at = 0; at < answer->len; at += fault->at) {
		size_t len = answer->len - at < fault->at ? answer->len - at : fault->at;

		if (!send_all(link->client, buf_str(answer) + at, len) ||
			!wait_ms(link->proxy, fault->ms))
			return false;
	}
	return true;
}

/* The answer as the fault lets it through; false: the link ends. */
static bool deliver(struct link *link, struct buf *answer, const struct proxy_fault *fault)
{
	size_t part = fault->at < answer->len ? fault->at : answer->len;

	switch (fault->way) {
	case PROXY_CUT: send_all(link->client, buf_str(answer), part); return false;
	case PROXY_STALL:
		if (send_all(link->client, buf_str(answer), part))
			wait_for_end(link);
		return false;
	case PROXY_DRIP: return drip(link, answer, fault);
	case PROXY_DELAY:
		if (!wait_ms(link->proxy, fault->ms))
			return false;
		break;
	case PROXY_CORRUPT: corrupt(answer, fault->at); break;
	case PROXY_EDIT: edit(answer, fault->edit); break;
	default: break;
	}
	return send_all(link->client, buf_str(answer), answer->len);
}

static bool fetch(struct link *link, const struct buf *request, struct buf *answer)
{
	static const char *const dropped[] = {"Connection:", NULL};
	struct buf raw;
	bool is_whole;

	buf_init(&raw, BODY_BYTES_MAX);
	is_whole = ask(link, request, &raw);
	if (is_whole)
		add_without(answer, buf_str(&raw), raw.len, dropped);
	buf_release(&raw);
	link->is_reset = !is_whole;
	return is_whole;
}

static bool serve_one(struct link *link, const struct buf *request, const struct proxy_fault *fault)
{
	struct buf answer;
	bool goes_on = false;

	switch (fault->way) {
	case PROXY_REFUSE:
	case PROXY_RESET: link->is_reset = true; return false;
	case PROXY_HALF_OPEN:
	case PROXY_DROP: wait_for_end(link); return false;
	default: break;
	}
	buf_init(&answer, BODY_BYTES_MAX);
	if (fault->way == PROXY_SAY) {
		say(&answer, fault->status, fault->headers, fault->text ? fault->text : "");
		goes_on = send_all(link->client, buf_str(&answer), answer.len);
	} else if (fetch(link, request, &answer)) {
		goes_on = deliver(link, &answer, fault);
	}
	buf_release(&answer);
	return goes_on;
}

/* Held. Is the fault, or its end, about this request? */
static bool is_about(const struct proxy_fault *fault, const char *request)
{
	const char *path = strchr(request, ' ');

	return !fault->path || (path && str_starts(path + 1, fault->path));
}

/* What is to be done to this request; counts it. */
static struct proxy_fault choose(struct link *link, const char *request)
{
	struct proxy *proxy = link->proxy;
	struct proxy_fault fault = {.way = PROXY_PASS};

	pthread_mutex_lock(&proxy->lock);
	bool is_met = proxy->fault.way != PROXY_PASS && is_about(&proxy->fault, request) &&
		(!proxy->fault.times || proxy->counts.met < proxy->fault.times) &&
		(proxy->fault.way != PROXY_HALF_OPEN || link->era < proxy->era);
	if (is_met) {
		fault = proxy->fault;
		proxy->counts.met++;
	}
	pthread_mutex_unlock(&proxy->lock);
	return fault;
}

/* ---- links ---- */

static void end_link(struct link *link)
{
	struct proxy *proxy = link->proxy;
	struct linger at_once = {.l_onoff = 1};

	if (link->is_reset)
		setsockopt(link->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	pthread_mutex_lock(&proxy->lock);
	for (struct link **at = &proxy->links; *at; at = &(*at)->next)
		if (*at == link) {
			*at = link->next;
			break;
		}
	close(link->client);
	pthread_cond_broadcast(&proxy->changed);
	pthread_mutex_unlock(&proxy->lock);
	free(link);
}

static void *serve(void *data)
{
	struct link *link = data;
	struct proxy *proxy = link->proxy;
	bool goes_on = true;

	while (goes_on) {
		struct buf request;

		buf_init(&request, BODY_BYTES_MAX);
		goes_on = read_message(link->client, -1, &request, true);
		if (goes_on) {
			struct proxy_fault fault = choose(link, buf_str(&request));

			pthread_mutex_lock(&proxy->lock);
			int era = proxy->era;
			pthread_mutex_unlock(&proxy->lock);
			goes_on = serve_one(link, &request, &fault);
			pthread_mutex_lock(&proxy->lock);
			proxy->counts.passed += goes_on && fault.way == PROXY_PASS &&
				era == proxy->era && is_about(&proxy->fault, buf_str(&request));
			pthread_mutex_unlock(&proxy->lock);
		}
		buf_release(&request);
	}
	end_link(link);
	return NULL;
}

static void take(struct proxy *proxy, int client)
{
	struct link *link = xcalloc(1, sizeof(*link));
	pthread_t thread;

	*link = (struct link){.proxy = proxy, .client = client, .server = -1};
	pthread_mutex_lock(&proxy->lock);
	link->era = proxy->era;
	link->next = proxy->links;
	proxy->links = link;
	if (proxy->is_over || proxy->is_refusing)
		shutdown(client, SHUT_RDWR);
	pthread_mutex_unlock(&proxy->lock);
	if (pthread_create(&thread, NULL, serve, link) != 0 || pthread_detach(thread) != 0)
		die("thread");
}

/* Several may be bound to one port as long as none listens. */
static int bound(int *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
		bind(fd, (struct sockaddr *)&at, len) < 0 ||
		getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		die("proxy");
	*port = ntohs(at.sin_port);
	return fd;
}

/* Held. */
static void listen_again(struct proxy *proxy)
{
	proxy->listener = bound(&proxy->port);
	if (listen(proxy->listener, 64) < 0)
		die("listen");
	pthread_cond_broadcast(&proxy->changed);
}

/* Held. Who shuts the listener down wants it closed. */
static void stop_listening(struct proxy *proxy)
{
	close(proxy->listener);
	proxy->listener = -1;
	pthread_cond_broadcast(&proxy->changed);
}

static void *accept_all(void *data)
{
	struct proxy *proxy = data;
	bool is_over = false;

	while (!is_over) {
		int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0)
			take(proxy, client);
		pthread_mutex_lock(&proxy->lock);
		if (proxy->is_refusing || proxy->is_over)
			stop_listening(proxy);
		while (proxy->is_refusing && !proxy->is_over)
			pthread_cond_wait(&proxy->changed, &proxy->lock);
		is_over = proxy->is_over;
		if (proxy->listener < 0 && !is_over)
			listen_again(proxy);
		pthread_mutex_unlock(&proxy->lock);
	}
	return NULL;
}

/* Held. */
static void reset_links(struct proxy *proxy)
{
	for (struct link *link = proxy->links; link; link = link->next) {
		link->is_reset = true;
		shutdown(link->client, SHUT_RDWR);
		if (link->server >= 0)
			shutdown(link->server, SHUT_RDWR);
	}
}

/* ---- the whole ---- */

struct proxy *proxy_start(int to_port)
{
	struct proxy *proxy = xcalloc(1, sizeof(*proxy));
	pthread_condattr_t forward;

	proxy->to_port = to_port;
	proxy->holder = bound(&proxy->port);
	pthread_mutex_init(&proxy->lock, NULL);
	pthread_condattr_init(&forward);
	pthread_condattr_setclock(&forward, CLOCK_MONOTONIC);
	pthread_cond_init(&proxy->changed, &forward);
	pthread_condattr_destroy(&forward);
	listen_again(proxy);
	if (pthread_create(&proxy->thread, NULL, accept_all, proxy) != 0)
		die("thread");
	return proxy;
}

void proxy_stop(struct proxy *proxy)
{
	if (!proxy)
		return;
	pthread_mutex_lock(&proxy->lock);
	proxy->is_over = true;
	if (proxy->listener >= 0)
		shutdown(proxy->listener, SHUT_RDWR);
	pthread_cond_broadcast(&proxy->changed);
	pthread_mutex_unlock(&proxy->lock);
	pthread_join(proxy->thread, NULL);
	pthread_mutex_lock(&proxy->lock);
	reset_links(proxy);
	while (proxy->links)
		pthread_cond_wait(&proxy->changed, &proxy->lock);
	pthread_mutex_unlock(&proxy->lock);
	close(proxy->holder);
	pthread_cond_destroy(&proxy->changed);
	pthread_mutex_destroy(&proxy->lock);
	free(proxy);
}

int proxy_port(const struct proxy *proxy)
{
	return proxy->port;
}

void proxy_set(struct proxy *proxy, const struct proxy_fault *fault)
{
	pthread_mutex_lock(&proxy->lock);
	bool refuses = fault && fault->way == PROXY_REFUSE;

	proxy->fault = fault ? *fault : (struct proxy_fault){.way = PROXY_PASS};
	proxy->counts.met = proxy->counts.passed = 0;
	proxy->era++;
	proxy->is_refusing = refuses;
	if (refuses && proxy->listener >= 0)
		shutdown(proxy->listener, SHUT_RDWR);
	if (refuses)
		reset_links(proxy);
	pthread_cond_broadcast(&proxy->changed);
	while ((proxy->listener < 0) != refuses)
		pthread_cond_wait(&proxy->changed, &proxy->lock);
	pthread_mutex_unlock(&proxy->lock);
}

void proxy_lead_to(struct proxy *proxy, int to_port)
{
	pthread_mutex_lock(&proxy->lock);
	proxy->to_port = to_port;
	pthread_mutex_unlock(&proxy->lock);
}

struct proxy_counts proxy_counts(struct proxy *proxy)
{
	struct proxy_counts counts;

	pthread_mutex_lock(&proxy->lock);
	counts = proxy->counts;
	pthread_mutex_unlock(&proxy->lock);
	return counts;
}
