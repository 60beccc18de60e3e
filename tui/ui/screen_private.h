/* Shared by screen.c (history and commands), screen_prompt.c (filter, palette) and screen_draw.c.
 */
#ifndef WEIR_TUI_SCREEN_PRIVATE_H
#define WEIR_TUI_SCREEN_PRIVATE_H

#include "core/base/buf.h"
#include "core/base/map.h"
#include "tui/ui/keymap.h"
#include "tui/ui/screen.h"
#include "tui/view/messages.h"
#include "tui/view/view.h"
#include "tui/widget/complete.h"
#include "tui/widget/dialog.h"
#include "tui/widget/hints.h"
#include "tui/widget/prompt.h"

#define HISTORY_MAX 64
#define LISTS 4
#define SCREEN_MARKED_MOST 500 /* that a verb takes at once */

enum prompt_mode { PROMPT_NONE, PROMPT_FILTER, PROMPT_PALETTE, PROMPT_DIALOG };

/* What the header's numbers were when it was drawn. */
struct header {
	int counts[STATE_MAX];
	struct fleet_polls polls;
	bool is_void; /* something else in it has changed since */
};

/* event: not DIALOG_OPEN. May open the next dialog. */
typedef void (*screen_dialog_fn)(void *data, enum dialog_event event, struct dialog *dialog);
struct filtering;
struct many_asked;
struct offer;
struct offers;
struct question;
struct verb;

struct screen {
	struct screen_backend backend;
	struct view_host host;
	struct keymap *keymap;
	struct keymap_state typed;
	enum view_phase phase;

	struct view *lists[LISTS];         /* made when first asked for */
	struct view *history[HISTORY_MAX]; /* a list of lists[], or owned here */
	size_t count, at;
	size_t former; /* where `at` was before; perhaps no more */

	enum prompt_mode mode;
	struct prompt *filter, *palette;
	struct complete *complete;
	struct dialog *dialog;
	screen_dialog_fn dialog_done; /* of the open one */
	void *dialog_data;
	struct question *questions; /* the first is open when is_asking */
	bool is_asking;
	struct verb *verb; /* being asked about: screen_verb.h */
	/* What the world is being asked: told at the bottom until Esc. NULL = nothing. */
	char *pending;
	int64_t pending_mono_ms;
	void (*pending_cancel)(struct screen *screen);
	char *diff_app, *diff_name;
	struct log_asked *log_asked;
	/* screen_log.c */
	struct buf saved;      /* what is to be saved, while its path is asked */
	char *url;             /* that is shown */
	struct offers *offers; /* to copy from: while it is asked; else NULL */
	const struct offer *offer_group;
	/* The application that is being made. */
	bool seeks; /* as backend.seek() was told */
	char *new_context, *new_like, *new_team, *new_name;
	enum app_type new_type;
	char **tunnels; /* listeners of those that are shown */
	size_t tunnel_count;
	char *asked_context; /* of the run to be called off */
	int64_t asked_run;
	struct saved_filters *filters; /* or NULL */
	struct filtering *filtering;   /* the open filter: screen_filter.c */
	/* screen_suggest.c */
	size_t complete_from;      /* where the word begins that is being completed */
	bool is_cycling;           /* Tab walks through the suggestions: they stay as they are */
	bool is_typed;             /* something was since they were made */
	enum command_id suggested; /* whose arguments they are; CMD_MAX = of none */
	struct hints *hints;       /* of a filter that is typed in the palette; or NULL */

	/* What can be clicked: keys of the footer, tabs. As it was drawn last. */
	struct screen_hit {
		enum command_id id;
		int digit; /* 1 …: of a saved filter; 0 = the command */
		int row, col, cols;
	} hits[CMD_MAX];
	size_t hit_count;
	bool has_mouse;
	struct many_asked *many; /* what is being asked about for many: screen_many.c */
	char *former_columns;    /* what Esc in the chooser of columns returns to */

	char *toast;
	enum style toast_style;
	int64_t toast_until_mono_ms;
	struct err store_problem;
	bool config_is_other; /* on the disk, than the one that was read */
	struct message_log messages;
	struct map *failing; /* refs of clusters whose last poll failed */
	char *shown;         /* what was told to backend.show last */
	struct header header;
	char *first_address; /* that would be written */
	json_t *session;     /* to be taken up by screen_session_loaded(); NULL = nothing */
};

struct view *screen_view(const struct screen *screen);
/* Which of the four lists it is, or LISTS. A list that was opened with a filter is none of them. */
size_t screen_list_at(const struct screen *screen, const struct view *view);
const struct column_table *screen_list_table(size_t i);
struct view *screen_list(struct screen *screen, size_t i); /* made when it is not there yet */
void screen_go_list(struct screen *screen, size_t i);
/* The reason why a command cannot run in that view now, or NULL. */
const char *screen_disabled(void *data, struct view *view, enum command_id id);
void screen_toast_end(struct screen *screen);
/* Runs it, or says why not. */
void screen_run(struct screen *screen, enum command_id id, const char *arg);

/* The list that a command goes to; NULL: it goes to none. */
struct view *screen_list_of(struct screen *screen, enum command_id id);
void screen_open_card(struct screen *screen, const char *app_ref, enum command_id section);

/* screen_program.c: commands of the program itself; false: the view's. */
bool screen_program(struct screen *screen, enum command_id id, const char *arg);
void screen_open_named(struct screen *screen, const char *name);

