/*
 * What start, restart and ship share. start_plan.c: which release, from which restore point, and
 * what stands against it; start_journal.c: what earlier runs left; start_seen.c: what the last job
 * left; start_look.c: is that point there;
 * start_client.c: does a client of it still run; start.c: the steps check · start · running.
 */
#ifndef WEIR_ACTION_START_H
#define WEIR_ACTION_START_H

#include "core/action/action_internal.h"
#include "core/action/restore_point.h"
#include "core/query/query_release.h"

#define RELEASES_MOST 1000

/* start: refused while a job of the application lives. */
extern const struct part part_start;
/* restart, ship: a job that lives is stopped with a savepoint first, and started from that. */
extern const struct part part_restart;
extern const struct step step_check, step_start, step_running;

/* How looking for the _metadata of a point ended. */
enum look {
	LOOK_THERE,
	LOOK_GONE,    /* its folder can be seen from there, and it is not in it */
	LOOK_UNKNOWN, /* it cannot be looked for: another file system, another machine */
};
typedef void (*look_fn)(struct action *action, enum look look, const char *why);

struct start_work {
	struct action *action;
	struct query *query;
	struct keep_op *keep;
	struct ssh_op *ssh;
	struct source_op *op;
	struct source_poll *poll;
	struct source *polled;
	struct loop_timer *timer;
	look_fn looked;
	bool stops_first;     /* its savepoint is what is restored, unless a path was asked for */
	bool takes_savepoint; /* so it is */
	bool had_state;
	bool ran_before; /* by the journal: it had state, as far as anybody knows */
	void (*after_journal)(struct action *action);
	struct source *launcher; /* it makes its own cluster, through this one; else NULL */
	struct source *asked;    /* who has `op` */
	void (*after_seen)(struct action *action);
	const struct restore_point
		*seen; /* of the last job, as its JobManager says; in the arena */
	size_t seen_count;
	const char *next_path;      /* the point behind the chosen one; or NULL */
	struct restore_point point; /* the chosen one, texts in the arena; path NULL = none */
	/* from the sending on */
	struct err doubt; /* code 0 = it has arrived */
	int64_t deadline_mono_ms, doubt_mono_ms, arrival_mono_ms, slots_mono_ms, pause_ms;
	int64_t wait_mono_ms; /* it is waited for no longer; it may still arrive */
	int misses, unknown;
	bool waits_for_slots;
	bool client_is_gone; /* looked for, and not there */
};

/* The action's; made when it is first needed. */
struct start_work *start_of(struct action *action);
/* What is started: the release, or before there is one the file as it is today. */
const struct deployment *start_deployment(const struct action *action);
struct source_request start_request(struct action *action, enum source_verb verb);
/*
 * Settles a run that was left, and reads what the journal says. `then` comes once, never from inside;
 * or the part is refused.
 */
void start_read_journal(struct action *action, void (*then)(struct action *action));
/*
 * Asks the JobManager for the checkpoints of the job that was; `then` comes once, also when it
 * cannot be asked.
 */
void start_see(struct action *action, void (*then)(struct action *action));
typedef VEC(const struct restore_point *) restore_point_vec;
/* `points`, and what start_see() saw beside them. Texts are borrowed. */
void start_merge_seen(const struct action *action, restore_point_vec *out,
	const struct restore_point *const *points, size_t count);
/* `looked` comes once, never from inside. What was seen is remembered. */
void start_look(struct action *action, look_fn looked);
/*
 * Does a client of this start still run, where it was started? `then` comes once, never from inside.
 * pids: of it, "12 34"; NULL with why NULL: there is none; NULL with why: it cannot be looked for.
 */
typedef void (*client_fn)(
	struct action *action, const char *pids, const char *host, const char *why);
void start_seek_client(struct action *action, client_fn then);
/* Everything under way ends, nothing calls back. */
void start_quiet(struct action *action);

#endif
