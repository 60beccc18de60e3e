/*
 * Every command of the table, by each of its keys in each of its views, and typed in the palette, does what
 * command_wants.h says of it. A command that is new fails here until a row says what it is to do.
 */
#include "tests/tui/ui/command_facts.h"
#include "tests/tui/ui/command_wants.h"
#include "tests/tui/ui/drive_store.h"

struct kit {
	struct kept kept;
	struct facts before;
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

/* More than a small screen has room for; each line is another one. */
#define TEN(n) " " #n "0\n " #n "1\n " #n "2\n " #n "3\n " #n "4\n " #n "5\n " #n "6\n " #n "7\n"
#define LONG TEN(1) TEN(2) TEN(3) TEN(4) TEN(5)

/* One that goes on, with more to read than a small screen has rows. */
static void add_runs(struct kept *kept, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		int64_t id = 0;
		struct run run = {.app = kept->app,
			.context = FIXTURE_CONTEXT,
			.team = "ods",
			.name = "order-sync",
			.cluster = "sessions",
			.verb = "build",
			.arguments = "{}",
			.state = i ? RUN_DONE : RUN_WATCHING,
			.created_ms = FIXTURE_NOW_MS - 60000 - i * 1000,
			.ended_ms = i ? FIXTURE_NOW_MS - 50000 : 0,
			.plan = LONG LONG};
		kept_run(kept, &run, &id);
	}
}

/* What needs no store has none: that is quicker. */
static void kit_open(struct kit *kit, enum command_view view)
{
	struct kept *kept = &kit->kept;

	*kit = (struct kit){0};
	if (view == IN_RUNS || view == IN_RUN)
		kept_open(kept, 15, 80);
	else
		kept_open_bare(kept, 15, 80);
	kept->drive.going = 1;
	kept->drive.oldest = (struct screen_going){.verb = "build", .name = "ods/order-sync"};
	for (int i = 0; i < 20; i++)
		command_log_begin(kept->drive.commands, COMMAND_REST, "sessions",
			"GET "
			"http://jm1:8081/jobs/"
			"overview?with=a&rather=long&address=that&does=not&fit");
	if (kept->loop)
		add_runs(kept, view == IN_RUNS ? 12 : 2);
}

static void kit_close(struct kit *kit)
{
	facts_release(&kit->before);
	kept_close(&kit->kept);
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
		kit->kept.drive.log.on_text(kit->kept.drive.log.data, line, (size_t)len);
	}
	kept_idle(&kit->kept);
}

static const char long_diff[] =
	"--- a\n+++ b\n@@ -1,60 +1,60 @@\n one\n two\n-three\n+drei\n" LONG LONG;

/* To the line of an application that is declared and runs. */
static void select_app(struct kit *kit)
{
	drive_type(&kit->kept.drive, ":line 8");
	kept_keys(&kit->kept, "enter");
	for (int i = 0; i < 20; i++) {
		const char *frame = drive_frame(&kit->kept.drive, true),
			   *at = strstr(frame, "order-sync");
		const char *style = at ? strchr(at, '\n') : NULL,
			   *end = style ? strchr(style + 1, '\n') : NULL;
		const char *mark = style ? strstr(style, "selected") : NULL;
		if (mark && end && mark < end)
			return;
		kept_keys(&kit->kept, i < 8 ? "j" : "k");
	}
	fail_msg("order-sync is not there:\n%s", drive_frame(&kit->kept.drive, false));
}

