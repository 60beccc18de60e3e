/* The schedule, with sources that answer as told. Waits are for conditions, never for time. */
#include "tests/core/watch/poller_kit.h"

static const struct app *only_app(const struct bench *b)
{
	size_t count;
	struct app *const *apps = fleet_apps(b->fleet, &count);
	return count == 1 ? apps[0] : NULL;
}

static void answers_reach_the_fleet(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(1, 0);
	poller_start(b->poller);
	UNTIL(b, only_app(b) != NULL);
	assert_int_equal(only_app(b)->state, STATE_RUNNING);
	b->fakes[0]->status = JOB_FAILED;
	UNTIL(b, only_app(b)->state == STATE_FAILED);
	bench_free(b);
}

static void a_miss_is_checked_soon_and_two_are_unreachable(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(1, 0);
	poller_start(b->poller);
	UNTIL(b, only_app(b) != NULL);
	int before = b->fakes[0]->asked;
	b->fakes[0]->fails = true;
	UNTIL(b, only_app(b)->state == STATE_UNREACHABLE);
	assert_int_equal(b->fakes[0]->asked - before, MISSED_POLLS);
	assert_int_equal(poller_stats(b->poller).failing, 1);
	b->fakes[0]->fails = false;
	poller_refresh(b->poller);
	UNTIL(b, only_app(b)->state == STATE_RUNNING);
	assert_int_equal(poller_stats(b->poller).failing, 0);
	bench_free(b);
}

static void what_is_visible_is_asked_for_its_row(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(1, 0);
	poller_start(b->poller);
	UNTIL(b, only_app(b) != NULL);
	const char *ref = only_app(b)->ref;
	poller_show(b->poller, &ref, 1, NULL);
	UNTIL(b, only_app(b)->job->parallelism == 3);
	assert_int_equal(b->fakes[0]->parts, JOB_PARTS_ROW);
	poller_show(b->poller, &ref, 1, ref);
	UNTIL(b, b->fakes[0]->parts == JOB_PARTS_ALL);
	bench_free(b);
}

static void an_ended_job_is_asked_for_its_details_once(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(1, 0);
	b->fakes[0]->status = JOB_FINISHED;
	poller_start(b->poller);
	UNTIL(b, only_app(b) != NULL);
	const char *ref = only_app(b)->ref;
	poller_show(b->poller, &ref, 1, NULL);
	UNTIL(b, b->fakes[0]->details == 1);
	int polls = b->fakes[0]->asked;
	UNTIL(b, b->fakes[0]->asked >= polls + 2);
	assert_int_equal(b->fakes[0]->details, 1);
	bench_free(b);
}

/* The names are asked for when the number is another one, not at each poll. */
static void taskmanagers_are_listed_when_their_number_changes(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(1, 0);
	struct fake *fake = b->fakes[0];
	poller_start(b->poller);
	UNTIL(b, only_app(b) != NULL);
	const struct cluster *cluster = only_app(b)->cluster;
	UNTIL(b, cluster->taskmanagers && cluster->taskmanager_count == 1);
	int polls = fake->asked;
	UNTIL(b, fake->asked >= polls + 2);
	assert_int_equal(fake->lists, 1);
	fake->members = 3;
	UNTIL(b, cluster->taskmanager_count == 3);
	assert_int_equal(fake->lists, 2);
	assert_string_equal(cluster->taskmanagers[2].id, "tm-2");
	/* Who does not answer is not asked for it either. */
	fake->fails = true;
	UNTIL(b, only_app(b)->state == STATE_UNREACHABLE);
	assert_int_equal(fake->lists, 2);
	bench_free(b);
}

static int asked_in_all(const struct bench *b)
{
	int asked = 0;
	for (int i = 0; i < b->count; i++)
		asked += b->fakes[i]->asked;
	return asked;
}

static void the_budget_is_kept(void **unused)
{
	(void)unused;
	/* 20 clusters at 2 requests, 10 a second: the first bucket and what flows in, no more. */
	struct bench *b = bench_new(20, 10);
	int64_t start_ms = clock_mono_ms();
	poller_start(b->poller);
	UNTIL(b, asked_in_all(b) >= 12);
	int asked = asked_in_all(b);
	int64_t passed_ms = clock_mono_ms() - start_ms;
	/* One poll may overdraw the bucket by its own cost. */
	assert_true(asked * 2 <= 10 + 2 + 10 * (passed_ms + 1000) / 1000);
	assert_true(poller_stats(b->poller).interval_ms > 2000);
	for (int i = 0; i < b->count; i++)
		assert_true(b->fakes[i]->asked <= 1); /* none twice before all once */
	bench_free(b);
}

static void on_round(void *data, int asked, int answered)
{
	struct bench *b = data;
	assert_false(b->done);
	b->done = true;
	b->round_asked = asked;
	b->round_answered = answered;
}

static bool wanted(void *data, const struct app *app)
{
	(void)data;
	return str_eq(app->cluster->name, "s1");
}

