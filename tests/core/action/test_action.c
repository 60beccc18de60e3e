/*
 * Runs that meet one another, are left and settled; and what is refused before anything is sent.
 * How real JobManagers answer: tests/e2e/test_verbs.c.
 */
#include "tests/core/action/stage.h"

static void serve_lost(struct stage *s)
{
	forget(s);
	serve(s, "GET /config", CONFIG);
	serve(s, "GET /jobs/" JOB "/status", RUNNING);
	httpd_on(s->server, "POST *", &(struct httpd_answer){.fault = HTTPD_CLOSE});
	httpd_on(s->server, "GET *", &(struct httpd_answer){.fault = HTTPD_SILENT});
}

static void serve_done(struct stage *s)
{
	forget(s);
	serve(s, "GET /config", CONFIG);
	serve(s, "GET /jobs/" JOB "/status", RUNNING);
	httpd_on(s->server, "POST *", &(struct httpd_answer){.fault = HTTPD_CLOSE});
	serve(s, "GET /jobs/" JOB "/savepoints/*", COMPLETED);
}

static void unknown_run_is_settled_by_asking(void **state)
{
	struct stage *s = *state;

	serve_lost(s);
	act(s, "lost", &act_savepoint);
	check_int("unknown", s->err.code, E_UNKNOWN);
	newest(s, "row");
	check_bool("can be settled", s->row->is_orphan, true);
	check_has("why", run_current_step(s->row)->text, "connection closed without an answer");
	serve_done(s);
	s->options.source = NULL;
	action_settle(&s->options, s->row);
	wait(s, "its cluster is not known here");
	check_err("settle", s->err.code, &s->err, E_CONFIG, "cluster sessions is not in the");
	s->options.sources = &s->source;
	s->options.source_count = 1;
	action_settle(&s->options, s->row);
	wait(s, "settle");
	check_int("settled", s->err.code, 0);
	check_int("state", s->run->state, RUN_DONE);
	check_str("result", s->run->result, "file:/sp/savepoint-1");
	check_str("no doubt is left", run_current_step(s->run)->text,
		"savepoint at file:/sp/savepoint-1");
	check_int("sent once", sent(s), 1);
}

static void run_in_the_way_is_settled_first(void **state)
{
	struct stage *s = *state;
	char *first;

	serve_lost(s);
	act(s, "lost", &act_savepoint);
	first = xstrdup(s->run->trigger_id);
	serve_done(s);
	act(s, "second", &act_savepoint);
	check_int("second", s->err.code, 0);
	check_bool("ids are fresh", strcmp(first, s->run->trigger_id) != 0, true);
	check_int("two runs, two orders", sent(s), 2);
	newest(s, "rows");
	check_int("rows", (int64_t)s->rows, 2);
	free(first);
}

static void run_in_the_way_that_cannot_be_settled_stays(void **state)
{
	struct stage *s = *state;

	serve_lost(s);
	act(s, "lost", &act_savepoint);
	act(s, "second", &act_stop);
	check_int("second", s->err.code, E_CONFLICT);
	check_has("says why", s->err.text, "an earlier run has to be settled first");
	check_has("the plan said so", s->warnings, "(savepoint) is UNKNOWN, and nobody watches it");
	check_int("sent once", sent(s), 1);
	/* What is seen of its job meanwhile is no reason of its own. */
	s->job.summary.status = JOB_FINISHED;
	act(s, "ended", &act_stop);
	check_err("ended", s->err.code, &s->err, E_CONFLICT, "(savepoint) of orders is UNKNOWN");
	check_has("what to do", s->err.text, "weir settle orders");
	s->app.job = NULL;
	act(s, "none", &act_cancel);
	check_err("none", s->err.code, &s->err, E_CONFLICT, "(savepoint) of orders is UNKNOWN");
	newest(s, "rows");
	check_int("rows", (int64_t)s->rows, 1);
}

static void second_run_at_once_is_refused(void **state)
{
	struct stage *s = *state;
	struct stage other = *s;
	struct err err;

	serve_lost(s);
	s->options.act = &act_stop;
	s->options.doubt_ms = 20000;
	action_new(&s->options);
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;
	while (sent(s) == 0 && clock_mono_ms() < end_ms)
		loop_turn(s->loop, 20);
	other.calls = other.warnings = other.typed = other.restore = NULL;
	other.options.data = &other;
	other.run = other.row = NULL;
	act(&other, "second", &act_cancel);
	check_int("second", other.err.code, E_CONFLICT);
	check_has("names the first", other.err.text, "(stop) of orders is in progress");
	other.app.job = NULL;
	other.options.app = &other.app;
	act(&other, "no job", &act_savepoint);
	check_err("no job", other.err.code, &other.err, E_CONFLICT,
		"(stop) of orders is in progress");
	check_int("nothing of it was sent", httpd_requests(s->server, "PATCH *"), 0);
	check_err("cannot be called back", action_cancel(s->action, &err), &err, E_CONFLICT,
		"its stop was sent");
	action_drop(s->action);
	stage_plan(&other, NULL);
	newest(s, "dropped");
	check_bool("can be settled", s->row->is_orphan, true);
	check_bool("not told", s->is_back, false);
}

