/*
 * The steps of a start:
 *
 *	check    no live job of that name, slots, the restore point is still there; nothing is done
 *	start    saved as SENT ─▶ the order leaves, with a job id of ours
 *	            └─ no answer ─▶ UNKNOWN: the JobManager is asked for exactly that job id
 *	                  ├─ it knows it ───────▶ it has arrived
 *	                  ├─ it does not, for long enough ─▶ FAILED: it never arrived, unless its
 *	                  │     client still runs: then it is let go, to be settled
 *	                  └─ nobody answers ────▶ let go, to be settled
 *	running  its tasks are asked for until all run, or it has FINISHED, or it has failed so
 *	         often that it is a loop
 *
 * A start that is in doubt is never repeated: Flink would refuse the id, but an order may be long on
 * its way, through a client that starts a JVM first.
 */
#include "core/action/start.h"

#include <stdlib.h>

#include "core/action/build.h"
#include "core/action/order.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/journal/release.h"

/* Flink forgets ended jobs after an hour. */
#define REMEMBERED_MS ((int64_t)55 * 60000)
/* A JobManager that does not know a job it has taken, so often in a row. */
#define UNKNOWN_TIMES 5
/* Tasks that do not run after this long may be waiting for slots. */
#define SLOTS_MS 1000
/* One or two may be a TaskManager that went away just then. */
#define LOOP_FAILURES 3

static void ask_arrival(void *data);
static void ask_tasks(void *data);

/* ---- its work ---- */

void start_quiet(struct action *action)
{
	struct start_work *start = action->start;

	keep_op_cancel(start->keep);
	start->keep = NULL;
	query_cancel(start->query);
	start->query = NULL;
	ssh_cancel(start->ssh);
	start->ssh = NULL;
	if (start->op)
		source_send_cancel(start->asked, start->op);
	start->op = NULL;
	if (start->poll)
		source_poll_cancel(start->polled, start->poll);
	start->poll = NULL;
	loop_timer_cancel(start->timer);
	start->timer = NULL;
}

static void start_free(void *thing)
{
	struct start_work *start = thing;

	start_quiet(start->action);
	free(start);
}

struct start_work *start_of(struct action *action)
{
	if (!action->start) {
		action->start = xcalloc(1, sizeof(*action->start));
		action->start->action = action;
		action_own(action, action->start, start_free);
	}
	return action->start;
}

static void ask_of(struct action *action, const struct source_request *request, source_op_fn done)
{
	struct start_work *start = action->start;
	bool launches = start->launcher && request->verb == SOURCE_START;

	start->asked = launches ? start->launcher : action->source;
	start->op = source_send(start->asked, request, done, action);
}

static void ask_after(struct action *action, int64_t delay_ms, loop_fn ask)
{
	struct start_work *start = action->start;

	loop_timer_cancel(start->timer);
	start->timer = loop_timer(action->options.loop, delay_ms, 0, ask, action);
}

static void ask_again(struct action *action, loop_fn ask)
{
	struct start_work *start = action->start;

	start->pause_ms = order_pause(start->pause_ms ? start->pause_ms : ASK_FIRST_MS);
	ask_after(action, start->pause_ms, ask);
}

/* ---- check ---- */

/* Of a restart: the job that ran is no more. */
static void not_started(struct action *action)
{
	if (action->start->stops_first)
		err_prefix(&action->err, _("nothing was started, and the job is stopped (%s)"),
			action->result ? action->result : "?");
	else
		err_prefix(&action->err, _("nothing was started"));
	step_failed(action);
}

static void on_before(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;
	const struct deployment *deployment = start_deployment(action);
	bool needs_slots = deployment->target == TARGET_REMOTE && !action->start->stops_first;

	action->start->op = NULL;
	if (err) {
		action->err = *err;
		action_add_away(action, &action->err);
	} else if (answer->job_id) {
		err_set(&action->err, E_CONFLICT, _("job %s of that name (%s) lives on %s"),
			answer->job_id, deployment->job_name, action->run.cluster);
	} else if (needs_slots && answer->slots_free == 0) {
		err_set(&action->err, E_CONFLICT, _("cluster %s has no free slot"),
			action->run.cluster);
	}
	if (action->err.code) {
		not_started(action);
		return;
	}
	if (answer->slots_free >= 0)
		action_step_text(action, _("no live job of that name; %d slots are free"),
			answer->slots_free);
	step_done(action);
}

static void ask_before(struct action *action)
{
	struct source_request request = start_request(action, SOURCE_BEFORE);

	if (action->start->launcher) {
		action_step_text(action, _("its cluster is made by the start"));
		step_done(action);
		return;
	}
	ask_of(action, &request, on_before);
}

