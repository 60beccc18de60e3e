/* The same picture, of fewer bytes: by table, and on two emulators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>
#include <vterm.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"
#include "tui/term/sgr.h"

#define ROWS 6
#define COLS 20
#define FRAMES 400
#define PARTS 60

static const struct thin_case {
	const char *name, *in, *out;
} thin_cases[] = {
	{"text alone, of a terminal not known", "ab", "\x1B[0mab"},
	{"a change of colour as curses tells it",
		"\x1B[0m\x1B(B\x1B[0;2m\x1B[3m\x1B[39;49m\x1B[38;5;79mx\x1B(B\x1B[0;2m\x1B[3m\x1B["
		"39;49m\x1B[38;5;5my",
		"\x1B(B\x1B[0;2;3;38;5;79mx\x1B[38;5;5my"},
	{"what is told twice", "\x1B[1mx\x1B[1my",
		"\x1B[0;1mx"
		"y"},
	{"what is taken back before it shows", "x\x1B[1m\x1B[0my", "\x1B[0mxy"},
	{"an attribute that ends", "\x1B[1;3mx\x1B[23my", "\x1B[0;1;3mx\x1B[0;1my"},
	{"a colour that ends", "\x1B[31mx\x1B[39my", "\x1B[0;31mx\x1B[39my"},
	{"a blank has no colour", "x\x1B[31m \x1B[32my", "\x1B[0mx \x1B[32my"},
	{"nothing comes between a blank and its repetition", "\x1B[1mx\x1B[0m \x1B[9by",
		"\x1B[0;1mx\x1B[0m \x1B[9by"},
	{"a blank has a background", "x\x1B[41m y", "\x1B[0mx\x1B[41m y"},
	{"a blank is underlined", "x\x1B[4m y", "\x1B[0mx\x1B[4m y"},
	{"the cursor goes without it", "x\x1B[31m\x1B[5;3H\x1B[0my", "\x1B[0mx\x1B[5;3Hy"},
	{"what erases is filled with it", "x\x1B[41m\x1B[K\x1B[0my",
		"\x1B[0mx\x1B[41m\x1B[K\x1B[49my"},
	{"true colour in the form that all take", "\x1B[38:2::1:20:255;48:2::0:0:7mx",
		"\x1B[0;38;2;1;20;255;48;2;0;0;7mx"},
	{"a parameter of the terminal's own goes as it is", "x\x1B[0;10;1my\x1B[0mz",
		"\x1B[0mx\x1B[0;10;1my\x1B[0mz"},
	{"what is no rendition goes as it is", "\x1B[?25lx\x1B)0y", "\x1B[0m\x1B[?25lx\x1B)0y"},
	{"a sequence cut short harms nothing", "x\x1B[", "\x1B[0mx\x1B["},
};

static void sgr_tells_what_differs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(thin_cases); i++) {
		const struct thin_case *c = &thin_cases[i];
		struct sgr given = {0};
		struct buf out;

		buf_init(&out, 0);
		sgr_thin(&given, c->in, strlen(c->in), &out);
		check_str(c->name, buf_str(&out), c->out);
		buf_release(&out);
	}
}

static uint32_t seed = 7;

static unsigned pick(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* A piece of what curses writes. */
static void add_part(struct buf *out)
{
	static const char *const parts[] = {"x", "text", " ", "   ", "\xE8\xAE\xA2", "\r", "\n",
		"\b", "\x1B[0m", "\x1B[m", "\x1B(B\x1B[m", "\x1B(B\x1B[0;1m", "\x1B(B\x1B[0;2m",
		"\x1B[3m", "\x1B[4m", "\x1B[7m", "\x1B[22m", "\x1B[23m", "\x1B[24m", "\x1B[27m",
		"\x1B[39;49m", "\x1B[39m", "\x1B[49m", "\x1B[K", "\x1B[1K", "\x1B[J", "\x1B[2P",
		"\x1B[3@", "\x1B[5X", "\x1B[L", "\x1B[M", "\x1B[C", "\x1B[2D"};
	unsigned at = pick(ARRAY_SIZE(parts) + 4);

	if (at < ARRAY_SIZE(parts))
		buf_adds(out, parts[at]);
	else if (at == ARRAY_SIZE(parts))
		buf_addf(out, "\x1B[%u;%uH", 1 + pick(ROWS), 1 + pick(COLS));
	else if (at == ARRAY_SIZE(parts) + 1)
		buf_addf(out, "\x1B[%c8;5;%um", pick(2) ? '3' : '4', pick(256));
	else if (at == ARRAY_SIZE(parts) + 2)
		buf_addf(out, "\x1B[%c8;2;%u;%u;%um", pick(2) ? '3' : '4', pick(256), pick(256),
			pick(256));
	else
		buf_addf(out, "\x1B[%um", (unsigned[]){30, 40, 90, 100}[pick(4)] + pick(8));
}

static VTermScreen *screen_new(VTerm **vterm)
{
	VTermScreen *screen;

	*vterm = vterm_new(ROWS, COLS);
	vterm_set_utf8(*vterm, 1);
	screen = vterm_obtain_screen(*vterm);
	vterm_screen_reset(screen, 1);
	return screen;
}

static bool has_ink(const VTermScreenCell *cell)
{
	return cell->chars[0] && cell->chars[0] != ' ';
}

static bool looks_the_same(const VTermScreenCell *a, const VTermScreenCell *b)
{
	VTermColor a_bg = a->bg, b_bg = b->bg;

	/* The second half of a wide character. */
	if (a->chars[0] == (uint32_t)-1)
		return b->chars[0] == (uint32_t)-1;
	if ((has_ink(a) || has_ink(b)) && a->chars[0] != b->chars[0])
		return false;
	if (!vterm_color_is_equal(&a_bg, &b_bg) || a->attrs.underline != b->attrs.underline ||
		a->attrs.reverse != b->attrs.reverse)
		return false;
	return !has_ink(a) ||
		(vterm_color_is_equal(&a->fg, &b->fg) && a->attrs.bold == b->attrs.bold &&
			a->attrs.italic == b->attrs.italic);
}

static void sgr_shows_the_same(void **state)
{
	VTerm *plain_term, *thin_term;
	VTermScreen *plain = screen_new(&plain_term), *thin = screen_new(&thin_term);
	size_t plain_bytes = 0, thin_bytes = 0;
	struct sgr given = {0};

	(void)state;
	for (int frame = 0; frame < FRAMES; frame++) {
		struct buf in, out;

		buf_init(&in, 0);
		buf_init(&out, 0);
		for (int i = 0; i < PARTS; i++)
			add_part(&in);
		sgr_thin(&given, in.data, in.len, &out);
		vterm_input_write(plain_term, in.data, in.len);
		vterm_input_write(thin_term, out.data, out.len);
		plain_bytes += in.len;
		thin_bytes += out.len;
		for (int row = 0; row < ROWS; row++)
			for (int col = 0; col < COLS; col++) {
				VTermPos pos = {row, col};
				VTermScreenCell a, b;

				vterm_screen_get_cell(plain, pos, &a);
				vterm_screen_get_cell(thin, pos, &b);
				if (!looks_the_same(&a, &b))
					fail_msg(
						"frame %d: another cell at %d,%d", frame, row, col);
			}
		buf_release(&in);
		buf_release(&out);
	}
	assert_true(thin_bytes < plain_bytes);
	vterm_free(plain_term);
	vterm_free(thin_term);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sgr_tells_what_differs),
		cmocka_unit_test(sgr_shows_the_same),
	};

	return cmocka_run_group_tests_name("sgr", tests, NULL, NULL);
}
