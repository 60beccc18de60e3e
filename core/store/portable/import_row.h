/* Inside of import: one row into its table, inside of a transaction. */
#ifndef WEIR_STORE_PORTABLE_IMPORT_ROW_H
#define WEIR_STORE_PORTABLE_IMPORT_ROW_H

#include <jansson.h>

#include "core/base/map.h"
#include "core/store/portable/portable.h"
#include "core/store/portable/portable_table.h"

struct importer {
	struct disk *disk;
	const char *context;
	const struct import_options *options;
	struct imported *out;
	portable_columns *columns; /* of each portable table, as they are here */
	struct map *runs;          /* "42" → int64_t *: the number that it has here */
};

/* Is it a row of that table that may come here? E_CONFIG says what is wrong with it. */
int import_check_row(const struct importer *importer, const struct portable_table *table,
	const json_t *row, struct err *err);
/* E_INTERNAL and such: of the file. What conflicts or is left out is noted in importer->out. */
int import_row(struct importer *importer, const struct portable_table *table, const json_t *row,
	struct err *err);

#endif
