/* The table-driven reader: every kind of value, every mistake with its exact file:line:column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/mem.h"

struct thing {
	char *title, *name, *password;
	bool on;
	int64_t count;
	int color;
	json_t *args, *env;
	const json_t *any;
};

static const char *const colors[] = {"red", "green", "blue", NULL};
static const struct doc_field fields[] = {
	{.key = "title", .type = DOC_STRING, .offset = offsetof(struct thing, title)},
	{.key = "name", .type = DOC_NAME, .offset = offsetof(struct thing, name), .required = true},
	{.key = "password", .type = DOC_BOOL, .offset = offsetof(struct thing, on)},
	{.key = "on", .type = DOC_BOOL, .offset = offsetof(struct thing, on)},
	{.key = "count",
		.type = DOC_INT,
		.offset = offsetof(struct thing, count),
		.min = 1,
		.max = 10},
	{.key = "free", .type = DOC_INT, .offset = offsetof(struct thing, count)},
	{.key = "color",
		.type = DOC_ENUM,
		.offset = offsetof(struct thing, color),
		.words = colors},
	{.key = "args", .type = DOC_STRINGS, .offset = offsetof(struct thing, args)},
	{.key = "env", .type = DOC_MAP, .offset = offsetof(struct thing, env)},
	{.key = "any", .type = DOC_NODE, .offset = offsetof(struct thing, any)},
};

static int read_thing(const char *text, struct thing *thing, struct err *err)
{
	struct doc *doc = doc_parse_yaml("t.yaml", text, strlen(text), err);
	int rc;

	assert_non_null(doc);
	rc = doc_read_fields(doc, doc->root, fields, ARRAY_SIZE(fields), thing, err);
	doc_free(doc);
	return rc;
}

static void thing_release(struct thing *thing)
{
	free(thing->title);
	free(thing->name);
	json_decref(thing->args);
	json_decref(thing->env);
}

static void doc_read_fields_fills(void **state)
{
	struct thing thing = {.title = xstrdup("old"), .count = 7};
	struct err err = {0};

	(void)state;
	assert_int_equal(read_thing("name: \"1.20\"\n"
				    "title: 订单\n"
				    "on: YES\n"
				    "color: blue\n"
				    "args: [--x, '']\n"
				    "env:\n"
				    "  A: 1\n"
				    "  B:\n",
				 &thing, &err),
		0);
	/* What is owned outlives the doc. */
	assert_string_equal(thing.name, "1.20");
	assert_string_equal(thing.title, "订单");
	assert_true(thing.on);
	assert_int_equal(thing.color, 2);
	assert_int_equal(thing.count, 7);
	assert_int_equal(json_array_size(thing.args), 2);
	assert_string_equal(json_string_value(json_array_get(thing.args, 1)), "");
	assert_string_equal(doc_str(thing.env, "A"), "1");
	assert_string_equal(doc_str(thing.env, "B"), "");
	thing_release(&thing);
}

static void doc_read_fields_null_is_absent(void **state)
{
	struct thing thing = {.count = 7, .on = true};
	struct err err = {0};

	(void)state;
	assert_int_equal(
		read_thing("name: a\ntitle:\ncount: ~\non:\nargs:\nenv:\nany:\n", &thing, &err), 0);
	assert_null(thing.title);
	assert_int_equal(thing.count, 7);
	assert_true(thing.on);
	assert_null(thing.args);
	assert_null(thing.any);
	thing_release(&thing);
}

static void doc_read_fields_single_is_a_list(void **state)
{
	struct thing thing = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(read_thing("name: a\nargs: --x\ncount: 10\n", &thing, &err), 0);
	assert_int_equal(json_array_size(thing.args), 1);
	assert_string_equal(json_string_value(json_array_get(thing.args, 0)), "--x");
	assert_int_equal(thing.count, 10);
	thing_release(&thing);
}

