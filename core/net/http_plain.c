/*
 * A link is in one of two lists, or just opened for its transfer:
 *
 *	busy   connecting ─▶ sending ─▶ reading ─answer is whole─▶ idle, or closed
 *	                       └─ closed before a byte came on a link that was kept ─▶ once more, on a new one
 *	idle   watched, so that one that the far side closes is closed here too, and is never used
 *
 * Addresses are the key, not names: when a name moves, its links are just not found any more.
 */
#include "core/net/http_plain.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http_answer.h"
#include "core/net/http_hosts.h"
#include "core/net/http_text.h"

/* What stands between may have forgotten one that was silent for longer. */
#define IDLE_MAX_MS 100000
#define READ_BYTES ((size_t)64 << 10)
/* Pieces read before others have their turn. */
#define READS_AT_ONCE 4
/* So long a host whose answer was odd is libcurl's from the start. */
#define ODD_MS (10 * 60 * 1000)

/* What is under way on a link. */
struct flight {
	struct http_transfer *transfer;
	struct http_answer answer;
	char *request;
	size_t len, sent, received;
	int64_t sent_ms, deadline_ms, end_ms; /* awake; deadline: of what it does now */
};

struct plain_link {
	struct link
		order; /* first: in busy or idle, those that are idle for the longest at the end */
	struct plain *plain;
	struct plain_link *same; /* the next idle one to this address */
	char *key;               /* "10.0.0.7:8081" */
	struct loop_watch *watch;
	struct flight *flight; /* NULL = idle */
	int fd;
	bool is_connected, was_kept, is_last; /* last: not kept, whatever comes */
	int64_t opened_ms, idle_ms;           /* awake */
};

struct plain {
	struct http *http;
	struct link busy, idle;
	struct map *idle_by_key;
	struct http_hosts *odd; /* when an answer was */
	struct loop_timer *timer;
	int64_t armed_ms; /* 0 = it is not */
	int idle_count, max_idle;
	char piece[READ_BYTES];
};

static bool open_for(struct http_transfer *t, struct flight *flight, const char *key);

/* ---- links ---- */

/* Out of those that are idle. */
static void link_take(struct plain_link *link)
{
	struct plain *plain = link->plain;
	struct plain_link *first = map_get(plain->idle_by_key, link->key);

	if (first == link) {
		map_del(plain->idle_by_key, link->key);
		if (link->same)
			map_put(plain->idle_by_key, link->same->key, link->same);
	} else {
		while (first->same != link)
			first = first->same;
		first->same = link->same;
	}
	link->same = NULL;
	link_del(&link->order);
	plain->idle_count--;
}

static void link_close(struct plain_link *link)
{
	if (!link->flight)
		link_take(link);
	else
		link_del(&link->order);
	loop_unwatch(link->watch);
	close(link->fd);
	free(link->key);
	free(link);
}

static struct plain_link *longest_idle(const struct plain *plain)
{
	return plain->idle.prev == &plain->idle ? NULL : (struct plain_link *)plain->idle.prev;
}

/* Those that are too old, and more than there is room for. */
static void tidy(struct plain *plain, int64_t now, int max)
{
	struct plain_link *link;

	while ((link = longest_idle(plain)) &&
		(now - link->idle_ms > IDLE_MAX_MS || plain->idle_count > max))
		link_close(link);
}

static int room(const struct plain *plain)
{
	int left = plain->max_idle - plain->http->curl_sockets;

	return left > 1 ? left : 1;
}

static void link_keep(struct plain_link *link, int64_t now)
{
	struct plain *plain = link->plain;

	link_del(&link->order);
	link->flight = NULL;
	link->was_kept = true;
	link->idle_ms = now;
	link->same = map_get(plain->idle_by_key, link->key);
	map_put(plain->idle_by_key, link->key, link);
	link_add(&plain->idle, &link->order);
	plain->idle_count++;
	loop_watch_set(link->watch, LOOP_READ);
	tidy(plain, now, room(plain));
}

/* ---- the end of a flight ---- */

static void flight_free(struct flight *flight)
{
	free(flight->request);
	free(flight);
}

