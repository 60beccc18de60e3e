/*
 * Which job is the run of which application, and what state follows. A job that no application
 * claims is an application of its own, not managed; it disappears from there when one claims it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet_internal.h"

#define DERIVE_ALL_MS 4000

static struct team *team_of(struct fleet *fleet, const struct app *app)
{
	if (!app->decl)
		return NULL;
	char *ref = ref_team(app->context, app->decl->team);
	struct team *team = map_get(fleet->lists[KIND_TEAM].by_ref, ref);
	free(ref);
	return team;
}

static void set_urgent(struct fleet *fleet, struct app *app, bool is_urgent)
{
	size_t place = app->urgent_place;
	struct app *last;

	if (is_urgent == (place > 0))
		return;
	if (is_urgent) {
		vec_push(&fleet->urgent, app);
		app->urgent_place = fleet->urgent.len;
		return;
	}
	last = fleet->urgent.data[--fleet->urgent.len];
	fleet->urgent.data[place - 1] = last;
	last->urgent_place = place;
	app->urgent_place = 0;
}

static void count_app(struct fleet *fleet, struct app *app, int by)
{
	fleet->state_counts[app->state] += by;
	set_urgent(fleet, app,
		by > 0 && (app_state_is_moving(app->state) || app_state_is_sick(app->state)));
	struct team *team = team_of(fleet, app);
	if (team) {
		team->counts[app->state] += by;
		team->apps += by;
		fleet_changed(fleet, KIND_TEAM, team->ref, team, CHANGE_SEEN);
	}
}

/* Not counted until its state is first derived. */
struct app *fleet_new_app(struct fleet *fleet, char *ref, const char *context, const char *source)
{
	struct app *app = xcalloc(1, sizeof(*app));
	app->ref = ref;
	app->context = xstrdup(context);
	app->source = xstrdup(source);
	app->state = STATE_MAX;
	app->loop = &fleet_context(fleet, context)->loop;
	app->files_read = &fleet_context(fleet, context)->files_read;
	app->journal_read = &fleet_context(fleet, context)->journal_read;
	list_add(&fleet->lists[KIND_APP], ref, app);
	fleet_find_record(fleet, app);
	fleet_changed(fleet, KIND_APP, app->ref, app, CHANGE_ADDED);
	return app;
}

void fleet_remove_app(struct fleet *fleet, struct app *app)
{
	if (app->state != STATE_MAX)
		count_app(fleet, app, -1);
	fleet_bury(fleet, KIND_APP, app->ref, app);
}

static struct state_input input_of(const struct fleet *fleet, const struct app *app)
{
	struct state_input in = {
		.now_ms = fleet->now_ms,
		.is_invalid = app->decl && app->decl->error,
		.names_cluster = !app->decl || !str_empty(app->cluster_name),
		.has_cluster = app->cluster != NULL,
		.live_duplicates = app->duplicates,
		.loop_restarts = app->loop->restarts,
		.has_job = app->job != NULL,
		.recent_restarts = -1,
	};
	if (app->cluster) {
		in.cluster_answered = app->cluster->observed_ms > 0;
		in.cluster_misses = app->cluster->misses;
		in.leaderless_ms = app->cluster->leaderless_ms;
	}
	if (app->job) {
		const struct job *job = app->job;
		in.status = job->summary.status;
		in.is_remembered = job->said_by != NULL;
		in.tasks = job->summary.tasks;
		in.modified_ms = job->summary.modified_ms;
		if (in.modified_ms > 0) /* by our clock */
			in.modified_ms -= job_skew_ms(job);
		in.seen_ms = job->seen_ms;
		in.missing_ms = job->missing_ms;
		in.settled_without = job->settled_without;
		in.recent_restarts = job->recent_restarts;
		in.restart_gap_ms = job->restart_gap_ms;
		if (job->restarted_ms > 0)
			in.restarted_ms = job->restarted_ms - job_skew_ms(job);
		in.lacks_slots = job->lacks_slots;
	}
	fleet_input_of_record(app, &in);
	return in;
}

/* A change of state is told apart from other values: it has a former state. */
static void tell_app(struct fleet *fleet, struct app *app, unsigned what, enum app_state from)
{
	if (!(what & CHANGE_STATE)) {
		fleet_changed(fleet, KIND_APP, app->ref, app, what);
		return;
	}
	struct change change = {
		.kind = KIND_APP, .ref = app->ref, .item = app, .what = what, .from = from};
	vec_push(&fleet->changes, change);
}

