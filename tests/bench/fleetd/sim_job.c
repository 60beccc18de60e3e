/*
 * What one job is doing at one moment. The fleet takes steps, as fast as the churn says; a normal job
 * has one event within each step, at a place that the seed says. Of eight events one ends the job
 * (e % 8 == 0), after which it is started anew; the others are failovers:
 *
 *	event ──▶ RESTARTING or ended, 80 % of its time down ──▶ RUNNING, tasks deploy, 20 % ──▶ all run
 *
 * When an event was, in milliseconds, follows from the churn that was then.
 */
#include "tests/bench/fleetd/sim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

#define EVENTS 8
#define HOUR_MS INT64_C(3600000)
/* Before the fleet started a step took an hour. */
#define STEPS_PER_MS_PAST (1.0 / 3600000)

static double part_of(uint64_t hash)
{
	return (double)(hash >> 11) / 9007199254740992.0;
}

static int64_t between(uint64_t hash, int64_t from, int64_t to)
{
	return from + (int64_t)(hash % (uint64_t)(to - from + 1));
}

/* ---- steps ---- */

static double steps_at(const struct sim *sim, int64_t now_ms)
{
	const struct stretch *last = &sim->churn.data[0], *it;

	vec_each (it, &sim->churn)
		if (it->from_ms <= now_ms)
			last = it;
	if (now_ms < 0)
		return (double)now_ms * STEPS_PER_MS_PAST;
	return last->steps + (double)(now_ms - last->from_ms) * last->steps_per_ms;
}

/* When the fleet had come so far; per_ms: how fast it went then. */
static int64_t time_of(const struct sim *sim, double steps, double *per_ms)
{
	const struct stretch *last = NULL, *it;

	vec_each (it, &sim->churn)
		if (it->steps <= steps && it->steps_per_ms > 0)
			last = it;
	*per_ms = last ? last->steps_per_ms : STEPS_PER_MS_PAST;
	if (!last)
		return (int64_t)(steps / STEPS_PER_MS_PAST);
	return last->from_ms + (int64_t)((steps - last->steps) / last->steps_per_ms);
}

struct event {
	double step;
	int64_t at_ms, down_ms;
};

static struct event event_of(const struct sim *sim, int job, double phase, int64_t e)
{
	uint64_t h = sim_hash(sim, 'e', (uint64_t)job, (uint64_t)e);
	bool is_end = e % EVENTS == 0;
	struct event event = {.step = (double)e + part_of(h) / 2 - phase};
	double per_ms;

	event.at_ms = time_of(sim, event.step, &per_ms);
	event.down_ms = is_end ? between(h >> 8, 20000, 60000) : between(h >> 8, 3000, 15000);
	if (event.down_ms > (int64_t)(0.4 / per_ms))
		event.down_ms = (int64_t)(0.4 / per_ms);
	return event;
}

/* ---- kinds of jobs ---- */

static void set_id(const struct sim *sim, struct sim_job *out, uint32_t generation)
{
	uint32_t index = (uint32_t)out->index * 2654435761u + (uint32_t)sim->options.seed;
	uint32_t mask = (uint32_t)sim_hash(sim, 'g', (uint64_t)out->index, 0);
	uint64_t rest = sim_hash(sim, 'i', (uint64_t)out->index, generation);

	snprintf(out->id, sizeof(out->id), "%08x%08x%016llx", index, generation ^ mask,
		(unsigned long long)rest);
}

static int index_of(const struct sim *sim, const char *id)
{
	char digits[9];
	uint32_t value;

	snprintf(digits, sizeof(digits), "%.8s", id);
	value = (uint32_t)strtoul(digits, NULL, 16) - (uint32_t)sim->options.seed;
	value *= 244002641u; /* the inverse of 2654435761 */
	return value < (uint32_t)sim->options.jobs ? (int)value : -1;
}

/* Newest first. */
static void add_failure(struct sim_job *out, int64_t wall_ms)
{
	int at = out->failures;

	while (at > 0 && out->failed_wall_ms[at - 1] < wall_ms)
		at--;
	if (at == SIM_FAILURES_MAX)
		return;
	if (out->failures < SIM_FAILURES_MAX)
		out->failures++;
	for (int i = out->failures - 1; i > at; i--)
		out->failed_wall_ms[i] = out->failed_wall_ms[i - 1];
	out->failed_wall_ms[at] = wall_ms;
}

