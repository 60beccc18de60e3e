/* The columns of a job as its JobManager lists it, declared or not. */
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet.h"
#include "core/present/value.h"
#include "core/present/witness.h"

#define JOB(name) const struct job *name = item
#define UNUSED_ENV (void)env

static struct value get_status(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_text(job_is_unlisted(job) ? NULL : job_status_name(job->summary.status));
}

static void text_status(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	JOB(job);
	const char *status = job_status_name(job->summary.status);

	buf_adds(out, job_is_unlisted(job) ? _("gone") : status ? status : "-");
	/* The same runs twice: here, or on another cluster. */
	if (job_copies(job) > 1)
		buf_addf(out, " x%d", job_copies(job));
}

static enum tone tone_status(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	if (job_is_unlisted(job) || job_copies(job) > 1)
		return TONE_ERROR;
	switch (job->summary.status) {
	case JOB_RUNNING: return TONE_OK;
	case JOB_FAILED:
	case JOB_FAILING: return TONE_ERROR;
	case JOB_RESTARTING: return TONE_WARN;
	case JOB_CANCELED:
	case JOB_FINISHED: return TONE_DIM;
	default: return TONE_INFO;
	}
}

static struct value get_copies(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_number(VALUE_INT, job_copies(job));
}

static struct value get_name(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_text(job->name);
}

static struct value get_id(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_text(job->summary.id);
}

static struct value get_cluster(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_text(job->cluster->name);
}

static struct value get_context(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_text(job->cluster->context);
}

static struct value get_version(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_text(job->cluster->flink_version);
}

/* Which application it is the run of; null when nobody declared it. */
static struct value get_app(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_text(job->app->decl ? job->app->decl->name : NULL);
}

static struct value get_team(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_text(job->app->decl ? job->app->decl->team : NULL);
}

static struct value get_managed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_bool(job->app->decl != NULL);
}

static struct value get_start(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_time(job->summary.start_ms);
}

static struct value get_end(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_time(job->summary.end_ms);
}

static struct value get_duration(const void *item, const struct present_env *env)
{
	JOB(job);
	return value_of_number(VALUE_DURATION_MS, job_duration_ms(job, env->now_ms));
}

static struct value get_tasks_running(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return job_is_unlisted(job) ? value_null()
				    : value_of_number(VALUE_INT, job->summary.tasks.running);
}

static struct value get_tasks_total(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_number(VALUE_INT, job->summary.tasks.total);
}

static struct value get_restarts(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_number(VALUE_INT, job->restarts);
}

static struct value get_observed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	JOB(job);
	return value_of_time(job->seen_ms);
}

static void text_observed(const void *item, const struct present_env *env, struct buf *out)
{
	JOB(job);
	format_seen(job->seen_ms, env->now_ms, out);
}

static const struct column columns[] = {
	{.key = "jobStatus",
		.word = "state",
		.title = N_("STATUS"),
		.get = get_status,
		.text = text_status,
		.tone = tone_status,
		.min_cols = 12,
		.max_cols = 15,
		.priority = 1},
	{.key = "name",
		.title = N_("JOB NAME"),
		.get = get_name,
		.min_cols = 14,
		.max_cols = 0,
		.priority = 1},
	{.key = "app",
		.title = N_("APPLICATION"),
		.get = get_app,
		.min_cols = 11,
		.max_cols = 24,
		.priority = 4},
	{.key = "team",
		.title = N_("TEAM"),
		.get = get_team,
		.min_cols = 4,
		.max_cols = 14,
		.priority = 8},
	{.key = "cluster",
		.title = N_("CLUSTER"),
		.get = get_cluster,
		.min_cols = 7,
		.max_cols = 18,
		.priority = 5},
	{.key = "durationMs",
		.word = "age",
		.title = N_("DURATION"),
		.get = get_duration,
		.min_cols = 8,
		.max_cols = 8,
		.priority = 3,
		.is_right = true,
		.is_restless = true},
	{.key = "tasksRunning",
		.title = N_("TASKS"),
		.get = get_tasks_running,
		.min_cols = 5,
		.max_cols = 6,
		.priority = 4,
		.is_right = true},
	{.key = "tasksTotal",
		.title = N_("TOTAL"),
		.get = get_tasks_total,
		.min_cols = 3,
		.max_cols = 6,
		.priority = 4,
		.is_right = true},
	{.key = "restarts",
		.title = N_("RESTARTS"),
		.get = get_restarts,
		.min_cols = 8,
		.max_cols = 8,
		.priority = 6,
		.is_right = true},
	{.key = "observedAtMs",
		.word = "seen",
		.title = N_("SEEN"),
		.get = get_observed,
		.text = text_observed,
		.min_cols = 4,
		.max_cols = 10,
		.priority = 6,
		.is_right = true,
		.is_restless = true},
	{.key = "jobId",
		.title = N_("JOB ID"),
		.get = get_id,
		.min_cols = 32,
		.max_cols = 32,
		.priority = 7},
	{.key = "flinkVersion",
		.word = "version",
		.title = N_("FLINK"),
		.get = get_version,
		.min_cols = 5,
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
	{.key = "copies", .get = get_copies, .is_restless = true},
	{.key = "startTimeMs", .get = get_start},
	{.key = "endTimeMs", .get = get_end},
	{.key = "managed", .get = get_managed},
};

static void filter_text(const void *item, struct buf *out)
{
	JOB(job);
	buf_addf(out, "%s\n%s\n%s\n%s\n", job->name, job->summary.id, job->cluster->name,
		job_status_name(job->summary.status) ? job_status_name(job->summary.status) : "");
	if (job->app->decl)
		buf_addf(out, "%s\n%s\n", job->app->decl->name, job->app->decl->team);
}

static bool is_stale(const void *item, const struct present_env *env)
{
	JOB(job);
	return cluster_is_stale(job->cluster, env);
}

const struct column_table job_table = {
	.kind = "JobList",
	.name = "jobs",
	.item_name = N_("job"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_JOB,
	.items = fleet_items,
	.find = fleet_item,
	.filter_text = filter_text,
	.is_stale = is_stale,
};
