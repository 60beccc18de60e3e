/*
 * The colours of this run: those of the configuration, else the ones that fit the terminal's
 * background, else what was chosen since. A theme that cannot be read changes nothing, and says why.
 * Files are read on the pool, but for the first, which the first frame needs.
 */
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "tui/ui/ui_private.h"

#define LIST_AGAIN_MS 2000

struct ui_themes {
	char *name; /* as it was asked for; NULL = by the background */
	struct err problem;
	char **list; /* as theme_list() has it */
	size_t count;
	bool is_listing;
	int64_t listed_mono_ms;
};

void ui_theme_open(struct ui *ui)
{
	const char *name = ui->session->config->theme;
	const char *kept = screen_session_theme(ui->screen, name);
	struct ui_themes *themes = xcalloc(1, sizeof(*themes));
	struct err err;

	ui->themes = themes;
	if (kept && !theme_load(&ui->theme, kept, &err)) {
		themes->name = xstrdup(kept);
		return;
	}
	if (theme_load(&ui->theme, name, &themes->problem))
		ui->theme = theme_builtin(theme_default_name());
	else
		themes->name = xstrdup_null(name);
}

bool ui_theme_is_open(const struct ui *ui)
{
	return !ui->themes->name;
}

const char *ui_theme_chosen(const struct ui *ui)
{
	const char *name = ui->themes ? ui->themes->name : NULL;

	return str_eq(name, ui->session->config->theme) ? NULL : name;
}

void ui_theme_tell(struct ui *ui)
{
	const struct err *problem = &ui->themes->problem;

	if (problem->code)
		screen_toast(ui->screen, STYLE_ERROR, problem->text);
}

void ui_theme_free(struct ui *ui)
{
	struct ui_themes *themes = ui->themes;

	if (!themes)
		return;
	ui->themes = NULL;
	theme_list_free(themes->list, themes->count);
	free(themes->name);
	free(themes);
	theme_free(ui->theme);
}

/* -- another one -- */

struct load {
	struct ui *ui;
	char *name;
	bool is_chosen; /* by a person */
	struct theme *theme;
	struct err err;
	int rc;
};

static void load_run(void *data)
{
	struct load *load = data;

	load->rc = theme_load(&load->theme, load->name, &load->err);
}

static void put_on(struct ui *ui, struct theme *theme)
{
	term_set_theme(ui->term, theme);
	theme_free(ui->theme);
	ui->theme = theme;
	ui_wake(ui);
}

static void load_done(void *data)
{
	struct load *load = data;
	struct ui *ui = load->ui;
	bool is_wanted = ui->screen && (load->is_chosen || ui_theme_is_open(ui));

	if (!is_wanted) {
		theme_free(load->rc ? NULL : load->theme);
	} else if (load->rc) {
		screen_toast(ui->screen, STYLE_ERROR, load->err.text);
		ui_wake(ui);
	} else {
		put_on(ui, load->theme);
	}
	if (is_wanted && !load->rc && load->is_chosen) {
		char *text = xasprintf(_("theme: %s"), load->name);
		screen_toast(ui->screen, STYLE_INFO, text);
		free(text);
		free(ui->themes->name);
		ui->themes->name = load->name;
		load->name = NULL;
	}
	free(load->name);
	free(load);
}

static void begin(struct ui *ui, const char *name, bool is_chosen)
{
	struct load *load = xcalloc(1, sizeof(*load));

	load->ui = ui;
	load->name = xstrdup(name);
	load->is_chosen = is_chosen;
	work_start(ui->session->loop, load_run, load_done, load);
}

void ui_theme_set(void *data, const char *name)
{
	begin(data, name, true);
}

void ui_theme_background(struct ui *ui, uint32_t rgb)
{
	const char *name = theme_for_background((int32_t)rgb);

	if (ui_theme_is_open(ui) && !str_eq(name, ui->theme->name))
		begin(ui, name, false);
}

/* -- which there are -- */

struct listing {
	struct ui *ui;
	char **list;
	size_t count;
};

static void list_run(void *data)
{
	struct listing *listing = data;

	listing->list = theme_list(&listing->count);
}

static void list_done(void *data)
{
	struct listing *listing = data;
	struct ui_themes *themes = listing->ui->themes;

	if (themes) {
		theme_list_free(themes->list, themes->count);
		themes->list = listing->list;
		themes->count = listing->count;
		themes->is_listing = false;
		themes->listed_mono_ms = clock_mono_ms();
	} else {
		theme_list_free(listing->list, listing->count);
	}
	free(listing);
}

void ui_theme_list(struct ui *ui)
{
	struct ui_themes *themes = ui->themes;
	struct listing *listing;

	if (themes->is_listing ||
		(themes->list && clock_mono_ms() - themes->listed_mono_ms < LIST_AGAIN_MS))
		return;
	themes->is_listing = true;
	listing = xcalloc(1, sizeof(*listing));
	listing->ui = ui;
	work_start(ui->session->loop, list_run, list_done, listing);
}

const char *const *ui_theme_names(void *data, size_t *count, const char **current)
{
	struct ui *ui = data;

	ui_theme_list(ui);
	*count = ui->themes->count;
	*current = ui->themes->name ? ui->themes->name : ui->theme->name;
	return (const char *const *)ui->themes->list;
}
