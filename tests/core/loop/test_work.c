/* The pool and its lanes: results once and in order, draining at shutdown, closing with jobs under
 * way. */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/loop/work.h"

#define DEADLINE_MS 60000

struct job_test {
	struct shared *shared;
	int number, ran, done;
};

struct shared {
	struct loop *loop;
	struct work_lane *lane;
	sem_t started, go;   /* the pool says that it is inside a job; we let it go on */
	int inside, at_once; /* written without a lock: a lane must not need one */
	int order[64], count;
	struct job_test jobs[64];
};

static int setup(void **state)
{
	struct shared *s = calloc(1, sizeof(*s));
	struct err err;

	assert_non_null(s);
	assert_int_equal(0, loop_open(&s->loop, &err));
	sem_init(&s->started, 0, 0);
	sem_init(&s->go, 0, 0);
	for (int i = 0; i < 64; i++)
		s->jobs[i] = (struct job_test){.shared = s, .number = i};
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct shared *s = *state;

	loop_close(s->loop);
	sem_destroy(&s->started);
	sem_destroy(&s->go);
	free(s);
	return 0;
}

static void run_plain(void *data)
{
	struct job_test *job = data;

	job->ran++;
}

static void run_in_lane(void *data)
{
	struct job_test *job = data;

	if (++job->shared->inside > 1)
		job->shared->at_once++;
	job->ran++;
	job->shared->inside--;
}

static void run_blocking(void *data)
{
	struct job_test *job = data;

	sem_post(&job->shared->started);
	sem_wait(&job->shared->go);
	job->ran++;
}

static void on_done(void *data)
{
	struct job_test *job = data;

	assert_int_equal(1, job->ran);
	job->done++;
	job->shared->order[job->shared->count++] = job->number;
}

static void check_all(struct shared *s, int count)
{
	assert_int_equal(count, s->count);
	for (int i = 0; i < count; i++) {
		assert_int_equal(1, s->jobs[i].ran);
		assert_int_equal(1, s->jobs[i].done);
	}
}

static void work_comes_back_once_and_holds_the_loop(void **state)
{
	struct shared *s = *state;

	for (int i = 0; i < 64; i++)
		work_start(s->loop, run_plain, on_done, &s->jobs[i]);
	assert_int_equal(0, s->count); /* never from inside */
	assert_true(loop_run_until_idle(s->loop, DEADLINE_MS));
	check_all(s, 64);
}

static void a_job_under_way_is_not_idle(void **state)
{
	struct shared *s = *state;

	work_start(s->loop, run_blocking, on_done, &s->jobs[0]);
	sem_wait(&s->started);
	assert_false(loop_run_until_idle(s->loop, 5));
	sem_post(&s->go);
	assert_true(loop_run_until_idle(s->loop, DEADLINE_MS));
	check_all(s, 1);
}

static void a_lane_runs_one_after_the_other_in_order(void **state)
{
	struct shared *s = *state;

	s->lane = work_lane_new(s->loop);
	for (int i = 0; i < 64; i++)
		work_lane_add(s->lane, run_in_lane, on_done, &s->jobs[i]);
	assert_true(loop_run_until_idle(s->loop, DEADLINE_MS));
	check_all(s, 64);
	assert_int_equal(0, s->at_once);
	for (int i = 0; i < 64; i++)
		assert_int_equal(i, s->order[i]);
	work_lane_drain_free(s->lane);
}

static void done_and_add(void *data)
{
	struct job_test *job = data;

	on_done(job);
	if (job->number < 8)
		work_lane_add(job->shared->lane, run_in_lane, done_and_add,
			&job->shared->jobs[job->number + 1]);
}

static void drain_runs_the_rest_here_in_order(void **state)
{
	struct shared *s = *state;

	s->lane = work_lane_new(s->loop);
	for (int i = 0; i < 9; i++)
		work_lane_add(s->lane, run_in_lane, on_done, &s->jobs[i]);
	work_lane_drain_free(s->lane);
	check_all(s, 9);
	for (int i = 0; i < 9; i++)
		assert_int_equal(i, s->order[i]);
	assert_true(loop_run_until_idle(s->loop, DEADLINE_MS));
	check_all(s, 9); /* the one that was on the pool is not done twice */
}

static void drain_takes_what_is_added_meanwhile(void **state)
{
	struct shared *s = *state;

	s->lane = work_lane_new(s->loop);
	work_lane_add(s->lane, run_in_lane, done_and_add, &s->jobs[0]);
	work_lane_drain_free(s->lane);
	check_all(s, 9);
	assert_int_equal(0, s->at_once);
}

