/* Keys that the program serves: the web UI and its forwards, the file of an application. */
#include "tests/tui/ui/drive.h"

static void each_key_reaches_the_program(void **state)
{
	static const struct {
		const char *keys, *want;
	} rows[] = {
		{"o", "open"},
		{"e", "edit"},
		{"Y", "copy"},
		{"D", "delete"},
		{"enter o", "open"},
		{"enter e", "edit"},
		{": e d i t space o d s / o r d e r - s y n c enter", "edit"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		drive_open(&drive, fixture_fleet(), 24, 80);
		drive_keys(&drive, "/ o r d e r - s y enter");
		drive_keys(&drive, rows[i].keys);
		check_str(rows[i].keys, drive.asked_for, rows[i].want);
		check_has(rows[i].keys, drive.asked_app, "ods/order-sync");
		drive_close(&drive);
	}
}

static void a_url_is_shown_copied_and_linked(void **state)
{
	static const char *const url = "http://127.0.0.1:41234/#/job/running/5fa0/overview";
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	screen_show_url(drive.screen, url,
		"\nOn your own machine first:\nssh -L 8081:/run/weir/f.sock bastion\n");
	screen_draw(drive.screen, drive.canvas);
	check_str("link", drive.canvas->link, url);
	drive_golden(&drive, "url-80x24");
	drive_keys(&drive, "y");
	check_str("copied", drive.clipped, url);
	assert_null(drive.canvas->link);
	drive_close(&drive);
}

static void a_url_does_not_come_between_what_is_typed(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ o r");
	screen_show_url(drive.screen, "http://jm1:8081", "");
	drive_keys(&drive, "d enter");
	check_has("the filter", drive_frame(&drive, false), "/ord");
	drive_close(&drive);
}

static void tunnels_are_listed_and_closed(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, ": t u n n e l s enter");
	drive_golden(&drive, "tunnels-80x24");
	drive_keys(&drive, "down enter");
	check_str("the second", drive.closed_tunnel, "127.0.0.1:40124");
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_reaches_the_program),
		cmocka_unit_test(a_url_is_shown_copied_and_linked),
		cmocka_unit_test(a_url_does_not_come_between_what_is_typed),
		cmocka_unit_test(tunnels_are_listed_and_closed),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
