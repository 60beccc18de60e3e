/*
 * The flight recorder's ear: which changes of the fleet are worth a row of the history. On the loop's
 * thread: it compares with the little that it remembers of each item, copies, and does no more.
 *
 *	struct recorder *recorder = recorder_new();
 *	recorder_note(recorder, &pending[FILE_CACHE], cause, changes, count);
 *	recorder_note(recorder, NULL, cause, changes, count);    from the store: only remembered
 */
#ifndef WEIR_STORE_HISTORY_RECORDER_H
#define WEIR_STORE_HISTORY_RECORDER_H

#include "core/fleet/fleet.h"
#include "core/store/batch.h"

/* Restarts of one job are told at most so often; a loop is one line a minute. */
#define RESTART_EVERY_MS 60000

struct recorder;
struct recorder *recorder_new(void);
void recorder_free(struct recorder *recorder); /* NULL-safe */
void recorder_note(struct recorder *recorder, struct batch *cache, const struct snapshot *cause,
	const struct change *changes, size_t count);
/*
 * All that was loaded of a context, before the first answer: as if each had been noted without a cache. False:
 * at until_mono_ms some were left, for the next call; nothing may change in the fleet before it is done.
 */
bool recorder_remember(struct recorder *recorder, const struct fleet *fleet, const char *context,
	int64_t until_mono_ms);
/* What waits for more to be known is told as it is: nothing will be noted any more. */
void recorder_settle(struct recorder *recorder, struct batch *cache);

#endif
