/* What a JobManager can be told to do; see struct source_ops. Inside source/flink only. */
#ifndef WEIR_SOURCE_FLINK_OPERATE_H
#define WEIR_SOURCE_FLINK_OPERATE_H

#include "core/source/flink/flink.h"
#include "core/source/flink/poll_life.h"

/* Shared by flink.c (polls) and operate.c (operations). */
struct flink_source {
	struct source base;
	struct loop *loop;
	struct http *http;
	char **addresses;
	size_t address_count, preferred; /* preferred: the one that answered last */
	struct poll_life *polls;
	struct source_op *ops;
	struct source_log_op *logs;
	char *unsupported;          /* or NULL */
	struct ssh *ssh;            /* for via, and for starts by a command; or NULL */
	char *version;              /* of Flink, as the last poll said; or NULL */
	char *via;                  /* the host it lies behind, or NULL */
	struct http_access *access; /* or NULL */
};

struct source_op *flink_operate(
	struct source *source, const struct source_request *request, source_op_fn done, void *data);
void flink_operate_cancel(struct source_op *op);
char *flink_operate_describe(const struct source *source, const struct source_request *request);
int flink_operate_check(
	const struct source *source, const struct source_request *request, struct err *err);
void flink_operate_close(struct flink_source *source); /* cancels all */

#endif
