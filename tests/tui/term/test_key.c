/* The key decoder: tables of sequences, and the law that a split changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/term/key.h"

/* "ctrl-a up paste(text)": what has come out, in words. */
static void drain(struct key_decoder *decoder, struct buf *out)
{
	static const char *const mice[] = {"click", "up", "down", "left", "right"};
	char name[KEY_NAME_MAX];
	struct key key;

	while (key_next(decoder, &key)) {
		key_name(&key, name, sizeof(name));
		buf_addf(out, "%s%s", out->len ? " " : "", name);
		if (key.sym == KEY_SYM_PASTE) {
			assert_non_null(key.paste);
			assert_true(utf8_valid(key.paste, strlen(key.paste)));
			assert_true(strlen(key.paste) <= KEY_PASTE_MAX);
			buf_addf(out, "(%s)", key.paste);
		} else if (key.sym == KEY_SYM_BACKGROUND) {
			buf_addf(out, "(%06x)", key.ch);
		} else {
			assert_null(key.paste);
		}
		if (key.sym == KEY_SYM_MOUSE)
			buf_addf(out, "(%s %d %d)", mice[key.mouse], key.row, key.col);
	}
}

struct key_case {
	const char *name, *bytes, *want;
};

#define ESC "\x1B"
#define CSI "\x1B["
#define ST "\x1B\\"

