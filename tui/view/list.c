/* Applications, clusters, teams and jobs: one implementation, told apart by the column table. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/view/empty.h"
#include "tui/view/offer.h"
#include "tui/view/view.h"
#include "tui/widget/glyph.h"
#include "tui/widget/table.h"

struct list_view {
	struct view view;
	const struct column_table *columns;
	struct table *table;
	char *home_filter;
	bool is_attention;
};

static struct list_view *list_of(const struct view *view)
{
	return (struct list_view *)view;
}

const char *list_view_title(const struct column_table *columns)
{
	if (columns == &app_table)
		return _("Applications");
	if (columns == &cluster_table)
		return _("Clusters");
	if (columns == &team_table)
		return _("Teams");
	return _("Jobs");
}

/* -- what needs attention -- */

static bool app_needs(const void *item)
{
	const struct app *app = item;

	return app_state_is_sick(app->state) || app->detail == DETAIL_INVALID ||
		app->detail == DETAIL_NO_CLUSTER || app->detail == DETAIL_DUPLICATE ||
		app->detail == DETAIL_MISSING || app->detail == DETAIL_WAITING_FOR_SLOTS;
}

static bool cluster_needs(const void *item)
{
	const struct cluster *cluster = item;

	return cluster->last_err.code || cluster->status.taskmanagers == 0;
}

static bool team_needs(const void *item)
{
	const struct team *team = item;

	for (int i = 0; i < STATE_MAX; i++)
		if (team->counts[i] && app_state_is_sick((enum app_state)i))
			return true;
	return team->decl->error != NULL;
}

static bool job_needs(const void *item)
{
	const struct job *job = item;

	return job->app && job->app->job == job && app_needs(job->app);
}

static void set_attention(struct list_view *list, bool is_attention)
{
	bool (*accept)(const void *) = list->columns == &app_table ? app_needs
		: list->columns == &cluster_table                  ? cluster_needs
		: list->columns == &team_table                     ? team_needs
								   : job_needs;

	list->is_attention = is_attention;
	table_accept(list->table, is_attention ? accept : NULL);
}

/* -- drawing -- */

static void draw_title(struct list_view *list, struct canvas *canvas, struct rect rect)
{
	size_t left_out = table_left_out(list->table);
	size_t count = table_count(list->table) + left_out,
	       total = table_total(list->table) + left_out, first, lines, all;
	int col = rect.col, end = rect.col + rect.cols;
	struct buf text;

	buf_init(&text, 0);
	col += canvas_put(canvas, rect.row, col, -1, STYLE_TITLE, list_view_title(list->columns));
	if (count == total)
		buf_addf(&text, "  %zu", total);
	else
		buf_addf(&text, _("  %zu of %zu"), count, total);
	col += canvas_put(canvas, rect.row, col, -1, STYLE_STRONG, buf_str(&text));
	if (list->is_attention)
		col += canvas_put(canvas, rect.row, col, -1, STYLE_WARN, _("  needs attention"));
	buf_reset(&text);
	table_window(list->table, &first, &lines);
	if (table_hidden_columns(list->table))
		buf_addf(&text, _("+%d columns %s "), table_hidden_columns(list->table),
			glyph(GLYPH_RIGHT, canvas->ascii));
	all = table_line_count(list->table) + left_out;
	if (lines && all > lines)
		buf_addf(&text, " %zu-%zu/%zu", first + 1, first + lines, all);
	int right = utf8_width(buf_str(&text));
	col += table_draw_filter(list->table, canvas, rect.row, col, end - col - right - 1);
	if (col + right < end)
		canvas_put(canvas, rect.row, end - right, right, STYLE_DIM, buf_str(&text));
	buf_release(&text);
}

static void list_draw(struct view *view, struct canvas *canvas, struct rect rect)
{
	struct list_view *list = list_of(view);
	struct present_env env = view->host->env(view->host->data);
	struct rect body = {rect.row + 1, rect.col, rect.rows - 1, rect.cols};

	table_draw(list->table, canvas, body, &env);
	draw_title(list, canvas, rect);
	if (!table_count(list->table)) {
		body.row++;
		body.rows--;
		empty_draw(view->host, list->columns, table_total(list->table), list->is_attention,
			canvas, body);
	}
}

