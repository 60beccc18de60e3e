/* --sort-by and --columns on a fleet that holds every state; how a table fits a terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/cli/listing.h"
#include "tests/support/check.h"
#include "tests/support/fleet_fixture.h"

#define WORDS_BYTES 256
#define SHOWN_MAX ((size_t)1 << 20)

/* `weir get <line>` up to its listing; the words live as long as `words`. */
static int read_line(struct cli *cli, const char *line, char *words, enum output_format *format,
	const struct column_table *table, struct err *err)
{
	static char program[] = "weir", get[] = "get", apps[] = "apps";
	static char *argv[16];
	int argc = 0;
	char *rest = words;

	snprintf(words, WORDS_BYTES, "%s", line);
	argv[argc++] = program;
	argv[argc++] = get;
	argv[argc++] = apps;
	for (char *word; (word = strsep(&rest, " "));)
		if (*word)
			argv[argc++] = word;
	argv[argc] = NULL;
	check_int(line, cli_parse(cli, argc, argv), -1);
	return listing_read(cli, table, true, format, err);
}

/* What `weir get <line>` prints of the fixture; cols 0 = into a pipe. malloc'd. */
static char *printed(const char *line, const struct column_table *table, int cols, bool is_colored)
{
	struct fleet *fleet = fixture_fleet();
	json_t *errors = json_array();
	struct err err = {0};
	enum output_format format;
	struct cli cli;
	char words[WORDS_BYTES];
	size_t count;
	void *const *all = table->items(fleet, table->item_kind, &count);
	const void **items = xcalloc(count + 1, sizeof(*items));

	memcpy(items, all, count * sizeof(*items));
	check_ok(line, read_line(&cli, line, words, &format, table, &err), &err);
	struct output output = listing_output(&cli, format, table, items, count, errors);
	output.cols = cols;
	output.is_colored = is_colored;

	FILE *file = tmpfile();
	int kept = dup(STDOUT_FILENO);
	char *text = xmalloc(SHOWN_MAX);
	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	int rc = output_items(&output, &err);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	check_ok(line, rc, &err);
	rewind(file);
	text[fread(text, 1, SHOWN_MAX - 1, file)] = '\0';
	fclose(file);
	free(items);
	json_decref(errors);
	cli_release(&cli);
	fleet_free(fleet);
	return text;
}

