/*
 * Owner of the terminal's state. Three things are decided here:
 *
 * Non-blocking without harm. O_NONBLOCK belongs to the open file description, which stdin and
 * stdout share with the shell and every job it started. So the terminal is opened again
 * (tty_reopen); where that is refused (after su), the flag is set on the shared one and set back by
 * leave() and by the crash handler.
 *
 * Leaving. What is still queued is dropped, even in the middle of a sequence: the first byte that
 * follows is an ESC, which ends it. An answer that is still due is waited for a little and eaten,
 * else the shell would get it as typed text.
 *
 * Flow. Each frame that is not answered for adds to `unanswered`; more than WINDOW bytes of that
 * and the next frame waits, so a large frame is not followed blindly but a typed letter is shown at
 * once. A terminal that never answers is not asked again. Where answers come later than the shortest way, the
 * line is slow, and a frame is no larger than what it takes in PIECE_MS: the next begins with the cursor's row, which is
 * where somebody types, and goes on with the newest of the rest.
 */
#include "tui/term/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/term/crash.h"
#include "tui/term/curses.h"

#define WINDOW 2048    /* bytes that may be under way beyond the last answer */
#define PIECE_MS 300   /* of a slow line: what one frame takes */
#define MOST_MIN 1024  /* bytes */
#define MOST_MAX 65536 /* a line that takes more is not slow */
#define LATE_MS 150    /* answers that come so much later than the fastest tell of a slow line */
#define LEAVE_MS 500   /* for a terminal that takes no bytes */
#define LEAVE_ANSWER_MS 250 /* for an answer that is still due */
#define READ_MAX 65536      /* bytes a call; more comes with the next */

#define SYNC_BEGIN "\x1B[?2026h"
#define SYNC_END "\x1B[?2026l"
#define PASTE_ON "\x1B[?2004h"
#define PASTE_OFF "\x1B[?2004l"
#define MOUSE_ON "\x1B[?1000h\x1B[?1006h"
#define MOUSE_OFF "\x1B[?1006l\x1B[?1000l"
#define FLASH_ON "\x1B[?5h"
#define FLASH_OFF "\x1B[?5l"
#define PLAIN_MODES "\x1B[r\x1B[4l\x1B[?7h" /* no scroll region, no insert mode, autowrap */
#define ASK "\x1B[5n"
#define ASK_BACKGROUND "\x1B]11;?\x1B\\"

struct term {
	int in_fd, out_fd;
	int in_flags, out_flags; /* of a shared description, to set back; -1 = our own */
	struct termios before;
	bool active, gone, ansi, ascii;
	bool has_mouse;
	struct painter *painter;
	struct key_decoder *keys;
	char *enter; /* bytes */
	struct crash_screen crash;
	struct buf queue;
	size_t sent; /* of the queue */
	long long bytes_out;
	bool asks;           /* the terminal is asked at all */
	bool answered;       /* it has answered once */
	bool asked;          /* an answer is due */
	int64_t asked_ms;    /* since when; 0 = not looked at yet */
	size_t unanswered;   /* bytes */
	size_t asked_behind; /* of those, before the question */
	size_t ask_end;      /* where in the queue the question ends; 0 = it is out */
	int64_t now_ms;      /* of the last look */
	int64_t put_ms;      /* when the question was asked */
	int64_t way_ms;      /* the fastest answer; -1 = none yet */
	size_t most;         /* bytes of a frame; SIZE_MAX = all of it */
};

/*
 * A descriptor of our own for the same terminal, or -1. /proc names it even where its /dev entry is
 * of another mount (docker exec); /dev/tty is open to those who may not open the entry (su).
 */
static int tty_reopen(int fd)
{
	static const int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	char path[64];
	unsigned ours, theirs;
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, flags);
	if (again < 0 && ttyname_r(fd, path, sizeof(path)) == 0)
		again = open(path, flags);
	if (again >= 0)
		return again;
	again = open("/dev/tty", flags);
	if (again >= 0 && !ioctl(fd, TIOCGDEV, &theirs) && !ioctl(again, TIOCGDEV, &ours) &&
		ours == theirs)
		return again;
	if (again >= 0)
		close(again);
	return -1;
}

/* Ours by reopening, else a copy; *flags = what to set back in the end, or -1. */
static int tty_take(int fd, int *flags)
{
	int own = tty_reopen(fd);

	*flags = -1;
	if (own < 0) {
		own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (own >= 0)
			*flags = fcntl(own, F_GETFL);
	}
	return own;
}

static void tty_set(int fd, const struct termios *termios)
{
	sigset_t block, before;

	/* From the background this would stop us; when leaving it must work all the same. */
	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &block, &before);
	tcsetattr(fd, TCSANOW, termios); /* not TCSADRAIN: a stuck terminal never drains */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* terminfo may hold padding, "$<5/>": today's terminals need none. */
