/*
 * From the moment it was sent to its end: questions, and nothing but questions.
 *
 *	trigger asked ─IN_PROGRESS─▶ again            (cancel has no trigger: only the job is asked)
 *	   ├─ a result ──▶ DONE, or for a stop: the job asked until FINISHED ──▶ DONE
 *	   ├─ a failure ─▶ the job asked once, whether it goes on ──▶ FAILED
 *	   ├─ not known ─▶ for a while again (it may be on its way) ──▶ the job asked ──▶ see below
 *	   └─ nobody answers ──▶ again until the deadline ──▶ let go: UNKNOWN, or WATCHING
 *
 * Not known: while the JobManager remembers results (it does for five minutes) that means that it
 * never arrived: FAILED. Later only the job can tell: one that a stop was to end, and that is
 * still runs, was not. Of anything else the outcome stays UNKNOWN: nobody can ever say more.
 */
#include <stdlib.h>

#include "core/action/action_internal.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"

#define PAUSE_FIRST_MS 100
#define PAUSE_MOST_MS 1000
/* How long something that was sent may still be on its way to a JobManager that answers. */
#define ARRIVAL_MS 2000
/* Flink keeps results for rest.async.store-duration, 5 min by default. */
#define REMEMBERED_MS 240000
/* A JobManager that runs one application goes away with its job. */
#define GONE_MISSES 3

static void ask(void *data);

/* Ask again in a while. */
static void again(struct action *action)
{
	if (clock_mono_ms() - action->saved_mono_ms >= RUN_BEAT_MS)
		action_save(action, NULL);
	action->pause_ms =
		action->pause_ms * 2 < PAUSE_MOST_MS ? action->pause_ms * 2 : PAUSE_MOST_MS;
	loop_timer_set(action->timer, action->pause_ms, 0);
}

/* It has arrived. */
static void no_doubt(struct action *action)
{
	if (!action->is_in_doubt)
		return;
	action->is_in_doubt = false;
	action_log(action, _("it has arrived"));
	action_set_state(action, RUN_WATCHING);
	action_save(action, NULL);
}

static void done(struct action *action)
{
	if (!action->outcome)
		action_set_outcome(action, "%s%s%s", _(action->act->done),
			action->result ? " " : "", action->result ? action->result : "");
	action_finish(action, RUN_DONE);
}

static void failed(struct action *action, enum err_code code)
{
	action->err.code = code;
	err_set(&action->err, code, "%s", action->outcome);
	action_finish(action, RUN_FAILED);
}

/* Nobody answered, for now. */
static void missed(struct action *action, const struct err *err)
{
	int64_t now_ms = clock_mono_ms();

	action_log(action, "%s", err->text);
	action->misses++;
	if (action->is_verifying && action->result && action->misses >= GONE_MISSES) {
		action_set_outcome(action,
			_("savepoint at %s; the JobManager is gone, as it is when its only job "
			  "ends"),
			action->result);
		done(action);
		return;
	}
	if (now_ms < (action->is_in_doubt ? action->doubt_mono_ms : action->deadline_mono_ms)) {
		again(action);
		return;
	}
	err_set(&action->err, E_UNKNOWN,
		_("not known how %s of job %s ended: %s. To ask again: weir settle"),
		action->run.verb, action->run.job_id, err->text);
	action_set_state(action, RUN_UNKNOWN);
	action_let_go(action);
}

/* Answered, and not over yet. */
static void go_on(struct action *action)
{
	action->misses = 0;
	if (clock_mono_ms() < action->deadline_mono_ms) {
		again(action);
		return;
	}
	err_set(&action->err, E_TIMEOUT,
		_("%s of job %s did not end in time; it may still. To ask again: weir settle"),
		action->run.verb, action->run.job_id);
	action_let_go(action);
}

/* ---- the job ---- */

/* The trigger is not known, or the cancelling never began. */
static void not_arrived(struct action *action, const char *status)
{
	if (action->doubt.code)
		action_set_outcome(action, _("it never arrived; the job is %s. %s"), status,
			action->doubt.text);
	else
		action_set_outcome(action,
			_("the JobManager does not know it any more; the job is %s"), status);
	failed(action, E_REMOTE);
}

/* Long ago, and nobody remembers. */
static void forgotten(struct action *action, const char *status)
{
	action_set_outcome(action,
		_("the JobManager does not know how it ended (it remembers for 5 minutes); the job "
		  "is %s"),
		status);
	err_set(&action->err, E_UNKNOWN, "%s", action->outcome);
	action_finish(action, RUN_UNKNOWN);
}

static bool is_remembered(const struct action *action)
{
	return clock_wall_ms() - action->run.sent_ms < REMEMBERED_MS;
}

