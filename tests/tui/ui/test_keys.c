/* Moving about: sequences, numbers, the way back, the last view; and what stands there of keys. */
#include "tests/tui/ui/drive.h"

#include "tui/ui/keymap.h"

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

	use_preset("all:\n  f2: sort\n");
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "f2");
	shows(&drive, "asked", ":sort");
	shows(&drive, "with what fits", "STATE");
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
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
