/*
 * JSON from outside. A plain one (nearly all) is read by doc_scan.h. jansson is strict and drops a whole
 * document for one bad byte, so a document it refuses is repaired by one linear pass over its tokens
 * and tried again; a good one pays nothing.
 *
 * The pass changes only what makes jansson refuse: inside strings the bytes and escapes that no
 * JSON string may hold, outside of them the words NaN and Infinity and numbers that no 64 bit hold.
 * It never closes brackets or guesses at missing commas: what is cut or is no JSON stays an error.
 *
 * jansson's own error text quotes the input, which may hold a secret, so it is not passed on.
 */
#include "core/base/doc.h"

#include <math.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc_scan.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/utf8.h"

#define REPLACEMENT "\\ufffd"
#define EXCERPT_BYTES 60

/* ---- repair ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The four hex digits of a \u escape, or -1. */
static int hex4(const char *p, size_t len)
{
	int value = 0;

	if (len < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int digit = is_digit(c)        ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10
					       : -1;
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* p is at a backslash inside a string. Returns how many bytes of the input were used. */
static size_t repair_escape(struct buf *out, const char *p, size_t len)
{
	if (len < 2) {
		buf_add(out, p, len);
		return len;
	}
	if (strchr("\"\\/bfnrt", p[1]) && p[1]) {
		buf_add(out, p, 2);
		return 2;
	}
	int code = p[1] == 'u' ? hex4(p + 2, len - 2) : -1;
	if (code < 0) {
		buf_adds(out, "\\\\"); /* no escape at all: the backslash was meant as itself */
		return 1;
	}
	if (code >= 0xd800 && code <= 0xdbff) {
		int low = len >= 8 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8, len - 8) : -1;
		if (low >= 0xdc00 && low <= 0xdfff) {
			buf_add(out, p, 12);
			return 12;
		}
		buf_adds(out, REPLACEMENT);
		return 6;
	}
	if (code == 0 || (code >= 0xdc00 && code <= 0xdfff))
		buf_adds(out, REPLACEMENT);
	else
		buf_add(out, p, 6);
	return 6;
}

static bool is_word_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
		c == '-' || c == '.';
}

static bool is_whole_number(const char *p, size_t len)
{
	size_t i = len && p[0] == '-';

	if (i == len || (p[i] == '0' && len - i > 1))
		return false;
	for (; i < len; i++)
		if (!is_digit(p[i]))
			return false;
	return true;
}

static bool fits_int64(const char *p, size_t len)
{
	bool negative = p[0] == '-';
	const char *limit = negative ? "9223372036854775808" : "9223372036854775807";

	p += negative;
	len -= negative;
	return len < 19 || (len == 19 && memcmp(p, limit, 19) <= 0);
}

/*
 * Is this number too large for a double? By its digits and exponent and not by strtod(), whose
 * decimal point is the locale's. The largest double rounds up to infinity
 * from 1.797693134862315807937…e308 on.
 */
static bool is_beyond_double(const char *p, size_t len)
{
	static const char limit[] = "17976931348623158079";
	char digits[sizeof(limit) - 1];
	size_t count = 0, i = len && p[0] == '-';
	long magnitude = -1, exponent = 0; /* of the first digit that is not 0 */
	bool fraction = false, negative = false;

	memset(digits, '0', sizeof(digits));
	for (; i < len && (is_digit(p[i]) || p[i] == '.'); i++) {
		if (p[i] == '.') {
			fraction = true;
			continue;
		}
		if (count || p[i] != '0') {
			if (count < sizeof(digits))
				digits[count] = p[i];
			count++;
			magnitude += !fraction;
		} else {
			magnitude -= fraction;
		}
	}
	if (!count)
		return false;
	if (i < len && (p[i] == 'e' || p[i] == 'E')) {
		i++;
		negative = i < len && p[i] == '-';
		if (i < len && (p[i] == '-' || p[i] == '+'))
			i++;
		for (; i < len && is_digit(p[i]); i++)
			if (exponent < 1000000000)
				exponent = exponent * 10 + (p[i] - '0');
	}
	magnitude += negative ? -exponent : exponent;
	return magnitude > 308 || (magnitude == 308 && memcmp(digits, limit, sizeof(digits)) >= 0);
}

/* A run of word characters outside strings: a number, true, false, null, or what should not be
 * there. */
static void repair_word(struct buf *out, const char *p, size_t len)
{
	size_t sign = len && (p[0] == '-' || p[0] == '+');

	if ((len - sign == 3 && !memcmp(p + sign, "NaN", 3)) ||
		(len - sign == 8 && !memcmp(p + sign, "Infinity", 8)) ||
		(len > sign && is_digit(p[sign]) && is_beyond_double(p, len))) {
		buf_adds(out, "null");
		return;
	}
	buf_add(out, p, len);
	if (is_whole_number(p, len) && !fits_int64(p, len))
		buf_adds(out, ".0");
}

static size_t repair_in_string(struct buf *out, const char *p, size_t len)
{
	size_t run = 0;

	if (*p == '\\')
		return repair_escape(out, p, len);
	if ((unsigned char)*p < 0x20) {
		if (*p)
			buf_addf(out, "\\u%04x", (unsigned)*p);
		else
			buf_adds(out, REPLACEMENT);
		return 1;
	}
	while (run < len && p[run] != '"' && p[run] != '\\' && (unsigned char)p[run] >= 0x20)
		run++;
	buf_add(out, p, run);
	return run;
}

