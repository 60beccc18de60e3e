/*
 * The connection. All that can be cured by opening again (a file moved away, another process that
 * holds the lock, a damaged page) ends here as "failed, try again later": callers never look at
 * SQLite's codes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/store/db/db_internal.h"
#include "core/store/db/lock_owner.h"

/* Short: what waits here are the other rows of the lane. A batch that fails is tried again. */
#define BUSY_MS 250
#define OPEN_TRIES 8
#define OPEN_PAUSE_MS 40
#define PROGRESS_OPS 20000
/* Half of what SQLite takes by itself: pages are read again from the system's cache. */
#define CACHE_KIB "1024"

struct db *db_new(const char *dir, const struct db_schema *schema, db_notice_fn on_notice,
	void *data, const _Atomic int64_t *deadline)
{
	struct db *db = xcalloc(1, sizeof(*db));

	db->dir = xstrdup(dir);
	db->path = xasprintf("%s/%s", dir, schema->name);
	db->backup_path = xasprintf("%s.bak", db->path);
	db->schema = schema;
	db->on_notice = on_notice;
	db->data = data;
	db->deadline = deadline;
	return db;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	db_close(db);
	free(db->dir);
	free(db->path);
	free(db->backup_path);
	free(db);
}

void db_close(struct db *db)
{
	struct db_stmt *slot;

	vec_each (slot, &db->stmts) {
		sqlite3_finalize(slot->stmt);
		free(slot->sql);
	}
	vec_release(&db->stmts);
	sqlite3_close(db->handle);
	db->handle = NULL;
	db->frozen_mono_ms = 0;
}

bool db_is_refused(const struct db *db)
{
	return db->is_refused;
}

bool db_is_damaged(const struct db *db)
{
	return (db->rc & 0xff) == SQLITE_CORRUPT || (db->rc & 0xff) == SQLITE_NOTADB;
}

void db_notice(struct db *db, const char *fmt, ...)
{
	struct err notice = {0};
	struct buf text;
	va_list ap;

	buf_init(&text, 0);
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	err_set(&notice, E_INTERNAL, "%s", buf_str(&text));
	buf_release(&text);
	if (db->on_notice)
		db->on_notice(db->data, &notice);
}

static int fail_locked(struct db *db, const char *what, const char *said, struct err *err)
{
	bool is_stopped;
	int64_t pid = lock_owner(db->path, &is_stopped);

	if (!pid)
		return err_set(err, E_CONFLICT, "%s: %s: %s", db->path, what, said);
	return err_set(err, E_CONFLICT,
		is_stopped ? _("locked by process %lld, which is stopped: %s")
			   : _("locked by process %lld: %s"),
		(long long)pid, db->path);
}

int db_fail(struct db *db, const char *what, struct err *err)
{
	int last = errno, os = db->handle ? sqlite3_system_errno(db->handle) : 0;

	if (db->handle)
		db->rc = sqlite3_extended_errcode(db->handle);
	/* SQLite keeps it of the file, not of its log. */
	if (!os && db->rc == SQLITE_IOERR_WRITE)
		os = last;
	const char *said = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(db->rc);
	bool has_os = os && ((db->rc & 0xff) == SQLITE_IOERR || (db->rc & 0xff) == SQLITE_CANTOPEN);

	if (has_os && os != ENOSPC) {
		errno = os;
		return err_errno(err, E_INTERNAL, "%s: %s: %s", db->path, what, said);
	}
	if ((db->rc & 0xff) == SQLITE_READONLY && db_is_frozen(db, err))
		return E_INTERNAL;
	if ((db->rc & 0xff) == SQLITE_FULL || has_os)
		return err_set(err, E_INTERNAL, _("%s: %s: %s; free space there, then again"),
			db->path, what, has_os ? _("the disk is full") : said);
	if ((db->rc & 0xff) == SQLITE_BUSY)
		return fail_locked(db, what, said, err);
	return err_set(err, E_INTERNAL, "%s: %s: %s", db->path, what, said);
}

/* ---- file systems ---- */

const char *db_network_name(long fs_type)
{
	static const struct {
		uint32_t type;
		const char *name;
	} known[] = {
		{0x6969, "NFS"},
		{0x517b, "SMB"},
		{0xff534d42, "CIFS"},
		{0xfe534d42, "SMB2"},
		{0x65735546,
			"FUSE"}, /* sshfs and its like; there is no telling them from local ones */
		{0x01021997, "9P"},
		{0x00c36400, "Ceph"},
		{0x0bd00bd0, "Lustre"},
		{0x47504653, "GPFS"},
		{0x5346414f, "AFS"},
		{0x73757245, "Coda"},
		{0x01161970, "GFS2"},
		{0x7461636f, "OCFS2"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].type == (uint32_t)fs_type)
			return known[i].name;
	return NULL;
}

