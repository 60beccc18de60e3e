/*
 * The file of screen_session.c: session.json in the folder of the context (of several contexts together: beside
 * their folders, one for each such set). It is written on the pool, some time after the last key and at the
 * end; whole or not at all, so that two consoles never make half of each: the last one to write wins.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "tui/ui/ui_private.h"

#define QUIET_MS 2000
#define FILE_BYTES ((size_t)1 << 20)

struct ui_session {
	struct ui *ui;
	char *path;
	char *text; /* that the file has, or will have */
	struct loop_timer *timer;
	bool is_waiting;
	struct work_lane *lane;
	bool is_told; /* that it cannot be written */
};

struct writing {
	struct ui_session *session;
	char *path, *text;
	struct err err; /* code 0 = written */
};

static char *path_of(const struct session *session)
{
	struct buf names;
	char *dir, *path;

	if (session->context_count == 1) {
		dir = session_store_dir(session, session->contexts[0].config);
		path = xasprintf("%s/session.json", dir);
		free(dir);
		return path;
	}
	buf_init(&names, 0);
	for (size_t i = 0; i < session->context_count; i++)
		buf_addf(&names, "%s,", session->contexts[i].config->name);
	path = xasprintf("%s/session-%08x.json", session->store_dir, str_hash(buf_str(&names), 0));
	buf_release(&names);
	return path;
}

/* ---- writing ---- */

static int write_file(const char *path, const char *text, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = xstrndup(path, (size_t)(slash - path));
	int rc = file_mkdirs(dir, err);

	free(dir);
	return rc ? rc : file_write(path, text, strlen(text), err);
}

static void writing_run(void *data)
{
	struct writing *writing = data;

	write_file(writing->path, writing->text, &writing->err);
}

static void writing_done(void *data)
{
	struct writing *writing = data;
	struct ui_session *session = writing->session;

	if (writing->err.code && !session->is_told && session->ui->screen) {
		char *text = xasprintf(_("what you look at is not kept for the next start: %s"),
			writing->err.text);
		screen_warn(session->ui->screen, text);
		free(text);
		session->is_told = true;
	}
	free(writing->path);
	free(writing->text);
	free(writing);
}

/* Is there anything new to be written? */
static bool look(struct ui_session *session)
{
	struct buf now;

	buf_init(&now, FILE_BYTES);
	screen_session_text(session->ui->screen, ui_theme_chosen(session->ui),
		session->ui->session->config->theme, &now);
	if (now.overflow || str_eq(buf_str(&now), session->text)) {
		buf_release(&now);
		return false;
	}
	free(session->text);
	session->text = buf_detach(&now);
	return true;
}

static void on_quiet(void *data)
{
	struct ui_session *session = data;
	struct writing *writing;

	session->is_waiting = false;
	if (!look(session))
		return;
	writing = xcalloc(1, sizeof(*writing));
	writing->session = session;
	writing->path = xstrdup(session->path);
	writing->text = xstrdup(session->text);
	work_lane_add(session->lane, writing_run, writing_done, writing);
}

void ui_session_touch(struct ui *ui)
{
	struct ui_session *session = ui->kept;

	/* Not at each key anew: who never pauses is kept too. */
	if (!session || session->is_waiting || !ui->is_loaded)
		return;
	session->is_waiting = true;
	loop_timer_set(session->timer, QUIET_MS, 0);
}

/* ---- the beginning and the end ---- */

static void read_file(struct ui_session *session)
{
	struct buf text;
	struct err err;
	int rc;

	buf_init(&text, FILE_BYTES);
	rc = file_read(session->path, &text, &err);
	if (!rc)
		rc = screen_session_take(session->ui->screen, buf_str(&text), text.len, &err);
	if (!rc) {
		session->text = buf_detach(&text);
		return;
	}
	buf_release(&text);
	if (rc == E_NOTFOUND)
		return;
	char *said = xasprintf(_("%s is left alone, weir starts as if there were none: %s"),
		session->path, err.text);
	screen_toast(session->ui->screen, STYLE_WARN, said);
	screen_warn(session->ui->screen, said);
	free(said);
}

void ui_session_open(struct ui *ui)
{
	struct ui_session *session;

	if (ui->cli->no_session)
		return;
	session = ui->kept = xcalloc(1, sizeof(*session));
	session->ui = ui;
	session->path = path_of(ui->session);
	session->lane = work_lane_new(ui->session->loop);
	session->timer = loop_timer(ui->session->loop, QUIET_MS, 0, on_quiet, session);
	loop_timer_stop(session->timer);
	read_file(session);
}

void ui_session_leave(struct ui *ui)
{
	struct ui_session *session = ui->kept;

	if (!session)
		return;
	loop_timer_cancel(session->timer);
	session->timer = NULL;
	/* Before it is loaded nothing is selected: what the file has is better. */
	session->is_waiting = ui->screen && ui->is_loaded && look(session);
}

void ui_session_free(struct ui *ui)
{
	struct ui_session *session = ui->kept;
	struct err err;

	if (!session)
		return;
	work_lane_drain_free(session->lane);
	if (session->is_waiting)
		write_file(session->path, session->text, &err);
	free(session->path);
	free(session->text);
	free(session);
	ui->kept = NULL;
}
