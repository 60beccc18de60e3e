/* The loop: readiness, order, budgets, cancel inside callbacks, idle, closing with everything open.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/loop/loop.h"

#define DEADLINE_MS 60000

struct fixture {
	struct loop *loop;
	int a, b; /* a socket pair */
	struct loop_watch *watch;
	struct loop_timer *timer;
	char order[64]; /* who was called, one letter each */
	int count;
	unsigned mask;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2];
	struct err err;

	assert_non_null(f);
	assert_int_equal(0, loop_open(&f->loop, &err));
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	f->a = pair[0];
	f->b = pair[1];
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	loop_close(f->loop);
	close(f->a);
	close(f->b);
	free(f);
	return 0;
}

static void mark(struct fixture *f, char c)
{
	size_t len = strlen(f->order);

	assert_true(len + 1 < sizeof(f->order));
	f->order[len] = c;
	f->order[len + 1] = 0;
}

static void burn_ms(int64_t ms)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < ms);
}

static bool until(struct fixture *f, int count)
{
	for (int i = 0; i < 1000 && f->count < count; i++)
		loop_turn(f->loop, DEADLINE_MS / 10);
	return f->count >= count;
}

static void on_read(void *data, int fd, unsigned mask)
{
	struct fixture *f = data;
	char c;

	f->mask = mask;
	assert_int_equal(1, read(fd, &c, 1));
	mark(f, c);
	f->count++;
}

static void watch_sees_bytes_and_leaves_the_flags_alone(void **state)
{
	struct fixture *f = *state;
	int flags = fcntl(f->a, F_GETFL);

	f->watch = loop_watch(f->loop, f->a, LOOP_READ, LOOP_NORMAL, on_read, f);
	assert_int_equal(flags, fcntl(f->a, F_GETFL));
	assert_int_equal(2, write(f->b, "xy", 2));
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_string_equal("xy", f->order); /* level triggered: one byte a call */
	assert_int_equal(LOOP_READ, f->mask);
	loop_unwatch(f->watch);
	assert_int_equal(1, write(f->b, "z", 1));
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_string_equal("xy", f->order);
}

static void watch_set_pauses_and_resumes(void **state)
{
	struct fixture *f = *state;

	f->watch = loop_watch(f->loop, f->a, 0, LOOP_NORMAL, on_read, f);
	assert_int_equal(1, write(f->b, "x", 1));
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_string_equal("", f->order);
	loop_watch_set(f->watch, LOOP_READ);
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_string_equal("x", f->order);
	loop_watch_set(f->watch, 0);
	assert_int_equal(1, write(f->b, "y", 1));
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_string_equal("x", f->order);
}

static void on_write_once(void *data, int fd, unsigned mask)
{
	struct fixture *f = data;

	(void)fd;
	f->mask |= mask;
	f->count++;
	loop_unwatch(f->watch);
	f->watch = NULL;
}

static void watch_may_end_itself(void **state)
{
	struct fixture *f = *state;

	f->watch = loop_watch(f->loop, f->a, LOOP_READ | LOOP_WRITE, LOOP_NORMAL, on_write_once, f);
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_int_equal(1, f->count);
	assert_int_equal(LOOP_WRITE, f->mask);
}

static void hang_up_counts_as_readable(void **state)
{
	struct fixture *f = *state;

	f->watch = loop_watch(f->loop, f->a, LOOP_READ, LOOP_NORMAL, on_write_once, f);
	assert_int_equal(0, shutdown(f->b, SHUT_RDWR));
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_int_equal(1, f->count);
	assert_int_equal(LOOP_READ, f->mask);
}

/* A pipe without reader reports an error, on which libuv stops the handle: it must come back. */
static void on_error_twice(void *data, int fd, unsigned mask)
{
	struct fixture *f = data;

	(void)fd;
	f->mask = mask;
	if (++f->count == 2) {
		loop_unwatch(f->watch);
		f->watch = NULL;
	}
}

