/* The tree of a filter: filter_parse.c makes it, filter.c asks it. */
#ifndef WEIR_PRESENT_FILTER_INTERNAL_H
#define WEIR_PRESENT_FILTER_INTERNAL_H

#include <regex.h>
#include <stdint.h>

#include "core/base/vec.h"
#include "core/present/filter.h"

enum node_kind {
	NODE_ALL, /* of its children; without any it passes all */
	NODE_ANY,
	NODE_NOT, /* its only child does not */
	NODE_FUZZY,
	NODE_EXACT,
	NODE_REGEX,
	NODE_COLUMN,
};

enum relation {
	IS, /* ":" and "=": one of the values */
	LESS,
	LESS_OR_IS,
	MORE,
	MORE_OR_IS,
};

/* What a column is compared with: as text, and as whatever number it may be. */
struct literal {
	char *text;
	bool has_ms, has_count;
	double ms, count; /* "5m"; "10k", "10MiB", "3" (which is also seconds) */
};

struct node {
	enum node_kind kind;
	VEC(struct node *) children;
	char *text; /* of words */
	regex_t regex;
	const struct column *column;
	const char *key; /* as the column is named here; borrowed */
	enum relation relation;
	VEC(struct literal) literals;
};

struct filter {
	const struct column_table *table;
	struct node *root;
};

/* What ends a value. */
#define FILTER_VALUE_ENDS " \t(),"

const struct column *filter_column_at(
	const struct column_table *table, const char *key, size_t len);
/* How long a column's name at `p` is; 0: none with a relation behind it stands there. */
size_t filter_key_length(const char *p);
/* As it stands behind a column or an apostrophe; in quotes where it would end early. */
void filter_print_text(const char *text, const char *ends, struct buf *out);
/* Why a regular expression is not tried, translated; NULL = it is (and may still be wrong). */
const char *filter_regex_problem(const char *text);
void node_free(struct node *node);
void node_print(const struct node *node, struct buf *out);

#endif
