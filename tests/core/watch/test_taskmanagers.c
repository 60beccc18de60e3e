/* TaskManagers are asked for while somebody looks, each now and then, and never more than may be spent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/loop.h"
#include "core/watch/taskmanagers.h"
#include "tests/support/check.h"

#define ALL 30

/* A cluster with so many of them; the clock is the test's. */
struct jm {
	struct source base;
	struct loop *loop;
	int first, count; /* tm-<first> … */
	bool fails;
	int64_t gc_ms;
	int lists, loads, most_at_once, at_once;
	char last[64];
};

struct source_poll {
	struct jm *jm;
	struct snapshot *snapshot;
	source_done_fn done;
	void *data;
	bool is_canceled;
};

static int64_t now_ms;
static int64_t spendable;
static int changes;

static void tell(void *data)
{
	struct source_poll *poll = data;

	poll->jm->at_once--;
	if (poll->is_canceled)
		snapshot_unref(poll->snapshot);
	else
		poll->done(poll->data, poll->snapshot);
	free(poll);
}

static void list_fill(const struct jm *jm, struct snapshot *snapshot)
{
	struct taskmanager *list =
		arena_calloc(snapshot->arena, (size_t)jm->count + 1, sizeof(*list));

	for (int i = 0; i < jm->count; i++)
		list[i].id = arena_printf(snapshot->arena, "tm-%d", jm->first + i);
	snapshot->taskmanagers = list;
	snapshot->taskmanager_count = (size_t)jm->count;
}

static struct source_poll *jm_poll(
	struct source *source, const struct poll *ask, source_done_fn done, void *data)
{
	struct jm *jm = (struct jm *)source;
	struct source_poll *poll = xcalloc(1, sizeof(*poll));
	struct snapshot *snapshot = snapshot_new(ask->what, "c", source->name, ask->taskmanager);

	snapshot->observed_ms = clock_wall_ms();
	snapshot->load = (struct taskmanager_load){100, 200, -1, -1, 1, jm->gc_ms};
	if (ask->what == SNAPSHOT_TASKMANAGERS) {
		jm->lists++;
		list_fill(jm, snapshot);
	} else {
		jm->loads++;
		snprintf(jm->last, sizeof(jm->last), "%s", ask->taskmanager);
	}
	if (jm->fails)
		snapshot_fail(snapshot, E_NET, "GET /taskmanagers: connection refused");
	if (++jm->at_once > jm->most_at_once)
		jm->most_at_once = jm->at_once;
	*poll = (struct source_poll){.jm = jm, .snapshot = snapshot, .done = done, .data = data};
	loop_defer(jm->loop, tell, poll);
	return poll;
}

static void jm_cancel(struct source_poll *poll)
{
	poll->is_canceled = true;
}

static const struct source_ops jm_ops = {.kind = "jm", .poll = jm_poll, .cancel = jm_cancel};

static bool may_spend(void *data, const struct source *source, int requests)
{
	(void)data;
	(void)source;
	if (spendable < requests)
		return false;
	spendable -= requests;
	return true;
}

static void on_changed(void *data)
{
	(void)data;
	changes++;
}

static void open_jm(struct jm *jm, int count)
{
	struct err err;

	*jm = (struct jm){.base = {&jm_ops, xstrdup("c"), xstrdup("jm")}, .count = count};
	check_ok("loop", loop_open(&jm->loop, &err), &err);
	now_ms = 1000000;
	spendable = 1000000;
	changes = 0;
	clock_fix(now_ms, now_ms);
}

static struct taskmanagers *watch(struct jm *jm)
{
	return taskmanagers_new(&(struct taskmanagers_options){
		.source = &jm->base, .may_spend = may_spend, .changed = on_changed});
}

static void close_jm(struct jm *jm, struct taskmanagers *taskmanagers)
{
	taskmanagers_free(taskmanagers);
	assert_true(loop_run_until_idle(jm->loop, 10000));
	loop_close(jm->loop);
	free(jm->base.context);
	free(jm->base.name);
	clock_fix(0, 0);
}

/* A look, and whatever follows at that time. */
static void look(struct jm *jm, struct taskmanagers *taskmanagers, int64_t later_ms)
{
	now_ms += later_ms;
	clock_fix(now_ms, now_ms);
	taskmanagers_look(taskmanagers);
	assert_true(loop_run_until_idle(jm->loop, 10000));
}

static const struct taskmanager_item *item(struct taskmanagers *taskmanagers, size_t i)
{
	size_t count;
	const struct taskmanager_item *const *items = taskmanagers_items(taskmanagers, &count);

	assert_true(i < count);
	return items[i];
}

static void a_look_asks_for_the_list_and_each_of_it(void **state)
{
	struct jm jm;
	struct taskmanagers *taskmanagers;

	(void)state;
	open_jm(&jm, ALL);
	taskmanagers = watch(&jm);
	assert_int_equal(jm.lists, 0);
	assert_false(taskmanagers_are_told(taskmanagers));
	look(&jm, taskmanagers, 0);
	assert_int_equal(jm.lists, 1);
	assert_int_equal(jm.loads, ALL);
	assert_true(jm.most_at_once <= TASKMANAGERS_SLOTS);
	assert_true(taskmanagers_are_told(taskmanagers));
	assert_int_equal(changes, ALL + 1);
	assert_int_equal(item(taskmanagers, 3)->load.heap_used_bytes, 100);
	assert_string_equal(item(taskmanagers, 3)->ref, "c/jm/tm-3");
	close_jm(&jm, taskmanagers);
}

