/* What a start restores, and where it may be looked for. */
#include <stdlib.h>

#include "core/action/restore_point.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"

#define CHK(where, when, ...)                                                                      \
	{                                                                                          \
		.kind = RESTORE_CHECKPOINT, .path = (where), .completed_ms = (when), __VA_ARGS__   \
	}
#define SP(where, when, ...)                                                                       \
	{                                                                                          \
		.kind = RESTORE_SAVEPOINT, .path = (where), .completed_ms = (when), __VA_ARGS__    \
	}
#define SEEN .size = -1

static void restore_takes_the_newest_that_is_there(void **state)
{
	static const struct {
		const char *name, *from;
		struct restore_point points[4];
		const char *path;
		bool had_state;
		int rc;
		const char *text; /* of the reason or the error */
	} rows[] = {
		{"nothing known", NULL, {{0}}, NULL, false, 0, "no restore point is known"},
		{"by time, not by number", NULL,
			{CHK("file:/c/chk-900", 1000, SEEN), SP("file:/s/savepoint-1", 3000, SEEN),
				CHK("file:/c/chk-2", 2000, SEEN)},
			"file:/s/savepoint-1", true, 0, "the newest: savepoint of 1970"},
		{"one that is gone is passed over", "latest",
			{CHK("file:/c/chk-9", 3000, .is_gone = true), SP("s3://b/s", 1000, SEEN)},
			"s3://b/s", true, 0, "passed over: checkpoint of"},
		{"at the same time the savepoint", NULL, {CHK("/c", 5, SEEN), SP("/s", 5, SEEN)},
			"/s", true, 0, "savepoint"},
		{"all gone", NULL, {CHK("/c", 5, .is_gone = true)}, NULL, true, E_CONFLICT,
			"none of the 1 restore points that are known is there any more; the newest "
			"was /c."},
		{"none", "none", {SP("/s", 5, SEEN)}, NULL, true, 0, "left behind"},
		{"none of none", "none", {{0}}, NULL, false, 0, "as asked for"},
		{"a path that is known", "/s", {SP("/s", 5, .verified_ms = 7), CHK("/c", 9, SEEN)},
			"/s", true, 0, "(verified): /s"},
		{"a path that is not", "hdfs:///x/y", {CHK("/c", 9, SEEN)}, "hdfs:///x/y", true, 0,
			"not known to weir"},
		{"no path", "newest", {{0}}, NULL, false, E_ARG, "--from newest: neither"},
		{"relative", "chk/1", {{0}}, NULL, false, E_ARG, "neither"},
		{"an option", "--x", {{0}}, NULL, false, E_ARG, "neither"},
		{"empty", "", {{0}}, NULL, false, E_ARG, "neither"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct restore_point *points[4];
		struct restore_choice choice = {0};
		struct err err = {0};
		size_t count = 0;

		while (count < 4 && rows[i].points[count].path) {
			points[count] = &rows[i].points[count];
			count++;
		}
		int rc = restore_choose(&choice, rows[i].from, points, count, &err);
		if (rows[i].rc) {
			check_err(rows[i].name, rc, &err, rows[i].rc, rows[i].text);
			continue;
		}
		check_ok(rows[i].name, rc, &err);
		check_str(rows[i].name, choice.path, rows[i].path);
		check_bool(rows[i].name, choice.had_state, rows[i].had_state);
		check_has(rows[i].name, choice.reason, rows[i].text);
		restore_choice_release(&choice);
	}
}

static void restore_is_looked_for_where_files_are(void **state)
{
	static const struct {
		const char *path, *command;
	} rows[] = {
		{"file:/a/chk-1", "test -f /a/chk-1/_metadata"},
		{"file:///a/chk-1/", "test -f /a/chk-1/_metadata"},
		{"/a b/c", "test -f '/a b/c/_metadata'"},
		{"/a/_metadata", "test -f /a/_metadata"},
		{"file:/$(x)/'", "test -f '/$(x)/'\\''/_metadata'"},
		{"hdfs:///a", NULL},
		{"s3://b/a", NULL},
		{"relative", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *command = restore_test_command(rows[i].path);
		check_str(rows[i].path, command, rows[i].command);
		free(command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restore_takes_the_newest_that_is_there),
		cmocka_unit_test(restore_is_looked_for_where_files_are),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
