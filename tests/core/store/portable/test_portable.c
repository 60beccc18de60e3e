/*
 * Export and import: what goes out comes in again, once; what says something else stops all of it; a
 * file that is none changes nothing; no secret and no terminal sequence leaves.
 */
#include <unistd.h>

#include "core/base/buf.h"
#include "core/store/portable/portable.h"
#include "core/store/portable/portable_table.h"
#include "tests/core/store/journal_kit.h"

#define REGISTRY "registry.db"
#define CACHE "cache.db"
#define ORDERS KIT_CONTEXT "/workspace/app/ods/orders"

/* The export of a store as text; malloc'd. */
static char *export(const char *dir)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct err err = {0};
	struct exported done;
	int rc = store_export(dir, KIT_CONTEXT, out, NULL, NULL, &done, &err);

	assert_int_equal(fclose(out), 0);
	check_ok("export", rc, &err);
	return text;
}

static int import(const char *dir, const char *text, bool dry_run, bool keeps_ours,
	struct imported *out, struct err *err)
{
	FILE *in = fmemopen((char *)text, strlen(text), "r");
	const struct import_options options = {
		.name = "x.jsonl", .dry_run = dry_run, .keeps_ours = keeps_ours};
	int rc = store_import(dir, KIT_CONTEXT, in, &options, out, err);

	fclose(in);
	return rc;
}

/* Behind the first line, which holds the time. */
static const char *rows_of(const char *text)
{
	return strchr(text, '\n') + 1;
}

/* Runs, a build, releases, a restore point and history. */
static char *make_store(void)
{
	char *dir = temp_dir();
	struct journal_said said = {0};
	struct kit kit;

	kit_open(&kit, dir);
	check_int("run", journal_add(&kit, "orders", "build", RUN_DONE), 1);
	check_int("run", journal_add(&kit, "orders", "release", RUN_DONE), 2);
	check_int("release", journal_release(&kit, "orders"), 1);
	check_int("release", journal_release(&kit, "orders"), 2);
	keep_build(kit.store,
		&(struct build){.app = ORDERS,
			.artifact = "/srv/a.jar",
			.sha256 = "abc",
			.size = 3,
			.built_ms = KIT_NOW},
		journal_on_kept, &said);
	keep_restore_point(kit.store,
		&(struct restore_point){
			.app = ORDERS, .path = "s3://p/sp-1", .completed_ms = KIT_NOW, .size = -1},
		journal_on_kept, &said);
	keep_consent(kit.store, ORDERS, "digest", journal_on_kept, &said);
	kit_idle(&kit);
	check_int("kept", said.calls, 3);
	check_ok("kept", said.err.code, &said.err);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 30, JOB_RUNNING));
	kit_apply(&kit, kit_detail("a", KIT_NOW + 1, 3, 2, "订单 failed\x1b[31m"));
	kit_flush(&kit);
	kit_close(&kit);
	kit_sql(dir, REGISTRY, "UPDATE release SET run = 2");
	kit_sql(dir, REGISTRY, "UPDATE run SET created_ms = created_ms + id");
	return dir;
}

static void export_comes_in_again_and_only_once(void **state)
{
	char *dir = make_store(), *other = temp_dir(), *text = export(dir), *again;
	struct imported done;
	struct err err = {0};

	(void)state;
	check_has("runs", text, "\"table\":\"run\"");
	check_has("history", text, "\"table\":\"checkpoint\"");
	check_has("failures", text, "\"table\":\"exception\"");
	check_has("characters", text, "订单");
	if (strstr(text, "\"consent\"") || strstr(text, "\"lease\"") || strchr(text, '\x1b'))
		fail_msg("what stays here left");
	check_ok("import", import(other, text, false, false, &done, &err), &err);
	check_bool("rows", done.added > 30, true);
	check_int("conflicts", done.conflicts + done.left_out + done.known, 0);
	again = export(other);
	check_str("the same", rows_of(again), rows_of(text));
	int64_t added = done.added;
	check_ok("twice", import(other, text, false, false, &done, &err), &err);
	check_int("nothing new", done.added, 0);
	check_int("all known", done.known, added);
	free(again);
	again = export(other);
	check_str("nothing changed", rows_of(again), rows_of(text));
	free(again);
	free(text);
	temp_dir_remove(dir);
	temp_dir_remove(other);
}

