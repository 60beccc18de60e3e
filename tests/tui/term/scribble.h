/* Frames by chance, and whether what arrived at the emulator is what the canvas says. */
#ifndef WEIR_TESTS_TUI_SCRIBBLE_H
#define WEIR_TESTS_TUI_SCRIBBLE_H

#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/tui/term/pty.h"

static uint32_t seed = 99;

static inline unsigned pick(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

static inline void expect_cell(
	const struct pty *pty, const struct canvas *canvas, int row, int col, const char *name)
{
	const struct cell *want = canvas_cell(canvas, row, col);
	VTermScreenCell got = pty_cell(pty, row, col);
	char text[CELL_TEXT_MAX * 2] = "";
	size_t len = 0;

	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && got.chars[i]; i++)
		len += wcrtomb(text + len, (wchar_t)got.chars[i], &(mbstate_t){0});
	text[len] = '\0';
	if (strcmp(text[0] ? text : " ", want->text) || got.width != want->width)
		fail_msg("%s: at %d,%d the terminal shows '%s' (width %d), not '%s' (%d)", name,
			row, col, text, got.width, want->text, want->width);
}

static inline void expect_screen(
	const struct pty *pty, const struct canvas *canvas, bool has_civis, const char *name)
{
	for (int row = 0; row < canvas->rows; row++)
		for (int col = 0; col < canvas->cols; col++)
			if (canvas_cell(canvas, row, col)->width)
				expect_cell(pty, canvas, row, col, name);
	if (canvas->cursor_row >= 0) {
		if (!pty->cursor_visible)
			fail_msg("%s: the cursor is hidden", name);
		assert_int_equal(pty->cursor.row, canvas->cursor_row);
		assert_int_equal(pty->cursor.col, canvas->cursor_col);
	} else {
		if (pty->cursor_visible && has_civis)
			fail_msg("%s: the cursor is shown", name);
	}
}

/* A next frame: some rows change, some text, some styles, sometimes all scrolls. */
static inline void scribble(struct canvas *canvas)
{
	static const char *const texts[] = {"order-sync", "订单同步", "RUNNING",
		"e\xCC\x81t\xC3\xA9", "12.5 MB", "\x1B[31mred", "┌─┐│", "a", "  ",
		"\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD ok",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};

	if (pick(6) == 0)
		canvas_clear(canvas);
	if (pick(6) == 0)
		memmove(canvas->cells, canvas->cells + canvas->cols,
			sizeof(*canvas->cells) * (size_t)(canvas->rows - 1) * (size_t)canvas->cols);
	for (int i = 0; i < 12; i++) {
		int row = (int)pick((unsigned)canvas->rows),
		    col = (int)pick((unsigned)canvas->cols);

		if (pick(8) == 0)
			canvas_fill(canvas, (struct rect){row, 0, 1, canvas->cols},
				(enum style)pick(STYLE_STALE), texts[pick(ARRAY_SIZE(texts))]);
		else
			canvas_put_cut(canvas, row, col, -1, (enum style)pick(STYLE_STALE),
				texts[pick(ARRAY_SIZE(texts))]);
		if (pick(3) == 0)
			canvas_overlay(canvas, (struct rect){row, 0, 1, canvas->cols},
				(enum style)(STYLE_STALE + (int)pick(3)));
	}
	/* The emulator loses a mark in the last column. */
	for (int row = 0; row < canvas->rows; row++)
		if (strlen(canvas_cell(canvas, row, canvas->cols - 1)->text) > 1)
			canvas_put(canvas, row, canvas->cols - 1, 1, STYLE_OK, "#");
	canvas->cursor_row = canvas->cursor_col = -1;
	if (pick(2)) {
		canvas->cursor_row = (int)pick((unsigned)canvas->rows);
		canvas->cursor_col = (int)pick((unsigned)canvas->cols);
	}
}

#endif