static void preflight_refuses_before_anything_is_asked(void **state)
{
	struct stage *s = *state;

	serve_done(s);
	s->config.readonly = true;
	act(s, "read-only", &act_savepoint);
	check_err("read-only", s->err.code, &s->err, E_DENIED, "prod is read-only");
	s->waits = s->options.only_plans = true;
	act(s, "a dry run", &act_savepoint);
	check_int("a dry run", s->err.code, 0);
	check_has("its plan", s->calls, "/savepoints");
	action_drop(s->action);
	s->waits = s->options.only_plans = s->config.readonly = false;
	s->app.state = STATE_LOST;
	act(s, "lost", &act_stop);
	check_err("lost", s->err.code, &s->err, E_CONFLICT, "is LOST");
	s->app.state = STATE_RUNNING;
	s->job.summary.status = JOB_FINISHED;
	act(s, "ended", &act_stop);
	check_err("ended", s->err.code, &s->err, E_CONFLICT, "has ended: FINISHED");
	s->app.job = NULL;
	s->app.duplicates = 2;
	act(s, "two", &act_stop);
	check_err("two", s->err.code, &s->err, E_CONFLICT, "2 applications say that jobName");
	s->app.duplicates = 0;
	act(s, "none", &act_stop);
	check_err("none", s->err.code, &s->err, E_CONFLICT, "has no job");
	check_int("nothing asked", httpd_counts(s->server).requests, 0);
	newest(s, "no row");
	check_int("no row", (int64_t)s->rows, 0);
}

static void dropped_before_it_was_told(void **state)
{
	struct stage *s = *state;

	s->options.act = &act_stop;
	s->config.readonly = true;
	action_drop(action_new(&s->options));
	assert_true(loop_run_until_idle(s->loop, DEADLINE_MS));
	check_bool("not told", s->is_back, false);
}

static void nobody_there_means_nothing_sent(void **state)
{
	struct stage *s = *state;

	httpd_stop(s->server);
	s->server = NULL;
	s->options.act = &act_stop;
	action_new(&s->options);
	wait(s, "nobody");
	check_err("nobody", s->err.code, &s->err, E_NET, "nothing was sent");
	newest(s, "no row");
	check_int("no row", (int64_t)s->rows, 0);
}

/* Verb by verb: who is away since when, what to do; and there is no row of what was never sent. */
static void each_order_says_who_is_away_since_when(void **state)
{
	static const struct {
		const struct act *act;
		const char *cure;
	} rows[] = {
		{&act_savepoint, "weir savepoint orders"},
		{&act_stop, "weir stop orders"},
		{&act_cancel, "weir cancel orders"},
		{&act_checkpoint, "weir checkpoint orders"},
	};
	struct stage *s = *state;

	setenv("TZ", "UTC", 1);
	httpd_stop(s->server);
	s->server = NULL;
	s->app.cluster = &s->cluster;
	s->cluster.misses = MISSED_POLLS;
	s->cluster.observed_ms = 1763719020000;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		s->is_back = false;
		s->options.act = rows[i].act;
		action_new(&s->options);
		wait(s, rows[i].cure);
		check_has(rows[i].cure, s->warnings,
			"cluster sessions has not answered since 2025-11-21 09:57:00: nothing is "
			"sent to it unless it does now");
		check_err(rows[i].cure, s->err.code, &s->err, E_NET, "nothing was sent: GET http");
		check_has(rows[i].cure, s->err.text,
			"; cluster sessions has not answered since 2025-11-21 09:57:00. To see "
			"what "
			"is wrong: weir doctor sessions; once it answers again: ");
		check_has(rows[i].cure, s->err.text, rows[i].cure);
		newest(s, rows[i].cure);
		check_int(rows[i].cure, (int64_t)s->rows, 0);
	}
	/* Where no job is known, nobody can say that there is none. */
	s->app.job = NULL;
	s->cluster.observed_ms = 0;
	act(s, "no job is known", &act_stop);
	check_err("no job is known", s->err.code, &s->err, E_NET,
		"no job of ? is known, and cluster sessions has never answered. To see what is "
		"wrong: weir doctor sessions");
}

static void unwritable_store_sends_nothing(void **state)
{
	struct stage *s = *state;
	char *file = temp_path(s->dir, "file");

	serve_done(s);
	temp_file(file, "");
	store_close(s->store);
	stage_store(s, file);
	act(s, "unwritable", &act_savepoint);
	assert_true(s->err.code < 0);
	check_has("says so", s->err.text, "nothing was sent");
	assert_null(s->run);
	check_int("nothing sent", sent(s), 0);
	free(file);
}

