/* The web UI, the forwards to it, and the files of applications: what the program does for a key. */
#include <stdlib.h>
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"

/* -- a new application -- */

enum { NEW_TYPE, NEW_TEAM, NEW_NAME, NEW_FIELDS };

static const enum app_type new_types[] = {APP_JAR, APP_SQL, APP_PYFLINK};

/* Which field is wrong, and why; NEW_FIELDS: none. */
static void ask_new(struct screen *screen, size_t wrong, const char *why);

static void on_new(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	const char *why = _("small letters, digits, '.', '_' and '-', at most 63");

	free(screen->new_team);
	free(screen->new_name);
	screen->new_team = xstrdup(dialog_field_text(dialog, NEW_TEAM));
	screen->new_name = xstrdup(dialog_field_text(dialog, NEW_NAME));
	for (size_t i = 0; i < ARRAY_SIZE(new_types); i++)
		if (str_eq(dialog_field_text(dialog, NEW_TYPE), app_type_words[new_types[i]]))
			screen->new_type = new_types[i];
	if (event != DIALOG_YES)
		screen_toast(screen, STYLE_INFO, _("nothing was made"));
	else if (!str_is_name(screen->new_team))
		ask_new(screen, NEW_TEAM, why);
	else if (!str_is_name(screen->new_name))
		ask_new(screen, NEW_NAME, why);
	else
		screen->backend.new_file(screen->backend.data,
			&(struct screen_new){.context = screen->new_context,
				.like = screen->new_like,
				.type = screen->new_type,
				.team = screen->new_team,
				.name = screen->new_name});
}

static void ask_new(struct screen *screen, size_t wrong, const char *why)
{
	const char *types[] = {"jar", _("a program in a JAR, built from git or taken from a file"),
		"sql", _("statements in the file itself, or in one beside it"), "pyflink",
		_("a Python program")};
	struct dialog_field fields[NEW_FIELDS] = {
		[NEW_TYPE] = {.label = _("Type"),
			.text = app_type_words[screen->new_type],
			.choices = types,
			.choice_count = ARRAY_SIZE(new_types)},
		[NEW_TEAM] = {.label = _("Team"), .text = screen->new_team, .is_needed = true},
		[NEW_NAME] = {.label = _("Name"), .text = screen->new_name, .is_needed = true},
	};
	char *title = xasprintf(_("new application in %s"), screen->new_context);

	if (wrong < NEW_FIELDS)
		fields[wrong].wrong = why;
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_FORM,
			.title = title,
			.body = _("Then the editor opens its file."),
			.fields = fields,
			.field_count = NEW_FIELDS},
		on_new, screen);
	free(title);
}

/* The file is its name's: what is wrong now is that. */
void screen_new_refused(struct screen *screen, const struct err *err)
{
	if (screen->mode != PROMPT_NONE)
		screen_toast(screen, STYLE_WARN, err->text);
	else
		ask_new(screen, NEW_NAME, err->text);
}

/* arg: team/name, or NULL. */
static void begin_new(struct screen *screen, const char *arg)
{
	const struct view *view = screen_view(screen);
	const char *ref = view->ops->app ? view->ops->app(screen_view(screen)) : NULL;
	const struct app *like = ref ? fleet_app(screen->backend.fleet, ref) : NULL;
	const char *slash = arg ? strchr(arg, '/') : NULL;
	const char *context;
	struct err err;

	if (!screen->backend.new_file || !screen->backend.context_count)
		return;
	context = like ? like->context : screen->backend.contexts[0];
	if (screen->backend.may_new &&
		screen->backend.may_new(screen->backend.data, context, &err)) {
		screen_toast(screen, STYLE_WARN, err.text);
		return;
	}
	free(screen->new_context);
	free(screen->new_like);
	free(screen->new_team);
	free(screen->new_name);
	screen->new_context = xstrdup(context);
	screen->new_like = xstrdup_null(ref);
	screen->new_team = slash     ? xstrndup(arg, (size_t)(slash - arg))
		: like && like->decl ? xstrdup(like->decl->team)
				     : NULL;
	screen->new_name = xstrdup_null(slash ? slash + 1 : arg);
	screen->new_type = APP_JAR;
	ask_new(screen, NEW_FIELDS, NULL);
}

bool screen_app_command(struct screen *screen, enum command_id id, const char *arg)
{
	const struct screen_backend *backend = &screen->backend;
	void (*fn)(void *data, const char *app_ref) = NULL;
	const struct app *app;

	switch (id) {
	case CMD_NEW: begin_new(screen, arg); return true;
	case CMD_OPEN_UI: fn = backend->open_ui; break;
	case CMD_EDIT: fn = backend->edit; break;
	case CMD_COPY: fn = backend->copy; break;
	case CMD_DELETE: fn = backend->delete_file; break;
	case CMD_TUNNELS:
		if (backend->tunnels)
			backend->tunnels(backend->data);
		return true;
	default: return false;
	}
	app = screen_which(screen, arg);
	if (app && fn)
		fn(backend->data, app->ref);
	return true;
}

/* -- the URL -- */

static void on_url(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;

	(void)dialog;
	if (event == DIALOG_KEY)
		screen_clip(screen, screen->url);
}

void screen_show_url(struct screen *screen, const char *url, const char *body)
{
	char *text = xasprintf("%s\n%s", url, body);

	screen_toast_end(screen);
	free(screen->url);
	screen->url = xstrdup(url);
	/* Somebody types: the line is less in the way, and stays in the messages. */
	if (screen->mode != PROMPT_NONE)
		screen_toast(screen, STYLE_INFO, url);
	else
		screen_dialog(screen,
			&(struct dialog_options){.kind = DIALOG_SHOW,
				.title = _("Flink web UI"),
				.body = text,
				.link = url,
				.keys = _("y copy")},
			on_url, screen);
	free(text);
	screen->host.redraw(screen->host.data);
}

/* -- forwards -- */

static void tunnels_clear(struct screen *screen)
{
	for (size_t i = 0; i < screen->tunnel_count; i++)
		free(screen->tunnels[i]);
	free(screen->tunnels);
	screen->tunnels = NULL;
	screen->tunnel_count = 0;
}

void screen_open_release(struct screen *screen)
{
	tunnels_clear(screen);
	free(screen->url);
	screen_copy_release(screen);
	free(screen->new_context);
	free(screen->new_like);
	free(screen->new_team);
	free(screen->new_name);
}

static void on_tunnel(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	size_t chosen = dialog_chosen(dialog);

	if (event == DIALOG_YES && chosen < screen->tunnel_count)
		screen->backend.close_tunnel(screen->backend.data, screen->tunnels[chosen]);
}

void screen_tunnels(struct screen *screen, const char *const *titles, const char *const *cells,
	size_t columns, size_t rows)
{
	tunnels_clear(screen);
	screen->tunnels = xcalloc(rows + 1, sizeof(char *));
	screen->tunnel_count = rows;
	for (size_t i = 0; i < rows; i++)
		screen->tunnels[i] = xstrdup(cells[i * columns]);
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_PICKER,
			.title = _("ways to web pages behind hosts: Enter closes one"),
			.titles = titles,
			.cells = cells,
			.column_count = columns,
			.row_count = rows,
			.empty = _(
				"There is none: o opens the web UI of an application, through one "
				"where its cluster lies behind a host.")},
		on_tunnel, screen);
}
