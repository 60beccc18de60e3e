/*
 * Before a start:
 *
 *	the journal ─▶ the release ─▶ the restore points ─▶ one is chosen ─▶ is it there? ─▶ the plan
 *	  └─ left: settled └─ none      └─ none left            └─ no path     └─ gone: the next is named
 *
 * The release that is active is what is started, whatever the file says meanwhile; that they differ
 * is a warning. A job that lives is stopped first (restart, ship), and what is restored then is the
 * savepoint that this makes.
 */
#include <stdlib.h>

#include "core/action/order.h"
#include "core/action/release.h"
#include "core/action/start.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#define POINTS_MOST 1000

struct start_kind {
	bool may_stop; /* a job that lives is stopped first */
};
static const struct start_kind kind_start = {false}, kind_restart = {true};

/* ---- checks ---- */

static bool is_live(const struct app *app)
{
	return app_job_is_live(app) && app->job->summary.status != JOB_SUSPENDED;
}

static int check_words(const struct action_args *args, struct err *err)
{
	const char *mode = args->restore_mode;

	if (mode && !str_eq(mode, "no-claim") && !str_eq(mode, "claim") && !str_eq(mode, "legacy"))
		return err_set(err, E_ARG,
			_("unknown restore mode '%s': no-claim, claim or legacy"), mode);
	return 0;
}

static int check(const struct part *part, const struct action_options *options, struct err *err)
{
	const struct start_kind *kind = part->kind;
	const struct app *app = options->app;
	char *name = action_app_name(app);
	int rc = check_words(&options->args, err);

	if (rc)
		;
	else if (!app->decl)
		rc = err_set(err, E_CONFLICT,
			_("%s is a job that nobody declared: what it was started with is not "
			  "known"),
			name);
	else if (app->decl->error)
		rc = err_set(err, E_CONFIG, "%s", app->decl->error);
	else if (app->duplicates > 1)
		rc = action_refuse_duplicates(app, name, err);
	else if (is_live(app) && !kind->may_stop)
		rc = err_set(err, E_CONFLICT, _("%s: its job %s is %s: weir restart %s"), name,
			app->job->summary.id, job_status_name(app->job->summary.status), name);
	else if (is_live(app))
		rc = order_check(part, options, err);
	free(name);
	return rc;
}

/* ---- the plan ---- */

static void plan_step(struct action *action, enum source_verb verb, const char *what)
{
	const struct start_work *start = action->start;
	struct source_request request = start_request(action, verb);
	struct deployment shown = *request.deployment;
	char *call;

	/* Of a ship: not what the file calls it, and its path is not known yet. */
	if (!action->released && shown.artifact)
		shown.artifact = _("<the artifact of this release>");
	request.deployment = &shown;
	if (start->launcher && verb == SOURCE_BEFORE)
		return; /* nobody is there yet */
	if (start->launcher && verb != SOURCE_START)
		call = xstrdup(_("GET <its JobManager>/jobs/overview"));
	else
		call = source_describe(
			start->launcher ? start->launcher : action->source, &request);
	plan_call(action, "%s%s", call, what);
	free(call);
}

static void warn_of_slots(struct action *action)
{
	const struct subject *subject = &action->subject;
	const struct deployment *deployment = start_deployment(action);

	if (!action->start->stops_first && deployment->target == TARGET_REMOTE &&
		subject->slots_free >= 0 && deployment->parallelism > subject->slots_free)
		plan_warn(action, _("%d slots are free, and it wants %d: it would wait for them"),
			subject->slots_free, deployment->parallelism);
}

static const char *property(const struct deployment *deployment, const char *key)
{
	for (size_t i = 0; i < deployment->property_count; i++)
		if (str_eq(deployment->properties[i].key, key))
			return deployment->properties[i].value;
	return NULL;
}

static void warn_of_retention(struct action *action)
{
	const struct deployment *deployment = start_deployment(action);
	const char *kept =
		property(deployment, "execution.checkpointing.externalized-checkpoint-retention");
	enum retention known = action->subject.retention;

	if (kept ? str_eq(kept, "RETAIN_ON_CANCELLATION")
		 : known == RETENTION_ALL ||
				(known == RETENTION_UNKNOWN &&
					!property(deployment, "execution.checkpointing.interval")))
		return;
	plan_warn(action,
		_("checkpoints are not retained when the job ends: then only a savepoint can be "
		  "restored (execution.checkpointing.externalized-checkpoint-retention: "
		  "RETAIN_ON_CANCELLATION keeps them)"));
}

static const char *flink_mode(const char *mode)
{
	return str_eq(mode, "no-claim")  ? "NO_CLAIM"
		: str_eq(mode, "claim")  ? "CLAIM"
		: str_eq(mode, "legacy") ? "LEGACY"
					 : NULL;
}

struct source_request start_request(struct action *action, enum source_verb verb)
{
	const struct action_args *args = &action->options.args;

