/* Releases on this machine: folders, manifest, the active one, what stays, and the way back. */
#include <sys/stat.h>
#include <unistd.h>

#include "core/model/deployment.h"
#include "core/store/journal/release.h"
#include "core/store/journal/run.h"
#include "tests/core/action/ship_kit.h"

static char *slurp(const char *dir, const char *name)
{
	char *path = temp_path(dir, name), *text = xcalloc(1, 16384);
	FILE *file = fopen(path, "r");

	if (!file)
		fail_msg("%s: not there", path);
	text[fread(text, 1, 16383, file)] = '\0';
	fclose(file);
	free(path);
	return text;
}

static void setup(struct ship *s)
{
	ship_open(s);
	ship_hosts(s, NULL);
	s->decl.artifact = "jars/a.jar";
	char *jar = temp_path(s->workspace, "jars/a.jar");
	temp_file(jar, "jar one\n");
	free(jar);
}

static void release(struct ship *s, const char *row)
{
	ship_act(s, row, &act_release);
	check_steps(row, s, "render DONE, upload DONE, verify DONE, activate DONE, tidy DONE");
}

static char *link_of(const struct ship *s)
{
	char *path = temp_path(s->dir, "store/releases/ods/orders/current");
	char target[64] = "";

	assert_true(readlink(path, target, sizeof(target) - 1) > 0);
	free(path);
	return xstrdup(target);
}

static void release_has_a_folder_a_manifest_and_is_active(void **state)
{
	struct setting secret = {"s3.secret-key", "hunter2"};
	struct ship s;
	struct stat st;

	(void)state;
	setup(&s);
	s.decl.properties = &secret;
	s.decl.property_count = 1;
	release(&s, "first");
	check_has("plan", s.calls, "jars/a.jar, and verify its SHA-256");
	check_has("outcome", s.run->outcome, "release 1 on local");
	check_int("number", s.run->release, 1);
	ship_read(&s);
	check_int("releases", (int64_t)s.releases, 1);
	check_bool("active", s.rows[0].is_active, true);
	char *want = temp_path(s.dir, "store/releases/ods/orders/1");
	check_str("folder", s.dirs[0], want);
	char *jar = slurp(want, "a.jar"), *manifest = slurp(want, "manifest.json");
	check_str("artifact", jar, "jar one\n");
	json_t *tree = json_loads(manifest, 0, NULL);
	struct deployment *deployment = NULL;
	struct err err;
	check_ok("manifest", deployment_parse(&deployment, tree, &err), &err);
	char *path = temp_path(want, "a.jar");
	check_str("its artifact", deployment->artifact, path);
	check_int("its size", deployment->artifact_size, 8);
	char *file = temp_path(want, "manifest.json");
	assert_int_equal(stat(file, &st), 0);
	check_int("for nobody else", st.st_mode & 0777, 0600);
	char *current = link_of(&s);
	check_str("current", current, "1");
	/* The manifest alone holds it. */
	char *log_path = run_log_path(s.store, s.run->id);
	check_bool("nowhere else",
		strstr(s.calls, "hunter2") || strstr(s.run->plan, "hunter2") ||
			strstr(s.run->log, "hunter2") || strstr(buf_str(&s.output), "hunter2"),
		false);
	free(log_path);
	free(current);
	free(file);
	free(path);
	deployment_free(deployment);
	json_decref(tree);
	free(manifest);
	free(jar);
	free(want);
	ship_close(&s);
}

