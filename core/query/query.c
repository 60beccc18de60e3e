/*
 * A read is a job on the store's lane. What the store has not written yet is added when the job is
 * back: at that moment it is exactly what the read could not see.
 */
#include "core/query/query.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/query/query_internal.h"
#include "core/store/journal/run_disk.h"
#include "core/store/store_internal.h"

/* ---- what every read does ---- */

void *query_new(size_t size, struct store *store)
{
	struct query *query = xcalloc(1, size);

	query->store = store;
	query->disk = store_disk(store);
	return query;
}

static void query_run(void *data)
{
	struct query *query = data;

	if (query->read(query, &query->err) == 0)
		query->err.code = E_OK;
}

static void query_back(void *data)
{
	struct query *query = data;

	if (query->tell && !store_is_closing(query->store))
		query->tell(query, query->err.code ? &query->err : NULL);
	if (query->release)
		query->release(query);
	free(query);
}

struct query *query_start(struct query *query)
{
	(query->reads_noted ? store_read_noted : store_read)(
		query->store, query_run, query_back, query);
	return query;
}

void query_cancel(struct query *query)
{
	if (query)
		query->tell = NULL; /* the lane still has it; freed when it comes back */
}

/* ---- runs ---- */

struct runs_query {
	struct query base;
	char *app;
	size_t max;
	bool open_only;
	run_vec runs;
	query_runs_fn done;
	void *data;
};

static int runs_read(struct query *base, struct err *err)
{
	struct runs_query *query = (struct runs_query *)base;
	struct run_filter filter = {
		.app = query->app, .open_only = query->open_only, .max = query->max};

	return disk_runs(base->disk, &filter, &query->runs, err);
}

static void runs_tell(struct query *base, const struct err *err)
{
	struct runs_query *query = (struct runs_query *)base;

	query->done(query->data, (const struct run *const *)query->runs.data,
		err ? 0 : query->runs.len, err);
}

static void runs_release(struct query *base)
{
	struct runs_query *query = (struct runs_query *)base;

	for (size_t i = 0; i < query->runs.len; i++)
		free(query->runs.data[i]);
	vec_release(&query->runs);
	free(query->app);
}

struct query *query_runs(struct store *store, const char *app, bool open_only, size_t max,
	query_runs_fn done, void *data)
{
	struct runs_query *query = query_new(sizeof(*query), store);

	query->base.read = runs_read;
	query->base.tell = runs_tell;
	query->base.release = runs_release;
	query->app = xstrdup_null(app);
	query->open_only = open_only;
	query->max = max;
	query->done = done;
	query->data = data;
	return query_start(&query->base);
}
