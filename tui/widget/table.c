/*
 * What a person does with a table, and which line is selected. Work is noted (dirty flags, rows that
 * were told of) and done when somebody looks.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/widget/table_private.h"

struct table *table_new(const struct column_table *columns, const struct fleet *fleet)
{
	struct table *table = xcalloc(1, sizeof(*table));

	assert(columns->count <= TABLE_COLUMNS_MAX);
	table->columns = columns;
	table->fleet = fleet;
	table->items_dirty = true;
	table->height = 1;
	table->marks = map_new();
	columns_init(table);
	filter_parse(&table->filter, "", columns, true, NULL, NULL);
	table->filter_text = xstrdup("");
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	table_rows_release(table);
	groups_release(table);
	marks_release(table);
	free(table->selected);
	free(table->neighbours[0]);
	free(table->neighbours[1]);
	filter_free(table->filter);
	free(table->filter_text);
	free(table->filter_error);
	free(table);
}

void table_changed(struct table *table)
{
	table->items_dirty = true;
}

void table_use(struct table *table, const struct fleet *fleet, size_t left_out)
{
	table->fleet = fleet;
	table->left_out = left_out;
	table->items_dirty = true;
	table_sync(table);
}

size_t table_left_out(const struct table *table)
{
	return table->left_out;
}

void table_give(
	struct table *table, const void *const *items, const char *const *refs, size_t count)
{
	table->given = items;
	table->given_refs = refs;
	table->given_count = count;
	table->items_dirty = true;
}

/* -- selection and window -- */

void table_ref_set(char **ref, const char *value)
{
	char *copy = xstrdup_null(value);

	free(*ref);
	*ref = copy;
}

static void window_clamp(struct table *table)
{
	size_t height = table->height ? table->height : 1;

	if (table->line < table->top)
		table->top = table->line;
	if (table->line >= table->top + height)
		table->top = table->line - height + 1;
	if (table->top + height > table_lines(table))
		table->top = table_lines(table) > height ? table_lines(table) - height : 0;
}

/* Put the selection on a line and remember who it is and who is beside it. */
static void line_take(struct table *table, size_t line)
{
	size_t last = table_lines(table) - 1;

	if (!table_lines(table)) {
		/* The ref is kept: what was only filtered away comes back selected. */
		table->line = table->top = 0;
		return;
	}
	table->line = line < last ? line : last;
	line = table->line;
	table_ref_set(&table->selected, table_line_ref(table, line));
	table_ref_set(&table->neighbours[0], line < last ? table_line_ref(table, line + 1) : NULL);
	table_ref_set(&table->neighbours[1], line ? table_line_ref(table, line - 1) : NULL);
	window_clamp(table);
}

static void selection_restore(struct table *table)
{
	size_t on_screen = table->line >= table->top ? table->line - table->top : 0;
	size_t line = 0;

	if (!table->is_touched) {
		table->top = 0;
		/* The first row is; the line of its group is above it. */
		line = table_lines(table) > 1 && !table_row_at(table, 0) && table_row_at(table, 1);
	} else if (table_line_of(table, table->selected, &line) ||
		table_line_of(table, table->neighbours[0], &line) ||
		table_line_of(table, table->neighbours[1], &line)) {
		table->top = line > on_screen ? line - on_screen : 0;
	} else {
		line = table->line;
	}
	line_take(table, line);
}

void table_sync(struct table *table)
{
	if (table_rows_sync(table) || table->selection_dirty) {
		table->selection_dirty = false;
		selection_restore(table);
	}
}

/* -- what a person does -- */

/* The words before the one that is not right (it is being typed); NULL when they are not either. */
static struct filter *parse_right(const struct table *table, const char *text, size_t at)
{
	struct filter *filter = NULL;
	char *right;

	while (at > 0 && !strchr(" \t", text[at - 1]))
		at--;
	right = xstrndup(text, at);
	filter_parse(&filter, right, table->columns, true, NULL, NULL);
	free(right);
	return filter;
}

void table_filter(struct table *table, const char *text)
{
	struct filter *filter, *former = table->filter;
	bool was_filtered = table->accept || !filter_is_empty(former);
	struct err err;
	size_t at;

	text = text ? text : "";
	if (str_eq(table->filter_text, text))
		return;
	free(table->filter_text);
	free(table->filter_error);
	table->filter_text = xstrdup(text);
	table->filter_error = NULL;
	if (filter_parse(&filter, text, table->columns, true, &at, &err) < 0) {
		table->filter_error = xstrdup(err.text);
		filter = parse_right(table, text, at);
		if (!filter)
			return;
	}
	table->filter = filter;
	table->is_narrower = was_filtered && (!table->lines_dirty || table->is_narrower) &&
		filter_narrows(filter, former);
	table->lines_dirty = true;
	filter_free(former);
}

