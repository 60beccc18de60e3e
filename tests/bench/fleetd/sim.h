/*
 * A fleet that is not there: N jobs at M JobManagers, as a pure function of a seed and the time since
 * its start. Nothing is simulated step by step: what a job is doing at a moment is computed when
 * somebody asks, and the same seed, asked at the same moment, gives the same answer. What a person
 * does to a job (a verb, a change on command) is a note of a few bytes.
 *
 * Times are milliseconds; `_ms` alone counts from the start of the fleet, `wall_ms` since the epoch.
 * A job of the fleet is an index from 0; so is a JobManager, whose address is fleetd_address().
 *
 * Most jobs have a failover now and then; of eight events one is an end (FAILED, CANCELED, FINISHED),
 * after which the job is started anew under a new id. Sick ones ended before the fleet started, or
 * restart all the time, or fail their checkpoints.
 */
#ifndef WEIR_TESTS_BENCH_FLEETD_SIM_H
#define WEIR_TESTS_BENCH_FLEETD_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/model/job.h"

/* Of a JobManager: how it answers. */
enum manner { FINE, SLOW, DEAD, RESET, REFUSED, MANNER_MAX };
extern const char *const manner_names[MANNER_MAX];

struct sim_options {
	uint64_t seed;
	int jobs, managers;
	int big;      /* so many jobs are at the first JobManager; 0 = they are spread */
	double churn; /* per cent of the normal jobs that change in a second */
	double sick;  /* per cent of the jobs */
	double manners[MANNER_MAX]; /* per cent of the JobManagers; of FINE unused */
	int64_t checkpoint_ms;      /* between two checkpoints; 0 = each job has its own */
	int64_t epoch_ms;           /* wall time of the start */
	int64_t frozen_ms;          /* the time stands here; -1 = it runs */
	const char *version;        /* of all; NULL = of the JobManagers in turn */
};

/* What a person did to a job. */
struct note {
	int64_t at_ms, started_ms;
	uint16_t renewals, restarts;
	uint8_t status; /* enum job_status; 0 = none, the seed rules */
};

struct stretch {
	int64_t from_ms;
	double steps, steps_per_ms; /* sim_job.c */
};

enum trigger_kind { TRIGGER_SAVEPOINT, TRIGGER_STOP, TRIGGER_CHECKPOINT };
struct trigger {
	char id[JOB_ID_LEN + 1];
	int job;
	enum trigger_kind kind;
	int64_t at_ms;
};

/* A jar that was uploaded; its id ends with "_" and its name. */
struct jar {
	char *id;
	int manager;
	int64_t uploaded_wall_ms;
};

/* A job from a jar; its index is behind those of the seed. */
struct started {
	char id[JOB_ID_LEN + 1], name[64];
	int manager, parallelism;
	int64_t at_ms;
};

struct sim {
	struct sim_options options;
	int64_t started_ms; /* of the machine's clock */
	VEC(struct stretch) churn;
	struct note *notes; /* by job */
	uint8_t *manners;   /* by JobManager */
	VEC(struct trigger) triggers;
	VEC(struct jar) jars;
	VEC(struct started) started;
};

void sim_init(struct sim *sim, const struct sim_options *options);
void sim_release(struct sim *sim);
int64_t sim_now_ms(const struct sim *sim);
void sim_churn(struct sim *sim, double percent); /* from now on */
/* RUNNING starts it anew, RESTARTING is a failover that does not end, others end it. */
void sim_change(struct sim *sim, int job, enum job_status status);

void sim_start(struct sim *sim, const struct started *started);

uint64_t sim_hash(const struct sim *sim, uint64_t kind, uint64_t a, uint64_t b);

/* ---- who is where ---- */

/* "1.20.5" of a JobManager. */
const char *sim_version(const struct sim *sim, int manager);
/* 2 or later; or 1.x without what later versions have. */
bool sim_is_since(const struct sim *sim, int manager, const char *version);
int sim_manager_of(const struct sim *sim, int job);
/* for (int job = sim_first(…); job >= 0; job = sim_next(…)) */
int sim_first(const struct sim *sim, int manager);
int sim_next(const struct sim *sim, int manager, int job);
/* Whose fleetd_address() is it? -1 = none of ours. */
int sim_manager_at(const struct sim *sim, uint32_t address);

/* ---- a job ---- */

#define SIM_VERTICES_MAX 4
#define SIM_FAILURES_MAX 16

