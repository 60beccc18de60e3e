/* filters.yaml: read at the start; `:save-filter` reads it anew, puts one in, and writes it, on the pool. */
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/loop/work.h"
#include "tui/ui/filters.h"
#include "tui/ui/ui_private.h"

#define FILE_BYTES ((size_t)64 << 10)

struct saving {
	struct ui *ui;
	struct saved_filter filter;
	char *path;
	struct saved_filters *now; /* what the file then says */
	struct err err;
	int rc;
};

static void make_folder(const char *path, struct saving *saving)
{
	char *home = file_xdg("CONFIG");

	/* Only the usual place is made. */
	if (!strncmp(path, home, strlen(home)))
		saving->rc = file_mkdirs(home, &saving->err);
	free(home);
}

static void save_run(void *data)
{
	struct saving *saving = data;
	struct buf before, after;

	buf_init(&before, FILE_BYTES);
	buf_init(&after, 0);
	saving->rc = file_read(saving->path, &before, &saving->err);
	if (saving->rc == E_NOTFOUND) {
		saving->rc = 0;
		make_folder(saving->path, saving);
	}
	if (!saving->rc)
		saving->rc = filters_add(&after, saving->path, buf_str(&before), before.len,
			&saving->filter, &saving->err);
	if (!saving->rc)
		saving->rc = file_write(saving->path, buf_str(&after), after.len, &saving->err);
	if (!saving->rc)
		saving->rc = filters_parse(
			&saving->now, saving->path, buf_str(&after), after.len, &saving->err);
	buf_release(&before);
	buf_release(&after);
}

static void save_done(void *data)
{
	struct saving *saving = data;
	struct screen *screen = saving->ui->screen;
	char *text = saving->rc
		? xstrdup(saving->err.text)
		: xasprintf(_("saved as '%s' in %s"), saving->filter.name, saving->path);

	if (screen) {
		if (!saving->rc)
			screen_filters(screen, saving->now);
		screen_toast(screen, saving->rc ? STYLE_ERROR : STYLE_OK, text);
		ui_wake(saving->ui);
	} else {
		filters_free(saving->now);
	}
	free(text);
	free(saving->filter.name);
	free(saving->filter.text);
	free(saving->path);
	free(saving);
}

void ui_save_filter(
	void *data, const struct column_table *table, const char *name, const char *text)
{
	struct ui *ui = data;
	struct saving *saving = xcalloc(1, sizeof(*saving));

	saving->ui = ui;
	saving->filter = (struct saved_filter){table, xstrdup(name), xstrdup(text)};
	saving->path = filters_path();
	work_start(ui->session->loop, save_run, save_done, saving);
}

void ui_filters_load(struct ui *ui)
{
	struct saved_filters *filters;
	struct err err;

	if (filters_load(&filters, &err)) {
		screen_toast(ui->screen, STYLE_ERROR, err.text);
		screen_warn(ui->screen, err.text);
	}
	screen_filters(ui->screen, filters);
}
