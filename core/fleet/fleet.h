/*
 * Everything known, by ref. fleet_apply() compares a snapshot with what is known, derives states,
 * and emits changes; nothing else writes here.
 *
 *	struct fleet *fleet = fleet_new();
 *	fleet_subscribe(fleet, on_changes, ui);
 *	fleet_apply(fleet, snapshot);
 *	struct app *const *apps = fleet_apps(fleet, &count);
 *
 * Pointers handed out are borrowed until the next fleet_apply(); refs last.
 *
 * A declared application shows its newest run: the job that a start of ours made or that it has
 * adopted, by its id; else the one live job of its name on its cluster, else the job of that name that
 * started last. Several live jobs of the name are a DUPLICATE, and tie none that is not known by its
 * id. Every other job is an application of its own that is not managed.
 */
#ifndef WEIR_FLEET_FLEET_H
#define WEIR_FLEET_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/app.h"
#include "core/model/cluster.h"
#include "core/model/deployment.h"
#include "core/model/job.h"
#include "core/model/ref.h"
#include "core/model/release.h"
#include "core/model/snapshot.h"
#include "core/model/state.h"

/* When something was said: for people, and for its age whatever the wall clock does. */
struct said_at {
	int64_t ms;      /* wall time; 0 = never */
	int64_t mono_ms; /* clock_mono_ms(); 0 = not in this process */
};

/* How often a cluster is asked, and what it is asked of what it may be: told each second while it is
 * seen, else with each answer. */
struct polling {
	int64_t interval_ms; /* to the next poll; 0 = this process does not ask it */
	int64_t per_second, allowed_per_second; /* requests */
};

/* Since when a TaskManager is listed; earlier: it was in the first list already. */
struct taskmanager_seen {
	const char *id;
	int64_t since_ms;
	bool was_there_earlier;
};

/* A cluster as configured, and what its JobManager said last. */
struct cluster {
	char *ref, *context, *name;
	const char *type;             /* "standalone" ... static */
	const char *origin;           /* "config" | "run" | "discovered": static */
	char *address;                /* that answered last, else the first configured */
	size_t address_count;         /* several: high availability */
	const char *tls;              /* "verified", "insecure": static; NULL = plain http */
	char *flink_version;          /* or NULL */
	struct cluster_status status; /* last good answer; its texts are NULL: see above */
	int64_t asked_ms;             /* last poll that ended; 0 = never asked by this process */
	int64_t asked_mono_ms;        /* the same, for its age */
	int64_t observed_ms;          /* last good answer, ours or remembered; 0 = never */
	int64_t observed_mono_ms;     /* the same, for its age; 0 = remembered */
	int64_t latency_ms;           /* -1 = unknown */
	int misses;                   /* polls in a row without an answer */
	int64_t leaderless_ms;        /* since when those say that nobody leads; 0 = they do not */
	bool is_leader_changing;      /* and not for so long that it is an outage like any other */
	int64_t led_ms;               /* the first answer after such a time; 0 = there was none */
	bool has_answered;            /* in this process */
	bool answers_first;           /* it is being applied: the first answer to this process */
	struct kept_err last_err;     /* code 0 = the last poll was answered */
	bool has_history;             /* somebody remembers its ended jobs */
	struct kept_err history_err;  /* code 0 = he could be asked, when he was last */
	int live_jobs;                /* jobs listed that have not ended */
	int doubtful_jobs;            /* gone from one settled answer: not yet LOST */
	/* Those that it lists; NULL: it was not asked yet. What each tells else is for who looks at them. */
	struct taskmanager_seen *taskmanagers;
	size_t taskmanager_count;
	struct polling polling;
};

