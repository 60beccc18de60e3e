/*
 * Ways for a browser to a web page that lies behind a host: a listener here, each connection of
 * which is relayed through the host's tunnel (tunnel.h), names resolved over there. On the
 * operator's own machine it is a port of 127.0.0.1. On a machine that others share (weir itself was
 * reached by SSH) a port would let anybody in, so it is a 0600 socket in a 0700 folder, and the
 * line for `ssh -L` that leads to it. What is quiet for 15 minutes is closed.
 *
 *	forwards_new(&(struct forward_options){.loop = loop});
 *	forward = forward_open(forwards, ssh, "gw1", "http://jm1:8081", &err);
 *	... "http://127.0.0.1:%d", forward_info(forward)->port
 *	forward_close(forward);
 *
 * The loop's thread only. At most 64 connections each; further ones wait to be accepted.
 */
#ifndef WEIR_NET_FORWARD_H
#define WEIR_NET_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/loop/loop.h"
#include "core/net/ssh.h"

#define FORWARD_CONNECTIONS_MAX 64

struct forwards;
struct forward;

struct forward_options {
	struct loop *loop;
	bool is_shared;  /* this machine was reached by SSH: no port */
	int64_t idle_ms; /* 0 = 15 min */
	/* A forward came, went, or has other connections: who shows the list draws it again. */
	void (*on_change)(void *data);
	void *data;
};

struct forward_info {
	const char *listener; /* "127.0.0.1:40123", or the socket's path */
	int port;             /* 0 = a socket */
	const char *command;  /* of a socket: the ssh line to be run on the operator's machine */
	const char *host;     /* that it goes through */
	const char *target;   /* "jm1:8081" */
	int connections;      /* now */
	int64_t total_connections, bytes_up, bytes_down;
	int64_t idle_ms; /* since the last byte */
};

struct forwards *forwards_new(const struct forward_options *options);
void forwards_free(struct forwards *forwards); /* closes all; NULL-safe; before ssh_close() */
size_t forwards_count(const struct forwards *forwards); /* NULL = 0 */
/* Instead of what the options named; fn NULL = nobody. */
void forwards_on_change(struct forwards *forwards, void (*fn)(void *data), void *data);
struct forward *forwards_at(const struct forwards *forwards, size_t i); /* oldest first */

/*
 * The one to that target, made when there is none; it connects to nobody until somebody comes.
 * url: http or https; its host is a name or an address as seen from `host`. NULL with err:
 * E_NOTFOUND no such host · E_ARG the URL · E_INTERNAL.
 */
struct forward *forward_open(struct forwards *forwards, struct ssh *ssh, const char *host,
	const char *url, struct err *err);
/* Borrowed until the loop turns. */
const struct forward_info *forward_info(struct forward *forward);
void forward_close(struct forward *forward); /* NULL-safe */

#endif