void fleet_derive_app(struct fleet *fleet, struct app *app)
{
	if (app->job)
		fleet_job_windows(fleet, (struct job_entry *)app->job);
	struct state_input in = input_of(fleet, app);
	struct state_result result = state_derive(&in);
	if (fleet_derive_release(fleet, app))
		fleet_changed(fleet, KIND_APP, app->ref, app, CHANGE_VALUES);
	if (result.witness != app->witness) {
		app->witness = result.witness;
		fleet_changed(fleet, KIND_APP, app->ref, app, CHANGE_VALUES);
	}
	if (result.state == app->state && result.detail == app->detail)
		return;
	bool is_first = app->state == STATE_MAX;
	enum app_state from = is_first ? STATE_UNKNOWN : app->state;
	bool was_blind = from == STATE_UNKNOWN && app->detail == DETAIL_NONE;
	bool was_away = from == STATE_UNREACHABLE || (app->cluster && app->cluster->answers_first);
	enum app_state to = result.state;
	unsigned what = CHANGE_VALUES;

	if (to != app->state) {
		if (!is_first)
			count_app(fleet, app, -1);
		app->state = to;
		count_app(fleet, app, 1);
		/* What begins when nobody could see it began when the job says, not now. */
		app->state_since_ms = was_blind || was_away ? 0 : fleet->now_ms;
		if (!was_blind)
			what |= CHANGE_STATE;
	}
	app->detail = result.detail;
	tell_app(fleet, app, what, from);
}

/* Everything of one name on one cluster that is not known by its id to be somebody's. */
struct namesake {
	int live, apps;
	int adopters; /* applications that follow it, though their files say another name */
	int ending;   /* lives, and is on its way out */
	int claimed;  /* live jobs that are known by their ids to be somebody's */
	struct job *live_job, *ending_job, *last_job;
};

static struct namesake *namesake(struct map *names, const char *name)
{
	struct namesake *n = map_get(names, name);
	if (!n) {
		n = xcalloc(1, sizeof(*n));
		map_put(names, name, n);
	}
	return n;
}

static bool is_ending(const struct job *job)
{
	return job_is_ending(job->summary.status);
}

size_t app_namesakes(const struct app *app, const struct job **out, size_t max)
{
	const struct cluster_entry *cluster = (const struct cluster_entry *)app->cluster;
	size_t count = 0;

	const char *name = app->decl ? app->job_name : app->job ? app->job->name : NULL;

	for (size_t i = 0; name && cluster && i < cluster->jobs.len; i++) {
		const struct job *job = cluster->jobs.data[i];

		if (!job_is_live(job) || is_ending(job) || !str_eq(job->name, name))
			continue;
		if (count < max)
			out[count] = job;
		count++;
	}
	return count;
}

/* The job that the application's last start sent off, as far as it is known here. */
static struct job *started_job(const struct fleet *fleet, const struct app *app)
{
	const char *id = app->record ? app->record->started.start_job_id : NULL;
	if (!id || !app->cluster)
		return NULL;
	char *ref = ref_job(app->context, app->cluster->name, id);
	struct job *job = map_get(fleet->lists[KIND_JOB].by_ref, ref);
	free(ref);
	return job;
}

/* What the job was called that it had adopted, where that is not what its file says; or NULL. */
static const char *adopted_name(const struct app *app)
{
	const char *name = app->record ? app->record->started.job_name : NULL;

	return str_eq(name, app->job_name) ? NULL : name;
}

/* Whose job it is need not be guessed by its name where a start of ours made it. */
static void claim_jobs(struct fleet *fleet, struct cluster_entry *cluster)
{
	for (size_t i = 0; i < cluster->jobs.len; i++)
		((struct job_entry *)cluster->jobs.data[i])->claimed_by = NULL;
	for (size_t i = 0; i < cluster->apps.len; i++) {
		struct job *job = started_job(fleet, cluster->apps.data[i]);
		if (job && job_is_live(job))
			((struct job_entry *)job)->claimed_by = cluster->apps.data[i];
	}
}