	return (struct source_request){
		.verb = verb,
		.job_id = verb == SOURCE_BEFORE ? NULL : action->run.start_job_id,
		.deployment = start_deployment(action),
		.restore_path = action->run.restore_path,
		.allow_non_restored_state = args->allow_non_restored_state,
		.restore_mode = flink_mode(args->restore_mode),
		.timeout_ms = action->options.request_ms,
	};
}

const struct deployment *start_deployment(const struct action *action)
{
	return action->released ? action->released : action->wish;
}

static void write_plan(struct action *action)
{
	struct start_work *start = action->start;
	struct source_request request;
	struct err err;
	const char *path =
		start->takes_savepoint ? _("<the savepoint of this run>") : start->point.path;

	action->run.restore_path = path;
	action->plan.restore_path = path;
	request = start_request(action, SOURCE_START);
	if (source_check(start->launcher ? start->launcher : action->source, &request, &err)) {
		part_refused(action, &err);
		return;
	}
	plan_step(action, SOURCE_BEFORE, _(": no live job has its name"));
	plan_step(action, SOURCE_START, "");
	plan_step(action, SOURCE_TASKS, _(" until all tasks run"));
	if (start->takes_savepoint)
		action->run.restore_path = NULL; /* known when it is there */
	if (!path && start->had_state) {
		plan_warn(
			action, _("it starts from nothing: the state that it had is left behind"));
		if (!action->options.args.agrees_to_stateless)
			action->plan.typed = action->subject.name;
	}
	warn_of_slots(action);
	warn_of_retention(action);
	action_add_step(action, &step_check);
	action_add_step(action, &step_start);
	action_add_step(action, &step_running);
	part_prepared(action);
}

/* ---- the restore point ---- */

static void gone(struct action *action)
{
	const struct start_work *start = action->start;
	struct err err;

	if (start->next_path)
		err_set(&err, E_CONFLICT,
			_("the restore point %s is not there any more. The next one: --from %s"),
			start->point.path, start->next_path);
	else
		err_set(&err, E_CONFLICT,
			_("the restore point %s is not there any more, and no other one is known. "
			  "To start from nothing: --from none"),
			start->point.path);
	part_refused(action, &err);
}

static void on_looked(struct action *action, enum look look, const char *why)
{
	if (look == LOOK_GONE) {
		gone(action);
		return;
	}
	if (look == LOOK_UNKNOWN && action->start->point.path)
		plan_warn(action, _("the restore point is not verified%s%s"), why ? ": " : "",
			why ? why : "");
	write_plan(action);
}

static void keep_point(struct action *action, const struct restore_choice *choice)
{
	struct restore_point *point = &action->start->point;

	if (choice->point)
		*point = *choice->point;
	point->app = action->subject.ref;
	point->path = action_keep(action, choice->path);
	point->job_id = action_keep(action, point->job_id);
}

/* The newest one that is not the chosen one. */
static void keep_next(
	struct action *action, const struct restore_point *const *points, size_t count)
{
	const struct restore_point *next = NULL;

	for (size_t i = 0; i < count; i++)
		if (!points[i]->is_gone && !str_eq(points[i]->path, action->start->point.path) &&
			(!next || points[i]->completed_ms > next->completed_ms))
			next = points[i];
	action->start->next_path = action_keep(action, next ? next->path : NULL);
}

static void choose(struct action *action, const struct restore_point *const *points, size_t count)
{
	struct restore_choice choice = {0};
	struct err why;

	if (restore_choose(&choice, action->options.args.from, points, count, &why) < 0) {
		part_refused(action, &why);
		return;
	}
	keep_point(action, &choice);
	keep_next(action, points, count);
	plan_call(action, "# %s", choice.reason);
	restore_choice_release(&choice);
	if (action->start->point.path)
		start_look(action, on_looked);
	else
		write_plan(action);
}

static void on_points(
	void *data, const struct restore_point *const *points, size_t count, const struct err *err)
{
	struct action *action = data;
	struct start_work *start = action->start;
	restore_point_vec all = {0};
	struct err why = {0};

	start->query = NULL;
	if (err) {
		why = *err;
		err_prefix(&why, _("its restore points are not known"));
		part_refused(action, &why);
		return;
	}
	start_merge_seen(action, &all, points, count);
	start->had_state = all.len > 0 || action->subject.has_checkpoints ||
		(start->ran_before && action->subject.job_status != JOB_FINISHED);
	if (start->takes_savepoint)
		write_plan(action);
	else
		choose(action, all.data, all.len);
	vec_release(&all);
}

static void query_points_now(struct action *action)
{
	struct start_work *start = action->start;

	if (action->options.fleet)
		start->query = query_app_points(action->options.store, action->options.fleet,
			action->subject.ref, POINTS_MOST, on_points, action);
	else
		start->query = query_points(
			action->options.store, action->subject.ref, POINTS_MOST, on_points, action);
}

static void ask_points(struct action *action)
{
	struct start_work *start = action->start;
	const char *from = action->options.args.from;

	start->takes_savepoint = start->stops_first && (!from || str_eq(from, "latest"));
	start_see(action, query_points_now);
}

/* ---- the release ---- */

