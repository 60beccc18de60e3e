/*
 * One poll loop in a child. What was read waits in a list until it is due; reading never waits for
 * writing, so the delay costs latency and no throughput. What is seen is told in shared memory.
 */
#include "tests/bench/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tests/bench/figures.h"

#define PIECE_BYTES ((size_t)128 << 10)
#define LINES_MAX 64

struct shared {
	_Atomic int64_t seen_ns;
	_Atomic int is_armed; /* 0 = no */
	char text[64];
};

struct relay {
	pid_t pid;
	int port;
	struct shared *shared;
};

struct piece {
	struct piece *next;
	int64_t due_ns;
	size_t len, sent;
	char bytes[];
};

/* One direction of one connection. */
struct way {
	int from, to;
	bool is_up, is_over; /* up: to the server; over: its end was passed on */
	bool has_ended;      /* nothing more is read */
	struct piece *first, **last;
};

struct child {
	int listener, target_port;
	int64_t delay_ns;
	struct shared *shared;
	struct way ways[2 * LINES_MAX];
	size_t count;
};

static int tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void look(struct child *c, const char *bytes, size_t len, int64_t now)
{
	struct shared *shared = c->shared;

	if (!atomic_load(&shared->is_armed))
		return;
	if (*shared->text && !memmem(bytes, len, shared->text, strlen(shared->text)))
		return;
	atomic_store(&shared->is_armed, 0);
	atomic_store(&shared->seen_ns, now);
}

static void take(struct child *c, struct way *way)
{
	struct piece *piece = xmalloc(sizeof(*piece) + PIECE_BYTES);
	ssize_t got = read(way->from, piece->bytes, PIECE_BYTES);
	int64_t now = now_ns();

	if (got <= 0) {
		way->has_ended = got == 0 || (errno != EAGAIN && errno != EINTR);
		free(piece);
		return;
	}
	if (way->is_up)
		look(c, piece->bytes, (size_t)got, now);
	piece = xrealloc(piece, sizeof(*piece) + (size_t)got);
	piece->next = NULL;
	piece->due_ns = now + c->delay_ns;
	piece->len = (size_t)got;
	piece->sent = 0;
	*way->last = piece;
	way->last = &piece->next;
}

static void give(struct way *way, int64_t now)
{
	while (way->first && way->first->due_ns <= now) {
		struct piece *piece = way->first;
		ssize_t sent = send(way->to, piece->bytes + piece->sent, piece->len - piece->sent,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		piece->sent += sent > 0 ? (size_t)sent : 0;
		if (sent > 0 && piece->sent < piece->len)
			return;
		way->first = piece->next;
		if (!way->first)
			way->last = &way->first;
		free(piece);
	}
	if (!way->first && way->has_ended && !way->is_over) {
		shutdown(way->to, SHUT_WR);
		way->is_over = true;
	}
}

static void join(struct child *c)
{
	int from = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), to = tcp(),
	    on = 1;
	struct sockaddr_in address = loopback(c->target_port);

	if (from < 0 || c->count + 2 > 2 * LINES_MAX ||
		connect(to, (struct sockaddr *)&address, sizeof(address))) {
		fprintf(stderr, "relay: %zu lines: %s\n", c->count / 2, strerror(errno));
		close(from);
		close(to);
		return;
	}
	setsockopt(from, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	fcntl(to, F_SETFL, O_NONBLOCK);
	c->ways[c->count] = (struct way){.from = from, .to = to, .is_up = true};
	c->ways[c->count + 1] = (struct way){.from = to, .to = from};
	c->ways[c->count].last = &c->ways[c->count].first;
	c->ways[c->count + 1].last = &c->ways[c->count + 1].first;
	c->count += 2;
}

/* Both directions are over. */
static void sweep(struct child *c)
{
	for (size_t i = 0; i < c->count;) {
		if (!c->ways[i].is_over || !c->ways[i + 1].is_over) {
			i += 2;
			continue;
		}
		close(c->ways[i].from);
		close(c->ways[i].to);
		c->count -= 2;
		for (size_t k = 0; k < 2 && i < c->count; k++) {
			c->ways[i + k] = c->ways[c->count + k];
			if (!c->ways[i + k].first)
				c->ways[i + k].last = &c->ways[i + k].first;
		}
	}
}

static int patience_ms(const struct child *c, int64_t now)
{
	int64_t least = -1;

	for (size_t i = 0; i < c->count; i++) {
		const struct piece *first = c->ways[i].first;
		int64_t left = first ? first->due_ns - now : 0;

		if (first && left > 0 && (least < 0 || left < least))
			least = left;
	}
	return least < 0 ? -1 : (int)(least / 1000000) + 1;
}

static _Noreturn void serve(struct child *c)
{
	struct pollfd fds[1 + 4 * LINES_MAX];

	for (;;) {
		int64_t now = now_ns();
		size_t count = c->count;

		fds[0] = (struct pollfd){.fd = c->listener, .events = POLLIN};
		for (size_t i = 0; i < count; i++) {
			const struct way *way = &c->ways[i];
			bool is_due = way->first && way->first->due_ns <= now;

			fds[1 + 2 * i] = (struct pollfd){
				.fd = way->has_ended ? -1 : way->from, .events = POLLIN};
			fds[2 + 2 * i] =
				(struct pollfd){.fd = is_due ? way->to : -1, .events = POLLOUT};
		}
		poll(fds, 1 + 2 * count, patience_ms(c, now));
		for (size_t i = 0; i < count; i++)
			if (fds[1 + 2 * i].revents)
				take(c, &c->ways[i]);
		now = now_ns();
		for (size_t i = 0; i < count; i++)
			give(&c->ways[i], now);
		sweep(c);
		if (fds[0].revents)
			join(c);
	}
}

struct relay *relay_start(int target_port, int delay_ms)
{
	struct relay *relay = xcalloc(1, sizeof(*relay));
	struct child *c = xcalloc(1, sizeof(*c));
	struct sockaddr_in address = loopback(0);
	socklen_t len = sizeof(address);

	c->listener = tcp();
	c->target_port = target_port;
	c->delay_ns = (int64_t)delay_ms * 1000000;
	c->shared = relay->shared = mmap(NULL, sizeof(*relay->shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (relay->shared == MAP_FAILED ||
		bind(c->listener, (struct sockaddr *)&address, sizeof(address)) ||
		listen(c->listener, 64) ||
		getsockname(c->listener, (struct sockaddr *)&address, &len)) {
		perror("relay");
		exit(1);
	}
	relay->port = ntohs(address.sin_port);
	relay->pid = fork();
	if (relay->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(c);
	}
	close(c->listener);
	free(c);
	return relay;
}

void relay_stop(struct relay *relay)
{
	if (!relay)
		return;
	kill(relay->pid, SIGKILL);
	waitpid(relay->pid, NULL, 0);
	munmap(relay->shared, sizeof(*relay->shared));
	free(relay);
}

int relay_port(const struct relay *relay)
{
	return relay->port;
}

void relay_arm(struct relay *relay, const char *text)
{
	struct shared *shared = relay->shared;

	atomic_store(&shared->is_armed, 0);
	snprintf(shared->text, sizeof(shared->text), "%s", text ? text : "");
	atomic_store(&shared->seen_ns, 0);
	atomic_store(&shared->is_armed, 1);
}

int64_t relay_seen_ns(const struct relay *relay)
{
	return atomic_load(&relay->shared->seen_ns);
}
