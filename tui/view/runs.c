/* All runs of all contexts, newest first. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "tui/view/runs_pane.h"

struct runs_view {
	struct view view;
	struct runs_pane *pane;
	char row[32];
};

static struct runs_view *runs_of(const struct view *view)
{
	return (struct runs_view *)view;
}

static void runs_draw(struct view *view, struct canvas *canvas, struct rect rect)
{
	struct runs_pane *pane = runs_of(view)->pane;
	struct table *table = runs_pane_table(pane);
	struct rect body = {rect.row + 1, rect.col, rect.rows - 1, rect.cols};
	int col = rect.col;
	struct buf text;

	runs_pane_draw(pane, canvas, body);
	buf_init(&text, 0);
	col += canvas_put(canvas, rect.row, col, -1, STYLE_TITLE, _("Runs"));
	if (table_count(table) == table_total(table))
		buf_addf(&text, "  %zu", table_total(table));
	else
		buf_addf(&text, _("  %zu of %zu"), table_count(table), table_total(table));
	col += canvas_put(canvas, rect.row, col, -1, STYLE_STRONG, buf_str(&text));
	if (*table_filter_text(table)) {
		col += canvas_put(canvas, rect.row, col, -1, STYLE_DIM, "  /");
		canvas_put_cut(canvas, rect.row, col, rect.col + rect.cols - col, STYLE_MATCH,
			table_filter_text(table));
	}
	buf_release(&text);
}

static bool runs_command(struct view *view, enum command_id id, const char *arg)
{
	return runs_pane_command(runs_of(view)->pane, id, arg);
}

static const char *runs_disabled(struct view *view, enum command_id id)
{
	return id == CMD_CANCEL_RUN ? run_cancel_disabled(runs_pane_selected(runs_of(view)->pane))
				    : NULL;
}

static const char *runs_row(struct view *view)
{
	const struct run *run = runs_pane_selected(runs_of(view)->pane);
	struct runs_view *runs = runs_of(view);

	if (!run)
		return NULL;
	snprintf(runs->row, sizeof(runs->row), "%lld", (long long)run->id);
	return runs->row;
}

/* Verbs act on the application of the selected run. */
static const char *runs_app(struct view *view)
{
	const struct run *run = runs_pane_selected(runs_of(view)->pane);

	return run && fleet_app(view->host->fleet, run->app) ? run->app : NULL;
}

static const char *runs_filter(const struct view *view)
{
	return table_filter_text(runs_pane_table(runs_of(view)->pane));
}

static void runs_changed(struct view *view)
{
	runs_pane_changed(runs_of(view)->pane);
}

static void runs_release(struct view *view)
{
	runs_pane_free(runs_of(view)->pane);
	free(runs_of(view));
}

static const struct view_ops runs_ops = {
	.name = "runs",
	.where = IN_RUNS,
	.draw = runs_draw,
	.command = runs_command,
	.disabled = runs_disabled,
	.row = runs_row,
	.app = runs_app,
	.filter = runs_filter,
	.runs_changed = runs_changed,
	.release = runs_release,
};

struct view *runs_view_new(const struct view_host *host)
{
	struct runs_view *runs = xcalloc(1, sizeof(*runs));

	runs->view = (struct view){.ops = &runs_ops, .host = host};
	runs->pane = runs_pane_new(host, NULL, NULL);
	return &runs->view;
}
