/*
 * The journal of runs, and the lease that lets one run at a time have an application, across
 * processes that share this store.
 *
 *	run_begin(store, &run, on_begun, action);    row and lease, in one transaction, on the disk
 *	... on_begun: now a byte may leave ...
 *	run_update(store, &run, on_saved, action);   also the heartbeat: at least each RUN_BEAT_MS
 *	run_end(store, &run, NULL, NULL);            the row's last state; the lease is gone
 *
 * A run whose process died keeps its row and its lease, as an orphan: run_adopt() takes it over
 * (with a higher epoch, so that the former owner, should it come back, can write no more), and who
 * adopted it asks the far side how it ended.
 *
 * An owner is gone when its process is (same machine, same boot), when the machine was started
 * anew, or when its heartbeat is older than RUN_STALE_MS.
 *
 * done: once, on the loop, never from inside; NULL = not wanted; not after run_op_cancel() or
 * store_close(). `run` is borrowed for the call. Errors: E_CONFLICT another run has the application
 * (then `run` is that one, its is_orphan is right), or the lease was lost (`run` NULL) · E_NOTFOUND
 * no such run · E_TIMEOUT another process keeps the file locked · E_INTERNAL it cannot be written.
 * After an error nothing was written, so nothing may be sent.
 */
#ifndef WEIR_STORE_JOURNAL_RUN_H
#define WEIR_STORE_JOURNAL_RUN_H

#include "core/model/run.h"
#include "core/store/store.h"

#define RUN_BEAT_MS 5000
#define RUN_STALE_MS 30000

/*
 * Of each application; and of those that started something, for these say what runs. What is older
 * goes with its log when a run ends, so many at once.
 */
#define RUNS_KEPT 100
#define RUNS_KEPT_STARTS 20
#define RUNS_TRIMMED 200

struct run_op;
typedef void (*run_done_fn)(void *data, const struct run *run, const struct err *err);

/* run: id 0, state PLANNED; copied, as everywhere here. */
struct run_op *run_begin(struct store *store, const struct run *run, run_done_fn done, void *data);
/* Only an orphan, or one that was let go. done gets all that its row says. */
struct run_op *run_adopt(struct store *store, int64_t id, run_done_fn done, void *data);
struct run_op *run_update(struct store *store, const struct run *run, run_done_fn done, void *data);
/* Saves it, and nobody watches it from now on: it can be adopted. UNKNOWN, or left to itself. */
struct run_op *run_let_go(struct store *store, const struct run *run, run_done_fn done, void *data);
/* Saves it and ends the lease. */
struct run_op *run_end(struct store *store, const struct run *run, run_done_fn done, void *data);
/* The write itself is not taken back. NULL-safe; not after `done` was called. */
void run_op_cancel(struct run_op *op);

#endif
