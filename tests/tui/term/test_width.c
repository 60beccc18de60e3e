/*
 * A canvas' column is the terminal's column, whatever is written: texts of many scripts, cut anywhere and put
 * anywhere, in front of a mark that stands where the canvas says, as an emulator (libvterm) sees it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tests/tui/term/pty.h"

#define ROWS 24
#define COLS 70
#define FRAMES 60

static const char *const corpus[] = {"order-sync", "caf\u00e9", "cafe\u0301",
	"Z\u0335a\u0337l\u0338g\u0322o\u0321\u0300\u0301\u0302\u0303\u0304",
	"\u8ba2\u5355\u540c\u6b65", "\u6ce8\u6587\u306e\u540c\u671f\u30c6\u30b9\u30c8",
	"\uc8fc\ubb38 \ub3d9\uae30\ud654", "\u1112\u1161\u11ab\u1100\u1173\u11af",
	"\uff26\uff35\uff2c\uff2c", "\uff76\uff9e\uff77\uff9e",
	"\u0e04\u0e33\u0e2a\u0e31\u0e48\u0e07\u0e0b\u0e37\u0e49\u0e2d",
	"\u0915\u094d\u0937\u0924\u094d\u0930\u093f\u092f", "\u0928\u092e\u0938\u094d\u0924\u0947",
	"\u0ba4\u0bae\u0bbf\u0bb4\u0bcd", "\u1019\u102c\u1019",
	"\u0f56\u0f7c\u0f51\u0f0b\u0f66\u0f90\u0f51", "\u1781\u17d2\u1798\u17c2\u179a",
	"\u0627\u0644\u0637\u0644\u0628\u064e\u0627\u062a",
	"\u05d4\u05b7\u05d6\u05b0\u05de\u05b8\u05e0\u05b8\u05d4",
	"abc \u05e9\u05dc\u05d5\u05dd 123", "\u202eevil\u202c", "\u2066iso\u2069",
	"\u200fmark\u200e", "\U0001F44D\U0001F3FD",
	"\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466",
	"\U0001F3F3\uFE0F\u200D\U0001F308", "\U0001F1E8\U0001F1F3\U0001F1E9\U0001F1EA\U0001F1EA",
	"1\uFE0F\u20E3", "\u2764\uFE0F", "\u2764\uFE0E", "\u00a9\uFE0F", "\U0001F525", "\u231a",
	"\u2600", "a\u200Bb", "a\u200Db", "a\u00adb", "\uFEFFx", "\u0301 alone", "\u200D",
	"\u3000wide blank", "\u2026\u00b7\u2192\u2500\u2502", "\U00020000\U0002A6D6", "\U000E0041",
	"\uFFFD\uFFFE", "\u115f\u1160", "\u0661\u0662", "\u0e33", "\xFF\xC0\x80",
	"\x1B[31mred\x1B[0m", "a\tb\rc\nd"};

static uint32_t seed = 4711;

static unsigned pick(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* Behind each text a '#'; where it stands is what the canvas says. */
static int put_text(struct canvas *canvas, int row, int col, const char *text)
{
	int most = pick(3) ? -1 : 1 + (int)pick(12), used;

	if (pick(2))
		used = canvas_put_cut(canvas, row, col, most, STYLE_TEXT, text);
	else
		used = canvas_put(canvas, row, col, most, STYLE_TEXT, text);
	if (most >= 0)
		assert_true(used <= most);
	if (col + used < canvas->cols)
		canvas_put(canvas, row, col + used, 1, STYLE_OK, "#");
	return col + used + 1;
}

static void fill(struct canvas *canvas, int frame)
{
	/* Some rows stay as they were, so that what is painted over is seen too. */
	for (int row = 0; row < ROWS; row++) {
		int col = (int)pick(4);

		if (frame && pick(3) == 0)
			continue;
		if (pick(2))
			canvas_fill(canvas, (struct rect){row, 0, 1, COLS}, STYLE_NONE, NULL);
		while (col < COLS - 2)
			col = put_text(canvas, row, col, corpus[pick(ARRAY_SIZE(corpus))]) +
				(int)pick(3);
		canvas_put(canvas, row, COLS - 1, 1, STYLE_OK, "|");
	}
}

static void columns_are_the_terminals(void **state)
{
	static const char *const types[] = {
		"xterm-256color", "screen-256color", "tmux-256color", "linux"};
	struct theme *theme = theme_builtin("dark");
	int marks = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct canvas *canvas = canvas_new(ROWS, COLS);
		struct pty pty;
		struct term *term;

		pty_open(&pty, ROWS, COLS);
		term = pty_term(&pty, types[i], theme);
		for (int frame = 0; frame < FRAMES; frame++) {
			fill(canvas, frame);
			if (frame % 20 == 19)
				term_repaint(term);
			term_paint(term, canvas);
			pty_settle(&pty, term, 0);
			for (int row = 0; row < ROWS; row++)
				for (int col = 0; col < COLS; col++) {
					const struct cell *want = canvas_cell(canvas, row, col);
					VTermScreenCell got = pty_cell(&pty, row, col);

					/* The last wide one of all, which would be pushed (curses.c). */
					if (row == ROWS - 1 && col == COLS - 3 &&
						want->width == 2 && got.chars[0] == ' ')
						continue;
					bool is_mark = want->text[0] == '#' || want->text[0] == '|';

					marks += is_mark;
					if (is_mark !=
							(got.chars[0] == '#' ||
								got.chars[0] == '|') ||
						(want->width && want->width != got.width))
						fail_msg(
							"%s, frame %d: at %d,%d the terminal shows "
							"U+%04X of %d cells, the canvas '%s' of %d",
							types[i], frame, row, col, got.chars[0],
							got.width, want->text, want->width);
				}
		}
		term_close(term);
		pty_close(&pty);
		canvas_free(canvas);
	}
	assert_true(marks > 10000);
	theme_free(theme);
}

/* What is measured is what is put: of each text, at each width. */
static void widths_are_measured_as_they_are_put(void **state)
{
	struct canvas *canvas = canvas_new(1, 200);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(corpus); i++) {
		struct buf clean;
		int whole;

		buf_init(&clean, 0);
		utf8_neutralise(&clean, corpus[i], strlen(corpus[i]));
		whole = utf8_width(buf_str(&clean));
		assert_int_equal(canvas_put(canvas, 0, 0, -1, STYLE_TEXT, corpus[i]), whole);
		for (int cols = 0; cols <= whole + 1; cols++) {
			int fit, put = canvas_put(canvas, 0, 0, cols, STYLE_TEXT, corpus[i]);

			utf8_fit(buf_str(&clean), cols, &fit);
			if (put != fit || put > cols)
				fail_msg("text %zu in %d cells: %d put, %d measured", i, cols, put,
					fit);
			assert_true(
				canvas_put_cut(canvas, 0, 0, cols, STYLE_TEXT, corpus[i]) <= cols);
		}
		buf_release(&clean);
	}
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_are_measured_as_they_are_put),
		cmocka_unit_test(columns_are_the_terminals),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	term_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
