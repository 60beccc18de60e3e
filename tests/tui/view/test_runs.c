/* Runs out of a real store: the list, the card's tab, and one run with its steps and its log. */
#include "core/loop/loop.h"
#include "core/store/journal/release.h"
#include "core/store/journal/run.h"
#include "tests/tui/ui/drive.h"

#define DEADLINE_MS 60000

struct kit {
	struct loop *loop;
	struct drive drive;
	char *dir, *app;
	int64_t ids[3];
};

static void no_problem(void *data, const struct err *err)
{
	(void)data;
	if (err)
		fail_msg("store: %s", err->text);
}

static void on_begun(void *data, const struct run *run, const struct err *err)
{
	check_ok("run", err ? -1 : 0, err);
	*(int64_t *)data = run->id;
}

static void idle(struct kit *kit)
{
	check_bool("idle", loop_run_until_idle(kit->loop, DEADLINE_MS), true);
}

/* Time goes on, so that what is remembered is asked again. */
static void later(struct kit *kit, int64_t ms)
{
	clock_fix(FIXTURE_NOW_MS, clock_mono_ms() + ms);
	screen_draw(kit->drive.screen, kit->drive.canvas);
	idle(kit);
	screen_draw(kit->drive.screen, kit->drive.canvas);
}

static void begin(struct kit *kit, struct run *run, int64_t *id)
{
	enum run_state state = run->state;

	run->state = RUN_PLANNED;
	run_begin(kit->drive.store, run, on_begun, id);
	idle(kit);
	run->id = *id;
	run->epoch = 1;
	run->state = state;
	if (run_state_is_end(state))
		run_end(kit->drive.store, run, NULL, NULL);
	else
		run_update(kit->drive.store, run, NULL, NULL);
	idle(kit);
}

static const struct run_step steps[] = {
	{.name = "checkout",
		.state = RUN_DONE,
		.started_ms = FIXTURE_NOW_MS - 60000,
		.ended_ms = FIXTURE_NOW_MS - 57800,
		.text = "main is 4f2a91c0d3e8"},
	{.name = "command",
		.state = RUN_WATCHING,
		.started_ms = FIXTURE_NOW_MS - 57800,
		.text = "mvn -B -q package"},
	{.name = "artifact", .state = RUN_PLANNED},
};

static struct run live_run(const char *app)
{
	return (struct run){.app = app,
		.context = FIXTURE_CONTEXT,
		.team = "ods",
		.name = "order-sync",
		.cluster = "sessions",
		.verb = "build",
		.arguments = "{}",
		.state = RUN_WATCHING,
		.steps = steps,
		.step_count = ARRAY_SIZE(steps),
		.created_ms = FIXTURE_NOW_MS - 60000,
		.plan = "git fetch https://git.example/rt/jobs.git main\nmvn -B -q package",
		.log = "2025-11-21 09:59:00 checkout\n2025-11-21 09:59:02 command\n"};
}

static void kit_open(struct kit *kit, int rows, int cols)
{
	struct err err = {0};

	*kit = (struct kit){.dir = temp_dir()};
	check_ok("loop", loop_open(&kit->loop, &err), &err);
	drive_open(&kit->drive, fixture_fleet(), rows, cols);
	store_open(&kit->drive.store, kit->loop, kit->dir, FIXTURE_CONTEXT, no_problem, NULL);
	struct app *found[2];
	check_int("the application",
		(int64_t)fleet_find_apps(kit->drive.fleet, "ods/order-sync", found, 2), 1);
	kit->app = xstrdup(found[0]->ref);
	struct run failed = {.app = kit->app,
		.context = FIXTURE_CONTEXT,
		.team = "ods",
		.name = "order-sync",
		.cluster = "sessions",
		.verb = "savepoint",
		.arguments = "{}",
		.state = RUN_FAILED,
		.created_ms = FIXTURE_NOW_MS - 7200000,
		.ended_ms = FIXTURE_NOW_MS - 7190000,
		.outcome = "the savepoint failed: hdfs:///flink is read-only; the job goes on",
		.code = "REMOTE"};
	struct run other = {.app = "app/dwd/waiting",
		.context = FIXTURE_CONTEXT,
		.team = "dwd",
		.name = "湖仓-同步",
		.verb = "stop",
		.arguments = "{}",
		.state = RUN_DONE,
		.created_ms = FIXTURE_NOW_MS - 3600000,
		.ended_ms = FIXTURE_NOW_MS - 3590000,
		.outcome = "stopped: savepoint at hdfs:///flink/savepoints/savepoint-5fa000-1"};
	struct run live = live_run(kit->app);
	begin(kit, &failed, &kit->ids[0]);
	begin(kit, &other, &kit->ids[1]);
	begin(kit, &live, &kit->ids[2]);
	run_log_append(kit->drive.store, kit->ids[2], "[INFO] Scanning\n[INFO] Building\n",
		strlen("[INFO] Scanning\n[INFO] Building\n"));
	idle(kit);
}

