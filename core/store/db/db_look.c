/*
 * A connection that changes nothing. Who reads a file with a write-ahead log must be able to write an
 * index of it beside it; where that does not go, on a disk that is read-only or full, nobody else has
 * made one, so nobody writes the log either, and the file is taken as it stands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/store/db/db_internal.h"

#define BUSY_MS 2000
/* How long it is only read before it is tried again. */
#define THAW_MS 2000

/* "file:/a/b%3fc?mode=ro&immutable=1"; malloc'd. */
static char *frozen_uri(const char *path)
{
	struct buf uri;

	buf_init(&uri, 0);
	buf_adds(&uri, "file:");
	for (; *path; path++)
		if (strchr("%?#", *path))
			buf_addf(&uri, "%%%02x", (unsigned char)*path);
		else
			buf_addc(&uri, *path);
	buf_adds(&uri, "?mode=ro&immutable=1");
	return buf_detach(&uri);
}

static int open_at(const char *name, int flags, sqlite3 **out)
{
	int rc = sqlite3_open_v2(
		name, out, flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(*out, 1);
		sqlite3_busy_timeout(*out, BUSY_MS);
		sqlite3_db_config(*out, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(*out, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		rc = sqlite3_exec(*out, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	}
	if (rc != SQLITE_OK) {
		sqlite3_close(*out);
		*out = NULL;
	}
	return rc;
}

static bool is_about_the_disk(int rc)
{
	rc &= 0xff;
	return rc == SQLITE_CANTOPEN || rc == SQLITE_READONLY || rc == SQLITE_IOERR ||
		rc == SQLITE_FULL;
}

sqlite3 *db_look(const char *path, struct err *err)
{
	sqlite3 *handle = NULL;
	int rc;

	if (access(path, R_OK) < 0) {
		err_errno(err, errno == ENOENT ? E_NOTFOUND : E_INTERNAL, _("open %s"), path);
		return NULL;
	}
	rc = open_at(path, 0, &handle);
	if (is_about_the_disk(rc)) {
		char *uri = frozen_uri(path);

		rc = open_at(uri, SQLITE_OPEN_URI, &handle);
		free(uri);
	}
	if (rc != SQLITE_OK)
		err_set(err,
			(rc & 0xff) == SQLITE_BUSY      ? E_CONFLICT
				: is_about_the_disk(rc) ? E_INTERNAL
							: E_PROTO,
			"%s: %s", path, sqlite3_errstr(rc));
	return handle;
}

static bool is_read_only(const struct db *db)
{
	return access(db->path, R_OK) == 0 &&
		(access(db->path, W_OK) < 0 || access(db->dir, W_OK | X_OK) < 0);
}

/* For reading alone. Nothing can be repaired then: no failure counts as damage. */
static int open_frozen(struct db *db, struct err *err)
{
	int version = 0, latest = (int)db->schema->step_count, rc;

	db->rc = SQLITE_READONLY;
	db->handle = db_look(db->path, err);
	if (!db->handle)
		return E_INTERNAL;
	rc = db_read_version(db, &version, err);
	if (rc == 0 && version < latest)
		rc = err_set(err, E_INTERNAL,
			_("%s: of an older weir (schema %d, this program needs %d), and it cannot "
			  "be brought up to date where it cannot be written"),
			db->path, version, latest);
	if (rc < 0) {
		db_close(db);
		db->rc = SQLITE_READONLY;
	} else {
		db->frozen_mono_ms = clock_mono_ms();
	}
	return rc;
}

int db_open_look(struct db *db, struct err *err)
{
	return open_frozen(db, err);
}

int db_open_last(struct db *db, struct err *err)
{
	int version = 0, rc = E_UNSUPPORTED;

	db->handle = db_connect(db, db->path, SQLITE_OPEN_READWRITE, err);
	if (db->handle)
		rc = db_read_version(db, &version, err);
	if (rc == 0 && version < (int)db->schema->step_count)
		rc = err_set(err, E_UNSUPPORTED, "%s", db->path);
	if (rc < 0)
		db_close(db);
	return rc;
}

int db_open_read_only(struct db *db, struct err *err)
{
	int rc = E_UNSUPPORTED;

	if (!is_read_only(db))
		return rc;
	rc = open_frozen(db, err);
	if (rc == 0)
		err_set(&db->frozen_why, E_INTERNAL,
			_("%s can be read only, not written: a read-only disk or file"), db->path);
	return rc;
}

int db_open_anyway(struct db *db, const struct err *why)
{
	struct err err;
	int rc = is_about_the_disk(db->rc) ? open_frozen(db, &err) : E_UNSUPPORTED;

	if (rc == 0)
		db->frozen_why = *why;
	return rc;
}

bool db_is_frozen(const struct db *db, struct err *err)
{
	if (db->frozen_mono_ms && err)
		*err = db->frozen_why;
	return db->frozen_mono_ms != 0;
}

bool db_may_thaw(const struct db *db)
{
	return db->frozen_mono_ms && clock_mono_ms() - db->frozen_mono_ms >= THAW_MS;
}
