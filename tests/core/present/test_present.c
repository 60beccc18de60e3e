/* Cells, JSON and order, from the one column table. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet.h"
#include "core/model/run.h"
#include "core/present/app_run.h"
#include "core/present/column.h"
#include "tests/support/check.h"

#define NOW 1800000000000

static void durations_are_short_and_exact(void **unused)
{
	(void)unused;
	static const struct {
		const char *name;
		int64_t in;
		const char *want;
	} rows[] = {
		{"unknown", -1, "-"},
		{"nothing", 0, "0ms"},
		{"milliseconds", 999, "999ms"},
		{"seconds with a tenth", 4270, "4.2s"},
		{"seconds", 59999, "59s"},
		{"a minute", 60000, "1m00s"},
		{"minutes", 192000, "3m12s"},
		{"hours", 5 * 3600000 + 120000, "5h02m"},
		{"days", 12 * 86400000LL + 4 * 3600000, "12d04h"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		format_duration(rows[i].in, &out);
		check_str(rows[i].name, buf_str(&out), rows[i].want);
		buf_release(&out);
	}
}

static void bytes_keep_three_digits(void **unused)
{
	(void)unused;
	static const struct {
		const char *name;
		int64_t in;
		const char *want;
	} rows[] = {
		{"unknown", -1, "-"},
		{"none", 0, "0B"},
		{"bytes", 999, "999B"},
		{"a kibibyte", 1024, "1.0KiB"},
		{"five and a half", 5614, "5.5KiB"},
		{"nearly a mebibyte", 1023 * 1024, "1.0MiB"},
		{"hundreds", 150LL << 20, "150MiB"},
		{"the largest", INT64_MAX, "8.0EiB"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		format_bytes(rows[i].in, &out);
		check_str(rows[i].name, buf_str(&out), rows[i].want);
		buf_release(&out);
	}
}

static void ages_survive_a_clock_that_is_ahead(void **unused)
{
	(void)unused;
	static const struct {
		const char *name;
		int64_t then;
		const char *want;
	} rows[] = {
		{"never", 0, "-"},
		{"from the future", NOW + 5000, "0s"},
		{"now", NOW, "0s"},
		{"seconds", NOW - 4900, "4s"},
		{"minutes", NOW - 192000, "3m12s"},
		{"long ago is a date", NOW - 200 * 86400000LL, "2026-06-29"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf out;
		buf_init(&out, 0);
		format_age(rows[i].then, NOW, &out);
		check_str(rows[i].name, buf_str(&out), rows[i].want);
		buf_release(&out);
	}
}

/* Of what is drawn again and again: each second another cell in each row is half of a quiet line's bytes. */
static void ages_in_a_list_go_by_steps(void **unused)
{
	(void)unused;
	static const struct {
		int64_t age_ms;
		const char *once, *watched;
	} rows[] = {
		{4900, "4s", "4s"},
		{9999, "9s", "9s"},
		{10000, "10s", "10s"},
		{19999, "19s", "10s"},
		{59000, "59s", "50s"},
		{192000, "3m12s", "3m10s"},
		{7507000, "2h05m", "2h05m"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int watched = 0; watched < 2; watched++) {
			struct present_env env = {.now_ms = NOW, .is_watched = watched};
			struct buf out;
			buf_init(&out, 0);
			format_cell_age(NOW - rows[i].age_ms, &env, &out);
			check_str("age", buf_str(&out), watched ? rows[i].watched : rows[i].once);
			buf_release(&out);
		}
}

static struct fleet *small_fleet(void)
{
	struct fleet *fleet = fleet_new();
	fleet_add_cluster(fleet, "prod", "s1", "standalone", "http://jm:8081");
	struct snapshot *s = snapshot_new(SNAPSHOT_CLUSTER, "prod", "s1", NULL);
	s->observed_ms = NOW;
	s->cluster.taskmanagers = 1;
	struct job_summary *job = arena_alloc(s->arena, sizeof(*job));
	memset(job->id, 'a', 32);
	job->name = "订单\033[31m";
	job->status = JOB_RUNNING;
	job->start_ms = NOW - 60000;
	job->end_ms = -1;
	job->duration_ms = 60000;
	job->tasks = (struct task_counts){.total = 5, .running = 5};
	s->jobs = job;
	s->job_count = 1;
	fleet_apply(fleet, s, NOW);
	snapshot_unref(s);
	return fleet;
}

static void unknown_is_null_and_never_a_guess(void **unused)
{
	(void)unused;
	static const char *const nulls[] = {"team", "type", "deploymentTarget", "stateDetail",
		"releaseState", "operation", "restarts", "restartsPerHour", "lastCheckpointId",
		"lastCheckpointAgeMs", "lastCheckpointDurationMs", "lastCheckpointBytes",
		"lastCheckpointPath", "parallelism", "owner"};
	struct fleet *fleet = small_fleet();
	struct present_env env = {.now_ms = NOW + 1000, .stale_ms = 4000};
	size_t count;
	json_t *item = column_item_json(&app_table, fleet_apps(fleet, &count)[0], &env);
	for (size_t i = 0; i < ARRAY_SIZE(nulls); i++) {
		json_t *value = json_object_get(item, nulls[i]);
		check_bool(nulls[i], value && json_is_null(value), true);
	}
	assert_string_equal(json_string_value(json_object_get(item, "state")), "RUNNING");
	assert_string_equal(json_string_value(json_object_get(item, "jobStatus")), "RUNNING");
	assert_string_equal(json_string_value(json_object_get(item, "name")), "订单\033[31m");
	assert_int_equal(json_integer_value(json_object_get(item, "durationMs")), 61000);
	assert_int_equal(json_integer_value(json_object_get(item, "tasksTotal")), 5);
	assert_true(json_is_false(json_object_get(item, "managed")));
	json_decref(item);
	fleet_free(fleet);
}

/* The names that scripts rely on: none may go. */
/* What a JobManager said of a job that it does not list any more is not shown as if it held. */
static void a_job_that_is_gone_does_not_run(void **unused)
{
	(void)unused;
	static const char *const keys[] = {"jobStatus", "tasksRunning"};
	struct fleet *fleet = small_fleet();
	struct present_env env = {.now_ms = NOW + 5000, .stale_ms = 4000};
	size_t count;

	for (int i = 1; i <= 2; i++) {
		struct snapshot *s = snapshot_new(SNAPSHOT_CLUSTER, "prod", "s1", NULL);

		s->observed_ms = NOW + i * 1000;
		s->cluster.taskmanagers = 1;
		fleet_apply(fleet, s, NOW + i * 1000);
		snapshot_unref(s);
	}
	json_t *app = column_item_json(&app_table, fleet_apps(fleet, &count)[0], &env);
	json_t *job = column_item_json(&job_table, fleet_jobs(fleet, &count)[0], &env);

	check_str("state", json_string_value(json_object_get(app, "state")), "LOST");
	check_int("since", run_since(fleet_apps(fleet, &count)[0], &env).number, NOW + 1000);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		check_bool(keys[i], json_is_null(json_object_get(app, keys[i])), true);
		check_bool(keys[i], json_is_null(json_object_get(job, keys[i])), true);
	}
	json_decref(app);
	json_decref(job);
	fleet_free(fleet);
}

