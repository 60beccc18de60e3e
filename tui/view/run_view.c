/*
 * One run: how it stands, its steps, and below them what it was to do, what happened, and what its
 * commands printed, the end of it as long as nobody scrolls up. Its row is asked for again each
 * second until it is over.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/query/query_release.h"
#include "tui/view/grid.h"
#include "tui/view/offer.h"
#include "tui/view/pager_view.h"
#include "tui/view/rows_pane.h"

#define RUNS_ASKED 100
#define AGAIN_MS 1000
#define CHANGED_MS 100
#define LOG_CAP ((size_t)512 << 10)
#define STEPS_SHARE 2 /* of the rows, at most one of so many parts */

enum { RUN_PLAN, RUN_JOURNAL, RUN_OUTPUT };

struct run_view {
	struct view view;
	struct run *run; /* what is known last */
	char *output;    /* what its commands printed: the end of it */
	int64_t output_size;
	struct err err, output_err;
	struct query *query, *log_query;
	struct pager *pager;
	bool is_changed, is_dirty, is_following;
	bool is_settled; /* it was asked once more after it was over */
	int64_t asked_mono_ms;
};

static struct run_view *run_of(const struct view *view)
{
	return (struct run_view *)view;
}

/* -- asking -- */

static void on_log(void *data, const char *text, size_t len, int64_t size, const struct err *err)
{
	struct run_view *run = data;

	run->log_query = NULL;
	run->output_err = err ? *err : (struct err){0};
	if (err) {
		run->is_dirty = true;
	} else if (size != run->output_size || !run->output) {
		free(run->output);
		run->output = xstrndup(text ? text : "", len);
		run->output_size = size;
		run->is_dirty = true;
	}
	run->view.host->redraw(run->view.host->data);
}

static void on_runs(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct run_view *run = data;

	run->query = NULL;
	run->err = err ? *err : (struct err){0};
	for (size_t i = 0; i < count; i++) {
		if (runs[i]->id != run->run->id)
			continue;
		struct run *copy = run_dup(runs[i]);
		run->is_settled = run_state_is_end(run->run->state);
		free(run->run);
		run->run = copy;
		break;
	}
	run->is_dirty = true;
	run->view.host->redraw(run->view.host->data);
}

static void ask(struct run_view *run)
{
	const struct view_host *host = run->view.host;
	int64_t now = clock_mono_ms(), wait = run->is_changed ? CHANGED_MS : AGAIN_MS;
	struct store *store = host->store(host->data, run->run->context);

	if (!store || run->query || run->log_query || (run->is_settled && !run->is_changed))
		return;
	if (run->asked_mono_ms && now - run->asked_mono_ms < wait)
		return;
	run->asked_mono_ms = now;
	run->is_changed = false;
	run->query = query_runs(store, run->run->app, false, RUNS_ASKED, on_runs, run);
	run->log_query = query_run_log(store, run->run->id, -1, LOG_CAP, on_log, run);
}

/* -- what it says -- */

static void write_output(struct run_view *run)
{
	struct pager *pager = run->pager;

	if (run->output_err.code) {
		pager_section(pager, RUN_OUTPUT, _("Output"));
		pager_text(pager, STYLE_ERROR, run->output_err.text);
		return;
	}
	if (str_empty(run->output))
		return;
	pager_section(pager, RUN_OUTPUT, _("Output"));
	if (run->output_size > (int64_t)strlen(run->output))
		pager_addf(pager, STYLE_DIM, _("… the last %zu of %lld bytes\n"),
			strlen(run->output), (long long)run->output_size);
	pager_wrap(pager, 0);
	pager_text(pager, STYLE_TEXT, run->output);
}

static void write_fact(struct pager *pager, const char *name, const char *value)
{
	if (str_empty(value))
		return;
	pager_wrap(pager, 16);
	pager_add(pager, STYLE_DIM, name);
	pager_tab(pager, 16);
	pager_add(pager, STYLE_TEXT, value);
	pager_end_line(pager);
}

