/*
 * Cells in one array, row by row. The rule that everything here keeps: a cell of width 2 is
 * followed by one of width 0, and there is no width 0 without it. Each write therefore first blanks
 * the other half of what it cuts through (cut_halves).
 *
 * Most text is printable ASCII and goes straight into cells; the rest is neutralised and cut into
 * clusters. It does not know what a style looks like, nor what the terminal shows now.
 */
#include "tui/term/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"

#define CLUSTER_POINTS_MAX 5 /* CCHARW_MAX of curses: base and four marks */
/* Bytes looked at for each cell to fill: 10 MB of text in one row costs no more than a row. */
#define BYTES_PER_CELL 64

static const char *const style_names[STYLE_MAX] = {
	[STYLE_NONE] = "none",
	[STYLE_TEXT] = "text",
	[STYLE_DIM] = "dim",
	[STYLE_STRONG] = "strong",
	[STYLE_TITLE] = "title",
	[STYLE_HEADER] = "header",
	[STYLE_BORDER] = "border",
	[STYLE_KEY] = "key",
	[STYLE_HINT] = "hint",
	[STYLE_DISABLED] = "disabled",
	[STYLE_PROMPT] = "prompt",
	[STYLE_MATCH] = "match",
	[STYLE_OK] = "ok",
	[STYLE_INFO] = "info",
	[STYLE_WARN] = "warn",
	[STYLE_ERROR] = "error",
	[STYLE_STATE_RUNNING] = "state-running",
	[STYLE_STATE_MOVING] = "state-moving",
	[STYLE_STATE_WARNING] = "state-warning",
	[STYLE_STATE_FAILED] = "state-failed",
	[STYLE_STATE_ENDED] = "state-ended",
	[STYLE_STATE_UNKNOWN] = "state-unknown",
	[STYLE_STALE] = "stale",
	[STYLE_MARKED] = "marked",
	[STYLE_SELECTED] = "selected",
};

_Static_assert(sizeof(struct cell) == CELL_TEXT_MAX + 4, "cells are compared by memcmp");

const char *canvas_style_name(enum style style)
{
	return style < STYLE_MAX ? style_names[style] : "?";
}

enum style canvas_style_of(const char *name)
{
	for (int i = 0; i < STYLE_MAX; i++)
		if (str_eq(name, style_names[i]))
			return (enum style)i;
	return STYLE_MAX;
}

struct canvas *canvas_new(int rows, int cols)
{
	struct canvas *canvas = xcalloc(1, sizeof(*canvas));

	canvas_resize(canvas, rows, cols);
	return canvas;
}

void canvas_free(struct canvas *canvas)
{
	if (!canvas)
		return;
	free(canvas->cells);
	free(canvas);
}

void canvas_resize(struct canvas *canvas, int rows, int cols)
{
	canvas->rows = rows < 1 ? 1 : rows;
	canvas->cols = cols < 1 ? 1 : cols;
	free(canvas->cells);
	canvas->cells =
		xcalloc((size_t)canvas->rows * (size_t)canvas->cols, sizeof(*canvas->cells));
	canvas_clear(canvas);
}

static struct cell blank(enum style style)
{
	return (struct cell){.text = " ", .width = 1, .style = (uint8_t)style};
}

void canvas_clear(struct canvas *canvas)
{
	canvas->link = NULL;
	size_t count = (size_t)canvas->rows * (size_t)canvas->cols;

	for (size_t i = 0; i < count; i++)
		canvas->cells[i] = blank(STYLE_NONE);
	canvas->cursor_row = canvas->cursor_col = -1;
}

static struct cell *cell_at(const struct canvas *canvas, int row, int col)
{
	return &canvas->cells[(size_t)row * (size_t)canvas->cols + (size_t)col];
}

const struct cell *canvas_cell(const struct canvas *canvas, int row, int col)
{
	if (row < 0 || col < 0 || row >= canvas->rows || col >= canvas->cols)
		return NULL;
	return cell_at(canvas, row, col);
}

