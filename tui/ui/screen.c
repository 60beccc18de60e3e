/*
 * The history of views, and what each command of the table does on the screen. A command first
 * shows its needs (data in the table) and the view's own word; only then it runs, so the help, the
 * footer and the key all give the same reason when it cannot.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"
#include "tui/view/rows_pane.h"

static const struct column_table *const list_tables[LISTS] = {
	&app_table, &cluster_table, &team_table, &job_table};

struct view *screen_view(const struct screen *screen)
{
	return screen->history[screen->at];
}

size_t screen_list_at(const struct screen *screen, const struct view *view)
{
	size_t i = 0;

	while (i < LISTS && screen->lists[i] != view)
		i++;
	return i;
}

/* -- history -- */

static void entry_release(struct screen *screen, size_t i)
{
	struct view *view = screen->history[i];

	if (screen_list_at(screen, view) == LISTS)
		view->ops->release(view);
}

static void history_push(struct screen *screen, struct view *view)
{
	size_t from = screen->at;

	while (screen->count > screen->at + 1)
		entry_release(screen, --screen->count);
	if (screen->count == HISTORY_MAX) {
		entry_release(screen, 0);
		memmove(&screen->history[0], &screen->history[1],
			(HISTORY_MAX - 1) * sizeof(screen->history[0]));
		screen->count--;
		from--;
	}
	screen->history[screen->count++] = view;
	screen->at = screen->count - 1;
	screen->former = from;
}

const struct column_table *screen_list_table(size_t i)
{
	return list_tables[i];
}

struct view *screen_list(struct screen *screen, size_t i)
{
	if (!screen->lists[i])
		screen->lists[i] = list_view_new(&screen->host, list_tables[i], "");
	return screen->lists[i];
}

struct view *screen_list_of(struct screen *screen, enum command_id id)
{
	switch (id) {
	case CMD_APPS: return screen_list(screen, 0);
	case CMD_CLUSTERS: return screen_list(screen, 1);
	case CMD_TEAMS: return screen_list(screen, 2);
	case CMD_JOBS: return screen_list(screen, 3);
	default: return NULL;
	}
}

void screen_go_list(struct screen *screen, size_t i)
{
	struct view *list = screen_list(screen, i);

	if (!screen->count || screen_view(screen) != list)
		history_push(screen, list);
}

static void history_go(struct screen *screen, size_t at)
{
	screen->former = screen->at;
	screen->at = at;
}

/*
 * Out of a view: to where it was opened from; from a list home; from home out of the program, but
 * not by Esc, which is pressed once more than needed out of prompts and dialogs.
 */
static void go_out(struct screen *screen, bool may_quit)
{
	size_t list = screen_list_at(screen, screen_view(screen));

	if (list == LISTS && screen->at) {
		bool is_log = screen_view(screen)->ops->where == IN_LOG;
		history_go(screen, screen->at - 1);
		/* There is no way forward to a log: it is read as long as its view is there. */
		while (is_log && screen->count > screen->at + 1)
			entry_release(screen, --screen->count);
	} else if (list)
		screen_go_list(screen, 0);
	else if (may_quit)
		screen_quit(screen);
	else
		screen_toast(screen, STYLE_DIM, _("q quits"));
}

/* -- what views ask of their host -- */

static struct present_env host_env(void *data)
{
	struct screen *screen = data;
	struct poller_stats stats = {0};

	if (screen->backend.stats)
		stats = screen->backend.stats(screen->backend.data);
	/* Two polls of what is on the screen, and what answers take on their way. */
	return (struct present_env){.now_ms = clock_wall_ms(),
		.mono_ms = clock_mono_ms(),
		.stale_ms = stats.live_ms > 0 ? 2 * stats.live_ms + 3000 + stats.late_ms : 10000};
}

static enum view_phase host_phase(void *data)
{
	return ((struct screen *)data)->phase;
}

static const char *host_unconfigured(void *data)
{
	return ((struct screen *)data)->backend.unconfigured_path;
}

static struct store *host_store(void *data, const char *context)
{
	struct screen *screen = data;

	return screen->backend.store ? screen->backend.store(screen->backend.data, context) : NULL;
}

static void host_open_list(void *data, const struct column_table *table, const char *filter)
{
	struct screen *screen = data;

	history_push(screen, list_view_new(&screen->host, table, filter));
}

