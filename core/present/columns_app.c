/* The columns of an application. What weir concludes and what the JobManager said stay apart. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/json_out.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet.h"
#include "core/present/app_record.h"
#include "core/present/app_run.h"
#include "core/present/value.h"
#include "core/present/witness.h"

#define APP(name) const struct app *name = item
#define UNUSED_ENV (void)env
#define NAMESAKES_MAX 32

static struct value get_context(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->context);
}

static struct value get_source(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->source);
}

static struct value get_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app_state_name(app->state));
}

static void text_state(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	static const char *const details[DETAIL_MAX] = {
		[DETAIL_WAITING_FOR_SLOTS] = N_("no slots"),
		[DETAIL_EXPIRED] = N_("ended unseen"),
		[DETAIL_DUPLICATE] = N_("duplicate"),
		[DETAIL_INVALID] = N_("broken file"),
		[DETAIL_NO_CLUSTER] = N_("no cluster"),
		[DETAIL_MISSING] = N_("missing?"),
		[DETAIL_LEADER_CHANGING] = N_("no leader"),
	};
	APP(app);
	buf_adds(out, app_state_name(app->state));
	if (app->detail == DETAIL_LOOPING && app->job && app->job->restarts_per_hour >= 1)
		buf_addf(out, " %.0f/h", app->job->restarts_per_hour);
	else if (app->detail == DETAIL_LOOPING)
		buf_addf(out, " %s", _("loop"));
	else if (details[app->detail])
		buf_addf(out, " %s", _(details[app->detail]));
}

static enum tone tone_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	/* That it runs twice is worse than whatever its own job does. */
	return app->detail == DETAIL_DUPLICATE ? TONE_ALARM : TONE_STATE;
}

static struct value get_state_detail(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(state_detail_name(app->detail));
}

static struct value get_name(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->decl ? app->decl->name : app->job->name);
}

static enum tone tone_name(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->decl ? TONE_STRONG : TONE_NORMAL;
}

static struct value get_job_name(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->job ? app->job->name : app->job_name);
}

static struct value get_team(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->decl ? app->decl->team : NULL);
}

static void text_team(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	APP(app);
	buf_adds(out, app->decl ? app->decl->team : _("unmanaged"));
}

static enum tone tone_team(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->decl ? TONE_NORMAL : TONE_DIM;
}

static struct value get_type(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->decl ? app_type_name(app->decl->type) : NULL);
}

static struct value get_target(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->decl ? deployment_target_name(app->decl->target) : NULL);
}

static struct value get_cluster(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	if (app->cluster)
		return value_of_text(app->cluster->name);
	return value_of_text(app->cluster_name);
}

static struct value get_version(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->cluster ? app->cluster->flink_version : NULL);
}

static struct value get_managed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_bool(app->decl != NULL);
}

static int64_t observed_ms(const struct app *app)
{
	if (app->job)
		return app->job->seen_ms;
	return app->cluster ? app->cluster->observed_ms : 0;
}

static struct value get_observed(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	return value_of_time(observed_ms(item));
}

static void text_observed(const void *item, const struct present_env *env, struct buf *out)
{
	format_seen(observed_ms(item), env->now_ms, out);
}

static bool is_stale(const void *item, const struct present_env *env)
{
	APP(app);
	return app->cluster && cluster_is_stale(app->cluster, env);
}

static enum tone tone_observed(const void *item, const struct present_env *env)
{
	return is_stale(item, env) ? TONE_WARN : TONE_DIM;
}

static struct value get_witness(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(witness_name(app->witness));
}

static void json_witnesses(const void *item, const struct present_env *env, struct json_out *out)
{
	app_witnesses_json(item, env, out);
}

static void json_reason(const void *item, const struct present_env *env, struct json_out *out)
{
	struct buf text;

	buf_init(&text, 0);
	app_reason(item, env, &text);
	json_out_text(out, buf_str(&text));
	buf_release(&text);
}

/* Of an application: live jobs that share its name, whichever is its own. */
static struct value get_duplicates(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_number(VALUE_INT, app->duplicates > 1 ? app->duplicates : -1);
}

static void json_duplicates(const void *item, const struct present_env *env, struct json_out *out)
{
	UNUSED_ENV;
	APP(app);
	const struct job *jobs[NAMESAKES_MAX];
	size_t count = app->duplicates > 1 ? app_namesakes(app, jobs, NAMESAKES_MAX) : 0;

	json_out_open(out, '[');
	for (size_t i = 0; i < count && i < NAMESAKES_MAX; i++)
		json_out_text(out, jobs[i]->summary.id);
	json_out_close(out, ']');
}

