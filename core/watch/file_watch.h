/*
 * Has a file another content than when it was first looked at? Looked at on the pool, by stat; read
 * only when that has changed, so that who saves it as it was changes nothing.
 *
 *	watch = file_watch_new(loop, config->path, 3000, on_changed, ui);
 *	file_watch_free(watch);        on_changed is then never called
 */
#ifndef WEIR_WATCH_FILE_WATCH_H
#define WEIR_WATCH_FILE_WATCH_H

#include <stdbool.h>

#include "core/loop/loop.h"

struct file_watch;

/* changed: on the loop, at each change; false: it is as it was. A file that is gone is another. */
struct file_watch *file_watch_new(struct loop *loop, const char *path, int64_t every_ms,
	void (*changed)(void *data, bool is_other), void *data);
void file_watch_free(struct file_watch *watch); /* NULL-safe */

#endif
