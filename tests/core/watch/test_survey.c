/*
 * What is wanted more than the rest, and what beyond the budget becomes of both: the pace of each
 * cluster and the demand on budgets, kept up by what changed, against a walk over all; who goes
 * first and that nobody starves; what a tick and a key cost with ten thousand.
 */
#include <math.h>
#include <time.h>

#include "core/base/map.h"
#include "tests/core/watch/poller_kit.h"

static void in_range(const char *what, int64_t got, int64_t least, int64_t most)
{
	if (got < least || got > most)
		fail_msg("%s: %lld, not %lld to %lld", what, (long long)got, (long long)least,
			(long long)most);
}

static void forget_counts(struct bench *b)
{
	for (int i = 0; i < b->count; i++)
		b->fakes[i]->asked = b->fakes[i]->whole = b->fakes[i]->details = 0;
	b->by_tick.len = 0;
}

/* Their clusters, by number. */
static void show(struct bench *b, int first, int count)
{
	const char *refs[100];

	for (int i = 0; i < count; i++)
		refs[i] = ref_cluster("c", b->fakes[first + i]->base.name);
	poller_show(b->poller, refs, (size_t)count, NULL);
	for (int i = 0; i < count; i++)
		free((char *)refs[i]);
}

/* ---- against a walk over all ---- */

static bool is_seen(const struct bench *b, const char *ref)
{
	for (size_t i = 0; i < b->poller->visible.len; i++)
		if (str_eq(b->poller->visible.data[i], ref))
			return true;
	return false;
}

static enum pace pace_by_walk(const struct bench *b, const struct feed *feed)
{
	const struct cluster *cluster = fleet_cluster(b->fleet, feed->ref);
	bool is_live = cluster->doubtful_jobs > 0 || is_seen(b, feed->ref), is_sick = false;
	size_t count;
	struct app *const *apps = fleet_apps(b->fleet, &count);

	for (size_t i = 0; i < count; i++) {
		if (apps[i]->cluster != cluster)
			continue;
		/* For a minute it is news. */
		bool is_news = b->wall_ms - apps[i]->state_since_ms < 60000;
		is_live |= is_seen(b, apps[i]->ref) ||
			(is_news && app_state_is_moving(apps[i]->state));
		is_sick |= is_news && app_state_is_sick(apps[i]->state) &&
			!(apps[i]->job && !apps[i]->job->missing_ms &&
				job_status_is_terminal(apps[i]->job->summary.status));
	}
	return is_live ? PACE_LIVE : is_sick ? PACE_SICK : PACE_CALM;
}

static void nearly(const char *what, double got, double want)
{
	if (fabs(got - want) > 0.000001)
		fail_msg("%s: %f, not %f", what, got, want);
}

static void check_all(const struct bench *b)
{
	const struct budget *whole = &b->poller->purses.data[0]->budget;
	double lists = 0, live = 0, details = 0;
	size_t waiting = 0;

	for (size_t i = 0; i < b->poller->feeds.len; i++) {
		const struct feed *feed = b->poller->feeds.data[i];
		/* A fake's list costs two, and who fails again and again is asked by its backoff. */
		double every_ms = (double)pace_ms(feed->pace);
		assert_int_equal(feed->pace, pace_by_walk(b, feed));
		if (feed->failures < 2)
			nearly("its demand", feed->demand, 2000 / every_ms);
		nearly("of its own", feed->own.demand[SHARE_LISTS], feed->demand);
		lists += feed->demand;
		live += feed->pace == PACE_LIVE ? feed->demand : 0;
		waiting += feed->due.line != NULL;
		assert_true((feed->due.line != NULL) == (feed->under_way == NULL));
	}
	map_each (entry, b->poller->details)
		details += ((struct detail *)map_value(entry))->demand;
	nearly("lists", whole->demand[SHARE_LISTS], lists);
	nearly("of them live", whole->live_demand, live);
	nearly("details", whole->demand[SHARE_DETAILS], details);
	for (int k = 0; k < 2 * PACE_MAX; k++)
		waiting -= b->poller->purses.data[0]->lines[k % 2][k / 2].heap.len;
	assert_int_equal(waiting, 0);
	size_t urgent, count, seen = 0;
	struct app *const *apps = fleet_apps(b->fleet, &count);
	for (size_t i = 0; i < count; i++)
		seen += app_state_is_moving(apps[i]->state) || app_state_is_sick(apps[i]->state);
	fleet_urgent_apps(b->fleet, &urgent);
	assert_int_equal(urgent, seen);
}

