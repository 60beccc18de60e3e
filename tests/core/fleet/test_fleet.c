/* Snapshots in, items and changes out: who is tied to whom, and what is told. */
#include "core/fleet/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"

#define T0 1800000000000
#define POLL 2000

struct world {
	struct fleet *fleet;
	int64_t now;
	struct change last[64]; /* of the last apply; refs are not to be read later */
	char refs[64][128];
	size_t count;
};

static void on_changes(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct world *world = data;
	(void)cause;
	world->count = count < 64 ? count : 64;
	for (size_t i = 0; i < world->count; i++) {
		world->last[i] = changes[i];
		snprintf(world->refs[i], sizeof(world->refs[i]), "%s", changes[i].ref);
	}
}

static int setup(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));
	world->fleet = fleet_new();
	world->now = T0;
	fleet_add_cluster(world->fleet, "prod", "s1", "standalone", "http://jm:8081");
	fleet_subscribe(world->fleet, on_changes, world);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	fleet_free(world->fleet);
	free(world);
	return 0;
}

static void apply(struct world *world, struct snapshot *snapshot)
{
	world->count = 0;
	if (!snapshot->observed_ms)
		snapshot->observed_ms = world->now;
	snapshot->asked_ms = snapshot->observed_ms;
	fleet_apply(world->fleet, snapshot, world->now);
	snapshot_unref(snapshot);
	world->now += POLL;
}

/* "id name STATUS" each; ids are padded to 32. */
static struct snapshot *cluster_answer(const char *const (*jobs)[3], size_t count, int taskmanagers)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_CLUSTER, "prod", "s1", NULL);
	s->cluster = (struct cluster_status){.address = "http://jm:8081",
		.flink_version = "1.20.5",
		.taskmanagers = taskmanagers,
		.slots_total = 8,
		.slots_free = 4};
	struct job_summary *list = arena_calloc(s->arena, count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		snprintf(list[i].id, sizeof(list[i].id), "%-32s", jobs[i][0]);
		for (char *c = list[i].id; *c; c++)
			if (*c == ' ')
				*c = '0';
		list[i].name = arena_strdup(s->arena, jobs[i][1]);
		list[i].status = job_status_parse(jobs[i][2]);
		list[i].start_ms = T0 - 1000 * 3600 + (int64_t)i;
		list[i].end_ms = -1;
		list[i].modified_ms = T0 - 1000 * 3600;
		list[i].tasks = (struct task_counts){.total = 2, .running = 2};
	}
	s->jobs = list;
	s->job_count = count;
	return s;
}
#define JOBS(...)                                                                                  \
	(const char *const[][3])                                                                   \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define ANSWER(world, n, ...) apply(world, cluster_answer(JOBS(__VA_ARGS__), n, 1))

static void no_answer(struct world *world)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_CLUSTER, "prod", "s1", NULL);
	err_set(&s->err, E_NET, "GET http://jm:8081/jobs/overview: connection refused");
	apply(world, s);
}

/* "name" each, in team ods, on cluster s1, job name = name. */
static void declare(struct world *world, const char *const *names, size_t count)
{
	struct snapshot *s = snapshot_new(SNAPSHOT_WORKSPACE, "prod", "workspace", NULL);
	struct team_decl *team = arena_alloc(s->arena, sizeof(*team));
	team->name = "ods";
	struct app_decl *apps = arena_calloc(s->arena, count + 1, sizeof(*apps));
	for (size_t i = 0; i < count; i++)
		apps[i] = (struct app_decl){.team = "ods",
			.name = names[i],
			.job_name = names[i],
			.cluster = "s1",
			.parallelism = -1,
			.path = "x.yaml",
			.text = names[i]};
	s->teams = team;
	s->team_count = 1;
	s->apps = apps;
	s->app_count = count;
	apply(world, s);
}
#define DECLARE(world, ...)                                                                        \
	declare(world, (const char *const[]){__VA_ARGS__},                                         \
		ARRAY_SIZE(((const char *const[]){__VA_ARGS__})))

static struct app *app_named(struct world *world, const char *word)
{
	struct app *found[2];
	size_t count = fleet_find_apps(world->fleet, word, found, 2);
	return count == 1 ? found[0] : NULL;
}

