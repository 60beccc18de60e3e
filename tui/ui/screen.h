/*
 * Everything of the console but the terminal: keys and changes of the fleet go in, a canvas comes
 * out. ui.c joins it to a terminal and a session; tests drive it by keys.
 *
 *	screen_new(&screen, &backend, &err);
 *	fleet_subscribe(fleet, screen_changed, screen);
 *	screen_loaded(screen);                    the store's content is in the fleet
 *	screen_key(screen, &key);
 *	screen_draw(screen, canvas);              the whole frame
 *
 * Views form a history as in a browser; each keeps its filter, order, place and selection. The four
 * lists are there once each, wherever in the history they stand.
 */
#ifndef WEIR_TUI_SCREEN_H
#define WEIR_TUI_SCREEN_H

#include "core/action/command.h"
#include "core/query/query.h"
#include "core/watch/poller.h"
#include "tui/term/canvas.h"
#include "tui/term/key.h"
#include "tui/view/view.h"

#define SCREEN_ROWS_MIN 15
#define SCREEN_COLS_MIN 60
#define TOAST_MS 4000

/*
 * What the world wants to know: a dialog, as soon as no other one and no prompt is open; several
 * wait in line.
 */
struct screen_question {
	enum {
		SCREEN_ASK_TEXT,
		SCREEN_ASK_SECRET,  /* never shown, wiped */
		SCREEN_ASK_YES,     /* "yes" has to be typed, or `text` */
		SCREEN_ASK_CONFIRM, /* y or n */
	} kind;
	const char *title, *body; /* body: lines, or NULL */
	const char *warnings;     /* lines, or NULL */
	const char *text;         /* TEXT: what stands there at first; or NULL */
	const char *refused;      /* the toast when it is; or NULL */
	bool needs_text;
	/* Once, also from inside screen_free(); answer: borrowed; NULL = refused. */
	void (*done)(void *data, const char *answer);
	void *data;
};

struct action_args;
struct keymap;

/* What a verb would do: texts borrowed for the call. */
struct screen_plan {
	const char *calls;    /* lines */
	const char *warnings; /* lines, or NULL */
	const char *command;  /* a build command that nobody has agreed to yet; or NULL */
	const char *name;     /* has to be typed; NULL = yes or no */
	bool asks_nothing;
};

/* What a verb would do with many: as struct screen_plan, for each. */
struct screen_many_row {
	const char *name;
	const char *calls, *warnings;
	const char *restore_path; /* what it takes up, as far as that is known; or NULL */
	const char *refused;      /* why it may not; NULL = it may */
};

/* In which order: `first` of them, and the others when these are done, `at_once` at a time. */
struct screen_many_pace {
	size_t first, at_once;
};

struct screen_many {
	const struct screen_many_row *rows;
	size_t count;
	bool is_typed; /* their number has to be */
};

/* A new application; borrowed for the call. */
struct screen_new {
	const char *context, *like; /* like: ref of the one that was selected; or NULL */
	enum app_type type;
	const char *team, *name; /* as names are; whether they are free is not known */
};

/* A run of this program that goes on. */
struct screen_going {
	const char *verb, *name;
	const char *step, *step_text; /* that it is at, and what came of it so far; or NULL */
	int64_t began_mono_ms;
};

/* What the screen asks of the program; `data` goes first into each. Members may be NULL but
 * `fleet`. */
