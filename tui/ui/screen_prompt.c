/*
 * The palette: it acts on Enter. What it suggests is found in screen_suggest.c; the other use of the line
 * at the bottom, the filter, is in screen_filter.c.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"

void prompt_begin_palette(struct screen *screen, const char *text)
{
	prompt_open(screen->palette, ":", text);
	screen->mode = PROMPT_PALETTE;
	palette_forget(screen);
}

static void palette_put(struct screen *screen, const char *word, const char *behind)
{
	char *text = xasprintf(
		"%.*s%s%s", (int)screen->complete_from, prompt_text(screen->palette), word, behind);

	prompt_set(screen->palette, text);
	free(text);
	palette_typed(screen);
}

/* As far as all suggestions agree; then one after the other. */
static void palette_tab(struct screen *screen, int step)
{
	palette_suggest(screen);
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
		if (command && command->args && str_eq(prompt_text(screen->palette), only))
			palette_put(screen, only, " ");
		return;
	}
	/* The first is chosen already when something was typed, but not yet written. */
	const char *chosen = complete_chosen(screen->complete);
	if (screen->is_cycling || !chosen || step < 0 ||
		str_eq(chosen, prompt_text(screen->palette) + screen->complete_from))
		complete_step(screen->complete, step);
	chosen = complete_chosen(screen->complete);
	if (chosen)
		palette_put(screen, chosen, "");
	/* They stay as they are. */
	screen->is_cycling = true;
	screen->is_typed = false;
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
	const char *chosen, *fixed;
	int64_t line;
	bool is_number;

	palette_suggest(screen);
	chosen = complete_chosen(screen->complete);
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
	is_number = !command && str_to_int64(word, &line) && line > 0;
	if ((command || is_number) && screen->backend.typed)
		screen->backend.typed(screen->backend.data, prompt_text(screen->palette));
	if (command)
		screen_run(screen, command->id, *arg ? arg : fixed);
	else if (is_number)
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
	case PROMPT_CHANGED: palette_typed(screen); break;
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

void screen_remember(struct screen *screen, const char *line)
{
	prompt_remember(screen->palette, line);
}
