/* The columns of an exception that the recorder counts: one line for all of a fingerprint. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/model/history.h"
#include "core/present/history_item.h"
#include "core/present/value.h"

static struct value get_last(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_time(failure->last_ms);
}

static struct value get_first(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_time(failure->first_ms);
}

static struct value get_count(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_number(VALUE_INT, failure->count);
}

static struct value get_cause(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_text(failure->cause ? failure->cause : failure->name);
}

static struct value get_name(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_text(failure->name);
}

static struct value get_task(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_text(failure->task);
}

static struct value get_location(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_text(failure->location);
}

static struct value get_job(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_text(failure->job_id);
}

static struct value get_print(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_text(failure->fingerprint);
}

static struct value get_text(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_exception *failure = item;
	return value_of_text(failure->text);
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("lastMs", N_("LAST"), get_last, 6, 10, 1), .is_right = true},
	{COLUMN("firstMs", N_("FIRST"), get_first, 6, 10, 2), .is_right = true},
	{COLUMN("count", N_("TIMES"), get_count, 5, 8, 1), .is_right = true},
	{COLUMN("of", N_("OF"), history_of, 8, 24, 3)},
	{COLUMN("cause", N_("CAUSE"), get_cause, 20, 0, 1)},
	{COLUMN("task", N_("TASK"), get_task, 10, 30, 4), .is_wide = true},
	{COLUMN("location", N_("WHERE"), get_location, 10, 30, 5), .is_wide = true},
	{COLUMN("fingerprint", N_("FINGERPRINT"), get_print, 16, 16, 6), .is_wide = true},
	{.key = "name", .get = get_name},
	{.key = "jobId", .get = get_job},
	{.key = "text", .get = get_text},
	{.key = "ref", .get = history_ref},
};

static void filter_text(const void *item, struct buf *out)
{
	const struct seen_exception *failure = item;
	buf_addf(out, "%s\n%s\n%s\n%s\n%s\n", failure->ref, failure->fingerprint,
		failure->cause ? failure->cause : "", failure->task ? failure->task : "",
		failure->text ? failure->text : "");
}

const struct column_table seen_exception_table = {
	.kind = "ExceptionList",
	.name = "exceptions",
	.item_name = N_("exception"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX, /* no items of the fleet */
	.filter_text = filter_text,
};
