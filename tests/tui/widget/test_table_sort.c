/* All rows sorted at once stand as comparing each two of them says, whatever their keys begin with. */
#include <limits.h>
#include <stdint.h>

#include "tests/tui/widget/items.h"
#include "tui/widget/table_private.h"

#define SORTED_ITEMS 400

/* The same in their first bytes, in all but capitals or zeros, in all. */
static const char *const words[] = {"a", "A", "a1", "a01", "a001", "a10", "ab", "abcdefghijklmn",
	"abcdefghijklmno", "abcdefghijklmnop", "abcdefghijklmnopq", "abcdefghijklmnopr", "abcdefgh",
	"abcdefg", "ABCDEFGH", "订单同步", "订单同步一二三四", "ß", "ss", "job-9", "job-10",
	"job-00010", "running", "RUNNING", "zzzzzzzzzzzzzzzzzzzzzzzz", "\xc3\xa9t\xc3\xa9", "-",
	"~"};
static const int64_t numbers[] = {0, 1, 255, 256, INT64_MAX, INT64_MAX - 1, INT64_MIN, -1};

static const char *item_words[SORTED_ITEMS];

static const struct item *one(const void *item)
{
	return item;
}

static struct value get_number(const void *item, const struct present_env *when)
{
	(void)when;
	int64_t size = one(item)->size;

	return (struct value){.type = size < 0 ? VALUE_NULL : VALUE_INT,
		.number = numbers[(size_t)size % ARRAY_SIZE(numbers)]};
}

static struct value get_real(const void *item, const struct present_env *when)
{
	static const double reals[] = {0.0, -0.0, 0.5, 1e300, -1e300, 1e-300, -2.5, 3};

	(void)when;
	int64_t size = one(item)->size;
	return (struct value){.type = size < 0 ? VALUE_NULL : VALUE_REAL,
		.real = reals[(size_t)size % ARRAY_SIZE(reals)]};
}

static struct value get_list(const void *item, const struct present_env *when)
{
	(void)when;
	struct value value = {.type = one(item)->size < 0 ? VALUE_NULL : VALUE_TEXTS};

	value.texts.items = &item_words[one(item) - items];
	value.texts.count = one(item)->size % 3 ? 1 : 0;
	return value;
}

static const struct column sort_columns[] = {
	{.key = "name", .title = "NAME", .get = get_name, .min_cols = 6, .priority = 1},
	{.key = "number", .title = "NUMBER", .get = get_number, .min_cols = 6, .priority = 2},
	{.key = "real", .title = "REAL", .get = get_real, .min_cols = 6, .priority = 3},
	{.key = "list", .title = "LIST", .get = get_list, .min_cols = 6, .priority = 4},
	{.key = "same", .title = "SAME", .get = get_extra, .min_cols = 6, .priority = 5},
};
static const struct column_table sort_table = {.name = "sorts",
	.columns = sort_columns,
	.count = ARRAY_SIZE(sort_columns),
	.items = list,
	.filter_text = filter_text};

static void check_order(const struct table *table, const char *key, bool is_descending)
{
	size_t count;
	const uint32_t *ids = table_passed(table);

	count = table_passed_count(table);
	check_int("rows", (int64_t)count, SORTED_ITEMS);
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++)
			if (table_row_compare(table, ids[i], ids[k]) >= 0)
				fail_msg("%s%s: %s (%s) stands before %s (%s)", key,
					is_descending ? ", descending" : "",
					table->rows.data[ids[i]].ref,
					one(table->rows.data[ids[i]].item)->name,
					table->rows.data[ids[k]].ref,
					one(table->rows.data[ids[k]].item)->name);
}

static void sorted_at_once_each_two_stand_as_they_compare(void **state)
{
	struct table *table;
	uint32_t seed = 11;

	(void)state;
	fill(SORTED_ITEMS);
	for (size_t i = 0; i < SORTED_ITEMS; i++) {
		seed = seed * 1664525u + 1013904223u;
		const char *word = words[(seed >> 8) % ARRAY_SIZE(words)];
		snprintf(items[i].name, sizeof(items[i].name), "%s", word);
		item_words[i] = words[(seed >> 16) % ARRAY_SIZE(words)];
		items[i].size = (seed >> 20) % 9 ? (int64_t)((seed >> 12) % 64) : -1;
		/* Some differ behind what is sorted by. */
		snprintf(items[i].ref_text, sizeof(items[i].ref_text), "r%s%03zu",
			i % 2           ? "aaaaaaaa"
				: i % 3 ? "aaaaaaa"
					: "",
			i);
	}
	table = table_new(&sort_table, NULL);
	for (size_t c = 0; c < ARRAY_SIZE(sort_columns); c++) {
		table_sort(table, sort_columns[c].key);
		draw(table, 20, 100, NULL);
		check_order(table, sort_columns[c].key, false);
		table_sort_invert(table);
		draw(table, 20, 100, NULL);
		check_order(table, sort_columns[c].key, true);
	}
	table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorted_at_once_each_two_stand_as_they_compare),
	};
	return cmocka_run_group_tests_name("widget/table_sort", tests, NULL, NULL);
}
