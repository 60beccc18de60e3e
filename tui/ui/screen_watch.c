/*
 * What the screen tells others: changes worth a line in the messages, and to the poller which
 * applications somebody looks at.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

static void note_cluster(struct screen *screen, const struct cluster *cluster, struct buf *text)
{
	bool was_failing = map_get(screen->failing, cluster->ref) != NULL;
	bool is_failing = cluster->last_err.code != 0;

	if (was_failing == is_failing)
		return;
	if (is_failing) {
		map_put(screen->failing, cluster->ref, screen);
		buf_addf(text, "%s: %s%s", cluster->name,
			cluster->is_leader_changing ? _("leader changing: ") : "",
			cluster->last_err.text);
	} else {
		map_del(screen->failing, cluster->ref);
		buf_addf(text, _("%s answers again"), cluster->name);
	}
	message_log_add(&screen->messages, clock_wall_ms(), is_failing ? STYLE_ERROR : STYLE_OK,
		buf_str(text));
}

/* True: it needs attention, and did not. What is seen for the first time is not new. */
static bool note_app(
	struct screen *screen, const struct app *app, enum app_state from, struct buf *text)
{
	bool is_sick = app_state_is_sick(app->state), was_sick = app_state_is_sick(from);

	if (!is_sick && !was_sick)
		return false;
	if (app->decl)
		buf_addf(text, "%s/%s", app->decl->team, app->decl->name);
	else
		buf_adds(text, app->job->name);
	buf_addf(text, ": %s -> %s", app_state_name(from), app_state_name(app->state));
	if (app->detail == DETAIL_LEADER_CHANGING)
		buf_adds(text, _(" (leader changing)"));
	message_log_add(
		&screen->messages, clock_wall_ms(), is_sick ? STYLE_WARN : STYLE_OK, buf_str(text));
	return is_sick && !was_sick && from != STATE_UNKNOWN;
}

/* An alarm: told when it comes and when it goes. */
static bool note_duplicate(struct screen *screen, const struct app *app, struct buf *text)
{
	bool was_told = map_get(screen->failing, app->ref) != NULL;
	bool is_duplicate = app->duplicates > 1;

	/* The jobs that nobody declared stand beside it. */
	if (was_told == is_duplicate || !app->decl)
		return false;
	if (is_duplicate)
		map_put(screen->failing, app->ref, screen);
	else
		map_del(screen->failing, app->ref);
	buf_addf(text, "%s/%s: ", app->decl->team, app->decl->name);
	if (is_duplicate)
		buf_addf(text, _("duplicate: %d live jobs (or applications) have its name"),
			app->duplicates);
	else
		buf_adds(text, _("no duplicate any more"));
	message_log_add(&screen->messages, clock_wall_ms(), is_duplicate ? STYLE_ERROR : STYLE_OK,
		buf_str(text));
	return is_duplicate;
}

static void note_changes(struct screen *screen, const struct snapshot *cause,
	const struct change *changes, size_t count)
{
	bool is_new = false;
	struct buf text;

	if (cause && cause->from_store)
		return;
	buf_init(&text, 0);
	for (size_t i = 0; i < count; i++) {
		const struct change *change = &changes[i];
		buf_reset(&text);
		if (change->kind == KIND_CLUSTER && change->item)
			note_cluster(screen, change->item, &text);
		else if (change->kind == KIND_APP && change->item) {
			is_new = note_duplicate(screen, change->item, &text) || is_new;
			buf_reset(&text);
			if (change->what & CHANGE_STATE)
				is_new = note_app(screen, change->item, change->from, &text) ||
					is_new;
		} else if (change->kind == KIND_MAX && cause && cause->err.code)
			message_log_add(
				&screen->messages, clock_wall_ms(), STYLE_ERROR, cause->err.text);
	}
	buf_release(&text);
	if (is_new && screen->backend.attention)
		screen->backend.attention(screen->backend.data);
}

static bool is_list(const struct screen *screen, const struct view *view)
{
	for (size_t i = 0; i < LISTS; i++)
		if (screen->lists[i] == view)
			return true;
	return false;
}

void screen_changed(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count)
{
	struct screen *screen = data;

	for (size_t i = 0; i < screen->count; i++) {
		struct view *view = screen->history[i];
		if (view->ops->changed && !is_list(screen, view))
			view->ops->changed(view, cause, changes, count);
	}
	for (size_t i = 0; i < LISTS; i++)
		if (screen->lists[i])
			screen->lists[i]->ops->changed(screen->lists[i], cause, changes, count);
	note_changes(screen, cause, changes, count);
	for (size_t i = 0; i < count; i++)
		if (changes[i].kind == KIND_MAX)
			screen->header.is_void = true;
}

enum screen_other screen_other(struct screen *screen)
{
	struct view *view = screen_view(screen);

	if (!view->ops->is_other || view->ops->is_other(view))
		return SCREEN_LINES;
	return header_is_other(screen) ? SCREEN_NUMBERS : SCREEN_SAME;
}

void screen_tell_shown(struct screen *screen)
{
	struct view *view = screen_view(screen);
	const char *refs[VIEW_SHOWN_MAX], *focus = NULL;
	struct table *table = view->ops->table ? view->ops->table(view) : NULL;
	bool seeks = table && table_seeks(table);
	size_t count = 0;
	struct buf all;

	if (!screen->backend.show)
		return;
	if (view->ops->shown)
		count = view->ops->shown(view, refs, VIEW_SHOWN_MAX, &focus);
	buf_init(&all, 0);
	buf_addf(&all, "%s\n", focus ? focus : "");
	for (size_t i = 0; i < count; i++)
		buf_addf(&all, "%s\n", refs[i]);
	if (!str_eq(screen->shown, buf_str(&all))) {
		free(screen->shown);
		screen->shown = buf_detach(&all);
		screen->backend.show(screen->backend.data, refs, count, focus);
	}
	if (screen->backend.seek && screen->seeks != seeks)
		screen->backend.seek(screen->backend.data, seeks);
	screen->seeks = seeks;
	buf_release(&all);
}
