/* Snapshots in, items and changes out: who is tied to whom, and what is told. */
#include "tests/core/fleet/kit.h"

static void a_job_nobody_declared_is_its_own_application(void **state)
{
	struct world *w = *state;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	assert_int_equal(app_count(w), 1);
	struct app *app = app_named(w, "orders");
	assert_non_null(app);
	assert_null(app->decl);
	assert_string_equal(app->source, "flink:s1");
	assert_int_equal(app->state, STATE_RUNNING);
	assert_ptr_equal(app, app_named(w, "s1/orders"));
	assert_ptr_equal(app, app_named(w, "a0000000000000000000000000000000"));
}

static void a_name_means_the_declared_application(void **state)
{
	struct world *w = *state;
	ANSWER(w, 2, {"a", "orders", "FINISHED"}, {"b", "orders", "RUNNING"});
	assert_null(app_named(w, "orders"));
	DECLARE(w, "orders");
	assert_int_equal(app_count(w), 2);
	assert_string_equal(app_named(w, "orders")->decl->name, "orders");
	assert_null(app_named(w, "a0000000000000000000000000000000")->decl);
	assert_null(app_named(w, "s1/orders")->decl);
}

static void a_declared_application_takes_the_live_job_of_its_name(void **state)
{
	struct world *w = *state;
	ANSWER(w, 2, {"a", "orders", "RUNNING"}, {"b", "other", "RUNNING"});
	DECLARE(w, "orders", "never");
	assert_int_equal(app_count(w), 3);
	struct app *app = app_named(w, "ods/orders");
	assert_non_null(app->decl);
	assert_string_equal(app->job->name, "orders");
	assert_int_equal(app->state, STATE_RUNNING);
	assert_int_equal(app_named(w, "never")->state, STATE_ADDED);
	assert_null(app_named(w, "other")->decl);
}

static void before_anybody_answered_a_declared_application_is_unknown(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	assert_int_equal(app_named(w, "orders")->state, STATE_UNKNOWN);
	no_answer(w);
	assert_int_equal(app_named(w, "orders")->state, STATE_UNKNOWN);
	no_answer(w);
	assert_int_equal(app_named(w, "orders")->state, STATE_UNREACHABLE);
	ANSWER(w, 0, {"", "", ""});
	assert_int_equal(app_named(w, "orders")->state, STATE_ADDED);
}

static void the_live_run_wins_over_ended_ones_of_its_name(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	ANSWER(w, 3, {"a", "orders", "RUNNING"}, {"b", "orders", "FAILED"},
		{"c", "orders", "CANCELED"});
	assert_int_equal(app_named(w, "ods/orders")->state, STATE_RUNNING);
	assert_int_equal(app_count(w), 3);
	/* The others are found by their ids: the plain name means the application. */
	assert_ptr_equal(app_named(w, "orders"), app_named(w, "ods/orders"));
	assert_null(app_named(w, "b0000000000000000000000000000000")->decl);
}

static void without_a_live_run_the_newest_is_shown(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	ANSWER(w, 2, {"a", "orders", "CANCELED"}, {"b", "orders", "FAILED"});
	struct app *app = app_named(w, "ods/orders");
	assert_int_equal(app->state, STATE_FAILED);
	assert_int_equal(app->job->summary.id[0], 'b');
}

static void two_live_jobs_of_a_name_tie_none_and_say_so(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	ANSWER(w, 2, {"a", "orders", "RUNNING"}, {"b", "orders", "RUNNING"});
	struct app *app = app_named(w, "ods/orders");
	assert_null(app->job);
	assert_int_equal(app->duplicates, 2);
	assert_int_equal(app->detail, DETAIL_DUPLICATE);
	assert_int_equal(app_count(w), 3);
	ANSWER(w, 2, {"a", "orders", "CANCELED"}, {"b", "orders", "RUNNING"});
	app = app_named(w, "ods/orders");
	assert_int_equal(app->state, STATE_RUNNING);
	assert_int_equal(app->job->summary.id[0], 'b');
}

static void an_undeclared_application_leaves_its_job_behind(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	assert_int_equal(app_count(w), 1);
	declare(w, NULL, 0);
	assert_int_equal(app_count(w), 1);
	assert_null(app_named(w, "orders")->decl);
	DECLARE(w, "orders");
	assert_int_equal(app_count(w), 1);
	assert_non_null(app_named(w, "orders")->decl);
}

