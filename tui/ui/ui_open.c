/* The web UI of a job, and the forwards that lead to such pages. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/open_ui.h"
#include "core/present/column.h"
#include "tui/ui/ui_private.h"

#define TUNNEL_COLUMNS 6

static void on_opened(void *data, const struct open_ui_result *result, const struct err *err)
{
	struct ui *ui = data;
	struct buf body;

	ui->opening = NULL;
	ui->is_dirty = true;
	if (!ui->screen)
		return;
	if (err) {
		screen_toast(ui->screen, STYLE_ERROR, err->text);
		return;
	}
	if (result->was_opened && !result->problem) {
		char *text = xasprintf(_("opened: %s"), result->url);
		screen_toast(ui->screen, STYLE_OK, text);
		free(text);
		return;
	}
	buf_init(&body, 0);
	if (result->command)
		buf_addf(&body,
			_("\nOn your own machine first (the page is then on its port 8081):\n%s\n"),
			result->command);
	if (result->problem)
		buf_addf(&body, _("\nNo browser was started: %s\n"), result->problem);
	screen_show_url(ui->screen, result->url, buf_str(&body));
	buf_release(&body);
}

void ui_open(void *data, const char *app_ref)
{
	struct ui *ui = data;
	const struct app *app = fleet_app(ui->session->fleet, app_ref);

	if (!app || !app->cluster) {
		screen_toast(ui->screen, STYLE_WARN, _("it is on no cluster that is known"));
		return;
	}
	open_ui_cancel(ui->opening);
	screen_toast(ui->screen, STYLE_INFO, _("looking for its page …"));
	ui->opening = open_ui_start(ui->session,
		&(struct open_ui_request){.context = app->context,
			.cluster = app->cluster->name,
			.job_id = app->job ? app->job->summary.id : NULL,
			.has_ended = app->job && job_status_is_terminal(app->job->summary.status)},
		on_opened, ui);
}

/* -- forwards -- */

void ui_tunnels(void *data)
{
	static const char *const titles[TUNNEL_COLUMNS] = {
		N_("HERE"), N_("HOST"), N_(">CONNECTIONS"), N_(">IN"), N_(">IDLE"), N_("TO")};
	struct ui *ui = data;
	size_t count = forwards_count(ui->session->forwards);
	char **cells = xcalloc(count * TUNNEL_COLUMNS + 1, sizeof(*cells));
	const char *shown[TUNNEL_COLUMNS];

	for (size_t i = 0; i < TUNNEL_COLUMNS; i++)
		shown[i] = _(titles[i]);
	for (size_t i = 0; i < count; i++) {
		const struct forward_info *info =
			forward_info(forwards_at(ui->session->forwards, i));
		char **row = &cells[i * TUNNEL_COLUMNS];
		struct buf text;
		row[0] = xstrdup(info->listener);
		row[1] = xstrdup(info->host);
		row[2] = xasprintf("%d", info->connections);
		buf_init(&text, 0);
		format_bytes(info->bytes_down, &text);
		row[3] = buf_detach(&text);
		format_duration(info->idle_ms, &text);
		row[4] = buf_detach(&text);
		row[5] = xstrdup(info->target);
	}
	screen_tunnels(ui->screen, shown, (const char *const *)cells, TUNNEL_COLUMNS, count);
	for (size_t i = 0; i < count * TUNNEL_COLUMNS; i++)
		free(cells[i]);
	free(cells);
}

void ui_close_tunnel(void *data, const char *listener)
{
	struct ui *ui = data;

	for (size_t i = 0; i < forwards_count(ui->session->forwards); i++) {
		struct forward *forward = forwards_at(ui->session->forwards, i);
		if (!str_eq(forward_info(forward)->listener, listener))
			continue;
		forward_close(forward);
		screen_toast(ui->screen, STYLE_OK, _("closed"));
		return;
	}
	screen_toast(ui->screen, STYLE_INFO, _("it was closed meanwhile"));
}

/* -- as a link, for terminals with OSC 8 -- */

void ui_link(struct ui *ui, const struct canvas *canvas)
{
	struct buf out;

	if (!str_starts(canvas->link, "http://") && !str_starts(canvas->link, "https://"))
		return;
	buf_init(&out, 0);
	buf_addf(&out, "\0337\033[%d;%dH\033]8;;%s\033\\%s\033]8;;\033\\\0338",
		canvas->link_row + 1, canvas->link_col + 1, canvas->link, canvas->link);
	term_write(ui->term, out.data, out.len);
	buf_release(&out);
}
