/*
 * SQL is made of our own column names alone: those of a row are looked up among them. Runs are ordered by
 * their numbers, everywhere: one gets another number only where that does not put it before or behind
 * a run that it was not before or behind.
 */
#include "core/store/portable/import_row.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/model/run.h"

/* ---- what a row may be ---- */

static const portable_columns *columns_of(
	const struct importer *importer, const struct portable_table *table)
{
	return &importer->columns[table - portable_tables];
}

static const struct portable_column *column_of(const portable_columns *columns, const char *name)
{
	for (size_t i = 0; i < columns->len; i++)
		if (str_eq(columns->data[i].name, name))
			return &columns->data[i];
	return NULL;
}

/* "prod/…": of the context that it goes into. */
static bool is_of(const char *context, const json_t *ref)
{
	const char *text = json_string_value(ref);
	size_t len = strlen(context);

	return !ref || (text && strncmp(text, context, len) == 0 && text[len] == '/');
}

int import_check_row(const struct importer *importer, const struct portable_table *table,
	const json_t *row, struct err *err)
{
	const portable_columns *columns = columns_of(importer, table);
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)row, key, value) {
		const struct portable_column *column = column_of(columns, key);

		if (!column)
			return err_set(err, E_CONFIG, _("a %s has no '%s'"), table->name, key);
		if (!json_is_null(value) && column->is_integer != json_is_integer(value))
			return err_set(err, E_CONFIG, _("'%s' of a %s is a %s"), key, table->name,
				column->is_integer ? _("number") : _("text"));
	}
	if (!is_of(importer->context, json_object_get(row, "app")) ||
		!is_of(importer->context, json_object_get(row, "ref")))
		return err_set(err, E_CONFIG, _("a %s that is not of context %s"), table->name,
			importer->context);
	return 0;
}

/* ---- statements ---- */

/* Does this column say which row it is? Without a key all do, but for the number. */
static bool is_key(const struct portable_table *table, const char *name)
{
	return table->key ? portable_has(table->key, name) : !str_eq(name, "id");
}

static int bind(sqlite3_stmt *stmt, int at, const json_t *value)
{
	if (json_is_integer(value))
		return sqlite3_bind_int64(stmt, at, json_integer_value(value));
	if (json_is_string(value))
		return sqlite3_bind_text(stmt, at, json_string_value(value), -1, SQLITE_TRANSIENT);
	return sqlite3_bind_null(stmt, at);
}

/* The row here with the same key; 1 = there is one, and the statement stands on it. */
static int find(struct importer *importer, const struct portable_table *table, const json_t *row,
	sqlite3_stmt **out, struct err *err)
{
	struct db *db = importer->disk->files[table->file];
	const portable_columns *columns = columns_of(importer, table);
	const char *glue = " WHERE ";
	struct buf sql;
	int at = 0;

	buf_init(&sql, 0);
	buf_addf(&sql, "SELECT * FROM %s", table->name);
	for (size_t i = 0; i < columns->len; i++) {
		const char *name = columns->data[i].name;

		if (!is_key(table, name))
			continue;
		buf_addf(&sql, "%s%s IS ?%d", glue, name, ++at);
		glue = " AND ";
	}
	buf_adds(&sql, " LIMIT 1");
	*out = db_stmt(db, buf_str(&sql), err);
	buf_release(&sql);
	if (!*out)
		return E_INTERNAL;
	at = 0;
	for (size_t i = 0; i < columns->len; i++) {
		const char *name = columns->data[i].name;

		if (is_key(table, name))
			bind(*out, ++at, json_object_get(row, name));
	}
	return db_step(db, *out, err);
}

/* Adds it, with these columns of it. */
static int add(
	struct importer *importer, const struct portable_table *table, json_t *row, struct err *err)
{
	struct db *db = importer->disk->files[table->file];
	struct buf names, marks;
	sqlite3_stmt *stmt;
	const char *key;
	json_t *value;
	char *sql;
	int at = 0, rc;

	buf_init(&names, 0);
	buf_init(&marks, 0);
	json_object_foreach (row, key, value) {
		at++;
		buf_addf(&names, "%s%s", at > 1 ? ", " : "", key);
		buf_addf(&marks, "%s?%d", at > 1 ? ", " : "", at);
	}
	sql = xasprintf("INSERT INTO %s (%s) VALUES (%s) %s", table->name, buf_str(&names),
		buf_str(&marks), table->tail ? table->tail : "");
	buf_release(&names);
	buf_release(&marks);
	stmt = db_stmt(db, sql, err);
	free(sql);
	if (!stmt)
		return E_INTERNAL;
	at = 0;
	json_object_foreach (row, key, value)
		bind(stmt, ++at, value);
	rc = db_run(db, stmt, err);
	if (rc == 0)
		importer->out->added += !table->tail || db_changes(db) > 0;
	return rc;
}