bool table_seeks(const struct table *table)
{
	return filter_sparse(table->filter) != NULL;
}

const char *table_filter_text(const struct table *table)
{
	return table->filter_text;
}

void table_accept(struct table *table, bool (*accept)(const void *item))
{
	table->accept = accept;
	table->lines_dirty = true;
	table->is_narrower = false;
}

bool table_sort(struct table *table, const char *key)
{
	const struct column *column = column_find(table->columns, key);

	if (!column || !column->title)
		return false;
	table->is_descending = column == table->sort && !table->is_descending;
	table->sort = column;
	table->order_dirty = true;
	table->drawn.is_void = true; /* its header, too */
	return true;
}

void table_sort_next(struct table *table)
{
	const struct column_table *columns = table->columns;
	size_t at = columns->count - 1;

	for (size_t i = 0; table->sort && i < columns->count; i++)
		if (&columns->columns[table->column_order[i]] == table->sort)
			at = i;
	for (size_t i = 1; i <= columns->count; i++) {
		size_t next = table->column_order[(at + i) % columns->count];
		if (!columns_shows(table, next))
			continue;
		table->sort = &columns->columns[next];
		table->is_descending = false;
		table->order_dirty = true;
		return;
	}
}

void table_sort_invert(struct table *table)
{
	table->is_descending = !table->is_descending;
	table->order_dirty = true;
	table->drawn.is_void = true;
}

const struct column *table_sorted_by(const struct table *table, bool *is_descending)
{
	*is_descending = table->is_descending;
	return table->sort;
}

void table_move(struct table *table, enum table_move move)
{
	size_t page = table->height > 1 ? table->height - 1 : 1, line;

	if (move == TABLE_HALF_UP || move == TABLE_HALF_DOWN)
		page = table->height > 2 ? table->height / 2 : 1;
	table_sync(table);
	line = table->line;
	switch (move) {
	case TABLE_UP: line = line ? line - 1 : 0; break;
	case TABLE_DOWN: line++; break;
	case TABLE_HALF_UP:
	case TABLE_PAGE_UP:
		line = line > page ? line - page : 0;
		table->top = table->top > page ? table->top - page : 0;
		break;
	case TABLE_HALF_DOWN:
	case TABLE_PAGE_DOWN:
		line += page;
		table->top += page;
		break;
	case TABLE_TOP: line = 0; break;
	case TABLE_BOTTOM: line = table_lines(table) ? table_lines(table) - 1 : 0; break;
	}
	line_take(table, line);
	/* At the top again: new first lines are followed, as at the start. */
	table->is_touched = move != TABLE_TOP || table->group_by;
}

void table_go(struct table *table, size_t line)
{
	table_sync(table);
	line_take(table, line);
	table->is_touched = true;
}

bool table_select(struct table *table, const char *ref)
{
	size_t line;

	table_sync(table);
	if (!table_line_of(table, ref, &line))
		return false;
	table_go(table, line);
	return true;
}

const char *table_step(struct table *table, const char *ref, int step)
{
	size_t line;

	table_sync(table);
	if (!table_line_of(table, ref, &line))
		return NULL;
	/* Lines of groups lie between, and do not count. */
	for (int left = step < 0 ? -step : step; left; left -= table_row_at(table, line) != NULL) {
		if (step < 0 ? !line : line + 1 >= table_lines(table))
			return NULL;
		line = step < 0 ? line - 1 : line + 1;
	}
	table_go(table, line);
	return table->selected;
}

const char *table_selected(struct table *table)
{
	table_sync(table);
	return table_lines(table) && *table->selected != GROUP_REF ? table->selected : NULL;
}

bool table_on_group(struct table *table)
{
	table_sync(table);
	return table_lines(table) && *table->selected == GROUP_REF;
}

size_t table_count(struct table *table)
{
	table_sync(table);
	return table_passed_count(table);
}

size_t table_line_count(struct table *table)
{
	table_sync(table);
	return table_lines(table);
}

size_t table_total(struct table *table)
{
	table_sync(table);
	return table->order.len;
}

void table_window(struct table *table, size_t *first, size_t *count)
{
	size_t left;

	table_sync(table);
	left = table_lines(table) - table->top;
	*first = table->top;
	*count = left < table->height ? left : table->height;
}

const char *table_ref_at(struct table *table, size_t line)
{
	const struct table_row *row;

	table_sync(table);
	row = line < table_lines(table) ? table_row_at(table, line) : NULL;
	return row ? row->ref : NULL;
}
