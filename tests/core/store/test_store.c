/* The store on a loop: what is written and when, what is loaded, and how it says what does not
 * work. */
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/store/disk.h"
#include "tests/core/store/kit.h"

#define CACHE "cache.db"
#define REGISTRY "registry.db"

static struct snapshot *workspace(int64_t observed_ms, int apps, const char *owner)
{
	struct snapshot *snapshot =
		snapshot_new(SNAPSHOT_WORKSPACE, KIT_CONTEXT, "workspace", NULL);
	struct arena *arena = snapshot->arena;
	struct team_decl *team = arena_alloc(arena, sizeof(*team));
	struct app_decl *decls = arena_calloc(arena, (size_t)apps + 1, sizeof(*decls));

	snapshot->asked_ms = snapshot->observed_ms = observed_ms;
	*team = (struct team_decl){
		.name = "ods", .title = "Ödes", .owner = arena_strdup(arena, owner)};
	snapshot->teams = team;
	snapshot->team_count = 1;
	for (int i = 0; i < apps; i++)
		decls[i] = (struct app_decl){.team = "ods",
			.name = arena_printf(arena, "app-%d", i),
			.job_name = arena_printf(arena, "app-%d", i),
			.type = APP_JAR,
			.target = TARGET_REMOTE,
			.cluster = "a",
			.owner = arena_strdup(arena, owner),
			.parallelism = -1,
			.text = arena_printf(arena, "owner: %s\n", owner)};
	snapshot->apps = decls;
	snapshot->app_count = (size_t)apps;
	return snapshot;
}

static void store_fresh_is_empty_and_private(void **state)
{
	char *top = temp_dir(), *dir = temp_path(top, "state/prod"), *path = temp_path(dir, CACHE);
	struct stat st;
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_load(&kit);
	check_int("snapshots", (int64_t)kit.snapshot_count, 0);
	check_int("err", kit.load_err.code, 0);
	check_int("problems", kit.problems + kit.recoveries, 0);
	assert_int_equal(stat(dir, &st), 0);
	check_int("folder", st.st_mode & 0777, 0700);
	assert_int_equal(stat(path, &st), 0);
	check_int("file", st.st_mode & 0777, 0600);
	/* What must never be lost is on the disk before it is said to be. */
	check_str(REGISTRY, registry_schema.synchronous, "FULL");
	check_bool(REGISTRY, registry_schema.is_precious, true);
	check_str(CACHE, cache_schema.synchronous, "NORMAL");
	check_bool(CACHE, cache_schema.is_precious, false);
	kit_close(&kit);
	free(path);
	free(dir);
	temp_dir_remove(top);
}

static void store_writes_by_itself(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, workspace(KIT_NOW, 3, "li"));
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 5, JOB_RUNNING));
	check_int("not at once", kit_count(dir, CACHE, "job"), 0);
	int64_t end_ms = clock_mono_ms() + KIT_DEADLINE_MS;
	while (kit_count(dir, CACHE, "job") < 5 && clock_mono_ms() < end_ms)
		loop_turn(kit.loop, 50);
	check_int("jobs", kit_count(dir, CACHE, "job WHERE missing_ms = 0"), 5);
	check_int("clusters", kit_count(dir, CACHE, "cluster"), 1);
	check_int("apps", kit_count(dir, REGISTRY, "application"), 3);
	check_int("teams", kit_count(dir, REGISTRY, "team"), 1);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void store_close_writes_what_is_left(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, workspace(KIT_NOW, 3, "li"));
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 5, JOB_RUNNING));
	store_flush(kit.store); /* one batch on the lane, one behind it */
	kit_apply(&kit, kit_answer("b", KIT_NOW, 5, 5, JOB_RUNNING));
	kit_close(&kit);
	check_int("jobs", kit_count(dir, CACHE, "job"), 10);
	check_int("apps", kit_count(dir, REGISTRY, "application"), 3);
	check_int("no problem", kit.problems, 0);
	temp_dir_remove(dir);
}

