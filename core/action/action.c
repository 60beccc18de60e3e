/*
 * From the wish to a yes, and the ways to leave:
 *
 *	action_new ─ checks ─▶ each part prepares itself ─▶ prepared() ─▶ action_go ─▶ action_run.c
 *	                │              └─ refused ─┐
 *	                └─ refused ────────────────┴─▶ prepared(err)
 *
 * What is known of the application is copied when the action is made: the fleet moves on while a
 * person reads the plan, and what was shown is what is done.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/action/action_internal.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/query/query.h"

#define DOUBT_MS 15000
/* A program's main() runs before its job is there, within the request (source/flink: 2 min). */
#define ARRIVAL_MS 150000
#define LOG_BYTES ((size_t)64 << 10)
#define PLAN_BYTES ((size_t)64 << 10)

static const struct act *const acts[] = {
	&act_savepoint,
	&act_stop,
	&act_cancel,
	&act_checkpoint,
	&act_build,
	&act_release,
	&act_rollback,
	&act_start,
	&act_restart,
	&act_ship,
	&act_adopt,
};

const struct act *act_find(enum command_id command)
{
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		if (acts[i]->command == command)
			return acts[i];
	return NULL;
}

const struct act *act_find_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		if (str_eq(acts[i]->name, name))
			return acts[i];
	return NULL;
}

char *action_app_name(const struct app *app)
{
	if (app->decl)
		return xasprintf("%s/%s", app->decl->team, app->decl->name);
	return xstrdup(app->job ? app->job->name : "?");
}

/* ---- its memory ---- */

struct action *action_alloc(const struct action_options *options)
{
	struct action *action = xcalloc(1, sizeof(*action));
	struct action_args *args = &action->options.args;

	action->options = *options;
	action->act = options->act;
	action->source = options->source;
	action->arena = arena_new();
	args->target_dir = action_keep(action, args->target_dir);
	args->from = action_keep(action, args->from);
	args->restore_mode = action_keep(action, args->restore_mode);
	args->job_id = action_keep(action, args->job_id);
	buf_init(&action->log, LOG_BYTES);
	buf_init(&action->calls, PLAN_BYTES);
	buf_init(&action->warnings, PLAN_BYTES);
	if (options->timeout_ms <= 0)
		action->options.timeout_ms = ACTION_TIMEOUT_MS;
	if (options->doubt_ms <= 0)
		action->options.doubt_ms = DOUBT_MS;
	if (options->arrival_ms <= 0)
		action->options.arrival_ms = ARRIVAL_MS;
	return action;
}

void action_free(struct action *action)
{
	action_drop(action->other);
	run_op_cancel(action->save);
	query_cancel(action->open);
	loop_timer_cancel(action->timer);
	while (action->owned.len) {
		struct owned *owned = &action->owned.data[--action->owned.len];

		owned->release(owned->thing);
	}
	vec_release(&action->owned);
	for (size_t i = 0; i < action->marks.len; i++)
		free((char *)action->marks.data[i].text);
	vec_release(&action->marks);
	vec_release(&action->steps);
	if (action->wish)
		deployment_free(action->wish);
	if (action->released)
		deployment_free(action->released);
	buf_release(&action->log);
	clean_free(action->clean);
	buf_release(&action->printed);
	buf_release(&action->errors);
	buf_release(&action->calls);
	buf_release(&action->warnings);
	free(action->outcome);
	free(action->result);
	arena_free(action->arena);
	free(action);
}

void action_own(struct action *action, void *thing, void (*release)(void *thing))
{
	vec_push(&action->owned, ((struct owned){thing, release}));
}

const char *action_keep(struct action *action, const char *text)
{
	return arena_strdup(action->arena, text);
}

const char *action_new_id(struct action *action)
{
	unsigned char bytes[JOB_ID_LEN / 2];
	char id[JOB_ID_LEN + 1];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		abort();
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return action_keep(action, id);
}

struct source *action_find_source(const struct action *action, const char *cluster)
{
	const struct action_options *options = &action->options;

	if (options->source && str_eq(options->source->name, cluster))
		return options->source;
	for (size_t i = 0; i < options->source_count; i++)
		if (str_eq(options->sources[i]->name, cluster))
			return options->sources[i];
	return NULL;
}

/* ---- preparing ---- */

static __attribute__((format(printf, 2, 0))) void add_line(
	struct buf *out, const char *fmt, va_list ap)
{
	char *text, *line, *rest;
	struct buf raw;

