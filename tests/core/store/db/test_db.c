/* One file: opening, migrations, backups, damage, and what another process does to it. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/store/db/db.h"
#include "tests/support/check.h"

static const char *const steps[] = {
	"CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)",
	"ALTER TABLE t ADD COLUMN more TEXT DEFAULT 'new'; CREATE INDEX t_text ON t (text)",
};
static const char *const broken_steps[] = {
	"CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)",
	"CREATE TABLE other (id INTEGER); CREATE TABLE t (id INTEGER)",
};
static const struct db_schema cache_1 = {"cache.db", steps, 1, "NORMAL", false, false, NULL, 0};
static const struct db_schema registry_1 = {"registry.db", steps, 1, "FULL", true, false, NULL, 0};
static const struct db_schema registry_2 = {"registry.db", steps, 2, "FULL", true, false, NULL, 0};
static const struct db_schema registry_broken = {
	"registry.db", broken_steps, 2, "FULL", true, false, NULL, 0};

/* What was told. */
struct told {
	int count;
	char last[1024];
};

static void on_notice(void *data, const struct err *notice)
{
	struct told *told = data;

	told->count++;
	memcpy(told->last, notice->text, sizeof(told->last));
}

static struct db *open_db(const char *dir, const struct db_schema *schema, struct told *told)
{
	struct db *db = db_new(dir, schema, on_notice, told, NULL);
	struct err err = {0};

	check_ok("open", db_open(db, &err), &err);
	return db;
}

static void exec(struct db *db, const char *sql)
{
	struct err err = {0};

	check_ok(sql, db_exec(db, sql, &err), &err);
}

/* The first column of the first row as text; NULL when there is none. malloc'd. */
static char *value(struct db *db, const char *sql)
{
	struct err err = {0};
	sqlite3_stmt *stmt = db_stmt(db, sql, &err);
	char *text = NULL;

	check_ok(sql, stmt ? 0 : err.code, &err);
	int rc = db_step(db, stmt, &err);
	check_ok(sql, rc < 0 ? rc : 0, &err);
	if (rc == 1)
		text = xstrdup_null((const char *)sqlite3_column_text(stmt, 0));
	sqlite3_reset(stmt);
	return text;
}

static void check_value(struct db *db, const char *sql, const char *want)
{
	char *got = value(db, sql);

	check_str(sql, got, want);
	free(got);
}

static void fill(struct db *db, int rows)
{
	char *sql =
		xasprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE"
			  " i<%d) INSERT INTO t(text) SELECT 'row '||i||hex(zeroblob(100)) FROM n",
			rows);

	exec(db, sql);
	free(sql);
}

static void overwrite(const char *path, off_t at, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), len);
	close(fd);
}

/* Damages every page but the first: the file opens, and fails when its rows are read. */
static void damage_pages(const char *path)
{
	struct stat st;
	char junk[4096];

	memset(junk, 0xa5, sizeof(junk));
	assert_int_equal(stat(path, &st), 0);
	for (off_t at = 4096; at < st.st_size; at += 4096)
		overwrite(path, at, junk, sizeof(junk));
}

static size_t count_files(const char *dir, const char *pattern)
{
	char *path = temp_path(dir, pattern);
	glob_t found = {0};
	size_t count = glob(path, 0, NULL, &found) == 0 ? found.gl_pathc : 0;

	globfree(&found);
	free(path);
	return count;
}

static void check_mode(const char *dir, const char *name, int want)
{
	char *path = temp_path(dir, name);
	struct stat st;

	check_int(path, stat(path, &st), 0);
	check_int(path, st.st_mode & 0777, want);
	free(path);
}

