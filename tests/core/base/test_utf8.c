/* Foreign bytes made harmless, and text measured as the terminal advances. */
#include "tests/support/check.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

#define BAD "\xEF\xBF\xBD" /* U+FFFD */

static void utf8_valid_follows_unicode(void **state)
{
	static const struct {
		const char *name, *text;
		bool want;
	} rows[] = {
		{"empty", "", true},
		{"ascii", "a\x7F\x01", true},
		{"two", "\xC2\x80\xDF\xBF", true},
		{"three", "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", true},
		{"four", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", true},
		{"overlong two", "\xC1\xBF", false},
		{"overlong three", "\xE0\x9F\xBF", false},
		{"overlong four", "\xF0\x8F\xBF\xBF", false},
		{"surrogate", "\xED\xA0\x80", false},
		{"beyond", "\xF4\x90\x80\x80", false},
		{"lone tail", "\x80", false},
		{"cut", "a\xE8\xAE", false},
		{"wrong tail", "\xE8\xAE\x28", false},
		{"five", "\xF8\x88\x80\x80\x80", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_bool(
			rows[i].name, utf8_valid(rows[i].text, strlen(rows[i].text)), rows[i].want);
	assert_true(utf8_valid("a\0b", 3));
}

static void utf8_repair_replaces_wrong_starts(void **state)
{
	static const struct {
		const char *name, *in, *want;
	} rows[] = {
		{"nothing", "", ""},
		{"right text", "a\xE8\xAE\xA2 b", "a\xE8\xAE\xA2 b"},
		{"one byte", "a\xFF z", "a" BAD " z"},
		{"cut at the end", "a\xE8\xAE", "a" BAD},
		{"cut before text",
			"\xE8\xAE"
			"b",
			BAD "b"},
		{"cut four", "\xF0\x9F\x98 x", BAD " x"},
		{"overlong is two", "\xC0\xAF", BAD BAD},
		{"surrogate is three", "\xED\xA0\x80", BAD BAD BAD},
		{"control stays", "\x1b[0m\t", "\x1b[0m\t"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		utf8_repair(&out, rows[i].in, strlen(rows[i].in));
		check_str(rows[i].name, buf_str(&out), rows[i].want);
		check_bool(rows[i].name, utf8_valid(buf_str(&out), out.len), true);
		buf_release(&out);
	}
}

static void utf8_neutralise_disarms(void **state)
{
	static const struct {
		const char *name, *in, *want;
	} rows[] = {
		{"escape sequence", "\x1b[31mred", BAD "[31mred"},
		{"bell and backspace", "a\a\b", "a" BAD BAD},
		{"tab, newline, pair", "a\tb\nc\r\nd", "a b c d"},
		{"carriage return", "real\rfake", "real" BAD "fake"},
		{"delete", "a\x7F", "a" BAD},
		{"C1", "a\xC2\x9B 31m", "a" BAD " 31m"},
		{"bidi override", "a\xE2\x80\xAE z", "a" BAD " z"},
		{"bidi isolate", "\xE2\x81\xA6x\xE2\x81\xA9", BAD "x" BAD},
		{"bidi marks", "\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C", BAD BAD BAD},
		{"separators", "\xE2\x80\xA8\xE2\x80\xA9", BAD BAD},
		{"invalid", "\xFF\xFE", BAD BAD},
		{"text stays",
			"\xE8\xAE\xA2 e\xCC\x81 \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
			"\xE8\xAE\xA2 e\xCC\x81 \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"},
	};
	struct buf out;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		buf_init(&out, 0);
		utf8_neutralise(&out, rows[i].in, strlen(rows[i].in));
		check_str(rows[i].name, buf_str(&out), rows[i].want);
		buf_release(&out);
	}
	buf_init(&out, 0);
	utf8_neutralise(&out, "a\0b", 3);
	check_str("NUL", buf_str(&out), "a" BAD "b");
	buf_release(&out);
}

static void utf8_next_measures_clusters(void **state)
{
	static const struct {
		const char *name, *in, *drawn;
		int advance, width;
	} rows[] = {
		{"ascii", "ab", "a", 1, 1},
		{"ascii with a mark", "e\xCC\x81x", "e\xCC\x81", 3, 1},
		{"CJK", "\xE8\xAE\xA2x", "\xE8\xAE\xA2", 3, 2},
		{"full width", "\xEF\xBC\xA1", "\xEF\xBC\xA1", 3, 2},
		{"hangul letters", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB",
			"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 9, 2},
		{"emoji", "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80", 4, 2},
		{"family", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBBx", "\xF0\x9F\x91\xA9", 11,
			2},
		{"skin tone", "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBDx", "\xF0\x9F\x91\x8D", 8, 2},
		{"flag", "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAAx", "\xF0\x9F\x87\xA9", 8, 1},
		{"VS16", "\xE2\x9D\xA4\xEF\xB8\x8Fx", "\xE2\x9D\xA4", 6, 1},
		{"keycap", "1\xEF\xB8\x8F\xE2\x83\xA3x", "1", 7, 1},
		{"zalgo", "a\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85\xCC\x86x",
			"a\xCC\x81\xCC\x82\xCC\x83\xCC\x84", 13, 1},
		{"lone mark", "\xCC\x81x", BAD, 2, 1},
		{"zero width space", "\xE2\x80\x8Bx", BAD, 3, 1},
		{"control", "\nx", BAD, 1, 1},
		{"escape", "\x1b[0m", BAD, 1, 1},
		{"invalid", "\xE8\xAE!", BAD, 2, 1},
		{"devanagari vowel", "\xE0\xA4\x95\xE0\xA5\x8Dx", "\xE0\xA4\x95\xE0\xA5\x8D", 6, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct utf8_cluster cluster;
		check_bool(rows[i].name, utf8_next(rows[i].in, &cluster), true);
		char *drawn = xstrndup(cluster.text, cluster.len);
		check_str(rows[i].name, drawn, rows[i].drawn);
		check_int(rows[i].name, (int)cluster.advance, rows[i].advance);
		check_int(rows[i].name, cluster.width_cols, rows[i].width);
		free(drawn);
	}
	struct utf8_cluster none;
	assert_false(utf8_next("", &none));
}

static void utf8_width_sums(void **state)
{
	static const struct {
		const char *text;
		int want;
	} rows[] = {
		{"", 0},
		{"abc", 3},
		{"\xE8\xAE\xA2\xE5\x8D\x95 x", 6},
		{"e\xCC\x81"
		 "e",
			2},
		{"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB.", 3},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_int(rows[i].text, utf8_width(rows[i].text), rows[i].want);
}

static void utf8_fit_and_pad_fill_cells(void **state)
{
	static const struct {
		const char *text;
		int cols;
		bool ascii;
		int fit, fit_cols;
		const char *padded;
	} rows[] = {
		{"abc", 5, false, 3, 3, "abc  "},
		{"abc", 3, false, 3, 3, "abc"},
		{"abcd", 3, false, 3, 3, "ab\xE2\x80\xA6"},
		{"abcd", 3, true, 3, 3, "ab~"},
		{"abcd", 1, true, 1, 1, "~"},
		{"abcd", 0, false, 0, 0, ""},
		{"", 2, false, 0, 0, "  "},
		{"\xE8\xAE\xA2\xE5\x8D\x95", 4, false, 6, 4, "\xE8\xAE\xA2\xE5\x8D\x95"},
		{"\xE8\xAE\xA2\xE5\x8D\x95", 3, false, 3, 2, "\xE8\xAE\xA2\xE2\x80\xA6"},
		{"\xE8\xAE\xA2\xE5\x8D\x95", 2, true, 3, 2, "~ "},
		{"\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBDx", 4, false, 9, 3, "\xF0\x9F\x91\x8Dx "},
		{"a\nb", 4, false, 3, 3, "a" BAD "b "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out;
		int cols = -1;
		check_int(rows[i].text, (int)utf8_fit(rows[i].text, rows[i].cols, &cols),
			rows[i].fit);
		check_int(rows[i].text, cols, rows[i].fit_cols);
		buf_init(&out, 0);
		utf8_pad(&out, rows[i].text, rows[i].cols, rows[i].ascii);
		check_str(rows[i].text, buf_str(&out), rows[i].padded);
		check_int(rows[i].text, utf8_width(buf_str(&out)), rows[i].cols);
		buf_release(&out);
	}
	assert_int_equal(utf8_fit("abc", 2, NULL), 2);
}

/* Where the locale has no UTF-8, a stand-in is a question mark. */
/* '|' is where the line of `cols` cells ends. */
static void utf8_break_keeps_words_and_marks_whole(void **state)
{
	static const struct {
		const char *text;
		int cols;
		const char *want;
	} rows[] = {
		{"", 10, ""},
		{"all of it", 10, "all of it"},
		{"one two three", 10, "one two "},
		{"one two three", 7, "one two"},
		{"a-word-of-twenty-cells", 10, "a-word-of-"},
		{"a bb-word-of-twenty-cells", 10, "a bb-word-"},
		{"操作记录", 6, "操作记"},
		{"操作记录，详情", 8, "操作记"},
		{"操作记录，详情", 10, "操作记录，"},
		{"操作记（详情）", 8, "操作记"},
		{"weir的操作", 6, "weir的"},
		{"操作Checkpoint", 8, "操作"},
		{"操a-very-long-word", 8, "操a-very"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t len = utf8_break(rows[i].text, utf8_fit(rows[i].text, rows[i].cols, NULL));
		char *got = xstrndup(rows[i].text, len);

		check_str(rows[i].text, got, rows[i].want);
		free(got);
	}
}

static void utf8_fill_pads_and_never_cuts(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	utf8_fill(&out, "作业", 6);
	buf_adds(&out, "|");
	utf8_fill(&out, "JOB NAME", 6);
	check_str("filled", buf_str(&out), "作业  |JOB NAME");
	buf_release(&out);
}

static void utf8_stands_back_without_the_locale(void **state)
{
	struct utf8_cluster cluster;
	struct buf out;

	(void)state;
	assert_true(utf8_locale());
	assert_non_null(setlocale(LC_ALL, "C"));
	bool plain = !utf8_locale();
	buf_init(&out, 0);
	utf8_neutralise(&out, "a\x1b[m", 4);
	bool next = utf8_next("\xE8\xAE\xA2", &cluster);
	check_locale();
	assert_true(plain && next);
	check_str("neutralised", buf_str(&out), "a?[m");
	assert_int_equal(cluster.advance, 3);
	assert_int_equal(cluster.len, 1);
	assert_int_equal(cluster.text[0], '?');
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_valid_follows_unicode),
		cmocka_unit_test(utf8_repair_replaces_wrong_starts),
		cmocka_unit_test(utf8_neutralise_disarms),
		cmocka_unit_test(utf8_next_measures_clusters),
		cmocka_unit_test(utf8_width_sums),
		cmocka_unit_test(utf8_fit_and_pad_fill_cells),
		cmocka_unit_test(utf8_break_keeps_words_and_marks_whole),
		cmocka_unit_test(utf8_fill_pads_and_never_cuts),
		cmocka_unit_test(utf8_stands_back_without_the_locale),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
