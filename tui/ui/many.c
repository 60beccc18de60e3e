#include "tui/ui/many.h"

#include <stdint.h>
#include <stdlib.h>

#include "core/base/mem.h"

#define PLANS_AT_ONCE 8

struct many {
	const struct many_ops *ops;
	void *data;
	size_t count, counts[MANY_STATE_MAX];
	uint8_t *states;
	size_t first, at_once;
	bool is_walking;
};

struct many *many_new(size_t count, const struct many_ops *ops, void *data)
{
	struct many *many = xcalloc(1, sizeof(*many));

	many->ops = ops;
	many->data = data;
	many->count = many->counts[MANY_WAITING] = count;
	many->states = xcalloc(count + 1, 1);
	return many;
}

void many_free(struct many *many)
{
	if (!many)
		return;
	free(many->states);
	free(many);
}

enum many_state many_state(const struct many *many, size_t i)
{
	return (enum many_state)many->states[i];
}

size_t many_count(const struct many *many, enum many_state state)
{
	return many->counts[state];
}

static void set(struct many *many, size_t i, enum many_state state)
{
	many->counts[many->states[i]]--;
	many->counts[state]++;
	many->states[i] = (uint8_t)state;
}

/* -- plans -- */

/* One that is answered from inside leaves its place to the next. */
static void plan_more(struct many *many)
{
	if (many->is_walking)
		return;
	many->is_walking = true;
	for (size_t i = 0; i < many->count && many->counts[MANY_PLANNING] < PLANS_AT_ONCE; i++)
		if (many_state(many, i) == MANY_WAITING) {
			set(many, i, MANY_PLANNING);
			many->ops->plan(many->data, i);
		}
	many->is_walking = false;
	if (!many->counts[MANY_WAITING] && !many->counts[MANY_PLANNING])
		many->ops->planned(many->data);
}

void many_begin(struct many *many)
{
	plan_more(many);
}

void many_planned(struct many *many, size_t i, bool may)
{
	set(many, i, may ? MANY_READY : MANY_REFUSED);
	plan_more(many);
}

/* -- runs -- */

/* Of the first ones no more than they are. */
static bool has_room(const struct many *many)
{
	size_t done = many->counts[MANY_DONE], going = many->counts[MANY_GOING];

	return going < many->at_once && (done >= many->first || done + going < many->first);
}

/* Also where one ends from inside: the walk that is on goes on. */
static void go_more(struct many *many)
{
	bool more = !many->is_walking;

	if (!more)
		return;
	many->is_walking = true;
	while (more) {
		more = false;
		for (size_t i = 0; i < many->count && !more; i++) {
			more = many_state(many, i) == MANY_READY && has_room(many);
			if (!more)
				continue;
			set(many, i, MANY_GOING);
			many->ops->go(many->data, i);
		}
	}
	many->is_walking = false;
	if (!many->counts[MANY_GOING])
		many->ops->ended(many->data);
}

void many_go(struct many *many, size_t first, size_t at_once)
{
	many->first = first;
	many->at_once = at_once;
	go_more(many);
}

static size_t leave(struct many *many)
{
	size_t left = 0;

	for (size_t i = 0; i < many->count; i++) {
		enum many_state state = many_state(many, i);
		if (state != MANY_WAITING && state != MANY_PLANNING && state != MANY_READY)
			continue;
		set(many, i, MANY_LEFT);
		left++;
		if (state != MANY_WAITING)
			many->ops->drop(many->data, i);
	}
	return left;
}

void many_ended(struct many *many, size_t i, bool is_well)
{
	set(many, i, is_well ? MANY_DONE : MANY_FAILED);
	if (!is_well)
		leave(many);
	go_more(many);
}

size_t many_stop(struct many *many)
{
	size_t left = leave(many);

	if (!many->counts[MANY_GOING])
		many->ops->ended(many->data);
	return left;
}
