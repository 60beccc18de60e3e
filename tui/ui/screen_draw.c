/* One frame: header, view, and the last line, which is the keys, a toast, or a prompt. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/footer.h"
#include "tui/widget/table.h"

#define SUGGESTIONS_MAX 16
#define TOAST_ROWS 4
#define VERBS_COLS 100

/* The main verbs, in the order of the footer of a list. */
static const enum command_id verbs[] = {CMD_ADOPT, CMD_START, CMD_STOP, CMD_RESTART, CMD_SHIP,
	CMD_SAVEPOINT, CMD_BUILD, CMD_RELEASE, CMD_CANCEL};

static bool is_verb(enum command_id id)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (verbs[i] == id)
			return true;
	return false;
}

/* Is it what somebody would do with that application now? The plan has the last word. */
static bool is_offered(const struct app *app, enum command_id id)
{
	bool is_live = app->job && !app->job->missing_ms &&
		!job_status_is_terminal(app->job->summary.status);

	switch (id) {
	case CMD_STOP:
	case CMD_SAVEPOINT:
	case CMD_CANCEL: return is_live;
	case CMD_RESTART: return is_live && app->decl;
	case CMD_ADOPT: return app->decl ? app->duplicates > 1 && !app->job : is_live;
	case CMD_START: return !is_live && app->decl;
	case CMD_BUILD: return app->decl && str_eq(app->decl->artifact, "build");
	default: return app->decl != NULL;
	}
}

/*
 * The commands in the order in which they get room. In a list with room for it the selected line's
 * verbs come before what is found without looking; elsewhere it is the order of the table.
 */
static size_t footer_order(struct screen *screen, int cols, size_t marked, enum command_id *out)
{
	struct view *view = screen_view(screen);
	const char *ref = view->ops->app ? view->ops->app(view) : NULL;
	const struct app *app = ref ? fleet_app(screen->backend.fleet, ref) : NULL;
	bool has_verbs = view->ops->where == IN_LIST && cols >= VERBS_COLS;
	size_t count = 0;

	/* What can be done to those that are marked is what they were marked for. */
	for (size_t i = 0; marked && i < ARRAY_SIZE(verbs); i++)
		if (screen_many_can(screen, verbs[i]))
			out[count++] = verbs[i];
	if (marked)
		out[count++] = CMD_MARK_NONE;
	has_verbs = has_verbs || count > 1;
	for (enum command_id id = 0; id < CMD_MAX; id++) {
		if (id == CMD_MARK_NONE)
			continue;
		if (!has_verbs || !is_verb(id))
			out[count++] = id;
		for (size_t i = 0;
			has_verbs && !marked && app && id == CMD_FILTER && i < ARRAY_SIZE(verbs);
			i++)
			if (is_offered(app, verbs[i]))
				out[count++] = verbs[i];
	}
	return count;
}

static void draw_keys(struct screen *screen, struct canvas *canvas, int row)
{
	struct view *view = screen_view(screen);
	struct footer_item items[CMD_MAX + 1];
	enum command_id order[CMD_MAX];
	struct view_key first[CMD_MAX] = {0}, key;
	struct table *table = screen_table(screen);
	size_t marked = table ? table_marked_count(table) : 0;
	enum command_id ids[CMD_MAX + 1];
	size_t count = 0, at = 0, all = footer_order(screen, canvas->cols, marked, order);
	bool is_home = view == screen->lists[0];
	char number[24];

	while (keymap_next(screen->keymap, view->ops->where, NULL, &at, &key))
		if (!key.arg && !first[key.id].keys[0])
			first[key.id] = key;
	if (screen_many_left(screen)) {
		snprintf(number, sizeof(number), "%zu", screen_many_left(screen));
		ids[count] = CMD_OUT;
		items[count++] = (struct footer_item){
			.key = number, .hint = _("to come, Esc begins no more"), .is_kept = true};
	} else if (marked) {
		snprintf(number, sizeof(number), "%zu", marked);
		ids[count] = CMD_MARK_NONE;
		items[count++] =
			(struct footer_item){.key = number, .hint = _("marked:"), .is_kept = true};
	}
	for (size_t i = 0; i < all; i++) {
		const struct command *command = &commands[order[i]];
		if (!command->hint || !first[order[i]].keys[0])
			continue;
		if ((command->needs & NEED_APP) && !view->ops->app)
			continue;
		/* Only one tab of the card has lines. */
		if (command->id == CMD_OPEN && view->ops->where == IN_CARD &&
			screen_disabled(screen, view, CMD_OPEN))
			continue;
		ids[count] = order[i];
		items[count] = (struct footer_item){
			.key = first[order[i]].keys,
			.hint = command->id == CMD_BACK && is_home &&
					str_empty(view->ops->filter(view))
				? _("quit")
				: _(command->hint),
			.is_disabled = screen_disabled(screen, view, command->id) != NULL,
			.is_kept = command->id == CMD_HELP,
		};
		count++;
	}
	footer_draw(canvas, (struct rect){row, 0, 1, canvas->cols}, items, count);
	for (size_t i = 0; i < count; i++)
		screen_hit_add(screen,
			(struct screen_hit){.id = ids[i],
				.row = row,
				.col = items[i].col,
				.cols = items[i].cols});
}

