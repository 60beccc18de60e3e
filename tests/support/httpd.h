/*
 * An HTTP server for tests, in a thread of the test's own process, that misbehaves on demand. For
 * faults and scale only; how Flink answers is tested on recorded answers and on the real thing.
 *
 *	struct httpd *server = httpd_start("127.0.0.1");
 *	httpd_on(server, "GET /overview", &(struct httpd_answer){.body = "{}"});
 *	httpd_on(server, "*", &(struct httpd_answer){.fault = HTTPD_SILENT});
 *	url = httpd_url(server, "/overview");
 *	...
 *	httpd_stop(server);
 *
 * A route is "METHOD /path?query", exactly, or with '*' as its last character a prefix. Routes are
 * tried in the order of their first httpd_on(). Several answers on one route are given one a
 * request, in order; the last one stays: "the second poll is lost" is three httpd_on(). No route
 * is a 404. HTTP/1.1 with keep-alive, one request at a time on a connection (no pipelining).
 *
 * Everything may be called from the test's thread at any time. Failures of the server itself (no
 * socket, no thread) end the program.
 */
#ifndef WEIR_TESTS_HTTPD_H
#define WEIR_TESTS_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct httpd;

enum httpd_fault {
	HTTPD_FINE,
	HTTPD_SILENT,      /* reads the request, never answers, keeps the connection */
	HTTPD_CLOSE,       /* reads the request, closes without a byte */
	HTTPD_RESET,       /* reads the request, resets the connection */
	HTTPD_CUT,         /* closes after `cut_bytes` of the answer, header included */
	HTTPD_DRIP,        /* one byte at a time, `drip_ms` apart */
	HTTPD_RAW,         /* `body` is all that is sent, no status line; then closes */
	HTTPD_LIE,         /* promises keep-alive, closes after the answer */
	HTTPD_HEADER_FLOOD /* header lines without end */
};

struct httpd_answer {
	int status;               /* 0 = 200 */
	const char *content_type; /* NULL = "application/json;charset=UTF-8" */
	const char *headers;      /* more header lines, each with its \r\n; NULL = none */
	const char *body;         /* copied; NULL = "" */
	size_t body_len;          /* 0 = strlen(body) */
	uint64_t stream_bytes;    /* instead of body: so many 'x', made while they are sent */
	bool chunked;             /* no Content-Length: in chunks */
	bool close;               /* "Connection: close", and does */
	enum httpd_fault fault;
	size_t cut_bytes;
	int drip_ms; /* 0 = 1 */
};

/* address: "127.0.0.1"; "0.0.0.0" answers on all of 127.x.y.z: a fleet of hosts. Port: free one. */
struct httpd *httpd_start(const char *address);
void httpd_stop(struct httpd *server); /* closes what is open; NULL-safe */
int httpd_port(const struct httpd *server);
/* "http://127.0.0.1:40123/overview"; malloc'd. */
char *httpd_url(const struct httpd *server, const char *path);

void httpd_on(struct httpd *server, const char *route, const struct httpd_answer *answer);
/* Forget all routes (counts stay); requests being answered go on with their old answer. */
void httpd_forget(struct httpd *server);
/* false: new connections are not accepted (they wait in the kernel's queue) until true. */
void httpd_accept(struct httpd *server, bool on);
/* Close all connections that wait for a request, as a server does that is tired of them. */
void httpd_close_idle(struct httpd *server);

struct httpd_counts {
	int requests, connections; /* so far */
	int open_now;              /* connections */
	int busy_most;             /* requests under way at once, ever */
	uint64_t bytes_sent;
};
struct httpd_counts httpd_counts(struct httpd *server);
/* Requests so far on one route, named as in httpd_on(). */
int httpd_requests(struct httpd *server, const char *route);
/* The last complete request as it came, header and body; malloc'd, never NULL. */
char *httpd_last_request(struct httpd *server);

#endif
