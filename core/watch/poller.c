/*
 * One tick each 100 ms picks what is due. A feed is a source with what it is asked; a detail is a
 * job whose row or card somebody looks at. The budget is a bucket of requests that fills by the
 * second; feeds come first, then the card in front, then moving and sick jobs, then what is
 * visible.
 *
 * Each feed's phase is a hash of its name, so a sweep is spread over the interval. A feed whose
 * last poll failed waits 2 s, 4 s ... up to 60 s with jitter, and all of those together get at most
 * a quarter of the slots. Nothing here judges an answer: that is fleet_apply()'s part.
 */
#include "core/watch/poller.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/watch/poller_internal.h"

#define TICK_MS 100
#define SLOTS 64
#define FAILING_SLOTS (SLOTS / 4)
#define BUDGET_DEFAULT 200

static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261u;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

/* How often a feed is asked while it answers; stretched so that all feeds fit into half of the
 * budget. */
static int64_t interval_of(const struct poller *poller, const struct feed *feed)
{
	if (feed->what == SNAPSHOT_WORKSPACE)
		return WORKSPACE_INTERVAL_MS;
	int64_t spread_ms = poller->feed_cost * 1000 / (poller->budget_per_second / 2 + 1);
	return spread_ms > CLUSTER_INTERVAL_MS ? spread_ms : CLUSTER_INTERVAL_MS;
}

static int64_t backoff_of(const struct poller *poller, const struct feed *feed)
{
	int shift = feed->failures - 1 < 5 ? feed->failures - 1 : 5;
	int64_t wait_ms = (int64_t)CLUSTER_INTERVAL_MS << shift;
	/* A few that fail cost nothing, and who watches wants to see them come back. */
	int64_t most_ms = poller->failing <= FAILING_SLOTS ? BACKOFF_FEW_MS : BACKOFF_MAX_MS;
	if (wait_ms > most_ms)
		wait_ms = most_ms;
	/* Jitter of a quarter, by name and try, so that a thousand of them do not come back
	 * together. */
	return wait_ms -
		wait_ms / 4 * (hash_of(feed->source->name) / (unsigned)feed->failures % 100) / 100;
}

static void on_feed(void *data, struct snapshot *snapshot)
{
	struct feed *feed = data;
	struct poller *poller = feed->poller;
	int64_t now = clock_mono_ms();
	bool failed = snapshot->err.code != 0;

	feed->under_way = NULL;
	poller->in_flight--;
	if (feed->failures > 0)
		poller->failing--;
	if (feed->is_failing_slot)
		poller->failing_in_flight--;
	feed->is_failing_slot = false;
	feed->failures = failed ? feed->failures + 1 : 0;
	if (failed) {
		poller->failing++;
		if (feed->failures == 1)
			log_write(LOG_WARN, "%s: %s", feed->source->name, snapshot->err.text);
	}
	/* The first miss is checked at once: one lost packet is not an outage. */
	int64_t wait_ms = failed ? (feed->failures == 1 ? FIRST_RETRY_MS : backoff_of(poller, feed))
				 : interval_of(poller, feed);
	/* The next leader takes over any moment, and then much moves. */
	if (snapshot->is_leaderless && feed->failures < LEADER_RETRIES)
		wait_ms = LEADER_RETRY_MS;
	feed->due_ms = now + wait_ms;
	snapshot->mono_ms = now;
	fleet_apply(poller->fleet, snapshot, clock_wall_ms());
	bool answered = !failed;
	snapshot_unref(snapshot);
	round_feed_done(poller, feed, answered);
}

void poller_ask_feed(struct poller *poller, struct feed *feed)
{
	struct poll poll = {.what = feed->what, .timeout_ms = poller->timeout_ms};
	int cost = source_cost(feed->source, &poll);
	poller->tokens -= cost;
	poller->spent += cost;
	poller->in_flight++;
	feed->is_failing_slot = feed->failures > 0;
	if (feed->is_failing_slot)
		poller->failing_in_flight++;
	feed->under_way = source_poll(feed->source, &poll, on_feed, feed);
}

