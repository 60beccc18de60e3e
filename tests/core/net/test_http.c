/* The client when all is well: requests as they go out, keep-alive, queue, cancel, close, reuse. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http.h"
#include "tests/support/asking.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define MANY 200

struct fixture {
	struct loop *loop;
	struct http *http;
	struct httpd *server;
	struct asking asks[MANY];
	int events;
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

	for (int i = 0; i < MANY; i++)
		asking_release(&f->asks[i]);
	http_close(f->http);
	loop_close(f->loop);
	httpd_stop(f->server);
	free(f);
	return 0;
}

static void start(struct fixture *f, int i, const char *method, const char *path, const char *body)
{
	char *url = httpd_url(f->server, path);

	asking_start(&f->asks[i], f->http,
		&(struct http_request){.url = url,
			.method = method,
			.body = body,
			.body_len = body ? strlen(body) : 0});
	free(url);
}

static void settle(struct fixture *f)
{
	assert_true(loop_run_until_idle(f->loop, ASKING_DEADLINE_MS));
}

static void get_brings_status_type_and_body(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "GET /overview", &(struct httpd_answer){.body = "{\"slots\":4}"});
	start(f, 0, NULL, "/overview", NULL);
	assert_int_equal(0, f->asks[0].done); /* never from inside */
	settle(f);
	assert_int_equal(1, f->asks[0].done);
	assert_int_equal(E_OK, f->asks[0].err.code);
	assert_int_equal(E_OK, f->asks[0].verdict.code);
	assert_int_equal(200, f->asks[0].status);
	assert_string_equal("{\"slots\":4}", f->asks[0].body);
	assert_string_equal("application/json;charset=UTF-8", f->asks[0].content_type);
	assert_int_equal(1, http_stats(f->http).requests);
	assert_int_equal(11, http_stats(f->http).bytes_received);
	assert_int_equal(0, http_stats(f->http).in_flight);
}

static void the_request_as_it_goes_out(void **state)
{
	static const struct {
		const char *method, *body, *has[4], *lacks;
	} rows[] = {
		{"GET", NULL,
			{"GET /x?a=b HTTP/1.1\r\n", "\r\nUser-Agent: weir/",
				"\r\nAccept-Encoding: gzip\r\n"},
			"Content-Type"},
		{"POST", "{\"a\":1}",
			{"POST /x?a=b HTTP/1.1\r\n", "\r\nContent-Type: application/json\r\n",
				"\r\nContent-Length: 7\r\n", "\r\n\r\n{\"a\":1}"},
			"Expect"},
		{"POST", NULL, {"POST /x?a=b HTTP/1.1\r\n", "\r\nContent-Length: 0\r\n"},
			"Content-Type"},
		{"PATCH", NULL, {"PATCH /x?a=b HTTP/1.1\r\n", "\r\nContent-Length: 0\r\n"},
			"Expect"},
		{"DELETE", NULL, {"DELETE /x?a=b HTTP/1.1\r\n"}, "Content-"},
		{"PUT", "",
			{"PUT /x?a=b HTTP/1.1\r\n", "\r\nContent-Length: 0\r\n",
				"\r\nContent-Type: application/json\r\n"},
			"Expect"},
		/* After a body, the pooled handle must have forgotten it. */
		{"GET", NULL, {"GET /x?a=b HTTP/1.1\r\n"}, "Content-"},
	};
	struct fixture *f = *state;

	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *request;

		start(f, (int)i, rows[i].method, "/x?a=b", rows[i].body);
		settle(f);
		check_int(rows[i].method, f->asks[i].status, 200);
		check_str(rows[i].method, f->asks[i].body, "ok");
		request = httpd_last_request(f->server);
		for (int j = 0; j < 4 && rows[i].has[j]; j++)
			check_has(rows[i].method, request, rows[i].has[j]);
		if (strstr(request, rows[i].lacks))
			fail_msg("%s: '%s' in %s", rows[i].method, rows[i].lacks, request);
		free(request);
	}
}

struct kept {
	int code;
	int64_t dropped;
	size_t len;
	char last;
};

