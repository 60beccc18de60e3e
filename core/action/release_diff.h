/* What a release made now would change: today's file against the active release, or another one. */
#ifndef WEIR_ACTION_RELEASE_DIFF_H
#define WEIR_ACTION_RELEASE_DIFF_H

#include "core/action/action.h"

/*
 * text: a unified diff with secrets masked, "" when nothing differs. number: of the release that
 * was compared with. Errors: E_NOTFOUND nothing was released, or not that number · E_CONFIG,
 * E_CONFLICT the file cannot be rendered · what a host says that has the artifact.
 */
typedef void (*release_diff_fn)(
	void *data, const char *text, int64_t number, const struct err *err);

struct release_diff;
/*
 * Of the options: loop, store, config, fleet, app, hosts. number 0 = the active one. done: once,
 * never from inside; not after release_diff_cancel(). Changes nothing.
 */
struct release_diff *release_diff(
	const struct action_options *options, int64_t number, release_diff_fn done, void *data);
void release_diff_cancel(struct release_diff *diff); /* NULL-safe; not after `done` */

#endif
