/*
 * How far behind sources are, where a job is looked at: one request besides its details, at most each
 * ten seconds (Flink's metrics are no newer), of one of its sources, in turn. Sources that do not tell
 * are left alone for ten minutes. Where jobs are looked for by it, those that nobody looks at are asked each
 * minute, right after what says which sources they have, for that is not kept of them.
 */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/watch/poller_internal.h"

#define LAG_EVERY_MS 10000
#define LAG_QUIET_MS 600000
#define LAG_SOUGHT_EVERY_MS 60000

static size_t source_count(const struct job_detail *detail)
{
	size_t count = 0;

	for (size_t i = 0; i < detail->vertex_count; i++)
		count += detail->vertices[i].is_source;
	return count;
}

void lag_pick(struct detail *detail, const struct job *job, int64_t now, struct poll *poll)
{
	const struct job_detail *told = job->detail ? &job->detail->detail : NULL;
	size_t count = told && (told->parts & JOB_PART_VERTICES) ? source_count(told) : 0, nth = 0;

	if (!count || job->summary.status != JOB_RUNNING || now < detail->lag_due_ms)
		return;
	for (size_t i = 0; i < told->vertex_count; i++) {
		const struct vertex *vertex = &told->vertices[i];

		if (!vertex->is_source || nth++ != detail->lag_turn % count)
			continue;
		poll->parts |= JOB_PART_LAG;
		poll->vertex_id = vertex->id;
		poll->vertex_name = vertex->name;
	}
	detail->lag_sources = count;
	detail->lag_turn++;
	detail->lag_due_ms = now + LAG_EVERY_MS;
}

void lag_told(struct detail *detail, const struct job_detail *told, int64_t now)
{
	bool has_told =
		(told->parts & JOB_PART_LAG) && (told->lag_records >= 0 || told->lag_ms >= 0);

	if (!told->lag_vertex)
		return;
	detail->lag_misses = has_told ? 0 : detail->lag_misses + 1;
	/* Once around, and none does. */
	if (detail->lag_misses >= detail->lag_sources) {
		detail->lag_misses = 0;
		detail->lag_due_ms = now + LAG_QUIET_MS;
	}
}

void poller_seek_lag(struct poller *poller, bool is_sought)
{
	poller->seeks_lag = is_sought;
}

bool lag_is_sought(const struct poller *poller, const struct detail *detail, int64_t now)
{
	return poller->seeks_lag &&
		(!detail->lag_due_ms ||
			now >= detail->lag_due_ms + LAG_SOUGHT_EVERY_MS - LAG_EVERY_MS);
}

bool lag_follow(struct poller *poller, struct detail *detail)
{
	const struct job *job = fleet_job(poller->fleet, detail->job_ref);
	bool in_round = detail->in_round && poller->round.is_on && poller->round.spec.lag;
	int64_t now = clock_mono_ms();
	struct poll poll = {
		.what = SNAPSHOT_JOB, .parts = JOB_PART_VERTICES, .timeout_ms = poller->timeout_ms};

	/* Without a feed: its cluster was taken out meanwhile. */
	if (!job || !detail->feed)
		return false;
	if (!in_round &&
		(detail->is_kept || !lag_is_sought(poller, detail, now) ||
			!poller_may_ask(poller, job->cluster->context) ||
			!feed_allows(detail->feed, SHARE_DETAILS, now)))
		return false;
	/* A round asks all of its sources, one after the other. */
	if (in_round && detail->lag_turn < detail->lag_sources)
		detail->lag_due_ms = 0;
	if (now < detail->lag_due_ms)
		return false;
	poll.is_rare = feed_is_rare(detail->feed);
	poll.job_id = job->summary.id;
	lag_pick(detail, job, now, &poll);
	if (!(poll.parts & JOB_PART_LAG)) {
		/* It has no source, or does not run: not at once again. */
		detail->lag_due_ms = now + LAG_EVERY_MS;
		return false;
	}
	poller_send_detail(poller, detail, &poll);
	return true;
}
