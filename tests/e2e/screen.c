/*
 * The slave side stays open here, so that the modes which the program leaves behind can be read
 * after its end, as the shell would find them.
 */
#include "tests/e2e/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "tests/support/check.h"
#include "tests/support/program.h"

struct screen {
	pid_t pid; /* 0 once it was waited for */
	int master, slave, exit_code;
	int rows, cols;
	struct termios before;
	VTerm *vterm;
	VTermScreen *cells;
	bool is_alternate, is_cursor_shown, is_mouse_on, is_reversed;
	int bells, flashes;
	struct buf normal; /* what was written while the alternate screen was off */
	long bytes;
	int64_t read_ns; /* when the last of them came */
};

/* ---- the terminal ---- */

static int on_property(VTermProp property, VTermValue *value, void *data)
{
	struct screen *screen = data;

	if (property == VTERM_PROP_ALTSCREEN)
		screen->is_alternate = value->boolean;
	else if (property == VTERM_PROP_CURSORVISIBLE)
		screen->is_cursor_shown = value->boolean;
	else if (property == VTERM_PROP_MOUSE)
		screen->is_mouse_on = value->number != VTERM_PROP_MOUSE_NONE;
	else if (property == VTERM_PROP_REVERSE) {
		screen->flashes += screen->is_reversed && !value->boolean;
		screen->is_reversed = value->boolean;
	}
	return 1;
}

static int on_bell(void *data)
{
	((struct screen *)data)->bells++;
	return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property, .bell = on_bell};

/* The terminal's answers: where the cursor is, that it is alive. */
static void on_answer(const char *bytes, size_t len, void *data)
{
	struct screen *screen = data;

	(void)!write(screen->master, bytes, len);
}

static void open_vterm(struct screen *screen)
{
	screen->vterm = vterm_new(screen->rows, screen->cols);
	vterm_set_utf8(screen->vterm, 1);
	vterm_output_set_callback(screen->vterm, on_answer, screen);
	screen->cells = vterm_obtain_screen(screen->vterm);
	screen->is_cursor_shown = true;
	vterm_screen_enable_altscreen(screen->cells, 1);
	vterm_screen_set_callbacks(screen->cells, &callbacks, screen);
	vterm_screen_reset(screen->cells, 1);
}

/* A terminal as a login shell gives it. */
static void open_pty(struct screen *screen)
{
	struct winsize size = {
		.ws_row = (unsigned short)screen->rows, .ws_col = (unsigned short)screen->cols};

	if (openpty(&screen->master, &screen->slave, NULL, NULL, &size))
		fail_msg("openpty: %s", strerror(errno));
	fcntl(screen->master, F_SETFD, FD_CLOEXEC);
	fcntl(screen->slave, F_SETFD, FD_CLOEXEC);
	fcntl(screen->master, F_SETFL, O_NONBLOCK);
	tcgetattr(screen->slave, &screen->before);
}

struct screen *screen_start(const struct screen_setup *setup)
{
	struct screen *screen = xcalloc(1, sizeof(*screen));
	char *line = setup->line ? program_beside("tests/bench/line/line") : NULL;
	char **env = program_env(setup->home, setup->env);
	VEC(char *) argv = {0};

	if (line)
		vec_push(&argv, line);
	for (size_t i = 0; line && setup->line[i]; i++)
		vec_push(&argv, (char *)setup->line[i]);
	vec_push(&argv, (char *)(setup->file ? setup->file : program_path()));
	for (size_t i = 0; setup->words && setup->words[i]; i++)
		vec_push(&argv, (char *)setup->words[i]);
	vec_push(&argv, NULL);
	screen->rows = setup->rows;
	screen->cols = setup->cols;
	buf_init(&screen->normal, 0);
	open_pty(screen);
	open_vterm(screen);
	screen->pid = fork();
	if (screen->pid < 0)
		fail_msg("fork: %s", strerror(errno));
	if (screen->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (login_tty(screen->slave) == 0)
			execve(argv.data[0], argv.data, env);
		_exit(127);
	}
	program_env_free(env);
	vec_release(&argv);
	free(line);
	return screen;
}

static void reap(struct screen *screen, int options)
{
	int status;
	pid_t pid;

	do
		pid = waitpid(screen->pid, &status, options);
	while (pid < 0 && errno == EINTR);
	if (pid != screen->pid)
		return;
	screen->pid = 0;
	screen->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	if (screen->pid) {
		kill(screen->pid, SIGKILL);
		reap(screen, 0);
	}
	close(screen->master);
	close(screen->slave);
	vterm_free(screen->vterm);
	buf_release(&screen->normal);
	free(screen);
}

