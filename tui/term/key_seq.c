/*
 * The tables of xterm, VT220, rxvt, the Linux console, screen, tmux and kitty. A sequence that is
 * none of theirs, or an answer (device attributes, cursor position), is KEY_SEQ_NONE.
 */
#include "tui/term/key_seq.h"

#include <string.h>
#include <utf8proc.h>

#include "core/base/mem.h"

#define PARAMS_MAX 8
#define MOUSE_CELLS_MAX 10000

struct sym_row {
	int code;
	enum key_sym sym;
	unsigned mods;
};

/* CSI … letter and SS3 letter. */
static const struct sym_row letter_rows[] = {
	{'A', KEY_SYM_UP, 0},
	{'B', KEY_SYM_DOWN, 0},
	{'C', KEY_SYM_RIGHT, 0},
	{'D', KEY_SYM_LEFT, 0},
	{'F', KEY_SYM_END, 0},
	{'H', KEY_SYM_HOME, 0},
	{'P', KEY_SYM_F1, 0},
	{'Q', KEY_SYM_F2, 0},
	{'R', KEY_SYM_F3, 0},
	{'S', KEY_SYM_F4, 0},
	{'Z', KEY_SYM_BACKTAB, 0},
};

/* CSI number ~ of xterm, VT220, rxvt and the Linux console; rxvt has shifted F keys from 25. */
static const struct sym_row tilde_rows[] = {
	{1, KEY_SYM_HOME, 0},
	{2, KEY_SYM_INSERT, 0},
	{3, KEY_SYM_DELETE, 0},
	{4, KEY_SYM_END, 0},
	{5, KEY_SYM_PGUP, 0},
	{6, KEY_SYM_PGDN, 0},
	{7, KEY_SYM_HOME, 0},
	{8, KEY_SYM_END, 0},
	{11, KEY_SYM_F1, 0},
	{12, KEY_SYM_F2, 0},
	{13, KEY_SYM_F3, 0},
	{14, KEY_SYM_F4, 0},
	{15, KEY_SYM_F5, 0},
	{17, KEY_SYM_F6, 0},
	{18, KEY_SYM_F7, 0},
	{19, KEY_SYM_F8, 0},
	{20, KEY_SYM_F9, 0},
	{21, KEY_SYM_F10, 0},
	{23, KEY_SYM_F11, 0},
	{24, KEY_SYM_F12, 0},
	{25, KEY_SYM_F3, KEY_SHIFT},
	{26, KEY_SYM_F4, KEY_SHIFT},
	{28, KEY_SYM_F5, KEY_SHIFT},
	{29, KEY_SYM_F6, KEY_SHIFT},
	{31, KEY_SYM_F7, KEY_SHIFT},
	{32, KEY_SYM_F8, KEY_SHIFT},
	{33, KEY_SYM_F9, KEY_SHIFT},
	{34, KEY_SYM_F10, KEY_SHIFT},
};

/* Codes of CSI u (kitty's keyboard protocol) and of modifyOtherKeys that are no characters. */
static const struct sym_row code_rows[] = {
	{8, KEY_SYM_BACKSPACE, 0},
	{9, KEY_SYM_TAB, 0},
	{13, KEY_SYM_ENTER, 0},
	{27, KEY_SYM_ESC, 0},
	{127, KEY_SYM_BACKSPACE, 0},
	{57414, KEY_SYM_ENTER, 0},
	{57417, KEY_SYM_LEFT, 0},
	{57418, KEY_SYM_RIGHT, 0},
	{57419, KEY_SYM_UP, 0},
	{57420, KEY_SYM_DOWN, 0},
	{57421, KEY_SYM_PGUP, 0},
	{57422, KEY_SYM_PGDN, 0},
	{57423, KEY_SYM_HOME, 0},
	{57424, KEY_SYM_END, 0},
	{57425, KEY_SYM_INSERT, 0},
	{57426, KEY_SYM_DELETE, 0},
};

/* The numeric keypad: SS3 'j' … 'y', and CSI 57399 u …; kitty's order is another. */
static const char keypad_ss3[] = "*+,-./0123456789";
static const char keypad_kitty[] = "0123456789./*-+\r=,";

