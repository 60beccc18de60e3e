/* The TaskManagers of the cluster that is looked at: those of one at a time are asked for. */
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/watch/taskmanagers.h"
#include "tui/ui/ui_private.h"

struct ui_taskmanagers {
	struct ui *ui;
	char *cluster; /* ref; NULL = of none */
	struct taskmanagers *asked;
	uint64_t changes_before; /* of those that were asked before */
};

struct source *ui_cluster_source(struct session *session, const char *ref)
{
	const struct cluster *cluster = fleet_cluster(session->fleet, ref);
	struct session_context *context =
		cluster ? session_context(session, cluster->context) : NULL;

	for (size_t i = 0; context && i < context->cluster_count; i++)
		if (str_eq(context->clusters[i]->name, cluster->name))
			return context->clusters[i];
	return NULL;
}

static bool may_spend(void *data, const struct source *source, int requests)
{
	const struct ui *ui = data;

	return poller_spend(ui->session->poller, source, requests);
}

/* NULL: it cannot be asked. */
static struct taskmanagers *asked_of(struct ui *ui, const char *ref)
{
	struct ui_taskmanagers *all = ui->taskmanagers;
	struct source *source;

	if (!all) {
		all = ui->taskmanagers = xcalloc(1, sizeof(*all));
		all->ui = ui;
	}
	if (str_eq(all->cluster, ref))
		return all->asked;
	if (all->asked)
		all->changes_before += taskmanagers_changes(all->asked) + 1;
	taskmanagers_free(all->asked);
	all->asked = NULL;
	free(all->cluster);
	all->cluster = xstrdup(ref);
	source = ui_cluster_source(ui->session, ref);
	if (source)
		all->asked = taskmanagers_new(&(struct taskmanagers_options){.source = source,
			.fleet = ui->session->fleet,
			.may_spend = may_spend,
			.changed = ui_wake,
			.data = ui});
	return all->asked;
}

void ui_taskmanagers(void *data, const char *cluster_ref, struct view_taskmanagers *out)
{
	struct ui *ui = data;
	struct taskmanagers *asked = asked_of(ui, cluster_ref);

	*out = (struct view_taskmanagers){.changes = ui->taskmanagers->changes_before};
	if (!asked) {
		err_set(&out->err, E_NOTFOUND, _("this cluster cannot be asked"));
		return;
	}
	taskmanagers_look(asked);
	out->items = taskmanagers_items(asked, &out->count);
	out->is_told = taskmanagers_changes(asked) > 0;
	out->changes += taskmanagers_changes(asked);
	out->err = *taskmanagers_error(asked);
}

void ui_taskmanagers_free(struct ui *ui)
{
	if (!ui->taskmanagers)
		return;
	taskmanagers_free(ui->taskmanagers->asked);
	free(ui->taskmanagers->cluster);
	free(ui->taskmanagers);
	ui->taskmanagers = NULL;
}
