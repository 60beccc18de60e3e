/*
 * What the flight recorder remembers, newest first and by pages:
 *
 *	struct history_ask ask = {.since_ms = now - day, .max = 200};
 *	history_ask_app(&ask, app);                        its cluster and its job too
 *	query_history(store, HISTORY_EVENTS, &ask, on_events, data);
 *	ask.until_ms = time of the last one;               the page behind it
 */
#ifndef WEIR_QUERY_QUERY_HISTORY_H
#define WEIR_QUERY_QUERY_HISTORY_H

#include "core/fleet/fleet.h"
#include "core/model/history.h"
#include "core/query/query.h"

enum history_kind {
	HISTORY_EVENTS,      /* struct event */
	HISTORY_CHECKPOINTS, /* struct seen_checkpoint */
	HISTORY_EXCEPTIONS,  /* struct seen_exception */
	HISTORY_SAMPLES,     /* struct sample; history_ask.span_ms says which */
	HISTORY_KIND_MAX
};

/* items: of the kind's struct, borrowed for the call. */
typedef void (*query_history_fn)(
	void *data, const void *const *items, size_t count, const struct err *err);
/*
 * What `ask` asks for (copied), what is not yet on the disk too. err: only when there is nothing else
 * to tell. done: once, on the loop, never from inside; not after query_cancel() or store_close().
 */
struct query *query_history(struct store *store, enum history_kind kind,
	const struct history_ask *ask, query_history_fn done, void *data);
/* Its refs: the application, its cluster, and the job it was before somebody declared it. */
void history_ask_app(struct history_ask *ask, const struct app *app);
/* A copy of an item in `arena`. */
struct arena;
void *history_copy(struct arena *arena, enum history_kind kind, const void *item);

#endif