static const struct sym_row *row_find(const struct sym_row *rows, size_t count, int64_t code)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

static enum key_seq give(struct key *out, enum key_sym sym, uint32_t ch, unsigned mods)
{
	if (sym == KEY_SYM_TAB && (mods & KEY_SHIFT))
		sym = KEY_SYM_BACKTAB;
	if (sym == KEY_SYM_BACKTAB || sym == KEY_SYM_CHAR)
		mods &= ~(unsigned)KEY_SHIFT;
	*out = (struct key){.sym = sym, .ch = ch, .mods = mods};
	return KEY_SEQ_KEY;
}

void key_ascii(unsigned char c, struct key *out)
{
	static const char rest[] = "\\]^_";
	unsigned mods = out->mods;

	if (c == '\r' || c == '\n')
		give(out, KEY_SYM_ENTER, 0, mods);
	else if (c == '\t')
		give(out, KEY_SYM_TAB, 0, mods);
	else if (c == 0x7F || c == '\b')
		give(out, KEY_SYM_BACKSPACE, 0, mods);
	else if (c == 0)
		give(out, KEY_SYM_CHAR, ' ', mods | KEY_CTRL);
	else if (c <= 26)
		give(out, KEY_SYM_CHAR, c + 0x60u, mods | KEY_CTRL);
	else if (c == 0x1B)
		give(out, KEY_SYM_ESC, 0, mods);
	else if (c < 0x20)
		give(out, KEY_SYM_CHAR, (unsigned char)rest[c - 0x1C], mods | KEY_CTRL);
	else
		give(out, KEY_SYM_CHAR, c, mods);
}

/* The parameters of a CSI or SS3 sequence. */
struct params {
	char private; /* '<' '=' '>' '?' or 0 */
	bool intermediate;
	int count;
	int64_t num[PARAMS_MAX];
	int64_t sub[PARAMS_MAX]; /* the first sub-parameter (after a colon), 0 = none */
};

static void params_parse(struct params *params, const char *text, size_t len)
{
	int64_t *num = params->num;
	int at = 0, colons = 0;

	*params = (struct params){0};
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c >= '0' && c <= '9') {
			if (num && *num < 100000000)
				*num = *num * 10 + (c - '0');
			params->count = at + 1;
		} else if (c == ';') {
			at++;
			colons = 0;
			num = at < PARAMS_MAX ? &params->num[at] : NULL;
			params->count = at + 1;
		} else if (c == ':') {
			num = ++colons == 1 && at < PARAMS_MAX ? &params->sub[at] : NULL;
		} else if (c >= '<' && c <= '?') {
			params->private = c;
		} else {
			params->intermediate = true;
		}
	}
	if (params->count > PARAMS_MAX)
		params->count = PARAMS_MAX;
}

/*
 * xterm's modifier parameter: 1 + bits. Bit 8 is Meta for xterm and Super for kitty (`strict`):
 * a key with Super, Hyper or released is not ours. False: swallow.
 */
static bool mods_parse(const struct params *params, int at, bool strict, unsigned *mods)
{
	int64_t bits = params->num[at] > 0 ? params->num[at] - 1 : 0;

	if (params->sub[at] == 3 || (strict && (bits & (8 | 16))))
		return false;
	if (bits & 1)
		*mods |= KEY_SHIFT;
	if (bits & (strict ? 2 | 32 : 2 | 8))
		*mods |= KEY_ALT;
	if (bits & 4)
		*mods |= KEY_CTRL;
	return true;
}

static enum key_seq give_code(struct key *out, int64_t code, int64_t shifted, unsigned mods)
{
	const struct sym_row *row = row_find(code_rows, ARRAY_SIZE(code_rows), code);

