/*
 * Suggestions for a word being typed: what begins with it first, then what holds it, then what
 * holds its letters in their order.
 */
#ifndef WEIR_TUI_COMPLETE_H
#define WEIR_TUI_COMPLETE_H

#include <stddef.h>

#include "tui/term/canvas.h"

struct complete;

struct complete *complete_new(void);
void complete_free(struct complete *complete); /* NULL-safe */
void complete_clear(struct complete *complete);
/* Copies both; help may be NULL. */
void complete_add(struct complete *complete, const char *text, const char *help);
/* Which of them fit, best first; the first is chosen, unless nothing was typed. */
void complete_match(struct complete *complete, const char *word);
size_t complete_count(const struct complete *complete);
/* Those that begin with the word: they come first. */
size_t complete_beginning(const struct complete *complete);
/* The chosen one, or NULL. */
const char *complete_chosen(const struct complete *complete);
/* The next (1) or former (-1) one, round and round. */
void complete_step(struct complete *complete, int step);
/* The longest start that all which begin with the word share; malloc'd; NULL when it is not longer
 * than the word. */
char *complete_common(const struct complete *complete);
/* As many as fit above `bottom_row` (at most max_rows), the best nearest to it. Returns the rows
 * used. */
int complete_draw(const struct complete *complete, struct canvas *canvas, struct rect rect);

#endif
