/*
 * What a person typed to narrow something: words, all of which a text must hold, upper and lower
 * case alike. Nothing typed is in every text.
 */
#ifndef WEIR_TUI_WORDS_H
#define WEIR_TUI_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX 16

struct words {
	char *text;                  /* as typed; never NULL after words_set() */
	char *split;                 /* the words, each ended by NUL */
	const char *word[WORDS_MAX]; /* into `split`; what is beyond is part of the last */
	size_t count;
};

void words_set(struct words *words, const char *text);
void words_release(struct words *words);
bool words_match(const struct words *words, const char *text);
/* The first place at or behind `from` where one of the words stands; false when there is none. */
bool words_find(const struct words *words, const char *text, size_t from, size_t *at, size_t *len);

#endif
