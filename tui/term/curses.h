/*
 * The one door to curses and terminfo, private to tui/term. Only curses.c includes curses' own
 * headers, whose macros and globals would leak everywhere.
 */
#ifndef WEIR_TUI_CURSES_H
#define WEIR_TUI_CURSES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * String capabilities ("kcuu1", "smcup") of terminal type `term`, into out[count]: malloc'd, NULL
 * where it has none. False when terminfo does not know the type; then all are NULL.
 */
bool terminfo_strings(const char *term, const char *const *names, char **out, size_t count);

#endif