static void on_kept(void *data, const struct http_response *res, const struct err *err)
{
	*(struct kept *)data = (struct kept){err ? err->code : E_OK, res->dropped_bytes,
		res->body->len, res->body->len ? res->body->data[res->body->len - 1] : 0};
}

static void only_the_end_is_kept_where_that_is_asked(void **state)
{
	static const struct {
		const char *name;
		size_t keep, cap;
		struct kept want;
	} rows[] = {
		{"a part", 1000, 0, {E_OK, 299000, 1000, 'x'}},
		{"more than there is", 300001, 0, {E_OK, 0, 300000, 'x'}},
		{"the cap counts what was dropped", 1000, 200000, {E_PROTO, 0, 0, 0}},
	};
	struct fixture *f = *state;
	char *url = httpd_url(f->server, "/log");

	httpd_on(f->server, "*", &(struct httpd_answer){.stream_bytes = 300000, .chunked = true});
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kept kept = {0};

		http_start(f->http,
			&(struct http_request){
				.url = url, .keep_bytes = rows[i].keep, .cap_bytes = rows[i].cap},
			on_kept, &kept);
		settle(f);
		check_int(rows[i].name, kept.code, rows[i].want.code);
		if (kept.code)
			continue;
		check_int(rows[i].name, kept.dropped, rows[i].want.dropped);
		check_int(rows[i].name, (int64_t)kept.len, (int64_t)rows[i].want.len);
		check_int(rows[i].name, kept.last, rows[i].want.last);
	}
	free(url);
}

static void head_has_no_body_and_get_after_it_has(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "*", &(struct httpd_answer){.body = "0123456789"});
	start(f, 0, "HEAD", "/", NULL);
	settle(f);
	start(f, 1, "GET", "/", NULL);
	settle(f);
	assert_int_equal(200, f->asks[0].status);
	assert_int_equal(0, f->asks[0].body_len);
	assert_string_equal("0123456789", f->asks[1].body);
}

static bool server_has_one(void *data)
{
	struct fixture *f = data;

	return httpd_counts(f->server).open_now == 1;
}

static void a_connection_is_kept_for_reading_only(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	for (int i = 0; i < 5; i++) {
		start(f, i, NULL, "/", NULL);
		settle(f);
		assert_int_equal(200, f->asks[i].status);
	}
	assert_int_equal(1, httpd_counts(f->server).connections);
	/* A method that acts is never sent on a connection that may be dead: libcurl would resend.
	 */
	start(f, 5, "POST", "/", "{}");
	settle(f);
	assert_int_equal(200, f->asks[5].status);
	assert_int_equal(2, httpd_counts(f->server).connections);
	/* And it leaves none behind. */
	assert_true(asking_until(f->loop, server_has_one, f));
	start(f, 6, NULL, "/", NULL);
	settle(f);
	assert_int_equal(2, httpd_counts(f->server).connections);
}

static bool server_has_none(void *data)
{
	struct fixture *f = data;

	return httpd_counts(f->server).open_now == 0;
}

static void what_is_asked_rarely_leaves_no_connection(void **state)
{
	struct fixture *f = *state;
	char *url = httpd_url(f->server, "/");

	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	for (int i = 0; i < 3; i++) {
		asking_start(
			&f->asks[i], f->http, &(struct http_request){.url = url, .is_rare = true});
		settle(f);
		assert_int_equal(200, f->asks[i].status);
		assert_true(asking_until(f->loop, server_has_none, f));
	}
	assert_int_equal(3, httpd_counts(f->server).connections);
	free(url);
}

