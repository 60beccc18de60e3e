/*
 * A poller with sources that answer as told, at once or when the test says. Two ways to run it: in
 * real time (UNTIL), or with the clock held and moved by the test (bench_pass), where each request
 * is counted in the tick that sent it.
 */
#ifndef WEIR_TESTS_POLLER_KIT_H
#define WEIR_TESTS_POLLER_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/watch/poller_internal.h"
#include "tests/support/check.h"

#define DEADLINE_MS 60000

/* A source whose answers are set by the test. */
struct fake {
	struct source base;
	struct loop *loop;
	bool fails, is_silent, is_empty; /* silent: its lists */
	enum job_status status;          /* of its jobs */
	int jobs;                        /* 0 = 1 */
	int asked, details, lists;
	int whole;   /* of `asked`: not for its jobs alone */
	int members; /* TaskManagers; 0 = 1 */
	bool has_source;
	int64_t lag; /* of that source; 0 = it does not tell */
	int lags;
	unsigned parts;
	struct source_poll *held; /* the last one while is_silent */
	int64_t *spent;           /* requests, by all of a bench */
};
struct source_poll {
	struct fake *fake;
	source_done_fn done;
	void *data;
	enum snapshot_kind what;
	char job_id[JOB_ID_LEN + 1];
	bool canceled, asks_lag;
};

static __attribute__((unused)) void id_of_job(int index, char *out)
{
	snprintf(out, JOB_ID_LEN + 1, "aaaaaaaaaaaaaaaaaaaaaaaa%08x", (unsigned)index);
}

static __attribute__((unused)) void fill(
	const struct fake *fake, const char *job_id, bool asks_lag, struct snapshot *s)
{
	if (fake->fails) {
		snapshot_fail(s, E_NET, "connection refused");
		return;
	}
	if (s->kind == SNAPSHOT_JOB) {
		memcpy(s->detail.id, job_id, sizeof(s->detail.id));
		s->detail.parts = JOB_PART_VERTICES;
		s->detail.parallelism = 3;
		struct vertex *source = arena_calloc(s->arena, 1, sizeof(*source));
		source->id = "v1";
		source->name = "Source: orders";
		source->is_source = true;
		s->detail.vertices = source;
		s->detail.vertex_count = fake->has_source;
		if (!asks_lag)
			return;
		s->detail.parts |= JOB_PART_LAG;
		s->detail.lag_vertex = "v1";
		s->detail.lag_ms = -1;
		s->detail.lag_records = fake->lag ? fake->lag : -1;
		return;
	}
	int members = fake->members ? fake->members : 1;
	if (s->kind == SNAPSHOT_TASKMANAGERS) {
		struct taskmanager *list = arena_calloc(s->arena, (size_t)members, sizeof(*list));
		for (int i = 0; i < members; i++)
			list[i].id = arena_printf(s->arena, "tm-%d", i);
		s->taskmanagers = list;
		s->taskmanager_count = (size_t)members;
		return;
	}
	int count = fake->is_empty ? 0 : fake->jobs ? fake->jobs : 1;
	struct job_summary *jobs = arena_calloc(s->arena, (size_t)count + 1, sizeof(*jobs));
	for (int i = 0; i < count; i++) {
		id_of_job(i, jobs[i].id);
		jobs[i].name = "orders";
		jobs[i].status = fake->status;
		jobs[i].tasks = (struct task_counts){.total = 1, .running = 1};
	}
	s->cluster.taskmanagers = members;
	s->jobs = jobs;
	s->job_count = (size_t)count;
}

static __attribute__((unused)) void answer(void *data)
{
	struct source_poll *poll = data;
	if (!poll->canceled) {
		struct snapshot *s = snapshot_new(poll->what, "c", poll->fake->base.name,
			poll->what == SNAPSHOT_JOB ? poll->job_id : NULL);
		s->asked_ms = s->observed_ms = clock_wall_ms();
		fill(poll->fake, poll->job_id, poll->asks_lag, s);
		poll->done(poll->data, s);
	}
	free(poll);
}

static __attribute__((unused)) struct source_poll *fake_poll(
	struct source *source, const struct poll *poll, source_done_fn done, void *data)
{
	struct fake *fake = (struct fake *)source;
	struct source_poll *p = xcalloc(1, sizeof(*p));
	*p = (struct source_poll){.fake = fake, .done = done, .data = data, .what = poll->what};
	if (poll->job_id)
		snprintf(p->job_id, sizeof(p->job_id), "%s", poll->job_id);
	if (poll->what == SNAPSHOT_JOB) {
		fake->details++;
		fake->parts = poll->parts & ~(unsigned)JOB_PART_LAG;
		p->asks_lag = poll->parts & JOB_PART_LAG;
		fake->lags += p->asks_lag;
	} else if (poll->what == SNAPSHOT_TASKMANAGERS) {
		fake->lists++;
	} else {
		fake->asked++;
		fake->whole += !poll->jobs_only;
	}
	*fake->spent += source_cost(source, poll);
	if (fake->is_silent && poll->what == SNAPSHOT_CLUSTER)
		fake->held = p;
	else
		loop_defer(fake->loop, answer, p);
	return p;
}

static __attribute__((unused)) void fake_cancel(struct source_poll *poll)
{
	poll->canceled = true;
	if (poll->fake->held != poll)
		return;
	poll->fake->held = NULL;
	free(poll);
}

