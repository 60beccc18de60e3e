/* What a verb takes is chosen in dialogs, each choice is planned anew, and Esc is a way out. */
#include "tests/tui/view/kept.h"

#define CALLS                                                                                      \
	"# the newest: savepoint of 2025-11-21 09:55:00\n"                                         \
	"gw1: /opt/flink-1.20/bin/flink run -d -t remote -s hdfs:///flink/savepoints/x\n"

static void plans(struct drive *drive)
{
	drive->plan = (struct screen_plan){.calls = CALLS};
}

/* -- start -- */

static void enter_twice_starts_from_the_newest_that_is_there(void **state)
{
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 100);
	kept_points(&kept);
	plans(&kept.drive);
	kept_keys(&kept, "/ o r d e r - s y enter S");
	check_has("asked", kept_frame(&kept), "start ods/order-sync: from which restore point?");
	check_has("the last choice", kept_frame(&kept), "nothing");
	check_int("planned once", kept.drive.plans, 1);
	kept_keys(&kept, "enter");
	check_has("what it would do", kept_frame(&kept), "flink run -d");
	check_int("the plan that is there holds", kept.drive.plans, 1);
	check_int("not yet", kept.drive.acts, 0);
	kept_keys(&kept, "enter");
	check_int("started", kept.drive.acts, 1);
	check_int("verb", kept.drive.acted, CMD_START);
	check_bool("from the newest", kept.drive.args_from == NULL, true);
	kept_close(&kept);
}

static void another_point_is_planned_anew(void **state)
{
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 100);
	kept_points(&kept);
	plans(&kept.drive);
	kept_keys(&kept, "/ o r d e r - s y enter S");
	kept_type(&kept, "chk-17");
	kept_keys(&kept, "enter");
	check_int("planned anew", kept.drive.plans, 2);
	check_str("from it", kept.drive.args_from, KEPT_OLDER);
	kept_keys(&kept, "y");
	check_int("started", kept.drive.acts, 1);
	kept_close(&kept);
}

static void from_nothing_is_the_last_choice_and_wants_the_name(void **state)
{
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 100);
	kept_points(&kept);
	plans(&kept.drive);
	kept_keys(&kept, "/ o r d e r - s y enter S");
	/* As core says it of a start that leaves state behind. */
	kept.drive.plan.name = "order-sync";
	kept_keys(&kept, "pgdn enter");
	check_str("from nothing", kept.drive.args_from, "none");
	kept_keys(&kept, "enter");
	check_int("Enter alone is none", kept.drive.acts, 0);
	kept_type(&kept, "order-sync");
	kept_keys(&kept, "enter");
	check_int("the name is", kept.drive.acts, 1);
	kept_close(&kept);
}

static void a_first_start_is_only_confirmed(void **state)
{
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 100);
	plans(&kept.drive);
	/* No point is known of it, and Enter alone is no yes. */
	kept_keys(&kept, "/ f r e s h enter S");
	check_has("confirmed", kept_frame(&kept), "flink run -d");
	kept_keys(&kept, "enter");
	check_int("not by Enter", kept.drive.acts, 0);
	kept_keys(&kept, "y");
	check_int("by y", kept.drive.acts, 1);
	kept_close(&kept);
}

/* -- options -- */

static void options_change_the_plan(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	plans(&drive);
	drive_keys(&drive, "/ o r d e r - s y enter T tab");
	check_has("options", drive_frame(&drive, false), "stop ods/order-sync: options");
	drive_keys(&drive, "1 enter");
	drive_type(&drive, "s3://sp/订单");
	drive_keys(&drive, "enter 2 enter");
	check_has("what was typed", drive_frame(&drive, false), "s3://sp/订单");
	check_int("nothing is planned meanwhile", drive.plans, 1);
	drive_keys(&drive, "esc");
	check_int("planned anew", drive.plans, 2);
	check_str("target", drive.args_target, "s3://sp/订单");
	check_bool("drain", drive.args.drain, true);
	check_int("nothing was done", drive.acts, 0);
	/* Nothing changed: the plan holds. */
	drive_keys(&drive, "tab esc y");
	check_int("as planned", drive.plans, 2);
	check_int("done", drive.acts, 1);
	/* The next one begins with nothing chosen. */
	drive_keys(&drive, "T");
	check_bool("no drain", drive.args.drain, false);
	check_bool("no target", drive.args_target == NULL, true);
	drive_close(&drive);
}

