/* filters.yaml: what it may say, where it is wrong, and how one more is put in without touching the rest. */
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"
#include "tests/tui/ui/drive.h"
#include "tui/ui/filters.h"

static struct saved_filters *parsed(const char *name, const char *text)
{
	struct saved_filters *filters;
	struct err err;

	if (filters_parse(&filters, "filters.yaml", text, strlen(text), &err))
		fail_msg("%s: %s", name, err.text);
	return filters;
}

static const char some[] = "# mine\n"
			   "apps:\n"
			   "  failing: state:failed,lost   # look at these first\n"
			   "  behind: \"ckpt>5m !team:test\"\n"
			   "clusters:\n"
			   "  full: slotsFree:0\n";

static void each_list_has_its_own_in_the_order_of_the_file(void **state)
{
	struct saved_filters *filters = parsed("some", some);

	(void)state;
	assert_string_equal(filters_at(filters, &app_table, 1)->name, "failing");
	assert_string_equal(filters_at(filters, &app_table, 1)->text, "state:failed,lost");
	assert_string_equal(filters_at(filters, &app_table, 2)->text, "ckpt>5m !team:test");
	assert_null(filters_at(filters, &app_table, 3));
	assert_string_equal(filters_at(filters, &cluster_table, 1)->name, "full");
	assert_string_equal(filters_named(filters, &app_table, "behind")->name, "behind");
	assert_null(filters_named(filters, &app_table, "full"));
	assert_null(filters_at(filters, &team_table, 1));
	filters_free(filters);
	filters = parsed("empty", "# nothing yet\n");
	assert_null(filters_at(filters, &app_table, 1));
	filters_free(filters);
}

