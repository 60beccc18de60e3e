/*
 * From a yes to the end: the row and the lease, then one step after the other.
 *
 *	action_go ─▶ the last question ─▶ run_begin: PLANNED, the lease is ours
 *	                   │                  └─ an orphan in the way: it is settled first
 *	                   └─refused              │
 *	      ┌───────────────────────────────────┘
 *	      ▼
 *	   saved: the step is begun ─▶ step->begin() ─┬─ step_done ────▶ the next one, or DONE
 *	      ▲                                       ├─ step_failed ──▶ FAILED
 *	      └───────────────────────────────────────┼─ step_in_doubt ▶ UNKNOWN, let go
 *	                                              └─ step_left ────▶ WATCHING, let go
 *
 * Each arrow that crosses a state is a commit before the next step is taken. A step that sends an
 * order commits once more, as SENT, before the order leaves.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/action/action_internal.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"

/* From the last look at the lease to the last byte of a request. */
#define LEASE_MARGIN_MS 15000

static void run_step(struct action *action);
static void save_first(struct action *action, void (*next)(struct action *action));

/* ---- what is told ---- */

static __attribute__((format(printf, 1, 0))) char *one_line(const char *fmt, va_list ap)
{
	struct err line; /* one harmless line, whatever was quoted */
	char text[sizeof(line.text)];

	vsnprintf(text, sizeof(text), fmt, ap);
	err_set(&line, E_OK, "%s", text);
	return redact_dup(line.text);
}

void action_log(struct action *action, const char *fmt, ...)
{
	char stamp[32], *text;
	va_list ap;

	va_start(ap, fmt);
	text = one_line(fmt, ap);
	va_end(ap);
	clock_format_iso(clock_wall_ms(), stamp, sizeof(stamp));
	buf_addf(&action->log, "%s %s\n", stamp, text);
	log_write(LOG_INFO, "run %lld: %s", (long long)action->run.id, text);
	free(text);
}

void action_set_outcome(struct action *action, const char *fmt, ...)
{
	va_list ap;

	free(action->outcome);
	va_start(ap, fmt);
	action->outcome = one_line(fmt, ap);
	va_end(ap);
}

void action_set_result(struct action *action, const char *text)
{
	free(action->result);
	action->result = xstrdup_null(text);
}

void action_step_text(struct action *action, const char *fmt, ...)
{
	struct run_step *step = action_step(action);
	va_list ap;

	free((char *)step->text);
	va_start(ap, fmt);
	step->text = one_line(fmt, ap);
	va_end(ap);
	action->has_news = true;
}

void action_set_state(struct action *action, enum run_state state)
{
	if (action->run.state == state)
		return;
	action_log(action, "%s", run_state_name(state));
	action->run.state = state;
	action->has_news = true;
}

struct run_step *action_step(struct action *action)
{
	return &action->marks.data[action->step_at];
}

int64_t action_step_ms(const struct action *action)
{
	return action->marks.data[action->step_at].started_ms;
}

/* ---- the row ---- */

const struct run *action_row(struct action *action)
{
	action->run.outcome = action->outcome;
	action->run.result = action->result;
	action->run.log = action->log.len ? buf_str(&action->log) : NULL;
	action->run.code = action->err.code ? err_code_name(action->err.code) : NULL;
	action->run.steps = action->marks.data;
	action->run.step_count = action->marks.len;
	return &action->run;
}

void action_tell(struct action *action)
{
	const struct run *run = action->run.id ? action_row(action) : NULL;

	action->options.done(action->options.data, run, action->err.code ? &action->err : NULL);
	action_free(action);
}

/* The last row is written, or could not be. */
static void on_ended(void *data, const struct run *run, const struct err *err)
{
	struct action *action = data;

	(void)run;
	action->save = NULL;
	/* What happened over there has happened: an orphan is left, to be settled once more. */
	if (err && !action->err.code) {
		action->err = *err;
		err_prefix(&action->err, _("%s, but not written to the journal"),
			run_state_name(action->run.state));
	}
	action_tell(action);
}

static void on_saved(void *data, const struct run *run, const struct err *err)
{
	struct action *action = data;
	void (*next)(struct action * action) = action->after_save;
	bool was_between = action->is_between;

	(void)run;
	action->save = NULL;
	action->after_save = NULL;
	action->is_between = false;
	if (err && err->code == E_CONFLICT) {
		/* Taken over by somebody who thinks we are gone: it is theirs. */
		action->err = *err;
		action_tell(action);
		return;
	}
	if (err)
		action_log(action, _("not written: %s"), err->text);
	if (err && was_between) {
		action->err = *err;
		err_prefix(&action->err, _("nothing was sent"));
		action_end(action, RUN_FAILED);
		return;
	}
	if (action->is_canceled && was_between) {
		action_set_canceled(action);
		action_end(action, RUN_CANCELED);
		return;
	}
	if (!err)
		action->lease_mono_ms = action->save_mono_ms;
	if (!err && action->has_news && action->options.on_change) {
		action->has_news = false;
		action->options.on_change(action->options.data, action_row(action));
	}
	if (was_between && !action_may_leave(action)) /* stopped meanwhile: is it still ours? */
		save_first(action, next);
	else if (next)
		next(action);
}

