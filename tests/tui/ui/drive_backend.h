/* What the screen of a drive asks of the program: it is noted, and answered as the case says. Included by drive.h alone. */
#ifndef WEIR_TESTS_TUI_DRIVE_BACKEND_H
#define WEIR_TESTS_TUI_DRIVE_BACKEND_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/action/action.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/command_log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/support/check.h"
#include "tests/support/fleet_fixture.h"
#include "tests/support/golden.h"
#include "tui/ui/screen.h"

#define DRIVE_MONO_MS 5000000

struct drive {
	struct fleet *fleet;
	struct screen *screen;
	struct command_log *commands;
	/* Flink envs: the caller's. */
	const struct env_state *envs[4];
	size_t env_count;
	uint64_t env_changes;
	struct canvas *canvas;
	struct buf frame;
	/* What the screen asked for. */
	int quits, refreshes, suspends, repaints, shows, configs;
	/* The first run. */
	int finds, cancels;
	char *tried, *config_address;
	char *shown_first, *focus, *theme;
	size_t shown;
	int64_t stretch;     /* intervals are that much longer, once more */
	struct store *store; /* set it after drive_open(); NULL = nothing is remembered */
	int wakes;
	/* Verbs: what the next plan says (calls NULL = refused), and what was to be done. */
	struct screen_plan plan;
	int acts;
	const char *many_refs[16]; /* of the fleet */
	size_t many_count, many_left;
	int many_gone, many_stopped;
	struct screen_many_pace many_pace;
	bool many_later, many_is_typed, refuses_all;
	enum command_id asked, acted;
	char *asked_app, *acted_app;
	int given_up;
	bool plans_later;        /* nothing is answered from inside */
	struct action_args args; /* of the last plan; its texts: args_from, args_target */
	char *args_from, *args_target, *args_mode, *args_job;
	int plans;
	/* Runs: how many go on, and which was called off last. */
	size_t going;
	struct screen_going oldest;
	int64_t canceled;
	/* A diff that was asked for, and a new application. */
	int64_t diffed;
	int diffs, diffs_canceled;
	char *new_name, *new_context;
	enum app_type new_type;
	const char *new_problem; /* refuses the next one */
	bool is_readonly;
	bool has_mouse;
	int attentions;
	char *typed; /* the palette's lines */
	/* What else was asked for, and of which application (asked_app). */
	const char *asked_for;
	char *clipped, *closed_tunnel;
	/* Logs: the one that is open, and what was saved last. */
	struct view_log_options log;
	bool is_log_open;
	int pages; /* texts that went to $PAGER */
	char *log_taskmanager, *log_cluster, *saved_path, *saved_text;
	char *saved_filter;                    /* "apps name text" */
	struct view_taskmanagers taskmanagers; /* the caller's */
	char *taskmanagers_of;
};

static struct poller_stats drive_stats(void *data)
{
	int64_t stretch = ((const struct drive *)data)->stretch + 1;

	return (struct poller_stats){.budget_per_second = 200,
		.spent_per_second = stretch > 1 ? 180 : 3,
		.interval_ms = 5000 * stretch,
		.live_ms = 1000 * stretch,
		.is_stretched = stretch > 1};
}

static void drive_show(void *data, const char *const *refs, size_t count, const char *focus)
{
	struct drive *drive = data;

	free(drive->shown_first);
	free(drive->focus);
	drive->shown_first = xstrdup_null(count ? refs[0] : NULL);
	drive->focus = xstrdup_null(focus);
	drive->shown = count;
	drive->shows++;
}

static void drive_quit(void *data)
{
	((struct drive *)data)->quits++;
}

static void drive_refresh(void *data)
{
	((struct drive *)data)->refreshes++;
}

static void drive_suspend(void *data)
{
	((struct drive *)data)->suspends++;
}

static void drive_repaint(void *data)
{
	((struct drive *)data)->repaints++;
}

static void drive_config(void *data, const char *address)
{
	struct drive *drive = data;

	free(drive->config_address);
	drive->config_address = xstrdup(address);
	drive->configs++;
}

static void drive_first_find(void *data)
{
	((struct drive *)data)->finds++;
}

static void drive_first_try(void *data, const char *address)
{
	struct drive *drive = data;

	free(drive->tried);
	drive->tried = xstrdup(address);
}

static void drive_first_cancel(void *data)
{
	((struct drive *)data)->cancels++;
}

static struct store *drive_store(void *data, const char *context)
{
	struct drive *drive = data;

	return str_eq(context, FIXTURE_CONTEXT) ? drive->store : NULL;
}

