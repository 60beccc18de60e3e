/* A build as an action: its steps, its log, what is kept, and what has to be agreed to. */
#include "core/store/journal/release.h"
#include "tests/core/action/ship_kit.h"

static char *slurp(const char *path)
{
	FILE *file = fopen(path, "r");
	char text[8192] = "";

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return xstrdup(text);
}

static void with_repository(struct ship *s)
{
	ship_open(s);
	ship_hosts(s, NULL);
	make_repository(s->loop, s->hosts, s->dir);
}

static void build_is_kept_with_its_commit_and_checksum(void **state)
{
	struct ship s;

	(void)state;
	with_repository(&s);
	char *commit = sh(s.loop, s.hosts, s.dir, "git -C repo rev-parse main");
	s.decl.build.command = "echo token=hunter2; mkdir -p target && cp source target/a.jar";
	struct cluster sessions = {.name = (char *)"sessions"};
	struct job running = {
		.cluster = &sessions, .summary = {.id = "5fa0", .status = JOB_RUNNING}};
	s.app.job = &running;
	ship_act(&s, "build", &act_build);
	s.app.job = NULL;
	check_bool("the job that runs is not its own", s.run->job_id, false);
	check_has("nor in its log", s.run->log, "build orders");
	check_steps("build", &s, "checkout DONE, command DONE, artifact DONE");
	check_int("run", s.run->state, RUN_DONE);
	check_has("outcome", s.run->outcome, "built a.jar of commit ");
	check_has("step", s.run->steps[0].text, commit);
	check_has("plan", s.calls, "git fetch -- file:///");
	ship_read(&s);
	check_int("builds", (int64_t)s.builds, 1);
	check_str("commit", s.commit, commit);
	char *text = slurp(s.artifact);
	check_str("artifact", text, "two\n");
	char *sum =
		xasprintf("test \"$(sha256sum <'%s' | cut -c1-64)\" = %s", s.artifact, s.sha256);
	free(sh(s.loop, s.hosts, s.dir, sum));
	char *path = run_log_path(s.store, s.run->id), *log = slurp(path);
	check_has("log", log, "commit ");
	check_has("masked in the log", log, "\ntoken=******\n");
	check_has("live", buf_str(&s.output), "\ntoken=******\n");
	check_bool("nowhere",
		strstr(log, "hunter2") || strstr(buf_str(&s.output), "hunter2") ||
			strstr(s.calls, "hunter2"),
		false);
	free(log);
	free(path);
	free(sum);
	free(text);
	free(commit);
	ship_close(&s);
}

static void failing_step_says_its_status_and_last_lines(void **state)
{
	static const struct {
		const char *name, *ref, *command, *steps, *want;
	} rows[] = {
		{"command", "main", "echo compiling; echo; echo 'App.java:3: error'; exit 7",
			"checkout DONE, command FAILED, artifact PLANNED",
			"command on local: exit status 7: "},
		{"last lines", "main", "echo compiling; echo; echo 'it did not work'; exit 7",
			"checkout DONE, command FAILED, artifact PLANNED",
			"compiling | it did not work"},
		{"the error before advice", "main",
			"echo '[ERROR] no phase packag'; echo '[ERROR]'; seq 2000; exit 1",
			"checkout DONE, command FAILED, artifact PLANNED",
			"exit status 1: [ERROR] no phase packag"},
		{"secret", "main", "echo password=hunter2; exit 1",
			"checkout DONE, command FAILED, artifact PLANNED", "| password=******"},
		{"ref", "nowhere", "true", "checkout FAILED, command PLANNED, artifact PLANNED",
			"checkout on local: there is no branch, tag or commit 'nowhere'"},
		{"artifact", "main", "true", "checkout DONE, command DONE, artifact FAILED",
			"artifact on local: no file matches target/*.jar"},
		{"two artifacts", "main", "mkdir target; touch target/a.jar target/b.jar",
			"checkout DONE, command DONE, artifact FAILED",
			"2 files match target/*.jar: target/a.jar, target/b.jar"},
	};
	struct ship s;

	(void)state;
	with_repository(&s);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		s.decl.build.ref = rows[i].ref;
		s.decl.build.command = rows[i].command;
		ship_act(&s, rows[i].name, &act_build);
		check_steps(rows[i].name, &s, rows[i].steps);
		check_int(rows[i].name, s.err.code, E_REMOTE);
		check_has(rows[i].name, s.err.text, rows[i].want);
		check_str(rows[i].name, s.run->outcome, s.err.text);
	}
	ship_read(&s);
	check_int("nothing kept", (int64_t)s.builds, 0);
	ship_close(&s);
}

