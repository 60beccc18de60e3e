/* Two texts, line by line, as a unified diff. Pure. */
#ifndef WEIR_BASE_DIFF_H
#define WEIR_BASE_DIFF_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/*
 * Appends "--- a_name", "+++ b_name" and the hunks with `context` lines around each; nothing when
 * the texts are equal. Is there a difference? Texts of more than some thousand differing lines are
 * one hunk: all of one, then all of the other.
 */
bool diff_unified(struct buf *out, const char *a, const char *a_name, const char *b,
	const char *b_name, size_t context);

#endif