static int ask_number(struct importer *importer, const char *sql, const char *text, int64_t a,
	int64_t b, int64_t *out, struct err *err)
{
	struct db *db = importer->disk->files[FILE_REGISTRY];
	sqlite3_stmt *stmt = db_stmt(db, sql, err);

	*out = 0;
	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, text);
	sqlite3_bind_int64(stmt, 2, a);
	sqlite3_bind_int64(stmt, 3, b);
	return db_number(db, stmt, out, err);
}

/* ---- merging ---- */

__attribute__((format(printf, 2, 3))) static void note(
	struct importer *importer, const char *fmt, ...)
{
	struct imported *out = importer->out;
	struct err text;
	struct buf raw;
	va_list ap;

	if (out->note_count == IMPORT_NOTES_MAX)
		return;
	buf_init(&raw, 0);
	va_start(ap, fmt);
	buf_addv(&raw, fmt, ap);
	va_end(ap);
	/* One harmless line: the words are foreign. */
	err_set(&text, E_CONFLICT, "%s", buf_str(&raw));
	out->notes[out->note_count++] = xstrdup(text.text);
	buf_release(&raw);
}

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = doc_str(row, key);

	return text ? text : "";
}

/* "run 42 (stop ods/orders, DONE)"; malloc'd. */
static char *name_of(const struct portable_table *table, const json_t *row)
{
	const char *app = text_of(row, "app"), *part = strstr(app, "/app/");

	app = part ? part + 5 : app;
	if (str_eq(table->name, "run"))
		return xasprintf(_("run %lld (%s %s, %s)"), (long long)doc_int(row, "id", 0),
			text_of(row, "verb"), app, text_of(row, "state"));
	if (str_eq(table->name, "release"))
		return xasprintf(_("release %s %lld"), app, (long long)doc_int(row, "number", 0));
	return xasprintf(_("%s %lld of %s"), _(table->name), (long long)doc_int(row, "id", 0), app);
}

static void conflict(struct importer *importer, const struct portable_table *table,
	const json_t *row, const char *why)
{
	char *name = name_of(table, row);

	note(importer, "%s: %s", name, why);
	free(name);
	if (importer->options->keeps_ours)
		importer->out->left_out++;
	else
		importer->out->conflicts++;
}

/* As an export would say it: what the redactor learned since is no difference. */
static bool is_same_text(const char *here, const char *comes)
{
	char *clean = redact_dup(here ? here : "");
	bool is_same = str_eq(clean, comes);

	free(clean);
	return is_same;
}

/* What the statement stands on, against what comes. */
static bool says_the_same(sqlite3_stmt *stmt, const char *columns, const json_t *row)
{
	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		const char *name = sqlite3_column_name(stmt, i);
		const char *text = (const char *)sqlite3_column_text(stmt, i);
		const json_t *value = json_object_get(row, name);

		if (!portable_has(columns, name))
			continue;
		if (json_is_integer(value)
				? sqlite3_column_int64(stmt, i) != json_integer_value(value)
				: !is_same_text(text, text_of(row, name)))
			return false;
	}
	return true;
}

static void know_run(struct importer *importer, const json_t *row, int64_t here)
{
	int64_t *number = xcalloc(1, sizeof(*number));
	char key[24];

	*number = here;
	snprintf(key, sizeof(key), "%lld", (long long)doc_int(row, "id", 0));
	free(map_put(importer->runs, key, number));
}

/* Would this number stand for the same order among the runs of the application? */
static int is_in_order(
	struct importer *importer, const json_t *row, int64_t id, bool *out, struct err *err)
{
	int64_t found = 0;
	int rc = ask_number(importer,
		"SELECT count(*) FROM run WHERE app = ?1 AND ((id > ?2 AND created_ms < ?3) OR"
		" (id < ?2 AND created_ms > ?3) OR id = ?2)",
		doc_str(row, "app"), id, doc_int(row, "created_ms", 0), &found, err);

	*out = found == 0;
	return rc;
}

