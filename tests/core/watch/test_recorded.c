/* What is well is asked for seldom, and all of it is recorded all the same. */
#include "core/watch/recorded.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "tests/support/check.h"

#define CACHE_MS 3000
#define REMEMBERED 10
#define CHECKPOINTS_MAX 8000
#define TICK_MS 1000

/* A job at a JobManager that answers for details from a cache. */
struct job {
	int64_t interval_ms, next_ms;
	int64_t triggers[CHECKPOINTS_MAX];
	size_t checkpoints;
	int64_t restarts, modified_ms;
	/* the cache */
	int64_t cached_ms, cached_restarts;
};
struct seen {
	bool *checkpoints;
	int64_t restarts;
	int requests;
};

static uint32_t turn(uint32_t *random)
{
	*random = *random * 1664525u + 1013904223u;
	return *random >> 8;
}

/* A second goes by: checkpoints, rarely a restart. */
static void live(struct job *job, int64_t now, uint32_t *random)
{
	while (job->next_ms <= now && job->checkpoints < CHECKPOINTS_MAX) {
		job->triggers[job->checkpoints++] = job->next_ms;
		/* They are late at times, and never early. */
		job->next_ms += job->interval_ms * (turn(random) % 8 ? 1 : 2);
	}
	if (turn(random) % 1800)
		return;
	job->restarts++;
	job->modified_ms = now;
}

static void tell(struct job *job, unsigned parts, size_t jobs, int64_t now,
	struct recorded *recorded, struct seen *seen)
{
	struct checkpoint history[REMEMBERED];
	struct job_detail told = {.parts = parts};
	size_t count = job->checkpoints < REMEMBERED ? job->checkpoints : REMEMBERED;

	for (size_t i = 0; i < count; i++) {
		size_t nth = job->checkpoints - 1 - i;
		history[i] =
			(struct checkpoint){.id = (int64_t)nth, .trigger_ms = job->triggers[nth]};
		seen->checkpoints[nth] = true;
	}
	told.checkpoints = (struct checkpoint_stats){.history = history, .history_count = count};
	if (now - job->cached_ms >= CACHE_MS) {
		job->cached_ms = now;
		job->cached_restarts = job->restarts;
	}
	if (parts & JOB_PART_RESTARTS)
		seen->restarts = job->cached_restarts;
	for (unsigned part = 1; part < JOB_PART_CONFIG; part <<= 1)
		seen->requests += (parts & part) != 0;
	recorded_told(recorded, parts, &told, jobs, now);
}

/* Four hours of one job of so many, begun at a time of its own; returns its requests. */
static int record(int64_t interval_ms, size_t jobs, uint32_t seed)
{
	struct job job = {.interval_ms = interval_ms, .next_ms = 1};
	struct seen seen = {.checkpoints = xcalloc(CHECKPOINTS_MAX, sizeof(bool))};
	struct recorded recorded;
	uint32_t random = seed;
	size_t first, missed = 0;
	int64_t behind_ms = 0, now = 600000;

	live(&job, now, &random);
	recorded_begin(&recorded,
		&(struct recorded_known){.told_ms = 0, .modified_ms = 0, .hash = turn(&random)},
		jobs, now);
	for (int64_t end_ms = now + 4 * 3600000; now < end_ms; now += TICK_MS) {
		unsigned parts;

		live(&job, now, &random);
		parts = recorded_due(&recorded, job.modified_ms, jobs, now);
		if (parts)
			tell(&job, parts, jobs, now, &recorded, &seen);
		/* A restart is told as soon as the JobManager's cache allows. */
		behind_ms = job.restarts == seen.restarts ? 0 : behind_ms + TICK_MS;
		if (behind_ms > 2 * CACHE_MS + 2 * TICK_MS)
			fail_msg("interval %lld, seed %u: a restart is not told after %lld ms",
				(long long)interval_ms, seed, (long long)behind_ms);
	}
	/* From the first one that was seen on; the last ones were not asked for yet. */
	for (first = 0; first < job.checkpoints && !seen.checkpoints[first];)
		first++;
	for (size_t i = first; i + REMEMBERED < job.checkpoints; i++)
		missed += !seen.checkpoints[i];
	if (missed)
		fail_msg("interval %lld, seed %u: %zu of %zu checkpoints escaped",
			(long long)interval_ms, seed, missed, job.checkpoints);
	free(seen.checkpoints);
	return seen.requests;
}

static void no_restart_and_no_checkpoint_escapes(void **unused)
{
	static const int64_t intervals_ms[] = {2000, 10000, 30000, 60000, 180000, 600000};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(intervals_ms); i++)
		for (uint32_t seed = 1; seed <= 8; seed++) {
			record(intervals_ms[i], 10, seed);
			record(intervals_ms[i], 10000, seed);
		}
}

/* Each ten seconds all four would be 5,760 in these four hours, each minute 960. */
static void a_large_fleet_is_asked_for_little(void **unused)
{
	int few = record(60000, 1, 3), small = record(60000, 100, 3);
	int large = record(60000, 10000, 3);

	(void)unused;
	print_message("             %d, %d, %d requests\n", few, small, large);
	if (few < 1440 || few > 1600)
		fail_msg("one job: %d requests", few);
	if (small < 240 || small > 400)
		fail_msg("a hundred jobs: %d requests each", small);
	if (large < 60 || large > 150)
		fail_msg("ten thousand jobs: %d requests each", large);
}

