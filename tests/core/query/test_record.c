/*
 * The registry as a witness, on a real file: what runs of ours and of other processes left becomes
 * the state, the operation and the release state of applications.
 */
#include "core/base/buf.h"
#include "core/present/column.h"
#include "core/query/query_record.h"
#include "core/store/journal/release.h"
#include "tests/core/store/kit.h"

#define REF "prod/workspace/app/ods/orders"
#define JOB "00000000000000000000000000000007"
#define OTHER "00000000000000000000000000000008"

struct world {
	struct kit kit;
	struct record_feed *feed;
	char *dir;
	int asked, changes;
	struct app_decl decl;
};

static void on_changes(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct world *world = data;

	(void)changes;
	world->changes += cause->kind == SNAPSHOT_REGISTRY && count > 0;
}

static int setup(void **state)
{
	static const struct setting variables[] = {{"db", "orders"}};
	struct world *world = xcalloc(1, sizeof(*world));

	world->dir = temp_dir();
	kit_open(&world->kit, world->dir);
	fleet_set_context(world->kit.fleet, KIT_CONTEXT, variables, 1, NULL, 0);
	fleet_subscribe(world->kit.fleet, on_changes, world);
	world->feed =
		record_feed_new(world->kit.loop, world->kit.store, world->kit.fleet, KIT_CONTEXT);
	world->decl = (struct app_decl){.team = "ods",
		.name = "orders",
		.job_name = "订单 job 7",
		.cluster = "a",
		.artifact = "build",
		.main_class = "x.${db}",
		.type = APP_JAR,
		.target = TARGET_REMOTE,
		.parallelism = -1};
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	record_feed_free(world->feed);
	kit_close(&world->kit);
	temp_dir_remove(world->dir);
	free(world);
	return 0;
}

static void declare(struct world *world)
{
	struct snapshot *snapshot =
		snapshot_new(SNAPSHOT_WORKSPACE, KIT_CONTEXT, "workspace", NULL);
	struct team_decl *team = arena_alloc(snapshot->arena, sizeof(*team));
	struct app_decl *app = arena_alloc(snapshot->arena, sizeof(*app));

	*team = (struct team_decl){.name = "ods"};
	*app = world->decl;
	snapshot->teams = team;
	snapshot->team_count = 1;
	snapshot->apps = app;
	snapshot->app_count = 1;
	snapshot->observed_ms = KIT_NOW;
	kit_apply(&world->kit, snapshot);
}

static void on_asked(void *data)
{
	++*(int *)data;
}

/* The application as it is when the registry was read. */
static const struct app *ask(struct world *world)
{
	int before = world->asked;

	record_feed_ask(world->feed, on_asked, &world->asked);
	check_int("never from inside", world->asked, before);
	kit_idle(&world->kit);
	check_int("once", world->asked, before + 1);
	return fleet_app(world->kit.fleet, REF);
}

/* As another process writes it. */
static void write_run(struct world *world, const char *verb, const char *run_state, const char *job,
	const char *start, const char *steps, int64_t ended_ms)
{
	char *sql = xasprintf(
		"INSERT INTO run (app, context, team, name, cluster, verb, state, created_ms,"
		" sent_ms, ended_ms, job_id, start_job_id, result, steps, release) VALUES ('" REF
		"', 'prod', 'ods', 'orders', 'a', '%s', '%s', 1, 2, %lld, %s%s%s, %s%s%s,"
		" 's3://s/1', %s%s%s, 3) RETURNING id",
		verb, run_state, (long long)ended_ms, job ? "'" : "", job ? job : "NULL",
		job ? "'" : "", start ? "'" : "", start ? start : "NULL", start ? "'" : "",
		steps ? "'" : "", steps ? steps : "NULL", steps ? "'" : "");

	assert_true(kit_sql(world->dir, "registry.db", sql) > 0);
	free(sql);
}

/* Of the newest run, held by nobody. */
static void leave_alone(struct world *world)
{
	kit_sql(world->dir, "registry.db",
		"INSERT INTO lease (app, run, epoch, pid, beat_boot_ms, beat_wall_ms)"
		" SELECT app, max(id), 1, 0, 0, 0 FROM run RETURNING run");
}