static void kit_close(struct kit *kit)
{
	screen_free(kit->drive.screen);
	kit->drive.screen = NULL;
	store_close(kit->drive.store);
	drive_close(&kit->drive);
	loop_close(kit->loop);
	temp_dir_remove(kit->dir);
	free(kit->app);
}

static const char *frame(struct kit *kit)
{
	return drive_frame(&kit->drive, false);
}

static void runs_are_listed_newest_first(void **state)
{
	struct kit kit;

	(void)state;
	kit_open(&kit, 24, 80);
	drive_keys(&kit.drive, ": r u n s enter");
	check_has("before the answer", frame(&kit), "reading");
	idle(&kit);
	screen_draw(kit.drive.screen, kit.drive.canvas);
	const char *build = strstr(frame(&kit), " build "), *stop = strstr(frame(&kit), " stop ");
	const char *savepoint = strstr(frame(&kit), " savepoint ");
	assert_non_null(build);
	assert_non_null(stop);
	assert_non_null(savepoint);
	assert_true(build < stop && stop < savepoint);
	drive_keys(&kit.drive, "/ r e a d - o n l y enter");
	assert_null(strstr(frame(&kit), " build "));
	check_has("the failed one", frame(&kit), "savepoint");
	drive_keys(&kit.drive, "esc q");
	assert_null(strstr(frame(&kit), "Runs"));
	kit_close(&kit);
}

static void the_card_has_its_own_runs(void **state)
{
	struct kit kit;

	(void)state;
	kit_open(&kit, 24, 100);
	drive_keys(&kit.drive, "/ o r d e r - s y enter enter u");
	idle(&kit);
	screen_draw(kit.drive.screen, kit.drive.canvas);
	check_has("build", frame(&kit), "build");
	check_has("savepoint", frame(&kit), "savepoint");
	assert_null(strstr(frame(&kit), "湖仓-同步"));
	/* Enter opens the selected one; back is the tab. */
	drive_keys(&kit.drive, "enter");
	check_has("the run", frame(&kit), "build ods/order-sync");
	idle(&kit);
	drive_keys(&kit.drive, "q");
	check_has("the tab", frame(&kit), "  runs  ");
	drive_keys(&kit.drive, "tab tab tab tab");
	check_has("the first tab again", frame(&kit), "Parallelism");
	kit_close(&kit);
}