void screen_open_card(struct screen *screen, const char *app_ref, enum command_id section)
{
	history_push(screen, card_view_new(&screen->host, app_ref, section));
}

static void host_open_card(void *data, const char *app_ref, enum command_id section)
{
	screen_open_card(data, app_ref, section);
}

static bool host_key(void *data, enum command_view where, size_t *at, struct view_key *out)
{
	return keymap_next(((struct screen *)data)->keymap, where, NULL, at, out);
}

static void host_open_run(void *data, const struct run *run)
{
	struct screen *screen = data;

	history_push(screen, run_view_new(&screen->host, run));
}

static const struct env_state *const *host_envs(void *data, size_t *count, uint64_t *changes)
{
	const struct screen_backend *backend = &((struct screen *)data)->backend;

	*count = 0;
	*changes = 0;
	return backend->envs ? backend->envs(backend->data, count, changes) : NULL;
}

static void host_open_facts(
	void *data, const struct column_table *table, const void *item, const char *app_ref)
{
	struct screen *screen = data;

	history_push(screen, facts_view_new(&screen->host, table, item, app_ref));
}

void screen_open_diff(
	struct screen *screen, const char *title, const char *app_ref, const char *diff)
{
	history_push(screen, diff_view_new(&screen->host, title, app_ref, diff));
}

void screen_open_taskmanagers(struct screen *screen, const struct cluster *cluster)
{
	history_push(screen,
		rows_view_new(&screen->host, &taskmanager_rows,
			&(struct view_owner){cluster->ref, cluster->context, cluster->name}));
}

void screen_open_log(struct screen *screen, const struct view_log_what *what)
{
	history_push(screen, log_view_new(&screen->host, what));
}

static void host_cancel_run(void *data, const struct run *run)
{
	screen_cancel_run(data, run);
}

static const char *host_neighbour(void *data, const char *app_ref, int step)
{
	struct screen *screen = data;

	for (size_t i = screen->at; i > 0; i--) {
		struct view *view = screen->history[i - 1];
		if (view->ops->step)
			return view->ops->step(view, app_ref, step);
	}
	return NULL;
}

static void host_toast(void *data, enum style style, const char *text)
{
	screen_toast(data, style, text);
}

static void host_hit(void *data, enum command_id id, int row, int col, int cols)
{
	screen_hit_add(data, (struct screen_hit){.id = id, .row = row, .col = col, .cols = cols});
}

static void host_redraw(void *data)
{
	struct screen *screen = data;

	if (screen->backend.wake)
		screen->backend.wake(screen->backend.data);
}

/* -- can it run? -- */

static const char *need_missing(struct screen *screen, struct view *view, unsigned needs)
{
	enum command_need missing = 0;

	if ((needs & NEED_ROW) && !(view->ops->row && view->ops->row(view)) &&
		!screen_on_group(screen))
		missing = NEED_ROW;
	else if ((needs & NEED_APP) && !(view->ops->app && view->ops->app(view)))
		missing = NEED_APP;
	else if ((needs & NEED_HISTORY) && !screen->at)
		missing = NEED_HISTORY;
	else if ((needs & NEED_FUTURE) && screen->at + 1 >= screen->count)
		missing = NEED_FUTURE;
	else if ((needs & NEED_LAST) &&
		(screen->former == screen->at || screen->former >= screen->count))
		missing = NEED_LAST;
	return missing ? _(command_need_text(missing)) : NULL;
}

const char *screen_disabled(void *data, struct view *view, enum command_id id)
{
	struct screen *screen = data;
	const struct command *command = &commands[id];
	unsigned needs = screen_needs(view, id);
	const char *reason;

	/* Marked ones are, wherever the selection is. */
	if (screen_many_can(screen, id) && view == screen_view(screen))
		needs &= ~(unsigned)NEED_APP;
	reason = need_missing(screen, view, needs);

	if (reason)
		return reason;
	if (!(command->views & (unsigned)view->ops->where))
		return _("not in this view");
	return view->ops->disabled ? view->ops->disabled(view, id) : NULL;
}

/* -- commands -- */

/* False: on the card its own are a tab of it. */
static bool go_rows(struct screen *screen, const struct rows_kind *kind, const struct app *app)
{
	const struct view_ops *ops = screen_view(screen)->ops;
	bool has_tab = kind == &run_rows || kind == &release_rows || kind == &point_rows ||
		kind == &history_rows;
	char *name;

	if (ops->where == IN_CARD && has_tab &&
		(!app || str_eq(ops->app(screen_view(screen)), app->ref)))
		return false;
	if (!app && str_eq(ops->name, kind->name))
		return true;
	name = app ? action_app_name(app) : NULL;
	history_push(screen,
		rows_view_new(&screen->host, kind,
			app ? &(struct view_owner){app->ref, app->context, name} : NULL));
	free(name);
	return true;
}

