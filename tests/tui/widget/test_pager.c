#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/support/check.h"
#include "tui/widget/footer.h"
#include "tui/widget/pager.h"

static char *frame(struct pager *pager, int rows, int cols)
{
	struct canvas *canvas = canvas_new(rows, cols);
	struct buf out;

	buf_init(&out, 0);
	pager_draw(pager, canvas, (struct rect){0, 0, rows, cols});
	canvas_dump(canvas, &out, false);
	canvas_free(canvas);
	return buf_detach(&out);
}

static void check_frame(const char *name, struct pager *pager, int rows, int cols, const char *want)
{
	char *got = frame(pager, rows, cols);

	check_str(name, got, want);
	free(got);
}

/* Three sections of `lines` lines each; `extra` more before the others in the first. */
static void write(struct pager *pager, int lines, int extra)
{
	char text[32];

	pager_begin(pager);
	for (int section = 0; section < 3; section++) {
		snprintf(text, sizeof(text), "S%d", section);
		pager_section(pager, section, text);
		for (int i = section ? 0 : -extra; i < lines; i++)
			pager_addf(pager, STYLE_TEXT, "line %d.%d\n", section, i);
	}
	pager_end(pager);
}

static void long_lines_break_at_blanks(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text, *want;
		int indent, cols;
	} rows[] = {
		{"short", "abc", "abc\n\n\n", 0, 10},
		{"at a blank", "hello brave world", "hello\nbrave\nworld\n", 0, 9},
		{"no blank", "abcdefghijklmnop", "abcdefghij\nklmnop\n\n", 0, 10},
		{"indented", "abc def ghi jkl", "abc def\n  ghi jkl\n\n", 2, 10},
		{"wide characters stay whole", "订单同步订单", "订单同\n步订单\n\n", 0, 7},
		{"not broken", "abcdefghijklmnop", "abcdefghij\n\n\n", -1, 10},
		{"controls", "a\x1b[1mb\tc\r\nd", "a\xef\xbf\xbd[1mb    c\nd\n\n", 0, 20},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pager *pager = pager_new();
		pager_begin(pager);
		pager_wrap(pager, rows[i].indent);
		pager_text(pager, STYLE_TEXT, rows[i].text);
		pager_end(pager);
		check_frame(rows[i].name, pager, 3, rows[i].cols, rows[i].want);
		pager_free(pager);
	}
}

static void unbroken_lines_are_panned(void **state)
{
	(void)state;
	struct pager *pager = pager_new();

	pager_begin(pager);
	pager_wrap(pager, -1);
	pager_text(pager, STYLE_TEXT, "0123456789abcdefghij");
	pager_text(pager, STYLE_TEXT, "0123订单同步");
	pager_end(pager);
	check_frame("as it is", pager, 2, 10, "0123456789\n0123订单同\n");
	check_bool("right", pager_pan(pager, 1), true);
	check_frame("half a screen; half a wide character is left out", pager, 2, 10,
		"56789abcde\n 单同步\n");
	check_bool("right", pager_pan(pager, 1), true);
	check_frame("its end", pager, 2, 10, "abcdefghij\n步\n");
	check_bool("no further", pager_pan(pager, 1), false);
	check_bool("left", pager_pan(pager, -1), true);
	check_frame("back", pager, 2, 10, "56789abcde\n 单同步\n");
	pager_free(pager);
}

static void what_is_seen_whole_is_not_panned(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int indent;
		const char *text, *want;
	} rows[] = {
		{"broken lines", 0, "one two three four", "one two\nthree four\n\n"},
		{"lines that fit", -1, "one two 3", "one two 3\n\n\n"},
		{"as wide as the screen", -1, "0123456789", "0123456789\n\n\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pager *pager = pager_new();
		pager_begin(pager);
		pager_wrap(pager, rows[i].indent);
		pager_text(pager, STYLE_TEXT, rows[i].text);
		pager_end(pager);
		check_frame(rows[i].name, pager, 3, 10, rows[i].want);
		check_bool(rows[i].name, pager_pan(pager, 1), false);
		check_frame(rows[i].name, pager, 3, 10, rows[i].want);
		pager_free(pager);
	}
}

