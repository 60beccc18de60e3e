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
int ui_actions_plan(struct ui_actions *actions, enum command_id id, const char *app_ref,
	struct screen_plan *out, struct err *err);
void ui_actions_act(struct ui_actions *actions, enum command_id id, const char *app_ref);

#endif
