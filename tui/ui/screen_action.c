/*
 * A verb on the screen: the same checks and the same plan as on the command line, a question, and
 * then the run is the program's; the screen hears of it by toasts. What has to ask the world first
 * never holds up the keys: a line at the bottom tells, and Esc gives it up.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_verb.h"

/* -- what is being asked -- */

void screen_pending(struct screen *screen, const char *text, void (*cancel)(struct screen *screen))
{
	screen_toast_end(screen);
	free(screen->pending);
	screen->pending = xstrdup(text);
	screen->pending_mono_ms = clock_mono_ms();
	screen->pending_cancel = cancel;
}

void screen_pending_end(struct screen *screen)
{
	free(screen->pending);
	screen->pending = NULL;
}

bool screen_pending_cancel(struct screen *screen)
{
	void (*cancel)(struct screen * screen) = screen->pending_cancel;

	if (!screen->pending)
		return false;
	screen_pending_end(screen);
	cancel(screen);
	return true;
}

/* -- a verb -- */

static void plan_clear(struct verb *verb)
{
	free(verb->calls);
	free(verb->warnings);
	free(verb->command);
	free(verb->typed);
	verb->calls = verb->warnings = verb->command = verb->typed = NULL;
	verb->has_plan = false;
}

static void verb_clear(struct verb *verb)
{
	plan_clear(verb);
	verb_picks_clear(verb);
	free(verb->app);
	free(verb->name);
	free(verb->context);
	free(verb->target_dir);
	free(verb->from);
	free(verb->restore_mode);
	free(verb->job_id);
	free(verb->problem);
	*verb = (struct verb){0};
}

void screen_action_release(struct screen *screen)
{
	if (screen->verb)
		verb_clear(screen->verb);
	free(screen->verb);
	free(screen->pending);
	free(screen->diff_app);
	free(screen->diff_name);
}

void verb_end(struct screen *screen, const char *why)
{
	char *text = xstrdup(why); /* it may be the verb's own */

	if (screen->verb->has_plan && screen->backend.give_up)
		screen->backend.give_up(screen->backend.data);
	verb_clear(screen->verb);
	screen_toast(screen, STYLE_INFO, text);
	free(text);
}

static void go(struct screen *screen)
{
	verb_clear(screen->verb);
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

static void plan_given_up(struct screen *screen)
{
	screen->verb->has_plan = true; /* or on its way to it */
	verb_end(screen, _("given up: nothing was sent"));
}

void verb_plan(struct screen *screen)
{
	struct verb *verb = screen->verb;
	struct action_args args = {
		.target_dir = verb->target_dir,
		.drain = verb->drain,
		.from = verb->from,
		.allow_non_restored_state = verb->allows_non_restored,
		.restore_mode = verb->restore_mode,
		.release = verb->release,
		.job_id = verb->job_id,
		.lets_go = verb->lets_go,
	};
	/* A host may have to be asked first. */
	char *text = xasprintf(_("%s %s: asking what it would do …"), verb->act->name, verb->name);

	plan_clear(verb);
	verb->is_changed = false;
	screen_pending(screen, text, plan_given_up);
	free(text);
	screen->backend.plan(screen->backend.data, verb->act->command, verb->app, &args);
}

bool screen_act(struct screen *screen, enum command_id id, const char *arg)
{
	const struct act *act = act_find(id);
	bool is_many = act && str_empty(arg) && screen_many_begin(screen, id);
	const struct app *app = act && !is_many ? screen_which(screen, arg) : NULL;
	struct verb *verb;

	if (!act)
		return false;
	if (is_many || !app || !screen->backend.plan)
		return true;
	if (!screen->verb)
		screen->verb = xcalloc(1, sizeof(*screen->verb));
	verb = screen->verb;
	if (verb->has_plan && screen->backend.give_up)
		screen->backend.give_up(screen->backend.data);
	verb_clear(verb);
	verb->act = act;
	verb->app = xstrdup(app->ref);
	verb->name = action_app_name(app);
	verb->context = xstrdup(app->context);
	if (id == CMD_ROLLBACK)
		verb_pick_release(screen);
	else if (id == CMD_ADOPT)
		verb_pick_adoption(screen);
	else
		verb_plan(screen);
	return true;
}

static void on_confirmed(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;

	(void)dialog;
	if (event == DIALOG_YES)
		go(screen);
	else if (event == DIALOG_KEY)
		verb_options(screen);
	else
		verb_end(screen, _("not confirmed: nothing was sent"));
}

void verb_confirm(struct screen *screen)
{
	const struct verb *verb = screen->verb;
	char *title, *body, *command, *warnings;

	if (verb->asks_nothing) {
		go(screen);
		return;
	}
	title = xasprintf("%s: %s", verb->act->name, verb->name);
	body = xasprintf(_("%s.\n\n%s"), _(verb->act->effect), verb->calls);
	command = verb->command
		? xasprintf(_("This build command is new here; a yes agrees to it:\n%s\n"),
			  verb->command)
		: xstrdup("");
	warnings = xasprintf("%s%s", command, verb->warnings ? verb->warnings : "");
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_CONFIRM,
			.title = title,
			.body = body,
			.warnings = *warnings ? warnings : NULL,
			.name = verb->typed,
			.enter_is_yes = verb->has_chosen_point && !verb->command,
			.keys = verb_has_options(verb) ? _("\t options") : NULL},
		on_confirmed, screen);
	free(warnings);
	free(command);
	free(body);
	free(title);
}

