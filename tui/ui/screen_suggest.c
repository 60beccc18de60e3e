/*
 * What the palette suggests: commands, then what may be said to them. It is found when somebody looks
 * (a frame, Tab, Enter), not for each letter of what is typed or pasted between; names of a whole fleet
 * are gathered once for each command.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

static void suggest_commands(struct screen *screen)
{
	const char *text = prompt_text(screen->palette), *arg;
	const struct command *meant = command_named(text, &arg);

	for (size_t i = 0; i < CMD_MAX; i++)
		if (commands[i].where & ON_PALETTE)
			complete_add(screen->complete, commands[i].name, _(commands[i].summary));
	/* "q" is quit: said once it is typed, not among what there is to type. */
	if (meant && !command_find(text, ON_PALETTE))
		complete_add(screen->complete, text, _(meant->summary));
}

static void suggest_columns(struct screen *screen)
{
	struct table *table = screen_table(screen);
	struct table_column all[64];
	size_t count = table ? table_columns(table, all, ARRAY_SIZE(all)) : 0;

	for (size_t i = 0; i < count; i++)
		complete_add(screen->complete, all[i].column->key, _(all[i].column->title));
}

static void suggest_apps(struct screen *screen)
{
	size_t count;
	struct app *const *apps = fleet_apps(screen->backend.fleet, &count);

	for (size_t i = 0; i < count; i++) {
		char *name = apps[i]->decl
			? xasprintf("%s/%s", apps[i]->decl->team, apps[i]->decl->name)
			: xasprintf("%s/%s", apps[i]->job->cluster->name, apps[i]->job->name);
		complete_add(screen->complete, name, app_state_name(apps[i]->state));
		free(name);
	}
}

static void suggest_teams(struct screen *screen)
{
	size_t count;
	struct team *const *teams = fleet_teams(screen->backend.fleet, &count);

	for (size_t i = 0; i < count; i++) {
		char *name = xasprintf("%s/", teams[i]->decl->name);
		complete_add(screen->complete, name, NULL);
		free(name);
	}
}

static void suggest_clusters(struct screen *screen)
{
	size_t count;
	struct cluster *const *clusters = fleet_clusters(screen->backend.fleet, &count);

	for (size_t i = 0; i < count; i++)
		complete_add(screen->complete, clusters[i]->name, NULL);
}

static void suggest_team_names(struct screen *screen)
{
	size_t count;
	struct team *const *teams = fleet_teams(screen->backend.fleet, &count);

	for (size_t i = 0; i < count; i++)
		complete_add(screen->complete, teams[i]->decl->name, NULL);
}

static void suggest_contexts(struct screen *screen)
{
	for (size_t i = 0; i < screen->backend.context_count; i++)
		complete_add(screen->complete, screen->backend.contexts[i], NULL);
}

/* "[on|off]", as the table has it: one of these words. */
static void suggest_words(struct screen *screen, const char *usage)
{
	usage += *usage == '[';
	while (*usage && *usage != ']') {
		size_t len = strcspn(usage, "|]");
		char *word = xstrndup(usage, len);
		complete_add(screen->complete, word, NULL);
		free(word);
		usage += len + (usage[len] == '|');
	}
}

static void suggest_arguments(struct screen *screen, const struct command *command)
{
	switch (command->id) {
	case CMD_SORT:
	case CMD_COLUMNS: suggest_columns(screen); break;
	case CMD_GROUP:
	case CMD_FOLD:
	case CMD_MOUSE: suggest_words(screen, command->args); break;
	case CMD_NEW: suggest_teams(screen); break;
	case CMD_CLIP: screen_copy_suggest(screen); break;
	case CMD_THEME: screen_theme_suggest(screen); break;
	case CMD_CONTEXT: suggest_contexts(screen); break;
	case CMD_USE_FILTER:
	case CMD_SAVE_FILTER: saved_suggest(screen); break;
	case CMD_TASKMANAGERS:
	case CMD_CLUSTERS: suggest_clusters(screen); break;
	case CMD_TEAMS: suggest_team_names(screen); break;
	default:
		if (command->id == CMD_OPEN || (command->args && strstr(command->args, "APP")))
			suggest_apps(screen);
	}
}

/* The table whose filter is typed behind that command; NULL = none is. */
static struct table *filtered_table(struct screen *screen, enum command_id id)
{
	struct view *view = id == CMD_FILTER ? screen_view(screen) : screen_list_of(screen, id);

	return view && view->ops->table ? view->ops->table(view) : NULL;
}

/* False: no filter is typed there, or nothing fits; names may. */
static bool suggest_filter(struct screen *screen, const struct command *command, size_t from)
{
	const char *text = prompt_text(screen->palette) + from;
	struct table *table = filtered_table(screen, command->id);

	if (!table)
		return false;
	if (*text == '/') {
		text++;
		from++;
	}
	if (!screen->hints)
		screen->hints = hints_new();
	screen->suggested = CMD_MAX;
	screen->complete_from = from;
	if (!hints_fill(screen->hints, table, text, screen->complete))
		return false;
	screen->complete_from += hints_from(screen->hints);
	return true;
}

static void suggest(struct screen *screen)
{
	const char *text = prompt_text(screen->palette), *fixed;
	size_t blank = strcspn(text, " "), from = blank + strspn(text + blank, " ");
	const struct command *command = NULL;

	screen->complete_from = text[blank] ? from : 0;
	if (text[blank]) {
		char *word = xstrndup(text, blank);
		command = command_named(word, &fixed);
		free(word);
	}
	/* One word alone may be a name, where names are suggested. */
	if (command &&
		(strchr(text + from, ' ') || strchr(text + from, ':') ||
			(command->id != CMD_CLUSTERS && command->id != CMD_TEAMS)) &&
		suggest_filter(screen, command, from))
		return;
	if (!command || screen->suggested != command->id) {
		complete_clear(screen->complete);
		if (!text[blank])
			suggest_commands(screen);
		else if (command)
			suggest_arguments(screen, command);
		screen->suggested = command ? command->id : CMD_MAX;
	}
	complete_match(screen->complete, text + screen->complete_from);
}

void palette_suggest(struct screen *screen)
{
	if (!screen->is_typed)
		return;
	screen->is_typed = screen->is_cycling = false;
	suggest(screen);
}

void palette_typed(struct screen *screen)
{
	screen->is_typed = true;
}

void palette_forget(struct screen *screen)
{
	screen->is_typed = true;
	screen->suggested = CMD_MAX;
	hints_free(screen->hints);
	screen->hints = NULL;
	complete_clear(screen->complete);
}
