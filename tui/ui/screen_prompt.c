/*
 * The palette: it acts on Enter, and suggests commands and their arguments as they are typed. The
 * other use of the line at the bottom, the filter, is in screen_filter.c.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

/* -- the palette: suggestions -- */

static void suggest_commands(struct screen *screen)
{
	for (size_t i = 0; i < CMD_MAX; i++)
		if (commands[i].where & ON_PALETTE)
			complete_add(screen->complete, commands[i].name, _(commands[i].summary));
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

static void suggest_arguments(struct screen *screen, const char *name, size_t len)
{
	char *word = xstrndup(name, len);
	const char *fixed;
	const struct command *command = command_named(word, &fixed);

	free(word);
	if (!command)
		return;
	if (command->id == CMD_SORT || command->id == CMD_COLUMNS)
		suggest_columns(screen);
	else if (command->id == CMD_OPEN || (command->args && strstr(command->args, "APP")))
		suggest_apps(screen);
	else if (command->id == CMD_NEW)
		suggest_teams(screen);
	else if (command->id == CMD_GROUP) {
		complete_add(screen->complete, "team", NULL);
		complete_add(screen->complete, "cluster", NULL);
		complete_add(screen->complete, "state", NULL);
		complete_add(screen->complete, "none", NULL);
	} else if (command->id == CMD_FOLD) {
		complete_add(screen->complete, "all", NULL);
		complete_add(screen->complete, "none", NULL);
	} else if (command->id == CMD_THEME)
		screen_theme_suggest(screen);
}

static void palette_suggest(struct screen *screen)
{
	const char *text = prompt_text(screen->palette);
	size_t blank = strcspn(text, " ");

	complete_clear(screen->complete);
	if (text[blank]) {
		suggest_arguments(screen, text, blank);
		screen->complete_from = blank + strspn(text + blank, " ");
	} else {
		suggest_commands(screen);
		screen->complete_from = 0;
	}
	complete_match(screen->complete, text + screen->complete_from);
	screen->is_cycling = false;
}

void prompt_begin_palette(struct screen *screen, const char *text)
{
	prompt_open(screen->palette, ":", text);
	screen->mode = PROMPT_PALETTE;
	palette_suggest(screen);
}

static void palette_put(struct screen *screen, const char *word, const char *behind)
{
	char *text = xasprintf(
		"%.*s%s%s", (int)screen->complete_from, prompt_text(screen->palette), word, behind);

	prompt_set(screen->palette, text);
	free(text);
}

/* As far as all suggestions agree; then one after the other. */
static void palette_tab(struct screen *screen, int step)
{
	char *common = screen->is_cycling ? NULL : complete_common(screen->complete);

	if (common) {
		palette_put(screen, common, "");
		free(common);
		palette_suggest(screen);
		if (complete_beginning(screen->complete) != 1)
			return;
		const char *only = complete_chosen(screen->complete);
		const struct command *command =
			screen->complete_from ? NULL : command_find(only, ON_PALETTE);
		if (command && command->args && str_eq(prompt_text(screen->palette), only)) {
			palette_put(screen, only, " ");
			palette_suggest(screen);
		}
		return;
	}
	/* The first is chosen already when something was typed, but not yet written. */
	const char *chosen = complete_chosen(screen->complete);
	if (screen->is_cycling || !chosen || step < 0 ||
		str_eq(chosen, prompt_text(screen->palette) + screen->complete_from))
		complete_step(screen->complete, step);
	screen->is_cycling = true;
	chosen = complete_chosen(screen->complete);
	if (chosen)
		palette_put(screen, chosen, "");
}

/* -- the palette: Enter -- */

static void palette_unknown(struct screen *screen, const char *word)
{
	const char *near = command_suggest_named(word);
	char *text = near ? xasprintf(_("no command '%s': did you mean '%s'?"), word, near)
			  : xasprintf(_("no command '%s'; : and Tab list them"), word);

	screen_toast(screen, STYLE_WARN, text);
	free(text);
}

static void palette_run(struct screen *screen)
{
	char *text = xstrdup(prompt_text(screen->palette)), *word = text, *arg, *end;
	const struct command *command;
	const char *chosen = complete_chosen(screen->complete), *fixed;
	int64_t line;

	word += strspn(word, " ");
	end = word + strlen(word);
	while (end > word && end[-1] == ' ')
		*--end = '\0';
	arg = word + strcspn(word, " ");
	if (*arg) {
		*arg++ = '\0';
		arg += strspn(arg, " ");
	}
	command = command_named(word, &fixed);
	/* The start of a command's name is enough. */
	if (!command && *word && !*arg && chosen && str_starts(chosen, word))
		command = command_find(chosen, ON_PALETTE);
	if (command)
		screen_run(screen, command->id, *arg ? arg : fixed);
	else if (str_to_int64(word, &line) && line > 0)
		screen_run(screen, CMD_LINE, word);
	else if (*word)
		palette_unknown(screen, word);
	free(text);
}

static void palette_key(struct screen *screen, const struct key *key)
{
	if (key->sym == KEY_SYM_TAB || key->sym == KEY_SYM_BACKTAB) {
		palette_tab(screen, key->sym == KEY_SYM_TAB ? 1 : -1);
		return;
	}
	switch (prompt_key(screen->palette, key)) {
	case PROMPT_CHANGED: palette_suggest(screen); break;
	case PROMPT_CANCEL: screen->mode = PROMPT_NONE; break;
	case PROMPT_DONE:
		screen->mode = PROMPT_NONE;
		palette_run(screen);
		break;
	case PROMPT_MOVED:
	case PROMPT_IGNORED: break;
	}
}

void prompt_handle(struct screen *screen, const struct key *key)
{
	if (screen->mode == PROMPT_FILTER)
		filter_key_press(screen, key);
	else
		palette_key(screen, key);
}
