/* What SSH wants to know, asked by dialogs of the console: the session's asker there. */
#ifndef WEIR_TUI_UI_PROMPT_H
#define WEIR_TUI_UI_PROMPT_H

#include "core/cli/session.h"
#include "tui/ui/screen.h"

struct ui_prompts;

struct ui_prompts *ui_prompts_new(void);
/* After the screen. NULL-safe. */
void ui_prompts_free(struct ui_prompts *prompts);
/* NULL: there is none any more, whatever is asked is refused. */
void ui_prompts_join(struct ui_prompts *prompts, struct screen *screen);
/* For session_options; its data is `prompts`. */
extern const struct session_asker ui_prompts_asker;

#endif