static const struct env_state *const *drive_envs(void *data, size_t *count, uint64_t *changes)
{
	struct drive *drive = data;

	*count = drive->env_count;
	*changes = drive->env_changes;
	return drive->envs;
}

static void drive_wake(void *data)
{
	((struct drive *)data)->wakes++;
}

static void drive_keep(char **text, const char *value)
{
	free(*text);
	*text = xstrdup_null(value);
}

static void drive_plan(
	void *data, enum command_id id, const char *app_ref, const struct action_args *args)
{
	struct drive *drive = data;
	struct err err;

	drive->plans++;
	drive->args = *args;
	drive_keep(&drive->args_from, args->from);
	drive_keep(&drive->args_target, args->target_dir);
	drive_keep(&drive->args_mode, args->restore_mode);
	drive_keep(&drive->args_job, args->job_id);

	drive->asked = id;
	free(drive->asked_app);
	drive->asked_app = xstrdup(app_ref);
	if (drive->plans_later)
		return;
	err_set(&err, E_DENIED, "context prod is read-only");
	if (drive->plan.calls)
		screen_planned(drive->screen, &drive->plan, NULL);
	else
		screen_planned(drive->screen, NULL, &err);
}

static void drive_act(void *data)
{
	struct drive *drive = data;

	drive->acts++;
	drive->acted = drive->asked;
	free(drive->acted_app);
	drive->acted_app = xstrdup(drive->asked_app);
}

static void drive_give_up(void *data)
{
	((struct drive *)data)->given_up++;
}

/* Every third of them is refused; it is answered when `many_later` is not set. */
static void drive_many_answer(struct drive *drive)
{
	struct screen_many_row rows[16] = {0};

	for (size_t i = 0; i < drive->many_count && i < 16; i++)
		rows[i] = (struct screen_many_row){
			.name = drive->many_refs[i],
			.calls = "POST http://jm1.internal:8081/jobs/5fa0/stop\n"
				 "GET http://jm1.internal:8081/jobs/5fa0/status until it is "
				 "FINISHED\n",
			.warnings = i == 1 ? "the file has changed since release 3\n" : NULL,
			.restore_path = i == 0 ? "hdfs:///flink/savepoints/sp-1" : NULL,
			.refused =
				i % 3 == 2 || drive->refuses_all ? "no job of it is running" : NULL,
		};
	screen_many_planned(drive->screen,
		&(struct screen_many){rows, drive->many_count, drive->many_is_typed}, NULL);
}

static void drive_plan_many(
	void *data, enum command_id id, const char *const *app_refs, size_t count)
{
	struct drive *drive = data;

	drive->asked = id;
	drive->many_count = count;
	for (size_t i = 0; i < count && i < 16; i++)
		drive->many_refs[i] = app_refs[i];
	if (!drive->many_later)
		drive_many_answer(drive);
}

/* The first of them begins; what is refused is never. */
static void drive_many_go(void *data, struct screen_many_pace pace)
{
	struct drive *drive = data;

	drive->many_gone++;
	drive->many_pace = pace;
	for (size_t i = 0; i < drive->many_count && i < 16; i += i ? 3 : 2)
		screen_many_unmark(drive->screen, drive->many_refs[i]);
}

static void drive_many_stop(void *data)
{
	((struct drive *)data)->many_stopped++;
	((struct drive *)data)->many_left = 0;
}

static size_t drive_many_left(void *data)
{
	return ((struct drive *)data)->many_left;
}

static void drive_diff(void *data, const char *app_ref, int64_t number)
{
	struct drive *drive = data;

	(void)app_ref;
	drive->diffs++;
	drive->diffed = number;
}

static void drive_diff_cancel(void *data)
{
	((struct drive *)data)->diffs_canceled++;
}

static int drive_may_new(void *data, const char *context, struct err *err)
{
	const struct drive *drive = data;

	return drive->is_readonly ? err_set(err, E_DENIED, "context %s is read-only", context) : 0;
}

static void drive_new(void *data, const struct screen_new *what)
{
	struct drive *drive = data;
	struct err err;

	free(drive->new_name);
	drive->new_name = xasprintf("%s/%s", what->team, what->name);
	drive_keep(&drive->new_context, what->context);
	drive->new_type = what->type;
	if (drive->new_problem) {
		err_set(&err, E_CONFLICT, "%s", drive->new_problem);
		screen_new_refused(drive->screen, &err);
	}
}

static size_t drive_going(void *data, struct screen_going *oldest)
{
	struct drive *drive = data;

	if (oldest && drive->going)
		*oldest = drive->oldest;
	return drive->going;
}

static void drive_cancel_run(void *data, const char *context, int64_t run)
{
	check_str("context of the run", context, FIXTURE_CONTEXT);
	((struct drive *)data)->canceled = run;
}

