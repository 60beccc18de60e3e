/* The columns of a restore point: what a start can take up. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/model/release.h"
#include "core/present/value.h"

#define POINT(name) const struct restore_point *name = item
#define UNUSED_ENV (void)env

static struct value get_time(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	return value_of_time(point->completed_ms);
}

static struct value get_kind(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	return value_of_text(restore_kind_words[point->kind]);
}

static struct value get_size(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	return value_of_number(VALUE_BYTES, point->size);
}

static const char *verified_word(const struct restore_point *point)
{
	if (point->is_gone)
		return N_("gone");
	return point->verified_ms > 0 ? N_("verified") : N_("not verified");
}

static struct value get_verified(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	return value_of_bool(point->verified_ms > 0 && !point->is_gone);
}

static void text_verified(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	buf_adds(out, _(verified_word(item)));
}

static enum tone tone_verified(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	if (point->is_gone)
		return TONE_ERROR;
	return point->verified_ms > 0 ? TONE_OK : TONE_DIM;
}

static struct value get_verified_ms(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	return value_of_time(point->verified_ms);
}

static struct value get_gone(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	return value_of_bool(point->is_gone);
}

static struct value get_path(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	return value_of_text(point->path);
}

static struct value get_job(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	return value_of_text(point->job_id);
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("completedMs", N_("AGE"), get_time, 6, 10, 1), .is_right = true},
	{COLUMN("kind", N_("KIND"), get_kind, 10, 10, 1)},
	{COLUMN("stateBytes", N_("SIZE"), get_size, 6, 9, 3), .is_right = true},
	{COLUMN("verified", N_("SEEN"), get_verified, 12, 12, 2), .text = text_verified,
		.tone = tone_verified},
	{COLUMN("path", N_("PATH"), get_path, 20, 0, 1)},
	{COLUMN("jobId", N_("JOB ID"), get_job, 32, 32, 4)},
	{.key = "verifiedMs", .get = get_verified_ms},
	{.key = "gone", .get = get_gone},
};

static void filter_text(const void *item, struct buf *out)
{
	POINT(point);
	buf_addf(out, "%s\n%s\n%s\n", restore_kind_words[point->kind], point->path,
		point->job_id ? point->job_id : "");
}

static bool is_stale(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	POINT(point);
	return point->is_gone;
}

const struct column_table point_table = {
	.kind = "RestorePointList",
	.name = "restore-points",
	.item_name = N_("restore point"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX, /* no items of the fleet */
	.filter_text = filter_text,
	.is_stale = is_stale,
};
