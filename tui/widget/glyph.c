/* One table; nothing else knows the marks. */
#include "tui/widget/glyph.h"

static const char *const glyphs[GLYPH_MAX][2] = {
	[GLYPH_UP] = {"↑", "^"},
	[GLYPH_DOWN] = {"↓", "v"},
	[GLYPH_LEFT] = {"‹", "<"},
	[GLYPH_RIGHT] = {"›", ">"},
	[GLYPH_THUMB] = {"█", "#"},
	[GLYPH_TRACK] = {"│", "|"},
	[GLYPH_DOT] = {"·", "-"},
	[GLYPH_RULE] = {"─", "-"},
	[GLYPH_MARK] = {"▪", "#"},
	[GLYPH_FOLDED] = {"▸", "+"},
	[GLYPH_UNFOLDED] = {"▾", "-"},
};

const char *glyph(enum glyph what, bool ascii)
{
	return glyphs[what][ascii];
}
