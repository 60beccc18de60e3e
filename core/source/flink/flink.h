/*
 * A JobManager's REST API, Flink 1.16 to 2.2, as a source.
 *
 * SNAPSHOT_CLUSTER asks /jobs/overview and /overview; SNAPSHOT_JOB asks what its parts name;
 * SNAPSHOT_TASKMANAGERS asks /taskmanagers. Requests of one poll go out together; the first failure
 * of a needed one fails the poll (the others are canceled). Several addresses (high availability):
 * the one that answered last is asked first; when nobody answers there, the next.
 * Bodies over 64 KiB are parsed on the pool.
 *
 * A part of a job that the JobManager refuses (404, 500: checkpointing is off, no metric yet) is
 * left out of detail.parts. Errors of a poll: E_NOTFOUND the JobManager does not know the job (or,
 * of a cluster, 404: not a JobManager) · E_REMOTE it failed, or nobody leads · E_NET, E_TIMEOUT
 * nobody answered · E_PROTO no sense in the answer · E_AUTH, E_DENIED · E_ARG no job id ·
 * E_UNSUPPORTED.
 *
 * Close it before the http and the loop that it was given.
 */
#ifndef WEIR_SOURCE_FLINK_FLINK_H
#define WEIR_SOURCE_FLINK_FLINK_H

#include "core/loop/loop.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/source/source.h"

struct flink_source_options {
	struct loop *loop;
	struct http *http;
	const char *context, *cluster; /* copied */
	const char *const *addresses;  /* base URLs without a trailing slash; copied */
	size_t address_count;
	/* Hosts, for starts by a command there; NULL = none can be run. It outlives the source. */
	struct ssh *ssh;
	/* Behind a host: its name. NULL = asked directly. Copied. A poll waits for the connection
	   first, and what keeps it from coming is the poll's error. */
	const char *via;
	/* The way there, and who we are; NULL = directly, as nobody. It outlives the source. */
	struct http_access *access;
	/* Why it cannot be asked from here (no way to its host): the text of E_UNSUPPORTED; NULL =
	   it can. Copied. A direct try would ask somebody else of the same address. */
	const char *unsupported;
};

struct source *flink_source_new(const struct flink_source_options *options);

#endif
