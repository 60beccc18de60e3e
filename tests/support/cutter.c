/*
 * What is passed on is passed on with blocking writes: the server behind it reads. A fault that is met
 * on one link leaves the others alone.
 */
#include "tests/support/cutter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"

#define LINKS_MOST 64
#define LINES_MOST 4096
#define LINE_BYTES 200
#define CHUNK_BYTES ((size_t)64 << 10)

struct link {
	int client, server;   /* -1 = free */
	bool is_met;          /* its request is the one */
	size_t request_bytes; /* of it, passed on */
	size_t answer_bytes;
};

struct cutter {
	int listener, port, to_port, wake[2];
	pthread_t thread;
	pthread_mutex_t lock;
	struct link links[LINKS_MOST];
	/* under the lock */
	struct cutter_fault fault;
	bool is_armed, has_seen_after;
	int met, bytes_per_s;
	char *lines[LINES_MOST];
	size_t line_count;
};

static void die(const char *what)
{
	perror(what);
	abort();
}

static void close_link(struct link *link)
{
	close(link->client);
	close(link->server);
	link->client = link->server = -1;
}

/* false: the other end is gone. */
static bool pass(int to, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(to, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* Held. */
static void end(struct cutter *cutter, struct link *link)
{
	if (cutter->fault.kill)
		kill(cutter->fault.kill, SIGKILL);
	cutter->met++;
	cutter->is_armed = false;
	close_link(link);
}

static bool is_request(const char *bytes, size_t len)
{
	static const char *const methods[] = {"GET /", "POST /", "PATCH /", "DELETE /"};

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (len > strlen(methods[i]) && strncmp(bytes, methods[i], strlen(methods[i])) == 0)
			return true;
	return false;
}

/* Held. */
static void note(struct cutter *cutter, const char *bytes)
{
	char line[LINE_BYTES];

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(bytes, "\r\n"), bytes);
	if (cutter->line_count < LINES_MOST)
		cutter->lines[cutter->line_count++] = xstrdup(line);
	if (cutter->fault.after && str_starts(line, cutter->fault.after))
		cutter->has_seen_after = true;
}

static void from_client(struct cutter *cutter, struct link *link, char *bytes, size_t len)
{
	const struct cutter_fault *fault = &cutter->fault;

	bytes[len] = '\0';
	pthread_mutex_lock(&cutter->lock);
	if (cutter->bytes_per_s)
		poll(NULL, 0, (int)(len * 1000 / (size_t)cutter->bytes_per_s));
	if (is_request(bytes, len)) {
		link->is_met = cutter->is_armed && str_starts(bytes, fault->request) &&
			(!fault->after || cutter->has_seen_after);
		link->request_bytes = link->answer_bytes = 0;
		if (!link->is_met || fault->cut_request)
			note(cutter, bytes);
	}
	if (link->is_met && len > fault->cut_request - link->request_bytes)
		len = fault->cut_request - link->request_bytes;
	link->request_bytes += len;
	if (len && !pass(link->server, bytes, len))
		close_link(link);
	else if (link->is_met && link->request_bytes == fault->cut_request)
		end(cutter, link);
	pthread_mutex_unlock(&cutter->lock);
}

static void from_server(struct cutter *cutter, struct link *link, const char *bytes, size_t len)
{
	const struct cutter_fault *fault = &cutter->fault;

	pthread_mutex_lock(&cutter->lock);
	if (link->is_met && len > fault->cut_answer - link->answer_bytes)
		len = fault->cut_answer - link->answer_bytes;
	link->answer_bytes += len;
	if (len && !pass(link->client, bytes, len))
		close_link(link);
	else if (link->is_met && link->answer_bytes == fault->cut_answer)
		end(cutter, link);
	pthread_mutex_unlock(&cutter->lock);
}

static int connect_to(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void take(struct cutter *cutter)
{
	int client = accept4(cutter->listener, NULL, NULL, SOCK_CLOEXEC), server;
	size_t at = 0;

	while (at < LINKS_MOST && cutter->links[at].client >= 0)
		at++;
	server = client >= 0 && at < LINKS_MOST ? connect_to(cutter->to_port) : -1;
	if (server < 0) {
		if (client >= 0)
			close(client);
		return;
	}
	cutter->links[at] = (struct link){.client = client, .server = server};
}

static void turn(struct cutter *cutter, struct link *link, short client, short server)
{
	char bytes[CHUNK_BYTES + 1];
	ssize_t n;

	if (client) {
		n = recv(link->client, bytes, CHUNK_BYTES, 0);
		if (n > 0)
			from_client(cutter, link, bytes, (size_t)n);
		else
			close_link(link);
	}
	if (server && link->server >= 0) {
		n = recv(link->server, bytes, CHUNK_BYTES, 0);
		if (n > 0)
			from_server(cutter, link, bytes, (size_t)n);
		else
			close_link(link);
	}
}

static void *run(void *data)
{
	struct cutter *cutter = data;
	struct pollfd fds[2 + 2 * LINKS_MOST];

	for (;;) {
		fds[0] = (struct pollfd){.fd = cutter->wake[0], .events = POLLIN};
		fds[1] = (struct pollfd){.fd = cutter->listener, .events = POLLIN};
		for (size_t i = 0; i < LINKS_MOST; i++) {
			fds[2 + 2 * i] = (struct pollfd){cutter->links[i].client, POLLIN, 0};
			fds[3 + 2 * i] = (struct pollfd){cutter->links[i].server, POLLIN, 0};
		}
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[0].revents)
			return NULL;
		for (size_t i = 0; i < LINKS_MOST; i++)
			if (cutter->links[i].client >= 0)
				turn(cutter, &cutter->links[i], fds[2 + 2 * i].revents,
					fds[3 + 2 * i].revents);
		if (fds[1].revents)
			take(cutter);
	}
}

struct cutter *cutter_start(int to_port)
{
	struct cutter *cutter = xcalloc(1, sizeof(*cutter));
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	cutter->to_port = to_port;
	for (size_t i = 0; i < LINKS_MOST; i++)
		cutter->links[i].client = cutter->links[i].server = -1;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cutter->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (cutter->listener < 0 || bind(cutter->listener, (struct sockaddr *)&at, len) < 0 ||
		listen(cutter->listener, 64) < 0 ||
		getsockname(cutter->listener, (struct sockaddr *)&at, &len) < 0)
		die("cutter");
	cutter->port = ntohs(at.sin_port);
	if (pipe(cutter->wake) < 0)
		die("pipe");
	pthread_mutex_init(&cutter->lock, NULL);
	if (pthread_create(&cutter->thread, NULL, run, cutter) != 0)
		die("thread");
	return cutter;
}

static void forget(struct cutter *cutter)
{
	while (cutter->line_count)
		free(cutter->lines[--cutter->line_count]);
	free((char *)cutter->fault.request);
	free((char *)cutter->fault.after);
	cutter->fault = (struct cutter_fault){0};
}

void cutter_stop(struct cutter *cutter)
{
	if (!cutter)
		return;
	if (write(cutter->wake[1], "x", 1) != 1)
		die("wake");
	pthread_join(cutter->thread, NULL);
	for (size_t i = 0; i < LINKS_MOST; i++)
		if (cutter->links[i].client >= 0)
			close_link(&cutter->links[i]);
	close(cutter->listener);
	close(cutter->wake[0]);
	close(cutter->wake[1]);
	forget(cutter);
	pthread_mutex_destroy(&cutter->lock);
	free(cutter);
}

int cutter_port(const struct cutter *cutter)
{
	return cutter->port;
}

void cutter_arm(struct cutter *cutter, const struct cutter_fault *fault)
{
	pthread_mutex_lock(&cutter->lock);
	forget(cutter);
	cutter->met = 0;
	cutter->has_seen_after = false;
	cutter->is_armed = fault != NULL;
	for (size_t i = 0; i < LINKS_MOST; i++)
		cutter->links[i].is_met = false;
	if (fault) {
		cutter->fault = *fault;
		cutter->fault.request = xstrdup(fault->request);
		cutter->fault.after = xstrdup_null(fault->after);
	}
	pthread_mutex_unlock(&cutter->lock);
}

int cutter_met(struct cutter *cutter)
{
	int met;

	pthread_mutex_lock(&cutter->lock);
	met = cutter->met;
	pthread_mutex_unlock(&cutter->lock);
	return met;
}

int cutter_passed(struct cutter *cutter, const char *request)
{
	int count = 0;

	pthread_mutex_lock(&cutter->lock);
	for (size_t i = 0; i < cutter->line_count; i++)
		count += str_starts(cutter->lines[i], request);
	pthread_mutex_unlock(&cutter->lock);
	return count;
}

void cutter_slow(struct cutter *cutter, int bytes_per_s)
{
	int room = 8192; /* else what has no room on the line lies here */

	setsockopt(cutter->listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	pthread_mutex_lock(&cutter->lock);
	cutter->bytes_per_s = bytes_per_s;
	pthread_mutex_unlock(&cutter->lock);
}