static void add_string(struct buf *out, const char *text)
{
	while (text && *text) {
		const char *pad = strstr(text, "$<"), *end = pad ? strchr(pad, '>') : NULL;

		buf_add(out, text, pad && end ? (size_t)(pad - text) : strlen(text));
		text = pad && end ? end + 1 : NULL;
	}
}

/* What enters and what leaves, from terminfo and what all ANSI terminals know or ignore. */
static void learn_type(struct term *term, const char *name)
{
	enum { SMCUP, RMCUP, CIVIS, CNORM, SGR0, OP, SMKX, RMKX, CLEAR, CUP, ACSC, COUNT };
	static const char *const names[COUNT] = {"smcup", "rmcup", "civis", "cnorm", "sgr0", "op",
		"smkx", "rmkx", "clear", "cup", "acsc"};
	char *caps[COUNT];
	struct buf bytes;

	terminfo_strings(name, names, caps, COUNT);
	term->ansi = caps[CUP] && str_starts(caps[CUP], "\x1B[");
	term->ascii = !utf8_locale() || str_empty(caps[ACSC]);
	term->asks = term->ansi;

	buf_init(&bytes, CRASH_BYTES_MAX);
	add_string(&bytes, caps[SMCUP]);
	add_string(&bytes, caps[SMKX]);
	add_string(&bytes, caps[CIVIS]);
	add_string(&bytes, caps[SGR0]);
	buf_adds(&bytes, term->ansi ? PLAIN_MODES PASTE_ON ASK : "");
	term->enter = buf_detach(&bytes);

	buf_init(&bytes, CRASH_BYTES_MAX);
	buf_adds(&bytes, term->ansi ? SYNC_END PASTE_OFF MOUSE_OFF FLASH_OFF : "");
	add_string(&bytes, caps[SGR0]);
	add_string(&bytes, caps[OP]);
	add_string(&bytes, caps[RMKX]);
	/* Without a second screen ours stays behind: away with it. */
	add_string(&bytes, caps[RMCUP] ? caps[RMCUP] : caps[CLEAR]);
	/* Last: leaving the second screen may bring a saved, hidden cursor back. */
	add_string(&bytes, caps[CNORM]);
	memcpy(term->crash.bytes, buf_str(&bytes), bytes.len);
	term->crash.len = bytes.len;
	buf_release(&bytes);
	for (int i = 0; i < COUNT; i++)
		free(caps[i]);
}

static void enter(struct term *term)
{
	struct termios raw = term->before;

	if (term->in_flags != -1)
		fcntl(term->in_fd, F_SETFL, term->in_flags | O_NONBLOCK);
	if (term->out_flags != -1)
		fcntl(term->out_fd, F_SETFL, term->out_flags | O_NONBLOCK);
	raw.c_iflag &=
		~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	term->crash.in_fd = term->in_fd;
	term->crash.out_fd = term->out_fd;
	term->crash.in_flags = term->in_flags;
	term->crash.out_flags = term->out_flags;
	term->crash.termios = term->before;
	crash_arm(&term->crash);
	tty_set(term->in_fd, &raw);
	buf_adds(&term->queue, term->has_mouse && term->ansi ? MOUSE_ON : "");
	buf_adds(&term->queue, term->enter);
	term->asked = term->asks;
	term->asked_ms = 0;
	term->put_ms = clock_mono_ms();
	term->way_ms = -1;
	term->most = SIZE_MAX;
	term->ask_end = term->asks ? term->queue.len : 0;
	term->unanswered = term->asked_behind = 0;
	term->active = true;
	painter_forget(term->painter);
	term_pump(term);
}

static void write_wait(struct term *term, const char *bytes, size_t len)
{
	while (len) {
		struct pollfd pfd = {.fd = term->out_fd, .events = POLLOUT};
		ssize_t n = write(term->out_fd, bytes, len);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
			term->bytes_out += n;
		} else if ((n < 0 && errno != EAGAIN && errno != EINTR) ||
			poll(&pfd, 1, LEAVE_MS) <= 0) {
			return;
		}
	}
}

/* Eats what is typed or answered until the answer that is due has come. */
static void eat_answer(struct term *term)
{
	int64_t end = clock_mono_ms() + LEAVE_ANSWER_MS;
	struct key key;

	while (term->asked && !term->gone) {
		struct pollfd pfd = {.fd = term->in_fd, .events = POLLIN};
		int64_t left = end - clock_mono_ms();

		if (left <= 0 || poll(&pfd, 1, (int)left) <= 0)
			break;
		term_read(term);
		while (key_next(term->keys, &key))
			if (key.sym == KEY_SYM_REPORT)
				term->asked = false;
	}
	if (term->asked)
		tcflush(term->in_fd, TCIFLUSH);
	term->asked = false;
}

