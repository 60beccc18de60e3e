/* A list of weir get that no change in the fleet tells of: with --watch it is made anew, again and again. */
#ifndef WEIR_CLI_GET_AGAIN_H
#define WEIR_CLI_GET_AGAIN_H

#include "core/base/buf.h"
#include "core/cli/cli.h"
#include "core/cli/output.h"

struct get_again {
	const struct cli *cli;
	struct session *session;
	const struct output *first; /* what is listed at first */
	bool is_newest_first; /* unless sorted by a person: what is new is then printed below what was */
	bool polls; /* what it lists comes of polls, too: those begin, unless another process polls */
	/*
	 * The list as it is now; it may run the loop. out: borrowed until the next call. A failure is
	 * told when it is another one than before; with it there may be a list (else it is left alone).
	 */
	int (*ask)(void *data, struct output *out, struct err *err);
	void (*id)(const void *item, struct buf *out); /* who an item is */
	void *data;
};

/* Printed once, or with --watch as get_watch() does. The exit code. */
int get_again(const struct get_again *again);

#endif