/* -- commands -- */

/* Applications of that team or cluster. */
static void open_those(const struct view_host *host, const char *key, const char *name)
{
	char *filter = xasprintf(str_is_name(name) ? "%s:%s" : "%s:\"%s\"", key, name);

	host->open_list(host->data, &app_table, filter);
	free(filter);
}

static bool list_open(struct list_view *list)
{
	const struct view_host *host = list->view.host;
	const char *ref = table_selected(list->table);
	const void *item =
		ref ? list->columns->find(host->fleet, list->columns->item_kind, ref) : NULL;

	if (!item)
		return true;
	if (list->columns == &app_table)
		host->open_card(host->data, ref, CMD_OPEN);
	else if (list->columns == &job_table)
		host->open_card(host->data, ((const struct job *)item)->app->ref, CMD_OPEN);
	else if (list->columns == &cluster_table)
		open_those(host, "cluster", ((const struct cluster *)item)->name);
	else
		open_those(host, "team", ((const struct team *)item)->decl->name);
	return true;
}

static bool list_back(struct list_view *list)
{
	if (!list->is_attention && str_eq(table_filter_text(list->table), list->home_filter))
		return false;
	set_attention(list, false);
	table_filter(list->table, list->home_filter);
	return true;
}

static bool list_show(struct list_view *list, enum command_id id, const char *arg)
{
	switch (id) {
	case CMD_FILTER: table_filter(list->table, arg ? arg : ""); return true;
	case CMD_ATTENTION: set_attention(list, !list->is_attention); return true;
	default: return false;
	}
}

static const char *list_app(struct view *view)
{
	struct list_view *list = list_of(view);
	const char *ref = table_selected(list->table);

	if (!ref || list->columns == &app_table)
		return ref;
	if (list->columns != &job_table)
		return NULL;
	const struct job *job = fleet_job(view->host->fleet, ref);
	/* A key on a former run is not meant for the one that runs now. */
	return job && job->app && job->app->job == job ? job->app->ref : NULL;
}

static bool list_command(struct view *view, enum command_id id, const char *arg)
{
	struct list_view *list = list_of(view);

	switch (id) {
	case CMD_UP: table_move(list->table, TABLE_UP); return true;
	case CMD_DOWN: table_move(list->table, TABLE_DOWN); return true;
	case CMD_PAGE_UP: table_move(list->table, TABLE_PAGE_UP); return true;
	case CMD_PAGE_DOWN: table_move(list->table, TABLE_PAGE_DOWN); return true;
	case CMD_HALF_UP: table_move(list->table, TABLE_HALF_UP); return true;
	case CMD_HALF_DOWN: table_move(list->table, TABLE_HALF_DOWN); return true;
	case CMD_LINE: table_go(list->table, view_line(arg)); return true;
	case CMD_TOP: table_move(list->table, TABLE_TOP); return true;
	case CMD_BOTTOM: table_move(list->table, TABLE_BOTTOM); return true;
	case CMD_OPEN: return list_open(list);
	case CMD_BACK: return list_back(list);
	case CMD_VERTICES:
	case CMD_CHECKPOINTS:
	case CMD_EXCEPTIONS:
	case CMD_CONFIGURATION:
	case CMD_FILE:
		if (list_app(view))
			view->host->open_card(view->host->data, list_app(view), id);
		return true;
	default: return list_show(list, id, arg);
	}
}

static const char *list_row(struct view *view)
{
	return table_selected(list_of(view)->table);
}

static const char *list_filter(const struct view *view)
{
	return table_filter_text(list_of(view)->table);
}

static struct table *list_table(struct view *view)
{
	return list_of(view)->table;
}

