/*
 * The loop's side: notes become rows of a batch, batches go to the lane one at a time, and what the
 * lane says becomes problems in words. The lane's side is disk.c; they share nothing but what is
 * handed over.
 *
 * A row of which only the time is new ("seen") waits apart, so that a fleet in which nothing
 * happens costs one small transaction each STORE_SEEN_MS. It does not try to save what it never heard of:
 * after a cache was lost, the rows come back as the sources tell them.
 */
#include "core/store/store.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "core/store/history/recorder.h"
#include "core/store/history/trimmer.h"
#include "core/store/journal/point.h"
#include "core/store/lease/poll_lease_internal.h"
#include "core/store/note.h"
#include "core/store/problem.h"
#include "core/store/store_private.h"

#define BATCH_MS 500
#define RETRY_MS 5000
#define CLOSE_MS 1800

struct task *task_new(struct store *store)
{
	struct task *task = xcalloc(1, sizeof(*task));

	task->store = store;
	task->disk = store->disk;
	return task;
}

void task_free(struct task *task)
{
	for (size_t i = 0; i < task->snapshots.len; i++)
		snapshot_unref(task->snapshots.data[i]);
	vec_release(&task->snapshots);
	vec_release(&task->notices);
	free(task);
}

void task_collect(void *data)
{
	struct task *task = data;

	atomic_store(&task->disk->has_notices, false);
	for (size_t i = 0; i < task->disk->notices.len; i++)
		vec_push(&task->notices, task->disk->notices.data[i]);
	task->disk->notices.len = 0;
	for (int file = 0; file < FILE_MAX; file++)
		db_is_frozen(task->disk->files[file], &task->frozen[file]);
}

void store_hear(struct store *store, const struct task *task)
{
	bool were_open = problems_are_open(&store->problems);

	for (size_t i = 0; i < task->notices.len; i++)
		problems_notice(&store->problems, &task->notices.data[i]);
	for (int file = 0; file < FILE_MAX; file++) {
		const struct err *failed = &task->failed[file], *frozen = &task->frozen[file];
		struct problem *problem = &store->problems.files[file];

		if (!task->tried[file] || problem->is_refused || failed->code == E_CANCELED)
			continue;
		problem->is_frozen = frozen->code != E_OK;
		problems_hear(&store->problems, (enum store_file)file,
			failed->code           ? failed
				: frozen->code ? frozen
					       : NULL);
	}
	problems_end(&store->problems, were_open);
}

/* ---- writing ---- */

static void write_start(struct store *store, bool forced);

static void on_timer(void *data)
{
	struct store *store = data;

	store->is_armed = false;
	write_start(store, false);
}

static void arm(struct store *store, int64_t at_ms)
{
	int64_t delay_ms = at_ms - clock_mono_ms();

	if (store->is_armed && store->due_ms <= at_ms)
		return;
	store->is_armed = true;
	store->due_ms = at_ms;
	delay_ms = delay_ms > 0 ? delay_ms : 0;
	if (store->timer)
		loop_timer_set(store->timer, delay_ms, 0);
	else
		store->timer = loop_timer(store->loop, delay_ms, 0, on_timer, store);
}

static bool is_frozen(const struct store *store)
{
	return store->problems.files[FILE_REGISTRY].is_frozen ||
		store->problems.files[FILE_CACHE].is_frozen;
}

/* When that something was only seen is to be written. */
static int64_t seen_at_ms(const struct store *store)
{
	size_t waiting = map_count(store->pending[FILE_CACHE].seen);

	if (poll_lease_is_followed(store->lease))
		waiting = 0;
	return store->seen_written_ms + STORE_SEEN_MS + (int64_t)waiting * STORE_SEEN_EACH_MS;
}

