/* Moving about: sequences, numbers, the way back, the last view, the mouse; and what stands there of keys. */
#include "tests/tui/ui/drive.h"

#include "tui/ui/keymap.h"
#include "tui/ui/screen_private.h"

static void shows(struct drive *drive, const char *name, const char *part)
{
	screen_draw(drive->screen, drive->canvas);
	check_has(name, drive_frame(drive, false), part);
}

static void lacks(struct drive *drive, const char *name, const char *part)
{
	screen_draw(drive->screen, drive->canvas);
	check_bool(name, strstr(drive_frame(drive, false), part) == NULL, true);
}

/* The text of the line that is selected; malloc'd, NULL = none. */
static char *selected(struct drive *drive)
{
	char *copy = xstrdup(drive_frame(drive, true)), *rest = copy, *line, *former = NULL;
	char *found = NULL;

	while (!found && (line = strsep(&rest, "\n"))) {
		if (*line == '\t' && strstr(line, "selected") && former)
			found = xstrdup(former);
		former = line;
	}
	free(copy);
	return found;
}

static void check_selected(struct drive *drive, const char *name, const char *part)
{
	char *line = selected(drive);

	check_has(name, line ? line : "", part);
	free(line);
}

static void use_preset(const char *text)
{
	struct err err = {0};

	check_ok(text, keymap_parse(&drive_keymap, "k.yaml", text, strlen(text), &err), &err);
}

static void a_sequence_shows_what_may_follow(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "g");
	drive_golden(&drive, "sequence-80x24");
	drive_keys(&drive, "c");
	shows(&drive, "there", "Clusters");
	lacks(&drive, "the footer is back", "flink-envs");
	/* Esc is no way out while a sequence is typed. */
	drive_keys(&drive, "g t enter");
	shows(&drive, "its applications", "/team:");
	drive_keys(&drive, "g esc");
	shows(&drive, "still there", "/team:");
	drive_keys(&drive, "g R");
	shows(&drive, "no command", "g R means nothing here");
	check_int("no plan was made", drive.plans, 0);
	drive_close(&drive);
}

static void numbers_lead_to_lines(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet_large(200), 24, 80);
	drive_keys(&drive, ": 4 2 enter");
	check_selected(&drive, "line 42", "sync-41");
	drive_type(&drive, ":line 3");
	drive_keys(&drive, "enter");
	check_selected(&drive, "line 3", "sync-2");
	drive_type(&drive, ":9999999");
	drive_keys(&drive, "enter");
	check_selected(&drive, "beyond the last", "sync-199");
	drive_keys(&drive, "home ctrl-d");
	check_selected(&drive, "half a page", "sync-9");
	drive_keys(&drive, "ctrl-u");
	check_selected(&drive, "and back", "sync-0");
	drive_close(&drive);

	use_preset("preset: vim\n");
	drive_open(&drive, fixture_fleet_large(200), 24, 80);
	drive_keys(&drive, "4 2");
	shows(&drive, "what was typed", "42");
	drive_keys(&drive, "G");
	check_selected(&drive, "42G", "sync-41");
	drive_keys(&drive, "1 0 j");
	check_selected(&drive, "10j", "sync-51");
	drive_keys(&drive, "7 g g");
	check_selected(&drive, "7gg", "sync-6");
	drive_keys(&drive, "9 esc j");
	check_selected(&drive, "Esc forgets the number", "sync-7");
	drive_keys(&drive, "5 s j");
	check_selected(&drive, "dropped by who repeats nothing", "sync-8");
	drive_close(&drive);
}

/* Everything as it was: filter, order, selection, and the place of the window. */
static void the_way_back_finds_a_view_as_it_was(void **state)
{
	(void)state;
	struct drive drive;
	char *before, *line;

	drive_open(&drive, fixture_fleet_large(500), 24, 80);
	drive_keys(&drive, "/ s y n c enter s s s i pgdn pgdn pgdn k k k w right");
	before = xstrdup(drive_frame(&drive, true));
	line = selected(&drive);
	drive_keys(&drive, "enter");
	check_bool("another view", strcmp(before, drive_frame(&drive, true)) != 0, true);
	drive_keys(&drive, "[");
	check_str("back", drive_frame(&drive, true), before);
	drive_keys(&drive, "]");
	check_bool("forward", strcmp(before, drive_frame(&drive, true)) != 0, true);
	drive_keys(&drive, "g m g t [ [ [");
	check_str("back from afar", drive_frame(&drive, true), before);
	/* A list that was asked for with a filter is another one. */
	drive_type(&drive, ":apps sync-7");
	drive_keys(&drive, "enter");
	shows(&drive, "with that filter", "/sync-7");
	drive_keys(&drive, "[");
	check_str("the former one has its own", drive_frame(&drive, true), before);
	check_selected(&drive, "the same line", line);
	free(line);
	free(before);
	drive_close(&drive);
}