static const struct key_case key_cases[] = {
	{"letters", "aG?", "a G ?"},
	{"space", " ", "space"},
	{"controls", "\x01\x04\x1A\x1C\x1D\x1E\x1F",
		"ctrl-a ctrl-d ctrl-z ctrl-\\ ctrl-] ctrl-^ ctrl-_"},
	{"enter tab backspace", "\r\n\t\x7F\x08", "enter enter tab backspace backspace"},
	{"utf-8", "é订\xF0\x9F\x91\x8D", "é 订 \xF0\x9F\x91\x8D"},
	{"arrows", CSI "A" CSI "B" CSI "C" CSI "D", "up down right left"},
	{"arrows, application", ESC "OA" ESC "OB" ESC "OC" ESC "OD", "up down right left"},
	{"home end xterm", CSI "H" CSI "F" ESC "OH" ESC "OF", "home end home end"},
	{"home end vt220", CSI "1~" CSI "4~", "home end"},
	{"home end rxvt", CSI "7~" CSI "8~", "home end"},
	{"editing", CSI "2~" CSI "3~" CSI "5~" CSI "6~", "insert delete pgup pgdn"},
	{"F1-F4 ss3", ESC "OP" ESC "OQ" ESC "OR" ESC "OS", "f1 f2 f3 f4"},
	{"F1-F4 csi", CSI "P" CSI "Q" CSI "R" CSI "S", "f1 f2 f3 f4"},
	{"F1-F5 linux", CSI "[A" CSI "[B" CSI "[C" CSI "[D" CSI "[E", "f1 f2 f3 f4 f5"},
	{"F1-F5 vt", CSI "11~" CSI "12~" CSI "13~" CSI "14~" CSI "15~", "f1 f2 f3 f4 f5"},
	{"F6-F12", CSI "17~" CSI "18~" CSI "19~" CSI "20~" CSI "21~" CSI "23~" CSI "24~",
		"f6 f7 f8 f9 f10 f11 f12"},
	{"shift-F rxvt", CSI "25~" CSI "26~" CSI "28~", "shift-f3 shift-f4 shift-f5"},
	{"xterm modifiers", CSI "1;2A" CSI "1;3A" CSI "1;5A" CSI "1;6D" CSI "1;8H" CSI "3;5~",
		"shift-up alt-up ctrl-up ctrl-shift-left ctrl-alt-shift-home ctrl-delete"},
	{"xterm meta", CSI "1;9A", "alt-up"},
	{"modifier only", CSI "5A", "ctrl-up"},
	{"modified F", CSI "1;5P" CSI "1;2R" CSI "15;3~", "ctrl-f1 shift-f3 alt-f5"},
	{"rxvt modifiers", CSI "a" CSI "5$" CSI "5^" CSI "5@" ESC "Oa",
		"shift-up shift-pgup ctrl-pgup ctrl-shift-pgup ctrl-up"},
	{"old konsole", ESC "O5A" ESC "O1;2B", "ctrl-up shift-down"},
	{"backtab", CSI "Z" CSI "1;5Z" CSI "9;2u", "backtab ctrl-backtab backtab"},
	{"keypad", ESC "Oj" ESC "Ok" ESC "Om" ESC "Oo" ESC "Op" ESC "Oy" ESC "OM" ESC "OX",
		"* + - / 0 9 enter ="},
	{"alt", ESC "x" ESC "G" ESC "\r" ESC "\x7F" ESC "\x01" ESC "é",
		"alt-x alt-G alt-enter alt-backspace ctrl-alt-a alt-é"},
	{"alt-arrow rxvt", ESC CSI "A" ESC ESC "OB", "alt-up alt-down"},
	{"esc esc x", ESC ESC "x", "esc alt-x"},
	{"esc, then the terminal is ready", ESC CSI "0n", "esc report"},
	{"esc, then the focus goes", ESC CSI "O", "esc focus-out"},
	{"esc, then a report of no interest",
		ESC CSI "?1;2c"
			"x",
		"esc x"},
	{"esc, then a late colour",
		ESC ESC "]11;rgb:0/0/0" ESC "\\"
			"x",
		"esc background(000000) x"},
	{"esc, then a paste", ESC CSI "200~hi" CSI "201~", "esc paste(hi)"},
	{"three and four esc", ESC ESC CSI "A" ESC ESC ESC CSI "A", "esc alt-up esc esc alt-up"},
	{"kitty", CSI "97u" CSI "97;5u" CSI "65;6u" CSI "106;3u", "a ctrl-a ctrl-a alt-j"},
	{"kitty shift", CSI "97;2u" CSI "49:33;2u" CSI "49;2u" CSI "35746u", "A ! 1 订"},
	{"kitty names", CSI "13u" CSI "9u" CSI "27u" CSI "127;5u" CSI "32;5u",
		"enter tab esc ctrl-backspace ctrl-space"},
	{"kitty keypad",
		CSI "57399u" CSI "57408u" CSI "57409u" CSI "57414u" CSI "57419u" CSI "57413u",
		"0 9 . enter up +"},
	{"kitty events", CSI "97;1:1u" CSI "97;1:2u" CSI "97;1:3u" CSI "1;1:3A" CSI "1;5:1A",
		"a a ctrl-up"},
	{"kitty super, caps lock, media", CSI "97;9u" CSI "57358u" CSI "57428u" CSI "1;5B",
		"ctrl-down"},
	{"kitty nonsense",
		CSI "5u" CSI "u" CSI "1114112u" CSI "55296u" CSI "99999999999999u"
		    "x",
		"x"},
	{"modifyOtherKeys", CSI "27;5;105~" CSI "27;2;65~" CSI "27;6;9~" CSI "27;3;13~",
		"ctrl-i A ctrl-backtab alt-enter"},
	{"focus", CSI "I" CSI "O", "focus-in focus-out"},
	{"report", CSI "0n" CSI "3n", "report report"},
	{"not our report",
		CSI "?13n" CSI "5n" CSI "n" CSI "0;1n"
		    "x",
		"x"},
	{"device attributes",
		CSI "?64;1;2;6;22c" CSI ">41;354;0c"
		    "x",
		"x"},
	{"cursor position",
		CSI "24;80R" CSI "?24;80;1R" CSI "1;80R"
		    "x",
		"x"},
	{"mode reports",
		CSI "?2026;2$y" CSI "4;2$y" CSI "?1;2$p"
		    "x",
		"x"},
	{"window reports",
		CSI "8;24;80t" CSI "4;600;800t"
		    "x",
		"x"},
	{"mouse sgr",
		CSI "<0;10;20M" CSI "<0;10;20m" CSI "<64;1;1M"
		    "x",
		"mouse(click 19 9) mouse(up 0 0) x"},
	{"mouse with modifiers, and the other wheel", CSI "<16;1;2M" CSI "<81;3;4M" CSI "<66;1;1M",
		"mouse(click 1 0) mouse(down 3 2) mouse(left 0 0)"},
	{"mouse: other buttons, movements, nonsense",
		CSI "<1;1;1M" CSI "<2;1;1M" CSI "<32;1;1M" CSI "<35;1;1M" CSI "<128;1;1M" CSI
		    "<0;0;1M" CSI "<0;1M" CSI "<0;99999999999;1M" CSI "<;;M" CSI "<0;1;1$M"
		    "x",
		"x"},
	{"ESC before the mouse is a key", ESC CSI "<0;1;1M", "esc mouse(click 0 0)"},
	{"mouse x10",
		CSI "M !!" CSI "M\x1B[A"
		    "x",
		"x"},
	{"mouse urxvt",
		CSI "32;10;20M"
		    "x",
		"x"},
	{"unknown csi",
		CSI "99z" CSI "1;2;3;4;5;6;7;8;9;10;11;12;13A" CSI ">4;1m"
		    "x",
		"shift-up x"},
	{"endless csi",
		CSI "1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;"
		    "1;1;1;1;1;1;1;1;1;1;1;1A"
		    "x",
		"x"},
	{"csi broken off by esc", CSI "12" CSI "A", "up"},
	{"csi broken off by a control", CSI "12\rx", "enter x"},
	{"csi broken off by cancel",
		CSI "12\x18"
		    "x" CSI "1\x1A"
		    "y",
		"x y"},
	{"csi broken off by utf-8", CSI "1é", "é"},
	{"unknown ss3",
		ESC "Oz" ESC "O#" ESC "O{"
		    "x",
		"x"},
	{"unknown linux",
		CSI "[Z" CSI "[~"
		    "x",
		"x"},
	{"osc, bel", ESC "]11;rgb:ffff/0000/1111\x07x", "background(ff0011) x"},
	{"osc, st", ESC "]11;rgb:ffff/0000/1111" ST "x", "background(ff0011) x"},
	{"a colour of few digits", ESC "]11;rgb:f/0/80\x07x", "background(ff0080) x"},
	{"a colour of three digits", ESC "]11;rgb:fff/000/7ff\x07x", "background(ff007f) x"},
	{"a colour and how opaque it is", ESC "]11;rgba:1e1e/1e1e/1e1e/ffff" ST "x",
		"background(1e1e1e) x"},
	{"a colour of another thing", ESC "]10;rgb:f/f/f\x07x", "x"},
	{"a colour that is none",
		ESC "]11;rgb:f/f\x07" ESC "]11;rgb:f/f/\x07" ESC "]11;rgb:f/f/fg\x07" ESC
		    "]11;rgb:fffff/0/0\x07" ESC "]11;?\x07" ESC "]11;\x07x",
		"x"},
	{"a colour too long",
		ESC "]11;rgb:f/f/f/"
		    "0000000000000000000000000000000000000000000000000000000000000000000\x07x",
		"x"},
	{"another string that looks like one", ESC "P11;rgb:f/f/f" ST "x", "x"},
	{"osc with utf-8", ESC "]0;订\x9C\x07x", "x"},
	{"osc cut off by a key",
		ESC "]11;rgb:ff" CSI "A"
		    "x",
		"up x"},
	{"osc cut off by enter", ESC "]11;rgb:ff\rx", "enter x"},
	{"dcs", ESC "P1$r0m" ST ESC "P>|XTerm(354)\a(still)\r\n" ST "x", "x"},
	{"apc pm sos", ESC "_Gi=1;OK" ST ESC "^pm" ST ESC "Xsos" ST "x", "x"},
	{"esc backslash alone", ESC "\\x", "alt-\\ x"},
	{"paste", CSI "200~hello" CSI "201~x", "paste(hello) x"},
	{"paste, nothing", CSI "200~" CSI "201~x", "x"},
	{"paste, lines", CSI "200~a\rb\nc\r\nd\te" CSI "201~", "paste(a\nb\nc\nd\te)"},
	{"paste, escapes", CSI "200~a" CSI "31mb" ESC ESC "c" CSI "201" CSI "A" CSI "201~x",
		"paste(a[31mbc[201[A) x"},
	{"paste, esc before its end", CSI "200~a" ESC CSI "201~x", "paste(a) x"},
	{"paste, utf-8", CSI "200~订单\xFF\xC2\x9B\x7F!" CSI "201~", "paste(订单\xEF\xBF\xBD!)"},
	{"paste, stray end", CSI "201~x", "x"},
	{"two pastes", CSI "200~a" CSI "201~" CSI "200~b" CSI "201~", "paste(a) paste(b)"},
	{"invalid utf-8", "\xFF\x80\xC0\xAF\xE8x\xE8\xAEy\xED\xA0\x80\xF5\xF4\x90\x80\x80z",
		"x y z"},
	{"overlong", "\xE0\x80\x80\xF0\x80\x80\x80x", "x"},
	{"C1 in utf-8 and raw",
		"\xC2\x9B"
		"A\x9B"
		"B",
		"A B"},
	{"half a character, then esc", "\xE8\xAE" CSI "A", "up"},
	{"alt and a bad byte", ESC "\xFFx", "x"},
};

