/*
 * How often a job restarts. The rate comes from three witnesses: the times of Flink's exception history
 * (at most 16), when it says that it began to restart last, and our own samples of its counter; the
 * largest one holds, because each may miss some. What Flink dates is read by its own clock.
 */
#include <string.h>

#include "core/fleet/fleet_internal.h"

#define HOUR_MS (60 * 60 * 1000LL)
#define SAMPLE_EVERY_MS 60000
/* So much an answer may be on its way. */
#define SKEW_MIN_MS 5000

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void fleet_release_restarts(struct job_entry *entry)
{
	vec_release(&entry->samples);
	vec_release(&entry->attempts);
	vec_release(&entry->failures);
	vec_release(&entry->told);
}

/* Samples that say the same are one: the count within a window is that of all of them. */
static void add_sample(struct job_entry *entry, int64_t time_ms, int64_t restarts)
{
	size_t len = entry->samples.len;
	struct restart_sample *data = entry->samples.data, *last = len ? &data[len - 1] : NULL;

	if (last && time_ms - last->until_ms < SAMPLE_EVERY_MS)
		return;
	if (last && last->restarts == restarts) {
		last->until_ms = time_ms;
		return;
	}
	if (len == RESTART_SAMPLES)
		memmove(data, data + 1, --entry->samples.len * sizeof(*data));
	vec_push(&entry->samples, ((struct restart_sample){restarts, time_ms}));
}

static void add_time(struct times *times, int64_t time_ms)
{
	size_t oldest = 0;

	if (time_ms <= 0)
		return;
	for (size_t i = 0; i < times->len; i++) {
		if (times->data[i] == time_ms)
			return;
		if (times->data[i] < times->data[oldest])
			oldest = i;
	}
	if (times->len < RESTART_SAMPLES)
		vec_push(times, time_ms);
	else if (time_ms > times->data[oldest])
		times->data[oldest] = time_ms;
}

static int64_t times_since(const struct times *times, int64_t since_ms)
{
	int64_t count = 0;

	for (size_t i = 0; i < times->len; i++)
		count += times->data[i] >= since_ms;
	return count;
}

