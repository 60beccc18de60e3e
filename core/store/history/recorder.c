/*
 * Events are differences: of what was seen last of an application, a job, a cluster, and what is seen
 * now. What the store remembers sets these marks without an event, so that what happened while no
 * weir ran is told by the first answer. What an answer leaves out (a failed poll, a part that was not
 * asked) is no difference. Foreign texts are masked here and made harmless where they are drawn.
 */
#include "core/store/history/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/i18n.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/model/history.h"
#include "core/store/history/recorder_job.h"
#include "core/store/history/recorder_members.h"

struct app_mark {
	bool has_state;
	char job_id[JOB_ID_LEN + 1];
	int duplicates;
};

struct cluster_mark {
	char *address;
	struct members members;
};

struct recorder {
	struct map *apps, *clusters, *jobs; /* by ref */
	struct reasons reasons;
	/* Of recorder_remember(): lists that are done, and items of the next. */
	size_t kinds_remembered, remembered;
};

/* Between two looks at the clock. */
#define ITEMS_A_LOOK 64

struct recorder *recorder_new(void)
{
	struct recorder *recorder = xcalloc(1, sizeof(*recorder));

	recorder->apps = map_new();
	recorder->clusters = map_new();
	recorder->jobs = map_new();
	return recorder;
}

static void cluster_mark_free(struct cluster_mark *mark)
{
	if (mark) {
		free(mark->address);
		members_release(&mark->members);
	}
	free(mark);
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	map_each (entry, recorder->apps)
		free(map_value(entry));
	map_each (entry, recorder->clusters)
		cluster_mark_free(map_value(entry));
	map_each (entry, recorder->jobs)
		job_mark_free(map_value(entry));
	map_free(recorder->apps);
	map_free(recorder->clusters);
	map_free(recorder->jobs);
	reasons_release(&recorder->reasons);
	free(recorder);
}

void recorder_event(struct batch *cache, const struct event *event, enum event_kind kind)
{
	struct event row = *event;
	struct buf clean;

	if (!cache)
		return;
	row.kind = event_kind_words[kind];
	buf_init(&clean, 0);
	if (event->text) {
		char *english = i18n_english(event->text);
		char *masked = redact_dup(english);

		utf8_neutralise(&clean, masked, strlen(masked));
		row.text = buf_str(&clean);
		free(masked);
		free(english);
	}
	batch_put_event(cache, row_new(&event_rows, &row));
	buf_release(&clean);
}

/* ---- applications ---- */

static void add_run(struct buf *out, const struct run_fact *run)
{
	if (run->id)
		buf_addf(out, N_("run %lld, %s"), (long long)run->id, run->verb);
}

/* Why it is so, where a witness gave a reason. In English, as all that is kept. */
static void add_reason(struct buf *out, const struct app *app)
{
	const struct record *record = app->record;

	switch (app->state) {
	case STATE_UNREACHABLE:
		if (app->cluster && app->cluster->last_err.code)
			buf_adds(out, app->cluster->last_err.text);
		break;
	case STATE_FAILED:
	case STATE_RESTARTING:
		if (app->detail == DETAIL_LEADER_CHANGING) {
			buf_addf(out, N_("leader changing: %s"), app->cluster->last_err.text);
			break;
		}
		if (app->job && app->job->last_exception)
			buf_adds(out, app->job->last_exception);
		break;
	case STATE_STARTING:
	case STATE_STOPPING:
		if (record)
			add_run(out, &record->open);
		break;
	case STATE_SUSPENDED:
	case STATE_CANCELED:
		if (record && app->job && str_eq(record->stopped.job_id, app->job->summary.id))
			add_run(out, &record->stopped);
		break;
	case STATE_LOST:
		buf_addf(out, N_("%d answers did not list the job, with TaskManagers registered"),
			app->job ? app->job->settled_without : LOST_ANSWERS);
		break;
	default: break;
	}
	if (app->job && app->job->said_by) {
		char ended[32];

		clock_format_iso(app->job->summary.end_ms, ended, sizeof(ended));
		buf_adds(out, out->len ? "; " : "");
		buf_addf(out, N_("ended %s, as remembered by %s"), ended, app->job->said_by);
	}
	if (app->detail != DETAIL_NONE && !out->len)
		buf_adds(out, state_detail_name(app->detail));
}

