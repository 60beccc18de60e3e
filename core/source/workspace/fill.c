/*
 * Entries → the snapshot's teams and applications, which point to what was read of the files. Here, and
 * not when a file is parsed, names are held against each other: which of two files is the second
 * depends on files that did not change.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/source/workspace/scan.h"

/* As if its file could not be read. */
static void copy_broken(
	struct arena *arena, struct app_decl *out, const struct entry *entry, const char *error)
{
	struct parsed *broken = parsed_broken(entry->team, entry->path, error);

	app_decl_copy(arena, out, &broken->app);
	parsed_free(broken);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = *(const struct entry *const *)a;
	const struct entry *right = *(const struct entry *const *)b;
	int order = strcmp(left->team, right->team);

	return order ? order : strcmp(left->path, right->path);
}

static bool is_called_like_its_file(const struct entry *entry)
{
	const char *base = strrchr(entry->path, '/');
	size_t len = strlen(entry->parsed->app.name);

	base = base ? base + 1 : entry->path;
	return strncmp(base, entry->parsed->app.name, len) == 0 && str_eq(base + len, ".yaml");
}

/*
 * "team/name" → the entry that has it: good files in their order, but one that is called like its
 * application before one that is not (a copy that still carries the old name).
 */
static struct map *names_of(const struct entry *const *entries, size_t count)
{
	struct map *names = map_new();

	for (size_t i = 0; i < count; i++) {
		const struct entry *entry = entries[i];
		if (entry->kind != ENTRY_APP || entry->parsed->app.error)
			continue;
		char *key = xasprintf("%s/%s", entry->team, entry->parsed->app.name);
		if (!map_get(names, key) || is_called_like_its_file(entry))
			map_put(names, key, (void *)(uintptr_t)entry);
		free(key);
	}
	return names;
}

/*
 * A broken file is called by its file's name; where a good one has that name already, by its path
 * in the team: no good application can have a '/' in its name, and each row stays one of its own.
 */
static void fill_broken(struct arena *arena, struct app_decl *app, const struct map *names)
{
	char *key = xasprintf("%s/%s", app->team, app->name);
	const char *inside = app->path + strlen("teams/") + strlen(app->team) + 1;

	if (map_get(names, key) || !str_is_name(app->name))
		app->name = app->job_name =
			arena_strdup(arena, strchr(inside, '/') ? inside : app->path);
	free(key);
}

static void fill_app(struct arena *arena, struct app_decl *out, const struct entry *entry,
	const struct map *names)
{
	const struct parsed *parsed = entry->parsed;
	char *key = xasprintf("%s/%s", entry->team, parsed->app.name);
	const struct entry *owner = map_get(names, key);

	if (!parsed->app.error && owner == entry && entry->sql.error) {
		copy_broken(arena, out, entry, entry->sql.error);
		out->name = out->job_name = arena_strdup(arena, parsed->app.name); /* it is its */
	} else if (parsed->app.error || owner == entry) {
		*out = parsed->app;
		arena_share(arena, parsed->arena);
		if (entry->sql.text)
			out->sql = arena_strdup(arena, entry->sql.text);
	} else {
		char *error = xasprintf(_("%s:%d:%d: the name \"%s\" is taken by %s"), entry->path,
			parsed->name_line, parsed->name_column, parsed->app.name, owner->path);
		copy_broken(arena, out, entry, error);
		free(error);
	}
	if (parsed->app.error || owner != entry)
		fill_broken(arena, out, names);
	free(key);
}

/* The folder makes the team; its team.yaml, if there is one, says more. */
static void fill_team(struct arena *arena, struct team_decl *out, const struct scan *scan,
	const struct entry *folder)
{
	char *path = xasprintf("%s/team.yaml", folder->path);
	const struct entry *file = map_get(scan->entries, path);
	struct team_decl bare = {.name = folder->team};

	if (folder->parsed) {
		bare.error = folder->parsed->team.error;
		team_decl_copy(arena, out, &bare);
	} else {
		team_decl_copy(arena, out, file ? &file->parsed->team : &bare);
	}
	free(path);
}

void scan_fill(const struct scan *scan, struct snapshot *snapshot)
{
	struct arena *arena = snapshot->arena;
	size_t count = 0, teams = 0, apps = 0;
	const struct entry **entries = xcalloc(map_count(scan->entries) + 1, sizeof(*entries));

	map_each (item, scan->entries) {
		const struct entry *entry = map_value(item);
		entries[count++] = entry;
		teams += entry->kind == ENTRY_FOLDER;
		apps += entry->kind == ENTRY_APP;
	}
	qsort(entries, count, sizeof(*entries), compare_entries);
	struct map *names = names_of(entries, count);
	struct team_decl *team = arena_calloc(arena, teams + 1, sizeof(*team));
	struct app_decl *app = arena_calloc(arena, apps + 1, sizeof(*app));
	snapshot->teams = team;
	snapshot->team_count = teams;
	snapshot->apps = app;
	snapshot->app_count = apps;
	for (size_t i = 0; i < count; i++) {
		if (entries[i]->kind == ENTRY_FOLDER)
			fill_team(arena, team++, scan, entries[i]);
		else if (entries[i]->kind == ENTRY_APP)
			fill_app(arena, app++, entries[i], names);
	}
	map_free(names);
	free(entries);
}
