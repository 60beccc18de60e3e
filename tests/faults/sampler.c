#include "tests/faults/sampler.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "tests/faults/judge.h"
#include "tests/support/program.h"

struct sampler {
	struct screen *screen;
	const char *name, *team;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	VEC(struct sample) samples;
	bool is_over, has_ended;
};

static bool is_over(struct screen *screen, void *data)
{
	struct sampler *sampler = data;
	bool over;

	(void)screen;
	pthread_mutex_lock(&sampler->lock);
	over = sampler->is_over;
	pthread_mutex_unlock(&sampler->lock);
	return over;
}

static void *run(void *data)
{
	struct sampler *sampler = data;
	int64_t due_ms = program_now_ms();
	bool goes_on = true;

	while (goes_on) {
		char *line = screen_line_with(sampler->screen, sampler->name, sampler->team);
		char *cell = judge_cell(line ? line : "", sampler->name);
		struct sample sample = {.ms = program_now_ms()};

		snprintf(sample.cell, sizeof(sample.cell), "%s", cell);
		free(cell);
		free(line);
		pthread_mutex_lock(&sampler->lock);
		vec_push(&sampler->samples, sample);
		pthread_cond_broadcast(&sampler->changed);
		pthread_mutex_unlock(&sampler->lock);
		due_ms += SAMPLE_MS;
		if (due_ms < sample.ms)
			due_ms = sample.ms; /* a machine that is late does not hurry */
		goes_on = !screen_until(sampler->screen, is_over, sampler,
				  due_ms > sample.ms ? due_ms - sample.ms : 1) &&
			screen_pid(sampler->screen) > 0;
	}
	pthread_mutex_lock(&sampler->lock);
	sampler->has_ended = true;
	pthread_cond_broadcast(&sampler->changed);
	pthread_mutex_unlock(&sampler->lock);
	return NULL;
}

struct sampler *sampler_start(struct screen *screen, const char *name, const char *team)
{
	struct sampler *sampler = xcalloc(1, sizeof(*sampler));

	sampler->screen = screen;
	sampler->name = name;
	sampler->team = team;
	pthread_mutex_init(&sampler->lock, NULL);
	pthread_cond_init(&sampler->changed, NULL);
	if (pthread_create(&sampler->thread, NULL, run, sampler) != 0) {
		perror("thread");
		abort();
	}
	return sampler;
}

void sampler_stop(struct sampler *sampler)
{
	if (!sampler)
		return;
	pthread_mutex_lock(&sampler->lock);
	sampler->is_over = true;
	pthread_mutex_unlock(&sampler->lock);
	pthread_join(sampler->thread, NULL);
	vec_release(&sampler->samples);
	pthread_cond_destroy(&sampler->changed);
	pthread_mutex_destroy(&sampler->lock);
	free(sampler);
}

bool sampler_get(struct sampler *sampler, size_t at, struct sample *sample)
{
	pthread_mutex_lock(&sampler->lock);
	while (at >= sampler->samples.len && !sampler->has_ended)
		pthread_cond_wait(&sampler->changed, &sampler->lock);
	bool is_there = at < sampler->samples.len;
	if (is_there)
		*sample = sampler->samples.data[at];
	pthread_mutex_unlock(&sampler->lock);
	return is_there;
}
