/*
 * What keys and the palette do with the table in front, whichever view it is in: order, columns,
 * groups, marks. A view has it all by its `table`.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/glyph.h"
#include "tui/widget/table.h"

#define COLUMNS_MAX 64

struct table *screen_table(const struct screen *screen)
{
	struct view *view = screen_view(screen);

	return view->ops->table ? view->ops->table(view) : NULL;
}

bool screen_on_group(const struct screen *screen)
{
	struct table *table = screen_table(screen);

	return table && table_on_group(table);
}

/* -- order -- */

static void on_sort(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct table *table = screen_table(screen);
	struct table_column all[COLUMNS_MAX];
	size_t count = table ? table_columns(table, all, COLUMNS_MAX) : 0;

	if (event == DIALOG_YES && dialog_chosen(dialog) < count)
		table_sort(table, all[dialog_chosen(dialog)].column->key);
}

static void sort_choose(struct screen *screen, struct table *table)
{
	struct table_column all[COLUMNS_MAX];
	size_t count = table_columns(table, all, COLUMNS_MAX), selected = 0;
	const char *cells[3 * COLUMNS_MAX];
	bool is_descending;
	const struct column *now = table_sorted_by(table, &is_descending);

	for (size_t i = 0; i < count; i++) {
		bool is_it = all[i].column == now;
		cells[3 * i] = _(all[i].column->title);
		cells[3 * i + 1] = all[i].column->key;
		cells[3 * i + 2] = !is_it ? ""
			: is_descending   ? _("now, downwards: Enter turns it")
					  : _("now, upwards: Enter turns it");
		selected = is_it ? i : selected;
	}
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_PICKER,
			.title = _("sort by"),
			.cells = cells,
			.column_count = 3,
			.row_count = count,
			.selected = selected,
			.detail = 3},
		on_sort, screen);
}

static void sort(struct screen *screen, struct table *table, const char *arg)
{
	struct table_column all[COLUMNS_MAX];
	const char *keys[COLUMNS_MAX], *near;
	size_t count = table_columns(table, all, COLUMNS_MAX);
	char *text;

	if (str_empty(arg)) {
		sort_choose(screen, table);
		return;
	}
	if (table_sort(table, arg))
		return;
	for (size_t i = 0; i < count; i++)
		keys[i] = all[i].column->key;
	near = str_suggest(arg, keys, count);
	text = near ? xasprintf(_("no column '%s': did you mean '%s'?"), arg, near)
		    : xasprintf(_("no column '%s'; :sort and Tab lists them"), arg);
	screen_toast(screen, STYLE_WARN, text);
	free(text);
}

/* -- columns -- */

static void columns_open(struct screen *screen, struct table *table, size_t selected);

static void on_columns(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct table *table = screen_table(screen);
	struct table_column all[COLUMNS_MAX];
	size_t count = table ? table_columns(table, all, COLUMNS_MAX) : 0;
	size_t at = dialog_chosen(dialog);

	if (at >= count)
		return;
	if (event == DIALOG_NO)
		table_columns_set(table, screen->former_columns, NULL);
	if (event != DIALOG_KEY)
		return;
	switch (dialog_pressed(dialog)) {
	case ' ':
		table_column_toggle(table, all[at].column);
		at += at + 1 < count;
		break;
	case 'K':
		table_column_move(table, all[at].column, -1);
		at -= at > 0;
		break;
	case 'J':
		table_column_move(table, all[at].column, 1);
		at += at + 1 < count;
		break;
	case '+': table_column_widen(table, all[at].column, 1); break;
	case '-': table_column_widen(table, all[at].column, -1); break;
	case '=': table_column_widen(table, all[at].column, 0); break;
	default: table_columns_set(table, "", NULL);
	}
	columns_open(screen, table, at);
}

