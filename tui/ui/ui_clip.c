/*
 * Into the clipboard: of the terminal where that has one and takes so much, else into a file of the
 * user's alone, always the same, whose path is told.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/loop/work.h"
#include "core/present/column.h"
#include "tui/term/clip.h"
#include "tui/ui/ui_private.h"

#define SHOWN_BYTES 60

struct clip_job {
	struct ui *ui;
	struct buf text;
	char *why, *path;
	struct err err;
	int rc;
};

static void write_run(void *data)
{
	struct clip_job *job = data;
	char *folder = file_xdg("CACHE");

	job->path = xasprintf("%s/copied.txt", folder);
	job->rc = file_mkdirs(folder, &job->err);
	if (!job->rc)
		job->rc = file_write(job->path, buf_str(&job->text), job->text.len, &job->err);
	free(folder);
}

static void write_done(void *data)
{
	struct clip_job *job = data;
	char *text = job->rc ? xstrdup(job->err.text)
			     : xasprintf(_("%s: copied into %s"), job->why, job->path);

	if (job->ui->screen) {
		screen_toast(job->ui->screen, job->rc ? STYLE_ERROR : STYLE_OK, text);
		ui_wake(job->ui);
	}
	free(text);
	buf_release(&job->text);
	free(job->why);
	free(job->path);
	free(job);
}

/* why: owned from here on. */
static void to_file(struct ui *ui, char *why, const char *text, size_t len)
{
	struct clip_job *job = xcalloc(1, sizeof(*job));

	job->ui = ui;
	job->why = why;
	buf_init(&job->text, 0);
	buf_add(&job->text, text, len);
	work_start(ui->session->loop, write_run, write_done, job);
}

static char *too_long(size_t len, size_t most)
{
	struct buf text;

	buf_init(&text, 0);
	format_bytes((int64_t)len, &text);
	buf_addf(&text, "%s", _(" is more than a terminal's clipboard takes ("));
	format_bytes((int64_t)most, &text);
	buf_addc(&text, ')');
	return buf_detach(&text);
}

static void to_terminal(struct ui *ui, enum clip_way way, const char *text, size_t len)
{
	size_t shown = strcspn(text, "\n");
	bool is_cut = shown < len || shown > SHOWN_BYTES;
	struct buf out;
	char *told;

	buf_init(&out, 0);
	clip_write(&out, way, text, len);
	ui_write(ui, out.data, out.len);
	buf_release(&out);
	shown = shown < SHOWN_BYTES ? shown : SHOWN_BYTES;
	while (shown && ((unsigned char)text[shown] & 0xC0) == 0x80)
		shown--;
	told = xasprintf(_("copied, if the terminal can (OSC 52): %.*s%s"), (int)shown, text,
		is_cut ? " …" : "");
	screen_toast(ui->screen, STYLE_INFO, told);
	free(told);
}

void ui_clip(void *data, const char *text, size_t len)
{
	struct ui *ui = data;
	const char *type = getenv("TERM");
	enum clip_way way = clip_way(type, getenv("TMUX"), getenv("STY"));
	size_t most = clip_most(term_is_slow(ui->term));

	if (ui->session->config->clipboard == CLIPBOARD_FILE)
		to_file(ui, xstrdup(_("clipboard: file")), text, len);
	else if (way == CLIP_NONE)
		to_file(ui, xasprintf(_("a %s terminal has no clipboard"), type), text, len);
	else if (len > most)
		to_file(ui, too_long(len, most), text, len);
	else
		to_terminal(ui, way, text, len);
	ui_wake(ui);
}
