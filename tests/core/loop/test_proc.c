/* Children: their ends, streams, input, caps, time-outs, and groups that are ended whole. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/proc.h"
#include "tests/support/check.h"

#define DEADLINE_MS 60000

struct ending {
	int done, exit_status;
	struct err err;
	char *out, *err_out, *signal;
	bool is_cut;
};

static struct loop *loop;

static int setup(void **state)
{
	struct err err = {0};

	(void)state;
	return loop_open(&loop, &err);
}

static int teardown(void **state)
{
	(void)state;
	loop_close(loop);
	return 0;
}

static void on_done(void *data, const struct proc_result *result, const struct err *err)
{
	struct ending *e = data;

	e->done++;
	e->exit_status = result->exit_status;
	e->signal = xstrdup_null(result->signal);
	e->is_cut = result->is_cut;
	e->out = buf_detach(result->out);
	e->err_out = buf_detach(result->err);
	if (err)
		e->err = *err;
}

static void ending_release(struct ending *e)
{
	free(e->out);
	free(e->err_out);
	free(e->signal);
	memset(e, 0, sizeof(*e));
}

static void until(const char *what, bool (*is_so)(void *data), void *data)
{
	int64_t end = clock_mono_ms() + DEADLINE_MS;

	while (!is_so(data)) {
		if (clock_mono_ms() > end)
			fail_msg("%s: not within %d ms", what, DEADLINE_MS);
		loop_turn(loop, 20);
	}
}

static bool has_ended(void *data)
{
	return ((struct ending *)data)->done > 0;
}

static bool is_gone(void *data)
{
	return kill((pid_t)(intptr_t)data, 0) && errno == ESRCH;
}

/* Runs a line of sh to its end. */
static void run(const char *line, struct proc_options o, struct ending *e)
{
	const char *const argv[] = {"sh", "-c", line, NULL};

	if (!o.argv)
		o.argv = argv;
	proc_start(loop, &o, on_done, e);
	check_int("not from inside", e->done, 0);
	until(line, has_ended, e);
}

static const struct {
	const char *name, *line, *input, *out, *err_out, *signal;
	int exit_status;
} rows[] = {
	{"both streams", "echo out; echo err >&2", NULL, "out\n", "err\n", NULL, 0},
	{"a status", "exit 7", NULL, "", "", NULL, 7},
	{"a signal", "kill -KILL $$", NULL, "", "", "KILL", -1},
	{"SIGPIPE is as a new program expects", "kill -PIPE $$", NULL, "", "", "PIPE", -1},
	{"input and its end", "cat; echo end", "in\nput", "in\nputend\n", "", NULL, 0},
	{"input that can be opened by name", "cat /dev/stdin", "by name", "by name", "", NULL, 0},
	{"no input", "cat; echo end", NULL, "end\n", "", NULL, 0},
	{"input that nobody reads", "exec <&-; echo fine", "x", "fine\n", "", NULL, 0},
	{"a session and a group of its own",
		"read -r p n s pp g sid rest </proc/self/stat; test $sid = $$ && echo yes", NULL,
		"yes\n", "", NULL, 0},
	{"its output closed early", "exec >&- 2>&-; sleep 0.2; exit 3", NULL, "", "", NULL, 3},
	{"no signal is blocked", "grep SigBlk /proc/self/status | tr -d '0\\t'", NULL, "SigBlk:\n",
		"", NULL, 0},
};

static void streams_and_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ending e = {0};

		run(rows[i].line,
			(struct proc_options){.input = rows[i].input,
				.input_len = rows[i].input ? strlen(rows[i].input) : 0},
			&e);
		check_ok(rows[i].name, e.err.code, &e.err);
		check_str(rows[i].name, e.out, rows[i].out);
		check_str(rows[i].name, e.err_out, rows[i].err_out);
		check_str(rows[i].name, e.signal, rows[i].signal);
		check_int(rows[i].name, e.exit_status, rows[i].exit_status);
		ending_release(&e);
	}
	assert_true(loop_run_until_idle(loop, DEADLINE_MS));
}