static void what_does_not_fit_keeps_what_was_chosen(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	plans(&drive);
	drive_keys(&drive, "/ o r d e r - s y enter R tab 3 enter 3 enter");
	drive.plan.calls = NULL; /* refused */
	drive_keys(&drive, "esc");
	check_str("mode", drive.args_mode, "claim");
	check_has("why, over the options", drive_frame(&drive, false), "is read-only");
	check_has("what was chosen stays", drive_frame(&drive, false), "claim");
	plans(&drive);
	drive_keys(&drive, "3 enter 1 enter esc");
	check_bool("mode", drive.args_mode == NULL, true);
	drive_keys(&drive, "y");
	check_int("done", drive.acts, 1);
	drive_close(&drive);
}

/* -- rollback -- */

static void rollback_offers_the_one_before_the_active_one(void **state)
{
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 100);
	plans(&kept.drive);
	kept_keys(&kept, "/ o r d e r - s y enter : r o l l b a c k enter");
	check_has("none", kept_frame(&kept), "nothing was released yet");
	kept_releases(&kept, 3, 2);
	kept_keys(&kept, ": r o l l b a c k enter");
	check_has("asked", kept_frame(&kept), "rollback ods/order-sync: to which release?");
	check_int("not planned yet", kept.drive.plans, 0);
	kept_keys(&kept, "enter");
	check_int("the one before", kept.drive.args.release, 1);
	kept_keys(&kept, "y");
	check_int("done", kept.drive.acts, 1);
	check_int("verb", kept.drive.acted, CMD_ROLLBACK);
	kept_close(&kept);
}

/* -- what takes its time -- */

static void esc_gives_up_what_is_being_asked(void **state)
{
	struct drive drive;
	struct screen_plan plan = {.calls = CALLS};

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.plans_later = true;
	drive_keys(&drive, "/ o r d e r - s y enter T");
	clock_fix(FIXTURE_NOW_MS, DRIVE_MONO_MS + 3000);
	screen_draw(drive.screen, drive.canvas);
	check_has("what", drive_frame(&drive, false), "stop ods/order-sync: asking what it would");
	check_has("how long, and the way out", drive_frame(&drive, false), "3 s  Esc gives it up");
	/* Keys meant for the dialog to come are no commands: y would copy. */
	drive_keys(&drive, "y n enter tab");
	check_bool("no command", drive.asked_for == NULL, true);
	check_has("the list", drive_frame(&drive, false), "Applications");
	/* The rest goes on. */
	drive_keys(&drive, "j j k");
	drive_keys(&drive, "esc");
	check_int("given up", drive.given_up, 1);
	check_has("said so", drive_frame(&drive, false), "nothing was sent");
	/* Once more, answered at last. */
	drive_keys(&drive, "T");
	screen_planned(drive.screen, &plan, NULL);
	screen_draw(drive.screen, drive.canvas);
	check_has("asked", drive_frame(&drive, false), "tab options");
	drive_keys(&drive, "y");
	check_int("done", drive.acts, 1);
	drive_close(&drive);
}

static void an_answer_does_not_come_between_what_is_typed(void **state)
{
	struct drive drive;
	struct screen_plan plan = {.calls = CALLS};

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.plans_later = true;
	drive_keys(&drive, "T /");
	screen_planned(drive.screen, &plan, NULL);
	drive_keys(&drive, "y enter");
	check_int("nothing was done", drive.acts, 0);
	check_int("the plan is let go", drive.given_up, 1);
	drive_close(&drive);
}

/* -- diff -- */