/* screen_keys.c: keys of a sequence, or a number, are typed and wait for the rest. */
bool screen_is_typing(const struct screen *screen);
void screen_draw_typing(struct screen *screen, struct canvas *canvas, int row);

/* screen_filter.c */
void prompt_begin_filter(struct screen *screen);
void filter_key_press(struct screen *screen, const struct key *key);
void filter_draw(struct screen *screen, struct canvas *canvas, int row);
void filter_release(struct screen *screen);

/* screen_mouse.c */
void screen_mouse(struct screen *screen, const struct key *key);
void screen_hit_add(struct screen *screen, struct screen_hit hit);
void screen_mouse_turn(struct screen *screen, const char *arg);

/* screen_suggest.c */
void palette_typed(struct screen *screen);   /* the suggestions are old */
void palette_suggest(struct screen *screen); /* makes them, when they are */
void palette_forget(struct screen *screen);

/* screen_saved.c: saved filters. The rows used; whether the key was a tab's. */
int saved_draw(struct screen *screen, struct canvas *canvas, int row);
bool saved_key(struct screen *screen, const struct key *key);
void saved_press(struct screen *screen, int digit);
void saved_use(struct screen *screen, const char *name);
void saved_save(struct screen *screen, const char *name);
void saved_suggest(struct screen *screen);

/* screen_prompt.c */
/* text: what stands there at first. */
void prompt_begin_palette(struct screen *screen, const char *text);
void prompt_handle(struct screen *screen, const struct key *key);

/* screen_table.c: commands of the table in front. False: none of them, or no table. */
bool screen_table_command(struct screen *screen, enum command_id id, const char *arg);
struct table *screen_table(const struct screen *screen); /* or NULL */
bool screen_on_group(const struct screen *screen);

/* screen_many.c: the verb on all that are marked; false: nothing is, or it is none for many. */
bool screen_many_begin(struct screen *screen, enum command_id id);
void screen_many_release(struct screen *screen);
bool screen_many_can(const struct screen *screen, enum command_id id);
/* How many are to come; they do not: false when there are none. */
size_t screen_many_left(const struct screen *screen);
bool screen_many_stop(struct screen *screen);

/* screen_action.c; arg: which application, NULL = the selected one. False: no verb. */
bool screen_act(struct screen *screen, enum command_id id, const char *arg);
/* Tells at the bottom that something is being asked; cancel: Esc was pressed. */
void screen_pending(struct screen *screen, const char *text, void (*cancel)(struct screen *screen));
void screen_pending_end(struct screen *screen);
bool screen_pending_cancel(struct screen *screen); /* false: nothing is */
void screen_action_release(struct screen *screen);
void screen_diff(struct screen *screen, const char *arg);
/* Leaves the program; asks while a run of its own goes on. */
void screen_quit(struct screen *screen);
void screen_cancel_run(struct screen *screen, const struct run *run);

/* The application that is selected, or named by arg; NULL: said why. */
const struct app *screen_which(struct screen *screen, const char *arg);

/* screen_open.c: the commands that the program does for an application. False: none of them. */
void screen_open_release(struct screen *screen);
bool screen_app_command(struct screen *screen, enum command_id id, const char *arg);

/* screen_log.c */
void screen_log(struct screen *screen, const struct app *app);
void screen_log_release(struct screen *screen);
void screen_open_log(struct screen *screen, const struct view_log_what *what);
void screen_open_diff(
	struct screen *screen, const char *title, const char *app_ref, const char *diff);
void screen_log_host(struct view_host *host);

/* screen_cluster.c: what is about a cluster and its processes. */
void screen_taskmanagers(struct screen *screen, const char *name); /* NULL = of what is selected */
void screen_open_taskmanagers(struct screen *screen, const struct cluster *cluster);
/* The log of the selected row, where that is a process; false: it is none. */
bool screen_log_of_row(struct screen *screen);
/* What the command needs of that view: no application, where a process is selected. */
unsigned screen_needs(struct view *view, enum command_id id);
void screen_cluster_host(struct view_host *host);

/* screen_ask.c */
void screen_dialog(struct screen *screen, const struct dialog_options *options,
	screen_dialog_fn done, void *data);
void screen_dialog_key(struct screen *screen, const struct key *key);
void screen_ask_next(struct screen *screen); /* when nothing is open */
void screen_ask_release(struct screen *screen);

/* screen_copy.c; arg: the word of what, NULL = asks. */
void screen_copy(struct screen *screen, const char *arg);
void screen_copy_suggest(struct screen *screen);
void screen_copy_release(struct screen *screen);
/* Into the clipboard, secrets masked: the one way there. */
void screen_clip(struct screen *screen, const char *text);

/* screen_theme.c; name NULL = asks which. */
void screen_theme(struct screen *screen, const char *name);
void screen_theme_suggest(struct screen *screen);

/* screen_session.c: what is remembered can be selected now */
void screen_session_loaded(struct screen *screen);

/* screen_watch.c: what changes of the fleet become messages, and which refs are shown. */
void screen_tell_shown(struct screen *screen);

/* screen_header.c: two lines, or three with the store's problem. Returns the rows used. */
int header_draw(struct screen *screen, struct canvas *canvas);
bool header_is_other(const struct screen *screen);
/* As in struct view_host. */
bool screen_polling(void *screen, size_t context, struct buf *out);

#endif
