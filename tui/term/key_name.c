/* Keys as words, for keymaps and help, and back. */
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/term/key.h"

static const char *const sym_names[KEY_SYM_MAX] = {
	[KEY_SYM_ENTER] = "enter",
	[KEY_SYM_TAB] = "tab",
	[KEY_SYM_BACKTAB] = "backtab",
	[KEY_SYM_BACKSPACE] = "backspace",
	[KEY_SYM_ESC] = "esc",
	[KEY_SYM_UP] = "up",
	[KEY_SYM_DOWN] = "down",
	[KEY_SYM_LEFT] = "left",
	[KEY_SYM_RIGHT] = "right",
	[KEY_SYM_HOME] = "home",
	[KEY_SYM_END] = "end",
	[KEY_SYM_PGUP] = "pgup",
	[KEY_SYM_PGDN] = "pgdn",
	[KEY_SYM_INSERT] = "insert",
	[KEY_SYM_DELETE] = "delete",
	[KEY_SYM_F1] = "f1",
	[KEY_SYM_F2] = "f2",
	[KEY_SYM_F3] = "f3",
	[KEY_SYM_F4] = "f4",
	[KEY_SYM_F5] = "f5",
	[KEY_SYM_F6] = "f6",
	[KEY_SYM_F7] = "f7",
	[KEY_SYM_F8] = "f8",
	[KEY_SYM_F9] = "f9",
	[KEY_SYM_F10] = "f10",
	[KEY_SYM_F11] = "f11",
	[KEY_SYM_F12] = "f12",
	[KEY_SYM_PASTE] = "paste",
	[KEY_SYM_MOUSE] = "mouse",
	[KEY_SYM_FOCUS_IN] = "focus-in",
	[KEY_SYM_FOCUS_OUT] = "focus-out",
	[KEY_SYM_REPORT] = "report",
	[KEY_SYM_BACKGROUND] = "background",
};

static const struct {
	const char *name;
	enum key_sym sym;
} aliases[] = {
	{"return", KEY_SYM_ENTER},
	{"escape", KEY_SYM_ESC},
	{"ins", KEY_SYM_INSERT},
	{"del", KEY_SYM_DELETE},
	{"pageup", KEY_SYM_PGUP},
	{"pagedown", KEY_SYM_PGDN},
};

static const struct {
	const char *name;
	unsigned mod;
} mod_names[] = {{"ctrl-", KEY_CTRL}, {"alt-", KEY_ALT}, {"shift-", KEY_SHIFT}};

void key_name(const struct key *key, char *out, size_t size)
{
	char ch[5] = "", mods[16] = "";
	const char *word = ch;
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(mod_names); i++)
		if (key->mods & mod_names[i].mod) {
			memcpy(mods + len, mod_names[i].name, strlen(mod_names[i].name) + 1);
			len += strlen(mod_names[i].name);
		}
	if (key->sym != KEY_SYM_CHAR)
		word = key->sym < KEY_SYM_MAX ? sym_names[key->sym] : "?";
	else if (key->ch == ' ')
		word = "space";
	else if (key->ch && utf8proc_codepoint_valid((utf8proc_int32_t)key->ch))
		ch[utf8proc_encode_char((utf8proc_int32_t)key->ch, (utf8proc_uint8_t *)ch)] = '\0';
	else
		word = "?";
	snprintf(out, size, "%s%s", mods, word);
}

static bool parse_char(const char *word, struct key *out)
{
	utf8proc_int32_t ch;
	utf8proc_ssize_t len, used;

	if (str_eq(word, "space"))
		word = " ";
	else if (str_eq(word, " "))
		return false;
	len = (utf8proc_ssize_t)strnlen(word, 5);
	used = utf8proc_iterate((const utf8proc_uint8_t *)word, len, &ch);
	if (len == 0 || used != len || ch < 0x20 || (ch >= 0x7F && ch < 0xA0))
		return false;
	out->ch = (uint32_t)ch;
	if (ch < 0x80 && (out->mods & KEY_CTRL) && ch >= 'A' && ch <= 'Z')
		out->ch = (uint32_t)ch + 32;
	if (out->mods & KEY_SHIFT) {
		if (ch < 'a' || ch > 'z' || (out->mods & KEY_CTRL))
			return false; /* what Shift makes of it is the keyboard's affair */
		out->ch = (uint32_t)ch - 32;
		out->mods &= ~(unsigned)KEY_SHIFT;
	}
	return true;
}

bool key_parse(const char *name, struct key *out)
{
	struct key key = {.sym = KEY_SYM_CHAR};
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < ARRAY_SIZE(mod_names); i++) {
			if (!str_starts(name, mod_names[i].name) || (key.mods & mod_names[i].mod))
				continue;
			key.mods |= mod_names[i].mod;
			name += strlen(mod_names[i].name);
			more = true;
		}
	}
	for (int i = KEY_SYM_CHAR + 1; i < KEY_SYM_MAX; i++)
		if (str_eq(name, sym_names[i]))
			key.sym = (enum key_sym)i;
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (str_eq(name, aliases[i].name))
			key.sym = aliases[i].sym;
	if (key.sym == KEY_SYM_TAB && (key.mods & KEY_SHIFT))
		key.sym = KEY_SYM_BACKTAB;
	if (key.sym == KEY_SYM_BACKTAB)
		key.mods &= ~(unsigned)KEY_SHIFT;
	if (key.sym >= KEY_SYM_PASTE && key.mods)
		return false;
	if (key.sym == KEY_SYM_CHAR && !parse_char(name, &key))
		return false;
	*out = key;
	return true;
}

bool key_eq(const struct key *a, const struct key *b)
{
	return a->sym == b->sym && a->ch == b->ch && a->mods == b->mods;
}
