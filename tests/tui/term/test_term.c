/* The terminal is entered, left, lost, stuck, crashed on: it is sane afterwards and never blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>

#include "core/base/mem.h"
#include "tests/tui/term/pty.h"

static struct theme *theme;

static struct termios modes(const struct pty *pty)
{
	struct termios termios;

	memset(&termios, 0, sizeof(termios));
	assert_int_equal(tcgetattr(pty->slave, &termios), 0);
	return termios;
}

static void expect_modes(const struct pty *pty, const struct termios *want)
{
	struct termios now = modes(pty);

	assert_int_equal(now.c_iflag, want->c_iflag);
	assert_int_equal(now.c_oflag, want->c_oflag);
	assert_int_equal(now.c_lflag, want->c_lflag);
	assert_int_equal(now.c_cflag, want->c_cflag);
	assert_memory_equal(now.c_cc, want->c_cc, sizeof(now.c_cc));
}

/* All that is on its way has arrived. */
static void drain(struct pty *pty)
{
	while (pty_read(pty, 50))
		;
}

static void term_close_leaves_all_as_it_was(void **state)
{
	struct canvas *canvas = pty_noise(24, 80);
	struct termios before;
	struct pty pty;
	struct term *term;
	int flags;

	(void)state;
	pty_open(&pty, 24, 80);
	assert_int_equal(write(pty.slave, "$ weir\r\n", 8), 8);
	drain(&pty);
	before = modes(&pty);
	flags = fcntl(pty.slave, F_GETFL);
	for (int i = 0; i < 3; i++) {
		pty.bytes_in = 0;
		term = pty_term(&pty, "xterm-256color", theme);
		assert_int_equal(modes(&pty).c_lflag & (ECHO | ICANON | ISIG), 0);
		assert_int_not_equal(term_in_fd(term), term_out_fd(term));
		assert_true(fcntl(term_out_fd(term), F_GETFL) & O_NONBLOCK);
		/* The shell's own description stays as it is. */
		assert_int_equal(fcntl(pty.slave, F_GETFL), flags);
		term_paint(term, canvas);
		pty_settle(&pty, term, 0);
		assert_true(pty.alt_screen);
		assert_false(pty.cursor_visible);
		assert_true(pty_saw(&pty, "\x1B[?2004h"));
		/* Entered once: a second time would save the wrong cursor. */
		const char *enter = memmem(pty.seen.data, pty.seen.len, "\x1B[?1049h", 8);
		assert_non_null(enter);
		assert_null(strstr(enter + 1, "\x1B[?1049h"));
		pty_forget(&pty);
		term_close(term);
		drain(&pty);
		assert_false(pty.alt_screen);
		assert_true(pty.cursor_visible);
		assert_true(pty_saw(&pty, "\x1B[?2004l"));
		assert_true(pty_saw(&pty, "\x1B[?1l"));
		assert_int_equal(pty_cell(&pty, 0, 0).chars[0], '$');
		assert_int_equal(pty_cell(&pty, 0, 2).chars[0], 'w');
		expect_modes(&pty, &before);
		assert_int_equal(fcntl(pty.slave, F_GETFL), flags);
	}
	term_close(NULL);
	pty_close(&pty);
	canvas_free(canvas);
}

/* Whoever has the terminal instead of us must not get clicks as text, nor colours the wrong way round. */
static void mouse_and_flash_are_off_while_the_terminal_is_not_ours(void **state)
{
	(void)state;
	struct canvas *canvas = canvas_new(24, 80);
	struct pty pty;
	struct err err = {0};

	pty_open(&pty, 24, 80);
	struct term *term = pty_term(&pty, "xterm-256color", theme);
	pty_settle(&pty, term, 0);
	assert_int_equal(pty.mouse, VTERM_PROP_MOUSE_NONE);
	term_mouse(term, true);
	term_flash(term, true);
	pty_settle(&pty, term, 0);
	assert_int_equal(pty.mouse, VTERM_PROP_MOUSE_CLICK);
	assert_true(pty_saw(&pty, "\x1B[?1006h"));
	assert_true(pty.is_reversed);
	pty_forget(&pty);
	term_suspend(term);
	drain(&pty);
	assert_int_equal(pty.mouse, VTERM_PROP_MOUSE_NONE);
	assert_true(pty_saw(&pty, "\x1B[?1006l"));
	assert_false(pty.is_reversed);
	assert_int_equal(term_resume(term, &err), 0);
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_int_equal(pty.mouse, VTERM_PROP_MOUSE_CLICK);
	term_mouse(term, false);
	pty_settle(&pty, term, 0);
	assert_int_equal(pty.mouse, VTERM_PROP_MOUSE_NONE);
	term_mouse(term, true);
	pty_settle(&pty, term, 0);
	term_close(term);
	drain(&pty);
	assert_int_equal(pty.mouse, VTERM_PROP_MOUSE_NONE);
	pty_close(&pty);
	canvas_free(canvas);
}