static bool is_live(const struct app *app)
{
	return app->job && !job_status_is_terminal(app->job->summary.status);
}

/* A start whose newest point is gone, or options that do not fit: what else there is, is offered. */
static void refused(struct screen *screen, const struct err *err)
{
	struct verb *verb = screen->verb;
	const struct app *app = fleet_app(screen->backend.fleet, verb->app);
	bool has_options = verb->from || verb->target_dir || verb->restore_mode || verb->release;

	free(verb->problem);
	verb->problem = xstrdup(err->text);
	message_log_add(&screen->messages, clock_wall_ms(), STYLE_WARN, err->text);
	if (has_options && screen->mode == PROMPT_NONE)
		verb_options(screen);
	else if (err->code == E_CONFLICT && verb->act->command == CMD_START && app &&
		!is_live(app) && app->release_state != RELEASE_NONE)
		verb_pick_point(screen);
	else {
		verb_end(screen, "");
		screen_toast(screen, STYLE_WARN, err->text);
	}
}

void screen_planned(struct screen *screen, const struct screen_plan *plan, const struct err *err)
{
	struct verb *verb = screen->verb;

	screen_pending_end(screen);
	if (!verb || !verb->act)
		return;
	plan_clear(verb);
	if (err) {
		refused(screen, err);
		return;
	}
	free(verb->problem);
	verb->problem = NULL;
	verb->has_plan = true;
	verb->asks_nothing = plan->asks_nothing;
	verb->calls = xstrdup(plan->calls);
	verb->warnings = xstrdup_null(plan->warnings);
	verb->command = xstrdup_null(plan->command);
	verb->typed = xstrdup_null(plan->name);
	if (screen->mode != PROMPT_NONE)
		verb_end(screen, _("not asked, for something else was being typed; once more?"));
	else if (verb->act->command == CMD_START && !verb->has_chosen_point && !verb->from)
		verb_pick_point(screen);
	else
		verb_confirm(screen);
}

/* -- what a release would change -- */

static void diff_given_up(struct screen *screen)
{
	if (screen->backend.diff_cancel)
		screen->backend.diff_cancel(screen->backend.data);
	screen_toast(screen, STYLE_INFO, _("given up"));
}

/* arg: "APP [RELEASE]", or NULL. */
void screen_diff(struct screen *screen, const char *arg)
{
	char *copy = xstrdup(arg ? arg : ""), *rest = copy, *name = strsep(&rest, " ");
	int64_t number = 0;
	const struct app *app = NULL;
	char *label, *text;

	if (!str_empty(rest) && (!str_to_int64(rest, &number) || number < 1))
		screen_toast(screen, STYLE_WARN, _("diff APP RELEASE: its number, from :releases"));
	else
		app = screen_which(screen, name);
	free(copy);
	if (!app || !screen->backend.diff)
		return;
	label = action_app_name(app);
	text = xasprintf(_("diff %s: asking what a release would change …"), label);
	free(screen->diff_name);
	screen->diff_name = label;
	free(screen->diff_app);
	screen->diff_app = xstrdup(app->ref);
	screen_pending(screen, text, diff_given_up);
	free(text);
	screen->backend.diff(screen->backend.data, app->ref, number);
}

void screen_diffed(struct screen *screen, const char *diff, int64_t number, const struct err *err)
{
	char *text;

	screen_pending_end(screen);
	if (err) {
		screen_toast(screen, STYLE_WARN, err->text);
		message_log_add(&screen->messages, clock_wall_ms(), STYLE_WARN, err->text);
		return;
	}
	if (!*diff) {
		text = xasprintf(_("%s: nothing differs from release %lld"), screen->diff_name,
			(long long)number);
		screen_toast(screen, STYLE_INFO, text);
	} else {
		text = xasprintf(_("diff of %s: release %lld, and one made now"), screen->diff_name,
			(long long)number);
		screen_open_diff(screen, text, screen->diff_app, diff);
	}
	free(text);
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
	size_t going = backend->going ? backend->going(backend->data, NULL) : 0;
	const char *body = screen_many_left(screen)
		? _("What the JobManager was told goes on, and is settled later (weir settle, or "
		    "the next verb). Builds and uploads end here, and no further step is taken. "
		    "Marked ones that were not begun are still marked at the next start.")
		: _("What the JobManager was told goes on, and is settled later (weir "
		    "settle, or the next verb). Builds and uploads end here, and no "
		    "further step is taken.");
	char *title;

	if (!backend->quit)
		return;
	if (!going) {
		backend->quit(backend->data);
		return;
	}
	title = xasprintf(_n("quit while %zu run is in progress?",
				  "quit while %zu runs are in progress?", going),
		going);
	screen_dialog(screen,
		&(struct dialog_options){
			.kind = DIALOG_CONFIRM,
			.title = title,
			.body = body,
		},
		on_quit_confirmed, screen);
	free(title);
}
