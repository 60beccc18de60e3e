/*
 * Runs are rows of the store, written by this program and by others: they are asked for again each
 * second while they are looked at, and at once when a run of this program says that it has changed.
 */
#include "tui/view/runs_pane.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/query/query.h"

#define RUNS_SHOWN 200
#define AGAIN_MS 1000
#define CHANGED_MS 100

/* What one context has told. */
struct told {
	struct runs_pane *pane;
	char *context;
	struct query *query;
	struct run **runs;
	size_t count;
	bool has_told;
	struct err err;
};

struct runs_pane {
	const struct view_host *host;
	char *app;
	struct told *told;
	size_t told_count;
	struct table *table;
	VEC(const void *) items;
	VEC(const char *) refs; /* "context/id" */
	bool is_changed;
	int64_t asked_mono_ms; /* 0 = not yet */
};

struct runs_pane *runs_pane_new(
	const struct view_host *host, const char *context, const char *app_ref)
{
	struct runs_pane *pane = xcalloc(1, sizeof(*pane));

	pane->host = host;
	pane->app = xstrdup_null(app_ref);
	pane->told_count = app_ref ? 1 : host->context_count;
	pane->told = xcalloc(pane->told_count + 1, sizeof(*pane->told));
	for (size_t i = 0; i < pane->told_count; i++) {
		pane->told[i].pane = pane;
		pane->told[i].context = xstrdup(app_ref ? context : host->contexts[i]);
	}
	pane->table = table_new(&run_table, NULL);
	table_sort(pane->table, "createdMs");
	table_sort_invert(pane->table);
	return pane;
}

static void told_clear(struct told *told)
{
	for (size_t i = 0; i < told->count; i++)
		free(told->runs[i]);
	free(told->runs);
	told->runs = NULL;
	told->count = 0;
}

static void rows_clear(struct runs_pane *pane)
{
	for (size_t i = 0; i < pane->refs.len; i++)
		free((char *)pane->refs.data[i]);
	pane->refs.len = pane->items.len = 0;
}

void runs_pane_free(struct runs_pane *pane)
{
	if (!pane)
		return;
	for (size_t i = 0; i < pane->told_count; i++) {
		query_cancel(pane->told[i].query);
		told_clear(&pane->told[i]);
		free(pane->told[i].context);
	}
	free(pane->told);
	rows_clear(pane);
	vec_release(&pane->items);
	vec_release(&pane->refs);
	table_free(pane->table);
	free(pane->app);
	free(pane);
}

void runs_pane_changed(struct runs_pane *pane)
{
	pane->is_changed = true;
}

/* -- asking -- */

static void rows_give(struct runs_pane *pane)
{
	rows_clear(pane);
	for (size_t i = 0; i < pane->told_count; i++) {
		for (size_t k = 0; k < pane->told[i].count; k++) {
			const struct run *run = pane->told[i].runs[k];
			vec_push(&pane->items, run);
			vec_push(&pane->refs,
				xasprintf("%s/%lld", pane->told[i].context, (long long)run->id));
		}
	}
	table_give(pane->table, pane->items.data, pane->refs.data, pane->items.len);
}

static void on_runs(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct told *told = data;
	struct runs_pane *pane = told->pane;

	told->query = NULL;
	told->has_told = true;
	told->err = err ? *err : (struct err){0};
	if (!err) {
		told_clear(told);
		told->runs = xcalloc(count + 1, sizeof(struct run *));
		told->count = count;
		for (size_t i = 0; i < count; i++)
			told->runs[i] = run_dup(runs[i]);
	}
	rows_give(pane);
	pane->host->redraw(pane->host->data);
}

static void ask(struct runs_pane *pane)
{
	int64_t now = clock_mono_ms();
	int64_t wait = pane->is_changed ? CHANGED_MS : AGAIN_MS;

	for (size_t i = 0; i < pane->told_count; i++)
		if (pane->told[i].query)
			return;
	if (pane->asked_mono_ms && now - pane->asked_mono_ms < wait)
		return;
	pane->asked_mono_ms = now;
	pane->is_changed = false;
	for (size_t i = 0; i < pane->told_count; i++) {
		struct told *told = &pane->told[i];
		struct store *store = pane->host->store(pane->host->data, told->context);
		if (store)
			told->query =
				query_runs(store, pane->app, false, RUNS_SHOWN, on_runs, told);
		else
			told->has_told = true;
	}
}

/* -- drawing -- */

static void draw_empty(struct runs_pane *pane, struct canvas *canvas, struct rect rect)
{
	const char *text = pane->app ? _("No run of this application is remembered: B builds, S "
					 "starts, T stops it.")
				     : _("No run is remembered: capitals act on an application.");
	enum style style = STYLE_DIM;

	for (size_t i = 0; i < pane->told_count; i++) {
		if (!pane->told[i].has_told)
			text = _("reading …");
		if (pane->told[i].err.code) {
			text = pane->told[i].err.text;
			style = STYLE_ERROR;
			break;
		}
	}
	if (table_total(pane->table))
		text = _("No run holds that text; Esc clears the filter.");
	canvas_put_cut(canvas, rect.row + 2, rect.col + 2, rect.cols - 2, style, text);
}

void runs_pane_draw(struct runs_pane *pane, struct canvas *canvas, struct rect rect)
{
	struct present_env env = pane->host->env(pane->host->data);

	ask(pane);
	table_draw(pane->table, canvas, rect, &env);
	if (!table_count(pane->table))
		draw_empty(pane, canvas, rect);
}

/* -- commands -- */

const struct run *runs_pane_selected(struct runs_pane *pane)
{
	const char *ref = table_selected(pane->table);

	for (size_t i = 0; ref && i < pane->refs.len; i++)
		if (str_eq(pane->refs.data[i], ref))
			return pane->items.data[i];
	return NULL;
}

struct table *runs_pane_table(struct runs_pane *pane)
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

static bool pane_back(struct runs_pane *pane)
{
	if (!*table_filter_text(pane->table))
		return false;
	table_filter(pane->table, "");
	return true;
}

bool runs_pane_command(struct runs_pane *pane, enum command_id id, const char *arg)
{
	const struct run *run = runs_pane_selected(pane);
	struct table *table = pane->table;

	switch (id) {
	case CMD_UP: table_move(table, TABLE_UP); return true;
	case CMD_DOWN: table_move(table, TABLE_DOWN); return true;
	case CMD_PAGE_UP: table_move(table, TABLE_PAGE_UP); return true;
	case CMD_PAGE_DOWN: table_move(table, TABLE_PAGE_DOWN); return true;
	case CMD_TOP: table_move(table, TABLE_TOP); return true;
	case CMD_BOTTOM: table_move(table, TABLE_BOTTOM); return true;
	case CMD_LEFT: table_pan(table, -1); return true;
	case CMD_RIGHT: table_pan(table, 1); return true;
	case CMD_FILTER: table_filter(table, arg ? arg : ""); return true;
	case CMD_BACK: return pane_back(pane);
	case CMD_SORT_NEXT: table_sort_next(table); return true;
	case CMD_SORT_INVERT: table_sort_invert(table); return true;
	case CMD_WIDE: table_wide(table, !table_is_wide(table)); return true;
	case CMD_OPEN:
		if (run)
			pane->host->open_run(pane->host->data, run);
		return true;
	case CMD_CANCEL_RUN:
		if (run)
			pane->host->cancel_run(pane->host->data, run);
		return true;
	default: return false;
	}
}
