/*
 * What the card knows from the store: of each kind of history the newest rows, asked for while a tab
 * shows them, and again from time to time.
 *
 *	card_memory_init(&memory, host);
 *	card_memory_want(&memory, HISTORY_CHECKPOINTS, app);   at each drawing
 *	memory.kinds[HISTORY_CHECKPOINTS].items                borrowed until the next turn of the loop
 *	card_memory_forget(&memory);                           another application; nobody is told any more
 */
#ifndef WEIR_TUI_CARD_MEMORY_H
#define WEIR_TUI_CARD_MEMORY_H

#include "core/query/query_history.h"
#include "tui/view/view.h"

struct card_memory;

struct card_history {
	struct card_memory *memory;
	enum history_kind kind;
	struct query *query;
	int64_t asked_mono_ms; /* 0 = not yet */
	struct arena *arena;
	const void *const *items; /* newest first */
	size_t count;
	bool has_told;
	char *error; /* it could not be read */
};

struct card_memory {
	const struct view_host *host;
	uint64_t changes; /* grows when there is something new */
	struct card_history kinds[HISTORY_KIND_MAX];
};

void card_memory_init(struct card_memory *memory, const struct view_host *host);
void card_memory_want(struct card_memory *memory, enum history_kind kind, const struct app *app);
void card_memory_forget(struct card_memory *memory);

/* What the trend shows of samples: their span, and how far back. */
#define TREND_SPAN_MS SAMPLE_MINUTE_MS
#define TREND_BACK_MS ((int64_t)2 * 3600 * 1000)

#endif
