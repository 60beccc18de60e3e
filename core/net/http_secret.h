/*
 * Inside core/net only: what a access needs from files, programs and the environment, fetched once.
 *
 *	fetch = http_fetch_start(&options, on_fetched, access);     on_fetched() later, once
 *	http_fetch_cancel(fetch);                                 it is then never called
 */
#ifndef WEIR_NET_HTTP_SECRET_H
#define WEIR_NET_HTTP_SECRET_H

#include "core/base/buf.h"
#include "core/config/config.h"
#include "core/loop/loop.h"

struct command_log;

/* All owned; absent ones are empty or NULL. */
struct http_secrets {
	struct buf ca, cert, key;
	char *passphrase, *login; /* login: password or token */
};
void http_secrets_init(struct http_secrets *secrets);
void http_secrets_release(struct http_secrets *secrets); /* wipes */

struct http_fetch_options {
	struct loop *loop;
	struct command_log *log;
	const char *name;
	const struct tls_config *tls;   /* NULL = nothing of it; borrowed as long as the fetch */
	const struct auth_config *auth; /* the same */
	bool only_files;                /* ca, cert and key: no secret is asked for */
};

struct http_fetch;
/* secrets: the callee takes what it wants (and leaves it empty). err: E_CONFIG. */
typedef void (*http_fetch_fn)(void *data, struct http_secrets *secrets, const struct err *err);

struct http_fetch *http_fetch_start(
	const struct http_fetch_options *options, http_fetch_fn done, void *data);
void http_fetch_cancel(struct http_fetch *fetch); /* NULL-safe; not after done */

#endif