static void an_error_is_reported_until_the_watch_ends(void **state)
{
	struct fixture *f = *state;
	int fds[2];

	assert_int_equal(0, pipe(fds));
	f->watch = loop_watch(f->loop, fds[1], LOOP_WRITE, LOOP_NORMAL, on_error_twice, f);
	close(fds[0]);
	assert_true(until(f, 2));
	assert_int_equal(LOOP_WRITE, f->mask);
	assert_null(f->watch);
	close(fds[1]);
}

static void on_file(void *data, int fd, unsigned mask)
{
	struct fixture *f = data;
	char bytes[4096];
	ssize_t got = read(fd, bytes, sizeof(bytes));

	assert_int_equal(LOOP_READ, mask);
	assert_true(got >= 0);
	f->count++;
	if (got == 0) {
		loop_unwatch(f->watch);
		f->watch = NULL;
		mark(f, 'E');
	}
}

static void a_regular_file_is_always_ready(void **state)
{
	struct fixture *f = *state;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct loop_watch *second;

	assert_true(fd >= 0);
	assert_true(lseek(fd, -9000, SEEK_END) > 0);
	f->watch = loop_watch(f->loop, fd, LOOP_READ, LOOP_NORMAL, on_file, f);
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_int_equal(4, f->count); /* 4096 + 4096 + 808 + end */
	assert_string_equal("E", f->order);
	/* Left to loop_close(). */
	second = loop_watch(f->loop, fd, LOOP_READ, LOOP_NORMAL, on_file, f);
	loop_watch_set(second, 0);
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	close(fd);
}

struct key_test {
	struct fixture *f;
	int left;
};

/* Each call lasts longer than the whole budget of a turn. */
static void heavy(void *data)
{
	struct key_test *t = data;

	burn_ms(3);
	mark(t->f, '.');
	if (t->left == 8)
		assert_int_equal(1, write(t->f->b, "K", 1));
	t->left--;
}

static void a_key_does_not_wait_for_queued_work(void **state)
{
	struct fixture *f = *state;
	struct key_test t = {f, 10};

	f->watch = loop_watch(f->loop, f->a, LOOP_READ, LOOP_URGENT, on_read, f);
	for (int i = 0; i < 10; i++)
		loop_defer(f->loop, heavy, &t);
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	/* Typed while the third was at work: read right after it, before the fourth. */
	assert_string_equal("...K.......", f->order);
}

struct pair_test {
	struct fixture *f;
	int other;
};

static void on_urgent(void *data, int fd, unsigned mask)
{
	struct pair_test *t = data;

	(void)mask;
	on_read(t->f, fd, mask);
}

static void urgent_comes_first_in_a_turn(void **state)
{
	struct fixture *f = *state;
	struct pair_test t = {f, 0};
	struct loop_watch *normal, *urgent;
	int pair[2];

	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	/* The normal one was added first, has the lower number and became ready first. */
	normal = loop_watch(f->loop, f->a, LOOP_READ, LOOP_NORMAL, on_read, f);
	urgent = loop_watch(f->loop, pair[0], LOOP_READ, LOOP_URGENT, on_urgent, &t);
	assert_int_equal(1, write(f->b, "n", 1));
	assert_int_equal(1, write(pair[1], "u", 1));
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_string_equal("un", f->order);
	loop_unwatch(normal);
	loop_unwatch(urgent);
	close(pair[0]);
	close(pair[1]);
}

/* Two ready descriptors, each callback ends the other's watch: only one may be called. */
struct rival {
	struct loop_watch *watch, **other;
	int *calls;
};

static void on_rival(void *data, int fd, unsigned mask)
{
	struct rival *r = data;

	(void)fd;
	(void)mask;
	++*r->calls;
	loop_unwatch(*r->other);
	*r->other = NULL;
	loop_unwatch(r->watch);
	r->watch = NULL;
}

