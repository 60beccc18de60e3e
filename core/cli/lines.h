/*
 * What `weir get … --watch` prints: a line for each item when what it shows, but for what time alone moves,
 * differs from what was printed of it last. It ends by a signal, or when nobody reads any more.
 *
 *	lines_open(&lines, session, &output, NULL);
 *	lines_print(&lines, items, count);
 *	while (lines.code < 0) loop_run(session->loop), …;
 *	return lines_close(&lines);
 */
#ifndef WEIR_CLI_LINES_H
#define WEIR_CLI_LINES_H

#include "core/base/map.h"
#include "core/cli/output.h"
#include "core/cli/session.h"

struct lines {
	struct session *session;
	struct output_stream *stream;
	struct present_env env; /* of the first list; its clocks are those of each line */
	/* Who an item is; NULL: its ref. */
	void (*id)(const void *item, struct buf *out);
	struct map *printed; /* id → char *: what was said of it */
	struct loop_timer *look;
	int code; /* of the process, once it is over (the loop was stopped then); -1 = it goes on */
};

/* first: how it is printed, and how wide its columns are. */
void lines_open(struct lines *lines, struct session *session, const struct output *first,
	void (*id)(const void *item, struct buf *out));
/* Those that are news, in this order. */
void lines_print(struct lines *lines, const void *const *items, size_t count);
void lines_forget(struct lines *lines, const char *id);
/* The exit code: 128 and the signal that ended it; 0 when nobody reads any more. */
int lines_close(struct lines *lines);

#endif