/* The largest time between two that followed one another since `since_ms`; -1 = there are no two. */
static int64_t largest_gap(const struct times *times, int64_t since_ms)
{
	int64_t sorted[RESTART_SAMPLES], gap_ms = -1;
	int count = 0;

	for (size_t i = 0; i < times->len; i++) {
		int at = count;

		if (times->data[i] < since_ms)
			continue;
		for (; at > 0 && sorted[at - 1] > times->data[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = times->data[i];
		count++;
	}
	for (int i = 1; i < count; i++)
		gap_ms = larger(gap_ms, sorted[i] - sorted[i - 1]);
	return gap_ms;
}

static void add_failures(struct job_entry *entry, const struct job_detail *detail)
{
	for (size_t i = 0; i < detail->exception_count; i++) {
		const struct exception *exception = &detail->exceptions[i];

		if (!exception->lacks_slots)
			add_time(&entry->failures, exception->time_ms);
		else
			entry->waited_ms = larger(entry->waited_ms, exception->time_ms);
		entry->pub.restarted_ms = larger(entry->pub.restarted_ms, exception->time_ms);
	}
}

void fleet_note_history(struct job_entry *entry, const struct job_detail *detail)
{
	/* Not asked for, it is what it was. */
	if (!(detail->parts & JOB_PART_EXCEPTIONS))
		return;
	entry->has_told = true;
	entry->told_is_cut = detail->exceptions_truncated;
	entry->told.len = 0;
	for (size_t i = 0; i < detail->exception_count; i++)
		vec_push(&entry->told, detail->exceptions[i].time_ms);
}

void fleet_note_restarts(struct job_entry *entry, const struct snapshot *snapshot)
{
	const struct job_detail *detail = &snapshot->detail;
	struct job *job = &entry->pub;

	if (detail->parts & JOB_PART_VERTICES) {
		add_time(&entry->attempts, detail->restarting_ms);
		job->restarted_ms = larger(job->restarted_ms, detail->restarting_ms);
	}
	if (detail->parts & JOB_PART_EXCEPTIONS)
		add_failures(entry, detail);
	if (detail->parts & JOB_PART_RESTARTS && detail->restarts >= 0) {
		/* A counter that fell began anew under another JobManager; what was counted
		 * before is not forgotten for that. */
		if (snapshot->from_store || snapshot->is_followed)
			job->restarts_before = detail->restarts_before;
		else if (detail->restarts < job->restarts)
			job->restarts_before += job->restarts;
		job->restarts = detail->restarts;
		if (!snapshot->from_store)
			add_sample(
				entry, snapshot->observed_ms, job->restarts_before + job->restarts);
	}
}

int64_t job_skew_ms(const struct job *job)
{
	const struct job_summary *summary = &job->summary;
	int64_t skew;

	if (summary->start_ms <= 0 || summary->duration_ms <= 0 || !job_is_live(job))
		return 0;
	skew = summary->start_ms + summary->duration_ms - job->seen_ms;
	return skew > SKEW_MIN_MS || skew < -SKEW_MIN_MS ? skew : 0;
}

static int64_t attempts_since(const struct job_entry *entry, int64_t since_ms)
{
	int64_t count = times_since(&entry->attempts, since_ms);

	return count ? count : -1;
}

/* Restarts that our samples saw since `since_ms`; -1 when there are none. */
static int64_t sampled_since(const struct job_entry *entry, int64_t since_ms)
{
	int64_t lowest = -1;
	const struct restart_sample *s;

	/* Who never restarted did not since then, whenever that was told. */
	if (entry->pub.restarts == 0 && entry->pub.restarts_before == 0)
		return 0;
	vec_each (s, &entry->samples) {
		if (s->until_ms >= since_ms && (lowest < 0 || s->restarts < lowest))
			lowest = s->restarts;
	}
	return lowest < 0 || entry->pub.restarts < 0
		? -1
		: entry->pub.restarts_before + entry->pub.restarts - lowest;
}

/* Failures in the exception history since `since_ms`; -1 = the history was not asked. */
static int64_t failures_since(const struct job_entry *entry, int64_t since_ms, int64_t *oldest_ms)
{
	size_t count = 0;

	*oldest_ms = 0;
	if (!entry->has_told)
		return -1;
	while (count < entry->told.len && entry->told.data[count] >= since_ms)
		count++;
	if (entry->told_is_cut && entry->told.len)
		*oldest_ms = entry->told.data[entry->told.len - 1];
	return (int64_t)count;
}

/*
 * Restarts within the window, but those for want of slots: who waits is in no loop. Only the history
 * tells them apart, so that where there are such, it alone is believed.
 */
static void judge_window(struct job_entry *entry, int64_t now_ms, int64_t far_ms, int64_t window_ms)
{
	struct job *job = &entry->pub;
	int64_t since_ms = far_ms - window_ms, oldest, recent;
	bool is_young = job->summary.start_ms > 0 && job->summary.start_ms > since_ms;

	job->restart_gap_ms = largest_gap(&entry->failures, since_ms);
	if (entry->waited_ms >= since_ms) {
		job->recent_restarts = (int)times_since(&entry->failures, since_ms);
		return;
	}
	if (job->restart_gap_ms < 0)
		job->restart_gap_ms = largest_gap(&entry->attempts, since_ms);
	recent = larger(
		failures_since(entry, since_ms, &oldest), sampled_since(entry, now_ms - window_ms));
	recent = larger(recent, attempts_since(entry, since_ms));
	job->recent_restarts = (int)(is_young ? larger(recent, job->restarts) : recent);
}

void fleet_job_windows(const struct fleet *fleet, struct job_entry *entry)
{
	struct job *job = &entry->pub;
	int64_t window_ms = job->app->loop->window_ms, oldest;
	int64_t now_ms = fleet->now_ms, far_ms = now_ms + job_skew_ms(job); /* by its clock */
	/* Who polls has counted them. */
	if (entry->is_told)
		return;
	/* An ended job restarts no more; the failure that ended it was no restart. */
	if (job_status_is_terminal(job->summary.status)) {
		job->recent_restarts = job->restarts < 0 ? -1 : 0;
		job->restarts_per_hour = job->restarts < 0 ? -1 : 0;
		return;
	}
	judge_window(entry, now_ms, far_ms, window_ms);
	int64_t hour = failures_since(entry, far_ms - HOUR_MS, &oldest);
	double rate = (double)larger(hour, sampled_since(entry, now_ms - HOUR_MS));
	double tried = (double)attempts_since(entry, far_ms - HOUR_MS);
	rate = tried > rate ? tried : rate;
	/* The history overflowed within the hour: it tells a rate, not a count. */
	if (oldest > far_ms - HOUR_MS && hour > 1 && far_ms > oldest) {
		double told = (double)hour * HOUR_MS / (double)(far_ms - oldest);
		rate = told > rate ? told : rate;
	}
	if (job->summary.start_ms > 0 && far_ms - job->summary.start_ms < HOUR_MS &&
		(double)job->restarts > rate)
		rate = (double)job->restarts;
	job->restarts_per_hour = rate;
}
