/*
 * Inside core/source/flink only: the life of a poll, from its start to its one answer, the same for each
 * source here. It is the first member of the source's struct source_poll.
 *
 *	poll_begin(&poll->life, &source->polls, ...);
 *	... poll->life.snap is filled, or poll->life.err set ...
 *	poll_end(&poll->life);      or poll_end_soon(), or poll_end_after_work()
 */
#ifndef WEIR_SOURCE_FLINK_POLL_LIFE_H
#define WEIR_SOURCE_FLINK_POLL_LIFE_H

#include "core/loop/loop.h"
#include "core/source/source.h"

struct poll_life {
	struct poll_life **list, *prev, *next; /* list NULL: canceled */
	struct loop *loop;
	source_done_fn done;
	void *data;
	struct snapshot *snap;
	struct err err; /* the verdict; E_OK so far */
	void (*on_end)(
		struct poll_life *life); /* right before it is told; NULL = nothing is to do */
	/* Cancels what is under way, frees what is the source's own, and the poll itself. */
	void (*release)(struct poll_life *life);
	bool is_away; /* in the loop or on the pool, from where it comes back */
};

struct poll_start {
	struct poll_life **list; /* of the source */
	struct loop *loop;
	const struct source *source;
	const struct poll *ask;
	const char *key; /* of the snapshot */
	source_done_fn done;
	void *data;
	void (*on_end)(struct poll_life *life);
	void (*release)(struct poll_life *life);
};
/* Makes the snapshot, and lists it. `err` is left as it is. */
void poll_begin(struct poll_life *life, const struct poll_start *start);
/* Tells `snap`; of one with `err` only who was asked, when, and that. Frees the poll. */
void poll_end(struct poll_life *life);
/* On the next turn: never from inside the call that asks. */
void poll_end_soon(struct poll_life *life);
/* After run(life) on the pool. */
void poll_end_after_work(struct poll_life *life, void (*run)(void *life));
/* Its `done` is not called. Freed at once, or when it is back. */
void poll_drop(struct poll_life *life);
void polls_drop(struct poll_life **list);

#endif