/* Ended as the seed says; it was up until then. */
static void end(struct sim_job *out, enum job_status status, int64_t end_wall_ms)
{
	out->status = status;
	out->end_wall_ms = out->modified_wall_ms = end_wall_ms;
	if (status == JOB_FAILED)
		add_failure(out, end_wall_ms);
}

/* What became of it at event e; event.at_ms ≤ now. */
static void after_failover(struct sim_job *out, const struct event *event, int64_t now_ms)
{
	int64_t epoch_ms = out->now_wall_ms - now_ms, since_ms = now_ms - event->at_ms;
	int64_t back_ms = event->down_ms * 4 / 5;

	out->modified_wall_ms = epoch_ms + event->at_ms;
	if (since_ms < back_ms) {
		out->status = JOB_RESTARTING;
		return;
	}
	out->status = JOB_RUNNING;
	out->is_deploying = since_ms < event->down_ms;
	out->up_wall_ms = epoch_ms + event->at_ms + (out->is_deploying ? back_ms : event->down_ms);
	out->modified_wall_ms = out->up_wall_ms;
}

static uint32_t job_normal(const struct sim *sim, int64_t now_ms, struct sim_job *out)
{
	static const enum job_status ends[] = {
		JOB_FAILED, JOB_FAILED, JOB_FAILED, JOB_CANCELED, JOB_FINISHED};
	uint64_t h = sim_hash(sim, 'p', (uint64_t)out->index, 0);
	double phase = EVENTS * (1 + part_of(h));
	double step = steps_at(sim, now_ms);
	int64_t e = (int64_t)floor(step + phase), epoch_ms = out->now_wall_ms - now_ms, generation;
	struct event event = event_of(sim, out->index, phase, e), birth;

	if (event.step > step)
		event = event_of(sim, out->index, phase, --e);
	generation = e / EVENTS;
	birth = event_of(sim, out->index, phase, generation * EVENTS);
	if (e % EVENTS == 0 && now_ms - event.at_ms < event.down_ms * 4 / 5) {
		/* Not yet started anew: the one before is still to be seen. */
		generation--;
		birth = event_of(sim, out->index, phase, generation * EVENTS);
		out->start_wall_ms = epoch_ms + birth.at_ms + birth.down_ms * 4 / 5;
		out->up_wall_ms = out->start_wall_ms;
		out->restarts = EVENTS - 1;
		end(out,
			ends[sim_hash(sim, 'E', (uint64_t)out->index, (uint64_t)e) %
				ARRAY_SIZE(ends)],
			epoch_ms + event.at_ms);
	} else {
		out->start_wall_ms = epoch_ms + birth.at_ms + birth.down_ms * 4 / 5;
		out->restarts = e % EVENTS;
		after_failover(out, &event, now_ms);
		for (int64_t i = e; i % EVENTS != 0; i--)
			add_failure(out, epoch_ms + event_of(sim, out->index, phase, i).at_ms);
	}
	return (uint32_t)generation;
}

/* Down for most of its time, and never for long the same. */
static void job_looping(uint64_t h, int64_t now_ms, struct sim_job *out)
{
	int64_t period_ms = between(h, 15000, 45000), far_ms = 24 * HOUR_MS;
	int64_t turn = (now_ms + far_ms) / period_ms, epoch_ms = out->now_wall_ms - now_ms;
	struct event event = {0, turn * period_ms - far_ms, period_ms * 2 / 3};

	out->start_wall_ms = epoch_ms - far_ms;
	out->restarts = turn + 1;
	after_failover(out, &event, now_ms);
	for (int i = 0; i < SIM_FAILURES_MAX; i++)
		add_failure(out, epoch_ms + event.at_ms - i * period_ms);
}

static void job_sick(const struct sim *sim, int64_t now_ms, struct sim_job *out)
{
	uint64_t h = sim_hash(sim, 's', (uint64_t)out->index, 1);
	int64_t epoch_ms = out->now_wall_ms - now_ms;
	int64_t end_ms = epoch_ms - between(h >> 8, 60000, HOUR_MS * 3 / 4);

	out->start_wall_ms = out->up_wall_ms = end_ms - between(h >> 20, HOUR_MS, 48 * HOUR_MS);
	out->modified_wall_ms = out->start_wall_ms;
	out->status = JOB_RUNNING;
	switch (h % 10) {
	case 0:
	case 1:
	case 2:
	case 3: end(out, JOB_FAILED, end_ms); break;
	case 4:
	case 5: end(out, JOB_CANCELED, end_ms); break;
	case 6: end(out, JOB_FINISHED, end_ms); break;
	case 7:
	case 8: job_looping(h >> 8, now_ms, out); break;
	default: out->fails_checkpoints = true; break;
	}
}