static void an_ended_watch_is_never_called(void **state)
{
	struct fixture *f = *state;
	struct rival one = {0}, two = {0};

	one = (struct rival){NULL, &two.watch, &f->count};
	two = (struct rival){NULL, &one.watch, &f->count};
	one.watch = loop_watch(f->loop, f->a, LOOP_WRITE, LOOP_NORMAL, on_rival, &one);
	two.watch = loop_watch(f->loop, f->b, LOOP_WRITE, LOOP_NORMAL, on_rival, &two);
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_int_equal(1, f->count);
}

static void on_timer_a(void *data)
{
	struct fixture *f = data;

	mark(f, 'a');
	f->count++;
}

static void on_timer_b(void *data)
{
	struct fixture *f = data;

	mark(f, 'b');
	f->count++;
}

static void timers_fire_in_order_once(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *b = loop_timer(f->loop, 20, 0, on_timer_b, f);
	struct loop_timer *a = loop_timer(f->loop, 1, 0, on_timer_a, f);

	assert_true(until(f, 2));
	assert_string_equal("ab", f->order);
	loop_timer_set(a, 0, 0);
	assert_true(until(f, 3));
	assert_string_equal("aba", f->order);
	loop_timer_set(a, 0, 1);
	loop_timer_stop(a);
	loop_timer_set(b, 10, 0);
	assert_true(until(f, 4));
	assert_string_equal("abab", f->order);
	loop_timer_cancel(a);
	loop_timer_cancel(b);
	loop_timer_cancel(NULL);
}

static void on_repeat(void *data)
{
	struct fixture *f = data;

	if (++f->count == 3) {
		loop_timer_cancel(f->timer);
		f->timer = NULL;
		loop_stop(f->loop);
	}
}

static void a_repeating_timer_may_cancel_itself(void **state)
{
	struct fixture *f = *state;

	f->timer = loop_timer(f->loop, 0, 1, on_repeat, f);
	loop_run(f->loop);
	assert_int_equal(3, f->count);
}

static void cancel_other(void *data)
{
	struct fixture *f = data;

	loop_timer_cancel(f->timer);
	f->timer = NULL;
	f->count++;
}

static void a_due_timer_that_is_canceled_is_silent(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *first = loop_timer(f->loop, 0, 0, cancel_other, f);

	f->timer = loop_timer(f->loop, 0, 0, on_timer_b, f); /* due in the same turn */
	assert_true(until(f, 1));
	loop_turn(f->loop, 5);
	assert_string_equal("", f->order);
	loop_timer_cancel(first);
}

static void spin(void *data)
{
	struct fixture *f = data;

	if (++f->count < 1000)
		loop_defer(f->loop, spin, f);
}

static void defer_that_defers_does_not_starve_a_descriptor(void **state)
{
	struct fixture *f = *state;

	loop_defer(f->loop, spin, f);
	assert_int_equal(0, f->count); /* never from inside */
	f->watch = loop_watch(f->loop, f->a, LOOP_WRITE, LOOP_NORMAL, on_write_once, f);
	loop_turn(f->loop, DEADLINE_MS);
	assert_null(f->watch);
	assert_true(f->count < 10);
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	assert_int_equal(1000, f->count); /* the watch counted one */
}

static void on_sleep(void *data)
{
	mark(data, 'S');
}

static void mark_d(void *data)
{
	mark(data, 'D');
}

static void before_sleep_runs_once_a_turn_before_the_wait(void **state)
{
	struct fixture *f = *state;

	loop_before_sleep(f->loop, on_sleep, f);
	loop_defer(f->loop, mark_d, f);
	loop_turn(f->loop, DEADLINE_MS);
	assert_string_equal("SD", f->order);
	loop_turn(f->loop, 0);
	assert_string_equal("SDS", f->order);
	loop_before_sleep(f->loop, NULL, NULL);
	loop_turn(f->loop, 0);
	assert_string_equal("SDS", f->order);
}

static void unhold_now(void *data)
{
	loop_unhold(data);
}

