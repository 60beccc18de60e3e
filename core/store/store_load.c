/*
 * What is remembered, at the start: both files are read at a time, cache.db ahead of the lane (ahead.h), and
 * handed over in their order: while one is taken in, the other may still be read.
 */
#include "core/store/store_private.h"

static void load_run(void *data)
{
	struct task *task = data;
	enum store_file file = task->loads;

	disk_load(task->disk, file, &task->snapshots, &task->failed[file]);
	task->tried[file] = true;
	task_collect(task);
}

static void load_done(void *data)
{
	struct task *task = data;
	struct store *store = task->store;
	const struct err *failed = &task->failed[task->loads];
	bool is_last = task->loads == FILE_MAX - 1;

	store_hear(store, task);
	if (failed->code)
		store->unread++;
	if (!store->is_closing)
		task->loaded(task->data, task->snapshots.data, task->snapshots.len, is_last,
			is_last && store->unread == FILE_MAX ? failed : NULL);
	task_free(task);
}

static void take_run(void *data)
{
	struct task *task = data;

	/* Also for who writes later: what differences are told of. */
	task->disk->base = task->base;
	task->tried[FILE_CACHE] = true;
	if (disk_open(task->disk, FILE_CACHE, &task->failed[FILE_CACHE]) == 0)
		task->failed[FILE_CACHE].code = E_OK;
	task_collect(task);
}

/* What was read ahead, or (when it could not be) all, in the lane's turn. */
static void take(struct store *store)
{
	struct task *task = store->loading;

	store->loading = NULL;
	work_lane_add(store->lane, task->is_read ? take_run : load_run, load_done, task);
}

static void on_ahead(void *data, bool is_read, snapshot_vec *snapshots, int64_t base)
{
	struct store *store = data;
	struct task *task = store->loading;

	store->ahead = NULL;
	task->is_read = is_read;
	task->base = base;
	if (is_read) {
		task->snapshots = *snapshots;
		*snapshots = (snapshot_vec){0};
	}
	if (task->loaded)
		take(store);
}

static struct task *load_task(struct store *store, enum store_file file)
{
	struct task *task = task_new(store);

	task->loads = file;
	return task;
}

void store_read_ahead(struct store *store)
{
	if (store->loading)
		return;
	store->loading = load_task(store, FILE_CACHE);
	store->ahead = ahead_start(store->loop, store->disk, on_ahead, store);
}

void store_load(struct store *store, store_loaded_fn done, void *data)
{
	struct task *registry = load_task(store, FILE_REGISTRY);

	store->unread = 0;
	store_read_ahead(store);
	registry->loaded = store->loading->loaded = done;
	registry->data = store->loading->data = data;
	work_lane_add(store->lane, load_run, load_done, registry);
	if (!store->ahead)
		take(store);
}
