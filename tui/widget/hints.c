/* Values are gathered for one column at a time, told apart, counted and sorted; each key then looks only at these. */
#include "tui/widget/hints.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"
#include "tui/widget/table_private.h"

#define VALUES_MOST 20000
/* So many items are asked what kind of value a column has. */
#define ITEMS_ASKED 200

struct hint {
	char *text; /* as it is written in a filter */
	size_t count;
};

struct hints {
	const struct column *column; /* of `values`; NULL = of none */
	VEC(struct hint *) values;
	size_t none; /* items without one */
	size_t from;
	bool is_key;
};

struct hints *hints_new(void)
{
	return xcalloc(1, sizeof(struct hints));
}

static void values_clear(struct hints *hints)
{
	for (size_t i = 0; i < hints->values.len; i++) {
		free(hints->values.data[i]->text);
		free(hints->values.data[i]);
	}
	hints->values.len = hints->none = 0;
	hints->column = NULL;
}

void hints_free(struct hints *hints)
{
	if (!hints)
		return;
	values_clear(hints);
	vec_release(&hints->values);
	free(hints);
}

size_t hints_from(const struct hints *hints)
{
	return hints->from;
}

bool hints_is_key(const struct hints *hints)
{
	return hints->is_key;
}

/* -- values -- */

static int hint_compare(const void *a, const void *b)
{
	const struct hint *x = *(const struct hint *const *)a, *y = *(const struct hint *const *)b;
	int order = str_cmp_natural(x->text, y->text);

	return order ? order : strcmp(x->text, y->text);
}

static void value_add(struct hints *hints, struct map *known, const char *text, struct buf *scratch)
{
	struct hint *hint;

	if (str_empty(text))
		return;
	hint = map_get(known, text);
	if (hint) {
		hint->count++;
		return;
	}
	if (hints->values.len == VALUES_MOST)
		return;
	buf_reset(scratch);
	filter_print_value(text, scratch);
	hint = xcalloc(1, sizeof(*hint));
	hint->text = xstrdup(buf_str(scratch));
	hint->count = 1;
	map_put(known, text, hint);
	vec_push(&hints->values, hint);
}

static void values_gather(struct hints *hints, struct table *table, const struct column *column)
{
	struct map *known = map_new();
	struct buf scratch;

	buf_init(&scratch, 0);
	values_clear(hints);
	hints->column = column;
	table_sync(table);
	for (size_t i = 0; i < table->order.len; i++) {
		const struct table_row *row = &table->rows.data[table->order.data[i]];
		struct value value = column->get(row->item, &table->env);

		if (value.type == VALUE_TEXT)
			value_add(hints, known, value.text, &scratch);
		else if (value.type == VALUE_BOOL)
			value_add(hints, known, value.number ? "yes" : "no", &scratch);
		for (size_t k = 0; value.type == VALUE_TEXTS && k < value.texts.count; k++)
			value_add(hints, known, value.texts.items[k], &scratch);
		hints->none += value.type == VALUE_NULL ||
			(value.type == VALUE_TEXTS && !value.texts.count);
	}
	if (hints->values.len)
		qsort(hints->values.data, hints->values.len, sizeof(hints->values.data[0]),
			hint_compare);
	map_free(known);
	buf_release(&scratch);
}

static void value_suggest(struct complete *out, const char *text, size_t count)
{
	char *help = xasprintf("%zu", count);

	complete_add(out, text, help);
	free(help);
}

/* Those that begin with the word, then those that hold it. */
static void values_suggest(struct hints *hints, const char *word, struct complete *out)
{
	size_t len = strlen(word), count = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < hints->values.len && count < HINTS_MOST; i++) {
			const struct hint *hint = hints->values.data[i];
			bool begins = strncasecmp(hint->text, word, len) == 0;

			if (pass ? begins || !str_contains_fold(hint->text, word) : !begins)
				continue;
			value_suggest(out, hint->text, hint->count);
			count++;
		}
	}
	if (hints->none && hints->values.len && (!len || str_eq(word, "-")))
		value_suggest(out, "-", hints->none);
}

/* -- columns -- */

static enum value_type type_of(const struct table *table, const struct column *column)
{
	for (size_t i = 0; i < table->order.len && i < ITEMS_ASKED; i++) {
		const struct table_row *row = &table->rows.data[table->order.data[i]];
		struct value value = column->get(row->item, &table->env);

		if (value.type != VALUE_NULL)
			return value.type;
	}
	return column->sparse;
}

static void key_suggest(
	const struct table *table, const struct column *column, struct complete *out)
{
	const char *relation = ">", *help = "";
	char *text;

	switch (type_of(table, column)) {
	case VALUE_INT:
	case VALUE_REAL: help = _("a number: >3, <=10k"); break;
	case VALUE_BYTES: help = _("a size: >10MiB"); break;
	case VALUE_TIME_MS: help = _("how long ago: >5m, <1h"); break;
	case VALUE_DURATION_MS: help = _("how long: >500ms, <1h30m"); break;
	case VALUE_BOOL: help = _("yes or no"); /* fall through */
	case VALUE_NULL:
	case VALUE_TEXT:
	case VALUE_TEXTS: relation = ":"; break;
	}
	text = xasprintf("%s%s", filter_key(column), relation);
	complete_add(out, text, help);
	free(text);
}

static void keys_suggest(struct table *table, const char *word, struct complete *out)
{
	const struct column_table *columns = table->columns;
	size_t len = strlen(word);

	table_sync(table);
	/* What is on the screen first. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < columns->count; i++) {
			const struct column *column = &columns->columns[i];

			if ((column->title != NULL) == (pass == 1) || (pass && !len) ||
				strncasecmp(filter_key(column), word, len) != 0)
				continue;
			key_suggest(table, column, out);
		}
}

bool hints_fill(struct hints *hints, struct table *table, const char *text, struct complete *out)
{
	struct filter_tail tail;

	complete_clear(out);
	complete_match(out, "");
	if (!filter_tail(text, table->columns, &tail))
		return false;
	hints->from = tail.from;
	hints->is_key = !tail.column;
	if (tail.column && tail.column != hints->column)
		values_gather(hints, table, tail.column);
	if (tail.column)
		values_suggest(hints, text + tail.from, out);
	else
		keys_suggest(table, text + tail.from, out);
	complete_match(out, text + tail.from);
	return complete_count(out) > 0;
}

char *hints_beginning(const struct table *table, const char *text)
{
	struct filter_tail tail;
	const char *value;

	if (!filter_tail(text, table->columns, &tail) || !tail.column)
		return NULL;
	value = text + tail.from;
	if (!*value || strpbrk(value, "*?\"") || (*value >= '0' && *value <= '9'))
		return NULL;
	return xasprintf("%s*", text);
}
