/*
 * Lines are broken into screen rows when the width, the content or the filter changes, never while
 * scrolling. A line's text is made harmless when it is added, so that it is measured as it is
 * drawn.
 */
#include "tui/widget/pager_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"

#define TAB_TEXT "    "

struct pager *pager_new(void)
{
	struct pager *pager = xcalloc(1, sizeof(*pager));

	buf_init(&pager->text, 0);
	words_set(&pager->filter, "");
	words_set(&pager->search, "");
	pager->hit = (size_t)-1;
	pager->section = -1;
	pager->height = 1;
	pager->arena = arena_new();
	return pager;
}

void pager_free(struct pager *pager)
{
	if (!pager)
		return;
	arena_free(pager->arena);
	vec_release(&pager->lines);
	vec_release(&pager->spans);
	vec_release(&pager->rows);
	buf_release(&pager->text);
	words_release(&pager->filter);
	words_release(&pager->search);
	free(pager);
}

/* -- building -- */

static void anchor_take(struct pager *pager)
{
	if (pager->has_anchor || pager->top >= pager->rows.len)
		return;
	size_t index = pager->rows.data[pager->top].line;
	const struct line *line = &pager->lines.data[index];
	size_t first = pager->top;
	while (first && pager->rows.data[first - 1].line == index)
		first--;
	pager->anchor_section = line->section;
	pager->anchor_line = line->in_section;
	pager->anchor_row = pager->top - first;
	pager->has_anchor = pager->top > 0;
}

void pager_begin(struct pager *pager)
{
	anchor_take(pager);
	arena_free(pager->arena);
	pager->arena = arena_new();
	pager->lines.len = pager->spans.len = pager->rows.len = 0;
	buf_reset(&pager->text);
	pager->first_span = 0;
	pager->section = -1;
	pager->in_section = 0;
	pager->indent = 0;
}

static void line_push(struct pager *pager, bool is_title)
{
	struct line line = {
		.text = arena_strndup(pager->arena, buf_str(&pager->text), pager->text.len),
		.span = pager->first_span,
		.span_count = pager->spans.len - pager->first_span,
		.section = pager->section,
		.in_section = pager->in_section++,
		.indent = pager->indent,
		.is_title = is_title,
	};

	vec_push(&pager->lines, line);
	buf_reset(&pager->text);
	pager->first_span = pager->spans.len;
}

static void piece_add(struct pager *pager, enum style style, const char *text, size_t len)
{
	struct span span = {pager->text.len, style};

	if (!len)
		return;
	vec_push(&pager->spans, span);
	while (len) {
		const char *tab = memchr(text, '\t', len);
		size_t part = tab ? (size_t)(tab - text) : len;
		utf8_neutralise(&pager->text, text, part);
		if (tab)
			buf_adds(&pager->text, TAB_TEXT);
		text += part + (tab != NULL);
		len -= part + (tab != NULL);
	}
}

void pager_add(struct pager *pager, enum style style, const char *text)
{
	for (const char *end = text + strlen(text);;) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		size_t len = (size_t)((line_end ? line_end : end) - text);
		size_t shown = len && text[len - 1] == '\r' ? len - 1 : len;
		piece_add(pager, style, text, shown);
		if (!line_end)
			return;
		line_push(pager, false);
		text = line_end + 1;
	}
}

void pager_addf(struct pager *pager, enum style style, const char *fmt, ...)
{
	struct buf text;
	va_list ap;

	buf_init(&text, 0);
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	pager_add(pager, style, buf_str(&text));
	buf_release(&text);
}

void pager_tab(struct pager *pager, int col)
{
	int at = utf8_width(buf_str(&pager->text));

	if (at >= col && at)
		col = at + 1;
	for (; at < col; at++)
		piece_add(pager, STYLE_TEXT, " ", 1);
}

void pager_end_line(struct pager *pager)
{
	line_push(pager, false);
}

void pager_text(struct pager *pager, enum style style, const char *text)
{
	size_t len = strlen(text);

	pager_add(pager, style, text);
	if (!len || text[len - 1] != '\n')
		line_push(pager, false);
}

void pager_section(struct pager *pager, int key, const char *title)
{
	if (pager->text.len)
		line_push(pager, false);
	if (pager->lines.len)
		line_push(pager, false); /* a blank line, still of the section before */
	pager->section = key;
	pager->in_section = 0;
	pager_add(pager, STYLE_HEADER, title);
	line_push(pager, true);
}

void pager_wrap(struct pager *pager, int indent)
{
	pager->indent = indent;
}

