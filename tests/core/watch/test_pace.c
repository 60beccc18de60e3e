/*
 * Who is asked how often, with the clock held by the test: what is looked at first, nobody starves,
 * no second sees more requests than the budget says; sleep, clocks that are set, a network that is
 * gone and comes back.
 */
#include <time.h>

#include "tests/core/watch/poller_kit.h"

static const struct app *app_of(const struct bench *b, const char *cluster)
{
	size_t count;
	struct app *const *apps = fleet_apps(b->fleet, &count);

	for (size_t i = 0; i < count; i++)
		if (apps[i]->cluster && str_eq(apps[i]->cluster->name, cluster))
			return apps[i];
	return NULL;
}

static void show(struct bench *b, const char *cluster)
{
	const char *ref = app_of(b, cluster)->ref;

	poller_show(b->poller, &ref, 1, NULL);
}

static void forget_counts(struct bench *b)
{
	for (int i = 0; i < b->count; i++)
		b->fakes[i]->asked = b->fakes[i]->details = 0;
	b->by_tick.len = 0;
}

static void in_range(const char *what, int64_t got, int64_t least, int64_t most)
{
	if (got < least || got > most)
		fail_msg("%s: %lld, not %lld to %lld", what, (long long)got, (long long)least,
			(long long)most);
}

static void what_is_seen_or_moves_is_asked_each_second(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(6, 0);
	b->fakes[1]->status = JOB_CANCELLING;
	b->fakes[2]->status = JOB_FAILING;
	b->fakes[5]->status = JOB_FAILED;
	bench_pass(b, 1000);
	show(b, "s0");
	bench_pass_news(b, 1000);
	forget_counts(b);
	bench_pass_news(b, 60000);
	/* A tick is 100 ms: an interval is met up to one tick late. */
	in_range("looked at", b->fakes[0]->asked, 54, 60);
	in_range("moving", b->fakes[1]->asked, 54, 60);
	in_range("sick", b->fakes[2]->asked, 28, 31);
	in_range("well", b->fakes[3]->asked, 11, 13);
	/* It needs a person, but nothing moves there any more. */
	in_range("failed for good", b->fakes[5]->asked, 11, 13);
	assert_int_equal(b->fakes[4]->asked, b->fakes[3]->asked);
	/* A cluster that is looked at itself. */
	char *ref = ref_cluster("c", "s4");
	poller_show(b->poller, (const char *const *)&ref, 1, NULL);
	forget_counts(b);
	bench_pass(b, 60000);
	in_range("the cluster", b->fakes[4]->asked, 54, 60);
	in_range("no longer looked at", b->fakes[0]->asked, 11, 13);
	/* For a minute it was news. */
	forget_counts(b);
	bench_pass(b, 60000);
	in_range("has moved for long", b->fakes[1]->asked, 11, 13);
	in_range("is sick for long", b->fakes[2]->asked, 11, 13);
	assert_false(poller_stats(b->poller).is_stretched);
	const struct cluster *cluster = fleet_cluster(b->fleet, ref);
	assert_int_equal(cluster->polling.interval_ms, 1000);
	assert_int_equal(cluster->polling.allowed_per_second, 200);
	free(ref);
	bench_free(b);
}

/* One answer without a job is a doubt: nobody waits five seconds for the next. */
static void a_job_that_is_not_listed_is_asked_for_soon(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(1, 0);
	bench_pass(b, 20000);
	const struct app *app = app_of(b, "s0");
	b->fakes[0]->is_empty = true;
	for (int tick = 0; tick < 60 && app->state == STATE_RUNNING; tick++)
		bench_pass(b, 100);
	assert_int_equal(app->state, STATE_UNKNOWN);
	assert_int_equal(app->detail, DETAIL_MISSING);
	int64_t since_ms = b->mono_ms;
	for (int tick = 0; tick < 60 && app->state == STATE_UNKNOWN; tick++)
		bench_pass(b, 100);
	assert_int_equal(app->state, STATE_LOST);
	in_range("to be sure", b->mono_ms - since_ms, 1000, 2100);
	bench_free(b);
}

