/* See poll_lease_disk.h. Liveness by the clock is judged by who watches the beat (poll_lease.c), never
 * here: no time is compared with another process's. */
#include "core/store/lease/poll_lease_disk.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/str.h"
#include "core/store/lease/owner_row.h"

/* The process, as far as it can be seen; its beats are not looked at. */
static bool is_gone(const struct owner *owner, const struct owner *self)
{
	struct owner now = *owner;

	now.beat_boot_ms = self->beat_boot_ms;
	now.beat_wall_ms = self->beat_wall_ms;
	return owner_is_gone(&now, self, 0);
}

/* ---- the poller ---- */

int poller_read(struct db *cache, struct poller_row *out, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(
		cache, "SELECT epoch, beat, seq, trimmed_seq, " OWNER_COLUMNS " FROM poller", err);
	int rc = stmt ? db_step(cache, stmt, err) : E_INTERNAL;

	*out = (struct poller_row){0};
	if (rc == 1) {
		out->epoch = sqlite3_column_int64(stmt, 0);
		out->beat = sqlite3_column_int64(stmt, 1);
		out->seq = sqlite3_column_int64(stmt, 2);
		out->trimmed_seq = sqlite3_column_int64(stmt, 3);
		owner_read(stmt, 4, &out->owner);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? rc : 0;
}

bool poller_is_free(const struct poller_row *row, const struct owner *self)
{
	return is_gone(&row->owner, self);
}

static int take(struct db *cache, int64_t epoch, const struct owner *self, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(cache,
		"UPDATE poller SET epoch = ?1, beat = beat + 1,"
		" (" OWNER_COLUMNS ") = (?2, ?3, ?4, ?5, ?6)",
		err);

	if (!stmt)
		return E_INTERNAL;
	sqlite3_bind_int64(stmt, 1, epoch);
	owner_bind(stmt, 2, self);
	return db_run(cache, stmt, err);
}

int poller_claim(struct db *cache, const struct poller_row *seen, bool is_stale,
	const struct owner *self, int64_t *epoch, struct err *err)
{
	struct poller_row row;
	int rc = db_begin(cache, err);

	*epoch = 0;
	if (rc < 0)
		return rc;
	rc = poller_read(cache, &row, err);
	bool is_same = row.epoch == seen->epoch && row.beat == seen->beat;
	bool takes = rc == 0 && (poller_is_free(&row, self) || (is_stale && is_same));
	if (takes)
		rc = take(cache, row.epoch + 1, self, err);
	if (rc < 0 || !takes) {
		db_rollback(cache);
		return rc;
	}
	rc = db_commit(cache, err);
	if (rc == 0)
		*epoch = row.epoch + 1;
	return rc;
}

static int set_row(struct db *cache, const char *sql, int64_t value, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(cache, sql, err);

	if (!stmt)
		return E_INTERNAL;
	sqlite3_bind_int64(stmt, 1, value);
	return db_run(cache, stmt, err);
}

int poller_beat(struct db *cache, int64_t epoch, bool *is_lost, struct err *err)
{
	int rc = set_row(cache, "UPDATE poller SET beat = beat + 1 WHERE epoch = ?1", epoch, err);

	if (rc == 0)
		*is_lost = db_changes(cache) == 0;
	return rc;
}

int poller_release(struct db *cache, int64_t epoch, struct err *err)
{
	return set_row(cache, "UPDATE poller SET host = NULL, beat = beat + 1 WHERE epoch = ?1",
		epoch, err);
}

/* ---- the fence ---- */

int fence_pass(struct disk *disk, bool has_cache, bool *has_events, struct err *err)
{
	struct poller_row row;
	bool passes;
	int rc;

	if (has_events)
		*has_events = true;
	if (!has_cache || disk->is_ordered)
		return 0;
	rc = poller_read(disk->files[FILE_CACHE], &row, err);
	if (rc < 0)
		return rc;
	disk->base_next = row.epoch + 1;
	if (disk->epoch)
		passes = disk->epoch == row.epoch;
	else
		passes = poller_is_free(&row, &disk->self);
	if (has_events)
		*has_events = disk->epoch || disk->base < 0 || disk->base == row.epoch;
	return passes ? 0 : err_set(err, E_CANCELED, _("another weir polls for this store"));
}

int fence_wrote(struct disk *disk, struct err *err)
{
	struct db *cache = disk->files[FILE_CACHE];

	return db_exec(cache,
		disk->epoch ? "UPDATE poller SET seq = seq + 1, beat = beat + 1"
			    : "UPDATE poller SET seq = seq + 1, epoch = epoch + 1, host = NULL",
		err);
}

void fence_committed(struct disk *disk)
{
	disk->base = disk->base_next;
}

/* Those of jobs that are gone would stay for ever; the others come again with their next change. */
int changes_trim(struct db *cache, struct err *err)
{
	int rc = set_row(cache, "UPDATE poller SET trimmed_seq = max(trimmed_seq, seq - ?1)",
		CHANGES_KEPT, err);

	return rc < 0
		? rc
		: db_exec(cache, "DELETE FROM change WHERE seq <= (SELECT trimmed_seq FROM poller)",
			  err);
}

/* ---- what others want ---- */

int want_write(struct db *cache, const char *owner, const struct owner *self,
	const struct want *want, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(cache,
		"INSERT OR REPLACE INTO want (owner, " OWNER_COLUMNS ", asked,"
		" focus, refs) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		err);
	json_t *refs = json_array();
	char *text;
	int rc;

	for (size_t i = 0; i < want->ref_count; i++)
		json_array_append_new(refs, json_string(want->refs[i]));
	text = json_dumps(refs, JSON_COMPACT);
	json_decref(refs);
	rc = E_INTERNAL;
	if (stmt) {
		db_bind_text(stmt, 1, owner);
		owner_bind(stmt, 2, self);
		sqlite3_bind_int64(stmt, 7, want->asked);
		db_bind_text(stmt, 8, want->focus);
		db_bind_text(stmt, 9, text);
		rc = db_run(cache, stmt, err);
	}
	free(text);
	return rc;
}

int want_remove(struct db *cache, const char *owner, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(cache, "DELETE FROM want WHERE owner = ?1", err);

	if (!stmt)
		return E_INTERNAL;
	db_bind_text(stmt, 1, owner);
	return db_run(cache, stmt, err);
}

static struct want read_want(sqlite3_stmt *stmt, struct arena *arena)
{
	struct want want = {.asked = sqlite3_column_int64(stmt, 6),
		.focus = arena_strdup(arena, (const char *)sqlite3_column_text(stmt, 7))};
	const char *text = (const char *)sqlite3_column_text(stmt, 8);
	json_t *refs = text ? json_loads(text, 0, NULL) : NULL;
	size_t count = json_array_size(refs);

	want.refs = arena_calloc(arena, count + 1, sizeof(*want.refs));
	for (size_t i = 0; i < count; i++) {
		const char *ref = json_string_value(json_array_get(refs, i));

		if (ref)
			want.refs[want.ref_count++] = arena_strdup(arena, ref);
	}
	json_decref(refs);
	return want;
}

int want_read(struct db *cache, const char *owner, const struct owner *self, struct arena *arena,
	want_vec *out, struct err *err)
{
	sqlite3_stmt *stmt = db_stmt(cache,
		"SELECT owner, " OWNER_COLUMNS ", asked, focus, refs FROM want"
		" WHERE owner <> ?1",
		err);
	VEC(const char *) dead = {0};
	int rc = E_INTERNAL;

	if (stmt) {
		db_bind_text(stmt, 1, owner);
		while ((rc = db_step(cache, stmt, err)) == 1) {
			struct owner its = {0};

			owner_read(stmt, 1, &its);
			if (is_gone(&its, self))
				vec_push(&dead,
					arena_strdup(
						arena, (const char *)sqlite3_column_text(stmt, 0)));
			else
				vec_push(out, read_want(stmt, arena));
		}
	}
	for (size_t i = 0; rc == 0 && i < dead.len; i++)
		rc = want_remove(cache, dead.data[i], err);
	vec_release(&dead);
	return rc;
}
