/*
 * The one door to curses and terminfo, private to tui/term. Only curses.c includes curses' own
 * headers, whose macros and globals would leak everywhere.
 */
#ifndef WEIR_TUI_CURSES_H
#define WEIR_TUI_CURSES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "tui/term/canvas.h"
#include "tui/term/theme.h"

struct buf;

/*
 * String capabilities ("kcuu1", "smcup") of terminal type `term`, into out[count]: malloc'd, NULL
 * where it has none. False when terminfo does not know the type; then all are NULL.
 */
bool terminfo_strings(const char *term, const char *const *names, char **out, size_t count);

/* Turns frames into bytes for one terminal type. It touches no terminal. */
struct painter;

/*
 * E_ARG: terminfo does not know the type · E_UNSUPPORTED: it cannot place the cursor. True colour
 * where $COLORTERM says so and the type has a "-direct" entry.
 */
int painter_open(struct painter **out, const char *term, bool no_color, const struct theme *theme,
	struct err *err);
void painter_close(struct painter *painter);
/* Colours it paints with: 0 (attributes only), 8, 16, 256, or 1 << 24. */
int painter_colors(const struct painter *painter);
/* Borrowed until the next call. */
void painter_set_theme(struct painter *painter, const struct theme *theme);
/* The next frame is painted whole. */
void painter_forget(struct painter *painter);
/*
 * Appends what makes the last frame into this one; nothing when they are equal. Row by row, that of the cursor
 * first, until about `most` bytes are there (0: only that row; SIZE_MAX: all); false: rows are left, which the next call goes on with.
 */
bool painter_frame(
	struct painter *painter, const struct canvas *canvas, size_t most, struct buf *out);

/* Its version, for weir doctor. Static. */
const char *curses_library(void);

#endif
