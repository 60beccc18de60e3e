/* The canvas: what foreign text becomes, wide clusters at every edge, halves, overlays, dumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tui/term/canvas.h"

/* The first rows of the canvas as text, dumped and freed. */
static void expect(struct canvas *canvas, bool styles, const char *name, const char *want)
{
	struct buf out;

	buf_init(&out, 0);
	canvas_dump(canvas, &out, styles);
	if (strcmp(buf_str(&out), want))
		fail_msg("%s: got\n%s\nwant\n%s", name, buf_str(&out), want);
	buf_release(&out);
}

/* No half without its other half, and no byte that a terminal would obey. */
static void check_cells(const struct canvas *canvas, const char *name)
{
	for (int row = 0; row < canvas->rows; row++)
		for (int col = 0; col < canvas->cols; col++) {
			const struct cell *cell = canvas_cell(canvas, row, col);
			const struct cell *next = canvas_cell(canvas, row, col + 1);
			size_t len = strlen(cell->text);

			if (cell->width == 2 && (!next || next->width != 0))
				fail_msg("%s: %d,%d wide without its right half", name, row, col);
			if (cell->width != 2 && next && next->width == 0)
				fail_msg("%s: %d,%d right half alone", name, row, col + 1);
			if (col == 0 && cell->width == 0)
				fail_msg("%s: row %d starts with a right half", name, row);
			assert_int_equal(len > 0, cell->width > 0);
			for (size_t i = 0; i < len; i++)
				if ((unsigned char)cell->text[i] < 0x20 || cell->text[i] == 0x7F)
					fail_msg("%s: control character in a cell", name);
			for (size_t i = len; i < sizeof(cell->text); i++)
				assert_int_equal(cell->text[i], 0);
		}
}

struct put_case {
	const char *name;
	int col, max_cols;
	const char *text;
	const char *want; /* row of 10 columns that held "abcdefghij" */
	int used;
	const char *want_cut; /* canvas_put_cut; NULL = the same */
	int used_cut;
};

static const struct put_case put_cases[] = {
	{"plain", 0, -1, "XY", "XYcdefghij", 2, NULL, 0},
	{"nothing", 3, -1, "", "abcdefghij", 0, NULL, 0},
	{"no room", 3, 0, "XY", "abcdefghij", 0, NULL, 0},
	{"exact", 6, -1, "WXYZ", "abcdefWXYZ", 4, NULL, 0},
	{"edge", 8, -1, "XYZ", "abcdefghXY", 2, "abcdefghX…", 2},
	{"max", 2, 3, "VWXYZ", "abVWXfghij", 3, "abVW…fghij", 3},
	{"max one", 2, 1, "VWXYZ", "abVdefghij", 1, "ab…defghij", 1},
	{"max beyond edge", 8, 900000000, "XYZ", "abcdefghXY", 2, "abcdefghX…", 2},
	{"left of the edge", -2, -1, "VWXYZ", "XYZdefghij", 5, NULL, 0},
	{"left, cut", -2, 4, "VWXYZ", "XYcdefghij", 4, "X…cdefghij", 4},
	{"all left", -5, -1, "VWXYZ", "abcdefghij", 5, NULL, 0},
	{"far left", INT_MIN, -1, "VWXYZ", "abcdefghij", 0, NULL, 0},
	{"right of it", 10, -1, "VWXYZ", "abcdefghij", 0, NULL, 0},
	{"far right", INT_MAX, INT_MAX, "VWXYZ", "abcdefghij", 0, NULL, 0},
	{"wide", 1, -1, "订单", "a订单fghij", 4, NULL, 0},
	{"wide fits not", 1, 3, "订单", "a订defghij", 2, "a订…efghij", 3},
	{"wide cut leaves one", 1, 4, "a订单x", "aa订efghij", 3, "aa订…fghij", 4},
	{"wide at the edge", 9, -1, "订", "abcdefghij", 0, "abcdefghi…", 1},
	{"wide over the left edge", -1, -1, "订单", " 单defghij", 4, NULL, 0},
	{"after ascii", 0, -1, "ab订x", "ab订xfghij", 5, NULL, 0},
	{"combining", 1, -1, "e\xCC\x81x", "ae\xCC\x81xdefghij", 2, NULL, 0},
	{"combining cut", 1, 1, "e\xCC\x81x",
		"ae\xCC\x81"
		"cdefghij",
		1, "a…cdefghij", 1},
	{"mark alone", 1, -1, "\xCC\x81x", "a\xEF\xBF\xBDxdefghij", 2, NULL, 0},
	{"escape sequence", 0, -1, "\x1B[31mX", "\xEF\xBF\xBD[31mXghij", 6, NULL, 0},
	{"tab and newline", 0, -1, "a\tb\nc", "a b cfghij", 5, NULL, 0},
	{"C1", 0, -1,
		"a\xC2\x9B"
		"1mb",
		"a\xEF\xBF\xBD"
		"1mbfghij",
		5, NULL, 0},
	{"invalid", 0, -1,
		"a\xFF"
		"b",
		"a\xEF\xBF\xBD"
		"bdefghij",
		3, NULL, 0},
	{"truncated", 0, -1, "a\xE8\xAE",
		"a\xEF\xBF\xBD"
		"cdefghij",
		2, NULL, 0},
	{"bidi override", 0, -1,
		"a\xE2\x80\xAE"
		"b",
		"a\xEF\xBF\xBD"
		"bdefghij",
		3, NULL, 0},
	{"right to left", 0, -1, "\xD7\xA9\xD7\x9C",
		"\xD7\xA9\xD7\x9C"
		"cdefghij",
		2, NULL, 0},
	{"family is its first member", 0, -1,
		"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7!",
		"\xF0\x9F\x91\xA8!defghij", 3, NULL, 0},
	{"skin tone is the base", 0, -1, "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD!",
		"\xF0\x9F\x91\x8D!defghij", 3, NULL, 0},
};

