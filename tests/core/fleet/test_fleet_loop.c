/* What is a loop, what waits for slots, and which job of a name is whose. */
#include "tests/core/fleet/kit.h"

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

static struct snapshot *checkpoints_alone(struct world *w)
{
	struct snapshot *s = detail(w, -1, 0, 1);

	s->detail.parts = JOB_PART_CHECKPOINTS;
	return s;
}

/* Exceptions and restarts are asked for only when tasks changed: in between the row says the same. */
static void parts_of_an_answer_take_nothing_back(void **state)
{
	struct world *whole = *state, *parts;
	int64_t restarts = 0;
	uint32_t random = 7;

	setup((void **)&parts);
	for (int i = 0; i < 400; i++) {
		const struct job *a, *b;

		ANSWER(whole, 1, {"a", "orders", "RUNNING"});
		ANSWER(parts, 1, {"a", "orders", "RUNNING"});
		random = random * 1664525u + 1013904223u;
		whole->now += (random >> 8) % 90000;
		parts->now = whole->now;
		if (i % 10 == 0 || (random >> 16) % 20 == 0) {
			restarts += (random >> 20) % 3;
			apply(whole, detail(whole, restarts, (int)(restarts % 16), 60000));
			apply(parts, detail(parts, restarts, (int)(restarts % 16), 60000));
		} else {
			apply(parts, checkpoints_alone(parts));
			whole->now = parts->now;
			ANSWER(whole, 1, {"a", "orders", "RUNNING"});
			ANSWER(parts, 1, {"a", "orders", "RUNNING"});
		}
		a = app_named(whole, "orders")->job;
		b = app_named(parts, "orders")->job;
		assert_int_equal(
			app_named(whole, "orders")->state, app_named(parts, "orders")->state);
		assert_true(a->restarts == b->restarts && a->restart_gap_ms == b->restart_gap_ms);
		assert_int_equal(a->recent_restarts, b->recent_restarts);
		assert_true(b->restarts_per_hour >= 0);
		assert_true(a->restarts_per_hour == b->restarts_per_hour);
		check_str("exception", b->last_exception, a->last_exception);
	}
	teardown((void **)&parts);
}

/* A history of one letter for each failure, newest first: 's' for want of slots. */
static struct snapshot *history(
	struct world *w, int64_t restarts, const char *causes, int64_t apart_ms)
{
	struct snapshot *s = detail(w, restarts, (int)strlen(causes), apart_ms);
	struct exception *list = (struct exception *)s->detail.exceptions;

	for (size_t i = 0; causes[i]; i++)
		list[i].lacks_slots = causes[i] == 's';
	s->detail.restarting_ms = w->now + 10;
	return s;
}

static void runs_since(struct world *w, int64_t since_ms)
{
	struct snapshot *s = cluster_answer(JOBS({"a", "orders", "RUNNING"}), 1, 1);

	((struct job_summary *)s->jobs)->modified_ms = since_ms;
	apply(w, s);
}

/* Its TaskManager was away for a minute, and each second it tried. */
static void who_waits_for_slots_is_in_no_loop(void **state)
{
	struct world *w = *state;
	int64_t back_ms;

	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	apply(w, history(w, 0, "", 1));
	apply(w, history(w, 1, "x", 1));
	for (int i = 1; i <= 6; i++) {
		ANSWER(w, 1, {"a", "orders", "RESTARTING"});
		apply(w, history(w, 10 * i, "ssssssssssssssss", 1000));
		check_str("waits", state_detail_name(app_named(w, "orders")->detail),
			"WAITING_FOR_SLOTS");
		w->now += 10000;
	}
	back_ms = w->now;
	runs_since(w, back_ms);
	check_str("runs", app_state_name(app_named(w, "orders")->state), "RUNNING");
	check_int("evidence", app_named(w, "orders")->job->recent_restarts, 1);
	check_int("Flink's counter", app_named(w, "orders")->job->restarts, 60);
	/* Also where the history that told it is gone with its JobManager. */
	apply(w, history(w, 0, "", 1));
	runs_since(w, back_ms);
	check_str("runs on", app_state_name(app_named(w, "orders")->state), "RUNNING");
}

