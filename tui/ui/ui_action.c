/* Joins the keys to core/action: what an action needs of the session is found here. */
#include "tui/ui/ui_action.h"

#include <stdlib.h>

#include "core/action/action.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

struct going {
	struct ui_actions *actions;
	struct going *prev, *next;
	struct action *action;
	char *name;
	const struct act *act;
};

struct ui_actions {
	struct session *session;
	struct screen *screen;
	void (*wake)(void *data);
	void *data;
	struct going *going;
};

struct ui_actions *ui_actions_new(struct session *session)
{
	struct ui_actions *actions = xcalloc(1, sizeof(*actions));

	actions->session = session;
	return actions;
}

static void going_free(struct going *going)
{
	if (going->prev)
		going->prev->next = going->next;
	else
		going->actions->going = going->next;
	if (going->next)
		going->next->prev = going->prev;
	free(going->name);
	free(going);
}

void ui_actions_free(struct ui_actions *actions)
{
	if (!actions)
		return;
	while (actions->going) {
		action_drop(actions->going->action);
		going_free(actions->going);
	}
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
	char *text = xasprintf(_("%s %s: run %lld %s"), going->act->name, going->name,
		(long long)run->id, run_state_name(run->state));

	tell(going->actions, STYLE_INFO, text);
	free(text);
}

static void on_done(void *data, const struct run *run, const struct err *err)
{
	struct going *going = data;
	const char *said = run && run->outcome ? run->outcome : err ? err->text : "";
	char *text = xasprintf("%s %s: %s", going->act->name, going->name, said);

	tell(going->actions, err ? STYLE_ERROR : STYLE_OK, text);
	free(text);
	going_free(going);
}

/* E_NOTFOUND when the application has gone meanwhile. */
static int fill(struct ui_actions *actions, enum command_id id, const char *ref,
	struct action_options *out, struct session_context **context, struct err *err)
{
	struct session *session = actions->session;
	const struct app *app = fleet_app(session->fleet, ref);

	*out = (struct action_options){.act = act_find(id), .loop = session->loop, .app = app};
	*context = NULL;
	for (size_t i = 0; app && i < session->context_count; i++)
		if (str_eq(session->contexts[i].config->name, app->context))
			*context = &session->contexts[i];
	if (!*context)
		return err_set(err, E_NOTFOUND, _("this application is not known any more"));
	out->store = (*context)->store;
	out->is_readonly = (*context)->config->readonly;
	for (size_t i = 0; app->job && i < (*context)->cluster_count; i++)
		if (str_eq((*context)->clusters[i]->name, app->job->cluster->name))
			out->source = (*context)->clusters[i];
	return action_preflight(out, err);
}

int ui_actions_plan(struct ui_actions *actions, enum command_id id, const char *ref,
	struct screen_plan *out, struct err *err)
{
	struct action_options options;
	struct session_context *context;
	int rc = fill(actions, id, ref, &options, &context, err);

	if (rc < 0)
		return rc;
	out->calls = action_plan(&options, NULL);
	out->asks_nothing = context->config->confirm == CONFIRM_NONE;
	if (context->config->confirm == CONFIRM_NAME)
		out->name = xstrdup(
			options.app->decl ? options.app->decl->name : options.app->job->name);
	return 0;
}

void ui_actions_act(struct ui_actions *actions, enum command_id id, const char *ref)
{
	struct action_options options;
	struct session_context *context;
	struct going *going;
	struct err err;

	if (fill(actions, id, ref, &options, &context, &err) < 0) {
		tell(actions, STYLE_WARN, err.text);
		return;
	}
	going = xcalloc(1, sizeof(*going));
	going->actions = actions;
	going->act = options.act;
	going->name = action_app_name(options.app);
	going->next = actions->going;
	if (going->next)
		going->next->prev = going;
	actions->going = going;
	options.on_change = on_change;
	options.done = on_done;
	options.data = going;
	going->action = action_start(&options);
}