/* text: valid UTF-8. */
static void repair(struct buf *out, const char *text, size_t len)
{
	bool in_string = false;

	for (size_t i = 0; i < len;) {
		size_t run = 1;
		if (text[i] == '"') {
			in_string = !in_string;
			buf_addc(out, '"');
		} else if (in_string) {
			run = repair_in_string(out, text + i, len - i);
		} else if (is_word_char(text[i])) {
			while (i + run < len && is_word_char(text[i + run]))
				run++;
			repair_word(out, text + i, run);
		} else {
			buf_addc(out, text[i]);
		}
		i += run;
	}
}

/* ---- parse ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The first bytes for an error text: no secret, no control character, at most 60 bytes. */
static void excerpt(struct buf *out, const char *text, size_t len)
{
	struct buf plain, clean;
	size_t cut = EXCERPT_BYTES;

	buf_init(&plain, 0);
	buf_init(&clean, 0);
	/* Redacted before it is cut, so that the redactor sees the whole of what it judges. */
	redact(&plain, text, len < 512 ? len : 512);
	utf8_neutralise(&clean, buf_str(&plain), plain.len);
	if (clean.len <= cut) {
		buf_add(out, buf_str(&clean), clean.len);
	} else {
		while (cut && ((unsigned char)clean.data[cut] & 0xc0) == 0x80)
			cut--;
		buf_add(out, clean.data, cut);
		buf_adds(out, "…");
	}
	buf_release(&plain);
	buf_release(&clean);
}

static void refuse(
	const char *text, size_t len, const char *what, const json_error_t *jerr, struct err *err)
{
	struct buf first;
	enum json_error_code code = json_error_code(jerr);
	size_t start = 0;

	while (start < len && is_space(text[start]))
		start++;
	buf_init(&first, 0);
	excerpt(&first, text + start, len - start);
	if (start < len && text[start] == '<')
		err_set(err, E_PROTO, _("%s: HTML or XML instead of JSON: %s"), what,
			buf_str(&first));
	else if (code == json_error_premature_end_of_input)
		err_set(err, E_PROTO, _("%s: the JSON is cut off after %zu bytes: %s"), what, len,
			buf_str(&first));
	else if (code == json_error_stack_overflow)
		err_set(err, E_PROTO, _("%s: the JSON is nested too deep: %s"), what,
			buf_str(&first));
	else if (code == json_error_end_of_input_expected)
		err_set(err, E_PROTO,
			_("%s: text after the end of the JSON (line %d, column %d): %s"), what,
			jerr->line, jerr->column, buf_str(&first));
	else
		err_set(err, E_PROTO, _("%s: not JSON (line %d, column %d): %s"), what, jerr->line,
			jerr->column, buf_str(&first));
	buf_release(&first);
}

static json_t *parse_repaired(const char *text, size_t len, json_error_t *jerr)
{
	struct buf valid, repaired;
	json_t *root;

	/* Each byte becomes three at most in the first pass and six in the second. */
	buf_init(&valid, len * 3 + 1);
	buf_init(&repaired, len * 18 + 16);
	if (!utf8_valid(text, len)) {
		utf8_repair(&valid, text, len);
		text = buf_str(&valid);
		len = valid.len;
	}
	repair(&repaired, text, len);
	root = json_loadb(buf_str(&repaired), repaired.len, 0, jerr);
	/* A word cut in its middle ("tru") is a wrong word to jansson. */
	if (!root && json_error_code(jerr) == json_error_invalid_syntax &&
		(size_t)jerr->position >= repaired.len)
		jerr->text[JSON_ERROR_TEXT_LENGTH - 1] = json_error_premature_end_of_input;
	buf_release(&valid);
	buf_release(&repaired);
	return root;
}

json_t *doc_parse_json(const char *text, size_t len, const char *what, struct err *err)
{
	json_error_t jerr = {0};
	json_t *root;
	size_t start = 0;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	while (start < len && is_space(text[start]))
		start++;
	if (start == len) {
		err_set(err, E_PROTO, _("%s: the answer is empty"), what);
		return NULL;
	}
	root = doc_scan_tree(text, len);
	if (!root)
		root = json_loadb(text, len, 0, &jerr);
	if (root)
		return root;
	if (text[start] == '{' || text[start] == '[') {
		enum json_error_code code = json_error_code(&jerr);
		if (code != json_error_premature_end_of_input && code != json_error_stack_overflow)
			root = parse_repaired(text, len, &jerr);
	}
	if (!root)
		refuse(text, len, what, &jerr, err);
	return root;
}

/* ---- lookups ---- */

const char *doc_str(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int64_t doc_int(const json_t *object, const char *key, int64_t dflt)
{
	const json_t *value = json_object_get(object, key);
	int64_t number;

	if (json_is_integer(value))
		return json_integer_value(value);
	if (json_is_real(value)) {
		double real = json_real_value(value);
		/* 2^63 is exact as a double, INT64_MAX is not. */
		if (real >= -0x1p63 && real < 0x1p63 && real == trunc(real))
			return (int64_t)real;
		return dflt;
	}
	if (json_is_string(value) && str_to_int64(json_string_value(value), &number))
		return number;
	return dflt;
}

double doc_real(const json_t *object, const char *key, double dflt)
{
	const json_t *value = json_object_get(object, key);
	double real = dflt;

	if (json_is_number(value))
		real = json_number_value(value);
	else if (!json_is_string(value) || !str_to_double(json_string_value(value), &real))
		return dflt;
	return isfinite(real) ? real : dflt;
}
