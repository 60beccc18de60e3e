/* A plain answer read without libcurl is what libcurl reads; all that is not plain is libcurl's. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/net/http.h"
#include "core/net/http_answer.h"
#include "tests/support/asking.h"
#include "tests/support/check.h"
#include "tests/support/httpd.h"

#define LONG_MS (2 * (int64_t)ASKING_DEADLINE_MS)
#define RANDOM_ANSWERS 600
/* To keep the end of an answer is libcurl's part: so it is asked to read all of one. */
#define BY_LIBCURL ((size_t)1 << 30)

struct fixture {
	struct loop *loop;
	struct http *http;
	struct httpd *server;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = {0};

	check_ok("loop_open", loop_open(&f->loop, &err), &err);
	check_ok("http_open", http_open(&f->http, f->loop, NULL, &err), &err);
	f->server = httpd_start("127.0.0.1");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_close(f->http);
	loop_close(f->loop);
	httpd_stop(f->server);
	free(f);
	return 0;
}

static void ask(struct fixture *f, struct asking *asking, const char *path, size_t keep_bytes)
{
	char *url = httpd_url(f->server, path);

	asking_start(asking, f->http,
		&(struct http_request){.url = url,
			.keep_bytes = keep_bytes,
			.timeout_ms = ASKING_DEADLINE_MS,
			.connect_timeout_ms = ASKING_DEADLINE_MS});
	assert_true(loop_run_until_idle(f->loop, LONG_MS));
	free(url);
}

/* ---- against libcurl ---- */

static uint32_t turn(uint32_t *random)
{
	*random = *random * 1664525u + 1013904223u;
	return *random >> 8;
}
#define ONE_OF(random, list) (list)[turn(random) % ARRAY_SIZE(list)]

static void add_chunks(struct buf *out, const char *body, uint32_t *random)
{
	static const char *const extras[] = {"", "", "", "", ";name=1", " ", "\t"};
	static const char *const ends[] = {"0\r\n\r\n", "0\r\n\r\n", "0\r\n\r\n", "00\r\n\r\n",
		"0\r\nX: 1\r\n\r\n", "0\r\n", ""};
	size_t len = strlen(body);

	for (size_t at = 0, part; at < len; at += part) {
		part = 1 + turn(random) % (len - at);
		buf_addf(out, turn(random) % 2 ? "%zx%s\r\n" : "%zX%s\r\n", part,
			ONE_OF(random, extras));
		buf_add(out, body + at, part);
		buf_adds(out, turn(random) % 40 ? "\r\n" : "\n");
	}
	buf_adds(out, ONE_OF(random, ends));
}

/* Mostly right, and wrong in each way that somebody has thought of. */
static void random_answer(struct buf *out, uint32_t *random)
{
	static const char *const statuses[] = {"HTTP/1.1 200 OK", "HTTP/1.1 200 OK",
		"HTTP/1.1 404 Not Found", "HTTP/1.1 503 Service Unavailable", "HTTP/1.1 200",
		"HTTP/1.0 200 OK", "HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified",
		"HTTP/1.1 2000 OK", "HTTP/1.1  200 OK", "HTTP/1.2 200 OK", "ICY 200 OK",
		"HTTP/1.1 401 Unauthorized", "HTTP/1.1 999 ?"};
	static const char *const bodies[] = {"", "{}", "{\"jobs\":[]}",
		"{\"errors\":[\"Job could not be found\"]}\n", "0\r\n\r\n", "\x1f\x8b\b"};
	static const char *const extras[] = {"Content-Type: application/json", "connection: close",
		"Connection: keep-alive", "Content-Encoding: gzip", "Content-Encoding: identity",
		"X-Folded: a\r\n b", "X-Space : 1", "No-Colon", ": no name", "Trailer: X",
		"Content-Type: text/html", "Connection: Upgrade, close",
		"X-Empty:", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
		"Content-Length: 5", "Content-Length: -1", "Content-Length: 0x2", "Access: *",
		"Set-Cookie: a=b", "Location: /elsewhere"};
	const char *body = ONE_OF(random, bodies), *eol = turn(random) % 30 ? "\r\n" : "\n";
	int framing = (int)(turn(random) % 8);

	buf_addf(out, "%s%s", ONE_OF(random, statuses), eol);
	for (uint32_t i = turn(random) % 3; i > 0; i--)
		buf_addf(out, "%s%s", ONE_OF(random, extras), eol);
	if (framing < 3)
		buf_addf(out, "Content-Length: %zu%s", strlen(body), eol);
	else if (framing == 3)
		buf_addf(out, "content-length:%zu %s", strlen(body) + turn(random) % 3 - 1, eol);
	else if (framing < 7)
		buf_addf(out, "Transfer-Encoding: %s%s", turn(random) % 2 ? "chunked" : "Chunked",
			eol);
	buf_adds(out, eol);
	if (framing > 3 && framing < 7)
		add_chunks(out, body, random);
	else
		buf_adds(out, body);
}