static void on_looked(struct action *action, enum look look, const char *why)
{
	(void)why;
	if (look != LOOK_GONE) {
		ask_before(action);
		return;
	}
	err_set(&action->err, E_CONFLICT, _("the restore point %s is not there any more"),
		action->start->point.path);
	not_started(action);
}

static void check_begin(struct action *action)
{
	struct start_work *start = action->start;

	if (start->takes_savepoint)
		action->run.restore_path = action_keep(action, action->result);
	else if (!start->stops_first)
		action_set_result(action, NULL); /* of a release, in one with it */
	if (start->point.path)
		start_look(action, on_looked);
	else
		ask_before(action);
}

/* ---- running ---- */

static void failed(struct action *action, enum err_code code)
{
	err_set(&action->err, code, "%s", action->outcome);
	step_failed(action);
}

static void run_is_over(struct action *action, const struct source_answer *answer)
{
	const char *id = action->run.start_job_id, *status = job_status_name(answer->job_status);

	if (answer->failure)
		action_set_outcome(action, _("job %s is %s: %s"), id, status, answer->failure);
	else
		action_set_outcome(action, _("job %s is %s"), id, status);
	failed(action, E_REMOTE);
}

static void runs(struct action *action, bool has_finished)
{
	const char *from = action->run.restore_path;

	action_step_text(action, has_finished ? _("job %s has FINISHED%s%s") : _("job %s runs%s%s"),
		action->run.start_job_id, from ? _(", from ") : "", from ? from : "");
	step_done(action);
}

static void tell_tasks(struct action *action, const struct source_answer *answer)
{
	const struct run_step *step = action_step(action);
	const char *waits =
		action->start->waits_for_slots ? _("; it waits for slots: none is free") : "";
	char *text = answer->tasks_total > 0
		? xasprintf(_("%s, %d of %d tasks run%s"), job_status_name(answer->job_status),
			  answer->tasks_running, answer->tasks_total, waits)
		: xasprintf("%s%s", job_status_name(answer->job_status), waits);

	if (!str_eq(step->text, text)) {
		action_step_text(action, "%s", text);
		action_log(action, "%s", text);
		action_save(action, NULL);
	}
	free(text);
}

static void in_time(struct action *action)
{
	const char *text = action_step(action)->text;

	if (clock_mono_ms() < action->start->deadline_mono_ms) {
		ask_again(action, ask_tasks);
		return;
	}
	err_set(&action->err, E_TIMEOUT,
		_("job %s was started, but does not run yet: %s. It may still; to ask again: weir "
		  "settle"),
		action->run.start_job_id, text ? text : "?");
	step_left(action);
}

static void on_slots(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;

	action->start->op = NULL;
	action->start->waits_for_slots = !err && answer->slots_free == 0;
	in_time(action);
}

/* It was never up: what hinders it is there from its start, as state that does not fit. */
static void loops(struct action *action, const struct source_answer *answer)
{
	action_set_outcome(action,
		_("job %s has failed %d times and never ran: %s. It is restarted again and "
		  "again; to end that: weir cancel %s%s%s"),
		action->run.start_job_id, answer->failures, answer->failure,
		action->run.team ? action->run.team : "", action->run.team ? "/" : "",
		action->run.name);
	failed(action, E_REMOTE);
}

static void not_yet(struct action *action, const struct source_answer *answer)
{
	struct start_work *start = action->start;
	struct source_request request;
	int64_t now_ms = clock_mono_ms();

	tell_tasks(action, answer);
	if (!start_deployment(action) || now_ms < start->slots_mono_ms) {
		in_time(action);
		return;
	}
	start->slots_mono_ms = now_ms + SLOTS_MS;
	request = start_request(action, SOURCE_BEFORE);
	ask_of(action, &request, on_slots);
}

static void on_tasks_missed(struct action *action, const struct err *err)
{
	struct start_work *start = action->start;

	action_log(action, "%s", err->text);
	start->misses++;
	if (clock_mono_ms() < start->deadline_mono_ms) {
		ask_again(action, ask_tasks);
		return;
	}
	err_set(&action->err, E_UNKNOWN,
		_("job %s was started; not known whether it runs: %s. To ask again: weir settle"),
		action->run.start_job_id, err->text);
	step_in_doubt(action);
}

