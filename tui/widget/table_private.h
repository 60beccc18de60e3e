/* Shared by table.c (which lines, in which order) and table_draw.c (which columns, where). */
#ifndef WEIR_TUI_TABLE_PRIVATE_H
#define WEIR_TUI_TABLE_PRIVATE_H

#include <stdint.h>

#include "core/base/arena.h"
#include "tui/widget/table.h"
#include "tui/widget/words.h"

#define TABLE_COLUMNS_MAX 48

struct table_row {
	const void *item;
	const char *ref;    /* the item's own */
	const char *hay;    /* what the filter looks in, in table->hays; NULL = not asked yet */
	struct value value; /* of the sorting column */
};

struct table {
	const struct column_table *columns;
	const struct fleet *fleet;
	const void *const *given; /* by table_give() */
	const char *const *given_refs;
	size_t given_count;
	struct present_env env;

	struct table_row *rows; /* all items, sorted */
	size_t row_count;
	struct arena *hays;
	uint32_t *lines; /* those that passed, as places in rows */
	size_t line_count;
	bool items_dirty, order_dirty, lines_dirty;

	struct words filter;
	bool (*accept)(const void *item);
	const struct column *sort;
	bool is_descending;

	char *selected;      /* ref, or NULL */
	char *neighbours[2]; /* refs below and above it */
	size_t line, top;    /* of the selection, and of the window */
	bool is_touched;     /* somebody chose a line */
	size_t height;       /* of the window, in lines */

	bool is_wide;
	int pan;                       /* columns skipped behind the first */
	bool can_pan;                  /* at the last drawing something was left out on the right */
	int hidden;                    /* columns left out at the last drawing */
	int cols;                      /* width of the last drawing */
	int widths[TABLE_COLUMNS_MAX]; /* widest cell seen, so that live values do not make columns
					  dance */
};

/* Bring rows, lines and selection up to date. */
void table_sync(struct table *table);
const struct table_row *table_row_at(const struct table *table, size_t line);

#endif
