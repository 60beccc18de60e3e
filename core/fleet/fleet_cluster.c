/* What a JobManager lists → cluster and jobs, and what others remember of jobs that have ended. An
 * error is not an absence: it counts a miss, no more. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/fleet/fleet_internal.h"

/* A JobManager that sends no name leaves the id to call it by. */
static const char *name_of(const struct job_summary *summary)
{
	return str_empty(summary->name) ? summary->id : summary->name;
}

static struct job_entry *add_job(
	struct fleet *fleet, struct cluster_entry *cluster, const struct job_summary *summary)
{
	struct job_entry *entry = xcalloc(1, sizeof(*entry));
	struct job *job = &entry->pub;
	job->ref = ref_job(cluster->pub.context, cluster->pub.name, summary->id);
	job->name = xstrdup(name_of(summary));
	job->cluster = &cluster->pub;
	job->restarts = -1;
	job->restarts_per_hour = -1;
	job->recent_restarts = -1;
	job->restart_gap_ms = -1;
	job->parallelism = -1;
	job->last_checkpoint.id = -1;
	job->checkpoints_failed = -1;
	list_add(&fleet->lists[KIND_JOB], job->ref, entry);
	vec_push(&cluster->jobs, job);
	return entry;
}

void fleet_drop_job(struct fleet *fleet, struct job_entry *entry)
{
	struct job *job = &entry->pub;
	struct cluster_entry *cluster = (struct cluster_entry *)job->cluster;
	fleet_uncount_name(fleet, job);
	for (size_t i = 0; i < cluster->jobs.len; i++)
		if (cluster->jobs.data[i] == job) {
			cluster->jobs.data[i] = cluster->jobs.data[--cluster->jobs.len];
			break;
		}
	if (job->app && !job->app->decl)
		fleet_remove_app(fleet, job->app);
	else if (job->app && job->app->job == job)
		job->app->job = NULL;
	fleet_bury(fleet, KIND_JOB, job->ref, entry);
}

/* Returns whether who-is-tied-to-whom may have changed. */
static bool apply_summary(struct fleet *fleet, struct job_entry *entry,
	const struct job_summary *summary, const struct snapshot *snapshot)
{
	struct job *job = &entry->pub;
	struct job_summary old = job->summary;
	bool was_missing = job->missing_ms != 0;
	bool renamed = !str_eq(job->name, name_of(summary));

	job->summary = *summary;
	job->summary.name = job->summary.said_by = NULL;
	job->seen_ms = summary->missing_ms ? summary->seen_ms : snapshot->observed_ms;
	job->seen_mono_ms = summary->missing_ms ? 0 : snapshot->mono_ms;
	job->missing_ms = summary->missing_ms;
	job->settled_without = summary->settled_without;
	if (!str_eq(job->said_by, summary->said_by)) {
		free(job->said_by);
		job->said_by = xstrdup_null(summary->said_by);
	}
	if (renamed) {
		if (job->name)
			fleet_uncount_name(fleet, job);
		free(job->name);
		job->name = xstrdup(name_of(summary));
	}
	if (old.status != summary->status || job->missing_ms || old.start_ms != summary->start_ms ||
		old.end_ms != summary->end_ms || old.modified_ms != summary->modified_ms ||
		memcmp(&old.tasks, &summary->tasks, sizeof(old.tasks)) != 0 || was_missing ||
		renamed) {
		entry->is_new = true;
		fleet_changed(fleet, KIND_JOB, job->ref, job, CHANGE_VALUES);
		if (job->app)
			fleet_changed(fleet, KIND_APP, job->app->ref, job->app, CHANGE_VALUES);
	}
	return was_missing || job->missing_ms || renamed || old.start_ms != summary->start_ms ||
		job_is_ending(old.status) != job_is_ending(summary->status) ||
		job_status_is_terminal(old.status) != job_status_is_terminal(summary->status);
}

/* How long it was unseen does not depend on what the wall clock did meanwhile. */
static int64_t missing_since(
	const struct fleet *fleet, const struct job *job, const struct snapshot *snapshot)
{
	if (!job->seen_mono_ms || !snapshot->mono_ms)
		return fleet->now_ms;
	return job->seen_ms + snapshot->mono_ms - job->seen_mono_ms;
}

static bool note_missing(
	struct fleet *fleet, struct job *job, const struct snapshot *snapshot, bool is_settled)
{
	bool first = job->missing_ms == 0;
	if (first)
		job->missing_ms = missing_since(fleet, job, snapshot);
	if (is_settled)
		job->settled_without++;
	bool matters = first || (is_settled && job->settled_without <= LOST_ANSWERS);
	if (matters)
		fleet_changed(fleet, KIND_JOB, job->ref, job, CHANGE_VALUES);
	return matters;
}

