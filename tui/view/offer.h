/*
 * What can be copied of what is selected or shown: a letter, a word and a text each; or, where there
 * are several of a kind (the cells of a row, the lines on the screen), a letter that leads to a
 * choice of them.
 *
 *	offers_item(offers, &app_table, app, &env);
 *	offers_add(offers, 't', _("whole text"), text);
 *	offers_group(offers, 'l', _("line"));
 *	offers_choice(offers, "", line, is_hit);
 */
#ifndef WEIR_TUI_OFFER_H
#define WEIR_TUI_OFFER_H

#include "core/base/vec.h"
#include "core/present/column.h"

struct pager;

struct offer_choice {
	char *name, *text;
};

struct offer {
	char letter;
	const char *word; /* for the palette: "name" */
	char *label;      /* translated */
	char *text;       /* NULL: one of the choices */
	VEC(struct offer_choice) choices;
	size_t likely; /* which of them */
};

struct offers {
	VEC(struct offer) list;
};

void offers_release(struct offers *offers);
/* Without a text there is nothing to copy, and nothing is added. Letters are unlike each other. */
void offers_add(
	struct offers *offers, char letter, const char *word, const char *label, const char *text);
/* What follows by offers_choice() is offered together, if anything follows. */
void offers_group(struct offers *offers, char letter, const char *word, const char *label);
void offers_choice(struct offers *offers, const char *name, const char *text, bool is_likely);

/*
 * n name, i job id, a address, j as JSON, c one of the cells, of one item; of several (those that are marked) a
 * line each, JSON as an array (of at most a thousand), and no cells.
 */
void offers_items(struct offers *offers, const struct column_table *table, const void *const *items,
	size_t count, const struct present_env *env);
/* l one of the lines on the screen; t the whole text (NULL = what the pager holds). */
void offers_pager(struct offers *offers, struct pager *pager, const char *text);

#endif
