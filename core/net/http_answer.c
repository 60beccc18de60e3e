#include "core/net/http_answer.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define HEAD_BYTES ((size_t)16 << 10)
/* Digits of a length; more are no answer of a JobManager's. */
#define LENGTH_DIGITS 12
#define CHUNK_DIGITS 8

enum { STATUS, HEADERS, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, LAST_END, ENDED };

void http_answer_begin(struct http_answer *answer)
{
	memset(answer, 0, offsetof(struct http_answer, line));
	answer->type[0] = '\0';
	answer->left = -1;
	answer->is_kept = true;
}

/* ---- lines ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool status_line(struct http_answer *a)
{
	const char *l = a->line;

	if (a->line_len < 12 || memcmp(l, "HTTP/1.1 ", 9) != 0 || !is_digit(l[9]) ||
		!is_digit(l[10]) || !is_digit(l[11]) || (l[12] != ' ' && l[12]))
		return false;
	a->status = (l[9] - '0') * 100 + (l[10] - '0') * 10 + (l[11] - '0');
	/* Others have no body, lead elsewhere or want a login. */
	return a->status >= 200 && a->status < 600 && a->status != 204 && a->status / 100 != 3 &&
		a->status != 401 && a->status != 407;
}

static bool content_length(struct http_answer *a, const char *value)
{
	size_t len = strspn(value, "0123456789");

	if (a->left >= 0 || a->is_chunked || !len || len > LENGTH_DIGITS || value[len])
		return false;
	a->left = 0;
	for (; is_digit(*value); value++)
		a->left = a->left * 10 + (*value - '0');
	return true;
}

static bool transfer_encoding(struct http_answer *a, const char *value)
{
	if (a->left >= 0 || a->is_chunked || strcasecmp(value, "chunked") != 0)
		return false;
	a->is_chunked = true;
	return true;
}

static bool connection(struct http_answer *a, const char *value)
{
	if (strcasecmp(value, "close") == 0)
		a->is_kept = false;
	else
		return strcasecmp(value, "keep-alive") == 0;
	return true;
}

static bool content_type(struct http_answer *a, const char *value)
{
	size_t len = strlen(value);

	if (a->type[0] || len >= sizeof(a->type))
		return false;
	memcpy(a->type, value, len + 1);
	return true;
}

static bool never(struct http_answer *a, const char *value)
{
	(void)a;
	(void)value;
	return false;
}

static const struct {
	const char *name;
	bool (*read)(struct http_answer *a, const char *value);
} headers[] = {
	{"Content-Length", content_length},
	{"Transfer-Encoding", transfer_encoding},
	{"Connection", connection},
	{"Content-Type", content_type},
	{"Content-Encoding", never},
	{"Trailer", never},
	{"Upgrade", never},
};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' ||
		c == '_';
}

static bool header(struct http_answer *a)
{
	char *value, *end = a->line + a->line_len;
	size_t name_len = 0;

	while (is_name(a->line[name_len]))
		name_len++;
	if (!name_len || a->line[name_len] != ':')
		return false;
	value = a->line + name_len + 1;
	while (*value == ' ' || *value == '\t')
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		if (strlen(headers[i].name) == name_len &&
			strncasecmp(headers[i].name, a->line, name_len) == 0)
			return headers[i].read(a, value);
	return true;
}

static bool chunk_size(struct http_answer *a)
{
	static const char digits[] = "0123456789abcdef";

	if (!a->line_len || a->line_len > CHUNK_DIGITS)
		return false;
	a->left = 0;
	for (const char *c = a->line; *c; c++) {
		const char *digit = strchr(digits, *c >= 'A' && *c <= 'F' ? *c + 32 : *c);

		if (!digit)
			return false;
		a->left = a->left * 16 + (digit - digits);
	}
	a->state = a->left ? CHUNK : LAST_END;
	return true;
}

static bool head_ends(struct http_answer *a)
{
	if (a->left < 0 && !a->is_chunked)
		return false;
	a->state = a->is_chunked ? CHUNK_SIZE : a->left ? BODY : ENDED;
	return true;
}

/* A line is whole. */
static bool take_line(struct http_answer *a)
{
	switch (a->state) {
	case STATUS: a->state = HEADERS; return status_line(a);
	case HEADERS: return a->line_len ? header(a) : head_ends(a);
	case CHUNK_SIZE: return chunk_size(a);
	case CHUNK_END: a->state = CHUNK_SIZE; return !a->line_len;
	case LAST_END: a->state = ENDED; return !a->line_len;
	default: return false;
	}
}

/* How much of it was one line, or a part of one; 0 = it is none. */
static size_t add_line(struct http_answer *a, const char *data, size_t len)
{
	const char *end = memchr(data, '\n', len);
	size_t part = end ? (size_t)(end - data) : len;

	if (a->line_len + part >= sizeof(a->line))
		return 0;
	memcpy(a->line + a->line_len, data, part);
	a->line_len += part;
	if (!end)
		return part;
	if (!a->line_len || a->line[a->line_len - 1] != '\r')
		return 0;
	a->line[--a->line_len] = '\0';
	/* Neither hidden ends nor control characters. */
	for (size_t i = 0; i < a->line_len; i++)
		if ((unsigned char)a->line[i] < ' ' && a->line[i] != '\t')
			return 0;
	if (!take_line(a))
		return 0;
	a->line_len = 0;
	return part + 1;
}

enum answer_is http_answer_add(
	struct http_answer *a, const char *data, size_t len, struct buf *body)
{
	while (len && a->state != ENDED) {
		bool is_body = a->state == BODY || a->state == CHUNK;
		size_t used = len;

		if (is_body) {
			if ((int64_t)used > a->left)
				used = (size_t)a->left;
			if (buf_add(body, data, used))
				return ANSWER_ODD;
			a->left -= (int64_t)used;
			if (!a->left)
				a->state = a->state == BODY ? ENDED : CHUNK_END;
		} else {
			used = add_line(a, data, len);
			if (a->state <= HEADERS)
				a->head_bytes += used;
			if (!used || a->head_bytes > HEAD_BYTES)
				return ANSWER_ODD;
		}
		data += used;
		len -= used;
	}
	if (len)
		a->is_kept = false;
	return a->state == ENDED ? ANSWER_WHOLE : ANSWER_UNDER_WAY;
}
