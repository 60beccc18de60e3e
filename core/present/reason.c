/*
 * The words behind a state: what the witness said, who it was, and how long ago. Every state and
 * detail has its own sentence; nothing here concludes anything, that is model/state's part.
 */

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/str.h"
#include "core/present/witness.h"

#define NAMED_MAX 4

/* "<before>4s ago"; nothing when the time is not known. */
static void add_age(
	struct buf *out, const char *before, struct said_at said, const struct present_env *env)
{
	int64_t age = said_age_ms(&said, env);
	struct buf text;

	if (age < 0)
		return;
	buf_init(&text, 0);
	format_age(env->now_ms - age, env->now_ms, &text);
	buf_adds(out, before);
	buf_addf(out, _("%s ago"), buf_str(&text));
	buf_release(&text);
}

static void add_seen(
	struct buf *out, const char *before, const struct job *job, const struct present_env *env)
{
	add_age(out, before, (struct said_at){job->seen_ms, job->seen_mono_ms}, env);
}

/* "the JobManager at http://… said RUNNING, 4s ago" */
static void add_witness(struct buf *out, const struct app *app, const struct present_env *env)
{
	const char *status = app->job ? job_status_name(app->job->summary.status) : NULL;

	if (!status)
		return;
	if (app->job->said_by) {
		buf_addf(out,
			str_starts(app->job->said_by, "http")
				? _("it ended while nobody watched; the HistoryServer at %s said "
				    "%s")
				: _("it ended while nobody watched; the job archive %s said %s"),
			app->job->said_by, status);
		add_age(out, _("; it ended "), (struct said_at){app->job->summary.end_ms, 0}, env);
		return;
	}
	if (app->cluster && app->cluster->address)
		buf_addf(out, _("the JobManager at %s said %s"), app->cluster->address, status);
	else
		buf_addf(out, _("the JobManager said %s"), status);
	add_seen(out, ", ", app->job, env);
}

/* "; last seen RUNNING 4s ago" */
static void add_last_seen(struct buf *out, const struct app *app, const struct present_env *env)
{
	const char *status = app->job ? job_status_name(app->job->summary.status) : NULL;

	if (!status)
		return;
	buf_addf(out, _("; last seen %s"), status);
	add_seen(out, " ", app->job, env);
}

/* "run 12 (stop), 3m12s ago" */
static void add_run(struct buf *out, const struct run_fact *run, const struct present_env *env)
{
	buf_addf(out, _("run %lld (%s)"), (long long)run->id, run->verb);
	add_age(out, ", ", (struct said_at){run->ended_ms ? run->ended_ms : run->created_ms, 0},
		env);
}

static void add_unreachable(struct buf *out, const struct app *app, const struct present_env *env)
{
	const struct cluster *cluster = app->cluster;

	buf_addf(out, _("nobody answers at %s"), cluster ? cluster->address : "?");
	if (cluster && cluster->last_err.code)
		buf_addf(out, ": %s", cluster->last_err.text);
	add_last_seen(out, app, env);
}

static void add_leader_changing(
	struct buf *out, const struct app *app, const struct present_env *env)
{
	const struct cluster *cluster = app->cluster;

	buf_addf(out,
		_("leader changing: no JobManager of '%s' leads; the next one takes its jobs up"),
		cluster ? cluster->name : "?");
	add_last_seen(out, app, env);
	if (cluster && cluster->last_err.code)
		buf_addf(out, ": %s", cluster->last_err.text);
}

static void add_slots(struct buf *out, const struct app *app)
{
	const struct task_counts *tasks = app->job ? &app->job->summary.tasks : NULL;

	if (tasks && tasks->scheduled > 0 && tasks->total > 0)
		buf_addf(out, _("no slots: %d of %d tasks wait"), tasks->scheduled, tasks->total);
	else
		buf_adds(out, _("no slots: its tasks wait"));
	buf_adds(out, "; ");
}

static void add_restarting(struct buf *out, const struct app *app, const struct present_env *env)
{
	bool is_loop = app->detail == DETAIL_LOOPING;

	if (is_loop)
		buf_adds(out, _("it restarts again and again"));
	else if (app->detail == DETAIL_WAITING_FOR_SLOTS)
		buf_adds(out, _("it restarts and finds no free slots"));
	if ((is_loop || app->detail == DETAIL_WAITING_FOR_SLOTS) && app->job &&
		app->job->restarts_per_hour >= 1)
		buf_addf(out, _(", %.0f times an hour"), app->job->restarts_per_hour);
	if (is_loop || app->detail == DETAIL_WAITING_FOR_SLOTS)
		buf_adds(out, "; ");
	add_witness(out, app, env);
}

static void add_lost(struct buf *out, const struct app *app, const struct present_env *env)
{
	buf_addf(out, _("the JobManager at %s answers and no longer knows the job"),
		app->cluster ? app->cluster->address : "?");
	if (app->job)
		add_seen(out, _("; last listed "), app->job, env);
}

