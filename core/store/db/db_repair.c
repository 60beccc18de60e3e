/*
 * Copies, and damaged files. A damaged file is evidence and perhaps the only copy of something: it
 * is renamed with its write-ahead log, never deleted. A backup is only ever made from a file that
 * passes quick_check, so it cannot inherit the damage that it is there for.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/db/db_internal.h"
#include "core/store/db/salvage.h"

#define LOCK_TRIES 40
#define LOCK_PAUSE_MS 50
/* Of what was lost, in a message; a path and a date stand around it. */
#define LOST_TEXT_MAX 400

int db_lock(const struct db *db)
{
	char *path = xasprintf("%s.lock", db->path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	free(path);
	for (int i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (i == LOCK_TRIES || errno != EWOULDBLOCK || db_is_late(db)) {
			close(fd);
			return -1;
		}
		sqlite3_sleep(LOCK_PAUSE_MS);
	}
	return fd;
}

void db_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}

static bool file_exists(const char *path, off_t *size)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	*size = st.st_size;
	return true;
}

bool db_is_emptied(const struct db *db)
{
	off_t size = 0, backup = 0;

	return db->schema->is_precious && (!file_exists(db->path, &size) || size == 0) &&
		file_exists(db->backup_path, &backup) && backup > 0;
}

/* When it was written last; 0 = there is none. */
static int64_t changed_ms(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

int64_t db_backup_ms(const struct db *db)
{
	return changed_ms(db->backup_path);
}

static bool is_sound(sqlite3 *handle)
{
	sqlite3_stmt *stmt = NULL;
	bool sound =
		sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &stmt, NULL) == SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW &&
		strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;

	sqlite3_finalize(stmt);
	return sound;
}

/* All pages of one connection into a file that is complete in itself (no -wal beside it). */
static int copy_into(struct db *db, sqlite3 *from, const char *path, struct err *err)
{
	sqlite3 *to;
	sqlite3_backup *copy;
	int rc;

	if ((rc = db_create_file(path, err)) < 0)
		return rc;
	to = db_connect(db, path, SQLITE_OPEN_READWRITE, err);
	if (!to)
		return E_INTERNAL;
	copy = sqlite3_backup_init(to, "main", from, "main");
	if (copy) {
		sqlite3_backup_step(copy, -1);
		sqlite3_backup_finish(copy);
	}
	db->rc = sqlite3_extended_errcode(to);
	if (db->rc == SQLITE_OK)
		db->rc = sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	if (db->rc != SQLITE_OK)
		rc = err_set(err, E_INTERNAL, _("write %s: %s"), path, sqlite3_errmsg(to));
	sqlite3_close(to);
	return rc;
}

/* A rename lasts once the folder is on disk. */
static int replace(const char *from, const char *to, const char *dir, struct err *err)
{
	int fd;

	if (rename(from, to) < 0)
		return err_errno(err, E_INTERNAL, _("rename %s to %s"), from, to);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	return 0;
}

/* Two that write one copy would mix it: who comes second leaves it to the first. */
static int lock_part(const char *part, struct err *err)
{
	struct stat ours, there;
	char *journal = xasprintf("%s-journal", part);
	int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		err_errno(err, E_INTERNAL, _("open %s"), part);
		free(journal);
		return -1;
	}
	/* By the time it is locked the first may have made it the backup. */
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &ours) == 0 && stat(part, &there) == 0 &&
		ours.st_ino == there.st_ino && ftruncate(fd, 0) == 0) {
		/* Nor what one that was killed had written. */
		unlink(journal);
		free(journal);
		return fd;
	}
	free(journal);
	close(fd);
	err_set(err, E_CONFLICT, _("%s: another weir is writing it"), part);
	return -1;
}

static int backup_to(struct db *db, const char *part, struct err *err)
{
	int lock = lock_part(part, err), rc;

	if (lock < 0)
		return err ? (int)err->code : E_INTERNAL;
	rc = copy_into(db, db->handle, part, err);
	if (rc == 0)
		rc = replace(part, db->backup_path, db->dir, err);
	if (rc < 0)
		unlink(part);
	close(lock);
	return rc;
}

int db_backup(struct db *db, struct err *err)
{
	char *part = xasprintf("%s.part", db->backup_path);
	int rc;

	if (is_sound(db->handle)) {
		rc = backup_to(db, part, err);
	} else {
		db->rc = SQLITE_CORRUPT;
		rc = err_set(
			err, E_INTERNAL, _("%s: damaged, so no backup is made of it"), db->path);
	}
	free(part);
	return rc;
}

/* "20261121T095712Z": sorts, and holds nothing that a shell minds. */
static char *aside_path(const struct db *db)
{
	char iso[40], stamp[40], *path;
	size_t len = 0;
	struct stat st;

	clock_format_iso(clock_wall_ms(), iso, sizeof(iso));
	for (const char *p = iso; *p && *p != '.'; p++)
		if (*p != '-' && *p != ':')
			stamp[len++] = *p;
	stamp[len++] = 'Z';
	stamp[len] = '\0';
	path = xasprintf("%s.corrupt-%s", db->path, stamp);
	for (int i = 2; lstat(path, &st) == 0; i++) {
		free(path);
		path = xasprintf("%s.corrupt-%s-%d", db->path, stamp, i);
	}
	return path;
}

static void move_companion(const char *from, const char *to, const char *suffix)
{
	char *old = xasprintf("%s%s", from, suffix), *now = xasprintf("%s%s", to, suffix);

	if (rename(old, now) < 0)
		unlink(old); /* left in place, it would be applied to the new file */
	free(old);
	free(now);
}