static void many_that_begin_together_are_spread(void **unused)
{
	int by_second[60] = {0};

	(void)unused;
	for (uint32_t i = 0; i < 6000; i++) {
		struct recorded recorded;

		recorded_begin(&recorded,
			&(struct recorded_known){
				.told_ms = 1000000, .modified_ms = 5, .hash = i * 2654435761u},
			6000, 5000);
		assert_int_equal(recorded_due(&recorded, 5, 6000, 4999), 0);
		for (int s = 0; s < 60; s++)
			if (recorded_due(&recorded, 5, 6000, 5000 + 1000 * s)) {
				by_second[s]++;
				break;
			}
	}
	for (int s = 1; s < 60; s++)
		if (by_second[s] < 50 || by_second[s] > 200)
			fail_msg("second %d: %d", s, by_second[s]);
}

/* A new fleet is asked for all of it at once; ever after its jobs are spread over the time between two answers. */
static void many_that_were_told_together_are_spread(void **unused)
{
	struct checkpoint history[REMEMBERED];
	struct job_detail told = {.parts = JOB_PARTS_ROW,
		.checkpoints = {.history = history, .history_count = REMEMBERED}};
	int by_minute[11] = {0}, by_second[60] = {0};
	static struct recorded recorded[6000];

	(void)unused;
	for (int i = 0; i < REMEMBERED; i++)
		history[i] = (struct checkpoint){.trigger_ms = 1000000 - 10000 * i};
	for (uint32_t i = 0; i < ARRAY_SIZE(recorded); i++) {
		recorded_begin(&recorded[i],
			&(struct recorded_known){
				.told_ms = 1000000, .modified_ms = 5, .hash = i * 2654435761u},
			10000, 5000);
		recorded_told(&recorded[i], JOB_PARTS_ROW, &told, 10000, 6000);
	}
	for (int s = 1; s <= 700; s++)
		for (size_t i = 0; i < ARRAY_SIZE(recorded); i++) {
			unsigned due = recorded_due(&recorded[i], 5, 10000, 6000 + 1000 * s);
			if (!due)
				continue;
			recorded_told(&recorded[i], due, &told, 10000, 6000 + 1000 * s);
			by_minute[s / 60 < 10 ? s / 60 : 10] += (due & JOB_PART_VERTICES) != 0;
			if (s <= 60)
				by_second[s - 1] += (due & JOB_PART_CHECKPOINTS) != 0;
		}
	for (int m = 0; m < 10; m++)
		if (by_minute[m] < 400 || by_minute[m] > 800)
			fail_msg("minute %d: %d", m, by_minute[m]);
	for (int s = 0; s < 59; s++)
		if (by_second[s] < 50 || by_second[s] > 200)
			fail_msg("checkpoints, second %d: %d", s, by_second[s]);
}

/* What a former process did not see is asked for at once: what changed since, what has restarted. */
static void what_is_not_known_comes_first(void **unused)
{
	static const struct {
		const char *name;
		struct recorded_known known;
		unsigned want;
	} rows[] = {
		{"told after its last change", {1000000, 5, false, 599999}, 0},
		{"told before", {1000000, 1000001, false, 599999}, JOB_PARTS_ROW},
		{"clocks may differ", {1000000, 999000, false, 599999}, JOB_PARTS_ROW},
		{"when did it restart?", {1000000, 5, true, 599999}, JOB_PARTS_ROW},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct recorded recorded;
		unsigned due;

		recorded_begin(&recorded, &rows[i].known, 10000, 5000);
		due = recorded_due(&recorded, rows[i].known.modified_ms, 10000, 5000 + CACHE_MS);
		if (due != rows[i].want)
			fail_msg("%s: %u", rows[i].name, due);
	}
}

/* A restart each second: the list never stands still for as long as the JobManager remembers its answers. */
static void what_never_stands_still_is_asked_all_the_same(void **unused)
{
	static const struct {
		size_t jobs;
		int64_t most_ms;
	} rows[] = {{1, 10000}, {50, 30000}, {100, 60000}, {10000, 600000}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct recorded recorded;
		struct job_detail told = {.parts = JOB_PARTS_ROW};
		int64_t asked_ms = 0;

		recorded_begin(&recorded, &(struct recorded_known){.modified_ms = 1, .hash = 77},
			rows[i].jobs, 0);
		for (int64_t now = 1000; now < 2000000; now += 1000) {
			unsigned due = recorded_due(&recorded, now, rows[i].jobs, now);
			if (due)
				recorded_told(&recorded, due, &told, rows[i].jobs, now);
			if (due == JOB_PARTS_ROW)
				asked_ms = now;
			if (now - asked_ms > rows[i].most_ms)
				fail_msg("of %zu jobs: not asked for %lld ms", rows[i].jobs,
					(long long)(now - asked_ms));
		}
	}
}

/* It was asked before it made its first: of a few jobs the next answer still has all of them. */
static void checkpoints_of_a_new_job_are_looked_for_as_often_as_samples(void **unused)
{
	struct job_detail told = {.parts = JOB_PARTS_ROW};
	struct recorded recorded;
	int64_t now = 0;

	(void)unused;
	recorded_begin(&recorded, &(struct recorded_known){.modified_ms = 1, .hash = 77}, 2, 0);
	recorded_told(&recorded, JOB_PARTS_ROW, &told, 2, 1000);
	while (!(recorded_due(&recorded, 1, 2, now) & JOB_PART_CHECKPOINTS))
		now += 1000;
	if (now > 11000)
		fail_msg("after %lld ms", (long long)now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_restart_and_no_checkpoint_escapes),
		cmocka_unit_test(a_large_fleet_is_asked_for_little),
		cmocka_unit_test(many_that_begin_together_are_spread),
		cmocka_unit_test(many_that_were_told_together_are_spread),
		cmocka_unit_test(what_is_not_known_comes_first),
		cmocka_unit_test(what_never_stands_still_is_asked_all_the_same),
		cmocka_unit_test(checkpoints_of_a_new_job_are_looked_for_as_often_as_samples),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
