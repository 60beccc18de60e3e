/* weir get … --watch of what no change in the fleet tells: the list is made anew, again and again. */
#ifndef WEIR_CLI_GET_AGAIN_H
#define WEIR_CLI_GET_AGAIN_H

#include "core/base/buf.h"
#include "core/cli/cli.h"
#include "core/cli/output.h"

struct get_again {
	struct session *session;
	const struct output *first; /* what is listed at first */
	bool is_newest_first;       /* then what is new is printed below what was */
	bool polls; /* what it lists comes of polls, too: those begin, unless another process polls */
	/*
	 * The list as it is now; it may run the loop. items: borrowed until the next call. A failure is
	 * told when it is another one than before; with it there may be a list (else it is left alone).
	 */
	int (*ask)(void *data, const void *const **items, size_t *count, struct err *err);
	void (*id)(const void *item, struct buf *out); /* who an item is */
	void *data;
};

/* As get_watch(). */
int get_again(const struct get_again *again);

#endif
