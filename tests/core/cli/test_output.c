/* The writers, on a fleet that holds every state, far too long names and escape sequences. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/output.h"
#include "tests/support/check.h"
#include "tests/support/fleet_fixture.h"

#define SHOWN_MAX ((size_t)16 << 20)

/* What comes to stdout; malloc'd. */
static char *written_of(const struct output *output)
{
	struct err err = {0};
	FILE *file = tmpfile();
	int kept = dup(STDOUT_FILENO);
	char *text = xmalloc(SHOWN_MAX);

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	int rc = output_items(output, &err);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	check_ok("output_items", rc, &err);
	rewind(file);
	text[fread(text, 1, SHOWN_MAX - 1, file)] = '\0';
	fclose(file);
	return text;
}

static char *written(
	enum output_format format, const struct column_table *table, size_t *count, json_t *errors)
{
	struct fleet *fleet = fixture_fleet();
	void *const *items = table->items(fleet, table->item_kind, count);
	char *text = written_of(&(struct output){.format = format,
		.table = table,
		.items = (const void *const *)items,
		.count = *count,
		.env = {.now_ms = FIXTURE_NOW_MS, .stale_ms = 10000},
		.errors = errors});

	fleet_free(fleet);
	return text;
}

static void check_harmless(const char *row, const char *text)
{
	assert_true(utf8_valid(text, strlen(text)));
	for (const char *c = text; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\n') || *c == 0x7F)
			fail_msg("%s: byte 0x%02x at %zu", row, (unsigned char)*c,
				(size_t)(c - text));
}

static const struct column_table *const tables[] = {
	&app_table, &cluster_table, &team_table, &job_table};

static size_t lines_in(const char *text)
{
	size_t count = 0;

	for (; (text = strchr(text, '\n')); text++)
		count++;
	return count;
}

static void each_format_has_one_harmless_line_for_each_item(void **state)
{
	static const enum output_format formats[] = {OUT_TABLE, OUT_WIDE, OUT_CSV, OUT_NAME};
	json_t *errors = json_array();

	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t f = 0; f < ARRAY_SIZE(formats); f++) {
			size_t count;
			char *text = written(formats[f], tables[t], &count, errors);

			assert_true(count > 0);
			check_harmless(tables[t]->name, text);
			check_int(tables[t]->name, (int64_t)lines_in(text),
				(int64_t)count + (formats[f] != OUT_NAME));
			free(text);
		}
	json_decref(errors);
}

static void json_has_every_column_of_every_item(void **state)
{
	json_t *errors = json_pack("[{s:s}]", "code", "NET");

	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		size_t count, i;
		char *text = written(OUT_JSON, tables[t], &count, errors);
		json_t *list = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		const json_t *item;

		check_harmless(tables[t]->name, text);
		assert_true(json_is_object(list));
		check_str(
			"kind", json_string_value(json_object_get(list, "kind")), tables[t]->kind);
		check_int("items", (int64_t)json_array_size(json_object_get(list, "items")),
			(int64_t)count);
		check_int("errors", (int64_t)json_array_size(json_object_get(list, "errors")), 1);
		json_array_foreach (json_object_get(list, "items"), i, item)
			for (size_t c = 0; c < tables[t]->count; c++)
				check_bool(tables[t]->columns[c].key,
					json_object_get(item, tables[t]->columns[c].key) != NULL,
					!tables[t]->columns[c].is_json_hidden);
		json_decref(list);
		free(text);
	}
	json_decref(errors);
}

/* A column that JSON tells in words of its own says the same in CSV. */
static void csv_has_the_reason_and_not_the_state_for_it(void **state)
{
	json_t *errors = json_array();
	size_t count, i;
	char *json = written(OUT_JSON, &app_table, &count, errors);
	char *csv = written(OUT_CSV, &app_table, &count, errors);
	json_t *list = json_loads(json, 0, NULL);
	const json_t *item;
	int compared = 0;

	(void)state;
	json_array_foreach (json_object_get(list, "items"), i, item) {
		const char *reason = json_string_value(json_object_get(item, "reason"));

		/* One that needs no quotes stands there as it is. */
		if (!reason || !*reason || strpbrk(reason, "\",") ||
			!utf8_valid(reason, strlen(reason)))
			continue;
		check_has("reason", csv, reason);
		compared++;
	}
	check_bool("some were compared", compared > 0, true);
	json_decref(list);
	free(json);
	free(csv);
	json_decref(errors);
}

