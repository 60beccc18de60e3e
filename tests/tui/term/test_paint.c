/* Frames through curses, a pseudo-terminal and an emulator: what arrives is what the canvas says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>

#include "tests/tui/term/scribble.h"

struct type_case {
	const char *name, *term, *colorterm;
	bool no_color;
	int colors;
};

static const struct type_case types[] = {
	{"256 colours", "xterm-256color", NULL, false, 256},
	{"true colour", "xterm-256color", "truecolor", false, 1 << 24},
	{"true colour said, no such entry", "vt220", "24bit", false, 0},
	{"8 colours", "xterm", NULL, false, 8},
	{"16 colours", "xterm-16color", NULL, false, 16},
	{"no colour wanted", "xterm-256color", "truecolor", true, 0},
	{"vt100", "vt100", NULL, false, 0},
	{"linux", "linux", NULL, false, 8},
	{"screen", "screen-256color", NULL, false, 256},
	{"tmux", "tmux-256color", "truecolor", false, -1},
};

static void paint_equals_the_canvas(void **state)
{
	struct theme *theme = theme_builtin("dark");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const struct type_case *c = &types[i];
		struct canvas *canvas = canvas_new(24, 80);
		struct term_options options = {
			.name = c->term, .theme = theme, .no_color = c->no_color};
		struct err err = {0};
		struct term *term;
		struct pty pty;

		pty_open(&pty, 24, 80);
		options.in_fd = options.out_fd = pty.slave;
		if (c->colorterm)
			setenv("COLORTERM", c->colorterm, 1);
		else
			unsetenv("COLORTERM");
		if (term_open(&term, &options, &err))
			fail_msg("%s: %s", c->name, err.text);
		if (c->colors >= 0 && term_colors(term) != c->colors)
			fail_msg("%s: %d colours", c->name, term_colors(term));
		for (int frame = 0; frame < 40; frame++) {
			scribble(canvas);
			if (frame % 13 == 12)
				term_repaint(term);
			term_paint(term, canvas);
			pty_settle(&pty, term, 0);
			expect_screen(&pty, canvas, !str_eq(c->term, "vt100"), c->name);
		}
		term_close(term);
		pty_close(&pty);
		canvas_free(canvas);
	}
	unsetenv("COLORTERM");
	theme_free(theme);
}

static bool is_rgb(const VTermColor *color, int32_t rgb)
{
	return VTERM_COLOR_IS_RGB(color) &&
		(color->rgb.red << 16 | color->rgb.green << 8 | color->rgb.blue) == rgb;
}

static bool is_index(const VTermColor *color, int index)
{
	return VTERM_COLOR_IS_INDEXED(color) && color->indexed.idx == index;
}

/* One cell of each style with each set of overlays, looked at in the emulator. */
static void paint_styles(const struct type_case *c, const struct theme *theme)
{
	struct canvas *canvas = canvas_new(STYLE_MAX, 8);
	struct term_options options = {.name = c->term, .theme = theme, .no_color = c->no_color};
	struct term *term;
	struct pty pty;

	pty_open(&pty, STYLE_MAX, 8);
	options.in_fd = options.out_fd = pty.slave;
	assert_int_equal(term_open(&term, &options, NULL), 0);
	for (int row = 0; row < STYLE_MAX; row++)
		for (int col = 0; col < 8; col++) {
			canvas_put(canvas, row, col, 1, (enum style)row, "x");
			for (int i = STYLE_STALE; i < STYLE_MAX; i++)
				if (CELL_OVERLAY(i) & (unsigned)col)
					canvas_overlay(canvas, (struct rect){row, col, 1, 1},
						(enum style)i);
		}
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	for (int row = 0; row < STYLE_MAX; row++)
		for (int col = 0; col < 8; col++) {
			struct style_def def = theme_merge(theme, (unsigned)row, (unsigned)col);
			VTermScreenCell got = pty_cell(&pty, row, col);
			bool fg, bg, bold = def.attrs & ATTR_BOLD;

			if (c->colors == 1 << 24) {
				fg = is_rgb(&got.fg, def.fg);
				bg = is_rgb(&got.bg, def.bg);
			} else {
				fg = is_index(&got.fg, theme_nearest(def.fg, c->colors));
				bg = is_index(&got.bg, theme_nearest(def.bg, c->colors));
			}
			if (def.fg == COLOR_UNSET)
				fg = VTERM_COLOR_IS_DEFAULT_FG(&got.fg);
			if (def.bg == COLOR_UNSET)
				bg = VTERM_COLOR_IS_DEFAULT_BG(&got.bg);
			if (!fg || !bg || got.attrs.bold != bold ||
				got.attrs.underline != !!(def.attrs & ATTR_UNDERLINE))
				fail_msg("%s: %s with overlays %d: fg %d, bg %d, bold %d", c->name,
					canvas_style_name((enum style)row), col, fg, bg,
					got.attrs.bold);
		}
	term_close(term);
	pty_close(&pty);
	canvas_free(canvas);
}