static void an_application_has_all_promised_keys(void **unused)
{
	(void)unused;
	static const char *const keys[] = {"context", "source", "name", "jobName", "team", "type",
		"cluster", "deploymentTarget", "flinkVersion", "state", "stateDetail",
		"releaseState", "operation", "jobStatus", "jobId", "startTimeMs", "durationMs",
		"restarts", "restartsPerHour", "lastCheckpointId", "lastCheckpointAgeMs",
		"lastCheckpointDurationMs", "lastCheckpointBytes", "lastCheckpointPath",
		"parallelism", "tasksRunning", "tasksTotal", "managed", "observedAtMs", "witness",
		"owner", "tags"};
	static const char *const cluster_keys[] = {"name", "type", "address", "flinkVersion",
		"state", "taskManagers", "slotsTotal", "slotsFree", "jobsRunning", "jobsFailed",
		"latencyMs", "observedAtMs", "lastError"};
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		check_bool(keys[i], column_find(&app_table, keys[i]) != NULL, true);
	for (size_t i = 0; i < ARRAY_SIZE(cluster_keys); i++)
		check_bool(cluster_keys[i], column_find(&cluster_table, cluster_keys[i]) != NULL,
			true);
}

static void kinds_are_found_in_singular_and_plural(void **unused)
{
	(void)unused;
	assert_ptr_equal(column_table_find("apps"), &app_table);
	assert_ptr_equal(column_table_find("app"), &app_table);
	assert_ptr_equal(column_table_find("clusters"), &cluster_table);
	assert_ptr_equal(column_table_find("team"), &team_table);
	assert_ptr_equal(column_table_find("job"), &job_table);
	assert_null(column_table_find("ap"));
	assert_null(column_table_find(""));
	assert_null(column_table_find("appss"));
}

