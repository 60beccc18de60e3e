/* A title line over a pager. */
#include "tui/view/pager_view.h"

#include <stdio.h>

#include "core/base/i18n.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/view/view.h"

size_t view_line(const char *arg)
{
	int64_t number;

	return arg && str_to_int64(arg, &number) && number > 0 ? (size_t)number - 1 : 0;
}

bool pager_view_command(struct pager *pager, enum command_id id, const char *arg)
{
	switch (id) {
	case CMD_UP: pager_move(pager, PAGER_UP); return true;
	case CMD_DOWN: pager_move(pager, PAGER_DOWN); return true;
	case CMD_PAGE_UP: pager_move(pager, PAGER_PAGE_UP); return true;
	case CMD_PAGE_DOWN: pager_move(pager, PAGER_PAGE_DOWN); return true;
	case CMD_HALF_UP: pager_move(pager, PAGER_HALF_UP); return true;
	case CMD_HALF_DOWN: pager_move(pager, PAGER_HALF_DOWN); return true;
	case CMD_LINE: pager_line(pager, view_line(arg)); return true;
	case CMD_TOP: pager_move(pager, PAGER_TOP); return true;
	case CMD_BOTTOM: pager_move(pager, PAGER_BOTTOM); return true;
	case CMD_LEFT: pager_pan(pager, -1); return true;
	case CMD_RIGHT: pager_pan(pager, 1); return true;
	case CMD_FILTER: pager_filter(pager, arg ? arg : ""); return true;
	case CMD_BACK:
		if (!*pager_filter_text(pager))
			return false;
		pager_filter(pager, "");
		return true;
	default: return false;
	}
}

void pager_view_draw(
	struct pager *pager, const char *title, struct canvas *canvas, struct rect rect)
{
	struct rect body = {rect.row + 1, rect.col, rect.rows - 1, rect.cols};
	char position[32];
	int col;

	pager_draw(pager, canvas, body);
	pager_position(pager, position, sizeof(position));
	col = rect.col + canvas_put_cut(canvas, rect.row, rect.col, rect.cols, STYLE_TITLE, title);
	if (*pager_filter_text(pager)) {
		col += canvas_put(canvas, rect.row, col, -1, STYLE_DIM, "  /");
		int room = rect.col + rect.cols - col - 6;
		canvas_put_cut(canvas, rect.row, col, room > 0 ? room : 0, STYLE_MATCH,
			pager_filter_text(pager));
		if (!pager_matches(pager))
			canvas_put(canvas, body.row + 1, body.col + 2, -1, STYLE_DIM,
				_("No line holds that; Esc clears the filter."));
	}
	canvas_put_right(canvas, rect.row, rect.col + rect.cols - 5, 5, STYLE_DIM, position);
}
