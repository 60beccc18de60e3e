/*
 * The last N releases stay, and with them the active one and the one that the running job was
 * started from (by the runs of this store: the job's id is ours). One that cannot be removed stays
 * for the next time: that is no failure of the release.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/build.h"
#include "core/action/release.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/shell.h"
#include "core/base/str.h"
#include "core/query/query_release.h"
#include "core/store/journal/release.h"

#define RELEASES_MAX 1000
#define RUNS_MAX 1000

static void remove_next(struct action *action);

/* A folder is only removed where its path says whose it is. */
static bool is_ours(const struct action *action, const struct release *release)
{
	char *tail = xasprintf("/%s/%s/%lld", action->subject.team, action->subject.name,
		(long long)release->number);
	bool fits = release->dir[0] == '/' && str_ends(release->dir, tail);

	free(tail);
	return fits;
}

static void on_gone(void *data, int64_t number, const struct err *err)
{
	struct action *action = data;
	struct release_work *work = action->release;

	(void)number;
	work->keep = NULL;
	if (err && !work->kept_back)
		work->kept_back = xstrdup(err->text);
	work->removed += !err;
	work->victim_at++;
	remove_next(action);
}

static void on_removed(void *data, const struct ssh_result *result, const struct err *err)
{
	struct action *action = data;
	struct release_work *work = action->release;
	const struct victim *victim = &work->victims[work->victim_at];

	work->op = NULL;
	action_output(action, buf_str(result->err), result->err->len);
	if (err || result->exit_status) {
		if (!work->kept_back)
			work->kept_back = xstrdup(err ? err->text : victim->dir);
		work->victim_at++;
		remove_next(action);
		return;
	}
	work->keep = keep_release_gone(
		action->options.store, action->subject.ref, victim->number, on_gone, action);
}

static void tidied(struct action *action)
{
	const struct release_work *work = action->release;

	if (work->kept_back)
		action_step_text(action, _("%zu removed; not removed, for the next time: %s"),
			work->removed, work->kept_back);
	else if (work->removed)
		action_step_text(action, _("%zu removed"), work->removed);
	else
		action_step_text(action, _("nothing to remove"));
	/* The last step speaks for the run. */
	action_set_outcome(action, _("release %lld on %s%s%.12s"), (long long)work->number,
		host_label(work->host), work->commit ? _(", commit ") : "",
		work->commit ? work->commit : "");
	step_done(action);
}

static void remove_next(struct action *action)
{
	struct release_work *work = action->release;
	const struct victim *victim;
	struct buf command;

	if (work->victim_at == work->victim_count) {
		tidied(action);
		return;
	}
	victim = &work->victims[work->victim_at];
	buf_init(&command, 0);
	buf_adds(&command, "rm -rf -- ");
	sh_quote(&command, victim->dir);
	work->op = ssh_exec(action->options.hosts,
		&(struct ssh_exec_options){
			.host = victim->host, .command = buf_str(&command), .timeout_ms = 60000},
		on_removed, action);
	buf_release(&command);
}

static void add_victim(struct release_work *work, const struct release *release)
{
	work->victims = xrealloc(work->victims, (work->victim_count + 1) * sizeof(*work->victims));
	work->victims[work->victim_count++] = (struct victim){.number = release->number,
		.host = xstrdup_null(release->host),
		.dir = xstrdup(release->dir)};
}

/* newest first */
static void on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct action *action = data;
	struct release_work *work = action->release;
	const struct context_config *config = action->options.config;
	int64_t keep = config && config->keep_releases > 0 ? config->keep_releases : 1, seen = 0;

	work->query = NULL;
	if (err) {
		work->kept_back = xstrdup(err->text);
		tidied(action);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct release *release = releases[i];
		bool was_active = release->activated_ms > 0;

		seen += was_active;
		if (release->is_active || release->number == work->used ||
			(was_active && seen <= keep) || release->number >= work->number ||
			!is_ours(action, release))
			continue;
		add_victim(work, release);
	}
	remove_next(action);
}

static void on_runs(void *data, const struct run *const *runs, size_t count, const struct err *err)
{
	struct action *action = data;
	struct release_work *work = action->release;

	work->query = NULL;
	for (size_t i = 0; !err && i < count && !work->used; i++)
		if (str_eq(runs[i]->start_job_id, action->subject.job_id))
			work->used = runs[i]->release;
	work->query = query_releases(
		action->options.store, action->subject.ref, RELEASES_MAX, on_releases, action);
}

static void begin(struct action *action)
{
	struct release_work *work = action->release;

	if (action->subject.job_id)
		work->query = query_runs(action->options.store, action->subject.ref, false,
			RUNS_MAX, on_runs, action);
	else
		on_runs(action, NULL, 0, NULL);
}

const struct step step_tidy = {.name = "tidy", .begin = begin, .cancel = release_cancel};
