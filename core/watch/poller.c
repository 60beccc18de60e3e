/*
 * One tick each 100 ms picks what is due. A feed is a source with what it is asked; a detail is a
 * job whose row or card somebody looks at (poller_detail.c). Of all that is due, what is latest in
 * terms of its own interval is asked first, as far as its context's budget and its own allow; how long each waits is
 * schedule.c's word, how urgent it is poller_survey.c's.
 *
 * A few feeds are asked at once when weir starts or the machine wakes up; thousands are spread over
 * their interval by a hash of their name, but for those that are looked at. Nothing here judges an
 * answer: that is fleet_apply()'s part.
 */
#include "core/watch/poller.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/watch/poller_internal.h"

#define TICK_MS 100
#define SURVEY_MS 1000
#define BUDGET_DEFAULT 200
#define REFRESH_AHEAD_MS 30000
/* To keep a connection idle for longer costs more than to make a new one. */
#define CONNECTION_WORTH_MS 10000
#define FORGET_MS 10000 /* jobs that are no more */
/* A look at a folder takes at most one of so many parts of the time, as long as that is not later. */
#define FOLDER_SHARE 200
#define FOLDER_MS_MAX 15000

static struct clocks clocks_now(void)
{
	return (struct clocks){clock_wall_ms(), clock_mono_ms(), clock_awake_ms()};
}

/* ---- its own budget and that of its context ---- */

void feed_spend(struct feed *feed, enum share share, int cost)
{
	budget_spend(&feed->own, share, cost);
	budget_spend(&feed->purse->budget, share, cost);
}

bool feed_allows(struct feed *feed, enum share share, int64_t now)
{
	budget_fill(&feed->own, now);
	budget_fill(&feed->purse->budget, now);
	return budget_allows(&feed->own, share) && budget_allows(&feed->purse->budget, share);
}

double feed_stretch(const struct feed *feed, enum share share)
{
	double whole = budget_stretch(&feed->purse->budget, share);
	double own = budget_stretch(&feed->own, share);

	return whole > own ? whole : own;
}

/* ---- lists ---- */

/* A folder costs no requests, but thousands of files are asked for their times. */
static int64_t folder_wait_ms(const struct feed *feed)
{
	int64_t took_ms = feed->ended_ms - feed->began_ms;
	int64_t wait_ms = pace_ms(feed->pace);

	if (took_ms * FOLDER_SHARE > wait_ms)
		wait_ms = took_ms * FOLDER_SHARE;
	return wait_ms < FOLDER_MS_MAX ? wait_ms : FOLDER_MS_MAX;
}

int64_t feed_wait_ms(const struct feed *feed)
{
	int64_t wait_ms;

	/* The next leader takes over any moment, and then much moves. */
	if (feed->is_leaderless && feed->failures < LEADER_RETRIES)
		return LEADER_RETRY_MS;
	wait_ms = schedule_wait_ms(&(struct wait_facts){
		.pace = feed->pace,
		.stretch = feed->ref ? feed_stretch(feed, SHARE_LISTS) : 1,
		.failures = feed->failures,
		.few_fail = feed->poller->failing <= POLLER_FAILING_SLOTS,
		.hash = feed->hash,
	});
	return feed->ref || wait_ms > folder_wait_ms(feed) ? wait_ms : folder_wait_ms(feed);
}

static void feed_ended(struct feed *feed, struct snapshot *snapshot)
{
	struct poller *poller = feed->poller;
	bool failed = snapshot->err.code != 0;

	if (feed->failures > 0)
		poller->failing--;
	feed->failures = failed ? feed->failures + 1 : 0;
	feed->is_leaderless = snapshot->is_leaderless;
	if (failed)
		poller->failing++;
	if (feed->failures == 1)
		log_write(LOG_WARN, "%s: %s", feed->source->name, snapshot->err.text);
	snapshot->mono_ms = clock_mono_ms();
	fleet_apply(poller->fleet, snapshot, clock_wall_ms());
}

