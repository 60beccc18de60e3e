/*
 * Several processes, one store: one of them polls, the others show what it writes.
 *
 *	store_share(store, &(struct store_share){.on_follow = …, .data = session});
 *	store_want(store, refs, count, focus);    what this one shows in detail
 *	if (store_may_poll(store)) …              before each request
 *
 * Who polls holds one row of cache.db, under an epoch of its own, and moves a beat in it every
 * POLL_BEAT_MS. The others watch whether the beat moves, by their own clock (which counts sleep): no
 * time is compared between processes, so a clock that jumps changes nothing. The row is free when its
 * process is gone (seen within a quarter of a second), and may be taken when the beat stood still for
 * POLL_STALE_MS. Taking it raises the epoch, and each batch checks the epoch in its own transaction:
 * one that was stopped and wakes can write nothing, and asks nothing before it has looked.
 *
 * A file that is locked for long (a process was stopped inside a transaction) cannot be taken: then
 * each process polls for itself and keeps in memory what it would write, until the lock is gone.
 */
#ifndef WEIR_STORE_LEASE_POLL_LEASE_H
#define WEIR_STORE_LEASE_POLL_LEASE_H

#include "core/store/store.h"

#define POLL_LOOK_MS 250
#define POLL_BEAT_MS 2000
#define POLL_STALE_MS 7000
/* Nobody may have taken it over within this: POLL_STALE_MS less what a look may take. */
#define POLL_SURE_MS 5000

enum poll_role {
	POLL_UNDECIDED, /* not looked yet */
	POLL_OURS,
	POLL_FOLLOWED, /* another process polls */
	POLL_ALONE     /* nobody can hold the row: into memory */
};

struct poll_state {
	enum poll_role role;
	int64_t epoch;
	int64_t pid; /* of who polls; 0 = nobody */
	char host[65];
	bool is_here; /* on this machine */
};

/* What the others want in detail, together. */
struct poll_wants {
	const char *const *refs; /* of lines */
	size_t ref_count;
	const char *const *focus; /* of cards */
	size_t focus_count;
};

struct store_share {
	/* Written by who polls, is_followed set; borrowed for the call. */
	void (*on_follow)(void *data, struct snapshot *const *snapshots, size_t count);
	void (*on_role)(void *data, const struct poll_state *state);
	/* To who polls, whenever it changed. */
	void (*on_wants)(void *data, const struct poll_wants *wants);
	/* Somebody asked for everything at once (`r`). */
	void (*on_refresh)(void *data);
	void *data;
};

/* From now on this process takes part; once. All callbacks on the loop. */
void store_share(struct store *store, const struct store_share *share);
/* Copied; told to who polls when that is another one. */
void store_want(struct store *store, const char *const *refs, size_t count, const char *focus);
void store_want_refresh(struct store *store);
bool store_may_poll(const struct store *store);
const struct poll_state *store_poll_state(const struct store *store);

#endif