/* The answer that is due when weir leaves must not become a command in the shell. */
static void term_close_eats_the_answer(void **state)
{
	struct canvas *canvas = pty_noise(24, 80);
	struct pollfd pfd;
	struct pty pty;
	struct term *term;

	(void)state;
	pty_open(&pty, 24, 80);
	term = pty_term(&pty, "xterm-256color", theme);
	pty_settle(&pty, term, 0);
	pty_await_key(&pty, term, KEY_SYM_REPORT);
	term_ready(term, clock_mono_ms());
	term_paint(term, canvas);
	pty_settle(&pty, term, 0); /* the emulator has answered, nobody has read it */
	assert_true(pty_saw(&pty, "\x1B[5n"));
	term_close(term);
	pfd = (struct pollfd){.fd = pty.slave, .events = POLLIN};
	assert_int_equal(poll(&pfd, 1, 50), 0);
	pty_close(&pty);
	canvas_free(canvas);
}

/*
 * The question goes out with the first bytes, once; nobody waits for its answer, and what is due when weir leaves
 * is eaten with the other one.
 */
static void term_asks_for_the_background(void **state)
{
	static const char question[] = "\x1B]11;?\x1B\\";
	static const struct {
		const char *name;
		bool no_color, asks, want;
	} cases[] = {{"xterm-256color", false, true, true}, {"xterm-256color", false, false, false},
		{"xterm-256color", true, true, false}, {"screen-256color", false, true, true},
		{"linux", false, true, false}, {"vt100", false, true, false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct term_options options = {.name = cases[i].name,
			.theme = theme,
			.no_color = cases[i].no_color,
			.asks_background = cases[i].asks};
		struct term *term;
		struct pollfd pfd;
		struct pty pty;

		pty_open(&pty, 24, 80);
		options.in_fd = options.out_fd = pty.slave;
		assert_int_equal(term_open(&term, &options, NULL), 0);
		pty_settle(&pty, term, 0);
		if (pty_saw(&pty, question) != cases[i].want)
			fail_msg("%s: asked, or not", cases[i].name);
		pty_await_key(&pty, term, KEY_SYM_REPORT);
		term_ready(term, clock_mono_ms());
		assert_int_equal(write(pty.master, "\x1B]11;rgb:ffff/fafa/0000\x07", 25), 25);
		pty_await_key(&pty, term, KEY_SYM_BACKGROUND);
		pty_forget(&pty);
		term_suspend(term);
		assert_int_equal(term_resume(term, NULL), 0);
		pty_settle(&pty, term, 0);
		assert_false(pty_saw(&pty, question));
		assert_int_equal(write(pty.master, "\x1B]11;rgb:ffff/fafa/0000\x07", 25), 25);
		term_close(term);
		pfd = (struct pollfd){.fd = pty.slave, .events = POLLIN};
		assert_int_equal(poll(&pfd, 1, 50), 0);
		pty_close(&pty);
	}
}

static void term_open_refuses_what_is_no_screen(void **state)
{
	static const struct {
		const char *name, *term;
		int code;
		const char *want;
	} cases[] = {
		{"unknown type", "foo-no-such", E_ARG, "\"foo-no-such\" is unknown here: set TERM"},
		{"no type", "", E_ARG, "set TERM, e.g. TERM=xterm-256color"},
		{"NULL", NULL, E_ARG, "set TERM, e.g. TERM=xterm-256color"},
		{"a path", "../../etc/passwd", E_ARG, "unknown here"},
		{"dumb", "dumb", E_ARG, "\"dumb\" cannot place its cursor"},
		{"unknown", "unknown", E_ARG, "TERM"},
	};
	struct termios before;
	struct term *term = NULL;
	struct err err = {0};
	struct pty pty;
	int ends[2];

	(void)state;
	pty_open(&pty, 24, 80);
	before = modes(&pty);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct term_options options = {.in_fd = pty.slave,
			.out_fd = pty.slave,
			.name = cases[i].term,
			.theme = theme};
		int rc = term_open(&term, &options, &err);

		if (rc == 0 || (rc != cases[i].code && strcmp(cases[i].name, "unknown")) ||
			!strstr(err.text, cases[i].want))
			fail_msg("%s: %d, '%s'", cases[i].name, rc, err.text);
		expect_modes(&pty, &before);
	}
	assert_false(pty_read(&pty, 20)); /* not a byte was written */
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 2; i++) {
		struct term_options options = {.in_fd = i ? pty.slave : ends[0],
			.out_fd = i ? ends[1] : pty.slave,
			.name = "xterm",
			.theme = theme};

		assert_int_equal(term_open(&term, &options, &err), E_ARG);
		assert_non_null(strstr(err.text, i ? "standard output" : "standard input"));
		assert_non_null(strstr(err.text, "is not a terminal"));
		expect_modes(&pty, &before);
	}
	assert_null(term);
	close(ends[0]);
	close(ends[1]);
	pty_close(&pty);
}

