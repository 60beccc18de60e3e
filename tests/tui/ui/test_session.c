/* Where a person was returns at the next start; what is broken, foreign or gone does no harm. */
#include "tests/tui/ui/drive.h"

static char *kept_text(struct drive *drive, const char *theme, const char *instead_of)
{
	struct buf text;

	buf_init(&text, 0);
	screen_session_text(drive->screen, theme, instead_of, &text);
	return buf_detach(&text);
}

/* The next start, at the same fleet; frees `text`. */
static void start_with(struct drive *drive, char *text)
{
	struct err err = {0};

	drive_open_as(drive, fixture_fleet(), 40, 120, NULL);
	check_ok(text, screen_session_take(drive->screen, text, strlen(text), &err), &err);
	screen_loaded(drive->screen);
	screen_draw(drive->screen, drive->canvas);
	free(text);
}

/* Without its right end, where the columns are told that have no room. Static. */
static const char *line_of(struct drive *drive, int line)
{
	static char lines[8][64];
	static int next;
	const char *at = drive_frame(drive, false);
	char *out = lines[next++ % 8];

	while (line-- && (at = strchr(at, '\n')))
		at++;
	snprintf(out, sizeof(lines[0]), "%.40s", at ? at : "");
	out[strcspn(out, "\n")] = '\0';
	if (strstr(out, "   "))
		*strstr(out, "   ") = '\0';
	return out;
}

static void what_was_made_of_the_lists_returns(void **state)
{
	static const struct {
		const char *name, *keys;
	} rows[] = {
		{"nothing", ""},
		{"another list", "tab"},
		{"a filter", "/ r u n enter"},
		{"a filter of two lists", "/ o d s enter tab / s e s enter"},
		{"a selection", "j j j"},
		{"the last line", "G"},
		{"an order", "s s"},
		{"the order upside down", "i"},
		{"wide", "w"},
		{"columns", "| space J J + + enter"},
		{"groups", "t t j j j"},
		{"marks", "space space j space"},
		{"marks of the jobs", "tab tab tab space G space"},
		{"what needs attention", "!"},
		{"all of it", "tab tab tab / u n n enter s i w j"},
		{"a card", "j j enter"},
		{"a card's tab", "j enter c"},
		{"a card from the jobs", "tab tab tab j enter"},
	};

	char *fresh = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive before, after;
		char *left, *found, *out, *out_again;

		drive_open(&before, fixture_fleet(), 40, 120);
		drive_keys(&before, rows[i].keys);
		left = kept_text(&before, NULL, NULL);
		start_with(&after, kept_text(&before, NULL, NULL));
		found = kept_text(&after, NULL, NULL);
		check_str(rows[i].name, found, left);
		/* Widths are those of what was shown before; the first two lines are the fleet's. */
		check_str(rows[i].name, line_of(&after, 2), line_of(&before, 2));
		if (!fresh)
			fresh = xstrdup(left);
		else
			check_bool(rows[i].name, str_eq(left, fresh), false);
		/* And out of it again, by the same way. */
		drive_keys(&before, "esc");
		drive_keys(&after, "esc");
		out = kept_text(&before, NULL, NULL);
		out_again = kept_text(&after, NULL, NULL);
		check_str(rows[i].name, out_again, out);
		free(left);
		free(found);
		free(out);
		free(out_again);
		drive_close(&before);
		drive_close(&after);
	}
	free(fresh);
}

static void what_is_broken_is_refused_whole(void **state)
{
	static const struct {
		const char *name, *text, *part;
	} rows[] = {
		{"empty", "", "line"},
		{"cut", "{\"version\": 1, \"lists\": {\"apps\"", "line 1"},
		{"a later weir", "{\"version\": 2, \"lists\": {}}", "later weir"},
		{"no version", "{\"lists\": {}}", "form"},
		{"a list", "[1]", "form"},
		{"lists of another kind", "{\"version\": 1, \"lists\": []}", "form"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;
		struct err err = {0};
		char *fresh;

		drive_open(&drive, fixture_fleet(), 40, 120);
		fresh = xstrdup(drive_frame(&drive, true));
		int rc =
			screen_session_take(drive.screen, rows[i].text, strlen(rows[i].text), &err);
		check_err(rows[i].name, rc, &err, E_CONFIG, rows[i].part);
		screen_draw(drive.screen, drive.canvas);
		check_str(rows[i].name, drive_frame(&drive, true), fresh);
		free(fresh);
		drive_close(&drive);
	}
}

/* Right in form, and full of what is not there. */
static void what_is_gone_is_passed_over(void **state)
{
	static const char text[] =
		"{\"version\": 1, \"list\": \"balloons\", \"card\": \"prod/x/app/y/z\", \"tab\": 7,"
		"\"theme\": 3, \"lists\": {\"apps\": {\"filter\": 5, \"sort\": \"weight\","
		"\"selected\": \"nobody\", \"descending\": true, \"marked\": [\"nobody\", 3, "
		"null]}, \"jobs\": 3, \"x\": {}}}";
	struct drive drive;
	char *fresh;

	(void)state;
	drive_open(&drive, fixture_fleet(), 40, 120);
	fresh = xstrdup(drive_frame(&drive, true));
	drive_close(&drive);
	start_with(&drive, xstrdup(text));
	check_str("as if there were none", drive_frame(&drive, true), fresh);
	free(fresh);
	drive_close(&drive);
}

static void a_theme_returns_unless_the_configuration_is_another(void **state)
{
	static const struct {
		const char *name, *theme, *instead_of, *configured, *want;
	} rows[] = {
		{"none", NULL, NULL, NULL, NULL},
		{"chosen", "light", NULL, NULL, "light"},
		{"chosen instead of one", "light", "dark", "dark", "light"},
		{"configured since", "light", NULL, "mono", NULL},
		{"configured anew since", "light", "dark", "mono", NULL},
		{"no more configured", "light", "dark", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drive drive;
		struct err err = {0};
		char *text;

		drive_open_as(&drive, fixture_fleet(), 40, 120, NULL);
		text = kept_text(&drive, rows[i].theme, rows[i].instead_of);
		check_ok(text, screen_session_take(drive.screen, text, strlen(text), &err), &err);
		check_str(rows[i].name, screen_session_theme(drive.screen, rows[i].configured),
			rows[i].want);
		free(text);
		drive_close(&drive);
	}
}

static void a_filter_with_a_secret_is_not_kept(void **state)
{
	struct drive drive;
	char *text;

	(void)state;
	drive_open(&drive, fixture_fleet(), 40, 120);
	drive_keys(&drive, "/ p a s s w o r d = h u n t e r 2 enter");
	text = kept_text(&drive, NULL, NULL);
	check_bool("the secret", strstr(text, "hunter2") != NULL, false);
	free(text);
	drive_close(&drive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_made_of_the_lists_returns),
		cmocka_unit_test(what_is_broken_is_refused_whole),
		cmocka_unit_test(what_is_gone_is_passed_over),
		cmocka_unit_test(a_theme_returns_unless_the_configuration_is_another),
		cmocka_unit_test(a_filter_with_a_secret_is_not_kept),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
