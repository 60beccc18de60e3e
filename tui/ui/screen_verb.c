/*
 * What a verb takes, chosen in dialogs: the restore point of a start, the release of a rollback,
 * and what else its options are. Each change asks for a new plan, so that what is confirmed is what
 * will be done.
 */
#include "tui/ui/screen_verb.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/query/query_release.h"

#define PICKED_MOST 200
#define HASH_COLS 12 /* enough of it to tell it by */

void verb_picks_clear(struct verb *verb)
{
	query_cancel(verb->query);
	verb->query = NULL;
	for (size_t i = 0; verb->paths && i < verb->count; i++)
		free(verb->paths[i]);
	free(verb->paths);
	free(verb->numbers);
	verb->paths = NULL;
	verb->numbers = NULL;
	verb->count = 0;
}

bool verb_starts(const struct verb *verb)
{
	return verb->act->command == CMD_START || verb->act->command == CMD_RESTART ||
		verb->act->command == CMD_SHIP;
}

static bool makes_savepoint(const struct verb *verb)
{
	return verb->act->command == CMD_SAVEPOINT || verb->act->command == CMD_STOP ||
		verb->act->command == CMD_RESTART || verb->act->command == CMD_SHIP;
}

bool verb_has_options(const struct verb *verb)
{
	return verb_starts(verb) || makes_savepoint(verb) || verb->act->command == CMD_ROLLBACK;
}

static void set(char **text, const char *value)
{
	free(*text);
	*text = xstrdup_null(str_empty(value) ? NULL : value);
}

static char *title_of(const struct verb *verb, const char *question)
{
	return xasprintf("%s %s: %s", verb->act->name, verb->name, question);
}

/* From a chooser: with what was chosen, or as before. */
static void go_on(struct screen *screen)
{
	struct verb *verb = screen->verb;

	if (verb->is_changed || !verb->has_plan)
		verb_plan(screen);
	else
		verb_confirm(screen);
}

/* -- tables to choose from: the columns are those of the lists -- */

struct picks {
	const struct column *columns[DIALOG_COLUMNS_MAX];
	size_t column_count;
	char **cells;
	const char *titles[DIALOG_COLUMNS_MAX];
	char *titles_owned[DIALOG_COLUMNS_MAX];
	size_t rows;
};

static void picks_init(
	struct picks *picks, const struct column_table *table, const char *const *keys, size_t rows)
{
	*picks = (struct picks){.rows = rows};
	for (; keys[picks->column_count]; picks->column_count++) {
		size_t i = picks->column_count;
		const struct column *column = column_find(table, keys[i]);
		picks->columns[i] = column;
		picks->titles_owned[i] =
			xasprintf("%s%s", column->is_right ? ">" : "", _(column->title));
		picks->titles[i] = picks->titles_owned[i];
	}
	picks->cells = xcalloc(rows * picks->column_count + 1, sizeof(char *));
}

static void picks_row(
	struct picks *picks, size_t row, const void *item, const struct present_env *env)
{
	struct buf text;

	buf_init(&text, 0);
	for (size_t i = 0; i < picks->column_count; i++) {
		buf_reset(&text);
		column_text(picks->columns[i], item, env, &text);
		bool is_hash = str_eq(picks->columns[i]->key, "commit") ||
			str_eq(picks->columns[i]->key, "jobId");
		size_t most = is_hash ? HASH_COLS : text.len;
		picks->cells[row * picks->column_count + i] = xstrndup(buf_str(&text), most);
	}
	buf_release(&text);
}

static void picks_open(struct screen *screen, struct picks *picks,
	const struct dialog_options *options, screen_dialog_fn done)
{
	struct dialog_options all = *options;

	all.kind = DIALOG_PICKER;
	all.titles = picks->titles;
	all.cells = (const char *const *)picks->cells;
	all.column_count = picks->column_count;
	all.row_count = picks->rows;
	screen_dialog(screen, &all, done, screen);
	for (size_t i = 0; i < picks->rows * picks->column_count; i++)
		free(picks->cells[i]);
	free(picks->cells);
	for (size_t i = 0; i < picks->column_count; i++)
		free(picks->titles_owned[i]);
	screen->host.redraw(screen->host.data);
}

