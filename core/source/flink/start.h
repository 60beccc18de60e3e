/*
 * SOURCE_START: a deployment becomes a job with an id of ours. Four ways, by what is started and
 * where Flink is installed:
 *
 *	a jar to `remote`, Flink on this machine    REST: upload (reused by checksum), run
 *	a jar to anywhere else, Python              `flink run …` on the env's host
 *	SQL, the env names a SQL Gateway            its REST API, statement by statement
 *	SQL otherwise                               `sql-client.sh -f` on the env's host
 *
 * To `remote` the JobManager is asked first (GET /config): it must be there, be none but a
 * JobManager, and say its version. After anything that may have started the job, and did not say so,
 * it is asked for the job with our id: that word counts. Inside source/flink only.
 */
#ifndef WEIR_SOURCE_FLINK_START_H
#define WEIR_SOURCE_FLINK_START_H

#include "core/loop/loop.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/source/source.h"

struct start;

struct start_options {
	struct loop *loop;
	struct http *http;
	struct ssh *hosts;            /* NULL: no command can be run */
	const char *const *addresses; /* of the JobManager; borrowed as long as the start lasts */
	size_t address_count, first;
	struct http_access *access;           /* the way to it, or NULL; borrowed as long */
	const char *version;                  /* of it, when known; only for start_describe() */
	const struct source_request *request; /* copied */
	source_op_fn done;                    /* never from inside; answer->address is not set */
	void *data;
	void *output_data; /* for request->on_output */
};

struct start *start_new(const struct start_options *options);
void start_cancel(struct start *start); /* not after done; NULL-safe */
/* What of it is refused before anybody is asked: E_ARG, E_DENIED (a secret), E_CONFIG, E_UNSUPPORTED. */
int start_check(const struct start_options *options, struct err *err);
/* What a start will do, a line for each call and command; secrets masked. malloc'd. */
char *start_describe(const struct start_options *options);
/* Which of the addresses answered, for the source to remember. Valid inside done. */
size_t start_address(const struct start *start);

#endif
