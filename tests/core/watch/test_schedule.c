/* How long anything waits, what a budget allows, and what three clocks tell: tables. */
#include "core/watch/schedule.h"

#include <string.h>

#include "core/base/mem.h"
#include "tests/support/check.h"

/* ---- waits ---- */

static void waits_follow_pace_stretch_and_failures(void **unused)
{
	static const struct {
		const char *name;
		struct wait_facts facts;
		int64_t least_ms, most_ms;
	} rows[] = {
		{"looked at", {PACE_LIVE, 1, 0, true, 7}, 1000, 1000},
		{"sick", {PACE_SICK, 1, 0, true, 7}, 2000, 2000},
		{"well", {PACE_CALM, 1, 0, true, 7}, 5000, 5000},
		{"well, the budget is half of it", {PACE_CALM, 2, 0, true, 7}, 10000, 10000},
		{"looked at, the budget is a tenth", {PACE_LIVE, 10, 0, true, 7}, 10000, 10000},
		{"first miss", {PACE_CALM, 1, 1, true, 7}, 500, 500},
		{"first miss, stretched", {PACE_CALM, 9, 1, false, 7}, 500, 500},
		{"second miss", {PACE_CALM, 1, 2, true, 7}, 1501, 2000},
		{"third miss", {PACE_CALM, 1, 3, true, 7}, 3001, 4000},
		{"long away, few are", {PACE_CALM, 1, 99, true, 7}, 3751, 5000},
		{"long away, many are", {PACE_CALM, 1, 99, false, 7}, 45001, 60000},
		{"long away, many are, looked at", {PACE_LIVE, 1, 99, false, 7}, 3751, 5000},
		{"away, and who answers waits longer", {PACE_CALM, 4, 3, true, 7}, 20000, 20000},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t wait_ms = schedule_wait_ms(&rows[i].facts);
		if (wait_ms < rows[i].least_ms || wait_ms > rows[i].most_ms)
			fail_msg("%s: %lld ms", rows[i].name, (long long)wait_ms);
	}
}

/* A thousand that failed together do not come back together, and not in the same order. */
static void jitter_spreads_a_thousand(void **unused)
{
	int buckets[15] = {0}, moved = 0;

	(void)unused;
	for (uint32_t i = 0; i < 1000; i++) {
		struct wait_facts facts = {PACE_CALM, 1, 9, false, i * 2654435761u};
		int64_t wait_ms = schedule_wait_ms(&facts);
		facts.failures = 10;
		moved += schedule_wait_ms(&facts) != wait_ms;
		buckets[(wait_ms - 45000) / 1000 % 15]++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(buckets); i++)
		if (buckets[i] > 200)
			fail_msg("%d of 1000 in second %zu", buckets[i], i);
	assert_true(moved > 900);
}

/* ---- budgets ---- */

static void demand_over_the_budget_stretches_fairly(void **unused)
{
	static const struct {
		const char *name;
		int64_t per_second;
		double lists, details, want_lists, want_details;
	} rows[] = {
		{"idle", 200, 0, 0, 1, 1},
		{"fits", 200, 100, 80, 1, 1},
		{"many lists", 200, 360, 0, 2, 1},
		{"many details", 200, 0, 360, 1, 2},
		{"lists take what details leave", 200, 300, 30, 2, 1},
		{"both want more than half", 200, 180, 270, 2, 3},
		{"one a second", 1, 9, 9, 20, 20},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct budget budget;
		budget_init(&budget, rows[i].per_second, 0);
		budget.demand[SHARE_LISTS] = rows[i].lists;
		budget.demand[SHARE_DETAILS] = rows[i].details;
		double lists = budget_stretch(&budget, SHARE_LISTS);
		double details = budget_stretch(&budget, SHARE_DETAILS);
		if (lists < rows[i].want_lists - 0.001 || lists > rows[i].want_lists + 0.001 ||
			details < rows[i].want_details - 0.001 ||
			details > rows[i].want_details + 0.001)
			fail_msg("%s: %.2f, %.2f", rows[i].name, lists, details);
		/* And so stretched it fits. */
		assert_true(rows[i].lists / lists + rows[i].details / details <=
			(double)rows[i].per_second);
	}
}

