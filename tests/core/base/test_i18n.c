/* Which language is spoken, and what a catalogue that is not whole does. */
#include "core/base/i18n.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n_private.h"
#include "core/base/mem.h"
#include "tests/support/check.h"
#include "tests/support/lang.h"

static char *folder; /* of the catalogues */

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/* No locale but C.UTF-8 need be installed: what LANG names is a wish, and need not be there. */
static void the_locale_chooses_the_language(void **state)
{
	static const struct {
		const char *name, *language, *all, *messages, *lang, *want;
	} rows[] = {
		{"nothing is set", NULL, NULL, NULL, NULL, "en"},
		{"LANGUAGE in C.UTF-8", "zh_CN", "C.UTF-8", NULL, NULL, "zh_CN"},
		{"the first of a list that there is", "fr:zh:en", NULL, NULL, "C.UTF-8", "zh_CN"},
		{"English before it", "en_GB:zh_CN", NULL, NULL, "C.UTF-8", "en"},
		{"C is ASCII", "zh_CN", "C", NULL, NULL, "en"},
		{"a locale that is not installed", NULL, NULL, NULL, "zh_CN.UTF-8", "zh_CN"},
		{"the same, written in small letters", NULL, NULL, NULL, "zh_CN.utf8", "zh_CN"},
		{"LC_ALL before LANG", NULL, "C.UTF-8", NULL, "zh_CN.UTF-8", "en"},
		{"LC_MESSAGES before LANG", NULL, NULL, "zh_CN.UTF-8", "C.UTF-8", "zh_CN"},
		{"not the other Chinese", NULL, NULL, NULL, "zh_TW.UTF-8", "en"},
		{"no such catalogue", "de:fr", NULL, NULL, "de_DE.UTF-8", "en"},
	};

	(void)state;
	set("WEIR_LOCALE", folder);
	set("LC_CTYPE", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		i18n_open("en", NULL);
		setlocale(LC_ALL, "C");
		set("LANGUAGE", rows[i].language);
		set("LC_ALL", rows[i].all);
		set("LC_MESSAGES", rows[i].messages);
		set("LANG", rows[i].lang);
		i18n_open_locale();
		check_str(rows[i].name, i18n_language(), rows[i].want);
	}
	set("WEIR_LOCALE", NULL);
	set("LANGUAGE", NULL);
	set("LANG", NULL);
	set("LC_MESSAGES", NULL);
	set("LC_ALL", "C.UTF-8");
	setlocale(LC_ALL, "C.UTF-8");
	i18n_open("en", NULL);
}

static void a_language_has_several_names(void **state)
{
	static const struct {
		const char *name, *want; /* NULL: refused */
	} rows[] = {
		{"zh_CN", "zh_CN"},
		{"zh-cn", "zh_CN"},
		{"zh", "zh_CN"},
		{"zh_CN.UTF-8", "zh_CN"},
		{"en", "en"},
		{"en_US.UTF-8", "en"},
		{"C", "en"},
		{"zh_TW", NULL},
		{"z", NULL},
		{"", NULL},
		{"../../etc", NULL},
		{"zh_CN_and_much_more_than_that", NULL},
	};

	(void)state;
	set("WEIR_LOCALE", folder);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = {.code = E_OK};
		int rc;

		i18n_open("en", NULL);
		rc = i18n_open(rows[i].name, &err);
		if (rows[i].want)
			check_str(rows[i].name, i18n_language(), rows[i].want);
		else
			check_err(rows[i].name, rc, &err, E_ARG, "en or zh_CN");
	}
	i18n_open("en", NULL);
	set("WEIR_LOCALE", NULL);
}

static void texts_are_translated_where_there_is_a_translation(void **state)
{
	(void)state;
	check_str("English", i18n_text("Applications"), "Applications");
	check_str("one", i18n_count("%zu run: ", "%zu runs: ", 1), "%zu run: ");
	check_str("many", i18n_count("%zu run: ", "%zu runs: ", 0), "%zu runs: ");
	lang_use("zh_CN");
	check_str("Chinese", i18n_text("Applications"), "应用");
	check_str("a text that nobody wrote", i18n_text("no such text"), "no such text");
	check_str("nothing is not the header", i18n_text(""), "");
	check_str("one of them", i18n_count("%zu run: ", "%zu runs: ", 1),
		i18n_count("%zu run: ", "%zu runs: ", 7));
	lang_use("en");
	check_str("English again", i18n_text("Applications"), "Applications");
}

