/* Verbs by keys: what is asked before, and that only a yes does anything. */
#include "tests/tui/ui/drive.h"

#define CALLS                                                                                      \
	"POST http://jm1.internal:8081/jobs/00000000000000000000000000000001/stop {\"drain\": "    \
	"false, \"triggerId\": \"ffffffffffffffffffffffffffffffff\"}\n"                            \
	"GET http://jm1.internal:8081/jobs/00000000000000000000000000000001/status until it is "   \
	"FINISHED\n"

static void only_yes_acts(void **state)
{
	static const struct {
		const char *name, *want, *keys;
		int acts;
	} rows[] = {
		{"y", NULL, "T y", 1},
		{"n", NULL, "T n", 0},
		{"esc", NULL, "T esc", 0},
		{"enter is no yes", NULL, "T enter enter esc", 0},
		{"other keys are none", NULL, "T j k G space T esc", 0},
		{"y twice", NULL, "T y y", 1},
		{"the name", "order-sync", "T o r d e r - s y n c enter", 1},
		{"a part of the name", "order-sync", "T o r d e r enter esc", 0},
		{"y for a name", "order-sync", "T y enter esc", 0},
		{"nothing for a name", "order-sync", "T enter enter esc", 0},
		{"again, right", "go", "T x enter ctrl-u g o enter", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		drive_open(&drive, fixture_fleet(), 24, 80);
		drive.plan = (struct screen_plan){.calls = CALLS, .name = rows[i].want};
		drive_keys(&drive, rows[i].keys);
		check_int(rows[i].name, drive.acts, rows[i].acts);
		check_int(rows[i].name, drive.given_up, !rows[i].acts);
		if (rows[i].acts) {
			check_int(rows[i].name, drive.acted, CMD_STOP);
			assert_non_null(drive.acted_app);
		}
		drive_close(&drive);
	}
}

static void each_key_is_its_verb(void **state)
{
	static const struct {
		const char *key;
		enum command_id id;
	} rows[] = {{"V", CMD_SAVEPOINT}, {"T", CMD_STOP}, {"X", CMD_CANCEL}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;
		char *on_list;

		drive_open(&drive, fixture_fleet(), 24, 80);
		drive.plan = (struct screen_plan){.calls = CALLS};
		drive_keys(&drive, rows[i].key);
		drive_keys(&drive, "y");
		check_int(rows[i].key, drive.acted, rows[i].id);
		on_list = xstrdup(drive.acted_app);
		drive_keys(&drive, "enter");
		drive_keys(&drive, rows[i].key);
		drive_keys(&drive, "y");
		check_int(rows[i].key, drive.acts, 2);
		check_str("the card's is the list's", drive.acted_app, on_list);
		free(on_list);
		drive_close(&drive);
	}
}

static void refused_before_it_is_asked(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "X");
	check_has("why", drive_frame(&drive, false), "context prod is read-only");
	drive_keys(&drive, "y");
	check_int("nothing", drive.acts, 0);
	drive_close(&drive);
}

static void confirm_none_does_not_ask(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.plan = (struct screen_plan){.calls = CALLS, .asks_nothing = true};
	drive_keys(&drive, "V");
	check_int("done", drive.acts, 1);
	drive_close(&drive);
}

static void palette_takes_a_name(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.plan = (struct screen_plan){.calls = CALLS};
	drive_keys(&drive, ":");
	drive_type(&drive, "checkpoint ods/order-sync");
	drive_keys(&drive, "enter y");
	check_int("done", drive.acts, 1);
	check_int("verb", drive.acted, CMD_CHECKPOINT);
	check_has("which", drive.acted_app, "app/ods/order-sync");
	drive_keys(&drive, ":");
	drive_type(&drive, "stop no-such-app");
	drive_keys(&drive, "enter");
	check_has("none", drive_frame(&drive, false), "no application is called 'no-such-app'");
	drive_close(&drive);
}

static void questions_look_like_this(void **state)
{
	static const struct {
		const char *name, *want;
		int rows, cols;
	} rows[] = {
		{"confirm-80x24", NULL, 24, 80},
		{"confirm-120x40", NULL, 40, 120},
		{"confirm-name-60x15", "order-sync", 15, 60},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		drive_open(&drive, fixture_fleet(), rows[i].rows, rows[i].cols);
		drive.plan = (struct screen_plan){.calls = CALLS, .name = rows[i].want};
		drive_keys(&drive, "T");
		if (rows[i].want)
			drive_type(&drive, "ord");
		drive_golden(&drive, rows[i].name);
		drive_close(&drive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_yes_acts),
		cmocka_unit_test(each_key_is_its_verb),
		cmocka_unit_test(refused_before_it_is_asked),
		cmocka_unit_test(confirm_none_does_not_ask),
		cmocka_unit_test(palette_takes_a_name),
		cmocka_unit_test(questions_look_like_this),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
