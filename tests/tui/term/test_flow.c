/* A line that is slow, or gives no answers: no frame is queued behind another, and what is typed is shown first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>

#include "tests/tui/term/pty.h"

static struct theme *theme;

static void term_waits_for_the_answer_of_a_slow_line(void **state)
{
	struct canvas *canvas = pty_noise(24, 80);
	struct pty pty;
	struct term *term;

	(void)state;
	pty_open(&pty, 24, 80);
	term = pty_term(&pty, "xterm-256color", theme);
	pty_settle(&pty, term, 0);
	pty_await_key(&pty, term, KEY_SYM_REPORT);
	term_ready(term, clock_mono_ms());
	pty.deaf = true;
	pty_forget(&pty);
	assert_true(term_can_paint(term, 1000, false));
	term_paint(term, canvas);
	assert_false(term_can_paint(term, 1000, false)); /* unsent */
	pty_settle(&pty, term, 0);
	assert_true(pty_saw(&pty, "\x1B[5n"));
	assert_false(term_can_paint(term, 1000, false)); /* unanswered */
	assert_false(term_can_paint(term, 1000 + TERM_ANSWER_MS - 1, false));
	term_ready(term, 1000);
	assert_true(term_can_paint(term, 1000 + TERM_ANSWER_MS - 1, false));

	/* A small frame does not hold up the next: a typed letter is seen at once. */
	canvas_put(canvas, 3, 3, -1, STYLE_OK, "j");
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_true(term_can_paint(term, 5000, false));
	canvas_put(canvas, 3, 3, -1, STYLE_OK, "k");
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_true(term_can_paint(term, 5001, false));

	/* It has answered before, so it is asked on even when one answer was lost. */
	term_repaint(term);
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_false(term_can_paint(term, 5002, false));
	assert_true(term_can_paint(term, 5000 + TERM_ANSWER_MS, false));
	pty_forget(&pty);
	term_repaint(term);
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_true(pty_saw(&pty, "\x1B[5n"));
	term_close(term);
	pty_close(&pty);
	canvas_free(canvas);
}

/* Time is held: what is put is answered `late_ms` after the time that an answer takes at least. */
static size_t put_and_answer(struct pty *pty, struct term *term, const struct canvas *canvas,
	int64_t *now_ms, int64_t late_ms, bool *is_whole)
{
	long long before = term_bytes_out(term);

	assert_true(term_can_paint(term, *now_ms, false));
	*is_whole = term_paint(term, canvas);
	pty_settle(pty, term, 0);
	*now_ms += late_ms;
	term_ready(term, *now_ms);
	return (size_t)(term_bytes_out(term) - before);
}

static void expect_row(const struct pty *pty, const struct canvas *canvas, int row)
{
	for (int col = 0; col < canvas->cols; col++) {
		VTermScreenCell cell = pty_cell(pty, row, col);

		if (cell.chars[0] != (uint32_t)canvas_cell(canvas, row, col)->text[0])
			fail_msg("row %d is not there yet", row);
	}
}

static void term_gives_a_slow_line_its_frames_in_pieces(void **state)
{
	struct canvas *canvas = pty_noise(24, 80);
	bool is_whole = false;
	int64_t now_ms;
	struct pty pty;
	struct term *term;
	size_t whole, piece;
	int pieces = 0;

	(void)state;
	pty_open(&pty, 24, 80);
	term = pty_term(&pty, "xterm-256color", theme);
	pty_settle(&pty, term, 0);
	pty_await_key(&pty, term, KEY_SYM_REPORT);
	now_ms = clock_mono_ms();
	term_ready(term, now_ms);
	pty.deaf = true;
	whole = put_and_answer(&pty, term, canvas, &now_ms, 1, &is_whole);
	assert_true(is_whole);

	/* That took it 1.2 s: a quarter of it may go at once. */
	term_repaint(term);
	put_and_answer(&pty, term, canvas, &now_ms, 1200, &is_whole);
	assert_true(is_whole);
	term_repaint(term);
	canvas->cursor_row = 23;
	canvas->cursor_col = 1;
	piece = put_and_answer(&pty, term, canvas, &now_ms, 300, &is_whole);
	assert_false(is_whole);
	assert_true(piece < whole / 2);
	expect_row(&pty, canvas, 23);

	/* What is typed meanwhile is shown, and nothing else. */
	assert_false(is_whole);
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_false(term_can_paint(term, now_ms, false));
	canvas_put(canvas, 23, 0, 1, STYLE_PROMPT, "/");
	canvas_put(canvas, 0, 0, 1, STYLE_PROMPT, "?");
	assert_true(term_can_paint(term, now_ms, true));
	assert_false(term_paint(term, canvas));
	pty_settle(&pty, term, 0);
	expect_row(&pty, canvas, 23);
	assert_int_not_equal(pty_cell(&pty, 0, 0).chars[0], '?');
	/* The letter's own answer was not asked for; that holds up nothing. */
	now_ms += 300;
	term_ready(term, now_ms);
	while (!is_whole && ++pieces < 24)
		put_and_answer(&pty, term, canvas, &now_ms, 300, &is_whole);
	assert_true(is_whole);
	for (int row = 0; row < canvas->rows; row++)
		expect_row(&pty, canvas, row);

	/* It has become fast again: soon a frame is one. */
	for (int i = 0; i < 8; i++) {
		do
			put_and_answer(&pty, term, canvas, &now_ms, 1, &is_whole);
		while (!is_whole);
		term_repaint(term);
	}
	put_and_answer(&pty, term, canvas, &now_ms, 1, &is_whole);
	assert_true(is_whole);
	term_close(term);
	pty_close(&pty);
	canvas_free(canvas);
}

static void term_asks_a_deaf_terminal_once(void **state)
{
	struct canvas *canvas = pty_noise(24, 80);
	struct pty pty;
	struct term *term;

	(void)state;
	pty_open(&pty, 24, 80);
	pty.deaf = true;
	term = pty_term(&pty, "xterm-256color", theme);
	assert_true(term_can_paint(term, 1000, false)); /* the first frame is not held up */
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_false(term_can_paint(term, 1001, false));
	assert_true(term_can_paint(term, 1000 + TERM_ANSWER_MS, false));
	pty_forget(&pty);
	for (int i = 0; i < 3; i++) {
		term_repaint(term);
		term_paint(term, canvas);
		pty_settle(&pty, term, 0);
		assert_true(term_can_paint(term, 4000, false));
	}
	assert_false(pty_saw(&pty, "\x1B[5n"));
	term_close(term);
	pty_close(&pty);
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(term_waits_for_the_answer_of_a_slow_line),
		cmocka_unit_test(term_gives_a_slow_line_its_frames_in_pieces),
		cmocka_unit_test(term_asks_a_deaf_terminal_once),
	};
	int failed;

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	theme = theme_builtin("dark");
	term_prepare();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	theme_free(theme);
	return failed;
}
