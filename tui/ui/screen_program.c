/* Commands of the program itself, wherever they are given. */
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"

void screen_open_named(struct screen *screen, const char *name)
{
	struct app *found[4];
	size_t count = fleet_find_apps(screen->backend.fleet, name, found, ARRAY_SIZE(found));
	char *text;

	if (count == 1) {
		screen_open_card(screen, found[0]->ref, CMD_OPEN);
		return;
	}
	if (!count)
		text = xasprintf(_("no application is called '%s'"), name);
	else
		text = xasprintf(
			_("'%s' means %zu applications: say team/name, or a job id"), name, count);
	screen_toast(screen, STYLE_WARN, text);
	free(text);
}

static void refresh(struct screen *screen)
{
	if (screen->backend.refresh)
		screen->backend.refresh(screen->backend.data);
	screen_toast(screen, STYLE_INFO, _("asking everything again"));
}

static void tell_contexts(struct screen *screen)
{
	const struct screen_backend *backend = &screen->backend;
	struct buf text;

	buf_init(&text, 0);
	for (size_t i = 0; i < backend->context_count; i++)
		buf_addf(&text, "%s%s", i ? ", " : "", backend->contexts[i]);
	char *told =
		xasprintf(_("in use: %s; weir --context NAME,NAME or --context all opens others"),
			buf_str(&text));
	screen_toast(screen, STYLE_INFO, told);
	free(told);
	buf_release(&text);
}

/* Contexts are opened at the start; of those that are, one can be looked at alone. */
static void show_context(struct screen *screen, const char *name)
{
	const struct screen_backend *backend = &screen->backend;
	size_t i = 0;

	while (!str_empty(name) && i < backend->context_count &&
		!str_eq(backend->contexts[i], name))
		i++;
	if (str_empty(name)) {
		tell_contexts(screen);
		return;
	}
	char *text = i < backend->context_count
		? xasprintf("context:%s", name)
		: xasprintf(
			  _("context '%s' is not in use: weir --context %s opens it"), name, name);
	if (i < backend->context_count)
		screen_run(screen, CMD_APPS, text);
	else
		screen_toast(screen, STYLE_WARN, text);
	free(text);
}

/* Commands of the screen itself; false: the view's. */
bool screen_program(struct screen *screen, enum command_id id, const char *arg)
{
	const struct screen_backend *backend = &screen->backend;

	switch (id) {
	case CMD_QUIT:
		if (str_eq(arg, "!") && backend->quit)
			backend->quit(backend->data);
		else
			screen_quit(screen);
		return true;
	case CMD_CONTEXT: show_context(screen, arg); return true;
	case CMD_MOUSE: screen_mouse_turn(screen, arg); return true;
	case CMD_REFRESH: refresh(screen); return true;
	case CMD_CLIP: screen_copy(screen, arg); return true;
	case CMD_THEME: screen_theme(screen, arg); return true;
	case CMD_WRITE_CONFIG: screen_first_begin(screen); return true;
	case CMD_REDRAW:
		if (backend->repaint)
			backend->repaint(backend->data);
		return true;
	case CMD_SUSPEND:
		if (backend->suspend)
			backend->suspend(backend->data);
		return true;
	default: return false;
	}
}
