/*
 * Joins the keys to core/action. One action at a time is being prepared or asked about; those that
 * go on are in a list until they end. At the start what former programs left is settled.
 */
#include "tui/ui/ui_going.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

/* Runs that a start looks for among those that are not over. */
#define SETTLED_MOST 100

struct left {
	struct ui_actions *actions;
	struct session_context *context;
	struct query *query;
};

struct ui_actions *ui_actions_new(struct session *session)
{
	struct ui_actions *actions = xcalloc(1, sizeof(*actions));

	actions->session = session;
	actions->left = xcalloc(session->context_count + 1, sizeof(*actions->left));
	return actions;
}

static void going_add(struct going *going)
{
	struct ui_actions *actions = going->actions;

	going->next = actions->going;
	if (going->next)
		going->next->prev = going;
	actions->going = going;
}

void going_free(struct going *going)
{
	struct ui_actions *actions = going->actions;

	if (going->prev)
		going->prev->next = going->next;
	else if (actions->going == going)
		actions->going = going->next;
	if (going->next)
		going->next->prev = going->prev;
	if (actions->asked == going)
		actions->asked = NULL;
	free(going->name);
	free(going->context);
	free(going->word);
	free(going->step);
	free(going->step_text);
	free(going);
}

void ui_actions_free(struct ui_actions *actions)
{
	if (!actions)
		return;
	for (size_t i = 0; i < actions->session->context_count; i++)
		query_cancel(actions->left[i].query);
	ui_actions_give_up(actions);
	while (actions->going) {
		action_drop(actions->going->action);
		going_free(actions->going);
	}
	ui_many_free(actions->many);
	free(actions->left);
	free(actions);
}

void ui_actions_join(
	struct ui_actions *actions, struct screen *screen, void (*wake)(void *data), void *data)
{
	actions->screen = screen;
	actions->wake = wake;
	actions->data = data;
}

static void tell(struct ui_actions *actions, enum style style, const char *text)
{
	if (!actions->screen)
		return;
	screen_toast(actions->screen, style, text);
	actions->wake(actions->data);
}

static void on_change(void *data, const struct run *run)
{
	struct going *going = data;
	const struct run_step *step = run_current_step(run);
	bool has_steps = run->step_count > 1 && step;
	char *text;

	if (going->one && !going->run)
		ui_many_began(going->one);
	going->run = run->id;
	free(going->step);
	free(going->step_text);
	going->step = xstrdup_null(has_steps ? step->name : NULL);
	going->step_text = xstrdup_null(has_steps ? step->text : NULL);
	if (going->actions->screen)
		screen_runs_changed(going->actions->screen);
	session_runs_changed(going->actions->session);
	if (going->is_quiet)
		return;
	text = xasprintf(has_steps ? _("%s %s: run %lld %s: %s%s%s") : _("%s %s: run %lld %s"),
		going->verb, going->name, (long long)run->id, run_state_name(run->state),
		has_steps ? step->name : "", has_steps && step->text ? ": " : "",
		has_steps && step->text ? step->text : "");
	tell(going->actions, STYLE_INFO, text);
	free(text);
}

static void on_done(void *data, const struct run *run, const struct err *err)
{
	struct going *going = data;
	const char *said = run && run->outcome ? run->outcome : err ? err->text : "";
	char *text = xasprintf("%s %s: %s", going->verb, going->name, said);

	tell(going->actions, err ? STYLE_ERROR : STYLE_OK, text);
	if (going->actions->screen)
		screen_runs_changed(going->actions->screen);
	session_runs_changed(going->actions->session);
	free(text);
	if (going->one)
		ui_many_ended(going->one, run, err);
	going_free(going);
}

struct going *going_new(struct ui_actions *actions, enum command_id id, const char *ref,
	const struct action_args *args, action_prepared_fn prepared, struct ui_one *one)
{
	const struct app *app = fleet_app(actions->session->fleet, ref);
	struct session_context *context = NULL;
	struct action_options options;
	struct going *going;

	if (app)
		context = session_action_options(actions->session, app, &options);
	if (!context)
		return NULL;
	going = xcalloc(1, sizeof(*going));
	going->actions = actions;
	going->one = one;
	going->name = action_app_name(app);
	going->context = xstrdup(app->context);
	going->word = xstrdup(app->decl ? app->decl->name : app->job->name);
	going->asks_nothing = context->config->confirm == CONFIRM_NONE;
	going->is_named = context->config->confirm == CONFIRM_NAME;
	options.act = act_find(id);
	options.args = *args;
	going->verb = options.act->name;
	options.prepared = prepared;
	options.on_change = on_change;
	options.done = on_done;
	options.data = going;
	going->action = action_new(&options);
	return going;
}

