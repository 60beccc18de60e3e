/* What rows_pane.c can show: how each kind is asked for, copied, and called when there is none. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/command_log.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/model/env_state.h"
#include "core/query/query_release.h"
#include "tui/view/rows_pane.h"

#define ROWS_SHOWN 200

static void *copy_of(struct rows *rows, const void *item, size_t size)
{
	void *copy = arena_alloc(rows_arena(rows), size);

	memcpy(copy, item, size);
	return copy;
}

static void keep(struct rows *rows, const char **text)
{
	*text = arena_strdup(rows_arena(rows), *text);
}

static void add(struct rows *rows, const void *item, int64_t key)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, key);
	rows_add(rows, item, text);
}

/* -- runs -- */

static void on_runs(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct rows *rows = data;

	rows_begin(rows, err);
	for (size_t i = 0; !err && i < count; i++) {
		struct run *run = run_dup(runs[i]);

		rows_own(rows, run);
		add(rows, run, run->id);
	}
	rows_end(rows);
}

static struct query *ask_runs(
	struct rows *rows, const struct view_host *host, struct store *store, const char *app)
{
	(void)host;
	return query_runs(store, app, false, ROWS_SHOWN, on_runs, rows);
}

static const char *app_of_run(const void *item)
{
	return ((const struct run *)item)->app;
}

const struct rows_kind run_rows = {
	.table = &run_table,
	.name = "runs",
	.title = N_("Runs"),
	.empty = N_("No run is remembered: capitals act on an application."),
	.empty_app = N_("No run of this application is remembered: B builds, S starts, T stops "
			"it."),
	.sort = "createdMs",
	.ask = ask_runs,
	.app = app_of_run,
};

/* -- builds -- */

static void on_builds(
	void *data, const struct build *const *builds, size_t count, const struct err *err)
{
	struct rows *rows = data;

	rows_begin(rows, err);
	for (size_t i = 0; !err && i < count; i++) {
		struct build *build = copy_of(rows, builds[i], sizeof(*build));

		keep(rows, &build->app);
		keep(rows, &build->host);
		keep(rows, &build->git);
		keep(rows, &build->ref);
		keep(rows, &build->commit);
		keep(rows, &build->artifact);
		keep(rows, &build->sha256);
		add(rows, build, build->id);
	}
	rows_end(rows);
}

static struct query *ask_builds(
	struct rows *rows, const struct view_host *host, struct store *store, const char *app)
{
	(void)host;
	return query_builds(store, app, ROWS_SHOWN, on_builds, rows);
}

static const char *app_of_build(const void *item)
{
	return ((const struct build *)item)->app;
}

const struct rows_kind build_rows = {
	.table = &build_table,
	.name = "builds",
	.title = N_("Builds"),
	.empty = N_("Nothing was built yet: B on an application builds it."),
	.empty_app = N_("This application was not built yet: B builds it."),
	.sort = "builtMs",
	.ask = ask_builds,
	.app = app_of_build,
};

/* -- releases -- */

static void on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct rows *rows = data;

	rows_begin(rows, err);
	for (size_t i = 0; !err && i < count; i++) {
		struct release *release = copy_of(rows, releases[i], sizeof(*release));
		char *key;

		release->manifest = NULL; /* secrets: not for showing */
		keep(rows, &release->app);
		keep(rows, &release->host);
		keep(rows, &release->dir);
		keep(rows, &release->digest);
		keep(rows, &release->commit);
		key = arena_printf(rows_arena(rows), "%s/%" PRId64, release->app, release->number);
		rows_add(rows, release, key);
	}
	rows_end(rows);
}

static struct query *ask_releases(
	struct rows *rows, const struct view_host *host, struct store *store, const char *app)
{
	(void)host;
	return query_releases(store, app, ROWS_SHOWN, on_releases, rows);
}

static const char *app_of_release(const void *item)
{
	return ((const struct release *)item)->app;
}

const struct rows_kind release_rows = {
	.table = &release_table,
	.name = "releases",
	.title = N_("Releases"),
	.empty = N_("Nothing was released yet: P on an application releases it."),
	.empty_app = N_("This application was not released yet: P releases it, A does all."),
	.sort = "createdMs",
	.ask = ask_releases,
	.app = app_of_release,
};

/* -- restore points -- */