/* Into that view, with a way back, a way forward, and room to move in all directions. */
static void go_to(struct kit *kit, enum command_view view)
{
	kept_keys(&kit->kept, "g t g a");
	select_app(kit);
	switch (view) {
	case IN_LIST: kept_keys(&kit->kept, "right"); break;
	case IN_CARD: kept_keys(&kit->kept, "enter j j"); break;
	case IN_ROWS: kept_keys(&kit->kept, "@ w j j j j right"); break;
	case IN_RUNS:
		kept_keys(&kit->kept, "u");
		kept_keys(&kit->kept, "j j");
		break;
	case IN_RUN:
		kept_keys(&kit->kept, "u");
		kept_keys(&kit->kept, "enter");
		kept_keys(&kit->kept, "g g j");
		break;
	case IN_LOG:
		kept_keys(&kit->kept, "l enter");
		log_lines(kit);
		kept_keys(&kit->kept, "/ 3 enter k k k k right");
		break;
	case IN_TEXT:
		drive_type(&kit->kept.drive, ":diff");
		kept_keys(&kit->kept, "enter");
		screen_diffed(kit->kept.drive.screen, long_diff, 0, NULL);
		kept_keys(&kit->kept, "/ d r e i enter g g j j");
		break;
	case IN_HELP: kept_keys(&kit->kept, "? j j j j j j"); break;
	default: break;
	}
	kept_keys(&kit->kept, "g m [");
	kept_idle(&kit->kept);
}

/* -- what happened -- */

/* All that are wrong are named before the case fails. */
static int failures;

static void check_done(struct kit *kit, const struct command *command, const char *where,
	const char *how, const char *wants)
{
	struct facts after = facts_of(&kit->kept.drive);
	char *happened = facts_happened(&kit->before, &after);

	if (!wants || !facts_are(happened, wants)) {
		failures++;
		print_error("%s (%s) in %s: wanted \"%s\", happened \"%s\":\n%s\n",
			command_own_name(command->id), how, where,
			wants ? wants : "(no row in command_wants.h)", happened,
			drive_frame(&kit->kept.drive, false));
	}
	free(happened);
	facts_release(&after);
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

/* Where it has something to do, as far as it can. */
static void get_ready(struct kit *kit, enum command_id id)
{
	switch (id) {
	case CMD_OVERVIEW: kept_keys(&kit->kept, "v"); break; /* which is where a card begins */
	case CMD_UP:
	case CMD_PAGE_UP:
	case CMD_HALF_UP:
	case CMD_TOP: kept_keys(&kit->kept, "end"); break;
	case CMD_DOWN:
	case CMD_PAGE_DOWN:
	case CMD_HALF_DOWN:
	case CMD_BOTTOM: kept_keys(&kit->kept, "home"); break;
	case CMD_MARK_RANGE:
	case CMD_MARK_INVERT:
	case CMD_MARK_ALL:
	case CMD_MARK_NONE: kept_keys(&kit->kept, "space"); break;
	default: break;
	}
}

static void press(const struct command *command, enum command_view view, const char *where,
	const char *word, size_t len)
{
	char *names = keys_of(word, len);
	struct kit kit;

	kit_open(&kit, view);
	go_to(&kit, view);
	get_ready(&kit, command->id);
	kit.before = facts_of(&kit.kept.drive);
	kept_keys(&kit.kept, names);
	check_done(&kit, command, where, names, command_wants_in(command->id, view));
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

/* What is typed behind it. */
static const char *argument(enum command_id id, enum command_view view, const char **wants)
{
	*wants = command_wants_in(id, view);
	for (size_t i = 0; i < ARRAY_SIZE(typed_wants); i++)
		if (typed_wants[i].id == id) {
			*wants = typed_wants[i].wants;
			return typed_wants[i].arg;
		}
	return "";
}

static void every_command_of_the_palette_does_what_it_promises(void **state)
{
	(void)state;

	failures = 0;
	for (int i = 0; i < CMD_MAX; i++) {
		const struct command *command = &commands[i];
		const char *wants;
		struct kit kit;
		if (!(command->where & ON_PALETTE))
			continue;
		size_t v = 0;
		while (!(command->views & views[v].view))
			v++;
		kit_open(&kit, views[v].view);
		go_to(&kit, views[v].view);
		get_ready(&kit, command->id);
		kit.before = facts_of(&kit.kept.drive);
		drive_type(&kit.kept.drive, ":");
		drive_type(&kit.kept.drive, command->name);
		drive_type(&kit.kept.drive, argument(command->id, views[v].view, &wants));
		kept_keys(&kit.kept, "enter");
		check_done(&kit, command, views[v].name, "palette", wants);
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
