/*
 * The one table of commands: it feeds the keys, the help, the footer, the palette, the command
 * line, the man page and the completion. A row is data; what a command does is found by its id in
 * core/cli (command line) and in tui/ (screen). Each needed thing that is missing has its reason as
 * a text.
 */
#ifndef WEIR_ACTION_COMMAND_H
#define WEIR_ACTION_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum command_id {
	/* command line */
	CMD_GET,
	CMD_DESCRIBE,
	CMD_WATCH,
	CMD_CONFIG,
	CMD_DOCTOR,
	CMD_STORE,
	CMD_VERSION,
	CMD_HELP_CLI,
	CMD_COMPLETION,
	CMD_SETTLE,
	CMD_ABORT,
	/* screen: where to go */
	CMD_APPS,
	CMD_CLUSTERS,
	CMD_TEAMS,
	CMD_JOBS,
	CMD_MESSAGES,
	CMD_RUNS,
	CMD_BUILDS,
	CMD_RELEASES,
	CMD_RESTORE_POINTS,
	CMD_FLINK_ENVS,
	CMD_TASKMANAGERS,
	CMD_HISTORY,
	CMD_COMMANDS,
	CMD_CONTEXT,
	CMD_NEXT_LIST,
	CMD_OPEN,
	CMD_BACK, /* at home: out of the program */
	CMD_OUT,  /* at home: nothing */
	CMD_HISTORY_BACK,
	CMD_HISTORY_FORWARD,
	CMD_LAST,
	CMD_HELP,
	CMD_PALETTE,
	CMD_QUIT,
	/* screen: what is shown */
	CMD_FILTER,
	CMD_USE_FILTER,
	CMD_SAVE_FILTER,
	CMD_ATTENTION,
	CMD_SORT,
	CMD_SORT_NEXT,
	CMD_SORT_INVERT,
	CMD_WIDE,
	CMD_COLUMNS,
	CMD_GROUP,
	CMD_FOLD,
	CMD_REFRESH,
	CMD_THEME,
	CMD_CLIP,
	/* screen: moving */
	CMD_UP,
	CMD_DOWN,
	CMD_PAGE_UP,
	CMD_PAGE_DOWN,
	CMD_HALF_UP,
	CMD_HALF_DOWN,
	CMD_LINE,
	CMD_TOP,
	CMD_BOTTOM,
	CMD_LEFT,
	CMD_RIGHT,
	CMD_PREV_ITEM,
	CMD_NEXT_ITEM,
	/* card: its tabs */
	CMD_NEXT_TAB,
	CMD_PREV_TAB,
	CMD_OVERVIEW,
	CMD_VERTICES,
	CMD_CHECKPOINTS,
	CMD_EXCEPTIONS,
	CMD_CONFIGURATION,
	CMD_FILE,
	/* runs */
	CMD_FOLLOW,
	CMD_ONLY,
	CMD_CANCEL_RUN,
	/* an application's web UI and file */
	CMD_OPEN_UI,
	CMD_TUNNELS,
	CMD_DIFF,
	CMD_NEW,
	CMD_EDIT,
	CMD_COPY,
	CMD_DELETE,
	/* logs */
	CMD_LOGS,
	CMD_SEARCH_NEXT,
	CMD_SEARCH_PREV,
	CMD_SAVE,
	CMD_PAGER,
	/* lines of a table */
	CMD_MARK,
	CMD_MARK_RANGE,
	CMD_MARK_INVERT,
	CMD_MARK_ALL,
	CMD_MARK_NONE,
	/* actions */
	CMD_SAVEPOINT,
	CMD_STOP,
	CMD_CANCEL,
	CMD_CHECKPOINT,
	CMD_BUILD,
	CMD_RELEASE,
	CMD_ROLLBACK,
	CMD_START,
	CMD_RESTART,
	CMD_SHIP,
	CMD_ADOPT,
	/* the program */
	CMD_WRITE_CONFIG,
	CMD_MOUSE,
	CMD_REDRAW,
	CMD_SUSPEND,
	CMD_MAX
};

enum command_where { ON_CLI = 1, ON_PALETTE = 2, ON_KEY = 4 };
/* Views in which a key works. */
enum command_view {
	IN_LIST = 1,
	IN_CARD = 2,
	IN_HELP = 4,
	IN_RUNS = 8,
	IN_RUN = 16,
	IN_LOG = 32,
	IN_ROWS = 64, /* builds, releases, restore points, the command log */
	IN_TEXT = 128,
	IN_ALL = 255
};
/* Preconditions; command_need_text() says each in words. */
enum command_need {
	NEED_ROW = 1,     /* a selected line */
	NEED_APP = 2,     /* that is an application */
	NEED_HISTORY = 4, /* somewhere to go back to */
	NEED_FUTURE = 8,
	NEED_LAST = 16, /* another view to go back and forth with */
};

struct command_option {
	const char *name; /* long name without "--" */
	char letter;      /* 0 = none */
	const char *arg;  /* "FILE"; NULL = a flag */
	const char *help; /* N_() */
};

struct command {
	enum command_id id;
	const char *name;    /* word on the command line and in the palette */
	const char *args;    /* usage of its arguments, or NULL */
	const char *summary; /* N_(): one line, no full stop */
	const char *group;   /* N_(): section of the help */
	const char *keys; /* defaults, separated by blanks; "g g" is written "g,g"; NULL = none */
	const char *hint; /* N_(): word for the footer; NULL = not in the footer */
	unsigned where;   /* enum command_where */
	unsigned views;   /* enum command_view */
	unsigned needs;   /* enum command_need */
	const struct command_option *options;
	size_t option_count;
};

/* What the help of the command line says beyond the summary; each may be NULL. command_text.c */
struct command_text {
	const char *line;     /* N_(): instead of the summary where no line is selected */
	const char *about;    /* N_(): a paragraph */
	const char *examples; /* one a line, as they are typed */
};

extern const struct command commands[CMD_MAX]; /* in the order of enum command_id */
extern const struct command_option global_options[];
extern const size_t global_option_count;

/* The command of that name for that door; NULL when there is none. */
const struct command *command_find(const char *name, enum command_where where);
/*
 * command_alias.c: the command that somebody means by that word in the palette or a keymap, which
 * may say something of itself (*arg, or NULL); NULL when there is none. And the nearest such word.
 */
const struct command *command_named(const char *word, const char **arg);
const char *command_suggest_named(const char *word);
/* The word by which command_named() finds it. */
const char *command_own_name(enum command_id id);
/* Never NULL. */
const struct command_text *command_text(enum command_id id);
/* The nearest name for that door, or NULL. */
const char *command_suggest(const char *name, enum command_where where);
/* "no line is selected": the reason for one missing need. */
const char *command_need_text(enum command_need need);

#endif
