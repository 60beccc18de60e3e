/*
 * One SQLite file: open, repair, migrate, back up, and statements. Blocking: only on the store's
 * lane.
 *
 *	struct db *db = db_new(dir, &schema, on_notice, data, &deadline);
 *	if (db_open(db, &err) == 0 && db_begin(db, &err) == 0) {
 *		sqlite3_stmt *stmt = db_stmt(db, "INSERT INTO t VALUES (?1)", &err);
 *		sqlite3_bind_int64(stmt, 1, 7);
 *		db_run(db, stmt, &err);
 *		db_commit(db, &err);
 *	}
 *	db_free(db);
 *
 * A file that is damaged is moved aside as <name>.corrupt-<time>: one that is precious is then
 * restored from <name>.bak where that is sound, any other starts empty. Files have mode 0600 (SQLite
 * gives its -wal and -shm the same). Errors of the local disk are E_INTERNAL; E_CONFLICT: another
 * process keeps it locked.
 */
#ifndef WEIR_STORE_DB_DB_H
#define WEIR_STORE_DB_DB_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/* Rows that a person knows by name: those that a repair cannot keep are told. */
struct db_named {
	const char *table, *what; /* what: N_(), of one of them: "run" */
	const char *label;        /* SQL: which one and how it stands, as text */
	const char *by_index;     /* SQL: which one row ?1 is, read from an index alone; or NULL */
	const char *files;        /* "runs/<wildcard>.log": named by the number of a row; or NULL */
};

struct db_schema {
	const char *name;         /* of the file */
	const char *const *steps; /* SQL; user_version counts those done, each in a transaction */
	size_t step_count;
	const char *synchronous; /* "FULL" or "NORMAL" */
	bool is_precious;        /* backed up, restored, never simply started anew */
	bool gives_back;         /* freed pages: PRAGMA incremental_vacuum works on it */
	const struct db_named *named;
	size_t named_count;
};

/* What was done by itself and should be known (moved aside, restored). Not a failure. */
typedef void (*db_notice_fn)(void *data, const struct err *notice);

struct db;

/* deadline: monotonic time after which statements are interrupted, 0 = none; set from any thread.
 */
struct db *db_new(const char *dir, const struct db_schema *schema, db_notice_fn on_notice,
	void *data, const _Atomic int64_t *deadline);
void db_free(struct db *db); /* NULL-safe */

/*
 * Nothing to do when it is open and still the file of that name. E_UNSUPPORTED: written by a newer
 * program, and left untouched; E_INTERNAL: anything else.
 */
int db_open(struct db *db, struct err *err);
/* The same for a look beside the connection of somebody who writes: nothing is made, brought up to date or
 * repaired. Then not db_open(). */
int db_open_look(struct db *db, struct err *err);
/* As that one, when everybody has closed it: who only looks leaves an empty log behind, this does not. */
int db_open_last(struct db *db, struct err *err);
void db_close(struct db *db);
/* Written by a newer program: opening it again would not help. */
bool db_is_refused(const struct db *db);
/* Open on a disk that is read-only: it can be read, err (may be NULL) says why not written. */
bool db_is_frozen(const struct db *db, struct err *err);
/*
 * A connection that changes nothing, to any file; on a disk that is read-only, where a write-ahead
 * log cannot be joined, the file is read as it is. NULL: err says why. Close with sqlite3_close().
 */
sqlite3 *db_look(const char *path, struct err *err);
/* The first column of the first row, text (may be NULL) being ?1; `without` when that says nothing. */
int64_t db_look_number(sqlite3 *handle, const char *sql, const char *text, int64_t without);
/* Is it no database of its own, but what lies beside one: its log, its list of lost rows? */
bool db_is_companion(const char *path);
/*
 * After a failure: was the file found damaged, and is it open now, repaired? Then try again, once.
 * Otherwise closes what a new db_open() may cure.
 */
bool db_repair(struct db *db);

int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err); /* rolls back when it fails */
void db_rollback(struct db *db);
/* Prepared once and kept, by its text; reset and without values. Borrowed until db_close(). */
sqlite3_stmt *db_stmt(struct db *db, const char *sql, struct err *err);
/* 1 = a row, 0 = the end (the statement is reset), negative = failed (reset too). */
int db_step(struct db *db, sqlite3_stmt *stmt, struct err *err);
/* For statements without rows. */
int db_run(struct db *db, sqlite3_stmt *stmt, struct err *err);
int db_exec(struct db *db, const char *sql, struct err *err);
/* True: its commits do not copy the write-ahead log back, which waits for the disk. */
void db_log_grows(struct db *db, bool grows);
/* That, by any thread and by a connection of its own: nobody waits for it. What fails is done by a
 * later commit. */
void db_copy_back(const char *path);
const char *db_path(const struct db *db);
/* Changes when another connection has changed the file, or it was opened anew. */
int db_version(struct db *db, int64_t *out, struct err *err);
/* The first column of its first row; *out stays without one. stmt NULL: it could not be prepared. */
int db_number(struct db *db, sqlite3_stmt *stmt, int64_t *out, struct err *err);
int db_ask_number(struct db *db, const char *sql, int64_t *out, struct err *err);
void db_bind_text(sqlite3_stmt *stmt, int at, const char *text); /* NULL stays NULL */
/* Rows changed by the last statement. */
int64_t db_changes(const struct db *db);

/* A sound copy as <name>.bak, whole or not at all; not made from a damaged file. E_CONFLICT: another
 * process is making it. */
int db_backup(struct db *db, struct err *err);
/* Milliseconds since the epoch at which <name>.bak was made; 0 = there is none. */
int64_t db_backup_ms(const struct db *db);

/* The name of a network file system (a type of statfs), where WAL does not work; NULL for others.
 */
const char *db_network_name(long fs_type);
/* The same for a folder. */
const char *db_network_folder(const char *dir);

#endif
