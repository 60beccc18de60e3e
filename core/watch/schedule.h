/*
 * When something may be asked, as values: how long a poll waits for the next one, a budget of
 * requests, and what three clocks tell about a gap. Pure: the time is an argument, so that tables
 * test it (tests/core/watch/test_schedule.c).
 */
#ifndef WEIR_WATCH_SCHEDULE_H
#define WEIR_WATCH_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* How often a list is asked while it answers and the budget allows. */
enum pace {
	PACE_LIVE, /* on the screen, or one of its jobs is moving: 1 s */
	PACE_SICK, /* somebody should look at it: 2 s; a workspace too */
	PACE_CALM, /* 5 s */
	PACE_MAX
};
int64_t pace_ms(enum pace pace);

/* Who shares a budget. Each has half of it; what one leaves the other may take. */
enum share {
	SHARE_LISTS,   /* a cluster's jobs, all of them at once */
	SHARE_DETAILS, /* of one job */
	SHARE_MAX
};

/*
 * At most `per_second` requests in any second, half of them at once, and no more than that on
 * average: a bucket for each share and what was spent within the last second. A new one is full. What is asked takes several requests, so
 * a poll may overdraw by its own cost; that is paid back before the next.
 */
#define BUDGET_SLOTS 40
struct budget {
	int64_t per_second;
	double tokens[SHARE_MAX];
	double demand[SHARE_MAX];    /* requests a second, were everything asked at its pace */
	double live_demand;          /* of lists: of what is looked at or moves */
	int32_t slots[BUDGET_SLOTS]; /* spent within the last second, by fortieths */
	int64_t spent;               /* their sum */
	int64_t filled_ms, slot;     /* mono; the fortieth that is being spent */
};
void budget_init(struct budget *budget, int64_t per_second, int64_t mono_ms);
/* Another limit from now on, for the same demand. */
void budget_limit(struct budget *budget, int64_t per_second, int64_t mono_ms);
/* Before it is asked or spent from. */
void budget_fill(struct budget *budget, int64_t mono_ms);
bool budget_allows(const struct budget *budget, enum share share);
/* Something is left over, of both shares. */
bool budget_is_idle(const struct budget *budget);
void budget_spend(struct budget *budget, enum share share, int cost);
/*
 * By how much intervals grow so that all fit in: >= 1. Lists that are live keep their pace as far as
 * half of what there is for lists goes; beyond that they wait longer too, though never longer than
 * the others by their paces. Those share the rest alike.
 */
double budget_stretch(const struct budget *budget, enum share share);
double budget_stretch_live(const struct budget *budget);
/* Requests within the last second; fill it first. */
int64_t budget_spent(const struct budget *budget);

struct wait_facts {
	enum pace pace;
	double stretch; /* budget_stretch() */
	int failures;   /* polls in a row without an answer */
	bool few_fail;  /* of the whole fleet: coming back is worth more than a few requests */
	uint32_t hash;  /* of its name, and of this process: for jitter */
};
/* From the end of a poll to the next one. */
int64_t schedule_wait_ms(const struct wait_facts *facts);
/* Where in its interval something has its place when many begin at once. */
int64_t schedule_phase_ms(uint32_t hash, int64_t interval_ms);

struct clocks {
	int64_t wall_ms, mono_ms; /* mono goes on while the machine sleeps */
	int64_t awake_ms;         /* does not */
};
/* What happened between two looks that should follow one another closely. */
struct clock_gap {
	bool slept; /* the machine, or what it runs in: connections may be dead, names elsewhere */
	bool stopped;    /* only this process, or it got no turn */
	int64_t jump_ms; /* the wall clock was set by this much; 0 = it was not */
};
struct clock_gap clocks_gap(const struct clocks *before, const struct clocks *now);

#endif
