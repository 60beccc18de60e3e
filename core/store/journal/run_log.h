/* The files runs/<id>.log. Blocking: only on the store's lane. */
#ifndef WEIR_STORE_JOURNAL_RUN_LOG_H
#define WEIR_STORE_JOURNAL_RUN_LOG_H

#include "core/base/buf.h"
#include "core/store/disk.h"

/* Cleans and appends; a line without an end waits for the rest of it. */
void disk_log_append(struct disk *disk, int64_t run, const char *bytes, size_t len);
/* What waits is written; nothing more comes of this run. */
void disk_log_end(struct disk *disk, int64_t run);
void disk_logs_free(struct disk *disk);
/*
 * Whole lines from byte `from` on, at most `cap` bytes (from -1: the last ones), into `out`. *size:
 * of the file up to its last whole line; 0 when there is none.
 */
int disk_log_read(struct disk *disk, int64_t run, int64_t from, size_t cap, struct buf *out,
	int64_t *size, struct err *err);
char *disk_log_path(const char *dir, int64_t run); /* malloc'd */

#endif
