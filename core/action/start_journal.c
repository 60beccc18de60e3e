/*
 * What the journal says of an application before a start is planned. A run that was left is settled
 * first: a stop whose end nobody saw has made the very savepoint that the plan has to name. And who
 * ran before had state, unless its job came to its own end: then no restore point is no reason to
 * start from nothing in silence.
 */
#include "core/action/start.h"
#include "core/base/i18n.h"
#include "core/base/str.h"
#include "core/query/query.h"

#define RUNS_MOST 200

static void ask(struct action *action);

static bool has_run(const struct run *run)
{
	/* UNKNOWN and left alone: nobody can say that it has not. */
	return run->start_job_id && (run->state == RUN_DONE || run->state == RUN_UNKNOWN);
}

static bool stops(const struct run *run)
{
	return run->trigger_id &&
		(str_eq(run->verb, "stop") || str_eq(run->verb, "restart") ||
			str_eq(run->verb, "ship"));
}

static void on_settled(struct action *action, const struct run *run, const struct err *err)
{
	struct err why;

	if (run && run->ended_ms) {
		ask(action);
		return;
	}
	err_set(&why, E_CONFLICT, _("an earlier run has to be settled first: %s"),
		err ? err->text : (run && run->outcome ? run->outcome : "?"));
	part_refused(action, &why);
}

static void on_runs(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct action *action = data;
	struct start_work *start = action->start;
	const struct run *newest = NULL;
	struct err why;

	start->query = NULL;
	if (err) {
		why = *err;
		err_prefix(&why, _("its earlier runs are not known"));
		part_refused(action, &why);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (runs[i]->is_orphan) {
			action_settle_other(action, runs[i], on_settled);
			return;
		}
		start->ran_before = start->ran_before || has_run(runs[i]);
		if (!newest && (runs[i]->start_job_id || stops(runs[i])))
			newest = runs[i];
	}
	if (newest && stops(newest) && newest->state == RUN_UNKNOWN)
		plan_warn(action,
			_("run %lld (%s) may have made a newer savepoint; nobody can say: %s"),
			(long long)newest->id, newest->verb,
			newest->outcome ? newest->outcome : "?");
	start->after_journal(action);
}

static void ask(struct action *action)
{
	action->start->query = query_runs(
		action->options.store, action->subject.ref, false, RUNS_MOST, on_runs, action);
}

void start_read_journal(struct action *action, void (*then)(struct action *action))
{
	action->start->after_journal = then;
	ask(action);
}
