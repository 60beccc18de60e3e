/*
 * Where a person was, as a text for the next start: the four lists with what was made of them and marked in
 * them, and what is in front. It names lines by their refs, so what is gone meanwhile is simply not selected. Filters and
 * order hold from the first frame; lines can be selected once what is remembered is there.
 */
#include <string.h>

#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"
#include "tui/widget/table.h"

#define VERSION 1

/* ---- to a text ---- */

/* A filter that looks for a secret is not kept. */
static bool is_secret(const char *text)
{
	char *masked = redact_dup(text);
	bool is = !str_eq(masked, text);

	free(masked);
	return is;
}

/* More than a verb takes are not worth a file. */
static json_t *marked_text(struct table *table)
{
	size_t count = table_marked_count(table);
	const char *const *marked;
	json_t *refs;

	if (!count || count > SCREEN_MARKED_MOST)
		return NULL;
	marked = table_marked(table, &count);
	refs = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(refs, json_string(marked[i]));
	return refs;
}

static json_t *list_text(struct view *view)
{
	bool is_attention, is_descending;
	struct table *table = list_view_rows(view, &is_attention);
	const struct column *column = table_sorted_by(table, &is_descending);
	const char *filter = table_filter_text(table), *selected = table_selected(table);

	/* Until somebody moves, the first line is selected, whoever that is then. */
	if (selected && str_eq(selected, table_ref_at(table, 0)))
		selected = NULL;
	char *columns = table_columns_text(table);
	json_t *marked = marked_text(table);
	json_t *text = json_pack("{s:s, s:s?, s:b, s:b, s:s, s:s?, s:b, s:s?, s:o*}", "filter",
		is_secret(filter) ? "" : filter, "sort", column ? column->key : NULL, "descending",
		is_descending, "wide", table_is_wide(table), "columns", columns, "group",
		table_grouped_by(table), "attention", is_attention, "selected", selected, "marked",
		marked);
	free(columns);
	return text;
}

/* The list in front, or the one that a card was opened from. */
static size_t list_in_front(const struct screen *screen)
{
	for (size_t at = screen->at + 1; at > 0; at--) {
		size_t i = screen_list_at(screen, screen->history[at - 1]);

		if (i < LISTS)
			return i;
	}
	return 0;
}

void screen_session_text(
	struct screen *screen, const char *theme, const char *instead_of, struct buf *out)
{
	json_t *lists = json_object(), *root;
	struct view *front = screen_view(screen);
	enum command_id section;

	for (size_t i = 0; i < LISTS; i++)
		if (screen->lists[i])
			json_object_set_new(
				lists, screen_list_table(i)->name, list_text(screen->lists[i]));
	root = json_pack("{s:i, s:s, s:o}", "version", VERSION, "list",
		screen_list_table(list_in_front(screen))->name, "lists", lists);
	if (card_view_section(front, &section) && front->ops->app(front)) {
		json_object_set_new(root, "card", json_string(front->ops->app(front)));
		json_object_set_new(root, "tab", json_string(commands[section].name));
	}
	if (theme) {
		json_object_set_new(root, "theme", json_string(theme));
		if (instead_of)
			json_object_set_new(root, "themeInsteadOf", json_string(instead_of));
	}
	char *text = json_dumps(root, JSON_INDENT(2));
	buf_adds(out, text);
	buf_addc(out, '\n');
	free(text);
	json_decref(root);
}

/* ---- and back ---- */

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void take_list(struct view *view, const json_t *kept)
{
	bool is_attention, is_descending;
	struct table *table = list_view_rows(view, &is_attention);
	const char *sort = text_of(kept, "sort"), *filter = text_of(kept, "filter");
	const struct column *column = table_sorted_by(table, &is_descending);

	if (sort && !(column && str_eq(column->key, sort)))
		table_sort(table, sort);
	column = table_sorted_by(table, &is_descending);
	if (column && str_eq(column->key, sort) &&
		is_descending != json_is_true(json_object_get(kept, "descending")))
		table_sort_invert(table);
	table_wide(table, json_is_true(json_object_get(kept, "wide")));
	table_columns_set(table, text_of(kept, "columns") ? text_of(kept, "columns") : "", NULL);
	table_group(table, text_of(kept, "group"));
	if (is_attention != json_is_true(json_object_get(kept, "attention")))
		view->ops->command(view, CMD_ATTENTION, NULL);
	table_filter(table, filter ? filter : "");
}

int screen_session_take(struct screen *screen, const char *text, size_t len, struct err *err)
{
	json_error_t where;
	json_t *root = json_loadb(text, len, 0, &where);
	const json_t *lists = json_object_get(root, "lists");
	int64_t version = json_integer_value(json_object_get(root, "version"));
	int rc = 0;

	if (!root)
		rc = err_set(err, E_CONFIG, _("line %d: %s"), where.line, where.text);
	else if (version > VERSION)
		rc = err_set(err, E_CONFIG, _("it was written by a later weir"));
	else if (version != VERSION || !json_is_object(lists))
		rc = err_set(err, E_CONFIG, _("it has not the form that weir writes"));
	if (rc) {
		json_decref(root);
		return rc;
	}
	for (size_t i = 0; i < LISTS; i++) {
		const char *name = screen_list_table(i)->name;
		const json_t *kept = json_object_get(lists, name);

		if (json_is_object(kept))
			take_list(screen_list(screen, i), kept);
		if (str_eq(text_of(root, "list"), name))
			screen_go_list(screen, i);
	}
	json_decref(screen->session);
	screen->session = root;
	return 0;
}

const char *screen_session_theme(const struct screen *screen, const char *configured)
{
	/* Who has changed the configuration since wants that one. */
	return str_eq(text_of(screen->session, "themeInsteadOf"), configured)
		? text_of(screen->session, "theme")
		: NULL;
}

/* CMD_OPEN where it is none of a card's. */
static enum command_id tab_of(const char *name)
{
	const struct command *command = name ? command_find(name, ON_KEY) : NULL;

	return command ? command->id : CMD_OPEN;
}

void screen_session_loaded(struct screen *screen)
{
	const json_t *lists = json_object_get(screen->session, "lists");
	const char *card = text_of(screen->session, "card");
	bool is_attention;

	for (size_t i = 0; i < LISTS; i++) {
		const json_t *kept = json_object_get(lists, screen_list_table(i)->name);
		const json_t *marked = json_object_get(kept, "marked");
		const char *ref = text_of(kept, "selected");
		struct table *table = kept && screen->lists[i]
			? list_view_rows(screen->lists[i], &is_attention)
			: NULL;

		if (ref && table)
			table_select(table, ref);
		for (size_t at = 0; table && at < json_array_size(marked); at++) {
			ref = json_string_value(json_array_get(marked, at));
			if (ref)
				table_mark_ref(table, ref, true);
		}
	}
	/* Who typed something meanwhile is elsewhere by now. */
	if (card && screen->mode == PROMPT_NONE &&
		screen_list_at(screen, screen_view(screen)) < LISTS &&
		fleet_app(screen->backend.fleet, card))
		screen_open_card(screen, card, tab_of(text_of(screen->session, "tab")));
	json_decref(screen->session);
	screen->session = NULL;
}