static void canvas_put_cuts_at_every_edge(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(put_cases); i++) {
		const struct put_case *c = &put_cases[i];
		char want[128];

		for (int cut = 0; cut < 2; cut++) {
			struct canvas *canvas = canvas_new(1, 10);
			int (*put)(struct canvas *, int, int, int, enum style, const char *) =
				cut ? canvas_put_cut : canvas_put;
			bool own = cut && c->want_cut;
			int used;

			canvas_put(canvas, 0, 0, -1, STYLE_NONE, "abcdefghij");
			used = put(canvas, 0, c->col, c->max_cols, STYLE_NONE, c->text);
			snprintf(want, sizeof(want), "%s\n", own ? c->want_cut : c->want);
			expect(canvas, false, c->name, want);
			if (used != (own ? c->used_cut : c->used))
				fail_msg("%s: used %d cells", c->name, used);
			check_cells(canvas, c->name);
			canvas_free(canvas);
		}
	}
}

static void canvas_put_outside_changes_nothing(void **state)
{
	struct canvas *canvas = canvas_new(2, 4);

	(void)state;
	assert_int_equal(canvas_put(canvas, -1, 0, -1, STYLE_TEXT, "x"), 0);
	assert_int_equal(canvas_put(canvas, 2, 0, -1, STYLE_TEXT, "x"), 0);
	assert_int_equal(canvas_put(canvas, 0, 0, -1, STYLE_TEXT, NULL), 0);
	assert_int_equal(canvas_put_cut(canvas, INT_MAX, 0, -1, STYLE_TEXT, "x"), 0);
	canvas_put_right(canvas, -1, 0, 4, STYLE_TEXT, "x");
	canvas_fill(canvas, (struct rect){-5, -5, 5, 5}, STYLE_TEXT, "x");
	canvas_fill(canvas, (struct rect){0, 0, INT_MIN, INT_MAX}, STYLE_TEXT, "x");
	canvas_overlay(canvas, (struct rect){2, 4, INT_MAX, INT_MAX}, STYLE_SELECTED);
	assert_null(canvas_cell(canvas, 2, 0));
	assert_null(canvas_cell(canvas, 0, -1));
	expect(canvas, true, "outside", "\n\n");
	canvas_free(canvas);
}

/* Write a wide or a narrow cluster at each column of a row of wide ones: no half may stay. */
static void canvas_put_leaves_no_halves(void **state)
{
	static const char *const texts[] = {"x", "xy", "订", "x订", "订x", " ", "e\xCC\x81"};
	char name[32];

	(void)state;
	for (int start = 0; start < 2; start++)
		for (int col = -2; col < 9; col++)
			for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
				struct canvas *canvas = canvas_new(1, 8);

				snprintf(name, sizeof(name), "%d %d '%s'", start, col, texts[i]);
				canvas_put(canvas, 0, start, -1, STYLE_TEXT, "订单同步订单");
				canvas_put(canvas, 0, col, -1, STYLE_DIM, texts[i]);
				check_cells(canvas, name);
				canvas_fill(canvas, (struct rect){0, col, 1, 3}, STYLE_OK, "步");
				check_cells(canvas, name);
				canvas_put_right(canvas, 0, col, 5, STYLE_OK, texts[i]);
				check_cells(canvas, name);
				canvas_free(canvas);
			}
}

