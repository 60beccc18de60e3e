/*
 * What a JobManager tells of one job. With another JobManager the same job has a later start time,
 * which is a failover and no restart, an emptied history, and a counter of restarts that begins anew:
 * here it goes on, as do the checkpoints by their ids. What has ended and begins again under the same
 * id (in application mode that may be the same for ever) is no failover.
 */
#include "core/store/history/recorder_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/model/fingerprint.h"
#include "core/store/history/recorder.h"
#include "core/store/history/recorder_sample.h"

/* Of one answer; web.checkpoints.history is 10 unless somebody sets it higher. */
#define CHECKPOINTS_MAX 256

struct checkpoint_mark {
	int64_t id, trigger_ms;
	bool is_discarded;
};

struct job_mark {
	int64_t start_ms;      /* 0 = not told yet */
	bool has_ended;        /* when its list was told last */
	int64_t restarts;      /* told so far, under all JobManagers; -1 = unknown */
	int64_t restart_at_ms; /* when that was told */
	int64_t exception_ms;  /* the newest that was taken down; 0 = none */
	/* The checkpoints of the last answer, as they were taken down. */
	VEC(struct checkpoint_mark) checkpoints;
	struct sample_mark counted;
};

struct job_mark *job_mark_new(void)
{
	struct job_mark *mark = xcalloc(1, sizeof(*mark));

	mark->restarts = -1;
	return mark;
}

void job_mark_free(struct job_mark *mark)
{
	if (mark) {
		vec_release(&mark->checkpoints);
		sample_mark_release(&mark->counted);
	}
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

	bool had_ended = mark->has_ended;

	mark->has_ended = job_status_is_terminal(job->summary.status);
	if (job->summary.start_ms <= mark->start_ms)
		return;
	if (cache && mark->start_ms && !had_ended) {
		clock_format_iso(mark->start_ms, from, sizeof(from));
		clock_format_iso(job->summary.start_ms, to, sizeof(to));
		event.from = from;
		event.to = to;
		event.text = job->cluster->address;
		recorder_event(cache, &event, EVENT_FAILOVER);
	}
	mark->start_ms = job->summary.start_ms;
}

static void note_restarts(
	struct job_mark *mark, struct batch *cache, const struct job *job, int64_t time_ms)
{
	struct event event = event_of(job, time_ms);
	char from[24], to[24];

	int64_t restarts = job->restarts < 0 ? -1 : job->restarts_before + job->restarts;

	if (restarts < 0 || restarts == mark->restarts)
		return;
	/* A first count of a job that was never looked at tells nothing of when. */
	if (!cache || mark->restarts < 0 || restarts < mark->restarts) {
		mark->restarts = restarts;
		return;
	}
	if (mark->restart_at_ms && time_ms - mark->restart_at_ms < RESTART_EVERY_MS)
		return;
	snprintf(from, sizeof(from), "%" PRId64, mark->restarts);
	snprintf(to, sizeof(to), "%" PRId64, restarts);
	event.from = from;
	event.to = to;
	event.text = job->last_exception;
	recorder_event(cache, &event, EVENT_RESTART);
	mark->restarts = restarts;
	mark->restart_at_ms = time_ms;
}

/* ---- checkpoints ---- */

static bool is_known(const struct job_mark *mark, size_t count, const struct checkpoint *point)
{
	for (size_t i = 0; i < count; i++) {
		const struct checkpoint_mark *known = &mark->checkpoints.data[i];

		if (known->id == point->id && known->trigger_ms == point->trigger_ms &&
			known->is_discarded == point->is_discarded)
			return true;
	}
	return false;
}

/* known: of the marks so many are of the former answer. */
static void note_checkpoint(struct job_mark *mark, size_t known, struct batch *cache,
	const struct job *job, const struct checkpoint *point)
{
	struct checkpoint_mark marked;
	char *failure;

	if (!point || point->id < 0 || point->status == CHECKPOINT_IN_PROGRESS)
		return;
	if (mark->checkpoints.len - known >= CHECKPOINTS_MAX)
		return;
	bool is_told = is_known(mark, mark->checkpoints.len, point);
	marked = (struct checkpoint_mark){point->id, point->trigger_ms, point->is_discarded};
	vec_push(&mark->checkpoints, marked);
	if (is_told)
		return;
	failure = point->failure ? redact_dup(point->failure) : NULL;
	struct seen_checkpoint row = {
		.ref = job->app->ref,
		.job_id = job->summary.id,
		.id = point->id,
		.trigger_ms = point->trigger_ms,
		.time_ms = point->ack_ms > 0 ? point->ack_ms : point->trigger_ms,
		.status = checkpoint_status_name(point->status),
		.kind = point->is_savepoint ? "savepoint" : "checkpoint",
		.is_discarded = point->is_discarded,
		.duration_ms = point->duration_ms,
		.state_bytes = point->state_bytes,
		.checkpointed_bytes = point->checkpointed_bytes,
		.processed_bytes = point->processed_bytes,
		.persisted_bytes = point->persisted_bytes,
		.subtasks = point->subtasks,
		.acknowledged = point->acknowledged,
		.path = point->path,
		.failure = failure,
	};
	batch_put_event(cache, row_new(&checkpoint_rows, &row));
	free(failure);
}