static void what_changed_gives_what_a_walk_over_all_gives(void **unused)
{
	static const enum job_status statuses[] = {
		JOB_RUNNING, JOB_FAILING, JOB_RESTARTING, JOB_FAILED, JOB_CANCELLING, JOB_FINISHED};

	(void)unused;
	for (uint32_t seed = 1; seed <= 4; seed++) {
		struct bench *b = bench_held(60, 60);
		uint32_t random = seed;
		int removed = 0;
		bench_pass(b, 10000);
		for (int step = 0; step < 120; step++) {
			random = random * 1664525u + 1013904223u;
			struct fake *fake = b->fakes[(random >> 16) % 50];
			switch ((random >> 8) % 9) {
			case 0: fake->fails = !fake->fails; break;
			case 1: fake->is_empty = !fake->is_empty; break;
			case 2: show(b, (int)(random >> 16) % 40, 8); break;
			case 3: poller_show(b->poller, NULL, 0, NULL); break;
			case 4: poller_refresh(b->poller); break;
			case 5:
				/* All of a network at once, and back. */
				for (int i = 0; step % 5 == 0 && i < 40; i++)
					b->fakes[i]->fails = step % 10 == 0;
				break;
			case 6:
				if (removed < 10 && step % 4 == 0)
					poller_remove(b->poller, &b->fakes[50 + removed++]->base);
				break;
			default: fake->status = statuses[(random >> 20) % 6]; break;
			}
			bench_pass(b, 100 * (1 + (random >> 12) % 25));
			poller_survey(b->poller, b->mono_ms);
			check_all(b);
		}
		bench_free(b);
	}
}

/* ---- beyond the budget ---- */

/* A screen of rows, each a cluster of its own, in a fleet that asks ten times of what is allowed. */
static void a_screen_keeps_its_pace_beyond_the_budget(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(2000, 100);
	int least = 1000, most = 0;
	show(b, 100, 10);
	bench_pass(b, 120000);
	forget_counts(b);
	bench_pass(b, 120000);
	for (int i = 0; i < b->count; i++) {
		bool is_shown = i >= 100 && i < 110;
		if (is_shown)
			in_range("shown", b->fakes[i]->asked, 105, 120);
		else if (b->fakes[i]->asked < least)
			least = b->fakes[i]->asked;
		if (!is_shown && b->fakes[i]->asked > most)
			most = b->fakes[i]->asked;
	}
	/* 800 a second are wanted, 20 are for the screen, 70 are left: each 57 s. */
	in_range("the others, least", least, 1, 3);
	in_range("the others, most", most, 1, 3);
	in_range("a second", bench_most(b, 0), 80, 100 + 3);
	bench_free(b);
}

/* How long ago the one was asked that waits longest, of `count` from `first` on. */
static int64_t oldest_ms(const struct bench *b, int first, int count)
{
	int64_t oldest = 0;

	for (int i = first; i < first + count; i++) {
		char *ref = ref_cluster("c", b->fakes[i]->base.name);
		int64_t age_ms = b->mono_ms - fleet_cluster(b->fleet, ref)->asked_mono_ms;
		oldest = age_ms > oldest ? age_ms : oldest;
		free(ref);
	}
	return oldest;
}

