/*
 * How a verb is made. A verb (struct act) has parts; a part prepares itself and adds its steps; a
 * step does one thing and says how that ended:
 *
 *	static void begin(struct action *action)
 *	{
 *		action->build = …; action_own(action, action->build, build_work_free);
 *		action->build->op = ssh_exec(action->options.hosts, …, on_done, action);
 *	}
 *	static void on_done(void *data, const struct ssh_result *result, const struct err *err)
 *	{
 *		if (err) {
 *			action->err = *err;
 *			step_failed(action);
 *		} else {
 *			action_step_text(action, _("%s of %s"), …);
 *			step_done(action);
 *		}
 *	}
 *	const struct step step_command = {.name = "command", .begin = begin, .cancel = cancel};
 *	static const struct part part_build = {.steps = …, .check = …, .prepare = …};
 *
 * action.c     from the wish to a yes, cancel, drop
 * action_run.c the row, the lease, one step after the other, the end
 * settle.c     runs that nobody watched to their end
 * subject.c    what the action knows of its application
 * output.c     what its commands print
 * order.c, order_watch.c   the step that sends a savepoint, stop, cancel or checkpoint
 */
#ifndef WEIR_ACTION_INTERNAL_H
#define WEIR_ACTION_INTERNAL_H

#include "core/action/action.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clean.h"
#include "core/base/vec.h"
#include "core/model/deployment.h"
#include "core/model/release.h"
#include "core/store/journal/run.h"

/*
 * One step. Its row says that it was begun before begin() is called. begin() ends, then or later,
 * by exactly one of step_done(), step_failed(), step_in_doubt(), step_left(); these may free the
 * action, so they come last.
 */
struct step {
	const char *name; /* one word, unique in its verb */
	void (*begin)(struct action *action);
	/* End it at once: nothing of it may call back after. NULL: it cannot be ended. */
	void (*cancel)(struct action *action);
	/*
	 * It sends an order, or waits for the end of one: begun, it is PLANNED until
	 * step_send(), and a run that was left after that is asked about by settle(), which ends
	 * as begin() does. NULL: it changes nothing that has to be asked about; a run left in it
	 * is FAILED.
	 */
	void (*settle)(struct action *action);
	bool only_watches;  /* begin() does nothing but ask */
	bool makes_cluster; /* where the run has none, settle() does without a source */
	const void *kind;   /* of a step that is there in several kinds: order.h */
};

/* A part of a verb: steps that belong together, and what has to be known of them before. */
struct part {
	const struct step *const *steps; /* all that it may add, NULL-ended */
	/* Needs no network: the same for every door; `options` are as given. NULL = fine. */
	int (*check)(
		const struct part *part, const struct action_options *options, struct err *err);
	/*
	 * Adds its steps (action_add_step), writes the plan, and ends, then or later, by
	 * part_prepared() or part_refused(). Changes nothing, anywhere. NULL: all its steps.
	 */
	void (*prepare)(struct action *action);
	const void *kind;
};

/* What is known of the application when the action is made. Lives as long as the action. */
struct subject {
	const char *ref, *context;
	const char *team;            /* NULL: a job that nobody declared */
	const char *name;            /* declared, or of the job */
	const char *label;           /* "team/name", or the name: for people */
	const struct app_decl *decl; /* NULL: nobody declared it */
	const struct setting *team_variables;
	size_t team_variable_count;
	const char *cluster; /* its job's, else the declared one; NULL = none */
	const char *job_id;  /* the job that it shows; NULL = none */
	enum job_status job_status;
	int64_t job_end_ms; /* -1 */
	bool is_live;       /* that job has not ended, as far as is known */
	int duplicates;
	enum retention retention;    /* of that job's checkpoints when it ends */
	bool has_checkpoints;        /* it has completed one: it had state */
	int slots_free, slots_total; /* of the cluster; -1 */
	/* Of its cluster, when nobody answered there twice in a row. */
	bool is_away;
	int64_t cluster_seen_ms; /* its last answer, ours or remembered; 0 = never */
};

enum action_phase {
	ACTION_PREPARING, /* until `prepared` */
	ACTION_READY,     /* a door asks */
	ACTION_BEFORE,    /* agreed; the last question before there is a row */
	ACTION_BEGINNING, /* the row is being written, or a run in the way is settled */
	ACTION_STEPPING,
	ACTION_SETTLING, /* it was taken over */
	ACTION_ENDING,   /* the last row is being written */
};