static void on_detail(void *data, struct snapshot *snapshot)
{
	struct detail *detail = data;
	struct poller *poller = detail->poller;
	bool failed = snapshot->err.code != 0;

	detail->under_way = NULL;
	poller->in_flight--;
	detail->failures = failed ? detail->failures + 1 : 0;
	detail->asked_ms = clock_mono_ms();
	if (failed)
		log_write(LOG_DEBUG, "%s: %s", detail->job_ref, snapshot->err.text);
	snapshot->mono_ms = detail->asked_ms;
	fleet_apply(poller->fleet, snapshot, clock_wall_ms());
	snapshot_unref(snapshot);
	round_detail_done(poller, detail, !failed);
}

static struct feed *feed_of(struct poller *poller, const struct cluster *cluster)
{
	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		if (feed->what == SNAPSHOT_CLUSTER && str_eq(feed->source->name, cluster->name) &&
			str_eq(feed->source->context, cluster->context))
			return feed;
	}
	return NULL;
}

struct detail *poller_detail_of(struct poller *poller, const struct job *job)
{
	struct detail *detail = map_get(poller->details, job->ref);
	if (detail)
		return detail;
	struct feed *feed = feed_of(poller, job->cluster);
	if (!feed)
		return NULL;
	detail = xcalloc(1, sizeof(*detail));
	detail->poller = poller;
	detail->source = feed->source;
	detail->job_ref = xstrdup(job->ref);
	map_put(poller->details, job->ref, detail);
	return detail;
}

void poller_ask_detail(
	struct poller *poller, struct detail *detail, const struct job *job, unsigned parts)
{
	struct poll poll = {.what = SNAPSHOT_JOB,
		.job_id = job->summary.id,
		.parts = parts,
		.timeout_ms = poller->timeout_ms};
	int cost = source_cost(detail->source, &poll);
	poller->tokens -= cost;
	poller->spent += cost;
	poller->in_flight++;
	detail->under_way = source_poll(detail->source, &poll, on_detail, detail);
}

static void detail_free(struct detail *detail)
{
	source_poll_cancel(detail->source, detail->under_way);
	free(detail->job_ref);
	free(detail);
}

/* Asks for the details of one application when they are older than `max_age_ms`. */
static void want_detail(struct poller *poller, const struct app *app, unsigned parts,
	int64_t max_age_ms, int64_t now)
{
	if (!app || !app->job || app->job->missing_ms || !app->cluster || app->cluster->misses)
		return;
	if (poller->tokens <= 0 || poller->in_flight >= SLOTS)
		return;
	const struct job *job = app->job;
	struct detail *detail = poller_detail_of(poller, job);
	if (!detail || detail->under_way)
		return;
	/* What ended changes no more: once is enough. */
	bool ended = job_status_is_terminal(job->summary.status);
	bool fresh = detail->asked_ms > 0 && now - detail->asked_ms < max_age_ms;
	bool known = (detail->parts & parts) == parts && detail->failures == 0;
	if (ended && known && detail->status == job->summary.status)
		return;
	if (fresh && (known || detail->failures > 0) &&
		(detail->status == job->summary.status || detail->failures > 0))
		return;
	detail->parts = parts;
	detail->status = job->summary.status;
	poller_ask_detail(poller, detail, job, parts);
}

/* A JobManager remembers ten checkpoints: asked again when half of those are new. */
static int64_t recorded_age_ms(const struct job *job)
{
	const struct checkpoint_stats *stats =
		job->detail && (job->detail->detail.parts & JOB_PART_CHECKPOINTS)
		? &job->detail->detail.checkpoints
		: NULL;
	int64_t age_ms = RECORDED_AGE_MAX_MS;

	if (stats && stats->history_count > 1)
		age_ms = (stats->history[0].trigger_ms -
				 stats->history[stats->history_count - 1].trigger_ms) *
			5 / (int64_t)(stats->history_count - 1);
	if (age_ms > RECORDED_AGE_MAX_MS)
		return RECORDED_AGE_MAX_MS;
	return age_ms < RECORDED_AGE_MIN_MS ? RECORDED_AGE_MIN_MS : age_ms;
}

