/* Builds, releases, consent and logs of runs; rows live in an arena of the query. */
#include "core/query/query_release.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/query/query_internal.h"
#include "core/store/journal/release.h"
#include "core/store/journal/release_disk.h"
#include "core/store/journal/run_log.h"

/* ---- builds and releases ---- */

struct rows_query {
	struct query base;
	char *app;
	size_t max;
	struct arena *arena;
	build_vec builds;
	release_vec releases;
	query_builds_fn builds_done;
	query_releases_fn releases_done;
	void *data;
};

static int builds_read(struct query *base, struct err *err)
{
	struct rows_query *query = (struct rows_query *)base;

	return disk_builds(base->disk, query->app, query->max, query->arena, &query->builds, err);
}

static void builds_tell(struct query *base, const struct err *err)
{
	struct rows_query *query = (struct rows_query *)base;

	query->builds_done(query->data, (const struct build *const *)query->builds.data,
		err ? 0 : query->builds.len, err);
}

static int releases_read(struct query *base, struct err *err)
{
	struct rows_query *query = (struct rows_query *)base;

	return disk_releases(
		base->disk, query->app, query->max, query->arena, &query->releases, err);
}

static void releases_tell(struct query *base, const struct err *err)
{
	struct rows_query *query = (struct rows_query *)base;

	query->releases_done(query->data, (const struct release *const *)query->releases.data,
		err ? 0 : query->releases.len, err);
}

static void rows_release(struct query *base)
{
	struct rows_query *query = (struct rows_query *)base;

	vec_release(&query->builds);
	vec_release(&query->releases);
	arena_free(query->arena);
	free(query->app);
}

static struct rows_query *rows_new(struct store *store, const char *app, size_t max, void *data)
{
	struct rows_query *query = query_new(sizeof(*query), store);

	query->base.release = rows_release;
	query->app = xstrdup_null(app);
	query->max = max;
	query->arena = arena_new();
	query->data = data;
	return query;
}

struct query *query_builds(
	struct store *store, const char *app, size_t max, query_builds_fn done, void *data)
{
	struct rows_query *query = rows_new(store, app, max, data);

	query->base.read = builds_read;
	query->base.tell = builds_tell;
	query->builds_done = done;
	return query_start(&query->base);
}

struct query *query_releases(
	struct store *store, const char *app, size_t max, query_releases_fn done, void *data)
{
	struct rows_query *query = rows_new(store, app, max, data);

	query->base.read = releases_read;
	query->base.tell = releases_tell;
	query->releases_done = done;
	return query_start(&query->base);
}

/* ---- consent ---- */

struct consent_query {
	struct query base;
	char *app, *digest;
	bool is_given;
	query_consent_fn done;
	void *data;
};

static int consent_read(struct query *base, struct err *err)
{
	struct consent_query *query = (struct consent_query *)base;

	return disk_consent(base->disk, query->app, query->digest, &query->is_given, err);
}

static void consent_tell(struct query *base, const struct err *err)
{
	struct consent_query *query = (struct consent_query *)base;

	query->done(query->data, !err && query->is_given, err);
}

static void consent_release(struct query *base)
{
	struct consent_query *query = (struct consent_query *)base;

	free(query->app);
	free(query->digest);
}

struct query *query_consent(
	struct store *store, const char *app, const char *digest, query_consent_fn done, void *data)
{
	struct consent_query *query = query_new(sizeof(*query), store);

	query->base.read = consent_read;
	query->base.tell = consent_tell;
	query->base.release = consent_release;
	query->app = xstrdup(app);
	query->digest = xstrdup(digest);
	query->done = done;
	query->data = data;
	return query_start(&query->base);
}

/* ---- logs ---- */

struct log_query {
	struct query base;
	int64_t run, from, size;
	size_t cap;
	struct buf text;
	query_log_fn done;
	void *data;
};

static int log_read(struct query *base, struct err *err)
{
	struct log_query *query = (struct log_query *)base;

	return disk_log_read(
		base->disk, query->run, query->from, query->cap, &query->text, &query->size, err);
}

static void log_tell(struct query *base, const struct err *err)
{
	struct log_query *query = (struct log_query *)base;

	query->done(
		query->data, buf_str(&query->text), err ? 0 : query->text.len, query->size, err);
}

static void log_release(struct query *base)
{
	buf_release(&((struct log_query *)base)->text);
}

struct query *query_run_log(
	struct store *store, int64_t run, int64_t from, size_t cap, query_log_fn done, void *data)
{
	struct log_query *query = query_new(sizeof(*query), store);

	query->base.read = log_read;
	query->base.tell = log_tell;
	query->base.release = log_release;
	query->run = run;
	query->from = from;
	query->cap = cap < RUN_LOG_BYTES ? cap : RUN_LOG_BYTES;
	buf_init(&query->text, query->cap + 2);
	query->done = done;
	query->data = data;
	return query_start(&query->base);
}
