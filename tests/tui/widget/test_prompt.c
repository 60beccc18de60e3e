#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/support/check.h"
#include "tui/widget/complete.h"
#include "tui/widget/prompt.h"

/* Keys by name, separated by blanks; "space" is one. Returns what the last one was. */
static enum prompt_event type(struct prompt *prompt, const char *names)
{
	char *copy = xstrdup(names), *rest = copy, *name;
	enum prompt_event event = PROMPT_IGNORED;

	while ((name = strsep(&rest, " "))) {
		struct key key;
		if (!*name)
			continue;
		check_bool(name, key_parse(name, &key), true);
		event = prompt_key(prompt, &key);
	}
	free(copy);
	return event;
}

static void keys_edit_as_everywhere(void **state)
{
	(void)state;
	static const struct {
		const char *name, *before, *keys, *want;
		enum prompt_event event;
	} rows[] = {
		{"at the end", "ab", "c", "abc", PROMPT_CHANGED},
		{"ctrl-a", "bc", "ctrl-a a", "abc", PROMPT_CHANGED},
		{"home end", "b", "home a end c", "abc", PROMPT_CHANGED},
		{"left right", "ac", "left b right", "abc", PROMPT_MOVED},
		{"backspace", "abcd", "backspace", "abc", PROMPT_CHANGED},
		{"backspace at the start", "abc", "home backspace", "abc", PROMPT_IGNORED},
		{"backspace on nothing leaves", "", "backspace", "", PROMPT_CANCEL},
		{"delete", "xabc", "home delete", "abc", PROMPT_CHANGED},
		{"ctrl-d", "xabc", "home ctrl-d", "abc", PROMPT_CHANGED},
		{"ctrl-u", "xxabc", "home right right ctrl-u", "abc", PROMPT_CHANGED},
		{"ctrl-k", "abcxx", "left left ctrl-k", "abc", PROMPT_CHANGED},
		{"ctrl-w", "abc def  ", "ctrl-w", "abc ", PROMPT_CHANGED},
		{"ctrl-w ctrl-y", "abc def", "ctrl-w home ctrl-y", "defabc ", PROMPT_CHANGED},
		{"alt-b", "one two", "alt-b x", "one xtwo", PROMPT_CHANGED},
		{"alt-f", "one two", "home alt-f x", "onex two", PROMPT_CHANGED},
		{"alt-d", "one two", "home alt-d", " two", PROMPT_CHANGED},
		{"ctrl-left", "one two", "ctrl-left x", "one xtwo", PROMPT_CHANGED},
		{"a wide character is one step", "订单", "left 同", "订同单", PROMPT_CHANGED},
		{"a mark goes with its base", "e\xcc\x81x", "left backspace", "x", PROMPT_CHANGED},
		{"esc", "abc", "esc", "abc", PROMPT_CANCEL},
		{"ctrl-c", "abc", "ctrl-c", "abc", PROMPT_CANCEL},
		{"enter", "abc", "enter", "abc", PROMPT_DONE},
		{"tab is for others", "abc", "tab", "abc", PROMPT_IGNORED},
		{"space", "a", "space b", "a b", PROMPT_CHANGED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct prompt *prompt = prompt_new();
		prompt_open(prompt, "/", rows[i].before);
		check_int(rows[i].name, type(prompt, rows[i].keys), rows[i].event);
		check_str(rows[i].name, prompt_text(prompt), rows[i].want);
		prompt_free(prompt);
	}
}

static void what_is_pasted_is_harmless_and_bounded(void **state)
{
	(void)state;
	struct prompt *prompt = prompt_new();
	struct key paste = {.sym = KEY_SYM_PASTE, .paste = "a\r\nb\x1b[31m\t\xe2\x80\xae"};
	char *large = xmalloc(8000);

	prompt_open(prompt, ":", "x");
	prompt_key(prompt, &paste);
	check_str("no control, no line", prompt_text(prompt), "xa b\xef\xbf\xbd[31m \xef\xbf\xbd");
	memset(large, 'y', 7999);
	large[7999] = '\0';
	paste.paste = large;
	check_int("too much is refused whole", prompt_key(prompt, &paste), PROMPT_IGNORED);
	check_str("nothing lost", prompt_text(prompt), "xa b\xef\xbf\xbd[31m \xef\xbf\xbd");
	free(large);
	prompt_free(prompt);
}

static void history_goes_up_and_down(void **state)
{
	(void)state;
	struct prompt *prompt = prompt_new();

	prompt_open(prompt, ":", "");
	type(prompt, "o n e enter");
	prompt_open(prompt, ":", "");
	type(prompt, "t w o enter");
	prompt_open(prompt, ":", "");
	type(prompt, "o n e enter"); /* once more: it moves to the end */
	prompt_open(prompt, ":", "");
	type(prompt, "n e w up");
	check_str("the last", prompt_text(prompt), "one");
	type(prompt, "up");
	check_str("before it", prompt_text(prompt), "two");
	type(prompt, "up up up");
	check_str("no further", prompt_text(prompt), "two");
	type(prompt, "down down");
	check_str("what was being typed", prompt_text(prompt), "new");
	type(prompt, "down");
	check_str("no further", prompt_text(prompt), "new");
	prompt_free(prompt);
}

static void the_cursor_is_always_seen(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text, *keys;
		int cols, cursor;
	} rows[] = {
		{"short", "abc", "", 20, 4},
		{"wide characters", "订单", "", 20, 5},
		{"inside", "abc", "left", 20, 3},
		{"long: the end is shown", "abcdefghijklmnop", "", 10, 9},
		{"long, at its start", "abcdefghijklmnop", "home", 10, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct prompt *prompt = prompt_new();
		struct canvas *canvas = canvas_new(1, rows[i].cols);
		prompt_open(prompt, "/", rows[i].text);
		type(prompt, rows[i].keys);
		prompt_draw(prompt, canvas, (struct rect){0, 0, 1, rows[i].cols});
		check_int(rows[i].name, canvas->cursor_col, rows[i].cursor);
		canvas_free(canvas);
		prompt_free(prompt);
	}
}

static void suggestions_rank_begin_inside_and_letters(void **state)
{
	(void)state;
	struct complete *complete = complete_new();

	complete_add(complete, "jobs", "one");
	complete_add(complete, "clusters", NULL);
	complete_add(complete, "close", NULL);
	complete_add(complete, "uncle", NULL);
	complete_add(complete, "cold", NULL);
	complete_match(complete, "");
	check_int("all for nothing", (int64_t)complete_count(complete), 5);
	check_str("none chosen", complete_chosen(complete), NULL);
	complete_match(complete, "CL");
	check_int("begin, inside, letters", (int64_t)complete_count(complete), 4);
	check_str("begins", complete_chosen(complete), "clusters");
	complete_step(complete, 1);
	check_str("begins", complete_chosen(complete), "close");
	complete_step(complete, 1);
	check_str("inside", complete_chosen(complete), "uncle");
	complete_step(complete, 1);
	check_str("letters in order", complete_chosen(complete), "cold");
	complete_step(complete, 1);
	check_str("round", complete_chosen(complete), "clusters");
	complete_step(complete, -1);
	check_str("and back", complete_chosen(complete), "cold");
	check_str("nothing more in common", complete_common(complete), NULL);
	complete_match(complete, "j");
	char *common = complete_common(complete);
	check_str("what all share", common, "jobs");
	free(common);
	complete_match(complete, "zz");
	check_int("nothing", (int64_t)complete_count(complete), 0);
	complete_step(complete, 1);
	check_str("no harm", complete_chosen(complete), NULL);
	complete_free(complete);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_edit_as_everywhere),
		cmocka_unit_test(what_is_pasted_is_harmless_and_bounded),
		cmocka_unit_test(history_goes_up_and_down),
		cmocka_unit_test(the_cursor_is_always_seen),
		cmocka_unit_test(suggestions_rank_begin_inside_and_letters),
	};

	check_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
