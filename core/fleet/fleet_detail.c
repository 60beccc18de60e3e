/* One job in detail → what its row shows: restarts, the last checkpoint, the last exception. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet_internal.h"

void fleet_job_free(struct job_entry *entry)
{
	struct job *job = &entry->pub;
	free(job->ref);
	free(job->name);
	free(job->said_by);
	free(job->last_checkpoint_path);
	free(job->last_exception);
	fleet_free_lag(job);
	snapshot_unref(job->detail);
	snapshot_unref(job->config);
	fleet_release_restarts(entry);
	free(entry);
}

static void keep_checkpoint(struct job *job, const struct checkpoint_stats *stats)
{
	const struct checkpoint *last = stats->last_completed;
	job->checkpoints_failed = stats->failed;
	/* After a failover the statistics begin anew; the point itself is not forgotten for that.
	 */
	if (!last || last->id < 0)
		return;
	job->last_checkpoint = *last;
	free(job->last_checkpoint_path);
	job->last_checkpoint_path = xstrdup_null(last->path);
	job->last_checkpoint.path = job->last_checkpoint_path;
	job->last_checkpoint.failure = NULL;
	job->last_checkpoint.type = NULL;
}

static void keep_exception(struct job *job, const struct job_detail *detail)
{
	job->lacks_slots = false;
	if (!detail->exception_count)
		return; /* an emptied history (failover) does not unmake what was seen */
	const struct exception *newest = &detail->exceptions[0];
	free(job->last_exception);
	job->last_exception = xstrdup_null(newest->cause ? newest->cause : newest->name);
	job->last_exception_ms = newest->time_ms;
	job->lacks_slots = newest->lacks_slots;
}

struct row_values {
	int64_t restarts, checkpoint, duration, failed, exception_ms, gap;
	int recent, parallelism;
};

static struct row_values row_values(const struct job *job)
{
	struct row_values v;
	memset(&v, 0, sizeof(v));
	v.restarts = job->restarts;
	v.checkpoint = job->last_checkpoint.id;
	v.duration = job->last_checkpoint.duration_ms;
	v.failed = job->checkpoints_failed;
	v.exception_ms = job->last_exception_ms;
	v.recent = job->recent_restarts;
	v.gap = job->restart_gap_ms;
	v.parallelism = job->parallelism;
	return v;
}

void fleet_apply_job(struct fleet *fleet, struct job_entry *entry, struct snapshot *snapshot)
{
	struct job *job = &entry->pub;
	const struct job_detail *detail = &snapshot->detail;
	struct row_values old = row_values(job);

	if (detail->parts & JOB_PART_VERTICES && detail->parallelism >= 0)
		job->parallelism = detail->parallelism;
	if (detail->parts & JOB_PART_CHECKPOINTS)
		keep_checkpoint(job, &detail->checkpoints);
	if (detail->parts & JOB_PART_EXCEPTIONS)
		keep_exception(job, detail);
	fleet_note_restarts(entry, snapshot);
	fleet_note_lag(job, snapshot);
	/* What a card shows stays until there is more than a line's worth. */
	if (!snapshot->is_digest || !job->detail) {
		snapshot_ref(snapshot);
		snapshot_unref(job->detail);
		job->detail = snapshot;
		fleet_note_history(entry, detail);
	}
	job->detail_ms = snapshot->observed_ms;
	entry->is_told = snapshot->is_followed;
	if (snapshot->is_followed) {
		job->recent_restarts = snapshot->recent_restarts;
		job->restart_gap_ms = snapshot->restart_gap_ms;
		job->restarted_ms = snapshot->restarted_ms;
		job->restarts_per_hour = snapshot->restarts_per_hour;
		job->lacks_slots = snapshot->lacks_slots;
	}
	if (detail->parts & JOB_PART_CONFIG) {
		snapshot_ref(snapshot);
		snapshot_unref(job->config);
		job->config = snapshot;
	}
	if (fleet->loading)
		return;
	fleet_job_windows(fleet, entry);
	struct row_values now = row_values(job);
	unsigned what = memcmp(&old, &now, sizeof(old)) ? CHANGE_VALUES : CHANGE_SEEN;
	fleet_changed(fleet, KIND_JOB, job->ref, job, what);
	fleet_changed(fleet, KIND_APP, job->app->ref, job->app, what);
	fleet_derive_app(fleet, job->app);
}

static const char *id_of(const struct taskmanager *taskmanager)
{
	return taskmanager->id ? taskmanager->id : "";
}

/* Lists come in the same order, mostly, so it is looked for from its place on. */
static struct taskmanager_seen seen_of(const struct cluster *cluster,
	const struct taskmanager *taskmanager, size_t place, int64_t now_ms)
{
	size_t count = cluster->taskmanager_count;

	for (size_t i = 0; i < count; i++) {
		const struct taskmanager_seen *former = &cluster->taskmanagers[(place + i) % count];

		if (str_eq(former->id, id_of(taskmanager)))
			return *former;
	}
	return (struct taskmanager_seen){
		.since_ms = now_ms, .was_there_earlier = !cluster->taskmanagers};
}

/* Ten thousand clusters keep of each only who is there and since when; its texts lie behind the list. */
static void apply_taskmanagers(struct fleet *fleet, struct snapshot *snapshot)
{
	struct cluster_entry *entry =
		fleet_cluster_entry(fleet, snapshot->context, snapshot->source);
	size_t count = snapshot->taskmanager_count, bytes = 1;
	struct taskmanager_seen *seen;
	char *text;

	if (!entry)
		return;
	for (size_t i = 0; i < count; i++)
		bytes += sizeof(*seen) + strlen(id_of(&snapshot->taskmanagers[i])) + 1;
	seen = xmalloc(bytes);
	text = (char *)(seen + count);
	for (size_t i = 0; i < count; i++) {
		const char *id = id_of(&snapshot->taskmanagers[i]);
		size_t len = strlen(id) + 1;

		seen[i] =
			seen_of(&entry->pub, &snapshot->taskmanagers[i], i, snapshot->observed_ms);
		seen[i].id = memcpy(text, id, len);
		text += len;
	}
	free(entry->pub.taskmanagers);
	entry->pub.taskmanagers = seen;
	entry->pub.taskmanager_count = count;
	fleet_changed(fleet, KIND_CLUSTER, entry->pub.ref, &entry->pub, CHANGE_VALUES);
}

void fleet_forget_detail(struct fleet *fleet, const char *ref)
{
	struct job *job = map_get(fleet->lists[KIND_JOB].by_ref, ref);

	if (!job || job_status_is_terminal(job->summary.status))
		return;
	snapshot_unref(job->detail);
	job->detail = NULL;
}

void fleet_apply_detail(struct fleet *fleet, struct snapshot *snapshot)
{
	/* The list of jobs decides on presence; a detail that failed is asked again. */
	if (snapshot->err.code)
		return;
	if (snapshot->kind == SNAPSHOT_TASKMANAGERS) {
		apply_taskmanagers(fleet, snapshot);
		return;
	}
	char *ref = ref_job(snapshot->context, snapshot->source, snapshot->key);
	struct job_entry *entry = map_get(fleet->lists[KIND_JOB].by_ref, ref);
	free(ref);
	/* What others saw may be older than what we saw before they did. */
	bool is_old = entry &&
		((snapshot->from_store && entry->pub.detail_ms) ||
			(snapshot->is_followed && snapshot->observed_ms < entry->pub.detail_ms));
	if (entry && !is_old)
		fleet_apply_job(fleet, entry, snapshot);
}