static void check_state(const char *name, const struct app *app, const char *want)
{
	check_str(name, app_state_name(app->state), want);
}

static void a_stop_of_ours_makes_suspended(void **state)
{
	struct world *world = *state;
	const struct app *app;

	declare(world);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW, 7, 1, JOB_FINISHED));
	app = ask(world);
	check_state("before", app, "FINISHED");
	check_bool("no record", app->record, false);
	write_run(world, "stop", "DONE", JOB, NULL, NULL, KIT_NOW);
	app = ask(world);
	check_state("after", app, "SUSPENDED");
	check_str("its savepoint", app->record->point.path, "s3://s/1");
	check_int("kind", app->record->point.kind, RESTORE_SAVEPOINT);
	/* Forgotten by the JobManager, and then nobody answers. */
	kit_apply(&world->kit, kit_answer("a", KIT_NOW + 9000000, 1, 0, JOB_FINISHED));
	check_state("forgotten", fleet_app(world->kit.fleet, REF), "SUSPENDED");
	/* A run of another job says nothing of this one. */
	kit_apply(&world->kit, kit_answer("a", KIT_NOW + 9000001, 8, 0, JOB_RUNNING));
	check_state("still", fleet_app(world->kit.fleet, REF), "SUSPENDED");
}

static void a_failed_stop_of_ours_changes_nothing(void **state)
{
	struct world *world = *state;

	declare(world);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW, 7, 1, JOB_RUNNING));
	write_run(world, "stop", "FAILED", JOB, NULL, NULL, KIT_NOW);
	check_state("runs on", ask(world), "RUNNING");
	/* An earlier one that went well was of another job. */
	write_run(world, "stop", "DONE", OTHER, NULL, NULL, KIT_NOW);
	check_state("runs on", ask(world), "RUNNING");
}

static void an_orphan_is_in_doubt_and_no_witness(void **state)
{
	struct world *world = *state;
	const struct app *app;

	declare(world);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW, 7, 1, JOB_RUNNING));
	write_run(world, "stop", "WATCHING", JOB, NULL, NULL, 0);
	leave_alone(world);
	app = ask(world);
	check_state("the JobManager says so", app, "RUNNING");
	check_str("operation", app->record->open.verb, "stop");
	check_str("in doubt", run_state_name(app->record->open.state), "UNKNOWN");
	check_bool("nobody at it", app->record->open.is_live, false);
}

static void a_job_is_tied_by_the_id_of_its_start(void **state)
{
	struct world *world = *state;
	const struct app *app;

	world->decl.job_name = "orders"; /* the job calls itself "订单 job 7" */
	declare(world);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW, 7, 2, JOB_RUNNING));
	app = ask(world);
	check_bool("not by name", app->job, false);
	write_run(world, "start", "DONE", NULL, JOB, NULL, KIT_NOW);
	app = ask(world);
	check_bool("by id", app->job, true);
	check_str("by id", app->job->summary.id, JOB);
	check_state("the JobManager's word", app, "RUNNING");
	/* Ended and known: still its run. */
	kit_apply(&world->kit, kit_answer("a", KIT_NOW + 1, 7, 1, JOB_FAILED));
	check_state("its end", fleet_app(world->kit.fleet, REF), "FAILED");
}

static void a_restart_that_stopped_and_did_not_start_is_suspended(void **state)
{
	static const char steps[] =
		"[{\"name\":\"savepoint\",\"state\":\"DONE\"},{\"name\":\"start\",\"state\":"
		"\"FAILED\"}]";
	struct world *world = *state;

	declare(world);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW, 7, 1, JOB_FINISHED));
	write_run(world, "restart", "FAILED", JOB, OTHER, steps, KIT_NOW);
	check_state("suspended", ask(world), "SUSPENDED");
}

