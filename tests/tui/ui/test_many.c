/* In which order many are planned and done, whatever comes of each. */
#include <stdint.h>
#include <string.h>

#include "tests/support/check.h"

#include "core/base/mem.h"
#include "tui/ui/many.h"

#define MOST 40

static uint32_t seed;

static uint32_t some(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

/* What was called. */
static struct {
	struct many *many;
	int planned[MOST], gone[MOST], dropped[MOST];
	int all_planned, ended;
	bool answers_from_inside;
} seen;

static void on_plan(void *data, size_t i)
{
	(void)data;
	seen.planned[i]++;
	if (seen.answers_from_inside)
		many_planned(seen.many, i, i % 3 != 2);
}

static void on_planned(void *data)
{
	(void)data;
	seen.all_planned++;
}

static void on_go(void *data, size_t i)
{
	(void)data;
	seen.gone[i]++;
}

static void on_drop(void *data, size_t i)
{
	(void)data;
	seen.dropped[i]++;
}

static void on_ended(void *data)
{
	(void)data;
	seen.ended++;
}

static const struct many_ops ops = {on_plan, on_planned, on_go, on_drop, on_ended};

static void begin(size_t count, bool answers_from_inside)
{
	memset(&seen, 0, sizeof(seen));
	seen.answers_from_inside = answers_from_inside;
	seen.many = many_new(count, &ops, NULL);
	many_begin(seen.many);
}

static void the_first_goes_alone_then_four_at_a_time(void **state)
{
	(void)state;

	begin(9, true);
	check_int("all were planned", seen.all_planned, 1);
	check_int("of three one is refused", (int64_t)many_count(seen.many, MANY_REFUSED), 3);
	check_int("nothing goes before it is said", seen.gone[0], 0);
	many_go(seen.many, 1, 4);
	check_int("the first", seen.gone[0], 1);
	check_int("alone", (int64_t)many_count(seen.many, MANY_GOING), 1);
	many_ended(seen.many, 0, true);
	check_int("four", (int64_t)many_count(seen.many, MANY_GOING), 4);
	check_int("not what was refused", seen.gone[2], 0);
	many_ended(seen.many, 3, true);
	check_int("the last", seen.gone[7], 1);
	many_ended(seen.many, 1, false);
	many_ended(seen.many, 4, true);
	many_ended(seen.many, 6, true);
	check_int("not yet", seen.ended, 0);
	many_ended(seen.many, 7, true);
	check_int("ended", seen.ended, 1);
	many_free(seen.many);
}

/* So many begin, and no other before they are done; never more at a time than was said. */
static void many_may_go_first(void **state)
{
	static const struct {
		const char *name;
		size_t first, at_once, going, when_one_is_done, when_the_first_are;
	} rows[] = {
		{"one after the other", 1, 1, 1, 1, 1},
		{"one, then four", 1, 4, 1, 4, 4},
		{"one, then more than there are", 1, 16, 1, 11, 11},
		{"four, then six", 4, 6, 4, 3, 6},
		{"more first than at once", 4, 2, 2, 2, 2},
		{"none first", 0, 3, 3, 3, 3},
		{"more first than there are", 20, 5, 5, 5, 5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t next = 0, first = rows[i].first ? rows[i].first : 1;
		begin(12, false);
		for (size_t at = 0; at < 12; at++)
			many_planned(seen.many, at, true);
		many_go(seen.many, rows[i].first, rows[i].at_once);
		check_int(rows[i].name, (int64_t)many_count(seen.many, MANY_GOING),
			(int64_t)rows[i].going);
		many_ended(seen.many, next++, true);
		check_int(rows[i].name, (int64_t)many_count(seen.many, MANY_GOING),
			(int64_t)rows[i].when_one_is_done);
		while (next < first && next < 7)
			many_ended(seen.many, next++, true);
		check_int(rows[i].name, (int64_t)many_count(seen.many, MANY_GOING),
			(int64_t)rows[i].when_the_first_are);
		many_free(seen.many);
	}
}

static void after_one_that_fails_none_begins(void **state)
{
	(void)state;

	begin(6, true);
	many_go(seen.many, 1, 4);
	many_ended(seen.many, 0, false);
	check_int("no other began", seen.gone[1] + seen.gone[3] + seen.gone[4], 0);
	check_int("their plans are let go", seen.dropped[1] + seen.dropped[3] + seen.dropped[4], 3);
	check_int("left", (int64_t)many_count(seen.many, MANY_LEFT), 3);
	check_int("ended", seen.ended, 1);
	many_free(seen.many);
}

static void few_are_planned_at_a_time(void **state)
{
	(void)state;

	begin(20, false);
	check_int("eight", (int64_t)many_count(seen.many, MANY_PLANNING), 8);
	many_planned(seen.many, 3, true);
	check_int("then the next", seen.planned[8], 1);
	check_int("given up", (int64_t)many_stop(seen.many), 20);
	check_int("what was asked is let go", seen.dropped[0], 1);
	check_int("and what has a plan", seen.dropped[3], 1);
	check_int("of what was not asked there is nothing", seen.dropped[19], 0);
	check_int("ended", seen.ended, 1);
	check_int("it was never asked about", seen.all_planned, 0);
	many_free(seen.many);
}

/* Whatever is answered and when somebody stops it: each is planned at most once, goes or is let go
 * but never both, and the end is told once. */
static void whatever_comes_none_is_lost_or_done_twice(void **state)
{
	(void)state;

	for (uint32_t run = 1; run <= 500; run++) {
		size_t count = 1 + run % (MOST - 1), first = run % 6, at_once = 1 + run % 5, i;
		bool has_gone = false, has_failed = false, has_stopped = false;
		seed = run;
		begin(count, false);
		for (long round = 0; round < 4000 && !seen.ended; round++) {
			i = some((uint32_t)count);
			if (many_state(seen.many, i) == MANY_PLANNING) {
				many_planned(seen.many, i, some(4));
			} else if (many_state(seen.many, i) == MANY_GOING) {
				bool is_well = some(10);
				has_failed = has_failed || !is_well;
				many_ended(seen.many, i, is_well);
			}
			if (!seen.ended && seen.all_planned && !has_gone) {
				has_gone = true;
				many_go(seen.many, first, at_once);
			}
			if (!seen.ended && !some(150)) {
				has_stopped = true;
				many_stop(seen.many);
			}
			if (many_count(seen.many, MANY_GOING) > at_once ||
				many_count(seen.many, MANY_PLANNING) > 8)
				fail_msg("run %u: too many at once", run);
			if (many_count(seen.many, MANY_DONE) < first &&
				many_count(seen.many, MANY_DONE) +
						many_count(seen.many, MANY_GOING) >
					first)
				fail_msg("run %u: others begin before the first are done", run);
			if (!seen.ended && (has_failed || (has_stopped && has_gone)) &&
				many_count(seen.many, MANY_READY))
				fail_msg("run %u: something is to begin yet", run);
		}
		check_int("it comes to an end", seen.ended, 1);
		for (i = 0; i < count; i++) {
			enum many_state is = many_state(seen.many, i);
			if (seen.planned[i] > 1 || seen.gone[i] + seen.dropped[i] > 1 ||
				(seen.gone[i] == 1) != (is == MANY_DONE || is == MANY_FAILED) ||
				(is != MANY_DONE && is != MANY_FAILED && is != MANY_REFUSED &&
					is != MANY_LEFT))
				fail_msg("run %u: %zu is %d, planned %d, gone %d, dropped %d", run,
					i, is, seen.planned[i], seen.gone[i], seen.dropped[i]);
		}
		many_free(seen.many);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_goes_alone_then_four_at_a_time),
		cmocka_unit_test(many_may_go_first),
		cmocka_unit_test(after_one_that_fails_none_begins),
		cmocka_unit_test(few_are_planned_at_a_time),
		cmocka_unit_test(whatever_comes_none_is_lost_or_done_twice),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
