/*
 * A log as a person reads it: its end first, then what is added. For both clients.
 *
 *	tail = log_tail_start(&(struct log_tail_options){.loop = loop, .source = source,
 *		.follow = true, .on_text = add, .on_note = say, .done = end, .data = view});
 *	log_tail_cancel(tail);                 nothing is called any more
 *
 * Flink gives a file only as a whole. So it is followed by its size in the list of files, asked
 * every two seconds, and read again only when that has grown; a large one less often, at most 2 MiB
 * a second on average. While it is followed nothing is a failure but a wrong start: what cannot be
 * asked is a note, and is tried again.
 */
#ifndef WEIR_SOURCE_LOG_TAIL_H
#define WEIR_SOURCE_LOG_TAIL_H

#include "core/loop/loop.h"
#include "core/source/source.h"

struct log_tail_options {
	struct loop *loop;
	struct source *source;   /* outlives it; source_has_logs() */
	const char *taskmanager; /* its id; NULL = the JobManager's; copied */
	const char *file;        /* NULL = the one that is being written; copied */
	size_t keep_bytes;       /* of the end, at first; 0 = LOG_KEEP_BYTES; at most 16 MiB */
	bool follow;
	int64_t every_ms; /* 0 = 2,000 */
	/* Whole lines, masked and harmless (base/clean.h). */
	void (*on_text)(void *data, const char *text, size_t len);
	/* One harmless line about the log, not of it: "… is read as a whole: 87 MB". May be NULL. */
	void (*on_note)(void *data, const char *text);
	/* Once; err NULL: all was told. Following ends by log_tail_cancel() or an error only. */
	void (*done)(void *data, const struct err *err);
	void *data;
};

struct log_tail;
struct log_tail *log_tail_start(const struct log_tail_options *options);
/* NULL-safe; allowed in on_text and on_note; not after done. */
void log_tail_cancel(struct log_tail *tail);

/*
 * Which of the files is the one that is being written? By its name: of the role, not rotated
 * (".log.1"), newest. NULL: none is. For a folder that JobManager and TaskManagers share.
 */
const struct log_file *log_current(const struct log_file *files, size_t count, bool of_taskmanager);

#endif
