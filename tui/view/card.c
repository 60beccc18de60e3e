/*
 * One application on the whole screen: a head that stays (state, and in words why), a row of tabs,
 * and below it what the chosen one says. Each tab has a pager of its own, which keeps its place and
 * its filter; its text is written anew when the fleet changed or a second has passed.
 */
#include "tui/view/card.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/present/witness.h"
#include "tui/view/offer.h"
#include "tui/view/pager_view.h"
#include "tui/view/rows_pane.h"
#include "tui/widget/table.h"

#define REASON_ROWS 3

struct card_view {
	struct view view;
	char *ref;     /* of the application */
	char *job_ref; /* of its run when last seen: follows it when it becomes declared */
	char *name;    /* for when it is gone */
	enum card_tab tab;
	/* One of the two, made when first shown. */
	struct pager *pagers[CARD_TAB_MAX];
	struct rows_pane *panes[CARD_TAB_MAX];
	bool is_dirty, is_unfolded;
	int64_t written_s; /* the second it was written in */
	struct card_memory memory;
	uint64_t written_changes; /* of the memory */
};

static struct card_view *card_of(const struct view *view)
{
	return (struct card_view *)view;
}

/* CARD_TAB_MAX: no tab. */
static enum card_tab tab_of(enum command_id id)
{
	switch (id) {
	case CMD_OVERVIEW: return CARD_OVERVIEW;
	case CMD_VERTICES: return CARD_VERTICES;
	case CMD_CHECKPOINTS: return CARD_CHECKPOINTS;
	case CMD_EXCEPTIONS: return CARD_EXCEPTIONS;
	case CMD_CONFIGURATION: return CARD_CONFIGURATION;
	case CMD_FILE: return CARD_FILE;
	case CMD_RUNS: return CARD_RUNS;
	case CMD_RELEASES: return CARD_RELEASES;
	case CMD_RESTORE_POINTS: return CARD_POINTS;
	case CMD_HISTORY: return CARD_HISTORY;
	default: return CARD_TAB_MAX;
	}
}

/* What the rows of a tab are; NULL: it is a text. */
static const struct rows_kind *kind_of(enum card_tab tab)
{
	switch (tab) {
	case CARD_RUNS: return &run_rows;
	case CARD_RELEASES: return &release_rows;
	case CARD_POINTS: return &point_rows;
	case CARD_HISTORY: return &history_rows;
	default: return NULL;
	}
}

static struct pager *pager_of(struct card_view *card)
{
	if (!card->pagers[card->tab])
		card->pagers[card->tab] = pager_new();
	return card->pagers[card->tab];
}

static void keep(char **text, const char *value)
{
	char *copy = xstrdup_null(value);

	free(*text);
	*text = copy;
}

/* -- the application -- */

static const char *app_name(const struct app *app)
{
	return app->decl ? app->decl->name : app->job->name;
}

/* A job that nobody declared may become an application's run, and the other way round. */
static const struct app *card_app(struct card_view *card)
{
	const struct fleet *fleet = card->view.host->fleet;
	const struct app *app = fleet_app(fleet, card->ref);

	if (!app && card->job_ref) {
		const struct job *job = fleet_job(fleet, card->job_ref);
		app = job ? job->app : NULL;
	}
	if (!app)
		return NULL;
	if (!str_eq(app->ref, card->ref))
		keep(&card->ref, app->ref);
	keep(&card->name, app_name(app));
	keep(&card->job_ref, app->job ? app->job->ref : NULL);
	return app;
}

/* -- from the store -- */

static void want_history(struct card_view *card, const struct app *app)
{
	switch (card->tab) {
	case CARD_OVERVIEW:
		card_memory_want(&card->memory, HISTORY_EVENTS, app);
		card_memory_want(&card->memory, HISTORY_SAMPLES, app);
		break;
	case CARD_CHECKPOINTS: card_memory_want(&card->memory, HISTORY_CHECKPOINTS, app); break;
	case CARD_EXCEPTIONS: card_memory_want(&card->memory, HISTORY_EXCEPTIONS, app); break;
	default: break;
	}
}

/* -- drawing -- */

