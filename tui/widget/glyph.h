/* The few marks that widgets draw besides text, and what stands for them where only ASCII is sure.
 */
#ifndef WEIR_TUI_GLYPH_H
#define WEIR_TUI_GLYPH_H

#include <stdbool.h>

enum glyph {
	GLYPH_UP, /* sorted upwards */
	GLYPH_DOWN,
	GLYPH_LEFT, /* more to the left */
	GLYPH_RIGHT,
	GLYPH_THUMB, /* of a scroll bar */
	GLYPH_TRACK,
	GLYPH_DOT,  /* between two facts of one line */
	GLYPH_RULE, /* a line behind a section's title */
	GLYPH_MARK, /* a line that is marked */
	GLYPH_FOLDED,
	GLYPH_UNFOLDED,
	GLYPH_MAX
};

/* One cell wide each. */
const char *glyph(enum glyph what, bool ascii);

#endif