static struct event event_of(const struct app *app, int64_t time_ms)
{
	return (struct event){.ref = app->ref,
		.time_ms = time_ms,
		.job_id = app->job ? app->job->summary.id : NULL};
}

static void note_state(
	struct batch *cache, const struct app *app, enum app_state from, int64_t time_ms)
{
	struct event event = event_of(app, app->state_since_ms ? app->state_since_ms : time_ms);
	struct buf reason;

	event.from = app_state_name(from);
	event.to = app_state_name(app->state);
	if (!cache || !event.from || !event.to || from == app->state)
		return;
	buf_init(&reason, 0);
	add_reason(&reason, app);
	event.text = reason.len ? buf_str(&reason) : NULL;
	recorder_event(cache, &event, EVENT_STATE);
	buf_release(&reason);
}

/* With the first state that somebody vouches for. */
static void note_first_sight(
	struct batch *cache, const struct app *app, struct app_mark *mark, int64_t time_ms)
{
	struct event event = event_of(app, time_ms);
	struct buf reason;

	mark->has_state = true;
	if (!cache)
		return;
	buf_init(&reason, 0);
	add_reason(&reason, app);
	event.to = app_state_name(app->state);
	event.text = reason.len ? buf_str(&reason) : NULL;
	recorder_event(cache, &event, EVENT_FIRST_SEEN);
	buf_release(&reason);
}

static void note_job_id(
	struct batch *cache, const struct app *app, struct app_mark *mark, int64_t time_ms)
{
	struct event event = event_of(app, time_ms);

	/* No job is tied at this moment: what it ran as last is not forgotten. */
	if (!app->job || str_eq(app->job->summary.id, mark->job_id))
		return;
	event.from = mark->job_id;
	event.to = app->job->summary.id;
	event.text = app->job->name;
	if (*mark->job_id)
		recorder_event(cache, &event, EVENT_JOB);
	memcpy(mark->job_id, app->job->summary.id, sizeof(mark->job_id));
}

static void note_duplicates(
	struct batch *cache, const struct app *app, struct app_mark *mark, int64_t time_ms)
{
	struct event event = event_of(app, time_ms);
	char from[16], to[16];

	/* It is told of the application whose name it is. */
	if (app->duplicates == mark->duplicates || !app->decl)
		return;
	snprintf(from, sizeof(from), "%d", mark->duplicates ? mark->duplicates : 1);
	snprintf(to, sizeof(to), "%d", app->duplicates ? app->duplicates : 1);
	event.from = from;
	event.to = to;
	event.text = app->job_name;
	recorder_event(cache, &event, EVENT_DUPLICATE);
	mark->duplicates = app->duplicates;
}

static void note_app(struct recorder *recorder, struct batch *cache, const struct snapshot *cause,
	const struct change *change)
{
	const struct app *app = change->item;
	struct app_mark *mark = map_get(recorder->apps, change->ref);
	int64_t time_ms = cause->observed_ms;
	bool is_blind = app->state == STATE_MAX ||
		(app->state == STATE_UNKNOWN && app->detail == DETAIL_NONE);

	if (!mark) {
		mark = xcalloc(1, sizeof(*mark));
		map_put(recorder->apps, change->ref, mark);
	}
	if (!mark->has_state && !is_blind)
		note_first_sight(cache, app, mark, time_ms);
	else if (change->what & CHANGE_STATE)
		note_state(cache, app, change->from, time_ms);
	note_job_id(cache, app, mark, time_ms);
	note_duplicates(cache, app, mark, time_ms);
}

/* ---- clusters ---- */

static void note_address(struct batch *cache, const struct cluster *cluster,
	struct cluster_mark *mark, int64_t time_ms)
{
	struct event event = {.ref = cluster->ref,
		.time_ms = time_ms,
		.from = mark->address,
		.to = cluster->address};

	if (str_eq(mark->address, cluster->address))
		return;
	/* Of several JobManagers another one answers: it has not moved. */
	if (mark->address && cluster->address_count < 2)
		recorder_event(cache, &event, EVENT_ADDRESS);
	free(mark->address);
	mark->address = xstrdup_null(cluster->address);
}

