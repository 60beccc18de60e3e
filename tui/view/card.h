/* The parts of the application card: shared by card.c (the view) and card_parts.c (what it says).
 */
#ifndef WEIR_TUI_CARD_H
#define WEIR_TUI_CARD_H

#include "tui/view/card_memory.h"
#include "tui/view/view.h"
#include "tui/widget/pager.h"

enum card_tab {
	CARD_OVERVIEW, /* facts, changes of state */
	CARD_VERTICES,
	CARD_CHECKPOINTS,
	CARD_EXCEPTIONS,
	CARD_CONFIGURATION,
	CARD_FILE,
	/* no text: a rows_pane */
	CARD_RUNS,
	CARD_RELEASES,
	CARD_POINTS,
	CARD_HISTORY,
	CARD_TAB_MAX
};

struct card_content {
	const struct app *app;
	const struct present_env *env;
	bool is_unfolded; /* stack traces */
	bool is_ascii;    /* bars */
	const struct card_memory *memory;
};

/* What that tab says, into the pager. */
void card_write(struct pager *pager, enum card_tab tab, const struct card_content *content);
/* Why there is nothing on that tab (translated), or NULL. */
const char *card_tab_disabled(const struct app *app, enum card_tab tab);
/* Where a tab stands in its row. */
struct card_tab_place {
	int col, cols;
};
/* One row. */
void card_draw_tabs(const struct app *app, enum card_tab selected, struct canvas *canvas,
	struct rect line, struct card_tab_place places[CARD_TAB_MAX]);

#endif
