/* What all parsers share: one field at a time, clamped to what the model may hold. */
#include "core/source/flink/parse.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/doc.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"

/* The last millisecond of the year 9999, UTC: what lies behind cannot be shown as a date. */
#define TIME_MAX_MS 253402300799999

int flink_expected(
	const struct flink_parse *parse, struct err *err, const char *key, const char *type)
{
	return err_set(err, E_PROTO, _("%s: no \"%s\" %s: is this a Flink JobManager?"),
		parse->what, key, type);
}

int64_t flink_amount(const json_t *object, const char *key)
{
	int64_t value = doc_int(object, key, -1);

	return value < 0 ? -1 : value;
}

int flink_as_count(int64_t value)
{
	return value < 0 || value > INT_MAX ? -1 : (int)value;
}

int flink_count(const json_t *object, const char *key)
{
	return flink_as_count(flink_amount(object, key));
}

int64_t flink_as_time(int64_t value)
{
	return value <= 0 || value > TIME_MAX_MS ? -1 : value;
}

int64_t flink_time(const json_t *object, const char *key)
{
	return flink_as_time(flink_amount(object, key));
}

const char *flink_text(const struct flink_parse *parse, const json_t *object, const char *key)
{
	const char *text = doc_str(object, key);

	return str_empty(text) ? NULL : arena_strdup(parse->arena, text);
}

const char *flink_masked(const struct flink_parse *parse, const char *text)
{
	char *masked = redact_dup(text);
	const char *copy = arena_strdup(parse->arena, masked);

	free(masked);
	return copy;
}

const char *flink_text_masked(
	const struct flink_parse *parse, const json_t *object, const char *key)
{
	const char *text = doc_str(object, key);

	return str_empty(text) ? NULL : flink_masked(parse, text);
}

const struct flink_task_field flink_task_fields[FLINK_TASK_FIELDS] = {
	{"created", "CREATED", offsetof(struct task_counts, created)},
	{"scheduled", "SCHEDULED", offsetof(struct task_counts, scheduled)},
	{"deploying", "DEPLOYING", offsetof(struct task_counts, deploying)},
	{"initializing", "INITIALIZING", offsetof(struct task_counts, initializing)},
	{"running", "RUNNING", offsetof(struct task_counts, running)},
	{"finished", "FINISHED", offsetof(struct task_counts, finished)},
	{"canceling", "CANCELING", offsetof(struct task_counts, canceling)},
	{"canceled", "CANCELED", offsetof(struct task_counts, canceled)},
	{"failed", "FAILED", offsetof(struct task_counts, failed)},
	{"reconciling", "RECONCILING", offsetof(struct task_counts, reconciling)},
	{"total", NULL, offsetof(struct task_counts, total)},
};

int *flink_task_count(struct task_counts *tasks, size_t field)
{
	return (int *)(void *)((char *)tasks + flink_task_fields[field].offset);
}

void flink_tasks_complete(struct task_counts *tasks)
{
	int64_t sum = 0;
	bool told = false;

	if (tasks->total >= 0)
		return;
	for (size_t i = 0; i < FLINK_TASK_FIELDS; i++) {
		int count = *flink_task_count(tasks, i);

		told = told || count >= 0;
		sum += count > 0 ? count : 0;
	}
	if (told)
		tasks->total = sum > INT_MAX ? INT_MAX : (int)sum;
}

struct task_counts flink_task_counts(const json_t *object)
{
	struct task_counts tasks = FLINK_NO_TASKS;

	for (size_t i = 0; i < FLINK_TASK_FIELDS; i++) {
		int count = flink_count(object, flink_task_fields[i].lower);

		if (count < 0 && flink_task_fields[i].upper)
			count = flink_count(object, flink_task_fields[i].upper);
		*flink_task_count(&tasks, i) = count;
	}
	flink_tasks_complete(&tasks);
	return tasks;
}

static char hex_digit(char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))
		return c;
	return c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : '\0';
}

bool flink_job_id_of(const char *text, size_t len, char out[JOB_ID_LEN + 1])
{
	size_t i = 0;

	while (i < JOB_ID_LEN && len == JOB_ID_LEN && hex_digit(text[i])) {
		out[i] = hex_digit(text[i]);
		i++;
	}
	out[i == JOB_ID_LEN ? i : 0] = '\0';
	return i == JOB_ID_LEN;
}

bool flink_job_id(const char *text, char out[JOB_ID_LEN + 1])
{
	return flink_job_id_of(text, text ? strnlen(text, JOB_ID_LEN + 1) : 0, out);
}
