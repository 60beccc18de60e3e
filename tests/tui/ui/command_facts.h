/*
 * What a command has done, in words that a table can hold: where somebody is, what is open, what of the table in
 * front is another, and what the program was asked for. Only what differs is told.
 *
 *	struct facts before = facts_of(&drive), after;
 *	drive_keys(&drive, "s");
 *	after = facts_of(&drive);
 *	facts_happened(&before, &after)           "sort name down; "
 */
#ifndef WEIR_TESTS_TUI_COMMAND_FACTS_H
#define WEIR_TESTS_TUI_COMMAND_FACTS_H

#include "tests/tui/ui/drive.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/dialog_private.h"
#include "tui/widget/table.h"

#define FACTS_MAX 32

struct facts {
	char *words[FACTS_MAX];
	size_t count;
	long line;   /* of the table, -1 = there is none */
	char *frame; /* the view's part of it */
};

static inline void facts_release(struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		free(facts->words[i]);
	free(facts->frame);
	*facts = (struct facts){0};
}

/* Taken. */
static inline void facts_take(struct facts *facts, char *words)
{
	assert_true(facts->count < FACTS_MAX);
	facts->words[facts->count++] = words;
}

#define facts_add(facts, ...) facts_take(facts, xasprintf(__VA_ARGS__))

static inline void facts_of_place(struct facts *facts, const struct screen *screen)
{
	struct view *view = screen_view(screen);
	enum command_id section;
	bool is_attention = false;
	struct table *table =
		view->ops->where == IN_LIST ? list_view_rows(view, &is_attention) : NULL;

	if (card_view_section(view, &section))
		facts_add(facts, "card %s", commands[section].name);
	else if (table)
		facts_add(facts, "list %s", table_column_table(table)->name);
	else
		facts_add(facts, "view %s", view->ops->name);
	facts_add(facts, "attention %d", is_attention);
	facts_add(facts, "app %s",
		view->ops->app && view->ops->app(view) ? view->ops->app(view) : "none");
	facts_add(facts, "at %zu of %zu", screen->at, screen->count);
	if (view->ops->filter)
		facts_add(facts, "filter /%s", view->ops->filter(view));
}

static inline void facts_of_prompt(struct facts *facts, const struct screen *screen)
{
	switch (screen->mode) {
	case PROMPT_FILTER: facts_add(facts, "types /%s", prompt_text(screen->filter)); break;
	case PROMPT_PALETTE: facts_add(facts, "types :%s", prompt_text(screen->palette)); break;
	case PROMPT_DIALOG: facts_add(facts, "asks %s", screen->dialog->title); break;
	case PROMPT_NONE: facts_add(facts, "types nothing"); break;
	}
	facts_add(facts, "says %s", screen->toast ? screen->toast : "nothing");
	facts_add(facts, "waits %s", screen->pending ? screen->pending : "for nothing");
}

static inline void facts_of_table(struct facts *facts, const struct screen *screen)
{
	struct table *table = screen_table(screen);
	const struct column *column;
	bool is_descending = false;

	facts->line = -1;
	if (!table)
		return;
	facts->line = (long)table_line(table);
	column = table_sorted_by(table, &is_descending);
	facts_add(facts, "rows %s", table_column_table(table)->name);
	facts_add(
		facts, "sort %s %s", column ? column->key : "none", is_descending ? "down" : "up");
	facts_add(facts, "wide %d", table_is_wide(table));
	facts_add(facts, "group %s", table_grouped_by(table) ? table_grouped_by(table) : "none");
	facts_add(facts, "lines %zu", table_line_count(table));
	facts_add(facts, "marked %zu", table_marked_count(table));
}

/* The columns that are seen: the line in which one has an arrow, its blanks as one each. */
static inline void facts_of_titles(struct facts *facts, const char *frame)
{
	struct buf titles;

	buf_init(&titles, 0);
	for (size_t len; *frame; frame += len + (frame[len] != '\0')) {
		len = strcspn(frame, "\n");
		if (!memmem(frame, len, "↑", strlen("↑")) && !memmem(frame, len, "↓", strlen("↓")))
			continue;
		for (size_t i = 0; i < len; i++)
			if (frame[i] != ' ' || (i + 1 < len && frame[i + 1] != ' '))
				buf_addc(&titles, frame[i]);
		facts_add(facts, "titles %s", buf_str(&titles));
		break;
	}
	buf_release(&titles);
}