static void none_of_our_descriptors_reaches_it(void **state)
{
	struct ending e = {0};
	int leaky = open("/dev/null", O_RDONLY); /* as libraries open theirs */
	const char *const argv[] = {"ls", "/proc/self/fd", NULL};

	(void)state;
	assert_true(leaky > 2);
	run("ls", (struct proc_options){.argv = argv}, &e);
	check_str("0, 1, 2, and the folder that ls reads", e.out, "0\n1\n2\n3\n");
	close(leaky);
	ending_release(&e);
}

static void environment_and_folder(void **state)
{
	struct ending e = {0};
	const char *const env[] = {"WEIR_TEST_A=new", "WEIR_TEST_B=two words", NULL};

	(void)state;
	setenv("WEIR_TEST_A", "old", 1);
	setenv("WEIR_TEST_AB", "kept", 1);
	run("echo $WEIR_TEST_A,$WEIR_TEST_B,$WEIR_TEST_AB; pwd",
		(struct proc_options){.env = env, .cwd = "/usr"}, &e);
	check_str("both", e.out, "new,two words,kept\n/usr\n");
	ending_release(&e);
}

static void what_cannot_run_is_told(void **state)
{
	static const struct {
		const char *name, *program, *cwd, *text;
		int code;
	} cases[] = {
		{"no program", "no-such-program-here", NULL, "there is no program no-such",
			E_NOTFOUND},
		{"no folder", "true", "/no/such/folder",
			"cannot run true in /no/such/folder: No such", E_NOTFOUND},
		{"not a program", "/etc/passwd", NULL, "/etc/passwd", E_NOTFOUND},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ending e = {0};
		const char *const argv[] = {cases[i].program, NULL};

		run(cases[i].name, (struct proc_options){.argv = argv, .cwd = cases[i].cwd}, &e);
		check_err(cases[i].name, e.err.code, &e.err, cases[i].code, cases[i].text);
		check_int(cases[i].name, e.exit_status, -1);
		ending_release(&e);
		proc_cancel(proc_start(loop,
			&(struct proc_options){.argv = argv, .cwd = cases[i].cwd}, on_done, &e));
		assert_true(loop_run_until_idle(loop, DEADLINE_MS));
		check_int(cases[i].name, e.done, 0);
	}
}

static void megabytes_go_in_and_out(void **state)
{
	struct ending e = {0};
	size_t len = ((size_t)5 << 20) + 77;
	char *data = xmalloc(len);

	(void)state;
	for (size_t i = 0; i < len; i++)
		data[i] = (char)(i * 31 + i / 253);
	run("cat", (struct proc_options){.input = data, .input_len = len, .cap_bytes = len}, &e);
	check_bool("whole", e.is_cut, false);
	assert_memory_equal(e.out, data, len);
	ending_release(&e);
	run("cat", (struct proc_options){.input = data, .input_len = len, .cap_bytes = 1000}, &e);
	check_bool("cut", e.is_cut, true);
	assert_memory_equal(e.out, data, 1000);
	ending_release(&e);
	/* It ends without having read all. */
	run("head -c 10 >/dev/null; exit 4", (struct proc_options){.input = data, .input_len = len},
		&e);
	check_int("not all was read", e.exit_status, 4);
	ending_release(&e);
	free(data);
}

struct seen {
	struct ending end; /* first: it is what on_done() gets */
	struct buf text[2];
	struct proc *proc;
	int calls;
	bool cancels;
};

static void on_output(void *data, int stream, const char *bytes, size_t len)
{
	struct seen *seen = data;

	seen->calls++;
	buf_add(&seen->text[stream - 1], bytes, len);
	if (seen->cancels)
		proc_cancel(seen->proc);
}

static bool has_line(void *data)
{
	const struct seen *seen = data;

	return strchr(buf_str(&seen->text[0]), '\n') != NULL;
}

