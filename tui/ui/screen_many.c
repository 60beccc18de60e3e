/*
 * A verb on all that are marked: one plan of many, one question, and then the runs are the program's,
 * a few at a time. What may not be done, and why, stands above what will be. A mark goes when its run
 * begins: after a failure, after Esc, and at the next start of the program (screen_session.c) those that
 * were not begun are still marked, and the same key goes on with them.
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

/* The words for what is being asked about, as they are shown again when the pace is another one. */
struct many_asked {
	const struct act *act;
	size_t left_out; /* marked lines that are no application's */
	size_t pace;     /* of paces */
	char *title, *body, *refused, *number;
};

static const struct {
	struct screen_many_pace pace;
	const char *words;
} paces[] = {
	{{1, 1}, N_("one after the other")},
	{{1, 4}, N_("the first alone, then four at a time")},
	{{1, 16}, N_("the first alone, then sixteen at a time")},
	{{4, 16}, N_("the first four, then sixteen at a time")},
};
#define PACE_USUAL 1

/* Those that take no more than an application; what they may take else is as it comes. */
static const enum command_id ids[] = {CMD_SAVEPOINT, CMD_STOP, CMD_CANCEL, CMD_CHECKPOINT,
	CMD_START, CMD_RESTART, CMD_SHIP, CMD_BUILD, CMD_RELEASE};

void screen_many_release(struct screen *screen)
{
	struct many_asked *many = screen->many;

	if (!many)
		return;
	free(many->title);
	free(many->body);
	free(many->refused);
	free(many->number);
	free(many);
	screen->many = NULL;
}

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
	screen_many_release(screen);
	screen->many = xcalloc(1, sizeof(*screen->many));
	*screen->many = (struct many_asked){
		.act = act_find(id), .left_out = count - known, .pace = PACE_USUAL};
	if (count > SCREEN_MARKED_MOST) {
		text = xasprintf(
			_("%zu are marked: at most %d at once"), count, SCREEN_MARKED_MOST);
		screen_toast(screen, STYLE_WARN, text);
	} else if (!known) {
		text = xstrdup(_("none of the marked jobs is the one that runs now"));
		screen_toast(screen, STYLE_WARN, text);
	} else {
		text = xasprintf(
			_("%s of %zu: asking what it would do …"), screen->many->act->name, known);
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
	if (screen->many->left_out)
		buf_addf(out, _("not %zu marked jobs that are not the ones which run now\n"),
			screen->many->left_out);
}

static void ask_pace(struct screen *screen);

/* Those that no verb is for need no mark. */
static void unmark_left_out(struct screen *screen, struct table *table)
{
	size_t count;
	const char *const *marked = table_marked(table, &count);

	for (size_t i = 0; i < count; i++)
		if (!app_of(screen, table, marked[i]))
			table_mark_ref(table, marked[i], false);
}

static void on_answer(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct table *table = screen_table(screen);

	(void)dialog;
	if (event == DIALOG_KEY) {
		ask_pace(screen);
		return;
	}
	if (event != DIALOG_YES) {
		screen->backend.many_stop(screen->backend.data);
		screen_toast(screen, STYLE_INFO, _("not confirmed: nothing was sent"));
		return;
	}
	if (table)
		unmark_left_out(screen, table);
	screen->backend.many_go(screen->backend.data, paces[screen->many->pace].pace);
}

static void on_seen(void *data, enum dialog_event event, struct dialog *dialog)
{
	(void)data;
	(void)event;
	(void)dialog;
}

static void show(struct screen *screen)
{
	const struct many_asked *many = screen->many;
	struct buf body;

	buf_init(&body, 0);
	if (many->body)
		buf_addf(&body,
			_("%s\nPace: %s. After one that fails none begins, and Esc begins no "
			  "more.\n"),
			many->body, _(paces[many->pace].words));
	screen_dialog(screen,
		&(struct dialog_options){.kind = many->body ? DIALOG_CONFIRM : DIALOG_SHOW,
			.title = many->title,
			.body = buf_str(&body),
			.warnings = many->refused,
			.keys = many->body ? _("\t pace") : NULL,
			.name = many->number},
		many->body ? on_answer : on_seen, screen);
	buf_release(&body);
}

static void on_pace(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;

	if (event == DIALOG_YES)
		screen->many->pace = dialog_chosen(dialog);
	show(screen);
}

static void ask_pace(struct screen *screen)
{
	const char *cells[ARRAY_SIZE(paces)];

	for (size_t i = 0; i < ARRAY_SIZE(paces); i++)
		cells[i] = _(paces[i].words);
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_CHOICE,
			.title = _("pace"),
			.cells = cells,
			.column_count = 1,
			.row_count = ARRAY_SIZE(paces),
			.selected = screen->many->pace},
		on_pace, screen);
}

/* may: how many are not refused; with none of them there is nothing to confirm. */
static void ask(struct screen *screen, const struct screen_many *plan, size_t may)
{
	struct many_asked *many = screen->many;
	struct buf body, refused;

	buf_init(&body, 0);
	buf_init(&refused, 0);
	add_refused(screen, plan->rows, plan->count, &refused);
	many->refused = refused.len ? buf_detach(&refused) : NULL;
	many->title = xasprintf(
		_("%s: %zu of %zu marked"), many->act->name, may, plan->count + many->left_out);
	if (may) {
		add_rows(plan->rows, plan->count, &body);
		many->body = xasprintf(_("%s.\n\n%s"), _(many->act->effect), buf_str(&body));
	}
	many->number = plan->is_typed ? xasprintf("%zu", may) : NULL;
	buf_release(&body);
	buf_release(&refused);
	show(screen);
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

static void unmark(struct screen *screen, struct view *view, const char *app_ref)
{
	struct table *table = view && view->ops->table ? view->ops->table(view) : NULL;
	const struct app *app = fleet_app(screen->backend.fleet, app_ref);

	if (!table)
		return;
	if (table_column_table(table) == &app_table)
		table_mark_ref(table, app_ref, false);
	else if (table_column_table(table) == &job_table && app && app->job)
		table_mark_ref(table, app->job->ref, false);
}

/* Wherever it is marked: nobody has to be there any more. */
void screen_many_unmark(struct screen *screen, const char *app_ref)
{
	for (size_t i = 0; i < LISTS; i++)
		unmark(screen, screen->lists[i], app_ref);
	for (size_t i = 0; i < screen->count; i++)
		unmark(screen, screen->history[i], app_ref);
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
	text = xasprintf(_("%zu are not begun and stay marked; what goes on goes on"), left);
	screen_toast(screen, STYLE_INFO, text);
	free(text);
	return true;
}