/* Only of what the budget leaves over. */
static void ask_recorded(struct poller *poller, const struct app *app, int64_t now)
{
	if (app->job && app->job->detail_ms &&
		poller->tokens > (double)poller->budget_per_second / 2)
		want_detail(poller, app, JOB_PARTS_ROW, recorded_age_ms(app->job), now);
}

static void ask_details(struct poller *poller, int64_t now)
{
	if (poller->focus)
		want_detail(poller, fleet_app(poller->fleet, poller->focus), JOB_PARTS_ALL,
			FOCUS_AGE_MS, now);
	for (size_t i = 0; i < poller->visible.len; i++) {
		const struct app *app = fleet_app(poller->fleet, poller->visible.data[i]);
		bool hurry =
			app && (app_state_is_moving(app->state) || app_state_is_sick(app->state));
		if (app && !str_eq(app->ref, poller->focus))
			want_detail(poller, app, JOB_PARTS_ROW,
				hurry ? SICK_AGE_MS : VISIBLE_AGE_MS, now);
	}
	/* Moving and sick ones that nobody looks at: a few a tick, in turn. */
	size_t count;
	struct app *const *apps = fleet_apps(poller->fleet, &count);
	for (size_t i = 0; count && i < 64; i++) {
		const struct app *app = apps[poller->sick_cursor++ % count];
		if (app->state == STATE_RUNNING
				? app->job && !app->job->detail_ms
				: app_state_is_moving(app->state) || app_state_is_sick(app->state))
			want_detail(poller, app, JOB_PARTS_ROW, UNSEEN_AGE_MS, now);
		else if (app->state == STATE_RUNNING)
			ask_recorded(poller, app, now);
	}
}

/* Details of jobs that the fleet dropped are dropped too. */
static void forget_details(struct poller *poller)
{
	map_each (entry, poller->details) {
		struct detail *detail = map_value(entry);
		if (detail->under_way || fleet_job(poller->fleet, detail->job_ref))
			continue;
		map_del(poller->details, detail->job_ref);
		detail_free(detail);
	}
}

void poller_refill(struct poller *poller, int64_t now)
{
	int64_t passed_ms = now - poller->refilled_ms;
	/* A laptop that slept wakes with one second's worth, not with an hour's. */
	if (passed_ms > 1000)
		passed_ms = 1000;
	poller->refilled_ms = now;
	poller->tokens += (double)poller->budget_per_second * (double)passed_ms / 1000;
	if (poller->tokens > (double)poller->budget_per_second)
		poller->tokens = (double)poller->budget_per_second;
	if (now - poller->second_ms >= 1000) {
		poller->spent_last = poller->spent * 1000 / (now - poller->second_ms);
		poller->spent = 0;
		poller->second_ms = now;
		forget_details(poller);
	}
}

static void tick(void *data)
{
	struct poller *poller = data;
	int64_t now = clock_mono_ms();

	poller_refill(poller, now);
	for (size_t n = 0; n < poller->feeds.len; n++) {
		struct feed *feed =
			poller->feeds.data[(poller->feed_cursor + n) % poller->feeds.len];
		if (feed->under_way || now < feed->due_ms)
			continue;
		if (poller->tokens <= 0 || poller->in_flight >= SLOTS) {
			/* The next tick goes on here, so that none starves. */
			poller->feed_cursor = (poller->feed_cursor + n) % poller->feeds.len;
			return;
		}
		if (feed->failures > 0 && poller->failing_in_flight >= FAILING_SLOTS)
			continue;
		poller_ask_feed(poller, feed);
	}
	ask_details(poller, now);
}