/* What a terminal would obey is escaped, what it would not stays readable. */
static void json_is_safe_to_look_at(void **state)
{
	static const struct {
		const char *name, *in, *part;
	} rows[] = {
		{"plain", "a", "\"a\""},
		{"CJK stays", "订单", "\"订单\""},
		{"emoji stays", "\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""},
		{"ESC", "\x1b[31m", "\\u001B[31m"},
		{"DEL", "a\x7F", "\"a\\u007f\""},
		{"CSI in C1",
			"\xC2\x9B"
			"31m",
			"\"\\u009b31m\""},
		{"bidi", "a\xE2\x80\xAE", "\"a\\u202e\""},
		{"quote and backslash", "\"\\", "\"\\\"\\\\\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *tree = json_pack("{s:s}", "k", rows[i].in);
		struct err err = {0};
		char text[256];
		FILE *file = tmpfile();
		int kept = dup(STDOUT_FILENO);

		fflush(stdout);
		dup2(fileno(file), STDOUT_FILENO);
		int rc = output_tree(tree, OUT_JSON, &err);
		fflush(stdout);
		dup2(kept, STDOUT_FILENO);
		close(kept);
		check_ok(rows[i].name, rc, &err);
		rewind(file);
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
		check_has(rows[i].name, text, rows[i].part);
		json_t *back = json_loads(text, 0, NULL);
		check_bool(rows[i].name, json_equal(tree, back), true);
		json_decref(back);
		json_decref(tree);
	}
}

static void formats_by_name(void **state)
{
	static const struct {
		const char *word;
		enum output_format want;
	} rows[] = {{"table", OUT_TABLE}, {"wide", OUT_WIDE}, {"json", OUT_JSON},
		{"yaml", OUT_YAML}, {"name", OUT_NAME}, {"csv", OUT_CSV}, {"text", OUT_TEXT},
		{"JSON", OUT_MAX}, {"", OUT_MAX}, {"jso", OUT_MAX}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_int(rows[i].word, output_parse(rows[i].word), rows[i].want);
}

/* A long list is made by two threads: the same items, in the same order. */
static void output_of_many_items_is_in_order(void **state)
{
	enum { MANY = 1500 };
	struct fleet *fleet = fixture_fleet();
	const void *items[MANY];
	json_t *errors = json_array(), *trees[256], *root, *list;
	size_t count;
	void *const *all = app_table.items(fleet, app_table.item_kind, &count);
	struct output output = {.format = OUT_JSON,
		.table = &app_table,
		.items = items,
		.env = {.now_ms = FIXTURE_NOW_MS, .stale_ms = 10000},
		.errors = errors};
	static const size_t counts[] = {0, 1, 63, 64, 65, 256, 257, MANY};

	(void)state;
	assert_true(count > 2 && count <= ARRAY_SIZE(trees));
	for (size_t i = 0; i < MANY; i++)
		items[i] = all[i * 7 % count];
	for (size_t i = 0; i < count; i++)
		trees[i] = column_item_json(&app_table, all[i], &output.env);
	for (size_t row = 0; row < ARRAY_SIZE(counts); row++) {
		output.count = counts[row];
		char *text = written_of(&output);
		root = json_loads(text, 0, NULL);
		assert_non_null(root);
		list = json_object_get(root, "items");
		check_int("items", (int64_t)json_array_size(list), (int64_t)counts[row]);
		for (size_t i = 0; i < counts[row]; i++)
			assert_true(json_equal(json_array_get(list, i), trees[i * 7 % count]));
		json_decref(root);
		free(text);
	}
	for (size_t i = 0; i < count; i++)
		json_decref(trees[i]);
	json_decref(errors);
	fleet_free(fleet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_of_many_items_is_in_order),
		cmocka_unit_test(each_format_has_one_harmless_line_for_each_item),
		cmocka_unit_test(json_has_every_column_of_every_item),
		cmocka_unit_test(csv_has_the_reason_and_not_the_state_for_it),
		cmocka_unit_test(json_is_safe_to_look_at),
		cmocka_unit_test(formats_by_name),
	};

	check_locale();
	clock_fix(FIXTURE_NOW_MS, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