static void detached_run_is_left_to_be_settled(void **state)
{
	struct stage *s = *state;

	forget(s);
	serve(s, "GET /config", CONFIG);
	serve(s, "GET /jobs/" JOB "/status", RUNNING);
	serve(s, "GET /jobs/" JOB "/status", CANCELED);
	httpd_on(s->server, "PATCH *", &(struct httpd_answer){.status = 202, .body = "{}"});
	s->options.is_detached = true;
	act(s, "detached", &act_cancel);
	check_int("accepted", s->err.code, 0);
	check_int("watching", s->run->state, RUN_WATCHING);
	newest(s, "row");
	check_bool("nobody watches", s->row->is_orphan, true);
	s->options.is_detached = false;
	action_settle(&s->options, s->row);
	wait(s, "settle");
	check_int("state", s->run->state, RUN_DONE);
	check_int("sent once", sent(s), 1);
}

static void plan_is_the_exact_calls(void **state)
{
	struct stage *s = *state;
	char *url = httpd_url(s->server, ""), *want, trigger[JOB_ID_LEN + 1] = "";
	const char *id;

	s->options.act = &act_stop;
	s->options.args = (struct action_args){.target_dir = "s3://bucket/sp", .drain = true};
	s->waits = true;
	act(s, "plan", &act_stop);
	id = strstr(s->calls, "\"triggerId\": \"");
	assert_non_null(id);
	memcpy(trigger, id + strlen("\"triggerId\": \""), JOB_ID_LEN);
	check_int("an id", (int64_t)strspn(trigger, "0123456789abcdef"), JOB_ID_LEN);
	want = xasprintf("POST %s/jobs/" JOB "/stop {\"drain\": true, \"targetDirectory\": "
			 "\"s3://bucket/sp\", \"triggerId\": \"%s\"}\n"
			 "GET %s/jobs/" JOB "/savepoints/%s until it is COMPLETED\n"
			 "GET %s/jobs/" JOB "/status until it is FINISHED\n",
		url, trigger, url, trigger, url);
	check_str("plan", s->calls, want);
	check_int("nothing asked", httpd_counts(s->server).requests, 0);
	forget(s);
	serve(s, "GET /config", CONFIG);
	serve(s, "GET /jobs/" JOB "/status", RUNNING);
	serve(s, "GET /jobs/" JOB "/status", FINISHED);
	httpd_on(s->server, "POST *", &(struct httpd_answer){.fault = HTTPD_CLOSE});
	serve(s, "GET /jobs/" JOB "/savepoints/*", COMPLETED);
	action_go(s->action);
	wait(s, "done");
	check_int("done", s->err.code, 0);
	check_str("what was shown is in the journal", s->run->plan, want);
	check_str("and is what was sent", s->run->trigger_id, trigger);
	free(want);
	free(url);
}

static void plan_that_is_dropped_leaves_nothing(void **state)
{
	struct stage *s = *state;

	s->waits = true;
	act(s, "plan", &act_stop);
	action_drop(s->action);
	newest(s, "no row");
	check_int("no row", (int64_t)s->rows, 0);
	check_int("nothing asked", httpd_counts(s->server).requests, 0);
}

static void canceled_before_anything_was_sent(void **state)
{
	struct stage *s = *state;
	struct err err;

	s->waits = true;
	httpd_on(s->server, "GET *", &(struct httpd_answer){.fault = HTTPD_SILENT});
	act(s, "plan", &act_stop);
	action_go(s->action);
	check_int("called off", action_cancel(s->action, &err), 0);
	check_bool("not from inside", s->is_back, false);
	wait(s, "canceled");
	check_err("canceled", s->err.code, &s->err, E_CANCELED, "was called off");
	assert_null(s->run);
	check_int("nothing sent", sent(s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unknown_run_is_settled_by_asking, setup, teardown),
		cmocka_unit_test_setup_teardown(run_in_the_way_is_settled_first, setup, teardown),
		cmocka_unit_test_setup_teardown(
			run_in_the_way_that_cannot_be_settled_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(second_run_at_once_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			preflight_refuses_before_anything_is_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(dropped_before_it_was_told, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_there_means_nothing_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(
			each_order_says_who_is_away_since_when, setup, teardown),
		cmocka_unit_test_setup_teardown(unwritable_store_sends_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			detached_run_is_left_to_be_settled, setup, teardown),
		cmocka_unit_test_setup_teardown(plan_is_the_exact_calls, setup, teardown),
		cmocka_unit_test_setup_teardown(
			plan_that_is_dropped_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(canceled_before_anything_was_sent, setup, teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
