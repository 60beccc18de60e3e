/* What keys do, where the words of a whole frame would say too much: history, selection, prompts.
 */
#include "tests/tui/ui/drive.h"

#include "core/config/config.h"
#include "tui/ui/first_config.h"

static void shows(struct drive *drive, const char *what, const char *text)
{
	check_has(what, drive_frame(drive, false), text);
}

static void lacks(struct drive *drive, const char *what, const char *text)
{
	if (strstr(drive_frame(drive, false), text))
		fail_msg("%s: the frame holds '%s'\n%s", what, text, drive_frame(drive, false));
}

/* The line of the frame that is drawn as selected; static. */
static const char *selected_line(struct drive *drive, int *row)
{
	static char text[1024];
	const struct canvas *canvas = drive->canvas;

	text[0] = '\0';
	for (*row = 0; *row < canvas->rows; ++*row) {
		size_t len = 0;
		const struct cell *first = canvas_cell(canvas, *row, 0);
		if (!(first->overlays & CELL_OVERLAY(STYLE_SELECTED)))
			continue;
		for (int col = 0; col < canvas->cols; col++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s",
				canvas_cell(canvas, *row, col)->text);
		break;
	}
	return text;
}

static void selects(struct drive *drive, const char *what, const char *name)
{
	int row;

	check_has(what, selected_line(drive, &row), name);
}

static void quits_from_home_and_from_everywhere(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "enter q");
	check_int("q in a card goes back", drive.quits, 0);
	shows(&drive, "the list again", "Applications  15");
	drive_keys(&drive, "tab q");
	check_int("q in another list goes home", drive.quits, 0);
	shows(&drive, "home", "Applications  15");
	drive_keys(&drive, "q");
	check_int("q at home", drive.quits, 1);
	drive_keys(&drive, "enter ctrl-c");
	check_int("ctrl-c anywhere", drive.quits, 2);
	drive_close(&drive);
}

static void back_and_forward_keep_filter_sort_and_selection(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "[");
	shows(&drive, "nowhere to go back to", "there is no former view");
	drive_keys(&drive, "s i / o d s enter j");
	selects(&drive, "the second of three", "payment-loop");
	drive_keys(&drive, "enter");
	shows(&drive, "its card", "ods/payment-loop");
	drive_keys(&drive, "c [");
	shows(&drive, "filter", "3 of 15  /ods");
	shows(&drive, "order", "TEAM↓");
	selects(&drive, "selection", "payment-loop");
	drive_keys(&drive, "]");
	shows(&drive, "the card at its place", "completed, 2 failed");
	drive_keys(&drive, "esc tab");
	shows(&drive, "another list", "Clusters");
	drive_keys(&drive, "[");
	shows(&drive, "back to the filtered one", "3 of 15  /ods");
	drive_keys(&drive, "tab tab tab tab");
	shows(&drive, "round the lists, still filtered", "3 of 15  /ods");
	drive_close(&drive);
}

static void esc_clears_filter_and_attention_before_it_leaves(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ o d s enter !");
	shows(&drive, "both", "1 of 15  needs attention  /ods");
	drive_keys(&drive, "esc");
	shows(&drive, "none", "Applications  15");
	check_int("still here", drive.quits, 0);
	drive_keys(&drive, "esc esc esc");
	check_int("esc never quits", drive.quits, 0);
	shows(&drive, "but says what does", "q quits");
	drive_keys(&drive, "tab esc esc");
	shows(&drive, "home", "Applications  15");
	check_int("nor out of another list", drive.quits, 0);
	/* A list that was opened with a filter goes back instead. */
	drive_keys(&drive, "tab enter");
	shows(&drive, "the cluster's applications", "/cluster:batch");
	drive_keys(&drive, "esc");
	shows(&drive, "the clusters", "Clusters  3");
	drive_close(&drive);
}

static void filter_that_is_not_right_says_where_and_keeps_the_lines(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 120);
	drive_type(&drive, "/team:ods restarts>");
	shows(&drive, "what is not right yet",
		"3 of 15  /team:ods restarts>  filter, column 19: a value is missing");
	drive_type(&drive, "0");
	shows(&drive, "right", "1 of 15  /team:ods restarts>0 ");
	drive_type(&drive, " or tean:x");
	shows(&drive, "a word of its own", "no column 'tean'");
	drive_keys(&drive, "esc");
	shows(&drive, "as before", "Applications  15");
	drive_close(&drive);
}