static void a_round_asks_all_once_and_the_silent_twice(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(3, 0);
	b->fakes[2]->fails = true;
	poller_round(b->poller,
		&(struct poller_round){.details = true,
			.parts = JOB_PARTS_ROW,
			.wanted = wanted,
			.done = on_round,
			.data = b,
			.deadline_ms = DEADLINE_MS});
	UNTIL(b, b->done);
	assert_int_equal(b->round_asked, 3);
	assert_int_equal(b->round_answered, 2);
	assert_int_equal(b->fakes[0]->asked, 1);
	assert_int_equal(b->fakes[2]->asked, MISSED_POLLS);
	assert_int_equal(b->fakes[0]->details, 0);
	assert_int_equal(b->fakes[1]->details, 1);
	bench_free(b);
}

static bool wanted_all(void *data, const struct app *app)
{
	(void)data;
	(void)app;
	return true;
}

static void a_round_asks_for_lag_where_that_is_sought(void **unused)
{
	(void)unused;
	for (int seeks = 0; seeks < 2; seeks++) {
		struct bench *b = bench_new(2, 0);
		int64_t records, ms;

		b->fakes[0]->has_source = b->fakes[1]->has_source = true;
		b->fakes[0]->lag = 7;
		poller_round(b->poller,
			&(struct poller_round){.details = true,
				.parts = JOB_PARTS_ROW,
				.lag = seeks,
				.wanted = wanted_all,
				.done = on_round,
				.data = b,
				.deadline_ms = DEADLINE_MS});
		UNTIL(b, b->done);
		assert_int_equal(b->fakes[0]->lags, seeks);
		assert_int_equal(b->fakes[1]->lags, seeks);
		size_t count;
		struct job *const *jobs = fleet_jobs(b->fleet, &count);
		assert_int_equal(count, 2);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(job_lag(jobs[i], clock_wall_ms(), &records, &ms),
				seeks && str_eq(jobs[i]->cluster->name, "s0"));
		bench_free(b);
	}
}

/* What a script asks once must not read "maybe" where a second look settles it. */
static void a_round_that_misses_a_job_looks_twice(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(1, 0);
	poller_start(b->poller);
	UNTIL(b, only_app(b) != NULL);
	struct poller *once =
		poller_new(&(struct poller_options){.loop = b->loop, .fleet = b->fleet});
	poller_add(once, &b->fakes[0]->base, SNAPSHOT_CLUSTER);
	poller_free(b->poller);
	b->poller = once;
	b->fakes[0]->is_empty = true;
	b->fakes[0]->asked = 0;
	poller_round(b->poller,
		&(struct poller_round){
			.wanted = wanted, .done = on_round, .data = b, .deadline_ms = DEADLINE_MS});
	UNTIL(b, b->done);
	assert_int_equal(b->fakes[0]->asked, LOST_ANSWERS);
	assert_int_equal(only_app(b)->state, STATE_LOST);
	bench_free(b);
}

static void a_round_ends_at_its_deadline(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(2, 0);
	b->fakes[1]->is_silent = true;
	poller_round(b->poller,
		&(struct poller_round){
			.wanted = wanted, .done = on_round, .data = b, .deadline_ms = 50});
	UNTIL(b, b->done);
	assert_int_equal(b->round_asked, 2);
	assert_int_equal(b->round_answered, 1);
	bench_free(b);
}

static void a_round_without_sources_ends_too(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(0, 0);
	poller_round(b->poller,
		&(struct poller_round){
			.wanted = wanted, .done = on_round, .data = b, .deadline_ms = DEADLINE_MS});
	UNTIL(b, b->done);
	assert_int_equal(b->round_asked, 0);
	bench_free(b);
}

static void what_is_removed_is_asked_no_more(void **unused)
{
	(void)unused;
	struct bench *b = bench_new(3, 0);
	size_t apps;
	b->fakes[1]->fails = true;
	poller_start(b->poller);
	UNTIL(b, fleet_apps(b->fleet, &apps) && apps == 2);
	UNTIL(b, poller_stats(b->poller).failing == 1);
	/* One in the middle of an answer, one that fails. */
	poller_refresh(b->poller);
	UNTIL(b, poller_stats(b->poller).in_flight > 0);
	poller_remove(b->poller, &b->fakes[0]->base);
	poller_remove(b->poller, &b->fakes[1]->base);
	int before = b->fakes[0]->asked + b->fakes[1]->asked, other = b->fakes[2]->asked;
	poller_refresh(b->poller);
	UNTIL(b, b->fakes[2]->asked > other + 1);
	assert_int_equal(b->fakes[0]->asked + b->fakes[1]->asked, before);
	assert_int_equal(poller_stats(b->poller).failing, 0);
	UNTIL(b, poller_stats(b->poller).in_flight == 0);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_reach_the_fleet),
		cmocka_unit_test(a_miss_is_checked_soon_and_two_are_unreachable),
		cmocka_unit_test(what_is_visible_is_asked_for_its_row),
		cmocka_unit_test(an_ended_job_is_asked_for_its_details_once),
		cmocka_unit_test(taskmanagers_are_listed_when_their_number_changes),
		cmocka_unit_test(the_budget_is_kept),
		cmocka_unit_test(a_round_asks_all_once_and_the_silent_twice),
		cmocka_unit_test(a_round_asks_for_lag_where_that_is_sought),
		cmocka_unit_test(a_round_that_misses_a_job_looks_twice),
		cmocka_unit_test(a_round_ends_at_its_deadline),
		cmocka_unit_test(a_round_without_sources_ends_too),
		cmocka_unit_test(what_is_removed_is_asked_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