static void run_write(struct run_view *run)
{
	const struct run *row = run->run;
	struct pager *pager = run->pager;

	pager_begin(pager);
	write_fact(pager, _("Job id"), row->job_id);
	write_fact(pager, _("New job id"), row->start_job_id);
	write_fact(pager, _("Trigger id"), row->trigger_id);
	write_fact(pager, _("Restored from"), row->restore_path);
	write_fact(pager, _("Application id"), row->application_id);
	write_fact(pager, _("Address"), row->address);
	write_fact(pager, _("Result"), row->result);
	if (!str_empty(row->plan)) {
		pager_section(pager, RUN_PLAN, _("What was to be done"));
		pager_wrap(pager, 2);
		pager_text(pager, STYLE_TEXT, row->plan);
	}
	if (!str_empty(row->log)) {
		pager_section(pager, RUN_JOURNAL, _("What happened"));
		pager_wrap(pager, 21);
		pager_text(pager, STYLE_TEXT, row->log);
	}
	write_output(run);
	pager_end(pager);
	if (run->is_following)
		pager_move(pager, PAGER_BOTTOM);
}

/* -- drawing -- */

static void draw_step(const struct run_step *step, const struct present_env *env,
	struct canvas *canvas, struct rect line, int name_cols)
{
	enum style style = step->state == RUN_PLANNED ? STYLE_DIM : table_run_style(step->state);
	int col = line.col, end = line.col + line.cols;
	struct buf text;

	buf_init(&text, 0);
	if (step->started_ms)
		format_duration(
			(step->ended_ms ? step->ended_ms : env->now_ms) - step->started_ms, &text);
	canvas_put(canvas, line.row, col, 1, style, table_run_mark(step->state, canvas->ascii));
	canvas_put_cut(canvas, line.row, col + 2, name_cols, style, step->name);
	col += 2 + name_cols + 1;
	canvas_put_right(canvas, line.row, col, 8, STYLE_DIM, buf_str(&text));
	col += 10;
	if (step->text && col < end) {
		char *shown = i18n_shown(step->text);

		canvas_put_cut(canvas, line.row, col, end - col,
			step->state == RUN_FAILED ? STYLE_ERROR : STYLE_TEXT, shown);
		free(shown);
	}
	buf_release(&text);
}

/* The step under way is always seen. Returns the rows used. */
static int draw_steps(const struct run *run, const struct present_env *env, struct canvas *canvas,
	struct rect rect)
{
	size_t rows = (size_t)rect.rows / STEPS_SHARE, from = 0, now = 0;
	int name_cols = 8;

	for (size_t i = 0; i < run->step_count; i++) {
		int cols = utf8_width(run->steps[i].name);
		name_cols = cols > name_cols ? cols : name_cols;
		if (run->steps[i].state != RUN_PLANNED)
			now = i;
	}
	rows = run->step_count < rows ? run->step_count : rows;
	if (now >= rows && rows)
		from = now - rows + 1;
	name_cols = name_cols < rect.cols / 3 ? name_cols : rect.cols / 3;
	for (size_t i = 0; i < rows; i++)
		draw_step(&run->steps[from + i], env, canvas,
			(struct rect){rect.row + (int)i, rect.col, 1, rect.cols}, name_cols);
	return (int)rows;
}

static void draw_head(struct run_view *view, const struct present_env *env, struct canvas *canvas,
	struct rect line)
{
	const struct run *run = view->run;
	enum run_state state = run_shown_state(run);
	int col = line.col, end = line.col + line.cols, right;
	char position[32];
	struct buf text;

	buf_init(&text, 0);
	col += canvas_put(canvas, line.row, col, -1, table_run_style(state),
		table_run_mark(state, canvas->ascii));
	col += 1 +
		canvas_put(canvas, line.row, col + 1, -1, table_run_style(state),
			run_state_name(state));
	pager_position(view->pager, position, sizeof(position));
	buf_addf(&text, _("run %lld  "), (long long)run->id);
	format_duration((run->ended_ms ? run->ended_ms : env->now_ms) - run->created_ms, &text);
	if (view->is_following && !run_state_is_end(run->state))
		buf_adds(&text, _("  following"));
	else
		buf_addf(&text, "  %s", position);
	right = utf8_width(buf_str(&text));
	canvas_put(canvas, line.row, end - right, right, STYLE_DIM, buf_str(&text));
	buf_reset(&text);
	buf_addf(&text, "%s %s%s%s", run->verb, run->team ? run->team : "", run->team ? "/" : "",
		run->name);
	if (end - right - col - 3 > 0)
		canvas_put_cut(canvas, line.row, col + 2, end - right - col - 3, STYLE_TITLE,
			buf_str(&text));
	buf_release(&text);
}

