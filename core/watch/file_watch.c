/*
 * One look at a time. What was seen last travels with the look and comes back; who was freed
 * meanwhile is not told.
 */
#include "core/watch/file_watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"

#define FILE_BYTES ((size_t)8 << 20)

/* What a look finds; text "" when there is no file. */
struct seen {
	struct timespec time;
	off_t size;
	ino_t inode;
	char sha256[HASH_HEX_LEN + 1];
};

struct look {
	struct file_watch *watch; /* NULL: freed meanwhile */
	char *path;
	struct seen seen;
};

struct file_watch {
	struct loop *loop;
	struct loop_timer *timer;
	struct look *look; /* under way; or NULL */
	char *path;
	int64_t every_ms;
	struct seen last;
	char first[HASH_HEX_LEN + 1];
	bool has_first, is_other;
	void (*changed)(void *data, bool is_other);
	void *data;
};

static void look_run(void *data)
{
	struct look *look = data;
	struct seen *seen = &look->seen;
	struct stat info;
	struct buf text;

	if (stat(look->path, &info)) {
		*seen = (struct seen){0};
		return;
	}
	if (*seen->sha256 && seen->size == info.st_size && seen->inode == info.st_ino &&
		seen->time.tv_sec == info.st_mtim.tv_sec &&
		seen->time.tv_nsec == info.st_mtim.tv_nsec)
		return;
	buf_init(&text, FILE_BYTES);
	*seen = (struct seen){.time = info.st_mtim, .size = info.st_size, .inode = info.st_ino};
	if (file_read(look->path, &text, NULL) == 0)
		hash_bytes(text.data, text.len, seen->sha256);
	mem_wipe(text.data, text.len); /* a configuration may hold secrets */
	buf_release(&text);
}

static void look_done(void *data)
{
	struct look *look = data;
	struct file_watch *watch = look->watch;

	if (watch) {
		bool was_other = watch->is_other;

		watch->look = NULL;
		watch->last = look->seen;
		if (!watch->has_first)
			memcpy(watch->first, look->seen.sha256, sizeof(watch->first));
		watch->has_first = true;
		watch->is_other = !str_eq(watch->first, look->seen.sha256);
		loop_timer_set(watch->timer, watch->every_ms, 0);
		if (watch->is_other != was_other)
			watch->changed(watch->data, watch->is_other);
	}
	free(look->path);
	free(look);
}

static void on_timer(void *data)
{
	struct file_watch *watch = data;
	struct look *look = xcalloc(1, sizeof(*look));

	look->watch = watch;
	look->path = xstrdup(watch->path);
	look->seen = watch->last;
	watch->look = look;
	work_start(watch->loop, look_run, look_done, look);
}

struct file_watch *file_watch_new(struct loop *loop, const char *path, int64_t every_ms,
	void (*changed)(void *data, bool is_other), void *data)
{
	struct file_watch *watch = xcalloc(1, sizeof(*watch));

	watch->loop = loop;
	watch->path = xstrdup(path);
	watch->every_ms = every_ms;
	watch->changed = changed;
	watch->data = data;
	watch->timer = loop_timer(loop, 0, 0, on_timer, watch);
	return watch;
}

void file_watch_free(struct file_watch *watch)
{
	if (!watch)
		return;
	if (watch->look)
		watch->look->watch = NULL;
	loop_timer_cancel(watch->timer);
	free(watch->path);
	free(watch);
}
