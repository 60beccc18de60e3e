/*
 * Writing, trimming and the history. Each operation opens its file first (which costs one look at
 * the folder), so a file that was moved, repaired or not yet writable is found again without a
 * restart.
 */
#include "core/store/disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/store/decl.h"
#include "core/store/detail_text.h"
#include "core/store/journal/run_log.h"
#include "core/store/lease/poll_lease_disk.h"

static void on_notice(void *data, const struct err *notice)
{
	struct disk *disk = data;

	vec_push(&disk->notices, *notice);
	atomic_store(&disk->has_notices, true);
}

struct disk *disk_new(const char *dir, const char *context)
{
	static const struct db_schema *const schemas[FILE_MAX] = {&registry_schema, &cache_schema};
	struct disk *disk = xcalloc(1, sizeof(*disk));

	disk->dir = xstrdup(dir);
	disk->context = xstrdup(context);
	disk->base = -1;
	owner_self(&disk->self);
	for (int i = 0; i < FILE_MAX; i++)
		disk->files[i] = db_new(disk->dir, schemas[i], on_notice, disk, &disk->deadline_ms);
	return disk;
}

void disk_free(struct disk *disk)
{
	if (!disk)
		return;
	for (int i = 0; i < FILE_MAX; i++)
		db_free(disk->files[i]);
	vec_release(&disk->notices);
	disk_logs_free(disk);
	free(disk->dir);
	free(disk->context);
	free(disk);
}

/* Once, when the folder is there. */
static void know_folder(struct disk *disk)
{
	const char *network = db_network_folder(disk->dir);
	struct err notice = {0};

	if (disk->is_folder_known)
		return;
	disk->is_folder_known = true;
	/* The folder of a context is ours alone; one that others may enter was made by other means.
	 */
	if (chmod(disk->dir, 0700) < 0)
		log_write(LOG_WARN, "store: %s stays readable for others", disk->dir);
	if (!network)
		return;
	err_set(&notice, E_UNSUPPORTED,
		_("%s is on a network file system (%s): it is used without a write-ahead log, and "
		  "only "
		  "one weir can write at a time. A local folder is faster and safer: --store DIR"),
		disk->dir, network);
	on_notice(disk, &notice);
}

int disk_open(struct disk *disk, enum store_file file, struct err *err)
{
	int rc = db_open(disk->files[file], err);

	if (rc == 0)
		know_folder(disk);
	return rc;
}

/* ---- writing ---- */

/* Of one file: cluster, job, event, checkpoint, exception, sample. */
#define TABLES_MAX 6

/* Statements of the tables of this batch, by table. */
struct writer {
	struct db *db;
	struct {
		const struct table *table;
		sqlite3_stmt *put, *remove;
	} slots[TABLES_MAX];
};

static sqlite3_stmt *prepare(struct db *db, char *sql, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db, sql, err);

	free(sql);
	return stmt;
}

static sqlite3_stmt *writer_stmt(
	struct writer *writer, const struct table *table, bool removes, struct err *err)
{
	size_t i = 0;

	while (i < TABLES_MAX && writer->slots[i].table && writer->slots[i].table != table)
		i++;
	assert(i < TABLES_MAX);
	if (!writer->slots[i].table) {
		sqlite3_stmt *put = prepare(writer->db, row_sql_put(table), err);
		sqlite3_stmt *drop =
			put && !table->time ? prepare(writer->db, row_sql_remove(table), err) : put;

		if (!put || !drop)
			return NULL;
		writer->slots[i].table = table;
		writer->slots[i].put = put;
		writer->slots[i].remove = drop;
	}
	return removes ? writer->slots[i].remove : writer->slots[i].put;
}

static int remove_jobs(struct db *db, const char *cluster_ref, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db,
		"DELETE FROM job WHERE cluster = (SELECT name FROM cluster WHERE ref = ?)", err);

	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, cluster_ref);
	return db_run(db, stmt, err);
}

static int write_decl(
	struct writer *writer, sqlite3_stmt *stmt, const struct row *row, struct err *err)
{
	struct arena *arena = arena_new();
	struct team_row team;
	struct app_row app;
	const void *data = row->table == &team_rows ? (const void *)&team : &app;

	if (row->table == &team_rows)
		decl_team_to_row(arena, row->ref, row->decl, &team);
	else
		decl_app_to_row(arena, row->ref, row->decl, &app);
	int rc = row_put(writer->db, stmt, row->table, data, err);
	arena_free(arena);
	return rc;
}

static int write_card(
	struct writer *writer, sqlite3_stmt *stmt, const struct row *row, struct err *err)
{
	struct job_row job = *(const struct job_row *)row->data;
	char *detail = detail_to_text(&row->source->detail);
	int rc;

	job.detail = detail;
	rc = row_put(writer->db, stmt, row->table, &job, err);
	free(detail);
	return rc;
}

static int write_row(struct writer *writer, const struct row *row, struct err *err)
{
	sqlite3_stmt *stmt = writer_stmt(writer, row->table, row->is_removed, err);
	int rc;

	if (!stmt)
		return E_INTERNAL;
	if (row->is_removed) {
		if (row->table == &cluster_rows &&
			(rc = remove_jobs(writer->db, row->ref, err)) < 0)
			return rc;
		return row_remove(writer->db, stmt, row->ref, err);
	}
	if (row->decl)
		return write_decl(writer, stmt, row, err);
	if (row->source)
		return write_card(writer, stmt, row, err);
	return row_put(writer->db, stmt, row->table, row->data, err);
}

