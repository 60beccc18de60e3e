/* A form: how its keys go from field to field, and when it is a yes. How it looks is in test_dialog.c. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"
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

static const char *const kinds[] = {"jar", "a program", "sql", "statements", "pyflink", "Python"};

static void open_form(struct dialog *dialog, const char *wrong)
{
	const struct dialog_field fields[] = {
		{.label = "Type", .choices = kinds, .choice_count = 3},
		{.label = "Team", .text = "ods", .is_needed = true},
		{.label = "Name", .is_needed = true, .wrong = wrong},
	};

	dialog_open(dialog,
		&(struct dialog_options){.kind = DIALOG_FORM,
			.title = "new",
			.fields = fields,
			.field_count = ARRAY_SIZE(fields)});
}

static void keys_fill_fields(void **state)
{
	static const struct {
		const char *name, *keys;
		enum dialog_event event;
		const char *type, *team, *app;
	} rows[] = {
		{"enter goes on, and is a yes on the last", "enter enter a enter", DIALOG_YES,
			"jar", "ods", "a"},
		{"enter alone is none", "enter enter", DIALOG_OPEN, "jar", "ods", ""},
		{"tab and back", "tab tab a tab tab b shift-tab shift-tab ctrl-e c", DIALOG_OPEN,
			"jar", "odsb", "ac"},
		{"arrows", "down down a up b up right", DIALOG_OPEN, "sql", "odsb", "a"},
		{"around", "up a down right right", DIALOG_OPEN, "pyflink", "ods", "a"},
		{"ctrl-n ctrl-p", "ctrl-n ctrl-n a ctrl-p b", DIALOG_OPEN, "jar", "odsb", "a"},
		{"a choice by its letter", "p", DIALOG_OPEN, "pyflink", "ods", ""},
		{"by no letter", "x", DIALOG_OPEN, "jar", "ods", ""},
		{"by space, around", "space space space", DIALOG_OPEN, "jar", "ods", ""},
		{"by left, around", "left", DIALOG_OPEN, "pyflink", "ods", ""},
		{"ctrl-s from anywhere", "up a up ctrl-s", DIALOG_YES, "jar", "ods", "a"},
		{"not while something is missing", "ctrl-s", DIALOG_OPEN, "jar", "ods", ""},
		{"then it is asked for", "ctrl-s a enter", DIALOG_YES, "jar", "ods", "a"},
		{"the first that is missing", "tab ctrl-u tab a enter d w d", DIALOG_OPEN, "jar",
			"dwd", "a"},
		{"a text is edited", "tab ctrl-a x ctrl-k y tab ctrl-y", DIALOG_OPEN, "jar", "xy",
			""},
		{"backspace on nothing", "up backspace backspace a", DIALOG_OPEN, "jar", "ods",
			"a"},
		{"q is a letter", "tab q", DIALOG_OPEN, "jar", "odsq", ""},
		{"space is one, too", "tab space x", DIALOG_OPEN, "jar", "ods x", ""},
		{"CJK", "up 订 单 left backspace", DIALOG_OPEN, "jar", "ods", "单"},
		{"esc", "up a esc", DIALOG_NO, "jar", "ods", "a"},
		{"ctrl-c", "tab ctrl-c", DIALOG_NO, "jar", "ods", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dialog *dialog = dialog_new();

		open_form(dialog, NULL);
		check_int(rows[i].name, type(dialog, rows[i].keys), rows[i].event);
		check_str(rows[i].name, dialog_field_text(dialog, 0), rows[i].type);
		check_str(rows[i].name, dialog_field_text(dialog, 1), rows[i].team);
		check_str(rows[i].name, dialog_field_text(dialog, 2), rows[i].app);
		check_str("none", dialog_field_text(dialog, 3), "");
		dialog_free(dialog);
	}
}

static bool is_seen(struct dialog *dialog, int rows, const char *text)
{
	struct canvas *canvas = canvas_new(rows, 60);
	struct buf frame;
	bool is_so;

	buf_init(&frame, 0);
	dialog_draw(dialog, canvas, (struct rect){0, 0, rows, 60});
	canvas_dump(canvas, &frame, false);
	is_so = strstr(buf_str(&frame), text) != NULL;
	buf_release(&frame);
	canvas_free(canvas);
	return is_so;
}

static void what_is_wrong_stands_there_until_it_is_changed(void **state)
{
	struct dialog *dialog = dialog_new();

	(void)state;
	open_form(dialog, "is there already");
	check_bool("told", is_seen(dialog, 15, "is there already"), true);
	check_bool("where the keys are", is_seen(dialog, 15, "Name >"), true);
	type(dialog, "up down left");
	check_bool("still", is_seen(dialog, 15, "is there already"), true);
	type(dialog, "a");
	check_bool("another text", is_seen(dialog, 15, "is there already"), false);
	dialog_free(dialog);
}

/* However few lines there are, the one that is typed is among them. */
static void the_field_of_the_keys_is_always_seen(void **state)
{
	struct dialog *dialog = dialog_new();

	(void)state;
	for (int rows = 4; rows < 16; rows++) {
		open_form(dialog, NULL);
		check_bool("the first", is_seen(dialog, rows, "Type >"), true);
		type(dialog, "tab");
		check_bool("the second", is_seen(dialog, rows, "Team > ods"), true);
		type(dialog, "tab ctrl-s x");
		check_bool("the last", is_seen(dialog, rows, "Name > x"), true);
	}
	dialog_free(dialog);
}

static void a_form_without_fields_is_refused(void **state)
{
	struct dialog *dialog = dialog_new();

	(void)state;
	dialog_open(dialog, &(struct dialog_options){.kind = DIALOG_FORM, .title = "nothing"});
	check_int("enter", type(dialog, "enter"), DIALOG_NO);
	dialog_free(dialog);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_fill_fields),
		cmocka_unit_test(what_is_wrong_stands_there_until_it_is_changed),
		cmocka_unit_test(the_field_of_the_keys_is_always_seen),
		cmocka_unit_test(a_form_without_fields_is_refused),
	};

	check_locale();
	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