#define DEPLOY_MS 1000

static void job_started(const struct sim *sim, int64_t now_ms, struct sim_job *out)
{
	const struct started *started = &sim->started.data[out->index - sim->options.jobs];

	memcpy(out->id, started->id, sizeof(out->id));
	memcpy(out->name, started->name, sizeof(out->name));
	out->parallelism = started->parallelism;
	out->start_wall_ms = out->modified_wall_ms = sim->options.epoch_ms + started->at_ms;
	out->status = JOB_RUNNING;
	out->is_deploying = now_ms - started->at_ms < DEPLOY_MS && sim->options.frozen_ms < 0;
	out->up_wall_ms = out->start_wall_ms + (out->is_deploying ? 0 : DEPLOY_MS);
}

/* As it is when nobody touches it; its generation. */
static uint32_t job_by_seed(const struct sim *sim, int job, int64_t now_ms, struct sim_job *out)
{
	static const int intervals_s[] = {10, 30, 60, 60, 180, 600};
	uint64_t h = sim_hash(sim, 'j', (uint64_t)job, 0);
	uint64_t sick = sim_hash(sim, 's', (uint64_t)job, 0) % 100000;

	memset(out, 0, sizeof(*out));
	out->index = job;
	out->manager = sim_manager_of(sim, job);
	out->now_wall_ms = sim->options.epoch_ms + now_ms;
	out->end_wall_ms = -1;
	out->parallelism = 1 << (h % 4);
	out->vertices = 2 + (int)((h >> 8) % (SIM_VERTICES_MAX - 1));
	out->checkpoint_ms = sim->options.checkpoint_ms
		? sim->options.checkpoint_ms
		: 1000 * (int64_t)intervals_s[(h >> 16) % ARRAY_SIZE(intervals_s)];
	if (job >= sim->options.jobs) {
		job_started(sim, now_ms, out);
		return 1;
	}
	sim_job_name(sim, job, out->name);
	if ((double)sick >= sim->options.sick * 1000)
		return job_normal(sim, now_ms, out);
	job_sick(sim, now_ms, out);
	return 1;
}

#define GENERATION_BY_HAND 0x100000u

void sim_job(const struct sim *sim, int job, int64_t now_ms, struct sim_job *out)
{
	const struct note *note = &sim->notes[job];
	bool is_noted = note->status && note->at_ms <= now_ms;
	uint32_t generation = job_by_seed(sim, job, is_noted ? note->at_ms : now_ms, out);
	int64_t epoch_ms = sim->options.epoch_ms, at_wall_ms = epoch_ms + note->at_ms;

	if (is_noted) {
		out->now_wall_ms = epoch_ms + now_ms;
		out->is_deploying = false;
		out->end_wall_ms = -1;
		out->status = (enum job_status)note->status;
		out->modified_wall_ms = at_wall_ms;
		out->restarts += note->restarts;
		if (note->renewals) {
			generation += GENERATION_BY_HAND * note->renewals;
			out->start_wall_ms = out->up_wall_ms = epoch_ms + note->started_ms;
			out->restarts = note->restarts;
			out->failures = 0;
		}
		if (job_status_is_terminal(out->status))
			end(out, out->status, at_wall_ms);
		else if (out->status == JOB_RESTARTING)
			add_failure(out, at_wall_ms);
	}
	if (job < sim->options.jobs)
		set_id(sim, out, generation);
}

bool sim_find(const struct sim *sim, int manager, const char *id, struct sim_job *out)
{
	int job = strlen(id) == JOB_ID_LEN ? index_of(sim, id) : -1;

	for (size_t i = 0; i < sim->started.len; i++)
		if (str_eq(sim->started.data[i].id, id))
			job = sim->options.jobs + (int)i;
	if (job < 0 || sim_manager_of(sim, job) != manager)
		return false;
	sim_job(sim, job, sim_now_ms(sim), out);
	return strcmp(out->id, id) == 0;
}