/* Each key shows at once behind the dialog; Esc takes all back. */
static void columns_open(struct screen *screen, struct table *table, size_t selected)
{
	struct table_column all[COLUMNS_MAX];
	size_t count = table_columns(table, all, COLUMNS_MAX);
	const char *cells[4 * COLUMNS_MAX];
	char *widths[COLUMNS_MAX];

	for (size_t i = 0; i < count; i++) {
		widths[i] = all[i].width ? xasprintf("%d", all[i].width) : xstrdup("");
		cells[4 * i] = all[i].is_shown ? "[x]" : "[ ]";
		cells[4 * i + 1] = _(all[i].column->title);
		cells[4 * i + 2] = all[i].column->key;
		cells[4 * i + 3] = widths[i];
	}
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_CHOICE,
			.title = _("columns"),
			.body = _("J and K move it down and up, + and - change its width, = gives "
				  "it its own again, r takes all back to how they come."),
			.cells = cells,
			.column_count = 4,
			.row_count = count,
			.selected = selected,
			.keys = _("  show or hide\nJ down\nK up\n+ wider\n- narrower\n= own "
				  "width\nr reset"),
			.enter = _("keep"),
			.esc = _("as before")},
		on_columns, screen);
	for (size_t i = 0; i < count; i++)
		free(widths[i]);
}

static void columns(struct screen *screen, struct table *table, const char *arg)
{
	struct err err;

	if (!str_empty(arg)) {
		if (table_columns_set(table, str_eq(arg, "reset") ? "" : arg, &err))
			screen_toast(screen, STYLE_WARN, err.text);
		return;
	}
	free(screen->former_columns);
	screen->former_columns = table_columns_text(table);
	columns_open(screen, table, 0);
}

/* -- groups -- */

static void group(struct screen *screen, struct table *table, const char *arg)
{
	char *text;

	if (str_empty(arg)) {
		table_group_next(table);
		if (!table_grouped_by(table))
			screen_toast(screen, STYLE_DIM, _("no groups"));
		return;
	}
	if (table_group(table, str_eq(arg, "none") ? NULL : arg))
		return;
	text = xasprintf(_("no groups by '%s' here: team, cluster, state or none"), arg);
	screen_toast(screen, STYLE_WARN, text);
	free(text);
}

static void fold(struct screen *screen, struct table *table, const char *arg)
{
	if (!table_grouped_by(table))
		screen_toast(screen, STYLE_WARN,
			_("there are no groups: :group team, cluster or state makes them"));
	else if (str_eq(arg, "all"))
		table_fold(table, TABLE_FOLD_ALL);
	else if (str_eq(arg, "none"))
		table_fold(table, TABLE_UNFOLD_ALL);
	else
		table_fold(table, TABLE_FOLD_TOGGLE);
}

/* A group's line has keys of its own. */
static bool on_group(struct table *table, enum command_id id)
{
	switch (id) {
	case CMD_OPEN:
	case CMD_MARK: table_fold(table, TABLE_FOLD_TOGGLE); return true;
	case CMD_LEFT: table_fold(table, TABLE_FOLD); return true;
	case CMD_RIGHT: table_fold(table, TABLE_UNFOLD); return true;
	default: return false;
	}
}

bool screen_table_command(struct screen *screen, enum command_id id, const char *arg)
{
	struct table *table = screen_table(screen);

	if (!table)
		return false;
	if (!arg && table_on_group(table) && on_group(table, id))
		return true;
	switch (id) {
	case CMD_SORT: sort(screen, table, arg); return true;
	case CMD_SORT_NEXT: table_sort_next(table); return true;
	case CMD_SORT_INVERT: table_sort_invert(table); return true;
	case CMD_WIDE: table_wide(table, !table_is_wide(table)); return true;
	case CMD_LEFT: table_pan(table, -1); return true;
	case CMD_RIGHT: table_pan(table, 1); return true;
	case CMD_COLUMNS: columns(screen, table, arg); return true;
	case CMD_GROUP: group(screen, table, arg); return true;
	case CMD_FOLD: fold(screen, table, arg); return true;
	case CMD_MARK: table_mark(table, TABLE_MARK); return true;
	case CMD_MARK_RANGE: table_mark(table, TABLE_MARK_RANGE); return true;
	case CMD_MARK_INVERT: table_mark(table, TABLE_MARK_INVERT); return true;
	case CMD_MARK_ALL: table_mark(table, TABLE_MARK_ALL); return true;
	case CMD_MARK_NONE: table_mark(table, TABLE_MARK_NONE); return true;
	default: return false;
	}
}
