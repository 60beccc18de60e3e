/* URLs as they may be shown and taken, and what is told of an unwelcome body. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/net/http.h"
#include "core/net/http_text.h"
#include "tests/support/check.h"

static void urls_as_they_may_be_shown(void **state)
{
	static const struct {
		const char *url, *want;
	} rows[] = {
		{"http://jm:8081/jobs/overview", "http://jm:8081/jobs/overview"},
		{"http://ops:s3cret@jm:8081/", "http://jm:8081/"},
		{"http://ops:s3@cret@jm:8081/a@b", "http://jm:8081/a@b"},
		{"http://ops@jm/", "http://jm/"},
		{"http://ops:s3/cret@jm:8081/x", "http://jm:8081/x"},
		{"http://jm:8081/x@y", "http://jm:8081/x@y"},
		{"http://[::1]:8081/x@y", "http://[::1]:8081/x@y"},
		{"http://jm/x?token=abc&mode=cancel", "http://jm/x?token=******&mode=cancel"},
		{"http://jm/x?a=1&API-Key=abc;b=2#f", "http://jm/x?a=1&API-Key=******;b=2#f"},
		{"http://jm/x?%74oken=abc", "http://jm/x?%74oken=******"},
		{"http://jm/x#access_token=abc", "http://jm/x#access_token=******"},
		{"http://jm/x?password", "http://jm/x?password"},
		{"http://jm/x?a=b?c=d", "http://jm/x?a=b?c=d"},
		{"http://jm/\x1b[31m\n", "http://jm/\xef\xbf\xbd[31m "},
		{"http://jm/\xff", "http://jm/\xef\xbf\xbd"},
		{"http://jm/\xe8\xae\xa2", "http://jm/\xe8\xae\xa2"},
		{"jm:8081", "jm:8081"},
		{"", ""},
		{"://", "://"},
		{"http://@", "http://"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *got = http_url_display(rows[i].url);

		check_str(rows[i].url, got, rows[i].want);
		free(got);
	}
}

static void urls_that_are_taken_or_not(void **state)
{
	static const struct {
		const char *url, *part; /* NULL: fine */
	} rows[] = {
		{"http://jm:8081", NULL},
		{"HTTPS://jm.example/flink/", NULL},
		{"http://127.0.0.1:8081/jobs?x=%20", NULL},
		{"http://[::1]:8081/", NULL},
		{"http://jm_1-a.b:1/", NULL},
		{"http://ops:pw@jm/", NULL},
		{"jm:8081", "http:// or https://"},
		{"ftp://jm/", "http:// or https://"},
		{"http:/jm", "not a usable URL"},
		{"http:///jobs", "it has no host"},
		{"http://?x", "not a usable URL"},
		{"http://jm:0/", "port"},
		{"http://jm:65536/", "not a usable URL"},
		{"http://jm:x/", "not a usable URL"},
		{"http://j m/", "not a usable URL"},
		{"http://jm/a b", "not a usable URL"},
		{"http://jm/\n", "not a usable URL"},
		{"http://jm/\xff", "UTF-8"},
		{"http://ops:hunter2@jm:x/", "'http://jm:x/'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = {0};
		int rc = http_url_check(rows[i].url, &err);

		if (!rows[i].part)
			check_ok(rows[i].url, rc, &err);
		else
			check_err(rows[i].url, rc, &err, E_ARG, rows[i].part);
		check_bool(rows[i].url, strstr(err.text, "hunter2"), false);
	}
}

/* Is it plain? Then libcurl reads the same. */
static bool is_plain(const char *url)
{
	CURLU *parts = curl_url();
	char *name = NULL, *digits = NULL, *got;
	const char *host;
	size_t len;
	int port;
	bool plain = http_url_is_plain(url, &host, &len, &port);

	if (plain) {
		got = xasprintf("%.*s:%d", (int)len, host, port);
		check_bool(url, !curl_url_set(parts, CURLUPART_URL, url, 0), true);
		curl_url_get(parts, CURLUPART_HOST, &name, CURLU_PUNYCODE);
		curl_url_get(parts, CURLUPART_PORT, &digits, CURLU_DEFAULT_PORT);
		char *want = xasprintf("%s:%s", name, digits);
		check_str(url, got, want);
		free(want);
		free(got);
		curl_free(name);
		curl_free(digits);
	}
	curl_url_cleanup(parts);
	return plain;
}