static int move_aside(struct db *db, char **aside, struct err *err)
{
	char *path = aside_path(db);
	char *shm = xasprintf("%s-shm", db->path);
	int rc;

	/* The log first: a crash in between must not leave it to a new file. */
	move_companion(db->path, path, "-wal");
	move_companion(db->path, path, "-journal");
	unlink(shm);
	free(shm);
	rc = replace(db->path, path, db->dir, err);
	if (rc < 0)
		free(path);
	else
		*aside = path;
	return rc;
}

/* 0 = the backup stands in the file's place. */
static int restore(struct db *db)
{
	char *part = xasprintf("%s.part", db->path);
	struct err err;
	sqlite3 *from = NULL;
	off_t size = 0;
	int rc = E_NOTFOUND;

	if (file_exists(db->backup_path, &size) && size > 0)
		from = db_connect(db, db->backup_path, SQLITE_OPEN_READONLY, &err);
	if (from && is_sound(from)) {
		unlink(part);
		rc = copy_into(db, from, part, &err);
		if (rc == 0)
			rc = replace(part, db->path, db->dir, &err);
		if (rc < 0)
			unlink(part);
	}
	sqlite3_close(from);
	free(part);
	return rc;
}

/* How many. The first few, "run 42 (stop ods/orders, DONE), run 43 …"; all of them in a file beside it. */
static int add_lost(struct db *db, const struct db_healed *healed, struct buf *out)
{
	char *path = xasprintf("%s.lost", healed->aside);
	struct buf lost;
	int count, named = 0;

	buf_init(&lost, (size_t)16 << 20);
	count = salvage(db, healed->aside, &lost);
	if (count == 0)
		buf_adds(out, _("Nothing that can still be read in the damaged file is missing"));
	if (count < 0)
		buf_adds(out, _("The damaged file cannot be read at all"));
	if (count > 0)
		buf_adds(out, _("Not kept: "));
	for (const char *line = buf_str(&lost); named < count && out->len < LOST_TEXT_MAX;) {
		size_t len = strcspn(line, "\n");

		buf_addf(out, "%s%.*s", named++ ? ", " : "", (int)len, line);
		line += len + (line[len] == '\n');
	}
	if (named < count && file_write(path, buf_str(&lost), lost.len, NULL) == 0)
		buf_addf(out, _(" and %d more: see %s"), count - named, path);
	else if (named < count)
		buf_addf(out, _(" and %d more"), count - named);
	buf_release(&lost);
	free(path);
	return count;
}

static void tell_restored(struct db *db, const struct db_healed *healed)
{
	struct buf lost;
	char day[24];
	int count = 0;

	clock_format(db_backup_ms(db), day, sizeof(day));
	if (!healed->aside) {
		db_notice(db, _("%s was missing and was restored from its backup of %s"), db->path,
			day);
		return;
	}
	buf_init(&lost, 0);
	if (db->handle)
		count = add_lost(db, healed, &lost);
	if (healed->is_restored)
		db_notice(db,
			count > 0 ? _("%s was damaged and was restored from its backup of %s. %s. "
				      "What can be read of these is in the damaged file only, "
				      "which is kept: %s")
				  : _("%s was damaged and was restored from its backup of %s. %s. "
				      "The damaged file is kept: %s"),
			db->path, day, buf_str(&lost), healed->aside);
	else
		db_notice(db,
			_("%s was damaged, its backup is missing or damaged too, and a new one was "
			  "started. %s. Keep the damaged file, `sqlite3 FILE .recover` may read "
			  "more: "
			  "%s"),
			db->path, buf_str(&lost), healed->aside);
	buf_release(&lost);
}

void db_tell_healed(struct db *db, struct db_healed *healed)
{
	if (db->schema->is_precious)
		tell_restored(db, healed);
	else
		db_notice(db,
			_("%s was damaged: it is now %s, and a new one is filled from what the "
			  "sources say. Only remembered events are lost; the damaged file may be "
			  "deleted"),
			db->path, healed->aside);
	free(healed->aside);
	healed->aside = NULL;
}

bool db_is_companion(const char *path)
{
	static const char *const ends[] = {"-wal", "-shm", "-journal", ".lost"};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (str_ends(path, ends[i]))
			return true;
	return false;
}

/*
 * A file that is missing may have been moved aside by a repair that was killed: then the newest of
 * those, which is newer than the backup. NULL: it is none of them. malloc'd.
 */
static char *find_aside(const struct db *db)
{
	char *pattern = xasprintf("%s.corrupt-*", db->path), *path = NULL, *log;
	glob_t found = {0};

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = found.gl_pathc; i > 0 && !path; i--)
			if (!db_is_companion(found.gl_pathv[i - 1]))
				path = xstrdup(found.gl_pathv[i - 1]);
	log = xasprintf("%s-wal", path ? path : "");
	if (path && changed_ms(path) < db_backup_ms(db) && changed_ms(log) < db_backup_ms(db)) {
		free(path);
		path = NULL;
	}
	free(log);
	globfree(&found);
	free(pattern);
	return path;
}

int db_heal(struct db *db, struct db_healed *out, struct err *err)
{
	off_t size;
	int rc = 0;

	if (file_exists(db->path, &size))
		rc = move_aside(db, &out->aside, err);
	else
		out->aside = find_aside(db);

	if (rc == 0)
		out->is_restored = db->schema->is_precious && restore(db) == 0;
	return rc;
}