static void a_session_cluster_is_asked_once_for_all_its_jobs(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(1, 0);
	const char *refs[100];
	size_t count;
	b->fakes[0]->jobs = 100;
	bench_pass(b, 200);
	struct app *const *apps = fleet_apps(b->fleet, &count);
	assert_int_equal(count, 100);
	for (size_t i = 0; i < count; i++)
		refs[i] = apps[i]->ref;
	poller_show(b->poller, refs, count, NULL);
	poller_limit(b->poller, &b->fakes[0]->base, 100);
	bench_pass(b, 5000);
	forget_counts(b);
	bench_pass(b, 30000);
	in_range("its list", b->fakes[0]->asked, 27, 30);
	/* 100 a second is what one cluster may be asked; details have what the list leaves. */
	in_range("details", b->fakes[0]->details, 20 * 30, 25 * 30);
	in_range("a second", bench_most(b, 0), 85, 100 + 3);
	bench_free(b);
}

static void a_large_fleet_is_stretched_and_nobody_starves(void **unused)
{
	(void)unused;
	/* 300 clusters of 2 requests each 5 s are 120 a second; allowed are 40. */
	struct bench *b = bench_held(300, 40);
	bench_pass(b, 30000);
	show(b, "s7");
	b->fakes[8]->status = JOB_FAILING;
	bench_pass_news(b, 20000);
	forget_counts(b);
	bench_pass_news(b, 120000);
	int least = 1000, most = 0;
	for (int i = 9; i < b->count; i++) {
		least = b->fakes[i]->asked < least ? b->fakes[i]->asked : least;
		most = b->fakes[i]->asked > most ? b->fakes[i]->asked : most;
	}
	struct poller_stats stats = poller_stats(b->poller);
	assert_true(stats.is_stretched);
	in_range("interval", stats.interval_ms, 15000, 25000);
	in_range("the least asked", least, 120000 / stats.interval_ms - 2, 1000);
	assert_true(most - least <= 2);
	/* One that is looked at fits in: as if it were alone. */
	in_range("of what is seen", stats.live_ms, 1000, 1000);
	in_range("looked at", b->fakes[7]->asked, 105, 120);
	/* More than twice as often as what is well. */
	in_range("sick", b->fakes[8]->asked, least * 2, most * 3);
	assert_true(b->fakes[7]->details >= 10);
	/* One poll may overdraw by its own cost. */
	in_range("a second", bench_most(b, 0), 30, 40 + 3);
	bench_free(b);
}

/* Only of what is looked at, and not of who does not tell. */
static void sources_are_asked_how_far_behind_they_are(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(3, 0);
	for (int i = 0; i < 3; i++)
		b->fakes[i]->has_source = true;
	b->fakes[0]->lag = b->fakes[2]->lag = 7;
	bench_pass(b, 10000);
	const char *refs[] = {app_of(b, "s0")->ref, app_of(b, "s1")->ref};
	poller_show(b->poller, refs, 2, NULL);
	bench_pass(b, 120000);
	in_range("tells", b->fakes[0]->lags, 9, 12);
	in_range("does not", b->fakes[1]->lags, 1, 1);
	in_range("nobody looks", b->fakes[2]->lags, 0, 0);
	assert_int_equal(
		app_of(b, "s0")->job->detail->detail.parts & JOB_PART_VERTICES, JOB_PART_VERTICES);
	bench_free(b);
}

