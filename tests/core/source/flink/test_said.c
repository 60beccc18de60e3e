/* What Flink's programs print, and what a person is told of it: on recorded output and in a table. */
#include "tests/core/source/flink/fixture.h"

#include "core/base/str.h"
#include "core/source/flink/said.h"
#include "tests/support/check.h"

#define JOB "0123456789abcdef0123456789abcdef"

/* In pieces of `step` bytes: how it is cut must not matter. */
static void read_said(struct flink_said *said, const char *text, size_t step)
{
	size_t len = strlen(text);

	flink_said_init(said);
	for (size_t at = 0; at < len; at += step)
		flink_said_add(said, text + at, len - at < step ? len - at : step);
	flink_said_end(said);
}

static void recorded_output(void **state)
{
	static const struct {
		const char *file, *job_id, *reason;
		bool has_failed;
		int prompts;
	} rows[] = {
		{"run-1.20.5", JOB, NULL, false, 0},
		{"run-no-class-1.20.5", "",
			"ClassNotFoundException: Nope: it is neither in the jar nor in Flink's "
			"lib: is main-class: right?",
			true, 0},
		{"sql-client-ok-1.20.5", "1123456789abcdef0123456789abcdef", NULL, false, 9},
		{"sql-client-no-column-1.20.5", "",
			"SqlValidatorException: Column 'nope' not found in any table", true, 8},
		{"sql-client-syntax-1.20.5", "",
			"ParseException: Encountered \"src\" at line 2, column 17.", true, 8},
		{"sql-client-no-column-verbose-1.20.5", "",
			"ValidationException: SQL validation failed. From line 2, column 9 to line "
			"2, "
			"column 12: Column 'nope' not found in any table",
			true, 9},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static const size_t steps[] = {1, 7, 4096, 1 << 20};
		char *path = xasprintf("tests/fixtures/cli/%s.txt", rows[i].file);
		char *text = fixture_read(path, NULL);

		for (size_t k = 0; k < ARRAY_SIZE(steps); k++) {
			struct flink_said said;
			char *reason;

			read_said(&said, text, steps[k]);
			reason = flink_said_reason(&said);
			check_str(rows[i].file, said.job_id, rows[i].job_id);
			check_bool(rows[i].file, said.has_failed, rows[i].has_failed);
			check_int(rows[i].file, said.prompts, rows[i].prompts);
			if (rows[i].reason)
				check_str(rows[i].file, reason, rows[i].reason);
			free(reason);
			flink_said_release(&said);
		}
		free(text);
		free(path);
	}
}

