/* The table on items of its own, so that what it asks of them can be counted. */
#include <time.h>

#include "tests/tui/widget/items.h"

/* The line of the window on which the selection stands. */
static size_t screen_line(struct table *table)
{
	size_t first, count;
	const char *selected = table_selected(table);

	table_window(table, &first, &count);
	for (size_t i = 0; i < count; i++)
		if (str_eq(table_ref_at(table, first + i), selected))
			return i;
	fail_msg("the selection is not in the window");
	return 0;
}

static void sorts_both_ways_with_unknown_last(void **state)
{
	(void)state;
	struct table *table = table_of(5);
	bool is_descending;

	items[1].size = items[3].size = -1;
	items[0].size = 10;
	items[2].size = 9;
	items[4].size = 10;
	check_bool("known column", table_sort(table, "size"), true);
	check_str("least first", table_ref_at(table, 0), "r00002");
	check_str("ties by ref", table_ref_at(table, 1), "r00000");
	check_str("unknown last", table_ref_at(table, 3), "r00001");
	check_bool("again", table_sort(table, "size"), true);
	table_sorted_by(table, &is_descending);
	check_bool("the other way", is_descending, true);
	check_str("most first", table_ref_at(table, 0), "r00000");
	check_str("unknown last this way too", table_ref_at(table, 3), "r00001");
	check_bool("no such column", table_sort(table, "nothing"), false);
	check_bool("a column that is not on the screen", table_sort(table, "hidden"), false);
	table_sort(table, "name");
	check_str("numbers in names count", table_ref_at(table, 4), "r00004");
	table_free(table);
}

static void filter_wants_all_words(void **state)
{
	(void)state;
	static const struct {
		const char *name, *filter;
		int64_t want;
	} rows[] = {
		{"nothing typed", "", 100},
		{"blanks only", "   ", 100},
		{"a part", "job-9", 11},
		{"upper case", "JOB-99", 1},
		{"two words in any order", "all 99", 1},
		{"one of them missing", "99 nobody", 0},
		{"across two lines of the text: no", "99team", 0},
	};
	struct table *table = table_of(100);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		table_filter(table, rows[i].filter);
		check_int(rows[i].name, (int64_t)table_count(table), rows[i].want);
		check_int(rows[i].name, (int64_t)table_total(table), 100);
	}
	table_free(table);
}

static void selection_keeps_its_ref_and_its_line(void **state)
{
	(void)state;
	struct table *table = table_of(100);

	draw(table, 11, 60, NULL);
	for (int i = 0; i < 25; i++)
		table_move(table, TABLE_DOWN);
	table_move(table, TABLE_UP);
	check_str("selected", table_selected(table), "r00024");
	check_int("on its line", (int64_t)screen_line(table), 8);
	/* Ten lines before it go away, and twenty come. */
	for (size_t i = 0; i < 10; i++)
		items[i].is_gone = true;
	for (size_t i = 100; i < 120; i++) {
		items[i] = items[0];
		items[i].is_gone = false;
		snprintf(items[i].ref_text, sizeof(items[i].ref_text), "r%05zu", i);
		items[i].ref = items[i].ref_text;
		snprintf(items[i].name, sizeof(items[i].name), "a-%zu", i);
	}
	item_count = 120;
	table_changed(table);
	check_str("still selected", table_selected(table), "r00024");
	check_int("on the same line of the screen", (int64_t)screen_line(table), 8);
	table_sort_invert(table);
	check_str("in another order too", table_selected(table), "r00024");
	check_int("on the same line", (int64_t)screen_line(table), 8);
	table_free(table);
}

static void neighbour_is_taken_when_the_selected_goes(void **state)
{
	(void)state;
	struct table *table = table_of(5);

	draw(table, 11, 60, NULL);
	table_move(table, TABLE_DOWN);
	table_move(table, TABLE_DOWN);
	items[2].is_gone = true;
	table_changed(table);
	check_str("the one below", table_selected(table), "r00003");
	table_move(table, TABLE_BOTTOM);
	items[4].is_gone = true;
	table_changed(table);
	check_str("at the end the one above", table_selected(table), "r00003");
	for (size_t i = 0; i < 5; i++)
		items[i].is_gone = true;
	table_changed(table);
	check_str("nobody is left", table_selected(table), NULL);
	table_move(table, TABLE_DOWN);
	check_str("moving does no harm", table_selected(table), NULL);
	items[3].is_gone = items[1].is_gone = false;
	table_changed(table);
	check_str("it comes back", table_selected(table), "r00003");
	table_free(table);
}

static void first_line_is_followed_until_somebody_moves(void **state)
{
	(void)state;
	struct table *table = table_of(5);

	draw(table, 11, 60, NULL);
	check_str("first", table_selected(table), "r00000");
	snprintf(items[4].name, sizeof(items[4].name), "a-first");
	table_changed(table);
	check_str("the new first", table_selected(table), "r00004");
	table_move(table, TABLE_DOWN);
	check_str("chosen", table_selected(table), "r00000");
	snprintf(items[3].name, sizeof(items[3].name), "a-before-all");
	table_changed(table);
	check_str("stays", table_selected(table), "r00000");
	table_free(table);
}

