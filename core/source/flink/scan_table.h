/*
 * Objects of an answer read without a tree (core/base/doc_scan.h) into structs, by tables of their keys. Whatever
 * is not as Flink writes it fails: a value of another type, a key that comes twice, one that is needed and is not
 * there. Keys that no table names are skipped.
 */
#ifndef WEIR_SOURCE_FLINK_SCAN_TABLE_H
#define WEIR_SOURCE_FLINK_SCAN_TABLE_H

#include "core/base/doc_scan.h"
#include "core/source/flink/parse.h"

enum scan_kind {
	SCAN_AMOUNT, /* int64_t, as flink_amount() */
	SCAN_TIME,   /* int64_t, as flink_time() */
	SCAN_COUNT,  /* int, as flink_count() */
	SCAN_FLAG,   /* bool */
	SCAN_TEXT,   /* const char *, as flink_text() */
	SCAN_MASKED, /* the same, as flink_text_masked() */
	SCAN_OBJECT, /* another table's; its offsets are of the same struct; null = it is not there */
	SCAN_BY,     /* what `read` makes of it, from `offset` on; false = it is not there */
};
struct scan_table;
struct scan_field {
	const char *key;
	enum scan_kind kind;
	size_t offset;
	const struct scan_table *table;
	bool (*read)(struct doc_scan *scan, const struct flink_parse *parse, void *out);
};
/* `needed`: the first so many have to be there. */
struct scan_table {
	const struct scan_field *fields;
	size_t count, needed;
};
#define SCAN_TABLE(list, needed)                                                                   \
	{                                                                                          \
		list, ARRAY_SIZE(list), needed                                                     \
	}

void scan_table(struct doc_scan *scan, const struct flink_parse *parse,
	const struct scan_table *table, void *out);
/* ExecutionStates by the keys of jobs, or by those of vertices (capitals). */
void scan_tasks(struct doc_scan *scan, struct task_counts *tasks, bool capitals);

#endif
