/* The columns of an event: what happened to an application, or to the cluster it runs on. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/model/history.h"
#include "core/present/history_item.h"
#include "core/present/value.h"

#define EVENT(name) const struct event *name = item
#define UNUSED_ENV (void)env

static struct value get_time(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	EVENT(event);
	return value_of_time(event->time_ms);
}

static struct value get_kind(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	EVENT(event);
	return value_of_text(event->kind);
}

static bool is_sick(const char *state)
{
	enum app_state parsed = state ? app_state_parse(state) : STATE_MAX;

	return parsed != STATE_MAX && app_state_is_sick(parsed);
}

static enum tone tone_kind(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	EVENT(event);
	bool is_state = event_is(event, EVENT_STATE) || event_is(event, EVENT_FIRST_SEEN);

	if (is_state && is_sick(event->to))
		return TONE_ERROR;
	if (event_is(event, EVENT_RESTART) || event_is(event, EVENT_DUPLICATE))
		return TONE_WARN;
	return is_state ? TONE_NORMAL : TONE_INFO;
}

static struct value get_from(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	EVENT(event);
	return value_of_text(event->from);
}

static struct value get_to(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	EVENT(event);
	return value_of_text(event->to);
}

/* "RUNNING → FAILED", "2 → 1", or only where it has come to. */
static struct value get_change(const void *item, const struct present_env *env)
{
	return get_to(item, env);
}

static void text_change(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	EVENT(event);
	/* Of job ids the first digits: JSON and the page behind Enter have all. */
	int digits = event_is(event, EVENT_JOB) ? 8 : 99;
	if (event->from && !event_is(event, EVENT_FAILOVER))
		buf_addf(out, "%.*s%s", digits, event->from, utf8_locale() ? " → " : " -> ");
	buf_addf(out, "%.*s", digits, event->to ? event->to : "-");
}

static struct value get_text(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	EVENT(event);
	return value_of_text(event->text);
}

static void text_text(const void *item, const struct present_env *env, struct buf *out)
{
	struct value value = get_text(item, env);

	value_shown(&value, env, out);
}

static struct value get_job(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	EVENT(event);
	return value_of_text(event->job_id);
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("timeMs", N_("AGE"), get_time, 6, 10, 1), .is_right = true},
	{COLUMN("of", N_("OF"), history_of, 8, 24, 4)},
	{COLUMN("kind", N_("EVENT"), get_kind, 8, 12, 1), .tone = tone_kind},
	{COLUMN("change", N_("CHANGE"), get_change, 10, 26, 1), .text = text_change,
		.is_json_hidden = true},
	{COLUMN("text", N_("WHY"), get_text, 12, 0, 2), .text = text_text},
	{COLUMN("jobId", N_("JOB ID"), get_job, 32, 32, 5), .is_wide = true},
	{.key = "from", .get = get_from},
	{.key = "to", .get = get_to},
	{.key = "ref", .get = history_ref},
};

static void filter_text(const void *item, struct buf *out)
{
	EVENT(event);
	buf_addf(out, "%s\n%s\n%s\n%s\n%s\n%s\n", event->ref, event->kind,
		event->from ? event->from : "", event->to ? event->to : "",
		event->text ? event->text : "", event->job_id ? event->job_id : "");
}

const struct column_table event_table = {
	.kind = "EventList",
	.name = "history",
	.item_name = N_("event"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX, /* no items of the fleet */
	.filter_text = filter_text,
};