static void picks_given_up(struct screen *screen)
{
	verb_end(screen, _("given up: nothing was sent"));
}

/* -- restore points -- */

/* The last row: nothing. The newest that is there: whatever is the newest when it is done. */
static void on_point(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct verb *verb = screen->verb;
	size_t chosen = dialog_chosen(dialog);
	const char *from = chosen < verb->count ? verb->paths[chosen] : "none";

	if (event == DIALOG_KEY) {
		verb_options(screen);
		return;
	}
	if (event != DIALOG_YES) {
		verb_end(screen, _("nothing was chosen: nothing was sent"));
		return;
	}
	if (!str_eq(from ? from : "", verb->from ? verb->from : "")) {
		verb->is_changed = true;
		set(&verb->from, from);
	}
	verb->has_chosen_point = true;
	go_on(screen);
}

static void points_open(
	struct screen *screen, const struct restore_point *const *points, size_t count)
{
	static const char *const keys[] = {
		"completedMs", "kind", "stateBytes", "verified", "path", "jobId", NULL};
	struct present_env env = screen->host.env(screen->host.data);
	struct verb *verb = screen->verb;
	struct picks picks;
	size_t newest = count;
	char *title = title_of(verb, _("from which restore point?"));

	verb->paths = xcalloc(count + 1, sizeof(char *));
	verb->count = count;
	picks_init(&picks, &point_table, keys, count + 1);
	for (size_t i = 0; i < count; i++) {
		bool is_newest = newest == count && !points[i]->is_gone;

		picks_row(&picks, i, points[i], &env);
		newest = is_newest ? i : newest;
		verb->paths[i] = is_newest ? NULL : xstrdup(points[i]->path);
	}
	picks.cells[count * picks.column_count + 1] = xstrdup(_("nothing"));
	picks.cells[count * picks.column_count + 4] =
		xstrdup(_("it starts from nothing: its state is left behind"));
	picks_open(screen, &picks,
		&(struct dialog_options){.title = title,
			.warnings = verb->problem,
			.selected = newest < count ? newest : 0,
			.detail = 5,
			.keys = _("\t options")},
		on_point);
	free(title);
}

static void on_points(
	void *data, const struct restore_point *const *points, size_t count, const struct err *err)
{
	struct screen *screen = data;
	struct verb *verb = screen->verb;

	verb->query = NULL;
	screen_pending_end(screen);
	verb_picks_clear(verb);
	if (screen->mode != PROMPT_NONE)
		verb_end(screen, _("not asked, for something else was being typed; once more?"));
	else if (err)
		verb_end(screen, err->text);
	else if (count)
		points_open(screen, points, count);
	else if (verb->has_plan)
		verb_confirm(screen);
	else
		verb_end(screen, verb->problem ? verb->problem : _("no restore point is known"));
	screen->host.redraw(screen->host.data);
}

void verb_pick_point(struct screen *screen)
{
	struct verb *verb = screen->verb;
	struct store *store = screen->host.store(screen->host.data, verb->context);

	verb_picks_clear(verb);
	if (!store) {
		on_points(screen, NULL, 0, NULL);
		return;
	}
	screen_pending(screen, _("reading the restore points …"), picks_given_up);
	verb->query = query_app_points(
		store, screen->backend.fleet, verb->app, PICKED_MOST, on_points, screen);
}

/* -- releases -- */

static void on_release(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct verb *verb = screen->verb;
	size_t chosen = dialog_chosen(dialog);

	if (event != DIALOG_YES || chosen >= verb->count) {
		verb_end(screen, _("nothing was chosen: nothing was sent"));
		return;
	}
	verb->is_changed = verb->is_changed || verb->release != verb->numbers[chosen];
	verb->release = verb->numbers[chosen];
	go_on(screen);
}