/* Nobody reads the far end: no call waits, no second frame starts, and leaving takes a moment. */
static void term_never_waits_for_a_stuck_terminal(void **state)
{
	struct canvas *canvas = pty_noise(200, 300);
	struct termios before;
	struct pty pty;
	struct term *term;
	int64_t start = clock_mono_ms();

	(void)state;
	pty_open(&pty, 200, 300);
	before = modes(&pty);
	term = pty_term(&pty, "xterm-256color", theme);
	term_paint(term, canvas);
	assert_true(term_pump(term));
	for (int i = 0; i < 1000; i++) {
		assert_true(term_pump(term));
		assert_false(term_can_paint(term, start + i * 10, false));
	}
	assert_true(term_read(term));
	assert_in_range(term_bytes_out(term), 1, 200000);
	term_close(term);
	assert_in_range(clock_mono_ms() - start, 0, 10000);
	expect_modes(&pty, &before);
	pty_close(&pty);
	canvas_free(canvas);
}

/* The frame that was cut off is dropped; what leaves the screen is understood after it. */
static void term_close_in_the_middle_of_a_frame(void **state)
{
	struct canvas *canvas = pty_noise(200, 300);
	struct pty pty;
	struct term *term;

	(void)state;
	pty_open(&pty, 200, 300);
	term = pty_term(&pty, "xterm-256color", theme);
	term_paint(term, canvas);
	assert_true(term_pump(term));
	for (int i = 0; i < 3; i++)
		pty_read(&pty, 1000); /* room for what leaves */
	term_close(term);
	drain(&pty);
	assert_false(pty.alt_screen);
	assert_true(pty.cursor_visible);
	pty_close(&pty);
	canvas_free(canvas);
}

static void term_read_gives_keys_and_the_hang_up(void **state)
{
	struct pty pty;
	struct term *term;

	(void)state;
	pty_open(&pty, 24, 80);
	term = pty_term(&pty, "xterm-256color", theme);
	pty_settle(&pty, term, 0);
	assert_int_equal(write(pty.master, "\x03\x1B[A\x1BOBq", 8), 8);
	pty_await_key(&pty, term, KEY_SYM_UP); /* Ctrl-C before it came as a key, not a signal */
	pty_await_key(&pty, term, KEY_SYM_DOWN);
	pty_await_key(&pty, term, KEY_SYM_CHAR);
	close(pty.master);
	pty.master = -1;
	for (int64_t end = clock_mono_ms() + 5000; term_read(term);)
		assert_true(clock_mono_ms() < end);
	term_pump(term);
	term_close(term);
	pty_close(&pty);
}

