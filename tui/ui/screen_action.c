/*
 * A verb on the screen: the same checks and the same plan as on the command line, a question, and
 * then the run is the program's; the screen hears of it by toasts.
 */
#include <stdlib.h>

#include "core/action/action.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"

static void give_up(struct screen *screen, const char *why)
{
	if (screen->backend.give_up)
		screen->backend.give_up(screen->backend.data);
	screen_toast(screen, STYLE_INFO, why);
}

static void go(struct screen *screen)
{
	if (screen->backend.act)
		screen->backend.act(screen->backend.data);
}

const struct app *screen_which(struct screen *screen, const char *arg)
{
	struct view *view = screen_view(screen);
	const struct fleet *fleet = screen->backend.fleet;
	struct app *found[2];
	const char *ref;

	if (str_empty(arg)) {
		ref = view->ops->app ? view->ops->app(view) : NULL;
		return ref ? fleet_app(fleet, ref) : NULL;
	}
	size_t count = fleet_find_apps(fleet, arg, found, ARRAY_SIZE(found));
	if (count == 1)
		return found[0];
	char *text = xasprintf(count ? _("'%s' means several applications: say team/name")
				     : _("no application is called '%s'"),
		arg);
	screen_toast(screen, STYLE_WARN, text);
	free(text);
	return NULL;
}

static void on_confirmed(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;

	(void)dialog;
	if (event == DIALOG_YES)
		go(screen);
	else
		give_up(screen, _("not confirmed: nothing was sent"));
}

bool screen_act(struct screen *screen, enum command_id id, const char *arg)
{
	const struct act *act = act_find(id);
	const struct app *app = act ? screen_which(screen, arg) : NULL;

	if (!act)
		return false;
	if (!app || !screen->backend.plan)
		return true;
	free(screen->asked_app);
	screen->asked_app = action_app_name(app);
	screen->asked = id;
	/* A host may have to be asked first. */
	char *text = xasprintf(_("%s %s: preparing …"), act->name, screen->asked_app);
	screen_toast(screen, STYLE_INFO, text);
	free(text);
	screen->backend.plan(screen->backend.data, id, app->ref);
	return true;
}

static void ask(struct screen *screen, const struct screen_plan *plan)
{
	const struct act *act = act_find(screen->asked);
	char *title = xasprintf("%s: %s", act->name, screen->asked_app);
	char *body = xasprintf("%s.\n\n%s", _(act->effect), plan->calls);
	char *command = plan->command
		? xasprintf(_("this build command is new: %s\n"), plan->command)
		: xstrdup("");
	char *warnings = xasprintf("%s%s", command, plan->warnings ? plan->warnings : "");

	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_CONFIRM,
			.title = title,
			.body = body,
			.warnings = *warnings ? warnings : NULL,
			.name = plan->name},
		on_confirmed, screen);
	free(warnings);
	free(command);
	free(body);
	free(title);
}

void screen_planned(struct screen *screen, const struct screen_plan *plan, const struct err *err)
{
	screen_toast_end(screen);
	if (err)
		screen_toast(screen, STYLE_WARN, err->text);
	else if (plan->asks_nothing)
		go(screen);
	else if (screen->mode != PROMPT_NONE)
		give_up(screen, _("not asked, for something else was being typed; once more?"));
	else
		ask(screen, plan);
}

/* -- runs -- */

static void on_cancel_confirmed(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;

	(void)dialog;
	if (event == DIALOG_YES)
		screen->backend.cancel_run(
			screen->backend.data, screen->asked_context, screen->asked_run);
}

void screen_cancel_run(struct screen *screen, const struct run *run)
{
	char *title;

	if (!screen->backend.cancel_run)
		return;
	free(screen->asked_context);
	screen->asked_context = xstrdup_null(run->context);
	screen->asked_run = run->id;
	title = xasprintf(_("cancel run %lld: %s %s"), (long long)run->id, run->verb, run->name);
	screen_dialog(screen,
		&(struct dialog_options){
			.kind = DIALOG_CONFIRM,
			.title = title,
			.body = _("What runs on a host is killed, steps to come are left out. What "
				  "the "
				  "JobManager was told already cannot be called back."),
		},
		on_cancel_confirmed, screen);
	free(title);
}

static void on_quit_confirmed(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;

	(void)dialog;
	if (event == DIALOG_YES)
		screen->backend.quit(screen->backend.data);
}

void screen_quit(struct screen *screen)
{
	const struct screen_backend *backend = &screen->backend;
	size_t going = backend->going ? backend->going(backend->data) : 0;
	char *title;

	if (!backend->quit)
		return;
	if (!going) {
		backend->quit(backend->data);
		return;
	}
	title = going == 1 ? xstrdup(_("quit while a run is in progress?"))
			   : xasprintf(_("quit while %zu runs are in progress?"), going);
	screen_dialog(screen,
		&(struct dialog_options){
			.kind = DIALOG_CONFIRM,
			.title = title,
			.body = _(
				"What the JobManager was told goes on, and is settled later (weir "
				"settle, or the next verb). Builds and uploads end here, and no "
				"further step is taken."),
		},
		on_quit_confirmed, screen);
	free(title);
}
