/* What the commands of an action print: cleaned once, for the log and for whoever watches. */
#include <stdlib.h>
#include <string.h>

#include "core/action/action_internal.h"
#include "core/base/mem.h"
#include "core/store/journal/release.h"

#define PRINTED_BYTES ((size_t)8 << 10)
#define ERROR_LINES 3

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

/* Maven, Gradle, compilers: the word stands at the line's begin, or before a colon. */
static bool names_error(const char *line, size_t len)
{
	static const char *const begins[] = {
		"[ERROR] ", "ERROR: ", "* What went wrong:", "FAILURE: "};
	static const char word[] = ": error";

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++) {
		size_t begin = strlen(begins[i]);
		if (len > begin && memcmp(line, begins[i], begin) == 0)
			return true;
	}
	return memmem(line, len, word, strlen(word)) != NULL;
}

/* The first lines that name an error: what follows them is advice, and may push them out. */
static void remember_errors(struct action *action, const struct buf *lines)
{
	const char *at = lines->data, *end = at + lines->len;

	while (at < end && action->error_count < ERROR_LINES) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		if (names_error(at, len)) {
			buf_addf(&action->errors, "%s%.*s", action->errors.len ? " | " : "",
				(int)len, at);
			action->error_count++;
		}
		at += len + 1;
	}
}

static void hand_on(struct action *action, const struct buf *lines)
{
	if (!lines->len)
		return;
	remember(action, lines);
	remember_errors(action, lines);
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
		buf_init(&action->errors, ERROR_LINES * (CLEAN_LINE_BYTES + 4));
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

char *action_error_lines(struct action *action, size_t max)
{
	action_output_end(action);
	return action->error_count ? xstrdup(buf_str(&action->errors))
				   : action_last_lines(action, max);
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
