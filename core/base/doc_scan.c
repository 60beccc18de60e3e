/* One pass, and no memory but the tree's. It fails early: who calls has another way. */
#include "core/base/doc_scan.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"

#define DEPTH_MAX 32
#define DIGITS_MAX 18
#define REAL_LENGTH_MAX 16 /* with its point */

void doc_scan_fail(struct doc_scan *scan)
{
	scan->failed = true;
	scan->at = scan->end;
}

static inline void skip_blanks(struct doc_scan *scan)
{
	/* Most are sent without any. */
	while (scan->at < scan->end && (unsigned char)*scan->at <= ' ' &&
		(*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
		scan->at++;
}

static inline char next_char(struct doc_scan *scan)
{
	skip_blanks(scan);
	return scan->at < scan->end ? *scan->at : '\0';
}

static inline void expect(struct doc_scan *scan, char c)
{
	if (next_char(scan) == c && c)
		scan->at++;
	else
		doc_scan_fail(scan);
}

void doc_scan_enter(struct doc_scan *scan, char bracket)
{
	expect(scan, bracket);
	scan->is_behind = false;
}

/* At another element of the list that this ends? */
static bool next_element(struct doc_scan *scan, char bracket)
{
	if (next_char(scan) == bracket) {
		scan->at++;
		scan->is_behind = true;
		return false;
	}
	if (scan->is_behind)
		expect(scan, ',');
	scan->is_behind = false;
	if (scan->at == scan->end)
		doc_scan_fail(scan); /* cut off */
	return !scan->failed;
}

bool doc_scan_item(struct doc_scan *scan)
{
	return next_element(scan, ']');
}

bool doc_scan_key(struct doc_scan *scan, struct doc_piece *key)
{
	if (!next_element(scan, '}'))
		return false;
	*key = doc_scan_text(scan);
	expect(scan, ':');
	scan->is_behind = false;
	return !scan->failed;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
/* The bytes that are 0, or below `n`, by their highest bit; true up to the first one (of the lowest place). */
#define ZERO_BYTES(word) (((word)-EACH(1)) & ~(word)&EACH(0x80))
#define LOW_BYTES(word, n) (((word)-EACH(n)) & ~(word)&EACH(0x80))

/* Behind the letters of a text that need no look: eight at a time, for texts are most of an answer. */
static inline const char *skip_letters(const char *at, const char *end)
{
	uint64_t word, found;

	for (; end - at >= (ptrdiff_t)sizeof(word); at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		word = le64toh(word);
		found = ZERO_BYTES(word ^ EACH('"')) | ZERO_BYTES(word ^ EACH('\\')) |
			LOW_BYTES(word, 0x20) | (word & EACH(0x80));
		if (found)
			return at + __builtin_ctzll(found) / 8;
	}
	return at;
}

/* Up to its closing quote. UTF-8, with escapes as they stand. */
static struct doc_piece read_text(struct doc_scan *scan, bool *has_escapes)
{
	struct doc_piece piece = {"", 0};
	bool is_ascii = true;

	*has_escapes = false;
	expect(scan, '"');
	const char *from = scan->at, *at = from;
	while ((at = skip_letters(at, scan->end)) < scan->end && *at != '"' &&
		(unsigned char)*at >= 0x20) {
		is_ascii = is_ascii && (unsigned char)*at < 0x80;
		*has_escapes = *has_escapes || *at == '\\';
		at += *at == '\\' && scan->end - at > 1 ? 2 : 1;
	}
	if (at == scan->end || *at != '"' ||
		(!is_ascii && !utf8_valid(from, (size_t)(at - from)))) {
		doc_scan_fail(scan);
		return piece;
	}
	scan->at = at + 1;
	scan->is_behind = true;
	return (struct doc_piece){from, (size_t)(at - from)};
}

struct doc_piece doc_scan_text(struct doc_scan *scan)
{
	bool has_escapes;
	struct doc_piece piece = read_text(scan, &has_escapes);

	if (has_escapes)
		doc_scan_fail(scan);
	return piece;
}

struct number {
	int64_t digits; /* without sign and point */
	bool is_negative, is_real;
	int behind; /* the point, of a real */
};

/*
 * What follows a value is a comma or a bracket, so that the rest of a longer one, or an exponent, fails
 * with the next step.
 */
static struct number read_number(struct doc_scan *scan)
{
	struct number number = {.is_negative = next_char(scan) == '-'};
	const char *from = scan->at += number.is_negative, *point = NULL;

	while (scan->at < scan->end) {
		if (*scan->at == '.' && !point && scan->at > from)
			point = scan->at;
		else if (*scan->at >= '0' && *scan->at <= '9' && scan->at - from < DIGITS_MAX)
			number.digits = number.digits * 10 + (*scan->at - '0');
		else
			break;
		scan->at++;
	}
	const char *whole_end = point ? point : scan->at;
	number.is_real = point != NULL;
	number.behind = point ? (int)(scan->at - point - 1) : 0;
	if (whole_end == from || (*from == '0' && whole_end - from > 1) ||
		(point && (number.behind == 0 || scan->at - from > REAL_LENGTH_MAX)))
		doc_scan_fail(scan);
	scan->is_behind = true;
	return number;
}

int64_t doc_scan_int(struct doc_scan *scan)
{
	struct number number = read_number(scan);

	if (number.is_real)
		doc_scan_fail(scan);
	return number.is_negative ? -number.digits : number.digits;
}

/* So few digits make an exact double, and so does the power of ten: their quotient is rounded once. */
static double number_real(struct number number)
{
	double real = (double)number.digits, power = 1;

	for (int i = 0; i < number.behind; i++)
		power *= 10;
	return (number.is_negative ? -real : real) / power;
}

double doc_scan_real(struct doc_scan *scan)
{
	return number_real(read_number(scan));
}

static void skip_word(struct doc_scan *scan, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0)
		doc_scan_fail(scan);
	else
		scan->at += len;
	scan->is_behind = true;
}

bool doc_scan_bool(struct doc_scan *scan)
{
	bool is_true = next_char(scan) == 't';

	skip_word(scan, is_true ? "true" : "false");
	return is_true;
}

bool doc_scan_null(struct doc_scan *scan)
{
	if (next_char(scan) != 'n')
		return false;
	skip_word(scan, "null");
	return true;
}

bool doc_scan_is_text(struct doc_scan *scan)
{
	return next_char(scan) == '"';
}

/* Whatever its escapes stand for, they have to be some. */
static void skip_text(struct doc_scan *scan)
{
	bool has_escapes;
	struct doc_piece piece = read_text(scan, &has_escapes);
	const char *end = piece.text + piece.len;

	for (const char *at = piece.text; has_escapes && at < end; at++) {
		if (*at != '\\')
			continue;
		at++;
		size_t digits = 0;
		while (*at == 'u' && digits < 4 && at + 1 + digits < end && at[1 + digits] &&
			strchr("0123456789abcdefABCDEF", at[1 + digits]))
			digits++;
		if (!*at || (*at == 'u' ? digits < 4 : !strchr("\"\\/bfnrt", *at)))
			doc_scan_fail(scan);
	}
}

static void skip(struct doc_scan *scan, int depth)
{
	struct doc_piece key;
	char c = next_char(scan);

	if (depth > DEPTH_MAX)
		doc_scan_fail(scan);
	else if (c == '"')
		skip_text(scan);
	else if (c == 't')
		skip_word(scan, "true");
	else if (c == 'f')
		skip_word(scan, "false");
	else if (c == 'n')
		skip_word(scan, "null");
	else if (c == '{' || c == '[') {
		doc_scan_enter(scan, c);
		while (c == '{' ? doc_scan_key(scan, &key) : doc_scan_item(scan))
			skip(scan, depth + 1);
	} else
		read_number(scan);
}

void doc_scan_skip(struct doc_scan *scan)
{
	skip(scan, 0);
}

bool doc_scan_ended(struct doc_scan *scan)
{
	skip_blanks(scan);
	return !scan->failed && scan->at == scan->end;
}

/* ---- a tree ---- */

/* Of an escape; 0 when it stands for more than one byte, or is none. `at` is behind the backslash. */
static char escape_byte(const char *at, const char *end, size_t *used)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *letter = at < end && *at ? strchr(letters, *at) : NULL;
	int value = 0;

	*used = 1;
	if (letter)
		return bytes[letter - letters];
	if (end - at < 5 || memcmp(at, "u00", 3) != 0)
		return '\0';
	*used = 5;
	for (int i = 3; i < 5; i++) {
		const char *digits = "0123456789abcdefABCDEF";
		const char *digit = at[i] ? strchr(digits, at[i]) : NULL;
		if (!digit)
			return '\0';
		value = value * 16 + (int)(digit - digits) - (digit - digits > 15 ? 6 : 0);
	}
	return value < 0x80 ? (char)value : '\0';
}

static json_t *text_tree(struct doc_scan *scan)
{
	bool has_escapes;
	struct doc_piece piece = read_text(scan, &has_escapes);

	if (!has_escapes)
		return json_stringn_nocheck(piece.text, piece.len);

	const char *end = piece.text + piece.len;
	char *text = xmalloc(piece.len + 1);
	size_t len = 0, used;
	for (const char *at = piece.text; at < end; at++) {
		text[len] = *at;
		if (*at == '\\') {
			text[len] = escape_byte(at + 1, end, &used);
			if (!text[len])
				doc_scan_fail(scan);
			at += used;
		}
		len++;
	}
	json_t *tree = json_stringn_nocheck(text, len);
	free(text);
	return tree;
}

static json_t *number_tree(struct doc_scan *scan)
{
	struct number number = read_number(scan);

	if (number.is_real)
		return json_real(number_real(number));
	return json_integer(number.is_negative ? -number.digits : number.digits);
}

static json_t *tree(struct doc_scan *scan, int depth)
{
	char c = next_char(scan);
	struct doc_piece key;
	json_t *node;

	if (depth > DEPTH_MAX)
		doc_scan_fail(scan);
	switch (c) {
	case '{':
		node = json_object();
		doc_scan_enter(scan, c);
		while (doc_scan_key(scan, &key))
			json_object_setn_new_nocheck(
				node, key.text, key.len, tree(scan, depth + 1));
		return node;
	case '[':
		node = json_array();
		doc_scan_enter(scan, c);
		while (doc_scan_item(scan))
			json_array_append_new(node, tree(scan, depth + 1));
		return node;
	case '"': return text_tree(scan);
	case 't': skip_word(scan, "true"); return json_true();
	case 'f': skip_word(scan, "false"); return json_false();
	case 'n': skip_word(scan, "null"); return json_null();
	default: return number_tree(scan);
	}
}

json_t *doc_scan_tree(const char *text, size_t len)
{
	struct doc_scan scan = {.at = text, .end = text + len};
	char c = next_char(&scan);
	json_t *root = c == '{' || c == '[' ? tree(&scan, 0) : NULL;

	if (root && !doc_scan_ended(&scan)) {
		json_decref(root);
		root = NULL;
	}
	return root;
}
