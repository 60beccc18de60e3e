/*
 * Rows under a line for each team, cluster or state.
 *
 * A group is a rank: rows are compared by it first, so that order, filter and what is told row by
 * row work as without groups. Each group keeps the numbers of its rows that pass; from these alone
 * follows which line is whose. What is folded costs no line and no cell.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/widget/glyph.h"
#include "tui/widget/table_private.h"

static const char *const words[] = {"team", "cluster", "state"};

static const char *group_name(const struct table_group *group)
{
	return group->ref + 1;
}

/* -- which there are -- */

static void groups_clear(struct table *table)
{
	for (size_t i = 0; i < table->groups.len; i++)
		free(table->groups.data[i].ref);
	for (size_t i = 0; i < table->state_count; i++)
		free(table->states[i]);
	table->groups.len = table->group_order.len = table->state_count = table->group_lines = 0;
	table->folds_new = false;
	map_free(table->group_ids);
	table->group_ids = NULL;
}

void groups_release(struct table *table)
{
	groups_clear(table);
	vec_release(&table->groups);
	vec_release(&table->group_order);
}

/* Those without a name last. */
static bool comes_before(const char *name, const char *other)
{
	if (!*name || !*other)
		return *name != 0;
	return str_cmp_natural(name, other) < 0;
}

static uint32_t group_add(struct table *table, const char *name)
{
	struct table_group group = {
		.ref = xasprintf("%c%s", GROUP_REF, name), .is_folded = table->folds_new};
	uint32_t id = (uint32_t)table->groups.len;

	vec_push(&table->groups, group);
	map_put(table->group_ids, name, (void *)(uintptr_t)(id + 1));
	vec_push(&table->group_order, id);
	table->has_new_groups = true;
	return id;
}

static int rank_compare(const void *a, const void *b, void *data)
{
	const struct table *table = data;

	return comes_before(group_name(&table->groups.data[*(const uint32_t *)a]),
		       group_name(&table->groups.data[*(const uint32_t *)b]))
		? -1
		: 1;
}

/* Those that were there keep their order: what is sorted by it stays so. */
void groups_rank(struct table *table)
{
	if (!table->has_new_groups)
		return;
	table->has_new_groups = false;
	qsort_r(table->group_order.data, table->group_order.len, sizeof(*table->group_order.data),
		rank_compare, table);
	for (size_t i = 0; i < table->group_order.len; i++)
		table->groups.data[table->group_order.data[i]].rank = (uint32_t)i;
}

static const char *word_of(const struct table *table, const struct column *column, const void *item)
{
	struct value value = {.type = VALUE_NULL};

	if (column)
		value = column->get(item, &table->sort_env);
	return value.type == VALUE_TEXT ? value.text : "";
}

static uint32_t group_of(struct table *table, const char *name)
{
	uintptr_t id;

	if (!table->group_ids)
		table->group_ids = map_new();
	id = (uintptr_t)map_get(table->group_ids, name);
	return id ? (uint32_t)id - 1 : group_add(table, name);
}

/* More than there is room for are the last one. */
static uint8_t state_of(struct table *table, const char *name)
{
	size_t i = 0;

	while (i < table->state_count && !str_eq(table->states[i], name))
		i++;
	if (i == table->state_count && i < TABLE_STATES_MAX)
		table->states[table->state_count++] = xstrdup(name);
	return (uint8_t)(i < TABLE_STATES_MAX ? i : TABLE_STATES_MAX - 1);
}

bool groups_note(struct table *table, uint32_t id)
{
	struct table_row *row = &table->rows.data[id];
	uint32_t group = group_of(table, word_of(table, table->group_by, row->item));
	uint8_t state = state_of(table, word_of(table, table->state_column, row->item));
	bool is_other = group != row->group || (table->flags[id] & ROW_NEW);

	if ((is_other || state != row->state) &&
		(table->groups.data[group].is_drawn || table->groups.data[row->group].is_drawn))
		table->drawn.is_void = true;
	row->group = group;
	row->state = state;
	return is_other;
}

/* -- numbers -- */