static void last_build_is_taken_and_has_to_be_what_was_built(void **state)
{
	struct ship s;

	(void)state;
	ship_open(&s);
	ship_hosts(&s, NULL);
	make_repository(s.loop, s.hosts, s.dir);
	ship_act(&s, "never built", &act_release);
	check_err("never built", s.err.code, &s.err, E_CONFLICT, "ods/orders was never built");
	ship_act(&s, "build", &act_build);
	check_ok("build", s.err.code, &s.err);
	release(&s, "built");
	check_has("commit", s.run->outcome, ", commit ");
	ship_read(&s);
	char *jar = slurp(s.dirs[0], "a.jar");
	check_str("artifact", jar, "two\n");
	free(jar);
	/* Changed behind its back, then gone. */
	temp_file(s.artifact, "another\n");
	ship_act(&s, "changed", &act_release);
	check_steps("changed", &s,
		"render DONE, upload FAILED, verify PLANNED, activate PLANNED, tidy PLANNED");
	check_has("changed", s.err.text, "is not what was built any more");
	unlink(s.artifact);
	ship_act(&s, "gone", &act_release);
	check_has("gone", s.err.text, "a.jar: no such file");
	ship_read(&s);
	check_int("three numbers", (int64_t)s.releases, 3);
	check_bool("the first is active", s.rows[2].is_active, true);
	char *current = link_of(&s);
	check_str("current", current, "1");
	free(current);
	ship_close(&s);
}

static void rollback_verifies_and_activates_an_earlier_one(void **state)
{
	struct ship s;

	(void)state;
	setup(&s);
	ship_act(&s, "nothing", &act_rollback);
	check_err("nothing", s.err.code, &s.err, E_NOTFOUND, "nothing was released yet");
	for (int i = 1; i <= 3; i++)
		release(&s, "release");
	ship_act(&s, "back", &act_rollback);
	check_steps("back", &s, "verify DONE, activate DONE");
	check_has("back", s.run->outcome, "release 2 is active again");
	char *current = link_of(&s);
	check_str("current", current, "2");
	free(current);
	ship_read(&s);
	check_bool("2 is active", s.rows[1].is_active && !s.rows[0].is_active, true);

	s.options.args.release = 2;
	ship_act(&s, "the same", &act_rollback);
	check_err("the same", s.err.code, &s.err, E_CONFLICT, "release 2 is the active one");
	s.options.args.release = 9;
	ship_act(&s, "none", &act_rollback);
	check_err("none", s.err.code, &s.err, E_NOTFOUND, "there is no release 9");
	s.options.args.release = 3;
	ship_act(&s, "forward", &act_rollback);
	check_has("forward", s.run->outcome, "release 3 is active again");

	/* What lies there is not what was released. */
	char *jar = temp_path(s.dirs[2], "a.jar");
	temp_file(jar, "damaged");
	s.options.args.release = 1;
	ship_act(&s, "damaged", &act_rollback);
	check_steps("damaged", &s, "verify FAILED, activate PLANNED");
	check_has("damaged", s.err.text, "is not what was released");
	current = link_of(&s);
	check_str("still", current, "3");
	free(current);
	free(jar);
	ship_close(&s);
}

static void no_secret(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	assert_null(err);
	for (size_t i = 0; i < count; i++)
		if (strstr(releases[i]->manifest, "hunter"))
			fail_msg("release %d: %s", (int)releases[i]->number, releases[i]->manifest);
	((struct ship *)data)->is_back = true;
}

/* The row has masks; the folder has the whole, and is asked for it. */
static void secrets_are_in_the_folder_only(void **state)
{
	struct setting secret = {"s3.secret-key", "hunter1"};
	struct ship s;

	(void)state;
	setup(&s);
	s.decl.properties = &secret;
	s.decl.property_count = 1;
	release(&s, "first");
	secret.value = "hunter2";
	release(&s, "second");
	query_releases(s.store, s.app.ref, 16, no_secret, &s);
	ship_wait(&s, "rows");
	ship_act(&s, "back", &act_rollback);
	check_steps("back", &s, "verify DONE, activate DONE");
	query_releases(s.store, s.app.ref, 16, no_secret, &s);
	ship_wait(&s, "rows after a rollback");
	ship_read(&s);
	check_bool("1 is active", s.rows[1].is_active, true);

	/* Another secret in its place is not what was released. */
	char *path = temp_path(s.dirs[0], "manifest.json"),
	     *manifest = slurp(s.dirs[0], "manifest.json"), *place = strstr(manifest, "hunter2");
	assert_non_null(place);
	memcpy(place, "hunter3", 7);
	temp_file(path, manifest);
	s.options.args.release = 2;
	ship_act(&s, "changed", &act_rollback);
	check_err("changed", s.err.code, &s.err, E_CONFLICT, "it is not what was released");
	check_bool("not shown", strstr(s.err.text, "hunter"), false);
	unlink(path);
	ship_act(&s, "gone", &act_rollback);
	check_err("gone", s.err.code, &s.err, E_NOTFOUND, "manifest.json on local");
	free(manifest);
	free(path);
	ship_close(&s);
}

