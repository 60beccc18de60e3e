/*
 * A drive (drive.h) on a real store: what is drawn asks it, what it answers is drawn.
 *
 *	struct kept kept;
 *	kept_open(&kept, 24, 80);
 *	kept_run(&kept, &run, &id);       a run of it, in the state that it says
 *	kept_keys(&kept, "u g g enter");
 *	check_has("the run", kept_frame(&kept), "build ods/order-sync");
 *	kept_close(&kept);
 */
#ifndef WEIR_TESTS_TUI_DRIVE_STORE_H
#define WEIR_TESTS_TUI_DRIVE_STORE_H

#include "core/loop/loop.h"
#include "core/store/journal/run.h"
#include "tests/tui/ui/drive.h"

#define KEPT_DEADLINE_MS 60000

struct kept {
	struct loop *loop; /* NULL: without a store */
	struct drive drive;
	char *dir, *app; /* app: the ref of ods/order-sync */
};

static inline void kept_no_problem(void *data, const struct err *err)
{
	(void)data;
	if (err)
		fail_msg("store: %s", err->text);
}

static inline void kept_draw(struct kept *kept)
{
	screen_draw(kept->drive.screen, kept->drive.canvas);
}

static inline void kept_idle(struct kept *kept)
{
	if (kept->loop)
		check_bool("idle", loop_run_until_idle(kept->loop, KEPT_DEADLINE_MS), true);
	kept_draw(kept);
}

static inline void kept_keys(struct kept *kept, const char *keys)
{
	drive_keys(&kept->drive, keys);
	kept_idle(kept);
}

static inline void kept_type(struct kept *kept, const char *text)
{
	drive_type(&kept->drive, text);
	kept_idle(kept);
}

static inline const char *kept_frame(struct kept *kept)
{
	return drive_frame(&kept->drive, false);
}

/* Time goes on, so that what is remembered is asked again. */
static inline void kept_later(struct kept *kept, int64_t ms)
{
	clock_fix(FIXTURE_NOW_MS, clock_mono_ms() + ms);
	kept_draw(kept);
	kept_idle(kept);
}

static inline void kept_begun(void *data, const struct run *run, const struct err *err)
{
	check_ok("run", err ? -1 : 0, err);
	*(int64_t *)data = run->id;
}

/* Begun, and brought to the state that it says; *id: its number. */
static inline void kept_run(struct kept *kept, struct run *run, int64_t *id)
{
	enum run_state state = run->state;

	run->state = RUN_PLANNED;
	run_begin(kept->drive.store, run, kept_begun, id);
	kept_idle(kept);
	run->id = *id;
	run->epoch = 1;
	run->state = state;
	if (run_state_is_end(state))
		run_end(kept->drive.store, run, NULL, NULL);
	else
		run_update(kept->drive.store, run, NULL, NULL);
	kept_idle(kept);
}

/* For what needs no store. */
static inline void kept_open_bare(struct kept *kept, int rows, int cols)
{
	struct app *found[2];

	*kept = (struct kept){0};
	drive_open(&kept->drive, fixture_fleet(), rows, cols);
	check_int("the application",
		(int64_t)fleet_find_apps(kept->drive.fleet, "ods/order-sync", found, 2), 1);
	kept->app = xstrdup(found[0]->ref);
}

static inline void kept_open(struct kept *kept, int rows, int cols)
{
	struct err err = {0};

	kept_open_bare(kept, rows, cols);
	kept->dir = temp_dir();
	check_ok("loop", loop_open(&kept->loop, &err), &err);
	store_open(
		&kept->drive.store, kept->loop, kept->dir, FIXTURE_CONTEXT, kept_no_problem, NULL);
}

static inline void kept_close(struct kept *kept)
{
	screen_free(kept->drive.screen);
	kept->drive.screen = NULL;
	if (kept->loop)
		store_close(kept->drive.store);
	drive_close(&kept->drive);
	if (kept->loop)
		loop_close(kept->loop);
	if (kept->dir)
		temp_dir_remove(kept->dir);
	free(kept->app);
}

#endif
