/*
 * The step that gives a running job an order: savepoint, stop, cancel, checkpoint. order.c: up to
 * the moment when it was sent; order_watch.c: from then on.
 */
#ifndef WEIR_ACTION_ORDER_H
#define WEIR_ACTION_ORDER_H

#include "core/action/action_internal.h"

struct order_kind {
	enum source_verb verb;
	bool has_trigger;        /* its end is asked by its trigger id */
	enum job_status ends_as; /* how the job then ends; NONE = it goes on */
	const char *done;        /* N_("savepoint at"): what came of it, before the result */
};
extern const struct order_kind order_savepoint, order_stop, order_cancel, order_checkpoint;
extern const struct step step_savepoint, step_stop, step_cancel, step_checkpoint;
extern const struct part part_savepoint, part_stop, part_cancel, part_checkpoint;

struct order {
	struct action *action;
	struct source_op *op;
	struct loop_timer *timer;
	bool is_in_doubt;        /* nobody has said yet that it arrived */
	bool is_verifying;       /* the trigger has ended (or is not known): now the job is asked */
	bool is_trigger_unknown; /* the JobManager does not know the trigger */
	bool has_failed;         /* the trigger failed: the job is asked whether it goes on */
	struct err doubt;        /* why; its text becomes the outcome */
	int misses;              /* questions in a row that nobody answered */
	int64_t deadline_mono_ms, doubt_mono_ms, pause_ms;
	int64_t unknown_mono_ms; /* since when it is said that it is not known; 0 = it is not */
};

/* The action's; made when it is first needed. */
struct order *order_of(struct action *action);
/* From the moment it was sent: asks until it knows. */
void order_watch(struct action *action);
/* A run that was left: whether it arrived is not known. */
void order_settle(struct action *action);

/* part_stop's check and prepare, for verbs that begin with a stop. */
int order_check(const struct part *part, const struct action_options *options, struct err *err);
void order_prepare_kind(struct action *action, const struct step *step);

/* How long until the next question: longer and longer, to a second. */
#define ASK_FIRST_MS 50
int64_t order_pause(int64_t pause_ms);

#endif
