/* The containers, the dispatch of a snapshot, and the lookups. What snapshots mean is in its sister
 * files. */
#include "core/fleet/fleet_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define CHANGES_KEPT 1024

void list_add(struct item_list *list, const char *ref, void *item)
{
	vec_push(&list->items, item);
	map_put(list->by_ref, ref, item);
}

static void list_remove(struct item_list *list, const char *ref)
{
	void *item = map_del(list->by_ref, ref);
	for (size_t i = 0; item && i < list->items.len; i++) {
		if (list->items.data[i] != item)
			continue;
		memmove(&list->items.data[i], &list->items.data[i + 1],
			(list->items.len - i - 1) * sizeof(void *));
		list->items.len--;
		return;
	}
}

struct fleet *fleet_new(void)
{
	struct fleet *fleet = xcalloc(1, sizeof(*fleet));
	for (int i = 0; i < KIND_MAX; i++)
		fleet->lists[i].by_ref = map_new_of_borrowed();
	fleet->contexts = map_new();
	fleet->began_ms = clock_wall_ms();
	return fleet;
}

static void app_free(struct app *app)
{
	free(app->ref);
	free(app->context);
	free(app->source);
	free(app->job_name);
	free(app->cluster_name);
	free(app);
}

static void team_free(struct team *team)
{
	free(team->ref);
	free(team->context);
	free(team);
}

static void cluster_free(struct cluster_entry *entry)
{
	struct cluster *cluster = &entry->pub;
	free(cluster->ref);
	free(cluster->context);
	free(cluster->name);
	free(cluster->address);
	free(cluster->flink_version);
	kept_err_release(&cluster->last_err);
	kept_err_release(&cluster->history_err);
	free(cluster->taskmanagers);
	vec_release(&entry->jobs);
	vec_release(&entry->apps);
	free(entry);
}

static void item_free(enum kind kind, void *item)
{
	switch (kind) {
	case KIND_TEAM: team_free(item); break;
	case KIND_APP: app_free(item); break;
	case KIND_CLUSTER: cluster_free(item); break;
	case KIND_JOB: fleet_job_free(item); break;
	case KIND_MAX: break;
	}
}

void fleet_free(struct fleet *fleet)
{
	if (!fleet)
		return;
	for (int kind = 0; kind < KIND_MAX; kind++) {
		for (size_t i = 0; i < fleet->lists[kind].items.len; i++)
			item_free((enum kind)kind, fleet->lists[kind].items.data[i]);
		vec_release(&fleet->lists[kind].items);
		map_free(fleet->lists[kind].by_ref);
	}
	map_each (entry, fleet->contexts) {
		struct context_entry *context = map_value(entry);
		snapshot_unref(context->workspace);
		fleet_context_release(context);
		free(context->name);
		free(context);
	}
	map_free(fleet->contexts);
	vec_release(&fleet->changes);
	vec_release(&fleet->graves);
	vec_release(&fleet->subscribers);
	vec_release(&fleet->urgent);
	fleet_names_release(fleet);
	free(fleet);
}

struct context_entry *fleet_context(struct fleet *fleet, const char *name)
{
	struct context_entry *context = map_get(fleet->contexts, name);
	if (!context) {
		context = xcalloc(1, sizeof(*context));
		context->name = xstrdup(name);
		context->loop = LOOP_RULE_DEFAULT;
		map_put(fleet->contexts, name, context);
	}
	return context;
}

struct cluster_entry *fleet_cluster_entry(
	const struct fleet *fleet, const char *context, const char *name)
{
	char *ref = ref_cluster(context, name);
	struct cluster_entry *entry = map_get(fleet->lists[KIND_CLUSTER].by_ref, ref);

	free(ref);
	return entry;
}

void fleet_add_cluster(struct fleet *fleet, const char *context, const char *name, const char *type,
	const char *address)
{
	char *ref = ref_cluster(context, name);
	if (map_get(fleet->lists[KIND_CLUSTER].by_ref, ref)) {
		free(ref);
		return;
	}
	struct cluster_entry *entry = xcalloc(1, sizeof(*entry));
	struct cluster *cluster = &entry->pub;
	entry->fleet = fleet;
	cluster->ref = ref;
	cluster->context = xstrdup(context);
	cluster->name = xstrdup(name);
	cluster->type = type;
	cluster->origin = "config";
	kept_err_init(&cluster->last_err);
	kept_err_init(&cluster->history_err);
	cluster->address = xstrdup(address);
	cluster->latency_ms = -1;
	cluster->address_count = 1;
	cluster->status = (struct cluster_status){NULL, NULL, -1, -1, -1, -1, -1, -1, -1};
	list_add(&fleet->lists[KIND_CLUSTER], cluster->ref, entry);
}

void fleet_set_cluster_tls(
	struct fleet *fleet, const char *context, const char *name, const char *tls)
{
	struct cluster_entry *entry = fleet_cluster_entry(fleet, context, name);

	if (entry)
		entry->pub.tls = tls;
}

void fleet_set_cluster_addresses(
	struct fleet *fleet, const char *context, const char *name, size_t count)
{
	struct cluster_entry *entry = fleet_cluster_entry(fleet, context, name);

