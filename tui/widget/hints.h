/*
 * What could be said next in the filter of a table: the columns' names, and the values that its items have in a column.
 *
 *	hints = hints_new();                               for one prompt
 *	if (hints_fill(hints, table, "team:o", complete))  "ods" is among them
 *		hints_from(hints)                          where the word began that it takes the place of
 */
#ifndef WEIR_TUI_HINTS_H
#define WEIR_TUI_HINTS_H

#include <stdbool.h>

#include "tui/widget/complete.h"
#include "tui/widget/table.h"

#define HINTS_MOST 100 /* the first of so many are enough to see what to type */

struct hints;

struct hints *hints_new(void);
void hints_free(struct hints *hints); /* NULL-safe */
/*
 * Empties `out` and adds what fits behind `text`, matched; false: nothing does. All items are asked for the values of a
 * column once.
 */
bool hints_fill(struct hints *hints, struct table *table, const char *text, struct complete *out);
/* Of the last hints_fill(): where the word begins, and whether it is a column's name. */
size_t hints_from(const struct hints *hints);
bool hints_is_key(const struct hints *hints);
/* "state:f" is no state, but the beginning of some: malloc'd "state:f*". NULL: nothing of that kind is typed. */
char *hints_beginning(const struct table *table, const char *text);

#endif
