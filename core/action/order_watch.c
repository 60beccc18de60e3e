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
 * never arrived: FAILED. Later only the job can tell: one that a stop was to end, and that
 * still runs, was not; one that has FINISHED names the savepoint with which it was stopped. Of
 * anything else the outcome stays UNKNOWN: nobody can ever say more.
 */
#include <stdlib.h>

#include "core/action/order.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/store/journal/release.h"

/*
 * How long something that was sent may still be on its way to a JobManager that answers, counted
 * from its first answer that does not know it: one that was stuck reads what waits for it then.
 */
#define ARRIVAL_MS 2000
/* Flink keeps results for rest.async.store-duration, 5 min by default. */
#define REMEMBERED_MS 240000
/* A JobManager that runs one application goes away with its job. */
#define GONE_MISSES 3

static void ask(void *data);

static const struct order_kind *kind_of(const struct action *action)
{
	return action->steps.data[action->step_at]->kind;
}

/* Ask again in a while. */
static void again(struct order *order)
{
	order->pause_ms = order_pause(order->pause_ms);
	loop_timer_set(order->timer, order->pause_ms, 0);
}

/* It has arrived. */
static void no_doubt(struct action *action)
{
	if (!action->order->is_in_doubt)
		return;
	action->order->is_in_doubt = false;
	action_log(action, _("it has arrived"));
	step_no_doubt(action);
	action_step(action)->state = RUN_WATCHING;
	action_set_state(action, RUN_WATCHING);
	action_save(action, NULL);
}

static void done(struct action *action)
{
	if (!action_step(action)->text)
		action_step_text(action, "%s%s%s", _(kind_of(action)->done),
			action->result ? " " : "", action->result ? action->result : "");
	step_done(action);
}

/* The outcome is set. */
static void failed(struct action *action, enum err_code code)
{
	err_set(&action->err, code, "%s", action->outcome);
	step_failed(action);
}

/* Nobody answered, for now. */
static void missed(struct action *action, const struct err *err)
{
	struct order *order = action->order;
	int64_t now_ms = clock_mono_ms();

	action_log(action, "%s", err->text);
	order->misses++;
	if (order->is_verifying && action->result && order->misses >= GONE_MISSES) {
		action_step_text(action,
			_("savepoint at %s; the JobManager is gone, as it is when its only job "
			  "ends"),
			action->result);
		done(action);
		return;
	}
	if (now_ms < (order->is_in_doubt ? order->doubt_mono_ms : order->deadline_mono_ms)) {
		again(order);
		return;
	}
	err_set(&action->err, E_UNKNOWN,
		_("not known how %s of job %s ended: %s. To ask again: weir settle"),
		action->run.verb, action->run.job_id, err->text);
	step_in_doubt(action);
}

/* Answered, and not over yet. */
static void go_on(struct action *action)
{
	struct order *order = action->order;

	order->misses = 0;
	if (clock_mono_ms() < order->deadline_mono_ms) {
		again(order);
		return;
	}
	err_set(&action->err, E_TIMEOUT,
		_("%s of job %s did not end in time; it may still. To ask again: weir settle"),
		action->run.verb, action->run.job_id);
	step_left(action);
}

/* ---- the job ---- */

/* The trigger is not known, or the cancelling never began. */
static void not_arrived(struct action *action, const char *status)
{
	struct order *order = action->order;

	if (order->doubt.code)
		action_set_outcome(action, _("it never arrived; the job is %s. %s"), status,
			order->doubt.text);
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
	step_unknowable(action);
}

/* Has it had the time to arrive? */
static bool is_late(struct order *order)
{
	int64_t now_ms = clock_mono_ms();

	if (!order->unknown_mono_ms)
		order->unknown_mono_ms = now_ms;
	return now_ms - order->unknown_mono_ms >= ARRIVAL_MS;
}

static bool is_remembered(const struct action *action)
{
	return clock_wall_ms() - action->run.sent_ms < REMEMBERED_MS;
}

static void keep_point(struct action *action, const char *location, int64_t completed_ms);

/* It has FINISHED, and the trigger is forgotten: of itself, or stopped? */
static void on_stopped(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;

	action->order->op = NULL;
	if (err && err->code != E_NOTFOUND) {
		missed(action, err);
	} else if (err || !answer->location) {
		forgotten(action, job_status_name(JOB_FINISHED));
	} else {
		action_set_result(action, answer->location);
		keep_point(action, answer->location, answer->completed_ms);
		no_doubt(action);
		done(action);
	}
}

static void ask_stopped(struct action *action)
{
	action->order->op = source_send(action->source,
		&(struct source_request){.verb = SOURCE_STOPPED,
			.job_id = action->run.job_id,
			.timeout_ms = action->options.request_ms},
		on_stopped, action);
}

