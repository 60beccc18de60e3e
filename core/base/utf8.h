/*
 * Text measured in terminal cells: grapheme boundaries by utf8proc, cells by wcwidth (what ncurses
 * advances by). A cluster whose width terminals dispute (ZWJ sequences, flags, skin tones) counts
 * and is drawn as its base character.
 */
#ifndef WEIR_BASE_UTF8_H
#define WEIR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

bool utf8_valid(const char *text, size_t len);
/* One code point as bytes, NUL-terminated; returns their number. */
size_t utf8_encode(uint32_t ch, char out[5]);
/* Appends `text` with invalid sequences as U+FFFD: the one repair for bytes from outside. */
void utf8_repair(struct buf *out, const char *text, size_t len);
/*
 * Foreign text made harmless for a terminal: C0 (newline, tab, ESC, ...), DEL, C1, bidi controls
 * and line/paragraph separators become a visible stand-in (tab, LF, CR LF: one space; others:
 * U+FFFD; '?' where the locale has no UTF-8). Invalid UTF-8 is repaired on the way.
 */
void utf8_neutralise(struct buf *out, const char *text, size_t len);

/* One cluster to be drawn: bytes [text, text+len), width 1 or 2 cells; never 0. */
struct utf8_cluster {
	const char *text; /* into the input, or a static stand-in for what cannot be drawn */
	size_t len;       /* bytes to draw: base and at most four marks; base alone if disputed */
	size_t advance;   /* bytes to step over in the input */
	int width_cols;
};
/* The cluster at `text` (valid UTF-8, NUL-terminated, not empty). False at the end. */
bool utf8_next(const char *text, struct utf8_cluster *out);
int utf8_width(const char *text);
/* Bytes of the longest prefix that fits into `max_cols`; its width into *cols (may be NULL). */
size_t utf8_fit(const char *text, int max_cols, int *cols);
/* Appends `text` in exactly `cols` cells: cut with "…" ("~" when ascii) or padded on the right. */
void utf8_pad(struct buf *out, const char *text, int cols, bool ascii);
/* Appends `text` with blanks behind it up to `cols` cells: padded as utf8_pad() does, and never cut. */
void utf8_fill(struct buf *out, const char *text, int cols);
/*
 * Of `fits` bytes that fit into a line, those that are to stand on it: up to behind a blank, or between
 * two characters where one is wide (of Chinese every one is a word), but never with a closing mark at
 * the start of the next line; all of them where that would waste half of the line.
 */
size_t utf8_break(const char *text, size_t fits);
/* Is the locale's character set UTF-8? */
bool utf8_locale(void);
/* The version of utf8proc. Static. */
const char *utf8_library(void);

#endif
