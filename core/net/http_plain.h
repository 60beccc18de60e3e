/*
 * Inside core/net only: GET by plain HTTP straight on a socket, without libcurl, which spends more on a
 * request than weir, and looks at each idle connection each second. Only what is plain goes this way: a
 * plain URL, no proxy, no login, one address, an answer that http_answer.h reads. All else is libcurl's,
 * also when that turns out later: then it asks again, and has the word.
 */
#ifndef WEIR_NET_HTTP_PLAIN_H
#define WEIR_NET_HTTP_PLAIN_H

#include "core/net/http_wire.h"

/* max_idle: connections that are kept, those of libcurl included. */
struct plain *plain_new(struct http *http, int max_idle);
void plain_free(struct plain *plain); /* nothing is under way any more; NULL-safe */
/* No link from before is used for what is started from now on. */
void plain_renew(struct plain *plain);
/* False: not this way. Else it ends in http_transfer_land(), or goes on by libcurl. */
bool plain_launch(struct http_transfer *transfer);
/* Taken off the wire at once. */
void plain_land(struct http_transfer *transfer);

#endif