/* When the workspace last said what the rows hold. */
static int write_source(struct db *db, const struct row *row, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db,
		"INSERT INTO source (name, observed_ms) VALUES ('workspace', ?)"
		" ON CONFLICT (name) DO UPDATE SET observed_ms = excluded.observed_ms",
		err);

	if (!stmt)
		return E_INTERNAL;
	sqlite3_bind_int64(stmt, 1, row->source->observed_ms);
	return db_run(db, stmt, err);
}

static int write_rows(struct db *db, const struct batch *batch, bool has_events, struct err *err)
{
	struct writer writer = {.db = db};
	const struct row *dated = NULL;
	int rc = 0;

	map_each (entry, batch->rows) {
		const struct row *row = map_value(entry);

		if (rc == 0)
			rc = write_row(&writer, row, err);
		if (row->decl && (!dated || row->source->observed_ms > dated->source->observed_ms))
			dated = row;
	}
	if (rc == 0 && dated)
		rc = write_source(db, dated, err);
	for (size_t i = 0; rc == 0 && has_events && i < batch->events.len; i++)
		rc = write_row(&writer, batch->events.data[i], err);
	return rc;
}

static int write_once(
	struct disk *disk, enum store_file file, const struct batch *batch, struct err *err)
{
	struct db *db = disk->files[file];
	bool has_events = true;
	int rc = disk_open(disk, file, err);

	if (rc < 0)
		return rc;
	/* Now: what is opened anew inside of the transaction is no longer in it. */
	bool has_cache = file == FILE_CACHE || disk_open(disk, FILE_CACHE, NULL) == 0;
	if ((rc = db_begin(db, err)) < 0)
		return rc;
	rc = fence_pass(disk, has_cache, &has_events, err);
	if (rc == 0)
		rc = write_rows(db, batch, has_events, err);
	if (rc == 0 && file == FILE_CACHE)
		rc = fence_wrote(disk, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	rc = db_commit(db, err);
	if (rc == 0 && file == FILE_CACHE)
		fence_committed(disk);
	return rc;
}

int disk_write(struct disk *disk, enum store_file file, const struct batch *batch, struct err *err)
{
	int rc = write_once(disk, file, batch, err);

	if (rc < 0 && rc != E_CANCELED && db_repair(disk->files[file]))
		rc = write_once(disk, file, batch, err);
	return rc;
}

/* ---- trimming ---- */

static int trim(struct db *db, const char *sql, int64_t value, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return E_INTERNAL;
	sqlite3_bind_int64(stmt, 1, value);
	return db_run(db, stmt, err);
}

static int trim_cache(struct disk *disk, int64_t now_ms, struct err *err)
{
	static const struct {
		const char *sql;
		int64_t kept_ms;
	} rules[] = {
		{"DELETE FROM job WHERE missing_ms > 0 AND seen_ms < ?", UNSEEN_KEPT_MS},
		{"DELETE FROM cluster WHERE observed_ms < ?", UNSEEN_KEPT_MS},
		{"DELETE FROM job WHERE cluster NOT IN (SELECT name FROM cluster)"
		 " AND seen_ms < ?",
			UNSEEN_KEPT_MS},
		{"DELETE FROM sample_of WHERE ?1 > 0 AND NOT EXISTS"
		 " (SELECT 1 FROM sample_row WHERE sample_of = sample_of.id)",
			0},
	};
	struct db *db = disk->files[FILE_CACHE];
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	rc = fence_pass(disk, true, NULL, err);
	for (size_t i = 0; i < ARRAY_SIZE(rules) && rc == 0; i++)
		rc = trim(db, rules[i].sql, now_ms - rules[i].kept_ms, err);
	if (rc == 0)
		rc = changes_trim(db, err);
	if (rc == 0)
		return db_commit(db, err);
	db_rollback(db);
	return rc;
}

void disk_tidy(struct disk *disk, int64_t now_ms)
{
	struct db *registry = disk->files[FILE_REGISTRY], *cache = disk->files[FILE_CACHE];
	struct err err = {0};
	int rc = 0;

	if (disk->tidied_ms && now_ms - disk->tidied_ms < TIDY_EVERY_MS &&
		now_ms >= disk->tidied_ms)
		return;
	if (db_open(cache, NULL) == 0 && !db_is_frozen(cache, NULL))
		rc = trim_cache(disk, now_ms, &err);
	if (rc == E_CANCELED)
		return;
	if (rc < 0)
		log_write(LOG_WARN, "store: %s", err.text);
	disk->tidied_ms = now_ms;
	if (db_open(registry, NULL) < 0 || db_is_frozen(registry, NULL) ||
		now_ms - db_backup_ms(registry) < BACKUP_EVERY_MS)
		return;
	if (db_backup(registry, &err) < 0 && err.code != E_CONFLICT) {
		log_write(LOG_WARN, "store: no backup: %s", err.text);
		db_repair(registry);
	}
}