static void leave(struct term *term)
{
	if (!term->active)
		return;
	term->active = false;
	if (term->sent < term->ask_end)
		term->asked = false; /* the question never went out */
	buf_reset(&term->queue);
	term->sent = term->ask_end = 0;
	write_wait(term, term->crash.bytes, term->crash.len);
	eat_answer(term);
	tty_set(term->in_fd, &term->before);
	crash_disarm();
	if (term->in_flags != -1)
		fcntl(term->in_fd, F_SETFL, term->in_flags);
	if (term->out_flags != -1)
		fcntl(term->out_fd, F_SETFL, term->out_flags);
}

void term_prepare(void)
{
	setenv("NCURSES_NO_PADDING", "1", 1);
}

int term_open(struct term **out, const struct term_options *options, struct err *err)
{
	struct term *term = NULL;
	int rc;

	if (!isatty(options->in_fd) || !isatty(options->out_fd))
		return err_set(err, E_ARG,
			isatty(options->out_fd)
				? _("standard input is not a terminal: run weir in a terminal, or "
				    "use \"weir get apps\"")
				: _("standard output is not a terminal: run weir in a terminal, or "
				    "use \"weir get apps\""));
	term = xcalloc(1, sizeof(*term));
	term->in_fd = term->out_fd = -1;
	buf_init(&term->queue, 0);
	rc = painter_open(&term->painter, options->name, options->no_color, options->theme, err);
	if (rc)
		goto fail;
	term->in_fd = tty_take(options->in_fd, &term->in_flags);
	term->out_fd = tty_take(options->out_fd, &term->out_flags);
	if (term->in_fd < 0 || term->out_fd < 0 || tcgetattr(term->in_fd, &term->before)) {
		rc = err_errno(err, E_INTERNAL, _("open the terminal"));
		goto fail;
	}
	term->keys = key_decoder_new(options->name);
	learn_type(term, options->name);
	/* In front of the other question, so that who leaves eats both answers. */
	if (options->asks_background && term->ansi && term_colors(term) &&
		!str_starts(options->name, "linux") && !str_starts(options->name, "con"))
		buf_adds(&term->queue, ASK_BACKGROUND);
	enter(term);
	*out = term;
	return 0;
fail:
	term_close(term);
	return rc;
}

void term_close(struct term *term)
{
	if (!term)
		return;
	leave(term);
	painter_close(term->painter);
	key_decoder_free(term->keys);
	buf_release(&term->queue);
	free(term->enter);
	if (term->in_fd >= 0)
		close(term->in_fd);
	if (term->out_fd >= 0)
		close(term->out_fd);
	free(term);
}

void term_suspend(struct term *term)
{
	leave(term);
}

int term_resume(struct term *term, struct err *err)
{
	struct termios now;

	if (term->active)
		return 0;
	/* Someone may have changed it meanwhile: that is then what to restore. */
	if (tcgetattr(term->in_fd, &now))
		return err_errno(err, E_INTERNAL, _("take the terminal back"));
	term->before = now;
	enter(term);
	return 0;
}

bool term_is_ours(const struct term *term)
{
	pid_t front = tcgetpgrp(term->in_fd);

	return front < 0 || front == getpgrp();
}

int term_in_fd(const struct term *term)
{
	return term->in_fd;
}

int term_out_fd(const struct term *term)
{
	return term->out_fd;
}

bool term_read(struct term *term)
{
	char bytes[4096];
	size_t total = 0;

	while (!term->gone && total < READ_MAX) {
		ssize_t n = read(term->in_fd, bytes, sizeof(bytes));

		if (n > 0) {
			key_feed(term->keys, bytes, (size_t)n);
			total += (size_t)n;
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && errno == EAGAIN) {
			break;
		} else {
			term->gone = true;
		}
	}
	return !term->gone;
}

struct key_decoder *term_keys(struct term *term)
{
	return term->keys;
}

bool term_is_slow(const struct term *term)
{
	return term->most < SIZE_MAX;
}

/* What the line takes, by how late `bytes` were answered. */
static void pace(struct term *term, int64_t took_ms, size_t bytes)
{
	int64_t late_ms;

	if (term->way_ms < 0 || took_ms < term->way_ms)
		term->way_ms = took_ms > 0 ? took_ms : 0;
	late_ms = took_ms - term->way_ms;
	if (late_ms > LATE_MS) {
		term->most = bytes * PIECE_MS / (size_t)late_ms;
		if (term->most < MOST_MIN)
			term->most = MOST_MIN;
	} else if (term_is_slow(term) && bytes >= term->most / 2) {
		term->most *= 2;
	}
	if (term->most > MOST_MAX)
		term->most = SIZE_MAX;
}

