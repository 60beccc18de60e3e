/*
 * An order to a running job, up to the moment when it was sent:
 *
 *	the job's status is asked ─▶ a row ─▶ begin: saved as SENT ─▶ the request leaves
 *	     └─ it has ended: refused                                      │
 *	   FAILED ◀── the far side says no ──┬── accepted ──▶ WATCHING ──▶ order_watch.c
 *	                                     └── no answer ─▶ UNKNOWN ───▶ order_watch.c, in doubt
 *
 * What is known of the job here may be old, so the JobManager is asked right before there is a row;
 * not where the order comes after other steps: then its own answer tells.
 */
#include "core/action/order.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"

/* ---- checks and plan ---- */

static int no_job(const struct app *app, const char *name, struct err *err)
{
	if (app->duplicates > 1)
		return action_refuse_duplicates(app, name, err);
	if (!app->cluster || app->cluster->misses < MISSED_POLLS)
		return err_set(err, E_CONFLICT,
			_("%s has no job: nothing runs that could be acted on"), name);
	/* Nobody says whether one runs. */
	char *silence = action_silence(app->cluster->name, app->cluster->observed_ms);
	err_set(err, E_NET,
		_("no job of %s is known, and %s. To see what is wrong: weir doctor %s"), name,
		silence, app->cluster->name);
	free(silence);
	return E_NET;
}

/* Its JobManager answers, and knows nothing of it. */
static int lost(const struct app *app, const char *name, struct err *err)
{
	const char *cluster = app->job->cluster->name, *id = app->job->summary.id;

	if (!app->decl)
		return err_set(err, E_CONFLICT,
			_("%s is LOST: cluster %s does not know its job %s any more"), name,
			cluster, id);
	return err_set(err, E_CONFLICT,
		_("%s is LOST: cluster %s does not know its job %s any more. To start it from its "
		  "newest restore point: weir start %s"),
		name, cluster, id, name);
}

int order_check(const struct part *part, const struct action_options *options, struct err *err)
{
	const struct app *app = options->app;
	const struct job *job = app->job;
	/* Right after a start `job` is the former one; what counts is not listed yet. */
	bool is_new = app_started_job(app, clock_wall_ms()) != NULL;
	char *name = action_app_name(app);
	int rc = 0;

	(void)part;
	if (!is_new && !job)
		rc = no_job(app, name, err);
	else if (!is_new && !job->missing_ms && !app_job_is_live(app))
		rc = err_set(err, E_CONFLICT, _("%s: its job %s has ended: %s"), name,
			job->summary.id,
			job_status_is_terminal(job->summary.status)
				? job_status_name(job->summary.status)
				: app_state_name(app->state));
	else if (!is_new && app->state == STATE_LOST)
		rc = lost(app, name, err);
	else if (!options->source)
		rc = err_set(err, E_CONFIG, _("%s: cluster %s is not in the configuration"), name,
			app->cluster ? app->cluster->name : app->cluster_name);
	else if (!source_can_send(options->source))
		rc = err_set(err, E_UNSUPPORTED, _("%s: its cluster takes no orders"), name);
	free(name);
	return rc;
}

static void plan_request(
	struct action *action, const struct source_request *request, const char *until)
{
	char *call = source_describe(action->source, request);

	if (until)
		plan_call(action, _("%s until it is %s"), call, until);
	else
		plan_call(action, "%s", call);
	free(call);
}

/* ---- the last question before there is a row ---- */

static void on_job_status(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;
	struct err why = {0};

	action->order->op = NULL;
	if (err) {
		why = *err;
		err_prefix(&why, _("nothing was sent"));
		action_add_away(action, &why);
	} else if (job_status_is_terminal(answer->job_status)) {
		err_set(&why, E_CONFLICT, _("nothing was sent: job %s has ended: %s"),
			action->run.job_id, job_status_name(answer->job_status));
	}
	if (why.code)
		action_refused(action, &why);
	else
		action_begin(action);
}

static void ask_job(struct action *action)
{
	order_of(action)->op = source_send(action->source,
		&(struct source_request){.verb = SOURCE_JOB,
			.job_id = action->run.job_id,
			.timeout_ms = action->options.request_ms},
		on_job_status, action);
}

static void ask_job_no_more(struct action *action)
{
	source_send_cancel(action->source, action->order->op);
	action->order->op = NULL;
}

