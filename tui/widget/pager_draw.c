/* What is seen of a pager: rows drawn, and their lines handed out as text. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/widget/glyph.h"
#include "tui/widget/pager_private.h"

static enum style style_at(
	const struct pager *pager, const struct line *line, size_t at, size_t *until)
{
	enum style style = STYLE_TEXT;

	*until = (size_t)-1;
	for (size_t i = 0; i < line->span_count; i++) {
		const struct span *span = &pager->spans.data[line->span + i];
		if (span->at > at) {
			*until = span->at;
			break;
		}
		style = span->style;
	}
	return style;
}

/* Bytes [from, to) of a line at a place of the screen, in pieces of one style. */
static void draw_piece(const struct pager *pager, const struct line *line, size_t from, size_t to,
	struct canvas *canvas, int row, int col, int end)
{
	while (from < to && col < end) {
		size_t until, at, len;
		enum style style = style_at(pager, line, from, &until);
		until = until < to ? until : to;
		const struct words *words =
			!words_are_empty(&pager->search) ? &pager->search : &pager->filter;
		if (!words_are_empty(words) && !line->is_title &&
			words_find(words, line->text, from, &at, &len) && at < until) {
			if (at == from) {
				style = STYLE_MATCH;
				until = from + len < to ? from + len : to;
			} else {
				until = at;
			}
		}
		char *piece = xstrndup(line->text + from, until - from);
		col += canvas_put(canvas, row, col, end - col, style, piece);
		free(piece);
		from = until;
	}
}

static void draw_row(const struct pager *pager, const struct screen_row *row, struct canvas *canvas,
	struct rect rect, int screen_row)
{
	const struct line *line = &pager->lines.data[row->line];
	int col = rect.col, end = rect.col + rect.cols, skipped = 0;
	size_t from = row->from;

	if (line->indent >= 0 && row->from)
		col += rect.cols - line->indent < rect.cols / 2 ? rect.cols / 2 : line->indent;
	if (line->indent < 0 && pager->pan && !line->is_title) {
		struct utf8_cluster cut;
		from += utf8_fit(line->text, pager->pan, &skipped);
		/* A wide character at the edge goes whole; its other half stays blank. */
		if (skipped < pager->pan && utf8_next(line->text + from, &cut)) {
			from += cut.advance;
			col += skipped + cut.width_cols - pager->pan;
		}
		if (from >= row->to)
			return;
	}
	draw_piece(pager, line, from, row->to, canvas, screen_row, col, end);
	if (line->is_title) {
		int at = col + utf8_width(line->text) + 1;
		canvas_fill(canvas, (struct rect){screen_row, at, 1, end - at}, STYLE_BORDER,
			glyph(GLYPH_RULE, canvas->ascii));
	}
}

void pager_draw(struct pager *pager, struct canvas *canvas, struct rect rect)
{
	if (rect.rows < 1 || rect.cols < 1)
		return;
	pager_fit(pager, rect);
	for (int i = 0; i < rect.rows && pager->top + (size_t)i < pager->rows.len; i++)
		draw_row(pager, &pager->rows.data[pager->top + (size_t)i], canvas, rect,
			rect.row + i);
}

const char *pager_shown(const struct pager *pager, size_t i, bool *is_hit)
{
	size_t end = pager->top + (size_t)pager->height, seen = 0;

	end = end < pager->rows.len ? end : pager->rows.len;
	for (size_t at = pager->top; at < end; at++) {
		size_t line = pager->rows.data[at].line;

		if ((at > pager->top && pager->rows.data[at - 1].line == line) ||
			!*pager->lines.data[line].text)
			continue;
		*is_hit = line == pager->hit;
		if (seen++ == i)
			return pager->lines.data[line].text;
	}
	return NULL;
}

void pager_all(const struct pager *pager, struct buf *out)
{
	for (size_t at = 0; at < pager->rows.len; at++) {
		size_t line = pager->rows.data[at].line;

		if (!at || pager->rows.data[at - 1].line != line)
			buf_addf(out, "%s\n", pager->lines.data[line].text);
	}
}