/* Nobody told whether TaskManagers are registered: that stays as it was, and a missing job is a doubt. */
static void a_list_of_jobs_alone_decides_nothing(void **state)
{
	struct world *w = *state;
	struct snapshot *alone;

	DECLARE(w, "orders");
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	const struct cluster *cluster = app_named(w, "orders")->cluster;
	for (int i = 0; i < LOST_ANSWERS + 1; i++) {
		alone = cluster_answer(NULL, 0, -1);
		alone->cluster.flink_version = NULL;
		alone->cluster.slots_total = alone->cluster.slots_free = -1;
		apply(w, alone);
		check_str("in doubt", app_state_name(app_named(w, "orders")->state), "UNKNOWN");
		check_int("asked again", cluster->doubtful_jobs, 1);
		check_int("TaskManagers", cluster->status.taskmanagers, 1);
		check_int("slots", cluster->status.slots_free, 4);
		check_str("version", cluster->flink_version, "1.20.5");
	}
	for (int i = 0; i < LOST_ANSWERS; i++)
		apply(w, cluster_answer(NULL, 0, 1));
	check_str("decided", app_state_name(app_named(w, "orders")->state), "LOST");
	check_int("no doubt", cluster->doubtful_jobs, 0);
}

static void missing_twice_with_taskmanagers_is_lost(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	ANSWER(w, 0, {"", "", ""});
	assert_int_equal(app_named(w, "orders")->state, STATE_UNKNOWN);
	assert_int_equal(app_named(w, "orders")->detail, DETAIL_MISSING);
	ANSWER(w, 0, {"", "", ""});
	assert_int_equal(app_named(w, "orders")->state, STATE_LOST);
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	assert_int_equal(app_named(w, "orders")->state, STATE_RUNNING);
}

static void a_jobmanager_without_taskmanagers_loses_nothing(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	for (int i = 0; i < 5; i++)
		apply(w, cluster_answer(NULL, 0, 0));
	assert_int_equal(app_named(w, "orders")->detail, DETAIL_MISSING);
}

static void no_leader(struct world *world)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_CLUSTER, "prod", "s1", NULL);
	snapshot_fail(s, E_REMOTE, "GET http://jm:8081/jobs/overview: HTTP 503: leader election");
	s->is_leaderless = true;
	apply(world, s);
}

static void a_change_of_the_leader_loses_nothing(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	const struct app *app = app_named(w, "orders");
	no_leader(w);
	check_str("at once", app_state_name(app->state), "RESTARTING");
	check_str("why", state_detail_name(app->detail), "LEADER_CHANGING");
	no_answer(w); /* both were silent in between */
	no_leader(w);
	no_leader(w);
	check_str("still", state_detail_name(app->detail), "LEADER_CHANGING");
	assert_true(app->cluster->is_leader_changing);
	/* The new one leads, and does not list it yet, though TaskManagers are back. */
	for (int i = 0; i < 4; i++)
		apply(w, cluster_answer(JOBS({"b", "other", "RUNNING"}), 1, 1));
	check_str("not yet lost", app_state_name(app->state), "UNKNOWN");
	assert_false(app->cluster->is_leader_changing);
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	check_str("recovered", app_state_name(app->state), "RUNNING");
	/* Long after, who does not list it has lost it. */
	w->now += LEADER_SETTLE_MS;
	for (int i = 0; i < LOST_ANSWERS; i++)
		apply(w, cluster_answer(JOBS({"b", "other", "RUNNING"}), 1, 1));
	check_str("lost", app_state_name(app->state), "LOST");
}

static void a_leader_that_never_comes_is_an_outage(void **state)
{
	struct world *w = *state;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	const struct app *app = app_named(w, "orders");
	for (int i = 0; i < LEADER_CHANGE_MS / POLL; i++)
		no_leader(w);
	check_str("so long", state_detail_name(app->detail), "LEADER_CHANGING");
	no_leader(w);
	check_str("too long", app_state_name(app->state), "UNREACHABLE");
	assert_false(app->cluster->is_leader_changing);
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	no_leader(w);
	check_str("another one", state_detail_name(app->detail), "LEADER_CHANGING");
	no_answer(w);
	no_answer(w);
	check_str("all are gone now", app_state_name(app->state), "UNREACHABLE");
}

static void a_job_that_comes_back_under_a_new_id_is_followed(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	ANSWER(w, 1, {"b", "orders", "RUNNING"});
	assert_int_equal(app_count(w), 1);
	assert_int_equal(app_named(w, "orders")->job->summary.id[0], 'b');
	assert_int_equal(app_named(w, "orders")->state, STATE_RUNNING);
}

static void an_ended_job_that_flink_forgot_stays_with_its_application(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	ANSWER(w, 2, {"a", "orders", "FAILED"}, {"b", "stray", "FINISHED"});
	assert_int_equal(app_count(w), 2);
	ANSWER(w, 0, {"", "", ""});
	assert_int_equal(app_named(w, "orders")->state, STATE_FAILED);
	assert_int_equal(app_count(w), 1); /* the stray one is history */
}

static void what_is_remembered_is_not_an_answer(void **state)
{
	struct world *w = *state;
	struct snapshot *s = cluster_answer(JOBS({"a", "orders", "RUNNING"}), 1, 1);
	s->from_store = true;
	s->observed_ms = T0 - 3 * 3600 * 1000LL;
	apply(w, s);
	struct app *app = app_named(w, "orders");
	assert_int_equal(app->state, STATE_RUNNING);
	assert_int_equal(app->job->seen_ms, T0 - 3 * 3600 * 1000LL);
	assert_false(app->cluster->has_answered);
	/* Three hours later it is not there: ended unseen, not lost; nobody declared it: it goes.
	 */
	ANSWER(w, 0, {"", "", ""});
	assert_int_equal(app_count(w), 0);
}

