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

bool words_find(const struct words *words, const char *text, size_t from, size_t *at, size_t *len)
{
	const char *best = NULL;

	for (size_t i = 0; i < words->count; i++) {
		const char *place = strcasestr(text + from, words->word[i]);

		if (!place || (best && place >= best))
			continue;
		best = place;
		*at = (size_t)(place - text);
		*len = strlen(words->word[i]);
	}
	return best != NULL;
}
