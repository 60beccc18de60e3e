/* Items for a table, which count what is asked of them, and their columns. */
#ifndef WEIR_TESTS_TABLE_ITEMS_H
#define WEIR_TESTS_TABLE_ITEMS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"
#include "tui/widget/table.h"

#define ITEMS_MAX 10000

struct item {
	const char *ref; /* first, as in every item: its ref_text */
	char ref_text[16], name[32];
	const char *team, *state;
	int64_t size; /* -1 = unknown */
	int64_t age_from_ms;
	bool is_stale, is_gone;
};

/* What the table takes for the fleet. */
static struct item items[ITEMS_MAX];
static void *listed[ITEMS_MAX];
static size_t item_count;
static long texts_asked, cells_asked, lists_asked, values_asked;

static struct value get_name(const void *item, const struct present_env *env)
{
	(void)env;
	values_asked++;
	return (struct value){.type = VALUE_TEXT, .text = ((const struct item *)item)->name};
}

static void text_name(const void *item, const struct present_env *env, struct buf *out)
{
	(void)env;
	cells_asked++;
	buf_adds(out, ((const struct item *)item)->name);
}

static struct value get_size(const void *item, const struct present_env *env)
{
	(void)env;
	int64_t size = ((const struct item *)item)->size;
	return (struct value){.type = size < 0 ? VALUE_NULL : VALUE_INT, .number = size};
}

static struct value get_extra(const void *item, const struct present_env *env)
{
	(void)item;
	(void)env;
	return (struct value){.type = VALUE_TEXT, .text = "extra"};
}

static const struct column columns[] = {
	{.key = "name",
		.title = "NAME",
		.get = get_name,
		.text = text_name,
		.min_cols = 6,
		.max_cols = 0,
		.priority = 1},
	{.key = "size",
		.title = "SIZE",
		.get = get_size,
		.min_cols = 6,
		.max_cols = 8,
		.priority = 2,
		.is_right = true},
	{.key = "extra",
		.title = "EXTRA",
		.get = get_extra,
		.min_cols = 10,
		.max_cols = 10,
		.priority = 3},
	{.key = "more",
		.title = "MORE",
		.get = get_extra,
		.min_cols = 10,
		.max_cols = 10,
		.priority = 4,
		.is_wide = true},
	{.key = "hidden", .get = get_extra},
};

static void *const *list(const struct fleet *fleet, enum kind kind, size_t *count)
{
	(void)fleet;
	(void)kind;
	lists_asked++;
	*count = 0;
	for (size_t i = 0; i < item_count; i++)
		if (!items[i].is_gone)
			listed[(*count)++] = &items[i];
	return listed;
}

static void filter_text(const void *item, struct buf *out)
{
	texts_asked++;
	buf_adds(out, ((const struct item *)item)->name);
	buf_adds(out, "\nteam-of-all");
}

static bool is_stale(const void *item, const struct present_env *env)
{
	(void)env;
	return ((const struct item *)item)->is_stale;
}

static const struct column_table test_table = {
	.name = "tests",
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.items = list,
	.filter_text = filter_text,
	.is_stale = is_stale,
};

static const struct present_env env = {.now_ms = 1, .stale_ms = 1};

static void fill(size_t count)
{
	item_count = count;
	for (size_t i = 0; i < count; i++) {
		items[i] = (struct item){.size = (int64_t)((i * 7919) % count)};
		snprintf(items[i].ref_text, sizeof(items[i].ref_text), "r%05zu", i);
		items[i].ref = items[i].ref_text;
		snprintf(items[i].name, sizeof(items[i].name), "job-%zu", i);
	}
	texts_asked = cells_asked = lists_asked = values_asked = 0;
}

static inline struct table *table_of(size_t count)
{
	struct table *table;

	fill(count);
	table = table_new(&test_table, NULL);
	table_sort(table, "name");
	return table;
}

static void draw(struct table *table, int rows, int cols, struct buf *out)
{
	struct canvas *canvas = canvas_new(rows, cols);

	table_draw(table, canvas, (struct rect){0, 0, rows, cols}, &env);
	if (out) {
		buf_reset(out);
		canvas_dump(canvas, out, false);
	}
	canvas_free(canvas);
}

#endif
