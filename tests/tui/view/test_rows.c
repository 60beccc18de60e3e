/* Lists of what no fleet has: builds, releases, restore points, and the command log. */
#include "core/model/env_state.h"
#include "tests/tui/view/kept.h"

static void releases_are_listed_and_shown_whole(void **state)
{
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 120);
	kept_keys(&kept, ": r e l e a s e s enter");
	check_has("none yet", kept_frame(&kept), "Nothing was released yet");
	kept_releases(&kept, 3, 2);
	clock_fix(FIXTURE_NOW_MS, clock_mono_ms() + 1100);
	screen_draw(kept.drive.screen, kept.drive.canvas);
	kept_idle(&kept);
	check_has("the newest first", kept_frame(&kept), "Releases  3");
	const char *three = strstr(kept_frame(&kept), "      3  ods/order-sync");
	const char *one = strstr(kept_frame(&kept), "      1  ods/order-sync");
	assert_non_null(three);
	assert_true(three < one);
	check_has("which is active", kept_frame(&kept), "ACTIVE");
	kept_keys(&kept, "j enter");
	check_has("whole", kept_frame(&kept), "/srv/weir/ods/order-sync/2");
	check_has("its digest too", kept_frame(&kept), "digest          d1");
	assert_null(strstr(kept_frame(&kept), "hunter2"));
	/* Saved as it is read. */
	kept_keys(&kept, "s enter");
	check_has("saved", kept.drive.saved_text, "FOLDER          /srv/weir/ods/order-sync/2\n");
	/* A verb acts on its application. */
	kept.drive.plan = (struct screen_plan){.calls = "POST …"};
	kept_keys(&kept, "P y");
	check_int("released", kept.drive.acted, CMD_RELEASE);
	check_str("which", kept.drive.acted_app, kept.app);
	kept_close(&kept);
}

static void points_are_of_one_application(void **state)
{
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 120);
	kept_points(&kept);
	kept_keys(&kept, ":");
	kept_type(&kept, "restore-points ods/order-sync");
	kept_keys(&kept, "enter");
	check_has("whose", kept_frame(&kept), "Restore points");
	check_has("whose", kept_frame(&kept), "ods/order-sync");
	check_has("gone", kept_frame(&kept), "gone");
	check_has("CJK", kept_frame(&kept), "file:/mnt/数据/savepoints");
	kept_keys(&kept, "q");
	/* On its card they are a tab, by the same key. */
	kept_keys(&kept, "/ o r d e r - s y enter enter 9");
	check_has("the tab", kept_frame(&kept), "savepoint-5fa000-3");
	assert_null(strstr(kept_frame(&kept), "Restore points"));
	kept_keys(&kept, "8");
	check_has("the tab beside it", kept_frame(&kept), "was not released yet");
	kept_close(&kept);
}

static void builds_open_with_all_there_is(void **state)
{
	struct kept kept;

	(void)state;
	kept_open(&kept, 15, 60);
	kept_build(&kept);
	kept_keys(&kept, ": b u i l d s enter");
	check_has("the build", kept_frame(&kept), "ods/order-sync");
	kept_keys(&kept, "enter G");
	check_has("from where", kept_frame(&kept), "https://git.example/rt/jobs.git");
	kept_keys(&kept, "/ 9 f 8 6 enter");
	check_has("its checksum is found", kept_frame(&kept), "/9f86  1 hit ");
	kept_close(&kept);
}

/* -- the command log -- */

static void commands_begin(struct drive *drive)
{
	struct err err;
	uint64_t n;

	clock_fix(FIXTURE_NOW_MS - 90000, DRIVE_MONO_MS - 90000);
	n = command_log_begin(drive->commands, COMMAND_CONNECT, "gw1", "ssh");
	clock_fix(FIXTURE_NOW_MS - 89700, DRIVE_MONO_MS - 89700);
	command_log_end(drive->commands, n, &(struct command_end){-1, -1}, NULL);
	n = command_log_begin(drive->commands, COMMAND_REST, "sessions",
		"POST http://jm1:8081/jars/upload?token=hunter2");
	clock_fix(FIXTURE_NOW_MS - 60000, DRIVE_MONO_MS - 60000);
	err_set(&err, E_REMOTE, "JobManager answered 409: no slots");
	command_log_end(drive->commands, n, &(struct command_end){409, 812}, &err);
	command_log_begin(drive->commands, COMMAND_EXEC, "gw1",
		"/opt/flink-1.20/bin/flink run -d -t remote -Drest.address=jm1 "
		"/srv/weir/ods/order-sync/3/订单.jar --rate 10");
	clock_fix(FIXTURE_NOW_MS, DRIVE_MONO_MS);
}

