/* The columns of the command log: what was asked of whom, how it ended, how long it took. */
#include "core/base/buf.h"
#include "core/base/command_log.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/present/value.h"

#define ENTRY(name) const struct command_entry *name = item
#define UNUSED_ENV (void)env

static struct value get_number(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	return value_of_number(VALUE_INT, (int64_t)entry->number);
}

static struct value get_began(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	return value_of_time(entry->began_ms);
}

static struct value get_kind(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	return value_of_text(command_kind_name(entry->kind));
}

static struct value get_where(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	return value_of_text(entry->where);
}

static struct value get_what(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	return value_of_text(entry->what);
}

static bool has_failed(const struct command_entry *entry)
{
	return entry->code ||
		(entry->kind == COMMAND_REST ? entry->status >= 400 : entry->status > 0);
}

/* HTTP's or the exit status; else the name of the error. */
static struct value get_result(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	if (entry->status >= 0)
		return value_of_number(VALUE_INT, entry->status);
	return entry->code ? value_of_text(err_code_name(entry->code)) : value_null();
}

static void text_result(const void *item, const struct present_env *env, struct buf *out)
{
	ENTRY(entry);
	struct value value = get_result(item, env);

	if (entry->duration_ms < 0)
		buf_adds(out, "…");
	else
		value_text(&value, env, out);
}

static enum tone tone_result(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	if (entry->duration_ms < 0)
		return TONE_INFO;
	return has_failed(entry) ? TONE_ERROR : TONE_OK;
}

static struct value get_duration(const void *item, const struct present_env *env)
{
	ENTRY(entry);
	return value_of_number(VALUE_DURATION_MS,
		entry->duration_ms >= 0 ? entry->duration_ms : env->now_ms - entry->began_ms);
}

static struct value get_bytes(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	return value_of_number(VALUE_BYTES, entry->bytes);
}

static struct value get_error(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	return value_of_text(entry->error);
}

static struct value get_under_way(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	ENTRY(entry);
	return value_of_bool(entry->duration_ms < 0);
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("beganMs", N_("WHEN"), get_began, 5, 10, 2), .is_right = true},
	{COLUMN("kind", N_("KIND"), get_kind, 4, 8, 4)},
	{COLUMN("where", N_("WHERE"), get_where, 8, 24, 1)},
	{COLUMN("what", N_("WHAT"), get_what, 20, 0, 1)},
	{COLUMN("result", N_("RESULT"), get_result, 6, 10, 1), .tone = tone_result,
		.text = text_result, .is_right = true},
	{COLUMN("durationMs", N_("TOOK"), get_duration, 5, 9, 2), .is_right = true},
	{COLUMN("bytes", N_("BYTES"), get_bytes, 7, 10, 5), .is_right = true},
	{COLUMN("error", N_("ERROR"), get_error, 10, 0, 3), .is_wide = true},
	{.key = "number", .get = get_number},
	{.key = "underWay", .get = get_under_way},
};

static void filter_text(const void *item, struct buf *out)
{
	ENTRY(entry);
	buf_addf(out, "%s\n%s\n%s\n%s\n", command_kind_name(entry->kind), entry->where, entry->what,
		entry->error ? entry->error : "");
}

const struct column_table command_log_table = {
	.kind = "CommandList",
	.name = "commands",
	.item_name = N_("command"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX, /* no items of the fleet: command_log_at() */
	.filter_text = filter_text,
};
