/*
 * Shared by poller.c (the tick), poller_lists.c (lists of clusters), poller_detail.c (jobs),
 * poller_survey.c (how urgent, how much), members.c (lists of TaskManagers) and round.c (one round for
 * the command line) only.
 */
#ifndef WEIR_WATCH_POLLER_INTERNAL_H
#define WEIR_WATCH_POLLER_INTERNAL_H

#include "core/base/vec.h"
#include "core/watch/due.h"
#include "core/watch/poller.h"
#include "core/watch/recorded.h"
#include "core/watch/schedule.h"

#define TICK_MS 100
/* While nobody leads a cluster it is asked so often: the next leader takes over any moment. */
#define LEADER_RETRY_MS 1000
#define LEADER_RETRIES (LEADER_CHANGE_MS / LEADER_RETRY_MS)
/* Polls under way at once. */
#define POLLER_SLOTS 64
#define POLLER_FAILING_SLOTS (POLLER_SLOTS / 4)

/* A context's budget. */
struct purse {
	char *context;
	struct budget budget;
	int64_t per_cluster;
	/* Lists that wait for their turn: of those that answer (false) and of those that do not. */
	struct due_line lines[2][PACE_MAX];
	bool is_open; /* in the pass under way */
	double lead;  /* requests that what is live is ahead of the rest */
};

/* Why something is asked more often than what is calm. */
enum wanted {
	WANTED_URGENT, /* it moves or is sick */
	WANTED_SEEN,   /* on a screen */
	WANTED_MAX
};
struct wants {
	VEC(struct feed *) feeds;
	VEC(struct detail *) details;
};

/* Lists of TaskManagers, so that who comes and goes has a name: soon when their number is another
 * one, else as often as this, of what the budget leaves over. */
#define MEMBERS_EVERY_MS 60000
#define MEMBERS_AGAIN_MS 2000
#define MEMBERS_A_TICK 16

/*
 * Where nothing moves or is sick, whoever looks, jobs alone are asked for, but each sixth time: how many
 * TaskManagers and slots there are changes nothing there, and is half of the requests.
 */
#define LISTS_ALONE 5

struct feed {
	struct poller *poller;
	struct source *source;
	char *ref; /* of its cluster; NULL = a workspace */
	enum snapshot_kind what;
	struct source_poll *under_way;
	struct purse *purse;
	struct budget own;           /* of this cluster alone */
	enum pace paces[WANTED_MAX]; /* by who wants it */
	bool is_doubtful;            /* its last answer missed a job */
	enum pace pace;              /* of all these the most urgent */
	double demand;               /* requests a second of its list at that pace */
	struct due_item due;         /* where it waits while it is not under way */
	int64_t ended_ms;            /* mono; the last poll, 0 = not asked yet */
	int64_t began_ms;            /* the same, when it began */
	bool has_answered;           /* since weir started */
	int failures;                /* in a row */
	bool is_leaderless;          /* the last one said so */
	bool is_failing_slot;
	bool spans_gap;  /* a failure of the poll under way tells nothing */
	int lists_alone; /* polls in a row that asked for its jobs only */
	bool in_round;
	bool was_doubtful; /* in this round: its first answer missed a job */
	/* Its list of TaskManagers (members.c). */
	struct source_poll *members;
	int64_t members_ms; /* mono; when it was asked last, 0 = never */
};

struct detail {
	struct poller *poller;
	struct feed *feed; /* NULL: it was removed; a round still waits */
	struct source *source;
	char *job_ref;
	struct source_poll *under_way;
	int64_t since_ms; /* mono; when it was first wanted */
	int64_t asked_ms; /* mono; when the last one ended, 0 = never */
	int failures;
	double demands[WANTED_MAX]; /* requests a second, by who wants it */
	double demand;              /* of these the most */
	unsigned parts;             /* of the last one */
	enum job_status status;     /* of the job when it was asked */
	bool in_round;
	bool was_in_round;        /* in this round */
	bool is_kept;             /* what is under way: for somebody who reads all of it */
	struct recorded recorded; /* what the flight recorder wants of it */
	size_t place;             /* in all_details */
	int64_t lag_due_ms;
	size_t lag_turn, lag_sources, lag_misses;
};

/* Whether a job that nobody vouches for is remembered as ended (ended.c). */
struct ending {
	struct poller *poller;
	struct source *source;
	struct budget *budget;   /* of its context */
	char *job_ref, *app_ref; /* app_ref: whose start it was that nobody saw run; or NULL */
	struct source_poll *under_way;
	int64_t due_ms; /* mono */
	int tries;
	bool in_round;
	bool was_in_round; /* in this round */
};

struct round_state {
	struct poller_round spec;
	bool is_on;
	int feeds_left, details_left, asked, answered;
	size_t next_app;
	bool has_skipped;                    /* a budget was spent; once more from the start */
	struct loop_timer *deadline, *pause; /* pause: until there is some again */
};

/* What others show of one context. */
struct others {
	char *context;
	VEC(char *) refs;
	VEC(char *) focus;
};

