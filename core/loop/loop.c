/*
 * libuv calls us in no order that suits a keyboard: one turn with many transfers lasts tens of
 * milliseconds, and a key waits behind them. So no libuv callback here runs anything of ours. Each
 * only puts a node on one of two lists, and the check hook, which libuv calls once after each poll,
 * serves them: the urgent list whole, then the normal list in order until 2 ms have passed. What is
 * left stays queued, an idle handle keeps the next poll from sleeping, and that poll sees the next
 * key.
 *
 * A node queued while the lists are served waits for the next turn, so work that begets work (or a
 * file that is always readable) cannot shut the keyboard out either.
 *
 * Because user code runs only in serve() and in the prepare hook, and libuv frees a closed handle
 * only after both, a watch or timer may be canceled from anywhere, its own callback included.
 */
#include "core/loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <uv.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"

#define DRAIN_NS (2 * UINT64_C(1000000))
#define SIGNALS_MAX 8

static_assert((int)LOOP_READ == (int)UV_READABLE, "masks are passed through");
static_assert((int)LOOP_WRITE == (int)UV_WRITABLE, "masks are passed through");

struct node {
	struct node *prev, *next; /* NULL = not queued */
	uint64_t pass;            /* the pass it was queued in: served in a later one */
	void (*serve)(struct node *node);
};

struct loop_signal {
	struct node node; /* first: serve() gets the node */
	uv_signal_t handle;
	loop_fn fn;
	void *data;
};

struct loop {
	uv_loop_t uv;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t idle;
	uv_timer_t limit; /* bounds one waiting turn */
	struct node urgent, normal;
	uint64_t pass;
	uint64_t served; /* nodes but timers, ever */
	int holds;
	int signals;
	bool stop, turning, closing;
	loop_fn before_sleep;
	void *before_sleep_data;
};

struct loop_watch {
	struct node node;
	struct loop *loop;
	union {
		uv_poll_t poll;
		uv_idle_t unpollable; /* never started: it has the same way to be closed */
		uv_handle_t any;
	} handle;
	int fd;
	unsigned mask, ready;
	enum loop_priority priority;
	bool always;  /* not pollable: always ready */
	bool stopped; /* libuv stops a handle whose descriptor reports an error */
	loop_fd_fn fn;
	void *data;
};

struct loop_timer {
	struct node node;
	struct loop *loop;
	uv_timer_t handle;
	loop_fn fn;
	void *data;
};

struct deferred {
	struct node node;
	loop_fn fn;
	void *data;
};

static void timer_serve(struct node *node);
static void deferred_serve(struct node *node);

/* -- the ready lists -- */

static void list_init(struct node *head)
{
	head->prev = head->next = head;
}

static bool list_empty(const struct node *head)
{
	return head->next == head;
}

static void node_unlink(struct node *node)
{
	if (!node->next)
		return;
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->prev = node->next = NULL;
}

static bool loop_pending(const struct loop *loop)
{
	return !list_empty(&loop->urgent) || !list_empty(&loop->normal);
}

static void on_idle(uv_idle_t *handle)
{
	(void)handle; /* its being active is what keeps the poll from sleeping */
}

static void node_queue(struct loop *loop, struct node *head, struct node *node)
{
	if (node->next)
		return;
	node->pass = loop->pass;
	node->next = head;
	node->prev = head->prev;
	head->prev->next = node;
	head->prev = node;
	if (!loop->closing)
		uv_idle_start(&loop->idle, on_idle);
}

/* Serve what was queued before this pass. until_ns 0 = no limit. */
static void list_serve(struct loop *loop, struct node *head, uint64_t until_ns)
{
	while (!list_empty(head)) {
		struct node *node = head->next;

		if (node->pass == loop->pass)
			break;
		node_unlink(node);
		if (node->serve != timer_serve)
			loop->served++;
		node->serve(node);
		if (until_ns && uv_hrtime() >= until_ns)
			break;
	}
}

