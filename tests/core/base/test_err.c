/* Errors: whatever goes in, one line of valid UTF-8 comes out; codes and exits agree. */
#include "tests/support/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

static void err_set_formats_and_returns(void **state)
{
	struct err err = {0};

	(void)state;
	int rc = err_set(&err, E_NET, "GET %s: %d", "http://jm:8081", 7);
	check_err("set", rc, &err, E_NET, "GET http://jm:8081: 7");
	assert_int_equal(err_set(NULL, E_CONFLICT, "nobody asks"), E_CONFLICT);
}

static void err_text_is_one_harmless_line(void **state)
{
	static const struct {
		const char *name, *in, *want;
	} rows[] = {
		{"newline", "a\nb\r\nc\td", "a b c d"},
		{"escape", "a\x1b[31mb", "a\xEF\xBF\xBD[31mb"},
		{"invalid", "a\xFF z", "a\xEF\xBF\xBD z"},
		{"bidi", "a\xE2\x80\xAE z", "a\xEF\xBF\xBD z"},
		{"CJK", "\xE8\xAE\xA2\xE5\x8D\x95", "\xE8\xAE\xA2\xE5\x8D\x95"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = {0};
		err_set(&err, E_PROTO, "%s", rows[i].in);
		check_str(rows[i].name, err.text, rows[i].want);
	}
}

static void err_text_is_cut_between_characters(void **state)
{
	char text[3 * sizeof(((struct err *)0)->text)];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		struct err err = {0};
		size_t len = 0;
		for (; len < shift; len++)
			text[len] = 'x';
		for (; len + 3 < sizeof(text); len += 3)
			memcpy(text + len, "\xE8\xAE\xA2", 3);
		text[len] = '\0';
		err_set(&err, E_PROTO, "%s", text);
		size_t got = strlen(err.text);
		assert_true(got > sizeof(err.text) - 4 && got < sizeof(err.text));
		assert_true(utf8_valid(err.text, got));
		assert_int_equal(strncmp(err.text, text, got), 0);
	}
}

static void err_errno_says_why_and_keeps_errno(void **state)
{
	struct err err = {0};

	(void)state;
	errno = EACCES;
	int rc = err_errno(&err, E_CONFIG, "open %s", "/x");
	assert_int_equal(errno, EACCES);
	check_err("errno", rc, &err, E_CONFIG, "open /x: Permission denied");
}

static void err_prefix_stacks(void **state)
{
	struct err err = {0};

	(void)state;
	err_set(&err, E_REMOTE, "answered 409");
	assert_int_equal(err_prefix(&err, "savepoint of %s", "job"), E_REMOTE);
	check_str("once", err.text, "savepoint of job: answered 409");
	for (int i = 0; i < 200; i++)
		err_prefix(&err, "again and again");
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(err_prefix(NULL, "nobody"), E_INTERNAL);
}

static void err_codes_have_names_and_exits(void **state)
{
	static const struct {
		enum err_code code;
		const char *name;
		int exit_code;
	} rows[] = {
		{E_OK, "OK", 0},
		{E_ARG, "ARG", 2},
		{E_CONFIG, "CONFIG", 3},
		{E_AUTH, "AUTH", 7},
		{E_DENIED, "DENIED", 7},
		{E_NOTFOUND, "NOTFOUND", 4},
		{E_CONFLICT, "CONFLICT", 8},
		{E_TIMEOUT, "TIMEOUT", 9},
		{E_NET, "NET", 6},
		{E_PROTO, "PROTO", 10},
		{E_REMOTE, "REMOTE", 10},
		{E_CANCELED, "CANCELED", 130},
		{E_UNSUPPORTED, "UNSUPPORTED", 10},
		{E_INTERNAL, "INTERNAL", 1},
		{E_PARTIAL, "PARTIAL", 5},
		{E_UNKNOWN, "UNKNOWN", 11},
	};

	(void)state;
	assert_int_equal(ARRAY_SIZE(rows), -E_CODE_LAST + 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check_str(rows[i].name, err_code_name(rows[i].code), rows[i].name);
		check_int(rows[i].name, err_exit_code(rows[i].code), rows[i].exit_code);
		check_bool(rows[i].name, err_exit_meaning(rows[i].exit_code) != NULL, true);
	}
	check_str("beyond", err_code_name((enum err_code) - 99), "INTERNAL");
	assert_null(err_exit_meaning(12));
}

static void a_kept_err_reads_like_one_and_owns_its_text(void **state)
{
	struct kept_err kept;
	struct err err = {0};

	(void)state;
	kept_err_init(&kept);
	check_str("none", kept.text, "");
	err_set(&err, E_NET, "connection refused");
	kept_err_set(&kept, err.code, err.text);
	memset(&err, 'x', sizeof(err));
	check_kept_err("kept", &kept, E_NET, "connection refused");
	kept_err_set(&kept, E_PROTO, kept.text); /* its own */
	check_kept_err("again", &kept, E_PROTO, "connection refused");
	kept_err_get(&kept, &err);
	check_err("back", err.code, &err, E_PROTO, "connection refused");
	kept_err_set(&kept, E_OK, "is not kept");
	check_int("none", kept.code, E_OK);
	check_str("none", kept.text, "");
	kept_err_release(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err_set_formats_and_returns),
		cmocka_unit_test(err_text_is_one_harmless_line),
		cmocka_unit_test(err_text_is_cut_between_characters),
		cmocka_unit_test(err_errno_says_why_and_keeps_errno),
		cmocka_unit_test(err_prefix_stacks),
		cmocka_unit_test(a_kept_err_reads_like_one_and_owns_its_text),
		cmocka_unit_test(err_codes_have_names_and_exits),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
