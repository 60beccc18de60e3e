/*
 * line [--rate BYTES/S] [--delay MS] [--buffer BYTES] [--log FILE] PROGRAM [ARG…]: the program in a
 * pseudo-terminal at the far end of a bad line. What it writes leaves at the rate and arrives `delay` later, keys
 * and the terminal's answers arrive there `delay` later, so a round trip takes twice that. As much as `buffer`
 * waits at the far end without the program being stopped, as it does in sshd and in the kernel: it cannot see
 * that. At its end FILE gets what went over the line: "bytes B most M", M = the most that waited.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#define PIECE 256

/* Bytes under way, and when the piece that ends there arrives. */
struct way {
	struct buf bytes;
	VEC(struct arrival {
		size_t end;
		double at_ms;
	})
	arrivals;
};

static struct {
	double rate, delay_ms;
	size_t buffer;
	const char *log;
	int master, signals;
	pid_t pid;
	struct termios before;
	struct buf waiting; /* at the far end: not sent yet */
	double sends_ms;    /* when the line is free for the next piece */
	struct way out, in;
	long bytes;
	size_t most;
} line = {.rate = 5000, .delay_ms = 150};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static void way_put(struct way *way, const char *bytes, size_t len, double at_ms)
{
	buf_add(&way->bytes, bytes, len);
	vec_push(&way->arrivals, ((struct arrival){way->bytes.len, at_ms}));
}

static void drop(struct buf *buf, size_t len)
{
	buf->len -= len;
	memmove(buf->data, buf->data + len, buf->len);
}

/* What has arrived by now; fd may take less of it. */
static void way_take(struct way *way, int fd, double at_ms)
{
	size_t arrived = 0, gone = 0;
	ssize_t n;

	for (size_t i = 0; i < way->arrivals.len && way->arrivals.data[i].at_ms <= at_ms; i++)
		arrived = way->arrivals.data[i].end;
	n = arrived ? write(fd, way->bytes.data, arrived) : 0;
	if (n <= 0)
		return;
	drop(&way->bytes, (size_t)n);
	while (gone < way->arrivals.len && way->arrivals.data[gone].end <= (size_t)n)
		gone++;
	for (size_t i = gone; i < way->arrivals.len; i++) {
		way->arrivals.data[i - gone] = way->arrivals.data[i];
		way->arrivals.data[i - gone].end -= (size_t)n;
	}
	way->arrivals.len -= gone;
}

/* From the far end onto the line, as fast as that takes it. */
static void send_waiting(double at_ms)
{
	while (line.waiting.len && line.sends_ms <= at_ms) {
		size_t len = line.waiting.len < PIECE ? line.waiting.len : PIECE;

		line.sends_ms += (double)len / line.rate * 1000;
		way_put(&line.out, line.waiting.data, len, line.sends_ms + line.delay_ms);
		drop(&line.waiting, len);
		line.bytes += (long)len;
	}
}

/* False: that end is gone. */
static bool read_from(int fd, char *piece, size_t size, ssize_t *got)
{
	*got = read(fd, piece, size);
	return *got > 0 || (*got < 0 && (errno == EAGAIN || errno == EINTR));
}

static void take_size(void)
{
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(line.master, TIOCSWINSZ, &size);
}

/* Until the next piece is due. */
static int wait_ms(double at_ms)
{
	double next = at_ms + 1000;

	if (line.waiting.len && line.sends_ms < next)
		next = line.sends_ms;
	if (line.out.arrivals.len && line.out.arrivals.data[0].at_ms < next)
		next = line.out.arrivals.data[0].at_ms;
	if (line.in.arrivals.len && line.in.arrivals.data[0].at_ms < next)
		next = line.in.arrivals.data[0].at_ms;
	return next <= at_ms ? 1 : (int)(next - at_ms) + 1;
}