/* A poll without change costs the row of its cluster, and that not at each poll. */
static void store_unchanged_polls_wait(void **state)
{
	char *dir = temp_dir();
	struct kit kit;
	const char *seen_a = "SELECT observed_ms FROM cluster WHERE name = 'a'";
	const char *seen_b = "SELECT observed_ms FROM cluster WHERE name = 'b'";
	const char *job_a = "SELECT max(seen_ms) FROM job WHERE cluster = 'a'";

	(void)state;
	kit_open(&kit, dir);
	clock_fix(KIT_NOW, 100000);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 5, JOB_RUNNING));
	kit_flush(&kit);
	kit_apply(&kit, kit_answer("a", KIT_NOW + 2000, 0, 5, JOB_RUNNING));
	kit_flush(&kit); /* a flush writes all there is */
	check_int("flushed", kit_sql(dir, CACHE, seen_a), KIT_NOW + 2000);
	check_int("not the jobs", kit_sql(dir, CACHE, job_a), KIT_NOW);
	/* By itself: a change of b is written, the new time of a is not. */
	kit_apply(&kit, kit_answer("a", KIT_NOW + 4000, 0, 5, JOB_RUNNING));
	kit_apply(&kit, kit_answer("b", KIT_NOW + 4000, 9, 1, JOB_RUNNING));
	for (int i = 0; i < 400 && !kit_sql(dir, CACHE, seen_b); i++)
		loop_turn(kit.loop, 50);
	check_int("b", kit_sql(dir, CACHE, seen_b), KIT_NOW + 4000);
	check_int("a waits", kit_sql(dir, CACHE, seen_a), KIT_NOW + 2000);
	/* Later it goes along. */
	clock_fix(KIT_NOW + 6000, 106000);
	kit_apply(&kit, kit_answer("b", KIT_NOW + 6000, 9, 2, JOB_RUNNING));
	for (int i = 0; i < 400 && kit_sql(dir, CACHE, seen_b) < KIT_NOW + 6000; i++)
		loop_turn(kit.loop, 50);
	check_int("a", kit_sql(dir, CACHE, seen_a), KIT_NOW + 4000);
	clock_fix(0, 0);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* Times that come while a row waits go into it: what is written is what each time anew would be. */
static void store_times_of_a_waiting_row_are_the_last_ones(void **state)
{
	const char *row = "SELECT observed_ms * 3 + latency_ms * 5 + asked_ms * 7 + misses * 11"
			  " + asked_mono_ms * 13 + observed_mono_ms * 17 + taskmanagers * 19"
			  " + length(coalesce(error, '')) * 23 FROM cluster WHERE name = 'a'";
	char *waits = temp_dir(), *writes = temp_dir();
	struct kit waiting, writing;
	uint32_t random = 5;

	(void)state;
	kit_open(&waiting, waits);
	kit_open(&writing, writes);
	clock_fix(KIT_NOW, 100000);
	for (int i = 1; i <= 60; i++) {
		struct kit *kits[] = {&waiting, &writing};

		random = random * 1664525u + 1013904223u;
		clock_fix(KIT_NOW + i * 10, 100000 + i * 10);
		for (int k = 0; k < 2; k++) {
			struct snapshot *answer =
				kit_answer("a", KIT_NOW + i * 10, 0, 2, JOB_RUNNING);

			answer->latency_ms = (random >> 8) % 90;
			answer->mono_ms = 100000 + i * 10;
			if ((random >> 16) % 5 == 0)
				snapshot_fail(answer, E_NET, "connection refused");
			else if ((random >> 16) % 7 == 0)
				answer->cluster.taskmanagers = 2 + i;
			kit_apply(kits[k], answer);
		}
		kit_flush(&writing);
		if (i % 20 == 0) {
			kit_flush(&waiting);
			check_int("row", kit_sql(waits, CACHE, row), kit_sql(writes, CACHE, row));
		}
	}
	clock_fix(0, 0);
	kit_close(&waiting);
	kit_close(&writing);
	temp_dir_remove(waits);
	temp_dir_remove(writes);
}

