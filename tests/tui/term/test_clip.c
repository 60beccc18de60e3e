/* Which terminals are asked to take a text, how it is wrapped for them, and how much they take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tui/term/clip.h"

static void clip_knows_who_stands_between(void **state)
{
	static const struct {
		const char *term, *tmux, *sty;
		enum clip_way want;
	} cases[] = {
		{"xterm-256color", NULL, NULL, CLIP_PLAIN},
		{"xterm-256color", "/tmp/tmux-0/default,1,0", NULL, CLIP_TMUX},
		{"xterm-256color", "", "", CLIP_PLAIN},
		{"tmux-256color", NULL, NULL, CLIP_TMUX}, /* over SSH */
		{"screen-256color", NULL, "123.pts-0", CLIP_SCREEN},
		{"screen-256color", NULL, NULL, CLIP_SCREEN},
		{"screen-256color", "/tmp/tmux", NULL, CLIP_TMUX},
		{"alacritty", NULL, NULL, CLIP_PLAIN},
		{"linux", NULL, NULL, CLIP_NONE},
		{"vt220", NULL, NULL, CLIP_NONE},
		{"", NULL, NULL, CLIP_NONE},
		{NULL, NULL, NULL, CLIP_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (clip_way(cases[i].term, cases[i].tmux, cases[i].sty) != cases[i].want)
			fail_msg("row %zu: %s", i, cases[i].term ? cases[i].term : "NULL");
}

static void clip_wraps_the_text(void **state)
{
	static const struct {
		enum clip_way way;
		const char *in, *want;
	} cases[] = {
		{CLIP_PLAIN, "ods/order", "\x1B]52;c;b2RzL29yZGVy\a"},
		{CLIP_PLAIN, "a", "\x1B]52;c;YQ==\a"},
		{CLIP_PLAIN, "ab", "\x1B]52;c;YWI=\a"},
		{CLIP_PLAIN, "", "\x1B]52;c;\a"},
		{CLIP_PLAIN, "\xE8\xAE\xA2\xFF", "\x1B]52;c;6K6i/w==\a"},
		{CLIP_TMUX, "a", "\x1B]52;c;YQ==\a\x1BPtmux;\x1B\x1B]52;c;YQ==\a\x1B\\"},
		{CLIP_SCREEN, "a", "\x1B]52;c;YQ==\a\x1BP\x1B]52;c;YQ==\a\x1B\\"},
		{CLIP_NONE, "a", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf out;

		buf_init(&out, 0);
		clip_write(&out, cases[i].way, cases[i].in, strlen(cases[i].in));
		assert_string_equal(buf_str(&out), cases[i].want);
		buf_release(&out);
	}
}

/* No string of screen's is longer than it keeps, and put together they are the one that tmux gets. */
static void clip_goes_through_screen_in_pieces(void **state)
{
	char *text = xcalloc(1, clip_most(false) + 1);
	struct buf out, plain, joined;
	size_t longest = 0;

	(void)state;
	memset(text, 'x', clip_most(false));
	buf_init(&out, 0);
	buf_init(&plain, 0);
	buf_init(&joined, 0);
	clip_write(&plain, CLIP_PLAIN, text, strlen(text));
	clip_write(&out, CLIP_SCREEN, text, strlen(text));
	assert_in_range(plain.len, 99000, 100000);
	assert_memory_equal(out.data, plain.data, plain.len);
	for (const char *at = out.data + plain.len; *at;) {
		const char *end = strstr(at, "\x1B\\");

		assert_non_null(end);
		assert_memory_equal(at, "\x1BP", 2);
		longest = (size_t)(end - at) > longest ? (size_t)(end - at) : longest;
		buf_add(&joined, at + 2, (size_t)(end - at) - 2);
		at = end + 2;
	}
	assert_in_range(longest, 200, 256);
	assert_string_equal(buf_str(&joined), buf_str(&plain));
	assert_true(clip_most(true) < 8192);
	buf_release(&joined);
	buf_release(&plain);
	buf_release(&out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clip_knows_who_stands_between),
		cmocka_unit_test(clip_wraps_the_text),
		cmocka_unit_test(clip_goes_through_screen_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
