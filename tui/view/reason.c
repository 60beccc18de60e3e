/*
 * The words behind a state: what the witness said, who it was, and how long ago. Every state and
 * detail has its own sentence; nothing here concludes anything, that is model/state's part.
 */
#include <inttypes.h>

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/str.h"
#include "tui/view/view.h"

/* "<before>4s ago"; nothing when the time is not known. */
static void add_age(
	struct buf *out, const char *before, int64_t then_ms, const struct present_env *env)
{
	if (then_ms <= 0)
		return;
	struct buf age;
	buf_init(&age, 0);
	format_age(then_ms, env->now_ms, &age);
	buf_adds(out, before);
	buf_addf(out, _("%s ago"), buf_str(&age));
	buf_release(&age);
}

/* "the JobManager at http://… said RUNNING, 4s ago" */
static void add_witness(struct buf *out, const struct app *app, const struct present_env *env)
{
	const char *status = app->job ? job_status_name(app->job->summary.status) : NULL;

	if (!status)
		return;
	if (app->cluster && app->cluster->address)
		buf_addf(out, _("the JobManager at %s said %s"), app->cluster->address, status);
	else
		buf_addf(out, _("the JobManager said %s"), status);
	add_age(out, ", ", app->job->seen_ms, env);
}

static void add_unreachable(struct buf *out, const struct app *app, const struct present_env *env)
{
	const struct cluster *cluster = app->cluster;

	buf_addf(out, _("nobody answers at %s"), cluster ? cluster->address : "?");
	if (cluster && cluster->last_err.code)
		buf_addf(out, ": %s", cluster->last_err.text);
	if (app->job && job_status_name(app->job->summary.status)) {
		buf_addf(out, _("; last seen %s"), job_status_name(app->job->summary.status));
		add_age(out, " ", app->job->seen_ms, env);
	}
}

static void add_leader_changing(
	struct buf *out, const struct app *app, const struct present_env *env)
{
	const struct cluster *cluster = app->cluster;

	buf_addf(out,
		_("leader changing: no JobManager of '%s' leads; the next one takes its jobs up"),
		cluster ? cluster->name : "?");
	if (app->job && job_status_name(app->job->summary.status)) {
		buf_addf(out, _("; last seen %s"), job_status_name(app->job->summary.status));
		add_age(out, " ", app->job->seen_ms, env);
	}
	if (cluster && cluster->last_err.code)
		buf_addf(out, ": %s", cluster->last_err.text);
}

static void add_restarting(struct buf *out, const struct app *app, const struct present_env *env)
{
	if (app->detail == DETAIL_LOOPING) {
		buf_adds(out, _("it restarts again and again"));
		if (app->job && app->job->restarts_per_hour >= 1)
			buf_addf(out, _(", %.0f times an hour"), app->job->restarts_per_hour);
		buf_adds(out, "; ");
	} else if (app->detail == DETAIL_WAITING_FOR_SLOTS) {
		buf_adds(out, _("it restarts and finds no free slots; "));
	}
	add_witness(out, app, env);
}

static void add_lost(struct buf *out, const struct app *app, const struct present_env *env)
{
	buf_addf(out, _("the JobManager at %s answers and no longer knows the job"),
		app->cluster ? app->cluster->address : "?");
	if (app->job)
		add_age(out, _("; last listed "), app->job->seen_ms, env);
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
	case DETAIL_DUPLICATE:
		buf_addf(out,
			_("%d live jobs or applications share its job name; none is taken for it"),
			app->duplicates);
		return;
	case DETAIL_EXPIRED:
		buf_adds(out,
			_("it ended while nobody watched: Flink forgets ended jobs after a "
			  "while"));
		if (app->job)
			add_age(out, _("; last listed "), app->job->seen_ms, env);
		return;
	default:
		if (!app->cluster)
			buf_adds(out, _("its file names no cluster, so nobody can be asked"));
		else
			buf_addf(out, _("the cluster '%s' has not answered yet"), cluster);
	}
}

void app_reason(const struct app *app, const struct present_env *env, struct buf *out)
{
	size_t before = out->len;

	if (app->detail == DETAIL_LEADER_CHANGING) {
		add_leader_changing(out, app, env);
		return;
	}
	switch (app->state) {
	case STATE_UNKNOWN: add_unknown(out, app, env); break;
	case STATE_ADDED:
		if (!app->cluster)
			buf_adds(out, _("declared; it names no cluster"));
		else
			buf_addf(out, _("declared; the cluster '%s' answers and has no such job"),
				app->cluster->name);
		if (app->cluster)
			add_age(out, ", ", app->cluster->observed_ms, env);
		break;
	case STATE_UNREACHABLE: add_unreachable(out, app, env); break;
	case STATE_RESTARTING: add_restarting(out, app, env); break;
	case STATE_LOST: add_lost(out, app, env); break;
	case STATE_STARTING:
		if (app->detail == DETAIL_WAITING_FOR_SLOTS)
			buf_adds(out, _("its tasks wait for free slots; "));
		add_witness(out, app, env);
		break;
	default:
		if (app->detail == DETAIL_MISSING)
			buf_adds(out, _("the last answer did not list it; before, "));
		add_witness(out, app, env);
	}
	if (out->len == before)
		buf_adds(out, _("nothing is known about why"));
}
