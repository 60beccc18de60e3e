/*
 * The trimmer's own steps, one after the other: each is a small transaction, so a console that wants to
 * write waits for one of them at most. Who is locked out by a console waits for it.
 */
#include "core/store/compact.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/store/history/trimmer.h"

#define COPY_STEPS 50
#define LOCKED_TRIES 40 /* each waits as long as db.c does */

static int64_t size_of(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct stat st;
	int64_t bytes = stat(path, &st) == 0 ? st.st_size : 0;

	free(path);
	return bytes;
}

static int64_t cache_bytes(const char *dir)
{
	return size_of(dir, "cache.db") + size_of(dir, "cache.db-wal");
}

/* 1 = there may be more to do. */
static int step(struct disk *disk, const struct history_limits *limits, struct err *err)
{
	int rc = trimmer_step(disk, limits, clock_wall_ms(), err);

	for (int i = 0; rc == E_CONFLICT && i < LOCKED_TRIES; i++)
		rc = trimmer_step(disk, limits, clock_wall_ms(), err);
	return rc;
}

static int compact_cache(struct disk *disk, const struct history_limits *limits,
	void (*on_step)(void *data, int64_t bytes), void *data, struct err *err)
{
	struct db *cache = disk->files[FILE_CACHE];
	int64_t told_ms = clock_mono_ms();
	int steps = 0, rc = disk_open(disk, FILE_CACHE, err);

	if (rc < 0)
		return rc;
	disk_tidy(disk, clock_wall_ms());
	while ((rc = step(disk, limits, err)) > 0) {
		/* Steps leave the log to others: it must not grow as large as the file. */
		if (++steps % COPY_STEPS == 0)
			db_copy_back(db_path(cache));
		if (on_step && clock_mono_ms() - told_ms >= 200) {
			told_ms = clock_mono_ms();
			on_step(data, cache_bytes(disk->dir));
		}
	}
	if (rc == E_CONFLICT)
		rc = err->code = E_TIMEOUT;
	if (rc < 0)
		return rc;
	/* Who reads meanwhile keeps the log: then it stays, and is given back by the next one. */
	return db_exec(cache, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}

static int compact_registry(struct disk *disk, struct err *err)
{
	int rc = disk_open(disk, FILE_REGISTRY, err);

	if (rc == 0 && db_is_frozen(disk->files[FILE_REGISTRY], err))
		rc = E_INTERNAL;
	if (rc == 0)
		rc = db_backup(disk->files[FILE_REGISTRY], err);
	return rc;
}

int store_compact(const char *dir, const char *context, int64_t kept_ms, int64_t bytes,
	void (*on_step)(void *data, int64_t bytes),
	void (*on_notice)(void *data, const struct err *notice), void *data, struct compacted *out,
	struct err *err)
{
	const struct history_limits limits = {kept_ms, bytes};
	struct disk *disk;
	struct stat st;
	int rc;

	if (stat(dir, &st) < 0)
		return err_set(err, E_NOTFOUND, _("nothing is remembered in %s"), dir);
	disk = disk_new(dir, context);
	disk->is_ordered = true;
	out->before_bytes = cache_bytes(dir);
	rc = compact_registry(disk, err);
	if (rc == 0)
		rc = compact_cache(disk, &limits, on_step, data, err);
	for (size_t i = 0; on_notice && i < disk->notices.len; i++)
		on_notice(data, &disk->notices.data[i]);
	disk_free(disk);
	out->after_bytes = cache_bytes(dir);
	out->backup_bytes = size_of(dir, "registry.db.bak");
	return rc;
}