static void a_plain_url_is_read_as_libcurl_does(void **state)
{
	static const struct {
		const char *url;
		bool is_plain;
	} rows[] = {
		{"http://127.1.0.1:37027/jobs/overview", true},
		{"http://10.0.0.7", true},
		{"https://jm-0.flink.example:8443/jobs/1cc3465ab1d83a41f58b403c4c7dc4a6/metrics?"
		 "get=numRestarts",
			true},
		{"https://localhost/", true},
		{"http://jm/proxy/application_1700000000000_0001/overview", true},
		{"http://10.0.0.7.example/", true},
		{"http://1.2.3/", false}, /* 1.2.0.3 */
		{"http://0x7f.0.0.1/", false},
		{"http://0x7f000001/", false},
		{"http://2130706433/", false},
		{"http://010.0.0.1/", false},
		{"http://1.2.3.256/", false},
		{"http://1.2.3.4./", false},
		{"http://cafe/", false},
		{"http://jm./", false},
		{"http://.jm/", false},
		{"http://j..m/", false},
		{"http://JM/", false},
		{"HTTP://jm/", false},
		{"ftp://jm/", false},
		{"http://ops:s3cret@jm/", false},
		{"http://jm:80@evil/", false},
		{"http://jm\\@evil/", false},
		{"http://jm#@evil/", false},
		{"http://[::1]:8081/", false},
		{"http://j%6d/", false},
		{"http://jm:/", false},
		{"http://jm:0/", false},
		{"http://jm:080/", false},
		{"http://jm:65536/", false},
		{"http://jm:99999999999999999999/", false},
		{"http://jm?x", false},
		{"http://jm/a b", false},
		{"http:///jm", false},
		{"http:/jm", false},
		{"http://", false},
		{"", false},
	};
	static const char bytes[] = "@:/?#\\%[].-_0x9fgZ \n\x01\x7f\xc3";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check_bool(rows[i].url, is_plain(rows[i].url), rows[i].is_plain);
		/* With each byte in turn another one. */
		for (size_t at = 0; rows[i].url[at]; at++)
			for (size_t k = 0; k < sizeof(bytes); k++) {
				char *url = xstrdup(rows[i].url);
				url[at] = bytes[k];
				is_plain(url);
				free(url);
			}
	}
}

static char *summary(const char *type, const char *body, size_t len)
{
	struct buf in, out;
	struct http_response res = {.method = "GET", .content_type = type, .url = "", .body = &in};

	buf_init(&in, 0);
	buf_init(&out, 0);
	buf_add(&in, body, len);
	http_body_summary(&res, &out);
	buf_release(&in);
	return buf_detach(&out);
}

static void bodies_in_one_line(void **state)
{
	static const struct {
		const char *type, *body, *want;
	} rows[] = {
		{"", "", ""},
		{"", " \r\n\t", ""},
		{"text/plain", "\n one \t two\nthree", "one two"},
		{"application/json", "{\"secret-key\": \"abc\", \"a\": 1}",
			"{\"secret-key\": \"******\", \"a\": 1}"},
		{"text/html; charset=utf-8", "<title>Sign in</title>",
			"an HTML page, not JSON (\"Sign in\")"},
		{"text/html", "plain after all", "an HTML page, not JSON"},
		{"", "  <HTML><title lang=\"en\">\n a\n b </title>",
			"an HTML page, not JSON (\"a b\")"},
		{"", "<!doctype html><title>no end", "an HTML page, not JSON"},
		{"text/html", "<title></title>", "an HTML page, not JSON"},
		{"text/html", "<title", "an HTML page, not JSON"},
		{"", "bad \xff\xc3 bytes \x1b]0;x\x07",
			"bad \xef\xbf\xbd\xef\xbf\xbd bytes "
			"\xef\xbf\xbd]0;x\xef\xbf\xbd"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *got = summary(rows[i].type, rows[i].body, strlen(rows[i].body));

		check_str(rows[i].body, got, rows[i].want);
		free(got);
	}
}

static void a_long_or_binary_body_is_cut_between_characters(void **state)
{
	char body[5000], *got;

	(void)state;
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = "\xe8\xae\xa2"[i % 3];
	got = summary("", body, 4998);
	assert_int_equal(195 + 3, strlen(got));
	assert_memory_equal(got + 195, "…", 3);
	free(got);

	memset(body, 0, sizeof(body));
	got = summary("", body, sizeof(body));
	assert_true(strlen(got) <= 200);
	free(got);
}

static void a_verdict_without_an_answer(void **state)
{
	struct buf body;
	struct http_response res = {.method = "GET",
		.content_type = "",
		.url = "http://u:p@jm/x?token=1",
		.body = &body};
	struct err err = {0};

	(void)state;
	buf_init(&body, 0);
	check_err("none", http_status_error(&res, &err), &err, E_NET,
		"GET http://jm/x?token=******: nobody answered");
	res.status = 299;
	err = (struct err){0};
	check_ok("299", http_status_error(&res, &err), &err);
	res.status = 304;
	check_err("304", http_status_error(&res, &err), &err, E_REMOTE, "******: HTTP 304");
	assert_int_equal(E_REMOTE, http_status_error(&res, NULL));
}

static void a_long_url_does_not_push_the_reason_out(void **state)
{
	char url[3000] = "http://jm/";
	struct buf body;
	struct http_response res = {.method = "GET", .content_type = "", .url = url, .body = &body};
	struct err err = {0};

	(void)state;
	memset(url + 10, 'a', sizeof(url) - 11);
	buf_init(&body, 0);
	buf_adds(&body, "the reason");
	res.status = 500;
	check_err("long", http_status_error(&res, &err), &err, E_REMOTE,
		"aaa…: HTTP 500: the reason");
	buf_release(&body);
	url[4] = 'x';
	check_err("long", http_url_check(url, &err), &err, E_ARG, "it must start with");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_as_they_may_be_shown),
		cmocka_unit_test(urls_that_are_taken_or_not),
		cmocka_unit_test(a_plain_url_is_read_as_libcurl_does),
		cmocka_unit_test(bodies_in_one_line),
		cmocka_unit_test(a_long_or_binary_body_is_cut_between_characters),
		cmocka_unit_test(a_verdict_without_an_answer),
		cmocka_unit_test(a_long_url_does_not_push_the_reason_out),
	};

	check_locale();
	return cmocka_run_group_tests_name("http text", tests, NULL, NULL);
}
