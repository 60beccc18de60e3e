/* JSON written piece by piece is the text that jansson would make of the tree, harmless to look at. */
#include "core/base/json_out.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/mem.h"
#include "tests/support/check.h"

static uint32_t seed = 7;

static unsigned any(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static json_t *any_text(void)
{
	static const char *const parts[] = {"a", "plain words", "\"", "\\", "\n", "\t", "\x1b[31m",
		"\x01", "\x7F", "/", "订单", "\xF0\x9F\x98\x80", "\xC2\x9B", "\xE2\x80\xAE"};
	struct buf text;
	json_t *out;

	buf_init(&text, 0);
	for (unsigned left = any(6); left; left--)
		buf_adds(&text, parts[any(ARRAY_SIZE(parts))]);
	out = json_string(buf_str(&text));
	buf_release(&text);
	return out;
}

static json_t *any_tree(int depth)
{
	static const double reals[] = {
		0, 1, -1, 0.1, 1e5, 1e22, -2.5e-7, 1e300, 123456.789, 1e-300};
	static const json_int_t integers[] = {0, 1, -1, 7000, INT64_MAX, INT64_MIN, 1795313036704};
	json_t *out;

	switch (any(depth > 4 ? 6 : 10)) {
	case 0: return json_null();
	case 1: return json_boolean(any(2));
	case 2: return json_real(reals[any(ARRAY_SIZE(reals))]);
	case 3: return json_integer(integers[any(ARRAY_SIZE(integers))]);
	case 4:
	case 5: return any_text();
	case 6:
	case 7:
		out = json_array();
		for (unsigned left = any(4); left; left--)
			json_array_append_new(out, any_tree(depth + 1));
		return out;
	default:
		out = json_object();
		for (unsigned left = any(4); left; left--) {
			json_t *key = any_text();

			json_object_set_new(out, json_string_value(key), any_tree(depth + 1));
			json_decref(key);
		}
		return out;
	}
}

static void a_tree_is_written_as_jansson_writes_it(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		json_t *tree = any_tree(0);
		char *dumped = json_dumps(tree, JSON_INDENT(2) | JSON_ENCODE_ANY);
		struct buf got, want;
		struct json_out out = {.out = &got};

		buf_init(&got, 0);
		buf_init(&want, 0);
		json_out_tree(&out, tree);
		doc_escape_json(&want, dumped);
		check_str("tree", buf_str(&got), buf_str(&want));
		buf_release(&got);
		buf_release(&want);
		free(dumped);
		json_decref(tree);
	}
}

/* Eight bytes are looked at together: each byte at each place among them, and behind them. */
static void every_byte_is_written_at_every_place(void **state)
{
	(void)state;
	for (int c = 1; c < 0x80; c++)
		for (size_t at = 0; at < 17; at++) {
			char text[] = "0123456789abcdef.";
			char *dumped;
			struct buf got, want;
			struct json_out out = {.out = &got};

			text[at] = (char)c;
			json_t *string = json_string(text);
			dumped = json_dumps(string, JSON_ENCODE_ANY);
			buf_init(&got, 0);
			buf_init(&want, 0);
			json_out_text(&out, text);
			doc_escape_json(&want, dumped);
			check_str(text, buf_str(&got), buf_str(&want));
			buf_release(&got);
			buf_release(&want);
			free(dumped);
			json_decref(string);
		}
}

static void what_json_cannot_say_is_repaired_or_null(void **state)
{
	struct buf text;
	struct json_out out = {.out = &text};

	(void)state;
	buf_init(&text, 0);
	json_out_open(&out, '[');
	json_out_text(&out, NULL);
	json_out_text(&out, "a\xff\"b");
	json_out_decimal(&out, NAN);
	json_out_decimal(&out, INFINITY);
	json_out_tree(&out, NULL);
	json_out_close(&out, ']');
	check_str("text", buf_str(&text),
		"[\n  null,\n  \"a\xef\xbf\xbd\\\"b\",\n  null,\n  null,\n  null\n]");
	buf_release(&text);
}

/* What was written so far may be taken away between two calls. */
static void it_goes_on_in_an_emptied_buffer(void **state)
{
	struct buf text, all;
	struct json_out out = {.out = &text};

	(void)state;
	buf_init(&text, 0);
	buf_init(&all, 0);
	json_out_open(&out, '{');
	json_out_key(&out, "items");
	json_out_open(&out, '[');
	for (int i = 0; i < 3; i++) {
		buf_adds(&all, buf_str(&text));
		buf_reset(&text);
		json_out_number(&out, i);
	}
	json_out_close(&out, ']');
	json_out_close(&out, '}');
	buf_adds(&all, buf_str(&text));
	check_str("text", buf_str(&all), "{\n  \"items\": [\n    0,\n    1,\n    2\n  ]\n}");
	buf_release(&text);
	buf_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_is_written_as_jansson_writes_it),
		cmocka_unit_test(every_byte_is_written_at_every_place),
		cmocka_unit_test(what_json_cannot_say_is_repaired_or_null),
		cmocka_unit_test(it_goes_on_in_an_emptied_buffer),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