static void release_go(void *data)
{
	struct job_test *job = data;

	sem_wait(&job->shared->started);
	sem_post(&job->shared->go);
	job->ran++;
}

static void drain_waits_for_the_job_on_the_pool(void **state)
{
	struct shared *s = *state;

	s->lane = work_lane_new(s->loop);
	/* The first blocks inside the pool until the other job, on another thread, frees it. */
	work_lane_add(s->lane, run_blocking, on_done, &s->jobs[0]);
	work_start(s->loop, release_go, on_done, &s->jobs[1]);
	work_lane_drain_free(s->lane);
	assert_int_equal(1, s->jobs[0].done);
	assert_true(loop_run_until_idle(s->loop, DEADLINE_MS));
	check_all(s, 2);
}

static void drain_of_a_job_that_still_waits_for_a_thread(void **state)
{
	struct shared *s = *state;

	/* All four threads of the pool are inside a job. */
	for (int i = 0; i < 4; i++)
		work_start(s->loop, run_blocking, on_done, &s->jobs[i]);
	for (int i = 0; i < 4; i++)
		sem_wait(&s->started);
	s->lane = work_lane_new(s->loop);
	work_lane_add(s->lane, run_in_lane, on_done, &s->jobs[4]);
	work_lane_add(s->lane, run_in_lane, on_done, &s->jobs[5]);
	work_lane_drain_free(s->lane);
	assert_int_equal(2, s->count);
	assert_int_equal(4, s->order[0]);
	assert_int_equal(5, s->order[1]);
	for (int i = 0; i < 4; i++)
		sem_post(&s->go);
	assert_true(loop_run_until_idle(s->loop, DEADLINE_MS));
	check_all(s, 6);
}

static void done_then_drain(void *data)
{
	struct job_test *job = data;

	on_done(job);
	work_lane_drain_free(job->shared->lane);
	job->shared->lane = NULL;
}

static void a_lane_may_be_drained_in_its_own_done(void **state)
{
	struct shared *s = *state;

	s->lane = work_lane_new(s->loop);
	work_lane_add(s->lane, run_in_lane, done_then_drain, &s->jobs[0]);
	for (int i = 1; i < 5; i++)
		work_lane_add(s->lane, run_in_lane, on_done, &s->jobs[i]);
	assert_true(loop_run_until_idle(s->loop, DEADLINE_MS));
	assert_null(s->lane);
	check_all(s, 5);
}

static void loop_close_waits_for_jobs_and_hands_them_back(void **state)
{
	struct shared *s = *state;

	s->lane = work_lane_new(s->loop);
	for (int i = 0; i < 8; i++)
		work_lane_add(s->lane, run_in_lane, on_done, &s->jobs[i]);
	for (int i = 8; i < 32; i++)
		work_start(s->loop, run_plain, on_done, &s->jobs[i]);
	loop_close(s->loop);
	s->loop = NULL;
	check_all(s, 32);
	work_lane_drain_free(s->lane); /* empty: needs no loop */
	work_lane_drain_free(NULL);
}

static void read_for_ever(void *data)
{
	char byte;

	while (read(*(int *)data, &byte, 1) < 0)
		;
}

static void never_done(void *data)
{
	(void)data;
	abort();
}

/* In a child, because what is given up on is leaked until the process ends. */
static void loop_close_within_gives_up_on_what_hangs(void **state)
{
	pid_t child = fork();
	int status = 0;

	(void)state;
	if (child == 0) {
		struct loop *loop;
		int ends[2];

		if (loop_open(&loop, NULL) || pipe(ends))
			_exit(2);
		work_start(loop, read_for_ever, never_done, &ends[0]);
		_exit(loop_close_within(loop, 20) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(work_comes_back_once_and_holds_the_loop),
		CASE(a_job_under_way_is_not_idle),
		CASE(a_lane_runs_one_after_the_other_in_order),
		CASE(drain_runs_the_rest_here_in_order),
		CASE(drain_takes_what_is_added_meanwhile),
		CASE(drain_waits_for_the_job_on_the_pool),
		CASE(drain_of_a_job_that_still_waits_for_a_thread),
		CASE(a_lane_may_be_drained_in_its_own_done),
		CASE(loop_close_waits_for_jobs_and_hands_them_back),
		cmocka_unit_test(loop_close_within_gives_up_on_what_hangs),
	};

	return cmocka_run_group_tests_name("work", tests, NULL, NULL);
}