/* Each time it takes its TaskManager with it, and waits for the next one. */
static void a_slow_loop_is_one_though_it_waits_for_slots_in_between(void **state)
{
	struct world *w = *state;

	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	for (int i = 0; i < 3; i++) {
		apply(w, history(w, 20 * i + 1, "x", 1));
		w->now += 20000;
		apply(w, history(w, 20 * i + 20, "ssssssssssssssss", 1000));
		runs_since(w, w->now);
		check_str("state", app_state_name(app_named(w, "orders")->state),
			i < 2 ? "RUNNING" : "RESTARTING");
		w->now += 150000;
	}
	runs_since(w, w->now - 150000);
	check_str("slow", state_detail_name(app_named(w, "orders")->detail), "LOOPING");
}

static void a_loop_is_over_when_it_ran_for_longer_than_between_two(void **state)
{
	struct world *w = *state;
	int64_t since_ms = w->now;

	runs_since(w, since_ms);
	apply(w, history(w, 3, "xxx", 90000));
	w->now = since_ms + 170000;
	runs_since(w, since_ms);
	check_str("well for 170 s", state_detail_name(app_named(w, "orders")->detail), "LOOPING");
	w->now = since_ms + 190000;
	runs_since(w, since_ms);
	check_str("well for 190 s", app_state_name(app_named(w, "orders")->state), "RUNNING");
	/* And begins again with the next failure. */
	apply(w, history(w, 4, "xxxx", 90000));
	check_str("again", state_detail_name(app_named(w, "orders")->detail), "LOOPING");
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

/* What Flink dates is dated by its clock: here it is a day ahead of ours. */
static void a_loop_is_counted_by_the_clock_of_its_jobmanager(void **state)
{
	struct world *w = *state;
	const int64_t ahead = 24 * 3600 * 1000LL;
	struct snapshot *s = cluster_answer(JOBS({"a", "orders", "RUNNING"}), 1, 1);
	struct job_summary *job = (struct job_summary *)&s->jobs[0];

	job->start_ms = w->now + ahead - 5 * 3600 * 1000LL;
	job->duration_ms = 5 * 3600 * 1000LL;
	apply(w, s);
	w->now += ahead;
	s = detail(w, 9, 3, 1000);
	w->now -= ahead;
	s->observed_ms = w->now;
	apply(w, s);
	assert_int_equal(app_named(w, "orders")->job->recent_restarts, 3);
	assert_int_equal(app_named(w, "orders")->detail, DETAIL_LOOPING);
}

static void waiting_for_slots_is_measured_by_the_clock_of_its_jobmanager(void **state)
{
	struct world *w = *state;

	for (int seconds = 1; seconds <= 9; seconds += 8) {
		struct snapshot *s = cluster_answer(JOBS({"a", "orders", "RUNNING"}), 1, 1);
		struct job_summary *job = (struct job_summary *)&s->jobs[0];
		int64_t there = w->now + 3600 * 1000LL;

		job->start_ms = there - 60000;
		job->duration_ms = 60000;
		job->modified_ms = there - seconds * 1000LL;
		job->tasks = (struct task_counts){.total = 4, .running = 2, .scheduled = 2};
		apply(w, s);
		assert_int_equal(app_named(w, "orders")->state, STATE_STARTING);
		assert_int_equal(app_named(w, "orders")->detail,
			seconds < 5 ? DETAIL_NONE : DETAIL_WAITING_FOR_SLOTS);
	}
}

/* Neither counter nor history: each answer says when it began to restart last. */
static void attempts_that_only_their_times_tell_are_a_loop(void **state)
{
	struct world *w = *state;

	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	for (int i = 0; i < 3; i++) {
		for (int twice = 0; twice < 2; twice++) {
			struct snapshot *s = detail(w, -1, 0, 0);
			s->detail.parts = JOB_PART_VERTICES;
			s->detail.restarting_ms = w->now - (twice ? 2000 + POLL : 2000);
			apply(w, s);
		}
		assert_int_equal(
			app_named(w, "orders")->state, i < 2 ? STATE_RUNNING : STATE_RESTARTING);
		w->now += 60000;
	}
}

static void what_a_loop_is_can_be_said(void **state)
{
	struct world *w = *state;

	fleet_set_loop_rule(w->fleet, "prod", (struct loop_rule){5, 60000});
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	apply(w, detail(w, -1, 4, 1000));
	assert_int_equal(app_named(w, "orders")->state, STATE_RUNNING);
	apply(w, detail(w, -1, 9, 20000));
	assert_int_equal(app_named(w, "orders")->state, STATE_RUNNING);
	apply(w, detail(w, -1, 9, 10000));
	assert_int_equal(app_named(w, "orders")->detail, DETAIL_LOOPING);
}

static void a_job_on_its_way_out_makes_room_for_the_next_one(void **state)
{
	struct world *w = *state;

	DECLARE(w, "orders");
	ANSWER(w, 2, {"a", "orders", "CANCELLING"}, {"b", "orders", "RUNNING"});
	assert_int_equal(app_named(w, "ods/orders")->state, STATE_RUNNING);
	assert_int_equal(app_named(w, "ods/orders")->job->summary.id[0], 'b');
	assert_int_equal(app_named(w, "ods/orders")->duplicates, 0);
	ANSWER(w, 2, {"a", "orders", "RUNNING"}, {"b", "orders", "RUNNING"});
	assert_int_equal(app_named(w, "ods/orders")->duplicates, 2);
	assert_null(app_named(w, "ods/orders")->job);
	ANSWER(w, 2, {"a", "orders", "CANCELLING"}, {"b", "orders", "RUNNING"});
	assert_int_equal(app_named(w, "ods/orders")->duplicates, 0);
	ANSWER(w, 1, {"a", "orders", "CANCELLING"});
	assert_int_equal(app_named(w, "ods/orders")->state, STATE_STOPPING);
}

/* A start of ours, or an adoption, made it: the other one is an alarm, and no doubt. */
static void a_job_known_by_its_id_is_its_own_beside_another_of_its_name(void **state)
{
	struct world *w = *state;
	struct snapshot *s = snapshot_new(SNAPSHOT_REGISTRY, "prod", "registry", NULL);
	struct record *record = arena_calloc(s->arena, 1, sizeof(*record));
	const struct job *jobs[4];
	struct app *app;

	DECLARE(w, "orders");
	*record = (struct record){.app = app_named(w, "orders")->ref,
		.started = {.id = 7,
			.verb = "start",
			.state = RUN_DONE,
			.start_job_id = "b0000000000000000000000000000000",
			.ended_ms = T0 - 60000}};
	s->records = record;
	s->record_count = 1;
	ANSWER(w, 2, {"a", "orders", "RUNNING"}, {"b", "orders", "RUNNING"});
	assert_null(app_named(w, "ods/orders")->job);
	apply(w, s);
	app = app_named(w, "ods/orders");
	assert_int_equal(app->job->summary.id[0], 'b');
	assert_int_equal(app->state, STATE_RUNNING);
	assert_int_equal(app->detail, DETAIL_DUPLICATE);
	assert_int_equal(app->duplicates, 2);
	assert_int_equal(app->witness, WITNESS_JOBMANAGER);
	assert_int_equal(app_namesakes(app, jobs, 4), 2);
	/* So does the one that nobody declared. */
	app = app_named(w, "a0000000000000000000000000000000");
	assert_null(app->decl);
	assert_int_equal(app->detail, DETAIL_DUPLICATE);
	assert_int_equal(app_namesakes(app, jobs, 4), 2);
	ANSWER(w, 1, {"b", "orders", "RUNNING"});
	app = app_named(w, "ods/orders");
	assert_int_equal(app->duplicates, 0);
	assert_int_equal(app->detail, DETAIL_NONE);
	/* Started again elsewhere: it is followed, whoever made the former one. */
	ANSWER(w, 1, {"c", "orders", "RUNNING"});
	assert_int_equal(app_named(w, "ods/orders")->job->summary.id[0], 'c');
	assert_int_equal(app_named(w, "ods/orders")->state, STATE_RUNNING);
}

static void answer_at(struct world *w, struct snapshot *s, int64_t mono_ms)
{
	s->mono_ms = mono_ms;
	apply(w, s);
}

/* Two answers that miss it, and between them and the last one the wall clock made a leap. */
static void a_leap_of_the_clock_ends_no_job_unwatched(void **state)
{
	struct world *w = *state;

	DECLARE(w, "orders");
	answer_at(w, cluster_answer(JOBS({"a", "orders", "RUNNING"}), 1, 1), 50000);
	w->now += 9 * 3600 * 1000LL;
	answer_at(w, cluster_answer(NULL, 0, 1), 52000);
	assert_int_equal(app_named(w, "orders")->detail, DETAIL_MISSING);
	answer_at(w, cluster_answer(NULL, 0, 1), 54000);
	assert_int_equal(app_named(w, "orders")->state, STATE_LOST);
}

static void a_loop_is_counted_without_the_details_that_told_it(void **state)
{
	struct world *w = *state;
	const struct app *app;

	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	apply(w, detail(w, 3, 3, 1000));
	app = app_named(w, "orders");
	double rate = app->job->restarts_per_hour;
	fleet_forget_detail(w->fleet, app->job->ref);
	assert_null(app->job->detail);
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	assert_int_equal(app->detail, DETAIL_LOOPING);
	assert_int_equal(app->job->recent_restarts, 3);
	assert_true(app->job->restarts_per_hour == rate);
	assert_string_equal(app->job->last_exception, "X: boom");
	w->now += LOOP_WINDOW_MS + 60000;
	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	assert_int_equal(app->job->recent_restarts, 0);
	/* What has ended may not be told again. */
	apply(w, detail(w, 3, 3, 1000));
	ANSWER(w, 1, {"a", "orders", "FAILED"});
	fleet_forget_detail(w->fleet, app->job->ref);
	assert_non_null(app->job->detail);
	fleet_forget_detail(w->fleet, "job:of/nobody");
}

/* Restarts within the window by all samples, one a minute at most, kept one by one. */
static int recent_of(const int64_t (*samples)[2], size_t count, int64_t now, int64_t window_ms)
{
	int64_t lowest = -1;

	for (size_t i = 0; i < count; i++)
		if (samples[i][0] >= now - window_ms && (lowest < 0 || samples[i][1] < lowest))
			lowest = samples[i][1];
	return lowest < 0 ? 0 : (int)(samples[count][1] - lowest);
}

/* Many samples of one value are kept as one: the count is the same as if each were. */
static void samples_that_say_the_same_count_as_each_would(void **state)
{
	struct world *w = *state;
	int64_t samples[401][2], counter = 0;
	size_t count = 0;
	unsigned seed = 7;

	ANSWER(w, 1, {"a", "orders", "RUNNING"});
	for (int i = 0; i < 400; i++) {
		seed = seed * 1103515245 + 12345;
		w->now += 7000 + (seed >> 8) % 90000;
		counter += (seed >> 20) % 5 == 0 ? (seed >> 24) % 3 : 0;
		if (!count || w->now - samples[count - 1][0] >= 60000) {
			samples[count][0] = w->now;
			samples[count++][1] = counter;
		}
		samples[count][1] = counter;
		int want = recent_of(samples, count, w->now, LOOP_WINDOW_MS);
		apply(w, detail(w, counter, 0, 0));
		check_int("recent", app_named(w, "orders")->job->recent_restarts, want);
	}
	assert_true(counter > 64);
}

struct said {
	const char *status;
	int running, deploying;
	int64_t modified_ms;
	bool is_absent;
};

static void say(struct world *w, const struct said *said, size_t count, int64_t mono_ms)
{
	static const char *const ids[] = {"a", "b", "c", "d"},
				 *const names[] = {"orders", "users", "carts", "stock"};
	const char *jobs[ARRAY_SIZE(ids)][3];
	int places[ARRAY_SIZE(ids)];
	size_t listed = 0;

	for (size_t i = 0; i < count; i++) {
		if (said[i].is_absent)
			continue;
		jobs[listed][0] = ids[i];
		jobs[listed][1] = names[i];
		jobs[listed][2] = said[i].status;
		places[listed++] = (int)i;
	}
	struct snapshot *s = cluster_answer((const char *const(*)[3])(const void *)jobs, listed, 1);
	for (size_t i = 0; i < listed; i++) {
		struct job_summary *job = (struct job_summary *)(uintptr_t)&s->jobs[i];
		const struct said *it = &said[places[i]];

		job->tasks = (struct task_counts){
			.total = 2, .running = it->running, .deploying = it->deploying};
		job->start_ms = T0 - 3600000;
		job->modified_ms = it->modified_ms;
	}
	s->mono_ms = mono_ms;
	apply(w, s);
	w->now -= POLL;
}

/* Of answers that come each second only what changed is looked at, and states are those of a look at all. */
static void states_are_the_same_whether_all_are_derived_or_what_changed(void **state)
{
	static const char *const statuses[] = {
		"RUNNING", "RUNNING", "RUNNING", "RESTARTING", "FAILING", "CREATED", "CANCELLING"};
	struct world *all = *state, *some;
	uint32_t random = 5;
	int64_t restarts = 0, mono_ms = 1000000;
	int seen[STATE_MAX] = {0}, away = 0;

	setup((void **)&some);
	struct said said[4];
	for (size_t i = 0; i < ARRAY_SIZE(said); i++)
		said[i] = (struct said){"RUNNING", 2, 0, T0, false};
	DECLARE(all, "orders", "users", "none");
	DECLARE(some, "orders", "users", "none");
	some->now = all->now;
	for (int step = 0; step < 4000; step++) {
		random = random * 1664525u + 1013904223u;
		struct said *it = &said[(random >> 20) % ARRAY_SIZE(said)];
		int64_t passed_ms = step % 50 == 0 ? 400000 : 300 + (random >> 8) % 1500;
		all->now += passed_ms;
		some->now = all->now;
		mono_ms += passed_ms;
		switch ((random >> 16) % 12) {
		case 0: *it = (struct said){"RUNNING", 2, 0, all->now, false}; break;
		case 1: it->status = statuses[(random >> 10) % ARRAY_SIZE(statuses)]; break;
		case 2: *it = (struct said){"RUNNING", 1, 1, all->now, false}; break;
		case 3: it->is_absent = (random >> 9) % 4 == 0; break;
		case 4:
			restarts += (random >> 10) % 2;
			apply(all, detail(all, restarts, 0, 0));
			apply(some, detail(some, restarts, 0, 0));
			all->now = some->now -= POLL;
			break;
		case 5: away = (random >> 9) % 8 ? away : 3; break;
		default: break;
		}
		if (away-- > 0) {
			no_answer(all);
			no_answer(some);
			all->now = some->now -= POLL;
		} else {
			say(all, said, ARRAY_SIZE(said), 0);
			say(some, said, ARRAY_SIZE(said), mono_ms);
		}
		size_t count, other;
		struct app *const *apps = fleet_apps(all->fleet, &count);
		fleet_apps(some->fleet, &other);
		assert_int_equal(count, other);
		for (size_t i = 0; i < count; i++) {
			const struct app *twin = fleet_app(some->fleet, apps[i]->ref);
			assert_non_null(twin);
			if (twin->state != apps[i]->state || twin->detail != apps[i]->detail ||
				twin->witness != apps[i]->witness)
				fail_msg("step %d: %s is %s, by a look at all %s", step,
					apps[i]->ref, app_state_name(twin->state),
					app_state_name(apps[i]->state));
			seen[apps[i]->state]++;
		}
	}
	assert_true(seen[STATE_RUNNING] && seen[STATE_RESTARTING] && seen[STATE_LOST] &&
		seen[STATE_STARTING] && seen[STATE_UNREACHABLE]);
	teardown((void **)&some);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(three_failures_in_ten_minutes_are_a_loop),
		CASE(parts_of_an_answer_take_nothing_back),
		CASE(who_waits_for_slots_is_in_no_loop),
		CASE(a_slow_loop_is_one_though_it_waits_for_slots_in_between),
		CASE(a_loop_is_over_when_it_ran_for_longer_than_between_two),
		CASE(failures_of_yesterday_are_no_loop),
		CASE(a_counter_that_climbs_between_samples_is_a_loop_too),
		CASE(a_loop_goes_on_under_the_next_leader),
		CASE(a_loop_is_counted_by_the_clock_of_its_jobmanager),
		CASE(waiting_for_slots_is_measured_by_the_clock_of_its_jobmanager),
		CASE(attempts_that_only_their_times_tell_are_a_loop),
		CASE(what_a_loop_is_can_be_said),
		CASE(a_loop_is_counted_without_the_details_that_told_it),
		CASE(samples_that_say_the_same_count_as_each_would),
		CASE(states_are_the_same_whether_all_are_derived_or_what_changed),
		CASE(a_job_on_its_way_out_makes_room_for_the_next_one),
		CASE(a_job_known_by_its_id_is_its_own_beside_another_of_its_name),
		CASE(a_leap_of_the_clock_ends_no_job_unwatched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