	if (row)
		return give(out, row->sym, 0, mods);
	if (code >= 57399 && code < 57399 + (int64_t)strlen(keypad_kitty))
		code = (unsigned char)keypad_kitty[code - 57399];
	if ((mods & KEY_SHIFT) && !(mods & KEY_CTRL)) {
		if (shifted)
			code = shifted;
		else if (code >= 'a' && code <= 'z')
			code -= 32;
	}
	if ((mods & KEY_CTRL) && code >= 'A' && code <= 'Z')
		code += 32;
	if (code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 57344 && code <= 63743) ||
		code > 0x10FFFF || !utf8proc_codepoint_valid((utf8proc_int32_t)code))
		return KEY_SEQ_NONE;
	return give(out, KEY_SYM_CHAR, (uint32_t)code, mods);
}

/* CSI number ~, and rxvt's $ (shift), ^ (ctrl), @ (both) instead of ~. */
static enum key_seq csi_tilde(const struct params *params, char final, struct key *out)
{
	const struct sym_row *row = row_find(tilde_rows, ARRAY_SIZE(tilde_rows), params->num[0]);
	unsigned mods = out->mods;

	if (params->num[0] == 200 && final == '~')
		return KEY_SEQ_PASTE;
	if (params->num[0] == 27 && params->count == 3 && final == '~')
		return mods_parse(params, 1, true, &mods) ? give_code(out, params->num[2], 0, mods)
							  : KEY_SEQ_NONE;
	if (!row || !mods_parse(params, 1, false, &mods))
		return KEY_SEQ_NONE;
	if (final == '$' || final == '@')
		mods |= KEY_SHIFT;
	if (final == '^' || final == '@')
		mods |= KEY_CTRL;
	return give(out, row->sym, 0, mods | row->mods);
}

static enum key_seq csi_letter(const struct params *params, char final, struct key *out)
{
	const struct sym_row *row = row_find(letter_rows, ARRAY_SIZE(letter_rows), final);
	unsigned mods = out->mods;

	if (!row && final >= 'a' && final <= 'd' && params->count == 0) {
		row = row_find(letter_rows, ARRAY_SIZE(letter_rows), final - 32);
		mods |= KEY_SHIFT; /* rxvt */
	}
	/* CSI 5 ; 7 R is a cursor position, CSI 1 ; 5 R is taken for Ctrl-F3. */
	if (final == 'R' && params->count > 0 &&
		(params->num[0] != 1 || params->num[1] < 2 || params->num[1] > 16))
		return KEY_SEQ_NONE;
	if (!row || !mods_parse(params, params->count == 1 ? 0 : 1, false, &mods))
		return KEY_SEQ_NONE;
	return give(out, row->sym, 0, mods);
}

/*
 * CSI < button ; column ; row M, by mode 1006; m when it is let go. Bits 4, 8 and 16 of the button are
 * Shift, Alt and Ctrl, 32 is a movement, 64 the wheel, 128 the buttons from 8 on.
 */
static enum key_seq csi_mouse(const struct params *params, struct key *out)
{
	static const enum key_mouse wheels[] = {KEY_MOUSE_WHEEL_UP, KEY_MOUSE_WHEEL_DOWN,
		KEY_MOUSE_WHEEL_LEFT, KEY_MOUSE_WHEEL_RIGHT};
	int64_t button = params->num[0] & ~(int64_t)(4 | 8 | 16);

	if (params->count != 3 || params->intermediate || params->num[1] < 1 ||
		params->num[2] < 1 || params->num[1] > MOUSE_CELLS_MAX ||
		params->num[2] > MOUSE_CELLS_MAX || (button && button < 64) || button > 67)
		return KEY_SEQ_NONE;
	*out = (struct key){.sym = KEY_SYM_MOUSE,
		.mouse = button ? wheels[button - 64] : KEY_MOUSE_CLICK,
		.row = (int)params->num[2] - 1,
		.col = (int)params->num[1] - 1};
	return KEY_SEQ_KEY;
}

enum key_seq key_seq_csi(const char *seq, size_t len, struct key *out)
{
	struct params params;
	char final = seq[len - 1];
	bool bare = len == 2;
	unsigned mods = out->mods;

