/*
 * Does a host connect to an address for us? One SOCKS CONNECT by the host's own end, closed as soon
 * as it is answered; nothing is sent through.
 *
 *	try = tunnel_try(loop, ssh, "gw1", "127.0.0.1", 1, on_tried, data);
 *	... on_tried(data, &err): E_REMOTE = it tried, and nobody was there: forwarding is allowed
 *
 * done: once, on the loop, never from inside: NULL = it connects · E_REMOTE it tried and was refused
 * or found nobody · E_DENIED forwarding is forbidden there · E_NET the host itself is out of reach ·
 * E_NOTFOUND no such host · E_INTERNAL.
 */
#ifndef WEIR_NET_TUNNEL_TRY_H
#define WEIR_NET_TUNNEL_TRY_H

#include "core/net/tunnel.h"

struct tunnel_try;
typedef void (*tunnel_try_fn)(void *data, const struct err *err);

/* address: a name or IPv4 address as the host knows it, at most 255 bytes. */
struct tunnel_try *tunnel_try(struct loop *loop, struct ssh *ssh, const char *host,
	const char *address, int port, tunnel_try_fn done, void *data);
void tunnel_try_cancel(struct tunnel_try *try); /* NULL-safe; not after done */

#endif
