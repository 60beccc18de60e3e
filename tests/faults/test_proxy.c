/* What the proxy does to one answer, and to links, with a server behind it whose answers are known. */
#include "tests/faults/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"
#include "tests/support/program.h"

#define BODY "{\"jobs\":[1,2,3]}"
#define DEADLINE_MS 60000
/* What never comes is waited for so long. */
#define SILENCE_MS 300

static struct httpd *server;
static struct proxy *proxy;

static int setup(void **state)
{
	(void)state;
	server = httpd_start("127.0.0.1");
	httpd_on(server, "GET /jobs/overview", &(struct httpd_answer){.body = BODY});
	httpd_on(server, "GET /overview", &(struct httpd_answer){.body = "{}"});
	httpd_on(server, "GET /silent", &(struct httpd_answer){.fault = HTTPD_SILENT});
	proxy = proxy_start(httpd_port(server));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	proxy_stop(proxy);
	httpd_stop(server);
	return 0;
}

/* ---- a client ---- */

/* -1: refused. */
static int dial(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(proxy_port(proxy))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
	return -1;
}

enum how { WHOLE, CLOSED, RESET, SILENT };

struct got {
	struct buf text;
	enum how how;
	int64_t took_ms;
};

static bool is_whole(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n"), *length = strstr(text, "ontent-");

	while (length && strncmp(length, "ontent-Length: ", 15) != 0 &&
		strncmp(length, "ontent-length: ", 15) != 0)
		length = strstr(length + 1, "ontent-");
	return body && length && strlen(body + 4) >= strtoul(length + 15, NULL, 10);
}

static struct got ask(int fd, const char *path, int silence_ms)
{
	struct got got = {.how = WHOLE};
	int64_t began_ms = program_now_ms();
	char *request = xasprintf("GET %s HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n", path);

	buf_init(&got.text, 0);
	send(fd, request, strlen(request), MSG_NOSIGNAL);
	free(request);
	while (!is_whole(buf_str(&got.text))) {
		struct pollfd one = {.fd = fd, .events = POLLIN};
		char piece[1000];
		ssize_t n;

		if (poll(&one, 1, silence_ms) == 0) {
			got.how = SILENT;
			break;
		}
		n = recv(fd, piece, sizeof(piece), 0);
		if (n <= 0) {
			got.how = n == 0 ? CLOSED : RESET;
			break;
		}
		buf_add(&got.text, piece, (size_t)n);
	}
	got.took_ms = program_now_ms() - began_ms;
	return got;
}

static const char *body_of(const struct got *got)
{
	const char *body = strstr(buf_str(&got->text), "\r\n\r\n");

	return body ? body + 4 : NULL;
}

/* ---- cases ---- */

static char *twice(const char *body)
{
	return xasprintf("%s%s", body, body);
}

static const struct {
	const char *name;
	struct proxy_fault fault;
	enum how how;
	const char *status, *body; /* NULL = there is none */
	int least_ms;
	size_t bytes; /* 0 = any */
} answers[] = {
	{"passes", {.way = PROXY_PASS}, WHOLE, "200", BODY, 0, 0},
	{"reset", {.way = PROXY_RESET}, RESET, NULL, NULL, 0, 0},
	{"dropped", {.way = PROXY_DROP}, SILENT, NULL, NULL, 0, 0},
	{"cut before the first byte", {.way = PROXY_CUT, .at = 0}, CLOSED, NULL, NULL, 0, 0},
	{"cut in the header", {.way = PROXY_CUT, .at = 12}, CLOSED, "200", NULL, 0, 12},
	{"stalled", {.way = PROXY_STALL, .at = 12}, SILENT, "200", NULL, 0, 12},
	{"in drops", {.way = PROXY_DRIP, .at = 20, .ms = 1}, WHOLE, "200", BODY, 2, 0},
	{"late", {.way = PROXY_DELAY, .ms = 50}, WHOLE, "200", BODY, 50, 0},
	{"corrupt", {.way = PROXY_CORRUPT, .at = 2}, WHOLE, "200", "{\"\377obs\":[1,2,3]}", 0, 0},
	{"corrupt at its end", {.way = PROXY_CORRUPT, .at = 9999}, WHOLE, "200",
		"{\"jobs\":[1,2,3]\377", 0, 0},
	{"another answer", {.way = PROXY_SAY, .status = 503, .text = "no"}, WHOLE, "503", "no", 0,
		0},
	{"edited", {.way = PROXY_EDIT, .edit = twice}, WHOLE, "200", BODY BODY, 0, 0},
	{"another path", {.way = PROXY_RESET, .path = "/overview"}, WHOLE, "200", BODY, 0, 0},
};