	buf_init(&raw, PLAN_BYTES);
	buf_addv(&raw, fmt, ap);
	text = rest = redact_dup(buf_str(&raw));
	buf_release(&raw);
	/* A step may have several lines: a script, SQL. */
	while ((line = strsep(&rest, "\n")))
		if (*line || rest)
			buf_addf(out, "%s\n", line);
	free(text);
}

void plan_call(struct action *action, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_line(&action->calls, fmt, ap);
	va_end(ap);
}

void plan_warn(struct action *action, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_line(&action->warnings, fmt, ap);
	va_end(ap);
}

void action_add_step(struct action *action, const struct step *step)
{
	vec_push(&action->steps, step);
	vec_push(&action->marks, ((struct run_step){.name = step->name, .state = RUN_PLANNED}));
}

static void refuse(struct action *action)
{
	action->options.prepared(action->options.data, NULL, NULL, &action->err);
	action_free(action);
}

static void ready(struct action *action)
{
	action->phase = ACTION_READY;
	action->part = NULL;
	action_warn_away(action);
	action->plan.calls = buf_str(&action->calls);
	action->plan.warnings = action->warnings.len ? buf_str(&action->warnings) : NULL;
	/* In which the action may go on, or be dropped. */
	action->options.prepared(action->options.data, action, &action->plan, NULL);
}

static void prepare_next(struct action *action)
{
	const struct part *part = action->act->parts[action->part_at];

	if (part && action->act->needs && !action->act->needs(part, action->subject.decl)) {
		action->part_at++;
		prepare_next(action);
		return;
	}
	action->part = part;
	if (!part) {
		ready(action);
		return;
	}
	action->part_at++;
	if (part->prepare) {
		part->prepare(action);
		return;
	}
	for (size_t i = 0; part->steps[i]; i++)
		action_add_step(action, part->steps[i]);
	prepare_next(action);
}

void part_prepared(struct action *action)
{
	prepare_next(action);
}

void part_refused(struct action *action, const struct err *err)
{
	action->err = *err;
	refuse(action);
}

/*
 * A run that is not over comes before whatever else is in the way: it is why the job has ended, or
 * is not there yet. One that somebody watches is refused here, as it would be when the row is
 * written; one that nobody watches is settled before anything is sent.
 */
static void on_open(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct action *action = data;
	const struct run *run = count && !err ? runs[0] : NULL;
	char *label = run
		? xasprintf("%s%s%s", run->team ? run->team : "", run->team ? "/" : "", run->name)
		: NULL;

	action->open = NULL;
	if (run && !run->is_orphan)
		err_set(&action->err, E_CONFLICT, _("run %lld (%s) of %s is in progress"),
			(long long)run->id, run->verb, label);
	else if (run && action->err.code)
		err_set(&action->err, E_CONFLICT,
			_("run %lld (%s) of %s is %s, and nobody watches it. To ask how it ended: "
			  "weir settle %s"),
			(long long)run->id, run->verb, label, run_state_name(run_shown_state(run)),
			label);
	else if (run)
		plan_warn(action,
			_("run %lld (%s) is %s, and nobody watches it: it is settled first"),
			(long long)run->id, run->verb, run_state_name(run_shown_state(run)));
	free(label);
	if (action->err.code)
		refuse(action);
	else
		prepare_next(action);
}

static void on_prepare(void *data)
{
	struct action *action = data;

	/* These hold whatever else is under way. */
	if (action->err.code == E_DENIED || action->err.code == E_ARG)
		refuse(action);
	else
		action->open = query_runs(
			action->options.store, action->subject.ref, true, 1, on_open, action);
}

static int check(const struct action_options *options, struct err *err)
{
	const struct act *act = options->act;
	int rc = 0;

	if (options->config && options->config->readonly && !options->only_plans)
		return err_set(err, E_DENIED,
			_("context %s is read-only (readonly: true in the configuration): %s is "
			  "not allowed"),
			options->app->context, act->name);
	for (size_t i = 0; !rc && act->parts[i]; i++) {
		const struct part *part = act->parts[i];

		if (part->check && (!act->needs || act->needs(part, options->app->decl)))
			rc = part->check(part, options, err);
	}
	return rc;
}

