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

/* Room for ",\n" and the indentation, copied in wholes. */
#define BLANKS 16
#define BEGIN_BYTES(json) ((size_t)(json)->depth * INDENT + 2 + BLANKS)

static char *new_line(const struct json_out *json, char *to)
{
	static const char blanks[BLANKS + 1] = "                ";
	size_t indent = (size_t)json->depth * INDENT;

	*to++ = '\n';
	for (size_t at = 0; at < indent; at += BLANKS)
		memcpy(to + at, blanks, BLANKS);
	return to + indent;
}

/*
 * Where a value or key begins, with room for `more`; its key stands before it already. NULL: there is no
 * room.
 */
static char *begin(struct json_out *json, size_t more)
{
	char *to = buf_reserve(json->out, BEGIN_BYTES(json) + more);

	if (!to || json->has_key || !json->depth) {
		json->has_key = false;
		return to;
	}
	if (json->is_filled)
		*to++ = ',';
	json->is_filled = true;
	return new_line(json, to);
}

static void add(struct json_out *json, const char *text, size_t len)
{
	char *to = begin(json, len);

	if (!to)
		return;
	memcpy(to, text, len);
	buf_end(json->out, to + len);
}

void json_out_open(struct json_out *json, char bracket)
{
	add(json, &bracket, 1);
	json->depth++;
	json->is_filled = false;
}

void json_out_close(struct json_out *json, char bracket)
{
	char *to;

	json->depth--;
	to = buf_reserve(json->out, BEGIN_BYTES(json) + 1);
	if (!to)
		return;
	if (json->is_filled)
		to = new_line(json, to);
	*to++ = bracket;
	buf_end(json->out, to);
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

/* Is it as it will stand there? Most texts are. */
static bool is_plain(const char *text, size_t len)
{
	uint64_t bytes = 0x2020202020202020U;

	if (len < sizeof(bytes)) {
		for (size_t i = 0; i < len; i++)
			bytes = bytes << 8 | (unsigned char)text[i];
		return !is_special(bytes);
	}
	for (size_t i = 0; i + sizeof(bytes) < len; i += sizeof(bytes)) {
		memcpy(&bytes, text + i, sizeof(bytes));
		if (is_special(bytes))
			return false;
	}
	memcpy(&bytes, text + len - sizeof(bytes), sizeof(bytes));
	return !is_special(bytes);
}

#define TEXT_BYTES(len) (2 + (len)*ESCAPE_BYTES)

/* Returns the end, of at most TEXT_BYTES; NULL where there is more than ASCII. */
static char *put_ascii(char *to, const char *text, size_t len)
{
	const char *end = text + len;

	*to++ = '"';
	if (is_plain(text, len)) {
		memcpy(to, text, len);
		to += len;
		text = end;
	}
	for (; text < end; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x7F)
			return NULL;
		if (c < 0x20 || c == '"' || c == '\\')
			to = escape(to, c);
		else
			*to++ = (char)c;
	}
	*to++ = '"';
	return to;
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

/* behind: what follows it. */
static void add_text(struct json_out *json, const char *text, const char *behind, size_t behind_len)
{
	size_t len = strlen(text);
	char *to = begin(json, TEXT_BYTES(len) + behind_len), *end;

	if (!to)
		return;
	end = put_ascii(to, text, len);
	if (!end) {
		buf_end(json->out, to);
		add_any(json->out, text, len);
		buf_add(json->out, behind, behind_len);
		return;
	}
	memcpy(end, behind, behind_len);
	buf_end(json->out, end + behind_len);
}

void json_out_key(struct json_out *json, const char *key)
{
	add_text(json, key, ": ", 2);
	json->has_key = true;
}

void json_out_text(struct json_out *json, const char *text)
{
	if (text)
		add_text(json, text, "", 0);
	else
		add(json, "null", 4);
}

/* ---- numbers and words ---- */

void json_out_number(struct json_out *json, int64_t number)
{
	char digits[24], *at = digits + sizeof(digits);
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		*--at = '-';
	add(json, at, (size_t)(digits + sizeof(digits) - at));
}

/* "1e+05" → "1e5", and never without a sign that it is no integer. */
void json_out_decimal(struct json_out *json, double number)
{
	char text[40], *exponent, *digits;

	if (!isfinite(number)) {
		json_out_word(json, "null");
		return;
	}
	snprintf(text, sizeof(text), "%.17g", number);
	exponent = strchr(text, 'e');
	if (!exponent && !strchr(text, '.'))
		memcpy(text + strlen(text), ".0", 3);
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
	json_out_word(json, text);
}

void json_out_word(struct json_out *json, const char *word)
{
	add(json, word, strlen(word));
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
