/* Shared by ui.c (the loop, the terminal, frames) and what serves the screen. */
#ifndef WEIR_TUI_UI_PRIVATE_H
#define WEIR_TUI_UI_PRIVATE_H

#include <sys/types.h>

#include "core/base/vec.h"
#include "core/cli/cli.h"
#include "core/cli/session.h"
#include "tui/term/term.h"
#include "tui/ui/screen.h"
#include "tui/ui/ui_action.h"
#include "tui/ui/ui_log.h"
#include "tui/ui/ui_prompt.h"

struct ui {
	const struct cli *cli;
	struct session *session;
	struct term *term;
	struct theme *theme;
	struct screen *screen;
	struct canvas *canvas;
	struct ui_actions *actions;
	struct ui_prompts *prompts;
	struct ui_logs *logs;
	struct ui_themes *themes;
	const char **contexts;
	char *config_path; /* to write, when there is none */
	struct loop_watch *in, *out;
	struct loop_timer *esc, *frame, *tick, *loading, *start, *trim;
	bool may_draw, is_loaded, is_started;
	VEC(struct key) early; /* typed at rows that are shown and not loaded yet */
	bool has_head;         /* such rows are shown */
	/* A key's frame; a frame of data; one if screen_other(). */
	bool is_urgent, is_dirty, is_told;
	int64_t rate, rate_ms; /* requests in a second as shown, since when */
	int64_t drawn_mono_ms; /* or looked at */
	int64_t painted_mono_ms, cost_ms;
	int64_t key_mono_ms;      /* of the last one */
	struct loop_timer *flash; /* is over; NULL = there was none */
	int64_t bell_mono_ms;     /* the last one */
	VEC(char *) typed;        /* in the palette, in this run */
	int code;
	struct ui_file *file;                 /* being edited, copied, deleted; NULL = none */
	struct open_ui *opening;              /* NULL = none */
	struct release_diff *diff;            /* NULL = none */
	struct file_watch *config;            /* NULL = no file was read */
	struct ui_first *first;               /* NULL = no first run is under way */
	bool is_again;                        /* to begin with the file that was written */
	struct ui_session *kept;              /* NULL = --no-session */
	struct ui_taskmanagers *taskmanagers; /* NULL = nobody wanted to see any */
	struct ui_envs *envs;                 /* NULL = nobody wanted to see them */
	pid_t child;                          /* that has the terminal; 0 = none */
	void (*child_done)(void *data, int status, const struct err *err);
	void *child_data;
};

/* ui.c: one session; *is_again: another one is to follow. The exit code. */
int ui_once(const struct cli *cli, bool *is_again);
void ui_stop(struct ui *ui, int code);
/* Back to the shell; until it continues us. */
void ui_suspend(void *data);
void ui_resized(void *data);
void ui_write(struct ui *ui, const char *bytes, size_t len); /* term_write(), and off it goes */

void ui_take_back(struct ui *ui); /* the terminal, after a child had it */
void ui_wake(void *data);
void ui_key(struct ui *ui, const struct key *key);
void ui_loaded(void *data);  /* what is remembered, all of it */
void ui_pump(struct ui *ui); /* what is painted, to the terminal, as far as it takes it */

/* ui_head.c: the first rows, then the others. takes: the key waits for those; end: no longer. */
void ui_head_open(struct ui *ui);
bool ui_head_takes(struct ui *ui, const struct key *key);
void ui_head_end(struct ui *ui);

/*
 * ui_child.c: gives the terminal to a program until it ends. done: once, perhaps from inside;
 * status: -1 by a signal, or with err: it was not started.
 */
typedef void (*ui_child_fn)(void *data, int status, const struct err *err);
void ui_foreground(struct ui *ui, const char *const *argv, ui_child_fn done, void *data);
void ui_on_child(void *data); /* on SIGCHLD */
void ui_save(void *data, const char *path, const char *text, size_t len);
void ui_page(void *data, const char *name, const char *text, size_t len);

/* ui_open.c */
void ui_open(void *data, const char *app_ref);
void ui_tunnels(void *data);
void ui_close_tunnel(void *data, const char *listener);
void ui_link(struct ui *ui, const struct canvas *canvas); /* what was painted, as OSC 8 */
/* ui_clip.c */
void ui_clip(void *data, const char *text, size_t len);

/* ui_theme.c: first, the one of the configuration; _tell: what was wrong with that. */
void ui_theme_open(struct ui *ui);
bool ui_theme_is_open(const struct ui *ui);       /* nobody has chosen: the background may */
const char *ui_theme_chosen(const struct ui *ui); /* instead of the configured one; or NULL */
void ui_theme_tell(struct ui *ui);
void ui_theme_free(struct ui *ui);
void ui_theme_background(struct ui *ui, uint32_t rgb);
void ui_theme_list(struct ui *ui); /* looks which there are */
void ui_theme_set(void *data, const char *name);
const char *const *ui_theme_names(void *data, size_t *count, const char **current);

/* ui_bell.c */
void ui_attention(void *data);

/* ui_session.c: where a person was, for the next start. open: what the last one left, before the first frame;
 * touch: something may be another one now; leave: while there is a screen; free: writes. */
void ui_session_open(struct ui *ui);
void ui_session_touch(struct ui *ui);
void ui_session_leave(struct ui *ui);
void ui_session_free(struct ui *ui);

/* ui_envs.c: as struct view_host has it; what it gave first asks their hosts. */
const struct env_state *const *ui_envs(void *data, size_t *count, uint64_t *changes);
void ui_envs_again(struct ui *ui);
void ui_envs_free(struct ui *ui);

/* ui_taskmanagers.c: as struct view_host has it. NULL: it is not asked. */
struct view_taskmanagers;
void ui_taskmanagers(void *data, const char *cluster_ref, struct view_taskmanagers *out);
void ui_taskmanagers_free(struct ui *ui);
struct source *ui_cluster_source(struct session *session, const char *cluster_ref);

/* ui_filters.c */
void ui_filters_load(struct ui *ui);
void ui_save_filter(
	void *data, const struct column_table *table, const char *name, const char *text);

/* ui_diff.c */
void ui_diff(void *data, const char *app_ref, int64_t number);
void ui_diff_cancel(void *data);

/* ui_file.c */
void ui_edit(void *data, const char *app_ref);
void ui_new(void *data, const struct screen_new *what);
int ui_may_new(void *data, const char *context, struct err *err);
void ui_copy(void *data, const char *app_ref);
void ui_delete(void *data, const char *app_ref);
void ui_file_free(struct ui_file *file); /* NULL-safe */

/* ui_first.c: the first run; as struct screen_backend has it. */
void ui_first_find(void *data);
void ui_first_try(void *data, const char *address);
void ui_first_cancel(void *data);
void ui_first_write(void *data, const char *address);

/* ui_backend.c */
struct screen_backend ui_backend(struct ui *ui);

#endif