static void the_example_is_right(void **state)
{
	struct saved_filters *filters;
	struct buf text;
	struct err err = {0};

	(void)state;
	buf_init(&text, 0);
	check_ok("example", file_read("packaging/examples/filters.yaml", &text, &err), &err);
	filters = parsed("example", buf_str(&text));
	assert_string_equal(filters_at(filters, &job_table, 1)->name, "unmanaged");
	filters_free(filters);
	buf_release(&text);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	static const struct {
		const char *name, *text, *says;
	} rows[] = {
		{"a list that is none", "aps:\n  a: b\n",
			"filters.yaml:1:1: no list is called \"aps\": did you mean \"apps\"?"},
		{"a column that is none", "apps:\n  a: tean:x\n",
			"filters.yaml:2:6: filter, column 1: there is no column 'tean'"},
		{"further on", "apps:\n  a: team:x restarts>\n",
			"filters.yaml:2:22: filter, column 17: a value is missing"},
		{"in quotes", "apps:\n  a: \"team:x )\"\n",
			"filters.yaml:2:14: filter, column 8: ')' closes nothing"},
		{"another list's column", "clusters:\n  a: ckpt>5m\n", "there is no column 'ckpt'"},
		{"a mapping", "apps:\n  a: {filter: x}\n",
			"filters.yaml:2:3: \"a\" needs a filter"},
		{"a list of them", "- a\n", "filters stand below the name of their list"},
		{"a name of two words", "apps:\n  a b: x\n",
			"filters.yaml:2:3: a filter's name is a word"},
		{"twice", "apps:\n  a: x\n  a: y\n", "filters.yaml:3:3"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct saved_filters *filters = NULL;
		struct err err = {0};

		check_int(rows[i].name,
			filters_parse(
				&filters, "filters.yaml", rows[i].text, strlen(rows[i].text), &err),
			E_CONFIG);
		check_has(rows[i].name, err.text, rows[i].says);
	}
}

static void one_more_is_put_in_and_the_rest_stays(void **state)
{
	static const struct {
		const char *name, *before;
		struct saved_filter filter;
		const char *after;
	} rows[] = {
		{"the first of all", "", {&app_table, (char *)"new", (char *)"a b"},
			"apps:\n  new: \"a b\"\n"},
		{"behind comments", "# mine", {&team_table, (char *)"new", (char *)"a"},
			"# mine\nteams:\n  new: \"a\"\n"},
		{"behind the others of its list",
			"apps:\n    a: x  # why\n\n# below\nclusters:\n  b: y\n",
			{&app_table, (char *)"new", (char *)"say \"hi\""},
			"apps:\n    a: x  # why\n    new: \"say \\\"hi\\\"\"\n\n# "
			"below\nclusters:\n  b: y\n"},
		{"in the place of the former", "apps:\n  a: x  # why\n  b: y\n",
			{&app_table, (char *)"a", (char *)"z"},
			"apps:\n  a: \"z\"  # why\n  b: y\n"},
		{"behind characters of several bytes", "# 订单\napps:\n  订单: 订单\n  b: y",
			{&app_table, (char *)"b", (char *)"单"},
			"# 订单\napps:\n  订单: 订单\n  b: \"单\""},
		{"a name that needs quotes", "apps:\n  a: x",
			{&app_table, (char *)"订单", (char *)"z"},
			"apps:\n  a: x\n  \"订单\": \"z\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = {0};
		struct buf out;

		buf_init(&out, 0);
		check_ok(rows[i].name,
			filters_add(&out, "filters.yaml", rows[i].before, strlen(rows[i].before),
				&rows[i].filter, &err),
			&err);
		check_str(rows[i].name, buf_str(&out), rows[i].after);
		buf_release(&out);
	}
}

static void what_cannot_be_put_in_is_refused(void **state)
{
	static const struct {
		const char *name, *before, *as;
		int code;
		const char *says;
	} rows[] = {
		{"a file that is wrong", "apps:\n  a: tean:x\n", "b", E_CONFIG, "filters.yaml:2:6"},
		{"not in lines", "{apps: {a: x}}\n", "b", E_CONFIG, ""},
		{"two words", "", "a b", E_ARG, "a word"},
		{"a number", "", "12", E_ARG, "no number"},
		{"nothing", "", "", E_ARG, "a word"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct saved_filter filter = {&app_table, (char *)rows[i].as, (char *)"x"};
		struct err err = {0};
		struct buf out;

		buf_init(&out, 0);
		check_int(rows[i].name,
			filters_add(&out, "filters.yaml", rows[i].before, strlen(rows[i].before),
				&filter, &err),
			rows[i].code);
		check_has(rows[i].name, err.text, rows[i].says);
		buf_release(&out);
	}
}

/* -- in the console -- */

static void open_with(struct drive *drive, const char *text, int rows, int cols)
{
	drive_open(drive, fixture_fleet(), rows, cols);
	screen_filters(drive->screen, parsed("console", text));
	screen_draw(drive->screen, drive->canvas);
}

static void digits_choose_a_filter_and_choose_it_away(void **state)
{
	struct drive drive;

	(void)state;
	open_with(&drive, some, 24, 80);
	check_has("tabs", drive_frame(&drive, false), "\n1 failing  2 behind");
	drive_keys(&drive, "1");
	check_has("the first", drive_frame(&drive, false), "2 of 15  /state:failed,lost");
	drive_keys(&drive, "2");
	check_has("the second instead", drive_frame(&drive, false), "/ckpt>5m !team:test");
	drive_keys(&drive, "2");
	check_has("away", drive_frame(&drive, false), "Applications  15");
	drive_keys(&drive, "1 esc");
	check_has("away by Esc, too", drive_frame(&drive, false), "Applications  15");
	drive_keys(&drive, "tab 1");
	check_has("another list has its own", drive_frame(&drive, false), "\n1 full");
	check_has("another list has its own", drive_frame(&drive, false), "/slotsFree:0");
	drive_close(&drive);
}

static void click(struct drive *drive, int row, int col)
{
	screen_key(drive->screen,
		&(struct key){
			.sym = KEY_SYM_MOUSE, .mouse = KEY_MOUSE_CLICK, .row = row, .col = col});
	screen_draw(drive->screen, drive->canvas);
}

/* "1 failing  2 behind" in the third line. */
static void a_click_on_a_tab_is_its_digit(void **state)
{
	static const struct {
		const char *name;
		int col;
		const char *shows;
	} rows[] = {
		{"its digit", 0, "/state:failed,lost"},
		{"the end of another's name", 18, "/ckpt>5m !team:test"},
		{"between two", 10, "/ckpt>5m !team:test"},
		{"behind the last", 19, "/ckpt>5m !team:test"},
		{"the same again", 11, "Applications  15"},
	};
	struct drive drive;

	(void)state;
	open_with(&drive, some, 24, 80);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		click(&drive, 2, rows[i].col);
		check_has(rows[i].name, drive_frame(&drive, false), rows[i].shows);
	}
	drive_keys(&drive, "enter");
	click(&drive, 2, 0);
	check_bool("no tab of a list on a card",
		strstr(drive_frame(&drive, false), "/state:failed") != NULL, false);
	drive_close(&drive);
}

static void without_any_a_list_is_as_it_was(void **state)
{
	struct drive drive;
	char *before;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	before = xstrdup(drive_frame(&drive, true));
	screen_filters(drive.screen, parsed("none of apps", "clusters:\n  full: slotsFree:0\n"));
	screen_draw(drive.screen, drive.canvas);
	assert_string_equal(drive_frame(&drive, true), before);
	free(before);
	drive_close(&drive);
}

static void a_filter_is_used_and_saved_by_name(void **state)
{
	struct drive drive;

	(void)state;
	open_with(&drive, some, 24, 80);
	drive_type(&drive, ":use-filter behind");
	drive_keys(&drive, "enter");
	check_has("used", drive_frame(&drive, false), "/ckpt>5m !team:test");
	drive_type(&drive, ":use-filter nope");
	drive_keys(&drive, "enter");
	check_has("none of that name", drive_frame(&drive, false), "no filter 'nope'");
	drive_type(&drive, ":save-filter old");
	drive_keys(&drive, "enter");
	check_str("saved as", drive.saved_filter, "apps old ckpt>5m !team:test");
	drive_keys(&drive, "esc");
	drive_type(&drive, ":save-filter old");
	drive_keys(&drive, "enter");
	check_has("there is none", drive_frame(&drive, false), "there is no filter to save");
	drive_close(&drive);
}

static void tabs_look_as_they_should(void **state)
{
	static const char many[] =
		"apps:\n  订单: 订单\n  failing: state:failed,lost\n  three: a\n  four: b\n"
		"  a-name-that-is-longer: c\n  another-one-of-these: d\n";
	struct drive drive;

	(void)state;
	open_with(&drive, many, 24, 80);
	drive_keys(&drive, "2");
	drive_golden(&drive, "saved-filters-80x24");
	drive_close(&drive);
	open_with(&drive, many, 15, 60);
	drive_keys(&drive, "1");
	drive_golden(&drive, "saved-filters-60x15");
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_list_has_its_own_in_the_order_of_the_file),
		cmocka_unit_test(the_example_is_right),
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(one_more_is_put_in_and_the_rest_stays),
		cmocka_unit_test(what_cannot_be_put_in_is_refused),
		cmocka_unit_test(digits_choose_a_filter_and_choose_it_away),
		cmocka_unit_test(a_click_on_a_tab_is_its_digit),
		cmocka_unit_test(without_any_a_list_is_as_it_was),
		cmocka_unit_test(a_filter_is_used_and_saved_by_name),
		cmocka_unit_test(tabs_look_as_they_should),
	};

	check_locale();
	return cmocka_run_group_tests_name("saved filters", tests, NULL, NULL);
}
