/* The parts of the application card: shared by card.c (the view) and card_parts.c (what it says).
 */
#ifndef WEIR_TUI_CARD_H
#define WEIR_TUI_CARD_H

#include "core/query/query.h"
#include "tui/view/view.h"
#include "tui/widget/pager.h"

enum card_section {
	CARD_FACTS,
	CARD_VERTICES,
	CARD_CHECKPOINTS,
	CARD_EXCEPTIONS,
	CARD_CONFIGURATION,
	CARD_FILE,
	CARD_EVENTS,
	CARD_SECTION_MAX
};

/* A remembered change of state, copied. */
struct card_event {
	int64_t time_ms;
	enum app_state from, to;
	char *text;
};

struct card_content {
	const struct app *app;
	const struct present_env *env;
	bool is_unfolded; /* stack traces */
	const struct card_event *events;
	size_t event_count;
	bool has_events;          /* they were asked and came */
	const char *events_error; /* or could not be read */
};

/* The whole card into the pager. */
void card_write(struct pager *pager, const struct card_content *content);

#endif