static void words_that_are_not_right_say_what_is_meant(void **state)
{
	static const struct {
		const char *line;
		const struct column_table *table;
		const char *part;
	} rows[] = {
		{"--columns name,stat", &app_table,
			"--columns: apps have no column 'stat'; did you mean 'state'?"},
		{"--columns name,", &app_table, "no column ''"},
		{"--columns name,name", &app_table, "--columns names 'name' twice"},
		{"--columns name -o name", &app_table, "-o name has no columns"},
		{"--sort-by nothing-at-all", &app_table, "called as the keys in -o json"},
		{"--sort-by nam:desc", &app_table, "did you mean 'name'?"},
		{"--sort-by name:up", &app_table, ":asc or :desc"},
		{"--sort-by :desc", &app_table, "no column ''"},
		{"--watch", &env_table, "--watch is not for flink-envs"},
		{"--watch --cached", &app_table, "leave one out"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum output_format format;
		struct err err = {0};
		struct cli cli;
		char words[WORDS_BYTES];
		int rc = read_line(&cli, rows[i].line, words, &format, rows[i].table, &err);

		check_err(rows[i].line, rc, &err, E_ARG, rows[i].part);
		check_int(rows[i].line, err_exit_code(err.code), 2);
		cli_release(&cli);
	}
}

static void columns_stand_in_the_order_that_was_asked_for(void **state)
{
	static const struct {
		const char *line, *begins;
	} rows[] = {
		{"--columns name,state -o csv", "name,state\n"},
		{"--columns state,name -o csv", "state,name\n"},
		{"--columns STATE,Name -o csv", "state,name\n"},
		{"--columns state,jobId", "STATE"},
		{"--columns state -o json",
			"{\n  \"apiVersion\": \"weir/v1\",\n  \"kind\": \"AppList\",\n  \"items\": "
			"[\n"
			"    {\n      \"state\": "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = printed(rows[i].line, &app_table, 0, false);

		check_bool(rows[i].line, str_starts(text, rows[i].begins), true);
		free(text);
	}
}

/* Without --columns JSON is whole, and with them it has these and no other. */
static void json_is_narrowed_by_columns_alone(void **state)
{
	char *narrow = printed("-o json --columns name,restarts", &app_table, 0, false);
	char *whole = printed("-o json --sort-by name", &app_table, 0, false);
	json_t *narrow_list = json_loads(narrow, 0, NULL), *whole_list = json_loads(whole, 0, NULL);
	const json_t *items = json_object_get(narrow_list, "items"), *item;
	size_t i;

	(void)state;
	assert_true(json_array_size(items) > 0);
	json_array_foreach (items, i, item) {
		check_int("keys", (int64_t)json_object_size(item), 2);
		assert_non_null(json_object_get(item, "name"));
		assert_non_null(json_object_get(item, "restarts"));
	}
	items = json_object_get(whole_list, "items");
	check_bool("whole", json_object_size(json_array_get(items, 0)) > 20, true);
	json_decref(narrow_list);
	json_decref(whole_list);
	free(narrow);
	free(whole);
}

/* Numbers by size, not by letters; what is unknown stands last, whichever way. */
static void sorted_by_any_column_both_ways(void **state)
{
	static const struct {
		const char *line;
		int way;
	} rows[] = {{"--sort-by restarts -o json", 1}, {"--sort-by restarts:asc -o json", 1},
		{"--sort-by restarts:desc -o json", -1}};

	(void)state;
	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		char *text = printed(rows[r].line, &app_table, 0, false);
		json_t *list = json_loads(text, 0, NULL);
		const json_t *items = json_object_get(list, "items"), *item;
		bool is_unknown = false;
		int64_t last = rows[r].way > 0 ? INT64_MIN : INT64_MAX;
		size_t i, known = 0;

		json_array_foreach (items, i, item) {
			const json_t *value = json_object_get(item, "restarts");

			is_unknown |= json_is_null(value);
			check_bool(rows[r].line, json_is_null(value), is_unknown);
			if (is_unknown)
				continue;
			check_bool(rows[r].line,
				rows[r].way > 0 ? json_integer_value(value) >= last
						: json_integer_value(value) <= last,
				true);
			last = json_integer_value(value);
			known++;
		}
		check_bool("some are known, some are not",
			known > 1 && known < json_array_size(items), true);
		json_decref(list);
		free(text);
	}
}

static int widest_line(char *text)
{
	int widest = 0;

	for (char *line; (line = strsep(&text, "\n"));)
		widest = utf8_width(line) > widest ? utf8_width(line) : widest;
	return widest;
}

static void a_table_fits_the_terminal_and_is_whole_in_a_pipe(void **state)
{
	static const struct {
		const char *line;
		int cols;
		const char *has, *has_not;
		bool fits;
	} rows[] = {
		{"", 200, "STATE", NULL, true},
		{"", 80, "STATE", "CKPT DUR", true},
		{"", 60, "STATE", "SIZE", true},
		{"--columns name,state", 60, "NAME", NULL, true},
		/* What was asked for stays. */
		{"--columns state,name,team,cluster,size", 60, "SIZE", NULL, true},
		{"-o wide", 60, "OWNER", NULL, false},
		{"", 0, "SIZE", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = printed(rows[i].line, &app_table, rows[i].cols, false);

		check_has(rows[i].line, text, rows[i].has);
		if (rows[i].has_not)
			check_bool(rows[i].line, strstr(text, rows[i].has_not) != NULL, false);
		check_bool(rows[i].line, strstr(text, "\033") != NULL, false);
		int widest = widest_line(text);
		check_bool(rows[i].line,
			widest <= (rows[i].cols ? rows[i].cols : FIXTURE_LONG_NAME_LEN),
			rows[i].fits);
		free(text);
	}
}

static void states_have_colours_where_they_may(void **state)
{
	char *colored = printed("--columns name,state", &app_table, 100, true);
	char *jobs = printed("--columns jobStatus,name", &job_table, 100, true);
	char *json = printed("-o json", &app_table, 100, true);

	(void)state;
	check_has("running", colored, "\033[32mRUNNING");
	check_has("failed", colored, "\033[31mFAILED");
	check_has("restarting", colored, "\033[33mRESTARTING");
	check_has("a job's", jobs, "\033[32mRUNNING");
	check_bool("JSON", strstr(json, "\033") != NULL, false);
	/* Each colour is taken back before the next cell, and no other escape comes out. */
	for (const char *at = colored; (at = strchr(at, '\033')); at++)
		check_bool(
			"SGR", at[1] == '[' && at[2 + strspn(at + 2, "0123456789")] == 'm', true);
	free(colored);
	free(jobs);
	free(json);
}

static void the_key_of_a_line_tells_whether_there_is_news(void **state)
{
	struct fleet *fleet = fixture_fleet();
	size_t count;
	void *const *items = app_table.items(fleet, app_table.item_kind, &count);
	json_t *errors = json_array();
	struct output output =
		output_of(OUT_TABLE, &app_table, (const void *const *)items, 1, errors);
	struct output_stream *stream = output_stream_new(&output);
	struct buf first, second, other;

	(void)state;
	buf_init(&first, 0);
	buf_init(&second, 0);
	buf_init(&other, 0);
	output_stream_key(stream, items[0], output.env, &first);
	output_stream_key(stream, items[0], output.env, &second);
	output_stream_key(stream, items[1], output.env, &other);
	check_str("the same", buf_str(&second), buf_str(&first));
	check_bool("another", str_eq(buf_str(&other), buf_str(&first)), false);
	buf_release(&first);
	buf_release(&second);
	buf_release(&other);
	output_stream_free(stream);
	json_decref(errors);
	fleet_free(fleet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_are_not_right_say_what_is_meant),
		cmocka_unit_test(columns_stand_in_the_order_that_was_asked_for),
		cmocka_unit_test(json_is_narrowed_by_columns_alone),
		cmocka_unit_test(sorted_by_any_column_both_ways),
		cmocka_unit_test(a_table_fits_the_terminal_and_is_whole_in_a_pipe),
		cmocka_unit_test(states_have_colours_where_they_may),
		cmocka_unit_test(the_key_of_a_line_tells_whether_there_is_news),
	};

	check_locale();
	clock_fix(FIXTURE_NOW_MS, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
