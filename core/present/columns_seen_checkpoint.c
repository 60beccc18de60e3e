/* The columns of a checkpoint that the recorder has seen, also when Flink forgot it. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/model/history.h"
#include "core/present/history_item.h"
#include "core/present/value.h"

static struct value get_time(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_time(point->time_ms);
}

static struct value get_id(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_number(VALUE_INT, point->id);
}

static struct value get_status(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_text(point->status);
}

static struct value get_kind(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_text(point->kind);
}

static struct value get_duration(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_number(VALUE_DURATION_MS, point->duration_ms);
}

static struct value get_state(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_number(VALUE_BYTES, point->state_bytes);
}

static struct value get_new(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_number(VALUE_BYTES, point->checkpointed_bytes);
}

static struct value get_processed(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_number(VALUE_BYTES, point->processed_bytes);
}

static struct value get_persisted(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_number(VALUE_BYTES, point->persisted_bytes);
}

static struct value get_trigger(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_time(point->trigger_ms);
}

static struct value get_subtasks(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_number(VALUE_INT, point->subtasks);
}

static struct value get_acked(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_number(VALUE_INT, point->acknowledged);
}

static struct value get_discarded(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_bool(point->is_discarded);
}

static struct value get_path(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_text(point->path);
}

static struct value get_failure(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_text(point->failure);
}

static struct value get_job(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return value_of_text(point->job_id);
}

static enum tone tone_status(const void *item, const struct present_env *env)
{
	(void)env;
	const struct seen_checkpoint *point = item;
	return str_eq(point->status, "FAILED") ? TONE_ERROR : TONE_OK;
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("timeMs", N_("AGE"), get_time, 6, 10, 1), .is_right = true},
	{COLUMN("of", N_("OF"), history_of, 8, 24, 4)},
	{COLUMN("id", N_("ID"), get_id, 4, 10, 1), .is_right = true},
	{COLUMN("status", N_("STATUS"), get_status, 9, 11, 1), .tone = tone_status},
	{COLUMN("kind", N_("KIND"), get_kind, 10, 10, 3)},
	{COLUMN("durationMs", N_("DURATION"), get_duration, 6, 9, 2), .is_right = true},
	{COLUMN("stateBytes", N_("SIZE"), get_state, 6, 9, 2), .is_right = true},
	{COLUMN("checkpointedBytes", N_("NEW"), get_new, 6, 9, 3), .is_right = true},
	{COLUMN("failure", N_("FAILURE"), get_failure, 10, 0, 2)},
	{COLUMN("path", N_("PATH"), get_path, 20, 0, 5), .is_wide = true},
	{COLUMN("jobId", N_("JOB ID"), get_job, 32, 32, 6), .is_wide = true},
	{.key = "triggerMs", .get = get_trigger},
	{.key = "processedBytes", .get = get_processed},
	{.key = "persistedBytes", .get = get_persisted},
	{.key = "subtasks", .get = get_subtasks},
	{.key = "acknowledged", .get = get_acked},
	{.key = "discarded", .get = get_discarded},
	{.key = "ref", .get = history_ref},
};

static void filter_text(const void *item, struct buf *out)
{
	const struct seen_checkpoint *point = item;
	buf_addf(out, "%s\n%s\n%s\n%s\n%s\n%s\n", point->ref, point->status, point->kind,
		point->job_id, point->path ? point->path : "",
		point->failure ? point->failure : "");
}

const struct column_table seen_checkpoint_table = {
	.kind = "CheckpointList",
	.name = "checkpoints",
	.item_name = N_("checkpoint"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX, /* no items of the fleet */
	.filter_text = filter_text,
};