/* Between the end of a stop and the next poll, verbs do not take it for a job that runs. */
static void a_job_that_we_stopped_does_not_live_although_it_was_listed_last(void **state)
{
	struct world *world = *state;
	int64_t now_ms = clock_wall_ms();

	declare(world);
	kit_apply(&world->kit, kit_answer("a", now_ms, 7, 1, JOB_RUNNING));
	check_bool("runs", app_job_is_live(fleet_app(world->kit.fleet, REF)), true);
	write_run(world, "stop", "DONE", JOB, NULL, NULL, now_ms + 1);
	check_state("stopped", ask(world), "SUSPENDED");
	check_bool("stopped", app_job_is_live(fleet_app(world->kit.fleet, REF)), false);
	/* Listed since: then it is not so. */
	kit_apply(&world->kit, kit_answer("a", now_ms + 10000, 7, 1, JOB_RUNNING));
	check_state("it runs", fleet_app(world->kit.fleet, REF), "RUNNING");
	check_bool("it runs", app_job_is_live(fleet_app(world->kit.fleet, REF)), true);
}

/* Between the end of a start and the next poll, nobody falls back to what was before it. */
static void a_start_that_is_done_holds_until_the_next_poll(void **state)
{
	struct world *world = *state;
	int64_t now_ms = clock_wall_ms();

	declare(world);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW, 7, 1, JOB_FINISHED));
	write_run(world, "stop", "DONE", JOB, NULL, NULL, KIT_NOW);
	check_state("stopped", ask(world), "SUSPENDED");
	write_run(world, "start", "DONE", NULL, OTHER, NULL, now_ms);
	check_state("started", ask(world), "STARTING");
	check_str("its job", app_started_job(fleet_app(world->kit.fleet, REF), now_ms), OTHER);
	struct snapshot *both = kit_answer("a", now_ms + 10, 7, 2, JOB_FINISHED);
	((struct job_summary *)both->jobs)[1].status = JOB_RUNNING;
	kit_apply(&world->kit, both);
	check_state("polled", fleet_app(world->kit.fleet, REF), "RUNNING");
	check_str("listed", app_started_job(fleet_app(world->kit.fleet, REF), now_ms), NULL);
}

/* Long ago it says nothing any more. */
static void a_start_of_yesterday_is_no_witness(void **state)
{
	struct world *world = *state;

	declare(world);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW - 100000, 1, 0, JOB_FINISHED));
	write_run(world, "start", "DONE", NULL, OTHER, NULL, KIT_NOW - 90000);
	kit_apply(&world->kit, kit_answer("b", KIT_NOW, 1, 0, JOB_FINISHED));
	check_state("not known", ask(world), "UNKNOWN");
}

static size_t app_count(struct world *world)
{
	size_t count;

	fleet_apps(world->kit.fleet, &count);
	return count;
}

/* One row, one name, however often it was restarted; what is no run of ours is an item. */
static void former_runs_stay_with_their_application(void **state)
{
	static const char steps[] =
		"[{\"name\":\"savepoint\",\"state\":\"DONE\"},{\"name\":\"start\",\"state\":"
		"\"DONE\"}]";
	struct world *world = *state;
	struct app *found[4];
	const struct app *app;

	world->decl.job_name = "订单 job 8";
	declare(world);
	/* 7 and 8 were started by runs, 9 by somebody else. */
	kit_apply(&world->kit, kit_answer("a", KIT_NOW, 7, 3, JOB_FINISHED));
	check_int("nobody knows", (int64_t)app_count(world), 3);
	write_run(world, "start", "DONE", NULL, JOB, NULL, KIT_NOW);
	write_run(world, "restart", "DONE", JOB, OTHER, steps, KIT_NOW);
	app = ask(world);
	check_str("its run", app->job->summary.id, OTHER);
	check_int("it, and the stranger", (int64_t)app_count(world), 2);
	check_int("one of that name",
		(int64_t)fleet_find_apps(world->kit.fleet, "orders", found, 4), 1);
	/* A former run that is alive after all is shown. */
	struct snapshot *alive = kit_answer("a", KIT_NOW + 10, 7, 3, JOB_FINISHED);
	((struct job_summary *)alive->jobs)[0].status = JOB_RUNNING;
	kit_apply(&world->kit, alive);
	check_int("alive", (int64_t)app_count(world), 3);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW + 20, 7, 3, JOB_FINISHED));
	check_int("ended", (int64_t)app_count(world), 2);
	/* Without its application each is an item of its own again. */
	world->decl.name = "another";
	declare(world);
	check_int("renamed", (int64_t)app_count(world), 3);
}

