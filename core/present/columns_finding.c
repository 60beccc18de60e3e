/* The columns of what `weir doctor` found. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/model/finding.h"
#include "core/present/value.h"

#define FINDING(name) const struct finding *name = item
#define UNUSED_ENV (void)env

#define TEXT_GETTER(field)                                                                         \
	static struct value get_##field(const void *item, const struct present_env *env)           \
	{                                                                                          \
		UNUSED_ENV;                                                                        \
		FINDING(finding);                                                                  \
		return value_of_text(finding->field);                                              \
	}

TEXT_GETTER(context)
TEXT_GETTER(area)
TEXT_GETTER(name)
TEXT_GETTER(check)
TEXT_GETTER(found)
TEXT_GETTER(cure)

static struct value get_status(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	FINDING(finding);
	return value_of_text(finding_status_words[finding->status]);
}

static enum tone tone_status(const void *item, const struct present_env *env)
{
	static const enum tone tones[] = {TONE_OK, TONE_WARN, TONE_ERROR};

	UNUSED_ENV;
	FINDING(finding);
	return tones[finding->status];
}

static struct value get_ms(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	FINDING(finding);
	return value_of_number(VALUE_DURATION_MS, finding->ms);
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("status", N_("STATUS"), get_status, 6, 6, 1), .tone = tone_status},
	{COLUMN("area", N_("AREA"), get_area, 6, 13, 2)},
	{COLUMN("name", N_("NAME"), get_name, 6, 20, 2)},
	{COLUMN("check", N_("CHECK"), get_check, 6, 14, 1)},
	{COLUMN("ms", N_("TIME"), get_ms, 5, 7, 4), .is_right = true},
	{COLUMN("found", N_("FOUND"), get_found, 20, 0, 1)},
	{COLUMN("cure", N_("WHAT TO DO"), get_cure, 20, 0, 3), .is_wide = true},
	{COLUMN("context", N_("CONTEXT"), get_context, 6, 16, 5), .is_wide = true},
};

static void filter_text(const void *item, struct buf *out)
{
	FINDING(finding);
	buf_addf(out, "%s\n%s\n%s\n%s\n%s\n", finding_status_words[finding->status], finding->area,
		finding->name ? finding->name : "", finding->check, finding->found);
}

const struct column_table finding_table = {
	.kind = "Doctor",
	.name = "findings",
	.item_name = N_("finding"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX,
	.filter_text = filter_text,
};
