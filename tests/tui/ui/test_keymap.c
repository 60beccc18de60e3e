#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/keymap.h"

static enum keymap_result feed(const struct keymap *keymap, struct keymap_state *state,
	enum command_view view, const char *name, enum command_id *id)
{
	struct keymap_hit hit = {.id = CMD_MAX};
	struct key key;

	check_bool(name, key_parse(name, &key), true);
	enum keymap_result result = keymap_feed(keymap, state, view, &key, &hit);
	*id = hit.id;
	return result;
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
	check_int("g", feed(keymap, &typed, IN_LIST, "g", &id), KEYMAP_PREFIX);
	check_int("g j", feed(keymap, &typed, IN_LIST, "j", &id), KEYMAP_FOUND);
	check_int("is the jobs", id, CMD_JOBS);
	/* What does not go on with it is nothing: R alone would restart. */
	check_int("g", feed(keymap, &typed, IN_LIST, "g", &id), KEYMAP_PREFIX);
	check_int("g R", feed(keymap, &typed, IN_LIST, "R", &id), KEYMAP_NONE);
	check_int("nothing is left", (int64_t)typed.count, 0);
	/* A key of another view. */
	check_int("tab in a list", feed(keymap, &typed, IN_LIST, "tab", &id), KEYMAP_FOUND);
	check_int("tab in the help", feed(keymap, &typed, IN_HELP, "tab", &id), KEYMAP_NONE);
	keymap_free(keymap);
}

static void keymap_file_tells_where_it_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text, *want; /* NULL = accepted */
	} rows[] = {
		{"nothing", "", NULL},
		{"a preset", "preset: emacs\n", NULL},
		{"no such preset", "preset: nano\n",
			"k.yaml:1:9: \"preset\" is default, vim or emacs"},
		{"a view's name", "lits:\n  a: apps\n",
			"k.yaml:1:1: unknown key \"lits\" (did you mean \"list\"?)"},
		{"a command", "all:\n  F2: cluters\n", "no key is called \"F2\""},
		{"a command's name", "all:\n  f2: cluters\n",
			"k.yaml:2:7: no command \"cluters\" (did you mean \"clusters\"?)"},
		{"a key's name", "card:\n  hyper-q: apps\n",
			"k.yaml:2:3: \"hyper-q\": no key is called \"hyper-q\""},
		{"a key that is another", "all:\n  ctrl-i: apps\n", "terminals send ctrl-i as tab"},
		{"a key nobody presses", "all:\n  paste: apps\n", "no key is called \"paste\""},
		{"too long", "all:\n  a b c d: apps\n", "k.yaml:2:3: \"a b c d\": at most 3 keys"},
		{"no command", "all:\n  f2:\n", "\"f2\" needs a command"},
		{"not in that view", "list:\n  f2: next-tab\n",
			"k.yaml:2:7: \"next-tab\" does not work in \"list\", only in: card"},
		{"words nobody wants", "all:\n  f2: wide 3\n", "\"wide\" takes nothing behind it"},
		{"words that are wanted", "all:\n  f2: apps state:failed\n", NULL},
		{"one begins the other", "all:\n  f2: apps\n  f2 a: jobs\n",
			"k.yaml:3:3: \"f2 a\" (jobs) and keys before it (apps) begin alike"},
		{"twice", "all:\n  f2: apps\n  f2: jobs\n", "k.yaml:3:3"},
		{"twice, in other words", "all:\n  pgup: apps\n  pageup: jobs\n", "begin alike"},
		{"another in one view", "all:\n  f2: apps\nlist:\n  f2: jobs\n", NULL},
		{"away with all of g, then one", "all:\n  g: none\n  g g: top\n", NULL},
		{"an alias", "all:\n  f2: q!\n", NULL},
		{"a list", "- a\n", "k.yaml:1:1: a keymap is"},
		{"no keys", "all: apps\n", "k.yaml:1:6: \"all\" must be keys with commands"},
		{"a tag", "all: !x {a: apps}\n", "k.yaml:1:"},
		{"no way out", "all:\n  q: none\n  f10: none\n  ctrl-c: none\n  \":\": none\n",
			"k.yaml:1:1: no key would lead out of weir"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct keymap *keymap = NULL;
		struct err err = {0};
		int rc = keymap_parse(&keymap, "k.yaml", rows[i].text, strlen(rows[i].text), &err);
		if (rows[i].want)
			check_err(rows[i].name, rc, &err, E_CONFIG, rows[i].want);
		else
			check_ok(rows[i].name, rc, &err);
		check_bool(rows[i].name, keymap != NULL, !rows[i].want);
		keymap_free(keymap);
	}
}

