/*
 * Where the scenarios happen: a real cluster, a job on it that an application declares, a proxy in
 * front of the JobManager, a console that looks through it, and the sampler of that console. One
 * cluster serves all scenarios; each has a job, a proxy, a store and a console of its own.
 */
#ifndef WEIR_TESTS_FAULTS_FIELD_H
#define WEIR_TESTS_FAULTS_FIELD_H

#include "tests/e2e/bench.h"
#include "tests/e2e/flink.h"
#include "tests/e2e/screen.h"
#include "tests/faults/judge.h"
#include "tests/faults/proxy.h"
#include "tests/faults/sampler.h"

#define FIELD_APP "orders"
#define FIELD_TEAM "shop"
#define FIELD_STEPS 6
/* {rest}: "{url}", or the addresses of a group. */
#define FIELD_CONFIG                                                                               \
	"contexts:\n- name: faults\n  workspace: {home}/{ws}\n"                                    \
	"  clusters:\n  - {name: s, type: standalone, rest: {rest}}\n"

struct field;

/*
 * One step: something happens, then the console must come to show `want`, and must never show what
 * `never` says, from the moment the step begins.
 */
struct step {
	const char *want, *never;                                  /* lists as of judge.h */
	void (*act)(struct field *field, const struct step *step); /* NULL = nothing happens */
	const char *text;                                          /* what `act` needs */
	struct proxy_fault fault;
	/* Besides, this must be so. Without it: the fault has been met by enough requests, or two
	   answers have passed. NULL and no proxy_set(): nothing. */
	bool (*until)(struct field *field);
};

#define FIELD_SHORT 1u      /* also in `make check` */
#define FIELD_CLOCK 2u      /* the console's wall clock is the test's */
#define FIELD_TWO 4u        /* another console looks on too, begun before */
#define FIELD_NO_HISTORY 8u /* what the store has of it is not judged */
#define FIELD_GROUP 16u     /* two JobManagers under ZooKeeper: "jm" leads, "jm2" stands by */

struct scenario {
	const char *name;
	unsigned flags;
	const char *job;   /* words of DemoJob; NULL = a healthy one, "" = none */
	const char *start; /* what is shown before the first step; NULL = RUNNING */
	const char *app;   /* the application's file; NULL = plain */
	struct step steps[FIELD_STEPS];
};

struct field {
	struct flink *flink;
	struct bench *bench;
	int serial; /* of jobs and homes: names that never come again */
	bool is_group;
	bool has_failed; /* there is no cluster: not tried again */
	/* of one scenario */
	const struct scenario *scenario;
	struct proxy *proxy, *second_proxy; /* second: before the standby */
	struct screen *screen, *other;
	struct sampler *sampler;
	char *job, *job_name;
	char *second;    /* another job of that name */
	char *savepoint; /* of the job, the last one that was taken */
	void *lock;      /* of the store: sqlite3 */
	size_t sample;   /* the next to be judged */
	bool has_moved;  /* proxy_set() was called in this step */
	int64_t true_ms; /* when the step's act made it so; 0 = when it returned */
	bool is_right;   /* no wrong state, and each step came true */
	/* its line of the table */
	struct buf shown, times;
};

/* The cluster is up and whole, nothing runs; then the job, the proxy and the console. */
void field_enter(struct field *field, const struct scenario *scenario);
/* Plays the steps; the case fails at the first wrong state. */
void field_play(struct field *field);
void field_leave(struct field *field);
void field_free(struct field *field); /* the cluster too */

/* ---- for acts ---- */

/* A job of the application's name; its id, malloc'd. words: of DemoJob; NULL = a healthy one. */
char *field_submit(struct field *field, const char *words, const char *from);
/* Waits until the JobManager says so of the job. */
bool field_job_has(struct field *field, const char *status);
void field_job_is(struct field *field, const char *status);
int field_standby_port(struct field *field);
void field_console(struct field *field);      /* starts it, and samples it */
void field_console_ends(struct field *field); /* by the key for it */
/* The file of the application, or NULL = the plain one. */
void field_declare(struct field *field, const char *text);
/* The job id that the store has for the application, or "". malloc'd. */
char *field_shown_job(struct field *field);

#endif
