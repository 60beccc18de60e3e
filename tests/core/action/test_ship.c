/*
 * ship: a real build and a real release on this machine, and a source that says what a case lets it
 * say. The job that runs is not touched before the new release is there.
 */
#include <unistd.h>

#include "tests/core/action/start_kit.h"

#define SAVEPOINT "s3://b/savepoint-7"
#define BUILD_STEPS "checkout DONE, command DONE, artifact DONE"
#define RELEASE_STEPS "render DONE, upload DONE, verify DONE, activate DONE, tidy DONE"
#define START_STEPS "check DONE, start DONE, running DONE"
#define LATER                                                                                      \
	"render PLANNED, upload PLANNED, verify PLANNED, activate PLANNED, tidy PLANNED, stop "    \
	"PLANNED, check PLANNED, start PLANNED, running PLANNED"

struct ship {
	struct stage *s;
	struct ssh *hosts;
	char *releases, *workspace;
};

static int ship_setup(void **state)
{
	struct ship *ship = xcalloc(1, sizeof(*ship));
	struct err err;
	void *stage;

	setup(&stage);
	ship->s = stage;
	ship->releases = temp_path(ship->s->dir, "releases");
	ship->workspace = temp_path(ship->s->dir, "workspace");
	check_ok("workspace", file_mkdirs(ship->workspace, &err), &err);
	check_ok("hosts",
		ssh_open(&ship->hosts, &(struct ssh_options){.loop = ship->s->loop}, &err), &err);
	ship->s->options.hosts = ship->hosts;
	ship->s->options.args.agrees_to_command = true;
	ship->s->config.workspace = ship->workspace;
	ship->s->config.release_dir = ship->releases;
	ship->s->config.keep_releases = 3;
	ship->s->decl.artifact = "build";
	ship->s->decl.has_build = true;
	ship->s->decl.build =
		(struct build_decl){.command = "printf one > orders.jar", .artifact = "orders.jar"};
	*state = ship;
	return 0;
}

static int ship_teardown(void **state)
{
	struct ship *ship = *state;
	void *stage = ship->s;

	ssh_close(ship->hosts);
	teardown(&stage);
	free(ship->releases);
	free(ship->workspace);
	free(ship);
	return 0;
}

static void say_start(struct stage *s)
{
	script_add(&s->source, SOURCE_BEFORE, (struct line){.slots = 4});
	script_add(&s->source, SOURCE_START, (struct line){0});
	script_add(&s->source, SOURCE_TASKS,
		(struct line){.status = JOB_RUNNING, .running = 2, .total = 2});
}

static void say_stop(struct stage *s)
{
	script_add(&s->source, SOURCE_JOB, (struct line){.status = JOB_FINISHED});
	script_add(&s->source, SOURCE_STOP, (struct line){0});
	script_add(&s->source, SOURCE_TRIGGER, (struct line){.location = SAVEPOINT});
}

static void first_ship_is_a_first_start(void **state)
{
	struct ship *ship = *state;
	struct stage *s = ship->s;

	say_start(s);
	act(s, "ship", &act_ship);
	check_int("ship", s->err.code, 0);
	check_steps("steps", s->run, BUILD_STEPS ", " RELEASE_STEPS ", " START_STEPS);
	check_has("not its word in the file", s->calls, " of <the artifact of this release>");
	check_int("release", s->run->release, 1);
	check_has("outcome", s->run->outcome, " runs");
	assert_null(s->run->result);
	assert_null(s->source.restored);
	check_str("what was released", s->source.artifact,
		strstr(s->source.artifact, ship->releases));
	check_has("what was released", s->source.artifact, "/ods/orders/1/orders.jar");
}

static void ship_stops_the_job_when_the_release_is_there(void **state)
{
	struct ship *ship = *state;
	struct stage *s = ship->s;

	say_start(s);
	act(s, "first", &act_ship);
	check_int("first", s->err.code, 0);
	stage_job(s, JOB_RUNNING);
	say_stop(s);
	s->source.script.lines[SOURCE_BEFORE][0].slots = -1;
	s->decl.build.command = "printf two > orders.jar";
	act(s, "second", &act_ship);
	check_int("second", s->err.code, 0);
	check_steps("steps", s->run, BUILD_STEPS ", " RELEASE_STEPS ", stop DONE, " START_STEPS);
	check_str("from its savepoint", s->source.restored, SAVEPOINT);
	check_str("result", s->run->result, SAVEPOINT);
	check_int("release", s->run->release, 2);
	check_has("what was released", s->source.artifact, "/ods/orders/2/orders.jar");
}

static void failed_build_touches_nothing(void **state)
{
	struct ship *ship = *state;
	struct stage *s = ship->s;

	stage_job(s, JOB_RUNNING);
	s->decl.build.command = "echo cannot find symbol; exit 3";
	act(s, "ship", &act_ship);
	check_int("failed", s->err.code, E_REMOTE);
	check_has("why", s->err.text, "cannot find symbol");
	check_steps("steps", s->run, "checkout DONE, command FAILED, artifact PLANNED, " LATER);
	check_int("nothing was asked", s->source.asked[SOURCE_STOP] + s->source.asked[SOURCE_START],
		0);
	assert_int_not_equal(access(ship->releases, F_OK), 0);
}

static void artifact_that_is_there_needs_no_build(void **state)
{
	struct ship *ship = *state;
	struct stage *s = ship->s;
	char *jar = temp_path(ship->workspace, "orders.jar");

	temp_file(jar, "jar");
	s->decl.artifact = jar;
	s->decl.has_build = false;
	say_start(s);
	act(s, "ship", &act_ship);
	check_int("ship", s->err.code, 0);
	check_steps("steps", s->run, RELEASE_STEPS ", " START_STEPS);
	free(jar);
}

static void build_that_is_called_off_ends_at_once(void **state)
{
	struct ship *ship = *state;
	struct stage *s = ship->s;
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;
	struct err err;

	s->decl.build.command = "echo begun; exec sleep 600";
	s->waits = true;
	act(s, "plan", &act_ship);
	check_int("plan", s->err.code, 0);
	action_go(s->action);
	while (!strstr(buf_str(&s->output), "begun") && clock_mono_ms() < end_ms)
		loop_turn(s->loop, 50);
	check_int("called off", action_cancel(s->action, &err), 0);
	stage_wait(s, "canceled");
	check_int("canceled", s->err.code, E_CANCELED);
	check_has("steps", s->run->outcome, "was called off; done by then: checkout");
	newest(s, "row");
	check_int("row", s->row->state, RUN_CANCELED);
	check_bool("over", s->row->is_orphan, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			first_ship_is_a_first_start, ship_setup, ship_teardown),
		cmocka_unit_test_setup_teardown(
			ship_stops_the_job_when_the_release_is_there, ship_setup, ship_teardown),
		cmocka_unit_test_setup_teardown(
			failed_build_touches_nothing, ship_setup, ship_teardown),
		cmocka_unit_test_setup_teardown(
			artifact_that_is_there_needs_no_build, ship_setup, ship_teardown),
		cmocka_unit_test_setup_teardown(
			build_that_is_called_off_ends_at_once, ship_setup, ship_teardown),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
