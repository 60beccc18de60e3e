#include "core/cli/get_again.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/cli/lines.h"
#include "core/cli/listing.h"

#define PAUSE_MS 1000
/* A list that takes long to read is read less often: a twentieth of the time. */
#define PAUSE_TIMES 20

static void on_time(void *data)
{
	loop_stop(data);
}

static void wait_until_due(struct lines *lines, int64_t took_ms)
{
	struct loop *loop = lines->session->loop;
	int64_t pause_ms = took_ms * PAUSE_TIMES > PAUSE_MS ? took_ms * PAUSE_TIMES : PAUSE_MS;
	struct loop_timer *timer = loop_timer(loop, pause_ms, 0, on_time, loop);

	loop_run(loop);
	loop_timer_cancel(timer);
}

/* What is no longer in the list is forgotten, so that what is kept is never more than a list. */
static void forget_gone(struct lines *lines, const void *const *items, size_t count)
{
	struct map *listed = map_new();
	struct buf id;

	buf_init(&id, 0);
	for (size_t i = 0; i < count; i++) {
		buf_reset(&id);
		lines->id(items[i], &id);
		map_put(listed, buf_str(&id), lines);
	}
	map_each (entry, lines->printed)
		if (!map_get(listed, map_key(entry)))
			lines_forget(lines, map_key(entry));
	map_free(listed);
	buf_release(&id);
}

static void print(
	struct lines *lines, const struct get_again *again, const void *const *items, size_t count)
{
	const void **ordered = xcalloc(count + 1, sizeof(*ordered));
	bool turns = again->is_newest_first && !listing_is_sorted(again->cli);

	for (size_t i = 0; i < count; i++)
		ordered[turns ? count - 1 - i : i] = items[i];
	lines_print(lines, ordered, count);
	free(ordered);
	if (map_count(lines->printed) > count)
		forget_gone(lines, items, count);
}

static int watch(const struct get_again *again)
{
	struct err err = {0}, told = {0};
	struct lines lines;
	int64_t took_ms = 0;

	lines_open(&lines, again->session, again->first, again->id);
	print(&lines, again, again->first->items, again->first->count);
	if (lines.code < 0 && again->polls)
		session_start(again->session, NULL, NULL);
	while (lines.code < 0) {
		wait_until_due(&lines, took_ms);
		if (lines.code >= 0)
			break;

		struct output now = {.items = NULL};
		took_ms = clock_mono_ms();
		if (again->ask(again->data, &now, &err) == 0)
			err.code = E_OK;
		else if (!told.code || !str_eq(told.text, err.text))
			cli_fail(&err);
		told = err;
		if (now.items)
			print(&lines, again, now.items, now.count);
		took_ms = clock_mono_ms() - took_ms;
	}
	return lines_close(&lines);
}

int get_again(const struct get_again *again)
{
	struct err err;

	if (listing_watches(again->cli))
		return watch(again);
	return output_items(again->first, &err) ? cli_fail(&err) : 0;
}
