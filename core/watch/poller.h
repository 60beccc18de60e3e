/*
 * Who is asked when. One timer spreads the polls over their intervals (phase by hash); the budget
 * (requests per second, per context) stretches the intervals when the fleet is large; what is
 * visible, moving or sick is asked for its details first; sources that failed back off with jitter
 * up to 60 s and share at most a quarter of the slots. Answers go to fleet_apply() and nowhere
 * else.
 */
#ifndef WEIR_WATCH_POLLER_H
#define WEIR_WATCH_POLLER_H

#include "core/fleet/fleet.h"
#include "core/loop/loop.h"
#include "core/source/source.h"

struct poller;

struct poller_options {
	struct loop *loop;
	struct fleet *fleet;
	int64_t budget_per_second; /* requests; 0 = 200 */
	int64_t timeout_ms;        /* of one poll; 0 = the source's */
};

struct poller *poller_new(const struct poller_options *options);
void poller_free(struct poller *poller); /* cancels what is under way; NULL-safe */
/* The source stays the caller's and outlives the poller. */
void poller_add(struct poller *poller, struct source *source, enum snapshot_kind what);
/* It is not asked any more; it may still answer a round under way, so it is closed after the poller. */
void poller_remove(struct poller *poller, struct source *source);
void poller_start(struct poller *poller);
/*
 * What the screen shows now: these applications (refs) want their rows' details; `focus` (or NULL)
 * is the card in front and wants everything. Replaces the former set; texts are copied.
 */
void poller_show(struct poller *poller, const char *const *refs, size_t count, const char *focus);
/* Ask everything at once, backed-off sources too. */
void poller_refresh(struct poller *poller);
/*
 * One round for the command line: every source once, then (details) the row parts of every
 * application that `wanted` accepts, or all parts; done when all have answered or failed, or at the
 * deadline.
 */
struct poller_round {
	bool local_only; /* only the workspace; the network is not asked */
	/* Is this source asked? NULL: each one is. */
	bool (*asks)(void *data, const struct source *source);
	bool details;
	unsigned parts;
	bool (*wanted)(void *data, const struct app *app);
	void (*done)(
		void *data, int asked, int answered); /* of the sources; details do not count */
	void *data;
	int64_t deadline_ms;
};
void poller_round(struct poller *poller, const struct poller_round *round);

struct poller_stats {
	int64_t budget_per_second, spent_per_second; /* the last second's */
	int64_t interval_ms;                         /* of a healthy cluster, as stretched now */
	int in_flight, failing; /* sources under way, sources whose last poll failed */
};
struct poller_stats poller_stats(const struct poller *poller);

#endif