void pager_end(struct pager *pager)
{
	if (pager->text.len)
		line_push(pager, false);
	pager->rows_dirty = pager->lines_dirty = true;
}

/* -- what passes, and what is a hit -- */

/* among: only lines that were hits before. */
static void hits_note(struct pager *pager, bool among)
{
	bool is_asked = !words_are_empty(&pager->search);
	struct line *line;

	pager->hits = 0;
	vec_each (line, &pager->lines) {
		line->is_hit = is_asked && (!among || line->is_hit) &&
			words_match(&pager->search, line->text);
		pager->hits += line->is_hit;
	}
}

static void passing_note(struct pager *pager, bool among)
{
	bool is_asked = !words_are_empty(&pager->filter);
	struct line *line;

	vec_each (line, &pager->lines)
		line->passes = !is_asked ||
			((!among || line->passes) && words_match(&pager->filter, line->text));
}

/* -- rows -- */

static void row_push(struct pager *pager, size_t line, size_t from, size_t to)
{
	struct screen_row row = {line, from, to};

	vec_push(&pager->rows, row);
}

static void rows_of_line(struct pager *pager, size_t index)
{
	const struct line *line = &pager->lines.data[index];
	int room = pager->cols, cols;
	size_t from = 0;

	if (line->indent < 0 || pager->cols < 4) {
		int width = utf8_width(line->text);
		if (width > pager->widest)
			pager->widest = width;
		row_push(pager, index, 0, strlen(line->text));
		return;
	}
	do {
		size_t len = utf8_fit(line->text + from, room, &cols);
		len = utf8_break(line->text + from, len);
		if (!len && line->text[from])
			len = strlen(line->text + from);
		row_push(pager, index, from, from + len);
		from += len;
		if (from)
			from += strspn(line->text + from, " ");
		room = pager->cols - line->indent;
		if (room < pager->cols / 2)
			room = pager->cols / 2;
	} while (line->text[from]);
}

/* With a filter a title waits until a line of its section has passed. */
static void rows_make(struct pager *pager)
{
	bool is_filtered = !words_are_empty(&pager->filter);
	size_t title = (size_t)-1;

	if (pager->lines_dirty) {
		passing_note(pager, false);
		hits_note(pager, false);
	}
	pager->rows.len = 0;
	pager->matches = 0;
	pager->widest = 0;
	for (size_t i = 0; i < pager->lines.len; i++) {
		const struct line *line = &pager->lines.data[i];
		if (is_filtered && line->is_title) {
			title = i;
			continue;
		}
		if (!line->passes)
			continue;
		if (title != (size_t)-1)
			rows_of_line(pager, title);
		title = (size_t)-1;
		pager->matches += !line->is_title;
		rows_of_line(pager, i);
	}
	pager->rows_dirty = pager->lines_dirty = false;
}

static size_t top_max(const struct pager *pager)
{
	size_t height = (size_t)pager->height, max;

	max = pager->rows.len > height ? pager->rows.len - height : 0;
	if (!max)
		return 0;
	/* The last section may stand at the top, so that a jump to it is seen. */
	for (size_t i = pager->rows.len; i > max + 1; i--)
		if (pager->lines.data[pager->rows.data[i - 1].line].is_title)
			return i - 1;
	return max;
}

static void top_clamp(struct pager *pager)
{
	size_t max = top_max(pager);

	if (pager->top > max)
		pager->top = max;
}

static void anchor_return(struct pager *pager)
{
	if (!pager->has_anchor)
		return;
	pager->has_anchor = false;
	for (size_t i = 0; i < pager->rows.len; i++) {
		const struct line *line = &pager->lines.data[pager->rows.data[i].line];
		if (line->section != pager->anchor_section || line->in_section < pager->anchor_line)
			continue;
		pager->top = i;
		for (size_t k = 0; k < pager->anchor_row && i + k + 1 < pager->rows.len &&
			pager->rows.data[i + k + 1].line == pager->rows.data[i].line;
			k++)
			pager->top++;
		return;
	}
}

static void rows_sync(struct pager *pager)
{
	if (!pager->rows_dirty)
		return;
	rows_make(pager);
	anchor_return(pager);
	top_clamp(pager);
}

/* -- what a person does -- */

void pager_filter(struct pager *pager, const char *text)
{
	if (!strcmp(pager->filter.text, text ? text : ""))
		return;
	passing_note(pager, words_set(&pager->filter, text) && !pager->lines_dirty);
	pager->rows_dirty = true;
	pager->top = 0;
	pager->has_anchor = false;
	rows_sync(pager);
}

const char *pager_filter_text(const struct pager *pager)
{
	return pager->filter.text;
}