static void on_tasks(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;
	struct start_work *start = action->start;

	start->op = NULL;
	if (err && err->code == E_NOTFOUND && ++start->unknown >= UNKNOWN_TIMES &&
		clock_mono_ms() >= start->arrival_mono_ms) {
		action_set_outcome(action, _("the JobManager does not know job %s any more: %s"),
			action->run.start_job_id, err->text);
		failed(action, E_REMOTE);
		return;
	}
	if (err) {
		on_tasks_missed(action, err);
		return;
	}
	start->unknown = 0;
	if (answer->job_status == JOB_FINISHED)
		runs(action, true);
	else if (job_status_is_terminal(answer->job_status) || answer->job_status == JOB_SUSPENDED)
		run_is_over(action, answer);
	else if (answer->job_status == JOB_RUNNING && answer->tasks_total > 0 &&
		answer->tasks_running >= answer->tasks_total)
		runs(action, false);
	else if (answer->failures >= LOOP_FAILURES)
		loops(action, answer);
	else
		not_yet(action, answer);
}

static void ask_tasks(void *data)
{
	struct action *action = data;
	struct source_request request = start_request(action, SOURCE_TASKS);

	ask_of(action, &request, on_tasks);
}

static void running_begin(struct action *action)
{
	struct start_work *start = start_of(action);
	int64_t now_ms = clock_mono_ms();

	start->deadline_mono_ms = now_ms + action->options.timeout_ms;
	start->slots_mono_ms = now_ms + SLOTS_MS;
	/* A JobManager of its own is there before its program has planned the job. */
	start->arrival_mono_ms = action->run.address ? now_ms + action->options.arrival_ms : 0;
	start->pause_ms = 0;
	ask_after(action, ASK_FIRST_MS, ask_tasks);
}

/* ---- start ---- */

static void arrived(struct action *action)
{
	action_set_state(action, RUN_WATCHING);
	action_step_text(action, _("job %s was taken"), action->run.start_job_id);
	step_done(action);
}

/* One that lives may still send it. One that has ended may have done so since we asked. */
static void on_client(struct action *action, const char *pids, const char *host, const char *why)
{
	struct start_work *start = action->start;

	if (pids) {
		err_set(&action->err, E_UNKNOWN,
			_("job %s is not there, and its client still runs: process %s on %s. When "
			  "it "
			  "has ended: weir settle"),
			action->run.start_job_id, pids, host_label(host));
		step_in_doubt(action);
		return;
	}
	if (why)
		action_log(action, _("whether its client still runs is not known: %s"), why);
	start->client_is_gone = true;
	ask_after(action, 0, ask_arrival);
}

static void not_arrived(struct action *action, const struct err *err)
{
	struct start_work *start = action->start;
	int64_t now_ms = clock_mono_ms();

	if (now_ms >= start->arrival_mono_ms && !start->client_is_gone) {
		start_seek_client(action, on_client);
	} else if (clock_wall_ms() - action->run.sent_ms > REMEMBERED_MS) {
		action_set_outcome(action,
			_("the JobManager does not know job %s (it forgets jobs an hour after "
			  "their end)"),
			action->run.start_job_id);
		step_unknowable(action);
	} else if (now_ms < start->arrival_mono_ms && now_ms < start->wait_mono_ms) {
		ask_again(action, ask_arrival);
	} else if (now_ms < start->arrival_mono_ms) {
		err_set(&action->err, E_UNKNOWN,
			_("job %s is not there yet, and may still come: %s. To ask again: weir "
			  "settle"),
			action->run.start_job_id, start->doubt.text);
		step_in_doubt(action);
	} else {
		const char *path = action_stopped_with(action);

		action_log(action, "%s", err->text);
		action_set_outcome(action, _("job %s never arrived: %s%s%s"),
			action->run.start_job_id, start->doubt.text,
			path ? _("; the former one is stopped, its savepoint is ") : "",
			path ? path : "");
		failed(action, E_REMOTE);
	}
}

static void on_arrival(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;
	struct start_work *start = action->start;

	(void)answer;
	start->op = NULL;
	if (!err) {
		action_log(action, _("it has arrived"));
		arrived(action);
	} else if (err->code == E_NOTFOUND) {
		not_arrived(action, err);
	} else if (clock_mono_ms() < start->doubt_mono_ms) {
		action_log(action, "%s", err->text);
		ask_again(action, ask_arrival);
	} else {
		err_set(&action->err, E_UNKNOWN,
			_("not known whether job %s was started: %s. To ask again: weir settle"),
			action->run.start_job_id, err->text);
		step_in_doubt(action);
	}
}

static void ask_arrival(void *data)
{
	struct action *action = data;
	struct source_request request = {.verb = SOURCE_JOB,
		.job_id = action->run.start_job_id,
		.timeout_ms = action->options.request_ms};

	ask_of(action, &request, on_arrival);
}

