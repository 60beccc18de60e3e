/* The source on a loop: each poll is answered once, canceled ones never, and a hanging disk ends in
 * a time-out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <locale.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/loop/work.h"
#include "core/source/workspace/workspace.h"

#define APP "apiVersion: weir/v1\nkind: Application\nname: "
#define DEADLINE_MS 60000
#define POOL_JOBS 128 /* more than libuv's pool can have threads by default */

struct fixture {
	struct loop *loop;
	struct source *source;
	char *dir;
};

/* One poll and its answer. */
struct answer {
	struct fixture *fixture;
	struct snapshot *snapshot; /* owned */
	int calls;
	bool close_source;
	struct source_poll *to_cancel;
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void put(const struct fixture *f, const char *path, const char *text)
{
	char *full = xasprintf("%s/%s", f->dir, path), *folder = xstrdup(full);
	struct err err;

	*strrchr(folder, '/') = '\0';
	assert_int_equal(file_mkdirs(folder, &err), 0);
	assert_int_equal(file_write(full, text, strlen(text), &err), 0);
	free(folder);
	free(full);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err;

	f->dir = xstrdup("/tmp/weir-workspace-XXXXXX");
	if (!mkdtemp(f->dir) || loop_open(&f->loop, &err))
		return -1;
	f->source = workspace_source_new(f->loop, "prod", f->dir);
	put(f, "teams/ods/apps/a.yaml", APP "a\n");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	source_close(f->source);
	loop_close(f->loop);
	nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(f->dir);
	free(f);
	return 0;
}

static void on_snapshot(void *data, struct snapshot *snapshot)
{
	struct answer *answer = data;

	answer->calls++;
	snapshot_unref(answer->snapshot);
	answer->snapshot = snapshot;
	if (answer->to_cancel)
		source_poll_cancel(answer->fixture->source, answer->to_cancel);
	if (answer->close_source) {
		source_close(answer->fixture->source);
		answer->fixture->source = NULL;
	}
}

static struct source_poll *ask(
	struct fixture *f, enum snapshot_kind what, int64_t timeout_ms, struct answer *answer)
{
	answer->fixture = f;
	return source_poll(f->source, &(struct poll){.what = what, .timeout_ms = timeout_ms},
		on_snapshot, answer);
}

static void run(struct fixture *f)
{
	assert_true(loop_run_until_idle(f->loop, DEADLINE_MS));
}

static void release(struct answer *answer)
{
	snapshot_unref(answer->snapshot);
	answer->snapshot = NULL;
}

static void poll_answers_then_is_unchanged(void **state)
{
	struct fixture *f = *state;
	struct answer answer = {0};

	ask(f, SNAPSHOT_WORKSPACE, 0, &answer);
	assert_int_equal(answer.calls, 0); /* never from inside the call */
	run(f);
	assert_int_equal(answer.calls, 1);
	const struct snapshot *snap = answer.snapshot;
	assert_int_equal(snap->err.code, 0);
	assert_string_equal(snap->context, "prod");
	assert_string_equal(snap->source, "workspace");
	assert_false(snap->is_unchanged);
	assert_int_equal(snap->team_count, 1);
	assert_int_equal(snap->app_count, 1);
	assert_string_equal(snap->apps[0].name, "a");
	assert_true(snap->observed_ms >= snap->asked_ms && snap->asked_ms > 0);

	ask(f, SNAPSHOT_WORKSPACE, 0, &answer);
	run(f);
	assert_int_equal(answer.calls, 2);
	assert_true(answer.snapshot->is_unchanged);
	assert_int_equal(answer.snapshot->app_count, 0);

	put(f, "teams/ods/apps/b.yaml", APP "b\n");
	ask(f, SNAPSHOT_WORKSPACE, 0, &answer);
	run(f);
	assert_false(answer.snapshot->is_unchanged);
	assert_int_equal(answer.snapshot->app_count, 2);
	assert_int_equal(source_cost(f->source, &(struct poll){.what = SNAPSHOT_WORKSPACE}), 0);
	release(&answer);
}

static void poll_failure_is_a_snapshot(void **state)
{
	struct fixture *f = *state;
	struct answer answer = {0};
	char *from = xasprintf("%s/teams", f->dir), *to = xasprintf("%s/away", f->dir);

	ask(f, SNAPSHOT_WORKSPACE, 0, &answer);
	run(f);
	assert_int_equal(rename(from, to), 0);
	ask(f, SNAPSHOT_WORKSPACE, 0, &answer);
	run(f);
	assert_int_equal(answer.snapshot->err.code, E_NOTFOUND);
	assert_int_equal(answer.snapshot->app_count, 0);
	assert_int_equal(rename(to, from), 0);
	ask(f, SNAPSHOT_WORKSPACE, 0, &answer);
	run(f);
	assert_int_equal(answer.snapshot->err.code, 0);
	assert_true(answer.snapshot->is_unchanged); /* since the last good one */
	assert_int_equal(answer.calls, 3);
	release(&answer);
	free(from);
	free(to);
}

static void poll_unsupported(void **state)
{
	struct fixture *f = *state;
	struct answer answer = {0}, canceled = {0};

	ask(f, SNAPSHOT_CLUSTER, 0, &answer);
	source_poll_cancel(f->source, ask(f, SNAPSHOT_JOB, 0, &canceled));
	assert_int_equal(answer.calls, 0);
	run(f);
	assert_int_equal(answer.calls, 1);
	assert_int_equal(answer.snapshot->err.code, E_UNSUPPORTED);
	assert_int_equal(answer.snapshot->kind, SNAPSHOT_CLUSTER);
	assert_int_equal(canceled.calls, 0);
	release(&answer);
}

/* What nobody received is no last good answer. */
static void poll_canceled_is_never_answered(void **state)
{
	struct fixture *f = *state;
	struct answer first = {0}, second = {0}, third = {0};
	struct source_poll *one = ask(f, SNAPSHOT_WORKSPACE, 0, &first);
	struct source_poll *two = ask(f, SNAPSHOT_WORKSPACE, 0, &second);

	source_poll_cancel(f->source, one);
	source_poll_cancel(f->source, two);
	source_poll_cancel(f->source, NULL);
	run(f);
	assert_int_equal(first.calls + second.calls, 0);
	ask(f, SNAPSHOT_WORKSPACE, 0, &third);
	run(f);
	assert_int_equal(third.calls, 1);
	assert_false(third.snapshot->is_unchanged);
	assert_int_equal(third.snapshot->app_count, 1);
	release(&third);
}

/* Polls that come while a scan runs share the next scan. */
static void polls_together(void **state)
{
	struct fixture *f = *state;
	struct answer answers[4] = {0};

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		ask(f, SNAPSHOT_WORKSPACE, 0, &answers[i]);
	run(f);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		assert_int_equal(answers[i].calls, 1);
		assert_int_equal(answers[i].snapshot->is_unchanged, i > 0);
		assert_true(i < 2 || answers[i].snapshot == answers[1].snapshot);
	}
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		release(&answers[i]);
}

