/*
 * `l`: which log? The JobManager's, a TaskManager's, or what the last run printed. The TaskManagers
 * are asked for first; when nobody says which there are, the others are still offered.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"

enum { CHOICE_JOBMANAGER, CHOICE_RUN, CHOICE_TASKMANAGERS };

struct log_asked {
	char *app, *name, *context;
	char **taskmanagers;
	size_t count;
	struct query *query;
};

static void taskmanagers_clear(struct log_asked *asked)
{
	for (size_t i = 0; i < asked->count; i++)
		free(asked->taskmanagers[i]);
	free(asked->taskmanagers);
	asked->taskmanagers = NULL;
	asked->count = 0;
}

static void asked_clear(struct log_asked *asked)
{
	query_cancel(asked->query);
	taskmanagers_clear(asked);
	free(asked->app);
	free(asked->name);
	free(asked->context);
	*asked = (struct log_asked){0};
}

void screen_log_release(struct screen *screen)
{
	if (screen->log_asked)
		asked_clear(screen->log_asked);
	free(screen->log_asked);
}

void screen_log(struct screen *screen, const struct app *app)
{
	if (!screen->backend.log_processes)
		return;
	if (!screen->log_asked)
		screen->log_asked = xcalloc(1, sizeof(*screen->log_asked));
	asked_clear(screen->log_asked);
	screen->log_asked->app = xstrdup(app->ref);
	screen->log_asked->name = action_app_name(app);
	screen->log_asked->context = xstrdup(app->context);
	screen_toast(screen, STYLE_INFO, _("asking which TaskManagers there are …"));
	screen->backend.log_processes(screen->backend.data, app->ref);
}

/* -- the last run -- */

static void on_runs(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct screen *screen = data;

	screen->log_asked->query = NULL;
	if (err)
		screen_toast(screen, STYLE_ERROR, err->text);
	else if (!count)
		screen_toast(screen, STYLE_INFO, _("no run of this application is remembered"));
	else
		screen->host.open_run(screen->host.data, runs[0]);
	screen->host.redraw(screen->host.data);
}

static void open_last_run(struct screen *screen)
{
	struct log_asked *asked = screen->log_asked;
	struct store *store = screen->host.store(screen->host.data, asked->context);

	if (store && !asked->query)
		asked->query = query_runs(store, asked->app, false, 1, on_runs, screen);
}

/* -- what views ask of their host -- */

static struct view_log *host_log_open(
	void *data, const struct view_log_options *options, struct err *err)
{
	const struct screen_backend *backend = &((struct screen *)data)->backend;

	if (backend->log_open)
		return backend->log_open(backend->data, options, err);
	err_set(err, E_UNSUPPORTED, _("there are no logs here"));
	return NULL;
}

static void host_log_close(void *data, struct view_log *log)
{
	const struct screen_backend *backend = &((struct screen *)data)->backend;

	backend->log_close(backend->data, log);
}

static void on_path(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	const struct screen_backend *backend = &screen->backend;

	if (event == DIALOG_YES)
		backend->save(backend->data, dialog_text(dialog), buf_str(&screen->saved),
			screen->saved.len);
	buf_release(&screen->saved);
}

static void host_save_text(void *data, const char *name, const char *text, size_t len)
{
	struct screen *screen = data;
	char *path = xasprintf("~/%s", name);

	if (screen->backend.save) {
		buf_reset(&screen->saved);
		buf_add(&screen->saved, text, len);
		screen_dialog(screen,
			&(struct dialog_options){.kind = DIALOG_TEXT,
				.title = _("save"),
				.body = _("To which file? Only you will be able to read it."),
				.text = path,
				.needs_text = true},
			on_path, screen);
	}
	free(path);
}

static void host_page_text(void *data, const char *name, const char *text, size_t len)
{
	const struct screen_backend *backend = &((struct screen *)data)->backend;

	if (backend->page)
		backend->page(backend->data, name, text, len);
}

void screen_log_host(struct view_host *host)
{
	host->log_open = host_log_open;
	host->log_close = host_log_close;
	host->save_text = host_save_text;
	host->page_text = host_page_text;
}

/* -- the choice -- */

static void on_chosen(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct log_asked *asked = screen->log_asked;
	size_t chosen = dialog_chosen(dialog);
	const char *id;
	char *process;

	if (event != DIALOG_YES)
		return;
	if (chosen == CHOICE_RUN) {
		open_last_run(screen);
		return;
	}
	id = chosen < CHOICE_TASKMANAGERS ? NULL
					  : asked->taskmanagers[chosen - CHOICE_TASKMANAGERS];
	process = id ? xasprintf(_("TaskManager %s"), id) : xstrdup(_("JobManager"));
	screen_open_log(screen,
		&(struct view_log_what){.app_ref = asked->app,
			.app_name = asked->name,
			.process = process,
			.taskmanager = id});
	free(process);
}

void screen_log_processes(
	struct screen *screen, const char *const *taskmanagers, size_t count, const struct err *err)
{
	struct log_asked *asked = screen->log_asked;
	const char **cells;
	char *title;

	screen_toast_end(screen);
	if (!asked || !asked->app || screen->mode != PROMPT_NONE)
		return;
	if (err)
		screen_toast(screen, STYLE_WARN, err->text);
	taskmanagers_clear(asked);
	asked->taskmanagers = xcalloc(count + 1, sizeof(char *));
	asked->count = count;
	cells = xcalloc((count + CHOICE_TASKMANAGERS) * 2, sizeof(*cells));
	cells[2 * CHOICE_JOBMANAGER] = _("JobManager");
	cells[2 * CHOICE_JOBMANAGER + 1] = "";
	cells[2 * CHOICE_RUN] = _("last run");
	cells[2 * CHOICE_RUN + 1] = _("what weir's own last run on it printed");
	for (size_t i = 0; i < count; i++) {
		asked->taskmanagers[i] = xstrdup(taskmanagers[i]);
		cells[2 * (CHOICE_TASKMANAGERS + i)] = _("TaskManager");
		cells[2 * (CHOICE_TASKMANAGERS + i) + 1] = asked->taskmanagers[i];
	}
	title = xasprintf(_("logs of %s"), asked->name);
	screen_dialog(screen,
		&(struct dialog_options){
			.kind = count + CHOICE_TASKMANAGERS > 9 ? DIALOG_PICKER : DIALOG_CHOICE,
			.title = title,
			.cells = cells,
			.column_count = 2,
			.row_count = count + CHOICE_TASKMANAGERS,
		},
		on_chosen, screen);
	free(title);
	free(cells);
	screen->host.redraw(screen->host.data);
}
