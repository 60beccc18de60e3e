/* The last line: what the keys do here and now. */
#ifndef WEIR_TUI_FOOTER_H
#define WEIR_TUI_FOOTER_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/term/canvas.h"

struct footer_item {
	const char *key, *hint;
	bool is_disabled; /* drawn greyed */
	bool is_kept;     /* stays on a narrow screen: how to get help */
	int col, cols;    /* where it was drawn; cols 0: it was not */
};

/* As many as fit whole, in their order. */
void footer_draw(struct canvas *canvas, struct rect rect, struct footer_item *items, size_t count);

#endif
