/*
 * A verb of core/action from its key to a yes: screen_action.c plans and confirms, screen_verb.c
 * lets a person choose what it takes (a restore point, a release, options).
 *
 *	key ─▶ (rollback: which release? adopt: which job?) ─▶ plan ─▶ (start: from which point?) ─▶ confirm ─▶ go
 *	                                       ▲──────── options, another point ◀── Tab ┘
 */
#ifndef WEIR_TUI_SCREEN_VERB_H
#define WEIR_TUI_SCREEN_VERB_H

#include "core/action/action.h"
#include "tui/ui/screen_private.h"

struct verb {
	const struct act *act;      /* NULL = none is asked about */
	char *app, *name, *context; /* its ref, "team/name" */
	/* What was chosen. */
	char *target_dir, *from, *restore_mode;
	bool drain, allows_non_restored;
	int64_t release;
	char *job_id; /* adopt */
	bool lets_go;
	bool has_chosen_point; /* then Enter is a yes */
	bool is_changed;       /* since the plan */
	/* The plan, copied; has_plan: the program holds it until go or give up. */
	bool has_plan, asks_nothing;
	char *calls, *warnings, *command, *typed;
	/* What is being chosen from. */
	struct query *query;
	char **paths;
	int64_t *numbers;
	size_t count;
	size_t last_option;
	char *problem; /* why the last plan was refused */
};

void verb_plan(struct screen *screen);
void verb_confirm(struct screen *screen);
/* Nothing is done; why: the toast. */
void verb_end(struct screen *screen, const char *why);

/* screen_verb.c */
void verb_pick_point(struct screen *screen);
void verb_pick_release(struct screen *screen);
void verb_options(struct screen *screen);
bool verb_has_options(const struct verb *verb);
bool verb_starts(const struct verb *verb); /* start, restart, ship */
void verb_picks_clear(struct verb *verb);
/* screen_adopt.c */
void verb_pick_adoption(struct screen *screen);

#endif