static void draw_head(struct card_view *card, const struct app *app, const struct present_env *env,
	struct canvas *canvas, struct rect rect)
{
	const char *word = app_state_name(app->state);
	const struct column *column = column_find(&app_table, "state");
	char position[32];
	struct buf text;
	int col = rect.col, end = rect.col + rect.cols;

	buf_init(&text, 0);
	col += canvas_put(canvas, rect.row, col, -1, table_state_style(word),
		state_glyph(app->state, canvas->ascii));
	column_text(column, app, env, &text);
	col += 1 +
		canvas_put(canvas, rect.row, col + 1, -1, table_state_style(word), buf_str(&text));
	*position = '\0';
	if (!kind_of(card->tab))
		pager_position(pager_of(card), position, sizeof(position));
	int right = utf8_width(position) + 1;
	buf_reset(&text);
	if (app->decl)
		buf_addf(&text, "%s/%s", app->decl->team, app->decl->name);
	else
		buf_addf(&text,
			job_status_is_terminal(app->job->summary.status)
				? _("%s  (unmanaged)")
				: _("%s  (unmanaged: m adopts it)"),
			app->job->name);
	int room = end - right - col - 3;
	canvas_put_cut(canvas, rect.row, col + 2, room > 0 ? room : 0, STYLE_TITLE, buf_str(&text));
	canvas_put_right(canvas, rect.row, end - right, right, STYLE_DIM, position);
	buf_release(&text);
}

/* Broken at blanks into at most three rows; returns how many. */
static int draw_reason(const struct app *app, const struct present_env *env, struct canvas *canvas,
	struct rect rect)
{
	struct buf text;
	int row = 0;

	buf_init(&text, 0);
	app_reason(app, env, &text);
	for (char *rest = text.data; *rest && row < REASON_ROWS; row++) {
		size_t len = utf8_fit(rest, rect.cols, NULL), cut = len;
		while (rest[len] && cut && rest[cut] != ' ')
			cut--;
		cut = cut ? cut : len;
		char end = rest[cut];
		if (row + 1 < REASON_ROWS)
			rest[cut] = '\0';
		canvas_put_cut(canvas, rect.row + row, rect.col, rect.cols, STYLE_INFO, rest);
		rest[cut] = end;
		rest += cut;
		rest += strspn(rest, " ");
	}
	buf_release(&text);
	return row;
}

static void draw_gone(struct card_view *card, struct canvas *canvas, struct rect rect)
{
	canvas_put_cut(canvas, rect.row, rect.col, rect.cols, STYLE_TITLE,
		card->name ? card->name : card->ref);
	canvas_put_cut(canvas, rect.row + 2, rect.col + 2, rect.cols - 2, STYLE_WARN,
		_("This application is no longer known: its file is gone, or its JobManager"));
	canvas_put_cut(canvas, rect.row + 3, rect.col + 2, rect.cols - 2, STYLE_WARN,
		_("has forgotten the job. Esc goes back."));
}

static void draw_text(struct card_view *card, const struct app *app, const struct present_env *env,
	struct canvas *canvas, struct rect body)
{
	if (card->is_dirty || card->written_s != env->now_ms / 1000 ||
		card->written_changes != card->memory.changes) {
		struct card_content content = {
			app, env, card->is_unfolded, canvas->ascii, &card->memory};
		card_write(pager_of(card), card->tab, &content);
		card->is_dirty = false;
		card->written_changes = card->memory.changes;
		card->written_s = env->now_ms / 1000;
	}
	pager_draw(pager_of(card), canvas, body);
}

static void draw_rows(
	struct card_view *card, const struct app *app, struct canvas *canvas, struct rect body)
{
	struct rows_pane **pane = &card->panes[card->tab];

	if (!*pane)
		*pane = rows_pane_new(card->view.host, kind_of(card->tab), app->context, app->ref);
	rows_pane_draw(*pane, canvas, body);
}

/* Each can be clicked. */
static void draw_tabs(const struct card_view *card, const struct app *app, struct canvas *canvas,
	struct rect line)
{
	const struct view_host *host = card->view.host;
	struct card_tab_place places[CARD_TAB_MAX];

	card_draw_tabs(app, card->tab, canvas, line, places);
	for (int id = 0; host->hit && id < CMD_MAX; id++) {
		enum card_tab tab = tab_of((enum command_id)id);
		if (tab != CARD_TAB_MAX)
			host->hit(host->data, (enum command_id)id, line.row, places[tab].col,
				places[tab].cols);
	}
}