static void place_is_kept_when_lines_come_before_it(void **state)
{
	(void)state;
	struct pager *pager = pager_new();
	char *before, *after;

	write(pager, 10, 0);
	free(frame(pager, 6, 30));
	check_bool("go", pager_go(pager, 1), true);
	pager_move(pager, PAGER_DOWN);
	pager_move(pager, PAGER_DOWN);
	before = frame(pager, 6, 30);
	check_has("before", before, "line 1.1\n");
	write(pager, 10, 5);
	after = frame(pager, 6, 30);
	check_str("the same lines", after, before);
	free(before);
	free(after);
	after = frame(pager, 6, 8);
	check_has("on another width too", after, "line 1.1\n");
	free(after);
	pager_free(pager);
}

static void sections_are_jumped_to(void **state)
{
	(void)state;
	struct pager *pager = pager_new();
	char position[32], *text;

	write(pager, 10, 0);
	free(frame(pager, 6, 30));
	pager_position(pager, position, sizeof(position));
	check_str("at the top", position, "Top");
	check_bool("the last", pager_go(pager, 2), true);
	text = frame(pager, 6, 30);
	check_bool("stands at the top", strncmp(text, "S2 ", 3) == 0, true);
	free(text);
	check_int("and is said", pager_section_at(pager), 2);
	check_bool("no such section", pager_go(pager, 9), false);
	pager_move(pager, PAGER_BOTTOM);
	pager_position(pager, position, sizeof(position));
	check_str("at the end", position, "End");
	for (int i = 0; i < 20; i++)
		pager_move(pager, PAGER_PAGE_UP);
	check_int("top", pager_section_at(pager), 0);
	text = frame(pager, 60, 30);
	pager_position(pager, position, sizeof(position));
	check_str("all of it", position, "All");
	free(text);
	pager_free(pager);
}

static void filter_keeps_the_titles_of_what_it_finds(void **state)
{
	(void)state;
	struct pager *pager = pager_new();

	write(pager, 4, 0);
	pager_filter(pager, "1.2 LINE");
	check_int("one line", (int64_t)pager_matches(pager), 1);
	check_frame("under its title", pager, 3, 8, "S1 ─────\nline 1.2\n\n");
	pager_filter(pager, "nobody");
	check_int("none", (int64_t)pager_matches(pager), 0);
	check_frame("nothing", pager, 2, 8, "\n\n");
	pager_filter(pager, "");
	check_int("all", (int64_t)pager_matches(pager), 14); /* two blank ones before titles */
	pager_free(pager);
}

static void texts_are_found_by_the_words_of_filters(void **state)
{
	static const struct {
		const char *name, *text;
		int64_t hits;
	} rows[] = {
		{"a word", "error", 2},
		{"no beginnings of parts", "nje", 0},
		{"exact", "'ERROR", 2},
		{"with a blank", "\"slow ack\"", 1},
		{"two of them", "checkpoint error", 1},
		{"one of them", "declined or slow", 2},
		{"not that", "checkpoint !error", 2},
		{"regular expression", "~\"checkpoint [0-9]+$\"", 1},
		{"in parentheses", "checkpoint (declined or slow)", 2},
		{"times and classes are words", "10:00:01,", 1},
		{"what no list has as a column", "io.Exception:reset", 1},
		{"not right yet: what was before", "error (", 2},
	};
	static const char lines[] = "10:00:01,000 INFO  checkpoint 17\n"
				    "10:00:02,000 WARN  checkpoint 18: slow ack\n"
				    "10:00:03,000 ERROR checkpoint 19 declined\n"
				    "10:00:04,000 ERROR java.io.Exception:reset\n";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pager *pager = pager_new();
		char *typed = xstrdup("");

		pager_begin(pager);
		pager_text(pager, STYLE_TEXT, lines);
		pager_end(pager);
		/* Typed letter by letter, and at once. */
		for (size_t k = 0; k <= strlen(rows[i].text); k++) {
			free(typed);
			typed = xstrndup(rows[i].text, k);
			pager_search(pager, typed);
			pager_filter(pager, typed);
		}
		check_int(rows[i].name, (int64_t)pager_hits(pager), rows[i].hits);
		check_int(rows[i].name, (int64_t)pager_matches(pager), rows[i].hits);
		pager_search(pager, "");
		check_int(rows[i].name, (int64_t)pager_hits(pager), 0);
		free(typed);
		pager_free(pager);
	}
}