/* The answer that was held back comes now. */
static __attribute__((unused)) void fake_release(struct fake *fake)
{
	struct source_poll *poll = fake->held;
	fake->held = NULL;
	answer(poll);
}

static __attribute__((unused)) void fake_close(struct source *source)
{
	free(source->name);
	free(source);
}

static __attribute__((unused)) int fake_cost(const struct source *source, const struct poll *poll)
{
	(void)source;
	return poll->what == SNAPSHOT_JOB ? 4 : poll->what == SNAPSHOT_TASKMANAGERS ? 1 : 2;
}

static const struct source_ops fake_ops = {.kind = "fake",
	.poll = fake_poll,
	.cancel = fake_cancel,
	.close = fake_close,
	.cost = fake_cost};

struct bench {
	struct loop *loop;
	struct fleet *fleet;
	struct poller *poller;
	struct fake **fakes;
	int count;
	int64_t wall_ms, mono_ms, slept_ms; /* of a clock that the test holds */
	int64_t spent;                      /* requests so far */
	VEC(int64_t) by_tick;               /* of them, in each bench_pass() tick */
	int sleeps;                         /* that the poller told */
	bool done;
	int round_asked, round_answered;
};

static __attribute__((unused)) void on_sleep(void *data)
{
	((struct bench *)data)->sleeps++;
}

static __attribute__((unused)) struct bench *bench_new(int count, int64_t budget)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	struct err err;
	check_ok("loop", loop_open(&b->loop, &err), &err);
	b->fleet = fleet_new();
	b->poller = poller_new(&(struct poller_options){.loop = b->loop,
		.fleet = b->fleet,
		.budget_per_second = budget,
		.on_sleep = on_sleep,
		.data = b});
	b->count = count;
	b->fakes = xcalloc((size_t)count + 1, sizeof(struct fake *));
	for (int i = 0; i < count; i++) {
		struct fake *fake = xcalloc(1, sizeof(*fake));
		fake->base.ops = &fake_ops;
		fake->base.context = (char *)"c";
		fake->base.name = xasprintf("s%d", i);
		fake->loop = b->loop;
		fake->spent = &b->spent;
		fake->status = JOB_RUNNING;
		fleet_add_cluster(b->fleet, "c", fake->base.name, "standalone", "http://x");
		poller_add(b->poller, &fake->base, SNAPSHOT_CLUSTER);
		b->fakes[i] = fake;
	}
	return b;
}

static __attribute__((unused)) void bench_free(struct bench *b)
{
	poller_free(b->poller);
	loop_run_until_idle(b->loop, 1000);
	for (int i = 0; i < b->count; i++)
		source_close(&b->fakes[i]->base);
	fleet_free(b->fleet);
	loop_close(b->loop);
	vec_release(&b->by_tick);
	free(b->fakes);
	free(b);
	clock_fix_slept(0);
	clock_fix(0, 0);
}

static __attribute__((unused)) void bench_clock(const struct bench *b)
{
	clock_fix_slept(b->slept_ms);
	clock_fix(b->wall_ms, b->mono_ms);
}

/* The clock stands still, and everything is asked for the first time. */
static __attribute__((unused)) struct bench *bench_held(int count, int64_t budget)
{
	clock_fix(1763719200000, 5000000);
	struct bench *b = bench_new(count, budget);
	b->wall_ms = 1763719200000;
	b->mono_ms = 5000000;
	return b;
}

/* So much time passes, tick by tick; what was asked is answered within its tick. */
static __attribute__((unused)) void bench_pass(struct bench *b, int64_t ms)
{
	for (int64_t end_ms = b->mono_ms + ms; b->mono_ms < end_ms;) {
		int64_t before = b->spent;
		b->mono_ms += 100;
		b->wall_ms += 100;
		bench_clock(b);
		poller_tick(b->poller);
		/* Deferred calls first, and once more for what they deferred. */
		loop_run_until_idle(b->loop, DEADLINE_MS);
		vec_push(&b->by_tick, b->spent - before);
	}
}

/* The same, while what moves or is sick has only begun to. */
static __attribute__((unused)) void bench_pass_news(struct bench *b, int64_t ms)
{
	for (int64_t left_ms = ms; left_ms > 0; left_ms -= 10000) {
		size_t count;
		struct app *const *apps = fleet_urgent_apps(b->fleet, &count);
		for (size_t i = 0; i < count; i++)
			apps[i]->state_since_ms = b->wall_ms;
		bench_pass(b, left_ms < 10000 ? left_ms : 10000);
	}
}

/* The most requests in any second since tick `first`. */
static __attribute__((unused)) int64_t bench_most(const struct bench *b, size_t first)
{
	int64_t most = 0;
	for (size_t i = first; i < b->by_tick.len; i++) {
		int64_t second = 0;
		for (size_t k = i; k < b->by_tick.len && k < i + 10; k++)
			second += b->by_tick.data[k];
		most = second > most ? second : most;
	}
	return most;
}

/* Turns the loop until the condition holds; a condition that never holds fails the case. */
#define UNTIL(b, condition)                                                                        \
	do {                                                                                       \
		int64_t end_ms = clock_mono_ms() + DEADLINE_MS;                                    \
		while (!(condition)) {                                                             \
			if (clock_mono_ms() > end_ms)                                              \
				fail_msg("never: %s", #condition);                                 \
			loop_turn((b)->loop, 50);                                                  \
		}                                                                                  \
	} while (0)

#endif
