/*
 * A long text made in pieces by two threads at a time and taken in order: this one and, where there is a
 * second processor, one that is there only for the call. What is made from must not change meanwhile.
 *
 *	pieces_run(&(struct pieces){.count = 200, .make = make, .take = take, .data = list});
 */
#ifndef WEIR_LOOP_PIECES_H
#define WEIR_LOOP_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"

struct pieces {
	size_t count;
	/* On either thread, each piece once; only reads `data`. `out` is empty, and of no cap. */
	void (*make)(const void *data, size_t piece, struct buf *out);
	/* On the calling thread, in order. False: nobody wants any more. */
	bool (*take)(void *data, const struct buf *piece);
	void *data;
};

/* Blocks until all are taken, or take() wants no more. */
void pieces_run(const struct pieces *pieces);

#endif
