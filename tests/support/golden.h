/*
 * Saved screens. A frame (text, and below each row its style names, so that themes never matter) is
 * compared with tests/golden/<name>.screen; WEIR_GOLDEN=write writes it instead, and the difference
 * is read in the review.
 */
#ifndef WEIR_TESTS_SUPPORT_GOLDEN_H
#define WEIR_TESTS_SUPPORT_GOLDEN_H

/* `frame`: what the canvas' dump gave. The case fails at the first line that differs, showing both.
 */
void check_golden(const char *name, const char *frame);

#endif
