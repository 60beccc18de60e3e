/*
 * A release keeps its number for ever: one whose folder is gone stays as a row (runs and people
 * name it), is never listed, and its number is never given again.
 */
#include "core/store/journal/release_disk.h"

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/store/journal/keep.h"

static void bind_texts(sqlite3_stmt *stmt, int at, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		db_bind_text(stmt, at + (int)i, texts[i]);
}

/* ---- writing ---- */

int release_write_build(struct disk *disk, const void *value, int64_t *number, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	const struct build *build = value;
	const char *texts[] = {build->app, build->host, build->git, build->ref, build->commit,
		build->artifact, build->sha256};
	sqlite3_stmt *stmt;

	(void)number;
	if (keep_check_lease(disk, build->app, build->run, err))
		return err->code;
	stmt = db_stmt(db,
		"INSERT INTO build (app, host, git, ref, commit_id, artifact, sha256, size,"
		" duration_ms, built_ms, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		err);
	if (!stmt)
		return E_INTERNAL;
	bind_texts(stmt, 1, texts, ARRAY_SIZE(texts));
	sqlite3_bind_int64(stmt, 8, build->size);
	sqlite3_bind_int64(stmt, 9, build->duration_ms);
	sqlite3_bind_int64(stmt, 10, build->built_ms);
	sqlite3_bind_int64(stmt, 11, build->run);
	return db_run(db, stmt, err);
}

int release_write_consent(struct disk *disk, const void *value, int64_t *number, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	const struct consent *consent = value;
	sqlite3_stmt *stmt = db_stmt(db,
		"INSERT INTO consent (app, digest, given_ms) VALUES (?, ?, ?)"
		" ON CONFLICT (app, digest) DO NOTHING",
		err);

	(void)number;
	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, consent->app);
	db_bind_text(stmt, 2, consent->digest);
	sqlite3_bind_int64(stmt, 3, clock_wall_ms());
	return db_run(db, stmt, err);
}

static int next_number(struct db *db, const char *app, int64_t *number, struct err *err)
{
	sqlite3_stmt *stmt =
		db_stmt(db, "SELECT coalesce(max(number), 0) + 1 FROM release WHERE app = ?", err);

	if (stmt)
		db_bind_text(stmt, 1, app);
	return db_number(db, stmt, number, err);
}

/* The whole row, new or known; is_active as the release says. */
static int put(struct db *db, const struct release *release, int64_t number, struct err *err)
{
	const char *texts[] = {
		release->host, release->dir, release->digest, release->manifest, release->commit};
	sqlite3_stmt *stmt = db_stmt(db,
		"INSERT INTO release (app, number, is_active, host, dir, digest, manifest,"
		" commit_id, created_ms, activated_ms, run, is_gone)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
		" ON CONFLICT (app, number) DO UPDATE SET is_active = excluded.is_active,"
		" host = excluded.host, dir = excluded.dir, digest = excluded.digest,"
		" manifest = excluded.manifest, commit_id = excluded.commit_id,"
		" activated_ms = excluded.activated_ms, is_gone = 0",
		err);

	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, release->app);
	sqlite3_bind_int64(stmt, 2, number);
	sqlite3_bind_int(stmt, 3, release->is_active);
	bind_texts(stmt, 4, texts, ARRAY_SIZE(texts));
	sqlite3_bind_int64(stmt, 9, release->created_ms);
	sqlite3_bind_int64(stmt, 10, release->activated_ms);
	sqlite3_bind_int64(stmt, 11, release->run);
	return db_run(db, stmt, err);
}

int release_write_new(struct disk *disk, const void *value, int64_t *number, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	struct release release = *(const struct release *)value;
	int rc = keep_check_lease(disk, release.app, release.run, err);

	release.is_active = false;
	if (rc == 0)
		rc = next_number(db, release.app, number, err);
	if (*number < release.number)
		*number = release.number;
	if (rc == 0)
		rc = put(db, &release, *number, err);
	return rc;
}

static int run_on(struct db *db, const char *sql, const char *app, int64_t number, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, app);
	sqlite3_bind_int64(stmt, 2, number);
	return db_run(db, stmt, err);
}

int release_write_active(struct disk *disk, const void *value, int64_t *number, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	struct release release = *(const struct release *)value;
	int rc = keep_check_lease(disk, release.app, release.run, err);

	release.is_active = true;
	if (rc == 0)
		rc = run_on(db,
			"UPDATE release SET is_active = 0 WHERE app = ?1 AND number <> ?2"
			" AND is_active <> 0",
			release.app, release.number, err);
	if (rc == 0)
		rc = put(db, &release, release.number, err);
	*number = release.number;
	return rc;
}

int release_write_cluster(struct disk *disk, const void *value, int64_t *number, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	const struct run_cluster *cluster = value;
	sqlite3_stmt *stmt;
	int rc = keep_check_lease(disk, cluster->app, cluster->run, err);

	(void)number;
	if (rc)
		return rc;
	stmt = db_stmt(db,
		"INSERT OR REPLACE INTO run_cluster (app, name, target, application_id, address,"
		" via, run, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		err);
	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, cluster->app);
	db_bind_text(stmt, 2, cluster->name);
	db_bind_text(stmt, 3, cluster->target);
	db_bind_text(stmt, 4, cluster->application_id);
	db_bind_text(stmt, 5, cluster->address);
	db_bind_text(stmt, 6, cluster->via);
	sqlite3_bind_int64(stmt, 7, cluster->run);
	sqlite3_bind_int64(stmt, 8, cluster->created_ms);
	return db_run(db, stmt, err);
}