#define ACTION_TIMEOUT_MS 600000 /* options.timeout_ms when nobody said */

struct build_work;
struct release_work;
struct start_work;
struct order;

struct action {
	struct action_options options; /* app, fleet: NULL; args: owned by `arena` */
	const struct act *act;
	enum action_phase phase;
	struct arena *arena;
	struct subject subject; /* all unknown in a run that is settled */
	struct source *source; /* of the run's cluster; a part may set it before the row is there */

	/* The plan: written by the parts' prepare(). */
	size_t part_at;
	const struct part *part; /* that is being prepared */
	struct buf calls, warnings;
	struct action_plan plan; /* typed, command, restore_path: in `arena` */
	/*
	 * The last question before there is a row, set by the first part; ends by action_begin()
	 * or action_refused(). NULL = none.
	 */
	void (*before)(struct action *action);
	void (*before_cancel)(struct action *action);

	/* The row. Texts: in `arena`, but for outcome, result and log. */
	struct run run;
	char *outcome, *result;
	struct buf log;
	struct clean *clean; /* of what commands print; NULL = nothing yet */
	struct buf printed;  /* its last lines */
	struct buf errors;   /* the first ones that name an error */
	size_t error_count;
	VEC(const struct step *) steps;
	VEC(struct run_step) marks; /* of each step, for the row */
	size_t step_at;
	bool is_between;  /* a row is being written before the next thing is done */
	bool is_canceled; /* seen when that is written */
	bool has_news;    /* for on_change */
	struct run_op *save;
	int64_t save_mono_ms;  /* when it was begun */
	int64_t lease_mono_ms; /* since then at least the lease is ours, as far as is known */
	void (*after_save)(struct action *action);
	struct loop_timer *timer; /* tells what is known already; then the heartbeat */
	struct query *open;       /* is a run in the way? */
	struct action *other;     /* a run in the way that is being settled */
	void (*after_other)(struct action *action, const struct run *run, const struct err *err);
	struct err err; /* how it ends; code 0 = well */

	/* What one part leaves for the next. */
	struct deployment *wish;     /* the file as it is today, rendered: action_render(); owned */
	struct deployment *released; /* what a start runs; set by release's activate too; owned */
	bool makes_release;          /* a release is among the steps: `released` comes later */

	/* Each family's own; freed by what was given to action_own(). */
	struct build_work *build;
	struct release_work *release;
	struct start_work *start;
	struct order *order;
	VEC(struct owned {
		void *thing;
		void (*release)(void *thing);
	})
	owned;
};

/* ---- preparing ---- */