static void the_last_view_is_one_key_away(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "-");
	shows(&drive, "none yet", "there is no other view to go to");
	drive_keys(&drive, "g c g t -");
	shows(&drive, "the one before", "Clusters");
	drive_keys(&drive, "-");
	shows(&drive, "and again", "Teams");
	drive_keys(&drive, "[ [ `");
	shows(&drive, "where it was, not what is beside", "Clusters");
	drive_close(&drive);
}

static void keys_of_a_person_are_in_footer_and_help(void **state)
{
	(void)state;
	struct drive drive;

	use_preset("list:\n  f5: filter\n  /: none\n  F: apps state:failed\n");
	drive_open(&drive, fixture_fleet(), 24, 120);
	shows(&drive, "footer", "f5 filter");
	drive_keys(&drive, "?");
	shows(&drive, "help", "From your keymap");
	shows(&drive, "with its words", ":apps state:failed");
	drive_keys(&drive, "q F");
	shows(&drive, "it does that", "/state:failed");
	drive_keys(&drive, "/");
	shows(&drive, "away", "/ means nothing here");
	drive_close(&drive);
}

/* A key whose command is nothing without a word asks for it. */
static void a_key_that_needs_a_word_opens_the_palette(void **state)
{
	(void)state;
	struct drive drive;

	use_preset("all:\n  f2: line\n");
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "f2");
	shows(&drive, "asked", "\n:line");
	drive_keys(&drive, "3 enter");
	check_selected(&drive, "and done", "broken");
	drive_close(&drive);
}

/* -- the mouse -- */

static void mouse(struct drive *drive, enum key_mouse what, int row, int col)
{
	struct key key = {.sym = KEY_SYM_MOUSE, .mouse = what, .row = row, .col = col};

	screen_key(drive->screen, &key);
	screen_draw(drive->screen, drive->canvas);
}

/* The row of the frame that holds the text, and the column where it begins (ASCII before it). */
static int row_of(struct drive *drive, const char *text, int *col)
{
	const char *frame = drive_frame(drive, false), *found = strstr(frame, text);
	int row = 0;

	*col = 0;
	for (const char *p = frame; found && p < found; p++) {
		row += *p == '\n';
		*col = *p == '\n' ? 0 : *col + 1;
	}
	return found ? row : -1;
}

static void click(struct drive *drive, const char *text)
{
	int col, row = row_of(drive, text, &col);

	check_bool(text, row >= 0, true);
	mouse(drive, KEY_MOUSE_CLICK, row, col);
}

static void clicks_select_open_and_sort(void **state)
{
	(void)state;
	struct drive drive;
	int col;

	drive_open(&drive, fixture_fleet_large(200), 24, 80);
	click(&drive, "sync-7 ");
	check_selected(&drive, "a line", "sync-7 ");
	mouse(&drive, KEY_MOUSE_WHEEL_DOWN, 10, 10);
	check_selected(&drive, "the wheel", "sync-10");
	mouse(&drive, KEY_MOUSE_WHEEL_UP, 10, 10);
	check_selected(&drive, "and back", "sync-7 ");
	click(&drive, "STATE");
	check_selected(&drive, "sorting keeps the line", "sync-7 ");
	click(&drive, "NAME");
	click(&drive, "NAME");
	drive_keys(&drive, "home");
	check_selected(&drive, "the other way round", "sync-199");
	click(&drive, "sync-197");
	click(&drive, "sync-197");
	check_int("open: no list any more", row_of(&drive, "sync-196", &col), -1);
	shows(&drive, "its card", "sync-197");
	/* Where nothing is, nothing happens. */
	mouse(&drive, KEY_MOUSE_CLICK, 500, 500);
	mouse(&drive, KEY_MOUSE_CLICK, 0, 0);
	shows(&drive, "still there", "sync-197");
	drive_close(&drive);
}

