/* What commands print, as it is kept: whole, masked, harmless, whatever the pieces are. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clean.h"
#include "core/base/mem.h"
#include "tests/support/check.h"

static char *cleaned(const char *in, size_t len, size_t piece)
{
	struct clean *clean = clean_new();
	struct buf out;

	buf_init(&out, 0);
	for (size_t at = 0; at < len; at += piece)
		clean_add(clean, in + at, len - at < piece ? len - at : piece, &out);
	clean_end(clean, &out);
	clean_free(clean);
	if (!out.len)
		buf_adds(&out, "");
	return buf_detach(&out);
}

static void lines_in_pieces_of_any_size(void **state)
{
	static const struct {
		const char *name, *in, *want;
	} rows[] = {
		{"nothing", "", ""},
		{"lines", "a\nb\n", "a\nb\n"},
		{"without an end", "a\nb", "a\nb\n"},
		{"empty line", "a\n\nb\n", "a\n\nb\n"},
		{"from Windows", "a\r\nb\r\n", "a\nb\n"},
		{"progress", "10%\r50%\r100%, done\nnext\n", "100%, done\nnext\n"},
		{"colours", "\x1b[1;31mERROR\x1b[0m at\n", "ERROR at\n"},
		{"title", "\x1b]0;owned\x07ok\n\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n",
			"ok\nlink\n"},
		{"charset", "\x1b(Bplain\n", "plain\n"},
		{"an escape ends with its line", "\x1b[31\nnext\n", "\nnext\n"},
		{"tabs stay", "\tat a.B(C.java:1)\n", "\tat a.B(C.java:1)\n"},
		{"bells", "a\a\bb\n", "ab\n"},
		{"not UTF-8",
			"a\xff"
			"b\n",
			"a\xef\xbf\xbd"
			"b\n"},
		{"UTF-8", "订单\n", "订单\n"},
		{"secret", "using password=hunter2 for x\n", "using password=****** for x\n"},
		{"secret behind a colour", "pass\x1b[1mword\x1b[0m=hunter2\n", "password=******\n"},
		{"URL", "fatal: https://bob:hunter2@git/x.git\n",
			"fatal: https://bob:******@git/x.git\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t piece = 1; piece < 9; piece++) {
			char *got = cleaned(rows[i].in, strlen(rows[i].in), piece);

			check_str(rows[i].name, got, rows[i].want);
			free(got);
		}
}

static void line_without_end_is_cut(void **state)
{
	size_t len = 3 * CLEAN_LINE_BYTES;
	char *in = xmalloc(len + 16), *got;

	(void)state;
	memset(in, 'x', len);
	memcpy(in + len, "\nafter\n", 7);
	got = cleaned(in, len + 7, 1000);
	assert_in_range(strlen(got), CLEAN_LINE_BYTES - 64, CLEAN_LINE_BYTES + 64);
	check_has("said", got, "x …\nafter\n");
	free(got);
	free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_in_pieces_of_any_size),
		cmocka_unit_test(line_without_end_is_cut),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