/* With a filter it is a list of its own, so that the way back leads to the former one as it was. */
static void go_filtered(struct screen *screen, size_t i, const char *filter)
{
	if (str_empty(filter))
		screen_go_list(screen, i);
	else
		host_open_list(screen, list_tables[i], filter + (*filter == '/'));
}

static bool run_go(struct screen *screen, enum command_id id, const char *arg)
{
	switch (id) {
	case CMD_APPS: go_filtered(screen, 0, arg); return true;
	case CMD_CLUSTERS: go_filtered(screen, 1, arg); return true;
	case CMD_TEAMS: go_filtered(screen, 2, arg); return true;
	case CMD_JOBS: go_filtered(screen, 3, arg); return true;
	case CMD_NEXT_LIST: {
		size_t list = screen_list_at(screen, screen_view(screen));
		screen_go_list(screen, list == LISTS ? 0 : (list + 1) % LISTS);
		return true;
	}
	case CMD_MESSAGES: history_push(screen, messages_view_new(&screen->host)); return true;
	case CMD_RUNS: return go_rows(screen, &run_rows, NULL);
	case CMD_BUILDS: return go_rows(screen, &build_rows, NULL);
	case CMD_RELEASES: return go_rows(screen, &release_rows, NULL);
	case CMD_FLINK_ENVS: return go_rows(screen, &env_rows, NULL);
	case CMD_USE_FILTER: saved_use(screen, arg); return true;
	case CMD_SAVE_FILTER: saved_save(screen, arg); return true;
	case CMD_TASKMANAGERS: screen_taskmanagers(screen, arg); return true;
	case CMD_HISTORY: return go_rows(screen, &history_rows, NULL);
	case CMD_COMMANDS: return go_rows(screen, &command_rows, NULL);
	case CMD_RESTORE_POINTS: {
		const struct app *app = screen_which(screen, arg);
		return !app || go_rows(screen, &point_rows, app);
	}
	case CMD_DIFF: screen_diff(screen, arg); return true;
	case CMD_LOGS: {
		if (!arg && screen_log_of_row(screen))
			return true;
		const struct app *app = screen_which(screen, arg);
		if (app)
			screen_log(screen, app);
		return true;
	}
	case CMD_HELP:
		history_push(screen, help_view_new(&screen->host, screen_view(screen)));
		return true;
	case CMD_HISTORY_BACK: history_go(screen, screen->at - 1); return true;
	case CMD_HISTORY_FORWARD: history_go(screen, screen->at + 1); return true;
	case CMD_LAST: history_go(screen, screen->former); return true;
	case CMD_PALETTE: prompt_begin_palette(screen, ""); return true;
	case CMD_OPEN:
		if (str_empty(arg))
			return false;
		screen_open_named(screen, arg);
		return true;
	default: return false;
	}
}

void screen_run(struct screen *screen, enum command_id id, const char *arg)
{
	struct view *view = screen_view(screen);
	bool may_quit = id != CMD_OUT;
	bool by_name = !str_empty(arg) && (id == CMD_OPEN || (commands[id].needs & NEED_APP));
	const char *reason = by_name ? NULL : screen_disabled(screen, view, id);

	if (reason) {
		screen_toast(screen, STYLE_WARN, reason);
		return;
	}
	if (id == CMD_FILTER && !arg) {
		prompt_begin_filter(screen);
		return;
	}
	if (id == CMD_OUT)
		id = CMD_BACK;
	if (id == CMD_HELP && str_eq(view->ops->name, "help"))
		id = CMD_BACK;
	if (screen_table_command(screen, id, arg) || screen_app_command(screen, id, arg) ||
		screen_program(screen, id, arg) || run_go(screen, id, arg) ||
		screen_act(screen, id, arg))
		return;
	if (!view->ops->command(view, id, arg) && id == CMD_BACK)
		go_out(screen, may_quit);
}

/* -- the world outside -- */

void screen_toast_end(struct screen *screen)
{
	free(screen->toast);
	screen->toast = NULL;
}

