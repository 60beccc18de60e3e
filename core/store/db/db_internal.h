/* Shared by db.c (the connection) and db_repair.c (copies, and damaged files). */
#ifndef WEIR_STORE_DB_DB_INTERNAL_H
#define WEIR_STORE_DB_DB_INTERNAL_H

#include "core/base/vec.h"
#include "core/store/db/db.h"

struct db_stmt {
	char *sql;
	sqlite3_stmt *stmt;
};

struct db {
	char *dir, *path, *backup_path;
	const struct db_schema *schema;
	db_notice_fn on_notice;
	void *data;
	const _Atomic int64_t *deadline;
	sqlite3 *handle; /* NULL = closed */
	int64_t opened;  /* how often */
	bool is_refused;
	int64_t frozen_mono_ms; /* when it was opened for reading alone; 0 = it was not */
	struct err frozen_why;
	int rc;                    /* SQLite's code of the last failure */
	VEC(struct db_stmt) stmts; /* as many as the program has texts: a finite set */
};

/* Fills err from the handle (may be NULL), keeps the code in db->rc; returns E_INTERNAL, E_CONFLICT
 * when locked. */
int db_fail(struct db *db, const char *what, struct err *err);
bool db_is_late(const struct db *db); /* the deadline has passed */
bool db_is_damaged(const struct db *db);
/* A connection with its limits set, to any file; NULL with err. The caller closes it. */
sqlite3 *db_connect(struct db *db, const char *path, int flags, struct err *err);
int db_create_file(const char *path, struct err *err);
/*
 * Where it cannot be written it is opened for reading alone (db_look.c). db_open_read_only:
 * E_UNSUPPORTED when it can be written. db_open_anyway: after a failure that only keeps from writing;
 * why: what db_is_frozen() says from then on. db_may_thaw: it is time to try anew.
 */
int db_open_read_only(struct db *db, struct err *err);
int db_open_anyway(struct db *db, const struct err *why);
bool db_may_thaw(const struct db *db);
/* Its user_version, judged: E_UNSUPPORTED when a newer program wrote it. */
int db_read_version(struct db *db, int *version, struct err *err);
struct db_healed {
	char *aside; /* where the damaged file is now; NULL: there was none */
	bool is_restored;
};
/* Moves the damaged file aside and puts the backup in its place, if any. The handle is closed. */
int db_heal(struct db *db, struct db_healed *out, struct err *err);
/* Tells what was done and what was lost by it, and frees it; once it is open again, or cannot be. */
void db_tell_healed(struct db *db, struct db_healed *healed);
/* One process repairs at a time; -1 = another one does. */
int db_lock(const struct db *db);
void db_unlock(int lock);
/* Empty or gone although there is a backup: what a crash of the file system leaves. */
bool db_is_emptied(const struct db *db);
void db_notice(struct db *db, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