static void moving_stays_inside(void **state)
{
	(void)state;
	struct table *table = table_of(25);
	size_t first, count;

	draw(table, 11, 60, NULL);
	table_move(table, TABLE_UP);
	check_str("top", table_selected(table), "r00000");
	table_move(table, TABLE_PAGE_DOWN);
	check_str("a page less a line", table_selected(table), "r00009");
	table_move(table, TABLE_PAGE_DOWN);
	table_move(table, TABLE_PAGE_DOWN);
	table_move(table, TABLE_PAGE_DOWN);
	check_str("bottom", table_selected(table), "r00024");
	table_window(table, &first, &count);
	check_int("window full", (int64_t)count, 10);
	check_int("at the end", (int64_t)first, 15);
	draw(table, 31, 60, NULL);
	table_window(table, &first, &count);
	check_int("a larger window shows all", (int64_t)first, 0);
	check_str("step", table_step(table, "r00010", 1), "r00011");
	check_str("step past the end", table_step(table, "r00024", 1), NULL);
	check_str("step before the start", table_step(table, "r00000", -1), NULL);
	check_str("step from nobody", table_step(table, "nobody", 1), NULL);
	check_bool("select", table_select(table, "r00003"), true);
	check_bool("select nobody", table_select(table, "nobody"), false);
	check_str("unmoved by that", table_selected(table), "r00003");
	table_free(table);
}

static void narrow_screens_drop_the_weakest_column(void **state)
{
	(void)state;
	struct table *table = table_of(3);
	struct buf frame;

	buf_init(&frame, 0);
	draw(table, 5, 60, &frame);
	check_has("all", buf_str(&frame), "EXTRA");
	check_int("none hidden", table_hidden_columns(table), 0);
	table_wide(table, true);
	draw(table, 5, 60, &frame);
	check_has("wide", buf_str(&frame), "MORE");
	draw(table, 5, 30, &frame);
	check_int("one hidden", table_hidden_columns(table), 1);
	check_bool("the weakest", strstr(buf_str(&frame), "MORE") == NULL, true);
	check_has("not the stronger", buf_str(&frame), "EXTRA");
	draw(table, 5, 20, &frame);
	check_int("two hidden", table_hidden_columns(table), 2);
	check_has("the name stays", buf_str(&frame), "job-2");
	check_bool("pan", table_pan(table, 1), true);
	draw(table, 5, 20, &frame);
	check_has("the next column", buf_str(&frame), "EXTRA");
	check_has("beside the name", buf_str(&frame), "job-2");
	check_bool("back", table_pan(table, -1), true);
	check_bool("not further", table_pan(table, -1), false);
	draw(table, 5, 3, &frame); /* and nothing breaks where nothing fits */
	draw(table, 1, 1, &frame);
	buf_release(&frame);
	table_free(table);
}

static void a_key_of_the_filter_asks_little_of_ten_thousand(void **state)
{
	(void)state;
	struct table *table = table_of(ITEMS_MAX);
	char typed[8] = "";
	struct buf frame;

	buf_init(&frame, 0);
	draw(table, 41, 120, &frame);
	check_int("only what is seen is formatted", cells_asked, 40);
	check_int("nothing is searched without a filter", texts_asked, 0);
	const char keys[] = "job-99";
	clock_t start = clock();
	for (size_t i = 0; keys[i]; i++) {
		typed[i] = keys[i];
		typed[i + 1] = '\0';
		table_filter(table, typed);
		draw(table, 41, 120, &frame);
	}
	double ms = (double)(clock() - start) * 1000 / CLOCKS_PER_SEC / 6;
	print_message("a key of the filter over %d lines: %.1f ms\n", ITEMS_MAX, ms);
	check_int("found", (int64_t)table_count(table), 111);
	check_int("each item's text is asked once", texts_asked, ITEMS_MAX);
	check_int("the list is asked once", lists_asked, 1);
	check_bool("cells: six windows at most", cells_asked <= 7 * 40, true);
	table_changed(table);
	draw(table, 41, 120, &frame);
	check_int("anew after a change", texts_asked, 2 * ITEMS_MAX);
	buf_release(&frame);
	table_free(table);
}

static void stale_and_selected_lines_are_marked(void **state)
{
	(void)state;
	struct table *table = table_of(3);
	struct canvas *canvas = canvas_new(5, 40);

	items[1].is_stale = items[0].is_stale = true;
	table_filter(table, "job");
	table_draw(table, canvas, (struct rect){0, 0, 5, 40}, &env);
	check_int("selected, and stale", canvas_cell(canvas, 1, 0)->overlays,
		CELL_OVERLAY(STYLE_SELECTED) | CELL_OVERLAY(STYLE_STALE));
	check_int("stale", canvas_cell(canvas, 2, 0)->overlays, CELL_OVERLAY(STYLE_STALE));
	check_int("neither", canvas_cell(canvas, 3, 0)->overlays, 0);
	check_int("what the filter found", canvas_cell(canvas, 3, 0)->style, STYLE_MATCH);
	check_int("what it did not", canvas_cell(canvas, 3, 4)->style, STYLE_TEXT);
	canvas_free(canvas);
	table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_both_ways_with_unknown_last),
		cmocka_unit_test(filter_wants_all_words),
		cmocka_unit_test(selection_keeps_its_ref_and_its_line),
		cmocka_unit_test(neighbour_is_taken_when_the_selected_goes),
		cmocka_unit_test(first_line_is_followed_until_somebody_moves),
		cmocka_unit_test(moving_stays_inside),
		cmocka_unit_test(narrow_screens_drop_the_weakest_column),
		cmocka_unit_test(a_key_of_the_filter_asks_little_of_ten_thousand),
		cmocka_unit_test(stale_and_selected_lines_are_marked),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