static void a_wide_list_tells_the_verbs_of_the_selected_line(void **state)
{
	static const struct {
		const char *name, *filter, *has, *has_not;
	} rows[] = {
		{"runs", "payment", "T stop  R restart  A ship  V savepoint", "S start"},
		{"never ran", "fresh", "S start  A ship", "T stop"},
		{"runs, nobody declared it", "paimon", "T stop  V savepoint", "R restart"},
		{"ended, nobody declared it", "backfill-2025-09", "/ filter  ! attention",
			"S start"},
	};
	struct drive drive;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		drive_open(&drive, fixture_fleet(), 24, 110);
		drive_keys(&drive, "/");
		drive_type(&drive, rows[i].filter);
		drive_keys(&drive, "enter");
		shows(&drive, rows[i].name, rows[i].has);
		check_bool(rows[i].name,
			strstr(drive_frame(&drive, false), rows[i].has_not) != NULL, false);
		drive_close(&drive);
	}
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ p a y m e n t enter");
	check_bool("narrow", strstr(drive_frame(&drive, false), "T stop") != NULL, false);
	drive_close(&drive);
}

static void a_configuration_that_changed_on_disk_is_told_until_it_has_not(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet_large(3), 24, 80);
	screen_config_changed(drive.screen, true);
	screen_draw(drive.screen, drive.canvas);
	shows(&drive, "at once", "it holds from weir's next start");
	drive_keys(&drive, "down");
	shows(&drive, "and after", "configuration changed on disk: restart weir");
	screen_config_changed(drive.screen, false);
	screen_draw(drive.screen, drive.canvas);
	check_bool("as it was", strstr(drive_frame(&drive, false), "on disk") != NULL, false);
	drive_close(&drive);
}

static void filter_acts_at_each_key_and_esc_takes_it_back(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ p a y");
	shows(&drive, "while typed", "1 of 15");
	drive_keys(&drive, "ctrl-u");
	shows(&drive, "emptied", "Applications  15");
	drive_keys(&drive, "o d s esc");
	shows(&drive, "taken back", "Applications  15");
	drive_keys(&drive, "/ b a t c h enter / o d s enter / up up");
	shows(&drive, "history", "6 of 15  /batch");
	drive_keys(&drive, "enter esc /");
	drive_type(&drive, "sessions running 订单");
	shows(&drive, "all words, two scripts", "1 of 15");
	struct key paste = {.sym = KEY_SYM_PASTE, .paste = "订\n单\x1b[31m"};
	drive_keys(&drive, "ctrl-u");
	screen_key(drive.screen, &paste);
	screen_draw(drive.screen, drive.canvas);
	shows(&drive, "what is pasted is made harmless", "0 of 15");
	drive_close(&drive);
}

static void selection_stays_on_its_line_while_the_fleet_changes(void **state)
{
	(void)state;
	struct drive drive;
	int before, after;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "s s s s i"); /* by since, newest first */
	drive_keys(&drive, "/ u s e r - s y n c enter esc");
	drive_keys(&drive, "G k k k k k k");
	char *name = xstrdup(selected_line(&drive, &before));
	name[strcspn(name, "\t")] = '\0';
	fixture_next_poll(drive.fleet, FIXTURE_NOW_MS, true);
	screen_draw(drive.screen, drive.canvas);
	const char *line = selected_line(&drive, &after);
	/* The cells that do not change with time: state and name. */
	if (strncmp(line, name, 40))
		fail_msg("selected was '%s', is '%s'", name, line);
	shows(&drive, "the change is seen", "✗ 2");
	free(name);
	drive_close(&drive);
}

