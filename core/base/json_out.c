/* Each piece asks for its room once and is written into it. */
#include "core/base/json_out.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/doc.h"
#include "core/base/utf8.h"

#define INDENT 2
/* Of one byte below a blank: \u001B. */
#define ESCAPE_BYTES 6

/* ",\n" and the indentation, where a value or key begins; its key stands before it already. */
static void begin(struct json_out *json)
{
	size_t indent = (size_t)json->depth * INDENT;
	char *to;

	if (json->has_key || !json->depth) {
		json->has_key = false;
		return;
	}
	to = buf_reserve(json->out, indent + 2);
	if (!to)
		return;
	if (json->is_filled)
		*to++ = ',';
	*to++ = '\n';
	memset(to, ' ', indent);
	buf_end(json->out, to + indent);
	json->is_filled = true;
}

void json_out_open(struct json_out *json, char bracket)
{
	begin(json);
	buf_addc(json->out, bracket);
	json->depth++;
	json->is_filled = false;
}

void json_out_close(struct json_out *json, char bracket)
{
	json->depth--;
	if (json->is_filled)
		buf_addf(json->out, "\n%*s", json->depth * INDENT, "");
	buf_addc(json->out, bracket);
	json->is_filled = true;
}

/* ---- texts ---- */

/* As jansson has it: the other hexadecimal digits are small. */
static char *escape(char *to, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *known = memchr(from, c, sizeof(from) - 1);

	*to++ = '\\';
	if (known) {
		*to++ = letters[known - from];
		return to;
	}
	return to + snprintf(to, ESCAPE_BYTES, "u%04X", c);
}

/* Does one of these bytes need more than to be copied: below a blank, '"', '\\', or no ASCII? */
static bool is_special(uint64_t bytes)
{
	const uint64_t ones = 0x0101010101010101U, highs = 0x8080808080808080U;
	uint64_t quotes = bytes ^ ones * '"', slashes = bytes ^ ones * '\\',
		 dels = bytes ^ ones * 0x7F;

	/* The borrow of a byte that is zero, or smaller than what is taken from it. */
	return ((bytes | (bytes - ones * 0x20) | (quotes - ones) | (slashes - ones) |
			(dels - ones)) &
		       highs) != 0;
}

/* False, and nothing added, where there is more than ASCII. */
static bool add_ascii(struct buf *out, const char *text, size_t len)
{
	char *to = buf_reserve(out, 2 + len * ESCAPE_BYTES);
	const char *end = text + len;
	uint64_t bytes;

	if (!to)
		return true;
	*to++ = '"';
	while (text < end) {
		unsigned char c = (unsigned char)*text;

		if (end - text >= (ptrdiff_t)sizeof(bytes)) {
			memcpy(&bytes, text, sizeof(bytes));
			if (!is_special(bytes)) {
				memcpy(to, &bytes, sizeof(bytes));
				to += sizeof(bytes);
				text += sizeof(bytes);
				continue;
			}
		}
		if (c >= 0x7F)
			return false;
		if (c < 0x20 || c == '"' || c == '\\')
			to = escape(to, c);
		else
			*to++ = (char)c;
		text++;
	}
	*to++ = '"';
	buf_end(out, to);
	return true;
}

/* Anything: rare enough for a detour. */
static void add_any(struct buf *out, const char *text, size_t len)
{
	struct buf good, bare;

	buf_init(&good, 0);
	buf_init(&bare, 0);
	utf8_repair(&good, text, len);
	buf_addc(&bare, '"');
	for (const char *p = buf_str(&good); *p; p++) {
		unsigned char c = (unsigned char)*p;
		char escaped[ESCAPE_BYTES + 1];

		if (c < 0x20 || c == '"' || c == '\\')
			buf_add(&bare, escaped, (size_t)(escape(escaped, c) - escaped));
		else
			buf_addc(&bare, *p);
	}
	buf_addc(&bare, '"');
	doc_escape_json(out, buf_str(&bare));
	buf_release(&good);
	buf_release(&bare);
}

static void add_text(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	if (!add_ascii(out, text, len))
		add_any(out, text, len);
}

void json_out_key(struct json_out *json, const char *key)
{
	begin(json);
	add_text(json->out, key);
	buf_add(json->out, ": ", 2);
	json->has_key = true;
}

void json_out_text(struct json_out *json, const char *text)
{
	begin(json);
	if (text)
		add_text(json->out, text);
	else
		buf_add(json->out, "null", 4);
}

/* ---- numbers and words ---- */

void json_out_number(struct json_out *json, int64_t number)
{
	char digits[24], *at = digits + sizeof(digits);
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	begin(json);
	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		*--at = '-';
	buf_add(json->out, at, (size_t)(digits + sizeof(digits) - at));
}

/* "1e+05" → "1e5", and never without a sign that it is no integer. */
void json_out_decimal(struct json_out *json, double number)
{
	char text[40], *exponent, *digits;

	begin(json);
	if (!isfinite(number)) {
		buf_adds(json->out, "null");
		return;
	}
	snprintf(text, sizeof(text), "%.17g", number);
	exponent = strchr(text, 'e');
	if (!exponent && !strchr(text, '.')) {
		buf_addf(json->out, "%s.0", text);
		return;
	}
	if (exponent) {
		digits = exponent + 1;
		if (*digits == '-')
			exponent = digits++;
		else if (*digits == '+')
			digits++;
		while (*digits == '0')
			digits++;
		memmove(exponent + 1, digits, strlen(digits) + 1);
	}
	buf_adds(json->out, text);
}

void json_out_word(struct json_out *json, const char *word)
{
	begin(json);
	buf_adds(json->out, word);
}

void json_out_tree(struct json_out *json, const json_t *tree)
{
	const json_t *item;
	const char *key;
	json_t *value;
	size_t i;

	switch (tree ? json_typeof(tree) : JSON_NULL) {
	case JSON_OBJECT:
		json_out_open(json, '{');
		json_object_foreach ((json_t *)tree, key, value) {
			json_out_key(json, key);
			json_out_tree(json, value);
		}
		json_out_close(json, '}');
		break;
	case JSON_ARRAY:
		json_out_open(json, '[');
		json_array_foreach (tree, i, item)
			json_out_tree(json, item);
		json_out_close(json, ']');
		break;
	case JSON_STRING: json_out_text(json, json_string_value(tree)); break;
	case JSON_INTEGER: json_out_number(json, json_integer_value(tree)); break;
	case JSON_REAL: json_out_decimal(json, json_real_value(tree)); break;
	case JSON_TRUE: json_out_word(json, "true"); break;
	case JSON_FALSE: json_out_word(json, "false"); break;
	case JSON_NULL: json_out_word(json, "null"); break;
	}
}