static void releases_open(struct screen *screen, const struct release *const *releases,
	size_t count, const char *question)
{
	static const char *const keys[] = {
		"number", "state", "commit", "createdMs", "activatedMs", "host", "dir", NULL};
	struct present_env env = screen->host.env(screen->host.data);
	struct verb *verb = screen->verb;
	bool is_back = verb->act->command == CMD_ROLLBACK;
	struct picks picks;
	char *title = title_of(verb, question);
	size_t former = 0;

	verb->numbers = xcalloc(count + 1, sizeof(*verb->numbers));
	verb->count = count;
	picks_init(&picks, &release_table, keys, count);
	for (size_t i = 0; i < count; i++) {
		picks_row(&picks, i, releases[i], &env);
		verb->numbers[i] = releases[i]->number;
		/* Back: to the one before the active one. */
		if (is_back && i && releases[i - 1]->is_active)
			former = i;
	}
	picks_open(screen, &picks,
		&(struct dialog_options){.title = title,
			.warnings = verb->problem,
			.selected = former,
			.detail = picks.column_count},
		on_release);
	free(title);
}

static void on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct screen *screen = data;
	struct verb *verb = screen->verb;
	bool is_back = verb->act->command == CMD_ROLLBACK;

	verb->query = NULL;
	screen_pending_end(screen);
	verb_picks_clear(verb);
	if (screen->mode != PROMPT_NONE)
		verb_end(screen, _("not asked, for something else was being typed; once more?"));
	else if (err)
		verb_end(screen, err->text);
	else if (!count)
		verb_end(screen, _("nothing was released yet: P releases it"));
	else if (is_back && count == 1 && releases[0]->is_active)
		verb_end(screen, _("there is no other release to go back to"));
	else
		releases_open(screen, releases, count,
			is_back ? _("to which release?") : _("which release?"));
	screen->host.redraw(screen->host.data);
}

void verb_pick_release(struct screen *screen)
{
	struct verb *verb = screen->verb;
	struct store *store = screen->host.store(screen->host.data, verb->context);

	verb_picks_clear(verb);
	if (!store) {
		on_releases(screen, NULL, 0, NULL);
		return;
	}
	screen_pending(screen, _("reading the releases …"), picks_given_up);
	verb->query = query_releases(store, verb->app, PICKED_MOST, on_releases, screen);
}

/* -- options -- */

enum option {
	OPTION_FROM,
	OPTION_NON_RESTORED,
	OPTION_MODE,
	OPTION_RELEASE,
	OPTION_TARGET,
	OPTION_DRAIN,
	OPTION_DONE,
	OPTION_MAX
};

static const char *const option_names[OPTION_MAX] = {
	[OPTION_FROM] = N_("restore from"),
	[OPTION_NON_RESTORED] = N_("allow non-restored state"),
	[OPTION_MODE] = N_("restore mode"),
	[OPTION_RELEASE] = N_("release"),
	[OPTION_TARGET] = N_("savepoint goes to"),
	[OPTION_DRAIN] = N_("drain: the job is not to go on"),
	[OPTION_DONE] = N_("go on"),
};

static bool has_option(const struct verb *verb, enum option option)
{
	enum command_id id = verb->act->command;

	switch (option) {
	case OPTION_FROM:
	case OPTION_NON_RESTORED:
	case OPTION_MODE: return verb_starts(verb);
	case OPTION_RELEASE: return id == CMD_START || id == CMD_ROLLBACK;
	case OPTION_TARGET: return makes_savepoint(verb);
	case OPTION_DRAIN: return id == CMD_STOP;
	default: return true;
	}
}

static char *option_value(const struct verb *verb, enum option option)
{
	switch (option) {
	case OPTION_FROM:
		return xstrdup(!verb->from ? verb->act->command == CMD_START
					? _("the newest one")
					: _("its savepoint; one that has ended: the newest")
				: str_eq(verb->from, "none")
				? _("nothing: its state is left behind")
				: verb->from);
	case OPTION_NON_RESTORED: return xstrdup(verb->allows_non_restored ? _("yes") : _("no"));
	case OPTION_MODE:
		return xstrdup(verb->restore_mode ? verb->restore_mode : _("Flink's default"));
	case OPTION_RELEASE:
		return verb->release ? xasprintf("%" PRId64, verb->release)
				     : xstrdup(_("the active one"));
	case OPTION_TARGET:
		return xstrdup(
			verb->target_dir ? verb->target_dir : _("as the cluster is configured"));
	case OPTION_DRAIN: return xstrdup(verb->drain ? _("yes") : _("no"));
	default: return xstrdup(_("shows what it would do then"));
	}
}