struct job {
	char *ref, *name;
	struct cluster *cluster;
	struct job_summary summary; /* .name, .said_by are NULL: see below */
	char *said_by;        /* who said how it ended, when that was not the JobManager; or NULL */
	bool is_looked_up;    /* who remembers ended jobs was asked for it, and knows nothing */
	int64_t seen_ms;      /* when the JobManager last listed it */
	int64_t seen_mono_ms; /* the same, for its age; 0 = remembered */
	int64_t missing_ms;   /* the first answer since that did not; 0 = it is listed */
	int settled_without;  /* answers in a row that did not, with TaskManagers registered */
	/* What SNAPSHOT_JOB told. `detail` holds the parts of the last one; what a row shows is
	 * kept here. */
	struct snapshot *detail;  /* or NULL; see also fleet_forget_detail() */
	struct snapshot *config;  /* the last one with JOB_PART_CONFIG, or NULL */
	int64_t detail_ms;        /* observed_ms of the last one; 0 = never */
	int64_t restarts;         /* by Flink's counter; -1 = unknown */
	int64_t restarts_before;  /* under former JobManagers, as far as weir saw them */
	double restarts_per_hour; /* < 0 = unknown */
	/* Within the window of the rule, without those for want of slots; -1 = unknown. */
	int recent_restarts;
	int64_t restart_gap_ms; /* the largest time between two of them; -1 = unknown */
	int64_t restarted_ms; /* the last one that was told, by its JobManager's clock; 0 = none */
	int parallelism;      /* -1 = unknown */
	struct checkpoint last_checkpoint; /* completed; id -1 = none; texts owned here */
	char *last_checkpoint_path;
	int64_t checkpoints_failed; /* -1 = unknown */
	char *last_exception;       /* its cause, one line; or NULL */
	int64_t last_exception_ms;
	bool lacks_slots;    /* that was for want of slots */
	struct job_lag *lag; /* what its sources told: job_lag(); or NULL */
	struct app *app;     /* never NULL after fleet_apply() */
};

/* One line of the applications list: declared, or a job that nobody declared. */
struct app {
	char *ref, *context;
	char *source;                /* "workspace", or "flink:<cluster>" */
	const struct app_decl *decl; /* NULL = not managed */
	struct job *job;             /* NULL = no run known */
	struct cluster *cluster;     /* NULL = none, or an unknown one */
	enum app_state state;
	enum state_detail detail;
	enum witness witness; /* who was believed */
	/* Live jobs of its declared name on its cluster (or applications that claim it) where there
	 * are several, else 0. `job` is then the one that is its own by its id, or NULL; of one that
	 * nobody declared it is this job. */
	int duplicates;
	int64_t state_since_ms; /* when weir saw it enter this state; 0 = before it looked */
	/* Of a declared one, with its variables filled in; else NULL. */
	char *job_name, *cluster_name;
	/* What our own runs say; NULL = it was never acted on. record->open: what is under way. */
	const struct record *record;
	const struct loop_rule *loop; /* of its context; never NULL */
	/* When its context's files, and its journal of runs, were looked at last; never NULL. */
	const struct said_at *files_read, *journal_read;
	enum release_state release_state; /* of a declared one */
	/* Of the deployment that its file makes today; "" = not asked for, or it cannot be made. */
	char digest[DIGEST_LEN + 1];
	bool has_digest;     /* it was asked for since its file changed */
	size_t urgent_place; /* the fleet's own: in fleet_urgent_apps(), from 1; 0 = it is not */
};

/* What stays of a job's checkpoints when it ends. */
enum retention {
	RETENTION_UNKNOWN, /* nobody told (yet) */
	RETENTION_NONE,    /* nothing: only a savepoint can be restored */
	RETENTION_FAILED,  /* when it fails, not when it is canceled */
	RETENTION_ALL
};

struct team {
	char *ref, *context;
	const struct team_decl *decl; /* never NULL */
	int counts[STATE_MAX];        /* its applications by state */
	int apps;
};

enum change_what {
	CHANGE_ADDED = 1,
	CHANGE_VALUES = 2,
	CHANGE_STATE = 4,
	CHANGE_REMOVED = 8,
	CHANGE_SEEN = 16
};
struct change {
	enum kind kind;   /* KIND_MAX: the workspace as a whole (its error came or went); no ref, no
			     item */
	const char *ref;  /* borrowed for the call */
	const void *item; /* struct app / cluster / team / job *; NULL when removed */
	unsigned what;    /* CHANGE_SEEN alone: only its age is new */
	enum app_state from; /* CHANGE_STATE of an application: its state before */
};
/* cause NULL: of fleet_load_end(). */
typedef void (*fleet_fn)(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count);

