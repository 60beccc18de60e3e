/* The columns of a cluster. */
#include <inttypes.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet.h"
#include "core/present/value.h"
#include "core/present/witness.h"

#define CLUSTER(name) const struct cluster *name = item
#define UNUSED_ENV (void)env

static struct value get_name(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_text(cluster->name);
}

static struct value get_context(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_text(cluster->context);
}

static struct value get_type(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_text(cluster->type);
}

static struct value get_origin(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_text(cluster->origin);
}

static struct value get_address(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_text(cluster->address);
}

static struct value get_tls(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_text(cluster->tls);
}

static enum tone tone_tls(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return str_eq(cluster->tls, "insecure") ? TONE_WARN : TONE_DIM;
}

static struct value get_version(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_text(cluster->flink_version);
}

static enum app_state state_of(const struct cluster *cluster)
{
	if (cluster->is_leader_changing)
		return STATE_RESTARTING;
	if (cluster->misses >= MISSED_POLLS)
		return STATE_UNREACHABLE;
	return cluster->observed_ms > 0 ? STATE_RUNNING : STATE_UNKNOWN;
}

static struct value get_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	return value_of_text(app_state_name(state_of(item)));
}

static enum tone tone_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	switch (state_of(item)) {
	case STATE_RUNNING: return TONE_OK;
	case STATE_RESTARTING: return TONE_WARN;
	case STATE_UNREACHABLE: return TONE_ERROR;
	default: return TONE_DIM;
	}
}

static struct value get_taskmanagers(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_number(VALUE_INT, cluster->status.taskmanagers);
}

static enum tone tone_taskmanagers(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return cluster->status.taskmanagers == 0 ? TONE_WARN : TONE_NORMAL;
}

static struct value get_slots_total(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_number(VALUE_INT, cluster->status.slots_total);
}

static struct value get_slots_free(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_number(VALUE_INT, cluster->status.slots_free);
}

static enum tone tone_slots(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return cluster->status.slots_free == 0 ? TONE_WARN : TONE_NORMAL;
}

static struct value get_jobs_running(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_number(VALUE_INT, cluster->status.jobs_running);
}

static struct value get_jobs_failed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_number(VALUE_INT, cluster->status.jobs_failed);
}

static enum tone tone_failed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return cluster->status.jobs_failed > 0 ? TONE_WARN : TONE_NORMAL;
}

static struct value get_latency(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_number(VALUE_DURATION_MS, cluster->latency_ms);
}

/* How long until it is asked again, as stretched or backed off now. */
static struct value get_interval(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	int64_t interval_ms = cluster->polling.interval_ms;
	return value_of_number(VALUE_DURATION_MS, interval_ms > 0 ? interval_ms : -1);
}

static struct value get_requests(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	const struct polling *polling = &cluster->polling;
	return value_of_number(VALUE_INT, polling->interval_ms > 0 ? polling->per_second : -1);
}

/* "46/100" */
static void text_requests(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	const struct polling *polling = &cluster->polling;
	if (polling->interval_ms > 0)
		buf_addf(out, "%" PRId64 "/%" PRId64, polling->per_second,
			polling->allowed_per_second);
	else
		buf_adds(out, "-");
}

static struct value get_allowed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	int64_t allowed = cluster->polling.allowed_per_second;
	return value_of_number(VALUE_INT, allowed > 0 ? allowed : -1);
}

static enum tone tone_requests(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	const struct polling *polling = &cluster->polling;
	return polling->interval_ms > 0 && polling->per_second >= polling->allowed_per_second
		? TONE_WARN
		: TONE_NORMAL;
}

static struct value get_observed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_time(cluster->observed_ms);
}

static void text_observed(const void *item, const struct present_env *env, struct buf *out)
{
	CLUSTER(cluster);
	format_seen(cluster->observed_ms, env->now_ms, out);
}

static bool is_stale(const void *item, const struct present_env *env)
{
	return cluster_is_stale(item, env);
}

static enum tone tone_observed(const void *item, const struct present_env *env)
{
	return is_stale(item, env) ? TONE_WARN : TONE_DIM;
}

static struct value get_error(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	CLUSTER(cluster);
	return value_of_text(cluster->last_err.code ? cluster->last_err.text : NULL);
}

/* The reason: what was asked and where stands in the other columns. */
static void text_error(const void *item, const struct present_env *env, struct buf *out)
{
	struct value error = get_error(item, env);
	const char *text = error.type == VALUE_TEXT ? error.text : "-";
	const char *url = str_starts(text, "GET http") ? strstr(text, "://") : NULL;
	const char *reason = url ? strstr(url + 3, ": ") : NULL;
	if (((const struct cluster *)item)->is_leader_changing)
		buf_adds(out, _("leader changing: "));
	buf_adds(out, reason ? reason + 2 : text);
}

