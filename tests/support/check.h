/*
 * What tests share: rows of tables that say which one failed, a folder of their own, and recorded
 * files. Tests run with the project's root as their working directory.
 *
 *	static const struct { const char *name, *in; int want; } rows[] = {...};
 *	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
 *		check_int(rows[i].name, f(rows[i].in), rows[i].want);
 */
#ifndef WEIR_TESTS_SUPPORT_CHECK_H
#define WEIR_TESTS_SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/err.h"

/* Fail the case with the row's name, what came and what was wanted. NULL equals NULL only. */
#define check_str(name, got, want) check_str_at((name), (got), (want), __FILE__, __LINE__)
#define check_int(name, got, want) check_int_at((name), (got), (want), __FILE__, __LINE__)
#define check_bool(name, got, want) check_int_at((name), !!(got), !!(want), __FILE__, __LINE__)
/* Does `text` hold `part`? */
#define check_has(name, text, part) check_has_at((name), (text), (part), __FILE__, __LINE__)
/* `rc` is `code`, and so is err->code; err->text holds `part`, is one line and valid UTF-8. */
#define check_err(name, rc, err, code, part)                                                       \
	check_err_at((name), (rc), (err), (code), (part), __FILE__, __LINE__)
/* The same of one that is kept. */
#define check_kept_err(name, kept, code, part)                                                     \
	check_kept_err_at((name), (kept), (code), (part), __FILE__, __LINE__)
/* `rc` is 0; else the text of `err` is printed. */
#define check_ok(name, rc, err) check_ok_at((name), (rc), (err), __FILE__, __LINE__)

void check_str_at(const char *name, const char *got, const char *want, const char *file, int line);
void check_int_at(const char *name, int64_t got, int64_t want, const char *file, int line);
void check_has_at(const char *name, const char *text, const char *part, const char *file, int line);
void check_err_at(const char *name, int rc, const struct err *err, int code, const char *part,
	const char *file, int line);
void check_kept_err_at(const char *name, const struct kept_err *kept, int code, const char *part,
	const char *file, int line);
void check_ok_at(const char *name, int rc, const struct err *err, const char *file, int line);

/* A new empty folder (malloc'd path), and its end with all that is in it. */
char *temp_dir(void);
void temp_dir_remove(char *dir); /* frees the path; NULL-safe */
/* "<dir>/<name>", malloc'd. */
char *temp_path(const char *dir, const char *name);
/* Writes the file, making its folders; the case fails when it cannot. */
void temp_file(const char *path, const char *text);

/* The whole file (malloc'd, NUL-terminated), path from the root; the case fails without it. */
char *fixture_read(const char *path, size_t *len);

/* For main(): the locale of the tests, so that cells and folding do not depend on the user's. */
void check_locale(void);

#endif
