/*
 * The seam to whatever knows something: a workspace on disk, a JobManager, later a ResourceManager,
 * Kubernetes or StreamPark. A source answers each poll with exactly one snapshot; a failure is a
 * snapshot too (err set), so that it takes the same road.
 *
 *	struct source *jm = flink_source_new(&(struct flink_source_options){...});
 *	op = source_poll(jm, &(struct poll){.what = SNAPSHOT_CLUSTER}, on_snapshot, data);
 *	...
 *	static void on_snapshot(void *data, struct snapshot *snap)
 *	{                                once, on the loop, never from inside
 *		fleet_apply(fleet, snap);
 *		snapshot_unref(snap);    the callee owns the reference
 *	}
 *	source_poll_cancel(jm, op);      on_snapshot is then never called
 *	source_close(jm);                cancels what is under way
 *
 * A source keeps no fleet, decides no schedule and retries nothing: that is watch/'s part. It says
 * E_UNSUPPORTED to what it cannot be asked.
 */
#ifndef WEIR_SOURCE_SOURCE_H
#define WEIR_SOURCE_SOURCE_H

#include "core/model/deployment.h"
#include "core/model/snapshot.h"
#include "core/source/change.h"
#include "core/source/log.h"

struct poll {
	enum snapshot_kind what;
	const char *job_id;      /* SNAPSHOT_JOB; copied */
	const char *taskmanager; /* SNAPSHOT_TASKMANAGER: its id; copied */
	unsigned parts;          /* SNAPSHOT_JOB: enum job_part */
	bool jobs_only;     /* SNAPSHOT_CLUSTER: its jobs, without its TaskManagers and slots */
	bool is_rare;       /* there is long nothing else to ask: a connection need not be kept */
	int64_t timeout_ms; /* for the whole answer; 0 = the source's default */
	/* JOB_PART_LAG: of which vertex, as its last answer named it; copied */
	const char *vertex_id, *vertex_name;
};

struct source;
struct source_poll;
typedef void (*source_done_fn)(void *data, struct snapshot *snapshot);

/*
 * What a source can be told to do, as a value; what it can be asked about that; each ends once:
 * done (err NULL), failed, or E_UNSUPPORTED.
 */
enum source_verb {
	SOURCE_SAVEPOINT,
	SOURCE_STOP, /* with a savepoint */
	SOURCE_CANCEL,
	SOURCE_CHECKPOINT,
	SOURCE_START, /* a deployment, as a job with an id of ours */
	/* questions */
	SOURCE_TRIGGER, /* how the savepoint, stop or checkpoint with this trigger id stands */
	SOURCE_JOB,     /* the status of a job, as it is now */
	SOURCE_STOPPED, /* the savepoint with which a job was stopped, long after */
	SOURCE_TASKS,   /* the same, with its tasks, and why it FAILED or restarts */
	SOURCE_BEFORE,  /* what has to be known right before a start */
	SOURCE_VERB_MAX
};

/* Texts are copied. */
struct source_request {
	enum source_verb verb;
	const char *job_id;
	const char *trigger_id; /* 32 hex digits of the caller's choice; not for CANCEL and JOB */
	enum source_verb of;    /* TRIGGER: what was triggered */
	const char *target_dir; /* SAVEPOINT, STOP: a URI; NULL = the cluster's default */
	bool drain;             /* STOP: let event time run to its end first */
	/* START: a released one; job_id is the new job's. BEFORE: its job_name counts. */
	const struct deployment *deployment;
	const char *restore_path;      /* START: savepoint or checkpoint; NULL = from nothing */
	bool allow_non_restored_state; /* START */
	const char *restore_mode; /* START: "NO_CLAIM", "CLAIM", "LEGACY"; NULL = Flink's default */
	/*
	 * START: what the far side prints, lines for the run's log; with the `data` of `done`.
	 */
	void (*on_output)(void *data, const char *bytes, size_t len);
	/*
	 * What acts: asked with the `data` of `done` right before it leaves, since a process may
	 * have been stopped for long; false: E_CONFLICT, nothing was sent. NULL = it may.
	 */
	bool (*may_leave)(void *data);
	int64_t timeout_ms; /* of each step; 0 = the source's default */
};

/* What to say then. */
#define SOURCE_MAY_NOT_LEAVE                                                                       \
	N_("nothing was sent: weir was stopped for too long, and somebody else may have taken "    \
	   "this run over")

