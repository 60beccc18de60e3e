/* The ring of what was asked of others: order, ends, what leaves it, and what never comes in. */
#include <stdlib.h>
#include <string.h>

#include "core/base/command_log.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/present/column.h"
#include "tests/support/check.h"

static void the_newest_is_last_and_the_oldest_leaves(void **state)
{
	struct command_log *log = command_log_new(4);
	uint64_t first = command_log_begin(log, COMMAND_EXEC, "gw", "0"), changes;
	char name[16];

	(void)state;
	for (int i = 1; i < 6; i++) {
		snprintf(name, sizeof(name), "%d", i);
		command_log_begin(log, COMMAND_EXEC, "gw", name);
	}
	check_int("count", (int64_t)command_log_count(log), 4);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%d", i + 2);
		check_str("order", command_log_at(log, (size_t)i)->what, name);
	}
	assert_null(command_log_at(log, 4));
	/* Its place is another's by now. */
	changes = command_log_changes(log);
	command_log_end(log, first, &(struct command_end){.status = 1}, NULL);
	check_int("nothing changed", (int64_t)(command_log_changes(log) - changes), 0);
	for (size_t i = 0; i < 4; i++)
		check_int("all under way", command_log_at(log, i)->duration_ms, -1);
	command_log_free(log);
}

static int watched;

static void on_end(void *data, const struct command_entry *entry)
{
	watched++;
	check_str("watched", entry->what, data);
}

static void an_end_is_told_once(void **state)
{
	struct command_log *log = command_log_new(0);
	struct err err = {0};
	const struct command_entry *entry;
	uint64_t number, changes;

	(void)state;
	command_log_watch(log, on_end, (void *)"GET /x");
	number = command_log_begin(log, COMMAND_REST, NULL, "GET /x");
	changes = command_log_changes(log);
	err_set(&err, E_NET, "refused\x1b[2J");
	command_log_end(log, number, &(struct command_end){.status = 503, .bytes = 12}, &err);
	command_log_end(log, number, &(struct command_end){.status = 200, .bytes = 0}, NULL);
	entry = command_log_at(log, 0);
	check_int("once", watched, 1);
	check_bool("changed", command_log_changes(log) > changes, true);
	check_int("status", entry->status, 503);
	check_int("bytes", entry->bytes, 12);
	check_int("code", entry->code, E_NET);
	check_bool("took", entry->duration_ms >= 0, true);
	assert_null(strchr(entry->error, 0x1b));
	check_str("where", entry->where, "");
	command_log_free(log);
}

static void secrets_are_masked_and_bytes_are_harmless(void **state)
{
	static const struct {
		const char *name, *what, *has, *lacks;
	} rows[] = {
		{"option", "flink run --password hunter2 x.jar", "--password", "hunter2"},
		{"variable", "DB_PASSWORD=hunter2 mvn package", "mvn package", "hunter2"},
		{"url", "GET http://me:hunter2@jm:8081/jobs", "jm:8081/jobs", "hunter2"},
		{"lines", "echo a\necho \x1b]0;b\x07", "echo a", "\x1b"},
		{"bytes", "echo \xff\xfe", "echo", "\xff"},
	};
	struct command_log *log = command_log_new(0);
	char *long_text = xmalloc(100001);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *what;

		command_log_add(log, COMMAND_EXEC, "gw", rows[i].what, 3,
			&(struct command_end){.status = 0, .bytes = -1}, NULL);
		what = command_log_at(log, i)->what;
		check_has(rows[i].name, what, rows[i].has);
		if (strstr(what, rows[i].lacks))
			fail_msg("%s: %s", rows[i].name, what);
		check_int(rows[i].name, command_log_at(log, i)->duration_ms, 3);
	}
	for (size_t i = 0; i < 100000; i += 3)
		memcpy(long_text + i, "\xe4\xb8\xad", i + 3 <= 100000 ? 3 : 100000 - i);
	long_text[100000] = 0;
	command_log_begin(log, COMMAND_EXEC, "gw", long_text);
	const char *kept = command_log_at(log, ARRAY_SIZE(rows))->what;
	check_bool("cut", strlen(kept) <= 2048 && strlen(kept) > 2000, true);
	check_bool("at a character", utf8_valid(kept, strlen(kept)), true);
	free(long_text);
	command_log_free(log);
}

static void no_log_is_fine(void **state)
{
	(void)state;
	check_int("begin", (int64_t)command_log_begin(NULL, COMMAND_EXEC, "gw", "x"), 0);
	command_log_end(NULL, 0, &(struct command_end){0}, NULL);
	command_log_add(NULL, COMMAND_REST, NULL, "x", 1, &(struct command_end){0}, NULL);
	command_log_watch(NULL, on_end, NULL);
	check_int("count", (int64_t)command_log_count(NULL), 0);
	check_int("changes", (int64_t)command_log_changes(NULL), 0);
	assert_null(command_log_at(NULL, 0));
	command_log_free(NULL);
}

static void its_columns_tell_result_and_time(void **state)
{
	struct command_log *log = command_log_new(0);
	struct present_env env = {.now_ms = 1};
	struct err err = {0};
	json_t *item;

	(void)state;
	command_log_add(log, COMMAND_REST, "sessions", "GET http://jm/jobs", 12,
		&(struct command_end){.status = 200, .bytes = 77}, NULL);
	err_set(&err, E_NET, "refused");
	command_log_add(log, COMMAND_CONNECT, "gw", "ssh", 5,
		&(struct command_end){.status = -1, .bytes = -1}, &err);
	item = column_item_json(&command_log_table, command_log_at(log, 0), &env);
	check_int("result", json_integer_value(json_object_get(item, "result")), 200);
	check_int("took", json_integer_value(json_object_get(item, "durationMs")), 12);
	check_int("bytes", json_integer_value(json_object_get(item, "bytes")), 77);
	check_str("where", json_string_value(json_object_get(item, "where")), "sessions");
	json_decref(item);
	item = column_item_json(&command_log_table, command_log_at(log, 1), &env);
	check_str("result", json_string_value(json_object_get(item, "result")), "NET");
	check_str("error", json_string_value(json_object_get(item, "error")), "refused");
	check_bool("bytes", json_is_null(json_object_get(item, "bytes")), true);
	json_decref(item);
	command_log_free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_is_last_and_the_oldest_leaves),
		cmocka_unit_test(an_end_is_told_once),
		cmocka_unit_test(secrets_are_masked_and_bytes_are_harmless),
		cmocka_unit_test(no_log_is_fine),
		cmocka_unit_test(its_columns_tell_result_and_time),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
