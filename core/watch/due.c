/* Each line is a binary heap; an item knows its place, so that it can be moved and taken out. */
#include "core/watch/due.h"

#include <math.h>
#include <stdbool.h>

/* So near is now: what is told in whole milliseconds is not to miss a tick by rounding. */
#define NEAR_MS 1

void due_line_init(struct due_line *line, int64_t pace_ms, int64_t now)
{
	*line = (struct due_line){
		.pace_ms = pace_ms, .clock = (double)now, .stretch = 1, .from_ms = now};
}

static double clock_of(const struct due_line *line, int64_t now)
{
	return line->clock + (double)(now - line->from_ms) / line->stretch;
}

void due_line_stretch(struct due_line *line, double stretch, int64_t now)
{
	line->clock = clock_of(line, now);
	line->from_ms = now;
	line->stretch = stretch;
}

void due_line_release(struct due_line *line)
{
	vec_release(&line->heap);
}

static bool is_before(const struct due_item *a, const struct due_item *b)
{
	if (a->due < b->due || a->due > b->due)
		return a->due < b->due;
	return a->hash < b->hash;
}

static void set(struct due_line *line, size_t place, struct due_item *item)
{
	line->heap.data[place] = item;
	item->place = place;
}

/* It is to stand at `place`, but may belong further up or down. */
static void sift(struct due_line *line, size_t place, struct due_item *item)
{
	struct due_item **heap = line->heap.data;
	size_t child;

	for (; place > 0 && is_before(item, heap[(place - 1) / 2]); place = (place - 1) / 2)
		set(line, place, heap[(place - 1) / 2]);
	for (; (child = 2 * place + 1) < line->heap.len; place = child) {
		if (child + 1 < line->heap.len && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], item))
			break;
		set(line, place, heap[child]);
	}
	set(line, place, item);
}

void due_take(struct due_item *item)
{
	struct due_line *line = item->line;
	struct due_item *last;

	if (!line)
		return;
	last = line->heap.data[--line->heap.len];
	if (last != item)
		sift(line, item->place, last);
	item->line = NULL;
}

void due_put(struct due_line *line, struct due_item *item, int64_t due_ms, int64_t now)
{
	due_take(item);
	item->due = clock_of(line, now) + (double)(due_ms - now) / line->stretch;
	item->line = line;
	vec_push(&line->heap, item);
	sift(line, line->heap.len - 1, item);
}

int64_t due_ms(const struct due_item *item, int64_t now)
{
	const struct due_line *line = item->line;

	return now + (int64_t)llround((item->due - clock_of(line, now)) * line->stretch);
}

double due_lateness(const struct due_line *line, int64_t now)
{
	double late_ms;

	if (!line->heap.len)
		return 0;
	late_ms = (clock_of(line, now) - line->heap.data[0]->due) * line->stretch + NEAR_MS;
	return late_ms > 0 ? late_ms / (line->stretch * (double)line->pace_ms) : 0;
}

struct due_item *due_first(const struct due_line *line, int64_t now)
{
	return due_lateness(line, now) > 0 ? line->heap.data[0] : NULL;
}
