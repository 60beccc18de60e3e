/* Foreign JSON: what is repaired, what is refused and with which words, and the lookups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/mem.h"

#define FFFD "\xef\xbf\xbd"

/* Every input is copied to an exact allocation, so that a read past its end is seen by the
 * sanitizer. */
static json_t *parse(const char *text, size_t len, struct err *err)
{
	char *copy = xmalloc(len + 1);
	json_t *root;

	memmove(copy + 1, text, len);
	root = doc_parse_json(copy + 1, len, "GET http://jm:8081/overview", err);
	free(copy);
	return root;
}

struct row {
	const char *name, *in;
	size_t len;       /* 0 = strlen */
	const char *want; /* compact, sorted JSON */
};

static const struct row rows[] = {
	{"plain", "{\"a\": [1, 2.5, \"x\", true, null]}", 0, "{\"a\":[1,2.5,\"x\",true,null]}"},
	{"byte order mark", "\xef\xbb\xbf{\"a\":1}", 0, "{\"a\":1}"},
	{"white space around", " \r\n\t{\"a\":1}\n\n", 0, "{\"a\":1}"},
	{"invalid byte in a name", "[{\"name\":\"a\xff z\"},{\"name\":\"ok\"}]", 0,
		"[{\"name\":\"a" FFFD " z\"},{\"name\":\"ok\"}]"},
	{"cut sequence before a quote", "{\"name\":\"a\xe8\xae\"}", 0, "{\"name\":\"a" FFFD "\"}"},
	{"lone high surrogate", "{\"name\":\"a\\ud800b\"}", 0, "{\"name\":\"a" FFFD "b\"}"},
	{"lone high surrogate at the end", "{\"name\":\"\\uD83D\"}", 0, "{\"name\":\"" FFFD "\"}"},
	{"lone low surrogate", "{\"name\":\"\\udc00x\"}", 0, "{\"name\":\"" FFFD "x\"}"},
	{"high surrogate before another escape", "{\"n\":\"\\ud800\\u0041\"}", 0,
		"{\"n\":\"" FFFD "A\"}"},
	{"two high surrogates, then low", "{\"n\":\"\\ud83d\\ud83d\\ude00\"}", 0,
		"{\"n\":\"" FFFD "\xf0\x9f\x98\x80\"}"},
	{"a pair stays, beside a lone one", "{\"n\":\"\\ud83d\\ude00\\udfff\"}", 0,
		"{\"n\":\"\xf0\x9f\x98\x80" FFFD "\"}"},
	{"escaped NUL", "{\"n\":\"a\\u0000b\"}", 0, "{\"n\":\"a" FFFD "b\"}"},
	{"escaped NUL in a key", "{\"a\\u0000b\":1}", 0, "{\"a" FFFD "b\":1}"},
	{"an escaped backslash before u0000", "{\"n\":\"\\\\u0000\", \"m\": NaN}", 0,
		"{\"m\":null,\"n\":\"\\\\u0000\"}"},
	{"raw NUL byte", "{\"n\":\"a\0b\"}", 11, "{\"n\":\"a" FFFD "b\"}"},
	{"raw control characters", "{\"n\":\"a\tb\nc\x1b[0m\"}", 0,
		"{\"n\":\"a\\tb\\nc\\u001B[0m\"}"},
	{"unknown escape", "{\"n\":\"C:\\xyz \\'q\\'\"}", 0, "{\"n\":\"C:\\\\xyz \\\\'q\\\\'\"}"},
	{"bad hex", "{\"n\":\"\\u12g4\"}", 0, "{\"n\":\"\\\\u12g4\"}"},
	{"bare NaN", "{\"a\": NaN, \"b\": 1}", 0, "{\"a\":null,\"b\":1}"},
	{"bare Infinity", "[Infinity,-Infinity,-NaN,+Infinity]", 0, "[null,null,null,null]"},
	{"NaN inside a string stays", "{\"a\": NaN, \"b\": \"NaN Infinity \\\" NaN, 1e999\"}", 0,
		"{\"a\":null,\"b\":\"NaN Infinity \\\" NaN, 1e999\"}"},
	{"quoted NaN is a string", "{\"a\":\"NaN\"}", 0, "{\"a\":\"NaN\"}"},
	{"largest integers", "[9223372036854775807,-9223372036854775808]", 0,
		"[9223372036854775807,-9223372036854775808]"},
	{"integers beyond 64 bit", "[9223372036854775808,-9223372036854775809]", 0,
		"[9.2233720368547758e18,-9.2233720368547758e18]"},
	{"20 digits", "{\"a\":12345678901234567890}", 0, "{\"a\":1.2345678901234567e19}"},
	{"1e999", "{\"a\":1e999,\"b\":-1E+999,\"c\":1e-999,\"d\":1e308}", 0,
		"{\"a\":null,\"b\":null,\"c\":0.0,\"d\":1e308}"},
	{"the edge of double",
		"[1.7976931348623157e308,1.7976931348623159e308,0.0001797e312,0.0001798e312]", 0,
		"[1.7976931348623157e308,null,1.797e308,null]"},
	{"duplicate keys: the last wins", "{\"a\":1,\"a\":2}", 0, "{\"a\":2}"},
	{"empty containers", "{\"a\":{},\"b\":[]}", 0, "{\"a\":{},\"b\":[]}"},
	{"noncharacter", "{\"n\":\"\xef\xbf\xbe\"}", 0, "{\"n\":\"\xef\xbf\xbe\"}"},
};

