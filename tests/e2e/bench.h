/*
 * A place to try weir in: a home folder of its own, words with {variables}, and what JSON says.
 *
 *	bench_set(bench, "url", url);
 *	struct program *p = bench_run(bench, "get apps -o json --rest {url}");
 *	json_t *list = bench_json("fine", p);
 */
#ifndef WEIR_TESTS_E2E_BENCH_H
#define WEIR_TESTS_E2E_BENCH_H

#include <jansson.h>

#include "tests/support/program.h"

#define BENCH_VARIABLES 16

struct bench {
	char *home; /* also {home} */
	struct {
		const char *name;
		char *value;
	} variables[BENCH_VARIABLES];
	size_t variable_count;
};

struct bench *bench_new(void);
void bench_free(struct bench *bench); /* with its home; NULL-safe */
/* name is static; value is copied, and replaces the former one. */
void bench_set(struct bench *bench, const char *name, const char *value);
void bench_set_int(struct bench *bench, const char *name, int value);
/* "{home}/x" → "/tmp/…/x", malloc'd. A name nobody set fails the case. */
char *bench_expand(const struct bench *bench, const char *text);
/* "<home>/<name>" with `text` in it, both expanded; makes the folders. */
void bench_file(const struct bench *bench, const char *name, const char *text);
/* "<home>/<name>" is the file `path`, as it is. */
void bench_copy(const struct bench *bench, const char *name, const char *path);

/* An application of team t on cluster s, of which nothing but its name is declared, in the workspace ws. */
void bench_declare(const struct bench *bench, const char *name);

/* Words are separated by one blank; 'one word' in quotes may hold blanks. */
struct program *bench_run(const struct bench *bench, const char *words);
struct program *bench_start(const struct bench *bench, const char *words);
/* As bench_run(), with more of a setup (its home and words are filled in). */
struct program *bench_run_as(
	const struct bench *bench, const char *words, const struct program_setup *setup);

/* stdout as one JSON object; the case fails when it is none. Owned. */
json_t *bench_json(const char *row, const struct program *program);
/* The same of words that end well, or find nothing yet (exit code 4). */
json_t *bench_ask(const struct bench *bench, const char *words);
/* A text of an item, NULL = null or none. Borrowed. */
const char *bench_text(const json_t *item, const char *key);
/* The first of `errors` with this source (NULL = any), or NULL. */
const json_t *bench_error(const json_t *list, const char *source);
/* The item whose `key` is `value`; the case fails without it. Borrowed. */
const json_t *bench_item(const char *row, const json_t *list, const char *key, const char *value);
/* The case fails unless exit code and a part of stderr are so. part NULL = stderr is empty. */
void bench_check(const char *row, const struct program *program, int exit_code, const char *part);
/* No control character but the line end, no invalid UTF-8: safe to show on a terminal. */
void bench_check_harmless(const char *row, const char *text, size_t len);
/* Were the tests (and so, as they are run, weir) built with a sanitizer? */
bool bench_is_sanitized(void);

#endif
