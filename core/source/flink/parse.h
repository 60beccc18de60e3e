/*
 * A JobManager's answers as values: json_t in, structs in an arena out. Pure; any thread.
 *
 * `what` names the question in an error ("GET http://jm:8081/jobs/overview"). All texts are copied
 * into the arena. What is absent, null, of a wrong type, negative or absurd becomes -1 or NULL;
 * numbers come as strings, too ("12", "NaN"); the order of keys and rows means nothing. Only a
 * wrong shape of the whole is an error, E_PROTO: it says what was expected where, for an empty
 * answer of some proxy must not look like an empty cluster. Secrets are masked in settings,
 * exceptions and failure texts.
 *
 * Source: recorded answers of Flink 1.16.3, 1.20.5 and 2.2.1 (tests/fixtures/flink-*).
 */
#ifndef WEIR_SOURCE_FLINK_PARSE_H
#define WEIR_SOURCE_FLINK_PARSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/model/cluster.h"
#include "core/model/job.h"

#define FLINK_EXCEPTIONS_MAX 16

struct flink_parse {
	const char *what;
	struct arena *arena;
};

/* /overview. The address is not touched. */
int flink_parse_overview(const struct flink_parse *parse, const json_t *root,
	struct cluster_status *out, struct err *err);
/*
 * /jobs/overview, in the order of the answer. A row without a job id of 32 hexadecimal digits is
 * left out; when no row has one that is E_PROTO.
 */
int flink_parse_jobs(const struct flink_parse *parse, const json_t *root,
	const struct job_summary **jobs, size_t *count, struct err *err);
/*
 * The same from the text itself, some twenty times faster: this is what is asked most. False, with
 * nothing touched, when it is not plain (doc_scan.h) or has any oddity at all: the tree then tells.
 */
bool flink_scan_jobs(struct arena *arena, const char *text, size_t len,
	const struct job_summary **jobs, size_t *count);
/* /taskmanagers. */
int flink_parse_taskmanagers(const struct flink_parse *parse, const json_t *root,
	const struct taskmanager **out, size_t *count, struct err *err);
/* /taskmanagers/:id */
int flink_parse_taskmanager(const struct flink_parse *parse, const json_t *root,
	struct taskmanager_load *out, struct err *err);

/*
 * Each of these fills its own part of *out, and adds that part's bit to out->parts; nothing is
 * touched on failure.
 */
/* /jobs/:id/vertices/:id/subtasks/metrics with sum or max → lag_records or lag_ms */
int flink_parse_lag(const struct flink_parse *parse, const json_t *root, struct job_detail *out,
	struct err *err);
/* /jobs/:id → id, parallelism, job_type, vertices */
int flink_parse_job(const struct flink_parse *parse, const json_t *root, struct job_detail *out,
	struct err *err);
/* /jobs/:id of one that has ended → its row, as /jobs/overview would have it */
void flink_parse_ended(
	const struct flink_parse *parse, const json_t *root, const struct job_summary **out);
/*
 * /jobs/:id/checkpoints. last_failed is the newest failed one that is no savepoint: a savepoint
 * that failed harms nobody.
 */
int flink_parse_checkpoints(const struct flink_parse *parse, const json_t *root,
	struct job_detail *out, struct err *err);
/*
 * The same from the text, as flink_scan_jobs() does; what it began to read may stay in the arena. These
 * answers are most of what details cost.
 */
bool flink_scan_checkpoints(
	const struct flink_parse *parse, const char *text, size_t len, struct job_detail *out);
/* The same of others; of exceptions only where there are none. */
bool flink_scan_job(
	const struct flink_parse *parse, const char *text, size_t len, struct job_detail *out);
bool flink_scan_restarts(
	const struct flink_parse *parse, const char *text, size_t len, struct job_detail *out);
bool flink_scan_no_exceptions(
	const struct flink_parse *parse, const char *text, size_t len, struct job_detail *out);
/* As flink_parse_overview(). */
bool flink_scan_overview(
	const struct flink_parse *parse, const char *text, size_t len, struct cluster_status *out);