static void term_suspend_and_resume(void **state)
{
	struct canvas *canvas = pty_noise(24, 80);
	struct termios before;
	struct pty pty;
	struct term *term;

	(void)state;
	pty_open(&pty, 24, 80);
	before = modes(&pty);
	term = pty_term(&pty, "xterm-256color", theme);
	canvas->cursor_row = canvas->cursor_col = 2;
	term_paint(term, canvas);
	pty_settle(&pty, term, 0);
	assert_true(pty.cursor_visible);
	for (int i = 0; i < 2; i++) {
		term_suspend(term);
		term_suspend(term);
		drain(&pty);
		assert_false(pty.alt_screen);
		expect_modes(&pty, &before);
		assert_false(term_can_paint(term, 1, false));
		term_paint(term, canvas); /* nothing while away */
		assert_false(pty_read(&pty, 20));
		assert_int_equal(term_resume(term, NULL), 0);
		assert_int_equal(term_resume(term, NULL), 0);
		term_paint(term, canvas);
		pty_settle(&pty, term, 0);
		assert_true(pty.alt_screen);
		assert_true(pty.cursor_visible);
		assert_int_equal(pty.cursor.row, 2);
		assert_int_equal(pty_cell(&pty, 5, 4).chars[0], 'y');
		assert_int_equal(modes(&pty).c_lflag & (ECHO | ICANON | ISIG), 0);
	}
	term_close(term);
	expect_modes(&pty, &before);
	pty_close(&pty);
	canvas_free(canvas);
}

static void term_size_has_bounds_and_defaults(void **state)
{
	static const struct {
		unsigned short rows, cols;
		const char *lines, *columns;
		int want_rows, want_cols;
	} cases[] = {
		{24, 80, "7", "7", 24, 80},
		{1, 1, NULL, NULL, 1, 1},
		{0, 0, NULL, NULL, 24, 80},
		{0, 0, "30", "100", 30, 100},
		{0, 0, "x", "-3", 24, 80},
		{65535, 65535, NULL, NULL, 500, 1000},
		{0, 0, "99999999999", "99999999", 24, 1000},
	};
	struct pty pty;
	struct term *term;

	(void)state;
	pty_open(&pty, 24, 80);
	term = pty_term(&pty, "xterm-256color", theme);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct winsize size = {.ws_row = cases[i].rows, .ws_col = cases[i].cols};
		int rows, cols;

		unsetenv("LINES");
		unsetenv("COLUMNS");
		if (cases[i].lines) {
			setenv("LINES", cases[i].lines, 1);
			setenv("COLUMNS", cases[i].columns, 1);
		}
		assert_int_equal(ioctl(pty.slave, TIOCSWINSZ, &size), 0);
		term_size(term, &rows, &cols);
		if ((rows != cases[i].want_rows && i != 6) || cols != cases[i].want_cols)
			fail_msg("case %zu: %d x %d", i, rows, cols);
		assert_in_range(rows, 1, 500);
	}
	unsetenv("LINES");
	unsetenv("COLUMNS");
	term_close(term);
	pty_close(&pty);
}

/* Eats the stack without the compiler seeing through it. */
static int overflow(volatile char *before)
{
	volatile char here[4096];

	here[0] = before ? before[0] : 1;
	if (here[0] != 1)
		return 0; /* never */
	return overflow(here) + here[0];
}

enum death { DIE_RAISE, DIE_ABORT, DIE_OVERFLOW };

static void die(struct pty *pty, enum death how, int signum)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	struct rlimit none = {0, 0}, stack = {1 << 20, 1 << 20};
	struct canvas *canvas = pty_noise(24, 80);
	struct term *term;

	setrlimit(RLIMIT_CORE, &none);
	/* Without sanitizer and cmocka, whose handlers would turn the signal into an exit. */
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		signal(signals[i], SIG_DFL);
	term = pty_term(pty, "xterm-256color", theme);
	term_paint(term, canvas);
	while (term_pump(term))
		poll(NULL, 0, 1);
	if (how == DIE_ABORT)
		abort();
	if (how == DIE_OVERFLOW) {
		setrlimit(RLIMIT_STACK, &stack);
		overflow(NULL);
	}
	raise(signum);
	_exit(99);
}

