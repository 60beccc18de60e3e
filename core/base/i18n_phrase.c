/*
 * From a text that was made in one language to the same text in another, by the catalogue: a format is found
 * again by what is fixed in it, what stood for its %s is itself such a text, or somebody else's and stays. What
 * is kept is so kept in English, whoever wrote it, and shown in the language of who reads it.
 *
 * A text that was put together of several is taken apart where such are put together: lines, "; ", ": ", ", ",
 * a space behind the first. What is still not known stays as it is. Longer fixed parts win.
 */
#include <ctype.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/i18n_private.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define ARGS_MAX 16
#define DEPTH_MAX 6
/* Of one format and one text: a format of many %s may fit in very many ways. */
#define TRIES_MAX 5000
/* What is longer and has several lines is taken line by line. */
#define LINES_MAX 400
/* With less of it fixed, a text of anybody would be one of ours. */
#define FIXED_MIN 3

/* Which three bytes stand together somewhere, by their hash: a text has all the marks of its format. */
#define MARKS 512
struct marks {
	uint64_t bits[MARKS / 64];
};

struct phrase {
	const char *text, *other; /* as it is sought, as it becomes */
	const char *many;         /* instead of `other` where the first number is not 1; or NULL */
	size_t fixed;             /* bytes of it that are no conversion */
	struct marks marks;       /* of these */
};

/* The longest fixed part first. Into English; from English. */
static struct {
	struct phrase *items;
	size_t count;
} known[2];
static pthread_once_t once = PTHREAD_ONCE_INIT; /* most runs need none of it */

/* ---- formats ---- */

struct conversion {
	const char *end; /* behind it */
	char kind;       /* 's', 'd', …; '%' = a percent sign */
	int at;          /* which argument */
};

/* p: at "%". next: the number of the argument behind the last one. */
static struct conversion conversion_at(const char *p, int *next)
{
	struct conversion found = {.at = -1};
	const char *digits = ++p;
	int number = 0;

	while (isdigit((unsigned char)*p) && number < ARGS_MAX)
		number = number * 10 + (*p++ - '0');
	if (*p == '$' && number > 0)
		found.at = number - 1, p++;
	else
		p = digits;
	while (*p && strchr("-+ #0123456789.*'", *p)) {
		if (*p == '*' && found.at < 0)
			(*next)++;
		p++;
	}
	while (*p && strchr("hljzt", *p))
		p++;
	found.kind = *p;
	found.end = *p ? p + 1 : p;
	if (found.kind != '%' && found.at < 0)
		found.at = (*next)++;
	return found;
}

static void mark(struct marks *marks, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;

	for (size_t i = 0; i + 2 < len; i++) {
		unsigned hash = (p[i] * 131u + p[i + 1]) * 131u + p[i + 2];

		hash = (hash ^ hash >> 9) % MARKS;
		marks->bits[hash / 64] |= (uint64_t)1 << hash % 64;
	}
}

static bool has_marks(const struct marks *has, const struct marks *wants)
{
	for (size_t i = 0; i < ARRAY_SIZE(has->bits); i++)
		if (wants->bits[i] & ~has->bits[i])
			return false;
	return true;
}

static size_t fixed_of(const char *format, struct marks *marks)
{
	size_t fixed = 0;
	int next = 0;

	while (*format) {
		size_t len = strcspn(format, "%");

		mark(marks, format, len);
		fixed += len;
		format += len;
		if (*format)
			format = conversion_at(format, &next).end;
	}
	return fixed;
}

/* ---- finding ---- */

struct args {
	struct {
		const char *text;
		size_t len;
		bool is_number;
	} items[ARGS_MAX];
	int tries;
};

static bool may_hold(char kind, char c)
{
	return kind == 's' ||
		(kind == 'x' ? isxdigit((unsigned char)c) != 0
			     : isdigit((unsigned char)c) || strchr("+-.", c));
}

/* Does the rest of the format make the rest of the text? */
static bool fits(const char *format, int next, const char *text, struct args *args)
{
	while (*format && *format != '%') {
		if (*format++ != *text++)
			return false;
	}
	if (!*format)
		return !*text;

	struct conversion found = conversion_at(format, &next);
	if (found.kind == '%')
		return *text == '%' && fits(found.end, next, text + 1, args);
	if (found.at < 0 || found.at >= ARGS_MAX || !found.kind)
		return false;
	/* A number is as long as it can be, a text as short. */
	size_t most = 0;
	while (text[most] && may_hold(found.kind, text[most]))
		most++;
	for (size_t i = found.kind != 's'; i <= most; i++) {
		size_t len = found.kind == 's' ? i : most + 1 - i;

		if (args->tries-- <= 0)
			return false;
		if (!fits(found.end, next, text + len, args))
			continue;
		args->items[found.at].text = text;
		args->items[found.at].len = len;
		args->items[found.at].is_number = found.kind != 's';
		return true;
	}
	return false;
}

static void put(struct buf *out, const char *text, int way, int depth);

static void put_len(struct buf *out, const char *text, size_t len, int way, int depth)
{
	char *part = xstrndup(text, len);

	put(out, part, way, depth);
	free(part);
}

static void put_phrase(
	struct buf *out, const struct phrase *phrase, const struct args *args, int way, int depth)
{
	const char *format = phrase->other;
	bool is_one = true;
	int next = 0;

