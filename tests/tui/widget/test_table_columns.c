/* Which columns a person wants, as a text and on the screen. */
#include <stdint.h>

#include "tests/tui/widget/items.h"

#define MANY 14

static struct column many_columns[MANY];
static char many_keys[MANY][8], many_titles[MANY][8];
static struct column_table many_table;

static uint32_t seed;

static uint32_t some(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static struct table *many_of(size_t count)
{
	for (size_t i = 0; i < MANY; i++) {
		snprintf(many_keys[i], sizeof(many_keys[i]), "c%zu", i);
		snprintf(many_titles[i], sizeof(many_titles[i]), "%c", (char)('A' + i));
		many_columns[i] = (struct column){.key = many_keys[i],
			.title = i == 4 ? NULL : many_titles[i],
			.get = i == 1 ? get_name : get_extra,
			.min_cols = 5 + (int)i % 4,
			.max_cols = i == 1 ? 0 : 12,
			.priority = i == 1 ? 1 : 2 + (int)i % 5,
			.is_wide = i % 3 == 2};
	}
	many_table = test_table;
	many_table.columns = many_columns;
	many_table.count = MANY;
	fill(count);
	return table_new(&many_table, NULL);
}

static void change_some(struct table *table)
{
	struct table_column all[MANY];
	size_t count = table_columns(table, all, MANY);
	const struct column *column = all[some((uint32_t)count)].column;

	switch (some(4)) {
	case 0: table_column_toggle(table, column); break;
	case 1: table_column_move(table, column, some(2) ? 1 : -1); break;
	case 2: table_column_widen(table, column, (int)some(9) - 4); break;
	default: table_wide(table, some(2)); break;
	}
}

static void what_was_chosen_comes_back_from_its_text(void **state)
{
	(void)state;

	for (uint32_t run = 1; run <= 100; run++) {
		struct table *table = many_of(5), *other = table_new(&many_table, NULL);
		struct table_column one[MANY], two[MANY];
		struct err err = {0};
		seed = run;
		for (int i = 0; i < 30; i++) {
			draw(table, 6, 30 + (int)some(90), NULL);
			change_some(table);
			char *text = table_columns_text(table), *again;
			check_ok(text, table_columns_set(other, text, &err), &err);
			table_wide(other, table_is_wide(table));
			again = table_columns_text(other);
			check_str("the same text", again, text);
			size_t count = table_columns(table, one, MANY);
			check_int("as many", (int64_t)table_columns(other, two, MANY),
				(int64_t)count);
			for (size_t k = 0; k < count; k++)
				if (one[k].column != two[k].column ||
					one[k].width != two[k].width ||
					one[k].is_shown != two[k].is_shown)
					fail_msg("run %u, step %d: %s is another: %s", run, i,
						one[k].column->key, text);
			free(text);
			free(again);
		}
		table_free(table);
		table_free(other);
	}
}

static void what_is_not_right_is_told_and_the_rest_holds(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text, *want, *told;
	} rows[] = {
		{"nothing", "", "", NULL},
		{"order and width", "size:24,extra", "size:24,extra", NULL},
		{"blanks", " size:24 , extra ,", "size:24,extra", NULL},
		{"not wanted", "name,-size", "name,-size", NULL},
		{"a wide one", "+more", "+more", NULL},
		{"as it is anyway", "name,size", "", NULL},
		{"no such column", "size,nmae", "size", "did you mean 'name'?"},
		{"one that no screen shows", "hidden,size", "size", "no column 'hidden'"},
		{"twice", "size,extra,size:9", "size:9,extra", "size is named twice"},
		{"no width", "size:wide", "", "width 'wide' of column size"},
		{"too wide", "size:2000", "", "a number from 3 to 200"},
		{"too narrow", "size:1", "", "a number from 3 to 200"},
		{"no column at all", "-name,-size,-extra", "", NULL},
	};
	struct table *table = table_of(3);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = {0};
		int rc = table_columns_set(table, rows[i].text, &err);
		char *text = table_columns_text(table);
		check_str(rows[i].name, text, rows[i].want);
		if (rows[i].told)
			check_err(rows[i].name, rc, &err, E_ARG, rows[i].told);
		else
			check_ok(rows[i].name, rc, &err);
		free(text);
	}
	table_free(table);
}

static void one_column_always_stays(void **state)
{
	(void)state;
	struct table *table = table_of(3);
	struct table_column all[8];
	size_t shown = 0, count = table_columns(table, all, ARRAY_SIZE(all));

	for (size_t i = 0; i < count; i++)
		if (all[i].is_shown)
			table_column_toggle(table, all[i].column);
	count = table_columns(table, all, ARRAY_SIZE(all));
	for (size_t i = 0; i < count; i++)
		shown += all[i].is_shown;
	check_int("the last", (int64_t)shown, 1);
	draw(table, 5, 60, NULL);
	table_free(table);
}

/* Whatever was chosen: the first column stays, and each other is there at some step. */
static void every_column_is_reached_by_panning(void **state)
{
	(void)state;
	struct buf frame;

	buf_init(&frame, 0);
	for (uint32_t run = 1; run <= 200; run++) {
		struct table *table = many_of(5);
		struct table_column all[MANY];
		bool seen[MANY] = {0};
		int cols;
		seed = run;
		cols = 40 + (int)some(100);
		for (uint32_t i = run % 20; i > 0; i--) {
			draw(table, 6, cols, NULL);
			change_some(table);
		}
		size_t count = table_columns(table, all, MANY);
		for (bool more = true; more; more = table_pan(table, 1)) {
			draw(table, 6, cols, &frame);
			for (size_t i = 0; i < count; i++) {
				bool is_there = strstr(buf_str(&frame), all[i].column->title);
				bool is_first = all[i].column == &many_columns[1];
				seen[i] = seen[i] || is_there;
				if (is_first && all[i].is_shown && !is_there)
					fail_msg("run %u: the first is gone:\n%s", run,
						buf_str(&frame));
			}
		}
		for (size_t i = 0; i < count; i++)
			if (seen[i] != all[i].is_shown)
				fail_msg("run %u, %d columns: %s is %s:\n%s", run, cols,
					all[i].column->title, seen[i] ? "there" : "never there",
					buf_str(&frame));
		table_free(table);
	}
	buf_release(&frame);
}

static void the_next_to_sort_by_is_the_next_on_the_screen(void **state)
{
	(void)state;
	struct table *table = table_of(3);
	bool is_descending;

	table_columns_set(table, "extra,-size,+more,name", NULL);
	table_sort(table, "extra");
	table_sort_next(table);
	check_str("not what is not wanted", table_sorted_by(table, &is_descending)->key, "more");
	table_sort_next(table);
	check_str("in their order", table_sorted_by(table, &is_descending)->key, "name");
	table_sort_next(table);
	check_str("around", table_sorted_by(table, &is_descending)->key, "extra");
	table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_chosen_comes_back_from_its_text),
		cmocka_unit_test(what_is_not_right_is_told_and_the_rest_holds),
		cmocka_unit_test(one_column_always_stays),
		cmocka_unit_test(every_column_is_reached_by_panning),
		cmocka_unit_test(the_next_to_sort_by_is_the_next_on_the_screen),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
