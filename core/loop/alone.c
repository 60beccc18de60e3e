/*
 * Threads bring their job back into a list under a lock and ring the loop. The list lives as long as a
 * thread or the owner knows of it; the bell (libuv's handle) as long as the owner.
 */
#include "core/loop/alone.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#include "core/base/mem.h"

/* For resolvers and what they load; only what is touched is there. */
#define STACK_BYTES ((size_t)1 << 20)

struct bell {
	uv_async_t handle; /* its data is the bell */
	struct alone *alone;
};

struct job {
	struct back *back;
	work_fn run, done, drop;
	void *data;
	struct job *next;
};

struct back {
	pthread_mutex_t lock;
	int users; /* threads, and the owner */
	struct job *first, **last;
	struct bell *bell; /* NULL: the owner has gone */
};

struct alone {
	struct loop *loop;
	struct back *back;
};

static void back_leave(struct back *back)
{
	bool is_last;

	pthread_mutex_lock(&back->lock);
	is_last = --back->users == 0;
	pthread_mutex_unlock(&back->lock);
	if (!is_last)
		return;
	pthread_mutex_destroy(&back->lock);
	free(back);
}

static void *thread_main(void *arg)
{
	struct job *job = arg;
	struct back *back = job->back;
	bool is_wanted;

	job->run(job->data);
	pthread_mutex_lock(&back->lock);
	is_wanted = back->bell != NULL;
	if (is_wanted) {
		*back->last = job;
		back->last = &job->next;
		uv_async_send(&back->bell->handle);
	}
	pthread_mutex_unlock(&back->lock);
	if (!is_wanted) {
		job->drop(job->data);
		free(job);
	}
	back_leave(back);
	return NULL;
}

static void job_done(void *arg)
{
	struct job *job = arg;

	job->done(job->data);
	free(job);
}

static struct job *take_all(struct back *back)
{
	struct job *first;

	pthread_mutex_lock(&back->lock);
	first = back->first;
	back->first = NULL;
	back->last = &back->first;
	pthread_mutex_unlock(&back->lock);
	return first;
}

/* Nothing of ours runs inside libuv's callbacks: each is a deferred call. */
static void on_bell(uv_async_t *handle)
{
	struct alone *alone = ((struct bell *)handle->data)->alone;
	struct job *job = take_all(alone->back), *next;

	for (; job; job = next) {
		next = job->next;
		loop_defer(alone->loop, job_done, job);
	}
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* ---- the contract ---- */

struct alone *alone_new(struct loop *loop)
{
	struct alone *alone = xcalloc(1, sizeof(*alone));
	struct back *back = xcalloc(1, sizeof(*back));
	struct bell *bell = xcalloc(1, sizeof(*bell));

	pthread_mutex_init(&back->lock, NULL);
	back->users = 1;
	back->last = &back->first;
	back->bell = bell;
	alone->loop = loop;
	alone->back = back;
	bell->alone = alone;
	uv_async_init(loop_uv(loop), &bell->handle, on_bell);
	bell->handle.data = bell;
	return alone;
}

void alone_free(struct alone *alone)
{
	struct job *job, *next;
	struct bell *bell;

	if (!alone)
		return;
	pthread_mutex_lock(&alone->back->lock);
	bell = alone->back->bell;
	alone->back->bell = NULL;
	pthread_mutex_unlock(&alone->back->lock);
	job = take_all(alone->back); /* nobody adds any more */
	uv_close((uv_handle_t *)&bell->handle, on_closed);
	for (; job; job = next) {
		next = job->next;
		job->drop(job->data);
		free(job);
	}
	back_leave(alone->back);
	free(alone);
}

static bool run_detached(struct job *job)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, &attr, thread_main, job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return rc == 0;
}

bool alone_start(struct alone *alone, work_fn run, work_fn done, work_fn drop, void *data)
{
	struct job *job = xcalloc(1, sizeof(*job));

	*job = (struct job){alone->back, run, done, drop, data, NULL};
	pthread_mutex_lock(&alone->back->lock);
	alone->back->users++;
	pthread_mutex_unlock(&alone->back->lock);
	if (run_detached(job))
		return true;
	back_leave(alone->back);
	free(job);
	return false;
}
