/*
 * Fewer bytes for the same picture. curses tells a terminal all of a cell's attributes each time one of them
 * changes, "ESC(B ESC[0;2m ESC[3m ESC[39;49m ESC[38;5;79m" for a change of colour: more than half of a frame.
 * Here only what differs is told, right before the text that it is for; what blanks do not show waits.
 */
#ifndef WEIR_TUI_SGR_H
#define WEIR_TUI_SGR_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* The graphic rendition a terminal is in. */
struct sgr {
	unsigned attrs;      /* bit N: parameter N, 1 to 9 */
	char fg[20], bg[20]; /* parameters: "38;5;79"; "" = the terminal's default */
	char charset;        /* as ESC ( says */
	bool is_known;       /* false: all is told with the next text */
};

/*
 * Appends to `out` what shows on an ANSI terminal in the rendition `given` what `bytes` would; `given` is what it is
 * in then, and what `bytes` asked for. `bytes` hold whole sequences. A colour as 38:2::R:G:B becomes 38;2;R;G;B, which
 * all take.
 */
void sgr_thin(struct sgr *given, const char *bytes, size_t len, struct buf *out);

#endif
