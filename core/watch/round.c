/*
 * One round for the command line: every source once (one that did not answer: once more, so that
 * UNREACHABLE rests on two polls), then the details of what will be printed, within the budget.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/map.h"
#include "core/watch/poller_internal.h"

#define ROUND_DETAILS_AT_ONCE 32
#define ROUND_PAUSE_MS 50

static void finish(void *data)
{
	struct poller *poller = data;
	struct round_state *round = &poller->round;
	if (!round->is_on)
		return;
	struct poller_round spec = round->spec;
	int asked = round->asked, answered = round->answered;
	round_release(poller);
	spec.done(spec.data, asked, answered);
}

void round_release(struct poller *poller)
{
	loop_timer_cancel(poller->round.deadline);
	loop_timer_cancel(poller->round.pause);
	memset(&poller->round, 0, sizeof(poller->round));
	for (size_t i = 0; i < poller->feeds.len; i++)
		poller->feeds.data[i]->in_round = false;
	map_each (entry, poller->details)
		((struct detail *)map_value(entry))->was_in_round = false;
	map_each (entry, poller->endings) {
		struct ending *ending = map_value(entry);
		ending->in_round = ending->was_in_round = false;
	}
}

static void ask_next_details(struct poller *poller);

static void on_pause(void *data)
{
	struct poller *poller = data;
	loop_timer_cancel(poller->round.pause);
	poller->round.pause = NULL;
	poller->round.next_app = 0;
	poller->round.has_skipped = false;
	ask_next_details(poller);
}

static void ask_next_details(struct poller *poller)
{
	struct round_state *round = &poller->round;
	size_t count;
	struct app *const *apps = fleet_apps(poller->fleet, &count);
	while (round->details_left < ROUND_DETAILS_AT_ONCE && round->next_app < count) {
		const struct app *app = apps[round->next_app++];
		const struct job *job = app->job;
		if (round->spec.wanted(round->spec.data, app) && ended_ask_in_round(poller, app)) {
			round->details_left++;
			continue;
		}
		if (!job || job->missing_ms || !job->cluster->has_answered ||
			job->cluster->misses || !round->spec.wanted(round->spec.data, app))
			continue;
		struct detail *detail = poller_detail_of(poller, job);
		if (!detail || detail->under_way || detail->was_in_round)
			continue;
		/* What is spent for one cluster does not hold up the others. */
		if (!feed_allows(detail->feed, SHARE_DETAILS, clock_mono_ms())) {
			round->has_skipped = true;
			continue;
		}
		detail->in_round = detail->was_in_round = true;
		round->details_left++;
		poller_ask_detail(poller, detail, job, round->spec.parts, false);
	}
	if (round->next_app >= count && round->has_skipped && !round->pause)
		round->pause = loop_timer(poller->loop, ROUND_PAUSE_MS, 0, on_pause, poller);
	if (round->details_left == 0 && !round->pause)
		finish(poller);
}

static void feeds_done(struct poller *poller)
{
	if (poller->round.spec.details)
		ask_next_details(poller);
	else
		finish(poller);
}

void round_feed_done(struct poller *poller, struct feed *feed, bool answered)
{
	struct round_state *round = &poller->round;
	if (!round->is_on || !feed->in_round)
		return;
	if (!answered && feed->failures < MISSED_POLLS && feed->what == SNAPSHOT_CLUSTER) {
		poller_ask_feed(poller, feed);
		return;
	}
	/* One answer without a job is a doubt, two are LOST: who asks once wants to know. */
	if (answered && !feed->was_doubtful && feed->is_doubtful) {
		feed->was_doubtful = true;
		poller_ask_feed(poller, feed);
		return;
	}
	feed->was_doubtful = false;
	feed->in_round = false;
	/* A workspace that was read is no answer of the fleet; one that was not is missing. */
	if (feed->what == SNAPSHOT_CLUSTER || !answered)
		round->asked++;
	if (feed->what == SNAPSHOT_CLUSTER)
		round->answered += answered;
	if (--round->feeds_left == 0)
		feeds_done(poller);
}

void round_feed_gone(struct poller *poller, struct feed *feed)
{
	struct round_state *round = &poller->round;

	if (round->is_on && feed->in_round && --round->feeds_left == 0)
		feeds_done(poller);
}

void round_detail_done(struct poller *poller, struct detail *detail)
{
	struct round_state *round = &poller->round;

	if (!round->is_on || !detail->in_round)
		return;
	detail->in_round = false;
	round->details_left--;
	ask_next_details(poller);
}

void round_ending_done(struct poller *poller)
{
	if (!poller->round.is_on)
		return;
	poller->round.details_left--;
	ask_next_details(poller);
}

/* The deadline: who has not answered by now has not answered. */
static void on_deadline(void *data)
{
	struct poller *poller = data;
	struct round_state *round = &poller->round;
	for (size_t i = 0; i < poller->feeds.len; i++)
		if (poller->feeds.data[i]->in_round &&
			poller->feeds.data[i]->what == SNAPSHOT_CLUSTER)
			round->asked++;
	finish(poller);
}

static void start_feeds(void *data)
{
	struct poller *poller = data;
	int left = poller->round.feeds_left;
	for (size_t i = 0; i < poller->feeds.len; i++)
		if (poller->feeds.data[i]->in_round)
			poller_ask_feed(poller, poller->feeds.data[i]);
	if (left == 0)
		feeds_done(poller);
}

void poller_round(struct poller *poller, const struct poller_round *spec)
{
	struct round_state *round = &poller->round;
	round->spec = *spec;
	round->is_on = true;
	round->feeds_left = 0;
	for (size_t i = 0; i < poller->feeds.len; i++) {
		struct feed *feed = poller->feeds.data[i];
		feed->in_round = (!spec->local_only || feed->what == SNAPSHOT_WORKSPACE) &&
			(!spec->asks || spec->asks(spec->data, feed->source));
		round->feeds_left += feed->in_round;
	}
	round->deadline = loop_timer(poller->loop, spec->deadline_ms, 0, on_deadline, poller);
	loop_defer(poller->loop, start_feeds, poller);
}