	if (entry)
		entry->pub.address_count = count;
}

void fleet_set_polling(struct fleet *fleet, const char *ref, const struct polling *polling)
{
	struct cluster_entry *entry = map_get(fleet->lists[KIND_CLUSTER].by_ref, ref);

	if (entry)
		entry->pub.polling = *polling;
}

void fleet_set_cluster_history(struct fleet *fleet, const char *context, const char *name)
{
	struct cluster_entry *entry = fleet_cluster_entry(fleet, context, name);

	if (entry)
		entry->pub.has_history = true;
}

void fleet_add_run_cluster(struct fleet *fleet, const char *context, const char *name,
	const char *type, const char *address)
{
	struct cluster_entry *entry;

	fleet_add_cluster(fleet, context, name, type, address);
	entry = fleet_cluster_entry(fleet, context, name);
	entry->pub.origin = "run";
	if (!str_eq(entry->pub.address, address)) {
		free(entry->pub.address);
		entry->pub.address = xstrdup(address);
	}
	fleet_changed(fleet, KIND_CLUSTER, entry->pub.ref, &entry->pub, CHANGE_ADDED);
}

void fleet_remove_cluster(struct fleet *fleet, const char *context, const char *name)
{
	struct cluster_entry *entry = fleet_cluster_entry(fleet, context, name);

	if (!entry)
		return;
	while (entry->apps.len)
		fleet_leave_cluster(entry->apps.data[0]);
	while (entry->jobs.len)
		fleet_drop_job(fleet, (struct job_entry *)entry->jobs.data[0]);
	fleet_bury(fleet, KIND_CLUSTER, entry->pub.ref, entry);
	fleet_count_polls(fleet);
}

void fleet_subscribe(struct fleet *fleet, fleet_fn fn, void *data)
{
	struct subscriber subscriber = {fn, data};
	vec_push(&fleet->subscribers, subscriber);
}

void fleet_changed(
	struct fleet *fleet, enum kind kind, const char *ref, const void *item, unsigned what)
{
	if (fleet->loading)
		return;
	/* Changes of one item follow one another closely: a look at the last few finds its twin. */
	size_t back = fleet->changes.len > 8 ? fleet->changes.len - 8 : 0;
	for (size_t i = fleet->changes.len; i > back; i--) {
		struct change *old = &fleet->changes.data[i - 1];
		if (old->item == item && item && old->kind == kind && !(old->what & CHANGE_STATE)) {
			old->what |= what;
			return;
		}
	}
	struct change change = {.kind = kind, .ref = ref, .item = item, .what = what};
	vec_push(&fleet->changes, change);
}

void fleet_bury(struct fleet *fleet, enum kind kind, const char *ref, void *item)
{
	size_t kept = 0;

	/* What was said of it in this apply is void now; the rest stays in its order: a ref may go and come. */
	for (size_t i = 0; i < fleet->changes.len; i++)
		if (fleet->changes.data[i].item != item)
			fleet->changes.data[kept++] = fleet->changes.data[i];
	fleet->changes.len = kept;
	struct change change = {.kind = kind, .ref = ref, .what = CHANGE_REMOVED};
	vec_push(&fleet->changes, change);
	list_remove(&fleet->lists[kind], ref);
	struct grave grave = {.kind = kind, .item = item};
	vec_push(&fleet->graves, grave);
}

static void apply(struct fleet *fleet, struct snapshot *snapshot)
{
	switch (snapshot->kind) {
	case SNAPSHOT_WORKSPACE: fleet_apply_workspace(fleet, snapshot); break;
	case SNAPSHOT_CLUSTER: fleet_apply_cluster(fleet, snapshot); break;
	case SNAPSHOT_JOB:
	case SNAPSHOT_TASKMANAGERS: fleet_apply_detail(fleet, snapshot); break;
	case SNAPSHOT_TASKMANAGER: break;
	case SNAPSHOT_ENDED: fleet_apply_ended(fleet, snapshot); break;
	case SNAPSHOT_REGISTRY: fleet_apply_registry(fleet, snapshot); break;
	case SNAPSHOT_KIND_MAX: break;
	}
}

static void tell(struct fleet *fleet, const struct snapshot *cause)
{
	for (size_t i = 0; fleet->changes.len && i < fleet->subscribers.len; i++)
		fleet->subscribers.data[i].fn(fleet->subscribers.data[i].data, cause,
			fleet->changes.data, fleet->changes.len);
	/* All of a large fleet changes once, when it is first seen. */
	if (fleet->changes.alloc > CHANGES_KEPT)
		vec_release(&fleet->changes);
	fleet->changes.len = 0;
	for (size_t i = 0; i < fleet->graves.len; i++)
		item_free(fleet->graves.data[i].kind, fleet->graves.data[i].item);
	fleet->graves.len = 0;
}

void fleet_apply(struct fleet *fleet, struct snapshot *snapshot, int64_t now_ms)
{
	fleet->now_ms = now_ms;
	apply(fleet, snapshot);
	tell(fleet, snapshot);
}

