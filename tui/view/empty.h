/* What an empty list says: why it is empty, and what to do. */
#ifndef WEIR_TUI_EMPTY_H
#define WEIR_TUI_EMPTY_H

#include "tui/view/view.h"

/* total: items before filters. is_attention: only what needs attention was asked for. */
void empty_draw(const struct view_host *host, const struct column_table *columns, size_t total,
	bool is_attention, struct canvas *canvas, struct rect rect);
/* "Applications": the title of a list. */
const char *list_view_title(const struct column_table *columns);

#endif
