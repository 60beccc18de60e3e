/*
 * Exceptions. Three versions say it in three ways: 1.16 has root-exception and a history whose
 * entries hold a "location"; 1.20 adds "endpoint" and the TaskManager; 2.2 has the history alone
 * and no "location". The history is taken where it holds anything, else the root exception.
 *
 * The cause is the last "Caused by:" of a Java stack trace: the one that happened first. Nothing
 * is concluded from it here.
 */
#include "core/source/flink/parse.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/str.h"

#define CAUSED_BY "Caused by: "
#define CIRCULAR "[CIRCULAR REFERENCE"

static const char *first_line(const struct flink_parse *parse, const char *text)
{
	return arena_strndup(parse->arena, text, strcspn(text, "\r\n"));
}

/* Indented ones belong to suppressed exceptions: they happened while cleaning up. */
static const char *find_cause(const struct flink_parse *parse, const char *text)
{
	const char *cause = text;

	for (const char *line = text, *end;; line = end + 1) {
		if (str_starts(line, CAUSED_BY)) {
			const char *said = line + strlen(CAUSED_BY);

			if (strcspn(said, "\r\n") > 0 && !str_starts(said, CIRCULAR))
				cause = said;
		}
		end = strchr(line, '\n');
		if (!end)
			return first_line(parse, cause);
	}
}

/* "java.lang.Error" from "java.lang.Error: text" or "java.lang.Error". */
static const char *class_name(const struct flink_parse *parse, const char *text)
{
	return arena_strndup(parse->arena, text, strcspn(text, ":\r\n"));
}

static void set_place(const struct flink_parse *parse, const json_t *entry, struct exception *out)
{
	const char *task = flink_text(parse, entry, "taskName");
	const char *location = flink_text(parse, entry, "endpoint");

	if (!task)
		task = flink_text(parse, entry, "task"); /* all-exceptions */
	if (!location)
		location = flink_text(parse, entry, "location");
	if (str_eq(location, "(unassigned)"))
		location = NULL; /* Flink's words for none */
	out->task = task;
	out->location = location;
	out->taskmanager = flink_text(parse, entry, "taskManagerId");
}

static bool is_wrapper(const char *text)
{
	const char *found = strstr(text, "Recovery is suppressed by ");

	return found && found < text + strcspn(text, "\r\n");
}

static bool says_no_slots(const char *text)
{
	return text && strstr(text, "NoResourceAvailableException");
}

static void exception_parse(
	const struct flink_parse *parse, const json_t *entry, struct exception *out)
{
	const json_t *concurrent = json_object_get(entry, "concurrentExceptions");
	const json_t *inner = json_array_get(concurrent, 0);
	const char *inner_text = doc_str(inner, "stacktrace");

	out->name = flink_text(parse, entry, "exceptionName");
	out->text = flink_text_masked(parse, entry, "stacktrace");
	out->time_ms = flink_time(entry, "timestamp");
	set_place(parse, entry, out);
	if (!out->text)
		out->text = out->name ? out->name : "";
	if (!out->name)
		out->name = class_name(parse, out->text);
	out->lacks_slots = says_no_slots(out->text);
	if (!is_wrapper(out->text)) {
		out->cause = find_cause(parse, out->text);
		return;
	}
	out->cause = find_cause(
		parse, str_empty(inner_text) ? out->text : flink_masked(parse, inner_text));
	out->lacks_slots |= says_no_slots(inner_text);
	if (!out->task && json_is_object(inner))
		set_place(parse, inner, out);
}

static bool root_exception_parse(
	const struct flink_parse *parse, const json_t *root, struct exception *out)
{
	const json_t *tasks = json_object_get(root, "all-exceptions");

	out->text = flink_text_masked(parse, root, "root-exception");
	if (!out->text)
		return false;
	out->name = class_name(parse, out->text);
	out->cause = find_cause(parse, out->text);
	out->lacks_slots = says_no_slots(out->text);
	out->time_ms = flink_time(root, "timestamp");
	set_place(parse, json_array_get(tasks, 0), out);
	return true;
}

/* The newest entries, newest first; entries of the same time keep their order. Returns how many. */
static size_t pick_newest(const json_t *entries, const json_t *picked[FLINK_EXCEPTIONS_MAX])
{
	const json_t *entry;
	size_t i, len = 0;

	json_array_foreach (entries, i, entry) {
		int64_t time_ms = flink_time(entry, "timestamp");
		size_t at = len;

		if (!json_is_object(entry))
			continue;
		while (at > 0 && flink_time(picked[at - 1], "timestamp") < time_ms)
			at--;
		if (at == FLINK_EXCEPTIONS_MAX)
			continue;
		if (len < FLINK_EXCEPTIONS_MAX)
			len++;
		for (size_t k = len - 1; k > at; k--)
			picked[k] = picked[k - 1];
		picked[at] = entry;
	}
	return len;
}

int flink_parse_exceptions(const struct flink_parse *parse, const json_t *root,
	struct job_detail *out, struct err *err)
{
	const json_t *history = json_object_get(root, "exceptionHistory");
	const json_t *entries = json_object_get(history, "entries");
	const json_t *picked[FLINK_EXCEPTIONS_MAX];
	struct exception *list;
	size_t len;

	if (!json_is_array(entries) && !json_object_get(root, "root-exception"))
		return flink_expected(parse, err, "exceptionHistory", _("object"));
	list = arena_calloc(parse->arena, FLINK_EXCEPTIONS_MAX, sizeof(*list));
	len = pick_newest(entries, picked);
	for (size_t i = 0; i < len; i++)
		exception_parse(parse, picked[i], &list[i]);
	if (len == 0 && root_exception_parse(parse, root, &list[0]))
		len = 1;
	out->exceptions = list;
	out->exception_count = len;
	out->exceptions_truncated = json_array_size(entries) > len ||
		json_is_true(json_object_get(history, "truncated")) ||
		(!entries && json_is_true(json_object_get(root, "truncated")));
	out->parts |= JOB_PART_EXCEPTIONS;
	return 0;
}