static void doc_read_fields_errors(void **state)
{
	static const struct {
		const char *name, *in, *want;
	} rows[] = {
		{"unknown, near", "name: a\ncolour: red\n",
			"t.yaml:2:1: unknown key \"colour\" (did you mean \"color\"?)"},
		{"unknown, far", "name: a\nzzzzzz: red\n",
			"t.yaml:2:1: unknown key \"zzzzzz\" (known: title, name, password, on, "
			"count, "
			"free, color, args, env, any)"},
		{"missing", "title: x\n", "t.yaml:1:1: \"name\" is missing"},
		{"missing by null", "title: x\nname:\n", "t.yaml:2:1: \"name\" is missing"},
		{"not an object", "- a\n", "t.yaml:1:1: expected \"key: value\", found a list"},
		{"a text", "hello\n", "t.yaml:1:1: expected \"key: value\", found \"hello\""},
		{"nothing", "", "t.yaml:1:1: expected \"key: value\", found nothing"},
		{"text", "name: a\ntitle: [x]\n",
			"t.yaml:2:8: \"title\" must be a text, found a list"},
		{"name", "name: Order Sync\n",
			"t.yaml:1:7: \"name\" must be a name (small letters, digits, '.', '_', "
			"'-'; at "
			"most 63, a letter or digit first), found \"Order Sync\""},
		{"bool", "name: a\non: maybe\n",
			"t.yaml:2:5: \"on\" must be true or false, found \"maybe\""},
		{"bool from a list", "name: a\non: [true]\n",
			"t.yaml:2:5: \"on\" must be true or false, found a list"},
		{"number", "name: a\nfree: 1.5\n",
			"t.yaml:2:7: \"free\" must be a whole number, found \"1.5\""},
		{"range", "name: a\ncount: 11\n",
			"t.yaml:2:8: \"count\" must be a whole number from 1 to 10, found \"11\""},
		{"enum", "name: a\ncolor: {}\n",
			"t.yaml:2:8: \"color\" must be red, green or blue, found a mapping"},
		{"enum, letters matter", "name: a\ncolor: Red\n",
			"t.yaml:2:8: \"color\" must be red, green or blue, found \"Red\""},
		{"strings", "name: a\nargs: {a: b}\n",
			"t.yaml:2:7: \"args\" must be a list of texts, found a mapping"},
		{"strings, an item", "name: a\nargs:\n- x\n- [y]\n",
			"t.yaml:4:3: \"args\" must be a list of texts, found a list"},
		{"strings, an empty item", "name: a\nargs:\n- x\n-\n",
			"t.yaml:2:1: \"args\" must be a list of texts, found nothing"},
		{"map", "name: a\nenv: x\n",
			"t.yaml:2:6: \"env\" must be a mapping of names to texts, found \"x\""},
		{"map, a value", "name: a\nenv:\n  A: [1]\n",
			"t.yaml:3:6: \"env\" must be a mapping of names to texts, found a list"},
		{"a secret is not quoted", "name: a\npassword: hunter2\n",
			"t.yaml:2:11: \"password\" must be true or false, found \"******\""},
		{"a long text is cut",
			"name: a\non: "
			"0123456789012345678901234567890123456789012345678901234567890123456789"
			"\n",
			"t.yaml:2:5: \"on\" must be true or false, found "
			"\"012345678901234567890123456789012345678901234567890123456789…\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct thing thing = {0};
		struct err err = {0};
		int rc = read_thing(rows[i].in, &thing, &err);
		if (rc != E_CONFIG || err.code != E_CONFIG || strcmp(err.text, rows[i].want) != 0)
			fail_msg("%s:\n got '%s'\nwant '%s'", rows[i].name, err.text, rows[i].want);
		thing_release(&thing);
	}
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doc_read_fields_fills),
		cmocka_unit_test(doc_read_fields_null_is_absent),
		cmocka_unit_test(doc_read_fields_single_is_a_list),
		cmocka_unit_test(doc_read_fields_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