pid_t screen_pid(const struct screen *screen)
{
	return screen->pid;
}

/* ---- keys ---- */

void screen_type(struct screen *screen, const char *keys)
{
	size_t len = strlen(keys);

	if (write(screen->master, keys, len) != (ssize_t)len)
		fail_msg("the terminal takes no keys: %s", strerror(errno));
}

void screen_resize(struct screen *screen, int rows, int cols)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	screen->rows = rows;
	screen->cols = cols;
	vterm_set_size(screen->vterm, rows, cols);
	ioctl(screen->master, TIOCSWINSZ, &size);
}

void screen_signal(struct screen *screen, int signal)
{
	if (screen->pid)
		kill(screen->pid, signal);
}

/* ---- reading ---- */

/* Bytes are fed one by one around a change of screens, so that each is booked where it was shown.
 */
static void feed(struct screen *screen, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		vterm_input_write(screen->vterm, bytes + i, 1);
		if (!screen->is_alternate)
			buf_addc(&screen->normal, bytes[i]);
	}
	vterm_screen_flush_damage(screen->cells);
	screen->bytes += (long)len;
}

/* All that is there is read before any of it is drawn, which takes longer. */
static bool drain(struct screen *screen)
{
	char piece[65536];
	struct timespec now;
	struct buf all;
	ssize_t got;
	bool any;

	buf_init(&all, 0);
	while ((got = read(screen->master, piece, sizeof(piece))) > 0)
		buf_add(&all, piece, (size_t)got);
	any = all.len > 0;
	if (any) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		screen->read_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
		feed(screen, all.data, all.len);
	}
	buf_release(&all);
	return any;
}

void screen_pour(struct screen *screen, const char *bytes, size_t len)
{
	int64_t end_ms = program_now_ms() + SCREEN_DEADLINE_MS;

	while (len && program_now_ms() < end_ms) {
		struct pollfd fd = {.fd = screen->master, .events = POLLIN | POLLOUT};
		poll(&fd, 1, 100);
		drain(screen);
		ssize_t wrote = write(screen->master, bytes, len);
		if (wrote > 0) {
			bytes += wrote;
			len -= (size_t)wrote;
		}
	}
	if (len)
		fail_msg("the terminal takes no more: %zu bytes are left", len);
}

bool screen_until(struct screen *screen, bool (*is_so)(struct screen *screen, void *data),
	void *data, int64_t deadline_ms)
{
	int64_t end_ms = program_now_ms() + deadline_ms;
	struct pollfd fd = {.fd = screen->master, .events = POLLIN};

	drain(screen); /* what is judged is not what was there when somebody looked last */
	while (!is_so(screen, data)) {
		int64_t left_ms = end_ms - program_now_ms();

		if (left_ms <= 0 || !screen->pid)
			return false;
		poll(&fd, 1, left_ms < 20 ? (int)left_ms : 20);
		if (drain(screen))
			continue;
		reap(screen, WNOHANG);
		drain(screen);
	}
	return true;
}

/* ---- what is seen ---- */

static void add_character(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(out, (char)c);
		return;
	}
	int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;

	buf_addc(out, (char)(0xFFu << (7 - more) | c >> (6 * more)));
	while (more-- > 0)
		buf_addc(out, (char)(0x80 | (c >> (6 * more) & 0x3F)));
}

