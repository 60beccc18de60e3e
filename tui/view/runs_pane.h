/*
 * The runs of one application, or of all, as a table that keeps itself up to date: the runs view
 * and a tab of the card show it.
 *
 *	pane = runs_pane_new(host, "prod", app_ref);
 *	runs_pane_draw(pane, canvas, rect);          asks the stores when it has to
 *	runs_pane_command(pane, CMD_DOWN, NULL);
 */
#ifndef WEIR_TUI_RUNS_PANE_H
#define WEIR_TUI_RUNS_PANE_H

#include "core/model/run.h"
#include "tui/view/view.h"
#include "tui/widget/table.h"

struct runs_pane;

/* app_ref NULL = all applications of all contexts; context is then not asked. Both are copied. */
struct runs_pane *runs_pane_new(
	const struct view_host *host, const char *context, const char *app_ref);
void runs_pane_free(struct runs_pane *pane); /* NULL-safe */
/* Ask again at the next drawing: a run of this program has changed. */
void runs_pane_changed(struct runs_pane *pane);
void runs_pane_draw(struct runs_pane *pane, struct canvas *canvas, struct rect rect);
/* Moving, filter, order, CMD_OPEN of the selected run. False: not one of these. */
bool runs_pane_command(struct runs_pane *pane, enum command_id id, const char *arg);
/* NULL when there is none; borrowed until the next drawing. */
const struct run *runs_pane_selected(struct runs_pane *pane);
struct table *runs_pane_table(struct runs_pane *pane);

/* Why that run cannot be canceled (translated), or NULL. */
const char *run_cancel_disabled(const struct run *run);

#endif
