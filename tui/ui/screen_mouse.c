/*
 * The mouse: a click selects a line, on the selected one it opens it (so a double click opens any), on
 * a column's title it sorts, in the footer and on a tab it is the key. The wheel moves. Nothing acts on the fleet
 * but by the commands that keys have, with their questions.
 */
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

#define WHEEL_LINES 3

void screen_hit_add(struct screen *screen, struct screen_hit hit)
{
	if (screen->hit_count < ARRAY_SIZE(screen->hits))
		screen->hits[screen->hit_count++] = hit;
}

/* False: nothing is there that stands for a key. */
static bool click_hit(struct screen *screen, const struct key *key)
{
	for (size_t i = 0; i < screen->hit_count; i++) {
		struct screen_hit hit = screen->hits[i];
		if (key->row != hit.row || key->col < hit.col || key->col >= hit.col + hit.cols)
			continue;
		if (hit.digit)
			saved_press(screen, hit.digit);
		else
			screen_run(screen, hit.id, NULL);
		return true;
	}
	return false;
}

static void click_view(struct screen *screen, const struct key *key)
{
	struct view *view = screen_view(screen);
	struct table *table = view->ops->table ? view->ops->table(view) : NULL;
	const char *column;
	size_t line;

	if (!table)
		return;
	switch (table_spot(table, key->row, key->col, &line, &column)) {
	case TABLE_SPOT_TITLE: table_sort(table, column); break;
	case TABLE_SPOT_LINE:
		if (line == table_line(table))
			screen_run(screen, CMD_OPEN, NULL);
		else
			table_go(table, line);
		break;
	case TABLE_SPOT_NONE: break;
	}
}

static void wheel(struct screen *screen, enum key_mouse mouse)
{
	static const enum command_id ids[KEY_MOUSE_MAX] = {
		[KEY_MOUSE_WHEEL_UP] = CMD_UP,
		[KEY_MOUSE_WHEEL_DOWN] = CMD_DOWN,
		[KEY_MOUSE_WHEEL_LEFT] = CMD_LEFT,
		[KEY_MOUSE_WHEEL_RIGHT] = CMD_RIGHT,
	};
	bool is_line = mouse == KEY_MOUSE_WHEEL_UP || mouse == KEY_MOUSE_WHEEL_DOWN;

	for (int i = 0; i < (is_line ? WHEEL_LINES : 1); i++)
		screen_run(screen, ids[mouse], NULL);
}

/* A table in a dialog can be long. */
static void wheel_dialog(struct screen *screen, enum key_mouse mouse)
{
	struct key key = {.sym = mouse == KEY_MOUSE_WHEEL_UP ? KEY_SYM_UP : KEY_SYM_DOWN};

	if (mouse == KEY_MOUSE_WHEEL_UP || mouse == KEY_MOUSE_WHEEL_DOWN)
		screen_dialog_key(screen, &key);
}

void screen_mouse(struct screen *screen, const struct key *key)
{
	if (screen->mode == PROMPT_DIALOG) {
		wheel_dialog(screen, key->mouse);
		return;
	}
	if (screen->mode != PROMPT_NONE || screen->pending)
		return;
	screen->typed = (struct keymap_state){0};
	if (key->mouse != KEY_MOUSE_CLICK)
		wheel(screen, key->mouse);
	else if (!click_hit(screen, key))
		click_view(screen, key);
}

void screen_mouse_turn(struct screen *screen, const char *arg)
{
	bool is_on = str_empty(arg) ? !screen->has_mouse : str_eq(arg, "on");

	if (!str_empty(arg) && !is_on && !str_eq(arg, "off")) {
		screen_toast(screen, STYLE_WARN, _("the mouse is on or off: :mouse on"));
		return;
	}
	screen->has_mouse = is_on;
	if (screen->backend.mouse)
		screen->backend.mouse(screen->backend.data, is_on);
	screen_toast(screen, STYLE_INFO,
		is_on ? _("mouse on: click, wheel, column titles (select text with Shift)")
		      : _("mouse off"));
}
