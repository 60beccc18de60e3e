/*
 * Which lines there are, in which order, and which one is selected.
 *
 * All items are kept sorted; a filter only walks them, so a key typed into the filter neither sorts
 * nor formats anything: the text that is searched is asked of each item once and kept until the
 * fleet changes. Work is noted (dirty flags) and done when somebody looks.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
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
	words_set(&table->filter, "");
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	free(table->rows);
	free(table->lines);
	free(table->selected);
	free(table->neighbours[0]);
	free(table->neighbours[1]);
	arena_free(table->hays);
	words_release(&table->filter);
	free(table);
}

void table_changed(struct table *table)
{
	table->items_dirty = true;
}

/* -- items, order, filter -- */

static int row_compare(const void *a, const void *b, void *data)
{
	const struct table_row *x = a, *y = b;
	const struct table *table = data;
	bool x_known = x->value.type != VALUE_NULL, y_known = y->value.type != VALUE_NULL;

	if (x_known != y_known)
		return x_known ? -1 : 1;
	int order = x_known ? value_compare(&x->value, &y->value) : 0;
	if (order)
		return table->is_descending ? -order : order;
	return strcmp(x->ref, y->ref);
}

void table_give(
	struct table *table, const void *const *items, const char *const *refs, size_t count)
{
	table->given = items;
	table->given_refs = refs;
	table->given_count = count;
	table->items_dirty = true;
}

static void rows_gather(struct table *table)
{
	bool is_given = !table->columns->items;
	size_t count = table->given_count;
	void *const *items = !is_given
		? table->columns->items(table->fleet, table->columns->item_kind, &count)
		: (void *const *)table->given;

	table->rows = xrealloc(table->rows, (count ? count : 1) * sizeof(*table->rows));
	for (size_t i = 0; i < count; i++)
		table->rows[i] = (struct table_row){.item = items[i],
			.ref = is_given ? table->given_refs[i] : column_ref(items[i])};
	table->row_count = count;
	arena_free(table->hays);
	table->hays = NULL;
}

static void rows_sort(struct table *table)
{
	for (size_t i = 0; i < table->row_count; i++)
		table->rows[i].value = table->sort
			? table->sort->get(table->rows[i].item, &table->env)
			: (struct value){.type = VALUE_NULL};
	qsort_r(table->rows, table->row_count, sizeof(*table->rows), row_compare, table);
}

static bool row_passes(struct table *table, struct table_row *row, struct buf *scratch)
{
	if (table->accept && !table->accept(row->item))
		return false;
	if (!table->filter.count)
		return true;
	if (!row->hay) {
		if (!table->hays)
			table->hays = arena_new();
		buf_reset(scratch);
		table->columns->filter_text(row->item, scratch);
		row->hay = arena_strndup(table->hays, buf_str(scratch), scratch->len);
	}
	return words_match(&table->filter, row->hay);
}

static void lines_filter(struct table *table)
{
	struct buf scratch;

	buf_init(&scratch, 0);
	table->lines = xrealloc(
		table->lines, (table->row_count ? table->row_count : 1) * sizeof(*table->lines));
	table->line_count = 0;
	for (size_t i = 0; i < table->row_count; i++)
		if (row_passes(table, &table->rows[i], &scratch))
			table->lines[table->line_count++] = (uint32_t)i;
	buf_release(&scratch);
}

const struct table_row *table_row_at(const struct table *table, size_t line)
{
	return &table->rows[table->lines[line]];
}

/* -- selection and window -- */

static bool line_find(const struct table *table, const char *ref, size_t *line)
{
	for (size_t i = 0; ref && i < table->line_count; i++) {
		if (!strcmp(table_row_at(table, i)->ref, ref)) {
			*line = i;
			return true;
		}
	}
	return false;
}

static void set_ref(char **ref, const char *value)
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
	if (table->top + height > table->line_count)
		table->top = table->line_count > height ? table->line_count - height : 0;
}

/* Put the selection on a line and remember who it is and who is beside it. */
static void line_take(struct table *table, size_t line)
{
	size_t last = table->line_count - 1;

	if (!table->line_count) {
		/* The ref is kept: what was only filtered away comes back selected. */
		table->line = table->top = 0;
		return;
	}
	table->line = line < last ? line : last;
	line = table->line;
	set_ref(&table->selected, table_row_at(table, line)->ref);
	set_ref(&table->neighbours[0], line < last ? table_row_at(table, line + 1)->ref : NULL);
	set_ref(&table->neighbours[1], line ? table_row_at(table, line - 1)->ref : NULL);
	window_clamp(table);
}

