/* Plain JSON, held against jansson on what was recorded of Flink and on that with a byte broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc_scan.h"
#include "core/base/file.h"
#include "core/base/mem.h"

/* Is a tree made of it? Then it is the one that jansson makes, to the order of its keys. */
static bool is_plain(const char *text, size_t len)
{
	json_t *tree = doc_scan_tree(text, len), *known;
	char *got, *want;

	if (!tree)
		return false;
	known = json_loadb(text, len, 0, NULL);
	if (!known)
		fail_msg("jansson refuses: %.*s", (int)len, text);
	got = json_dumps(tree, JSON_REAL_PRECISION(17));
	want = json_dumps(known, JSON_REAL_PRECISION(17));
	assert_string_equal(got, want);
	assert_true(json_equal(tree, known));
	free(got);
	free(want);
	json_decref(tree);
	json_decref(known);
	return true;
}

static void some_is_plain_and_some_is_left(void **state)
{
	static const struct {
		const char *json;
		bool is_plain;
	} rows[] = {
		{"{}", true},
		{" [ ] \r\n\t", true},
		{"{\"a\": [1, -2, 0, -0, true, false, null, \"\"], \"\": {}}", true},
		{"[999999999999999999, -999999999999999999]", true},
		{"[1000000000000000000]", false}, /* it would fit, but nearly none does */
		{"[0.1, 144709.0, -3.75, -0.0, 1.00000000000001, 123456789.12345]", true},
		{"[0.3333333333333333]", false},
		{"[1e3]", false},
		{"[1.5E3]", false},
		{"[1.]", false},
		{"[.5]", false},
		{"[-]", false},
		{"[01]", false},
		{"[+1]", false},
		{"[1.2.3]", false},
		{"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u001B\\u007f\\u0041\"]", true},
		{"[\"a \\u00e9\"]", false},
		{"[\"a \\u0000\"]", false},
		{"[\"a \\x\"]", false},
		{"[\"a \\", false},
		{"[\"订单\"]", true},
		{"[\"\xff\"]", false},
		{"[\"a\tb\"]", false},
		{"{\"a\\n\":1}", false},
		{"{\"a\":1,\"b\":2,\"a\":3}", true},
		{"{\"a\":1,}", false},
		{"{\"a\" 1}", false},
		{"{a:1}", false},
		{"[1,]", false},
		{"[1 2]", false},
		{"[nul]", false},
		{"[nullx]", false},
		{"[1", false},
		{"[[]", false},
		{"[]]", false},
		{"[}", false},
		{"7", false},
		{"\"a\"", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].json);
		assert_int_equal(is_plain(rows[i].json, strlen(rows[i].json)), rows[i].is_plain);
	}
}

static void nesting_has_an_end(void **state)
{
	char text[64];

	(void)state;
	memset(text, '[', 32);
	memset(text + 32, ']', 32);
	assert_true(is_plain(text, 64));
	memset(text, '[', 64);
	assert_false(is_plain(text, 64));
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

#define BREAKS 60

static void what_flink_sent_is_plain_and_broken_it_is_as_jansson_has_it(void **state)
{
	static const char bytes[] = "\"\\{}[]:,0-9.eEtnu \n\x01\x80\xff";
	uint32_t seed = 1;
	size_t plain = 0, files;
	glob_t found;

	(void)state;
	assert_int_equal(glob("tests/fixtures/flink-*/*.json", 0, NULL, &found), 0);
	for (files = 0; files < found.gl_pathc; files++) {
		struct buf text;
		struct err err = {0};

		buf_init(&text, 0);
		assert_int_equal(file_read(found.gl_pathv[files], &text, &err), 0);
		plain += is_plain(text.data, text.len);
		for (int i = 0; i < BREAKS; i++) {
			char *broken = xmalloc(text.len);
			size_t at = next_random(&seed) % text.len;

			memcpy(broken, text.data, text.len);
			broken[at] = bytes[next_random(&seed) % sizeof(bytes)];
			is_plain(broken, text.len);
			is_plain(broken, at);
			free(broken);
		}
		buf_release(&text);
	}
	globfree(&found);
	print_message("  %zu of %zu files are plain\n", plain, files);
	assert_true(plain > 60 && plain > files * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_is_plain_and_some_is_left),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(what_flink_sent_is_plain_and_broken_it_is_as_jansson_has_it),
	};
	return cmocka_run_group_tests_name("base/doc_scan", tests, NULL, NULL);
}
