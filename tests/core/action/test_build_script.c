/* The script of a build, run by a real sh with real git repositories. */
#include <sys/stat.h>
#include <unistd.h>

#include "core/action/build_script.h"
#include "core/base/clock.h"
#include "tests/core/action/build_kit.h"

struct kit {
	struct loop *loop;
	struct ssh *hosts;
	char *dir, *git;
};

static void kit_open(struct kit *k)
{
	struct err err;

	k->dir = temp_dir();
	k->git = xasprintf("file://%s/repo", k->dir);
	setenv("XDG_CACHE_HOME", k->dir, 1);
	check_ok("loop", loop_open(&k->loop, &err), &err);
	check_ok("ssh", ssh_open(&k->hosts, &(struct ssh_options){.loop = k->loop}, &err), &err);
	make_repository(k->loop, k->hosts, k->dir);
}

static void kit_close(struct kit *k)
{
	ssh_close(k->hosts);
	loop_close(k->loop);
	free(k->git);
	temp_dir_remove(k->dir);
}

/* One build; what came of it. */
struct outcome {
	struct ended ended; /* first: on_ended() takes it */
	struct build_progress progress;
	struct buf log;
	struct ssh_op *op;
	bool was_waiting;
};

static void on_output(void *data, int stream, const char *bytes, size_t len)
{
	struct outcome *outcome = data;

	if (stream == 1)
		build_said(&outcome->progress, bytes, len);
	else
		buf_add(&outcome->log, bytes, len);
	outcome->was_waiting = outcome->was_waiting || outcome->progress.is_waiting;
}

static struct outcome first, second;

static void outcome_release(struct outcome *outcome)
{
	build_progress_release(&outcome->progress);
	buf_release(&outcome->log);
	free(outcome->ended.out);
	free(outcome->ended.err_out);
	*outcome = (struct outcome){0};
}

static void start(struct kit *k, struct outcome *outcome, const struct build_spec *spec)
{
	struct buf script;

	buf_init(&script, 0);
	build_script(spec, &script);
	build_progress_init(&outcome->progress);
	buf_init(&outcome->log, 0);
	outcome->op = ssh_exec(k->hosts,
		&(struct ssh_exec_options){.command = BUILD_COMMAND,
			.input = script.data,
			.input_len = script.len,
			.on_output = on_output},
		on_ended, outcome);
	buf_release(&script);
}

static void build(struct kit *k, const struct build_spec *spec)
{
	struct err err;

	outcome_release(&first);
	check_ok("check", build_check(spec, &err), &err);
	start(k, &first, spec);
	assert_true(loop_run_until_idle(k->loop, BUILD_DEADLINE_MS));
	assert_true(first.ended.is_over);
	check_bool("understood", first.progress.is_broken, false);
}

static char *slurp(const char *path)
{
	FILE *file = fopen(path, "r");
	char text[4096] = "";

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return xstrdup(text);
}

#define MAKE "mkdir -p target && cp source target/a.jar"
#define SPEC(k, ref_, command_)                                                                    \
	&(struct build_spec)                                                                       \
	{                                                                                          \
		.git = (k)->git, .ref = (ref_), .command = (command_), .artifact = "target/*.jar"  \
	}

static void check_built(const char *name, const char *want)
{
	char *text;

	if (first.ended.exit_status || !first.progress.artifact)
		fail_msg("%s: exit %d, %s\n%s", name, first.ended.exit_status,
			first.progress.error ? first.progress.error : "-", buf_str(&first.log));
	text = slurp(first.progress.artifact);
	check_str(name, text, want);
	check_int(name, first.progress.size, (int64_t)strlen(want));
	free(text);
}

