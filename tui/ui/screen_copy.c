/*
 * `y`: what of the selected line, or of the text that is shown, goes into the clipboard. A letter
 * takes it at once, Enter what is selected; cells and lines are chosen from in a second step.
 *
 * All that is copied goes through screen_clip(): secrets are masked there, and what a terminal would
 * obey is made harmless, because the clipboard ends in a shell.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tui/ui/screen_private.h"
#include "tui/view/offer.h"

#define SHOWN_BYTES 200 /* of a text in the choice: more is never seen */

void screen_clip(struct screen *screen, const char *text)
{
	char *masked = redact_dup(text);
	struct buf out;

	buf_init(&out, 0);
	for (const char *at = masked; *at;) {
		const char *end = strpbrk(at, "\n\t");
		size_t len = end ? (size_t)(end - at) : strlen(at);

		utf8_neutralise(&out, at, len);
		if (end)
			buf_addc(&out, *end);
		at += len + (end != NULL);
	}
	if (screen->backend.clip)
		screen->backend.clip(screen->backend.data, buf_str(&out), out.len);
	buf_release(&out);
	free(masked);
}

void screen_copy_release(struct screen *screen)
{
	if (!screen->offers)
		return;
	offers_release(screen->offers);
	free(screen->offers);
	screen->offers = NULL;
}

/* The beginning of a text, in one line of the choice. */
static char *glimpse(const char *text)
{
	size_t len = strlen(text);
	char *cut = xstrndup(text, len < SHOWN_BYTES ? len : SHOWN_BYTES);
	char *shown = redact_dup(cut), *to = shown;

	for (const char *at = shown; *at; at++)
		if (*at != '\n' && *at != '\t')
			*to++ = *at;
		else if (to > shown && to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
	free(cut);
	return shown;
}

/* -- the second step -- */

static void on_choice(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	const struct offer *group = screen->offer_group;
	size_t chosen = dialog_chosen(dialog);

	if (event == DIALOG_YES && chosen < group->choices.len)
		screen_clip(screen, group->choices.data[chosen].text);
	screen_copy_release(screen);
}

static void ask_choice(struct screen *screen, const struct offer *group)
{
	size_t count = group->choices.len;
	char **cells = xcalloc(2 * count + 1, sizeof(*cells));
	bool is_named = count && *group->choices.data[0].name;
	char *title = xasprintf(_("copy: %s"), group->label);

	for (size_t i = 0; i < count; i++) {
		const struct offer_choice *choice = &group->choices.data[i];

		if (is_named)
			cells[2 * i] = xstrdup(choice->name);
		cells[is_named ? 2 * i + 1 : i] = glimpse(choice->text);
	}
	screen->offer_group = group;
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_PICKER,
			.title = title,
			.cells = (const char *const *)cells,
			.column_count = is_named ? 2 : 1,
			.row_count = count,
			.selected = group->likely,
			.enter = _("copy it")},
		on_choice, screen);
	for (size_t i = 0; i < 2 * count; i++)
		free(cells[i]);
	free(cells);
	free(title);
}

static void take(struct screen *screen, const struct offer *offer)
{
	if (!offer->text) {
		ask_choice(screen, offer);
		return;
	}
	screen_clip(screen, offer->text);
	screen_copy_release(screen);
}

/* -- the first -- */

static void on_offer(void *data, enum dialog_event event, struct dialog *dialog)
{
	struct screen *screen = data;
	size_t chosen = dialog_chosen(dialog);

	if (event == DIALOG_YES && chosen < screen->offers->list.len)
		take(screen, &screen->offers->list.data[chosen]);
	else
		screen_copy_release(screen);
}

static void ask_offer(struct screen *screen)
{
	const struct offers *offers = screen->offers;
	size_t count = offers->list.len;
	char **cells = xcalloc(2 * count + 1, sizeof(*cells));
	char *letters = xcalloc(count + 1, 1);

	for (size_t i = 0; i < count; i++) {
		const struct offer *offer = &offers->list.data[i];

		letters[i] = offer->letter;
		cells[2 * i] = xstrdup(offer->label);
		cells[2 * i + 1] = offer->text
			? glimpse(offer->text)
			: xasprintf(_("%zu to choose from …"), offer->choices.len);
	}
	screen_dialog(screen,
		&(struct dialog_options){.kind = DIALOG_CHOICE,
			.title = _("copy"),
			.cells = (const char *const *)cells,
			.column_count = 2,
			.row_count = count,
			.letters = letters,
			.enter = _("copy it")},
		on_offer, screen);
	for (size_t i = 0; i < 2 * count; i++)
		free(cells[i]);
	free(cells);
	free(letters);
}

static const struct offer *by_word(const struct offers *offers, const char *word)
{
	const struct offer *it;

	vec_each (it, &offers->list)
		if (str_eq(it->word, word))
			return it;
	return NULL;
}

static void not_offered(struct screen *screen, const char *word)
{
	const struct offer *it;
	struct buf text;

	buf_init(&text, 0);
	buf_addf(&text, _("there is no '%s' to copy here, but:"), word);
	vec_each (it, &screen->offers->list)
		buf_addf(&text, " %s", it->word);
	screen_toast(screen, STYLE_WARN, buf_str(&text));
	buf_release(&text);
}

/* A group of nothing leads nowhere. */
static void drop_empty(struct offers *offers)
{
	size_t kept = 0;

	for (size_t i = 0; i < offers->list.len; i++) {
		struct offer *offer = &offers->list.data[i];

		if (offer->text || offer->choices.len)
			offers->list.data[kept++] = *offer;
		else
			free(offer->label);
	}
	offers->list.len = kept;
}

static void collect(struct screen *screen)
{
	struct view *view = screen_view(screen);

	screen_copy_release(screen);
	screen->offers = xcalloc(1, sizeof(*screen->offers));
	if (view->ops->offer)
		view->ops->offer(view, screen->offers);
	drop_empty(screen->offers);
}

void screen_copy(struct screen *screen, const char *arg)
{
	const struct offer *offer;

	collect(screen);
	offer = arg ? by_word(screen->offers, arg) : NULL;
	if (!screen->offers->list.len)
		screen_toast(screen, STYLE_INFO, _("there is nothing here to copy"));
	else if (offer)
		take(screen, offer);
	else if (!str_empty(arg))
		not_offered(screen, arg);
	else
		ask_offer(screen);
}

/* Which of them there are is known when it is asked for: a key must not wait for that. */
void screen_copy_suggest(struct screen *screen)
{
	static const char *const words[] = {
		"name", "id", "address", "json", "cell", "line", "text"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		complete_add(screen->complete, words[i], NULL);
}