static void a_catalogue_that_is_missing_is_said(void **state)
{
	struct err err = {.code = E_OK};
	char *empty = temp_dir();

	(void)state;
	set("WEIR_LOCALE", empty);
	check_err("missing", i18n_open("zh_CN", &err), &err, E_NOTFOUND, "weir.mo");
	check_str("still", i18n_language(), "en");
	set("WEIR_LOCALE", NULL);
	temp_dir_remove(empty);
}

/* Cut at any place, or with any byte of its tables changed, it is refused or read, and never beyond its end. */
static void a_damaged_catalogue_is_harmless(void **state)
{
	char *there = xasprintf("%s/zh_CN/LC_MESSAGES/weir.mo", folder), *dir = temp_dir();
	char *to = xasprintf("%s/zh_CN/LC_MESSAGES", dir), *path = xasprintf("%s/weir.mo", to);
	struct buf whole;
	struct err err;

	(void)state;
	buf_init(&whole, 0);
	check_ok("read", file_read(there, &whole, &err), &err);
	check_ok("folder", file_mkdirs(to, &err), &err);
	set("WEIR_LOCALE", dir);
	for (size_t len = 0; len < whole.len; len += 1 + len / 3) {
		check_ok("write", file_write(path, buf_str(&whole), len, &err), &err);
		check_err("cut", i18n_open("zh_CN", &err), &err, E_INTERNAL, "no catalogue");
	}
	for (size_t at = 0; at < 80; at++) {
		whole.data[at] ^= (char)0xA5;
		check_ok("write", file_write(path, buf_str(&whole), whole.len, &err), &err);
		if (i18n_open("zh_CN", &err) == 0)
			assert_true(strlen(i18n_text("Applications")) < 1000);
		i18n_open("en", NULL);
		whole.data[at] ^= (char)0xA5;
	}
	set("WEIR_LOCALE", NULL);
	buf_release(&whole);
	free(there);
	free(to);
	free(path);
	temp_dir_remove(dir);
}

/* A format with something in the place of each conversion, the same for the same argument. */
static char *filled(const char *format)
{
	struct buf out;
	int next = 1;

	buf_init(&out, 0);
	while (*format) {
		size_t len = strcspn(format, "%"), spec = 0;
		int at = 0;

		buf_add(&out, format, len);
		format += len;
		if (!*format)
			break;
		spec = 1 + strspn(format + 1, "0123456789");
		if (format[spec] == '$')
			at = format[1] - '0', format += spec;
		spec = 1;
		for (; strchr("-+ #0123456789.*hljzt", format[spec]); spec++)
			next += format[spec] == '*' && !at;
		if (format[spec] != '%' && !at)
			at = next++;
		if (format[spec] == '%')
			buf_addc(&out, '%');
		else if (format[spec] == 's')
			buf_addf(&out, "ods/a%d", at);
		else
			buf_addf(&out, "%d", 40 + at);
		format += spec + 1;
	}
	return buf_detach(&out);
}

/* Every text of the catalogue comes back to English; where one Chinese text says two, to one of them. */
static void what_is_kept_is_english_again(void **state)
{
	size_t count, formats = 0, others = 0;

	(void)state;
	set("WEIR_LOCALE", folder);
	assert_int_equal(i18n_open("zh_CN", NULL), 0);
	count = i18n_entries();
	for (size_t i = 1; i < count; i++) {
		const char *translation, *many, *text = i18n_entry(i, &translation, &many);
		char *there, *here, *back;

		if (!*translation)
			continue;
		there = filled(translation);
		here = filled(many ? many : text);
		back = i18n_english(there);
		formats += strchr(text, '%') != NULL;
		/* Of a format too little may be fixed, as in "  %d of %d". */
		if (strcmp(back, here) && strchr(text, '%') && strlen(text) > 12) {
			char *again = i18n_shown(back);

			check_str(text, again, there);
			free(again);
		}
		others += strcmp(back, here) != 0;
		free(there);
		free(here);
		free(back);
	}
	assert_true(formats > 800);
	assert_true(others < count / 16); /* titles in small letters and in capitals, mostly */
	i18n_open("en", NULL);
	set("WEIR_LOCALE", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_english_again),
		cmocka_unit_test(the_locale_chooses_the_language),
		cmocka_unit_test(a_language_has_several_names),
		cmocka_unit_test(texts_are_translated_where_there_is_a_translation),
		cmocka_unit_test(a_catalogue_that_is_missing_is_said),
		cmocka_unit_test(a_damaged_catalogue_is_harmless),
	};

	check_locale();
	folder = lang_folder();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(folder);
	return failed;
}