struct screen_backend {
	void *data;
	const struct fleet *fleet;
	const char *const *contexts;
	size_t context_count;
	const struct command_log *commands;
	struct keymap *keymap; /* taken; NULL = the program's own */
	/* As in struct view_host. */
	const struct env_state *const *(*envs)(void *data, size_t *count, uint64_t *changes);
	void (*taskmanagers)(void *data, const char *cluster_ref, struct view_taskmanagers *out);
	/* Where a configuration would be written, when there is none; NULL = configured. */
	const char *unconfigured_path;
	struct store *(*store)(void *data, const char *context);
	struct poller_stats (*stats)(void *data);
	/* As in struct view_host. */
	bool (*polling)(void *data, size_t context, struct buf *out);
	/* The applications on the screen changed. */
	void (*show)(void *data, const char *const *refs, size_t count, const char *focus);
	/* Jobs are looked for by how far behind they are. */
	void (*seek)(void *data, bool is_sought);
	void (*refresh)(void *data);
	void (*quit)(void *data);
	void (*suspend)(void *data);
	void (*repaint)(void *data);
	bool has_mouse; /* at first */
	void (*mouse)(void *data, bool is_on);
	/* Something needs attention that did not before. */
	void (*attention)(void *data);
	/* Puts it on, or says by screen_toast() why not. */
	void (*set_theme)(void *data, const char *name);
	/* Those that there are, as far as known: pairs of name and file (NULL = built in); borrowed
	 * until the next call. */
	const char *const *(*themes)(void *data, size_t *count, const char **current);
	/* The first run: looks for JobManagers, asks one; the answers come by screen_first_found() and
	 * screen_first_tried(). Once first_cancel() was called they do not. */
	void (*first_find)(void *data);
	void (*first_try)(void *data, const char *address);
	void (*first_cancel)(void *data);
	/* Writes a first configuration file and begins anew with it, or says by screen_toast() why not. */
	void (*write_config)(void *data, const char *address);
	/*
	 * A verb of core/action on an application: its plan is made, and comes by
	 * screen_planned(), perhaps from inside. Then one of act (a yes), give_up, and another plan.
	 * give_up also before the answer, which then does not come.
	 */
	void (*plan)(void *data, enum command_id id, const char *app_ref,
		const struct action_args *args);
	void (*act)(void *data);
	void (*give_up)(void *data);
	/*
	 * The same on many: one plan comes by screen_many_planned(), perhaps from inside. Then
	 * many_go (a yes), or many_stop, also before the answer, which then does not come, and
	 * later: what has not begun does not. many_left: how many that are.
	 */
	void (*plan_many)(
		void *data, enum command_id id, const char *const *app_refs, size_t count);
	void (*many_go)(void *data, struct screen_many_pace pace);
	void (*many_stop)(void *data);
	size_t (*many_left)(void *data);
	/* The web UI of its job: the answer comes by screen_show_url() or a toast. */
	void (*open_ui)(void *data, const char *app_ref);
	void (*tunnels)(void *data); /* screen_tunnels() */
	void (*close_tunnel)(void *data, const char *listener);
	/* Into the clipboard: masked and harmless (screen_clip()). Says by screen_toast() where. */
	void (*clip)(void *data, const char *text, size_t len);
	/* What a release would change (number 0: of the active one): screen_diffed(). */
	void (*diff)(void *data, const char *app_ref, int64_t number);
	void (*diff_cancel)(void *data);
	/* A new application's file, then the editor on it. Refused: screen_new_refused(). */
	void (*new_file)(void *data, const struct screen_new *what);
	/* Asked before anything is asked of a person; NULL = it may. */
	int (*may_new)(void *data, const char *context, struct err *err);
	/* Its file: in $EDITOR; another one like it; away with it. Each asks what it has to. */
	void (*edit)(void *data, const char *app_ref);
	void (*copy)(void *data, const char *app_ref);
	void (*delete_file)(void *data, const char *app_ref);
	/* Which TaskManagers run it: the answer comes by screen_log_processes(), perhaps from inside.
	 */
	void (*log_processes)(void *data, const char *app_ref);
	/* As in struct view_host. */
	struct view_log *(*log_open)(
		void *data, const struct view_log_options *options, struct err *err);
	void (*log_close)(void *data, struct view_log *log);
	/* Writes a file, 0600, and says by screen_toast() how that went. */
	void (*save)(void *data, const char *path, const char *text, size_t len);
	/* Among the saved ones (ui/filters.h): screen_filters(), and says how that went. */
	void (*save_filter)(
		void *data, const struct column_table *table, const char *name, const char *text);
	/* Shows the text in $PAGER. */
	void (*page)(void *data, const char *name, const char *text, size_t len);
	/* Runs of this program that are not over; oldest: of the one that was begun first, borrowed
	 * until the next call. */
	size_t (*going)(void *data, struct screen_going *oldest);
	/* Call that run off, as far as that goes; says by screen_toast() how that went. */
	void (*cancel_run)(void *data, const char *context, int64_t run);
	/* A command was typed in the palette, as it stood there. */
	void (*typed)(void *data, const char *line);
	/* There is something to draw that no key and no change of the fleet caused. */
	void (*wake)(void *data);
};

/* An address that was asked whether a JobManager is there; borrowed. */
struct screen_tried {
	const char *address, *version;
	int64_t jobs;          /* running */
	const struct err *err; /* NULL = there is */
};

struct screen;

