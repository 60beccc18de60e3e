/*
 * `m`: on a job that nobody declared, which application is to adopt it; on an application, which job
 * it adopts. What was chosen is planned and confirmed as every verb.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/present/column.h"
#include "tui/ui/screen_verb.h"

#define PICKED_MOST 500
#define COLUMNS 3

/* Rows of three texts, and what each stands for (verb->paths). */
struct choice {
	struct verb *verb;
	char **cells;
	size_t rows;
};

static void choice_init(struct choice *choice, struct verb *verb, size_t most)
{
	verb_picks_clear(verb);
	*choice = (struct choice){.verb = verb};
	choice->cells = xcalloc(most * COLUMNS, sizeof(char *));
	verb->paths = xcalloc(most, sizeof(char *));
}

/* Takes `second`. */
static void choice_row(struct choice *choice, const char *means, const char *first, char *second,
	const char *third)
{
	char **cells = &choice->cells[choice->rows * COLUMNS];

	cells[0] = xstrdup(first);
	cells[1] = second;
	cells[2] = xstrdup(third);
	choice->verb->paths[choice->rows++] = xstrdup_null(means);
	choice->verb->count = choice->rows;
}

static void choice_open(struct screen *screen, struct choice *choice, const char *const *titles,
	const char *question, screen_dialog_fn done)
{
	char *title = xasprintf("adopt: %s (%s)", question, screen->verb->name);

	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_PICKER,
			.title = title,
			.titles = titles,
			.cells = (const char *const *)choice->cells,
			.column_count = COLUMNS,
			.row_count = choice->rows,
			.detail = 1},
		done, screen);
	for (size_t i = 0; i < choice->rows * COLUMNS; i++)
		free(choice->cells[i]);
	free(choice->cells);
	free(title);
	screen->host.redraw(screen->host.data);
}

static char *state_text(const struct app *app)
{
	struct present_env env = {0};
	struct buf text;

	buf_init(&text, 0);
	column_text(column_find(&app_table, "state"), app, &env, &text);
	return buf_detach(&text);
}

/* What stands behind the chosen row; NULL: none was chosen, and the verb is over. */
static bool is_chosen(
	struct screen *screen, enum dialog_event event, struct dialog *dialog, const char **means)
{
	struct verb *verb = screen->verb;
	size_t chosen = dialog_chosen(dialog);

	if (event != DIALOG_YES || chosen >= verb->count) {
		verb_end(screen, _("nothing was chosen: nothing was done"));
		return false;
	}
	*means = verb->paths[chosen];
	return true;
}

/* -- of a job: by which application? -- */

static void on_app(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct verb *verb = screen->verb;
	const struct app *app;
	const char *ref;

	if (!is_chosen(screen, event, dialog, &ref))
		return;
	app = fleet_app(screen->backend.fleet, ref);
	if (!app) {
		verb_end(screen, _("that application is not declared any more"));
		return;
	}
	free(verb->app);
	free(verb->name);
	verb->app = xstrdup(app->ref);
	verb->name = action_app_name(app);
	verb_plan(screen);
}

static void add_apps(
	struct choice *choice, const struct fleet *fleet, const struct app *job, bool same_name)
{
	size_t count;
	struct app *const *apps = fleet_apps(fleet, &count);

	for (size_t i = 0; i < count && choice->rows < PICKED_MOST; i++) {
		const struct app *app = apps[i];
		char *name;

		if (!app->decl || app->decl->error || app->cluster != job->cluster ||
			str_eq(app->job_name, job->job->name) != same_name)
			continue;
		name = action_app_name(app);
		choice_row(choice, app->ref, name, state_text(app), app->job_name);
		free(name);
	}
}

static void pick_app(struct screen *screen, const struct app *job)
{
	const char *const titles[] = {_("APPLICATION"), _("STATE"), _("JOB NAME"), NULL};
	const struct fleet *fleet = screen->backend.fleet;
	struct verb *verb = screen->verb;
	struct choice choice;

	choice_init(&choice, verb, PICKED_MOST);
	free(verb->job_id);
	verb->job_id = xstrdup(job->job->summary.id);
	add_apps(&choice, fleet, job, true);
	add_apps(&choice, fleet, job, false);
	if (choice.rows) {
		choice_open(screen, &choice, titles, _("by which application?"), on_app);
		return;
	}
	char *text = xasprintf(_("no application is declared to run on cluster %s: n makes one"),
		job->cluster->name);
	free(choice.cells);
	verb_end(screen, text);
	free(text);
}

/* -- of an application: which job? -- */

static void on_job(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct verb *verb = screen->verb;
	const char *id;

	if (!is_chosen(screen, event, dialog, &id))
		return;
	free(verb->job_id);
	verb->job_id = xstrdup_null(id);
	verb->lets_go = id == NULL;
	verb_plan(screen);
}

/* Nobody's, and its own while that is known by its name alone. */
static bool may_be_adopted(const struct job *job, const struct app *app)
{
	bool is_live = job_is_live(job);
	const char *own = app->record ? app->record->started.start_job_id : NULL;

	return is_live && job->cluster == app->cluster && job->app &&
		(!job->app->decl || (job->app == app && !str_eq(job->summary.id, own)));
}

static void add_jobs(
	struct choice *choice, const struct fleet *fleet, const struct app *app, bool same_name)
{
	size_t count;
	struct job *const *jobs = fleet_jobs(fleet, &count);

	for (size_t i = 0; i < count && choice->rows < PICKED_MOST; i++)
		if (may_be_adopted(jobs[i], app) &&
			str_eq(jobs[i]->name, app->job_name) == same_name)
			choice_row(choice, jobs[i]->summary.id, jobs[i]->summary.id,
				state_text(jobs[i]->app), jobs[i]->name);
}

static void pick_job(struct screen *screen, const struct app *app)
{
	const char *const titles[] = {_("JOB ID"), _("STATE"), _("JOB NAME"), NULL};
	const struct fleet *fleet = screen->backend.fleet;
	const struct run_fact *started = app->record ? &app->record->started : NULL;
	struct verb *verb = screen->verb;
	struct choice choice;

	choice_init(&choice, verb, PICKED_MOST + 1);
	add_jobs(&choice, fleet, app, true);
	add_jobs(&choice, fleet, app, false);
	if (started && started->id && run_fact_adopts(started))
		choice_row(&choice, NULL, _("none"), xstrdup(""),
			_("let the job go that it has adopted"));
	if (choice.rows) {
		choice_open(screen, &choice, titles, _("which job?"), on_job);
		return;
	}
	free(choice.cells);
	verb_end(screen,
		_("no job runs on its cluster that nobody declared: there is nothing to adopt"));
}

void verb_pick_adoption(struct screen *screen)
{
	const struct app *app = fleet_app(screen->backend.fleet, screen->verb->app);

	if (!app->decl)
		pick_app(screen, app);
	else
		pick_job(screen, app);
}