static void neighbour_is_selected_when_an_item_goes(void **state)
{
	(void)state;
	struct fleet *fleet = fixture_fleet_large(5);
	struct drive drive;

	drive_open(&drive, fleet, 24, 80);
	drive_keys(&drive, "j j");
	selects(&drive, "before", "sync-2");
	/* Its cluster forgets the job for good: more than an hour without it. */
	for (int i = 0; i < 3; i++) {
		struct snapshot *snapshot =
			fixture_cluster("sessions", "1.20.5", FIXTURE_NOW_MS + 2000 * (i + 1));
		for (int k = 0; k < 5; k++) {
			char name[16];
			snprintf(name, sizeof(name), "sync-%d", k);
			if (k != 2)
				fixture_job(snapshot, k, name, JOB_RUNNING, 1, 1);
		}
		int64_t now = FIXTURE_NOW_MS + 2000 * (i + 1) + (i == 2 ? 90000000 : 0);
		fixture_apply(fleet, snapshot, now);
	}
	screen_draw(drive.screen, drive.canvas);
	size_t count;
	fleet_apps(fleet, &count);
	selects(&drive, "after", count == 4 ? "sync-3" : "sync-2");
	drive_close(&drive);
}

static void card_steps_through_the_list_it_came_from(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ o d s enter enter");
	shows(&drive, "the first", "ods/order-sync");
	drive_keys(&drive, "c >");
	shows(&drive, "the second", "ods/payment-loop");
	shows(&drive, "in the same section", "211 completed");
	drive_keys(&drive, "> >");
	shows(&drive, "the end", "this is the last one of the list");
	drive_keys(&drive, "<");
	shows(&drive, "and back", "ods/payment-loop");
	drive_keys(&drive, "q");
	selects(&drive, "the list has followed", "payment-loop");
	drive_close(&drive);
}

static void card_follows_a_job_that_becomes_declared(void **state)
{
	(void)state;
	struct fleet *fleet = fixture_fleet_large(1);
	struct drive drive;
	struct snapshot *workspace =
		snapshot_new(SNAPSHOT_WORKSPACE, FIXTURE_CONTEXT, "workspace", NULL);
	static const struct team_decl team = {.name = "ods"};
	static const struct app_decl decl = {.team = "ods",
		.name = "declared",
		.job_name = "sync-0",
		.cluster = "sessions",
		.parallelism = -1};

	drive_open(&drive, fleet, 24, 80);
	drive_keys(&drive, "enter");
	shows(&drive, "not declared", "sync-0  (unmanaged: m adopts it)");
	workspace->observed_ms = FIXTURE_NOW_MS;
	workspace->teams = &team;
	workspace->team_count = 1;
	workspace->apps = &decl;
	workspace->app_count = 1;
	fixture_apply(fleet, workspace, FIXTURE_NOW_MS);
	screen_draw(drive.screen, drive.canvas);
	shows(&drive, "declared", "ods/declared");
	drive_close(&drive);
}

static void palette_completes_and_says_what_it_does_not_know(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, ":");
	drive_type(&drive, "clustres");
	drive_keys(&drive, "enter");
	shows(&drive, "did you mean", "no command 'clustres': did you mean 'clusters'?");
	drive_keys(&drive, ": c l u enter");
	shows(&drive, "the start is enough", "Clusters  3");
	drive_keys(&drive, ": s o tab");
	shows(&drive, "completed, with what may follow", "LAST ERROR");
	drive_type(&drive, "sl");
	drive_keys(&drive, "tab");
	shows(&drive, "as far as they agree", ":sort slots");
	drive_type(&drive, "F");
	drive_keys(&drive, "tab enter");
	shows(&drive, "sorted", "FREE↑");
	drive_keys(&drive, ":");
	drive_type(&drive, "sort nmae");
	drive_keys(&drive, "enter");
	shows(&drive, "no such column", "did you mean 'name'?");
	drive_keys(&drive, ":");
	drive_type(&drive, "open dwd/daily-agg");
	drive_keys(&drive, "enter");
	shows(&drive, "opened by name", "✗ FAILED  dwd/daily-agg");
	drive_keys(&drive, ":");
	drive_type(&drive, "open nobody");
	drive_keys(&drive, "enter");
	shows(&drive, "nobody", "no application is called 'nobody'");
	drive_keys(&drive, ": up");
	shows(&drive, "history", ":open nobody");
	drive_keys(&drive, "esc");
	lacks(&drive, "closed", ":open");
	drive_close(&drive);
}