static void import_that_conflicts_changes_nothing(void **state)
{
	char *dir = make_store(), *text = export(dir), *before, *after;
	struct imported done;
	struct err err = {0};
	int rc;

	(void)state;
	kit_sql(dir, REGISTRY, "UPDATE run SET state = 'FAILED' WHERE id = 1");
	kit_sql(dir, REGISTRY, "UPDATE release SET digest = 'other' WHERE number = 2");
	kit_sql(dir, REGISTRY, "DELETE FROM release WHERE number = 1");
	kit_sql(dir, CACHE, "DELETE FROM event");
	before = export(dir);
	rc = import(dir, text, false, false, &done, &err);
	check_err("import", rc, &err, E_CONFLICT, "2 rows say something else here");
	check_int("both", (int64_t)done.note_count, 2);
	check_has("run", done.notes[0], "run 1 (build ods/orders, DONE): it says something else");
	check_has("release", done.notes[1], "release ods/orders 2: it says something else");
	imported_release(&done);
	after = export(dir);
	check_str("nothing changed", rows_of(after), rows_of(before));
	free(after);
	/* Dry: it is counted, and not written. */
	check_ok("dry", import(dir, text, true, true, &done, &err), &err);
	check_bool("would be added", done.added > 1, true);
	check_int("left out", done.left_out, 2);
	imported_release(&done);
	after = export(dir);
	check_str("nothing changed", rows_of(after), rows_of(before));
	/* What is here stays, the rest comes. */
	check_ok("keep", import(dir, text, false, true, &done, &err), &err);
	imported_release(&done);
	check_int("ours", kit_count(dir, REGISTRY, "run WHERE state = 'FAILED' AND id = 1"), 1);
	check_int("theirs", kit_count(dir, REGISTRY, "release WHERE number = 1"), 1);
	check_int("one is active", kit_count(dir, REGISTRY, "release WHERE is_active"), 1);
	check_bool("history", kit_count(dir, CACHE, "event") > 20, true);
	free(before);
	free(after);
	free(text);
	temp_dir_remove(dir);
}

static void import_gives_runs_numbers_of_their_own(void **state)
{
	char *dir = make_store(), *other = temp_dir(), *text = export(dir);
	struct imported done;
	struct err err = {0};
	struct kit kit;
	int rc;

	(void)state;
	kit_open(&kit, other);
	check_int("1", journal_add(&kit, "report", "stop", RUN_DONE), 1);
	check_int("2", journal_add(&kit, "report", "start", RUN_DONE), 2);
	kit_close(&kit);
	check_ok("import", import(other, text, false, false, &done, &err), &err);
	check_int("as new ones",
		kit_count(other, REGISTRY, "run WHERE app = '" ORDERS "' AND id IN (3, 4)"), 2);
	check_int("in their order",
		kit_sql(other, REGISTRY, "SELECT id FROM run WHERE verb = 'release'"), 4);
	check_int("who refers follows", kit_count(other, REGISTRY, "release WHERE run = 4"), 2);
	check_int("ours", kit_count(other, REGISTRY, "run WHERE app LIKE '%report'"), 2);
	check_ok("twice", import(other, text, false, false, &done, &err), &err);
	check_int("nothing new", done.added, 0);
	/* A later run of the application is here: an earlier one cannot come behind it. */
	kit_sql(other, REGISTRY, "DELETE FROM run WHERE id = 3");
	rc = import(other, text, false, false, &done, &err);
	check_err("order", rc, &err, E_CONFLICT, "1 rows");
	check_has("why", done.notes[0], "behind later runs of its application");
	imported_release(&done);
	free(text);
	temp_dir_remove(dir);
	temp_dir_remove(other);
}

static void import_leaves_out_what_was_not_over(void **state)
{
	char *dir = temp_dir(), *other = temp_dir(), *text;
	struct imported done;
	struct err err = {0};
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	journal_add(&kit, "orders", "stop", RUN_DONE);
	journal_add(&kit, "orders", "start", RUN_SENT);
	text = export(dir); /* while it is open */
	kit_close(&kit);
	check_ok("import", import(other, text, false, false, &done, &err), &err);
	check_int("left out", done.left_out, 1);
	check_has("which", done.notes[0], "run 2 (start ods/orders, SENT)");
	check_int("runs", kit_count(other, REGISTRY, "run"), 1);
	check_int("leases", kit_count(other, REGISTRY, "lease"), 0);
	imported_release(&done);
	free(text);
	temp_dir_remove(dir);
	temp_dir_remove(other);
}

#define HEAD                                                                                       \
	"{\"apiVersion\":\"weir/v1\",\"kind\":\"StoreExport\",\"context\":\"prod\","               \
	"\"schemas\":{\"registry\":1,\"cache\":1}}\n"
#define END(rows) "{\"kind\":\"StoreExportEnd\",\"rows\":" #rows "}\n"
#define RUN(columns)                                                                               \
	"{\"table\":\"run\",\"row\":{\"app\":\"prod/a\",\"context\":\"prod\",\"name\":\"a\","      \
	"\"verb\":\"stop\",\"state\":\"DONE\",\"sent_ms\":1,\"ended_ms\":1" columns "}}\n"

