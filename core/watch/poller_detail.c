/*
 * Details of jobs: of the card in front, of what is on the screen, of what moves or is sick where
 * nobody looks, and for the flight recorder of what is well, from what the others leave over. Those
 * that wait longest go first.
 */
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/watch/poller_internal.h"

#define REFUSED_AGE_MAX_MS 60000
/* Applications looked at in a tick where nobody looks. */
#define UNSEEN_AT_ONCE 64
/* Of them asked for the first time: a new fleet takes a minute, and no tick takes long. */
#define FIRST_AT_ONCE 24
/* Details looked at in a tick, whether their jobs are still there. */
#define FORGET_AT_ONCE 128

/* A job's details that are due, until the tick is over. */
struct wish {
	struct detail *detail;
	const struct job *job;
	unsigned parts;
	int64_t due_ms;
};

static size_t jobs_of(const struct poller *poller)
{
	size_t count;

	fleet_jobs(poller->fleet, &count);
	return count;
}

static void on_detail(void *data, struct snapshot *snapshot)
{
	struct detail *detail = data;
	struct poller *poller = detail->poller;
	bool failed = snapshot->err.code != 0;

	detail->under_way = NULL;
	poller->in_flight--;
	detail->failures = failed ? detail->failures + 1 : 0;
	detail->asked_ms = clock_mono_ms();
	if (failed)
		log_write(LOG_DEBUG, "%s: %s", detail->job_ref, snapshot->err.text);
	else
		recorded_told(&detail->recorded, detail->parts, &snapshot->detail, jobs_of(poller),
			detail->asked_ms);
	lag_told(detail, &snapshot->detail, detail->asked_ms);
	snapshot->mono_ms = detail->asked_ms;
	fleet_apply(poller->fleet, snapshot, clock_wall_ms());
	snapshot_unref(snapshot);
	if (!failed && lag_follow(poller, detail))
		return;
	if (!failed && !detail->is_kept)
		fleet_forget_detail(poller->fleet, detail->job_ref);
	round_detail_done(poller, detail);
}

struct detail *poller_detail_of(struct poller *poller, const struct job *job)
{
	struct detail *detail = map_get(poller->details, job->ref);
	struct feed *feed;

	if (detail)
		return detail->feed ? detail : NULL;
	feed = map_get(poller->feeds_by_ref, job->cluster->ref);
	if (!feed)
		return NULL;
	detail = xcalloc(1, sizeof(*detail));
	detail->poller = poller;
	detail->feed = feed;
	detail->source = feed->source;
	detail->job_ref = xstrdup(job->ref);
	detail->since_ms = clock_mono_ms();
	recorded_begin(&detail->recorded,
		&(struct recorded_known){
			.told_ms = job->detail_ms,
			.modified_ms = job->summary.modified_ms,
			.has_restarted = job->restarts + job->restarts_before != 0,
			.hash = str_hash(job->ref, poller->seed),
		},
		jobs_of(poller), detail->since_ms);
	map_put(poller->details, detail->job_ref, detail);
	detail->place = poller->all_details.len;
	vec_push(&poller->all_details, detail);
	return detail;
}

void poller_ask_detail(struct poller *poller, struct detail *detail, const struct job *job,
	unsigned parts, bool is_seen)
{
	struct poll poll = {.what = SNAPSHOT_JOB,
		.job_id = job->summary.id,
		.parts = parts,
		.is_rare = feed_is_rare(detail->feed),
		.timeout_ms = poller->timeout_ms};
	if (is_seen)
		lag_pick(detail, job, clock_mono_ms(), &poll);
	detail->is_kept = is_seen || detail->in_round;
	detail->status = job->summary.status;
	poller_send_detail(poller, detail, &poll);
}

void poller_send_detail(struct poller *poller, struct detail *detail, const struct poll *poll)
{
	feed_spend(detail->feed, SHARE_DETAILS, source_cost(detail->source, poll));
	detail->parts = poll->parts & ~(unsigned)JOB_PART_LAG;
	poller->in_flight++;
	detail->under_way = source_poll(detail->source, poll, on_detail, detail);
}

static void detail_drop(struct detail *detail)
{
	struct poller *poller = detail->poller;
	struct detail *last = poller->all_details.data[--poller->all_details.len];

	poller->all_details.data[detail->place] = last;
	last->place = detail->place;
	map_del(poller->details, detail->job_ref);
	source_poll_cancel(detail->source, detail->under_way);
	free(detail->job_ref);
	free(detail);
}

static bool is_known(const struct detail *detail, const struct job *job, unsigned parts)
{
	return detail->asked_ms > 0 && detail->failures == 0 && (detail->parts & parts) == parts &&
		detail->status == job->summary.status;
}

bool detail_is_wanted(const struct detail *detail, const struct app *app, unsigned parts)
{
	const struct job *job = app->job;

	/* What ended changes no more: once is enough. */
	return !detail->under_way &&
		!(job_status_is_terminal(job->summary.status) && is_known(detail, job, parts));
}

static int64_t due_of(
	const struct detail *detail, const struct job *job, unsigned parts, int64_t age_ms)
{
	if (!detail->asked_ms)
		return detail->since_ms;
	/* Another status, or more of it: at once. */
	if (!detail->failures && !is_known(detail, job, parts))
		return detail->asked_ms;
	for (int i = 1; i < detail->failures && age_ms < REFUSED_AGE_MAX_MS; i++)
		age_ms *= 2;
	return detail->asked_ms +
		(int64_t)((double)age_ms * feed_stretch(detail->feed, SHARE_DETAILS));
}

