/*
 * What a store keeps is written by this program and by others: it is asked for again each second
 * while it is looked at, and at once when a run of this program says that it has changed.
 */
#include "tui/view/rows_pane.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/query/query.h"
#include "tui/view/offer.h"

#define AGAIN_MS 1000
#define CHANGED_MS 100

/* What one context has told. */
struct rows {
	struct rows_pane *pane;
	char *context;
	struct query *query;
	struct arena *arena;
	VEC(void *) owned;
	VEC(const void *) items;
	VEC(const char *) keys;
	bool has_told;
	struct err err;
};

struct rows_pane {
	const struct view_host *host;
	const struct rows_kind *kind;
	char *app;
	struct rows *rows;
	size_t count;
	struct table *table;
	VEC(const void *) items;
	VEC(const char *) refs; /* "context/key" */
	bool is_changed;
	uint64_t changes;
	int64_t asked_mono_ms; /* 0 = not yet */
};

struct rows_pane *rows_pane_new(const struct view_host *host, const struct rows_kind *kind,
	const char *context, const char *app_ref)
{
	struct rows_pane *pane = xcalloc(1, sizeof(*pane));
	bool is_one = app_ref || kind->of_program, is_descending;

	pane->host = host;
	pane->kind = kind;
	pane->app = xstrdup_null(app_ref);
	pane->count = is_one ? 1 : host->context_count;
	pane->rows = xcalloc(pane->count + 1, sizeof(*pane->rows));
	for (size_t i = 0; i < pane->count; i++) {
		pane->rows[i].pane = pane;
		pane->rows[i].arena = arena_new();
		pane->rows[i].context = xstrdup(kind->of_program ? "weir"
				: app_ref                        ? context
								 : host->contexts[i]);
	}
	pane->table = table_new(kind->table, NULL);
	table_sort(pane->table, kind->sort);
	table_sorted_by(pane->table, &is_descending);
	if (is_descending == kind->is_ascending)
		table_sort_invert(pane->table);
	return pane;
}

static void refs_clear(struct rows_pane *pane)
{
	for (size_t i = 0; i < pane->refs.len; i++)
		free((char *)pane->refs.data[i]);
	pane->refs.len = pane->items.len = 0;
}

static void rows_clear(struct rows *rows)
{
	for (size_t i = 0; i < rows->owned.len; i++)
		free(rows->owned.data[i]);
	arena_free(rows->arena);
	rows->arena = NULL;
	rows->owned.len = rows->items.len = rows->keys.len = 0;
}

void rows_pane_free(struct rows_pane *pane)
{
	if (!pane)
		return;
	for (size_t i = 0; i < pane->count; i++) {
		query_cancel(pane->rows[i].query);
		rows_clear(&pane->rows[i]);
		vec_release(&pane->rows[i].owned);
		vec_release(&pane->rows[i].items);
		vec_release(&pane->rows[i].keys);
		free(pane->rows[i].context);
	}
	free(pane->rows);
	refs_clear(pane);
	vec_release(&pane->items);
	vec_release(&pane->refs);
	table_free(pane->table);
	free(pane->app);
	free(pane);
}

void rows_pane_changed(struct rows_pane *pane)
{
	pane->is_changed = true;
}

/* -- what is told -- */

void rows_begin(struct rows *rows, const struct err *err)
{
	rows->query = NULL;
	rows->has_told = true;
	rows->err = err ? *err : (struct err){0};
	if (err)
		return;
	rows_clear(rows);
	rows->arena = arena_new();
}

struct arena *rows_arena(struct rows *rows)
{
	return rows->arena;
}

void rows_own(struct rows *rows, void *copy)
{
	vec_push(&rows->owned, copy);
}

void rows_add(struct rows *rows, const void *item, const char *key)
{
	vec_push(&rows->items, item);
	vec_push(&rows->keys, arena_strdup(rows->arena, key));
}

void rows_end(struct rows *rows)
{
	struct rows_pane *pane = rows->pane;

	refs_clear(pane);
	for (size_t i = 0; i < pane->count; i++) {
		for (size_t k = 0; k < pane->rows[i].items.len; k++) {
			vec_push(&pane->items, pane->rows[i].items.data[k]);
			vec_push(&pane->refs,
				xasprintf("%s/%s", pane->rows[i].context,
					pane->rows[i].keys.data[k]));
		}
	}
	table_give(pane->table, pane->items.data, pane->refs.data, pane->items.len);
	pane->host->redraw(pane->host->data);
}

static bool is_due(struct rows_pane *pane)
{
	const struct rows_kind *kind = pane->kind;
	int64_t now = clock_mono_ms();
	int64_t wait = pane->is_changed || kind->changes ? CHANGED_MS : AGAIN_MS;

	for (size_t i = 0; i < pane->count; i++)
		if (pane->rows[i].query)
			return false;
	if (pane->asked_mono_ms && now - pane->asked_mono_ms < wait)
		return false;
	if (kind->changes && pane->asked_mono_ms &&
		kind->changes(pane->host, pane->app) == pane->changes)
		return false;
	pane->asked_mono_ms = now;
	pane->is_changed = false;
	if (kind->changes)
		pane->changes = kind->changes(pane->host, pane->app);
	return true;
}

