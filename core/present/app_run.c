/* The columns that speak of an application's run: null where it has none. */
#include "core/present/app_run.h"

#include "core/base/buf.h"
#include "core/fleet/fleet.h"
#include "core/present/value.h"

#define APP(name) const struct app *name = item
#define UNUSED_ENV (void)env

struct value run_job_status(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->job && !job_is_unlisted(app->job)
			? job_status_name(app->job->summary.status)
			: NULL);
}

struct value run_job_id(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->job ? app->job->summary.id : NULL);
}

struct value run_start(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->job ? value_of_time(app->job->summary.start_ms) : value_null();
}

int64_t job_duration_ms(const struct job *job, int64_t now_ms)
{
	int64_t told = job->summary.duration_ms;
	/* Told at seen_ms by the JobManager's clock; what passed since is ours. */
	if (told >= 0 && job_is_live(job) && now_ms > job->seen_ms)
		return told + (now_ms - job->seen_ms);
	return told;
}

struct value run_duration(const void *item, const struct present_env *env)
{
	APP(app);
	return app->job ? value_of_number(VALUE_DURATION_MS, job_duration_ms(app->job, env->now_ms))
			: value_null();
}

/* Since when it is in this state, as far as anybody told or weir saw. */
struct value run_since(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	if (app->job && job_status_is_terminal(app->job->summary.status))
		return value_of_time(app->job->summary.end_ms);
	/* What every process sees alike, whenever it began to look. */
	if (app->state == STATE_UNREACHABLE && app->cluster && app->cluster->observed_ms > 0)
		return value_of_time(app->cluster->observed_ms);
	if (app->state == STATE_LOST && app->job)
		return value_of_time(app->job->missing_ms);
	if (app->state_since_ms > 0)
		return value_of_time(app->state_since_ms);
	return app->job ? value_of_time(app->job->summary.start_ms) : value_null();
}

struct value run_restarts(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->job ? value_of_number(VALUE_INT, app->job->restarts) : value_null();
}

struct value run_lag_records(const void *item, const struct present_env *env)
{
	APP(app);
	int64_t records = -1, ms;
	if (app->job)
		job_lag(app->job, env->now_ms, &records, &ms);
	return value_of_number(VALUE_INT, records);
}

struct value run_lag_ms(const void *item, const struct present_env *env)
{
	APP(app);
	int64_t records, ms = -1;
	if (app->job)
		job_lag(app->job, env->now_ms, &records, &ms);
	return value_of_number(VALUE_DURATION_MS, ms);
}

struct value run_restart_rate(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->job ? value_of_real(app->job->restarts_per_hour) : value_null();
}

enum tone run_tone_restarts(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->job && app->job->restarts_per_hour >= 1 ? TONE_WARN : TONE_NORMAL;
}

static const struct checkpoint *checkpoint_of(const struct app *app)
{
	return app->job && app->job->last_checkpoint.id >= 0 ? &app->job->last_checkpoint : NULL;
}

struct value run_checkpoint_id(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	const struct checkpoint *checkpoint = checkpoint_of(item);
	return checkpoint ? value_of_number(VALUE_INT, checkpoint->id) : value_null();
}

struct value run_checkpoint_age(const void *item, const struct present_env *env)
{
	const struct checkpoint *checkpoint = checkpoint_of(item);
	if (!checkpoint || checkpoint->ack_ms <= 0)
		return value_null();
	int64_t age = env->now_ms - checkpoint->ack_ms;
	return value_of_number(VALUE_DURATION_MS, age > 0 ? age : 0);
}

/* By the second: tenths would be others with each frame. */
void run_text_checkpoint_age(const void *item, const struct present_env *env, struct buf *out)
{
	const struct checkpoint *checkpoint = checkpoint_of(item);

	format_cell_age(checkpoint ? checkpoint->ack_ms : 0, env, out);
}

enum tone run_tone_checkpoint_age(const void *item, const struct present_env *env)
{
	APP(app);
	struct value age = run_checkpoint_age(item, env);
	bool is_old = age.type != VALUE_NULL && age.number > 10 * 60 * 1000;
	return is_old && app->state == STATE_RUNNING ? TONE_WARN : TONE_NORMAL;
}

struct value run_checkpoint_duration(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	const struct checkpoint *checkpoint = checkpoint_of(item);
	return checkpoint ? value_of_number(VALUE_DURATION_MS, checkpoint->duration_ms)
			  : value_null();
}

struct value run_checkpoint_bytes(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	const struct checkpoint *checkpoint = checkpoint_of(item);
	return checkpoint ? value_of_number(VALUE_BYTES, checkpoint->state_bytes) : value_null();
}

struct value run_checkpoint_path(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	const struct checkpoint *checkpoint = checkpoint_of(item);
	return value_of_text(checkpoint ? checkpoint->path : NULL);
}

struct value run_parallelism(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	if (app->job)
		return value_of_number(VALUE_INT, app->job->parallelism);
	return value_of_number(VALUE_INT, app->decl->parallelism > 0 ? app->decl->parallelism : -1);
}

struct value run_tasks_running(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->job && !job_is_unlisted(app->job)
		? value_of_number(VALUE_INT, app->job->summary.tasks.running)
		: value_null();
}

void run_text_tasks(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	APP(app);
	if (!app->job || job_is_unlisted(app->job) || app->job->summary.tasks.total < 0)
		buf_adds(out, "-");
	else
		buf_addf(out, "%d/%d", app->job->summary.tasks.running,
			app->job->summary.tasks.total);
}

struct value run_tasks_total(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->job ? value_of_number(VALUE_INT, app->job->summary.tasks.total) : value_null();
}