	for (int i = ARGS_MAX; i > 0; i--)
		if (args->items[i - 1].is_number)
			is_one = args->items[i - 1].len == 1 && *args->items[i - 1].text == '1';
	if (phrase->many && !is_one)
		format = phrase->many;
	while (*format) {
		if (*format != '%') {
			buf_addc(out, *format++);
			continue;
		}
		struct conversion found = conversion_at(format, &next);
		format = found.end;
		if (found.kind == '%')
			buf_addc(out, '%');
		else if (found.at >= 0 && found.at < ARGS_MAX && args->items[found.at].text)
			put_len(out, args->items[found.at].text, args->items[found.at].len, way,
				depth + 1);
	}
}

static bool put_known(struct buf *out, const char *text, int way, int depth)
{
	struct marks marks = {0};

	mark(&marks, text, strlen(text));
	for (size_t i = 0; i < known[way].count; i++) {
		const struct phrase *phrase = &known[way].items[i];
		struct args args = {.tries = TRIES_MAX};

		if (!has_marks(&marks, &phrase->marks) || !fits(phrase->text, 0, text, &args))
			continue;
		put_phrase(out, phrase, &args, way, depth);
		return true;
	}
	return false;
}

static bool is_ascii(const char *text)
{
	while (*text && !((unsigned char)*text & 0x80))
		text++;
	return !*text;
}

/* "savepoint at" before a path: a text of ours and a word of another. */
static bool put_beginning(struct buf *out, const char *text, int way, int depth)
{
	for (size_t i = 0; i < known[way].count; i++) {
		const struct phrase *phrase = &known[way].items[i];
		size_t len = phrase->fixed;

		/* One word of English may be anybody's. */
		if (strncmp(text, phrase->text, len) || text[len] != ' ' || phrase->text[len] ||
			(way == 1 && !strchr(phrase->text, ' ')))
			continue;
		buf_addf(out, "%s ", phrase->other);
		put(out, text + len + 1, way, depth + 1);
		return true;
	}
	return false;
}

static void put(struct buf *out, const char *text, int way, int depth)
{
	static const char *const joints[] = {"\n", "; ", ": ", ", "};

	/*
	 * What is to become English is not, in some place. What is to be shown may be a name within a
	 * text of ours, and names are mostly one word.
	 */
	if (!*text || depth > DEPTH_MAX || (way == 0 && is_ascii(text)) ||
		(way == 1 && depth && !strchr(text, ' '))) {
		buf_adds(out, text);
		return;
	}
	if ((!strchr(text, '\n') || strlen(text) < LINES_MAX) && put_known(out, text, way, depth))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(joints); i++) {
		const char *at = strstr(text, joints[i]);

		if (!at)
			continue;
		/* The parts of a list are no deeper than the list. */
		for (; at; at = strstr(text, joints[i])) {
			put_len(out, text, (size_t)(at - text), way, depth + 1);
			buf_adds(out, joints[i]);
			text = at + strlen(joints[i]);
		}
		put(out, text, way, depth + 1);
		return;
	}
	if (!put_beginning(out, text, way, depth))
		buf_adds(out, text);
}

/* ---- the catalogue ---- */

static int compare(const void *a, const void *b)
{
	const struct phrase *x = a, *y = b;

	if (x->fixed != y->fixed)
		return x->fixed > y->fixed ? -1 : 1;
	return strcmp(x->text, y->text) ? strcmp(x->text, y->text) : strcmp(x->other, y->other);
}

static void add(int way, const char *text, const char *other, const char *many)
{
	struct phrase phrase = {.text = text, .other = other, .many = many};

	phrase.fixed = fixed_of(text, &phrase.marks);
	if (phrase.fixed >= FIXED_MIN)
		known[way].items[known[way].count++] = phrase;
}

static void make_known(void)
{
	size_t count = i18n_entries();

	for (int way = 0; way < 2; way++)
		known[way].items = count ? xcalloc(2 * count, sizeof(struct phrase)) : NULL;
	for (size_t i = 0; i < count; i++) {
		const char *translation, *many, *text = i18n_entry(i, &translation, &many);

		/* The first is the catalogue's own header. */
		if (!*text || !*translation || str_eq(text, translation))
			continue;
		if (!is_ascii(translation))
			add(0, translation, text, many);
		add(1, text, translation, NULL);
		if (many)
			add(1, many, translation, NULL);
	}
	for (int way = 0; way < 2; way++)
		if (known[way].count)
			qsort(known[way].items, known[way].count, sizeof(struct phrase), compare);
}

void i18n_phrases_open(void)
{
	for (int way = 0; way < 2; way++) {
		free(known[way].items);
		known[way].items = NULL;
		known[way].count = 0;
	}
	once = (pthread_once_t)PTHREAD_ONCE_INIT;
}

/* ---- both ways ---- */

static char *turned(const char *text, int way)
{
	struct buf out;

	pthread_once(&once, make_known);
	if (!known[way].count)
		return xstrdup(text);
	buf_init(&out, 0);
	put(&out, text, way, 0);
	return buf_detach(&out);
}

char *i18n_english(const char *text)
{
	return text ? turned(text, 0) : NULL;
}

char *i18n_shown(const char *text)
{
	return turned(text, 1);
}
