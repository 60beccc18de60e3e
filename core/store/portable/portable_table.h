/* Inside of export and import: which tables travel, and what makes two of their rows one. */
#ifndef WEIR_STORE_PORTABLE_PORTABLE_TABLE_H
#define WEIR_STORE_PORTABLE_PORTABLE_TABLE_H

#include "core/base/vec.h"
#include "core/store/disk.h"

#define PORTABLE_KIND "StoreExport"
#define PORTABLE_END "StoreExportEnd"

enum portable_merge {
	MERGE_OURS, /* what is here stays: it is read again from elsewhere */
	MERGE_SAME, /* what is here must say the same in `same` */
	MERGE_RUN,  /* as MERGE_SAME; its number may change where nothing is ordered by it */
	MERGE_ADD,  /* the history: what is not here yet is added */
};

/* In this order in the file: a run is before what refers to it. */
struct portable_table {
	const char *name;
	enum store_file file;
	enum portable_merge merge;
	const char *key;  /* columns, separated by blanks, that name a row; NULL: all but `id` */
	const char *same; /* columns that must agree then */
	const char *tail; /* SQL behind the VALUES of what is added; or NULL */
	const struct table *view; /* it is a view of these columns; or NULL */
	const char *which;        /* SQL: those of its rows that travel; or NULL = all */
};
extern const struct portable_table portable_tables[];
extern const size_t portable_table_count;
const struct portable_table *portable_table_find(const char *name); /* or NULL */

struct portable_column {
	char *name;
	bool is_integer;
};
typedef VEC(struct portable_column) portable_columns;
/* Of the table as it is in that file; none: there is no such table. Release with the other. */
int portable_columns_read(struct db *db, const char *table, portable_columns *out, struct err *err);
void portable_columns_release(portable_columns *columns);
/* Does the list of words hold this one? NULL holds none. */
bool portable_has(const char *words, const char *word);

#endif
