/* Restore points: kept in the registry, seen by the fleet, read as one list ordered by time. */
#include "core/query/query_release.h"
#include "core/store/journal/point.h"
#include "core/store/journal/point_disk.h"
#include "core/store/journal/run.h"
#include "tests/core/store/kit.h"

#define APP "prod/workspace/app/ods/orders"
#define JOB 7

struct got {
	size_t count;
	struct restore_point points[32];
	struct arena *arena;
	bool called;
};

static void on_points(
	void *data, const struct restore_point *const *points, size_t count, const struct err *err)
{
	struct got *got = data;

	assert_null(err);
	got->called = true;
	got->count = count;
	for (size_t i = 0; i < count && i < ARRAY_SIZE(got->points); i++) {
		got->points[i] = *points[i];
		got->points[i].path = arena_strdup(got->arena, points[i]->path);
		got->points[i].job_id = arena_strdup(got->arena, points[i]->job_id);
	}
}

static void read_points(struct kit *kit, const struct fleet *fleet, struct got *got)
{
	arena_free(got->arena);
	*got = (struct got){.arena = arena_new()};
	query_app_points(kit->store, fleet, APP, 100, on_points, got);
	kit_idle(kit);
	assert_true(got->called);
}

static void on_kept(void *data, int64_t number, const struct err *err)
{
	(void)number;
	assert_null(err);
	++*(int *)data;
}

static void keep(struct kit *kit, struct restore_point point)
{
	int kept = 0;

	point.app = APP;
	keep_restore_point(kit->store, &point, on_kept, &kept);
	kit_idle(kit);
	check_int(point.path, kept, 1);
}

