/* What a table makes of changes that are told row by row: it is as if it were made anew. */
#include <stdint.h>

#include "tests/tui/widget/items.h"

static uint32_t seed;

static uint32_t some(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void item_change(struct item *item)
{
	static const char *const forms[] = {"job-", "Job-", "job-0", "a", "", "team "};

	if (some(3))
		snprintf(item->name, sizeof(item->name), "%s%u", forms[some(ARRAY_SIZE(forms))],
			some(30));
	if (some(2))
		item->size = (int64_t)some(20) - 2;
}

static bool is_small(const void *item)
{
	return ((const struct item *)item)->size < 9;
}

/* A few come, go, or are others, and each is told. */
static void change_some(struct table *table)
{
	for (uint32_t n = some(some(8) ? 4 : 40); n > 0; n--) {
		struct item *item = &items[some((uint32_t)item_count)];
		if (item->is_gone) {
			item->is_gone = false;
			item_change(item);
		} else if (!some(4)) {
			item->is_gone = true;
		} else {
			item_change(item);
		}
		table_item_changed(table, item->ref, item->is_gone ? NULL : item);
	}
}

static bool (*accepted)(const void *item);

static void type_something(struct table *table)
{
	static const char *const filters[] = {"", "j", "jo", "job", "job 1", "job-1", "1", "a all",
		"j1", "'job or 1", "!job-1", "name:job-1*", "JOB-1", "nobody", "m", "team 2"};

	switch (some(6)) {
	case 0:
	case 1: table_filter(table, filters[some(ARRAY_SIZE(filters))]); break;
	case 2: table_sort(table, some(2) ? "name" : "size"); break;
	case 3: table_sort_invert(table); break;
	case 4:
		accepted = some(2) ? is_small : NULL;
		table_accept(table, accepted);
		break;
	default: table_move(table, (enum table_move)some(TABLE_BOTTOM + 1)); break;
	}
}

/* What a table shows that has just been made. */
static void check_as_anew(struct table *table, long round)
{
	struct table *other = table_new(&test_table, NULL);
	bool is_descending;
	const struct column *sort = table_sorted_by(table, &is_descending);
	size_t line;

	if (sort)
		table_sort(other, sort->key);
	if (is_descending)
		table_sort_invert(other);
	table_filter(other, table_filter_text(table));
	table_accept(other, accepted);
	if (table_count(table) != table_count(other) || table_total(table) != table_total(other))
		fail_msg("round %ld: %zu of %zu lines, anew %zu of %zu", round, table_count(table),
			table_total(table), table_count(other), table_total(other));
	for (line = 0; line < table_count(table); line++)
		if (!str_eq(table_ref_at(table, line), table_ref_at(other, line)))
			fail_msg("round %ld: line %zu is %s, anew %s", round, line,
				table_ref_at(table, line), table_ref_at(other, line));
	table_free(other);
}

static void told_row_by_row_it_is_as_made_anew(void **state)
{
	(void)state;

	for (uint32_t run = 1; run <= 20; run++) {
		struct table *table = table_of(120);
		seed = run;
		accepted = NULL;
		for (size_t i = 0; i < item_count; i++) {
			item_change(&items[i]);
			items[i].is_gone = !some(5);
		}
		draw(table, 11, 60, NULL);
		for (long round = 0; round < 200; round++) {
			if (!some(3))
				type_something(table);
			change_some(table);
			if (some(3))
				check_as_anew(table, round);
			if (!some(4))
				draw(table, 11, 60, NULL);
		}
		table_free(table);
	}
}

static void what_does_not_show_is_no_reason_to_draw(void **state)
{
	(void)state;
	struct table *table = table_of(120);
	struct buf before, after;
	int same = 0, other = 0;

	buf_init(&before, 0);
	buf_init(&after, 0);
	seed = 7;
	accepted = NULL;
	draw(table, 11, 60, &before);
	check_bool("nothing was told", table_is_other(table), false);
	table_item_changed(table, items[3].ref, &items[3]);
	check_bool("of a line that shows", table_is_other(table), true);
	draw(table, 11, 60, &before);
	table_item_changed(table, items[99].ref, &items[99]);
	check_bool("of one far below", table_is_other(table), false);
	for (int round = 0; round < 2000; round++) {
		if (!some(20))
			type_something(table);
		change_some(table);
		bool is_other = table_is_other(table);
		draw(table, 11, 60, &after);
		if (!is_other && !str_eq(buf_str(&before), buf_str(&after)))
			fail_msg("round %d: it looks otherwise:\n%s\n%s", round, buf_str(&before),
				buf_str(&after));
		same += !is_other;
		other += is_other;
		buf_reset(&before);
		buf_adds(&before, buf_str(&after));
	}
	check_bool("both came about", same > 100 && other > 100, true);
	buf_release(&before);
	buf_release(&after);
	table_free(table);
}

static void a_change_asks_nothing_of_the_others(void **state)
{
	(void)state;
	struct table *table = table_of(ITEMS_MAX);

	table_filter(table, "job-99");
	draw(table, 41, 120, NULL);
	check_int("each item's text is asked once", texts_asked, ITEMS_MAX);
	texts_asked = lists_asked = values_asked = 0;
	snprintf(items[500].name, sizeof(items[500].name), "job-9950");
	items[500].size = 3;
	table_item_changed(table, items[500].ref, &items[500]);
	table_item_changed(table, items[501].ref, &items[501]);
	table_item_changed(table, items[500].ref, &items[500]);
	check_int("it is found", (int64_t)table_count(table), 112);
	check_int("two are searched", texts_asked, 2);
	check_int("and asked for their keys", values_asked, 2);
	check_int("the list is not asked", lists_asked, 0);
	table_free(table);
}

static struct value get_age(const void *item, const struct present_env *when)
{
	int64_t age = when->now_ms - ((const struct item *)item)->age_from_ms;
	return (struct value){.type = VALUE_DURATION_MS, .number = age > 0 ? age : 0};
}

static const struct column age_columns[] = {{.key = "age",
	.title = "AGE",
	.get = get_age,
	.min_cols = 5,
	.max_cols = 5,
	.priority = 1,
	.is_restless = true}};

static const struct column_table age_table = {
	.name = "ages", .columns = age_columns, .count = 1, .items = list};

static void ages_are_sorted_anew_each_second(void **state)
{
	(void)state;
	struct table *table = table_new(&age_table, NULL);
	struct canvas *canvas = canvas_new(6, 60);
	struct present_env later = {.now_ms = 5000};
	struct rect rect = {0, 0, 6, 60};

	fill(3);
	items[0].age_from_ms = 10, items[1].age_from_ms = 100, items[2].age_from_ms = 4000;
	table_sort(table, "age");
	table_draw(table, canvas, rect, &env);
	check_str("all are new: by ref", table_ref_at(table, 0), "r00000");
	table_draw(table, canvas, rect, &later);
	check_str("the youngest first", table_ref_at(table, 0), "r00002");
	check_str("the oldest last", table_ref_at(table, 2), "r00000");
	canvas_free(canvas);
	table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_row_by_row_it_is_as_made_anew),
		cmocka_unit_test(what_does_not_show_is_no_reason_to_draw),
		cmocka_unit_test(a_change_asks_nothing_of_the_others),
		cmocka_unit_test(ages_are_sorted_anew_each_second),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
