/* Between theme.c, theme_parse.c and the files that are compiled in. */
#ifndef WEIR_TUI_THEME_PRIVATE_H
#define WEIR_TUI_THEME_PRIVATE_H

#include <stdbool.h>
#include <stdio.h>

#include "tui/term/theme.h"

/* themes/NAME.yaml as it was at the build; the last has no name. */
struct theme_source {
	const char *name, *text;
};
extern const struct theme_source theme_sources[];

/* ATTR_… of a word, 0 for any other. */
unsigned theme_attr(const char *word);
/* "#rrggbb". */
bool theme_rgb(const char *word, int32_t *out);

typedef bool (*theme_color_fn)(const void *data, const char *word, int32_t *out);
/* "bold red on blue" → *out. False: `wrong` holds the word that does not fit there. */
bool theme_words(const char *text, theme_color_fn color, const void *data, struct style_def *out,
	char *wrong, size_t size);

#endif
