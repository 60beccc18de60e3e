/*
 * HTTP client for a fleet: plain GETs straight on a socket (http_plain.h), all else by libcurl, hosts
 * hashed over CURLM shards (curl_multi_socket_action on the loop), easy handles pooled, at most `max_in_flight` transfers at once, the rest queued in order; own DNS
 * (dns.h), caps, deadlines, cancel. netrc is ignored, the proxy environment too unless its access says
 * "env"; http and https only; HTTP/2 for GET where TLS offers it. A GET follows three redirects
 * within scheme, host and port, nobody leaves them. Why: the design's section 9.
 *
 *	struct http *http;
 *	http_open(&http, loop, &(struct http_options){0}, &err);
 *	t = http_start(http, &(struct http_request){.url = "http://jm:8081/jobs"}, on_done, data);
 *	http_cancel(t);                 done is then never called
 *
 * done: exactly once, on the loop, never from inside http_start. err is NULL when the far side
 * answered, whatever the status: http_status_error() judges that. Inside `done` anything may be
 * started, canceled or closed, this client too. Errors, their text "METHOD URL: …":
 * E_NET refused, reset, closed early, unknown host, TLS · E_TIMEOUT · E_PROTO over the cap, not
 * HTTP, undecodable · E_INTERNAL out of descriptors · E_ARG the URL or method (own text) · with an
 * access also E_CONFIG, E_AUTH (what it needs, who it is) · of an upload also E_NOTFOUND, E_DENIED, E_ARG, E_INTERNAL: the file.
 *
 * A kept connection that the far side has closed meanwhile is replaced without an error, for GET
 * and HEAD. Other methods always get a connection of their own, so they are never sent twice
 * unasked.
 */
#ifndef WEIR_NET_HTTP_H
#define WEIR_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/loop/loop.h"

struct command_log;
struct http;
struct http_access;
struct http_transfer;

struct http_options {
	int shards;              /* 0 = 32 */
	int max_in_flight;       /* 0 = 64; fewer where RLIMIT_NOFILE is low (http_room.h) */
	int max_hosts;           /* idle connections kept; 0 = what RLIMIT_NOFILE allows */
	struct command_log *log; /* hears of each transfer that ended; NULL = none */
};

/*
 * A file as the body of a POST, streamed: one part of a form (multipart/form-data). All texts are
 * copied; field, name and content_type hold no quotes, no line ends.
 */
struct http_upload {
	const char *path; /* on this machine, absolute */
	const char *field, *name, *content_type;
	int64_t cap_bytes; /* 0 = 4 GiB */
	/* With the `data` of `done`; at most ten times a second, and at the end of the file. Cancel
	   nothing in it. */
	void (*on_progress)(void *data, int64_t done_bytes, int64_t total_bytes);
};

struct http_request {
	const char *where;  /* for the command log: its cluster; NULL = the URL's host; copied */
	const char *method; /* NULL = GET; copied */
	const char *url;    /* copied */
	const char *body;   /* copied; sent as application/json; NULL = none */
	size_t body_len;
	const struct http_upload *upload; /* instead of body; NULL = none */
	/* How its cluster is reached: proxy, certificates, login (http_access.h). Borrowed until it has
	   ended. NULL = directly, as nobody. */
	struct http_access *access;
	/* Without an access: "socks5h://localhost/<path of a Unix socket>" (tunnel.h): names are looked
	   up behind it, not here. NULL = none; copied. */
	const char *proxy;
	const char *via; /* the host that serves this proxy, for errors; NULL = not named; copied */
	/* Nothing else is asked there for long: a plain connection is closed. One by TLS or through a
	   proxy is worth being kept. */
	bool is_rare;
	size_t cap_bytes;  /* 0 = 32 MiB; more is E_PROTO and the transfer ends at once */
	size_t keep_bytes; /* only the last so many are kept; 0 = all. The cap still holds */
	/* 0 = 2,000; through a proxy timeout_ms: what is behind it is connected to one by one. */
	int64_t connect_timeout_ms;
	/* Whole transfer, name lookup too, queueing not counted; 0 = 10,000. Of an upload: without a
	   byte going through, in whole seconds. */
	int64_t timeout_ms;
};

struct http_response {
	const char *method;
	int status;               /* 0 when nobody answered */
	bool was_sent;            /* somebody took the connection, and had the request */
	const char *content_type; /* "" when absent */
	struct buf *body;         /* the callee may take it with buf_detach() */
	int64_t dropped_bytes;    /* before it: what keep_bytes had no room for */
	int64_t elapsed_ms;       /* first byte sent to last byte received */
	const char *url;          /* as it was given: show it through http_url_display() */
	const char *redirect;     /* where a 3xx that was not followed leads; or NULL */
	const char *login;        /* with which it went: "user ops"; NULL = none */
};

/* res is never NULL, but on error its status may be 0 and its body partial. Borrowed for the call.
 */
typedef void (*http_done_fn)(void *data, const struct http_response *res, const struct err *err);

int http_open(
	struct http **out, struct loop *loop, const struct http_options *options, struct err *err);
/* Cancels all; NULL-safe. To be closed before the loop. */
void http_close(struct http *http);
/* Errors of the URL come by `done` as E_ARG. Never NULL. */
struct http_transfer *http_start(
	struct http *http, const struct http_request *request, http_done_fn done, void *data);
/* The handle is dead after `done` has returned. Inside `done` this does nothing. NULL-safe. */
void http_cancel(struct http_transfer *transfer);
/*
 * Judges an answer: 0 below status 300, else E_AUTH 401 · E_DENIED 403 · E_NOTFOUND 404 ·
 * E_CONFLICT 409 · E_REMOTE, text "GET URL: HTTP 500: <what it said, see http_body_summary()>".
 * With status 0 (nobody answered) E_NET. Flink's {"errors":[…]} is read by source/flink, not here.
 */
int http_status_error(const struct http_response *res, struct err *err);
/*
 * Appends what a person needs to know of a body that was not expected: its first line (redacted,
 * harmless for a terminal, at most 200 bytes), or `an HTML page, not JSON ("<title>")`, or nothing.
 */
void http_body_summary(const struct http_response *res, struct buf *out);
/* URL without user:password@ and with masked secrets in its query: for messages and logs. malloc'd.
 */
char *http_url_display(const char *url);
/* Is this a URL http_start would take (http/https, host, no control characters)? */
int http_url_check(const char *url, struct err *err);

/* "libcurl/7.88.1 OpenSSL/3.0.11 …". Static. */
const char *http_library(void);

/*
 * The machine slept, or is on another network: names are looked up anew, and no connection from
 * before is used for what is started from now on. What is under way goes on.
 */
void http_renew(struct http *http);

struct http_stats {
	int64_t requests;       /* put on the wire */
	int64_t bytes_received; /* of bodies, as sent (before decompression) */
	int in_flight;          /* on the wire, or answered and not yet handed to `done` */
	int queued;             /* waiting for a place */
};
struct http_stats http_stats(const struct http *http);

#endif