/* When is there something to write next, or to be tried again? Nothing is armed while a batch is being written. */
static void schedule(struct store *store)
{
	int64_t soon_ms = clock_mono_ms() + BATCH_MS, at_ms;
	bool has_rows = false, has_seen = false;

	for (int file = 0; file < FILE_MAX; file++) {
		has_rows = has_rows || !batch_is_empty(&store->pending[file]);
		has_seen = has_seen || map_count(store->pending[file].seen) > 0;
	}
	if (store->writing || store->is_closing || (!has_rows && !has_seen && !is_frozen(store)) ||
		!poll_lease_may_write(store->lease))
		return;
	at_ms = has_rows || has_seen ? soon_ms : soon_ms + RETRY_MS;
	if (!has_rows && seen_at_ms(store) > at_ms)
		at_ms = seen_at_ms(store);
	if (store->failed_ms && store->failed_ms + RETRY_MS > at_ms)
		at_ms = store->failed_ms + RETRY_MS;
	arm(store, at_ms);
}

static void write_run(void *data)
{
	struct task *task = data;

	for (int file = 0; file < FILE_MAX; file++) {
		const struct batch *batch = &task->batch[file];
		struct err *failed = &task->failed[file];
		bool has_rows = !batch_is_empty(batch);
		int rc = 0;

		/* With nothing to write: can it be written again? */
		task->tried[file] = has_rows || task->thaws[file];
		if (has_rows)
			rc = disk_write(task->disk, (enum store_file)file, batch, failed);
		else if (task->tried[file])
			rc = disk_open(task->disk, (enum store_file)file, failed);
		if (rc == 0)
			failed->code = E_OK;
	}
	task_collect(task);
}

/* What failed goes back under what was noted since; a refused file has no use for it. */
static void write_settle(struct store *store, struct task *task)
{
	store->failed_ms = 0;
	for (int file = 0; file < FILE_MAX; file++) {
		bool failed = task->tried[file] && task->failed[file].code;

		if (failed && task->failed[file].code == E_CANCELED) {
			poll_lease_doubt(store->lease);
		} else if (failed && task->failed[file].code != E_UNSUPPORTED) {
			store->failed_ms = clock_mono_ms();
			batch_take_back(&store->pending[file], &task->batch[file]);
		}
		batch_release(&task->batch[file]);
	}
}

static void tidy_run(void *data)
{
	struct task *task = data;

	disk_tidy(task->disk, clock_wall_ms());
	task_collect(task);
}

static void tidy_done(void *data)
{
	struct task *task = data;

	store_hear(task->store, task);
	task_free(task);
}

/* Behind the batch that was queued just now, if there was one. */
static void release_readers(struct store *store)
{
	for (size_t i = 0; i < store->readers.len; i++) {
		const struct reader *reader = &store->readers.data[i];

		store_read(store, reader->run, reader->done, reader->data);
	}
	store->readers.len = 0;
}

static void write_done(void *data)
{
	struct task *task = data;
	struct store *store = task->store;
	bool forced = store->wants_flush;

	store->writing = NULL;
	store->wants_flush = false;
	write_settle(store, task);
	store_hear(store, task);
	task_free(task);
	if (store->is_closing)
		return;
	if (forced)
		write_start(store, true);
	else
		schedule(store);
	release_readers(store);
}

/* The next batch, or NULL when there is nothing to write. */
static struct task *batch_take(struct store *store, bool forced)
{
	int64_t now_ms = clock_mono_ms();
	bool is_ripe = forced || now_ms >= seen_at_ms(store), is_empty = true;
	struct task *task;

	for (int file = 0; file < FILE_MAX; file++) {
		if (is_ripe && map_count(store->pending[file].seen)) {
			batch_ripen(&store->pending[file]);
			store->seen_written_ms = now_ms;
		}
		is_empty = is_empty && batch_is_empty(&store->pending[file]);
	}
	if (is_empty && (!is_frozen(store) || store->is_closing))
		return NULL;
	task = task_new(store);
	for (int file = 0; file < FILE_MAX; file++) {
		task->batch[file] = store->pending[file];
		batch_init(&store->pending[file]);
		task->thaws[file] = store->problems.files[file].is_frozen;
		/* What is not ripe stays. */
		struct map *seen = task->batch[file].seen;
		task->batch[file].seen = store->pending[file].seen;
		store->pending[file].seen = seen;
	}
	return task;
}

