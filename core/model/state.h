/*
 * What weir concludes, and from what. One pure function derives it; its table of cases is its test
 * and its documentation (tests/core/model/test_state.c). The four fields are never mixed: jobStatus
 * is the JobManager's word, `state` is ours (the design's section 4).
 */
#ifndef WEIR_MODEL_STATE_H
#define WEIR_MODEL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/model/job.h"

enum app_state {
	STATE_UNKNOWN, /* never asked, missing, or ended while nobody watched */
	STATE_ADDED,   /* declared; the cluster answered and has no such job */
	STATE_STARTING,
	STATE_RUNNING,
	STATE_RESTARTING, /* also a loop that happens to be RUNNING right now */
	STATE_STOPPING,
	STATE_SUSPENDED, /* stopped by weir with a savepoint */
	STATE_CANCELED,
	STATE_FAILED,
	STATE_FINISHED,
	STATE_LOST,        /* two answers of a settled authority that does not know the job */
	STATE_UNREACHABLE, /* nobody answered, two polls in a row */
	STATE_MAX
};
const char *app_state_name(enum app_state state);
enum app_state app_state_parse(const char *name); /* STATE_MAX when unknown */
/* Does it need a person? RESTARTING, FAILED, LOST, UNREACHABLE. */
bool app_state_is_sick(enum app_state state);
/* On its way somewhere: STARTING, STOPPING, RESTARTING. */
bool app_state_is_moving(enum app_state state);

enum state_detail {
	DETAIL_NONE,
	DETAIL_WAITING_FOR_SLOTS, /* RUNNING or CREATED, but tasks wait to be scheduled */
	DETAIL_LOOPING,           /* restarts again and again */
	DETAIL_EXPIRED,         /* ended while unwatched: Flink forgets ended jobs after an hour */
	DETAIL_DUPLICATE,       /* several live jobs of this name; UNKNOWN where none is its own */
	DETAIL_INVALID,         /* the file is broken */
	DETAIL_NO_CLUSTER,      /* it names a cluster that the context does not have */
	DETAIL_MISSING,         /* one answer did not know the job: not yet LOST */
	DETAIL_LEADER_CHANGING, /* no JobManager leads; the next one recovers the job */
	DETAIL_MAX
};
const char *state_detail_name(enum state_detail detail); /* NULL for NONE */

/*
 * Who vouches for a state. Later a ResourceManager and Kubernetes: a value here, their words in
 * struct state_input, their line in present/witness.c.
 */
enum witness {
	WITNESS_NONE,       /* nobody has said anything yet */
	WITNESS_JOBMANAGER, /* its word, or its silence */
	WITNESS_WORKSPACE,  /* the file that declares it */
	WITNESS_RUN,        /* what we did ourselves */
	WITNESS_HISTORY,    /* who remembers ended jobs: an archive, a HistoryServer */
	WITNESS_MAX
};
const char *witness_name(
	enum witness witness); /* "jobmanager" "workspace" "run" "history"; NULL for NONE */

/* So many restarts within the window make a loop. One alone never does: restarts >= 2. */
struct loop_rule {
	int restarts;
	int64_t window_ms;
};
#define LOOP_RESTARTS 3
#define LOOP_WINDOW_MS (10 * 60 * 1000)
#define LOOP_RULE_DEFAULT ((struct loop_rule){LOOP_RESTARTS, LOOP_WINDOW_MS})
/* All its tasks have run for so long since the last one, and twice as long as between any two: then
 * it is over before the window is. */
#define LOOP_OVER_MS (2 * 60 * 1000)
/* Flink's default of jobstore.expiration-time. */
#define JOB_FORGOTTEN_MS (60 * 60 * 1000)
#define MISSED_POLLS 2
/*
 * So long nobody leads before that is an outage like any other. ZooKeeper gives a dead leader up after
 * high-availability.zookeeper.client.session-timeout, by default 60 s.
 */
#define LEADER_CHANGE_MS 90000
/* since_ms: 0 = somebody leads. */
bool leader_is_changing(int64_t since_ms, int64_t now_ms);
/* So long after a new leader's first answer what it does not list may still be to come. */
#define LEADER_SETTLE_MS 30000
#define LOST_ANSWERS 2
/* Tasks that wait this long to be scheduled wait for slots. */
#define SLOT_WAIT_MS 5000

struct state_input {
	bool is_invalid;    /* its file is broken */
	bool names_cluster; /* it says on which cluster it runs */
	bool has_cluster;   /* and the context has that cluster */
	/* the authority: the JobManager of its cluster */
	bool cluster_answered; /* ever, remembered answers too */
	int cluster_misses;    /* polls in a row without an answer */
	int64_t leaderless_ms; /* since when those say that nobody leads; 0 = they do not */
	/* the job */
	bool has_job; /* a job is tied to it */
	/* Live jobs (or applications) of its name where there are several. With has_job: one of
	 * them is known by its id to be its run. */
	int live_duplicates;
	enum job_status status; /* as last said */
	bool is_remembered;     /* by who remembers ended jobs, not by the JobManager */
	struct task_counts tasks;
	int64_t modified_ms; /* its last change; -1 = unknown */
	int64_t seen_ms;     /* when the JobManager last listed it */
	int64_t missing_ms;  /* the first answer since that did not; 0 = it is listed */
	int settled_without; /* answers in a row that did not, with TaskManagers registered */
	/* Within the window of the rule, without those for want of slots; -1 = unknown. */
	int recent_restarts;
	int loop_restarts;      /* so many make a loop; 0 = LOOP_RESTARTS */
	int64_t restart_gap_ms; /* the largest time between two of them; <= 0: unknown */
	int64_t restarted_ms;   /* the last one; 0 = not told */
	bool lacks_slots;       /* its newest exception is for want of slots */
	/* our own runs; a run alone makes no RUNNING and no LOST */
	bool is_starting;  /* a start is under way */
	bool is_stopping;  /* a stop or cancel of this job is under way */
	bool is_its_start; /* the job that is tied is the one that start sent off */
	/* A run has ended this job (with no job tied: the one it had last), as STATE_SUSPENDED or
	 * STATE_CANCELED; 0 = none. ended_ms: when that was seen. */
	enum app_state ended_as;
	int64_t ended_ms;
	int64_t started_ms;  /* no job is tied, and a start saw one run then; 0 */
	int64_t observed_ms; /* the last answer of its cluster */
	int64_t now_ms;
};

struct state_result {
	enum app_state state;
	enum state_detail detail;
	enum witness witness; /* who was believed */
};

struct state_result state_derive(const struct state_input *in);

#endif