static void add_line(const struct screen *screen, int row, struct buf *out)
{
	size_t start = out->len;

	for (int col = 0; col < screen->cols; col++) {
		VTermScreenCell cell;

		if (!vterm_screen_get_cell(
			    screen->cells, (VTermPos){.row = row, .col = col}, &cell))
			break;
		if (cell.chars[0] == (uint32_t)-1)
			continue; /* the second half of a wide character */
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			add_character(out, cell.chars[i]);
		if (!cell.chars[0])
			buf_addc(out, ' ');
	}
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

/* Blanks in `part` match one blank or more. */
static bool matches(const char *text, const char *part)
{
	for (; *part; part++) {
		if (*part == ' ') {
			if (*text != ' ')
				return false;
			while (*text == ' ')
				text++;
		} else if (*text++ != *part) {
			return false;
		}
	}
	return true;
}

static bool holds(const char *line, const char *part)
{
	for (; *line; line++)
		if (matches(line, part))
			return true;
	return false;
}

char *screen_line_with(struct screen *screen, const char *a, const char *b)
{
	for (int row = 0; row < screen->rows; row++) {
		struct buf line;

		buf_init(&line, 0);
		add_line(screen, row, &line);
		if (holds(buf_str(&line), a) && (!b || holds(buf_str(&line), b)))
			return buf_detach(&line);
		buf_release(&line);
	}
	return NULL;
}

bool screen_shows(struct screen *screen, const char *text)
{
	char *line = screen_line_with(screen, text, NULL);

	free(line);
	return line != NULL;
}

char *screen_text(struct screen *screen)
{
	struct buf out;

	buf_init(&out, 0);
	for (int row = 0; row < screen->rows; row++) {
		add_line(screen, row, &out);
		buf_addc(&out, '\n');
	}
	return buf_detach(&out);
}

int screen_bells(const struct screen *screen)
{
	return screen->bells;
}

int screen_flashes(const struct screen *screen)
{
	return screen->flashes;
}

long screen_bytes(const struct screen *screen)
{
	return screen->bytes;
}

int64_t screen_read_ns(const struct screen *screen)
{
	return screen->read_ns;
}

struct wanted {
	const char *a, *b;
	bool gone;
};

static bool is_seen(struct screen *screen, void *data)
{
	const struct wanted *wanted = data;
	char *line = screen_line_with(screen, wanted->a, wanted->b);
	bool found = line != NULL;

	free(line);
	return found != wanted->gone;
}

static void wait_for(struct screen *screen, const struct wanted *wanted, int64_t deadline_ms)
{
	char *text;

	if (screen_until(screen, is_seen, (void *)wanted, deadline_ms))
		return;
	text = screen_text(screen);
	fprintf(stderr, "%s\n", text); /* cmocka would cut it */
	free(text);
	if (!screen->pid)
		fail_msg("the program ended with %d: %s", screen->exit_code,
			buf_str(&screen->normal));
	fail_msg("the screen %s \"%s\"%s%s", wanted->gone ? "still shows" : "does not show",
		wanted->a, wanted->b ? " with " : "", wanted->b ? wanted->b : "");
}

void screen_wait(struct screen *screen, const char *text)
{
	wait_for(screen, &(struct wanted){.a = text}, SCREEN_DEADLINE_MS);
}

void screen_wait_gone(struct screen *screen, const char *text)
{
	wait_for(screen, &(struct wanted){.a = text, .gone = true}, SCREEN_DEADLINE_MS);
}

void screen_wait_line(struct screen *screen, const char *a, const char *b)
{
	screen_wait_long(screen, a, b, SCREEN_DEADLINE_MS);
}

void screen_wait_long(struct screen *screen, const char *a, const char *b, int64_t deadline_ms)
{
	wait_for(screen, &(struct wanted){.a = a, .b = b}, deadline_ms);
}

/* ---- the end ---- */

static bool has_ended(struct screen *screen, void *data)
{
	(void)data;
	return !screen->pid;
}

int screen_end(struct screen *screen)
{
	char *text;

	if (screen_until(screen, has_ended, NULL, SCREEN_DEADLINE_MS))
		return screen->exit_code;
	text = screen_text(screen);
	fprintf(stderr, "%s\n", text); /* cmocka would cut it */
	free(text);
	fail_msg("the console did not end");
	return 0;
}

char *screen_said(struct screen *screen)
{
	return xstrdup(buf_str(&screen->normal));
}

void screen_check_sane(const char *row, struct screen *screen)
{
	struct termios after;

	drain(screen);
	assert_int_equal(tcgetattr(screen->slave, &after), 0);
	check_int(row, after.c_iflag, screen->before.c_iflag);
	check_int(row, after.c_oflag, screen->before.c_oflag);
	check_int(row, after.c_cflag, screen->before.c_cflag);
	check_int(row, after.c_lflag, screen->before.c_lflag);
	check_int(row, memcmp(after.c_cc, screen->before.c_cc, sizeof(after.c_cc)), 0);
	check_bool(row, screen->is_alternate, false);
	check_bool(row, screen->is_cursor_shown, true);
	check_bool(row, screen->is_mouse_on, false);
	check_bool(row, screen->is_reversed, false);
}