/* Of a text: "Top", "35%", "End", "following", as its first lines say it. */
static inline void facts_of_text(struct facts *facts, const char *frame)
{
	for (int i = 0; i < 4 && *frame; i++) {
		size_t len = strcspn(frame, "\n");
		const char *last = len ? memrchr(frame, ' ', len) : NULL;
		int word = last ? (int)(frame + len - last - 1) : 0;
		bool is_place = word &&
			(!memcmp(last, " Top", 4) || !memcmp(last, " End", 4) ||
				!memcmp(last, " following", 10) || frame[len - 1] == '%');
		if (is_place)
			facts_add(facts, "place %.*s", word, last + 1);
		if (memmem(frame, len, " only /", strlen(" only /")))
			facts_add(facts, "only hits");
		frame += len + (frame[len] != '\0');
	}
}

/* What the program was asked for. */
static inline void facts_of_program(struct facts *facts, const struct drive *drive)
{
	facts_add(facts, "quits %d", drive->quits);
	facts_add(facts, "refreshes %d", drive->refreshes);
	facts_add(facts, "suspends %d", drive->suspends);
	facts_add(facts, "repaints %d", drive->repaints);
	facts_add(facts, "writes %d", drive->configs);
	facts_add(facts, "plans %s", drive->plans ? commands[drive->asked].name : "nothing");
	facts_add(facts, "diffs %d", drive->diffs);
	facts_add(facts, "asked to %s", drive->asked_for ? drive->asked_for : "do nothing");
	facts_add(facts, "mouse %d", drive->has_mouse);
	facts_add(facts, "pages %d", drive->pages);
}

static inline struct facts facts_of(struct drive *drive)
{
	struct facts facts = {0};

	facts_of_place(&facts, drive->screen);
	facts_of_prompt(&facts, drive->screen);
	facts_of_table(&facts, drive->screen);
	facts_of_program(&facts, drive);
	facts.frame = xstrdup(drive_frame(drive, false));
	if (facts.line >= 0)
		facts_of_titles(&facts, facts.frame);
	facts_of_text(&facts, facts.frame);
	return facts;
}

#define FACTS_LINES 64

static inline size_t facts_lines(
	const char *frame, const char *lines[FACTS_LINES], size_t lens[FACTS_LINES])
{
	size_t count = 0;

	for (; *frame && count < FACTS_LINES; frame += lens[count] + 1, count++) {
		lines[count] = frame;
		lens[count] = strcspn(frame, "\n");
		if (!frame[lens[count]])
			return count + 1;
	}
	return count;
}

/* By how many lines a text has gone up: the shift with which most lines are again where they were. */
static inline int facts_shift(const char *before, const char *after)
{
	const char *a[FACTS_LINES], *b[FACTS_LINES];
	size_t a_lens[FACTS_LINES], b_lens[FACTS_LINES];
	int a_count = (int)facts_lines(before, a, a_lens),
	    b_count = (int)facts_lines(after, b, b_lens);
	int best = 0, best_same = -1;

	for (int shift = -a_count + 1; shift < a_count; shift++) {
		int same = 0;
		/* Header and footer stay. */
		for (int i = 3; i < b_count - 1; i++) {
			int from = i + shift;
			same += from >= 3 && from < a_count - 1 && b_lens[i] &&
				b_lens[i] == a_lens[from] && !memcmp(a[from], b[i], b_lens[i]);
		}
		if (same > best_same || (same == best_same && abs(shift) < abs(best))) {
			best_same = same;
			best = shift;
		}
	}
	return best;
}

/*
 * Has all of `wants` happened? Its parts stand between commas, each is the beginning of a fact; behind a '!' it is
 * none; "" = nothing has.
 */
static inline bool facts_are(const char *happened, const char *wants)
{
	char *copy = xstrdup(wants), *rest = copy, *part, *all = xasprintf("; %s", happened);
	bool are = *wants || !*happened;

	while (are && *wants && (part = strsep(&rest, ","))) {
		bool is_unwanted = *(part += strspn(part, " ")) == '!';
		char *fact = xasprintf("; %s", part + is_unwanted);
		are = (strstr(all, fact) != NULL) != is_unwanted;
		free(fact);
	}
	free(copy);
	free(all);
	return are;
}

/* malloc'd */
static inline char *facts_happened(const struct facts *before, const struct facts *after)
{
	bool is_elsewhere = !str_eq(before->words[0], after->words[0]);
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; i < after->count; i++) {
		bool was_so = false;
		for (size_t k = 0; k < before->count; k++)
			was_so = was_so || str_eq(before->words[k], after->words[i]);
		if (!was_so)
			buf_addf(&out, "%s; ", after->words[i]);
	}
	if (!is_elsewhere && before->line >= 0 && after->line != before->line)
		buf_addf(&out, "moves %ld; ", after->line - before->line);
	if (!is_elsewhere && before->line < 0 && facts_shift(before->frame, after->frame))
		buf_addf(&out, "scrolls %d; ", facts_shift(before->frame, after->frame));
	if (!out.len && !str_eq(before->frame, after->frame))
		buf_adds(&out, "changes; ");
	return buf_detach(&out);
}

#endif
