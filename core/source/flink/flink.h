/*
 * A JobManager's REST API, Flink 1.16 to 2.2, as a source.
 *
 * SNAPSHOT_CLUSTER asks /jobs/overview and /overview; SNAPSHOT_JOB asks what its parts name;
 * SNAPSHOT_TASKMANAGERS asks /taskmanagers. Requests of one poll go out together; the first failure
 * of a needed one fails the poll (the others are canceled). Several addresses (high availability):
 * the one that answered last is asked first; when nobody answers there, the next.
 * Bodies over 64 KiB are parsed on the pool.
 */
#ifndef WEIR_SOURCE_FLINK_FLINK_H
#define WEIR_SOURCE_FLINK_FLINK_H

#include "core/loop/loop.h"
#include "core/net/http.h"
#include "core/source/source.h"

struct flink_source_options {
	struct loop *loop;
	struct http *http;
	const char *context, *cluster; /* copied */
	const char *const *addresses;  /* base URLs without a trailing slash; copied */
	size_t address_count;
};

struct source *flink_source_new(const struct flink_source_options *options);

#endif
