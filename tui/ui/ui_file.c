/*
 * Files of applications, changed from the console as `weir edit, copy, delete` do: one at a time.
 * What was written in the editor and is broken is asked about; nothing broken is ever saved.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/files.h"
#include "core/query/query.h"
#include "tui/ui/ui_private.h"

struct ui_file {
	struct ui *ui;
	struct session_context *context;
	struct source *source;
	struct source_change_op *op;
	struct query *query;
	char *app, *path, *name, *team; /* of the declaration */
	char *draft, *digest;
	char *typed; /* the name of a copy */
	bool is_new;
};

void ui_file_free(struct ui_file *file)
{
	if (!file)
		return;
	source_change_cancel(file->source, file->op);
	query_cancel(file->query);
	free(file->app);
	free(file->path);
	free(file->name);
	free(file->team);
	free(file->draft);
	free(file->digest);
	free(file->typed);
	free(file);
}

static void end(struct ui_file *file, enum style style, const char *text)
{
	struct ui *ui = file->ui;

	ui->file = NULL;
	if (text && ui->screen)
		screen_toast(ui->screen, style, text);
	ui->is_dirty = true;
	ui_file_free(file);
}

static struct session_context *context_of(struct ui *ui, const char *name)
{
	session_open_sources(ui->session);
	return session_context(ui->session, name);
}

/* NULL: said why. */
static struct ui_file *begin(struct ui *ui, const char *app_ref)
{
	struct session *session = ui->session;
	const struct app *app = fleet_app(session->fleet, app_ref);
	struct session_context *context = app ? context_of(ui, app->context) : NULL;
	struct source *source = NULL;
	struct ui_file *file;
	struct err err = {0};

	if (ui->file)
		err_set(&err, E_CONFLICT, _("another file is being changed"));
	else if (!context)
		err_set(&err, E_NOTFOUND, _("this application is not known any more"));
	else
		file_may_change(context, app, &source, &err);
	if (err.code) {
		screen_toast(ui->screen, STYLE_WARN, err.text);
		return NULL;
	}
	file = xcalloc(1, sizeof(*file));
	file->ui = ui;
	file->context = context;
	file->source = source;
	file->app = xstrdup(app->ref);
	file->path = xstrdup(app->decl->path);
	file->name = xstrdup(app->decl->name);
	file->team = xstrdup(app->decl->team);
	ui->file = file;
	return file;
}

/* ---- edit ---- */

static void edit(struct ui_file *file);

static void on_dropped(void *data, const struct source_changed *changed, const struct err *err)
{
	struct ui_file *file = data;

	(void)changed;
	file->op = NULL;
	end(file, STYLE_WARN, err ? err->text : _("the file is as it was"));
}

static void drop(struct ui_file *file)
{
	file->op = source_change(file->source,
		&(struct source_change){.verb = SOURCE_DROP,
			.path = file->path,
			.draft = file->draft,
			.digest = file->digest},
		on_dropped, file);
}

static void on_answer(void *data, const char *answer)
{
	struct ui_file *file = data;

	if (!file->ui->screen)
		return; /* leaving: the draft stays beside the file */
	if (answer)
		edit(file);
	else
		drop(file);
}

static void on_saved(void *data, const struct source_changed *changed, const struct err *err)
{
	struct ui_file *file = data;
	char *text;

	file->op = NULL;
	if (!err) {
		text = xasprintf(!changed->is_same ? _("saved: %s")
				: file->is_new     ? _("made from the template: %s")
						   : _("nothing was changed: %s"),
			changed->path);
		session_refresh(file->ui->session);
		end(file, STYLE_OK, text);
		free(text);
		return;
	}
	if (err->code != E_CONFIG) { /* what was written stays beside the file */
		end(file, STYLE_ERROR, err->text);
		return;
	}
	screen_ask(file->ui->screen,
		&(struct screen_question){.kind = SCREEN_ASK_CONFIRM,
			.title = _("back to the editor?"),
			.warnings = err->text,
			.body = _("y: edit it again. n: the file stays as it was before."),
			.done = on_answer,
			.data = file});
}

static void on_edited(void *data, int status, const struct err *err)
{
	struct ui_file *file = data;

	if (err || status) {
		screen_toast(file->ui->screen, STYLE_ERROR,
			err                     ? err->text
				: status == 127 ? _("the editor is not there: set EDITOR")
						: _("the editor ended with an error"));
		drop(file);
		return;
	}
	file->op = source_change(file->source,
		&(struct source_change){.verb = SOURCE_SAVE,
			.path = file->path,
			.draft = file->draft,
			.digest = file->digest},
		on_saved, file);
}

static void edit(struct ui_file *file)
{
	ui_foreground(file->ui,
		(const char *[]){"sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh",
			file->draft, NULL},
		on_edited, file);
}

static void on_draft(void *data, const struct source_changed *changed, const struct err *err)
{
	struct ui_file *file = data;

	file->op = NULL;
	if (err) {
		end(file, STYLE_ERROR, err->text);
		return;
	}
	file->draft = xstrdup(changed->path);
	file->digest = xstrdup(changed->digest);
	edit(file);
}

void ui_edit(void *data, const char *app_ref)
{
	struct ui_file *file = begin(data, app_ref);

	if (file)
		file->op = source_change(file->source,
			&(struct source_change){.verb = SOURCE_DRAFT, .path = file->path}, on_draft,
			file);
}

/* ---- new ---- */

