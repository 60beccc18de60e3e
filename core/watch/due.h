/*
 * Who is due next, of thousands: items in lines. A line has a clock of its own that goes slower the
 * more a budget stretches its waits, so that one number moves all that wait there: none jumps, and
 * their order stays as it is while time passes. The first of a line is thus its latest. Beyond the
 * budget nearly everybody is overdue; who is to be asked is found among the first ones of a few lines
 * all the same. Pure: the time is an argument.
 *
 *	due_line_init(&line, pace_ms, now);
 *	due_put(&line, &feed->due, ended_ms + wait_ms, now);     again, or in another line: it moves
 *	due_line_stretch(&line, 2, now);                         who had 3 s to go has 6
 *	item = due_first(&line, now);                            NULL: nobody is due
 *	due_take(item);
 */
#ifndef WEIR_WATCH_DUE_H
#define WEIR_WATCH_DUE_H

#include <stdint.h>

#include "core/base/vec.h"

struct due_line;

/* Part of what is waiting; zeroed, it waits nowhere. */
struct due_item {
	void *owner;
	uint32_t hash;         /* which of two goes first that are equally late */
	double due;            /* by the line's clock */
	struct due_line *line; /* NULL = none */
	size_t place;          /* in its heap */
};

struct due_line {
	VEC(struct due_item *) heap;
	int64_t pace_ms; /* lateness is counted in it, as it is stretched */
	/* Its clock said `clock` at `from_ms`, and has taken `stretch` ms for one since. */
	double clock, stretch;
	int64_t from_ms;
};

void due_line_init(struct due_line *line, int64_t pace_ms, int64_t now);
void due_line_stretch(struct due_line *line, double stretch, int64_t now);
void due_line_release(struct due_line *line); /* who still waits there is left alone */

/* due_ms: as its line is stretched now. */
void due_put(struct due_line *line, struct due_item *item, int64_t due_ms, int64_t now);
void due_take(struct due_item *item); /* of no line: nothing happens */
int64_t due_ms(const struct due_item *item, int64_t now);
struct due_item *due_first(const struct due_line *line, int64_t now);
/* How late the first one is, in intervals of its own; 0 = nobody is due. */
double due_lateness(const struct due_line *line, int64_t now);

#endif
