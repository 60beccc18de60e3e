/* A list of rows that no fleet has: all of a kind, or those of one application. */
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/view/rows_pane.h"
#include "tui/widget/glyph.h"

struct rows_view {
	struct view view;
	struct view_ops ops; /* its name and its keys are the kind's */
	struct rows_pane *pane;
	char *owner; /* its ref; NULL = of all */
	char *name;  /* of that, for the title */
};

static struct rows_view *rows_of(const struct view *view)
{
	return (struct rows_view *)view;
}

static void rows_draw(struct view *view, struct canvas *canvas, struct rect rect)
{
	struct rows_view *rows = rows_of(view);
	struct table *table = rows_pane_table(rows->pane);
	struct rect body = {rect.row + 1, rect.col, rect.rows - 1, rect.cols};
	int col = rect.col, end = rect.col + rect.cols, right = 0;
	struct buf text;

	rows_pane_draw(rows->pane, canvas, body);
	buf_init(&text, 0);
	if (table_hidden_columns(table))
		buf_addf(&text, _("+%d columns %s "), table_hidden_columns(table),
			glyph(GLYPH_RIGHT, canvas->ascii));
	right = utf8_width(buf_str(&text));
	col += canvas_put(
		canvas, rect.row, col, -1, STYLE_TITLE, _(rows_pane_kind(rows->pane)->title));
	if (end - right - col > 14)
		canvas_put(canvas, rect.row, end - right, right, STYLE_DIM, buf_str(&text));
	buf_reset(&text);
	if (table_count(table) == table_total(table))
		buf_addf(&text, "  %zu", table_total(table));
	else
		buf_addf(&text, _("  %zu of %zu"), table_count(table), table_total(table));
	col += canvas_put(canvas, rect.row, col, -1, STYLE_STRONG, buf_str(&text));
	if (rows->name && end - right - col - 3 > 0)
		col += 2 +
			canvas_put_cut(canvas, rect.row, col + 2, end - right - col - 3, STYLE_TEXT,
				rows->name);
	table_draw_filter(table, canvas, rect.row, col, end - right - col - 1);
	buf_release(&text);
}

static bool rows_log(struct view *view, struct view_log_what *out)
{
	struct rows_view *rows = rows_of(view);
	const struct rows_kind *kind = rows_pane_kind(rows->pane);
	const void *item = kind->log ? rows_pane_selected(rows->pane) : NULL;

	if (!item)
		return false;
	kind->log(item, out);
	out->cluster_ref = rows->owner;
	out->app_name = rows->name;
	return true;
}

static bool rows_command(struct view *view, enum command_id id, const char *arg)
{
	struct view_log_what log;

	if (id == CMD_OPEN && rows_log(view, &log)) {
		view->host->open_log(view->host->data, &log);
		return true;
	}
	return rows_pane_command(rows_of(view)->pane, id, arg);
}

static const char *rows_disabled(struct view *view, enum command_id id)
{
	return id == CMD_CANCEL_RUN ? run_cancel_disabled(rows_pane_run(rows_of(view)->pane))
				    : NULL;
}

static const char *rows_row(struct view *view)
{
	return table_selected(rows_pane_table(rows_of(view)->pane));
}

/* Verbs act on the application of the selected row. */
static const char *rows_app(struct view *view)
{
	struct rows_view *rows = rows_of(view);
	const struct rows_kind *kind = rows_pane_kind(rows->pane);
	const void *item = kind->app ? rows_pane_selected(rows->pane) : NULL;
	const char *ref = item ? kind->app(item) : rows->owner;

	return ref && fleet_app(view->host->fleet, ref) ? ref : NULL;
}

static const char *rows_filter(const struct view *view)
{
	return table_filter_text(rows_pane_table(rows_of(view)->pane));
}

static struct table *rows_table(struct view *view)
{
	return rows_pane_table(rows_of(view)->pane);
}

static void rows_offer(struct view *view, struct offers *offers)
{
	rows_pane_offer(rows_of(view)->pane, offers);
}

static void rows_changed(struct view *view)
{
	rows_pane_changed(rows_of(view)->pane);
}

static void rows_release(struct view *view)
{
	struct rows_view *rows = rows_of(view);

	rows_pane_free(rows->pane);
	free(rows->owner);
	free(rows->name);
	free(rows);
}

struct view *rows_view_new(
	const struct view_host *host, const struct rows_kind *kind, const struct view_owner *owner)
{
	struct rows_view *rows = xcalloc(1, sizeof(*rows));

	rows->ops = (struct view_ops){
		.name = kind->name,
		.where = kind == &run_rows ? IN_RUNS : IN_ROWS,
		.draw = rows_draw,
		.command = rows_command,
		.disabled = rows_disabled,
		.row = rows_row,
		.app = kind->app ? rows_app : NULL,
		.filter = rows_filter,
		.offer = rows_offer,
		.table = rows_table,
		.log = kind->log ? rows_log : NULL,
		.runs_changed = rows_changed,
		.release = rows_release,
	};
	rows->view = (struct view){.ops = &rows->ops, .host = host};
	rows->owner = xstrdup_null(owner ? owner->ref : NULL);
	rows->name = xstrdup_null(owner ? owner->name : NULL);
	rows->pane = rows_pane_new(host, kind, owner ? owner->context : NULL, rows->owner);
	return &rows->view;
}