static void card_draw(struct view *view, struct canvas *canvas, struct rect rect)
{
	struct card_view *card = card_of(view);
	struct present_env env = view->host->env(view->host->data);
	const struct app *app = card_app(card);

	if (!app) {
		draw_gone(card, canvas, rect);
		return;
	}
	want_history(card, app);
	int head = 1 +
		draw_reason(app, &env, canvas, (struct rect){rect.row + 1, rect.col, 2, rect.cols});
	draw_tabs(card, app, canvas, (struct rect){rect.row + head, rect.col, 1, rect.cols});
	head++;
	struct rect body = {rect.row + head, rect.col, rect.rows - head, rect.cols};
	if (kind_of(card->tab))
		draw_rows(card, app, canvas, body);
	else
		draw_text(card, app, &env, canvas, body);
	draw_head(card, app, &env, canvas, rect);
}

/* -- commands -- */

static void card_show(struct card_view *card, const char *ref)
{
	keep(&card->ref, ref);
	keep(&card->job_ref, NULL);
	card_memory_forget(&card->memory);
	/* The same tab of the next one, from its top; what was searched for stays. */
	for (int i = 0; i < CARD_TAB_MAX; i++) {
		rows_pane_free(card->panes[i]);
		card->panes[i] = NULL;
		if (card->pagers[i])
			pager_move(card->pagers[i], PAGER_TOP);
	}
	card->is_dirty = true;
}

static void card_go(struct card_view *card, enum card_tab tab)
{
	/* Once more unfolds the stack traces, and folds them again. */
	if (tab == CARD_EXCEPTIONS && card->tab == CARD_EXCEPTIONS)
		card->is_unfolded = !card->is_unfolded;
	card->tab = tab;
	card->is_dirty = true;
}

/* The next tab that has something. */
static void card_turn(struct card_view *card, int step)
{
	const struct app *app = card_app(card);
	int tab = (int)card->tab;

	do
		tab = (tab + step + CARD_TAB_MAX) % CARD_TAB_MAX;
	while (app && card_tab_disabled(app, (enum card_tab)tab));
	card_go(card, (enum card_tab)tab);
}

static bool card_step(struct card_view *card, int step)
{
	const struct view_host *host = card->view.host;
	const char *ref = host->neighbour(host->data, card->ref, step);

	if (ref)
		card_show(card, ref);
	else
		host->toast(host->data, STYLE_INFO,
			step > 0 ? _("this is the last one of the list")
				 : _("this is the first one of the list"));
	return true;
}

static bool card_command(struct view *view, enum command_id id, const char *arg)
{
	struct card_view *card = card_of(view);

	if (tab_of(id) != CARD_TAB_MAX) {
		card_go(card, tab_of(id));
		return true;
	}
	switch (id) {
	case CMD_NEXT_TAB: card_turn(card, 1); return true;
	case CMD_PREV_TAB: card_turn(card, -1); return true;
	case CMD_PREV_ITEM: return card_step(card, -1);
	case CMD_NEXT_ITEM: return card_step(card, 1);
	case CMD_OPEN:
		if (card->tab != CARD_EXCEPTIONS)
			break;
		card_go(card, card->tab);
		return true;
	default: break;
	}
	if (kind_of(card->tab))
		return card->panes[card->tab] && rows_pane_command(card->panes[card->tab], id, arg);
	return pager_view_command(pager_of(card), id, arg);
}

static const char *card_disabled(struct view *view, enum command_id id)
{
	struct card_view *card = card_of(view);
	const struct app *app = card_app(card);
	enum card_tab tab = tab_of(id);

	if (id == CMD_OPEN && card->tab == CARD_EXCEPTIONS)
		return NULL;
	if (id == CMD_OPEN && !card->panes[card->tab])
		return _("nothing is selected here: runs, releases and points have lines to open");
	if (id == CMD_OPEN && !rows_pane_selected(card->panes[card->tab]))
		return _("no line is selected");
	return app && tab != CARD_TAB_MAX ? card_tab_disabled(app, tab) : NULL;
}

static const char *card_ref(struct view *view)
{
	return card_app(card_of(view)) ? card_of(view)->ref : NULL;
}

