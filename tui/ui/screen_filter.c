/*
 * The line in which a filter is typed: it acts at each key, Esc takes it back. Tab completes names of columns and their
 * values, and opens the list of them; it stays open as long as the same word is typed.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/present/filter.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/hints.h"

#define CANDIDATES_MAX 8
/* Header, title of the list, titles of its columns, a line, the prompt. */
#define ROWS_KEPT 6

struct filtering {
	char *former; /* what Esc returns to */
	struct hints *hints;
	struct complete *complete;
	bool is_open;    /* the list is on the screen */
	bool is_cycling; /* Tab walks through it: it stays as it is */
};

static const char *view_filter(const struct view *view)
{
	return view->ops->filter ? view->ops->filter(view) : "";
}

static struct table *table_of(struct screen *screen)
{
	struct view *view = screen_view(screen);

	return view->ops->table ? view->ops->table(view) : NULL;
}

void filter_release(struct screen *screen)
{
	struct filtering *filtering = screen->filtering;

	if (!filtering)
		return;
	free(filtering->former);
	hints_free(filtering->hints);
	complete_free(filtering->complete);
	free(filtering);
	screen->filtering = NULL;
}

void prompt_begin_filter(struct screen *screen)
{
	const char *text = view_filter(screen_view(screen));

	filter_release(screen);
	screen->filtering = xcalloc(1, sizeof(*screen->filtering));
	screen->filtering->former = xstrdup(text);
	screen->filtering->hints = hints_new();
	screen->filtering->complete = complete_new();
	prompt_open(screen->filter, "/", text);
	screen->mode = PROMPT_FILTER;
}

static void filter_apply(struct screen *screen)
{
	struct view *view = screen_view(screen);
	struct table *table = table_of(screen);
	char *text;

	view->ops->command(view, CMD_FILTER, prompt_text(screen->filter));
	if (!table || table_count(table) || !table_total(table))
		return;
	text = hints_beginning(table, prompt_text(screen->filter));
	if (text)
		view->ops->command(view, CMD_FILTER, text);
	free(text);
}

/* -- completion -- */

static bool suggest(struct screen *screen)
{
	struct filtering *filtering = screen->filtering;
	struct table *table = table_of(screen);

	filtering->is_cycling = false;
	return table &&
		hints_fill(
			filtering->hints, table, prompt_text(screen->filter), filtering->complete);
}

/* Something was typed: of another word nobody asked yet what there is. */
static void typed(struct screen *screen)
{
	struct filtering *filtering = screen->filtering;
	size_t from = hints_from(filtering->hints);
	bool was_key = hints_is_key(filtering->hints);

	if (!filtering->is_open)
		return;
	filtering->is_open = suggest(screen) &&
		(hints_from(filtering->hints) == from ||
			(was_key && !hints_is_key(filtering->hints)));
}

static void put(struct screen *screen, const char *word)
{
	char *text = xasprintf("%.*s%s", (int)hints_from(screen->filtering->hints),
		prompt_text(screen->filter), word);

	prompt_set(screen->filter, text);
	free(text);
	filter_apply(screen);
}

/* As far as all agree; then the list; then one after the other. */
static void tab(struct screen *screen, int step)
{
	struct filtering *filtering = screen->filtering;
	struct complete *complete = filtering->complete;
	bool was_open = filtering->is_open;
	const char *word, *chosen;
	char *common;

	if (!filtering->is_cycling && !suggest(screen)) {
		filtering->is_open = false;
		return;
	}
	filtering->is_open = true;
	common = filtering->is_cycling ? NULL : complete_common(complete);
	if (common) {
		bool is_only = complete_beginning(complete) == 1;

		put(screen, common);
		free(common);
		/* Behind a column's name come its values; a value is whole. */
		filtering->is_open = suggest(screen) &&
			!(is_only && !hints_is_key(filtering->hints) &&
				complete_count(complete) == 1);
		return;
	}
	if (!was_open && complete_count(complete) > 1)
		return;
	word = prompt_text(screen->filter) + hints_from(filtering->hints);
	chosen = complete_chosen(complete);
	if (filtering->is_cycling || !chosen || step < 0 || str_eq(chosen, word))
		complete_step(complete, step);
	filtering->is_cycling = true;
	chosen = complete_chosen(complete);
	if (chosen)
		put(screen, chosen);
}

/* -- what is not right -- */

/* Of a list that is in its title; of a text nowhere, so it stands over the line. False: it is right. */
static bool is_wrong(struct screen *screen, struct err *err)
{
	struct filter *filter;

	if (table_of(screen) ||
		filter_parse(&filter, prompt_text(screen->filter), NULL, false, NULL, err))
		return !table_of(screen);
	filter_free(filter);
	return false;
}

/* -- keys -- */

static void other_key(struct screen *screen, const struct key *key)
{
	struct view *view = screen_view(screen);

	switch (key->sym) {
	case KEY_SYM_TAB: tab(screen, 1); break;
	case KEY_SYM_BACKTAB: tab(screen, -1); break;
	/* The list below can be walked through while its filter is typed. */
	case KEY_SYM_PGUP: view->ops->command(view, CMD_PAGE_UP, NULL); break;
	case KEY_SYM_PGDN: view->ops->command(view, CMD_PAGE_DOWN, NULL); break;
	default: break;
	}
}

void filter_key_press(struct screen *screen, const struct key *key)
{
	struct view *view = screen_view(screen);
	struct err err;

	switch (prompt_key(screen->filter, key)) {
	case PROMPT_CHANGED:
		filter_apply(screen);
		/* What was said before would stand over what is wrong now. */
		if (is_wrong(screen, &err))
			screen_toast_end(screen);
		typed(screen);
		break;
	case PROMPT_CANCEL:
		view->ops->command(view, CMD_FILTER, screen->filtering->former);
		screen->mode = PROMPT_NONE;
		break;
	case PROMPT_DONE:
		screen->mode = PROMPT_NONE;
		if (is_wrong(screen, &err))
			screen_toast(screen, STYLE_WARN, err.text);
		break;
	case PROMPT_MOVED: break;
	case PROMPT_IGNORED: other_key(screen, key); break;
	}
	if (screen->mode != PROMPT_FILTER)
		filter_release(screen);
}

void filter_draw(struct screen *screen, struct canvas *canvas, int row)
{
	struct filtering *filtering = screen->filtering;
	int rows = row - ROWS_KEPT < CANDIDATES_MAX ? row - ROWS_KEPT : CANDIDATES_MAX;
	const char *hint = _("Tab completes");
	int width = utf8_width(hint);

	struct err err;

	prompt_draw(screen->filter, canvas, (struct rect){row, 0, 1, canvas->cols});
	if (is_wrong(screen, &err)) {
		canvas_fill(canvas, (struct rect){row - 1, 0, 1, canvas->cols}, STYLE_TEXT, " ");
		canvas_put_cut(canvas, row - 1, 0, canvas->cols, STYLE_ERROR, err.text);
	}
	if (filtering->is_open)
		complete_draw(filtering->complete, canvas,
			(struct rect){row - rows, 0, rows, canvas->cols});
	else if (table_of(screen) &&
		utf8_width(prompt_text(screen->filter)) + width + 4 < canvas->cols)
		canvas_put(canvas, row, canvas->cols - width, width, STYLE_DIM, hint);
}