void groups_count(struct table *table, uint32_t id)
{
	const struct table_row *row = &table->rows.data[id];

	table->flags[id] |= ROW_COUNTED;
	table->groups.data[row->group].count++;
	table->groups.data[row->group].states[row->state]++;
}

void groups_uncount(struct table *table, uint32_t id)
{
	const struct table_row *row = &table->rows.data[id];

	if (!(table->flags[id] & ROW_COUNTED))
		return;
	table->flags[id] &= (uint8_t)~ROW_COUNTED;
	table->groups.data[row->group].count--;
	table->groups.data[row->group].states[row->state]--;
}

void groups_recount(struct table *table)
{
	const uint32_t *passed = table_passed(table);
	size_t count = table_passed_count(table);

	if (!table->group_by)
		return;
	for (size_t i = 0; i < table->groups.len; i++) {
		table->groups.data[i].count = 0;
		memset(table->groups.data[i].states, 0, sizeof(table->groups.data[i].states));
	}
	for (size_t i = 0; i < table->rows.len; i++)
		table->flags[i] &= (uint8_t)~ROW_COUNTED;
	for (size_t i = 0; i < count; i++)
		groups_count(table, passed[i]);
}

/* -- lines -- */

void groups_lay(struct table *table)
{
	size_t first = 0, line = 0;

	for (size_t i = 0; i < table->group_order.len; i++) {
		struct table_group *group = &table->groups.data[table->group_order.data[i]];
		group->first = first;
		group->line = line;
		first += group->count;
		if (group->count)
			line += 1 + (group->is_folded ? 0 : group->count);
	}
	table->group_lines = line;
}

const struct table_group *groups_line(const struct table *table, size_t line, size_t *at)
{
	size_t from = 0, count = table->group_order.len;
	const struct table_group *group;

	/* The last that begins there or before; those without a line begin where the next does. */
	while (count - from > 1) {
		size_t middle = from + (count - from) / 2;
		if (table->groups.data[table->group_order.data[middle]].line <= line)
			from = middle;
		else
			count = middle;
	}
	group = &table->groups.data[table->group_order.data[from]];
	if (line == group->line)
		return group;
	*at = group->first + (line - group->line - 1);
	return NULL;
}

bool groups_line_of_row(const struct table *table, uint32_t group, size_t at, size_t *line)
{
	const struct table_group *of = &table->groups.data[group];

	if (of->is_folded)
		return false;
	*line = of->line + 1 + (at - of->first);
	return true;
}

bool groups_line_of_ref(const struct table *table, const char *ref, size_t *line)
{
	uintptr_t id = table->group_ids ? (uintptr_t)map_get(table->group_ids, ref + 1) : 0;

	if (!table->group_by || !id || !table->groups.data[id - 1].count)
		return false;
	*line = table->groups.data[id - 1].line;
	return true;
}

/* -- what a person does -- */

static const struct column *column_of(const struct table *table, const char *word)
{
	const struct column *column = column_find(table->columns, word);

	if (!column && str_eq(word, "state"))
		column = column_find(table->columns, "jobStatus");
	return column && column->title && !column->is_restless ? column : NULL;
}

bool table_group(struct table *table, const char *key)
{
	const struct column *column = NULL;

	for (size_t i = 0; key && i < ARRAY_SIZE(words); i++)
		if (str_eq(words[i], key))
			column = column_of(table, key);
	if (key && !column)
		return false;
	if (column == table->group_by)
		return true;
	/* The line of its group is to be seen above who is selected. */
	if (column && table->line == table->top)
		table->line++;
	groups_clear(table);
	table->group_by = column;
	table->state_column = column_of(table, "state");
	table->order_dirty = true;
	table->drawn.is_void = true;
	/* A group's line is gone with its group: the row below it, if there is one. */
	if (table->selected && *table->selected == GROUP_REF)
		table_ref_set(&table->selected, table->neighbours[0]);
	return true;
}

const char *table_grouped_by(const struct table *table)
{
	for (size_t i = 0; table->group_by && i < ARRAY_SIZE(words); i++)
		if (column_of(table, words[i]) == table->group_by)
			return words[i];
	return NULL;
}

