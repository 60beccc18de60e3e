/*
 * Once a second, and when somebody looks elsewhere: how urgent is each cluster, how much is wanted
 * of each and of all, and how long is everybody made to wait for that. A list waits no longer than
 * its new place in it says.
 */
#include "core/base/map.h"
#include "core/watch/poller_internal.h"

static struct feed *feed_at(const struct poller *poller, const struct cluster *cluster)
{
	return cluster ? map_get(poller->feeds_by_ref, cluster->ref) : NULL;
}

/* Of one list; where it is calm, of most. */
static double list_cost(const struct feed *feed)
{
	struct poll poll = {.what = feed->what};
	int whole = source_cost(feed->source, &poll);

	if (feed->pace != PACE_CALM || feed->failures)
		return whole;
	poll.jobs_only = true;
	return (double)(LISTS_ALONE * source_cost(feed->source, &poll) + whole) / (LISTS_ALONE + 1);
}

static void hurry(struct feed *feed, enum pace pace)
{
	if (feed && pace < feed->pace)
		feed->pace = pace;
}

static void add_demand(struct feed *feed, enum share share, double per_second)
{
	feed->own.demand[share] += per_second;
	feed->purse->budget.demand[share] += per_second;
}

/* Wanted for several reasons it is asked for once, for the one that is the most urgent. */
static void add_detail(
	struct poller *poller, const struct app *app, unsigned parts, int64_t every_ms)
{
	struct detail *detail;
	double per_second;

	if (!app->job || app->job->missing_ms || !app->cluster || app->cluster->misses)
		return;
	detail = poller_detail_of(poller, app->job);
	if (!detail || (!detail->under_way && !detail_is_wanted(detail, app, parts)))
		return;
	if (detail->surveys != poller->surveys)
		detail->demand = 0;
	detail->surveys = poller->surveys;
	per_second =
		source_cost(detail->source, &(struct poll){.what = SNAPSHOT_JOB, .parts = parts}) *
		1000.0 / (double)every_ms;
	if (per_second <= detail->demand)
		return;
	add_demand(detail->feed, SHARE_DETAILS, per_second - detail->demand);
	detail->demand = per_second;
}

static void see(struct poller *poller, const char *ref, unsigned parts, int64_t every_ms)
{
	const struct app *app = fleet_app(poller->fleet, ref);

	if (!app) {
		hurry(feed_at(poller, fleet_cluster(poller->fleet, ref)), PACE_LIVE);
		return;
	}
	hurry(feed_at(poller, app->cluster), PACE_LIVE);
	add_detail(poller, app, parts, every_ms);
}

/* Nothing is known of how often it is asked when it was never asked. */
static void tell(struct poller *poller, struct feed *feed)
{
	struct polling polling = {.interval_ms = feed_wait_ms(feed),
		.per_second = budget_spent(&feed->own),
		.allowed_per_second = feed->own.per_second};

	fleet_set_polling(poller->fleet, feed->ref, &polling);
}

static void begin(struct poller *poller, int64_t now)
{
	for (size_t i = 0; i < poller->purses.len; i++) {
		struct budget *budget = &poller->purses.data[i]->budget;
		budget_fill(budget, now);
		budget->demand[SHARE_LISTS] = budget->demand[SHARE_DETAILS] = 0;
	}
	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		budget_fill(&feed->own, now);
		feed->own.demand[SHARE_LISTS] = feed->own.demand[SHARE_DETAILS] = 0;
		feed->pace = feed->ref ? PACE_CALM : PACE_SICK;
	}
}

void poller_survey(struct poller *poller, int64_t now)
{
	size_t count;
	struct app *const *apps = fleet_apps(poller->fleet, &count);
	const struct others *others;

	poller->surveyed_ms = now;
	poller->surveys++;
	begin(poller, now);
	for (size_t i = 0; i < count; i++) {
		bool moves = app_state_is_moving(apps[i]->state);
		if (!moves && !app_state_is_sick(apps[i]->state))
			continue;
		hurry(feed_at(poller, apps[i]->cluster), moves ? PACE_LIVE : PACE_SICK);
		add_detail(poller, apps[i], JOB_PARTS_ROW, UNSEEN_AGE_MS);
	}
	/* A job that one answer did not list: the next one decides. */
	struct cluster *const *clusters = fleet_clusters(poller->fleet, &count);
	for (size_t i = 0; i < count; i++)
		if (clusters[i]->doubtful_jobs > 0)
			hurry(feed_at(poller, clusters[i]), PACE_LIVE);
	for (size_t i = 0; i < poller->visible.len; i++)
		see(poller, poller->visible.data[i], JOB_PARTS_ROW, VISIBLE_AGE_MS);
	if (poller->focus)
		see(poller, poller->focus, JOB_PARTS_ALL, FOCUS_AGE_MS);
	vec_each (others, &poller->others) {
		for (size_t i = 0; i < others->refs.len; i++)
			see(poller, others->refs.data[i], JOB_PARTS_ROW, VISIBLE_AGE_MS);
		for (size_t i = 0; i < others->focus.len; i++)
			see(poller, others->focus.data[i], JOB_PARTS_ALL, FOCUS_AGE_MS);
	}
	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		int64_t every_ms = feed->failures > 1 ? feed_wait_ms(feed) : pace_ms(feed->pace);
		if (feed->ref)
			add_demand(feed, SHARE_LISTS, list_cost(feed) * 1000.0 / (double)every_ms);
	}
	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		int64_t due_ms = feed->ended_ms   ? feed->ended_ms + feed_wait_ms(feed)
			: feed->pace == PACE_LIVE ? now
						  : feed->due_ms;
		if (due_ms < feed->due_ms)
			feed->due_ms = due_ms;
		if (feed->ref)
			tell(poller, feed);
	}
}
