/* Each kind is a question of its own, one at a time; what was told stays until the next answer. */
#include "tui/view/card_memory.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/present/column.h"

#define ROWS_READ 200

/* As often as there can be something new: a sample is of SAMPLE_RAW_MS. */
static const int64_t again_ms[HISTORY_KIND_MAX] = {
	[HISTORY_EVENTS] = 2000,
	[HISTORY_CHECKPOINTS] = 2000,
	[HISTORY_EXCEPTIONS] = 2000,
	[HISTORY_SAMPLES] = SAMPLE_RAW_MS,
};

void card_memory_init(struct card_memory *memory, const struct view_host *host)
{
	*memory = (struct card_memory){.host = host};
	for (int kind = 0; kind < HISTORY_KIND_MAX; kind++) {
		memory->kinds[kind].memory = memory;
		memory->kinds[kind].kind = (enum history_kind)kind;
	}
}

static void drop(struct card_history *history)
{
	arena_free(history->arena);
	free(history->error);
	history->arena = NULL;
	history->items = NULL;
	history->count = 0;
	history->error = NULL;
	history->has_told = false;
}

void card_memory_forget(struct card_memory *memory)
{
	for (int kind = 0; kind < HISTORY_KIND_MAX; kind++) {
		struct card_history *history = &memory->kinds[kind];

		query_cancel(history->query);
		history->query = NULL;
		history->asked_mono_ms = 0;
		drop(history);
	}
}

static void on_items(void *data, const void *const *items, size_t count, const struct err *err)
{
	struct card_history *history = data;
	struct card_memory *memory = history->memory;

	history->query = NULL;
	drop(history);
	history->arena = arena_new();
	const void **copies = arena_calloc(history->arena, count + 1, sizeof(*copies));
	for (size_t i = 0; i < count; i++)
		copies[i] = history_copy(history->arena, history->kind, items[i]);
	history->items = copies;
	history->count = count;
	history->error = err ? xstrdup(err->text) : NULL;
	history->has_told = true;
	memory->changes++;
	memory->host->redraw(memory->host->data);
}

void card_memory_want(struct card_memory *memory, enum history_kind kind, const struct app *app)
{
	const struct view_host *host = memory->host;
	struct card_history *history = &memory->kinds[kind];
	struct store *store = host->store(host->data, app->context);
	int64_t now = clock_mono_ms();
	struct history_ask ask = {.max = ROWS_READ};

	if (!store || history->query ||
		(history->asked_mono_ms && now - history->asked_mono_ms < again_ms[kind]))
		return;
	history->asked_mono_ms = now;
	history_ask_app(&ask, app);
	/* What its cluster went through is on the history's tab. */
	if (kind == HISTORY_EVENTS)
		ask.ref_count = 1;
	if (kind == HISTORY_SAMPLES) {
		ask.span_ms = TREND_SPAN_MS;
		ask.since_ms = host->env(host->data).now_ms - TREND_BACK_MS - TREND_SPAN_MS;
	}
	history->query = query_history(store, kind, &ask, on_items, history);
}
