/*
 * A question over the view: what will happen, and yes or no; or a name that has to be typed.
 *
 *	dialog_open(dialog, "Stop ods/order-sync?", body, "order-sync");
 *	switch (dialog_key(dialog, key)) { case DIALOG_YES: ... }
 *
 * Only `y` or the whole name is a yes: Enter alone never is, so that a key too many does no harm.
 */
#ifndef WEIR_TUI_DIALOG_H
#define WEIR_TUI_DIALOG_H

#include "tui/term/canvas.h"
#include "tui/term/key.h"

struct dialog;

enum dialog_event { DIALOG_OPEN, DIALOG_YES, DIALOG_NO };

struct dialog *dialog_new(void);
void dialog_free(struct dialog *dialog); /* NULL-safe */
/* body: lines, long ones are broken. name: what must be typed; NULL = y or n. All copied. */
void dialog_open(struct dialog *dialog, const char *title, const char *body, const char *name);
enum dialog_event dialog_key(struct dialog *dialog, const struct key *key);
/* In the middle of rect. */
void dialog_draw(const struct dialog *dialog, struct canvas *canvas, struct rect rect);

#endif