/* Its link is closed; the transfer is nobody's. */
static struct http_transfer *link_drop(struct plain_link *link)
{
	struct http_transfer *t = link->flight->transfer;
	struct flight *flight = link->flight;

	link_close(link);
	flight_free(flight);
	t->plain_link = NULL;
	return t;
}

static void fail(struct plain_link *link, CURLcode code, int os_errno)
{
	struct http_failure failure = {.code = (int)code,
		.os_errno = os_errno,
		.detail = curl_easy_strerror(code),
		.connected = link->flight->sent > 0,
		.received_bytes = link->flight->received};
	struct http_transfer *t = link_drop(link);

	failure.method = t->method;
	failure.url = t->url;
	failure.cap_bytes = t->cap_bytes;
	failure.connect_timeout_ms = t->connect_timeout_ms;
	failure.timeout_ms = t->timeout_ms;
	t->was_sent = failure.connected;
	http_failure_error(&failure, &t->err);
	http_transfer_land(t);
}

static bool is_odd(const struct plain *plain, const struct http_transfer *t)
{
	int64_t odd_ms = http_hosts_ms(plain->odd, t);

	return odd_ms && clock_awake_ms() - odd_ms < ODD_MS;
}

/* By libcurl, in the time that is left. */
static void leave_to_libcurl(struct plain_link *link)
{
	int64_t left_ms = link->flight->end_ms - clock_awake_ms();
	struct http_transfer *t = link_drop(link);

	buf_reset(&t->answer);
	t->lookup_ms = t->timeout_ms - left_ms;
	http_transfer_relaunch(t);
}

static void whole(struct plain_link *link)
{
	struct flight *flight = link->flight;
	struct http_transfer *t = flight->transfer;
	int64_t now = clock_awake_ms();

	t->status = flight->answer.status;
	t->content_type = xstrdup_null(*flight->answer.type ? flight->answer.type : NULL);
	t->elapsed_ms = now - flight->sent_ms;
	t->was_sent = true;
	t->http->stats.bytes_received += (int64_t)t->answer.len;
	t->plain_link = NULL;
	if (flight->answer.is_kept && !t->is_rare && !link->is_last)
		link_keep(link, now);
	else
		link_close(link);
	flight_free(flight);
	http_transfer_land(t);
}

/* A kept one may have been closed just when the request left: that is no answer, so it goes again. */
static void closed(struct plain_link *link)
{
	struct flight *flight = link->flight;
	struct http_transfer *t = flight->transfer;
	char *key;

	if (!link->was_kept || flight->received) {
		leave_to_libcurl(link);
		return;
	}
	key = xstrdup(link->key);
	link_close(link);
	flight->sent = 0;
	t->plain_link = NULL;
	if (!open_for(t, flight, key)) {
		flight_free(flight);
		http_transfer_relaunch(t);
	}
	free(key);
}

/* ---- time ---- */

static void on_time(void *data);

static void arm(struct plain *plain, int64_t deadline_ms, int64_t now)
{
	if (plain->armed_ms && plain->armed_ms <= deadline_ms)
		return;
	plain->armed_ms = deadline_ms;
	if (!plain->timer)
		plain->timer = loop_timer(plain->http->loop, 0, 0, on_time, plain);
	loop_timer_set(plain->timer, deadline_ms - now, 0);
}

static void set_deadline(struct plain_link *link, int64_t deadline_ms, int64_t now)
{
	struct flight *flight = link->flight;

	flight->deadline_ms = deadline_ms < flight->end_ms ? deadline_ms : flight->end_ms;
	arm(link->plain, flight->deadline_ms, now);
}

static void on_time(void *data)
{
	struct plain *plain = data;
	int64_t now = clock_awake_ms();
	struct link *at, *next;

	plain->armed_ms = 0;
	for (at = plain->busy.next; at != &plain->busy; at = next) {
		struct plain_link *link = (struct plain_link *)at;

		next = at->next;
		if (link->flight->deadline_ms <= now)
			fail(link, CURLE_OPERATION_TIMEDOUT, 0);
	}
	for (at = plain->busy.next; at != &plain->busy; at = at->next)
		arm(plain, ((struct plain_link *)at)->flight->deadline_ms, now);
}