static void on_points(
	void *data, const struct restore_point *const *points, size_t count, const struct err *err)
{
	struct rows *rows = data;

	rows_begin(rows, err);
	for (size_t i = 0; !err && i < count; i++) {
		struct restore_point *point = copy_of(rows, points[i], sizeof(*point));

		keep(rows, &point->app);
		keep(rows, &point->path);
		keep(rows, &point->job_id);
		rows_add(rows, point, point->path);
	}
	rows_end(rows);
}

static struct query *ask_points(
	struct rows *rows, const struct view_host *host, struct store *store, const char *app)
{
	if (app)
		return query_app_points(store, host->fleet, app, ROWS_SHOWN, on_points, rows);
	return query_points(store, NULL, ROWS_SHOWN, on_points, rows);
}

static const char *app_of_point(const void *item)
{
	return ((const struct restore_point *)item)->app;
}

const struct rows_kind point_rows = {
	.table = &point_table,
	.name = "restore-points",
	.title = N_("Restore points"),
	.empty = N_("No restore point is known."),
	.empty_app = N_("No restore point is known: V takes a savepoint; checkpoints come by "
			"themselves where they are retained."),
	.sort = "completedMs",
	.ask = ask_points,
	.app = app_of_point,
};

/* -- Flink envs -- */

static struct query *ask_envs(
	struct rows *rows, const struct view_host *host, struct store *store, const char *app)
{
	uint64_t changes;
	size_t count;
	const struct env_state *const *states = host->envs(host->data, &count, &changes);

	(void)store;
	(void)app;
	rows_begin(rows, NULL);
	for (size_t i = 0; i < count; i++) {
		struct env_state *state = copy_of(rows, states[i], sizeof(*state));
		const char **texts[] = {&state->context, &state->name, &state->home, &state->host,
			&state->sql_gateway, &state->problem, &state->gateway_problem,
			&state->version, &state->gateway_version, &state->java, &state->java_home};
		const char **apps =
			arena_calloc(rows_arena(rows), state->app_count + 1, sizeof(*apps));

		for (size_t k = 0; k < ARRAY_SIZE(texts); k++)
			keep(rows, texts[k]);
		for (size_t k = 0; k < state->app_count; k++)
			apps[k] = arena_strdup(rows_arena(rows), state->apps[k]);
		state->apps = apps;
		state->arena = NULL;
		state->ref = arena_strdup(rows_arena(rows), states[i]->ref);
		rows_add(rows, state, state->ref);
	}
	rows_end(rows);
	return NULL;
}

static uint64_t changes_of_envs(const struct view_host *host, const char *owner)
{
	uint64_t changes;
	size_t count;

	(void)owner;
	host->envs(host->data, &count, &changes);
	return changes;
}

const struct rows_kind env_rows = {
	.table = &env_table,
	.name = "flink-envs",
	.title = N_("Flink envs"),
	.empty = N_("No Flink env is configured: flink-envs: of a context."),
	.sort = "name",
	.is_ascending = true,
	.of_program = true,
	.ask = ask_envs,
	.changes = changes_of_envs,
};

/* -- the command log -- */

/* Copied, because what is under way there changes and leaves whenever something is sent. */
static struct query *ask_commands(
	struct rows *rows, const struct view_host *host, struct store *store, const char *app)
{
	const struct command_log *log = host->commands;
	size_t count = command_log_count(log);

	(void)store;
	(void)app;
	rows_begin(rows, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct command_entry *from = command_log_at(log, i);
		struct command_entry *entry = copy_of(rows, from, sizeof(*entry));

		entry->ref = arena_strdup(rows_arena(rows), from->ref);
		entry->where = arena_strdup(rows_arena(rows), from->where);
		entry->what = arena_strdup(rows_arena(rows), from->what);
		entry->error = arena_strdup(rows_arena(rows), from->error);
		rows_add(rows, entry, entry->ref);
	}
	rows_end(rows);
	return NULL;
}

static uint64_t changes_of_commands(const struct view_host *host, const char *owner)
{
	(void)owner;
	return command_log_changes(host->commands);
}

const struct rows_kind command_rows = {
	.table = &command_log_table,
	.name = "commands",
	.title = N_("Command log"),
	.empty = N_("Nothing was asked of anybody yet."),
	.sort = "beganMs",
	.of_program = true,
	.ask = ask_commands,
	.changes = changes_of_commands,
};
