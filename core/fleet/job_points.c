/* What a job is as far as its JobManager told: whether it lives, and what of it can be restored. */
#include "core/base/str.h"
#include "core/fleet/fleet.h"

bool job_is_live(const struct job *job)
{
	return !job->missing_ms && !job_status_is_terminal(job->summary.status);
}

bool job_is_unlisted(const struct job *job)
{
	return job->missing_ms > 0 && !job_status_is_terminal(job->summary.status);
}

enum retention job_retention(const struct job *job)
{
	const struct checkpoint_config *config;

	if (!job || !job->config)
		return RETENTION_UNKNOWN;
	config = &job->config->detail.checkpoint_config;
	if (config->is_retained)
		return RETENTION_ALL;
	return config->is_externalised ? RETENTION_FAILED : RETENTION_NONE;
}

bool job_checkpoint_is_gone(const struct job *job)
{
	enum retention retention = job_retention(job);

	return job_status_is_terminal(job->summary.status) && !job->last_checkpoint.is_savepoint &&
		(retention == RETENTION_NONE ||
			(retention == RETENTION_FAILED && job->summary.status != JOB_FAILED));
}

static bool can_restore(const struct job *job, const struct checkpoint *point)
{
	enum retention retention = job_retention(job);

	if (point->status != CHECKPOINT_COMPLETED || str_empty(point->path) || point->ack_ms <= 0)
		return false;
	/* "<checkpoint-not-externally-addressable>" is what Flink calls one in the JobManager's
	 * memory. */
	if (point->path[0] == '<')
		return false;
	if (point->is_savepoint)
		return true;
	return retention == RETENTION_ALL ||
		(retention == RETENTION_FAILED && job->summary.status == JOB_FAILED);
}

static size_t add(const struct job *job, const struct checkpoint *point, struct restore_point *out,
	size_t count, size_t max)
{
	if (!point || count == max || !can_restore(job, point))
		return count;
	for (size_t i = 0; i < count; i++)
		if (str_eq(out[i].path, point->path))
			return count;
	out[count] = (struct restore_point){
		.app = job->app ? job->app->ref : NULL,
		.path = point->path,
		.job_id = job->summary.id,
		.kind = point->is_savepoint ? RESTORE_SAVEPOINT : RESTORE_CHECKPOINT,
		.completed_ms = point->ack_ms,
		.size = point->state_bytes,
		/* A savepoint is its owner's: Flink discards its statistics, not its files. */
		.is_gone = point->is_discarded && !point->is_savepoint,
	};
	return count + 1;
}

size_t job_points(const struct job *job, struct restore_point *out, size_t max)
{
	const struct job_detail *detail = job->detail ? &job->detail->detail : NULL;
	const struct checkpoint_stats *stats =
		detail && (detail->parts & JOB_PART_CHECKPOINTS) ? &detail->checkpoints : NULL;
	size_t count = 0;

	for (size_t i = 0; stats && i < stats->history_count; i++)
		count = add(job, &stats->history[i], out, count, max);
	if (stats) {
		count = add(job, stats->last_savepoint, out, count, max);
		count = add(job, stats->last_completed, out, count, max);
	}
	if (job->last_checkpoint.id >= 0)
		count = add(job, &job->last_checkpoint, out, count, max);
	return count;
}
