/*
 * REST through a host: a SOCKS5 end on a Unix socket in a 0700 directory, served by the host's
 * thread; each CONNECT is a direct-tcpip channel, names are resolved over there, at most 64 at a
 * time (the least recently used is closed first). No TCP port is opened, so that no other user of
 * this machine can ride along.
 *
 *	const char *proxy = tunnel_proxy(ssh, "gw1", &err);
 *	http_start(http, &(struct http_request){.url = "http://jm1:8081/jobs", .proxy = proxy}, …);
 */
#ifndef WEIR_NET_TUNNEL_H
#define WEIR_NET_TUNNEL_H

#include "core/net/ssh.h"

#define TUNNEL_CHANNELS_MAX 64

/*
 * "socks5h://localhost/<path>" for http_request.proxy; borrowed, lives as long as `ssh`. Made at
 * the first call, connects to nobody: the first request does. NULL with err on failure.
 */
const char *tunnel_proxy(struct ssh *ssh, const char *host, struct err *err);

#endif