static void output_streams_as_it_comes(void **state)
{
	struct seen seen = {0};
	const char *const argv[] = {
		"sh", "-c", "echo first; read -r go; echo $go; echo e >&2", NULL};
	int fifo[2];

	(void)state;
	assert_int_equal(0, pipe2(fifo, O_CLOEXEC));
	seen.proc = proc_start(loop,
		&(struct proc_options){.argv = argv, .input_fd = fifo[0], .on_output = on_output},
		on_done, &seen);
	close(fifo[0]);
	until("the first line", has_line, &seen);
	check_str("before the end", seen.text[0].data, "first\n");
	assert_int_equal(5, write(fifo[1], "then\n", 5));
	until("the end", has_ended, &seen);
	check_str("all", seen.text[0].data, "first\nthen\n");
	check_str("stderr", seen.text[1].data, "e\n");
	check_str("nothing is kept", seen.end.out, "");
	close(fifo[1]);
	buf_release(&seen.text[0]);
	buf_release(&seen.text[1]);
	ending_release(&seen.end);
}

static void a_file_is_input_and_output(void **state)
{
	struct ending e = {0};
	char from[] = "/tmp/weir-test-proc-XXXXXX", to[] = "/tmp/weir-test-proc-XXXXXX",
	     text[8] = "";
	int in = mkstemp(from), out = mkstemp(to);

	(void)state;
	assert_true(in > 2 && out > 2);
	assert_int_equal(6, write(in, "abcdef", 6));
	lseek(in, 2, SEEK_SET);
	run("cat; echo e >&2", (struct proc_options){.input_fd = in, .output_fd = out}, &e);
	check_int("its offset is shared", lseek(in, 0, SEEK_CUR), 6);
	check_int("written", pread(out, text, sizeof(text), 0), 4);
	check_str("from the offset on", text, "cdef");
	check_str("stderr is kept", e.err_out, "e\n");
	ending_release(&e);
	close(in);
	close(out);
	unlink(from);
	unlink(to);
}

static pid_t first_number(struct seen *seen)
{
	int64_t pid = 0;

	until("a line", has_line, seen);
	seen->text[0].data[seen->text[0].len - 1] = 0;
	assert_true(str_to_int64(seen->text[0].data, &pid));
	buf_reset(&seen->text[0]);
	return (pid_t)pid;
}

static struct proc *start_line(const char *line, struct seen *seen, int64_t timeout_ms)
{
	const char *const argv[] = {"sh", "-c", line, NULL};

	memset(seen, 0, sizeof(*seen));
	return proc_start(loop,
		&(struct proc_options){
			.argv = argv, .on_output = on_output, .timeout_ms = timeout_ms},
		on_done, seen);
}

static void seen_release(struct seen *seen)
{
	buf_release(&seen->text[0]);
	buf_release(&seen->text[1]);
	ending_release(&seen->end);
}

static void cancel_ends_the_whole_group_and_tells_nobody(void **state)
{
	struct seen seen;
	struct proc *proc = start_line("sleep 1000 & echo $!; wait", &seen, 0);
	pid_t grandchild = first_number(&seen);

	(void)state;
	proc_cancel(proc);
	until("the grandchild's end", is_gone, (void *)(intptr_t)grandchild);
	assert_true(loop_run_until_idle(loop, DEADLINE_MS));
	check_int("nobody is told", seen.end.done, 0);
	seen_release(&seen);
}

static void who_ignores_term_is_killed_after_three_seconds(void **state)
{
	struct seen seen;
	struct proc *proc = start_line(
		"trap '' TERM; sh -c 'echo $$; while :; do sleep 1000; done' & wait; wait", &seen,
		0);
	pid_t stubborn = first_number(&seen);
	int64_t start = clock_mono_ms();

	(void)state;
	proc_cancel(proc);
	until("its end", is_gone, (void *)(intptr_t)stubborn);
	check_bool("it was given time", clock_mono_ms() - start >= 2900, true);
	seen_release(&seen);
}