/* ---- under way ---- */

/* False: it is closed over there. */
static bool send_more(struct plain_link *link)
{
	struct flight *flight = link->flight;
	ssize_t sent = send(
		link->fd, flight->request + flight->sent, flight->len - flight->sent, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (sent > 0) {
		flight->sent += (size_t)sent;
		flight->sent_ms = clock_awake_ms();
	}
	loop_watch_set(link->watch, LOOP_READ | (flight->sent < flight->len ? LOOP_WRITE : 0u));
	return true;
}

static void read_on(struct plain_link *link)
{
	struct plain *plain = link->plain;
	struct flight *flight = link->flight;

	for (int i = 0; i < READS_AT_ONCE; i++) {
		ssize_t got = recv(link->fd, plain->piece, sizeof(plain->piece), 0);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			closed(link);
			return;
		}
		flight->received += (size_t)got;
		switch (http_answer_add(
			&flight->answer, plain->piece, (size_t)got, &flight->transfer->answer)) {
		case ANSWER_UNDER_WAY: break;
		case ANSWER_WHOLE: whole(link); return;
		case ANSWER_ODD:
			http_hosts_note(plain->odd, flight->transfer);
			leave_to_libcurl(link);
			return;
		}
		if ((size_t)got < sizeof(plain->piece))
			return;
	}
}

static void connected(struct plain_link *link)
{
	socklen_t len = sizeof(int);
	int os_errno = 0;

	getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &os_errno, &len);
	if (os_errno) {
		fail(link, CURLE_COULDNT_CONNECT, os_errno);
		return;
	}
	link->is_connected = true;
	set_deadline(link, link->flight->end_ms, clock_awake_ms());
	if (!send_more(link))
		closed(link);
}

static void on_ready(void *data, int fd, unsigned mask)
{
	struct plain_link *link = data;

	(void)fd;
	if (!link->flight)
		link_close(link);
	else if (!link->is_connected)
		connected(link);
	else if (mask & LOOP_READ)
		read_on(link);
	else if (!send_more(link))
		closed(link);
}

/* ---- the beginning ---- */

static void board(struct plain_link *link, struct flight *flight)
{
	struct plain *plain = link->plain;

	link->flight = flight;
	flight->transfer->plain_link = link;
	link_add(&plain->busy, &link->order);
}

/* A new link. Those that are idle make room where there are no more descriptors. */
static int open_socket(struct plain *plain)
{
	int fd;

	while ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0 &&
		(errno == EMFILE || errno == ENFILE) && longest_idle(plain))
		link_close(longest_idle(plain));
	return fd;
}

static bool open_for(struct http_transfer *t, struct flight *flight, const char *key)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)t->port)};
	struct plain *plain = t->http->plain;
	int64_t now = clock_awake_ms();
	char address[INET_ADDRSTRLEN] = "";
	struct plain_link *link;
	int fd, one = 1;

	memcpy(address, key, (size_t)(strchr(key, ':') - key));
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || (fd = open_socket(plain)) < 0)
		return false;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS) {
		/* Why is libcurl's to say. */
		close(fd);
		return false;
	}
	link = xcalloc(1, sizeof(*link));
	link->plain = plain;
	link->fd = fd;
	link->key = xstrdup(key);
	link->opened_ms = now;
	link_init(&link->order);
	http_answer_begin(&flight->answer);
	board(link, flight);
	link->watch = loop_watch(plain->http->loop, fd, LOOP_WRITE, LOOP_NORMAL, on_ready, link);
	set_deadline(link, now + t->connect_timeout_ms, now);
	return true;
}

