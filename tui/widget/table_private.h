/* Shared by table.c (selection, what a person does), table_rows.c (which lines, in which order) and
 * table_draw.c (which columns, where). */
#ifndef WEIR_TUI_TABLE_PRIVATE_H
#define WEIR_TUI_TABLE_PRIVATE_H

#include <stdint.h>

#include "core/base/vec.h"
#include "core/present/filter.h"
#include "tui/widget/table.h"

#define TABLE_COLUMNS_MAX 48
#define TABLE_NONE UINT32_MAX

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
	ROW_TOLD = 1,   /* something was told of it since the last table_sync() */
	ROW_GONE = 2,   /* it is no more; its place is free after table_sync() */
	ROW_NEW = 4,    /* not in the order yet */
	ROW_PASSES = 8, /* the filter */
	ROW_DRAWN = 16  /* it was on the screen at the last drawing */
};

struct table_row {
	const void *item;
	const char *ref; /* the item's own */
	char *hay;       /* what the filter looks in; NULL = not asked since it changed */
	struct table_key key;
	uint32_t hash, next; /* of the ref; the next row of its bucket */
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
	int64_t filtered_ms;   /* the time that lines were filtered for, as of `env` */
	bool (*accept)(const void *item);
	const struct column *sort;
	bool is_descending;

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

/* -- table_rows.c -- */

/* Rows and lines alone; true: some line is another. */
bool table_rows_sync(struct table *table);
void table_rows_release(struct table *table);
size_t table_lines(const struct table *table);
/* False when no line shows that ref. */
bool table_line_of(struct table *table, const char *ref, size_t *line);
/* For the next table_is_other(). */
void table_note_drawn(struct table *table);

#endif
