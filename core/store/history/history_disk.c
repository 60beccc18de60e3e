/*
 * Every table of the history has a ref and a time, both indexed: the same statement reads each. Of
 * several refs each is read by its own index, and what they gave is merged.
 */
#include "core/store/history/history_disk.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

static int read_rows(struct db *db, const struct table *table, const char *ref,
	const struct history_ask *ask, row_vec *out, struct err *err)
{
	bool is_view = table == &sample_rows;
	char *tail = xasprintf("WHERE %s%s%s >= ?2 AND %s < ?3 ORDER BY %s DESC%s LIMIT ?4",
		ref ? "ref = ?1 AND " : "", is_view ? "span_ms = ?5 AND " : "", table->time,
		table->time, table->time, is_view ? "" : ", rowid DESC");
	char *sql = row_sql_select(table, tail);
	sqlite3_stmt *stmt = db_stmt(db, sql, err);
	void *row = xcalloc(1, table->size);
	int rc = E_INTERNAL;

	if (stmt) {
		if (ref)
			db_bind_text(stmt, 1, ref);
		sqlite3_bind_int64(stmt, 2, ask->since_ms);
		sqlite3_bind_int64(stmt, 3, ask->until_ms ? ask->until_ms : INT64_MAX);
		sqlite3_bind_int64(stmt, 4, (int64_t)ask->max);
		if (is_view)
			sqlite3_bind_int64(stmt, 5, ask->span_ms);
		while ((rc = db_step(db, stmt, err)) == 1) {
			row_read(stmt, table, row);
			vec_push(out, row_new(table, row));
		}
	}
	free(row);
	free(sql);
	free(tail);
	return rc;
}

/* Rows of several refs: by time, and of the same time in the order in which they came. */
static int64_t time_of(const struct row *row)
{
	for (size_t i = 0; i < row->table->count; i++)
		if (strcmp(row->table->columns[i].name, row->table->time) == 0)
			return *(const int64_t *)((const char *)row->data +
				row->table->columns[i].offset);
	return 0;
}

void history_cut(row_vec *rows, size_t max)
{
	/* Few runs, each in order: an insertion sort is a merge here. */
	for (size_t i = 1; i < rows->len; i++) {
		struct row *row = rows->data[i];
		size_t at = i;

		while (at > 0 && time_of(rows->data[at - 1]) < time_of(row)) {
			rows->data[at] = rows->data[at - 1];
			at--;
		}
		rows->data[at] = row;
	}
	while (rows->len > max)
		row_free(rows->data[--rows->len]);
}

static int read_all(struct db *db, const struct table *table, const struct history_ask *ask,
	row_vec *out, struct err *err)
{
	int rc = ask->ref_count ? 0 : read_rows(db, table, NULL, ask, out, err);

	for (size_t i = 0; rc == 0 && i < ask->ref_count; i++)
		rc = read_rows(db, table, ask->refs[i], ask, out, err);
	if (rc == 0 && ask->ref_count > 1)
		history_cut(out, ask->max);
	return rc;
}

int disk_history(struct disk *disk, const struct table *table, const struct history_ask *ask,
	row_vec *out, struct err *err)
{
	struct db *db = disk->files[FILE_CACHE];
	int rc = disk_open(disk, FILE_CACHE, err);

	if (rc == 0)
		rc = read_all(db, table, ask, out, err);
	if (rc < 0 && db_repair(db)) {
		history_cut(out, 0);
		rc = read_all(db, table, ask, out, err);
	}
	return rc;
}
