/* Shared by the files of core/fleet only. */
#ifndef WEIR_FLEET_INTERNAL_H
#define WEIR_FLEET_INTERNAL_H

#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/fleet/fleet.h"

/* A cluster with what is tied to it. The public struct comes first. */
struct cluster_entry {
	struct cluster pub;
	struct fleet *fleet;    /* that it is of */
	int leaderless_doubts;  /* polls in a row without an answer that no longer say so */
	int64_t derived_ms;     /* mono; when all states on it were derived last */
	VEC(struct job *) jobs; /* known on it, listed or not */
	VEC(struct app *) apps; /* declared to run on it */
};

/* A job with the samples behind its restart rate. The public struct comes first. */
#define RESTART_SAMPLES 64
struct restart_sample {
	int64_t restarts, until_ms; /* the last sample that said so */
};
/* When something happened, each time once, in no order: the newest that fit in. */
struct times {
	int64_t *data;
	size_t len, alloc;
};
struct job_entry {
	struct job pub;
	/* Oldest first, at most one a minute. Of most jobs all say the same. */
	VEC(struct restart_sample) samples;
	struct times attempts; /* when it began to restart */
	struct times failures; /* of the exception history, but those for want of slots */
	struct times told;     /* all of the last history, newest first */
	bool has_told, told_is_cut;
	int64_t waited_ms;      /* the last one for want of slots; 0 = none */
	bool is_told;           /* its restarts are counted by another weir */
	bool is_listed, is_new; /* scratch of fleet_apply_cluster(); is_new: other than it was */
	uint8_t counted_as;     /* fleet_names.c */
	struct app *claimed_by; /* scratch of fleet_join(): a start of this application made it */
};

struct context_entry {
	char *name;
	struct snapshot *workspace; /* last good one; declarations point into it */
	struct err workspace_err;
	struct snapshot *registry; /* records point into it */
	struct map *records;       /* ref → const struct record; NULL = none yet */
	struct map *record_jobs;   /* job id → const struct record_job */
	struct arena *arena;       /* of the rest */
	const struct setting *variables;
	const struct flink_env *envs;
	size_t variable_count, env_count;
	struct loop_rule loop;
	struct said_at files_read, journal_read;
};

/* A list in the order of first sight, with its index by ref. */
struct item_list {
	VEC(void *) items;
	struct map *by_ref;
};

struct subscriber {
	fleet_fn fn;
	void *data;
};

/* Removed in this apply; freed once the subscribers were told. */
struct grave {
	enum kind kind;
	void *item;
};

/* Live jobs by name; no slots: nobody has asked yet. */
struct fleet_names {
	struct name_count *slots;
	size_t size, used;
};

struct fleet {
	struct item_list lists[KIND_MAX];
	struct map *contexts; /* name → struct context_entry */
	VEC(struct subscriber) subscribers;
	int64_t now_ms;
	int loading;      /* contexts; until its end nothing of one is tied, derived or told */
	int64_t began_ms; /* wall, as the clock stands now: what was noted since is our own */
	VEC(struct change) changes; /* of the apply under way */
	VEC(struct grave) graves;
	int state_counts[STATE_MAX];
	VEC(struct app *) urgent;
	struct fleet_polls polls;
	struct fleet_names names;
	struct fleet_whole whole; /* apps 0: it is one */
};

void list_add(struct item_list *list, const char *ref, void *item);

/* Notes a change; changes of one item in one apply are merged. */
void fleet_changed(
	struct fleet *fleet, enum kind kind, const char *ref, const void *item, unsigned what);
struct context_entry *fleet_context(struct fleet *fleet, const char *name);
/* NULL: there is none. */
struct cluster_entry *fleet_cluster_entry(
	const struct fleet *fleet, const char *context, const char *name);
/* Leaves the list, is told as removed, and is freed after the apply. */
void fleet_bury(struct fleet *fleet, enum kind kind, const char *ref, void *item);

