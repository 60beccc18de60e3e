#include "tests/support/check.h"

#include "core/base/mem.h"
#include "tui/ui/keymap.h"

static enum keymap_result feed(const struct keymap *keymap, struct keymap_state *state,
	enum command_view view, const char *name, enum command_id *id)
{
	struct key key;

	check_bool(name, key_parse(name, &key), true);
	return keymap_feed(keymap, state, view, &key, id);
}

/* The table that the program ships: every key has a name and one meaning in each view. */
static void keymap_of_the_program_has_no_duplicates(void **state)
{
	(void)state;
	struct keymap *keymap = NULL;
	struct err err = {0};

	check_ok("the command table", keymap_new(&keymap, commands, CMD_MAX, &err), &err);
	keymap_free(keymap);
}

static void keymap_refuses_what_cannot_be_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *name, *first, *second;
		unsigned views_first, views_second;
		const char *want; /* NULL = accepted */
	} rows[] = {
		{"same key, same view", "a", "b a", IN_LIST, IN_ALL, "mean both 'one' and 'two'"},
		{"same key, other view", "a", "a", IN_LIST, IN_CARD, NULL},
		{"a key that starts a sequence", "g,g", "g", IN_ALL, IN_ALL, "mean both"},
		{"a sequence that starts with a key", "g", "g,x", IN_ALL, IN_ALL, "mean both"},
		{"two sequences", "g,g", "g,x", IN_ALL, IN_ALL, NULL},
		{"no such key", "hyper-q", "b", IN_ALL, IN_ALL, "no key is called 'hyper-q'"},
		{"too long a sequence", "a,b,c,d", "e", IN_ALL, IN_ALL, "at most 3"},
		{"a comma", ",", "a", IN_ALL, IN_ALL, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct command table[] = {
			{.id = CMD_UP,
				.name = "one",
				.keys = rows[i].first,
				.where = ON_KEY,
				.views = rows[i].views_first},
			{.id = CMD_DOWN,
				.name = "two",
				.keys = rows[i].second,
				.where = ON_KEY,
				.views = rows[i].views_second},
		};
		struct keymap *keymap = NULL;
		struct err err = {0};
		int rc = keymap_new(&keymap, table, ARRAY_SIZE(table), &err);
		if (rows[i].want)
			check_err(rows[i].name, rc, &err, E_CONFIG, rows[i].want);
		else
			check_ok(rows[i].name, rc, &err);
		keymap_free(keymap);
	}
}

static void keymap_waits_for_the_rest_of_a_sequence(void **state)
{
	(void)state;
	struct keymap *keymap;
	struct keymap_state typed = {0};
	struct err err = {0};
	enum command_id id = CMD_MAX;

	check_ok("table", keymap_new(&keymap, commands, CMD_MAX, &err), &err);
	check_int("g", feed(keymap, &typed, IN_LIST, "g", &id), KEYMAP_PREFIX);
	check_int("g g", feed(keymap, &typed, IN_LIST, "g", &id), KEYMAP_FOUND);
	check_int("is top", id, CMD_TOP);
	/* What does not go on with it begins anew, and is not lost. */
	check_int("g", feed(keymap, &typed, IN_LIST, "g", &id), KEYMAP_PREFIX);
	check_int("g j", feed(keymap, &typed, IN_LIST, "j", &id), KEYMAP_FOUND);
	check_int("is down", id, CMD_DOWN);
	check_int("g", feed(keymap, &typed, IN_LIST, "g", &id), KEYMAP_PREFIX);
	check_int("g Z", feed(keymap, &typed, IN_LIST, "Z", &id), KEYMAP_NONE);
	check_int("nothing is left", (int64_t)typed.count, 0);
	/* A key of another view. */
	check_int("tab in a list", feed(keymap, &typed, IN_LIST, "tab", &id), KEYMAP_FOUND);
	check_int("tab in the help", feed(keymap, &typed, IN_HELP, "tab", &id), KEYMAP_NONE);
	keymap_free(keymap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keymap_of_the_program_has_no_duplicates),
		cmocka_unit_test(keymap_refuses_what_cannot_be_told_apart),
		cmocka_unit_test(keymap_waits_for_the_rest_of_a_sequence),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
