/*
 * Rows are looked up one by one, by number: a damaged page costs the rows that lie on it and no other.
 * When even the first page is gone, that of the backup stands in for it: pages do not move but by a
 * migration, and before that a backup is made. Rows are compared by what they say in words, so a row
 * that went on since the backup (a run that ended, a release that became active) is named too.
 */
#include "core/store/db/salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/db/db_internal.h"

/* So many numbers in a row without a row: there are no more. A page holds fewer. */
#define GAP_MAX 512
#define ROWS_MAX 1000000

struct salvage {
	struct db *db;
	sqlite3 *damaged;
	struct buf *lost;
	int count;
};

static sqlite3_stmt *prepare(sqlite3 *handle, const char *fmt, const char *a, const char *b)
{
	sqlite3_stmt *stmt = NULL;
	char *sql = sqlite3_mprintf(fmt, a, b);

	sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL);
	sqlite3_free(sql);
	return stmt;
}

/* ---- a copy that can be opened ---- */

static int copy_file(const char *from, const char *to)
{
	char block[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	ssize_t len = -1;

	if (in >= 0)
		out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	while (out >= 0 && (len = read(in, block, sizeof(block))) > 0)
		if (write(out, block, (size_t)len) != len) {
			len = -1;
			break;
		}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return len == 0 ? 0 : -1;
}

/* Does its schema still say what a table of ours is? */
static bool is_legible(sqlite3 *handle, const struct db_schema *schema)
{
	bool is_legible = true;

	for (size_t i = 0; i < schema->named_count && is_legible; i++) {
		sqlite3_stmt *stmt = prepare(handle, "SELECT %s FROM %s", schema->named[i].label,
			schema->named[i].table);

		is_legible = stmt != NULL;
		sqlite3_finalize(stmt);
	}
	return is_legible;
}

static sqlite3 *open_copy(struct db *db, const char *path)
{
	struct err err;
	sqlite3 *handle = db_connect(db, path, SQLITE_OPEN_READWRITE, &err);

	if (handle && !is_legible(handle, db->schema)) {
		sqlite3_close(handle);
		handle = NULL;
	}
	return handle;
}

/* The backup's first page over that of the copy. */
static int mend_first_page(const struct db *db, const char *path)
{
	unsigned char page[65536];
	int in = open(db->backup_path, O_RDONLY | O_CLOEXEC), out = -1, rc = -1;
	ssize_t len = in < 0 ? -1 : read(in, page, sizeof(page));
	size_t size = len >= 512 ? (size_t)page[16] << 8 | page[17] : 0;

	size = size == 1 ? 65536 : size;
	if (size >= 512 && (size_t)len >= size)
		out = open(path, O_WRONLY | O_CLOEXEC);
	if (out >= 0) {
		/* Its length is that of the file, whatever the page says of it. */
		memset(page + 92, 0xff, 4);
		page[18] = page[19] = 2;
		rc = pwrite(out, page, size, 0) == (ssize_t)size ? 0 : -1;
		close(out);
	}
	if (in >= 0)
		close(in);
	return rc;
}

static void remove_copy(const char *path)
{
	static const char *const parts[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char *part = xasprintf("%s%s", path, parts[i]);

		unlink(part);
		free(part);
	}
}

static int make_copy(const char *aside, const char *path)
{
	char *log = xasprintf("%s-wal", aside), *copy_log = xasprintf("%s-wal", path);
	int rc;

	remove_copy(path);
	rc = copy_file(aside, path);
	if (rc == 0 && access(log, R_OK) == 0)
		rc = copy_file(log, copy_log);
	free(log);
	free(copy_log);
	return rc;
}

static sqlite3 *open_damaged(struct db *db, const char *aside, const char *path)
{
	int rc = db->rc;
	sqlite3 *handle = make_copy(aside, path) == 0 ? open_copy(db, path) : NULL;

	if (!handle && make_copy(aside, path) == 0 && mend_first_page(db, path) == 0)
		handle = open_copy(db, path);
	db->rc = rc;
	return handle;
}

/* ---- rows ---- */

/* What the row says, malloc'd; NULL: *is_unreadable says whether there may be one. */
static char *row_text(sqlite3_stmt *stmt, int64_t number, bool *is_unreadable)
{
	char *text = NULL;
	int rc;

	*is_unreadable = false;
	if (!stmt)
		return NULL;
	sqlite3_reset(stmt);
	sqlite3_bind_int64(stmt, 1, number);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		text = xstrdup_null((const char *)sqlite3_column_text(stmt, 0));
	/* A row that cannot be shown in words is one that cannot be read. */
	*is_unreadable = (rc != SQLITE_ROW && rc != SQLITE_DONE) || (rc == SQLITE_ROW && !text);
	sqlite3_reset(stmt);
	return text;
}

static void lose(struct salvage *s, const struct db_named *named, const char *text)
{
	buf_addf(s->lost, "%s %s\n", _(named->what), text);
	s->count++;
}

/* An index lies on other pages than its table. Without it only a number that was given is one. */
static void lose_unreadable(struct salvage *s, const struct db_named *named, sqlite3_stmt *by_index,
	int64_t number, bool was_given)
{
	bool is_unreadable;
	char *which = row_text(by_index, number, &is_unreadable), *text;

	if (!which && was_given)
		which = xasprintf("%lld", (long long)number);
	if (which) {
		text = xasprintf(_("%s (unreadable)"), which);
		lose(s, named, text);
		free(text);
	}
	free(which);
}

/* The highest number of which there is a file: "runs/42.log". */
static int64_t highest_file(const struct db *db, const char *pattern)
{
	char *path = xasprintf("%s/%s", db->dir, pattern);
	size_t skip = strlen(db->dir) + 1 + strcspn(pattern, "*");
	glob_t found = {0};
	int64_t highest = 0;

	if (glob(path, GLOB_NOSORT, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++) {
			const char *digits = found.gl_pathv[i] + skip;
			char *number = xstrndup(digits, strspn(digits, "0123456789"));
			int64_t value = 0;

			if (str_to_int64(number, &value) && value > highest)
				highest = value;
			free(number);
		}
	globfree(&found);
	free(path);
	return highest;
}

static int64_t sequence_of(sqlite3 *handle, const char *table)
{
	return db_look_number(handle, "SELECT seq FROM sqlite_sequence WHERE name = ?1", table, 0);
}

/* A number that was given to something is not given to another. */
static void keep_numbers(struct salvage *s, const char *table, int64_t highest)
{
	int64_t now = sequence_of(s->db->handle, table);
	char *sql;

	if (highest <= now ||
		!db_look_number(s->db->handle,
			"SELECT count(*) FROM sqlite_schema WHERE name = ?1 AND sql LIKE "
			"'%AUTOINCREMENT%'",
			table, 0))
		return;
	sql = sqlite3_mprintf("BEGIN IMMEDIATE; DELETE FROM sqlite_sequence WHERE name = %Q;"
			      "INSERT INTO sqlite_sequence (name, seq) VALUES (%Q, %lld); COMMIT",
		table, table, (long long)highest);
	if (sqlite3_exec(s->db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		db_rollback(s->db);
	sqlite3_free(sql);
}

static void salvage_table(struct salvage *s, const struct db_named *named)
{
	const char *by_number = "SELECT %s FROM %s WHERE rowid = ?1";
	sqlite3_stmt *damaged = prepare(s->damaged, by_number, named->label, named->table);
	sqlite3_stmt *here = prepare(s->db->handle, by_number, named->label, named->table);
	sqlite3_stmt *by_index =
		named->by_index ? prepare(s->damaged, named->by_index, NULL, NULL) : NULL;
	int64_t files = named->files ? highest_file(s->db, named->files) : 0;
	int64_t known = sequence_of(s->damaged, named->table), highest = 0, gap = 0;

	if (files > known)
		known = files;
	for (int64_t i = 1; i < ROWS_MAX && (i <= known || gap < GAP_MAX); i++) {
		bool is_unreadable, is_here_unreadable;
		char *text = row_text(damaged, i, &is_unreadable);
		char *other = row_text(here, i, &is_here_unreadable);

		gap = text || other ? 0 : gap + 1;
		if (text || (is_unreadable && i <= known))
			highest = i;
		if (text && !str_eq(text, other))
			lose(s, named, text);
		else if (is_unreadable && !other)
			lose_unreadable(s, named, by_index, i, i <= known);
		free(text);
		free(other);
	}
	keep_numbers(s, named->table, highest > known ? highest : known);
	sqlite3_finalize(damaged);
	sqlite3_finalize(here);
	sqlite3_finalize(by_index);
}

int salvage(struct db *db, const char *aside, struct buf *lost)
{
	char *path = xasprintf("%s.salvage", db->path);
	struct salvage s = {.db = db, .lost = lost};

	s.damaged = open_damaged(db, aside, path);
	for (size_t i = 0; i < db->schema->named_count && s.damaged; i++)
		salvage_table(&s, &db->schema->named[i]);
	/* What is left of the numbers when the file itself says nothing. */
	for (size_t i = 0; i < db->schema->named_count && !s.damaged; i++) {
		const struct db_named *named = &db->schema->named[i];

		if (named->files)
			keep_numbers(&s, named->table, highest_file(db, named->files));
	}
	sqlite3_close(s.damaged);
	remove_copy(path);
	free(path);
	return s.damaged ? s.count : -1;
}
