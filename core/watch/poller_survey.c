/*
 * How urgent is each cluster, how much is wanted of each and of all. Two lists hold what is wanted more
 * than the calm rest: what moves or is sick, looked over once a second, and what is on a screen, also
 * when somebody looks elsewhere. Each is made anew as a whole, so that nothing is wanted for ever; only
 * who was on it or is now has another pace, so a survey costs no more than these, however many are
 * well.
 */
#include "core/base/clock.h"
#include "core/base/map.h"
#include "core/watch/poller_internal.h"

/* What moves or is sick for longer is no news any more: its list is asked as seldom as the rest. */
#define NEWS_MS 60000

static struct feed *feed_at(const struct poller *poller, const struct cluster *cluster)
{
	return cluster ? map_get(poller->feeds_by_ref, cluster->ref) : NULL;
}

static void hurry(struct poller *poller, enum wanted by, struct feed *feed, enum pace pace)
{
	if (!feed || pace >= feed->paces[by])
		return;
	if (feed->paces[by] == PACE_CALM)
		vec_push(&poller->wants[by].feeds, feed);
	feed->paces[by] = pace;
}

/* Wanted for several reasons it is asked for once, for the one that is the most urgent. */
static void detail_settle(struct detail *detail, int64_t now)
{
	const double *by = detail->demands;
	double most = by[0] > by[1] ? by[0] : by[1];

	if (most == detail->demand)
		return;
	feed_add_demand(detail->feed, SHARE_DETAILS, most - detail->demand, now);
	detail->demand = most;
}

static void add_detail(struct poller *poller, enum wanted by, const struct app *app, unsigned parts,
	int64_t every_ms)
{
	struct poll poll = {.what = SNAPSHOT_JOB, .parts = parts};
	struct detail *detail;
	double per_second;

	if (!app->job || app->job->missing_ms || !app->cluster || app->cluster->misses)
		return;
	detail = poller_detail_of(poller, app->job);
	if (!detail || (!detail->under_way && !detail_is_wanted(detail, app, parts)))
		return;
	per_second = source_cost(detail->source, &poll) * 1000.0 / (double)every_ms;
	if (per_second <= detail->demands[by])
		return;
	if (detail->demands[by] <= 0)
		vec_push(&poller->wants[by].details, detail);
	detail->demands[by] = per_second;
}

static void see(struct poller *poller, const char *ref, unsigned parts, int64_t every_ms)
{
	const struct app *app = fleet_app(poller->fleet, ref);

	if (!app) {
		hurry(poller, WANTED_SEEN, feed_at(poller, fleet_cluster(poller->fleet, ref)),
			PACE_LIVE);
		return;
	}
	hurry(poller, WANTED_SEEN, feed_at(poller, app->cluster), PACE_LIVE);
	add_detail(poller, WANTED_SEEN, app, parts, every_ms);
}

static void add_seen(struct poller *poller)
{
	const struct others *others;

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
}

/* Nothing moves there any more, however sick it is. */
static bool has_ended(const struct app *app)
{
	return app->job && !app->job->missing_ms &&
		job_status_is_terminal(app->job->summary.status);
}

/* Seen first in that state it may be long in it; and what restarts in circles changes all the time. */
static bool is_news(const struct app *app, int64_t wall_ms)
{
	int64_t since_ms = app->state_since_ms;

	if (!since_ms && app->job)
		since_ms = app->job->summary.start_ms;
	return wall_ms - since_ms < NEWS_MS;
}

static void add_urgent(struct poller *poller)
{
	size_t count;
	struct app *const *apps = fleet_urgent_apps(poller->fleet, &count);

	for (size_t i = 0; i < count; i++) {
		bool moves = app_state_is_moving(apps[i]->state);
		if (is_news(apps[i], poller->looked.wall_ms) && (moves || !has_ended(apps[i])))
			hurry(poller, WANTED_URGENT, feed_at(poller, apps[i]->cluster),
				moves ? PACE_LIVE : PACE_SICK);
		add_detail(poller, WANTED_URGENT, apps[i], JOB_PARTS_ROW, UNSEEN_AGE_MS);
	}
}

static void settle(const struct wants *wants, int64_t now)
{
	for (size_t i = 0; i < wants->feeds.len; i++)
		feed_settle(wants->feeds.data[i], now);
	for (size_t i = 0; i < wants->details.len; i++)
		detail_settle(wants->details.data[i], now);
}

/* Who was wanted is settled only when it is known who is now: most are the same. */
static struct wants take(struct poller *poller, enum wanted by)
{
	struct wants former = poller->wants[by];

	poller->wants[by] = (struct wants){0};
	for (size_t i = 0; i < former.feeds.len; i++)
		former.feeds.data[i]->paces[by] = PACE_CALM;
	for (size_t i = 0; i < former.details.len; i++)
		former.details.data[i]->demands[by] = 0;
	return former;
}

static void release(struct wants *wants)
{
	vec_release(&wants->feeds);
	vec_release(&wants->details);
}

static void survey(struct poller *poller, enum wanted by, void (*add)(struct poller *), int64_t now)
{
	struct wants former = take(poller, by);

	add(poller);
	settle(&former, now);
	settle(&poller->wants[by], now);
	release(&former);
}

void poller_survey_seen(struct poller *poller, int64_t now)
{
	poller->shows_other = false;
	survey(poller, WANTED_SEEN, add_seen, now);
	for (size_t i = 0; i < poller->wants[WANTED_SEEN].feeds.len; i++)
		feed_tell(poller->wants[WANTED_SEEN].feeds.data[i], now);
}

void poller_survey(struct poller *poller, int64_t now)
{
	poller->surveyed_ms = now;
	poller->has_surveyed = true;
	survey(poller, WANTED_URGENT, add_urgent, now);
	poller_survey_seen(poller, now);
}

void wants_clear(struct poller *poller)
{
	for (int by = 0; by < WANTED_MAX; by++) {
		struct wants former = take(poller, (enum wanted)by);
		settle(&former, clock_mono_ms());
		release(&former);
	}
	poller->surveyed_ms = 0;
}

void wants_release(struct poller *poller)
{
	for (int by = 0; by < WANTED_MAX; by++)
		release(&poller->wants[by]);
}