static void on_check(uv_check_t *handle)
{
	struct loop *loop = handle->loop->data;

	loop->pass++;
	list_serve(loop, &loop->urgent, 0);
	list_serve(loop, &loop->normal, uv_hrtime() + DRAIN_NS);
	if (!loop_pending(loop))
		uv_idle_stop(&loop->idle);
}

static void on_prepare(uv_prepare_t *handle)
{
	struct loop *loop = handle->loop->data;

	if (loop->before_sleep)
		loop->before_sleep(loop->before_sleep_data);
}

static void on_limit(uv_timer_t *handle)
{
	(void)handle;
}

/* -- opening, running, closing -- */

int loop_open(struct loop **out, struct err *err)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));
	int rc = uv_loop_init(&loop->uv);

	if (rc) {
		free(loop);
		return err_set(
			err, E_INTERNAL, _("cannot start the event loop: %s"), uv_strerror(rc));
	}
	loop->uv.data = loop;
	list_init(&loop->urgent);
	list_init(&loop->normal);
	/* Pass 0 is never running: what is queued before the first turn is served in it. */
	uv_prepare_init(&loop->uv, &loop->prepare);
	uv_check_init(&loop->uv, &loop->check);
	uv_idle_init(&loop->uv, &loop->idle);
	uv_timer_init(&loop->uv, &loop->limit);
	uv_prepare_start(&loop->prepare, on_prepare);
	uv_check_start(&loop->check, on_check);
	*out = loop;
	return 0;
}

/* The handle's `data` is the heap block that holds it; NULL for those inside struct loop. */
static void free_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	/* A child that was canceled and still has its time to end: not any more. */
	if (handle->type == UV_PROCESS && uv_is_active(handle))
		kill(-((uv_process_t *)handle)->pid, SIGKILL);
	if (!uv_is_closing(handle))
		uv_close(handle, free_closed);
}

/* Turns until the pool gave back what it has, or until end_ns. True = nothing is left. */
static bool wait_for_pool(struct loop *loop, uint64_t end_ns)
{
	while (uv_run(&loop->uv, UV_RUN_NOWAIT) != 0) {
		struct pollfd wake = {.fd = uv_backend_fd(&loop->uv), .events = POLLIN};
		uint64_t now_ns = uv_hrtime();

		if (now_ns >= end_ns)
			return false;
		poll(&wake, 1, (int)((end_ns - now_ns) / 1000000 + 1));
	}
	return true;
}

void loop_close(struct loop *loop)
{
	loop_close_within(loop, INT32_MAX);
}

bool loop_close_within(struct loop *loop, int64_t patience_ms)
{
	uint64_t end_ns;
	int rc;

	if (!loop)
		return true;
	end_ns = uv_hrtime() + (uint64_t)patience_ms * 1000000;
	assert(!loop->turning);
	loop->closing = true;
	loop->before_sleep = NULL;
	for (;;) {
		struct node *node;

		/*
		 * Deferred calls own data (a job's result), so they run; they may defer again,
		 * start work, or even open handles, which the walk below closes.
		 */
		while (!list_empty(&loop->urgent))
			node_unlink(loop->urgent.next);
		while (!list_empty(&loop->normal)) {
			node = loop->normal.next;
			node_unlink(node);
			if (node->serve == deferred_serve)
				node->serve(node);
		}
		uv_walk(&loop->uv, close_handle, NULL);
		/* Nothing of ours runs inside. */
		if (!wait_for_pool(loop, end_ns))
			return false;
		if (!loop_pending(loop))
			break;
	}
	rc = uv_loop_close(&loop->uv);
	assert(rc == 0);
	(void)rc;
	free(loop);
	return true;
}

static void turn(struct loop *loop, uv_run_mode mode)
{
	assert(!loop->turning && !loop->closing);
	loop->turning = true;
	uv_run(&loop->uv, mode);
	loop->turning = false;
}

