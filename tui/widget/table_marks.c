/* Marks: a set of refs. A key that marks walks lines, a drawing looks at those on the screen. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/widget/table_private.h"

void marks_release(struct table *table)
{
	map_free(table->marks);
	free(table->mark_from);
	free(table->marked);
}

void marks_forget(struct table *table, const char *ref)
{
	map_del(table->marks, ref);
}

void marks_prune(struct table *table)
{
	map_each (mark, table->marks) {
		if (table_row_find(table, map_key(mark)) == TABLE_NONE)
			map_del(table->marks, map_key(mark));
	}
}

static bool is_marked(const struct table *table, const char *ref)
{
	return map_get(table->marks, ref) != NULL;
}

static void mark(struct table *table, const char *ref, bool is_on)
{
	if (is_on)
		map_put(table->marks, ref, table);
	else
		map_del(table->marks, ref);
}

static void mark_lines(struct table *table, size_t from, size_t to, bool inverts)
{
	for (size_t line = from; line <= to && line < table_lines(table); line++) {
		const struct table_row *row = table_row_at(table, line);
		if (row)
			mark(table, row->ref, !inverts || !is_marked(table, row->ref));
	}
}

static void mark_one(struct table *table)
{
	const char *ref = table_selected(table);

	if (!ref)
		return;
	mark(table, ref, !is_marked(table, ref));
	table_ref_set(&table->mark_from, ref);
	table_move(table, TABLE_DOWN);
}

/* From where nobody marked yet it is the selected line alone. */
static void mark_range(struct table *table)
{
	size_t from = table->line, to = table->line;

	if (!table_line_of(table, table->mark_from, &from))
		table_ref_set(&table->mark_from, table_selected(table));
	mark_lines(table, from < to ? from : to, from < to ? to : from, false);
}

void table_mark(struct table *table, enum table_marking how)
{
	size_t last;

	table_sync(table);
	if (how == TABLE_MARK_NONE) {
		map_free(table->marks);
		table->marks = map_new();
		table_ref_set(&table->mark_from, NULL);
	}
	table->drawn.is_void = true;
	if (!table_lines(table))
		return;
	last = table_lines(table) - 1;
	switch (how) {
	case TABLE_MARK: mark_one(table); break;
	case TABLE_MARK_RANGE: mark_range(table); break;
	case TABLE_MARK_INVERT: mark_lines(table, 0, last, true); break;
	case TABLE_MARK_ALL: mark_lines(table, 0, last, false); break;
	case TABLE_MARK_NONE: break;
	}
}

void table_mark_ref(struct table *table, const char *ref, bool is_marked)
{
	if (is_marked) {
		table_sync(table);
		if (table_row_find(table, ref) == TABLE_NONE)
			return;
	}
	mark(table, ref, is_marked);
	table->drawn.is_void = true;
}

size_t table_marked_count(struct table *table)
{
	table_sync(table);
	return map_count(table->marks);
}

const char *const *table_marked(struct table *table, size_t *count)
{
	size_t found = 0, all = table_marked_count(table);

	table->marked = xrealloc(table->marked, (all + 1) * sizeof(*table->marked));
	for (size_t i = 0; i < table->order.len && found < all; i++) {
		const char *ref = table->rows.data[table->order.data[i]].ref;
		if (is_marked(table, ref))
			table->marked[found++] = ref;
	}
	*count = found;
	return table->marked;
}