static void draw_suggestions(struct screen *screen, struct canvas *canvas, int row)
{
	palette_suggest(screen);
	int rows = row - 5 < SUGGESTIONS_MAX ? row - 5 : SUGGESTIONS_MAX;

	complete_draw(screen->complete, canvas, (struct rect){row - rows, 0, rows, canvas->cols});
}

/* How long it has been asked, and the way out, keep their places. */
static void draw_pending(const struct screen *screen, struct canvas *canvas, int row)
{
	int64_t seconds = (clock_mono_ms() - screen->pending_mono_ms) / 1000;
	char *right = xasprintf(_("%lld s  Esc gives it up"), (long long)seconds);
	int width = utf8_width(right);

	canvas_put_cut(canvas, row, 0, canvas->cols - width - 2, STYLE_INFO, screen->pending);
	canvas_put(canvas, row, canvas->cols - width, width, STYLE_KEY, right);
	free(right);
}

/* Broken at blanks, over the view's last lines: a reason that is cut is none. */
static void draw_toast(const struct screen *screen, struct canvas *canvas, int row)
{
	size_t from[TOAST_ROWS], count = 0;
	const char *text = screen->toast;

	for (size_t at = 0; text[at] && count < TOAST_ROWS; count++) {
		size_t len = utf8_fit(text + at, canvas->cols, NULL), cut = len;
		while (text[at + len] && cut && text[at + cut] != ' ')
			cut--;
		from[count] = at;
		at += cut ? cut : len;
		at += strspn(text + at, " ");
	}
	for (size_t i = 0; i < count; i++) {
		struct rect line = {row - (int)(count - 1 - i), 0, 1, canvas->cols};
		size_t len = i + 1 < count ? from[i + 1] - from[i] : strlen(text + from[i]);
		while (i + 1 < count && len && text[from[i] + len - 1] == ' ')
			len--;
		char *piece = xstrndup(text + from[i], len);
		canvas_fill(canvas, line, STYLE_TEXT, " ");
		canvas_put_cut(canvas, line.row, 0, canvas->cols, screen->toast_style, piece);
		free(piece);
	}
}

static void draw_last_line(struct screen *screen, struct canvas *canvas)
{
	int row = canvas->rows - 1;
	struct rect line = {row, 0, 1, canvas->cols};

	if (screen->mode == PROMPT_PALETTE)
		draw_suggestions(screen, canvas, row);
	if (screen->mode == PROMPT_FILTER)
		filter_draw(screen, canvas, row);
	else if (screen->mode == PROMPT_PALETTE)
		prompt_draw(screen->palette, canvas, line);
	/* What is said of a line that is being typed stands over it. */
	if (screen->mode == PROMPT_FILTER || screen->mode == PROMPT_PALETTE) {
		if (screen->toast)
			draw_toast(screen, canvas, row - 1);
	} else if (screen->pending && !screen->toast)
		draw_pending(screen, canvas, row);
	else if (screen->mode == PROMPT_DIALOG && !screen->toast)
		; /* its own keys are in it */
	else if (screen->toast)
		draw_toast(screen, canvas, row);
	else if (screen_is_typing(screen))
		screen_draw_typing(screen, canvas, row);
	else
		draw_keys(screen, canvas, row);
}

static void draw_too_small(struct canvas *canvas)
{
	char *text = xasprintf(_("The terminal is too small: %d×%d."), canvas->cols, canvas->rows);
	char *least = xasprintf(_("At least %d×%d are needed."), SCREEN_COLS_MIN, SCREEN_ROWS_MIN);
	int row = canvas->rows > 2 ? canvas->rows / 2 - 1 : 0;

	canvas_put(canvas, row, 0, -1, STYLE_WARN, text);
	canvas_put(canvas, row + 1, 0, -1, STYLE_TEXT, least);
	free(text);
	free(least);
}

void screen_draw(struct screen *screen, struct canvas *canvas)
{
	struct view *view = screen_view(screen);
	int top;

	if (screen->toast && clock_mono_ms() >= screen->toast_until_mono_ms) {
		free(screen->toast);
		screen->toast = NULL;
	}
	screen->hit_count = 0;
	canvas_clear(canvas);
	canvas->cursor_row = canvas->cursor_col = -1;
	if (canvas->rows < SCREEN_ROWS_MIN || canvas->cols < SCREEN_COLS_MIN) {
		draw_too_small(canvas);
		return;
	}
	top = header_draw(screen, canvas);
	top += saved_draw(screen, canvas, top);
	view->ops->draw(view, canvas, (struct rect){top, 0, canvas->rows - top - 1, canvas->cols});
	draw_last_line(screen, canvas);
	if (screen->mode == PROMPT_DIALOG)
		dialog_draw(screen->dialog, canvas,
			(struct rect){top, 0, canvas->rows - top - 1, canvas->cols});
	screen_tell_shown(screen);
}
