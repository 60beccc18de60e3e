/* What the commands of an action print: cleaned once, for the log and for whoever watches. */
#include <stdlib.h>
#include <string.h>

#include "core/action/action_internal.h"
#include "core/base/mem.h"
#include "core/store/release.h"

#define PRINTED_BYTES ((size_t)8 << 10)

/* Keeps the end. */
static void remember(struct action *action, const struct buf *lines)
{
	struct buf *printed = &action->printed;
	const char *from = lines->data;
	size_t len = lines->len;

	if (len > PRINTED_BYTES) {
		from += len - PRINTED_BYTES;
		len = PRINTED_BYTES;
	}
	if (printed->len + len > 2 * PRINTED_BYTES) {
		memmove(printed->data, printed->data + printed->len - PRINTED_BYTES, PRINTED_BYTES);
		printed->len = PRINTED_BYTES;
	}
	buf_add(printed, from, len);
}

static void hand_on(struct action *action, const struct buf *lines)
{
	if (!lines->len)
		return;
	remember(action, lines);
	if (action->run.id)
		run_log_append(action->options.store, action->run.id, lines->data, lines->len);
	if (action->options.on_output)
		action->options.on_output(action->options.data, lines->data, lines->len);
}

void action_output(struct action *action, const char *bytes, size_t len)
{
	struct buf lines;

	if (!action->clean) {
		action->clean = clean_new();
		buf_init(&action->printed, 4 * PRINTED_BYTES);
	}
	buf_init(&lines, 16 * len + 16 * CLEAN_LINE_BYTES);
	clean_add(action->clean, bytes, len, &lines);
	hand_on(action, &lines);
	buf_release(&lines);
}

void action_output_end(struct action *action)
{
	struct buf lines;

	if (!action->clean)
		return;
	buf_init(&lines, 16 * CLEAN_LINE_BYTES);
	clean_end(action->clean, &lines);
	hand_on(action, &lines);
	buf_release(&lines);
}

char *action_last_lines(struct action *action, size_t max)
{
	const char *text, *at, *end;
	struct buf out;

	action_output_end(action);
	text = buf_str(&action->printed);
	at = end = text + action->printed.len;
	/* Back over `max` lines that say something. */
	while (at > text && max) {
		const char *line = at - 1;

		while (line > text && line[-1] != '\n')
			line--;
		if (line[strspn(line, " \t\n")])
			max -= at - line > 1;
		at = line;
	}
	buf_init(&out, 0);
	buf_adds(&out, "");
	while (at < end) {
		size_t len = strcspn(at, "\n");

		if (len)
			buf_addf(&out, "%s%.*s", out.len ? " | " : "", (int)len, at);
		at += len + (at[len] == '\n');
	}
	return buf_detach(&out);
}