/* Where jobs are looked for by it, all that run are asked, each minute, though nobody looks at them. */
static void lag_is_asked_of_all_while_it_is_sought(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(3, 0);
	int64_t records, ms;

	for (int i = 0; i < 3; i++)
		b->fakes[i]->has_source = i < 2;
	b->fakes[0]->lag = 7;
	bench_pass(b, 60000);
	in_range("nobody seeks it", b->fakes[0]->lags, 0, 0);
	poller_seek_lag(b->poller, true);
	bench_pass(b, 10000);
	in_range("soon", b->fakes[0]->lags, 1, 1);
	assert_true(job_lag(app_of(b, "s0")->job, clock_wall_ms(), &records, &ms));
	assert_int_equal(records, 7);
	assert_null(app_of(b, "s0")->job->detail);
	bench_pass(b, 300000);
	in_range("each minute", b->fakes[0]->lags, 4, 7);
	in_range("does not tell: left alone", b->fakes[1]->lags, 1, 1);
	in_range("has no source", b->fakes[2]->lags, 0, 0);
	in_range("and is not asked for it", b->fakes[2]->details, 0, b->fakes[0]->details);
	poller_seek_lag(b->poller, false);
	int told = b->fakes[0]->lags;
	bench_pass(b, 120000);
	in_range("no longer", b->fakes[0]->lags, told, told);
	bench_free(b);
}

/* Of thousands only what is looked at is kept whole; rows have what they show. */
static void details_are_kept_of_what_is_looked_at(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(2, 0);
	bench_pass(b, 10000);
	const char *refs[] = {app_of(b, "s0")->ref};
	poller_show(b->poller, refs, 1, NULL);
	bench_pass(b, 10000);
	assert_non_null(app_of(b, "s0")->job->detail);
	assert_null(app_of(b, "s1")->job->detail);
	assert_true(app_of(b, "s1")->job->detail_ms > 0);
	assert_int_equal(app_of(b, "s1")->job->parallelism, 3);
	poller_show(b->poller, NULL, 0, NULL);
	bench_pass(b, 120000);
	assert_null(app_of(b, "s0")->job->detail);
	assert_int_equal(app_of(b, "s0")->job->parallelism, 3);
	bench_free(b);
}

static void one_cluster_may_be_asked_less_than_the_others(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(2, 0);
	char *ref = ref_cluster("c", "s0");
	poller_limit(b->poller, &b->fakes[0]->base, 2);
	bench_pass(b, 200);
	const char *refs[] = {app_of(b, "s0")->ref, app_of(b, "s1")->ref};
	poller_show(b->poller, refs, 2, NULL);
	bench_pass(b, 10000);
	forget_counts(b);
	bench_pass(b, 60000);
	/* 2 for its list, 4 for a job's details. */
	in_range("requests", b->fakes[0]->asked * 2 + b->fakes[0]->details * 4, 80, 2 * 60 + 4);
	in_range("its list", b->fakes[0]->asked, 20, 40);
	in_range("its details", b->fakes[0]->details, 8, 20);
	in_range("the other list", b->fakes[1]->asked, 54, 60);
	in_range("the other details", b->fakes[1]->details, 18, 20);
	assert_int_equal(fleet_cluster(b->fleet, ref)->polling.allowed_per_second, 2);
	free(ref);
	bench_free(b);
}

/* In front, on the screen, on another one, and moving: it is asked for once. */
static void what_is_wanted_for_several_reasons_is_counted_once(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(2, 0);
	const struct budget *whole = &b->poller->purses.data[0]->budget;
	b->fakes[0]->status = JOB_RESTARTING;
	bench_pass(b, 1000);
	const char *ref = app_of(b, "s0")->ref;
	/* Four requests each 15 s, 3 s, 2 s. */
	poller_survey(b->poller, b->mono_ms);
	in_range("moves, by thousandths", (int64_t)(whole->demand[SHARE_DETAILS] * 1000), 266, 267);
	poller_show(b->poller, &ref, 1, NULL);
	poller_survey(b->poller, b->mono_ms);
	in_range("is seen", (int64_t)(whole->demand[SHARE_DETAILS] * 1000), 1333, 1334);
	poller_show(b->poller, &ref, 1, ref);
	poller_show_others(b->poller, "c", &ref, 1, &ref, 1);
	poller_survey(b->poller, b->mono_ms);
	in_range("in front", (int64_t)(whole->demand[SHARE_DETAILS] * 1000), 2000, 2000);
	in_range("of its cluster",
		(int64_t)(b->poller->feeds.data[0]->own.demand[SHARE_DETAILS] * 1000), 2000, 2000);
	bench_free(b);
}

