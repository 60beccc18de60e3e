/*
 * What the registry says of one application, as a witness beside the JobManager: what is under way,
 * what started and what stopped its job, what is released, what it can be restored from. One for
 * each application that was ever acted on.
 */
#ifndef WEIR_MODEL_RECORD_H
#define WEIR_MODEL_RECORD_H

#include "core/base/arena.h"
#include "core/model/release.h"
#include "core/model/run.h"

/* What a run is about at this moment. */
enum run_phase { PHASE_OTHER, PHASE_BUILDING, PHASE_RELEASING, PHASE_STOPPING, PHASE_STARTING };
/* By its verb, and of one with several steps by the one that is under way. */
enum run_phase run_phase(const struct run *run);
/* Has it ended the job run->job_id? *with_savepoint: and kept its state. */
bool run_has_stopped(const struct run *run, bool *with_savepoint);

/* The parts of a run that this needs; id 0 = there is none. */
struct run_fact {
	int64_t id;
	const char *verb;
	enum run_state state; /* as shown: an orphan that was sent is UNKNOWN */
	enum run_phase phase;
	bool is_live;        /* somebody is at it */
	bool with_savepoint; /* of `stopped` */
	const char *job_id, *start_job_id, *savepoint;
	int64_t release, created_ms;
	const char *job_name; /* of an adoption: what its job was called; or NULL */
	int64_t ended_ms;     /* of `stopped`: when its job had ended; 0 = not over */
	const char *outcome;  /* one line, or NULL */
};

/* A cluster that a start on YARN or Kubernetes made, or found. */
struct run_cluster {
	const char *app;            /* ref: whose job runs on it */
	const char *name;           /* its application id, or what Kubernetes calls it */
	const char *target;         /* Flink's deployment target */
	const char *application_id; /* or NULL */
	const char *address;        /* base URL of its JobManager */
	const char *via;            /* the host from which that is reached; NULL = this machine */
	int64_t run;                /* the one that made it */
	int64_t created_ms;
};
/* Was it made for one application alone, and goes with its job? */
bool run_cluster_is_own(const struct run_cluster *cluster);

struct record {
	const char *app;         /* ref */
	bool has_let_go;         /* of the job that it had adopted: older adoptions are void */
	struct run_fact open;    /* not over */
	struct run_fact started; /* the newest that sent a job off, or adopted one (start_job_id) */
	struct run_fact stopped; /* the newest that ended a job */
	struct run_fact released; /* the newest that is over, of release, rollback, ship */
	/* The active release; number 0 = none. */
	struct {
		int64_t number, created_ms, activated_ms, run;
		const char *digest, *artifact_sha256;
	} active;
	/* The newest build; sha256 NULL = none. */
	struct {
		int64_t built_ms;
		const char *sha256;
	} build;
	/* The newest point that is not gone; path NULL = none. */
	struct {
		const char *path;
		enum restore_kind kind;
		int64_t completed_ms;
	} point;
	/* Where its last start runs; name NULL = no start made a cluster, or that is over. */
	struct run_cluster cluster;
};

/* A job that one of our runs has started, stopped or otherwise acted on. */
#define RECORD_JOBS_MAX 10000
struct record_job {
	const char *job_id, *app; /* app: its ref */
	int64_t release;          /* from which it was started; 0 = not by one of those runs */
};

/* Did it tie a job that it did not start? */
bool run_fact_adopts(const struct run_fact *fact);
/* The job that the newest start saw run, when nothing of ours has stopped one since; or NULL. */
const char *record_started_job(const struct record *record);
/* The newest that ended a job came after the newest that sent one off, or that one was sent in vain. */
bool record_has_stopped_last(const struct record *record);
/* The next run of its application, newest first. Texts are copied. */
void record_add_run(struct record *record, struct arena *arena, const struct run *run);

#endif
