/*
 * What a JobManager tells of one job. Its counter of restarts begins anew with another JobManager:
 * then the same job has a later start time, which is a failover and no restart.
 */
#include "core/store/recorder_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/store/recorder.h"

struct job_mark {
	int64_t start_ms;      /* 0 = not told yet */
	int64_t restarts;      /* told so far; -1 = unknown */
	int64_t restart_at_ms; /* when that was told */
};

struct job_mark *job_mark_new(void)
{
	struct job_mark *mark = xcalloc(1, sizeof(*mark));

	mark->restarts = -1;
	return mark;
}

void job_mark_free(struct job_mark *mark)
{
	free(mark);
}

static struct event event_of(const struct job *job, int64_t time_ms)
{
	return (struct event){.ref = job->app->ref, .time_ms = time_ms, .job_id = job->summary.id};
}

static void note_failover(
	struct job_mark *mark, struct batch *cache, const struct job *job, int64_t time_ms)
{
	struct event event = event_of(job, time_ms);
	char from[32], to[32];

	if (job->summary.start_ms <= mark->start_ms)
		return;
	clock_format_iso(mark->start_ms, from, sizeof(from));
	clock_format_iso(job->summary.start_ms, to, sizeof(to));
	event.from = from;
	event.to = to;
	event.text = job->cluster->address;
	if (mark->start_ms)
		recorder_event(cache, &event, EVENT_FAILOVER);
	mark->start_ms = job->summary.start_ms;
}

static void note_restarts(
	struct job_mark *mark, struct batch *cache, const struct job *job, int64_t time_ms)
{
	struct event event = event_of(job, time_ms);
	char from[24], to[24];

	if (job->restarts < 0 || job->restarts == mark->restarts)
		return;
	/* A first count of a job that was never looked at tells nothing of when. */
	if (!cache || mark->restarts < 0 || job->restarts < mark->restarts) {
		mark->restarts = job->restarts;
		return;
	}
	if (mark->restart_at_ms && time_ms - mark->restart_at_ms < RESTART_EVERY_MS)
		return;
	snprintf(from, sizeof(from), "%" PRId64, mark->restarts);
	snprintf(to, sizeof(to), "%" PRId64, job->restarts);
	event.from = from;
	event.to = to;
	event.text = job->last_exception;
	recorder_event(cache, &event, EVENT_RESTART);
	mark->restarts = job->restarts;
	mark->restart_at_ms = time_ms;
}

void job_mark_note(struct job_mark *mark, struct batch *cache, const struct snapshot *cause,
	const struct job *job)
{
	if (cause->err.code || !job->app)
		return;
	note_failover(mark, cache, job, cause->observed_ms);
	if (cause->kind == SNAPSHOT_JOB)
		note_restarts(mark, cache, job, cause->observed_ms);
}