static void doc_parse_json_repairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct err err = {0};
		json_t *root = parse(row->in, row->len ? row->len : strlen(row->in), &err);
		char *got;

		if (!root)
			fail_msg("%s: %s", row->name, err.text);
		got = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
		if (!got || strcmp(got, row->want) != 0)
			fail_msg("%s: got %s, want %s", row->name, got, row->want);
		assert_int_equal(err.code, 0);
		free(got);
		json_decref(root);
	}
}

static const struct row refused[] = {
	{"empty", "", 0, "the answer is empty"},
	{"only white space", " \r\n\t ", 0, "the answer is empty"},
	{"only a byte order mark", "\xef\xbb\xbf", 0, "the answer is empty"},
	{"html", "\n<!DOCTYPE html>\n<html>\x1b]0;x\x07<body>502 Bad Gateway</body></html>", 0,
		"HTML or XML instead of JSON: <!DOCTYPE html> <html>" FFFD "]0;x" FFFD
		"<body>502 Bad Gateway</body>…"},
	{"truncated object", "{\"jobs\":[{\"id\":\"5fa\"", 0,
		"the JSON is cut off after 20 bytes: {\"jobs\":[{\"id\":\"5fa\""},
	{"truncated string", "{\"jobs\":\"5f", 0,
		"the JSON is cut off after 11 bytes: {\"jobs\":\"5f"},
	{"truncated word", "{\"jobs\":tru", 0, "the JSON is cut off after 11 bytes: {\"jobs\":tru"},
	{"truncated inside a character", "{\"jobs\":\"\xe8\xae", 0,
		"the JSON is cut off after 11 bytes: {\"jobs\":\"" FFFD},
	{"truncated escape", "{\"jobs\":\"\\ud83d\\ud8", 0,
		"the JSON is cut off after 19 bytes: {\"jobs\":\"\\ud83d\\ud8"},
	{"two documents", "{\"a\":1}{\"b\":2}", 0,
		"text after the end of the JSON (line 1, column 8): {\"a\":1}{\"b\":2}"},
	{"plain text", "Service Unavailable", 0,
		"not JSON (line 1, column 7): Service Unavailable"},
	{"a bare number", "404", 0, "not JSON (line 1, column 3): 404"},
	{"a bare string", "\"ok\"", 0, "not JSON (line 1, column 4): \"ok\""},
	{"missing comma", "{\"a\":1\n \"b\":2}", 0,
		"not JSON (line 2, column 4): {\"a\":1  \"b\":2}"},
	{"binary", "\x1f\x8b\x08\0\0\0", 6,
		"not JSON (line 1, column 1): " FFFD FFFD FFFD FFFD FFFD FFFD},
	{"leading zero", "[007]", 0, "not JSON (line 1, column 2): [007]"},
};

static void doc_parse_json_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		const struct row *row = &refused[i];
		struct err err = {0};
		char want[512];

		assert_null(parse(row->in, row->len ? row->len : strlen(row->in), &err));
		assert_int_equal(err.code, E_PROTO);
		snprintf(want, sizeof(want), "GET http://jm:8081/overview: %s", row->want);
		if (strcmp(err.text, want) != 0)
			fail_msg("%s: got '%s', want '%s'", row->name, err.text, want);
	}
	assert_null(doc_parse_json("", 0, "x", NULL)); /* without an err */
}