static void diff_is_shown_searched_and_released_from(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, ":");
	drive_type(&drive, "diff ods/order-sync 3");
	drive_keys(&drive, "enter");
	check_int("asked", drive.diffs, 1);
	check_int("against", drive.diffed, 3);
	drive_keys(&drive, "esc");
	check_int("given up", drive.diffs_canceled, 1);
	drive_keys(&drive, ":");
	drive_type(&drive, "diff ods/order-sync");
	drive_keys(&drive, "enter");
	screen_diffed(drive.screen,
		"--- release 3\n+++ now\n@@ -1,2 +1,2 @@\n parallelism: 2\n-args: a\n+args: b\n", 3,
		NULL);
	screen_draw(drive.screen, drive.canvas);
	check_has("diff", drive_frame(&drive, false), "+args: b");
	drive_golden(&drive, "diff-80x24");
	plans(&drive);
	drive_keys(&drive, "P y");
	check_int("released", drive.acted, CMD_RELEASE);
	drive_keys(&drive, "q :");
	drive_type(&drive, "diff ods/order-sync");
	drive_keys(&drive, "enter");
	screen_diffed(drive.screen, "", 3, NULL);
	screen_draw(drive.screen, drive.canvas);
	check_has("none", drive_frame(&drive, false), "nothing differs from release 3");
	drive_close(&drive);
}

/* -- new -- */

static void a_new_application_is_asked_for_until_its_name_will_do(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.is_readonly = true;
	drive_keys(&drive, "/ o r d e r - s y enter n");
	check_has("at once", drive_frame(&drive, false), "is read-only");
	drive.is_readonly = false;
	drive_keys(&drive, "n s tab");
	check_has("of another type", drive_frame(&drive, false), "[sql]");
	check_has("its team is there", drive_frame(&drive, false), "> ods");
	drive_keys(&drive, "enter enter");
	check_has("not without a name", drive_frame(&drive, false), "this is needed");
	drive_type(&drive, "Orders 2");
	drive_keys(&drive, "enter");
	check_has("why", drive_frame(&drive, false), "small letters, digits");
	check_has("what was typed", drive_frame(&drive, false), "> Orders 2");
	check_str("nothing made", drive.new_name, NULL);
	drive_keys(&drive, "ctrl-u");
	drive_type(&drive, "orders-1");
	drive.new_problem = "orders-1 is there already";
	drive_keys(&drive, "enter");
	check_has("what the files say", drive_frame(&drive, false), "orders-1 is there already");
	drive.new_problem = NULL;
	drive_keys(&drive, "backspace");
	check_has("typed on", drive_frame(&drive, false), "> orders-");
	check_bool("no longer wrong", strstr(drive_frame(&drive, false), "there already") != NULL,
		false);
	drive_keys(&drive, "2 up ctrl-s");
	check_str("made", drive.new_name, "ods/orders-2");
	check_str("where", drive.new_context, FIXTURE_CONTEXT);
	check_int("type", drive.new_type, APP_SQL);
	drive_close(&drive);
}

/* -- runs, seen from everywhere -- */

static void a_run_that_goes_on_is_seen_from_everywhere(void **state)
{
	static const struct {
		int rows, cols;
		const char *want;
	} rows[] = {
		{24, 80, "1 run: build ods/order-s… 0:12"},
		{24, 110, "1 run: build ods/order-sync command 0:12"},
		{15, 60, "0:12"},
		{40, 120, "command: waiting for another build o… 0:12"},
	};
	static const char *const views[] = {"", "enter", "@", "?", "u"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(views); k++) {
			struct drive drive;

			drive_open(&drive, fixture_fleet(), rows[i].rows, rows[i].cols);
			drive.going = 1;
			drive.oldest = (struct screen_going){.verb = "build",
				.name = "ods/order-sync",
				.step = "command",
				.step_text = "waiting for another build of this project to end",
				.began_mono_ms = DRIVE_MONO_MS - 12000};
			drive_keys(&drive, views[k]);
			screen_draw(drive.screen, drive.canvas);
			check_has(views[k], drive_frame(&drive, false), rows[i].want);
			drive.going = 3;
			screen_draw(drive.screen, drive.canvas);
			if (rows[i].cols > 60)
				check_has(views[k], drive_frame(&drive, false), "3 runs: ");
			drive_close(&drive);
		}
	}
}