static void paint_shows_the_theme(void **state)
{
	(void)state;
	static const char *const names[] = {
		"dark", "light", "colour-blind", "high-contrast", "mono"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct theme *theme = theme_builtin(names[i]);

		unsetenv("COLORTERM");
		paint_styles(&types[0], theme);
		setenv("COLORTERM", "truecolor", 1);
		paint_styles(&types[1], theme);
		unsetenv("COLORTERM");
		theme_free(theme);
	}
}

/* No colour: failed, stale and the cursor's row are still seen. Few colours: the row is reversed.
 */
static void paint_without_colours_keeps_things_apart(void **state)
{
	struct theme *theme = theme_builtin("dark");

	(void)state;
	for (int colors = 0; colors <= 8; colors += 8) {
		struct canvas *canvas = canvas_new(2, 10);
		struct term_options options = {
			.name = "xterm", .theme = theme, .no_color = colors == 0};
		struct term *term;
		struct pty pty;

		pty_open(&pty, 2, 10);
		options.in_fd = options.out_fd = pty.slave;
		assert_int_equal(term_open(&term, &options, NULL), 0);
		assert_int_equal(term_colors(term), colors);
		canvas_put(canvas, 0, 0, -1, STYLE_STATE_FAILED, "F");
		canvas_put(canvas, 0, 1, -1, STYLE_STATE_RUNNING, "R");
		canvas_put(canvas, 1, 0, -1, STYLE_TEXT, "S");
		canvas_overlay(canvas, (struct rect){1, 0, 1, 10}, STYLE_SELECTED);
		term_paint(term, canvas);
		pty_settle(&pty, term, 0);
		assert_true(pty_cell(&pty, 0, 0).attrs.bold);
		assert_false(pty_cell(&pty, 0, 1).attrs.bold);
		assert_true(pty_cell(&pty, 1, 0).attrs.reverse);
		assert_true(pty_cell(&pty, 1, 9).attrs.reverse);
		assert_false(pty_cell(&pty, 0, 9).attrs.reverse);
		if (!colors) {
			VTermScreenCell cell = pty_cell(&pty, 0, 0);

			assert_true(VTERM_COLOR_IS_DEFAULT_FG(&cell.fg));
		}
		term_close(term);
		pty_close(&pty);
		canvas_free(canvas);
	}
	theme_free(theme);
}

static void paint_follows_size_and_theme(void **state)
{
	static const int sizes[][2] = {{24, 80}, {10, 40}, {40, 120}, {1, 1}, {3, 2}, {60, 15}};
	struct theme *dark = theme_builtin("dark"), *light = theme_builtin("light");
	struct canvas *canvas = canvas_new(24, 80);
	struct term_options options = {.name = "xterm-256color", .theme = dark};
	struct term *term;
	struct pty pty;

	(void)state;
	pty_open(&pty, 24, 80);
	options.in_fd = options.out_fd = pty.slave;
	assert_int_equal(term_open(&term, &options, NULL), 0);
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			vterm_set_size(pty.vt, sizes[i][0], sizes[i][1]);
			canvas_resize(canvas, sizes[i][0], sizes[i][1]);
			scribble(canvas);
			term_set_theme(term, i % 2 ? dark : light);
			term_resized(term);
			term_paint(term, canvas);
			pty_settle(&pty, term, 0);
			expect_screen(&pty, canvas, true, "resized");
		}
	term_close(term);
	pty_close(&pty);
	canvas_free(canvas);
	theme_free(dark);
	theme_free(light);
}

