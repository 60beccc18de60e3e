/*
 * Runs that nobody watched to their end, taken over. What can be asked is asked, by the step's own
 * settle(); nothing is done any more: later steps are not taken up, but for those that only watch.
 * A run that was left where nothing had been sent ends here, with what its steps had done by then.
 */
#include <stdlib.h>

#include "core/action/action_internal.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

static const struct step *find_step(const struct act *act, const char *name)
{
	for (size_t i = 0; act->parts[i]; i++)
		for (size_t k = 0; act->parts[i]->steps[k]; k++)
			if (str_eq(act->parts[i]->steps[k]->name, name))
				return act->parts[i]->steps[k];
	return NULL;
}

/*
 * The run's steps; the one where it was left is step_at. E_UNSUPPORTED: a step of another version.
 * A row without steps is of a time when a run was one order.
 */
static int read_steps(struct action *action, const struct run *run, struct err *err)
{
	bool is_found = false;

	for (size_t i = 0; i < run->step_count; i++) {
		const struct step *step = find_step(action->act, run->steps[i].name);

		if (!step)
			return err_set(err, E_UNSUPPORTED,
				_("this version does not know what the step '%s' of %s is"),
				run->steps[i].name, run->verb);
		action_add_step(action, step);
		action->marks.data[i] = run->steps[i];
		action->marks.data[i].name = step->name;
		action->marks.data[i].text = xstrdup_null(run->steps[i].text);
		if (!is_found && run->steps[i].state != RUN_DONE) {
			action->step_at = i;
			is_found = true;
		}
	}
	if (!run->step_count) {
		action_add_step(action, action->act->parts[0]->steps[0]);
		action->marks.data[0].state = run->state;
		action->marks.data[0].started_ms = run->sent_ms;
		is_found = true;
	}
	if (!is_found)
		action->step_at = action->steps.len;
	return 0;
}

char *action_done_by_then(const struct action *action)
{
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; i < action->step_at && i < action->marks.len; i++) {
		const struct run_step *step = &action->marks.data[i];

		buf_addf(&out, "%s%s%s%s", out.len ? "; " : "", step->name, step->text ? ": " : "",
			step->text ? step->text : "");
	}
	return buf_detach(&out);
}

const char *action_stopped_with(const struct action *action)
{
	const char *path = action->run.restore_path ? action->run.restore_path : action->result;

	for (size_t i = 0; i < action->step_at && i < action->marks.len; i++)
		if (str_eq(action->marks.data[i].name, "stop"))
			return path ? path : "?";
	return NULL;
}

/* Between two steps, or in one that changes nothing: nobody has to be asked. */
static void ended_between(struct action *action)
{
	const char *name = action->step_at < action->marks.len ? action_step(action)->name : "";
	const char *path = action_stopped_with(action);
	char *done = action_done_by_then(action);

	if (action->run.state == RUN_PLANNED && !*done) {
		err_set(&action->err, E_CANCELED, _("weir ended before anything was sent"));
		action_end(action, RUN_CANCELED);
	} else if (!*done) {
		err_set(&action->err, E_REMOTE,
			_("weir ended in step %s; nothing was changed over there"), name);
		action_end(action, RUN_FAILED);
	} else if (path) {
		err_set(&action->err, E_REMOTE,
			_("weir ended before step %s: stopped with savepoint %s, not started. To "
			  "start it from there: weir start %s%s%s"),
			name, path, action->run.team ? action->run.team : "",
			action->run.team ? "/" : "", action->run.name);
		action_end(action, RUN_FAILED);
	} else {
		err_set(&action->err, E_REMOTE,
			_("weir ended before step %s was over; done by then: %s"), name, done);
		action_end(action, RUN_FAILED);
	}
	free(done);
}

void action_settle_rest(struct action *action)
{
	ended_between(action);
}

static void settle_step(struct action *action)
{
	const struct step *step;
	struct err err;

	if (action->step_at == action->steps.len) { /* all done, but for the last row */
		const char *text = action->marks.data[action->step_at - 1].text;

		action_set_outcome(action, "%s", text ? text : _(action->act->done));
		action_end(action, RUN_DONE);
		return;
	}
	step = action->steps.data[action->step_at];
	if (!step->settle || action_step(action)->state == RUN_PLANNED) {
		ended_between(action);
		return;
	}
	action->source = action_find_source(action, action->run.cluster);
	if (!action->source && (action->run.cluster || !step->makes_cluster)) {
		err_set(&err, E_CONFIG, _("run %lld: cluster %s is not in the configuration"),
			(long long)action->run.id, action->run.cluster ? action->run.cluster : "?");
		action->err = err;
		action_let_go(action);
		return;
	}
	if (!step->only_watches)
		action_set_state(action, RUN_UNKNOWN);
	step->settle(action);
}

static void on_adopted(void *data, const struct run *run, const struct err *err)
{
	struct action *action = data;
	struct run *kept;

	action->save = NULL;
	if (err) {
		action->err = *err;
		action_tell(action);
		return;
	}
	kept = run_dup(run);
	action_own(action, kept, free);
	action->run = *kept;
	action->run.steps = NULL;
	action->run.step_count = 0;
	/* What was said when it was left in doubt is in the log. */
	buf_adds(&action->log, run->log ? run->log : "");
	action_set_result(action, run->result);
	action->act = act_find_name(run->verb);
	action_log(action, _("taken over, to be settled"));
	action_beat(action);
	if (!action->act)
		err_set(&action->err, E_UNSUPPORTED, _("this version does not know what '%s' is"),
			run->verb);
	else if (read_steps(action, kept, &action->err) == 0)
		action->err.code = E_OK;
	if (action->err.code)
		action_let_go(action);
	else
		settle_step(action);
}

struct action *action_settle(const struct action_options *options, const struct run *run)
{
	struct action *action = action_alloc(options);

	action->phase = ACTION_SETTLING;
	action->options.app = NULL;
	action->options.is_detached = false;
	action->save = run_adopt(options->store, run->id, on_adopted, action);
	return action;
}
