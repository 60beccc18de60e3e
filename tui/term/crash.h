/*
 * The terminal made sane again when the program dies by its own fault (SIGSEGV, SIGBUS, SIGFPE,
 * SIGILL, SIGABRT). Private to tui/term. SIGTERM, SIGHUP and SIGINT are no crashes: the loop hears
 * them and calls term_close().
 */
#ifndef WEIR_TUI_CRASH_H
#define WEIR_TUI_CRASH_H

#include <stddef.h>
#include <termios.h>

#define CRASH_BYTES_MAX 512

struct crash_screen {
	int in_fd, out_fd;
	int in_flags, out_flags; /* to set back with F_SETFL; -1 = leave */
	struct termios termios;
	char bytes[CRASH_BYTES_MAX]; /* what leaves the screen */
	size_t len;
};

/* Copies *screen; the handlers are installed at the first call. One screen a process. */
void crash_arm(const struct crash_screen *screen);
/* The handlers of before are back. */
void crash_disarm(void);

#endif