static struct value get_owner(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->decl ? app->decl->owner : NULL);
}

static struct value get_tags(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->decl ? value_of_texts(app->decl->tags, app->decl->tag_count)
			 : value_of_texts(NULL, 0);
}

static struct value get_error(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	if (app->decl && app->decl->error)
		return value_of_text(app->decl->error);
	return value_of_text(app->job ? app->job->last_exception : NULL);
}

static const struct column columns[] = {
	{.key = "state",
		.title = N_("STATE"),
		.get = get_state,
		.text = text_state,
		.tone = tone_state,
		.min_cols = 12,
		.max_cols = 22,
		.priority = 1},
	{.key = "name",
		.title = N_("NAME"),
		.get = get_name,
		.tone = tone_name,
		.min_cols = 14,
		.max_cols = 0,
		.priority = 1},
	{.key = "team",
		.title = N_("TEAM"),
		.get = get_team,
		.text = text_team,
		.tone = tone_team,
		.min_cols = 6,
		.max_cols = 14,
		.priority = 3},
	{.key = "type",
		.title = N_("TYPE"),
		.get = get_type,
		.min_cols = 4,
		.max_cols = 7,
		.priority = 10},
	{.key = "cluster",
		.title = N_("CLUSTER"),
		.get = get_cluster,
		.min_cols = 7,
		.max_cols = 18,
		.priority = 7},
	{.key = "flinkVersion",
		.word = "version",
		.title = N_("FLINK"),
		.get = get_version,
		.min_cols = 5,
		.max_cols = 8,
		.priority = 10},
	{.key = "since",
		.word = "age",
		.title = N_("SINCE"),
		.get = run_since,
		.min_cols = 6,
		.max_cols = 10,
		.priority = 4,
		.is_right = true,
		.is_json_hidden = true},
	{.key = "operation",
		.word = "doing",
		.title = N_("DOING"),
		.get = record_operation,
		.text = record_text_operation,
		.tone = record_tone_operation,
		.min_cols = 6,
		.max_cols = 11,
		.priority = 7},
	{.key = "releaseState",
		.title = N_("RELEASE"),
		.get = record_release_state,
		.text = record_text_release,
		.tone = record_tone_release,
		.min_cols = 12,
		.max_cols = 13,
		.priority = 7},
	{.key = "restarts",
		.title = N_("RESTARTS"),
		.get = run_restarts,
		.tone = run_tone_restarts,
		.min_cols = 8,
		.max_cols = 8,
		.priority = 6,
		.is_right = true},
	{.key = "lastCheckpointAgeMs",
		.word = "ckpt",
		.title = N_("CKPT AGE"),
		.get = run_checkpoint_age,
		.text = run_text_checkpoint_age,
		.tone = run_tone_checkpoint_age,
		.min_cols = 8,
		.max_cols = 8,
		.priority = 5,
		.is_right = true,
		.is_restless = true},
	{.key = "lastCheckpointDurationMs",
		.title = N_("CKPT DUR"),
		.get = run_checkpoint_duration,
		.min_cols = 8,
		.max_cols = 8,
		.priority = 8,
		.is_right = true},
	{.key = "lastCheckpointBytes",
		.word = "size",
		.title = N_("SIZE"),
		.get = run_checkpoint_bytes,
		.min_cols = 6,
		.max_cols = 9,
		.priority = 8,
		.is_right = true},
	{.key = "tasksRunning",
		.title = N_("TASKS"),
		.get = run_tasks_running,
		.text = run_text_tasks,
		.min_cols = 5,
		.max_cols = 9,
		.priority = 5,
		.is_right = true},
	{.key = "observedAtMs",
		.word = "seen",
		.title = N_("SEEN"),
		.get = get_observed,
		.text = text_observed,
		.tone = tone_observed,
		.min_cols = 4,
		.max_cols = 10,
		.priority = 6,
		.is_right = true,
		.is_restless = true},
	{.key = "restartsPerHour",
		.word = "restarts/h",
		.title = N_("R/H"),
		.get = run_restart_rate,
		.tone = run_tone_restarts,
		.min_cols = 4,
		.max_cols = 6,
		.priority = 11,
		.is_right = true,
		.is_wide = true,
		.is_restless = true},
	{.key = "lagRecords",
		.word = "lag",
		.title = N_("LAG"),
		.get = run_lag_records,
		.min_cols = 5,
		.max_cols = 10,
		.priority = 11,
		.is_right = true,
		.is_wide = true,
		.is_restless = true,
		.sparse = VALUE_INT},
	{.key = "lagMs",
		.word = "behind",
		.title = N_("BEHIND"),
		.get = run_lag_ms,
		.min_cols = 6,
		.max_cols = 8,
		.priority = 11,
		.is_right = true,
		.is_wide = true,
		.is_restless = true,
		.sparse = VALUE_DURATION_MS},
	{.key = "parallelism",
		.title = N_("PAR"),
		.get = run_parallelism,
		.min_cols = 3,
		.max_cols = 6,
		.priority = 11,
		.is_right = true,
		.is_wide = true},
	{.key = "jobStatus",
		.word = "job",
		.title = N_("JOB STATUS"),
		.get = run_job_status,
		.min_cols = 10,
		.max_cols = 12,
		.priority = 12,
		.is_wide = true},
	{.key = "owner",
		.title = N_("OWNER"),
		.get = get_owner,
		.min_cols = 5,
		.max_cols = 14,
		.priority = 11,
		.is_wide = true},
	{.key = "tags",
		.word = "tag",
		.title = N_("TAGS"),
		.get = get_tags,
		.min_cols = 5,
		.max_cols = 24,
		.priority = 12,
		.is_wide = true},
	{.key = "jobName",
		.title = N_("JOB NAME"),
		.get = get_job_name,
		.min_cols = 8,
		.max_cols = 30,
		.priority = 12,
		.is_wide = true},
	{.key = "jobId",
		.title = N_("JOB ID"),
		.get = run_job_id,
		.min_cols = 32,
		.max_cols = 32,
		.priority = 13,
		.is_wide = true},
	{.key = "deploymentTarget",
		.title = N_("TARGET"),
		.get = get_target,
		.min_cols = 6,
		.max_cols = 22,
		.priority = 13,
		.is_wide = true},
	{.key = "context",
		.title = N_("CONTEXT"),
		.get = get_context,
		.min_cols = 7,
		.max_cols = 16,
		.priority = 14,
		.is_wide = true},
	{.key = "lastError",
		.title = N_("LAST ERROR"),
		.get = get_error,
		.min_cols = 10,
		.max_cols = 60,
		.priority = 14,
		.is_wide = true},
	{.key = "source", .get = get_source},
	{.key = "stateDetail", .get = get_state_detail},
	{.key = "operationRun", .get = record_operation_run},
	{.key = "operationState", .get = record_operation_state},
	{.key = "operationSinceMs", .get = record_operation_since},
	{.key = "release", .get = record_release},
	{.key = "restorePointPath", .get = record_point_path},
	{.key = "restorePointKind", .get = record_point_kind},
	{.key = "restorePointAtMs", .get = record_point_time},
	{.key = "checkpointsRetained", .get = record_retention},
	{.key = "startTimeMs", .get = run_start},
	{.key = "durationMs", .get = run_duration},
	{.key = "lastCheckpointId", .get = run_checkpoint_id},
	{.key = "lastCheckpointPath", .get = run_checkpoint_path},
	{.key = "tasksTotal", .get = run_tasks_total},
	{.key = "managed", .get = get_managed},
	{.key = "witness", .get = get_witness},
	{.key = "witnesses", .get = get_witness, .json = json_witnesses},
	{.key = "reason", .get = get_state, .json = json_reason},
	{.key = "duplicates", .get = get_duplicates, .json = json_duplicates},
};

