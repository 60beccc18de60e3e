/* See batch.h. */
#include "core/store/batch.h"

#include <string.h>

#include "core/base/log.h"
#include "core/base/str.h"

void batch_init(struct batch *batch)
{
	/* A row holds its ref. */
	*batch = (struct batch){.rows = map_new_of_borrowed(), .seen = map_new_of_borrowed()};
}

static void rows_free(struct map *rows)
{
	map_each (entry, rows)
		row_free(map_value(entry));
	map_free(rows);
}

void batch_release(struct batch *batch)
{
	struct row **event;

	rows_free(batch->rows);
	rows_free(batch->seen);
	vec_each (event, &batch->events)
		row_free(*event);
	vec_release(&batch->events);
	*batch = (struct batch){0};
}

bool batch_is_empty(const struct batch *batch)
{
	return map_count(batch->rows) == 0 && batch->events.len == 0;
}

/* Of a full batch only what is known in it is renewed: the file can be filled again from the
 * sources. */
static void put(struct map *rows, struct row *row)
{
	if (map_count(rows) >= BATCH_ROWS_MAX && !map_get(rows, row->ref)) {
		log_write(LOG_WARN, "store: too much waits to be written; dropped %s", row->ref);
		row_free(row);
		return;
	}
	row_free(map_put(rows, row->ref, row));
}

void batch_put(struct batch *batch, struct row *row)
{
	row_free(map_del(batch->seen, row->ref));
	put(batch->rows, row);
}

void batch_put_seen(struct batch *batch, struct row *row)
{
	put(map_get(batch->rows, row->ref) ? batch->rows : batch->seen, row);
}

static void drop_oldest(struct batch *batch, size_t count)
{
	for (size_t i = 0; i < count; i++)
		row_free(batch->events.data[i]);
	batch->events.len -= count;
	memmove(batch->events.data, batch->events.data + count,
		batch->events.len * sizeof(*batch->events.data));
}

void batch_put_event(struct batch *batch, struct row *row)
{
	/* A tenth at once, so that a full batch does not move all of them for each event. */
	if (batch->events.len >= BATCH_EVENTS_MAX)
		drop_oldest(batch, BATCH_EVENTS_MAX / 10);
	vec_push(&batch->events, row);
}

void batch_ripen(struct batch *batch)
{
	map_each (entry, batch->seen)
		put(batch->rows, map_value(entry));
	map_free(batch->seen);
	batch->seen = map_new_of_borrowed();
}

void batch_take_back(struct batch *batch, struct batch *failed)
{
	struct batch newer = *batch;
	struct row **event;

	*batch = *failed;
	map_each (entry, newer.rows)
		batch_put(batch, map_value(entry));
	map_each (entry, newer.seen)
		batch_put_seen(batch, map_value(entry));
	vec_each (event, &newer.events)
		batch_put_event(batch, *event);
	map_free(newer.rows);
	map_free(newer.seen);
	vec_release(&newer.events);
	batch_init(failed);
}

static bool is_asked(const struct history_ask *ask, const struct event *event)
{
	bool is_its = ask->ref_count == 0;

	for (size_t i = 0; i < ask->ref_count && !is_its; i++)
		is_its = str_eq(ask->refs[i], event->ref);
	return is_its && event->time_ms >= ask->since_ms &&
		(!ask->until_ms || event->time_ms < ask->until_ms);
}

size_t batch_events(const struct batch *batch, const struct history_ask *ask,
	const struct event **out, size_t count)
{
	for (size_t i = batch->events.len; i > 0 && count < ask->max; i--) {
		const struct row *row = batch->events.data[i - 1];

		if (row->table == &event_rows && is_asked(ask, row->data))
			out[count++] = row->data;
	}
	return count;
}
