/*
 * Jobs on libuv's pool. A job's result comes back through loop_defer(), so that a burst of finished
 * jobs is handed out within the loop's 2 ms like everything else. A lane is a queue with at most
 * one job on the pool: the next one starts when the `done` of the one before is due, which keeps
 * `done` in order.
 */
#include "core/loop/work.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

#include "core/base/mem.h"

struct job {
	uv_work_t req;
	uv_sem_t ran; /* posted by the pool: for a drain that cannot wait for the loop */
	struct loop *loop;
	struct work_lane *lane; /* NULL: none, or drained since */
	struct job *next;
	work_fn run, done; /* done NULL: a drain has called it */
	void *data;
	bool back; /* the loop has it again */
};

struct work_lane {
	struct loop *loop;
	struct job *current; /* on the pool, or back with its `done` still to be called */
	struct job *first, **last;
	bool draining; /* jobs are run by the drain, none goes to the pool */
};

static void lane_next(struct work_lane *lane);

/* On a pool thread. */
static void job_run(uv_work_t *req)
{
	struct job *job = req->data;

	job->run(job->data);
	uv_sem_post(&job->ran);
}

static void job_done(void *data)
{
	struct job *job = data;

	loop_unhold(job->loop);
	if (job->lane) {
		assert(job->lane->current == job);
		job->lane->current = NULL;
		lane_next(job->lane); /* before `done`, which may free the lane */
	}
	if (job->done)
		job->done(job->data);
	uv_sem_destroy(&job->ran);
	free(job);
}

static void job_back(uv_work_t *req, int status)
{
	struct job *job = req->data;

	(void)status; /* canceled only by a drain, which then ran it */
	job->back = true;
	loop_defer(job->loop, job_done, job);
}

static struct job *job_new(struct loop *loop, work_fn run, work_fn done, void *data)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->req.data = job;
	job->loop = loop;
	job->run = run;
	job->done = done;
	job->data = data;
	return job;
}

static void job_start(struct job *job)
{
	int rc = uv_sem_init(&job->ran, 0);

	assert(rc == 0);
	loop_hold(job->loop);
	rc = uv_queue_work(loop_uv(job->loop), &job->req, job_run, job_back);
	assert(rc == 0); /* fails only without a function to run */
	(void)rc;
}

void work_start(struct loop *loop, work_fn run, work_fn done, void *data)
{
	job_start(job_new(loop, run, done, data));
}

struct work_lane *work_lane_new(struct loop *loop)
{
	struct work_lane *lane = xcalloc(1, sizeof(*lane));

	lane->loop = loop;
	lane->last = &lane->first;
	return lane;
}

static struct job *lane_pop(struct work_lane *lane)
{
	struct job *job = lane->first;

	if (job) {
		lane->first = job->next;
		if (!lane->first)
			lane->last = &lane->first;
		job->next = NULL;
	}
	return job;
}

static void lane_next(struct work_lane *lane)
{
	assert(!lane->current);
	lane->current = lane_pop(lane);
	if (lane->current)
		job_start(lane->current);
}

void work_lane_add(struct work_lane *lane, work_fn run, work_fn done, void *data)
{
	struct job *job = job_new(lane->loop, run, done, data);

	job->lane = lane;
	*lane->last = job;
	lane->last = &job->next;
	if (!lane->current && !lane->draining)
		lane_next(lane);
}

/* The job that was given to the pool: run by now, or never to be run there. */
static void lane_settle_current(struct work_lane *lane)
{
	struct job *job = lane->current;
	work_fn done = job->done;

	if (!job->back && uv_cancel((uv_req_t *)&job->req) == 0)
		job->run(job->data);
	else
		uv_sem_wait(&job->ran);
	/* The loop still has to give the request back; then nothing but the memory is left to do.
	 */
	job->lane = NULL;
	job->done = NULL;
	lane->current = NULL;
	done(job->data);
}

void work_lane_drain_free(struct work_lane *lane)
{
	struct job *job;

	if (!lane)
		return;
	lane->draining = true;
	if (lane->current)
		lane_settle_current(lane);
	while ((job = lane_pop(lane))) {
		job->run(job->data);
		job->done(job->data);
		free(job);
	}
	free(lane);
}
