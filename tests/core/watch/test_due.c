/* Lines, held against a walk over all that are in them. */
#include "core/watch/due.h"

#include <math.h>

#include "core/base/mem.h"
#include "tests/support/check.h"

#define ITEMS 300
#define LINES 3

struct waiting {
	struct due_item items[ITEMS];
	struct due_line lines[LINES];
	uint32_t random;
	int64_t now;
};

static uint32_t draw(struct waiting *w, uint32_t below)
{
	w->random = w->random * 1664525u + 1013904223u;
	return (w->random >> 8) % below;
}

static void begin(struct waiting *w, uint32_t seed)
{
	static const int64_t paces_ms[LINES] = {1000, 2000, 5000};

	*w = (struct waiting){.random = seed, .now = 1000000};
	for (int i = 0; i < LINES; i++)
		due_line_init(&w->lines[i], paces_ms[i], w->now);
	for (uint32_t i = 0; i < ITEMS; i++)
		w->items[i] = (struct due_item){.owner = &w->items[i], .hash = i * 2654435761u};
}

static void end(struct waiting *w)
{
	for (int i = 0; i < LINES; i++)
		due_line_release(&w->lines[i]);
}

/* In intervals of its own, as they are stretched; by the time, not by a clock of its line. */
static double lateness_of(const struct waiting *w, const struct due_item *item)
{
	return item->line ? (double)(w->now - due_ms(item, w->now)) /
			((double)item->line->pace_ms * item->line->stretch)
			  : -1;
}

/* The latest of one line, by a walk over all. */
static const struct due_item *walk(const struct waiting *w, const struct due_line *line)
{
	const struct due_item *best = NULL;

	for (int i = 0; i < ITEMS; i++) {
		const struct due_item *item = &w->items[i];
		if (item->line != line)
			continue;
		if (!best || item->due < best->due ||
			(item->due == best->due && item->hash < best->hash))
			best = item;
	}
	return best && due_ms(best, w->now) <= w->now ? best : NULL;
}

/* Put, moved, taken, waits stretched, time passing: the first one is always the latest. */
static void the_first_is_the_latest_whatever_happens(void **unused)
{
	(void)unused;
	for (uint32_t seed = 1; seed <= 20; seed++) {
		struct waiting w;
		size_t in = 0;
		begin(&w, seed);
		for (int step = 0; step < 3000; step++) {
			struct due_item *item = &w.items[draw(&w, ITEMS)];
			struct due_line *line = &w.lines[draw(&w, LINES)];
			switch (draw(&w, 4)) {
			case 0: due_take(item); break;
			case 1: due_line_stretch(line, 1 + draw(&w, 20), w.now); break;
			default: due_put(line, item, w.now + 9000 - draw(&w, 30000), w.now);
			}
			w.now += draw(&w, 50);
			in = 0;
			for (int i = 0; i < LINES; i++) {
				const struct due_item *want = walk(&w, &w.lines[i]);
				const struct due_item *first = due_first(&w.lines[i], w.now);
				/* One that is due within a millisecond may be first already. */
				if (want || (first && due_ms(first, w.now) > w.now + 20))
					assert_ptr_equal(first, want);
				in += w.lines[i].heap.len;
			}
		}
		for (int i = 0; i < ITEMS; i++)
			in -= w.items[i].line != NULL;
		assert_int_equal(in, 0);
		end(&w);
	}
}

static int by_lateness(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first < second) - (first > second);
}

/* Thousands overdue: taken one by one they leave in the order of a sort of all by lateness. */
static void lines_together_give_the_order_of_a_sort(void **unused)
{
	(void)unused;
	for (uint32_t seed = 1; seed <= 20; seed++) {
		double want[ITEMS] = {0};
		struct waiting w;
		begin(&w, seed);
		for (int i = 0; i < ITEMS; i++)
			due_put(&w.lines[draw(&w, LINES)], &w.items[i], w.now - draw(&w, 90000),
				w.now);
		/* A stretch that comes when all are there slows one line down. */
		due_line_stretch(&w.lines[2], 3, w.now);
		w.now += 30000;
		for (int i = 0; i < ITEMS; i++)
			want[i] = lateness_of(&w, &w.items[i]);
		qsort(want, ITEMS, sizeof(*want), by_lateness);
		for (int i = 0; i < ITEMS; i++) {
			struct due_line *best = &w.lines[0];
			for (int k = 1; k < LINES; k++)
				if (due_lateness(&w.lines[k], w.now) > due_lateness(best, w.now))
					best = &w.lines[k];
			struct due_item *first = due_first(best, w.now);
			assert_non_null(first);
			assert_true(fabs(lateness_of(&w, first) - want[i]) < 0.01);
			due_take(first);
		}
		for (int k = 0; k < LINES; k++)
			assert_null(due_first(&w.lines[k], w.now));
		end(&w);
	}
}

static void of_two_that_are_equally_late_the_hash_decides(void **unused)
{
	struct due_item second = {.hash = 9}, first = {.hash = 3};
	struct due_line line;

	(void)unused;
	due_line_init(&line, 1000, 0);
	due_put(&line, &second, 100, 0);
	due_put(&line, &first, 100, 0);
	assert_null(due_first(&line, 90));
	assert_ptr_equal(due_first(&line, 100), &first);
	due_take(&first);
	due_take(&first);
	assert_ptr_equal(due_first(&line, 100), &second);
	due_line_release(&line);
}

/* Ten thousand with ten seconds to go, one each millisecond: none leaps, and there is no gap. */
static void a_stretch_slows_all_alike_and_none_leaps(void **unused)
{
	static const struct {
		const char *name;
		double stretch; /* from the first second on */
		int64_t last_ms;
	} rows[] = {
		{"as it was", 1, 10000},
		{"twice as long", 2, 19000},
		{"five times", 5, 46000},
		{"sooner", 0.25, 3250},
	};
	static struct due_item items[10000];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t previous_ms = 0, longest_ms = 0, now = 0;
		struct due_line line;
		due_line_init(&line, 5000, 0);
		for (uint32_t k = 0; k < ARRAY_SIZE(items); k++)
			due_put(&line, &items[k], k + 1, 0);
		for (; line.heap.len; now += 10) {
			if (now == 1000)
				due_line_stretch(&line, rows[i].stretch, now);
			for (struct due_item *item; (item = due_first(&line, now)); due_take(item))
				if (now - previous_ms > longest_ms)
					longest_ms = now - previous_ms;
			if (line.heap.len < ARRAY_SIZE(items))
				previous_ms = now;
		}
		if (now < rows[i].last_ms - 20 || now > rows[i].last_ms + 20)
			fail_msg("%s: the last after %lld ms", rows[i].name, (long long)now);
		assert_true(longest_ms <= 20);
		due_line_release(&line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_the_latest_whatever_happens),
		cmocka_unit_test(lines_together_give_the_order_of_a_sort),
		cmocka_unit_test(a_stretch_slows_all_alike_and_none_leaps),
		cmocka_unit_test(of_two_that_are_equally_late_the_hash_decides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