static enum tone tone_error(const void *item, const struct present_env *env)
{
	(void)item;
	UNUSED_ENV;
	return TONE_ERROR;
}

static const struct column columns[] = {
	{.key = "state",
		.title = N_("STATE"),
		.get = get_state,
		.tone = tone_state,
		.min_cols = 11,
		.max_cols = 11,
		.priority = 1},
	{.key = "name",
		.title = N_("NAME"),
		.get = get_name,
		.min_cols = 12,
		.max_cols = 30,
		.priority = 1},
	{.key = "type",
		.title = N_("TYPE"),
		.get = get_type,
		.min_cols = 6,
		.max_cols = 11,
		.priority = 8},
	{.key = "flinkVersion",
		.word = "version",
		.title = N_("FLINK"),
		.get = get_version,
		.min_cols = 5,
		.max_cols = 8,
		.priority = 4},
	{.key = "taskManagers",
		.title = N_("TMS"),
		.get = get_taskmanagers,
		.tone = tone_taskmanagers,
		.min_cols = 3,
		.max_cols = 5,
		.priority = 3,
		.is_right = true},
	{.key = "slotsFree",
		.title = N_("FREE"),
		.get = get_slots_free,
		.tone = tone_slots,
		.min_cols = 4,
		.max_cols = 6,
		.priority = 3,
		.is_right = true},
	{.key = "slotsTotal",
		.title = N_("SLOTS"),
		.get = get_slots_total,
		.min_cols = 5,
		.max_cols = 6,
		.priority = 3,
		.is_right = true},
	{.key = "jobsRunning",
		.title = N_("RUNNING"),
		.get = get_jobs_running,
		.min_cols = 7,
		.max_cols = 7,
		.priority = 4,
		.is_right = true},
	{.key = "jobsFailed",
		.title = N_("FAILED"),
		.get = get_jobs_failed,
		.tone = tone_failed,
		.min_cols = 6,
		.max_cols = 6,
		.priority = 5,
		.is_right = true},
	{.key = "latencyMs",
		.word = "latency",
		.title = N_("LATENCY"),
		.get = get_latency,
		.min_cols = 7,
		.max_cols = 7,
		.priority = 7,
		.is_right = true,
		.is_restless = true},
	{.key = "observedAtMs",
		.word = "seen",
		.title = N_("SEEN"),
		.get = get_observed,
		.text = text_observed,
		.tone = tone_observed,
		.min_cols = 4,
		.max_cols = 10,
		.priority = 5,
		.is_right = true,
		.is_restless = true},
	{.key = "pollIntervalMs",
		.title = N_("EVERY"),
		.get = get_interval,
		.min_cols = 5,
		.max_cols = 6,
		.priority = 6,
		.is_wide = true,
		.is_right = true,
		.is_restless = true},
	{.key = "requestsPerSecond",
		.title = N_("REQ/S"),
		.get = get_requests,
		.text = text_requests,
		.tone = tone_requests,
		.min_cols = 6,
		.max_cols = 9,
		.priority = 6,
		.is_wide = true,
		.is_right = true,
		.is_restless = true},
	{.key = "requestsAllowedPerSecond",
		.title = N_("ALLOWED"),
		.get = get_allowed,
		.min_cols = 7,
		.max_cols = 7,
		.priority = 7,
		.is_wide = true,
		.is_right = true,
		.is_restless = true},
	{.key = "address",
		.title = N_("ADDRESS"),
		.get = get_address,
		.min_cols = 14,
		.max_cols = 36,
		.priority = 6},
	{.key = "lastError",
		.title = N_("LAST ERROR"),
		.get = get_error,
		.text = text_error,
		.tone = tone_error,
		.min_cols = 10,
		.max_cols = 0,
		.priority = 6},
	{.key = "origin",
		.title = N_("ORIGIN"),
		.get = get_origin,
		.min_cols = 6,
		.max_cols = 10,
		.priority = 9,
		.is_wide = true},
	{.key = "tls",
		.title = N_("TLS"),
		.get = get_tls,
		.tone = tone_tls,
		.min_cols = 3,
		.max_cols = 8,
		.priority = 9,
		.is_wide = true},
	{.key = "context",
		.title = N_("CONTEXT"),
		.get = get_context,
		.min_cols = 7,
		.max_cols = 16,
		.priority = 9,
		.is_wide = true},
};

static void filter_text(const void *item, struct buf *out)
{
	CLUSTER(cluster);
	buf_addf(out, "%s\n%s\n%s\n%s\n%s\n", cluster->name, cluster->type, cluster->address,
		cluster->flink_version ? cluster->flink_version : "",
		app_state_name(state_of(cluster)));
}

const struct column_table cluster_table = {
	.kind = "ClusterList",
	.name = "clusters",
	.item_name = N_("cluster"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_CLUSTER,
	.items = fleet_items,
	.find = fleet_item,
	.filter_text = filter_text,
	.is_stale = is_stale,
};
