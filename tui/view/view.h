/*
 * The seam between the screen and what it shows. A view fills its part of a canvas, answers
 * commands, and says why one cannot run; it knows no terminal, no keys, no network and no SQL. What
 * it needs from around it comes through its host.
 *
 *	struct view *view = list_view_new(host, &app_table, "");
 *	view->ops->draw(view, canvas, rect);
 *	view->ops->command(view, CMD_DOWN, NULL);
 *	view->ops->changed(view, cause, changes, count);   after each fleet_apply(), before any other
 *	view->ops->release(view);                  frees it
 */
#ifndef WEIR_TUI_VIEW_H
#define WEIR_TUI_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "core/action/command.h"
#include "core/fleet/fleet.h"
#include "core/present/column.h"
#include "tui/term/canvas.h"

struct buf;
struct command_log;
struct env_state;
struct rows_kind;
struct run;
struct store;
struct table;
struct view;
struct message_log;
struct offers;

/* How far the start has come: an empty list has different reasons. */
enum view_phase {
	PHASE_LOADING, /* what is remembered is being read */
	PHASE_LIVE,
};

/* A log that is being read; the host's. */
struct view_log;
struct view_log_what;
struct view_log_options {
	const char *app_ref;
	const char *cluster_ref; /* instead: of that cluster */
	const char *taskmanager; /* its id; NULL = the JobManager's */
	/* Whole lines, masked and harmless. */
	void (*on_text)(void *data, const char *text, size_t len);
	void (*on_note)(void *data, const char *text);
	/* Once, unless it is closed before; the view_log is gone then. */
	void (*done)(void *data, const struct err *err);
	void *data;
};

/* A key that does something in a view. */
struct view_key {
	char keys[48]; /* "gg", "ctrl-x k" */
	enum command_id id;
	const char *arg; /* what it says to the command, or NULL; borrowed */
};

/* The TaskManagers of a cluster, as far as they have told; borrowed until the next turn of the loop. */
struct view_taskmanagers {
	const struct taskmanager_item *const *items;
	size_t count;
	bool is_told;
	uint64_t changes; /* grows */
	struct err err;   /* why the last list did not come; code 0 = it did */
};

/* What a view may ask of the screen around it; `data` goes first into each. */
struct view_host {
	void *data;
	const struct fleet *fleet;
	const struct message_log *messages;
	const struct err *store_problem;    /* what is wrong with the store now; code 0 = nothing */
	const struct command_log *commands; /* or NULL */
	const char *const *contexts;        /* their names */
	size_t context_count;
	/* The Flink envs, as far as they were looked at; changes: grows when they are others.
	 * Borrowed until the next call; none: NULL. */
	const struct env_state *const *(*envs)(void *data, size_t *count, uint64_t *changes);
	/* Who looks once a second is told; nobody else is asked for. */
	void (*taskmanagers)(void *data, const char *cluster_ref, struct view_taskmanagers *out);
	struct present_env (*env)(void *data);
	/* Who polls for that one of the contexts, in words, if any; whether it is another process. NULL
	 * where nobody knows. */
	bool (*polling)(void *data, size_t context, struct buf *out);
	enum view_phase (*phase)(void *data);
	/* The place of a configuration file to write, when there is none; else NULL. */
	const char *(*unconfigured)(void *data);
	/* NULL when that context remembers nothing. */
	struct store *(*store)(void *data, const char *context);
	/* Why the command cannot run in that view now (translated), or NULL. */
	const char *(*disabled)(void *data, struct view *view, enum command_id id);
	/* The keys of such a view, those of the person's own file first; *at: 0 at first. False: no
	 * more. */
	bool (*key)(void *data, enum command_view where, size_t *at, struct view_key *out);
	void (*open_list)(void *data, const struct column_table *table, const char *filter);
	/* section: CMD_VERTICES … CMD_RESTORE_POINTS, or CMD_OPEN for the top. */
	void (*open_card)(void *data, const char *app_ref, enum command_id section);
	void (*open_run)(void *data, const struct run *run);
	/* All that is known of an item of a column table; written at once. */
	void (*open_facts)(void *data, const struct column_table *table, const void *item,
		const char *app_ref);
	/* Asks, then calls it off as far as that goes. */
	void (*cancel_run)(void *data, const struct run *run);
	/* Its end, then what is added. NULL: err says why. */
	struct view_log *(*log_open)(
		void *data, const struct view_log_options *options, struct err *err);
	void (*log_close)(void *data, struct view_log *log);
	void (*open_log)(void *data, const struct view_log_what *what);
	/* Asks for a path and writes it there, 0600; shows it in $PAGER. The text is copied. */
	void (*save_text)(void *data, const char *name, const char *text, size_t len);
	void (*page_text)(void *data, const char *name, const char *text, size_t len);
	/* The application beside that one in the list that the view in front was opened from, or
	 * NULL. */
	const char *(*neighbour)(void *data, const char *app_ref, int step);
	void (*toast)(void *data, enum style style, const char *text);
	/* While it is drawn: a click there is that command. NULL member: nobody clicks. */
	void (*hit)(void *data, enum command_id id, int row, int col, int cols);
	/* Something came from outside the fleet's changes: draw again. */
	void (*redraw)(void *data);
};

