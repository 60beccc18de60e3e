/* A sound, or a flash, when something new needs attention: as wished, and not more than once a while. */
#include "core/base/clock.h"
#include "tui/ui/ui_private.h"

#define AGAIN_MS 2000
#define FLASH_MS 150

static void on_flashed(void *data)
{
	struct ui *ui = data;

	term_flash(ui->term, false);
	ui_wake(ui);
}

void ui_attention(void *data)
{
	struct ui *ui = data;
	int mode = ui->session->config->bell;
	int64_t now = clock_mono_ms();

	if (mode == BELL_OFF || !ui->is_loaded ||
		(ui->bell_mono_ms && now - ui->bell_mono_ms < AGAIN_MS))
		return;
	ui->bell_mono_ms = now;
	if (mode == BELL_SOUND) {
		term_bell(ui->term);
	} else {
		term_flash(ui->term, true);
		if (ui->flash)
			loop_timer_set(ui->flash, FLASH_MS, 0);
		else
			ui->flash = loop_timer(ui->session->loop, FLASH_MS, 0, on_flashed, ui);
	}
	ui_wake(ui);
}
