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
};
/* As of now. All is borrowed. */
struct output output_of(enum output_format format, const struct column_table *table,
	const void *const *items, size_t count, json_t *errors);
/* 0, or E_INTERNAL when stdout does not take it (a closed pipe is not an error). */
int output_items(const struct output *output, struct err *err);
/* Any tree as JSON or YAML. */
int output_tree(const json_t *tree, enum output_format format, struct err *err);
/* {"code": "NET", "source": …, "message": …} into `errors`, and the same as a line on stderr. */
void output_error(json_t *errors, const char *source, const struct err *err);
/* Each of both alone. */
void output_error_quiet(json_t *errors, const char *source, const struct err *err);
void output_complain(const char *source, const char *text);
int output_text(const char *text, size_t len, struct err *err);

#endif