/* A long name costs what can be seen of it, and marks without end stay in their cell. */
static void canvas_put_bounds_what_it_reads(void **state)
{
	struct canvas *canvas = canvas_new(1, 10);
	char *text = xmalloc(2000003);

	(void)state;
	text[0] = 'a';
	for (size_t i = 1; i < 2000001; i += 2)
		memcpy(text + i, "\xCC\x81", 3);
	canvas_put(canvas, 0, 0, -1, STYLE_TEXT, text);
	check_cells(canvas, "marks");
	assert_string_equal(canvas_cell(canvas, 0, 0)->text, "a\xCC\x81\xCC\x81\xCC\x81\xCC\x81");
	for (size_t i = 0; i + 3 < 2000001; i += 3)
		memcpy(text + i, "订", 4);
	assert_int_equal(canvas_put_cut(canvas, 0, 0, -1, STYLE_TEXT, text), 9);
	expect(canvas, false, "long", "订订订订…\n");
	memset(text, 'x', 2000000);
	text[2000000] = '\0';
	assert_int_equal(canvas_put_cut(canvas, 0, 0, -1, STYLE_TEXT, text), 10);
	expect(canvas, false, "long ascii", "xxxxxxxxx…\n");
	free(text);
	canvas_free(canvas);
}

static void canvas_put_right_aligns_and_cuts(void **state)
{
	struct canvas *canvas = canvas_new(5, 8);

	(void)state;
	canvas_fill(canvas, (struct rect){0, 0, 5, 8}, STYLE_NONE, ".");
	canvas_put_right(canvas, 0, 1, 5, STYLE_NONE, "42");
	canvas_put_right(canvas, 1, 1, 5, STYLE_NONE, "1234567");
	canvas_put_right(canvas, 2, 1, 5, STYLE_NONE, "订单");
	canvas_put_right(canvas, 3, 1, 5, STYLE_NONE, NULL);
	canvas_put_right(canvas, 4, 6, 5, STYLE_NONE, "1");
	expect(canvas, false, "right", ".   42..\n.1234…..\n. 订单..\n.     ..\n......\n");
	canvas_free(canvas);
}

static void canvas_fill_repeats_the_cluster(void **state)
{
	struct canvas *canvas = canvas_new(3, 6);

	(void)state;
	canvas_fill(canvas, (struct rect){0, 0, 3, 6}, STYLE_NONE, "\x1B");
	canvas_fill(canvas, (struct rect){1, 0, 1, 5}, STYLE_NONE, "单");
	canvas_fill(canvas, (struct rect){2, 2, 9, 2}, STYLE_NONE, "");
	expect(canvas, false, "fill",
		"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\n"
		"单单 \xEF\xBF\xBD\n"
		"\xEF\xBF\xBD\xEF\xBF\xBD  \xEF\xBF\xBD\xEF\xBF\xBD\n");
	canvas_free(canvas);
}

static void canvas_overlay_adds_up_and_clears(void **state)
{
	struct canvas *canvas = canvas_new(2, 10);

	(void)state;
	canvas_put(canvas, 0, 0, -1, STYLE_TEXT, "abcd");
	canvas_overlay(canvas, (struct rect){0, 0, 1, 3}, STYLE_STALE);
	canvas_overlay(canvas, (struct rect){0, 2, 1, 99}, STYLE_SELECTED);
	expect(canvas, true, "added",
		"abcd\n\t0+2:text/stale 2+1:text/stale+selected 3+1:text/selected "
		"4+6:none/selected\n\n");
	canvas_overlay(canvas, (struct rect){0, 0, 1, 10}, STYLE_NONE);
	expect(canvas, true, "cleared", "abcd\n\t0+4:text\n\n");
	canvas_overlay(canvas, (struct rect){0, 0, 1, 10}, STYLE_MARKED);
	canvas_put(canvas, 0, 1, -1, STYLE_DIM, "x");
	expect(canvas, true, "put takes it away",
		"axcd\n\t0+1:text/marked 1+1:dim 2+2:text/marked 4+6:none/marked\n\n");
	canvas_free(canvas);
}

static void canvas_overlay_keeps_wide_clusters_whole(void **state)
{
	(void)state;
	for (int from = 0; from < 6; from++)
		for (int to = from; to <= 6; to++) {
			struct canvas *canvas = canvas_new(1, 6);

			canvas_put(canvas, 0, 1, -1, STYLE_TEXT, "订单");
			canvas_overlay(canvas, (struct rect){0, from, 1, to - from}, STYLE_STALE);
			for (int col = 1; col < 5; col += 2)
				assert_int_equal(canvas_cell(canvas, 0, col)->overlays,
					canvas_cell(canvas, 0, col + 1)->overlays);
			assert_int_equal(
				canvas_cell(canvas, 0, 3)->overlays != 0, from <= 3 && to > 3);
			canvas_free(canvas);
		}
}

