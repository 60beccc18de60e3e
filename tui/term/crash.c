/*
 * Everything is known before: the handler writes bytes that were made at the start, sets termios
 * back, puts the former handler in place and raises the signal again, so that a core, a sanitizer's
 * report and the exit status are as ever. Only async-signal-safe calls.
 *
 * The state is static because a signal handler gets no argument. A forked child that crashes before
 * its exec leaves the terminal alone.
 */
#include "tui/term/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "core/base/mem.h"

#define CRASH_WAIT_MS 500 /* for a terminal that takes nothing */

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static struct {
	struct crash_screen screen;
	struct sigaction before[ARRAY_SIZE(signals)];
	volatile sig_atomic_t armed;
	pid_t pid;
	stack_t stack_before;
	bool own_stack;
	char stack[65536]; /* a stack that overflowed cannot run its own handler */
} crash;

static void crash_write(void)
{
	const char *p = crash.screen.bytes;
	size_t left = crash.screen.len;

	while (left) {
		struct pollfd pfd = {.fd = crash.screen.out_fd, .events = POLLOUT};
		ssize_t n = write(crash.screen.out_fd, p, left);

		if (n > 0) {
			p += n;
			left -= (size_t)n;
		} else if ((n < 0 && errno != EAGAIN && errno != EINTR) ||
			poll(&pfd, 1, CRASH_WAIT_MS) <= 0) {
			return;
		}
	}
}

static void on_crash(int signum)
{
	int saved = errno;

	if (crash.armed && crash.pid == getpid()) {
		crash.armed = 0;
		crash_write();
		tcsetattr(crash.screen.in_fd, TCSANOW, &crash.screen.termios);
		if (crash.screen.in_flags != -1)
			fcntl(crash.screen.in_fd, F_SETFL, crash.screen.in_flags);
		if (crash.screen.out_flags != -1)
			fcntl(crash.screen.out_fd, F_SETFL, crash.screen.out_flags);
	}
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i] == signum)
			sigaction(signum, &crash.before[i], NULL);
	errno = saved;
	raise(signum); /* blocked here: it comes when this returns */
}

void crash_arm(const struct crash_screen *screen)
{
	struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};

	if (crash.armed)
		crash_disarm();
	crash.screen = *screen;
	crash.pid = getpid();
	crash.own_stack = sigaltstack(NULL, &crash.stack_before) == 0 &&
		(crash.stack_before.ss_flags & SS_DISABLE);
	if (crash.own_stack) {
		stack_t stack = {.ss_sp = crash.stack, .ss_size = sizeof(crash.stack)};

		sigaltstack(&stack, NULL);
	}
	sigfillset(&action.sa_mask); /* SIGTTOU too: tcsetattr() from the background must work */
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, &crash.before[i]);
	crash.armed = 1;
}

void crash_disarm(void)
{
	if (!crash.armed)
		return;
	crash.armed = 0;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &crash.before[i], NULL);
	if (crash.own_stack)
		sigaltstack(&crash.stack_before, NULL);
}