static void chunked_gzip_and_empty_answers(void **state)
{
	/* gzip of "hello hello hello\n" */
	static const char packed[] =
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57"
		"\xc8\x40\x90\x5c\x00\x3b\x7c\x8a\xdf\x12\x00\x00\x00";
	struct fixture *f = *state;

	httpd_on(f->server, "GET /chunked", &(struct httpd_answer){.body = "abc", .chunked = true});
	httpd_on(f->server, "GET /gzip",
		&(struct httpd_answer){.body = packed,
			.body_len = sizeof(packed) - 1,
			.headers = "Content-Encoding: gzip\r\n"});
	httpd_on(f->server, "GET /none", &(struct httpd_answer){.status = 204});
	httpd_on(f->server, "GET /close", &(struct httpd_answer){.body = "bye", .close = true});
	start(f, 0, NULL, "/chunked", NULL);
	start(f, 1, NULL, "/gzip", NULL);
	start(f, 2, NULL, "/none", NULL);
	start(f, 3, NULL, "/close", NULL);
	settle(f);
	assert_string_equal("abc", f->asks[0].body);
	assert_int_equal(E_OK, f->asks[1].err.code);
	assert_string_equal("hello hello hello\n", f->asks[1].body);
	assert_int_equal(204, f->asks[2].status);
	assert_string_equal("", f->asks[2].body);
	assert_string_equal("bye", f->asks[3].body);
	for (int i = 0; i < 4; i++)
		assert_int_equal(1, f->asks[i].done);
}

static void a_redirect_to_elsewhere_is_named_not_followed(void **state)
{
	struct fixture *f = *state;
	struct httpd *other = httpd_start("127.0.0.1"); /* the same host, another port */
	char *there = httpd_url(other, "/there?token=abc");
	char *headers = xasprintf("Location: %s\r\n", there);

	httpd_on(f->server, "GET /here", &(struct httpd_answer){.status = 302, .headers = headers});
	httpd_on(other, "*", &(struct httpd_answer){.body = "{}"});
	start(f, 0, NULL, "/here", NULL);
	settle(f);
	assert_int_equal(302, f->asks[0].status);
	assert_int_equal(E_OK, f->asks[0].err.code);
	check_err("verdict", f->asks[0].verdict.code, &f->asks[0].verdict, E_REMOTE,
		"/there?token=******: weir does not follow");
	assert_int_equal(0, httpd_counts(other).requests);
	free(there);
	free(headers);
	httpd_stop(other);
}

static void a_redirect_within_the_host_is_followed_by_get_alone(void **state)
{
	struct fixture *f = *state;
	char *there = httpd_url(f->server, "/there");
	char *headers = xasprintf("Location: %s\r\n", there);

	httpd_on(f->server, "GET /here",
		&(struct httpd_answer){.status = 302, .headers = headers, .body = "moved"});
	httpd_on(
		f->server, "POST /here", &(struct httpd_answer){.status = 307, .headers = headers});
	httpd_on(f->server, "GET /there", &(struct httpd_answer){.body = "{}"});
	httpd_on(f->server, "GET /round",
		&(struct httpd_answer){.status = 302, .headers = "Location: /round\r\n"});
	start(f, 0, NULL, "/here", NULL);
	start(f, 1, "POST", "/here", "{}");
	start(f, 2, NULL, "/round", NULL);
	settle(f);
	assert_int_equal(200, f->asks[0].status);
	assert_string_equal("{}", f->asks[0].body);
	assert_int_equal(307, f->asks[1].status);
	assert_int_equal(1, httpd_requests(f->server, "GET /there"));
	assert_int_equal(302, f->asks[2].status);
	/* The first of them twice: where it leads is for libcurl to say. */
	assert_int_equal(5, httpd_requests(f->server, "GET /round"));
	check_err("round", f->asks[2].verdict.code, &f->asks[2].verdict, E_REMOTE, "not followed");
	free(there);
	free(headers);
}

static void the_environments_proxy_is_ignored(void **state)
{
	struct fixture *f = *state;
	char *proxy = httpd_url(f->server, "");

	/* If it were used, the request line would hold the whole URL of the other host. */
	httpd_on(f->server, "GET http*", &(struct httpd_answer){.body = "proxied"});
	httpd_on(f->server, "GET /direct", &(struct httpd_answer){.body = "direct"});
	setenv("http_proxy", proxy, 1);
	setenv("all_proxy", proxy, 1);
	open_http(f, NULL);
	start(f, 0, NULL, "/direct", NULL);
	settle(f);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	assert_string_equal("direct", f->asks[0].body);
	free(proxy);
}

