/* Logs for the console's views: found by application, followed by core/source/log_tail. */
#ifndef WEIR_TUI_UI_LOG_H
#define WEIR_TUI_UI_LOG_H

#include "core/cli/session.h"
#include "tui/ui/screen.h"

struct ui_logs;

struct ui_logs *ui_logs_new(struct session *session);
/* After the screen. NULL-safe. */
void ui_logs_free(struct ui_logs *logs);
/* As struct screen_backend has them. screen NULL: there is none any more. */
void ui_logs_join(struct ui_logs *logs, struct screen *screen);
void ui_logs_processes(struct ui_logs *logs, const char *app_ref);
struct view_log *ui_logs_open(
	struct ui_logs *logs, const struct view_log_options *options, struct err *err);
void ui_logs_close(struct ui_logs *logs, struct view_log *log);

#endif
