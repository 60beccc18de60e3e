/*
 * Asks the JobManager what the application's last job left: a row of a list may never have been
 * looked at closely, and a checkpoint that nobody has heard of is state that a start would leave
 * behind. What it does not know any more, the registry may.
 */
#include "core/action/start.h"

#include <stdio.h>

#include "core/base/str.h"

#define SEEN_MOST 64

/* As job_points() reads it, from this one answer. */
static void keep_seen(struct action *action, struct snapshot *snapshot)
{
	struct start_work *start = action->start;
	const struct subject *subject = &action->subject;
	struct job job = {.detail = snapshot, .config = snapshot, .last_checkpoint = {.id = -1}};
	struct restore_point *seen = arena_calloc(action->arena, SEEN_MOST, sizeof(*seen));
	const struct checkpoint_stats *stats = &snapshot->detail.checkpoints;

	job.summary.status = subject->job_status;
	snprintf(job.summary.id, sizeof(job.summary.id), "%s", subject->job_id);
	start->seen_count = job_points(&job, seen, SEEN_MOST);
	start->seen = seen;
	for (size_t i = 0; i < start->seen_count; i++) {
		seen[i].app = subject->ref;
		seen[i].job_id = subject->job_id;
		seen[i].path = action_keep(action, seen[i].path);
	}
	if (snapshot->detail.parts & JOB_PART_CHECKPOINTS && stats->completed > 0)
		action->subject.has_checkpoints = true;
	if (snapshot->detail.parts & JOB_PART_CONFIG)
		action->subject.retention = job_retention(&job);
}

static void on_snapshot(void *data, struct snapshot *snapshot)
{
	struct action *action = data;
	struct start_work *start = action->start;

	start->poll = NULL;
	if (!snapshot->err.code)
		keep_seen(action, snapshot);
	snapshot_unref(snapshot);
	start->after_seen(action);
}

void start_see(struct action *action, void (*then)(struct action *action))
{
	struct start_work *start = start_of(action);
	const struct subject *subject = &action->subject;
	struct source *source =
		subject->cluster ? action_find_source(action, subject->cluster) : NULL;

	if (!subject->job_id || start->takes_savepoint || !source || !source->ops->poll) {
		then(action);
		return;
	}
	start->after_seen = then;
	start->polled = source;
	start->poll = source_poll(source,
		&(struct poll){.what = SNAPSHOT_JOB,
			.job_id = subject->job_id,
			.parts = JOB_PART_CHECKPOINTS | JOB_PART_CONFIG,
			.timeout_ms = action->options.request_ms},
		on_snapshot, action);
}

/* The registry knows what was verified, the JobManager what was discarded. */
void start_merge_seen(const struct action *action, restore_point_vec *out,
	const struct restore_point *const *points, size_t count)
{
	const struct start_work *start = action->start;

	for (size_t i = 0; i < count; i++)
		vec_push(out, points[i]);
	for (size_t i = 0; i < start->seen_count; i++) {
		const struct restore_point *seen = &start->seen[i];
		size_t at = 0;

		while (at < out->len && !str_eq(out->data[at]->path, seen->path))
			at++;
		if (at == out->len)
			vec_push(out, seen);
		else if (seen->is_gone)
			out->data[at] = seen;
	}
}
