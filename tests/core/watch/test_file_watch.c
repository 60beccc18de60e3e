/* A file that is written by others: what counts is its content. */
#include "core/watch/file_watch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/support/check.h"

#define DEADLINE_MS 60000

struct world {
	struct loop *loop;
	struct file_watch *watch;
	char *dir, *path;
	int calls;
	bool is_other;
};

static void on_changed(void *data, bool is_other)
{
	struct world *world = data;

	world->calls++;
	world->is_other = is_other;
}

static void write_text(const struct world *world, const char *text)
{
	struct err err = {0};

	check_ok("write", file_write(world->path, text, strlen(text), &err), &err);
}

static void until(struct world *world, int calls)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;

	while (world->calls < calls && clock_mono_ms() < deadline)
		loop_turn(world->loop, 20);
	check_int("told", world->calls, calls);
}

/* Looks that find nothing new tell nothing; there are several in that time. */
static void for_a_while(struct world *world)
{
	int64_t end = clock_mono_ms() + 100;

	while (clock_mono_ms() < end)
		loop_turn(world->loop, 5);
}

static int setup(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));
	struct err err = {0};

	world->dir = temp_dir();
	world->path = temp_path(world->dir, "config.yaml");
	check_ok("loop", loop_open(&world->loop, &err), &err);
	write_text(world, "one");
	world->watch = file_watch_new(world->loop, world->path, 5, on_changed, world);
	for_a_while(world);
	check_int("the first look tells nothing", world->calls, 0);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	file_watch_free(world->watch);
	loop_close(world->loop);
	temp_dir_remove(world->dir);
	free(world->path);
	free(world);
	return 0;
}

static void another_content_is_told_once_and_the_former_one_too(void **state)
{
	struct world *world = *state;

	write_text(world, "two");
	until(world, 1);
	check_bool("other", world->is_other, true);
	for_a_while(world);
	check_int("once", world->calls, 1);
	write_text(world, "one");
	until(world, 2);
	check_bool("as it was", world->is_other, false);
}

static void saved_as_it_was_is_no_change(void **state)
{
	struct world *world = *state;

	write_text(world, "one");
	for_a_while(world);
	check_int("nothing", world->calls, 0);
}

static void a_file_that_is_gone_is_another(void **state)
{
	struct world *world = *state;

	check_int("unlink", unlink(world->path), 0);
	until(world, 1);
	check_bool("other", world->is_other, true);
	write_text(world, "one");
	until(world, 2);
	check_bool("as it was", world->is_other, false);
}

static void freed_while_it_looks_tells_nothing(void **state)
{
	struct world *world = *state;

	write_text(world, "two");
	loop_turn(world->loop, 20); /* a look is on the pool, or the next one will be */
	file_watch_free(world->watch);
	world->watch = NULL;
	int calls = world->calls;
	check_bool("idle", loop_run_until_idle(world->loop, DEADLINE_MS), true);
	check_int("nothing more", world->calls, calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			another_content_is_told_once_and_the_former_one_too, setup, teardown),
		cmocka_unit_test_setup_teardown(saved_as_it_was_is_no_change, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_is_gone_is_another, setup, teardown),
		cmocka_unit_test_setup_teardown(
			freed_while_it_looks_tells_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