/* The backend is copied. Fails only when the command table's keys collide. */
int screen_new(struct screen **out, const struct screen_backend *backend, struct err *err);
void screen_free(struct screen *screen); /* NULL-safe */

void screen_loaded(struct screen *screen);
void screen_key(struct screen *screen, const struct key *key);
/* A fleet_fn: `data` is the screen. */
void screen_changed(
	void *data, const struct snapshot *cause, const struct change *changes, size_t count);
/*
 * What of a drawing would be another one, after what screen_changed() was told since the last? Ages are
 * not counted: screen_tick_ms().
 */
enum screen_other {
	SCREEN_SAME,
	SCREEN_NUMBERS, /* of the header, no more */
	SCREEN_LINES
};
enum screen_other screen_other(struct screen *screen);
/* Asks where a JobManager is, and writes the configuration (screen_first.c); where there is one it says so. */
void screen_first_begin(struct screen *screen);
/* The first is the likeliest. */
void screen_first_found(struct screen *screen, const struct screen_tried *tried, size_t count);
void screen_first_tried(struct screen *screen, const struct screen_tried *tried);
/* body: lines below it; or "". */
void screen_show_url(struct screen *screen, const char *url, const char *body);
/* Rows of cells; the first cell names a forward. */
void screen_tunnels(struct screen *screen, const char *const *titles, const char *const *cells,
	size_t columns, size_t rows);
/* err: they could not be asked for; what else there is, is offered all the same. */
void screen_log_processes(struct screen *screen, const char *const *taskmanagers, size_t count,
	const struct err *err);
/* A run of this program has changed: views that show runs ask again. */
void screen_runs_changed(struct screen *screen);
/* The configuration on the disk is another one than what runs here, or again the same. */
void screen_config_changed(struct screen *screen, bool is_other);
/* The store cannot remember (a banner until it can again: NULL). */
void screen_problem(struct screen *screen, const struct err *err);
/* Among the messages. */
void screen_warn(struct screen *screen, const char *text);
/* That name will not do: what was typed is there again. */
void screen_new_refused(struct screen *screen, const struct err *err);
/* A line that was typed in the palette once: up and down bring it back. Oldest first. */
void screen_remember(struct screen *screen, const char *line);
/* One line in front of the keys; gone after TOAST_MS or with the next key. */
void screen_toast(struct screen *screen, enum style style, const char *text);
void screen_ask(struct screen *screen, const struct screen_question *question);
/* The question with that `data` is not asked any more: its done() is not called. */
void screen_unask(struct screen *screen, const void *data);
/* What backend.plan asked for; err: it may not, and plan is NULL. */
void screen_planned(struct screen *screen, const struct screen_plan *plan, const struct err *err);
/* What backend.plan_many asked for; err: it may not be asked now, and plan is NULL. */
void screen_many_planned(
	struct screen *screen, const struct screen_many *plan, const struct err *err);
/* That one of those that plan_many was asked for begins, or never will: its mark goes. */
void screen_many_unmark(struct screen *screen, const char *app_ref);
/* What backend.diff asked for: a unified diff, "" when nothing differs. */
void screen_diffed(struct screen *screen, const char *diff, int64_t number, const struct err *err);

/*
 * Where a person is, as a text, and back at the next start: lists, filters, order, columns, selections, marks, the
 * card in front (screen_session.c). Taken before screen_loaded(). E_CONFIG: it is broken, or of a later
 * version; nothing is taken then.
 */
void screen_session_text(
	struct screen *screen, const char *theme, const char *instead_of, struct buf *out);
int screen_session_take(struct screen *screen, const char *text, size_t len, struct err *err);
/* Chosen then instead of the one that is configured; NULL = none. Borrowed until screen_loaded(). */
const char *screen_session_theme(const struct screen *screen, const char *configured);

/* The saved filters from now on; taken. */
struct saved_filters;
void screen_filters(struct screen *screen, struct saved_filters *filters);

void screen_draw(struct screen *screen, struct canvas *canvas);
/*
 * Before screen_loaded(): the frame that will be drawn then, of a fleet that knows the first rows and the
 * numbers of all; the fleet is not needed any more afterwards. False: these are not the rows, nothing is drawn.
 */
bool screen_draw_head(struct screen *screen, const struct fleet *head, struct canvas *canvas);
/* Milliseconds until time alone changes the picture: an age, a toast. */
int64_t screen_tick_ms(const struct screen *screen);

#endif
