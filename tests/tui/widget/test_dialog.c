#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/support/check.h"
#include "tests/support/golden.h"
#include "tests/support/lang.h"
#include "tests/tui/widget/mono.h"
#include "tui/widget/dialog.h"

/* Keys by name, separated by blanks. Returns what the last one was. */
static enum dialog_event type(struct dialog *dialog, const char *names)
{
	char *copy = xstrdup(names), *rest = copy, *name;
	enum dialog_event event = DIALOG_OPEN;

	while ((name = strsep(&rest, " "))) {
		struct key key;
		if (!*name)
			continue;
		check_bool(name, key_parse(name, &key), true);
		event = dialog_key(dialog, &key);
	}
	free(copy);
	return event;
}

static enum dialog_event paste(struct dialog *dialog, const char *text)
{
	return dialog_key(dialog, &(struct key){.sym = KEY_SYM_PASTE, .paste = text});
}

static void confirm_takes_nothing_but_a_yes(void **state)
{
	static const struct {
		const char *name, *typed, *keys;
		enum dialog_event event;
	} rows[] = {
		{"y", NULL, "y", DIALOG_YES},
		{"Y", NULL, "Y", DIALOG_YES},
		{"enter", NULL, "enter", DIALOG_OPEN},
		{"space", NULL, "space", DIALOG_OPEN},
		{"alt-y", NULL, "alt-y", DIALOG_OPEN},
		{"n", NULL, "n", DIALOG_NO},
		{"q", NULL, "q", DIALOG_NO},
		{"esc", NULL, "esc", DIALOG_NO},
		{"ctrl-c", NULL, "ctrl-c", DIALOG_NO},
		{"scrolled, then y", NULL, "down pgdn G g k j y", DIALOG_YES},
		{"a further key", NULL, "f", DIALOG_KEY},
		{"whole name", "ab", "a b enter", DIALOG_YES},
		{"part of it", "ab", "a enter", DIALOG_OPEN},
		{"more than it", "ab", "a b c enter", DIALOG_OPEN},
		{"what was typed is kept", "ab", "a enter b enter", DIALOG_YES},
		{"not by Enter once more", "ab", "a enter enter", DIALOG_OPEN},
		{"backspace on nothing", "ab", "backspace a b enter", DIALOG_YES},
		{"no further keys while a name is typed", "ab", "f", DIALOG_OPEN},
		{"esc on a name", "ab", "a b esc", DIALOG_NO},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dialog *dialog = dialog_new();
		dialog_open(dialog,
			&(struct dialog_options){.kind = DIALOG_CONFIRM,
				.title = "stop: x",
				.body = "a\nb",
				.name = rows[i].typed,
				.keys = "f from…\nv view"});
		check_int(rows[i].name, type(dialog, rows[i].keys), rows[i].event);
		if (rows[i].event == DIALOG_KEY)
			check_int(rows[i].name, dialog_pressed(dialog), 'f');
		dialog_free(dialog);
	}
}

static void a_text_is_edited(void **state)
{
	struct dialog *dialog = dialog_new();

	(void)state;
	dialog_open(dialog,
		&(struct dialog_options){
			.kind = DIALOG_TEXT, .title = "copy", .text = "order-sync"});
	check_int("typed", type(dialog, "ctrl-w n e w enter"), DIALOG_YES);
	check_str("text", dialog_text(dialog), "new");
	check_int("esc", type(dialog, "esc"), DIALOG_NO);
	/* The next question knows nothing of the former: not by the history either. */
	dialog_open(dialog, &(struct dialog_options){.kind = DIALOG_TEXT, .title = "copy"});
	type(dialog, "ctrl-p ctrl-y");
	check_str("empty", dialog_text(dialog), "");
	dialog_free(dialog);
}

