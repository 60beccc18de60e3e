/*
 * What a command prints, made fit to be kept and shown: whole lines, secrets masked, harmless for a
 * terminal (colours and other escape sequences are left out, tabs stay), valid UTF-8. Of what was
 * drawn over by carriage returns (progress bars) only the last state stays; a line over 64 KiB is
 * cut, and says so.
 *
 *	clean = clean_new();
 *	clean_add(clean, bytes, len, &lines);      as they come, in pieces of any size
 *	clean_end(clean, &lines);                  the last line, when it had no end
 *	clean_free(clean);
 */
#ifndef WEIR_BASE_CLEAN_H
#define WEIR_BASE_CLEAN_H

#include <stddef.h>

struct buf;

#define CLEAN_LINE_BYTES ((size_t)64 << 10)

struct clean;
struct clean *clean_new(void);
void clean_add(struct clean *clean, const char *bytes, size_t len, struct buf *out);
void clean_end(struct clean *clean, struct buf *out);
void clean_free(struct clean *clean); /* NULL-safe; wipes what it held */

#endif