static void write_start(struct store *store, bool forced)
{
	struct task *task;

	if (store->writing) {
		store->wants_flush = store->wants_flush || forced;
		return;
	}
	if (!poll_lease_may_write(store->lease))
		return;
	task = batch_take(store, forced);
	if (!task) {
		schedule(store);
		return;
	}
	store->writing = task;
	work_lane_add(store->lane, write_run, write_done, task);
}

void store_flush(struct store *store)
{
	point_notes_flush(store->points);
	write_start(store, true);
}

void store_note(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct store *store = data;

	if (!cause || store->is_closing || !str_eq(cause->context, store->context))
		return;
	/* What is remembered, or seen by another one, only says what is known. */
	bool is_told = cause->from_store || cause->is_followed;
	bool is_ours = !is_told && poll_lease_notes(store->lease);

	recorder_note(store->recorder, is_ours ? &store->pending[FILE_CACHE] : NULL, cause, changes,
		count);
	if (is_told)
		return;
	note_changes(store->pending, cause, changes, count, poll_lease_cards(store->lease));
	point_note(store->points, cause, changes, count);
	for (int file = 0; file < FILE_MAX; file++)
		if (store->problems.files[file].is_refused) {
			batch_release(&store->pending[file]);
			batch_init(&store->pending[file]);
		}
	schedule(store);
}

bool store_remember(struct store *store, const struct fleet *fleet, int64_t until_mono_ms)
{
	if (!recorder_remember(store->recorder, fleet, store->context, until_mono_ms))
		return false;
	work_lane_add(store->lane, tidy_run, tidy_done, task_new(store));
	trimmer_start(store->trimmer);
	return true;
}

/* ---- opening, loading, closing ---- */

static void open_run(void *data)
{
	struct task *task = data;

	for (int file = 0; file < FILE_MAX; file++) {
		task->tried[file] = true;
		if (disk_open(task->disk, (enum store_file)file, &task->failed[file]) == 0)
			task->failed[file].code = E_OK;
	}
	task_collect(task);
}

static void open_done(void *data)
{
	struct task *task = data;

	store_hear(task->store, task);
	schedule(task->store);
	task_free(task);
}

void store_open(struct store **out, struct loop *loop, const char *dir, const char *context,
	store_problem_fn on_problem, void *data)
{
	struct store *store = xcalloc(1, sizeof(*store));

	store->loop = loop;
	store->lane = work_lane_new(loop);
	store->disk = disk_new(dir, context);
	store->context = xstrdup(context);
	store->points = point_notes_new(loop, store);
	store->recorder = recorder_new();
	store->trimmer = trimmer_new(loop, store);
	store->lease = poll_lease_new(loop, store);
	store->problems.fn = on_problem;
	store->problems.data = data;
	/* Far enough back for the first batch to be due at once. */
	store->seen_written_ms = -STORE_SEEN_MS;
	for (int file = 0; file < FILE_MAX; file++)
		batch_init(&store->pending[file]);
	work_lane_add(store->lane, open_run, open_done, task_new(store));
	*out = store;
}

/* The lane is gone: its connections are ours. */
static void write_last(struct store *store)
{
	bool may_write = poll_lease_may_write(store->lease);
	struct task *task = may_write ? batch_take(store, true) : NULL;

	if (!task)
		return;
	do {
		write_run(task);
		/* What is written must not be written twice: events have no ref. */
		for (int file = 0; file < FILE_MAX; file++)
			if (!task->failed[file].code) {
				batch_release(&task->batch[file]);
				batch_init(&task->batch[file]);
			}
	} while ((task->failed[FILE_REGISTRY].code == E_CONFLICT ||
			 task->failed[FILE_CACHE].code == E_CONFLICT) &&
		clock_mono_ms() < atomic_load(&store->disk->deadline_ms));
	store_hear(store, task);
	for (int file = 0; file < FILE_MAX; file++)
		batch_release(&task->batch[file]);
	task_free(task);
}

