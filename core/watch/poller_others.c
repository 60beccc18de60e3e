/*
 * One process asks for all that share a store (store/lease/poll_lease.h): what the others have on their
 * screens is asked for with what is on its own, once; whether it may ask at all is looked up before
 * each request.
 */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/watch/poller_internal.h"

static void others_clear(struct others *others)
{
	for (size_t i = 0; i < others->refs.len; i++)
		free(others->refs.data[i]);
	for (size_t i = 0; i < others->focus.len; i++)
		free(others->focus.data[i]);
	others->refs.len = others->focus.len = 0;
}

void others_release(struct poller *poller)
{
	struct others *others;

	vec_each (others, &poller->others) {
		others_clear(others);
		vec_release(&others->refs);
		vec_release(&others->focus);
		free(others->context);
	}
	vec_release(&poller->others);
}

static struct others *others_of(struct poller *poller, const char *context)
{
	struct others *others, added = {0};

	vec_each (others, &poller->others)
		if (str_eq(others->context, context))
			return others;
	added.context = xstrdup(context);
	vec_push(&poller->others, added);
	return &poller->others.data[poller->others.len - 1];
}

void poller_show_others(struct poller *poller, const char *context, const char *const *refs,
	size_t count, const char *const *focus, size_t focus_count)
{
	struct others *others = others_of(poller, context);

	others_clear(others);
	for (size_t i = 0; i < count; i++)
		vec_push(&others->refs, xstrdup(refs[i]));
	for (size_t i = 0; i < focus_count; i++)
		vec_push(&others->focus, xstrdup(focus[i]));
	poller->shows_other = true;
}

bool poller_may_ask(const struct poller *poller, const char *context)
{
	return !poller->may_ask || poller->may_ask(poller->data, context);
}
