/*
 * Every command of the table, by each of its keys in each of its views, and typed in the palette: what it
 * promises happens, or the reason why not is told. A command that is new is tested by being in the table.
 */
#include "tests/tui/ui/drive.h"

#include "core/loop/loop.h"
#include "core/store/journal/run.h"

#define DEADLINE_MS 60000

struct kit {
	struct drive drive;
	struct loop *loop; /* NULL: no store is needed */
	char *dir;
	char *before;
};

static const struct {
	enum command_view view;
	const char *name;
} views[] = {
	{IN_LIST, "list"},
	{IN_CARD, "card"},
	{IN_ROWS, "rows"},
	{IN_RUNS, "runs"},
	{IN_RUN, "run"},
	{IN_LOG, "log"},
	{IN_TEXT, "text"},
	{IN_HELP, "help"},
};

/* -- a screen with something in every view -- */

static void no_problem(void *data, const struct err *err)
{
	(void)data;
	if (err)
		fail_msg("store: %s", err->text);
}

static void on_begun(void *data, const struct run *run, const struct err *err)
{
	check_ok("run", err ? -1 : 0, err);
	*(int64_t *)data = run->id;
}

static void idle(struct kit *kit)
{
	if (kit->loop)
		check_bool("idle", loop_run_until_idle(kit->loop, DEADLINE_MS), true);
	screen_draw(kit->drive.screen, kit->drive.canvas);
}

static void keys(struct kit *kit, const char *names)
{
	drive_keys(&kit->drive, names);
	idle(kit);
}

/* One that goes on, with more to read than a small screen has rows. */
static void add_runs(struct kit *kit, const char *app)
{
	for (int i = 3; i >= 0; i--) {
		int64_t id = 0;
		struct run run = {.app = app,
			.context = FIXTURE_CONTEXT,
			.team = "ods",
			.name = "order-sync",
			.cluster = "sessions",
			.verb = "build",
			.arguments = "{}",
			.state = RUN_PLANNED,
			.created_ms = FIXTURE_NOW_MS - 60000 - i * 1000,
			.plan = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven"
				"\n"
				"twelve\nthirteen\nfourteen\nfifteen"};
		run_begin(kit->drive.store, &run, on_begun, &id);
		idle(kit);
		run.id = id;
		run.epoch = 1;
		run.state = i ? RUN_DONE : RUN_WATCHING;
		run.ended_ms = i ? FIXTURE_NOW_MS - 50000 : 0;
		if (i)
			run_end(kit->drive.store, &run, NULL, NULL);
		else
			run_update(kit->drive.store, &run, NULL, NULL);
		idle(kit);
	}
}

static void kit_open(struct kit *kit, bool has_store)
{
	struct err err = {0};

	*kit = (struct kit){0};
	drive_open(&kit->drive, fixture_fleet(), 15, 80);
	kit->drive.going = 1;
	kit->drive.oldest = (struct screen_going){.verb = "build", .name = "ods/order-sync"};
	for (int i = 0; i < 20; i++)
		command_log_begin(kit->drive.commands, COMMAND_REST, "sessions",
			"GET "
			"http://jm1:8081/jobs/"
			"overview?with=a&rather=long&address=that&does=not&fit");
	if (!has_store)
		return;
	kit->dir = temp_dir();
	check_ok("loop", loop_open(&kit->loop, &err), &err);
	store_open(&kit->drive.store, kit->loop, kit->dir, FIXTURE_CONTEXT, no_problem, NULL);
	struct app *found[2];
	check_int("the application",
		(int64_t)fleet_find_apps(kit->drive.fleet, "ods/order-sync", found, 2), 1);
	char *app = xstrdup(found[0]->ref);
	add_runs(kit, app);
	free(app);
}

static void kit_close(struct kit *kit)
{
	screen_free(kit->drive.screen);
	kit->drive.screen = NULL;
	if (kit->loop)
		store_close(kit->drive.store);
	drive_close(&kit->drive);
	if (kit->loop)
		loop_close(kit->loop);
	temp_dir_remove(kit->dir);
	free(kit->before);
}

static void log_lines(struct kit *kit)
{
	for (int i = 0; i < 60; i++) {
		char line[160];
		int len = snprintf(line, sizeof(line),
			"10:00:00,%03d INFO  checkpoint %d completed, in a line that is longer "
			"than "
			"the screen is wide, so that it can be panned\n",
			i, i);
		kit->drive.log.on_text(kit->drive.log.data, line, (size_t)len);
	}
	idle(kit);
}