/* [from, to) of the row will be overwritten: what is cut through at its ends leaves a blank. */
static void cut_halves(struct canvas *canvas, int row, int from, int to)
{
	struct cell *cells = cell_at(canvas, row, 0);

	if (from >= to)
		return;
	if (from > 0 && cells[from].width == 0) {
		memset(cells[from - 1].text, 0, sizeof(cells[from - 1].text));
		cells[from - 1].text[0] = ' ';
		cells[from - 1].width = 1;
	}
	if (to < canvas->cols && cells[to].width == 0) {
		cells[to].text[0] = ' ';
		cells[to].width = 1;
	}
}

/* Bytes of a cluster that a cell and curses can hold: whole code points. */
static size_t cluster_fit(const char *text, size_t len)
{
	size_t fit = 0;
	int points = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && ((unsigned char)text[i] & 0xC0) == 0x80)
			continue; /* inside a code point */
		if (i > CELL_TEXT_MAX || points > CLUSTER_POINTS_MAX)
			break;
		fit = i;
		points++;
	}
	return fit;
}

/* The writer of one row: cells in [0, limit) are written, what is left of 0 is only counted. */
struct pen {
	struct canvas *canvas;
	int row;
	int64_t col, limit;
	enum style style;
	bool dry; /* only measure */
};

static void pen_cluster(struct pen *pen, const char *text, size_t len, int width)
{
	int from = pen->col < 0 ? 0 : (int)pen->col;
	int to = (int)(pen->col + width);
	struct cell *cell = cell_at(pen->canvas, pen->row, from);

	cut_halves(pen->canvas, pen->row, from, to);
	if (from != pen->col) { /* a wide one, half left of the edge */
		*cell = blank(pen->style);
		return;
	}
	*cell = (struct cell){.width = (uint8_t)width, .style = (uint8_t)pen->style};
	memcpy(cell->text, text, cluster_fit(text, len));
	if (width == 2)
		cell[1] = (struct cell){.style = (uint8_t)pen->style};
}

static bool is_print(char c)
{
	return c >= 0x20 && c < 0x7F;
}

/* Printable ASCII, each byte a cluster: true for text[0] only when text[1] cannot combine with it.
 */
static size_t ascii_span(const char *text, size_t max)
{
	size_t n = 0;

	while (n < max && is_print(text[n]) && (text[n + 1] == '\0' || is_print(text[n + 1])))
		n++;
	return n;
}

static void pen_ascii(struct pen *pen, const char *text, size_t len)
{
	int64_t skip = pen->col < 0 ? -pen->col : 0;

	if (!pen->dry && skip < (int64_t)len) {
		int from = (int)(pen->col + skip);
		struct cell *cell = cell_at(pen->canvas, pen->row, from);

		cut_halves(pen->canvas, pen->row, from, (int)pen->col + (int)len);
		for (size_t i = (size_t)skip; i < len; i++, cell++) {
			*cell = blank(pen->style);
			cell->text[0] = text[i];
		}
	}
	pen->col += (int64_t)len;
}

/* The slow way, for anything. True when all of text was put. */
static bool pen_clusters(struct pen *pen, const char *text)
{
	struct utf8_cluster cluster;
	struct buf clean;
	size_t max = (size_t)(pen->limit - pen->col + 1) * BYTES_PER_CELL;
	size_t len = strnlen(text, max);
	bool whole = true;

	if (len == max)
		while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
			len--;
	buf_init(&clean, 0);
	utf8_neutralise(&clean, text, len);
	for (const char *p = buf_str(&clean); utf8_next(p, &cluster); p += cluster.advance) {
		if (pen->col + cluster.width_cols > pen->limit) {
			whole = false;
			break;
		}
		if (!pen->dry && pen->col + cluster.width_cols > 0)
			pen_cluster(pen, cluster.text, cluster.len, cluster.width_cols);
		pen->col += cluster.width_cols;
	}
	buf_release(&clean);
	return whole && text[len] == '\0';
}

static bool pen_put(struct pen *pen, const char *text)
{
	size_t span;

	if (pen->col >= pen->limit)
		return text[0] == '\0';
	span = ascii_span(text, (size_t)(pen->limit - pen->col));
	pen_ascii(pen, text, span);
	text += span;
	if (text[0] == '\0' || pen->col >= pen->limit)
		return text[0] == '\0';
	return pen_clusters(pen, text);
}

