/*
 * A terminal that changes its size whenever it likes: between two frames, in the middle of one that is half sent, or
 * between the pieces of one on a slow line. When it has come to rest it shows what the canvas says, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>
#include <sys/ioctl.h>

#include "tests/tui/term/scribble.h"

#define STORMS 60
#define STEPS 80

static struct theme *theme;

/* Few, so that it often is again what it was. */
static const struct {
	int rows, cols;
} sizes[] = {{15, 60}, {15, 61}, {16, 60}, {40, 120}};

/* The far end is another size at once; who paints hears of it later. */
static void resize(struct pty *pty, size_t i)
{
	int rows = sizes[i].rows, cols = sizes[i].cols;
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	pty->rows = rows;
	pty->cols = cols;
	vterm_set_size(pty->vt, rows, cols);
	assert_int_equal(ioctl(pty->slave, TIOCSWINSZ, &size), 0);
}

static void hear(struct term *term, struct canvas *canvas)
{
	int rows, cols;

	term_resized(term);
	term_size(term, &rows, &cols);
	canvas_resize(canvas, rows, cols);
	/* Most of it is as it was, which nobody would write again without need. */
	for (int row = 0; row < rows; row++)
		canvas_fill(canvas, (struct rect){row, 0, 1, cols}, STYLE_HINT, "h");
	canvas->cursor_row = canvas->cursor_col = -1;
}

/* So many bytes arrive, wherever that cuts. */
static void arrive(struct pty *pty, size_t most)
{
	char bytes[4096];
	ssize_t n = read(pty->master, bytes, most < sizeof(bytes) ? most : sizeof(bytes));

	if (n <= 0)
		return;
	pty->bytes_in += n;
	vterm_input_write(pty->vt, bytes, (size_t)n);
}

/* As the console does it: a frame when the last is out, until one is whole. */
static void come_to_rest(struct pty *pty, struct term *term, struct canvas *canvas, int64_t now_ms)
{
	bool is_whole = false;

	for (int i = 0; !is_whole; i++) {
		assert_true(i < 1000);
		pty_settle(pty, term, 0);
		now_ms += TERM_ANSWER_MS;
		if (term_can_paint(term, now_ms, false))
			is_whole = term_paint(term, canvas);
	}
	pty_settle(pty, term, 0);
}

static void storm(const char *name, bool is_slow)
{
	struct canvas *canvas = canvas_new(24, 80);
	int64_t now_ms = clock_mono_ms();
	struct pty pty;
	struct term *term;

	pty_open(&pty, 24, 80);
	term = pty_term(&pty, "xterm-256color", theme);
	pty_settle(&pty, term, 0);
	pty.deaf = true;
	term_ready(term, now_ms);
	for (int i = 0; i < STEPS; i++) {
		switch (pick(6)) {
		case 0: resize(&pty, pick(ARRAY_SIZE(sizes))); break;
		case 1: hear(term, canvas); break;
		case 2: arrive(&pty, 1 + pick(3000)); break;
		case 3:
			now_ms += is_slow ? 400 : 1;
			term_ready(term, now_ms);
			break;
		default:
			if (!term_can_paint(term, now_ms, pick(2)))
				break;
			scribble(canvas);
			term_paint(term, canvas);
		}
		term_pump(term);
	}
	resize(&pty, pick(ARRAY_SIZE(sizes)));
	if (pick(2)) { /* what is under way was for another size */
		term_pump(term);
		arrive(&pty, 1 + pick(3000));
	}
	hear(term, canvas);
	scribble(canvas);
	come_to_rest(&pty, term, canvas, now_ms);
	expect_screen(&pty, canvas, true, name);
	term_close(term);
	pty_close(&pty);
	canvas_free(canvas);
}

static void no_size_at_any_moment_leaves_garbage(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < STORMS; i++) {
		char name[32];

		seed = 1000 + i;
		snprintf(name, sizeof(name), "storm %u", 1000 + i);
		storm(name, i % 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_size_at_any_moment_leaves_garbage),
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
