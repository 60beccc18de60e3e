/* What a release would change, asked of core/action for the console: one at a time. */
#include "core/action/release_diff.h"
#include "core/base/i18n.h"
#include "tui/ui/ui_private.h"

static void on_diff(void *data, const char *text, int64_t number, const struct err *err)
{
	struct ui *ui = data;

	ui->diff = NULL;
	if (!ui->screen)
		return;
	screen_diffed(ui->screen, text, number, err);
	ui_wake(ui);
}

void ui_diff_cancel(void *data)
{
	struct ui *ui = data;

	release_diff_cancel(ui->diff);
	ui->diff = NULL;
}

void ui_diff(void *data, const char *app_ref, int64_t number)
{
	struct ui *ui = data;
	const struct app *app = fleet_app(ui->session->fleet, app_ref);
	struct action_options options = {0};
	struct err err;

	ui_diff_cancel(ui);
	if (app && session_action_options(ui->session, app, &options)) {
		ui->diff = release_diff(&options, number, on_diff, ui);
		return;
	}
	err_set(&err, E_NOTFOUND, _("this application is not known any more"));
	screen_diffed(ui->screen, NULL, 0, &err);
}
