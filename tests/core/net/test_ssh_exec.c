/* Commands over real SSH: streams, ends, cancel, jump chains, links that break. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "tests/core/net/ssh_rows.h"

#define MIB ((size_t)1 << 20)

static void chain(struct kit *k)
{
	kit_host(k, "bastion", "id_ed25519", "key", NULL);
	kit_host(k, "gw", "id_ed25519", "key", "bastion");
}

static void streams_and_ends(void **state)
{
	struct kit *k = *state;

	chain(k);
	kit_open(k, false);
	for (int hop = 0; hop < 2; hop++)
		exec_rows_check(k, k->hosts[hop].name);
}

static void many_at_once_are_all_done(void **state)
{
	struct kit *k = *state;

	chain(k);
	kit_open(k, false);
	exec_many_check(k, "bastion", "gw");
}

/* Its streams end at once, it does not; meanwhile others' output comes on the same link. */
static void the_status_that_comes_long_after_the_output_is_waited_for(void **state)
{
	struct kit *k = *state;
	struct ending slow = {0}, other = {0};

	chain(k);
	kit_open(k, false);
	ssh_exec(k->ssh,
		&(struct ssh_exec_options){.host = "bastion",
			.command = "exec </dev/null >&- 2>&-; sleep 0.5; exit 36"},
		on_end, &slow);
	ssh_exec(k->ssh,
		&(struct ssh_exec_options){.host = "bastion",
			.command = "head -c 100000000 /dev/zero",
			.cap_bytes = 1000},
		on_end, &other);
	assert_true(loop_run_until_idle(k->loop, DEADLINE_MS));
	check_ok("the other", other.err.code, &other.err);
	check_ok("ended", slow.err.code, &slow.err);
	check_int("its status", slow.exit_status, 36);
	ending_release(&slow);
	ending_release(&other);
}

static void megabytes_go_through_two_hops_and_back(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};
	size_t len = 6 * MIB + 77;
	char *data = xmalloc(len);

	for (size_t i = 0; i < len; i++)
		data[i] = (char)(i * 31 + i / 253);
	chain(k);
	kit_open(k, false);
	ssh_exec(k->ssh,
		&(struct ssh_exec_options){.host = "gw",
			.command = "cat",
			.input = data,
			.input_len = len,
			.cap_bytes = 8 * MIB},
		on_end, &e);
	assert_true(kit_until(k, &e.done));
	check_ok("cat", e.err.code, &e.err);
	check_bool("whole", !e.is_cut, true);
	assert_memory_equal(e.out, data, len);
	ending_release(&e);
	ssh_exec(k->ssh,
		&(struct ssh_exec_options){.host = "gw",
			.command = "head -c 3000000 /dev/zero | tr '\\0' x",
			.cap_bytes = 1000},
		on_end, &e);
	assert_true(kit_until(k, &e.done));
	check_ok("cut", e.err.code, &e.err);
	check_bool("cut", e.is_cut, true);
	check_int("cut", (int64_t)strlen(e.out), 1000);
	ending_release(&e);
	free(data);
}

struct stream {
	struct ending end;
	int lines;
	struct buf text;
};

static void on_stream(void *data, int stream, const char *bytes, size_t len)
{
	struct stream *s = data;

	check_int("stream", stream, 1);
	buf_add(&s->text, bytes, len);
	s->lines = strchr(buf_str(&s->text), '\n') != NULL;
}

static void on_stream_end(void *data, const struct ssh_result *result, const struct err *err)
{
	on_end(&((struct stream *)data)->end, result, err);
}

/* Starts a shell with a child, and returns the child's pid once it runs. */
static int start_tree(struct kit *k, struct stream *s, struct ssh_op **op, int64_t timeout_ms)
{
	int64_t pid = 0;

	buf_init(&s->text, 0);
	*op = ssh_exec(k->ssh,
		&(struct ssh_exec_options){.host = "gw",
			.command = "sleep 600 & echo $!; wait",
			.on_output = on_stream,
			.timeout_ms = timeout_ms},
		on_stream_end, s);
	assert_true(kit_until(k, &s->lines));
	s->text.data[strcspn(s->text.data, "\n")] = 0;
	assert_true(str_to_int64(s->text.data, &pid));
	assert_int_equal(kill((pid_t)pid, 0), 0);
	return (int)pid;
}