void fleet_load_begin(struct fleet *fleet)
{
	fleet->loading++;
}

void fleet_load(
	struct fleet *fleet, struct snapshot *const *snapshots, size_t count, int64_t now_ms)
{
	fleet->now_ms = now_ms;
	for (size_t i = 0; i < count; i++)
		apply(fleet, snapshots[i]);
}

void fleet_load_end(struct fleet *fleet, const char *context, int64_t now_ms)
{
	fleet->now_ms = now_ms;
	fleet_rejoin_context(fleet, context);
	fleet->changes.len = 0;
	if (--fleet->loading == 0)
		fleet_changed(fleet, KIND_MAX, "", NULL, CHANGE_VALUES);
	tell(fleet, NULL);
}

void *const *fleet_items(const struct fleet *fleet, enum kind kind, size_t *count)
{
	*count = fleet->loading ? 0 : fleet->lists[kind].items.len;
	return fleet->lists[kind].items.data;
}

void *fleet_item(const struct fleet *fleet, enum kind kind, const char *ref)
{
	return map_get(fleet->lists[kind].by_ref, ref);
}

struct app *const *fleet_apps(const struct fleet *fleet, size_t *count)
{
	return (struct app *const *)fleet_items(fleet, KIND_APP, count);
}

struct app *const *fleet_urgent_apps(const struct fleet *fleet, size_t *count)
{
	*count = fleet->urgent.len;
	return fleet->urgent.data;
}

struct cluster *const *fleet_clusters(const struct fleet *fleet, size_t *count)
{
	return (struct cluster *const *)fleet_items(fleet, KIND_CLUSTER, count);
}

struct team *const *fleet_teams(const struct fleet *fleet, size_t *count)
{
	return (struct team *const *)fleet_items(fleet, KIND_TEAM, count);
}

struct job *const *fleet_jobs(const struct fleet *fleet, size_t *count)
{
	return (struct job *const *)fleet_items(fleet, KIND_JOB, count);
}

struct app *fleet_app(const struct fleet *fleet, const char *ref)
{
	return fleet_item(fleet, KIND_APP, ref);
}

struct cluster *fleet_cluster(const struct fleet *fleet, const char *ref)
{
	return fleet_item(fleet, KIND_CLUSTER, ref);
}

struct team *fleet_team(const struct fleet *fleet, const char *ref)
{
	return fleet_item(fleet, KIND_TEAM, ref);
}

struct job *fleet_job(const struct fleet *fleet, const char *ref)
{
	return fleet_item(fleet, KIND_JOB, ref);
}

/* "a/b" read as team/name or as cluster/jobName. */
static bool pair_matches(const struct app *app, const char *word)
{
	const char *slash = strchr(word, '/');
	if (!slash)
		return false;
	const char *first = app->decl ? app->decl->team : app->job->cluster->name;
	const char *second = app->decl ? app->decl->name : app->job->name;
	return strlen(first) == (size_t)(slash - word) &&
		memcmp(first, word, (size_t)(slash - word)) == 0 && str_eq(second, slash + 1);
}

static bool app_matches(const struct app *app, const char *word)
{
	if (app->job && str_eq(app->job->summary.id, word))
		return true;
	const char *name = app->decl ? app->decl->name : app->job->name;
	return str_eq(name, word) || pair_matches(app, word);
}

/* Jobs without an application, often the ended ones of an earlier start, do not make its name doubtful. */
static bool some_declared(struct app *const *apps, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (apps[i]->decl && app_matches(apps[i], word))
			return true;
	return false;
}

size_t fleet_find_apps(const struct fleet *fleet, const char *word, struct app **out, size_t max)
{
	size_t found = 0, count;
	struct app *const *apps = fleet_apps(fleet, &count);
	bool wants_declared = some_declared(apps, count, word);
	for (size_t i = 0; i < count; i++) {
		if (!app_matches(apps[i], word) || (wants_declared && !apps[i]->decl))
			continue;
		if (found < max)
			out[found] = apps[i];
		found++;
	}
	return found;
}

void fleet_count_states(const struct fleet *fleet, int *counts)
{
	memcpy(counts, fleet->whole.apps ? fleet->whole.counts : fleet->state_counts,
		sizeof(fleet->state_counts));
}

void fleet_set_whole(struct fleet *fleet, const struct fleet_whole *whole)
{
	fleet->whole = *whole;
}

size_t fleet_apps_left_out(const struct fleet *fleet)
{
	size_t here = fleet->lists[KIND_APP].items.len;

	return fleet->whole.apps > here ? fleet->whole.apps - here : 0;
}

struct fleet_polls fleet_polls(const struct fleet *fleet)
{
	struct fleet_polls polls = fleet->polls;

	polls.clusters = fleet->lists[KIND_CLUSTER].items.len;
	return fleet->whole.apps ? fleet->whole.polls : polls;
}

const struct err *fleet_workspace_error(const struct fleet *fleet, const char *context)
{
	const struct context_entry *entry = map_get(fleet->contexts, context);
	return entry && entry->workspace_err.code ? &entry->workspace_err : NULL;
}