void term_ready(struct term *term, int64_t mono_ms)
{
	if (!term->asked)
		return; /* too late: already given up */
	pace(term, mono_ms - term->put_ms, term->asked_behind);
	term->asked = false;
	term->answered = true;
	term->unanswered -= term->asked_behind;
	term->asked_behind = 0;
}

/* The kernel's word, else the environment's. */
static int pick_size(unsigned kernel, const char *variable, int dflt, int max)
{
	const char *text = getenv(variable);
	int64_t size = kernel;

	if (size == 0 && (str_empty(text) || !str_to_int64(text, &size) || size < 1))
		size = dflt;
	return size > max ? max : size < 1 ? 1 : (int)size;
}

void term_size(const struct term *term, int *rows, int *cols)
{
	struct winsize size = {0};

	if (ioctl(term->out_fd, TIOCGWINSZ, &size))
		size = (struct winsize){0};
	*rows = pick_size(size.ws_row, "LINES", 24, 500);
	*cols = pick_size(size.ws_col, "COLUMNS", 80, 1000);
}

void term_resized(struct term *term)
{
	painter_forget(term->painter);
}

bool term_ascii(const struct term *term)
{
	return term->ascii;
}

int term_colors(const struct term *term)
{
	return painter_colors(term->painter);
}

/* Bytes that may be under way beyond the last answer. */
static size_t window(const struct term *term)
{
	return term_is_slow(term) ? term->most / 2 : WINDOW;
}

bool term_can_paint(struct term *term, int64_t mono_ms, bool for_key)
{
	term->now_ms = mono_ms;
	if (!term->active || term->sent < term->queue.len)
		return false;
	if (!term->asked)
		return true;
	if (!term->asked_ms)
		term->asked_ms = mono_ms;
	if (mono_ms - term->asked_ms >= TERM_ANSWER_MS) {
		/* Slow, or deaf: who has never answered is not asked again. */
		if (term->answered)
			pace(term, mono_ms - term->put_ms, term->asked_behind);
		term->asked = false;
		term->asks = term->answered;
		term->unanswered = term->asked_behind = 0;
		return true;
	}
	if (term->unanswered <= window(term))
		return true;
	return for_key && term_is_slow(term) && term->unanswered <= 2 * term->most;
}

bool term_paint(struct term *term, const struct canvas *canvas)
{
	struct buf frame;
	bool is_whole, is_behind;

	if (!term->active || term->gone)
		return true;
	buf_init(&frame, 0);
	/* A letter goes after what is under way, the rest waits for an answer. */
	is_behind = term->asked && term_is_slow(term) && term->unanswered > window(term);
	is_whole = painter_frame(term->painter, canvas, is_behind ? 0 : term->most, &frame);
	if (frame.len) {
		size_t before = term->queue.len;

		buf_adds(&term->queue, term->ansi ? SYNC_BEGIN : "");
		buf_add(&term->queue, frame.data, frame.len);
		buf_adds(&term->queue, term->ansi ? SYNC_END : "");
		if (term->asks)
			term->unanswered += term->queue.len - before;
		if (term->asks && !term->asked) {
			buf_adds(&term->queue, ASK);
			term->asked = true;
			term->asked_ms = 0;
			term->put_ms = term->now_ms;
			term->asked_behind = term->unanswered;
			term->ask_end = term->queue.len;
		}
	}
	buf_release(&frame);
	return is_whole;
}

void term_repaint(struct term *term)
{
	painter_forget(term->painter);
}

void term_write(struct term *term, const char *bytes, size_t len)
{
	if (term->active && term->ansi)
		buf_add(&term->queue, bytes, len);
}

bool term_pump(struct term *term)
{
	while (!term->gone && term->sent < term->queue.len) {
		ssize_t n = write(
			term->out_fd, term->queue.data + term->sent, term->queue.len - term->sent);

		if (n > 0) {
			term->sent += (size_t)n;
			term->bytes_out += n;
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && errno == EAGAIN) {
			return true;
		} else {
			term->gone = true; /* term_read() will say so */
		}
	}
	buf_reset(&term->queue);
	term->sent = term->ask_end = 0;
	return false;
}

void term_set_theme(struct term *term, const struct theme *theme)
{
	painter_set_theme(term->painter, theme);
}

long long term_bytes_out(const struct term *term)
{
	return term->bytes_out;
}

void term_mouse(struct term *term, bool is_on)
{
	term->has_mouse = is_on;
	term_write(term, is_on ? MOUSE_ON : MOUSE_OFF, strlen(is_on ? MOUSE_ON : MOUSE_OFF));
}

void term_bell(struct term *term)
{
	term_write(term, "\a", 1);
}

void term_flash(struct term *term, bool is_on)
{
	term_write(term, is_on ? FLASH_ON : FLASH_OFF, strlen(is_on ? FLASH_ON : FLASH_OFF));
}
