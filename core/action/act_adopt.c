/*
 * adopt: a job that weir did not start becomes an application's run, by its id. Nothing is sent to a
 * cluster: the run's row is the tie (its start_job_id, as of a start; its result is what the job is
 * called, by which it is followed), and a later one without a job lets it go again.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/action/action_internal.h"
#include "core/base/i18n.h"
#include "core/base/str.h"

#define NAMED_MAX 5

static const struct run_fact *adopted_by(const struct app *app)
{
	return app->record && app->record->started.id && run_fact_adopts(&app->record->started)
		? &app->record->started
		: NULL;
}

/* ---- which job ---- */

int action_refuse_duplicates(const struct app *app, const char *name, struct err *err)
{
	const struct job *jobs[NAMED_MAX];
	size_t count = app_namesakes(app, jobs, NAMED_MAX);
	struct buf ids;

	if (count < 2)
		return err_set(err, E_CONFLICT,
			_("%s: %d applications say that jobName: give each its own"), name,
			app->duplicates);
	buf_init(&ids, 0);
	for (size_t i = 0; i < count && i < NAMED_MAX; i++)
		buf_addf(&ids, "%s%s", i ? ", " : "", jobs[i]->summary.id);
	if (app->job)
		err_set(err, E_CONFLICT,
			_("%s: %zu live jobs have its name: %s. Its own is %s: end the other one "
			  "first, by its id: weir cancel ID"),
			name, count, buf_str(&ids), app->job->summary.id);
	else
		err_set(err, E_CONFLICT,
			_("%s: %zu live jobs have its name: %s. Which one is its run says weir "
			  "adopt %s "
			  "--job-id ID (key m); one is ended by its id: weir cancel ID"),
			name, count, buf_str(&ids), name);
	buf_release(&ids);
	return err->code;
}

static int refuse_none(
	const struct fleet *fleet, const struct app *app, const char *name, struct err *err)
{
	size_t count, told = 0;
	struct job *const *jobs = fleet_jobs(fleet, &count);
	struct buf ids;

	buf_init(&ids, 0);
	for (size_t i = 0; i < count && told < NAMED_MAX; i++)
		if (jobs[i]->cluster == app->cluster && job_is_live(jobs[i]) && jobs[i]->app &&
			!jobs[i]->app->decl)
			buf_addf(&ids, "%s%s %s", told++ ? ", " : "", jobs[i]->summary.id,
				jobs[i]->name);
	if (told)
		err_set(err, E_NOTFOUND,
			_("%s: no live job of cluster %s is called '%s'; one of another name is "
			  "adopted by --job-id: %s"),
			name, app->cluster->name, app->job_name, buf_str(&ids));
	else
		err_set(err, E_NOTFOUND,
			_("%s: no live job of cluster %s is called '%s', and no other job there is "
			  "nobody's"),
			name, app->cluster->name, app->job_name);
	buf_release(&ids);
	return err->code;
}

static int parse_id(const char *word, char *id, struct err *err)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < len; i++)
		if (!isxdigit((unsigned char)word[i]))
			len = 0;
	if (len != JOB_ID_LEN)
		return err_set(err, E_ARG, _("--job-id %s: a job id is %d hexadecimal digits"),
			word, JOB_ID_LEN);
	for (size_t i = 0; i <= len; i++)
		id[i] = (char)tolower((unsigned char)word[i]);
	return 0;
}

static int find_by_id(const struct fleet *fleet, const struct app *app, const char *word,
	const struct job **out, struct err *err)
{
	size_t count;
	struct job *const *jobs = fleet_jobs(fleet, &count);
	const struct job *elsewhere = NULL;
	char id[JOB_ID_LEN + 1];

	*out = NULL;
	if (parse_id(word, id, err))
		return err->code;
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(jobs[i]->summary.id, id))
			continue;
		if (jobs[i]->cluster == app->cluster)
			*out = jobs[i];
		else if (str_eq(jobs[i]->cluster->context, app->context))
			elsewhere = jobs[i];
	}
	if (*out)
		return 0;
	if (elsewhere)
		return err_set(err, E_CONFLICT,
			_("job %s runs on cluster %s, and the file of %s says cluster: %s"), id,
			elsewhere->cluster->name, app->decl->name, app->cluster->name);
	return err_set(
		err, E_NOTFOUND, _("cluster %s does not list a job %s"), app->cluster->name, id);
}

/* May it be its own from now on? */
static int check_job(
	const struct app *app, const struct job *job, const char *name, struct err *err)
{
	const struct app *other = job->app;
	const char *own = app->record ? app->record->started.start_job_id : NULL;

	if (!job_is_live(job))
		return err_set(err, E_CONFLICT,
			_("%s: job %s does not run any more (%s): what has ended is not adopted"),
			name, job->summary.id, job_status_name(job->summary.status));
	if (app->job == job && str_eq(own, job->summary.id))
		return err_set(
			err, E_CONFLICT, _("%s: job %s is its own already"), name, job->summary.id);
	if (other && other->decl && other != app && other->job == job)
		return err_set(err, E_CONFLICT, _("%s: job %s is the run of %s/%s"), name,
			job->summary.id, other->decl->team, other->decl->name);
	return 0;
}