static void on_target(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct verb *verb = screen->verb;

	if (event == DIALOG_YES) {
		set(&verb->target_dir, dialog_text(dialog));
		verb->is_changed = true;
	}
	verb_options(screen);
}

static const char *const modes[] = {NULL, "no-claim", "claim", "legacy"};

static void on_mode(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	struct verb *verb = screen->verb;

	if (event == DIALOG_YES) {
		set(&verb->restore_mode, modes[dialog_chosen(dialog)]);
		verb->is_changed = true;
	}
	verb_options(screen);
}

static void ask_mode(struct screen *screen)
{
	const char *cells[] = {_("Flink's default"), "", "no-claim",
		_("the point stays yours; the first checkpoint is a full one"), "claim",
		_("Flink owns the point, and deletes it when it is not needed any more"), "legacy",
		_("as before 1.15: nobody owns it (gone with Flink 2)")};
	size_t selected = 0;

	for (size_t i = 1; i < ARRAY_SIZE(modes); i++)
		if (str_eq(modes[i], screen->verb->restore_mode))
			selected = i;
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_CHOICE,
			.title = _("restore mode"),
			.cells = cells,
			.column_count = 2,
			.row_count = ARRAY_SIZE(modes),
			.selected = selected},
		on_mode, screen);
}

static void option_change(struct screen *screen, enum option option)
{
	struct verb *verb = screen->verb;

	switch (option) {
	case OPTION_FROM: verb_pick_point(screen); return;
	case OPTION_RELEASE: verb_pick_release(screen); return;
	case OPTION_MODE: ask_mode(screen); return;
	case OPTION_TARGET:
		screen_dialog(screen,
			&(struct dialog_options){.kind = DIALOG_TEXT,
				.title = _("target directory of the savepoint"),
				.body = _("A URI, as hdfs:///flink/savepoints or file:///mnt/sp; "
					  "nothing: as the cluster is configured."),
				.text = verb->target_dir},
			on_target, screen);
		return;
	case OPTION_NON_RESTORED: verb->allows_non_restored = !verb->allows_non_restored; break;
	case OPTION_DRAIN: verb->drain = !verb->drain; break;
	default: go_on(screen); return;
	}
	verb->is_changed = true;
	verb_options(screen);
}

static void on_option(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	size_t row = 0, chosen = dialog_chosen(dialog);

	if (event != DIALOG_YES) {
		if (screen->verb->has_plan || screen->verb->is_changed)
			go_on(screen);
		else
			verb_end(screen, _("given up: nothing was sent"));
		return;
	}
	for (int i = 0; i < OPTION_MAX; i++)
		if (has_option(screen->verb, (enum option)i) && row++ == chosen) {
			screen->verb->last_option = chosen;
			option_change(screen, (enum option)i);
			return;
		}
}

void verb_options(struct screen *screen)
{
	struct verb *verb = screen->verb;
	const char *cells[2 * OPTION_MAX];
	char *values[OPTION_MAX] = {0};
	char *title = title_of(verb, _("options"));
	size_t rows = 0;

	for (int i = 0; i < OPTION_MAX; i++) {
		if (!has_option(verb, (enum option)i))
			continue;
		values[i] = option_value(verb, (enum option)i);
		cells[2 * rows] = _(option_names[i]);
		cells[2 * rows + 1] = values[i];
		rows++;
	}
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_CHOICE,
			.title = title,
			.warnings = verb->problem,
			.cells = cells,
			.column_count = 2,
			.row_count = rows,
			.selected = verb->last_option,
			.enter = _("change"),
			.esc = verb->has_plan || verb->is_changed ? _("go on") : _("give up")},
		on_option, screen);
	for (int i = 0; i < OPTION_MAX; i++)
		free(values[i]);
	free(title);
}
