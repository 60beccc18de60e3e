/* Comparing, seeking and reading small texts. */
#include "tests/support/check.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"

static void str_compares(void **state)
{
	(void)state;
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "A"));
	assert_true(str_eq(NULL, NULL));
	assert_false(str_eq(NULL, ""));
	assert_true(str_empty(NULL) && str_empty("") && !str_empty(" "));
	assert_true(str_starts("abc", "ab") && str_starts("abc", "") && !str_starts("a", "ab"));
	assert_true(str_ends("abc", "bc") && str_ends("abc", "") && !str_ends("c", "bc"));
}

static void str_contains_fold_finds(void **state)
{
	static const struct {
		const char *text, *part;
		bool want;
	} rows[] = {
		{"", "", true},
		{"abc", "", true},
		{"", "a", false},
		{"Order-Sync", "order-s", true},
		{"order-sync", "SYNC", true},
		{"order-sync", "sync-", false},
		{"aaab", "aab", true},
		{"\xE8\xAE\xA2\xE5\x8D\x95\xE5\x90\x8C\xE6\xAD\xA5", "\xE5\x8D\x95", true},
		{"\xE8\xAE\xA2\xE5\x8D\x95", "\xE5\x90\x8C", false},
		{"\xC3\x9C"
		 "BER",
			"\xC3\xBC"
			"ber",
			true}, /* Ü ü */
		{"\xCE\xA3\xCE\xAF\xCF\x83\xCF\x85\xCF\x86\xCE\xBF\xCF\x82", "\xCF\x83", true},
		{"\xCF\x82", "\xCE\xA3", true},                                 /* ς Σ */
		{"\xD0\x9C\xD0\x98\xD0\xA0", "\xD0\xBC\xD0\xB8\xD1\x80", true}, /* МИР мир */
		{"10 \xE2\x84\xAA", "10 k", true},                              /* Kelvin sign */
		{"gro\xC5\xBF", "S", true},                                     /* long s */
		{"gro\xC5\xBF", "t", false},
		{"stra\xC3\x9F"
		 "e",
			"STRA\xE1\xBA\x9E"
			"E",
			true},                          /* ß ẞ */
		{"\xC4\xB0stanbul", "istanbul", false}, /* İ folds in Turkish only */
		{"a\xFF z", "\xFF", true},              /* bytes that are no text */
		{"a\xFE z", "\xFF", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_bool(
			rows[i].part, str_contains_fold(rows[i].text, rows[i].part), rows[i].want);
}

static void str_cmp_natural_orders(void **state)
{
	/* Each is before the next. */
	static const char *const rows[] = {"", "01", "1", "2", "10", "a", "A1", "a1b", "a02", "a2b",
		"a10", "b", "job-9", "JOB-10", "job-10", "job-10a", "job-99999999999999999999998",
		"job-99999999999999999999999", "z", "\xE8\xAE\xA2"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(rows); j++) {
			int got = str_cmp_natural(rows[i], rows[j]);
			int want = (i > j) - (i < j);
			char name[64];
			snprintf(name, sizeof(name), "%s <> %s", rows[i], rows[j]);
			check_int(name, (got > 0) - (got < 0), want);
		}
	}
}

static void check_keys(const char *a, const char *b)
{
	struct buf x, y;

	buf_init(&x, 0);
	buf_init(&y, 0);
	bool is_lossy = str_natural_key(a, &x);
	is_lossy = str_natural_key(b, &y) || is_lossy;
	size_t len = x.len < y.len ? x.len : y.len;
	int got = len ? memcmp(x.data, y.data, len) : 0, want = str_cmp_natural(a, b);
	got = got ? got : (x.len > y.len) - (x.len < y.len);
	/* Where something was left out they may be told apart by that alone. */
	if (got || !is_lossy)
		check_int(a, (got > 0) - (got < 0), (want > 0) - (want < 0));
	buf_release(&x);
	buf_release(&y);
}

static void str_natural_key_orders_as_the_texts(void **state)
{
	static const char *const letters[] = {"a", "B", "b", "0", "00", "1", "9", "10", "255", "/",
		":", "-", " ", "\xE8\xAE\xA2"};
	char digits[2][600];
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 50000; round++) {
		char text[2][64] = {"", ""};
		for (int side = 0; side < 2; side++) {
			size_t len = 0;
			for (int i = 0; i < 5; i++) {
				seed = seed * 1664525u + 1013904223u;
				const char *letter = letters[(seed >> 8) % ARRAY_SIZE(letters)];
				if ((seed >> 8) % 7)
					len += (size_t)snprintf(text[side] + len,
						sizeof(text[side]) - len, "%s", letter);
			}
		}
		check_keys(text[0], text[1]);
	}
	/* Numbers of any length. */
	for (size_t one = 250; one < 515; one += 2) {
		memset(digits, '7', sizeof(digits));
		digits[0][one] = digits[1][one + 1] = '\0';
		check_keys(digits[0], digits[1]);
		digits[1][one] = '\0';
		digits[1][one - 1] = '8';
		check_keys(digits[0], digits[1]);
	}
}

