/* YAML: raw scalars, places, every error with its exact file:line:column, and the way back to text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/file.h"
#include "core/base/mem.h"

static struct doc *parse(const char *text, struct err *err)
{
	/* An exact allocation, so that a read past its end is seen by the sanitizer. */
	size_t len = strlen(text);
	char *copy = xmalloc(len + 1);
	struct doc *doc;

	memmove(copy + 1, text, len);
	doc = doc_parse_yaml("f.yaml", copy + 1, len, err);
	free(copy);
	return doc;
}

static void doc_parse_yaml_keeps_raw_scalars(void **state)
{
	static const struct {
		const char *name, *in, *want;
	} rows[] = {
		{"numbers and words stay text", "a: 1.20\nb: no\nc: 0x10\nd: 1e3\n",
			"{\"a\":\"1.20\",\"b\":\"no\",\"c\":\"0x10\",\"d\":\"1e3\"}"},
		{"nulls", "a:\nb: ~\nc: null\nd: \"\"\ne: \"null\"\nf: NULL\n",
			"{\"a\":null,\"b\":null,\"c\":null,\"d\":\"\",\"e\":\"null\",\"f\":null}"},
		{"flow", "a: [x, 'y', {b: c}]\nd: {}\ne: []\n",
			"{\"a\":[\"x\",\"y\",{\"b\":\"c\"}],\"d\":{},\"e\":[]}"},
		{"block texts", "a: |\n  x\n   y\nb: >-\n  p\n  q\n",
			"{\"a\":\"x\\n y\\n\",\"b\":\"p q\"}"},
		{"comments and a document start", "# c\n---\na: b # d\n...\n", "{\"a\":\"b\"}"},
		{"byte order mark",
			"\xef\xbb\xbf"
			"a: b\n",
			"{\"a\":\"b\"}"},
		{"list at the root", "- a\n- - b\n", "[\"a\",[\"b\"]]"},
		{"order is kept", "b: 1\na: 2\n", "{\"b\":\"1\",\"a\":\"2\"}"},
		{"CJK", "名: 订单同步\n", "{\"名\":\"订单同步\"}"},
		{"windows line ends", "a: b\r\nc: d\r\n", "{\"a\":\"b\",\"c\":\"d\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = {0};
		struct doc *doc = parse(rows[i].in, &err);
		if (!doc)
			fail_msg("%s: %s", rows[i].name, err.text);
		char *got = json_dumps(doc->root, JSON_COMPACT);
		if (!got || strcmp(got, rows[i].want) != 0)
			fail_msg("%s: got %s, want %s", rows[i].name, got, rows[i].want);
		free(got);
		doc_free(doc);
	}
}

static void doc_parse_yaml_empty_has_no_root(void **state)
{
	static const char *const rows[] = {
		"", "\n\n", "# only a comment\n", "---\n", "~\n", "null"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = {0};
		struct doc *doc = parse(rows[i], &err);
		assert_non_null(doc);
		assert_null(doc->root);
		assert_string_equal(doc->path, "f.yaml");
		doc_free(doc);
	}
	doc_free(NULL);
}

static void doc_parse_yaml_errors(void **state)
{
	static const struct {
		const char *name, *in, *want;
	} rows[] = {
		{"tab", "a:\n\tb: c\n", "f.yaml:2:1: a tab cannot indent: use spaces"},
		{"reserved start", "a: @b\n",
			"f.yaml:1:4: a text cannot start with @: put it in quotes"},
		{"colon in a text", "a: b: c\n",
			"f.yaml:1:5: unexpected ':': check the indentation, or put a text that "
			"holds ': ' "
			"in quotes"},
		{"no colon", "a: 1\nfoo\nb: 2\n", "f.yaml:2:1: expected \"key: value\""},
		{"bad indentation", "a: 1\n b: 2\n",
			"f.yaml:2:3: unexpected ':': check the indentation, or put a text that "
			"holds ': ' "
			"in quotes"},
		{"dedent", "a:\n  b: 1\n c: 2\n",
			"f.yaml:3:2: expected a key at the indentation of line 1: check the "
			"indentation"},
		{"list then key", "a:\n  - b\n  c: d\n",
			"f.yaml:3:3: expected \"- \" as in line 2: check the indentation"},
		{"open quote", "a: \"b\nc: d\n",
			"f.yaml:3:1: found unexpected end of stream (while scanning a quoted "
			"scalar that "
			"starts in line 1)"},
		{"open flow list", "a: [b, c\n",
			"f.yaml:2:1: did not find expected ',' or ']' (while "
			"parsing a flow sequence that starts in line 1)"},
		{"duplicate key", "a: 1\nb: 2\na: 3\n",
			"f.yaml:3:1: \"a\" is there already, in line 1"},
		{"duplicate key, null first", "a:\nb: 2\na: 3\n",
			"f.yaml:3:1: \"a\" is there already, in line 1"},
		{"empty key", "\"\": 1\n", "f.yaml:1:1: an empty key"},
		{"key is a list", "[a]: 1\n", "f.yaml:1:1: a key must be a text"},
		{"anchor", "a: &x b\n", "f.yaml:1:4: anchors (&x) are not supported"},
		{"anchor on a mapping", "a: &x\n  b: c\n",
			"f.yaml:1:4: anchors (&x) are not supported"},
		{"alias", "a: *x\n", "f.yaml:1:4: aliases (*x) are not supported"},
		{"tag", "a: !!int 1\n",
			"f.yaml:1:4: tags (tag:yaml.org,2002:int) are not supported"},
		{"second document", "a: 1\n---\nb: 2\n",
			"f.yaml:2:1: a second document: only one is allowed"},
		{"NUL by escape", "a: \"x\\0y\"\n",
			"f.yaml:1:4: a text cannot hold a NUL character"},
		{"control character", "a: b\nc: \x01\n",
			"f.yaml:2:4: control characters are not allowed"},
		{"column counts characters", "订单: @\n",
			"f.yaml:1:5: a text cannot start with @: put it in quotes"},
		{"not UTF-8", "a: b\n订: x\xff\n", "f.yaml:2:5: not UTF-8"},
		{"a lone surrogate", "a: \"\\ud800\"\n",
			"f.yaml:1:7: found invalid Unicode character escape code"},
		{"foreign text is neutralised", "\"\\e[31m\": 1\n\"\\e[31m\": 2\n",
			"f.yaml:2:1: \"\xef\xbf\xbd[31m\" is there already, in line 1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = {0};
		struct doc *doc = parse(rows[i].in, &err);
		if (doc)
			fail_msg("%s: accepted", rows[i].name);
		assert_int_equal(err.code, E_CONFIG);
		if (strcmp(err.text, rows[i].want) != 0)
			fail_msg("%s:\n got '%s'\nwant '%s'", rows[i].name, err.text, rows[i].want);
	}
	assert_null(parse("a: @", NULL));
}

static void doc_parse_yaml_has_limits(void **state)
{
	struct err err = {0};
	struct buf text;
	struct doc *doc;

	(void)state;
	buf_init(&text, 0);
	for (int i = 0; i < 64; i++)
		buf_addc(&text, '[');
	for (int i = 0; i < 64; i++)
		buf_addc(&text, ']');
	doc = parse(buf_str(&text), &err);
	assert_non_null(doc);
	doc_free(doc);
	buf_reset(&text);
	for (int i = 0; i < 1000; i++)
		buf_addc(&text, '[');
	assert_null(parse(buf_str(&text), &err));
	assert_string_equal(err.text, "f.yaml:1:65: nested more than 64 deep");
	buf_reset(&text);
	while (text.len <= (1 << 20))
		buf_adds(&text, "# a comment\n");
	assert_null(parse(buf_str(&text), &err));
	assert_string_equal(err.text, "f.yaml:1:1: larger than 1 MiB");
	buf_release(&text);
}

static void doc_places(void **state)
{
	struct err err = {0};
	struct doc *doc = parse("a: x\n订单: [p, \"q\"]\nn:\no:\n  k: v\n", &err);
	json_t *list, *o;
	struct doc_place place;

	(void)state;
	assert_non_null(doc);
	place = doc_place(doc, json_object_get(doc->root, "a"));
	assert_int_equal(place.line, 1);
	assert_int_equal(place.column, 4);
	assert_true(place.plain);
	list = json_object_get(doc->root, "订单");
	place = doc_place(doc, json_array_get(list, 1));
	assert_int_equal(place.line, 2);
	assert_int_equal(place.column, 9);
	assert_false(place.plain);
	place = doc_key_place(doc, doc->root, "n");
	assert_int_equal(place.line, 3);
	assert_int_equal(place.column, 1);
	o = json_object_get(doc->root, "o");
	place = doc_key_place(doc, o, "k");
	assert_int_equal(place.line, 5);
	assert_int_equal(place.column, 3);
	place = doc_key_place(doc, o, "none"); /* the object's own place */
	assert_int_equal(place.line, 5);
	assert_int_equal(place.column, 3);
	place = doc_place(doc, json_object_get(doc->root, "n")); /* null has none */
	assert_int_equal(place.line, 1);
	assert_int_equal(doc_error(doc, list, &err, "no %s", "good"), E_CONFIG);
	assert_string_equal(err.text, "f.yaml:2:5: no good");
	assert_int_equal(doc_error(doc, NULL, &err, "whole"), E_CONFIG);
	assert_string_equal(err.text, "f.yaml:1:1: whole");
	assert_int_equal(doc_key_error(doc, o, "k", &err, "key"), E_CONFIG);
	assert_string_equal(err.text, "f.yaml:5:3: key");
	doc_free(doc);
}

static void doc_read_yaml_files(void **state)
{
	char dir[] = "/tmp/weir-doc-XXXXXX";
	struct err err = {0};
	struct doc *doc;

	(void)state;
	assert_non_null(mkdtemp(dir));
	char *path = xasprintf("%s/f.yaml", dir);
	assert_null(doc_read_yaml(path, &err));
	assert_int_equal(err.code, E_NOTFOUND);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(file_write(path, "a: b\n", 5, &err), 0);
	doc = doc_read_yaml(path, &err);
	assert_non_null(doc);
	assert_string_equal(doc_str(doc->root, "a"), "b");
	assert_string_equal(doc->path, path);
	doc_free(doc);
	assert_null(doc_read_yaml(dir, &err));
	assert_int_equal(err.code, E_CONFIG);
	size_t large = ((size_t)1 << 20) + 1;
	char *spaces = xmalloc(large);
	memset(spaces, '\n', large);
	assert_int_equal(file_write(path, spaces, large, &err), 0);
	assert_null(doc_read_yaml(path, &err));
	assert_int_equal(err.code, E_CONFIG);
	free(spaces);
	unlink(path);
	rmdir(dir);
	free(path);
}

static char *dump(const json_t *node)
{
	struct buf out;

	buf_init(&out, 0);
	doc_dump_yaml(&out, node);
	return buf_detach(&out);
}

static void doc_dump_yaml_looks_like_this(void **state)
{
	static const char text[] = "{\"name\":\"order-sync\",\"num\":3,\"r\":0.1,\"t\":true,\"z\":"
				   "null,\"e\":\"\",\"l\":[],\"o\":{},"
				   "\"v\":\"1.20\",\"b\":\"no\",\"c\":\"a: "
				   "b\",\"h\":\"#x\",\"cjk\":\"订单\",\"esc\":\"a\\u001bb\","
				   "\"list\":[\"x\",{\"p\":1,\"q\":[2]},[3,4]],\"sql\":\"INSERT\\n "
				   " INTO\\n\",\"end\":\"a\\nb\","
				   "\"many\":\"a\\n\\n\\n\",\"sp\":\" "
				   "a\\nb\",\"real\":12.0,\"url\":\"http://jm:8081\"}";
	static const char want[] = "name: order-sync\n"
				   "num: 3\n"
				   "r: 0.1\n"
				   "t: true\n"
				   "z: null\n"
				   "e: \"\"\n"
				   "l: []\n"
				   "o: {}\n"
				   "v: \"1.20\"\n"
				   "b: \"no\"\n"
				   "c: \"a: b\"\n"
				   "h: \"#x\"\n"
				   "cjk: 订单\n"
				   "esc: \"a\\u001bb\"\n"
				   "list:\n"
				   "- x\n"
				   "- p: 1\n"
				   "  q:\n"
				   "  - 2\n"
				   "- - 3\n"
				   "  - 4\n"
				   "sql: |\n"
				   "  INSERT\n"
				   "    INTO\n"
				   "end: |-\n"
				   "  a\n"
				   "  b\n"
				   "many: |+\n"
				   "  a\n"
				   "\n"
				   "\n"
				   "sp: \" a\\nb\"\n"
				   "real: 12.0\n"
				   "url: http://jm:8081\n";
	struct err err = {0};
	json_t *root = doc_parse_json(text, strlen(text), "text", &err);

	(void)state;
	assert_non_null(root);
	char *got = dump(root);
	assert_string_equal(got, want);
	free(got);
	json_decref(root);
}

/* Texts chosen to be misread: each must come back as it was, as a value, a key and a list's item.
 */
static void doc_dump_yaml_comes_back(void **state)
{
	static const char *const texts[] = {"", " ", "a ", " a", "a:", "a: b", "a #b", "#", "- a",
		"-", "--- a", "...", "? a", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "'a'",
		"\"a\"", "{a", "[a", "a]", "a, b", "~", "null", "Null", "TRUE", "yes", "12", "-1",
		"+1", ".5", "1e3", "0x1f", "1:30", "2026-01-01", ".inf", "-.inf", ".NaN", "=", "<<",
		"a\nb", "a\n", "\na", "\n", "\n\n", " a\nb", "a\n b", "a\n\n\n", "a\n\nb", "a\r\nb",
		"a\tb", "\ta", "a\x7f",
		"a\xc2\x85"
		"b",
		"a\xe2\x80\xa8"
		"b",
		"\xef\xbb\xbf"
		"a",
		"\xef\xbf\xbe", "\xf0\x9f\x98\x80", "a\n# b\n", "a\n--- b\n...\n", "- a\n- b",
		"a\n \n", "a\n\t\n", "\\", "\\n", "订单: 同步", "a'b\"c", "http://h:1/p?q=#f"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		json_t *tree = json_pack("{s:s, s:[s,[s]], s:{s:s}}", "v", texts[i], "l", texts[i],
			texts[i], "o", *texts[i] ? texts[i] : "k", texts[i]);
		struct err err = {0};
		char *yaml = dump(tree);
		struct doc *doc = parse(yaml, &err);
		if (!doc)
			fail_msg("'%s': %s in\n%s", texts[i], err.text, yaml);
		if (!json_equal(doc->root, tree))
			fail_msg("'%s' came back otherwise from\n%s", texts[i], yaml);
		doc_free(doc);
		free(yaml);
		json_decref(tree);
	}
}

static void doc_dump_yaml_long_key_and_root_scalars(void **state)
{
	struct err err = {0};
	char key[3001];

	(void)state;
	memset(key, 'k', 3000);
	key[3000] = 0;
	json_t *tree = json_pack("{s:{s:[s]}, s:s}", key, "a", "b", "z", "y");
	char *yaml = dump(tree);
	struct doc *doc = parse(yaml, &err);
	if (!doc)
		fail_msg("%s", err.text);
	assert_true(json_equal(doc->root, tree));
	doc_free(doc);
	free(yaml);
	json_decref(tree);

	tree = json_string("a\nb");
	yaml = dump(tree);
	doc = parse(yaml, &err);
	assert_non_null(doc);
	assert_true(json_equal(doc->root, tree));
	doc_free(doc);
	free(yaml);
	json_decref(tree);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doc_parse_yaml_keeps_raw_scalars),
		cmocka_unit_test(doc_parse_yaml_empty_has_no_root),
		cmocka_unit_test(doc_parse_yaml_errors),
		cmocka_unit_test(doc_parse_yaml_has_limits),
		cmocka_unit_test(doc_places),
		cmocka_unit_test(doc_read_yaml_files),
		cmocka_unit_test(doc_dump_yaml_looks_like_this),
		cmocka_unit_test(doc_dump_yaml_comes_back),
		cmocka_unit_test(doc_dump_yaml_long_key_and_root_scalars),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
