/*
 * From the wish to the moment when it was sent; run_watch.c goes on from there.
 *
 *	action_start ─ preflight ─▶ the job's status is asked ─▶ run_begin: PLANNED, the lease is
 * ours │             │                │                        │ └─ an orphan in the way: settle it
 *	      │             │                │                        ▼
 *	      └──refused────┴────refused─────┘              saved as SENT ─▶ the request leaves
 *	                                                                       │
 *	   FAILED ◀── the far side says no ──┬── accepted ──▶ WATCHING ──▶ run_watch.c
 *	                                     └── no answer ─▶ UNKNOWN ───▶ run_watch.c, in doubt
 *
 * Each arrow that crosses a state is a commit before the next step is taken.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "core/action/action_internal.h"
#include "core/base/clock.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define TIMEOUT_MS 600000
#define DOUBT_MS 15000
#define LOG_BYTES ((size_t)64 << 10)

static void act_now(struct action *action);
static void begin(struct action *action);

/* ---- the row ---- */

void action_log(struct action *action, const char *fmt, ...)
{
	char stamp[32];
	struct err line; /* one harmless line, whatever was quoted */
	char text[sizeof(line.text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&line, E_OK, "%s", text);
	char *masked = redact_dup(line.text);
	clock_format_iso(clock_wall_ms(), stamp, sizeof(stamp));
	buf_addf(&action->log, "%s %s\n", stamp, masked);
	log_write(LOG_INFO, "run %lld: %s", (long long)action->run.id, masked);
	free(masked);
}

void action_set_outcome(struct action *action, const char *fmt, ...)
{
	struct err line;
	char text[sizeof(line.text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&line, E_OK, "%s", text);
	free(action->outcome);
	action->outcome = redact_dup(line.text);
}

void action_set_state(struct action *action, enum run_state state)
{
	if (action->run.state == state)
		return;
	action_log(action, "%s", run_state_name(state));
	action->run.state = state;
}

/* Points the run at the texts as they are now. */
static const struct run *row_of(struct action *action)
{
	action->run.outcome = action->outcome;
	action->run.result = action->result;
	action->run.log = action->log.len ? buf_str(&action->log) : NULL;
	action->run.code = action->err.code ? err_code_name(action->err.code) : NULL;
	return &action->run;
}

static void action_free(struct action *action)
{
	action_drop(action->other);
	if (action->op)
		source_send_cancel(action->options.source, action->op);
	run_op_cancel(action->save);
	loop_timer_cancel(action->timer);
	buf_release(&action->log);
	free(action->row);
	free(action->outcome);
	free(action->result);
	free(action->target_dir);
	free(action);
}

/* `done` gets the run as it is in the store, or NULL when there is no row. */
static void tell(struct action *action)
{
	const struct run *run = action->run.id ? row_of(action) : NULL;

	action->options.done(action->options.data, run, action->err.code ? &action->err : NULL);
	action_free(action);
}

static void on_saved(void *data, const struct run *run, const struct err *err)
{
	struct action *action = data;
	void (*next)(struct action * action) = action->after_save;

	(void)run;
	action->save = NULL;
	action->after_save = NULL;
	if (err && err->code == E_CONFLICT) {
		/* Taken over by somebody who thinks we are gone: it is theirs. */
		action->err = *err;
		tell(action);
		return;
	}
	if (err)
		action_log(action, _("not written: %s"), err->text);
	if (err && next == act_now) {
		action->err = *err;
		err_prefix(&action->err, _("nothing was sent"));
		action_finish(action, RUN_FAILED);
		return;
	}
	/* What happened over there has happened: an orphan is left, to be settled once more. */
	if (err && next == tell && !action->err.code) {
		action->err = *err;
		err_prefix(&action->err, _("%s, but not written to the journal"),
			run_state_name(action->run.state));
	}
	if (!err && action->options.on_change && next != tell)
		action->options.on_change(action->options.data, row_of(action));
	if (next)
		next(action);
}

void action_save(struct action *action, void (*next)(struct action *action))
{
	run_op_cancel(action->save);
	action->after_save = next;
	action->saved_mono_ms = clock_mono_ms();
	action->save = run_update(action->options.store, row_of(action), on_saved, action);
}

void action_finish(struct action *action, enum run_state state)
{
	action->run.ended_ms = clock_wall_ms();
	if (state == RUN_FAILED && !action->outcome)
		action_set_outcome(action, "%s", action->err.text);
	if (action->outcome)
		action_log(action, "%s", action->outcome);
	action_set_state(action, state);
	run_op_cancel(action->save);
	action->after_save = tell;
	action->save = run_end(action->options.store, row_of(action), on_saved, action);
}

void action_let_go(struct action *action)
{
	if (action->err.code && !action->outcome)
		action_set_outcome(action, "%s", action->err.text);
	run_op_cancel(action->save);
	action->after_save = tell;
	action->save = run_let_go(action->options.store, row_of(action), on_saved, action);
}

/* ---- sending ---- */

static void on_acted(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;

	action->op = NULL;
	if (err && err->code != E_UNKNOWN) {
		action->err = *err;
		action_finish(action, RUN_FAILED);
		return;
	}
	if (err) {
		action_log(action, "%s", err->text);
		action->doubt = *err;
		action->is_in_doubt = true;
		action_set_state(action, RUN_UNKNOWN);
		action_save(action, action_watch);
		return;
	}
	action_log(action, _("accepted by %s"), answer->address);
	action_set_state(action, RUN_WATCHING);
	if (action->options.is_detached)
		action_let_go(action);
	else
		action_save(action, action_watch);
}

/* The row says SENT, on the disk. */
static void act_now(struct action *action)
{
	action->op = source_send(action->options.source,
		&(struct source_request){
			.verb = action->act->verb,
			.job_id = action->run.job_id,
			.trigger_id = action->run.trigger_id,
			.target_dir = action->target_dir,
			.drain = action->options.args.drain,
			.timeout_ms = action->options.request_ms,
		},
		on_acted, action);
}

/* ---- the lease ---- */

static void on_other_settled(void *data, const struct run *run, const struct err *err)
{
	struct action *action = data;

	action->other = NULL;
	if (run && run->ended_ms) {
		begin(action);
		return;
	}
	err_set(&action->err, E_CONFLICT, _("an earlier run has to be settled first: %s"),
		err ? err->text : (run && run->outcome ? run->outcome : "?"));
	tell(action);
}

static void settle_other(struct action *action, const struct run *run)
{
	struct action_options options = action->options;

	if (!str_eq(run->cluster, options.source->name)) {
		err_set(&action->err, E_CONFLICT,
			_("run %lld (%s) on cluster %s is not settled: weir settle"),
			(long long)run->id, run->verb, run->cluster);
		tell(action);
		return;
	}
	options.done = on_other_settled;
	options.on_change = NULL;
	options.data = action;
	options.is_detached = false;
	action->other = action_settle(&options, run);
}

static void on_begun(void *data, const struct run *run, const struct err *err)
{
	struct action *action = data;

	action->save = NULL;
	if (err && err->code == E_CONFLICT && run && run->is_orphan) {
		settle_other(action, run);
		return;
	}
	if (err) {
		action->err = *err;
		tell(action);
		return;
	}
	action->run.id = run->id;
	action->run.epoch = run->epoch;
	action->run.sent_ms = clock_wall_ms();
	action_log(action, "%s %s", action->run.verb, action->run.job_id);
	action_set_state(action, RUN_SENT);
	action_save(action, act_now);
}

static void begin(struct action *action)
{
	action->run.created_ms = clock_wall_ms();
	action->save = run_begin(action->options.store, row_of(action), on_begun, action);
}

/* ---- the wish ---- */

static void on_job_status(void *data, const struct source_answer *answer, const struct err *err)
{
	struct action *action = data;

	action->op = NULL;
	if (err) {
		action->err = *err;
		err_prefix(&action->err, _("nothing was sent"));
	} else if (job_status_is_terminal(answer->job_status)) {
		err_set(&action->err, E_CONFLICT, _("nothing was sent: job %s has ended: %s"),
			action->run.job_id, job_status_name(answer->job_status));
	}
	if (action->err.code)
		tell(action);
	else
		begin(action);
}

static void refuse(void *data)
{
	struct action *action = data;

	if (action->is_dropped)
		action_free(action);
	else
		tell(action);
}

/* 128 bits nobody else has. */
static void new_id(char out[JOB_ID_LEN + 1])
{
	unsigned char bytes[JOB_ID_LEN / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		abort();
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static char *arguments_json(const struct action_args *args)
{
	char *dir = args->target_dir ? redact_dup(args->target_dir) : NULL;
	json_t *object = json_pack("{s:s*}", "targetDirectory", dir);
	char *text;

	if (args->drain)
		json_object_set_new(object, "drain", json_true());
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	free(dir);
	return text;
}

static void fill_row(struct action *action)
{
	const struct app *app = action->options.app;
	char trigger[JOB_ID_LEN + 1];
	char *arguments = arguments_json(&action->options.args), *plan;
	struct run run = {
		.app = app->ref,
		.context = app->context,
		.team = app->decl ? app->decl->team : NULL,
		.name = app->decl ? app->decl->name : app->job->name,
		.cluster = app->job->cluster->name,
		.verb = action->act->name,
		.arguments = arguments,
		.job_id = app->job->summary.id,
		.state = RUN_PLANNED,
	};

	new_id(trigger);
	if (action->act->has_trigger)
		run.trigger_id = trigger;
	plan = action_plan(&action->options, trigger);
	run.plan = plan;
	action->row = run_dup(&run);
	action->run = *action->row;
	free(plan);
	free(arguments);
}

static struct action *action_new(const struct action_options *options)
{
	struct action *action = xcalloc(1, sizeof(*action));

	action->options = *options;
	action->act = options->act;
	action->target_dir = xstrdup_null(options->args.target_dir);
	action->options.args.target_dir = action->target_dir;
	buf_init(&action->log, LOG_BYTES);
	if (options->timeout_ms <= 0)
		action->options.timeout_ms = TIMEOUT_MS;
	if (options->doubt_ms <= 0)
		action->options.doubt_ms = DOUBT_MS;
	return action;
}

struct action *action_start(const struct action_options *options)
{
	struct action *action = action_new(options);

	if (action_preflight(options, &action->err) < 0) {
		action->options.app = NULL;
		loop_defer(options->loop, refuse, action);
		return action;
	}
	fill_row(action);
	action->options.app = NULL;
	action->op = source_send(options->source,
		&(struct source_request){.verb = SOURCE_JOB,
			.job_id = action->run.job_id,
			.timeout_ms = options->request_ms},
		on_job_status, action);
	return action;
}

/* ---- settling ---- */

static void on_adopted(void *data, const struct run *run, const struct err *err)
{
	struct action *action = data;

	action->save = NULL;
	if (err) {
		action->err = *err;
		tell(action);
		return;
	}
	free(action->row);
	action->row = run_dup(run);
	action->run = *action->row;
	action->outcome = NULL; /* what was said when it was left in doubt is in the log */
	buf_adds(&action->log, run->log ? run->log : "");
	action->result = xstrdup_null(run->result);
	action->act = act_find_name(run->verb);
	action_log(action, _("taken over, to be settled"));
	if (run->state == RUN_PLANNED) {
		err_set(&action->err, E_CANCELED, _("weir ended before anything was sent"));
		action_set_outcome(action, "%s", action->err.text);
		action_finish(action, RUN_CANCELED);
	} else if (!action->act) {
		err_set(&action->err, E_UNSUPPORTED, _("this version does not know what '%s' is"),
			run->verb);
		action_let_go(action);
	} else {
		action->is_in_doubt = true;
		err_set(&action->doubt, E_UNKNOWN, _("weir ended before the answer came"));
		action_set_state(action, RUN_UNKNOWN);
		action_watch(action);
	}
}

struct action *action_settle(const struct action_options *options, const struct run *run)
{
	struct action *action = action_new(options);

	action->options.app = NULL;
	action->row = run_dup(run);
	action->run = *action->row;
	action->save = run_adopt(options->store, run->id, on_adopted, action);
	return action;
}

void action_drop(struct action *action)
{
	if (!action)
		return;
	if (!action->row) { /* refused, and about to be told */
		action->is_dropped = true;
		return;
	}
	if (action->run.id && action->run.epoch && !run_state_is_end(action->run.state)) {
		run_op_cancel(action->save);
		action->save = NULL;
		run_let_go(action->options.store, row_of(action), NULL, NULL);
	}
	action_free(action);
}
