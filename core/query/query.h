/* Asynchronous reads of what the store remembers, for views and the command line. */
#ifndef WEIR_QUERY_QUERY_H
#define WEIR_QUERY_QUERY_H

#include "core/model/run.h"
#include "core/store/store.h"

struct query;

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
