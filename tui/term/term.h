/*
 * The terminal itself: termios, alternate screen, window size, bytes in and out. curses only turns
 * frames into bytes (curses.c); they wait in a queue here, are written as the terminal takes them,
 * and no frame starts while the last is unsent. Behind a slow line, where buffers cannot be seen,
 * frames also wait (at most TERM_ANSWER_MS) for the answer to CSI 5 n. Nothing here blocks, but
 * term_close() and term_suspend(), by half a second when the terminal is stuck.
 *
 * What restores the terminal is known in advance, so that a signal handler can do it after a crash.
 *
 *	term_open(&term, &options, &err);
 *	loop_watch(loop, term_in_fd(term), LOOP_READ, LOOP_URGENT, on_input, ui);
 *	on_input:	alive = term_read(term);
 *			while (key_next(term_keys(term), &key))
 *				key.sym == KEY_SYM_REPORT ? term_ready(term, now) : ui_key(ui, &key);
 *	before sleep:	if (dirty && term_can_paint(term, now, is_typed))
 *				dirty = !term_paint(term, canvas);
 *			loop_watch_set(out_watch, term_pump(term) ? LOOP_WRITE : 0);
 *	term_close(term);
 */
#ifndef WEIR_TUI_TERM_H
#define WEIR_TUI_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"
#include "tui/term/theme.h"

struct term;

#define TERM_ANSWER_MS 2000

struct term_options {
	int in_fd, out_fd;         /* usually 0 and 1; both terminals */
	const char *name;          /* $TERM */
	const struct theme *theme; /* borrowed until term_close() or term_set_theme() */
	bool no_color;
	/* KEY_SYM_BACKGROUND comes sooner or later from those who answer. Not asked where there are
	 * no colours, nor of types that would print the question. */
	bool asks_background;
};

/*
 * Once, before there are other threads: curses is told by the environment to add no padding, and another
 * thread that reads a variable meanwhile (SQLite, gettext and the resolver do) would crash.
 */
void term_prepare(void);
/*
 * Enters the alternate screen and raw mode; installs the crash handlers. The terminal is opened
 * anew where possible, so that O_NONBLOCK does not leak to the shell, which shares ours.
 * Errors: E_ARG not a terminal, or a type that terminfo does not know (says what to set) ·
 * E_UNSUPPORTED a type that cannot place its cursor (dumb) · E_INTERNAL. The terminal is then as it
 * was.
 */
int term_open(struct term **out, const struct term_options *options, struct err *err);
/* Restores the terminal; NULL-safe. */
void term_close(struct term *term);
/* Hand the terminal to another program (Ctrl-Z, $EDITOR) and take it back (full repaint). */
void term_suspend(struct term *term);
int term_resume(struct term *term, struct err *err);

/* Two different descriptors, for the whole life of `term`. */
/* Are we in the foreground of it? Also true of a terminal that has no foreground. */
bool term_is_ours(const struct term *term);
int term_in_fd(const struct term *term);
int term_out_fd(const struct term *term);
/* Reads what is there; false when the terminal is gone (EOF, EIO). Then key_next on term_keys(). */
bool term_read(struct term *term);
struct key_decoder *term_keys(struct term *term);
/* The answer to CSI 5 n was seen as a key: tell. */
void term_ready(struct term *term, int64_t mono_ms);
/*
 * Asks the kernel; where that knows nothing, $LINES and $COLUMNS, then 24 x 80. At least 1 x 1, at
 * most 500 x 1000.
 */
void term_size(const struct term *term, int *rows, int *cols);
/* After SIGWINCH: the next paint is whole. */
void term_resized(struct term *term);
/* Should canvases draw borders in ASCII? No UTF-8, or a type without line drawing. */
bool term_ascii(const struct term *term);
/* Colours it paints with: 0, 8, 16, 256 or 1 << 24. */
int term_colors(const struct term *term);

/*
 * May a frame start now? False while the last one is unsent or unanswered: ask again when the
 * output is writable, after term_ready(), at the latest after TERM_ANSWER_MS. for_key: on a slow line the cursor's row,
 * which is where somebody types, may follow what is unanswered.
 */
bool term_can_paint(struct term *term, int64_t mono_ms, bool for_key);
/*
 * Queues what differs from the last frame; false: on a slow line only a part, the cursor's row first, so paint again.
 * A canvas of another size counts as resized.
 */
bool term_paint(struct term *term, const struct canvas *canvas);
void term_repaint(struct term *term); /* the next paint is whole */
/*
 * Behind the frames that are queued: bytes that leave the cells as they are (OSC 52, OSC 8).
 * Dropped while the terminal is another program's.
 */
void term_write(struct term *term, const char *bytes, size_t len);
/* Answers come late: every byte counts. */
bool term_is_slow(const struct term *term);
/* Write what is queued without blocking; true = more is left: watch out_fd for writing. */
bool term_pump(struct term *term);
void term_set_theme(struct term *term, const struct theme *theme);
/* Clicks and the wheel come as keys; off at first. They are off whenever the terminal is not ours. */
void term_mouse(struct term *term, bool is_on);
/* Behind the frames that are queued: the bell; or all colours the other way round, until it is off. */
void term_bell(struct term *term);
void term_flash(struct term *term, bool is_on);
/* Bytes written to the terminal since term_open. */
long long term_bytes_out(const struct term *term);

#endif