static void store_follows_changes_and_removals(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, workspace(KIT_NOW, 3, "li"));
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 5, JOB_FINISHED));
	kit_flush(&kit);
	kit_apply(&kit, workspace(KIT_NOW + 1000, 2, "wang"));
	/* Ended jobs that are no longer listed are history. */
	kit_apply(&kit, kit_answer("a", KIT_NOW + 1000, 0, 2, JOB_FINISHED));
	kit_flush(&kit);
	check_int("apps", kit_count(dir, REGISTRY, "application"), 2);
	check_int("owner", kit_count(dir, REGISTRY, "application WHERE owner = 'wang'"), 2);
	check_int("observed", kit_sql(dir, REGISTRY, "SELECT observed_ms FROM source"),
		KIT_NOW + 1000);
	check_int("jobs", kit_count(dir, CACHE, "job"), 2);
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* A job that the last answer did not list must not look as if it had. */
static void store_absent_job_is_loaded_as_absent(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 3, JOB_RUNNING));
	kit_apply(&kit, kit_answer("a", KIT_NOW + 1000, 0, 2, JOB_RUNNING));
	kit_close(&kit);
	check_int("kept", kit_count(dir, CACHE, "job WHERE missing_ms > 0"), 1);
	kit_open(&kit, dir);
	kit_load(&kit);
	check_int("snapshots", (int64_t)kit.snapshot_count, 1);
	check_int("jobs", (int64_t)kit.snapshots[0]->job_count, 3);
	check_int("observed", kit.snapshots[0]->observed_ms, KIT_NOW + 1000);
	const struct job_summary *absent = NULL;
	for (size_t i = 0; i < 3; i++)
		if (kit.snapshots[0]->jobs[i].missing_ms)
			absent = &kit.snapshots[0]->jobs[i];
	assert_non_null(absent);
	check_int("seen", absent->seen_ms, KIT_NOW);
	check_int("without", absent->settled_without, 1);
	assert_true(kit.snapshots[0]->from_store);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void store_load_keeps_durations_true(void **state)
{
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 1, JOB_RUNNING));
	kit_apply(&kit, kit_answer("b", KIT_NOW, 1, 1, JOB_FINISHED));
	kit_flush(&kit);
	/* Only the clusters' rows are written for these. */
	kit_apply(&kit, kit_answer("a", KIT_NOW + 7000, 0, 1, JOB_RUNNING));
	kit_close(&kit);
	kit_open(&kit, dir);
	kit_load(&kit);
	assert_int_equal(kit.snapshot_count, 2);
	check_int("runs on", kit.snapshots[0]->jobs[0].duration_ms, 3600000 + 7000);
	check_int("ended", kit.snapshots[1]->jobs[0].duration_ms, 3600000);
	kit_close(&kit);
	temp_dir_remove(dir);
}

static void store_ignores_other_contexts_and_itself(void **state)
{
	char *dir = temp_dir();
	struct kit kit;
	struct snapshot *own = kit_answer("a", KIT_NOW, 0, 3, JOB_RUNNING);
	struct snapshot *foreign = snapshot_new(SNAPSHOT_CLUSTER, "test", "a", NULL);

	(void)state;
	kit_open(&kit, dir);
	fleet_add_cluster(kit.fleet, "test", "a", "standalone", "http://t:8081");
	own->from_store = true;
	foreign->observed_ms = KIT_NOW;
	kit_apply(&kit, own);
	kit_apply(&kit, foreign);
	kit_close(&kit);
	check_int("clusters", kit_count(dir, CACHE, "cluster"), 0);
	check_int("jobs", kit_count(dir, CACHE, "job"), 0);
	temp_dir_remove(dir);
}

/* ---- secrets ---- */

static bool files_hold(const char *dir, const char *text)
{
	char *pattern = temp_path(dir, "*");
	glob_t found = {0};
	bool holds = false;

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct buf bytes;
		buf_init(&bytes, 0);
		if (file_read(found.gl_pathv[i], &bytes, NULL) == 0 && bytes.len)
			holds = holds || memmem(bytes.data, bytes.len, text, strlen(text));
		buf_release(&bytes);
	}
	globfree(&found);
	free(pattern);
	return holds;
}

