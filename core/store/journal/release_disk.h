/* Builds, releases and consent in registry.db. Blocking: only on the store's lane. */
#ifndef WEIR_STORE_JOURNAL_RELEASE_DISK_H
#define WEIR_STORE_JOURNAL_RELEASE_DISK_H

#include "core/base/arena.h"
#include "core/model/release.h"
#include "core/store/disk.h"

/* keep_write_fn: value is a struct build, consent, release, release, release,
 * run_cluster. */
int release_write_build(struct disk *disk, const void *value, int64_t *number, struct err *err);
int release_write_consent(struct disk *disk, const void *value, int64_t *number, struct err *err);
int release_write_new(struct disk *disk, const void *value, int64_t *number, struct err *err);
int release_write_active(struct disk *disk, const void *value, int64_t *number, struct err *err);
int release_write_gone(struct disk *disk, const void *value, int64_t *number, struct err *err);
int release_write_cluster(struct disk *disk, const void *value, int64_t *number, struct err *err);

struct consent {
	const char *app, *digest;
};

typedef VEC(struct build *) build_vec;
typedef VEC(struct release *) release_vec;
/* Append rows that live in the arena, newest first; app NULL = of all. */
int disk_builds(struct disk *disk, const char *app, size_t max, struct arena *arena, build_vec *out,
	struct err *err);
/* Without those whose folder is gone. */
int disk_releases(struct disk *disk, const char *app, size_t max, struct arena *arena,
	release_vec *out, struct err *err);
int disk_consent(
	struct disk *disk, const char *app, const char *digest, bool *is_given, struct err *err);

#endif