void order_prepare_kind(struct action *action, const struct step *step)
{
	const struct order_kind *kind = step->kind;
	struct source_request request = {
		.verb = kind->verb,
		.of = kind->verb,
		.job_id = action->run.job_id,
		.target_dir = action->options.args.target_dir,
		.drain = action->options.args.drain,
	};

	if (kind->has_trigger)
		action->run.trigger_id = action_new_id(action);
	request.trigger_id = action->run.trigger_id;
	plan_request(action, &request, NULL);
	if (kind->has_trigger) {
		request.verb = SOURCE_TRIGGER;
		plan_request(action, &request, "COMPLETED");
	}
	if (kind->ends_as != JOB_STATUS_NONE) {
		request.verb = SOURCE_JOB;
		plan_request(action, &request, job_status_name(kind->ends_as));
	}
	if (action->subject.duplicates > 1)
		plan_warn(action, _("%d live jobs have its name: this is for job %s alone"),
			action->subject.duplicates, action->run.job_id);
	if (!action->steps.len) {
		action->before = ask_job;
		action->before_cancel = ask_job_no_more;
	}
	action_add_step(action, step);
}

static void prepare(struct action *action)
{
	order_prepare_kind(action, action->part->steps[0]);
	part_prepared(action);
}

/* ---- sending ---- */

static void order_free(void *thing)
{
	struct order *order = thing;

	source_send_cancel(order->action->source, order->op);
	loop_timer_cancel(order->timer);
	free(order);
}

struct order *order_of(struct action *action)
{
	if (!action->order) {
		action->order = xcalloc(1, sizeof(*action->order));
		action->order->action = action;
		action_own(action, action->order, order_free);
	}
	return action->order;
}

static void on_acted(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;
	struct order *order = action->order;

	order->op = NULL;
	if (err && err->code != E_UNKNOWN) {
		action->err = *err;
		step_failed(action);
	} else if (err) {
		action_log(action, "%s", err->text);
		order->doubt = *err;
		order->is_in_doubt = true;
		step_doubt(action, err, order_watch);
	} else {
		action_log(action, _("accepted by %s"), answer->address);
		step_accepted(action, order_watch);
	}
}

/* The row says SENT, on the disk. */
static void send_now(struct action *action)
{
	const struct order_kind *kind = action->steps.data[action->step_at]->kind;

	order_of(action)->op = source_send(action->source,
		&(struct source_request){
			.verb = kind->verb,
			.job_id = action->run.job_id,
			.trigger_id = action->run.trigger_id,
			.target_dir = action->options.args.target_dir,
			.drain = action->options.args.drain,
			.may_leave = action_may_leave,
			.timeout_ms = action->options.request_ms,
		},
		on_acted, action);
}

static void begin(struct action *action)
{
	step_send(action, send_now);
}

/* ---- the kinds ---- */

#define ORDER(word_)                                                                               \
	const struct step step_##word_ = {                                                         \
		.name = #word_, .begin = begin, .settle = order_settle, .kind = &order_##word_};   \
	static const struct step *const word_##_steps[] = {&step_##word_, NULL};                   \
	const struct part part_##word_ = {                                                         \
		.steps = word_##_steps, .check = order_check, .prepare = prepare}

const struct order_kind order_savepoint = {
	.verb = SOURCE_SAVEPOINT,
	.has_trigger = true,
	.ends_as = JOB_STATUS_NONE,
	.done = N_("savepoint at"),
};
/* The path is only half of the proof: the job has to be FINISHED. */
const struct order_kind order_stop = {
	.verb = SOURCE_STOP,
	.has_trigger = true,
	.ends_as = JOB_FINISHED,
	.done = N_("stopped, savepoint at"),
};
/* Flink has no trigger for it: its proof is the job. */
const struct order_kind order_cancel = {
	.verb = SOURCE_CANCEL,
	.has_trigger = false,
	.ends_as = JOB_CANCELED,
	.done = N_("canceled"),
};
const struct order_kind order_checkpoint = {
	.verb = SOURCE_CHECKPOINT,
	.has_trigger = true,
	.ends_as = JOB_STATUS_NONE,
	.done = N_("checkpoint"),
};

ORDER(savepoint);
ORDER(stop);
ORDER(cancel);
ORDER(checkpoint);
