/*
 * The seam to whatever knows something: a workspace on disk, a JobManager, later a ResourceManager,
 * Kubernetes or StreamPark. A source answers each poll with exactly one snapshot; a failure is a
 * snapshot too (err set), so that it takes the same road.
 *
 *	struct source *jm = flink_source_new(&(struct flink_source_options){...});
 *	op = source_poll(jm, &(struct poll){.what = SNAPSHOT_CLUSTER}, on_snapshot, data);
 *	...
 *	static void on_snapshot(void *data, struct snapshot *snap)   once, on the loop, never from inside
 *	{
 *		fleet_apply(fleet, snap);
 *		snapshot_unref(snap);                                    the callee owns the reference
 *	}
 *	source_poll_cancel(op);                                      on_snapshot is then never called
 *	source_close(jm);                                            cancels what is under way
 *
 * A source keeps no fleet, decides no schedule and retries nothing: that is watch/'s part. It says
 * E_UNSUPPORTED to what it cannot be asked.
 */
#ifndef WEIR_SOURCE_SOURCE_H
#define WEIR_SOURCE_SOURCE_H

#include "core/model/snapshot.h"

struct poll {
	enum snapshot_kind what;
	const char *job_id;  /* SNAPSHOT_JOB; copied */
	unsigned parts;      /* SNAPSHOT_JOB: enum job_part */
	int64_t timeout_ms;  /* for the whole answer; 0 = the source's default */
};

struct source;
struct source_poll;
typedef void (*source_done_fn)(void *data, struct snapshot *snapshot);

struct source_ops {
	const char *kind; /* "workspace", "flink" */
	struct source_poll *(*poll)(struct source *source, const struct poll *poll,
		source_done_fn done, void *data);
	void (*cancel)(struct source_poll *poll);
	void (*close)(struct source *source);
	/* HTTP requests that such a poll costs, for the budget. */
	int (*cost)(const struct source *source, const struct poll *poll);
};

/* The first member of every source. */
struct source {
	const struct source_ops *ops;
	char *context;
	char *name; /* "workspace", or the cluster's name */
};

static inline struct source_poll *source_poll(struct source *source, const struct poll *poll,
	source_done_fn done, void *data)
{
	return source->ops->poll(source, poll, done, data);
}
static inline void source_poll_cancel(struct source *source, struct source_poll *poll)
{
	if (poll)
		source->ops->cancel(poll);
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
