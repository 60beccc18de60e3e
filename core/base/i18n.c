/*
 * A catalogue is a .mo file held in memory as it is: texts sorted, searched by halving. The one thing
 * that changes is which, before there are threads, so nobody locks. Files: gettext's manual, "The Format
 * of GNU MO Files"; 32-bit numbers, the smallest byte first (msgfmt --endianness=little).
 */
#include "core/base/i18n.h"

#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/file.h"
#include "core/base/i18n_private.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

#define MO_MAGIC 0x950412deu
#define MO_HEADER 20
#define MO_MAX (8u << 20)

/* As their catalogues are called; the first has none. */
static const char *const languages[] = {"en", "zh_CN"};

static struct {
	const char *language;
	struct buf file;
	const unsigned char *bytes;
	uint32_t count, texts, translations; /* offsets of two tables of length and offset */
} used = {.language = "en"};

static uint32_t number_at(const unsigned char *bytes, size_t at)
{
	bytes += at;
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		(uint32_t)bytes[3] << 24;
}

static const char *entry(uint32_t table, uint32_t i)
{
	return (const char *)used.bytes + number_at(used.bytes, table + 8 * (size_t)i + 4);
}

/* Every entry lies inside, ends where it says, and comes behind the one before it. */
static bool mo_is_sound(const unsigned char *bytes, size_t len)
{
	uint32_t tables[2], count;

	if (len < MO_HEADER || number_at(bytes, 0) != MO_MAGIC || number_at(bytes, 4) >> 16)
		return false;
	count = number_at(bytes, 8);
	for (int t = 0; t < 2; t++) {
		tables[t] = number_at(bytes, 12 + 4 * (size_t)t);
		if (tables[t] > len || count > (len - tables[t]) / 8)
			return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		for (int t = 0; t < 2; t++) {
			size_t row = tables[t] + 8 * (size_t)i;
			uint32_t size = number_at(bytes, row), at = number_at(bytes, row + 4);

			if (at >= len || size >= len - at || bytes[at + size] ||
				(size && !bytes[at]))
				return false;
		}
		if (i &&
			strcmp((const char *)bytes +
					number_at(bytes, tables[0] + 8 * (size_t)i - 4),
				(const char *)bytes +
					number_at(bytes, tables[0] + 8 * (size_t)i + 4)) >= 0)
			return false;
	}
	return true;
}

