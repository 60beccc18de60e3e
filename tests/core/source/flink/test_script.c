/* SQL cut into statements, and where each place of them lies in the whole. */
#include "tests/core/source/flink/fixture.h"

#include "core/source/flink/script.h"
#include "tests/support/check.h"

static void statements_are_told_apart(void **state)
{
	/* want: the statements, a '|' behind each, job-making ones with '!', queries with '?'. */
	static const struct {
		const char *name, *sql, *want;
	} rows[] = {
		{"nothing", "", ""},
		{"blanks and comments", " \n-- x;\n/* y; */ ;;\n", ""},
		{"two", "SET 'a'='b'; INSERT INTO t SELECT 1",
			"SET 'a'='b'|!INSERT INTO t SELECT 1|"},
		{"in a string", "SET 'a;b'='c'';d';", "SET 'a;b'='c'';d'|"},
		{"in backticks", "CREATE VIEW `a;``b` AS SELECT 1;",
			"CREATE VIEW `a;``b` AS SELECT 1|"},
		{"in comments", "INSERT INTO t -- a;b\nSELECT /* c;' */ 1;",
			"!INSERT INTO t -- a;b\nSELECT /* c;' */ 1|"},
		{"a hint", "insert into t select * from s /*+ OPTIONS('k'='v;') */;",
			"!insert into t select * from s /*+ OPTIONS('k'='v;') */|"},
		{"a statement set",
			"EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT "
			"2; END;",
			"!EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT "
			"2; "
			"END|"},
		{"a statement set of the client",
			"BEGIN STATEMENT SET;\nINSERT INTO a SELECT 1;\nEND;\nSHOW TABLES;",
			"!EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nEND|SHOW TABLES|"},
		{"a case within a set",
			"BEGIN STATEMENT SET; INSERT INTO a SELECT CASE WHEN x THEN 1 END; END;",
			"!EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT CASE WHEN x THEN 1 END; "
			"END|"},
		{"as select", "CREATE TABLE t WITH ('k'='v') AS SELECT 1;",
			"!CREATE TABLE t WITH ('k'='v') AS SELECT 1|"},
		{"a computed column", "CREATE TABLE t (a AS b, c AS (SELECT 1)) WITH ('x'='y');",
			"CREATE TABLE t (a AS b, c AS (SELECT 1)) WITH ('x'='y')|"},
		{"a query", "SELECT 1; (SELECT 2); WITH x AS (SELECT 1) SELECT * FROM x",
			"?SELECT 1|?(SELECT 2)|?WITH x AS (SELECT 1) SELECT * FROM x|"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct script script;
		struct err err = {0};
		struct buf got;

		buf_init(&got, 0);
		check_ok(rows[i].name, script_split(&script, rows[i].sql, &err), &err);
		for (size_t k = 0; k < script.len; k++)
			buf_addf(&got, "%s%s|",
				script.data[k].kind == SCRIPT_JOB             ? "!"
					: script.data[k].kind == SCRIPT_QUERY ? "?"
									      : "",
				script.data[k].text);
		check_str(rows[i].name, buf_str(&got), rows[i].want);
		buf_release(&got);
		script_release(&script);
	}
}

static void what_is_not_closed_is_named_with_its_place(void **state)
{
	static const struct {
		const char *sql, *text;
	} rows[] = {
		{"SET 'a'=\n 'b;", "line 2, column 2: a string is not closed"},
		{"SELECT `a", "line 1, column 8: an identifier is not closed"},
		{"\xe8\xae\xa2 /* x", "line 1, column 3: a comment is not closed"},
		{"\nBEGIN STATEMENT SET; INSERT INTO a SELECT 1;",
			"line 2, column 1: a statement set"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct script script;
		struct err err = {0};

		check_err(rows[i].sql, script_split(&script, rows[i].sql, &err), &err, E_ARG,
			rows[i].text);
	}
}

static void one_statement_makes_the_job(void **state)
{
	static const struct {
		const char *sql, *text; /* NULL: it is fine */
	} rows[] = {
		{"SET 'a'='b'; INSERT INTO t SELECT 1;", NULL},
		{"SET 'a'='b';", "makes no job"},
		{"INSERT INTO a SELECT 1;\n\nINSERT INTO b SELECT 1;",
			"lines 1 and 3: each makes a job of its own"},
		{"INSERT INTO a SELECT 1;\nSELECT 1", "line 2: the rows of a query"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct script script;
		struct err err = {0};
		int rc;

		check_ok(rows[i].sql, script_split(&script, rows[i].sql, &err), &err);
		rc = script_check(&script, &err);
		if (rows[i].text)
			check_err(rows[i].sql, rc, &err, E_ARG, rows[i].text);
		else
			check_ok(rows[i].sql, rc, &err);
		script_release(&script);
	}
}

static void places(void **state)
{
	struct script script;
	struct err err = {0};
	int line, column;

	(void)state;
	check_ok("split",
		script_split(&script,
			"-- x\n  SET 'a'='b'; INSERT INTO t\n SELECT 1; BEGIN\nSTATEMENT SET; "
			"INSERT INTO "
			"a\nSELECT 1; END;",
			&err),
		&err);
	check_int("statements", (int64_t)script.len, 3);
	script_place(&script.data[0], 1, 5, &line, &column);
	check_int("line", line, 2);
	check_int("column", column, 7);
	script_place(&script.data[1], 2, 2, &line, &column);
	check_int("line", line, 3);
	check_int("column", column, 2);
	/* "INSERT" stands behind the 27 letters of EXECUTE STATEMENT SET BEGIN and a blank. */
	script_place(&script.data[2], 1, 29, &line, &column);
	check_int("line", line, 4);
	check_int("column", column, 16);
	script_place(&script.data[2], 2, 8, &line, &column);
	check_int("line", line, 5);
	check_int("column", column, 8);
	script_release(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_are_told_apart),
		cmocka_unit_test(what_is_not_closed_is_named_with_its_place),
		cmocka_unit_test(one_statement_makes_the_job),
		cmocka_unit_test(places),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