static void branch_tag_and_commit_are_built_as_they_are(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k);
	char *one = sh(k.loop, k.hosts, k.dir, "git -C repo rev-parse v1^{commit}");
	char *three = sh(k.loop, k.hosts, k.dir, "git -C repo rev-parse topic");
	char *some = xasprintf("%.9s", one);
	const struct {
		const char *name, *ref, *want, *commit;
	} rows[] = {
		{"branch", "main", "two\n", NULL},
		{"another branch", "topic", "three\n", three},
		{"annotated tag", "v1", "one\n", one},
		{"commit", one, "one\n", one},
		{"start of a commit", some, "one\n", one},
		{"the remote's HEAD", NULL, "two\n", NULL},
		{"full name", "refs/heads/topic", "three\n", three},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		build(&k, SPEC(&k, rows[i].ref, MAKE));
		check_built(rows[i].name, rows[i].want);
		if (rows[i].commit)
			check_str(rows[i].name, first.progress.commit, rows[i].commit);
		check_int(rows[i].name, (int64_t)strlen(first.progress.commit), 40);
	}
	/* In folders that were empty before, too: nothing of the former fetches helps. */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		free(sh(k.loop, k.hosts, k.dir, "rm -rf weir"));
		build(&k, SPEC(&k, rows[i].ref, MAKE));
		check_built(rows[i].name, rows[i].want);
	}
	outcome_release(&first);
	free(some);
	free(one);
	free(three);
	kit_close(&k);
}

static void moved_branch_is_built_from_a_clean_tree(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k);
	build(&k, SPEC(&k, "main", MAKE " && echo leftover >target/b.txt && echo x >source"));
	check_built("first", "two\n");
	char *kept = xstrdup(first.progress.artifact);
	free(sh(k.loop, k.hosts, k.dir,
		GIT_SETUP "cd repo && git reset -q --hard v1 && echo four >source &&"
			  " git commit -qam four"));
	build(&k, SPEC(&k, "main", "test ! -e target && " MAKE));
	check_built("moved", "four\n");
	/* What the former build made is still there. */
	char *text = slurp(kept);
	check_str("kept", text, "two\n");
	free(text);
	free(kept);
	/* What a killed git left behind stops nothing. */
	free(sh(k.loop, k.hosts, k.dir,
		"cd weir/projects/*/tree && touch .git/index.lock .git/shallow.lock"));
	build(&k, SPEC(&k, "topic", MAKE));
	check_built("after a kill", "three\n");
	outcome_release(&first);
	kit_close(&k);
}

static void failures_name_the_step_and_the_cause(void **state)
{
	static const struct {
		const char *name, *ref, *command;
		enum build_step step;
		int status;
		const char *error, *log;
	} rows[] = {
		{"bad ref", "nowhere", MAKE, BUILD_CHECKOUT, -1,
			"there is no branch, tag or commit 'nowhere' in file:///", ""},
		{"no such commit", "0123456789012345678901234567890123456789", MAKE, BUILD_CHECKOUT,
			-1, "there is no branch, tag or commit '0123", ""},
		{"command fails", "main", "echo compiling; echo 'error: line 3' >&2; exit 7",
			BUILD_COMMAND_RUN, 7, NULL, "compiling\nerror: line 3\n"},
		{"no such command", "main", "no-such-tool package", BUILD_COMMAND_RUN, 127, NULL,
			"no-such-tool"},
		{"killed", "main", "kill -KILL $$", BUILD_COMMAND_RUN, 137, NULL, ""},
		{"no artifact", "main", "true", BUILD_ARTIFACT, 0,
			"no file matches target/*.jar in ", ""},
		{"a folder is no artifact", "main", "mkdir -p target/x.jar", BUILD_ARTIFACT, 0,
			"no file matches target/*.jar in ", ""},
		{"two artifacts", "main", MAKE " && cp source 'target/b c.jar'", BUILD_ARTIFACT, 0,
			"2 files match target/*.jar: target/a.jar, target/b c.jar", ""},
	};
	struct kit k;

	(void)state;
	kit_open(&k);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		build(&k, SPEC(&k, rows[i].ref, rows[i].command));
		check_int(rows[i].name, first.ended.exit_status, 1);
		check_int(rows[i].name, first.progress.step, rows[i].step);
		check_int(rows[i].name, first.progress.status, rows[i].status);
		if (rows[i].error)
			check_has(rows[i].name, first.progress.error, rows[i].error);
		else
			check_str(rows[i].name, first.progress.error, NULL);
		check_has(rows[i].name, buf_str(&first.log), rows[i].log);
	}
	free(k.git);
	k.git = xasprintf("file://%s/none", k.dir);
	build(&k, SPEC(&k, "main", MAKE));
	check_has("no repository", first.progress.error, "cannot be read");
	check_has("git's own words", buf_str(&first.log), "does not appear to be a git repository");
	outcome_release(&first);
	kit_close(&k);
}