bool action_may_leave(void *data)
{
	const struct action *action = data;

	return clock_mono_ms() - action->lease_mono_ms < RUN_STALE_MS - LEASE_MARGIN_MS;
}

void action_save(struct action *action, void (*next)(struct action *action))
{
	run_op_cancel(action->save);
	action->after_save = next;
	action->save_mono_ms = clock_mono_ms();
	action->save = run_update(action->options.store, action_row(action), on_saved, action);
}

/* Nothing is done before this is written; when it cannot be, nothing is. */
static void save_first(struct action *action, void (*next)(struct action *action))
{
	action->is_between = true;
	action_save(action, next);
}

static void on_beat(void *data)
{
	struct action *action = data;

	if (!action->save)
		action_save(action, NULL);
}

void action_beat(struct action *action)
{
	loop_timer_cancel(action->timer);
	action->timer = loop_timer(action->options.loop, RUN_BEAT_MS, RUN_BEAT_MS, on_beat, action);
}

static void last_words(struct action *action)
{
	loop_timer_stop(action->timer);
	run_op_cancel(action->save);
	action_output_end(action);
	action->phase = ACTION_ENDING;
	if (action->err.code && !action->outcome)
		action_set_outcome(action, "%s", action->err.text);
}

void action_end(struct action *action, enum run_state state)
{
	struct run_step *step = action->step_at < action->marks.len ? action_step(action) : NULL;

	last_words(action);
	action->run.ended_ms = clock_wall_ms();
	if (step && !step->ended_ms) {
		step->state = state;
		step->ended_ms = action->run.ended_ms;
	}
	if (action->outcome)
		action_log(action, "%s", action->outcome);
	action_set_state(action, state);
	action->save = run_end(action->options.store, action_row(action), on_ended, action);
}

void action_let_go(struct action *action)
{
	last_words(action);
	action->save = run_let_go(action->options.store, action_row(action), on_ended, action);
}

/* ---- the ends of a step ---- */

/* Of the steps from `at` on, none does anything but ask. */
static bool only_watches_from(const struct action *action, size_t at)
{
	for (; at < action->steps.len; at++)
		if (!action->steps.data[at]->only_watches)
			return false;
	return true;
}

void step_done(struct action *action)
{
	struct run_step *step = action_step(action);

	step->state = RUN_DONE;
	step->ended_ms = clock_wall_ms();
	action->has_news = true;
	action_log(
		action, "%s: %s", step->name, step->text ? step->text : run_state_name(RUN_DONE));
	action->step_at++;
	if (action->step_at < action->steps.len && action->outcome) {
		/* Only the last step speaks for the run. */
		action_log(action, "%s", action->outcome);
		free(action->outcome);
		action->outcome = NULL;
	}
	/* What is settled goes no further than asking. */
	if (action->phase == ACTION_SETTLING && !only_watches_from(action, action->step_at)) {
		action_settle_rest(action);
	} else if (action->step_at < action->steps.len) {
		run_step(action);
	} else {
		if (!action->outcome)
			action_set_outcome(
				action, "%s", step->text ? step->text : _(action->act->done));
		action_end(action, RUN_DONE);
	}
}

void step_failed(struct action *action)
{
	action_end(action, RUN_FAILED);
}

void step_in_doubt(struct action *action)
{
	action_step(action)->state = RUN_UNKNOWN;
	action_set_state(action, RUN_UNKNOWN);
	action_let_go(action);
}

void step_left(struct action *action)
{
	action_let_go(action);
}

void step_unknowable(struct action *action)
{
	err_set(&action->err, E_UNKNOWN, "%s", action->outcome);
	action_end(action, RUN_UNKNOWN);
}

void step_send(struct action *action, void (*send)(struct action *action))
{
	action->run.sent_ms = clock_wall_ms();
	action_step(action)->state = RUN_SENT;
	action_set_state(action, RUN_SENT);
	save_first(action, send);
}

void step_doubt(struct action *action, const struct err *why, void (*ask)(struct action *action))
{
	action_step_text(action, "%s", why->text);
	action_step(action)->state = RUN_UNKNOWN;
	action_set_state(action, RUN_UNKNOWN);
	action_save(action, ask);
}

