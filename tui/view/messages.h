/* What went wrong while weir ran, newest last, the last few hundred; the screen keeps one. */
#ifndef WEIR_TUI_MESSAGES_H
#define WEIR_TUI_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

#include "tui/term/canvas.h"

#define MESSAGES_MAX 200

struct message {
	int64_t time_ms;
	enum style style;
	char *text;
};

struct message_log {
	struct message messages[MESSAGES_MAX]; /* a ring */
	size_t count, next;
};

void message_log_add(struct message_log *log, int64_t time_ms, enum style style, const char *text);
/* 0 = the newest; NULL beyond the last. */
const struct message *message_log_at(const struct message_log *log, size_t index);
void message_log_release(struct message_log *log);

#endif
