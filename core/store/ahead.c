/* See ahead.h. The disk is one of its own, of which only cache.db is ever opened. */
#include "core/store/ahead.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/loop/work.h"

struct ahead {
	struct disk *disk;
	snapshot_vec snapshots;
	bool is_read;
	ahead_fn done; /* NULL: canceled */
	void *data;
};

static void ahead_run(void *data)
{
	struct ahead *ahead = data;
	struct disk *disk = ahead->disk;
	struct err err = {0};

	if (db_network_folder(disk->dir) || db_open_look(disk->files[FILE_CACHE], &err) < 0)
		return;
	disk_load(disk, FILE_CACHE, &ahead->snapshots, &err);
	ahead->is_read = err.code == E_OK;
	db_close(disk->files[FILE_CACHE]);
}

static void ahead_done(void *data)
{
	struct ahead *ahead = data;

	if (ahead->done)
		ahead->done(ahead->data, ahead->is_read, &ahead->snapshots, ahead->disk->base);
	else
		for (size_t i = 0; i < ahead->snapshots.len; i++)
			snapshot_unref(ahead->snapshots.data[i]);
	vec_release(&ahead->snapshots);
	disk_free(ahead->disk);
	free(ahead);
}

struct ahead *ahead_start(struct loop *loop, const struct disk *disk, ahead_fn done, void *data)
{
	struct ahead *ahead = xcalloc(1, sizeof(*ahead));

	ahead->disk = disk_new(disk->dir, disk->context);
	ahead->disk->is_folder_known = true; /* that is the lane's to tell */
	ahead->done = done;
	ahead->data = data;
	work_start(loop, ahead_run, ahead_done, ahead);
	return ahead;
}

void ahead_cancel(struct ahead *ahead)
{
	if (ahead)
		ahead->done = NULL;
}
