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

/* Every page and reference is read, which takes as long as the disk needs. on_file (may be
 * NULL): told the name of each before that. */
struct kept_files *store_inspect(const char *dir, const char *context,
	void (*on_file)(void *data, const char *name), void *data);
void kept_files_free(struct kept_files *files); /* NULL-safe */

#endif