/* Lines as Flink 1.20.5 on YARN 3.3.6 printed them, and those of its Kubernetes client. */
static void what_a_start_made(void **state)
{
	static const struct {
		const char *name, *text, *application, *manager, *cluster;
	} rows[] = {
		{"yarn",
			"2026-11-21 09:02:11,571 INFO  o.a.h.y.c.a.i.YarnClientImpl [] - Submitted "
			"application application_1795250000000_0007\n"
			"2026-11-21 09:02:17,615 INFO  o.a.f.y.YarnClusterDescriptor [] - Found "
			"Web "
			"Interface localhost:18990 of application "
			"'application_1795250000000_0007'.\n",
			"application_1795250000000_0007", "http://localhost:18990", NULL},
		{"yarn, refused at once", "Submitted application application_1_0002",
			"application_1_0002", NULL, NULL},
		{"kubernetes",
			"Create flink application cluster orders-0123abcd successfully, JobManager "
			"Web "
			"Interface: http://orders-0123abcd-rest.flink:8081\n",
			NULL, "http://orders-0123abcd-rest.flink:8081", "orders-0123abcd"},
		{"nothing", "application_x of application\nFound Web Interface \n", NULL, NULL,
			NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct flink_said said;

		read_said(&said, rows[i].text, 5);
		check_str(rows[i].name, said.application_id, rows[i].application);
		check_str(rows[i].name, said.job_manager, rows[i].manager);
		check_str(rows[i].name, said.cluster_id, rows[i].cluster);
		flink_said_release(&said);
	}
}

static void the_line_that_helps(void **state)
{
	static const struct {
		const char *name, *text, *reason;
	} rows[] = {
		{"nothing", "", NULL},
		{"a plain line", "bash: /opt/flink/bin/flink: No such file or directory\n",
			"bash: /opt/flink/bin/flink: No such file or directory"},
		{"the first cause",
			"a.b.Outer: x\n\tat y\nCaused by: a.b.Middle: y\nCaused by: a.b.First: "
			"z\n\t... 3 "
			"more\n",
			"First: z"},
		{"not what happened while cleaning up",
			"Caused by: a.b.First: z\n\tCaused by: a.b.Later: no\nCaused by: [CIRCULAR "
			"REFERENCE: x]\n",
			"First: z"},
		{"state that fits nowhere, with its cure",
			"Caused by: java.lang.IllegalStateException: Failed to rollback to "
			"checkpoint/savepoint file:/x. Cannot map checkpoint/savepoint state for "
			"operator "
			"ab to the new program\nCaused by: a.b.Other: no\n",
			"IllegalStateException: Failed to rollback to checkpoint/savepoint "
			"file:/x. Cannot "
			"map checkpoint/savepoint state for operator ab to the new program: "
			"--allow-non-restored-state starts without that state"},
		{"no main class",
			"org.apache.flink.client.program.ProgramInvocationException: Neither a "
			"'Main-Class', nor a 'program-class' entry was found in the jar file.\n",
			"ProgramInvocationException: Neither a 'Main-Class', nor a 'program-class' "
			"entry was "
			"found in the jar file: say main-class: in the application's file"},
		{"what only carries it",
			"Caused by: java.util.concurrent.CompletionException: "
			"java.lang.RuntimeException: a.b.RealException: it is closed.\n",
			"RealException: it is closed."},
		{"a Python that is not there",
			"o.a.f.ProgramAbortException: java.io.IOException: Cannot run program "
			"\"/no/python\": error=2, No such file or directory\n"
			"Caused by: java.io.IOException: error=2, No such file or directory\n",
			"IOException: Cannot run program \"/no/python\": error=2, No such file or "
			"directory: is it there, and may it be run?"},
		{"what carries words", "Caused by: java.lang.RuntimeException: no more: sorry\n",
			"RuntimeException: no more: sorry"},
		{"Python",
			"Traceback (most recent call last):\n"
			"  File \"count.py\", line 5, in <module>\n"
			"    import nope\n"
			"ModuleNotFoundError: No module named 'nope'\n"
			"o.a.f.ProgramAbortException: java.lang.RuntimeException: Python process "
			"exits with code: 1\n"
			"\tat a.b.C.main(C.java:1)\n"
			"Caused by: java.lang.RuntimeException: Python process exits with code: 1\n"
			"\t... 14 more\n",
			"ModuleNotFoundError: No module named 'nope'"},
		{"Python that called Flink",
			"Traceback (most recent call last):\n"
			"py4j.protocol.Py4JJavaError: An error occurred while calling o8.x\n"
			": a.b.Outer: it failed\n"
			"Caused by: a.b.Inner: no such table\n"
			"Caused by: java.lang.RuntimeException: Python process exits with code: "
			"1\n",
			"Inner: no such table"},
		{"Python that ends itself",
			"usage: count.py [-h]\ncount.py: error: unrecognized arguments: --x\n"
			"o.a.f.ProgramAbortException: java.lang.RuntimeException: Python process "
			"exits with code: 2\n\tat a.b.C.main(C.java:1)\n",
			"count.py: error: unrecognized arguments: --x"},
		{"a secret", "Caused by: a.b.First: password=hunter2 is wrong\n",
			"First: password=****** is wrong"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *reason = flink_reason(rows[i].text);

		check_str(rows[i].name, reason, rows[i].reason);
		free(reason);
	}
}

static void recorded_errors_of_a_gateway(void **state)
{
	static const struct {
		const char *file, *reason;
	} rows[] = {
		{"syntax-error",
			"SqlParserException: SQL parse failed. Encountered \"t\" at line 3, "
			"column 6."},
		{"no-table",
			"ValidationException: SQL validation failed. From line 2, column 6 to line "
			"2, column 11: Object 'nosuch' not found"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *path = xasprintf("tests/fixtures/sql-gateway-1.20/%s.json", rows[i].file);
		char *body = fixture_read(path, NULL);
		char *text = flink_error_full(body, strlen(body)), *reason;

		assert_non_null(text);
		reason = flink_reason(text);
		check_str(rows[i].file, reason, rows[i].reason);
		free(reason);
		free(text);
		free(body);
		free(path);
	}
}

static void places_are_those_of_the_whole_script(void **state)
{
	static const struct script_statement plain = {
		.line = 10, .column = 3, .from_line = 10, .from_column = 3};
	static const struct script_statement set = {
		.line = 10, .column = 1, .from_line = 10, .from_column = 21, .prefix = 27};
	static const struct {
		const char *name, *reason, *told;
		const struct script_statement *statement;
	} rows[] = {
		{"first line",
			"SqlParserException: SQL parse failed. Encountered \"t\" at line 1, "
			"column 6.",
			"SQL line 10, column 8: Encountered \"t\"", &plain},
		{"later line",
			"ValidationException: SQL validation failed. From line 2, column 6 to line "
			"2, "
			"column 11: Object 'nosuch' not found",
			"SQL line 11, column 6: Object 'nosuch' not found", &plain},
		{"no place", "ValidationException: Could not find any factory for 'kafka'",
			"SQL line 10: Could not find any factory for 'kafka'", &plain},
		{"a set", "x at line 1, column 30.", "SQL line 10, column 23: x", &set},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *told = flink_sql_reason(rows[i].reason, rows[i].statement);

		check_str(rows[i].name, told, rows[i].told);
		free(told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_output),
		cmocka_unit_test(what_a_start_made),
		cmocka_unit_test(the_line_that_helps),
		cmocka_unit_test(recorded_errors_of_a_gateway),
		cmocka_unit_test(places_are_those_of_the_whole_script),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