static void db_fresh_has_modes_and_pragmas(void **state)
{
	char *top = temp_dir(), *dir = temp_path(top, "state/prod");
	struct told told = {0};
	mode_t mask = umask(0);
	struct db *db = open_db(dir, &registry_1, &told);

	(void)state;
	exec(db, "INSERT INTO t(text) VALUES ('a')");
	check_mode(top, "state", 0700);
	check_mode(top, "state/prod", 0700);
	check_mode(dir, "registry.db", 0600);
	check_mode(dir, "registry.db-wal", 0600);
	check_mode(dir, "registry.db-shm", 0600);
	check_value(db, "PRAGMA journal_mode", "wal");
	check_value(db, "PRAGMA synchronous", "2");
	check_value(db, "PRAGMA foreign_keys", "1");
	check_value(db, "PRAGMA user_version", "1");
	check_int("nothing to tell", told.count, 0);
	db_free(db);
	db = open_db(dir, &cache_1, &told);
	check_value(db, "PRAGMA synchronous", "1");
	db_free(db);
	umask(mask);
	free(dir);
	temp_dir_remove(top);
}

static void db_mode_of_an_old_file_is_narrowed(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, "cache.db");
	struct told told = {0};

	(void)state;
	temp_file(path, "");
	assert_int_equal(chmod(path, 0644), 0);
	db_free(open_db(dir, &cache_1, &told));
	check_mode(dir, "cache.db", 0600);
	free(path);
	temp_dir_remove(dir);
}

static void db_migrates_with_a_backup(void **state)
{
	char *dir = temp_dir(), *backup = temp_path(dir, "registry.db.bak");
	struct told told = {0};
	struct db *db = open_db(dir, &registry_1, &told);

	(void)state;
	exec(db, "INSERT INTO t(text) VALUES ('kept')");
	assert_int_equal(access(backup, F_OK), -1);
	db_free(db);
	db = open_db(dir, &registry_2, &told);
	check_value(db, "PRAGMA user_version", "2");
	check_value(db, "SELECT text || ' ' || more FROM t", "kept new");
	check_mode(dir, "registry.db.bak", 0600);
	check_int("no part is left", (int64_t)count_files(dir, "*.part*"), 0);
	db_free(db);
	/* The backup is whole in itself, and of the schema before. */
	char *copy = temp_path(dir, "copy/registry.db");
	struct buf bytes;
	struct err err = {0};
	buf_init(&bytes, 0);
	check_ok("read", file_read(backup, &bytes, &err), &err);
	temp_file(copy, "");
	check_ok("write", file_write(copy, bytes.data, bytes.len, &err), &err);
	buf_release(&bytes);
	char *copy_dir = temp_path(dir, "copy");
	db = open_db(copy_dir, &registry_1, &told);
	check_value(db, "PRAGMA user_version", "1");
	check_value(db, "SELECT text FROM t", "kept");
	db_free(db);
	check_int("nothing to tell", told.count, 0);
	free(copy);
	free(copy_dir);
	free(backup);
	temp_dir_remove(dir);
}

static void db_migration_that_fails_changes_nothing(void **state)
{
	char *dir = temp_dir();
	struct told told = {0};
	struct err err = {0};
	struct db *db = open_db(dir, &registry_1, &told);

	(void)state;
	exec(db, "INSERT INTO t(text) VALUES ('kept')");
	db_free(db);
	db = db_new(dir, &registry_broken, on_notice, &told, NULL);
	check_err("open", db_open(db, &err), &err, E_INTERNAL, "migration to schema 2");
	db_free(db);
	db = open_db(dir, &registry_1, &told);
	check_value(db, "SELECT text FROM t", "kept");
	check_value(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'other'", "0");
	db_free(db);
	temp_dir_remove(dir);
}

static void db_newer_schema_is_refused_untouched(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, "registry.db");
	struct told told = {0};
	struct err err = {0};
	struct buf before, after;
	struct db *db = open_db(dir, &registry_2, &told);

	(void)state;
	db_free(db);
	buf_init(&before, 0);
	buf_init(&after, 0);
	check_ok("read", file_read(path, &before, &err), &err);
	db = db_new(dir, &registry_1, on_notice, &told, NULL);
	check_err("open", db_open(db, &err), &err, E_UNSUPPORTED,
		"written by a newer weir (schema 2, this program knows 1)");
	assert_true(db_is_refused(db));
	check_err("again", db_open(db, &err), &err, E_UNSUPPORTED, "newer");
	db_free(db);
	check_ok("read", file_read(path, &after, &err), &err);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.data, after.data, before.len);
	check_int("not moved", (int64_t)count_files(dir, "*corrupt*"), 0);
	buf_release(&before);
	buf_release(&after);
	free(path);
	temp_dir_remove(dir);
}

