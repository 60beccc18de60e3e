/*
 * What of the journal is kept. Not for ever: a savepoint every five minutes is a hundred thousand
 * runs a year, each with its log. Never what somebody may still ask for: runs that are not over, and
 * those that say what an application is (the newest of each verb, the ones that started something).
 * Numbers are never used again, so a log that stays behind belongs to nobody else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/store/journal/run.h"
#include "core/store/journal/run_disk.h"
#include "core/store/journal/run_log.h"

static int trim(struct db *db, const char *app, int64_t *ids, size_t *count, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(db,
		"DELETE FROM run WHERE id IN (SELECT id FROM run AS old WHERE app = ?1"
		" AND id NOT IN (SELECT id FROM run WHERE app = ?1 ORDER BY id DESC LIMIT ?2)"
		" AND id NOT IN (SELECT id FROM run WHERE app = ?1 AND start_job_id IS NOT NULL"
		" ORDER BY id DESC LIMIT ?3)"
		" AND id NOT IN (SELECT max(id) FROM run WHERE app = ?1 GROUP BY verb)"
		" AND id NOT IN (SELECT max(id) FROM run WHERE app = ?1 AND state = 'DONE'"
		" GROUP BY verb)"
		" AND id NOT IN (SELECT run FROM lease) ORDER BY id LIMIT ?4) RETURNING id",
		err);
	int rc = E_INTERNAL;

	if (!stmt)
		return rc;
	db_bind_text(stmt, 1, app);
	sqlite3_bind_int(stmt, 2, RUNS_KEPT);
	sqlite3_bind_int(stmt, 3, RUNS_KEPT_STARTS);
	sqlite3_bind_int(stmt, 4, RUNS_TRIMMED);
	while ((rc = db_step(db, stmt, err)) == 1)
		if (*count < RUNS_TRIMMED)
			ids[(*count)++] = sqlite3_column_int64(stmt, 0);
	return rc;
}

void disk_runs_trim(struct disk *disk, const char *app)
{
	struct db *db = disk->files[FILE_REGISTRY];
	int64_t ids[RUNS_TRIMMED];
	size_t count = 0;
	struct err err;
	int rc = db_begin(db, &err);

	if (rc < 0)
		goto failed;
	rc = trim(db, app, ids, &count, &err);
	if (rc == 0)
		rc = db_commit(db, &err);
	else
		db_rollback(db);
	if (rc < 0)
		goto failed;
	for (size_t i = 0; i < count; i++) {
		char *path = disk_log_path(disk->dir, ids[i]);

		if (unlink(path) < 0 && errno != ENOENT)
			log_write(LOG_WARN, "%s: not removed: %s", path, strerror(errno));
		free(path);
	}
	return;
failed: /* the next end of a run does it */
	log_write(LOG_WARN, "old runs were not removed: %s", err.text);
}
