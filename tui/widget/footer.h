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
};

/* As many as fit whole, in their order. */
void footer_draw(
	struct canvas *canvas, struct rect rect, const struct footer_item *items, size_t count);

#endif