const char *db_network_folder(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 ? db_network_name((long)fs.f_type) : NULL;
}

/* Made by us, so that it is never readable by others, not even for a moment. */
int db_create_file(const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(err, E_INTERNAL, _("open %s"), path);
	if (fstat(fd, &st) == 0 && (st.st_mode & 077) && fchmod(fd, 0600) < 0) {
		/* not ours: its owner decides who reads it */
	}
	close(fd);
	return 0;
}

/* ---- connection ---- */

bool db_is_late(const struct db *db)
{
	int64_t deadline = db->deadline ? atomic_load(db->deadline) : 0;

	return deadline && clock_mono_ms() > deadline;
}

static int on_progress(void *db)
{
	return db_is_late(db);
}

sqlite3 *db_connect(struct db *db, const char *path, int flags, struct err *err)
{
	sqlite3 *handle = NULL;

	db->rc = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (db->rc != SQLITE_OK) {
		err_set(err, E_INTERNAL, _("open %s: %s"), path, sqlite3_errstr(db->rc));
		sqlite3_close(handle);
		return NULL;
	}
	sqlite3_extended_result_codes(handle, 1);
	sqlite3_busy_timeout(handle, BUSY_MS);
	sqlite3_progress_handler(handle, PROGRESS_OPS, on_progress, db);
	/* Foreign bytes in a schema must not run code. */
	sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return handle;
}

static int read_version(struct db *db, int *version, struct err *err)
{
	int64_t number = 0;
	int rc = db_ask_number(db, "PRAGMA user_version", &number, err);

	if (rc == 0)
		*version = (int)number;
	return rc;
}

static int set_pragmas(struct db *db, struct err *err)
{
	bool is_network = db_network_folder(db->dir) != NULL;
	struct stat st = {0};
	bool is_new = stat(db->path, &st) == 0 && st.st_size == 0;
	/* Of a new file the vacuum must be named before anything is written; of others it would write. */
	char *sql = xasprintf("%sPRAGMA foreign_keys=ON; PRAGMA synchronous=%s;"
			      "PRAGMA journal_size_limit=4194304; PRAGMA temp_store=MEMORY;"
			      "PRAGMA cache_size=-" CACHE_KIB ";"
			      "PRAGMA journal_mode=%s",
		db->schema->gives_back && is_new ? "PRAGMA auto_vacuum=INCREMENTAL;" : "",
		db->schema->synchronous, is_network ? "DELETE" : "WAL");
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	free(sql);
	/* What cannot be changed on a read-only disk does not keep us from reading. */
	if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_READONLY)
		return db_fail(db, _("cannot open"), err);
	return 0;
}

/* Reads the version anew inside the transaction: another process may have been faster. */
static int migrate_step(struct db *db, struct err *err)
{
	int version = 0, rc;

	if ((rc = db_begin(db, err)) < 0)
		return rc;
	rc = read_version(db, &version, err);
	if (rc == 0 && version < (int)db->schema->step_count) {
		char *done = xasprintf("PRAGMA user_version=%d", version + 1);

		rc = db_exec(db, db->schema->steps[version], err);
		if (rc == 0)
			rc = db_exec(db, done, err);
		free(done);
	}
	if (rc == 0)
		return db_commit(db, err);
	db_rollback(db);
	return rc;
}

/* An older file learns it by being written anew, once; where that does not go, it only stays large. */
static void learn_to_give_back(struct db *db)
{
	struct err err;
	int64_t mode = 2;

	db_number(db, db_stmt(db, "PRAGMA auto_vacuum", &err), &mode, &err);
	if (mode != 2 && db_exec(db, "PRAGMA auto_vacuum=INCREMENTAL; VACUUM", &err) < 0)
		log_write(LOG_WARN, "store: %s", err.text);
	db->rc = SQLITE_OK;
}

int db_read_version(struct db *db, int *version, struct err *err)
{
	int latest = (int)db->schema->step_count, rc;

	if ((rc = read_version(db, version, err)) < 0 || *version <= latest)
		return rc;
	db->is_refused = true;
	return err_set(err, E_UNSUPPORTED,
		_("%s: written by a newer weir (schema %d, this program knows %d); it is left as "
		  "it is and nothing is remembered. Update weir, or name another folder with "
		  "--store DIR"),
		db->path, *version, latest);
}

static int migrate(struct db *db, struct err *err)
{
	int version = 0, latest = (int)db->schema->step_count, rc;

	if ((rc = db_read_version(db, &version, err)) < 0)
		return rc;
	if (version > 0 && version < latest && db->schema->is_precious &&
		(rc = db_backup(db, err)) < 0)
		return err_prefix(err, _("not migrated, because it could not be backed up"));
	for (int i = version; i < latest; i++)
		if ((rc = migrate_step(db, err)) < 0)
			return err_prefix(err, _("migration to schema %d"), i + 1);
	if (db->schema->gives_back && version > 0 && version < latest)
		learn_to_give_back(db);
	return 0;
}