static void db_foreign_bytes_are_moved_aside(void **state)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{"text",
			"This is no database at all, but a text that is long enough for a header, "
			"so that SQLite looks at it as one: one hundred bytes and some more."},
		{"short", "x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *dir = temp_dir(), *path = temp_path(dir, "cache.db");
		struct told told = {0};

		temp_file(path, rows[i].text);
		struct db *db = open_db(dir, &cache_1, &told);
		check_value(db, "SELECT count(*) FROM t", "0");
		check_int(rows[i].name, told.count, 1);
		check_has(rows[i].name, told.last, "cache.db.corrupt-20");
		check_int(rows[i].name, (int64_t)count_files(dir, "cache.db.corrupt-*Z"), 1);
		db_free(db);
		free(path);
		temp_dir_remove(dir);
	}
}

static void db_damaged_pages_are_found_when_read(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, "cache.db");
	struct told told = {0};
	struct err err = {0};
	struct db *db = open_db(dir, &cache_1, &told);

	(void)state;
	fill(db, 500);
	db_free(db);
	damage_pages(path);
	db = open_db(dir, &cache_1, &told);
	sqlite3_stmt *stmt = db_stmt(db, "SELECT max(length(text)) FROM t", &err);
	check_err("read", db_step(db, stmt, &err), &err, E_INTERNAL, "malformed");
	assert_true(db_repair(db));
	check_int("told", told.count, 1);
	check_value(db, "SELECT count(*) FROM t", "0");
	check_int("aside", (int64_t)count_files(dir, "cache.db.corrupt-*Z"), 1);
	db_free(db);
	free(path);
	temp_dir_remove(dir);
}

enum backup_kind { BACKUP_NONE, BACKUP_SOUND, BACKUP_DAMAGED, BACKUP_NO_DATABASE };

static void db_registry_is_restored_or_started_anew(void **state)
{
	static const struct {
		const char *name;
		enum backup_kind backup;
		bool emptied;
		const char *rows, *told;
	} rows[] = {
		{"with a backup", BACKUP_SOUND, false, "500", "was restored from"},
		{"emptied, with a backup", BACKUP_SOUND, true, "500", "was restored from"},
		{"without", BACKUP_NONE, false, "0", "a new one was started"},
		{"with a damaged one", BACKUP_DAMAGED, false, "0", "a new one was started"},
		{"with a text as backup", BACKUP_NO_DATABASE, false, "0", "a new one was started"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *dir = temp_dir(), *path = temp_path(dir, "registry.db");
		char *backup = temp_path(dir, "registry.db.bak");
		struct told told = {0};
		struct err err = {0};
		struct db *db = open_db(dir, &registry_1, &told);

		fill(db, 500);
		if (rows[i].backup != BACKUP_NONE)
			check_ok("backup", db_backup(db, &err), &err);
		exec(db, "DELETE FROM t WHERE id > 100");
		db_free(db);
		if (rows[i].backup == BACKUP_DAMAGED)
			damage_pages(backup);
		if (rows[i].backup == BACKUP_NO_DATABASE)
			temp_file(backup, "nothing");
		if (rows[i].emptied)
			temp_file(path, "");
		else
			overwrite(path, 0, "no SQLite header", 16);
		db = open_db(dir, &registry_1, &told);
		check_value(db, "SELECT count(*) FROM t", rows[i].rows);
		check_int(rows[i].name, told.count, 1);
		check_has(rows[i].name, told.last, rows[i].told);
		check_has(rows[i].name, told.last, "registry.db.corrupt-20");
		check_int(rows[i].name, (int64_t)count_files(dir, "registry.db.corrupt-*Z"), 1);
		check_mode(dir, "registry.db", 0600);
		db_free(db);
		free(path);
		free(backup);
		temp_dir_remove(dir);
	}
}

/* A backup must not take over the damage that it is there for. */
static void db_backup_is_not_made_from_a_damaged_file(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, "registry.db");
	struct told told = {0};
	struct err err = {0};
	struct db *db = open_db(dir, &registry_1, &told);

	(void)state;
	fill(db, 500);
	check_ok("backup", db_backup(db, &err), &err);
	db_free(db);
	damage_pages(path);
	db = open_db(dir, &registry_1, &told);
	check_err("backup", db_backup(db, &err), &err, E_INTERNAL, "no backup is made");
	assert_true(db_repair(db));
	check_value(db, "SELECT count(*) FROM t", "500");
	check_has("told", told.last, "was restored");
	db_free(db);
	free(path);
	temp_dir_remove(dir);
}