static void words_are_never_expanded(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k);
	free(sh(k.loop, k.hosts, k.dir,
		GIT_SETUP "cp -r repo \"it's \\$(touch owned) \\\"q\\\".git\" && cd repo &&"
			  " git branch \"a'b\\$(touch\\${IFS}owned)\""));
	free(k.git);
	k.git = xasprintf("%s/it's $(touch owned) \"q\".git", k.dir);
	build(&k, SPEC(&k, "main", MAKE));
	check_built("address", "two\n");
	free(k.git);
	k.git = xasprintf("file://%s/repo", k.dir);
	build(&k, SPEC(&k, "a'b$(touch${IFS}owned)", MAKE));
	check_built("ref", "two\n");
	build(&k,
		&(struct build_spec){.git = k.git,
			.ref = "main",
			.command = "mkdir -- '-d $(x)' && cp source './-d $(x)/a b.jar'",
			.artifact = "-d $(x)/*.jar"});
	check_built("pattern", "two\n");
	assert_true(access("owned", F_OK) < 0);
	free(sh(k.loop, k.hosts, k.dir, "test ! -e owned && ! find . -name owned | grep ."));
	/* A hook of the user's git is not run, and the tree is nobody else's business. */
	char *mode = sh(k.loop, k.hosts, k.dir, "stat -c %a weir/projects");
	check_str("folder", mode, "700");
	free(mode);
	outcome_release(&first);
	kit_close(&k);
}

static void foreign_words_are_refused(void **state)
{
	static const struct {
		const char *name;
		struct build_spec spec;
		const char *want;
	} rows[] = {
		{"option as address", {.git = "--upload-pack=x"}, "build.git"},
		{"ext", {.git = "ext::sh -c x"}, "build.git: only https"},
		{"http", {.git = "http://x/y.git"}, "build.git: only https"},
		{"git protocol", {.git = "git://x/y"}, "build.git: only https"},
		{"relative", {.git = "../x"}, "build.git: only https"},
		{"two lines", {.git = "https://x/y\nz"}, "build.git"},
		{"option as ref", {.git = "https://x/y", .ref = "--all"}, "build.ref"},
		{"range", {.git = "https://x/y", .ref = "a..b"}, "build.ref"},
		{"reflog", {.git = "https://x/y", .ref = "a@{1}"}, "build.ref"},
		{"refspec", {.git = "https://x/y", .ref = "a:b"}, "build.ref"},
		{"pattern", {.git = "https://x/y", .ref = "a*"}, "build.ref"},
		{"ref without git", {.folder = "/w", .ref = "main"}, "build.ref needs build.git"},
		{"host without git", {.folder = "/w", .host = "gw1"}, "build.host"},
		{"no command", {.git = "https://x/y", .command = ""}, "build.command"},
		{"no artifact", {.git = "https://x/y", .artifact = ""}, "build.artifact"},
		{"absolute", {.git = "https://x/y", .artifact = "/etc/passwd"}, "not inside"},
		{"above", {.git = "https://x/y", .artifact = "a/../../b"}, "not inside"},
	};
	static const char *const good[] = {"https://git.example/rt/jobs.git",
		"ssh://git@x:22/y.git", "git@git.example:rt/jobs.git", "file:///srv/x", "/srv/x"};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct build_spec spec = rows[i].spec;

		spec.command = spec.command ? spec.command : "true";
		spec.artifact = spec.artifact ? spec.artifact : "x";
		check_err(rows[i].name, build_check(&spec, &err), &err, E_CONFIG, rows[i].want);
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		check_ok(good[i],
			build_check(&(struct build_spec){.git = good[i],
					    .ref = "feature/订单",
					    .command = "true",
					    .artifact = "..x/*"},
				&err),
			&err);
}

static void secret_of_an_address_is_no_word_of_a_process(void **state)
{
	struct build_spec spec = {.git = "https://bob:hunter2@git.example/rt/my jobs.git/",
		.command = "true",
		.artifact = "x"};
	char key[BUILD_KEY_LEN];
	struct buf script;

	(void)state;
	buf_init(&script, 0);
	build_script(&spec, &script);
	check_has("for people", buf_str(&script), "shown='https://git.example/rt/my jobs.git/'");
	/* What git hands on as a word, and what it reads from a file. */
	check_has("the address", buf_str(&script), "\nurl='https://git.example/rt/my jobs.git/'");
	check_has("the login", buf_str(&script), "\nlogin=https://bob:hunter2@git.example\n");
	check_bool("never in the command", strstr(BUILD_COMMAND, "hunter2"), false);
	buf_release(&script);
	build_key(&spec, key);
	check_int("a safe name", (int64_t)strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-"),
		(int64_t)strlen(key));
	check_has("readable", key, "jobs-");
}