static void on_feed(void *data, struct snapshot *snapshot)
{
	struct feed *feed = data;
	struct poller *poller = feed->poller;
	bool answered = snapshot->err.code == 0;
	/* Begun before the gap: that nobody answered meanwhile is not known. */
	bool tells_nothing = feed->spans_gap && !answered && !feed->in_round;

	feed->under_way = NULL;
	poller->in_flight--;
	if (feed->is_failing_slot)
		poller->failing_in_flight--;
	feed->is_failing_slot = feed->spans_gap = false;
	if (!tells_nothing)
		feed_ended(feed, snapshot);
	feed->ended_ms = clock_mono_ms();
	feed->due_ms = tells_nothing ? feed->ended_ms : feed->ended_ms + feed_wait_ms(feed);
	snapshot_unref(snapshot);
	round_feed_done(poller, feed, answered);
}

bool feed_is_rare(const struct feed *feed)
{
	return feed_wait_ms(feed) > CONNECTION_WORTH_MS;
}

void poller_ask_feed(struct poller *poller, struct feed *feed)
{
	bool jobs_only = feed->pace == PACE_CALM && !feed->failures && !feed->in_round &&
		feed->lists_alone < LISTS_ALONE;
	struct poll poll = {.what = feed->what,
		.jobs_only = jobs_only,
		.is_rare = feed_is_rare(feed),
		.timeout_ms = poller->timeout_ms};

	feed->lists_alone = jobs_only ? feed->lists_alone + 1 : 0;
	feed_spend(feed, SHARE_LISTS, source_cost(feed->source, &poll));
	poller->in_flight++;
	feed->is_failing_slot = feed->failures > 0;
	if (feed->is_failing_slot)
		poller->failing_in_flight++;
	feed->began_ms = clock_mono_ms();
	feed->under_way = source_poll(feed->source, &poll, on_feed, feed);
}

static void feed_cancel(struct feed *feed)
{
	if (!feed->under_way)
		return;
	source_poll_cancel(feed->source, feed->under_way);
	feed->under_way = NULL;
	feed->poller->in_flight--;
	if (feed->is_failing_slot)
		feed->poller->failing_in_flight--;
	feed->is_failing_slot = feed->spans_gap = false;
}

/* Nothing of what was asked before counts for when it is asked next. */
static void place_all(struct poller *poller, int64_t now)
{
	bool is_large = poller->feeds.len > POLLER_SLOTS;

	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		double stretch = budget_stretch(&feed->purse->budget, SHARE_LISTS);
		int64_t interval_ms = (int64_t)((double)pace_ms(PACE_CALM) * stretch);

		feed->ended_ms = 0;
		feed->lists_alone = LISTS_ALONE;
		feed->due_ms = is_large ? now + schedule_phase_ms(feed->hash, interval_ms) : now;
	}
}

/* One that is due, and how late it is, in its own intervals: so everybody's turn comes. */
struct due {
	struct feed *feed;
	double lateness;
};

static int due_compare(const void *a, const void *b)
{
	const struct due *first = a, *second = b;

	if (first->lateness < second->lateness || first->lateness > second->lateness)
		return first->lateness > second->lateness ? -1 : 1;
	return (first->feed->hash > second->feed->hash) - (first->feed->hash < second->feed->hash);
}

static bool may_ask_feed(struct feed *feed, int64_t now)
{
	const struct poller *poller = feed->poller;

	if (feed->failures > 0 && poller->failing_in_flight >= POLLER_FAILING_SLOTS)
		return false;
	/* A folder is everybody's own. */
	if (!feed->ref)
		return true;
	return poller_may_ask(poller, feed->source->context) && feed_allows(feed, SHARE_LISTS, now);
}

/* Those of this pace, or (PACE_MAX) all. */
static void ask_feeds(struct poller *poller, enum pace pace, int64_t now)
{
	VEC(struct due) due = {0};

	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		double late_ms = (double)(now - feed->due_ms + 1);
		if (!feed->under_way && late_ms > 0 && (pace == PACE_MAX || feed->pace == pace))
			vec_push(&due, ((struct due){feed, late_ms / (double)pace_ms(feed->pace)}));
	}
	if (due.len > 1)
		qsort(due.data, due.len, sizeof(*due.data), due_compare);
	for (size_t i = 0; i < due.len && poller->in_flight < POLLER_SLOTS; i++)
		if (may_ask_feed(due.data[i].feed, now))
			poller_ask_feed(poller, due.data[i].feed);
	vec_release(&due);
}

/* ---- the tick ---- */

static void after_sleep(struct poller *poller, int64_t now)
{
	log_write(LOG_INFO, "the machine slept: everything is asked anew");
	if (poller->on_sleep)
		poller->on_sleep(poller->data);
	for (size_t i = 0; i < poller->feeds.len; i++)
		if (!poller->feeds.data[i]->in_round)
			feed_cancel(poller->feeds.data[i]);
	place_all(poller, now);
	poller->surveyed_ms = 0;
}