static const char long_diff[] =
	"--- a\n+++ b\n@@ -1,20 +1,20 @@\n one\n two\n-three\n+drei\n four\n "
	"five\n six\n seven\n eight\n nine\n ten\n eleven\n twelve\n "
	"one\n two\n three\n four\n five\n six\n seven\n eight\n";

/* To the line of an application that is declared and runs. */
static void select_app(struct kit *kit)
{
	drive_type(&kit->drive, ":line 8");
	keys(kit, "enter");
	for (int i = 0; i < 20; i++) {
		const char *frame = drive_frame(&kit->drive, true),
			   *at = strstr(frame, "order-sync");
		const char *style = at ? strchr(at, '\n') : NULL,
			   *end = style ? strchr(style + 1, '\n') : NULL;
		const char *mark = style ? strstr(style, "selected") : NULL;
		if (mark && end && mark < end)
			return;
		keys(kit, i < 8 ? "j" : "k");
	}
	fail_msg("order-sync is not there:\n%s", drive_frame(&kit->drive, false));
}

/* Into that view, with a way back, a way forward, and room to move in all directions. */
static void go_to(struct kit *kit, enum command_view view)
{
	keys(kit, "g t g a");
	select_app(kit);
	switch (view) {
	case IN_LIST: keys(kit, "right"); break;
	case IN_CARD: keys(kit, "enter j j"); break;
	case IN_ROWS: keys(kit, "@ w j j j j right"); break;
	case IN_RUNS:
		keys(kit, "u");
		keys(kit, "j j");
		break;
	case IN_RUN:
		keys(kit, "u");
		keys(kit, "enter");
		keys(kit, "g g j");
		break;
	case IN_LOG:
		keys(kit, "l enter");
		log_lines(kit);
		keys(kit, "/ 3 enter k k k k right");
		break;
	case IN_TEXT:
		drive_type(&kit->drive, ":diff");
		keys(kit, "enter");
		screen_diffed(kit->drive.screen, long_diff, 0, NULL);
		keys(kit, "/ d r e i enter g g j j");
		break;
	case IN_HELP: keys(kit, "? j j j j j j"); break;
	default: break;
	}
	keys(kit, "g m [");
	idle(kit);
}

/* -- what happened -- */

static char *snapshot(struct kit *kit)
{
	const struct drive *d = &kit->drive;

	return xasprintf("%d %d %d %d %d %d %d %d %lld %d %d %s %s %s %s %s %s\n%s", d->quits,
		d->refreshes, d->suspends, d->repaints, d->configs, d->plans, d->acts, d->given_up,
		(long long)d->canceled, d->diffs, d->has_mouse + 2 * d->pages,
		d->asked_for ? d->asked_for : "", d->asked_app ? d->asked_app : "",
		d->clipped ? d->clipped : "", d->saved_path ? d->saved_path : "",
		d->theme ? d->theme : "", d->new_name ? d->new_name : "",
		drive_frame(&kit->drive, true));
}

/* What is certain to be seen, wherever it is asked for; else any change counts. */
static const struct {
	enum command_id id;
	const char *want;
} promises[] = {
	{CMD_APPS, "Applications  "},
	{CMD_CLUSTERS, "Clusters  "},
	{CMD_TEAMS, "Teams  "},
	{CMD_JOBS, "Jobs  "},
	{CMD_MESSAGES, "Messages  "},
	{CMD_BUILDS, "Builds"},
	{CMD_FLINK_ENVS, "Flink env"},
	{CMD_COMMANDS, "Command log"},
	{CMD_HELP, "Help   / searches"},
	{CMD_PALETTE, "\n:"},
	{CMD_QUIT, "quit while 1 run is in progress?"},
	{CMD_REFRESH, "asking everything again"},
	{CMD_CONTEXT, "in use: prod"},
	{CMD_THEME, "theme"},
};

/* Views in which a command has nothing to do as they are drawn here; it says nothing at an edge. */
static bool has_nothing_to_do(enum command_id id, enum command_view view)
{
	switch (id) {
	/* Wrapped at the edge, or all columns fit: nothing is further left or right. */
	case CMD_LEFT:
	case CMD_RIGHT: return view != IN_LIST;
	/* It is asked for where it is. */
	case CMD_APPS: return view == IN_LIST;
	case CMD_COMMANDS: return view == IN_ROWS;
	case CMD_RUNS: return view == IN_RUNS;
	default: return false;
	}
}