static struct keymap *parsed(const char *text)
{
	struct keymap *keymap = NULL;
	struct err err = {0};

	check_ok("keymap", keymap_parse(&keymap, "k.yaml", text, strlen(text), &err), &err);
	return keymap;
}

/* What keys, parted by blanks, mean in the end: "top", "prefix", "-", with its words and number. */
static const char *meaning(const struct keymap *keymap, enum command_view view, const char *keys)
{
	static char text[96];
	struct keymap_state typed = {0};
	struct keymap_hit hit = {0};
	enum keymap_result result = KEYMAP_NONE;
	char *copy = xstrdup(keys), *rest = copy, *name;

	while ((name = strsep(&rest, " "))) {
		struct key key;
		check_bool(name, key_parse(name, &key), true);
		result = keymap_feed(keymap, &typed, view, &key, &hit);
	}
	free(copy);
	if (result != KEYMAP_FOUND)
		return result == KEYMAP_PREFIX ? "prefix" : "-";
	snprintf(text, sizeof(text), "%s%s%s%s", command_own_name(hit.id), hit.arg ? " " : "",
		hit.arg ? hit.arg : "", hit.number ? " #" : "");
	return text;
}

static void higher_layers_take_the_place_of_what_they_hide(void **state)
{
	(void)state;
	struct keymap *keymap = parsed("all:\n"
				       "  g: none\n"
				       "  g o: apps\n"
				       "  s: clusters x\n"
				       "  left a: jobs\n"
				       "list:\n"
				       "  s: teams\n"
				       "  G: none\n"
				       "card:\n"
				       "  v: none\n");
	static const struct {
		enum command_view view;
		const char *keys, *want;
	} rows[] = {
		{IN_LIST, "g g", "-"},
		{IN_LIST, "g o", "apps"},
		{IN_CARD, "g o", "apps"},
		{IN_LIST, "s", "teams"},
		{IN_LOG, "s", "clusters x"},
		{IN_LIST, "left", "prefix"},
		{IN_LIST, "left a", "jobs"},
		{IN_LIST, "left b", "-"},
		{IN_LIST, "h", "left"},
		{IN_LIST, "G", "-"},
		{IN_CARD, "G", "bottom"},
		{IN_CARD, "v", "-"},
		{IN_LIST, "v", "vertices"},
		{IN_CARD, "2", "vertices"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_str(rows[i].keys, meaning(keymap, rows[i].view, rows[i].keys), rows[i].want);
	keymap_free(keymap);
}

static void presets_serve_their_habits(void **state)
{
	(void)state;
	static const struct {
		const char *preset;
		enum command_view view;
		const char *keys, *want;
	} rows[] = {
		{"default", IN_LIST, "ctrl-d", "half-page-down"},
		{"default", IN_LIST, "g t", "teams"},
		{"default", IN_CARD, "3", "checkpoints"},
		{"default", IN_LIST, "space", "mark"},
		{"default", IN_LOG, "space", "page-down"},
		{"default", IN_HELP, "b", "page-up"},
		{"default", IN_LIST, "d", "open"},
		{"default", IN_LIST, "f4", "filter"},
		{"default", IN_LIST, "ctrl-w", "wide"},
		{"vim", IN_LIST, "4 2 G", "bottom #"},
		{"vim", IN_LIST, "1 0 j", "down #"},
		{"vim", IN_LIST, "4 2 g g", "top #"},
		{"vim", IN_LIST, "0", "-"},
		{"vim", IN_CARD, "3", "prefix"},
		{"vim", IN_CARD, "L", "next-tab"},
		{"vim", IN_LIST, "Z Z", "quit"},
		{"vim", IN_HELP, "Z Q", "quit !"},
		{"emacs", IN_LIST, "ctrl-v", "page-down"},
		{"emacs", IN_LOG, "ctrl-r", "search-previous"},
		{"emacs", IN_LOG, "space", "page-down"},
		{"vim", IN_TEXT, "space", "page-down"},
		{"emacs", IN_LIST, "ctrl-x ctrl-c", "quit"},
		{"emacs", IN_LIST, "alt-x", "palette"},
		{"emacs", IN_LIST, "ctrl-n", "down"},
		{"emacs", IN_LIST, "alt->", "bottom"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = xasprintf("preset: %s\n", rows[i].preset);
		struct keymap *keymap = parsed(text);
		check_str(rows[i].keys, meaning(keymap, rows[i].view, rows[i].keys), rows[i].want);
		keymap_free(keymap);
		free(text);
	}
}

/* Else a keymap could not say which of two it means. */
static void every_key_of_the_table_can_be_said_in_a_file(void **state)
{
	(void)state;

	for (int i = 0; i < CMD_MAX; i++) {
		const char *arg;
		if (commands[i].where & (ON_KEY | ON_PALETTE))
			check_int(commands[i].name,
				command_named(command_own_name(commands[i].id), &arg)->id,
				commands[i].id);
	}
}

/* Nobody's file: a wrong one leaves the program's keys, and says where. */
static void a_wrong_file_leaves_the_default_keys(void **state)
{
	(void)state;
	char *dir = temp_dir(), *path = temp_path(dir, "keymap.yaml"), *found = NULL;
	struct keymap *keymap = NULL;
	struct err err = {0};

	setenv("WEIR_KEYMAP", path, 1);
	check_ok("no file", keymap_load(&keymap, &err), &err);
	check_str("its keys", meaning(keymap, IN_LIST, "g g"), "top");
	keymap_free(keymap);
	check_ok("none to check", keymap_check(&found, &err), &err);
	check_str("none", found, NULL);
	temp_file(path, "all:\n  f2: nothing\n");
	keymap = NULL;
	check_int("wrong", keymap_load(&keymap, &err), E_CONFIG);
	check_has("where", err.text, "keymap.yaml:2:7: no command \"nothing\"");
	check_str("the default ones", meaning(keymap, IN_LIST, "g g"), "top");
	check_int("the check says so too", keymap_check(&found, &err), E_CONFIG);
	check_str("of that file", found, path);
	free(found);
	keymap_free(keymap);
	unsetenv("WEIR_KEYMAP");
	free(path);
	temp_dir_remove(dir);
}

static void the_example_is_right(void **state)
{
	(void)state;
	size_t len;
	char *text = fixture_read("packaging/examples/keymap.yaml", &len);
	struct keymap *keymap = parsed(text);

	check_str("g o", meaning(keymap, IN_LIST, "g o"), "restore-points");
	keymap_free(keymap);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keymap_of_the_program_has_no_duplicates),
		cmocka_unit_test(keymap_refuses_what_cannot_be_told_apart),
		cmocka_unit_test(keymap_waits_for_the_rest_of_a_sequence),
		cmocka_unit_test(keymap_file_tells_where_it_is_wrong),
		cmocka_unit_test(higher_layers_take_the_place_of_what_they_hide),
		cmocka_unit_test(presets_serve_their_habits),
		cmocka_unit_test(every_key_of_the_table_can_be_said_in_a_file),
		cmocka_unit_test(a_wrong_file_leaves_the_default_keys),
		cmocka_unit_test(the_example_is_right),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