/* A kept link to there; not one from before another there was found dead. */
static bool take_kept(struct http_transfer *t, struct flight *flight, const char *key)
{
	struct plain *plain = t->http->plain;
	int64_t now = clock_awake_ms(), silent_ms = http_silent_ms(t);
	struct plain_link *link;

	while ((link = map_get(plain->idle_by_key, key))) {
		bool is_old = link->opened_ms <= silent_ms || now - link->idle_ms > IDLE_MAX_MS;

		if (!is_old) {
			link_take(link);
			board(link, flight);
			if (send_more(link)) {
				http_answer_begin(&flight->answer);
				set_deadline(link, flight->end_ms, now);
				return true;
			}
		}
		link_close(link);
	}
	t->plain_link = NULL;
	return false;
}

/* "10.0.0.7:8081", where its host is one address; else NULL. malloc'd. */
static char *key_of(const struct http_transfer *t, const char *host, size_t host_len)
{
	/* "host:port:address,address" */
	const char *resolved = t->resolve ? t->resolve->data : NULL;
	struct in_addr address;
	char *text, *key = NULL;

	if (resolved) {
		resolved = strchr(resolved, ':');
		resolved = resolved ? strchr(resolved + 1, ':') : NULL;
	}
	text = resolved ? xstrdup(resolved + 1) : xstrndup(host, host_len);
	if (inet_pton(AF_INET, text, &address) == 1)
		key = xasprintf("%s:%d", text, t->port);
	free(text);
	return key;
}

static char *request_text(const struct http_transfer *t, const char *host, size_t host_len)
{
	const char *path = strchr(host, '/');
	char port[16] = "";

	if (t->port != 80)
		snprintf(port, sizeof(port), ":%d", t->port);
	return xasprintf("GET %s HTTP/1.1\r\nHost: %.*s%s\r\nUser-Agent: weir/" WEIR_VERSION
			 "\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\r\n",
		path ? path : "/", (int)host_len, host, port);
}

/* It goes without a login. */
static bool is_nobody(const struct http_transfer *t)
{
	struct http_dress dress = {.user = NULL};

	if (t->access)
		http_access_dress(t->access, t->at, &dress);
	return !dress.user && !dress.token;
}

static bool is_plain(const struct http_transfer *t, const char **host, size_t *host_len)
{
	int port;

	return str_eq(t->method, "GET") && !t->body && !t->upload && !t->proxy && !t->keep_bytes &&
		is_nobody(t) && str_starts(t->at, "http:") &&
		http_url_is_plain(t->at, host, host_len, &port) && !strstr(*host, "/.") &&
		!is_odd(t->http->plain, t);
}

bool plain_launch(struct http_transfer *t)
{
	const char *host;
	struct flight *flight;
	size_t host_len;
	int64_t left_ms = t->timeout_ms - t->lookup_ms;
	char *key;
	bool flies;

	if (!is_plain(t, &host, &host_len) || !(key = key_of(t, host, host_len)))
		return false;
	flight = xcalloc(1, sizeof(*flight));
	flight->transfer = t;
	flight->request = request_text(t, host, host_len);
	flight->len = strlen(flight->request);
	flight->end_ms = clock_awake_ms() + (left_ms > 1 ? left_ms : 1);
	flies = take_kept(t, flight, key) || open_for(t, flight, key);
	if (!flies)
		flight_free(flight);
	free(key);
	return flies;
}

void plain_land(struct http_transfer *t)
{
	link_drop(t->plain_link);
}

/* ---- opening and closing ---- */

void plain_renew(struct plain *plain)
{
	for (struct link *at = plain->busy.next; at != &plain->busy; at = at->next)
		((struct plain_link *)at)->is_last = true;
	while (longest_idle(plain))
		link_close(longest_idle(plain));
}

struct plain *plain_new(struct http *http, int max_idle)
{
	struct plain *plain = xcalloc(1, sizeof(*plain));

	plain->http = http;
	plain->max_idle = max_idle;
	plain->idle_by_key = map_new_of_borrowed();
	plain->odd = http_hosts_new();
	link_init(&plain->busy);
	link_init(&plain->idle);
	return plain;
}

void plain_free(struct plain *plain)
{
	if (!plain)
		return;
	plain_renew(plain);
	loop_timer_cancel(plain->timer);
	http_hosts_free(plain->odd);
	map_free(plain->idle_by_key);
	free(plain);
}
