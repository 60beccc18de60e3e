/* How one item looks as a line of each format; which columns there are, and how wide in a table. */
#ifndef WEIR_CLI_OUTPUT_ROWS_H
#define WEIR_CLI_OUTPUT_ROWS_H

#include "core/cli/output.h"

struct buf;
struct json_out;

struct rows {
	struct output output;          /* a copy; its items are not looked at after rows_init() */
	const struct column **columns; /* that are shown */
	int *widths;                   /* of a table */
	size_t count;
};

void rows_init(struct rows *rows, const struct output *output);
void rows_release(struct rows *rows);
/* The titles, where the format has some. */
void rows_head(const struct rows *rows, struct buf *out);
void rows_line(const struct rows *rows, const void *item, struct buf *out);
/* As it stands in a JSON list; the same as a tree, owned. */
void rows_json(const struct rows *rows, const void *item, struct json_out *json);
json_t *rows_tree(const struct rows *rows, const void *item);
/* What of it does not move by time alone. */
void rows_key(const struct rows *rows, const void *item, struct buf *out);

#endif
