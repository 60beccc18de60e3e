/* What others remember of jobs that ended while nobody watched, in the fleet, its history and the store. */
#include "tests/core/store/kit.h"

#define ID_1 "00000000000000000000000000000001"
#define ID_9 "00000000000000000000000000000009"
#define HOUR 3600000
#define START (KIT_NOW - HOUR)
#define PLACE "gw1:/data/archive"

static struct snapshot *ended(
	const char *id, enum job_status status, int64_t start_ms, int64_t end_ms, int64_t now_ms)
{
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_ENDED, KIT_CONTEXT, "a", id);
	struct job_summary *job = arena_calloc(snapshot->arena, 1, sizeof(*job));
	struct checkpoint *last = arena_calloc(snapshot->arena, 1, sizeof(*last));
	struct exception *failure = arena_calloc(snapshot->arena, 1, sizeof(*failure));

	snapshot->asked_ms = snapshot->observed_ms = now_ms;
	snapshot->cluster.address = PLACE;
	memcpy(job->id, id, JOB_ID_LEN + 1);
	job->name = "订单 job 1";
	job->status = status;
	job->start_ms = start_ms;
	job->end_ms = job->modified_ms = end_ms;
	job->duration_ms = end_ms - start_ms;
	snapshot->jobs = job;
	snapshot->job_count = 1;
	memcpy(snapshot->detail.id, id, JOB_ID_LEN + 1);
	snapshot->detail.parts = JOB_PART_CHECKPOINTS | JOB_PART_EXCEPTIONS;
	*last = (struct checkpoint){.id = 77,
		.status = CHECKPOINT_COMPLETED,
		.trigger_ms = end_ms - 2000,
		.ack_ms = end_ms - 1000,
		.path = "s3://b/chk-77"};
	snapshot->detail.checkpoints.history = last;
	snapshot->detail.checkpoints.history_count = 1;
	snapshot->detail.checkpoints.last_completed = last;
	*failure = (struct exception){.name = "X",
		.text = "java.io.IOException: gone\n\tat a.B.c(B.java:1)\n",
		.cause = "IOException: gone",
		.time_ms = end_ms - 10};
	snapshot->detail.exceptions = failure;
	snapshot->detail.exception_count = status == JOB_FAILED;
	return snapshot;
}

static struct snapshot *unknown(const char *id, enum err_code code, int64_t now_ms)
{
	struct snapshot *snapshot = snapshot_new(SNAPSHOT_ENDED, KIT_CONTEXT, "a", id);

	snapshot->asked_ms = snapshot->observed_ms = now_ms;
	snapshot_fail(snapshot, code, "job archive %s: no job %s", PLACE, id);
	return snapshot;
}

static void open_with(struct kit *kit, const char *dir)
{
	kit_open(kit, dir);
	fleet_set_cluster_history(kit->fleet, KIT_CONTEXT, "a");
}

static const struct app *app_of(const struct kit *kit, const char *word)
{
	struct app *found[2];

	return fleet_find_apps(kit->fleet, word, found, 2) == 1 ? found[0] : NULL;
}

static const struct cluster *cluster_of(const struct kit *kit)
{
	size_t count;

	return fleet_clusters(kit->fleet, &count)[0];
}