static void what_is_read_is_what_libcurl_reads(void **state)
{
	struct fixture *f = *state;
	uint32_t random = 11;
	int straight = 0;

	for (int i = 0; i < RANDOM_ANSWERS; i++) {
		struct asking ours = {0}, libcurls = {0};
		/* Whoever was odd is libcurl's from then on: each has a client of its own. */
		struct buf raw;
		struct err err;
		int before;

		http_close(f->http);
		check_ok("http_open", http_open(&f->http, f->loop, NULL, &err), &err);
		buf_init(&raw, 0);
		random_answer(&raw, &random);
		httpd_forget(f->server);
		httpd_on(f->server, "GET /x",
			&(struct httpd_answer){
				.fault = HTTPD_RAW, .body = buf_str(&raw), .body_len = raw.len});
		before = httpd_counts(f->server).requests;
		ask(f, &ours, "/x", 0);
		straight += httpd_counts(f->server).requests - before == 1;
		ask(f, &libcurls, "/x", BY_LIBCURL);
		if (ours.status != libcurls.status || ours.err.code != libcurls.err.code ||
			!str_eq(ours.err.text, libcurls.err.text) ||
			!str_eq(ours.body, libcurls.body) ||
			!str_eq(ours.content_type, libcurls.content_type))
			fail_msg("answer %d:\n%s\n%d '%s' %s, by libcurl %d '%s' %s", i,
				buf_str(&raw), ours.status, ours.body, ours.err.text,
				libcurls.status, libcurls.body, libcurls.err.text);
		buf_release(&raw);
		asking_release(&ours);
		asking_release(&libcurls);
	}
	/* It is no test where all is odd. */
	if (straight < RANDOM_ANSWERS / 10 || straight > RANDOM_ANSWERS * 9 / 10)
		fail_msg("%d of %d were read straight", straight, RANDOM_ANSWERS);
}

/* ---- in pieces ---- */

static enum answer_is in_pieces(
	const struct buf *raw, uint32_t *random, struct http_answer *answer, struct buf *body)
{
	enum answer_is is = ANSWER_UNDER_WAY;

	buf_init(body, 0);
	http_answer_begin(answer);
	for (size_t at = 0, part; at < raw->len && is == ANSWER_UNDER_WAY; at += part) {
		part = random ? 1 + turn(random) % 9 : raw->len;
		part = part < raw->len - at ? part : raw->len - at;
		is = http_answer_add(answer, raw->data + at, part, body);
	}
	return is;
}

static void however_it_comes_it_is_the_same(void **unused)
{
	uint32_t random = 23;

	(void)unused;
	for (int i = 0; i < 20000; i++) {
		struct http_answer whole, pieces;
		struct buf raw, whole_body, pieces_body;
		enum answer_is is;

		buf_init(&raw, 0);
		random_answer(&raw, &random);
		is = in_pieces(&raw, NULL, &whole, &whole_body);
		check_int(buf_str(&raw), in_pieces(&raw, &random, &pieces, &pieces_body), is);
		if (is == ANSWER_WHOLE) {
			check_int("status", pieces.status, whole.status);
			check_str("type", pieces.type, whole.type);
			check_str("body", buf_str(&pieces_body), buf_str(&whole_body));
		}
		buf_release(&raw);
		buf_release(&whole_body);
		buf_release(&pieces_body);
	}
}

static void a_long_head_is_no_answer(void **unused)
{
	struct http_answer answer;
	struct buf body;
	enum answer_is is = ANSWER_UNDER_WAY;
	int lines = 0;

	(void)unused;
	buf_init(&body, 0);
	http_answer_begin(&answer);
	http_answer_add(&answer, "HTTP/1.1 200 OK\r\n", 17, &body);
	while (is == ANSWER_UNDER_WAY && lines++ < 100000)
		is = http_answer_add(&answer, "X-Header: again\r\n", 17, &body);
	check_int("is", is, ANSWER_ODD);
	assert_true(lines < 2000);
	buf_release(&body);
}

static void a_body_over_its_cap_is_no_answer(void **unused)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
	struct http_answer answer;
	struct buf body;

	(void)unused;
	for (size_t cap = 4; cap <= 5; cap++) {
		buf_init(&body, cap);
		http_answer_begin(&answer);
		check_int("is", http_answer_add(&answer, text, sizeof(text) - 1, &body),
			cap < 5 ? ANSWER_ODD : ANSWER_WHOLE);
		buf_release(&body);
	}
}

/* ---- connections ---- */

static void who_answers_oddly_is_asked_by_libcurl(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "GET /x",
		&(struct httpd_answer){.headers = "Content-Encoding: identity\r\n", .body = "{}"});
	for (int i = 0; i < 3; i++) {
		struct asking asking = {0};

		ask(f, &asking, "/x", 0);
		check_int("status", asking.status, 200);
		asking_release(&asking);
	}
	/* Once by both. */
	check_int("requests", httpd_requests(f->server, "GET /x"), 4);
}

static void a_connection_is_kept_until_the_machine_sleeps(void **state)
{
	struct fixture *f = *state;

	httpd_on(f->server, "GET /x", &(struct httpd_answer){.body = "{}"});
	for (int i = 0; i < 6; i++) {
		struct asking asking = {0};

		if (i == 3)
			http_renew(f->http);
		ask(f, &asking, "/x", 0);
		check_int("status", asking.status, 200);
		asking_release(&asking);
	}
	check_int("requests", httpd_requests(f->server, "GET /x"), 6);
	check_int("connections", httpd_counts(f->server).connections, 2);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_read_is_what_libcurl_reads),
		cmocka_unit_test(however_it_comes_it_is_the_same),
		cmocka_unit_test(a_long_head_is_no_answer),
		cmocka_unit_test(a_body_over_its_cap_is_no_answer),
		CASE(who_answers_oddly_is_asked_by_libcurl),
		CASE(a_connection_is_kept_until_the_machine_sleeps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
