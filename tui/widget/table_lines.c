/*
 * Lines, as they stand below each other: the rows that pass, and where there are groups, the lines
 * of those between them. And which of them were on the screen.
 */
#include "core/base/mem.h"
#include "tui/widget/table_private.h"

size_t table_lines(const struct table *table)
{
	return table->group_by ? table->group_lines : table_passed_count(table);
}

const struct table_row *table_row_at(const struct table *table, size_t line)
{
	if (table->group_by && groups_line(table, line, &line))
		return NULL;
	return &table->rows.data[table_passed(table)[line]];
}

const char *table_line_ref(const struct table *table, size_t line)
{
	const struct table_group *group = table->group_by ? groups_line(table, line, &line) : NULL;

	return group ? group->ref : table->rows.data[table_passed(table)[line]].ref;
}

/* -- places -- */

bool table_line_of(struct table *table, const char *ref, size_t *line)
{
	const uint32_t *passed = table_passed(table);
	size_t count = table_passed_count(table), at;
	uint32_t id;

	if (ref && *ref == GROUP_REF)
		return groups_line_of_ref(table, ref, line);
	id = ref ? table_row_find(table, ref) : TABLE_NONE;
	if (id == TABLE_NONE || (table_is_filtered(table) && !(table->flags[id] & ROW_PASSES)))
		return false;
	at = table_ids_before(table, passed, count, id);
	if (at >= count || passed[at] != id)
		return false;
	if (table->group_by)
		return groups_line_of_row(table, table->rows.data[id].group, at, line);
	*line = at;
	return true;
}

/* -- what was drawn -- */

/* Of a row, or of a group: these from the other end. */
static uint32_t line_id(const struct table *table, size_t line)
{
	const struct table_group *group = table->group_by ? groups_line(table, line, &line) : NULL;

	return group ? TABLE_NONE - (uint32_t)(group - table->groups.data)
		     : table_passed(table)[line];
}

void table_note_drawn(struct table *table)
{
	struct table_drawn *drawn = &table->drawn;
	size_t first, count;

	for (size_t i = 0; i < drawn->lines; i++) {
		uint32_t id = drawn->ids[i];
		if (id < table->rows.len)
			table->flags[id] &= (uint8_t)~ROW_DRAWN;
		else if (TABLE_NONE - id < table->groups.len)
			table->groups.data[TABLE_NONE - id].is_drawn = false;
	}
	table_window(table, &first, &count);
	drawn->ids = xrealloc(drawn->ids, (count + 1) * sizeof(*drawn->ids));
	for (size_t i = 0; i < count; i++) {
		uint32_t id = drawn->ids[i] = line_id(table, first + i);
		if (id < table->rows.len)
			table->flags[id] |= ROW_DRAWN;
		else
			table->groups.data[TABLE_NONE - id].is_drawn = true;
	}
	drawn->count = table_passed_count(table);
	drawn->total = table->order.len;
	drawn->top = table->top;
	drawn->line = table->line;
	drawn->lines = count;
	drawn->is_void = false;
}

bool table_is_other(struct table *table)
{
	const struct table_drawn *drawn = &table->drawn;
	size_t first, count;

	table_window(table, &first, &count);
	if (drawn->is_void || drawn->count != table_passed_count(table) ||
		drawn->total != table->order.len || drawn->top != table->top ||
		drawn->line != table->line || drawn->lines != count)
		return true;
	for (size_t i = 0; i < count; i++)
		if (drawn->ids[i] != line_id(table, first + i))
			return true;
	return false;
}