static void each_fault_does_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		proxy_set(proxy, &answers[i].fault);
		int fd = dial();
		bool is_silent = answers[i].how == SILENT;
		struct got got = ask(fd, "/jobs/overview", is_silent ? SILENCE_MS : DEADLINE_MS);

		check_int(answers[i].name, got.how, answers[i].how);
		if (answers[i].status)
			check_has(answers[i].name, buf_str(&got.text), answers[i].status);
		check_str(answers[i].name, body_of(&got), answers[i].body);
		check_bool(answers[i].name, got.took_ms >= answers[i].least_ms, true);
		if (answers[i].bytes)
			check_int(
				answers[i].name, (int64_t)got.text.len, (int64_t)answers[i].bytes);
		check_int(answers[i].name, proxy_counts(proxy).met,
			answers[i].fault.way != PROXY_PASS && !answers[i].fault.path);
		buf_release(&got.text);
		close(fd);
	}
}

static void check_body(const char *row, int fd, const char *want)
{
	struct got got = ask(fd, "/jobs/overview", DEADLINE_MS);

	check_str(row, body_of(&got), want);
	buf_release(&got.text);
}

static void a_fault_of_some_requests_ends(void **state)
{
	int fd = dial();

	(void)state;
	proxy_set(proxy,
		&(struct proxy_fault){.way = PROXY_SAY, .status = 500, .text = "no", .times = 2});
	check_body("first", fd, "no");
	check_body("second", fd, "no");
	check_body("third, on the same link", fd, BODY);
	check_int("met", proxy_counts(proxy).met, 2);
	close(fd);
}

static void refused_links_are_refused_until_it_passes(void **state)
{
	struct got got;
	int open = dial(), fd;

	(void)state;
	check_body("before", open, BODY);
	for (int i = 0; i < 3; i++) {
		proxy_set(proxy, &(struct proxy_fault){.way = PROXY_REFUSE});
		check_int("refused", dial(), -1);
		got = ask(open, "/jobs/overview", DEADLINE_MS);
		check_bool("what was open is gone", got.how == RESET || got.how == CLOSED, true);
		buf_release(&got.text);
		close(open);
		proxy_set(proxy, NULL);
		open = dial();
		check_body("again", open, BODY);
	}
	close(open);
	fd = dial();
	check_body("after", fd, BODY);
	close(fd);
}

static void half_open_links_are_dead_and_new_ones_well(void **state)
{
	struct got got;
	int old = dial(), new;

	(void)state;
	check_body("before", old, BODY);
	proxy_set(proxy, &(struct proxy_fault){.way = PROXY_HALF_OPEN});
	got = ask(old, "/jobs/overview", SILENCE_MS);
	check_int("old", got.how, SILENT);
	buf_release(&got.text);
	new = dial();
	check_body("new", new, BODY);
	close(old);
	close(new);
}

static bool has_one_waiting(void)
{
	return proxy_counts(proxy).waiting == 1;
}

static void a_server_that_is_gone_or_silent(void **state)
{
	struct httpd *other = httpd_start("127.0.0.1");
	int64_t end_ms = program_now_ms() + DEADLINE_MS;
	int fd = dial();
	struct got got = ask(fd, "/silent", SILENCE_MS);

	(void)state;
	check_int("silent", got.how, SILENT);
	buf_release(&got.text);
	while (!has_one_waiting())
		check_bool("it is known to wait", program_now_ms() < end_ms, true);
	close(fd); /* the client gives up, and so does the proxy */
	while (has_one_waiting())
		check_bool("it waits no more", program_now_ms() < end_ms, true);

	httpd_on(other, "*", &(struct httpd_answer){.body = "other"});
	proxy_lead_to(proxy, httpd_port(other));
	fd = dial();
	check_body("another server", fd, "other");
	httpd_stop(other);
	got = ask(fd, "/jobs/overview", DEADLINE_MS);
	check_int("nobody behind it", got.how, RESET);
	buf_release(&got.text);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_fault_does_what_it_says, setup, teardown),
		cmocka_unit_test_setup_teardown(a_fault_of_some_requests_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(
			refused_links_are_refused_until_it_passes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			half_open_links_are_dead_and_new_ones_well, setup, teardown),
		cmocka_unit_test_setup_teardown(a_server_that_is_gone_or_silent, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
