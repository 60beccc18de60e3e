/* Shared by dialog.c (what keys do) and dialog_draw.c. */
#ifndef WEIR_TUI_DIALOG_PRIVATE_H
#define WEIR_TUI_DIALOG_PRIVATE_H

#include "tui/widget/dialog.h"
#include "tui/widget/prompt.h"

struct dialog {
	enum dialog_kind kind;
	bool needs_text, enter_is_yes;
	bool is_wrong; /* what was typed is not `name` */
	char *title, *body, *warnings, *name, *empty, *keys, *link, *enter, *esc, *letters;
	struct prompt *prompt; /* CONFIRM with a name, TEXT, PICKER */
	char secret[DIALOG_PASSWORD_MAX];
	size_t secret_len;
	char pressed;
	/* rows */
	char **titles, **cells;
	size_t column_count, row_count, detail;
	size_t *shown; /* rows that passed the filter */
	size_t shown_count, selected;
	/* what was seen at the last drawing */
	int scroll, lines, line_rows; /* of warnings and body */
	size_t top;
	int list_rows;
};

#endif