/* On its way out: it makes room for the next one of its name. */
static inline bool job_is_ending(enum job_status status)
{
	return status == JOB_CANCELLING || status == JOB_FAILING;
}

/* fleet_cluster.c: the numbers of how asking goes, anew from all. */
void fleet_count_polls(struct fleet *fleet);

/* fleet_join.c */
struct app *fleet_new_app(struct fleet *fleet, char *ref, const char *context, const char *source);
void fleet_remove_app(struct fleet *fleet, struct app *app);
/* Tie jobs and applications of this cluster anew, then derive their states. */
void fleet_join(struct fleet *fleet, struct cluster_entry *cluster);
void fleet_derive_app(struct fleet *fleet, struct app *app);
void fleet_derive_cluster(struct fleet *fleet, struct cluster_entry *cluster);
/* After an answer in which only jobs with `is_new` are other than they were. */
void fleet_derive_jobs(struct fleet *fleet, struct cluster_entry *cluster, int64_t mono_ms);

/* fleet_registry.c */
void fleet_apply_registry(struct fleet *fleet, struct snapshot *snapshot);
void fleet_find_record(struct fleet *fleet, struct app *app); /* of one that is new */
/* The declared application whose run this job was, by what our own runs did; NULL = not known. */
struct app *fleet_app_of_run(struct fleet *fleet, const struct job *job);
void fleet_input_of_record(const struct app *app, struct state_input *in);
/* Does its release state change? */
bool fleet_derive_release(struct fleet *fleet, struct app *app);
void fleet_context_release(struct context_entry *context);
/* Its variables filled in; the text itself when that fails. malloc'd, NULL stays NULL. */
char *fleet_fill(const struct fleet *fleet, const struct app *app, const char *text);
/* fleet_workspace.c */
void fleet_rejoin_context(struct fleet *fleet, const char *context);
void fleet_leave_cluster(struct app *app); /* its job goes on as one of its own */
/* To the cluster that its file, or the record of its last start, names now. Whether it moved. */
bool fleet_place_app(struct fleet *fleet, struct app *app);
void fleet_apply_workspace(struct fleet *fleet, struct snapshot *snapshot);
/* fleet_cluster.c */
void fleet_apply_cluster(struct fleet *fleet, struct snapshot *snapshot);
void fleet_apply_ended(struct fleet *fleet, struct snapshot *snapshot);
void fleet_drop_job(struct fleet *fleet, struct job_entry *job);
/* fleet_detail.c */
void fleet_apply_detail(struct fleet *fleet, struct snapshot *snapshot);
/* Of one that has its application. */
void fleet_apply_job(struct fleet *fleet, struct job_entry *entry, struct snapshot *snapshot);
void fleet_job_free(struct job_entry *job);
/* fleet_names.c: of a job whose status or whose application may be another; before it goes, or has another name. */
void fleet_count_name(struct fleet *fleet, struct job *job);
void fleet_uncount_name(struct fleet *fleet, struct job *job);
void fleet_names_release(struct fleet *fleet);
/* fleet_lag.c */
void fleet_note_lag(struct job *job, const struct snapshot *snapshot);
void fleet_move_lag(const struct fleet *fleet, struct job *job, int64_t by_ms);
void fleet_free_lag(struct job *job);
/* fleet_restarts.c */
/* What this answer, of the parts that it has, tells of them. */
void fleet_note_restarts(struct job_entry *entry, const struct snapshot *snapshot);
/* The exception history of what became its `detail`; that may be forgotten, this is not. */
void fleet_note_history(struct job_entry *entry, const struct job_detail *detail);
void fleet_release_restarts(struct job_entry *entry);
/* Recount the windows of restarts as of now. */
void fleet_job_windows(const struct fleet *fleet, struct job_entry *job);
/* How far the clock of its JobManager is ahead of ours, where that can be told; else 0. */
int64_t job_skew_ms(const struct job *job);

#endif