/* The dead may wait for their parent: a zombie has ended too. */
static bool is_gone(int pid)
{
	char *path = xasprintf("/proc/%d/stat", pid), state = 0;
	FILE *file = fopen(path, "r");
	bool gone = !file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1 || state == 'Z';

	if (file)
		fclose(file);
	free(path);
	return gone;
}

static void check_gone(struct kit *k, int pid)
{
	int64_t until = clock_mono_ms() + DEADLINE_MS;

	while (!is_gone(pid) && clock_mono_ms() < until)
		loop_turn(k->loop, 20);
	assert_true(is_gone(pid));
}

static void cancel_kills_the_group_over_there(void **state)
{
	struct kit *k = *state;
	struct stream s = {0};
	struct ssh_op *op;
	struct ending e = {0};

	chain(k);
	kit_open(k, false);
	int pid = start_tree(k, &s, &op, 0);
	ssh_cancel(op);
	check_gone(k, pid);
	kit_exec(k, "gw", "echo still here", &e);
	check_str("the connection goes on", e.out, "still here\n");
	check_int("done is not called", s.end.done, 0);
	ending_release(&e);
	buf_release(&s.text);
}

static void time_out_kills_and_tells(void **state)
{
	struct kit *k = *state;
	struct stream s = {0};
	struct ssh_op *op;

	chain(k);
	kit_open(k, false);
	int pid = start_tree(k, &s, &op, 1000);
	int64_t start_ms = clock_mono_ms();
	assert_true(kit_until(k, &s.end.done));
	check_bool("killed at once", clock_mono_ms() - start_ms < 5000, true);
	check_err("time-out", s.end.err.code, &s.end.err, E_TIMEOUT,
		"host gw: the command did not end");
	check_gone(k, pid);
	ending_release(&s.end);
	buf_release(&s.text);
}

static void close_kills_what_runs(void **state)
{
	struct kit *k = *state;
	struct stream s = {0};
	struct ssh_op *op;

	chain(k);
	kit_open(k, false);
	int pid = start_tree(k, &s, &op, 0);
	ssh_close(k->ssh);
	k->ssh = NULL;
	check_gone(k, pid);
	buf_release(&s.text);
}

static void a_link_cut_while_it_runs_is_unknown_and_comes_back(void **state)
{
	static const char *const where[] = {"gw", "bastion"};
	struct kit *k = *state;

	chain(k);
	kit_open(k, false);
	for (size_t i = 0; i < ARRAY_SIZE(where); i++) {
		struct stream s = {0};
		struct ending e = {0};
		struct ssh_op *op;
		int pid = start_tree(k, &s, &op, 0);

		sshd_do(k->servers, "cut", where[i]);
		assert_true(kit_until(k, &s.end.done));
		check_err(
			where[i], s.end.err.code, &s.end.err, E_UNKNOWN, "host gw: the link broke");
		check_bool("down", ssh_is_up(k->ssh, "gw"), false);
		kill(pid, SIGKILL); /* nobody else does: the link is gone */
		kit_exec(k, "gw", "echo again", &e);
		check_ok("reconnect", e.err.code, &e.err);
		check_str("reconnect", e.out, "again\n");
		ending_release(&e);
		ending_release(&s.end);
		buf_release(&s.text);
	}
}

static void an_idle_link_that_is_cut_is_replaced_unseen(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};
	int64_t until = clock_mono_ms() + DEADLINE_MS;

	chain(k);
	kit_open(k, false);
	kit_exec(k, "gw", "true", &e);
	ending_release(&e);
	sshd_do(k->servers, "cut", "gw");
	while (ssh_is_up(k->ssh, "gw") && clock_mono_ms() < until)
		loop_turn(k->loop, 50);
	kit_exec(k, "gw", "echo new", &e);
	check_ok("new", e.err.code, &e.err);
	check_str("new", e.out, "new\n");
	ending_release(&e);
}

