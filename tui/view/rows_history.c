/* The flight recorder as rows: asked like runs and points are. */
#include <inttypes.h>
#include <stdio.h>

#include "core/base/arena.h"
#include "core/base/i18n.h"
#include "core/query/query_history.h"
#include "tui/view/rows_pane.h"

#define ROWS_SHOWN 500

static const char *ref_of(const void *item)
{
	return column_ref(item);
}

/* Rows have no number of their own: time and place among those of that time. */
static void add_all(struct rows *rows, enum history_kind kind, const void *const *items,
	size_t count, const struct err *err)
{
	const struct present_env env = {0};
	int64_t last_ms = -1;
	int same = 0;

	rows_begin(rows, err);
	for (size_t i = 0; !err && i < count; i++) {
		const void *copy = history_copy(rows_arena(rows), kind, items[i]);
		int64_t time_ms = event_table.columns[0].get(copy, &env).number;

		same = time_ms == last_ms ? same + 1 : 0;
		last_ms = time_ms;
		rows_add(rows, copy,
			arena_printf(rows_arena(rows), "%" PRId64 ".%d", time_ms, same));
	}
	rows_end(rows);
}

static void on_events(void *data, const void *const *items, size_t count, const struct err *err)
{
	add_all(data, HISTORY_EVENTS, items, count, err);
}

static struct query *ask_events(
	struct rows *rows, const struct view_host *host, struct store *store, const char *app_ref)
{
	const struct app *app = app_ref ? fleet_app(host->fleet, app_ref) : NULL;
	struct history_ask ask = {.refs = {app_ref}, .ref_count = app_ref != NULL};

	ask.max = ROWS_SHOWN;
	if (app)
		history_ask_app(&ask, app);
	return query_history(store, HISTORY_EVENTS, &ask, on_events, rows);
}

const struct rows_kind history_rows = {
	.table = &event_table,
	.name = "history",
	.title = N_("History"),
	.empty = N_("Nothing has happened yet since weir looks."),
	.empty_app = N_("Nothing has happened to this application yet since weir looks."),
	.sort = "timeMs",
	.ask = ask_events,
	.app = ref_of,
};