static void drive_log_processes(void *data, const char *app_ref)
{
	static const char *const ids[] = {"10.0.0.7:41233-a1b2c3", "10.0.0.8:40111-d4e5f6"};

	(void)app_ref;
	screen_log_processes(((struct drive *)data)->screen, ids, 2, NULL);
}

static struct view_log *drive_log_open(
	void *data, const struct view_log_options *options, struct err *err)
{
	struct drive *drive = data;

	(void)err;
	drive->log = *options;
	drive->is_log_open = true;
	free(drive->log_taskmanager);
	drive->log_taskmanager = xstrdup_null(options->taskmanager);
	free(drive->log_cluster);
	drive->log_cluster = xstrdup_null(options->cluster_ref);
	return (struct view_log *)drive;
}

static void drive_log_close(void *data, struct view_log *log)
{
	struct drive *drive = data;

	check_bool("the log that is open", (struct drive *)log == drive, true);
	drive->is_log_open = false;
}

static void drive_save(void *data, const char *path, const char *text, size_t len)
{
	struct drive *drive = data;

	free(drive->saved_path);
	free(drive->saved_text);
	drive->saved_path = xstrdup(path);
	drive->saved_text = xstrndup(text, len);
}

static void drive_page(void *data, const char *name, const char *text, size_t len)
{
	(void)name;
	(void)text;
	(void)len;
	((struct drive *)data)->pages++;
}

static void drive_ask_for(struct drive *drive, const char *what, const char *app_ref)
{
	drive->asked_for = what;
	free(drive->asked_app);
	drive->asked_app = xstrdup(app_ref);
}

static void drive_open_ui(void *data, const char *app_ref)
{
	drive_ask_for(data, "open", app_ref);
}

static void drive_edit(void *data, const char *app_ref)
{
	drive_ask_for(data, "edit", app_ref);
}

static void drive_copy(void *data, const char *app_ref)
{
	drive_ask_for(data, "copy", app_ref);
}

static void drive_delete(void *data, const char *app_ref)
{
	drive_ask_for(data, "delete", app_ref);
}

static void drive_clip(void *data, const char *text, size_t len)
{
	struct drive *drive = data;

	assert_int_equal(len, strlen(text));
	free(drive->clipped);
	drive->clipped = xstrdup(text);
}

static void drive_save_filter(
	void *data, const struct column_table *table, const char *name, const char *text)
{
	struct drive *drive = data;

	free(drive->saved_filter);
	drive->saved_filter = xasprintf("%s %s %s", table->name, name, text);
}

static void drive_taskmanagers(void *data, const char *ref, struct view_taskmanagers *out)
{
	struct drive *drive = data;

	free(drive->taskmanagers_of);
	drive->taskmanagers_of = xstrdup(ref);
	*out = drive->taskmanagers;
}

static void drive_tunnels(void *data)
{
	static const char *const titles[] = {"HERE", ">CONNECTIONS", "TO"};
	static const char *const cells[] = {
		"127.0.0.1:40123", "2", "jm1:8081", "127.0.0.1:40124", "0", "jm2.internal:8081"};

	screen_tunnels(((struct drive *)data)->screen, titles, cells, 3, 2);
}

static void drive_close_tunnel(void *data, const char *listener)
{
	struct drive *drive = data;

	free(drive->closed_tunnel);
	drive->closed_tunnel = xstrdup(listener);
}

static void drive_mouse(void *data, bool is_on)
{
	((struct drive *)data)->has_mouse = is_on;
}

static void drive_typed(void *data, const char *line)
{
	struct drive *drive = data;
	char *all = xasprintf("%s%s\n", drive->typed ? drive->typed : "", line);

	free(drive->typed);
	drive->typed = all;
}

static void drive_attention(void *data)
{
	((struct drive *)data)->attentions++;
}

static void drive_theme(void *data, const char *name)
{
	struct drive *drive = data;
	struct err err;

	if (str_eq(name, "neon")) {
		err_set(&err, E_CONFIG, "no theme '%s'", name);
		screen_toast(drive->screen, STYLE_ERROR, err.text);
		return;
	}
	free(drive->theme);
	drive->theme = xstrdup(name);
}

static const char *const *drive_themes(void *data, size_t *count, const char **current)
{
	static const char *const pairs[] = {
		"dark", NULL, "light", NULL, "mine", "/home/mei/.config/weir/themes/mine.yaml"};
	struct drive *drive = data;

	*count = ARRAY_SIZE(pairs) / 2;
	*current = drive->theme;
	return pairs;
}

#endif
