/* What all that the recorder remembers has: whose it is. */
#ifndef WEIR_PRESENT_HISTORY_ITEM_H
#define WEIR_PRESENT_HISTORY_ITEM_H

#include <string.h>

#include "core/present/value.h"

static inline struct value history_ref(const void *item, const struct present_env *env)
{
	(void)env;
	return value_of_text(column_ref(item));
}

/* "ods/order-sync", a cluster's name, or a job's id: the ref behind its kind. */
static inline struct value history_of(const void *item, const struct present_env *env)
{
	const char *ref = column_ref(item);
	const char *end = strchr(ref, '/');

	(void)env;
	for (int i = 0; i < 2 && end; i++)
		end = strchr(end + 1, '/');
	return value_of_text(end ? end + 1 : ref);
}

#endif