/* False when nothing of it can be seen. */
static bool pen_init(
	struct pen *pen, struct canvas *canvas, int row, int col, int max_cols, enum style style)
{
	*pen = (struct pen){
		.canvas = canvas, .row = row, .col = col, .limit = canvas->cols, .style = style};
	if (max_cols >= 0 && pen->col + max_cols < pen->limit)
		pen->limit = pen->col + max_cols;
	return row >= 0 && row < canvas->rows && pen->limit > 0 && pen->col < pen->limit &&
		pen->col > -(1 << 20);
}

int canvas_put(
	struct canvas *canvas, int row, int col, int max_cols, enum style style, const char *text)
{
	struct pen pen;

	if (!text || !pen_init(&pen, canvas, row, col, max_cols, style))
		return 0;
	pen_put(&pen, text);
	return (int)(pen.col - col);
}

/* Cells that text takes when it may take `limit - col`; *whole: all of it fits. */
static int measure(struct pen pen, const char *text, bool *whole)
{
	int64_t col = pen.col;

	pen.dry = true;
	*whole = pen_put(&pen, text);
	return (int)(pen.col - col);
}

int canvas_put_cut(
	struct canvas *canvas, int row, int col, int max_cols, enum style style, const char *text)
{
	struct pen pen;
	bool whole;

	if (!text || !pen_init(&pen, canvas, row, col, max_cols, style))
		return 0;
	measure(pen, text, &whole);
	if (whole) {
		pen_put(&pen, text);
	} else {
		int64_t limit = pen.limit--;

		pen_put(&pen, text);
		pen.limit = limit;
		pen_put(&pen, canvas->ascii ? "~" : "…");
	}
	return (int)(pen.col - col);
}

void canvas_put_right(
	struct canvas *canvas, int row, int col, int cols, enum style style, const char *text)
{
	struct pen pen = {.canvas = canvas, .row = row, .limit = cols};
	bool whole;
	int used, pad;

	if (cols <= 0)
		return;
	used = measure(pen, text ? text : "", &whole);
	pad = whole ? cols - used : 0;
	canvas_fill(canvas, (struct rect){row, col, 1, cols}, style, NULL);
	canvas_put_cut(canvas, row, col + pad, cols - pad, style, text);
}

/* The part of rect inside of the canvas; false when there is none. */
static bool rect_clip(const struct canvas *canvas, struct rect *rect)
{
	int64_t row_end = (int64_t)rect->row + rect->rows,
		col_end = (int64_t)rect->col + rect->cols;

	if (row_end > canvas->rows)
		row_end = canvas->rows;
	if (col_end > canvas->cols)
		col_end = canvas->cols;
	if (rect->row < 0)
		rect->row = 0;
	if (rect->col < 0)
		rect->col = 0;
	rect->rows = row_end > rect->row ? (int)(row_end - rect->row) : 0;
	rect->cols = col_end > rect->col ? (int)(col_end - rect->col) : 0;
	return rect->rows > 0 && rect->cols > 0;
}

void canvas_fill(struct canvas *canvas, struct rect rect, enum style style, const char *text)
{
	struct utf8_cluster cluster = {.text = " ", .len = 1, .width_cols = 1};
	struct buf clean;

	if (!rect_clip(canvas, &rect))
		return;
	buf_init(&clean, 0);
	if (text && text[0]) {
		utf8_neutralise(&clean, text, strnlen(text, BYTES_PER_CELL));
		utf8_next(buf_str(&clean), &cluster);
	}
	for (int row = rect.row; row < rect.row + rect.rows; row++) {
		struct pen pen = {canvas, row, rect.col, rect.col + rect.cols, style, false};

		cut_halves(canvas, row, rect.col, rect.col + rect.cols);
		for (; pen.col + cluster.width_cols <= pen.limit; pen.col += cluster.width_cols)
			pen_cluster(&pen, cluster.text, cluster.len, cluster.width_cols);
		for (; pen.col < pen.limit; pen.col++)
			pen_cluster(&pen, " ", 1, 1);
	}
	buf_release(&clean);
}

