/* The client when the far side is slow, gone, wrong or hostile: each fault has one error and no
 * leak. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http.h"
#include "tests/support/asking.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"
#include "tests/support/names.h"

#define LONG_MS (2 * (int64_t)ASKING_DEADLINE_MS)
#define SHORT_MS 150 /* a time-out that is meant to pass */
#define MIB ((size_t)1 << 20)

struct fixture {
	struct loop *loop;
	struct http *http;
	struct httpd *server;
	struct asking asks[40];
};

static void open_http(struct fixture *f, const struct http_options *options)
{
	struct err err = {0};

	http_close(f->http);
	f->http = NULL;
	check_ok("http_open", http_open(&f->http, f->loop, options, &err), &err);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = {0};

	check_ok("loop_open", loop_open(&f->loop, &err), &err);
	open_http(f, NULL);
	f->server = httpd_start("127.0.0.1");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(f->asks); i++)
		asking_release(&f->asks[i]);
	http_close(f->http);
	loop_close(f->loop);
	httpd_stop(f->server);
	free(f);
	return 0;
}

/* `how` without its URL; answers are waited for with a long time-out unless it says another. */
static struct asking *ask(struct fixture *f, int i, const char *path, struct http_request how)
{
	char *url = str_starts(path, "/") ? httpd_url(f->server, path) : xstrdup(path);

	how.url = url;
	if (!how.timeout_ms)
		how.timeout_ms = ASKING_DEADLINE_MS;
	if (!how.connect_timeout_ms)
		how.connect_timeout_ms = ASKING_DEADLINE_MS;
	asking_start(&f->asks[i], f->http, &how);
	free(url);
	return &f->asks[i];
}

static void settle(struct fixture *f)
{
	assert_true(loop_run_until_idle(f->loop, LONG_MS));
}

static void check_failed(const char *name, const struct asking *ask, int code, const char *part)
{
	check_int(name, ask->done, 1);
	check_err(name, ask->err.code, &ask->err, code, part);
}

/* A port that nobody listens on: it was ours a moment ago. */
static char *refusing_url(const char *path)
{
	struct httpd *gone = httpd_start("127.0.0.1");
	char *url = httpd_url(gone, path);

	httpd_stop(gone);
	return url;
}

static void connection_refused(void **state)
{
	struct fixture *f = *state;
	char *url = refusing_url("/overview");
	char *want = xasprintf("GET %s: connection refused", url);

	ask(f, 0, url, (struct http_request){0});
	settle(f);
	check_failed("refused", &f->asks[0], E_NET, "");
	assert_string_equal(want, f->asks[0].err.text);
	assert_int_equal(0, f->asks[0].status);
	assert_int_equal(E_NET, f->asks[0].verdict.code);
	free(want);
	free(url);
}

