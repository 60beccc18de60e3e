/* What every `weir get` reads of its words: --output, --filter, --sort-by, --columns and --watch. */
#ifndef WEIR_CLI_LISTING_H
#define WEIR_CLI_LISTING_H

#include "core/base/err.h"
#include "core/cli/cli.h"
#include "core/cli/output.h"

/* Of --output alone. has_names: -o name can be had of it. E_ARG: an unknown format. */
int listing_read_format(
	const struct cli *cli, bool has_names, enum output_format *format, struct err *err);
/*
 * Of a command that has all of them. What they say is kept in `cli` for the others below.
 * E_ARG: an unknown format or column, a filter that is not right, --watch of what is not watched.
 */
int listing_read(struct cli *cli, const struct column_table *table, bool has_names,
	enum output_format *format, struct err *err);
bool listing_watches(const struct cli *cli);
bool listing_is_sorted(const struct cli *cli); /* by --sort-by */
/* An item of that table; each does without --filter. */
bool listing_passes(const struct cli *cli, const void *item);
/* With what is not asked yet of it, it may: of what only few items tell (filter_sparse()). */
bool listing_may_pass(const struct cli *cli, const void *item);
bool listing_seeks(const struct cli *cli); /* --filter compares such a thing */
/* It does, and is that known of this item? what: how it is called. */
bool listing_knows(const struct cli *cli, const void *item, const char **what);
/* The items put in order (where --sort-by says one), with the columns that were asked for. As output_of(). */
struct output listing_output(const struct cli *cli, enum output_format format,
	const struct column_table *table, const void **items, size_t count, json_t *errors);
void listing_free(struct listing *listing); /* NULL-safe */

#endif