static void ended_unseen_becomes_the_truth(void **state)
{
	const int64_t later = KIT_NOW + 5 * HOUR, end = KIT_NOW + HOUR;
	char *dir = temp_dir();
	const struct app *app;
	struct kit kit;

	(void)state;
	open_with(&kit, dir);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_apply(&kit, kit_answer("a", KIT_NOW, 1, 1, JOB_RUNNING));
	kit_apply(&kit, kit_answer("a", later, 2, 1, JOB_RUNNING));
	app = app_of(&kit, "orders");
	check_str("before", state_detail_name(app->detail), "EXPIRED");
	kit_apply(&kit, ended(ID_1, JOB_FAILED, START, end, later + 1000));
	check_str("state", app_state_name(app->state), "FAILED");
	check_str("no detail", state_detail_name(app->detail), NULL);
	check_str("believed", witness_name(app->witness), "history");
	check_str("who", app->job->said_by, PLACE);
	check_int("end", app->job->summary.end_ms, end);
	check_int("since when its job says", app->state_since_ms, 0);
	check_int("last checkpoint", app->job->last_checkpoint.id, 77);
	check_str("exception", app->job->last_exception, "IOException: gone");
	/* The JobManager's next answers, which still do not list it, change nothing. */
	kit_apply(&kit, kit_answer("a", later + 2000, 2, 1, JOB_RUNNING));
	kit_apply(&kit, kit_answer("a", later + 4000, 2, 1, JOB_RUNNING));
	check_str("it stays", app_state_name(app->state), "FAILED");
	kit_flush(&kit);
	check_int("its history goes to its end",
		kit_sql(dir, "cache.db",
			"SELECT count(*) FROM event WHERE to_state = 'FAILED' AND text = "
			"'IOException: gone; ended 2026-11-18T12:06:40.000Z, as remembered "
			"by " PLACE "'"),
		1);
	check_int("checkpoints", kit_count(dir, "cache.db", "checkpoint"), 1);
	check_int("exceptions", kit_count(dir, "cache.db", "exception"), 1);
	kit_close(&kit);
	/* Another weir knows it without asking anybody. */
	open_with(&kit, dir);
	kit_load(&kit);
	kit_apply(&kit, kit_declared(KIT_NOW));
	app = app_of(&kit, "orders");
	check_str("remembered", app_state_name(app->state), "FAILED");
	check_str("by whom", app->job->said_by, PLACE);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void who_went_with_its_job_is_spoken_for(void **state)
{
	char *dir = temp_dir();
	const struct app *app;
	struct kit kit;

	(void)state;
	open_with(&kit, dir);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_apply(&kit, kit_answer("a", KIT_NOW, 1, 1, JOB_RUNNING));
	kit_apply(&kit, kit_failure("a", KIT_NOW + 1000, "refused"));
	kit_apply(&kit, kit_failure("a", KIT_NOW + 2000, "refused"));
	app = app_of(&kit, "orders");
	check_str("before", app_state_name(app->state), "UNREACHABLE");
	kit_apply(&kit, ended(ID_1, JOB_FINISHED, START, KIT_NOW + 500, KIT_NOW + 3000));
	check_str("state", app_state_name(app->state), "FINISHED");
	kit_apply(&kit, kit_failure("a", KIT_NOW + 9000, "refused"));
	check_str("it stays", app_state_name(app->state), "FINISHED");
	/* The same id begun anew, as application mode does: the JobManager is right. */
	kit_apply(&kit, kit_answer("a", KIT_NOW + 60000, 1, 1, JOB_RUNNING));
	check_str("runs", app_state_name(app->state), "RUNNING");
	check_str("said by its JobManager", app->job->said_by, NULL);
	check_str("believed", witness_name(app->witness), "jobmanager");
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void what_is_remembered_must_be_of_this_run(void **state)
{
	char *dir = temp_dir();
	const struct app *app;
	struct kit kit;

	(void)state;
	open_with(&kit, dir);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_apply(&kit, kit_answer("a", KIT_NOW, 1, 1, JOB_RUNNING));
	app = app_of(&kit, "orders");
	kit_apply(&kit, ended(ID_1, JOB_FAILED, START, KIT_NOW + 500, KIT_NOW + 1000));
	check_str("it is listed", app_state_name(app->state), "RUNNING");
	kit_apply(&kit, kit_answer("a", KIT_NOW + 2000, 2, 1, JOB_RUNNING));
	kit_apply(&kit, kit_answer("a", KIT_NOW + 4000, 2, 1, JOB_RUNNING));
	check_str("lost", app_state_name(app->state), "LOST");
	kit_apply(&kit, ended(ID_1, JOB_FAILED, START - HOUR, START - 1, KIT_NOW + 5000));
	check_str("an earlier run of that id", app_state_name(app->state), "LOST");
	kit_apply(&kit, ended(ID_1, JOB_SUSPENDED, START, KIT_NOW + 500, KIT_NOW + 5000));
	check_str("no end", app_state_name(app->state), "LOST");
	kit_apply(&kit, ended(ID_1, JOB_CANCELED, START, KIT_NOW + 500, KIT_NOW + 5000));
	check_str("of this one", app_state_name(app->state), "CANCELED");
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* Nobody declared it: it would be gone from the list before anybody could say how it ended. */
static void unmanaged_ones_wait_for_who_remembers(void **state)
{
	const int64_t later = KIT_NOW + 5 * HOUR;
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	open_with(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 1, 3, JOB_RUNNING));
	kit_apply(&kit, kit_answer("a", later, 3, 1, JOB_RUNNING));
	check_bool("waits", app_of(&kit, "订单 job 1") != NULL, true);
	kit_apply(&kit, ended(ID_1, JOB_FINISHED, START, later - HOUR, later + 1000));
	kit_apply(&kit, unknown("00000000000000000000000000000002", E_NOTFOUND, later + 1000));
	kit_apply(&kit, kit_answer("a", later + 2000, 3, 2, JOB_RUNNING));
	check_str("told", app_state_name(app_of(&kit, "订单 job 1")->state), "FINISHED");
	check_bool("nobody knows it", app_of(&kit, "订单 job 2") == NULL, true);
	kit_apply(&kit, kit_answer("a", later + 30 * HOUR, 3, 3, JOB_RUNNING));
	check_bool("no news any more", app_of(&kit, "订单 job 1") == NULL, true);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void one_that_was_never_listed_is_tied_by_its_name(void **state)
{
	char *dir = temp_dir();
	const struct app *app;
	struct kit kit;

	(void)state;
	open_with(&kit, dir);
	kit_apply(&kit, kit_declared(KIT_NOW));
	kit_apply(&kit, kit_answer("a", KIT_NOW, 2, 1, JOB_RUNNING));
	app = app_of(&kit, "orders");
	check_str("before", app_state_name(app->state), "ADDED");
	kit_apply(&kit, ended(ID_9, JOB_FINISHED, START, KIT_NOW - 9000, KIT_NOW + 1000));
	check_str("state", app_state_name(app->state), "FINISHED");
	check_str("job", app->job->summary.id, ID_9);
	check_int("last checkpoint", app->job->last_checkpoint.id, 77);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void who_cannot_be_asked_is_said(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	open_with(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 1, 1, JOB_RUNNING));
	kit_apply(&kit, unknown(ID_1, E_CONFIG, KIT_NOW));
	check_int("an error", cluster_of(&kit)->history_err.code, E_CONFIG);
	kit_apply(&kit, unknown(ID_1, E_NOTFOUND, KIT_NOW));
	check_int("an answer", cluster_of(&kit)->history_err.code, E_OK);
	kit_close(&kit);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ended_unseen_becomes_the_truth),
		cmocka_unit_test(who_went_with_its_job_is_spoken_for),
		cmocka_unit_test(what_is_remembered_must_be_of_this_run),
		cmocka_unit_test(unmanaged_ones_wait_for_who_remembers),
		cmocka_unit_test(one_that_was_never_listed_is_tied_by_its_name),
		cmocka_unit_test(who_cannot_be_asked_is_said),
	};

	check_locale();
	return cmocka_run_group_tests_name("fleet/ended", tests, NULL, NULL);
}
