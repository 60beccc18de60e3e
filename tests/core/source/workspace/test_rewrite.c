/* One key of an application file is changed; comments, order and blanks stay. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/source/workspace/parts.h"
#include "core/source/workspace/rewrite.h"
#include "tests/support/check.h"

static void a_value_changes_and_nothing_else(void **state)
{
	static const struct {
		const char *name, *in, *key, *value, *want;
	} rows[] = {
		{"plain, a comment behind it", "a: 1   # one\nname: old  # the name\nb: 2\n",
			"name", "new", "a: 1   # one\nname: new  # the name\nb: 2\n"},
		{"quoted", "name: \"o: ld\" # c\n", "name", "new", "name: new # c\n"},
		{"into quotes", "owner: li\n", "owner", "a: b", "owner: \"a: b\"\n"},
		{"a word that is nothing", "owner: li\n", "owner", "null", "owner: \"null\"\n"},
		{"CJK before it", "# 订单\njobName: 订单同步 # 名\nname: a\n", "name", "b",
			"# 订单\njobName: 订单同步 # 名\nname: b\n"},
		{"CJK itself", "jobName: 订单同步 # 名\n", "jobName", "用户",
			"jobName: 用户 # 名\n"},
		{"nothing there yet", "owner:   # who\nname: a\n", "owner", "li",
			"owner: li   # who\nname: a\n"},
		{"a list in brackets", "args: [--a, 1] # x\nname: a\n", "args", "[--b]",
			"args: [--b] # x\nname: a\n"},
		{"a list in lines", "args:\n- --a\n- \"1\" # last\n# of name\nname: a\n", "args",
			"[--b]", "args: [--b] # last\n# of name\nname: a\n"},
		{"a block text", "sql: |\n  SELECT 1;\n\n# of name\nname: a\n", "sql", "SELECT 2",
			"sql: SELECT 2\n\n# of name\nname: a\n"},
		{"at the end, no line feed", "name: a", "owner", "li", "name: a\nowner: li\n"},
		{"new", "name: a\n# end\n", "parallelism", "4", "name: a\n# end\nparallelism: 4\n"},
		{"in a mapping", "build:\n    command: make # c\n    artifact: x\n",
			"build.command", "mvn -q",
			"build:\n    command: mvn -q # c\n    artifact: x\n"},
		{"new in a mapping", "build: # b\n    # c\n    command: make\nname: a\n",
			"build.ref", "v1",
			"build: # b\n    # c\n    ref: v1\n    command: make\nname: a\n"},
		{"new in braces", "properties: {a.b: 1}\n", "properties.c.d", "5s",
			"properties: {c.d: 5s, a.b: 1}\n"},
		{"in braces", "properties: {a.b: 1, c: 2}\n", "properties.a.b", "5s",
			"properties: {a.b: 5s, c: 2}\n"},
		{"in empty braces", "properties: {}\n", "properties.c", "x, y",
			"properties: {c: \"x, y\"}\n"},
		{"its mapping too", "name: a\n", "properties.a.b", "1",
			"name: a\nproperties:\n  a.b: 1\n"},
		{"in a mapping of nothing", "properties:\nname: a\n", "properties.a.b", "1",
			"properties:\n  a.b: 1\nname: a\n"},
		{"taken out", "a: 1\nowner: li # who\nname: a\n", "owner", "", "a: 1\nname: a\n"},
		{"taken out with its lines", "args:\n  - a\n  - b\nname: a\n", "args", NULL,
			"name: a\n"},
		{"taken out of braces", "properties: {a: 1, b: 2}\n", "properties.a", "",
			"properties: {a: ~, b: 2}\n"},
		{"never there", "name: a\n", "owner", "", "name: a\n"},
		{"Windows line ends", "name: a\r\nowner: li\r\n", "name", "b",
			"name: b\r\nowner: li\r\n"},
		{"a byte order mark", "\xef\xbb\xbfname: a\n", "name", "b",
			"\xef\xbb\xbfname: b\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = xstrdup(rows[i].in);
		struct err err;

		check_ok(rows[i].name,
			rewrite_set("app.yaml", &text, rows[i].key, rows[i].value, &err), &err);
		check_str(rows[i].name, text, rows[i].want);
		free(text);
	}
}

static void what_cannot_be_is_refused_and_the_text_stays(void **state)
{
	static const struct {
		const char *name, *in, *key, *value;
		int code;
		const char *part;
	} rows[] = {
		{"not YAML", "a: [\n", "name", "b", E_CONFIG, "app.yaml:"},
		{"no mapping", "- a\n", "name", "b", E_CONFIG, "no mapping"},
		{"a list that does not end", "args: [a]\n", "args", "[a", E_CONFIG, "app.yaml:"},
		{"no key", "name: a\n", "a key", "b", E_ARG, "'a key' is no key"},
		{"a second document", "name: a\n", "owner", "\"x\"\n---\n", E_CONFIG, "document"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = xstrdup(rows[i].in);
		struct err err = {0};
		int rc = rewrite_set("app.yaml", &text, rows[i].key, rows[i].value, &err);

		check_err(rows[i].name, rc, &err, rows[i].code, rows[i].part);
		check_str(rows[i].name, text, rows[i].in);
		free(text);
	}
}

static void templates_are_files_that_load(void **state)
{
	static const struct {
		enum app_type type;
		const char *cluster, *env;
	} rows[] = {
		{APP_JAR, "sessions", "1.20"},
		{APP_SQL, NULL, NULL},
		{APP_PYFLINK, "a cluster: 1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text =
			rewrite_template(rows[i].type, "order-sync", rows[i].cluster, rows[i].env);
		struct parsed *parsed =
			parsed_app("ods", "teams/ods/apps/order-sync.yaml", text, strlen(text));

		check_str(text, parsed->app.error, NULL);
		check_str("name", parsed->app.name, "order-sync");
		check_int("type", parsed->app.type, rows[i].type);
		check_str("cluster", parsed->app.cluster, rows[i].cluster);
		check_str("Flink", parsed->app.flink_env, rows[i].env);
		parsed_free(parsed);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_changes_and_nothing_else),
		cmocka_unit_test(what_cannot_be_is_refused_and_the_text_stays),
		cmocka_unit_test(templates_are_files_that_load),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