static void doc_parse_json_refuses_a_depth_bomb(void **state)
{
	struct err err = {0};
	size_t len = 1000000;
	char *bomb = xmalloc(len);

	(void)state;
	memset(bomb, '[', len);
	assert_null(parse(bomb, len, &err));
	assert_int_equal(err.code, E_PROTO);
	assert_non_null(strstr(err.text, "nested too deep"));
	free(bomb);
}

static void doc_parse_json_shows_no_secret(void **state)
{
	struct err err = {0};
	static const char text[] = "{\"user\":\"u\",\"password\":\"hunter2hunter2\",}";

	(void)state;
	assert_null(parse(text, strlen(text), &err));
	assert_null(strstr(err.text, "hunter2"));
	assert_non_null(strstr(err.text, "\"user\""));
}

/* One bad name among many never costs the others, and a large body is repaired in linear time. */
static void doc_parse_json_keeps_the_neighbours(void **state)
{
	struct buf text;
	struct err err = {0};
	json_t *root;

	(void)state;
	buf_init(&text, 0);
	buf_adds(&text, "{\"jobs\":[");
	for (int i = 0; i < 20000; i++)
		buf_addf(&text, "%s{\"name\":\"job %d%s\",\"rate\":%s}", i ? "," : "", i,
			i % 3 ? "" : "\xc3\x28\\ud800", i % 2 ? "NaN" : "1.5");
	buf_adds(&text, "]}");
	root = parse(buf_str(&text), text.len, &err);
	assert_non_null(root);
	json_t *jobs = json_object_get(root, "jobs");
	assert_int_equal(json_array_size(jobs), 20000);
	assert_string_equal(doc_str(json_array_get(jobs, 19997), "name"), "job 19997");
	assert_string_equal(
		doc_str(json_array_get(jobs, 19998), "name"), "job 19998" FFFD "(" FFFD);
	json_decref(root);
	buf_release(&text);
}

static void doc_lookups(void **state)
{
	struct err err = {0};
	static const char text[] = "{\"s\":\"x\",\"i\":7,\"r\":12.0,\"f\":12.5,\"n\":null,\"q\":"
				   "\"12\",\"nan\":\"NaN\","
				   "\"big\":9223372036854775808,\"bad\":\"12 "
				   "\",\"qf\":\"0.25\",\"inf\":\"Infinity\",\"o\":{}}";
	json_t *o = parse(text, strlen(text), &err);

	(void)state;
	assert_non_null(o);
	assert_string_equal(doc_str(o, "s"), "x");
	assert_null(doc_str(o, "i"));
	assert_null(doc_str(o, "none"));
	assert_null(doc_str(NULL, "s"));
	assert_int_equal(doc_int(o, "i", -1), 7);
	assert_int_equal(doc_int(o, "r", -1), 12);
	assert_int_equal(doc_int(o, "f", -1), -1);
	assert_int_equal(doc_int(o, "q", -1), 12);
	assert_int_equal(doc_int(o, "bad", -1), -1);
	assert_int_equal(doc_int(o, "big", -1), -1);
	assert_int_equal(doc_int(o, "n", -1), -1);
	assert_int_equal(doc_int(o, "o", -1), -1);
	assert_int_equal(doc_int(NULL, "i", 3), 3);
	assert_true(doc_real(o, "f", -1) == 12.5);
	assert_true(doc_real(o, "i", -1) == 7.0);
	assert_true(doc_real(o, "qf", -1) == 0.25);
	assert_true(doc_real(o, "nan", -1) == -1.0);
	assert_true(doc_real(o, "inf", -1) == -1.0);
	assert_true(isnan(doc_real(o, "none", NAN)));
	json_decref(o);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doc_parse_json_repairs),
		cmocka_unit_test(doc_parse_json_refuses),
		cmocka_unit_test(doc_parse_json_refuses_a_depth_bomb),
		cmocka_unit_test(doc_parse_json_shows_no_secret),
		cmocka_unit_test(doc_parse_json_keeps_the_neighbours),
		cmocka_unit_test(doc_lookups),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