/* Its path in the workspace is told to nobody; the layout of one is law (design, section 6). */
static void on_made(void *data, const struct source_changed *changed, const struct err *err)
{
	struct ui_file *file = data;
	struct ui *ui = file->ui;
	struct err why;

	(void)changed;
	file->op = NULL;
	if (err) {
		why = *err;
		end(file, STYLE_WARN, NULL);
		if (ui->screen)
			screen_new_refused(ui->screen, &why);
		return;
	}
	session_refresh(ui->session);
	file->path = xasprintf("teams/%s/apps/%s.yaml", file->team, file->name);
	file->op = source_change(file->source,
		&(struct source_change){.verb = SOURCE_DRAFT, .path = file->path}, on_draft, file);
}

/* Like that one; else where there is only one. */
static void likely_place(
	const struct session_context *context, const struct app *like, struct source_change *change)
{
	const struct context_config *config = context->config;

	if (like && like->decl && str_eq(like->context, config->name)) {
		change->cluster = like->decl->cluster;
		change->flink_env = like->decl->flink_env;
	}
	if (!change->cluster && context->cluster_count == 1)
		change->cluster = context->clusters[0]->name;
	if (!change->flink_env && config->flink_env_count == 1)
		change->flink_env = config->flink_envs[0].name;
}

int ui_may_new(void *data, const char *context, struct err *err)
{
	struct source *source;

	return file_may_change(context_of(data, context), NULL, &source, err);
}

void ui_new(void *data, const struct screen_new *what)
{
	struct ui *ui = data;
	struct session_context *context = context_of(ui, what->context);
	struct source_change change = {.verb = SOURCE_NEW, .type = what->type, .name = what->name};
	struct source *source = NULL;
	struct ui_file *file;
	struct err err = {0};

	if (ui->file)
		err_set(&err, E_CONFLICT, _("another file is being changed"));
	else
		file_may_change(context, NULL, &source, &err);
	if (err.code) {
		screen_toast(ui->screen, STYLE_WARN, err.text);
		return;
	}
	file = xcalloc(1, sizeof(*file));
	file->ui = ui;
	file->context = context;
	file->source = source;
	file->team = xstrdup(what->team);
	file->name = xstrdup(what->name);
	file->is_new = true;
	ui->file = file;
	change.team = file->team;
	likely_place(
		context, what->like ? fleet_app(ui->session->fleet, what->like) : NULL, &change);
	file->op = source_change(source, &change, on_made, file);
}

/* ---- copy ---- */

static void ask_name(struct ui_file *file, const char *problem);

static void on_changed(void *data, const struct source_changed *changed, const struct err *err)
{
	struct ui_file *file = data;
	char *text;

	file->op = NULL;
	if (err && file->typed && (err->code == E_ARG || err->code == E_CONFLICT) &&
		file->ui->screen) {
		ask_name(file, err->text);
		return;
	}
	if (err) {
		end(file, STYLE_ERROR, err->text);
		return;
	}
	text = xasprintf(
		file->digest ? _("deleted: %s") : _("made: %s (e edits it)"), changed->path);
	session_refresh(file->ui->session);
	end(file, STYLE_OK, text);
	free(text);
}

static void on_name(void *data, const char *answer)
{
	struct ui_file *file = data;
	const char *slash = answer ? strchr(answer, '/') : NULL;
	char *team;

	if (!file->ui->screen)
		return;
	if (!answer) {
		end(file, STYLE_INFO, _("nothing was made"));
		return;
	}
	free(file->typed);
	file->typed = xstrdup(answer);
	team = slash ? xstrndup(answer, (size_t)(slash - answer)) : xstrdup(file->team);
	file->op = source_change(file->source,
		&(struct source_change){.verb = SOURCE_COPY,
			.path = file->path,
			.team = team,
			.name = slash ? slash + 1 : answer},
		on_changed, file);
	free(team);
}

static void ask_name(struct ui_file *file, const char *problem)
{
	char *title = xasprintf(_("copy %s/%s"), file->team, file->name);

	screen_ask(file->ui->screen,
		&(struct screen_question){.kind = SCREEN_ASK_TEXT,
			.title = title,
			.warnings = problem,
			.body = _("The name of the copy, or team/name:"),
			.text = file->typed ? file->typed : file->name,
			.needs_text = true,
			.done = on_name,
			.data = file});
	free(title);
}

void ui_copy(void *data, const char *app_ref)
{
	struct ui_file *file = begin(data, app_ref);

	if (file)
		ask_name(file, NULL);
}

/* ---- delete ---- */

static void on_agreed(void *data, const char *answer)
{
	struct ui_file *file = data;

	if (!file->ui->screen)
		return;
	if (!answer) {
		end(file, STYLE_INFO, _("not confirmed: nothing was deleted"));
		return;
	}
	file->digest = xstrdup(""); /* which of the two it was */
	file->op = source_change(file->source,
		&(struct source_change){.verb = SOURCE_DELETE, .path = file->path}, on_changed,
		file);
}

static void on_runs(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct ui_file *file = data;
	char *title;

	(void)runs;
	file->query = NULL;
	if (err || count) {
		end(file, STYLE_WARN, err ? err->text : _("a run of it is not over: u shows it"));
		return;
	}
	title = xasprintf(_("delete %s/%s"), file->team, file->name);
	screen_ask(file->ui->screen,
		&(struct screen_question){.kind = SCREEN_ASK_YES,
			.title = title,
			.warnings = _("Its file is deleted. What its jobs left behind stays."),
			.body = file->path,
			.text = file->name,
			.done = on_agreed,
			.data = file});
	free(title);
}

void ui_delete(void *data, const char *app_ref)
{
	struct ui *ui = data;
	struct ui_file *file = begin(ui, app_ref);
	struct err err;

	if (!file)
		return;
	if (file_may_delete(fleet_app(ui->session->fleet, app_ref), &err)) {
		end(file, STYLE_WARN, err.text);
		return;
	}
	file->query = query_runs(file->context->store, file->app, true, 1, on_runs, file);
}