static void a_jump_host_that_is_down_is_named(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};

	chain(k);
	k->hosts[0].port = 1;
	kit_open(k, false);
	kit_exec(k, "gw", "true", &e);
	check_err("jump", e.err.code, &e.err, E_NET, "host gw: host bastion: 127.0.0.1 port 1: ");
	ending_release(&e);
	kit_close(k);
	chain(k);
	k->hosts[1].port = 1;
	kit_open(k, false);
	kit_exec(k, "gw", "true", &e);
	check_err("behind", e.err.code, &e.err, E_NET,
		"host bastion cannot connect to 127.0.0.1 port 1");
	ending_release(&e);
}

static void a_code_of_a_jump_host_is_asked_once_for_all_behind_it(void **state)
{
	struct kit *k = *state;
	struct ending a = {0}, b = {0};

	kit_host(k, "otp", "id_ed25519", "key otp", NULL);
	kit_host(k, "gw", "id_ed25519", "key", "otp");
	kit_host(k, "bastion", "id_ed25519", "key", "otp");
	k->answers[0] = SSHD_SECRET;
	kit_open(k, true);
	ssh_exec(k->ssh, &(struct ssh_exec_options){.host = "gw", .command = "echo a"}, on_end, &a);
	ssh_exec(k->ssh, &(struct ssh_exec_options){.host = "bastion", .command = "echo b"}, on_end,
		&b);
	assert_true(loop_run_until_idle(k->loop, DEADLINE_MS));
	check_ok("a", a.err.code, &a.err);
	check_ok("b", b.err.code, &b.err);
	check_str("a", a.out, "a\n");
	check_str("b", b.out, "b\n");
	check_int("asked", (int64_t)k->asked, 1);
	ending_release(&a);
	ending_release(&b);
}

static void keep_alive_and_idle_close(void **state)
{
	struct kit *k = *state;
	struct ending e = {0};
	struct err err = {0};
	int64_t until = clock_mono_ms() + DEADLINE_MS;

	chain(k);
	check_ok("open",
		ssh_open(&k->ssh,
			&(struct ssh_options){.loop = k->loop,
				.hosts = k->hosts,
				.host_count = 1,
				.known_hosts = k->known_hosts,
				.keepalive_ms = 1000,
				.idle_ms = 2500},
			&err),
		&err);
	kit_exec(k, "bastion", "true", &e);
	check_bool("up", ssh_is_up(k->ssh, "bastion"), true);
	while (ssh_is_up(k->ssh, "bastion") && clock_mono_ms() < until)
		loop_turn(k->loop, 50);
	check_bool("closed when idle", ssh_is_up(k->ssh, "bastion"), false);
	ending_release(&e);
	kit_exec(k, "bastion", "echo back", &e);
	check_str("and back", e.out, "back\n");
	ending_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(streams_and_ends, kit_clear),
		cmocka_unit_test_teardown(many_at_once_are_all_done, kit_clear),
		cmocka_unit_test_teardown(
			the_status_that_comes_long_after_the_output_is_waited_for, kit_clear),
		cmocka_unit_test_teardown(megabytes_go_through_two_hops_and_back, kit_clear),
		cmocka_unit_test_teardown(cancel_kills_the_group_over_there, kit_clear),
		cmocka_unit_test_teardown(time_out_kills_and_tells, kit_clear),
		cmocka_unit_test_teardown(close_kills_what_runs, kit_clear),
		cmocka_unit_test_teardown(
			a_link_cut_while_it_runs_is_unknown_and_comes_back, kit_clear),
		cmocka_unit_test_teardown(an_idle_link_that_is_cut_is_replaced_unseen, kit_clear),
		cmocka_unit_test_teardown(a_jump_host_that_is_down_is_named, kit_clear),
		cmocka_unit_test_teardown(
			a_code_of_a_jump_host_is_asked_once_for_all_behind_it, kit_clear),
		cmocka_unit_test_teardown(keep_alive_and_idle_close, kit_clear),
	};

	check_locale();
	return cmocka_run_group_tests(tests, kit_up, kit_down);
}
