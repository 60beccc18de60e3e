/* One pass, no memory. It fails early and often: who calls has another way. */
#include "core/base/doc_scan.h"

#include <string.h>

#include "core/base/utf8.h"

#define DEPTH_MAX 32
#define DIGITS_MAX 18

void doc_scan_fail(struct doc_scan *scan)
{
	scan->failed = true;
	scan->at = scan->end;
}

static void skip_blanks(struct doc_scan *scan)
{
	while (scan->at < scan->end &&
		(*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
		scan->at++;
}

static char next_char(struct doc_scan *scan)
{
	skip_blanks(scan);
	return scan->at < scan->end ? *scan->at : '\0';
}

static void expect(struct doc_scan *scan, char c)
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

struct doc_piece doc_scan_text(struct doc_scan *scan)
{
	struct doc_piece piece = {"", 0};
	bool is_ascii = true;

	expect(scan, '"');
	const char *from = scan->at, *at = from;
	while (at < scan->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
		is_ascii = is_ascii && (unsigned char)*at < 0x80;
		at++;
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

int64_t doc_scan_int(struct doc_scan *scan)
{
	int64_t value = 0;
	bool is_negative = next_char(scan) == '-';
	const char *from = scan->at += is_negative;

	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' &&
		scan->at - from < DIGITS_MAX)
		value = value * 10 + (*scan->at++ - '0');
	/* The rest of a longer number, or of a real, is no comma and no bracket: the next step fails. */
	if (scan->at == from || (*from == '0' && scan->at - from > 1))
		doc_scan_fail(scan);
	scan->is_behind = true;
	return is_negative ? -value : value;
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

static void skip(struct doc_scan *scan, int depth)
{
	struct doc_piece key;
	char c = next_char(scan);

	if (depth > DEPTH_MAX)
		doc_scan_fail(scan);
	else if (c == '"')
		doc_scan_text(scan);
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
		doc_scan_int(scan);
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
