/* Shared by ui_action.c (one verb at a time is asked about) and ui_many.c (a verb on many). */
#ifndef WEIR_TUI_UI_GOING_H
#define WEIR_TUI_UI_GOING_H

#include "core/action/action.h"
#include "tui/ui/ui_action.h"

struct left;
struct ui_many;
struct ui_one;

/* An action, from its plan to its end. */
struct going {
	struct ui_actions *actions;
	struct going *prev, *next;
	struct action *action;
	char *name; /* of the application */
	char *context;
	const char *verb;
	int64_t run;            /* 0 = it has no row yet */
	char *step, *step_text; /* that it is at; or NULL */
	int64_t began_mono_ms;
	char *word; /* what has to be typed, where `confirm: name` */
	bool asks_nothing, is_named, is_quiet;
	struct ui_one *one; /* of many, or NULL: ui_many_ended() hears of its end */
};

struct ui_actions {
	struct session *session;
	struct screen *screen;
	void (*wake)(void *data);
	void *data;
	struct going *going;
	struct going *asked; /* being prepared, or asked about; not in the list */
	struct left *left;   /* one for each context */
	struct ui_many *many;
};

/*
 * An action on that application, prepared: `prepared` comes once, with the going as data. NULL: it is
 * not known any more.
 */
struct going *going_new(struct ui_actions *actions, enum command_id id, const char *ref,
	const struct action_args *args, action_prepared_fn prepared, struct ui_one *one);
void going_go(struct going *going);
void going_free(struct going *going); /* its action is gone, or dropped */

/* Its run has its row: from now on it is known by that, and no more by its mark. */
void ui_many_began(struct ui_one *one);
/* run, err: as in action_done_fn. */
void ui_many_ended(struct ui_one *one, const struct run *run, const struct err *err);
void ui_many_free(struct ui_many *many); /* what goes is the list's; NULL-safe */

#endif
