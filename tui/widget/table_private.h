/* Shared by table.c (selection, what a person does), table_rows.c (which rows, in which order),
 * table_groups.c (the lines between them), table_marks.c, table_columns.c (which columns a person
 * wants) and table_draw.c (which there is room for, and where). */
#ifndef WEIR_TUI_TABLE_PRIVATE_H
#define WEIR_TUI_TABLE_PRIVATE_H

#include <stdint.h>

#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/present/filter.h"
#include "tui/widget/table.h"

#define TABLE_COLUMNS_MAX 48
#define TABLE_NONE UINT32_MAX
#define TABLE_STATES_MAX 24 /* states that a group's line tells apart */
/* The ref of a group's line begins with it, and no item's does. */
#define GROUP_REF '\1'

/* The value of the sorting column, in a form that is cheap to compare and outlives the item's. */
struct table_key {
	union {
		char *bytes; /* of a text: str_natural_key(), owned */
		int64_t number;
		double real;
	};
	uint32_t len; /* of bytes */
	uint8_t type; /* enum value_type; a list of texts is its first one */
	bool is_lossy;
};

enum {
	ROW_TOLD = 1,    /* something was told of it since the last table_sync() */
	ROW_GONE = 2,    /* it is no more; its place is free after table_sync() */
	ROW_NEW = 4,     /* not in the order yet */
	ROW_PASSES = 8,  /* the filter */
	ROW_DRAWN = 16,  /* it was on the screen at the last drawing */
	ROW_COUNTED = 32 /* in the numbers of its group */
};

struct table_row {
	const void *item;
	const char *ref; /* the item's own */
	char *hay;       /* what the filter looks in; NULL = not asked since it changed */
	struct table_key key;
	uint32_t hash, next; /* of the ref; the next row of its bucket */
	uint32_t group;      /* where there are groups, and the number of its state there */
	uint8_t state;
};

/* Stays, with its fold, when its last row goes. */
struct table_group {
	char *ref;      /* of its line: GROUP_REF and the name */
	uint32_t rank;  /* its place among all groups */
	uint32_t count; /* its rows that pass */
	uint32_t states[TABLE_STATES_MAX];
	size_t first, line; /* of those its first; its own line */
	bool is_folded;
	bool is_drawn; /* at the last drawing */
};

/* What a person wants of a column. */
struct table_wish {
	enum { WISH_NONE, WISH_SHOWN, WISH_HIDDEN } shown;
	int width; /* 0 = as its cells are */
};

struct table_ids {
	uint32_t *data;
	size_t len, alloc;
};

/* The window as it was drawn. */
struct table_drawn {
	size_t count, total, top, line, lines;
	uint32_t *ids;
	bool is_void; /* a row that was on it was told of since */
};

struct table {
	const struct column_table *columns;
	const struct fleet *fleet;
	const void *const *given; /* by table_give() */
	const char *const *given_refs;
	size_t given_count;
	size_t left_out;             /* told by table_use() */
	struct present_env env;      /* of the last drawing */
	struct present_env sort_env; /* of the keys */

	VEC(struct table_row) rows; /* in no order; a row keeps its place, its id, while it lives */
	uint8_t *flags;             /* of each row */
	size_t flags_size;
	struct table_ids free_ids;
	struct table_ids told; /* rows with ROW_TOLD */
	/* Rows by ref; NULL = not made yet. A map would hold each ref once more: 100 bytes a row. */
	uint32_t *buckets;
	size_t bucket_count;     /* a power of two */
	struct table_ids order;  /* all rows, sorted */
	struct table_ids passed; /* those that passed; unused while all do */
	bool items_dirty, order_dirty, lines_dirty;
	bool is_narrower;     /* lines_dirty, but only what had passed can pass */
	bool selection_dirty; /* the window or the lines are others */

	struct filter *filter; /* the last one that was right */
	char *filter_text;     /* as typed */
	char *filter_error;    /* what is wrong with it; NULL = it is `filter` */
	const struct column *
		sparse; /* what it compares, known of `known` of those that may pass; NULL = none */
	size_t known, may_pass;
	int64_t filtered_ms; /* the time that lines were filtered for, as of `env` */
	bool (*accept)(const void *item);
	const struct column *sort;
	bool is_descending;

	/* Groups: rows stand in the order of their groups first. */
	const struct column *group_by, *state_column; /* NULL = none */
	VEC(struct table_group) groups;
	struct map *group_ids; /* by name: id + 1 */
	struct table_ids group_order;
	char *states[TABLE_STATES_MAX]; /* as they came */
	size_t state_count, group_lines;
	bool has_new_groups; /* without a rank yet */
	bool folds_new;      /* all were folded last: so are those that come */

