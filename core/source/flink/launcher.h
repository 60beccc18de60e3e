/*
 * Starts where no JobManager is yet: yarn-* and kubernetes-* targets. One for each context. It knows
 * nothing (a poll is E_UNSUPPORTED) and does one thing, SOURCE_START, by the command line of the Flink
 * env that the deployment names; the answer says which application it made, and where its JobManager
 * is.
 *
 * Close it before the hosts and the loop that it was given.
 */
#ifndef WEIR_SOURCE_FLINK_LAUNCHER_H
#define WEIR_SOURCE_FLINK_LAUNCHER_H

#include "core/loop/loop.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/source/source.h"

struct flink_launcher_options {
	struct loop *loop;
	struct http *http; /* for SQL Gateways */
	struct ssh *hosts;
	const char *context; /* copied */
};

struct source *flink_launcher_new(const struct flink_launcher_options *options);

#endif
