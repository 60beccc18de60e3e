/* Small lists (commands, columns, names of applications), so matching walks them all at each key.
 */
#include "tui/widget/complete.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"

struct candidate {
	char *text, *help;
	int rank; /* 0 begins, 1 holds, 2 letters in order, 3 no */
	size_t order;
};

struct complete {
	VEC(struct candidate) all;
	VEC(const struct candidate *) fit;
	size_t chosen; /* in fit; fit.len = none */
	char *word;
};

struct complete *complete_new(void)
{
	struct complete *complete = xcalloc(1, sizeof(*complete));

	complete->word = xstrdup("");
	return complete;
}

void complete_clear(struct complete *complete)
{
	for (size_t i = 0; i < complete->all.len; i++) {
		free(complete->all.data[i].text);
		free(complete->all.data[i].help);
	}
	complete->all.len = complete->fit.len = complete->chosen = 0;
}

void complete_free(struct complete *complete)
{
	if (!complete)
		return;
	complete_clear(complete);
	vec_release(&complete->all);
	vec_release(&complete->fit);
	free(complete->word);
	free(complete);
}

void complete_add(struct complete *complete, const char *text, const char *help)
{
	struct candidate candidate = {.text = xstrdup(text), .help = xstrdup_null(help)};

	candidate.order = complete->all.len;
	vec_push(&complete->all, candidate);
}

static int fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static int rank_of(const char *text, const char *word)
{
	size_t i = 0;

	while (word[i] && fold(text[i]) == fold(word[i]))
		i++;
	if (!word[i])
		return 0;
	if (str_contains_fold(text, word))
		return 1;
	for (; *text && *word; text++)
		if (fold(*text) == fold(*word))
			word++;
	return *word ? 3 : 2;
}

static int fit_compare(const void *a, const void *b)
{
	const struct candidate *x = *(const struct candidate *const *)a;
	const struct candidate *y = *(const struct candidate *const *)b;

	if (x->rank != y->rank)
		return x->rank - y->rank;
	return x->order < y->order ? -1 : x->order > y->order;
}

void complete_match(struct complete *complete, const char *word)
{
	char *copy = xstrdup(word);

	free(complete->word);
	complete->word = copy;
	complete->fit.len = 0;
	for (size_t i = 0; i < complete->all.len; i++) {
		struct candidate *candidate = &complete->all.data[i];
		candidate->rank = rank_of(candidate->text, word);
		if (candidate->rank < 3)
			vec_push(&complete->fit, candidate);
	}
	if (complete->fit.len)
		qsort(complete->fit.data, complete->fit.len, sizeof(complete->fit.data[0]),
			fit_compare);
	complete->chosen = *word ? 0 : complete->fit.len;
}

size_t complete_count(const struct complete *complete)
{
	return complete->fit.len;
}

size_t complete_beginning(const struct complete *complete)
{
	size_t count = 0;

	while (count < complete->fit.len && !complete->fit.data[count]->rank)
		count++;
	return count;
}

const char *complete_chosen(const struct complete *complete)
{
	if (complete->chosen >= complete->fit.len)
		return NULL;
	return complete->fit.data[complete->chosen]->text;
}

void complete_step(struct complete *complete, int step)
{
	size_t count = complete->fit.len;

	if (!count)
		return;
	if (complete->chosen >= count)
		complete->chosen = step > 0 ? 0 : count - 1;
	else
		complete->chosen = (complete->chosen + count + (size_t)step) % count;
}

char *complete_common(const struct complete *complete)
{
	const char *first = NULL;
	size_t len = 0;

	for (size_t i = 0; i < complete->fit.len && !complete->fit.data[i]->rank; i++) {
		const char *text = complete->fit.data[i]->text;
		size_t same = 0;
		if (!first) {
			first = text;
			len = strlen(text);
			continue;
		}
		while (same < len && fold(text[same]) == fold(first[same]))
			same++;
		len = same;
	}
	while (len && ((unsigned char)first[len] & 0xC0) == 0x80)
		len--; /* not inside a character */
	if (!first || len <= strlen(complete->word))
		return NULL;
	return xstrndup(first, len);
}

int complete_draw(const struct complete *complete, struct canvas *canvas, struct rect rect)
{
	int count = (int)complete->fit.len, rows = count < rect.rows ? count : rect.rows;
	int first = 0, width = 0;
	bool has_chosen = complete->chosen < complete->fit.len;

	if (has_chosen && (int)complete->chosen >= rows)
		first = (int)complete->chosen - rows + 1;
	for (int i = 0; i < rows; i++) {
		int cols = utf8_width(complete->fit.data[first + i]->text);
		width = cols > width ? cols : width;
	}
	if (width > rect.cols / 2)
		width = rect.cols / 2;
	for (int i = 0; i < rows; i++) {
		const struct candidate *candidate = complete->fit.data[first + i];
		struct rect line = {rect.row + rect.rows - 1 - i, rect.col, 1, rect.cols};
		canvas_fill(canvas, line, STYLE_TEXT, " ");
		canvas_put_cut(canvas, line.row, line.col + 1, width, STYLE_KEY, candidate->text);
		if (candidate->help)
			canvas_put_cut(canvas, line.row, line.col + width + 3,
				line.cols - width - 4, STYLE_HINT, candidate->help);
		if (has_chosen && first + i == (int)complete->chosen)
			canvas_overlay(canvas, line, STYLE_SELECTED);
	}
	return rows;
}
