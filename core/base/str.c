/*
 * Helpers on NUL-terminated text. str_contains_fold() runs over ten thousand rows at each key of a
 * filter, so an ASCII needle is sought bytewise and Unicode is asked only where it could matter.
 */
#include "core/base/str.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/base/buf.h"

static int fold_ascii(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool str_eq(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool str_empty(const char *text)
{
	return !text || !*text;
}

bool str_starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

bool str_ends(const char *text, const char *suffix)
{
	size_t len = strlen(text), tail = strlen(suffix);

	return len >= tail && !memcmp(text + len - tail, suffix, tail);
}

/* The folded character at *text, which moves on; a wrong byte is itself. 0 at the end. */
static int32_t fold_next(const char **text)
{
	unsigned char first = (unsigned char)**text;
	utf8proc_int32_t c;

	if (first < 0x80) {
		*text += first ? 1 : 0;
		return fold_ascii(first);
	}
	utf8proc_ssize_t used = utf8proc_iterate(
		(const utf8proc_uint8_t *)*text, (utf8proc_ssize_t)strnlen(*text, 4), &c);
	if (used <= 0) {
		*text += 1;
		return 0x110000 + first;
	}
	*text += used;
	/* The dotted and the dotless i fold in Turkish only. */
	if (c == 0x130 || c == 0x131)
		return c;
	return utf8proc_tolower(utf8proc_toupper(c));
}

static bool contains_unicode(const char *text, const char *part)
{
	for (; *text; fold_next(&text)) {
		const char *a = text, *b = part;
		while (*b && *a) {
			const char *was = b;
			if (fold_next(&a) != fold_next(&b)) {
				b = was;
				break;
			}
		}
		if (!*b)
			return true;
	}
	return false;
}

bool str_contains_fold(const char *text, const char *part)
{
	bool part_ascii = true, part_shared = false, text_ascii = true;

	if (!*part)
		return true;
	for (const char *p = part; *p; p++) {
		part_ascii = part_ascii && (unsigned char)*p < 0x80;
		/* U+212A and U+017F fold to these two. */
		part_shared = part_shared || fold_ascii(*p) == 'k' || fold_ascii(*p) == 's';
	}
	if (!part_ascii)
		return contains_unicode(text, part);
	int first = fold_ascii(*part);
	for (const char *t = text; *t; t++) {
		if ((unsigned char)*t >= 0x80)
			text_ascii = false;
		if (fold_ascii(*t) != first)
			continue;
		size_t i = 1;
		while (part[i] && fold_ascii(t[i]) == fold_ascii(part[i]))
			i++;
		if (!part[i])
			return true;
	}
	return part_shared && !text_ascii && contains_unicode(text, part);
}

/* Digits at *a and *b as numbers of any length; both move behind them. */
static int cmp_number(const char **a, const char **b)
{
	const char *x = *a, *y = *b;

	while (*x == '0')
		x++;
	while (*y == '0')
		y++;
	size_t len_x = strspn(x, "0123456789"), len_y = strspn(y, "0123456789");
	*a = x + len_x;
	*b = y + len_y;
	if (len_x != len_y)
		return len_x < len_y ? -1 : 1;
	return memcmp(x, y, len_x);
}

/* A number is a digit, how many digits it has, and these: no other byte lies between digits, so the
 * first one orders it among them. */
bool str_natural_key(const char *text, struct buf *out)
{
	bool is_lossy = false;

	while (*text) {
		if (!is_digit(*text)) {
			int c = fold_ascii((unsigned char)*text);
			is_lossy = is_lossy || c != (unsigned char)*text;
			buf_addc(out, (char)c);
			text++;
			continue;
		}
		const char *digits = text + strspn(text, "0");
		size_t len = strspn(digits, "0123456789");
		is_lossy = is_lossy || digits - text > (len == 0);
		buf_addc(out, '0');
		for (size_t left = len; left >= 0xff; left -= 0xff)
			buf_addc(out, '\xff');
		buf_addc(out, (char)(len % 0xff));
		buf_add(out, digits, len);
		text = digits + len;
	}
	return is_lossy;
}

int str_cmp_natural(const char *a, const char *b)
{
	const char *x = a, *y = b;

	if (a == b)
		return 0;
	while (*x && *y) {
		if (is_digit(*x) && is_digit(*y)) {
			int order = cmp_number(&x, &y);
			if (order)
				return order;
			continue;
		}
		int cx = fold_ascii((unsigned char)*x), cy = fold_ascii((unsigned char)*y);
		if (cx != cy)
			return cx - cy;
		x++;
		y++;
	}
	if (*x || *y)
		return *x ? 1 : -1;
	return strcmp(a, b);
}

/* FNV-1a */
uint32_t str_hash(const char *text, uint32_t seed)
{
	uint32_t hash = 2166136261u ^ seed;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

bool str_to_int64(const char *text, int64_t *out)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;

	if (!is_digit(*digits))
		return false;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno || *end)
		return false;
	*out = value;
	return true;
}

bool str_to_double(const char *text, double *out)
{
	char *end;

	/* No hexadecimal, no "inf", no spaces. */
	if (!*text || text[strspn(text, "+-.0123456789eE")])
		return false;
	/* The user's locale may want a comma; files and servers never do. */
	locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!c_locale)
		return false;
	double value = strtod_l(text, &end, c_locale);
	freelocale(c_locale);
	if (end == text || *end || !isfinite(value))
		return false;
	*out = value;
	return true;
}

#define SUGGEST_MAX 64

/* Letters to insert, delete, replace, or swap with their neighbour to make `b` of `a`. */
static size_t edit_distance(const char *a, size_t len_a, const char *b, size_t len_b)
{
	size_t row[3][SUGGEST_MAX + 1];
	size_t *two = row[0], *one = row[1], *now = row[2];

	for (size_t j = 0; j <= len_b; j++)
		one[j] = j;
	for (size_t i = 1; i <= len_a; i++) {
		now[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			int ca = fold_ascii(a[i - 1]), cb = fold_ascii(b[j - 1]);
			size_t best = one[j - 1] + (ca != cb);
			if (one[j] + 1 < best)
				best = one[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && ca == fold_ascii(b[j - 2]) &&
				fold_ascii(a[i - 2]) == cb && two[j - 2] + 1 < best)
				best = two[j - 2] + 1;
			now[j] = best;
		}
		size_t *spare = two;
		two = one;
		one = now;
		now = spare;
	}
	return one[len_b];
}

const char *str_suggest(const char *word, const char *const *candidates, size_t count)
{
	const char *nearest = NULL;
	size_t len = strlen(word), best = SUGGEST_MAX;

	if (!len || len > SUGGEST_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t other = candidates[i] ? strlen(candidates[i]) : 0;
		if (!other || other > SUGGEST_MAX)
			continue;
		size_t wrong = edit_distance(word, len, candidates[i], other);
		if (wrong < best && wrong * 3 <= (len > other ? len : other)) {
			best = wrong;
			nearest = candidates[i];
		}
	}
	return nearest;
}

bool str_is_name(const char *text)
{
	size_t len = strlen(text);

	if (!len || len > 63 || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") != len)
		return false;
	return *text != '.' && *text != '_' && *text != '-';
}