/* At most this many refs are asked for; no screen has more lines. */
#define VIEW_SHOWN_MAX 512

struct view_ops {
	const char *name;        /* "apps", "card", "help": for tests */
	enum command_view where; /* which keys work */
	void (*draw)(struct view *view, struct canvas *canvas, struct rect rect);
	/* arg: what was typed behind the command, or NULL. False: not one of this view's. */
	bool (*command)(struct view *view, enum command_id id, const char *arg);
	/* A translated reason, or NULL; NULL member: nothing is ever disabled. */
	const char *(*disabled)(struct view *view, enum command_id id);
	/* The ref of the selected line, and of the application that is selected or shown; or NULL.
	 */
	const char *(*row)(struct view *view);
	const char *(*app)(struct view *view);
	const char *(*filter)(const struct view *view);
	/* The table in front: what sorts, groups, marks and chooses columns (ui/screen_table.c) does
	 * it there. NULL, or NULL member: there is none. */
	struct table *(*table)(struct view *view);
	/* What can be copied of it: offer.h. NULL member: nothing. */
	void (*offer)(struct view *view, struct offers *offers);
	/* The log of what is selected, where that is no application's; false: none. Borrowed. */
	bool (*log)(struct view *view, struct view_log_what *out);
	/* The applications on the screen; *focus: the one that wants everything. Borrowed. */
	size_t (*shown)(struct view *view, const char **refs, size_t max, const char **focus);
	/* Move the selection `step` lines from that application; its ref, or NULL. NULL member: no
	 * list. */
	const char *(*step)(struct view *view, const char *app_ref, int step);
	void (*changed)(struct view *view, const struct snapshot *cause,
		const struct change *changes, size_t count);
	/* Do the changes since its last drawing show? NULL: whatever they are. Ages alone do not: they
	 * are drawn each second. */
	bool (*is_other)(struct view *view);
	/* A run of this program has: NULL member: not shown here. */
	void (*runs_changed)(struct view *view);
	void (*release)(struct view *view);
};

/* The first member of every view. */
struct view {
	const struct view_ops *ops;
	const struct view_host *host;
};

/* filter: where the view begins, and what Esc returns to. */
struct view *list_view_new(
	const struct view_host *host, const struct column_table *table, const char *filter);
struct view *card_view_new(
	const struct view_host *host, const char *app_ref, enum command_id section);
/* About the keys of `former`, which is not kept. */
struct view *help_view_new(const struct view_host *host, struct view *former);
struct view *messages_view_new(const struct view_host *host);
/* rows_pane.h; NULL = all, else only those of an application, or a cluster. Copied. */
struct view_owner {
	const char *ref, *context;
	const char *name; /* for the title */
};
struct view *rows_view_new(
	const struct view_host *host, const struct rows_kind *kind, const struct view_owner *owner);
/* A unified diff; all columns of one item. Copied. */
struct view *diff_view_new(
	const struct view_host *host, const char *title, const char *app_ref, const char *diff);
struct view *facts_view_new(const struct view_host *host, const struct column_table *table,
	const void *item, const char *app_ref);
/* run: copied; followed by its id. */
struct view *run_view_new(const struct view_host *host, const struct run *run);
struct view_log_what {
	const char *app_ref, *app_name;
	const char *cluster_ref; /* app_ref NULL: of that cluster, whose name is app_name */
	const char *process;     /* "JobManager": for the title */
	const char *taskmanager; /* its id; NULL = the JobManager */
};
/* Copied. */
struct view *log_view_new(const struct view_host *host, const struct view_log_what *what);

/* "42", as it is typed → 41; what is no number is the first line. */
size_t view_line(const char *arg);
/* Its table, of a list alone. */
struct table *list_view_rows(const struct view *view, bool *is_attention);
/* The command that opens the tab in front; false: it is no card. */
bool card_view_section(const struct view *view, enum command_id *section);

#endif
