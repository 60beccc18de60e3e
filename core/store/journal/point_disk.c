/*
 * A point is known by its application and path. What is newly known is added to what was: a point
 * that was looked for and is gone stays gone, whoever still lists it, until it is seen again.
 */
#include "core/store/journal/point_disk.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/journal/keep.h"

/* A checkpoint that Flink dropped and nobody kept is not worth a row. */
static int put_gone(struct db *db, const struct restore_point *point, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db,
		"UPDATE restore_point SET is_gone = 1 WHERE app = ?1 AND path = ?2 AND is_gone = 0",
		err);

	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, point->app);
	db_bind_text(stmt, 2, point->path);
	return db_run(db, stmt, err);
}

static int put(struct db *db, const struct restore_point *point, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db,
		"INSERT INTO restore_point (app, path, job_id, kind, completed_ms, size,"
		" verified_ms, is_gone) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
		" ON CONFLICT (app, path) DO UPDATE SET job_id = coalesce(excluded.job_id, job_id),"
		" kind = excluded.kind,"
		" completed_ms = CASE WHEN excluded.completed_ms > 0 THEN excluded.completed_ms"
		" ELSE completed_ms END,"
		" size = CASE WHEN excluded.size >= 0 THEN excluded.size ELSE size END,"
		" verified_ms = max(verified_ms, excluded.verified_ms),"
		" is_gone = CASE WHEN excluded.is_gone THEN 1"
		" WHEN excluded.verified_ms > verified_ms THEN 0 ELSE is_gone END",
		err);

	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, point->app);
	db_bind_text(stmt, 2, point->path);
	db_bind_text(stmt, 3, point->job_id);
	db_bind_text(stmt, 4, restore_kind_words[point->kind]);
	sqlite3_bind_int64(stmt, 5, point->completed_ms);
	sqlite3_bind_int64(stmt, 6, point->size);
	sqlite3_bind_int64(stmt, 7, point->verified_ms);
	sqlite3_bind_int(stmt, 8, point->is_gone);
	return db_run(db, stmt, err);
}

static int trim(struct db *db, const struct restore_point *point, struct err *err)
{
	sqlite3_stmt *stmt;

	if (point->kind != RESTORE_CHECKPOINT || !point->job_id)
		return 0;
	stmt = db_stmt(db,
		"DELETE FROM restore_point WHERE app = ?1 AND job_id = ?2 AND kind = 'checkpoint'"
		" AND path NOT IN (SELECT path FROM restore_point WHERE app = ?1 AND job_id = ?2"
		" AND kind = 'checkpoint' ORDER BY completed_ms DESC LIMIT ?3)",
		err);
	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, point->app);
	db_bind_text(stmt, 2, point->job_id);
	sqlite3_bind_int(stmt, 3, POINTS_KEPT);
	return db_run(db, stmt, err);
}

int point_write(struct disk *disk, const void *value, int64_t *number, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	const struct point_list *list = value;
	int rc = 0;

	(void)number;
	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		rc = list->points[i].is_gone && list->points[i].kind == RESTORE_CHECKPOINT
			? put_gone(db, &list->points[i], err)
			: put(db, &list->points[i], err);
		if (rc == 0)
			rc = trim(db, &list->points[i], err);
	}
	return rc;
}

/* ---- reading ---- */

/* A savepoint is known by the row of the run that made it, too. */
#define RUN_POINTS                                                                                 \
	"SELECT app, coalesce(result, restore_path), job_id, 'savepoint', ended_ms, -1, 0, 0"      \
	" FROM run WHERE state = 'DONE' AND (?1 IS NULL OR app = ?1) AND ("                        \
	"(verb IN ('savepoint', 'stop') AND result IS NOT NULL) OR (verb IN ('restart', 'ship')"   \
	" AND restore_path IS NOT NULL AND json_valid(steps) AND EXISTS (SELECT 1"                 \
	" FROM json_each(run.steps) WHERE json_extract(value, '$.name') IN ('savepoint', 'stop')"  \
	" AND json_extract(value, '$.state') = 'DONE')))"                                          \
	" AND NOT EXISTS (SELECT 1 FROM restore_point WHERE restore_point.app = run.app"           \
	" AND restore_point.path = coalesce(run.result, run.restore_path))"

static const char *text_of(struct arena *arena, sqlite3_stmt *stmt, int column)
{
	return arena_strdup(arena, (const char *)sqlite3_column_text(stmt, column));
}

static int read_points(struct db *db, const char *app, size_t max, struct arena *arena,
	point_vec *out, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db,
		"SELECT app, path, job_id, kind, completed_ms, size, verified_ms, is_gone"
		" FROM restore_point WHERE ?1 IS NULL OR app = ?1 UNION ALL " RUN_POINTS
		" ORDER BY 5 DESC LIMIT ?2",
		err);
	int rc = E_INTERNAL;

	if (!stmt)
		return rc;
	db_bind_text(stmt, 1, app);
	sqlite3_bind_int64(stmt, 2, max < INT32_MAX ? (int64_t)max : INT32_MAX);
	while ((rc = db_step(db, stmt, err)) == 1) {
		struct restore_point *point = arena_alloc(arena, sizeof(*point));
		const char *kind = (const char *)sqlite3_column_text(stmt, 3);

		*point = (struct restore_point){.app = text_of(arena, stmt, 0),
			.path = text_of(arena, stmt, 1),
			.job_id = text_of(arena, stmt, 2),
			.kind = str_eq(kind, "checkpoint") ? RESTORE_CHECKPOINT : RESTORE_SAVEPOINT,
			.completed_ms = sqlite3_column_int64(stmt, 4),
			.size = sqlite3_column_int64(stmt, 5),
			.verified_ms = sqlite3_column_int64(stmt, 6),
			.is_gone = sqlite3_column_int(stmt, 7)};
		vec_push(out, point);
	}
	return rc;
}

int disk_points(struct disk *disk, const char *app, size_t max, struct arena *arena, point_vec *out,
	struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	int rc = disk_open(disk, FILE_REGISTRY, err);

	if (rc == 0)
		rc = read_points(db, app, max, arena, out, err);
	if (rc < 0 && db_repair(db)) {
		out->len = 0;
		rc = read_points(db, app, max, arena, out, err);
	}
	return rc;
}
