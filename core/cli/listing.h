/* What every `weir get` reads of its words: --output and --filter. */
#ifndef WEIR_CLI_LISTING_H
#define WEIR_CLI_LISTING_H

#include "core/base/err.h"
#include "core/cli/cli.h"
#include "core/cli/output.h"

/* Of --output alone. has_names: -o name can be had of it. E_ARG: an unknown format. */
int listing_read_format(
	const struct cli *cli, bool has_names, enum output_format *format, struct err *err);
/*
 * Of a command that has --filter, too. The filter is kept in `cli` for listing_passes().
 * E_ARG: an unknown format, a filter that is not right.
 */
int listing_read(struct cli *cli, const struct column_table *table, bool has_names,
	enum output_format *format, struct err *err);
/* An item of that table; each does without --filter. */
bool listing_passes(const struct cli *cli, const void *item);

#endif