void action_add_step(struct action *action, const struct step *step);
/* One line each; what they quote is made harmless and its secrets are masked. */
void plan_call(struct action *action, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void plan_warn(struct action *action, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Come last: the action may be gone after them. */
void part_prepared(struct action *action);
void part_refused(struct action *action, const struct err *err);
/*
 * Takes over a run in the way, as action_settle(). `then` comes once, never from inside; run has
 * ended_ms when it is over; both are borrowed.
 */
void action_settle_other(struct action *action, const struct run *run,
	void (*then)(struct action *action, const struct run *run, const struct err *err));
/* After `before`. */
void action_begin(struct action *action);
void action_refused(struct action *action, const struct err *err);

/* Owned by the action; released when it ends or is dropped, the last one first. */
void action_own(struct action *action, void *thing, void (*release)(void *thing));
/* Into `arena`; NULL stays NULL. */
const char *action_keep(struct action *action, const char *text);
/* 128 bits nobody else has, as 32 hex digits; in `arena`. */
const char *action_new_id(struct action *action);
/* The context's source of that cluster; NULL = there is none. */
struct source *action_find_source(const struct action *action, const char *cluster);
/*
 * action->wish: the declaration as it was when the action was made, with its variables filled in.
 * Once; later calls find it made. E_CONFLICT nobody declared it · E_CONFIG.
 */
int action_render(struct action *action, struct err *err);
/* The installed Flink of that name in the configuration, in `arena`; NULL = none. */
const struct flink_env *action_flink_env(struct action *action, const char *name);

/* Several live jobs have its name: E_CONFLICT, with their ids and what to do. */
int action_refuse_duplicates(const struct app *app, const char *name, struct err *err);

/* ---- the ends of a step; the action may be gone after them ---- */

void step_done(struct action *action);
/* action->err is set; the outcome is its text unless action_set_outcome() was called. */
void step_failed(struct action *action);
/* Sent, and nobody can say: action->err is set (E_UNKNOWN); to be settled later. */
void step_in_doubt(struct action *action);
/* Nobody watches from now on: action->err is set (E_TIMEOUT: not in time; it may still). */
void step_left(struct action *action);
/* Sent, and nobody will ever be able to say: the outcome is set. */
void step_unknowable(struct action *action);
/*
 * For source_request.may_leave: nobody can have taken the run over. A lease is only taken over when
 * its heartbeat is RUN_STALE_MS old, so a process that was stopped for that long has to ask first.
 */
bool action_may_leave(void *data);
/* The row says SENT, on the disk; then `send`. A row that cannot be written fails the step. */
void step_send(struct action *action, void (*send)(struct action *action));
/* The order may have arrived, or not: UNKNOWN, with the reason, saved, then `ask`. */
void step_doubt(struct action *action, const struct err *why, void (*ask)(struct action *action));
/* It has arrived after all: the reason is no longer the step's text. */
void step_no_doubt(struct action *action);
/* Why the step was left in doubt: the reason of then, or that weir ended before there was one. */
void step_left_in_doubt(const struct action *action, struct err *err);
/*
 * The order was taken: WATCHING, saved, then `next` (NULL = nothing). A detached run that has only
 * watching left is left then, and gone after this.
 */
void step_accepted(struct action *action, void (*next)(struct action *action));

/* ---- what is told ---- */

/* What came of the current step, one line: "commit 1a2b3c, 1.2 MB". Saved with the next save. */
void action_step_text(struct action *action, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The run's outcome, one line; secrets are masked here. */
void action_set_outcome(struct action *action, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void action_set_result(struct action *action, const char *text);
/* A line of the run's own journal, with its time. */
void action_log(struct action *action, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * What a command printed, as it comes: as clean lines (core/base/clean.h) into the run's log, and to
 * whoever watches.
 */
void action_output(struct action *action, const char *bytes, size_t len);
/* The last of those lines that are not empty, at most `max`, in one; malloc'd, "" = none. */
char *action_last_lines(struct action *action, size_t max);
/* The first ones that name an error where there are any, else the last ones. */
char *action_error_lines(struct action *action, size_t max);
/* Saves the row as it is, then `next` (NULL = nothing). Also tells on_change. */
void action_save(struct action *action, void (*next)(struct action *action));
void action_set_state(struct action *action, enum run_state state);
struct run_step *action_step(struct action *action); /* the current one */
/* When the current step was begun (its order left right after): wall time. */
int64_t action_step_ms(const struct action *action);

/* ---- between action.c, action_run.c and settle.c ---- */

struct action *action_alloc(const struct action_options *options);
void action_free(struct action *action);
void action_fill_subject(struct action *action, const struct action_options *options);
/* "cluster edge has not answered since 2025-11-21 09:57:00", or never did (0). malloc'd. */
char *action_silence(const char *cluster, int64_t seen_ms);
/* In the plan: its cluster is away, and since when. */
void action_warn_away(struct action *action);
/* To an error of asking it: since when, and what to do; where nobody was reached. */
void action_add_away(const struct action *action, struct err *err);
const struct run *action_row(struct action *action); /* the run, with its texts as they are now */
void action_tell(struct action *action);             /* done(), and the end of the action */
/* The last row, then done(). A step that has not ended ends with it, in that state. */
void action_end(struct action *action, enum run_state state);
void action_let_go(struct action *action);     /* nobody watches from now on; then done() */
void action_output_end(struct action *action); /* a last line that has no end */
void action_beat(struct action *action);       /* from now on the row is saved each RUN_BEAT_MS */
/* What the steps before the current one did: "stop: stopped, savepoint at …". malloc'd; "" = none. */
char *action_done_by_then(const struct action *action);
/* Of a restart that has stopped its job already: the savepoint; else NULL. Borrowed. */
const char *action_stopped_with(const struct action *action);
/* The outcome of a run that is called off here. */
void action_set_canceled(struct action *action);
/* A settled step is over, and what comes next would do something: that is not taken up. */
void action_settle_rest(struct action *action);

#endif