static void faults_of_the_far_side(void **state)
{
	static const struct {
		const char *name;
		struct httpd_answer answer;
		int code;
		const char *part;
	} rows[] = {
		{"close", {.fault = HTTPD_CLOSE}, E_NET, ": connection closed without an answer"},
		{"reset", {.fault = HTTPD_RESET}, E_NET, ": connection reset by the far side"},
		{"cut body", {.fault = HTTPD_CUT, .cut_bytes = 120, .stream_bytes = 5000}, E_NET,
			": connection closed in the middle of the answer"},
		{"cut chunk",
			{.fault = HTTPD_CUT,
				.cut_bytes = 400,
				.stream_bytes = 5000,
				.chunked = true},
			E_NET, ": connection closed in the middle of the answer"},
		{"garbage", {.fault = HTTPD_RAW, .body = "\x16\x03\x01garbage\n\n"}, E_PROTO,
			": the answer is not HTTP"},
		{"ssh", {.fault = HTTPD_RAW, .body = "SSH-2.0-OpenSSH_9.2\r\n"}, E_PROTO,
			": the answer is not HTTP"},
		{"half a status line", {.fault = HTTPD_RAW, .body = "HTTP/1.1 2x0\r\n\r\n"},
			E_PROTO, ": the answer is not HTTP"},
		{"not gzip", {.headers = "Content-Encoding: gzip\r\n", .body = "plain"}, E_PROTO,
			": the answer cannot be decompressed"},
		{"header flood", {.fault = HTTPD_HEADER_FLOOD}, E_PROTO,
			": answer has too large a header"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *url = httpd_url(f->server, "/overview?n=1");
		char *start = xasprintf("GET %s: ", url);

		httpd_forget(f->server);
		httpd_on(f->server, "*", &rows[i].answer);
		ask(f, (int)i, "/overview?n=1", (struct http_request){0});
		settle(f);
		check_failed(rows[i].name, &f->asks[i], rows[i].code, rows[i].part);
		check_bool(rows[i].name, str_starts(f->asks[i].err.text, start), true);
		free(start);
		free(url);
	}
	/* After all of it the client is as good as new. */
	httpd_forget(f->server);
	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	ask(f, 20, "/", (struct http_request){0});
	settle(f);
	assert_string_equal("ok", f->asks[20].body);
}

static void a_server_that_says_nothing_times_out(void **state)
{
	struct fixture *f = *state;
	char *url = httpd_url(f->server, "/jobs"), *want;

	httpd_on(f->server, "*", &(struct httpd_answer){.fault = HTTPD_SILENT});
	ask(f, 0, "/jobs", (struct http_request){.timeout_ms = SHORT_MS});
	settle(f);
	want = xasprintf("GET %s: no answer within %d ms", url, SHORT_MS);
	check_failed("silent", &f->asks[0], E_TIMEOUT, want);
	free(want);
	free(url);
}

static void an_answer_that_drips_times_out_with_what_came(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "*",
		&(struct httpd_answer){.fault = HTTPD_DRIP, .stream_bytes = 1000000});
	ask(f, 0, "/", (struct http_request){.timeout_ms = SHORT_MS});
	settle(f);
	check_failed("drip", &f->asks[0], E_TIMEOUT, ": answer not complete within 150 ms (");
}

static int listen_here(int backlog, int *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(0, bind(listener, (struct sockaddr *)&at, len));
	assert_int_equal(0, listen(listener, backlog));
	assert_int_equal(0, getsockname(listener, (struct sockaddr *)&at, &len));
	*port = ntohs(at.sin_port);
	return listener;
}

/* A queue of connections that is full: the kernel drops what knocks, and nothing is heard. */
static void no_connection_in_time(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in at = {.sin_family = AF_INET};
	int port, listener = listen_here(0, &port), knock[4];
	char *url = xasprintf("http://127.0.0.1:%d/", port);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port);
	for (int i = 0; i < 4; i++) {
		knock[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(knock[i], (struct sockaddr *)&at, sizeof(at));
	}
	ask(f, 0, url, (struct http_request){.connect_timeout_ms = SHORT_MS});
	settle(f);
	check_failed("full queue", &f->asks[0], E_TIMEOUT, ": no connection within 150 ms");
	for (int i = 0; i < 4; i++)
		close(knock[i]);
	close(listener);
	free(url);
}

static void an_unknown_host(void **state)
{
	struct fixture *f = *state;

	ask(f, 0, "http://no-such-host.invalid:8081/overview", (struct http_request){0});
	settle(f);
	check_failed("unknown", &f->asks[0], E_NET,
		"GET http://no-such-host.invalid:8081/overview: host name "
		"'no-such-host.invalid' not found");
}