void loop_turn(struct loop *loop, int64_t wait_ms)
{
	if (wait_ms == 0) {
		turn(loop, UV_RUN_NOWAIT);
		return;
	}
	if (wait_ms > 0) {
		uv_update_time(&loop->uv);
		uv_timer_start(&loop->limit, on_limit, (uint64_t)wait_ms, 0);
	}
	turn(loop, UV_RUN_ONCE);
	uv_timer_stop(&loop->limit);
}

void loop_run(struct loop *loop)
{
	while (!loop->stop)
		turn(loop, UV_RUN_ONCE);
	loop->stop = false;
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
	uv_stop(&loop->uv);
}

bool loop_run_until_idle(struct loop *loop, int64_t deadline_ms)
{
	/* Not clock.h: a test's clock may stand still, this deadline must not. */
	uint64_t end_ns = uv_hrtime() + (uint64_t)(deadline_ms > 0 ? deadline_ms : 0) * 1000000;
	int64_t wait_ms = 0;

	for (;;) {
		uint64_t served = loop->served, now_ns;

		loop_turn(loop, wait_ms);
		if (loop->stop) {
			loop->stop = false;
			return false;
		}
		/* A look without sleeping that found nothing is the proof. */
		if (wait_ms == 0 && loop->served == served && !loop_pending(loop) && !loop->holds)
			return true;
		now_ns = uv_hrtime();
		if (now_ns >= end_ns)
			return false;
		wait_ms = loop->holds && loop->served == served && !loop_pending(loop)
			? (int64_t)((end_ns - now_ns) / 1000000) + 1
			: 0;
	}
}

void loop_hold(struct loop *loop)
{
	loop->holds++;
}

void loop_unhold(struct loop *loop)
{
	assert(loop->holds > 0);
	loop->holds--;
}

/* -- descriptors -- */

static void watch_arm(struct loop_watch *watch);

static void watch_queue(struct loop_watch *watch)
{
	struct loop *loop = watch->loop;

	node_queue(
		loop, watch->priority == LOOP_URGENT ? &loop->urgent : &loop->normal, &watch->node);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct loop_watch *watch = handle->data;

	if (status < 0) {
		watch->stopped = true;
		watch->ready |= watch->mask;
	} else {
		watch->ready |= (unsigned)events;
	}
	watch_queue(watch);
}

static void watch_serve(struct node *node)
{
	struct loop_watch *watch = (struct loop_watch *)node;
	unsigned ready = watch->ready & watch->mask; /* interest may have changed since */

	watch->ready = 0;
	/* Before the call: the callback may end the watch. */
	if (watch->always || watch->stopped)
		watch_arm(watch);
	if (ready)
		watch->fn(watch->data, watch->fd, ready);
}

static void watch_arm(struct loop_watch *watch)
{
	watch->stopped = false;
	if (!watch->mask) {
		watch->ready = 0;
		node_unlink(&watch->node);
		if (!watch->always)
			uv_poll_stop(&watch->handle.poll);
	} else if (watch->always) {
		watch->ready = watch->mask;
		watch_queue(watch);
	} else {
		int rc = uv_poll_start(&watch->handle.poll, (int)watch->mask, on_poll);

		assert(rc == 0); /* only EEXIST: two watches on one descriptor */
		(void)rc;
	}
}

struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned mask, enum loop_priority priority,
	loop_fd_fn fn, void *data)
{
	struct loop_watch *watch = xcalloc(1, sizeof(*watch));
	int flags = fcntl(fd, F_GETFL);

	watch->node.serve = watch_serve;
	watch->loop = loop;
	watch->fd = fd;
	watch->mask = mask;
	watch->priority = priority;
	watch->fn = fn;
	watch->data = data;
	if (uv_poll_init(&loop->uv, &watch->handle.poll, fd)) {
		watch->always = true;
		uv_idle_init(&loop->uv, &watch->handle.unpollable);
	}
	watch->handle.any.data = watch;
	/* libuv made it non-blocking; a terminal is shared with the shell, which must not see that.
	 */
	if (flags >= 0 && !(flags & O_NONBLOCK))
		fcntl(fd, F_SETFL, flags);
	if (mask)
		watch_arm(watch);
	return watch;
}

