#include "tests/faults/judge.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/state.h"

void judge_begin(struct judge *judge, const char *want, const char *never)
{
	*judge = (struct judge){.want = want, .never = never};
}

bool judge_matches(const char *cell, const char *states)
{
	while (states && *states) {
		size_t len = strcspn(states, "|");

		if (strncmp(cell, states, len) == 0 && (cell[len] == '\0' || cell[len] == ' '))
			return true;
		states += len + (states[len] == '|');
	}
	return false;
}

enum verdict judge_take(struct judge *judge, const char *cell, int64_t now_ms, bool may_end)
{
	bool is_wanted = judge_matches(cell, judge->want);

	if (judge_matches(cell, judge->never) || (judge->held && !is_wanted && *cell)) {
		snprintf(judge->wrong, sizeof(judge->wrong), "%s", cell);
		return JUDGE_WRONG;
	}
	if (!is_wanted || !may_end)
		return JUDGE_NOT_YET;
	if (!judge->held++)
		judge->true_ms = now_ms;
	return judge->held >= JUDGE_HOLD ? JUDGE_TRUE : JUDGE_NOT_YET;
}

void judge_trail(struct buf *trail, const char *cell)
{
	const char *last = buf_str(trail);

	if (!*cell)
		return;
	for (const char *next; (next = strstr(last, " > "));)
		last = next + 3;
	if (strcmp(last, cell) == 0)
		return;
	if (trail->len)
		buf_adds(trail, " > ");
	buf_adds(trail, cell);
}

static bool is_state(const char *cell)
{
	char *word = xstrndup(cell, strcspn(cell, " "));
	bool is_known = app_state_parse(word) != STATE_MAX;

	free(word);
	return is_known;
}

char *judge_cell(const char *line, const char *name)
{
	const char *start = strchr(line, ' '), *end = line, *word;
	char *cell, *rate;

	/* The state cannot hold the name, but the name may come again behind. */
	while (end && (end = strstr(end, name)) && end > line && end[-1] != ' ')
		end++;
	if (!start || !end || end <= start)
		return xstrdup("");
	while (*start == ' ')
		start++;
	while (end > start && end[-1] == ' ')
		end--;
	cell = xstrndup(start, (size_t)(end - start));
	word = strchr(cell, ' ');
	/* A frame of which half has been read. */
	if (!is_state(cell)) {
		free(cell);
		return xstrdup("");
	}
	rate = word && isdigit((unsigned char)word[1]) ? cell + (word - cell) : NULL;
	if (rate) {
		*rate = '\0';
		rate = xasprintf("%s loop", cell);
		free(cell);
		cell = rate;
	}
	return cell;
}
