/*
 * What a workspace declares → teams and applications. Declarations are borrowed from the newest
 * good snapshot, which is kept; a poll that failed leaves everything as it was and only notes the
 * error.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet_internal.h"

static bool team_decl_eq(const struct team_decl *a, const struct team_decl *b)
{
	if (!str_eq(a->title, b->title) || !str_eq(a->owner, b->owner) ||
		!str_eq(a->error, b->error) || a->member_count != b->member_count ||
		a->variable_count != b->variable_count)
		return false;
	for (size_t i = 0; i < a->variable_count; i++)
		if (!str_eq(a->variables[i].key, b->variables[i].key) ||
			!str_eq(a->variables[i].value, b->variables[i].value))
			return false;
	for (size_t i = 0; i < a->member_count; i++)
		if (!str_eq(a->members[i], b->members[i]))
			return false;
	return true;
}

static bool app_decl_eq(const struct app_decl *a, const struct app_decl *b)
{
	return str_eq(a->error, b->error) && str_eq(a->text, b->text) && str_eq(a->path, b->path) &&
		str_eq(a->cluster, b->cluster) && str_eq(a->job_name, b->job_name) &&
		(!a->sql_file || str_eq(a->sql, b->sql));
}

static void apply_team(struct fleet *fleet, const char *context, const struct team_decl *decl)
{
	char *ref = ref_team(context, decl->name);
	struct team *team = map_get(fleet->lists[KIND_TEAM].by_ref, ref);
	if (team) {
		if (!team_decl_eq(team->decl, decl))
			fleet_changed(fleet, KIND_TEAM, team->ref, team, CHANGE_VALUES);
		team->decl = decl;
		free(ref);
		return;
	}
	team = xcalloc(1, sizeof(*team));
	team->ref = ref;
	team->context = xstrdup(context);
	team->decl = decl;
	list_add(&fleet->lists[KIND_TEAM], ref, team);
	fleet_changed(fleet, KIND_TEAM, team->ref, team, CHANGE_ADDED);
}

/* The run of an application that is no longer declared (there) goes on as a job of its own. */
static void untie(struct app *app)
{
	struct cluster_entry *entry = (struct cluster_entry *)app->cluster;

	app->job = NULL;
	for (size_t i = 0; entry && i < entry->jobs.len; i++)
		if (entry->jobs.data[i]->app == app)
			entry->jobs.data[i]->app = NULL;
}

void fleet_leave_cluster(struct app *app)
{
	struct cluster_entry *entry = (struct cluster_entry *)app->cluster;
	untie(app);
	for (size_t i = 0; entry && i < entry->apps.len; i++)
		if (entry->apps.data[i] == app) {
			entry->apps.data[i] = entry->apps.data[--entry->apps.len];
			break;
		}
	app->cluster = NULL;
}

static void enter_cluster(struct fleet *fleet, struct app *app)
{
	if (str_empty(app->cluster_name))
		return;
	struct cluster_entry *entry = fleet_cluster_entry(fleet, app->context, app->cluster_name);
	if (!entry)
		return;
	app->cluster = &entry->pub;
	vec_push(&entry->apps, app);
}

bool fleet_place_app(struct fleet *fleet, struct app *app)
{
	const struct run_cluster *made = app->record ? &app->record->cluster : NULL;
	char *name = fleet_fill(fleet, app, app->decl->cluster);
	/* Where the file names none, it is the one that its start made. */
	if (str_empty(name) && made && made->name) {
		free(name);
		name = xstrdup(made->name);
	}
	if (str_eq(app->cluster_name, name)) {
		free(name);
		return false;
	}
	fleet_leave_cluster(app);
	free(app->cluster_name);
	app->cluster_name = name;
	enter_cluster(fleet, app);
	return true;
}