/* Those that are marked, else the selected one. */
static void list_offer(struct view *view, struct offers *offers)
{
	struct list_view *list = list_of(view);
	const struct column_table *columns = list->columns;
	struct present_env env = view->host->env(view->host->data);
	size_t marked, count = 0;
	const char *const *refs = table_marked(list->table, &marked);
	const char *selected = marked ? NULL : table_selected(list->table);
	const void **items = xcalloc(marked + 1, sizeof(*items));

	for (size_t i = 0; i < marked + (selected != NULL); i++) {
		const char *ref = marked ? refs[i] : selected;
		const void *item = columns->find(view->host->fleet, columns->item_kind, ref);
		if (item)
			items[count++] = item;
	}
	offers_items(offers, columns, items, count, &env);
	free(items);
}

static size_t list_shown(struct view *view, const char **refs, size_t max, const char **focus)
{
	struct list_view *list = list_of(view);
	size_t first, count, shown = 0;

	*focus = NULL;
	if (list->columns != &app_table && list->columns != &job_table &&
		list->columns != &cluster_table)
		return 0;
	table_window(list->table, &first, &count);
	for (size_t i = 0; i < count && shown < max; i++) {
		const char *ref = table_ref_at(list->table, first + i);
		const struct job *job = ref && list->columns == &job_table
			? fleet_job(view->host->fleet, ref)
			: NULL;
		if (!ref)
			continue; /* a group's line */
		if (list->columns != &job_table)
			refs[shown++] = ref;
		else if (job && job->app)
			refs[shown++] = job->app->ref;
	}
	return shown;
}

static const char *list_step(struct view *view, const char *app_ref, int step)
{
	struct list_view *list = list_of(view);
	const struct app *app;

	if (list->columns == &app_table)
		return table_step(list->table, app_ref, step);
	app = fleet_app(view->host->fleet, app_ref);
	if (list->columns != &job_table || !app || !app->job)
		return NULL;
	return table_step(list->table, app->job->ref, step) ? list_app(view) : NULL;
}

/* An application shows its job, and a job its application. */
static void note_twin(struct list_view *list, const struct change *change)
{
	const struct app *app = change->kind == KIND_APP ? change->item : NULL;
	const struct job *job = change->kind == KIND_JOB ? change->item : NULL;

	if (app && app->job && list->columns == &job_table)
		table_item_changed(list->table, app->job->ref, app->job);
	if (job && job->app && list->columns == &app_table)
		table_item_changed(list->table, job->app->ref, job->app);
}

static void list_changed(
	struct view *view, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct list_view *list = list_of(view);

	/* Files and runs change what many show. */
	if (!cause || cause->kind == SNAPSHOT_WORKSPACE || cause->kind == SNAPSHOT_REGISTRY) {
		table_changed(list->table);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct change *change = &changes[i];
		/* Of a team that is its numbers. */
		if (change->what == CHANGE_SEEN && change->kind != KIND_TEAM)
			continue;
		if (change->kind == list->columns->item_kind)
			table_item_changed(list->table, change->ref, change->item);
		else
			note_twin(list, change);
	}
}

static bool list_is_other(struct view *view)
{
	return table_is_other(list_of(view)->table);
}

static void list_release(struct view *view)
{
	struct list_view *list = list_of(view);

	table_free(list->table);
	free(list->home_filter);
	free(list);
}

static const struct view_ops list_ops = {
	.name = "list",
	.where = IN_LIST,
	.draw = list_draw,
	.command = list_command,
	.row = list_row,
	.app = list_app,
	.filter = list_filter,
	.table = list_table,
	.offer = list_offer,
	.shown = list_shown,
	.step = list_step,
	.changed = list_changed,
	.is_other = list_is_other,
	.release = list_release,
};

struct view *list_view_new(
	const struct view_host *host, const struct column_table *table, const char *filter)
{
	struct list_view *list = xcalloc(1, sizeof(*list));

	list->view = (struct view){.ops = &list_ops, .host = host};
	list->columns = table;
	list->table = table_new(table, host->fleet);
	list->home_filter = xstrdup(filter ? filter : "");
	/* A list that keeps its order while states change is one that a person can read. */
	if (!table_sort(list->table, "name"))
		table_sort_next(list->table);
	table_filter(list->table, list->home_filter);
	return &list->view;
}

struct table *list_view_rows(const struct view *view, bool *is_attention)
{
	*is_attention = list_of(view)->is_attention;
	return list_of(view)->table;
}