/*
 * /jobs/:id/exceptions. An entry that only says "Recovery is suppressed by …" takes its cause,
 * task and place from the failure below it.
 */
int flink_parse_exceptions(const struct flink_parse *parse, const json_t *root,
	struct job_detail *out, struct err *err);
/* /jobs/:id/metrics?get=numRestarts; a missing metric is -1, not an error */
int flink_parse_restarts(const struct flink_parse *parse, const json_t *root,
	struct job_detail *out, struct err *err);
/* /jobs/:id/config → settings by key, restart_strategy; the parallelism when no vertex told it */
int flink_parse_config(const struct flink_parse *parse, const json_t *root, struct job_detail *out,
	struct err *err);
/* /jobs/:id/checkpoints/config; adds no part: it comes with flink_parse_config() */
int flink_parse_checkpoint_config(const struct flink_parse *parse, const json_t *root,
	struct job_detail *out, struct err *err);

/*
 * The one line of {"errors":[…]} that helps: no stack trace, class names without their packages,
 * secrets masked. NULL when the body is no such thing. malloc'd.
 */
char *flink_error_text(const char *body, size_t len);
/* The whole of it, stack trace and all, NOT masked; NULL when the body is no such thing. malloc'd. */
char *flink_error_full(const char *body, size_t len);
/* The same of a Java stack trace: its last "Caused by:", as one line. malloc'd. */
char *flink_stack_reason(const char *stack);
/* Does the JobManager say that it does not know this job? Judged by its words, not by the status.
 */
bool flink_error_is_unknown_job(const char *body, size_t len);
/* Nobody leads: an election is under way, or the leader that it knows is dead. */
bool flink_error_is_leaderless(int status, const char *body, size_t len);
/* The same in a JobManager's own words: not what a gateway says that finds nobody behind it. */
bool flink_error_says_leaderless(int status, const char *body, size_t len);

/* ---- shared by the parsers ---- */

/* E_PROTO "WHAT: no "jobs" array: is this a Flink JobManager?" */
int flink_expected(
	const struct flink_parse *parse, struct err *err, const char *key, const char *type);
/* -1 when absent, not a number, negative, or beyond the type. */
int flink_count(const json_t *object, const char *key);
int64_t flink_amount(const json_t *object, const char *key);
/* The same for a time: -1 also for 0 (Flink's "never") and what lies beyond the year 9999. */
int64_t flink_time(const json_t *object, const char *key);
/* NULL when absent or "". */
const char *flink_text(const struct flink_parse *parse, const json_t *object, const char *key);
/* The same with secrets masked. */
const char *flink_text_masked(
	const struct flink_parse *parse, const json_t *object, const char *key);
/* Copies `text` with secrets masked. */
const char *flink_masked(const struct flink_parse *parse, const char *text);
/* What these are of a number that was sent. */
int flink_as_count(int64_t value);
int64_t flink_as_time(int64_t value);
/* ExecutionStates; keys in lower case (jobs) or upper case (vertices). */
struct task_counts flink_task_counts(const json_t *object);
#define FLINK_NO_TASKS                                                                             \
	{                                                                                          \
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1                                         \
	}
#define FLINK_TASK_FIELDS 11
struct flink_task_field {
	const char *lower, *upper; /* upper NULL = there is none */
	size_t offset;             /* of an int in struct task_counts */
};
extern const struct flink_task_field flink_task_fields[FLINK_TASK_FIELDS];
int *flink_task_count(struct task_counts *tasks, size_t field);
/* Where no total is told, as of vertices, it is the sum of the others. */
void flink_tasks_complete(struct task_counts *tasks);
/* Newest first. */
void flink_sort_checkpoints(struct checkpoint *list, size_t count);
/* Of these and what is told as the latest one (or NULL), the newest failed one that is no savepoint. */
const struct checkpoint *flink_last_failed(
	const struct checkpoint_stats *stats, const struct checkpoint *told);
/* 32 hexadecimal digits in lower case into `out`; false (and "") when it is none. */
bool flink_job_id(const char *text, char out[JOB_ID_LEN + 1]);
bool flink_job_id_of(const char *text, size_t len, char out[JOB_ID_LEN + 1]);

#endif
