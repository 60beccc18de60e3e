/* The rows. Keys follow the design's section 3: small letters look, capitals act. */
#include "core/action/command.h"

#include "core/action/command_options.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define SHOW N_("Show")
#define GO N_("Go")
#define MOVE N_("Move")
#define MARKS N_("Marks")
#define CARD N_("On the card")
#define ACT N_("Act")
#define RUN N_("On a run")
#define LOG N_("In a log")
#define PROGRAM N_("Program")
#define CLI N_("Command line")

const struct command_option global_options[] = {
	{"config", 0, "FILE",
		N_("configuration file (default: $XDG_CONFIG_HOME/weir/config.yaml)")},
	{"context", 0, "NAME[,NAME…]", N_("contexts to use, or 'all' (default: current-context)")},
	{"store", 0, "DIR", N_("where to remember (default: $XDG_STATE_HOME/weir)")},
	{"rest", 0, "URL", N_("a JobManager's address; may be repeated; no configuration is read")},
	{"timeout", 0, "SECONDS", N_("how long to wait for answers (default: 10)")},
	{"lang", 0, "LANGUAGE", N_("en or zh_CN (default: what the locale says)")},
	{"no-color", 0, NULL, N_("no colours (also: NO_COLOR in the environment)")},
	{"no-session", 0, NULL,
		N_("the console starts clean: not where it was left, and nothing is kept of it")},
	{"verbose", 'v', NULL, N_("diagnostics on the standard error output")},
	{"help", 'h', NULL, N_("this help")},
	{"version", 'V', NULL, N_("the version")},
};
const size_t global_option_count = ARRAY_SIZE(global_options);

#define ROW(id_, name_, args_, summary_, group_, keys_, hint_, where_, views_, needs_)             \
	[id_] = {.id = id_,                                                                        \
		.name = name_,                                                                     \
		.args = args_,                                                                     \
		.summary = summary_,                                                               \
		.group = group_,                                                                   \
		.keys = keys_,                                                                     \
		.hint = hint_,                                                                     \
		.where = where_,                                                                   \
		.views = views_,                                                                   \
		.needs = needs_}
#define ROW_CLI(id_, name_, args_, summary_, opts_, n_)                                            \
	[id_] = {.id = id_,                                                                        \
		.name = name_,                                                                     \
		.args = args_,                                                                     \
		.summary = summary_,                                                               \
		.group = CLI,                                                                      \
		.where = ON_CLI,                                                                   \
		.options = opts_,                                                                  \
		.option_count = n_}
#define TABLES (IN_LIST | IN_RUNS | IN_ROWS)
#define ACT_VIEWS (IN_LIST | IN_CARD | IN_ROWS | IN_TEXT)
#define ROW_ACT(id_, name_, keys_, summary_, opts_)                                                \
	[id_] = {.id = id_,                                                                        \
		.name = name_,                                                                     \
		.args = N_("APP"),                                                                 \
		.summary = summary_,                                                               \
		.group = ACT,                                                                      \
		.keys = keys_,                                                                     \
		.hint = (keys_) ? (name_) : NULL,                                                  \
		.where = ON_CLI | ON_PALETTE |                                                     \
			((keys_) ? ON_KEY : 0), /* X ends a run where runs are shown. */           \
		.views = (id_) == CMD_CANCEL ? ACT_VIEWS : ACT_VIEWS | IN_RUNS | IN_RUN,           \
		.needs = NEED_APP,                                                                 \
		.options = opts_,                                                                  \
		.option_count = ARRAY_SIZE(opts_)}

