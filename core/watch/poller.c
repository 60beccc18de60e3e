/*
 * One tick each 100 ms picks what is due. A feed is a source with what it is asked (poller_lists.c); a
 * detail is a job whose row or card somebody looks at (poller_detail.c). How long each waits is
 * schedule.c's word, how urgent it is poller_survey.c's. A tick costs what it asks, not what it
 * knows.
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

#define SURVEY_MS 1000
#define BUDGET_DEFAULT 200

static struct clocks clocks_now(void)
{
	return (struct clocks){clock_wall_ms(), clock_mono_ms(), clock_awake_ms()};
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
	lists_place(poller, now);
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
	poller_forget_details(poller);
	if (!poller->surveyed_ms || now - poller->surveyed_ms >= SURVEY_MS)
		poller_survey(poller, now);
	else if (poller->shows_other)
		poller_survey_seen(poller, now);
	for (size_t i = 0; i < poller->purses.len; i++)
		budget_fill(&poller->purses.data[i]->budget, now);
	/* What is looked at is there first, with its details, whatever else waits. */
	lists_ask(poller, PACE_LIVE, now);
	poller_ask_seen(poller, now);
	lists_ask(poller, PACE_CALM, now);
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
	poller->details = map_new_of_borrowed();
	poller->feeds_by_ref = map_new_of_borrowed();
	poller->looked = clocks_now();
	due_line_init(&poller->folders, pace_ms(PACE_SICK), poller->looked.mono_ms);
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
	for (size_t i = 0; i < poller->purses.len; i++)
		purse_free(poller->purses.data[i]);
	due_line_release(&poller->folders);
	wants_release(poller);
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
	purse_init(purse, per_second, clock_mono_ms());
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
	budget_init(&feed->own, feed->purse->per_cluster, clock_mono_ms());
	vec_push(&poller->feeds, feed);
	if (what == SNAPSHOT_CLUSTER) {
		feed->ref = ref_cluster(source->context, source->name);
		map_put(poller->feeds_by_ref, feed->ref, feed);
	}
	lists_add(feed, clock_mono_ms());
}

void poller_limit(struct poller *poller, const struct source *source, int64_t per_second)
{
	char *ref = ref_cluster(source->context, source->name);
	struct feed *feed = map_get(poller->feeds_by_ref, ref);

	free(ref);
	if (feed)
		budget_limit(&feed->own, per_second, clock_mono_ms());
}

bool poller_spend(struct poller *poller, const struct source *source, int requests)
{
	char *ref = ref_cluster(source->context, source->name);
	struct feed *feed = map_get(poller->feeds_by_ref, ref);

	free(ref);
	if (!feed)
		return true;
	if (feed->failures || !feed_allows(feed, SHARE_DETAILS, clock_mono_ms()))
		return false;
	feed_spend(feed, SHARE_DETAILS, requests);
	return true;
}

static void feed_drop(struct poller *poller, struct feed *feed)
{
	lists_drop(feed);
	members_cancel(feed);
	if (feed->ref)
		map_del(poller->feeds_by_ref, feed->ref);
	round_feed_gone(poller, feed);
	free(feed->ref);
	free(feed);
}

void poller_remove(struct poller *poller, struct source *source)
{
	wants_clear(poller);
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
	lists_place(poller, clock_mono_ms());
	poller->surveyed_ms = 0;
}

void poller_start(struct poller *poller)
{
	poller->looked = clocks_now();
	poller_survey(poller, poller->looked.mono_ms);
	lists_place(poller, poller->looked.mono_ms);
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
	poller->shows_other = true;
}

void poller_refresh(struct poller *poller)
{
	int64_t now = clock_mono_ms();

	poller_survey(poller, now);
	lists_hurry(poller, now);
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
	double most = 1, live = 1;

	for (size_t i = 0; i < poller->purses.len; i++) {
		struct budget *budget = &poller->purses.data[i]->budget;
		double stretch = budget_stretch(budget, SHARE_LISTS);
		double live_stretch = budget_stretch_live(budget);

		budget_fill(budget, clock_mono_ms());
		stats.budget_per_second += budget->per_second;
		stats.spent_per_second += budget_spent(budget);
		most = stretch > most ? stretch : most;
		live = live_stretch > live ? live_stretch : live;
	}
	stats.is_stretched = most > 1;
	stats.interval_ms = (int64_t)((double)stats.interval_ms * most);
	stats.live_ms = (int64_t)((double)stats.live_ms * live);
	return stats;
}