static void it_is_asked_again_when_it_is_old(void **state)
{
	struct jm jm;
	struct taskmanagers *taskmanagers;

	(void)state;
	open_jm(&jm, 2);
	taskmanagers = watch(&jm);
	look(&jm, taskmanagers, 0);
	look(&jm, taskmanagers, TASKMANAGERS_LIST_MS - 1);
	assert_int_equal(jm.lists, 1);
	look(&jm, taskmanagers, 1);
	assert_int_equal(jm.lists, 2);
	assert_int_equal(jm.loads, 2);
	look(&jm, taskmanagers, TASKMANAGERS_LOAD_MS - TASKMANAGERS_LIST_MS);
	assert_int_equal(jm.loads, 4);
	close_jm(&jm, taskmanagers);
}

static void nobody_looks_and_nothing_is_asked(void **state)
{
	struct jm jm;
	struct taskmanagers *taskmanagers;

	(void)state;
	open_jm(&jm, ALL);
	taskmanagers = watch(&jm);
	taskmanagers_look(taskmanagers);
	/* The answer to the list comes after he has gone. */
	clock_fix(now_ms + TASKMANAGERS_LOOK_MS, now_ms + TASKMANAGERS_LOOK_MS);
	assert_true(loop_run_until_idle(jm.loop, 10000));
	assert_int_equal(jm.lists, 1);
	assert_int_equal(jm.loads, 0);
	close_jm(&jm, taskmanagers);
}

static void no_more_is_asked_than_may_be_spent(void **state)
{
	struct jm jm;
	struct taskmanagers *taskmanagers;

	(void)state;
	open_jm(&jm, ALL);
	taskmanagers = watch(&jm);
	spendable = 0;
	look(&jm, taskmanagers, 0);
	assert_int_equal(jm.lists, 0);
	spendable = 11;
	look(&jm, taskmanagers, 100);
	assert_int_equal(jm.lists, 1);
	assert_int_equal(jm.loads, 10);
	/* The next have their turn, not the first once more. */
	spendable = 1;
	look(&jm, taskmanagers, 100);
	assert_string_equal(jm.last, "tm-10");
	close_jm(&jm, taskmanagers);
}

static void who_has_left_is_gone_and_who_came_is_new(void **state)
{
	struct jm jm;
	struct taskmanagers *taskmanagers;
	size_t count;

	(void)state;
	open_jm(&jm, 3);
	taskmanagers = watch(&jm);
	look(&jm, taskmanagers, 0);
	jm.first = 2;
	look(&jm, taskmanagers, TASKMANAGERS_LIST_MS);
	taskmanagers_items(taskmanagers, &count);
	assert_int_equal(count, 3);
	assert_string_equal(item(taskmanagers, 0)->told.id, "tm-2");
	assert_true(item(taskmanagers, 0)->was_there_earlier);
	assert_int_equal(item(taskmanagers, 0)->since_ms, now_ms - TASKMANAGERS_LIST_MS);
	assert_int_equal(item(taskmanagers, 0)->load.heap_used_bytes, 100);
	assert_false(item(taskmanagers, 2)->was_there_earlier);
	assert_int_equal(item(taskmanagers, 2)->since_ms, now_ms);
	close_jm(&jm, taskmanagers);
}

static void garbage_is_told_by_the_minute(void **state)
{
	struct jm jm;
	struct taskmanagers *taskmanagers;

	(void)state;
	open_jm(&jm, 1);
	taskmanagers = watch(&jm);
	jm.gc_ms = 5000;
	look(&jm, taskmanagers, 0);
	assert_true(item(taskmanagers, 0)->gc_ms_a_minute < 0);
	jm.gc_ms = 5500;
	look(&jm, taskmanagers, TASKMANAGERS_LOAD_MS);
	assert_int_equal(item(taskmanagers, 0)->gc_ms_a_minute, 3000);
	/* It began anew: its counter did, too. */
	jm.gc_ms = 10;
	look(&jm, taskmanagers, TASKMANAGERS_LOAD_MS);
	assert_true(item(taskmanagers, 0)->gc_ms_a_minute < 0);
	close_jm(&jm, taskmanagers);
}

static void a_list_that_fails_leaves_what_is_known(void **state)
{
	struct jm jm;
	struct taskmanagers *taskmanagers;
	size_t count;

	(void)state;
	open_jm(&jm, 2);
	taskmanagers = watch(&jm);
	look(&jm, taskmanagers, 0);
	jm.fails = true;
	look(&jm, taskmanagers, TASKMANAGERS_LOAD_MS);
	taskmanagers_items(taskmanagers, &count);
	assert_int_equal(count, 2);
	check_has("why", taskmanagers_error(taskmanagers)->text, "connection refused");
	jm.fails = false;
	look(&jm, taskmanagers, TASKMANAGERS_LOAD_MS);
	assert_int_equal(taskmanagers_error(taskmanagers)->code, 0);
	/* Let go while questions are under way. */
	now_ms += TASKMANAGERS_LOAD_MS;
	clock_fix(now_ms, now_ms);
	taskmanagers_look(taskmanagers);
	close_jm(&jm, taskmanagers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_look_asks_for_the_list_and_each_of_it),
		cmocka_unit_test(it_is_asked_again_when_it_is_old),
		cmocka_unit_test(nobody_looks_and_nothing_is_asked),
		cmocka_unit_test(no_more_is_asked_than_may_be_spent),
		cmocka_unit_test(who_has_left_is_gone_and_who_came_is_new),
		cmocka_unit_test(garbage_is_told_by_the_minute),
		cmocka_unit_test(a_list_that_fails_leaves_what_is_known),
	};

	return cmocka_run_group_tests_name("taskmanagers", tests, NULL, NULL);
}
