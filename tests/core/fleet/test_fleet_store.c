/* Round trip: what a fleet knew is what the next one knows before anything was asked. */
#include "tests/core/store/kit.h"

static const char *const args[] = {"--database", "orders"};
static const char *const tags[] = {"cdc", "tier1"};
static const struct app_decl declared[] = {
	{.team = "ods",
		.name = "orders",
		.job_name = "订单 job 1",
		.type = APP_JAR,
		.target = TARGET_REMOTE,
		.cluster = "a",
		.owner = "li",
		.args = args,
		.arg_count = 2,
		.tags = tags,
		.tag_count = 2,
		.parallelism = 4,
		.path = "teams/ods/apps/orders.yaml",
		.text = "name: orders\n"},
	{.team = "ods",
		.name = "never",
		.job_name = "never",
		.type = APP_SQL,
		.target = TARGET_REMOTE,
		.cluster = "b",
		.parallelism = -1,
		.path = "teams/ods/apps/never.yaml",
		.text = "name: never\n"},
	{.team = "dwd",
		.name = "broken",
		.job_name = "broken",
		.type = APP_TYPE_NONE,
		.target = TARGET_NONE,
		.parallelism = -1,
		.path = "teams/dwd/apps/broken.yaml",
		.error = "teams/dwd/apps/broken.yaml:1:1: unknown key"},
};
static const struct team_decl teams[] = {
	{.name = "ods", .title = "Ödes", .owner = "li", .path = "teams/ods/team.yaml"},
	{.name = "dwd"},
};

static struct snapshot *workspace(void)
{
	struct snapshot *snapshot =
		snapshot_new(SNAPSHOT_WORKSPACE, KIT_CONTEXT, "workspace", NULL);

	snapshot->asked_ms = snapshot->observed_ms = KIT_NOW;
	snapshot->teams = teams;
	snapshot->team_count = ARRAY_SIZE(teams);
	snapshot->apps = declared;
	snapshot->app_count = ARRAY_SIZE(declared);
	return snapshot;
}

static void check_clusters(const struct cluster *got, const struct cluster *want)
{
	check_str("address", got->address, want->address);
	check_str("flink_version", got->flink_version, want->flink_version);
	check_int("observed_ms", got->observed_ms, want->observed_ms);
	check_int("latency_ms", got->latency_ms, want->latency_ms);
	check_int("live_jobs", got->live_jobs, want->live_jobs);
	assert_memory_equal(&got->status, &want->status, sizeof(got->status));
	check_bool("not asked by this one", got->has_answered, false);
}

static void check_job_details(const struct job *got, const struct job *want)
{
	const struct checkpoint *a = &got->last_checkpoint, *b = &want->last_checkpoint;

	check_int("detail_ms", got->detail_ms, want->detail_ms);
	check_int("restarts", got->restarts, want->restarts);
	check_int("parallelism", got->parallelism, want->parallelism);
	check_int("failed", got->checkpoints_failed, want->checkpoints_failed);
	check_str("exception", got->last_exception, want->last_exception);
	check_int("exception_ms", got->last_exception_ms, want->last_exception_ms);
	check_str("path", got->last_checkpoint_path, want->last_checkpoint_path);
	check_int("id", a->id, b->id);
	if (b->id < 0)
		return;
	check_int("is_savepoint", a->is_savepoint, b->is_savepoint);
	check_int("is_discarded", a->is_discarded, b->is_discarded);
	check_int("trigger_ms", a->trigger_ms, b->trigger_ms);
	check_int("ack_ms", a->ack_ms, b->ack_ms);
	check_int("duration_ms", a->duration_ms, b->duration_ms);
	check_int("state_bytes", a->state_bytes, b->state_bytes);
	check_int("checkpointed_bytes", a->checkpointed_bytes, b->checkpointed_bytes);
	check_int("processed_bytes", a->processed_bytes, b->processed_bytes);
	check_int("persisted_bytes", a->persisted_bytes, b->persisted_bytes);
	check_int("alignment_bytes", a->alignment_bytes, b->alignment_bytes);
	check_int("subtasks", a->subtasks, b->subtasks);
	check_int("acknowledged", a->acknowledged, b->acknowledged);
}

static void check_jobs(const struct job *got, const struct job *want)
{
	const struct job_summary *a = &got->summary, *b = &want->summary;

	check_str("id", a->id, b->id);
	check_str("name", got->name, want->name);
	check_str("status", job_status_name(a->status), job_status_name(b->status));
	check_int("start_ms", a->start_ms, b->start_ms);
	check_int("end_ms", a->end_ms, b->end_ms);
	check_int("duration_ms", a->duration_ms, b->duration_ms);
	check_int("modified_ms", a->modified_ms, b->modified_ms);
	assert_memory_equal(&a->tasks, &b->tasks, sizeof(a->tasks));
	check_int("seen_ms", got->seen_ms, want->seen_ms);
	check_str("app", got->app->ref, want->app->ref);
	check_job_details(got, want);
}

static void check_apps(const struct app *got, const struct app *want)
{
	check_str("source", got->source, want->source);
	check_str(want->ref, app_state_name(got->state), app_state_name(want->state));
	check_str(want->ref, state_detail_name(got->detail), state_detail_name(want->detail));
	check_str("job", got->job ? got->job->ref : NULL, want->job ? want->job->ref : NULL);
	check_bool("declared", got->decl != NULL, want->decl != NULL);
	if (!want->decl)
		return;
	check_str("text", got->decl->text, want->decl->text);
	check_str("error", got->decl->error, want->decl->error);
	check_str("owner", got->decl->owner, want->decl->owner);
	check_int("type", got->decl->type, want->decl->type);
	check_int("args", (int64_t)got->decl->arg_count, (int64_t)want->decl->arg_count);
	check_int("tags", (int64_t)got->decl->tag_count, (int64_t)want->decl->tag_count);
}

