/*
 * What every door asks before it acts, and what it shows. The JobManager is asked again right
 * before the run begins (run.c): what is known here may be old.
 */
#include "core/action/action.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

static const struct act *const acts[] = {&act_savepoint, &act_stop, &act_cancel, &act_checkpoint};

const struct act *act_find(enum command_id command)
{
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		if (acts[i]->command == command)
			return acts[i];
	return NULL;
}

const struct act *act_find_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		if (str_eq(acts[i]->name, name))
			return acts[i];
	return NULL;
}

char *action_app_name(const struct app *app)
{
	if (app->decl)
		return xasprintf("%s/%s", app->decl->team, app->decl->name);
	return xstrdup(app->job ? app->job->name : "?");
}

static int no_job(const struct app *app, const char *name, struct err *err)
{
	if (app->duplicates > 1)
		return err_set(err, E_CONFLICT,
			_("%s: %d live jobs or applications have its name; name one job by its id"),
			name, app->duplicates);
	return err_set(
		err, E_CONFLICT, _("%s has no job: nothing runs that could be acted on"), name);
}

int action_preflight(const struct action_options *options, struct err *err)
{
	const struct app *app = options->app;
	const struct job *job = app->job;
	char *name = action_app_name(app);
	int rc = 0;

	if (options->is_readonly)
		rc = err_set(err, E_DENIED,
			_("context %s is read-only (readonly: true in the configuration): %s is "
			  "not "
			  "allowed"),
			app->context, options->act->name);
	else if (!job)
		rc = no_job(app, name, err);
	else if (job_status_is_terminal(job->summary.status))
		rc = err_set(err, E_CONFLICT, _("%s: its job %s has ended: %s"), name,
			job->summary.id, job_status_name(job->summary.status));
	else if (!options->source)
		rc = err_set(err, E_CONFIG, _("%s: cluster %s is not in the configuration"), name,
			job->cluster->name);
	else if (!source_can_send(options->source))
		rc = err_set(err, E_UNSUPPORTED, _("%s: its cluster takes no orders"), name);
	free(name);
	return rc;
}

char *action_plan(const struct action_options *options, const char *trigger_id)
{
	static const char example[] = "ffffffffffffffffffffffffffffffff";
	const struct act *act = options->act;
	const struct job *job = options->app->job;
	struct source_request request;
	struct buf out;
	char *call;

	if (!job || !options->source || !source_can_send(options->source))
		return NULL;
	buf_init(&out, 0);
	request = (struct source_request){
		.verb = act->verb,
		.of = act->verb,
		.job_id = job->summary.id,
		.trigger_id = trigger_id ? trigger_id : example,
		.target_dir = options->args.target_dir,
		.drain = options->args.drain,
	};
	call = source_describe(options->source, &request);
	buf_addf(&out, "%s\n", call);
	free(call);
	if (act->has_trigger) {
		request.verb = SOURCE_TRIGGER;
		call = source_describe(options->source, &request);
		buf_addf(&out, _("%s until it is COMPLETED\n"), call);
		free(call);
	}
	if (act->ends_as != JOB_STATUS_NONE) {
		request.verb = SOURCE_JOB;
		call = source_describe(options->source, &request);
		buf_addf(&out, _("%s until it is %s\n"), call, job_status_name(act->ends_as));
		free(call);
	}
	return buf_detach(&out);
}
