/*
 * What waits to be written to one file: at most one row for each ref (the last one wins), and
 * events in order. Lives on the loop's thread; while the lane writes one, nobody else touches it.
 * Bounded: with a full disk it grows to its caps and no further.
 */
#ifndef WEIR_STORE_BATCH_H
#define WEIR_STORE_BATCH_H

#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/store/row.h"

#define BATCH_ROWS_MAX 200000
#define BATCH_EVENTS_MAX 10000

struct batch {
	struct map *rows; /* ref → struct row * */
	struct map *seen; /* the same, for rows of which only the time is new */
	VEC(struct row *) events;
};

void batch_init(struct batch *batch);
void batch_release(struct batch *batch);
bool batch_is_empty(const struct batch *batch); /* but for `seen` */
/* Takes the row. */
void batch_put(struct batch *batch, struct row *row);
void batch_put_seen(struct batch *batch, struct row *row);
void batch_put_event(struct batch *batch, struct row *row);
/* `seen` becomes rows like any other. */
void batch_ripen(struct batch *batch);
/* What failed to be written goes back under what is newer; `failed` is empty after. */
void batch_take_back(struct batch *batch, struct batch *failed);
/* Those that are asked for, newest first, behind the `count` that `out` has: how many it has then. */
size_t batch_events(const struct batch *batch, const struct history_ask *ask,
	const struct event **out, size_t count);

#endif
