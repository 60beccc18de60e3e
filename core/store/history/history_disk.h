/* The history in cache.db. Blocking: only on the store's lane. */
#ifndef WEIR_STORE_HISTORY_HISTORY_DISK_H
#define WEIR_STORE_HISTORY_HISTORY_DISK_H

#include "core/store/disk.h"

/* Read at once, at most; further back by another question (history_ask.until_ms). */
#define HISTORY_PAGE_MAX 100000

typedef VEC(struct row *) row_vec;
/* Appends packed rows of that table, newest first. */
int disk_history(struct disk *disk, const struct table *table, const struct history_ask *ask,
	row_vec *out, struct err *err);
/* Newest first, at most `max`; rows are freed. */
void history_cut(row_vec *rows, size_t max);

#endif