static struct table *card_table(struct view *view)
{
	struct card_view *card = card_of(view);

	return kind_of(card->tab) && card->panes[card->tab]
		? rows_pane_table(card->panes[card->tab])
		: NULL;
}

static const char *card_filter(const struct view *view)
{
	struct card_view *card = card_of(view);

	if (kind_of(card->tab))
		return card->panes[card->tab]
			? table_filter_text(rows_pane_table(card->panes[card->tab]))
			: "";
	return pager_filter_text(pager_of(card));
}

/* A tab of rows: the selected one; else the application, and the lines of the tab. */
static void card_offer(struct view *view, struct offers *offers)
{
	struct card_view *card = card_of(view);
	struct present_env env = view->host->env(view->host->data);
	const struct app *app = card_app(card);
	const void *item = app;

	if (kind_of(card->tab) && card->panes[card->tab]) {
		rows_pane_offer(card->panes[card->tab], offers);
		return;
	}
	if (app)
		offers_items(offers, &app_table, &item, 1, &env);
	if (app && !kind_of(card->tab))
		offers_pager(offers, pager_of(card), NULL);
}

static size_t card_shown(struct view *view, const char **refs, size_t max, const char **focus)
{
	*focus = card_ref(view);
	if (*focus && max)
		refs[0] = *focus;
	return *focus && max ? 1 : 0;
}

static bool is_shown(
	const struct card_view *card, const struct app *app, const struct change *change)
{
	switch (change->kind) {
	case KIND_APP: return str_eq(change->ref, card->ref);
	case KIND_JOB: return str_eq(change->ref, card->job_ref);
	/* That it answered again is told each second. */
	case KIND_CLUSTER: return change->item == app->cluster && change->what != CHANGE_SEEN;
	default: return change->what != CHANGE_SEEN;
	}
}

static void card_changed(
	struct view *view, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct card_view *card = card_of(view);
	const struct app *app = card_app(card);
	bool is_wide =
		!cause || cause->kind == SNAPSHOT_WORKSPACE || cause->kind == SNAPSHOT_REGISTRY;

	for (size_t i = 0; !card->is_dirty && i < count; i++)
		card->is_dirty = is_wide || !app || is_shown(card, app, &changes[i]);
}

static bool card_is_other(struct view *view)
{
	struct card_view *card = card_of(view);

	/* Lines that a store keeps come in their own time. */
	return card->is_dirty || kind_of(card->tab);
}

static void card_runs_changed(struct view *view)
{
	for (int i = 0; i < CARD_TAB_MAX; i++)
		if (card_of(view)->panes[i])
			rows_pane_changed(card_of(view)->panes[i]);
}

static void card_release(struct view *view)
{
	struct card_view *card = card_of(view);

	card_memory_forget(&card->memory);
	for (int i = 0; i < CARD_TAB_MAX; i++) {
		pager_free(card->pagers[i]);
		rows_pane_free(card->panes[i]);
	}
	free(card->ref);
	free(card->job_ref);
	free(card->name);
	free(card);
}

static const struct view_ops card_ops = {
	.name = "card",
	.where = IN_CARD,
	.draw = card_draw,
	.command = card_command,
	.disabled = card_disabled,
	.row = card_ref,
	.app = card_ref,
	.filter = card_filter,
	.table = card_table,
	.offer = card_offer,
	.shown = card_shown,
	.changed = card_changed,
	.is_other = card_is_other,
	.runs_changed = card_runs_changed,
	.release = card_release,
};

struct view *card_view_new(
	const struct view_host *host, const char *app_ref, enum command_id section)
{
	struct card_view *card = xcalloc(1, sizeof(*card));

	card->view = (struct view){.ops = &card_ops, .host = host};
	card->ref = xstrdup(app_ref);
	card->is_dirty = true;
	card_memory_init(&card->memory, host);
	if (tab_of(section) != CARD_TAB_MAX)
		card->tab = tab_of(section);
	return &card->view;
}

bool card_view_section(const struct view *view, enum command_id *section)
{
	if (view->ops != &card_ops)
		return false;
	for (int id = 0; id < CMD_MAX; id++)
		if (tab_of((enum command_id)id) == card_of(view)->tab)
			*section = (enum command_id)id;
	return true;
}