static void new_and_changed_commands_are_shown_and_agreed_to_once(void **state)
{
	struct ship s;

	(void)state;
	with_repository(&s);
	ship_act(&s, "first", &act_build);
	check_has("first", s.command, "cp source target/a.jar");
	check_has("its repository", s.command, s.git);
	check_has("its host", s.command, "on local");
	ship_act(&s, "again", &act_build);
	check_str("again", s.command, NULL);
	s.decl.build.ref = "topic";
	ship_act(&s, "another branch", &act_build);
	check_has("another branch may hold anything", s.command, "repo, topic\non local");
	ship_act(&s, "again", &act_build);
	check_str("once for each", s.command, NULL);
	s.decl.build.command = "mkdir -p target; cp source target/a.jar";
	s.waits = true;
	ship_act(&s, "changed", &act_build);
	check_has("changed", s.command, "mkdir -p target; cp");
	/* Not agreed to: asked again. */
	action_drop(s.action);
	s.action = NULL;
	ship_act(&s, "still new", &act_build);
	check_has("still new", s.command, "mkdir -p target; cp");
	action_drop(s.action);
	s.action = NULL;
	ship_close(&s);
}

static void what_cannot_be_built_is_refused_before_there_is_a_row(void **state)
{
	struct ship s;

	(void)state;
	with_repository(&s);
	s.decl.has_build = false;
	ship_act(&s, "no build", &act_build);
	check_err("no build", s.err.code, &s.err, E_CONFIG, "orders.yaml: it has no build:");
	s.decl.has_build = true;
	s.decl.build.host = "gw9";
	ship_act(&s, "host", &act_build);
	check_err("host", s.err.code, &s.err, E_CONFIG, "host 'gw9' is not in the configuration");
	s.decl.build.host = "local";
	s.decl.build.git = "ext::x";
	ship_act(&s, "git", &act_build);
	check_err("git", s.err.code, &s.err, E_CONFIG, "orders.yaml: build.git");
	s.config.readonly = true;
	ship_act(&s, "read-only", &act_build);
	check_err("read-only", s.err.code, &s.err, E_DENIED, "read-only");
	ship_close(&s);
}

static void until_printed(struct ship *s, const char *text)
{
	int64_t end_ms = clock_mono_ms() + BUILD_DEADLINE_MS;

	while (!strstr(buf_str(&s->output), text)) {
		assert_true(clock_mono_ms() < end_ms);
		loop_turn(s->loop, 100);
	}
}

static void canceled_build_ends_over_there_too(void **state)
{
	struct ship s;
	struct err err;

	(void)state;
	with_repository(&s);
	s.decl.build.command = "echo $$ >pid; echo begun; exec tail -f /dev/null";
	buf_reset(&s.output);
	s.options.act = &act_build;
	s.action = action_new(&s.options);
	until_printed(&s, "\nbegun\n");
	check_ok("cancel", action_cancel(s.action, &err), &err);
	ship_wait(&s, "canceled");
	check_int("code", s.err.code, E_CANCELED);
	check_steps("canceled", &s, "checkout DONE, command CANCELED, artifact PLANNED");
	free(sh(s.loop, s.hosts, s.dir,
		"while grep -qa . /proc/$(cat weir/projects/*/tree/pid)/cmdline 2>/dev/null; do :; "
		"done"));
	s.decl.build.command = "mkdir -p target && cp source target/a.jar";
	ship_act(&s, "next", &act_build);
	check_steps("next", &s, "checkout DONE, command DONE, artifact DONE");
	ship_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(build_is_kept_with_its_commit_and_checksum),
		cmocka_unit_test(failing_step_says_its_status_and_last_lines),
		cmocka_unit_test(new_and_changed_commands_are_shown_and_agreed_to_once),
		cmocka_unit_test(what_cannot_be_built_is_refused_before_there_is_a_row),
		cmocka_unit_test(canceled_build_ends_over_there_too),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
