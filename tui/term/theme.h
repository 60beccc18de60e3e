/*
 * Named styles → colours and attributes, from YAML. A theme file:
 *
 *	name: mine
 *	base: light                  # a built-in theme: what is not said here; default dark
 *	palette:
 *	  sea: "#00695c"
 *	styles:
 *	  title: bold sea            # words: attributes, a colour, "on" a background
 *	  selected: "on #cfe3ff"     # a colour is of the palette, #rrggbb or default
 *
 * Attributes: bold dim italic underline reverse. The styles are those of canvas.h; what one leaves
 * unsaid is taken from "none", which stands behind everything (a theme may so bring its own
 * background), and from the terminal where that is silent too. stale, marked and selected are
 * overlays: what they leave unsaid shows what lies below.
 */
#ifndef WEIR_TUI_THEME_H
#define WEIR_TUI_THEME_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "tui/term/canvas.h"

enum { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_ITALIC = 4, ATTR_UNDERLINE = 8, ATTR_REVERSE = 16 };

#define COLOR_UNSET (-1) /* that of "none", else the terminal's; in an overlay what lies below */

struct style_def {
	int32_t fg, bg; /* 0xRRGGBB, or COLOR_UNSET */
	unsigned attrs;
};

struct theme {
	char *name;
	struct style_def styles[STYLE_MAX];
};

/*
 * name: a path (it holds a '/' or ends in .yaml), or a name: NAME.yaml in $WEIR_THEMES, in themes/
 * beside the user's configuration, in the data folder, else the built-in one. NULL or "" =
 * theme_default_name().
 * Errors: E_CONFIG with file:line:column, or with where it looked.
 */
int theme_load(struct theme **out, const char *name, struct err *err);
int theme_parse(
	struct theme **out, const char *path, const char *text, size_t len, struct err *err);
/* As compiled in, whatever files there are: cannot fail. Names of none count as dark. */
struct theme *theme_builtin(const char *name);
/*
 * The names that theme_load() finds by a name, sorted, each with its origin (NULL = built in): pairs
 * in one array of 2 * *count. Reads folders.
 */
char **theme_list(size_t *count);
void theme_list_free(char **list, size_t count);
/* "light" where $COLORFGBG says that the background is light, else "dark". */
const char *theme_default_name(void);
/* The one for text on that background: "light" or "dark". */
const char *theme_for_background(int32_t rgb);
void theme_free(struct theme *theme);
/*
 * The terminal's colour number nearest to an RGB value, of `colors` colours: the cube and greys of
 * 256, or of 16 and 8 the one of that hue (users redefine those, so distance means little).
 */
int theme_nearest(int32_t rgb, int colors);
/* A style with its overlays (CELL_OVERLAY bits) laid over it: stale, then marked, then selected. */
struct style_def theme_merge(const struct theme *theme, unsigned style, unsigned overlays);

#endif
