/*
 * The console without a terminal: a fleet, a screen and a canvas, with the clock held still.
 *
 *	struct drive drive;
 *	drive_open(&drive, fixture_fleet(), 24, 80);
 *	drive_keys(&drive, "j j enter");           names of keys, separated by blanks
 *	drive_golden(&drive, "card-80x24");
 *	drive_close(&drive);
 */
#ifndef WEIR_TESTS_TUI_DRIVE_H
#define WEIR_TESTS_TUI_DRIVE_H

#include "tests/tui/ui/drive_backend.h"

/* Of the next screen that is opened, which takes it. */
static struct keymap *drive_keymap;

/* Owns the fleet. unconfigured: the path that would be written, or NULL. */
static void drive_open_as(
	struct drive *drive, struct fleet *fleet, int rows, int cols, const char *unconfigured)
{
	static const char *const contexts[] = {FIXTURE_CONTEXT};
	struct err err = {0};

	*drive = (struct drive){.fleet = fleet, .commands = command_log_new(0)};
	buf_init(&drive->frame, 0);
	clock_fix(FIXTURE_NOW_MS, DRIVE_MONO_MS);
	struct screen_backend backend = {
		.data = drive,
		.fleet = fleet,
		.contexts = contexts,
		.commands = drive->commands,
		.keymap = drive_keymap,
		.envs = drive_envs,
		.context_count = 1,
		.unconfigured_path = unconfigured,
		.store = drive_store,
		.stats = drive_stats,
		.show = drive_show,
		.refresh = drive_refresh,
		.quit = drive_quit,
		.suspend = drive_suspend,
		.repaint = drive_repaint,
		.set_theme = drive_theme,
		.themes = drive_themes,
		.mouse = drive_mouse,
		.attention = drive_attention,
		.typed = drive_typed,
		.first_find = drive_first_find,
		.first_try = drive_first_try,
		.first_cancel = drive_first_cancel,
		.write_config = drive_config,
		.plan = drive_plan,
		.act = drive_act,
		.give_up = drive_give_up,
		.plan_many = drive_plan_many,
		.many_go = drive_many_go,
		.many_stop = drive_many_stop,
		.many_left = drive_many_left,
		.open_ui = drive_open_ui,
		.tunnels = drive_tunnels,
		.close_tunnel = drive_close_tunnel,
		.clip = drive_clip,
		.edit = drive_edit,
		.copy = drive_copy,
		.delete_file = drive_delete,
		.log_processes = drive_log_processes,
		.log_open = drive_log_open,
		.log_close = drive_log_close,
		.save = drive_save,
		.page = drive_page,
		.save_filter = drive_save_filter,
		.taskmanagers = drive_taskmanagers,
		.going = drive_going,
		.diff = drive_diff,
		.diff_cancel = drive_diff_cancel,
		.new_file = drive_new,
		.may_new = drive_may_new,
		.cancel_run = drive_cancel_run,
		.wake = drive_wake,
	};
	drive_keymap = NULL;
	check_ok("screen", screen_new(&drive->screen, &backend, &err), &err);
	fleet_subscribe(fleet, screen_changed, drive->screen);
	drive->canvas = canvas_new(rows, cols);
}

static inline void drive_open(struct drive *drive, struct fleet *fleet, int rows, int cols)
{
	drive_open_as(drive, fleet, rows, cols, NULL);
	screen_loaded(drive->screen);
	screen_draw(drive->screen, drive->canvas);
}

static inline void drive_close(struct drive *drive)
{
	screen_free(drive->screen);
	fleet_free(drive->fleet);
	command_log_free(drive->commands);
	canvas_free(drive->canvas);
	buf_release(&drive->frame);
	free(drive->shown_first);
	free(drive->focus);
	free(drive->theme);
	free(drive->typed);
	free(drive->acted_app);
	free(drive->asked_app);
	free(drive->args_from);
	free(drive->args_target);
	free(drive->args_mode);
	free(drive->args_job);
	free(drive->new_name);
	free(drive->new_context);
	free(drive->clipped);
	free(drive->closed_tunnel);
	free(drive->log_taskmanager);
	free(drive->saved_path);
	free(drive->saved_text);
	free(drive->saved_filter);
	free(drive->taskmanagers_of);
	free(drive->log_cluster);
	free(drive->tried);
	free(drive->config_address);
	clock_fix(0, 0);
}

#include "tests/tui/ui/drive_keys.h"

#endif