struct poller *poller_new(const struct poller_options *options)
{
	struct poller *poller = xcalloc(1, sizeof(*poller));
	poller->loop = options->loop;
	poller->fleet = options->fleet;
	poller->budget_per_second =
		options->budget_per_second > 0 ? options->budget_per_second : BUDGET_DEFAULT;
	poller->timeout_ms = options->timeout_ms;
	poller->details = map_new();
	poller->refilled_ms = poller->second_ms = clock_mono_ms();
	poller->tokens = (double)poller->budget_per_second;
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
	for (size_t i = 0; i < poller->feeds.len; i++) {
		source_poll_cancel(poller->feeds.data[i]->source, poller->feeds.data[i]->under_way);
		free(poller->feeds.data[i]);
	}
	map_each (entry, poller->details)
		detail_free(map_value(entry));
	map_free(poller->details);
	vec_release(&poller->feeds);
	clear_visible(poller);
	vec_release(&poller->visible);
	free(poller);
}

void poller_add(struct poller *poller, struct source *source, enum snapshot_kind what)
{
	struct feed *feed = xcalloc(1, sizeof(*feed));
	feed->poller = poller;
	feed->source = source;
	feed->what = what;
	vec_push(&poller->feeds, feed);
	poller->feed_cost += source_cost(source, &(struct poll){.what = what});
}

static void feed_drop(struct poller *poller, struct feed *feed)
{
	if (feed->under_way) {
		source_poll_cancel(feed->source, feed->under_way);
		poller->in_flight--;
		if (feed->is_failing_slot)
			poller->failing_in_flight--;
	}
	if (feed->failures > 0)
		poller->failing--;
	poller->feed_cost -= source_cost(feed->source, &(struct poll){.what = feed->what});
	round_feed_gone(poller, feed);
	free(feed);
}

void poller_remove(struct poller *poller, struct source *source)
{
	map_each (entry, poller->details) {
		struct detail *detail = map_value(entry);
		/* One that a round waits for ends by itself. */
		if (detail->source != source || detail->in_round)
			continue;
		if (detail->under_way)
			poller->in_flight--;
		map_del(poller->details, detail->job_ref);
		detail_free(detail);
	}
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

void poller_start(struct poller *poller)
{
	int64_t now = clock_mono_ms();
	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		/* A few are asked at once; a fleet of thousands is spread over its interval from
		 * the start. */
		bool is_large = poller->feeds.len > SLOTS;
		feed->due_ms = is_large
			? now + hash_of(feed->source->name) % interval_of(poller, feed)
			: now;
	}
	if (!poller->timer)
		poller->timer = loop_timer(poller->loop, 0, TICK_MS, tick, poller);
}

void poller_show(struct poller *poller, const char *const *refs, size_t count, const char *focus)
{
	clear_visible(poller);
	for (size_t i = 0; i < count; i++)
		vec_push(&poller->visible, xstrdup(refs[i]));
	poller->focus = xstrdup_null(focus);
}

void poller_refresh(struct poller *poller)
{
	for (size_t i = 0; i < poller->feeds.len; i++)
		poller->feeds.data[i]->due_ms = 0;
	map_each (entry, poller->details)
		((struct detail *)map_value(entry))->asked_ms = 0;
}

struct poller_stats poller_stats(const struct poller *poller)
{
	struct poller_stats stats = {
		.budget_per_second = poller->budget_per_second,
		.spent_per_second = poller->spent_last,
		.interval_ms = CLUSTER_INTERVAL_MS,
		.in_flight = poller->in_flight,
		.failing = poller->failing,
	};
	for (size_t i = 0; i < poller->feeds.len; i++)
		if (poller->feeds.data[i]->what == SNAPSHOT_CLUSTER) {
			stats.interval_ms = interval_of(poller, poller->feeds.data[i]);
			break;
		}
	return stats;
}
