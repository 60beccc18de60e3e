/* Order, columns, groups and marks as a person has them: by keys, in every list and rows view. */
#include "tests/tui/ui/drive.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

static struct table *table_in_front(struct drive *drive)
{
	return screen_table(drive->screen);
}

static const struct {
	const char *name, *keys;
} looks[] = {
	{"table-columns", "|"},
	{"table-columns-changed", "| space J J + + +"},
	{"table-columns-kept", "| space j j j space K K enter"},
	{"table-sort", "f6"},
	{"table-grouped", "t"},
	{"table-folded", "t : f o l d space a l l enter j space"},
	{"table-by-state", ": g r o u p space s t a t e enter"},
	{"table-marked", "space j space k ctrl-space"},
	{"table-marked-by-team", "t j space space j j space"},
};

static const struct {
	int rows, cols;
} sizes[] = {{15, 60}, {24, 80}, {50, 200}};

static void they_look_like_this(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(looks); i++)
		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
			struct drive drive;
			char *name =
				xasprintf("%s-%dx%d", looks[i].name, sizes[k].cols, sizes[k].rows);
			drive_open(&drive, fixture_fleet(), sizes[k].rows, sizes[k].cols);
			drive_keys(&drive, looks[i].keys);
			drive_golden(&drive, name);
			drive_close(&drive);
			free(name);
		}
}

/* Where only ASCII is sure, and without colour: a mark and a fold are characters. */
static void marks_and_folds_are_seen_without_colour(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.canvas->ascii = true;
	drive_keys(&drive, "t j space j z j space");
	drive_golden(&drive, "table-ascii-80x24");
	drive_close(&drive);
}

static void sort_is_asked_for_or_said(void **state)
{
	(void)state;
	struct drive drive;
	bool is_descending;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "f6");
	drive_type(&drive, "cluster");
	drive_keys(&drive, "enter");
	check_str(
		"chosen", table_sorted_by(table_in_front(&drive), &is_descending)->key, "cluster");
	check_bool("upwards", is_descending, false);
	drive_keys(&drive, "f6 enter");
	table_sorted_by(table_in_front(&drive), &is_descending);
	check_bool("again: the other way", is_descending, true);
	drive_keys(&drive, "f6 down esc");
	check_str("given up", table_sorted_by(table_in_front(&drive), &is_descending)->key,
		"cluster");
	drive_type(&drive, ":sort nmae");
	drive_keys(&drive, "enter");
	check_has("what is near", drive_frame(&drive, false), "did you mean 'name'?");
	drive_type(&drive, ":commands");
	drive_keys(&drive, "enter");
	drive_type(&drive, ":sort kind");
	drive_keys(&drive, "enter");
	check_str("in a rows view", table_sorted_by(table_in_front(&drive), &is_descending)->key,
		"kind");
	drive_close(&drive);
}

static void columns_are_chosen_and_taken_back(void **state)
{
	(void)state;
	struct drive drive;
	char *text;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "| space J + + enter");
	text = table_columns_text(table_in_front(&drive));
	check_str("kept", text, "-state,team,name:25");
	free(text);
	drive_keys(&drive, "| space space esc");
	text = table_columns_text(table_in_front(&drive));
	check_str("Esc: as before", text, "-state,team,name:25");
	free(text);
	drive_keys(&drive, "| r enter");
	text = table_columns_text(table_in_front(&drive));
	check_str("as they come", text, "");
	free(text);
	drive_type(&drive, ":columns name:24,state,-sicne");
	drive_keys(&drive, "enter");
	check_has("what is not right", drive_frame(&drive, false), "did you mean 'since'?");
	text = table_columns_text(table_in_front(&drive));
	check_str("what is right holds", text, "name:24");
	free(text);
	drive_close(&drive);
}

static void enter_space_and_arrows_fold(void **state)
{
	(void)state;
	static const char *const keys[] = {"enter", "space", "left", "z"};
	struct drive drive;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		drive_open(&drive, fixture_fleet(), 24, 80);
		drive_keys(&drive, "t g g");
		size_t lines = table_line_count(table_in_front(&drive));
		check_bool("on a group's line", table_on_group(table_in_front(&drive)), true);
		drive_keys(&drive, keys[i]);
		check_bool(keys[i], table_line_count(table_in_front(&drive)) < lines, true);
		drive_keys(&drive, str_eq(keys[i], "left") ? "right" : keys[i]);
		check_int(
			keys[i], (int64_t)table_line_count(table_in_front(&drive)), (int64_t)lines);
		check_int("nothing is marked", (int64_t)table_marked_count(table_in_front(&drive)),
			0);
		drive_keys(&drive, "T");
		check_has("no verb of a group", drive_frame(&drive, false),
			"no application is selected");
		drive_close(&drive);
	}
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "t t t");
	check_str("the last", table_grouped_by(table_in_front(&drive)), "state");
	drive_keys(&drive, "t");
	check_str("and none again", table_grouped_by(table_in_front(&drive)), NULL);
	drive_keys(&drive, "z");
	check_has("nothing to fold", drive_frame(&drive, false), "there are no groups");
	drive_type(&drive, ":clusters");
	drive_keys(&drive, "enter");
	drive_type(&drive, ":group team");
	drive_keys(&drive, "enter");
	check_has("not in this list", drive_frame(&drive, false), "no groups by 'team' here");
	drive_close(&drive);
}

/* What is marked stays so while it is filtered away, and is told by the footer. */
static void marks_outlive_filter_order_and_groups(void **state)
{
	(void)state;
	struct drive drive;
	const char *const *refs;
	size_t count;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "space space");
	drive_keys(&drive, "/ o r d e r enter s i t w");
	check_has("in the title", drive_frame(&drive, false), "2 marked");
	refs = table_marked(table_in_front(&drive), &count);
	check_int("both", (int64_t)count, 2);
	check_bool("not the same", str_eq(refs[0], refs[1]), false);
	drive_keys(&drive, "esc \\");
	check_int("none", (int64_t)table_marked_count(table_in_front(&drive)), 0);
	drive_keys(&drive, "+");
	table_marked(table_in_front(&drive), &count);
	check_int(
		"all that are shown", (int64_t)count, (int64_t)table_count(table_in_front(&drive)));
	drive_keys(&drive, "*");
	check_int("inverted", (int64_t)table_marked_count(table_in_front(&drive)), 0);
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_like_this),
		cmocka_unit_test(marks_and_folds_are_seen_without_colour),
		cmocka_unit_test(sort_is_asked_for_or_said),
		cmocka_unit_test(columns_are_chosen_and_taken_back),
		cmocka_unit_test(enter_space_and_arrows_fold),
		cmocka_unit_test(marks_outlive_filter_order_and_groups),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