static void store_holds_no_secret(void **state)
{
	static const char *const args[] = {
		"--user", "flink", "--password", "hunter2-a", "--token=hunter2-b", "--verbose"};
	static const struct setting properties[] = {
		{"s3.secret-key", "hunter2-c"}, {"parallelism.default", "visible-value"}};
	struct app_decl decl = {.team = "ods",
		.name = "app",
		.job_name = "app",
		.type = APP_SQL,
		.target = TARGET_REMOTE,
		.cluster = "a",
		.parallelism = -1,
		.args = args,
		.arg_count = ARRAY_SIZE(args),
		.properties = properties,
		.property_count = ARRAY_SIZE(properties),
		.sql = "CREATE TABLE t (a INT) WITH ('password' = 'hunter2-d')",
		.text = "args: [--password=hunter2-e]\n",
		.has_build = true,
		.build = {.git = "https://me:hunter2-f@git.example/x.git"}};
	char *dir = temp_dir();
	struct kit kit;
	struct snapshot *snapshot =
		snapshot_new(SNAPSHOT_WORKSPACE, KIT_CONTEXT, "workspace", NULL);

	(void)state;
	snapshot->observed_ms = KIT_NOW;
	snapshot->apps = &decl;
	snapshot->app_count = 1;
	kit_open(&kit, dir);
	kit_apply(&kit, snapshot);
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, 1, JOB_RUNNING));
	kit_apply(
		&kit, kit_detail("a", KIT_NOW, 0, 1, "IOException: login with password=hunter2-g"));
	kit_flush(&kit);
	assert_false(files_hold(dir, "hunter2"));
	assert_true(files_hold(dir, "visible-value"));
	assert_true(files_hold(dir, "--verbose"));
	kit_close(&kit);
	temp_dir_remove(dir);
}

/* ---- scale ---- */

/* The first frame waits for this. The figure is printed; the bound only catches another order. */
static void store_loads_ten_thousand(void **state)
{
	enum { JOBS = 10000 };
	char *dir = temp_dir();
	struct kit kit;

	(void)state;
	kit_open(&kit, dir);
	kit_apply(&kit, workspace(KIT_NOW, JOBS / 10, "li"));
	kit_apply(&kit, kit_answer("a", KIT_NOW, 0, JOBS, JOB_RUNNING));
	for (int i = 0; i < JOBS; i++)
		kit_apply(&kit, kit_detail("a", KIT_NOW, i, 2, "java.io.IOException: it broke"));
	int64_t start_ms = clock_mono_ms();
	kit_flush(&kit);
	print_message("             %d jobs written in %lld ms\n", JOBS,
		(long long)(clock_mono_ms() - start_ms));
	kit_close(&kit);
	kit_open(&kit, dir);
	fleet_free(kit.fleet);
	kit.fleet = fleet_new(); /* knows no cluster: what is measured is the store */
	start_ms = clock_mono_ms();
	kit_load(&kit);
	int64_t took_ms = clock_mono_ms() - start_ms;
	print_message("             %d jobs loaded in %lld ms\n", JOBS, (long long)took_ms);
	check_int("snapshots", (int64_t)kit.snapshot_count, 2 + JOBS);
	assert_true(took_ms < 2000);
	kit_close(&kit);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store_fresh_is_empty_and_private),
		cmocka_unit_test(store_writes_by_itself),
		cmocka_unit_test(store_close_writes_what_is_left),
		cmocka_unit_test(store_unchanged_polls_wait),
		cmocka_unit_test(store_times_of_a_waiting_row_are_the_last_ones),
		cmocka_unit_test(store_follows_changes_and_removals),
		cmocka_unit_test(store_absent_job_is_loaded_as_absent),
		cmocka_unit_test(store_load_keeps_durations_true),
		cmocka_unit_test(store_ignores_other_contexts_and_itself),
		cmocka_unit_test(store_holds_no_secret),
		cmocka_unit_test(store_loads_ten_thousand),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