static void a_declared_one_that_ended_unseen_is_said_to_be_expired(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	struct snapshot *s = cluster_answer(JOBS({"a", "orders", "RUNNING"}), 1, 1);
	s->from_store = true;
	s->observed_ms = T0 - 3 * 3600 * 1000LL;
	apply(w, s);
	ANSWER(w, 0, {"", "", ""});
	assert_int_equal(app_named(w, "orders")->state, STATE_UNKNOWN);
	assert_int_equal(app_named(w, "orders")->detail, DETAIL_EXPIRED);
}

static bool told(const struct world *w, enum kind kind, unsigned what)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->last[i].kind == kind && (w->last[i].what & what) == what)
			return true;
	return false;
}

static void an_unchanged_poll_tells_only_that_the_cluster_was_seen(void **state)
{
	struct world *w = *state;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	assert_true(told(w, KIND_APP, CHANGE_ADDED));
	assert_true(told(w, KIND_JOB, CHANGE_ADDED));
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	assert_int_equal(w->count, 1);
	assert_int_equal(w->last[0].kind, KIND_CLUSTER);
	assert_int_equal(w->last[0].what, CHANGE_SEEN);
}

static void a_change_of_state_is_told_with_its_former_state(void **state)
{
	struct world *w = *state;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	ANSWER(w, 1, {"a", "orders", "FAILED"});
	for (size_t i = 0; i < w->count; i++)
		if (w->last[i].what & CHANGE_STATE) {
			assert_int_equal(w->last[i].from, STATE_RUNNING);
			return;
		}
	fail_msg("no change of state was told");
}

static void counts_go_with_the_states(void **state)
{
	struct world *w = *state;
	int counts[STATE_MAX];
	DECLARE(w, "orders", "never");
	ANSWER(w, 3, {"a", "orders", "RUNNING"}, {"b", "x", "FAILED"}, {"c", "y", "RUNNING"});
	fleet_count_states(w->fleet, counts);
	assert_int_equal(counts[STATE_RUNNING], 2);
	assert_int_equal(counts[STATE_FAILED], 1);
	assert_int_equal(counts[STATE_ADDED], 1);
	size_t teams;
	struct team *team = fleet_teams(w->fleet, &teams)[0];
	assert_int_equal(team->apps, 2);
	assert_int_equal(team->counts[STATE_RUNNING], 1);
	declare(w, NULL, 0);
	assert_int_equal(team->apps, 0);
	no_answer(w);
	no_answer(w);
	fleet_count_states(w->fleet, counts);
	assert_int_equal(counts[STATE_UNREACHABLE], 2); /* those that ran */
	assert_int_equal(counts[STATE_FAILED], 1);
}

static void a_failed_scan_keeps_what_was_declared(void **state)
{
	struct world *w = *state;
	DECLARE(w, "orders");
	struct snapshot *s = snapshot_new(SNAPSHOT_WORKSPACE, "prod", "workspace", NULL);
	snapshot_fail(s, E_CONFIG, "workspace /x: no such folder");
	apply(w, s);
	assert_int_equal(app_count(w), 1);
	assert_non_null(fleet_workspace_error(w->fleet, "prod"));
	DECLARE(w, "orders");
	assert_null(fleet_workspace_error(w->fleet, "prod"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_job_nobody_declared_is_its_own_application),
		CASE(a_name_means_the_declared_application),
		CASE(a_declared_application_takes_the_live_job_of_its_name),
		CASE(before_anybody_answered_a_declared_application_is_unknown),
		CASE(the_live_run_wins_over_ended_ones_of_its_name),
		CASE(without_a_live_run_the_newest_is_shown),
		CASE(two_live_jobs_of_a_name_tie_none_and_say_so),
		CASE(an_undeclared_application_leaves_its_job_behind),
		CASE(missing_twice_with_taskmanagers_is_lost),
		CASE(a_list_of_jobs_alone_decides_nothing),
		CASE(a_jobmanager_without_taskmanagers_loses_nothing),
		CASE(a_change_of_the_leader_loses_nothing),
		CASE(a_leader_that_never_comes_is_an_outage),
		CASE(a_job_that_comes_back_under_a_new_id_is_followed),
		CASE(an_ended_job_that_flink_forgot_stays_with_its_application),
		CASE(what_is_remembered_is_not_an_answer),
		CASE(a_declared_one_that_ended_unseen_is_said_to_be_expired),
		CASE(an_unchanged_poll_tells_only_that_the_cluster_was_seen),
		CASE(a_change_of_state_is_told_with_its_former_state),
		CASE(counts_go_with_the_states),
		CASE(a_failed_scan_keeps_what_was_declared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
