#include "tui/term/clip.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define MOST_BYTES 74994 /* 99,992 as base64 */
#define MOST_BYTES_SLOW 4096
#define SCREEN_PIECE 240 /* screen keeps no longer string */

#define BEGIN "\x1B]52;c;"
#define END "\a"

enum clip_way clip_way(const char *term, const char *tmux, const char *sty)
{
	static const char *const without[] = {"linux", "con", "vt", "dumb", "ansi"};

	for (size_t i = 0; i < ARRAY_SIZE(without); i++)
		if (str_empty(term) || str_starts(term, without[i]))
			return CLIP_NONE;
	if (!str_empty(tmux) || str_starts(term, "tmux"))
		return CLIP_TMUX;
	/* "screen" over SSH may be either: what screen takes is nothing to tmux. */
	return !str_empty(sty) || str_starts(term, "screen") ? CLIP_SCREEN : CLIP_PLAIN;
}

size_t clip_most(bool is_slow)
{
	return is_slow ? MOST_BYTES_SLOW : MOST_BYTES;
}

static void base64(struct buf *out, const char *text, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned v = (unsigned)(unsigned char)text[i] << 16;

		v |= i + 1 < len ? (unsigned)(unsigned char)text[i + 1] << 8 : 0;
		v |= i + 2 < len ? (unsigned)(unsigned char)text[i + 2] : 0;
		buf_addc(out, digits[v >> 18]);
		buf_addc(out, digits[v >> 12 & 63]);
		buf_addc(out, i + 1 < len ? digits[v >> 6 & 63] : '=');
		buf_addc(out, i + 2 < len ? digits[v & 63] : '=');
	}
}

void clip_write(struct buf *out, enum clip_way way, const char *text, size_t len)
{
	struct buf code;

	if (way == CLIP_NONE)
		return;
	buf_init(&code, 0);
	base64(&code, text, len);
	/* To tmux itself, or to screen, which drops it. */
	buf_addf(out, BEGIN "%s" END, buf_str(&code));
	if (way == CLIP_TMUX)
		buf_addf(out, "\x1BPtmux;\x1B" BEGIN "%s" END "\x1B\\", buf_str(&code));
	if (way == CLIP_SCREEN) {
		buf_adds(out, "\x1BP" BEGIN);
		for (size_t at = 0; at < code.len; at += SCREEN_PIECE)
			buf_addf(out, "%s%.*s", at ? "\x1B\\\x1BP" : "", SCREEN_PIECE,
				buf_str(&code) + at);
		buf_adds(out, END "\x1B\\");
	}
	buf_release(&code);
}