static int64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* By the processor's time, which no other program spends. */
static void limits_of_many_clusters_cost_no_more_than_adding_them(void **unused)
{
	(void)unused;
	int64_t began_us = cpu_us(), added_us;
	struct bench *b = bench_held(10000, 0);
	added_us = cpu_us();
	for (int i = 0; i < b->count; i++)
		poller_limit(b->poller, &b->fakes[i]->base, 2 + i % 3);
	in_range("microseconds", cpu_us() - added_us, 0, added_us - began_us);
	for (int i = 0; i < b->count; i++)
		assert_int_equal(b->poller->feeds.data[i]->own.per_second, 2 + i % 3);
	bench_free(b);
}

static void contexts_have_budgets_of_their_own(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(1, 30);
	poller_budget(b->poller, "other", 50, 10);
	struct poller_stats stats = poller_stats(b->poller);
	assert_int_equal(stats.budget_per_second, 80);
	bench_free(b);
}

static void refresh_asks_at_once_what_is_seen_first(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(100, 40);
	bench_pass(b, 30000);
	show(b, "s99");
	/* What was spent is allowed again. */
	bench_pass(b, 5000);
	forget_counts(b);
	poller_refresh(b->poller);
	bench_pass(b, 100);
	assert_int_equal(b->fakes[99]->asked, 1);
	assert_int_equal(b->fakes[99]->details, 1);
	bench_pass(b, 10000);
	for (int i = 0; i < b->count; i++)
		assert_true(b->fakes[i]->asked >= 1);
	assert_true(bench_most(b, 0) <= 40 + 3);
	bench_free(b);
}

static void refresh_of_a_few_takes_no_time(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(20, 0);
	b->fakes[3]->fails = true;
	bench_pass(b, 60000);
	forget_counts(b);
	poller_refresh(b->poller);
	bench_pass(b, 100);
	for (int i = 0; i < b->count; i++)
		assert_int_equal(b->fakes[i]->asked, 1);
	bench_free(b);
}

/* A laptop's lid: an hour of sleep in the middle of polls, then a network that is not there yet. */
static void sleep_is_no_outage_and_waking_no_burst(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(200, 50);
	bench_pass(b, 60000);
	assert_int_equal(b->sleeps, 0);
	for (int i = 0; i < b->count; i++)
		b->fakes[i]->is_silent = true;
	bench_pass(b, 3000);
	in_range("under way", poller_stats(b->poller).in_flight, 20, 64);
	b->mono_ms += 3600000;
	b->wall_ms += 3600000;
	b->slept_ms += 3600000;
	for (int i = 0; i < b->count; i++)
		b->fakes[i]->is_silent = false;
	b->by_tick.len = 0;
	forget_counts(b);
	bench_pass(b, 100);
	assert_int_equal(b->sleeps, 1);
	assert_true(b->spent > 0);
	/* Ages are right: nobody was seen within the hour. */
	const struct cluster *old = NULL;
	size_t count;
	struct cluster *const *clusters = fleet_clusters(b->fleet, &count);
	for (size_t i = 0; i < count && !old; i++)
		if (clock_wall_ms() - clusters[i]->observed_ms >= 3600000)
			old = clusters[i];
	assert_non_null(old);
	bench_pass(b, 30000);
	assert_int_equal(b->sleeps, 1);
	assert_true(bench_most(b, 0) <= 50 + 3);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(clusters[i]->misses, 0);
		assert_true(clock_wall_ms() - clusters[i]->observed_ms < 30000);
	}
	int counts[STATE_MAX];
	fleet_count_states(b->fleet, counts);
	assert_int_equal(counts[STATE_RUNNING], 200);
	bench_free(b);
}