/* Seen between the two, the job is known to have gone. */
static void a_stop_ends_with_its_step_not_with_its_run(void **state)
{
	static const char steps[] =
		"[{\"name\":\"savepoint\",\"state\":\"DONE\",\"endedMs\":1795000000100},"
		"{\"name\":\"check\",\"state\":\"PLANNED\"}]";
	struct world *world = *state;

	declare(world);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW, 7, 1, JOB_RUNNING));
	write_run(world, "restart", "FAILED", JOB, OTHER, steps, KIT_NOW + 900);
	const struct app *app = ask(world);
	check_state("stopped", app, "SUSPENDED");
	check_int("by its step", app->record->stopped.ended_ms, KIT_NOW + 100);
}

/* ---- releases ---- */

static size_t job_count(const struct world *world)
{
	size_t count;

	fleet_jobs(world->kit.fleet, &count);
	return count;
}

/* What the session does with the clusters that the registry names. */
static void open_cluster(void *data, const struct snapshot *snapshot)
{
	struct world *world = data;

	for (size_t i = 0; i < snapshot->record_count; i++)
		if (snapshot->records[i].cluster.name)
			fleet_add_run_cluster(world->kit.fleet, KIT_CONTEXT,
				snapshot->records[i].cluster.name, "yarn",
				snapshot->records[i].cluster.address);
}

static void an_application_is_where_its_start_made_a_cluster(void **state)
{
	struct world *world = *state;
	const struct app *app;

	world->decl.cluster = NULL;
	world->decl.target = TARGET_YARN_APPLICATION;
	record_feed_watch(world->feed, open_cluster, world);
	declare(world);
	write_run(world, "start", "DONE", NULL, JOB, NULL, KIT_NOW);
	kit_sql(world->dir, "registry.db",
		"INSERT INTO run_cluster VALUES ('" REF
		"', 'application_1_0007', 'yarn-application', 'application_1_0007', 'http://jm:1',"
		" 'gw', (SELECT max(id) FROM run), 1) RETURNING run");
	app = ask(world);
	check_str("name", app->cluster_name, "application_1_0007");
	check_str("origin", app->cluster->origin, "run");
	check_str("address", app->cluster->address, "http://jm:1");
	check_str("via", app->record->cluster.via, "gw");
	kit_apply(&world->kit, kit_answer("application_1_0007", KIT_NOW, 7, 1, JOB_RUNNING));
	app = fleet_app(world->kit.fleet, REF);
	check_state("its job", app, "RUNNING");
	check_str("by its id", app->job->summary.id, JOB);
	/* Ended by us: it is left, and its job goes with it. */
	write_run(world, "stop", "DONE", JOB, NULL, NULL, KIT_NOW);
	app = ask(world);
	check_bool("forgotten", app->record->cluster.name != NULL, false);
	check_bool("nowhere", app->cluster != NULL, false);
	check_state("stopped", app, "SUSPENDED");
	fleet_remove_cluster(world->kit.fleet, KIT_CONTEXT, "application_1_0007");
	write_run(world, "start", "DONE", NULL, OTHER, NULL, KIT_NOW);
	char *made = ref_cluster(KIT_CONTEXT, "application_1_0007");
	check_bool("gone", fleet_cluster(world->kit.fleet, made) != NULL, false);
	free(made);
	ask(world);
	check_int("no job of it is left", (int64_t)job_count(world), 0);
}

static void a_session_outlives_a_job_of_ours(void **state)
{
	struct world *world = *state;

	world->decl.cluster = NULL;
	record_feed_watch(world->feed, open_cluster, world);
	declare(world);
	write_run(world, "start", "DONE", NULL, JOB, NULL, KIT_NOW);
	kit_sql(world->dir, "registry.db",
		"INSERT INTO run_cluster VALUES ('" REF
		"', 'application_1_0001', 'yarn-session', 'application_1_0001', 'http://jm:1',"
		" NULL, (SELECT max(id) FROM run), 1) RETURNING run");
	write_run(world, "stop", "DONE", JOB, NULL, NULL, KIT_NOW);
	check_str("still", ask(world)->cluster_name, "application_1_0001");
	/* A start that failed has made nothing that lasts. */
	kit_sql(world->dir, "registry.db",
		"UPDATE run_cluster SET target = 'kubernetes-application' RETURNING run");
	kit_sql(world->dir, "registry.db", "DELETE FROM run WHERE verb = 'stop' RETURNING id");
	kit_sql(world->dir, "registry.db", "UPDATE run SET state = 'FAILED' RETURNING id");
	check_str("failed", ask(world)->cluster_name, NULL);
}