static void canvas_box_draws_lines_and_title(void **state)
{
	struct canvas *canvas = canvas_new(4, 14);

	(void)state;
	canvas_fill(canvas, (struct rect){0, 0, 4, 14}, STYLE_TEXT, "#");
	canvas_box(canvas, (struct rect){0, 1, 3, 12}, STYLE_BORDER, "订单\x1B");
	expect(canvas, false, "box",
		"#┌─ 订单\xEF\xBF\xBD ──┐#\n#│          │#\n#└──────────┘#\n"
		"##############\n");
	canvas->ascii = true;
	canvas_box(canvas, (struct rect){1, 0, 3, 14}, STYLE_BORDER, "a long title");
	expect(canvas, false, "ascii",
		"#┌─ 订单\xEF\xBF\xBD ──┐#\n+- a long ~ -+\n|            |\n+------------+\n");
	canvas_box(canvas, (struct rect){0, 0, 1, 14}, STYLE_BORDER, NULL); /* too flat: nothing */
	canvas_box(canvas, (struct rect){-1, -1, 6, 16}, STYLE_BORDER, "outside");
	expect(canvas, false, "around", "\n\n\n\n");
	canvas_free(canvas);
}

static void canvas_resize_clears(void **state)
{
	struct canvas *canvas = canvas_new(2, 2);

	(void)state;
	canvas_put(canvas, 0, 0, -1, STYLE_TEXT, "ab");
	canvas->cursor_row = canvas->cursor_col = 1;
	canvas_resize(canvas, 3, 0);
	assert_int_equal(canvas->rows, 3);
	assert_int_equal(canvas->cols, 1);
	assert_int_equal(canvas->cursor_row, -1);
	expect(canvas, true, "resized", "\n\n\n");
	canvas_free(canvas);
	canvas_free(NULL);
}

static void canvas_styles_have_names(void **state)
{
	(void)state;
	for (int i = 0; i < STYLE_MAX; i++) {
		assert_non_null(canvas_style_name((enum style)i));
		assert_int_equal(canvas_style_of(canvas_style_name((enum style)i)), i);
	}
	assert_int_equal(canvas_style_of("state-runing"), STYLE_MAX);
	assert_int_equal(canvas_style_of(NULL), STYLE_MAX);
}

/* Any bytes anywhere: the rules of the cells hold. */
static void canvas_holds_its_rules_for_any_bytes(void **state)
{
	struct canvas *canvas = canvas_new(3, 9);
	uint32_t seed = 12345;
	char text[25];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		static const char *const parts[] = {"订", "\xCC\x81", "\x1B[", "\xF0\x9F\x91\xA8",
			"\xE2\x80\x8D", "a", "\xE8", "\xAE", "\xF0\x9F\x87\xA9", "\xE1\x84\x80"};
		size_t len = 0;
		int row, col, max;

		for (int i = 0; i < 6; i++) {
			seed = seed * 1103515245 + 12345;
			const char *part = parts[(seed >> 16) % ARRAY_SIZE(parts)];

			memcpy(text + len, part, strlen(part));
			len += strlen(part);
		}
		text[len] = '\0';
		row = (int)((seed >> 8) % 3);
		col = (int)((seed >> 10) % 14) - 4;
		max = (int)((seed >> 14) % 9) - 1;
		if (seed & 0x10000)
			canvas_put_cut(canvas, row, col, max, STYLE_TEXT, text);
		else if (seed & 0x20000)
			canvas_put_right(canvas, row, col, max, STYLE_TEXT, text);
		else
			canvas_put(canvas, row, col, max, STYLE_TEXT, text);
		check_cells(canvas, text);
	}
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canvas_put_cuts_at_every_edge),
		cmocka_unit_test(canvas_put_outside_changes_nothing),
		cmocka_unit_test(canvas_put_leaves_no_halves),
		cmocka_unit_test(canvas_put_bounds_what_it_reads),
		cmocka_unit_test(canvas_put_right_aligns_and_cuts),
		cmocka_unit_test(canvas_fill_repeats_the_cluster),
		cmocka_unit_test(canvas_overlay_adds_up_and_clears),
		cmocka_unit_test(canvas_overlay_keeps_wide_clusters_whole),
		cmocka_unit_test(canvas_box_draws_lines_and_title),
		cmocka_unit_test(canvas_resize_clears),
		cmocka_unit_test(canvas_styles_have_names),
		cmocka_unit_test(canvas_holds_its_rules_for_any_bytes),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
