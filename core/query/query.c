/*
 * A read is a job on the store's lane. What the store has not written yet is added when the job is
 * back: at that moment it is exactly what the read could not see.
 */
#include "core/query/query.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/store/run_disk.h"
#include "core/store/store_internal.h"

struct query {
	struct store *store;
	struct disk *disk;
	char *ref;
	size_t max;
	query_events_fn done; /* both NULL = canceled */
	query_runs_fn runs_done;
	void *data;
	row_vec rows;
	run_vec runs;
	bool open_only;
	struct err err; /* code 0 = fine */
};

static void query_free(struct query *query)
{
	for (size_t i = 0; i < query->rows.len; i++)
		row_free(query->rows.data[i]);
	vec_release(&query->rows);
	for (size_t i = 0; i < query->runs.len; i++)
		free(query->runs.data[i]);
	vec_release(&query->runs);
	free(query->ref);
	free(query);
}

static void events_run(void *data)
{
	struct query *query = data;

	if (disk_events(query->disk, query->ref, query->max, &query->rows, &query->err) == 0)
		query->err.code = E_OK;
}

static struct event event_of(const struct event_row *row)
{
	return (struct event){
		.time_ms = row->time_ms,
		.ref = row->ref,
		.from = app_state_parse(row->from),
		.to = app_state_parse(row->to),
		.text = row->text,
	};
}

/* Without a file there is still what this process has seen: an error only when that is nothing. */
static void events_hand_over(struct query *query)
{
	const struct event_row **pending = xcalloc(query->max + 1, sizeof(*pending));
	size_t count = store_pending_events(query->store, query->ref, pending, query->max);
	VEC(struct event) events = {0};

	for (size_t i = 0; i < count; i++)
		vec_push(&events, event_of(pending[i]));
	for (size_t i = 0; i < query->rows.len && events.len < query->max; i++)
		vec_push(&events, event_of(query->rows.data[i]->data));
	if (query->err.code && !events.len)
		query->done(query->data, NULL, 0, &query->err);
	else
		query->done(query->data, events.data, events.len, NULL);
	vec_release(&events);
	free(pending);
}

static void events_done(void *data)
{
	struct query *query = data;

	if (query->done && !store_is_closing(query->store))
		events_hand_over(query);
	query_free(query);
}

struct query *query_events(
	struct store *store, const char *ref, size_t max, query_events_fn done, void *data)
{
	struct query *query = xcalloc(1, sizeof(*query));

	query->store = store;
	query->disk = store_disk(store);
	query->ref = xstrdup(ref);
	query->max = max < EVENTS_KEPT ? max : EVENTS_KEPT;
	query->done = done;
	query->data = data;
	store_read(store, events_run, events_done, query);
	return query;
}

static void runs_run(void *data)
{
	struct query *query = data;
	struct run_filter filter = {
		.app = query->ref, .open_only = query->open_only, .max = query->max};

	if (disk_runs(query->disk, &filter, &query->runs, &query->err) == 0)
		query->err.code = E_OK;
}

static void runs_back(void *data)
{
	struct query *query = data;

	if (query->runs_done && !store_is_closing(query->store))
		query->runs_done(query->data, (const struct run *const *)query->runs.data,
			query->err.code ? 0 : query->runs.len,
			query->err.code ? &query->err : NULL);
	query_free(query);
}

struct query *query_runs(struct store *store, const char *app, bool open_only, size_t max,
	query_runs_fn done, void *data)
{
	struct query *query = xcalloc(1, sizeof(*query));

	query->store = store;
	query->disk = store_disk(store);
	query->ref = xstrdup_null(app);
	query->open_only = open_only;
	query->max = max;
	query->runs_done = done;
	query->data = data;
	store_read(store, runs_run, runs_back, query);
	return query;
}

void query_cancel(struct query *query)
{
	if (!query)
		return;
	query->done = NULL; /* the lane still has it; freed when it comes back */
	query->runs_done = NULL;
}
