/*
 * In which order a verb is planned, and done, on many: a few are planned at a time; so many go first,
 * and the others when these are done, a few at a time; once one has failed, or somebody said so, none begins any more. It
 * knows no action and no screen.
 *
 *	many = many_new(5, &ops, data);
 *	many_begin(many);                 plan(0), plan(1), …
 *	many_planned(many, 0, true);      … planned()
 *	many_go(many, 1, 4);              go(0): one first, then four at a time
 *	many_ended(many, 0, true);        go(1), go(2), … ended()
 */
#ifndef WEIR_TUI_MANY_H
#define WEIR_TUI_MANY_H

#include <stdbool.h>
#include <stddef.h>

struct many;

enum many_state {
	MANY_WAITING,  /* to be planned */
	MANY_PLANNING, /* plan() was called */
	MANY_READY,    /* has a plan */
	MANY_REFUSED,
	MANY_GOING, /* go() was called */
	MANY_DONE,
	MANY_FAILED,
	MANY_LEFT, /* was not begun, and will not be */
	MANY_STATE_MAX
};

struct many_ops {
	/* many_planned(), perhaps from inside. */
	void (*plan)(void *data, size_t i);
	/* None is being planned any more: many_go() or many_stop(). */
	void (*planned)(void *data);
	/* many_ended(), perhaps from inside. */
	void (*go)(void *data, size_t i);
	/* Of one that was being planned, or has a plan: it is not wanted. */
	void (*drop)(void *data, size_t i);
	/* None goes, and none will. May free it. */
	void (*ended)(void *data);
};

struct many *many_new(size_t count, const struct many_ops *ops, void *data);
void many_free(struct many *many); /* nothing is called; NULL-safe */
void many_begin(struct many *many);
void many_planned(struct many *many, size_t i, bool may);
/* first: none else begins before so many are done; at_once: from 1. */
void many_go(struct many *many, size_t first, size_t at_once);
void many_ended(struct many *many, size_t i, bool is_well);
/* What has not begun does not; how many that were. What goes goes on. */
size_t many_stop(struct many *many);
enum many_state many_state(const struct many *many, size_t i);
size_t many_count(const struct many *many, enum many_state state);

#endif
