/* Runs out of a real store: the list, the card's tab, and one run with its steps and its log. */
#include "core/store/journal/release.h"
#include "tests/tui/ui/drive_store.h"

struct kit {
	struct kept kept;
	int64_t ids[3];
};

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
	kept_open(&kit->kept, rows, cols);
	struct run failed = {.app = kit->kept.app,
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
	struct run live = live_run(kit->kept.app);
	kept_run(&kit->kept, &failed, &kit->ids[0]);
	kept_run(&kit->kept, &other, &kit->ids[1]);
	kept_run(&kit->kept, &live, &kit->ids[2]);
	run_log_append(kit->kept.drive.store, kit->ids[2], "[INFO] Scanning\n[INFO] Building\n",
		strlen("[INFO] Scanning\n[INFO] Building\n"));
	kept_idle(&kit->kept);
}

static void runs_are_listed_newest_first(void **state)
{
	struct kit kit;

	(void)state;
	kit_open(&kit, 24, 80);
	drive_keys(&kit.kept.drive, ": r u n s enter");
	check_has("before the answer", kept_frame(&kit.kept), "reading");
	kept_idle(&kit.kept);
	const char *build = strstr(kept_frame(&kit.kept), " build "),
		   *stop = strstr(kept_frame(&kit.kept), " stop ");
	const char *savepoint = strstr(kept_frame(&kit.kept), " savepoint ");
	assert_non_null(build);
	assert_non_null(stop);
	assert_non_null(savepoint);
	assert_true(build < stop && stop < savepoint);
	drive_keys(&kit.kept.drive, "/ r e a d - o n l y enter");
	assert_null(strstr(kept_frame(&kit.kept), " build "));
	check_has("the failed one", kept_frame(&kit.kept), "savepoint");
	drive_keys(&kit.kept.drive, "esc q");
	assert_null(strstr(kept_frame(&kit.kept), "Runs"));
	kept_close(&kit.kept);
}

static void the_card_has_its_own_runs(void **state)
{
	struct kit kit;

	(void)state;
	kit_open(&kit, 24, 100);
	drive_keys(&kit.kept.drive, "/ o r d e r - s y enter enter u");
	kept_idle(&kit.kept);
	check_has("build", kept_frame(&kit.kept), "build");
	check_has("savepoint", kept_frame(&kit.kept), "savepoint");
	assert_null(strstr(kept_frame(&kit.kept), "湖仓-同步"));
	/* Enter opens the selected one; back is the tab. */
	drive_keys(&kit.kept.drive, "enter");
	check_has("the run", kept_frame(&kit.kept), "build ods/order-sync");
	kept_idle(&kit.kept);
	drive_keys(&kit.kept.drive, "q");
	check_has("the tab", kept_frame(&kit.kept), "  runs  ");
	drive_keys(&kit.kept.drive, "tab tab tab tab");
	check_has("the first tab again", kept_frame(&kit.kept), "Parallelism");
	kept_close(&kit.kept);
}

static void one_run_is_followed_to_its_end(void **state)
{
	struct kit kit;
	struct run live;
	struct run_step done[3];

	(void)state;
	kit_open(&kit, 24, 80);
	drive_keys(&kit.kept.drive, "u");
	kept_idle(&kit.kept);
	drive_keys(&kit.kept.drive, "g g enter");
	kept_idle(&kit.kept);
	check_has("step", kept_frame(&kit.kept), "✓ checkout");
	check_has("output", kept_frame(&kit.kept), "[INFO] Building");
	check_has("following", kept_frame(&kit.kept), "following");
	for (int i = 0; i < 40; i++)
		run_log_append(kit.kept.drive.store, kit.ids[2], "[INFO] more\n", 12);
	run_log_append(kit.kept.drive.store, kit.ids[2], "[INFO] the newest line\n", 23);
	kept_idle(&kit.kept);
	kept_later(&kit.kept, 1100);
	check_has("the end is seen", kept_frame(&kit.kept), "[INFO] the newest line");
	/* Who scrolls up stays there. */
	drive_keys(&kit.kept.drive, "k k k g g");
	run_log_append(kit.kept.drive.store, kit.ids[2], "[INFO] newer\n", 13);
	kept_idle(&kit.kept);
	kept_later(&kit.kept, 1100);
	check_has("the top stays", kept_frame(&kit.kept), "What was to be done");
	drive_keys(&kit.kept.drive, "F");
	check_has("until it is followed again", kept_frame(&kit.kept), "[INFO] newer");
	/* Its end. */
	memcpy(done, steps, sizeof(done));
	done[1].state = RUN_FAILED;
	done[1].ended_ms = FIXTURE_NOW_MS;
	done[1].text = "mvn ended with status 1";
	live = live_run(kit.kept.app);
	live.id = kit.ids[2];
	live.epoch = 1;
	live.steps = done;
	live.state = RUN_FAILED;
	live.ended_ms = FIXTURE_NOW_MS;
	live.outcome = "the build failed: mvn ended with status 1";
	run_end(kit.kept.drive.store, &live, NULL, NULL);
	kept_idle(&kit.kept);
	kept_later(&kit.kept, 1100);
	check_has(
		"how it ended", kept_frame(&kit.kept), "the build failed: mvn ended with status 1");
	check_has("which step", kept_frame(&kit.kept), "✗ command");
	drive_keys(&kit.kept.drive, "X");
	check_has("nothing to cancel", kept_frame(&kit.kept), "this run is over");
	kept_close(&kit.kept);
}

static void a_run_is_called_off_by_a_yes(void **state)
{
	struct kit kit;

	(void)state;
	kit_open(&kit, 24, 80);
	drive_keys(&kit.kept.drive, "u");
	kept_idle(&kit.kept);
	drive_keys(&kit.kept.drive, "g g X n");
	check_int("no", kit.kept.drive.canceled, 0);
	drive_keys(&kit.kept.drive, "X y");
	check_int("yes", kit.kept.drive.canceled, kit.ids[2]);
	kept_close(&kit.kept);
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
			drive_keys(&kit.kept.drive, rows[i].keys);
			kept_idle(&kit.kept);
			drive_keys(&kit.kept.drive, rows[i].more);
			kept_idle(&kit.kept);
			drive_golden(&kit.kept.drive, name);
			kept_close(&kit.kept);
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
