/*
 * What our own runs left, as a witness of applications: who started and who stopped their jobs, what
 * is under way, and what follows for their releases. Records are borrowed from the newest snapshot,
 * which is kept.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet_internal.h"
#include "core/model/variable.h"

/* So long a start that has ended speaks for its job before a poll does. */
#define POLL_WAIT_MS 60000

/* ---- what declarations refer to ---- */

void fleet_context_release(struct context_entry *context)
{
	snapshot_unref(context->registry);
	map_free(context->records);
	map_free(context->record_jobs);
	arena_free(context->arena);
}

void fleet_set_context(struct fleet *fleet, const char *name, const struct setting *variables,
	size_t variable_count, const struct flink_env *envs, size_t env_count)
{
	struct context_entry *context = fleet_context(fleet, name);
	struct arena *arena = arena_new();
	struct setting *settings = arena_calloc(arena, variable_count + 1, sizeof(*settings));
	struct flink_env *copies = arena_calloc(arena, env_count + 1, sizeof(*copies));

	for (size_t i = 0; i < variable_count; i++)
		settings[i] = (struct setting){arena_strdup(arena, variables[i].key),
			arena_strdup(arena, variables[i].value)};
	for (size_t i = 0; i < env_count; i++)
		copies[i] = (struct flink_env){
			.name = arena_strdup(arena, envs[i].name),
			.home = arena_strdup(arena, envs[i].home),
			.host = arena_strdup(arena, envs[i].host),
			.sql_gateway = arena_strdup(arena, envs[i].sql_gateway),
		};
	arena_free(context->arena);
	context->arena = arena;
	context->variables = settings;
	context->variable_count = variable_count;
	context->envs = copies;
	context->env_count = env_count;
}

void fleet_set_loop_rule(struct fleet *fleet, const char *context, struct loop_rule rule)
{
	fleet_context(fleet, context)->loop = rule;
}

void fleet_deployment_input(
	const struct fleet *fleet, const struct app *app, struct deployment_input *out)
{
	const struct context_entry *context = map_get(fleet->contexts, app->context);
	char *ref = ref_team(app->context, app->decl->team);
	const struct team *team = map_get(fleet->lists[KIND_TEAM].by_ref, ref);

	free(ref);
	*out = (struct deployment_input){.decl = app->decl, .context = app->context};
	if (team && team->decl) {
		out->team_variables = team->decl->variables;
		out->team_variable_count = team->decl->variable_count;
	}
	if (!context)
		return;
	out->context_variables = context->variables;
	out->context_variable_count = context->variable_count;
	for (size_t i = 0; i < context->env_count; i++)
		if (str_eq(context->envs[i].name, app->decl->flink_env))
			out->env = &context->envs[i];
}

char *fleet_fill(const struct fleet *fleet, const struct app *app, const char *text)
{
	struct deployment_input in;
	struct buf out;

	if (!text || !strstr(text, "${"))
		return xstrdup_null(text);
	fleet_deployment_input(fleet, app, &in);
	const struct variables variables = {in.team_variables, in.context_variables,
		in.team_variable_count, in.context_variable_count};
	buf_init(&out, VARIABLE_TEXT_BYTES_MAX);
	if (variables_fill(&variables, text, &out, NULL, NULL)) {
		buf_release(&out);
		return xstrdup(text);
	}
	return buf_detach(&out);
}

/* ---- records ---- */

void fleet_find_record(struct fleet *fleet, struct app *app)
{
	const struct context_entry *context = map_get(fleet->contexts, app->context);

	app->record = context && context->records ? map_get(context->records, app->ref) : NULL;
}

struct app *fleet_app_of_run(struct fleet *fleet, const struct job *job)
{
	const struct context_entry *context = map_get(fleet->contexts, job->cluster->context);
	const struct record_job *run = context && context->record_jobs
		? map_get(context->record_jobs, job->summary.id)
		: NULL;
	struct app *app = run ? map_get(fleet->lists[KIND_APP].by_ref, run->app) : NULL;

	return app && app->decl && app->cluster == job->cluster ? app : NULL;
}

static bool fact_eq(const struct run_fact *a, const struct run_fact *b)
{
	return a->id == b->id && a->state == b->state && a->phase == b->phase &&
		a->is_live == b->is_live && str_eq(a->start_job_id, b->start_job_id);
}

static bool record_eq(const struct record *a, const struct record *b)
{
	if (!a || !b)
		return a == b;
	return fact_eq(&a->open, &b->open) && fact_eq(&a->started, &b->started) &&
		fact_eq(&a->stopped, &b->stopped) && fact_eq(&a->released, &b->released) &&
		a->active.number == b->active.number &&
		a->active.activated_ms == b->active.activated_ms &&
		str_eq(a->active.digest, b->active.digest) &&
		str_eq(a->cluster.name, b->cluster.name) &&
		str_eq(a->build.sha256, b->build.sha256) && str_eq(a->point.path, b->point.path);
}