static void feed_split(struct key_decoder *decoder, const char *bytes, size_t len, size_t at)
{
	key_feed(decoder, bytes, at);
	key_feed(decoder, bytes + at, len - at);
}

static void key_decodes_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(key_cases); i++) {
		const struct key_case *c = &key_cases[i];
		size_t len = strlen(c->bytes);

		for (size_t at = 0; at <= len + 1; at++) {
			struct key_decoder *decoder = key_decoder_new(NULL);
			struct buf got;

			buf_init(&got, 0);
			if (at <= len)
				feed_split(decoder, c->bytes, len, at);
			else
				for (size_t j = 0; j < len; j++)
					key_feed(decoder, c->bytes + j, 1);
			drain(decoder, &got);
			if (strcmp(buf_str(&got), c->want))
				fail_msg("%s, split at %zu: got '%s', want '%s'", c->name, at,
					buf_str(&got), c->want);
			assert_false(key_pending(decoder));
			buf_release(&got);
			key_decoder_free(decoder);
		}
	}
}

/* Random pieces of the grammar glued together: whole, and byte by byte. */
static void key_split_changes_nothing(void **state)
{
	static const char *const parts[] = {ESC, "[", "O", "]", "P", "200~", "201~", "1", ";", "5",
		"A", "~", "\x07", "\\", "\xE8", "\xAE", "\xA2", "x", "\r", "M", "<", "$", "?", "n",
		"0", "u", "27", ":", "\x18", CSI "200~", CSI "201~", "\xC2\x9B"};
	uint32_t seed = 4711;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		struct key_decoder *a = key_decoder_new(NULL), *b = key_decoder_new(NULL);
		struct buf bytes, whole, split;

		buf_init(&bytes, 0);
		buf_init(&whole, 0);
		buf_init(&split, 0);
		for (int i = 0; i < 12; i++) {
			seed = seed * 1103515245 + 12345;
			buf_adds(&bytes, parts[(seed >> 16) % ARRAY_SIZE(parts)]);
		}
		key_feed(a, bytes.data, bytes.len);
		for (size_t i = 0; i < bytes.len; i++)
			key_feed(b, bytes.data + i, 1);
		for (int i = 0; i < 300; i++) {
			key_flush(a);
			key_flush(b);
		}
		assert_false(key_pending(a));
		drain(a, &whole);
		drain(b, &split);
		assert_string_equal(buf_str(&whole), buf_str(&split));
		buf_release(&bytes);
		buf_release(&whole);
		buf_release(&split);
		key_decoder_free(a);
		key_decoder_free(b);
	}
}

