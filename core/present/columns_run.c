/* The columns of a run of the journal: what was done to which application, and how it ended. */
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/json_out.h"
#include "core/base/mem.h"
#include "core/model/run.h"
#include "core/present/value.h"

#define RUN(name) const struct run *name = item
#define UNUSED_ENV (void)env

static struct value get_id(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return run->id ? value_of_number(VALUE_INT, run->id) : value_null();
}

static struct value get_verb(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->verb);
}

static struct value get_team(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->team);
}

static struct value get_name(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->name);
}

static struct value get_cluster(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->cluster);
}

static struct value get_context(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->context);
}

static struct value get_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run_state_name(run_shown_state(run)));
}

static enum tone tone_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	switch (run_shown_state(run)) {
	case RUN_DONE: return TONE_OK;
	case RUN_FAILED: return TONE_ERROR;
	case RUN_UNKNOWN: return TONE_WARN;
	default: return TONE_INFO;
	}
}

/* Somebody has to ask how it ended. */
static struct value get_orphan(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_bool(run->is_orphan);
}

static struct value get_created(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_time(run->created_ms);
}

static struct value get_sent(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_time(run->sent_ms);
}

static struct value get_ended(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_time(run->ended_ms);
}

static struct value get_duration(const void *item, const struct present_env *env)
{
	RUN(run);
	int64_t end_ms = run->ended_ms ? run->ended_ms : env->now_ms;
	return run->created_ms ? value_of_number(VALUE_DURATION_MS, end_ms - run->created_ms)
			       : value_null();
}

static struct value get_job(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->job_id);
}

static struct value get_trigger(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->trigger_id);
}

static struct value get_result(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->result);
}

static struct value get_outcome(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->outcome);
}

static void text_outcome(const void *item, const struct present_env *env, struct buf *out)
{
	struct value value = get_outcome(item, env);

	value_shown(&value, env, out);
}

static struct value get_code(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->code);
}

static struct value get_arguments(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->arguments);
}

static struct value get_plan(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->plan);
}

static struct value get_log(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->log);
}

static struct value get_start_job(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->start_job_id);
}

static struct value get_restore(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->restore_path);
}

static struct value get_release(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return run->release ? value_of_number(VALUE_INT, run->release) : value_null();
}

static struct value get_application(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->application_id);
}

static struct value get_address(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	return value_of_text(run->address);
}

/* The one it is in, or was in last. */
static struct value get_step(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	RUN(run);
	const struct run_step *step = run_current_step(run);
	return value_of_text(step ? step->name : NULL);
}

static void json_steps(const void *item, const struct present_env *env, struct json_out *out)
{
	RUN(run);

	UNUSED_ENV;
	json_out_open(out, '[');
	for (size_t i = 0; i < run->step_count; i++) {
		const struct run_step *step = &run->steps[i];
		struct value started = value_of_time(step->started_ms);
		struct value ended = value_of_time(step->ended_ms);

		json_out_open(out, '{');
		json_out_key(out, "name"), json_out_text(out, step->name);
		json_out_key(out, "state"), json_out_text(out, run_state_name(step->state));
		json_out_key(out, "startedMs"), value_json(&started, out);
		json_out_key(out, "endedMs"), value_json(&ended, out);
		json_out_key(out, "text"), json_out_text(out, step->text);
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

#define COLUMN(key_, title_, get_, min_, max_, priority_)                                          \
	.key = key_, .title = title_, .get = get_, .min_cols = min_, .max_cols = max_,             \
	.priority = priority_

static const struct column columns[] = {
	{COLUMN("id", N_("RUN"), get_id, 4, 8, 1), .is_right = true},
	{COLUMN("verb", N_("VERB"), get_verb, 6, 12, 1)},
	{COLUMN("team", N_("TEAM"), get_team, 6, 16, 3)},
	{COLUMN("name", N_("NAME"), get_name, 10, 32, 1)},
	{COLUMN("state", N_("STATE"), get_state, 8, 10, 1), .tone = tone_state},
	{COLUMN("step", N_("STEP"), get_step, 5, 10, 4), .is_wide = true},
	{COLUMN("createdMs", N_("BEGAN"), get_created, 5, 10, 2), .is_right = true},
	{COLUMN("durationMs", N_("DURATION"), get_duration, 6, 10, 4), .is_right = true,
		.is_restless = true},
	{COLUMN("outcome", N_("OUTCOME"), get_outcome, 10, 0, 2), .text = text_outcome},
	{COLUMN("cluster", N_("CLUSTER"), get_cluster, 8, 20, 5), .is_wide = true},
	{COLUMN("jobId", N_("JOB ID"), get_job, 32, 32, 6), .is_wide = true},
	{COLUMN("triggerId", N_("TRIGGER ID"), get_trigger, 32, 32, 7), .is_wide = true},
	{COLUMN("context", N_("CONTEXT"), get_context, 7, 16, 7), .is_wide = true},
	{.key = "steps", .get = get_step, .json = json_steps},
	{.key = "startJobId", .get = get_start_job},
	{.key = "restorePath", .get = get_restore},
	{.key = "release", .get = get_release},
	{.key = "applicationId", .get = get_application},
	{.key = "address", .get = get_address},
	{.key = "orphan", .get = get_orphan},
	{.key = "sentMs", .get = get_sent},
	{.key = "endedMs", .get = get_ended},
	{.key = "result", .get = get_result},
	{.key = "code", .get = get_code},
	{.key = "arguments", .get = get_arguments},
	{.key = "plan", .get = get_plan},
	{.key = "log", .get = get_log},
};

static void filter_text(const void *item, struct buf *out)
{
	RUN(run);
	buf_addf(out, "%s\n%s\n%s\n%s\n%s\n", run->verb, run->team ? run->team : "", run->name,
		run_state_name(run_shown_state(run)), run->outcome ? run->outcome : "");
}

const struct column_table run_table = {
	.kind = "RunList",
	.name = "runs",
	.item_name = N_("run"),
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.item_kind = KIND_MAX, /* no items of the fleet */
	.filter_text = filter_text,
};
