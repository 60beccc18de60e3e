/* The TaskManagers of a cluster: how one comes there, what is shown, and their logs. */
#include "core/model/cluster.h"
#include "tests/tui/ui/drive.h"

static const struct taskmanager_item items[] = {
	{.ref = (char *)"prod/sessions/tm-1",
		.context = FIXTURE_CONTEXT,
		.cluster = "sessions",
		.told = {.id = "tm-1",
			.host = "worker-1.internal:41001",
			.heartbeat_ms = FIXTURE_NOW_MS - 3000,
			.slots_total = 4,
			.slots_free = 1,
			.cpu_cores = 8,
			.physical_bytes = 16LL << 30,
			.heap_bytes = 1LL << 30,
			.managed_bytes = 512LL << 20,
			.managed_free_bytes = 128LL << 20,
			.network_bytes = 128LL << 20},
		.load = {700LL << 20, 1LL << 30, 90 << 20, 100 << 20, 210, 8400},
		.observed_ms = FIXTURE_NOW_MS,
		.load_ms = FIXTURE_NOW_MS,
		.gc_ms_a_minute = 1200,
		.since_ms = FIXTURE_NOW_MS - 7500000,
		.was_there_earlier = true},
	{.ref = (char *)"prod/sessions/tm-2",
		.context = FIXTURE_CONTEXT,
		.cluster = "sessions",
		.told = {.id = "tm-2",
			.host = "工作机-2:41001",
			.heartbeat_ms = FIXTURE_NOW_MS - 41000,
			.slots_total = 4,
			.slots_free = 0,
			.heap_bytes = 1LL << 30,
			.managed_bytes = 512LL << 20,
			.managed_free_bytes = 0},
		.load = {1000LL << 20, 1LL << 30, 90 << 20, 100 << 20, 9210, 3640000},
		.observed_ms = FIXTURE_NOW_MS,
		.load_ms = FIXTURE_NOW_MS,
		.gc_ms_a_minute = 21000,
		.since_ms = FIXTURE_NOW_MS - 90000},
	{.ref = (char *)"prod/sessions/tm-3\x1b[31m",
		.context = FIXTURE_CONTEXT,
		.cluster = "sessions",
		.told = {.id = "tm-3\x1b[31m",
			.slots_total = -1,
			.slots_free = -1,
			.cpu_cores = -1,
			.physical_bytes = -1,
			.heap_bytes = -1,
			.managed_bytes = -1,
			.managed_free_bytes = -1,
			.network_bytes = -1},
		.load = {-1, -1, -1, -1, -1, -1},
		.observed_ms = FIXTURE_NOW_MS,
		.gc_ms_a_minute = -1,
		.since_ms = FIXTURE_NOW_MS,
		.was_there_earlier = true},
};
static const struct taskmanager_item *const told[] = {&items[0], &items[1], &items[2]};

static void open_clusters(struct drive *drive, int rows, int cols)
{
	drive_open(drive, fixture_fleet(), rows, cols);
	drive->taskmanagers = (struct view_taskmanagers){
		.items = told, .count = 3, .is_told = true, .changes = 1};
	drive_keys(drive, "tab");
}

static void they_are_of_what_is_selected(void **state)
{
	struct drive drive;

	(void)state;
	open_clusters(&drive, 24, 120);
	drive_keys(&drive, "G g w");
	check_has("of a cluster", drive_frame(&drive, false), "TaskManagers  3");
	check_str("which", strrchr(drive.taskmanagers_of, '/'), "/sessions");
	drive_keys(&drive, "q");
	check_has("back", drive_frame(&drive, false), "Clusters");
	drive_type(&drive, ":apps");
	drive_keys(&drive, "enter");
	drive_type(&drive, "/user-sync");
	drive_keys(&drive, "enter g w");
	check_has("of an application", drive_frame(&drive, false), "TaskManagers  3");
	drive_keys(&drive, "q");
	drive_type(&drive, ":taskmanagers nope");
	drive_keys(&drive, "enter");
	check_has("no such cluster", drive_frame(&drive, false), "there is no cluster 'nope'");
	drive_keys(&drive, "tab tab g w");
	check_has("of a team there are none", drive_frame(&drive, false), "of which cluster?");
	drive_close(&drive);
}

static void enter_and_l_open_the_log_of_one(void **state)
{
	static const char *const keys[] = {"enter", "l"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct drive drive;

		open_clusters(&drive, 24, 80);
		drive_keys(&drive, "G g w j");
		drive_keys(&drive, keys[i]);
		check_bool(keys[i], drive.is_log_open, true);
		check_str(keys[i], drive.log_taskmanager, "tm-2");
		check_str(keys[i], strrchr(drive.log_cluster, '/'), "/sessions");
		check_has(keys[i], drive_frame(&drive, false), "tm-2  sessions");
		drive_close(&drive);
	}
}

static void what_is_not_told_yet_and_what_failed_is_said(void **state)
{
	struct drive drive;

	(void)state;
	open_clusters(&drive, 24, 80);
	drive.taskmanagers = (struct view_taskmanagers){0};
	drive_keys(&drive, "G g w");
	check_has("not told", drive_frame(&drive, false), "reading");
	err_set(&drive.taskmanagers.err, E_NET, "GET http://jm:8081/taskmanagers: refused");
	drive.taskmanagers.changes = 2;
	clock_fix(FIXTURE_NOW_MS + 2000, DRIVE_MONO_MS + 2000);
	screen_draw(drive.screen, drive.canvas);
	check_has("failed", drive_frame(&drive, false), "/taskmanagers: refused");
	drive.taskmanagers = (struct view_taskmanagers){.is_told = true, .changes = 3};
	clock_fix(FIXTURE_NOW_MS + 4000, DRIVE_MONO_MS + 4000);
	screen_draw(drive.screen, drive.canvas);
	check_has("none", drive_frame(&drive, false), "No TaskManager is registered there.");
	drive_close(&drive);
}

static void they_look_as_saved(void **state)
{
	static const struct {
		const char *name, *keys;
		int rows, cols;
	} rows[] = {
		{"taskmanagers-80x24", "G g w", 24, 80},
		{"taskmanagers-120x40", "G g w", 40, 120},
		{"taskmanagers-60x15", "G g w", 15, 60},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		open_clusters(&drive, rows[i].rows, rows[i].cols);
		drive_keys(&drive, rows[i].keys);
		drive_golden(&drive, rows[i].name);
		drive_close(&drive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_of_what_is_selected),
		cmocka_unit_test(enter_and_l_open_the_log_of_one),
		cmocka_unit_test(what_is_not_told_yet_and_what_failed_is_said),
		cmocka_unit_test(they_look_as_saved),
	};

	check_locale();
	return cmocka_run_group_tests_name("taskmanagers", tests, NULL, NULL);
}
