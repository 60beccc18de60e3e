/* Transactions and statements of an open file. A statement is prepared once and found by its text. */
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/store/db/db_internal.h"

int db_exec(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, _("cannot write"), err);
	return 0;
}

int db_begin(struct db *db, struct err *err)
{
	return db_exec(db, "BEGIN IMMEDIATE", err);
}

int db_commit(struct db *db, struct err *err)
{
	int rc = db_exec(db, "COMMIT", err);

	if (rc < 0)
		db_rollback(db);
	return rc;
}

void db_rollback(struct db *db)
{
	int rc = db->rc;

	/* SQLite may have rolled back by itself; then there is nothing to do. */
	if (db->handle && !sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->rc = rc;
}

sqlite3_stmt *db_stmt(struct db *db, const char *sql, struct err *err)
{
	struct db_stmt *slot, added = {0};

	vec_each (slot, &db->stmts)
		if (strcmp(slot->sql, sql) == 0) {
			sqlite3_reset(slot->stmt);
			sqlite3_clear_bindings(slot->stmt);
			return slot->stmt;
		}
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &added.stmt, NULL) !=
		SQLITE_OK) {
		db_fail(db, _("cannot read"), err);
		return NULL;
	}
	added.sql = xstrdup(sql);
	vec_push(&db->stmts, added);
	return added.stmt;
}

int db_step(struct db *db, sqlite3_stmt *stmt, struct err *err)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE) {
		sqlite3_reset(stmt);
		return 0;
	}
	rc = db_fail(db, sqlite3_stmt_readonly(stmt) ? _("cannot read") : _("cannot write"), err);
	sqlite3_reset(stmt);
	return rc;
}

int db_run(struct db *db, sqlite3_stmt *stmt, struct err *err)
{
	int rc = db_step(db, stmt, err);

	sqlite3_reset(stmt);
	return rc < 0 ? rc : 0;
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes64(db->handle);
}

int db_version(struct db *db, int64_t *out, struct err *err)
{
	int64_t number = 0;
	int rc = db_ask_number(db, "PRAGMA data_version", &number, err);

	if (rc == 0)
		*out = db->opened << 32 | number;
	return rc;
}

int db_number(struct db *db, sqlite3_stmt *stmt, int64_t *out, struct err *err)
{
	int rc = stmt ? db_step(db, stmt, err) : E_INTERNAL;

	if (rc == 1) {
		*out = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? rc : 0;
}

int db_ask_number(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	return db_number(db, db_stmt(db, sql, err), out, err);
}

void db_bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	if (text)
		sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
}

int64_t db_look_number(sqlite3 *handle, const char *sql, const char *text, int64_t without)
{
	sqlite3_stmt *stmt = NULL;
	int64_t number = without;

	if (sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) == SQLITE_OK) {
		db_bind_text(stmt, 1, text);
		if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
			number = sqlite3_column_int64(stmt, 0);
	}
	sqlite3_finalize(stmt);
	return number;
}
