/*
 * Styled lines to scroll through, in sections that can be jumped to. The content is built anew as
 * often as it changes; the place on the screen is kept by section and line.
 *
 *	pager_begin(pager);
 *	pager_section(pager, CARD_VERTICES, _("Vertices"));
 *	pager_add(pager, STYLE_DIM, _("Since  "));
 *	pager_addf(pager, STYLE_TEXT, "%s", since);
 *	pager_end_line(pager);
 *	pager_text(pager, STYLE_TEXT, stack_trace);        a line for each '\n'
 *	pager_end(pager);
 */
#ifndef WEIR_TUI_PAGER_H
#define WEIR_TUI_PAGER_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/term/canvas.h"

struct buf;
struct pager;

enum pager_move {
	PAGER_UP,
	PAGER_DOWN,
	PAGER_PAGE_UP,
	PAGER_PAGE_DOWN,
	PAGER_HALF_UP,
	PAGER_HALF_DOWN,
	PAGER_TOP,
	PAGER_BOTTOM
};

struct pager *pager_new(void);
void pager_free(struct pager *pager); /* NULL-safe */

void pager_begin(struct pager *pager);
/* A title line with room above; key ≥ 0. */
void pager_section(struct pager *pager, int key, const char *title);
/* A piece of the current line; a line end in the text ends the line. Foreign text is made harmless
 * here. */
void pager_add(struct pager *pager, enum style style, const char *text);
void pager_addf(struct pager *pager, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Blanks up to that cell of the current line (at least one when something stands there already). */
void pager_tab(struct pager *pager, int col);
void pager_end_line(struct pager *pager);
/* Whole lines. */
void pager_text(struct pager *pager, enum style style, const char *text);
/*
 * How the lines from here on are broken when they are too long: at the edge, going on `indent`
 * cells from the left; -1: not at all, they are seen by panning (tables).
 */
void pager_wrap(struct pager *pager, int indent);
void pager_end(struct pager *pager);

/* Only lines that pass (widget/words.h), with the titles of their sections. */
void pager_filter(struct pager *pager, const char *text);
const char *pager_filter_text(const struct pager *pager);
size_t pager_matches(const struct pager *pager); /* lines that passed, titles not counted */

/* Lines that pass are marked, none is hidden; n of them. */
void pager_search(struct pager *pager, const char *text);
const char *pager_search_text(const struct pager *pager);
size_t pager_hits(const struct pager *pager);
/* To the next such line, -1 upwards; from the last one found, or from the window. False: no more. */
bool pager_search_next(struct pager *pager, int step);

/* The line that was found last into the window. */
void pager_see_hit(struct pager *pager);

void pager_move(struct pager *pager, enum pager_move move);
/* That line, from 0, to the top of the window. */
void pager_line(struct pager *pager, size_t line);
/* Half screens; false at the edge, and where nothing is beyond it: lines that are broken are seen whole. */
bool pager_pan(struct pager *pager, int step);
bool pager_go(struct pager *pager, int key); /* that section to the top; false when there is none */
int pager_section_at(const struct pager *pager); /* the section at the top, or -1 */
/* Where the window is, as "Top", "End", "All" or "45%": a static or translated text in `out`. */
void pager_position(const struct pager *pager, char *out, size_t size);

/*
 * The line i of those that the last drawing showed, whole, blank ones left out; NULL = no more. is_hit: the one
 * that was found last.
 */
const char *pager_shown(const struct pager *pager, size_t i, bool *is_hit);
void pager_all(const struct pager *pager, struct buf *out); /* the lines that passed the filter */

/* Break the lines for that place now, so that pager_go() before the first drawing lands right. */
void pager_fit(struct pager *pager, struct rect rect);
void pager_draw(struct pager *pager, struct canvas *canvas, struct rect rect);

#endif
