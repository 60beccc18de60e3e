/*
 * A verb on all that are marked: one plan of many, one question, and then the runs are the program's,
 * one after the other. What may not be done, and why, stands above what will be.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

#define MARKED_MOST 500

/* Those that take no more than an application; what they may take else is as it comes. */
static const enum command_id ids[] = {CMD_SAVEPOINT, CMD_STOP, CMD_CANCEL, CMD_CHECKPOINT,
	CMD_START, CMD_RESTART, CMD_SHIP, CMD_BUILD, CMD_RELEASE};

bool screen_many_can(const struct screen *screen, enum command_id id)
{
	struct table *table = screen_table(screen);
	const struct column_table *columns = table ? table_column_table(table) : NULL;

	if ((columns != &app_table && columns != &job_table) || !screen->backend.plan_many)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (ids[i] == id)
			return table_marked_count(table) > 0;
	return false;
}

/* The application of a marked line; NULL: a job that is not the one which runs now. */
static const char *app_of(const struct screen *screen, struct table *table, const char *ref)
{
	const struct job *job;

	if (table_column_table(table) == &app_table)
		return ref;
	job = fleet_job(screen->backend.fleet, ref);
	return job && job->app && job->app->job == job ? job->app->ref : NULL;
}

static void given_up(struct screen *screen)
{
	screen->backend.many_stop(screen->backend.data);
	screen_toast(screen, STYLE_INFO, _("given up: nothing was sent"));
}

bool screen_many_begin(struct screen *screen, enum command_id id)
{
	const struct screen_backend *backend = &screen->backend;
	struct table *table = screen_table(screen);
	const char *const *marked;
	const char **refs;
	size_t count, known = 0;
	char *text;

	if (!screen_many_can(screen, id))
		return false;
	marked = table_marked(table, &count);
	refs = xcalloc(count + 1, sizeof(*refs));
	for (size_t i = 0; i < count; i++) {
		refs[known] = app_of(screen, table, marked[i]);
		known += refs[known] != NULL;
	}
	screen->many_act = act_find(id);
	screen->many_left_out = count - known;
	if (count > MARKED_MOST) {
		text = xasprintf(_("%zu are marked: at most %d at once"), count, MARKED_MOST);
		screen_toast(screen, STYLE_WARN, text);
	} else if (!known) {
		text = xstrdup(_("none of the marked jobs is the one that runs now"));
		screen_toast(screen, STYLE_WARN, text);
	} else {
		text = xasprintf(
			_("%s of %zu: asking what it would do …"), screen->many_act->name, known);
		screen_pending(screen, text, given_up);
		backend->plan_many(backend->data, id, refs, known);
	}
	free(text);
	free(refs);
	return true;
}

/* -- the question -- */

static void add_lines(struct buf *out, const char *lines, const char *before)
{
	while (lines && *lines) {
		size_t len = strcspn(lines, "\n");
		buf_addf(out, "   %s%.*s\n", before, (int)len, lines);
		lines += len + (lines[len] == '\n');
	}
}

static void add_rows(const struct screen_many_row *rows, size_t count, struct buf *out)
{
	size_t number = 0;

	for (size_t i = 0; i < count; i++) {
		if (rows[i].refused)
			continue;
		buf_addf(out, "%zu. %s\n", ++number, rows[i].name);
		if (rows[i].restore_path)
			buf_addf(out, _("   takes up %s\n"), rows[i].restore_path);
		add_lines(out, rows[i].warnings, "! ");
		add_lines(out, rows[i].calls, "");
	}
}

static void add_refused(const struct screen *screen, const struct screen_many_row *rows,
	size_t count, struct buf *out)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].refused)
			buf_addf(out, _("not %s: %s\n"), rows[i].name, rows[i].refused);
	if (screen->many_left_out)
		buf_addf(out, _("not %zu marked jobs that are not the ones which run now\n"),
			screen->many_left_out);
}

static void on_answer(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct table *table = screen_table(screen);

	(void)dialog;
	if (event != DIALOG_YES) {
		screen->backend.many_stop(screen->backend.data);
		screen_toast(screen, STYLE_INFO, _("not confirmed: nothing was sent"));
		return;
	}
	if (table)
		table_mark(table, TABLE_MARK_NONE);
	screen->backend.many_go(screen->backend.data);
}

static void on_seen(void *data, enum dialog_event event, struct dialog *dialog)
{
	(void)data;
	(void)event;
	(void)dialog;
}

static void ask(struct screen *screen, const struct screen_many *plan, size_t may)
{
	const struct act *act = screen->many_act;
	size_t count = plan->count + screen->many_left_out;
	struct buf body, refused;
	char *title = xasprintf(_("%s: %zu of %zu marked"), act->name, may, count);
	char *number = plan->is_typed ? xasprintf("%zu", may) : NULL;

	buf_init(&body, 0);
	buf_init(&refused, 0);
	add_refused(screen, plan->rows, plan->count, &refused);
	if (may) {
		buf_addf(&body, "%s.\n\n", _(act->effect));
		add_rows(plan->rows, plan->count, &body);
		buf_addf(&body, "\n%s\n",
			_("The first alone, then four at a time; after one that fails none begins, "
			  "and "
			  "Esc begins no more."));
	}
	screen_dialog(screen,
		&(struct dialog_options){.kind = may ? DIALOG_CONFIRM : DIALOG_SHOW,
			.title = title,
			.body = buf_str(&body),
			.warnings = refused.len ? buf_str(&refused) : NULL,
			.name = number},
		may ? on_answer : on_seen, screen);
	buf_release(&body);
	buf_release(&refused);
	free(number);
	free(title);
}

void screen_many_planned(
	struct screen *screen, const struct screen_many *plan, const struct err *err)
{
	size_t may = 0;

	screen_pending_end(screen);
	if (err) {
		screen_toast(screen, STYLE_WARN, err->text);
		return;
	}
	for (size_t i = 0; i < plan->count; i++)
		may += !plan->rows[i].refused;
	if (screen->mode != PROMPT_NONE) {
		screen->backend.many_stop(screen->backend.data);
		screen_toast(screen, STYLE_INFO,
			_("not asked, for something else was being typed; once more?"));
		return;
	}
	ask(screen, plan, may);
	if (!may)
		screen->backend.many_stop(screen->backend.data);
}

size_t screen_many_left(const struct screen *screen)
{
	return screen->backend.many_left ? screen->backend.many_left(screen->backend.data) : 0;
}

bool screen_many_stop(struct screen *screen)
{
	size_t left = screen_many_left(screen);
	char *text;

	if (!left)
		return false;
	screen->backend.many_stop(screen->backend.data);
	text = xasprintf(_("%zu are not begun; what goes on goes on"), left);
	screen_toast(screen, STYLE_INFO, text);
	free(text);
	return true;
}