struct sim_job {
	int index, manager;
	char id[JOB_ID_LEN + 1], name[64];
	enum job_status status;
	int64_t now_wall_ms, start_wall_ms, end_wall_ms; /* end: -1 = lives */
	int64_t modified_wall_ms, up_wall_ms; /* up: since when all tasks run, or were told to */
	int64_t restarts;
	bool is_deploying; /* RUNNING, and its tasks are not yet */
	bool fails_checkpoints;
	int parallelism, vertices;
	int64_t checkpoint_ms;
	/* When it failed, newest first. */
	int64_t failed_wall_ms[SIM_FAILURES_MAX];
	int failures;
};

void sim_job(const struct sim *sim, int job, int64_t now_ms, struct sim_job *out);
/* By its id, at that JobManager, now; false when there is none such. */
bool sim_find(const struct sim *sim, int manager, const char *id, struct sim_job *out);
/* Words of a workspace; name holds 64 bytes. The name of the job is `job_name`. */
void sim_app_name(const struct sim *sim, int job, char name[64]);
void sim_job_name(const struct sim *sim, int job, char name[64]);
const char *sim_team(int job);
#define SIM_TEAMS 30
/* "jm-00001" */
void sim_cluster_name(int manager, char name[64]);

/* ---- what it says ---- */

struct sim_request {
	const char *method, *path, *query; /* path without query; query "" = none */
	const char *body;
	int manager;
};

enum sim_path {
	PATH_CONFIG,
	PATH_OVERVIEW,
	PATH_JOBS,
	PATH_TASKMANAGERS,
	PATH_TASKMANAGER, /* one, its metrics */
	PATH_LOGS,        /* their list, and one */
	PATH_JOB,
	PATH_STATUS,
	PATH_CHECKPOINTS,
	PATH_CHECKPOINT_CONFIG,
	PATH_EXCEPTIONS,
	PATH_METRICS,
	PATH_JOB_CONFIG,
	PATH_VERTEX_METRICS,
	PATH_TRIGGER,
	PATH_ACT,  /* POST and PATCH */
	PATH_JARS, /* all of them */
	PATH_OTHER,
	PATH_MAX
};
extern const char *const sim_path_names[PATH_MAX];

/* Adds the body of the answer to `out`; its status. path: which one it was, for the counts. */
int sim_answer(
	struct sim *sim, const struct sim_request *request, struct buf *out, enum sim_path *path);

/* jars.c: of what begins with "/jars". */
int sim_answer_jars(struct sim *sim, const struct sim_request *request, struct buf *out);

/* sim_say.c, sim_said.c: the bodies. */
void say_overview(const struct sim *sim, int manager, struct buf *out);
void say_jobs(const struct sim *sim, int manager, struct buf *out);
/* say_taskmanager.c; rest: behind "/taskmanagers/" and "/jobmanager/". Their status. */
struct sim_census {
	int running, finished, canceled, failed;
	int taskmanagers, slots_each, slots_used;
};
struct sim_census sim_census(const struct sim *sim, int manager);
void say_taskmanagers(const struct sim *sim, int manager, struct buf *out);
int say_of_taskmanager(const struct sim *sim, int manager, const char *rest, const char *query,
	struct buf *out, enum sim_path *path);
int say_of_jobmanager(
	const struct sim *sim, int manager, const char *rest, struct buf *out, enum sim_path *path);
void say_config(const struct sim *sim, int manager, struct buf *out);
void say_job(const struct sim *sim, const struct sim_job *job, struct buf *out);
void say_job_config(const struct sim *sim, const struct sim_job *job, struct buf *out);
void say_metrics(const struct sim_job *job, const char *query, struct buf *out);
void say_vertex_metrics(
	const struct sim *sim, const struct sim_job *job, const char *query, struct buf *out);
void say_checkpoints(const struct sim *sim, const struct sim_job *job, struct buf *out);
void say_checkpoint_config(const struct sim_job *job, struct buf *out);
void say_exceptions(const struct sim *sim, const struct sim_job *job, int most, struct buf *out);
/* The task that fails, "Window(…) -> Sink: Kafka"; and vertex ids. */
const char *say_vertex_name(const struct sim_job *job, int vertex);
void say_vertex_id(
	const struct sim *sim, const struct sim_job *job, int vertex, char id[JOB_ID_LEN + 1]);
void say_taskmanager_id(const struct sim *sim, int manager, int index, char id[64]);

#endif