static void unknown_sorts_last(void **unused)
{
	(void)unused;
	struct value unknown = {.type = VALUE_NULL};
	struct value one = {.type = VALUE_INT, .number = 1}, two = {.type = VALUE_INT, .number = 2};
	struct value job9 = {.type = VALUE_TEXT, .text = "job-9"};
	struct value job10 = {.type = VALUE_TEXT, .text = "job-10"};
	assert_true(value_compare(&one, &unknown) < 0);
	assert_true(value_compare(&unknown, &one) > 0);
	assert_int_equal(value_compare(&unknown, &unknown), 0);
	assert_true(value_compare(&one, &two) < 0);
	assert_true(value_compare(&job9, &job10) < 0);
}

/* Columns of one table have distinct keys, and each has what it needs. */
static void tables_are_sound(void **unused)
{
	(void)unused;
	static const struct column_table *const tables[] = {
		&app_table, &cluster_table, &team_table, &job_table, &run_table};
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct column *c = &tables[t]->columns[i];
			assert_non_null(c->get);
			check_bool(c->key, column_find(tables[t], c->key) == c, true);
			check_bool(c->key, !c->title || (c->min_cols > 0 && c->priority > 0), true);
			check_bool(c->key, c->max_cols == 0 || c->max_cols >= c->min_cols, true);
		}
}

static void a_run_shows_its_steps(void **unused)
{
	static const struct run_step steps[] = {
		{"stop", RUN_DONE, 1000, 2000, "stopped, savepoint at s3://b/1"},
		{"check", RUN_WATCHING, 2000, 0, NULL},
		{"start", RUN_PLANNED, 0, 0, NULL},
	};
	const struct run run = {.id = 7,
		.app = "a",
		.context = "prod",
		.name = "orders",
		.verb = "restart",
		.restore_path = "s3://b/1",
		.release = 3,
		.steps = steps,
		.step_count = ARRAY_SIZE(steps)};
	const struct present_env env = {.now_ms = 5000};
	json_t *item = column_item_json(&run_table, &run, &env);
	char *text = json_dumps(json_object_get(item, "steps"), JSON_COMPACT);

	(void)unused;
	check_str("steps", text,
		"[{\"name\":\"stop\",\"state\":\"DONE\",\"startedMs\":1000,\"endedMs\":2000,"
		"\"text\":\"stopped, savepoint at s3://b/1\"},"
		"{\"name\":\"check\",\"state\":\"WATCHING\",\"startedMs\":2000,\"endedMs\":null,"
		"\"text\":null},"
		"{\"name\":\"start\",\"state\":\"PLANNED\",\"startedMs\":null,\"endedMs\":null,"
		"\"text\":null}]");
	check_str("current", json_string_value(json_object_get(item, "step")), "check");
	check_str("from", json_string_value(json_object_get(item, "restorePath")), "s3://b/1");
	check_int("release", json_integer_value(json_object_get(item, "release")), 3);
	free(text);
	json_decref(item);
}

int main(void)
{
	check_locale();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_short_and_exact),
		cmocka_unit_test(bytes_keep_three_digits),
		cmocka_unit_test(ages_survive_a_clock_that_is_ahead),
		cmocka_unit_test(ages_in_a_list_go_by_steps),
		cmocka_unit_test(unknown_is_null_and_never_a_guess),
		cmocka_unit_test(a_job_that_is_gone_does_not_run),
		cmocka_unit_test(an_application_has_all_promised_keys),
		cmocka_unit_test(kinds_are_found_in_singular_and_plural),
		cmocka_unit_test(unknown_sorts_last),
		cmocka_unit_test(tables_are_sound),
		cmocka_unit_test(a_run_shows_its_steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