	params_parse(&params, seq + 1, len - 2);
	if (seq[1] == '<' && final == 'M')
		return csi_mouse(&params, out);
	if (params.private || params.intermediate)
		return KEY_SEQ_NONE; /* DA, DECRPM, ... */
	switch (final) {
	case '[': return bare ? KEY_SEQ_LINUX_FN : KEY_SEQ_NONE;
	case 'M': return bare ? KEY_SEQ_MOUSE : KEY_SEQ_NONE;
	case 'I': return bare ? give(out, KEY_SYM_FOCUS_IN, 0, 0) : KEY_SEQ_NONE;
	case 'O': return bare ? give(out, KEY_SYM_FOCUS_OUT, 0, 0) : KEY_SEQ_NONE;
	case 'n':
		/* 3: "malfunction", an answer too */
		if (params.count == 1 && (params.num[0] == 0 || params.num[0] == 3))
			return give(out, KEY_SYM_REPORT, 0, 0);
		return KEY_SEQ_NONE;
	case 'u':
		if (!mods_parse(&params, 1, true, &mods))
			return KEY_SEQ_NONE;
		return give_code(out, params.num[0], params.sub[0], mods);
	case '~':
	case '^':
	case '$':
	case '@': return csi_tilde(&params, final, out);
	default: return csi_letter(&params, final, out);
	}
}

enum key_seq key_seq_ss3(const char *seq, size_t len, struct key *out)
{
	char final = seq[len - 1];
	const struct sym_row *row = row_find(letter_rows, ARRAY_SIZE(letter_rows), final);
	struct params params;
	unsigned mods = out->mods;

	params_parse(&params, seq + 1, len - 2);
	/* SS3 5 A and SS3 1 ; 5 A: old konsole and gnome-terminal. */
	if (!mods_parse(&params, params.count > 1 ? 1 : 0, false, &mods))
		return KEY_SEQ_NONE;
	if (!row && final >= 'a' && final <= 'd') {
		row = row_find(letter_rows, ARRAY_SIZE(letter_rows), final - 32);
		mods |= KEY_CTRL; /* rxvt */
	}
	if (row)
		return give(out, row->sym, 0, mods);
	if (final >= 'j' && final <= 'y')
		return give(out, KEY_SYM_CHAR, (unsigned char)keypad_ss3[final - 'j'], mods);
	switch (final) {
	case 'X': return give(out, KEY_SYM_CHAR, '=', mods);
	case 'M': return give(out, KEY_SYM_ENTER, 0, mods);
	case 'I': return give(out, KEY_SYM_TAB, 0, mods);
	case ' ': return give(out, KEY_SYM_CHAR, ' ', mods);
	default: return KEY_SEQ_NONE;
	}
}

bool key_seq_is_rxvt_shift(const char *seq, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (seq[i] < '0' || seq[i] > '9')
			return false;
	return len == 2 || len == 3;
}

/* One part of 1 to 4 hexadecimal digits, as 0 … 255; -1 when it is none. */
static int color_part(const char **at, const char *end)
{
	unsigned value = 0, most = 0;

	for (; *at < end && most < 0xFFFF; (*at)++) {
		char c = **at;
		int digit = c >= '0' && c <= '9' ? c - '0'
			: c >= 'a' && c <= 'f'   ? c - 'a' + 10
			: c >= 'A' && c <= 'F'   ? c - 'A' + 10
						 : -1;
		if (digit < 0)
			break;
		value = value << 4 | (unsigned)digit;
		most = most << 4 | 15;
	}
	return most ? (int)(value * 255 / most) : -1;
}

bool key_seq_background(const char *seq, size_t len, uint32_t *rgb)
{
	static const char *const forms[] = {"]11;rgb:", "]11;rgba:"};
	const char *end = seq + len, *at = NULL;
	uint32_t color = 0;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (len > strlen(forms[i]) && !memcmp(seq, forms[i], strlen(forms[i])))
			at = seq + strlen(forms[i]);
	for (int i = 0; at && i < 3; i++) {
		int part = color_part(&at, end);

		if (part < 0 || (i < 2 && (at == end || *at++ != '/')))
			return false;
		color = color << 8 | (uint32_t)part;
	}
	*rgb = color;
	return at && (at == end || *at == '/'); /* behind that: how opaque it is */
}
