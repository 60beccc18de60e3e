/* A row of bars, one cell each: how a figure went. */
#ifndef WEIR_TUI_SPARK_H
#define WEIR_TUI_SPARK_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
/* Oldest first; negative = not known: a blank. full: what fills a cell; 0 = the largest of them. */
void spark_text(const double *values, size_t count, double full, bool ascii, struct buf *out);

#endif