int release_write_gone(struct disk *disk, const void *value, int64_t *number, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	const struct release *release = value;
	int rc = run_on(db,
		"UPDATE release SET is_gone = 1 WHERE app = ?1 AND number = ?2 AND is_active = 0",
		release->app, release->number, err);

	*number = release->number;
	if (rc == 0 && db_changes(db) == 0)
		rc = err_set(err, E_CONFLICT, _("release %lld is the active one, or not known"),
			(long long)release->number);
	return rc;
}

/* ---- reading ---- */

static const char *text_of(struct arena *arena, sqlite3_stmt *stmt, int column)
{
	return arena_strdup(arena, (const char *)sqlite3_column_text(stmt, column));
}

static sqlite3_stmt *select_of(
	struct db *db, const char *sql, const char *app, size_t max, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db, sql, err);

	if (!stmt)
		return NULL;
	db_bind_text(stmt, 1, app);
	sqlite3_bind_int64(stmt, 2, max < INT32_MAX ? (int64_t)max : INT32_MAX);
	return stmt;
}

static int read_builds(struct db *db, const char *app, size_t max, struct arena *arena,
	build_vec *out, struct err *err)
{
	sqlite3_stmt *stmt = select_of(db,
		"SELECT id, app, host, git, ref, commit_id, artifact, sha256, size, duration_ms,"
		" built_ms, run FROM build WHERE ?1 IS NULL OR app = ?1 ORDER BY id DESC LIMIT ?2",
		app, max, err);
	int rc = E_INTERNAL;

	while (stmt && (rc = db_step(db, stmt, err)) == 1) {
		struct build *build = arena_alloc(arena, sizeof(*build));

		*build = (struct build){.id = sqlite3_column_int64(stmt, 0),
			.app = text_of(arena, stmt, 1),
			.host = text_of(arena, stmt, 2),
			.git = text_of(arena, stmt, 3),
			.ref = text_of(arena, stmt, 4),
			.commit = text_of(arena, stmt, 5),
			.artifact = text_of(arena, stmt, 6),
			.sha256 = text_of(arena, stmt, 7),
			.size = sqlite3_column_int64(stmt, 8),
			.duration_ms = sqlite3_column_int64(stmt, 9),
			.built_ms = sqlite3_column_int64(stmt, 10),
			.run = sqlite3_column_int64(stmt, 11)};
		vec_push(out, build);
	}
	return rc;
}

static int read_releases(struct db *db, const char *app, size_t max, struct arena *arena,
	release_vec *out, struct err *err)
{
	sqlite3_stmt *stmt = select_of(db,
		"SELECT app, number, is_active, host, dir, digest, manifest, commit_id, created_ms,"
		" activated_ms, run FROM release WHERE (?1 IS NULL OR app = ?1) AND is_gone = 0"
		" ORDER BY CASE WHEN ?1 IS NULL THEN created_ms ELSE 0 END DESC, number DESC"
		" LIMIT ?2",
		app, max, err);
	int rc = E_INTERNAL;

	while (stmt && (rc = db_step(db, stmt, err)) == 1) {
		struct release *release = arena_alloc(arena, sizeof(*release));

		*release = (struct release){.app = text_of(arena, stmt, 0),
			.number = sqlite3_column_int64(stmt, 1),
			.is_active = sqlite3_column_int(stmt, 2),
			.host = text_of(arena, stmt, 3),
			.dir = text_of(arena, stmt, 4),
			.digest = text_of(arena, stmt, 5),
			.manifest = text_of(arena, stmt, 6),
			.commit = text_of(arena, stmt, 7),
			.created_ms = sqlite3_column_int64(stmt, 8),
			.activated_ms = sqlite3_column_int64(stmt, 9),
			.run = sqlite3_column_int64(stmt, 10)};
		vec_push(out, release);
	}
	return rc;
}

int disk_builds(struct disk *disk, const char *app, size_t max, struct arena *arena, build_vec *out,
	struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	int rc = disk_open(disk, FILE_REGISTRY, err);

	if (rc == 0)
		rc = read_builds(db, app, max, arena, out, err);
	if (rc < 0 && db_repair(db)) {
		out->len = 0;
		rc = read_builds(db, app, max, arena, out, err);
	}
	return rc;
}

int disk_releases(struct disk *disk, const char *app, size_t max, struct arena *arena,
	release_vec *out, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	int rc = disk_open(disk, FILE_REGISTRY, err);

	if (rc == 0)
		rc = read_releases(db, app, max, arena, out, err);
	if (rc < 0 && db_repair(db)) {
		out->len = 0;
		rc = read_releases(db, app, max, arena, out, err);
	}
	return rc;
}

static int read_consent(
	struct db *db, const char *app, const char *digest, bool *is_given, struct err *err)
{
	sqlite3_stmt *stmt =
		db_stmt(db, "SELECT 1 FROM consent WHERE app = ?1 AND digest = ?2", err);
	int rc;

	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, app);
	db_bind_text(stmt, 2, digest);
	rc = db_step(db, stmt, err);
	if (rc < 0)
		return rc;
	*is_given = rc == 1;
	sqlite3_reset(stmt);
	return 0;
}

int disk_consent(
	struct disk *disk, const char *app, const char *digest, bool *is_given, struct err *err)
{
	struct db *db = disk->files[FILE_REGISTRY];
	int rc = disk_open(disk, FILE_REGISTRY, err);

	if (rc == 0)
		rc = read_consent(db, app, digest, is_given, err);
	if (rc < 0 && db_repair(db))
		rc = read_consent(db, app, digest, is_given, err);
	return rc;
}
