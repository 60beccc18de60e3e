/* What the screen asks of the program: the session, the terminal, and who does the rest. */
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/store/lease/poll_lease.h"
#include "tui/ui/ui_private.h"

/* How long the requests of a second are shown. */
#define RATE_MS 5000

static struct store *ask_store(void *data, const char *context)
{
	struct ui *ui = data;

	return session_store(ui->session, context);
}

/* A number that is another in each frame is what most of a quiet screen would cost. */
static int64_t steady_rate(struct ui *ui, int64_t per_second)
{
	int64_t now = clock_mono_ms();

	if (!ui->rate || now - ui->rate_ms >= RATE_MS) {
		ui->rate = per_second;
		ui->rate_ms = now;
	}
	return ui->rate;
}

static struct poller_stats ask_stats(void *data)
{
	struct ui *ui = data;

	struct poller_stats stats = poller_stats(ui->session->poller);

	stats.spent_per_second = steady_rate(ui, stats.spent_per_second);

	for (size_t i = 0; i < ui->session->context_count; i++)
		if (store_poll_state(ui->session->contexts[i].store)->role == POLL_FOLLOWED)
			stats.late_ms = STORE_SEEN_MS;
	return stats;
}

static bool ask_polling(void *data, size_t context, struct buf *out)
{
	struct ui *ui = data;

	return session_polling(ui->session, context, out);
}

static void ask_seek(void *data, bool is_sought)
{
	struct ui *ui = data;

	poller_seek_lag(ui->session->poller, is_sought);
}

static void ask_show(void *data, const char *const *refs, size_t count, const char *focus)
{
	struct ui *ui = data;

	session_show(ui->session, refs, count, focus);
}

static void ask_refresh(void *data)
{
	struct ui *ui = data;

	if (ui->is_started)
		session_refresh(ui->session);
	ui_envs_again(ui);
}

static void ask_quit(void *data)
{
	ui_stop(data, 0);
}

static void ask_repaint(void *data)
{
	struct ui *ui = data;

	term_repaint(ui->term);
}

static void ask_typed(void *data, const char *line)
{
	struct ui *ui = data;

	vec_push(&ui->typed, xstrdup(line));
}

static void ask_mouse(void *data, bool is_on)
{
	struct ui *ui = data;

	term_mouse(ui->term, is_on);
}

static void ask_plan(
	void *data, enum command_id id, const char *app_ref, const struct action_args *args)
{
	struct ui *ui = data;

	ui_actions_plan(ui->actions, id, app_ref, args);
}

static void ask_act(void *data)
{
	struct ui *ui = data;

	ui_actions_go(ui->actions);
}

static void ask_give_up(void *data)
{
	struct ui *ui = data;

	ui_actions_give_up(ui->actions);
}

static void ask_many(void *data, enum command_id id, const char *const *app_refs, size_t count)
{
	ui_actions_plan_many(((struct ui *)data)->actions, id, app_refs, count);
}

static void ask_many_go(void *data, struct screen_many_pace pace)
{
	ui_actions_many_go(((struct ui *)data)->actions, pace);
}

static void ask_many_stop(void *data)
{
	ui_actions_many_stop(((struct ui *)data)->actions);
}

static size_t ask_many_left(void *data)
{
	return ui_actions_many_left(((struct ui *)data)->actions);
}

static void ask_log_processes(void *data, const char *app_ref)
{
	struct ui *ui = data;

	ui_logs_processes(ui->logs, app_ref);
}

static struct view_log *ask_log_open(
	void *data, const struct view_log_options *options, struct err *err)
{
	struct ui *ui = data;

	return ui_logs_open(ui->logs, options, err);
}

static void ask_log_close(void *data, struct view_log *log)
{
	struct ui *ui = data;

	ui_logs_close(ui->logs, log);
}

static size_t ask_going(void *data, struct screen_going *oldest)
{
	struct ui *ui = data;

	return ui_actions_going(ui->actions, oldest);
}

static void ask_cancel_run(void *data, const char *context, int64_t run)
{
	struct ui *ui = data;
	struct err err;

	if (ui_actions_cancel(ui->actions, context, run, &err))
		screen_toast(ui->screen, STYLE_WARN, err.text);
}

struct screen_backend ui_backend(struct ui *ui)
{
	return (struct screen_backend){
		.data = ui,
		.fleet = ui->session->fleet,
		.contexts = ui->contexts,
		.context_count = ui->session->context_count,
		.commands = ui->session->log,
		.envs = ui_envs,
		.taskmanagers = ui_taskmanagers,
		.unconfigured_path = ui->config_path,
		.store = ask_store,
		.stats = ask_stats,
		.polling = ask_polling,
		.show = ask_show,
		.seek = ask_seek,
		.refresh = ask_refresh,
		.quit = ask_quit,
		.suspend = ui_suspend,
		.repaint = ask_repaint,
		.has_mouse = ui->session->config->mouse,
		.mouse = ask_mouse,
		.attention = ui_attention,
		.set_theme = ui_theme_set,
		.themes = ui_theme_names,
		.first_find = ui_first_find,
		.first_try = ui_first_try,
		.first_cancel = ui_first_cancel,
		.write_config = ui_first_write,
		.plan = ask_plan,
		.act = ask_act,
		.give_up = ask_give_up,
		.plan_many = ask_many,
		.many_go = ask_many_go,
		.many_stop = ask_many_stop,
		.many_left = ask_many_left,
		.log_processes = ask_log_processes,
		.log_open = ask_log_open,
		.log_close = ask_log_close,
		.open_ui = ui_open,
		.tunnels = ui_tunnels,
		.close_tunnel = ui_close_tunnel,
		.clip = ui_clip,
		.diff = ui_diff,
		.diff_cancel = ui_diff_cancel,
		.new_file = ui_new,
		.may_new = ui_may_new,
		.edit = ui_edit,
		.copy = ui_copy,
		.delete_file = ui_delete,
		.save = ui_save,
		.page = ui_page,
		.save_filter = ui_save_filter,
		.going = ask_going,
		.cancel_run = ask_cancel_run,
		.typed = ask_typed,
		.wake = ui_wake,
	};
}