/* '.' = a flush; "!" = flush until nothing is pending. */
static const struct key_case flush_cases[] = {
	{"esc", ESC ".", "esc"},
	{"esc, a key after it", ESC ".x", "esc x"},
	{"two esc", ESC ESC ".", "esc esc"},
	{"esc, esc", ESC "." ESC ".", "esc esc"},
	{"esc late in a sequence", ESC ".[A", "esc up"},
	{"esc late in an answer", ESC ".]11;rgb:1/2/3\x07x", "esc background(112233) x"},
	{"esc, then [ typed", ESC ".[.x", "esc [ x"},
	{"esc, then O typed", ESC ".O.G", "esc O G"},
	{"a late answer's rest",
		CSI "?64;..1;2c"
		    "x",
		"x"},
	{"a late arrow", CSI "..A", "up"},
	{"a late osc", ESC "]11;...rgb:1/1/1...\x07x", "background(111111) x"},
	{"a late st", ESC "]11;a" ESC "..\\x", "x"},
	{"alt-[", CSI "!x", "alt-[ x"},
	{"alt-O", ESC "O!G", "alt-O G"},
	{"alt-]", ESC "]!x", "alt-] x"},
	{"a sequence that never ends", CSI "12!x", "x"},
	{"an osc that never ends", ESC "]11!x", "x"},
	{"an osc cut off, then esc", ESC "]11" ESC "!x", "esc x"},
	{"half a character", "\xE8\xAE.x", "x"},
	{"half a character, late", "\xE8\xAE.\xA2x", "x"},
	{"half a mouse report", CSI "M !x", "x"},
	{"half a linux key", CSI "[!A", "A"},
	{"a late paste", CSI "200~a.........................b" CSI "201~", "paste(ab)"},
	{"a paste without end", CSI "200~abc!x", "paste(abc) x"},
	{"nothing pending", "a.b", "a b"},
};