static void what_is_live_keeps_its_pace_within_half(void **unused)
{
	static const struct {
		const char *name;
		double live, rest, details, want_live, want_rest;
	} rows[] = {
		/* Of 200 a second 180 are planned. */
		{"all fit", 60, 100, 0, 1, 1},
		{"only live, all fit", 180, 0, 0, 1, 1},
		{"a screen of ten thousand", 80, 2400, 0, 1, 24},
		{"the same, with its details", 40, 2500, 80, 1, 41.667},
		{"as many as half", 90, 900, 0, 1, 10},
		{"more than half", 180, 900, 0, 2, 10},
		{"as many live as others", 900, 900, 0, 10, 10},
		{"nearly all are live", 3500, 100, 0, 20, 20},
		{"all are live", 1800, 0, 0, 10, 10},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct budget budget;
		budget_init(&budget, 200, 0);
		budget.demand[SHARE_LISTS] = rows[i].live + rows[i].rest;
		budget.demand[SHARE_DETAILS] = rows[i].details;
		budget.live_demand = rows[i].live;
		double live = budget_stretch_live(&budget);
		double rest = budget_stretch(&budget, SHARE_LISTS);
		if (live < rows[i].want_live - 0.001 || live > rows[i].want_live + 0.001 ||
			rest < rows[i].want_rest - 0.001 || rest > rows[i].want_rest + 0.001)
			fail_msg("%s: %.3f, %.3f", rows[i].name, live, rest);
	}
}

/* Whatever is wanted: it fits, the rest keeps a part, and none waits longer for being live. */
static void nobody_starves_by_the_stretch(void **unused)
{
	(void)unused;
	for (uint32_t i = 0, random = 7; i < 100000; i++) {
		double wanted[3];
		for (int k = 0; k < 3; k++) {
			random = random * 1664525u + 1013904223u;
			wanted[k] = random % 4 ? (double)((random >> 8) % (20u << random % 9)) : 0;
		}
		struct budget budget;
		budget_init(&budget, 100, 0);
		budget.live_demand = wanted[0];
		budget.demand[SHARE_LISTS] = wanted[0] + wanted[1];
		budget.demand[SHARE_DETAILS] = wanted[2];
		double live = budget_stretch_live(&budget);
		double rest = budget_stretch(&budget, SHARE_LISTS);
		double details = budget_stretch(&budget, SHARE_DETAILS);
		double asked = wanted[0] / live + wanted[1] / rest;
		assert_true(live >= 1 && rest >= live);
		assert_true(asked + wanted[2] / details <= 90.001);
		/* At least a quarter of what is planned, or all that is wanted. */
		assert_true(rest <= 1 || wanted[1] / rest >= 22.499 || rest <= live + 0.001);
		assert_true(live <= 1 || wanted[0] / live >= 22.499);
		/* And nothing is left unused while somebody waits. */
		assert_true(rest <= 1 || asked >= 44.999);
	}
}

/* Spends what it may each 100 ms for `ms`; the largest sum of any second. */
static int64_t hungry(struct budget *budget, int64_t ms, int cost, bool lists, bool details,
	int64_t spent[SHARE_MAX])
{
	int64_t by_tick[1000] = {0}, most = 0, begin_ms = budget->filled_ms;

	assert_true(ms / 100 <= (int64_t)ARRAY_SIZE(by_tick));
	for (int64_t tick = 0; tick < ms / 100; tick++) {
		budget_fill(budget, begin_ms + tick * 100);
		for (bool some = true; some;) {
			some = false;
			for (int share = 0; share < SHARE_MAX; share++) {
				if (!(share == SHARE_LISTS ? lists : details) ||
					!budget_allows(budget, (enum share)share))
					continue;
				budget_spend(budget, (enum share)share, cost);
				spent[share] += cost;
				by_tick[tick] += cost;
				some = true;
			}
		}
		int64_t second = 0;
		for (int64_t i = tick; i >= 0 && i > tick - 10; i--)
			second += by_tick[i];
		most = second > most ? second : most;
	}
	return most;
}

