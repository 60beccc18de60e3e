/*
 * Bytes of a terminal → keys. A pure decoder: terminfo strings, CSI/SS3, modifiers (xterm, rxvt and
 * kitty forms), bracketed paste as one event, the mouse (SGR 1006), UTF-8; OSC, DCS, APC and report answers are
 * swallowed, however late or split (of two the meaning comes as a key that no finger makes). The same bytes give the same keys wherever they are split.
 *
 * ESC alone is decided by the caller's timer: while key_pending() is true, each time that nothing
 * came for ~50 ms, call key_flush(). The first call makes a lone ESC a key. What is certainly the
 * start of a longer sequence is given 1 s (a paste 5 s) of such calls, so that on a bad line the
 * rest of an answer is not taken for typed letters, which could start and stop things. So Alt with
 * one of [ ] O P X ^ _ is heard only after that second: keymaps should not use it.
 *
 *	key_feed(decoder, bytes, len);
 *	while (key_next(decoder, &key))
 *		...
 */
#ifndef WEIR_TUI_KEY_H
#define WEIR_TUI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_sym {
	KEY_SYM_CHAR, /* `ch` holds it */
	KEY_SYM_ENTER,
	KEY_SYM_TAB,
	KEY_SYM_BACKTAB, /* shift-tab; never with KEY_SHIFT */
	KEY_SYM_BACKSPACE,
	KEY_SYM_ESC,
	KEY_SYM_UP,
	KEY_SYM_DOWN,
	KEY_SYM_LEFT,
	KEY_SYM_RIGHT,
	KEY_SYM_HOME,
	KEY_SYM_END,
	KEY_SYM_PGUP,
	KEY_SYM_PGDN,
	KEY_SYM_INSERT,
	KEY_SYM_DELETE,
	KEY_SYM_F1,
	KEY_SYM_F2,
	KEY_SYM_F3,
	KEY_SYM_F4,
	KEY_SYM_F5,
	KEY_SYM_F6,
	KEY_SYM_F7,
	KEY_SYM_F8,
	KEY_SYM_F9,
	KEY_SYM_F10,
	KEY_SYM_F11,
	KEY_SYM_F12,
	/*
	 * `paste` holds the text: valid UTF-8, at most 64 KiB, lines end in \n, no control
	 * character but \n and \t. Borrowed until the next key_next() or key_decoder_free().
	 */
	KEY_SYM_PASTE,
	KEY_SYM_MOUSE, /* `mouse`, `row` and `col` tell */
	KEY_SYM_FOCUS_IN,
	KEY_SYM_FOCUS_OUT,
	KEY_SYM_REPORT,     /* the answer to CSI 5 n ("terminal ready") */
	KEY_SYM_BACKGROUND, /* the answer to OSC 11: `ch` is its colour, 0xRRGGBB */
	KEY_SYM_MAX
};

enum {
	KEY_CTRL = 1,
	KEY_ALT = 2,
	KEY_SHIFT = 4 /* never for CHAR: 'A' is 'A' */
};

/* The left button pressed, and the wheel; all else a mouse does is swallowed. */
enum key_mouse {
	KEY_MOUSE_CLICK,
	KEY_MOUSE_WHEEL_UP,
	KEY_MOUSE_WHEEL_DOWN,
	KEY_MOUSE_WHEEL_LEFT,
	KEY_MOUSE_WHEEL_RIGHT,
	KEY_MOUSE_MAX
};

struct key {
	enum key_sym sym;
	uint32_t ch; /* code point; Ctrl-A is ch 'a' with KEY_CTRL; 0 unless CHAR or BACKGROUND */
	unsigned mods;
	const char *paste; /* NULL unless PASTE */
	enum key_mouse mouse;
	int row, col; /* of MOUSE, from 0 */
};

struct key_decoder;

#define KEY_PASTE_MAX ((size_t)64 << 10)

/* term: terminfo name; its key strings are learned too (NULL or unknown = common ones only). */
struct key_decoder *key_decoder_new(const char *term);
void key_decoder_free(struct key_decoder *decoder);
/* Eats bytes; keys come out by key_next(). */
void key_feed(struct key_decoder *decoder, const char *bytes, size_t len);
bool key_next(struct key_decoder *decoder, struct key *out);
bool key_pending(const struct key_decoder *decoder); /* an unfinished sequence is held */
void key_flush(struct key_decoder *decoder);         /* silence: see above */

/*
 * "g", "G", "ctrl-d", "alt-x", "enter", "shift-up", "backtab", "f5", "space": names in keymaps and
 * help. Modifiers come in the order ctrl, alt, shift. key_parse() takes any order, "shift-tab" and
 * a few other spellings (escape, del, ins, pageup, pagedown, return); false on anything else.
 */
#define KEY_NAME_MAX 32
void key_name(const struct key *key, char *out, size_t size);
bool key_parse(const char *name, struct key *out);
bool key_eq(const struct key *a, const struct key *b); /* pastes and places are not compared */

#endif