static void selection_restore(struct table *table)
{
	size_t on_screen = table->line >= table->top ? table->line - table->top : 0;
	size_t line = 0;

	if (!table->is_touched) {
		table->top = 0;
	} else if (line_find(table, table->selected, &line) ||
		line_find(table, table->neighbours[0], &line) ||
		line_find(table, table->neighbours[1], &line)) {
		table->top = line > on_screen ? line - on_screen : 0;
	} else {
		line = table->line;
	}
	line_take(table, line);
}

void table_sync(struct table *table)
{
	bool is_dirty = table->items_dirty || table->order_dirty || table->lines_dirty;

	if (table->items_dirty)
		rows_gather(table);
	if (table->items_dirty || table->order_dirty)
		rows_sort(table);
	if (is_dirty)
		lines_filter(table);
	table->items_dirty = table->order_dirty = table->lines_dirty = false;
	if (is_dirty)
		selection_restore(table);
}

/* -- what a person does -- */

void table_filter(struct table *table, const char *text)
{
	if (str_eq(table->filter.text, text ? text : ""))
		return;
	words_set(&table->filter, text);
	table->lines_dirty = true;
}

const char *table_filter_text(const struct table *table)
{
	return table->filter.text;
}

void table_accept(struct table *table, bool (*accept)(const void *item))
{
	table->accept = accept;
	table->lines_dirty = true;
}

bool table_sort(struct table *table, const char *key)
{
	const struct column *column = column_find(table->columns, key);

	if (!column || !column->title)
		return false;
	table->is_descending = column == table->sort && !table->is_descending;
	table->sort = column;
	table->order_dirty = true;
	return true;
}

void table_sort_next(struct table *table)
{
	const struct column_table *columns = table->columns;
	size_t at = table->sort ? (size_t)(table->sort - columns->columns) : columns->count - 1;

	for (size_t i = 1; i <= columns->count; i++) {
		const struct column *column = &columns->columns[(at + i) % columns->count];
		if (!column->title || (column->is_wide && !table->is_wide))
			continue;
		table->sort = column;
		table->is_descending = false;
		table->order_dirty = true;
		return;
	}
}

void table_sort_invert(struct table *table)
{
	table->is_descending = !table->is_descending;
	table->order_dirty = true;
}

const struct column *table_sorted_by(const struct table *table, bool *is_descending)
{
	*is_descending = table->is_descending;
	return table->sort;
}

void table_move(struct table *table, enum table_move move)
{
	size_t page = table->height > 1 ? table->height - 1 : 1, line;

	table_sync(table);
	line = table->line;
	switch (move) {
	case TABLE_UP: line = line ? line - 1 : 0; break;
	case TABLE_DOWN: line++; break;
	case TABLE_PAGE_UP:
		line = line > page ? line - page : 0;
		table->top = table->top > page ? table->top - page : 0;
		break;
	case TABLE_PAGE_DOWN:
		line += page;
		table->top += page;
		break;
	case TABLE_TOP: line = 0; break;
	case TABLE_BOTTOM: line = table->line_count ? table->line_count - 1 : 0; break;
	}
	line_take(table, line);
	/* At the top again: new first lines are followed, as at the start. */
	table->is_touched = move != TABLE_TOP;
}

bool table_select(struct table *table, const char *ref)
{
	size_t line;

	table_sync(table);
	if (!line_find(table, ref, &line))
		return false;
	line_take(table, line);
	table->is_touched = true;
	return true;
}

const char *table_step(struct table *table, const char *ref, int step)
{
	size_t line;

	table_sync(table);
	if (!line_find(table, ref, &line))
		return NULL;
	if (step < 0 ? line < (size_t)-step : line + (size_t)step >= table->line_count)
		return NULL;
	line_take(table, step < 0 ? line - (size_t)-step : line + (size_t)step);
	table->is_touched = true;
	return table->selected;
}

const char *table_selected(struct table *table)
{
	table_sync(table);
	return table->line_count ? table->selected : NULL;
}

size_t table_count(struct table *table)
{
	table_sync(table);
	return table->line_count;
}

size_t table_total(struct table *table)
{
	table_sync(table);
	return table->row_count;
}

void table_window(struct table *table, size_t *first, size_t *count)
{
	size_t left;

	table_sync(table);
	left = table->line_count - table->top;
	*first = table->top;
	*count = left < table->height ? left : table->height;
}

const char *table_ref_at(struct table *table, size_t line)
{
	table_sync(table);
	return line < table->line_count ? table_row_at(table, line)->ref : NULL;
}
