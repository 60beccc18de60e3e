/*
 * Back to an earlier release: what lies in its folder is verified, then it is the active one.
 * Nothing is restarted: the application says NEED_RESTART until it is.
 */
#include <stdlib.h>
#include <string.h>

#include "core/action/build.h"
#include "core/action/release.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/query/query_release.h"

#define RELEASES_MAX 1000

/* releases: newest first. number 0: the one that was made before the active one. */
static const struct release *find(
	const struct release *const *releases, size_t count, int64_t number, struct err *err)
{
	int64_t active = 0;

	for (size_t i = 0; i < count; i++)
		if (releases[i]->is_active)
			active = releases[i]->number;
	for (size_t i = 0; i < count; i++) {
		const struct release *release = releases[i];

		if (number ? release->number != number
			   : !active || release->number >= active || !release->activated_ms)
			continue;
		if (release->is_active)
			err_set(err, E_CONFLICT, _("release %lld is the active one already"),
				(long long)number);
		else if (!release->activated_ms)
			err_set(err, E_CONFLICT, _("release %lld was never finished"),
				(long long)number);
		else
			return release;
		return NULL;
	}
	if (number)
		err_set(err, E_NOTFOUND,
			_("there is no release %lld (any more): weir get releases"),
			(long long)number);
	else if (active)
		err_set(err, E_NOTFOUND, _("there is no release before %lld"), (long long)active);
	else
		err_set(err, E_NOTFOUND, _("nothing was released yet"));
	return NULL;
}

static void taken(struct action *action, struct deployment *whole, const char *manifest,
	const struct err *err)
{
	struct release_work *work = action->release;
	struct err why;

	if (err) {
		why = *err;
		err_prefix(&why, "%s", action->subject.label);
		part_refused(action, &why);
		return;
	}
	work->made = whole;
	work->manifest = xstrdup(manifest);
	if (whole->artifact_sha256)
		work->target = xstrdup(whole->artifact);
	action->run.release = work->number;
	plan_call(action, _("on %s: verify %s, then"), host_label(work->host), work->dir);
	plan_call(action, _("  ln -s %lld current"), (long long)work->number);
	plan_call(action, _("  nothing is restarted"));
	for (size_t i = 0; action->part->steps[i]; i++)
		action_add_step(action, action->part->steps[i]);
	part_prepared(action);
}

static int take(struct release_work *work, const struct release *release, struct err *err)
{
	char *slash;

	work->host = action_keep(work->action, release->host);
	work->number = release->number;
	work->dir = xstrdup(release->dir);
	work->base = xstrdup(release->dir);
	slash = strrchr(work->base, '/');
	if (!slash || slash == work->base)
		return err_set(err, E_INTERNAL, _("release %lld has no folder"),
			(long long)release->number);
	*slash = '\0';
	work->digest = xstrdup(release->digest);
	work->commit = xstrdup_null(release->commit);
	work->created_ms = release->created_ms;
	work->is_rollback = true;
	return host_check(&work->action->options, "release", work->host, err);
}

static void on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct action *action = data;
	struct release_work *work = action->release;
	const struct release *found = NULL;
	struct err why;

	work->query = NULL;
	if (!err) {
		err = &why;
		found = find(releases, count, action->options.args.release, &why);
	}
	if (!found || take(work, found, &why))
		taken(action, NULL, NULL, err);
	else
		release_read(action, found, taken);
}

static int check(const struct part *part, const struct action_options *options, struct err *err)
{
	(void)part;
	if (options->app->decl)
		return 0;
	return err_set(err, E_CONFLICT, _("it is a job that nobody declared: it has no releases"));
}

static void prepare(struct action *action)
{
	struct release_work *work = release_work_new(action);

	work->query = query_releases(
		action->options.store, action->subject.ref, RELEASES_MAX, on_releases, action);
}

static const struct step *const steps[] = {&step_verify, &step_activate, NULL};

const struct part part_rollback = {.steps = steps, .check = check, .prepare = prepare};