static void turn(void)
{
	bool far = true, near = true;
	char piece[4096];
	ssize_t got;

	while (far || line.waiting.len || line.out.bytes.len) {
		double at_ms = now_ms();
		struct pollfd fds[] = {
			{.fd = far && line.waiting.len < line.buffer ? line.master : -1,
				.events = POLLIN},
			{.fd = near ? STDIN_FILENO : -1, .events = POLLIN},
			{.fd = line.signals, .events = POLLIN},
		};

		poll(fds, 3, wait_ms(at_ms));
		at_ms = now_ms();
		if (fds[2].revents) {
			struct signalfd_siginfo info;
			if (read(line.signals, &info, sizeof(info)) == sizeof(info))
				take_size();
		}
		if (fds[0].revents) {
			far = read_from(line.master, piece, sizeof(piece), &got);
			if (!line.waiting.len && line.sends_ms < at_ms)
				line.sends_ms = at_ms;
			if (got > 0)
				buf_add(&line.waiting, piece, (size_t)got);
			if (line.waiting.len > line.most)
				line.most = line.waiting.len;
		}
		if (fds[1].revents) {
			near = read_from(STDIN_FILENO, piece, sizeof(piece), &got);
			if (got > 0)
				way_put(&line.in, piece, (size_t)got, at_ms + line.delay_ms);
		}
		send_waiting(at_ms);
		way_take(&line.out, STDOUT_FILENO, at_ms);
		way_take(&line.in, line.master, at_ms);
	}
}

static void tell(void)
{
	FILE *file = line.log ? fopen(line.log, "w") : NULL;

	if (!file)
		return;
	fprintf(file, "bytes %ld most %zu\n", line.bytes, line.most);
	fclose(file);
}

static void raw(void)
{
	struct termios termios = line.before;

	cfmakeraw(&termios);
	tcsetattr(STDIN_FILENO, TCSANOW, &termios);
}

static void usage(void)
{
	fprintf(stderr,
		"usage: line [--rate BYTES/S] [--delay MS] [--buffer BYTES] [--log FILE]"
		" PROGRAM [ARG...]\n");
	exit(2);
}

static void options(int argc, char **argv)
{
	static const struct option names[] = {{"rate", 1, NULL, 'r'}, {"delay", 1, NULL, 'd'},
		{"buffer", 1, NULL, 'b'}, {"log", 1, NULL, 'l'}, {0}};
	int64_t buffer = 1 << 20;
	int option;

	while ((option = getopt_long(argc, argv, "+", names, NULL)) != -1) {
		bool is_right = option == 'l';

		if (option == 'r')
			is_right = str_to_double(optarg, &line.rate);
		else if (option == 'd')
			is_right = str_to_double(optarg, &line.delay_ms);
		else if (option == 'b')
			is_right = str_to_int64(optarg, &buffer);
		else if (option == 'l')
			line.log = optarg;
		if (!is_right)
			usage();
	}
	line.buffer = (size_t)buffer;
	if (optind == argc || line.rate <= 0 || line.delay_ms < 0 || buffer <= 0)
		usage();
}

int main(int argc, char **argv)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	sigset_t set;
	int status = 0;

	options(argc, argv);
	if (tcgetattr(STDIN_FILENO, &line.before)) {
		fprintf(stderr, "line: the standard input is no terminal\n");
		return 2;
	}
	ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	line.pid = forkpty(&line.master, NULL, &line.before, &size);
	if (line.pid < 0) {
		perror("line: forkpty");
		return 2;
	}
	if (line.pid == 0) {
		execvp(argv[optind], argv + optind);
		perror(argv[optind]);
		_exit(127);
	}
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	line.signals = signalfd(-1, &set, SFD_CLOEXEC);
	fcntl(line.master, F_SETFL, O_NONBLOCK);
	buf_init(&line.waiting, 0);
	buf_init(&line.out.bytes, 0);
	buf_init(&line.in.bytes, 0);
	raw();
	turn();
	tcsetattr(STDIN_FILENO, TCSANOW, &line.before);
	tell();
	waitpid(line.pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
