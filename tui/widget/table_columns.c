/* Which columns a person wants, in which order, how wide. What there is room for: table_draw.c. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/widget/table_private.h"

#define WIDTH_MIN 3
#define WIDTH_MAX 200
/* Of what was asked for: behind the first of all, before the rest. */
#define WISHED_PRIORITY 2

static size_t index_of(const struct table *table, const struct column *column)
{
	return (size_t)(column - table->columns->columns);
}

static void columns_other(struct table *table)
{
	table->pan = 0;
	table->drawn.is_void = true;
	memset(table->widths, 0, sizeof(table->widths));
}

void columns_init(struct table *table)
{
	for (size_t i = 0; i < table->columns->count; i++) {
		table->column_order[i] = (uint8_t)i;
		table->wishes[i] = (struct table_wish){WISH_NONE, 0};
	}
	columns_other(table);
}

bool columns_shows(const struct table *table, size_t index)
{
	const struct column *column = &table->columns->columns[index];

	if (!column->title || table->wishes[index].shown == WISH_HIDDEN)
		return false;
	return !column->is_wide || table->is_wide || table->wishes[index].shown == WISH_SHOWN;
}

int columns_priority(const struct table *table, size_t index)
{
	int priority = table->columns->columns[index].priority;

	return table->wishes[index].shown == WISH_SHOWN && priority > WISHED_PRIORITY
		? WISHED_PRIORITY
		: priority;
}

bool columns_is_state(const struct table *table, const struct column *column)
{
	/* Of no job and no run: a word of its own. */
	if (table->columns->item_kind == KIND_MAX && table->columns != &run_table)
		return false;
	return str_eq(column->key, "state") || str_eq(column->key, "jobStatus");
}

/* -- one column -- */

const struct column_table *table_column_table(const struct table *table)
{
	return table->columns;
}

size_t table_columns(const struct table *table, struct table_column *out, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < table->columns->count && count < max; i++) {
		size_t index = table->column_order[i];
		if (table->columns->columns[index].title)
			out[count++] = (struct table_column){&table->columns->columns[index],
				columns_shows(table, index), table->wishes[index].width};
	}
	return count;
}

static size_t shown_count(const struct table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < table->columns->count; i++)
		count += columns_shows(table, i);
	return count;
}

void table_column_toggle(struct table *table, const struct column *column)
{
	size_t index = index_of(table, column);
	struct table_wish *wish = &table->wishes[index];

	if (!columns_shows(table, index))
		wish->shown = column->is_wide ? WISH_SHOWN : WISH_NONE;
	else if (shown_count(table) > 1) /* of none nothing could be read */
		wish->shown = column->is_wide && !table->is_wide ? WISH_NONE : WISH_HIDDEN;
	columns_other(table);
}

/* Over the next one that has a title. */
void table_column_move(struct table *table, const struct column *column, int step)
{
	uint8_t *order = table->column_order, index = (uint8_t)index_of(table, column);
	size_t count = table->columns->count, at = 0, to;

	while (order[at] != index)
		at++;
	for (to = at + (size_t)step; to < count && !table->columns->columns[order[to]].title;)
		to += (size_t)step;
	if (to >= count) /* also before the first */
		return;
	memmove(&order[at], &order[at + 1], (count - at - 1) * sizeof(*order));
	memmove(&order[to + 1], &order[to], (count - to - 1) * sizeof(*order));
	order[to] = index;
	columns_other(table);
}

void table_column_widen(struct table *table, const struct column *column, int step)
{
	size_t index = index_of(table, column);
	int *width = &table->wishes[index].width;

	if (step && !*width)
		*width = table->drawn_widths[index];
	*width = !step                      ? 0
		: *width + step < WIDTH_MIN ? WIDTH_MIN
		: *width + step > WIDTH_MAX ? WIDTH_MAX
					    : *width + step;
	table->drawn.is_void = true;
}

/* -- as a text -- */

static bool is_plain(const struct table_wish *wish)
{
	return wish->shown == WISH_NONE && !wish->width;
}

