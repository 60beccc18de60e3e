/*
 * The thread pool: what blocks or burns goes there as a value with its inputs and comes back as a
 * value. `run` is on a pool thread and touches only `data`; `done` is on the loop, exactly once,
 * and owns `data` again.
 */
#ifndef WEIR_LOOP_WORK_H
#define WEIR_LOOP_WORK_H

#include "core/loop/loop.h"

typedef void (*work_fn)(void *data);

/* Parallel work, any order. */
void work_start(struct loop *loop, work_fn run, work_fn done, void *data);

/*
 * A lane: jobs run one after the other in order (never two at once), on the pool. For what must not
 * be used from two threads at once: a database connection.
 */
struct work_lane;
struct work_lane *work_lane_new(struct loop *loop);
void work_lane_add(struct work_lane *lane, work_fn run, work_fn done, void *data);
/*
 * For shutdown: waits for the job on the pool, runs what is queued (and what a `done` adds
 * meanwhile) on the calling thread, calls each `done` in order, frees the lane. Allowed inside a
 * `done` of the lane. NULL-safe.
 */
void work_lane_drain_free(struct work_lane *lane);

#endif