static void one_run_is_followed_to_its_end(void **state)
{
	struct kit kit;
	struct run live;
	struct run_step done[3];

	(void)state;
	kit_open(&kit, 24, 80);
	drive_keys(&kit.drive, "u");
	idle(&kit);
	drive_keys(&kit.drive, "g g enter");
	idle(&kit);
	screen_draw(kit.drive.screen, kit.drive.canvas);
	check_has("step", frame(&kit), "✓ checkout");
	check_has("output", frame(&kit), "[INFO] Building");
	check_has("following", frame(&kit), "following");
	for (int i = 0; i < 40; i++)
		run_log_append(kit.drive.store, kit.ids[2], "[INFO] more\n", 12);
	run_log_append(kit.drive.store, kit.ids[2], "[INFO] the newest line\n", 23);
	idle(&kit);
	later(&kit, 1100);
	check_has("the end is seen", frame(&kit), "[INFO] the newest line");
	/* Who scrolls up stays there. */
	drive_keys(&kit.drive, "k k k g g");
	run_log_append(kit.drive.store, kit.ids[2], "[INFO] newer\n", 13);
	idle(&kit);
	later(&kit, 1100);
	check_has("the top stays", frame(&kit), "What was to be done");
	drive_keys(&kit.drive, "F");
	check_has("until it is followed again", frame(&kit), "[INFO] newer");
	/* Its end. */
	memcpy(done, steps, sizeof(done));
	done[1].state = RUN_FAILED;
	done[1].ended_ms = FIXTURE_NOW_MS;
	done[1].text = "mvn ended with status 1";
	live = live_run(kit.app);
	live.id = kit.ids[2];
	live.epoch = 1;
	live.steps = done;
	live.state = RUN_FAILED;
	live.ended_ms = FIXTURE_NOW_MS;
	live.outcome = "the build failed: mvn ended with status 1";
	run_end(kit.drive.store, &live, NULL, NULL);
	idle(&kit);
	later(&kit, 1100);
	check_has("how it ended", frame(&kit), "the build failed: mvn ended with status 1");
	check_has("which step", frame(&kit), "✗ command");
	drive_keys(&kit.drive, "X");
	check_has("nothing to cancel", frame(&kit), "this run is over");
	kit_close(&kit);
}

static void a_run_is_called_off_by_a_yes(void **state)
{
	struct kit kit;

	(void)state;
	kit_open(&kit, 24, 80);
	drive_keys(&kit.drive, "u");
	idle(&kit);
	drive_keys(&kit.drive, "g g X n");
	check_int("no", kit.drive.canceled, 0);
	drive_keys(&kit.drive, "X y");
	check_int("yes", kit.drive.canceled, kit.ids[2]);
	kit_close(&kit);
}

static void quitting_asks_while_a_run_goes_on(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.going = 1;
	drive.oldest = (struct screen_going){
		.verb = "build", .name = "ods/order-sync", .began_mono_ms = DRIVE_MONO_MS};
	drive_keys(&drive, "q");
	check_int("asked", drive.quits, 0);
	check_has("asked", drive_frame(&drive, false), "quit while 1 run is in progress?");
	drive_keys(&drive, "n");
	check_int("no", drive.quits, 0);
	drive_keys(&drive, "ctrl-c y");
	check_int("yes", drive.quits, 1);
	drive.going = 0;
	drive_keys(&drive, "q");
	check_int("at once", drive.quits, 2);
	drive_close(&drive);
}

static void runs_look_like_this(void **state)
{
	static const struct {
		const char *name, *keys, *more;
	} rows[] = {
		{"runs", "u", ""},
		{"card-runs", "/ o r d e r - s y enter enter u", ""},
		{"run", "u", "g g enter"},
	};
	static const struct {
		int rows, cols;
	} sizes[] = {{24, 80}, {15, 60}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
			struct kit kit;
			char name[64];

			snprintf(name, sizeof(name), "%s-%dx%d", rows[i].name, sizes[k].cols,
				sizes[k].rows);
			kit_open(&kit, sizes[k].rows, sizes[k].cols);
			drive_keys(&kit.drive, rows[i].keys);
			idle(&kit);
			drive_keys(&kit.drive, rows[i].more);
			screen_draw(kit.drive.screen, kit.drive.canvas);
			idle(&kit);
			drive_golden(&kit.drive, name);
			kit_close(&kit);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_listed_newest_first),
		cmocka_unit_test(the_card_has_its_own_runs),
		cmocka_unit_test(one_run_is_followed_to_its_end),
		cmocka_unit_test(a_run_is_called_off_by_a_yes),
		cmocka_unit_test(quitting_asks_while_a_run_goes_on),
		cmocka_unit_test(runs_look_like_this),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
