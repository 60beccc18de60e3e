/*
 * Flink dates each change of a task, and the list of jobs says the newest of these dates. A restart
 * changes tasks, and an exception that counts is one that made a restart; so where that date stands
 * still, both do. Details come from a cache of the JobManager's (3 s), so a change is asked for when
 * that is over, and once more if there was another one meanwhile.
 */
#include "core/watch/recorded.h"

#include "core/watch/schedule.h"

#define CACHED_MS 3000
/* A few jobs are asked as often as a sample may be made, a hundred each minute. */
#define SAMPLE_LEAST_MS 10000
#define SAMPLE_MS_A_JOB 600
#define SAMPLE_MIN_MS 60000
#define SAMPLE_MAX_MS 600000
/* Jobs asked for a sample in a second, of all that are well. */
#define SAMPLE_PER_SECOND 15
/* Its checkpoints while nothing is known of them; of a few jobs as often as a sample. */
#define HISTORY_FIRST_MS 60000
#define HISTORY_MIN_MS 5000
/* Asked again when so many of those that are remembered are new: the next may come faster. */
#define HISTORY_NEW(remembered) ((int64_t)(remembered)*6 / 10)
/* How far a JobManager's clock may be from ours. */
#define SKEW_MS 10000

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

static int64_t sample_age_ms(size_t jobs)
{
	int64_t few_ms = clamp((int64_t)jobs * SAMPLE_MS_A_JOB, SAMPLE_LEAST_MS, SAMPLE_MIN_MS);

	return clamp((int64_t)jobs * 1000 / SAMPLE_PER_SECOND, few_ms, SAMPLE_MAX_MS);
}

static int64_t history_first_ms(size_t jobs)
{
	return clamp(sample_age_ms(jobs), 0, HISTORY_FIRST_MS);
}

/*
 * The last time within `age_ms` that is its own. Thousands that were asked together, because a fleet is new or the
 * network is back, are so spread from then on, and none is asked later than it would be.
 */
static int64_t own_time_ms(uint32_t hash, int64_t age_ms, int64_t now)
{
	int64_t phase_ms = schedule_phase_ms(hash, age_ms);

	return now - ((now - phase_ms) % age_ms + age_ms) % age_ms;
}

/* former: what it was, 0 = nothing was known. */
static int64_t history_age_ms(const struct job_detail *told, int64_t former_ms, size_t jobs)
{
	const struct checkpoint_stats *stats = &told->checkpoints;
	int64_t span_ms, age_ms;

	/* It makes none. */
	if (!(told->parts & JOB_PART_CHECKPOINTS))
		return SAMPLE_MAX_MS;
	if (stats->history_count < 2) {
		age_ms = former_ms ? 2 * former_ms : history_first_ms(jobs);
		return age_ms < SAMPLE_MAX_MS ? age_ms : SAMPLE_MAX_MS;
	}
	span_ms =
		stats->history[0].trigger_ms - stats->history[stats->history_count - 1].trigger_ms;
	age_ms = span_ms / (int64_t)(stats->history_count - 1) * HISTORY_NEW(stats->history_count);
	return clamp(age_ms, HISTORY_MIN_MS, SAMPLE_MAX_MS);
}

void recorded_begin(
	struct recorded *recorded, const struct recorded_known *known, size_t jobs, int64_t now)
{
	int64_t age_ms = sample_age_ms(jobs);
	bool is_news = known->has_restarted || known->modified_ms + SKEW_MS > known->told_ms;

	*recorded = (struct recorded){
		.sample_ms = own_time_ms(known->hash, age_ms, now),
		.history_ms = own_time_ms(known->hash, history_first_ms(jobs), now),
		.row_ms = now,
		.hash = known->hash,
		.modified_ms = known->modified_ms,
		.changed_ms = is_news ? now : 0,
	};
}

unsigned recorded_due(struct recorded *recorded, int64_t modified_ms, size_t jobs, int64_t now)
{
	int64_t history_ms =
		recorded->history_age_ms ? recorded->history_age_ms : history_first_ms(jobs);

	if (modified_ms != recorded->modified_ms) {
		recorded->modified_ms = modified_ms;
		recorded->changed_ms = now;
	}
	/* What changes all the time is asked as often as there is a sample. */
	if (recorded->changed_ms &&
		(now - recorded->changed_ms >= CACHED_MS ||
			now - recorded->row_ms >= sample_age_ms(jobs)))
		return JOB_PARTS_ROW;
	return (now - recorded->sample_ms >= sample_age_ms(jobs) ? JOB_PART_VERTICES : 0) |
		(now - recorded->history_ms >= history_ms ? JOB_PART_CHECKPOINTS : 0);
}

void recorded_told(struct recorded *recorded, unsigned parts, const struct job_detail *told,
	size_t jobs, int64_t now)
{
	if (parts & JOB_PART_CHECKPOINTS) {
		bool is_first = !recorded->history_age_ms;
		recorded->history_age_ms =
			(int32_t)history_age_ms(told, recorded->history_age_ms, jobs);
		/* Its age is another one with each answer: spread once they stay so. */
		recorded->history_ms =
			is_first ? own_time_ms(recorded->hash, recorded->history_age_ms, now) : now;
	}
	if (parts & JOB_PART_VERTICES) {
		int64_t age_ms = sample_age_ms(jobs);
		recorded->sample_ms =
			age_ms < SAMPLE_MIN_MS ? now : own_time_ms(recorded->hash, age_ms, now);
	}
	if ((parts & JOB_PARTS_ROW) != JOB_PARTS_ROW)
		return;
	recorded->row_ms = now;
	/* What was told within the cache's time may be from before the change. */
	if (recorded->changed_ms && now - recorded->changed_ms >= CACHED_MS)
		recorded->changed_ms = 0;
}