/* Which they are, beside `own`; at most a few. */
static void add_ids(struct buf *out, const struct app *app, const struct job *own)
{
	const struct job *jobs[NAMED_MAX + 1];
	size_t count = app_namesakes(app, jobs, NAMED_MAX + 1), told = 0;

	for (size_t i = 0; i < count && i < NAMED_MAX + 1; i++)
		if (jobs[i] != own && told < NAMED_MAX)
			buf_addf(out, "%s%s", told++ ? ", " : " ", jobs[i]->summary.id);
	if (count > NAMED_MAX + 1)
		buf_adds(out, " …");
}

static void add_duplicate(struct buf *out, const struct app *app)
{
	if (app_namesakes(app, NULL, 0) < 2) {
		buf_addf(out, _("%d applications share its job name; no job is taken for its own"),
			app->duplicates);
		return;
	}
	buf_addf(out, _("%d live jobs have its name, and none is taken for its own:"),
		app->duplicates);
	add_ids(out, app, NULL);
}

/* Its own job is known, and it is not alone. */
static void add_twin(struct buf *out, const struct app *app)
{
	buf_addf(out, _("; duplicate: %d live jobs have its name, the other"), app->duplicates);
	add_ids(out, app, app->job);
}

static void add_missing(struct buf *out, const struct app *app, const struct present_env *env)
{
	if (!app->job && app->record && app->record->started.id) {
		add_run(out, &app->record->started, env);
		buf_adds(out, _(", saw its job run, and the JobManager does not list it"));
		return;
	}
	buf_adds(out, _("the last answer did not list it; before, "));
	add_witness(out, app, env);
}

static void add_unknown(struct buf *out, const struct app *app, const struct present_env *env)
{
	const char *cluster = app->cluster        ? app->cluster->name
		: app->decl && app->decl->cluster ? app->decl->cluster
						  : "?";

	switch (app->detail) {
	case DETAIL_INVALID:
		buf_addf(out, _("its file is broken: %s"),
			app->decl && app->decl->error ? app->decl->error : "?");
		return;
	case DETAIL_NO_CLUSTER:
		buf_addf(out,
			_("its file names the cluster '%s', which context '%s' does not have"),
			cluster, app->context);
		return;
	case DETAIL_DUPLICATE: add_duplicate(out, app); return;
	case DETAIL_MISSING: add_missing(out, app, env); return;
	case DETAIL_EXPIRED:
		buf_adds(out,
			_("it ended while nobody watched: Flink forgets ended jobs after a "
			  "while"));
		if (app->job)
			add_seen(out, _("; last listed "), app->job, env);
		return;
	default:
		if (!app->cluster)
			buf_adds(out, _("its file names no cluster, so nobody can be asked"));
		else if (app->record && app->record->started.id && app->cluster->observed_ms > 0)
			buf_addf(out, _("the cluster '%s' was not asked since the last run"),
				cluster);
		else
			buf_addf(out, _("the cluster '%s' has not answered yet"), cluster);
	}
}

static void add_added(struct buf *out, const struct app *app, const struct present_env *env)
{
	const struct cluster *cluster = app->cluster;

	if (!cluster) {
		buf_adds(out, _("declared; it names no cluster"));
		return;
	}
	buf_addf(out, _("declared; the cluster '%s' answers and has no such job"), cluster->name);
	add_age(out, ", ", (struct said_at){cluster->observed_ms, cluster->observed_mono_ms}, env);
}

/* What weir did itself: the JobManager's word comes second, for it is older or less. */
static void add_own_run(struct buf *out, const struct app *app, const struct present_env *env)
{
	const struct record *record = app->record;
	const struct run_fact *run = record->open.id && record->open.is_live ? &record->open
		: app->state == STATE_STARTING                               ? &record->started
									     : &record->stopped;
	size_t before;

	if (run->id) {
		add_run(out, run, env);
		if (run == &record->stopped)
			buf_adds(out,
				run->with_savepoint ? _(", stopped it with a savepoint")
						    : _(", canceled it"));
		else
			buf_adds(out,
				run == &record->open ? _(", is under way") : _(", has started it"));
		buf_adds(out, "; ");
	}
	before = out->len;
	add_witness(out, app, env);
	if (out->len == before && run->id)
		buf_adds(out, _("the JobManager lists no job of it"));
}

static void add_by_state(struct buf *out, const struct app *app, const struct present_env *env)
{
	switch (app->state) {
	case STATE_UNKNOWN: add_unknown(out, app, env); break;
	case STATE_ADDED: add_added(out, app, env); break;
	case STATE_UNREACHABLE: add_unreachable(out, app, env); break;
	case STATE_RESTARTING: add_restarting(out, app, env); break;
	case STATE_LOST: add_lost(out, app, env); break;
	default:
		if (app->detail == DETAIL_WAITING_FOR_SLOTS)
			add_slots(out, app);
		add_witness(out, app, env);
	}
}

void app_reason(const struct app *app, const struct present_env *env, struct buf *out)
{
	size_t before = out->len;

	if (app->detail == DETAIL_LEADER_CHANGING)
		add_leader_changing(out, app, env);
	else if (app->witness == WITNESS_RUN && app->record)
		add_own_run(out, app, env);
	else
		add_by_state(out, app, env);
	if (out->len == before)
		buf_adds(out, _("nothing is known about why"));
	if (app->job && app->duplicates > 1)
		add_twin(out, app);
}
