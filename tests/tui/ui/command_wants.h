/*
 * What each command of the table is to do in each of its views, as test_commands.c draws them, in the words of
 * command_facts.h. A row that is missing fails the case, so a command that is new gets one here.
 */
#ifndef WEIR_TESTS_TUI_COMMAND_WANTS_H
#define WEIR_TESTS_TUI_COMMAND_WANTS_H

#include <stddef.h>

#include "core/action/command.h"

#define TABLES (IN_LIST | IN_ROWS | IN_RUNS)
#define TEXTS (IN_CARD | IN_RUN | IN_LOG | IN_TEXT | IN_HELP)
#define BUT(views) (IN_ALL & ~(unsigned)(views))

struct command_want {
	enum command_id id;
	unsigned views;
	const char *wants;
};

/* The first that fits counts. */
static const struct command_want command_wants[] = {
	/* where to go; nothing where it is already */
	{CMD_APPS, IN_LIST, ""},
	{CMD_APPS, BUT(IN_LIST), "list apps"},
	{CMD_CLUSTERS, IN_ALL, "list clusters"},
	{CMD_TEAMS, IN_ALL, "list teams"},
	{CMD_JOBS, IN_ALL, "list jobs"},
	{CMD_MESSAGES, IN_ALL, "view messages"},
	{CMD_RUNS, IN_RUNS, ""},
	{CMD_RUNS, IN_CARD, "card runs, rows runs"},
	{CMD_RUNS, IN_ALL, "view runs"},
	{CMD_BUILDS, IN_ALL, "view builds"},
	{CMD_RELEASES, IN_CARD, "card releases, rows releases"},
	{CMD_RELEASES, IN_ALL, "view releases"},
	{CMD_RESTORE_POINTS, IN_CARD, "card restore-points, rows restore-points"},
	{CMD_RESTORE_POINTS, IN_ALL, "view restore-points"},
	{CMD_FLINK_ENVS, IN_ALL, "view flink-envs"},
	{CMD_TASKMANAGERS, IN_ROWS, "says of which cluster?"},
	{CMD_TASKMANAGERS, IN_ALL, "view taskmanagers"},
	{CMD_HISTORY, IN_CARD, "card history, rows history"},
	{CMD_HISTORY, IN_ALL, "view history"},
	{CMD_COMMANDS, IN_ROWS, ""},
	{CMD_COMMANDS, IN_ALL, "view commands"},
	{CMD_CONTEXT, IN_ALL, "says in use: prod"},
	{CMD_NEXT_LIST, IN_LIST, "list clusters"},
	{CMD_OPEN, IN_LIST, "card overview"},
	{CMD_OPEN, IN_CARD, "says nothing is selected here"},
	{CMD_OPEN, IN_RUNS, "view run"},
	{CMD_OPEN, IN_ROWS, "view text"},
	/* and back: out of a search first */
	{CMD_BACK, IN_LIST, "asks quit while 1 run is in progress?"},
	{CMD_BACK, IN_RUN, "view runs, at 3"},
	{CMD_BACK, IN_LOG | IN_TEXT, "filter /;, !list"},
	{CMD_BACK, IN_ALL, "list apps, at 2"},
	{CMD_OUT, IN_LIST, "says q quits"},
	{CMD_OUT, IN_RUN, "view runs, at 3"},
	{CMD_OUT, IN_LOG | IN_TEXT, "filter /;, !list"},
	{CMD_OUT, IN_ALL, "list apps, at 2"},
	{CMD_HISTORY_BACK, IN_LIST, "list teams, at 1"},
	{CMD_HISTORY_BACK, IN_RUN, "view runs, at 3"},
	{CMD_HISTORY_BACK, IN_ALL, "list apps, at 2"},
	{CMD_HISTORY_FORWARD, IN_ALL, "view messages"},
	{CMD_LAST, IN_ALL, "view messages"},
	{CMD_HELP, IN_HELP, "list apps, at 2"},
	{CMD_HELP, IN_ALL, "view help"},
	{CMD_PALETTE, IN_ALL, "types :;"},
	{CMD_QUIT, IN_ALL, "asks quit while 1 run is in progress?"},
	/* what is shown */
	{CMD_FILTER, IN_LOG, "types /3;"},
	{CMD_FILTER, IN_TEXT, "types /drei;"},
	{CMD_FILTER, IN_ALL, "types /;"},
	{CMD_USE_FILTER, IN_LIST, "says which filter?"},
	{CMD_SAVE_FILTER, IN_LIST, "says there is no filter to save"},
	{CMD_ATTENTION, IN_LIST, "attention 1"},
	{CMD_SORT, TABLES, "asks sort by"},
	{CMD_SORT_NEXT, IN_LIST, "sort team up"},
	{CMD_SORT_NEXT, IN_RUNS, "sort durationMs up"},
	{CMD_SORT_NEXT, IN_ROWS, "sort kind up"},
	{CMD_SORT_INVERT, IN_LIST, "sort name down"},
	{CMD_SORT_INVERT, IN_RUNS, "sort createdMs up"},
	{CMD_SORT_INVERT, IN_ROWS, "sort beganMs up"},
	{CMD_WIDE, IN_ROWS, "wide 0"},
	{CMD_WIDE, TABLES, "wide 1"},
	{CMD_COLUMNS, TABLES, "asks columns"},
	{CMD_GROUP, IN_ROWS, "says no groups"},
	{CMD_GROUP, TABLES, "group team"},
	{CMD_FOLD, TABLES, "says there are no groups"},
	{CMD_REFRESH, IN_ALL, "refreshes 1"},
	{CMD_THEME, IN_ALL, "asks theme"},
	{CMD_CLIP, IN_ALL, "asks copy"},
	/* moving: from the first line, or the last */
	{CMD_UP, TABLES, "moves -1;"},
	{CMD_UP, TEXTS, "scrolls -1;"},
	{CMD_DOWN, TABLES, "moves 1;"},
	{CMD_DOWN, TEXTS, "scrolls 1;"},
	{CMD_PAGE_UP, TABLES, "moves -9;"},
	{CMD_PAGE_UP, IN_CARD, "place 27%"},
	{CMD_PAGE_UP, IN_LOG, "place 90%"},
	{CMD_PAGE_UP, TEXTS, "scrolls -10;"},
	{CMD_PAGE_DOWN, TABLES, "moves 9;"},
	{CMD_PAGE_DOWN, IN_CARD, "place 72%"},
	{CMD_PAGE_DOWN, IN_LOG, "place 9%"},
	{CMD_PAGE_DOWN, TEXTS, "scrolls 10;"},
	{CMD_HALF_UP, TABLES, "moves -5;"},
	{CMD_HALF_UP, IN_CARD, "scrolls -4;"},
	{CMD_HALF_UP, TEXTS, "scrolls -5;"},
	{CMD_HALF_DOWN, TABLES, "moves 5;"},
	{CMD_HALF_DOWN, IN_CARD, "scrolls 4;"},
	{CMD_HALF_DOWN, TEXTS, "scrolls 5;"},
	{CMD_LINE, IN_LIST, "moves -10;"},
	{CMD_TOP, IN_LIST, "moves -14;"},
	{CMD_TOP, IN_RUNS, "moves -11;"},
	{CMD_TOP, IN_ROWS, "moves -19;"},
	{CMD_TOP, TEXTS, "place Top"},
	{CMD_BOTTOM, IN_LIST, "moves 14;"},
	{CMD_BOTTOM, IN_RUNS, "moves 11;"},
	{CMD_BOTTOM, IN_ROWS, "moves 19;"},
	{CMD_BOTTOM, IN_RUN | IN_LOG, "place following"},
	{CMD_BOTTOM, TEXTS, "place End"},
	/* What is wrapped, or has all its columns, has nothing further left or right. */
	{CMD_LEFT, IN_LIST, "titles STATE NAME↑ TEAM"},
	{CMD_LEFT, BUT(IN_LIST), ""},
	{CMD_RIGHT, IN_LIST, "titles STATE NAME↑ CLUSTER"},
	{CMD_RIGHT, BUT(IN_LIST), ""},
	{CMD_PREV_ITEM, IN_CARD, "app prod/workspace/app/ml/nowhere"},
	{CMD_NEXT_ITEM, IN_CARD, "app prod/workspace/app/ods/payment-loop"},
	/* a card's tabs */
	{CMD_NEXT_TAB, IN_CARD, "card vertices"},
	{CMD_PREV_TAB, IN_CARD, "card history, rows history"},
	{CMD_OVERVIEW, IN_CARD, "card overview"},
	{CMD_VERTICES, IN_ALL, "card vertices"},
	{CMD_CHECKPOINTS, IN_ALL, "card checkpoints"},
	{CMD_EXCEPTIONS, IN_ALL, "card exceptions"},
	{CMD_CONFIGURATION, IN_ALL, "card configuration"},
	{CMD_FILE, IN_ALL, "card file"},
	/* runs */
	{CMD_ONLY, IN_LOG, "only hits"},
	{CMD_FOLLOW, IN_ALL, "place following"},
	{CMD_CANCEL_RUN, IN_RUNS, "says this run is over"},
	{CMD_CANCEL_RUN, IN_RUN, "asks cancel run 2: build order-sync"},
	/* an application's web UI, file and log */
	{CMD_OPEN_UI, IN_ALL, "asked to open"},
	{CMD_TUNNELS, IN_ALL, "asks ways to web pages"},
	{CMD_DIFF, IN_ALL, "diffs 1, waits diff ods/order-sync"},
	{CMD_NEW, IN_ALL, "asks new application in prod"},
	{CMD_EDIT, IN_ALL, "asked to edit"},
	{CMD_COPY, IN_ALL, "asked to copy"},
	{CMD_DELETE, IN_ALL, "asked to delete"},
	{CMD_LOGS, IN_ALL, "asks logs of ods/order-sync"},
	{CMD_SEARCH_NEXT, IN_ALL, "says no further hit below"},
	{CMD_SEARCH_PREV, IN_LOG, "place 76%"},
	{CMD_SEARCH_PREV, IN_TEXT, "says no further hit above"},
	{CMD_SAVE, IN_ALL, "asks save"},
	{CMD_PAGER, IN_ALL, "pages 1"},
	/* marks: one is there before, but for the first */
	{CMD_MARK, TABLES, "marked 1;, moves 1;"},
	{CMD_MARK_RANGE, TABLES, "marked 2;"},
	{CMD_MARK_INVERT, IN_LIST, "marked 14;"},
	{CMD_MARK_INVERT, IN_RUNS, "marked 11;"},
	{CMD_MARK_INVERT, IN_ROWS, "marked 19;"},
	{CMD_MARK_ALL, IN_LIST, "marked 15;"},
	{CMD_MARK_ALL, IN_RUNS, "marked 12;"},
	{CMD_MARK_ALL, IN_ROWS, "marked 20;"},
	{CMD_MARK_NONE, TABLES, "marked 0;"},
	/* verbs */
	{CMD_SAVEPOINT, IN_ALL, "plans savepoint"},
	{CMD_STOP, IN_ALL, "plans stop"},
	{CMD_CANCEL, IN_ALL, "plans cancel"},
	{CMD_CHECKPOINT, IN_ALL, "plans checkpoint"},
	{CMD_BUILD, IN_ALL, "plans build"},
	{CMD_RELEASE, IN_ALL, "plans release"},
	{CMD_ROLLBACK, IN_ALL, "says nothing was released yet"},
	{CMD_START, IN_ALL, "plans start"},
	{CMD_RESTART, IN_ALL, "plans restart"},
	{CMD_SHIP, IN_ALL, "plans ship"},
	{CMD_ADOPT, IN_ALL, "asks adopt: which job? (ods/order-sync)"},
	/* the program */
	{CMD_WRITE_CONFIG, IN_ALL, "says there is a configuration already"},
	{CMD_MOUSE, IN_ALL, "mouse 1"},
	{CMD_REDRAW, IN_ALL, "repaints 1"},
	{CMD_SUSPEND, IN_ALL, "suspends 1"},
};

/* In the palette, with what is typed behind its name there. */
static const struct {
	enum command_id id;
	const char *arg, *wants;
} typed_wants[] = {
	{CMD_SORT, " state", "sort state up"},
	{CMD_LINE, " 2", "moves -10;"},
	{CMD_OPEN, " ods/order-sync", "card overview"},
	{CMD_FILTER, " order", "filter /order"},
	{CMD_THEME, " neon", "says no theme 'neon'"},
};

/* NULL: nobody has said. */
static inline const char *command_wants_in(enum command_id id, enum command_view view)
{
	/* Of a REST call or a command there is no application. */
	if (view == IN_ROWS && (commands[id].needs & NEED_APP))
		return "says no application is selected";
	for (size_t i = 0; i < sizeof(command_wants) / sizeof(command_wants[0]); i++)
		if (command_wants[i].id == id && (command_wants[i].views & view))
			return command_wants[i].wants;
	return NULL;
}

#endif