/* A row of before: the whole is in it. */
static void a_row_with_its_secrets_is_still_read(void **state)
{
	struct setting secret = {"s3.secret-key", "hunter1"};
	struct ship s;

	(void)state;
	setup(&s);
	s.decl.properties = &secret;
	s.decl.property_count = 1;
	release(&s, "first");
	ship_read(&s);
	char *manifest = slurp(s.dirs[0], "manifest.json");
	release(&s, "second");
	struct release old = {.app = s.app.ref,
		.number = 1,
		.dir = s.dirs[0],
		.digest = "",
		.manifest = manifest,
		.activated_ms = 1};
	keep_release_active(s.store, &old, NULL, NULL);
	old.number = 2;
	ship_read(&s);
	check_bool("1 is active", s.rows[1].is_active, true);
	old = s.rows[0];
	old.app = s.app.ref;
	old.dir = s.dirs[0];
	old.digest = old.manifest = "";
	old.host = old.commit = NULL;
	old.run = 0;
	keep_release_active(s.store, &old, NULL, NULL);
	s.options.args.release = 1;
	ship_act(&s, "back", &act_rollback);
	check_steps("back", &s, "verify DONE, activate DONE");
	s.options.args.release = 2;
	ship_act(&s, "damaged", &act_rollback);
	check_err("damaged", s.err.code, &s.err, E_INTERNAL, "manifest of release 2 is damaged");
	free(manifest);
	ship_close(&s);
}

