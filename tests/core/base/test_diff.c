/* Unified diffs. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/diff.h"
#include "core/base/mem.h"
#include "tests/support/check.h"

static void diff_is_unified_with_context(void **state)
{
	static const struct {
		const char *name, *a, *b;
		size_t context;
		const char *want;
	} rows[] = {
		{"equal", "a\nb\n", "a\nb\n", 3, ""},
		{"both empty", "", "", 3, ""},
		{"one line", "a\nb\nc\n", "a\nx\nc\n", 3,
			"--- old\n+++ new\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
		{"from nothing", "", "a\n", 3, "--- old\n+++ new\n@@ -0,0 +1,1 @@\n+a\n"},
		{"to nothing", "a\n", "", 3, "--- old\n+++ new\n@@ -1,1 +0,0 @@\n-a\n"},
		{"added at the end", "a\n", "a\nb\n", 0, "--- old\n+++ new\n@@ -1,0 +2,1 @@\n+b\n"},
		{"two hunks", "1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n", 1,
			"--- old\n+++ new\n@@ -1,2 +1,2 @@\n-1\n+x\n 2\n"
			"@@ -7,2 +7,2 @@\n 7\n-8\n+y\n"},
		{"near ones are one hunk", "1\n2\n3\n4\n", "x\n2\n3\ny\n", 1,
			"--- old\n+++ new\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n-4\n+y\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out;

		buf_init(&out, 0);
		check_bool(rows[i].name,
			diff_unified(&out, rows[i].a, "old", rows[i].b, "new", rows[i].context),
			*rows[i].want);
		check_str(rows[i].name, buf_str(&out), rows[i].want);
		buf_release(&out);
	}
}

/* Applied to the first text, a diff makes the second: for many texts of few different lines. */
static void diff_leads_from_one_to_the_other(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct buf a, b, out, back[2];

		buf_init(&a, 0);
		buf_init(&b, 0);
		buf_init(&out, 0);
		buf_init(&back[0], 0);
		buf_init(&back[1], 0);
		for (int side = 0; side < 2; side++)
			for (int i = 0; i < 12; i++) {
				seed = seed * 1103515245 + 12345;
				buf_addf(side ? &b : &a, "%c\n", "abcd"[seed >> 16 & 3]);
			}
		diff_unified(&out, buf_str(&a), "old", buf_str(&b), "new", 100);
		/* With all of the context the one hunk holds both texts. */
		for (const char *line = buf_str(&out); *line;) {
			size_t len = strcspn(line, "\n") + 1;

			if (*line != '@' && strncmp(line, "--- ", 4) != 0 &&
				strncmp(line, "+++ ", 4) != 0) {
				if (*line != '+')
					buf_add(&back[0], line + 1, len - 1);
				if (*line != '-')
					buf_add(&back[1], line + 1, len - 1);
			}
			line += len;
		}
		if (out.len) {
			check_str("old", buf_str(&back[0]), buf_str(&a));
			check_str("new", buf_str(&back[1]), buf_str(&b));
		} else {
			check_str("equal", buf_str(&a), buf_str(&b));
		}
		buf_release(&a);
		buf_release(&b);
		buf_release(&out);
		buf_release(&back[0]);
		buf_release(&back[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diff_is_unified_with_context),
		cmocka_unit_test(diff_leads_from_one_to_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
