/* Saved filters (filters.h): the tabs above a list, their digits, and the commands that use and save one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/ui/filters.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

/* The list in front, or NULL. */
static const struct column_table *list_of(const struct screen *screen)
{
	bool is_attention;
	const struct view *view = screen_view(screen);
	const struct table *table =
		view->ops->where == IN_LIST ? list_view_rows(view, &is_attention) : NULL;

	return table ? table_column_table(table) : NULL;
}

static const char *filter_of(const struct screen *screen)
{
	const struct view *view = screen_view(screen);

	return view->ops->filter ? view->ops->filter(view) : "";
}

static const struct saved_filter *nth(const struct screen *screen, size_t n)
{
	const struct column_table *table = list_of(screen);

	return table ? filters_at(screen->filters, table, n) : NULL;
}

int saved_draw(struct screen *screen, struct canvas *canvas, int row)
{
	const struct saved_filter *filter;
	int col = 0;

	if (!nth(screen, 1))
		return 0;
	for (size_t n = 1; n <= FILTERS_TABS && (filter = nth(screen, n)); n++) {
		bool is_active = str_eq(filter->text, filter_of(screen));
		int width = 2 + utf8_width(filter->name);
		char digit[4];

		if (col + width > canvas->cols) {
			canvas_put(canvas, row, canvas->cols - 1, 1, STYLE_DIM,
				canvas->ascii ? ">" : "›");
			break;
		}
		snprintf(digit, sizeof(digit), "%zu", n);
		canvas_put(canvas, row, col, 1, STYLE_KEY, digit);
		canvas_put(canvas, row, col + 2, width - 2, is_active ? STYLE_STRONG : STYLE_TEXT,
			filter->name);
		if (is_active)
			canvas_overlay(canvas, (struct rect){row, col, 1, width}, STYLE_SELECTED);
		screen_hit_add(screen,
			(struct screen_hit){
				.digit = (int)n, .row = row, .col = col, .cols = width});
		col += width + 2;
	}
	return 1;
}

static void use(struct screen *screen, const struct saved_filter *filter)
{
	struct view *view = screen_view(screen);
	bool is_active = str_eq(filter->text, filter_of(screen));

	view->ops->command(view, CMD_FILTER, is_active ? "" : filter->text);
}

void saved_press(struct screen *screen, int digit)
{
	const struct saved_filter *filter = nth(screen, (size_t)digit);

	if (filter)
		use(screen, filter);
}

bool saved_key(struct screen *screen, const struct key *key)
{
	if (key->sym != KEY_SYM_CHAR || key->mods || key->ch < '1' || key->ch > '9' ||
		screen_is_typing(screen) || !nth(screen, (size_t)(key->ch - '0')))
		return false;
	saved_press(screen, (int)key->ch - '0');
	return true;
}

void saved_use(struct screen *screen, const char *name)
{
	const struct column_table *table = list_of(screen);
	const struct saved_filter *filter = NULL;
	char *text;

	if (!table) {
		screen_toast(screen, STYLE_WARN, _("saved filters are for lists"));
		return;
	}
	if (!str_empty(name) && strspn(name, "0123456789") == strlen(name))
		filter = nth(screen, strtoul(name, NULL, 10));
	else if (!str_empty(name))
		filter = filters_named(screen->filters, table, name);
	if (filter) {
		if (!str_eq(filter->text, filter_of(screen)))
			use(screen, filter);
		return;
	}
	text = str_empty(name)
		? xstrdup(_("which filter? :save-filter NAME saves the one of this list"))
		: xasprintf(_("no filter '%s' is saved for this list"), name);
	screen_toast(screen, STYLE_WARN, text);
	free(text);
}

void saved_save(struct screen *screen, const char *name)
{
	const struct column_table *table = list_of(screen);
	const struct screen_backend *backend = &screen->backend;
	const char *text = filter_of(screen);

	if (!table || str_empty(text))
		screen_toast(screen, STYLE_WARN, _("there is no filter to save: / sets one"));
	else if (str_empty(name))
		screen_toast(screen, STYLE_WARN, _("under which name? :save-filter NAME"));
	else if (backend->save_filter)
		backend->save_filter(backend->data, table, name, text);
}

void saved_suggest(struct screen *screen)
{
	const struct saved_filter *filter;

	for (size_t n = 1; (filter = nth(screen, n)); n++)
		complete_add(screen->complete, filter->name, filter->text);
}

void screen_filters(struct screen *screen, struct saved_filters *filters)
{
	filters_free(screen->filters);
	screen->filters = filters;
}
