/*
 * Which change is worth which row. Declarations are not copied here: their snapshot is held and the
 * lane makes the row. Exceptions and errors are masked on the way, because they are foreign text.
 */
#include "core/store/note.h"

#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/decl.h"
#include "core/store/disk.h"

static void note_decl(struct batch *registry, const struct snapshot *cause,
	const struct table *table, const char *ref, const void *decl)
{
	const char *at = decl;
	bool is_team = table == &team_rows;
	const char *first = is_team ? (const char *)cause->teams : (const char *)cause->apps;
	size_t bytes = is_team ? cause->team_count * sizeof(*cause->teams)
			       : cause->app_count * sizeof(*cause->apps);

	if (first && at >= first && at < first + bytes) {
		/* Counted references may be taken by who was only lent it. */
		batch_put(registry,
			row_new_decl(table, ref, decl, (struct snapshot *)(uintptr_t)cause));
		return;
	}
	struct arena *arena = arena_new();
	struct team_row team;
	struct app_row app;

	if (is_team)
		decl_team_to_row(arena, ref, decl, &team);
	else
		decl_app_to_row(arena, ref, decl, &app);
	batch_put(registry, row_new(table, is_team ? (const void *)&team : &app));
	arena_free(arena);
}

static struct row *cluster_to_row(const struct cluster *cluster)
{
	const struct kept_err *last = &cluster->last_err;
	char *english = last->code ? i18n_english(last->text) : NULL;
	char *error = english ? redact_dup(english) : NULL;
	struct row *made;
	const struct cluster_status *status = &cluster->status;
	struct cluster_row row = {
		.ref = cluster->ref,
		.name = cluster->name,
		.type = cluster->type,
		.address = cluster->address,
		.flink_version = cluster->flink_version,
		.taskmanagers = status->taskmanagers,
		.slots_total = status->slots_total,
		.slots_free = status->slots_free,
		.jobs_running = status->jobs_running,
		.jobs_finished = status->jobs_finished,
		.jobs_canceled = status->jobs_canceled,
		.jobs_failed = status->jobs_failed,
		.observed_ms = cluster->observed_ms,
		.latency_ms = cluster->latency_ms,
		.asked_ms = cluster->asked_ms,
		.asked_mono_ms = cluster->asked_mono_ms,
		.observed_mono_ms = cluster->observed_mono_ms,
		.leaderless_ms = cluster->leaderless_ms,
		.led_ms = cluster->led_ms,
		.misses = cluster->misses,
		.error_code = last->code ? err_code_name(last->code) : NULL,
		.error = error,
	};

	made = row_new(&cluster_rows, &row);
	free(error);
	free(english);
	return made;
}

/* has_card: another weir shows it in full. */
static struct row *job_to_row(const struct job *job, bool has_card)
{
	const struct job_summary *said = &job->summary;
	const struct checkpoint *last = &job->last_checkpoint;
	char *exception = job->last_exception ? redact_dup(job->last_exception) : NULL;
	struct job_row data = {
		.ref = job->ref,
		.cluster = job->cluster->name,
		.id = said->id,
		.name = job->name,
		.status = job_status_name(said->status),
		.start_ms = said->start_ms,
		.end_ms = said->end_ms,
		.duration_ms = said->duration_ms,
		.modified_ms = said->modified_ms,
		.tasks = said->tasks,
		.missing_ms = job->missing_ms,
		.settled_without = job->settled_without,
		.seen_ms = job->seen_ms,
		.detail_ms = job->detail_ms,
		.parallelism = job->parallelism,
		.restarts = job->restarts,
		.restarts_before = job->restarts_before,
		.said_by = job->said_by,
		.checkpoint_id = last->id,
		.is_savepoint = last->is_savepoint,
		.is_discarded = last->is_discarded,
		.trigger_ms = last->trigger_ms,
		.ack_ms = last->ack_ms,
		.checkpoint_duration_ms = last->duration_ms,
		.state_bytes = last->state_bytes,
		.checkpointed_bytes = last->checkpointed_bytes,
		.processed_bytes = last->processed_bytes,
		.persisted_bytes = last->persisted_bytes,
		.alignment_bytes = last->alignment_bytes,
		.subtasks = last->subtasks,
		.acknowledged = last->acknowledged,
		.checkpoint_path = job->last_checkpoint_path,

		.checkpoints_failed = job->checkpoints_failed,
		.exception = exception,
		.exception_ms = job->last_exception_ms,
		.recent_restarts = job->recent_restarts,
		.restart_gap_ms = job->restart_gap_ms,
		.restarted_ms = job->restarted_ms,
		.restarts_per_1000_hours = job->restarts_per_hour < 0
			? -1
			: (int64_t)(job->restarts_per_hour * 1000 + 0.5),
		.lacks_slots = job->lacks_slots,
	};
	struct row *row = row_new(&job_rows, &data);

