/*
 * What became of jobs that ended while nobody watched: the folder where JobManagers archive them
 * (here, or on a host), or a HistoryServer, as a source. Asked for one job (SNAPSHOT_ENDED), by its id:
 * the snapshot has its last row, and in detail its vertices, checkpoints, exceptions and
 * configuration; cluster.address says who told. Only asked, never told: it can send nothing (a
 * HistoryServer leaves a POST hanging for ever).
 *
 * Errors: E_NOTFOUND it knows no such job (not yet; or its JobManager died with it) · E_CONFIG no such
 * folder · E_PROTO no archive, or no HistoryServer · E_DENIED · and those of ssh.h and http.h.
 *
 * Close it before the http, ssh and loop that it was given.
 */
#ifndef WEIR_SOURCE_FLINK_HISTORY_H
#define WEIR_SOURCE_FLINK_HISTORY_H

#include "core/loop/loop.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/source/source.h"

struct flink_history_options {
	struct loop *loop;
	struct http *http;
	struct ssh *ssh;
	const char *context, *cluster; /* copied, as the rest */
	/* A folder of `host` (NULL = this machine), or */
	const char *dir, *host;
	/* a HistoryServer's base URL, behind the host `via` (NULL = none). */
	const char *server, *via;
	struct http_access *access; /* the way to that; outlives the source; NULL = directly */
	const char *unsupported;    /* why it cannot be asked from here; NULL = it can */
};

struct source *flink_history_new(const struct flink_history_options *options);

#endif