static void import_of_what_is_none_changes_nothing(void **state)
{
	static const struct {
		const char *name, *text, *says;
	} rows[] = {
		{"empty", "\n", "x.jsonl:1: it is no JSON object"},
		{"something", "hello\n", "x.jsonl:1: it is no JSON object"},
		{"other JSON", "{\"kind\":\"AppList\"}\n", "x.jsonl:1: it is no export of weir"},
		{"another context",
			"{\"apiVersion\":\"weir/"
			"v1\",\"kind\":\"StoreExport\",\"context\":\"te\\u001bst\"}\n",
			"it is of context te"},
		{"newer",
			"{\"apiVersion\":\"weir/v1\",\"kind\":\"StoreExport\",\"context\":\"prod\","
			"\"schemas\":{\"registry\":999}}\n",
			"written by a newer weir"},
		{"cut in a line", HEAD "{\"table\":\"ru", "x.jsonl:2: it is no JSON object"},
		{"cut behind a line", HEAD RUN(",\"created_ms\":1"), "it was cut off"},
		{"a row is missing", HEAD RUN(",\"created_ms\":1") END(2), "rows are missing"},
		{"more behind", HEAD END(0) RUN(",\"created_ms\":1"), "something behind its end"},
		{"no such table", HEAD "{\"table\":\"lease\",\"row\":{}}\n" END(1),
			"no row of a table that is imported"},
		{"no such column", HEAD RUN(",\"created_ms\":1,\"x) --\":1") END(1),
			"a run has no 'x) --'"},
		{"a text for a number", HEAD RUN(",\"created_ms\":\"1\"") END(1),
			"'created_ms' of a run is a number"},
		{"a list", HEAD RUN(",\"created_ms\":[1]") END(1),
			"'created_ms' of a run is a number"},
		{"an app of another context",
			HEAD
			"{\"table\":\"restore_point\",\"row\":{\"app\":\"production/a\"}}\n" END(1),
			"not of context prod"},
		{"out of order",
			HEAD "{\"table\":\"event\",\"row\":{\"ref\":\"prod/a\"}}\n" RUN(
				",\"created_ms\":1") END(2),
			"out of order"},
	};
	char *dir = make_store(), *before = export(dir), *after;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct imported done;
		struct err err = {0};
		int rc = import(dir, rows[i].text, false, false, &done, &err);

		check_err(rows[i].name, rc, &err, E_CONFIG, rows[i].says);
		imported_release(&done);
	}
	/* What a column may not be is found by the file: nothing of it stays. */
	struct imported done;
	struct err err = {0};
	int rc = import(dir,
		HEAD RUN(",\"id\":77,\"created_ms\":1") "{\"table\":\"release\",\"row\":{\"app\":"
							"\"prod/a\",\"number\":1}}\n" END(2),
		false, false, &done, &err);
	check_err("a column is missing", rc, &err, E_INTERNAL, "NOT NULL");
	after = export(dir);
	check_str("nothing changed", rows_of(after), rows_of(before));
	free(before);
	free(after);
	temp_dir_remove(dir);
}

static void export_holds_no_secret_and_nothing_a_terminal_obeys(void **state)
{
	char *dir = make_store(), *text;

	(void)state;
	/* As an earlier weir, or another program, may have left it. */
	kit_sql(dir, REGISTRY,
		"UPDATE run SET outcome = 'password=geheim123 ' || char(27) || '[31m' || char(155) "
		"||"
		" '31m' || char(8238) || 'x', arguments ="
		" '{\"token\": \"s3cr3t-9\", \"url\": \"http://u:pw-77@h/\"}'");
	text = export(dir);
	static const char *const rows[] = {
		"geheim123", "s3cr3t-9", "pw-77", "\x1b", "\xc2\x9b", "\xe2\x80\xae"};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strstr(text, rows[i]))
			fail_msg("row %zu is in it", i);
	check_has("as words", text, "\\u009b31m");
	check_has("keys stay", text, "password=******");
	free(text);
	temp_dir_remove(dir);
}

