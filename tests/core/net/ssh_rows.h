/* Commands, the same on every kind of host: how they end, and what comes of them. */
#ifndef WEIR_TESTS_CORE_NET_SSH_ROWS_H
#define WEIR_TESTS_CORE_NET_SSH_ROWS_H

#include <errno.h>
#include <signal.h>

#include "tests/core/net/ssh_kit.h"

static const struct {
	const char *name, *command, *out, *err_out, *signal;
	int exit_status;
} exec_rows[] = {
	{"both streams", "echo out; echo err >&2", "out\n", "err\n", NULL, 0},
	{"status", "exit 7", "", "", NULL, 7},
	{"no such command", "no-such-command-here 2>/dev/null", "", "", NULL, 127},
	{"a signal", "kill -TERM $$", "", "", "TERM", -1},
	{"a signal nobody catches", "kill -KILL $$", "", "", "KILL", -1},
	{"quotes and lines", "printf '%s|' \"a 'b'\" '$HOME' 'x\ny'", "a 'b'|$HOME|x\ny|", "", NULL,
		0},
	{"no input", "cat; echo end", "end\n", "", NULL, 0},
	{"no end of line", "printf x", "x", "", NULL, 0},
	{"a group of its own",
		"test \"$(ps -o pgid= -p $$)\" = \"$(ps -o sid= -p $$)\" && echo yes", "yes\n", "",
		NULL, 0},
};

static inline void exec_rows_check(struct kit *k, const char *host)
{
	struct ending e = {0};

	for (size_t i = 0; i < ARRAY_SIZE(exec_rows); i++) {
		kit_exec(k, host, exec_rows[i].command, &e);
		check_ok(exec_rows[i].name, e.err.code, &e.err);
		check_str(exec_rows[i].name, e.out, exec_rows[i].out);
		check_str(exec_rows[i].name, e.err_out, exec_rows[i].err_out);
		check_str(exec_rows[i].name, e.signal, exec_rows[i].signal);
		check_int(exec_rows[i].name, e.exit_status, exec_rows[i].exit_status);
		ending_release(&e);
	}
	ssh_exec(k->ssh,
		&(struct ssh_exec_options){.host = host,
			.command = "cat; head -c 5000 /dev/zero",
			.input = "secret",
			.input_len = 6,
			.cap_bytes = 1000},
		on_end, &e);
	assert_true(kit_until(k, &e.done));
	check_ok("input", e.err.code, &e.err);
	check_str("input", e.out, "secret");
	check_bool("over its cap", e.is_cut, true);
	ending_release(&e);
}

struct live {
	struct ending end; /* first */
	struct buf out;
	int has_line;
};

static inline void on_live(void *data, int stream, const char *bytes, size_t len)
{
	struct live *live = data;

	if (stream == 1)
		buf_add(&live->out, bytes, len);
	live->has_line = strchr(buf_str(&live->out), '\n') != NULL;
}

static inline pid_t live_pid(struct kit *k, struct live *live)
{
	int64_t pid = 0;

	assert_true(kit_until(k, &live->has_line));
	live->out.data[live->out.len - 1] = 0;
	assert_true(str_to_int64(live->out.data, &pid));
	return (pid_t)pid;
}

static inline void until_gone(struct kit *k, pid_t pid)
{
	int64_t until = clock_mono_ms() + DEADLINE_MS;

	while (kill(pid, 0) == 0 || errno != ESRCH) {
		if (clock_mono_ms() > until)
			fail_msg("process %d lives on", (int)pid);
		loop_turn(k->loop, 20);
	}
}

/* The command leaves a child in the background: that is what has to go. */
static inline void exec_ends_check(struct kit *k, const char *host)
{
	struct live live = {0};
	struct ssh_exec_options options = {
		.host = host, .command = "sleep 1000 & echo $!; wait", .on_output = on_live};
	struct ssh_op *op = ssh_exec(k->ssh, &options, on_end, &live);
	pid_t pid = live_pid(k, &live);

	ssh_cancel(op);
	until_gone(k, pid);
	assert_true(loop_run_until_idle(k->loop, DEADLINE_MS));
	check_int("nobody is told", live.end.done, 0);
	buf_reset(&live.out);
	live.has_line = 0;

	options.timeout_ms = 700;
	ssh_exec(k->ssh, &options, on_end, &live);
	pid = live_pid(k, &live);
	assert_true(kit_until(k, &live.end.done));
	check_err("too long", live.end.err.code, &live.end.err, E_TIMEOUT, "within 700 ms");
	check_has("who", live.end.err.text, host);
	until_gone(k, pid);
	buf_release(&live.out);
	ending_release(&live.end);
}

/* On two hosts by turns, more than a host takes at once. */
static inline void exec_many_check(struct kit *k, const char *host, const char *other)
{
	struct ending ends[40] = {0};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		char *command = xasprintf("echo %zu; exit %zu", i, i);
		ssh_exec(k->ssh,
			&(struct ssh_exec_options){
				.host = i % 2 ? other : host, .command = command},
			on_end, &ends[i]);
		free(command);
	}
	assert_true(loop_run_until_idle(k->loop, DEADLINE_MS));
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		char *want = xasprintf("%zu\n", i);
		check_ok("all", ends[i].err.code, &ends[i].err);
		check_int("once", ends[i].done, 1);
		check_int("status", ends[i].exit_status, (int64_t)i);
		check_str("out", ends[i].out, want);
		free(want);
		ending_release(&ends[i]);
	}
}

#endif
