/*
 * A question over the view. One widget, told apart by its kind:
 *
 *	dialog_open(dialog, &(struct dialog_options){.kind = DIALOG_CONFIRM, .title = "stop: ods/order",
 *		.body = calls, .warnings = warnings, .name = "order"});
 *	switch (dialog_key(dialog, key)) { case DIALOG_YES: … dialog_text(dialog) … dialog_chosen(…) }
 *
 * CONFIRM   `y`, or the whole name typed, is a yes: Enter alone never is, so that a key too many
 *           does no harm (but for enter_is_yes).
 * TEXT      a line that is edited; Enter is a yes.
 * PASSWORD  nothing of it is ever drawn, not even its length; edited as TEXT is, Enter is a yes.
 * FORM      several fields, each with its label: a line of text, or one of a few words. Tab, Shift-Tab and
 *           the arrows go from one to the other; Enter goes on and is a yes on the last, Ctrl-S on each.
 *           What is wrong with a field stands below it, until it is another text.
 * CHOICE    a few lines, one selected; Enter is a yes, digits jump.
 * PICKER    a table; what is typed filters it, Enter is a yes, the selected row's texts are shown
 *           whole below it.
 * SHOW      nothing is asked: Enter, q and Esc close it (DIALOG_NO).
 *
 * Esc and Ctrl-C refuse in all of them. A body that is longer than the screen scrolls.
 */
#ifndef WEIR_TUI_DIALOG_H
#define WEIR_TUI_DIALOG_H

#include "tui/term/canvas.h"
#include "tui/term/key.h"

struct dialog;

enum dialog_event {
	DIALOG_OPEN,
	DIALOG_YES,
	DIALOG_NO,
	DIALOG_KEY, /* one of options.keys: dialog_pressed() */
};

enum dialog_kind {
	DIALOG_CONFIRM,
	DIALOG_TEXT,
	DIALOG_PASSWORD,
	DIALOG_FORM,
	DIALOG_CHOICE,
	DIALOG_PICKER,
	DIALOG_SHOW,
};

#define DIALOG_COLUMNS_MAX 10
#define DIALOG_PASSWORD_MAX 1024 /* bytes */

#define DIALOG_FIELDS_MAX 12

struct dialog_field {
	const char *label;
	const char *
		text; /* what stands there at first, one of `choices` where there are some; or NULL */
	const char *wrong; /* what is wrong with it; or NULL */
	bool is_needed;    /* empty it is no yes */
	/* A word and what it means, one pair after the other; NULL = a line of text. */
	const char *const *choices;
	size_t choice_count; /* pairs */
};

/* All is copied. */
struct dialog_options {
	enum dialog_kind kind;
	const char *title;
	const char *body;     /* lines, long ones are broken; or NULL */
	const char *warnings; /* lines, above the body; or NULL */
	const char *name;     /* CONFIRM: what must be typed; NULL = y or n */
	const char *text;     /* TEXT: what stands there at first; or NULL */
	bool needs_text;      /* TEXT, PASSWORD: Enter on nothing does nothing */
	/* FORM; the keys go to the first that is wrong, else to field number `selected`. */
	const struct dialog_field *fields;
	size_t field_count;
	/*
	 * CHOICE, PICKER: rows of column_count cells, one row after the other; NULL = not known.
	 * titles: of the columns, a leading '>' aligns to the right; NULL = none.
	 */
	const char *const *titles, *const *cells;
	size_t column_count, row_count, selected;
	size_t detail; /* PICKER: this cell is shown whole below, 1 = the first; 0 = the longest */
	const char
		*letters; /* CHOICE: one for each row, which takes it at once; NULL = digits jump */
	const char *link; /* SHOW: the URL that the body begins with, for terminals with OSC 8 */
	const char *empty; /* PICKER without a row: why; or NULL */
	/*
	 * Further keys, "f from…\nv view": a letter and its hint each. CONFIRM by y and n, SHOW,
	 * CHOICE: any;
	 * CONFIRM by a name, PICKER: only Tab, "\t options".
	 */
	const char *keys;
	bool enter_is_yes;       /* CONFIRM by y and n, of what does no harm */
	const char *enter, *esc; /* CHOICE: hints other than "take it", "cancel"; or NULL */
};

struct dialog *dialog_new(void);
void dialog_free(struct dialog *dialog); /* NULL-safe; what was typed is wiped */
void dialog_open(struct dialog *dialog, const struct dialog_options *options);
enum dialog_event dialog_key(struct dialog *dialog, const struct key *key);
/* TEXT, PASSWORD: what was typed; borrowed until the next call. */
const char *dialog_text(const struct dialog *dialog);
/* FORM: of that field, from 0; borrowed until the next call. */
const char *dialog_field_text(const struct dialog *dialog, size_t field);
/* CHOICE, PICKER: the row, as it was handed over; meaningful after DIALOG_YES. */
size_t dialog_chosen(const struct dialog *dialog);
/* A cell of that row, borrowed; "" where there is none. */
const char *dialog_cell(const struct dialog *dialog, size_t column);
/* The key of DIALOG_KEY. */
char dialog_pressed(const struct dialog *dialog);
/* Forgets texts, wipes what was typed. After a PASSWORD was used. */
void dialog_close(struct dialog *dialog);
/* In the middle of rect. */
void dialog_draw(struct dialog *dialog, struct canvas *canvas, struct rect rect);

#endif