/* Flink lists the last ten, and the newest of each kind however old it is. */
static void note_checkpoints(struct job_mark *mark, struct batch *cache, const struct job *job,
	const struct checkpoint_stats *stats)
{
	size_t known = mark->checkpoints.len;

	for (size_t i = 0; i < stats->history_count; i++)
		note_checkpoint(mark, known, cache, job, &stats->history[i]);
	note_checkpoint(mark, known, cache, job, stats->last_completed);
	note_checkpoint(mark, known, cache, job, stats->last_failed);
	note_checkpoint(mark, known, cache, job, stats->last_savepoint);
	mark->checkpoints.len -= known;
	if (known > 0)
		memmove(mark->checkpoints.data, mark->checkpoints.data + known,
			mark->checkpoints.len * sizeof(*mark->checkpoints.data));
	/* Each job has one, and room for two answers was needed for a moment only. */
	vec_fit(&mark->checkpoints);
}

/* ---- exceptions ---- */

/* At a line's end, or at least between two characters. */
static size_t text_cut(const char *text)
{
	size_t len = strnlen(text, SEEN_TEXT_MAX), end = len;

	if (!text[len])
		return len;
	while (end > 0 && text[end] != '\n')
		end--;
	while (!end && len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return end ? end : len;
}

static void note_exception(
	struct batch *cache, const struct job *job, const struct exception *exception)
{
	char print[FINGERPRINT_LEN + 1];
	char *cut = xstrndup(exception->text, text_cut(exception->text));
	char *text = redact_dup(cut);
	char *cause = exception->cause ? redact_dup(exception->cause) : NULL;
	struct seen_exception row = {
		.ref = job->app->ref,
		.fingerprint = print,
		.first_ms = exception->time_ms,
		.last_ms = exception->time_ms,
		.count = 1,
		.job_id = job->summary.id,
		.name = exception->name,
		.cause = cause,
		.text = text,
		.task = exception->task,
		.location = exception->location,
	};

	fingerprint(cut, print);
	batch_put_event(cache, row_new(&exception_rows, &row));
	free(cause);
	free(text);
	free(cut);
}

/* Oldest first, so that each is counted: the store counts what is newer than the last it has. */
static void note_exceptions(struct job_mark *mark, struct batch *cache, const struct job *job,
	const struct job_detail *detail)
{
	for (size_t i = detail->exception_count; i > 0; i--) {
		const struct exception *exception = &detail->exceptions[i - 1];

		if (exception->time_ms > mark->exception_ms && exception->text)
			note_exception(cache, job, exception);
	}
	if (detail->exception_count && detail->exceptions[0].time_ms > mark->exception_ms)
		mark->exception_ms = detail->exceptions[0].time_ms;
}

/* ---- samples ---- */

static void note_sample(struct job_mark *mark, struct batch *cache, const struct job *job,
	const struct job_detail *detail, int64_t time_ms)
{
	const struct checkpoint *last = &job->last_checkpoint;
	struct sample sample;

	/* What stands still is no rate of nought. */
	if (job->summary.status != JOB_RUNNING) {
		mark->counted.time_ms = 0;
		return;
	}
	if (!sample_take(&mark->counted, time_ms, detail, &sample))
		return;
	sample.ref = job->app->ref;
	if (last->id >= 0) {
		sample.state_bytes = last->state_bytes;
		sample.checkpoint_ms = last->duration_ms;
	}
	batch_put_event(cache, row_new(&sample_rows, &sample));
}

void job_mark_note(struct job_mark *mark, struct batch *cache, const struct snapshot *cause,
	const struct job *job)
{
	if (cause->err.code || !job->app)
		return;
	note_failover(mark, cache, job, cause->observed_ms);
	if (cause->kind != SNAPSHOT_JOB && cause->kind != SNAPSHOT_ENDED)
		return;
	note_restarts(mark, cache, job, cause->observed_ms);
	/* Of these the store knows by itself what it has. */
	if (cache && (cause->detail.parts & JOB_PART_CHECKPOINTS))
		note_checkpoints(mark, cache, job, &cause->detail.checkpoints);
	if (cache && (cause->detail.parts & JOB_PART_EXCEPTIONS))
		note_exceptions(mark, cache, job, &cause->detail);
	if (cache && (cause->detail.parts & JOB_PART_VERTICES))
		note_sample(mark, cache, job, &cause->detail, cause->observed_ms);
}