size_t pager_matches(const struct pager *pager)
{
	return pager->matches;
}

void pager_search(struct pager *pager, const char *text)
{
	hits_note(pager, words_set(&pager->search, text) && !pager->lines_dirty);
	pager->hit = (size_t)-1;
}

const char *pager_search_text(const struct pager *pager)
{
	return pager->search.text;
}

size_t pager_hits(const struct pager *pager)
{
	return pager->hits;
}

bool pager_search_next(struct pager *pager, int step)
{
	size_t height = (size_t)pager->height, from;

	rows_sync(pager);
	/* From the last hit while it is on the screen; else from the window's edge. */
	from = step > 0 ? pager->top : pager->top + height;
	for (size_t i = pager->top; i < pager->rows.len && i < pager->top + height; i++)
		if (pager->rows.data[i].line == pager->hit)
			from = i + (step > 0);
	from = from < pager->rows.len ? from : pager->rows.len;
	while (step > 0 ? from < pager->rows.len : from-- > 0) {
		size_t line = pager->rows.data[from].line;
		if (line != pager->hit && pager->rows.data[from].from == 0 &&
			pager->lines.data[line].is_hit) {
			pager->hit = line;
			pager_see_hit(pager);
			return true;
		}
		from += step > 0;
	}
	return false;
}

void pager_see_hit(struct pager *pager)
{
	size_t height = (size_t)pager->height;

	rows_sync(pager);
	for (size_t i = 0; i < pager->rows.len; i++) {
		if (pager->rows.data[i].line != pager->hit)
			continue;
		if (i < pager->top || i >= pager->top + height)
			pager->top = i > height / 3 ? i - height / 3 : 0;
		break;
	}
	top_clamp(pager);
}

void pager_move(struct pager *pager, enum pager_move move)
{
	size_t page = pager->height > 1 ? (size_t)pager->height - 1 : 1;
	size_t height = (size_t)pager->height, half = height > 2 ? height / 2 : 1;

	rows_sync(pager);
	switch (move) {
	case PAGER_UP: pager->top -= pager->top > 0; break;
	case PAGER_DOWN: pager->top++; break;
	case PAGER_PAGE_UP: pager->top = pager->top > page ? pager->top - page : 0; break;
	case PAGER_PAGE_DOWN: pager->top += page; break;
	case PAGER_HALF_UP: pager->top = pager->top > half ? pager->top - half : 0; break;
	case PAGER_HALF_DOWN: pager->top += half; break;
	case PAGER_TOP: pager->top = 0; break;
	case PAGER_BOTTOM:
		pager->top = pager->rows.len > height ? pager->rows.len - height : 0;
		break;
	}
	top_clamp(pager);
}

void pager_line(struct pager *pager, size_t line)
{
	rows_sync(pager);
	pager->top = line;
	top_clamp(pager);
}

bool pager_pan(struct pager *pager, int step)
{
	int pan = pager->pan + step * (pager->cols / 2);

	if (pan < 0)
		pan = 0;
	if (step > 0 && pager->pan + pager->cols >= pager->widest)
		pan = pager->pan;
	if (pan == pager->pan)
		return false;
	pager->pan = pan;
	return true;
}

bool pager_go(struct pager *pager, int key)
{
	rows_sync(pager);
	for (size_t i = 0; i < pager->rows.len; i++) {
		const struct line *line = &pager->lines.data[pager->rows.data[i].line];
		if (!line->is_title || line->section != key)
			continue;
		pager->top = i;
		pager->has_anchor = false;
		top_clamp(pager);
		return true;
	}
	return false;
}

int pager_section_at(const struct pager *pager)
{
	if (pager->top >= pager->rows.len)
		return -1;
	return pager->lines.data[pager->rows.data[pager->top].line].section;
}

void pager_position(const struct pager *pager, char *out, size_t size)
{
	size_t height = (size_t)pager->height;

	if (pager->rows.len <= height)
		snprintf(out, size, "%s", _("All"));
	else if (!pager->top)
		snprintf(out, size, "%s", _("Top"));
	else if (pager->top + height >= pager->rows.len)
		snprintf(out, size, "%s", _("End"));
	else
		snprintf(out, size, "%zu%%", pager->top * 100 / (pager->rows.len - height));
}

void pager_fit(struct pager *pager, struct rect rect)
{
	if (pager->cols != rect.cols) {
		anchor_take(pager);
		pager->cols = rect.cols;
		pager->pan = 0;
		pager->rows_dirty = true;
	}
	pager->height = rect.rows > 1 ? rect.rows : 1;
	rows_sync(pager);
	top_clamp(pager);
}
