/*
 * Both sides as people read a deployment. Of artifacts the name and the checksum are compared: the
 * released one lies in a folder of its number. A secret that has changed is the same mask on both
 * sides; the digests tell that there is more.
 */
#include "core/action/release_diff.h"

#include <stdlib.h>
#include <string.h>

#include "core/action/release.h"
#include "core/base/diff.h"
#include "core/base/i18n.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/query/query_release.h"

#define RELEASES_MAX 1000
#define CONTEXT_LINES 3

struct release_diff {
	struct action *action; /* what it renders with; never begun */
	int64_t number;
	release_diff_fn done;
	void *data;
	struct loop_timer *timer;
	struct query *query;
	struct ssh_op *op;
	struct deployment *released;
	struct artifact_source source;
	struct err err;
};

static void diff_free(struct release_diff *diff)
{
	loop_timer_cancel(diff->timer);
	query_cancel(diff->query);
	ssh_cancel(diff->op);
	if (diff->released)
		deployment_free(diff->released);
	action_free(diff->action);
	free(diff);
}

void release_diff_cancel(struct release_diff *diff)
{
	if (diff)
		diff_free(diff);
}

static void end(struct release_diff *diff, const char *text, const struct err *err)
{
	diff->done(diff->data, err ? NULL : text, diff->number, err);
	diff_free(diff);
}

/* With the name of its file only; sha256 NULL: it is not compared. */
static char *text_of(const struct deployment *deployment, const char *path, const char *sha256)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	struct deployment *plain =
		deployment_with_artifact(deployment, slash ? slash + 1 : path, sha256, -1);
	char *text = deployment_text(plain);

	deployment_free(plain);
	return text;
}

static void compare(struct release_diff *diff, const char *path, const char *sha256)
{
	const struct deployment *wish = diff->action->wish, *released = diff->released;
	bool is_copy = diff->source.kind == ARTIFACT_BUILD || diff->source.kind == ARTIFACT_FILE;
	char *old, *new, *name;
	struct buf out;

	old = is_copy ? text_of(released, released->artifact, released->artifact_sha256)
		      : deployment_text(released);
	new = is_copy ? text_of(wish, path, sha256) : deployment_text(wish);
	name = xasprintf(_("release %lld"), (long long)diff->number);
	buf_init(&out, 0);
	buf_adds(&out, "");
	if (!diff_unified(&out, old, name, new, _("now"), CONTEXT_LINES) &&
		!str_eq(wish->digest, released->digest))
		buf_addf(&out,
			_("--- %s\n+++ now\nonly in values that are not shown: a secret has "
			  "changed\n"),
			name);
	end(diff, buf_str(&out), NULL);
	buf_release(&out);
	free(name);
	free(new);
	free(old);
}

static void on_sum(void *data, const struct ssh_result *result, const struct err *err)
{
	struct release_diff *diff = data;
	char *out, *sum;
	struct err why;

	diff->op = NULL;
	if (err || result->exit_status) {
		if (err)
			why = *err;
		else
			err_set(&why, E_REMOTE, "%s", buf_str(result->err));
		err_prefix(&why, "artifact");
		end(diff, NULL, &why);
		return;
	}
	out = xstrdup(buf_str(result->out));
	sum = release_line(out, "sha256");
	compare(diff, diff->source.path, sum);
	free(out);
}

static void on_builds(
	void *data, const struct build *const *builds, size_t count, const struct err *err)
{
	struct release_diff *diff = data;

	diff->query = NULL;
	if (err)
		end(diff, NULL, err);
	else
		compare(diff, count ? builds[0]->artifact : NULL, count ? builds[0]->sha256 : NULL);
}

static void ask_artifact(struct release_diff *diff)
{
	struct action *action = diff->action;
	struct buf command;

	if (diff->source.kind == ARTIFACT_BUILD) {
		diff->query = query_builds(
			action->options.store, action->subject.ref, 1, on_builds, diff);
		return;
	}
	if (diff->source.kind != ARTIFACT_FILE || !action->options.hosts) {
		compare(diff, NULL, NULL);
		return;
	}
	buf_init(&command, 0);
	release_command(&command, release_script_sums, &diff->source.path, 1);
	diff->op = ssh_exec(action->options.hosts,
		&(struct ssh_exec_options){.host = diff->source.host,
			.command = buf_str(&command),
			.timeout_ms = 60000},
		on_sum, diff);
	buf_release(&command);
}

static const struct release *find(
	const struct release *const *releases, size_t count, int64_t number, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (number ? releases[i]->number == number && releases[i]->activated_ms
			   : releases[i]->is_active)
			return releases[i];
	if (number)
		err_set(err, E_NOTFOUND, _("there is no release %lld"), (long long)number);
	else
		err_set(err, E_NOTFOUND, _("nothing was released yet"));
	return NULL;
}

static void on_releases(
	void *data, const struct release *const *releases, size_t count, const struct err *err)
{
	struct release_diff *diff = data;
	const struct release *found = NULL;
	struct err why = {0};
	json_t *tree = NULL;

	diff->query = NULL;
	if (err)
		why = *err;
	else
		found = find(releases, count, diff->number, &why);
	if (found) {
		diff->number = found->number;
		tree = json_loads(found->manifest, JSON_REJECT_DUPLICATES, NULL);
		if (!tree)
			err_set(&why, E_INTERNAL, _("the manifest of release %lld is damaged"),
				(long long)found->number);
		else
			deployment_parse(&diff->released, tree, &why);
		json_decref(tree);
	}
	if (!diff->released) {
		err_prefix(&why, "%s", diff->action->subject.label);
		end(diff, NULL, &why);
		return;
	}
	ask_artifact(diff);
}

static void on_start(void *data)
{
	struct release_diff *diff = data;
	struct action *action = diff->action;

	loop_timer_cancel(diff->timer);
	diff->timer = NULL;
	if (diff->err.code)
		end(diff, NULL, &diff->err);
	else
		diff->query = query_releases(action->options.store, action->subject.ref,
			RELEASES_MAX, on_releases, diff);
}

struct release_diff *release_diff(
	const struct action_options *options, int64_t number, release_diff_fn done, void *data)
{
	struct release_diff *diff = xcalloc(1, sizeof(*diff));
	struct action_options wanted = *options;
	int rc;

	wanted.act = &act_release;
	diff->action = action_alloc(&wanted);
	diff->number = number;
	diff->done = done;
	diff->data = data;
	action_fill_subject(diff->action, &wanted);
	diff->action->options.app = NULL;
	diff->action->options.fleet = NULL;
	rc = action_render(diff->action, &diff->err);
	if (rc == 0)
		rc = artifact_source(diff->action->arena, diff->action->wish, options->config,
			&diff->source, &diff->err);
	if (rc == 0)
		diff->err.code = E_OK;
	diff->timer = loop_timer(options->loop, 0, 0, on_start, diff);
	return diff;
}
