/*
 * json_t → YAML, block style as people write it: lists at the indentation of their key, texts of
 * several lines as literal blocks. A text is plain only where every YAML reader (1.1 and 1.2) takes
 * it for a text, and the same text; else it is double-quoted with JSON's escapes, which YAML
 * shares.
 */
#include "core/base/doc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"

/* A reader need not look further than this for the ':' of a key. */
#define SIMPLE_KEY_BYTES_MAX 128

static void dump_node(struct buf *out, const json_t *node, int indent, bool inline_start);

/* May this character stand unescaped, in a line? YAML's line ends beyond ASCII may not. */
static bool is_printable(utf8proc_int32_t c)
{
	if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
		return false;
	return c != 0x2028 && c != 0x2029 && c != 0xfeff && (c & 0xfffe) != 0xfffe &&
		!(c >= 0xd800 && c < 0xe000);
}

/* All printable but newlines; *lines says whether there is one. */
static bool is_clean(const char *text, size_t len, bool *lines)
{
	*lines = false;
	for (size_t i = 0; i < len;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t step = utf8proc_iterate(
			(const utf8proc_uint8_t *)text + i, (utf8proc_ssize_t)(len - i), &c);
		if (step <= 0)
			return false;
		if (c == '\n')
			*lines = true;
		else if (!is_printable(c))
			return false;
		i += (size_t)step;
	}
	return true;
}

/* Would some reader take the plain word for a null, a boolean, a number or a date? */
static bool is_typed_word(const char *text)
{
	static const char *const words[] = {"~", "null", "true", "false", "yes", "no", "on", "off",
		"y", "n", "=", "<<", ".nan", ".inf"};
	const char *p = text;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(text, words[i]))
			return true;
	if (*p == '-' || *p == '+' || *p == '.')
		p++;
	return (*p >= '0' && *p <= '9') || !strcasecmp(p, ".inf");
}

static bool is_plain(const char *text, size_t len)
{
	bool lines;

	if (!len || strchr("-?:,[]{}#&*!|>'\"%@` ", text[0]) || text[len - 1] == ' ' ||
		text[len - 1] == ':')
		return false;
	if (strstr(text, ": ") || strstr(text, " #") || is_typed_word(text) ||
		str_starts(text, "..."))
		return false;
	return is_clean(text, len, &lines) && !lines;
}

static void dump_quoted(struct buf *out, const char *text, size_t len)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < len;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t step = utf8proc_iterate(
			(const utf8proc_uint8_t *)text + i, (utf8proc_ssize_t)(len - i), &c);
		if (step <= 0) {
			c = 0xfffd;
			step = 1;
		}
		if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", (char)c);
		else if (c == '\n')
			buf_adds(out, "\\n");
		else if (c == '\t')
			buf_adds(out, "\\t");
		else if (is_printable(c))
			buf_add(out, text + i, (size_t)step);
		else if (c > 0xffff)
			buf_addf(out, "\\U%08x", (unsigned)c);
		else
			buf_addf(out, "\\u%04x", (unsigned)c);
		i += (size_t)step;
	}
	buf_addc(out, '"');
}

static void dump_indent(struct buf *out, int indent)
{
	for (int i = 0; i < indent; i++)
		buf_addc(out, ' ');
}

/* A literal block begins with a text line that sets the indentation, so not with a space or an
 * empty one. */
static bool dump_literal(struct buf *out, const char *text, size_t len, int indent)
{
	bool lines;
	size_t end = len;

	if (!len || text[0] == ' ' || text[0] == '\n' || !is_clean(text, len, &lines) || !lines)
		return false;
	while (end && text[end - 1] == '\n')
		end--;
	buf_adds(out, len == end ? "|-\n" : len - end == 1 ? "|\n" : "|+\n");
	for (size_t i = 0; i < end;) {
		size_t line = strcspn(text + i, "\n");
		if (line) {
			dump_indent(out, indent);
			buf_add(out, text + i, line);
		}
		buf_addc(out, '\n');
		i += line + 1;
	}
	for (size_t i = end + 1; i < len; i++)
		buf_addc(out, '\n');
	return true;
}

/* The shortest of 15 or 17 digits that reads back as the same number. jansson knows the locale's
 * decimal point. */
static void dump_real(struct buf *out, const json_t *node)
{
	char *text = json_dumps(node, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	json_t *back = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;

	if (back && json_number_value(back) != json_number_value(node)) {
		free(text);
		text = json_dumps(node, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
	}
	buf_adds(out, text ? text : "null");
	json_decref(back);
	free(text);
}

static void dump_scalar(struct buf *out, const json_t *node, int indent)
{
	const char *text = json_string_value(node);
	size_t len = json_string_length(node);

	if (json_is_integer(node))
		buf_addf(out, "%lld", (long long)json_integer_value(node));
	else if (json_is_real(node))
		dump_real(out, node);
	else if (json_is_boolean(node))
		buf_adds(out, json_is_true(node) ? "true" : "false");
	else if (!text)
		buf_adds(out, "null");
	else if (is_plain(text, len))
		buf_add(out, text, len);
	else if (dump_literal(out, text, len, indent ? indent : 2))
		return; /* it has its line end */
	else
		dump_quoted(out, text, len);
	buf_addc(out, '\n');
}

static bool is_block(const json_t *node)
{
	return (json_is_object(node) && json_object_size(node)) ||
		(json_is_array(node) && json_array_size(node));
}

static void dump_object(struct buf *out, const json_t *object, int indent, bool inline_start)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value) {
		size_t len = strlen(key);
		bool is_long = len > SIMPLE_KEY_BYTES_MAX;

		if (!inline_start)
			dump_indent(out, indent);
		inline_start = false;
		if (is_long)
			buf_adds(out, "? ");
		if (is_plain(key, len))
			buf_add(out, key, len);
		else
			dump_quoted(out, key, len);
		if (is_long) {
			buf_addc(out, '\n');
			dump_indent(out, indent);
		}
		buf_addc(out, ':');
		if (!is_block(value)) {
			buf_addc(out, ' ');
			dump_node(out, value, indent + 2, true);
			continue;
		}
		buf_addc(out, '\n');
		dump_node(out, value, json_is_array(value) ? indent : indent + 2, false);
	}
}

/* inline_start: the cursor stands behind "- " or "key: " already. */
static void dump_node(struct buf *out, const json_t *node, int indent, bool inline_start)
{
	const json_t *item;
	size_t i;

	if (!is_block(node)) {
		if (json_is_object(node))
			buf_adds(out, "{}\n");
		else if (json_is_array(node))
			buf_adds(out, "[]\n");
		else
			dump_scalar(out, node, indent);
	} else if (json_is_object(node)) {
		dump_object(out, node, indent, inline_start);
	} else {
		json_array_foreach (node, i, item) {
			if (!inline_start)
				dump_indent(out, indent);
			inline_start = false;
			buf_adds(out, "- ");
			dump_node(out, item, indent + 2, true);
		}
	}
}

void doc_dump_yaml(struct buf *out, const json_t *node)
{
	dump_node(out, node, 0, false);
}
