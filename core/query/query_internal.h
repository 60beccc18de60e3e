/*
 * What every read is made of: a struct of its own with a `struct query` as its first member.
 *
 *	struct thing_query *query = query_new(sizeof(*query), store);
 *	query->base.read = read_things;      on the lane; its error goes to base.err
 *	query->base.tell = tell_things;      on the loop, unless it was canceled meanwhile
 *	query->base.release = free_things;   or NULL
 *	return query_start(&query->base);
 */
#ifndef WEIR_QUERY_INTERNAL_H
#define WEIR_QUERY_INTERNAL_H

#include "core/query/query.h"
#include "core/store/disk.h"

struct query {
	struct store *store;
	struct disk *disk;
	int (*read)(struct query *query, struct err *err);
	/* err: of read(), or NULL. NULL = canceled. */
	void (*tell)(struct query *query, const struct err *err);
	void (*release)(struct query *query); /* what the struct holds, not itself */
	bool reads_noted;                     /* behind what was noted up to now */
	struct err err;                       /* code 0 = fine */
};

void *query_new(size_t size, struct store *store); /* zeroed but for the base */
struct query *query_start(struct query *query);

#endif