/* A leader that has just begun lists its jobs before all of them are recovered. */
static bool is_new_leader(const struct cluster *cluster)
{
	return cluster->led_ms > 0 && cluster->observed_ms - cluster->led_ms < LEADER_SETTLE_MS;
}

/* Who polls has forgotten them. */
static bool forget_jobs(
	struct fleet *fleet, struct cluster_entry *cluster, const struct snapshot *snapshot)
{
	bool any = false;

	for (size_t i = 0; i < snapshot->gone_count; i++) {
		struct job_entry *entry = map_get(fleet->lists[KIND_JOB].by_ref, snapshot->gone[i]);
		if (!entry)
			continue;
		fleet_drop_job(fleet, entry);
		any = true;
	}
	for (size_t i = cluster->jobs.len; !snapshot->is_partial && i > 0; i--) {
		struct job_entry *entry = (struct job_entry *)cluster->jobs.data[i - 1];
		if (entry->is_listed)
			continue;
		fleet_drop_job(fleet, entry);
		any = true;
	}
	return any;
}

/* An answer lists most jobs where the last one did, so that the index by ref is seldom needed. */
static struct job_entry *find_listed(const struct fleet *fleet, const struct cluster_entry *cluster,
	const struct job_summary *summary, size_t at)
{
	struct job_entry *entry;
	char *ref;

	if (at < cluster->jobs.len && str_eq(cluster->jobs.data[at]->summary.id, summary->id))
		return (struct job_entry *)cluster->jobs.data[at];
	ref = ref_job(cluster->pub.context, cluster->pub.name, summary->id);
	entry = map_get(fleet->lists[KIND_JOB].by_ref, ref);
	free(ref);
	return entry;
}

static bool apply_jobs(
	struct fleet *fleet, struct cluster_entry *cluster, struct snapshot *snapshot)
{
	bool rejoin = false;
	for (size_t i = 0; i < cluster->jobs.len; i++)
		((struct job_entry *)cluster->jobs.data[i])->is_listed =
			((struct job_entry *)cluster->jobs.data[i])->is_new = false;
	for (size_t i = 0; i < snapshot->job_count; i++) {
		const struct job_summary *summary = &snapshot->jobs[i];
		struct job_entry *entry = find_listed(fleet, cluster, summary, i);
		if (!entry) {
			entry = add_job(fleet, cluster, summary);
			fleet_changed(fleet, KIND_JOB, entry->pub.ref, entry, CHANGE_ADDED);
			rejoin = true;
		}
		entry->is_listed = true;
		rejoin |= apply_summary(fleet, entry, summary, snapshot);
	}
	/* What is remembered says nothing about what is absent, and who polls has said it already. */
	bool is_settled = snapshot->cluster.taskmanagers > 0 && !is_new_leader(&cluster->pub);
	bool is_status_told = snapshot->cluster.taskmanagers >= 0;
	bool is_told = snapshot->from_store || snapshot->is_followed;
	for (size_t i = 0; !is_told && i < cluster->jobs.len; i++)
		if (!((struct job_entry *)cluster->jobs.data[i])->is_listed)
			rejoin |= note_missing(fleet, cluster->jobs.data[i], snapshot, is_settled);
	if (snapshot->is_followed)
		rejoin |= forget_jobs(fleet, cluster, snapshot);
	cluster->pub.live_jobs = cluster->pub.doubtful_jobs = 0;
	for (size_t i = 0; i < cluster->jobs.len; i++) {
		const struct job *job = cluster->jobs.data[i];
		cluster->pub.live_jobs += job_is_live(job);
		cluster->pub.doubtful_jobs += job_is_unlisted(job) &&
			(is_settled || !is_status_told) && job->settled_without < LOST_ANSWERS;
	}
	return rejoin;
}

/* What is not told stays. */
static bool replace(char **slot, const char *text)
{
	if (!text || str_eq(*slot, text))
		return false;
	free(*slot);
	*slot = xstrdup(text);
	return true;
}

/* One poll in between that says nothing of it, when none of them answered, does not end it. */
static void note_leader(struct fleet *fleet, struct cluster_entry *entry, bool is_leaderless)
{
	struct cluster *cluster = &entry->pub;

	entry->leaderless_doubts = is_leaderless ? 0 : entry->leaderless_doubts + 1;
	if (is_leaderless && !cluster->leaderless_ms)
		cluster->leaderless_ms = fleet->now_ms;
	else if (entry->leaderless_doubts >= MISSED_POLLS)
		cluster->leaderless_ms = 0;
	cluster->is_leader_changing = leader_is_changing(cluster->leaderless_ms, fleet->now_ms);
}

