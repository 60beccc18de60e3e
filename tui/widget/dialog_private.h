/* Shared by dialog.c (what keys do), dialog_form.c (a FORM) and dialog_draw.c. */
#ifndef WEIR_TUI_DIALOG_PRIVATE_H
#define WEIR_TUI_DIALOG_PRIVATE_H

#include "tui/widget/dialog.h"
#include "tui/widget/prompt.h"

struct dialog {
	enum dialog_kind kind;
	bool needs_text, enter_is_yes;
	bool is_wrong; /* what was typed is not `name` */
	char *title, *body, *warnings, *name, *empty, *keys, *link, *enter, *esc, *letters;
	struct prompt *prompt; /* CONFIRM with a name, TEXT, PASSWORD, PICKER */
	char pressed;
	/* FORM */
	struct form_field *fields;
	size_t field_count, field; /* field: that the keys go to */
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

/* Made harmless; its line ends stay. malloc'd; NULL of NULL. */
char *dialog_clean(const char *text);
bool dialog_is_refusal(const struct key *key);
bool dialog_is_enter(const struct key *key);

/* Lines of `text`, broken, from number `from` on, drawn when there is a canvas. Returns how many there are. */
int dialog_lines(
	const char *text, enum style style, struct canvas *canvas, struct rect rect, int from);

/* -- dialog_form.c; of any other kind there are no fields -- */
void form_open(struct dialog *dialog, const struct dialog_options *options);
void form_close(struct dialog *dialog);
enum dialog_event form_key(struct dialog *dialog, const struct key *key);
/* The lines that all fields take, and the drawing of as many as there is room for, around the one that the keys go to. */
int form_rows(const struct dialog *dialog, int cols);
void form_draw(const struct dialog *dialog, struct canvas *canvas, struct rect rect);

#endif