static void key_flush_decides_what_stands_still(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flush_cases); i++) {
		const struct key_case *c = &flush_cases[i];
		struct key_decoder *decoder = key_decoder_new(NULL);
		struct buf got;

		buf_init(&got, 0);
		for (const char *p = c->bytes; *p; p++) {
			if (*p == '.')
				key_flush(decoder);
			else if (*p == '!')
				for (int n = 0; key_pending(decoder) && n < 1000; n++)
					key_flush(decoder);
			else
				key_feed(decoder, p, 1);
		}
		drain(decoder, &got);
		if (strcmp(buf_str(&got), c->want))
			fail_msg("%s: got '%s', want '%s'", c->name, buf_str(&got), c->want);
		assert_false(key_pending(decoder));
		buf_release(&got);
		key_decoder_free(decoder);
	}
}

static void key_paste_has_a_cap(void **state)
{
	struct key_decoder *decoder = key_decoder_new(NULL);
	struct key key;
	char *text = xmalloc(300000);

	(void)state;
	for (int wide = 0; wide < 3; wide++) {
		/* bad bytes grow threefold when repaired */
		memset(text, wide == 2 ? '\xFF' : 'x', 300000);
		for (size_t i = 0; wide == 1 && i + 3 <= 300000; i += 3)
			memcpy(text + i, "订", 3);
		key_feed(decoder, CSI "200~", 6);
		key_feed(decoder, text, 300000);
		assert_true(key_pending(decoder));
		key_feed(decoder, CSI "201~q", 7);
		assert_true(key_next(decoder, &key));
		assert_int_equal(key.sym, KEY_SYM_PASTE);
		assert_in_range(strlen(key.paste), KEY_PASTE_MAX - 3, KEY_PASTE_MAX);
		assert_true(utf8_valid(key.paste, strlen(key.paste)));
		assert_true(key_next(decoder, &key));
		assert_int_equal(key.ch, 'q');
		assert_false(key_next(decoder, &key));
	}
	key_feed(decoder, CSI "200~never taken" CSI "201~", 23);
	free(text);
	key_decoder_free(decoder);
}