static void note_cluster(struct recorder *recorder, struct batch *cache,
	const struct snapshot *cause, const struct cluster *cluster)
{
	struct cluster_mark *mark = map_get(recorder->clusters, cluster->ref);

	bool is_list = cause->kind == SNAPSHOT_TASKMANAGERS;

	if ((!is_list && cause->kind != SNAPSHOT_CLUSTER) || cause->err.code ||
		!cluster->observed_ms)
		return;
	if (!mark) {
		mark = xcalloc(1, sizeof(*mark));
		members_init(&mark->members);
		map_put(recorder->clusters, cluster->ref, mark);
	}
	if (!is_list)
		note_address(cache, cluster, mark, cause->observed_ms);
	members_note(&mark->members, &recorder->reasons, cache, cause, cluster);
}

/* ---- all ---- */

static void note_job(struct recorder *recorder, struct batch *cache, const struct snapshot *cause,
	const struct job *job)
{
	struct job_mark *mark = map_get(recorder->jobs, job->ref);

	if (!mark) {
		mark = job_mark_new();
		map_put(recorder->jobs, job->ref, mark);
	}
	job_mark_note(mark, cache, cause, job);
	if (cache && cause->kind == SNAPSHOT_JOB && (cause->detail.parts & JOB_PART_EXCEPTIONS))
		reasons_note(&recorder->reasons, &cause->detail);
}

static void forget(struct recorder *recorder, const struct change *change)
{
	switch (change->kind) {
	case KIND_APP: free(map_del(recorder->apps, change->ref)); break;
	case KIND_CLUSTER: cluster_mark_free(map_del(recorder->clusters, change->ref)); break;
	case KIND_JOB: job_mark_free(map_del(recorder->jobs, change->ref)); break;
	default: break;
	}
}

void recorder_note(struct recorder *recorder, struct batch *cache, const struct snapshot *cause,
	const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct change *change = &changes[i];

		if ((change->what & CHANGE_REMOVED) || !change->item) {
			forget(recorder, change);
			continue;
		}
		switch (change->kind) {
		case KIND_APP: note_app(recorder, cache, cause, change); break;
		case KIND_CLUSTER: note_cluster(recorder, cache, cause, change->item); break;
		case KIND_JOB: note_job(recorder, cache, cause, change->item); break;
		default: break;
		}
	}
}

static void remember(
	struct recorder *recorder, enum kind kind, const void *item, const char *context)
{
	const struct cluster *cluster = item;
	const struct app *app = item;
	const struct job *job = item;
	struct snapshot cause = {.kind = SNAPSHOT_CLUSTER, .from_store = true};
	struct change change = {.item = item};

	switch (kind) {
	case KIND_CLUSTER:
		cause.observed_ms = cluster->observed_ms;
		if (str_eq(cluster->context, context))
			note_cluster(recorder, NULL, &cause, cluster);
		break;
	case KIND_APP:
		change.ref = app->ref;
		if (str_eq(app->context, context))
			note_app(recorder, NULL, &cause, &change);
		break;
	default:
		cause.kind = SNAPSHOT_JOB;
		if (str_eq(job->cluster->context, context))
			note_job(recorder, NULL, &cause, job);
	}
}

bool recorder_remember(struct recorder *recorder, const struct fleet *fleet, const char *context,
	int64_t until_mono_ms)
{
	static const enum kind kinds[] = {KIND_CLUSTER, KIND_APP, KIND_JOB};

	for (size_t count; recorder->kinds_remembered < ARRAY_SIZE(kinds);
		recorder->kinds_remembered++, recorder->remembered = 0) {
		enum kind kind = kinds[recorder->kinds_remembered];
		void *const *items = fleet_items(fleet, kind, &count);

		while (recorder->remembered < count) {
			remember(recorder, kind, items[recorder->remembered++], context);
			if (recorder->remembered % ITEMS_A_LOOK == 0 &&
				clock_mono_ms() >= until_mono_ms)
				return false;
		}
	}
	return true;
}

void recorder_settle(struct recorder *recorder, struct batch *cache)
{
	map_each (entry, recorder->clusters) {
		struct cluster_mark *mark = map_value(entry);

		members_settle(&mark->members, &recorder->reasons, cache, map_key(entry));
	}
}