static void points_are_ordered_by_time_and_learn(void **state)
{
	char *dir = temp_dir();
	struct kit kit;
	struct got got = {0};

	(void)state;
	kit_open(&kit, dir);
	keep(&kit,
		(struct restore_point){.path = "s3://x/savepoint-1",
			.job_id = "a",
			.completed_ms = 200,
			.size = -1});
	keep(&kit,
		(struct restore_point){.path = "s3://x/chk-900",
			.job_id = "b",
			.kind = RESTORE_CHECKPOINT,
			.completed_ms = 100,
			.size = 5});
	keep(&kit,
		(struct restore_point){.path = "s3://x/chk-2",
			.job_id = "c",
			.kind = RESTORE_CHECKPOINT,
			.completed_ms = 300,
			.size = 6});
	read_points(&kit, NULL, &got);
	check_int("count", (int64_t)got.count, 3);
	check_str("newest", got.points[0].path, "s3://x/chk-2");
	check_str("then", got.points[1].path, "s3://x/savepoint-1");
	check_str("oldest", got.points[2].path, "s3://x/chk-900");
	check_int("kind", got.points[0].kind, RESTORE_CHECKPOINT);
	check_str("job", got.points[1].job_id, "a");

	/* Looked for and not there; then listed again by a JobManager; then seen again. */
	keep(&kit,
		(struct restore_point){.path = "s3://x/savepoint-1", .size = -1, .is_gone = true});
	read_points(&kit, NULL, &got);
	check_bool("gone", got.points[1].is_gone, true);
	check_int("its time stays", got.points[1].completed_ms, 200);
	check_str("its job stays", got.points[1].job_id, "a");
	keep(&kit,
		(struct restore_point){
			.path = "s3://x/savepoint-1", .completed_ms = 200, .size = 9});
	read_points(&kit, NULL, &got);
	check_bool("stays gone", got.points[1].is_gone, true);
	check_int("its size", got.points[1].size, 9);
	keep(&kit,
		(struct restore_point){
			.path = "s3://x/savepoint-1", .size = -1, .verified_ms = 50});
	read_points(&kit, NULL, &got);
	check_bool("is back", got.points[1].is_gone, false);
	check_int("verified", got.points[1].verified_ms, 50);
	arena_free(got.arena);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void checkpoints_of_one_job_are_trimmed_and_savepoints_are_not(void **state)
{
	char *dir = temp_dir();
	struct kit kit;
	struct got got = {0};

	(void)state;
	kit_open(&kit, dir);
	for (int i = 0; i < 2 * POINTS_KEPT; i++) {
		char *checkpoint = xasprintf("s3://x/chk-%d", i);
		char *savepoint = xasprintf("s3://x/sp-%d", i);
		keep(&kit,
			(struct restore_point){.path = checkpoint,
				.job_id = "a",
				.kind = RESTORE_CHECKPOINT,
				.completed_ms = 1000 + i});
		keep(&kit,
			(struct restore_point){
				.path = savepoint, .job_id = "a", .completed_ms = i});
		free(checkpoint);
		free(savepoint);
	}
	/* One that Flink dropped and nobody kept makes no row. */
	keep(&kit,
		(struct restore_point){.path = "s3://x/never",
			.job_id = "a",
			.kind = RESTORE_CHECKPOINT,
			.completed_ms = 5000,
			.is_gone = true});
	read_points(&kit, NULL, &got);
	check_int("count", (int64_t)got.count, 3 * POINTS_KEPT);
	check_str("newest", got.points[0].path, "s3://x/chk-19");
	check_str("oldest checkpoint", got.points[POINTS_KEPT - 1].path, "s3://x/chk-10");
	check_str("newest savepoint", got.points[POINTS_KEPT].path, "s3://x/sp-19");
	arena_free(got.arena);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void runs_that_made_a_savepoint_are_points(void **state)
{
	static const char sql[] =
		"INSERT INTO run (app, context, name, verb, state, created_ms, sent_ms, ended_ms,"
		" job_id, result, restore_path, steps) VALUES"
		"('" APP "','prod','o','savepoint','DONE',1,1,100,'a','s3://s/1',NULL,NULL),"
		"('" APP "','prod','o','stop','DONE',1,1,200,'a','s3://s/2',NULL,NULL),"
		"('" APP "','prod','o','stop','FAILED',1,1,300,'a','s3://s/3',NULL,NULL),"
		"('" APP "','prod','o','checkpoint','DONE',1,1,400,'a','12',NULL,NULL),"
		"('" APP "','prod','o','restart','DONE',1,1,500,'a',NULL,'s3://s/5',"
		" '[{\"name\":\"stop\",\"state\":\"DONE\"}]'),"
		"('" APP "','prod','o','restart','DONE',1,1,600,'a',NULL,'s3://c/6',"
		" '[{\"name\":\"start\",\"state\":\"DONE\"}]'),"
		"('" APP "','prod','o','ship','DONE',1,1,700,'a',NULL,'s3://c/7','damaged'),"
		"('other','prod','o','stop','DONE',1,1,800,'a','s3://s/8',NULL,NULL) RETURNING id";
	char *dir = temp_dir();
	struct kit kit;
	struct got got = {0};

	(void)state;
	kit_open(&kit, dir);
	kit_sql(dir, "registry.db", sql);
	/* What is known of it besides does not make it two. */
	keep(&kit,
		(struct restore_point){
			.path = "s3://s/1", .completed_ms = 99, .size = 7, .verified_ms = 9});
	read_points(&kit, NULL, &got);
	check_int("count", (int64_t)got.count, 3);
	check_str("restart", got.points[0].path, "s3://s/5");
	check_str("stop", got.points[1].path, "s3://s/2");
	check_int("its end", got.points[1].completed_ms, 200);
	check_int("its size is not known", got.points[1].size, -1);
	check_str("savepoint", got.points[2].path, "s3://s/1");
	check_int("verified", got.points[2].verified_ms, 9);
	arena_free(got.arena);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* ---- what the fleet sees ---- */

static void declare(struct kit *kit)
{
	struct snapshot *snapshot =
		snapshot_new(SNAPSHOT_WORKSPACE, KIT_CONTEXT, "workspace", NULL);
	struct team_decl *team = arena_alloc(snapshot->arena, sizeof(*team));
	struct app_decl *app = arena_alloc(snapshot->arena, sizeof(*app));

	*team = (struct team_decl){.name = "ods"};
	*app = (struct app_decl){.team = "ods",
		.name = "orders",
		.job_name = "订单 job 7",
		.cluster = "a",
		.type = APP_TYPE_NONE,
		.target = TARGET_NONE,
		.parallelism = -1};
	snapshot->teams = team;
	snapshot->team_count = 1;
	snapshot->apps = app;
	snapshot->app_count = 1;
	snapshot->observed_ms = KIT_NOW;
	kit_apply(kit, snapshot);
}

/* A detail with these checkpoints, newest first. */
static void tell(struct kit *kit, bool externalised, bool retained,
	const struct checkpoint *history, size_t count)
{
	struct snapshot *snapshot = kit_detail("a", KIT_NOW, JOB, 0, NULL);
	struct checkpoint *copy = arena_calloc(snapshot->arena, count + 1, sizeof(*copy));

	memcpy(copy, history, count * sizeof(*copy));
	snapshot->detail.parts |= JOB_PART_CONFIG;
	snapshot->detail.checkpoint_config.is_externalised = externalised;
	snapshot->detail.checkpoint_config.is_retained = retained;
	snapshot->detail.checkpoints.last_completed = NULL;
	snapshot->detail.checkpoints.history = copy;
	snapshot->detail.checkpoints.history_count = count;
	kit_apply(kit, snapshot);
	kit_flush(kit);
}

#define CHECKPOINT(n, when, ...)                                                                   \
	{                                                                                          \
		.id = (n), .status = CHECKPOINT_COMPLETED, .ack_ms = (when), .state_bytes = 10,    \
		__VA_ARGS__                                                                        \
	}

static void the_fleet_keeps_what_stays(void **state)
{
	static const struct checkpoint first[] = {
		{.id = 4, .status = CHECKPOINT_IN_PROGRESS},
		CHECKPOINT(3, 3000, .path = "file:/c/chk-3"),
		CHECKPOINT(2, 2000, .path = "file:/s/savepoint-2", .is_savepoint = true),
		CHECKPOINT(1, 1000, .path = "file:/c/chk-1", .is_discarded = true),
	};
	static const struct checkpoint second[] = {
		CHECKPOINT(6, 6000, .path = "file:/c/chk-6"),
		CHECKPOINT(5, 5000, .path = "file:/s/savepoint-5", .is_savepoint = true),
		CHECKPOINT(3, 3000, .path = "file:/c/chk-3", .is_discarded = true),
		CHECKPOINT(2, 2000, .path = "file:/s/savepoint-2", .is_savepoint = true),
	};
	char *dir = temp_dir();
	struct kit kit;
	struct got got = {0};

	(void)state;
	clock_fix(KIT_NOW, 1000);
	kit_open(&kit, dir);
	declare(&kit);
	kit_apply(&kit, kit_answer("a", KIT_NOW, JOB, 1, JOB_RUNNING));
	tell(&kit, true, true, first, ARRAY_SIZE(first));
	read_points(&kit, NULL, &got);
	check_int("count", (int64_t)got.count, 2);
	check_str("checkpoint", got.points[0].path, "file:/c/chk-3");
	check_str("savepoint", got.points[1].path, "file:/s/savepoint-2");
	check_str("of its job", got.points[0].job_id, "00000000000000000000000000000007");

	/* A minute has not passed: the savepoint comes at once, the checkpoint waits. */
	tell(&kit, true, true, second, ARRAY_SIZE(second));
	read_points(&kit, NULL, &got);
	check_int("count", (int64_t)got.count, 3);
	check_str("savepoint at once", got.points[0].path, "file:/s/savepoint-5");
	/* What is not written yet is known all the same. */
	read_points(&kit, kit.fleet, &got);
	check_int("count", (int64_t)got.count, 4);
	check_str("the fleet's", got.points[0].path, "file:/c/chk-6");
	check_bool("discarded", got.points[2].is_gone, true);
	check_str("discarded", got.points[2].path, "file:/c/chk-3");
	/* It ends: now. */
	kit_apply(&kit, kit_answer("a", KIT_NOW + 1, JOB, 1, JOB_FAILED));
	tell(&kit, true, true, second, ARRAY_SIZE(second));
	read_points(&kit, NULL, &got);
	check_int("count", (int64_t)got.count, 4);
	check_str("the last one", got.points[0].path, "file:/c/chk-6");
	check_bool("and what Flink dropped", got.points[2].is_gone, true);
	arena_free(got.arena);
	kit_close(&kit);
	clock_fix(0, 0);
	temp_dir_remove(dir);
}

static void what_is_deleted_with_its_job_is_no_point(void **state)
{
	static const struct checkpoint history[] = {
		CHECKPOINT(3, 3000, .path = "file:/c/chk-3"),
		CHECKPOINT(2, 2000, .path = "file:/s/savepoint-2", .is_savepoint = true),
		CHECKPOINT(1, 1000, .path = "<checkpoint-not-externally-addressable>"),
	};
	static const struct {
		const char *name;
		bool externalised, retained;
		enum job_status status;
		size_t count;
	} rows[] = {
		{"not retained", false, false, JOB_RUNNING, 1},
		{"not retained, failed", false, false, JOB_FAILED, 1},
		{"kept on failure, runs", true, false, JOB_RUNNING, 1},
		{"kept on failure, failed", true, false, JOB_FAILED, 2},
		{"kept on failure, canceled", true, false, JOB_CANCELED, 1},
		{"kept on cancellation", true, true, JOB_CANCELED, 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *dir = temp_dir();
		struct kit kit;
		struct got got = {0};

		kit_open(&kit, dir);
		declare(&kit);
		kit_apply(&kit, kit_answer("a", KIT_NOW, JOB, 1, rows[i].status));
		tell(&kit, rows[i].externalised, rows[i].retained, history, ARRAY_SIZE(history));
		read_points(&kit, kit.fleet, &got);
		check_int(rows[i].name, (int64_t)got.count, (int64_t)rows[i].count);
		arena_free(got.arena);
		kit_close(&kit);
		temp_dir_remove(dir);
	}
}

/* What waits when weir ends is written. */
static void points_are_written_at_the_end(void **state)
{
	static const struct checkpoint history[] = {
		CHECKPOINT(2, 2000, .path = "file:/s/savepoint-2", .is_savepoint = true)};
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	declare(&kit);
	kit_apply(&kit, kit_answer("a", KIT_NOW, JOB, 1, JOB_RUNNING));
	struct snapshot *snapshot = kit_detail("a", KIT_NOW, JOB, 0, NULL);
	snapshot->detail.checkpoints.history = history;
	snapshot->detail.checkpoints.history_count = 1;
	kit_apply(&kit, snapshot);
	kit_close(&kit);
	check_int("rows", kit_count(dir, "registry.db", "restore_point"), 2);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_are_ordered_by_time_and_learn),
		cmocka_unit_test(checkpoints_of_one_job_are_trimmed_and_savepoints_are_not),
		cmocka_unit_test(runs_that_made_a_savepoint_are_points),
		cmocka_unit_test(the_fleet_keeps_what_stays),
		cmocka_unit_test(what_is_deleted_with_its_job_is_no_point),
		cmocka_unit_test(points_are_written_at_the_end),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
