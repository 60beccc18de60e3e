/*
 * One pass over the text. A statement begins at its first letter that is neither blank nor comment,
 * so that line 1, column 1 of an error is that letter. Within a statement set a ';' ends an INSERT;
 * the set ends with the ';' behind a lone END.
 */
#include "core/source/flink/script.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define WORDS 6
#define SET_PREFIX "EXECUTE STATEMENT SET BEGIN"

struct place {
	int line, column;
};

struct reader {
	const char *at;
	struct place place;
	/* Of the statement under way; start NULL = none. */
	const char *start;
	struct place from;
	char words[WORDS][16]; /* its first words, upper case */
	size_t word_count;
	int depth;    /* of parentheses */
	bool selects; /* "AS SELECT" outside of parentheses */
	bool last_was_as;
	size_t part_words; /* since the last ';' of a set */
	bool part_is_end;  /* the only one is END */
	const char *body;  /* of BEGIN STATEMENT SET: behind its first ';' */
	struct place body_place;
};

static void step(struct reader *r)
{
	unsigned char c = (unsigned char)*r->at++;

	if (c == '\n') {
		r->place.line++;
		r->place.column = 1;
	} else if ((*r->at & 0xc0) != 0x80) {
		r->place.column++; /* the last byte of a character */
	}
}

static int unclosed(struct reader *r, struct place place, const char *what, struct err *err)
{
	(void)r;
	return err_set(err, E_ARG, _("SQL line %d, column %d: %s is not closed"), place.line,
		place.column, what);
}

/* Past what begins with a quote; the quote doubled is one of its letters. */
static int skip_quoted(struct reader *r, struct err *err)
{
	struct place place = r->place;
	char quote = *r->at;

	step(r);
	for (; *r->at; step(r)) {
		if (*r->at != quote)
			continue;
		step(r);
		if (*r->at != quote)
			return 0;
	}
	return unclosed(r, place, quote == '`' ? _("an identifier") : _("a string"), err);
}

/* Past a comment, if one begins here: 1; 0 when none does. */
static int skip_comment(struct reader *r, struct err *err)
{
	struct place place = r->place;

	if (r->at[0] == '-' && r->at[1] == '-') {
		while (*r->at && *r->at != '\n')
			step(r);
		return 1;
	}
	if (r->at[0] != '/' || r->at[1] != '*')
		return 0;
	step(r);
	step(r);
	while (*r->at && !(r->at[0] == '*' && r->at[1] == '/'))
		step(r);
	if (!*r->at)
		return unclosed(r, place, _("a comment"), err);
	step(r);
	step(r);
	return 1;
}

static bool is_word_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '_' || c == '$' || (c & 0x80);
}

static bool word_is(const struct reader *r, size_t i, const char *word)
{
	return i < r->word_count && str_eq(r->words[i], word);
}

static bool is_set(const struct reader *r)
{
	return (word_is(r, 0, "BEGIN") || word_is(r, 0, "EXECUTE")) && word_is(r, 1, "STATEMENT") &&
		word_is(r, 2, "SET");
}

static void read_word(struct reader *r)
{
	const char *start = r->at;
	char word[16] = "";
	size_t len;

	while (is_word_letter(*r->at))
		step(r);
	len = (size_t)(r->at - start);
	if (len < sizeof(word))
		for (size_t i = 0; i < len; i++)
			word[i] = start[i] >= 'a' && start[i] <= 'z' ? (char)(start[i] - 32)
								     : start[i];
	if (r->word_count < WORDS)
		memcpy(r->words[r->word_count++], word, sizeof(word));
	r->part_is_end = r->part_words == 0 && str_eq(word, "END");
	r->part_words++;
	if (r->depth == 0 && r->last_was_as &&
		(str_eq(word, "SELECT") || str_eq(word, "WITH") || str_eq(word, "VALUES")))
		r->selects = true;
	r->last_was_as = str_eq(word, "AS");
}

static enum script_kind kind_of(const struct reader *r)
{
	static const char *const jobs[] = {"INSERT", "UPDATE", "DELETE", "EXECUTE"};
	static const char *const queries[] = {"SELECT", "WITH", "VALUES", "TABLE", ""};
	size_t at = 1;

	if (is_set(r))
		return SCRIPT_JOB;
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		if (word_is(r, 0, jobs[i]))
			return SCRIPT_JOB;
	if (word_is(r, 0, "COMPILE"))
		return word_is(r, 1, "AND") ? SCRIPT_JOB : SCRIPT_OTHER;
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
		if (word_is(r, 0, queries[i]))
			return SCRIPT_QUERY;
	while (word_is(r, at, "OR") || word_is(r, at, "REPLACE") || word_is(r, at, "TEMPORARY"))
		at++;
	if (r->selects && (word_is(r, 0, "CREATE") || word_is(r, 0, "REPLACE")) &&
		word_is(r, at, "TABLE"))
		return SCRIPT_JOB;
	return SCRIPT_OTHER;
}

