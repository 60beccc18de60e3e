/*
 * Each file is read as it was at one moment, by a connection that changes nothing, and needs to be of
 * no certain schema: a row is its columns. Texts went through the redactor when they were remembered;
 * they go through it once more, for the redactor may have learned since.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/store/portable/portable.h"
#include "core/store/portable/portable_table.h"

#define STEP_ROWS 2000

struct exporter {
	FILE *out;
	portable_step_fn on_step;
	void *data;
	int64_t rows;
	sqlite3 *files[FILE_MAX]; /* NULL: there is none */
	int schemas[FILE_MAX];
};

static int write_line(struct exporter *export, json_t *line, struct err *err)
{
	char *text = json_dumps(line, JSON_COMPACT);
	struct buf clean;
	int rc = 0;

	json_decref(line);
	if (!text)
		return err_set(err, E_INTERNAL, _("a row cannot be written as JSON"));
	buf_init(&clean, (size_t)64 << 20);
	doc_escape_json(&clean, text);
	buf_addc(&clean, '\n');
	free(text);
	if (fwrite(buf_str(&clean), 1, clean.len, export->out) != clean.len)
		rc = err_errno(err, E_INTERNAL, _("write the export"));
	buf_release(&clean);
	return rc;
}

/* Bytes that are no text cannot be told from damage; they stay away. */
static json_t *text_json(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);
	char *clean = text ? redact_dup(text) : NULL;
	json_t *value = clean ? json_string(clean) : NULL;

	free(clean);
	return value ? value : json_null();
}

static json_t *row_json(sqlite3_stmt *stmt)
{
	json_t *row = json_object();

	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		int type = sqlite3_column_type(stmt, i);

		if (type == SQLITE_INTEGER)
			json_object_set_new(row, sqlite3_column_name(stmt, i),
				json_integer(sqlite3_column_int64(stmt, i)));
		else if (type == SQLITE_FLOAT)
			json_object_set_new(row, sqlite3_column_name(stmt, i),
				json_real(sqlite3_column_double(stmt, i)));
		else if (type == SQLITE_TEXT)
			json_object_set_new(row, sqlite3_column_name(stmt, i), text_json(stmt, i));
	}
	return row;
}

static int export_table(
	struct exporter *export, const struct portable_table *table, struct err *err)
{
	sqlite3 *handle = export->files[table->file];
	char *sql = table->view ? row_sql_select(table->view, table->which)
				: xasprintf("SELECT * FROM %s ORDER BY rowid", table->name);
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL), failed = 0;

	free(sql);
	/* An older file has no such table. */
	if (rc == SQLITE_ERROR)
		return 0;
	while (!failed && rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		json_t *line = json_pack("{s:s, s:o}", "table", table->name, "row", row_json(stmt));

		rc = SQLITE_OK;
		failed = write_line(export, line, err);
		if (++export->rows % STEP_ROWS == 0 && export->on_step)
			export->on_step(export->data, export->rows);
	}
	if (!failed && rc != SQLITE_DONE)
		failed = err_set(err, E_INTERNAL, "%s: %s", sqlite3_db_filename(handle, "main"),
			sqlite3_errmsg(handle));
	sqlite3_finalize(stmt);
	return failed;
}

static int open_file(struct exporter *export, const char *dir, enum store_file file,
	const struct db_schema *schema, struct err *err)
{
	char *path = xasprintf("%s/%s", dir, schema->name);
	struct err why = {0};
	sqlite3 *handle = db_look(path, &why);
	int rc = 0;

	if (handle && sqlite3_exec(handle, "BEGIN", NULL, NULL, NULL) == SQLITE_OK)
		export->schemas[file] = (int)db_look_number(handle, "PRAGMA user_version", NULL, 0);
	export->files[file] = handle;
	if (!handle && why.code != E_NOTFOUND)
		rc = err_set(err, E_INTERNAL, "%s", why.text);
	else if (export->schemas[file] > (int)schema->step_count)
		rc = err_set(err, E_UNSUPPORTED,
			_("%s: written by a newer weir (schema %d, this program knows %d): export "
			  "with that one"),
			path, export->schemas[file], (int)schema->step_count);
	free(path);
	return rc;
}

static int write_all(struct exporter *export, const char *context, struct err *err)
{
	char now[40];
	int rc;

	clock_format_iso(clock_wall_ms(), now, sizeof(now));
	rc = write_line(export,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:i, s:i}}", "apiVersion", "weir/v1",
			"kind", PORTABLE_KIND, "context", context, "exportedAt", now, "weir",
			WEIR_VERSION, "schemas", "registry", export->schemas[FILE_REGISTRY],
			"cache", export->schemas[FILE_CACHE]),
		err);
	for (size_t i = 0; rc == 0 && i < portable_table_count; i++)
		if (export->files[portable_tables[i].file])
			rc = export_table(export, &portable_tables[i], err);
	if (rc == 0)
		rc = write_line(export,
			json_pack("{s:s, s:I}", "kind", PORTABLE_END, "rows",
				(json_int_t) export->rows),
			err);
	if (rc == 0 && fflush(export->out) != 0)
		rc = err_errno(err, E_INTERNAL, _("write the export"));
	return rc;
}

static void count_logs(const char *dir, struct exported *out)
{
	char *pattern = xasprintf("%s/runs/*.log", dir);
	glob_t found = {0};
	struct stat st;

	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++) {
			out->logs++;
			if (stat(found.gl_pathv[i], &st) == 0)
				out->log_bytes += st.st_size;
		}
	globfree(&found);
	free(pattern);
}

int store_export(const char *dir, const char *context, FILE *file, portable_step_fn on_step,
	void *data, struct exported *out, struct err *err)
{
	struct exporter export = {.out = file, .on_step = on_step, .data = data};
	int rc = open_file(&export, dir, FILE_REGISTRY, &registry_schema, err);

	if (rc == 0)
		rc = open_file(&export, dir, FILE_CACHE, &cache_schema, err);
	if (rc == 0 && !export.files[FILE_REGISTRY] && !export.files[FILE_CACHE])
		rc = err_set(err, E_NOTFOUND, _("nothing is remembered in %s"), dir);
	if (rc == 0)
		rc = write_all(&export, context, err);
	for (int i = 0; i < FILE_MAX; i++)
		sqlite3_close(export.files[i]);
	*out = (struct exported){.rows = export.rows};
	count_logs(dir, out);
	return rc;
}