static void check_fleets(const struct fleet *got, const struct fleet *want)
{
	size_t count = 0, wanted = 0;
	struct app *const *apps = fleet_apps(want, &wanted);
	fleet_apps(got, &count);
	check_int("apps", (int64_t)count, (int64_t)wanted);
	for (size_t i = 0; i < wanted; i++) {
		assert_non_null(fleet_app(got, apps[i]->ref));
		check_apps(fleet_app(got, apps[i]->ref), apps[i]);
	}
	struct job *const *jobs = fleet_jobs(want, &wanted);
	fleet_jobs(got, &count);
	check_int("jobs", (int64_t)count, (int64_t)wanted);
	for (size_t i = 0; i < wanted; i++) {
		assert_non_null(fleet_job(got, jobs[i]->ref));
		check_jobs(fleet_job(got, jobs[i]->ref), jobs[i]);
	}
	struct cluster *const *clusters = fleet_clusters(want, &wanted);
	for (size_t i = 0; i < wanted; i++)
		check_clusters(fleet_cluster(got, clusters[i]->ref), clusters[i]);
	struct team *const *found = fleet_teams(want, &wanted);
	fleet_teams(got, &count);
	check_int("teams", (int64_t)count, (int64_t)wanted);
	for (size_t i = 0; i < wanted; i++) {
		struct team *team = fleet_team(got, found[i]->ref);
		assert_non_null(team);
		check_str("title", team->decl->title, found[i]->decl->title);
		check_str("owner", team->decl->owner, found[i]->decl->owner);
		check_int("apps", team->apps, found[i]->apps);
	}
}

static void live(struct kit *kit)
{
	kit_apply(kit, workspace());
	kit_apply(kit, kit_answer("a", KIT_NOW - 3000, 1, 4, JOB_RUNNING));
	kit_apply(kit, kit_answer("b", KIT_NOW - 2500, 9, 2, JOB_FAILED));
	kit_apply(kit, kit_detail("a", KIT_NOW - 2000, 1, 2, "IOException: 坏了"));
	kit_apply(kit, kit_detail("a", KIT_NOW - 1900, 2, 0, NULL));
	kit_apply(kit, kit_detail("b", KIT_NOW - 1800, 9, 7, "OutOfMemoryError: heap"));
	kit_flush(kit);
	/* Later polls: one without change (only the cluster's row is written), one with. */
	kit_apply(kit, kit_answer("a", KIT_NOW - 1000, 1, 4, JOB_RUNNING));
	kit_apply(kit, kit_answer("b", KIT_NOW - 500, 9, 3, JOB_FAILED));
}

static void fleet_survives_the_process(void **state)
{
	char *dir = temp_dir();
	struct kit before, after;

	(void)state;
	kit_open(&before, dir);
	live(&before);
	store_close(before.store);
	before.store = NULL;
	kit_open(&after, dir);
	kit_load(&after);
	check_int("problems", before.problems + after.problems, 0);
	check_fleets(after.fleet, before.fleet);
	/* The same answers again: nothing of it is news, so nothing but times is written. */
	kit_flush(&after);
	check_int("a first sight each, told once", kit_count(dir, "cache.db", "event"), 9);
	kit_close(&after);
	kit_close(&before);
	temp_dir_remove(dir);
}

/* The remembered fleet, polled: what was true stays, what ended meanwhile is said. */
static void fleet_remembered_then_polled(void **state)
{
	char *dir = temp_dir();
	struct kit before, after;

	(void)state;
	kit_open(&before, dir);
	live(&before);
	kit_close(&before);
	kit_open(&after, dir);
	kit_load(&after);
	kit_apply(&after, kit_answer("a", KIT_NOW + 1000, 1, 3, JOB_RUNNING));
	char *ref = ref_app(KIT_CONTEXT, "ods", "orders");
	check_str("orders", app_state_name(fleet_app(after.fleet, ref)->state), "RUNNING");
	free(ref);
	ref = ref_job(KIT_CONTEXT, "a", "00000000000000000000000000000004");
	assert_non_null(fleet_job(after.fleet, ref));
	assert_true(fleet_job(after.fleet, ref)->missing_ms != 0);
	free(ref);
	kit_close(&after);
	check_int("absent", kit_count(dir, "cache.db", "job WHERE missing_ms > 0"), 1);
	temp_dir_remove(dir);
}

/* What was concluded of a job that is gone does not turn into "never started" overnight. */
static void fleet_remembers_what_is_lost(void **state)
{
	char *dir = temp_dir();
	struct kit before, after;
	char *ref = ref_app(KIT_CONTEXT, "ods", "orders");

	(void)state;
	kit_open(&before, dir);
	live(&before);
	kit_apply(&before, kit_answer("a", KIT_NOW + 1000, 1, 0, JOB_RUNNING));
	kit_apply(&before, kit_answer("a", KIT_NOW + 3000, 1, 0, JOB_RUNNING));
	check_str("before", app_state_name(fleet_app(before.fleet, ref)->state), "LOST");
	kit_close(&before);
	kit_open(&after, dir);
	kit_load(&after);
	check_str("remembered", app_state_name(fleet_app(after.fleet, ref)->state), "LOST");
	kit_apply(&after, kit_answer("a", KIT_NOW + 9000, 1, 0, JOB_RUNNING));
	check_str("asked again", app_state_name(fleet_app(after.fleet, ref)->state), "LOST");
	kit_close(&after);
	free(ref);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fleet_survives_the_process),
		cmocka_unit_test(fleet_remembered_then_polled),
		cmocka_unit_test(fleet_remembers_what_is_lost),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
