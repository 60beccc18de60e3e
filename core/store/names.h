/*
 * The names of what is remembered, for Tab: rows of the store as they stand, without a session and
 * without a model of them. Blocking; nothing is opened for writing.
 *
 *	store_names(dir, "apps", "ods/o", on_name, list, &err);
 */
#ifndef WEIR_STORE_NAMES_H
#define WEIR_STORE_NAMES_H

#include "core/base/err.h"

/* Borrowed for the call. The same name may come more than once. */
typedef void (*store_name_fn)(void *data, const char *name);

/*
 * Calls fn for each name that begins with `typed`, or whose part behind a "/" does; "" = all.
 *   apps      team/name; cluster/jobName of a job that is nobody's by its name or by a start of ours
 *   jobs      cluster/jobName; and ids, once something was typed
 *   clusters, teams
 * A file that is not there has none. E_ARG: no such kind.
 */
int store_names(const char *dir, const char *kind, const char *typed, store_name_fn fn, void *data,
	struct err *err);

#endif