/* weir itself was stopped (SIGSTOP) while a poll was under way, whose answer then is none. */
static void what_spans_a_stop_is_no_miss(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(1, 0);
	bench_pass(b, 1000);
	b->fakes[0]->is_silent = true;
	bench_pass(b, 6000);
	assert_non_null(b->fakes[0]->held);
	b->mono_ms += 60000;
	b->wall_ms += 60000;
	bench_pass(b, 100);
	assert_int_equal(b->sleeps, 0);
	b->fakes[0]->fails = true;
	fake_release(b->fakes[0]);
	const struct cluster *cluster = app_of(b, "s0")->cluster;
	assert_int_equal(cluster->misses, 0);
	/* It is asked again at once, and what nobody answers then is one. */
	b->fakes[0]->is_silent = false;
	int asked = b->fakes[0]->asked;
	bench_pass(b, 100);
	assert_int_equal(b->fakes[0]->asked, asked + 1);
	assert_int_equal(cluster->misses, 1);
	assert_int_equal(app_of(b, "s0")->state, STATE_RUNNING);
	bench_free(b);
}

static void a_clock_that_is_set_changes_no_age_and_no_state(void **unused)
{
	static const int64_t jumps_ms[] = {7200000, -7200000, 30000, -2500};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(jumps_ms); i++) {
		struct bench *b = bench_held(1, 0);
		bench_pass(b, 20000);
		const struct app *app = app_of(b, "s0");
		int64_t age_ms = clock_wall_ms() - app->cluster->observed_ms;
		int64_t since_ms = clock_wall_ms() - app->state_since_ms;
		bool had_since = app->state_since_ms > 0;
		/* Its list is empty from now on: missing, then LOST, but not forgotten. */
		b->fakes[0]->is_empty = true;
		b->fakes[0]->is_silent = true;
		b->wall_ms += jumps_ms[i];
		bench_pass(b, 100);
		in_range("age", clock_wall_ms() - app->cluster->observed_ms, age_ms, age_ms + 100);
		if (had_since)
			in_range("since", clock_wall_ms() - app->state_since_ms, since_ms,
				since_ms + 100);
		assert_int_equal(app->state, STATE_RUNNING);
		b->fakes[0]->is_silent = false;
		if (b->fakes[0]->held)
			fake_release(b->fakes[0]);
		for (int tick = 0; tick < 120 && app->state != STATE_LOST; tick++) {
			bench_pass(b, 100);
			if (app->state == STATE_UNKNOWN)
				assert_int_equal(app->detail, DETAIL_MISSING);
			else
				assert_true(
					app->state == STATE_RUNNING || app->state == STATE_LOST);
		}
		assert_int_equal(app->state, STATE_LOST);
		bench_free(b);
	}
}

/* A VPN that drops: all are gone, are asked less and less, and are all back soon after it. */
static void a_network_that_comes_back_is_seen_without_a_burst(void **unused)
{
	(void)unused;
	struct bench *b = bench_held(300, 100);
	bench_pass(b, 30000);
	show(b, "s5");
	for (int i = 0; i < b->count; i++)
		b->fakes[i]->fails = true;
	bench_pass(b, 60000);
	int counts[STATE_MAX];
	fleet_count_states(b->fleet, counts);
	assert_int_equal(counts[STATE_UNREACHABLE], 300);
	forget_counts(b);
	int64_t spent = b->spent;
	bench_pass(b, 300000);
	int least = 1000;
	for (int i = 0; i < b->count; i++)
		least = i != 5 && b->fakes[i]->asked < least ? b->fakes[i]->asked : least;
	in_range("of one that is away", least, 4, 7);
	in_range("of one that is looked at", b->fakes[5]->asked, 50, 80);
	in_range("a second", bench_most(b, 0), 1, 100 + 3);
	in_range("in all", b->spent - spent, 300 * 2 * 4, 300 * 2 * 7);
	for (int i = 0; i < b->count; i++)
		b->fakes[i]->fails = false;
	b->by_tick.len = 0;
	bench_pass(b, 5200);
	assert_int_equal(app_of(b, "s5")->state, STATE_RUNNING);
	bench_pass(b, 60000);
	fleet_count_states(b->fleet, counts);
	assert_int_equal(counts[STATE_RUNNING], 300);
	assert_true(bench_most(b, 0) <= 100 + 3);
	bench_free(b);
}

