/* weir get … --watch: what was listed goes on, a line for each item whose values change. */
#ifndef WEIR_CLI_GET_WATCH_H
#define WEIR_CLI_GET_WATCH_H

#include "core/cli/cli.h"
#include "core/cli/output.h"

struct get_watch {
	struct session *session;    /* asked once, by gather_run() */
	const struct output *first; /* what is listed at first */
	bool (*passes)(void *data, const void *item);
	void *data;
};

/*
 * Prints the first list, then polls as `weir watch` does: within the budget, and not at all while another
 * process polls for the same store. What is gone, or no longer passes, makes no line. Returns the
 * exit code: 128 and the signal that ended it; 0 when nobody reads any more.
 */
int get_watch(const struct get_watch *watch);

#endif