char *table_columns_text(const struct table *table)
{
	static const char *const signs[] = {"", "+", "-"};
	size_t last = table->columns->count, next = last;
	struct buf out;

	/* The others follow by themselves: as they come, and nothing is wanted of them. */
	for (; last; last--) {
		size_t index = table->column_order[last - 1];
		if (!table->columns->columns[index].title)
			continue;
		if (!is_plain(&table->wishes[index]) || index > next)
			break;
		next = index;
	}
	buf_init(&out, 0);
	for (size_t i = 0; i < last; i++) {
		size_t index = table->column_order[i];
		const struct table_wish *wish = &table->wishes[index];
		if (!table->columns->columns[index].title)
			continue;
		buf_addf(&out, "%s%s%s", out.len ? "," : "", signs[wish->shown],
			table->columns->columns[index].key);
		if (wish->width)
			buf_addf(&out, ":%d", wish->width);
	}
	return buf_detach(&out);
}

static const struct column *column_named(
	const struct table *table, const char *word, struct err *err)
{
	const struct column *column = column_find(table->columns, word);
	const char *names[TABLE_COLUMNS_MAX], *near;
	size_t count = 0;

	if (column && column->title)
		return column;
	for (size_t i = 0; i < table->columns->count; i++)
		if (table->columns->columns[i].title)
			names[count++] = table->columns->columns[i].key;
	near = str_suggest(word, names, count);
	if (near)
		err_set(err, E_ARG, _("no column '%s': did you mean '%s'?"), word, near);
	else
		err_set(err, E_ARG, _("no column '%s' here"), word);
	return NULL;
}

/* "+name:24" to the place `at` of the order. */
static int word_set(struct table *table, char *word, size_t at, struct err *err)
{
	char *width = strchr(word, ':');
	int64_t cols = 0;
	bool is_sign = *word == '+' || *word == '-';
	const struct column *column;
	struct table_wish *wish;
	size_t from = at;

	if (width) {
		*width++ = '\0';
		if (!str_to_int64(width, &cols) || cols < WIDTH_MIN || cols > WIDTH_MAX)
			return err_set(err, E_ARG,
				_("width '%s' of column %s: a number from %d to %d"), width, word,
				WIDTH_MIN, WIDTH_MAX);
	}
	column = column_named(table, word + is_sign, err);
	if (!column)
		return E_ARG;
	wish = &table->wishes[index_of(table, column)];
	*wish = (struct table_wish){*word == '-' ? WISH_HIDDEN
			: *word == '+'           ? WISH_SHOWN
						 : WISH_NONE,
		(int)cols};
	while (from < table->columns->count && table->column_order[from] != index_of(table, column))
		from++;
	if (from == table->columns->count)
		return err_set(err, E_ARG, _("column %s is named twice"), word + is_sign);
	memmove(&table->column_order[at + 1], &table->column_order[at], from - at);
	table->column_order[at] = (uint8_t)index_of(table, column);
	return 0;
}

int table_columns_set(struct table *table, const char *text, struct err *err)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	size_t at = 0;
	int rc = 0;

	columns_init(table);
	while ((word = strsep(&rest, ","))) {
		word += strspn(word, " ");
		word[strcspn(word, " ")] = '\0';
		if (!*word)
			continue;
		int one = word_set(table, word, at, rc ? NULL : err);
		at += one == 0;
		rc = rc ? rc : one;
	}
	if (!shown_count(table))
		columns_init(table);
	free(copy);
	return rc;
}

/* -- wide, and to the side -- */

void table_wide(struct table *table, bool is_wide)
{
	table->is_wide = is_wide;
	columns_other(table);
}

bool table_is_wide(const struct table *table)
{
	return table->is_wide;
}

bool table_pan(struct table *table, int step)
{
	if (step < 0 ? !table->pan : !table->can_pan)
		return false;
	table->pan += step;
	return true;
}

int table_hidden_columns(const struct table *table)
{
	return table->hidden;
}