static bool first_has_begun(void *data)
{
	(void)data;
	return strstr(buf_str(&first.log), "begun here") != NULL;
}

static bool second_waits(void *data)
{
	(void)data;
	return second.progress.is_waiting;
}

static void until(struct kit *k, bool (*is_so)(void *data))
{
	int64_t end_ms = clock_mono_ms() + BUILD_DEADLINE_MS;

	while (!is_so(NULL)) {
		assert_true(clock_mono_ms() < end_ms);
		loop_run_until_idle(k->loop, 20);
	}
}

static void second_build_of_a_project_waits_for_the_first(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k);
	outcome_release(&first);
	outcome_release(&second);
	char *fifo = xasprintf("%s/fifo", k.dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	/* Holds the project until somebody reads the pipe. */
	char *command = xasprintf("echo begun\\ here; echo x >'%s'; " MAKE, fifo);
	start(&k, &first, SPEC(&k, "main", command));
	until(&k, first_has_begun);
	start(&k, &second, SPEC(&k, "topic", MAKE));
	until(&k, second_waits);
	check_has("said", buf_str(&second.log), "waiting for another build of this project");
	check_bool("not begun", second.progress.has_begun, false);
	free(sh(k.loop, k.hosts, k.dir, "read x <fifo"));
	assert_true(loop_run_until_idle(k.loop, BUILD_DEADLINE_MS));
	check_built("first", "two\n");
	check_int("second", second.ended.exit_status, 0);
	check_int("second", second.progress.step, BUILD_OVER);
	outcome_release(&first);
	outcome_release(&second);
	free(command);
	free(fifo);
	kit_close(&k);
}

/* The lock of the project is free, so nothing of the build lives. */
static void cancel_ends_all_that_the_build_started(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k);
	outcome_release(&first);
	start(&k, &first,
		SPEC(&k, "main",
			"sh -c 'echo $$ >pid; trap \"\" HUP; tail -f /dev/null & wait' &"
			" until [ -s pid ]; do :; done; echo begun\\ here; wait"));
	until(&k, first_has_begun);
	char *pid = sh(k.loop, k.hosts, k.dir, "cat weir/projects/*/tree/pid");
	ssh_cancel(first.op);
	char *gone = xasprintf("while grep -qa . /proc/%s/cmdline 2>/dev/null; do :; done", pid);
	free(sh(k.loop, k.hosts, k.dir, gone));
	check_bool("not told", first.ended.is_over, false);
	build(&k, SPEC(&k, "main", MAKE));
	check_built("next", "two\n");
	check_bool("nobody had it", first.was_waiting, false);
	outcome_release(&first);
	free(gone);
	free(pid);
	kit_close(&k);
}

static void folder_of_the_workspace_is_built_as_it_is(void **state)
{
	struct kit k;
	char *folder, *file;

	(void)state;
	kit_open(&k);
	folder = xasprintf("%s/work space", k.dir);
	file = xasprintf("%s/source", folder);
	temp_file(file, "here\n");
	build(&k,
		&(struct build_spec){
			.folder = folder, .command = MAKE, .artifact = "target/*.jar"});
	check_built("workspace", "here\n");
	check_str("no commit", first.progress.commit, "");
	outcome_release(&first);
	free(file);
	free(folder);
	kit_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(branch_tag_and_commit_are_built_as_they_are),
		cmocka_unit_test(moved_branch_is_built_from_a_clean_tree),
		cmocka_unit_test(failures_name_the_step_and_the_cause),
		cmocka_unit_test(words_are_never_expanded),
		cmocka_unit_test(foreign_words_are_refused),
		cmocka_unit_test(secret_of_an_address_is_no_word_of_a_process),
		cmocka_unit_test(second_build_of_a_project_waits_for_the_first),
		cmocka_unit_test(cancel_ends_all_that_the_build_started),
		cmocka_unit_test(folder_of_the_workspace_is_built_as_it_is),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