static void clicks_in_the_footer_are_its_keys(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	click(&drive, "? help");
	shows(&drive, "help", "Help   / searches");
	drive_keys(&drive, "q / x");
	mouse(&drive, KEY_MOUSE_CLICK, 23, 2);
	shows(&drive, "not while a filter is typed", "/x");
	drive_close(&drive);
}

/* Where all names have room, and where most tabs are digits alone. */
static void clicks_on_tabs_open_them(void **state)
{
	static const struct {
		const char *click;
		int cols;
		enum command_id want;
	} rows[] = {
		{"vertices", 120, CMD_VERTICES}, {"9 points", 120, CMD_RESTORE_POINTS},
		{"4 exc", 120, CMD_EXCEPTIONS}, {"0 history", 120, CMD_HISTORY},
		{"overview", 120, CMD_OVERVIEW}, {"2  3  4", 60, CMD_VERTICES},
		{"5  6  7", 60, CMD_CONFIGURATION}, {"0\n", 60, CMD_HISTORY},
		{"1  2  3", 60, CMD_OVERVIEW}, {"  3  4  5", 60, CMD_OVERVIEW}, /* beside a tab */
	};
	struct drive drive = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum command_id at = CMD_MAX;
		if (i == 0 || rows[i].cols != rows[i - 1].cols) {
			if (i)
				drive_close(&drive);
			drive_open(&drive, fixture_fleet(), 24, rows[i].cols);
			drive_keys(&drive, "/ o r d e r - s enter enter");
		}
		click(&drive, rows[i].click);
		check_bool("a card", card_view_section(screen_view(drive.screen), &at), true);
		check_int(rows[i].click, at, rows[i].want);
	}
	drive_close(&drive);
	/* One that is empty says why, as its key does. */
	drive_open(&drive, fixture_fleet(), 24, 120);
	drive_keys(&drive, "/ f r e s h enter enter");
	click(&drive, "2 vertices");
	shows(&drive, "why not", "no run of this application is known");
	drive_close(&drive);
}

static void the_mouse_is_the_terminals_until_it_is_asked_for(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	check_bool("at first", drive.has_mouse, false);
	drive_type(&drive, ":mouse on");
	drive_keys(&drive, "enter");
	check_bool("on", drive.has_mouse, true);
	drive_type(&drive, ":mouse maybe");
	drive_keys(&drive, "enter");
	shows(&drive, "what there is", "the mouse is on or off");
	check_bool("still", drive.has_mouse, true);
	drive_type(&drive, ":mouse");
	drive_keys(&drive, "enter");
	check_bool("the other way", drive.has_mouse, false);
	drive_close(&drive);
}

/* -- attention -- */

static void only_what_is_new_calls_for_attention(void **state)
{
	(void)state;
	struct drive drive;

	drive_open(&drive, fixture_fleet(), 24, 80);
	check_int("what was so from the start", drive.attentions, 0);
	fixture_next_poll(drive.fleet, FIXTURE_NOW_MS + 5000, true);
	check_int("several failed at once", drive.attentions, 1);
	fixture_next_poll(drive.fleet, FIXTURE_NOW_MS + 10000, true);
	check_int("still failed", drive.attentions, 1);
	fixture_next_poll(drive.fleet, FIXTURE_NOW_MS + 15000, false);
	check_int("well again", drive.attentions, 1);
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sequence_shows_what_may_follow),
		cmocka_unit_test(numbers_lead_to_lines),
		cmocka_unit_test(the_way_back_finds_a_view_as_it_was),
		cmocka_unit_test(the_last_view_is_one_key_away),
		cmocka_unit_test(keys_of_a_person_are_in_footer_and_help),
		cmocka_unit_test(a_key_that_needs_a_word_opens_the_palette),
		cmocka_unit_test(clicks_select_open_and_sort),
		cmocka_unit_test(clicks_on_tabs_open_them),
		cmocka_unit_test(clicks_in_the_footer_are_its_keys),
		cmocka_unit_test(the_mouse_is_the_terminals_until_it_is_asked_for),
		cmocka_unit_test(only_what_is_new_calls_for_attention),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