/* What was learned twice is kept once, and large is no trouble. */
static void import_of_much_history_is_quick_and_shares(void **state)
{
	char *dir = temp_dir(), *other = temp_dir(), *text;
	struct imported done;
	struct err err = {0};
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_close(&kit);
	kit_sql(dir, CACHE,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
		" INSERT INTO event (ref, time_ms, kind, text) SELECT 'prod/workspace/app/ods/' || "
		"(i % 9), i, 'state', 'row ' || i FROM n");
	text = export(dir);
	check_ok("import", import(other, text, false, false, &done, &err), &err);
	check_int("added", done.added, 30000);
	kit_sql(other, CACHE, "DELETE FROM event WHERE id > 20000");
	kit_sql(other, CACHE,
		"INSERT INTO event (ref, time_ms, kind) VALUES ('prod/workspace/app/ods/1', 7, "
		"'x')");
	int64_t start_ms = clock_mono_ms();
	check_ok("again", import(other, text, false, false, &done, &err), &err);
	print_message("             30000 events merged in %lld ms\n",
		(long long)(clock_mono_ms() - start_ms));
	check_int("the missing ones", done.added, 10000);
	check_int("all and ours", kit_count(other, CACHE, "event"), 30001);
	free(text);
	temp_dir_remove(dir);
	temp_dir_remove(other);
}

static void samples_travel_by_the_minute(void **state)
{
	char *dir = temp_dir(), *other = temp_dir(), *text, *again;
	struct imported done;
	struct err err = {0};
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_close(&kit);
	kit_sql(dir, CACHE,
		"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 119)"
		" INSERT INTO sample (ref, span_ms, time_ms, records_in, in_of_ms, records_out,"
		" out_of_ms, busy_ms, busy_of_ms, backpressured_ms, backpressured_of_ms, "
		"lag_records,"
		" lag_ms, state_bytes, checkpoint_ms) SELECT 'prod/workspace/app/ods/a', 10000,"
		" 1795000200000 + i * 10000, 5, 10000, 5, 10000, 1, 1, 1, 1, 1, 1, i, 1 FROM n");
	text = export(dir);
	check_ok("import", import(other, text, false, false, &done, &err), &err);
	check_int("minutes and tens", done.added, 20 + 2);
	check_int("whole",
		kit_sql(other, CACHE, "SELECT sum(records_in) FROM sample WHERE span_ms = 60000"),
		600);
	check_ok("twice", import(other, text, false, false, &done, &err), &err);
	check_int("known", done.known, 22);
	again = export(other);
	check_str("the same", rows_of(again), rows_of(text));
	free(text);
	free(again);
	temp_dir_remove(dir);
	temp_dir_remove(other);
}

/* A new table is one that travels, or one that is known to stay. */
static void every_table_was_thought_of(void **state)
{
	static const char *const stay[] = {"source", "lease", "poller", "want", "change", "consent",
		"cluster", "job", "sample_of", "sample_row", "sqlite_sequence"};
	static const char *const files[] = {REGISTRY, CACHE};
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_close(&kit);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *path = temp_path(dir, files[i]);
		sqlite3 *handle = NULL;
		sqlite3_stmt *stmt = NULL;

		assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
		assert_int_equal(
			sqlite3_prepare_v2(handle,
				"SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')",
				-1, &stmt, NULL),
			SQLITE_OK);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			const char *name = (const char *)sqlite3_column_text(stmt, 0);
			bool is_known = portable_table_find(name) != NULL;

			for (size_t k = 0; k < ARRAY_SIZE(stay); k++)
				is_known |= str_eq(name, stay[k]);
			check_bool(name, is_known, true);
		}
		sqlite3_finalize(stmt);
		sqlite3_close(handle);
		free(path);
	}
	temp_dir_remove(dir);
}

static void export_of_nothing_says_so(void **state)
{
	char *dir = temp_dir();
	struct err err = {0};
	struct kit kit;
	struct exported done;
	int rc = store_export("/nonexistent/weir", KIT_CONTEXT, stdout, NULL, NULL, &done, &err);

	(void)state;
	check_err("no store", rc, &err, E_NOTFOUND, "nothing is remembered in");
	kit_open(&kit, dir);
	kit_close(&kit);
	kit_sql(dir, REGISTRY, "PRAGMA user_version = 999");
	rc = store_export(dir, KIT_CONTEXT, stdout, NULL, NULL, &done, &err);
	check_err("newer", rc, &err, E_UNSUPPORTED, "written by a newer weir (schema 999");
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(export_comes_in_again_and_only_once),
		cmocka_unit_test(import_that_conflicts_changes_nothing),
		cmocka_unit_test(import_gives_runs_numbers_of_their_own),
		cmocka_unit_test(import_leaves_out_what_was_not_over),
		cmocka_unit_test(import_of_what_is_none_changes_nothing),
		cmocka_unit_test(export_holds_no_secret_and_nothing_a_terminal_obeys),
		cmocka_unit_test(import_of_much_history_is_quick_and_shares),
		cmocka_unit_test(samples_travel_by_the_minute),
		cmocka_unit_test(every_table_was_thought_of),
		cmocka_unit_test(export_of_nothing_says_so),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