	struct map *marks;   /* refs */
	char *mark_from;     /* the last that was marked by itself, or NULL */
	const char **marked; /* by table_marked() */

	char *selected;      /* ref, or NULL */
	char *neighbours[2]; /* refs below and above it */
	size_t line, top;    /* of the selection, and of the window */
	bool is_touched;     /* somebody chose a line */
	size_t height;       /* of the window, in lines */
	struct {
		struct rect rect;             /* of the last drawing */
		int count;                    /* of its columns */
		int ends[TABLE_COLUMNS_MAX];  /* where the next begins, from the left of rect */
		int index[TABLE_COLUMNS_MAX]; /* in columns->columns */
	} spots;
	struct table_drawn drawn;

	uint8_t column_order[TABLE_COLUMNS_MAX];
	struct table_wish wishes[TABLE_COLUMNS_MAX]; /* by the column's place in the column table */
	bool is_wide;
	int pan;      /* columns skipped behind the first */
	bool can_pan; /* at the last drawing something was left out on the right */
	int hidden;   /* columns left out at the last drawing */
	int cols;     /* width of the last drawing */
	int drawn_widths[TABLE_COLUMNS_MAX]; /* at the last drawing that had the column */
	int widths[TABLE_COLUMNS_MAX]; /* widest cell seen, so that live values do not make columns
					  dance */
};

/* Bring rows, lines and selection up to date. */
void table_sync(struct table *table);
/* NULL: a group's line. */
const struct table_row *table_row_at(const struct table *table, size_t line);
/* The ref of a row, or of a group's line. */
const char *table_line_ref(const struct table *table, size_t line);
void table_ref_set(char **ref, const char *value);

/* -- table_rows.c, table_lines.c -- */

/* Rows and lines alone; true: some line is another. */
bool table_rows_sync(struct table *table);
void table_rows_release(struct table *table);
size_t table_lines(const struct table *table);
uint32_t table_row_find(struct table *table, const char *ref);            /* or TABLE_NONE */
int table_row_compare(const struct table *table, uint32_t a, uint32_t b); /* of two ids */
/* How many of the sorted ids stand before that one. */
size_t table_ids_before(const struct table *table, const uint32_t *ids, size_t count, uint32_t id);
bool table_is_filtered(const struct table *table);
/* Rows that pass: their ids, in order; how many. */
const uint32_t *table_passed(const struct table *table);
size_t table_passed_count(const struct table *table);
/* False when no line shows that ref. */
bool table_line_of(struct table *table, const char *ref, size_t *line);
/* For the next table_is_other(). */
void table_note_drawn(struct table *table);

/* -- table_sort.c -- */

void table_sort_ids(struct table *table, uint32_t *ids, size_t count);

/* -- table_groups.c -- */

/* Looks at the item's group and state; true: another group than before. */
bool groups_note(struct table *table, uint32_t id);
/* Before rows are compared: new groups get their places. */
void groups_rank(struct table *table);
void groups_count(struct table *table, uint32_t id);
void groups_uncount(struct table *table, uint32_t id);
void groups_recount(struct table *table);
/* After rows or folds have changed: which line is whose. */
void groups_lay(struct table *table);
void groups_release(struct table *table);
/* The group whose line it is, or (NULL) which of the rows that pass stands there. */
const struct table_group *groups_line(const struct table *table, size_t line, size_t *at);
/* The line of the at-th row that passes; false: it is folded away. */
bool groups_line_of_row(const struct table *table, uint32_t group, size_t at, size_t *line);
/* Of a group's ref; false: none of its rows passes. */
bool groups_line_of_ref(const struct table *table, const char *ref, size_t *line);
void groups_draw_line(const struct table *table, const struct table_group *group,
	struct canvas *canvas, struct rect line);
/* -- table_draw.c -- */

/* Mark and style of a state, in this table. */
enum style table_state_look(
	const struct table *table, const char *name, bool ascii, const char **mark);

/* -- table_marks.c -- */

/* What is no more is not marked. */
void marks_prune(struct table *table);
void marks_forget(struct table *table, const char *ref);
void marks_release(struct table *table);

/* -- table_columns.c -- */

void columns_init(struct table *table);
/* Is it wanted? index: in the column table. */
bool columns_shows(const struct table *table, size_t index);
int columns_priority(const struct table *table, size_t index);
/* Its cells carry the mark of the state before the word. */
bool columns_is_state(const struct table *table, const struct column *column);

#endif
