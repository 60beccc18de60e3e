/* Restore points: what the registry keeps, and on top of it what the fleet knows at this moment. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/query/query_internal.h"
#include "core/query/query_release.h"
#include "core/store/journal/point_disk.h"

#define FLEET_POINTS_MAX 64

struct point_query {
	struct query base;
	char *app;
	size_t max;
	const struct fleet *fleet; /* NULL = what is kept, and no more */
	struct arena *arena;
	point_vec points;
	query_points_fn done;
	void *data;
};

static int points_read(struct query *base, struct err *err)
{
	struct point_query *query = (struct point_query *)base;

	return disk_points(base->disk, query->app, query->max, query->arena, &query->points, err);
}

static int compare_points(const void *a, const void *b)
{
	const struct restore_point *left = *(const struct restore_point *const *)a;
	const struct restore_point *right = *(const struct restore_point *const *)b;

	return (left->completed_ms < right->completed_ms) -
		(left->completed_ms > right->completed_ms);
}

/* The fleet knows better what was discarded; the registry what was verified. */
static void add_known(struct point_query *query, const struct restore_point *point)
{
	for (size_t i = 0; i < query->points.len; i++) {
		const struct restore_point *kept = query->points.data[i];
		if (!str_eq(kept->path, point->path))
			continue;
		struct restore_point *both = arena_alloc(query->arena, sizeof(*both));
		*both = *kept;
		both->is_gone = kept->is_gone || point->is_gone;
		if (both->size < 0)
			both->size = point->size;
		query->points.data[i] = both;
		return;
	}
	struct restore_point *copy = arena_alloc(query->arena, sizeof(*copy));
	*copy = *point;
	vec_push(&query->points, copy);
}

static void points_tell(struct query *base, const struct err *err)
{
	struct point_query *query = (struct point_query *)base;
	const struct app *app = query->fleet ? fleet_app(query->fleet, query->app) : NULL;
	struct restore_point known[FLEET_POINTS_MAX];
	size_t count = app && app->job ? job_points(app->job, known, ARRAY_SIZE(known)) : 0;

	for (size_t i = 0; i < count; i++)
		add_known(query, &known[i]);
	if (query->points.len)
		qsort(query->points.data, query->points.len, sizeof(*query->points.data),
			compare_points);
	if (query->points.len > query->max)
		query->points.len = query->max;
	/* Without a file there is still what the JobManager tells. */
	bool failed = err && !query->points.len;
	query->done(query->data, query->points.data, failed ? 0 : query->points.len,
		failed ? err : NULL);
}

static void points_release(struct query *base)
{
	struct point_query *query = (struct point_query *)base;

	vec_release(&query->points);
	arena_free(query->arena);
	free(query->app);
}

struct query *query_app_points(struct store *store, const struct fleet *fleet, const char *app,
	size_t max, query_points_fn done, void *data)
{
	struct point_query *query = query_new(sizeof(*query), store);

	query->base.read = points_read;
	query->base.tell = points_tell;
	query->base.release = points_release;
	query->app = xstrdup_null(app);
	query->max = max;
	query->fleet = fleet;
	query->arena = arena_new();
	query->done = done;
	query->data = data;
	return query_start(&query->base);
}

struct query *query_points(
	struct store *store, const char *app, size_t max, query_points_fn done, void *data)
{
	return query_app_points(store, NULL, app, max, done, data);
}
