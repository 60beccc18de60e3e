/*
 * One read for all kinds of history. Events on their way to the disk are added when the read is back,
 * so that they are there even while nothing can be written; of the other kinds, which renew rows, what
 * waits is written first.
 */
#include "core/query/query_history.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/query/query_internal.h"
#include "core/store/history/history_disk.h"
#include "core/store/store_internal.h"

static const struct table *const tables[] = {
	[HISTORY_EVENTS] = &event_rows,
	[HISTORY_CHECKPOINTS] = &checkpoint_rows,
	[HISTORY_EXCEPTIONS] = &exception_rows,
	[HISTORY_SAMPLES] = &sample_rows,
};

struct history_query {
	struct query base;
	enum history_kind kind;
	struct history_ask ask;
	char *refs[HISTORY_REFS_MAX];
	row_vec rows;
	query_history_fn done;
	void *data;
};

static int history_read(struct query *base, struct err *err)
{
	struct history_query *query = (struct history_query *)base;

	return disk_history(base->disk, tables[query->kind], &query->ask, &query->rows, err);
}

static void history_tell(struct query *base, const struct err *err)
{
	struct history_query *query = (struct history_query *)base;
	const struct event **pending = xcalloc(query->ask.max + 1, sizeof(*pending));
	size_t count = 0;
	VEC(const void *) items = {0};

	if (query->kind == HISTORY_EVENTS)
		count = store_pending_events(base->store, &query->ask, pending);
	for (size_t i = 0; i < count; i++)
		vec_push(&items, pending[i]);
	for (size_t i = 0; i < query->rows.len && items.len < query->ask.max; i++)
		vec_push(&items, query->rows.data[i]->data);
	if (err && !items.len)
		query->done(query->data, NULL, 0, err);
	else
		query->done(query->data, items.data, items.len, NULL);
	vec_release(&items);
	free(pending);
}

static void history_release(struct query *base)
{
	struct history_query *query = (struct history_query *)base;

	history_cut(&query->rows, 0);
	vec_release(&query->rows);
	for (size_t i = 0; i < HISTORY_REFS_MAX; i++)
		free(query->refs[i]);
}

struct query *query_history(struct store *store, enum history_kind kind,
	const struct history_ask *ask, query_history_fn done, void *data)
{
	struct history_query *query = query_new(sizeof(*query), store);

	query->base.read = history_read;
	query->base.tell = history_tell;
	query->base.release = history_release;
	query->base.reads_noted = kind != HISTORY_EVENTS;
	query->kind = kind;
	query->ask = *ask;
	if (ask->max > HISTORY_PAGE_MAX)
		query->ask.max = HISTORY_PAGE_MAX;
	for (size_t i = 0; i < ask->ref_count; i++)
		query->ask.refs[i] = query->refs[i] = xstrdup(ask->refs[i]);
	query->done = done;
	query->data = data;
	return query_start(&query->base);
}

void history_ask_app(struct history_ask *ask, const struct app *app)
{
	ask->ref_count = 0;
	ask->refs[ask->ref_count++] = app->ref;
	if (app->cluster)
		ask->refs[ask->ref_count++] = app->cluster->ref;
	if (app->decl && app->job)
		ask->refs[ask->ref_count++] = app->job->ref;
}

void *history_copy(struct arena *arena, enum history_kind kind, const void *item)
{
	const struct table *table = tables[kind];
	char *copy = arena_alloc(arena, table->size);

	memcpy(copy, item, table->size);
	for (size_t i = 0; i < table->count; i++) {
		const char **text = (const char **)(copy + table->columns[i].offset);

		if (table->columns[i].type == COLUMN_TEXT)
			*text = arena_strdup(arena, *text);
	}
	return copy;
}