static int import_run(
	struct importer *importer, const struct portable_table *table, json_t *row, struct err *err)
{
	int64_t id = doc_int(row, "id", 0), taken = 0, next = 0;
	enum run_state state = run_state_parse(doc_str(row, "state"));
	bool in_order = false;
	int rc;

	if (!run_state_is_end(state)) {
		char *name = name_of(table, row);

		note(importer, _("%s: it was not over when it was exported; left out"), name);
		free(name);
		importer->out->left_out++;
		return 0;
	}
	rc = ask_number(importer, "SELECT count(*) FROM run WHERE ?1 IS NULL AND id = ?2", NULL, id,
		0, &taken, err);
	if (rc == 0 && (taken || id <= 0)) {
		rc = ask_number(importer,
			"SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'run'), "
			"0),"
			" coalesce((SELECT max(id) FROM run), 0)) + 1 WHERE ?1 IS NULL",
			NULL, 0, 0, &next, err);
		json_object_set_new(row, "id", json_integer(next));
	}
	if (rc == 0)
		rc = is_in_order(importer, row, next ? next : id, &in_order, err);
	if (rc < 0)
		return rc;
	if (!in_order) {
		json_object_set_new(row, "id", json_integer(id));
		conflict(importer, table, row,
			_("its number is that of another run here, and a new one would put it "
			  "behind later runs of its application"));
		return 0;
	}
	rc = add(importer, table, row, err);
	json_object_set_new(row, "id", json_integer(id));
	if (rc == 0)
		know_run(importer, row, next ? next : id);
	return rc;
}

/* Which run made it, by the number that this one has here; 0 = it is not here. */
static void renumber(struct importer *importer, json_t *row)
{
	char key[24];
	const int64_t *here;

	if (!json_object_get(row, "run"))
		return;
	snprintf(key, sizeof(key), "%lld", (long long)doc_int(row, "run", 0));
	here = map_get(importer->runs, key);
	json_object_set_new(row, "run", json_integer(here ? *here : 0));
}

static int import_release(
	struct importer *importer, const struct portable_table *table, json_t *row, struct err *err)
{
	const char *app = doc_str(row, "app");
	int64_t active = 0, open = 0;
	int rc = ask_number(importer,
		"SELECT count(*) FROM release WHERE app = ?1 AND is_active = 1 AND ?2 = ?3", app, 0,
		0, &active, err);

	if (rc == 0)
		rc = ask_number(importer, "SELECT run FROM lease WHERE app = ?1 AND ?2 = ?3", app,
			0, 0, &open, err);
	if (rc < 0)
		return rc;
	if (open) {
		char *why = xasprintf(
			_("run %lld of its application is not over here"), (long long)open);
		conflict(importer, table, row, why);
		free(why);
		return 0;
	}
	/* Which one is active here stays so. */
	if (active)
		json_object_set_new(row, "is_active", json_integer(0));
	return add(importer, table, row, err);
}

static int add_new(
	struct importer *importer, const struct portable_table *table, json_t *row, struct err *err)
{
	if (table->merge == MERGE_RUN)
		return import_run(importer, table, row, err);
	if (str_eq(table->name, "release"))
		return import_release(importer, table, row, err);
	/* Numbers of ours alone. */
	if (!portable_has(table->key, "id"))
		json_object_del(row, "id");
	return add(importer, table, row, err);
}

int import_row(struct importer *importer, const struct portable_table *table, const json_t *row,
	struct err *err)
{
	json_t *copy = json_copy((json_t *)row);
	sqlite3_stmt *stmt = NULL;
	int rc = 0, found = 0;

	if (table->merge != MERGE_RUN && table->file == FILE_REGISTRY)
		renumber(importer, copy);
	/* With a key of the table's own the file looks by itself. */
	if (!table->tail)
		found = find(importer, table, copy, &stmt, err);
	if (found < 0) {
		rc = found;
	} else if (!found) {
		int64_t before = importer->out->added;

		rc = add_new(importer, table, copy, err);
		if (rc == 0 && table->tail && importer->out->added == before)
			importer->out->known++;
	} else {
		bool is_same = !table->same || says_the_same(stmt, table->same, row);

		if (table->merge == MERGE_RUN)
			know_run(importer, row, sqlite3_column_int64(stmt, 0));
		sqlite3_reset(stmt);
		if (is_same)
			importer->out->known++;
		else
			conflict(importer, table, row, _("it says something else here"));
	}
	json_decref(copy);
	return rc;
}
