/* Shared by run.c (up to the moment it is sent) and run_watch.c (from then on). */
#ifndef WEIR_ACTION_INTERNAL_H
#define WEIR_ACTION_INTERNAL_H

#include "core/action/action.h"
#include "core/base/buf.h"
#include "core/store/run.h"

struct action {
	struct action_options options; /* app: only inside action_start() */
	const struct act *act;
	struct run run;   /* its texts: `row`, or the buffers below */
	struct run *row;  /* owns what does not change */
	char *target_dir; /* owned */
	char *outcome, *result;
	struct buf log;
	struct source_op *op;
	struct run_op *save;
	struct loop_timer *timer;
	struct action *other; /* a run in the way that is being settled */
	void (*after_save)(struct action *action);
	struct err err; /* how it ends; code 0 = well */
	/* watching */
	bool is_in_doubt;        /* nobody has said yet that it arrived */
	bool is_verifying;       /* the trigger has ended (or is not known): now the job is asked */
	bool is_trigger_unknown; /* the JobManager does not know the trigger */
	bool has_failed;         /* the trigger failed: the job is asked whether it goes on */
	bool is_dropped;
	struct err doubt; /* why; its text becomes the outcome */
	int misses;       /* questions in a row that nobody answered */
	int64_t deadline_mono_ms, doubt_mono_ms, saved_mono_ms, pause_ms;
};

void action_log(struct action *action, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Saves the run as it is, then `next` (NULL = nothing; also the heartbeat). */
void action_save(struct action *action, void (*next)(struct action *action));
/* The last row, then done(). state: how it ends; err code 0 = well. */
void action_finish(struct action *action, enum run_state state);
/* Nobody watches from now on; err says why (code 0: it was accepted, and that was all we wanted).
 */
void action_let_go(struct action *action);
void action_set_state(struct action *action, enum run_state state);
void action_set_outcome(struct action *action, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* From the moment it was sent: asks until it knows. */
void action_watch(struct action *action);

#endif