void screen_toast(struct screen *screen, enum style style, const char *text)
{
	char *copy = xstrdup(text);

	free(screen->toast);
	screen->toast = copy;
	screen->toast_style = style;
	screen->toast_until_mono_ms = clock_mono_ms() + TOAST_MS;
	if (style == STYLE_ERROR || style == STYLE_OK)
		message_log_add(&screen->messages, clock_wall_ms(), style, text);
}

void screen_problem(struct screen *screen, const struct err *err)
{
	if (err && !str_eq(err->text, screen->store_problem.text))
		message_log_add(&screen->messages, clock_wall_ms(), STYLE_ERROR, err->text);
	screen->store_problem = err ? *err : (struct err){0};
}

void screen_warn(struct screen *screen, const char *text)
{
	message_log_add(&screen->messages, clock_wall_ms(), STYLE_WARN, text);
}

void screen_config_changed(struct screen *screen, bool is_other)
{
	const char *text = _("the configuration changed on disk: it holds from weir's next start");

	screen->config_is_other = is_other;
	if (!is_other)
		return;
	screen_toast(screen, STYLE_WARN, text);
	screen_warn(screen, text);
}

void screen_loaded(struct screen *screen)
{
	screen->phase = PHASE_LIVE;
	screen_session_loaded(screen);
}

void screen_runs_changed(struct screen *screen)
{
	for (size_t i = 0; i < screen->count; i++)
		if (screen->history[i]->ops->runs_changed)
			screen->history[i]->ops->runs_changed(screen->history[i]);
	host_redraw(screen);
}

int64_t screen_tick_ms(const struct screen *screen)
{
	int64_t second = 1000 - clock_wall_ms() % 1000, left;

	if (!screen->toast)
		return second;
	left = screen->toast_until_mono_ms - clock_mono_ms();
	left = left > 0 ? left : 0;
	return left < second ? left : second;
}

int screen_new(struct screen **out, const struct screen_backend *backend, struct err *err)
{
	struct screen *screen;
	struct keymap *keymap = backend->keymap;
	int rc = keymap ? 0 : keymap_default(&keymap, err);

	if (rc)
		return rc;
	screen = xcalloc(1, sizeof(*screen));
	screen->backend = *backend;
	screen->keymap = keymap;
	screen->has_mouse = backend->has_mouse;
	screen->host = (struct view_host){
		.data = screen,
		.fleet = backend->fleet,
		.messages = &screen->messages,
		.store_problem = &screen->store_problem,
		.commands = backend->commands,
		.contexts = backend->contexts,
		.context_count = backend->context_count,
		.envs = host_envs,
		.env = host_env,
		.polling = screen_polling,
		.phase = host_phase,
		.unconfigured = host_unconfigured,
		.store = host_store,
		.disabled = screen_disabled,
		.key = host_key,
		.open_list = host_open_list,
		.open_card = host_open_card,
		.open_run = host_open_run,
		.open_facts = host_open_facts,
		.cancel_run = host_cancel_run,
		.neighbour = host_neighbour,
		.toast = host_toast,
		.hit = host_hit,
		.redraw = host_redraw,
	};
	screen_log_host(&screen->host);
	screen_cluster_host(&screen->host);
	buf_init(&screen->saved, 0);
	screen->filter = prompt_new();
	screen->palette = prompt_new();
	screen->dialog = dialog_new();
	screen->complete = complete_new();
	screen->failing = map_new();
	screen_go_list(screen, 0);
	*out = screen;
	return 0;
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	screen_ask_release(screen);
	screen_action_release(screen);
	screen_many_release(screen);
	screen_log_release(screen);
	screen_open_release(screen);
	buf_release(&screen->saved);
	while (screen->count)
		entry_release(screen, --screen->count);
	for (size_t i = 0; i < LISTS; i++)
		if (screen->lists[i])
			screen->lists[i]->ops->release(screen->lists[i]);
	screen_filters(screen, NULL);
	keymap_free(screen->keymap);
	prompt_free(screen->filter);
	prompt_free(screen->palette);
	dialog_free(screen->dialog);
	free(screen->asked_context);
	complete_free(screen->complete);
	hints_free(screen->hints);
	message_log_release(&screen->messages);
	map_free(screen->failing);
	filter_release(screen);
	free(screen->former_columns);
	free(screen->toast);
	free(screen->shown);
	json_decref(screen->session);
	free(screen->first_address);
	free(screen);
}
