/*
 * A SQL script as its statements, without understanding them: strings, identifiers in backticks,
 * comments and statement sets are told apart, so that a ';' in them ends nothing. Pure.
 *
 *	rc = script_split(&script, text, &err);
 *	rc = script_check(&script, &err);          exactly one of them makes a job
 *	script_place(&script.data[i], 2, 6, &line, &column);   of an error in it, in the whole text
 *	script_release(&script);
 */
#ifndef WEIR_SOURCE_FLINK_SCRIPT_H
#define WEIR_SOURCE_FLINK_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/vec.h"

#define SCRIPT_STATEMENTS_MAX 10000

enum script_kind {
	SCRIPT_OTHER, /* CREATE, SET, USE, … */
	SCRIPT_JOB, /* makes a job: INSERT, EXECUTE STATEMENT SET, CREATE TABLE … AS SELECT, … */
	SCRIPT_QUERY /* SELECT: makes one, whose rows somebody must fetch */
};

struct script_statement {
	char *text; /* without its ';'. BEGIN STATEMENT SET; … END is EXECUTE STATEMENT SET BEGIN … END */
	enum script_kind kind;
	int line, column; /* of its first letter in the script, from 1; column counts characters */
	/* Where what stands behind the first `prefix` letters of the text begins. */
	int from_line, from_column, prefix;
};

struct script {
	VEC(struct script_statement);
};

/* E_ARG "line 3, column 7: …": what is opened and not closed. */
int script_split(struct script *out, const char *sql, struct err *err);
void script_release(struct script *script);
/* E_ARG: no statement makes a job, several do, or one is a query. */
int script_check(const struct script *script, struct err *err);
/* A place in a statement's text as a place in the script. */
void script_place(const struct script_statement *statement, int line, int column, int *out_line,
	int *out_column);

#endif