/* The cluster is made, or found, by the start itself; a job that is stopped first has its own. */
static int find_launcher(struct action *action, struct err *err)
{
	const struct deployment *deployment = start_deployment(action);
	const struct subject *subject = &action->subject;

	if (deployment->target == TARGET_REMOTE)
		return err_set(err, E_CONFIG,
			_("%s: a start on target remote needs cluster: in its file (weir edit %s)"),
			subject->label, subject->label);
	if (!action->options.launcher)
		return err_set(err, E_UNSUPPORTED, _("%s: target %s is not started from here"),
			subject->label, deployment_target_name(deployment->target));
	action->start->launcher = action->options.launcher;
	if (!action->start->stops_first)
		return 0;
	action->source = action_find_source(action, subject->cluster);
	if (!action->source)
		return err_set(err, E_CONFIG, _("%s: cluster %s, where it runs, is not known here"),
			subject->label, subject->cluster);
	action->run.cluster = action_keep(action, subject->cluster);
	return 0;
}

/* Where it is started; a job that is stopped first runs there. */
static int find_cluster(struct action *action, struct err *err)
{
	const struct deployment *deployment = start_deployment(action);
	const struct subject *subject = &action->subject;

	if (!deployment->cluster)
		return find_launcher(action, err);
	if (action->start->stops_first && !str_eq(deployment->cluster, subject->cluster))
		return err_set(err, E_CONFLICT,
			_("%s runs on %s, and its release is for %s: stop it there, then start it"),
			subject->label, subject->cluster, deployment->cluster);
	action->source = action_find_source(action, deployment->cluster);
	if (!action->source)
		return err_set(err, E_CONFIG, _("%s: cluster %s is not in the configuration"),
			subject->label, deployment->cluster);
	if (!source_can_send(action->source))
		return err_set(err, E_UNSUPPORTED, _("%s: cluster %s takes no orders"),
			subject->label, deployment->cluster);
	action->run.cluster = action_keep(action, deployment->cluster);
	return 0;
}

static void warn_of_release(struct action *action, const char *digest)
{
	struct err err;

	if (action_render(action, &err) < 0)
		plan_warn(action, _("release %lld is started; the file of today cannot be: %s"),
			(long long)action->run.release, err.text);
	else if (!str_eq(action->wish->digest, digest))
		plan_warn(action,
			_("the file, or a variable, has changed since release %lld, which is what "
			  "is started: weir diff %s, weir release %s"),
			(long long)action->run.release, action->subject.label,
			action->subject.label);
}

static const struct release *choose_release(
	struct action *action, const struct release *const *releases, size_t count, struct err *err)
{
	const char *label = action->subject.label;
	int64_t number = action->options.args.release;

	for (size_t i = 0; i < count; i++)
		if (number ? releases[i]->number == number : releases[i]->is_active)
			return releases[i];
	if (number)
		err_set(err, E_NOTFOUND, _("%s has no release %lld"), label, (long long)number);
	else
		err_set(err, E_CONFLICT, _("%s is not released yet: weir release %s"), label,
			label);
	return NULL;
}

static void begin_plan(struct action *action)
{
	struct err err;

	if (find_cluster(action, &err) < 0) {
		part_refused(action, &err);
		return;
	}
	action->run.start_job_id = action_new_id(action);
	if (action->start->stops_first)
		order_prepare_kind(action, &step_stop);
	ask_points(action);
}

static void on_release(struct action *action, struct deployment *whole, const char *manifest,
	const struct err *err)
{
	(void)manifest;
	if (err) {
		part_refused(action, err);
		return;
	}
	action->released = whole;
	warn_of_release(action, whole->digest);
	begin_plan(action);
}

static void on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct action *action = data;
	const struct release *found = NULL;
	struct err why = {0};

	action->start->query = NULL;
	if (err)
		why = *err;
	else
		found = choose_release(action, releases, count, &why);
	if (!found) {
		part_refused(action, &why);
		return;
	}
	action->run.release = found->number;
	release_read(action, found, on_release);
}

static void find_release(struct action *action)
{
	struct start_work *start = action->start;
	struct err err;

	if (!action->makes_release)
		start->query = query_releases(action->options.store, action->subject.ref,
			RELEASES_MOST, on_releases, action);
	else if (action_render(action, &err) < 0)
		part_refused(action, &err);
	else
		begin_plan(action);
}

static void prepare(struct action *action)
{
	const struct start_kind *kind = action->part->kind;
	struct start_work *start = start_of(action);

	start->stops_first = kind->may_stop && action->subject.is_live;
	if (!start->stops_first)
		action->run.job_id = NULL; /* nothing is done to the one that has ended */
	start_read_journal(action, find_release);
}

static const struct step *const start_steps[] = {&step_check, &step_start, &step_running, NULL};
static const struct step *const restart_steps[] = {
	&step_stop, &step_check, &step_start, &step_running, NULL};

const struct part part_start = {
	.steps = start_steps, .check = check, .prepare = prepare, .kind = &kind_start};
const struct part part_restart = {
	.steps = restart_steps, .check = check, .prepare = prepare, .kind = &kind_restart};
