/* What is in progress, what is released, and what can be restored, from the registry's record. */
#include "core/present/app_record.h"

#include <inttypes.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/fleet/fleet.h"
#include "core/present/value.h"

#define APP(name) const struct app *name = item
#define UNUSED_ENV (void)env

static const struct run_fact *open_run(const struct app *app)
{
	return app->record && app->record->open.id ? &app->record->open : NULL;
}

struct value record_operation(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	const struct run_fact *run = open_run(item);
	return value_of_text(run ? run->verb : NULL);
}

void record_text_operation(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	const struct run_fact *run = open_run(item);
	buf_adds(out, run ? run->verb : "-");
	if (run && !run->is_live)
		buf_addc(out, '?');
}

enum tone record_tone_operation(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	const struct run_fact *run = open_run(item);
	if (!run)
		return TONE_DIM;
	return run->is_live ? TONE_INFO : TONE_WARN;
}

struct value record_operation_run(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	const struct run_fact *run = open_run(item);
	return run ? value_of_number(VALUE_INT, run->id) : value_null();
}

struct value record_operation_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	const struct run_fact *run = open_run(item);
	return value_of_text(run ? run_state_name(run->state) : NULL);
}

struct value record_operation_since(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	const struct run_fact *run = open_run(item);
	return run ? value_of_time(run->created_ms) : value_null();
}

/* Of a job that nobody declared it cannot be said. */
struct value record_release_state(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->decl ? release_state_name(app->release_state) : NULL);
}

void record_text_release(const void *item, const struct present_env *env, struct buf *out)
{
	UNUSED_ENV;
	static const char *const words[RELEASE_STATE_MAX] = {
		[RELEASE_NEED_RELEASE] = N_("need release"),
		[RELEASE_RELEASING] = N_("releasing"),
		[RELEASE_FAILED] = N_("failed"),
		[RELEASE_NEED_RESTART] = N_("need restart"),
	};
	APP(app);
	const char *word = app->decl ? words[app->release_state] : NULL;
	bool is_tried = app->decl && app->release_state == RELEASE_FAILED && app->record &&
		app->record->active.number;

	if (is_tried) /* a later one failed: what a start runs is as it was */
		buf_addf(out, "#%" PRId64 " !", app->record->active.number);
	else if (word)
		buf_adds(out, _(word));
	else if (app->decl && app->release_state == RELEASE_RELEASED)
		buf_addf(out, "#%" PRId64, app->record->active.number);
	else
		buf_adds(out, "-");
}

enum tone record_tone_release(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	switch (app->release_state) {
	case RELEASE_NEED_RELEASE:
	case RELEASE_NEED_RESTART: return TONE_WARN;
	case RELEASE_RELEASING: return TONE_INFO;
	case RELEASE_FAILED:
		return app->record && app->record->active.number ? TONE_WARN : TONE_ERROR;
	case RELEASE_NONE: return TONE_DIM;
	case RELEASE_RELEASED:
	case RELEASE_STATE_MAX: break;
	}
	return TONE_NORMAL;
}

struct value record_release(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->record && app->record->active.number
		? value_of_number(VALUE_INT, app->record->active.number)
		: value_null();
}

struct value record_point_path(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->record ? app->record->point.path : NULL);
}

struct value record_point_kind(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return value_of_text(app->record && app->record->point.path
			? restore_kind_words[app->record->point.kind]
			: NULL);
}

struct value record_point_time(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	APP(app);
	return app->record ? value_of_time(app->record->point.completed_ms) : value_null();
}

struct value record_retention(const void *item, const struct present_env *env)
{
	UNUSED_ENV;
	static const char *const words[] = {[RETENTION_UNKNOWN] = NULL,
		[RETENTION_NONE] = "none",
		[RETENTION_FAILED] = "failed",
		[RETENTION_ALL] = "all"};
	APP(app);
	return value_of_text(words[job_retention(app->job)]);
}
