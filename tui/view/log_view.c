/*
 * A log: its end first, going on as it grows. `/` searches, n and N go to the next and the former
 * hit, & leaves out all lines that are none, F stays at the end, s saves what is here. What comes is asked of the host; of a long log the
 * last megabytes are kept.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/view/offer.h"
#include "tui/view/pager_view.h"

#define KEEP_BYTES ((size_t)2 << 20)

struct log_view {
	struct view view;
	char *app, *title, *name;
	struct view_log *log; /* NULL: not open, or ended */
	struct buf text;
	bool is_cut, is_dirty, is_following, has_told;
	bool is_only; /* lines that are no hits are left out */
	char *note;
	struct err err;
	struct pager *pager;
};

static struct log_view *log_of(const struct view *view)
{
	return (struct log_view *)view;
}

/* -- what comes -- */

/* Half of it goes, so that this is rare. */
static void text_cut(struct log_view *log)
{
	size_t from = log->text.len - KEEP_BYTES / 2;
	const char *line = memchr(log->text.data + from, '\n', log->text.len - from);
	struct buf rest;

	buf_init(&rest, 0);
	if (line)
		buf_adds(&rest, line + 1);
	buf_release(&log->text);
	log->text = rest;
	log->is_cut = true;
}

static void on_text(void *data, const char *text, size_t len)
{
	struct log_view *log = data;

	log->has_told = true;
	buf_add(&log->text, text, len);
	if (log->text.len > KEEP_BYTES)
		text_cut(log);
	log->is_dirty = true;
	log->view.host->redraw(log->view.host->data);
}

static void on_note(void *data, const char *text)
{
	struct log_view *log = data;

	free(log->note);
	log->note = xstrdup(text);
	log->view.host->redraw(log->view.host->data);
}

static void on_done(void *data, const struct err *err)
{
	struct log_view *log = data;

	log->log = NULL;
	log->has_told = true;
	log->err = err ? *err : (struct err){0};
	log->is_dirty = true;
	log->view.host->redraw(log->view.host->data);
}

/* -- drawing -- */

static void log_write(struct log_view *log)
{
	struct pager *pager = log->pager;

	pager_begin(pager);
	if (log->is_cut)
		pager_text(pager, STYLE_DIM, _("… what was here before is left out"));
	pager_wrap(pager, 0);
	if (log->text.len)
		pager_text(pager, STYLE_TEXT, buf_str(&log->text));
	else if (!log->err.code)
		pager_text(
			pager, STYLE_DIM, log->has_told ? _("the log is empty") : _("reading …"));
	if (log->err.code)
		pager_text(pager, STYLE_ERROR, log->err.text);
	pager_end(pager);
	if (log->is_following)
		pager_move(pager, PAGER_BOTTOM);
}

static void log_draw(struct view *view, struct canvas *canvas, struct rect rect)
{
	struct log_view *log = log_of(view);
	struct rect body = {rect.row + 1, rect.col, rect.rows - 1, rect.cols};
	int col = rect.col, end = rect.col + rect.cols, right;
	char position[32];
	struct buf text;

	if (log->note) {
		body.rows--;
		canvas_put_cut(canvas, rect.row + rect.rows - 1, rect.col, rect.cols, STYLE_INFO,
			log->note);
	}
	pager_fit(log->pager, body);
	if (log->is_dirty)
		log_write(log);
	log->is_dirty = false;
	pager_draw(log->pager, canvas, body);
	buf_init(&text, 0);
	pager_position(log->pager, position, sizeof(position));
	if (log->is_only)
		buf_addf(&text, "%s ", _("only"));
	if (*pager_search_text(log->pager))
		buf_addf(&text, _n("/%s  %zu hit  ", "/%s  %zu hits  ", pager_hits(log->pager)),
			pager_search_text(log->pager), pager_hits(log->pager));
	buf_adds(&text, log->is_following && log->log ? _("following") : position);
	right = utf8_width(buf_str(&text));
	right = right < rect.cols / 2 ? right : rect.cols / 2;
	canvas_put_cut(canvas, rect.row, end - right, right, STYLE_DIM, buf_str(&text));
	canvas_put_cut(canvas, rect.row, col, end - right - col - 2, STYLE_TITLE, log->title);
	buf_release(&text);
}

/* -- commands -- */

static void follow(struct log_view *log, bool is_following)
{
	log->is_following = is_following;
	if (is_following)
		pager_move(log->pager, PAGER_BOTTOM);
}

