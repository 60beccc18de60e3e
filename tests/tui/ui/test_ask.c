/* What the world asks: one dialog at a time, answered once, by nothing that was typed for others. */
#include "tests/tui/ui/drive.h"

struct answer {
	int done;
	char *text;
};

static void on_answer(void *data, const char *text)
{
	struct answer *answer = data;

	answer->done++;
	free(answer->text);
	answer->text = xstrdup_null(text);
}

static void ask(struct drive *drive, int kind, const char *title, struct answer *answer)
{
	*answer = (struct answer){0};
	screen_ask(drive->screen,
		&(struct screen_question){
			.kind = kind,
			.title = title,
			.body = "The key of jm1 is not known.\nssh-ed25519 SHA256:abc\n",
			.refused = "host gw: not answered",
			.needs_text = true,
			.done = on_answer,
			.data = answer,
		});
	screen_draw(drive->screen, drive->canvas);
}

static void a_secret_is_answered_and_never_shown(void **state)
{
	struct drive drive;
	struct answer answer;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	ask(&drive, SCREEN_ASK_SECRET, "host gw: password", &answer);
	assert_true(drive.wakes > 0);
	check_has("whose", drive_frame(&drive, false), "host gw: password");
	drive_keys(&drive, "enter");
	check_int("Enter alone is none", answer.done, 0);
	drive_type(&drive, "hunter2");
	assert_null(strstr(drive_frame(&drive, false), "hunter"));
	drive_keys(&drive, "enter");
	check_int("once", answer.done, 1);
	check_str("answer", answer.text, "hunter2");
	assert_null(strstr(drive_frame(&drive, false), "host gw"));
	drive_keys(&drive, "j enter");
	check_has("the list is back", drive_frame(&drive, false), "FINISHED");
	drive_close(&drive);
	check_int("not again", answer.done, 1);
	free(answer.text);
}

static void a_host_key_takes_a_typed_yes(void **state)
{
	static const struct {
		const char *keys;
		int done;
		const char *want;
	} rows[] = {
		{"y", 0, NULL},
		{"enter y enter", 0, NULL},
		{"y e s", 0, NULL},
		{"y e s enter", 1, "yes"},
		{"n o enter ctrl-u y e s enter", 1, "yes"},
		{"esc", 1, NULL},
		{"y e s ctrl-c", 1, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;
		struct answer answer;

		drive_open(&drive, fixture_fleet(), 24, 80);
		ask(&drive, SCREEN_ASK_YES, "host gw: unknown host key", &answer);
		drive_keys(&drive, rows[i].keys);
		check_int(rows[i].keys, answer.done, rows[i].done);
		check_str(rows[i].keys, answer.text, rows[i].want);
		drive_close(&drive);
		check_int("refused at the latest with the screen", answer.done, 1);
		free(answer.text);
	}
}

static void questions_wait_in_line(void **state)
{
	struct drive drive;
	struct answer first, second, third;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	/* Somebody types a filter: his letters are no password. */
	drive_keys(&drive, "/ o r");
	ask(&drive, SCREEN_ASK_SECRET, "host one", &first);
	ask(&drive, SCREEN_ASK_TEXT, "host two", &second);
	ask(&drive, SCREEN_ASK_SECRET, "host three", &third);
	assert_null(strstr(drive_frame(&drive, false), "host one"));
	drive_keys(&drive, "d enter");
	check_has("now", drive_frame(&drive, false), "host one");
	drive_keys(&drive, "a enter");
	check_str("first", first.text, "a");
	check_has("the next", drive_frame(&drive, false), "host two");
	drive_keys(&drive, "esc");
	check_int("second", second.done, 1);
	check_str("refused", second.text, NULL);
	check_has("said so", drive_frame(&drive, false), "host gw: not answered");
	check_has("the last", drive_frame(&drive, false), "host three");
	drive_keys(&drive, "c enter");
	check_str("third", third.text, "c");
	free(first.text);
	free(second.text);
	free(third.text);
	drive_close(&drive);
}

static void a_question_waits_for_a_dialog(void **state)
{
	struct drive drive;
	struct answer answer;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	drive.plan = (struct screen_plan){.calls = (char *)"POST /stop\n"};
	drive_keys(&drive, "T");
	ask(&drive, SCREEN_ASK_SECRET, "host gw: password", &answer);
	check_has("the verb is asked", drive_frame(&drive, false), "POST /stop");
	drive_keys(&drive, "y");
	check_int("done", drive.acts, 1);
	check_has("then the host", drive_frame(&drive, false), "host gw: password");
	drive_close(&drive);
	free(answer.text);
}

static void a_question_can_be_withdrawn(void **state)
{
	struct drive drive;
	struct answer first, second;

	(void)state;
	drive_open(&drive, fixture_fleet(), 24, 80);
	ask(&drive, SCREEN_ASK_SECRET, "host one", &first);
	ask(&drive, SCREEN_ASK_SECRET, "host two", &second);
	drive_type(&drive, "half");
	screen_unask(drive.screen, &first);
	screen_draw(drive.screen, drive.canvas);
	check_has("the next", drive_frame(&drive, false), "host two");
	drive_keys(&drive, "x enter");
	check_str("nothing of the former", second.text, "x");
	check_int("the former is not called", first.done, 0);
	free(second.text);
	drive_close(&drive);
}

static void questions_look_like_this(void **state)
{
	static const struct {
		const char *name, *title;
		int kind, rows, cols;
	} rows[] = {
		{"ask-host-key-80x24", "host gw: unknown host key", SCREEN_ASK_YES, 24, 80},
		{"ask-host-key-60x15", "host gw: unknown host key", SCREEN_ASK_YES, 15, 60},
		{"ask-password-80x24", "host gw: password", SCREEN_ASK_SECRET, 24, 80},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;
		struct answer answer;

		drive_open(&drive, fixture_fleet(), rows[i].rows, rows[i].cols);
		ask(&drive, rows[i].kind, rows[i].title, &answer);
		drive_golden(&drive, rows[i].name);
		drive_close(&drive);
		free(answer.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_answered_and_never_shown),
		cmocka_unit_test(a_host_key_takes_a_typed_yes),
		cmocka_unit_test(questions_wait_in_line),
		cmocka_unit_test(a_question_waits_for_a_dialog),
		cmocka_unit_test(a_question_can_be_withdrawn),
		cmocka_unit_test(questions_look_like_this),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
