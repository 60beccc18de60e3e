/*
 * The questions that a poll asks, and their answers put together into one snapshot. No network
 * here.
 */
#ifndef WEIR_SOURCE_FLINK_ANSWER_H
#define WEIR_SOURCE_FLINK_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/model/snapshot.h"

/* In the order in which answers are read: vertices before the configuration. */
enum flink_question {
	FLINK_JOBS,
	FLINK_OVERVIEW,
	FLINK_TASKMANAGERS,
	FLINK_TASKMANAGER,
	FLINK_JOB,
	FLINK_CHECKPOINTS,
	FLINK_EXCEPTIONS,
	FLINK_RESTARTS,
	FLINK_CONFIG,
	FLINK_CHECKPOINT_CONFIG,
	FLINK_LAG_RECORDS,
	FLINK_LAG_TIME,
	FLINK_QUESTION_MAX
};

/* Of a cluster's `parts`: how many TaskManagers and slots, and which version. */
#define FLINK_PART_STATUS 1u
/* The questions of a poll in `out`; their number, 0 when there is nothing to ask. */
size_t flink_questions(
	enum snapshot_kind kind, unsigned parts, enum flink_question out[FLINK_QUESTION_MAX]);
/* "/jobs/5fa0…/checkpoints"; malloc'd. `key`: as in struct snapshot. `source`: for FLINK_LAG_*, what flink_lag_source() made. */
char *flink_question_path(enum flink_question question, const char *key, const char *source);
/*
 * Metrics of an operator go by its name, with which the name of its vertex begins. Each is asked by
 * itself: the answer to several is empty where one of them is missing. malloc'd.
 */
char *flink_lag_source(const char *vertex_id, const char *vertex_name);
/* May a refusal (404, 500) leave this part out instead of failing the poll? */
bool flink_question_is_optional(enum flink_question question);

struct flink_answer {
	enum flink_question question;
	char *what; /* "GET http://…", for errors */
	char *body; /* NULL = the JobManager refused, and the part may be left out */
	size_t len;
};

/*
 * Reads all answers into the snapshot. On failure the snapshot is half filled: only good to be
 * dropped. Any thread; touches nothing but its arguments.
 */
int flink_fill(struct snapshot *snapshot, const struct flink_answer *answers, size_t count,
	struct err *err);

#endif