static void answer_cancels_another_and_closes(void **state)
{
	struct fixture *f = *state;
	struct answer first = {0}, second = {0}, third = {0}, fourth = {0};

	ask(f, SNAPSHOT_WORKSPACE, 0, &first);
	ask(f, SNAPSHOT_WORKSPACE, 0, &second); /* these three share the second scan */
	second.to_cancel = ask(f, SNAPSHOT_WORKSPACE, 0, &third);
	second.close_source = true;
	ask(f, SNAPSHOT_WORKSPACE, 0, &fourth);
	run(f);
	assert_int_equal(first.calls, 1);
	assert_int_equal(second.calls, 1);
	assert_int_equal(third.calls, 0);
	assert_int_equal(fourth.calls, 0);
	assert_null(f->source);
	release(&first);
	release(&second);
}

static void close_while_a_scan_runs(void **state)
{
	struct fixture *f = *state;
	struct answer answers[3] = {0};

	ask(f, SNAPSHOT_WORKSPACE, 0, &answers[0]);
	ask(f, SNAPSHOT_WORKSPACE, 0, &answers[1]);
	ask(f, SNAPSHOT_CLUSTER, 0, &answers[2]);
	source_close(f->source);
	f->source = NULL;
	run(f);
	assert_int_equal(answers[0].calls + answers[1].calls + answers[2].calls, 0);
}

static void wait_for(void *data)
{
	sem_t *gate = data;

	while (sem_wait(gate) != 0)
		;
}

static void nothing(void *data)
{
	(void)data;
}

/* The disk "hangs": every thread of the pool is taken. */
static void poll_times_out(void **state)
{
	struct fixture *f = *state;
	struct answer late = {0}, next = {0};
	sem_t gate;

	assert_int_equal(sem_init(&gate, 0, 0), 0);
	for (int i = 0; i < POOL_JOBS; i++)
		work_start(f->loop, wait_for, nothing, &gate);
	ask(f, SNAPSHOT_WORKSPACE, 1, &late);
	for (int turns = 0; !late.calls && turns < 2000; turns++)
		loop_turn(f->loop, 10);
	assert_int_equal(late.calls, 1);
	assert_int_equal(late.snapshot->err.code, E_TIMEOUT);
	assert_non_null(strstr(late.snapshot->err.text, f->dir));
	ask(f, SNAPSHOT_WORKSPACE, 0, &next);
	for (int i = 0; i < POOL_JOBS; i++)
		sem_post(&gate);
	run(f);
	assert_int_equal(late.calls, 1);
	assert_int_equal(next.calls, 1);
	assert_false(next.snapshot->is_unchanged); /* the late scan was never delivered */
	assert_int_equal(next.snapshot->app_count, 1);
	release(&late);
	release(&next);
	sem_destroy(&gate);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(poll_answers_then_is_unchanged),
		CASE(poll_failure_is_a_snapshot),
		CASE(poll_unsupported),
		CASE(poll_canceled_is_never_answered),
		CASE(polls_together),
		CASE(answer_cancels_another_and_closes),
		CASE(close_while_a_scan_runs),
		CASE(poll_times_out),
	};
#undef CASE
	return cmocka_run_group_tests(tests, NULL, NULL);
}
