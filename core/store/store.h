/*
 * What weir remembers of one context, in two SQLite files in the folder `dir` (0700, its own):
 *
 *   registry.db  teams, applications, runs, leases: synchronous=FULL, backed up before a
 *                migration, never discarded
 *   cache.db     clusters, jobs, events: synchronous=NORMAL, may be rebuilt (a corrupt one is
 *                moved aside)
 *
 * One worker lane owns the connections; nothing here blocks the loop. Written are changes, in
 * batches of at most one each 500 ms; unchanged jobs cost one row of their cluster each 5 s.
 *
 *	store_open(&store, loop, dir, "prod", on_problem, ui);
 *	store_load(store, on_loaded, session);       snapshots with from_store set, in order
 *	fleet_subscribe(fleet, store_note, store);   from then on it saves by itself
 *	store_remember(store, fleet, INT64_MAX);     what was loaded is no news to it
 *	store_close(store);                          writes what is left (blocks at most 2 s); NULL-safe
 *
 * A file that cannot be opened, written or understood degrades to memory: on_problem is told once
 * for each cause, in words with what to do, and everything else goes on. What could not be written
 * is kept (within bounds) and tried again; on_problem(data, NULL) says that all of it is written
 * again. A schema newer than this program is refused politely (not touched). A damaged file is moved
 * aside, then restored from its backup (registry.db) or filled anew (cache.db); on_problem is told
 * the names.
 */
#ifndef WEIR_STORE_STORE_H
#define WEIR_STORE_STORE_H

#include "core/fleet/fleet.h"
#include "core/loop/loop.h"

/*
 * Where nothing changes, that it was seen is written so often; where nobody else shows it, so that it would
 * only be remembered as older after a crash, later by 3 ms for each that waits: ten thousand after 35 s.
 */
#define STORE_SEEN_MS 5000
#define STORE_SEEN_EACH_MS 3

struct store;
/* err NULL: what was told before is over. On the loop; the last ones from inside store_close(),
 * which must not be called from here. */
typedef void (*store_problem_fn)(void *data, const struct err *err);
/*
 * On the loop, for each part as it is read. snapshots are borrowed for the call (take a reference to keep
 * one). err, with the last: nothing could be read.
 */
typedef void (*store_loaded_fn)(void *data, struct snapshot *const *snapshots, size_t count,
	bool is_last, const struct err *err);

/* Returns at once; opening, migrating and all later work happen on the worker. */
void store_open(struct store **out, struct loop *loop, const char *dir, const char *context,
	store_problem_fn on_problem, void *data);
/* The folder that it was opened with. */
const char *store_dir(const struct store *store);
/* Of the history: how long, and how large cache.db may be (14 days, 512 MiB). It is kept to once it was
 * loaded. */
void store_limit_history(struct store *store, int64_t kept_ms, int64_t bytes);
/* Before loop_close(). Loads and queries under way are canceled: their `done` is not called. */
void store_close(struct store *store);
void store_load(struct store *store, store_loaded_fn done, void *data);
/* store_load() will follow: the larger file is read meanwhile. */
void store_read_ahead(struct store *store);
/*
 * After fleet_load_end(), before anybody is asked: differences are told of what was remembered. From then on
 * the files are kept tidy, too. False: at until_mono_ms it was not done; go on with another call, before
 * anything changes in the fleet.
 */
bool store_remember(struct store *store, const struct fleet *fleet, int64_t until_mono_ms);
/* A fleet_fn: `data` is the store. Notes of other contexts and from_store causes are ignored. */
void store_note(
	void *store, const struct snapshot *cause, const struct change *changes, size_t count);
/* Queue what is noted now, without waiting for the batch. */
void store_flush(struct store *store);
/* The versions that this program writes, of registry.db and cache.db. */
void store_schemas(int *registry, int *cache);
/* SQLite's version. Static. */
const char *store_library(void);

#endif