static void ask(struct rows_pane *pane)
{
	const struct view_host *host = pane->host;

	if (!is_due(pane))
		return;
	for (size_t i = 0; i < pane->count; i++) {
		struct rows *rows = &pane->rows[i];
		struct store *store =
			pane->kind->of_program ? NULL : host->store(host->data, rows->context);
		if (store || pane->kind->of_program)
			rows->query = pane->kind->ask(rows, host, store, pane->app);
		else
			rows->has_told = true;
	}
}

/* -- drawing -- */

static void draw_empty(struct rows_pane *pane, struct canvas *canvas, struct rect rect)
{
	const char *text = _(pane->app ? pane->kind->empty_app : pane->kind->empty);
	enum style style = STYLE_DIM;

	for (size_t i = 0; i < pane->count; i++) {
		if (!pane->rows[i].has_told)
			text = _("reading …");
		if (pane->rows[i].err.code) {
			text = pane->rows[i].err.text;
			style = STYLE_ERROR;
			break;
		}
	}
	if (table_total(pane->table))
		text = _("No row holds that text; Esc clears the filter.");
	canvas_put_cut(canvas, rect.row + 2, rect.col + 2, rect.cols - 2, style, text);
}

void rows_pane_draw(struct rows_pane *pane, struct canvas *canvas, struct rect rect)
{
	struct present_env env = pane->host->env(pane->host->data);

	ask(pane);
	table_draw(pane->table, canvas, rect, &env);
	if (!table_count(pane->table))
		draw_empty(pane, canvas, rect);
}

/* -- commands -- */

const void *rows_pane_selected(struct rows_pane *pane)
{
	const char *ref = table_selected(pane->table);

	for (size_t i = 0; ref && i < pane->refs.len; i++)
		if (str_eq(pane->refs.data[i], ref))
			return pane->items.data[i];
	return NULL;
}

const struct run *rows_pane_run(struct rows_pane *pane)
{
	return pane->kind == &run_rows ? rows_pane_selected(pane) : NULL;
}

void rows_pane_offer(struct rows_pane *pane, struct offers *offers)
{
	const void *item = rows_pane_selected(pane);
	struct present_env env = pane->host->env(pane->host->data);

	if (item)
		offers_items(offers, pane->kind->table, &item, 1, &env);
}

const struct rows_kind *rows_pane_kind(const struct rows_pane *pane)
{
	return pane->kind;
}

struct table *rows_pane_table(struct rows_pane *pane)
{
	return pane->table;
}

const char *run_cancel_disabled(const struct run *run)
{
	if (!run)
		return _("no run is selected");
	if (run_state_is_end(run->state))
		return _("this run is over");
	if (run->is_orphan)
		return _("nobody watches this run any more: weir settle asks how it ended");
	return NULL;
}

static bool pane_back(struct rows_pane *pane)
{
	if (!*table_filter_text(pane->table))
		return false;
	table_filter(pane->table, "");
	return true;
}

static void pane_open(struct rows_pane *pane)
{
	const struct view_host *host = pane->host;
	const struct run *run = rows_pane_run(pane);
	const void *item = rows_pane_selected(pane);

	if (run)
		host->open_run(host->data, run);
	else if (item)
		host->open_facts(host->data, pane->kind->table, item,
			pane->kind->app ? pane->kind->app(item) : NULL);
}

bool rows_pane_command(struct rows_pane *pane, enum command_id id, const char *arg)
{
	struct table *table = pane->table;

	switch (id) {
	case CMD_UP: table_move(table, TABLE_UP); return true;
	case CMD_DOWN: table_move(table, TABLE_DOWN); return true;
	case CMD_PAGE_UP: table_move(table, TABLE_PAGE_UP); return true;
	case CMD_PAGE_DOWN: table_move(table, TABLE_PAGE_DOWN); return true;
	case CMD_HALF_UP: table_move(table, TABLE_HALF_UP); return true;
	case CMD_HALF_DOWN: table_move(table, TABLE_HALF_DOWN); return true;
	case CMD_LINE: table_go(table, view_line(arg)); return true;
	case CMD_TOP: table_move(table, TABLE_TOP); return true;
	case CMD_BOTTOM: table_move(table, TABLE_BOTTOM); return true;
	case CMD_FILTER: table_filter(table, arg ? arg : ""); return true;
	case CMD_BACK: return pane_back(pane);
	case CMD_OPEN: pane_open(pane); return true;
	case CMD_CANCEL_RUN:
		if (rows_pane_run(pane))
			pane->host->cancel_run(pane->host->data, rows_pane_run(pane));
		return true;
	default: return false;
	}
}