static void look_at_clocks(struct poller *poller)
{
	struct clocks now = clocks_now();
	struct clock_gap gap = clocks_gap(&poller->looked, &now);

	poller->looked = now;
	if (gap.jump_ms)
		fleet_clock_set(poller->fleet, gap.jump_ms);
	if (gap.slept || gap.stopped)
		for (size_t i = 0; i < poller->feeds.len; i++)
			poller->feeds.data[i]->spans_gap = poller->feeds.data[i]->under_way;
	if (gap.slept)
		after_sleep(poller, now.mono_ms);
}

void poller_tick(void *data)
{
	struct poller *poller = data;

	look_at_clocks(poller);
	int64_t now = poller->looked.mono_ms;
	if (!poller->surveyed_ms || now - poller->surveyed_ms >= SURVEY_MS)
		poller_survey(poller, now);
	/* Not with each key that shows other lines: it is a walk over all. */
	if (now - poller->forgot_ms >= FORGET_MS) {
		poller_forget_details(poller);
		poller->forgot_ms = now;
	}
	for (size_t i = 0; i < poller->purses.len; i++)
		budget_fill(&poller->purses.data[i]->budget, now);
	/* What is looked at is there first, with its details, whatever else waits. */
	ask_feeds(poller, PACE_LIVE, now);
	poller_ask_seen(poller, now);
	ask_feeds(poller, PACE_MAX, now);
	poller_ask_unseen(poller, now);
	ended_look(poller, now);
	members_ask(poller, now);
}

/* ---- the contract ---- */

struct poller *poller_new(const struct poller_options *options)
{
	struct poller *poller = xcalloc(1, sizeof(*poller));
	poller->loop = options->loop;
	poller->fleet = options->fleet;
	poller->budget_default =
		options->budget_per_second > 0 ? options->budget_per_second : BUDGET_DEFAULT;
	poller->timeout_ms = options->timeout_ms;
	poller->on_sleep = options->on_sleep;
	poller->may_ask = options->may_ask;
	poller->data = options->data;
	poller->details = map_new();
	poller->feeds_by_ref = map_new();
	poller->looked = clocks_now();
	/* Other consoles that lost the same network are not to come back together with this one. */
	poller->seed = (uint32_t)poller->looked.wall_ms * 2654435761u;
	poller->endings = map_new();
	return poller;
}

static void clear_visible(struct poller *poller)
{
	for (size_t i = 0; i < poller->visible.len; i++)
		free(poller->visible.data[i]);
	poller->visible.len = 0;
	free(poller->focus);
	poller->focus = NULL;
}

void poller_free(struct poller *poller)
{
	if (!poller)
		return;
	loop_timer_cancel(poller->timer);
	round_release(poller);
	poller_free_details(poller);
	for (size_t i = 0; i < poller->feeds.len; i++) {
		source_poll_cancel(poller->feeds.data[i]->source, poller->feeds.data[i]->under_way);
		members_cancel(poller->feeds.data[i]);
		free(poller->feeds.data[i]->ref);
		free(poller->feeds.data[i]);
	}
	ended_release(poller);
	for (size_t i = 0; i < poller->purses.len; i++) {
		free(poller->purses.data[i]->context);
		free(poller->purses.data[i]);
	}
	map_free(poller->feeds_by_ref);
	vec_release(&poller->feeds);
	vec_release(&poller->purses);
	clear_visible(poller);
	vec_release(&poller->visible);
	others_release(poller);
	free(poller);
}

static struct purse *purse_of(const struct poller *poller, const char *context)
{
	for (size_t i = 0; i < poller->purses.len; i++)
		if (str_eq(poller->purses.data[i]->context, context))
			return poller->purses.data[i];
	return NULL;
}

void poller_budget(
	struct poller *poller, const char *context, int64_t per_second, int64_t per_cluster)
{
	struct purse *purse = xcalloc(1, sizeof(*purse));

	purse->context = xstrdup(context);
	purse->per_cluster = per_cluster;
	budget_init(&purse->budget, per_second, clock_mono_ms());
	vec_push(&poller->purses, purse);
}

