/* What two threads make in pieces is what one would have made, and no more is made than is wanted. */
#include "core/loop/pieces.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "tests/support/check.h"

struct text {
	size_t stop_after, taken;
	atomic_size_t made;
	struct buf all;
};

static void add_piece(size_t piece, struct buf *out)
{
	for (size_t i = 0; i <= piece % 7; i++)
		buf_addf(out, "%zu.%zu ", piece, i * piece);
}

static void make(const void *data, size_t piece, struct buf *out)
{
	assert_int_equal(out->len, 0);
	add_piece(piece, out);
	atomic_fetch_add((atomic_size_t *)(uintptr_t) & ((const struct text *)data)->made, 1);
}

static bool take(void *data, const struct buf *piece)
{
	struct text *text = data;

	buf_add(&text->all, buf_str(piece), piece->len);
	return ++text->taken < text->stop_after;
}

static void run(size_t count, size_t stop_after)
{
	size_t wanted = stop_after < count ? stop_after : count;
	struct text text = {.stop_after = stop_after};
	struct buf want;

	buf_init(&text.all, 0);
	buf_init(&want, 0);
	for (size_t i = 0; i < wanted; i++)
		add_piece(i, &want);
	pieces_run(&(struct pieces){count, make, take, &text});
	check_str("text", buf_str(&text.all), buf_str(&want));
	check_int("taken", (int64_t)text.taken, (int64_t)wanted);
	/* Those that were under way: the places of the other thread, and what it had in hand. */
	assert_true(atomic_load(&text.made) <= wanted + 5);
	buf_release(&text.all);
	buf_release(&want);
}

static void all_of_it_comes_in_order(void **state)
{
	(void)state;
	for (size_t count = 0; count < 40; count++)
		run(count, SIZE_MAX);
	run(3000, SIZE_MAX);
}

static void nothing_is_made_for_nobody(void **state)
{
	(void)state;
	for (size_t stop = 1; stop < 40; stop++)
		run(3000, stop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_comes_in_order),
		cmocka_unit_test(nothing_is_made_for_nobody),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