static void paint_of_nothing_new_writes_nothing(void **state)
{
	struct theme *theme = theme_builtin("dark");
	struct canvas *canvas = canvas_new(24, 80);
	struct term_options options = {.name = "xterm-256color", .theme = theme};
	struct term *term;
	struct pty pty;
	long long before;

	(void)state;
	pty_open(&pty, 24, 80);
	options.in_fd = options.out_fd = pty.slave;
	assert_int_equal(term_open(&term, &options, NULL), 0);
	canvas_put(canvas, 3, 3, -1, STYLE_TITLE, "hello");
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	pty_await_key(&pty, term, KEY_SYM_REPORT);
	term_ready(term, clock_mono_ms());
	before = term_bytes_out(term);
	for (int i = 0; i < 5; i++)
		term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_int_equal(term_bytes_out(term), before);
	/* One letter costs a few bytes, wrapped so that it shows at once. */
	pty_forget(&pty);
	canvas_put(canvas, 3, 3, -1, STYLE_TITLE, "j");
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_in_range(term_bytes_out(term) - before, 1, 64);
	assert_memory_equal(pty.seen.data, "\x1B[?2026h", 8);
	assert_true(pty_saw(&pty, "\x1B[?2026l"));
	term_close(term);
	pty_close(&pty);
	canvas_free(canvas);
	theme_free(theme);
}

/* A frame larger than any pipe: curses must not wait for us while we wait for it. */
static void paint_of_a_huge_frame_does_not_lock(void **state)
{
	struct theme *theme = theme_builtin("dark");
	struct canvas *canvas = canvas_new(500, 1000);
	struct term_options options = {.name = "xterm-256color", .theme = theme};
	struct term *term;
	struct pty pty;

	(void)state;
	setenv("COLORTERM", "truecolor", 1);
	pty_open(&pty, 500, 1000);
	options.in_fd = options.out_fd = pty.slave;
	assert_int_equal(term_open(&term, &options, NULL), 0);
	for (int row = 0; row < 500; row++)
		for (int col = 0; col < 1000; col++)
			canvas_put(canvas, row, col, 1,
				(enum style)(STYLE_DIM + (row + col) % (STYLE_STALE - STYLE_DIM)),
				(row + col) % 3 ? "x" : "é");
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_true(term_bytes_out(term) > 2 << 20);
	expect_screen(&pty, canvas, true, "huge");
	term_close(term);
	pty_close(&pty);
	canvas_free(canvas);
	theme_free(theme);
	unsetenv("COLORTERM");
}

/* Where the locale is not UTF-8, a canvas filled with UTF-8 becomes question marks, never bytes. */
static void paint_in_the_c_locale_is_ascii(void **state)
{
	struct theme *theme = theme_builtin("dark");
	struct canvas *canvas = canvas_new(2, 12);
	struct term_options options = {.name = "xterm-256color", .theme = theme};
	struct term *term;
	struct pty pty;

	(void)state;
	canvas_put(canvas, 0, 0, -1, STYLE_TEXT, "a订é─b …·");
	setlocale(LC_ALL, "C");
	pty_open(&pty, 2, 12);
	options.in_fd = options.out_fd = pty.slave;
	assert_int_equal(term_open(&term, &options, NULL), 0);
	assert_true(term_ascii(term));
	canvas->ascii = term_ascii(term);
	canvas_put(canvas, 1, 0, -1, STYLE_TEXT, "订!");
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	for (size_t i = 0; i < pty.seen.len; i++)
		assert_in_range((unsigned char)pty.seen.data[i], 0, 0x7F);
	for (int i = 0; i < 6; i++)
		assert_int_equal(pty_cell(&pty, 0, i).chars[0], "a????b"[i]);
	assert_int_equal(pty_cell(&pty, 1, 0).chars[0], '?');
	/* A text of ours is still to be read. */
	assert_int_equal(pty_cell(&pty, 0, 7).chars[0], '.');
	assert_int_equal(pty_cell(&pty, 0, 8).chars[0], '.');
	term_close(term);
	pty_close(&pty);
	canvas_free(canvas);
	theme_free(theme);
	setlocale(LC_ALL, "C.UTF-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paint_equals_the_canvas),
		cmocka_unit_test(paint_shows_the_theme),
		cmocka_unit_test(paint_without_colours_keeps_things_apart),
		cmocka_unit_test(paint_follows_size_and_theme),
		cmocka_unit_test(paint_of_nothing_new_writes_nothing),
		cmocka_unit_test(paint_of_a_huge_frame_does_not_lock),
		cmocka_unit_test(paint_in_the_c_locale_is_ascii),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	term_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
