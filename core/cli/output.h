/* Items of one kind → stdout, in the format asked for. One column table feeds them all. */
#ifndef WEIR_CLI_OUTPUT_H
#define WEIR_CLI_OUTPUT_H

#include "core/base/err.h"
#include "core/present/column.h"

enum output_format {
	OUT_TABLE,
	OUT_WIDE,
	OUT_JSON,
	OUT_YAML,
	OUT_NAME,
	OUT_CSV,
	OUT_TEXT,
	OUT_MAX
};
/* OUT_MAX when there is no such format. */
enum output_format output_parse(const char *word);

struct output {
	enum output_format format;
	const struct column_table *table;
	const void *const *items;
	size_t count;
	struct present_env env;
	json_t *errors;    /* array, borrowed */
	const char *empty; /* said to a person when there is none; NULL = "no ITEM to show" */
	/* Chosen by a person, in their order; none: those of the format. */
	const struct column *const *columns;
	size_t column_count;
	/* Of the terminal that stdout is; 0 = none: nothing is cut. */
	int cols;
	bool is_colored;
};
/* As of now, and fit for the terminal where stdout is one. All is borrowed. */
struct output output_of(enum output_format format, const struct column_table *table,
	const void *const *items, size_t count, json_t *errors);
/* 0, or E_INTERNAL when stdout does not take it (a closed pipe is not an error). */
int output_items(const struct output *output, struct err *err);
/*
 * Items one by one, as they come: the widths of a table are those of output->items, JSON has one line and
 * YAML one document for each.
 *
 *	stream = output_stream_new(&output);
 *	output_stream_write(stream, items, count, env, &err);    the first writes the titles before
 */
struct output_stream *output_stream_new(const struct output *output);
int output_stream_write(struct output_stream *stream, const void *const *items, size_t count,
	struct present_env env, struct err *err);
/* Appends what an item says that is not moved by time alone: the same = not worth a line. */
void output_stream_key(
	struct output_stream *stream, const void *item, struct present_env env, struct buf *out);
void output_stream_free(struct output_stream *stream); /* NULL-safe */
/* Any tree as JSON or YAML. */
int output_tree(const json_t *tree, enum output_format format, struct err *err);
/* {"code": "NET", "source": …, "message": …} into `errors`, and the same as a line on stderr. */
void output_error(json_t *errors, const char *source, const struct err *err);
/* Each of both alone. */
void output_error_quiet(json_t *errors, const char *source, const struct err *err);
void output_complain(const char *source, const char *text);
int output_text(const char *text, size_t len, struct err *err);

#endif