void canvas_overlay(struct canvas *canvas, struct rect rect, enum style overlay)
{
	bool clear = overlay < STYLE_STALE || overlay >= STYLE_MAX;

	if (!rect_clip(canvas, &rect))
		return;
	for (int row = rect.row; row < rect.row + rect.rows; row++) {
		int from = rect.col, to = rect.col + rect.cols;

		/* A wide cluster takes it whole or not at all: its left half decides. */
		if (cell_at(canvas, row, from)->width == 0)
			from++;
		if (to < canvas->cols && to > from && cell_at(canvas, row, to)->width == 0)
			to++;
		for (int col = from; col < to; col++) {
			struct cell *cell = cell_at(canvas, row, col);

			cell->overlays =
				clear ? 0 : (uint8_t)(cell->overlays | CELL_OVERLAY(overlay));
		}
	}
}

void canvas_box(struct canvas *canvas, struct rect rect, enum style style, const char *title)
{
	const char *const *line,
		*const lines[2][6] = {
			{"┌", "┐", "└", "┘", "─", "│"},
			{"+", "+", "+", "+", "-", "|"},
		};
	int right = rect.col + rect.cols - 1, bottom = rect.row + rect.rows - 1;

	if (rect.rows < 2 || rect.cols < 2)
		return;
	line = lines[canvas->ascii];
	canvas_fill(canvas, rect, STYLE_NONE, NULL);
	canvas_fill(canvas, (struct rect){rect.row, rect.col, 1, rect.cols}, style, line[4]);
	canvas_fill(canvas, (struct rect){bottom, rect.col, 1, rect.cols}, style, line[4]);
	canvas_fill(canvas, (struct rect){rect.row, rect.col, rect.rows, 1}, style, line[5]);
	canvas_fill(canvas, (struct rect){rect.row, right, rect.rows, 1}, style, line[5]);
	canvas_put(canvas, rect.row, rect.col, 1, style, line[0]);
	canvas_put(canvas, rect.row, right, 1, style, line[1]);
	canvas_put(canvas, bottom, rect.col, 1, style, line[2]);
	canvas_put(canvas, bottom, right, 1, style, line[3]);
	if (!str_empty(title) && rect.cols > 6) {
		int used = canvas_put_cut(
			canvas, rect.row, rect.col + 3, rect.cols - 6, STYLE_HEADER, title);

		canvas_put(canvas, rect.row, rect.col + 2, 1, style, " ");
		canvas_put(canvas, rect.row, rect.col + 3 + used, 1, style, " ");
	}
}

static void dump_styles(const struct canvas *canvas, int row, struct buf *out)
{
	const char *gap = "\t";
	int next;

	for (int col = 0; col < canvas->cols; col = next) {
		const struct cell *cell = cell_at(canvas, row, col), *end;
		char sign = '/';

		for (next = col + 1; next < canvas->cols; next++) {
			end = cell_at(canvas, row, next);
			if (end->style != cell->style || end->overlays != cell->overlays)
				break;
		}
		if (cell->style == STYLE_NONE && !cell->overlays)
			continue;
		buf_addf(out, "%s%d+%d:%s", gap, col, next - col, canvas_style_name(cell->style));
		for (int i = STYLE_STALE; i < STYLE_MAX; i++) {
			if (!(cell->overlays & CELL_OVERLAY(i)))
				continue;
			buf_addf(out, "%c%s", sign, style_names[i]);
			sign = '+';
		}
		gap = " ";
	}
	if (gap[0] == ' ')
		buf_addc(out, '\n');
}

void canvas_dump(const struct canvas *canvas, struct buf *out, bool styles)
{
	for (int row = 0; row < canvas->rows; row++) {
		int end = canvas->cols;

		while (end > 0 && str_eq(cell_at(canvas, row, end - 1)->text, " "))
			end--;
		for (int col = 0; col < end; col++)
			buf_adds(out, cell_at(canvas, row, col)->text);
		buf_addc(out, '\n');
		if (styles)
			dump_styles(canvas, row, out);
	}
}
