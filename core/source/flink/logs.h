/* Log files of a JobManager and its TaskManagers; see core/source/log.h. Inside source/flink only. */
#ifndef WEIR_SOURCE_FLINK_LOGS_H
#define WEIR_SOURCE_FLINK_LOGS_H

#include <jansson.h>

#include "core/base/arena.h"
#include "core/source/flink/operate.h"

struct source_log_op *flink_log(struct source *source, const struct source_log_request *request,
	source_log_fn done, void *data);
void flink_log_cancel(struct source_log_op *op);
void flink_log_close(struct flink_source *source); /* cancels all */

/* "/taskmanagers/tm-1"; malloc'd. */
char *flink_taskmanager_path(const char *id);
/* "/taskmanagers/tm-1/logs/a%20b.log"; malloc'd. */
char *flink_log_path(const struct source_log_request *request);
/*
 * The answer of …/logs, in the order in which it came; names that are no file names are left out.
 * E_PROTO when it is no such list.
 */
int flink_log_list(struct arena *arena, const char *what, const char *body, size_t len,
	const struct log_file **files, size_t *count, struct err *err);

#endif
