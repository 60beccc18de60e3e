/*
 * Strings a user sees: _("text") where it is used, N_("text") in a table that is translated later,
 * _n("%d row", "%d rows", n) where a number decides. The catalogues are gettext's (packaging/po, made
 * into .mo files by msgfmt), the reader is ours: libintl knows a language by the environment and the
 * installed locales alone, while weir speaks what it is told (--lang), also on a host that has no
 * zh_CN locale, and the programs that it starts keep the environment they were given.
 *
 *	i18n_open_locale();                        main(), first of all: the locale's language
 *	if (i18n_open("zh_CN", &err)) ...          --lang
 *	i18n_open("en", NULL);                     what programs read is never translated
 */
#ifndef WEIR_BASE_I18N_H
#define WEIR_BASE_I18N_H

struct err;

#define _(text) i18n_text(text)
#define N_(text) (text)
#define _n(one, many, count) i18n_count(one, many, (unsigned long long)(count))

/* The text in the language in use; itself where there is no translation. Never NULL for a text. */
const char *i18n_text(const char *text) __attribute__((format_arg(1)));
const char *i18n_count(const char *one, const char *many, unsigned long long count)
	__attribute__((format_arg(1), format_arg(2)));

/*
 * Sets the locale, and takes the language that LANGUAGE, LC_ALL, LC_MESSAGES or LANG names and that
 * there is a catalogue of; English where the characters are not UTF-8. Where the locale that is named is not
 * installed, C.UTF-8 stands in for it if it is one of UTF-8.
 */
void i18n_open_locale(void);
/*
 * Speak this language from now on: "en", or the name of a catalogue ("zh_CN", "zh", "zh-cn", "zh_CN.UTF-8").
 * Before there are other threads. Errors: E_ARG no such language (says which there are) ·
 * E_UNSUPPORTED the system cannot show it · E_INTERNAL its catalogue cannot be read.
 */
int i18n_open(const char *name, struct err *err);
/*
 * What is kept is English, whoever keeps it (i18n_phrase.c). The text, made in the language in use of ours
 * and of others', in English; and the other way round, for showing. malloc'd; as it is where nothing is known.
 * By any thread.
 */
char *i18n_english(const char *text); /* NULL stays NULL */
char *i18n_shown(const char *text);
/* "en" or "zh_CN". */
const char *i18n_language(void);

#endif