/* Its job has ended, in whatever way. */
static void job_ended(struct action *action, enum job_status status)
{
	const char *name = job_status_name(status);

	if (action->has_failed) {
		action_set_outcome(
			action, _("%s; the job has ended: %s"), action->doubt.text, name);
		failed(action, E_REMOTE);
	} else if (status == action->act->ends_as && action->act->has_trigger && !action->result) {
		/* Stopped by this, or finished by itself: who knows no path cannot say. */
		forgotten(action, name);
	} else if (status == action->act->ends_as) {
		no_doubt(action);
		done(action);
	} else if (action->act->ends_as != JOB_STATUS_NONE) {
		action_set_outcome(action,
			action->result ? _("the job has ended: %s; savepoint at %s")
				       : _("the job has ended: %s"),
			name, action->result);
		failed(action, E_CONFLICT);
	} else if (is_remembered(action)) {
		not_arrived(action, name);
	} else {
		forgotten(action, name);
	}
}

static void job_lives(struct action *action, enum job_status status)
{
	const char *name = job_status_name(status);

	if (action->has_failed) {
		action_set_outcome(action, _("%s; the job goes on: %s"), action->doubt.text, name);
		failed(action, E_REMOTE);
	} else if (action->is_trigger_unknown) {
		/* A job that goes on was not stopped, however long ago that was. */
		if (action->act->ends_as != JOB_STATUS_NONE || is_remembered(action))
			not_arrived(action, name);
		else
			forgotten(action, name);
	} else if (!action->act->has_trigger && action->is_in_doubt && status != JOB_CANCELLING &&
		status != JOB_FAILING) {
		if (clock_wall_ms() - action->run.sent_ms > ARRIVAL_MS)
			not_arrived(action, name);
		else
			go_on(action);
	} else {
		if (status == JOB_CANCELLING)
			no_doubt(action);
		go_on(action);
	}
}

static void on_job(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;

	action->op = NULL;
	if (err && err->code == E_NOTFOUND && action->has_failed) {
		action_set_outcome(
			action, _("%s; the job is not known any more"), action->doubt.text);
		failed(action, E_REMOTE);
	} else if (err && err->code == E_NOTFOUND) {
		/* Ended jobs are forgotten after an hour. */
		forgotten(action, _("not known either"));
	} else if (err) {
		missed(action, err);
	} else if (job_status_is_terminal(answer->job_status)) {
		job_ended(action, answer->job_status);
	} else {
		job_lives(action, answer->job_status);
	}
}

/* ---- the trigger ---- */

static void trigger_unknown(struct action *action, const struct err *err)
{
	action_log(action, "%s", err->text);
	if (clock_wall_ms() - action->run.sent_ms < ARRIVAL_MS) {
		go_on(action);
		return;
	}
	action->is_trigger_unknown = true;
	action->is_verifying = true;
	ask(action);
}

static void on_trigger(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;

	action->op = NULL;
	if (err && err->code == E_NOTFOUND) {
		trigger_unknown(action, err);
	} else if (err) {
		missed(action, err);
	} else if (!answer->is_over) {
		no_doubt(action);
		go_on(action);
	} else if (answer->failure) {
		action->has_failed = action->is_verifying = true;
		action->is_in_doubt = false;
		err_set(&action->doubt, E_REMOTE, "%s", answer->failure);
		action_log(action, "%s", answer->failure);
		ask(action);
	} else {
		free(action->result);
		action->result = answer->location
			? xstrdup(answer->location)
			: xasprintf("%lld", (long long)answer->checkpoint_id);
		action_log(action, "%s", action->result);
		action->is_in_doubt = false;
		action->pause_ms = PAUSE_FIRST_MS;
		if (action->act->ends_as == JOB_STATUS_NONE) {
			done(action);
		} else {
			action->is_verifying = true;
			ask(action);
		}
	}
}

static void ask(void *data)
{
	struct action *action = data;
	bool asks_job = action->is_verifying || !action->act->has_trigger;

	action->op = source_send(action->options.source,
		&(struct source_request){
			.verb = asks_job ? SOURCE_JOB : SOURCE_TRIGGER,
			.of = action->act->verb,
			.job_id = action->run.job_id,
			.trigger_id = action->run.trigger_id,
			.timeout_ms = action->options.request_ms,
		},
		asks_job ? on_job : on_trigger, action);
}

void action_watch(struct action *action)
{
	int64_t now_ms = clock_mono_ms();

	action->deadline_mono_ms = now_ms + action->options.timeout_ms;
	action->doubt_mono_ms = now_ms + action->options.doubt_ms;
	action->pause_ms = PAUSE_FIRST_MS / 2;
	action->timer = loop_timer(action->options.loop, action->pause_ms, 0, ask, action);
}
