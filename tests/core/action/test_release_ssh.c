/* Builds and releases on hosts behind real sshd: copies, what the far side refuses, broken links. */
#include <sys/stat.h>
#include <unistd.h>

#include "core/store/journal/release.h"
#include "tests/core/action/ship_kit.h"
#include "tests/support/sshd.h"

#define STEPS_DONE "render DONE, upload DONE, verify DONE, activate DONE, tidy DONE"

static struct sshd *servers;

struct far {
	struct ship ship;
	struct host_config hosts[2];
	char *root, *known_hosts;
};

static void add_host(struct far *far, size_t at, const char *name)
{
	far->hosts[at] = (struct host_config){.name = (char *)name,
		.address = (char *)"127.0.0.1",
		.user = (char *)"root",
		.key = xstrdup(sshd_file(servers, "id_ed25519")),
		.port = sshd_port(servers, name)};
}

/* Two hosts; the Flink env is on "gw", releases lie in a folder of the test. */
static void setup(struct far *far)
{
	struct ship *s = &far->ship;

	ship_open(s);
	add_host(far, 0, "gw");
	add_host(far, 1, "bastion");
	far->root = temp_path(s->dir, "far/releases");
	far->known_hosts = xstrdup(sshd_file(servers, "known_hosts"));
	s->env = (struct flink_env_config){
		.name = (char *)"1.20", .home = (char *)"/opt/flink", .host = (char *)"gw"};
	s->config.hosts = far->hosts;
	s->config.host_count = 2;
	s->config.flink_envs = &s->env;
	s->config.flink_env_count = 1;
	s->config.release_dir = far->root;
	s->decl.flink_env = "1.20";
	s->decl.artifact = "a.jar";
	char *jar = temp_path(s->workspace, "a.jar");
	temp_file(jar, "jar one\n");
	free(jar);
	ship_hosts(s, far->known_hosts);
}

static void teardown(struct far *far)
{
	ship_close(&far->ship);
	free(far->hosts[0].key);
	free(far->hosts[1].key);
	free(far->known_hosts);
	free(far->root);
}

static void check_released(struct far *far, const char *row, const char *number, const char *want)
{
	char *line = xasprintf(
		"test \"$(readlink far/releases/ods/orders/current)\" = %s &&"
		" test \"$(stat -c %%a far/releases/ods/orders/%s/manifest.json)\" = 600 &&"
		" ! ls far/releases/ods/orders/%s/*.part 2>/dev/null &&"
		" cat far/releases/ods/orders/current/a.jar",
		number, number, number);
	char *got = sh(far->ship.loop, far->ship.hosts, far->ship.dir, line);

	check_str(row, got, want);
	free(got);
	free(line);
}

static void file_of_here_is_uploaded_and_verified(void **state)
{
	struct far far;

	(void)state;
	setup(&far);
	ship_act(&far.ship, "release", &act_release);
	check_steps("release", &far.ship, STEPS_DONE);
	check_has("plan", far.ship.calls, "on gw, in /");
	check_has("outcome", far.ship.run->outcome, "release 1 on gw");
	check_released(&far, "there", "1", "jar one");
	ship_read(&far.ship);
	char *want = xasprintf("%s/ods/orders/1", far.root);
	check_str("folder", far.ship.dirs[0], want);
	free(want);
	ship_act(&far.ship, "again", &act_release);
	check_steps("again", &far.ship, STEPS_DONE);
	ship_act(&far.ship, "back", &act_rollback);
	check_steps("back", &far.ship, "verify DONE, activate DONE");
	check_released(&far, "back", "1", "jar one");
	teardown(&far);
}

