/* `y`: what can be copied where, and that no secret and no escape sequence goes along. */
#include <jansson.h>

#include "tests/tui/ui/drive.h"

static void copies(struct drive *drive, const char *keys, const char *want)
{
	free(drive->clipped);
	drive->clipped = NULL;
	drive_keys(drive, keys);
	check_str(keys, drive->clipped, want);
}

static void a_row_gives_name_id_address_json_and_cells(void **state)
{
	struct drive drive;
	json_t *row;

	(void)state;
	drive_open(&drive, fixture_fleet(), 40, 100);
	drive_keys(&drive, "/ o r d e r - s y enter");
	copies(&drive, "y n", "ods/order-sync");
	copies(&drive, "y enter", "ods/order-sync");
	copies(&drive, "y i", fixture_job_id(1));
	copies(&drive, "y a", "http://sessions.example:8081");
	copies(&drive, "y down down enter", "http://sessions.example:8081");
	copies(&drive, "y c down enter", "order-sync");
	copies(&drive, "y c c l u s t e r enter", "sessions");
	copies(&drive, "y esc", NULL);
	copies(&drive, "y q", NULL);
	copies(&drive, "y c esc", NULL);
	drive_keys(&drive, "y j");
	row = json_loads(drive.clipped, 0, NULL);
	assert_non_null(row);
	check_str("json", json_string_value(json_object_get(row, "name")), "order-sync");
	json_decref(row);
	drive_close(&drive);
}

static void what_is_marked_is_copied_together(void **state)
{
	struct drive drive;
	json_t *rows;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ s y n c enter g g space space");
	copies(&drive, "y n", "ods/order-sync\nods/user-sync");
	drive_keys(&drive, "y j");
	rows = json_loads(drive.clipped, 0, NULL);
	check_int("an array", (int)json_array_size(rows), 2);
	json_decref(rows);
	drive_keys(&drive, "y c");
	check_has("no cells of several", drive_frame(&drive, false), "rows as JSON");
	drive_close(&drive);
}

static void each_list_copies_its_own(void **state)
{
	static const struct {
		const char *list, *keys, *want;
	} rows[] = {
		{"clusters", "y n", "batch"},
		{"teams", "y n", "dwd"},
		{"jobs", "y enter", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;
		const char *first;

		drive_open(&drive, fixture_fleet(), 24, 80);
		drive_keys(&drive, ":");
		drive_type(&drive, rows[i].list);
		drive_keys(&drive, "enter");
		drive_keys(&drive, rows[i].keys);
		first = drive.clipped;
		assert_non_null(first);
		if (rows[i].want)
			check_str(rows[i].list, first, rows[i].want);
		drive_close(&drive);
	}
}

static void texts_give_a_line_or_all(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ o r d e r - s y enter l enter");
	drive.log.on_text(drive.log.data, "one\n\ttwo\nthree\n", 15);
	screen_draw(drive.screen, drive.canvas);
	copies(&drive, "y t", "one\n\ttwo\nthree\n");
	copies(&drive, "y l down down enter", "three");
	drive_keys(&drive, "/ t w o enter");
	copies(&drive, "y l enter", "    two"); /* what was found is selected */
	drive_close(&drive);

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ o r d e r - s y enter enter p");
	copies(&drive, "y n", "ods/order-sync");
	drive_keys(&drive, "y t");
	check_has("the tab", drive.clipped, "s3.secret-key");
	drive_keys(&drive, "?");
	drive_keys(&drive, "y t");
	check_has("the help", drive.clipped, "Show");
	drive_close(&drive);
}

static void nothing_secret_and_nothing_dangerous_is_copied(void **state)
{
	static const char log[] = "login password=hunter2 ok\nat http://li:pw123@jm:8081/\nred "
				  "\x1B[31m \x1B]52;c;eA==\x07!\n";
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ o r d e r - s y enter l enter");
	drive.log.on_text(drive.log.data, log, strlen(log));
	screen_draw(drive.screen, drive.canvas);
	drive_keys(&drive, "y");
	check_has("masked in the choice too", drive_frame(&drive, false), "login password=******");
	drive_keys(&drive, "t");
	check_has("masked", drive.clipped, "password=******");
	assert_null(strstr(drive.clipped, "hunter2"));
	assert_null(strstr(drive.clipped, "pw123"));
	assert_null(strchr(drive.clipped, 0x1B));
	assert_null(strchr(drive.clipped, 0x07));
	check_has("the rest is there", drive.clipped, "ok\n");
	copies(&drive, "y l enter", "login password=****** ok");
	screen_show_url(drive.screen, "http://jm:8081/#/job/1?token=abc", "");
	drive_keys(&drive, "y");
	assert_null(strstr(drive.clipped, "abc"));
	drive_close(&drive);

	/* A name that is an escape sequence. */
	drive_open(&drive, fixture_fleet(), 24, 80);
	size_t count;
	struct app *const *apps = fleet_apps(drive.fleet, &count);
	bool has_evil = false;
	for (size_t i = 0; i < count; i++) {
		drive_keys(&drive, "y n");
		for (const char *p = drive.clipped; *p; p++)
			assert_false((unsigned char)*p < 0x20 || *p == 0x7F);
		has_evil = has_evil || (apps[i]->job && strchr(apps[i]->job->name, 0x1B));
		drive_keys(&drive, "down");
	}
	assert_true(has_evil);
	drive_close(&drive);
}

static void where_nothing_is_selected_it_is_said(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ z z z z enter y");
	check_has("why", drive_frame(&drive, false), "nothing here to copy");
	assert_null(drive.clipped);
	drive_close(&drive);
}

static void the_palette_copies_by_a_word(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ o r d e r - s y enter :");
	drive_type(&drive, "clip add");
	drive_keys(&drive, "tab enter");
	check_str("completed", drive.clipped, "http://sessions.example:8081");
	drive_keys(&drive, ":");
	drive_type(&drive, "clip neme");
	drive_keys(&drive, "enter");
	check_has("what there is", drive_frame(&drive, false), "name id address json cell");
	drive_close(&drive);
}

static void copies_are_asked_like_this(void **state)
{
	static const struct {
		const char *name;
		int rows, cols;
		bool ascii;
	} sizes[] = {{"80x24", 24, 80, false}, {"120x40", 40, 120, false}, {"60x15", 15, 60, false},
		{"60x15-ascii", 15, 60, true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct drive drive;
		char name[64];

		drive_open(&drive, fixture_fleet(), sizes[i].rows, sizes[i].cols);
		drive.canvas->ascii = sizes[i].ascii;
		drive_keys(&drive, "/ o r d e r - s y enter y");
		snprintf(name, sizeof(name), "copy-%s", sizes[i].name);
		drive_golden(&drive, name);
		drive_keys(&drive, "c down");
		snprintf(name, sizeof(name), "copy-cell-%s", sizes[i].name);
		drive_golden(&drive, name);
		drive_close(&drive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_gives_name_id_address_json_and_cells),
		cmocka_unit_test(what_is_marked_is_copied_together),
		cmocka_unit_test(each_list_copies_its_own),
		cmocka_unit_test(texts_give_a_line_or_all),
		cmocka_unit_test(nothing_secret_and_nothing_dangerous_is_copied),
		cmocka_unit_test(where_nothing_is_selected_it_is_said),
		cmocka_unit_test(the_palette_copies_by_a_word),
		cmocka_unit_test(copies_are_asked_like_this),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