/* Texts are borrowed for the call. */
struct source_answer {
	bool is_over;          /* TRIGGER: it has ended, well or not */
	const char *location;  /* TRIGGER of a savepoint or stop that went well; STOPPED, or NULL */
	int64_t completed_ms;  /* STOPPED: when that was complete */
	int64_t checkpoint_id; /* TRIGGER of a checkpoint that went well; -1 */
	const char *failure;   /* TRIGGER, or TASKS of a job that FAILED or restarts: the first
				cause, one line */
	int failures; /* TASKS of such a job: how often so far; for want of slots does not count */
	enum job_status job_status;     /* JOB, TASKS */
	int tasks_running, tasks_total; /* TASKS: those that run or have finished; -1 */
	const char *job_id;             /* BEFORE: a live job of that name; or NULL */
	int slots_free;                 /* BEFORE: -1 = not known, or made as they are needed */
	/* START on YARN or Kubernetes: what it made; or NULL */
	const char *application_id, *job_manager;
	const char *address; /* who answered; for messages */
};

struct source_op;
/*
 * err of what was to be done: E_UNKNOWN it may have arrived, so ask, and never send it again ·
 * anything else: it was not done (E_NET, E_TIMEOUT nobody was reached · E_CONFLICT the job has
 * ended · E_NOTFOUND no such job · E_REMOTE refused · E_UNSUPPORTED · E_AUTH, E_DENIED). err of a
 * question: E_NOTFOUND this trigger (this job) is not known there.
 */
typedef void (*source_op_fn)(void *data, const struct source_answer *answer, const struct err *err);

struct source_ops {
	const char *kind; /* "workspace", "flink" */
	struct source_poll *(*poll)(
		struct source *source, const struct poll *poll, source_done_fn done, void *data);
	void (*cancel)(struct source_poll *poll);
	void (*close)(struct source *source);
	/* HTTP requests that such a poll costs, for the budget. */
	int (*cost)(const struct source *source, const struct poll *poll);
	/* All NULL: nothing can be done here. */
	struct source_op *(*send)(struct source *source, const struct source_request *request,
		source_op_fn done, void *data);
	void (*send_cancel)(struct source_op *op);
	char *(*describe)(const struct source *source, const struct source_request *request);
	/* NULL: nothing is refused before it is asked. */
	int (*check)(
		const struct source *source, const struct source_request *request, struct err *err);
	/* Both NULL: it has no logs. */
	struct source_log_op *(*log)(struct source *source,
		const struct source_log_request *request, source_log_fn done, void *data);
	void (*log_cancel)(struct source_log_op *op);
	/* Both NULL: what it declares is not changed from here. */
	struct source_change_op *(*change)(struct source *source,
		const struct source_change *change, source_change_fn done, void *data);
	void (*change_cancel)(struct source_change_op *op);
};

/* The first member of every source. */
struct source {
	const struct source_ops *ops;
	char *context;
	char *name; /* "workspace", or the cluster's name */
};

static inline struct source_poll *source_poll(
	struct source *source, const struct poll *poll, source_done_fn done, void *data)
{
	return source->ops->poll(source, poll, done, data);
}
static inline void source_poll_cancel(struct source *source, struct source_poll *poll)
{
	if (poll)
		source->ops->cancel(poll);
}
static inline bool source_can_send(const struct source *source)
{
	return source->ops->send != NULL;
}
/* done: once, on the loop, never from inside. Only where source_can_send(). */
static inline struct source_op *source_send(
	struct source *source, const struct source_request *request, source_op_fn done, void *data)
{
	return source->ops->send(source, request, done, data);
}
/* done is then never called; what was sent stays sent. NULL-safe. */
static inline void source_send_cancel(struct source *source, struct source_op *op)
{
	if (op)
		source->ops->send_cancel(op);
}
/* The exact call, for people: "POST http://…/savepoints {…}". malloc'd. */
static inline char *source_describe(
	const struct source *source, const struct source_request *request)
{
	return source->ops->describe(source, request);
}
/* What would be refused without asking anybody. Before a run is begun. */
static inline int source_check(
	const struct source *source, const struct source_request *request, struct err *err)
{
	return source->ops->check ? source->ops->check(source, request, err) : 0;
}
static inline bool source_has_logs(const struct source *source)
{
	return source->ops->log != NULL;
}
/* done: once, on the loop, never from inside. Only where source_has_logs(). */
static inline struct source_log_op *source_log(struct source *source,
	const struct source_log_request *request, source_log_fn done, void *data)
{
	return source->ops->log(source, request, done, data);
}
/* NULL-safe; not after done. */
static inline void source_log_cancel(struct source *source, struct source_log_op *op)
{
	if (op)
		source->ops->log_cancel(op);
}
static inline bool source_can_change(const struct source *source)
{
	return source->ops->change != NULL;
}
/* done: once, on the loop, never from inside. Only where source_can_change(). */
static inline struct source_change_op *source_change(struct source *source,
	const struct source_change *change, source_change_fn done, void *data)
{
	return source->ops->change(source, change, done, data);
}
/* done is then never called; what was begun is done all the same. NULL-safe. */
static inline void source_change_cancel(struct source *source, struct source_change_op *op)
{
	if (op)
		source->ops->change_cancel(op);
}
static inline void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}
static inline int source_cost(const struct source *source, const struct poll *poll)
{
	return source->ops->cost(source, poll);
}

#endif