static void db_unwritable_places_are_said(void **state)
{
	char *dir = temp_dir(), *file = temp_path(dir, "file"),
	     *under = temp_path(dir, "file/prod");
	const struct {
		const char *name, *dir, *part;
	} rows[] = {
		{"under a file", under, "file/prod"},
		{"in /proc", "/proc/self/weir", "/proc/self/weir"},
	};

	(void)state;
	temp_file(file, "x");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct db *db = db_new(rows[i].dir, &cache_1, on_notice, NULL, NULL);
		struct err err = {0};

		int rc = db_open(db, &err);
		assert_true(rc < 0);
		check_has(rows[i].name, err.text, rows[i].part);
		assert_false(db_is_refused(db));
		db_free(db);
	}
	free(file);
	free(under);
	temp_dir_remove(dir);
}

static void db_moved_file_is_opened_anew(void **state)
{
	char *dir = temp_dir(), *path = temp_path(dir, "cache.db"), *away = temp_path(dir, "away");
	struct told told = {0};
	struct err err = {0};
	struct db *db = open_db(dir, &cache_1, &told);

	(void)state;
	exec(db, "INSERT INTO t(text) VALUES ('old')");
	assert_int_equal(rename(path, away), 0);
	check_ok("open", db_open(db, &err), &err);
	check_value(db, "SELECT count(*) FROM t", "0");
	db_free(db);
	free(path);
	free(away);
	temp_dir_remove(dir);
}

static void db_locked_by_another_or_full_says_so(void **state)
{
	char *dir = temp_dir();
	struct told told = {0};
	struct err err = {0};
	struct db *a = open_db(dir, &cache_1, &told), *b = open_db(dir, &cache_1, &told);

	(void)state;
	check_ok("begin", db_begin(a, &err), &err);
	check_err("begin", db_begin(b, &err), &err, E_CONFLICT, "locked");
	assert_false(db_repair(b));
	check_ok("commit", db_commit(a, &err), &err);
	check_ok("begin", db_begin(b, &err), &err);
	check_ok("commit", db_commit(b, &err), &err);
	exec(b, "PRAGMA max_page_count = 1");
	check_err("full", db_exec(b, "CREATE TABLE big AS SELECT zeroblob(99999)", &err), &err,
		E_INTERNAL, "is full; free space there");
	db_free(a);
	db_free(b);
	temp_dir_remove(dir);
}

/* Several programs start at once on nothing, or on a damaged file: all of them open it, no row is
 * lost. */
