/*
 * A list of items of the fleet as a table: one widget for applications, clusters, teams and jobs,
 * told apart by their column table alone.
 *
 *	struct table *table = table_new(&app_table, fleet);
 *	table_sort(table, "name");
 *	table_filter(table, "team:ods !running");  the language of core/present/filter.h
 *	table_draw(table, canvas, rect, &env);
 *	...
 *	table_item_changed(table, ref, item);      for each change of a fleet_apply(), before any
 *	                                           other call; table_changed() for many at once
 *
 * The selection is a ref. Under live changes the selected item stays on its screen line where that
 * is possible; when it goes away its neighbour is selected. Until somebody moves, the first line is.
 */
#ifndef WEIR_TUI_TABLE_H
#define WEIR_TUI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/model/run.h"
#include "core/present/column.h"
#include "tui/term/canvas.h"

struct table;

enum table_move {
	TABLE_UP,
	TABLE_DOWN,
	TABLE_PAGE_UP,
	TABLE_PAGE_DOWN,
	TABLE_HALF_UP,
	TABLE_HALF_DOWN,
	TABLE_TOP,
	TABLE_BOTTOM
};

/* Both are borrowed for life. Columns without items(): they are handed over by table_give(). */
struct table *table_new(const struct column_table *columns, const struct fleet *fleet);
void table_free(struct table *table); /* NULL-safe */
/* Whatever changed: items are gathered anew before the next use. */
void table_changed(struct table *table);
/*
 * The items of another fleet from now on; the former may go. left_out: so many more are told to be there, as lines
 * below its own; not where there is a filter or a group.
 */
void table_use(struct table *table, const struct fleet *fleet, size_t left_out);
size_t table_left_out(const struct table *table);
/* One came, has other values, or went (item NULL; the former item is still there for this call). */
void table_item_changed(struct table *table, const char *ref, const void *item);
/* Would a drawing with the same env show other lines than the last, or a line that was told of since? */
bool table_is_other(struct table *table);
/* Items that no fleet has, and a ref for each; borrowed until the next call, or table_free(). */
void table_give(
	struct table *table, const void *const *items, const char *const *refs, size_t count);

/* Of what is not right yet (somebody types it) the words before it count, and it is told where the filter is. */
void table_filter(struct table *table, const char *text);
const char *table_filter_text(const struct table *table);
/* What is shown, for a title: "  by team  3 marked  /team:ods", and what is wrong with the filter, in at most `cols`; how many it took. */
int table_draw_filter(const struct table *table, struct canvas *canvas, int row, int col, int cols);
/* The filter compares what is known of few items only, where nobody looks for it. */
bool table_seeks(const struct table *table);
/* Only items that `accept` likes; NULL = all. */
void table_accept(struct table *table, bool (*accept)(const void *item));

/* By the column of that key; again: the other way. False when there is no such column. */
bool table_sort(struct table *table, const char *key);
/* By the next column that is on the screen. */
void table_sort_next(struct table *table);
void table_sort_invert(struct table *table);
const struct column *table_sorted_by(const struct table *table, bool *is_descending);

void table_wide(struct table *table, bool is_wide);
bool table_is_wide(const struct table *table);

/*
 * Which columns, in which order, how wide. As a text: "name:24,state,-latency" is the first columns
 * in their order, a width behind a colon, what is not wanted behind a minus, what is wanted though it
 * is one of the wide ones behind a plus; the others follow in the order of the column table. "" is
 * that order alone. What is not understood is left out: err says what that is; NULL = never mind.
 */
char *table_columns_text(const struct table *table); /* malloc'd */
int table_columns_set(struct table *table, const char *text, struct err *err);
struct table_column {
	const struct column *column;
	bool is_shown; /* where there is room for it */
	int width;     /* 0 = as its cells are */
};
/* All that a screen can show, in their order; at most `max`, of which there are never more than 64. */
size_t table_columns(const struct table *table, struct table_column *out, size_t max);
void table_column_toggle(struct table *table, const struct column *column);
void table_column_move(struct table *table, const struct column *column, int step);
/* step 0: as its cells are again. */
void table_column_widen(struct table *table, const struct column *column, int step);
const struct column_table *table_column_table(const struct table *table);

