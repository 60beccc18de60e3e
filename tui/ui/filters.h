/*
 * Saved filters: filters.yaml beside the person's config.yaml. Each list has its own, in the order of the file; the
 * first nine are tabs, and the digits of the keyboard.
 *
 *	apps:                          # apps clusters teams jobs
 *	  failing: state:failed,lost
 *	  behind: "ckpt>5m !team:test"
 *	clusters:
 *	  full: slotsFree:0
 */
#ifndef WEIR_TUI_FILTERS_H
#define WEIR_TUI_FILTERS_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/present/column.h"

#define FILTERS_TABS 9

struct saved_filter {
	const struct column_table *table; /* of the list */
	char *name, *text;
};
struct saved_filters {
	struct saved_filter *items;
	size_t count;
};

/* E_CONFIG with file:line:column, also of a filter that is not right; *out is then untouched. */
int filters_parse(struct saved_filters **out, const char *path, const char *text, size_t len,
	struct err *err);
void filters_free(struct saved_filters *filters); /* NULL-safe */
/* The n-th (from 1) of that list, or the one of that name; NULL. */
const struct saved_filter *filters_at(
	const struct saved_filters *filters, const struct column_table *table, size_t n);
const struct saved_filter *filters_named(
	const struct saved_filters *filters, const struct column_table *table, const char *name);

/* $WEIR_FILTERS, or filters.yaml beside config.yaml. malloc'd. */
char *filters_path(void);
/* What lies there: none when nothing does. E_CONFIG: *out is none all the same. */
int filters_load(struct saved_filters **out, struct err *err);
/* A struct console_file of core/cli. */
int filters_check(char **path, struct err *err);
/*
 * The text of such a file with that filter in it, in the place of the former one of its name, or behind the others of
 * its list; all else stays as it is. E_ARG: the name will not do · E_CONFIG: the file is not right, or not in lines.
 */
int filters_add(struct buf *out, const char *path, const char *text, size_t len,
	const struct saved_filter *filter, struct err *err);

#endif