static void bad_words_of_the_caller(void **state)
{
	static const struct {
		const char *url, *method, *part;
	} rows[] = {
		{"localhost:8081/overview", NULL, "http:// or https://"},
		{"file:///etc/passwd", NULL, "http:// or https://"},
		{"", NULL, "http:// or https://"},
		{"http://", NULL, "not a usable URL"},
		{"http://a b/", NULL, "not a usable URL"},
		{"http://a/\r\nX: y", NULL, "not a usable URL"},
		{"http://me:hunter2@a:99999/", NULL, "not a usable URL: 'http://a:99999/'"},
		{"http://127.0.0.1/", "get", "not an HTTP method: 'get'"},
		{"http://127.0.0.1/", "GET /x HTTP/1.1\r\n", "not an HTTP method"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ask(f, (int)i, rows[i].url, (struct http_request){.method = rows[i].method});
		settle(f);
		check_failed(rows[i].url, &f->asks[i], E_ARG, rows[i].part);
	}
	assert_int_equal(0, http_stats(f->http).requests);
}

/* A server that answers TLS with plain HTTP, on the test's own loop. */
static void on_knock(void *data, int fd, unsigned mask)
{
	static const char plain[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
	int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	(void)data;
	(void)mask;
	if (conn < 0)
		return;
	assert_int_equal(sizeof(plain) - 1, send(conn, plain, sizeof(plain) - 1, MSG_NOSIGNAL));
	shutdown(conn, SHUT_WR);
	close(conn);
}

static void tls_against_plain_http(void **state)
{
	struct fixture *f = *state;
	int port, listener = listen_here(8, &port);
	char *url = xasprintf("https://127.0.0.1:%d/", port);
	struct loop_watch *watch =
		loop_watch(f->loop, listener, LOOP_READ, LOOP_NORMAL, on_knock, NULL);

	ask(f, 0, url, (struct http_request){0});
	settle(f);
	check_failed("tls", &f->asks[0], E_NET, "/: TLS: ");
	loop_unwatch(watch);
	close(listener);
	free(url);
}

static void the_cap_is_exact(void **state)
{
	struct fixture *f = *state;

	for (int chunked = 0; chunked < 2; chunked++) {
		int i = chunked * 2;

		httpd_forget(f->server);
		httpd_on(f->server, "GET /fits",
			&(struct httpd_answer){.stream_bytes = MIB, .chunked = chunked});
		httpd_on(f->server, "GET /over",
			&(struct httpd_answer){.stream_bytes = MIB + 1, .chunked = chunked});
		ask(f, i, "/fits", (struct http_request){.cap_bytes = MIB});
		ask(f, i + 1, "/over", (struct http_request){.cap_bytes = MIB});
		settle(f);
		assert_int_equal(E_OK, f->asks[i].err.code);
		assert_int_equal(MIB, f->asks[i].body_len);
		check_failed("over", &f->asks[i + 1], E_PROTO,
			": answer is larger than the cap of 1048576 bytes");
	}
}

static void a_flood_is_cut_at_the_cap(void **state)
{
	struct fixture *f = *state;

	for (int chunked = 0; chunked < 2; chunked++) {
		httpd_forget(f->server);
		httpd_on(f->server, "*",
			&(struct httpd_answer){.stream_bytes = 200 * MIB, .chunked = chunked});
		ask(f, chunked, "/", (struct http_request){.cap_bytes = MIB});
		settle(f);
		check_failed("flood", &f->asks[chunked], E_PROTO, "cap of 1048576 bytes");
	}
	/* What the kernel had already taken in may be more than the cap, but not nearly all. */
	assert_true(httpd_counts(f->server).bytes_sent < 100 * MIB);
}

static void the_default_cap_is_32_mib(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "*", &(struct httpd_answer){.stream_bytes = 33 * MIB, .chunked = true});
	ask(f, 0, "/", (struct http_request){0});
	settle(f);
	check_failed("default", &f->asks[0], E_PROTO, "cap of 33554432 bytes");
}

/* The far side closes a connection that it had promised to keep: no error, asked again elsewhere.
 */
static void a_kept_connection_that_died_is_no_error(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "GET /lie", &(struct httpd_answer){.fault = HTTPD_LIE, .body = "lie"});
	for (int i = 0; i < 10; i++) {
		ask(f, i, "/lie", (struct http_request){0});
		settle(f);
		assert_int_equal(E_OK, f->asks[i].err.code);
		assert_string_equal("lie", f->asks[i].body);
	}
	assert_int_equal(10, httpd_requests(f->server, "GET /lie"));
}