static void key_learns_from_terminfo(void **state)
{
	static const struct {
		const char *term;
		struct key_case key;
	} cases[] = {
		{"xterm-256color",
			{"xterm", ESC "OA" CSI "A" ESC "OP" CSI "Z", "up up f1 backtab"}},
		{"linux", {"linux", CSI "[A" CSI "1~", "f1 home"}},
		{"vt52", {"vt52", ESC "A" ESC "D" ESC "P", "up left"}},
		{"sun", {"sun", CSI "224z" CSI "214z" CSI "222z", "f1 home pgdn"}},
		{"scoansi", {"scoansi", CSI "M" CSI "I" CSI "L", "f1 pgup insert"}},
		{"no-such-terminal", {"unknown", CSI "A", "up"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct key_decoder *decoder = key_decoder_new(cases[i].term);
		struct buf got;

		buf_init(&got, 0);
		key_feed(decoder, cases[i].key.bytes, strlen(cases[i].key.bytes));
		drain(decoder, &got);
		if (strcmp(buf_str(&got), cases[i].key.want))
			fail_msg("%s: got '%s', want '%s'", cases[i].key.name, buf_str(&got),
				cases[i].key.want);
		buf_release(&got);
		key_decoder_free(decoder);
	}
}

static void key_names_parse_back(void **state)
{
	static const char *const names[] = {"g", "G", "ctrl-d", "alt-x", "enter", "pgdn", "f5",
		"space", "ctrl-space", "ctrl-alt-shift-up", "backtab", "ctrl--", "-", "alt--", "订",
		"esc", "shift-f12", "ctrl-backspace", "insert", "delete", "/", "?", "@",
		"focus-in"};
	static const struct {
		const char *name, *want;
	} aliases[] = {{"shift-tab", "backtab"}, {"alt-ctrl-x", "ctrl-alt-x"}, {"escape", "esc"},
		{"ctrl-D", "ctrl-d"}, {"shift-a", "A"}, {"pageup", "pgup"},
		{"ctrl-del", "ctrl-delete"}, {"return", "enter"}};
	static const char *const wrong[] = {"", "ctrl-", "xy", "ctrl-ctrl-a", "F5", "f13",
		"shift-1", " ", "\x1B", "\xFF", "\xC2\x9B", "ctrl-paste", "Enter", "a ", "订单"};
	char name[KEY_NAME_MAX];
	struct key key, again;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!key_parse(names[i], &key))
			fail_msg("%s: does not parse", names[i]);
		key_name(&key, name, sizeof(name));
		assert_string_equal(name, names[i]);
		assert_true(key_parse(name, &again));
		assert_true(key_eq(&key, &again));
	}
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++) {
		if (!key_parse(aliases[i].name, &key))
			fail_msg("%s: does not parse", aliases[i].name);
		key_name(&key, name, sizeof(name));
		assert_string_equal(name, aliases[i].want);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (key_parse(wrong[i], &key))
			fail_msg("'%s' parses", wrong[i]);
	for (int sym = KEY_SYM_CHAR + 1; sym < KEY_SYM_MAX; sym++) {
		key = (struct key){.sym = (enum key_sym)sym};
		key_name(&key, name, sizeof(name));
		assert_true(key_parse(name, &again));
		assert_true(key_eq(&key, &again));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_decodes_the_table),
		cmocka_unit_test(key_split_changes_nothing),
		cmocka_unit_test(key_flush_decides_what_stands_still),
		cmocka_unit_test(key_paste_has_a_cap),
		cmocka_unit_test(key_learns_from_terminfo),
		cmocka_unit_test(key_names_parse_back),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