static void apply_failure(
	struct fleet *fleet, struct cluster_entry *entry, struct snapshot *snapshot)
{
	struct cluster *cluster = &entry->pub;
	cluster->asked_ms = snapshot->asked_ms;
	cluster->asked_mono_ms = snapshot->mono_ms;
	kept_err_set(&cluster->last_err, snapshot->err.code, snapshot->err.text);
	cluster->misses++;
	note_leader(fleet, entry, snapshot->is_leaderless);
	fleet_changed(fleet, KIND_CLUSTER, cluster->ref, cluster, CHANGE_VALUES);
	fleet_derive_cluster(fleet, entry);
}

static void note_answer(struct cluster *cluster, const struct snapshot *snapshot)
{
	cluster->asked_ms = snapshot->asked_ms;
	cluster->asked_mono_ms = snapshot->mono_ms;
	cluster->answers_first = !cluster->has_answered;
	cluster->has_answered = true;
	cluster->misses = 0;
	if (cluster->leaderless_ms)
		cluster->led_ms = snapshot->observed_ms;
	cluster->leaderless_ms = 0;
	cluster->is_leader_changing = false;
	kept_err_release(&cluster->last_err);
}

/* What who polls has made of its answers. */
static void follow_answer(
	const struct fleet *fleet, struct cluster *cluster, const struct snapshot *snapshot)
{
	cluster->asked_ms = snapshot->asked_ms;
	cluster->asked_mono_ms = snapshot->asked_mono_ms;
	cluster->answers_first = !cluster->has_answered;
	cluster->has_answered = snapshot->observed_ms > 0;
	cluster->misses = snapshot->misses;
	cluster->led_ms = snapshot->led_ms;
	cluster->leaderless_ms = snapshot->leaderless_ms;
	cluster->is_leader_changing = leader_is_changing(cluster->leaderless_ms, fleet->now_ms);
	kept_err_set(&cluster->last_err, snapshot->err.code, snapshot->err.text);
}

/* Its version is said in the lines of its jobs and applications too. */
static void tell_moved(struct fleet *fleet, struct cluster_entry *cluster)
{
	for (size_t i = 0; i < cluster->jobs.len; i++) {
		struct job *job = cluster->jobs.data[i];
		fleet_changed(fleet, KIND_JOB, job->ref, job, CHANGE_VALUES);
		if (job->app && !job->app->decl)
			fleet_changed(fleet, KIND_APP, job->app->ref, job->app, CHANGE_VALUES);
	}
	for (size_t i = 0; i < cluster->apps.len; i++)
		fleet_changed(fleet, KIND_APP, cluster->apps.data[i]->ref, cluster->apps.data[i],
			CHANGE_VALUES);
}

static void count_polls(struct fleet_polls *polls, const struct cluster *cluster, bool is_in)
{
	size_t by = is_in ? 1 : (size_t)-1;

	polls->asked += cluster->asked_ms > 0 ? by : 0;
	polls->failing += cluster->last_err.code ? by : 0;
	if (is_in && cluster->observed_ms > polls->newest_ms)
		polls->newest_ms = cluster->observed_ms;
}

void fleet_count_polls(struct fleet *fleet)
{
	const struct item_list *clusters = &fleet->lists[KIND_CLUSTER];

	fleet->polls = (struct fleet_polls){0};
	for (size_t i = 0; i < clusters->items.len; i++)
		count_polls(&fleet->polls, clusters->items.data[i], true);
}

static void apply_cluster(
	struct fleet *fleet, struct cluster_entry *entry, struct snapshot *snapshot)
{
	if (snapshot->err.code && !snapshot->is_followed) {
		apply_failure(fleet, entry, snapshot);
		return;
	}
	struct cluster *cluster = &entry->pub;
	if (snapshot->from_store && cluster->has_answered)
		return;
	struct cluster_status old = cluster->status;
	bool was_failing = cluster->misses > 0;
	bool moved = replace(&cluster->address, snapshot->cluster.address);

