/*
 * Log files of the processes behind a source: which there are, and the end of one. A part of the
 * seam (source.h); who shows a log to a person takes log_tail.h, which follows it too.
 */
#ifndef WEIR_SOURCE_LOG_H
#define WEIR_SOURCE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct log_file {
	const char *name;
	int64_t size, modified_ms; /* modified_ms -1 = not told */
};

/* The most of one file that is ever transferred. */
#define LOG_TRANSFER_BYTES ((int64_t)256 << 20)
#define LOG_KEEP_BYTES ((size_t)256 << 10)

/* Texts are copied. */
struct source_log_request {
	const char *taskmanager; /* its id; NULL = the JobManager's */
	bool is_list;            /* which files there are; none is read */
	const char *file;        /* one of the list; NULL = the one that is being written */
	size_t keep_bytes;       /* of its end; 0 = LOG_KEEP_BYTES */
	int64_t timeout_ms;      /* 0 = 10 s for a list, 60 s for a file */
};

/* Borrowed for the call. */
struct source_log_answer {
	const struct log_file *files; /* of a list */
	size_t file_count;
	const char *text; /* of a file: its last `len` bytes, foreign */
	size_t len;
	int64_t size; /* of the whole file */
};

struct source_log_op;
/*
 * err: E_NOTFOUND no such TaskManager or file · E_PROTO larger than LOG_TRANSFER_BYTES, or no sense
 * · E_REMOTE, E_NET, E_TIMEOUT, E_AUTH, E_DENIED, E_UNSUPPORTED.
 */
typedef void (*source_log_fn)(
	void *data, const struct source_log_answer *answer, const struct err *err);

#endif