void store_close(struct store *store)
{
	if (!store)
		return;
	point_notes_free(store->points);
	trimmer_free(store->trimmer);
	poll_lease_stop(store->lease);
	if (!store->problems.files[FILE_CACHE].is_refused)
		recorder_settle(store->recorder, &store->pending[FILE_CACHE]);
	store->is_closing = true;
	/* Nobody is answered any more, but each question has its memory to free. */
	release_readers(store);
	atomic_store(&store->disk->deadline_ms, clock_mono_ms() + CLOSE_MS);
	loop_timer_cancel(store->timer);
	ahead_cancel(store->ahead);
	if (store->loading)
		task_free(store->loading);
	work_lane_drain_free(store->lane);
	store->lane = NULL;
	write_last(store);
	poll_lease_end(store->lease, store->disk);
	poll_lease_free(store->lease);
	for (int file = 0; file < FILE_MAX; file++) {
		batch_release(&store->pending[file]);
		problem_forget(&store->problems.files[file]);
	}
	recorder_free(store->recorder);
	vec_release(&store->readers);
	disk_free(store->disk);
	free(store->context);
	free(store);
}

void store_told(struct store *store, enum store_file file, const struct err *err)
{
	bool were_open = problems_are_open(&store->problems);

	problems_hear(&store->problems, file, err);
	problems_end(&store->problems, were_open);
}

struct poll_lease *store_lease(const struct store *store)
{
	return store->lease;
}

/* The declarations stay: should the other one have died before it wrote them, this one does. */
void store_drop_notes(struct store *store)
{
	batch_release(&store->pending[FILE_CACHE]);
	batch_init(&store->pending[FILE_CACHE]);
}

void store_limit_history(struct store *store, int64_t kept_ms, int64_t bytes)
{
	trimmer_limit(store->trimmer, &(struct history_limits){kept_ms, bytes});
}

/* ---- for core/query ---- */

static void reader_run(void *data)
{
	const struct reader *reader = data;

	reader->run(reader->data);
}

/* A repair on the way is told now, not with the next batch: `done` may close the store. */
static void reader_done(void *data)
{
	struct reader reader = *(struct reader *)data;

	free(data);
	if (atomic_load(&reader.store->disk->has_notices) && !reader.store->is_closing)
		work_lane_add(reader.store->lane, task_collect, tidy_done, task_new(reader.store));
	reader.done(reader.data);
}

void store_read(struct store *store, void (*run)(void *data), void (*done)(void *data), void *data)
{
	struct reader *reader = xcalloc(1, sizeof(*reader));

	*reader = (struct reader){store, run, done, data};
	work_lane_add(store->lane, reader_run, reader_done, reader);
}

void store_read_noted(
	struct store *store, void (*run)(void *data), void (*done)(void *data), void *data)
{
	struct reader reader = {store, run, done, data};

	if (!store->writing)
		write_start(store, true);
	else
		store->wants_flush = true;
	vec_push(&store->readers, reader);
	/* What was noted while a batch is written is queued when that is back. */
	if (!store->writing || batch_is_empty(&store->pending[FILE_CACHE]))
		release_readers(store);
}

const char *store_dir(const struct store *store)
{
	return store->disk->dir;
}

struct disk *store_disk(struct store *store)
{
	return store->disk;
}

bool store_is_closing(const struct store *store)
{
	return store->is_closing;
}

size_t store_pending_events(
	const struct store *store, const struct history_ask *ask, const struct event **out)
{
	size_t count = batch_events(&store->pending[FILE_CACHE], ask, out, 0);

	if (store->writing)
		count = batch_events(&store->writing->batch[FILE_CACHE], ask, out, count);
	return count;
}