static bool nobody_is_connected(void *data)
{
	return httpd_counts(data).open_now == 0;
}

static void idle_connections_closed_by_the_server_are_no_error(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 10; i++)
			ask(f, i, "/", (struct http_request){0});
		settle(f);
		for (int i = 0; i < 10; i++) {
			assert_int_equal(E_OK, f->asks[i].err.code);
			asking_release(&f->asks[i]);
		}
		httpd_close_idle(f->server);
		assert_true(asking_until(f->loop, nobody_is_connected, f->server));
	}
}

/* The request went out on a kept connection, which then closes without a word: asked once more. */
static void a_request_lost_on_a_kept_connection_is_asked_again(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "*", &(struct httpd_answer){.body = "one"});
	httpd_on(f->server, "*", &(struct httpd_answer){.fault = HTTPD_CLOSE});
	httpd_on(f->server, "*", &(struct httpd_answer){.body = "two"});
	ask(f, 0, "/", (struct http_request){0});
	settle(f);
	ask(f, 1, "/", (struct http_request){0});
	settle(f);
	assert_string_equal("two", f->asks[1].body);
	assert_int_equal(3, httpd_requests(f->server, "*"));
}

static void a_post_is_never_sent_twice(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "GET *", &(struct httpd_answer){.body = "one"});
	httpd_on(f->server, "POST *", &(struct httpd_answer){.fault = HTTPD_CLOSE});
	httpd_on(f->server, "POST *", &(struct httpd_answer){.body = "started"});
	ask(f, 0, "/", (struct http_request){0});
	settle(f);
	ask(f, 1, "/run", (struct http_request){.method = "POST", .body = "{}", .body_len = 2});
	settle(f);
	check_failed("post", &f->asks[1], E_NET, "POST http://127.0.0.1:");
	assert_int_equal(1, httpd_requests(f->server, "POST *"));
}

static void waiting_in_the_queue_does_not_count_as_time(void **state)
{
	struct fixture *f = *state;

	open_http(f, &(struct http_options){.max_in_flight = 1});
	httpd_on(f->server, "GET /silent", &(struct httpd_answer){.fault = HTTPD_SILENT});
	httpd_on(f->server, "GET /ok", &(struct httpd_answer){.body = "ok"});
	for (int i = 0; i < 10; i++)
		ask(f, i, "/silent", (struct http_request){.timeout_ms = SHORT_MS});
	/* Queued for ten times SHORT_MS: would be over before it began. */
	ask(f, 10, "/ok", (struct http_request){.timeout_ms = (int64_t)9 * SHORT_MS});
	settle(f);
	for (int i = 0; i < 10; i++)
		check_failed("silent", &f->asks[i], E_TIMEOUT, "no answer within");
	assert_string_equal("ok", f->asks[10].body);
}

static void the_dead_do_not_hold_up_the_living(void **state)
{
	struct fixture *f = *state;
	char *dead = refusing_url("/");

	open_http(f, &(struct http_options){.max_in_flight = 4});
	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	for (int i = 0; i < 40; i++)
		ask(f, i, i % 2 ? dead : "/", (struct http_request){0});
	settle(f);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(1, f->asks[i].done);
		assert_int_equal(i % 2 ? E_NET : E_OK, f->asks[i].err.code);
	}
	free(dead);
}

static void a_name_server_that_says_nothing_times_out(void **state)
{
	struct fixture *f = *state;
	char *url = xasprintf("http://localhost:%d/", httpd_port(f->server));

	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	names_hold("");
	ask(f, 0, url, (struct http_request){.timeout_ms = SHORT_MS});
	ask(f, 1, url, (struct http_request){0});
	ask(f, 2, url, (struct http_request){0});
	http_cancel(f->asks[2].transfer); /* while it is asked for */
	f->asks[2].transfer = NULL;
	while (!f->asks[0].done)
		loop_turn(f->loop, SHORT_MS);
	check_failed("name server", &f->asks[0], E_TIMEOUT,
		": no answer from the name server within 150 ms");
	assert_int_equal(0, f->asks[1].done);
	names_release();
	settle(f);
	assert_string_equal("ok", f->asks[1].body); /* the same lookup went on for it */
	assert_int_equal(0, f->asks[2].done);
	free(url);
}