void fleet_apply_registry(struct fleet *fleet, struct snapshot *snapshot)
{
	struct context_entry *context = fleet_context(fleet, snapshot->context);
	struct snapshot *old = context->registry;
	struct map *records;
	bool changed = false;

	if (snapshot->err.code)
		return;
	context->journal_read = (struct said_at){snapshot->observed_ms, snapshot->mono_ms};
	if (snapshot->is_unchanged)
		return;
	records = map_new_of_borrowed();
	for (size_t i = 0; i < snapshot->record_count; i++)
		map_put(records, snapshot->records[i].app,
			(void *)(uintptr_t)&snapshot->records[i]);
	map_free(context->records);
	context->records = records;
	map_free(context->record_jobs);
	context->record_jobs = map_new_of_borrowed();
	for (size_t i = 0; i < snapshot->record_job_count; i++)
		map_put(context->record_jobs, snapshot->record_jobs[i].job_id,
			(void *)(uintptr_t)&snapshot->record_jobs[i]);
	context->registry = snapshot_ref(snapshot);
	for (size_t i = 0; i < fleet->lists[KIND_APP].items.len; i++) {
		struct app *app = fleet->lists[KIND_APP].items.data[i];
		const struct record *before = app->record;
		if (!str_eq(app->context, snapshot->context))
			continue;
		fleet_find_record(fleet, app);
		if (record_eq(before, app->record))
			continue;
		changed = true;
		if (app->decl)
			fleet_place_app(fleet, app);
		fleet_changed(fleet, KIND_APP, app->ref, app, CHANGE_VALUES);
	}
	snapshot_unref(old);
	if (changed)
		fleet_rejoin_context(fleet, snapshot->context);
}

/* ---- what follows ---- */

static void input_of_end(const struct app *app, const struct record *record, struct state_input *in)
{
	const struct run_fact *stopped = &record->stopped, *started = &record->started;
	bool is_last = record_has_stopped_last(record);

	if (stopped->id && (app->job ? str_eq(stopped->job_id, app->job->summary.id) : is_last)) {
		in->ended_as = stopped->with_savepoint ? STATE_SUSPENDED : STATE_CANCELED;
		in->ended_ms = stopped->ended_ms;
	} else if (!app->job && started->id && started->state == RUN_DONE) {
		in->started_ms = started->ended_ms;
	}
}

const char *app_started_job(const struct app *app, int64_t now_ms)
{
	const char *id = app->record ? record_started_job(app->record) : NULL;
	int64_t observed_ms = app->cluster ? app->cluster->observed_ms : 0;

	return id && observed_ms <= app->record->started.ended_ms &&
			now_ms - app->record->started.ended_ms < POLL_WAIT_MS &&
			!(app->job && str_eq(id, app->job->summary.id))
		? id
		: NULL;
}

bool app_job_is_live(const struct app *app)
{
	return app->job && job_is_live(app->job) && app->state != STATE_SUSPENDED &&
		app->state != STATE_CANCELED;
}

void fleet_input_of_record(const struct app *app, struct state_input *in)
{
	const struct record *record = app->record;
	const struct run_fact *open = record ? &record->open : NULL;

	in->observed_ms = app->cluster ? app->cluster->observed_ms : 0;
	if (!record)
		return;
	input_of_end(app, record, in);
	in->is_starting = app_started_job(app, in->now_ms) != NULL;
	if (!open->id || !open->is_live)
		return;
	in->is_starting = open->phase == PHASE_STARTING;
	in->is_its_start = app->job && str_eq(open->start_job_id, app->job->summary.id);
	in->is_stopping = open->phase == PHASE_STOPPING && open->state != RUN_PLANNED && app->job &&
		(!open->job_id || str_eq(open->job_id, app->job->summary.id));
}

/* Made when it is first needed after its file changed. */
static void make_digest(struct fleet *fleet, struct app *app)
{
	struct deployment_input in;
	struct deployment *deployment = NULL;
	struct err err = {0};

	app->has_digest = true;
	app->digest[0] = '\0';
	fleet_deployment_input(fleet, app, &in);
	int rc = deployment_render(&deployment, &in, &err);
	if (rc == 0)
		memcpy(app->digest, deployment->digest, sizeof(app->digest));
	else if (rc == E_CONFLICT) /* remembered without its secrets: nobody can say yet */
		snprintf(app->digest, sizeof(app->digest), "%s", app->record->active.digest);
	deployment_free(deployment);
}

/*
 * By the run that started exactly this job: a newer one may have failed before it started any. 0 =
 * not known.
 */
static int64_t release_of_job(
	const struct fleet *fleet, const struct app *app, const struct record *record)
{
	const struct context_entry *context = map_get(fleet->contexts, app->context);
	const char *id = app->job->summary.id;
	const struct record_job *run =
		context && context->record_jobs ? map_get(context->record_jobs, id) : NULL;

	if (str_eq(record->started.start_job_id, id))
		return record->started.release;
	return run && str_eq(run->app, app->ref) ? run->release : 0;
}

/* Does a job run that was started from something else than the active release? */
static bool runs_other(
	const struct fleet *fleet, const struct app *app, const struct record *record)
{
	const struct job *job = app->job;
	int64_t release;

	if (!app_job_is_live(app))
		return false;
	release = release_of_job(fleet, app, record);
	if (release)
		return release != record->active.number;
	return job->summary.start_ms > 0 && job->summary.start_ms < record->active.activated_ms;
}

bool fleet_derive_release(struct fleet *fleet, struct app *app)
{
	const struct record *record = app->record;
	enum release_state before = app->release_state;
	struct release_input in = {0};

	if (!record || !app->decl || app->decl->error) {
		app->release_state = RELEASE_NONE;
		return before != RELEASE_NONE;
	}
	in.is_releasing =
		record->open.id && record->open.is_live && record->open.phase == PHASE_RELEASING;
	in.has_active = record->active.number > 0;
	in.has_failed = record->released.id && record->released.state == RUN_FAILED &&
		record->released.id > record->active.run;
	if (in.has_active) {
		if (!app->has_digest)
			make_digest(fleet, app);
		in.is_changed = !str_eq(app->digest, record->active.digest);
		in.has_newer_build = str_eq(app->decl->artifact, "build") && record->build.sha256 &&
			!str_eq(record->build.sha256, record->active.artifact_sha256) &&
			record->build.built_ms > record->active.created_ms;
		in.runs_other = runs_other(fleet, app, record);
	}
	app->release_state = release_derive(&in);
	return before != app->release_state;
}
