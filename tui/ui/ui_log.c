/* A log that is open is a log_tail; it is let go with the view that shows it. */
#include "tui/ui/ui_log.h"

#include <stdlib.h>

#include "core/action/action.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/source/log_tail.h"
#include "tui/ui/ui_private.h"

#define TASKMANAGERS_MOST 500

struct view_log {
	struct view_log_options options; /* its texts are not kept */
	struct log_tail *tail;
};

/* A question for TaskManagers that is under way; outlives ui_logs, as the source calls it back. */
struct asked {
	struct ui_logs *logs; /* NULL: nobody waits for it */
};

struct ui_logs {
	struct session *session;
	struct screen *screen;
	struct asked *asked; /* the last one; an answer to a former one is not wanted any more */
};

struct ui_logs *ui_logs_new(struct session *session)
{
	struct ui_logs *logs = xcalloc(1, sizeof(*logs));

	logs->session = session;
	return logs;
}

void ui_logs_join(struct ui_logs *logs, struct screen *screen)
{
	logs->screen = screen;
}

static void asked_forget(struct ui_logs *logs)
{
	if (logs->asked)
		logs->asked->logs = NULL;
	logs->asked = NULL;
}

void ui_logs_free(struct ui_logs *logs)
{
	if (!logs)
		return;
	asked_forget(logs);
	free(logs);
}

/* Of the cluster, or of that of the application. */
static struct source *source_of(
	struct ui_logs *logs, const char *cluster_ref, const char *app_ref, struct err *err)
{
	const struct app *app = app_ref ? fleet_app(logs->session->fleet, app_ref) : NULL;
	struct action_options options = {0};

	if (app)
		session_action_options(logs->session, app, &options);
	else if (cluster_ref)
		options.source = ui_cluster_source(logs->session, cluster_ref);
	if (!options.source)
		err_set(err, E_NOTFOUND, _("its cluster is not known: no log can be read"));
	else if (!source_has_logs(options.source))
		err_set(err, E_UNSUPPORTED, _("%s gives no logs"), options.source->name);
	else
		return options.source;
	return NULL;
}

/* -- which there are -- */

static void on_taskmanagers(void *data, struct snapshot *snap)
{
	struct asked *asked = data;
	struct ui_logs *logs = asked->logs;
	const char *ids[TASKMANAGERS_MOST];
	size_t count = 0;
	struct err err;

	if (logs && logs->screen) {
		logs->asked = NULL;
		for (; count < snap->taskmanager_count && count < TASKMANAGERS_MOST; count++)
			ids[count] = snap->taskmanagers[count].id;
		kept_err_get(&snap->err, &err);
		screen_log_processes(logs->screen, ids, count, err.code ? &err : NULL);
	}
	snapshot_unref(snap);
	free(asked);
}

void ui_logs_processes(struct ui_logs *logs, const char *app_ref)
{
	struct err err;
	struct source *source = source_of(logs, NULL, app_ref, &err);

	asked_forget(logs);
	if (!source) {
		screen_log_processes(logs->screen, NULL, 0, &err);
		return;
	}
	logs->asked = xcalloc(1, sizeof(*logs->asked));
	logs->asked->logs = logs;
	source_poll(source, &(struct poll){.what = SNAPSHOT_TASKMANAGERS}, on_taskmanagers,
		logs->asked);
}

/* -- one -- */

static void on_text(void *data, const char *text, size_t len)
{
	const struct view_log *log = data;

	log->options.on_text(log->options.data, text, len);
}

static void on_note(void *data, const char *text)
{
	const struct view_log *log = data;

	log->options.on_note(log->options.data, text);
}

static void on_done(void *data, const struct err *err)
{
	struct view_log *log = data;

	log->options.done(log->options.data, err);
	free(log);
}

struct view_log *ui_logs_open(
	struct ui_logs *logs, const struct view_log_options *options, struct err *err)
{
	struct source *source = source_of(logs, options->cluster_ref, options->app_ref, err);
	struct view_log *log;

	if (!source)
		return NULL;
	log = xcalloc(1, sizeof(*log));
	log->options = *options;
	log->tail = log_tail_start(&(struct log_tail_options){
		.loop = logs->session->loop,
		.source = source,
		.taskmanager = options->taskmanager,
		.follow = true,
		.on_text = on_text,
		.on_note = on_note,
		.done = on_done,
		.data = log,
	});
	return log;
}

void ui_logs_close(struct ui_logs *logs, struct view_log *log)
{
	(void)logs;
	log_tail_cancel(log->tail);
	free(log);
}
