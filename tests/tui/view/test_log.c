/* A log: which one, its end, following, searching, saving. */
#include "tests/tui/ui/drive.h"

static void say(struct drive *drive, const char *text)
{
	drive->log.on_text(drive->log.data, text, strlen(text));
	screen_draw(drive->screen, drive->canvas);
}

static void say_lines(struct drive *drive, int from, int to)
{
	struct buf text;

	buf_init(&text, 0);
	for (int i = from; i < to; i++)
		buf_addf(&text, "10:00:00,000 INFO  checkpoint %d of job completed\n", i);
	say(drive, buf_str(&text));
	buf_release(&text);
}

static void open_log(struct drive *drive, int rows, int cols)
{
	drive_open(drive, fixture_fleet(), rows, cols);
	drive_keys(drive, "/ o r d e r - s y enter l enter");
}

static void which_log_is_asked(void **state)
{
	static const struct {
		const char *keys, *taskmanager, *title;
	} rows[] = {
		{"enter", NULL, "JobManager  ods/order-sync"},
		{"3 enter", "10.0.0.7:41233-a1b2c3", "TaskManager 10.0.0.7:41233-a1b2c3"},
		{"G enter", "10.0.0.8:40111-d4e5f6", "TaskManager 10.0.0.8:40111-d4e5f6"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;
		drive_open(&drive, fixture_fleet(), 24, 80);
		drive_keys(&drive, "/ o r d e r - s y enter l");
		check_has("asked", drive_frame(&drive, false), "logs of ods/order-sync");
		drive_keys(&drive, rows[i].keys);
		check_str(rows[i].keys, drive.log_taskmanager, rows[i].taskmanager);
		check_has(rows[i].keys, drive_frame(&drive, false), rows[i].title);
		drive_keys(&drive, "q");
		check_bool("closed with its view", drive.is_log_open, false);
		drive_close(&drive);
	}
}

static void a_log_is_followed_until_somebody_scrolls(void **state)
{
	struct drive drive;

	(void)state;
	open_log(&drive, 24, 80);
	check_has("before anything came", drive_frame(&drive, false), "reading");
	say_lines(&drive, 0, 100);
	check_has("the end", drive_frame(&drive, false), "checkpoint 99 ");
	check_has("following", drive_frame(&drive, false), "following");
	say_lines(&drive, 100, 101);
	check_has("goes on", drive_frame(&drive, false), "checkpoint 100 ");
	drive_keys(&drive, "k");
	say_lines(&drive, 101, 150);
	assert_null(strstr(drive_frame(&drive, false), "checkpoint 149 "));
	drive_keys(&drive, "F");
	check_has("again", drive_frame(&drive, false), "checkpoint 149 ");
	drive_close(&drive);
}

static void a_log_is_searched(void **state)
{
	struct drive drive;

	(void)state;
	open_log(&drive, 15, 60);
	say_lines(&drive, 0, 200);
	drive_keys(&drive, "/ t space 5 0 enter");
	check_has("upwards from the end", drive_frame(&drive, false), "checkpoint 150 ");
	drive_keys(&drive, "N");
	check_has("the former", drive_frame(&drive, false), "checkpoint 50 ");
	drive_keys(&drive, "N");
	check_has("no more", drive_frame(&drive, false), "no further hit above");
	check_has("stays", drive_frame(&drive, false), "checkpoint 50 ");
	drive_keys(&drive, "n");
	check_has("the next", drive_frame(&drive, false), "checkpoint 150 ");
	drive_keys(&drive, "esc");
	assert_null(strstr(drive_frame(&drive, false), "hits"));
	drive_keys(&drive, "/ z z z enter");
	check_has("nothing", drive_frame(&drive, false), "0 hits");
	drive_close(&drive);
}

static void a_log_is_narrowed_to_what_is_found(void **state)
{
	struct drive drive;

	(void)state;
	open_log(&drive, 24, 80);
	say_lines(&drive, 0, 200);
	drive_keys(&drive, "&");
	check_has("nothing to find yet", drive_frame(&drive, false), "/ searches");
	drive_type(&drive, "/~point.*50 or \"point 7 \"");
	drive_keys(&drive, "enter &");
	check_has("said", drive_frame(&drive, false), " only /~point");
	check_has("one", drive_frame(&drive, false),
		"checkpoint 7 of job completed\n10:00:00,000 INFO  checkpoint 50 of job completed\n"
		"10:00:00,000 INFO  checkpoint 150 of job completed\n");
	say(&drive, "checkpoint 350\nanother\n");
	check_has("what comes", drive_frame(&drive, false), "\ncheckpoint 350\n");
	check_bool("and what not", strstr(drive_frame(&drive, false), "another") != NULL, false);
	drive_keys(&drive, "N &");
	check_has("all again, at that place", drive_frame(&drive, false),
		"checkpoint 49 of job completed\n10:00:00,000 INFO  checkpoint 50 of");
	drive_keys(&drive, "& esc G");
	check_bool("esc ends it", strstr(drive_frame(&drive, false), " only /") != NULL, false);
	check_has("all of it", drive_frame(&drive, false), "another");
	drive_close(&drive);
}

/* Where a list has columns, a text has none: said at once, and once more when it was taken. */
static void columns_mean_nothing_in_a_log(void **state)
{
	struct drive drive;

	(void)state;
	open_log(&drive, 15, 100);
	say_lines(&drive, 0, 20);
	drive_type(&drive, "/checkpoint state:RUNNING");
	check_has("where, and what to do", drive_frame(&drive, false),
		"filter, column 12: 'state' is a column of a list, and this is a text: in quotes "
		"it "
		"is a word");
	drive_keys(&drive, "enter");
	check_has("taken all the same", drive_frame(&drive, false), "'state' is a column");
	drive_keys(&drive, "/ ctrl-u");
	drive_type(&drive, "'state:RUNNING");
	check_has("a word", drive_frame(&drive, false), "0 hits");
	check_bool("right", strstr(drive_frame(&drive, false), "is a column") != NULL, false);
	drive_close(&drive);
}

static void a_log_is_not_panned(void **state)
{
	struct drive drive;
	char *before;

	(void)state;
	open_log(&drive, 15, 60);
	say(&drive,
		"a line that is so long that it has to be broken at the edge of this screen, at "
		"least once\n");
	before = xstrdup(drive_frame(&drive, true));
	drive_keys(&drive, "right right");
	check_str("as before", drive_frame(&drive, true), before);
	free(before);
	drive_close(&drive);
}

static void a_log_is_saved_where_it_is_said(void **state)
{
	struct drive drive;

	(void)state;
	open_log(&drive, 24, 80);
	say(&drive, "one\ntwo\n");
	drive_keys(&drive, "s");
	check_has("where", drive_frame(&drive, false), "~/ods-order-sync-JobManager.log");
	drive_keys(&drive, "ctrl-u / t m p / x enter");
	check_str("path", drive.saved_path, "/tmp/x");
	check_str("text", drive.saved_text, "one\ntwo\n");
	drive_close(&drive);
}

static void a_long_log_keeps_its_end(void **state)
{
	struct drive drive;

	(void)state;
	open_log(&drive, 24, 80);
	for (int i = 0; i < 12; i++)
		say_lines(&drive, i * 5000, (i + 1) * 5000);
	check_has("the end", drive_frame(&drive, false), "checkpoint 59999 ");
	drive_keys(&drive, "g g");
	check_has("the start is gone", drive_frame(&drive, false), "left out");
	drive_close(&drive);
}

static void a_log_that_cannot_be_read_says_why(void **state)
{
	struct drive drive;
	struct err err;

	(void)state;
	open_log(&drive, 24, 80);
	err_set(&err, E_NET, "sessions: connection refused");
	drive.log.done(drive.log.data, &err);
	drive.is_log_open = false;
	screen_draw(drive.screen, drive.canvas);
	check_has("why", drive_frame(&drive, false), "sessions: connection refused");
	drive_keys(&drive, "q");
	drive_close(&drive);
}

static void logs_look_like_this(void **state)
{
	static const struct {
		int rows, cols;
	} sizes[] = {{24, 80}, {15, 60}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct drive drive;
		char name[64];

		drive_open(&drive, fixture_fleet(), sizes[i].rows, sizes[i].cols);
		drive_keys(&drive, "/ o r d e r - s y enter l");
		snprintf(name, sizeof(name), "log-which-%dx%d", sizes[i].cols, sizes[i].rows);
		drive_golden(&drive, name);
		drive_keys(&drive, "enter");
		say_lines(&drive, 0, 40);
		drive.log.on_note(drive.log.data, "the log is read as a whole: 87 MB");
		drive_keys(&drive, "/ 3 7 enter");
		snprintf(name, sizeof(name), "log-%dx%d", sizes[i].cols, sizes[i].rows);
		drive_golden(&drive, name);
		drive_close(&drive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_log_is_asked),
		cmocka_unit_test(a_log_is_followed_until_somebody_scrolls),
		cmocka_unit_test(a_log_is_searched),
		cmocka_unit_test(a_log_is_narrowed_to_what_is_found),
		cmocka_unit_test(columns_mean_nothing_in_a_log),
		cmocka_unit_test(a_log_is_not_panned),
		cmocka_unit_test(a_log_is_saved_where_it_is_said),
		cmocka_unit_test(a_long_log_keeps_its_end),
		cmocka_unit_test(a_log_that_cannot_be_read_says_why),
		cmocka_unit_test(logs_look_like_this),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
