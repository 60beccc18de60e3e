/*
 * What was typed in the palette, kept over exits: the person's own file, 0600, one line for each, the
 * newest last. Nothing that the redactor would touch gets there. Blocking: at the start and at the end.
 */
#ifndef WEIR_TUI_PALETTE_FILE_H
#define WEIR_TUI_PALETTE_FILE_H

#include <stddef.h>

#define PALETTE_LINES_MAX 100
#define PALETTE_LINE_MAX 512 /* bytes; a longer one is not kept */

/* In the folder of all stores; malloc'd. No context can have that name. */
char *palette_path(const char *store_dir);
/* Each line, the oldest first; none when there is no such file, or it cannot be read. */
void palette_read(const char *path, void (*fn)(void *data, const char *line), void *data);
/* Behind what other programs wrote meanwhile. That it cannot be written harms nobody. */
void palette_write(const char *path, const char *const *lines, size_t count);

#endif
