/*
 * Matching is the substring search of base/str; finding the place (to mark it on the screen) folds
 * ASCII only, so a match in other letters' case is found but not marked.
 */
#include "tui/widget/words.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"

void words_set(struct words *words, const char *text)
{
	char *copy = xstrdup(text ? text : "");

	words_release(words);
	words->text = copy;
	words->split = xstrdup(copy);
	for (char *p = words->split; *p;) {
		p += strspn(p, " \t");
		if (!*p)
			break;
		words->word[words->count++] = p;
		if (words->count == WORDS_MAX)
			break;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
}

void words_release(struct words *words)
{
	free(words->text);
	free(words->split);
	*words = (struct words){0};
}

bool words_match(const struct words *words, const char *text)
{
	for (size_t i = 0; i < words->count; i++)
		if (!str_contains_fold(text, words->word[i]))
			return false;
	return true;
}

static int fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool stands_at(const char *text, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (fold(text[i]) != fold(word[i]))
			return false;
	return true;
}

bool words_find(const struct words *words, const char *text, size_t from, size_t *at, size_t *len)
{
	size_t best = (size_t)-1, best_len = 0, text_len = strlen(text);

	for (size_t i = 0; i < words->count; i++) {
		size_t word_len = strlen(words->word[i]);
		for (size_t k = from; k < best && k + word_len <= text_len; k++) {
			if (!stands_at(text + k, words->word[i], word_len))
				continue;
			best = k;
			best_len = word_len;
			break;
		}
	}
	if (!best_len)
		return false;
	*at = best;
	*len = best_len;
	return true;
}