static const char *arguments_json(struct action *action)
{
	const struct action_args *args = &action->options.args;
	char *dir = args->target_dir ? redact_dup(args->target_dir) : NULL;
	char *from = args->from ? redact_dup(args->from) : NULL;
	json_t *object = json_pack("{s:s*, s:s*, s:s*}", "targetDirectory", dir, "from", from,
		"restoreMode", args->restore_mode);
	const char *kept;
	char *text;

	if (args->drain)
		json_object_set_new(object, "drain", json_true());
	if (args->job_id)
		json_object_set_new(object, "jobId", json_string(args->job_id));
	if (args->lets_go)
		json_object_set_new(object, "undo", json_true());
	if (args->allow_non_restored_state)
		json_object_set_new(object, "allowNonRestoredState", json_true());
	if (args->release)
		json_object_set_new(object, "release", json_integer(args->release));
	text = json_dumps(object, JSON_COMPACT);
	kept = action_keep(action, text);
	json_decref(object);
	free(text);
	free(from);
	free(dir);
	return kept;
}

struct action *action_new(const struct action_options *options)
{
	struct action *action = action_alloc(options);
	const struct subject *subject = &action->subject;

	action_fill_subject(action, options);
	if (check(options, &action->err) == 0)
		action->err.code = E_OK;
	action->options.app = NULL;
	action->run = (struct run){
		.app = subject->ref,
		.context = subject->context,
		.team = subject->team,
		.name = subject->name,
		.cluster = subject->cluster,
		.verb = action->act->name,
		.arguments = arguments_json(action),
		/* The job that a build or release leaves alone is not theirs. */
		.job_id = action->act->needs_no_cluster ? NULL : subject->job_id,
		.state = RUN_PLANNED,
	};
	action->timer = loop_timer(options->loop, 0, 0, on_prepare, action);
	return action;
}

/* ---- leaving ---- */

static bool step_is_cancelable(const struct action *action)
{
	return action->step_at < action->steps.len &&
		action->marks.data[action->step_at].state != RUN_SENT &&
		action->steps.data[action->step_at]->cancel;
}

static void end_step(struct action *action)
{
	action->steps.data[action->step_at]->cancel(action);
}

/* Nothing of it goes on over there: this is its end. */
static void end_here(struct action *action)
{
	const char *path;

	if (!action->is_between)
		end_step(action);
	action_step(action)->state = RUN_CANCELED;
	action_step(action)->ended_ms = action->run.ended_ms = clock_wall_ms();
	path = action_stopped_with(action);
	action_set_outcome(action, _("weir ended while this was under way: %s%s%s"),
		action_step(action)->name, path ? _("; stopped with savepoint ") : "",
		path ? path : "");
	action_set_state(action, RUN_CANCELED);
	run_end(action->options.store, action_row(action), NULL, NULL);
}

void action_drop(struct action *action)
{
	if (!action)
		return;
	if (action->run.id && action->run.epoch && action->phase != ACTION_ENDING) {
		run_op_cancel(action->save);
		action->save = NULL;
		if (action->phase == ACTION_STEPPING &&
			(action->is_between || step_is_cancelable(action)))
			end_here(action);
		else
			run_let_go(action->options.store, action_row(action), NULL, NULL);
	}
	action_free(action);
}

static void on_canceled(void *data)
{
	action_tell(data);
}

static int sent_already(const struct action *action, struct err *err)
{
	return err_set(err, E_CONFLICT,
		_("run %lld: its %s was sent: it cannot be called back, and goes on"),
		(long long)action->run.id,
		action->step_at < action->steps.len ? action->marks.data[action->step_at].name
						    : action->run.verb);
}

void action_set_canceled(struct action *action)
{
	char *done = action_done_by_then(action);

	err_set(&action->err, E_CANCELED,
		*done ? _("%s of %s was called off; done by then: %s")
		      : _("%s of %s was called off"),
		action->run.verb, action->run.name, done);
	free(done);
}

int action_cancel(struct action *action, struct err *err)
{
	switch (action->phase) {
	case ACTION_BEFORE:
		if (action->before_cancel)
			action->before_cancel(action);
		action_set_canceled(action);
		loop_timer_cancel(action->timer);
		action->timer = loop_timer(action->options.loop, 0, 0, on_canceled, action);
		return 0;
	case ACTION_BEGINNING: action->is_canceled = true; return 0;
	case ACTION_STEPPING:
		/* Between two steps, or right before an order leaves: seen when it is saved. */
		if (action->is_between) {
			action->is_canceled = true;
			return 0;
		}
		if (!step_is_cancelable(action))
			return sent_already(action, err);
		end_step(action);
		action_set_canceled(action);
		action_end(action, RUN_CANCELED);
		return 0;
	case ACTION_SETTLING:
	case ACTION_ENDING:
	case ACTION_PREPARING:
	case ACTION_READY: break;
	}
	return sent_already(action, err);
}