/* Returns the rows used. */
static int draw_outcome(const struct run_view *view, struct canvas *canvas, struct rect rect)
{
	const struct run *run = view->run;
	char *shown = i18n_shown(run->outcome ? run->outcome : "");
	const char *text = shown;
	enum style style = table_run_style(run_shown_state(run));
	int row = 0;
	struct buf clean;

	if (view->err.code) {
		text = view->err.text;
		style = STYLE_ERROR;
	}
	if (str_empty(text)) {
		free(shown);
		return 0;
	}
	buf_init(&clean, 0);
	utf8_neutralise(&clean, text, strlen(text));
	for (const char *rest = buf_str(&clean); *rest && row < 3; row++) {
		size_t fits = utf8_fit(rest, rect.cols, NULL);
		canvas_put(canvas, rect.row + row, rect.col, rect.cols, style, rest);
		rest += fits;
		if (!fits)
			break;
	}
	buf_release(&clean);
	free(shown);
	return row;
}

static void run_draw(struct view *base, struct canvas *canvas, struct rect rect)
{
	struct run_view *view = run_of(base);
	struct present_env env = base->host->env(base->host->data);
	struct rect at = {rect.row + 1, rect.col, rect.rows - 1, rect.cols};
	int used;

	ask(view);
	used = draw_outcome(view, canvas, at);
	at.row += used;
	at.rows -= used;
	used = draw_steps(view->run, &env, canvas, at);
	at.row += used;
	at.rows -= used;
	pager_fit(view->pager, at);
	if (view->is_dirty)
		run_write(view);
	view->is_dirty = false;
	pager_draw(view->pager, canvas, at);
	draw_head(view, &env, canvas, rect);
}

/* -- commands -- */

static void follow(struct run_view *view, bool is_following)
{
	view->is_following = is_following;
	if (is_following)
		pager_move(view->pager, PAGER_BOTTOM);
}

static bool run_command(struct view *base, enum command_id id, const char *arg)
{
	struct run_view *view = run_of(base);

	switch (id) {
	case CMD_FOLLOW: follow(view, !view->is_following); return true;
	case CMD_BOTTOM: follow(view, true); return true;
	case CMD_UP:
	case CMD_PAGE_UP:
	case CMD_HALF_UP:
	case CMD_LINE:
	case CMD_TOP: view->is_following = false; break;
	case CMD_CANCEL_RUN: base->host->cancel_run(base->host->data, view->run); return true;
	default: break;
	}
	return pager_view_command(view->pager, id, arg);
}

static const char *run_disabled(struct view *base, enum command_id id)
{
	return id == CMD_CANCEL_RUN ? run_cancel_disabled(run_of(base)->run) : NULL;
}

static const char *run_app(struct view *base)
{
	const struct run *run = run_of(base)->run;

	return fleet_app(base->host->fleet, run->app) ? run->app : NULL;
}

static const char *run_filter(const struct view *base)
{
	return pager_filter_text(run_of(base)->pager);
}

static void run_changed(struct view *base)
{
	run_of(base)->is_changed = true;
}

static void run_offer(struct view *view, struct offers *offers)
{
	struct run_view *run = run_of(view);
	struct present_env env = view->host->env(view->host->data);
	const void *item = run->run;

	offers_items(offers, &run_table, &item, 1, &env);
	offers_pager(offers, run->pager, NULL);
}

static void run_release(struct view *base)
{
	struct run_view *view = run_of(base);

	query_cancel(view->query);
	query_cancel(view->log_query);
	pager_free(view->pager);
	free(view->run);
	free(view->output);
	free(view);
}

static const struct view_ops run_ops = {
	.name = "run",
	.where = IN_RUN,
	.draw = run_draw,
	.command = run_command,
	.disabled = run_disabled,
	.app = run_app,
	.filter = run_filter,
	.runs_changed = run_changed,
	.offer = run_offer,
	.release = run_release,
};

struct view *run_view_new(const struct view_host *host, const struct run *run)
{
	struct run_view *view = xcalloc(1, sizeof(*view));

	view->view = (struct view){.ops = &run_ops, .host = host};
	view->run = run_dup(run);
	view->pager = pager_new();
	view->is_dirty = view->is_following = true;
	return &view->view;
}
