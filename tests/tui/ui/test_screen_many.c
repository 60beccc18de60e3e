/* A verb on all that are marked: what is asked before, and that only a yes does anything. */
#include "tests/tui/ui/drive.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

static size_t marked(struct drive *drive)
{
	return table_marked_count(screen_table(drive->screen));
}

static void only_yes_does_it_to_many(void **state)
{
	static const struct {
		const char *name, *keys;
		bool is_typed;
		int gone;
	} rows[] = {
		{"y", "T y", false, 1},
		{"n", "T n", false, 0},
		{"esc", "T esc", false, 0},
		{"enter is no yes", "T enter enter esc", false, 0},
		{"their number", "T 3 enter", true, 1},
		{"another number", "T 4 enter esc", true, 0},
		{"y for a number", "T y enter esc", true, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		drive_open(&drive, fixture_fleet(), 24, 80);
		drive.many_is_typed = rows[i].is_typed;
		drive_keys(&drive, "space space space space");
		drive_keys(&drive, rows[i].keys);
		check_int(rows[i].name, drive.asked, CMD_STOP);
		check_int("four were asked about", (int64_t)drive.many_count, 4);
		check_int(rows[i].name, drive.many_gone, rows[i].gone);
		check_int(rows[i].name, drive.many_stopped, !rows[i].gone);
		/* The first has begun, the third is refused. */
		check_int("what is to begin stays marked", (int64_t)marked(&drive),
			rows[i].gone ? 2 : 4);
		check_int("nothing was done to one alone", drive.acts, 0);
		drive_close(&drive);
	}
}

static void the_question_looks_like_this(void **state)
{
	static const struct {
		const char *name;
		int rows, cols;
	} sizes[] = {{"many-60x15", 15, 60}, {"many-80x24", 24, 80}, {"many-200x50", 50, 200}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct drive drive;
		drive_open(&drive, fixture_fleet(), sizes[i].rows, sizes[i].cols);
		drive.many_is_typed = i == 1;
		drive_keys(&drive, "space space space space T");
		drive_golden(&drive, sizes[i].name);
		drive_close(&drive);
	}
}

static void the_pace_is_chosen_before_the_yes(void **state)
{
	static const struct {
		const char *name, *keys;
		bool is_typed;
		struct screen_many_pace want; /* {0} = nothing went */
	} rows[] = {
		{"as usual", "T y", false, {1, 4}},
		{"looked at and left", "T tab esc y", false, {1, 4}},
		{"one after the other", "T tab 1 enter y", false, {1, 1}},
		{"more at a time", "T tab j enter y", false, {1, 16}},
		{"twice", "T tab 4 enter tab k enter y", false, {1, 16}},
		{"a number is typed", "T tab 4 enter 3 enter", true, {4, 16}},
		{"and then not", "T tab 4 enter n", false, {0, 0}},
		{"not of the last plan", "T tab 4 enter n T y", false, {1, 4}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		drive_open(&drive, fixture_fleet(), 24, 80);
		drive.many_is_typed = rows[i].is_typed;
		drive_keys(&drive, "space space space space");
		drive_keys(&drive, rows[i].keys);
		check_int(rows[i].name, drive.many_gone, rows[i].want.at_once > 0);
		check_int(
			rows[i].name, (int64_t)drive.many_pace.first, (int64_t)rows[i].want.first);
		check_int(rows[i].name, (int64_t)drive.many_pace.at_once,
			(int64_t)rows[i].want.at_once);
		drive_close(&drive);
	}
}

/* Wherever they were marked, and also when another view is in front by then. */
static void a_mark_goes_when_its_run_begins(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_type(&drive, ":jobs");
	drive_keys(&drive, "enter +");
	size_t all = marked(&drive);
	drive_keys(&drive, "X y");
	size_t before = marked(&drive);
	check_bool("lines of no application are marked no more", before < all, true);
	drive_keys(&drive, "tab"); /* the applications */
	screen_many_unmark(drive.screen, drive.many_refs[1]);
	screen_many_unmark(drive.screen, "app/nobody/knows");
	drive_type(&drive, ":jobs");
	drive_keys(&drive, "enter");
	check_int("one less", (int64_t)marked(&drive), (int64_t)before - 1);
	drive_close(&drive);
}

static void what_may_not_be_done_says_why(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.refuses_all = true;
	drive_keys(&drive, "space space X");
	check_has("none of them", drive_frame(&drive, false), "cancel: 0 of 2 marked");
	check_has("why", drive_frame(&drive, false), "no job of it");
	drive_keys(&drive, "y enter");
	check_int("there is nothing to do", drive.many_gone, 0);
	check_int("and they are let go", drive.many_stopped, 1);
	check_int("marks stay", (int64_t)marked(&drive), 2);
	drive_close(&drive);
}

static void esc_gives_up_while_it_is_asked_and_later(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.many_later = true;
	drive_keys(&drive, "space space R");
	check_has("it is being asked", drive_frame(&drive, false), "restart of 2: asking");
	drive_keys(&drive, "esc");
	check_int("given up", drive.many_stopped, 1);
	drive.many_later = false;
	drive_keys(&drive, "R y");
	drive.many_left = 5;
	screen_toast_end(drive.screen);
	screen_draw(drive.screen, drive.canvas);
	check_has("told", drive_frame(&drive, false), "5 to come, Esc begins no more");
	drive_keys(&drive, "j");
	check_int("other keys are as ever", drive.many_stopped, 1);
	drive_keys(&drive, "esc");
	check_int("none begins any more", drive.many_stopped, 2);
	check_has("which is told", drive_frame(&drive, false), "5 are not begun");
	drive_close(&drive);
}

/* From the line of a group, too, where nobody is selected; and of jobs their applications. */
static void marks_are_meant_wherever_the_selection_is(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "t j space space g g V y");
	check_int("two", (int64_t)drive.many_count, 2);
	check_int("went", drive.many_gone, 1);
	drive_type(&drive, ":jobs");
	drive_keys(&drive, "enter + X y");
	check_int("cancel", drive.asked, CMD_CANCEL);
	for (size_t i = 0; i < drive.many_count && i < 16; i++)
		assert_non_null(fleet_app(drive.fleet, drive.many_refs[i]));
	check_bool("several", drive.many_count > 2, true);
	check_int("went", drive.many_gone, 2);
	/* What is none for many is of the selected one, as ever. */
	drive_keys(&drive, "space esc");
	drive_type(&drive, ":group none");
	drive_keys(&drive, "enter / o r d e r - s enter space e");
	check_str("its file", drive.asked_for, "edit");
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_yes_does_it_to_many),
		cmocka_unit_test(the_question_looks_like_this),
		cmocka_unit_test(the_pace_is_chosen_before_the_yes),
		cmocka_unit_test(a_mark_goes_when_its_run_begins),
		cmocka_unit_test(what_may_not_be_done_says_why),
		cmocka_unit_test(esc_gives_up_while_it_is_asked_and_later),
		cmocka_unit_test(marks_are_meant_wherever_the_selection_is),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