static void out_of_descriptors_is_our_own_error(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, none;
	int lowest = dup(0);

	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	assert_true(lowest >= 0);
	close(lowest);
	assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &old));
	none = old;
	none.rlim_cur = (rlim_t)lowest;
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
	ask(f, 0, "/", (struct http_request){0});
	settle(f);
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &old));
	check_failed("descriptors", &f->asks[0], E_INTERNAL, ": too many open files here");
	ask(f, 1, "/", (struct http_request){0});
	settle(f);
	assert_string_equal("ok", f->asks[1].body);
}

static void statuses_and_what_was_said(void **state)
{
	static const struct {
		struct httpd_answer answer;
		int code;
		const char *part;
	} rows[] = {
		{{.status = 401, .body = "who?"}, E_AUTH, "/x: HTTP 401: who?"},
		{{.status = 403}, E_DENIED, "/x: HTTP 403"},
		{{.status = 404, .body = "\n\n  first\nsecond"}, E_NOTFOUND, "/x: HTTP 404: first"},
		{{.status = 409, .body = "busy"}, E_CONFLICT, "/x: HTTP 409: busy"},
		{{.status = 500, .body = "a\x1b[31mred\ttab password=hunter2"}, E_REMOTE,
			"HTTP 500: a\xef\xbf\xbd[31mred tab password=******"},
		{{.status = 502,
			 .content_type = "text/html",
			 .body = "<html><head><TITLE>\n 502 Bad <b>Gateway\n</TITLE>"},
			E_REMOTE, "/x: HTTP 502: an HTML page, not JSON (\"502 Bad <b>Gateway\")"},
		{{.status = 503, .body = "<!DOCTYPE html><p>no title"}, E_REMOTE,
			"/x: HTTP 503: an HTML page, not JSON"},
		{{.status = 418, .body = "{}"}, E_REMOTE, "/x: HTTP 418: {}"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		httpd_forget(f->server);
		httpd_on(f->server, "*", &rows[i].answer);
		ask(f, (int)i, "/x", (struct http_request){0});
		settle(f);
		check_int(rows[i].part, f->asks[i].err.code, E_OK);
		check_err(rows[i].part, f->asks[i].verdict.code, &f->asks[i].verdict, rows[i].code,
			rows[i].part);
		check_bool(rows[i].part, strstr(f->asks[i].verdict.text, "hunter2"), false);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(connection_refused),
		CASE(faults_of_the_far_side),
		CASE(a_server_that_says_nothing_times_out),
		CASE(an_answer_that_drips_times_out_with_what_came),
		CASE(no_connection_in_time),
		CASE(an_unknown_host),
		CASE(bad_words_of_the_caller),
		CASE(tls_against_plain_http),
		CASE(the_cap_is_exact),
		CASE(a_flood_is_cut_at_the_cap),
		CASE(the_default_cap_is_32_mib),
		CASE(a_kept_connection_that_died_is_no_error),
		CASE(idle_connections_closed_by_the_server_are_no_error),
		CASE(a_request_lost_on_a_kept_connection_is_asked_again),
		CASE(a_post_is_never_sent_twice),
		CASE(waiting_in_the_queue_does_not_count_as_time),
		CASE(the_dead_do_not_hold_up_the_living),
		CASE(a_name_server_that_says_nothing_times_out),
		CASE(out_of_descriptors_is_our_own_error),
		CASE(statuses_and_what_was_said),
	};

	check_locale();
	return cmocka_run_group_tests_name("http faults", tests, NULL, NULL);
}
