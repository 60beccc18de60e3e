/*
 * What the live tests of a start share: a real cluster, hosts, and a source on them; a start from its
 * beginning to its end, and what the JobManager says of the job after.
 */
#ifndef WEIR_TESTS_E2E_STARTING_H
#define WEIR_TESTS_E2E_STARTING_H

#include "core/base/buf.h"
#include "core/loop/loop.h"
#include "core/net/http.h"
#include "core/net/ssh.h"
#include "core/source/source.h"
#include "tests/e2e/flink.h"
#include "tests/support/sshd.h"

struct starting {
	struct loop *loop;
	struct http *http;
	struct ssh *hosts;
	struct source *source;
	struct flink *flink;
	struct sshd *servers;
	struct host_config host;
	char *known_hosts, *dir;
	char *jar, *home; /* of the demo jobs; of Flink, with sql-client.sh that works */
	/* of the last start */
	char job_id[33];
	struct buf output;
	struct err err;
	bool is_done;
	/* of the last question */
	struct source_answer answer;
	char *location, *failure;
};

struct starting *starting_open(const char *version, const char *name);
void starting_close(struct starting *s);
/* A jar of the demo jobs on `remote`, Flink on this machine. */
struct deployment starting_jar(const struct starting *s, const char *name);
/* From its beginning to its end: s->err, s->output, s->job_id (a new one). */
void starting_go(struct starting *s, const struct deployment *deployment, const char *restore_path,
	const char *restore_mode);
/* About the job of the last start: s->err, s->answer. */
void starting_ask(struct starting *s, struct source_request *request);
/* Asks SOURCE_TASKS until all tasks run, or the job ended. */
enum job_status starting_settled(struct starting *s);
/* Stops the job of the last start with a savepoint: its path, malloc'd. */
char *starting_stop(struct starting *s);
void starting_cancel(struct starting *s);
#endif