void step_no_doubt(struct action *action)
{
	struct run_step *step = action_step(action);

	if (step->state != RUN_UNKNOWN)
		return;
	free((char *)step->text);
	step->text = NULL;
}

void step_left_in_doubt(const struct action *action, struct err *err)
{
	const struct run_step *step = &action->marks.data[action->step_at];

	err_set(err, E_UNKNOWN, "%s",
		step->state == RUN_UNKNOWN && step->text ? step->text
							 : _("weir ended before the answer came"));
}

void step_accepted(struct action *action, void (*next)(struct action *action))
{
	action_step(action)->state = RUN_WATCHING;
	action_set_state(action, RUN_WATCHING);
	if (action->options.is_detached && only_watches_from(action, action->step_at + 1))
		action_let_go(action);
	else
		action_save(action, next);
}

/* ---- one step after the other ---- */

static void begin_step(struct action *action)
{
	const struct step *step = action->steps.data[action->step_at];

	if (action->phase == ACTION_SETTLING)
		step->settle(action);
	else
		step->begin(action);
}

/* The row says that it was begun, then it is. */
static void run_step(struct action *action)
{
	const struct step *step = action->steps.data[action->step_at];
	struct run_step *mark = action_step(action);

	mark->started_ms = clock_wall_ms();
	action->has_news = true;
	if (!step->settle || step->only_watches) {
		mark->state = RUN_WATCHING;
		action_set_state(action, RUN_WATCHING);
	}
	if (action->options.is_detached && action->phase == ACTION_STEPPING && action->step_at &&
		only_watches_from(action, action->step_at))
		action_let_go(action);
	else
		save_first(action, begin_step);
}

/* ---- the lease ---- */

static void begin_row(struct action *action);

static void called_off(struct action *action)
{
	action_set_canceled(action);
	action_tell(action);
}

static void on_other_settled(void *data, const struct run *run, const struct err *err)
{
	struct action *action = data;

	action->other = NULL;
	action->after_other(action, run, err);
}

static void after_other(struct action *action, const struct run *run, const struct err *err)
{
	if (action->is_canceled) {
		called_off(action);
		return;
	}
	if (run && run->ended_ms && !action->start) {
		begin_row(action);
		return;
	}
	if (run && run->ended_ms) {
		/* What it left may be what has to be restored. */
		err_set(&action->err, E_CONFLICT,
			_("nothing was sent: run %lld was settled only now (%s), so the plan may "
			  "not hold any more: do it again"),
			(long long)run->id, run->outcome ? run->outcome : "");
		action_tell(action);
		return;
	}
	err_set(&action->err, E_CONFLICT, _("an earlier run has to be settled first: %s"),
		err ? err->text : (run && run->outcome ? run->outcome : "?"));
	action_tell(action);
}

void action_settle_other(struct action *action, const struct run *run,
	void (*then)(struct action *action, const struct run *run, const struct err *err))
{
	struct action_options options = action->options;

	options.done = on_other_settled;
	options.on_change = NULL;
	options.on_output = NULL;
	options.data = action;
	options.is_detached = false;
	action->after_other = then;
	action->other = action_settle(&options, run);
}

static void on_begun(void *data, const struct run *run, const struct err *err)
{
	struct action *action = data;

	action->save = NULL;
	if (err && err->code == E_CONFLICT && run && run->is_orphan) {
		action_settle_other(action, run, after_other);
		return;
	}
	if (err) {
		action->err = *err;
		if (err->code != E_CONFLICT)
			err_prefix(&action->err, _("nothing was sent"));
		action_tell(action);
		return;
	}
	action->run.id = run->id;
	action->run.epoch = run->epoch;
	action->lease_mono_ms = action->save_mono_ms;
	action->phase = ACTION_STEPPING;
	action_log(action, "%s %s", action->run.verb,
		action->run.job_id ? action->run.job_id : action->run.name);
	action_beat(action);
	if (action->is_canceled) {
		action_set_canceled(action);
		action_end(action, RUN_CANCELED);
		return;
	}
	run_step(action);
}

static void begin_row(struct action *action)
{
	action->run.created_ms = clock_wall_ms();
	action->save_mono_ms = clock_mono_ms();
	action->save = run_begin(action->options.store, action_row(action), on_begun, action);
}

void action_begin(struct action *action)
{
	action->phase = ACTION_BEGINNING;
	begin_row(action);
}

void action_refused(struct action *action, const struct err *err)
{
	action->err = *err;
	action_tell(action);
}

void action_go(struct action *action)
{
	assert(action->phase == ACTION_READY && action->steps.len && !action->options.only_plans);
	action->run.plan = action->plan.calls;
	if (action->before) {
		action->phase = ACTION_BEFORE;
		action->before(action);
	} else {
		action_begin(action);
	}
}
