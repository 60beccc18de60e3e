/* The tables that travel. A new table of the registry or the history gets its row here. */
#include "core/store/portable/portable_table.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

const struct portable_table portable_tables[] = {
	{.name = "team", .file = FILE_REGISTRY, .merge = MERGE_OURS, .key = "ref"},
	{.name = "application", .file = FILE_REGISTRY, .merge = MERGE_OURS, .key = "ref"},
	{.name = "run",
		.file = FILE_REGISTRY,
		.merge = MERGE_RUN,
		.key = "app verb created_ms",
		.same = "state ended_ms outcome result"},
	{.name = "build",
		.file = FILE_REGISTRY,
		.merge = MERGE_SAME,
		.key = "app sha256 built_ms",
		.same = "artifact"},
	{.name = "release",
		.file = FILE_REGISTRY,
		.merge = MERGE_SAME,
		.key = "app number",
		.same = "dir digest created_ms"},
	{.name = "restore_point", .file = FILE_REGISTRY, .merge = MERGE_OURS, .key = "app path"},
	{.name = "run_cluster", .file = FILE_REGISTRY, .merge = MERGE_OURS, .key = "app"},
	{.name = "event", .file = FILE_CACHE, .merge = MERGE_ADD},
	{.name = "checkpoint",
		.file = FILE_CACHE,
		.merge = MERGE_ADD,
		.key = "ref job_id id trigger_ms",
		.tail = "ON CONFLICT DO NOTHING"},
	{.name = "exception",
		.file = FILE_CACHE,
		.merge = MERGE_ADD,
		.key = "ref fingerprint",
		.tail = "ON CONFLICT DO NOTHING"},
	/* The finest ones would be counted into the coarser ones once more. */
	{.name = "sample",
		.file = FILE_CACHE,
		.merge = MERGE_ADD,
		.key = "ref span_ms time_ms",
		.view = &sample_rows,
		.which = "WHERE span_ms >= 60000 ORDER BY ref, span_ms, time_ms"},
};
const size_t portable_table_count = ARRAY_SIZE(portable_tables);

const struct portable_table *portable_table_find(const char *name)
{
	for (size_t i = 0; i < portable_table_count; i++)
		if (str_eq(portable_tables[i].name, name))
			return &portable_tables[i];
	return NULL;
}

int portable_columns_read(struct db *db, const char *table, portable_columns *out, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db, "SELECT name, type FROM pragma_table_info(?1)", err);
	int rc = E_INTERNAL;

	if (!stmt)
		return rc;
	db_bind_text(stmt, 1, table);
	while ((rc = db_step(db, stmt, err)) == 1) {
		struct portable_column column = {
			.name = xstrdup((const char *)sqlite3_column_text(stmt, 0)),
			.is_integer =
				strcmp((const char *)sqlite3_column_text(stmt, 1), "INTEGER") == 0};

		vec_push(out, column);
	}
	return rc;
}

void portable_columns_release(portable_columns *columns)
{
	for (size_t i = 0; i < columns->len; i++)
		free(columns->data[i].name);
	vec_release(columns);
}

bool portable_has(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; at && *at; at += strspn(at, " ")) {
		size_t part = strcspn(at, " ");

		if (part == len && strncmp(at, word, len) == 0)
			return true;
		at += part;
	}
	return false;
}