static void no_second_sees_more_than_is_allowed(void **unused)
{
	static const struct {
		int64_t per_second;
		int cost;
		bool lists, details;
	} rows[] = {
		{200, 2, true, true},
		{200, 2, true, false},
		{200, 4, false, true},
		{20, 4, true, true},
		{5, 2, true, true},
		{1, 2, true, true},
		{1, 4, false, true},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct budget budget;
		int64_t spent[SHARE_MAX] = {0}, all;
		budget_init(&budget, rows[i].per_second, 5000);
		int64_t most =
			hungry(&budget, 60000, rows[i].cost, rows[i].lists, rows[i].details, spent);
		all = spent[SHARE_LISTS] + spent[SHARE_DETAILS];
		/* One poll may overdraw by its own cost. */
		if (most > rows[i].per_second + rows[i].cost - 1)
			fail_msg("row %zu: %lld in a second", i, (long long)most);
		if (all > 61 * rows[i].per_second + 2 * rows[i].cost)
			fail_msg("row %zu: %lld in a minute", i, (long long)all);
		/* And it is of use: most of it can be had. */
		if (all < 50 * rows[i].per_second)
			fail_msg("row %zu: only %lld in a minute", i, (long long)all);
		/* Who shares it has half. */
		if (rows[i].lists && rows[i].details)
			assert_true(spent[SHARE_LISTS] * 3 > all && spent[SHARE_DETAILS] * 3 > all);
	}
}

static void an_hour_away_is_worth_one_second(void **unused)
{
	struct budget budget;
	int64_t spent[SHARE_MAX] = {0};

	(void)unused;
	budget_init(&budget, 100, 0);
	hungry(&budget, 2000, 2, true, true, spent);
	budget_fill(&budget, 3600000);
	memset(spent, 0, sizeof(spent));
	assert_true(hungry(&budget, 1000, 2, true, true, spent) <= 101);
	assert_int_equal(spent[SHARE_LISTS] + spent[SHARE_DETAILS], 100);
}

/* ---- clocks ---- */

static void clocks_tell_sleep_stop_and_setting_apart(void **unused)
{
	static const struct {
		const char *name;
		int64_t wall_ms, mono_ms, awake_ms; /* that passed */
		struct clock_gap want;
	} rows[] = {
		{"a tick", 100, 100, 100, {false, false, 0}},
		{"a slow tick", 3000, 3000, 3000, {false, false, 0}},
		{"slewed", 101, 100, 100, {false, false, 0}},
		{"slept for an hour", 3600000, 3600000, 200, {true, false, 0}},
		{"slept, and set right on waking", 3605000, 3600000, 200, {true, false, 5000}},
		{"stopped for a minute", 60000, 60000, 60000, {false, true, 0}},
		{"set forward by two seconds", 2100, 100, 100, {false, false, 2000}},
		{"set back by an hour", -3599900, 100, 100, {false, false, -3600000}},
		/* Its clocks stood still with it; its host then sets it right. */
		{"a virtual machine was paused", 600100, 100, 100, {true, false, 600000}},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct clocks before = {1763719200000, 5000, 4000};
		struct clocks now = {before.wall_ms + rows[i].wall_ms,
			before.mono_ms + rows[i].mono_ms, before.awake_ms + rows[i].awake_ms};
		struct clock_gap gap = clocks_gap(&before, &now);
		if (gap.slept != rows[i].want.slept || gap.stopped != rows[i].want.stopped ||
			gap.jump_ms != rows[i].want.jump_ms)
			fail_msg("%s: slept %d, stopped %d, set by %lld", rows[i].name, gap.slept,
				gap.stopped, (long long)gap.jump_ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_follow_pace_stretch_and_failures),
		cmocka_unit_test(jitter_spreads_a_thousand),
		cmocka_unit_test(demand_over_the_budget_stretches_fairly),
		cmocka_unit_test(what_is_live_keeps_its_pace_within_half),
		cmocka_unit_test(nobody_starves_by_the_stretch),
		cmocka_unit_test(no_second_sees_more_than_is_allowed),
		cmocka_unit_test(an_hour_away_is_worth_one_second),
		cmocka_unit_test(clocks_tell_sleep_stop_and_setting_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