static void a_password_is_typed_pasted_and_wiped(void **state)
{
	static const struct {
		const char *name, *keys, *paste, *more, *want;
	} rows[] = {
		{"typed", "s e c space t", NULL, "", "sec t"},
		{"erased", "a b backspace c", NULL, "", "ac"},
		{"a whole character is erased", "密 码 backspace", NULL, "", "密"},
		{"all erased", "a b ctrl-u c", NULL, "", "c"},
		{"backspace on nothing", "backspace a", NULL, "", "a"},
		{"any byte", "", "a\xff\x80z", "left backspace", "az"},
		{"pasted", "a", "bcd", "e", "abcde"},
		{"pasted with its line end", "", "bcd\n", "", "bcd"},
		{"two lines are no password", "", "bcd\nef", "x", "x"},
		{"up and tab are none of it", "a up tab f1 b", NULL, "", "ab"},
		{"edited as a text is", "b ctrl-a a ctrl-e d left c", NULL, "", "abcd"},
		{"a word of it", "a space b c ctrl-w d", NULL, "", "a d"},
		{"the rest of it", "a b c left left ctrl-k", NULL, "x", "ax"},
		{"pasted in the middle", "a d left", "bc", "", "abcd"},
		{"what is cut is nowhere", "a b ctrl-u ctrl-y c", NULL, "", "c"},
		{"nor is it in a history", "a ctrl-p b", NULL, "", "ab"},
		{"an alt key is none of it", "a alt-x b", NULL, "", "ab"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dialog *dialog = dialog_new();
		dialog_open(dialog,
			&(struct dialog_options){.kind = DIALOG_PASSWORD, .title = "host gw"});
		type(dialog, rows[i].keys);
		if (rows[i].paste)
			paste(dialog, rows[i].paste);
		type(dialog, rows[i].more);
		check_int(rows[i].name, type(dialog, "enter"), DIALOG_YES);
		check_str(rows[i].name, dialog_text(dialog), rows[i].want);
		const char *where = dialog_text(dialog);
		dialog_close(dialog);
		for (size_t k = 0; k < DIALOG_PASSWORD_MAX; k++)
			check_int("wiped", where[k], 0);
		check_int(rows[i].name, type(dialog, "esc"), DIALOG_NO);
		dialog_free(dialog);
	}
}

static void a_password_too_long_is_not_cut(void **state)
{
	struct dialog *dialog = dialog_new();
	char *text = xcalloc(1, DIALOG_PASSWORD_MAX + 2);

	(void)state;
	memset(text, 'x', DIALOG_PASSWORD_MAX);
	dialog_open(dialog, &(struct dialog_options){.kind = DIALOG_PASSWORD, .title = "host gw"});
	paste(dialog, text);
	check_str("nothing", dialog_text(dialog), "");
	text[DIALOG_PASSWORD_MAX - 1] = '\0';
	paste(dialog, text);
	check_str("all of it", dialog_text(dialog), text);
	type(dialog, "y");
	check_str("no more", dialog_text(dialog), text);
	free(text);
	dialog_free(dialog);
}

static const char *const starts[] = {
	"latest checkpoint  #17, 2m old", "pick a restore point…", "from nothing"};

static void a_choice_is_one_line(void **state)
{
	static const struct {
		const char *name, *keys;
		enum dialog_event event;
		size_t chosen;
	} rows[] = {
		{"the selected one", "enter", DIALOG_YES, 1},
		{"down", "j enter", DIALOG_YES, 2},
		{"not past the end", "j j j j enter", DIALOG_YES, 2},
		{"not before the start", "k up up enter", DIALOG_YES, 0},
		{"a digit", "3 enter", DIALOG_YES, 2},
		{"a digit without a line", "3 9 enter", DIALOG_YES, 2},
		{"a digit alone takes nothing", "3", DIALOG_OPEN, 2},
		{"end", "G enter", DIALOG_YES, 2},
		{"top", "G g enter", DIALOG_YES, 0},
		{"esc", "esc", DIALOG_NO, 1},
		{"q", "q", DIALOG_NO, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dialog *dialog = dialog_new();
		dialog_open(dialog,
			&(struct dialog_options){.kind = DIALOG_CHOICE,
				.title = "start from",
				.cells = starts,
				.column_count = 1,
				.row_count = ARRAY_SIZE(starts),
				.selected = 1});
		check_int(rows[i].name, type(dialog, rows[i].keys), rows[i].event);
		check_int(rows[i].name, (int64_t)dialog_chosen(dialog), (int64_t)rows[i].chosen);
		dialog_free(dialog);
	}
}

static const char *const titles[] = {"TIME", "KIND", ">SIZE", "VERIFIED", "JOB", "PATH"};
static const char *const points[][6] = {
	{"2026-11-21 09:57:12", "savepoint", "1.2 GiB", "2m ago", "订单同步",
		"hdfs://nn1:8020/flink/savepoints/savepoint-5fae12-0c6ee1d4c0de"},
	{"2026-11-21 09:40:00", "checkpoint", "1.1 GiB", "not verified", "订单同步",
		"hdfs://nn1:8020/flink/checkpoints/5fae12000000000000000000000000000/chk-204"},
	{"2026-11-20 22:10:31", "checkpoint", NULL, "gone", "order-sync",
		"s3://bucket/flink/checkpoints/aa0000000000000000000000000000ff/chk-17"},
};

static void open_points(struct dialog *dialog, size_t count)
{
	dialog_open(dialog,
		&(struct dialog_options){.kind = DIALOG_PICKER,
			.title = "start ods/order-sync from",
			.titles = titles,
			.cells = (const char *const *)points,
			.column_count = 6,
			.row_count = count,
			.empty = "No restore point of this application is known."});
}

static void a_picker_is_filtered(void **state)
{
	static const struct {
		const char *name, *keys;
		enum dialog_event event;
		size_t chosen;
	} rows[] = {
		{"the first", "enter", DIALOG_YES, 0},
		{"by arrows", "down down enter", DIALOG_YES, 2},
		{"by ctrl-n", "ctrl-n enter", DIALOG_YES, 1},
		{"by a word", "s 3 enter", DIALOG_YES, 2},
		{"by two words", "c h e c k space 2 0 4 enter", DIALOG_YES, 1},
		{"by CJK", "订 单 down enter", DIALOG_YES, 1},
		{"the selected one stays",
			"down c h e c k backspace backspace backspace backspace "
			"backspace enter",
			DIALOG_YES, 1},
		{"nothing left, nothing taken", "z z z enter", DIALOG_OPEN, 0},
		{"esc takes the filter away", "z z z esc enter", DIALOG_YES, 0},
		{"esc again leaves", "z esc esc", DIALOG_NO, 0},
		{"q is a letter", "q", DIALOG_OPEN, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dialog *dialog = dialog_new();
		open_points(dialog, ARRAY_SIZE(points));
		check_int(rows[i].name, type(dialog, rows[i].keys), rows[i].event);
		check_int(rows[i].name, (int64_t)dialog_chosen(dialog), (int64_t)rows[i].chosen);
		dialog_free(dialog);
	}
}

/* -- how they look -- */

static const char *const kinds[] = {"jar",
	"a program in a JAR, built from git or taken from a file", "sql",
	"statements in the file itself", "pyflink", "a Python program"};
static const struct dialog_field fields[] = {
	{.label = "Type", .choices = kinds, .choice_count = 3, .text = "sql"},
	{.label = "团队",
		.text = "订单与支付平台的实时计算小组订单与支付平台的实时计算小组订单与支付平台的实"
			"时计算小组",
		.is_needed = true},
	{.label = "Restore point",
		.text = "hdfs://nn1.internal:8020/flink/savepoints/savepoint-5fae12-0c6e-1d4c0de",
		.wrong = "hdfs://nn1.internal:8020 does not know it"},
	{.label = "Owner", .text = "li"},
};
static const struct dialog_field many_fields[] = {
	{.label = "One"},
	{.label = "Two"},
	{.label = "Three", .wrong = "this is wrong"},
	{.label = "Four"},
	{.label = "Five", .choices = kinds, .choice_count = 3},
	{.label = "Six"},
	{.label = "Seven"},
	{.label = "Eight"},
	{.label = "Nine", .text = "9"},
};

#define CALLS                                                                                      \
	"POST http://jm1.internal:8081/jobs/00000000000000000000000000000001/stop {\"drain\": "    \
	"false, \"triggerId\": \"ffffffffffffffffffffffffffffffff\"}\n"                            \
	"GET http://jm1.internal:8081/jobs/00000000000000000000000000000001/status until it is "   \
	"FINISHED\n"
#define MANY                                                                                       \
	"git clone https://git.example/rt/jobs.git\ngit checkout main\nmvn -B -q package\n"        \
	"mkdir releases/ods/order-sync/4\ncopy target/order-sync.jar\nsha256sum\nactivate "        \
	"4\n" CALLS "POST http://jm1.internal:8081/jars/upload\nPOST …/run\nGET "                \
	"…/tasks\n作业从保存点继续\n" CALLS

static void draw(struct dialog *dialog, const char *name, const char *keys)
{
	static const struct {
		int rows, cols;
		const char *suffix;
	} sizes[] = {{24, 80, ""}, {15, 60, ""}, {40, 120, ""}, {15, 60, "-ascii"},
		{24, 80, "-mono"}, {24, 80, "-zh"}, {15, 60, "-zh"}, {40, 120, "-zh"}};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct canvas *canvas = canvas_new(sizes[i].rows, sizes[i].cols);
		char *golden = xasprintf(
			"dialog-%s-%dx%d%s", name, sizes[i].cols, sizes[i].rows, sizes[i].suffix);
		struct rect rect = {2, 0, sizes[i].rows - 3, sizes[i].cols};
		struct buf text;
		canvas->ascii = str_eq(sizes[i].suffix, "-ascii");
		lang_use(str_eq(sizes[i].suffix, "-zh") ? "zh_CN" : "en");
		buf_init(&text, 0);
		/* Keys ask the last drawing how much was seen. */
		dialog_draw(dialog, canvas, rect);
		if (!i)
			type(dialog, keys);
		canvas_clear(canvas);
		dialog_draw(dialog, canvas, rect);
		if (str_eq(sizes[i].suffix, "-mono"))
			mono_dump(canvas, &text);
		else
			canvas_dump(canvas, &text, true);
		check_golden(golden, buf_str(&text));
		buf_release(&text);
		free(golden);
		canvas_free(canvas);
	}
	lang_use("en");
}

static void dialogs_look_as_saved(void **state)
{
	static const struct {
		const char *name, *keys;
		struct dialog_options options;
	} rows[] = {
		{"confirm", "",
			{.kind = DIALOG_CONFIRM,
				.title = "stop: ods/order-sync",
				.body = CALLS,
				.keys = "f from…"}},
		{"confirm-warned", "",
			{.kind = DIALOG_CONFIRM,
				.title = "start: ods/order-sync",
				.warnings = "the file has changed since release 3\ncheckpoints are "
					    "not retained: they are deleted when the job ends",
				.body = CALLS,
				.name = "order-sync"}},
		{"confirm-long", "",
			{.kind = DIALOG_CONFIRM,
				.title = "ship: ods/order-sync",
				.body = MANY,
				.warnings = "a new build command"}},
		{"confirm-end", "G",
			{.kind = DIALOG_CONFIRM,
				.title = "ship: ods/order-sync",
				.body = MANY,
				.warnings = "a new build command"}},
		{"text", "ctrl-w 新 i n g",
			{.kind = DIALOG_TEXT,
				.title = "copy ods/order-sync",
				.body = "The name of the copy:",
				.text = "order-sync"}},
		{"password", "s e c r e t",
			{.kind = DIALOG_PASSWORD,
				.title = "host bastion",
				.body = "One-time password for ops@bastion:"}},
		{"form", "",
			{.kind = DIALOG_FORM,
				.title = "new application in prod",
				.body = "Then the editor opens its file.",
				.fields = fields,
				.field_count = ARRAY_SIZE(fields)}},
		{"form-choice", "up up p",
			{.kind = DIALOG_FORM,
				.title = "new application in prod",
				.fields = fields,
				.field_count = ARRAY_SIZE(fields)}},
		{"form-many", "tab tab tab tab tab tab x",
			{.kind = DIALOG_FORM,
				.title = "many",
				.body = "More than a small screen holds.",
				.fields = many_fields,
				.field_count = ARRAY_SIZE(many_fields)}},
		{"confirm-indented", "",
			{.kind = DIALOG_CONFIRM,
				.title = "savepoint: 2 of 2 marked",
				.body = "ods/order-sync\n"
					"  POST http://jm1.internal:8081/jobs/"
					"00000000000000000000000000000001/savepoints "
					"{\"cancel-job\": "
					"false, \"formatType\": \"CANONICAL\"}\n"
					"ods/订单\n"
					"    "
					"作业从保存点继续，作业从保存点继续，作业从保存点继续，作业"
					"从保存点继续，"
					"作业从保存点继续，作业从保存点继续\n",
				.name = "2"}},
		{"confirm-number", "3 enter",
			{.kind = DIALOG_CONFIRM,
				.title = "stop: 2 of 2 marked",
				.body = "ods/order-sync\n",
				.name = "2"}},
		{"choice", "j",
			{.kind = DIALOG_CHOICE,
				.title = "start ods/order-sync from",
				.cells = starts,
				.column_count = 1,
				.row_count = ARRAY_SIZE(starts)}},
		{"picker", "down",
			{.kind = DIALOG_PICKER,
				.title = "start ods/order-sync from",
				.titles = titles,
				.cells = (const char *const *)points,
				.column_count = 6,
				.row_count = 3}},
		{"picker-empty", "",
			{.kind = DIALOG_PICKER,
				.title = "start ods/order-sync from",
				.titles = titles,
				.column_count = 6,
				.empty = "No restore point of this application is known."}},
		{"picker-none", "z z",
			{.kind = DIALOG_PICKER,
				.title = "start ods/order-sync from",
				.titles = titles,
				.cells = (const char *const *)points,
				.column_count = 6,
				.row_count = 3}},
		{"show", "",
			{.kind = DIALOG_SHOW,
				.title = "Flink web UI",
				.body = "http://127.0.0.1:41234/#/job/5fae12/overview",
				.keys = "c copy"}},
		{"escape", "",
			{.kind = DIALOG_CONFIRM,
				.title = "stop: \033[2J",
				.body = "evil \033[31m\u202e name\t\n\033]0;x\007"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dialog *dialog = dialog_new();
		dialog_open(dialog, &rows[i].options);
		draw(dialog, rows[i].name, rows[i].keys);
		dialog_free(dialog);
	}
}

static void a_password_is_on_no_frame(void **state)
{
	struct dialog *dialog = dialog_new();
	struct canvas *canvas = canvas_new(24, 80);
	struct buf none, some;

	(void)state;
	buf_init(&none, 0);
	buf_init(&some, 0);
	dialog_open(dialog, &(struct dialog_options){.kind = DIALOG_PASSWORD, .title = "host gw"});
	dialog_draw(dialog, canvas, (struct rect){0, 0, 24, 80});
	canvas_dump(canvas, &none, true);
	type(dialog, "h u n t e r");
	dialog_draw(dialog, canvas, (struct rect){0, 0, 24, 80});
	canvas_dump(canvas, &some, true);
	check_str("not even its length", buf_str(&some), buf_str(&none));
	buf_release(&none);
	buf_release(&some);
	canvas_free(canvas);
	dialog_free(dialog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(confirm_takes_nothing_but_a_yes),
		cmocka_unit_test(a_text_is_edited),
		cmocka_unit_test(a_password_is_typed_pasted_and_wiped),
		cmocka_unit_test(a_password_too_long_is_not_cut),
		cmocka_unit_test(a_choice_is_one_line),
		cmocka_unit_test(a_picker_is_filtered),
		cmocka_unit_test(dialogs_look_as_saved),
		cmocka_unit_test(a_password_is_on_no_frame),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
