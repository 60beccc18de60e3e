/* The capped buffer. */
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

static void buf_grows_and_ends_in_nul(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	assert_string_equal(buf_str(&buf), "");
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(buf_addc(&buf, (char)('a' + i % 26)), E_OK);
		assert_int_equal(buf.data[buf.len], '\0');
	}
	assert_int_equal(buf.len, 10000);
	assert_int_equal(buf.data[9999], 'a' + 9999 % 26);
	buf_reset(&buf);
	assert_string_equal(buf_str(&buf), "");
	assert_int_equal(buf_add(&buf, "a\0b", 3), E_OK);
	assert_int_equal(buf.len, 3);
	assert_memory_equal(buf.data, "a\0b", 4);
	buf_release(&buf);
	assert_null(buf.data);
}

static void buf_add_stops_at_cap(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 8);
	assert_int_equal(buf_adds(&buf, "12345678"), E_OK);
	assert_false(buf.overflow);
	assert_int_equal(buf_addc(&buf, '9'), E_PROTO);
	assert_true(buf.overflow);
	assert_string_equal(buf_str(&buf), "12345678");
	buf_reset(&buf);
	assert_int_equal(buf_adds(&buf, "123456"), E_OK);
	assert_int_equal(buf_adds(&buf, "789"), E_PROTO);
	/* What would fit is refused too: a text with a hole is worse than a short one. */
	assert_int_equal(buf_addc(&buf, 'x'), E_PROTO);
	assert_string_equal(buf_str(&buf), "123456");
	assert_int_equal(buf_add(&buf, NULL, 0), E_PROTO);
	buf_release(&buf);
}

static void buf_addf_formats_short_and_long(void **state)
{
	char *want = xmalloc(5001);
	struct buf buf;

	(void)state;
	memset(want, 'z', 5000);
	want[5000] = '\0';
	buf_init(&buf, 6000);
	assert_int_equal(buf_addf(&buf, "%d-%s", 7, "x"), E_OK);
	assert_int_equal(buf_addf(&buf, "%s", want), E_OK);
	assert_int_equal(buf.len, 5003);
	assert_string_equal(buf.data + 3, want);
	assert_int_equal(buf_addf(&buf, "%s", want), E_PROTO);
	assert_int_equal(buf.len, 5003);
	buf_release(&buf);
	free(want);
}

static void buf_detach_gives_the_text(void **state)
{
	struct buf buf = {0};

	(void)state;
	char *text = buf_detach(&buf);
	assert_string_equal(text, "");
	free(text);
	buf_adds(&buf, "abc");
	text = buf_detach(&buf);
	assert_string_equal(text, "abc");
	assert_int_equal(buf.len, 0);
	assert_null(buf.data);
	buf_adds(&buf, "again");
	assert_string_equal(text, "abc");
	free(text);
	buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_grows_and_ends_in_nul),
		cmocka_unit_test(buf_add_stops_at_cap),
		cmocka_unit_test(buf_addf_formats_short_and_long),
		cmocka_unit_test(buf_detach_gives_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