static void term_is_restored_after_a_crash(void **state)
{
	static const struct {
		enum death how;
		int signum;
	} cases[] = {{DIE_RAISE, SIGSEGV}, {DIE_RAISE, SIGBUS}, {DIE_RAISE, SIGFPE},
		{DIE_RAISE, SIGILL}, {DIE_RAISE, SIGABRT}, {DIE_ABORT, SIGABRT},
		{DIE_OVERFLOW, SIGSEGV}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct termios before;
		int64_t end = clock_mono_ms() + PTY_DEADLINE_MS;
		struct pty pty;
		pid_t pid;
		int status;

		pty_open(&pty, 24, 80);
		before = modes(&pty);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			die(&pty, cases[i].how, cases[i].signum);
		while (waitpid(pid, &status, WNOHANG) == 0) {
			pty_read(&pty, 10);
			if (clock_mono_ms() > end) {
				kill(pid, SIGKILL);
				fail_msg("case %zu does not die", i);
			}
		}
		drain(&pty);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != cases[i].signum)
			fail_msg("case %zu: status %x", i, (unsigned)status);
		assert_true(pty_saw(&pty, "\x1B[?1049h"));
		assert_false(pty.alt_screen);
		assert_true(pty.cursor_visible);
		assert_true(pty_saw(&pty, "\x1B[?2004l"));
		assert_true(pty_saw(&pty, "\x1B[?1000l"));
		expect_modes(&pty, &before);
		pty_close(&pty);
	}
}

/* After term_close() the handlers of before are back. */
static void term_close_takes_its_handlers_away(void **state)
{
	struct sigaction before, during, after;
	struct pty pty;
	struct term *term;

	(void)state;
	pty_open(&pty, 24, 80);
	sigaction(SIGSEGV, NULL, &before);
	term = pty_term(&pty, "xterm-256color", theme);
	sigaction(SIGSEGV, NULL, &during);
	term_close(term);
	sigaction(SIGSEGV, NULL, &after);
	assert_true(before.sa_handler != during.sa_handler);
	assert_true(before.sa_handler == after.sa_handler);
	for (int signum = SIGINT; signum <= SIGTERM; signum += SIGTERM - SIGINT) {
		sigaction(signum, NULL, &after);
		assert_true(after.sa_handler == SIG_DFL); /* curses has left none behind */
	}
	pty_close(&pty);
}

extern char **environ;

/* A variable that is set while another thread looks for one crashes that: here it may not be written. */
static void term_open_leaves_the_environment_to_other_threads(void **state)
{
	size_t bytes = 64 * sizeof(char *), count = 0;
	char **held = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char **before = environ;
	char lines[] = "LINES=7", columns[] = "COLUMNS=9";
	struct pty pty;

	(void)state;
	assert_ptr_not_equal(held, MAP_FAILED);
	for (char **at = environ; *at && count < 60; at++)
		held[count++] = *at;
	held[count++] = lines;
	held[count++] = columns;
	assert_int_equal(mprotect(held, bytes, PROT_READ), 0);
	pty_open(&pty, 24, 80);
	environ = held;
	term_close(pty_term(&pty, "vt100", theme));
	bool is_same = environ == held;
	environ = before;
	assert_true(is_same);
	pty_close(&pty);
	munmap(held, bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(term_close_leaves_all_as_it_was),
		cmocka_unit_test(mouse_and_flash_are_off_while_the_terminal_is_not_ours),
		cmocka_unit_test(term_close_eats_the_answer),
		cmocka_unit_test(term_asks_for_the_background),
		cmocka_unit_test(term_open_refuses_what_is_no_screen),
		cmocka_unit_test(term_never_waits_for_a_stuck_terminal),
		cmocka_unit_test(term_close_in_the_middle_of_a_frame),
		cmocka_unit_test(term_read_gives_keys_and_the_hang_up),
		cmocka_unit_test(term_suspend_and_resume),
		cmocka_unit_test(term_size_has_bounds_and_defaults),
		cmocka_unit_test(term_is_restored_after_a_crash),
		cmocka_unit_test(term_close_takes_its_handlers_away),
		cmocka_unit_test(term_open_leaves_the_environment_to_other_threads),
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
