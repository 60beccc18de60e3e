/*
 * Children. A command runs in a session of its own (setsid), so that all it starts can be ended
 * together; nothing of ours leaks into it (descriptors are close-on-exec, SIGPIPE and the signal
 * mask are as a new program expects them).
 *
 *	proc = proc_start(loop, &(struct proc_options){.argv = argv}, on_done, data);
 *	... on_done(data, result, NULL): result->exit_status, result->out
 *	proc_cancel(proc);      SIGTERM to its group, SIGKILL after 3 s; on_done is never called
 *
 * done: once, on the loop, never from inside proc_start(). err: E_NOTFOUND no such program ·
 * E_TIMEOUT (it was ended) · E_INTERNAL. A child that closes its output early is still waited for;
 * one that left somebody behind who holds its output is done a second after its own end.
 *
 * Whoever started one cancels it before loop_close(), which kills at once what a cancel still gives
 * its three seconds.
 */
#ifndef WEIR_LOOP_PROC_H
#define WEIR_LOOP_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/loop/loop.h"

struct proc_options {
	const char *const *argv; /* NULL-ended; argv[0] is looked up in PATH; copied */
	const char *const *env;  /* "NAME=value" over ours, NULL-ended; NULL = none; copied */
	const char *cwd;         /* NULL = ours; copied */
	const void *input;       /* stdin, then its end; copied, wiped after; NULL = /dev/null */
	size_t input_len;
	/* stdin or stdout is this open file instead (borrowed for the call; 0 = not): its offset,
	 * which both share, says how far the child is. */
	int input_fd, output_fd;
	size_t cap_bytes;   /* kept of each of stdout and stderr; the rest is dropped; 0 = 1 MiB */
	int64_t timeout_ms; /* 0 = none */
	bool is_service;    /* lives as long as it is needed: the loop counts as idle with it */
	/* Streams instead of keeping: stream 1 or 2, bytes borrowed for the call. NULL = keep. */
	void (*on_output)(void *data, int stream, const char *bytes, size_t len);
};

struct proc_result {
	struct buf *out, *err;
	bool is_cut;
	int exit_status;    /* -1: ended by a signal */
	const char *signal; /* "TERM", …; NULL = none */
};

struct proc;
/* result is never NULL, borrowed for the call; its buffers may be taken with buf_detach(). */
typedef void (*proc_done_fn)(void *data, const struct proc_result *result, const struct err *err);

struct proc *proc_start(
	struct loop *loop, const struct proc_options *options, proc_done_fn done, void *data);
void proc_cancel(struct proc *proc); /* NULL-safe; not after done */
/*
 * For shutdown, when the loop does not turn any more: runs a program without input and output and
 * waits for it, at most patience_ms, then it is killed.
 */
void proc_run_now(const char *const *argv, int64_t patience_ms);

#endif