static void apply_app(struct fleet *fleet, const char *context, const struct app_decl *decl)
{
	char *ref = ref_app(context, decl->team, decl->name);
	struct app *app = map_get(fleet->lists[KIND_APP].by_ref, ref);
	if (!app) {
		app = fleet_new_app(fleet, ref, context, "workspace");
		app->decl = decl;
		app->job_name = fleet_fill(fleet, app, decl->job_name);
		fleet_place_app(fleet, app);
		return;
	}
	free(ref);
	if (!app_decl_eq(app->decl, decl))
		fleet_changed(fleet, KIND_APP, app->ref, app, CHANGE_VALUES);
	app->decl = decl;
	app->has_digest = false;
	char *job_name = fleet_fill(fleet, app, decl->job_name);
	bool renamed = !str_eq(app->job_name, job_name);
	free(app->job_name);
	app->job_name = job_name;
	if (!fleet_place_app(fleet, app) && renamed)
		untie(app);
}

/* Items of this context that the new snapshot no longer declares. */
static void remove_gone(struct fleet *fleet, struct snapshot *snapshot, struct map *kept)
{
	for (size_t i = fleet->lists[KIND_APP].items.len; i > 0; i--) {
		struct app *app = fleet->lists[KIND_APP].items.data[i - 1];
		if (!app->decl || !str_eq(app->context, snapshot->context) ||
			map_get(kept, app->ref))
			continue;
		fleet_leave_cluster(app);
		fleet_remove_app(fleet, app);
	}
	for (size_t i = fleet->lists[KIND_TEAM].items.len; i > 0; i--) {
		struct team *team = fleet->lists[KIND_TEAM].items.data[i - 1];
		if (str_eq(team->context, snapshot->context) && !map_get(kept, team->ref))
			fleet_bury(fleet, KIND_TEAM, team->ref, team);
	}
}

static struct map *declared_refs(const struct snapshot *snapshot)
{
	struct map *kept = map_new();
	for (size_t i = 0; i < snapshot->team_count; i++) {
		char *ref = ref_team(snapshot->context, snapshot->teams[i].name);
		map_put(kept, ref, kept);
		free(ref);
	}
	for (size_t i = 0; i < snapshot->app_count; i++) {
		char *ref =
			ref_app(snapshot->context, snapshot->apps[i].team, snapshot->apps[i].name);
		map_put(kept, ref, kept);
		free(ref);
	}
	return kept;
}

void fleet_apply_workspace(struct fleet *fleet, struct snapshot *snapshot)
{
	struct context_entry *context = fleet_context(fleet, snapshot->context);
	bool said_before = context->workspace_err.code != 0;
	kept_err_get(&snapshot->err, &context->workspace_err);
	if (!snapshot->err.code)
		context->files_read = (struct said_at){snapshot->observed_ms, snapshot->mono_ms};
	if (snapshot->err.code || snapshot->is_unchanged) {
		if (said_before != (snapshot->err.code != 0))
			fleet_changed(fleet, KIND_MAX, "", NULL, CHANGE_VALUES);
		return;
	}

	/* A team's counts go with its applications, so teams come first and leave last. */
	struct map *kept = fleet->loading ? NULL : declared_refs(snapshot);
	for (size_t i = 0; i < snapshot->team_count; i++)
		apply_team(fleet, snapshot->context, &snapshot->teams[i]);
	if (kept)
		remove_gone(fleet, snapshot, kept);
	for (size_t i = 0; i < snapshot->app_count; i++)
		apply_app(fleet, snapshot->context, &snapshot->apps[i]);
	map_free(kept);

	snapshot_ref(snapshot);
	snapshot_unref(context->workspace);
	context->workspace = snapshot;
	if (!fleet->loading)
		fleet_rejoin_context(fleet, snapshot->context);
}

void fleet_rejoin_context(struct fleet *fleet, const char *context)
{
	for (size_t i = 0; i < fleet->lists[KIND_CLUSTER].items.len; i++) {
		struct cluster_entry *entry = fleet->lists[KIND_CLUSTER].items.data[i];
		if (str_eq(entry->pub.context, context))
			fleet_join(fleet, entry);
	}
	for (size_t i = 0; i < fleet->lists[KIND_APP].items.len; i++) {
		struct app *app = fleet->lists[KIND_APP].items.data[i];
		if (app->decl && !app->cluster && str_eq(app->context, context))
			fleet_derive_app(fleet, app);
	}
}