/* Half of a fleet begins to move: those who do not wait longer too, but not for ever. */
static void nobody_waits_much_longer_than_is_said(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(600, 40);
	bench_pass(b, 120000);
	for (int i = 0; i < 300; i++)
		b->fakes[i]->status = JOB_CANCELLING;
	/* Until it is known of all. */
	bench_pass_news(b, 180000);
	for (int turn = 0; turn < 50; turn++) {
		bench_pass_news(b, 10000);
		struct poller_stats stats = poller_stats(b->poller);
		in_range("what is live", oldest_ms(b, 0, 300), 1000, stats.live_ms + 1000);
		in_range("the rest", oldest_ms(b, 300, 300), 1000, stats.interval_ms + 2000);
	}
	bench_free(b);
}

/* Where somebody looks changes what is left for the rest by half: it is asked on, more slowly. */
static void a_budget_that_is_wanted_more_makes_no_gap(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(1000, 100);
	bench_pass(b, 120000);
	for (int turn = 0; turn < 6; turn++) {
		size_t count;
		struct app *const *apps = fleet_apps(b->fleet, &count);
		const char *refs[40];
		for (size_t i = 0; i < ARRAY_SIZE(refs); i++)
			refs[i] = apps[i]->ref;
		poller_show(b->poller, refs, turn % 2 ? 0 : ARRAY_SIZE(refs), NULL);
		for (int window = 0; window < 3; window++) {
			int64_t rest = 0;
			forget_counts(b);
			bench_pass(b, 5000);
			for (int i = 0; i < b->count; i++)
				rest += i < 40 ? 0 : b->fakes[i]->asked;
			in_range("of the rest", rest, 40, 250);
		}
	}
	bench_free(b);
}

/* What nothing happens to is asked for its jobs, whoever looks; each sixth time for all. */
static void a_calm_cluster_that_is_seen_is_asked_for_its_jobs(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(2, 0);
	b->fakes[1]->status = JOB_RESTARTING;
	bench_pass(b, 1000);
	show(b, 0, 2);
	bench_pass_news(b, 1000);
	forget_counts(b);
	bench_pass_news(b, 60000);
	in_range("asked", b->fakes[0]->asked, 54, 60);
	in_range("for all", b->fakes[0]->whole, 8, 11);
	in_range("what moves", b->fakes[1]->whole, b->fakes[1]->asked, b->fakes[1]->asked);
	bench_free(b);
}

/* ---- what it costs ---- */

static int64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Of a minute in which each tick shows other rows, by the processor's time; the least of three. */
static int64_t cost_of(int clusters)
{
	struct bench *b = bench_held(clusters, 20);
	int64_t least = INT64_MAX;

	bench_pass(b, 200000);
	for (int turn = 0; turn < 3; turn++) {
		int64_t began_us = cpu_us();
		for (int tick = 0; tick < 600; tick++) {
			show(b, tick % 100, 40);
			bench_pass(b, 100);
		}
		int64_t cost = cpu_us() - began_us;
		least = cost < least ? cost : least;
	}
	bench_free(b);
	return least;
}

static void ten_thousand_cost_what_a_few_hundred_do(void **unused)
{
	(void)unused;
	int64_t few = cost_of(300), many = cost_of(10000);
	print_message("             a minute: %lld us, %lld us\n", (long long)few, (long long)many);
	in_range("thousandths", many * 1000 / few, 0, 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_changed_gives_what_a_walk_over_all_gives),
		cmocka_unit_test(a_screen_keeps_its_pace_beyond_the_budget),
		cmocka_unit_test(nobody_waits_much_longer_than_is_said),
		cmocka_unit_test(a_budget_that_is_wanted_more_makes_no_gap),
		cmocka_unit_test(a_calm_cluster_that_is_seen_is_asked_for_its_jobs),
		cmocka_unit_test(ten_thousand_cost_what_a_few_hundred_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
