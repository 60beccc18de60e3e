/*
 * One frame of the first rows alone (cli/session_head.h), while the rest is loaded. The fleet of these rows takes the place
 * of the other for this drawing: what a person chose of columns and of their width holds. Where somebody
 * comes back to another place than the top of the list, these are not the rows, and there is no such frame.
 */
#include <stdlib.h>

#include "core/base/str.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

/* Nobody has made anything of this list that decides about its rows. */
static bool is_plain(struct screen *screen)
{
	const json_t *session = screen->session;
	const json_t *list =
		json_object_get(json_object_get(session, "lists"), screen_list_table(0)->name);
	bool is_attention, is_descending;
	struct table *table = list_view_rows(screen->lists[0], &is_attention);
	const struct column *sort = table_sorted_by(table, &is_descending);

	return screen_view(screen) == screen->lists[0] && screen->mode == PROMPT_NONE &&
		!is_attention && !is_descending && sort && str_eq(sort->key, "name") &&
		str_empty(table_filter_text(table)) && !table_grouped_by(table) &&
		!json_object_get(session, "card") &&
		!json_is_string(json_object_get(list, "selected"));
}

static void use(struct screen *screen, const struct fleet *fleet, enum view_phase phase)
{
	bool is_attention;

	screen->backend.fleet = screen->host.fleet = fleet;
	screen->phase = phase;
	table_use(
		list_view_rows(screen->lists[0], &is_attention), fleet, fleet_apps_left_out(fleet));
}

bool screen_draw_head(struct screen *screen, const struct fleet *head, struct canvas *canvas)
{
	const struct fleet *fleet = screen->backend.fleet;
	size_t count;

	fleet_apps(head, &count);
	if (screen->phase != PHASE_LOADING || !is_plain(screen) ||
		(fleet_apps_left_out(head) && count < (size_t)canvas->rows))
		return false;
	use(screen, head, PHASE_LIVE);
	screen_draw(screen, canvas);
	use(screen, fleet, PHASE_LOADING);
	/* Those that are shown are not known to the program yet. */
	free(screen->shown);
	screen->shown = NULL;
	return true;
}
