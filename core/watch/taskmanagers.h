/*
 * The TaskManagers of one cluster, asked for by whoever looks at them, and only then: the list, and what each says of its JVM.
 *
 *	taskmanagers = taskmanagers_new(&options);
 *	taskmanagers_look(taskmanagers);                    while somebody looks: again and again, it asks for what is due
 *	taskmanagers_items(taskmanagers, &count);
 *	taskmanagers_free(taskmanagers);
 */
#ifndef WEIR_WATCH_TASKMANAGERS_H
#define WEIR_WATCH_TASKMANAGERS_H

#include "core/fleet/fleet.h"
#include "core/source/source.h"

/* How old a list and a load may become; one request each. With very many, loads are asked for less often. */
#define TASKMANAGERS_LIST_MS 5000
#define TASKMANAGERS_LOAD_MS 10000
/* Under way at once. */
#define TASKMANAGERS_SLOTS 4
/* Nobody looks any more who has not for so long. */
#define TASKMANAGERS_LOOK_MS 3000

struct taskmanagers;
struct taskmanagers_options {
	struct source *source;     /* outlives it */
	const struct fleet *fleet; /* since when they are there, as far as it knows */
	/* May so many requests be sent now? NULL = yes. */
	bool (*may_spend)(void *data, const struct source *source, int requests);
	bool list_only;
	/* Something came; not from inside a call. */
	void (*changed)(void *data);
	void *data;
};

struct taskmanagers *taskmanagers_new(const struct taskmanagers_options *options);
void taskmanagers_free(struct taskmanagers *taskmanagers); /* cancels; NULL-safe */
void taskmanagers_look(struct taskmanagers *taskmanagers);
/* In the order of the last list; borrowed until the next turn of the loop. */
const struct taskmanager_item *const *taskmanagers_items(
	const struct taskmanagers *taskmanagers, size_t *count);
/* Grows with everything that came. */
uint64_t taskmanagers_changes(const struct taskmanagers *taskmanagers);
/* Why the last list did not come; code 0 = it did, or none has been answered yet. */
const struct err *taskmanagers_error(const struct taskmanagers *taskmanagers);
/* A list has come (or failed), and each in it was asked once. */
bool taskmanagers_are_told(const struct taskmanagers *taskmanagers);

#endif