const struct command commands[CMD_MAX] = {
	ROW_CLI(CMD_GET, "get",
		N_("apps|clusters|teams|jobs|taskmanagers|runs|builds|releases|restore-points|"
		   "history|"
		   "checkpoints|"
		   "exceptions|samples|"
		   "flink-envs [NAME…]"),
		N_("List applications, clusters, teams, jobs, runs, builds, releases, restore "
		   "points, history, checkpoints, exceptions, samples, Flink envs, or the "
		   "TaskManagers of a cluster"),
		get_options, ARRAY_SIZE(get_options)),
	ROW_CLI(CMD_DESCRIBE, "describe", N_("app NAME"), N_("Everything about one application"),
		describe_options, ARRAY_SIZE(describe_options)),
	ROW_CLI(CMD_WATCH, "watch", NULL, N_("Poll and remember without a screen, until stopped"),
		NULL, 0),
	ROW_CLI(CMD_CONFIG, "config", N_("view|check|path|contexts"),
		N_("Show or check the configuration and the workspace"), NULL, 0),
	ROW_CLI(CMD_DOCTOR, "doctor", N_("[HOST|CLUSTER|FLINK-ENV…]"),
		N_("Check what weir needs, here and over there; nothing is changed"),
		doctor_options, ARRAY_SIZE(doctor_options)),
	ROW_CLI(CMD_STORE, "store", N_("check|compact|export|import [FILE]"),
		N_("Check, tidy, export or import what is remembered on disk"), store_options,
		ARRAY_SIZE(store_options)),
	ROW_CLI(CMD_VERSION, "version", NULL, N_("The version"), NULL, 0),
	ROW_CLI(CMD_HELP_CLI, "help", N_("[COMMAND]"), N_("Help on a command, or on exit-codes"),
		help_options, ARRAY_SIZE(help_options)),
	ROW_CLI(CMD_COMPLETION, "completion", N_("bash|zsh|fish"),
		N_("A script that completes weir's words in a shell"), NULL, 0),
	[CMD_DIFF] = {.id = CMD_DIFF,
		.name = "diff",
		.args = N_("APP [RELEASE]"),
		.summary = N_("What a release made now would change (default: of the active one)"),
		.group = SHOW,
		.where = ON_CLI | ON_PALETTE,
		.views = IN_ALL & ~(unsigned)(IN_HELP | IN_LOG),
		.needs = NEED_APP,
		.options = diff_options,
		.option_count = ARRAY_SIZE(diff_options)},
	ROW_CLI(CMD_SETTLE, "settle", N_("[APP]"),
		N_("Ask how runs ended that nobody watched to their end"), settle_options,
		ARRAY_SIZE(settle_options)),
	ROW_CLI(CMD_ABORT, "abort", N_("RUN"),
		N_("End a run that nobody watches, as far as it can be ended"), settle_options,
		ARRAY_SIZE(settle_options)),

	[CMD_NEW] = {.id = CMD_NEW,
		.name = "new",
		.args = N_("TEAM/NAME"),
		.summary = N_("A new application's file, from a template"),
		.group = ACT,
		.keys = "n",
		.where = ON_CLI | ON_PALETTE | ON_KEY,
		.views = IN_LIST | IN_CARD | IN_RUNS | IN_ROWS,
		.options = new_options,
		.option_count = ARRAY_SIZE(new_options)},

	ROW(CMD_APPS, "apps", N_("[FILTER]"), N_("Applications"), GO, "g,a", NULL,
		ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_CLUSTERS, "clusters", N_("[FILTER]"), N_("Clusters"), GO, "g,c", NULL,
		ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_TEAMS, "teams", N_("[FILTER]"), N_("Teams"), GO, "g,t", NULL, ON_KEY | ON_PALETTE,
		IN_ALL, 0),
	ROW(CMD_JOBS, "jobs", N_("[FILTER]"), N_("Jobs, declared or not"), GO, "g,j", NULL,
		ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_MESSAGES, "messages", NULL, N_("What went wrong, what was done, and when"), GO,
		"g,m", NULL, ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_RUNS, "runs", NULL, N_("Runs: what was done, what goes on; on the card: its own"),
		GO, "u 7 g,r", NULL, ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_BUILDS, "builds", NULL, N_("Builds: what was built from which commit"), GO, "g,b",
		NULL, ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_RELEASES, "releases", NULL,
		N_("Releases, and which one is active; on the card: its own"), GO, "8 g,l", NULL,
		ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_RESTORE_POINTS, "restore-points", N_("[APP]"),
		N_("What a start of it can take up: savepoints and checkpoints"), GO, "9 g,p", NULL,
		ON_KEY | ON_PALETTE, IN_ALL & ~(unsigned)(IN_HELP | IN_LOG), NEED_APP),
	ROW(CMD_FLINK_ENVS, "flink-envs", NULL,
		N_("Installed Flink versions, looked at on their hosts"), GO, "g,e", NULL,
		ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_TASKMANAGERS, "taskmanagers", N_("[CLUSTER]"),
		N_("TaskManagers of the cluster, or of where it runs"), GO, "g,w", NULL,
		ON_KEY | ON_PALETTE, IN_LIST | IN_CARD | IN_RUNS | IN_RUN | IN_ROWS | IN_LOG, 0),
	ROW(CMD_HISTORY, "history", NULL,
		N_("What happened: states, restarts, addresses, TaskManagers; on the card: its "
		   "own"),
		GO, "0 g,h", NULL, ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_COMMANDS, "commands", NULL,
		N_("Command log: what was asked of others, how it ended, how long it took"), GO,
		"@", NULL, ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_CONTEXT, "context", N_("[NAME]"),
		N_("Applications of one context; which are in use"), GO, NULL, NULL, ON_PALETTE,
		IN_ALL, 0),
	ROW(CMD_NEXT_LIST, "next-list", NULL, N_("Next list: applications, clusters, teams, jobs"),
		GO, "tab", N_("lists"), ON_KEY, IN_LIST, 0),
	ROW(CMD_OPEN, "open", N_("[NAME]"), N_("Open what is selected, or an application by name"),
		GO, "enter d", N_("open"), ON_KEY | ON_PALETTE,
		IN_LIST | IN_RUNS | IN_ROWS | IN_CARD, NEED_ROW),
	ROW(CMD_BACK, "back", NULL, N_("Out of here; at home: quit"), GO, "q f10", N_("back"),
		ON_KEY, IN_ALL, 0),
	ROW(CMD_OUT, "out", NULL, N_("Out of here, but never out of weir"), GO, "esc", NULL, ON_KEY,
		IN_ALL, 0),
	ROW(CMD_HISTORY_BACK, "history-back", NULL, N_("Back to the former view"), GO, "[", NULL,
		ON_KEY, IN_ALL, NEED_HISTORY),
	ROW(CMD_HISTORY_FORWARD, "history-forward", NULL, N_("Forward again"), GO, "]", NULL,
		ON_KEY, IN_ALL, NEED_FUTURE),
	ROW(CMD_LAST, "last", NULL, N_("To the view before, and to this one again"), GO, "- `",
		NULL, ON_KEY | ON_PALETTE, IN_ALL, NEED_LAST),
	ROW(CMD_HELP, "help", NULL, N_("Help on the keys of this view"), GO, "? f1", N_("help"),
		ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_PALETTE, "palette", NULL, N_("Type a command"), GO, ":", N_("command"), ON_KEY,
		IN_ALL, 0),
	ROW(CMD_QUIT, "quit", NULL, N_("Leave weir"), PROGRAM, "ctrl-c", NULL, ON_KEY | ON_PALETTE,
		IN_ALL, 0),

	ROW(CMD_FILTER, "filter", N_("[TEXT]"),
		N_("Only rows that pass: words, team:ods, restarts>3, !x, x or y"), SHOW, "/ f3 f4",
		N_("filter"), ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_USE_FILTER, "use-filter", N_("[NAME]"),
		N_("A saved filter; also its digit, above the list"), SHOW, NULL, NULL, ON_PALETTE,
		IN_LIST, 0),
	ROW(CMD_SAVE_FILTER, "save-filter", N_("NAME"),
		N_("Save the filter of this list under a name, in filters.yaml"), SHOW, NULL, NULL,
		ON_PALETTE, IN_LIST, 0),
	ROW(CMD_ATTENTION, "attention", NULL, N_("Only what needs attention"), SHOW, "!",
		N_("attention"), ON_KEY | ON_PALETTE, IN_LIST, 0),
	ROW(CMD_SORT, "sort", N_("[COLUMN]"), N_("Sort by a column; again: the other way"), SHOW,
		"f6", NULL, ON_KEY | ON_PALETTE, TABLES, 0),
	ROW(CMD_SORT_NEXT, "sort-next", NULL, N_("Sort by the next column"), SHOW, "s", N_("sort"),
		ON_KEY, TABLES, 0),
	ROW(CMD_SORT_INVERT, "sort-invert", NULL, N_("Sort the other way"), SHOW, "i", NULL, ON_KEY,
		TABLES, 0),
	ROW(CMD_WIDE, "wide", NULL, N_("More columns, or fewer"), SHOW, "w ctrl-w", N_("wide"),
		ON_KEY | ON_PALETTE, TABLES, 0),
	ROW(CMD_COLUMNS, "columns", N_("[NAME:WIDTH,-NAME…|reset]"),
		N_("Choose columns, their order and width"), SHOW, "| f2", NULL,
		ON_KEY | ON_PALETTE, TABLES, 0),
	ROW(CMD_GROUP, "group", N_("[team|cluster|state|none]"),
		N_("Rows under a line for each team, cluster or state"), SHOW, "t f5", NULL,
		ON_KEY | ON_PALETTE, TABLES, 0),
	ROW(CMD_FOLD, "fold", N_("[all|none]"), N_("Fold or unfold the group"), SHOW, "z", NULL,
		ON_KEY | ON_PALETTE, TABLES, 0),
	ROW(CMD_MARK, "mark", NULL, N_("Mark the line, or no longer, and go on to the next"), MARKS,
		"space", N_("mark"), ON_KEY, TABLES, 0),
	ROW(CMD_MARK_RANGE, "mark-range", NULL, N_("Mark from the last marked line to here"), MARKS,
		"ctrl-space", NULL, ON_KEY | ON_PALETTE, TABLES, 0),
	ROW(CMD_MARK_ALL, "mark-all", NULL, N_("Mark all lines that are shown"), MARKS, "+", NULL,
		ON_KEY | ON_PALETTE, TABLES, 0),
	ROW(CMD_MARK_INVERT, "mark-invert", NULL,
		N_("Mark what is not marked of what is shown, and the other way"), MARKS, "*", NULL,
		ON_KEY | ON_PALETTE, TABLES, 0),
	ROW(CMD_MARK_NONE, "mark-none", NULL, N_("Take all marks away"), MARKS, "\\", N_("unmark"),
		ON_KEY | ON_PALETTE, TABLES, 0),
	ROW(CMD_REFRESH, "refresh", NULL, N_("Ask again at once"), SHOW, "r ctrl-r", NULL,
		ON_KEY | ON_PALETTE, IN_ALL, 0),
	ROW(CMD_THEME, "theme", N_("[NAME]"), N_("Change the colours; without a name: choose"),
		SHOW, NULL, NULL, ON_PALETTE, IN_ALL, 0),
	ROW(CMD_CLIP, "clip", N_("[name|id|address|json|cell|line|text]"),
		N_("Into the clipboard: name, job id, address, row as JSON, cell, line or text"),
		SHOW, "y", NULL, ON_KEY | ON_PALETTE, IN_ALL, 0),

	ROW(CMD_UP, "up", NULL, N_("Up"), MOVE, "up k ctrl-p", NULL, ON_KEY, IN_ALL, 0),
	ROW(CMD_DOWN, "down", NULL, N_("Down"), MOVE, "down j ctrl-n", NULL, ON_KEY, IN_ALL, 0),
	ROW(CMD_PAGE_UP, "page-up", NULL, N_("A page up"), MOVE, "pgup ctrl-b", NULL, ON_KEY,
		IN_ALL, 0),
	ROW(CMD_PAGE_DOWN, "page-down", NULL, N_("A page down"), MOVE, "pgdn ctrl-f", NULL, ON_KEY,
		IN_ALL, 0),
	ROW(CMD_HALF_UP, "half-page-up", NULL, N_("Half a page up"), MOVE, "ctrl-u", NULL, ON_KEY,
		IN_ALL, 0),
	ROW(CMD_HALF_DOWN, "half-page-down", NULL, N_("Half a page down"), MOVE, "ctrl-d", NULL,
		ON_KEY, IN_ALL, 0),
	ROW(CMD_LINE, "line", N_("NUMBER"), N_("That line; also its number alone"), MOVE, NULL,
		NULL, ON_PALETTE, IN_ALL, 0),
	ROW(CMD_TOP, "top", NULL, N_("First line"), MOVE, "home g,g", NULL, ON_KEY, IN_ALL, 0),
	ROW(CMD_BOTTOM, "bottom", NULL, N_("Last line"), MOVE, "end G", NULL, ON_KEY, IN_ALL, 0),
	ROW(CMD_LEFT, "left", NULL, N_("To the left"), MOVE, "left h", NULL, ON_KEY, IN_ALL, 0),
	ROW(CMD_RIGHT, "right", NULL, N_("To the right"), MOVE, "right", NULL, ON_KEY, IN_ALL, 0),
	ROW(CMD_PREV_ITEM, "previous", NULL, N_("Previous application, same view"), CARD, "<", NULL,
		ON_KEY, IN_CARD, 0),
	ROW(CMD_NEXT_ITEM, "next", NULL, N_("Next application, same view"), CARD, ">", N_("next"),
		ON_KEY, IN_CARD, 0),

	ROW(CMD_NEXT_TAB, "next-tab", NULL, N_("Next tab"), CARD, "tab", N_("tabs"), ON_KEY,
		IN_CARD, 0),
	ROW(CMD_PREV_TAB, "previous-tab", NULL, N_("Previous tab"), CARD, "backtab", NULL, ON_KEY,
		IN_CARD, 0),
	ROW(CMD_OVERVIEW, "overview", NULL, N_("Overview"), CARD, "1", NULL, ON_KEY, IN_CARD, 0),
	ROW(CMD_VERTICES, "vertices", NULL, N_("Vertices"), CARD, "v 2", N_("vertices"),
		ON_KEY | ON_PALETTE, IN_LIST | IN_CARD, NEED_APP),
	ROW(CMD_CHECKPOINTS, "checkpoints", NULL, N_("Checkpoints"), CARD, "c 3", N_("checkpoints"),
		ON_KEY | ON_PALETTE, IN_LIST | IN_CARD, NEED_APP),
	ROW(CMD_EXCEPTIONS, "exceptions", NULL, N_("Exceptions"), CARD, "x 4", N_("exceptions"),
		ON_KEY | ON_PALETTE, IN_LIST | IN_CARD, NEED_APP),
	ROW(CMD_CONFIGURATION, "configuration", NULL, N_("Configuration"), CARD, "p 5", NULL,
		ON_KEY | ON_PALETTE, IN_LIST | IN_CARD, NEED_APP),
	ROW(CMD_FILE, "file", NULL, N_("The application's file"), CARD, "f 6", NULL,
		ON_KEY | ON_PALETTE, IN_LIST | IN_CARD, NEED_APP),

	ROW(CMD_FOLLOW, "follow", NULL, N_("Stay at the end as it grows, or no longer"), RUN, "F",
		N_("follow"), ON_KEY | ON_PALETTE, IN_RUN | IN_LOG, 0),
	ROW(CMD_ONLY, "only", NULL, N_("Only the lines that / finds, or all again"), RUN, "&", NULL,
		ON_KEY | ON_PALETTE, IN_LOG, 0),
	ROW(CMD_CANCEL_RUN, "cancel-run", NULL, N_("Call this run off, as far as it can be"), RUN,
		"X", N_("cancel run"), ON_KEY | ON_PALETTE, IN_RUNS | IN_RUN, 0),

	[CMD_LOGS] = {.id = CMD_LOGS,
		.name = "logs",
		.args = N_("APP"),
		.summary = N_("The end of a log of its JobManager, of a TaskManager, or of a run"),
		.group = SHOW,
		.keys = "l",
		.hint = N_("logs"),
		.where = ON_CLI | ON_PALETTE | ON_KEY,
		.views = IN_LIST | IN_CARD | IN_RUNS | IN_RUN | IN_ROWS | IN_TEXT,
		.needs = NEED_APP,
		.options = logs_options,
		.option_count = ARRAY_SIZE(logs_options)},
	ROW(CMD_SEARCH_NEXT, "search-next", NULL, N_("Next hit"), LOG, "n", N_("next hit"), ON_KEY,
		IN_LOG | IN_TEXT, 0),
	ROW(CMD_SEARCH_PREV, "search-previous", NULL, N_("Former hit"), LOG, "N", NULL, ON_KEY,
		IN_LOG | IN_TEXT, 0),
	ROW(CMD_SAVE, "save", NULL, N_("Save what is here to a file"), LOG, "s", N_("save"),
		ON_KEY | ON_PALETTE, IN_LOG | IN_TEXT, 0),
	ROW(CMD_PAGER, "pager", NULL, N_("Show it in $PAGER"), LOG, "|", N_("$PAGER"),
		ON_KEY | ON_PALETTE, IN_LOG | IN_TEXT, 0),

	[CMD_OPEN_UI] = {.id = CMD_OPEN_UI,
		.name = "open",
		.args = N_("APP"),
		.summary = N_("Its page of the Flink web UI, in a browser or as a URL"),
		.group = SHOW,
		.keys = "o",
		.hint = N_("web UI"),
		.where = ON_CLI | ON_KEY,
		.views = IN_LIST | IN_CARD | IN_RUNS | IN_RUN | IN_ROWS | IN_TEXT,
		.needs = NEED_APP,
		.options = open_options,
		.option_count = ARRAY_SIZE(open_options)},
	[CMD_COPY] = {.id = CMD_COPY,
		.name = "copy",
		.args = N_("APP [TEAM/]NAME"),
		.summary = N_("Another application like this one; comments and order stay"),
		.group = ACT,
		.keys = "Y",
		.hint = NULL,
		.where = ON_CLI | ON_KEY,
		.views = IN_LIST | IN_CARD | IN_RUNS | IN_ROWS,
		.needs = NEED_APP,
		.options = copy_options,
		.option_count = ARRAY_SIZE(copy_options)},
	[CMD_EDIT] = {.id = CMD_EDIT,
		.name = "edit",
		.args = N_("APP"),
		.summary =
			N_("Change an application's file in $EDITOR, checked before it is saved"),
		.group = ACT,
		.keys = "e",
		.hint = N_("edit"),
		.where = ON_CLI | ON_PALETTE | ON_KEY,
		.views = IN_LIST | IN_CARD | IN_RUNS | IN_RUN | IN_ROWS | IN_TEXT,
		.needs = NEED_APP,
		.options = NULL,
		.option_count = 0},
	[CMD_DELETE] = {.id = CMD_DELETE,
		.name = "delete",
		.args = N_("APP"),
		.summary = N_("Delete the file of an application that does not run"),
		.group = ACT,
		.keys = "D",
		.hint = NULL,
		.where = ON_CLI | ON_PALETTE | ON_KEY,
		.views = IN_LIST | IN_CARD | IN_RUNS | IN_ROWS,
		.needs = NEED_APP,
		.options = delete_options,
		.option_count = ARRAY_SIZE(delete_options)},
	ROW(CMD_TUNNELS, "tunnels", NULL, N_("Ways to web pages behind hosts; closes them"), SHOW,
		NULL, NULL, ON_PALETTE, IN_ALL, 0),

	ROW_ACT(CMD_SAVEPOINT, "savepoint", "V", N_("Take a savepoint; the job goes on"),
		savepoint_options),
	ROW_ACT(CMD_STOP, "stop", "T f9", N_("Stop with a savepoint"), stop_options),
	ROW_ACT(CMD_CANCEL, "cancel", "X", N_("Cancel without a savepoint"), action_options),
	ROW_ACT(CMD_CHECKPOINT, "checkpoint", NULL,
		N_("Take a checkpoint now (Flink 1.17 and later)"), action_options),
	ROW_ACT(CMD_START, "start", "S", N_("Start the active release"), start_options),
	ROW_ACT(CMD_RESTART, "restart", "R",
		N_("Stop with a savepoint and start from it; an ended job: start it again"),
		restart_options),
	ROW_ACT(CMD_SHIP, "ship", "A", N_("Build, release and restart (or start), in one"),
		ship_options),

	ROW_ACT(CMD_BUILD, "build", "B", N_("Build it from its repository"), build_options),
	ROW_ACT(CMD_RELEASE, "release", "P", N_("Release it: what a start then runs"),
		action_options),
	ROW_ACT(CMD_ROLLBACK, "rollback", NULL, N_("Make an earlier release the active one"),
		rollback_options),
	ROW_ACT(CMD_ADOPT, "adopt", "m", N_("Tie a job that weir did not start to an application"),
		adopt_options),

	ROW(CMD_WRITE_CONFIG, "write-config", NULL, N_("Write a first configuration file"), PROGRAM,
		NULL, NULL, ON_PALETTE, IN_ALL, 0),
	ROW(CMD_MOUSE, "mouse", N_("[on|off]"),
		N_("Clicks and the wheel, or the terminal's own selection"), PROGRAM, NULL, NULL,
		ON_PALETTE, IN_ALL, 0),
	ROW(CMD_REDRAW, "redraw", NULL, N_("Draw the screen anew"), PROGRAM, "ctrl-l", NULL, ON_KEY,
		IN_ALL, 0),
	ROW(CMD_SUSPEND, "suspend", NULL, N_("Back to the shell for a while"), PROGRAM, "ctrl-z",
		NULL, ON_KEY, IN_ALL, 0),
};

const struct command *command_find(const char *name, enum command_where where)
{
	for (size_t i = 0; i < CMD_MAX; i++)
		if ((commands[i].where & where) && str_eq(commands[i].name, name))
			return &commands[i];
	return NULL;
}

const char *command_suggest(const char *name, enum command_where where)
{
	const char *names[CMD_MAX];
	size_t count = 0;
	for (size_t i = 0; i < CMD_MAX; i++)
		if (commands[i].where & where)
			names[count++] = commands[i].name;
	return str_suggest(name, names, count);
}

const char *command_need_text(enum command_need need)
{
	switch (need) {
	case NEED_ROW: return N_("no line is selected");
	case NEED_APP: return N_("no application is selected");
	case NEED_HISTORY: return N_("there is no former view");
	case NEED_FUTURE: return N_("there is no later view");
	case NEED_LAST: return N_("there is no other view to go to");
	}
	return "";
}