/* SQLite takes a file shorter than its smallest page for a new one, and would write over it. */
static bool is_stump(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > 0 && st.st_size < 512;
}

/* Reading the schema is what finds a file that is no database. */
static int open_once(struct db *db, struct err *err)
{
	int rc;

	db->rc = SQLITE_OK;
	if ((rc = db_create_file(db->path, err)) < 0)
		return rc;
	if (is_stump(db->path)) {
		db->rc = SQLITE_NOTADB;
		return db_fail(db, _("cannot open"), err);
	}
	db->handle = db_connect(db, db->path, SQLITE_OPEN_READWRITE, err);
	if (!db->handle)
		return E_INTERNAL;
	db->opened++;
	rc = set_pragmas(db, err);
	if (rc == 0)
		rc = db_exec(db, "SELECT count(*) FROM sqlite_schema", err);
	if (rc == 0)
		rc = migrate(db, err);
	if (rc < 0) {
		int failed = db->rc;

		db_close(db);
		db->rc = failed;
	}
	return rc;
}

/* Several processes that start at once on a new file wait for each other's first steps. */
static int open_patient(struct db *db, struct err *err)
{
	int rc = open_once(db, err);

	for (int i = 1; rc == E_CONFLICT && i < OPEN_TRIES && !db_is_late(db); i++) {
		sqlite3_sleep(OPEN_PAUSE_MS);
		rc = open_once(db, err);
	}
	return rc;
}

static int heal(struct db *db, struct err *err)
{
	struct db_healed healed = {0};
	int rc = db_heal(db, &healed, err);

	if (rc < 0)
		return rc;
	rc = open_patient(db, err);
	db_tell_healed(db, &healed);
	return rc;
}

static int open_healing(struct db *db, struct err *err)
{
	int lock = db_lock(db), rc;

	if (lock < 0)
		return err_set(err, E_INTERNAL, _("%s: damaged, and another weir is repairing it"),
			db->path);
	/* It may have been repaired while we waited. */
	rc = db_is_emptied(db) ? E_INTERNAL : open_patient(db, err);
	if (rc < 0 && (db_is_damaged(db) || db_is_emptied(db)))
		rc = heal(db, err);
	db_unlock(lock);
	return rc;
}

int db_open(struct db *db, struct err *err)
{
	struct err why = {0};
	int moved = 0, rc;

	if (db->is_refused)
		return err_set(err, E_UNSUPPORTED, _("%s: written by a newer weir"), db->path);
	if (db->handle) {
		sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
		if (!moved && !db_may_thaw(db))
			return 0;
		db_close(db);
	}
	if ((rc = db_open_read_only(db, err)) != E_UNSUPPORTED || db->is_refused)
		return rc;
	if ((rc = file_mkdirs(db->dir, err)) < 0)
		return rc;
	if (db_is_emptied(db))
		return open_healing(db, err);
	rc = open_patient(db, &why);
	if (rc < 0 && db_is_damaged(db))
		return open_healing(db, err);
	if (rc < 0 && db_open_anyway(db, &why) == 0)
		return 0;
	if (rc < 0 && err)
		*err = why;
	return rc;
}

bool db_repair(struct db *db)
{
	struct err err;
	int code = db->rc & 0xff;

	/* What looks damaged where it cannot be written may be somebody else's half of a write. */
	if (db->handle && db_is_damaged(db) && !db_is_frozen(db, NULL)) {
		int lock = db_lock(db), moved = 0, rc = E_INTERNAL;

		if (lock >= 0) {
			/* Moved: another process has repaired it already. */
			sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
			db_close(db);
			rc = moved ? open_patient(db, &err) : heal(db, &err);
			db_unlock(lock);
		}
		return rc == 0;
	}
	if (code != SQLITE_BUSY && code != SQLITE_LOCKED && code != SQLITE_FULL &&
		code != SQLITE_INTERRUPT)
		db_close(db);
	return false;
}

/* ---- its log ---- */

void db_log_grows(struct db *db, bool grows)
{
	/* SQLite's own default. */
	sqlite3_wal_autocheckpoint(db->handle, grows ? 0 : 1000);
}

void db_copy_back(const char *path)
{
	sqlite3 *handle = NULL;

	/* It knows of a log when it has read. */
	if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
		sqlite3_exec(handle, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL) ==
			SQLITE_OK)
		sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	sqlite3_close(handle);
}

const char *db_path(const struct db *db)
{
	return db->path;
}