void loop_watch_set(struct loop_watch *watch, unsigned mask)
{
	if (watch->mask == mask)
		return;
	watch->mask = mask;
	watch_arm(watch);
}

void loop_unwatch(struct loop_watch *watch)
{
	if (!watch)
		return;
	node_unlink(&watch->node);
	uv_close(&watch->handle.any, free_closed);
}

/* -- timers -- */

static void on_timer(uv_timer_t *handle)
{
	struct loop_timer *timer = handle->data;

	node_queue(timer->loop, &timer->loop->normal, &timer->node);
}

static void timer_serve(struct node *node)
{
	struct loop_timer *timer = (struct loop_timer *)node;

	timer->fn(timer->data);
}

struct loop_timer *loop_timer(
	struct loop *loop, int64_t delay_ms, int64_t repeat_ms, loop_fn fn, void *data)
{
	struct loop_timer *timer = xcalloc(1, sizeof(*timer));

	timer->node.serve = timer_serve;
	timer->loop = loop;
	timer->fn = fn;
	timer->data = data;
	uv_timer_init(&loop->uv, &timer->handle);
	timer->handle.data = timer;
	loop_timer_set(timer, delay_ms, repeat_ms);
	return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms, int64_t repeat_ms)
{
	node_unlink(&timer->node);
	uv_update_time(&timer->loop->uv); /* the delay counts from now, not from the turn's start */
	uv_timer_start(&timer->handle, on_timer, delay_ms > 0 ? (uint64_t)delay_ms : 0,
		repeat_ms > 0 ? (uint64_t)repeat_ms : 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
	node_unlink(&timer->node);
	uv_timer_stop(&timer->handle);
}

void loop_timer_cancel(struct loop_timer *timer)
{
	if (!timer)
		return;
	node_unlink(&timer->node);
	uv_close((uv_handle_t *)&timer->handle, free_closed);
}

/* -- the rest -- */

static void deferred_serve(struct node *node)
{
	struct deferred *deferred = (struct deferred *)node;
	loop_fn fn = deferred->fn;
	void *data = deferred->data;

	free(deferred);
	fn(data);
}

void loop_defer(struct loop *loop, loop_fn fn, void *data)
{
	struct deferred *deferred = xcalloc(1, sizeof(*deferred));

	deferred->node.serve = deferred_serve;
	deferred->fn = fn;
	deferred->data = data;
	node_queue(loop, &loop->normal, &deferred->node);
}

void loop_before_sleep(struct loop *loop, loop_fn fn, void *data)
{
	loop->before_sleep = fn;
	loop->before_sleep_data = data;
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct loop_signal *sig = handle->data;
	struct loop *loop = handle->loop->data;

	(void)signum;
	node_queue(loop, &loop->urgent, &sig->node);
}

static void signal_serve(struct node *node)
{
	struct loop_signal *sig = (struct loop_signal *)node;

	sig->fn(sig->data);
}

int loop_signal(struct loop *loop, int signum, loop_fn fn, void *data, struct err *err)
{
	struct loop_signal *sig;
	int rc;

	if (loop->signals == SIGNALS_MAX)
		return err_set(err, E_INTERNAL, _("signal %d: all %d places are taken"), signum,
			SIGNALS_MAX);
	sig = xcalloc(1, sizeof(*sig));
	sig->node.serve = signal_serve;
	sig->fn = fn;
	sig->data = data;
	uv_signal_init(&loop->uv, &sig->handle);
	sig->handle.data = sig;
	rc = uv_signal_start(&sig->handle, on_signal, signum);
	if (rc) {
		uv_close((uv_handle_t *)&sig->handle, free_closed);
		return err_set(err, E_INTERNAL, _("signal %d: %s"), signum, uv_strerror(rc));
	}
	loop->signals++;
	return 0;
}

void *loop_uv(struct loop *loop)
{
	return &loop->uv;
}

const char *loop_library(void)
{
	return uv_version_string();
}
