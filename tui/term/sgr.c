#include "tui/term/sgr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/str.h"

#define ESC '\x1B'
#define PARAMS_MAX 24
/* What a blank shows: underline, blink, reverse, crossed out. */
#define BLANK_ATTRS (1u << 4 | 1u << 5 | 1u << 7 | 1u << 9)

/* Where the sequence at `p`, which begins with ESC, ends. */
static const char *sequence_end(const char *p, const char *end)
{
	if (++p == end)
		return p;
	if (*p == '[') {
		for (p++; p < end && (unsigned char)*p < 0x40;)
			p++;
	} else {
		while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x30)
			p++;
	}
	return p < end ? p + 1 : p;
}

/* "38;5;79" from params[at]; how many of them it takes, 0 = it is none that is known. */
static int color_take(const int *params, int count, char *color, size_t size)
{
	if (count >= 3 && params[1] == 5) {
		snprintf(color, size, "%d;5;%d", params[0], params[2]);
		return 3;
	}
	if (count >= 5 && params[1] == 2) {
		snprintf(color, size, "%d;2;%d;%d;%d", params[0], params[2], params[3], params[4]);
		return 5;
	}
	return 0;
}

static void attr_off(struct sgr *sgr, int param)
{
	/* 22 ends bold and dim, 23 italic ... 29 crossed out */
	sgr->attrs &= param == 22 ? ~(1u << 1 | 1u << 2) : ~(1u << (param - 20));
}

/* One parameter, or a colour's; how many it was, 0 = not known. */
static int param_take(struct sgr *sgr, const int *params, int count)
{
	int param = params[0];

	if (param == 0) {
		sgr->attrs = 0;
		sgr->fg[0] = sgr->bg[0] = '\0';
	} else if (param <= 9) {
		sgr->attrs |= 1u << param;
	} else if (param >= 22 && param <= 29 && param != 26) {
		attr_off(sgr, param);
	} else if (param == 39) {
		sgr->fg[0] = '\0';
	} else if (param == 49) {
		sgr->bg[0] = '\0';
	} else if (param == 38) {
		return color_take(params, count, sgr->fg, sizeof(sgr->fg));
	} else if (param == 48) {
		return color_take(params, count, sgr->bg, sizeof(sgr->bg));
	} else if ((param >= 30 && param <= 37) || (param >= 90 && param <= 97)) {
		snprintf(sgr->fg, sizeof(sgr->fg), "%d", param);
	} else if ((param >= 40 && param <= 47) || (param >= 100 && param <= 107)) {
		snprintf(sgr->bg, sizeof(sgr->bg), "%d", param);
	} else {
		return 0;
	}
	return 1;
}

/* "ESC [ ... m" into `sgr`; false when not all of it is known here. */
static bool rendition_take(struct sgr *sgr, const char *p, const char *end)
{
	int params[PARAMS_MAX] = {0}, count = 1;
	bool is_known = true;

	for (p += 2; p < end - 1; p++) {
		if (*p >= '0' && *p <= '9' && params[count - 1] < 1000)
			params[count - 1] = params[count - 1] * 10 + (*p - '0');
		else if ((*p != ';' && *p != ':') || count == PARAMS_MAX)
			return false;
		/* 38:2:: leaves out a colour space. */
		else if (*p != ':' || p[-1] != ':')
			count++;
	}
	for (int at = 0; at < count;) {
		int used = param_take(sgr, params + at, count - at);

		is_known = is_known && used;
		at += used ? used : 1;
	}
	return is_known;
}

static void rendition_set(struct sgr *given, const struct sgr *sgr)
{
	char charset = given->charset;

	*given = *sgr;
	given->charset = charset;
	given->is_known = true;
}

static bool is_same(const struct sgr *a, const struct sgr *b)
{
	return a->attrs == b->attrs && str_eq(a->fg, b->fg) && str_eq(a->bg, b->bg);
}

static bool blanks_are_same(const struct sgr *a, const struct sgr *b)
{
	return a->is_known && !((a->attrs | b->attrs) & BLANK_ATTRS) && str_eq(a->bg, b->bg);
}

/* From what the terminal is in to what is wanted, in one sequence. */
static void tell(struct sgr *given, const struct sgr *wanted, struct buf *out)
{
	bool is_anew = !given->is_known || given->attrs & ~wanted->attrs;
	unsigned more = wanted->attrs & ~(is_anew ? 0 : given->attrs);
	const char *fg = is_anew ? "" : given->fg, *bg = is_anew ? "" : given->bg;

	if (given->is_known && is_same(given, wanted))
		return;
	buf_adds(out, "\x1B[");
	if (is_anew)
		buf_adds(out, "0;");
	for (int i = 1; i <= 9; i++)
		if (more & 1u << i)
			buf_addf(out, "%d;", i);
	if (!str_eq(fg, wanted->fg))
		buf_addf(out, "%s;", wanted->fg[0] ? wanted->fg : "39");
	if (!str_eq(bg, wanted->bg))
		buf_addf(out, "%s;", wanted->bg[0] ? wanted->bg : "49");
	out->data[out->len - 1] = 'm';
	rendition_set(given, wanted);
}

/* Does what follows look the same in any rendition? The cursor's ways; not what fills with a background. */
static bool is_move(const char *p, const char *end)
{
	return p[1] == '[' && strchr("HdGCDABf`", end[-1]);
}

/* "ESC [ n b": the character before it n times more. tmux has forgotten it when anything came between. */
static bool is_repeat(const char *p, const char *end)
{
	const char *last = p < end && *p == ESC ? sequence_end(p, end) - 1 : p;

	return last > p + 1 && p[1] == '[' && *last == 'b';
}

static void escape_take(
	struct sgr *given, struct sgr *wanted, const char *p, const char *end, struct buf *out)
{
	struct sgr next = *wanted;
	bool is_rendition = end - p >= 3 && p[1] == '[' && end[-1] == 'm';

	if (is_rendition && rendition_take(&next, p, end)) {
		*wanted = next;
		return;
	}
	if (end - p == 3 && p[1] == '(' && given->charset == p[2])
		return;
	if (end - p == 3 && p[1] == '(')
		given->charset = p[2];
	else if (!is_move(p, end))
		tell(given, wanted, out);
	buf_add(out, p, (size_t)(end - p));
	/* What is not known here went as it is, the rest of it too. */
	if (is_rendition) {
		*wanted = next;
		rendition_set(given, &next);
	}
}

void sgr_thin(struct sgr *given, const char *bytes, size_t len, struct buf *out)
{
	const char *p = bytes, *end = bytes + len, *next;
	struct sgr wanted = *given;

	for (; p < end; p = next) {
		next = p + 1;
		if (*p == ESC) {
			next = sequence_end(p, end);
			escape_take(given, &wanted, p, next, out);
			continue;
		}
		if (*p != '\r' && *p != '\b' &&
			!(*p == ' ' && blanks_are_same(given, &wanted) && !is_repeat(next, end)))
			tell(given, &wanted, out);
		buf_addc(out, *p);
	}
	/* Frames begin where curses left the last one. */
	tell(given, &wanted, out);
}