static void commands_reach_the_program(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "r ctrl-z ctrl-l");
	check_int("refresh", drive.refreshes, 1);
	check_int("suspend", drive.suspends, 1);
	check_int("redraw", drive.repaints, 1);
	drive_keys(&drive, ":");
	drive_type(&drive, "theme light");
	drive_keys(&drive, "enter");
	check_str("theme", drive.theme, "light");
	drive_keys(&drive, ":");
	drive_type(&drive, "theme mi");
	shows(&drive, "those that there are, and where from", "themes/mine.yaml");
	drive_keys(&drive, "tab enter");
	check_str("completed", drive.theme, "mine");
	drive_keys(&drive, ":");
	drive_type(&drive, "theme");
	drive_keys(&drive, "enter");
	shows(&drive, "asked for", "which theme instead of mine?");
	drive_keys(&drive, "up enter");
	check_str("the one above that is on", drive.theme, "light");
	drive_keys(&drive, ":");
	drive_type(&drive, "theme neon");
	drive_keys(&drive, "enter");
	shows(&drive, "what failed is said", "no theme 'neon'");
	drive_keys(&drive, ":");
	drive_type(&drive, "messages");
	drive_keys(&drive, "enter");
	shows(&drive, "and kept", "no theme 'neon'");
	drive_close(&drive);
}

static void greyed_commands_say_why(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/ z z z enter v");
	shows(&drive, "no line", "no application is selected");
	drive_keys(&drive, "enter");
	shows(&drive, "no line", "no line is selected");
	drive_keys(&drive, "esc / f r e s h enter enter x");
	shows(&drive, "no run", "no run of this application is known");
	drive_keys(&drive, "esc");
	drive_keys(&drive, "esc / e v i l enter enter f");
	shows(&drive, "no file", "nobody declared this job");
	drive_keys(&drive, "? / l a t e r enter");
	shows(&drive, "help of that view, with the reason", "(there is no later view)");
	drive_close(&drive);
}

static void toast_goes_with_time_or_a_key(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "Z");
	shows(&drive, "said", "Z means nothing here");
	drive_keys(&drive, "j");
	lacks(&drive, "gone with the next key", "means nothing");
	drive_keys(&drive, "Z");
	clock_fix(FIXTURE_NOW_MS + 100, DRIVE_MONO_MS + TOAST_MS - 1);
	screen_draw(drive.screen, drive.canvas);
	shows(&drive, "still there", "means nothing");
	check_int("the screen asks to be drawn then", screen_tick_ms(drive.screen), 1);
	clock_fix(FIXTURE_NOW_MS + 101, DRIVE_MONO_MS + TOAST_MS);
	screen_draw(drive.screen, drive.canvas);
	lacks(&drive, "gone with time", "means nothing");
	check_int("next: the second", screen_tick_ms(drive.screen), 899);
	drive_close(&drive);
}

static void poller_is_told_what_is_shown(void **state)
{
	(void)state;
	struct drive drive;
	int shows_before;

	drive_open(&drive, fixture_fleet_large(1000), 24, 80);
	check_int("one screen of lines, not the fleet", (int64_t)drive.shown, 19);
	check_str("no focus", drive.focus, NULL);
	shows_before = drive.shows;
	drive_keys(&drive, "j");
	check_int("nothing new is not told", drive.shows, shows_before);
	char *first = xstrdup(drive.shown_first);
	drive_keys(&drive, "pgdn");
	check_bool("others", str_eq(first, drive.shown_first), false);
	free(first);
	drive_keys(&drive, "g g enter");
	check_int("the card alone", (int64_t)drive.shown, 1);
	check_str("in focus", drive.focus, drive.shown_first);
	drive_keys(&drive, "q tab");
	check_int("the clusters", (int64_t)drive.shown, 3);
	drive_keys(&drive, "tab");
	check_int("nobody asks for teams", (int64_t)drive.shown, 0);
	drive_close(&drive);
}

