/*
 * What the flight recorder wants to be asked of a job that is well and that nobody looks at. Nothing
 * escapes, and no more is asked:
 *
 *	restarts, exceptions   only when tasks changed: the list of jobs says when one did last
 *	checkpoints            before the ten that a JobManager remembers are others
 *	samples (vertices)     each minute; of a few jobs each ten seconds, of a large fleet less
 *	                       often, down to ten minutes, so that all together are not asked for more
 *	                       than a few in a second
 *
 * Pure: the time is an argument (tests/core/watch/test_recorded.c).
 */
#ifndef WEIR_WATCH_RECORDED_H
#define WEIR_WATCH_RECORDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/job.h"

/* Of one job; times by the monotonic clock. */
struct recorded {
	int64_t sample_ms;   /* the last answer with its vertices, or when it would have been */
	int64_t history_ms;  /* the same, with its checkpoints; both no later than it was */
	int64_t row_ms;      /* the same, with all of JOB_PARTS_ROW */
	int64_t changed_ms;  /* when the list said that tasks changed after all of JOB_PARTS_ROW was
				  asked; 0 = they did not */
	int64_t modified_ms; /* what the list said when that was asked */
	int32_t history_age_ms; /* within this none of its checkpoints escapes; 0 = not known */
	uint32_t hash;          /* its place among all that are asked equally often */
};

/* What is known of it when it is wanted first, maybe by a former process. */
struct recorded_known {
	int64_t told_ms;     /* wall; when it was told in detail last */
	int64_t modified_ms; /* when a task of it changed last, says the list */
	bool has_restarted;  /* when that was only its details tell */
	uint32_t hash;       /* spreads many that begin together */
};
/* jobs, here and below: how many there are in all. */
void recorded_begin(
	struct recorded *recorded, const struct recorded_known *known, size_t jobs, int64_t now);
/* The parts that are due; 0 = none. modified_ms: what the list says now. */
unsigned recorded_due(struct recorded *recorded, int64_t modified_ms, size_t jobs, int64_t now);
/* These parts were asked for, for whatever reason, and answered. */
void recorded_told(struct recorded *recorded, unsigned parts, const struct job_detail *told,
	size_t jobs, int64_t now);

#endif
