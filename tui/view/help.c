/*
 * The help on a view's keys, written from the live command table: what each key does there, and of
 * what cannot be done now the reason. Written once, when it is opened.
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

#define KEY_COLS 18

struct help_view {
	struct view view;
	struct pager *pager;
};

static struct help_view *help_of(const struct view *view)
{
	return (struct help_view *)view;
}

/* "q, esc": all keys of a command in that view. */
static void add_keys(
	const struct view_host *host, enum command_view where, enum command_id id, struct buf *out)
{
	struct view_key key;
	size_t at = 0;

	while (host->key(host->data, where, &at, &key))
		if (key.id == id && !key.arg)
			buf_addf(out, "%s%s", out->len ? ", " : "", key.keys);
}

static void write_row(
	struct pager *pager, const char *left, const struct command *command, const char *reason)
{
	pager_wrap(pager, KEY_COLS);
	pager_add(pager, reason ? STYLE_DISABLED : STYLE_KEY, left);
	pager_tab(pager, KEY_COLS);
	pager_add(pager, reason ? STYLE_DISABLED : STYLE_TEXT, _(command->summary));
	if (reason)
		pager_addf(pager, STYLE_DISABLED, "  (%s)", reason);
	pager_end_line(pager);
}

static void write_group(struct help_view *help, struct view *former, const char *group, int section)
{
	const struct view_host *host = help->view.host;
	struct buf keys;
	bool has_title = false;

	buf_init(&keys, 0);
	for (size_t i = 0; i < CMD_MAX; i++) {
		const struct command *command = &commands[i];
		if (!str_eq(group, command->group) ||
			((command->needs & NEED_APP) && !former->ops->app))
			continue;
		buf_reset(&keys);
		add_keys(host, former->ops->where, command->id, &keys);
		if (!keys.len)
			continue;
		if (!has_title)
			pager_section(help->pager, section, _(group));
		has_title = true;
		write_row(help->pager, buf_str(&keys), command,
			host->disabled(host->data, former, command->id));
	}
	buf_release(&keys);
}

/* The groups in the order in which the table names them first. */
static void write_keys(struct help_view *help, struct view *former)
{
	for (size_t i = 0; i < CMD_MAX; i++) {
		size_t first = 0;
		while (!str_eq(commands[first].group, commands[i].group))
			first++;
		if (first == i)
			write_group(help, former, commands[i].group, (int)i);
	}
}

/* Keys that say something to their command: of the person's own file. */
static void write_own(struct help_view *help, struct view *former)
{
	const struct view_host *host = help->view.host;
	struct view_key key;
	size_t at = 0;
	bool has_title = false;

	while (host->key(host->data, former->ops->where, &at, &key)) {
		if (!key.arg)
			continue;
		if (!has_title)
			pager_section(help->pager, CMD_MAX + 2, _("From your keymap"));
		has_title = true;
		pager_add(help->pager, STYLE_KEY, key.keys);
		pager_tab(help->pager, KEY_COLS);
		pager_addf(help->pager, STYLE_TEXT, ":%s %s", command_own_name(key.id), key.arg);
		pager_end_line(help->pager);
	}
}

static void write_palette(struct help_view *help, struct view *former)
{
	const struct view_host *host = help->view.host;
	struct buf word;

	buf_init(&word, 0);
	pager_section(help->pager, CMD_MAX, _("Typed after :"));
	for (size_t i = 0; i < CMD_MAX; i++) {
		const struct command *command = &commands[i];
		if (!(command->where & ON_PALETTE))
			continue;
		buf_reset(&word);
		buf_addf(&word, ":%s%s%s", command->name, command->args ? " " : "",
			command->args ? command->args : "");
		/* What takes a name needs no selection. */
		write_row(help->pager, buf_str(&word), command,
			command->args ? NULL : host->disabled(host->data, former, command->id));
	}
	buf_release(&word);
}

static void write_marks(struct help_view *help)
{
	pager_section(help->pager, CMD_MAX + 1, _("Marks of states"));
	for (int i = 0; i < STATE_MAX; i++) {
		const char *name = app_state_name((enum app_state)i);
		pager_add(help->pager, STYLE_TEXT, state_glyph((enum app_state)i, !utf8_locale()));
		pager_addf(help->pager, STYLE_TEXT, " %s", name);
		if (i % 3 == 2 || i + 1 == STATE_MAX)
			pager_end_line(help->pager);
		else
			pager_tab(help->pager, (i % 3 + 1) * KEY_COLS);
	}
}

static void help_draw(struct view *view, struct canvas *canvas, struct rect rect)
{
	pager_view_draw(help_of(view)->pager, _("Help   / searches, Esc goes back"), canvas, rect);
}

static bool help_command(struct view *view, enum command_id id, const char *arg)
{
	return pager_view_command(help_of(view)->pager, id, arg);
}

static const char *help_filter(const struct view *view)
{
	return pager_filter_text(help_of(view)->pager);
}

static void help_offer(struct view *view, struct offers *offers)
{
	offers_pager(offers, help_of(view)->pager, NULL);
}

static void help_release(struct view *view)
{
	pager_free(help_of(view)->pager);
	free(help_of(view));
}

static const struct view_ops help_ops = {
	.name = "help",
	.where = IN_HELP,
	.draw = help_draw,
	.command = help_command,
	.filter = help_filter,
	.offer = help_offer,
	.release = help_release,
};

struct view *help_view_new(const struct view_host *host, struct view *former)
{
	struct help_view *help = xcalloc(1, sizeof(*help));

	help->view = (struct view){.ops = &help_ops, .host = host};
	help->pager = pager_new();
	pager_begin(help->pager);
	write_own(help, former);
	write_keys(help, former);
	write_palette(help, former);
	write_marks(help);
	pager_end(help->pager);
	return &help->view;
}