static void idle_waits_for_holds_but_not_for_timers(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *far = loop_timer(f->loop, 3600000, 0, on_timer_a, f);
	struct loop_timer *near;

	assert_true(loop_run_until_idle(f->loop, 0));
	loop_hold(f->loop);
	assert_false(loop_run_until_idle(f->loop, 10));
	near = loop_timer(f->loop, 10, 0, unhold_now, f->loop);
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
	loop_timer_cancel(near);
	loop_timer_cancel(far);
	assert_int_equal(0, f->count);
}

static void stop_now(void *data)
{
	struct fixture *f = data;

	f->count++;
	loop_stop(f->loop);
}

static void stop_ends_run_even_when_called_before(void **state)
{
	struct fixture *f = *state;

	loop_stop(f->loop);
	loop_run(f->loop);
	loop_defer(f->loop, stop_now, f);
	loop_run(f->loop);
	assert_int_equal(1, f->count);
	loop_hold(f->loop);
	loop_defer(f->loop, stop_now, f);
	assert_false(loop_run_until_idle(f->loop, DEADLINE_MS));
	loop_unhold(f->loop);
}

static void signals_arrive_on_the_loop_up_to_eight(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	assert_int_equal(0, loop_signal(f->loop, SIGUSR1, on_timer_a, f, &err));
	assert_int_equal(0, raise(SIGUSR1));
	assert_int_equal(0, f->count);
	assert_true(until(f, 1));
	assert_string_equal("a", f->order);
	assert_int_equal(E_INTERNAL, loop_signal(f->loop, SIGKILL, on_timer_a, f, &err));
	assert_non_null(strstr(err.text, "signal 9"));
	for (int i = 1; i < 8; i++)
		assert_int_equal(0, loop_signal(f->loop, SIGUSR2, on_timer_b, f, &err));
	assert_int_equal(E_INTERNAL, loop_signal(f->loop, SIGUSR2, on_timer_b, f, &err));
}

static void release_and_defer_again(void *data)
{
	struct fixture *f = data;

	mark(f, 'R');
	if (strlen(f->order) < 3)
		loop_defer(f->loop, release_and_defer_again, f);
	/* Opened while closing: must be freed all the same. */
	loop_timer(f->loop, 0, 1, on_timer_a, f);
}

static void close_frees_what_is_left_and_runs_what_is_deferred(void **state)
{
	struct fixture *f = *state;
	struct err err;

	loop_watch(f->loop, f->a, LOOP_READ, LOOP_NORMAL, on_read, f);
	loop_watch(f->loop, f->b, LOOP_WRITE, LOOP_URGENT, on_read, f);
	loop_timer(f->loop, 0, 1, on_timer_a, f);
	assert_int_equal(0, loop_signal(f->loop, SIGUSR1, on_timer_b, f, &err));
	loop_defer(f->loop, release_and_defer_again, f);
	loop_close(f->loop);
	f->loop = NULL;
	assert_string_equal("RRR", f->order);
	assert_int_equal(0, f->count);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(watch_sees_bytes_and_leaves_the_flags_alone),
		CASE(watch_set_pauses_and_resumes),
		CASE(watch_may_end_itself),
		CASE(hang_up_counts_as_readable),
		CASE(an_error_is_reported_until_the_watch_ends),
		CASE(a_regular_file_is_always_ready),
		CASE(a_key_does_not_wait_for_queued_work),
		CASE(urgent_comes_first_in_a_turn),
		CASE(an_ended_watch_is_never_called),
		CASE(timers_fire_in_order_once),
		CASE(a_repeating_timer_may_cancel_itself),
		CASE(a_due_timer_that_is_canceled_is_silent),
		CASE(defer_that_defers_does_not_starve_a_descriptor),
		CASE(before_sleep_runs_once_a_turn_before_the_wait),
		CASE(idle_waits_for_holds_but_not_for_timers),
		CASE(stop_ends_run_even_when_called_before),
		CASE(signals_arrive_on_the_loop_up_to_eight),
		CASE(close_frees_what_is_left_and_runs_what_is_deferred),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