/* All that are wrong are named before the case fails. */
static int failures;

static void wrong(struct kit *kit, const char *name, const char *why)
{
	failures++;
	print_error("%s: %s:\n%s\n", name, why, drive_frame(&kit->drive, false));
}

static void check_done(struct kit *kit, const struct command *command, enum command_view view,
	const char *where, const char *how)
{
	char *after = snapshot(kit);
	char *name = xasprintf("%s (%s) in %s", command->name, how, where);

	if (strstr(after, "means nothing here"))
		wrong(kit, name, "bound to nothing");
	if (strstr(after, "not in this view"))
		wrong(kit, name, "the table says that it works there");
	if (str_eq(after, kit->before) && !has_nothing_to_do(command->id, view))
		wrong(kit, name, "nothing happened, and nothing was said");
	for (size_t i = 0; i < ARRAY_SIZE(promises); i++)
		if (promises[i].id == command->id && !strstr(after, promises[i].want) &&
			!(command->id == CMD_HELP && view == IN_HELP)) /* and there back */
			wrong(kit, name, promises[i].want);
	free(name);
	free(after);
}

/* "g,g" → "g g" */
static char *keys_of(const char *word, size_t len)
{
	char *text = xstrndup(word, len);

	for (size_t i = 1; i < len; i++)
		if (text[i] == ',')
			text[i] = ' ';
	return text;
}

static void press(const struct command *command, enum command_view view, const char *where,
	const char *word, size_t len)
{
	char *names = keys_of(word, len);
	struct kit kit;

	kit_open(&kit, view == IN_RUNS || view == IN_RUN);
	go_to(&kit, view);
	if (command->id == CMD_OVERVIEW) /* which is where a card begins */
		keys(&kit, "v");
	if (command->id == CMD_MARK_NONE)
		keys(&kit, "space");
	kit.before = snapshot(&kit);
	keys(&kit, names);
	check_done(&kit, command, view, where, names);
	kit_close(&kit);
	free(names);
}

static void every_key_does_what_it_promises(void **state)
{
	(void)state;
	int pressed = 0;

	for (size_t v = 0; v < ARRAY_SIZE(views); v++) {
		for (int i = 0; i < CMD_MAX; i++) {
			const struct command *command = &commands[i];
			if (!(command->where & ON_KEY) || !(command->views & views[v].view))
				continue;
			for (const char *p = command->keys ? command->keys : ""; *p;) {
				size_t len = strcspn(p, " ");
				press(command, views[v].view, views[v].name, p, len);
				pressed++;
				p += len;
				p += strspn(p, " ");
			}
		}
	}
	check_bool("all views were seen", pressed > 300, true);
	check_int("wrong keys", failures, 0);
}

static const char *argument(const struct command *command)
{
	switch (command->id) {
	case CMD_SORT: return " state";
	case CMD_LINE: return " 2";
	case CMD_OPEN: return " ods/order-sync";
	case CMD_NEW: return " ods/quite-new";
	case CMD_FILTER: return " order";
	case CMD_THEME: return " neon";
	default: return "";
	}
}

static void every_command_of_the_palette_does_what_it_promises(void **state)
{
	(void)state;

	failures = 0;
	for (int i = 0; i < CMD_MAX; i++) {
		const struct command *command = &commands[i];
		struct kit kit;
		if (!(command->where & ON_PALETTE))
			continue;
		size_t v = 0;
		while (!(command->views & views[v].view))
			v++;
		kit_open(&kit, views[v].view == IN_RUNS || views[v].view == IN_RUN);
		go_to(&kit, views[v].view);
		if (command->id == CMD_MARK_NONE)
			keys(&kit, "space");
		kit.before = snapshot(&kit);
		drive_type(&kit.drive, ":");
		drive_type(&kit.drive, command->name);
		drive_type(&kit.drive, argument(command));
		keys(&kit, "enter");
		check_done(&kit, command, views[v].view, views[v].name, "palette");
		kit_close(&kit);
	}
	check_int("wrong commands", failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_does_what_it_promises),
		cmocka_unit_test(every_command_of_the_palette_does_what_it_promises),
	};

	check_locale();
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