static struct map *collect_names(const struct cluster_entry *cluster)
{
	struct map *names = map_new_of_borrowed();
	for (size_t i = 0; i < cluster->apps.len; i++) {
		const struct app *app = cluster->apps.data[i];
		if (app->decl->error)
			continue;
		namesake(names, app->job_name)->apps++;
		if (adopted_name(app))
			namesake(names, adopted_name(app))->adopters++;
	}
	for (size_t i = 0; i < cluster->jobs.len; i++) {
		struct job *job = cluster->jobs.data[i];
		struct namesake *n = map_get(names, job->name);
		if (!n)
			continue; /* nobody declared it */
		if (((struct job_entry *)job)->claimed_by) {
			n->claimed++;
			continue;
		}
		if (job_is_live(job) && is_ending(job)) {
			n->ending++;
			n->ending_job = job;
		} else if (job_is_live(job)) {
			n->live++;
			n->live_job = job;
		}
		if (!n->last_job || job->summary.start_ms > n->last_job->summary.start_ms)
			n->last_job = job;
	}
	return names;
}

static void tie(struct fleet *fleet, struct app *app, struct job *job)
{
	if (app->job == job)
		return;
	if (app->job)
		app->job->app = NULL;
	if (job && job->app) {
		if (!job->app->decl)
			fleet_remove_app(fleet, job->app);
		else if (job->app->job == job)
			job->app->job = NULL;
	}
	app->job = job;
	if (job)
		job->app = app;
	fleet_changed(fleet, KIND_APP, app->ref, app, CHANGE_VALUES);
}

static void set_duplicates(struct fleet *fleet, struct app *app, int duplicates)
{
	if (app->duplicates != duplicates)
		fleet_changed(fleet, KIND_APP, app->ref, app, CHANGE_VALUES);
	app->duplicates = duplicates;
}

/* Those of the name by which it is followed: the one that was adopted, where it can be nobody else's. */
static struct namesake *namesakes_of(const struct app *app, struct map *names)
{
	struct namesake *own = map_get(names, app->job_name);
	struct namesake *n = adopted_name(app) ? map_get(names, adopted_name(app)) : NULL;

	if (!n || n->apps || n->adopters > 1 || n->live + n->ending > 1 || !n->last_job)
		return own;
	return n->live || n->ending || !own->last_job || !job_is_live(own->last_job) ? n : own;
}

static void tie_declared(struct fleet *fleet, struct app *app, struct map *names)
{
	struct namesake *n = app->decl->error ? NULL : map_get(names, app->job_name);
	struct job *started = started_job(fleet, app), *job = NULL;
	int duplicates = 0;
	if (started && ((struct job_entry *)started)->claimed_by == app) {
		set_duplicates(fleet, app, n && n->live ? n->live + 1 : 0);
		tie(fleet, app, started);
		return;
	}
	n = n ? namesakes_of(app, names) : NULL;
	if (n && n->apps > 1)
		duplicates = n->apps;
	else if (n && n->live + n->ending > 1 && n->live != 1)
		duplicates = n->live + n->ending;
	else if (n)
		job = n->live ? n->live_job : n->ending ? n->ending_job : n->last_job;
	set_duplicates(fleet, app, duplicates);
	/* The one we started has ended: of what ended, the last one started is its run. */
	if (started && !duplicates &&
		(!job || (!job_is_live(job) && started->summary.start_ms > job->summary.start_ms)))
		job = started;
	tie(fleet, app, job);
}

static void adopt_orphan(struct fleet *fleet, struct job *job)
{
	char *source = xasprintf("flink:%s", job->cluster->name);
	struct app *app = fleet_new_app(fleet, xstrdup(job->ref), job->cluster->context, source);
	free(source);
	app->job = job;
	app->cluster = job->cluster;
	job->app = app;
}

/* The one that its application shows. */
static bool is_its_run(const struct job *job)
{
	return job->app && job->app->decl && job->app->job == job;
}

/* What no application shows: a former run of ours stays with its application, which has one row
 * however often it was restarted; every other job is an item of its own. */
static void house(struct fleet *fleet, struct job *job)
{
	struct app *former = job_is_live(job) ? NULL : fleet_app_of_run(fleet, job);

	if (is_its_run(job) || (former && job->app == former))
		return;
	if (former) {
		if (job->app && !job->app->decl)
			fleet_remove_app(fleet, job->app);
		job->app = former;
		fleet_changed(fleet, KIND_JOB, job->ref, job, CHANGE_VALUES);
	} else if (!job->app || job->app->decl) {
		adopt_orphan(fleet, job);
	}
}

