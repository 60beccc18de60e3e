/* What is about a cluster and its processes: its TaskManagers, and their logs. */
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"

/* Of that name, or where what is selected or shown runs; NULL: said why. */
static const struct cluster *which_cluster(struct screen *screen, const char *name)
{
	const struct fleet *fleet = screen->backend.fleet;
	struct view *view = screen_view(screen);
	const char *row = view->ops->row ? view->ops->row(view) : NULL;
	const char *ref = view->ops->app ? view->ops->app(view) : NULL;
	const struct app *app = ref ? fleet_app(fleet, ref) : NULL;
	const struct cluster *found = row ? fleet_cluster(fleet, row) : NULL;
	size_t count = 0;
	void *const *clusters = fleet_items(fleet, KIND_CLUSTER, &count);
	char *text;

	if (str_empty(name)) {
		if (!found && app)
			found = app->cluster;
		if (!found)
			screen_toast(screen, STYLE_WARN, _("of which cluster? :taskmanagers NAME"));
		return found;
	}
	for (size_t i = 0; i < count; i++)
		if (str_eq(((const struct cluster *)clusters[i])->name, name))
			return clusters[i];
	text = xasprintf(_("there is no cluster '%s'"), name);
	screen_toast(screen, STYLE_WARN, text);
	free(text);
	return NULL;
}

void screen_taskmanagers(struct screen *screen, const char *name)
{
	const struct cluster *cluster = which_cluster(screen, name);

	if (cluster && screen->backend.taskmanagers)
		screen_open_taskmanagers(screen, cluster);
}

bool screen_log_of_row(struct screen *screen)
{
	struct view *view = screen_view(screen);
	struct view_log_what what;

	if (!view->ops->log || !view->ops->log(view, &what))
		return false;
	screen_open_log(screen, &what);
	return true;
}

unsigned screen_needs(struct view *view, enum command_id id)
{
	bool is_log = id == CMD_LOGS && view->ops->log;

	return is_log ? NEED_ROW : commands[id].needs;
}

static void host_taskmanagers(void *data, const char *cluster_ref, struct view_taskmanagers *out)
{
	const struct screen_backend *backend = &((struct screen *)data)->backend;

	backend->taskmanagers(backend->data, cluster_ref, out);
}

static void host_open_log(void *data, const struct view_log_what *what)
{
	screen_open_log(data, what);
}

void screen_cluster_host(struct view_host *host)
{
	host->taskmanagers = host_taskmanagers;
	host->open_log = host_open_log;
}
