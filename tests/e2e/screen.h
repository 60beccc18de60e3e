/*
 * The console in a pseudo-terminal, seen through libvterm: what a person would see, typed by a
 * person who waits for what he reads, never for time.
 *
 *	struct screen *screen = screen_start(&(struct screen_setup){.home = dir, .rows = 40, .cols =
 *120}); screen_wait(screen, "RUNNING"); screen_type(screen, "/orders\r"); screen_wait_gone(screen,
 *"clickstream"); check_int("exit", screen_end(screen), 0); screen_free(screen);
 *
 * A wait that is in vain fails the case and shows the screen.
 */
#ifndef WEIR_TESTS_E2E_SCREEN_H
#define WEIR_TESTS_E2E_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* For what must happen; never what a test measures by. */
#define SCREEN_DEADLINE_MS 60000

struct screen;

struct screen_setup {
	const char *file;         /* NULL = weir; else a path */
	const char *home;         /* as of struct program_setup */
	const char *const *words; /* NULL-ended; NULL = none */
	const char *const *env;   /* NULL-ended; NULL = none */
	/* Options of the bad line that lies between (tests/bench/line), NULL-ended; NULL = none does.
	 * screen_pid() is then the line's. */
	const char *const *line;
	int rows, cols;
};

struct screen *screen_start(const struct screen_setup *setup);
void screen_free(struct screen *screen); /* kills what still runs; NULL-safe */
pid_t screen_pid(const struct screen *screen);

/* Bytes as a keyboard sends them: "\r" Enter, "\x1b" Esc, "\x03" Ctrl-C. */
void screen_type(struct screen *screen, const char *keys);
/* The same of megabytes: as fast as they are taken, reading what comes meanwhile. */
void screen_pour(struct screen *screen, const char *bytes, size_t len);
void screen_resize(struct screen *screen, int rows, int cols); /* with SIGWINCH */
void screen_signal(struct screen *screen, int signal);

/* Turns until is_so(screen, data); false when time is up or the program has ended. */
bool screen_until(struct screen *screen, bool (*is_so)(struct screen *screen, void *data),
	void *data, int64_t deadline_ms);
/* Is `text` in one line? Blanks in it match any number of blanks. */
bool screen_shows(struct screen *screen, const char *text);
/* The line that holds both; malloc'd, or NULL. b NULL = a alone. */
char *screen_line_with(struct screen *screen, const char *a, const char *b);
void screen_wait(struct screen *screen, const char *text);
void screen_wait_gone(struct screen *screen, const char *text);
/* A line that holds both: "orders" and "RUNNING". */
void screen_wait_line(struct screen *screen, const char *a, const char *b);
/* The same for what takes its time; b may be NULL. */
void screen_wait_long(struct screen *screen, const char *a, const char *b, int64_t deadline_ms);
/* Frame as lines, blanks at their ends left out; malloc'd. */
char *screen_text(struct screen *screen);
/* How often it rang so far, and how many flashes (all colours the wrong way round) are over. */
int screen_bells(const struct screen *screen);
int screen_flashes(const struct screen *screen);
/* How many complete updates arrived so far: pieces of output. */
long screen_bytes(const struct screen *screen);
/* When the last of them came, by CLOCK_MONOTONIC, before they were drawn. */
int64_t screen_read_ns(const struct screen *screen);

/* Waits for the end; exit code, -N = by signal N. The case fails when it does not end. */
int screen_end(struct screen *screen);
/* What the program wrote after it left the alternate screen, or on the normal one; malloc'd. */
char *screen_said(struct screen *screen);
/* The case fails unless the terminal is as it was before: modes, screen, cursor. After the end. */
void screen_check_sane(const char *row, struct screen *screen);

#endif
