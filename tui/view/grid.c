/* Widths are those of the widest cell; the last column is written as it is. */
#include "tui/view/grid.h"

#include <stdarg.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/present/column.h"

#define GAP 2

void grid_init(struct grid *grid, const char *const *titles)
{
	*grid = (struct grid){0};
	for (; titles[grid->columns] && grid->columns < GRID_COLUMNS_MAX; grid->columns++) {
		const char *title = titles[grid->columns];
		grid->is_right[grid->columns] = *title == '>';
		grid_add(grid, STYLE_DIM, title + (*title == '>'));
	}
}

void grid_add(struct grid *grid, enum style style, const char *text)
{
	struct grid_cell cell = {.text = xstrdup(text ? text : "-"), .style = style};

	vec_push(&grid->cells, cell);
}

void grid_addf(struct grid *grid, enum style style, const char *fmt, ...)
{
	struct buf text;
	va_list ap;

	buf_init(&text, 0);
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	grid_add(grid, style, buf_str(&text));
	buf_release(&text);
}

void grid_number(struct grid *grid, long long number)
{
	if (number < 0)
		grid_add(grid, STYLE_DIM, NULL);
	else
		grid_addf(grid, STYLE_TEXT, "%lld", number);
}

void grid_duration(struct grid *grid, long long ms)
{
	struct buf text;

	buf_init(&text, 0);
	format_duration(ms, &text);
	grid_add(grid, ms < 0 ? STYLE_DIM : STYLE_TEXT, buf_str(&text));
	buf_release(&text);
}

void grid_bytes(struct grid *grid, long long bytes)
{
	struct buf text;

	buf_init(&text, 0);
	format_bytes(bytes, &text);
	grid_add(grid, bytes < 0 ? STYLE_DIM : STYLE_TEXT, buf_str(&text));
	buf_release(&text);
}

void grid_end(struct grid *grid, struct pager *pager, int indent)
{
	int widths[GRID_COLUMNS_MAX] = {0};
	size_t columns = (size_t)grid->columns;

	for (size_t i = 0; i < grid->cells.len; i++) {
		int cols = utf8_width(grid->cells.data[i].text);
		if (cols > widths[i % columns])
			widths[i % columns] = cols;
	}
	pager_wrap(pager, -1);
	for (size_t i = 0; i < grid->cells.len; i++) {
		const struct grid_cell *cell = &grid->cells.data[i];
		size_t k = i % columns;
		int pad = widths[k] - utf8_width(cell->text);
		if (!k)
			pager_addf(pager, STYLE_TEXT, "%*s", indent, "");
		if (grid->is_right[k])
			pager_addf(pager, STYLE_TEXT, "%*s", pad, "");
		pager_add(pager, cell->style, cell->text);
		if (k + 1 == columns)
			pager_end_line(pager);
		else
			pager_addf(
				pager, STYLE_TEXT, "%*s", (grid->is_right[k] ? 0 : pad) + GAP, "");
		free(cell->text);
	}
	pager_wrap(pager, 0);
	vec_release(&grid->cells);
}