void going_go(struct going *going)
{
	going->began_mono_ms = clock_mono_ms();
	going_add(going);
	action_go(going->action);
}

/* ---- keys ---- */

static void on_prepared(
	void *data, struct action *action, const struct action_plan *plan, const struct err *err)
{
	struct going *going = data;
	struct ui_actions *actions = going->actions;
	struct screen_plan shown;

	if (err) {
		going_free(going);
		screen_planned(actions->screen, NULL, err);
	} else {
		going->action = action;
		shown = (struct screen_plan){
			.calls = plan->calls,
			.warnings = plan->warnings,
			.command = plan->command,
			.name = plan->typed       ? plan->typed
				: going->is_named ? going->word
						  : NULL,
			.asks_nothing = going->asks_nothing && !plan->typed && !plan->command,
		};
		screen_planned(actions->screen, &shown, NULL);
	}
	actions->wake(actions->data);
}

void ui_actions_plan(struct ui_actions *actions, enum command_id id, const char *ref,
	const struct action_args *args)
{
	struct err err;

	ui_actions_give_up(actions);
	actions->asked = going_new(actions, id, ref, args, on_prepared, NULL);
	if (actions->asked)
		return;
	err_set(&err, E_NOTFOUND, _("this application is not known any more"));
	screen_planned(actions->screen, NULL, &err);
}

void ui_actions_go(struct ui_actions *actions)
{
	struct going *going = actions->asked;

	if (!going)
		return;
	actions->asked = NULL;
	going_go(going);
}

void ui_actions_give_up(struct ui_actions *actions)
{
	if (!actions->asked)
		return;
	action_drop(actions->asked->action);
	going_free(actions->asked);
}

size_t ui_actions_going(const struct ui_actions *actions, struct screen_going *oldest)
{
	size_t count = 0;

	for (const struct going *going = actions->going; going; going = going->next) {
		if (going->is_quiet)
			continue; /* a settling only asks: it can be done later */
		count++;
		if (oldest) /* the newest are in front */
			*oldest = (struct screen_going){going->verb, going->name, going->step,
				going->step_text, going->began_mono_ms};
	}
	return count;
}

int ui_actions_cancel(struct ui_actions *actions, const char *context, int64_t run, struct err *err)
{
	for (const struct going *going = actions->going; going; going = going->next)
		if (going->run == run && str_eq(going->context, context))
			return action_cancel(going->action, err);
	return err_set(err, E_NOTFOUND, _("run %lld was started by another weir: cancel it there"),
		(long long)run);
}

/* ---- what former programs left ---- */

static void settle(struct left *left, const struct run *run)
{
	struct ui_actions *actions = left->actions;
	const struct session_context *context = left->context;
	struct going *going = xcalloc(1, sizeof(*going));
	struct action_options options = {
		.loop = actions->session->loop,
		.store = context->store,
		.config = context->config,
		.hosts = context->ssh,
		.sources = context->clusters,
		.source_count = context->cluster_count,
		.on_change = on_change,
		.done = on_done,
		.data = going,
	};

	going->actions = actions;
	going->name = run->team ? xasprintf("%s/%s", run->team, run->name) : xstrdup(run->name);
	going->context = xstrdup(context->config->name);
	going->verb = _("settled:");
	going->run = run->id;
	going->is_quiet = true;
	going_add(going);
	going->action = action_settle(&options, run);
}

static void on_left(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct left *left = data;

	left->query = NULL;
	for (size_t i = 0; !err && i < count; i++)
		if (runs[i]->is_orphan)
			settle(left, runs[i]);
}

void ui_actions_settle(struct ui_actions *actions)
{
	for (size_t i = 0; i < actions->session->context_count; i++) {
		struct left *left = &actions->left[i];

		left->actions = actions;
		left->context = &actions->session->contexts[i];
		if (left->query)
			continue;
		left->query =
			query_runs(left->context->store, NULL, true, SETTLED_MOST, on_left, left);
	}
}
