/* `:theme`: a name is put on at once, without one the themes are there to choose from. */
#include <stdlib.h>

#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tui/ui/screen_private.h"

/* Pairs of a name and its file (NULL = built in). */
static const char *const *names(struct screen *screen, size_t *count, const char **current)
{
	const struct screen_backend *backend = &screen->backend;

	*count = 0;
	*current = NULL;
	return backend->themes ? backend->themes(backend->data, count, current) : NULL;
}

void screen_theme_suggest(struct screen *screen)
{
	const char *current;
	size_t count;
	const char *const *pairs = names(screen, &count, &current);

	for (size_t i = 0; i < count; i++)
		complete_add(screen->complete, pairs[2 * i],
			pairs[2 * i + 1] ? pairs[2 * i + 1] : _("built in"));
}

static void on_theme(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;

	if (event == DIALOG_YES)
		screen_theme(screen, dialog_cell(dialog, 0));
}

void screen_theme(struct screen *screen, const char *name)
{
	const char *current, *const *pairs;
	const char **cells;
	size_t count, selected = 0;
	char *title;

	if (!str_empty(name)) {
		if (screen->backend.set_theme)
			screen->backend.set_theme(screen->backend.data, name);
		return;
	}
	pairs = names(screen, &count, &current);
	cells = xcalloc(2 * count + 1, sizeof(*cells));
	for (size_t i = 0; i < count; i++) {
		cells[2 * i] = pairs[2 * i];
		cells[2 * i + 1] = pairs[2 * i + 1] ? pairs[2 * i + 1] : _("built in");
		if (str_eq(pairs[2 * i], current))
			selected = i;
	}
	title = current ? xasprintf(_("which theme instead of %s?"), current)
			: xstrdup(_("which theme?"));
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_PICKER,
			.title = title,
			.cells = cells,
			.column_count = 2,
			.row_count = count,
			.selected = selected,
			.empty = _("The themes are being looked for: try again.")},
		on_theme, screen);
	free(title);
	free(cells);
}