static void doubt(struct action *action)
{
	struct start_work *start = start_of(action);
	int64_t now_ms = clock_mono_ms();
	int64_t gone_ms = clock_wall_ms() - action->run.sent_ms;

	start->doubt_mono_ms = now_ms + action->options.doubt_ms;
	start->wait_mono_ms = now_ms + action->options.timeout_ms;
	/* Of a run that was left the time until now counts. */
	start->arrival_mono_ms = now_ms + action->options.arrival_ms;
	if (action->phase == ACTION_SETTLING && gone_ms > 0)
		start->arrival_mono_ms -= gone_ms;
	start->pause_ms = 0;
	start->client_is_gone = false;
	ask_after(action, ASK_FIRST_MS, ask_arrival);
}

/* ---- a cluster of its own ---- */

/* Nobody can be asked for the job: what is known is told, and where to look. */
static void not_reached(struct action *action, const char *why)
{
	const char *made = action->run.application_id;

	action_set_outcome(action,
		_("job %s was sent off%s%s, but weir cannot ask for it: %s. Look for it there "
		  "(tag weir-%s) before it is started again"),
		action->run.start_job_id, made ? " as " : "", made ? made : "", why,
		action->run.start_job_id);
	step_unknowable(action);
}

static void on_cluster_kept(void *data, int64_t number, const struct err *err)
{
	struct action *action = data;
	struct start_work *start = action->start;

	(void)number;
	start->keep = NULL;
	if (err)
		action_log(action, _("its cluster could not be noted: %s"), err->text);
	if (start->doubt.code)
		step_doubt(action, &start->doubt, doubt);
	else
		arrived(action);
}

static void made_cluster(struct action *action)
{
	const struct action_options *options = &action->options;
	const struct deployment *deployment = start_deployment(action);
	const char *host = deployment->env.host;
	const char *id = action->run.application_id;
	struct run_cluster cluster = {
		.app = action->run.app,
		.name = id ? id : action->run.start_job_id,
		.target = deployment_target_name(deployment->target),
		.application_id = id,
		.address = action->run.address,
		.via = str_empty(host) || str_eq(host, "local") ? NULL : host,
		.run = action->run.id,
		.created_ms = clock_wall_ms(),
	};
	struct source *source = NULL;

	if (!cluster.address) {
		not_reached(action, _("its JobManager's address was not printed"));
		return;
	}
	if (options->open_cluster)
		source = options->open_cluster(options->clusters, &cluster);
	if (!source)
		source = action_find_source(action, cluster.name);
	if (!source) {
		not_reached(action, _("its JobManager cannot be reached from here"));
		return;
	}
	action_log(action, _("cluster %s, JobManager %s"), cluster.name, cluster.address);
	action->source = source;
	action->run.cluster = action_keep(action, cluster.name);
	action->start->keep = keep_run_cluster(options->store, &cluster, on_cluster_kept, action);
}

static void on_started(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;
	struct start_work *start = action->start;

	start->op = NULL;
	if (answer) {
		action->run.application_id = action_keep(action, answer->application_id);
		action->run.address = action_keep(action, answer->job_manager);
	}
	if (err && err->code != E_UNKNOWN) {
		action->err = *err;
		not_started(action);
	} else if (err) {
		action_log(action, "%s", err->text);
		start->doubt = *err;
		if (!start->launcher)
			step_doubt(action, err, doubt);
		else if (action->run.address)
			made_cluster(action);
		else
			not_reached(action, err->text);
	} else if (start->launcher) {
		made_cluster(action);
	} else {
		arrived(action);
	}
}

static void on_output(void *data, const char *bytes, size_t len)
{
	action_output(data, bytes, len);
}

static void send_now(struct action *action)
{
	struct source_request request = start_request(action, SOURCE_START);

	request.on_output = on_output;
	request.may_leave = action_may_leave;
	ask_of(action, &request, on_started);
}

static void start_begin(struct action *action)
{
	/* Until it is known: the one where it ran before must not be asked for it. */
	if (action->start->launcher)
		action->run.cluster = NULL;
	step_send(action, send_now);
}

static void start_settle(struct action *action)
{
	struct start_work *start = start_of(action);

	step_left_in_doubt(action, &start->doubt);
	if (action->source)
		doubt(action);
	else
		not_reached(action, start->doubt.text);
}

const struct step step_check = {.name = "check", .begin = check_begin, .cancel = start_quiet};
const struct step step_start = {
	.name = "start", .begin = start_begin, .settle = start_settle, .makes_cluster = true};
const struct step step_running = {
	.name = "running", .begin = running_begin, .settle = running_begin, .only_watches = true};
