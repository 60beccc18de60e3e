/*
 * The immutable answer to one poll, in its own arena. A failure takes the same road as a value:
 * then err.code is set and only context, source, kind, key and the times hold.
 *
 * Made anywhere (also on a pool thread), then handed over whole; counted references belong to the
 * loop's thread.
 */
#ifndef WEIR_MODEL_SNAPSHOT_H
#define WEIR_MODEL_SNAPSHOT_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/model/app.h"
#include "core/model/cluster.h"
#include "core/model/job.h"
#include "core/model/record.h"

enum snapshot_kind {
	SNAPSHOT_WORKSPACE,    /* teams and applications: all that the source declares */
	SNAPSHOT_CLUSTER,      /* cluster status and the list of all its jobs */
	SNAPSHOT_JOB,          /* one job in detail */
	SNAPSHOT_TASKMANAGERS, /* of one cluster */
	SNAPSHOT_TASKMANAGER,  /* the load of one; for whoever asked, not for the fleet */
	SNAPSHOT_REGISTRY,     /* what our own runs left, of all applications; source "registry" */
	SNAPSHOT_ENDED, /* of one job that has ended, whoever remembers it: its last row, and detail */
	SNAPSHOT_KIND_MAX
};

struct snapshot {
	enum snapshot_kind kind;
	const char *context;
	const char *source; /* "workspace", or the cluster's name */
	const char *key;    /* SNAPSHOT_JOB, ENDED: the job id; TASKMANAGER: its id; else NULL */
	int64_t asked_ms, observed_ms; /* wall time; observed: when the last byte came */
	int64_t mono_ms;    /* observed_ms by clock_mono_ms(), for ages; 0 = remembered */
	int64_t latency_ms; /* -1 = does not apply */
	bool from_store;    /* remembered, not asked: does not count as answered */
	/* What the weir that polls for this store saw (store/lease/poll_lease.h): counts as answered, by it. */
	bool is_followed;
	bool is_unchanged; /* the same as the source's last good answer: nothing below is filled */
	/*
	 * With err, of a cluster: a JobManager said that nobody leads, or one of several is gone while
	 * another takes requests and does not answer, as standbys do until they know.
	 */
	bool is_leaderless;
	struct kept_err err; /* snapshot_fail() */

	/* WORKSPACE */
	const struct team_decl *teams;
	size_t team_count;
	const struct app_decl *apps;
	size_t app_count;
	/* CLUSTER */
	struct cluster_status cluster;
	const struct job_summary *jobs;
	size_t job_count;
	/* CLUSTER that is followed; then err is the last poll's, and what is below holds all the same */
	int misses;
	int64_t asked_mono_ms, leaderless_ms, led_ms; /* as in struct cluster */
	bool is_partial;         /* `jobs` are those that changed; else all that are known */
	const char *const *gone; /* refs of jobs that are forgotten */
	size_t gone_count;
	/* JOB; ENDED: with its row as the only one of `jobs`, and cluster.address who told */
	struct job_detail detail;
	/* JOB that is followed: `detail` is no more than its line shows, and the rest of that line */
	bool is_digest;
	int recent_restarts; /* this and what follows as in struct job */
	int64_t restart_gap_ms, restarted_ms;
	double restarts_per_hour;
	bool lacks_slots;
	/* REGISTRY, by ref */
	const struct record *records;
	size_t record_count;
	const struct record_job *record_jobs; /* of the newest runs, at most RECORD_JOBS_MAX */
	size_t record_job_count;
	/* TASKMANAGERS */
	const struct taskmanager *taskmanagers;
	size_t taskmanager_count;
	/* TASKMANAGER */
	struct taskmanager_load load;

	struct arena *arena; /* holds all of the above, and the snapshot itself */
	int refs;
};

/* One reference, owned by the caller; texts are copied into its arena. */
struct snapshot *snapshot_new(
	enum snapshot_kind kind, const char *context, const char *source, const char *key);
/* In an arena that others are in too: with the last of them it is freed. */
struct snapshot *snapshot_new_in(struct arena *arena, enum snapshot_kind kind, const char *context,
	const char *source, const char *key);
struct snapshot *snapshot_ref(struct snapshot *snapshot);
/* From now on it is a failure, with a text as err_set() makes it. */
void snapshot_fail(struct snapshot *snapshot, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void snapshot_unref(struct snapshot *snapshot); /* NULL-safe */

typedef VEC(struct snapshot *) snapshot_vec;

#endif
