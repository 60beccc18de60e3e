/* Changes of the fleet → rows to be written. On the loop's thread: copies, and no more work than
 * that. */
#ifndef WEIR_STORE_NOTE_H
#define WEIR_STORE_NOTE_H

#include "core/fleet/fleet.h"
#include "core/store/batch.h"

/*
 * pending: one batch for each file (enum store_file). cause: asked by this process. cards: refs of the
 * applications whose cards other processes show; or NULL.
 */
void note_changes(struct batch *pending, const struct snapshot *cause, const struct change *changes,
	size_t count, const struct map *cards);

#endif
