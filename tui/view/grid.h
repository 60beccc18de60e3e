/* A small table inside a pager: cells are collected, measured, and written as lines that can be
 * panned. */
#ifndef WEIR_TUI_GRID_H
#define WEIR_TUI_GRID_H

#include <stdbool.h>

#include "core/base/vec.h"
#include "tui/widget/pager.h"

#define GRID_COLUMNS_MAX 12

struct grid_cell {
	char *text;
	enum style style;
};

struct grid {
	int columns;
	bool is_right[GRID_COLUMNS_MAX];
	VEC(struct grid_cell) cells; /* row by row; the first row is the titles */
};

/* titles: NULL-ended, translated; a leading '>' means aligned to the right. */
void grid_init(struct grid *grid, const char *const *titles);
void grid_add(struct grid *grid, enum style style, const char *text); /* NULL = unknown: "-" */
void grid_addf(struct grid *grid, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void grid_number(struct grid *grid, long long number); /* < 0 = unknown */
void grid_duration(struct grid *grid, long long ms);
void grid_bytes(struct grid *grid, long long bytes);
/* Writes the whole and frees it. `indent`: blanks before each line. */
void grid_end(struct grid *grid, struct pager *pager, int indent);

#endif