static void release_sql(struct world *world, const char *sql)
{
	kit_sql(world->dir, "registry.db", sql);
}

static char *digest_of(struct world *world)
{
	const struct app *app = fleet_app(world->kit.fleet, REF);
	struct deployment_input in;
	struct deployment *deployment = NULL;
	struct err err = {0};

	fleet_deployment_input(world->kit.fleet, app, &in);
	check_ok("render", deployment_render(&deployment, &in, &err), &err);
	check_str("variables", deployment->main_class, "x.orders");
	char *digest = xstrdup(deployment->digest);
	deployment_free(deployment);
	return digest;
}

/* The cell of the list. */
static void check_release(const char *name, const struct app *app, const char *want)
{
	struct present_env env = {.now_ms = KIT_NOW};
	struct buf text;

	buf_init(&text, 0);
	column_text(column_find(&app_table, "releaseState"), app, &env, &text);
	check_str(name, buf_str(&text), want);
	buf_release(&text);
}

static void release_state_follows_file_build_and_job(void **state)
{
	struct world *world = *state;
	const struct app *app;

	declare(world);
	kit_apply(&world->kit, kit_answer("a", KIT_NOW, 7, 1, JOB_RUNNING));
	app = ask(world);
	check_str("none", release_state_name(app->release_state), "NONE");

	char *digest = digest_of(world);
	char *sql = xasprintf(
		"INSERT INTO release (app, number, is_active, dir, digest, manifest, created_ms,"
		" activated_ms, run) VALUES ('" REF "', 3, 1, '/r', '%s',"
		" '{\"artifactSha256\":\"aa\"}', 100, 200, 0) RETURNING number",
		digest);
	release_sql(world, sql);
	free(sql);
	app = ask(world);
	check_str("released", release_state_name(app->release_state), "RELEASED");
	check_int("number", app->record->active.number, 3);

	release_sql(world,
		"INSERT INTO build (app, artifact, sha256, size, duration_ms, built_ms, run)"
		" VALUES ('" REF "', '/a', 'aa', 1, 1, 300, 0) RETURNING id");
	check_str("the build it took", release_state_name(ask(world)->release_state), "RELEASED");
	release_sql(world,
		"INSERT INTO build (app, artifact, sha256, size, duration_ms, built_ms, run)"
		" VALUES ('" REF "', '/a', 'bb', 1, 1, 301, 0) RETURNING id");
	check_str("newer build", release_state_name(ask(world)->release_state), "NEED_RELEASE");
	release_sql(world, "DELETE FROM build WHERE sha256 = 'bb' RETURNING id");
	check_str("it is gone", release_state_name(ask(world)->release_state), "RELEASED");

	world->decl.parallelism = 9;
	world->decl.text = "parallelism: 9";
	declare(world);
	app = fleet_app(world->kit.fleet, REF);
	check_str("file", release_state_name(app->release_state), "NEED_RELEASE");
	world->decl.parallelism = -1;
	world->decl.text = "";
	declare(world);
	app = fleet_app(world->kit.fleet, REF);
	check_str("back", release_state_name(app->release_state), "RELEASED");

	/* Its job was started from release 3 (write_run), now 4 is the active one. */
	write_run(world, "start", "DONE", NULL, JOB, NULL, KIT_NOW);
	check_str("from this one", release_state_name(ask(world)->release_state), "RELEASED");
	/* A newer run that got nowhere, and a rollback: what runs is still from release 3. */
	write_run(world, "ship", "FAILED", JOB, OTHER, NULL, KIT_NOW);
	sql = xasprintf(
		"UPDATE release SET activated_ms = %lld RETURNING number", (long long)KIT_NOW + 5);
	release_sql(world, sql);
	free(sql);
	check_str("made active again", release_state_name(ask(world)->release_state), "RELEASED");
	release_sql(world, "UPDATE release SET number = 4 RETURNING number");
	check_str("from another", release_state_name(ask(world)->release_state), "NEED_RESTART");

	write_run(world, "release", "FAILED", NULL, NULL, NULL, KIT_NOW);
	app = ask(world);
	check_str("failed", release_state_name(app->release_state), "FAILED");
	check_release("the active one, and a mark", app, "#4 !");
	write_run(world, "release", "DONE", NULL, NULL, NULL, KIT_NOW);
	app = ask(world);
	check_str("then well", release_state_name(app->release_state), "NEED_RESTART");
	check_release("in words", app, "need restart");
	free(digest);
}

