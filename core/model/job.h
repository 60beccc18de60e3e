/*
 * A Flink job as a JobManager tells it. Unknown numbers are -1, unknown texts NULL; times are epoch
 * milliseconds, durations milliseconds, sizes bytes. Source: Flink REST API 1.16 to 2.2.
 */
#ifndef WEIR_MODEL_JOB_H
#define WEIR_MODEL_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOB_ID_LEN 32

/* Flink's own JobStatus. */
enum job_status {
	JOB_STATUS_NONE, /* nothing was said */
	JOB_INITIALIZING,
	JOB_CREATED,
	JOB_RUNNING,
	JOB_FAILING,
	JOB_FAILED,
	JOB_CANCELLING,
	JOB_CANCELED,
	JOB_FINISHED,
	JOB_RESTARTING,
	JOB_SUSPENDED,
	JOB_RECONCILING,
	JOB_STATUS_MAX
};
const char *job_status_name(enum job_status status); /* NULL for NONE */
enum job_status job_status_parse(const char *name);  /* NONE when unknown */
bool job_status_is_terminal(enum job_status status); /* FAILED CANCELED FINISHED */

/* Flink's ExecutionState of tasks, as counts; -1 where not told. */
struct task_counts {
	int total, created, scheduled, deploying, initializing, running, finished, canceling,
		canceled, failed, reconciling;
};

/* One row of /jobs/overview. */
struct job_summary {
	char id[JOB_ID_LEN + 1];
	const char *name; /* NULL when none is sent */
	enum job_status status;
	int64_t start_ms, end_ms, duration_ms, modified_ms;
	struct task_counts tasks;
	/*
	 * Only of a remembered job that the last answer did not list: when it was listed last,
	 * since when it is not, and in how many settled answers. 0 = it is listed.
	 */
	int64_t seen_ms, missing_ms;
	int settled_without;
	/* Who said so, when that was not the JobManager: a job archive, a HistoryServer; or NULL. */
	const char *said_by;
};

enum checkpoint_status { CHECKPOINT_IN_PROGRESS, CHECKPOINT_COMPLETED, CHECKPOINT_FAILED };
const char *checkpoint_status_name(enum checkpoint_status status);

struct checkpoint {
	int64_t id;
	enum checkpoint_status status;
	bool is_savepoint, is_discarded;
	int64_t trigger_ms, ack_ms, duration_ms;
	int64_t state_bytes, checkpointed_bytes, processed_bytes, persisted_bytes, alignment_bytes;
	int subtasks, acknowledged;
	const char *path;    /* external path, or NULL */
	const char *failure; /* failure_message, or NULL */
	const char *type;    /* "CHECKPOINT", "UNALIGNED_CHECKPOINT", "SAVEPOINT", ... or NULL */
};

struct checkpoint_stats {
	int64_t restored, total, in_progress, completed, failed; /* counts */
	const struct checkpoint *history;                        /* newest first */
	size_t history_count;
	/* or NULL; last_failed: the newest that is no savepoint */
	const struct checkpoint *last_completed, *last_failed, *last_savepoint;
	int64_t restored_id, restored_ms; /* -1 = never restored */
	const char *restored_path;
	bool restored_is_savepoint;
};

/* What /checkpoints/config says. */
struct checkpoint_config {
	const char *mode, *state_backend, *storage;
	int64_t interval_ms, timeout_ms, min_pause_ms, max_concurrent, tolerable_failures;
	bool is_externalised; /* stays when the job fails */
	bool is_retained;     /* externalised and not deleted on cancellation */
	bool is_unaligned;
};

struct vertex {
	const char *id, *name, *status;
	int parallelism, max_parallelism;
	int64_t start_ms, duration_ms;
	struct task_counts tasks;
	int64_t read_bytes, read_records, write_bytes, write_records;
	/* Accumulated since this attempt began, of all its subtasks; -1 for Flink's "NaN". */
	int64_t busy_ms, backpressured_ms, idle_ms;
	bool is_source, is_sink; /* nothing comes in, nothing goes out; both false: not told */
};

struct exception {
	const char *name;     /* class */
	const char *text;     /* with its stack trace */
	const char *cause;    /* the last "Caused by:" without these words, else the first line */
	const char *task;     /* or NULL for a failure of the whole job */
	const char *location; /* host:port, or NULL */
	const char *taskmanager;
	int64_t time_ms;
	bool lacks_slots; /* there was nowhere to run: nothing of its own went wrong */
};

struct setting {
	const char *key, *value;
};

/* What is known in detail; `parts` says which parts of it were asked and answered. */
enum job_part {
	JOB_PART_VERTICES = 1,    /* /jobs/:id : vertices, parallelism, job type */
	JOB_PART_CHECKPOINTS = 2, /* /jobs/:id/checkpoints */
	JOB_PART_EXCEPTIONS = 4,  /* /jobs/:id/exceptions */
	JOB_PART_RESTARTS = 8,    /* metric numRestarts */
	JOB_PART_CONFIG = 16,     /* /jobs/:id/config and /checkpoints/config */
	/* What a line of the list needs, and what a card needs. */
	JOB_PARTS_ROW =
		JOB_PART_VERTICES | JOB_PART_CHECKPOINTS | JOB_PART_EXCEPTIONS | JOB_PART_RESTARTS,
	JOB_PARTS_ALL = 31,
	JOB_PART_LAG = 32, /* metrics of one of its sources: besides, where somebody looks */
};

struct job_detail {
	char id[JOB_ID_LEN + 1];
	unsigned parts;
	/* VERTICES */
	int parallelism;       /* the largest of its vertices; -1 = unknown */
	int64_t restarting_ms; /* when it began to restart last; 0 = never, or not told */
	const char *job_type;  /* "STREAMING", "BATCH", or NULL (1.16) */
	const struct vertex *vertices;
	size_t vertex_count;
	/* CHECKPOINTS */
	struct checkpoint_stats checkpoints;
	/* EXCEPTIONS, newest first, at most 16 */
	const struct exception *exceptions;
	size_t exception_count;
	bool exceptions_truncated;
	/* RESTARTS; -1 = the metric is not there (yet) */
	int64_t restarts;
	int64_t restarts_before; /* only of a remembered one: under former JobManagers */
	/* CONFIG */
	struct checkpoint_config checkpoint_config;
	const struct setting *settings; /* user configuration, secrets masked */
	size_t setting_count;
	const char *restart_strategy;
	/* LAG: of that vertex; records and milliseconds that its source says it is behind, -1 = it
	 * does not say */
	const char *lag_vertex;
	int64_t lag_records, lag_ms;
};

#endif
