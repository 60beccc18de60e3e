/* What is kept is copied here; keep.c carries it to the lane, release_disk.c writes it. */
#include "core/store/journal/release.h"

#include "core/base/arena.h"
#include "core/model/record.h"
#include "core/store/journal/keep.h"
#include "core/store/journal/release_disk.h"

struct keep_op *keep_build(
	struct store *store, const struct build *build, keep_done_fn done, void *data)
{
	struct arena *arena = arena_new();
	struct build *copy = keep_copy(arena, build, sizeof(*build));

	copy->app = arena_strdup(arena, build->app);
	copy->host = arena_strdup(arena, build->host);
	copy->git = arena_strdup(arena, build->git);
	copy->ref = arena_strdup(arena, build->ref);
	copy->commit = arena_strdup(arena, build->commit);
	copy->artifact = arena_strdup(arena, build->artifact);
	copy->sha256 = arena_strdup(arena, build->sha256);
	return keep_start(store, arena, copy, release_write_build, done, data);
}

struct keep_op *keep_consent(
	struct store *store, const char *app, const char *digest, keep_done_fn done, void *data)
{
	struct arena *arena = arena_new();
	struct consent *consent = arena_alloc(arena, sizeof(*consent));

	consent->app = arena_strdup(arena, app);
	consent->digest = arena_strdup(arena, digest);
	return keep_start(store, arena, consent, release_write_consent, done, data);
}

static struct keep_op *keep_one(struct store *store, const struct release *release,
	keep_write_fn write, keep_done_fn done, void *data)
{
	struct arena *arena = arena_new();
	struct release *copy = keep_copy(arena, release, sizeof(*release));

	copy->app = arena_strdup(arena, release->app);
	copy->host = arena_strdup(arena, release->host);
	copy->dir = arena_strdup(arena, release->dir);
	copy->digest = arena_strdup(arena, release->digest);
	copy->manifest = arena_strdup(arena, release->manifest);
	copy->commit = arena_strdup(arena, release->commit);
	return keep_start(store, arena, copy, write, done, data);
}

struct keep_op *keep_release(
	struct store *store, const struct release *release, keep_done_fn done, void *data)
{
	return keep_one(store, release, release_write_new, done, data);
}

struct keep_op *keep_release_active(
	struct store *store, const struct release *release, keep_done_fn done, void *data)
{
	return keep_one(store, release, release_write_active, done, data);
}

struct keep_op *keep_release_gone(
	struct store *store, const char *app, int64_t number, keep_done_fn done, void *data)
{
	return keep_one(store, &(struct release){.app = app, .number = number}, release_write_gone,
		done, data);
}

struct keep_op *keep_run_cluster(
	struct store *store, const struct run_cluster *cluster, keep_done_fn done, void *data)
{
	struct arena *arena = arena_new();
	struct run_cluster *copy = keep_copy(arena, cluster, sizeof(*cluster));

	copy->app = arena_strdup(arena, cluster->app);
	copy->name = arena_strdup(arena, cluster->name);
	copy->target = arena_strdup(arena, cluster->target);
	copy->application_id = arena_strdup(arena, cluster->application_id);
	copy->address = arena_strdup(arena, cluster->address);
	copy->via = arena_strdup(arena, cluster->via);
	return keep_start(store, arena, copy, release_write_cluster, done, data);
}