#define DAY_MS (24 * 60 * 60 * 1000LL)

/* A job that nobody declared, and whose name an application's job has too. */
static void mark_twin(struct fleet *fleet, struct job *job, struct map *names)
{
	const struct namesake *n = map_get(names, job->name);
	bool is_twin =
		n && n->apps && job_is_live(job) && !is_ending(job) && n->live + n->claimed > 1;

	if (!job->app->decl)
		set_duplicates(fleet, job->app, is_twin ? n->live + n->claimed : 0);
}

/* A job that is gone and whose name runs again under a new id, or that ended and was forgotten, is
 * history. */
static void drop_history(struct fleet *fleet, struct cluster_entry *cluster)
{
	for (size_t i = cluster->jobs.len; i > 0; i--) {
		struct job *job = cluster->jobs.data[i - 1];
		if (job->missing_ms == 0 || is_its_run(job))
			continue;
		bool ended = job_status_is_terminal(job->summary.status);
		bool old = fleet->now_ms - job->missing_ms > DAY_MS;
		int64_t end_ms = job->summary.end_ms > 0 ? job->summary.end_ms : job->missing_ms;
		/* Somebody may yet say how it ended; and what he said is news for a day. */
		bool is_open = cluster->pub.has_history && !ended && !job->is_looked_up;
		if ((is_open && !old) || (job->said_by && fleet->now_ms - end_ms < DAY_MS))
			continue;
		old = old || job->missing_ms - job->seen_ms > JOB_FORGOTTEN_MS;
		bool replaced = false;
		for (size_t k = 0; !ended && !old && !replaced && k < cluster->jobs.len; k++) {
			const struct job *other = cluster->jobs.data[k];
			replaced = other != job && other->missing_ms == 0 &&
				str_eq(other->name, job->name);
		}
		if (ended || old || replaced)
			fleet_drop_job(fleet, (struct job_entry *)job);
	}
}

void fleet_join(struct fleet *fleet, struct cluster_entry *cluster)
{
	claim_jobs(fleet, cluster);
	struct map *names = collect_names(cluster);
	for (size_t i = 0; i < cluster->apps.len; i++)
		tie_declared(fleet, cluster->apps.data[i], names);
	drop_history(fleet, cluster);
	for (size_t i = 0; i < cluster->jobs.len; i++) {
		house(fleet, cluster->jobs.data[i]);
		mark_twin(fleet, cluster->jobs.data[i], names);
		fleet_count_name(fleet, cluster->jobs.data[i]);
	}
	map_each (entry, names)
		free(map_value(entry));
	map_free(names);
	fleet_derive_cluster(fleet, cluster);
}

void fleet_derive_cluster(struct fleet *fleet, struct cluster_entry *cluster)
{
	for (size_t i = 0; i < cluster->apps.len; i++)
		fleet_derive_app(fleet, cluster->apps.data[i]);
	for (size_t i = 0; i < cluster->jobs.len; i++)
		if (!cluster->jobs.data[i]->app->decl)
			fleet_derive_app(fleet, cluster->jobs.data[i]->app);
}

/* Its state may become another one by the time alone. */
static bool is_in_time(const struct app *app)
{
	return app->state != STATE_RUNNING || app->detail != DETAIL_NONE || !app->job ||
		app->job->recent_restarts > 0;
}

void fleet_derive_jobs(struct fleet *fleet, struct cluster_entry *cluster, int64_t mono_ms)
{
	/* Of the others a rate may be out of date for so long. */
	if (!mono_ms || mono_ms - cluster->derived_ms >= DERIVE_ALL_MS) {
		cluster->derived_ms = mono_ms;
		fleet_derive_cluster(fleet, cluster);
		return;
	}
	for (size_t i = 0; i < cluster->apps.len; i++)
		if (!cluster->apps.data[i]->job)
			fleet_derive_app(fleet, cluster->apps.data[i]);
	for (size_t i = 0; i < cluster->jobs.len; i++) {
		const struct job_entry *entry = (struct job_entry *)cluster->jobs.data[i];

		if (entry->is_new || is_in_time(entry->pub.app))
			fleet_derive_app(fleet, entry->pub.app);
	}
}
