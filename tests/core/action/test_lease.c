/*
 * A process that was stopped for long (SIGSTOP, a laptop that slept) may find that somebody else has
 * taken its run over and settled it: what it had not sent yet, it must not send any more. Here the
 * clock jumps instead, and the lease changes hands in the file.
 */
#include <sqlite3.h>

#include "core/store/journal/run.h"
#include "tests/core/action/stage.h"

struct pause {
	struct stage *s;
	struct loop_timer *timer;
	bool nobody_comes;
	int jumps;
	enum run_state at; /* in which the clock jumps; RUN_STATE_MAX: when /config is asked for */
};

static struct pause *told;

/* As another process would. */
static void take_over(struct stage *s)
{
	char *path = temp_path(s->dir, "registry.db"), *why = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_exec(db, "UPDATE lease SET epoch = epoch + 1", NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	check_int("there was a lease", sqlite3_changes(db), 1);
	sqlite3_close(db);
	free(path);
}

static void jump(void *data)
{
	struct pause *pause = data;

	if (pause->jumps++)
		return;
	clock_fix(clock_wall_ms() + 2 * RUN_STALE_MS, clock_mono_ms() + 2 * RUN_STALE_MS);
	if (!pause->nobody_comes)
		take_over(pause->s);
}

/* Then its row and its lease are there, and its answer is on its way. */
static void jump_when_asked(void *data)
{
	struct pause *pause = data;

	if (!pause->jumps && httpd_requests(pause->s->server, "GET /config"))
		jump(pause);
}

static void on_sent(void *data, const struct run *run)
{
	(void)data;
	if (run->state == told->at)
		jump(told);
}

/* The clock that jumps is no deadline: turns are counted. */
static void play(struct pause *pause)
{
	struct stage *s = pause->s;

	told = pause;
	serve(s, "GET /jobs/" JOB "/status", RUNNING);
	serve(s, "POST *", "{}");
	serve(s, "GET /jobs/" JOB "/savepoints/*", COMPLETED);
	s->options.on_change = on_sent;
	s->options.act = &act_savepoint;
	s->action = action_new(&s->options);
	for (int turns = 0; !s->is_back && turns < 3000; turns++)
		loop_turn(s->loop, 10);
	clock_fix(0, 0);
	loop_timer_cancel(pause->timer);
	assert_true(s->is_back);
	s->is_back = false;
	check_int("the clock has jumped", pause->jumps, 1);
}

static void stopped_between_the_row_and_the_sending(void **state)
{
	struct pause pause = {.s = *state, .at = RUN_SENT};

	serve(pause.s, "GET /config", CONFIG);
	play(&pause);
	check_int("nothing left", sent(pause.s), 0);
	check_err("it is theirs", pause.s->err.code, &pause.s->err, E_CONFLICT, "taken over");
}

/* Looked up again, and found to be ours: it is sent, once. */
static void stopped_and_nobody_came(void **state)
{
	struct pause pause = {.s = *state, .at = RUN_SENT, .nobody_comes = true};

	serve(pause.s, "GET /config", CONFIG);
	play(&pause);
	check_int("sent", sent(pause.s), 1);
	newest(pause.s, "row");
	check_str("row", run_state_name(pause.s->row->state), "DONE");
}

/* While the JobManager is asked whether it is one. */
static void stopped_right_before_the_request(void **state)
{
	struct pause pause = {.s = *state, .at = RUN_STATE_MAX};

	httpd_on(pause.s->server, "GET /config",
		&(struct httpd_answer){.body = CONFIG, .fault = HTTPD_DRIP, .drip_ms = 8});
	pause.s->options.request_ms = 10000;
	pause.timer = loop_timer(pause.s->loop, 10, 10, jump_when_asked, &pause);
	play(&pause);
	check_int("nothing left", sent(pause.s), 0);
	check_int("refused", pause.s->err.code, E_CONFLICT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			stopped_between_the_row_and_the_sending, setup, teardown),
		cmocka_unit_test_setup_teardown(stopped_and_nobody_came, setup, teardown),
		cmocka_unit_test_setup_teardown(stopped_right_before_the_request, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
