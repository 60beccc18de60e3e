/* This machine behind the header of the hosts: commands and copies, without any host at all. */
#include "tests/core/net/ssh_copies.h"
#include "tests/core/net/ssh_rows.h"

static int up(void **state)
{
	struct kit *k = xcalloc(1, sizeof(*k));
	struct err err = {0};

	check_ok("loop_open", loop_open(&k->loop, &err), &err);
	*state = k;
	kit_open(k, false);
	return 0;
}

static int down(void **state)
{
	struct kit *k = *state;

	kit_close(k);
	loop_close(k->loop);
	free(k);
	return 0;
}

static void commands(void **state)
{
	exec_rows_check(*state, NULL);
	exec_rows_check(*state, "local");
	check_bool("always there", ssh_is_up(((struct kit *)*state)->ssh, NULL), true);
}

static void a_host_that_nobody_named(void **state)
{
	struct ending e = {0};

	kit_exec(*state, "gw1", "true", &e);
	check_err("exec", e.err.code, &e.err, E_NOTFOUND, "no host \"gw1\"");
	ending_release(&e);
	ssh_connect(((struct kit *)*state)->ssh, NULL, on_end, &e);
	assert_true(kit_until(*state, &e.done));
	check_ok("there is nothing to connect", e.err.code, &e.err);
	ending_release(&e);
}

static void cancel_and_timeout_end_the_group(void **state)
{
	exec_ends_check(*state, "local");
}

static void copies(void **state)
{
	copy_rows_check(*state, NULL);
}

static void resumed(void **state)
{
	copy_resume_check(*state, "local");
}

static void canceled(void **state)
{
	copy_cancel_check(*state, "local");
}

static void a_full_disk_is_told_and_leaves_no_name(void **state)
{
	copy_full_disk_check(*state, "local");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(a_host_that_nobody_named),
		cmocka_unit_test(cancel_and_timeout_end_the_group),
		cmocka_unit_test(copies),
		cmocka_unit_test(resumed),
		cmocka_unit_test(canceled),
		cmocka_unit_test(a_full_disk_is_told_and_leaves_no_name),
	};

	return cmocka_run_group_tests(tests, up, down);
}