/* False: nothing is due. */
static bool wish_of(struct poller *poller, const struct app *app, unsigned parts, int64_t age_ms,
	int64_t now, struct wish *out)
{
	if (!app || !app->job || app->job->missing_ms || !app->cluster || app->cluster->misses)
		return false;
	struct detail *detail = poller_detail_of(poller, app->job);
	if (!detail || !detail_is_wanted(detail, app, parts))
		return false;
	*out = (struct wish){detail, app->job, parts, due_of(detail, app->job, parts, age_ms)};
	return now >= out->due_ms;
}

static void grant(struct poller *poller, const struct wish *wish, bool is_seen)
{
	/* It may have been asked for twice in this tick. */
	if (!wish->detail->under_way && poller->in_flight < POLLER_SLOTS &&
		poller_may_ask(poller, wish->job->cluster->context) &&
		feed_allows(wish->detail->feed, SHARE_DETAILS, clock_mono_ms()))
		poller_ask_detail(poller, wish->detail, wish->job, wish->parts, is_seen);
}

/* Only of what the budgets leave over. */
static void ask_recorded(struct poller *poller, const struct app *app, int64_t now)
{
	struct detail *detail =
		app->job && app->job->detail_ms ? poller_detail_of(poller, app->job) : NULL;
	unsigned parts = detail ? recorded_due(&detail->recorded, app->job->summary.modified_ms,
					  jobs_of(poller), now)
				: 0;
	struct wish wish;

	if (detail && !parts && lag_is_sought(poller, detail, now))
		parts = JOB_PART_VERTICES;
	/* Only what was refused waits longer. */
	if (parts &&
		wish_of(poller, app, parts, detail->failures ? UNSEEN_AGE_MS : 0, now, &wish) &&
		budget_is_idle(&wish.detail->feed->own) &&
		budget_is_idle(&wish.detail->feed->purse->budget))
		grant(poller, &wish, false);
}

static int wish_compare(const void *a, const void *b)
{
	int64_t first = ((const struct wish *)a)->due_ms, second = ((const struct wish *)b)->due_ms;

	return (first > second) - (first < second);
}

/* Of what other processes show. */
static size_t wishes_of(
	struct poller *poller, const struct others *others, int64_t now, struct wish *out)
{
	size_t count = 0;

	for (size_t i = 0; i < others->focus.len; i++)
		count += wish_of(poller, fleet_app(poller->fleet, others->focus.data[i]),
			JOB_PARTS_ALL, FOCUS_AGE_MS, now, &out[count]);
	for (size_t i = 0; i < others->refs.len; i++)
		count += wish_of(poller, fleet_app(poller->fleet, others->refs.data[i]),
			JOB_PARTS_ROW, VISIBLE_AGE_MS, now, &out[count]);
	return count;
}

void poller_ask_seen(struct poller *poller, int64_t now)
{
	size_t count = 0, max = poller->visible.len + 1;
	const struct others *others;
	struct wish *wishes;

	vec_each (others, &poller->others)
		max += others->refs.len + others->focus.len;
	wishes = xcalloc(max, sizeof(*wishes));
	vec_each (others, &poller->others)
		count += wishes_of(poller, others, now, &wishes[count]);

	if (poller->focus)
		count += wish_of(poller, fleet_app(poller->fleet, poller->focus), JOB_PARTS_ALL,
			FOCUS_AGE_MS, now, &wishes[count]);
	for (size_t i = 0; i < poller->visible.len; i++)
		if (!str_eq(poller->visible.data[i], poller->focus))
			count += wish_of(poller, fleet_app(poller->fleet, poller->visible.data[i]),
				JOB_PARTS_ROW, VISIBLE_AGE_MS, now, &wishes[count]);
	qsort(wishes, count, sizeof(*wishes), wish_compare);
	for (size_t i = 0; i < count; i++)
		grant(poller, &wishes[i], true);
	free(wishes);
}

void poller_ask_unseen(struct poller *poller, int64_t now)
{
	struct wish wish;
	size_t count, firsts = 0;

	/* A few a tick, in turn. */
	struct app *const *apps = fleet_apps(poller->fleet, &count);
	for (size_t i = 0; count && i < UNSEEN_AT_ONCE; i++) {
		const struct app *app = apps[poller->unseen_cursor++ % count];
		bool is_urgent = app->state == STATE_RUNNING
			? app->job && !app->job->detail_ms
			: app_state_is_moving(app->state) || app_state_is_sick(app->state);

		if (!is_urgent && app->state == STATE_RUNNING)
			ask_recorded(poller, app, now);
		else if (is_urgent && firsts < FIRST_AT_ONCE &&
			wish_of(poller, app, JOB_PARTS_ROW, UNSEEN_AGE_MS, now, &wish)) {
			firsts += app->state == STATE_RUNNING;
			grant(poller, &wish, false);
		}
	}
}

void poller_forget_details(struct poller *poller)
{
	for (size_t i = 0; i < FORGET_AT_ONCE && i < poller->all_details.len; i++) {
		struct detail *detail =
			poller->all_details.data[poller->forget_cursor++ % poller->all_details.len];

		if (detail->under_way || fleet_job(poller->fleet, detail->job_ref))
			continue;
		if (detail->demand > 0)
			wants_clear(poller);
		detail_drop(detail);
	}
}

void poller_drop_details(struct poller *poller, const struct source *source)
{
	map_each (entry, poller->details) {
		struct detail *detail = map_value(entry);
		if (detail->source != source)
			continue;
		detail->feed = NULL;
		/* One that a round waits for ends by itself. */
		if (detail->in_round)
			continue;
		if (detail->under_way)
			poller->in_flight--;
		detail_drop(detail);
	}
}

void poller_free_details(struct poller *poller)
{
	map_each (entry, poller->details)
		detail_drop(map_value(entry));
	vec_release(&poller->all_details);
	map_free(poller->details);
}
