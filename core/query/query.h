/* Asynchronous reads of what the store remembers, for views and the command line. */
#ifndef WEIR_QUERY_QUERY_H
#define WEIR_QUERY_QUERY_H

#include "core/model/run.h"
#include "core/store/store.h"

/* A remembered change of state. */
struct event {
	int64_t time_ms;
	const char *ref; /* of the application */
	enum app_state from, to;
	const char *text; /* why, in words; or NULL */
};

struct query;
/* events: newest first, borrowed for the call. */
typedef void (*query_events_fn)(
	void *data, const struct event *events, size_t count, const struct err *err);

/*
 * The last `max` events of one application, those not yet on the disk too; err only when there is
 * nothing else to tell. done: once, on the loop, never from inside; not after query_cancel() or
 * store_close().
 */
struct query *query_events(
	struct store *store, const char *ref, size_t max, query_events_fn done, void *data);

/* runs: newest first, borrowed for the call; is_orphan is right at this moment. */
typedef void (*query_runs_fn)(
	void *data, const struct run *const *runs, size_t count, const struct err *err);
/*
 * The last `max` runs of one application (app: its ref; NULL = of all); open_only: those that are
 * not over. Done and cancel as above.
 */
struct query *query_runs(struct store *store, const char *app, bool open_only, size_t max,
	query_runs_fn done, void *data);
void query_cancel(struct query *query); /* NULL-safe; done is then never called */

#endif
