/*
 * Restore points that the fleet sees are kept without being asked for: each savepoint, and of each
 * job's retained checkpoints one a minute, and the last one when it ends. A list of what waits goes
 * to the lane in one transaction.
 *
 *	struct point_notes *notes = point_notes_new(loop, store);
 *	point_note(notes, cause, changes, count);    for each changes of the fleet
 *	point_notes_free(notes);                     hands over what still waits
 */
#ifndef WEIR_STORE_JOURNAL_POINT_H
#define WEIR_STORE_JOURNAL_POINT_H

#include "core/fleet/fleet.h"
#include "core/loop/loop.h"
#include "core/store/journal/release.h"

#define POINT_EVERY_MS 60000
#define POINT_BATCH_MS 500

/* In one transaction; else as keep_restore_point(). */
struct keep_op *keep_restore_points(struct store *store, const struct restore_point *points,
	size_t count, keep_done_fn done, void *data);

struct point_notes;
struct point_notes *point_notes_new(struct loop *loop, struct store *store);
void point_notes_free(struct point_notes *notes);  /* NULL-safe; while the store is open */
void point_notes_flush(struct point_notes *notes); /* without waiting for the batch */
void point_note(struct point_notes *notes, const struct snapshot *cause,
	const struct change *changes, size_t count);

#endif