void table_group_next(struct table *table)
{
	const char *now = table_grouped_by(table);
	size_t i = 0;

	while (now && !str_eq(words[i++], now))
		;
	while (i < ARRAY_SIZE(words) && !column_of(table, words[i]))
		i++;
	table_group(table, i < ARRAY_SIZE(words) ? words[i] : NULL);
}

/* Of the selected line, or NULL. */
static struct table_group *group_selected(struct table *table)
{
	const struct table_group *group = NULL;
	size_t line, at;

	table_sync(table);
	if (!table->group_by || !table_lines(table))
		return NULL;
	for (line = table->line; !group; line--)
		group = groups_line(table, line, &at);
	return &table->groups.data[group - table->groups.data];
}

void table_fold(struct table *table, enum table_fold how)
{
	struct table_group *group = group_selected(table);
	bool is_all = how == TABLE_FOLD_ALL || how == TABLE_UNFOLD_ALL, was_on;

	if (!group)
		return;
	was_on = table_on_group(table);
	if (how == TABLE_FOLD_TOGGLE)
		how = group->is_folded ? TABLE_UNFOLD : TABLE_FOLD;
	for (size_t i = 0; i < table->groups.len; i++)
		if (is_all || &table->groups.data[i] == group)
			table->groups.data[i].is_folded =
				how == TABLE_FOLD || how == TABLE_FOLD_ALL;
	if (is_all)
		table->folds_new = how == TABLE_FOLD_ALL;
	groups_lay(table);
	table->drawn.is_void = true;
	table->selection_dirty = true;
	table->is_touched = true;
	if (was_on || group->is_folded)
		table_ref_set(&table->selected, group->ref);
}

/* -- drawing -- */

/* The worst first. */
static int state_rank(enum style style)
{
	switch (style) {
	case STYLE_STATE_FAILED:
	case STYLE_ERROR: return 0;
	case STYLE_STATE_WARNING:
	case STYLE_WARN: return 1;
	case STYLE_STATE_MOVING: return 2;
	case STYLE_STATE_RUNNING:
	case STYLE_OK: return 3;
	case STYLE_STATE_ENDED: return 4;
	default: return 5;
	}
}

static int draw_states(const struct table *table, const struct table_group *group,
	struct canvas *canvas, struct rect line, int col)
{
	struct buf text;

	buf_init(&text, 0);
	for (int rank = 0; rank <= 5; rank++)
		for (size_t i = 0; i < table->state_count; i++) {
			const char *mark;
			enum style style =
				table_state_look(table, table->states[i], canvas->ascii, &mark);
			if (!group->states[i] || state_rank(style) != rank)
				continue;
			buf_reset(&text);
			buf_addf(&text, "%s %u %s", mark, group->states[i],
				*table->states[i] ? table->states[i] : "-");
			col += 2 +
				canvas_put_cut(canvas, line.row, col, line.col + line.cols - col,
					style, buf_str(&text));
		}
	buf_release(&text);
	return col;
}

void groups_draw_line(const struct table *table, const struct table_group *group,
	struct canvas *canvas, struct rect line)
{
	const void *first = table->rows.data[table_passed(table)[group->first]].item;
	int col = line.col, end = line.col + line.cols;
	struct buf name;
	char count[16];

	buf_init(&name, 0);
	if (*group_name(group))
		buf_adds(&name, group_name(group));
	else
		column_text(table->group_by, first, &table->env, &name);

	col += 1 +
		canvas_put(canvas, line.row, col, 1, STYLE_KEY,
			glyph(group->is_folded ? GLYPH_FOLDED : GLYPH_UNFOLDED, canvas->ascii));
	col += 2 +
		canvas_put_cut(canvas, line.row, col, line.cols / 2, STYLE_TITLE, buf_str(&name));
	snprintf(count, sizeof(count), "%u", group->count);
	col += 3 + canvas_put_cut(canvas, line.row, col, end - col, STYLE_STRONG, count);
	/* By state that is said already. */
	if (table->state_column && table->state_column != table->group_by)
		draw_states(table, group, canvas, line, col);
	buf_release(&name);
}