static bool search(struct log_view *log, const char *text)
{
	const struct view_host *host = log->view.host;

	pager_search(log->pager, text);
	if (log->is_only)
		pager_filter(log->pager, text);
	if (str_empty(text))
		return true;
	log->is_following = false;
	/* A log is read from its end, and so at each letter. */
	pager_move(log->pager, PAGER_BOTTOM);
	if (!pager_search_next(log->pager, -1) && !pager_search_next(log->pager, 1))
		host->toast(host->data, STYLE_WARN, _("nothing here holds that text"));
	return true;
}

/* What is seen stays seen: the line that was found last, or the end. */
static bool only(struct log_view *log, bool is_only)
{
	const struct view_host *host = log->view.host;

	if (is_only && !*pager_search_text(log->pager)) {
		host->toast(host->data, STYLE_INFO, _("/ searches"));
		return true;
	}
	log->is_only = is_only;
	pager_filter(log->pager, is_only ? pager_search_text(log->pager) : "");
	pager_move(log->pager, PAGER_BOTTOM);
	if (!log->is_following)
		pager_see_hit(log->pager);
	return true;
}

static bool search_on(struct log_view *log, int step)
{
	const struct view_host *host = log->view.host;

	log->is_following = false;
	if (!*pager_search_text(log->pager))
		host->toast(host->data, STYLE_INFO, _("/ searches"));
	else if (!pager_search_next(log->pager, step))
		host->toast(host->data, STYLE_INFO,
			step > 0 ? _("no further hit below") : _("no further hit above"));
	return true;
}

static bool log_command(struct view *view, enum command_id id, const char *arg)
{
	struct log_view *log = log_of(view);
	const struct view_host *host = view->host;

	switch (id) {
	case CMD_FILTER: return search(log, arg);
	case CMD_SEARCH_NEXT: return search_on(log, 1);
	case CMD_SEARCH_PREV: return search_on(log, -1);
	case CMD_ONLY: return only(log, !log->is_only);
	case CMD_FOLLOW: follow(log, !log->is_following); return true;
	case CMD_BOTTOM: follow(log, true); return true;
	case CMD_UP:
	case CMD_PAGE_UP:
	case CMD_HALF_UP:
	case CMD_LINE:
	case CMD_TOP: log->is_following = false; break;
	case CMD_SAVE:
		host->save_text(host->data, log->name, buf_str(&log->text), log->text.len);
		return true;
	case CMD_PAGER:
		host->page_text(host->data, log->name, buf_str(&log->text), log->text.len);
		return true;
	case CMD_BACK:
		if (!*pager_search_text(log->pager))
			return false;
		only(log, false);
		pager_search(log->pager, "");
		return true;
	default: break;
	}
	return pager_view_command(log->pager, id, arg);
}

static const char *log_app(struct view *view)
{
	const struct log_view *log = log_of(view);

	return log->app && fleet_app(view->host->fleet, log->app) ? log->app : NULL;
}

static const char *log_filter(const struct view *view)
{
	return pager_search_text(log_of(view)->pager);
}

static void log_offer(struct view *view, struct offers *offers)
{
	offers_pager(offers, log_of(view)->pager, buf_str(&log_of(view)->text));
}

static void log_release(struct view *view)
{
	struct log_view *log = log_of(view);

	if (log->log)
		view->host->log_close(view->host->data, log->log);
	pager_free(log->pager);
	buf_release(&log->text);
	free(log->app);
	free(log->title);
	free(log->name);
	free(log->note);
	free(log);
}

static const struct view_ops log_ops = {
	.name = "log",
	.where = IN_LOG,
	.draw = log_draw,
	.command = log_command,
	.app = log_app,
	.filter = log_filter,
	.offer = log_offer,
	.release = log_release,
};

struct view *log_view_new(const struct view_host *host, const struct view_log_what *what)
{
	struct log_view *log = xcalloc(1, sizeof(*log));

	log->view = (struct view){.ops = &log_ops, .host = host};
	log->app = xstrdup_null(what->app_ref);
	log->title = xasprintf("%s  %s", what->process, what->app_name);
	log->name = xasprintf("%s-%s.log", what->app_name, what->process);
	for (char *p = log->name; *p; p++)
		if (*p == '/' || *p == ' ' || *p == ':')
			*p = '-';
	log->pager = pager_new();
	log->is_dirty = log->is_following = true;
	buf_init(&log->text, 0);
	log->log = host->log_open(host->data,
		&(struct view_log_options){
			.app_ref = what->app_ref,
			.cluster_ref = what->cluster_ref,
			.taskmanager = what->taskmanager,
			.on_text = on_text,
			.on_note = on_note,
			.done = on_done,
			.data = log,
		},
		&log->err);
	return &log->view;
}