struct fleet;

struct fleet *fleet_new(void);
void fleet_free(struct fleet *fleet); /* NULL-safe */
/* A cluster of the configuration; known before anything answered. `type` is static. */
void fleet_add_cluster(struct fleet *fleet, const char *context, const char *name, const char *type,
	const char *address);
/* How sure it is who answers there: static, NULL = plain http. */
void fleet_set_cluster_tls(
	struct fleet *fleet, const char *context, const char *name, const char *tls);
/* How many addresses it may answer at; 1 where nobody says. */
void fleet_set_cluster_addresses(
	struct fleet *fleet, const char *context, const char *name, size_t count);
/* Somebody remembers its ended jobs (SNAPSHOT_ENDED): he is heard before one is dropped. */
void fleet_set_cluster_history(struct fleet *fleet, const char *context, const char *name);
/*
 * One that a start of ours made (origin "run"), from now on; again with another address: it moved.
 * Before the apply of the records that name it, which tie applications to it.
 */
void fleet_add_run_cluster(struct fleet *fleet, const char *context, const char *name,
	const char *type, const char *address);
/* With its jobs; told with the next apply, which must come before anything else is asked. */
void fleet_remove_cluster(struct fleet *fleet, const char *context, const char *name);
/* What declarations of a context refer to; all copied. Before the first apply. */
void fleet_set_context(struct fleet *fleet, const char *context, const struct setting *variables,
	size_t variable_count, const struct flink_env *envs, size_t env_count);
/* What makes a loop there (default: LOOP_RULE_DEFAULT). Before the first apply. */
void fleet_set_loop_rule(struct fleet *fleet, const char *context, struct loop_rule rule);
/* What `app`, a declared one, is rendered from; borrowed as the app is. */
void fleet_deployment_input(
	const struct fleet *fleet, const struct app *app, struct deployment_input *out);
/* Takes its own references. now: the wall clock (for windows and EXPIRED). */
void fleet_apply(struct fleet *fleet, struct snapshot *snapshot, int64_t now_ms);
/*
 * What a store remembers of one context, in parts, before anything else is known of it: as if each were
 * applied, but ties and states are derived once, at the end, from all of it, and no item is told of, for
 * none is news: the lists are new as a whole (one change of KIND_MAX). In between, which may be many
 * turns of the loop, every list is empty: nobody sees a half of it. Several contexts may load at a time.
 */
void fleet_load_begin(struct fleet *fleet);
void fleet_load(
	struct fleet *fleet, struct snapshot *const *snapshots, size_t count, int64_t now_ms);
void fleet_load_end(struct fleet *fleet, const char *context, int64_t now_ms);
/*
 * Nobody looks at this job: what its row and the rules need is kept, but not `detail`, which with the
 * traces of exceptions is most of what a fleet weighs. Of one that has ended it stays: nobody may be
 * there any more to tell it again. Not from inside a fleet_fn.
 */
void fleet_forget_detail(struct fleet *fleet, const char *ref);
/* Of a cluster that is known; no change for anybody: it is looked at with the next frame. */
void fleet_set_polling(struct fleet *fleet, const char *ref, const struct polling *polling);
/* The wall clock was set by so much: what this process saw since it began keeps its age. */
void fleet_clock_set(struct fleet *fleet, int64_t by_ms);
/* Called after each apply that changed something; in the order of subscription. */
void fleet_subscribe(struct fleet *fleet, fleet_fn fn, void *data);

