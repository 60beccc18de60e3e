/*
 * What a JobManager says when it refuses: {"errors":["Internal server error.", "<Exception on
 * server side:\norg.apache.…Exception: text\n\tat …"]}, some kilobytes of which one line helps a
 * person.
 */
#include "core/source/flink/parse.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define SERVER_SIDE "<Exception on server side:"
#define NOT_WORTH_SAYING "Internal server error."
/* An error of more than this is none of Flink's: its longest stack traces are 20 KB. */
#define ERROR_BYTES_MAX ((size_t)256 << 10)

char *flink_error_full(const char *body, size_t len)
{
	const json_t *errors, *entry;
	const char *found = NULL;
	char *copy = NULL;
	json_t *root;
	size_t i;

	/* Parsing is for what looks like it: error pages of proxies come this way, too. */
	if (len == 0 || len > ERROR_BYTES_MAX || !memchr(body, '{', len))
		return NULL;
	root = doc_parse_json(body, len, "", NULL);
	errors = json_object_get(root, "errors");
	json_array_foreach (errors, i, entry) {
		const char *text = json_string_value(entry);

		if (!str_empty(text) && (!found || !str_eq(text, NOT_WORTH_SAYING)))
			found = text;
	}
	if (found)
		copy = xstrdup(found);
	json_decref(root);
	return copy;
}

/* "org.apache.flink.util.FlinkException" → its length; 0 when `text` does not start with
 * "a.b.Class: ". */
static size_t qualified_class_len(const char *text)
{
	size_t len =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.");

	if (!memchr(text, '.', len))
		return 0;
	return text[len] == ':' && (text[len + 1] == ' ' || !text[len + 1]) ? len : 0;
}

static const char *simple_name(const char *name, size_t len)
{
	const char *simple = name;

	for (size_t i = 0; i < len; i++)
		if (name[i] == '.' || name[i] == '$')
			simple = name + i + 1;
	return simple;
}

/* Both say only that something failed elsewhere. */
static bool is_envelope(const char *name, size_t len)
{
	return (len == strlen("CompletionException") &&
		       strncmp(name, "CompletionException", len) == 0) ||
		(len == strlen("ExecutionException") &&
			strncmp(name, "ExecutionException", len) == 0);
}

char *flink_error_text(const char *body, size_t len)
{
	char *full = flink_error_full(body, len), *masked;
	const char *text = full, *name;
	size_t class_len;

	if (!full)
		return NULL;
	if (str_starts(text, SERVER_SIDE))
		text += strlen(SERVER_SIDE);
	text += strspn(text, " \t\r\n");
	full[(size_t)(text - full) + strcspn(text, "\r\n")] = '\0';
	while ((class_len = qualified_class_len(text)) > 0) {
		const char *rest = text + class_len + 1;

		name = simple_name(text, class_len);
		rest += strspn(rest, " ");
		if (!is_envelope(name, (size_t)(text + class_len - name)) ||
			qualified_class_len(rest) == 0) {
			text = name;
			break;
		}
		text = rest;
	}
	masked = redact_dup(text);
	free(full);
	return masked;
}

char *flink_stack_reason(const char *stack)
{
	static const char caused_by[] = "Caused by: ";
	const char *found = stack;
	size_t class_len;
	char *line, *masked;

	for (const char *at = stack; (at = strstr(at, caused_by)); at += strlen(caused_by))
		/* Indented ones belong to suppressed exceptions. */
		if ((at == stack || at[-1] == '\n') &&
			!str_starts(at + strlen(caused_by), "[CIRCULAR"))
			found = at + strlen(caused_by);
	line = xstrndup(found, strcspn(found, "\r\n"));
	class_len = qualified_class_len(line);
	masked = redact_dup(simple_name(line, class_len));
	free(line);
	return masked;
}

bool flink_error_is_unknown_job(const char *body, size_t len)
{
	char *full = flink_error_full(body, len), *found;
	bool unknown = false;

	if (full) {
		full[strcspn(full, "\t")] = '\0'; /* not what a stack trace says */
		found = strstr(full, "NotFoundException: Job ");
		unknown = strstr(full, "FlinkJobNotFoundException") ||
			(found && strstr(found, " not found"));
	}
	free(full);
	return unknown;
}

bool flink_error_is_leaderless(int status, const char *body, size_t len)
{
	return (status >= 502 && status <= 504) || flink_error_says_leaderless(status, body, len);
}

bool flink_error_says_leaderless(int status, const char *body, size_t len)
{
	char *full = status == 500 || status == 503 ? flink_error_full(body, len) : NULL;
	bool leaderless = full &&
		strstr(full, status == 503 ? "leader election" : "RecipientUnreachableException");

	free(full);
	return leaderless;
}