static size_t app_count(struct world *world)
{
	size_t count;
	fleet_apps(world->fleet, &count);
	return count;
}

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
	err_set(&s->err, E_REMOTE, "GET http://jm:8081/jobs/overview: HTTP 503: leader election");
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
	err_set(&s->err, E_CONFIG, "workspace /x: no such folder");
	apply(w, s);
	assert_int_equal(app_count(w), 1);
	assert_non_null(fleet_workspace_error(w->fleet, "prod"));
	DECLARE(w, "orders");
	assert_null(fleet_workspace_error(w->fleet, "prod"));
}

static struct snapshot *detail(struct world *w, int64_t restarts, int failures, int64_t apart_ms)
{
	struct snapshot *s =
		snapshot_new(SNAPSHOT_JOB, "prod", "s1", "a0000000000000000000000000000000");
	struct job_detail *d = &s->detail;
	d->parts = JOB_PARTS_ROW;
	d->parallelism = 2;
	d->restarts = restarts;
	struct exception *e = arena_calloc(s->arena, (size_t)failures + 1, sizeof(*e));
	for (int i = 0; i < failures; i++)
		e[i] = (struct exception){.name = "X",
			.text = "X",
			.cause = "X: boom",
			.time_ms = w->now - i * apart_ms};
	d->exceptions = e;
	d->exception_count = (size_t)failures;
	return s;
}

static void three_failures_in_ten_minutes_are_a_loop(void **state)
{
	struct world *w = *state;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	apply(w, detail(w, 2, 2, 1000));
	assert_int_equal(app_named(w, "orders")->state, STATE_RUNNING);
	apply(w, detail(w, 3, 3, 1000));
	struct app *app = app_named(w, "orders");
	assert_int_equal(app->state, STATE_RESTARTING);
	assert_int_equal(app->detail, DETAIL_LOOPING);
	assert_string_equal(app->job->last_exception, "X: boom");
	assert_true(app->job->restarts_per_hour >= 3);
	/* Ten quiet minutes later it is no loop any more. */
	w->now += LOOP_WINDOW_MS + 60000;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	assert_int_equal(app_named(w, "orders")->state, STATE_RUNNING);
}

static void failures_of_yesterday_are_no_loop(void **state)
{
	struct world *w = *state;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	apply(w, detail(w, 9, 9, 3600 * 1000));
	assert_int_equal(app_named(w, "orders")->state, STATE_RUNNING);
	assert_int_equal(app_named(w, "orders")->job->restarts, 9);
}

static void a_counter_that_climbs_between_samples_is_a_loop_too(void **state)
{
	struct world *w = *state;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	apply(w, detail(w, 5, 0, 0));
	w->now += 61000;
	apply(w, detail(w, 9, 0, 0));
	assert_int_equal(app_named(w, "orders")->job->recent_restarts, 4);
	assert_int_equal(app_named(w, "orders")->detail, DETAIL_LOOPING);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Its history is emptied then, and its counter begins anew. */
static void a_loop_goes_on_under_the_next_leader(void **state)
{
	struct world *w = *state;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	apply(w, detail(w, 5, 0, 0));
	w->now += 60000;
	apply(w, detail(w, 7, 0, 0));
	const struct app *app = app_named(w, "orders");
	check_str("twice", app_state_name(app->state), "RUNNING");
	w->now += 60000;
	apply(w, detail(w, 0, 0, 0));
	check_int("its counter", app->job->restarts, 0);
	check_int("before", app->job->restarts_before, 7);
	check_str("not by itself", app_state_name(app->state), "RUNNING");
	w->now += 60000;
	apply(w, detail(w, 1, 0, 0));
	check_int("in these minutes", app->job->recent_restarts, 3);
	check_str("three times", state_detail_name(app->detail), "LOOPING");
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
		CASE(three_failures_in_ten_minutes_are_a_loop),
		CASE(failures_of_yesterday_are_no_loop),
		CASE(a_counter_that_climbs_between_samples_is_a_loop_too),
		CASE(a_loop_goes_on_under_the_next_leader),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