static void a_timeout_ends_it(void **state)
{
	struct seen seen;
	struct proc *proc = start_line("sleep 1000 & echo $!; wait", &seen, 300);
	pid_t grandchild = first_number(&seen);

	(void)state;
	(void)proc;
	until("the end", has_ended, &seen);
	check_err("told", seen.end.err.code, &seen.end.err, E_TIMEOUT, "within 300 ms");
	check_str("how", seen.end.signal, "TERM");
	until("the grandchild's end", is_gone, (void *)(intptr_t)grandchild);
	seen_release(&seen);
}

/* setsid takes it out of the group: nothing can end it but its number. */
static void who_is_left_behind_holds_nobody_up(void **state)
{
	struct seen seen;
	struct proc *proc = start_line("setsid sleep 1000 & echo $!", &seen, 0);
	pid_t daemon = first_number(&seen);
	int64_t start = clock_mono_ms();

	(void)state;
	(void)proc;
	until("the end", has_ended, &seen);
	check_ok("fine", seen.end.err.code, &seen.end.err);
	check_bool("soon", clock_mono_ms() - start < 10000, true);
	check_int("it lives on", kill(daemon, 0), 0);
	kill(daemon, SIGKILL);
	seen_release(&seen);
}

static void cancel_from_inside_of_its_output(void **state)
{
	struct seen seen;
	struct proc *proc = start_line("echo one; echo two >&2; sleep 1000", &seen, 0);

	(void)state;
	seen.cancels = true;
	seen.proc = proc;
	assert_true(loop_run_until_idle(loop, DEADLINE_MS));
	check_int("one call", seen.calls, 1);
	check_int("not told", seen.end.done, 0);
	seen_release(&seen);
}

static void closing_the_loop_kills_what_was_canceled(void **state)
{
	struct seen seen;
	struct proc *proc = start_line(
		"trap '' TERM; sh -c 'echo $$; while :; do sleep 1000; done' & wait; wait", &seen,
		0);
	pid_t stubborn = first_number(&seen);
	struct err err = {0};

	(void)state;
	proc_cancel(proc);
	loop_close(loop);
	check_ok("open", loop_open(&loop, &err), &err);
	until("its end", is_gone, (void *)(intptr_t)stubborn);
	seen_release(&seen);
}

static void many_at_once(void **state)
{
	struct ending ends[60] = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		char *line = xasprintf("echo %zu; exit %zu", i, i);
		const char *const argv[] = {"sh", "-c", line, NULL};
		proc_start(loop, &(struct proc_options){.argv = argv}, on_done, &ends[i]);
		free(line);
	}
	assert_true(loop_run_until_idle(loop, DEADLINE_MS));
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		char *want = xasprintf("%zu\n", i);
		check_int("once", ends[i].done, 1);
		check_int("status", ends[i].exit_status, (int64_t)i);
		check_str("out", ends[i].out, want);
		free(want);
		ending_release(&ends[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_and_ends),
		cmocka_unit_test(none_of_our_descriptors_reaches_it),
		cmocka_unit_test(environment_and_folder),
		cmocka_unit_test(what_cannot_run_is_told),
		cmocka_unit_test(megabytes_go_in_and_out),
		cmocka_unit_test(output_streams_as_it_comes),
		cmocka_unit_test(a_file_is_input_and_output),
		cmocka_unit_test(cancel_ends_the_whole_group_and_tells_nobody),
		cmocka_unit_test(who_ignores_term_is_killed_after_three_seconds),
		cmocka_unit_test(a_timeout_ends_it),
		cmocka_unit_test(who_is_left_behind_holds_nobody_up),
		cmocka_unit_test(cancel_from_inside_of_its_output),
		cmocka_unit_test(closing_the_loop_kills_what_was_canceled),
		cmocka_unit_test(many_at_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