static void statement_begin(struct reader *r)
{
	r->start = r->at;
	r->from = r->place;
	r->word_count = r->part_words = 0;
	r->depth = 0;
	r->selects = r->last_was_as = r->part_is_end = false;
	r->body = NULL;
}

/* Up to r->at, without blanks at its end. */
static void statement_end(struct reader *r, struct script *out)
{
	struct script_statement statement = {.kind = kind_of(r),
		.line = r->from.line,
		.column = r->from.column,
		.from_line = r->from.line,
		.from_column = r->from.column};
	const char *end = r->at;

	while (end > r->start && strchr(" \t\r\n", end[-1]))
		end--;
	if (r->body && r->body <= end) {
		statement.from_line = r->body_place.line;
		statement.from_column = r->body_place.column;
		statement.prefix = (int)strlen(SET_PREFIX);
		statement.text = xasprintf("%s%.*s", SET_PREFIX, (int)(end - r->body), r->body);
	} else {
		statement.text = xstrndup(r->start, (size_t)(end - r->start));
	}
	if (end > r->start)
		vec_push(out, statement);
	else
		free(statement.text);
	r->start = NULL;
}

/* A ';' outside of strings and comments. */
static void semicolon(struct reader *r, struct script *out)
{
	if (r->start && is_set(r) && !r->part_is_end) {
		step(r);
		if (!r->body && word_is(r, 0, "BEGIN")) {
			r->body = r->at;
			r->body_place = r->place;
		}
		r->part_words = 0;
		return;
	}
	if (r->start)
		statement_end(r, out);
	step(r);
}

static int read_all(struct reader *r, struct script *out, struct err *err)
{
	while (*r->at) {
		int rc = skip_comment(r, err);

		if (rc < 0)
			return rc;
		if (rc)
			continue;
		if (strchr(" \t\r\n\f", *r->at)) {
			step(r);
			continue;
		}
		if (*r->at == ';') {
			semicolon(r, out);
			if (out->len > SCRIPT_STATEMENTS_MAX)
				return err_set(err, E_ARG, _("the SQL has more than %d statements"),
					SCRIPT_STATEMENTS_MAX);
			continue;
		}
		if (!r->start)
			statement_begin(r);
		if (strchr("'`\"", *r->at)) {
			rc = skip_quoted(r, err);
			r->part_words++;
			r->last_was_as = false;
			if (rc)
				return rc;
		} else if (is_word_letter(*r->at)) {
			read_word(r);
		} else {
			r->depth += *r->at == '(' ? 1 : *r->at == ')' ? -1 : 0;
			/* "(SELECT …)" as a statement is a query, too. */
			if (*r->at == '(' && r->word_count == 0)
				r->words[r->word_count++][0] = 0;
			step(r);
		}
	}
	if (r->start && is_set(r) && !r->part_is_end)
		return unclosed(r, r->from, _("a statement set (END is missing)"), err);
	if (r->start)
		statement_end(r, out);
	return 0;
}

int script_split(struct script *out, const char *sql, struct err *err)
{
	struct reader reader = {.at = sql, .place = {1, 1}};
	struct script script = {0};
	int rc = read_all(&reader, &script, err);

	if (rc) {
		script_release(&script);
		return rc;
	}
	*out = script;
	return 0;
}

void script_release(struct script *script)
{
	for (size_t i = 0; i < script->len; i++) {
		mem_wipe(script->data[i].text, strlen(script->data[i].text));
		free(script->data[i].text);
	}
	vec_release(script);
}

int script_check(const struct script *script, struct err *err)
{
	const struct script_statement *job = NULL;

	for (size_t i = 0; i < script->len; i++) {
		const struct script_statement *statement = &script->data[i];

		if (statement->kind == SCRIPT_QUERY)
			return err_set(err, E_ARG,
				_("SQL line %d: the rows of a query go to nobody here: write "
				  "INSERT INTO … "
				  "SELECT"),
				statement->line);
		if (statement->kind != SCRIPT_JOB)
			continue;
		if (job)
			return err_set(err, E_ARG,
				_("SQL lines %d and %d: each makes a job of its own, and an "
				  "application "
				  "is one job: put them into EXECUTE STATEMENT SET BEGIN … END;"),
				job->line, statement->line);
		job = statement;
	}
	if (!job)
		return err_set(err, E_ARG,
			_("the SQL makes no job: it needs an INSERT or a statement set"));
	return 0;
}

void script_place(const struct script_statement *statement, int line, int column, int *out_line,
	int *out_column)
{
	*out_line = statement->from_line + (line > 1 ? line - 1 : 0);
	*out_column = line > 1 ? column : statement->from_column + column - 1 - statement->prefix;
	if (*out_column < 1)
		*out_column = 1;
}
