/* What an action knows of its application: copied once, when it is made. */
#include <stdlib.h>

#include "core/action/action_internal.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

/* Variables of its team, as they are now. */
static void copy_team(struct action *action, const struct fleet *fleet, const struct app *app)
{
	char *ref = ref_team(app->context, app->decl->team);
	const struct team *team = fleet ? fleet_team(fleet, ref) : NULL;
	struct team_decl *decl = arena_alloc(action->arena, sizeof(*decl));

	free(ref);
	if (!team)
		return;
	team_decl_copy(action->arena, decl, team->decl);
	action->subject.team_variables = decl->variables;
	action->subject.team_variable_count = decl->variable_count;
}

static void copy_job(struct action *action, const struct app *app)
{
	const struct job *job = app->job;
	struct subject *subject = &action->subject;

	subject->cluster = action_keep(action, job->cluster->name);
	subject->job_id = action_keep(action, job->summary.id);
	subject->job_status = job->summary.status;
	subject->job_end_ms = job->summary.end_ms;
	subject->is_live = app_job_is_live(app) && job->summary.status != JOB_SUSPENDED;
	subject->retention = job_retention(job);
	subject->has_checkpoints = job->last_checkpoint.id >= 0;
}

/* Right after a start what the list knows is the former job. */
static void copy_started(struct action *action, const struct app *app)
{
	struct subject *subject = &action->subject;
	const char *started = app_started_job(app, clock_wall_ms());

	if (!started)
		return;
	subject->cluster = action_keep(action, app->cluster ? app->cluster->name : NULL);
	subject->job_id = action_keep(action, started);
	subject->job_status = JOB_RUNNING;
	subject->job_end_ms = -1;
	subject->is_live = true;
	subject->has_checkpoints = false;
}

void action_fill_subject(struct action *action, const struct action_options *options)
{
	const struct app *app = options->app;
	struct subject *subject = &action->subject;
	char *label = action_app_name(app);

	subject->ref = action_keep(action, app->ref);
	subject->context = action_keep(action, app->context);
	subject->label = action_keep(action, label);
	subject->duplicates = app->duplicates;
	subject->job_end_ms = subject->slots_free = subject->slots_total = -1;
	if (app->decl) {
		struct app_decl *decl = arena_alloc(action->arena, sizeof(*decl));

		app_decl_copy(action->arena, decl, app->decl);
		subject->decl = decl;
		subject->team = decl->team;
		subject->name = decl->name;
		subject->cluster = decl->cluster;
		copy_team(action, options->fleet, app);
	} else {
		subject->name = action_keep(action, app->job ? app->job->name : NULL);
	}
	if (app->job)
		copy_job(action, app);
	copy_started(action, app);
	if (app->cluster) {
		subject->slots_free = app->cluster->status.slots_free;
		subject->slots_total = app->cluster->status.slots_total;
		subject->is_away = app->cluster->misses >= MISSED_POLLS;
		subject->cluster_seen_ms = app->cluster->observed_ms;
	}
	free(label);
}

/* ---- its cluster does not answer ---- */

char *action_silence(const char *cluster, int64_t seen_ms)
{
	char seen[20];

	if (!seen_ms)
		return xasprintf(_("cluster %s has never answered"), cluster);
	clock_format(seen_ms, seen, sizeof(seen));
	return xasprintf(_("cluster %s has not answered since %s"), cluster, seen);
}

void action_warn_away(struct action *action)
{
	const struct subject *subject = &action->subject;
	char *silence;

	/* What a start makes for itself is not there before. */
	if (!subject->is_away || !subject->cluster || !action->source ||
		action->act->needs_no_cluster)
		return;
	silence = action_silence(subject->cluster, subject->cluster_seen_ms);
	plan_warn(action, _("%s: nothing is sent to it unless it does now"), silence);
	free(silence);
}

void action_add_away(const struct action *action, struct err *err)
{
	const struct subject *subject = &action->subject;
	char *told, *silence;

	if ((err->code != E_NET && err->code != E_TIMEOUT) || !subject->cluster)
		return;
	told = xstrdup(err->text);
	silence = action_silence(subject->cluster, subject->cluster_seen_ms);
	err_set(err, err->code,
		_("%s; %s. To see what is wrong: weir doctor %s; once it answers again: weir %s "
		  "%s"),
		told, silence, subject->cluster, action->act->name, subject->label);
	free(silence);
	free(told);
}

/* ---- the deployment as the file says today ---- */

const struct flink_env *action_flink_env(struct action *action, const char *name)
{
	const struct context_config *config = action->options.config;

	for (size_t i = 0; config && name && i < config->flink_env_count; i++) {
		const struct flink_env_config *found = &config->flink_envs[i];
		struct flink_env *env;

		if (!str_eq(found->name, name))
			continue;
		env = arena_alloc(action->arena, sizeof(*env));
		*env = (struct flink_env){
			found->name, found->home, found->host, found->sql_gateway};
		return env;
	}
	return NULL;
}

static const struct setting *context_variables(struct action *action, size_t *count)
{
	const struct context_config *config = action->options.config;
	json_t *all = config ? config->variables : NULL;
	struct setting *list =
		arena_calloc(action->arena, json_object_size(all) + 1, sizeof(*list));
	const char *key;
	json_t *value;

	*count = 0;
	json_object_foreach (all, key, value)
		list[(*count)++] = (struct setting){key, json_string_value(value)};
	return list;
}

int action_render(struct action *action, struct err *err)
{
	const struct subject *subject = &action->subject;
	struct deployment_input in = {.decl = subject->decl,
		.context = subject->context,
		.team_variables = subject->team_variables,
		.team_variable_count = subject->team_variable_count};

	if (action->wish)
		return 0;
	if (!in.decl)
		return err_set(err, E_CONFLICT,
			_("%s is a job that nobody declared: weir adopts it by a file in the "
			  "workspace"),
			subject->label);
	if (in.decl->error)
		return err_set(err, E_CONFIG, "%s", in.decl->error);
	if (in.decl->is_remembered)
		return err_set(err, E_CONFLICT, _("%s: its file has not been read yet; try again"),
			subject->label);
	in.context_variables = context_variables(action, &in.context_variable_count);
	in.env = action_flink_env(action, in.decl->flink_env);
	if (in.decl->flink_env && !in.env)
		return err_set(err, E_CONFIG, _("%s: flink-env '%s' is not in the configuration"),
			in.decl->path ? in.decl->path : subject->label, in.decl->flink_env);
	return deployment_render(&action->wish, &in, err);
}
