/*
 * A text that does not change: what a release would change, or all that is known of one row. `/`
 * searches, n and N go to the next and the former hit, s saves it, | shows it in $PAGER.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/view/offer.h"
#include "tui/view/pager_view.h"

#define NAME_COLS 16

struct text_view {
	struct view view;
	char *title, *name, *app;
	struct buf text; /* as it is saved */
	struct pager *pager;
};

static struct text_view *text_of(const struct view *view)
{
	return (struct text_view *)view;
}

static void text_draw(struct view *view, struct canvas *canvas, struct rect rect)
{
	struct text_view *text = text_of(view);
	struct rect body = {rect.row + 1, rect.col, rect.rows - 1, rect.cols};
	int end = rect.col + rect.cols, right;
	char position[32];
	struct buf at;

	pager_draw(text->pager, canvas, body);
	buf_init(&at, 0);
	pager_position(text->pager, position, sizeof(position));
	if (*pager_search_text(text->pager))
		buf_addf(&at, _n("/%s  %zu hit  ", "/%s  %zu hits  ", pager_hits(text->pager)),
			pager_search_text(text->pager), pager_hits(text->pager));
	buf_adds(&at, position);
	right = utf8_width(buf_str(&at));
	right = right < rect.cols / 2 ? right : rect.cols / 2;
	canvas_put_cut(canvas, rect.row, end - right, right, STYLE_DIM, buf_str(&at));
	canvas_put_cut(canvas, rect.row, rect.col, rect.cols - right - 2, STYLE_TITLE, text->title);
	buf_release(&at);
}

static bool search(struct text_view *text, const char *words)
{
	const struct view_host *host = text->view.host;

	pager_search(text->pager, words ? words : "");
	if (str_empty(words))
		return true;
	pager_move(text->pager, PAGER_TOP);
	if (!pager_search_next(text->pager, 1))
		host->toast(host->data, STYLE_WARN, _("nothing here holds that text"));
	return true;
}

static bool search_on(struct text_view *text, int step)
{
	const struct view_host *host = text->view.host;

	if (!*pager_search_text(text->pager))
		host->toast(host->data, STYLE_INFO, _("/ searches"));
	else if (!pager_search_next(text->pager, step))
		host->toast(host->data, STYLE_INFO,
			step > 0 ? _("no further hit below") : _("no further hit above"));
	return true;
}

static bool text_command(struct view *view, enum command_id id, const char *arg)
{
	struct text_view *text = text_of(view);
	const struct view_host *host = view->host;

	switch (id) {
	case CMD_FILTER: return search(text, arg);
	case CMD_SEARCH_NEXT: return search_on(text, 1);
	case CMD_SEARCH_PREV: return search_on(text, -1);
	case CMD_SAVE:
		host->save_text(host->data, text->name, buf_str(&text->text), text->text.len);
		return true;
	case CMD_PAGER:
		host->page_text(host->data, text->name, buf_str(&text->text), text->text.len);
		return true;
	case CMD_BACK:
		if (!*pager_search_text(text->pager))
			return false;
		pager_search(text->pager, "");
		return true;
	default: return pager_view_command(text->pager, id, arg);
	}
}

static const char *text_app(struct view *view)
{
	const struct text_view *text = text_of(view);

	return text->app && fleet_app(view->host->fleet, text->app) ? text->app : NULL;
}

static const char *text_filter(const struct view *view)
{
	return pager_search_text(text_of(view)->pager);
}

static void text_offer(struct view *view, struct offers *offers)
{
	offers_pager(offers, text_of(view)->pager, buf_str(&text_of(view)->text));
}

static void text_release(struct view *view)
{
	struct text_view *text = text_of(view);

	pager_free(text->pager);
	buf_release(&text->text);
	free(text->title);
	free(text->name);
	free(text->app);
	free(text);
}

static const struct view_ops text_ops = {
	.name = "text",
	.where = IN_TEXT,
	.draw = text_draw,
	.command = text_command,
	.app = text_app,
	.filter = text_filter,
	.offer = text_offer,
	.release = text_release,
};

static struct text_view *text_new(
	const struct view_host *host, const char *title, const char *name, const char *app_ref)
{
	struct text_view *text = xcalloc(1, sizeof(*text));

	text->view = (struct view){.ops = &text_ops, .host = host};
	text->title = xstrdup(title);
	text->name = xstrdup(name);
	for (char *p = text->name; *p; p++)
		if (*p == '/' || *p == ' ' || *p == ':')
			*p = '-';
	text->app = xstrdup_null(app_ref);
	buf_init(&text->text, 0);
	text->pager = pager_new();
	pager_begin(text->pager);
	return text;
}

/* -- a unified diff -- */

static enum style diff_style(const char *line)
{
	if (str_starts(line, "+++") || str_starts(line, "---"))
		return STYLE_STRONG;
	switch (*line) {
	case '+': return STYLE_OK;
	case '-': return STYLE_ERROR;
	case '@': return STYLE_INFO;
	default: return STYLE_TEXT;
	}
}

struct view *diff_view_new(
	const struct view_host *host, const char *title, const char *app_ref, const char *diff)
{
	struct text_view *text = text_new(host, title, title, app_ref);
	char *copy = xstrdup(diff), *rest = copy, *line;

	pager_wrap(text->pager, 1);
	while ((line = strsep(&rest, "\n")))
		if (*line || rest) {
			pager_add(text->pager, diff_style(line), line);
			pager_end_line(text->pager);
		}
	pager_end(text->pager);
	buf_adds(&text->text, diff);
	free(copy);
	return &text->view;
}

/* -- all of one row -- */

static void write_fact(struct text_view *text, const char *name, const char *value)
{
	pager_wrap(text->pager, NAME_COLS);
	pager_add(text->pager, STYLE_DIM, name);
	pager_tab(text->pager, NAME_COLS);
	pager_add(text->pager, STYLE_TEXT, value);
	pager_end_line(text->pager);
	utf8_fill(&text->text, name, NAME_COLS - 1);
	buf_addf(&text->text, " %s\n", value);
}

struct view *facts_view_new(const struct view_host *host, const struct column_table *table,
	const void *item, const char *app_ref)
{
	struct present_env env = host->env(host->data);
	char *title = xasprintf("%s", _(table->item_name));
	struct text_view *text = text_new(host, title, table->name, app_ref);
	struct buf cell;

	buf_init(&cell, 0);
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		struct value value = column->get(item, &env);
		char when[32];

		buf_reset(&cell);
		column_text(column, item, &env, &cell);
		if (value.type == VALUE_NULL || !cell.len)
			continue;
		/* An age would be wrong soon. */
		if (value.type == VALUE_TIME_MS) {
			clock_format(value.number, when, sizeof(when));
			buf_reset(&cell);
			buf_adds(&cell, when);
		}
		write_fact(text, column->title ? _(column->title) : column->key, buf_str(&cell));
	}
	buf_release(&cell);
	pager_end(text->pager);
	free(title);
	return &text->view;
}
