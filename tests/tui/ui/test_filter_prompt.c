/* The line in which a filter is typed: what Tab completes, from what is there, and what the list of candidates shows. */
#include "tests/tui/ui/drive.h"

/* The last line of the frame: what was typed. */
static const char *typed_line(struct drive *drive)
{
	static char text[1024];
	const char *frame = drive_frame(drive, false), *last = frame, *line;
	size_t len;

	for (line = frame; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (*line == '/')
			last = line;
	}
	len = strcspn(last, "\n");
	snprintf(text, sizeof(text), "%.*s", (int)len, last);
	return text;
}

static void tab_completes_names_of_columns_and_values(void **state)
{
	/* Keys after "/", and how the line then begins. */
	static const struct {
		const char *name, *typed, *keys, *line;
	} rows[] = {
		{"a column", "te", "tab", "/team:"},
		{"in capitals", "TE", "tab", "/team:"},
		{"one that is compared", "ck", "tab", "/ckpt>"},
		{"behind another word", "orders te", "tab", "/orders team:"},
		{"behind a negation and a parenthesis", "!(te", "tab", "/!(team:"},
		{"a value", "team:o", "tab", "/team:ods"},
		{"of several values", "team:dwd,o", "tab", "/team:dwd,ods"},
		{"as it is written there", "state:run", "tab", "/state:RUNNING"},
		{"as far as all agree", "state:UNRE", "tab", "/state:UNREACHABLE"},
		{"a tag", "tag:cd", "tab", "/tag:cdc"},
		{"a column of the program only", "mana", "tab", "/managed:"},
		{"yes or no", "managed:y", "tab", "/managed:yes"},
		{"the first of several", "state:", "tab tab", "/state:ADDED"},
		{"the next", "state:", "tab tab tab", "/state:CANCELED"},
		{"the last", "state:", "tab shift-tab", "/state:"},
		{"nothing of that name", "zz", "tab", "/zz "},
		{"an exact word", "'te", "tab", "/'te "},
		{"a number", "ckpt>", "tab", "/ckpt> "},
		{"what is known of a few", "lag", "tab", "/lag>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		drive_open(&drive, fixture_fleet(), 24, 80);
		drive_keys(&drive, "/");
		drive_type(&drive, rows[i].typed);
		drive_keys(&drive, rows[i].keys);
		const char *line = typed_line(&drive);
		if (!str_starts(line, rows[i].line))
			fail_msg("%s: '%s' is not '%s'", rows[i].name, line, rows[i].line);
		drive_close(&drive);
	}
}

static void what_is_completed_filters_at_once(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_type(&drive, "/team:o");
	check_has("before: what begins so", drive_frame(&drive, false), "3 of 15  /team:o*");
	drive_keys(&drive, "tab");
	check_has("completed", drive_frame(&drive, false), "3 of 15  /team:ods");
	drive_keys(&drive, "esc");
	check_has("taken back", drive_frame(&drive, false), "Applications  15");
	drive_close(&drive);
}

static void the_beginning_of_a_value_filters_while_no_value_is_called_so(void **state)
{
	static const struct {
		const char *typed, *shown;
	} rows[] = {
		{"state:f", "2 of 15  /state:f*"},
		{"state:failed", "1 of 15  /state:failed "},
		{"!team:o", "Applications  15  /!team:o "},
		{"team:zz", "0 of 15  /team:zz*"},
		{"team:\"o\"", "0 of 15  /team:\"o\" "},
		{"restarts:99", "0 of 15  /restarts:99 "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		drive_open(&drive, fixture_fleet(), 24, 80);
		drive_keys(&drive, "/");
		drive_type(&drive, rows[i].typed);
		check_has(rows[i].typed, drive_frame(&drive, false), rows[i].shown);
		drive_keys(&drive, "enter");
		check_has("and stays", drive_frame(&drive, false), rows[i].shown);
		drive_close(&drive);
	}
}

static void candidates_are_shown_while_their_word_is_typed(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive_keys(&drive, "/");
	check_has("says how", typed_line(&drive), "Tab completes");
	drive_type(&drive, "te");
	drive_keys(&drive, "tab");
	check_has("values come at once", drive_frame(&drive, false), "\n dwd ");
	check_has("and how many have it", drive_frame(&drive, false), "\n ods  3");
	drive_type(&drive, "d");
	check_has("those that still fit", drive_frame(&drive, false), "\n dwd ");
	check_bool("and no others", strstr(drive_frame(&drive, false), "\n lake ") != NULL, false);
	drive_keys(&drive, "tab space s");
	check_bool("another word is asked for anew",
		strstr(drive_frame(&drive, false), "\n dwd ") != NULL, false);
	check_has("another word", typed_line(&drive), "/team:dwd s");
	drive_close(&drive);
}

static void every_table_has_candidates_of_its_own(void **state)
{
	static const struct {
		const char *name, *keys, *typed, *line;
	} rows[] = {
		{"clusters", "tab", "lat", "/latency>"},
		{"teams", "tab tab", "own", "/owner:"},
		{"the command log", "@", "k", "/kind:"},
		{"messages have no columns", ": m e s s a g e s enter", "te", "/te"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		drive_open(&drive, fixture_fleet(), 24, 80);
		drive_keys(&drive, rows[i].keys);
		drive_keys(&drive, "/");
		drive_type(&drive, rows[i].typed);
		drive_keys(&drive, "tab");
		if (!str_starts(typed_line(&drive), rows[i].line))
			fail_msg("%s: '%s'", rows[i].name, typed_line(&drive));
		drive_close(&drive);
	}
}

static void candidates_look_as_they_should(void **state)
{
	static const struct {
		const char *golden;
		int rows, cols;
		const char *typed;
	} rows[] = {
		{"filter-keys-80x24", 24, 80, "s"},
		{"filter-values-80x24", 24, 80, "cluster:"},
		{"filter-values-60x15", 15, 60, "state:"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;

		drive_open(&drive, fixture_fleet(), rows[i].rows, rows[i].cols);
		drive_keys(&drive, "/");
		drive_type(&drive, rows[i].typed);
		drive_keys(&drive, "tab");
		drive_golden(&drive, rows[i].golden);
		drive_close(&drive);
	}
}

static void tell_lag(struct drive *drive, int64_t records)
{
	struct snapshot *detail = fixture_detail("sessions", 1, FIXTURE_NOW_MS - 2000, 0);

	detail->detail.parts |= JOB_PART_LAG;
	detail->detail.lag_vertex = "source";
	detail->detail.lag_records = records;
	detail->detail.lag_ms = -1;
	fixture_apply(drive->fleet, detail, FIXTURE_NOW_MS);
}

/* Only what somebody looked at has a lag: a list that is short for that must not look as if all were well. */
static void lag_says_of_how_many_it_is_known(void **state)
{
	struct drive drive;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 100);
	drive_type(&drive, "/lag>10k");
	check_has("of none", drive_frame(&drive, false), "0 of 15  /lag>10k  lag known of 0 of 15");
	drive_keys(&drive, "esc");
	tell_lag(&drive, 12000);
	drive_type(&drive, "/lag>10k");
	check_has("of one", drive_frame(&drive, false), "1 of 15  /lag>10k  lag known of 1 of 15");
	drive_type(&drive, "0");
	check_has("not so much", drive_frame(&drive, false), "0 of 15  /lag>10k0");
	drive_keys(&drive, "esc");
	drive_type(&drive, "/team:ods lag>10k");
	check_has("of those that the rest lets through", drive_frame(&drive, false),
		"1 of 15  /team:ods lag>10k  lag known of 1 of 3");
	drive_keys(&drive, "esc");
	check_bool("no filter, no word of it",
		strstr(drive_frame(&drive, false), "known of") != NULL, false);
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tab_completes_names_of_columns_and_values),
		cmocka_unit_test(what_is_completed_filters_at_once),
		cmocka_unit_test(the_beginning_of_a_value_filters_while_no_value_is_called_so),
		cmocka_unit_test(candidates_are_shown_while_their_word_is_typed),
		cmocka_unit_test(every_table_has_candidates_of_its_own),
		cmocka_unit_test(candidates_look_as_they_should),
		cmocka_unit_test(lag_says_of_how_many_it_is_known),
	};

	check_locale();
	return cmocka_run_group_tests_name("filter prompt", tests, NULL, NULL);
}
