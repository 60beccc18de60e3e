/*
 * What a person typed to find something in a text: the words of core/present/filter.h, where a bare one is
 * in a line as it stands. Nothing typed is in every line.
 */
#ifndef WEIR_TUI_WORDS_H
#define WEIR_TUI_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct filter;

struct words {
	char *text; /* as typed; never NULL after words_set() */
	struct filter
		*filter; /* the last that was right: of what is not, yet, the words before count */
};

/* True: it only lets through what it let through before, which was not all. */
bool words_set(struct words *words, const char *text);
void words_release(struct words *words);
/* Nothing is asked for. */
bool words_are_empty(const struct words *words);
bool words_match(const struct words *words, const char *text);
/* The first place at or behind `from` where one of the words stands; false when there is none. */
bool words_find(const struct words *words, const char *text, size_t from, size_t *at, size_t *len);

#endif
