/*
 * What weir remembers, looked at and not touched: nothing is repaired, migrated, moved or made, and
 * consoles go on meanwhile. Blocking, of a store that need not be open.
 *
 *	struct kept_files *files = store_inspect(dir, "prod", true, on_file, NULL);
 *	for (size_t i = 0; i < files->count; i++) ... files->items[i].found ...
 *	kept_files_free(files);
 */
#ifndef WEIR_STORE_INSPECT_H
#define WEIR_STORE_INSPECT_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/model/kept_file.h"

struct kept_files {
	struct kept_file *items; /* the folder first */
	size_t count;
	struct arena *arena;
};

/* Less free on its disk is said. */
#define STORE_FREE_LOW_BYTES ((int64_t)100 << 20)

/* is_whole: every page and reference is read, and the backup too, which takes as long as the disk needs;
 * else only whether they open. on_file (may be NULL): told the name of each before that. */
struct kept_files *store_inspect(const char *dir, const char *context, bool is_whole,
	void (*on_file)(void *data, const char *name), void *data);
void kept_files_free(struct kept_files *files); /* NULL-safe */

#endif
