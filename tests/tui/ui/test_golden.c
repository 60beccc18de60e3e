/*
 * Whole screens, driven by keys and compared as text with their style names. What is shown is the
 * fleet of tests/support/fleet_fixture.c at a fixed time.
 */
#include "tests/tui/ui/drive.h"

static const struct {
	const char *name;
	int rows, cols;
	const char *keys;
} screens[] = {
	{"apps-80x24", 24, 80, ""},
	{"apps-120x40", 40, 120, ""},
	{"apps-60x15", 15, 60, ""},
	{"apps-40x10", 10, 40, ""},
	{"apps-wide-120x40", 40, 120, "w"},
	{"apps-panned-80x24", 24, 80, "right right"},
	{"apps-filter-80x24", 24, 80, "/ o d s"},
	{"apps-filter-none-80x24", 24, 80, "/ z z z enter"},
	{"apps-attention-80x24", 24, 80, "!"},
	{"apps-sorted-80x24", 24, 80, "s s i"},
	{"apps-bottom-60x15", 15, 60, "G"},
	{"apps-no-such-key-80x24", 24, 80, "Z"},
	{"clusters-80x24", 24, 80, "tab"},
	{"clusters-120x40", 40, 120, ": c l u s t e r s enter"},
	{"clusters-60x15", 15, 60, "tab"},
	{"teams-80x24", 24, 80, "tab tab"},
	{"teams-120x40", 40, 120, "tab tab"},
	{"teams-60x15", 15, 60, "tab tab"},
	{"jobs-80x24", 24, 80, "tab tab tab"},
	{"jobs-120x40", 40, 120, "tab tab tab"},
	{"jobs-60x15", 15, 60, "tab tab tab"},
	{"cluster-apps-80x24", 24, 80, "tab enter"},
	{"palette-80x24", 24, 80, ":"},
	{"palette-sort-60x15", 15, 60, ": s o r t space"},
	{"help-80x24", 24, 80, "?"},
	{"help-120x40", 40, 120, "?"},
	{"help-60x15", 15, 60, "?"},
	{"help-search-80x24", 24, 80, "? / f i l t e r enter"},
	{"messages-80x24", 24, 80, ": m e s s a g e s enter"},
	{"messages-60x15", 15, 60, ": m e s s a g e s enter"},
	{"card-40x10", 10, 40, "enter"},
};

static void screens_look_as_saved(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(screens); i++) {
		struct drive drive;
		drive_open(&drive, fixture_fleet(), screens[i].rows, screens[i].cols);
		drive_keys(&drive, screens[i].keys);
		drive_golden(&drive, screens[i].name);
		drive_close(&drive);
	}
}

/* More is to be asked than the budget allows: the header says how long things wait for it. */
static void a_stretched_budget_is_told(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.stretch = 2;
	drive_keys(&drive, "tab");
	drive_golden(&drive, "stretched-80x24");
	drive_close(&drive);
	drive_open(&drive, fixture_fleet(), 40, 120);
	drive.stretch = 2;
	drive_keys(&drive, "tab w");
	drive_golden(&drive, "stretched-120x40");
	drive_close(&drive);
}