static void no_more_than_allowed_are_in_flight_and_all_are_done_in_order(void **state)
{
	struct fixture *f = *state;

	open_http(f, &(struct http_options){.shards = 4, .max_in_flight = 3});
	httpd_on(f->server, "*", &(struct httpd_answer){.fault = HTTPD_DRIP, .body = "ok"});
	for (int i = 0; i < 24; i++)
		start(f, i, NULL, "/", NULL);
	assert_int_equal(3, http_stats(f->http).in_flight);
	assert_int_equal(21, http_stats(f->http).queued);
	assert_false(loop_run_until_idle(f->loop, 0)); /* a transfer holds the loop */
	settle(f);
	for (int i = 0; i < 24; i++) {
		assert_int_equal(1, f->asks[i].done);
		assert_string_equal("ok", f->asks[i].body);
	}
	assert_int_equal(3, httpd_counts(f->server).busy_most);
	assert_int_equal(24, http_stats(f->http).requests);
	assert_int_equal(0, http_stats(f->http).in_flight);
}

static bool server_is_asked(void *data)
{
	struct fixture *f = data;

	return httpd_counts(f->server).requests >= f->events;
}

static bool server_is_alone(void *data)
{
	struct fixture *f = data;

	return httpd_counts(f->server).open_now == 0;
}

static void cancel_in_the_queue_and_in_flight(void **state)
{
	struct fixture *f = *state;

	open_http(f, &(struct http_options){.max_in_flight = 1});
	httpd_on(f->server, "GET /silent", &(struct httpd_answer){.fault = HTTPD_SILENT});
	httpd_on(f->server, "GET /ok", &(struct httpd_answer){.body = "ok"});
	start(f, 0, NULL, "/silent", NULL);
	start(f, 1, NULL, "/ok", NULL);
	start(f, 2, NULL, "/ok", NULL);
	f->events = 1;
	assert_true(asking_until(f->loop, server_is_asked, f));
	http_cancel(f->asks[1].transfer); /* queued */
	http_cancel(f->asks[0].transfer); /* in flight: its place goes to the third */
	f->asks[0].transfer = f->asks[1].transfer = NULL;
	settle(f);
	assert_int_equal(0, f->asks[0].done);
	assert_int_equal(0, f->asks[1].done);
	assert_int_equal(1, f->asks[2].done);
	assert_int_equal(1, httpd_requests(f->server, "GET /ok"));
	http_cancel(NULL);
}

static void cancel_of_an_answer_not_yet_handed_over(void **state)
{
	struct fixture *f = *state;

	open_http(f, &(struct http_options){.max_in_flight = 1});
	/* A bad URL is answered at once, but later: between the two it can be canceled. */
	asking_start(&f->asks[0], f->http, &(struct http_request){.url = "ftp://x/"});
	http_cancel(f->asks[0].transfer);
	f->asks[0].transfer = NULL;
	settle(f);
	assert_int_equal(0, f->asks[0].done);
	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	start(f, 1, NULL, "/", NULL); /* its place was given back */
	settle(f);
	assert_int_equal(1, f->asks[1].done);
}

static void cancel_others(void *data)
{
	struct fixture *f = data;

	for (int i = 0; i < 20; i++) {
		http_cancel(f->asks[i].transfer); /* the one that is done is NULL here */
		f->asks[i].transfer = NULL;
	}
	start(f, 20, NULL, "/", NULL);
}

static void a_done_may_cancel_all_others_and_start_more(void **state)
{
	struct fixture *f = *state;
	int done = 0;

	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	for (int i = 0; i < 20; i++) {
		start(f, i, NULL, "/", NULL);
		f->asks[i].then = cancel_others;
		f->asks[i].data = f;
	}
	settle(f);
	for (int i = 0; i < 20; i++)
		done += f->asks[i].done;
	assert_int_equal(1, done);
	assert_int_equal(1, f->asks[20].done);
}

static void close_inside(void *data)
{
	struct fixture *f = data;

	for (int i = 0; i < 20; i++)
		f->asks[i].transfer = NULL;
	http_close(f->http);
	f->http = NULL;
}

static void a_done_may_close_the_client(void **state)
{
	struct fixture *f = *state;
	int done = 0;

	open_http(f, &(struct http_options){.max_in_flight = 4});
	httpd_on(f->server, "*", &(struct httpd_answer){.body = "ok"});
	for (int i = 0; i < 20; i++) {
		start(f, i, NULL, "/", NULL);
		f->asks[i].then = close_inside;
		f->asks[i].data = f;
	}
	settle(f);
	for (int i = 0; i < 20; i++)
		done += f->asks[i].done;
	assert_int_equal(1, done);
	assert_null(f->http);
}