/* Its job has ended, in whatever way. */
static void job_ended(struct action *action, enum job_status status)
{
	struct order *order = action->order;
	const char *name = job_status_name(status);

	if (order->has_failed) {
		action_set_outcome(action, _("%s; the job has ended: %s"), order->doubt.text, name);
		failed(action, E_REMOTE);
	} else if (status == kind_of(action)->ends_as && kind_of(action)->has_trigger &&
		!action->result) {
		ask_stopped(action);
	} else if (status == kind_of(action)->ends_as) {
		no_doubt(action);
		done(action);
	} else if (kind_of(action)->ends_as != JOB_STATUS_NONE) {
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
	struct order *order = action->order;
	const char *name = job_status_name(status);

	if (order->has_failed) {
		action_set_outcome(action, _("%s; the job goes on: %s"), order->doubt.text, name);
		failed(action, E_REMOTE);
	} else if (order->is_trigger_unknown) {
		/* A job that goes on was not stopped, however long ago that was. */
		if (kind_of(action)->ends_as != JOB_STATUS_NONE || is_remembered(action))
			not_arrived(action, name);
		else
			forgotten(action, name);
	} else if (!kind_of(action)->has_trigger && order->is_in_doubt &&
		status != JOB_CANCELLING && status != JOB_FAILING) {
		if (is_late(order))
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
	struct order *order = action->order;

	order->op = NULL;
	if (err && err->code == E_NOTFOUND && order->has_failed) {
		action_set_outcome(
			action, _("%s; the job is not known any more"), order->doubt.text);
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
	struct order *order = action->order;

	action_log(action, "%s", err->text);
	if (!is_late(order)) {
		go_on(action);
		return;
	}
	order->is_trigger_unknown = true;
	order->is_verifying = true;
	ask(action);
}

/* At once: whatever comes of the run, this can be restored. */
static void keep_point(struct action *action, const char *location, int64_t completed_ms)
{
	struct restore_point point = {.app = action->run.app,
		.path = location,
		.job_id = action->run.job_id,
		.kind = RESTORE_SAVEPOINT,
		.completed_ms = completed_ms > 0 ? completed_ms : clock_wall_ms(),
		.size = -1};

	if (location)
		keep_restore_point(action->options.store, &point, NULL, NULL);
}

static void on_trigger(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;
	struct order *order = action->order;

	order->op = NULL;
	if (err && err->code == E_NOTFOUND) {
		trigger_unknown(action, err);
	} else if (err) {
		missed(action, err);
	} else if (!answer->is_over) {
		no_doubt(action);
		go_on(action);
	} else if (answer->failure) {
		order->has_failed = order->is_verifying = true;
		order->is_in_doubt = false;
		step_no_doubt(action);
		err_set(&order->doubt, E_REMOTE, "%s", answer->failure);
		action_log(action, "%s", answer->failure);
		ask(action);
	} else {
		char *number = xasprintf("%lld", (long long)answer->checkpoint_id);

		action_set_result(action, answer->location ? answer->location : number);
		free(number);
		keep_point(action, answer->location, 0);
		action_log(action, "%s", action->result);
		order->is_in_doubt = false;
		step_no_doubt(action);
		order->pause_ms = 2 * ASK_FIRST_MS;
		if (kind_of(action)->ends_as == JOB_STATUS_NONE) {
			done(action);
		} else {
			order->is_verifying = true;
			ask(action);
		}
	}
}

static void ask(void *data)
{
	struct action *action = data;
	struct order *order = action->order;
	bool asks_job = order->is_verifying || !kind_of(action)->has_trigger;

	order->op = source_send(action->source,
		&(struct source_request){
			.verb = asks_job ? SOURCE_JOB : SOURCE_TRIGGER,
			.of = kind_of(action)->verb,
			.job_id = action->run.job_id,
			.trigger_id = action->run.trigger_id,
			.timeout_ms = action->options.request_ms,
		},
		asks_job ? on_job : on_trigger, action);
}

int64_t order_pause(int64_t pause_ms)
{
	return pause_ms * 2 < 1000 ? pause_ms * 2 : 1000;
}

void order_watch(struct action *action)
{
	struct order *order = order_of(action);
	int64_t now_ms = clock_mono_ms();

	order->deadline_mono_ms = now_ms + action->options.timeout_ms;
	order->doubt_mono_ms = now_ms + action->options.doubt_ms;
	order->pause_ms = ASK_FIRST_MS;
	order->timer = loop_timer(action->options.loop, order->pause_ms, 0, ask, action);
}

void order_settle(struct action *action)
{
	struct order *order = order_of(action);

	order->is_in_doubt = true;
	step_left_in_doubt(action, &order->doubt);
	order_watch(action);
}