	if (has_card && job->detail)
		row->source = snapshot_ref(job->detail);

	free(exception);
	return row;
}

static void note_job(struct batch *cache, const struct job *job, const struct map *cards)
{
	batch_put(cache, job_to_row(job, cards && map_get(cards, job->app->ref)));
}

static void note_app(struct batch *pending, const struct snapshot *cause,
	const struct change *change, const struct map *cards)
{
	const struct app *app = change->item;

	/* Its restarts grew old enough, or too many: the job's line says so to others. */
	if ((change->what & CHANGE_STATE) && app->job)
		note_job(&pending[FILE_CACHE], app->job, cards);

	if (app->decl && cause->kind == SNAPSHOT_WORKSPACE &&
		(change->what & (CHANGE_ADDED | CHANGE_VALUES)))
		note_decl(&pending[FILE_REGISTRY], cause, &app_rows, change->ref, app->decl);
}

/* Its row waits already: only its times are new. */
static bool is_seen_again(struct batch *cache, const struct cluster *cluster)
{
	struct row *waiting = map_get(cache->seen, cluster->ref);
	struct cluster_row *row = waiting ? waiting->data : NULL;

	if (!row)
		return false;
	row->observed_ms = cluster->observed_ms;
	row->observed_mono_ms = cluster->observed_mono_ms;
	row->asked_ms = cluster->asked_ms;
	row->asked_mono_ms = cluster->asked_mono_ms;
	row->latency_ms = cluster->latency_ms;
	return true;
}

static void note_cluster(struct batch *cache, const struct snapshot *cause,
	const struct change *change, bool is_quiet)
{
	const struct cluster *cluster = change->item;
	/* The first misses decide what is shown; of the others only the time is new. */
	bool is_old_miss = cause->err.code && cluster->misses > MISSED_POLLS;

	if (cause->kind != SNAPSHOT_CLUSTER)
		return;
	if (change->what == CHANGE_SEEN && is_quiet && is_seen_again(cache, cluster))
		return;
	if ((change->what == CHANGE_SEEN && is_quiet) || is_old_miss)
		batch_put_seen(cache, cluster_to_row(cluster));
	else
		batch_put(cache, cluster_to_row(cluster));
}

static void note_removed(struct batch *pending, const struct change *change)
{
	switch (change->kind) {
	case KIND_TEAM:
		batch_put(&pending[FILE_REGISTRY], row_new_removed(&team_rows, change->ref));
		break;
	case KIND_APP:
		/* The line of a job that nobody declared was never in the registry. */
		if (ref_kind(change->ref) == KIND_APP)
			batch_put(&pending[FILE_REGISTRY], row_new_removed(&app_rows, change->ref));
		break;
	case KIND_CLUSTER:
		batch_put(&pending[FILE_CACHE], row_new_removed(&cluster_rows, change->ref));
		break;
	case KIND_JOB:
		batch_put(&pending[FILE_CACHE], row_new_removed(&job_rows, change->ref));
		break;
	default: break;
	}
}

static void note_change(struct batch *pending, const struct snapshot *cause,
	const struct change *change, bool is_quiet, const struct map *cards)
{
	const struct job *job = change->item;
	const struct team *team = change->item;

	if ((change->what & CHANGE_REMOVED) || !change->item) {
		note_removed(pending, change);
		return;
	}
	switch (change->kind) {
	case KIND_TEAM:
		if (cause->kind == SNAPSHOT_WORKSPACE &&
			(change->what & (CHANGE_ADDED | CHANGE_VALUES)))
			note_decl(&pending[FILE_REGISTRY], cause, &team_rows, change->ref,
				team->decl);
		break;
	case KIND_APP: note_app(pending, cause, change, cards); break;
	case KIND_CLUSTER: note_cluster(&pending[FILE_CACHE], cause, change, is_quiet); break;
	case KIND_JOB:
		if (change->what != CHANGE_SEEN || (cards && map_get(cards, job->app->ref)))
			note_job(&pending[FILE_CACHE], job, cards);
		break;
	default: break;
	}
}

void note_changes(struct batch *pending, const struct snapshot *cause, const struct change *changes,
	size_t count, const struct map *cards)
{
	bool is_quiet = true;

	/* The jobs of an answer are true as of their cluster's time, so they are written together.
	 */
	for (size_t i = 0; i < count; i++)
		is_quiet = is_quiet && changes[i].what == CHANGE_SEEN;
	for (size_t i = 0; i < count; i++)
		note_change(pending, cause, &changes[i], is_quiet, cards);
}