static void build_of_one_host_is_released_on_another(void **state)
{
	static const char *const build_hosts[] = {"gw", "bastion", NULL};
	struct far far;

	(void)state;
	setup(&far);
	make_repository(far.ship.loop, far.ship.hosts, far.ship.dir);
	far.ship.decl.artifact = "build";
	for (int i = 0; i < 3; i++) {
		char number[2] = {(char)('1' + i), '\0'};

		far.ship.decl.build.host = build_hosts[i];
		ship_act(&far.ship, "build", &act_build);
		check_steps("build", &far.ship, "checkout DONE, command DONE, artifact DONE");
		ship_act(&far.ship, "release", &act_release);
		check_steps("release", &far.ship, STEPS_DONE);
		check_released(&far, "there", number, "two");
	}
	char *left =
		sh(far.ship.loop, far.ship.hosts, far.ship.dir, "ls store | grep transfer || :");
	check_str("nothing left between", left, "");
	free(left);
	/* From another host to this machine. */
	far.ship.env.host = NULL;
	far.ship.decl.build.host = "bastion";
	ship_act(&far.ship, "build", &act_build);
	ship_act(&far.ship, "to this machine", &act_release);
	check_steps("to this machine", &far.ship, STEPS_DONE);
	check_released(&far, "here", "4", "two");
	teardown(&far);
}

static void what_the_far_side_refuses_is_said(void **state)
{
	struct far far;

	(void)state;
	setup(&far);
	/* A file where the folder should be: also root cannot. */
	temp_file(far.root, "a file");
	ship_act(&far.ship, "no folder", &act_release);
	check_steps("no folder", &far.ship,
		"render FAILED, upload PLANNED, verify PLANNED, activate PLANNED, tidy PLANNED");
	check_has("no folder", far.ship.err.text, "render on gw: exit status 1: mkdir: ");
	unlink(far.root);
	/* The file of another host is not there. */
	far.ship.decl.artifact = "bastion:/no/such/a.jar";
	ship_act(&far.ship, "no file", &act_release);
	check_steps("no file", &far.ship,
		"render DONE, upload FAILED, verify PLANNED, activate PLANNED, tidy PLANNED");
	check_has("no file", far.ship.err.text, "/no/such/a.jar");
	check_int("no file", far.ship.err.code, E_NOTFOUND);
	/* The disk is full over there. */
	far.ship.config.release_dir = (char *)"/dev/full/releases";
	far.ship.decl.artifact = "a.jar";
	ship_act(&far.ship, "no such place", &act_release);
	check_has("no such place", far.ship.err.text, "render on gw: ");
	far.ship.config.release_dir = far.root;
	ship_act(&far.ship, "again", &act_release);
	check_steps("again", &far.ship, STEPS_DONE);
	teardown(&far);
}

static bool is_uploading(const struct far *far)
{
	char *path = xasprintf("%s/ods/orders/1/a.jar.part", far->root);
	struct stat st;
	bool is = stat(path, &st) == 0 && st.st_size > 0;

	free(path);
	return is;
}

/* The connection is cut in the middle of the upload: it goes on by itself. */
static void broken_link_does_not_end_an_upload(void **state)
{
	struct far far;
	struct ship *s = &far.ship;
	int64_t end_ms = clock_mono_ms() + BUILD_DEADLINE_MS;

	(void)state;
	setup(&far);
	free(sh(s->loop, s->hosts, s->workspace,
		"head -c 67108864 /dev/urandom >a.jar && sha256sum a.jar >sum"));
	s->options.act = &act_release;
	s->action = action_new(&s->options);
	while (!is_uploading(&far) && !s->is_back) {
		assert_true(clock_mono_ms() < end_ms);
		loop_turn(s->loop, 5);
	}
	check_bool("in the middle", s->is_back, false);
	sshd_do(servers, "cut", "gw");
	ship_wait(s, "release");
	check_steps("release", s, STEPS_DONE);
	check_has("said", buf_str(&s->output), "the copy goes on");
	free(sh(s->loop, s->hosts, s->workspace,
		"cd ../far/releases/ods/orders/current && sha256sum -c "
		"../../../../../workspace/sum"));
	teardown(&far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_of_here_is_uploaded_and_verified),
		cmocka_unit_test(build_of_one_host_is_released_on_another),
		cmocka_unit_test(what_the_far_side_refuses_is_said),
		cmocka_unit_test(broken_link_does_not_end_an_upload),
	};
	int failed;

	check_locale();
	servers = sshd_up();
	if (!servers)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sshd_down(servers);
	return failed;
}
