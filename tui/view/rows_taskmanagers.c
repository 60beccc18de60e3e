/* The TaskManagers of one cluster; they are asked for as long as they are drawn. */
#include "core/base/arena.h"
#include "core/base/i18n.h"
#include "core/model/cluster.h"
#include "tui/view/rows_pane.h"

static struct query *ask_taskmanagers(
	struct rows *rows, const struct view_host *host, struct store *store, const char *cluster)
{
	struct view_taskmanagers told;
	struct arena *arena;

	(void)store;
	host->taskmanagers(host->data, cluster, &told);
	if (!told.is_told && !told.err.code)
		return NULL;
	rows_begin(rows, told.err.code ? &told.err : NULL);
	arena = rows_arena(rows);
	for (size_t i = 0; !told.err.code && i < told.count; i++) {
		struct taskmanager_item *item = arena_alloc(arena, sizeof(*item));

		*item = *told.items[i];
		item->ref = arena_strdup(arena, item->ref);
		item->context = arena_strdup(arena, item->context);
		item->cluster = arena_strdup(arena, item->cluster);
		item->told.id = arena_strdup(arena, item->told.id);
		item->told.host = arena_strdup(arena, item->told.host);
		rows_add(rows, item, item->told.id);
	}
	rows_end(rows);
	return NULL;
}

static uint64_t changes_of_taskmanagers(const struct view_host *host, const char *cluster)
{
	struct view_taskmanagers told;

	host->taskmanagers(host->data, cluster, &told);
	return told.changes;
}

static void log_of_taskmanager(const void *row, struct view_log_what *out)
{
	const struct taskmanager_item *item = row;

	*out = (struct view_log_what){.process = item->told.id, .taskmanager = item->told.id};
}

const struct rows_kind taskmanager_rows = {
	.table = &taskmanager_table,
	.name = "taskmanagers",
	.title = N_("TaskManagers"),
	.empty = N_("No TaskManager is registered there."),
	.empty_app = N_("No TaskManager is registered there."),
	.sort = "id",
	.is_ascending = true,
	.of_program = true,
	.ask = ask_taskmanagers,
	.changes = changes_of_taskmanagers,
	.log = log_of_taskmanager,
};