static void close_with_transfers_in_every_state(void **state)
{
	struct fixture *f = *state;
	char *by_name = xasprintf("http://localhost:%d/", httpd_port(f->server));

	open_http(f, &(struct http_options){.max_in_flight = 2});
	httpd_on(f->server, "*", &(struct httpd_answer){.fault = HTTPD_SILENT});
	for (int i = 0; i < 6; i++)
		start(f, i, NULL, "/", NULL);
	f->events = 2;
	assert_true(asking_until(f->loop, server_is_asked, f));
	asking_start(&f->asks[6], f->http, &(struct http_request){.url = by_name});
	asking_start(&f->asks[7], f->http, &(struct http_request){.url = "nonsense"});
	http_close(f->http);
	f->http = NULL;
	for (int i = 0; i < 8; i++)
		f->asks[i].transfer = NULL;
	settle(f);
	for (int i = 0; i < 8; i++)
		assert_int_equal(0, f->asks[i].done);
	assert_true(asking_until(f->loop, server_is_alone, f));
	free(by_name);
	http_close(NULL);
}

static void a_host_name_is_looked_up_once_and_kept(void **state)
{
	struct fixture *f = *state;
	char *url = xasprintf("http://LocalHost:%d/named", httpd_port(f->server));
	char *request;

	httpd_on(f->server, "GET /named", &(struct httpd_answer){.body = "ok"});
	for (int i = 0; i < 3; i++) {
		asking_start(&f->asks[i], f->http, &(struct http_request){.url = url});
		settle(f);
		assert_int_equal(E_OK, f->asks[i].err.code);
		assert_string_equal("ok", f->asks[i].body);
	}
	request = httpd_last_request(f->server);
	check_has("host", request, "\r\nHost: LocalHost:");
	assert_int_equal(1, httpd_counts(f->server).connections);
	free(request);
	free(url);
}

/* More hosts than connections may be kept: old ones are closed, nothing fails. */
static void a_fleet_of_hosts_within_few_connections(void **state)
{
	struct fixture *f = *state;
	struct httpd *fleet = httpd_start("0.0.0.0");

	open_http(f, &(struct http_options){.shards = 2, .max_in_flight = 8, .max_hosts = 20});
	httpd_on(fleet, "*", &(struct httpd_answer){.body = "ok"});
	for (int i = 0; i < MANY; i++) {
		char *url = xasprintf("http://127.0.1.%d:%d/", i + 1, httpd_port(fleet));

		asking_start(&f->asks[i], f->http, &(struct http_request){.url = url});
		free(url);
	}
	settle(f);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(1, f->asks[i].done);
		assert_int_equal(200, f->asks[i].status);
	}
	assert_int_equal(MANY, httpd_counts(fleet).connections);
	assert_true(httpd_counts(fleet).busy_most <= 8);
	httpd_stop(fleet);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(get_brings_status_type_and_body),
		CASE(only_the_end_is_kept_where_that_is_asked),
		CASE(the_request_as_it_goes_out),
		CASE(head_has_no_body_and_get_after_it_has),
		CASE(a_connection_is_kept_for_reading_only),
		CASE(what_is_asked_rarely_leaves_no_connection),
		CASE(chunked_gzip_and_empty_answers),
		CASE(a_redirect_to_elsewhere_is_named_not_followed),
		CASE(a_redirect_within_the_host_is_followed_by_get_alone),
		CASE(the_environments_proxy_is_ignored),
		CASE(no_more_than_allowed_are_in_flight_and_all_are_done_in_order),
		CASE(cancel_in_the_queue_and_in_flight),
		CASE(cancel_of_an_answer_not_yet_handed_over),
		CASE(a_done_may_cancel_all_others_and_start_more),
		CASE(a_done_may_close_the_client),
		CASE(close_with_transfers_in_every_state),
		CASE(a_host_name_is_looked_up_once_and_kept),
		CASE(a_fleet_of_hosts_within_few_connections),
	};

	check_locale();
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