static void cluster_errors_become_messages(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	fixture_apply(drive.fleet,
		fixture_failure("batch", E_TIMEOUT,
			"GET http://batch.example:8081: no answer in 10s", FIXTURE_NOW_MS),
		FIXTURE_NOW_MS);
	fixture_apply(drive.fleet,
		fixture_failure("batch", E_TIMEOUT,
			"GET http://batch.example:8081: no answer in 10s", FIXTURE_NOW_MS),
		FIXTURE_NOW_MS);
	fixture_apply(
		drive.fleet, fixture_cluster("batch", "2.2.1", FIXTURE_NOW_MS), FIXTURE_NOW_MS);
	drive_keys(&drive, ":");
	drive_type(&drive, "messages");
	drive_keys(&drive, "enter");
	shows(&drive, "it failed", "batch: GET http://batch.example:8081: no answer in 10s");
	shows(&drive, "it answers", "batch answers again");
	shows(&drive, "states too", "RUNNING -> UNREACHABLE");
	drive_close(&drive);
}

static void store_problem_is_wrong_until_it_is_over(void **state)
{
	(void)state;
	struct drive drive;
	struct err err = {0};

	err_set(&err, E_INTERNAL, "cache.db: database or disk is full");
	drive_open(&drive, fixture_fleet(), 24, 80);
	screen_problem(drive.screen, &err);
	drive_keys(&drive, ":");
	drive_type(&drive, "messages");
	drive_keys(&drive, "enter");
	shows(&drive, "wrong now", "store                cache.db: database or disk is full");
	drive_keys(&drive, "q");
	screen_problem(drive.screen, NULL);
	drive_keys(&drive, ":");
	drive_type(&drive, "messages");
	drive_keys(&drive, "enter");
	lacks(&drive, "over", "store                cache.db");
	shows(&drive, "kept below", "cache.db: database or disk is full");
	drive_close(&drive);
}

static void history_is_bounded_and_forgets_the_oldest(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	for (int i = 0; i < 100; i++)
		drive_keys(&drive, "? : a p p s enter enter : a p p s enter");
	for (int i = 0; i < 100; i++)
		drive_keys(&drive, "[");
	shows(&drive, "the end of the past", "there is no former view");
	drive_close(&drive);
}

static void the_first_configuration_can_be_read(void **state)
{
	(void)state;
	const char *url = "http://localhost:8081";
	struct config *config = config_from_rest(&url, 1), *read = NULL;
	struct err err = {0};
	struct buf text;

	buf_init(&text, 0);
	first_config_text(config, &text);
	check_ok("what is written can be read",
		config_parse(&read, "config.yaml", buf_str(&text), text.len, &err), &err);
	check_str("the same context", read->current, config->current);
	check_str("the cluster by a name that files may hold", read->contexts[0].clusters[0].name,
		"localhost-8081");
	check_str("at the same address",
		json_string_value(json_array_get(read->contexts[0].clusters[0].rest, 0)), url);
	config_free(read);
	config_free(config);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quits_from_home_and_from_everywhere),
		cmocka_unit_test(back_and_forward_keep_filter_sort_and_selection),
		cmocka_unit_test(esc_clears_filter_and_attention_before_it_leaves),
		cmocka_unit_test(filter_that_is_not_right_says_where_and_keeps_the_lines),
		cmocka_unit_test(a_wide_list_tells_the_verbs_of_the_selected_line),
		cmocka_unit_test(a_configuration_that_changed_on_disk_is_told_until_it_has_not),
		cmocka_unit_test(filter_acts_at_each_key_and_esc_takes_it_back),
		cmocka_unit_test(selection_stays_on_its_line_while_the_fleet_changes),
		cmocka_unit_test(neighbour_is_selected_when_an_item_goes),
		cmocka_unit_test(card_steps_through_the_list_it_came_from),
		cmocka_unit_test(card_follows_a_job_that_becomes_declared),
		cmocka_unit_test(palette_completes_and_says_what_it_does_not_know),
		cmocka_unit_test(commands_reach_the_program),
		cmocka_unit_test(greyed_commands_say_why),
		cmocka_unit_test(toast_goes_with_time_or_a_key),
		cmocka_unit_test(poller_is_told_what_is_shown),
		cmocka_unit_test(cluster_errors_become_messages),
		cmocka_unit_test(store_problem_is_wrong_until_it_is_over),
		cmocka_unit_test(history_is_bounded_and_forgets_the_oldest),
		cmocka_unit_test(the_first_configuration_can_be_read),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