/* Every list keeps the order of first sight; removed items leave it. */
struct app *const *fleet_apps(const struct fleet *fleet, size_t *count);
/* Those that move or are sick, in no order. */
struct app *const *fleet_urgent_apps(const struct fleet *fleet, size_t *count);
struct cluster *const *fleet_clusters(const struct fleet *fleet, size_t *count);
struct team *const *fleet_teams(const struct fleet *fleet, size_t *count);
struct job *const *fleet_jobs(const struct fleet *fleet, size_t *count);
/* The same by kind. Every item begins with `char *ref`. */
void *const *fleet_items(const struct fleet *fleet, enum kind kind, size_t *count);
void *fleet_item(const struct fleet *fleet, enum kind kind, const char *ref);
/* NULL when it is not (any more) known. */
struct app *fleet_app(const struct fleet *fleet, const char *ref);
struct cluster *fleet_cluster(const struct fleet *fleet, const char *ref);
struct team *fleet_team(const struct fleet *fleet, const char *ref);
struct job *fleet_job(const struct fleet *fleet, const char *ref);
/*
 * What a word on the command line or in the palette means: "name", "team/name", a job id,
 * and of a job that nobody declared its name or "cluster/jobName", when no application is meant.
 * Returns how many match (0, 1, or more: ambiguous); the first `max` into `out`.
 */
size_t fleet_find_apps(const struct fleet *fleet, const char *word, struct app **out, size_t max);
/* How asking goes, over all clusters. */
struct fleet_polls {
	size_t clusters;
	size_t asked;      /* by this process, at least once */
	size_t failing;    /* whose last poll failed */
	int64_t newest_ms; /* the last good answer of any, a remembered one too; 0 = none */
};
struct fleet_polls fleet_polls(const struct fleet *fleet);
/* Applications in each state; `counts` has STATE_MAX places. */
void fleet_count_states(const struct fleet *fleet, int *counts);
/*
 * Of a fleet that holds only the first rows of a larger one (store/head.h), for one frame: the numbers of
 * that one, as fleet_polls() and fleet_count_states() tell them from then on.
 */
struct fleet_whole {
	size_t apps;
	int counts[STATE_MAX];
	struct fleet_polls polls;
};
void fleet_set_whole(struct fleet *fleet, const struct fleet_whole *whole);
/* Its applications that are not here; 0 of every other fleet. */
size_t fleet_apps_left_out(const struct fleet *fleet);
/* Live jobs of its job name on its cluster, whose-ever they are; how many. At most `max` into `out`. */
size_t app_namesakes(const struct app *app, const struct job **out, size_t max);
enum retention job_retention(const struct job *job); /* NULL: unknown */
/*
 * The job that a start of ours saw run, when its JobManager was not asked for its list since: the
 * application is not tied to it yet. NULL = there is none; borrowed as the app is.
 */
const char *app_started_job(const struct app *app, int64_t now_ms);
/* Listed by the last answer, and not ended. */
bool job_is_live(const struct job *job);
/* Does the job that it shows live? Not when a run of ours ended it after it was listed last. */
bool app_job_is_live(const struct app *app);
/* The last answer does not list it, and nobody saw it end: what was said of it holds no longer. */
bool job_is_unlisted(const struct job *job);
/*
 * How many records its sources say that they are behind, in all, and the longest time; -1 = none said so
 * within ten minutes. Asked where somebody looks (core/watch/lag.c). False: neither is known.
 */
bool job_lag(const struct job *job, int64_t now_ms, int64_t *records, int64_t *ms);
/*
 * How many live jobs of its context have its name, on whatever clusters, itself with them, where not each is the
 * run of an application of its own: the same runs twice. 1: it is alone, or does not live.
 */
int job_copies(const struct job *job);
/* Has Flink deleted its last checkpoint when it ended? False: not, or not known. */
bool job_checkpoint_is_gone(const struct job *job);
/*
 * What can be restored of this job as it is known now: its savepoints, and checkpoints that stay when
 * it ends; those that Flink has discarded have is_gone. In no order, texts borrowed. Returns how many;
 * at most `max` into `out`.
 */
size_t job_points(const struct job *job, struct restore_point *out, size_t max);
/* The workspace's last error (folder missing, unreadable), or NULL; per context. */
const struct err *fleet_workspace_error(const struct fleet *fleet, const char *context);

#endif
