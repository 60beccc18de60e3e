/* Which part of a table a pointer points at, by what table_draw() noted. */
#include "tui/widget/table_private.h"

enum table_spot table_spot(struct table *table, int row, int col, size_t *line, const char **key)
{
	struct rect rect = table->spots.rect;
	size_t at;

	if (row < rect.row || row >= rect.row + rect.rows || col < rect.col ||
		col >= rect.col + rect.cols)
		return TABLE_SPOT_NONE;
	if (row > rect.row) {
		table_sync(table);
		at = table->top + (size_t)(row - rect.row - 1);
		if (at >= table_lines(table))
			return TABLE_SPOT_NONE;
		*line = at;
		return TABLE_SPOT_LINE;
	}
	for (int i = 0; i < table->spots.count; i++) {
		if (col - rect.col >= table->spots.ends[i])
			continue;
		*key = table->columns->columns[table->spots.index[i]].key;
		return TABLE_SPOT_TITLE;
	}
	return TABLE_SPOT_NONE;
}

size_t table_line(struct table *table)
{
	table_sync(table);
	return table->line;
}