void poller_add(struct poller *poller, struct source *source, enum snapshot_kind what)
{
	struct feed *feed = xcalloc(1, sizeof(*feed));
	if (!purse_of(poller, source->context))
		poller_budget(
			poller, source->context, poller->budget_default, poller->budget_default);
	feed->poller = poller;
	feed->source = source;
	feed->what = what;
	feed->purse = purse_of(poller, source->context);
	feed->pace = PACE_SICK;
	feed->lists_alone = LISTS_ALONE;
	feed->hash = str_hash(source->name, poller->seed);
	budget_init(&feed->own, feed->purse->per_cluster, clock_mono_ms());
	vec_push(&poller->feeds, feed);
	if (what != SNAPSHOT_CLUSTER)
		return;
	feed->ref = ref_cluster(source->context, source->name);
	map_put(poller->feeds_by_ref, feed->ref, feed);
}

void poller_limit(struct poller *poller, const struct source *source, int64_t per_second)
{
	char *ref = ref_cluster(source->context, source->name);
	struct feed *feed = map_get(poller->feeds_by_ref, ref);

	free(ref);
	if (feed)
		budget_init(&feed->own, per_second, clock_mono_ms());
}

static void feed_drop(struct poller *poller, struct feed *feed)
{
	feed_cancel(feed);
	members_cancel(feed);
	if (feed->failures > 0)
		poller->failing--;
	if (feed->ref)
		map_del(poller->feeds_by_ref, feed->ref);
	round_feed_gone(poller, feed);
	free(feed->ref);
	free(feed);
}

void poller_remove(struct poller *poller, struct source *source)
{
	poller_drop_details(poller, source);
	for (size_t i = poller->feeds.len; i > 0; i--) {
		struct feed *feed = poller->feeds.data[i - 1];
		if (feed->source != source)
			continue;
		for (size_t k = i; k < poller->feeds.len; k++)
			poller->feeds.data[k - 1] = poller->feeds.data[k];
		poller->feeds.len--;
		feed_drop(poller, feed);
	}
}

void poller_begin(struct poller *poller)
{
	place_all(poller, clock_mono_ms());
	poller->surveyed_ms = 0;
}

void poller_start(struct poller *poller)
{
	poller->looked = clocks_now();
	poller_survey(poller, poller->looked.mono_ms);
	place_all(poller, poller->looked.mono_ms);
	poller->surveyed_ms = 0;
	if (!poller->timer)
		poller->timer = loop_timer(poller->loop, 0, TICK_MS, poller_tick, poller);
}

void poller_show(struct poller *poller, const char *const *refs, size_t count, const char *focus)
{
	clear_visible(poller);
	for (size_t i = 0; i < count; i++)
		vec_push(&poller->visible, xstrdup(refs[i]));
	poller->focus = xstrdup_null(focus);
	poller->surveyed_ms = 0;
}

void poller_refresh(struct poller *poller)
{
	int64_t now = clock_mono_ms();

	poller_survey(poller, now);
	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		/* What is looked at as if it were long overdue. */
		int64_t due_ms = feed->pace == PACE_LIVE ? now - REFRESH_AHEAD_MS : now;
		if (due_ms < feed->due_ms)
			feed->due_ms = due_ms;
		feed->lists_alone = LISTS_ALONE;
	}
	map_each (entry, poller->details) {
		struct detail *detail = map_value(entry);
		detail->asked_ms = 0;
		detail->since_ms = now;
	}
	map_each (entry, poller->endings)
		((struct ending *)map_value(entry))->due_ms = 0;
}

struct poller_stats poller_stats(const struct poller *poller)
{
	struct poller_stats stats = {
		.interval_ms = pace_ms(PACE_CALM),
		.live_ms = pace_ms(PACE_LIVE),
		.in_flight = poller->in_flight,
		.failing = poller->failing,
	};
	double most = 1;

	for (size_t i = 0; i < poller->purses.len; i++) {
		struct budget *budget = &poller->purses.data[i]->budget;
		double stretch = budget_stretch(budget, SHARE_LISTS);

		budget_fill(budget, clock_mono_ms());
		stats.budget_per_second += budget->per_second;
		stats.spent_per_second += budget_spent(budget);
		most = stretch > most ? stretch : most;
	}
	stats.is_stretched = most > 1;
	stats.interval_ms = (int64_t)((double)stats.interval_ms * most);
	stats.live_ms = (int64_t)((double)stats.live_ms * most);
	return stats;
}