/* Far from any network: what is remembered can be looked at, and says of when it is. */
static void offline_looks_as_saved(void **state)
{
	static const struct {
		const char *name, *keys;
		bool after_polls;
	} rows[] = {
		{"offline-remembered-80x24", "", false},
		{"offline-remembered-card-80x24", "/ o r d e r enter enter", false},
		{"offline-apps-80x24", "", true},
		{"offline-attention-80x24", "!", true},
		{"offline-card-80x24", "/ o r d e r enter enter", true},
		{"offline-card-ended-80x24", "/ d a i l y enter enter", true},
		{"offline-vertices-80x24", "/ o r d e r enter enter v", true},
		{"offline-clusters-80x24", "tab", true},
		{"offline-messages-80x24", ": m e s s a g e s enter", true},
	};

	struct drive drive;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		drive_open(&drive, fixture_fleet_offline(rows[i].after_polls), 24, 80);
		drive_keys(&drive, rows[i].keys);
		drive_golden(&drive, rows[i].name);
		drive_close(&drive);
	}
	/* A verb says so before it is confirmed, and afterwards why nothing was done. */
	drive_open(&drive, fixture_fleet_offline(true), 24, 80);
	drive.plan = (struct screen_plan){
		.calls = "POST http://sessions.example:8081/jobs/5fa0/stop\n",
		.warnings = "cluster sessions has not answered since 2025-11-21 09:40:00: nothing "
			    "is sent to it unless it does now\n"};
	drive_keys(&drive, "/ o r d e r enter T");
	drive_golden(&drive, "offline-stop-80x24");
	drive_keys(&drive, "y");
	screen_toast(drive.screen, STYLE_ERROR,
		"stop ods/order-sync: nothing was sent: GET http://sessions.example:8081/jobs/5fa0/"
		"status: no route to host; cluster sessions has not answered since 2025-11-21 "
		"09:40:00. To see what is wrong: weir doctor sessions; once it answers again: weir "
		"stop ods/order-sync");
	drive_golden(&drive, "offline-refused-80x24");
	drive_close(&drive);
}

/* The card of an application, found by its name, in three sizes. */
static const struct {
	const char *name, *filter, *keys;
} cards[] = {
	{"card-running", "order-sync", ""},
	{"card-vertices", "order-sync", "v"},
	{"card-checkpoints", "order-sync", "c"},
	{"card-configuration", "order-sync", "p"},
	{"card-file", "order-sync", "f"},
	{"card-looping", "payment-loop", ""},
	{"card-exceptions", "payment-loop", "x"},
	{"card-exceptions-unfolded", "payment-loop", "x x x enter"},
	{"card-searched", "payment-loop", "/ m y s q l enter"},
	{"card-failed", "daily-agg", ""},
	{"card-lost", "lost-one", ""},
	{"card-waiting", "waiting", ""},
	{"card-unreachable", "edge-score", ""},
	{"card-added", "fresh", ""},
	{"card-broken", "broken", ""},
	{"card-nowhere", "nowhere", ""},
	{"card-escape", "evil", ""},
	{"card-long", "long-", ""},
	{"card-lake", "湖仓", ""},
};

static const struct {
	int rows, cols;
} sizes[] = {{24, 80}, {40, 120}, {15, 60}};

static void cards_look_as_saved(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cards); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
			char name[64];
			struct drive drive;
			snprintf(name, sizeof(name), "%s-%dx%d", cards[i].name, sizes[k].cols,
				sizes[k].rows);
			drive_open(&drive, fixture_fleet(), sizes[k].rows, sizes[k].cols);
			drive_keys(&drive, "/");
			drive_type(&drive, cards[i].filter);
			drive_keys(&drive, "enter enter");
			drive_keys(&drive, cards[i].keys);
			drive_golden(&drive, name);
			drive_close(&drive);
		}
	}
}

static void starts_look_as_saved(void **state)
{
	(void)state;
	struct drive drive;

	drive_open_as(&drive, fixture_fleet_empty(), 24, 80, NULL);
	drive_golden(&drive, "start-loading-80x24");
	screen_loaded(drive.screen);
	drive_golden(&drive, "start-asking-80x24");
	fixture_apply(drive.fleet,
		fixture_failure("sessions", E_NET,
			"GET http://sessions.example:8081/jobs/overview: "
			"connection refused",
			FIXTURE_NOW_MS),
		FIXTURE_NOW_MS);
	fixture_apply(drive.fleet,
		fixture_failure("batch", E_AUTH, "GET http://batch.example:8081/jobs/overview: 401",
			FIXTURE_NOW_MS),
		FIXTURE_NOW_MS);
	drive_golden(&drive, "start-some-fail-80x24");
	fixture_apply(drive.fleet,
		fixture_failure("edge", E_TIMEOUT,
			"GET http://edge.example:8081/jobs/overview: no "
			"answer within 10s",
			FIXTURE_NOW_MS),
		FIXTURE_NOW_MS);
	drive_golden(&drive, "start-offline-80x24");
	drive_keys(&drive, "tab tab");
	drive_golden(&drive, "start-no-teams-80x24");
	drive_close(&drive);
}

