/*
 * Who the TaskManagers of a cluster are. Their number comes with each answer of the cluster; the list
 * costs one request, and is asked for when it no longer fits that number, and once a minute, because
 * one may have gone and another have come in between.
 */
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/watch/poller_internal.h"

static void on_members(void *data, struct snapshot *snapshot)
{
	struct feed *feed = data;
	struct poller *poller = feed->poller;

	feed->members = NULL;
	poller->in_flight--;
	if (snapshot->err.code)
		log_write(LOG_DEBUG, "%s: %s", feed->source->name, snapshot->err.text);
	snapshot->mono_ms = clock_mono_ms();
	fleet_apply(poller->fleet, snapshot, clock_wall_ms());
	snapshot_unref(snapshot);
}

void members_cancel(struct feed *feed)
{
	if (!feed->members)
		return;
	source_poll_cancel(feed->source, feed->members);
	feed->members = NULL;
	feed->poller->in_flight--;
}

static bool is_due(const struct feed *feed, int64_t now)
{
	const struct cluster *cluster = fleet_cluster(feed->poller->fleet, feed->ref);
	int64_t age_ms = feed->members_ms ? now - feed->members_ms : MEMBERS_EVERY_MS;

	if (!cluster || !cluster->has_answered || cluster->misses ||
		cluster->status.taskmanagers < 0)
		return false;
	if (cluster->taskmanagers &&
		(int)cluster->taskmanager_count != cluster->status.taskmanagers)
		return age_ms >= MEMBERS_AGAIN_MS;
	/* Nothing is left over while others are made to wait. */
	return age_ms >= MEMBERS_EVERY_MS && budget_stretch(&feed->purse->budget, SHARE_LISTS) <= 1;
}

static bool is_allowed(struct feed *feed, int64_t now)
{
	return poller_may_ask(feed->poller, feed->source->context) &&
		feed_allows(feed, SHARE_DETAILS, now);
}

void members_ask(struct poller *poller, int64_t now)
{
	struct poll poll = {.what = SNAPSHOT_TASKMANAGERS, .timeout_ms = poller->timeout_ms};

	for (size_t n = 0; n < poller->feeds.len && n < MEMBERS_A_TICK; n++) {
		struct feed *feed =
			poller->feeds.data[poller->members_cursor++ % poller->feeds.len];

		if (!feed->ref || feed->members || feed->failures ||
			poller->in_flight >= POLLER_SLOTS || !is_due(feed, now) ||
			!is_allowed(feed, now))
			continue;
		feed_spend(feed, SHARE_DETAILS, source_cost(feed->source, &poll));
		poller->in_flight++;
		feed->members_ms = now;
		feed->members = source_poll(feed->source, &poll, on_members, feed);
	}
}