#define MANY_LINES 100000

/* A bound that only something of another order breaks; the figure is printed. */
static void a_hundred_thousand_lines_are_searched_and_narrowed_as_one_types(void **state)
{
	static const char keys[] = "checkpoint !retry 99999";
	struct pager *pager = pager_new();
	char typed[sizeof(keys)] = "";
	double worst = 0, sum = 0;
	struct buf text;

	(void)state;
	buf_init(&text, 0);
	for (int i = 0; i < MANY_LINES; i++)
		buf_addf(&text, "10:00:00,000 INFO  checkpoint %d of job %s\n", i,
			i % 3 ? "done" : "retry");
	pager_begin(pager);
	pager_text(pager, STYLE_TEXT, buf_str(&text));
	pager_end(pager);
	free(frame(pager, 40, 120));
	for (size_t i = 0; keys[i]; i++) {
		clock_t start = clock();
		double ms;

		typed[i] = keys[i];
		pager_search(pager, typed);
		pager_filter(pager, typed);
		free(frame(pager, 40, 120));
		ms = (double)(clock() - start) * 1000 / CLOCKS_PER_SEC;
		worst = ms > worst ? ms : worst;
		sum += ms;
	}
	print_message("a key over %d lines: %.1f ms, at most %.1f ms\n", MANY_LINES,
		sum / (double)strlen(keys), worst);
	check_int("found", (int64_t)pager_matches(pager), 0);
	pager_search(pager, "checkpoint !retry 99998");
	check_int("found", (int64_t)pager_hits(pager), 1);
	check_bool("no hitch", worst < 1000, true);
	buf_release(&text);
	pager_free(pager);
}

static void footer_keeps_the_way_to_help(void **state)
{
	(void)state;
	struct footer_item items[] = {
		{.key = "enter", .hint = "open"},
		{.key = "q", .hint = "back", .is_disabled = true},
		{.key = "?", .hint = "help", .is_kept = true},
		{.key = "w", .hint = "wide"},
	};
	static const struct {
		int cols;
		const char *want;
	} rows[] = {
		{60, "enter open  q back  ? help  w wide\n"},
		{34, "enter open  q back  ? help  w wide\n"},
		{33, "enter open  q back  ? help\n"},
		{25, "enter open  ? help\n"},
		{8, "? help\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct canvas *canvas = canvas_new(1, rows[i].cols);
		struct buf out;
		buf_init(&out, 0);
		footer_draw(canvas, (struct rect){0, 0, 1, rows[i].cols}, items, ARRAY_SIZE(items));
		canvas_dump(canvas, &out, false);
		check_str("footer", buf_str(&out), rows[i].want);
		if (i == 0) { /* where a click would find it */
			check_int("its column", items[1].col, 12);
			check_int("as wide", items[1].cols, 6);
		}
		if (i == 0)
			check_int("greyed", canvas_cell(canvas, 0, 12)->style, STYLE_DISABLED);
		buf_release(&out);
		canvas_free(canvas);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_lines_break_at_blanks),
		cmocka_unit_test(unbroken_lines_are_panned),
		cmocka_unit_test(what_is_seen_whole_is_not_panned),
		cmocka_unit_test(place_is_kept_when_lines_come_before_it),
		cmocka_unit_test(sections_are_jumped_to),
		cmocka_unit_test(filter_keeps_the_titles_of_what_it_finds),
		cmocka_unit_test(texts_are_found_by_the_words_of_filters),
		cmocka_unit_test(a_hundred_thousand_lines_are_searched_and_narrowed_as_one_types),
		cmocka_unit_test(footer_keeps_the_way_to_help),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
