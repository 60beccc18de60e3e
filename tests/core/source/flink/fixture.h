/* Recorded answers and small JSON texts for the tests of the Flink source. Run from the project's
 * root. */
#ifndef WEIR_TESTS_FLINK_FIXTURE_H
#define WEIR_TESTS_FLINK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/source/flink/parse.h"

/* malloc'd; fails the test when the file is not there. */
static inline char *fixture_text(const char *version, const char *name)
{
	char *path = xasprintf("tests/fixtures/flink-%s/%s.json", version, name);
	struct err err = {0};
	struct buf text;

	buf_init(&text, 0);
	if (file_read(path, &text, &err))
		fail_msg("%s", err.text);
	free(path);
	return buf_detach(&text);
}

static inline json_t *json_of(const char *text)
{
	struct err err = {0};
	json_t *root = doc_parse_json(text, strlen(text), "test", &err);

	if (!root)
		fail_msg("%s", err.text);
	return root;
}

static inline json_t *fixture(const char *version, const char *name)
{
	char *text = fixture_text(version, name);
	json_t *root = json_of(text);

	free(text);
	return root;
}

/* An arena for one test, and the parse that uses it. */
static inline int arena_setup(void **state)
{
	struct flink_parse *parse = xcalloc(1, sizeof(*parse));

	parse->what = "GET http://jm/x";
	parse->arena = arena_new();
	*state = parse;
	return 0;
}

static inline int arena_teardown(void **state)
{
	struct flink_parse *parse = *state;

	arena_free(parse->arena);
	free(parse);
	return 0;
}

static inline void assert_text(const char *got, const char *want)
{
	if (want && got)
		assert_string_equal(got, want);
	else
		assert_ptr_equal(got, want);
}

#define test_in_arena(f) cmocka_unit_test_setup_teardown(f, arena_setup, arena_teardown)

#endif