	moved |= replace(&cluster->flink_version, snapshot->cluster.flink_version);
	if (snapshot->cluster.taskmanagers >= 0)
		cluster->status = snapshot->cluster;
	cluster->status.address = cluster->status.flink_version = NULL;
	cluster->observed_ms = snapshot->observed_ms;
	cluster->observed_mono_ms = snapshot->mono_ms;
	cluster->latency_ms = snapshot->latency_ms;
	if (snapshot->is_followed)
		follow_answer(fleet, cluster, snapshot);
	else if (!snapshot->from_store)
		note_answer(cluster, snapshot);
	bool changed = was_failing || cluster->misses || moved ||
		memcmp(&old, &cluster->status, sizeof(old)) != 0;
	fleet_changed(
		fleet, KIND_CLUSTER, cluster->ref, cluster, changed ? CHANGE_VALUES : CHANGE_SEEN);
	if (moved)
		tell_moved(fleet, entry);
	bool rejoins = apply_jobs(fleet, entry, snapshot);
	if (fleet->loading)
		return;
	if (rejoins)
		fleet_join(fleet, entry);
	else if (changed || cluster->answers_first || snapshot->is_followed)
		fleet_derive_cluster(fleet, entry);
	else
		fleet_derive_jobs(fleet, entry, snapshot->mono_ms);
	cluster->answers_first = false;
}

void fleet_apply_cluster(struct fleet *fleet, struct snapshot *snapshot)
{
	struct cluster_entry *entry =
		fleet_cluster_entry(fleet, snapshot->context, snapshot->source);

	if (!entry)
		return; /* remembered, but no longer configured */
	count_polls(&fleet->polls, &entry->pub, false);
	apply_cluster(fleet, entry, snapshot);
	count_polls(&fleet->polls, &entry->pub, true);
}

/* ---- what somebody else remembers of one that has ended ---- */

/* Who lists a job knows better than who remembers one of that id, and so does a later start. */
static bool is_news(const struct cluster *cluster, const struct job_entry *entry,
	const struct job_summary *told)
{
	const struct job *job = &entry->pub;

	if (!job_status_is_terminal(told->status))
		return false;
	return told->start_ms >= job->summary.start_ms &&
		(job->missing_ms > 0 || cluster->misses > 0 || !cluster->has_answered);
}

static void apply_ended(struct fleet *fleet, struct cluster_entry *cluster,
	struct snapshot *snapshot, const char *ref)
{
	struct job_summary told = snapshot->jobs[0];
	struct job_entry *entry = map_get(fleet->lists[KIND_JOB].by_ref, ref);

	told.said_by = snapshot->cluster.address;
	if (entry && !is_news(&cluster->pub, entry, &told))
		return;
	if (entry && entry->pub.app)
		fleet_apply_job(fleet, entry, snapshot);
	if (entry) {
		told.seen_ms = entry->pub.seen_ms;
		told.missing_ms = entry->pub.missing_ms;
		told.settled_without = entry->pub.settled_without;
	} else {
		told.seen_ms = told.end_ms > 0 ? told.end_ms : fleet->now_ms;
		told.missing_ms = fleet->now_ms;
		entry = add_job(fleet, cluster, &told);
		fleet_changed(fleet, KIND_JOB, entry->pub.ref, entry, CHANGE_ADDED);
	}
	cluster->pub.answers_first = true; /* it did not end now */
	int64_t seen_ms = entry->pub.seen_ms, seen_mono_ms = entry->pub.seen_mono_ms;
	apply_summary(fleet, entry, &told, snapshot);
	if (!told.missing_ms) { /* its JobManager has not listed it for that */
		entry->pub.seen_ms = seen_ms;
		entry->pub.seen_mono_ms = seen_mono_ms;
	}
	fleet_join(fleet, cluster);
	entry = map_get(fleet->lists[KIND_JOB].by_ref, ref);
	if (entry && entry->pub.detail != snapshot)
		fleet_apply_job(fleet, entry, snapshot);
	cluster->pub.answers_first = false;
}

void fleet_apply_ended(struct fleet *fleet, struct snapshot *snapshot)
{
	char *ref = ref_job(snapshot->context, snapshot->source, snapshot->key);
	struct cluster_entry *cluster =
		fleet_cluster_entry(fleet, snapshot->context, snapshot->source);
	struct job_entry *entry = map_get(fleet->lists[KIND_JOB].by_ref, ref);
	bool is_failure = snapshot->err.code && snapshot->err.code != E_NOTFOUND;

	if (cluster && (is_failure || cluster->pub.history_err.code)) {
		kept_err_set(&cluster->pub.history_err, is_failure ? snapshot->err.code : E_OK,
			snapshot->err.text);
		fleet_changed(fleet, KIND_CLUSTER, cluster->pub.ref, &cluster->pub, CHANGE_VALUES);
	}
	if (cluster && entry && snapshot->err.code == E_NOTFOUND)
		entry->pub.is_looked_up = true;
	if (cluster && !snapshot->err.code && snapshot->job_count)
		apply_ended(fleet, cluster, snapshot, ref);
	free(ref);
}
