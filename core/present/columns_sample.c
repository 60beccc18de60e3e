/* The columns of a sample: what a job did in a span of time. Flink's own units; on the screen shares. */
#include <inttypes.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/model/history.h"
#include "core/present/history_item.h"
#include "core/present/value.h"

#define SAMPLE(name) const struct sample *name = item
#define UNUSED_ENV (void)env

static struct value get_time(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return value_of_time(sample->time_ms);
}

static struct value get_span(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return value_of_number(VALUE_DURATION_MS, sample->span_ms);
}

static struct value per_second(int64_t amount, int64_t of_ms)
{
	return of_ms > 0 ? value_of_real((double)amount * 1000 / (double)of_ms) : value_null();
}

static struct value get_in(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return per_second(sample->records_in, sample->in_of_ms);
}

static struct value get_out(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return per_second(sample->records_out, sample->out_of_ms);
}

static struct value ms_per_second(int64_t ms, int64_t of_ms)
{
	return of_ms > 0 ? value_of_number(VALUE_INT, ms * 1000 / of_ms) : value_null();
}

static struct value get_busy(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return ms_per_second(sample->busy_ms, sample->busy_of_ms);
}

static struct value get_held(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return ms_per_second(sample->backpressured_ms, sample->backpressured_of_ms);
}

static struct value get_lag(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return value_of_number(VALUE_INT, sample->lag_records);
}

static struct value get_lag_time(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return value_of_number(VALUE_DURATION_MS, sample->lag_ms);
}

static struct value get_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return value_of_number(VALUE_BYTES, sample->state_bytes);
}

static struct value get_checkpoint(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	SAMPLE(sample);
	return value_of_number(VALUE_DURATION_MS, sample->checkpoint_ms);
}

void format_rate(double per_second, struct buf *out)
{
	static const char *const units[] = {"", "k", "M", "G", "T"};
	size_t unit = 0;

	if (per_second < 0) {
		buf_adds(out, "-");
		return;
	}
	while (per_second >= 9999.5 && unit + 1 < ARRAY_SIZE(units)) {
		per_second /= 1000;
		unit++;
	}
	buf_addf(out, per_second > 0 && per_second < 9.95 ? "%.1f%s" : "%.0f%s", per_second,
		units[unit]);
}

static void text_rate(const struct value *value, struct buf *out)
{
	format_rate(value->type == VALUE_REAL ? value->real : -1, out);
}

static void text_in(const void *item, const struct present_env *env, struct buf *out)
{
	struct value value = get_in(item, env);

	text_rate(&value, out);
}

static void text_out(const void *item, const struct present_env *env, struct buf *out)
{
	struct value value = get_out(item, env);

	text_rate(&value, out);
}

static void text_share(const struct value *value, struct buf *out)
{
	if (value->type == VALUE_NULL)
		buf_adds(out, "-");
	else
		buf_addf(out, "%" PRId64 "%%", (value->number + 5) / 10);
}

static void text_busy(const void *item, const struct present_env *env, struct buf *out)
{
	struct value value = get_busy(item, env);

	text_share(&value, out);
}

static void text_held(const void *item, const struct present_env *env, struct buf *out)
{
	struct value value = get_held(item, env);

	text_share(&value, out);
}

static enum tone tone_held(const void *item, const struct present_env *env)
{
	struct value value = get_held(item, env);

	return value.type != VALUE_NULL && value.number >= 500 ? TONE_WARN : TONE_NORMAL;
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_, .is_right = true

static const struct column columns[] = {
	{COLUMN("timeMs", N_("AGE"), get_time, 6, 10, 1)},
	{.key = "of",
		.title = N_("OF"),
		.get = history_of,
		.min_cols = 8,
		.max_cols = 24,
		.priority = 3},
	{COLUMN("spanMs", N_("SPAN"), get_span, 5, 6, 4), .is_wide = true},
	{COLUMN("recordsInPerSecond", N_("IN/S"), get_in, 5, 7, 1), .text = text_in},
	{COLUMN("recordsOutPerSecond", N_("OUT/S"), get_out, 5, 7, 1), .text = text_out},
	{COLUMN("busyMsPerSecond", N_("BUSY"), get_busy, 4, 5, 1), .text = text_busy},
	{COLUMN("backPressuredMsPerSecond", N_("BACKPR"), get_held, 6, 7, 1), .text = text_held,
		.tone = tone_held},
	{COLUMN("lagRecords", N_("LAG"), get_lag, 5, 10, 2)},
	{COLUMN("lagMs", N_("BEHIND"), get_lag_time, 6, 8, 2)},
	{COLUMN("stateBytes", N_("STATE"), get_state, 6, 9, 2)},
	{COLUMN("checkpointDurationMs", N_("CHECKPOINT"), get_checkpoint, 7, 10, 2)},
	{.key = "ref", .get = history_ref},
};

static void filter_text(const void *item, struct buf *out)
{
	SAMPLE(sample);
	buf_addf(out, "%s\n", sample->ref);
}

const struct column_table sample_table = {
	.kind = "SampleList",
	.name = "samples",
	.item_name = N_("sample"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX, /* no items of the fleet */
	.filter_text = filter_text,
};