static void commands_show_what_was_asked_and_how_it_ended(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "@");
	check_has("nothing yet", drive_frame(&drive, false), "Nothing was asked of anybody yet");
	commands_begin(&drive);
	clock_fix(FIXTURE_NOW_MS, clock_mono_ms() + 200);
	screen_draw(drive.screen, drive.canvas);
	const char *exec = strstr(drive_frame(&drive, false), " exec ");
	const char *rest = strstr(drive_frame(&drive, false), " REST ");
	const char *connect = strstr(drive_frame(&drive, false), " connect ");
	assert_non_null(exec);
	assert_true(exec < rest && rest < connect);
	assert_null(strstr(drive_frame(&drive, false), "hunter2"));
	check_has("its status", drive_frame(&drive, false), "409");
	/* The newest is under the cursor until somebody moves. */
	drive_keys(&drive, "enter");
	check_has("all words", drive_frame(&drive, false), "/srv/weir/ods/order-sync/3/订单.jar");
	drive_keys(&drive, "q");
	command_log_begin(drive.commands, COMMAND_EXEC, "gw1", "date");
	clock_fix(FIXTURE_NOW_MS + 1000, clock_mono_ms() + 200);
	screen_draw(drive.screen, drive.canvas);
	drive_keys(&drive, "enter");
	check_has("followed", drive_frame(&drive, false), "WHAT            date");
	/* The filter takes hold of words of all columns. */
	drive_keys(&drive, "q / n o space s l o t s enter");
	check_has("filtered", drive_frame(&drive, false), "Command log  1 of 4");
	drive_close(&drive);
}

/* -- Flink envs -- */

static void flink_envs_are_shown_as_they_are_found(void **state)
{
	struct env_state *asked =
		env_state_new(FIXTURE_CONTEXT, "1.20", "/opt/flink-1.20", "gw1", "http://gw1:8083");
	struct env_state *found =
		env_state_new(FIXTURE_CONTEXT, "1.20", "/opt/flink-1.20", "gw1", "http://gw1:8083");
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 100);
	drive_keys(&drive, ": f l i n k - e n v s enter");
	check_has("none", drive_frame(&drive, false), "No Flink env is configured");
	drive.envs[0] = asked;
	drive.env_count = 1;
	drive.env_changes = 1;
	clock_fix(FIXTURE_NOW_MS, clock_mono_ms() + 200);
	screen_draw(drive.screen, drive.canvas);
	check_has("not yet", drive_frame(&drive, false), "unknown");
	found->found = ENV_INCOMPLETE;
	found->version = arena_strdup(found->arena, "1.20.5");
	found->problem = arena_strdup(found->arena, "no Java is there: set JAVA_HOME");
	drive.envs[0] = found;
	drive.env_changes = 2;
	env_state_free(asked); /* nothing of it is shown any more */
	clock_fix(FIXTURE_NOW_MS, clock_mono_ms() + 200);
	screen_draw(drive.screen, drive.canvas);
	check_has("found", drive_frame(&drive, false), "incomplete");
	check_has("version", drive_frame(&drive, false), "1.20.5");
	drive_keys(&drive, "enter");
	check_has("why", drive_frame(&drive, false), "no Java is there: set JAVA_HOME");
	drive_close(&drive);
	env_state_free(found);
}

/* Its own, its cluster's, and none of others; whole by Enter. */
static void history_is_of_one_application(void **state)
{
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 120);
	kept_keys(&kept, "/ u s e r - s y enter enter 0");
	check_has("none of its own", kept_frame(&kept), "Nothing has happened to this application");
	kept_history(&kept);
	kept_keys(&kept, "q esc / o r d e r - s y enter enter 0");
	check_has("the newest first", kept_frame(&kept), "job");
	const char *gone = strstr(kept_frame(&kept), "2 → 0");
	check_bool("its cluster's too", gone != NULL, true);
	kept_keys(&kept, "/ f a i l o v e r enter");
	check_has("filtered", kept_frame(&kept), "failover");
	assert_null(strstr(kept_frame(&kept), "taskmanagers"));
	kept_keys(&kept, "enter");
	check_has("whole", kept_frame(&kept), "2026-11-21T08:24:00Z");
	kept_close(&kept);
}

static void rows_look_like_this(void **state)
{
	static const struct {
		const char *name, *keys;
		int rows, cols;
	} rows[] = {
		{"releases-80x24", ": r e l e a s e s enter", 24, 80},
		{"builds-120x40", ": b u i l d s enter", 40, 120},
		{"points-80x24", "/ o r d e r - s y enter enter 9", 24, 80},
		{"points-60x15", "/ o r d e r - s y enter enter 9", 15, 60},
		{"points-300x80", "/ o r d e r - s y enter enter 9", 80, 300},
		{"history-80x24", "/ o r d e r - s y enter enter 0", 24, 80},
		{"history-60x15", "/ o r d e r - s y enter enter 0", 15, 60},
		{"history-120x40", "/ o r d e r - s y enter enter 0", 40, 120},
		{"history-all-120x40", ": h i s t o r y enter", 40, 120},
		{"facts-80x24", ": r e l e a s e s enter j enter", 24, 80},
		{"commands-80x24", "@", 24, 80},
		{"commands-60x15", "@", 15, 60},
		{"commands-120x40", "@", 40, 120},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kept kept;

		kept_open(&kept, rows[i].rows, rows[i].cols);
		kept_points(&kept);
		kept_history(&kept);
		kept_build(&kept);
		kept_releases(&kept, 3, 2);
		commands_begin(&kept.drive);
		char *copy = xstrdup(rows[i].keys), *rest = copy, *key;
		while ((key = strsep(&rest, " ")))
			kept_keys(&kept, key);
		free(copy);
		drive_golden(&kept.drive, rows[i].name);
		kept_close(&kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_are_listed_and_shown_whole),
		cmocka_unit_test(points_are_of_one_application),
		cmocka_unit_test(builds_open_with_all_there_is),
		cmocka_unit_test(commands_show_what_was_asked_and_how_it_ended),
		cmocka_unit_test(flink_envs_are_shown_as_they_are_found),
		cmocka_unit_test(history_is_of_one_application),
		cmocka_unit_test(rows_look_like_this),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