static int find_job(const struct fleet *fleet, const struct app *app,
	const struct action_args *args, const struct job **out, struct err *err)
{
	char *name = action_app_name(app);
	size_t count = app_namesakes(app, out, 1);
	int rc = 0;

	if (args->job_id)
		rc = find_by_id(fleet, app, args->job_id, out, err);
	else if (count > 1)
		rc = action_refuse_duplicates(app, name, err);
	else if (!count)
		rc = refuse_none(fleet, app, name, err);
	if (!rc)
		rc = check_job(app, *out, name, err);
	free(name);
	return rc;
}

/* ---- checks and plan ---- */

static int check_app(const struct app *app, const char *name, struct err *err)
{
	if (!app->decl)
		return err_set(err, E_CONFLICT,
			_("%s is a job that nobody declared. Name the application that is to adopt "
			  "it: weir adopt APP --job-id %s; weir new makes one"),
			name, app->job ? app->job->summary.id : "ID");
	if (app->decl->error)
		return err_set(err, E_CONFIG, "%s", app->decl->error);
	if (!app->cluster)
		return err_set(err, E_CONFLICT,
			_("%s: its file names no cluster of this context: write cluster: NAME, "
			  "where the job runs"),
			name);
	return 0;
}

static int check(const struct part *part, const struct action_options *options, struct err *err)
{
	const struct app *app = options->app;
	const struct job *job;
	char *name = action_app_name(app);
	int rc = check_app(app, name, err);

	(void)part;
	if (rc)
		;
	else if (options->args.lets_go && !adopted_by(app))
		rc = err_set(err, E_CONFLICT, _("%s has adopted no job"), name);
	else if (options->args.lets_go)
		;
	else if (!app->cluster->has_answered || app->cluster->misses)
		rc = err_set(err, E_NET,
			_("%s: cluster %s does not answer, so what runs there cannot be told: %s"),
			name, app->cluster->name, app->cluster->last_err.text);
	else
		rc = find_job(options->fleet, app, &options->args, &job, err);
	free(name);
	return rc;
}

static void plan_adoption(struct action *action, const struct app *app, const struct job *job)
{
	const struct subject *subject = &action->subject;

	plan_call(action,
		_("job %s (%s) on cluster %s is the run of %s from now on; nothing is sent to "
		  "the cluster"),
		job->summary.id, job->name, job->cluster->name, subject->label);
	if (app->job != job && app_job_is_live(app))
		plan_warn(action, _("job %s, its run until now, goes on as a job of nobody's"),
			app->job->summary.id);
	if (!str_eq(job->name, app->job_name))
		plan_warn(action,
			_("its file says jobName: %s. Started again elsewhere it is known by the "
			  "name '%s', as long as no other job there has it"),
			app->job_name, job->name);
	action->run.start_job_id = action_keep(action, job->summary.id);
	action->run.cluster = action_keep(action, job->cluster->name);
	action_set_result(action, job->name);
}

static void prepare(struct action *action)
{
	const struct app *app = fleet_app(action->options.fleet, action->subject.ref);
	const struct run_fact *adopted = app ? adopted_by(app) : NULL;
	const struct job *job = NULL;
	struct err err = {0};

	/* What it runs as until now is left alone. */
	action->run.job_id = NULL;
	if (!app)
		err_set(&err, E_NOTFOUND, _("%s is not declared any more"), action->subject.label);
	else if (!action->options.args.lets_go)
		find_job(action->options.fleet, app, &action->options.args, &job, &err);
	else if (!adopted)
		err_set(&err, E_CONFLICT, _("%s has adopted no job"), action->subject.label);
	if (err.code) {
		part_refused(action, &err);
		return;
	}
	if (job)
		plan_adoption(action, app, job);
	else
		plan_call(action,
			_("job %s, which run %lld adopted, is known by its name alone from now on; "
			  "nothing is sent to the cluster"),
			adopted->start_job_id, (long long)adopted->id);
	for (size_t i = 0; action->part->steps[i]; i++)
		action_add_step(action, action->part->steps[i]);
	part_prepared(action);
}

static void begin(struct action *action)
{
	if (action->run.start_job_id)
		action_set_outcome(action, _("job %s is its run"), action->run.start_job_id);
	else
		action_set_outcome(action, _("the job that it had adopted is let go"));
	step_done(action);
}

static const struct step step_adopt = {.name = "adopt", .begin = begin};
static const struct step *const steps[] = {&step_adopt, NULL};
static const struct part part_adopt = {.steps = steps, .check = check, .prepare = prepare};
static const struct part *const parts[] = {&part_adopt, NULL};

const struct act act_adopt = {
	.command = CMD_ADOPT,
	.name = "adopt",
	.parts = parts,
	.question = N_("Adopt this job as the run of %s?"),
	.effect = N_(
		"which job is its run is decided by the job's id; the job itself goes on as it is"),
	.done = N_("adopted"),
};