/* A folder whose looks take that long, by the clock that the test holds. */
struct folder {
	struct source base;
	struct bench *bench;
	int64_t takes_ms;
	int looks;
};

static void folder_answer(void *data)
{
	struct source_poll *poll = data;
	struct folder *folder = (struct folder *)poll->fake;
	struct bench *b = folder->bench;
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_WORKSPACE, "c", "files", NULL);

	b->mono_ms += folder->takes_ms;
	b->wall_ms += folder->takes_ms;
	bench_clock(b);
	folder->looks++;
	snapshot->observed_ms = clock_wall_ms();
	poll->done(poll->data, snapshot);
	free(poll);
}

static struct source_poll *folder_poll(
	struct source *source, const struct poll *poll, source_done_fn done, void *data)
{
	struct source_poll *p = xcalloc(1, sizeof(*p));

	(void)poll;
	*p = (struct source_poll){.fake = (struct fake *)source, .done = done, .data = data};
	loop_defer(((struct folder *)source)->bench->loop, folder_answer, p);
	return p;
}

static void a_folder_is_looked_at_as_often_as_that_is_cheap(void **unused)
{
	static const struct {
		const char *name;
		int64_t takes_ms, least, most; /* looks in two minutes */
	} rows[] = {
		{"a few files", 1, 55, 60},
		{"thousands", 40, 13, 15},
		{"of a slow disk", 2000, 6, 8},
	};
	const struct source_ops ops = {.kind = "folder", .poll = folder_poll, .cost = fake_cost};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bench *b = bench_held(1, 0);
		struct folder folder = {
			.base = {.ops = &ops, .context = (char *)"c", .name = (char *)"files"},
			.bench = b,
			.takes_ms = rows[i].takes_ms};
		poller_add(b->poller, &folder.base, SNAPSHOT_WORKSPACE);
		bench_pass(b, 20000);
		folder.looks = 0;
		bench_pass(b, 120000);
		in_range(rows[i].name, folder.looks, rows[i].least, rows[i].most);
		bench_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_seen_or_moves_is_asked_each_second),
		cmocka_unit_test(a_job_that_is_not_listed_is_asked_for_soon),
		cmocka_unit_test(a_session_cluster_is_asked_once_for_all_its_jobs),
		cmocka_unit_test(a_large_fleet_is_stretched_and_nobody_starves),
		cmocka_unit_test(sources_are_asked_how_far_behind_they_are),
		cmocka_unit_test(lag_is_asked_of_all_while_it_is_sought),
		cmocka_unit_test(details_are_kept_of_what_is_looked_at),
		cmocka_unit_test(one_cluster_may_be_asked_less_than_the_others),
		cmocka_unit_test(what_is_wanted_for_several_reasons_is_counted_once),
		cmocka_unit_test(limits_of_many_clusters_cost_no_more_than_adding_them),
		cmocka_unit_test(contexts_have_budgets_of_their_own),
		cmocka_unit_test(refresh_asks_at_once_what_is_seen_first),
		cmocka_unit_test(refresh_of_a_few_takes_no_time),
		cmocka_unit_test(sleep_is_no_outage_and_waking_no_burst),
		cmocka_unit_test(what_spans_a_stop_is_no_miss),
		cmocka_unit_test(a_clock_that_is_set_changes_no_age_and_no_state),
		cmocka_unit_test(a_network_that_comes_back_is_seen_without_a_burst),
		cmocka_unit_test(a_folder_is_looked_at_as_often_as_that_is_cheap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