static void nothing_configured_looks_as_saved(void **state)
{
	(void)state;
	struct fleet *fleet = fleet_new();
	struct drive drive;

	fleet_add_cluster(
		fleet, FIXTURE_CONTEXT, "localhost:8081", "standalone", "http://localhost:8081");
	drive_open_as(&drive, fleet, 24, 80, "/home/li/.config/weir/config.yaml");
	screen_loaded(drive.screen);
	drive_golden(&drive, "unconfigured-trying-80x24");
	fixture_apply(drive.fleet,
		fixture_failure("localhost:8081", E_NET,
			"GET http://localhost:8081/jobs/overview: connection refused",
			FIXTURE_NOW_MS),
		FIXTURE_NOW_MS);
	drive_golden(&drive, "unconfigured-refused-80x24");
	struct snapshot *answer = fixture_cluster("localhost:8081", "1.20.5", FIXTURE_NOW_MS);
	fixture_apply(drive.fleet, answer, FIXTURE_NOW_MS);
	drive_golden(&drive, "unconfigured-no-jobs-80x24");
	drive_close(&drive);
}

static void leader_that_changes_looks_as_saved(void **state)
{
	(void)state;
	struct drive drive;
	struct snapshot *snapshot = fixture_failure("sessions", E_REMOTE,
		"GET http://sessions.example:8081/jobs/overview: HTTP 503: Service temporarily "
		"unavailable due to an ongoing leader election. Please refresh.",
		FIXTURE_NOW_MS);

	snapshot->is_leaderless = true;
	drive_open(&drive, fixture_fleet(), 24, 80);
	fixture_apply(drive.fleet, snapshot, FIXTURE_NOW_MS);
	drive_golden(&drive, "leader-changing-apps-80x24");
	drive_keys(&drive, "/");
	drive_type(&drive, "order-sync");
	drive_keys(&drive, "enter enter");
	drive_golden(&drive, "leader-changing-card-80x24");
	drive_keys(&drive, ": m e s s a g e s enter");
	drive_golden(&drive, "leader-changing-messages-80x24");
	drive_keys(&drive, "esc esc tab");
	drive_golden(&drive, "leader-changing-clusters-80x24");
	drive_close(&drive);
}

static void store_problem_is_a_banner(void **state)
{
	(void)state;
	struct drive drive;
	struct err err;

	drive_open(&drive, fixture_fleet(), 24, 80);
	err_set(&err, E_INTERNAL,
		"store /var/lib/weir/prod: read-only file system: nothing is "
		"remembered until it can be written");
	screen_problem(drive.screen, &err);
	drive_golden(&drive, "store-problem-80x24");
	screen_problem(drive.screen, NULL);
	drive_golden(&drive, "apps-80x24");
	drive_close(&drive);
}

/* The same frames with marks in ASCII, for terminals that have no more. */
static void ascii_looks_as_saved(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 15, 60);
	drive.canvas->ascii = true;
	drive_golden(&drive, "apps-ascii-60x15");
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens_look_as_saved),
		cmocka_unit_test(a_stretched_budget_is_told),
		cmocka_unit_test(offline_looks_as_saved),
		cmocka_unit_test(cards_look_as_saved),
		cmocka_unit_test(starts_look_as_saved),
		cmocka_unit_test(nothing_configured_looks_as_saved),
		cmocka_unit_test(leader_that_changes_looks_as_saved),
		cmocka_unit_test(store_problem_is_a_banner),
		cmocka_unit_test(ascii_looks_as_saved),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
