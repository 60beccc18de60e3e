/*
 * What `flink run`, `run-application` and sql-client.sh print, read line by line while it comes: ids
 * and addresses, and of an error the one line that helps. The same reading serves the stack traces of
 * a JobManager and a SQL Gateway. Pure.
 *
 *	flink_said_init(&said);
 *	flink_said_add(&said, bytes, len);         as they come
 *	flink_said_end(&said);
 *	said.job_id, said.application_id, …;  reason = flink_said_reason(&said);
 *	flink_said_release(&said);
 */
#ifndef WEIR_SOURCE_FLINK_SAID_H
#define WEIR_SOURCE_FLINK_SAID_H

#include "core/base/buf.h"
#include "core/model/job.h"
#include "core/source/flink/script.h"

struct flink_said {
	char job_id[JOB_ID_LEN + 1];                     /* "" = not said */
	char *application_id, *job_manager, *cluster_id; /* or NULL; job_manager: a base URL */
	bool has_failed;  /* sql-client.sh ends with 0 whatever happens */
	int prompts;      /* of sql-client.sh: the statement that it is at, from 1 */
	char *by_rank[5]; /* private: lines that may be the reason, best first */
	char *last;
	bool is_next;      /* private: the next line is the reason */
	bool in_traceback; /* private: Python's; the next line at the margin is the reason */
	struct buf line;
};

void flink_said_init(struct flink_said *said);
void flink_said_add(struct flink_said *said, const char *bytes, size_t len);
void flink_said_end(struct flink_said *said); /* a last line without its end counts */
void flink_said_release(struct flink_said *said);
/*
 * One line, class names without packages, no secrets, with the cure where there is one; NULL when
 * nothing was said. malloc'd.
 */
char *flink_said_reason(const struct flink_said *said);
/* The same of a stack trace. malloc'd. */
char *flink_reason(const char *text);
/*
 * A reason of a statement: "SQL line 7, column 3: Column 'x' not found". Its own place ("From line
 * 2, column 6 to …: ") becomes one in the script. malloc'd.
 */
char *flink_sql_reason(const char *reason, const struct script_statement *statement);

#endif
