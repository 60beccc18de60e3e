/*
 * What a console shows of one application, every 200 ms, in a thread of its own: while a test does
 * something that takes time, nothing that is shown goes unseen. While a sampler is there the screen is
 * its own.
 */
#ifndef WEIR_TESTS_FAULTS_SAMPLER_H
#define WEIR_TESTS_FAULTS_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/e2e/screen.h"

#define SAMPLE_MS 200

struct sampler;

struct sample {
	int64_t ms;    /* program_now_ms() */
	char cell[48]; /* the state as judge_cell() says it; "" = no such row */
};

/* The row of the application `name` in the team `team`. Both are borrowed. */
struct sampler *sampler_start(struct screen *screen, const char *name, const char *team);
void sampler_stop(struct sampler *sampler); /* NULL-safe; what was sampled is gone */
/* The sample at `at`, waited for; false: the console has ended, and there will be none. */
bool sampler_get(struct sampler *sampler, size_t at, struct sample *sample);

#endif
