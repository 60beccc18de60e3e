/*
 * Who is asked when. What is on the screen and what moves is asked each second, what is sick every
 * two, the rest every five, while the budget allows; beyond it the first keep their pace within
 * their part, and all other intervals grow alike (schedule.h). A budget holds for each context as a whole and for each cluster; a cluster is asked
 * once for all its jobs. Sources that failed back off with jitter up to 60 s and share at most a
 * quarter of the slots. Answers go to fleet_apply() and nowhere else.
 *
 * After a sleep of the machine everything is asked anew within the budget, over new connections and
 * newly looked up names; what was under way then is no miss. When the wall clock is set, what was
 * seen keeps its age.
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
	int64_t budget_per_second; /* requests, of a context that poller_budget() was not told of;
				      0 = 200, which one cluster may have alone */
	int64_t timeout_ms;        /* of one poll; 0 = the source's */
	void (*on_sleep)(
		void *data); /* the machine slept: called before anybody is asked; or NULL */
	/* May the JobManagers of this context be asked now? NULL = always. Rounds do not ask. */
	bool (*may_ask)(void *data, const char *context);
	void *data;
};

struct poller *poller_new(const struct poller_options *options);
void poller_free(struct poller *poller); /* cancels what is under way; NULL-safe */
/* Of a context as a whole, and of each of its clusters. Before its sources are added. */
void poller_budget(
	struct poller *poller, const char *context, int64_t per_second, int64_t per_cluster);
/* The source stays the caller's and outlives the poller. */
void poller_add(struct poller *poller, struct source *source, enum snapshot_kind what);
/* What one cluster may be asked, instead of what its context says. After poller_add(). */
void poller_limit(struct poller *poller, const struct source *source, int64_t per_second);
/* May that source be sent so many requests more, which somebody else asks? Then they are spent. */
bool poller_spend(struct poller *poller, const struct source *source, int requests);
/*
 * Who remembers ended jobs of the cluster that has this source's name (SNAPSHOT_ENDED); asked for what
 * that cluster no longer vouches for. As above.
 */
void poller_add_history(struct poller *poller, struct source *source);
/* It is not asked any more; it may still answer a round under way, so it is closed after the poller. */
void poller_remove(struct poller *poller, struct source *source);
void poller_start(struct poller *poller);
/*
 * What the screen shows now: these applications (refs) want their rows' details, these clusters are
 * watched closely; `focus` (or NULL) is the card in front and wants everything. Replaces the former
 * set; texts are copied.
 */
void poller_show(struct poller *poller, const char *const *refs, size_t count, const char *focus);
/* What other processes show of this context, for whom this one asks. Replaces the former; copied. */
void poller_show_others(struct poller *poller, const char *context, const char *const *refs,
	size_t count, const char *const *focus, size_t focus_count);
/*
 * Somebody looks for jobs by how far behind they are: all that run are asked, once a minute, of what the budgets
 * leave over. Else only those that poller_show() was told of are.
 */
void poller_seek_lag(struct poller *poller, bool is_sought);
/* may_ask() says yes where it said no: everything is asked as after poller_start(). */
void poller_begin(struct poller *poller);
/* Ask everything now, as fast as the budget allows: what is looked at first, backed-off sources too. */
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
	bool lag; /* and how far behind their sources are */
	bool (*wanted)(void *data, const struct app *app);
	void (*done)(
		void *data, int asked, int answered); /* of the sources; details do not count */
	void *data;
	int64_t deadline_ms;
};
void poller_round(struct poller *poller, const struct poller_round *round);

/* Of all contexts together; intervals: the longest of them, as stretched now. */
struct poller_stats {
	int64_t budget_per_second, spent_per_second; /* within the last second */
	int64_t interval_ms, live_ms; /* of a cluster that is well · that is looked at */
	bool is_stretched;
	int in_flight, failing; /* sources under way, sources whose last poll failed */
	int64_t late_ms;        /* what another process polls is told so much later at most */
};
struct poller_stats poller_stats(const struct poller *poller);

#endif