static void db_opened_by_many_at_once(void **state)
{
	enum { CHILDREN = 6 };

	(void)state;
	for (int damaged = 0; damaged < 2; damaged++) {
		char *dir = temp_dir(), *path = temp_path(dir, "cache.db");
		struct told told = {0};
		pid_t pids[CHILDREN];
		char want[8] = {'0' + CHILDREN};

		if (damaged)
			temp_file(path, "not a database, but a few bytes");
		for (int i = 0; i < CHILDREN; i++) {
			pids[i] = fork();
			if (pids[i] == 0) {
				struct db *db = db_new(dir, &cache_1, NULL, NULL, NULL);
				int rc = db_open(db, NULL);
				for (int k = 0; k < 20 && rc == 0; k++) {
					rc = db_exec(db, "INSERT INTO t(text) VALUES ('x')", NULL);
					if (rc == 0)
						break;
					rc = rc == E_CONFLICT ? 0 : rc;
				}
				db_free(db);
				_exit(rc == 0 ? 0 : 1);
			}
		}
		for (int i = 0; i < CHILDREN; i++) {
			int status = -1;
			assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
			check_int("child", status, 0);
		}
		struct db *db = open_db(dir, &cache_1, &told);
		check_value(db, "SELECT count(*) FROM t", want);
		check_int("aside", (int64_t)count_files(dir, "cache.db.corrupt-*Z*"), damaged);
		db_free(db);
		free(path);
		temp_dir_remove(dir);
	}
}

static void db_knows_network_file_systems(void **state)
{
	static const struct {
		const char *name;
		long type;
		const char *want;
	} rows[] = {
		{"ext4", 0xef53, NULL},
		{"tmpfs", 0x01021994, NULL},
		{"overlay", 0x794c7630, NULL},
		{"nfs", 0x6969, "NFS"},
		{"cifs", (long)0xff534d42, "CIFS"},
		{"cifs, sign extended", (long)(int)0xff534d42, "CIFS"},
		{"sshfs", 0x65735546, "FUSE"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_str(rows[i].name, db_network_name(rows[i].type), rows[i].want);
	check_str("proc", db_network_folder("/proc"), NULL);
	check_str("missing", db_network_folder("/nowhere/at/all"), NULL);
}

/* A program that runs for days comes to use every text that it has. */
static void db_keeps_any_number_of_statements(void **state)
{
	char *dir = temp_dir();
	struct told told = {0};
	struct db *db = open_db(dir, &registry_1, &told);
	char sql[64], want[8];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 100; i++) {
			snprintf(sql, sizeof(sql), "SELECT %d", i);
			snprintf(want, sizeof(want), "%d", i);
			check_value(db, sql, want);
		}
	db_free(db);
	temp_dir_remove(dir);
}

static void db_deadline_interrupts(void **state)
{
	char *dir = temp_dir();
	_Atomic int64_t deadline = 0;
	struct db *db = db_new(dir, &cache_1, on_notice, NULL, &deadline);
	struct err err = {0};

	(void)state;
	check_ok("open", db_open(db, &err), &err);
	atomic_store(&deadline, 1);
	check_err("endless",
		db_exec(db,
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)"
			" SELECT count(*) FROM n",
			&err),
		&err, E_INTERNAL, "interrupted");
	db_free(db);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(db_fresh_has_modes_and_pragmas),
		cmocka_unit_test(db_mode_of_an_old_file_is_narrowed),
		cmocka_unit_test(db_migrates_with_a_backup),
		cmocka_unit_test(db_migration_that_fails_changes_nothing),
		cmocka_unit_test(db_newer_schema_is_refused_untouched),
		cmocka_unit_test(db_foreign_bytes_are_moved_aside),
		cmocka_unit_test(db_damaged_pages_are_found_when_read),
		cmocka_unit_test(db_registry_is_restored_or_started_anew),
		cmocka_unit_test(db_backup_is_not_made_from_a_damaged_file),
		cmocka_unit_test(db_unwritable_places_are_said),
		cmocka_unit_test(db_moved_file_is_opened_anew),
		cmocka_unit_test(db_locked_by_another_or_full_says_so),
		cmocka_unit_test(db_opened_by_many_at_once),
		cmocka_unit_test(db_knows_network_file_systems),
		cmocka_unit_test(db_keeps_any_number_of_statements),
		cmocka_unit_test(db_deadline_interrupts),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
