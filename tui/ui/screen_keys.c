/*
 * From a key to a command: the keymap, sequences and numbers, and what may follow the keys typed so
 * far, which stands in the place of the footer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/ui/screen_private.h"

#define REPEAT_MAX 1000
#define NEXT_ROWS 4
#define NEXT_COLS 24

static void means_nothing(struct screen *screen, const char *typed, const struct key *key)
{
	char name[KEY_NAME_MAX];

	key_name(key, name, sizeof(name));
	char *text = xasprintf(
		_("%s%s%s means nothing here; ? tells what does"), typed, *typed ? " " : "", name);
	screen_toast(screen, STYLE_DIM, text);
	free(text);
}

/* What a number before it does more often; of all others it is dropped. */
static bool is_repeated(enum command_id id)
{
	switch (id) {
	case CMD_UP:
	case CMD_DOWN:
	case CMD_LEFT:
	case CMD_RIGHT:
	case CMD_PAGE_UP:
	case CMD_PAGE_DOWN:
	case CMD_HALF_UP:
	case CMD_HALF_DOWN:
	case CMD_NEXT_ITEM:
	case CMD_PREV_ITEM:
	case CMD_NEXT_TAB:
	case CMD_PREV_TAB:
	case CMD_SEARCH_NEXT:
	case CMD_SEARCH_PREV: return true;
	default: return false;
	}
}

/* A command that is nothing without what is typed behind it. */
static bool wants_words(const struct command *command)
{
	return command->args && *command->args != '[' && !(command->where & ON_KEY) &&
		!command->needs;
}

static void run_hit(struct screen *screen, const struct keymap_hit *hit)
{
	int times = hit->number && is_repeated(hit->id) ? hit->number : 1;
	char number[16];

	if (hit->number && (hit->id == CMD_TOP || hit->id == CMD_BOTTOM)) {
		snprintf(number, sizeof(number), "%d", hit->number);
		screen_run(screen, CMD_LINE, number);
		return;
	}
	if (!hit->arg && wants_words(&commands[hit->id])) {
		char *text = xasprintf("%s ", command_own_name(hit->id));
		prompt_begin_palette(screen, text);
		free(text);
		return;
	}
	for (int i = 0; i < times && i < REPEAT_MAX; i++)
		screen_run(screen, hit->id, hit->arg);
}

static void run_key(struct screen *screen, const struct key *key)
{
	char typed[64];
	struct keymap_hit hit;

	keymap_typed(&screen->typed, typed, sizeof(typed));
	switch (keymap_feed(
		screen->keymap, &screen->typed, screen_view(screen)->ops->where, key, &hit)) {
	case KEYMAP_FOUND: run_hit(screen, &hit); break;
	case KEYMAP_PREFIX: break;
	case KEYMAP_NONE: means_nothing(screen, typed, key); break;
	}
}

bool screen_is_typing(const struct screen *screen)
{
	return screen->typed.count || screen->typed.number;
}

/* -- what may follow -- */

static void draw_choice(struct canvas *canvas, int row, int col, int cols,
	const struct view_key *next, bool is_disabled)
{
	const struct command *command = &commands[next->id];
	const char *word = next->arg ? next->arg
		: command->hint      ? _(command->hint)
				     : command_own_name(next->id);
	int used = canvas_put(
		canvas, row, col, cols, is_disabled ? STYLE_DISABLED : STYLE_KEY, next->keys);

	if (cols - used - 2 > 0)
		canvas_put_cut(canvas, row, col + used + 1, cols - used - 2,
			is_disabled ? STYLE_DISABLED : STYLE_HINT, word);
}

void screen_draw_typing(struct screen *screen, struct canvas *canvas, int row)
{
	struct view *view = screen_view(screen);
	struct view_key next;
	char typed[64];
	size_t at = 0, count = 0, i = 0;

	keymap_typed(&screen->typed, typed, sizeof(typed));
	while (screen->typed.count &&
		keymap_next(screen->keymap, view->ops->where, &screen->typed, &at, &next))
		count++;
	int head = utf8_width(typed) + 3, columns = (canvas->cols - head) / NEXT_COLS;
	columns = columns > 0 ? columns : 1;
	int rows = ((int)count + columns - 1) / columns;
	rows = rows > NEXT_ROWS ? NEXT_ROWS : rows > 0 ? rows : 1;
	int cols = (canvas->cols - head) / columns;

	canvas_fill(canvas, (struct rect){row - rows + 1, 0, rows, canvas->cols}, STYLE_TEXT, " ");
	canvas_put(canvas, row - rows + 1, 0, head, STYLE_PROMPT, typed);
	at = 0;
	while (screen->typed.count && i < (size_t)(rows * columns) &&
		keymap_next(screen->keymap, view->ops->where, &screen->typed, &at, &next)) {
		draw_choice(canvas, row - rows + 1 + (int)i / columns,
			head + (int)i % columns * cols, cols, &next,
			screen_disabled(screen, view, next.id) != NULL);
		i++;
	}
}

/* -- keys -- */

/* Said once for the whole of it; the line stays as it was. */
static bool is_too_long(struct screen *screen, const struct key *key)
{
	if (screen->mode == PROMPT_NONE || key->sym != KEY_SYM_PASTE ||
		strlen(key->paste) <= PROMPT_BYTES_MAX)
		return false;
	char *text = xasprintf(_("not pasted: a line takes %zu bytes, no more"), PROMPT_BYTES_MAX);
	screen_toast(screen, STYLE_WARN, text);
	free(text);
	return true;
}

static bool is_giving_up(const struct key *key)
{
	return key->sym == KEY_SYM_ESC ||
		(key->sym == KEY_SYM_CHAR && key->mods == KEY_CTRL && key->ch == 'c');
}

/* Typed ahead of the dialog that is being prepared, it would be another command: it is nothing. */
static bool is_for_a_dialog(const struct key *key)
{
	return key->sym == KEY_SYM_ENTER || key->sym == KEY_SYM_TAB ||
		(key->sym == KEY_SYM_CHAR && !key->mods && (key->ch == 'y' || key->ch == 'n'));
}

void screen_key(struct screen *screen, const struct key *key)
{
	if (key->sym == KEY_SYM_FOCUS_IN || key->sym == KEY_SYM_FOCUS_OUT ||
		key->sym == KEY_SYM_REPORT || key->sym == KEY_SYM_BACKGROUND)
		return;
	screen_toast_end(screen);
	if (key->sym == KEY_SYM_MOUSE) {
		screen_mouse(screen, key);
		screen_ask_next(screen);
		return;
	}
	if (screen->mode == PROMPT_NONE && screen_is_typing(screen) && is_giving_up(key)) {
		screen->typed = (struct keymap_state){0};
		return;
	}
	if (is_too_long(screen, key))
		;
	else if (screen->mode == PROMPT_NONE && screen->pending && is_for_a_dialog(key))
		;
	else if (screen->mode == PROMPT_NONE && is_giving_up(key) &&
		(screen_pending_cancel(screen) || screen_many_stop(screen)))
		;
	else if (screen->mode == PROMPT_DIALOG)
		screen_dialog_key(screen, key);
	else if (screen->mode != PROMPT_NONE)
		prompt_handle(screen, key);
	else if (key->sym != KEY_SYM_PASTE && !saved_key(screen, key))
		run_key(screen, key);
	screen_ask_next(screen);
}
