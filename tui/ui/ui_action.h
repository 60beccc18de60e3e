/* Runs that the console has started: told by toasts, let go when it ends. */
#ifndef WEIR_TUI_UI_ACTION_H
#define WEIR_TUI_UI_ACTION_H

#include "core/cli/session.h"
#include "tui/ui/screen.h"

struct ui_actions;

struct ui_actions *ui_actions_new(struct session *session);
/* Before the session is closed. What still goes on can be settled later. NULL-safe. */
void ui_actions_free(struct ui_actions *actions);
/* Where toasts go. */
void ui_actions_join(
	struct ui_actions *actions, struct screen *screen, void (*wake)(void *data), void *data);
/* As struct screen_backend has them. */
void ui_actions_plan(struct ui_actions *actions, enum command_id id, const char *app_ref,
	const struct action_args *args);
void ui_actions_go(struct ui_actions *actions);
void ui_actions_give_up(struct ui_actions *actions);
/* ui_many.c: on many, one after the other. */
void ui_actions_plan_many(
	struct ui_actions *actions, enum command_id id, const char *const *refs, size_t count);
void ui_actions_many_go(struct ui_actions *actions, struct screen_many_pace pace);
void ui_actions_many_stop(struct ui_actions *actions);
size_t ui_actions_many_left(const struct ui_actions *actions);
/* The runs of this program that are not over; oldest: NULL = not wanted. */
size_t ui_actions_going(const struct ui_actions *actions, struct screen_going *oldest);
/* Calls off a run of this program; ids are of a context. E_NOTFOUND it is none · E_CONFLICT an order was sent. */
int ui_actions_cancel(
	struct ui_actions *actions, const char *context, int64_t run, struct err *err);
/* Settles runs that nobody watches any more, in the background, with a message each. */
void ui_actions_settle(struct ui_actions *actions);

#endif
