/*
 * How one cluster is reached, and as whom: the proxy on the way, which certificates are believed,
 * our own certificate, our login. Made once for a cluster, given with each of its requests
 * (http_request.access).
 *
 *	access = http_access_new(&(struct http_access_options){.loop = loop, .name = "prod",
 *		.addresses = rest, .address_count = 1, .tls = &cluster->tls, .auth = &cluster->auth});
 *	http_start(http, &(struct http_request){.url = "https://jm:8443/jobs", .access = access}, …);
 *	http_access_free(access);      after the requests that name it have ended or were canceled
 *
 * Files are read on the pool and password commands run when the first request needs them; requests
 * wait for that, with their own deadlines not yet running. What was found is kept. After a 401 the
 * login is asked for once more; if that is the same one or is refused too, nothing is sent with it for
 * five minutes: an account must not be locked by a console that polls. Certificates are read again
 * after TLS has failed. Whoever cannot be asked (no such file, a command that fails) fails the
 * requests, E_CONFIG with the place in config.yaml; programs are asked again a minute later.
 *
 * Login and certificates go to the scheme, host and port of `addresses` and nowhere else. They are
 * never shown: not in errors, logs or the command log, and they are wiped when they are let go.
 */
#ifndef WEIR_NET_HTTP_ACCESS_H
#define WEIR_NET_HTTP_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/config/config.h"
#include "core/loop/loop.h"

struct command_log;
struct http_access;

struct http_access_options {
	struct loop *loop;
	struct command_log *log;      /* hears of password commands; NULL = none */
	const char *name;             /* of the cluster, for the command log; copied */
	const char *const *addresses; /* base URLs; copied */
	size_t address_count;
	const struct tls_config *tls; /* borrowed as long as the access; NULL = the system's CAs */
	const struct auth_config *auth; /* the same; NULL = no login */
	/* tunnel_proxy(), "http://proxy:3128", "socks5h://proxy:1080", "env" (http_proxy and its kin,
	   looked up for each request), NULL = none; copied. */
	const char *proxy;
	const char *via; /* the host whose tunnel that is, for errors; or NULL; copied */
};

struct http_access *http_access_new(const struct http_access_options *options);
void http_access_free(struct http_access *access); /* NULL-safe */
/* A person wants it tried again now: what was refused, or could not be had. NULL-safe. */
void http_access_retry(struct http_access *access);
/* What we say we are: "user ops", "the token", NULL = nothing. Borrowed. */
const char *http_access_login(const struct http_access *access);
const char *http_access_via(const struct http_access *access); /* the same */

/* ---- for http.c and http_wire.c ---- */

/* Linked into the access that it waits for; zero before. */
struct http_access_wait {
	struct http_access_wait *prev, *next;
	struct http_access *access; /* NULL = does not wait */
	/* err NULL = go on. On the loop, not from inside http_access_ask(); calls no caller of ours. */
	void (*ready)(void *data, const struct err *err);
	void *data;
};

/* 0: go on · 1: `wait` will be told · negative: err, to be told at once. */
int http_access_ask(struct http_access *access, struct http_access_wait *wait, struct err *err);
void http_access_leave(struct http_access_wait *wait); /* waiting or not */

struct http_bytes {
	const char *data;
	size_t len; /* 0 = none */
};

/* What goes with a request; borrowed until the loop turns. */
struct http_dress {
	struct http_bytes ca, cert, key;
	const char *passphrase, *user, *password, *token; /* NULL = none */
	bool insecure;
	unsigned generation; /* of the login */
};
/* For a URL that is none of the access's addresses: nothing at all. */
void http_access_dress(const struct http_access *access, const char *url, struct http_dress *out);
/* The proxy for a URL; NULL = none. malloc'd. E_CONFIG: the environment's cannot be used. */
int http_access_proxy(
	const struct http_access *access, const char *url, char **proxy, struct err *err);
/* What came of a request that went with the login of `generation`. True: ask the access again, and
   repeat what may be repeated, unless it then says no. */
bool http_access_answered(struct http_access *access, unsigned generation, int status);
/* TLS failed: files may have changed. */
void http_access_doubt(struct http_access *access);

#endif
