/*
 * The first rows of a large fleet (cli/session_head.h), while the rest is loaded. What is typed at them is meant for all of them,
 * so it waits; but not for long: a store that hangs must not hang the console.
 */
#include "core/cli/session_head.h"
#include "tui/ui/ui_private.h"

#define HEAD_MS 1000

static void on_head(void *data, struct fleet *head)
{
	struct ui *ui = data;

	if (head && ui->screen && !ui->is_loaded && !ui->key_mono_ms && !ui->child &&
		screen_draw_head(ui->screen, head, ui->canvas)) {
		ui->has_head = true;
		ui->may_draw = false;
		term_paint(ui->term, ui->canvas);
		ui_pump(ui);
		loop_timer_set(ui->loading, HEAD_MS, 0);
	}
	fleet_free(head);
	session_load(ui->session, ui_loaded, ui);
}

void ui_head_open(struct ui *ui)
{
	/* Two at a time would be late both. */
	if (!session_head(ui->session, on_head, ui))
		session_load(ui->session, ui_loaded, ui);
}

bool ui_head_takes(struct ui *ui, const struct key *key)
{
	if (ui->has_head)
		vec_push(&ui->early, *key);
	return ui->has_head;
}

void ui_head_end(struct ui *ui)
{
	ui->has_head = false;
	for (size_t i = 0; i < ui->early.len; i++)
		ui_key(ui, &ui->early.data[i]);
	vec_release(&ui->early);
}
