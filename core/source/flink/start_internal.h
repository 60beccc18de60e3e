/* What the files of a start share (start*.c, gateway.c). See start.h. */
#ifndef WEIR_SOURCE_FLINK_START_INTERNAL_H
#define WEIR_SOURCE_FLINK_START_INTERNAL_H

#include "core/source/flink/said.h"
#include "core/source/flink/script.h"
#include "core/source/flink/start.h"
#include "core/source/flink/words.h"

#define START_TIMEOUT_MS 10000
/* The program's main() runs within the request, and plans the job. */
#define START_RUN_TIMEOUT_MS 120000
#define START_COMMAND_TIMEOUT_MS 600000
#define START_BODY_BYTES ((size_t)4 << 20)

/*
 * Java reads words and scripts in the locale's encoding, which over SSH is ASCII: names beyond it would
 * become question marks. And what is printed is read in English.
 */
#define START_LOCALE "LC_ALL=C.UTF-8 "

enum start_way { WAY_NONE, WAY_REST, WAY_RUN, WAY_GATEWAY, WAY_CLIENT };

struct gateway;

struct start {
	struct loop *loop;
	struct http *http;
	struct ssh *hosts;
	const char *const *addresses;
	size_t address_count, first, attempt;
	struct http_access *access;
	struct deployment *deployment;
	struct flink_start value; /* its texts are ours */
	void (*on_output)(void *data, const char *bytes, size_t len);
	bool (*may_leave)(void *data); /* with output_data */
	int64_t timeout_ms;
	source_op_fn done;
	void *data, *output_data;

	enum start_way way;
	struct http_transfer *transfer;
	struct ssh_op *command;
	struct loop_timer *timer;
	char *what; /* "POST http://…", or the command's host, for errors */
	void (*on_answer)(
		struct start *start, const struct http_response *res, const struct err *err);
	bool is_away, is_canceled; /* on the pool or deferred */
	struct err err;
	/* the jar */
	char *jar_name, *jar_id;
	char sha256[DIGEST_LEN + 1];
	/* commands */
	struct flink_said said;
	struct buf lines[2]; /* of stdout and stderr, what has no end yet */
	char *base;          /* the JobManager asked last */
	/* SQL */
	struct script script;
	size_t statement; /* the one under way */
	struct gateway *gateway;
	struct err verdict;                /* why it is not done, while the rest is put in order */
	bool is_lost;                      /* nobody said that it was refused */
	void (*then)(struct start *start); /* after the JobManager was asked for the job */
};

/* ---- beginnings ---- */
struct start *start_alloc(const struct start_options *options);
void start_free(struct start *start);
/* What can be refused before anybody is asked. */
int start_check_request(const struct start_options *options, struct err *err);

/* ---- ends ---- */
void start_done(struct start *start);
void start_fail(struct start *start, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void start_fail_err(struct start *start, const struct err *err);
/* start->err, on the next turn. */
void start_fail_later(struct start *start);
/*
 * `why` says that it was refused: the JobManager is asked for the job all the same. Lives: done. Not
 * known, or FAILED: E_REMOTE with why. Not to be asked: E_UNKNOWN. `why` is copied.
 */
void start_verify(struct start *start, const char *why);
/*
 * The same, where nobody said anything: that the job is not known yet is no answer, since the program
 * may still be at its main(). E_UNKNOWN then.
 */
void start_lost(struct start *start, const char *why);

/* ---- steps ---- */
void start_ask(struct start *start, const struct http_request *request,
	void (*on_answer)(
		struct start *start, const struct http_response *res, const struct err *err));
/* Right before what may make the job leaves. false: it has failed, and is gone. */
bool start_may_leave(struct start *start);
const char *start_base(const struct start *start); /* the JobManager's address */
/* A line for the run's log. */
void start_say(struct start *start, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void start_output(struct start *start, int stream, const char *bytes, size_t len);
/* The reason in a refusal's body, else its status. malloc'd. */
char *start_refusal(const struct http_response *res);
/* Is the body one of Flink's own errors (and not a proxy's)? */
bool start_is_flinks(const struct http_response *res);
const char *start_host(const struct deployment *deployment); /* NULL = this machine */

/* ---- ways ---- */
void start_by_rest(struct start *start);
void start_by_run(struct start *start);
void start_by_client(struct start *start);
void start_by_gateway(struct start *start);
void gateway_free(struct gateway *gateway); /* NULL-safe; closes its session over there */
/* POST /v1/sessions, and /v1/sessions/:id/statements. Owned. */
json_t *gateway_session_body(const struct start *start);
json_t *gateway_statement_body(const struct start *start, const struct script_statement *statement);
/* SET lines for sql-client.sh, and the script. malloc'd. */
char *start_client_script(const struct start *start);

#endif
