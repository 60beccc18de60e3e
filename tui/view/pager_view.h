/* What help and messages share: a pager with a title, moved and filtered by the usual commands. */
#ifndef WEIR_TUI_PAGER_VIEW_H
#define WEIR_TUI_PAGER_VIEW_H

#include "tui/view/view.h"
#include "tui/widget/pager.h"

/* CMD_UP … CMD_RIGHT, CMD_FILTER, and CMD_BACK while a filter is set. False: not one of these. */
bool pager_view_command(struct pager *pager, enum command_id id, const char *arg);
void pager_view_draw(
	struct pager *pager, const char *title, struct canvas *canvas, struct rect rect);

#endif