static void add_line(struct buf *out, const char *text)
{
	if (!str_empty(text)) {
		buf_adds(out, text);
		buf_addc(out, '\n');
	}
}

static void filter_text(const void *item, struct buf *out)
{
	APP(app);
	if (app->decl) {
		add_line(out, app->decl->name);
		add_line(out, app->decl->team);
		add_line(out, app->job_name);
		add_line(out, app->decl->cluster);
		add_line(out, app->decl->owner);
		add_line(out, app_type_name(app->decl->type));
		for (size_t i = 0; i < app->decl->tag_count; i++)
			add_line(out, app->decl->tags[i]);
	} else {
		add_line(out, _("unmanaged"));
	}
	if (app->job) {
		add_line(out, app->job->name);
		add_line(out, app->job->summary.id);
	}
	add_line(out, app->cluster ? app->cluster->name : NULL);
	add_line(out, app->cluster ? app->cluster->flink_version : NULL);
	add_line(out, app_state_name(app->state));
	add_line(out, state_detail_name(app->detail));
}

const struct column_table app_table = {
	.kind = "AppList",
	.name = "apps",
	.item_name = N_("application"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_APP,
	.items = fleet_items,
	.find = fleet_item,
	.filter_text = filter_text,
	.is_stale = is_stale,
};
