/*
 * Matching is the substring search of base/str; finding the place (to mark it on the screen) folds
 * ASCII only, so a match in other letters' case is found but not marked.
 */
#include "tui/widget/words.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/present/filter.h"

bool words_set(struct words *words, const char *text)
{
	struct filter *filter;
	bool is_narrower = true;

	free(words->text);
	words->text = xstrdup(text ? text : "");
	if (filter_parse(&filter, words->text, NULL, false, NULL, NULL) == 0) {
		is_narrower = words->filter && !words_are_empty(words) &&
			filter_narrows(filter, words->filter);
		filter_free(words->filter);
		words->filter = filter;
	}
	return is_narrower;
}

void words_release(struct words *words)
{
	free(words->text);
	filter_free(words->filter);
	*words = (struct words){0};
}

bool words_are_empty(const struct words *words)
{
	return filter_is_empty(words->filter);
}

bool words_match(const struct words *words, const char *text)
{
	return filter_match(words->filter, NULL, text, NULL);
}

bool words_find(const struct words *words, const char *text, size_t from, size_t *at, size_t *len)
{
	struct filter_mark mark;

	if (!filter_find(words->filter, text, from, &mark, 1))
		return false;
	*at = mark.at;
	*len = mark.len;
	return true;
}
