/* Shared by poller.c (the schedule) and round.c (one round for the command line) only. */
#ifndef WEIR_WATCH_POLLER_INTERNAL_H
#define WEIR_WATCH_POLLER_INTERNAL_H

#include "core/base/vec.h"
#include "core/watch/poller.h"

#define CLUSTER_INTERVAL_MS 2000
#define WORKSPACE_INTERVAL_MS 2000
#define FIRST_RETRY_MS 500
#define LEADER_RETRY_MS 1000
#define LEADER_RETRIES (LEADER_CHANGE_MS / LEADER_RETRY_MS)
#define BACKOFF_FEW_MS 5000
#define BACKOFF_MAX_MS 60000
/* Details older than this are asked again. */
#define FOCUS_AGE_MS 2000
#define SICK_AGE_MS 3000
#define VISIBLE_AGE_MS 5000
#define UNSEEN_AGE_MS 15000
/* For the flight recorder, of what is well and nobody looks at: often enough that none of the
 * checkpoints that a JobManager remembers escapes, within these. */
#define RECORDED_AGE_MIN_MS 5000
#define RECORDED_AGE_MAX_MS 60000

struct feed {
	struct poller *poller;
	struct source *source;
	enum snapshot_kind what;
	struct source_poll *under_way;
	int64_t due_ms; /* mono */
	int failures;   /* in a row */
	bool is_failing_slot;
	bool in_round;
	bool was_doubtful; /* in this round: its first answer missed a job */
};

struct detail {
	struct poller *poller;
	struct source *source;
	char *job_ref;
	struct source_poll *under_way;
	int64_t asked_ms; /* mono; when the last one ended, 0 = never */
	int failures;
	unsigned parts;         /* of the last one */
	enum job_status status; /* of the job when it was asked */
	bool in_round;
};

struct round_state {
	struct poller_round spec;
	bool is_on, in_details;
	int feeds_left, details_left, asked, answered;
	size_t next_app;
	struct loop_timer *deadline, *pause; /* pause: the budget is spent */
};

struct poller {
	struct loop *loop;
	struct fleet *fleet;
	struct loop_timer *timer;
	int64_t budget_per_second, timeout_ms;
	VEC(struct feed *) feeds;
	int64_t feed_cost; /* requests of one sweep */
	size_t feed_cursor, sick_cursor;
	struct map *details; /* job ref → struct detail */
	VEC(char *) visible;
	char *focus;
	double tokens;
	int64_t refilled_ms, second_ms, spent, spent_last;
	int in_flight, failing, failing_in_flight;
	struct round_state round;
};

void poller_refill(struct poller *poller, int64_t now);
void poller_ask_feed(struct poller *poller, struct feed *feed);
struct detail *poller_detail_of(struct poller *poller, const struct job *job);
void poller_ask_detail(
	struct poller *poller, struct detail *detail, const struct job *job, unsigned parts);

void round_feed_done(struct poller *poller, struct feed *feed, bool answered);
void round_feed_gone(struct poller *poller, struct feed *feed); /* it is not asked any more */
void round_detail_done(struct poller *poller, struct detail *detail, bool answered);
void round_release(struct poller *poller);

#endif
