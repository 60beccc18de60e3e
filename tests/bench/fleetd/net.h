/*
 * The server of fleetd: one socket that takes connections for all of 127.x.y.z, one thread, HTTP/1.1
 * with keep-alive; requests that come together are answered in their order. The address on which a
 * connection came in says which JobManager is meant, and its manner how it answers:
 *
 *	slow	after `slow_ms`		dead	takes the connection, and never answers
 *	reset	closes what comes	refused	nobody listens at its port (net_refused_port())
 */
#ifndef WEIR_TESTS_BENCH_FLEETD_NET_H
#define WEIR_TESTS_BENCH_FLEETD_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/fleetd/sim.h"

struct net;

struct net_options {
	struct sim *sim;
	int port; /* 0 = any */
	int64_t slow_ms;
	const char *cert, *key; /* PEM files: TLS; NULL = plain */
};

/* NULL, and why on stderr, when it cannot. */
struct net *net_open(const struct net_options *options);
void net_close(struct net *net);
int net_port(const struct net *net);
int net_refused_port(const struct net *net);
/* A JobManager answers in another manner from now on: sim->manners has it. */
void net_manner(struct net *net, int manager);
/* Waits at most so long for anything and does what is due; true = `fd` can be read. */
bool net_turn(struct net *net, int fd, int64_t timeout_ms);

struct net_counts {
	uint64_t paths[PATH_MAX]; /* requests answered, or to be answered late */
	uint64_t accepted, bytes_sent;
	int open_now;
};
struct net_counts net_counts(const struct net *net);

/* Of a JobManager that answers, since net_gaps_begin(): how often it was asked for its jobs, and the longest time
   that it was not, up to now. */
struct net_gap {
	int asked;
	int64_t longest_ms;
};
struct net_gap net_gap(const struct net *net, int manager);
void net_gaps_begin(struct net *net);

#endif