/* The translation of `text`, or NULL. */
static const char *look_up(const char *text)
{
	uint32_t low = 0, high = used.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(text, entry(used.texts, middle));

		if (order == 0) {
			const char *found = entry(used.translations, middle);

			return *found ? found : NULL;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *i18n_text(const char *text)
{
	/* The translation of nothing is the catalogue's own header. */
	const char *found = used.bytes && *text ? look_up(text) : NULL;

	return found ? found : text;
}

/* Of the languages that there are, only English tells one from many: a catalogue's first form is its only one. */
const char *i18n_count(const char *one, const char *many, unsigned long long count)
{
	const char *found = used.bytes ? look_up(one) : NULL;

	return found ? found : count == 1 ? one : many;
}

const char *i18n_language(void)
{
	return used.language;
}

static int read_catalogue(
	const char *folder, const char *language, struct buf *out, struct err *err)
{
	char *path = xasprintf("%s/%s/LC_MESSAGES/weir.mo", folder, language);
	int rc;

	buf_init(out, MO_MAX);
	rc = file_read(path, out, err);
	if (!rc && !mo_is_sound((const unsigned char *)buf_str(out), out->len))
		rc = err_set(err, E_INTERNAL, _("%s: no catalogue of messages"), path);
	if (rc)
		buf_release(out);
	free(path);
	return rc;
}

/* $WEIR_LOCALE; else beside the program (a build tree), where it was moved to with all, where it was to be. */
static int find_catalogue(const char *language, struct buf *out, struct err *err)
{
	static const char *const beside[] = {"locale", "../share/locale"};
	const char *set = getenv("WEIR_LOCALE");
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (set && *set)
		return read_catalogue(set, language, out, err);
	program[len > 0 ? len : 0] = 0;
	for (size_t i = 0; len > 0 && i < ARRAY_SIZE(beside); i++) {
		char *folder = xasprintf(
			"%.*s/%s", (int)(strrchr(program, '/') - program), program, beside[i]);
		int rc = read_catalogue(folder, language, out, err);

		free(folder);
		if (rc == 0)
			return 0;
	}
	return read_catalogue(WEIR_LOCALEDIR, language, out, err);
}

/* "zh_CN.UTF-8", "zh-cn" and "zh" are "zh_CN"; "C" and "en_GB" are "en"; NULL: there is no catalogue. */
static const char *language_of(const char *name, size_t len)
{
	char word[16];
	size_t n = 0;

	while (n < len && n + 1 < sizeof(word) && !strchr(".@", name[n])) {
		word[n] = name[n] == '-' ? '_' : name[n];
		n++;
	}
	word[n] = 0;
	if (!strcmp(word, "C") || !strcmp(word, "POSIX") || !strncasecmp(word, "en_", 3))
		return languages[0];
	for (size_t i = 0; i < ARRAY_SIZE(languages); i++)
		if (!strcasecmp(word, languages[i]) ||
			(!strchr(word, '_') && n && languages[i][n] == '_' &&
				!strncasecmp(word, languages[i], n)))
			return languages[i];
	return NULL;
}

/* Of LANGUAGE, a list, the first that there is; else what the locale says. */
static const char *language_of_locale(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *list = getenv("LANGUAGE");

	for (; list && *list; list += strcspn(list, ":"), list += *list == ':') {
		const char *language = language_of(list, strcspn(list, ":"));

		if (language)
			return language;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value) {
			const char *language = language_of(value, strlen(value));

			return language ? language : languages[0];
		}
	}
	return languages[0];
}

size_t i18n_entries(void)
{
	return used.count;
}

const char *i18n_entry(size_t at, const char **translation, const char **many)
{
	const char *text = entry(used.texts, (uint32_t)at);
	size_t len = strlen(text);

	*translation = entry(used.translations, (uint32_t)at);
	*many = number_at(used.bytes, used.texts + 8 * at) > len ? text + len + 1 : NULL;
	return text;
}

static void use(const char *language, struct buf *file)
{
	buf_release(&used.file);
	used.language = language;
	used.bytes = NULL;
	used.count = 0;
	if (!file) {
		i18n_phrases_open();
		return;
	}
	used.file = *file;
	used.bytes = (const unsigned char *)buf_str(&used.file);
	used.count = number_at(used.bytes, 8);
	used.texts = number_at(used.bytes, 12);
	used.translations = number_at(used.bytes, 16);
	i18n_phrases_open();
}

int i18n_open(const char *name, struct err *err)
{
	const char *language = language_of(name, strlen(name));
	struct buf file;
	int rc;

	if (!language)
		return err_set(err, E_ARG, _("there is no language '%s': en or zh_CN"), name);
	if (language == languages[0]) {
		setlocale(LC_MESSAGES, "C"); /* what the system calls its errors */
		use(language, NULL);
		return 0;
	}
	if (!utf8_locale() && (!setlocale(LC_CTYPE, "C.UTF-8") || !utf8_locale()))
		return err_set(err, E_UNSUPPORTED,
			_("%s cannot be shown: this system has no C.UTF-8, and the locale is not "
			  "one of "
			  "UTF-8"),
			language);
	rc = find_catalogue(language, &file, err);
	if (rc == 0)
		use(language, &file);
	return rc;
}

void i18n_open_locale(void)
{
	const char *all = getenv("LC_ALL"), *type = getenv("LC_CTYPE"), *lang = getenv("LANG");
	const char *name = all && *all ? all : type && *type ? type : lang;

	/* LANG comes along over SSH, the locale does not. */
	if (!setlocale(LC_ALL, "") && name &&
		(strcasestr(name, "utf-8") || strcasestr(name, "utf8")))
		setlocale(LC_CTYPE, "C.UTF-8");
	/* Numbers on the screen and in JSON look the same everywhere. */
	setlocale(LC_NUMERIC, "C");
	if (utf8_locale())
		i18n_open(language_of_locale(), NULL);
}
