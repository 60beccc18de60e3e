/* The mark of a command: found behind whatever a login script says, in any pieces. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/net/ssh_mark.h"
#include "tests/support/check.h"

/* '@' → the mark's word, '_' → a zero byte. */
static void put(struct buf *out, const char *text, const char *word)
{
	for (; *text; text++)
		if (*text == '@')
			buf_adds(out, word);
		else
			buf_add(out, *text == '_' ? "" : text, 1);
}

static void the_line_is_found_behind_anything(void **state)
{
	static const struct {
		const char *name, *came, *rest; /* as put() has them; NULL = not found */
		int pgid;
	} rows[] = {
		{"at once", "@ 4711\n", "", 4711},
		{"with output", "@ 4711\nhello\n", "hello\n", 4711},
		{"a greeting", "Welcome!\n\n@ 4711\nhello", "hello", 4711},
		{"no line end before", "prompt$ @ 4711\nhello", "hello", 4711},
		{"zero bytes before", "a_b_\n@ 4711\nhello", "hello", 4711},
		{"zero bytes after", "@ 4711\na_b", "a_b", 4711},
		{"a script that shows itself", "echo @ $$\n@ 4711\nhello", "hello", 4711},
		{"the word alone", "@\n@ 4711\nx", "x", 4711},
		{"the word in a word", "@@ 4711\nx", "x", 4711},
		{"not whole", "@ 4711", NULL, 0},
		{"no number", "@ x\n", NULL, 0},
		{"group 1 is no group of ours", "@ 1\n", NULL, 0},
		{"too large", "@ 99999999999\n", NULL, 0},
		{"negative", "@ -5\n", NULL, 0},
		{"too long", "@ 000000000000000000000000007\n", NULL, 0},
		{"nothing", "", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t step = 1; step < 80; step++) {
			struct ssh_mark mark;
			struct buf came, got, want;
			const char *rest = NULL;
			size_t rest_len = 0;

			ssh_mark_init(&mark);
			buf_init(&came, 0);
			buf_init(&got, 0);
			buf_init(&want, 0);
			put(&came, rows[i].came, mark.word);
			put(&want, rows[i].rest ? rows[i].rest : "", mark.word);
			for (size_t at = 0; at < came.len; at += step) {
				size_t len = came.len - at < step ? came.len - at : step;

				if (rest) {
					buf_add(&got, came.data + at, len);
					continue;
				}
				rest = ssh_mark_read(&mark, came.data + at, len, &rest_len);
				if (rest)
					buf_add(&got, rest, rest_len);
			}
			check_bool(rows[i].name, rest != NULL, rows[i].rest != NULL);
			check_int(rows[i].name, mark.pgid, rows[i].pgid);
			check_int(rows[i].name, (int64_t)got.len, (int64_t)want.len);
			check_int(rows[i].name, memcmp(buf_str(&got), buf_str(&want), want.len), 0);
			buf_release(&came);
			buf_release(&got);
			buf_release(&want);
			ssh_mark_release(&mark);
		}
}

static void a_login_script_may_talk_without_end(void **state)
{
	enum { NOISE = 1 << 20 };
	struct ssh_mark mark;
	struct buf came;
	char *noise = xmalloc(NOISE);
	const char *rest;
	size_t rest_len = 0;

	(void)state;
	memset(noise, 'x', NOISE);
	ssh_mark_init(&mark);
	for (int i = 0; i < 16; i++)
		assert_null(ssh_mark_read(&mark, noise, NOISE, &rest_len));
	check_bool("nothing is kept", mark.tail.len < 64, true);
	buf_init(&came, 0);
	buf_add(&came, noise, NOISE);
	buf_addf(&came, "%s 4711\nhello", mark.word);
	rest = ssh_mark_read(&mark, came.data, came.len, &rest_len);
	assert_non_null(rest);
	check_int("length", (int64_t)rest_len, 5);
	check_int("output", memcmp(rest, "hello", 5), 0);
	buf_release(&came);
	free(noise);
	ssh_mark_release(&mark);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_is_found_behind_anything),
		cmocka_unit_test(a_login_script_may_talk_without_end),
	};

	return cmocka_run_group_tests_name("net/ssh_mark", tests, NULL, NULL);
}