static void release_state_is_one_function(void **state)
{
	static const struct {
		const char *name;
		struct release_input in;
		enum release_state want;
	} rows[] = {
		{"nothing", {0}, RELEASE_NONE},
		{"the first is under way", {.is_releasing = true}, RELEASE_RELEASING},
		{"the first failed", {.has_failed = true}, RELEASE_FAILED},
		{"active", {.has_active = true}, RELEASE_RELEASED},
		{"under way over a failure", {.is_releasing = true, .has_failed = true},
			RELEASE_RELEASING},
		{"failed over an active one", {.has_active = true, .has_failed = true},
			RELEASE_FAILED},
		{"changed", {.has_active = true, .is_changed = true}, RELEASE_NEED_RELEASE},
		{"newer build", {.has_active = true, .has_newer_build = true},
			RELEASE_NEED_RELEASE},
		{"changed, and another runs",
			{.has_active = true, .is_changed = true, .runs_other = true},
			RELEASE_NEED_RELEASE},
		{"another runs", {.has_active = true, .runs_other = true}, RELEASE_NEED_RESTART},
		{"changed, nothing active", {.is_changed = true}, RELEASE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_str(rows[i].name, release_state_name(release_derive(&rows[i].in)),
			release_state_name(rows[i].want));
}

static void nothing_new_tells_nothing(void **state)
{
	struct world *world = *state;

	declare(world);
	write_run(world, "stop", "DONE", JOB, NULL, NULL, KIT_NOW);
	ask(world);
	kit_idle(&world->kit);
	int before = world->changes;
	ask(world);
	ask(world);
	check_int("quiet", world->changes, before);
	/* Two who ask at once are both answered. */
	record_feed_ask(world->feed, on_asked, &world->asked);
	record_feed_ask(world->feed, on_asked, &world->asked);
	int asked = world->asked;
	kit_idle(&world->kit);
	check_int("both", world->asked, asked + 2);
}

/* Freed with a look under way: nobody is called. */
static void freed_while_it_looks(void **state)
{
	struct world *world = *state;

	record_feed_ask(world->feed, on_asked, &world->asked);
	record_feed_free(world->feed);
	world->feed = NULL;
	kit_idle(&world->kit);
	check_int("nobody", world->asked, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_stop_of_ours_makes_suspended),
		CASE(a_failed_stop_of_ours_changes_nothing),
		CASE(an_orphan_is_in_doubt_and_no_witness),
		CASE(a_job_is_tied_by_the_id_of_its_start),
		CASE(a_restart_that_stopped_and_did_not_start_is_suspended),
		CASE(a_stop_ends_with_its_step_not_with_its_run),
		CASE(a_job_that_we_stopped_does_not_live_although_it_was_listed_last),
		CASE(a_start_that_is_done_holds_until_the_next_poll),
		CASE(a_start_of_yesterday_is_no_witness),
		CASE(former_runs_stay_with_their_application),
		CASE(an_application_is_where_its_start_made_a_cluster),
		CASE(a_session_outlives_a_job_of_ours),
		CASE(release_state_follows_file_build_and_job),
		cmocka_unit_test(release_state_is_one_function),
		CASE(nothing_new_tells_nothing),
		CASE(freed_while_it_looks),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
