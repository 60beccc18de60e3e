/*
 * Jobs that nobody vouches for any more (the list misses them, or their JobManager is gone) are asked
 * for where ended jobs are remembered. What is not known there may yet come (an archive is written
 * after the end), so it is asked again, less and less often, of what the budget leaves over; what is
 * listed again is forgotten here. Who they are is found by looking at a share of the jobs each tick: never a
 * walk over all.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/watch/poller_internal.h"

#define LOOK_EVERY_MS 1000
/* Of ten thousand so many a tick: each is looked at in four seconds. */
#define LOOKED_A_TICK 256
#define AT_ONCE 4
#define AGAIN_MS 5000
#define AGAIN_MAX_MS (10 * 60 * 1000)

static struct source *history_of(const struct poller *poller, const struct cluster *cluster)
{
	for (size_t i = 0; i < poller->histories.len; i++) {
		struct source *source = poller->histories.data[i];
		if (str_eq(source->name, cluster->name) &&
			str_eq(source->context, cluster->context))
			return source;
	}
	return NULL;
}

static bool is_open(const struct job *job)
{
	const struct cluster *cluster = job->cluster;

	return cluster->has_history && !job_status_is_terminal(job->summary.status) &&
		(job->missing_ms > 0 ||
			(cluster->misses >= MISSED_POLLS && !cluster->is_leader_changing));
}

/* The job that a start of ours had seen run, when its JobManager never listed it to us; or NULL. */
static const char *unseen_start(const struct app *app)
{
	return !app->job && app->record && app->cluster && app->cluster->has_history &&
			app->cluster->observed_ms > app->record->started.ended_ms
		? record_started_job(app->record)
		: NULL;
}

static void ending_free(struct ending *ending)
{
	source_poll_cancel(ending->source, ending->under_way);
	free(ending->job_ref);
	free(ending->app_ref);
	free(ending);
}

static void on_ended(void *data, struct snapshot *snapshot)
{
	struct ending *ending = data;
	struct poller *poller = ending->poller;
	int shift = ending->tries < 8 ? ending->tries : 8;
	int64_t wait_ms = (int64_t)AGAIN_MS << shift;
	bool in_round = ending->in_round;

	ending->under_way = NULL;
	ending->in_round = false;
	ending->tries++;
	ending->due_ms = clock_mono_ms() + (wait_ms < AGAIN_MAX_MS ? wait_ms : AGAIN_MAX_MS);
	poller->in_flight--;
	poller->endings_under_way--;
	if (snapshot->err.code)
		log_write(snapshot->err.code == E_NOTFOUND ? LOG_DEBUG : LOG_WARN, "%s: %s",
			snapshot->source, snapshot->err.text);
	snapshot->mono_ms = clock_mono_ms();
	fleet_apply(poller->fleet, snapshot, clock_wall_ms());
	snapshot_unref(snapshot);
	if (in_round)
		round_ending_done(poller);
}

static struct ending *ending_of(
	struct poller *poller, const struct cluster *cluster, const char *job_ref)
{
	struct ending *ending = map_get(poller->endings, job_ref);
	const struct feed *feed = map_get(poller->feeds_by_ref, cluster->ref);
	struct source *source;

	if (ending)
		return ending;
	source = history_of(poller, cluster);
	if (!source || !feed)
		return NULL;
	ending = xcalloc(1, sizeof(*ending));
	ending->poller = poller;
	ending->source = source;
	ending->budget = &feed->purse->budget;
	ending->job_ref = xstrdup(job_ref);
	map_put(poller->endings, job_ref, ending);
	return ending;
}

static void ask(struct poller *poller, struct ending *ending, const char *job_id)
{
	struct poll poll = {
		.what = SNAPSHOT_ENDED, .job_id = job_id, .timeout_ms = poller->timeout_ms};

	budget_spend(ending->budget, SHARE_DETAILS, source_cost(ending->source, &poll));
	poller->in_flight++;
	poller->endings_under_way++;
	ending->under_way = source_poll(ending->source, &poll, on_ended, ending);
}

/* Of a job that the fleet knows, or of a start that it never saw run: then whose it was. */
static struct ending *ending_for(struct poller *poller, const struct cluster *cluster,
	const char *job_id, const struct app *unseen)
{
	char *ref = ref_job(cluster->context, cluster->name, job_id);
	struct ending *ending = ending_of(poller, cluster, ref);

	if (ending && unseen && !ending->app_ref)
		ending->app_ref = xstrdup(unseen->ref);
	free(ref);
	return ending;
}

static const char *job_id_of(const struct ending *ending)
{
	return strrchr(ending->job_ref, '/') + 1;
}

static bool is_wanted(const struct poller *poller, const struct ending *ending)
{
	const struct job *job = fleet_job(poller->fleet, ending->job_ref);
	const struct app *app = ending->app_ref ? fleet_app(poller->fleet, ending->app_ref) : NULL;

	if (job)
		return is_open(job);
	return app && str_eq(unseen_start(app), job_id_of(ending));
}

static bool may_ask(const struct poller *poller, const struct ending *ending, int64_t now)
{
	return now >= ending->due_ms && poller->endings_under_way < AT_ONCE &&
		poller_may_ask(poller, ending->source->context) &&
		budget_allows(ending->budget, SHARE_DETAILS);
}

/* The next ones, round and round: nothing here is so urgent that it is worth a walk over all. */
static void look_for_more(struct poller *poller)
{
	size_t count;
	struct job *const *jobs = fleet_jobs(poller->fleet, &count);

	for (size_t n = 0; n < count && n < LOOKED_A_TICK; n++) {
		const struct job *job = jobs[poller->ended_jobs_cursor++ % count];

		if (is_open(job))
			ending_for(poller, job->cluster, job->summary.id, NULL);
	}
	struct app *const *apps = fleet_apps(poller->fleet, &count);
	for (size_t n = 0; n < count && n < LOOKED_A_TICK; n++) {
		const struct app *app = apps[poller->ended_apps_cursor++ % count];
		const char *id = unseen_start(app);

		if (id)
			ending_for(poller, app->cluster, id, app);
	}
}

void ended_look(struct poller *poller, int64_t now)
{
	if (!poller->histories.len)
		return;
	look_for_more(poller);
	if (now < poller->ended_due_ms)
		return;
	poller->ended_due_ms = now + LOOK_EVERY_MS;
	map_each (entry, poller->endings) {
		struct ending *ending = map_value(entry);

		if (ending->under_way)
			continue;
		if (!is_wanted(poller, ending)) {
			map_del(poller->endings, ending->job_ref);
			ending_free(ending);
		} else if (may_ask(poller, ending, now)) {
			ask(poller, ending, job_id_of(ending));
		}
	}
}

bool ended_ask_in_round(struct poller *poller, const struct app *app)
{
	const struct cluster *cluster = app->cluster;
	bool is_seen = app->job && is_open(app->job);
	const char *id = is_seen ? app->job->summary.id : unseen_start(app);
	struct ending *ending;

	if (!id)
		return false;
	ending = ending_for(poller, cluster, id, is_seen ? NULL : app);
	if (!ending || ending->under_way || ending->was_in_round)
		return false;
	ending->in_round = ending->was_in_round = true;
	ask(poller, ending, id);
	return true;
}

void ended_release(struct poller *poller)
{
	map_each (entry, poller->endings)
		ending_free(map_value(entry));
	map_free(poller->endings);
	vec_release(&poller->histories);
}

void poller_add_history(struct poller *poller, struct source *source)
{
	vec_push(&poller->histories, source);
}
