/*
 * Names → addresses without ever blocking the loop or the pool: a few at a time and those that take long besides, at most 64, each on a thread of its own (alone.h), answers
 * (good ones 60 s, failures 5 s) cached, questions for the same name joined.
 */
#ifndef WEIR_NET_DNS_H
#define WEIR_NET_DNS_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/loop/loop.h"

struct dns;
struct dns_query;

/*
 * addresses: "127.0.0.1,[::1]" as CURLOPT_RESOLVE wants them, borrowed for the call; NULL on error:
 * E_NET "host name 'x' not found".
 */
typedef void (*dns_done_fn)(void *data, const char *addresses, const struct err *err);

struct dns *dns_new(struct loop *loop);
void dns_free(struct dns *dns); /* cancels all; NULL-safe */
/*
 * done: once, on the loop, never from inside; anything may be canceled or freed in it. No deadline:
 * the caller's. A literal address is not for dns: see dns_is_literal().
 */
struct dns_query *dns_start(struct dns *dns, const char *host, dns_done_fn done, void *data);
void dns_cancel(struct dns_query *query); /* not after done; NULL-safe */
/* The cached answer (borrowed until the next call), or NULL. */
const char *dns_cached(struct dns *dns, const char *host);
/* Nobody answered there: what is known is asked anew, once it is older than a failure may be. */
void dns_doubt(struct dns *dns, const char *host);
/* Every name is looked up anew. */
void dns_forget(struct dns *dns);
/* When this name last came to mean other addresses than before, by clock_awake_ms(); 0 = never. */
int64_t dns_changed_ms(const struct dns *dns, const char *host);
/* 127.0.0.1, ::1, [::1]. */
bool dns_is_literal(const char *host);

#endif