static void a_long_reason_is_told_whole(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 15, 60);
	screen_toast(drive.screen, STYLE_ERROR,
		"start ods/order-sync: the restore point "
		"hdfs:///flink/savepoints/savepoint-5fa000-3 "
		"is not there any more. The next one: --from hdfs:///flink/checkpoints/chk-17");
	screen_draw(drive.screen, drive.canvas);
	check_has("its end", drive_frame(&drive, false), "chk-17");
	drive_golden(&drive, "toast-60x15");
	drive_close(&drive);
}

static void dialogs_look_like_this(void **state)
{
	static const struct {
		const char *name, *keys;
		int rows, cols;
	} rows[] = {
		{"start-points-120x40", "S", 40, 120},
		{"start-points-80x24", "S", 24, 80},
		{"start-points-60x15", "S", 15, 60},
		{"start-confirm-80x24", "S enter", 24, 80},
		{"start-options-80x24", "S tab", 24, 80},
		{"start-options-60x15", "S tab", 15, 60},
		{"rollback-80x24", ": r o l l b a c k enter", 24, 80},
		{"new-80x24", "n", 24, 80},
		{"new-wrong-60x15", "n p enter enter 订 enter", 15, 60},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kept kept;

		kept_open(&kept, rows[i].rows, rows[i].cols);
		kept_points(&kept);
		kept_releases(&kept, 3, 2);
		plans(&kept.drive);
		kept_keys(&kept, "/ o r d e r - s y enter");
		char *copy = xstrdup(rows[i].keys), *rest = copy, *key;
		while ((key = strsep(&rest, " ")))
			kept_keys(&kept, key);
		free(copy);
		drive_golden(&kept.drive, rows[i].name);
		kept_close(&kept);
	}
}

/* Smaller and larger while a dialog is open: it is drawn anew, and the choice stays. */
static void a_dialog_lives_through_another_size(void **state)
{
	static const int sizes[][2] = {{15, 60}, {80, 300}, {10, 40}, {24, 80}};
	struct kept kept;

	(void)state;
	kept_open(&kept, 24, 80);
	kept_points(&kept);
	plans(&kept.drive);
	kept_keys(&kept, "/ o r d e r - s y enter S");
	kept_type(&kept, "chk");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		canvas_free(kept.drive.canvas);
		kept.drive.canvas = canvas_new(sizes[i][0], sizes[i][1]);
		screen_draw(kept.drive.screen, kept.drive.canvas);
	}
	check_has("there", kept_frame(&kept), "> chk");
	kept_keys(&kept, "enter");
	check_str("chosen", kept.drive.args_from, KEPT_OLDER);
	kept_close(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enter_twice_starts_from_the_newest_that_is_there),
		cmocka_unit_test(another_point_is_planned_anew),
		cmocka_unit_test(from_nothing_is_the_last_choice_and_wants_the_name),
		cmocka_unit_test(a_first_start_is_only_confirmed),
		cmocka_unit_test(options_change_the_plan),
		cmocka_unit_test(what_does_not_fit_keeps_what_was_chosen),
		cmocka_unit_test(rollback_offers_the_one_before_the_active_one),
		cmocka_unit_test(esc_gives_up_what_is_being_asked),
		cmocka_unit_test(an_answer_does_not_come_between_what_is_typed),
		cmocka_unit_test(diff_is_shown_searched_and_released_from),
		cmocka_unit_test(a_new_application_is_asked_for_until_its_name_will_do),
		cmocka_unit_test(a_run_that_goes_on_is_seen_from_everywhere),
		cmocka_unit_test(a_long_reason_is_told_whole),
		cmocka_unit_test(dialogs_look_like_this),
		cmocka_unit_test(a_dialog_lives_through_another_size),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