/*
 * Rows under a line for each value of "team", "cluster" or "state"; NULL = none. Filter and order
 * hold within each. False when there is no such column.
 */
bool table_group(struct table *table, const char *key);
void table_group_next(struct table *table);
const char *table_grouped_by(const struct table *table); /* or NULL */
enum table_fold { TABLE_FOLD, TABLE_UNFOLD, TABLE_FOLD_TOGGLE, TABLE_FOLD_ALL, TABLE_UNFOLD_ALL };
/* Of the group that the selected line is in; the selection goes to the group's line. */
void table_fold(struct table *table, enum table_fold how);
bool table_on_group(struct table *table); /* a group's line is selected */

/* Marks are of refs: whatever the filter and the order are, until the item is no more. */
enum table_marking {
	TABLE_MARK,        /* the selected line, or no longer; then the next line is selected */
	TABLE_MARK_RANGE,  /* all lines from the last that was marked by itself */
	TABLE_MARK_INVERT, /* all lines; what the filter hides stays as it is */
	TABLE_MARK_ALL,    /* all lines */
	TABLE_MARK_NONE
};
void table_mark(struct table *table, enum table_marking how);
size_t table_marked_count(struct table *table);
/* That one alone; nothing happens where no item has that ref. */
void table_mark_ref(struct table *table, const char *ref, bool is_marked);
/* Their refs in the table's order, with those that the filter hides; borrowed until the next call. */
const char *const *table_marked(struct table *table, size_t *count);
/* Columns to the left (-1) or right (1); false when there is nothing more that way. */
bool table_pan(struct table *table, int step);

void table_move(struct table *table, enum table_move move);
/* That line, from 0; beyond the last: the last. */
void table_go(struct table *table, size_t line);
/* False when no line has that ref. */
bool table_select(struct table *table, const char *ref);
/* Select the line `step` lines from the one of that ref; its ref, or NULL when there is none. */
const char *table_step(struct table *table, const char *ref, int step);
/* The selected ref, or NULL when there are no lines, and on a group's line; borrowed until the next
 * call. */
const char *table_selected(struct table *table);

size_t table_count(struct table *table);      /* rows that passed the filter */
size_t table_line_count(struct table *table); /* with the lines of groups, without what is folded */
size_t table_total(struct table *table);      /* items that there are */
/* How many columns the last drawing left out for want of room. */
int table_hidden_columns(const struct table *table);
/* Lines on the screen at the last drawing: first, and how many. */
void table_window(struct table *table, size_t *first, size_t *count);
/* The ref of a line, 0 … table_line_count() - 1, NULL for a group's; borrowed until the next
 * fleet_apply(). */
const char *table_ref_at(struct table *table, size_t line);

/* What the last drawing put at a cell of the canvas. */
enum table_spot {
	TABLE_SPOT_NONE,
	TABLE_SPOT_TITLE, /* *key: the column's */
	TABLE_SPOT_LINE,  /* *line: from 0 */
};
enum table_spot table_spot(struct table *table, int row, int col, size_t *line, const char **key);
/* The selected line, from 0. */
size_t table_line(struct table *table);

/* Column titles in the first row of rect, lines below. Formats only what can be seen. */
void table_draw(struct table *table, struct canvas *canvas, struct rect rect,
	const struct present_env *env);

/* The style of a state's name: weir's states, Flink's, and a cluster's. */
enum style table_state_style(const char *name);
/* Of a run, or one of its steps; the mark is one cell wide. */
enum style table_run_style(enum run_state state);
const char *table_run_mark(enum run_state state, bool ascii);

#endif
