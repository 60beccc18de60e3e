/*
 * A pseudo-terminal with an emulator (libvterm) at its far end, for tests of tui/term: what arrives
 * there is the truth about what was painted.
 */
#ifndef WEIR_TESTS_TUI_PTY_H
#define WEIR_TESTS_TUI_PTY_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <vterm.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "tui/term/canvas.h"
#include "tui/term/term.h"

#define PTY_DEADLINE_MS 60000

struct pty {
	int master, slave, rows, cols;
	VTerm *vt;
	VTermScreen *screen;
	VTermPos cursor;
	bool alt_screen, cursor_visible;
	int mouse; /* VTERM_PROP_MOUSE_… */
	bool is_reversed;
	bool deaf; /* gives no answers */
	long long bytes_in;
	struct buf seen; /* all that arrived since pty_forget() */
};

static inline int pty_on_prop(VTermProp prop, VTermValue *value, void *user)
{
	struct pty *pty = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		pty->alt_screen = value->boolean;
	if (prop == VTERM_PROP_MOUSE)
		pty->mouse = value->number;
	if (prop == VTERM_PROP_REVERSE)
		pty->is_reversed = value->boolean;
	if (prop == VTERM_PROP_CURSORVISIBLE)
		pty->cursor_visible = value->boolean;
	return 1;
}

static inline int pty_on_cursor(VTermPos pos, VTermPos before, int visible, void *user)
{
	struct pty *pty = user;

	(void)before;
	(void)visible;
	pty->cursor = pos;
	return 1;
}

static inline void pty_on_answer(const char *bytes, size_t len, void *user)
{
	struct pty *pty = user;

	if (!pty->deaf)
		assert_int_equal(write(pty->master, bytes, len), len);
}

static inline void pty_open(struct pty *pty, int rows, int cols)
{
	static const VTermScreenCallbacks callbacks = {
		.settermprop = pty_on_prop, .movecursor = pty_on_cursor};
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	memset(pty, 0, sizeof(*pty));
	pty->rows = rows;
	pty->cols = cols;
	pty->cursor_visible = true;
	assert_int_equal(openpty(&pty->master, &pty->slave, NULL, NULL, &size), 0);
	fcntl(pty->master, F_SETFL, O_NONBLOCK);
	buf_init(&pty->seen, 0);
	pty->vt = vterm_new(rows, cols);
	vterm_set_utf8(pty->vt, 1);
	vterm_output_set_callback(pty->vt, pty_on_answer, pty);
	pty->screen = vterm_obtain_screen(pty->vt);
	vterm_screen_enable_altscreen(pty->screen, 1);
	vterm_screen_set_callbacks(pty->screen, &callbacks, pty);
	vterm_screen_reset(pty->screen, 1);
}

static inline void pty_close(struct pty *pty)
{
	vterm_free(pty->vt);
	buf_release(&pty->seen);
	if (pty->master >= 0)
		close(pty->master);
	close(pty->slave);
}

/* Takes what is there, unseen by the emulator; false when nothing came within wait_ms. */
static inline bool pty_take(struct pty *pty, int wait_ms)
{
	struct pollfd pfd = {.fd = pty->master, .events = POLLIN};
	char bytes[16384];
	ssize_t n;

	if (poll(&pfd, 1, wait_ms) <= 0)
		return false;
	n = read(pty->master, bytes, sizeof(bytes));
	if (n <= 0)
		return false;
	pty->bytes_in += n;
	buf_add(&pty->seen, bytes, (size_t)n);
	return true;
}

/* It takes no megabytes at once, and loses a mark that comes in another piece than its letter. */
static inline void pty_emulate(struct pty *pty, size_t from)
{
	while (from < pty->seen.len) {
		const char *at = pty->seen.data + from;
		size_t len = pty->seen.len - from;

		if (len > 16384) {
			const char *last = memrchr(at, '\x1b', 16384);
			len = last > at ? (size_t)(last - at) : 16384;
		}
		vterm_input_write(pty->vt, at, len);
		from += len;
	}
}

static inline bool pty_read(struct pty *pty, int wait_ms)
{
	size_t from = pty->seen.len;
	bool any = pty_take(pty, wait_ms);

	pty_emulate(pty, from);
	return any;
}

/*
 * Until all that `term` has queued is out and has arrived, and is emulated: all of it together, but
 * where there is a pause.
 */
static inline void pty_settle(struct pty *pty, struct term *term, long long bytes_before)
{
	int64_t end = clock_mono_ms() + PTY_DEADLINE_MS;
	size_t from = pty->seen.len;

	while (term_pump(term) || pty->bytes_in - bytes_before < term_bytes_out(term)) {
		if (!pty_take(pty, 10)) { /* it may wait for an answer of the emulator */
			pty_emulate(pty, from);
			from = pty->seen.len;
		}
		if (clock_mono_ms() > end)
			fail_msg("%lld bytes of %lld arrived", pty->bytes_in - bytes_before,
				term_bytes_out(term));
	}
	pty_emulate(pty, from);
}

/* Keys until `sym` came; all keys before it are dropped. */
static inline void pty_await_key(struct pty *pty, struct term *term, enum key_sym sym)
{
	int64_t end = clock_mono_ms() + PTY_DEADLINE_MS;
	struct key key;

	for (;;) {
		while (key_next(term_keys(term), &key))
			if (key.sym == sym)
				return;
		pty_read(pty, 0);
		struct pollfd pfd = {.fd = term_in_fd(term), .events = POLLIN};
		poll(&pfd, 1, 10);
		assert_true(term_read(term));
		if (clock_mono_ms() > end)
			fail_msg("no such key came: %d", sym);
	}
}

static inline void pty_forget(struct pty *pty)
{
	buf_reset(&pty->seen);
}

static inline bool pty_saw(const struct pty *pty, const char *bytes)
{
	return pty->seen.len && memmem(pty->seen.data, pty->seen.len, bytes, strlen(bytes));
}

static inline VTermScreenCell pty_cell(const struct pty *pty, int row, int col)
{
	VTermScreenCell cell;

	vterm_screen_get_cell(pty->screen, (VTermPos){.row = row, .col = col}, &cell);
	return cell;
}

static inline struct term *pty_term(struct pty *pty, const char *name, const struct theme *theme)
{
	struct term_options options = {
		.in_fd = pty->slave, .out_fd = pty->slave, .name = name, .theme = theme};
	struct err err = {0};
	struct term *term;

	if (term_open(&term, &options, &err))
		fail_msg("%s: %s", name, err.text);
	return term;
}

/* All cells are full, and each row is another one. */
static inline struct canvas *pty_noise(int rows, int cols)
{
	struct canvas *canvas = canvas_new(rows, cols);

	for (int row = 0; row < rows; row++)
		for (int col = 0; col < cols; col++)
			canvas_put(canvas, row, col, 1,
				(enum style)(STYLE_DIM + (row * 7 + col) % 12), &"xyz"[col % 3]);
	return canvas;
}

#endif
