/*
 * The calling thread makes the even pieces, the other one the odd ones, at most ROOM of them ahead of what
 * was taken: so no more is held than that, however slow the reader of the text.
 */
#include "core/loop/pieces.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#define ROOM 4
#define PIECE_MAX ((size_t)1 << 30)
/* Fewer are made before a thread would have begun. */
#define WORTH_A_THREAD 4

struct helper {
	const struct pieces *pieces;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct buf made[ROOM];
	size_t made_count, taken_count; /* of the odd pieces */
	bool is_unwanted;
};

/* Waits for a place to make the next one in; NULL: nobody wants it. */
static struct buf *place(struct helper *helper)
{
	struct buf *place;

	pthread_mutex_lock(&helper->lock);
	while (!helper->is_unwanted && helper->made_count - helper->taken_count == ROOM)
		pthread_cond_wait(&helper->moved, &helper->lock);
	place = helper->is_unwanted ? NULL : &helper->made[helper->made_count % ROOM];
	pthread_mutex_unlock(&helper->lock);
	return place;
}

static void *helper_main(void *data)
{
	struct helper *helper = data;
	struct buf *out;

	for (size_t i = 1; i < helper->pieces->count && (out = place(helper)); i += 2) {
		buf_reset(out);
		helper->pieces->make(helper->pieces->data, i, out);
		pthread_mutex_lock(&helper->lock);
		helper->made_count++;
		pthread_cond_signal(&helper->moved);
		pthread_mutex_unlock(&helper->lock);
	}
	return NULL;
}

static bool take_made(struct helper *helper)
{
	bool is_wanted;

	pthread_mutex_lock(&helper->lock);
	while (helper->made_count == helper->taken_count)
		pthread_cond_wait(&helper->moved, &helper->lock);
	pthread_mutex_unlock(&helper->lock);
	is_wanted = helper->pieces->take(
		helper->pieces->data, &helper->made[helper->taken_count % ROOM]);
	pthread_mutex_lock(&helper->lock);
	helper->taken_count++;
	helper->is_unwanted = !is_wanted;
	pthread_cond_signal(&helper->moved);
	pthread_mutex_unlock(&helper->lock);
	return is_wanted;
}

static void unwant(struct helper *helper)
{
	pthread_mutex_lock(&helper->lock);
	helper->is_unwanted = true;
	pthread_cond_signal(&helper->moved);
	pthread_mutex_unlock(&helper->lock);
}

static bool make_own(const struct pieces *pieces, size_t piece, struct buf *out)
{
	buf_reset(out);
	pieces->make(pieces->data, piece, out);
	return pieces->take(pieces->data, out);
}

/* Signals are the calling thread's. */
static bool thread_start(pthread_t *thread, struct helper *helper)
{
	sigset_t all, former;
	int rc;

	if (helper->pieces->count < WORTH_A_THREAD || sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &former);
	rc = pthread_create(thread, NULL, helper_main, helper);
	pthread_sigmask(SIG_SETMASK, &former, NULL);
	return rc == 0;
}

void pieces_run(const struct pieces *pieces)
{
	struct helper helper = {.pieces = pieces,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER};
	bool has_thread, is_wanted = true;
	struct buf own;
	pthread_t thread;

	buf_init(&own, PIECE_MAX);
	for (size_t i = 0; i < ROOM; i++)
		buf_init(&helper.made[i], PIECE_MAX);
	has_thread = thread_start(&thread, &helper);
	for (size_t i = 0; i < pieces->count && is_wanted; i++)
		is_wanted = i % 2 && has_thread ? take_made(&helper) : make_own(pieces, i, &own);
	if (has_thread) {
		unwant(&helper);
		pthread_join(thread, NULL);
	}
	for (size_t i = 0; i < ROOM; i++)
		buf_release(&helper.made[i]);
	buf_release(&own);
	pthread_mutex_destroy(&helper.lock);
	pthread_cond_destroy(&helper.moved);
}