static bool is_there(const struct ship *s, int number)
{
	char *name = xasprintf("store/releases/ods/orders/%d", number);
	char *path = temp_path(s->dir, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	free(name);
	return there;
}

static struct run *begun;

static void on_begun(void *data, const struct run *run, const struct err *err)
{
	assert_null(err);
	free(begun);
	begun = run_dup(run);
	((struct ship *)data)->is_back = true;
}

/* A run that started the job from a release, as a start leaves it. */
static void note_start(struct ship *s, const char *job_id, int64_t number)
{
	struct run run = {.app = s->app.ref,
		.context = "prod",
		.team = "ods",
		.name = "orders",
		.verb = "start",
		.start_job_id = job_id,
		.release = number,
		.state = RUN_PLANNED,
		.created_ms = 1};

	run_begin(s->store, &run, on_begun, s);
	ship_wait(s, "start");
	struct run *ended = run_dup(begun);
	ended->state = RUN_DONE;
	run_end(s->store, ended, on_begun, s);
	ship_wait(s, "started");
	free(ended);
	free(begun);
	begun = NULL;
}

static void last_ones_stay_and_what_runs(void **state)
{
	static const char id[] = "0123456789abcdef0123456789abcdef";
	struct cluster cluster = {.name = (char *)"sessions"};
	struct job job = {.cluster = &cluster, .name = (char *)"orders"};
	struct ship s;

	(void)state;
	setup(&s);
	job.summary.status = JOB_RUNNING;
	memcpy(job.summary.id, id, sizeof(id));
	job.last_checkpoint.id = -1;
	s.app.job = &job;
	for (int i = 1; i <= 2; i++)
		release(&s, "release");
	note_start(&s, id, 2);
	for (int i = 3; i <= 6; i++)
		release(&s, "release");
	check_has("said", s.run->steps[4].text, "1 removed");
	/* three, and the one that runs */
	for (int i = 1; i <= 6; i++)
		check_bool("there", is_there(&s, i), i == 2 || i >= 4);
	ship_read(&s);
	check_int("listed", (int64_t)s.releases, 4);
	/* The active one stays, however old. */
	s.app.job = NULL;
	s.options.args.release = 2;
	ship_act(&s, "back", &act_rollback);
	check_ok("back", s.err.code, &s.err);
	s.options.args.release = 0;
	release(&s, "seventh");
	check_bool("5", is_there(&s, 5), true);
	check_bool("not the oldest of three any more", is_there(&s, 4), false);
	check_bool("not active any more", is_there(&s, 2), false);
	ship_close(&s);
}

static void numbers_of_another_console_are_not_taken(void **state)
{
	struct ship s;

	(void)state;
	setup(&s);
	char *other = temp_path(s.dir, "store/releases/ods/orders/7/a.jar");
	temp_file(other, "of another console");
	release(&s, "release");
	check_int("number", s.run->release, 8);
	check_bool("left alone", is_there(&s, 7), true);
	free(other);
	ship_close(&s);
}

static void what_cannot_be_written_is_said(void **state)
{
	struct ship s;

	(void)state;
	setup(&s);
	char *blocker = temp_path(s.dir, "store/releases");
	temp_file(blocker, "a file");
	ship_act(&s, "no folder", &act_release);
	check_steps("no folder", &s,
		"render FAILED, upload PLANNED, verify PLANNED, activate PLANNED, tidy PLANNED");
	check_has("no folder", s.err.text, "render on local: exit status 1: mkdir: cannot create");
	unlink(blocker);
	s.decl.artifact = "jars/none.jar";
	ship_act(&s, "no artifact", &act_release);
	check_has("no artifact", s.err.text, "upload on local: exit status 1: ");
	check_has("no artifact", s.err.text, "/workspace/jars/none.jar: no such file");
	s.decl.artifact = "gw9:/x/y.jar";
	ship_act(&s, "unknown host", &act_release);
	check_err("unknown host", s.err.code, &s.err, E_CONFIG,
		"orders.yaml: artifact: host 'gw9' is not in the configuration");
	s.decl.artifact = NULL;
	ship_act(&s, "no artifact at all", &act_release);
	check_err("no artifact at all", s.err.code, &s.err, E_CONFIG, "artifact is missing");
	free(blocker);
	ship_close(&s);
}

static void sql_and_uris_need_no_copy(void **state)
{
	static const struct {
		const char *name, *artifact, *want;
		enum app_type type;
	} rows[] = {
		{"sql", NULL, NULL, APP_SQL},
		{"in the image", "local:///opt/flink/usrlib/a.jar",
			"local:///opt/flink/usrlib/a.jar", APP_JAR},
	};
	struct ship s;

	(void)state;
	setup(&s);
	s.decl.sql = "SELECT 1;\n";
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct deployment *deployment;
		struct err err;

		s.decl.type = rows[i].type;
		s.decl.artifact = rows[i].artifact;
		release(&s, rows[i].name);
		ship_read(&s);
		char *manifest = slurp(s.dirs[0], "manifest.json");
		json_t *tree = json_loads(manifest, 0, NULL);
		check_ok(rows[i].name, deployment_parse(&deployment, tree, &err), &err);
		check_str(rows[i].name, deployment->artifact, rows[i].want);
		deployment_free(deployment);
		json_decref(tree);
		free(manifest);
	}
	ship_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(release_has_a_folder_a_manifest_and_is_active),
		cmocka_unit_test(last_build_is_taken_and_has_to_be_what_was_built),
		cmocka_unit_test(rollback_verifies_and_activates_an_earlier_one),
		cmocka_unit_test(secrets_are_in_the_folder_only),
		cmocka_unit_test(a_row_with_its_secrets_is_still_read),
		cmocka_unit_test(last_ones_stay_and_what_runs),
		cmocka_unit_test(numbers_of_another_console_are_not_taken),
		cmocka_unit_test(what_cannot_be_written_is_said),
		cmocka_unit_test(sql_and_uris_need_no_copy),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