static void str_to_int64_takes_whole_numbers(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t want;
	} rows[] = {
		{"0", true, 0},
		{"-12", true, -12},
		{"+7", true, 7},
		{"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN},
		{"9223372036854775808", false, 0},
		{"", false, 0},
		{"-", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"1.0", false, 0},
		{"0x10", false, 0},
		{"- 1", false, 0},
		{"+-1", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t got = 0;
		check_bool(rows[i].text, str_to_int64(rows[i].text, &got), rows[i].ok);
		check_int(rows[i].text, got, rows[i].want);
	}
}

static void str_to_double_takes_whole_numbers(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		double want;
	} rows[] = {
		{"0", true, 0},
		{"-1.5", true, -1.5},
		{"1e3", true, 1000},
		{".5", true, .5},
		{"1e999", false, 0},
		{"NaN", false, 0},
		{"inf", false, 0},
		{"0x1p3", false, 0},
		{"1,5", false, 0},
		{"", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"e", false, 0},
		{"1.2.3", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double got = 0;
		check_bool(rows[i].text, str_to_double(rows[i].text, &got), rows[i].ok);
		check_bool(rows[i].text, fabs(got - rows[i].want) < 1e-12, true);
	}
}

static void str_suggest_finds_the_nearest(void **state)
{
	static const char *const known[] = {"parallelism", "properties", "priority", "cluster",
		"target", "app", "name", NULL, ""};
	static const struct {
		const char *word, *want;
	} rows[] = {
		{"paralelism", "parallelism"},
		{"Paralellism", "parallelism"},
		{"propertys", "properties"},
		{"cluser", "cluster"},
		{"clsuter", "cluster"},
		{"naem", "name"},
		{"apps", "app"},
		{"cluster", "cluster"},
		{"memory", NULL},
		{"x", NULL},
		{"", NULL},
	};
	char longer[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_str(rows[i].word, str_suggest(rows[i].word, known, ARRAY_SIZE(known)),
			rows[i].want);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	const char *const self[] = {longer};
	assert_null(str_suggest(longer, self, 1));
	assert_null(str_suggest("name", NULL, 0));
}

static void str_is_name_guards_paths(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{"a", true},
		{"order-sync", true},
		{"1.20", true},
		{"a_b.c-d", true},
		{"", false},
		{".", false},
		{"..", false},
		{"-x", false},
		{"_x", false},
		{"A", false},
		{"a/b", false},
		{"a b", false},
		{"a\n", false},
		{"\xE8\xAE\xA2", false},
		{"a23456789012345678901234567890123456789012345678901234567890123", true},
		{"a234567890123456789012345678901234567890123456789012345678901234", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_bool(rows[i].text, str_is_name(rows[i].text), rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(str_compares),
		cmocka_unit_test(str_contains_fold_finds),
		cmocka_unit_test(str_cmp_natural_orders),
		cmocka_unit_test(str_natural_key_orders_as_the_texts),
		cmocka_unit_test(str_to_int64_takes_whole_numbers),
		cmocka_unit_test(str_to_double_takes_whole_numbers),
		cmocka_unit_test(str_suggest_finds_the_nearest),
		cmocka_unit_test(str_is_name_guards_paths),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