struct poller {
	struct loop *loop;
	struct fleet *fleet;
	struct loop_timer *timer;
	int64_t budget_default, timeout_ms;
	void (*on_sleep)(void *data);
	void *data;
	VEC(struct purse *) purses;
	VEC(struct feed *) feeds;
	struct map *feeds_by_ref;
	struct map *details; /* job ref → struct detail */
	VEC(struct detail *) all_details;
	size_t forget_cursor;
	VEC(struct source *) histories;
	struct map *endings; /* job ref → struct ending */
	int endings_under_way;
	int64_t ended_due_ms;
	size_t ended_jobs_cursor, ended_apps_cursor;
	size_t unseen_cursor, members_cursor;
	VEC(char *) visible;
	char *focus;
	VEC(struct others) others;
	bool seeks_lag;
	bool (*may_ask)(void *data, const char *context);
	struct due_line folders;
	struct wants wants[WANTED_MAX];
	struct clocks looked; /* at the last tick */
	int64_t surveyed_ms;  /* 0 = is to be done at the next tick */
	bool has_surveyed;    /* it is more than a round */
	bool shows_other;     /* since the last survey */
	uint32_t seed;
	int in_flight, failing, failing_in_flight;
	bool is_full; /* the last look at the lines ended because no slot was free */
	struct round_state round;
};

/* One turn of the schedule: every 100 ms. For tests, which hold the clock. */
void poller_tick(void *poller);
/* Its own budget and that of its context: both have something left, both pay, the larger stretch. */
bool feed_allows(struct feed *feed, enum share share, int64_t now);
void feed_spend(struct feed *feed, enum share share, int cost);
double feed_stretch(const struct feed *feed, enum share share);
void feed_add_demand(struct feed *feed, enum share share, double per_second, int64_t now);
/* How long `feed` waits from the end of its last poll. */
int64_t feed_wait_ms(const struct feed *feed);
/* It is asked so seldom that its connection is not worth keeping. */
bool feed_is_rare(const struct feed *feed);
/* What it is wanted for has changed: its pace, its place and what it asks for follow. */
void feed_settle(struct feed *feed, int64_t now);
/* To the fleet: how often it is asked. */
void feed_tell(struct feed *feed, int64_t now);
void feed_cancel(struct feed *feed);
void poller_ask_feed(struct poller *poller, struct feed *feed);

void purse_init(struct purse *purse, int64_t per_second, int64_t now);
void purse_free(struct purse *purse);
void lists_add(struct feed *feed, int64_t now);
void lists_drop(struct feed *feed);
/* Nothing of what was asked before counts for when it is asked next. */
void lists_place(struct poller *poller, int64_t now);
/* All are due. */
void lists_hurry(struct poller *poller, int64_t now);
/* What is due, of paces up to this one. */
void lists_ask(struct poller *poller, enum pace last, int64_t now);

/* NULL: its cluster is not asked. */
struct detail *poller_detail_of(struct poller *poller, const struct job *job);
/* is_seen: on the screen, where it is also told how far behind its sources are (lag.c). */
void poller_ask_detail(struct poller *poller, struct detail *detail, const struct job *job,
	unsigned parts, bool is_seen);
/* Of what somebody looks at; of what nobody does. */
void poller_ask_seen(struct poller *poller, int64_t now);
void poller_ask_unseen(struct poller *poller, int64_t now);
/* Details of jobs that the fleet dropped are dropped too: a few are looked at, in turn. */
void poller_forget_details(struct poller *poller);
void poller_free_details(struct poller *poller);
/* Those of one source, that is not asked any more. */
void poller_drop_details(struct poller *poller, const struct source *source);
/* Before stretching. Flink answers most of it from a cache of 3 s: more often shows nothing new. */
#define FOCUS_AGE_MS 2000
#define VISIBLE_AGE_MS 3000
#define UNSEEN_AGE_MS 15000
/* Would another answer tell anything new? */
bool detail_is_wanted(const struct detail *detail, const struct app *app, unsigned parts);

/* How urgent each cluster is, how much is wanted; tells the fleet how often what is seen is asked. */
void poller_survey(struct poller *poller, int64_t now);
/* The same when only what is shown has changed. */
void poller_survey_seen(struct poller *poller, int64_t now);
/* Before a feed or a detail goes: nothing is wanted, until the next survey. */
void wants_clear(struct poller *poller);
void wants_release(struct poller *poller);

/* lag.c: what is asked besides; what came of it. */
void lag_pick(struct detail *detail, const struct job *job, int64_t now, struct poll *poll);
void lag_told(struct detail *detail, const struct job_detail *told, int64_t now);
/* Is a job that nobody looks at due, while it is sought? */
bool lag_is_sought(const struct poller *poller, const struct detail *detail, int64_t now);
/* What was told names its sources: the next of them is asked, where it is sought. */
bool lag_follow(struct poller *poller, struct detail *detail);
void poller_send_detail(struct poller *poller, struct detail *detail, const struct poll *poll);

/* members.c */
void members_ask(struct poller *poller, int64_t now);
void members_cancel(struct feed *feed);

/* poller_others.c */
void others_release(struct poller *poller);
bool poller_may_ask(const struct poller *poller, const char *context);

void round_feed_done(struct poller *poller, struct feed *feed, bool answered);
void round_feed_gone(struct poller *poller, struct feed *feed); /* it is not asked any more */
void round_detail_done(struct poller *poller, struct detail *detail);
void round_release(struct poller *poller);
void round_ending_done(struct poller *poller);

/* ended.c */
void ended_look(struct poller *poller, int64_t now);
/* Whether it was asked for: round_ending_done() follows. */
bool ended_ask_in_round(struct poller *poller, const struct app *app);
void ended_release(struct poller *poller);

#endif
