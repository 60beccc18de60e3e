/*
 * One line of text being typed, with the usual keys (Ctrl-A E U K W Y, Alt-B F D, Home, End,
 * Delete), a history by up and down, and paste. The filter and the palette use it.
 *
 *	prompt_open(prompt, "/", former);
 *	switch (prompt_key(prompt, key)) { case PROMPT_CHANGED: ... prompt_text(prompt) ... }
 */
#ifndef WEIR_TUI_PROMPT_H
#define WEIR_TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/term/canvas.h"
#include "tui/term/key.h"

struct prompt;

enum prompt_event {
	PROMPT_IGNORED, /* not a key of the prompt: Tab, PgUp ... */
	PROMPT_MOVED,   /* the cursor only */
	PROMPT_CHANGED,
	PROMPT_DONE,   /* Enter: the text was put into the history */
	PROMPT_CANCEL, /* Esc, Ctrl-C, or Backspace on nothing */
};

#define PROMPT_BYTES_MAX ((size_t)4096) /* of the text; what does not fit whole is not taken */

struct prompt *prompt_new(void);
void prompt_free(struct prompt *prompt); /* NULL-safe */
/* label: before the text, static. The cursor stands at the end of `text`. */
void prompt_open(struct prompt *prompt, const char *label, const char *text);
/* Of at most `max` bytes, taken as they come, never drawn, not even how many; prompt_forget() wipes it. */
void prompt_open_secret(struct prompt *prompt, const char *label, size_t max);
enum prompt_event prompt_key(struct prompt *prompt, const struct key *key);
/* Valid UTF-8; borrowed until the next call. */
const char *prompt_text(const struct prompt *prompt);
void prompt_set(struct prompt *prompt, const char *text);
/* Into the history, as if it had been typed; a line that is there already becomes the last. */
void prompt_remember(struct prompt *prompt, const char *text);
/* Empty, without a history, and what was typed is wiped. */
void prompt_forget(struct prompt *prompt);
/* One row; puts the canvas' cursor there. The text scrolls so that the cursor is seen. */
void prompt_draw(const struct prompt *prompt, struct canvas *canvas, struct rect rect);

#endif
