/*
 * Restore points on their way to the lane, which writes them (point_disk.c), and which of those that
 * the fleet sees are worth it.
 */
#include "core/store/journal/point.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/store/journal/keep.h"
#include "core/store/journal/point_disk.h"
#include "core/store/journal/release.h"

struct keep_op *keep_restore_points(struct store *store, const struct restore_point *points,
	size_t count, keep_done_fn done, void *data)
{
	struct arena *arena = arena_new();
	struct point_list *list = arena_alloc(arena, sizeof(*list));
	struct restore_point *copies = arena_calloc(arena, count + 1, sizeof(*copies));

	for (size_t i = 0; i < count; i++) {
		copies[i] = points[i];
		copies[i].app = arena_strdup(arena, points[i].app);
		copies[i].path = arena_strdup(arena, points[i].path);
		copies[i].job_id = arena_strdup(arena, points[i].job_id);
	}
	*list = (struct point_list){copies, count};
	return keep_start(store, arena, list, point_write, done, data);
}

struct keep_op *keep_restore_point(
	struct store *store, const struct restore_point *point, keep_done_fn done, void *data)
{
	return keep_restore_points(store, point, 1, done, data);
}

/* ---- what the fleet sees ---- */

#define POINTS_MAX 64

/* What was noted of one job last. */
struct mark {
	int64_t mono_ms;                     /* when a checkpoint was noted */
	int64_t checkpoint_ms, savepoint_ms; /* their completion */
	bool has_ended;
};

struct point_notes {
	struct loop *loop;
	struct store *store;
	struct loop_timer *timer;
	struct map *marks;   /* ref of the job → struct mark */
	struct arena *arena; /* texts of those that wait */
	VEC(struct restore_point) waiting;
};

struct point_notes *point_notes_new(struct loop *loop, struct store *store)
{
	struct point_notes *notes = xcalloc(1, sizeof(*notes));

	notes->loop = loop;
	notes->store = store;
	notes->marks = map_new();
	return notes;
}

/* A write that fails is not repeated: what is still true is told again within a minute, and the
 * trouble with the disk is told by all that is written besides. */
void point_notes_flush(struct point_notes *notes)
{
	loop_timer_cancel(notes->timer);
	notes->timer = NULL;
	if (notes->waiting.len)
		keep_restore_points(
			notes->store, notes->waiting.data, notes->waiting.len, NULL, NULL);
	notes->waiting.len = 0;
	arena_free(notes->arena);
	notes->arena = NULL;
}

static void on_timer(void *data)
{
	point_notes_flush(data);
}

void point_notes_free(struct point_notes *notes)
{
	if (!notes)
		return;
	point_notes_flush(notes);
	map_each (entry, notes->marks)
		free(map_value(entry));
	map_free(notes->marks);
	vec_release(&notes->waiting);
	free(notes);
}

static void wait_for(struct point_notes *notes, const struct restore_point *point)
{
	struct restore_point copy = *point;

	if (!notes->arena)
		notes->arena = arena_new();
	copy.app = arena_strdup(notes->arena, point->app);
	copy.path = arena_strdup(notes->arena, point->path);
	copy.job_id = arena_strdup(notes->arena, point->job_id);
	vec_push(&notes->waiting, copy);
	if (!notes->timer)
		notes->timer = loop_timer(notes->loop, POINT_BATCH_MS, 0, on_timer, notes);
}

static struct mark *mark_of(struct point_notes *notes, const struct job *job)
{
	struct mark *mark = map_get(notes->marks, job->ref);

	if (!mark) {
		mark = xcalloc(1, sizeof(*mark));
		map_put(notes->marks, job->ref, mark);
	}
	return mark;
}

static void note_job(struct point_notes *notes, const struct job *job)
{
	struct restore_point points[POINTS_MAX];
	size_t count = job_points(job, points, POINTS_MAX);
	struct mark *mark = mark_of(notes, job);
	struct mark now = *mark;
	bool ends = job_status_is_terminal(job->summary.status) && !mark->has_ended;
	bool is_due = ends || !mark->mono_ms || clock_mono_ms() - mark->mono_ms >= POINT_EVERY_MS;

	for (size_t i = 0; i < count; i++) {
		const struct restore_point *point = &points[i];
		bool is_savepoint = point->kind == RESTORE_SAVEPOINT;
		int64_t *newest_ms = is_savepoint ? &now.savepoint_ms : &now.checkpoint_ms;
		int64_t known_ms = is_savepoint ? mark->savepoint_ms : mark->checkpoint_ms;
		/* What was noted, and what Flink dropped of it, is told once a minute. */
		bool is_new = point->completed_ms > known_ms && !point->is_gone;
		if (is_savepoint ? is_new : is_due && (is_new || point->is_gone)) {
			wait_for(notes, point);
			if (!is_savepoint)
				now.mono_ms = clock_mono_ms();
			if (point->completed_ms > *newest_ms)
				*newest_ms = point->completed_ms;
		}
	}
	now.has_ended = job_status_is_terminal(job->summary.status);
	*mark = now;
}

void point_note(struct point_notes *notes, const struct snapshot *cause,
	const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct change *change = &changes[i];
		const struct job *job = change->item;
		if (change->kind != KIND_JOB)
			continue;
		if (change->what & CHANGE_REMOVED)
			free(map_del(notes->marks, change->ref));
		else if (job && cause->kind == SNAPSHOT_JOB && job->app && job->app->decl &&
			(cause->detail.parts & JOB_PART_CHECKPOINTS))
			note_job(notes, job);
	}
}
