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

int flink_count(const json_t *object, const char *key)
{
	int64_t value = flink_amount(object, key);

	return value > INT_MAX ? -1 : (int)value;
}

int64_t flink_time(const json_t *object, const char *key)
{
	int64_t value = flink_amount(object, key);

	return value == 0 || value > TIME_MAX_MS ? -1 : value;
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

struct task_counts flink_task_counts(const json_t *object)
{
	struct task_counts tasks = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
	const struct {
		const char *lower, *upper;
		int *count;
	} fields[] = {
		{"created", "CREATED", &tasks.created},
		{"scheduled", "SCHEDULED", &tasks.scheduled},
		{"deploying", "DEPLOYING", &tasks.deploying},
		{"initializing", "INITIALIZING", &tasks.initializing},
		{"running", "RUNNING", &tasks.running},
		{"finished", "FINISHED", &tasks.finished},
		{"canceling", "CANCELING", &tasks.canceling},
		{"canceled", "CANCELED", &tasks.canceled},
		{"failed", "FAILED", &tasks.failed},
		{"reconciling", "RECONCILING", &tasks.reconciling},
	};
	int64_t sum = 0;
	bool told = false;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		int count = flink_count(object, fields[i].lower);

		if (count < 0)
			count = flink_count(object, fields[i].upper);
		*fields[i].count = count;
		told = told || count >= 0;
		sum += count > 0 ? count : 0;
	}
	tasks.total = flink_count(object, "total");
	if (tasks.total < 0 && told)
		tasks.total = sum > INT_MAX ? INT_MAX : (int)sum; /* vertices tell no total */
	return tasks;
}

bool flink_job_id(const char *text, char out[JOB_ID_LEN + 1])
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	size_t len = text ? strnlen(text, JOB_ID_LEN + 1) : 0;

	for (size_t i = 0; i < len && len == JOB_ID_LEN; i++) {
		const char *digit = strchr(digits, text[i]);

		if (!digit)
			break;
		out[i] = digits[(digit - digits) % 16];
		if (i == JOB_ID_LEN - 1) {
			out[JOB_ID_LEN] = '\0';
			return true;
		}
	}
	out[0] = '\0';
	return false;
}
